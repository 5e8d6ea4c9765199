/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The configuration space as vfio-pci shows it (facts/vfio-pasid.md section 5). */
#include <string.h>

#include "../analyzer/bytes.h"
#include "../placement/view.h"
#include "suites.h"
#include "support.h"

#define CHANGES_MAX 3

/**
 * struct row - a host's image, and what vfio-pci changes in it
 * @name: for messages
 * @image: how to build it
 * @vantage: where it was taken
 * @hidden: nothing of the list is left
 * @change: dwords that read differently; offset 0 ends the list
 */
struct row {
	const char *name;
	struct support_image image;
	enum capgap_vantage vantage;
	bool hidden;
	struct {
		uint16_t off;
		uint32_t val;
	} change[CHANGES_MAX];
};

static struct capgap_view view;

static bool is_changed(const struct row *row, unsigned off, uint32_t *val)
{
	for (int i = 0; i < CHANGES_MAX && row->change[i].off; i++) {
		if (row->change[i].off == off) {
			*val = row->change[i].val;
			return true;
		}
	}
	return false;
}

static void check_row(const struct row *row)
{
	struct capgap_record rec;
	uint32_t want;
	uint32_t got;

	support_record(&rec, &row->image);
	memset(&view, 0x5a, sizeof(view));
	capgap_view_derive(&view, support_analyse(&rec, NULL, row->vantage));
	ck_assert_msg(view.hidden == row->hidden, "%s: hidden", row->name);
	ck_assert_uint_eq(view.image.size, rec.image.size);
	for (unsigned off = 0; off < rec.image.size; off += 4) {
		if (!capgap_get32(&rec.image, off, &want)) {
			ck_assert(!capgap_get32(&view.image, off, &got));
			continue;
		}
		is_changed(row, off, &want);
		ck_assert(capgap_get32(&view.image, off, &got));
		ck_assert_msg(got == want, "%s: 0x%03x reads 0x%08x, not 0x%08x",
			      row->name, off, got, want);
	}
}

static const struct row shown[] = {
	{ .name = "no extended capability" },
	{ "kinds that vfio knows",
	  { .step = { EXT(0x100, 0x0001, 2, 0x200), EXT(0x200, 0x000f, 1, 0) } },
	  .hidden = false },
	{ "a DVSEC, since Linux 6.4",
	  { .step = { EXT(0x100, 0x0003, 1, 0x200), EXT(0x200, 0x0023, 1, 0x300),
		      VENDOR_LENGTH(0x200, 0x10), EXT(0x300, 0x000f, 1, 0) } },
	  .hidden = false },
	{ "a VSEC of the shortest length",
	  { .step = { EXT(0x100, 0x000b, 1, 0x200), VENDOR_LENGTH(0x100, 8),
		      EXT(0x200, 0x000f, 1, 0) } },
	  .hidden = false },
	{ "the PCI-compatible list stays as it is",
	  { .step = { PUT8(0x41, 0x80), CONV(0x80, 0x14, 0), EXT(0x100, 0x0003, 1, 0) } },
	  .hidden = false },
	{ "an image from the VFIO region is what it is",
	  { .step = { EXT(0x100, 0x0003, 1, 0x200), EXT(0x200, 0x001b, 1, 0) } },
	  .vantage = CAPGAP_VANTAGE_VFIO },
	{ "an image from a guest is what it is",
	  { .step = { EXT(0x100, 0x0003, 1, 0x200), EXT(0x200, 0x001b, 1, 0) } },
	  .vantage = CAPGAP_VANTAGE_GUEST },
};

START_TEST(view_shows_what_vfio_knows)
{
	check_row(&shown[_i]);
}
END_TEST

static const struct row unlinked[] = {
	{ "PASID in the middle",
	  { .step = { EXT(0x100, 0x0003, 1, 0x200), PASID(0x200, 0x300, 1),
		      EXT(0x300, 0x000f, 1, 0) } },
	  .change = { { 0x100, 0x30010003 } } },
	{ "PASID at the end",
	  { .step = { EXT(0x100, 0x0003, 1, 0x200), PASID(0x200, 0, 1) } },
	  .change = { { 0x100, 0x00010003 } } },
	{ "two in a row",
	  { .step = { EXT(0x100, 0x0003, 1, 0x200), EXT(0x200, 0x001e, 1, 0x300),
		      EXT(0x300, 0x001b, 1, 0x400), EXT(0x400, 0x000f, 1, 0) } },
	  .change = { { 0x100, 0x40010003 } } },
	{ "every other one",
	  { .step = { EXT(0x100, 0x0003, 1, 0x200), EXT(0x200, 0x001e, 1, 0x300),
		      EXT(0x300, 0x000f, 1, 0x400), EXT(0x400, 0x001f, 1, 0) } },
	  .change = { { 0x100, 0x30010003 }, { 0x300, 0x0001000f } } },
	{ "in a list that does not ascend",
	  { .step = { EXT(0x100, 0x0003, 1, 0x400), EXT(0x400, 0x001e, 1, 0x200),
		      EXT(0x200, 0x000f, 1, 0) } },
	  .change = { { 0x100, 0x20010003 } } },
	{ "an id in no table",
	  { .step = { EXT(0x100, 0x0003, 1, 0x200), EXT(0x200, 0x003b, 1, 0x300),
		      EXT(0x300, 0x000f, 1, 0) } },
	  .change = { { 0x100, 0x30010003 } } },
	{ "a null header",
	  { .step = { EXT(0x100, 0x0003, 1, 0x200), EXT(0x200, 0, 0, 0x300),
		      EXT(0x300, 0x000f, 1, 0) } },
	  .change = { { 0x100, 0x30010003 } } },
	{ "a VSEC of length 0",
	  { .step = { EXT(0x100, 0x0003, 1, 0x200), EXT(0x200, 0x000b, 1, 0x300),
		      VENDOR_LENGTH(0x200, 0), EXT(0x300, 0x000f, 1, 0) } },
	  .change = { { 0x100, 0x30010003 } } },
	{ "a DVSEC of length 0",
	  { .step = { EXT(0x100, 0x0003, 1, 0x200), EXT(0x200, 0x0023, 1, 0x300),
		      VENDOR_LENGTH(0x200, 0), EXT(0x300, 0x000f, 1, 0) } },
	  .change = { { 0x100, 0x30010003 } } },
};

START_TEST(view_unlinks_what_vfio_hides)
{
	check_row(&unlinked[_i]);
}
END_TEST

static const struct row heads[] = {
	{ "the first: id and version are 0, the pointer stays",
	  { .step = { EXT(0x100, 0x0019, 1, 0x200), EXT(0x200, 0x000f, 1, 0) } },
	  .change = { { 0x100, 0x20000000 } } },
	{ "the first two",
	  { .step = { EXT(0x100, 0x0019, 1, 0x200), EXT(0x200, 0x0025, 1, 0x300),
		      EXT(0x300, 0x000f, 1, 0) } },
	  .change = { { 0x100, 0x30000000 } } },
	{ "PASID at 0x100",
	  { .step = { PASID(0x100, 0x200, 5), EXT(0x200, 0x0003, 1, 0) } },
	  .change = { { 0x100, 0x20000000 } } },
	{ "a VSEC of length 0 at 0x100",
	  { .step = { EXT(0x100, 0x000b, 1, 0x200), VENDOR_LENGTH(0x100, 0),
		      EXT(0x200, 0x000f, 1, 0) } },
	  .change = { { 0x100, 0x20000000 } } },
	{ "a null header at 0x100, which had a version",
	  { .step = { EXT(0x100, 0, 1, 0x200), EXT(0x200, 0x000f, 1, 0) } },
	  .change = { { 0x100, 0x20000000 } } },
};

START_TEST(view_keeps_a_null_header_for_a_hidden_head)
{
	check_row(&heads[_i]);
}
END_TEST

static const struct row empty[] = {
	{ "all of several, as in SPDK issue 1857",
	  { .step = { EXT(0x100, 0x0019, 1, 0x200), EXT(0x200, 0x0025, 1, 0x300),
		      EXT(0x300, 0x0026, 1, 0x400), EXT(0x400, 0x0027, 1, 0) } },
	  .hidden = true,
	  .change = { { 0x100, 0 } } },
	{ "PASID alone",
	  { .step = { PASID(0x100, 0, 5) } },
	  .hidden = true,
	  .change = { { 0x100, 0 } } },
	{ "a VSEC of length 0 alone",
	  { .step = { EXT(0x100, 0x000b, 1, 0) } },
	  .hidden = true,
	  .change = { { 0x100, 0 } } },
};

START_TEST(view_reads_zero_where_nothing_is_left)
{
	check_row(&empty[_i]);
}
END_TEST

/*
 * The kernel's own walk (section 5.3): it looks for the list behind a linked PCI
 * Express capability only, ends at a pointer below 0x100, and takes a header of
 * zeros, or of ones, for one more hidden capability (the ones point to 0xffc).
 */
static const struct row kernel[] = {
	{ "a header of zeros is unlinked",
	  { .step = { EXT(0x100, 0x0003, 1, 0x200) } },
	  .change = { { 0x100, 0x00010003 } } },
	{ "a header of ones is unlinked, and so are the zeros at 0xffc",
	  { .step = { EXT(0x100, 0x0003, 1, 0x200), FILL(0x200, 4, 0xff) } },
	  .change = { { 0x100, 0x00010003 } } },
	{ "a pointer below 0x100 is left as it is",
	  { .step = { EXT(0x100, 0x0003, 1, 0x080), PUT8(0x80, 0x3b) } },
	  .hidden = false },
	{ "a VF whose PCI Express capability is not linked shows all",
	  { .base = BASE_CONVENTIONAL,
	    .step = { PUT32(0x00, 0xffffffff), EXT(0x100, 0x000e, 1, 0x200),
		      EXT(0x200, 0x001e, 1, 0) } },
	  .hidden = false },
};

START_TEST(view_follows_the_kernels_walk)
{
	check_row(&kernel[_i]);
}
END_TEST

/* Section 5.2: what vfio-pci shows of the ids 0x0000 to 0x003a; all above are unknown to it. */
static const uint16_t known[] = { 0x01, 0x02, 0x03, 0x04, 0x08, 0x09, 0x0b, 0x0d, 0x0e,
				  0x0f, 0x10, 0x12, 0x13, 0x15, 0x16, 0x17, 0x18, 0x23 };

START_TEST(view_knows_each_id_as_the_kernel_does)
{
	const struct support_image how = {
		.step = { EXT(0x100, 0x000f, 1, 0x200), EXT(0x200, _i, 1, 0x300),
			  VENDOR_LENGTH(0x200, 16), EXT(0x300, 0x000e, 1, 0) }
	};
	bool is_known = false;
	uint32_t head;

	for (int i = 0; i < ROWS(known); i++)
		is_known |= known[i] == _i;
	capgap_view_derive(&view, support_function(&how));
	ck_assert(capgap_get32(&view.image, 0x100, &head));
	ck_assert_msg(head >> 20 == (is_known ? 0x200 : 0x300), "id %04x: 0x%08x",
		      (unsigned)_i, head);
}
END_TEST

Suite *view_suite(void)
{
	Suite *suite = suite_create("view");
	TCase *derived = tcase_create("derived");

	tcase_add_loop_test(derived, view_shows_what_vfio_knows, 0, ROWS(shown));
	tcase_add_loop_test(derived, view_unlinks_what_vfio_hides, 0, ROWS(unlinked));
	tcase_add_loop_test(derived, view_keeps_a_null_header_for_a_hidden_head, 0,
			    ROWS(heads));
	tcase_add_loop_test(derived, view_reads_zero_where_nothing_is_left, 0,
			    ROWS(empty));
	tcase_add_loop_test(derived, view_follows_the_kernels_walk, 0, ROWS(kernel));
	tcase_add_loop_test(derived, view_knows_each_id_as_the_kernel_does, 0, 0x3c);
	suite_add_tcase(suite, derived);
	return suite;
}
