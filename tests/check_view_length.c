/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lengths that vfio-pci counts (drivers/vfio/pci/vfio_pci_config.c). */
#include <string.h>

#include "../placement/view_length.h"
#include "suites.h"
#include "support.h"

#define CONV_AT 0x80
#define EXT_AT 0x200

/**
 * struct row - a structure, and the bytes that the kernel counts for it
 * @space: which list; the header is at CONV_AT or EXT_AT
 * @id: capability id
 * @len: bytes
 * @step: registers that decide
 */
struct row {
	enum capgap_space space;
	uint16_t id;
	unsigned len;
	struct support_step step[3];
};

#define CONV_ROW(id, len, ...)                                                           \
	{                                                                                \
		CAPGAP_CONV, id, len,                                                    \
		{                                                                        \
			__VA_ARGS__                                                      \
		}                                                                        \
	}
#define EXT_ROW(id, len, ...)                                                            \
	{                                                                                \
		CAPGAP_EXT, id, len,                                                     \
		{                                                                        \
			__VA_ARGS__                                                      \
		}                                                                        \
	}
/* A register of the structure. */
#define C8(at, val) PUT8(CONV_AT + (at), val)
#define C16(at, val) PUT16(CONV_AT + (at), val)
#define E8(at, val) PUT8(EXT_AT + (at), val)
#define E32(at, val) PUT32(EXT_AT + (at), val)

static const struct row rows[] = {
	CONV_ROW(0x01, 8, C8(0, 0x01)),
	CONV_ROW(0x02, 12, C8(0, 0x02)),
	CONV_ROW(0x03, 8, C8(0, 0x03)),
	CONV_ROW(0x05, 10, C16(2, 0x0000)),
	CONV_ROW(0x05, 14, C16(2, 0x0080)),
	CONV_ROW(0x05, 20, C16(2, 0x0100)),
	CONV_ROW(0x05, 24, C16(2, 0x0180)),
	CONV_ROW(0x07, 8, C16(2, 0x0fff)),
	CONV_ROW(0x07, 24, C16(2, 0x1000)),
	CONV_ROW(0x07, 24, C16(2, 0x2000)),
	CONV_ROW(0x08, 28, C16(2, 0x1fff)),
	CONV_ROW(0x08, 24, C16(2, 0x2000)),
	CONV_ROW(0x09, 0, C8(2, 0)),
	CONV_ROW(0x09, 1, C8(2, 1)),
	CONV_ROW(0x09, 0xff, C8(2, 0xff)),
	CONV_ROW(0x10, 20, C16(2, 0x0001)),
	CONV_ROW(0x10, 0x0c, C16(2, 0x0091)),
	CONV_ROW(0x10, 0x34, C16(2, 0x0002)),
	CONV_ROW(0x10, 0x2c, C16(2, 0x0092)),
	CONV_ROW(0x10, 0x34, C16(2, 0x0000)),
	CONV_ROW(0x11, 12, C8(0, 0x11)),
	CONV_ROW(0x12, 8, C8(4, 0x04)),
	CONV_ROW(0x12, 16, C8(4, 0x4f)),
	CONV_ROW(0x13, 6, C8(0, 0x13)),
	EXT_ROW(0x01, 0x2c, E32(4, 0)),
	EXT_ROW(0x02, 0x1c, E32(4, 0)),
	EXT_ROW(0x02, 0x70, E32(4, 7)),
	EXT_ROW(0x08, 0x20 + 16, E32(4, 0), E32(8, 0x02)),
	EXT_ROW(0x09, 0x20 + 32, E32(4, 0), E32(8, 0x06)),
	EXT_ROW(0x02, 0x30 + 64, E32(4, 1), E32(8, 0x0e)),
	EXT_ROW(0x03, 12, E32(4, 0)),
	EXT_ROW(0x04, 16, E32(4, 0)),
	EXT_ROW(0x0b, 0, E32(4, 0x000fffff)),
	EXT_ROW(0x0b, 0xfff, E32(4, 0xfff00000)),
	EXT_ROW(0x0d, 8, E32(4, 0x00000100)),
	EXT_ROW(0x0d, 8 + 32, E32(4, 0x00000020)),
	EXT_ROW(0x0d, 8 + 4, E32(4, 0x00000120)),
	EXT_ROW(0x0d, 8 + 8, E32(4, 0x00002120)),
	EXT_ROW(0x0e, 8, E32(4, 0)),
	EXT_ROW(0x0f, 8, E32(4, 0)),
	EXT_ROW(0x10, 0x40, E32(4, 0)),
	EXT_ROW(0x12, 40, E32(4, 0)),
	EXT_ROW(0x13, 16, E32(4, 0)),
	EXT_ROW(0x15, 4, E8(8, 0x1f)),
	EXT_ROW(0x15, 4 + 6 * 8, E8(8, 0xc0)),
	EXT_ROW(0x16, 17, E32(4, 0xffffffe0)),
	EXT_ROW(0x16, 48, E32(4, 0x1f)),
	EXT_ROW(0x17, 12, E32(4, 0x03ff0401)),
	EXT_ROW(0x17, 12, E32(4, 0x03ff0600)),
	EXT_ROW(0x17, 12 + 2 * 3 + 2, E32(4, 0x00030201)),
	EXT_ROW(0x18, 8, E32(4, 0)),
	EXT_ROW(0x23, 0, E32(4, 0x000fffff)),
	EXT_ROW(0x23, 0x10, E32(4, 0x01000001)),
};

static const struct support_image *build(const struct row *row)
{
	static struct support_image how;

	memset(&how, 0, sizeof(how));
	memcpy(how.step, row->step, sizeof(row->step));
	return &how;
}

static unsigned length(const struct capgap_image *img, const struct row *row,
		       enum capgap_kernel kernel, bool *unread)
{
	return capgap_view_length(img, row->space,
				  row->space == CAPGAP_EXT ? EXT_AT : CONV_AT, row->id,
				  kernel, unread);
}

START_TEST(length_is_the_kernels)
{
	const struct row *row = &rows[_i];
	bool dvsec = row->space == CAPGAP_EXT && row->id == 0x23;
	struct capgap_record rec;
	bool unread = false;

	support_record(&rec, build(row));
	ck_assert_uint_eq(length(&rec.image, row, CAPGAP_KERNEL_6_4, &unread), row->len);
	ck_assert_uint_eq(length(&rec.image, row, CAPGAP_KERNEL_OLD, &unread),
			  dvsec ? 0 : row->len);
	ck_assert(!unread);
}
END_TEST

/* Without the registers that decide, a structure is still shown; an id decides alone. */
START_TEST(length_is_short_where_bytes_are_absent)
{
	const struct row *row = &rows[_i];
	unsigned at = row->space == CAPGAP_EXT ? EXT_AT : CONV_AT;
	struct capgap_record rec;
	bool unread = false;
	bool fixed;
	unsigned len;

	support_record(&rec, build(row));
	capgap_image_drop(&rec.image, at + (row->space == CAPGAP_EXT ? 4u : 2u), 8);
	len = length(&rec.image, row, CAPGAP_KERNEL_6_4, &unread);
	ck_assert_uint_gt(len, 0);
	fixed = !unread;
	ck_assert(!fixed || len == row->len);
}
END_TEST

/* What the tables say of an id, and whether there is a length, is the same. */
START_TEST(length_is_zero_for_hidden_kinds)
{
	static const struct support_image blank = { .base = BASE_BLANK };
	struct capgap_record rec;
	const struct capgap_capdef *def;
	bool unread = false;
	unsigned len;

	support_record(&rec, &blank);
	capgap_image_drop(&rec.image, CONV_AT + 2, 2);
	capgap_image_drop(&rec.image, EXT_AT + 4, 4);
	for (int space = CAPGAP_CONV; space <= CAPGAP_EXT; space++) {
		def = capgap_caps_def((enum capgap_space)space, (unsigned)_i);
		len = capgap_view_length(&rec.image, (enum capgap_space)space,
					 space == CAPGAP_EXT ? EXT_AT : CONV_AT,
					 (unsigned)_i, CAPGAP_KERNEL_6_4, &unread);
		ck_assert_msg((len > 0) == (def && def->vfio != CAPGAP_VFIO_HIDDEN),
			      "space %d, id %04x: %u", space, (unsigned)_i, len);
	}
}
END_TEST

Suite *view_length_suite(void)
{
	Suite *suite = suite_create("view_length");
	TCase *lengths = tcase_create("lengths");

	tcase_add_loop_test(lengths, length_is_the_kernels, 0, ROWS(rows));
	tcase_add_loop_test(lengths, length_is_short_where_bytes_are_absent, 0,
			    ROWS(rows));
	tcase_add_loop_test(lengths, length_is_zero_for_hidden_kinds, 0, 0x40);
	suite_add_tcase(suite, lengths);
	return suite;
}
