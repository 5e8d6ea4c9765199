/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What samples disagree about is not known, whichever of them comes first. */
#include <string.h>

#include "../placement/ask.h"
#include "../placement/plan.h"
#include "check_samples.h"
#include "suites.h"

/* What became of the last function. */
static struct {
	struct capgap_function fn;
	struct capgap_asked asked;
	struct capgap_plan plan;
} seen;

static int on_function(void *ctx, const char *source, unsigned machine,
		       const struct capgap_function *fn)
{
	struct capgap_policy policy = { .require = CAPGAP_GRADE_OBSERVED,
					.min_gap = CAPGAP_MIN_GAP };

	(void)source;
	(void)machine;
	memset(&seen, 0, sizeof(seen));
	seen.fn = *fn;
	capgap_ask_all(&seen.asked, ctx, fn);
	capgap_plan_make(&seen.plan, fn, &seen.asked.pasid, &policy);
	return 0;
}

static void merge(const struct input *first, const struct input *second)
{
	static struct capgap_ask ask;
	const struct capgap_out out = { on_function, NULL, &ask };
	const struct input both[] = { *first, *second };

	capgap_ask_init(&ask);
	ck_assert_int_eq(samples_merge(both, 2, &out), 0);
}

/* A PASID capability at 0x200, and its registers. */
#define LAST(regs) EXT(0x200, 0x001b, 1, 0), PUT32(0x204, regs)
#define WIDE 0x00011406
#define FIRST_FN(...)                                                                    \
	{                                                                                \
		{                                                                        \
			{                                                                \
				"01:00.0",                                               \
				{                                                        \
					WHOLE, .step = { __VA_ARGS__ }                   \
				}                                                        \
			}                                                                \
		}                                                                        \
	}
/* A physical function at 01:00.0 and its virtual one. */
#define WITH_VF(...)                                                                     \
	{                                                                                \
		{                                                                        \
			{ "01:00.0", { WHOLE, .step = { __VA_ARGS__ } } },               \
				{ "01:10.0", { .base = BASE_VF, .size = 4096 } },        \
		}                                                                        \
	}
#define PF_HEAD(control, num, first) SRIOV(0x100, 0x200, control, num, first, 2, 0x1022)

/**
 * struct row - two samples, and what is known of PASID whichever comes first
 * @name: for messages
 * @input: them
 * @supported: of the last function
 * @kind: finding that says why not, or CAPGAP_F_COUNT
 */
static const struct row {
	const char *name;
	struct input input[2];
	enum capgap_answer_is supported;
	enum capgap_finding_kind kind;
} asks[] = {
	{ "both say the same",
	  { FIRST_FN(HEAD(0x200), LAST(WIDE)), FIRST_FN(HEAD(0x200), LAST(WIDE)) },
	  CAPGAP_IS_YES,
	  CAPGAP_F_COUNT },
	{ "one links it",
	  { FIRST_FN(HEAD(0x200), LAST(WIDE)), FIRST_FN(HEAD(0)) },
	  CAPGAP_IS_UNKNOWN,
	  CAPGAP_F_SAMPLES_LIST },
	{ "one links it, and both have its bytes",
	  { FIRST_FN(HEAD(0x200), LAST(WIDE)), FIRST_FN(HEAD(0), LAST(WIDE)) },
	  CAPGAP_IS_UNKNOWN,
	  CAPGAP_F_SAMPLES_LIST },
	{ "other places",
	  { FIRST_FN(HEAD(0x200), LAST(WIDE)),
	    FIRST_FN(HEAD(0x300), EXT(0x300, 0x001b, 1, 0), PUT32(0x304, WIDE)) },
	  CAPGAP_IS_UNKNOWN,
	  CAPGAP_F_SAMPLES_LIST },
	{ "other widths",
	  { FIRST_FN(HEAD(0x200), LAST(WIDE)), FIRST_FN(HEAD(0x200), LAST(0x10806)) },
	  CAPGAP_IS_UNKNOWN,
	  CAPGAP_F_SAMPLES_REGISTERS },
	{ "enabled, and not",
	  { FIRST_FN(HEAD(0x200), LAST(WIDE)), FIRST_FN(HEAD(0x200), LAST(0x1406)) },
	  CAPGAP_IS_UNKNOWN,
	  CAPGAP_F_SAMPLES_REGISTERS },
	{ "a width that no device has, in one of them",
	  { FIRST_FN(HEAD(0x200), LAST(WIDE)), FIRST_FN(HEAD(0x200), LAST(0x11f06)) },
	  CAPGAP_IS_UNKNOWN,
	  CAPGAP_F_SAMPLES_REGISTERS },
	{ "the id at its place is another",
	  { FIRST_FN(HEAD(0x200), LAST(WIDE)),
	    FIRST_FN(HEAD(0x200), EXT(0x200, 0x000f, 1, 0), PUT32(0x204, WIDE)) },
	  CAPGAP_IS_UNKNOWN,
	  CAPGAP_F_SAMPLES_LIST },
	{ "the list goes on behind it",
	  { FIRST_FN(HEAD(0x300), EXT(0x300, 0x001b, 1, 0x400), PUT32(0x304, WIDE),
		     EXT(0x400, 0x0003, 1, 0x200), EXT(0x200, 0x0018, 1, 0)),
	    FIRST_FN(HEAD(0x300), EXT(0x300, 0x001b, 1, 0x400), PUT32(0x304, WIDE),
		     EXT(0x400, 0x0003, 1, 0), EXT(0x200, 0x0018, 1, 0)) },
	  CAPGAP_IS_YES,
	  CAPGAP_F_SAMPLES_LIST },
	{ "a status bit that says nothing of the list",
	  { FIRST_FN(HEAD(0x200), LAST(WIDE)),
	    FIRST_FN(HEAD(0x200), LAST(WIDE), PUT16(0x06, 0x4018)) },
	  CAPGAP_IS_YES,
	  CAPGAP_F_COUNT },
	{ "the status bit that says that there is one",
	  { FIRST_FN(HEAD(0x200), LAST(WIDE)),
	    FIRST_FN(HEAD(0x200), LAST(WIDE), PUT16(0x06, 0)) },
	  CAPGAP_IS_UNKNOWN,
	  CAPGAP_F_SAMPLES_LIST },
	{ "the pointer to the first list",
	  { FIRST_FN(HEAD(0x200), LAST(WIDE)),
	    FIRST_FN(HEAD(0x200), LAST(WIDE), PUT8(0x34, 0)) },
	  CAPGAP_IS_UNKNOWN,
	  CAPGAP_F_SAMPLES_LIST },
	{ "an empty list",
	  { FIRST_FN(EXT(0x100, 0x001b, 1, 0), PUT32(0x104, WIDE)),
	    FIRST_FN(DROP(0, 0)) },
	  CAPGAP_IS_UNKNOWN,
	  CAPGAP_F_SAMPLES_LIST },
	{ "where it ends in ones",
	  { FIRST_FN(HEAD(0x200), LAST(WIDE)),
	    FIRST_FN(HEAD(0x200), FILL(0x200, 4, 0xff)) },
	  CAPGAP_IS_UNKNOWN,
	  CAPGAP_F_SAMPLES_LIST },
	{ "none, and a register that changes",
	  { FIRST_FN(HEAD(0)), FIRST_FN(HEAD(0), PUT8(0x104, 1)) },
	  CAPGAP_IS_NO,
	  CAPGAP_F_COUNT },
	{ "one was cut off",
	  { FIRST_FN(HEAD(0x200), LAST(WIDE)), { { { "01:00.0", { .size = 64 } } } } },
	  CAPGAP_IS_YES,
	  CAPGAP_F_COUNT },
	{ "a virtual one of a steady physical one",
	  { WITH_VF(PF_HEAD(1, 4, 0x80), LAST(WIDE)),
	    WITH_VF(PF_HEAD(1, 4, 0x80), LAST(WIDE)) },
	  CAPGAP_IS_YES,
	  CAPGAP_F_COUNT },
	{ "the physical one's width",
	  { WITH_VF(PF_HEAD(1, 4, 0x80), LAST(WIDE)),
	    WITH_VF(PF_HEAD(1, 4, 0x80), LAST(0x10806)) },
	  CAPGAP_IS_UNKNOWN,
	  CAPGAP_F_SAMPLES_REGISTERS },
	{ "whose virtual one it is",
	  { WITH_VF(PF_HEAD(1, 4, 0x80), LAST(WIDE)),
	    WITH_VF(PF_HEAD(1, 4, 0x81), LAST(WIDE)) },
	  CAPGAP_IS_UNKNOWN,
	  CAPGAP_F_PF_NOT_SEEN },
	{ "whether there are virtual ones",
	  { WITH_VF(PF_HEAD(1, 4, 0x80), LAST(WIDE)),
	    WITH_VF(PF_HEAD(0, 0, 0x80), LAST(WIDE)) },
	  CAPGAP_IS_UNKNOWN,
	  CAPGAP_F_PF_NOT_SEEN },
};

static bool same_pasid(const struct capgap_pasid *a, const struct capgap_pasid *b)
{
	return a->supported == b->supported && a->width == b->width &&
	       a->execute == b->execute && a->privileged == b->privileged &&
	       a->enabled == b->enabled && a->enabled_execute == b->enabled_execute &&
	       a->enabled_privileged == b->enabled_privileged &&
	       a->has_from == b->has_from && capgap_bdf_equal(&a->from, &b->from) &&
	       a->has_iommu == b->has_iommu && a->iommu_pasids == b->iommu_pasids &&
	       a->has_range == b->has_range && a->max == b->max && a->limit == b->limit &&
	       a->has_raw == b->has_raw && a->capability == b->capability &&
	       a->control == b->control;
}

static bool same_obstacles(const struct capgap_obstacles *a,
			   const struct capgap_obstacles *b)
{
	for (unsigned i = 0; a->n == b->n && i < a->n; i++) {
		if (a->obstacle[i].kind != b->obstacle[i].kind ||
		    a->obstacle[i].unknown != b->obstacle[i].unknown ||
		    a->obstacle[i].has_at != b->obstacle[i].has_at ||
		    !capgap_bdf_equal(&a->obstacle[i].at, &b->obstacle[i].at))
			return false;
	}
	return a->n == b->n;
}

static void check_same(const char *name, const struct capgap_asked *a,
		       const struct capgap_asked *b)
{
	ck_assert_msg(same_pasid(&a->pasid, &b->pasid), "%s: PASID", name);
	ck_assert_msg(same_obstacles(&a->obstacles, &b->obstacles), "%s: obstacles",
		      name);
	ck_assert_msg(a->hwinfo.known == b->hwinfo.known &&
			      a->hwinfo.undecided == b->hwinfo.undecided &&
			      !memcmp(a->hwinfo.raw, b->hwinfo.raw, a->hwinfo.n_raw),
		      "%s: hw-info", name);
}

START_TEST(pasid_does_not_depend_on_the_order)
{
	const struct row *row = &asks[_i];
	static struct capgap_asked first;

	merge(&row->input[0], &row->input[1]);
	first = seen.asked;
	merge(&row->input[1], &row->input[0]);
	ck_assert_msg(first.pasid.supported == row->supported, "%s: %d", row->name,
		      first.pasid.supported);
	check_same(row->name, &first, &seen.asked);
	/* Where it is not known, it is said why. */
	ck_assert_msg(row->supported != CAPGAP_IS_UNKNOWN ||
			      capgap_findings_has(&seen.fn.findings,
						  CAPGAP_F_SAMPLES_REGISTERS) ||
			      capgap_findings_has(&seen.fn.findings,
						  CAPGAP_F_PF_NOT_SEEN),
		      "%s: no reason", row->name);
	ck_assert_msg(row->kind == CAPGAP_F_COUNT ||
			      capgap_findings_has(&seen.fn.findings, row->kind),
		      "%s: not said", row->name);
	ck_assert(!capgap_findings_has(&seen.fn.findings, CAPGAP_F_PASID_WIDTH));
}
END_TEST

/* Registers that change do not move the capability: its place is still its own. */
START_TEST(registers_that_change_leave_the_slot)
{
	merge(&asks[4].input[0], &asks[4].input[1]);
	ck_assert(seen.plan.found);
	ck_assert_uint_eq(seen.plan.offset, 0x200);
	ck_assert_int_eq(seen.plan.grade, CAPGAP_GRADE_SLOT);
}
END_TEST

/**
 * struct told - what two captures say of a function beside its bytes
 * @name: for messages
 * @note: words, as in a capture, of each
 * @flags: enum capgap_meta_flags of what is known of it
 * @differs: they disagree
 */
static const struct told {
	const char *name;
	const char *note[2];
	unsigned flags;
	bool differs;
} tolds[] = {
	{ "the same driver",
	  { "driver=idxd", "driver=idxd" },
	  CAPGAP_META_DRIVER,
	  false },
	{ "a driver and none", { "driver=idxd", "rev=01" }, CAPGAP_META_DRIVER, false },
	{ "two drivers", { "driver=idxd", "driver=vfio-pci" }, 0, true },
	{ "two groups", { "group=1", "group=2" }, 0, true },
	{ "two nodes", { "numa=1 group=2", "numa=0 group=2" }, CAPGAP_META_GROUP, true },
	{ "two IOMMUs",
	  { "iommu=intel:1:98000000000", "iommu=intel:1:9a000000000" },
	  0,
	  true },
	{ "two names for VFIO", { "vfio=vfio1", "vfio=vfio2" }, 0, true },
	{ "two others in the group",
	  { "blocker=0000:02:00.0", "blocker=0000:03:00.0" },
	  CAPGAP_META_BLOCKER,
	  false },
	{ "two physical functions",
	  { "physfn=0000:02:00.0", "physfn=0000:03:00.0" },
	  CAPGAP_META_DISPUTED,
	  true },
	{ "two revisions, subsystems and classes",
	  { "rev=01 subsys=8086:0001 class=020000",
	    "rev=02 subsys=8086:0002 class=030000" },
	  0,
	  true },
};

#define TOLD                                                                             \
	(CAPGAP_META_DRIVER | CAPGAP_META_GROUP | CAPGAP_META_NUMA | CAPGAP_META_IOMMU | \
	 CAPGAP_META_VFIO | CAPGAP_META_BLOCKER | CAPGAP_META_PHYSFN |                   \
	 CAPGAP_META_DISPUTED | CAPGAP_META_SUBSYS | CAPGAP_META_CLASS)

START_TEST(facts_do_not_depend_on_the_order)
{
	const struct told *row = &tolds[_i];
	static struct capgap_asked first;
	static const struct input input = FIRST_FN(HEAD(0x200), LAST(WIDE));
	struct capgap_bdf blocker;

	for (int i = 0; i < 2; i++)
		samples_note[i] = row->note[i];
	merge(&input, &input);
	first = seen.asked;
	blocker = seen.fn.meta.blocker;
	ck_assert_msg((seen.fn.meta.flags & TOLD) == row->flags, "%s: 0x%x", row->name,
		      seen.fn.meta.flags);
	samples_note[0] = row->note[1];
	samples_note[1] = row->note[0];
	merge(&input, &input);
	memset(samples_note, 0, sizeof(samples_note));
	ck_assert_msg((seen.fn.meta.flags & TOLD) == row->flags, "%s: 0x%x, backwards",
		      row->name, seen.fn.meta.flags);
	check_same(row->name, &first, &seen.asked);
	ck_assert(capgap_bdf_equal(&blocker, &seen.fn.meta.blocker));
	ck_assert_int_eq(capgap_findings_has(&seen.fn.findings, CAPGAP_F_SAMPLES_FACTS),
			 row->differs);
	ck_assert_int_eq(first.pasid.supported == CAPGAP_IS_UNKNOWN,
			 !!(row->flags & CAPGAP_META_DISPUTED));
}
END_TEST

/* The table of TPH at 0x200 has one entry, or 1024; at 0x600 another structure may follow. */
#define TPH(next, last)                                                                  \
	HEAD(0x200), EXT(0x200, 0x0017, 1, next),                                        \
		PUT32(0x204, (uint32_t)(last) << 16 | 0x200)
#define AER(version, devcap2) EXT(0x100, 0x0001, version, 0), PUT32(0x64, devcap2)
#define VENDOR(id, next, len)                                                            \
	HEAD(0x200), EXT(0x200, id, 1, next), VENDOR_LENGTH(0x200, len)

/**
 * struct length - two samples that say another length, and what both orders answer
 * @name: for messages
 * @input: them
 * @extent: of the last structure in extended space
 * @unsteady: the grade of all else is capped, and it is said
 */
static const struct length {
	const char *name;
	struct input input[2];
	enum capgap_extent extent;
	bool unsteady;
} lengths[] = {
	{ "the same table",
	  { FIRST_FN(TPH(0, 0x3ff)), FIRST_FN(TPH(0, 0x3ff)) },
	  CAPGAP_EXTENT_COMPUTED,
	  false },
	{ "a register that tells no length",
	  { FIRST_FN(TPH(0, 0x3ff)), FIRST_FN(TPH(0, 0x3ff), PUT8(0x208, 1)) },
	  CAPGAP_EXTENT_COMPUTED,
	  false },
	{ "the size of a table",
	  { FIRST_FN(TPH(0, 0)), FIRST_FN(TPH(0, 0x3ff)) },
	  CAPGAP_EXTENT_UNKNOWN,
	  true },
	{ "a table behind the next structure",
	  { FIRST_FN(TPH(0x600, 0), EXT(0x600, 0x0017, 1, 0)),
	    FIRST_FN(TPH(0x600, 0x3ff), EXT(0x600, 0x0017, 1, 0)) },
	  CAPGAP_EXTENT_COMPUTED,
	  true },
	{ "whether TLP prefixes are logged",
	  { FIRST_FN(AER(1, 0)), FIRST_FN(AER(1, 0x00200000)) },
	  CAPGAP_EXTENT_UNKNOWN,
	  true },
	{ "the same, where the longest is owned anyway",
	  { FIRST_FN(AER(2, 0)), FIRST_FN(AER(2, 0x00200000)) },
	  CAPGAP_EXTENT_UNKNOWN,
	  true },
	{ "the version",
	  { FIRST_FN(AER(1, 0)), FIRST_FN(AER(2, 0)) },
	  CAPGAP_EXTENT_UNKNOWN,
	  true },
	{ "a length that is declared",
	  { FIRST_FN(VENDOR(0x000b, 0, 0x10)), FIRST_FN(VENDOR(0x000b, 0, 0x800)) },
	  CAPGAP_EXTENT_UNKNOWN,
	  true },
	{ "another one that is declared",
	  { FIRST_FN(VENDOR(0x0023, 0, 0x10)), FIRST_FN(VENDOR(0x0023, 0, 0x800)) },
	  CAPGAP_EXTENT_UNKNOWN,
	  true },
	{ "the size of a BAR that can be resized, not the number of them",
	  { FIRST_FN(HEAD(0x200), EXT(0x200, 0x0015, 1, 0), PUT32(0x208, 0x0020)),
	    FIRST_FN(HEAD(0x200), EXT(0x200, 0x0015, 1, 0), PUT32(0x208, 0x0520)) },
	  CAPGAP_EXTENT_COMPUTED,
	  false },
};

/* Where a structure ends that is longer in one sample, nothing is placed in it. */
START_TEST(lengths_do_not_depend_on_the_order)
{
	const struct length *row = &lengths[_i];
	const struct capgap_chain *chain = &seen.fn.chain;
	const struct capgap_hit *hit;
	uint16_t offset[2] = { 0 };

	for (int i = 0; i < 2; i++) {
		merge(&row->input[i], &row->input[!i]);
		ck_assert_msg(chain->cap[chain->n - 1].extent == row->extent, "%s: %s",
			      row->name,
			      capgap_extent_name(chain->cap[chain->n - 1].extent));
		hit = support_find(&seen.fn.findings, CAPGAP_F_SAMPLES_LIST);
		ck_assert_msg(!hit == !row->unsteady, "%s: finding", row->name);
		/* Nothing is observed, so nothing is planned. */
		ck_assert_msg(seen.plan.found != row->unsteady, "%s: plan", row->name);
		ck_assert_msg(!capgap_findings_has(&seen.fn.findings,
						   CAPGAP_F_LENGTH_INVALID),
			      "%s: of one sample", row->name);
		offset[i] = seen.plan.found ? seen.plan.offset : 0;
	}
	ck_assert_uint_eq(offset[0], offset[1]);
}
END_TEST

/* Drivers enable MSI: the longest form of it then, and nothing else is doubted. */
START_TEST(interrupts_that_are_enabled_cap_nothing)
{
	static const struct input inputs[2] = {
		FIRST_FN(HEAD(0), PUT8(0x34, 0x80), PUT16(0x80, 0x4005),
			 PUT16(0x82, 0x0080)),
		FIRST_FN(HEAD(0), PUT8(0x34, 0x80), PUT16(0x80, 0x4005),
			 PUT16(0x82, 0x0081)),
	};

	for (int i = 0; i < 2; i++) {
		merge(&inputs[i], &inputs[!i]);
		ck_assert_int_eq(seen.fn.chain.cap[0].id, CAPGAP_CAP_MSI);
		ck_assert_int_eq(seen.fn.chain.cap[0].extent, CAPGAP_EXTENT_ATMOST);
		ck_assert_uint_eq(seen.fn.chain.cap[0].owned, 24);
		ck_assert(!capgap_findings_has(&seen.fn.findings, CAPGAP_F_SAMPLES_LIST));
		ck_assert(seen.plan.found);
	}
}
END_TEST

Suite *samples_order_suite(void)
{
	Suite *suite = suite_create("samples_order");
	TCase *order = tcase_create("order");

	tcase_add_loop_test(order, pasid_does_not_depend_on_the_order, 0, ROWS(asks));
	tcase_add_test(order, registers_that_change_leave_the_slot);
	tcase_add_loop_test(order, lengths_do_not_depend_on_the_order, 0, ROWS(lengths));
	tcase_add_test(order, interrupts_that_are_enabled_cap_nothing);
	tcase_add_loop_test(order, facts_do_not_depend_on_the_order, 0, ROWS(tolds));
	suite_add_tcase(suite, order);
	return suite;
}
