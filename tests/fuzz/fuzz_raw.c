/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any image, with any bytes absent: the first 4096 bytes of the input are the
 * image. What follows changes how it is seen: one byte of flags, then four
 * bytes for each run that was not read.
 */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "../invariants.h"

/* Bits of the byte of flags. */
#define VANTAGE 0x03u
#define HAS_BDF 0x04u
#define IS_VF 0x08u
#define SHORT_GAPS 0x10u
#define HAS_PF 0x20u

#define HOLE_BYTES 4u

static const struct capgap_bdf pf_address = { 0, 1, 0, 0 };
static const struct capgap_bdf vf_address = { 0, 1, 0, 1 };

/* The image with its holes. */
static void read_image(struct capgap_record *rec, const uint8_t *data, size_t len)
{
	size_t size = len < CAPGAP_SPACE_MAX ? len : CAPGAP_SPACE_MAX;

	capgap_image_init(&rec->image);
	capgap_image_put(&rec->image, 0, data, size);
	for (size_t at = CAPGAP_SPACE_MAX + 1; at + HOLE_BYTES <= len; at += HOLE_BYTES)
		capgap_image_drop(&rec->image, (data[at] | data[at + 1] << 8) & 0xfff,
				  (data[at + 2] | data[at + 3] << 8) & 0xfff);
}

static void read_flags(struct capgap_record *rec, struct capgap_options *opt,
		       unsigned flags)
{
	opt->vantage = (enum capgap_vantage)((flags & VANTAGE) % 3u);
	opt->min_gap = flags & SHORT_GAPS ? 4 : CAPGAP_MIN_GAP;
	if (flags & HAS_BDF) {
		rec->meta.flags |= CAPGAP_META_BDF;
		rec->meta.bdf = vf_address;
	}
	if (flags & IS_VF) {
		rec->meta.flags |= CAPGAP_META_PHYSFN;
		rec->meta.physfn = pf_address;
	}
}

/* A physical function of which the image may be a virtual one. */
static void add_pf(struct capgap_topology *topo)
{
	struct capgap_pf pf = { .bdf = pf_address,
				.vendor = 0x1234,
				.vf_device = 0x1102,
				.first = 1,
				.stride = 1,
				.num = 2,
				.chain_known = true,
				.pasid = { 0x1c0, 0x1404, 0x0001 } };

	if (capgap_topology_add_pf(topo, &pf) < 0)
		abort();
}

/* The table of this tree, where it is run from there, and a descriptor to be found. */
static const struct capgap_quirks *make_quirks(void)
{
	struct capgap_quirks *quirks = capgap_quirks_new();

	if (!quirks ||
	    capgap_quirks_load_dir(quirks, "quirks.d", NULL, NULL) == -CAPGAP_E_NOMEM ||
	    capgap_quirks_add_descriptor(quirks, 0x7e57, 0x0042, CAPGAP_FORM_CONTROL) ||
	    capgap_quirks_add_descriptor(quirks, 0x7e57, 0x0043, CAPGAP_FORM_GAP))
		abort();
	return quirks;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct capgap_quirks *quirks;
	static struct capgap_function fn;
	static struct capgap_record rec;
	unsigned flags = len > CAPGAP_SPACE_MAX ? data[CAPGAP_SPACE_MAX] : 0;
	struct capgap_options opt = { .min_gap = CAPGAP_MIN_GAP };
	struct capgap_topology topo;
	uint64_t digest;

	if (!quirks)
		quirks = make_quirks();
	opt.quirks = quirks;
	memset(&rec, 0, sizeof(rec));
	capgap_topology_init(&topo);
	read_image(&rec, data, len);
	read_flags(&rec, &opt, flags);
	if (flags & HAS_PF)
		add_pf(&topo);
	capgap_function_analyse(&fn, &rec, &topo, &opt);
	digest = invariants_check_all(&fn, &opt);
	/* What an earlier analysis left behind must not show. */
	memset(&fn, 0xa5, sizeof(fn));
	capgap_function_analyse(&fn, &rec, &topo, &opt);
	if (invariants_check_all(&fn, &opt) != digest)
		abort();
	capgap_topology_clear(&topo);
	return 0;
}
