/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is said of each dword of extended space, and the grade that it has. */
#include <string.h>

#include "../placement/places.h"
#include "suites.h"
#include "support.h"

#define RANGES_MAX 8

struct range {
	uint16_t off, len;
	enum capgap_reason reason;
};

/**
 * struct row - an image, and the ranges of it that no structure holds
 * @name: for messages
 * @image: how to build it
 * @min_gap: 0 stands for 12
 * @change: what a quirk table or a descriptor would say, or NULL
 * @range: all ranges, in order; length 0 ends the list
 */
struct row {
	const char *name;
	struct support_image image;
	unsigned min_gap;
	void (*change)(struct capgap_function *fn);
	struct range range[RANGES_MAX];
};

#define R(reason) CAPGAP_REASON_##reason
/* From the end of band 0x700-0xbff on, where all is free and nothing caps the grade. */
#define SOUND_BANDS                                                                      \
	{ 0x700, 0x500, R(BAND_CORE) }, { 0xc00, 0x100, R(OBSERVED) },                   \
	{                                                                                \
		0xd00, 0x300, R(BAND_TAIL)                                               \
	}

static struct capgap_places places;
static struct capgap_place list[CAPGAP_PLACES_MAX];

static const struct capgap_function *judge(const struct row *row)
{
	struct capgap_function *fn = support_function(&row->image);

	if (row->change)
		row->change(fn);
	capgap_places_judge(&places, fn, row->min_gap ? row->min_gap : 12, false);
	return fn;
}

static void check_row(const struct row *row)
{
	unsigned n;
	unsigned i;

	judge(row);
	n = capgap_places_list(&places, list);
	for (i = 0; i < RANGES_MAX && row->range[i].len; i++) {
		ck_assert_msg(i < n, "%s: no range at 0x%03x", row->name,
			      row->range[i].off);
		ck_assert_msg(
			list[i].off == row->range[i].off &&
				list[i].len == row->range[i].len,
			"%s: range at 0x%03x, 0x%x bytes, not at 0x%03x, 0x%x bytes",
			row->name, list[i].off, list[i].len, row->range[i].off,
			row->range[i].len);
		ck_assert_msg(list[i].reason == row->range[i].reason, "%s: 0x%03x: %s",
			      row->name, list[i].off, capgap_reason_text(list[i].reason));
	}
	ck_assert_msg(n == i, "%s: a range at 0x%03x", row->name, list[i].off);
}

static const struct row bounds[] = {
	{ "an empty list: free from 0x100 on",
	  .range = { { 0x100, 0x600, R(OBSERVED) }, SOUND_BANDS } },
	{ "after an exact extent",
	  { .step = { EXT(0x100, 0x0003, 1, 0) } },
	  .range = { { 0x10c, 0x5f4, R(OBSERVED) }, SOUND_BANDS } },
	{ "after a declared extent",
	  { .step = { EXT(0x100, 0x000b, 1, 0), VENDOR_LENGTH(0x100, 0x18) } },
	  .range = { { 0x118, 0x5e8, R(OBSERVED) }, SOUND_BANDS } },
	{ "between structures",
	  { .step = { EXT(0x100, 0x0003, 1, 0x200), EXT(0x200, 0x000f, 1, 0) } },
	  .range = { { 0x10c, 0xf4, R(OBSERVED) },
		     { 0x208, 0x4f8, R(OBSERVED) },
		     SOUND_BANDS } },
	{ "after an extent at most, everything up to the next structure",
	  { .step = { EXT(0x100, 0x0001, 2, 0x180), EXT(0x180, 0x0003, 1, 0) } },
	  .range = { { 0x148, 0x38, R(ATMOST) },
		     { 0x18c, 0x574, R(OBSERVED) },
		     SOUND_BANDS } },
	{ "after an extent at most, up to the end, bands included",
	  { .step = { EXT(0x100, 0x0001, 2, 0) } },
	  .range = { { 0x148, 0xeb8, R(ATMOST) } } },
	{ "an extent at most that is clipped leaves nothing behind it",
	  { .step = { EXT(0x100, 0x0001, 2, 0x138), EXT(0x138, 0x0003, 1, 0) } },
	  .range = { { 0x144, 0x5bc, R(OBSERVED) }, SOUND_BANDS } },
	{ "in a shadow, bands included",
	  { .step = { EXT(0x100, 0x003b, 1, 0) } },
	  .range = { { 0x104, 0xefc, R(SHADOW) } } },
	{ "in a shadow, up to the next structure",
	  { .step = { EXT(0x100, 0x003b, 1, 0x180), EXT(0x180, 0x0003, 1, 0) } },
	  .range = { { 0x104, 0x7c, R(SHADOW) },
		     { 0x18c, 0x574, R(OBSERVED) },
		     SOUND_BANDS } },
	{ "beside bytes that are not zero, on either side",
	  { .step = { EXT(0x100, 0x0003, 1, 0x400), EXT(0x400, 0x000f, 1, 0),
		      PUT8(0x201, 1) } },
	  .range = { { 0x10c, 0xf4, R(LIVE) },
		     { 0x200, 4, R(NONZERO) },
		     { 0x204, 0x1fc, R(LIVE) },
		     { 0x408, 0x2f8, R(OBSERVED) },
		     SOUND_BANDS } },
	{ "beside an orphan",
	  { .step = { EXT(0x100, 0x0003, 1, 0x180), EXT(0x180, 0x000f, 1, 0),
		      EXT(0x140, 0x0004, 1, 0x180) } },
	  .range = { { 0x10c, 0x34, R(OBSERVED) },
		     { 0x140, 0x10, R(ORPHAN) },
		     { 0x150, 0x30, R(OBSERVED) },
		     { 0x188, 0x578, R(OBSERVED) },
		     SOUND_BANDS } },
	{ "after an orphan's extent at most",
	  { .step = { EXT(0x100, 0x0003, 1, 0x180), EXT(0x180, 0x000f, 1, 0),
		      EXT(0x200, 0x0001, 2, 0x180) } },
	  .range = { { 0x10c, 0x74, R(OBSERVED) },
		     { 0x188, 0x78, R(OBSERVED) },
		     { 0x200, 0x48, R(ORPHAN) },
		     { 0x248, 0xdb8, R(ATMOST) } } },
	{ "behind the header of zeros in which the list ends",
	  { .step = { EXT(0x100, 0x0003, 1, 0x200) } },
	  .range = { { 0x10c, 0xf4, R(OBSERVED) }, { 0x204, 0xdfc, R(SHADOW) } } },
};

START_TEST(places_are_judged_by_what_bounds_them)
{
	check_row(&bounds[_i]);
}
END_TEST

static const struct row bands[] = {
	{ "runs that end at the bands' edges",
	  { .step = { EXT(0x100, 0x000f, 1, 0x6e8), EXT(0x6e8, 0x0003, 1, 0xbf8),
		      EXT(0xbf8, 0x000e, 1, 0xcf8), EXT(0xcf8, 0x0018, 1, 0) } },
	  .range = { { 0x108, 0x5e0, R(OBSERVED) },
		     { 0x6f4, 0x00c, R(OBSERVED) },
		     { 0x700, 0x4f8, R(BAND_CORE) },
		     { 0xc00, 0x0f8, R(OBSERVED) },
		     { 0xd00, 0x300, R(BAND_TAIL) } } },
	{ "a run that lies inside a band",
	  { .step = { EXT(0x100, 0x000b, 1, 0x800), VENDOR_LENGTH(0x100, 0x680),
		      EXT(0x800, 0x000b, 1, 0), VENDOR_LENGTH(0x800, 0x800) } },
	  .range = { { 0x780, 0x80, R(BAND_CORE) } } },
};

START_TEST(places_in_hazard_bands_are_assumed)
{
	check_row(&bands[_i]);
}
END_TEST

static const struct row lengths[] = {
	{ "8 bytes are too short",
	  { .step = { EXT(0x100, 0x0003, 1, 0x114), EXT(0x114, 0x000f, 1, 0x128),
		      EXT(0x128, 0x0013, 1, 0) } },
	  .range = { { 0x10c, 8, R(SHORT) },
		     { 0x11c, 12, R(OBSERVED) },
		     { 0x138, 0x5c8, R(OBSERVED) },
		     SOUND_BANDS } },
	{ "8 bytes, if that is asked for",
	  { .step = { EXT(0x100, 0x0003, 1, 0x114), EXT(0x114, 0x000f, 1, 0x128),
		      EXT(0x128, 0x0013, 1, 0) } },
	  .min_gap = 8,
	  .range = { { 0x10c, 8, R(OBSERVED) },
		     { 0x11c, 12, R(OBSERVED) },
		     { 0x138, 0x5c8, R(OBSERVED) },
		     SOUND_BANDS } },
	{ "16 bytes, if that is asked for",
	  { .step = { EXT(0x100, 0x0003, 1, 0x114), EXT(0x114, 0x000f, 1, 0x128),
		      EXT(0x128, 0x0013, 1, 0) } },
	  .min_gap = 16,
	  .range = { { 0x10c, 8, R(SHORT) },
		     { 0x11c, 12, R(SHORT) },
		     { 0x138, 0x5c8, R(OBSERVED) },
		     SOUND_BANDS } },
	{ "what is left of a gap beside live bytes",
	  { .step = { EXT(0x100, 0x0003, 1, 0), PUT8(0x114, 1) } },
	  .range = { { 0x10c, 8, R(SHORT) },
		     { 0x114, 4, R(NONZERO) },
		     { 0x118, 0xee8, R(LIVE) } } },
	{ "a short shadow is short before all else",
	  { .step = { EXT(0x100, 0x003b, 1, 0x10c), EXT(0x10c, 0x0003, 1, 0) } },
	  .range = { { 0x104, 8, R(SHORT) },
		     { 0x118, 0x5e8, R(OBSERVED) },
		     SOUND_BANDS } },
};

START_TEST(places_are_as_long_as_asked_for)
{
	check_row(&lengths[_i]);
}
END_TEST

static const struct row general[] = {
	{ "a lost row, though in PCI-compatible space",
	  { .step = { EXT(0x100, 0x0003, 1, 0), DROP(0x90, 16) } },
	  .range = { { 0x10c, 0xef4, R(PARTIAL) } } },
	{ "a lost row in the run",
	  { .step = { EXT(0x100, 0x0003, 1, 0), DROP(0x200, 16) } },
	  .range = { { 0x10c, 0xf4, R(PARTIAL) },
		     { 0x200, 16, R(ABSENT) },
		     { 0x210, 0xdf0, R(PARTIAL) } } },
	{ "one lost byte takes its dword",
	  { .step = { EXT(0x100, 0x0003, 1, 0), DROP(0x203, 1) } },
	  .range = { { 0x10c, 0xf4, R(PARTIAL) },
		     { 0x200, 4, R(ABSENT) },
		     { 0x204, 0xdfc, R(PARTIAL) } } },
	{ "a list that loops",
	  { .step = { EXT(0x100, 0x0003, 1, 0x100) } },
	  .range = { { 0x10c, 0xef4, R(BROKEN) } } },
	{ "a pointer below 0x100",
	  { .step = { EXT(0x100, 0x0003, 1, 0x080), PUT8(0x80, 0x01) } },
	  .range = { { 0x10c, 0xef4, R(BROKEN) } } },
	{ "ones further on in the list",
	  { .step = { EXT(0x100, 0x0003, 1, 0x200), FILL(0x200, 4, 0xff) } },
	  .range = { { 0x10c, 0xf4, R(BROKEN) }, { 0x204, 0xdfc, R(BROKEN) } } },
	{ "a PCI-compatible list that breaks",
	  { .step = { EXT(0x100, 0x0003, 1, 0), PUT8(0x41, 0x80), FILL(0x80, 4, 0xff) } },
	  .range = { { 0x10c, 0xef4, R(BROKEN) } } },
	{ "a lost row in a list that breaks is partial first",
	  { .step = { EXT(0x100, 0x0003, 1, 0x100), DROP(0x90, 16) } },
	  .range = { { 0x10c, 0xef4, R(PARTIAL) } } },
	{ "a VF with a PASID capability, which is not its own",
	  { .base = BASE_VF,
	    .step = { EXT(0x100, 0x0003, 1, 0x110), PASID(0x110, 0, 1) } },
	  .range = { { 0x10c, 4, R(SHORT) }, { 0x118, 0xee8, R(SUSPECT) } } },
	{ "ones at 0x100: nothing is known to be free",
	  { .step = { FILL(0x100, 4, 0xff) } },
	  .range = { { 0x104, 0xefc, R(UNWALKED) } } },
};

START_TEST(places_are_capped_by_what_holds_for_the_function)
{
	check_row(&general[_i]);
}
END_TEST

static const struct row fills[] = {
	{ "ff wherever nothing is owned, as on a PLX 8532",
	  { .step = { FILL(0x100, 0xf00, 0xff), EXT(0x100, 0x0003, 1, 0), PUT32(0x104, 0),
		      PUT32(0x108, 0) } },
	  .range = { { 0x10c, 0x5f4, R(OBSERVED) }, SOUND_BANDS } },
	{ "ff but for one byte",
	  { .step = { FILL(0x100, 0xf00, 0xff), EXT(0x100, 0x0003, 1, 0),
		      PUT8(0x800, 0) } },
	  .range = { { 0x10c, 0xef4, R(NONZERO) } } },
	{ "ff but for one dword of zeros",
	  { .step = { FILL(0x100, 0xf00, 0xff), EXT(0x100, 0x0003, 1, 0),
		      PUT32(0x800, 0) } },
	  .range = { { 0x10c, 0x6f4, R(NONZERO) },
		     { 0x800, 4, R(SHORT) },
		     { 0x804, 0x7fc, R(NONZERO) } } },
	{ "one dword of ff among zeros",
	  { .step = { EXT(0x100, 0x0003, 1, 0), FILL(0x800, 4, 0xff) } },
	  .range = { { 0x10c, 0x6f4, R(LIVE) },
		     { 0x800, 4, R(NONZERO) },
		     { 0x804, 0x7fc, R(LIVE) } } },
	{ "ff in PCI-compatible space does not count",
	  { .step = { FILL(0x7c, 0x84, 0xff), EXT(0x100, 0x0003, 1, 0) } },
	  .range = { { 0x10c, 0x5f4, R(OBSERVED) }, SOUND_BANDS } },
};

START_TEST(places_hold_zero_or_everywhere_ff)
{
	check_row(&fills[_i]);
}
END_TEST

static void claim(struct capgap_function *fn, unsigned off, unsigned len,
		  enum capgap_owner owner)
{
	capgap_map_claim(&fn->map, off, len, owner, CAPGAP_NO_CAP);
}

static void reserve_two_dwords(struct capgap_function *fn)
{
	claim(fn, 0x200, 8, CAPGAP_OWNER_RESERVED);
}

static void reserve_a_byte(struct capgap_function *fn)
{
	claim(fn, 0x202, 1, CAPGAP_OWNER_RESERVED);
}

static void extend_header(struct capgap_function *fn)
{
	claim(fn, 0x200, 8, CAPGAP_OWNER_HEADER);
}

static const struct row claims[] = {
	{ "what a quirk reserves",
	  { .step = { EXT(0x100, 0x0003, 1, 0) } },
	  .change = reserve_two_dwords,
	  .range = { { 0x10c, 0xf4, R(OBSERVED) },
		     { 0x200, 8, R(RESERVED) },
		     { 0x208, 0x4f8, R(OBSERVED) },
		     SOUND_BANDS } },
	{ "one byte reserves its dword",
	  { .step = { EXT(0x100, 0x0003, 1, 0) } },
	  .change = reserve_a_byte,
	  .range = { { 0x10c, 0xf4, R(OBSERVED) },
		     { 0x200, 4, R(RESERVED) },
		     { 0x204, 0x4fc, R(OBSERVED) },
		     SOUND_BANDS } },
	{ "a header in extended space is left out like a structure",
	  { .step = { EXT(0x100, 0x0003, 1, 0) } },
	  .change = extend_header,
	  .range = { { 0x10c, 0xf4, R(OBSERVED) },
		     { 0x208, 0x4f8, R(OBSERVED) },
		     SOUND_BANDS } },
};

START_TEST(places_end_at_what_others_claim)
{
	check_row(&claims[_i]);
}
END_TEST

static void add_quirk(struct capgap_function *fn, enum capgap_verb verb)
{
	fn->quirk[0] = (struct capgap_quirk){ .verb = verb, .off = 0x300 };
	fn->n_quirks = 1;
}

static void suspect(struct capgap_function *fn)
{
	add_quirk(fn, CAPGAP_VERB_SUSPECT);
}

static void prefer(struct capgap_function *fn)
{
	add_quirk(fn, CAPGAP_VERB_PREFER);
}

static void list_free(struct capgap_function *fn)
{
	claim(fn, 0x300, 16, CAPGAP_OWNER_LISTED);
}

static void declare_free(struct capgap_function *fn)
{
	claim(fn, 0x300, 16, CAPGAP_OWNER_DESCRIPTOR);
}

static void list_all_that_is_free(struct capgap_function *fn)
{
	fn->free_space.exhaustive = true;
}

/* The DVSEC at 0x200 is a gap descriptor that has nothing behind its header. */
static void declare_nothing_behind(struct capgap_function *fn)
{
	struct capgap_free_space *fs = &fn->free_space;

	fs->n_descriptors = 1;
	fs->descriptor[0] = (struct capgap_descriptor){
		.off = 0x200, .len = 12, .form = CAPGAP_FORM_GAP, .valid = true
	};
	fs->n_ranges = 1;
	fs->range[0] = (struct capgap_declared){ .off = 0x20c, .usable = true };
}

#define DVSEC_STEPS                                                                      \
	EXT(0x100, 0x0003, 1, 0x200), EXT(0x200, 0x0023, 1, 0), VENDOR_LENGTH(0x200, 12)

/* Those that quirks and descriptors speak of; their own suites know them better. */
static const struct row vouched[] = {
	{ "suspect", { .step = { DVSEC_STEPS } }, .change = suspect },
	{ "preferred", { .step = { DVSEC_STEPS } }, .change = prefer },
	{ "listed", { .step = { DVSEC_STEPS } }, .change = list_free },
	{ "declared", { .step = { DVSEC_STEPS } }, .change = declare_free },
	{ "not in the table",
	  { .step = { DVSEC_STEPS } },
	  .change = list_all_that_is_free },
	{ "replaced", { .step = { DVSEC_STEPS } }, .change = declare_nothing_behind },
};

static const struct row slots[] = {
	{ "the function's own capability",
	  { .step = { EXT(0x100, 0x0003, 1, 0x110), PASID(0x110, 0, 1) } },
	  .range = { { 0x10c, 4, R(SHORT) },
		     { 0x110, 8, R(SLOT) },
		     { 0x118, 0x5e8, R(OBSERVED) },
		     SOUND_BANDS } },
	{ "at 0x100",
	  { .step = { PASID(0x100, 0, 1) } },
	  .range = { { 0x100, 8, R(SLOT) },
		     { 0x108, 0x5f8, R(OBSERVED) },
		     SOUND_BANDS } },
	{ "in a hazard band",
	  { .step = { EXT(0x100, 0x0003, 1, 0x800), PASID(0x800, 0, 1) } },
	  .range = { { 0x10c, 0x5f4, R(OBSERVED) },
		     { 0x700, 0x100, R(BAND_CORE) },
		     { 0x800, 8, R(SLOT) },
		     { 0x808, 0x3f8, R(BAND_CORE) },
		     { 0xc00, 0x100, R(OBSERVED) },
		     { 0xd00, 0x300, R(BAND_TAIL) } } },
	{ "overlapped by the structure before it",
	  { .step = { EXT(0x100, 0x0010, 1, 0x120), PASID(0x120, 0, 1) } },
	  .range = { { 0x140, 0x5c0, R(OBSERVED) }, SOUND_BANDS } },
	{ "overlapped in its last dword only",
	  { .step = { EXT(0x100, 0x0003, 1, 0x120), PASID(0x120, 0x124, 1),
		      EXT(0x124, 0x000f, 1, 0) } },
	  .range = { { 0x10c, 0x14, R(OBSERVED) },
		     { 0x12c, 0x5d4, R(OBSERVED) },
		     SOUND_BANDS } },
	{ "in the first register of a structure whose end is a cautious figure",
	  { .step = { EXT(0x100, 0x0001, 2, 0x104), PASID(0x104, 0, 1) } },
	  .range = { { 0x12c, 0xed4, R(ATMOST) } } },
	{ "in the last one that such a structure has for certain",
	  { .step = { EXT(0x100, 0x0001, 2, 0x128), PASID(0x128, 0, 1) } },
	  .range = { { 0x130, 0xed0, R(ATMOST) } } },
	{ "behind what such a structure has for certain",
	  { .step = { EXT(0x100, 0x0001, 2, 0x12c), PASID(0x12c, 0, 1) } },
	  .range = { { 0x12c, 8, R(SLOT) },
		     { 0x134, 0x5cc, R(OBSERVED) },
		     SOUND_BANDS } },
	{ "in the registers of a virtual channel",
	  { .step = { EXT(0x100, 0x0002, 1, 0x108), PASID(0x108, 0, 1) } },
	  .range = { { 0x11c, 0xee4, R(ATMOST) } } },
};

START_TEST(places_have_a_slot_where_nothing_else_lives)
{
	check_row(&slots[_i]);
}
END_TEST

/*
 * DESIGN caps these at assumed: a damaged row (section 3), and id ffff at 0x100
 * (section 2). The slot is no exception.
 */
static const struct {
	const char *name;
	struct support_image image;
} capped[] = {
	{ "a lost row beside the slot",
	  { .step = { EXT(0x100, 0x0003, 1, 0x110), PASID(0x110, 0, 1),
		      DROP(0x200, 16) } } },
	{ "QEMU's stub before the slot",
	  { .step = { EXT(0x100, 0xffff, 0, 0x110), PASID(0x110, 0, 1) } } },
};

START_TEST(places_are_assumed_at_best)
{
	capgap_places_judge(&places, support_function(&capped[_i].image), 12, false);
	for (unsigned off = 0x100; off < 4096; off += 4)
		ck_assert_msg(capgap_places_at(&places, off)->grade <=
				      CAPGAP_GRADE_ASSUMED,
			      "%s: 0x%03x is %s", capped[_i].name, off,
			      capgap_grade_name(capgap_places_at(&places, off)->grade));
}
END_TEST

/* From elsewhere a PASID capability is no physical one: it is a structure like others. */
START_TEST(places_have_a_slot_on_the_host_only)
{
	struct capgap_record rec;

	support_record(&rec, &slots[0].image);
	for (int vantage = CAPGAP_VANTAGE_HOST; vantage <= CAPGAP_VANTAGE_GUEST;
	     vantage++) {
		capgap_places_judge(&places,
				    support_analyse(&rec, NULL,
						    (enum capgap_vantage)vantage),
				    12, false);
		ck_assert_int_eq(capgap_places_at(&places, 0x110)->reason,
				 vantage == CAPGAP_VANTAGE_HOST ? R(SLOT) : R(OWNED));
	}
}
END_TEST

/* Each dword that is left out of the list is still judged, and its structure named. */
START_TEST(places_name_the_structure_of_each_dword)
{
	const struct capgap_function *fn = judge(&bounds[3]);
	const struct capgap_place *place = capgap_places_at(&places, 0x108);

	ck_assert_int_eq(place->reason, R(OWNED));
	ck_assert_int_eq(place->grade, CAPGAP_GRADE_NONE);
	ck_assert_uint_eq(place->off, 0x108);
	ck_assert_uint_eq(place->len, 4);
	ck_assert_uint_eq(fn->chain.cap[place->cap].off, 0x100);
	place = capgap_places_at(&places, 0x200);
	ck_assert_uint_eq(fn->chain.cap[place->cap].off, 0x200);
	place = capgap_places_at(&places, 0xffc);
	ck_assert_uint_eq(place->off, 0xffc);
	ck_assert_uint_eq(place->cap, CAPGAP_NO_CAP);
	judge(&claims[2]);
	ck_assert_int_eq(capgap_places_at(&places, 0x200)->reason, R(HEADER));
}
END_TEST

/* Grades of DESIGN section 6; what is refused has none. */
static const struct {
	enum capgap_reason reason;
	enum capgap_grade grade;
} grades[] = {
	{ R(ABSENT), CAPGAP_GRADE_NONE },	{ R(HEADER), CAPGAP_GRADE_NONE },
	{ R(OWNED), CAPGAP_GRADE_NONE },	{ R(RESERVED), CAPGAP_GRADE_NONE },
	{ R(UNWALKED), CAPGAP_GRADE_NONE },	{ R(NONZERO), CAPGAP_GRADE_NONE },
	{ R(ORPHAN), CAPGAP_GRADE_NONE },	{ R(QUIRK), CAPGAP_GRADE_ASSUMED },
	{ R(LISTED), CAPGAP_GRADE_LISTED },	{ R(PREFERRED), CAPGAP_GRADE_LISTED },
	{ R(DECLARED), CAPGAP_GRADE_DECLARED }, { R(REPLACE), CAPGAP_GRADE_DECLARED },
	{ R(UNLISTED), CAPGAP_GRADE_ASSUMED },	{ R(SHORT), CAPGAP_GRADE_NONE },
	{ R(SLOT), CAPGAP_GRADE_SLOT },		{ R(PARTIAL), CAPGAP_GRADE_ASSUMED },
	{ R(BROKEN), CAPGAP_GRADE_ASSUMED },	{ R(SUSPECT), CAPGAP_GRADE_ASSUMED },
	{ R(SHADOW), CAPGAP_GRADE_ASSUMED },	{ R(ATMOST), CAPGAP_GRADE_ASSUMED },
	{ R(LIVE), CAPGAP_GRADE_ASSUMED },	{ R(BAND_CORE), CAPGAP_GRADE_ASSUMED },
	{ R(BAND_TAIL), CAPGAP_GRADE_ASSUMED }, { R(OBSERVED), CAPGAP_GRADE_OBSERVED },
};

/* Whether a row has a dword of this reason, which then must have this grade. */
static bool reaches(const struct row *row, enum capgap_reason reason,
		    enum capgap_grade grade)
{
	const struct capgap_place *place;
	bool reached = false;

	judge(row);
	for (unsigned off = 0x100; off < 4096; off += 4) {
		place = capgap_places_at(&places, off);
		if (place->reason != reason)
			continue;
		ck_assert_msg(place->grade == grade, "%s: 0x%03x is %s", row->name, off,
			      capgap_grade_name(place->grade));
		reached = true;
	}
	return reached;
}

START_TEST(places_reach_every_reason_with_its_grade)
{
	static const struct {
		const struct row *row;
		int n;
	} tables[] = {
		{ bounds, ROWS(bounds) },   { bands, ROWS(bands) },
		{ lengths, ROWS(lengths) }, { general, ROWS(general) },
		{ fills, ROWS(fills) },	    { claims, ROWS(claims) },
		{ slots, ROWS(slots) },	    { vouched, ROWS(vouched) },
	};
	bool reached = false;

	for (int t = 0; t < ROWS(tables); t++) {
		for (int i = 0; i < tables[t].n; i++)
			reached |= reaches(&tables[t].row[i], grades[_i].reason,
					   grades[_i].grade);
	}
	ck_assert_msg(reached, "%s", capgap_reason_text(grades[_i].reason));
}
END_TEST

START_TEST(places_have_a_grade_for_each_reason_of_the_table)
{
	/* Only a plan finds these: see check_plan.c and the next test. */
	bool listed = _i == R(UNLINKED) || _i == R(SHORT_RUN) || _i == R(GUARD);

	/* And these only a dump from the VFIO side gives: see check_vfio_view.c. */
	listed |= _i == R(VFIO) || _i == R(VIEW);
	/* And these only several samples of a function: see check_samples.c. */
	listed |= _i == R(CHANGING) || _i == R(UNSTEADY);

	for (int i = 0; i < ROWS(grades); i++)
		listed |= (int)grades[i].reason == _i;
	ck_assert(listed);
	ck_assert_uint_gt(strlen(capgap_reason_text((enum capgap_reason)_i)), 0);
}
END_TEST

/* What is too short to be offered is assumed where a caller asks about it. */
START_TEST(places_assume_a_short_run_that_is_asked_for)
{
	const struct capgap_place *place;

	capgap_places_judge(&places, support_function(&lengths[0].image), 12, true);
	place = capgap_places_at(&places, 0x10c);
	ck_assert_int_eq(place->reason, R(SHORT_RUN));
	ck_assert_int_eq(place->grade, CAPGAP_GRADE_ASSUMED);
	ck_assert_int_eq(capgap_places_at(&places, 0x11c)->reason, R(OBSERVED));
}
END_TEST

Suite *places_suite(void)
{
	Suite *suite = suite_create("places");
	TCase *ranges = tcase_create("ranges");
	TCase *reasons = tcase_create("reasons");

	tcase_add_loop_test(ranges, places_are_judged_by_what_bounds_them, 0,
			    ROWS(bounds));
	tcase_add_test(ranges, places_assume_a_short_run_that_is_asked_for);
	tcase_add_loop_test(ranges, places_in_hazard_bands_are_assumed, 0, ROWS(bands));
	tcase_add_loop_test(ranges, places_are_as_long_as_asked_for, 0, ROWS(lengths));
	tcase_add_loop_test(ranges, places_are_capped_by_what_holds_for_the_function, 0,
			    ROWS(general));
	tcase_add_loop_test(ranges, places_hold_zero_or_everywhere_ff, 0, ROWS(fills));
	tcase_add_loop_test(ranges, places_end_at_what_others_claim, 0, ROWS(claims));
	tcase_add_loop_test(ranges, places_have_a_slot_where_nothing_else_lives, 0,
			    ROWS(slots));
	tcase_add_test(ranges, places_have_a_slot_on_the_host_only);
	tcase_add_loop_test(ranges, places_are_assumed_at_best, 0, ROWS(capped));
	suite_add_tcase(suite, ranges);
	tcase_add_test(reasons, places_name_the_structure_of_each_dword);
	tcase_add_loop_test(reasons, places_reach_every_reason_with_its_grade, 0,
			    ROWS(grades));
	tcase_add_loop_test(reasons, places_have_a_grade_for_each_reason_of_the_table, 0,
			    CAPGAP_REASON_COUNT);
	suite_add_tcase(suite, reasons);
	return suite;
}
