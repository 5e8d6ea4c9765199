/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of findings, the list of hits, and their sentences. */
#include <stdlib.h>
#include <string.h>

#include "suites.h"
#include "support.h"

START_TEST(findings_say_what_and_why)
{
	const struct capgap_finding *row = capgap_finding_get((unsigned)_i);

	ck_assert_ptr_nonnull(row);
	ck_assert_uint_gt(strlen(row->name), 0);
	ck_assert_uint_eq(strspn(row->name, "abcdefghijklmnopqrstuvwxyz0123456789-"),
			  strlen(row->name));
	ck_assert_uint_gt(strlen(row->sentence), 0);
	ck_assert_int_ne(row->sentence[strlen(row->sentence) - 1], '.');
	ck_assert_uint_gt(strlen(row->rule), 0);
	ck_assert(row->level == CAPGAP_LEVEL_NOTE || row->level == CAPGAP_LEVEL_WARNING ||
		  row->level == CAPGAP_LEVEL_ERROR);
	ck_assert_uint_eq(row->flags & ~(CAPGAP_F_ALTERS_CHAIN | CAPGAP_F_TAKES_BYTES |
					 CAPGAP_F_CHECK_ONLY | CAPGAP_F_OF_PLAN),
			  0);
}
END_TEST

/* Also proves that no two rows have the same name. */
START_TEST(findings_are_found_by_name)
{
	ck_assert_int_eq(capgap_finding_find(capgap_finding_get((unsigned)_i)->name), _i);
}
END_TEST

START_TEST(findings_end_with_the_table)
{
	ck_assert_ptr_null(capgap_finding_get(CAPGAP_F_COUNT));
	ck_assert_ptr_null(capgap_finding_get(UINT32_MAX));
	ck_assert_int_eq(capgap_finding_find("no-such-finding"), -CAPGAP_E_NOENT);
	ck_assert_int_eq(capgap_finding_find(""), -CAPGAP_E_NOENT);
}
END_TEST

/* Names that DESIGN fixes, and whether libpci's list may differ from ours. */
static const struct {
	const char *name;
	enum capgap_finding_kind kind;
	bool alters;
} known[] = {
	{ "version-zero", CAPGAP_F_VERSION_ZERO, false },
	{ "vantage-suspect", CAPGAP_F_VANTAGE, false },
	{ "pf-not-seen", CAPGAP_F_PF_NOT_SEEN, false },
	{ "pasid-control-exposed", CAPGAP_F_CONTROL_EXPOSED, false },
	/* libpci begins at 0x34 whatever the header type. */
	{ "cardbus-pointer", CAPGAP_F_CARDBUS_POINTER, true },
	{ "header-type-unknown", CAPGAP_F_HEADER_TYPE, true },
	/* libpci looks at extended space only behind a linked PCI Express capability. */
	{ "ext-via-pcix", CAPGAP_F_EXT_VIA_PCIX, true },
	{ "pcie-unlinked", CAPGAP_F_PCIE_UNLINKED, true },
	/* Absent bytes reach libpci as ff. */
	{ "bytes-absent", CAPGAP_F_BYTES_ABSENT, true },
	{ "row-damaged", CAPGAP_F_ROW_DAMAGED, true },
	/* libpci, too, stops at a loop and at a header of zeros, and counts null headers. */
	{ "list-loops", CAPGAP_F_CONV_LOOP, false },
	{ "ext-list-loops", CAPGAP_F_EXT_LOOP, false },
	{ "ext-zero-tail", CAPGAP_F_EXT_TAIL, false },
	{ "null-header", CAPGAP_F_NULL_HEADER, false },
	{ "structures-overlap", CAPGAP_F_OVERLAP, false },
};

START_TEST(findings_alter_the_chain_where_libpci_differs)
{
	const struct capgap_finding *row = capgap_finding_get(known[_i].kind);

	ck_assert_str_eq(row->name, known[_i].name);
	ck_assert_msg(!!(row->flags & CAPGAP_F_ALTERS_CHAIN) == known[_i].alters, "%s",
		      known[_i].name);
}
END_TEST

START_TEST(findings_are_kept_once_and_in_order)
{
	static struct capgap_findings list;
	static const struct capgap_hit want[] = {
		HIT(OVERLAP, 0x120, 8, 0x100, 0), HIT(OVERLAP, 0x124, 8, 0x100, 0),
		HIT(OVERLAP, 0x120, 4, 0x100, 0), HIT(OVERLAP, 0x120, 8, 0x104, 0),
		HIT(OVERLAP, 0x120, 8, 0x100, 1), HIT(VERSION_ZERO, 0x120, 8, 0x100, 0),
	};

	for (int turn = 0; turn < 2; turn++) {
		for (int i = 0; i < ROWS(want); i++)
			capgap_findings_add(&list, want[i].kind, want[i].off, want[i].len,
					    want[i].a, want[i].b);
	}
	ck_assert_uint_eq(list.n, ROWS(want));
	for (int i = 0; i < ROWS(want); i++) {
		ck_assert_uint_eq(list.hit[i].kind, want[i].kind);
		ck_assert_uint_eq(list.hit[i].off, want[i].off);
		ck_assert_uint_eq(list.hit[i].len, want[i].len);
		ck_assert_uint_eq(list.hit[i].a, want[i].a);
		ck_assert_uint_eq(list.hit[i].b, want[i].b);
	}
	ck_assert(capgap_findings_has(&list, CAPGAP_F_OVERLAP));
	ck_assert(capgap_findings_has(&list, CAPGAP_F_VERSION_ZERO));
	ck_assert(!capgap_findings_has(&list, CAPGAP_F_EXT_LOOP));
}
END_TEST

START_TEST(findings_without_a_list_are_dropped)
{
	capgap_findings_add(NULL, CAPGAP_F_OVERLAP, 0x120, 8, 0x100, 0);
}
END_TEST

START_TEST(findings_stay_within_their_bound)
{
	struct capgap_findings *list = calloc(1, sizeof(*list));

	ck_assert_ptr_nonnull(list);
	for (uint32_t i = 0; i < CAPGAP_HITS_MAX + 3; i++)
		capgap_findings_add(list, CAPGAP_F_OVERLAP, 0, 0, i, 0);
	ck_assert_uint_eq(list->n, CAPGAP_HITS_MAX);
	free(list);
}
END_TEST

static const struct {
	struct capgap_hit hit;
	const char *text;
} texts[] = {
	{ HIT(CONV_MISALIGNED, 0x34, 1, 0x34, 0x43),
	  "The two low bits of a capability pointer are not zero; masked: "
	  "the pointer at 0x034 says 0x043" },
	{ HIT(IMAGE_SHORT, 0, 0, 64, 0),
	  "The image ends before the function's configuration space does: "
	  "it has 64 bytes" },
	{ HIT(VERSION_ZERO, 0x100, 4, 7, 7), "An extended capability has version 0" },
	{ HIT(LENGTH_INVALID, 0x100, 8, 0xfffff, 8),
	  "A structure states a length or a count that cannot be true: "
	  "it says 1048575, 8 bytes are owned" },
	{ HIT(ORPHAN, 0x158, 16, 0x0004, 0x168),
	  "A complete capability that no pointer reaches: "
	  "id 0004, its next pointer is 0x168" },
};

START_TEST(findings_say_their_values)
{
	char buf[256];

	ck_assert_ptr_eq(capgap_hit_text(&texts[_i].hit, buf, sizeof(buf)), buf);
	ck_assert_str_eq(buf, texts[_i].text);
}
END_TEST

/* Every length of buffer; the bytes behind it stay as they are. */
START_TEST(findings_text_is_cut_at_the_buffer)
{
	const char *whole = texts[0].text;
	char buf[256];

	for (size_t len = 0; len <= strlen(whole) + 1; len++) {
		memset(buf, '#', sizeof(buf));
		capgap_hit_text(&texts[0].hit, buf, len);
		ck_assert_int_eq(buf[len], '#');
		if (!len)
			continue;
		ck_assert_uint_eq(strlen(buf), len - 1);
		ck_assert_int_eq(strncmp(buf, whole, len - 1), 0);
	}
}
END_TEST

START_TEST(findings_of_no_kind_have_no_text)
{
	struct capgap_hit hit = { CAPGAP_F_COUNT, 0, 0, 0, 0 };
	char buf[8] = "before";

	ck_assert_str_eq(capgap_hit_text(&hit, buf, sizeof(buf)), "");
}
END_TEST

/* With the largest values, the text of each kind fits the 256 bytes that callers give. */
START_TEST(findings_texts_fit_their_buffer)
{
	struct capgap_hit hit = { (uint16_t)_i, 0xfff, 4096, UINT32_MAX, UINT32_MAX };
	char buf[512];

	ck_assert_uint_lt(strlen(capgap_hit_text(&hit, buf, sizeof(buf))), 256);
	ck_assert_ptr_null(strchr(buf, '{'));
}
END_TEST

START_TEST(levels_have_names)
{
	ck_assert_str_eq(capgap_level_name(CAPGAP_LEVEL_NOTE), "note");
	ck_assert_str_eq(capgap_level_name(CAPGAP_LEVEL_WARNING), "warning");
	ck_assert_str_eq(capgap_level_name(CAPGAP_LEVEL_ERROR), "error");
}
END_TEST

Suite *findings_suite(void)
{
	Suite *suite = suite_create("findings");
	TCase *table = tcase_create("table");
	TCase *list = tcase_create("list");

	tcase_add_loop_test(table, findings_say_what_and_why, 0, CAPGAP_F_COUNT);
	tcase_add_loop_test(table, findings_are_found_by_name, 0, CAPGAP_F_COUNT);
	tcase_add_test(table, findings_end_with_the_table);
	tcase_add_loop_test(table, findings_alter_the_chain_where_libpci_differs, 0,
			    ROWS(known));
	tcase_add_loop_test(table, findings_texts_fit_their_buffer, 0, CAPGAP_F_COUNT);
	tcase_add_test(table, levels_have_names);
	suite_add_tcase(suite, table);
	tcase_add_test(list, findings_are_kept_once_and_in_order);
	tcase_add_test(list, findings_without_a_list_are_dropped);
	tcase_add_test(list, findings_stay_within_their_bound);
	tcase_add_loop_test(list, findings_say_their_values, 0, ROWS(texts));
	tcase_add_test(list, findings_text_is_cut_at_the_buffer);
	tcase_add_test(list, findings_of_no_kind_have_no_text);
	suite_add_tcase(suite, list);
	return suite;
}
