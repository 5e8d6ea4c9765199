/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Written images: read again they are the same, and what no form can say is refused. */
#include "../report/image_write.h"

#include <stdlib.h>
#include <string.h>

#include "suites.h"
#include "support.h"

static struct capgap_record rec;
static struct capgap_function *fn;
static char *text;
static size_t len;

static void teardown(void)
{
	free(text);
	text = NULL;
}

/* Write the record; what came of it is in @text. */
static int write_image(enum capgap_image_form form, struct capgap_err *err)
{
	FILE *out = open_memstream(&text, &len);
	int rc;

	ck_assert_ptr_nonnull(out);
	rc = capgap_image_write(out, &rec.image, form, fn, err);
	ck_assert_int_eq(fclose(out), 0);
	return rc;
}

static struct capgap_record again;
static unsigned n_again;

static int keep(void *ctx, const struct capgap_record *record)
{
	(void)ctx;
	again = *record;
	n_again++;
	return 0;
}

static void read_again(void)
{
	struct capgap_sink sink = { .record = keep };
	FILE *in = fmemopen(text, len, "rb");

	ck_assert_ptr_nonnull(in);
	n_again = 0;
	ck_assert_int_eq(capgap_source_read_file(in, "again", &sink), 0);
	fclose(in);
	ck_assert_uint_eq(n_again, 1);
	ck_assert_uint_eq(again.n_damage, 0);
}

/**
 * struct row - an image and what else is known of it
 * @image: the bytes
 * @form: how it is written
 * @bdf: its address, or NULL
 * @ids: it states 1af4:1041, revision 2
 * @head: the header line
 */
struct row {
	struct support_image image;
	enum capgap_image_form form;
	const char *bdf;
	bool ids;
	const char *head;
};

#define JUNK FILL(0x100, 8, 0xff), FILL(0xf80, 0x80, 0xa5)

static const struct row rows[] = {
	{ { .step = { JUNK } }, CAPGAP_IMAGE_BINARY, "0000:6a:01.0", false, NULL },
	{ { .size = 256 }, CAPGAP_IMAGE_BINARY, NULL, false, NULL },
	{ { .size = 64 }, CAPGAP_IMAGE_BINARY, NULL, false, NULL },
	{ { .step = { JUNK } },
	  CAPGAP_IMAGE_LSPCI,
	  "0000:6a:01.0",
	  false,
	  "6a:01.0 Class [0200]: Device [15b3:1021]\n00: b3 15 21 10" },
	{ { .step = { JUNK } },
	  CAPGAP_IMAGE_LSPCI,
	  "10002:ff:1f.7",
	  true,
	  "10002:ff:1f.7 Class [0200]: Device [15b3:1021] (rev 02)\n00: " },
	{ { .size = 256 },
	  CAPGAP_IMAGE_LSPCI,
	  NULL,
	  false,
	  "00:00.0 Class [0200]: Device [15b3:1021]\n00: " },
	{ { .base = BASE_VF },
	  CAPGAP_IMAGE_LSPCI,
	  "0001:00:02.1",
	  true,
	  "0001:00:02.1 Class [0200]: Device [1af4:1041] (rev 02)\n00: ff ff ff ff" },
	{ { .base = BASE_VF },
	  CAPGAP_IMAGE_LSPCI,
	  "0000:00:02.1",
	  false,
	  "00:02.1 Class [0200]: Device\n00: ff ff ff ff" },
};

static void check_meta(const struct row *row)
{
	if (row->form == CAPGAP_IMAGE_BINARY)
		return;
	ck_assert(again.meta.flags & CAPGAP_META_BDF);
	if (row->bdf)
		ck_assert(capgap_bdf_equal(&again.meta.bdf, &rec.meta.bdf));
	ck_assert_uint_eq(again.meta.class_code, 0x020000);
	if (fn->id_from == CAPGAP_ID_NONE) {
		ck_assert(!(again.meta.flags & CAPGAP_META_IDS));
		return;
	}
	ck_assert(again.meta.flags & CAPGAP_META_IDS);
	ck_assert_uint_eq(again.meta.vendor, fn->vendor);
	ck_assert_uint_eq(again.meta.device, fn->device);
}

START_TEST(image_is_read_again_as_it_was)
{
	const struct row *row = &rows[_i];

	support_record(&rec, &row->image);
	if (row->bdf)
		support_at(&rec, row->bdf);
	if (row->ids) {
		rec.meta.flags |= CAPGAP_META_IDS | CAPGAP_META_REVISION;
		rec.meta.vendor = 0x1af4;
		rec.meta.device = 0x1041;
		rec.meta.revision = 2;
	}
	fn = support_analyse(&rec, NULL, CAPGAP_VANTAGE_HOST);
	ck_assert_int_eq(write_image(row->form, NULL), 0);
	if (row->head)
		ck_assert_msg(!strncmp(text, row->head, strlen(row->head)), "%.60s",
			      text);
	else
		ck_assert_uint_eq(len, rec.image.size);
	read_again();
	ck_assert_mem_eq(&again.image, &rec.image, sizeof(rec.image));
	check_meta(row);
}
END_TEST

/* What cannot be written, and words of why. */
static const struct {
	struct support_image image;
	enum capgap_image_form form;
	const char *why;
} refused[] = {
	{ { .step = { DROP(0x200, 1) } },
	  CAPGAP_IMAGE_BINARY,
	  "0x200-0x200 were not read" },
	{ { .step = { DROP(0x200, 16) } },
	  CAPGAP_IMAGE_LSPCI,
	  "0x200-0x20f were not read" },
	{ { .size = 250 }, CAPGAP_IMAGE_LSPCI, "250 bytes are no whole rows" },
};

START_TEST(image_without_a_form_is_refused)
{
	struct capgap_err err;

	support_record(&rec, &refused[_i].image);
	fn = support_analyse(&rec, NULL, CAPGAP_VANTAGE_HOST);
	ck_assert_int_eq(write_image(refused[_i].form, &err), -CAPGAP_E_FORMAT);
	ck_assert_msg(strstr(err.text, refused[_i].why) != NULL, "%s", err.text);
	ck_assert_uint_eq(len, 0);
}
END_TEST

START_TEST(image_of_no_bytes_is_refused)
{
	capgap_image_init(&rec.image);
	ck_assert_int_eq(write_image(CAPGAP_IMAGE_BINARY, NULL), -CAPGAP_E_FORMAT);
	ck_assert_str_eq(capgap_image_form_name(CAPGAP_IMAGE_BINARY), "binary");
	ck_assert_str_eq(capgap_image_form_name(CAPGAP_IMAGE_LSPCI), "lspci");
}
END_TEST

Suite *image_write_suite(void)
{
	Suite *suite = suite_create("image_write");
	TCase *tc = tcase_create("written");

	tcase_add_checked_fixture(tc, NULL, teardown);
	tcase_add_loop_test(tc, image_is_read_again_as_it_was, 0, ROWS(rows));
	tcase_add_loop_test(tc, image_without_a_form_is_refused, 0, ROWS(refused));
	tcase_add_test(tc, image_of_no_bytes_is_refused);
	suite_add_tcase(suite, tc);
	return suite;
}
