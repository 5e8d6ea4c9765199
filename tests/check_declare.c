/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Free-space descriptors made: what is chosen, what is refused, and that it holds. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../analyzer/bytes.h"
#include "../placement/declare.h"
#include "../placement/plan.h"
#include "check_dvsec.h"
#include "suites.h"
#include "support.h"

#define FORM(form) CAPGAP_FORM_##form
#define MADE_MAX 6u
#define WANT_MAX 4u

/* What all tests work on; the table has the pair, and what a case adds. */
static struct capgap_quirks *quirks;
static struct capgap_options opt;
static struct capgap_record rec;
static struct capgap_function fn;
static struct capgap_function again;
static struct capgap_declaration decl;
static struct capgap_declare want;

static void setup(void)
{
	quirks = capgap_quirks_new();
	ck_assert_ptr_nonnull(quirks);
	ck_assert_int_eq(capgap_quirks_add_descriptor(quirks, VENDOR, ID, FORM(CONTROL)),
			 0);
	opt = (struct capgap_options){ .min_gap = CAPGAP_MIN_GAP, .quirks = quirks };
	memset(&want, 0, sizeof(want));
	want.vendor = VENDOR;
	want.id = ID;
}

static void teardown(void)
{
	capgap_quirks_free(quirks);
}

/* Make what is wanted of the record, and verify it. */
static int make(void)
{
	int rc;

	capgap_function_analyse(&fn, &rec, NULL, &opt);
	memset(&decl, 0x5a, sizeof(decl));
	rc = capgap_declare_make(&decl, &fn, &want);
	return rc ? rc : capgap_declare_verify(&decl, &fn, &opt, &again);
}

/**
 * struct asked - a function, what is asked for, and what is made
 * @name: for messages
 * @image: the function
 * @form: gap or table
 * @at: offset asked for; 0 for none
 * @nothing: a table without entries is asked for
 * @want: ranges asked for; the first of length 0 ends the list
 * @made: the descriptors, offset and Length; the first of length 0 ends the list
 * @range: what they declare, likewise
 * @edit: pointers that change; the first at offset 0 ends the list
 * @left: what is left out; likewise
 */
struct asked {
	const char *name;
	struct support_image image;
	enum capgap_form form;
	uint16_t at;
	bool nothing;
	struct capgap_range want[WANT_MAX];
	struct capgap_range made[MADE_MAX];
	struct capgap_range range[MADE_MAX];
	struct capgap_edit edit[MADE_MAX];
	struct capgap_left left[MADE_MAX];
};

static void set_want(const struct asked *row)
{
	want.form = row->form;
	want.has_at = row->at != 0;
	want.at = row->at;
	while (want.n_ranges < WANT_MAX && row->want[want.n_ranges].len) {
		want.range[want.n_ranges] = row->want[want.n_ranges];
		want.n_ranges++;
	}
	want.chosen = row->nothing || want.n_ranges;
}

static void same_range(const char *name, const char *what, const struct capgap_range *is,
		       const struct capgap_range *should)
{
	ck_assert_msg(is->off == should->off && is->len == should->len,
		      "%s: %s 0x%03x:0x%x, not 0x%03x:0x%x", name, what, is->off, is->len,
		      should->off, should->len);
}

static void check_made(const struct asked *row)
{
	struct capgap_range range;
	unsigned n = 0;

	for (; n < MADE_MAX && row->made[n].len; n++) {
		ck_assert_msg(n < decl.n_made, "%s: %u made", row->name, decl.n_made);
		range = (struct capgap_range){ decl.made[n].off, decl.made[n].len };
		same_range(row->name, "made", &range, &row->made[n]);
	}
	ck_assert_msg(n == decl.n_made, "%s: %u made", row->name, decl.n_made);
	for (n = 0; n < MADE_MAX && row->range[n].len; n++) {
		ck_assert_msg(n < decl.n_ranges, "%s: %u ranges", row->name,
			      decl.n_ranges);
		same_range(row->name, "range", &decl.range[n], &row->range[n]);
	}
	ck_assert_msg(n == decl.n_ranges, "%s: %u ranges", row->name, decl.n_ranges);
}

static void check_rest(const struct asked *row)
{
	unsigned n = 0;

	for (; n < MADE_MAX && row->edit[n].off; n++) {
		ck_assert_msg(n < decl.n_edits, "%s: %u edits", row->name, decl.n_edits);
		ck_assert_msg(decl.edit[n].off == row->edit[n].off &&
				      decl.edit[n].before == row->edit[n].before &&
				      decl.edit[n].after == row->edit[n].after,
			      "%s: edit 0x%03x: %08x -> %08x", row->name,
			      decl.edit[n].off, decl.edit[n].before, decl.edit[n].after);
	}
	ck_assert_msg(n == decl.n_edits, "%s: %u edits", row->name, decl.n_edits);
	for (n = 0; n < MADE_MAX && row->left[n].range.len; n++) {
		ck_assert_msg(n < decl.n_left, "%s: %u left", row->name, decl.n_left);
		same_range(row->name, "left", &decl.left[n].range, &row->left[n].range);
		ck_assert_msg(decl.left[n].why == row->left[n].why, "%s: left 0x%03x: %s",
			      row->name, decl.left[n].range.off,
			      capgap_left_text(decl.left[n].why));
	}
	ck_assert_msg(n == decl.n_left, "%s: %u left", row->name, decl.n_left);
}

/* ATS at 0x100, then free to 0x200, where LTR stands, then free to the end. */
#define TWO ATS(0x100, 0x200), LTR(0x200, 0)
/* The same, and everything behind LTR in use. */
#define TWO_FULL TWO, FILL(0x208, 0xdf8, 0x11)
#define LEFT(off, len, why)                                                              \
	{                                                                                \
		{ (off), (len) }, CAPGAP_LEFT_##why                                      \
	}

static const struct asked rows[] = {
	{ .name = "a gap form in each gap",
	  .image = { .step = { TWO } },
	  .form = FORM(GAP),
	  .made = { { 0x108, 0xf8 }, { 0x208, 0xdf8 } },
	  .range = { { 0x114, 0xec }, { 0x214, 0xdec } },
	  .edit = { { 0x100, 0x2001000f, 0x1081000f },
		    { 0x200, 0x00010018, 0x20810018 } } },
	{ .name = "the list begins with a descriptor where it was empty",
	  .image = { .base = BASE_ENDPOINT },
	  .form = FORM(GAP),
	  .made = { { 0x100, 0xf00 } },
	  .range = { { 0x10c, 0xef4 } } },
	{ .name = "the table begins a list that was empty",
	  .image = { .base = BASE_ENDPOINT },
	  .form = FORM(TABLE),
	  .made = { { 0x100, 0x10 } },
	  .range = { { 0x110, 0xef0 } } },
	{ .name = "behind a null header",
	  .image = { .step = { EXT(0x100, 0, 0, 0x200), ATS(0x200, 0) } },
	  .form = FORM(GAP),
	  .made = { { 0x104, 0xfc }, { 0x208, 0xdf8 } },
	  .range = { { 0x110, 0xf0 }, { 0x214, 0xdec } },
	  .edit = { { 0x100, 0x20000000, 0x10400000 },
		    { 0x200, 0x0001000f, 0x2081000f } } },
	{ .name = "what is not zero is left out and parts the gap",
	  .image = { .step = { TWO_FULL, PUT8(0x140, 1), PUT8(0x14f, 1) } },
	  .form = FORM(GAP),
	  .made = { { 0x108, 0x38 }, { 0x150, 0xb0 } },
	  .range = { { 0x114, 0x2c }, { 0x15c, 0xa4 } },
	  .edit = { { 0x100, 0x2001000f, 0x1081000f } },
	  .left = { LEFT(0x140, 4, NONZERO), LEFT(0x144, 8, SHORT),
		    LEFT(0x14c, 4, NONZERO), LEFT(0x208, 0xdf8, NONZERO) } },
	{ .name = "the same for a table, whose ranges may have 8 bytes",
	  .image = { .step = { TWO_FULL, PUT8(0x140, 1), PUT8(0x14f, 1) } },
	  .form = FORM(TABLE),
	  .made = { { 0x108, 0x18 } },
	  .range = { { 0x120, 0x20 }, { 0x144, 8 }, { 0x150, 0xb0 } },
	  .edit = { { 0x100, 0x2001000f, 0x1081000f } },
	  .left = { LEFT(0x140, 4, NONZERO), LEFT(0x14c, 4, NONZERO),
		    LEFT(0x208, 0xdf8, NONZERO) } },
	{ .name = "gaps of 12 and of 16 bytes",
	  .image = { .step = { ATS(0x100, 0x114), ATS(0x114, 0x12c), LTR(0x12c, 0),
			       FILL(0x134, 0xecc, 0x11) } },
	  .form = FORM(GAP),
	  .made = { { 0x108, 12 }, { 0x11c, 16 } },
	  .range = { { 0x128, 4 } },
	  .edit = { { 0x100, 0x1141000f, 0x1081000f },
		    { 0x114, 0x12c1000f, 0x11c1000f } },
	  .left = { LEFT(0x134, 0xecc, NONZERO) } },
	{ .name = "a table where each size would miss by an entry: 8 bytes are not listed",
	  .image = { .step = { ATS(0x100, 0x120), LTR(0x120, 0x130), ATS(0x130, 0),
			       FILL(0x138, 0xec8, 0x11) } },
	  .form = FORM(TABLE),
	  .made = { { 0x108, 0x10 } },
	  .range = { { 0x128, 8 } },
	  .edit = { { 0x100, 0x1201000f, 0x1081000f } },
	  .left = { LEFT(0x118, 8, SHORT), LEFT(0x138, 0xec8, NONZERO) } },
	{ .name = "a table in the second gap, where the first has no room",
	  .image = { .step = { ATS(0x100, 0x110), LTR(0x110, 0) } },
	  .form = FORM(TABLE),
	  .made = { { 0x118, 0x14 } },
	  .range = { { 0x108, 8 }, { 0x12c, 0xed4 } },
	  .edit = { { 0x110, 0x00010018, 0x11810018 } } },
	{ .name = "a table in the middle of a gap",
	  .image = { .step = { TWO_FULL } },
	  .form = FORM(TABLE),
	  .at = 0x180,
	  .made = { { 0x180, 0x14 } },
	  .range = { { 0x108, 0x78 }, { 0x194, 0x6c } },
	  .edit = { { 0x100, 0x2001000f, 0x1801000f } },
	  .left = { LEFT(0x208, 0xdf8, NONZERO) } },
	{ .name = "one gap form in the middle of a gap",
	  .image = { .step = { TWO } },
	  .form = FORM(GAP),
	  .at = 0x180,
	  .made = { { 0x180, 0x80 } },
	  .range = { { 0x18c, 0x74 } },
	  .edit = { { 0x100, 0x2001000f, 0x1801000f } },
	  .left = { LEFT(0x108, 0x78, UNASKED), LEFT(0x208, 0xdf8, UNASKED) } },
	{ .name = "chosen spans, whatever they hold and in any order",
	  .image = { .step = { TWO_FULL } },
	  .form = FORM(GAP),
	  .want = { { 0x300, 0x20 }, { 0x110, 0x10 } },
	  .made = { { 0x110, 0x10 }, { 0x300, 0x20 } },
	  .range = { { 0x11c, 4 }, { 0x30c, 0x14 } },
	  .edit = { { 0x100, 0x2001000f, 0x1101000f },
		    { 0x200, 0x00010018, 0x30010018 } },
	  .left = { LEFT(0x108, 8, SHORT), LEFT(0x120, 0xe0, UNASKED),
		    LEFT(0x208, 0xf8, NONZERO), LEFT(0x320, 0xce0, NONZERO) } },
	{ .name = "a chosen range that a structure of unknown length may reach",
	  .image = { .step = { EXT(0x100, 0x0fff, 1, 0x200), LTR(0x200, 0),
			       FILL(0x208, 0xdf8, 0x11) } },
	  .form = FORM(GAP),
	  .want = { { 0x180, 0x20 } },
	  .made = { { 0x180, 0x20 } },
	  .range = { { 0x18c, 0x14 } },
	  .edit = { { 0x100, 0x20010fff, 0x18010fff } },
	  .left = { LEFT(0x208, 0xdf8, NONZERO) } },
	{ .name = "a table of chosen ranges, one below 0x100, around one of them",
	  .image = { .step = { TWO_FULL } },
	  .form = FORM(TABLE),
	  .want = { { 0x400, 0x40 }, { 0x108, 0x10 }, { 0x80, 0x40 } },
	  .made = { { 0x118, 0x18 } },
	  .range = { { 0x80, 0x40 }, { 0x108, 0x10 }, { 0x400, 0x40 } },
	  .edit = { { 0x100, 0x2001000f, 0x1181000f } },
	  .left = { LEFT(0x130, 0xd0, UNASKED), LEFT(0x208, 0x1f8, NONZERO),
		    LEFT(0x440, 0xbc0, NONZERO) } },
	{ .name = "a table that declares nothing free",
	  .image = { .step = { TWO_FULL } },
	  .form = FORM(TABLE),
	  .nothing = true,
	  .made = { { 0x108, 12 } },
	  .edit = { { 0x100, 0x2001000f, 0x1081000f } },
	  .left = { LEFT(0x114, 0xec, UNASKED), LEFT(0x208, 0xdf8, NONZERO) } },
	{ .name = "beside descriptors that there are",
	  .image = { .step = { ATS(0x100, 0x200), GAP(0x200, 0x300, 0x40), LTR(0x300, 0),
			       FILL(0x308, 0xcf8, 0x11) } },
	  .form = FORM(GAP),
	  .made = { { 0x108, 0xf8 }, { 0x240, 0xc0 } },
	  .range = { { 0x114, 0xec }, { 0x24c, 0xb4 } },
	  .edit = { { 0x100, 0x2001000f, 0x1081000f },
		    { 0x200, 0x30010023, 0x24010023 } },
	  .left = { LEFT(0x20c, 0x34, DECLARED), LEFT(0x308, 0xcf8, NONZERO) } },
	{ .name = "a list that does not ascend",
	  .image = { .step = { ATS(0x100, 0x400), LTR(0x200, 0), ATS(0x400, 0x200),
			       FILL(0x108, 0xf8, 0x11), FILL(0x408, 0xbf8, 0x11) } },
	  .form = FORM(GAP),
	  .made = { { 0x208, 0x1f8 } },
	  .range = { { 0x214, 0x1ec } },
	  .edit = { { 0x100, 0x4001000f, 0x2081000f } },
	  .left = { LEFT(0x108, 0xf8, NONZERO), LEFT(0x408, 0xbf8, NONZERO) } },
};

START_TEST(declare_makes)
{
	const struct asked *row = &rows[_i];

	support_record(&rec, &row->image);
	set_want(row);
	ck_assert_msg(make() == 0, "%s: %s", row->name, decl.refusal);
	ck_assert_msg(!decl.refusal[0], "%s", row->name);
	check_made(row);
	check_rest(row);
}
END_TEST

/**
 * struct refused - a function, what is asked for, and why it cannot be done
 * @row: the function and what is asked for
 * @why: words of the refusal
 */
struct refused {
	struct asked row;
	const char *why;
};

#define GAPS(...)                                                                        \
	{                                                                                \
		.form = FORM(GAP), .image = {.step = { __VA_ARGS__ } }                   \
	}
#define GAPS_AT(offset, ...)                                                             \
	{                                                                                \
		.form = FORM(GAP), .at = (offset), .image = {.step = { __VA_ARGS__ } }   \
	}
#define TABLES_AT(offset, ...)                                                           \
	{                                                                                \
		.form = FORM(TABLE), .at = (offset), .image = {.step = { __VA_ARGS__ } } \
	}
#define GAPS_OVER(offset, bytes, ...)                                                    \
	{                                                                                \
		.form = FORM(GAP), .want = { { (offset), (bytes) } }, .image = {         \
			.step = { __VA_ARGS__ }                                          \
		}                                                                        \
	}
#define TABLE_OF(offset, bytes, ...)                                                     \
	{                                                                                \
		.form = FORM(TABLE), .want = { { (offset), (bytes) } }, .image = {       \
			.step = { __VA_ARGS__ }                                          \
		}                                                                        \
	}
/* A DVSEC of another vendor, that states 16 bytes. */
#define OTHER_DVSEC(off, next) EXT(off, 0x0023, 1, next), VENDOR_LENGTH(off, 16)

static const struct refused refused[] = {
	{ GAPS(TWO, PUT8(0x0e, 1)), "a bridge" },
	{ { .form = FORM(GAP), .image = { .base = BASE_CONVENTIONAL } },
	  "not a PCI Express function" },
	{ { .form = FORM(GAP), .image = { .size = 256, .step = { TWO } } },
	  "ends before 4096" },
	{ GAPS(TWO, DROP(0x800, 4)), "0x800-0x803 were not read" },
	{ GAPS(EXT(0x100, 0x000f, 1, 0x100)), "[ext-list-loops]" },
	{ GAPS(ATS(0x100, 0x200), PUT32(0x200, 0xffffffff)), "[ext-header-ones]" },
	{ GAPS(ATS(0x100, 0x80)), "[ext-pointer-below-100]" },
	{ GAPS(EXT(0x100, 0xffff, 1, 0)), "[ext-id-ffff]" },
	{ GAPS(TWO, CONV(0x40, 0x10, 0x80), PUT8(0x80, 0xff)), "list is broken" },
	{ GAPS(ATS(0x100, 0), FILL(0x108, 0xef8, 0x11)), "no gap that reads zero" },
	{ { .form = FORM(TABLE),
	    .image = { .step = { ATS(0x100, 0), FILL(0x108, 0xef8, 0x11) } } },
	  "no gap that reads zero has room for the table" },
	{ { .form = FORM(TABLE),
	    .image = { .step = { ATS(0x100, 0x114), LTR(0x114, 0),
				 FILL(0x11c, 0xee4, 0x11) } } },
	  "something to list beside it" },
	/* The pair is in use for something else. */
	{ GAPS(ATS(0x100, 0x200), DVSEC(0x200, 1, 0, 1, 0x20, 0x1234)),
	  "the DVSEC at 0x200 has the ids 7e57:0042 already" },
	/* An empty list begins at 0x100. */
	{ { .form = FORM(GAP), .at = 0x200, .image = { .base = BASE_ENDPOINT } },
	  "only a descriptor at 0x100 can begin it" },
	{ GAPS(PUT32(0x104, 1)), "only a descriptor at 0x100 can begin it" },
	{ { .form = FORM(TABLE), .at = 0x200, .image = { .base = BASE_ENDPOINT } },
	  "only a descriptor at 0x100 can begin it" },
	/* --at */
	{ GAPS_AT(0x182, TWO), "0x182 is no place" },
	{ GAPS_AT(0x80, TWO), "0x080 is no place" },
	{ GAPS_AT(0x200, TWO), "0x200 belongs to LTR at 0x200" },
	{ GAPS_AT(0x204, TWO), "0x204 belongs to LTR at 0x200" },
	{ GAPS_AT(0x1f8, TWO), "the gap at 0x1f8 is too short" },
	{ GAPS_AT(0x180, TWO, PUT8(0x183, 1)), "0x180 holds something" },
	{ GAPS_AT(0x220, ATS(0x100, 0x200), GAP(0x200, 0, 0x40)),
	  "0x220 is declared free already" },
	{ TABLES_AT(0x1f8, TWO), "the table does not fit at 0x1f8" },
	{ TABLES_AT(0x102, TWO), "0x102 is no place" },
	{ TABLES_AT(0x104, TWO), "0x104 belongs to ATS at 0x100" },
	/* --range, gap form */
	{ GAPS_OVER(0x181, 0x20, TWO), "misaligned" },
	{ GAPS_OVER(0x180, 0x21, TWO), "misaligned" },
	{ GAPS_OVER(0x180, 8, TWO), "a descriptor has 12" },
	{ GAPS_OVER(0x80, 0x20, TWO), "0x080 is too low" },
	{ GAPS_OVER(0xff0, 0x20, TWO), "leaves the space, which ends at 0x1000" },
	{ GAPS_OVER(0x1f0, 0x20, TWO), "0x200 belongs to LTR at 0x200" },
	{ GAPS_OVER(0x120, 0x20, ATS(0x100, 0x130), PASID(0x130, 0, 0)),
	  "0x130 belongs to PASID at 0x130" },
	{ GAPS_OVER(0x230, 0x20, ATS(0x100, 0x200), GAP(0x200, 0, 0x40)),
	  "0x230 is declared free already, by the descriptor at 0x200" },
	{ GAPS_OVER(0x300, 0x20, TWO, EXT(0x310, 0x0018, 1, 0x200)),
	  "0x310 belongs to a structure that no pointer reaches" },
	{ GAPS_OVER(0x2f0, 0x20, ATS(0x100, 0x300)), "0x300 is where a list ends" },
	{ { .form = FORM(GAP),
	    .image = { .step = { TWO } },
	    .want = { { 0x180, 0x20 }, { 0x300, 0x20 }, { 0x190, 0x20 } } },
	  "0x180:0x20 and 0x190:0x20 overlap" },
	/* --range, table */
	{ TABLE_OF(0x182, 0x20, TWO), "misaligned" },
	{ TABLE_OF(0x180, 4, TWO), "an entry has 8 bytes" },
	{ TABLE_OF(0x20, 0x20, TWO), "0x020 is too low" },
	{ TABLE_OF(0xf0, 0x20, TWO), "leaves the space, which ends at 0x100" },
	{ TABLE_OF(0x50, 0x20, TWO), "0x050 belongs to EXP at 0x040" },
	{ TABLE_OF(0x108, 0xf8, TWO_FULL), "no gap that reads zero has room" },
	/* Found only when the result is read again. */
	{ GAPS_OVER(0x180, 0x40, TWO, EXT(0x1a0, 0x0018, 1, 0x180)),
	  "[descriptor-over-orphan]" },
};

START_TEST(declare_refuses)
{
	const struct refused *row = &refused[_i];

	support_record(&rec, &row->row.image);
	set_want(&row->row);
	ck_assert_msg(make() == -CAPGAP_E_NOPLACE, "row %d (%s): made", _i, row->why);
	ck_assert_msg(strstr(decl.refusal, row->why) != NULL, "row %d: '%s' lacks '%s'",
		      _i, decl.refusal, row->why);
}
END_TEST

/* The bytes themselves are those of the document's example 12.1. */
START_TEST(declare_makes_the_example)
{
	static const struct support_image image = { .step = { ATS(0x100, 0x180),
							      LTR(0x180, 0) } };
	static const uint32_t dword[] = { 0x18010023, 0x04017e57, 0xf5010042 };
	uint32_t val;

	support_record(&rec, &image);
	want.form = FORM(GAP);
	want.has_at = true;
	want.at = 0x140;
	ck_assert_int_eq(make(), 0);
	for (unsigned i = 0; i < 3; i++) {
		ck_assert(capgap_get32(&decl.image, 0x140 + 4 * i, &val));
		ck_assert_uint_eq(val, dword[i]);
	}
	ck_assert_uint_eq(capgap_declare_place(&decl, &decl.made[0], 0), 0x178);
	ck_assert_uint_eq(capgap_declare_place(&decl, &decl.made[0], 1), 0);
}
END_TEST

/* What is spoilt behind the back of the maker, and words of what is said then. */
static const struct {
	struct support_step step;
	const char *why;
} spoilt[] = {
	{ PUT32(0x108, 0), "the descriptor at 0x108 would not be recognised" },
	{ PUT32(0x10c, 0), "the descriptor at 0x108 would not be recognised" },
	{ EXT(0x108, 0x0023, 1, 0x208), "the capability at 0x200 would be lost" },
	{ EXT(0x200, 0x000f, 1, 0x208), "the capability at 0x200 would change" },
	{ EXT(0x200, 0x0018, 1, 0x208), NULL },
	{ EXT(0x208, 0x0023, 1, 0x180), "[descriptor-over-structure]" },
};

START_TEST(declare_verify_finds_what_is_spoilt)
{
	static const struct support_image image = { .step = { TWO } };
	struct capgap_record copy;

	support_record(&rec, &image);
	want.form = FORM(GAP);
	ck_assert_int_eq(make(), 0);
	copy.image = decl.image;
	support_step(&copy, &spoilt[_i].step);
	decl.image = copy.image;
	if (!spoilt[_i].why) {
		ck_assert_int_eq(capgap_declare_verify(&decl, &fn, &opt, &again), 0);
		return;
	}
	ck_assert_int_eq(capgap_declare_verify(&decl, &fn, &opt, &again),
			 -CAPGAP_E_NOPLACE);
	ck_assert_msg(strstr(decl.refusal, spoilt[_i].why) != NULL, "%s", decl.refusal);
}
END_TEST

/* Add a row for every function, which says @verb. */
static void load_quirk(const char *verb)
{
	char path[] = "/tmp/check_declare.XXXXXX";
	int fd = mkstemp(path);
	FILE *file = fdopen(fd, "w");

	ck_assert_ptr_nonnull(file);
	fprintf(file,
		"<quirks xmlns='urn:capgap:quirks:1'><quirk id='q' source='s'>"
		"<match vendor='*'/><%s>because</%s></quirk></quirks>",
		verb, verb);
	ck_assert_int_eq(fclose(file), 0);
	ck_assert_int_eq(capgap_quirks_load_file(quirks, path, "quirks.d/quirks.rng",
						 NULL),
			 1);
	unlink(path);
}

/* What only the planner knows. */
static const struct {
	const char *verb;
	const char *why;
} doubts[] = { { "suspect", "a quirk doubts" }, { "refuse", "because" } };

START_TEST(declare_refuses_what_the_planner_does_not_use)
{
	static const struct support_image image = { .step = { TWO } };

	load_quirk(doubts[_i].verb);
	support_record(&rec, &image);
	want.form = FORM(GAP);
	ck_assert_int_eq(make(), -CAPGAP_E_NOPLACE);
	ck_assert_msg(strstr(decl.refusal, doubts[_i].why) != NULL, "%s", decl.refusal);
}
END_TEST

/* A listing that says something else of the pair than the control word. */
START_TEST(declare_refuses_a_pair_that_is_listed_as_another_form)
{
	static const struct support_image image = { .step = { TWO } };

	ck_assert_int_eq(capgap_quirks_add_descriptor(quirks, VENDOR, ID, FORM(TABLE)),
			 0);
	support_record(&rec, &image);
	want.form = FORM(GAP);
	ck_assert_int_eq(make(), -CAPGAP_E_NOPLACE);
	ck_assert_ptr_nonnull(strstr(decl.refusal, "would not be recognised"));
	want.form = FORM(TABLE);
	ck_assert_int_eq(make(), 0);
}
END_TEST

static bool is_noted(const char *words)
{
	const char *note;

	for (unsigned i = 0; (note = capgap_declare_note(&decl, &fn, i)); i++) {
		if (strstr(note, words))
			return true;
	}
	return false;
}

/* Words of each note, and a function that calls for it and for no other. */
static const struct {
	struct asked row;
	enum capgap_vantage vantage;
	const char *words;
} notes[] = {
	{ GAPS(TWO), CAPGAP_VANTAGE_HOST, NULL },
	{ GAPS(SRIOV(0x100, 0, 0, 0, 1, 1, 0x1022)), CAPGAP_VANTAGE_HOST,
	  "a physical function" },
	{ { .form = FORM(GAP), .image = { .base = BASE_VF, .step = { TWO } } },
	  CAPGAP_VANTAGE_HOST,
	  "all virtual functions" },
	{ GAPS(ATS(0x100, 0x200), PASID(0x200, 0, 0)), CAPGAP_VANTAGE_GUEST,
	  "has its PASID capability already" },
	{ GAPS_OVER(0x180, 0x20, TWO, PUT8(0x190, 1)), CAPGAP_VANTAGE_HOST,
	  "hold something" },
	{ GAPS_OVER(0x180, 16, TWO), CAPGAP_VANTAGE_HOST, "can only be replaced" },
	{ TABLE_OF(0x80, 16, TWO), CAPGAP_VANTAGE_HOST, "is no place for PASID" },
	{ { .form = FORM(TABLE), .nothing = true, .image = { .step = { TWO } } },
	  CAPGAP_VANTAGE_HOST,
	  "nothing is free" },
};

START_TEST(declare_notes)
{
	support_record(&rec, &notes[_i].row.image);
	set_want(&notes[_i].row);
	opt.vantage = notes[_i].vantage;
	ck_assert_msg(make() == 0, "%s", decl.refusal);
	for (int i = 1; i < ROWS(notes); i++)
		ck_assert_msg(is_noted(notes[i].words) == (i == _i), "%s",
			      notes[i].words);
	ck_assert_ptr_eq(capgap_declare_note(&decl, &fn, _i != 0), NULL);
}
END_TEST

Suite *declare_suite(void)
{
	Suite *suite = suite_create("declare");
	TCase *tc = tcase_create("made");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, declare_makes, 0, ROWS(rows));
	tcase_add_loop_test(tc, declare_refuses, 0, ROWS(refused));
	tcase_add_test(tc, declare_makes_the_example);
	tcase_add_loop_test(tc, declare_verify_finds_what_is_spoilt, 0, ROWS(spoilt));
	tcase_add_loop_test(tc, declare_refuses_what_the_planner_does_not_use, 0,
			    ROWS(doubts));
	tcase_add_test(tc, declare_refuses_a_pair_that_is_listed_as_another_form);
	tcase_add_loop_test(tc, declare_notes, 0, ROWS(notes));
	suite_add_tcase(suite, tc);
	return suite;
}
