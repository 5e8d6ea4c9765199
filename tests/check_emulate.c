/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Guests' images: what is in them, and that a wrong one is refused by name. */
#include "../placement/emulate.h"

#include <string.h>

#include "../analyzer/bytes.h"
#include "suites.h"
#include "support.h"

#define WHY(why) CAPGAP_EMULATE_##why
#define HOST CAPGAP_VANTAGE_HOST
#define GUEST CAPGAP_VANTAGE_GUEST

#define DSN(off, next) EXT(off, 0x0003, 1, next)  /* 12 bytes */
#define ATS(off, next) EXT(off, 0x000f, 1, next)  /* 8 bytes */
#define LNR(off, next) EXT(off, 0x001c, 1, next)  /* 8 bytes; vfio-pci hides it */
#define AER2(off, next) EXT(off, 0x0001, 2, next) /* at most 0x48 bytes */
#define PASID_HEADER(next) EXT_DWORD(0x001b, 1, next)
/* One gap, 0x114-0xfff; its middle is where the capability goes. */
#define TWO_CAPS DSN(0x100, 0x10c), ATS(0x10c, 0)
#define PLACE 0x408u

#define DWORDS_MAX 5

struct dword {
	uint16_t off;
	uint32_t val;
};

static struct capgap_function *fn;
static struct capgap_pasid pasid;
static struct capgap_plan plan;
static struct capgap_policy policy;
static struct capgap_emulation em;
static const struct capgap_options opt = { .min_gap = CAPGAP_MIN_GAP };

/* Plan for an image; 0, or what the answer was refused with. */
static int make_plan(const struct support_image *image, enum capgap_vantage vantage,
		     unsigned width)
{
	struct capgap_record rec;
	int rc;

	support_record(&rec, image);
	fn = support_analyse(&rec, NULL, vantage);
	capgap_query_config(&pasid, fn);
	memset(&em, 0x5a, sizeof(em));
	rc = capgap_emulate_answer(&em, &pasid, width);
	policy.min_gap = CAPGAP_MIN_GAP;
	capgap_plan_make(&plan, fn, &pasid, &policy);
	return rc;
}

/**
 * struct row - a function, and what its guest reads
 * @name: for messages
 * @image: the function
 * @vantage: where it was seen
 * @width: what is asked for
 * @policy: what is planned; the grade is at least assumed
 * @link: how it is linked
 * @want: dwords of the guest's image; the first of all zeros ends them
 */
struct row {
	const char *name;
	struct support_image image;
	enum capgap_vantage vantage;
	unsigned width;
	struct capgap_policy policy;
	enum capgap_link link;
	struct dword want[DWORDS_MAX];
};

static const struct row rows[] = {
	{ "the slot, with nothing enabled",
	  { .step = { DSN(0x100, 0x10c), PASID(0x10c, 0x114, 5), ATS(0x114, 0) } },
	  HOST,
	  0,
	  { 0 },
	  CAPGAP_LINK_INSERT,
	  { { 0x100, EXT_DWORD(3, 1, 0x10c) },
	    { 0x10c, PASID_HEADER(0x114) },
	    { 0x110, 0x1404 } } },
	{ "fewer bits than the device has",
	  { .step = { DSN(0x100, 0x10c), PASID(0x10c, 0x114, 5), ATS(0x114, 0) } },
	  HOST,
	  8,
	  { 0 },
	  CAPGAP_LINK_INSERT,
	  { { 0x10c, PASID_HEADER(0x114) }, { 0x110, 0x0804 } } },
	{ "bits of a device that has none: no permission is shown",
	  { .step = { TWO_CAPS } },
	  HOST,
	  20,
	  { 0 },
	  CAPGAP_LINK_INSERT,
	  { { 0x10c, EXT_DWORD(0xf, 1, PLACE) },
	    { PLACE, PASID_HEADER(0) },
	    { PLACE + 4, 0x1400 } } },
	{ "a head, where the list is empty",
	  { .size = 0 },
	  HOST,
	  1,
	  { .vmm = CAPGAP_VMM_QEMU_11_1 },
	  CAPGAP_LINK_HEAD,
	  { { 0x100, PASID_HEADER(0) }, { 0x104, 0x0100 } } },
	{ "a null header, which is a finding of its own",
	  { .size = 0 },
	  HOST,
	  1,
	  { .vmm = CAPGAP_VMM_GENERIC },
	  CAPGAP_LINK_NULL_HEAD,
	  { { 0x100, EXT_DWORD(0, 0, 0x400) }, { 0x400, PASID_HEADER(0) } } },
	{ "what vfio-pci hid looks like an orphan, and is none",
	  { .step = { DSN(0x100, 0x10c), LNR(0x10c, 0x114), PASID(0x114, 0x11c, 1),
		      ATS(0x11c, 0) } },
	  HOST,
	  0,
	  { 0 },
	  CAPGAP_LINK_INSERT,
	  { { 0x100, EXT_DWORD(3, 1, 0x114) },
	    { 0x10c, EXT_DWORD(0x1c, 1, 0x114) },
	    { 0x114, PASID_HEADER(0x11c) } } },
	{ "low bits of a pointer go with it",
	  { .step = { DSN(0x100, 0x401), ATS(0x400, 0) } },
	  HOST,
	  4,
	  { .has_offset = true, .offset = 0x200 },
	  CAPGAP_LINK_INSERT,
	  { { 0x100, EXT_DWORD(3, 1, 0x200) }, { 0x200, PASID_HEADER(0x401) } } },
	{ "a slot in what a cautious figure would give to another",
	  { .step = { AER2(0x100, 0x12c), PASID(0x12c, 0x134, 1), DSN(0x134, 0) } },
	  HOST,
	  0,
	  { 0 },
	  CAPGAP_LINK_INSERT,
	  { { 0x100, EXT_DWORD(1, 2, 0x12c) }, { 0x12c, PASID_HEADER(0x134) } } },
	{ "there already: nothing changes",
	  { .step = { DSN(0x100, 0x10c), PASID(0x10c, 0, 5) } },
	  GUEST,
	  0,
	  { 0 },
	  CAPGAP_LINK_PRESENT,
	  { { 0x10c, PASID_HEADER(0) }, { 0x110, 0x00051404 } } },
	{ "there already, with fewer bits",
	  { .step = { DSN(0x100, 0x10c), PASID(0x10c, 0, 5) } },
	  GUEST,
	  5,
	  { 0 },
	  CAPGAP_LINK_PRESENT,
	  { { 0x10c, PASID_HEADER(0) }, { 0x110, 0x00050504 } } },
	{ "with another capability beside it",
	  { .step = { TWO_CAPS } },
	  HOST,
	  20,
	  { .n_wants = 1, .want = { { 0x0013, 16 } } },
	  CAPGAP_LINK_INSERT,
	  { { 0x10c, EXT_DWORD(0xf, 1, 0x284) },
	    { 0x284, EXT_DWORD(0x13, 1, PLACE) },
	    { PLACE + 4, 0x1400 } } },
	{ "forced over what the guest does not see",
	  { .step = { DSN(0x100, 0x10c), LNR(0x10c, 0x114), ATS(0x114, 0) } },
	  HOST,
	  20,
	  { .has_offset = true, .offset = 0x10c, .force = true },
	  CAPGAP_LINK_INSERT,
	  { { 0x100, EXT_DWORD(3, 1, 0x10c) }, { 0x10c, PASID_HEADER(0x114) } } },
};

START_TEST(guests_image_is_the_view_with_the_plan_in_it)
{
	const struct row *row = &rows[_i];
	uint32_t val;

	policy = row->policy;
	policy.require = CAPGAP_GRADE_ASSUMED;
	ck_assert_msg(!make_plan(&row->image, row->vantage, row->width), "%s: %s",
		      row->name, em.text);
	ck_assert_msg(!capgap_emulate(&em, fn, &plan, &pasid, &policy, &opt), "%s: %s",
		      row->name, em.text);
	ck_assert_uint_eq(em.why, WHY(MADE));
	ck_assert_str_eq(em.text, "");
	ck_assert_msg(plan.edits.link == row->link, "%s: link is %s", row->name,
		      capgap_link_name(plan.edits.link));
	for (unsigned i = 0; i < DWORDS_MAX && row->want[i].off; i++) {
		ck_assert(capgap_get32(&em.image, row->want[i].off, &val));
		ck_assert_msg(val == row->want[i].val, "%s: 0x%03x is %08x, not %08x",
			      row->name, row->want[i].off, val, row->want[i].val);
	}
}
END_TEST

/**
 * struct tampered - a plan with a wrong edit, and why its image is refused
 * @name: for messages
 * @image: the function; a bit of PASID is asked for
 * @without: offset of an edit that is left out; 0 for none
 * @with: edits that are added, or take the place of those of the plan
 * @why: the reason
 * @at: the offset that it speaks of
 * @text: a part of the sentence
 */
struct tampered {
	const char *name;
	struct support_image image;
	uint16_t without;
	struct dword with[3];
	enum capgap_emulate_why why;
	uint16_t at;
	const char *text;
};

static const struct tampered tampered[] = {
	{ "no pointer leads to it",
	  { .step = { TWO_CAPS } },
	  0x10c,
	  { { 0 } },
	  WHY(PASID_LOST),
	  PLACE,
	  "0x408" },
	{ "twice",
	  { .step = { TWO_CAPS } },
	  0,
	  { { PLACE, PASID_HEADER(0x800) }, { 0x800, PASID_HEADER(0) } },
	  WHY(PASID_AGAIN),
	  0x800,
	  "also at 0x800" },
	{ "elsewhere",
	  { .step = { TWO_CAPS } },
	  PLACE,
	  { { 0x10c, EXT_DWORD(0xf, 1, 0x800) }, { 0x800, PASID_HEADER(0) } },
	  WHY(PASID_AGAIN),
	  0x800,
	  "0x800" },
	{ "more bits than were asked for",
	  { .step = { TWO_CAPS } },
	  0,
	  { { PLACE + 4, 0x0200 } },
	  WHY(REGISTERS),
	  PLACE,
	  "0x0200" },
	{ "enabled",
	  { .step = { TWO_CAPS } },
	  0,
	  { { PLACE + 4, 0x00010100 } },
	  WHY(REGISTERS),
	  PLACE,
	  "control 0x0001" },
	{ "a capability is skipped",
	  { .step = { TWO_CAPS } },
	  0x10c,
	  { { 0x100, EXT_DWORD(3, 1, PLACE) } },
	  WHY(CAPABILITY),
	  0x10c,
	  "ATS at 0x10c" },
	{ "a capability becomes another",
	  { .step = { TWO_CAPS } },
	  0,
	  { { 0x10c, EXT_DWORD(0x10, 1, PLACE) } },
	  WHY(CAPABILITY),
	  0x10c,
	  "ATS at 0x10c" },
	{ "a capability has another version",
	  { .step = { TWO_CAPS } },
	  0,
	  { { 0x10c, EXT_DWORD(0xf, 2, PLACE) } },
	  WHY(CAPABILITY),
	  0x10c,
	  "ATS at 0x10c" },
	{ "a capability is added",
	  { .step = { TWO_CAPS } },
	  0,
	  { { PLACE, PASID_HEADER(0x800) }, { 0x800, EXT_DWORD(0x18, 1, 0) } },
	  WHY(CAPABILITY),
	  0x800,
	  "LTR at 0x800 would be added" },
	{ "a register of a capability changes",
	  { .step = { TWO_CAPS } },
	  0,
	  { { 0x104, 0x12345678 } },
	  WHY(BYTES),
	  0x104,
	  "0x104" },
	{ "a byte of the header changes",
	  { .step = { TWO_CAPS } },
	  0,
	  { { 0x10, 0x12345678 } },
	  WHY(BYTES),
	  0x10,
	  "0x010" },
	{ "a byte changes that nobody has",
	  { .step = { TWO_CAPS } },
	  0,
	  { { 0x900, 1 } },
	  WHY(BYTES),
	  0x900,
	  "0x900" },
	{ "a byte appears that was not read",
	  { .step = { TWO_CAPS, DROP(0x900, 4) } },
	  0,
	  { { 0x900, 0 } },
	  WHY(BYTES),
	  0x900,
	  "0x900" },
	{ "a pointer gets low bits",
	  { .step = { TWO_CAPS } },
	  0,
	  { { 0x10c, EXT_DWORD(0xf, 1, PLACE + 1) } },
	  WHY(FINDING),
	  0x10c,
	  "[ext-pointer-misaligned]" },
	{ "an orphan that was always one is no news, one that becomes one is",
	  { .step = { TWO_CAPS, ATS(0x300, PLACE) } },
	  0,
	  { { 0 } },
	  WHY(FINDING),
	  0x300,
	  "[orphan-capability]" },
};

static void tamper(const struct tampered *row)
{
	struct capgap_edits *edits = &plan.edits;
	unsigned n = 0;

	for (unsigned i = 0; i < edits->n; i++) {
		if (edits->edit[i].off != row->without)
			edits->edit[n++] = edits->edit[i];
	}
	edits->n = n;
	/* The later of two edits of one dword is made last. */
	for (unsigned i = 0; i < 3 && row->with[i].off; i++)
		edits->edit[edits->n++] = (struct capgap_edit){ row->with[i].off, 0,
								row->with[i].val };
}

START_TEST(wrong_image_is_refused_by_name)
{
	const struct tampered *row = &tampered[_i];

	policy = (struct capgap_policy){ .require = CAPGAP_GRADE_ASSUMED,
					 .has_offset = true,
					 .offset = PLACE };
	ck_assert(!make_plan(&row->image, HOST, 1));
	tamper(row);
	ck_assert_int_eq(capgap_emulate(&em, fn, &plan, &pasid, &policy, &opt),
			 -CAPGAP_E_NOPLACE);
	ck_assert_msg(em.why == row->why, "%s: %s", row->name, em.text);
	ck_assert_msg(em.at == row->at, "%s: at 0x%03x", row->name, em.at);
	ck_assert_msg(strstr(em.text, row->text), "%s: %s", row->name, em.text);
	ck_assert_ptr_nonnull(capgap_emulate_name(em.why));
}
END_TEST

START_TEST(over_a_visible_structure_it_is_refused)
{
	/*
	 * The second has a hidden capability in registers that AER has for certain. What
	 * would be written there is the header that stands there, and other registers.
	 */
	static const struct support_image image[] = {
		{ .step = { TWO_CAPS } },
		{ .step = { AER2(0x100, 0x104), PASID(0x104, 0, 1) } },
	};

	policy = (struct capgap_policy){ .require = CAPGAP_GRADE_ASSUMED,
					 .has_offset = true,
					 .offset = 0x104,
					 .force = true };
	ck_assert(!make_plan(&image[_i], HOST, 1));
	ck_assert(plan.found);
	ck_assert_int_eq(capgap_emulate(&em, fn, &plan, &pasid, &policy, &opt),
			 -CAPGAP_E_NOPLACE);
	ck_assert_uint_eq(em.why, WHY(BYTES));
	ck_assert_uint_eq(em.at, _i ? 0x108 : 0x104);
}
END_TEST

START_TEST(without_a_placement_it_says_why)
{
	struct support_image image = { .base = BASE_CONVENTIONAL };

	policy = (struct capgap_policy){ .require = CAPGAP_GRADE_ASSUMED };
	ck_assert(!make_plan(&image, HOST, 1));
	ck_assert_int_eq(capgap_emulate(&em, fn, &plan, &pasid, &policy, &opt),
			 -CAPGAP_E_NOPLACE);
	ck_assert_uint_eq(em.why, WHY(NO_PLACE));
	ck_assert_ptr_nonnull(strstr(em.text, plan.refusal));
}
END_TEST

/**
 * struct asked - an answer, a width, and what the guest's capability says then
 * @supported: whether the device has PASID
 * @width: its bits
 * @capability: its register, width included
 * @iommu: PASIDs of the IOMMU; 0 for one that nobody knows
 * @asked: what is asked for
 * @why: why it is refused, or MADE
 * @shown: the guest's register
 */
struct asked {
	enum capgap_answer_is supported;
	unsigned width;
	uint16_t capability;
	uint32_t iommu;
	unsigned asked;
	enum capgap_emulate_why why;
	uint16_t shown;
};

static const struct asked asked[] = {
	{ CAPGAP_IS_YES, 20, 0x1406, 0, 0, WHY(MADE), 0x1406 },
	{ CAPGAP_IS_YES, 20, 0x1406, 0, 20, WHY(MADE), 0x1406 },
	{ CAPGAP_IS_YES, 20, 0x1406, 0, 1, WHY(MADE), 0x0106 },
	{ CAPGAP_IS_YES, 8, 0x0802, 0, 9, WHY(WIDTH), 0 },
	{ CAPGAP_IS_YES, 0, 0x0004, 0, 0, WHY(MADE), 0x0004 },
	{ CAPGAP_IS_YES, 0, 0x0004, 0, 1, WHY(WIDTH), 0 },
	{ CAPGAP_IS_YES, 20, 0x1406, 256, 0, WHY(MADE), 0x0806 },
	{ CAPGAP_IS_YES, 20, 0x1406, 256, 8, WHY(MADE), 0x0806 },
	{ CAPGAP_IS_YES, 20, 0x1406, 256, 9, WHY(WIDTH), 0 },
	{ CAPGAP_IS_YES, 8, 0x0802, 1u << 20, 0, WHY(MADE), 0x0802 },
	{ CAPGAP_IS_YES, 8, 0x0802, 1, 0, WHY(NO_IOMMU), 0 },
	{ CAPGAP_IS_YES, 8, 0x0802, 1, 8, WHY(MADE), 0x0802 },
	{ CAPGAP_IS_NO, 0, 0, 0, 0, WHY(NO_PASID), 0 },
	{ CAPGAP_IS_NO, 0, 0, 0, 20, WHY(MADE), 0x1400 },
	{ CAPGAP_IS_UNKNOWN, 0, 0, 0, 0, WHY(NO_PASID), 0 },
	{ CAPGAP_IS_UNKNOWN, 0, 0, 0, 7, WHY(MADE), 0x0700 },
	/* no PASID of the device's own, behind an IOMMU that is known */
	{ CAPGAP_IS_NO, 0, 0, 256, 20, WHY(WIDTH), 0 },
	{ CAPGAP_IS_NO, 0, 0, 256, 9, WHY(WIDTH), 0 },
	{ CAPGAP_IS_NO, 0, 0, 256, 8, WHY(MADE), 0x0800 },
	{ CAPGAP_IS_NO, 0, 0, 1, 20, WHY(MADE), 0x1400 },
	{ CAPGAP_IS_UNKNOWN, 0, 0, 256, 9, WHY(WIDTH), 0 },
	{ CAPGAP_IS_UNKNOWN, 0, 0, 256, 8, WHY(MADE), 0x0800 },
	/* a width that PCI Express does not know */
	{ CAPGAP_IS_YES, 31, 0x1f02, 0, 0, WHY(WIDTH_UNKNOWN), 0 },
	{ CAPGAP_IS_YES, 31, 0x1f02, 8, 0, WHY(WIDTH_UNKNOWN), 0 },
	{ CAPGAP_IS_YES, 21, 0x1502, 8, 0, WHY(WIDTH_UNKNOWN), 0 },
	{ CAPGAP_IS_YES, 31, 0x1f02, 8, 4, WHY(WIDTH), 0 },
	{ CAPGAP_IS_YES, 31, 0x1f02, 8, 3, WHY(MADE), 0x0302 },
	{ CAPGAP_IS_YES, 21, 0x1502, 8, 4, WHY(WIDTH), 0 },
	{ CAPGAP_IS_YES, 31, 0x1f02, 0, 20, WHY(MADE), 0x1402 },
};

START_TEST(width_narrows_or_stands_in)
{
	const struct asked *row = &asked[_i];

	memset(&pasid, 0, sizeof(pasid));
	pasid.supported = row->supported;
	pasid.width = row->width;
	pasid.capability = row->capability;
	capgap_query_bound(&pasid, row->iommu ? row->iommu : UINT32_MAX);
	ck_assert_int_eq(capgap_emulate_answer(&em, &pasid, row->asked),
			 row->why == WHY(MADE) ? 0 : -CAPGAP_E_NOPLACE);
	ck_assert_uint_eq(em.why, row->why);
	ck_assert_int_eq(em.text[0] != '\0', row->why != WHY(MADE));
	if (row->why != WHY(MADE))
		return;
	ck_assert_int_eq(pasid.supported, CAPGAP_IS_YES);
	ck_assert_uint_eq(capgap_query_registers(&pasid), row->shown);
}
END_TEST

START_TEST(reasons_have_names)
{
	ck_assert_ptr_null(capgap_emulate_name(WHY(MADE)));
	for (unsigned i = 1; i < CAPGAP_EMULATE_COUNT; i++) {
		ck_assert_ptr_nonnull(capgap_emulate_name((enum capgap_emulate_why)i));
		for (unsigned k = 1; k < i; k++)
			ck_assert_str_ne(capgap_emulate_name((enum capgap_emulate_why)i),
					 capgap_emulate_name((enum capgap_emulate_why)k));
	}
}
END_TEST

Suite *emulate_suite(void)
{
	Suite *suite = suite_create("emulate");
	TCase *made = tcase_create("made");
	TCase *refused = tcase_create("refused");
	TCase *width = tcase_create("width");

	tcase_add_loop_test(made, guests_image_is_the_view_with_the_plan_in_it, 0,
			    ROWS(rows));
	suite_add_tcase(suite, made);
	tcase_add_loop_test(refused, wrong_image_is_refused_by_name, 0, ROWS(tampered));
	tcase_add_loop_test(refused, over_a_visible_structure_it_is_refused, 0, 2);
	tcase_add_test(refused, without_a_placement_it_says_why);
	tcase_add_test(refused, reasons_have_names);
	suite_add_tcase(suite, refused);
	tcase_add_loop_test(width, width_narrows_or_stands_in, 0, ROWS(asked));
	suite_add_tcase(suite, width);
	return suite;
}
