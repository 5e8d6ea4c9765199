/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The quirk table: what rows say, which of them stand, and what they match. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check_quirks.h"
#include "suites.h"

#define GIVEN_MAX 64

/* What good/every.xml says, in order. */
static const struct capgap_quirk every[] = {
	{ .verb = CAPGAP_VERB_RESERVED,
	  .off = 0xff0,
	  .len = 4,
	  .text = "internal bus window" },
	{ .verb = CAPGAP_VERB_RESERVED, .off = 0x40, .len = 4, .text = "" },
	{ .verb = CAPGAP_VERB_FREE, .off = 0x204, .len = 0xc, .text = "left alone" },
	{ .verb = CAPGAP_VERB_PREFER, .off = 0x230, .text = "" },
	{ .verb = CAPGAP_VERB_LIMIT, .off = 0xff4, .text = "" },
	{ .verb = CAPGAP_VERB_REFUSE, .text = "because" },
	{ .verb = CAPGAP_VERB_SUSPECT, .text = "because of that" },
	{ .verb = CAPGAP_VERB_FINGERPRINT,
	  .off = 0x700,
	  .len = 0x430,
	  .n_tests = 2,
	  .test = { { 0x8f8, 0xf0f0f0ff, 0x3030302a }, { 0x708, 0xffffffff, 0 } },
	  .text = "port logic" },
	{ .verb = CAPGAP_VERB_DESCRIPTOR,
	  .dvsec_vendor = 0x1234,
	  .dvsec_id = 1,
	  .text = "" },
	{ .verb = CAPGAP_VERB_DESCRIPTOR,
	  .dvsec_vendor = 0x1234,
	  .dvsec_id = 2,
	  .form = CAPGAP_FORM_TABLE,
	  .text = "" },
	{ .verb = CAPGAP_VERB_DESCRIPTOR,
	  .dvsec_vendor = 0xabcd,
	  .dvsec_id = 3,
	  .form = CAPGAP_FORM_GAP,
	  .no_control = true,
	  .text = "" },
	{ .verb = CAPGAP_VERB_NOTE, .text = "5 < 6 & caf\xc3\xa9" },
	{ .verb = CAPGAP_VERB_RESERVED,
	  .off = 0x300,
	  .len = 0xc,
	  .identity_off = 0x303,
	  .identity_len = 6,
	  .text = "MAC address" },
};

static void same_quirk(const struct capgap_quirk *have, const struct capgap_quirk *want)
{
	ck_assert_int_eq(have->verb, want->verb);
	ck_assert_uint_eq(have->off, want->off);
	ck_assert_uint_eq(have->len, want->len);
	ck_assert_uint_eq(have->identity_off, want->identity_off);
	ck_assert_uint_eq(have->identity_len, want->identity_len);
	ck_assert_uint_eq(have->n_tests, want->n_tests);
	for (unsigned i = 0; i < want->n_tests; i++) {
		ck_assert_uint_eq(have->test[i].off, want->test[i].off);
		ck_assert_uint_eq(have->test[i].mask, want->test[i].mask);
		ck_assert_uint_eq(have->test[i].value, want->test[i].value);
	}
	ck_assert_uint_eq(have->dvsec_vendor, want->dvsec_vendor);
	ck_assert_uint_eq(have->dvsec_id, want->dvsec_id);
	ck_assert_int_eq(have->form, want->form);
	ck_assert_int_eq(have->no_control, want->no_control);
	ck_assert_str_eq(have->text, want->text);
}

START_TEST(quirks_read_every_verb_and_round)
{
	struct capgap_quirk_info info;

	ck_assert_int_eq(load("good/every.xml"), 1);
	ck_assert(capgap_quirks_row(table, 0, &info));
	ck_assert(!capgap_quirks_row(table, 1, &info));
	ck_assert_str_eq(info.row->id, "every.verb-1");
	ck_assert_str_eq(info.row->source, "made for a test");
	ck_assert_str_eq(info.row->file, in_tests("good/every.xml"));
	ck_assert_uint_eq(info.row->line, 6);
	ck_assert_str_eq(info.match,
			 "1da3:1000,1010-1020 subsystem 103c:1234 class 0200 rev 00-0f "
			 "pf; 1022,8086:*");
	ck_assert_uint_eq(info.n_quirks, ROWS(every));
	for (int i = 0; i < ROWS(every); i++) {
		same_quirk(&info.quirk[i], &every[i]);
		ck_assert_ptr_eq(info.quirk[i].row, info.row);
		ck_assert_uint_eq(info.quirk[i].specificity, 128 + 64 + 16 + 8 + 2 + 1);
	}
}
END_TEST

START_TEST(quirks_read_unusual_xml)
{
	struct capgap_quirk_info info;

	ck_assert_int_eq(load("good/unusual.xml"), 1);
	ck_assert(capgap_quirks_row(table, 0, &info));
	ck_assert_str_eq(info.row->id, "0-unusual");
	ck_assert_str_eq(info.row->source, "made for a test");
	ck_assert_str_eq(
		info.match,
		"1234,8086:0b25-0b2f subsystem *:0001 class 088000; *:* class 03");
	ck_assert_uint_eq(info.n_quirks, 3);
	ck_assert_uint_eq(info.quirk[0].off, 0x230);
	ck_assert_uint_eq(info.quirk[0].len, 0x10);
	ck_assert_str_eq(info.quirk[0].text, "a c <d>");
	ck_assert_uint_eq(info.quirk[1].off, 0x238);
	ck_assert_uint_eq(info.quirk[2].len, 0x230);
}
END_TEST

START_TEST(quirks_verbs_are_named_as_their_elements)
{
	static const char *const names[] = { "reserved",    "free",	  "prefer",
					     "refuse",	    "limit",	  "suspect",
					     "fingerprint", "descriptor", "note" };

	for (int i = 0; i < ROWS(names); i++)
		ck_assert_str_eq(capgap_verb_name((enum capgap_verb)i), names[i]);
}
END_TEST

/* Rows as they stand: id, source file's text, order. */
static void rows_are(const char *want)
{
	struct capgap_quirk_info info;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	ck_assert_ptr_nonnull(out);
	for (size_t n = 0; capgap_quirks_row(table, n, &info); n++)
		fprintf(out, "%s%s %s %u", n ? ", " : "", info.row->id,
			info.quirk[0].text, info.quirk[0].order);
	ck_assert_int_eq(fclose(out), 0);
	ck_assert_str_eq(text, want);
	free(text);
}

START_TEST(quirks_later_rows_replace_earlier_ones)
{
	ck_assert_int_eq(load("first"), 6);
	rows_are("a first/9 2, b first/9 3, z first/Z 4, c first/Z 5");
	ck_assert_int_eq(load("second"), 2);
	rows_are("b first/9 3, z first/Z 4, c first/Z 5, a second 6, d second 7");
	ck_assert_int_eq(load("first/9-more.xml"), 2);
	rows_are("z first/Z 4, c first/Z 5, d second 7, a first/9 8, b first/9 9");
	ck_assert_int_lt(load("mixed/b.xml"), 0);
	rows_are("z first/Z 4, c first/Z 5, d second 7, a first/9 8, b first/9 9");
	ck_assert_uint_eq(told.n, 1);
}
END_TEST

START_TEST(quirks_match_in_table_order)
{
	struct capgap_quirk_key key = { .vendor = 0x1234, .part = CAPGAP_PART_PF };
	struct capgap_quirk out[2];

	ck_assert_uint_eq(capgap_quirks_match(NULL, &key, out, 2), 0);
	ck_assert_uint_eq(capgap_quirks_match(table, &key, out, 2), 0);
	ck_assert_int_eq(load("second"), 2);
	ck_assert_int_eq(load("first"), 6);
	ck_assert_uint_eq(capgap_quirks_match(table, &key, NULL, 0), 5);
	memset(out, 0x5a, sizeof(out));
	ck_assert_uint_eq(capgap_quirks_match(table, &key, out, 1), 5);
	ck_assert_str_eq(out[0].row->id, "d");
	ck_assert_uint_eq(out[0].order, 1);
	ck_assert_int_eq(((unsigned char *)&out[1])[0], 0x5a);
}
END_TEST

/* A function, and the rows of good/matching.xml that it gets, with their specificity. */
static const struct {
	struct capgap_quirk_key key;
	const char *want;
} matches[] = {
	{ { .vendor = 0x1002,
	    .device = 0x1111,
	    .subvendor = 0x103c,
	    .subdevice = 0x1234,
	    .class_code = 0x030001,
	    .revision = 0x10,
	    .has_revision = true,
	    .part = CAPGAP_PART_PF },
	  "any=0 vendor=16 vendors=16 device=144 devices=144 all-devices=144 class-2=32 class-4=80 class-6=112 subsystem=24 subvendor=4 subdevice=20 revision=18 revision-any=16 pf=17 two=144 full=251" },
	{ { .vendor = 0x1002,
	    .device = 0x1110,
	    .subvendor = 0x103d,
	    .subdevice = 0x1235,
	    .class_code = 0x030000,
	    .revision = 0x20,
	    .has_revision = true,
	    .part = CAPGAP_PART_VF },
	  "any=0 vendor=16 vendors=16 devices=144 all-devices=144 class-2=32 class-4=80 revision-any=16 vf=17 two=64" },
	{ { .vendor = 0x1002,
	    .device = 0x2000,
	    .subvendor = 0x103c,
	    .subdevice = 0xffff,
	    .class_code = 0x020000,
	    .revision = 0x01,
	    .has_revision = true,
	    .part = CAPGAP_PART_PF },
	  "any=0 vendor=16 vendors=16 all-devices=144 subvendor=4 revision=18 revision-any=16 pf=17 two=16" },
	{ { .vendor = 0x1002,
	    .device = 0xffff,
	    .subvendor = 0xffff,
	    .subdevice = 0xffff,
	    .class_code = 0xffffff,
	    .part = CAPGAP_PART_VF },
	  "any=0 vendor=16 vendors=16 revision-any=16 vf=17 two=16" },
	{ { .vendor = 0x1002,
	    .device = 0x3000,
	    .subvendor = 0xffff,
	    .subdevice = 0x1234,
	    .class_code = 0x038000,
	    .part = CAPGAP_PART_PF },
	  "any=0 vendor=16 vendors=16 devices=144 all-devices=144 class-2=32 subdevice=20 revision-any=16 pf=17 two=16" },
	{ { .vendor = 0xffff,
	    .device = 0x1111,
	    .subvendor = 0x103c,
	    .subdevice = 0x1234,
	    .class_code = 0x030001,
	    .revision = 0x10,
	    .has_revision = true,
	    .part = CAPGAP_PART_PF },
	  "any=0 class-2=32 subvendor=4 two=64" },
	{ { .vendor = 0xffff,
	    .device = 0xffff,
	    .subvendor = 0xffff,
	    .subdevice = 0xffff,
	    .class_code = 0xffffff,
	    .part = CAPGAP_PART_PF },
	  "any=0" },
	{ { .vendor = 0x1022,
	    .device = 0x0010,
	    .subvendor = 0,
	    .subdevice = 0,
	    .class_code = 0xff0000,
	    .revision = 0x0,
	    .has_revision = true,
	    .part = CAPGAP_PART_PF },
	  "any=0 vendors=16 class-ff=32" },
	{ { .vendor = 0x1003,
	    .device = 0x0010,
	    .subvendor = 0,
	    .subdevice = 0,
	    .class_code = 0x020000,
	    .revision = 0x0,
	    .has_revision = true,
	    .part = CAPGAP_PART_VF },
	  "any=0 other=16" },
	{ { .vendor = 0x1001,
	    .device = 0x0010,
	    .subvendor = 0,
	    .subdevice = 0,
	    .class_code = 0x020000,
	    .revision = 0x0,
	    .has_revision = true,
	    .part = CAPGAP_PART_VF },
	  "any=0" },
	{ { .vendor = 0,
	    .device = 0,
	    .subvendor = 0,
	    .subdevice = 0,
	    .class_code = 0,
	    .revision = 0x0,
	    .has_revision = true,
	    .part = CAPGAP_PART_VF },
	  "any=0" },
	{ { .vendor = 0x1002,
	    .device = 0x0011,
	    .subvendor = 0,
	    .subdevice = 0,
	    .class_code = 0,
	    .revision = 0x0f,
	    .has_revision = true,
	    .part = CAPGAP_PART_PF },
	  "any=0 vendor=16 vendors=16 all-devices=144 revision-any=16 pf=17 two=16" },
	{ { .vendor = 0x1002,
	    .device = 0x10ff,
	    .subvendor = 0,
	    .subdevice = 0,
	    .class_code = 0,
	    .revision = 0x1f,
	    .has_revision = true,
	    .part = CAPGAP_PART_PF },
	  "any=0 vendor=16 vendors=16 all-devices=144 revision=18 revision-any=16 pf=17 two=16" },
	{ { .vendor = 0x1002,
	    .device = 0x1200,
	    .subvendor = 0,
	    .subdevice = 0,
	    .class_code = 0,
	    .part = CAPGAP_PART_PF },
	  "any=0 vendor=16 vendors=16 all-devices=144 revision-any=16 pf=17 two=16" },
	{ { .vendor = 0x1002,
	    .device = 0,
	    .subvendor = 0,
	    .subdevice = 0,
	    .class_code = 0,
	    .part = CAPGAP_PART_PF },
	  "any=0 vendor=16 vendors=16 all-devices=144 revision-any=16 pf=17 two=16" },
};

START_TEST(quirks_match_what_they_name)
{
	struct capgap_quirk out[GIVEN_MAX];
	char *text = NULL;
	size_t len = 0;
	size_t n;
	FILE *words = open_memstream(&text, &len);

	ck_assert_ptr_nonnull(words);
	ck_assert_int_eq(load("good/matching.xml"), 20);
	n = capgap_quirks_match(table, &matches[_i].key, out, GIVEN_MAX);
	ck_assert_uint_le(n, GIVEN_MAX);
	for (size_t i = 0; i < n; i++) {
		if (i && out[i].row == out[i - 1].row)
			continue;
		fprintf(words, "%s%s=%u", i ? " " : "", out[i].row->id,
			out[i].specificity);
	}
	ck_assert_int_eq(fclose(words), 0);
	ck_assert_str_eq(text, matches[_i].want);
	free(text);
}
END_TEST

/* Rows of one verb, all fitting one function; the more specific of two neighbours comes first. */
START_TEST(quirks_rank_the_first_difference)
{
	static const char *const ids[] = { "full",    "device",	   "class-6",  "class-4",
					   "class-2", "subsystem", "subvendor" };
	struct capgap_quirk_key key = matches[0].key;
	struct capgap_quirk out[GIVEN_MAX];
	unsigned before = ~0u;
	size_t n;

	ck_assert_int_eq(load("good/matching.xml"), 20);
	n = capgap_quirks_match(table, &key, out, GIVEN_MAX);
	for (int i = 0; i < ROWS(ids); i++) {
		size_t k = 0;

		while (k < n && strcmp(out[k].row->id, ids[i]) != 0)
			k++;
		ck_assert_msg(k < n, "%s", ids[i]);
		ck_assert_uint_lt(out[k].specificity, before);
		before = out[k].specificity;
	}
}
END_TEST

/* Dwords at 0x8f8 and 0x708 against the fingerprint of good/every.xml. */
static const struct {
	uint32_t version;
	uint32_t other;
	size_t absent;
	bool fits;
} fingerprints[] = {
	{ 0x3435302a, 0, 0, true },
	{ 0x3f3f3f2a, 0, 0, true },
	{ 0x3435302b, 0, 0, false },
	{ 0x3435302a, 1, 0, false },
	{ 0, 0, 0, false },
	{ UINT32_MAX, UINT32_MAX, 0, false },
	{ 0x3435302a, 0, 0x8fb, false },
	{ 0x3435302a, 0, 0x708, false },
	{ 0x3435302a, 0, 0x700, true },
};

static void put32(struct capgap_image *img, size_t off, uint32_t val)
{
	uint8_t bytes[4];

	for (unsigned i = 0; i < 4; i++)
		bytes[i] = (uint8_t)(val >> 8 * i);
	capgap_image_put(img, off, bytes, sizeof(bytes));
}

START_TEST(quirks_fingerprints_test_bytes)
{
	static const uint8_t zeros[CAPGAP_SPACE_MAX];
	struct capgap_quirk_info info;
	struct capgap_image img;

	ck_assert_int_eq(load("good/every.xml"), 1);
	ck_assert(capgap_quirks_row(table, 0, &info));
	capgap_image_init(&img);
	ck_assert(!capgap_quirk_fits(&info.quirk[7], &img));
	ck_assert(capgap_quirk_fits(&info.quirk[0], &img));
	capgap_image_put(&img, 0, zeros, sizeof(zeros));
	put32(&img, 0x8f8, fingerprints[_i].version);
	put32(&img, 0x708, fingerprints[_i].other);
	if (fingerprints[_i].absent)
		capgap_image_drop(&img, fingerprints[_i].absent, 1);
	ck_assert_int_eq(capgap_quirk_fits(&info.quirk[7], &img), fingerprints[_i].fits);
}
END_TEST

/* Of two samples each may be the one that fits, whichever of them came first. */
START_TEST(quirks_fingerprints_fit_either_sample)
{
	static const struct {
		uint32_t version[2];
		bool fits;
	} samples[] = {
		{ { 0x3435302a, 0x3435302b }, true },
		{ { 0x3435302a, 0x3f3f3f2a }, true },
		{ { 0x3435302b, 0x3535302b }, false },
		{ { 0x3435302a, 0 }, true },
	};
	struct capgap_quirk_info info;
	struct capgap_image img[2];

	ck_assert_int_eq(load("good/every.xml"), 1);
	ck_assert(capgap_quirks_row(table, 0, &info));
	for (int first = 0; first < 2; first++) {
		for (int i = 0; i < 2; i++) {
			capgap_image_init(&img[i]);
			put32(&img[i], 0x8f8, samples[_i].version[i ^ first]);
			put32(&img[i], 0x708, 0);
		}
		capgap_image_merge(&img[0], &img[1]);
		ck_assert_int_eq(capgap_quirk_fits(&info.quirk[7], &img[0]),
				 samples[_i].fits);
	}
}
END_TEST

START_TEST(quirks_take_descriptors_of_the_caller)
{
	struct capgap_quirk_key key = { .vendor = 0xffff,
					.device = 0xffff,
					.part = CAPGAP_PART_VF };
	struct capgap_quirk out[2];

	ck_assert_int_eq(capgap_quirks_add_descriptor(table, 0x1234, 7,
						      CAPGAP_FORM_CONTROL),
			 0);
	ck_assert_int_eq(capgap_quirks_add_descriptor(table, 0x1234, 8,
						      CAPGAP_FORM_TABLE),
			 0);
	ck_assert_int_eq(capgap_quirks_add_descriptor(table, 0x1234, 7, CAPGAP_FORM_GAP),
			 0);
	ck_assert_uint_eq(capgap_quirks_match(table, &key, out, 2), 2);
	ck_assert_int_eq(out[0].verb, CAPGAP_VERB_DESCRIPTOR);
	ck_assert_uint_eq(out[0].dvsec_id, 8);
	ck_assert_int_eq(out[0].form, CAPGAP_FORM_TABLE);
	ck_assert(!out[0].no_control);
	ck_assert_uint_eq(out[1].dvsec_vendor, 0x1234);
	ck_assert_uint_eq(out[1].dvsec_id, 7);
	ck_assert_int_eq(out[1].form, CAPGAP_FORM_GAP);
	ck_assert(out[1].no_control);
	ck_assert_uint_eq(out[1].order, 2);
	ck_assert_uint_eq(out[1].specificity, 0);
	ck_assert_str_eq(out[1].row->id, "caller.descriptor.1234.0007");
	ck_assert_str_eq(out[1].row->file, "");
}
END_TEST

START_TEST(quirks_that_are_shipped_are_valid)
{
	struct capgap_quirk_info info;
	int ret = capgap_quirks_load_dir(table, SHIPPED, NULL, &trouble);

	ck_assert_msg(ret >= 0, "%s:%lu: %s", told.file, told.first.line,
		      told.first.text);
	ck_assert_uint_eq(count_rows(), (unsigned)ret);
	for (size_t n = 0; capgap_quirks_row(table, n, &info); n++) {
		ck_assert_uint_gt(info.n_quirks, 0);
		ck_assert_uint_gt(info.row->line, 0);
		ck_assert_str_ne(info.row->source, "");
		ck_assert_str_ne(info.match, "");
	}
}
END_TEST

Suite *quirks_suite(void)
{
	Suite *suite = suite_create("quirks");
	TCase *tc = tcase_create("rows");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, quirks_read_every_verb_and_round);
	tcase_add_test(tc, quirks_read_unusual_xml);
	tcase_add_test(tc, quirks_verbs_are_named_as_their_elements);
	tcase_add_test(tc, quirks_later_rows_replace_earlier_ones);
	tcase_add_test(tc, quirks_match_in_table_order);
	tcase_add_loop_test(tc, quirks_match_what_they_name, 0, ROWS(matches));
	tcase_add_test(tc, quirks_rank_the_first_difference);
	tcase_add_loop_test(tc, quirks_fingerprints_test_bytes, 0, ROWS(fingerprints));
	tcase_add_loop_test(tc, quirks_fingerprints_fit_either_sample, 0, 4);
	tcase_add_test(tc, quirks_take_descriptors_of_the_caller);
	tcase_add_test(tc, quirks_that_are_shipped_are_valid);
	suite_add_tcase(suite, tc);
	return suite;
}
