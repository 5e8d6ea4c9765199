/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any XML: reading it, what is told of it, and what it adds to a function. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "../../analyzer/source/nodedev.h"

/* Addresses that are asked about: buses 0 to 3, some devices, all functions. */
#define BUSES 4u
#define DEVICES 3u
#define FUNCTIONS 8u

static uint64_t mix(uint64_t digest, uint64_t val)
{
	return (digest ^ val) * UINT64_C(0x100000001b3);
}

static void on_fault(void *ctx, const char *file, const struct capgap_err *err)
{
	uint64_t *digest = ctx;

	if (strcmp(file, "input.xml") != 0 || err->code != CAPGAP_E_FORMAT ||
	    !err->text[0])
		abort();
	for (const char *p = err->text; *p; p++) {
		if (*p < ' ' || *p > '~')
			abort();
		*digest = mix(*digest, (uint8_t)*p);
	}
	*digest = mix(*digest, err->line);
}

/* Ask about one address, whose function says nothing of itself, or that it is virtual. */
static uint64_t ask(const struct capgap_nodedevs *list, const struct capgap_bdf *bdf,
		    bool is_vf)
{
	const struct capgap_bdf elsewhere = { 7, 7, 7, 7 };
	struct capgap_meta meta = { .flags = CAPGAP_META_BDF, .bdf = *bdf };
	struct capgap_findings hits = { .n = 0 };
	struct capgap_image img;

	capgap_image_init(&img);
	if (is_vf) {
		meta.flags |= CAPGAP_META_PHYSFN;
		meta.physfn = elsewhere;
	}
	capgap_nodedevs_apply(list, &meta, &img, &hits);
	if ((meta.flags & CAPGAP_META_PHYSFN) && capgap_bdf_equal(&meta.physfn, bdf))
		abort();
	if (!memchr(meta.driver, '\0', sizeof(meta.driver)) || hits.n > 1)
		abort();
	return mix(meta.flags, capgap_bdf_rid(&meta.physfn)) + hits.n +
	       (uint64_t)meta.vendor * meta.device + meta.class_code + meta.iommu_group;
}

static uint64_t read_once(const char *text, size_t len)
{
	struct capgap_nodedevs *list = capgap_nodedevs_new();
	uint64_t digest = UINT64_C(0xcbf29ce484222325);
	struct capgap_nodedev_trouble trouble = { on_fault, &digest };
	int rc;

	if (!list)
		abort();
	rc = capgap_nodedevs_read(list, text, len, "input.xml", &trouble);
	if (rc && rc != -CAPGAP_E_DAMAGED)
		abort();
	for (unsigned i = 0; i < BUSES * DEVICES * FUNCTIONS; i++) {
		struct capgap_bdf bdf = { 0, (uint8_t)(i / FUNCTIONS / DEVICES),
					  (uint8_t)(i / FUNCTIONS % DEVICES * 8),
					  (uint8_t)(i % FUNCTIONS) };

		digest = mix(digest, ask(list, &bdf, false));
		digest = mix(digest, ask(list, &bdf, true));
	}
	capgap_nodedevs_free(list);
	return mix(digest, (uint64_t)-rc);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint64_t first = read_once((const char *)data, len);

	if (read_once((const char *)data, len) != first)
		abort();
	return 0;
}
