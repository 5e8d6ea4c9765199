/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plans for a VMM: candidates passed over, its own default, guards, and other capabilities. */
#include <string.h>

#include "../placement/plan.h"
#include "suites.h"
#include "support.h"

#define REST(off) EXT(off, 0x000b, 1, 0), VENDOR_LENGTH(off, 0x1000 - (off))
/* One run, 0x10c-0x14b: 64 bytes. */
#define RUN_64 EXT(0x100, 0x0003, 1, 0x14c), REST(0x14c)
/* A slot at 0x100 that a structure follows, so that 0x104 will not do either. */
#define TIGHT_SLOT PASID(0x100, 0x108, 5), EXT(0x108, 0x0003, 1, 0)

#define GRADE(grade) CAPGAP_GRADE_##grade
#define VMM(vmm) CAPGAP_VMM_##vmm

static struct capgap_plan plan;
static struct capgap_function *fn;

static void make(const struct support_image *image, const struct capgap_policy *how)
{
	struct capgap_policy policy = *how;
	struct capgap_pasid pasid;

	policy.require = policy.require ? policy.require : GRADE(OBSERVED);
	policy.min_gap = policy.min_gap ? policy.min_gap : CAPGAP_MIN_GAP;
	fn = support_function(image);
	capgap_query_config(&pasid, fn);
	capgap_plan_make(&plan, fn, &pasid, &policy);
}

/**
 * struct row - an image, a policy, and where the capability goes
 * @name: for messages
 * @image: how to build it
 * @policy: require and min_gap are the program's where they are 0
 * @at: the offset; 0 for none
 * @grade: its grade
 * @link: how it is linked
 * @text: a part of the reason, or of the refusal
 */
struct row {
	const char *name;
	struct support_image image;
	struct capgap_policy policy;
	uint16_t at;
	enum capgap_grade grade;
	enum capgap_link link;
	const char *text;
};

static const struct row rows[] = {
	{ "the slot at 0x100 is passed over for QEMU, which refuses it",
	  { .step = { TIGHT_SLOT } },
	  { .vmm = VMM(QEMU_11_1) },
	  0x408,
	  GRADE(OBSERVED),
	  CAPGAP_LINK_INSERT,
	  "zero" },
	{ "and for its elder",
	  { .step = { TIGHT_SLOT } },
	  { .vmm = VMM(QEMU_11_0) },
	  0x408,
	  GRADE(OBSERVED),
	  CAPGAP_LINK_INSERT,
	  "zero" },
	{ "a VMM that does as planned takes it",
	  { .step = { TIGHT_SLOT } },
	  { .vmm = VMM(GENERIC) },
	  0x100,
	  GRADE(SLOT),
	  CAPGAP_LINK_HEAD,
	  "own physical" },
	{ "it is taken all the same where nothing else is good enough",
	  { .step = { TIGHT_SLOT } },
	  { .vmm = VMM(QEMU_11_1), .require = GRADE(SLOT) },
	  0x100,
	  GRADE(SLOT),
	  CAPGAP_LINK_HEAD,
	  "own physical" },
	{ "an empty list is given a head",
	  { .size = 0 },
	  { .vmm = VMM(QEMU_11_1) },
	  0x100,
	  GRADE(OBSERVED),
	  CAPGAP_LINK_HEAD,
	  "zero" },
	{ "or a null header, by who can",
	  { .size = 0 },
	  { .vmm = VMM(GENERIC) },
	  0x400,
	  GRADE(OBSERVED),
	  CAPGAP_LINK_NULL_HEAD,
	  "zero" },
	{ "without a guard the middle",
	  { .step = { RUN_64 } },
	  { .guard = 0 },
	  0x12c,
	  GRADE(OBSERVED),
	  CAPGAP_LINK_INSERT,
	  "zero" },
	{ "a guard that leaves just the capability",
	  { .step = { RUN_64 } },
	  { .guard = 28 },
	  0x128,
	  GRADE(OBSERVED),
	  CAPGAP_LINK_INSERT,
	  "zero" },
	{ "a guard that leaves less",
	  { .step = { RUN_64 } },
	  { .guard = 32 },
	  0,
	  GRADE(NONE),
	  CAPGAP_LINK_NONE,
	  "no range is long enough" },
	{ "a guard does not bind the slot",
	  { .step = { EXT(0x100, 0x0003, 1, 0x10c), PASID(0x10c, 0x114, 1),
		      REST(0x114) } },
	  { .guard = 64 },
	  0x10c,
	  GRADE(SLOT),
	  CAPGAP_LINK_INSERT,
	  "own physical" },
	{ "a guard binds the caller",
	  { .step = { RUN_64 } },
	  { .guard = 8, .has_offset = true, .offset = 0x110 },
	  0x110,
	  GRADE(NONE),
	  CAPGAP_LINK_NONE,
	  "guard" },
	{ "also across the border of two ranges",
	  { .step = { EXT(0x100, 0x000b, 1, 0), VENDOR_LENGTH(0x100, 0x5f0) } },
	  { .guard = 64, .has_offset = true, .offset = 0x6fc, .require = GRADE(ASSUMED) },
	  0x6fc,
	  GRADE(NONE),
	  CAPGAP_LINK_NONE,
	  "guard" },
	{ "who may go up to it",
	  { .step = { RUN_64 } },
	  { .guard = 8, .has_offset = true, .offset = 0x114 },
	  0x114,
	  GRADE(OBSERVED),
	  CAPGAP_LINK_INSERT,
	  "zero" },
};

START_TEST(plan_is_made_for_a_vmm_and_a_guard)
{
	const struct row *row = &rows[_i];
	bool found = row->grade != GRADE(NONE);

	make(&row->image, &row->policy);
	ck_assert_msg(plan.found == found, "%s: %s", row->name,
		      plan.found ? plan.reason : plan.refusal);
	ck_assert_msg(plan.offset == row->at || !found, "%s: at 0x%03x", row->name,
		      plan.offset);
	ck_assert_msg(plan.edits.link == row->link, "%s: link %d", row->name,
		      plan.edits.link);
	ck_assert_msg(strstr(found ? plan.reason : plan.refusal, row->text) != NULL,
		      "%s: %s%s", row->name, plan.reason, plan.refusal);
	ck_assert_uint_eq(plan.n_verdicts,
			  found || plan.by_caller ? CAPGAP_VMM_COUNT : 0);
	if (found)
		ck_assert_int_eq(plan.grade, row->grade);
}
END_TEST

START_TEST(plan_says_which_range_it_passed_over)
{
	const struct capgap_policy policy = { .vmm = VMM(QEMU_11_1) };
	const struct support_image image = { .step = { TIGHT_SLOT } };
	char text[256];

	make(&image, &policy);
	ck_assert_uint_eq(plan.place[0].off, 0x100);
	ck_assert_int_eq(plan.place[0].grade, GRADE(SLOT));
	ck_assert_int_eq(plan.place[0].pass, CAPGAP_PASS_VMM);
	capgap_place_text(&plan.place[0], fn, text, sizeof(text));
	ck_assert_ptr_nonnull(strstr(text, "passed over"));
	ck_assert(!capgap_plan_qualifies(&plan.place[0], &policy));
}
END_TEST

/**
 * struct unasked - what a VMM does when it is told no offset
 * @name: for messages
 * @image: how to build it
 * @policy: for which VMM, at which grade
 * @has: it has a default at all
 * @kind: its verdict
 * @grade: of the bytes there
 * @safe: it can be left alone
 */
struct unasked {
	const char *name;
	struct support_image image;
	struct capgap_policy policy;
	bool has;
	enum capgap_verdict_kind kind;
	enum capgap_grade grade;
	bool safe;
};

static const struct unasked defaults[] = {
	{ "in a band",
	  { .step = { EXT(0x100, 0x0003, 1, 0) } },
	  { .vmm = VMM(QEMU_11_1) },
	  true,
	  CAPGAP_VERDICT_ACCEPTED,
	  GRADE(ASSUMED),
	  false },
	{ "in a band, if that will do",
	  { .step = { EXT(0x100, 0x0003, 1, 0) } },
	  { .vmm = VMM(QEMU_11_1), .require = GRADE(ASSUMED) },
	  true,
	  CAPGAP_VERDICT_ACCEPTED,
	  GRADE(ASSUMED),
	  true },
	{ "over bytes that are not zero, which QEMU does not look at",
	  { .step = { EXT(0x100, 0x0003, 1, 0), PUT8(0xffc, 1) } },
	  { .vmm = VMM(QEMU_11_0), .require = GRADE(ASSUMED) },
	  true,
	  CAPGAP_VERDICT_ACCEPTED,
	  GRADE(NONE),
	  false },
	{ "in a run too short to be planned, whose bytes are free all the same",
	  { .step = { EXT(0x100, 0x000b, 1, 0), VENDOR_LENGTH(0x100, 0xef8) } },
	  { .vmm = VMM(QEMU_11_1), .require = GRADE(ASSUMED) },
	  true,
	  CAPGAP_VERDICT_ACCEPTED,
	  GRADE(ASSUMED),
	  true },
	{ "in the body of a structure",
	  { .step = { RUN_64 } },
	  { .vmm = VMM(QEMU_11_1) },
	  true,
	  CAPGAP_VERDICT_CORRUPTS,
	  GRADE(NONE),
	  false },
	{ "which the other VMM does too",
	  { .step = { CONV(0x40, 0x10, 0x80), CONV(0x80, 0x01, 0), RUN_64 } },
	  { .vmm = VMM(CLOUD_HYPERVISOR) },
	  true,
	  CAPGAP_VERDICT_CORRUPTS,
	  GRADE(NONE),
	  false },
	{ "nothing is placed where the list is empty",
	  { .size = 0 },
	  { .vmm = VMM(QEMU_11_1) },
	  true,
	  CAPGAP_VERDICT_SKIPPED,
	  GRADE(ASSUMED),
	  true },
	{ "a plan without a VMM has no default",
	  { .step = { EXT(0x100, 0x0003, 1, 0) } },
	  { .vmm = VMM(GENERIC) },
	  false,
	  CAPGAP_VERDICT_ACCEPTED,
	  GRADE(NONE),
	  false },
	{ "a function that is not applicable has none either",
	  { .size = 256 },
	  { .vmm = VMM(QEMU_11_1) },
	  false,
	  CAPGAP_VERDICT_ACCEPTED,
	  GRADE(NONE),
	  false },
};

START_TEST(plan_judges_what_the_vmm_does_unasked)
{
	const struct unasked *row = &defaults[_i];

	make(&row->image, &row->policy);
	ck_assert_msg(plan.has_default == row->has, "%s: has", row->name);
	if (!row->has)
		return;
	ck_assert_uint_eq(plan.by_default.offset, 0xff8);
	ck_assert_msg(plan.by_default.kind == row->kind, "%s: %s", row->name,
		      plan.by_default.reason);
	ck_assert_msg(plan.default_grade == row->grade, "%s: %s", row->name,
		      capgap_grade_name(plan.default_grade));
	ck_assert_msg(plan.default_safe == row->safe, "%s: safe", row->name);
}
END_TEST

#define WANTS_MAX 3

/**
 * struct beside - capabilities that are placed together
 * @name: for messages
 * @image: how to build it
 * @policy: what is wanted beside PASID
 * @at: where PASID goes; 0 where there is no room
 * @want: where the others go
 * @text: a part of the refusal
 */
struct beside {
	const char *name;
	struct support_image image;
	struct capgap_policy policy;
	uint16_t at;
	uint16_t want[WANTS_MAX];
	const char *text;
};

#define PRI                                                                              \
	{                                                                                \
		CAPGAP_ECAP_PRI, 16                                                      \
	}
#define DVSEC(len)                                                                       \
	{                                                                                \
		CAPGAP_ECAP_DVSEC, (len)                                                 \
	}

static const struct beside together[] = {
	{ "each in the middle of what the others leave",
	  { .step = { RUN_64 } },
	  { .n_wants = 2, .want = { PRI, DVSEC(12) } },
	  0x12c,
	  { 0x114, 0x138 },
	  NULL },
	{ "the longest first, whatever the order",
	  { .step = { RUN_64 } },
	  { .n_wants = 2, .want = { DVSEC(12), PRI } },
	  0x12c,
	  { 0x138, 0x114 },
	  NULL },
	{ "PASID makes room where its middle leaves none",
	  { .step = { EXT(0x100, 0x0003, 1, 0x124), REST(0x124) } },
	  { .n_wants = 1, .want = { PRI } },
	  0x10c,
	  { 0x114 },
	  NULL },
	{ "the slot needs none",
	  { .step = { EXT(0x100, 0x0003, 1, 0x10c), PASID(0x10c, 0x124, 1),
		      REST(0x124) } },
	  { .n_wants = 1, .want = { PRI } },
	  0x10c,
	  { 0x114 },
	  NULL },
	{ "no room",
	  { .step = { EXT(0x100, 0x0003, 1, 0x120), REST(0x120) } },
	  { .n_wants = 1, .want = { PRI } },
	  0,
	  { 0 },
	  "no room for 16 bytes of PRI" },
	{ "what the list has already is not placed again",
	  { .step = { EXT(0x100, 0x0003, 1, 0x14c), EXT(0x14c, 0x0013, 1, 0) } },
	  { .n_wants = 1, .want = { PRI } },
	  0,
	  { 0 },
	  "sees PRI already, at 0x14c" },
	{ "but vendors have several of theirs",
	  { .step = { RUN_64 } },
	  { .n_wants = 2, .want = { DVSEC(12), DVSEC(12) } },
	  0x12c,
	  { 0x114, 0x138 },
	  NULL },
	{ "a guard stands between them too",
	  { .step = { RUN_64 } },
	  { .n_wants = 1, .want = { PRI }, .guard = 16 },
	  0,
	  { 0 },
	  "no room" },
	{ "the caller's offset, and another beside it",
	  { .step = { RUN_64 } },
	  { .n_wants = 1, .want = { PRI }, .has_offset = true, .offset = 0x10c },
	  0x10c,
	  { 0x128 },
	  NULL },
};

/* Apply the edits to the view, and walk the list that they make. */
static void check_list(const struct beside *row)
{
	static struct capgap_chain chain;
	struct capgap_view view;
	const struct capgap_cap *cap;
	unsigned found = 0;

	capgap_view_derive(&view, fn, CAPGAP_KERNEL_6_4);
	capgap_link_apply(&plan.edits, &view.image);
	capgap_chain_walk(&chain, &view.image, false, NULL);
	for (unsigned i = 0; i < row->policy.n_wants; i++) {
		cap = capgap_chain_find(&chain, CAPGAP_EXT, row->policy.want[i].id);
		for (unsigned k = chain.n_conv; k < chain.n; k++)
			found += chain.cap[k].off == row->want[i] &&
				 chain.cap[k].id == row->policy.want[i].id;
		ck_assert_msg(cap && cap->len <= row->policy.want[i].len, "%s: %u",
			      row->name, i);
	}
	ck_assert_uint_eq(found, row->policy.n_wants);
	cap = capgap_chain_find(&chain, CAPGAP_EXT, CAPGAP_ECAP_PASID);
	ck_assert(cap && cap->off == row->at);
}

START_TEST(plan_places_capabilities_together)
{
	const struct beside *row = &together[_i];

	make(&row->image, &row->policy);
	ck_assert_msg(plan.found == (row->at != 0), "%s: %s", row->name,
		      plan.found ? plan.reason : plan.refusal);
	if (!row->at) {
		ck_assert_msg(strstr(plan.refusal, row->text) != NULL, "%s: %s",
			      row->name, plan.refusal);
		ck_assert_uint_eq(plan.edits.n, 0);
		return;
	}
	ck_assert_msg(plan.offset == row->at, "%s: at 0x%03x", row->name, plan.offset);
	for (unsigned i = 0; i < row->policy.n_wants; i++)
		ck_assert_msg(plan.want_off[i] == row->want[i], "%s: %u at 0x%03x",
			      row->name, i, plan.want_off[i]);
	check_list(row);
}
END_TEST

Suite *plan_vmm_suite(void)
{
	Suite *suite = suite_create("plan_vmm");
	TCase *vmm = tcase_create("vmm");
	TCase *beside = tcase_create("beside");

	tcase_add_loop_test(vmm, plan_is_made_for_a_vmm_and_a_guard, 0, ROWS(rows));
	tcase_add_test(vmm, plan_says_which_range_it_passed_over);
	tcase_add_loop_test(vmm, plan_judges_what_the_vmm_does_unasked, 0,
			    ROWS(defaults));
	tcase_add_loop_test(beside, plan_places_capabilities_together, 0, ROWS(together));
	suite_add_tcase(suite, vmm);
	suite_add_tcase(suite, beside);
	return suite;
}
