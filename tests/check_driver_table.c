/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table for a driver: what all functions with the same ids have, and what quirks say. */
#include "../placement/driver_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "suites.h"
#include "support.h"

static struct capgap_driver_table *table;
static struct capgap_plan plan;

/* The rows as text, one a line. */
static char rows[4096];

static struct capgap_policy policy = { .require = CAPGAP_GRADE_OBSERVED,
				       .min_gap = CAPGAP_MIN_GAP };

static void setup(void)
{
	rows[0] = '\0';
	table = capgap_driver_table_new(&policy);
	ck_assert_ptr_nonnull(table);
}

static void teardown(void)
{
	capgap_driver_table_free(table);
}

static int print_row(void *ctx, const struct capgap_driver_row *row)
{
	size_t used = strlen(rows);

	(void)ctx;
	snprintf(rows + used, sizeof(rows) - used,
		 "%s:%s %s [%s] 0x%03x:0x%x %s %lu %s\n", row->vendor, row->device,
		 row->function, row->match, row->range.off, row->range.len,
		 capgap_grade_name(row->grade), row->n_functions, row->source);
	return 0;
}

/* Plan a function at an address, and add it. */
static void add(const struct support_image *image, const char *bdf)
{
	struct capgap_record rec;
	struct capgap_pasid pasid;
	struct capgap_function *fn;

	support_record(&rec, image);
	if (bdf)
		support_at(&rec, bdf);
	fn = support_analyse(&rec, NULL, CAPGAP_VANTAGE_HOST);
	capgap_query_config(&pasid, fn);
	capgap_plan_make(&plan, fn, &pasid, &policy);
	ck_assert_int_eq(capgap_driver_table_add(table, "dump", fn, &plan), 0);
}

static void expect(const char *want)
{
	ck_assert_int_eq(capgap_driver_table_each(table, print_row, NULL), 0);
	ck_assert_str_eq(rows, want);
}

#define EXT_AT(off, next) EXT(off, 0x000f, 1, next)
#define DEVICE(id) PUT16(2, (id))

START_TEST(driver_table_intersects_functions_of_the_same_ids)
{
	static const struct support_image one = {
		.step = { EXT_AT(0x100, 0x200), EXT_AT(0x200, 0), FILL(0x300, 0xd00, 1) }
	};
	static const struct support_image two = {
		.step = { EXT_AT(0x100, 0x180), EXT_AT(0x180, 0), FILL(0x280, 0xd80, 1) }
	};
	static const struct support_image other = {
		.step = { DEVICE(0x0001), EXT_AT(0x100, 0x200), EXT_AT(0x200, 0),
			  FILL(0x208, 0xdf8, 1) }
	};

	add(&one, "0000:01:00.0");
	add(&two, "0000:01:00.1");
	add(&other, NULL);
	/* What borders on bytes that are not zero is assumed, and so left out. */
	expect("15b3:0001 pf [] 0x108:0xf8 observed 1 dump\n"
	       "15b3:1021 pf [] 0x108:0x78 observed 2 dump 0000:01:00.0\n");
}
END_TEST

START_TEST(driver_table_leaves_out_what_says_nothing)
{
	static const struct support_image cut = { .size = 256 };
	static const struct support_image bridge = { .step = { PUT8(0x0e, 1) } };
	static const struct support_image vf = { .base = BASE_VF };

	add(&cut, NULL);
	add(&bridge, NULL);
	add(&vf, NULL);
	expect("");
}
END_TEST

/* A structure has the slot, whatever a VMM may do with it. */
START_TEST(driver_table_has_no_slot)
{
	static const struct support_image image = {
		.step = { EXT_AT(0x100, 0x200), PASID(0x200, 0x300, 0), EXT_AT(0x300, 0),
			  FILL(0x308, 0xcf8, 1) }
	};

	add(&image, NULL);
	expect("15b3:1021 pf [] 0x108:0xf8 observed 1 dump\n"
	       "15b3:1021 pf [] 0x208:0xf8 observed 1 dump\n");
}
END_TEST

static int stop(void *ctx, const struct capgap_driver_row *row)
{
	(void)row;
	++*(int *)ctx;
	return 7;
}

START_TEST(driver_table_ends_where_it_is_told)
{
	static const struct support_image image = {
		.step = { EXT_AT(0x100, 0x200), EXT_AT(0x200, 0x300), EXT_AT(0x300, 0) }
	};
	int calls = 0;

	add(&image, NULL);
	ck_assert_int_eq(capgap_driver_table_each(table, stop, &calls), 7);
	ck_assert_int_eq(calls, 1);
}
END_TEST

START_TEST(driver_table_lists_free_rows_of_quirks)
{
	static const char file_text[] =
		"<quirks xmlns='urn:capgap:quirks:1'>"
		"<quirk id='a' source='s'>"
		"<match vendor='0x15b3,0x1234' device='0x1000-0x100f' function='vf'/>"
		"<match vendor='0x8086' class='0x0880' revision='0x0-0xf'/>"
		"<free offset='0x300' length='0x40'/><free offset='0xf0' length='0x20'/>"
		"<free offset='0x80' length='0x20'/><reserved offset='0xff8' length='8'/>"
		"</quirk>"
		"<quirk id='b' source='s'><match vendor='*'/><note>n</note></quirk>"
		"<quirk id='c' source='s'><match vendor='*' function='pf'/>"
		"<free offset='0xf00' length='0x100'/></quirk></quirks>";
	struct capgap_quirks *quirks = capgap_quirks_new();
	char path[] = "/tmp/check_driver_table.XXXXXX";
	FILE *file = fdopen(mkstemp(path), "w");

	ck_assert_ptr_nonnull(file);
	fputs(file_text, file);
	ck_assert_int_eq(fclose(file), 0);
	ck_assert_int_eq(capgap_quirks_load_file(quirks, path, "quirks.d/quirks.rng",
						 NULL),
			 3);
	unlink(path);
	ck_assert_int_eq(capgap_driver_table_quirks(quirks, print_row, NULL), 0);
	ck_assert_str_eq(rows, "1234,15b3:1000-100f vf [] 0x300:0x40 listed 0 a\n"
			       "1234,15b3:1000-100f vf [] 0x100:0x10 listed 0 a\n"
			       "8086:* any [class 0880 rev 00-0f] 0x300:0x40 listed 0 a\n"
			       "8086:* any [class 0880 rev 00-0f] 0x100:0x10 listed 0 a\n"
			       "*:* pf [] 0xf00:0x100 listed 0 c\n");
	capgap_quirks_free(quirks);
}
END_TEST

Suite *driver_table_suite(void)
{
	Suite *suite = suite_create("driver_table");
	TCase *tc = tcase_create("rows");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, driver_table_intersects_functions_of_the_same_ids);
	tcase_add_test(tc, driver_table_leaves_out_what_says_nothing);
	tcase_add_test(tc, driver_table_has_no_slot);
	tcase_add_test(tc, driver_table_ends_where_it_is_told);
	tcase_add_test(tc, driver_table_lists_free_rows_of_quirks);
	suite_add_tcase(suite, tc);
	return suite;
}
