/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Free-space descriptors explained: the fields, what looks like one, and its findings. */
#include "../analyzer/dvsec_fields.h"

#include <string.h>

#include "check_dvsec.h"
#include "suites.h"

/**
 * struct field - what is said of one field
 * @off: its dword
 * @high: highest bit
 * @low: lowest bit
 * @value: what it reads
 * @name: what it is called
 * @meaning: what is said of the value
 */
struct field {
	uint16_t off;
	uint8_t high;
	uint8_t low;
	uint32_t value;
	const char *name;
	const char *meaning;
};

#define FIELDS_MAX 20u

/**
 * struct explained - a descriptor and its fields
 * @name: for messages
 * @image: the function; the descriptor is at 0x100
 * @quirk: the listing of the pair
 * @field: all fields; the first without a name ends the list
 */
struct explained {
	const char *name;
	struct support_image image;
	struct capgap_quirk quirk;
	struct field field[FIELDS_MAX];
};

#define ID_FIELDS                                                                        \
	{ 0x100, 15, 0, 0x0023, "capability id", "DVSEC" },                              \
	{                                                                                \
		0x100, 19, 16, 1, "capability version", ""                               \
	}

static const struct explained explained[] = {
	{ .name = "form 1",
	  .image = { .step = { GAP(0x100, 0x140, 0x40), ATS(0x140, 0) } },
	  .quirk = LISTED,
	  .field = { ID_FIELDS,
		     { 0x100, 31, 20, 0x140, "next capability", "" },
		     { 0x104, 15, 0, VENDOR, "DVSEC vendor id", "" },
		     { 0x104, 19, 16, 1, "DVSEC revision", "" },
		     { 0x104, 31, 20, 0x40, "DVSEC Length",
		       "64 bytes, spans 0x100-0x13f" },
		     { 0x108, 15, 0, ID, "DVSEC id", "" },
		     { 0x108, 19, 16, 1, "form",
		       "gap: what it spans behind its first 12 bytes is free" },
		     { 0x108, 23, 20, 0, "reserved", "" },
		     { 0x108, 31, 24, 0xf5, "magic", "" } } },
	{ .name = "form 2",
	  .image = { .step = { TABLE(0x100, 0, 2), PUT32(0x10c, 0x10601203),
			       ENTRY(0x110, 0, 0) } },
	  .quirk = LISTED,
	  .field = { ID_FIELDS,
		     { 0x100, 31, 20, 0, "next capability", "the list ends here" },
		     { 0x104, 15, 0, VENDOR, "DVSEC vendor id", "" },
		     { 0x104, 19, 16, 1, "DVSEC revision", "" },
		     { 0x104, 31, 20, 0x14, "DVSEC Length",
		       "20 bytes, the table 0x100-0x113" },
		     { 0x108, 15, 0, ID, "DVSEC id", "" },
		     { 0x108, 19, 16, 2, "form", "table: an entry for each free range" },
		     { 0x108, 23, 20, 0, "reserved", "" },
		     { 0x108, 31, 24, 0xf5, "magic", "" },
		     { 0x10c, 11, 0, 0x203, "offset", "must be a multiple of 4" },
		     { 0x10c, 15, 12, 1, "reserved", "must be 0" },
		     { 0x10c, 27, 16, 0x60, "length", "96 bytes, 0x203-0x262" },
		     { 0x10c, 31, 28, 1, "reserved", "must be 0" },
		     { 0x110, 11, 0, 0, "offset", "" },
		     { 0x110, 15, 12, 0, "reserved", "" },
		     { 0x110, 27, 16, 0, "length", "an empty entry" },
		     { 0x110, 31, 28, 0, "reserved", "" } } },
	{ .name = "a vendor's own",
	  .image = { .step = { DVSEC(0x100, 1, 0, 3, 0x20, 7) } },
	  .quirk = LISTED_BARE(CAPGAP_FORM_GAP),
	  .field = { ID_FIELDS,
		     { 0x100, 31, 20, 0, "next capability", "the list ends here" },
		     { 0x104, 15, 0, VENDOR, "DVSEC vendor id", "" },
		     { 0x104, 19, 16, 3, "DVSEC revision", "the vendor's own" },
		     { 0x104, 31, 20, 0x20, "DVSEC Length",
		       "32 bytes, spans 0x100-0x11f" },
		     { 0x108, 15, 0, ID, "DVSEC id", "" },
		     { 0x108, 31, 16, 7, "vendor's own word", "" } } },
	{ .name = "all is wrong",
	  .image = { .step = { DVSEC(0x100, 2, 0x203, 2, 0x0a, 0xa535) } },
	  .quirk = LISTED,
	  .field = { { 0x100, 15, 0, 0x0023, "capability id", "DVSEC" },
		     { 0x100, 19, 16, 2, "capability version", "must be 1" },
		     { 0x100, 31, 20, 0x203, "next capability",
		       "its two low bits are reserved" },
		     { 0x104, 15, 0, VENDOR, "DVSEC vendor id", "" },
		     { 0x104, 19, 16, 2, "DVSEC revision", "must be 1" },
		     { 0x104, 31, 20, 0x0a, "DVSEC Length", "must be a multiple of 4" },
		     { 0x108, 15, 0, ID, "DVSEC id", "" },
		     { 0x108, 19, 16, 5, "form", "must be 1 (gap) or 2 (table)" },
		     { 0x108, 23, 20, 3, "reserved", "must be 0" },
		     { 0x108, 31, 24, 0xa5, "magic", "must be 0xf5" } } },
	{ .name = "not read",
	  .image = { .step = { GAP(0x100, 0, 8), DROP(0x10a, 2) } },
	  .quirk = LISTED,
	  .field = { ID_FIELDS,
		     { 0x100, 31, 20, 0, "next capability", "the list ends here" },
		     { 0x104, 15, 0, VENDOR, "DVSEC vendor id", "" },
		     { 0x104, 19, 16, 1, "DVSEC revision", "" },
		     { 0x104, 31, 20, 8, "DVSEC Length", "must be at least 12" },
		     { 0x108, 15, 0, 0, "DVSEC id", "not read" },
		     { 0x108, 19, 16, 0, "form", "not read" },
		     { 0x108, 23, 20, 0, "reserved", "not read" },
		     { 0x108, 31, 24, 0, "magic", "not read" } } },
};

static struct capgap_record rec;

static void read_row(const struct support_image *image, const struct capgap_quirk *quirk)
{
	support_record(&rec, image);
	dvsec_read_image(&rec.image, quirk, quirk != NULL);
}

START_TEST(fields_are_explained)
{
	const struct explained *row = &explained[_i];
	struct capgap_dvsec_field field;
	unsigned n = 0;

	read_row(&row->image, &row->quirk);
	ck_assert_uint_eq(dvsec_reading.free.n_descriptors, 1);
	for (;
	     capgap_dvsec_field(&field, &rec.image, &dvsec_reading.free.descriptor[0], n);
	     n++) {
		const struct field *as = &row->field[n];

		ck_assert_msg(n < FIELDS_MAX && as->name, "%s: field %u", row->name, n);
		ck_assert_msg(field.off == as->off && field.high == as->high &&
				      field.low == as->low && field.value == as->value,
			      "%s: field %u: 0x%03x %u:%u 0x%x", row->name, n, field.off,
			      field.high, field.low, field.value);
		ck_assert_str_eq(field.name, as->name);
		ck_assert_str_eq(field.meaning, as->meaning);
	}
	ck_assert_msg(n == FIELDS_MAX || !row->field[n].name, "%s: %u fields", row->name,
		      n);
}
END_TEST

/* A table that runs out of the space is explained as far as the space goes. */
START_TEST(fields_end_with_the_space)
{
	static const struct support_image image = { .step = { ATS(0x100, 0xff0),
							      TABLE(0xff0, 0, 0x20) } };
	const struct capgap_descriptor *d = dvsec_reading.free.descriptor;
	struct capgap_dvsec_field field;
	unsigned n = 0;

	read_row(&image, &dvsec_listed);
	ck_assert_uint_eq(capgap_dvsec_own(d), 16);
	while (capgap_dvsec_field(&field, &rec.image, d, n))
		n++;
	ck_assert_uint_eq(n, 14);
	ck_assert_uint_eq(field.off, 0xffc);
}
END_TEST

START_TEST(words_say_a_dword)
{
	static const struct support_image image = { .step = { GAP(0x100, 0x140, 0x40),
							      ATS(0x140, 0) } };
	const struct capgap_descriptor *d = dvsec_reading.free.descriptor;
	char buf[256];
	char tight[8];

	read_row(&image, &dvsec_listed);
	ck_assert_str_eq(
		capgap_dvsec_words(&rec.image, d, 0x104, buf, sizeof(buf)),
		"DVSEC vendor id 0x7e57, DVSEC revision 0x1, DVSEC Length 0x040 (64 "
		"bytes, spans 0x100-0x13f)");
	ck_assert_str_eq(capgap_dvsec_words(&rec.image, d, 0x10c, buf, sizeof(buf)), "");
	ck_assert_str_eq(capgap_dvsec_words(&rec.image, d, 0x104, tight, sizeof(tight)),
			 "DVSEC v");
}
END_TEST

/* What is listed is no guess, and without the magic nothing looks like a descriptor. */
START_TEST(unlisted_descriptors_are_found)
{
	static const struct support_image image = {
		.step = { GAP(0x100, 0x140, 0x40), TABLE(0x140, 0x160, 0),
			  DVSEC(0x160, 1, 0x180, 1, 12, 0xf507),
			  DVSEC(0x180, 1, 0, 1, 12, 0x1234) }
	};
	static const enum capgap_form form[] = { CAPGAP_FORM_GAP, CAPGAP_FORM_TABLE,
						 CAPGAP_FORM_CONTROL };
	const struct reading *r = &dvsec_reading;
	struct capgap_descriptor d;
	unsigned n = 0;

	read_row(&image, NULL);
	for (; capgap_dvsec_unlisted(&d, &r->chain, &r->img, &r->free, n); n++) {
		ck_assert_uint_lt(n, 3);
		ck_assert_uint_eq(d.off, n ? 0x120 + 0x20 * n : 0x100);
		ck_assert_uint_eq(d.vendor, VENDOR);
		ck_assert_uint_eq(d.id, ID);
		ck_assert_int_eq(d.form, form[n]);
		ck_assert(!d.valid);
	}
	ck_assert_uint_eq(n, 3);
	read_row(&image, &dvsec_listed);
	ck_assert(!capgap_dvsec_unlisted(&d, &r->chain, &r->img, &r->free, 0));
}
END_TEST

/* Each finding belongs to the descriptor that says what is wrong, whatever it is about. */
START_TEST(findings_belong_to_descriptors)
{
	static const struct support_image image = {
		.step = { TABLE(0x100, 0x140, 2), ENTRY(0x10c, 0x142, 0x20),
			  ENTRY(0x110, 0x140, 0x10), DVSEC(0x140, 1, 0, 2, 12, 0xf501) }
	};
	static const enum capgap_finding_kind kind[] = {
		CAPGAP_F_DESCRIPTOR_MISALIGNED, CAPGAP_F_DESCRIPTOR_OVER_STRUCTURE
	};
	const struct reading *r = &dvsec_reading;
	const struct capgap_descriptor *d = r->free.descriptor;
	const struct capgap_hit *hit;
	unsigned n = 0;

	read_row(&image, &dvsec_listed);
	ck_assert_uint_eq(r->free.n_descriptors, 2);
	for (; n < 2; n++) {
		hit = capgap_dvsec_hit(&r->hits, &d[0], n);
		ck_assert_ptr_nonnull(hit);
		ck_assert_int_eq(hit->kind, kind[n]);
	}
	ck_assert_ptr_null(capgap_dvsec_hit(&r->hits, &d[0], n));
	hit = capgap_dvsec_hit(&r->hits, &d[1], 0);
	ck_assert_ptr_nonnull(hit);
	ck_assert_int_eq(hit->kind, CAPGAP_F_DESCRIPTOR_REVISION);
	ck_assert_ptr_null(capgap_dvsec_hit(&r->hits, &d[1], 1));
}
END_TEST

Suite *dvsec_fields_suite(void)
{
	Suite *suite = suite_create("dvsec_fields");
	TCase *tc = tcase_create("explained");

	tcase_add_loop_test(tc, fields_are_explained, 0, ROWS(explained));
	tcase_add_test(tc, fields_end_with_the_space);
	tcase_add_test(tc, words_say_a_dword);
	tcase_add_test(tc, unlisted_descriptors_are_found);
	tcase_add_test(tc, findings_belong_to_descriptors);
	suite_add_tcase(suite, tc);
	return suite;
}
