/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One offset for many functions: what is chosen, who stands against it, groups, bounds. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "../placement/common.h"
#include "suites.h"
#include "support.h"

#define MEMBERS_MAX 4

/* A structure of @len bytes that fills a place, and where the list goes on. */
#define BLOCK(off, len, next) EXT(off, 0x000b, 1, next), VENDOR_LENGTH(off, len)
/* The first entry: 12 bytes. */
#define HEAD(next) EXT(0x100, 0x0003, 1, next)

/* Functions that differ in what is free; 0x700-0xbff and 0xd00-0xfff are never observed. */
enum look {
	NOBODY,
	OPEN,	  /* observed: 0x10c-0x6ff, 0xc00-0xcff */
	LOW,	  /* 0x10c-0x1ff, 0x500-0x6ff, 0xc00-0xcff */
	HIGH,	  /* 0x10c-0x4ff, 0xc00-0xcff */
	TAIL,	  /* assumed only: 0xd00-0xfff */
	FULL,	  /* nothing */
	SLOT_230, /* as OPEN, the slot at 0x230 */
	SLOT_300, /* as OPEN, the slot at 0x300 */
	SLOT_100, /* the slot at 0x100 */
	VF_230,	  /* as OPEN, virtual, and its PF has the slot at 0x230 */
	EMPTY,	  /* no list */
	HIDDEN,	  /* vfio-pci hides all of its list */
	PRESENT,  /* in a guest, with the capability at 0x230 */
	WIDTH_8,  /* SLOT_230 with 8 bits and Exec only */
	UNKNOWN,  /* a VF whose PF was not seen */
	BRIDGE	  /* not applicable */
};

static const struct support_image looks[] = {
	[OPEN] = { .base = BASE_ENDPOINT, .step = { HEAD(0) } },
	[LOW] = { .base = BASE_ENDPOINT,
		  .step = { HEAD(0x200), BLOCK(0x200, 0x300, 0) } },
	[HIGH] = { .base = BASE_ENDPOINT,
		   .step = { HEAD(0x500), BLOCK(0x500, 0x300, 0) } },
	[TAIL] = { .base = BASE_ENDPOINT,
		   .step = { HEAD(0x10c), BLOCK(0x10c, 0xbf4, 0) } },
	[FULL] = { .base = BASE_ENDPOINT,
		   .step = { HEAD(0x10c), BLOCK(0x10c, 0xef4, 0) } },
	[SLOT_230] = { .base = BASE_ENDPOINT,
		       .step = { HEAD(0x230), PASID(0x230, 0, 1) } },
	[SLOT_300] = { .base = BASE_ENDPOINT,
		       .step = { HEAD(0x300), PASID(0x300, 0, 1) } },
	[SLOT_100] = { .base = BASE_ENDPOINT,
		       .step = { PASID(0x100, 0x200, 1), BLOCK(0x200, 0x10, 0) } },
	[VF_230] = { .base = BASE_VF, .step = { HEAD(0) } },
	[EMPTY] = { .base = BASE_ENDPOINT },
	[HIDDEN] = { .base = BASE_ENDPOINT, .step = { EXT(0x100, 0x0019, 1, 0) } },
	[PRESENT] = { .base = BASE_ENDPOINT,
		      .step = { HEAD(0x230), PASID(0x230, 0, 1) } },
	[WIDTH_8] = { .base = BASE_ENDPOINT,
		      .step = { HEAD(0x230), EXT(0x230, 0x001b, 1, 0),
				PUT32(0x234, 0x0802) } },
	[UNKNOWN] = { .base = BASE_VF, .step = { HEAD(0) } },
	[BRIDGE] = { .base = BASE_ENDPOINT, .step = { PUT8(0x0e, 1) } },
};

/* What one look is analysed as. */
static struct capgap_function *function_of(enum look look)
{
	struct capgap_record rec;
	struct capgap_function *fn;

	support_record(&rec, &looks[look]);
	fn = support_analyse(&rec, NULL,
			     look == PRESENT ? CAPGAP_VANTAGE_GUEST :
					       CAPGAP_VANTAGE_HOST);
	if (look == VF_230) {
		fn->has_pf = true;
		fn->pf.pasid.off = 0x230;
		fn->pf.pasid.capability = 0x1404;
		fn->pf.chain_known = true;
	}
	return fn;
}

static void add(struct capgap_common *common, struct capgap_function *fn, unsigned n)
{
	struct capgap_pasid pasid;

	fn->meta.bdf = (struct capgap_bdf){ .bus = (uint8_t)n };
	fn->meta.flags |= CAPGAP_META_BDF;
	capgap_query_config(&pasid, fn);
	ck_assert_int_eq(capgap_common_add(common, n % 2 ? "b.txt" : "a.txt", n / 2, fn,
					   &pasid),
			 0);
}

/* The answers, in the order in which they came. */
static struct capgap_common_answer answers[8];
static unsigned n_answers;

static int keep(void *ctx, const struct capgap_common_answer *ans)
{
	(void)ctx;
	ck_assert_uint_lt(n_answers, ROWS(answers));
	answers[n_answers++] = *ans;
	return 0;
}

/* The answer for @n functions; the texts in it stay until the next. */
static const struct capgap_common_answer *answer_for(const struct capgap_policy *policy,
						     const enum look *member)
{
	static struct capgap_common *common;

	capgap_common_free(common);
	common = capgap_common_new(policy, CAPGAP_GROUP_ALL);
	ck_assert_ptr_nonnull(common);
	for (unsigned i = 0; i < MEMBERS_MAX && member[i]; i++)
		add(common, function_of(member[i]), i);
	n_answers = 0;
	ck_assert_int_eq(capgap_common_each(common, keep, NULL), 0);
	ck_assert_uint_eq(n_answers, 1);
	return &answers[0];
}

#define OBSERVED                                                                         \
	{                                                                                \
		.require = CAPGAP_GRADE_OBSERVED, .min_gap = CAPGAP_MIN_GAP              \
	}
#define ASSUMED                                                                          \
	{                                                                                \
		.require = CAPGAP_GRADE_ASSUMED, .min_gap = CAPGAP_MIN_GAP               \
	}
#define GENERIC                                                                          \
	{                                                                                \
		.require = CAPGAP_GRADE_OBSERVED, .min_gap = CAPGAP_MIN_GAP,             \
		.vmm = CAPGAP_VMM_GENERIC                                                \
	}
#define ASKED(off)                                                                       \
	{                                                                                \
		.require = CAPGAP_GRADE_OBSERVED, .min_gap = CAPGAP_MIN_GAP,             \
		.has_offset = true, .offset = (off)                                      \
	}
#define GUARD(bytes)                                                                     \
	{                                                                                \
		.require = CAPGAP_GRADE_OBSERVED, .min_gap = CAPGAP_MIN_GAP,             \
		.guard = (bytes)                                                         \
	}

/*
 * An offset for several functions: where, how many agree, how many other ranges there are.
 * Where there is none, the best offset, how many agree, and the range that stands against it
 * in the first function that does not.
 */
static const struct row {
	const char *name;
	struct capgap_policy policy;
	enum look member[MEMBERS_MAX];
	const char *want;
	const char *text; /* part of the reason, or of the first objection */
} rows[] = {
	{ "alike: as for one",
	  OBSERVED,
	  { OPEN, OPEN },
	  "0x404 observed, 2 of 2, 1 also",
	  "zero in an image read whole" },
	{ "the longest range that both have",
	  OBSERVED,
	  { OPEN, LOW },
	  "0x600 observed, 2 of 2, 2 also",
	  "zero" },
	{ "what both have may be short",
	  OBSERVED,
	  { LOW, HIGH },
	  "0xc80 observed, 2 of 2, 1 also",
	  "zero" },
	{ "one has nothing",
	  OBSERVED,
	  { OPEN, FULL, OPEN },
	  "none: 0x404 observed, 2 of 3, nowhere 0x404",
	  "no range of extended space could be free" },
	{ "one has nothing that is good enough",
	  OBSERVED,
	  { TAIL, OPEN },
	  "none: 0x404 observed, 1 of 2, nowhere 0xd00",
	  "its best range is assumed: FPGA designs" },
	{ "the weakest grade decides",
	  ASSUMED,
	  { TAIL, OPEN },
	  "0xff8 assumed, 2 of 2, 0 also",
	  "FPGA designs" },
	{ "nobody has anything",
	  OBSERVED,
	  { FULL, FULL },
	  "none: 0x000 none, 0 of 2, nowhere 0x000",
	  "no place anywhere" },
	{ "no function", OBSERVED, { NOBODY }, "none: 0x000 none, 0 of 0", "" },
	{ "one that is not applicable is not asked",
	  OBSERVED,
	  { OPEN, BRIDGE },
	  "0x404 observed, 1 of 1, 1 also",
	  "zero" },
	{ "the same slot",
	  OBSERVED,
	  { SLOT_230, SLOT_230 },
	  "0x230 slot, 2 of 2, 3 also",
	  "own physical PASID capability" },
	{ "a slot, and free there",
	  OBSERVED,
	  { OPEN, SLOT_230 },
	  "0x230 observed, 2 of 2, 3 also",
	  "the weakest evidence, of 1 function" },
	{ "slots that differ tie nothing",
	  OBSERVED,
	  { SLOT_230, SLOT_300 },
	  "0x504 observed, 2 of 2, 5 also, 2 exposed",
	  "zero" },
	{ "a slot, and virtual functions of such",
	  OBSERVED,
	  { SLOT_230, VF_230, VF_230 },
	  "0x230 observed, 3 of 3, 3 also",
	  "of 2 functions" },
	{ "slots at 0x100 are covered from 0x104 on",
	  OBSERVED,
	  { SLOT_100, SLOT_100 },
	  "0x104 observed, 2 of 2, 4 also",
	  "zero" },
	{ "empty lists: the head, though QEMU adds nothing",
	  OBSERVED,
	  { EMPTY, EMPTY },
	  "0x100 observed, 2 of 2, 1 also, 2 spoilt",
	  "zero" },
	{ "empty lists, and a VMM that makes null headers",
	  GENERIC,
	  { EMPTY, EMPTY },
	  "0x400 observed, 2 of 2, 1 also",
	  "zero" },
	{ "one empty list",
	  OBSERVED,
	  { OPEN, EMPTY },
	  "0x404 observed, 2 of 2, 1 also, 1 spoilt",
	  "zero" },
	{ "vfio-pci hides the list of one",
	  ASSUMED,
	  { OPEN, HIDDEN },
	  "none: 0x404 observed, 1 of 2, nowhere 0x14c",
	  "no place anywhere: vfio-pci hides every extended capability" },
	{ "there already",
	  OBSERVED,
	  { PRESENT, PRESENT },
	  "0x230 none, 2 of 2, 0 also",
	  "already" },
	{ "there already in one",
	  OBSERVED,
	  { PRESENT, OPEN },
	  "0x230 observed, 2 of 2, 0 also",
	  "zero" },
	{ "there already where the other has something",
	  OBSERVED,
	  { LOW, LOW, PRESENT },
	  "none: 0x600 observed, 2 of 3, 0x600",
	  "it has the capability already, at 0x230" },
	{ "the caller's offset, free in both",
	  ASKED(0x600),
	  { OPEN, LOW },
	  "0x600 observed, 2 of 2, 0 also",
	  "zero" },
	{ "the caller's offset, not in both",
	  ASKED(0x504),
	  { OPEN, HIGH },
	  "none: 0x504 observed, 1 of 2, 0x500",
	  "it belongs to VSEC at 0x500" },
	{ "the caller's offset, in nobody",
	  ASKED(0x204),
	  { LOW, LOW },
	  "none: 0x204 none, 0 of 2, 0x200",
	  "it belongs to VSEC at 0x200" },
	{ "the caller's offset, weaker than required",
	  ASKED(0xff8),
	  { OPEN, TAIL },
	  "0xff8 assumed (weak), 2 of 2, 0 also",
	  "FPGA" },
	{ "a guard on both sides",
	  GUARD(0x78),
	  { LOW, HIGH },
	  "0xc80 observed, 2 of 2, 0 also",
	  "zero" },
	{ "a guard that only one can keep",
	  GUARD(0x80),
	  { HIGH, OPEN, LOW, LOW },
	  "none: 0x600 observed, 3 of 4, 0x500",
	  "it belongs to VSEC at 0x500" },
};

/* The answer in the words of the table. */
static const char *outcome(const struct capgap_common_answer *ans)
{
	static char text[128];
	char more[64] = "";
	const struct capgap_objector *first = &ans->blocked.named[0];
	const char *grade = capgap_grade_name(ans->grade);
	int n;

	if (ans->blocked.n)
		snprintf(more, sizeof(more), ", %s0x%03x",
			 first->nowhere ? "nowhere " : "", first->range.off);
	if (ans->found)
		n = snprintf(text, sizeof(text), "0x%03x %s%s, %lu of %lu, %u also",
			     ans->offset, grade, ans->meets ? "" : " (weak)",
			     ans->n_agree, ans->n_applicable, ans->n_alternatives);
	else
		n = snprintf(text, sizeof(text), "none: 0x%03x %s, %lu of %lu%s",
			     ans->offset, grade, ans->n_agree, ans->n_applicable, more);
	if (ans->spoilt.n)
		n += snprintf(text + n, sizeof(text) - (size_t)n, ", %lu spoilt",
			      ans->spoilt.n);
	if (ans->n_exposed)
		snprintf(text + n, sizeof(text) - (size_t)n, ", %lu exposed",
			 ans->n_exposed);
	return text;
}

START_TEST(common_offset_is_chosen)
{
	const struct row *row = &rows[_i];
	const struct capgap_common_answer *ans = answer_for(&row->policy, row->member);
	const char *text = ans->found	  ? ans->reason :
			   ans->blocked.n ? ans->blocked.named[0].reason :
					    ans->refusal;

	ck_assert_msg(!strcmp(outcome(ans), row->want), "%s: %s", row->name,
		      outcome(ans));
	ck_assert_msg(strstr(text, row->text), "%s: %s", row->name, text);
	ck_assert_uint_eq(ans->blocked.n, ans->n_applicable - ans->n_agree);
	ck_assert_uint_eq(ans->blocked.n_named, ans->blocked.n);
	ck_assert_uint_eq(ans->spoilt.n_named, ans->spoilt.n);
	ck_assert_int_eq(ans->refusal[0] == '\0', ans->found);
}
END_TEST

START_TEST(objectors_have_names)
{
	static const struct capgap_policy policy = OBSERVED;
	static const enum look member[MEMBERS_MAX] = { OPEN, FULL, OPEN, FULL };
	const struct capgap_common_answer *ans = answer_for(&policy, member);

	ck_assert_uint_eq(ans->blocked.n_named, 2);
	ck_assert_str_eq(ans->blocked.named[0].source, "b.txt");
	ck_assert_uint_eq(ans->blocked.named[0].machine, 0);
	ck_assert_uint_eq(ans->blocked.named[1].machine, 1);
	ck_assert(ans->blocked.named[1].has_bdf);
	ck_assert_uint_eq(ans->blocked.named[1].bdf.bus, 3);
	/* equal reasons are one text */
	ck_assert_ptr_eq(ans->blocked.named[0].reason, ans->blocked.named[1].reason);
}
END_TEST

/* What all of them can do. */
static const struct joint_row {
	const char *name;
	enum look member[MEMBERS_MAX];
	enum capgap_answer_is supported;
	unsigned width;
	bool execute;
	bool privileged;
	bool enabled;
} joints[] = {
	{ "alike", { SLOT_230, SLOT_300 }, CAPGAP_IS_YES, 20, false, true, true },
	{ "the least of each",
	  { SLOT_230, WIDTH_8 },
	  CAPGAP_IS_YES,
	  8,
	  false,
	  false,
	  false },
	{ "the other way round",
	  { WIDTH_8, SLOT_230 },
	  CAPGAP_IS_YES,
	  8,
	  false,
	  false,
	  false },
	{ "alone", { WIDTH_8 }, CAPGAP_IS_YES, 8, true, false, false },
	{ "one is unknown",
	  { SLOT_230, UNKNOWN },
	  CAPGAP_IS_UNKNOWN,
	  0,
	  false,
	  false,
	  false },
	{ "one has none", { SLOT_230, OPEN }, CAPGAP_IS_NO, 0, false, false, false },
	{ "none is none, whatever another has",
	  { UNKNOWN, OPEN, SLOT_230 },
	  CAPGAP_IS_NO,
	  0,
	  false,
	  false,
	  false },
	{ "nobody", { BRIDGE }, CAPGAP_IS_UNKNOWN, 0, false, false, false },
};

START_TEST(common_pasid_is_the_least)
{
	static const struct capgap_policy policy = OBSERVED;
	const struct joint_row *row = &joints[_i];
	const struct capgap_joint *joint = &answer_for(&policy, row->member)->joint;

	ck_assert_msg(joint->supported == row->supported, "%s: %d", row->name,
		      (int)joint->supported);
	if (joint->supported != CAPGAP_IS_YES)
		return;
	ck_assert_msg(joint->width == row->width && joint->execute == row->execute &&
			      joint->privileged == row->privileged &&
			      joint->enabled == row->enabled,
		      "%s: %u bits, %d %d %d", row->name, joint->width, joint->execute,
		      joint->privileged, joint->enabled);
}
END_TEST

/* Groups, with the labels in their order. */
static const struct group_row {
	enum capgap_group_by by;
	const char *labels;
} groups[] = {
	{ CAPGAP_GROUP_ALL, "-:5 " },
	{ CAPGAP_GROUP_VENDOR, "15b3:3 8086:1 unknown:1 " },
	{ CAPGAP_GROUP_DEVICE, "15b3:1021:3 8086:1021:1 unknown:1 " },
	{ CAPGAP_GROUP_REVISION,
	  "15b3:1021:01:2 15b3:1021:02:1 8086:1021:01:1 unknown:1 " },
};

START_TEST(functions_are_grouped)
{
	static const struct capgap_policy policy = OBSERVED;
	struct capgap_common *common = capgap_common_new(&policy, groups[_i].by);
	struct support_image image = looks[OPEN];
	char text[160] = "";
	char one[32];

	add(common, support_function(&looks[UNKNOWN]), 0);
	add(common, support_function(&image), 1);
	image.step[4] = (struct support_step)PUT16(0x00, 0x8086);
	image.step[1] = image.step[4];
	add(common, support_function(&image), 2);
	image.step[1] = (struct support_step)PUT8(0x08, 2);
	image.step[4] = (struct support_step){ STEP_NONE, 0, 0, 0 };
	add(common, support_function(&image), 3);
	add(common, support_function(&looks[LOW]), 4);
	n_answers = 0;
	ck_assert_int_eq(capgap_common_each(common, keep, NULL), 0);
	for (unsigned i = 0; i < n_answers; i++) {
		snprintf(one, sizeof(one), "%s:%lu ",
			 answers[i].group ? answers[i].group : "-",
			 answers[i].n_functions);
		strncat(text, one, sizeof(text) - strlen(text) - 1);
	}
	ck_assert_str_eq(text, groups[_i].labels);
	capgap_common_free(common);
}
END_TEST

START_TEST(groupings_have_names)
{
	ck_assert_int_eq(capgap_group_by_find("vendor:device"), CAPGAP_GROUP_DEVICE);
	ck_assert_int_eq(capgap_group_by_find("vendor:device:revision"),
			 CAPGAP_GROUP_REVISION);
	ck_assert_int_eq(capgap_group_by_find("vendor"), CAPGAP_GROUP_VENDOR);
	ck_assert_int_lt(capgap_group_by_find("device"), 0);
}
END_TEST

/* Functions of one shape are kept once: few are named, all are counted. */
START_TEST(names_are_few)
{
	static const struct capgap_policy policy = OBSERVED;
	struct capgap_common *common = capgap_common_new(&policy, CAPGAP_GROUP_ALL);

	for (unsigned i = 0; i < 200; i++)
		add(common, function_of(i % 2 ? FULL : OPEN), i);
	n_answers = 0;
	ck_assert_int_eq(capgap_common_each(common, keep, NULL), 0);
	ck_assert_uint_eq(answers[0].n_agree, 100);
	ck_assert_uint_eq(answers[0].blocked.n, 100);
	ck_assert_uint_eq(answers[0].blocked.n_named, CAPGAP_COMMON_EXAMPLES);
	capgap_common_free(common);
}
END_TEST

/*
 * More shapes than can be kept: every second dword of 0x200-0x6ff in use or not, as the bits
 * of the number say. 0x110 stays free in all but the last.
 */
#define SHAPES 6000u

static void spoil(struct capgap_record *rec, unsigned n)
{
	struct support_step step = PUT32(0, 0x5a5a5a5a);

	for (unsigned i = 0; i < 160; i++) {
		step.off = (uint16_t)(0x200 + 8 * i);
		if (i >= 14 || n >> i & 1u)
			support_step(rec, &step);
	}
}

START_TEST(shapes_too_many_are_still_counted)
{
	static const struct capgap_policy policy = ASSUMED;
	struct capgap_common *common = capgap_common_new(&policy, CAPGAP_GROUP_ALL);
	struct capgap_record rec;

	for (unsigned i = 0; i < SHAPES; i++) {
		support_record(&rec, &looks[OPEN]);
		spoil(&rec, i);
		add(common, support_analyse(&rec, NULL, CAPGAP_VANTAGE_HOST), i % 200);
	}
	add(common, function_of(FULL), 0);
	n_answers = 0;
	ck_assert_int_eq(capgap_common_each(common, keep, NULL), 0);
	ck_assert_uint_eq(answers[0].n_applicable, SHAPES + 1);
	ck_assert_uint_eq(answers[0].n_agree, SHAPES);
	ck_assert_uint_eq(answers[0].blocked.n, 1);
	/* the last came when there was no room left for its name */
	ck_assert_uint_eq(answers[0].blocked.n_named, 0);
	capgap_common_free(common);
}
END_TEST

START_TEST(groups_too_many_are_an_error)
{
	static const struct capgap_policy policy = OBSERVED;
	struct capgap_common *common = capgap_common_new(&policy, CAPGAP_GROUP_DEVICE);
	struct capgap_function *fn = function_of(BRIDGE);
	struct capgap_pasid pasid;

	capgap_query_config(&pasid, fn);
	for (unsigned i = 0; i < CAPGAP_COMMON_GROUPS_MAX; i++) {
		fn->device = (uint16_t)i;
		ck_assert_int_eq(capgap_common_add(common, "in", 0, fn, &pasid), 0);
	}
	fn->device = (uint16_t)CAPGAP_COMMON_GROUPS_MAX;
	ck_assert_int_eq(capgap_common_add(common, "in", 0, fn, &pasid),
			 -CAPGAP_E_TOOMANY);
	fn->device = 0;
	ck_assert_int_eq(capgap_common_add(common, "in", 0, fn, &pasid), 0);
	capgap_common_free(common);
}
END_TEST

Suite *common_suite(void)
{
	Suite *suite = suite_create("common");
	TCase *chosen = tcase_create("chosen");
	TCase *bounds = tcase_create("bounds");

	tcase_add_loop_test(chosen, common_offset_is_chosen, 0, ROWS(rows));
	tcase_add_test(chosen, objectors_have_names);
	tcase_add_loop_test(chosen, common_pasid_is_the_least, 0, ROWS(joints));
	tcase_add_loop_test(chosen, functions_are_grouped, 0, ROWS(groups));
	tcase_add_test(chosen, groupings_have_names);
	suite_add_tcase(suite, chosen);
	tcase_set_timeout(bounds, 60);
	tcase_add_test(bounds, names_are_few);
	tcase_add_test(bounds, shapes_too_many_are_still_counted);
	tcase_add_test(bounds, groups_too_many_are_an_error);
	suite_add_tcase(suite, bounds);
	return suite;
}
