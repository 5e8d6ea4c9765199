/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What keeps PASID from working though the offset is fine. */
#include "obstacles.h"

#include <stdio.h>
#include <string.h>

#include "../analyzer/bytes.h"
#include "../analyzer/header.h"
#include "query.h"
#include "view.h"

#define VENDOR_INTEL 0x8086u

/**
 * struct variant - a VFIO driver that has no pasid_attach_ioas
 * @name: as sysfs shows it, with dashes for its underscores
 * @vendor: vendor id of its devices
 * @device: their device id; 0xffff for several
 * @any: it serves not only virtual functions
 */
struct variant {
	const char *name;
	uint16_t vendor;
	uint16_t device;
	bool any;
};

/* Names and ids: drivers/vfio/pci of Linux 7.1, a folder each. */
static const struct variant variants[] = {
	{ "hisi-acc-vfio-pci", 0x19e5, 0xffff, false },
	{ "ism-vfio-pci", 0x1014, 0x04ed, true },
	{ "mlx5-vfio-pci", 0x15b3, 0x101e, false },
	{ "nvgrace-gpu-vfio-pci", 0x10de, 0xffff, true },
	{ "pds-vfio-pci", 0x1dd8, 0x1003, false },
	{ "qat-vfio-pci", VENDOR_INTEL, 0xffff, false },
	{ "virtio-vfio-pci", 0x1af4, 0xffff, false },
	{ "xe-vfio-pci", VENDOR_INTEL, 0xffff, false },
};
#define N_VARIANTS (sizeof(variants) / sizeof(variants[0]))

/* The one that has it; a driver whose name ends so is a VFIO driver. */
#define GENERIC "vfio-pci"

/*
 * Devices of Intel's that untrusted users can hang or crash a host with: QAT DH895xCC,
 * C3xxx and C62x with their VFs (since 5.9), DSA and IAX (since 6.10).
 */
static const uint16_t denied[] = { 0x0435, 0x0443, 0x0b25, 0x0cfe,
				   0x19e2, 0x19e3, 0x37c8, 0x37c9 };

/* Module and driver names differ in that the kernel makes underscores of dashes. */
static bool same_name(const char *a, const char *b)
{
	for (; *a && *b; a++, b++) {
		if (*a != *b && !(*a == '_' && *b == '-'))
			return false;
	}
	return *a == *b;
}

static bool is_vfio_driver(const char *name)
{
	size_t len = strlen(name);
	size_t tail = strlen(GENERIC);

	return len >= tail && same_name(name + len - tail, GENERIC);
}

/* The driver that is bound, where it is the one that matters: a VFIO driver; else NULL. */
static const char *vfio_driver(const struct capgap_function *fn)
{
	bool known = fn->meta.flags & CAPGAP_META_DRIVER;

	return known && is_vfio_driver(fn->meta.driver) ? fn->meta.driver : NULL;
}

/* Whether some variant driver may serve the function, once it is passed through. */
static enum capgap_path_is may_be_served(const struct capgap_function *fn)
{
	if (fn->id_from == CAPGAP_ID_NONE)
		return CAPGAP_PATH_UNKNOWN;
	for (size_t i = 0; i < N_VARIANTS; i++) {
		if (variants[i].vendor == fn->vendor &&
		    (variants[i].device == fn->device || variants[i].device == 0xffff) &&
		    (variants[i].any || fn->kind == CAPGAP_KIND_VF))
			return CAPGAP_PATH_UNKNOWN;
	}
	return CAPGAP_PATH_NO;
}

static enum capgap_path_is judge_driver(const struct capgap_function *fn)
{
	const char *driver = vfio_driver(fn);

	if (!driver)
		return may_be_served(fn);
	if (same_name(driver, GENERIC))
		return CAPGAP_PATH_NO;
	for (size_t i = 0; i < N_VARIANTS; i++) {
		if (same_name(driver, variants[i].name))
			return CAPGAP_PATH_YES;
	}
	return CAPGAP_PATH_UNKNOWN;
}

static enum capgap_path_is judge_denylist(const struct capgap_function *fn)
{
	/* What is bound was not refused. */
	if (vfio_driver(fn))
		return CAPGAP_PATH_NO;
	if (fn->id_from == CAPGAP_ID_NONE)
		return CAPGAP_PATH_UNKNOWN;
	for (size_t i = 0; i < sizeof(denied) / sizeof(denied[0]); i++) {
		if (fn->vendor == VENDOR_INTEL && fn->device == denied[i])
			return CAPGAP_PATH_YES;
	}
	return CAPGAP_PATH_NO;
}

static enum capgap_path_is judge_header(const struct capgap_function *fn)
{
	uint8_t type;

	if (!capgap_get8(&fn->image, HDR_TYPE, &type) ||
	    capgap_image_is_changing(&fn->image, HDR_TYPE, 1))
		return CAPGAP_PATH_UNKNOWN;
	return (type & HDR_TYPE_LAYOUT) == HDR_ENDPOINT ? CAPGAP_PATH_NO :
							  CAPGAP_PATH_YES;
}

static enum capgap_path_is judge_express(const struct capgap_function *fn)
{
	if (!fn->pcie_known)
		return CAPGAP_PATH_UNKNOWN;
	return fn->pcie ? CAPGAP_PATH_NO : CAPGAP_PATH_YES;
}

static enum capgap_path_is judge_overrun(const struct capgap_function *fn)
{
	unsigned off;

	return fn->lists_unsteady ? CAPGAP_PATH_UNKNOWN : capgap_view_overrun(fn, &off);
}

static void add(struct capgap_obstacles *out, enum capgap_obstacle_kind kind,
		bool unknown, const struct capgap_bdf *at)
{
	struct capgap_obstacle *obstacle = &out->obstacle[out->n++];

	*obstacle = (struct capgap_obstacle){ .kind = kind, .unknown = unknown };
	obstacle->has_at = at != NULL;
	if (at)
		obstacle->at = *at;
}

/* A thing that should hold on the path. */
static void add_path(struct capgap_obstacles *out, enum capgap_obstacle_kind kind,
		     const struct capgap_path_fact *fact)
{
	if (fact->is != CAPGAP_PATH_YES)
		add(out, kind, fact->is == CAPGAP_PATH_UNKNOWN,
		    fact->has_at ? &fact->at : NULL);
}

/* A thing about the function itself that should not hold. */
static void add_own(struct capgap_obstacles *out, enum capgap_obstacle_kind kind,
		    enum capgap_path_is is, const struct capgap_function *fn)
{
	bool placed = fn->meta.flags & CAPGAP_META_BDF;

	if (is != CAPGAP_PATH_NO)
		add(out, kind, is == CAPGAP_PATH_UNKNOWN, placed ? &fn->meta.bdf : NULL);
}

void capgap_obstacles_find(struct capgap_obstacles *out, const struct capgap_function *fn)
{
	struct capgap_pasid pasid;
	bool works;

	memset(out, 0, sizeof(*out));
	capgap_query_config(&pasid, fn);
	/* Where there is no PASID, nothing keeps it from working. */
	if (pasid.supported == CAPGAP_IS_NO)
		return;
	/* Linux sets the bit only after it has found the path in order. */
	works = pasid.supported == CAPGAP_IS_YES && pasid.enabled &&
		fn->vantage == CAPGAP_VANTAGE_HOST;
	if (!works) {
		add_path(out, CAPGAP_OBSTACLE_EETLP, &fn->path.eetlp);
		add_path(out, CAPGAP_OBSTACLE_ACS, &fn->path.acs);
	}
	add_own(out, CAPGAP_OBSTACLE_DRIVER, judge_driver(fn), fn);
	add_own(out, CAPGAP_OBSTACLE_DENYLIST, judge_denylist(fn), fn);
	add_own(out, CAPGAP_OBSTACLE_HEADER, judge_header(fn), fn);
	add_own(out, CAPGAP_OBSTACLE_EXPRESS, judge_express(fn), fn);
	add_own(out, CAPGAP_OBSTACLE_OVERRUN, judge_overrun(fn), fn);
	/* Of groups only a host tells; a dump without a word of them says nothing. */
	if (!(fn->meta.flags & CAPGAP_META_BLOCKER))
		return;
	add(out, CAPGAP_OBSTACLE_GROUP, false, &fn->meta.blocker);
	if (fn->meta.flags & CAPGAP_META_BLOCKER_DRIVER)
		memcpy(out->obstacle[out->n - 1].driver, fn->meta.blocker_driver,
		       CAPGAP_DRIVER_TEXT);
}

/* One row of obstacles.def. */
struct row {
	const char *name;
	const char *present;
	const char *unknown;
	const char *source;
};

static const struct row rows[CAPGAP_OBSTACLE_COUNT] = {
#define CAPGAP_OBSTACLE(symbol, name, present, unknown, source)                          \
	{ (name), (present), (unknown), (source) },
#include "obstacles.def"
#undef CAPGAP_OBSTACLE
};

const char *capgap_obstacle_name(enum capgap_obstacle_kind kind)
{
	return rows[kind].name;
}

const char *capgap_obstacle_source(enum capgap_obstacle_kind kind)
{
	return rows[kind].source;
}

/* The name of a driver, as it can stand in any text: that of an input may hold anything. */
static const char *plain_name(const char *name, char out[CAPGAP_DRIVER_TEXT])
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_-+.";
	size_t n = 0;

	for (; name[n] && n + 1 < CAPGAP_DRIVER_TEXT; n++)
		out[n] = name[n];
	out[n] = '\0';
	for (char *p = out + strspn(out, plain); *p; p += strspn(p, plain))
		*p++ = '?';
	return out;
}

char *capgap_obstacle_text(const struct capgap_obstacle *obstacle, char *buf, size_t len)
{
	const struct row *row = &rows[obstacle->kind];
	char name[CAPGAP_DRIVER_TEXT];
	char at[CAPGAP_BDF_TEXT];

	snprintf(buf, len, "%s%s%s%s%s%s",
		 obstacle->unknown ? row->unknown : row->present,
		 obstacle->has_at ? " (" : "",
		 obstacle->has_at ? capgap_bdf_format(&obstacle->at, at) : "",
		 obstacle->driver[0] ? ": " : "", plain_name(obstacle->driver, name),
		 obstacle->has_at ? ")" : "");
	return buf;
}
