/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The configuration region of VFIO against the view that is derived from the host's. */
#include "live_compare.h"

#include <string.h>

#include "../analyzer/bytes.h"
#include "../analyzer/header.h"

#define MSI_64BIT 0x00800000u /* bit 7 of Message Control, in the first dword */

/* Class and subclass: a display controller, of Intel. */
#define CLASS_DISPLAY 0x03u
#define VENDOR_INTEL 0x8086u

enum where { HEADER, CONV, EXT };
enum when { ALWAYS, MSI_64, MSI_32, GRAPHICS };

/**
 * struct row - a row of virtual.def
 * @where: what @off is counted from
 * @id: of the capability
 * @off: bytes
 * @dwords: how many there are
 * @bits: of each, that may differ
 * @when: condition
 * @name: for output
 * @why: a clause
 * @source: what it rests on
 */
struct row {
	enum where where;
	uint16_t id;
	uint16_t off;
	uint16_t dwords;
	uint32_t bits;
	enum when when;
	const char *name;
	const char *why;
	const char *source;
};

static const struct row rows[] = {
#define CAPGAP_VIRTUAL(symbol, where, id, off, dwords, bits, when, name, why, source)    \
	{ where, id, off, dwords, bits, when, name, why, source },
#include "virtual.def"
#undef CAPGAP_VIRTUAL
};

/* Whether a row's condition holds; @header is the first dword of its capability. */
static bool holds(const struct row *row, const struct capgap_function *fn,
		  uint32_t header)
{
	uint8_t class_code;

	switch (row->when) {
	case MSI_64:
		return header & MSI_64BIT;
	case MSI_32:
		return !(header & MSI_64BIT);
	case GRAPHICS:
		return fn->id_from != CAPGAP_ID_NONE && fn->vendor == VENDOR_INTEL &&
		       capgap_get8(&fn->image, HDR_CLASS_REV + 3u, &class_code) &&
		       class_code == CLASS_DISPLAY;
	case ALWAYS:
		break;
	}
	return true;
}

static bool covers(const struct row *row, unsigned from, unsigned off)
{
	from += row->off;
	return off >= from && off < from + 4u * row->dwords && !((off - from) % 4);
}

/* Whether a row is about the dword at @off. */
static bool is_about(const struct row *row, const struct capgap_function *fn,
		     unsigned off)
{
	const struct capgap_cap *cap;
	uint32_t header = 0;

	if (row->where == HEADER)
		return covers(row, 0, off) && holds(row, fn, header);
	for (unsigned i = 0; i < fn->chain.n; i++) {
		cap = &fn->chain.cap[i];
		if (cap->id == row->id &&
		    (cap->space == CAPGAP_EXT) == (row->where == EXT) &&
		    covers(row, cap->off, off) &&
		    capgap_get32(&fn->image, cap->off, &header) && holds(row, fn, header))
			return true;
	}
	return false;
}

/* Find what is known of the bits that differ; what remains is not explained. */
static void explain(struct capgap_difference *diff, const struct capgap_function *fn,
		    const struct capgap_image *after)
{
	uint32_t bits = diff->derived ^ diff->vfio;
	uint32_t known = 0;
	uint32_t later;

	for (unsigned i = 0; i < CAPGAP_VIRTUAL_COUNT; i++) {
		if (!(rows[i].bits & bits & ~known) || !is_about(&rows[i], fn, diff->off))
			continue;
		known |= rows[i].bits;
		if (diff->n_whys < CAPGAP_DIFFERENCE_WHYS)
			diff->why[diff->n_whys++] = (enum capgap_virtual)i;
	}
	if (after && capgap_get32(after, diff->off, &later)) {
		diff->changed = (later ^ diff->host) & bits & ~known;
		known |= later ^ diff->host;
	}
	diff->explained = !(bits & ~known);
}

static void compare_dword(struct capgap_comparison *out, const struct capgap_function *fn,
			  const struct capgap_view *view,
			  const struct capgap_region *region,
			  const struct capgap_image *after, unsigned off)
{
	struct capgap_difference diff = { .off = (uint16_t)off };

	if (!capgap_get32(&fn->image, off, &diff.host) ||
	    !capgap_get32(&view->image, off, &diff.derived) ||
	    !capgap_get32(&region->image, off, &diff.vfio)) {
		out->n_left_out++;
		return;
	}
	out->n_compared++;
	if (diff.derived == diff.vfio)
		return;
	explain(&diff, fn, after);
	out->n_unexplained += !diff.explained;
	out->difference[out->n++] = diff;
}

void capgap_compare(struct capgap_comparison *out, const struct capgap_function *fn,
		    const struct capgap_view *view, const struct capgap_region *region,
		    const struct capgap_image *after)
{
	size_t end;

	memset(out, 0, sizeof(*out));
	out->view_size = view->image.size;
	out->region_size = region->size;
	end = out->view_size > out->region_size ? out->view_size : out->region_size;
	/* A dword that the limit cuts was not read whole, by neither side. */
	if (region->limit && region->limit < end)
		end = region->limit & ~(size_t)3;
	for (size_t off = 0; off < end && off < CAPGAP_SPACE_MAX; off += 4)
		compare_dword(out, fn, view, region, after, (unsigned)off);
}

bool capgap_compare_is_good(const struct capgap_comparison *comparison)
{
	return !comparison->n_unexplained && !comparison->n_left_out &&
	       comparison->view_size == comparison->region_size &&
	       comparison->region_size;
}

const char *capgap_virtual_name(enum capgap_virtual what)
{
	return rows[what].name;
}

const char *capgap_virtual_why(enum capgap_virtual what)
{
	return rows[what].why;
}

const char *capgap_virtual_source(enum capgap_virtual what)
{
	return rows[what].source;
}
