/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the PASID capability goes: grades, ties, the caller's offset, refusals. */
#include <string.h>

#include "../placement/plan.h"
#include "suites.h"
#include "support.h"

#define OBJECTIONS_MAX 4

/**
 * struct row - an image, a policy, and the plan
 * @name: for messages
 * @image: how to build it
 * @vantage: where it was taken
 * @pf_pasid: not 0: it is 0000:03:10.0, and its physical function has PASID there
 * @require: 0 stands for observed
 * @min_gap: 0 stands for 12
 * @offset: the caller's, or 0
 * @force: though it is objected to
 * @vmm: for which VMM
 * @guard: bytes on both sides
 * @found: there is a placement
 * @at: its offset
 * @grade: its grade
 * @link: how it is linked
 * @refusal: a part of the refusal, where there is none
 */
struct row {
	const char *name;
	struct support_image image;
	enum capgap_vantage vantage;
	uint16_t pf_pasid;
	enum capgap_grade require;
	unsigned min_gap;
	uint16_t offset;
	bool force;
	enum capgap_vmm vmm;
	unsigned guard;
	bool found;
	uint16_t at;
	enum capgap_grade grade;
	enum capgap_link link;
	const char *refusal;
};

#define GRADE(grade) CAPGAP_GRADE_##grade
#define LINK(link) CAPGAP_LINK_##link
#define FOUND(at_, grade_, link_)                                                        \
	.found = true, .at = (at_), .grade = GRADE(grade_), .link = LINK(link_)

static struct capgap_plan plan;
static struct capgap_function *fn;

static struct capgap_function *analyse(const struct row *row)
{
	struct capgap_pf pf = { .vendor = SUPPORT_VENDOR,
				.vf_device = 0x1022,
				.first = 0x80,
				.stride = 1,
				.num = 1,
				.chain_known = true };
	struct capgap_topology topo;
	struct capgap_record rec;

	support_record(&rec, &row->image);
	if (!row->pf_pasid)
		return support_analyse(&rec, NULL, row->vantage);
	pf.bdf = support_bdf("0000:03:00.0");
	pf.pasid = (struct capgap_pasid_regs){ row->pf_pasid, 0x1404, 1 };
	support_at(&rec, "0000:03:10.0");
	capgap_topology_init(&topo);
	capgap_topology_add_pf(&topo, &pf);
	fn = support_analyse(&rec, &topo, row->vantage);
	capgap_topology_clear(&topo);
	ck_assert(fn->has_pf);
	return fn;
}

static void make(const struct row *row)
{
	struct capgap_policy policy = { .require = row->require ? row->require :
								  GRADE(OBSERVED),
					.min_gap = row->min_gap ? row->min_gap : 12,
					.has_offset = row->offset != 0,
					.offset = row->offset,
					.force = row->force,
					.vmm = row->vmm,
					.guard = row->guard };
	struct capgap_pasid pasid;

	capgap_query_config(&pasid, fn);
	capgap_plan_make(&plan, fn, &pasid, &policy);
}

static void check_plan(const struct row *row)
{
	make(row);
	ck_assert_msg(plan.found == row->found, "%s: %s", row->name,
		      plan.found ? plan.reason : plan.refusal);
	ck_assert_msg(plan.by_caller == (row->offset != 0), "%s: by_caller", row->name);
	if (row->found) {
		ck_assert_msg(plan.offset == row->at, "%s: at 0x%03x, not 0x%03x",
			      row->name, plan.offset, row->at);
		ck_assert_msg(plan.grade == row->grade, "%s: %s", row->name,
			      capgap_grade_name(plan.grade));
		ck_assert_msg(plan.edits.link == row->link, "%s: link %d", row->name,
			      plan.edits.link);
		ck_assert_msg(plan.reason[0] != '\0', "%s: no reason", row->name);
		return;
	}
	ck_assert_msg(strstr(plan.refusal, row->refusal) != NULL, "%s: %s", row->name,
		      plan.refusal);
	ck_assert_int_eq(plan.edits.link, LINK(NONE));
	ck_assert_uint_eq(plan.edits.n, 0);
}

static void check_row(const struct row *row)
{
	fn = analyse(row);
	check_plan(row);
}

/* A VSEC that holds everything from @off on. */
#define REST(off) EXT(off, 0x000b, 1, 0), VENDOR_LENGTH(off, 0x1000 - (off))
/* VSECs that leave only 0x700-0xbff and 0xd00-0xfff, or less of the latter. */
#define BANDS_ONLY(next)                                                                 \
	EXT(0x100, 0x000b, 1, 0xc00), VENDOR_LENGTH(0x100, 0x600),                       \
		EXT(0xc00, 0x000b, 1, next), VENDOR_LENGTH(0xc00, 0x100)

static const struct row grades[] = {
	{ "a sound list: the middle of the longest run outside of the bands",
	  { .step = { EXT(0x100, 0x0003, 1, 0) } },
	  FOUND(0x404, OBSERVED, INSERT) },
	{ "observed before assumed",
	  { .step = { EXT(0x100, 0x0001, 2, 0x180), EXT(0x180, 0x0003, 1, 0) } },
	  FOUND(0x444, OBSERVED, INSERT) },
	{ "observed, though shorter, before assumed",
	  { .step = { EXT(0x100, 0x0003, 1, 0x118), EXT(0x118, 0x0001, 2, 0) } },
	  .require = GRADE(ASSUMED),
	  FOUND(0x110, OBSERVED, INSERT) },
	{ "the slot before observed",
	  { .step = { EXT(0x100, 0x0003, 1, 0x110), PASID(0x110, 0, 1) } },
	  FOUND(0x110, SLOT, INSERT) },
	{ "the slot in a band",
	  { .step = { EXT(0x100, 0x0003, 1, 0xff8), PASID(0xff8, 0, 1) } },
	  FOUND(0xff8, SLOT, INSERT) },
	{ "observed, where another structure overlaps the slot",
	  { .step = { EXT(0x100, 0x0010, 1, 0x120), PASID(0x120, 0, 1) } },
	  FOUND(0x420, OBSERVED, INSERT) },
	{ "a space filled with ff",
	  { .step = { FILL(0x100, 0xf00, 0xff), EXT(0x100, 0x000f, 1, 0),
		      PUT32(0x104, 0) } },
	  FOUND(0x404, OBSERVED, INSERT) },
	{ "assumed, if that will do: in a shadow",
	  { .step = { EXT(0x100, 0x003b, 1, 0x200), REST(0x200) } },
	  .require = GRADE(ASSUMED),
	  FOUND(0x180, ASSUMED, INSERT) },
	{ "assumed, if that will do: a lost row",
	  { .step = { EXT(0x100, 0x0003, 1, 0), DROP(0xff0, 16) } },
	  .require = GRADE(ASSUMED),
	  FOUND(0x87c, ASSUMED, INSERT) },
	{ "what cannot be linked, since the way there was not read, is passed over",
	  { .step = { EXT(0x100, 0x0003, 1, 0x300), DROP(0x300, 16) } },
	  .require = GRADE(ASSUMED),
	  FOUND(0x204, ASSUMED, INSERT) },
	{ "a capability that a VMM has put there stays",
	  { .step = { EXT(0x100, 0x0003, 1, 0xff8), PASID(0xff8, 0, 1) } },
	  .vantage = CAPGAP_VANTAGE_GUEST,
	  FOUND(0xff8, NONE, PRESENT) },
};

START_TEST(plan_takes_the_strongest_grade)
{
	check_row(&grades[_i]);
}
END_TEST

static const struct row ties[] = {
	{ "the lowest of two runs of the same length",
	  { .step = { EXT(0x100, 0x000f, 1, 0x208), EXT(0x208, 0x0003, 1, 0x314),
		      REST(0x314) } },
	  FOUND(0x188, OBSERVED, INSERT) },
	{ "the longest",
	  { .step = { EXT(0x100, 0x000f, 1, 0x204), EXT(0x204, 0x0003, 1, 0x314),
		      REST(0x314) } },
	  FOUND(0x290, OBSERVED, INSERT) },
	{ "12 bytes: the middle, rounded down",
	  { .step = { EXT(0x100, 0x000f, 1, 0x114), REST(0x114) } },
	  FOUND(0x10c, OBSERVED, INSERT) },
	{ "8 bytes, if that is asked for: there is no middle",
	  { .step = { EXT(0x100, 0x000f, 1, 0x110), REST(0x110) } },
	  .min_gap = 8,
	  FOUND(0x108, OBSERVED, INSERT) },
	{ "at assumed, 0xff8 before the longest",
	  { .step = { BANDS_ONLY(0) } },
	  .require = GRADE(ASSUMED),
	  FOUND(0xff8, ASSUMED, INSERT) },
	{ "at assumed, the longest where 0xff8 is owned",
	  { .step = { BANDS_ONLY(0xff0), EXT(0xff0, 0x0013, 1, 0) } },
	  .require = GRADE(ASSUMED),
	  FOUND(0x980, ASSUMED, INSERT) },
	{ "at assumed, the longest where half of 0xff8 is owned",
	  { .step = { BANDS_ONLY(0xffc), EXT(0xffc, 0x0000, 1, 0) } },
	  .require = GRADE(ASSUMED),
	  FOUND(0x980, ASSUMED, INSERT) },
	{ "at observed, 0xff8 is no better than others",
	  { .step = { EXT(0x100, 0x0003, 1, 0) } },
	  .require = GRADE(ASSUMED),
	  FOUND(0x404, OBSERVED, INSERT) },
};

START_TEST(plan_breaks_ties_inside_a_grade)
{
	check_row(&ties[_i]);
}
END_TEST

/* A VF with ARI at 0x100: observed are 0x108-0x6ff and 0xc00-0xcff. */
#define VF_IMAGE                                                                         \
	{                                                                                \
		.base = BASE_VF, .step = { EXT(0x100, 0x000e, 1, 0) }                    \
	}

static const struct row virtuals[] = {
	{ "its PF's offset", VF_IMAGE, .pf_pasid = 0x300,
	  FOUND(0x300, OBSERVED, INSERT) },
	{ "at the start of the run", VF_IMAGE, .pf_pasid = 0x108,
	  FOUND(0x108, OBSERVED, INSERT) },
	{ "at its end", VF_IMAGE, .pf_pasid = 0x6f8, FOUND(0x6f8, OBSERVED, INSERT) },
	{ "in the shorter of two runs", VF_IMAGE, .pf_pasid = 0xc40,
	  FOUND(0xc40, OBSERVED, INSERT) },
	{ "not across the end of the run", VF_IMAGE, .pf_pasid = 0x6fc,
	  FOUND(0x404, OBSERVED, INSERT) },
	{ "not in a weaker run", VF_IMAGE, .pf_pasid = 0x900,
	  FOUND(0x404, OBSERVED, INSERT) },
	{ "not in a structure of its own", VF_IMAGE, .pf_pasid = 0x100,
	  FOUND(0x404, OBSERVED, INSERT) },
	{ "not half in a structure", VF_IMAGE, .pf_pasid = 0x104,
	  FOUND(0x404, OBSERVED, INSERT) },
	{ "at assumed, before 0xff8",
	  { .base = BASE_VF, .step = { EXT(0x100, 0x0001, 2, 0) } },
	  .pf_pasid = 0x300,
	  .require = GRADE(ASSUMED),
	  FOUND(0x300, ASSUMED, INSERT) },
	{ "at assumed, 0xff8 where the PF's will not do",
	  { .base = BASE_VF, .step = { EXT(0x100, 0x0001, 2, 0) } },
	  .pf_pasid = 0x120,
	  .require = GRADE(ASSUMED),
	  FOUND(0xff8, ASSUMED, INSERT) },
};

START_TEST(plan_gives_a_vf_the_offset_of_its_pf)
{
	check_row(&virtuals[_i]);
}
END_TEST

static const struct row heads[] = {
	{ "0x104 covers capability and control",
	  { .step = { PASID(0x100, 0x200, 5), EXT(0x200, 0x0003, 1, 0) } },
	  FOUND(0x104, OBSERVED, INSERT) },
	{ "0x100 where a structure follows",
	  { .step = { PASID(0x100, 0x108, 5), EXT(0x108, 0x0003, 1, 0) } },
	  .vmm = CAPGAP_VMM_GENERIC,
	  FOUND(0x100, SLOT, HEAD) },
	{ "0x100 where what follows is too short a run",
	  { .step = { PASID(0x100, 0x110, 5), EXT(0x110, 0x0003, 1, 0) } },
	  .vmm = CAPGAP_VMM_GENERIC,
	  FOUND(0x100, SLOT, HEAD) },
	{ "0x100 where what follows is not zero",
	  { .step = { PASID(0x100, 0x200, 5), EXT(0x200, 0x0003, 1, 0),
		      PUT8(0x108, 1) } },
	  .vmm = CAPGAP_VMM_GENERIC,
	  FOUND(0x100, SLOT, HEAD) },
	{ "0x100 where nothing less than the slot will do",
	  { .step = { PASID(0x100, 0x200, 5), EXT(0x200, 0x0003, 1, 0) } },
	  .require = GRADE(SLOT),
	  FOUND(0x100, SLOT, HEAD) },
};

START_TEST(plan_moves_a_slot_at_the_head_to_0x104)
{
	check_row(&heads[_i]);
}
END_TEST

static const struct row refusals[] = {
	{ "a bridge", { .step = { PUT8(0x0e, 0x01) } }, .refusal = "bridge" },
	{ "a CardBus bridge", { .step = { PUT8(0x0e, 0x02) } }, .refusal = "CardBus" },
	{ "a conventional function",
	  { .base = BASE_CONVENTIONAL },
	  .refusal = "PCI Express" },
	{ "64 bytes", { .size = 64 }, .refusal = "4096" },
	{ "256 bytes", { .size = 256 }, .refusal = "4096" },
	{ "0xa0 bytes", { .size = 0xa0 }, .refusal = "4096" },
	{ "0x600 bytes", { .size = 0x600 }, .refusal = "4096" },
	{ "every byte ff",
	  { .base = BASE_BLANK, .step = { FILL(0, 4096, 0xff) } },
	  .refusal = "ff" },
	{ "an offset, though not applicable",
	  { .size = 256 },
	  .offset = 0x400,
	  .force = true,
	  .refusal = "4096" },
};

START_TEST(plan_refuses_what_is_not_applicable)
{
	struct row row = refusals[_i];

	/* Nothing was planned, so it is nobody's plan. */
	fn = analyse(&row);
	make(&row);
	ck_assert(!plan.found);
	ck_assert_str_eq(plan.refusal, fn->not_applicable);
	ck_assert_msg(strstr(plan.refusal, row.refusal) != NULL, "%s: %s", row.name,
		      plan.refusal);
	ck_assert_uint_eq(plan.n_places, 0);
	ck_assert_int_eq(plan.chosen, -1);
}
END_TEST

static const struct row required[] = {
	{ "nothing but assumed", { .step = { BANDS_ONLY(0) } }, .refusal = "observed" },
	{ "a lost row",
	  { .step = { EXT(0x100, 0x0003, 1, 0), DROP(0x90, 16) } },
	  .refusal = "observed" },
	{ "a broken list",
	  { .step = { EXT(0x100, 0x0003, 1, 0x100) } },
	  .refusal = "observed" },
	{ "a VF with a PASID capability",
	  { .base = BASE_VF,
	    .step = { EXT(0x100, 0x000e, 1, 0x110), PASID(0x110, 0, 1) } },
	  .refusal = "observed" },
	{ "declared is asked for",
	  { .step = { EXT(0x100, 0x0003, 1, 0) } },
	  .require = GRADE(DECLARED),
	  .refusal = "declared" },
	{ "listed is asked for",
	  { .step = { EXT(0x100, 0x0003, 1, 0) } },
	  .require = GRADE(LISTED),
	  .refusal = "listed" },
	{ "a slot is asked for",
	  { .step = { EXT(0x100, 0x0003, 1, 0) } },
	  .require = GRADE(SLOT),
	  .refusal = "slot" },
	{ "a VF has no slot, not even its PF's", VF_IMAGE, .pf_pasid = 0x300,
	  .require = GRADE(SLOT), .refusal = "slot" },
	{ "no free byte",
	  { .step = { REST(0x100) } },
	  .require = GRADE(ASSUMED),
	  .refusal = "no range" },
	{ "nothing but short runs",
	  { .step = { EXT(0x100, 0x000f, 1, 0x110), REST(0x110) } },
	  .require = GRADE(ASSUMED),
	  .refusal = "no range" },
	{ "nothing but bytes that are not zero",
	  { .step = { EXT(0x100, 0x0003, 1, 0), FILL(0x10c, 0xef4, 0x5a) } },
	  .require = GRADE(ASSUMED),
	  .refusal = "no range" },
	{ "ones at 0x100",
	  { .step = { FILL(0x100, 4, 0xff) } },
	  .require = GRADE(ASSUMED),
	  .refusal = "no range" },
	{ "a head that was not read, so that nothing can be linked",
	  { .step = { EXT(0x100, 0x0003, 1, 0), DROP(0x100, 16) } },
	  .require = GRADE(ASSUMED),
	  .refusal = "cannot be linked" },
	{ "a run that is shorter than asked for once the band is cut off",
	  { .step = { EXT(0x100, 0x0003, 1, 0) } },
	  .min_gap = 0x600,
	  .refusal = "long enough" },
};

START_TEST(plan_refuses_what_is_below_the_required_grade)
{
	check_row(&required[_i]);
	ck_assert_int_eq(plan.chosen, -1);
}
END_TEST

/* A DSN at 0x100, ATS at 0x180; 0x10c-0x17f, 0x188-0x6ff and 0xc00-0xcff are observed. */
#define TWO EXT(0x100, 0x0003, 1, 0x180), EXT(0x180, 0x000f, 1, 0)

static const struct row offsets[] = {
	{ "observed bytes",
	  { .step = { TWO } },
	  .offset = 0x400,
	  FOUND(0x400, OBSERVED, INSERT) },
	{ "the first and the last of a run",
	  { .step = { TWO } },
	  .offset = 0x10c,
	  FOUND(0x10c, OBSERVED, INSERT) },
	{ "just before a structure",
	  { .step = { TWO } },
	  .offset = 0x178,
	  FOUND(0x178, OBSERVED, INSERT) },
	{ "assumed bytes, whatever is required",
	  { .step = { TWO } },
	  .offset = 0x800,
	  FOUND(0x800, ASSUMED, INSERT) },
	{ "the weakest of its bytes counts",
	  { .step = { TWO } },
	  .offset = 0x6fc,
	  FOUND(0x6fc, ASSUMED, INSERT) },
	{ "the last offset there is",
	  { .step = { TWO } },
	  .offset = 0xff8,
	  FOUND(0xff8, ASSUMED, INSERT) },
	{ "the slot",
	  { .step = { EXT(0x100, 0x0003, 1, 0x110), PASID(0x110, 0, 1) } },
	  .offset = 0x110,
	  FOUND(0x110, SLOT, INSERT) },
	{ "half of the slot",
	  { .step = { EXT(0x100, 0x0003, 1, 0x110), PASID(0x110, 0, 1) } },
	  .offset = 0x114,
	  FOUND(0x114, OBSERVED, INSERT) },
	{ "forcing changes nothing where there is no objection",
	  { .step = { TWO } },
	  .offset = 0x400,
	  .force = true,
	  FOUND(0x400, OBSERVED, INSERT) },
};

START_TEST(plan_takes_the_callers_offset_at_its_grade)
{
	check_row(&offsets[_i]);
	ck_assert_uint_eq(plan.n_objections, 0);
}
END_TEST

/**
 * struct objected - an offset that is objected to
 * @row: image and offset
 * @claim: bytes that a quirk reserves; length 0 for none
 * @want: each dword with each of its objections; @cap is the offset of the
 *        structure, or 0
 */
struct objected {
	struct row row;
	struct capgap_range claim;
	struct {
		uint16_t off;
		enum capgap_reason reason;
		uint16_t cap;
	} want[OBJECTIONS_MAX];
};

#define R(reason) CAPGAP_REASON_##reason

static const struct objected objected[] = {
	{ { "a structure", { .step = { TWO } }, .offset = 0x104 },
	  { 0, 0 },
	  { { 0x104, R(OWNED), 0x100 }, { 0x108, R(OWNED), 0x100 } } },
	{ { "the end of a structure", { .step = { TWO } }, .offset = 0x108 },
	  { 0, 0 },
	  { { 0x108, R(OWNED), 0x100 } } },
	{ { "two structures, one behind the other",
	    { .step = { EXT(0x100, 0x0003, 1, 0x10c), EXT(0x10c, 0x000f, 1, 0) } },
	    .offset = 0x108 },
	  { 0, 0 },
	  { { 0x108, R(OWNED), 0x100 }, { 0x10c, R(OWNED), 0x10c } } },
	{ { "two structures that overlap",
	    { .step = { EXT(0x100, 0x0010, 1, 0x11c), EXT(0x11c, 0x0003, 1, 0) } },
	    .offset = 0x120 },
	  { 0, 0 },
	  { { 0x120, R(OWNED), 0x100 },
	    { 0x120, R(OWNED), 0x11c },
	    { 0x124, R(OWNED), 0x100 },
	    { 0x124, R(OWNED), 0x11c } } },
	{ { "the header of an unknown structure",
	    { .step = { EXT(0x100, 0x0003, 1, 0x180), EXT(0x180, 0x003b, 1, 0) } },
	    .offset = 0x17c },
	  { 0, 0 },
	  { { 0x180, R(OWNED), 0x180 } } },
	{ { "an orphan",
	    { .step = { TWO, EXT(0x140, 0x0004, 1, 0x180) } },
	    .offset = 0x148 },
	  { 0, 0 },
	  { { 0x148, R(ORPHAN), 0 }, { 0x14c, R(ORPHAN), 0 } } },
	{ { "a lost row", { .step = { TWO, DROP(0x200, 16) } }, .offset = 0x1fc },
	  { 0, 0 },
	  { { 0x200, R(ABSENT), 0 } } },
	{ { "bytes that are not zero",
	    { .step = { TWO, PUT8(0x203, 1) } },
	    .offset = 0x200 },
	  { 0, 0 },
	  { { 0x200, R(NONZERO), 0 } } },
	{ { "bytes that a quirk reserves", { .step = { TWO } }, .offset = 0x200 },
	  { 0x204, 1 },
	  { { 0x204, R(RESERVED), 0 } } },
	{ { "a structure, and what a quirk reserves behind it",
	    { .step = { TWO } },
	    .offset = 0x108 },
	  { 0x10c, 4 },
	  { { 0x108, R(OWNED), 0x100 }, { 0x10c, R(RESERVED), 0 } } },
	{ { "a lost row of a structure, which is named all the same",
	    { .step = { EXT(0x100, 0x0010, 1, 0), DROP(0x120, 16) } },
	    .offset = 0x120 },
	  { 0, 0 },
	  { { 0x120, R(ABSENT), 0 },
	    { 0x120, R(OWNED), 0x100 },
	    { 0x124, R(ABSENT), 0 },
	    { 0x124, R(OWNED), 0x100 } } },
	{ { "a structure that a quirk reserves too",
	    { .step = { TWO } },
	    .offset = 0x108 },
	  { 0x108, 4 },
	  { { 0x108, R(OWNED), 0x100 }, { 0x108, R(RESERVED), 0 } } },
};

/* The objections that name @off for @reason and the structure at @cap. */
static unsigned count_objections(uint16_t off, enum capgap_reason reason, uint16_t cap)
{
	const struct capgap_place *place;
	uint16_t at;
	unsigned n = 0;

	for (unsigned i = 0; i < plan.n_objections; i++) {
		place = &plan.objection[i];
		at = place->cap == CAPGAP_NO_CAP ? 0 : fn->chain.cap[place->cap].off;
		n += off >= place->off && off < place->off + place->len &&
		     place->reason == reason && at == cap;
	}
	return n;
}

static void check_objections(const struct objected *row)
{
	unsigned dwords = 0;
	unsigned n;

	for (unsigned i = 0; i < plan.n_objections; i++)
		dwords += plan.objection[i].len / 4u;
	for (n = 0; n < OBJECTIONS_MAX && row->want[n].off; n++)
		ck_assert_msg(count_objections(row->want[n].off, row->want[n].reason,
					       row->want[n].cap) == 1,
			      "%s: 0x%03x: %s (0x%03x)", row->row.name, row->want[n].off,
			      capgap_reason_text(row->want[n].reason), row->want[n].cap);
	ck_assert_msg(dwords == n, "%s: objections to %u dwords", row->row.name, dwords);
}

static void make_objected(const struct objected *row)
{
	fn = analyse(&row->row);
	if (row->claim.len)
		capgap_map_claim(&fn->map, row->claim.off, row->claim.len,
				 CAPGAP_OWNER_RESERVED, CAPGAP_NO_CAP);
	make(&row->row);
}

START_TEST(plan_names_every_objection_to_the_callers_offset)
{
	make_objected(&objected[_i]);
	ck_assert(!plan.found);
	ck_assert(plan.by_caller);
	ck_assert_uint_gt(strlen(plan.refusal), 0);
	check_objections(&objected[_i]);
}
END_TEST

/* Ten VSECs of 512 bytes, a header apart: each of them has both dwords. */
START_TEST(plan_names_each_of_many_owners)
{
	struct row row = { .name = "ten", .offset = 0x180 };
	struct support_step *step = row.image.step;

	for (unsigned i = 0; i < 10; i++) {
		unsigned off = 0x100 + 8 * i;

		step[2 * i] = (struct support_step)EXT(off, 0x000b, 1,
						       i < 9 ? off + 8 : 0);
		step[2 * i + 1] = (struct support_step)VENDOR_LENGTH(off, 0x200);
	}
	fn = analyse(&row);
	make(&row);
	ck_assert(!plan.found);
	for (uint16_t off = 0x100; off < 0x150; off += 8) {
		ck_assert_msg(count_objections(0x180, R(OWNED), off) == 1, "0x%03x", off);
		ck_assert_msg(count_objections(0x184, R(OWNED), off) == 1, "0x%03x", off);
	}
}
END_TEST

START_TEST(plan_is_forced_without_a_grade)
{
	struct objected row = objected[_i];

	row.row.force = true;
	make_objected(&row);
	/* Bytes that were not read cannot be edited. */
	if (row.want[0].reason == R(ABSENT)) {
		ck_assert(!plan.found);
		return;
	}
	ck_assert_uint_eq(plan.offset, row.row.offset);
	ck_assert_int_eq(plan.grade, GRADE(NONE));
	ck_assert(plan.found);
	ck_assert_int_eq(plan.edits.link, LINK(INSERT));
	ck_assert_uint_gt(plan.n_objections, 0);
}
END_TEST

/* Offsets at which no capability can be, forced or not. */
static const uint16_t impossible[] = { 0x004, 0x040, 0x0fc,  0x101,  0x402,
				       0xff9, 0xffc, 0x1000, 0xfffc, 0xffff };

START_TEST(plan_refuses_an_offset_where_nothing_can_be)
{
	struct row row = { .name = "impossible",
			   .image = { .step = { TWO } },
			   .offset = impossible[_i],
			   .refusal = "" };

	fn = analyse(&row);
	for (int force = 0; force < 2; force++) {
		row.force = force;
		make(&row);
		ck_assert_msg(!plan.found, "0x%03x", row.offset);
		ck_assert_uint_gt(strlen(plan.refusal), 0);
		ck_assert_uint_eq(plan.edits.n, 0);
	}
}
END_TEST

START_TEST(plan_cannot_be_linked_where_an_entry_stands)
{
	static const struct row row = { "at ATS",
					{ .step = { TWO } },
					.offset = 0x180,
					.force = true,
					.refusal = "0x180" };

	check_row(&row);
}
END_TEST

/* The slot is 0x120; its control register is the upper half of the dword at 0x124. */
static const struct {
	uint16_t offset;
	bool exposed;
} exposures[] = {
	{ 0x120, false }, { 0x124, false }, { 0x11c, true },
	{ 0x128, true },  { 0x400, true },  { 0xff8, true },
};

START_TEST(plan_warns_where_the_physical_control_stays_open)
{
	struct row row = { .image = { .step = { EXT(0x100, 0x000f, 1, 0x120),
						PASID(0x120, 0, 1) } },
			   .offset = exposures[_i].offset };

	fn = analyse(&row);
	make(&row);
	ck_assert(plan.found);
	ck_assert_uint_eq(plan.n_hits, exposures[_i].exposed);
	if (!exposures[_i].exposed)
		return;
	ck_assert_int_eq(plan.hit[0].kind, CAPGAP_F_CONTROL_EXPOSED);
	ck_assert_uint_eq(plan.hit[0].off, 0x124);
	ck_assert_uint_eq(plan.hit[0].a, exposures[_i].offset);
	ck_assert_uint_eq(plan.hit[0].b, 0x120);
}
END_TEST

START_TEST(plan_without_a_slot_exposes_nothing)
{
	fn = analyse(&grades[0]);
	make(&grades[0]);
	ck_assert_uint_eq(plan.n_hits, 0);
	/* A VF's PF keeps its own control register. */
	fn = analyse(&virtuals[0]);
	make(&virtuals[0]);
	ck_assert_uint_eq(plan.n_hits, 0);
}
END_TEST

/**
 * struct edited - an image, and the edits of its plan
 * @image: how to build it
 * @n: edits
 * @edit: them
 */
static const struct {
	struct row row;
	unsigned n;
	struct capgap_edit edit[CAPGAP_EDITS_MAX];
} edits[] = {
	{ { "the slot: the registers keep what the device can, and nothing is enabled",
	    { .step = { EXT(0x100, 0x0003, 1, 0x110), PASID(0x110, 0, 5) } },
	    .offset = 0 },
	  3,
	  { { 0x100, 0x00010003, 0x11010003 },
	    { 0x110, 0x0001001b, 0x0001001b },
	    { 0x114, 0x00051404, 0x00001404 } } },
	{ { "reserved bits of the capability register are left out",
	    { .step = { EXT(0x100, 0x0003, 1, 0x110), PASID(0x110, 0, 5),
			PUT32(0x114, 0xffffffff) } },
	    .offset = 0 },
	  3,
	  { { 0x100, 0x00010003, 0x11010003 },
	    { 0x110, 0x0001001b, 0x0001001b },
	    { 0x114, 0xffffffff, 0x00001f06 } } },
	{ { "0x104 instead of 0x100, which vfio shows as a null header",
	    { .step = { PASID(0x100, 0x200, 5), EXT(0x200, 0x0003, 1, 0) } },
	    .offset = 0 },
	  3,
	  { { 0x100, 0x20000000, 0x10400000 },
	    { 0x104, 0x00051404, 0x2001001b },
	    { 0x108, 0x00000000, 0x00001404 } } },
	{ { "0x100 itself",
	    { .step = { PASID(0x100, 0x108, 5), EXT(0x108, 0x0003, 1, 0) } },
	    .vmm = CAPGAP_VMM_GENERIC },
	  2,
	  { { 0x100, 0x10800000, 0x1081001b },
	    { 0x104, 0x00051404, 0x00001404 },
	    { 0, 0, 0 } } },
	{ { "a function without PASID: registers of zeros",
	    { .step = { EXT(0x100, 0x0003, 1, 0) } },
	    .offset = 0 },
	  3,
	  { { 0x100, 0x00010003, 0x40410003 },
	    { 0x404, 0x00000000, 0x0001001b },
	    { 0x408, 0x00000000, 0x00000000 } } },
	{ { "a VF: its PF's registers",
	    { .base = BASE_VF, .step = { EXT(0x100, 0x000e, 1, 0) } },
	    .pf_pasid = 0x300 },
	  3,
	  { { 0x100, 0x0001000e, 0x3001000e },
	    { 0x300, 0x00000000, 0x0001001b },
	    { 0x304, 0x00000000, 0x00001404 } } },
};

START_TEST(plan_has_the_edits_of_its_offset)
{
	fn = analyse(&edits[_i].row);
	make(&edits[_i].row);
	ck_assert(plan.found);
	ck_assert_msg(plan.edits.n == edits[_i].n, "%s: %u edits", edits[_i].row.name,
		      plan.edits.n);
	for (unsigned i = 0; i < edits[_i].n; i++) {
		ck_assert_msg(plan.edits.edit[i].off == edits[_i].edit[i].off,
			      "%s: at 0x%03x", edits[_i].row.name,
			      plan.edits.edit[i].off);
		ck_assert_msg(plan.edits.edit[i].before == edits[_i].edit[i].before,
			      "%s: 0x%03x was 0x%08x", edits[_i].row.name,
			      plan.edits.edit[i].off, plan.edits.edit[i].before);
		ck_assert_msg(plan.edits.edit[i].after == edits[_i].edit[i].after,
			      "%s: 0x%03x is 0x%08x", edits[_i].row.name,
			      plan.edits.edit[i].off, plan.edits.edit[i].after);
	}
}
END_TEST

START_TEST(plan_says_which_ranges_cannot_be_linked)
{
	const struct row *row = &grades[ROWS(grades) - 2];
	char text[256];

	fn = analyse(row);
	make(row);
	/* 0x10c-0x2ff before the lost row, 0x310-0xfff behind it. */
	ck_assert_uint_eq(plan.n_places, 3);
	ck_assert_int_eq(plan.chosen, 0);
	ck_assert_int_eq(plan.place[1].reason, R(ABSENT));
	ck_assert_uint_eq(plan.place[2].off, 0x310);
	ck_assert_int_eq(plan.place[2].pass, CAPGAP_PASS_UNLINKED);
	ck_assert_ptr_nonnull(
		strstr(capgap_place_text(&plan.place[2], fn, text, sizeof(text)),
		       "cannot be made to lead there"));
}
END_TEST

/* The chosen range is in the list of all ranges, and holds the offset. */
START_TEST(plan_lists_the_ranges_it_had)
{
	fn = analyse(&ties[0]);
	make(&ties[0]);
	ck_assert_uint_eq(plan.n_places, 2);
	ck_assert_int_eq(plan.chosen, 0);
	ck_assert_uint_eq(plan.place[0].off, 0x108);
	ck_assert_uint_eq(plan.place[0].len, 0x100);
	ck_assert_uint_eq(plan.place[1].off, 0x214);
	ck_assert_uint_eq(plan.place[1].len, 0x100);
	ck_assert_int_eq(plan.place[1].grade, GRADE(OBSERVED));
	fn = analyse(&required[0]);
	make(&required[0]);
	ck_assert_int_eq(plan.chosen, -1);
	ck_assert_uint_eq(plan.n_places, 2);
	ck_assert_int_eq(plan.place[0].reason, R(BAND_CORE));
	ck_assert_int_eq(plan.place[1].reason, R(BAND_TAIL));
}
END_TEST

/* Which ranges may be planned. */
static const struct {
	enum capgap_grade grade;
	uint16_t len;
	enum capgap_grade require;
	unsigned min_gap;
	bool ok;
} qualities[] = {
	{ GRADE(NONE), 0x100, GRADE(NONE), 12, false },
	{ GRADE(ASSUMED), 0x100, GRADE(ASSUMED), 12, true },
	{ GRADE(ASSUMED), 0x100, GRADE(OBSERVED), 12, false },
	{ GRADE(OBSERVED), 0x100, GRADE(ASSUMED), 12, true },
	{ GRADE(OBSERVED), 12, GRADE(OBSERVED), 12, true },
	{ GRADE(OBSERVED), 8, GRADE(OBSERVED), 12, false },
	{ GRADE(OBSERVED), 8, GRADE(OBSERVED), 8, true },
	{ GRADE(OBSERVED), 4, GRADE(OBSERVED), 4, false },
	/* --min-gap concerns observed and assumed only. */
	{ GRADE(DECLARED), 8, GRADE(OBSERVED), 12, true },
	{ GRADE(LISTED), 8, GRADE(OBSERVED), 12, true },
	{ GRADE(SLOT), 8, GRADE(OBSERVED), 12, true },
	{ GRADE(SLOT), 4, GRADE(OBSERVED), 12, false },
};

START_TEST(plan_ranges_qualify_by_grade_and_length)
{
	struct capgap_place place = { .off = 0x200,
				      .len = qualities[_i].len,
				      .grade = qualities[_i].grade,
				      .run = qualities[_i].grade <= GRADE(OBSERVED),
				      .cap = CAPGAP_NO_CAP };
	struct capgap_policy policy = { .require = qualities[_i].require,
					.min_gap = qualities[_i].min_gap };

	ck_assert(capgap_plan_qualifies(&place, &policy) == qualities[_i].ok);
}
END_TEST

START_TEST(plan_grades_have_names)
{
	static const char *const names[] = { "none",	 "assumed", "observed",
					     "declared", "listed",  "slot" };

	for (int i = 0; i < ROWS(names); i++) {
		ck_assert_str_eq(capgap_grade_name((enum capgap_grade)i), names[i]);
		ck_assert_int_eq(capgap_grade_find(names[i]), i);
	}
	ck_assert_int_eq(capgap_grade_find("best"), -CAPGAP_E_NOENT);
	ck_assert_int_eq(capgap_grade_find(""), -CAPGAP_E_NOENT);
}
END_TEST

START_TEST(plan_names_the_structure_of_a_range)
{
	struct capgap_place place = {
		.off = 0x104, .len = 4, .reason = R(OWNED), .cap = 1
	};
	char text[160];

	fn = analyse(&offsets[0]);
	ck_assert_str_eq(capgap_place_text(&place, fn, text, sizeof(text)),
			 "it belongs to DSN at 0x100");
	place.reason = R(ABSENT);
	ck_assert_str_eq(capgap_place_text(&place, fn, text, sizeof(text)),
			 capgap_reason_text(R(ABSENT)));
	place.reason = R(OWNED);
	place.cap = CAPGAP_NO_CAP;
	ck_assert_str_eq(capgap_place_text(&place, fn, text, sizeof(text)),
			 capgap_reason_text(R(OWNED)));
	ck_assert_str_eq(capgap_place_text(&place, fn, text, 3), "it");
}
END_TEST

Suite *plan_suite(void)
{
	Suite *suite = suite_create("plan");
	TCase *best = tcase_create("best");
	TCase *caller = tcase_create("caller");
	TCase *answer = tcase_create("answer");

	tcase_add_loop_test(best, plan_takes_the_strongest_grade, 0, ROWS(grades));
	tcase_add_loop_test(best, plan_breaks_ties_inside_a_grade, 0, ROWS(ties));
	tcase_add_loop_test(best, plan_gives_a_vf_the_offset_of_its_pf, 0,
			    ROWS(virtuals));
	tcase_add_loop_test(best, plan_moves_a_slot_at_the_head_to_0x104, 0, ROWS(heads));
	tcase_add_loop_test(best, plan_refuses_what_is_not_applicable, 0, ROWS(refusals));
	tcase_add_loop_test(best, plan_refuses_what_is_below_the_required_grade, 0,
			    ROWS(required));
	suite_add_tcase(suite, best);
	tcase_add_loop_test(caller, plan_takes_the_callers_offset_at_its_grade, 0,
			    ROWS(offsets));
	tcase_add_loop_test(caller, plan_names_every_objection_to_the_callers_offset, 0,
			    ROWS(objected));
	tcase_add_test(caller, plan_names_each_of_many_owners);
	tcase_add_loop_test(caller, plan_is_forced_without_a_grade, 0, ROWS(objected));
	tcase_add_loop_test(caller, plan_refuses_an_offset_where_nothing_can_be, 0,
			    ROWS(impossible));
	tcase_add_test(caller, plan_cannot_be_linked_where_an_entry_stands);
	tcase_add_loop_test(caller, plan_warns_where_the_physical_control_stays_open, 0,
			    ROWS(exposures));
	tcase_add_test(caller, plan_without_a_slot_exposes_nothing);
	suite_add_tcase(suite, caller);
	tcase_add_loop_test(answer, plan_has_the_edits_of_its_offset, 0, ROWS(edits));
	tcase_add_test(answer, plan_says_which_ranges_cannot_be_linked);
	tcase_add_test(answer, plan_lists_the_ranges_it_had);
	tcase_add_loop_test(answer, plan_ranges_qualify_by_grade_and_length, 0,
			    ROWS(qualities));
	tcase_add_test(answer, plan_grades_have_names);
	tcase_add_test(answer, plan_names_the_structure_of_a_range);
	suite_add_tcase(suite, answer);
	return suite;
}
