/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Images, the loads of bytes.h, addresses and error texts. */
#include <limits.h>
#include <string.h>

#include "../analyzer/bytes.h"
#include "suites.h"
#include "support.h"

START_TEST(image_starts_empty)
{
	struct capgap_image img;
	struct capgap_range hole;

	memset(&img, 0xff, sizeof(img));
	capgap_image_init(&img);
	ck_assert_uint_eq(img.size, 0);
	ck_assert(!capgap_image_has(&img, 0, 1));
	ck_assert(!capgap_image_has(&img, 4095, 1));
	ck_assert(!capgap_image_absent(&img, 0, &hole));
}
END_TEST

/* Bytes put at an offset, and what the image then says of itself. */
static const struct {
	size_t off, len;
	unsigned size;
} puts_rows[] = {
	{ 0, 64, 64 },	    { 0, 4096, 4096 }, { 0x10, 16, 0x20 }, { 0xfff, 1, 4096 },
	{ 0xffe, 4, 4096 }, { 4096, 4, 0 },    { SIZE_MAX, 4, 0 }, { 0x40, 0, 0 },
};

START_TEST(image_grows_with_what_is_put)
{
	static const uint8_t bytes[4096] = { 0x5a };
	struct capgap_image img;

	capgap_image_init(&img);
	capgap_image_put(&img, puts_rows[_i].off, bytes, puts_rows[_i].len);
	ck_assert_uint_eq(img.size, puts_rows[_i].size);
	if (!img.size)
		return;
	ck_assert_uint_eq(img.data[puts_rows[_i].off], 0x5a);
	ck_assert(
		capgap_image_has(&img, puts_rows[_i].off, img.size - puts_rows[_i].off));
	ck_assert(!capgap_image_has(&img, puts_rows[_i].off,
				    img.size - puts_rows[_i].off + 1));
}
END_TEST

START_TEST(image_keeps_unread_bytes_apart)
{
	uint8_t ones[64];
	struct capgap_image img;
	struct capgap_range hole;

	memset(ones, 0xff, sizeof(ones));
	capgap_image_init(&img);
	capgap_image_put(&img, 0, ones, 64);
	ck_assert(capgap_image_is_whole(&img));
	capgap_image_drop(&img, 0x11, 2);
	capgap_image_drop(&img, 0x20, 16);
	ck_assert(!capgap_image_is_whole(&img));
	ck_assert_uint_eq(img.size, 64);
	ck_assert_uint_eq(img.data[0x11], 0);
	ck_assert(capgap_image_absent(&img, 0, &hole));
	ck_assert_uint_eq(hole.off, 0x11);
	ck_assert_uint_eq(hole.len, 2);
	ck_assert(capgap_image_absent(&img, 0x12, &hole));
	ck_assert_uint_eq(hole.off, 0x12);
	ck_assert_uint_eq(hole.len, 1);
	ck_assert(capgap_image_absent(&img, 0x13, &hole));
	ck_assert_uint_eq(hole.off, 0x20);
	ck_assert_uint_eq(hole.len, 16);
	ck_assert(!capgap_image_absent(&img, 0x30, &hole));
	ck_assert(!capgap_image_absent(&img, 4096, &hole));
}
END_TEST

START_TEST(image_counts_dropped_bytes_as_spoken_of)
{
	struct capgap_image img;
	struct capgap_range hole;

	capgap_image_init(&img);
	capgap_image_drop(&img, 0xff8, 64);
	ck_assert_uint_eq(img.size, 4096);
	ck_assert(capgap_image_absent(&img, 0, &hole));
	ck_assert_uint_eq(hole.off, 0);
	ck_assert_uint_eq(hole.len, 4096);
	capgap_image_put(&img, 0xffc, (const uint8_t[4]){ 1, 2, 3, 4 }, 4);
	ck_assert(capgap_image_has(&img, 0xffc, 4));
	ck_assert(capgap_image_absent(&img, 0, &hole));
	ck_assert_uint_eq(hole.len, 0xffc);
}
END_TEST

static const struct {
	struct support_image image;
	uint16_t off, len;
	enum capgap_content content;
} contents[] = {
	{ { .base = BASE_BLANK }, 0x40, 192, CAPGAP_CONTENT_ZERO },
	{ { .base = BASE_BLANK }, 0xffc, 4, CAPGAP_CONTENT_ZERO },
	{ { .base = BASE_BLANK, .step = { FILL(0x40, 192, 0xff) } },
	  0x40,
	  192,
	  CAPGAP_CONTENT_ONES },
	{ { .base = BASE_BLANK, .step = { FILL(0x40, 192, 0xff) } },
	  0x3f,
	  2,
	  CAPGAP_CONTENT_MIXED },
	{ { .base = BASE_BLANK, .step = { FILL(0x40, 192, 0x5a) } },
	  0x40,
	  1,
	  CAPGAP_CONTENT_MIXED },
	{ { .base = BASE_BLANK, .step = { PUT8(0x44, 1) } },
	  0x40,
	  8,
	  CAPGAP_CONTENT_MIXED },
	{ { .base = BASE_BLANK, .step = { DROP(0x44, 1) } },
	  0x40,
	  8,
	  CAPGAP_CONTENT_MIXED },
	{ { .base = BASE_BLANK, .step = { DROP(0x44, 1) } },
	  0x40,
	  4,
	  CAPGAP_CONTENT_ZERO },
	{ { .base = BASE_BLANK }, 0xffc, 8, CAPGAP_CONTENT_MIXED },
};

START_TEST(image_content_is_uniform_or_mixed)
{
	struct capgap_record rec;

	support_record(&rec, &contents[_i].image);
	ck_assert_int_eq(capgap_image_content(&rec.image, contents[_i].off,
					      contents[_i].len),
			 contents[_i].content);
}
END_TEST

/* Two samples that differ in one byte, and miss one each. */
START_TEST(image_merges_samples)
{
	static const struct support_image first = {
		.base = BASE_BLANK,
		.size = 256,
		.step = { FILL(0x40, 16, 1), DROP(0x44, 1) },
	};
	static const struct support_image second = {
		.base = BASE_BLANK,
		.size = 512,
		.step = { FILL(0x40, 16, 1), PUT8(0x42, 2), DROP(0x43, 1) },
	};
	struct capgap_record rec;
	struct capgap_record other;
	uint8_t val;

	support_record(&rec, &first);
	support_record(&other, &second);
	capgap_image_merge(&rec.image, &other.image);
	ck_assert_uint_eq(rec.image.size, 512);
	ck_assert(capgap_image_is_whole(&rec.image));
	ck_assert(capgap_get8(&rec.image, 0x42, &val));
	ck_assert_uint_eq(val, 1);
	ck_assert(capgap_image_is_changing(&rec.image, 0x40, 16));
	ck_assert(capgap_image_is_changing(&rec.image, 0x42, 1));
	ck_assert(!capgap_image_is_changing(&rec.image, 0x43, 16));
	ck_assert(!capgap_image_is_changing(&rec.image, 0x40, 2));
	ck_assert(!capgap_image_is_changing(&rec.image, 0xfff, 8));
	ck_assert_int_eq(capgap_image_content(&rec.image, 0x40, 16),
			 CAPGAP_CONTENT_CHANGING);
	/* it stays so, whatever a third one shows, and in a third one */
	support_record(&other, &first);
	capgap_image_merge(&rec.image, &other.image);
	ck_assert(capgap_image_is_changing(&rec.image, 0x42, 1));
	capgap_image_merge(&other.image, &rec.image);
	ck_assert(capgap_image_is_changing(&other.image, 0x42, 1));
	/* until it is read or dropped anew */
	capgap_image_put(&rec.image, 0x42, &val, 1);
	ck_assert(!capgap_image_is_changing(&rec.image, 0x42, 1));
	capgap_image_drop(&other.image, 0x42, 1);
	ck_assert(!capgap_image_is_changing(&other.image, 0x42, 1));
}
END_TEST

START_TEST(contents_have_names)
{
	ck_assert_str_eq(capgap_content_name(CAPGAP_CONTENT_ZERO), "zero");
	ck_assert_str_eq(capgap_content_name(CAPGAP_CONTENT_ONES), "ones");
	ck_assert_str_eq(capgap_content_name(CAPGAP_CONTENT_MIXED), "mixed");
	ck_assert_str_eq(capgap_content_name(CAPGAP_CONTENT_CHANGING), "changing");
}
END_TEST

/* Loads from 00 01 02 .. ff 00 01 .., of which 0x20-0x2f were not read. */
static const struct {
	size_t off;
	unsigned len;
	bool ok;
	uint32_t val;
} loads[] = {
	{ 0x00, 1, true, 0x00 },       { 0x1f, 1, true, 0x1f },
	{ 0x20, 1, false, 0 },	       { 0x30, 1, true, 0x30 },
	{ 0xfff, 1, true, 0xff },      { 0x1000, 1, false, 0 },
	{ SIZE_MAX, 1, false, 0 },     { 0x00, 2, true, 0x0100 },
	{ 0x1e, 2, true, 0x1f1e },     { 0x1f, 2, false, 0 },
	{ 0x2f, 2, false, 0 },	       { 0x101, 2, true, 0x0201 },
	{ 0xffe, 2, true, 0xfffe },    { 0xfff, 2, false, 0 },
	{ SIZE_MAX, 2, false, 0 },     { 0x00, 4, true, 0x03020100 },
	{ 0x1c, 4, true, 0x1f1e1d1c }, { 0x1d, 4, false, 0 },
	{ 0x2d, 4, false, 0 },	       { 0xfc, 4, true, 0xfffefdfc },
	{ 0xfd, 4, true, 0x00fffefd }, { 0xffc, 4, true, 0xfffefdfc },
	{ 0xffd, 4, false, 0 },	       { SIZE_MAX - 3, 4, false, 0 },
};

static bool load(const struct capgap_image *img, size_t off, unsigned len, uint32_t *val)
{
	uint16_t word = (uint16_t)*val;
	uint8_t byte = (uint8_t)*val;
	bool ok;

	if (len == 4)
		return capgap_get32(img, off, val);
	ok = len == 2 ? capgap_get16(img, off, &word) : capgap_get8(img, off, &byte);
	*val = len == 2 ? word : byte;
	return ok;
}

START_TEST(bytes_load_little_endian_what_was_read)
{
	uint8_t data[4096];
	struct capgap_image img;
	uint32_t val = 0x5a;

	for (unsigned i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)i;
	capgap_image_init(&img);
	capgap_image_put(&img, 0, data, sizeof(data));
	capgap_image_drop(&img, 0x20, 16);
	ck_assert_msg(load(&img, loads[_i].off, loads[_i].len, &val) == loads[_i].ok,
		      "%u bytes at 0x%zx", loads[_i].len, loads[_i].off);
	/* What cannot be loaded is left as it was. */
	ck_assert_uint_eq(val, loads[_i].ok ? loads[_i].val : 0x5a);
}
END_TEST

START_TEST(bytes_end_with_a_short_image)
{
	static const struct support_image how = { .size = 0x42 };
	struct capgap_record rec;
	uint32_t dword;
	uint16_t word;

	support_record(&rec, &how);
	ck_assert(capgap_get16(&rec.image, 0x40, &word));
	ck_assert_uint_eq(word, 0x0010);
	ck_assert(!capgap_get16(&rec.image, 0x41, &word));
	ck_assert(!capgap_get32(&rec.image, 0x40, &dword));
}
END_TEST

static const struct {
	const char *text;
	unsigned used; /* 0: no address */
	uint32_t domain;
	unsigned bus, dev, fn;
} addresses[] = {
	{ "00:1f.3", 7, 0, 0x00, 0x1f, 3 },
	{ "ff:1f.7", 7, 0, 0xff, 0x1f, 7 },
	{ "6A:0a.1", 7, 0, 0x6a, 0x0a, 1 },
	{ "0000:6a:01.0", 12, 0, 0x6a, 0x01, 0 },
	{ "10000:e1:00.0", 13, 0x10000, 0xe1, 0x00, 0 },
	{ "ffffffff:00:00.0", 16, 0xffffffff, 0, 0, 0 },
	{ "00:1f.3 Audio device", 7, 0, 0x00, 0x1f, 3 },
	{ "00:1f.3:", 7, 0, 0x00, 0x1f, 3 },
	{ "0001:00:1f.3/config", 12, 1, 0x00, 0x1f, 3 },
	{ "", 0, 0, 0, 0, 0 },
	{ "0", 0, 0, 0, 0, 0 },
	{ "00:", 0, 0, 0, 0, 0 },
	{ "00:1f", 0, 0, 0, 0, 0 },
	{ "00:1f.", 0, 0, 0, 0, 0 },
	{ "0000:", 0, 0, 0, 0, 0 },
	{ "0000:00", 0, 0, 0, 0, 0 },
	{ "00:1f.8", 0, 0, 0, 0, 0 }, /* functions are 0 to 7 */
	{ "00:20.0", 0, 0, 0, 0, 0 }, /* devices are 0 to 1f */
	{ "0:1f.3", 0, 0, 0, 0, 0 },  /* two digits */
	{ "00:1.3", 0, 0, 0, 0, 0 },
	{ "000:00:1f.3", 0, 0, 0, 0, 0 },	/* four digits at least */
	{ "fffffffff:00:00.0", 0, 0, 0, 0, 0 }, /* eight at most */
	{ "00:1f.30", 0, 0, 0, 0, 0 },		/* not the end of a word */
	{ "00:1f.3a", 0, 0, 0, 0, 0 },
	{ "00: 86 80 25 0b", 0, 0, 0, 0, 0 }, /* a row of hex text */
	{ " 00:1f.3", 0, 0, 0, 0, 0 },
	{ "0g:1f.3", 0, 0, 0, 0, 0 },
};

START_TEST(bdf_is_read_at_the_start_of_a_text)
{
	struct capgap_bdf bdf = { 0 };

	ck_assert_msg(capgap_bdf_parse(addresses[_i].text, &bdf) == addresses[_i].used,
		      "%s", addresses[_i].text);
	if (!addresses[_i].used)
		return;
	ck_assert_uint_eq(bdf.domain, addresses[_i].domain);
	ck_assert_uint_eq(bdf.bus, addresses[_i].bus);
	ck_assert_uint_eq(bdf.dev, addresses[_i].dev);
	ck_assert_uint_eq(bdf.fn, addresses[_i].fn);
}
END_TEST

static const struct {
	struct capgap_bdf bdf;
	const char *text;
	unsigned rid;
} formats[] = {
	{ { 0, 0, 0, 0 }, "0000:00:00.0", 0x0000 },
	{ { 0, 0x6a, 0x01, 0 }, "0000:6a:01.0", 0x6a08 },
	{ { 0x10000, 0xe1, 0x1f, 7 }, "10000:e1:1f.7", 0xe1ff },
	{ { 0xffffffff, 0xff, 0x1f, 7 }, "ffffffff:ff:1f.7", 0xffff },
};

START_TEST(bdf_is_written_with_its_domain)
{
	char buf[CAPGAP_BDF_TEXT];

	ck_assert_str_eq(capgap_bdf_format(&formats[_i].bdf, buf), formats[_i].text);
	ck_assert_uint_eq(capgap_bdf_rid(&formats[_i].bdf), formats[_i].rid);
	for (int i = 0; i < ROWS(formats); i++)
		ck_assert(capgap_bdf_equal(&formats[_i].bdf, &formats[i].bdf) ==
			  (i == _i));
}
END_TEST

START_TEST(bdf_differs_by_domain_alone)
{
	struct capgap_bdf a = support_bdf("0000:03:00.0");
	struct capgap_bdf b = support_bdf("0001:03:00.0");

	ck_assert(!capgap_bdf_equal(&a, &b));
	b.domain = 0;
	ck_assert(capgap_bdf_equal(&a, &b));
}
END_TEST

START_TEST(errors_have_texts_of_either_sign)
{
	ck_assert_str_ne(capgap_strerror(_i), "unknown error");
	ck_assert_str_eq(capgap_strerror(_i), capgap_strerror(-_i));
}
END_TEST

static const int strange[] = { CAPGAP_E_COUNT, -CAPGAP_E_COUNT, INT_MAX, INT_MIN };

START_TEST(errors_of_others_are_unknown)
{
	ck_assert_str_eq(capgap_strerror(strange[_i]), "unknown error");
}
END_TEST

START_TEST(errors_carry_code_line_and_text)
{
	struct capgap_err err;

	ck_assert_int_eq(capgap_err_set(&err, CAPGAP_E_FORMAT, 7, "row %s", "x"),
			 -CAPGAP_E_FORMAT);
	ck_assert_int_eq(err.code, CAPGAP_E_FORMAT);
	ck_assert_uint_eq(err.line, 7);
	ck_assert_str_eq(err.text, "row x");
	ck_assert_int_eq(capgap_err_set(&err, CAPGAP_E_NOMEM, 0, NULL), -CAPGAP_E_NOMEM);
	ck_assert_str_eq(err.text, "out of memory");
	ck_assert_int_eq(capgap_err_set(NULL, CAPGAP_E_IO, 1, "%d", 1), -CAPGAP_E_IO);
	capgap_err_set(&err, CAPGAP_E_IO, 1, "%0300d", 1);
	ck_assert_uint_eq(strlen(err.text), sizeof(err.text) - 1);
}
END_TEST

Suite *image_suite(void)
{
	Suite *suite = suite_create("image");
	TCase *image = tcase_create("image");
	TCase *bytes = tcase_create("bytes");
	TCase *bdf = tcase_create("bdf");
	TCase *err = tcase_create("err");

	tcase_add_test(image, image_starts_empty);
	tcase_add_loop_test(image, image_grows_with_what_is_put, 0, ROWS(puts_rows));
	tcase_add_test(image, image_keeps_unread_bytes_apart);
	tcase_add_test(image, image_counts_dropped_bytes_as_spoken_of);
	tcase_add_loop_test(image, image_content_is_uniform_or_mixed, 0, ROWS(contents));
	tcase_add_test(image, image_merges_samples);
	tcase_add_test(image, contents_have_names);
	suite_add_tcase(suite, image);
	tcase_add_loop_test(bytes, bytes_load_little_endian_what_was_read, 0,
			    ROWS(loads));
	tcase_add_test(bytes, bytes_end_with_a_short_image);
	suite_add_tcase(suite, bytes);
	tcase_add_loop_test(bdf, bdf_is_read_at_the_start_of_a_text, 0, ROWS(addresses));
	tcase_add_loop_test(bdf, bdf_is_written_with_its_domain, 0, ROWS(formats));
	tcase_add_test(bdf, bdf_differs_by_domain_alone);
	suite_add_tcase(suite, bdf);
	tcase_add_loop_test(err, errors_have_texts_of_either_sign, 1, CAPGAP_E_COUNT);
	tcase_add_loop_test(err, errors_of_others_are_unknown, 0, ROWS(strange));
	tcase_add_test(err, errors_carry_code_line_and_text);
	suite_add_tcase(suite, err);
	return suite;
}
