/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Free-space descriptors: each rule and each breach. */
#include "check_dvsec.h"

#include <stdlib.h>
#include <string.h>

#include "suites.h"

struct reading dvsec_reading;

const struct capgap_quirk dvsec_listed = LISTED;

static void claim_quirks(const struct capgap_quirk *quirks, unsigned n,
			 enum capgap_verb verb, enum capgap_owner owner)
{
	for (unsigned i = 0; i < n; i++) {
		if (quirks[i].verb == verb)
			capgap_map_claim(&dvsec_reading.map, quirks[i].off, quirks[i].len,
					 owner, CAPGAP_NO_CAP);
	}
}

void dvsec_read_image(const struct capgap_image *img, const struct capgap_quirk *quirks,
		      unsigned n_quirks)
{
	struct reading *r = &dvsec_reading;

	r->img = *img;
	r->hits.n = 0;
	capgap_chain_walk(&r->chain, &r->img, false, NULL);
	capgap_dvsec_shrink(&r->chain, &r->img, quirks, n_quirks);
	capgap_map_init(&r->map, &r->img);
	capgap_map_build(&r->map, &r->chain, NULL);
	claim_quirks(quirks, n_quirks, CAPGAP_VERB_RESERVED, CAPGAP_OWNER_RESERVED);
	capgap_gaps_orphans(&r->map, &r->img, &r->chain, &r->orphans, NULL);
	claim_quirks(quirks, n_quirks, CAPGAP_VERB_FINGERPRINT, CAPGAP_OWNER_ORPHAN);
	capgap_dvsec_read(&r->free, &r->chain, &r->img, &r->map, quirks, n_quirks,
			  &r->hits);
}

static unsigned end_of(const struct capgap_declared *range)
{
	return (unsigned)range->off + range->len;
}

/* A usable range is aligned, read, nobody else's, and shares no byte with another. */
static void check_usable(const struct capgap_declared *range)
{
	const struct capgap_declared *other;

	ck_assert_uint_eq(range->off % 4, 0);
	ck_assert_uint_eq(range->len % 4, 0);
	ck_assert(!range->entry || range->len >= 8);
	ck_assert_uint_le(end_of(range), CAPGAP_SPACE_MAX);
	ck_assert(capgap_image_has(&dvsec_reading.img, range->off, range->len));
	ck_assert(dvsec_reading.free.descriptor[range->descriptor].valid);
	for (unsigned off = range->off; off < end_of(range); off++)
		ck_assert_uint_eq(dvsec_reading.map.verdict[off],
				  CAPGAP_OWNER_DESCRIPTOR);
	for (other = dvsec_reading.free.range; other < range; other++)
		ck_assert(!other->usable || end_of(other) <= range->off ||
			  end_of(range) <= other->off);
}

/* What holds for every reading. */
void dvsec_check_reading(void)
{
	const struct capgap_free_space *free = &dvsec_reading.free;
	bool declared[CAPGAP_SPACE_MAX] = { false };
	const struct capgap_hit *hit;
	char text[256];

	for (unsigned i = 0; i < free->n_ranges; i++) {
		ck_assert_uint_lt(free->range[i].descriptor, free->n_descriptors);
		if (!free->range[i].usable)
			continue;
		check_usable(&free->range[i]);
		for (unsigned off = free->range[i].off; off < end_of(&free->range[i]);
		     off++)
			declared[off] = true;
	}
	for (unsigned off = 0; off < dvsec_reading.map.size; off++)
		ck_assert(declared[off] ||
			  dvsec_reading.map.verdict[off] != CAPGAP_OWNER_DESCRIPTOR);
	for (unsigned i = 0; i < dvsec_reading.hits.n; i++) {
		hit = &dvsec_reading.hits.hit[i];
		ck_assert_uint_lt(hit->off, CAPGAP_SPACE_MAX);
		ck_assert_uint_le(hit->off + hit->len, (int)CAPGAP_SPACE_MAX);
		ck_assert_uint_lt(strlen(capgap_hit_text(&dvsec_reading.hits.hit[i], text,
							 sizeof(text))),
				  sizeof(text) - 1);
	}
}

static const struct row good[] = {
	{ .name = "form 1 declares what is behind its header",
	  .image = { .step = { ATS(0x100, 0x140), GAP(0x140, 0x180, 0x40),
			       LTR(0x180, 0) } },
	  .quirk = { LISTED },
	  .n_descriptors = 1,
	  .n_valid = 1,
	  .range = { { 0x14c, 0x34, 0, 0, true } } },
	{ .name = "form 1 reaches the end of the space",
	  .image = { .step = { ATS(0x100, 0xf00), GAP(0xf00, 0, 0x100) } },
	  .quirk = { LISTED_AS(CAPGAP_FORM_GAP) },
	  .n_descriptors = 1,
	  .n_valid = 1,
	  .range = { { 0xf0c, 0xf4, 0, 0, true } } },
	{ .name = "form 1 of 12 bytes has an empty range",
	  .image = { .step = { ATS(0x100, 0x140), GAP(0x140, 0x14c, 12),
			       LTR(0x14c, 0) } },
	  .quirk = { LISTED },
	  .n_descriptors = 1,
	  .n_valid = 1,
	  .range = { { 0x14c, 0, 0, 0, true } } },
	{ .name = "form 1 of 12 bytes ends the space",
	  .image = { .step = { ATS(0x100, 0xff4), GAP(0xff4, 0, 12) } },
	  .quirk = { LISTED },
	  .n_descriptors = 1,
	  .n_valid = 1,
	  .range = { { 0x1000, 0, 0, 0, true } } },
	{ .name = "form 1 of 16 bytes has a range of 4",
	  .image = { .step = { ATS(0x100, 0x140), GAP(0x140, 0, 16) } },
	  .quirk = { LISTED },
	  .n_descriptors = 1,
	  .n_valid = 1,
	  .range = { { 0x14c, 4, 0, 0, true } } },
	{ .name = "several of form 1 in a list that does not ascend",
	  .image = { .step = { GAP(0x100, 0x300, 0x40), GAP(0x200, 0, 0x40),
			       GAP(0x300, 0x200, 0x40) } },
	  .quirk = { LISTED },
	  .n_descriptors = 3,
	  .n_valid = 3,
	  .range = { { 0x10c, 0x34, 0, 0, true },
		     { 0x30c, 0x34, 1, 0, true },
		     { 0x20c, 0x34, 2, 0, true } } },
	{ .name = "form 2 lists ranges and skips empty entries",
	  .image = { .step = { TABLE(0x100, 0, 5), ENTRY(0x10c, 0x200, 0x60),
			       ENTRY(0x110, 0, 0), ENTRY(0x114, 0x203, 0),
			       ENTRY(0x118, 0xff8, 8), ENTRY(0x11c, 0x80, 0x20) } },
	  .quirk = { LISTED_AS(CAPGAP_FORM_TABLE) },
	  .n_descriptors = 1,
	  .n_valid = 1,
	  .exhaustive = true,
	  .range = { { 0x200, 0x60, 0, 0x10c, true },
		     { 0xff8, 8, 0, 0x118, true },
		     { 0x80, 0x20, 0, 0x11c, true } } },
	{ .name = "form 2 without entries declares that nothing is free",
	  .image = { .step = { TABLE(0x100, 0, 0) } },
	  .quirk = { LISTED },
	  .n_descriptors = 1,
	  .n_valid = 1,
	  .exhaustive = true },
	{ .name = "both forms stand side by side",
	  .image = { .step = { GAP(0x100, 0x200, 0x40), TABLE(0x200, 0, 1),
			       ENTRY(0x20c, 0x140, 0xc0) } },
	  .quirk = { LISTED },
	  .n_descriptors = 2,
	  .n_valid = 2,
	  .exhaustive = true,
	  .range = { { 0x10c, 0x34, 0, 0, true }, { 0x140, 0xc0, 1, 0x20c, true } } },
	{ .name = "a vendor's own gap form has no control word",
	  .image = { .step = { DVSEC(0x100, 1, 0, 7, 0x20, 0x1234) } },
	  .quirk = { LISTED_BARE(CAPGAP_FORM_GAP) },
	  .n_descriptors = 1,
	  .n_valid = 1,
	  .range = { { 0x10c, 0x14, 0, 0, true } } },
	{ .name = "no control word and no form is a gap form too",
	  .image = { .step = { DVSEC(0x100, 1, 0, 7, 0x20, 0xffff) } },
	  .quirk = { LISTED_BARE(CAPGAP_FORM_CONTROL) },
	  .n_descriptors = 1,
	  .n_valid = 1,
	  .range = { { 0x10c, 0x14, 0, 0, true } } },
	{ .name = "a control word that was not read does not matter where there is none",
	  .image = { .step = { DVSEC(0x100, 1, 0, 7, 0x20, 0), DROP(0x10a, 2) } },
	  .quirk = { LISTED_BARE(CAPGAP_FORM_GAP) },
	  .n_descriptors = 1,
	  .n_valid = 1,
	  .range = { { 0x10c, 0x14, 0, 0, true } } },
	{ .name = "a listed table without control word is a table",
	  .image = { .step = { DVSEC(0x100, 1, 0, 7, 0x10, 0),
			       ENTRY(0x10c, 0x200, 0x60) } },
	  .quirk = { LISTED_BARE(CAPGAP_FORM_TABLE) },
	  .n_descriptors = 1,
	  .n_valid = 1,
	  .exhaustive = true,
	  .range = { { 0x200, 0x60, 0, 0x10c, true } } },
	{ .name = "the last of several listings counts",
	  .image = { .step = { GAP(0x100, 0, 0x40) } },
	  .quirk = { LISTED_AS(CAPGAP_FORM_TABLE),
		     { .verb = CAPGAP_VERB_DESCRIPTOR,
		       .dvsec_vendor = VENDOR,
		       .dvsec_id = ID,
		       .form = CAPGAP_FORM_GAP,
		       .order = 9 },
		     { .verb = CAPGAP_VERB_DESCRIPTOR,
		       .dvsec_vendor = VENDOR,
		       .dvsec_id = ID,
		       .form = CAPGAP_FORM_TABLE,
		       .specificity = 5,
		       .order = 4 } },
	  .n_descriptors = 1,
	  .n_valid = 1,
	  .range = { { 0x10c, 0x34, 0, 0, true } } },
	{ .name = "another vendor's pair is no descriptor",
	  .image = { .step = { GAP(0x100, 0, 0x40), PUT16(0x10a, 0) } },
	  .quirk = { { .verb = CAPGAP_VERB_DESCRIPTOR,
		       .dvsec_vendor = VENDOR,
		       .dvsec_id = ID + 1 },
		     { .verb = CAPGAP_VERB_DESCRIPTOR,
		       .dvsec_vendor = VENDOR + 1,
		       .dvsec_id = ID } } },
	{ .name = "a descriptor whose id was not read is none",
	  .image = { .step = { GAP(0x100, 0, 0x40), DROP(0x108, 1) } },
	  .quirk = { LISTED } },
	{ .name = "another capability with the same bytes is no descriptor",
	  .image = { .step = { GAP(0x100, 0, 0x40), EXT(0x100, 0x000b, 1, 0) } },
	  .quirk = { LISTED } },
	{ .name = "bytes that are not zero are noted and used",
	  .image = { .step = { GAP(0x100, 0, 0x40), PUT8(0x127, 1) } },
	  .quirk = { LISTED },
	  .n_descriptors = 1,
	  .n_valid = 1,
	  .range = { { 0x10c, 0x34, 0, 0, true } },
	  .hit = { HIT(DESCRIPTOR_NONZERO, 0x10c, 0x34, 0x100, 0x127) } },
	{ .name = "ones in a table's range are noted with its entry",
	  .image = { .step = { TABLE(0x100, 0, 1), ENTRY(0x10c, 0x200, 8),
			       FILL(0x200, 8, 0xff) } },
	  .quirk = { LISTED },
	  .n_descriptors = 1,
	  .n_valid = 1,
	  .exhaustive = true,
	  .range = { { 0x200, 8, 0, 0x10c, true } },
	  .hit = { HIT(DESCRIPTOR_NONZERO, 0x200, 8, 0x10c, 0x200) } },
	{ .name = "a range may lie in a shadow",
	  .image = { .step = { TABLE(0x100, 0x200, 1), ENTRY(0x10c, 0x240, 8),
			       EXT(0x200, 0x0fff, 1, 0) } },
	  .quirk = { LISTED },
	  .n_descriptors = 1,
	  .n_valid = 1,
	  .exhaustive = true,
	  .range = { { 0x240, 8, 0, 0x10c, true } } },
};

static const struct row bad[] = {
	{ .name = "version 2 of the capability header",
	  .image = { .step = { DVSEC(0x100, 2, 0, 1, 0x40, CONTROL(1)) } },
	  .quirk = { LISTED },
	  .n_descriptors = 1,
	  .hit = { HIT(DESCRIPTOR_VERSION, 0x100, 4, 2, 0) } },
	{ .name = "version 0 of a form without control word",
	  .image = { .step = { DVSEC(0x100, 0, 0, 7, 0x40, 0) } },
	  .quirk = { LISTED_BARE(CAPGAP_FORM_GAP) },
	  .n_descriptors = 1,
	  .hit = { HIT(DESCRIPTOR_VERSION, 0x100, 4, 0, 0) } },
	{ .name = "a length of 0",
	  .image = { .step = { GAP(0x100, 0, 0) } },
	  .quirk = { LISTED },
	  .n_descriptors = 1,
	  .hit = { HIT(DESCRIPTOR_LENGTH, 0x104, 4, 0, 0xf00) } },
	{ .name = "a length under 12",
	  .image = { .step = { GAP(0x100, 0, 8) } },
	  .quirk = { LISTED },
	  .n_descriptors = 1,
	  .hit = { HIT(DESCRIPTOR_LENGTH, 0x104, 4, 8, 0xf00) } },
	{ .name = "a length that is no multiple of 4",
	  .image = { .step = { GAP(0x100, 0, 0x42) } },
	  .quirk = { LISTED },
	  .n_descriptors = 1,
	  .hit = { HIT(DESCRIPTOR_LENGTH, 0x104, 4, 0x42, 0xf00) } },
	{ .name = "a length that leaves the space",
	  .image = { .step = { ATS(0x100, 0xf00), GAP(0xf00, 0, 0x104) } },
	  .quirk = { LISTED },
	  .n_descriptors = 1,
	  .hit = { HIT(DESCRIPTOR_LENGTH, 0xf04, 4, 0x104, 0x100) } },
	{ .name = "revision 2, whose form means nothing",
	  .image = { .step = { DVSEC(0x100, 1, 0, 2, 0x40, CONTROL(9)) } },
	  .quirk = { LISTED },
	  .n_descriptors = 1,
	  .hit = { HIT(DESCRIPTOR_REVISION, 0x104, 4, 2, 0) } },
	{ .name = "another magic, whose form means nothing",
	  .image = { .step = { DVSEC(0x100, 1, 0, 1, 0x40, 0xf4f9) } },
	  .quirk = { LISTED },
	  .n_descriptors = 1,
	  .hit = { HIT(DESCRIPTOR_MAGIC, 0x10a, 2, 0xf4f9, 0) } },
	{ .name = "reserved bits of the control word",
	  .image = { .step = { DVSEC(0x100, 1, 0, 1, 0x40, 0xf581) } },
	  .quirk = { LISTED },
	  .n_descriptors = 1,
	  .hit = { HIT(DESCRIPTOR_BITS, 0x10a, 2, 0xf581, 0xf0) } },
	{ .name = "form 0",
	  .image = { .step = { DVSEC(0x100, 1, 0, 1, 0x40, CONTROL(0)) } },
	  .quirk = { LISTED },
	  .n_descriptors = 1,
	  .hit = { HIT(DESCRIPTOR_FORM, 0x10a, 2, 0, 0) } },
	{ .name = "form 3, listed as a gap",
	  .image = { .step = { DVSEC(0x100, 1, 0, 1, 0x40, CONTROL(3)) } },
	  .quirk = { LISTED_AS(CAPGAP_FORM_GAP) },
	  .n_descriptors = 1,
	  .hit = { HIT(DESCRIPTOR_FORM, 0x10a, 2, 3, 0) } },
	{ .name = "form 1, listed as a table",
	  .image = { .step = { GAP(0x100, 0, 0x40) } },
	  .quirk = { LISTED_AS(CAPGAP_FORM_TABLE) },
	  .n_descriptors = 1,
	  .hit = { HIT(DESCRIPTOR_LISTING, 0x10a, 2, 1, 2) } },
	{ .name = "form 2, listed as a gap",
	  .image = { .step = { TABLE(0x100, 0, 1), ENTRY(0x10c, 0x200, 0x40) } },
	  .quirk = { LISTED_AS(CAPGAP_FORM_GAP) },
	  .n_descriptors = 1,
	  .hit = { HIT(DESCRIPTOR_LISTING, 0x10a, 2, 2, 1) } },
	{ .name = "every field of one descriptor",
	  .image = { .step = { DVSEC(0x100, 3, 0, 1, 0x0e, 0xf5f2) } },
	  .quirk = { LISTED_AS(CAPGAP_FORM_GAP) },
	  .n_descriptors = 1,
	  .hit = { HIT(DESCRIPTOR_VERSION, 0x100, 4, 3, 0),
		   HIT(DESCRIPTOR_LENGTH, 0x104, 4, 0x0e, 0xf00),
		   HIT(DESCRIPTOR_BITS, 0x10a, 2, 0xf5f2, 0xf0),
		   HIT(DESCRIPTOR_LISTING, 0x10a, 2, 2, 1) } },
	{ .name = "a length that was not read",
	  .image = { .step = { GAP(0x100, 0, 0x40), DROP(0x106, 1) } },
	  .quirk = { LISTED },
	  .n_descriptors = 1,
	  .hit = { HIT(DESCRIPTOR_UNREAD, 0x100, 12, 0, 0) } },
	{ .name = "a control word that was not read",
	  .image = { .step = { GAP(0x100, 0, 0x40), DROP(0x10b, 1) } },
	  .quirk = { LISTED },
	  .n_descriptors = 1,
	  .hit = { HIT(DESCRIPTOR_UNREAD, 0x100, 12, 0, 0) } },
	{ .name = "an entry that was not read",
	  .image = { .step = { TABLE(0x100, 0, 2), ENTRY(0x10c, 0x200, 8),
			       ENTRY(0x110, 0x300, 8), DROP(0x10c, 1) } },
	  .quirk = { LISTED },
	  .n_descriptors = 1,
	  .n_valid = 1,
	  .exhaustive = true,
	  .range = { { 0x300, 8, 0, 0x110, true } },
	  .hit = { HIT(DESCRIPTOR_UNREAD, 0x10c, 4, 0, 0) } },
	{ .name = "a structure that begins in the twelve bytes",
	  .image = { .step = { GAP(0x100, 0x108, 0x40), EXT(0x108, ID, 5, 0) } },
	  .quirk = { LISTED },
	  .n_descriptors = 1,
	  .hit = { HIT(DESCRIPTOR_OVERLAID, 0x100, 12, 0x108, 0) } },
	{ .name = "a structure that reaches into the twelve bytes",
	  .image = { .step = { EXT(0x100, 0x000b, 1, 0x140), VENDOR_LENGTH(0x100, 0x44),
			       GAP(0x140, 0, 0x40) } },
	  .quirk = { LISTED },
	  .n_descriptors = 1,
	  .hit = { HIT(DESCRIPTOR_OVERLAID, 0x140, 12, 0x140, 0) } },
	{ .name = "a structure inside a table",
	  .image = { .step = { TABLE(0x100, 0x110, 4), ENTRY(0x10c, 0x200, 8),
			       LTR(0x110, 0) } },
	  .quirk = { LISTED },
	  .n_descriptors = 1,
	  .hit = { HIT(DESCRIPTOR_OVERLAID, 0x100, 0x1c, 0x110, 0) } },
	{ .name = "a pair that nobody lists",
	  .image = { .step = { GAP(0x100, 0x140, 0x40), TABLE(0x140, 0, 0) } },
	  .quirk = { IN_USE(0x300, 4) },
	  .hit = { HIT(DESCRIPTOR_NOT_LISTED, 0x100, 12, VENDOR, ID),
		   HIT(DESCRIPTOR_NOT_LISTED, 0x140, 12, VENDOR, ID) } },
	{ .name = "reserved bits of entries, an empty one too",
	  .image = { .step = { TABLE(0x100, 0, 3), PUT32(0x10c, 0x00081200),
			       ENTRY(0x110, 0x300, 8), PUT32(0x114, 0x80000000) } },
	  .quirk = { LISTED },
	  .n_descriptors = 1,
	  .n_valid = 1,
	  .exhaustive = true,
	  .range = { { 0x200, 8, 0, 0x10c, false },
		     { 0x300, 8, 0, 0x110, true },
		     { 0, 0, 0, 0x114, false } },
	  .hit = { HIT(DESCRIPTOR_BITS, 0x10c, 4, 0x00081200, 0xf000f000),
		   HIT(DESCRIPTOR_BITS, 0x114, 4, 0x80000000, 0xf000f000) } },
	{ .name = "entries that are no dwords",
	  .image = { .step = { TABLE(0x100, 0, 3), ENTRY(0x10c, 0x202, 8),
			       ENTRY(0x110, 0x300, 10), ENTRY(0x114, 0x400, 8) } },
	  .quirk = { LISTED },
	  .n_descriptors = 1,
	  .n_valid = 1,
	  .exhaustive = true,
	  .range = { { 0x202, 8, 0, 0x10c, false },
		     { 0x300, 10, 0, 0x110, false },
		     { 0x400, 8, 0, 0x114, true } },
	  .hit = { HIT(DESCRIPTOR_MISALIGNED, 0x10c, 4, 0x202, 8),
		   HIT(DESCRIPTOR_MISALIGNED, 0x110, 4, 0x300, 10) } },
	{ .name = "an entry of 4 bytes",
	  .image = { .step = { TABLE(0x100, 0, 2), ENTRY(0x10c, 0x200, 4),
			       ENTRY(0x110, 0x300, 8) } },
	  .quirk = { LISTED },
	  .n_descriptors = 1,
	  .n_valid = 1,
	  .exhaustive = true,
	  .range = { { 0x200, 4, 0, 0x10c, false }, { 0x300, 8, 0, 0x110, true } },
	  .hit = { HIT(DESCRIPTOR_ENTRY_SHORT, 0x10c, 4, 0x200, 4) } },
	{ .name = "entries that leave their space",
	  .image = { .step = { TABLE(0x100, 0, 3), ENTRY(0x10c, 0xffc, 8),
			       ENTRY(0x110, 0xf0, 0x20), ENTRY(0x114, 0xf0, 0x10) } },
	  .quirk = { LISTED },
	  .n_descriptors = 1,
	  .n_valid = 1,
	  .exhaustive = true,
	  .range = { { 0xffc, 8, 0, 0x10c, false },
		     { 0xf0, 0x20, 0, 0x110, false },
		     { 0xf0, 0x10, 0, 0x114, true } },
	  .hit = { HIT(DESCRIPTOR_OUTSIDE, 0x10c, 4, 0xffc, 8),
		   HIT(DESCRIPTOR_OUTSIDE, 0x110, 4, 0xf0, 0x20) } },
	{ .name = "an entry of ones",
	  .image = { .step = { TABLE(0x100, 0, 1), PUT32(0x10c, 0xffffffff) } },
	  .quirk = { LISTED },
	  .n_descriptors = 1,
	  .n_valid = 1,
	  .exhaustive = true,
	  .range = { { 0xfff, 0xfff, 0, 0x10c, false } },
	  .hit = { HIT(DESCRIPTOR_BITS, 0x10c, 4, 0xffffffff, 0xf000f000),
		   HIT(DESCRIPTOR_MISALIGNED, 0x10c, 4, 0xfff, 0xfff),
		   HIT(DESCRIPTOR_OUTSIDE, 0x10c, 4, 0xfff, 0xfff) } },
	{ .name = "a range over the header",
	  .image = { .step = { TABLE(0x100, 0, 2), ENTRY(0x10c, 0x38, 8),
			       ENTRY(0x110, 0x200, 8) } },
	  .quirk = { LISTED },
	  .n_descriptors = 1,
	  .n_valid = 1,
	  .exhaustive = true,
	  .range = { { 0x38, 8, 0, 0x10c, false }, { 0x200, 8, 0, 0x110, true } },
	  .hit = { HIT(DESCRIPTOR_OVER_HEADER, 0x38, 8, 0x10c, 0x38) } },
	{ .name = "a range over the header and a structure",
	  .image = { .step = { TABLE(0x100, 0, 1), ENTRY(0x10c, 0x20, 0xc0) } },
	  .quirk = { LISTED },
	  .n_descriptors = 1,
	  .n_valid = 1,
	  .exhaustive = true,
	  .range = { { 0x20, 0xc0, 0, 0x10c, false } },
	  .hit = { HIT(DESCRIPTOR_OVER_HEADER, 0x20, 0xc0, 0x10c, 0x20),
		   HIT(DESCRIPTOR_OVER_STRUCTURE, 0x20, 0xc0, 0x10c, 0x40) } },
	{ .name = "a range over a structure, a table over itself",
	  .image = { .step = { TABLE(0x100, 0x200, 3), ENTRY(0x10c, 0x1f8, 0x10),
			       ENTRY(0x110, 0x110, 0x10), ENTRY(0x114, 0x208, 8),
			       LTR(0x200, 0) } },
	  .quirk = { LISTED },
	  .n_descriptors = 1,
	  .n_valid = 1,
	  .exhaustive = true,
	  .range = { { 0x1f8, 0x10, 0, 0x10c, false },
		     { 0x110, 0x10, 0, 0x110, false },
		     { 0x208, 8, 0, 0x114, true } },
	  .hit = { HIT(DESCRIPTOR_OVER_STRUCTURE, 0x1f8, 0x10, 0x10c, 0x200),
		   HIT(DESCRIPTOR_OVER_STRUCTURE, 0x110, 0x10, 0x110, 0x110) } },
	{ .name = "a gap with a structure in it, beside a whole one",
	  .image = { .step = { GAP(0x100, 0x140, 0x80), LTR(0x140, 0x200),
			       GAP(0x200, 0, 0x40) } },
	  .quirk = { LISTED },
	  .n_descriptors = 2,
	  .n_valid = 2,
	  .range = { { 0x10c, 0x74, 0, 0, false }, { 0x20c, 0x34, 1, 0, true } },
	  .hit = { HIT(DESCRIPTOR_OVER_STRUCTURE, 0x10c, 0x74, 0x100, 0x140) } },
	{ .name = "a gap inside a gap: the inner one is used",
	  .image = { .step = { GAP(0x100, 0x140, 0x80), GAP(0x140, 0, 0x20) } },
	  .quirk = { LISTED },
	  .n_descriptors = 2,
	  .n_valid = 2,
	  .range = { { 0x10c, 0x74, 0, 0, false }, { 0x14c, 0x14, 1, 0, true } },
	  .hit = { HIT(DESCRIPTOR_OVER_STRUCTURE, 0x10c, 0x74, 0x100, 0x140) } },
	{ .name = "a gap that another descriptor with wrong fields spans",
	  .image = { .step = { DVSEC(0x100, 1, 0x140, 2, 0x44, CONTROL(1)),
			       GAP(0x140, 0, 0x20) } },
	  .quirk = { LISTED },
	  .n_descriptors = 2,
	  .hit = { HIT(DESCRIPTOR_REVISION, 0x104, 4, 2, 0),
		   HIT(DESCRIPTOR_OVERLAID, 0x140, 12, 0x140, 0) } },
	{ .name = "the header of zeros that ends the list",
	  .image = { .step = { GAP(0x100, 0x120, 0x40) } },
	  .quirk = { LISTED },
	  .n_descriptors = 1,
	  .n_valid = 1,
	  .range = { { 0x10c, 0x34, 0, 0, false } },
	  .hit = { HIT(DESCRIPTOR_OVER_STRUCTURE, 0x10c, 0x34, 0x100, 0x120) } },
	{ .name = "a range over bytes that a quirk reserves",
	  .image = { .step = { TABLE(0x100, 0x140, 1), ENTRY(0x10c, 0x200, 0x40),
			       GAP(0x140, 0, 0x40) } },
	  .quirk = { LISTED, IN_USE(0x23c, 8), IN_USE(0x160, 4) },
	  .n_descriptors = 2,
	  .n_valid = 2,
	  .exhaustive = true,
	  .range = { { 0x200, 0x40, 0, 0x10c, false }, { 0x14c, 0x34, 1, 0, false } },
	  .hit = { HIT(DESCRIPTOR_OVER_RESERVED, 0x200, 0x40, 0x10c, 0x23c),
		   HIT(DESCRIPTOR_OVER_RESERVED, 0x14c, 0x34, 0x140, 0x160) } },
	{ .name = "form 1 whose own bytes a quirk reserves",
	  .image = { .step = { GAP(0x100, 0, 0x40) } },
	  .quirk = { LISTED, IN_USE(0x0f0, 0x14) },
	  .n_descriptors = 1,
	  .hit = { HIT(DESCRIPTOR_OVER_RESERVED, 0x100, 12, 0x100, 0x100) } },
	{ .name = "form 1 whose own bytes are an IP core's registers",
	  .image = { .step = { GAP(0x100, 0, 12) } },
	  .quirk = { LISTED, IP_CORE(0x108, 0x40) },
	  .n_descriptors = 1,
	  .hit = { HIT(DESCRIPTOR_OVER_ORPHAN, 0x100, 12, 0x100, 0x108) } },
	{ .name = "a range over an orphan",
	  .image = { .step = { TABLE(0x100, 0x180, 1), ENTRY(0x10c, 0x200, 0x40),
			       LTR(0x180, 0), ATS(0x220, 0x180) } },
	  .quirk = { LISTED },
	  .n_descriptors = 1,
	  .n_valid = 1,
	  .exhaustive = true,
	  .range = { { 0x200, 0x40, 0, 0x10c, false } },
	  .hit = { HIT(DESCRIPTOR_OVER_ORPHAN, 0x200, 0x40, 0x10c, 0x220) } },
	{ .name = "a gap with an orphan in it",
	  .image = { .step = { GAP(0x100, 0x180, 0x80), LTR(0x180, 0),
			       ATS(0x120, 0x180) } },
	  .quirk = { LISTED },
	  .n_descriptors = 1,
	  .n_valid = 1,
	  .range = { { 0x10c, 0x74, 0, 0, false } },
	  .hit = { HIT(DESCRIPTOR_OVER_ORPHAN, 0x10c, 0x74, 0x100, 0x120) } },
	{ .name = "a range over bytes that were not read",
	  .image = { .step = { TABLE(0x100, 0, 2), ENTRY(0x10c, 0x200, 0x40),
			       ENTRY(0x110, 0x300, 8), DROP(0x23f, 1) } },
	  .quirk = { LISTED },
	  .n_descriptors = 1,
	  .n_valid = 1,
	  .exhaustive = true,
	  .range = { { 0x200, 0x40, 0, 0x10c, false }, { 0x300, 8, 0, 0x110, true } },
	  .hit = { HIT(DESCRIPTOR_OVER_UNREAD, 0x200, 0x40, 0x10c, 0x23f) } },
	{ .name = "ranges behind the end of a short image",
	  .image = { .size = 0x200,
		     .step = { TABLE(0x100, 0x1e0, 1), ENTRY(0x10c, 0x300, 8),
			       GAP(0x1e0, 0, 0x40) } },
	  .quirk = { LISTED },
	  .n_descriptors = 2,
	  .n_valid = 2,
	  .exhaustive = true,
	  .range = { { 0x300, 8, 0, 0x10c, false }, { 0x1ec, 0x34, 1, 0, false } },
	  .hit = { HIT(DESCRIPTOR_OVER_UNREAD, 0x300, 8, 0x10c, 0x300),
		   HIT(DESCRIPTOR_OVER_UNREAD, 0x1ec, 0x34, 0x1e0, 0x200) } },
	{ .name = "ranges that overlap: the later one is not used",
	  .image = { .step = { TABLE(0x100, 0x140, 3), ENTRY(0x10c, 0x200, 0x40),
			       ENTRY(0x110, 0x238, 0x10), ENTRY(0x114, 0x240, 8),
			       GAP(0x140, 0x180, 0x20), TABLE(0x180, 0, 1),
			       ENTRY(0x18c, 0x150, 8) } },
	  .quirk = { LISTED },
	  .n_descriptors = 3,
	  .n_valid = 3,
	  .exhaustive = true,
	  .range = { { 0x200, 0x40, 0, 0x10c, true },
		     { 0x238, 0x10, 0, 0x110, false },
		     { 0x240, 8, 0, 0x114, true },
		     { 0x14c, 0x14, 1, 0, true },
		     { 0x150, 8, 2, 0x18c, false } },
	  .hit = { HIT(DESCRIPTOR_OVER_RANGE, 0x238, 0x10, 0x110, 0x200),
		   HIT(DESCRIPTOR_OVER_RANGE, 0x150, 8, 0x18c, 0x14c) } },
	{ .name = "a range that is not used is in nobody's way",
	  .image = { .step = { TABLE(0x100, 0x200, 2), ENTRY(0x10c, 0x1f8, 0x10),
			       ENTRY(0x110, 0x1f8, 8), LTR(0x200, 0) } },
	  .quirk = { LISTED },
	  .n_descriptors = 1,
	  .n_valid = 1,
	  .exhaustive = true,
	  .range = { { 0x1f8, 0x10, 0, 0x10c, false }, { 0x1f8, 8, 0, 0x110, true } },
	  .hit = { HIT(DESCRIPTOR_OVER_STRUCTURE, 0x1f8, 0x10, 0x10c, 0x200) } },
};

unsigned dvsec_count_quirks(const struct row *row)
{
	unsigned n = 0;

	while (n < QUIRKS_MAX && (row->quirk[n].verb || row->quirk[n].len))
		n++;
	return n;
}

static unsigned count_ranges(const struct row *row)
{
	unsigned n = 0;

	while (n < RANGES_MAX && (row->range[n].off || row->range[n].entry))
		n++;
	return n;
}

void dvsec_check_ranges(const char *name, const struct capgap_declared *want, unsigned n)
{
	const struct capgap_declared *got = dvsec_reading.free.range;

	ck_assert_msg(dvsec_reading.free.n_ranges == n, "%s: %u ranges", name,
		      dvsec_reading.free.n_ranges);
	for (unsigned i = 0; i < n; i++)
		ck_assert_msg(
			got[i].off == want[i].off && got[i].len == want[i].len &&
				got[i].descriptor == want[i].descriptor &&
				got[i].entry == want[i].entry &&
				got[i].usable == want[i].usable,
			"%s: range %u is 0x%03x, 0x%x bytes, of %u, entry 0x%03x, %d",
			name, i, got[i].off, got[i].len, got[i].descriptor, got[i].entry,
			got[i].usable);
}

void dvsec_check_result(const struct row *row)
{
	unsigned valid = 0;

	for (unsigned i = 0; i < dvsec_reading.free.n_descriptors; i++)
		valid += dvsec_reading.free.descriptor[i].valid;
	ck_assert_msg(dvsec_reading.free.n_descriptors == row->n_descriptors,
		      "%s: %u descriptors", row->name, dvsec_reading.free.n_descriptors);
	ck_assert_msg(valid == row->n_valid, "%s: %u valid", row->name, valid);
	ck_assert_msg(dvsec_reading.free.exhaustive == row->exhaustive, "%s: exhaustive",
		      row->name);
	dvsec_check_ranges(row->name, row->range, count_ranges(row));
	support_same_hits(row->name, &dvsec_reading.hits, row->hit, HITS_MAX);
	dvsec_check_reading();
}

static void check_row(const struct row *row)
{
	struct capgap_record rec;

	support_record(&rec, &row->image);
	dvsec_read_image(&rec.image, row->quirk, dvsec_count_quirks(row));
	dvsec_check_result(row);
}

START_TEST(descriptor_declares_its_ranges)
{
	check_row(&good[_i]);
}
END_TEST

START_TEST(breach_is_found_and_its_range_not_used)
{
	check_row(&bad[_i]);
}
END_TEST

static bool is_about_descriptors(unsigned kind)
{
	const char *name = capgap_finding_get(kind)->name;

	return !strncmp(name, "descriptor-", strlen("descriptor-"));
}

/* Each row of the table that speaks of descriptors is asked for above. */
START_TEST(every_breach_has_its_test)
{
	bool asked[CAPGAP_F_COUNT] = { false };

	for (int i = 0; i < ROWS(good); i++) {
		for (unsigned k = 0; k < HITS_MAX; k++)
			asked[good[i].hit[k].kind] = true;
	}
	for (int i = 0; i < ROWS(bad); i++) {
		for (unsigned k = 0; k < HITS_MAX; k++)
			asked[bad[i].hit[k].kind] = true;
	}
	for (unsigned kind = 0; kind < CAPGAP_F_COUNT; kind++)
		ck_assert_msg(asked[kind] || !is_about_descriptors(kind),
			      "%s has no test", capgap_finding_get(kind)->name);
}
END_TEST

/* Read an image whose descriptors are listed by their control word. */
static void read_steps(const struct support_image *how)
{
	struct capgap_record rec;

	support_record(&rec, how);
	dvsec_read_image(&rec.image, &dvsec_listed, 1);
}

START_TEST(only_sound_gap_forms_are_shrunk)
{
	static const struct support_image how = {
		.step = { GAP(0x100, 0x140, 0x40), TABLE(0x140, 0x180, 4),
			  DVSEC(0x180, 1, 0x1c0, 2, 0x40, CONTROL(1)),
			  GAP(0x1c0, 0, 0x40), PUT16(0x1c8, ID + 1) }
	};
	static const uint16_t owned[] = { 12, 0x1c, 0x40, 0x40 };
	const struct capgap_cap *cap;

	read_steps(&how);
	cap = &dvsec_reading.chain.cap[dvsec_reading.chain.n_conv];
	for (unsigned i = 0; i < 4; i++)
		ck_assert_uint_eq(cap[i].owned, owned[i]);
	ck_assert_uint_eq(cap[0].len, 0x40);
	ck_assert_int_eq(cap[0].extent, CAPGAP_EXTENT_DECLARED);
}
END_TEST

/* What a gap form spans is no gap of grade observed for its range being refused. */
START_TEST(refused_gap_stays_in_its_shadow)
{
	static const struct support_image how = { .step = { GAP(0x100, 0x140, 0x80),
							    GAP(0x140, 0x160, 0x20),
							    LTR(0x160, 0) } };

	read_steps(&how);
	ck_assert(!dvsec_reading.free.range[0].usable);
	ck_assert(dvsec_reading.free.range[1].usable);
	ck_assert_uint_eq(dvsec_reading.map.verdict[0x10b], CAPGAP_OWNER_CAP);
	ck_assert_uint_eq(dvsec_reading.map.verdict[0x10c], CAPGAP_OWNER_SHADOW);
	ck_assert_uint_eq(dvsec_reading.map.verdict[0x14b], CAPGAP_OWNER_CAP);
	ck_assert_uint_eq(dvsec_reading.map.verdict[0x14c], CAPGAP_OWNER_DESCRIPTOR);
	ck_assert_uint_eq(dvsec_reading.map.verdict[0x168], CAPGAP_OWNER_SHADOW);
	ck_assert_uint_eq(dvsec_reading.map.verdict[0x17f], CAPGAP_OWNER_SHADOW);
	ck_assert_uint_eq(dvsec_reading.map.verdict[0x180], CAPGAP_OWNER_FREE);
}
END_TEST

START_TEST(fields_of_a_descriptor_are_reported)
{
	static const struct support_image how = { .step = { GAP(0x100, 0x140, 0x40),
							    TABLE(0x140, 0, 1) } };
	const struct capgap_descriptor *d = dvsec_reading.free.descriptor;

	read_steps(&how);
	ck_assert_uint_eq(d[0].off, 0x100);
	ck_assert_uint_eq(d[0].len, 0x40);
	ck_assert_uint_eq(d[0].vendor, VENDOR);
	ck_assert_uint_eq(d[0].id, ID);
	ck_assert_int_eq(d[0].form, CAPGAP_FORM_GAP);
	ck_assert(d[0].valid && !d[0].no_control);
	ck_assert_uint_eq(d[1].len, 0x10);
	ck_assert_int_eq(d[1].form, CAPGAP_FORM_TABLE);
}
END_TEST

FILE *dvsec_open_document(void)
{
	const char *dir = getenv("TESTS_DIR");
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/../docs/free-space-dvsec.md",
		 dir && *dir ? dir : "tests");
	file = fopen(path, "re");
	ck_assert_msg(file, "%s: not found", path);
	return file;
}

START_TEST(document_names_every_finding)
{
	bool named[CAPGAP_F_COUNT] = { false };
	FILE *file = dvsec_open_document();
	char line[LINE_MAX];
	char quoted[80];

	while (fgets(line, sizeof(line), file)) {
		for (unsigned kind = 0; kind < CAPGAP_F_COUNT; kind++) {
			snprintf(quoted, sizeof(quoted), "| `%s` |",
				 capgap_finding_get(kind)->name);
			named[kind] |= !strncmp(line, quoted, strlen(quoted));
		}
	}
	fclose(file);
	for (unsigned kind = 0; kind < CAPGAP_F_COUNT; kind++)
		ck_assert_msg(named[kind] == is_about_descriptors(kind), "%s",
			      capgap_finding_get(kind)->name);
}
END_TEST

Suite *dvsec_suite(void)
{
	Suite *suite = suite_create("dvsec");
	TCase *tc = tcase_create("rules");

	tcase_add_loop_test(tc, descriptor_declares_its_ranges, 0, ROWS(good));
	tcase_add_loop_test(tc, breach_is_found_and_its_range_not_used, 0, ROWS(bad));
	tcase_add_test(tc, every_breach_has_its_test);
	tcase_add_test(tc, only_sound_gap_forms_are_shrunk);
	tcase_add_test(tc, refused_gap_stays_in_its_shadow);
	tcase_add_test(tc, fields_of_a_descriptor_are_reported);
	tcase_add_test(tc, document_names_every_finding);
	suite_add_tcase(suite, tc);
	return suite;
}
