/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every row of the shipped quirk table: what it names matches, what differs does not. */
#include "check_quirks.h"

#include "../analyzer/quirks_ask.h"
#include "../analyzer/quirks_table.h"
#include "suites.h"

#define GIVEN_MAX 1024

/* Rows that one test looks at: a process for each of them would take long. */
#define ROWS_A_TEST 32

/* Loaded once, before the tests are counted; each test has its own copy of the process. */
static struct capgap_quirks *shipped;
static int loaded;

/* The lowest id that a set does not name; CAPGAP_ID_ANY when it names all. */
static uint16_t id_outside(const struct capgap_ids *ids, uint16_t max)
{
	for (unsigned id = 0; ids->n && id < max; id++) {
		if (!capgap_ids_have(ids, (uint16_t)id))
			return (uint16_t)id;
	}
	return CAPGAP_ID_ANY;
}

/* An id of a set: the first of run @n, or the last of the last run that is an id. */
static uint16_t id_inside(const struct capgap_ids *ids, unsigned n, uint16_t otherwise)
{
	uint16_t last;

	if (!ids->n)
		return otherwise;
	if (n < ids->n)
		return ids->run[n].first;
	last = ids->run[ids->n - 1].last;
	return last == CAPGAP_ID_ANY ? last - 1 : last;
}

static bool is_given(const struct capgap_quirk_key *key, const struct capgap_row *row)
{
	static struct capgap_quirk out[GIVEN_MAX];
	size_t n = capgap_quirks_match(shipped, key, out, GIVEN_MAX);

	ck_assert_uint_le(n, GIVEN_MAX);
	for (size_t i = 0; i < n; i++) {
		if (out[i].row == &row->head)
			return true;
	}
	return false;
}

/* A function that is all that the match asks for; its ids are the @n-th of each list. */
static struct capgap_quirk_key key_of(const struct capgap_match *m, unsigned n)
{
	return (struct capgap_quirk_key){
		.vendor = id_inside(&m->vendor, n, 0x1234),
		.device = id_inside(&m->device, n, 0xfedc),
		.subvendor = m->subvendor == CAPGAP_ID_ANY ? 0x4321 : m->subvendor,
		.subdevice = m->subdevice == CAPGAP_ID_ANY ? 0xcdef : m->subdevice,
		.class_code = m->class_code | (~m->class_mask & 0x010203),
		.revision = (uint8_t)id_inside(&m->revision, n, 0x5a),
		.has_revision = true,
		.part = m->part & CAPGAP_PART_PF ? CAPGAP_PART_PF : CAPGAP_PART_VF,
	};
}

static void matches_what_it_names(const struct capgap_row *row)
{
	ck_assert_uint_gt(row->n_matches, 0);
	for (unsigned k = 0; k < row->n_matches; k++) {
		const struct capgap_match *m = &row->match[k];
		struct capgap_quirk_key key;
		unsigned last = m->vendor.n;

		last = m->device.n > last ? m->device.n : last;
		last = m->revision.n > last ? m->revision.n : last;
		for (unsigned n = 0; n <= last; n++) {
			key = key_of(m, n);
			ck_assert_msg(is_given(&key, row), "%s: match %u, ids %u",
				      row->head.id, k, n);
			if (!(m->part & CAPGAP_PART_VF))
				continue;
			key.part = CAPGAP_PART_VF;
			ck_assert_msg(is_given(&key, row), "%s: match %u, VF",
				      row->head.id, k);
		}
	}
}

/* A row for any vendor that asks for nothing more says only what bytes must confirm. */
static void asks_bytes(const struct capgap_row *row)
{
	static const uint8_t zeros[CAPGAP_SPACE_MAX];
	uint8_t ones[CAPGAP_SPACE_MAX];
	struct capgap_image img;

	memset(ones, 0xff, sizeof(ones));
	for (unsigned i = 0; i < row->n_quirks; i++) {
		const struct capgap_quirk *quirk = &row->quirk[i];

		ck_assert_msg(quirk->verb == CAPGAP_VERB_FINGERPRINT ||
				      quirk->verb == CAPGAP_VERB_DESCRIPTOR,
			      "%s: speaks of every function", row->head.id);
		capgap_image_init(&img);
		ck_assert(quirk->verb == CAPGAP_VERB_DESCRIPTOR ||
			  !capgap_quirk_fits(quirk, &img));
		capgap_image_put(&img, 0, zeros, sizeof(zeros));
		ck_assert(quirk->verb == CAPGAP_VERB_DESCRIPTOR ||
			  !capgap_quirk_fits(quirk, &img));
		capgap_image_put(&img, 0, ones, sizeof(ones));
		ck_assert(quirk->verb == CAPGAP_VERB_DESCRIPTOR ||
			  !capgap_quirk_fits(quirk, &img));
	}
}

/* A vendor that no match of the row names; CAPGAP_ID_ANY when one names them all. */
static uint16_t other_vendor(const struct capgap_row *row)
{
	for (unsigned vendor = 0x1234; vendor < CAPGAP_ID_ANY; vendor++) {
		unsigned k = 0;

		while (k < row->n_matches &&
		       !capgap_ids_have(&row->match[k].vendor, (uint16_t)vendor))
			k++;
		if (k == row->n_matches)
			return (uint16_t)vendor;
	}
	return CAPGAP_ID_ANY;
}

static void needs_its_vendor(const struct capgap_row *row)
{
	uint16_t vendor = other_vendor(row);

	for (unsigned k = 0; k < row->n_matches; k++) {
		const struct capgap_match *m = &row->match[k];
		struct capgap_quirk_key key = key_of(m, 0);

		if (vendor != CAPGAP_ID_ANY) {
			key.vendor = vendor;
		} else if (m->class_mask) {
			key.class_code = CAPGAP_CLASS_NONE;
		} else if (m->subvendor != CAPGAP_ID_ANY ||
			   m->subdevice != CAPGAP_ID_ANY) {
			key.subvendor = CAPGAP_ID_ANY;
			key.subdevice = CAPGAP_ID_ANY;
		} else {
			asks_bytes(row);
			continue;
		}
		ck_assert_msg(!is_given(&key, row), "%s: match %u", row->head.id, k);
	}
}

/* Make one thing that a match asks for differ; false when it does not ask for that. */
static bool differ(struct capgap_quirk_key *key, const struct capgap_match *m,
		   unsigned what)
{
	uint16_t id;

	switch (what) {
	case 0:
		key->device = id_outside(&m->device, CAPGAP_ID_ANY);
		return m->device.n && key->device != CAPGAP_ID_ANY;
	case 1:
		key->device = CAPGAP_ID_ANY;
		return m->device.n;
	case 2:
		key->class_code ^= m->class_mask & 0x010000;
		return m->class_mask;
	case 3:
		id = id_outside(&m->revision, 0x100);
		key->revision = (uint8_t)id;
		return m->revision.n && id != CAPGAP_ID_ANY;
	case 4:
		key->has_revision = false;
		return m->revision.n;
	case 5:
		key->subvendor = CAPGAP_ID_ANY;
		return m->subvendor != CAPGAP_ID_ANY;
	case 6:
		key->subdevice = CAPGAP_ID_ANY;
		return m->subdevice != CAPGAP_ID_ANY;
	default:
		key->part = key->part == CAPGAP_PART_PF ? CAPGAP_PART_VF : CAPGAP_PART_PF;
		return !(m->part & (unsigned)key->part);
	}
}

static void needs_all_that_it_names(const struct capgap_row *row)
{
	struct capgap_quirk_key key;

	if (row->n_matches > 1)
		return;
	for (unsigned what = 0; what < 8; what++) {
		key = key_of(row->match, 0);
		if (differ(&key, row->match, what))
			ck_assert_msg(!is_given(&key, row), "%s: %u", row->head.id, what);
	}
}

/* Do @test with the rows of the @i-th test. */
static void each_row(int i, void (*test)(const struct capgap_row *row))
{
	size_t first = (size_t)i * ROWS_A_TEST;
	const struct capgap_row *row;

	for (size_t n = first; n < first + ROWS_A_TEST; n++) {
		row = capgap_quirks_at(shipped, n);
		ck_assert(row || n >= (size_t)loaded);
		if (row)
			test(row);
	}
}

START_TEST(quirk_rows_match_what_they_name)
{
	each_row(_i, matches_what_it_names);
}
END_TEST

START_TEST(quirk_rows_need_their_vendor)
{
	each_row(_i, needs_its_vendor);
}
END_TEST

START_TEST(quirk_rows_need_all_that_they_name)
{
	each_row(_i, needs_all_that_it_names);
}
END_TEST

START_TEST(quirk_rows_are_valid_and_unique)
{
	struct capgap_quirk_info a;
	struct capgap_quirk_info b;

	ck_assert_msg(loaded > 0 && !told.n, "%s:%lu: %s", told.file, told.first.line,
		      told.first.text);
	for (size_t i = 0; capgap_quirks_row(shipped, i, &a); i++) {
		for (size_t k = 0; k < i && capgap_quirks_row(shipped, k, &b); k++)
			ck_assert_str_ne(a.row->id, b.row->id);
		ck_assert_int_ge(loaded, (int)i + 1);
	}
	ck_assert(!capgap_quirks_row(shipped, (size_t)loaded, &a));
	ck_assert(capgap_quirks_row(shipped, (size_t)loaded - 1, &a));
}
END_TEST

/* What of the shipped table identifies, and functions that have it. */
static const struct {
	const char *row;
	struct capgap_quirk_key key;
	unsigned off;
	unsigned len;
} identities[] = {
	{ "agere-et1310",
	  { 0x11c1, 0xed01, 0xffff, 0xffff, 0x020000, 0, true, CAPGAP_PART_PF },
	  0xa4,
	  6 },
	{ "intel-ixgbevf-hyperv-mac",
	  { 0x8086, 0x1515, 0xffff, 0xffff, 0x020000, 0, true, CAPGAP_PART_VF },
	  0x201,
	  6 },
	/* as the guest sees it */
	{ "intel-ixgbevf-hyperv-mac",
	  { 0x8086, 0x1530, 0xffff, 0xffff, 0x020000, 0, true, CAPGAP_PART_PF },
	  0x201,
	  6 },
	{ "intel-ixgbevf-hyperv-mac",
	  { 0x8086, 0x57ad, 0x8086, 0x00ff, 0x020000, 0, true, CAPGAP_PART_PF },
	  0x201,
	  6 },
};

START_TEST(quirk_rows_say_what_identifies)
{
	static struct capgap_quirk out[GIVEN_MAX];
	size_t n = capgap_quirks_match(shipped, &identities[_i].key, out, GIVEN_MAX);
	unsigned found = 0;

	ck_assert_uint_le(n, GIVEN_MAX);
	for (size_t i = 0; i < n; i++) {
		if (!out[i].identity_len)
			continue;
		found++;
		ck_assert_str_eq(out[i].row->id, identities[_i].row);
		ck_assert_uint_eq(out[i].identity_off, identities[_i].off);
		ck_assert_uint_eq(out[i].identity_len, identities[_i].len);
	}
	ck_assert_uint_eq(found, 1);
}
END_TEST

/* A text that speaks of an address or a number of the device's own stands beside the answer. */
static void says_if_it_identifies(const struct capgap_row *row)
{
	static const char *const words[] = { "MAC address", "serial number", "WWN",
					     "GUID" };

	for (unsigned i = 0; i < row->n_quirks; i++) {
		const struct capgap_quirk *quirk = &row->quirk[i];

		for (int k = 0; k < ROWS(words); k++)
			ck_assert_msg(quirk->verb != CAPGAP_VERB_RESERVED ||
					      !strstr(quirk->text, words[k]) ||
					      quirk->identity_len,
				      "%s: %s", row->head.id, quirk->text);
	}
}

START_TEST(quirk_rows_hide_no_identity_in_a_text)
{
	each_row(_i, says_if_it_identifies);
}
END_TEST

/* Ids, and what is then known of a row: good/matching.xml has them by name. */
static const struct {
	struct capgap_quirk_ask ask;
	const char *row;
	enum capgap_quirk_fit fit;
} asks[] = {
	{ { 0x1002, 0x1111, 0, 0 }, "any", CAPGAP_FIT_YES },
	{ { 0x1002, 0x1111, 0, 0 }, "device", CAPGAP_FIT_YES },
	{ { 0x1002, 0x1112, 0, 0 }, "device", CAPGAP_FIT_NO },
	{ { 0x1002, 0xffff, 0, 0 }, "device", CAPGAP_FIT_MAYBE },
	{ { 0xffff, 0x1111, 0, 0 }, "device", CAPGAP_FIT_MAYBE },
	{ { 0xffff, 0xffff, 0, 0 }, "any", CAPGAP_FIT_YES },
	{ { 0x1002, 0x1111, 0, 0 }, "class-4", CAPGAP_FIT_MAYBE },
	{ { 0x1002, 0x1111, 0x030000, 0xffff00 }, "class-4", CAPGAP_FIT_YES },
	{ { 0x1002, 0x1111, 0x030000, 0xffff00 }, "class-6", CAPGAP_FIT_MAYBE },
	{ { 0x1002, 0x1111, 0x030001, 0xffffff }, "class-6", CAPGAP_FIT_YES },
	{ { 0x1002, 0x1111, 0x030002, 0xffffff }, "class-6", CAPGAP_FIT_NO },
	{ { 0x1002, 0x1111, 0x020000, 0xffff00 }, "class-2", CAPGAP_FIT_NO },
	{ { 0x1002, 0x1111, 0, 0 }, "subsystem", CAPGAP_FIT_MAYBE },
	{ { 0x1002, 0x1111, 0, 0 }, "revision", CAPGAP_FIT_MAYBE },
	{ { 0x1002, 0x1111, 0, 0 }, "revision-any", CAPGAP_FIT_YES },
	{ { 0x1002, 0x1111, 0, 0 }, "pf", CAPGAP_FIT_YES },
	{ { 0x1002, 0x1111, 0, 0 }, "vf", CAPGAP_FIT_YES },
	{ { 0x1003, 0x1111, 0, 0 }, "vendor", CAPGAP_FIT_NO },
};

START_TEST(quirk_rows_answer_what_little_is_known)
{
	struct capgap_quirk_info info;
	size_t n = 0;

	ck_assert_int_gt(load("good/matching.xml"), 0);
	while (capgap_quirks_row(table, n, &info) &&
	       strcmp(info.row->id, asks[_i].row) != 0)
		n++;
	ck_assert_msg(capgap_quirks_row(table, n, &info), "%s", asks[_i].row);
	ck_assert_int_eq(capgap_quirks_fit(table, n, &asks[_i].ask), asks[_i].fit);
	ck_assert_int_eq(capgap_quirks_fit(table, 1000, &asks[_i].ask), CAPGAP_FIT_NO);
}
END_TEST

START_TEST(quirk_rows_spell_out_their_match)
{
	char *words;

	ck_assert_int_eq(load("good/every.xml"), 1);
	words = capgap_quirks_match_words(table, 0);
	ck_assert_str_eq(
		words,
		"vendor 1da3, device 1000 or 1010 to 1020, class beginning with "
		"0200, subsystem vendor 103c, subsystem 1234, revision 00 to 0f, "
		"a physical or plain function; or vendor 1022 or 8086, any device");
	free(words);
	ck_assert_ptr_null(capgap_quirks_match_words(table, 1));
}
END_TEST

Suite *quirk_rows_suite(void)
{
	Suite *suite = suite_create("quirk_rows");
	TCase *tc = tcase_create("shipped");
	int n_tests;

	memset(&told, 0, sizeof(told));
	shipped = capgap_quirks_new();
	loaded = shipped ? capgap_quirks_load_dir(shipped, SHIPPED, NULL, &trouble) :
			   -CAPGAP_E_NOMEM;
	tcase_add_test(tc, quirk_rows_are_valid_and_unique);
	n_tests = loaded > 0 ? (loaded + ROWS_A_TEST - 1) / ROWS_A_TEST : 0;
	tcase_add_loop_test(tc, quirk_rows_match_what_they_name, 0, n_tests);
	tcase_add_loop_test(tc, quirk_rows_need_their_vendor, 0, n_tests);
	tcase_add_loop_test(tc, quirk_rows_need_all_that_they_name, 0, n_tests);
	tcase_add_loop_test(tc, quirk_rows_hide_no_identity_in_a_text, 0, n_tests);
	tcase_add_loop_test(tc, quirk_rows_say_what_identifies, 0, ROWS(identities));
	suite_add_tcase(suite, tc);
	tc = tcase_create("questions");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, quirk_rows_answer_what_little_is_known, 0, ROWS(asks));
	tcase_add_test(tc, quirk_rows_spell_out_their_match);
	suite_add_tcase(suite, tc);
	return suite;
}
