/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rules that only `check` knows, and the levels that rules are given. */
#include "../analyzer/check.h"

#include <stdlib.h>
#include <string.h>

#include "suites.h"
#include "support.h"

#define HITS 4

#define DSN(off, next) EXT(off, 0x0003, 1, next)
#define ATS(off, next) EXT(off, 0x000f, 1, next)
#define PRI(off, next) EXT(off, 0x0013, 1, next)
#define VSEC(off, version, next) EXT(off, 0x000b, version, next)
#define DVSEC(off, next) EXT(off, 0x0023, 1, next)

/* What is found in an image, and nothing else. */
static const struct {
	const char *name;
	enum capgap_vantage vantage;
	struct support_image how;
	struct capgap_hit want[HITS];
} rows[] = {
	{ .name = "nothing to find", .how = { .step = { DSN(0x100, 0) } } },

	{ .name = "PASID on a virtual function",
	  .how = { BASE_VF, .step = { PASID(0x100, 0, 0) } },
	  .want = { HIT(VF_PASID, 0x100, 8, 0, 0) } },
	{ .name = "PASID on a virtual function, through vfio",
	  .vantage = CAPGAP_VANTAGE_VFIO,
	  .how = { BASE_VF, .step = { PASID(0x100, 0, 0) } },
	  .want = { HIT(VF_PASID, 0x100, 8, 0, 0) } },
	{ .name = "PASID on a virtual function, in a guest",
	  .vantage = CAPGAP_VANTAGE_GUEST,
	  .how = { BASE_VF, .step = { PASID(0x100, 0, 0) } } },
	{ .name = "PRI on a virtual function",
	  .how = { BASE_VF, .step = { ATS(0x100, 0x110), PRI(0x110, 0) } },
	  .want = { HIT(VF_PRI, 0x110, 16, 0, 0) } },
	{ .name = "PRI on a virtual function, in a guest",
	  .vantage = CAPGAP_VANTAGE_GUEST,
	  .how = { BASE_VF, .step = { PRI(0x110, 0), DSN(0x100, 0x110) } } },
	{ .name = "SR-IOV on a virtual function",
	  .how = { BASE_VF, .step = { SRIOV(0x100, 0, 0, 0, 1, 1, 0x1022) } },
	  .want = { HIT(VF_SRIOV, 0x100, 64, 0, 0) } },
	{ .name = "base address registers of a virtual function",
	  .how = { BASE_VF, .step = { PUT32(0x10, 0xfe00000c), PUT32(0x24, 1) } },
	  .want = { HIT(VF_BAR, 0x10, 4, 0xfe00000c, 0), HIT(VF_BAR, 0x24, 4, 1, 0) } },
	{ .name = "interrupt pin of a virtual function",
	  .how = { BASE_VF, .step = { PUT8(0x3d, 1) } },
	  .want = { HIT(VF_PIN, 0x3d, 1, 1, 0) } },
	{ .name = "a virtual function's header, as vfio fills it in",
	  .vantage = CAPGAP_VANTAGE_VFIO,
	  .how = { BASE_VF, .step = { PUT32(0x10, 0xfe00000c), PUT8(0x3d, 1) } } },
	{ .name = "what a physical function may have",
	  .how = { .step = { PUT32(0x10, 0xfe00000c), PUT8(0x3d, 1),
			     PASID(0x100, 0x110, 5), ATS(0x110, 0x120), PRI(0x120, 0x140),
			     SRIOV(0x140, 0, 1, 4, 1, 1, 0x1022),
			     PUT32(0x14c, 0x00040004) } } },

	{ .name = "more initial virtual functions than in total",
	  .how = { .step = { SRIOV(0x100, 0, 0, 0, 1, 1, 0x1022),
			     PUT32(0x10c, 0x00070008) } },
	  .want = { HIT(SRIOV_INITIAL, 0x10c, 4, 8, 7) } },
	{ .name = "the total was not read",
	  .how = { .step = { SRIOV(0x100, 0, 0, 0, 1, 1, 0x1022), PUT16(0x10c, 8),
			     DROP(0x10e, 2) } } },
	{ .name = "PASID Control enables Execute, which is not supported",
	  .how = { .step = { PASID(0x100, 0, 7) } },
	  .want = { HIT(PASID_ENABLES, 0x106, 2, 7, 0x1404) } },
	{ .name = "PRI without ATS",
	  .how = { .step = { PRI(0x100, 0) } },
	  .want = { HIT(PRI_WITHOUT_ATS, 0x100, 16, 0, 0) } },
	{ .name = "PRI without ATS, in a guest",
	  .vantage = CAPGAP_VANTAGE_GUEST,
	  .how = { .step = { PRI(0x100, 0) } } },
	{ .name = "PRI, and a list that was not read whole",
	  .how = { .step = { PRI(0x100, 0x200), DROP(0x200, 4) } } },

	{ .name = "version of a vendor's structure",
	  .how = { .step = { VSEC(0x100, 2, 0), VENDOR_LENGTH(0x100, 0x10) } },
	  .want = { HIT(VENDOR_VERSION, 0x100, 4, 2, 0) } },
	{ .name = "Length that is no multiple of 4",
	  .how = { .step = { DVSEC(0x100, 0x120), VENDOR_LENGTH(0x100, 0x0e),
			     VSEC(0x120, 1, 0), VENDOR_LENGTH(0x120, 0x21) } },
	  .want = { HIT(VENDOR_UNALIGNED, 0x104, 4, 0x0e, 0),
		    HIT(VENDOR_UNALIGNED, 0x124, 4, 0x21, 0) } },
	{ .name = "Length that cannot be true is another rule's",
	  .how = { .step = { DVSEC(0x100, 0), VENDOR_LENGTH(0x100, 0x03) } } },
	{ .name = "vendor id of a DVSEC",
	  .how = { .step = { DVSEC(0x100, 0x120), PUT32(0x104, 0x01000000),
			     DVSEC(0x120, 0), PUT32(0x124, 0x0100ffff) } },
	  .want = { HIT(DVSEC_VENDOR, 0x104, 2, 0, 0),
		    HIT(DVSEC_VENDOR, 0x124, 2, 0xffff, 0) } },
	{ .name = "a VSEC has an id there",
	  .how = { .step = { VSEC(0x100, 1, 0), PUT32(0x104, 0x01000000) } } },

	{ .name = "bytes behind the end of a structure",
	  .how = { .step = { DVSEC(0x100, 0), VENDOR_LENGTH(0x100, 0x0d),
			     PUT8(0x10e, 0x5a), PUT8(0x10f, 0x5a) } },
	  .want = { HIT(VENDOR_UNALIGNED, 0x104, 4, 0x0d, 0),
		    HIT(PADDING_NONZERO, 0x10d, 3, 0x10e, 0) } },
	{ .name = "bytes behind the end of a structure that are another's",
	  .how = { .step = { DVSEC(0x100, 0x10c), VENDOR_LENGTH(0x100, 0x0e),
			     DSN(0x10c, 0) } },
	  .want = { HIT(VENDOR_UNALIGNED, 0x104, 4, 0x0e, 0) } },

	{ .name = "device registers in PCI-compatible space",
	  .how = { .step = { FILL(0x90, 4, 0x11), PUT8(0x95, 1), PUT8(0xff, 2) } },
	  .want = { HIT(UNOWNED_CONV, 0x90, 8, 5, 0x90),
		    HIT(UNOWNED_CONV, 0xfc, 4, 1, 0xff) } },
	{ .name = "registers in extended space",
	  .how = { .step = { DSN(0x100, 0), PUT8(0x203, 7), PUT8(0x20c, 1),
			     PUT8(0xffc, 1) } },
	  .want = { HIT(UNOWNED_EXT, 0x200, 4, 1, 0x203),
		    HIT(UNOWNED_EXT, 0x20c, 4, 1, 0x20c),
		    HIT(UNOWNED_EXT, 0xffc, 4, 1, 0xffc) } },
	{ .name = "registers at the end of a short image",
	  .how = { .size = 0x1fe, .step = { DSN(0x100, 0), PUT8(0x1fc, 1) } },
	  .want = { HIT(UNOWNED_EXT, 0x1fc, 2, 1, 0x1fc) } },
	{ .name = "ones wherever nothing answers",
	  .how = { .step = { DSN(0x100, 0), FILL(0x10c, 0xef4, 0xff) } } },
	{ .name = "registers among ones",
	  .how = { .step = { DSN(0x100, 0), FILL(0x10c, 0xef4, 0xff),
			     FILL(0x200, 0x100, 0) } },
	  .want = { HIT(UNOWNED_EXT, 0x10c, 0xf4, 0xf4, 0x10c),
		    HIT(UNOWNED_EXT, 0x300, 0xd00, 0xd00, 0x300) } },
	{ .name = "bytes that were not read",
	  .how = { .step = { DSN(0x100, 0), FILL(0x200, 4, 1), DROP(0x200, 4) } } },
	{ .name = "a list that breaks: what is unowned cannot be told",
	  .how = { .step = { DSN(0x100, 0x200), FILL(0x200, 4, 0xff),
			     FILL(0x300, 8, 1) } } },
	{ .name = "the shadow of an unknown structure",
	  .how = { .step = { EXT(0x100, 0x0777, 1, 0), FILL(0x300, 8, 1) } } },
	{ .name = "a function that does not answer",
	  .how = { BASE_BLANK, .step = { FILL(0, 0x1000, 0xff) } } },
	{ .name = "64 bytes", .how = { .size = 64, .step = { PUT8(0x3d, 1) } } },
};

START_TEST(check_finds)
{
	struct capgap_findings *hits = calloc(1, sizeof(*hits));
	struct capgap_record rec;

	ck_assert_ptr_nonnull(hits);
	support_record(&rec, &rows[_i].how);
	capgap_check_function(support_analyse(&rec, NULL, rows[_i].vantage), hits);
	support_same_hits(rows[_i].name, hits, rows[_i].want, HITS);
	free(hits);
}
END_TEST

/* The table above has a breach of each rule that only `check` knows. */
START_TEST(check_rule_is_reached)
{
	const struct capgap_finding *row = capgap_finding_get((unsigned)_i);
	bool found = !(row->flags & CAPGAP_F_CHECK_ONLY);

	for (int i = 0; i < ROWS(rows) && !found; i++) {
		for (int k = 0; k < HITS; k++)
			found = found ||
				(rows[i].want[k].len && rows[i].want[k].kind == _i);
	}
	ck_assert_msg(found, "no row finds %s", row->name);
}
END_TEST

/* And the analysis finds none of them. */
START_TEST(check_rules_stay_out_of_the_analysis)
{
	const struct capgap_findings *list = &support_function(&rows[_i].how)->findings;

	for (unsigned i = 0; i < list->n; i++)
		ck_assert(!(capgap_finding_get(list->hit[i].kind)->flags &
			    CAPGAP_F_CHECK_ONLY));
}
END_TEST

/* A recognised free-space descriptor has rules of its own for these words. */
START_TEST(check_leaves_descriptors_alone)
{
	static const struct support_image how = { .step = { EXT(0x100, 0x0023, 2, 0),
							    PUT32(0x104, 0x00d17e57),
							    PUT32(0x108, 0xf5010042) } };
	struct capgap_findings *hits = calloc(1, sizeof(*hits));
	struct capgap_function *fn = malloc(sizeof(*fn));
	struct capgap_quirks *quirks = capgap_quirks_new();
	struct capgap_options opt = { .min_gap = CAPGAP_MIN_GAP, .quirks = quirks };
	struct capgap_record rec;

	ck_assert_int_eq(capgap_quirks_add_descriptor(quirks, 0x7e57, 0x0042,
						      CAPGAP_FORM_CONTROL),
			 0);
	support_record(&rec, &how);
	capgap_function_analyse(fn, &rec, NULL, &opt);
	capgap_check_function(fn, hits);
	ck_assert_uint_eq(fn->free_space.n_descriptors, 1);
	ck_assert_uint_eq(hits->n, 0);
	free(fn);
	free(hits);
	capgap_quirks_free(quirks);
}
END_TEST

START_TEST(check_rules_are_all_but_those_of_plans)
{
	unsigned n = 0;
	int last = -1;
	int kind;

	for (; (kind = capgap_check_rule(n)) >= 0; n++) {
		ck_assert_int_gt(kind, last);
		ck_assert(
			!(capgap_finding_get((unsigned)kind)->flags & CAPGAP_F_OF_PLAN));
		last = kind;
	}
	ck_assert_int_eq(kind, -CAPGAP_E_NOENT);
	for (unsigned i = 0; i < CAPGAP_F_COUNT; i++)
		n += !!(capgap_finding_get(i)->flags & CAPGAP_F_OF_PLAN);
	ck_assert_uint_eq(n, CAPGAP_F_COUNT);
}
END_TEST

START_TEST(check_levels_begin_as_the_table_says)
{
	struct capgap_check_levels levels;

	capgap_check_levels_init(&levels);
	for (unsigned i = 0; i < CAPGAP_F_COUNT; i++)
		ck_assert_uint_eq(levels.of[i], capgap_finding_get(i)->level);
}
END_TEST

START_TEST(check_levels_are_set_by_name)
{
	struct capgap_check_levels levels;

	capgap_check_levels_init(&levels);
	ck_assert_int_eq(capgap_check_levels_set(&levels, "version-zero",
						 CAPGAP_LEVEL_ERROR),
			 0);
	ck_assert_int_eq(capgap_check_levels_set(&levels, "vf-pasid", CAPGAP_CHECK_OFF),
			 0);
	ck_assert_uint_eq(levels.of[CAPGAP_F_VERSION_ZERO], CAPGAP_LEVEL_ERROR);
	ck_assert_uint_eq(levels.of[CAPGAP_F_VF_PASID], CAPGAP_CHECK_OFF);
	ck_assert_int_eq(capgap_check_levels_set(&levels, "no-such", CAPGAP_LEVEL_NOTE),
			 -CAPGAP_E_NOENT);
	ck_assert_int_eq(capgap_check_levels_set(&levels, "pasid-control-exposed",
						 CAPGAP_LEVEL_NOTE),
			 -CAPGAP_E_NOENT);
}
END_TEST

START_TEST(check_levels_have_names)
{
	ck_assert_str_eq(capgap_check_level_name(CAPGAP_LEVEL_NOTE), "note");
	ck_assert_str_eq(capgap_check_level_name(CAPGAP_LEVEL_ERROR), "error");
	ck_assert_str_eq(capgap_check_level_name(CAPGAP_CHECK_OFF), "off");
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("check");
	TCase *rules = tcase_create("rules");
	TCase *levels = tcase_create("levels");

	tcase_add_loop_test(rules, check_finds, 0, ROWS(rows));
	tcase_add_loop_test(rules, check_rule_is_reached, 0, CAPGAP_F_COUNT);
	tcase_add_loop_test(rules, check_rules_stay_out_of_the_analysis, 0, ROWS(rows));
	tcase_add_test(rules, check_leaves_descriptors_alone);
	tcase_add_test(rules, check_rules_are_all_but_those_of_plans);
	suite_add_tcase(suite, rules);
	tcase_add_test(levels, check_levels_begin_as_the_table_says);
	tcase_add_test(levels, check_levels_are_set_by_name);
	tcase_add_test(levels, check_levels_have_names);
	suite_add_tcase(suite, levels);
	return suite;
}
