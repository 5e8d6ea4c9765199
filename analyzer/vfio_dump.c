/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A dump of what vfio-pci shows, kept in memory to be joined to a host's dump. */
#include "vfio_dump.h"

#include <stdlib.h>

#include "bytes.h"
#include "header.h"

/**
 * struct capgap_vfio_dumps - the store
 * @n: functions
 * @cap: room in @dump
 * @dump: them; sorted by address once they are read, those without one last
 * @lone: the only function matches a host's function without an address
 */
struct capgap_vfio_dumps {
	unsigned n;
	unsigned cap;
	struct capgap_vfio_dump *dump;
	bool lone;
};

/* One reading. */
struct reading {
	struct capgap_vfio_dumps *dumps;
	const char *path;
	void (*trouble)(void *ctx, const char *name, const struct capgap_err *err);
	void *ctx;
	bool damaged;
	bool full;
};

struct capgap_vfio_dumps *capgap_vfio_dumps_new(void)
{
	return calloc(1, sizeof(struct capgap_vfio_dumps));
}

void capgap_vfio_dumps_free(struct capgap_vfio_dumps *dumps)
{
	if (!dumps)
		return;
	free(dumps->dump);
	free(dumps);
}

static void tell(struct reading *r, const char *name, const struct capgap_err *err)
{
	r->damaged = true;
	if (r->trouble)
		r->trouble(r->ctx, name, err);
}

static void on_trouble(void *ctx, const char *name, const struct capgap_err *err)
{
	tell(ctx, name, err);
}

/* The image knows its ids before the line above it does. */
static void find_ids(struct capgap_vfio_dump *dump, const struct capgap_meta *meta)
{
	if (capgap_get16(&dump->image, HDR_VENDOR, &dump->vendor) &&
	    capgap_get16(&dump->image, HDR_DEVICE, &dump->device) &&
	    dump->vendor != 0xffff) {
		dump->has_ids = true;
	} else if (meta->flags & CAPGAP_META_IDS) {
		dump->has_ids = true;
		dump->vendor = meta->vendor;
		dump->device = meta->device;
	}
}

static bool make_room(struct capgap_vfio_dumps *dumps)
{
	unsigned cap = dumps->cap ? 2 * dumps->cap : 8;
	struct capgap_vfio_dump *more;

	if (dumps->n < dumps->cap)
		return true;
	more = realloc(dumps->dump, cap * sizeof(*more));
	if (!more)
		return false;
	dumps->dump = more;
	dumps->cap = cap;
	return true;
}

static int on_record(void *ctx, const struct capgap_record *rec)
{
	struct reading *r = ctx;
	struct capgap_vfio_dumps *dumps = r->dumps;
	struct capgap_vfio_dump *dump;

	if (!rec->image.size)
		return 0; /* a function that slept has no bytes to join */
	if (dumps->n == CAPGAP_VFIO_DUMPS_MAX) {
		r->full = true;
		return 0;
	}
	if (!make_room(dumps))
		return -CAPGAP_E_NOMEM;
	dump = &dumps->dump[dumps->n++];
	*dump = (struct capgap_vfio_dump){ .image = rec->image,
					   .has_bdf = rec->meta.flags & CAPGAP_META_BDF,
					   .bdf = rec->meta.bdf };
	find_ids(dump, &rec->meta);
	return 0;
}

/* Order of addresses; those without one stand last. */
static int compare(const void *a, const void *b)
{
	const struct capgap_vfio_dump *one = a;
	const struct capgap_vfio_dump *two = b;

	if (one->has_bdf != two->has_bdf)
		return one->has_bdf ? -1 : 1;
	if (!one->has_bdf)
		return 0;
	return capgap_bdf_compare(&one->bdf, &two->bdf);
}

/* Of an address that comes again nobody knows which one is meant. */
static void find_ambiguous(struct reading *r)
{
	struct capgap_vfio_dumps *dumps = r->dumps;
	struct capgap_err err;
	char bdf[CAPGAP_BDF_TEXT];

	for (unsigned i = 1; i < dumps->n; i++) {
		if (!dumps->dump[i].has_bdf ||
		    compare(&dumps->dump[i - 1], &dumps->dump[i]) != 0)
			continue;
		dumps->dump[i].ambiguous = true;
		if (dumps->dump[i - 1].ambiguous)
			continue;
		dumps->dump[i - 1].ambiguous = true;
		capgap_err_set(&err, CAPGAP_E_DAMAGED, 0,
			       "%s stands there more than once; it is not joined",
			       capgap_bdf_format(&dumps->dump[i].bdf, bdf));
		tell(r, r->path, &err);
	}
}

int capgap_vfio_dumps_read(struct capgap_vfio_dumps *dumps, const char *path,
			   void (*trouble)(void *ctx, const char *name,
					   const struct capgap_err *err),
			   void *ctx)
{
	struct reading r = {
		.dumps = dumps, .path = path, .trouble = trouble, .ctx = ctx
	};
	struct capgap_sink sink = { .record = on_record,
				    .trouble = on_trouble,
				    .ctx = &r };
	struct capgap_err err;
	int rc = capgap_source_read(path, &sink);

	if (rc && rc != -CAPGAP_E_DAMAGED)
		return rc;
	if (dumps->n)
		qsort(dumps->dump, dumps->n, sizeof(*dumps->dump), compare);
	find_ambiguous(&r);
	if (r.full) {
		capgap_err_set(&err, CAPGAP_E_DAMAGED, 0,
			       "it has more than %u functions; the others are left out",
			       CAPGAP_VFIO_DUMPS_MAX);
		tell(&r, path, &err);
	}
	return rc || r.damaged ? -CAPGAP_E_DAMAGED : 0;
}

bool capgap_vfio_dumps_join(struct capgap_vfio_dumps *dumps, const struct capgap_bdf *bdf)
{
	if (dumps->n != 1 || (bdf && dumps->dump[0].has_bdf))
		return false;
	if (bdf) {
		dumps->dump[0].bdf = *bdf;
		dumps->dump[0].has_bdf = true;
	} else {
		dumps->lone = true;
	}
	return true;
}

const struct capgap_vfio_dump *
capgap_vfio_dumps_find(const struct capgap_vfio_dumps *dumps,
		       const struct capgap_meta *meta)
{
	struct capgap_vfio_dump key = { .has_bdf = true, .bdf = meta->bdf };
	const struct capgap_vfio_dump *found;

	if (!dumps || !dumps->n)
		return NULL;
	if (!(meta->flags & CAPGAP_META_BDF))
		return dumps->lone ? &dumps->dump[0] : NULL;
	found = bsearch(&key, dumps->dump, dumps->n, sizeof(*dumps->dump), compare);
	return found && !found->ambiguous ? found : NULL;
}

const struct capgap_vfio_dump *
capgap_vfio_dumps_row(const struct capgap_vfio_dumps *dumps, unsigned n)
{
	return n < dumps->n ? &dumps->dump[n] : NULL;
}
