/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The VFIO region against the derived view: what is explained, and what is not. */
#include <string.h>

#include "../analyzer/bytes.h"
#include "../placement/live_compare.h"
#include "suites.h"
#include "support.h"

#define VIRTUAL(symbol) CAPGAP_VIRTUAL_##symbol
#define CHANGES_MAX 3
#define WHYS_MAX 2

/* Power Management, MSI with 64 bits, MSI with 32, VPD, PCI Express; ATS, PRI, PASID, AER. */
#define PM 0x80
#define MSI_64 0x90
#define MSI_32 0xa0
#define VPD 0xb0
#define ATS 0x100
#define PRI 0x110
#define PASID_AT 0x120
#define AER 0x140

/* Next of the base's PCI Express; each with the one that follows. */
static const struct support_image host = {
	.step = { PUT8(0x41, PM), CONV(PM, 0x01, MSI_64), PUT16(PM + 2, 0xc9c3),
		  PUT32(PM + 4, 0x00000103), CONV(MSI_64, 0x05, MSI_32),
		  PUT16(MSI_64 + 2, 0x0080), CONV(MSI_32, 0x05, VPD), CONV(VPD, 0x03, 0),
		  EXT(ATS, 0x000f, 1, PRI), EXT(PRI, 0x0013, 1, PASID_AT),
		  PASID(PASID_AT, AER, 7), EXT(AER, 0x0001, 2, 0) }
};

/**
 * struct change - bits that read differently
 * @off: dword
 * @flip: bits
 */
struct change {
	uint16_t off;
	uint32_t flip;
};

/**
 * struct row - a region that is not as it was derived
 * @name: for messages
 * @vfio: dwords of the region that differ from the view; zeros end the list
 * @after: dwords of the host that differ when they are read again
 * @unexplained: dwords that nothing explains
 * @why: of the first difference
 * @n_whys: how many
 * @changed: the first difference changed on the host meanwhile
 */
struct row {
	const char *name;
	struct change vfio[CHANGES_MAX];
	struct change after[CHANGES_MAX];
	unsigned unexplained;
	enum capgap_virtual why[WHYS_MAX];
	unsigned n_whys;
	bool changed;
};

static const struct row rows[] = {
	{ .name = "the same" },
	{ "a gap", { { 0x400, 1 } }, .unexplained = 1 },
	{ "a pointer", { { PRI, 0x02000000 } }, .unexplained = 1 },
	{ "the ids", { { 0x00, 0x00010000 } }, .unexplained = 1 },
	{ "the revision", { { 0x08, 0x1 } }, .unexplained = 1 },
	{ "Command", { { 0x04, 0x407 } }, .why = { VIRTUAL(COMMAND) }, .n_whys = 1 },
	{ "SERR# Enable, which no row knows", { { 0x04, 0x100 } }, .unexplained = 1 },
	{ "Command and Status",
	  { { 0x04, 0x40000002 } },
	  .why = { VIRTUAL(COMMAND), VIRTUAL(STATUS) },
	  .n_whys = 2 },
	{ "Capabilities List in Status", { { 0x04, 0x00100000 } }, .unexplained = 1 },
	{ "explained in part only",
	  { { 0x04, 0x102 } },
	  .unexplained = 1,
	  .why = { VIRTUAL(COMMAND) },
	  .n_whys = 1 },
	{ "the first base address",
	  { { 0x10, 0xffffffff } },
	  .why = { VIRTUAL(BARS) },
	  .n_whys = 1 },
	{ "the last base address",
	  { { 0x24, 1 } },
	  .why = { VIRTUAL(BARS) },
	  .n_whys = 1 },
	{ "what stands behind them", { { 0x28, 1 } }, .unexplained = 1 },
	{ "the subsystem", { { 0x2c, 1 } }, .unexplained = 1 },
	{ "the ROM", { { 0x30, 0xffff0001 } }, .why = { VIRTUAL(ROM) }, .n_whys = 1 },
	{ "the interrupt",
	  { { 0x3c, 0x1ff } },
	  .why = { VIRTUAL(INTERRUPT) },
	  .n_whys = 1 },
	{ "Max_Lat", { { 0x3c, 0x01000000 } }, .unexplained = 1 },
	{ "0xfc of what is no graphics", { { 0xfc, 1 } }, .unexplained = 1 },
	{ "PME",
	  { { PM, 0xc8000000 }, { PM + 4, 0x8103 } },
	  .why = { VIRTUAL(PM_PME) },
	  .n_whys = 1 },
	{ "the power state",
	  { { PM + 4, 0x3 } },
	  .why = { VIRTUAL(PM_STATE) },
	  .n_whys = 1 },
	{ "Power Management's version", { { PM, 0x10000 } }, .unexplained = 1 },
	{ "MSI of 64 bits",
	  { { MSI_64 + 4, 1 }, { MSI_64 + 8, 1 }, { MSI_64 + 12, 1 } },
	  .why = { VIRTUAL(MSI_ADDRESS) },
	  .n_whys = 1 },
	{ "upper address of MSI of 64 bits, which is no data",
	  { { MSI_64 + 8, 0xffff } },
	  .why = { VIRTUAL(MSI_UPPER) },
	  .n_whys = 1 },
	{ "behind MSI of 32 bits", { { MSI_32 + 12, 1 } }, .unexplained = 1 },
	{ "data of MSI of 32 bits",
	  { { MSI_32 + 8, 0xffff } },
	  .why = { VIRTUAL(MSI_DATA) },
	  .n_whys = 1 },
	{ "behind the data", { { MSI_32 + 8, 0x10000 } }, .unexplained = 1 },
	{ "Vital Product Data",
	  { { VPD, 0x80000000 }, { VPD + 4, 5 } },
	  .why = { VIRTUAL(VPD_ADDRESS) },
	  .n_whys = 1 },
	{ "Device Control",
	  { { 0x48, 0xf0e0 } },
	  .why = { VIRTUAL(EXP_CONTROL) },
	  .n_whys = 1 },
	{ "Device Status",
	  { { 0x48, 0x00010000 } },
	  .why = { VIRTUAL(EXP_STATUS) },
	  .n_whys = 1 },
	{ "errors",
	  { { AER + 4, 0x100000 }, { AER + 0x10, 1 } },
	  .why = { VIRTUAL(AER_UNCORRECTABLE) },
	  .n_whys = 1 },
	{ "masks of errors", { { AER + 8, 1 } }, .unexplained = 1 },
	{ "ATS, PRI and PASID off",
	  { { ATS + 4, 0x80000000 }, { PRI + 4, 1 }, { PASID_AT + 4, 0x70000 } },
	  .why = { VIRTUAL(ATS_CONTROL) },
	  .n_whys = 1 },
	{ "Max PASID Width", { { PASID_AT + 4, 0x100 } }, .unexplained = 1 },
	{ "a register that changes",
	  { { 0x400, 1 } },
	  { { 0x400, 1 } },
	  .changed = true },
	{ "one that changes in other bits",
	  { { 0x400, 1 } },
	  { { 0x400, 2 } },
	  .unexplained = 1 },
	{ "one that changes in more",
	  { { 0x400, 1 } },
	  { { 0x400, 3 } },
	  .changed = true },
};

static struct capgap_comparison got;
static struct capgap_region region;
static struct capgap_view view;
static struct capgap_image after;

static void flip(struct capgap_image *img, const struct change *change)
{
	for (int i = 0; i < CHANGES_MAX && change[i].flip; i++) {
		uint8_t bytes[4];

		for (unsigned k = 0; k < 4; k++)
			bytes[k] = (uint8_t)(img->data[change[i].off + k] ^
					     change[i].flip >> 8 * k);
		capgap_image_put(img, change[i].off, bytes, sizeof(bytes));
	}
}

static unsigned count(const struct change *change)
{
	unsigned n = 0;

	while (n < CHANGES_MAX && change[n].flip)
		n++;
	return n;
}

START_TEST(compare_explains_what_is_known)
{
	const struct row *row = &rows[_i];
	const struct capgap_function *fn = support_function(&host);

	capgap_view_derive(&view, fn, CAPGAP_KERNEL_6_4);
	region.image = view.image;
	region.size = 4096;
	after = fn->image;
	flip(&region.image, row->vfio);
	flip(&after, row->after);
	memset(&got, 0x5a, sizeof(got));
	capgap_compare(&got, fn, &view, &region, row->after[0].flip ? &after : NULL);
	ck_assert_msg(got.n == count(row->vfio), "%s: %u differences", row->name, got.n);
	ck_assert_msg(got.n_unexplained == row->unexplained, "%s: %u unexplained",
		      row->name, got.n_unexplained);
	ck_assert_msg(capgap_compare_is_good(&got) == !row->unexplained, "%s: good",
		      row->name);
	ck_assert_msg(got.n_compared == 1024 && !got.n_left_out, "%s: compared",
		      row->name);
	if (!got.n)
		return;
	ck_assert_msg(got.difference[0].changed == row->changed, "%s: changed",
		      row->name);
	ck_assert_msg(got.difference[0].n_whys == row->n_whys, "%s: %u reasons",
		      row->name, got.difference[0].n_whys);
	for (unsigned i = 0; i < row->n_whys; i++)
		ck_assert_msg(got.difference[0].why[i] == row->why[i], "%s: %s",
			      row->name, capgap_virtual_name(got.difference[0].why[i]));
}
END_TEST

/* What is hidden is no difference; what the kernel was expected to hide and shows is. */
START_TEST(compare_holds_the_view_against_the_region)
{
	const struct capgap_function *fn = support_function(&host);

	capgap_view_derive(&view, fn, CAPGAP_KERNEL_6_4);
	region.image = fn->image;
	region.size = 4096;
	capgap_compare(&got, fn, &view, &region, &fn->image);
	ck_assert_uint_eq(got.n, 1);
	ck_assert_uint_eq(got.difference[0].off, PRI);
	ck_assert_uint_eq(got.difference[0].host, got.difference[0].vfio);
	ck_assert(!got.difference[0].explained && !got.difference[0].changed);
}
END_TEST

START_TEST(compare_says_what_it_cannot_compare)
{
	const struct capgap_function *fn = support_function(&host);

	capgap_view_derive(&view, fn, CAPGAP_KERNEL_6_4);
	region.image = view.image;
	region.size = 4096;
	capgap_image_drop(&region.image, 0x802, 2);
	capgap_compare(&got, fn, &view, &region, NULL);
	ck_assert(got.n_left_out == 1 && got.n_compared == 1023 && !got.n);
	ck_assert(!capgap_compare_is_good(&got));
	/* A region that ends before the view does, though all that is there is the same. */
	capgap_image_init(&region.image);
	capgap_image_put(&region.image, 0, view.image.data, 256);
	region.size = 256;
	capgap_compare(&got, fn, &view, &region, NULL);
	ck_assert(got.n_compared == 64 && got.n_left_out == 960 && !got.n);
	ck_assert(!capgap_compare_is_good(&got));
	/* None at all. */
	capgap_image_init(&region.image);
	region.size = 0;
	capgap_compare(&got, fn, &view, &region, NULL);
	ck_assert(!got.n_compared && !capgap_compare_is_good(&got));
}
END_TEST

/* What the device does not bear to be read is missing on both sides, and not compared. */
START_TEST(compare_stops_at_the_limit)
{
	static const struct {
		size_t limit;
		unsigned compared;
	} cases[] = { { 0x600, 0x180 },
		      { 0x602, 0x180 },
		      { 0x100, 0x40 },
		      { 4096, 1024 },
		      { 0, 1024 } };
	const struct capgap_function *fn = support_function(&host);

	capgap_view_derive(&view, fn, CAPGAP_KERNEL_6_4);
	for (int i = 0; i < ROWS(cases); i++) {
		region.image = view.image;
		region.size = 4096;
		region.limit = cases[i].limit;
		if (region.limit)
			capgap_image_drop(&region.image, (unsigned)region.limit,
					  4096 - (unsigned)region.limit);
		capgap_compare(&got, fn, &view, &region, NULL);
		ck_assert_uint_eq(got.n_compared, cases[i].compared);
		ck_assert_uint_eq(got.n_left_out, 0);
		ck_assert(capgap_compare_is_good(&got));
	}
	/* In front of it nothing may be missing, and all has to be the same. */
	region.limit = 0x600;
	capgap_image_drop(&region.image, 0x5fc, 4);
	flip(&region.image, (struct change[CHANGES_MAX]){ { 0x400, 1 } });
	capgap_compare(&got, fn, &view, &region, NULL);
	ck_assert(got.n_left_out == 1 && got.n_unexplained == 1);
	ck_assert(!capgap_compare_is_good(&got));
	region.limit = 0;
}
END_TEST

/* Intel's graphics have the address of the OpRegion in 0xfc. */
START_TEST(compare_knows_intels_graphics)
{
	struct support_image image = { .step = { PUT16(0x00, 0x8086),
						 PUT8(0x0b, 0x03) } };
	const struct capgap_function *fn = support_function(&image);

	capgap_view_derive(&view, fn, CAPGAP_KERNEL_6_4);
	region.image = view.image;
	region.size = 4096;
	flip(&region.image, (struct change[CHANGES_MAX]){ { 0xfc, 0x7b000018 } });
	capgap_compare(&got, fn, &view, &region, NULL);
	ck_assert_uint_eq(got.n, 1);
	ck_assert(got.difference[0].explained);
	ck_assert_int_eq(got.difference[0].why[0], VIRTUAL(OPREGION));
}
END_TEST

START_TEST(compare_names_its_rows)
{
	enum capgap_virtual row = (enum capgap_virtual)_i;

	ck_assert(capgap_virtual_name(row)[0]);
	ck_assert(capgap_virtual_why(row)[0]);
	ck_assert(capgap_virtual_source(row)[0]);
}
END_TEST

Suite *live_compare_suite(void)
{
	Suite *suite = suite_create("live_compare");
	TCase *tcase = tcase_create("compare");

	tcase_add_loop_test(tcase, compare_explains_what_is_known, 0, ROWS(rows));
	tcase_add_test(tcase, compare_holds_the_view_against_the_region);
	tcase_add_test(tcase, compare_says_what_it_cannot_compare);
	tcase_add_test(tcase, compare_stops_at_the_limit);
	tcase_add_test(tcase, compare_knows_intels_graphics);
	tcase_add_loop_test(tcase, compare_names_its_rows, 0, CAPGAP_VIRTUAL_COUNT);
	suite_add_tcase(suite, tcase);
	return suite;
}
