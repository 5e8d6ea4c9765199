/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The configuration space as vfio-pci shows it (drivers/vfio/pci/vfio_pci_config.c). */
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
 * @kernel: which kernels
 * @hidden: nothing of the extended list is left
 * @incomplete: bytes that decide were not read
 * @change: dwords that read differently; zeros end the list
 */
struct row {
	const char *name;
	struct support_image image;
	enum capgap_vantage vantage;
	enum capgap_kernel kernel;
	bool hidden;
	bool incomplete;
	struct {
		uint16_t off;
		uint32_t val;
	} change[CHANGES_MAX];
};

static struct capgap_view view;

static bool is_changed(const struct row *row, unsigned off, uint32_t *val)
{
	for (int i = 0; i < CHANGES_MAX && (row->change[i].off || row->change[i].val);
	     i++) {
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
	capgap_view_derive(&view, support_analyse(&rec, NULL, row->vantage), row->kernel);
	ck_assert_msg(view.hidden == row->hidden, "%s: hidden", row->name);
	ck_assert_msg(view.complete == !row->incomplete, "%s: complete", row->name);
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
	{ "PCI-compatible kinds that vfio knows",
	  { .step = { PUT8(0x41, 0x80), CONV(0x80, 0x01, 0x90), CONV(0x90, 0x09, 0xa0),
		      PUT8(0x92, 0x10), CONV(0xa0, 0x13, 0) } },
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
	/* Linux 7.3.4 showed these two dwords differently from sysfs, and no other. */
	{ "what a kernel did with a device of many kinds",
	  { .step = { EXT(0x100, 0x000f, 1, 0x110), EXT(0x110, 0x0013, 1, 0x120),
		      EXT(0x120, 0x001b, 1, 0x140), EXT(0x140, 0x0017, 1, 0x160),
		      EXT(0x160, 0x000b, 1, 0x180), VENDOR_LENGTH(0x160, 0x10),
		      EXT(0x180, 0x0023, 1, 0x1a0), VENDOR_LENGTH(0x180, 0x10),
		      EXT(0x1a0, 0x002e, 2, 0x1c0), EXT(0x1c0, 0x0018, 1, 0x1d0),
		      EXT(0x1d0, 0x0003, 1, 0) } },
	  .change = { { 0x110, 0x14010013 }, { 0x180, 0x1c010023 } } },
	{ "reserved bits of the pointer that skips it stay",
	  { .step = { EXT(0x100, 0x0003, 1, 0x203), EXT(0x200, 0x001b, 1, 0x301),
		      EXT(0x300, 0x000f, 1, 0) } },
	  .change = { { 0x100, 0x30310003 } } },
	{ "a DVSEC, before Linux 6.4",
	  { .step = { EXT(0x100, 0x0003, 1, 0x200), EXT(0x200, 0x0023, 1, 0x300),
		      VENDOR_LENGTH(0x200, 0x10), EXT(0x300, 0x000f, 1, 0) } },
	  .kernel = CAPGAP_KERNEL_OLD,
	  .change = { { 0x100, 0x30010003 } } },
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
	{ "a DVSEC at 0x100, before Linux 6.4",
	  { .step = { EXT(0x100, 0x0023, 1, 0x200), VENDOR_LENGTH(0x100, 0x10),
		      EXT(0x200, 0x000f, 1, 0) } },
	  .kernel = CAPGAP_KERNEL_OLD,
	  .change = { { 0x100, 0x20000000 } } },
	{ "an id whose low byte is fe",
	  { .step = { EXT(0x100, 0x80fe, 1, 0x200), EXT(0x200, 0x000f, 1, 0) } },
	  .change = { { 0x100, 0x20000000 } } },
	/* Linux 7.3.4 showed the header of such a device. */
	{ "an id whose low byte is ff is shown",
	  { .step = { EXT(0x100, 0x80ff, 1, 0x200), EXT(0x200, 0x000f, 1, 0) } },
	  .hidden = false },
	{ "an id whose low byte is ff is shown, and what is hidden behind it too",
	  { .step = { EXT(0x100, 0x80ff, 1, 0x200), PASID(0x200, 0x300, 1),
		      EXT(0x300, 0x000f, 1, 0) } },
	  .hidden = false },
	{ "an id whose low byte is ff is shown, if nothing else is",
	  { .step = { EXT(0x100, 0x80ff, 1, 0x200), PASID(0x200, 0, 1) } },
	  .hidden = false },
	{ "ones at 0x100 are shown",
	  { .step = { FILL(0x100, 4, 0xff) } },
	  .hidden = false },
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
	{ "a DVSEC alone, before Linux 6.4",
	  { .step = { EXT(0x100, 0x0023, 1, 0), VENDOR_LENGTH(0x100, 0x10) } },
	  .kernel = CAPGAP_KERNEL_OLD,
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

/* A PCI-compatible entry is skipped by the pointer before it, a byte. */
static const struct row conventional[] = {
	{ "Enhanced Allocation in the middle",
	  { .step = { PUT8(0x41, 0x80), CONV(0x80, 0x14, 0x90), CONV(0x90, 0x01, 0) } },
	  .change = { { 0x40, 0x00029010 } } },
	{ "the first: the list pointer in the header",
	  { .step = { PUT8(0x34, 0x80), CONV(0x80, 0x0d, 0x40) } },
	  .change = { { 0x34, 0x40 } } },
	{ "the last two",
	  { .step = { PUT8(0x41, 0x80), CONV(0x80, 0x04, 0x90), CONV(0x90, 0x0c, 0) } },
	  .change = { { 0x40, 0x00020010 } } },
	{ "a null capability",
	  { .step = { PUT8(0x41, 0x80), CONV(0x80, 0x00, 0x90), CONV(0x90, 0x01, 0) } },
	  .change = { { 0x40, 0x00029010 } } },
	{ "an id in no table",
	  { .step = { PUT8(0x41, 0x80), CONV(0x80, 0x3b, 0x90), CONV(0x90, 0x01, 0) } },
	  .change = { { 0x40, 0x00029010 } } },
	{ "a vendor's of length 0",
	  { .step = { PUT8(0x41, 0x80), CONV(0x80, 0x09, 0x90), CONV(0x90, 0x01, 0) } },
	  .change = { { 0x40, 0x00029010 } } },
	{ "nothing is left: Status says so too",
	  { .base = BASE_CONVENTIONAL, .step = { PUT8(0x40, 0x0d) } },
	  .change = { { 0x04, 0 }, { 0x34, 0 } } },
};

START_TEST(view_unlinks_in_pci_compatible_space)
{
	check_row(&conventional[_i]);
	ck_assert_int_eq(view.conv_gone, conventional[_i].change[0].off == 0x04);
}
END_TEST

/*
 * The kernel's own walks: pointers in PCI-compatible space are taken as they are, neither
 * masked nor checked. It looks for the extended list behind a linked PCI Express
 * capability, or PCI-X of version 2.0, only; ends at a pointer below 0x100; and takes a
 * header of zeros, or of ones, for one more hidden capability (the ones point to 0xffc).
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
	  .change = { { 0x04, 0x00100002 } } },
	{ "PCI-X 1.0 has no extended list",
	  { .base = BASE_CONVENTIONAL,
	    .step = { PUT8(0x41, 0x80), CONV(0x80, 0x07, 0), EXT(0x100, 0x001b, 1, 0) } },
	  .hidden = false },
	{ "PCI-X 2.0 has one",
	  { .base = BASE_CONVENTIONAL,
	    .step = { PUT8(0x41, 0x80), CONV(0x80, 0x07, 0), PUT16(0x82, 0x1000),
		      EXT(0x100, 0x001b, 1, 0) } },
	  .hidden = true,
	  .change = { { 0x100, 0 } } },
	{ "no list without the bit of Status, of either kind",
	  { .step = { PUT16(0x06, 0), PUT8(0x41, 0x80), CONV(0x80, 0x14, 0),
		      EXT(0x100, 0x001b, 1, 0) } },
	  .hidden = false },
	{ "no extended list where 256 bytes were read",
	  { .size = 0x100, .step = { PUT8(0x41, 0x80), CONV(0x80, 0x14, 0) } },
	  .change = { { 0x40, 0x00020010 } } },
	/* At 0x41 id 0, next 02; there id 21, next 10; there id 0, next 0. */
	{ "a list pointer is not masked",
	  { .step = { PUT8(0x34, 0x41), EXT(0x100, 0x001b, 1, 0) } },
	  .change = { { 0x04, 0 }, { 0x34, 0 } } },
	{ "a list that loops ends after 48 entries",
	  { .step = { PUT8(0x41, 0x80), CONV(0x80, 0x14, 0x40) } },
	  .change = { { 0x40, 0x00024010 } } },
	{ "an extended list that loops ends after 960",
	  { .step = { EXT(0x100, 0x0003, 1, 0x200), EXT(0x200, 0x001b, 1, 0x100) } },
	  .change = { { 0x100, 0x10010003 } } },
	{ "one that loops is copied again, and what was skipped is linked again",
	  { .step = { EXT(0x100, 0x0003, 1, 0x200), EXT(0x200, 0x001b, 1, 0x300),
		      EXT(0x300, 0x000f, 1, 0x400), EXT(0x400, 0x0018, 1, 0x500),
		      EXT(0x500, 0x000e, 1, 0x600), EXT(0x600, 0x0013, 1, 0x700),
		      EXT(0x700, 0x0004, 1, 0x100) } },
	  .hidden = false },
};

START_TEST(view_follows_the_kernels_walk)
{
	check_row(&kernel[_i]);
}
END_TEST

/*
 * What the kernel changed in its copy, but reads from the hardware all the same: it takes
 * what is of one kind, and in one piece, for one structure, with one header. Linux 6.12.107
 * showed the first row and the one of two vendors' structures so, on made-up devices.
 */
static const struct row overruled[] = {
	{ "the second of two DVSECs that abut keeps its pointer",
	  { .step = { EXT(0x100, 0x0023, 1, 0x110), VENDOR_LENGTH(0x100, 0x10),
		      EXT(0x110, 0x0023, 1, 0x120), VENDOR_LENGTH(0x110, 0x10),
		      EXT(0x120, 0x001b, 1, 0x200), EXT(0x200, 0x000f, 1, 0) } },
	  .hidden = false },
	{ "and the first does not",
	  { .step = { EXT(0x100, 0x0023, 1, 0x120), VENDOR_LENGTH(0x100, 0x10),
		      EXT(0x120, 0x001b, 1, 0x110), EXT(0x110, 0x0023, 1, 0),
		      VENDOR_LENGTH(0x110, 0x10) } },
	  .change = { { 0x100, 0x11010023 } } },
	{ "with a dword between them both are changed",
	  { .step = { EXT(0x100, 0x0023, 1, 0x114), VENDOR_LENGTH(0x100, 0x10),
		      EXT(0x114, 0x0023, 1, 0x130), VENDOR_LENGTH(0x114, 0x10),
		      EXT(0x130, 0x001b, 1, 0x200), EXT(0x200, 0x000f, 1, 0) } },
	  .change = { { 0x114, 0x20010023 } } },
	{ "kinds that differ do not abut",
	  { .step = { EXT(0x100, 0x000b, 1, 0x110), VENDOR_LENGTH(0x100, 0x10),
		      EXT(0x110, 0x0023, 1, 0x120), VENDOR_LENGTH(0x110, 0x10),
		      EXT(0x120, 0x001b, 1, 0) } },
	  .change = { { 0x110, 0x00010023 } } },
	{ "a VSEC that ends before its own pointer",
	  { .step = { EXT(0x100, 0x0003, 1, 0x200), EXT(0x200, 0x000b, 1, 0x300),
		      VENDOR_LENGTH(0x200, 2), EXT(0x300, 0x001b, 1, 0) } },
	  .hidden = false },
	{ "vendors' structures that abut in PCI-compatible space",
	  { .step = { PUT8(0x41, 0x80), CONV(0x80, 0x09, 0x90), PUT8(0x82, 0x10),
		      CONV(0x90, 0x09, 0xa0), PUT8(0x92, 0x10), CONV(0xa0, 0x14, 0xb0),
		      CONV(0xb0, 0x01, 0) } },
	  .hidden = false },
	{ "one that lies inside another, which comes later",
	  { .step = { PUT8(0x34, 0x60), CONV(0x60, 0x01, 0x80),
		      CONV(0x80, 0x14, 0x40) } },
	  .hidden = false },
};

START_TEST(view_shows_the_hardware_where_the_kernel_does)
{
	check_row(&overruled[_i]);
	ck_assert_uint_le(view.n_caps, 1);
	for (unsigned i = 0; i < view.n_caps; i++) {
		if (overruled[_i].change[0].off)
			ck_assert_int_eq(view.cap[i].how, CAPGAP_HIDING_UNLINKED);
		else
			ck_assert_int_eq(view.cap[i].how, CAPGAP_HIDING_FAILS);
	}
}
END_TEST

/* Bytes that were not read end a walk; nothing is made up for them. */
static const struct row unread[] = {
	{ "the header of an entry",
	  { .step = { EXT(0x100, 0x0003, 1, 0x200), EXT(0x200, 0x001b, 1, 0x300),
		      DROP(0x302, 1) } },
	  .incomplete = true,
	  .change = { { 0x100, 0x30010003 } } },
	{ "the extended header", { .step = { DROP(0x100, 16) } }, .incomplete = true },
	{ "the length of a vendor's structure: shown",
	  { .step = { EXT(0x100, 0x000b, 1, 0x200), DROP(0x104, 4),
		      EXT(0x200, 0x001b, 1, 0) } },
	  .incomplete = true,
	  .change = { { 0x100, 0x0001000b } } },
	{ "an entry of PCI-compatible space",
	  { .step = { PUT8(0x41, 0x80), CONV(0x80, 0x14, 0x90), DROP(0x91, 1),
		      EXT(0x100, 0x001b, 1, 0) } },
	  .incomplete = true,
	  .hidden = true,
	  .change = { { 0x40, 0x00029010 }, { 0x100, 0 } } },
	{ "the list pointer",
	  { .step = { DROP(0x34, 1), EXT(0x100, 0x001b, 1, 0) } },
	  .incomplete = true },
	{ "Status", { .step = { DROP(0x07, 1) } }, .incomplete = true },
	{ "the header type",
	  { .step = { DROP(0x0e, 1), EXT(0x100, 0x001b, 1, 0) } },
	  .incomplete = true },
	{ "what follows 64 bytes",
	  { .size = 0x40, .step = { PUT8(0x34, 0x80) } },
	  .incomplete = true },
};

START_TEST(view_ends_where_bytes_are_absent)
{
	check_row(&unread[_i]);
}
END_TEST

/* vfio-pci takes functions with a type 0 header only. */
START_TEST(view_of_a_bridge_is_nobodys)
{
	static const struct row bridge = { "a bridge",
					   { .step = { PUT8(0x0e, 1),
						       EXT(0x100, 0x001b, 1, 0) } },
					   .hidden = false };

	check_row(&bridge);
	ck_assert_int_eq(view.origin, CAPGAP_VIEW_NOT_TAKEN);
}
END_TEST

/* The header of a virtual function: what the kernel knows stands in for what it lacks. */
START_TEST(view_fills_in_what_a_virtual_function_lacks)
{
	static const struct support_image how = {
		.base = BASE_VF, .step = { PUT16(0x04, 0x0404), PUT32(0x3c, 0x01000115) }
	};
	struct capgap_record rec;
	uint32_t val;

	support_record(&rec, &how);
	rec.meta.flags |= CAPGAP_META_IDS;
	rec.meta.vendor = 0x8086;
	rec.meta.device = 0x10ca;
	capgap_view_derive(&view, support_analyse(&rec, NULL, CAPGAP_VANTAGE_HOST),
			   CAPGAP_KERNEL_6_4);
	ck_assert(capgap_get32(&view.image, 0x00, &val) && val == 0x10ca8086);
	ck_assert(capgap_get32(&view.image, 0x04, &val) && val == 0x00100406);
	ck_assert(capgap_get32(&view.image, 0x3c, &val) && val == 0x01000015);
	rec.meta.flags = 0;
	capgap_image_drop(&rec.image, 0x3d, 1);
	capgap_image_drop(&rec.image, 0x04, 1);
	capgap_view_derive(&view, support_analyse(&rec, NULL, CAPGAP_VANTAGE_HOST),
			   CAPGAP_KERNEL_6_4);
	ck_assert(capgap_get32(&view.image, 0x00, &val) && val == 0xffffffff);
	ck_assert(!capgap_image_has(&view.image, 0x04, 1));
	ck_assert(!capgap_image_has(&view.image, 0x3d, 1));
}
END_TEST

/* A physical function has its own. */
START_TEST(view_leaves_the_header_of_others)
{
	static const struct row pf = {
		"a PF",
		{ .step = { PUT16(0x04, 0x0400), PUT8(0x3d, 1),
			    SRIOV(0x100, 0, 1, 4, 1, 1, 0x1022) } },
		.hidden = false
	};

	check_row(&pf);
}
END_TEST

/*
 * The kernel's maps are as long as the space. Linux 6.1, 6.12 and 7.3 wrote behind them for
 * the vendor's structure; what is hidden is in no map.
 */
static const struct {
	const char *name;
	struct support_image image;
	bool tree; /* of sysfs, where a file ends with the space */
	uint16_t overrun;
} ends[] = {
	{ "a vendor's of 255 bytes in 256",
	  { .step = { PUT8(0x41, 0x50), CONV(0x50, 0x09, 0), PUT8(0x52, 0xff) },
	    .size = 0x100 },
	  true,
	  0x50 },
	{ "the same in a text, which may lack extended space",
	  { .step = { PUT8(0x41, 0x50), CONV(0x50, 0x09, 0), PUT8(0x52, 0xff) },
	    .size = 0x100 },
	  false,
	  0 },
	{ "the same of a conventional function, which has none",
	  { .base = BASE_CONVENTIONAL,
	    .step = { CONV(0x40, 0x09, 0), PUT8(0x42, 0xff) },
	    .size = 0x100 },
	  false,
	  0x40 },
	{ "the same where extended space follows",
	  { .step = { PUT8(0x41, 0x50), CONV(0x50, 0x09, 0), PUT8(0x52, 0xff) } },
	  true,
	  0 },
	{ "the same, of which only the header was read",
	  { .step = { PUT8(0x41, 0x50), CONV(0x50, 0x09, 0), PUT8(0x52, 0xff) },
	    .size = 0x60 },
	  true,
	  0 },
	{ "ATS at the end",
	  { .step = { EXT(0x100, 0x0003, 1, 0xffc), EXT(0xffc, 0x000f, 1, 0) } },
	  true,
	  0xffc },
	{ "ATS that ends with the space",
	  { .step = { EXT(0x100, 0x0003, 1, 0xff8), EXT(0xff8, 0x000f, 1, 0) } },
	  true,
	  0 },
	{ "PASID at the end, which is hidden",
	  { .step = { EXT(0x100, 0x0003, 1, 0xffc), EXT(0xffc, 0x001b, 1, 0) } },
	  true,
	  0 },
	{ "two: the first counts",
	  { .step = { EXT(0x100, 0x000b, 1, 0xffc), VENDOR_LENGTH(0x100, 0xf04),
		      EXT(0xffc, 0x000f, 1, 0) } },
	  true,
	  0x100 },
};

START_TEST(view_finds_what_ends_behind_the_space)
{
	struct capgap_record rec;

	support_record(&rec, &ends[_i].image);
	if (ends[_i].tree)
		rec.meta.flags |= CAPGAP_META_SYSFS;
	memset(&view, 0x5a, sizeof(view));
	capgap_view_derive(&view, support_analyse(&rec, NULL, CAPGAP_VANTAGE_HOST),
			   CAPGAP_KERNEL_6_4);
	ck_assert_msg(view.overrun == ends[_i].overrun, "%s: 0x%03x", ends[_i].name,
		      view.overrun);
}
END_TEST

/* What vfio-pci shows of the ids 0x0000 to 0x003a; all above are unknown to it. */
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
	capgap_view_derive(&view, support_function(&how), CAPGAP_KERNEL_6_4);
	ck_assert(capgap_get32(&view.image, 0x100, &head));
	ck_assert_msg(head >> 20 == (is_known ? 0x200 : 0x300), "id %04x: 0x%08x",
		      (unsigned)_i, head);
}
END_TEST

#define HIDDEN(space, how, off, id, from)                                                \
	{                                                                                \
		CAPGAP_##space, CAPGAP_HIDING_##how, off, id, from                       \
	}

static const struct {
	struct support_image image;
	unsigned n;
	struct capgap_hidden cap[3];
} lists[] = {
	{ { .step = { PUT8(0x34, 0x80), CONV(0x80, 0x14, 0x40),
		      EXT(0x100, 0x001f, 1, 0x200), EXT(0x200, 0x000f, 1, 0x300),
		      EXT(0x300, 0x001b, 1, 0) } },
	  3,
	  { HIDDEN(CONV, UNLINKED, 0x80, 0x14, 0x34),
	    HIDDEN(EXT, NULL_HEADER, 0x100, 0x001f, 0x100),
	    HIDDEN(EXT, UNLINKED, 0x300, 0x001b, 0x200) } },
	{ { .step = { EXT(0x100, 0x001f, 1, 0x200), EXT(0x200, 0x001b, 1, 0) } },
	  2,
	  { HIDDEN(EXT, ZERO, 0x100, 0x001f, 0x100),
	    HIDDEN(EXT, ZERO, 0x200, 0x001b, 0x100) } },
	/* Come by 479 times, it is hidden once. */
	{ { .step = { EXT(0x100, 0x0003, 1, 0x200), EXT(0x200, 0x001b, 1, 0x100) } },
	  1,
	  { HIDDEN(EXT, UNLINKED, 0x200, 0x001b, 0x100) } },
};

START_TEST(view_lists_what_is_hidden)
{
	const struct capgap_hidden *want = lists[_i].cap;

	capgap_view_derive(&view, support_function(&lists[_i].image), CAPGAP_KERNEL_6_4);
	ck_assert_uint_eq(view.n_caps, lists[_i].n);
	for (unsigned i = 0; i < view.n_caps; i++) {
		ck_assert_int_eq(view.cap[i].space, want[i].space);
		ck_assert_str_eq(capgap_hiding_name(view.cap[i].how),
				 capgap_hiding_name(want[i].how));
		ck_assert_uint_eq(view.cap[i].off, want[i].off);
		ck_assert_uint_eq(view.cap[i].id, want[i].id);
		ck_assert_uint_eq(view.cap[i].from, want[i].from);
	}
}
END_TEST

START_TEST(view_lists_the_dwords_that_differ)
{
	struct capgap_function *fn = support_function(&lists[0].image);
	struct capgap_edit edit;

	capgap_view_derive(&view, fn, CAPGAP_KERNEL_6_4);
	ck_assert(capgap_view_change(&view, fn, 0, &edit));
	ck_assert_uint_eq(edit.off, 0x34);
	ck_assert_uint_eq(edit.before, 0x80);
	ck_assert_uint_eq(edit.after, 0x40);
	ck_assert(capgap_view_change(&view, fn, 0x38, &edit));
	ck_assert_uint_eq(edit.off, 0x100);
	ck_assert(capgap_view_change(&view, fn, 0x104, &edit));
	ck_assert_uint_eq(edit.off, 0x200);
	ck_assert(!capgap_view_change(&view, fn, 0x204, &edit));
}
END_TEST

static const struct {
	const char *name;
	int kernel;
} kernels[] = {
	{ ">=6.4", CAPGAP_KERNEL_6_4 },
	{ "<6.4", CAPGAP_KERNEL_OLD },
	{ "6.4", CAPGAP_KERNEL_6_4 },
	{ "6.3", CAPGAP_KERNEL_OLD },
	{ "6.3.13", CAPGAP_KERNEL_OLD },
	{ "6.12.107+deb13-amd64", CAPGAP_KERNEL_6_4 },
	{ "5.15.0-91-generic", CAPGAP_KERNEL_OLD },
	{ "7.0", CAPGAP_KERNEL_6_4 },
	{ "7.3~rc7", CAPGAP_KERNEL_6_4 },
	{ "10.1_x", CAPGAP_KERNEL_6_4 },
	{ "", -CAPGAP_E_NOENT },
	{ "6", -CAPGAP_E_NOENT },
	{ "6.", -CAPGAP_E_NOENT },
	{ ".4", -CAPGAP_E_NOENT },
	{ "v6.4", -CAPGAP_E_NOENT },
	{ "6.4x", -CAPGAP_E_NOENT },
	{ "6.1000", -CAPGAP_E_NOENT },
	{ ">=6.3", -CAPGAP_E_NOENT },
	{ " 6.4", -CAPGAP_E_NOENT },
};

START_TEST(kernels_are_found_by_class_and_version)
{
	ck_assert_int_eq(capgap_kernel_find(kernels[_i].name), kernels[_i].kernel);
}
END_TEST

START_TEST(views_have_names)
{
	ck_assert_str_eq(capgap_view_origin_name(CAPGAP_VIEW_DERIVED), "derived");
	ck_assert_str_eq(capgap_view_origin_name(CAPGAP_VIEW_DUMP), "dump");
	ck_assert_str_eq(capgap_view_origin_name(CAPGAP_VIEW_INPUT), "input");
	ck_assert_str_eq(capgap_view_origin_name(CAPGAP_VIEW_NOT_TAKEN), "not-taken");
	ck_assert_str_eq(capgap_hiding_name(CAPGAP_HIDING_UNLINKED), "unlinked");
	ck_assert_str_eq(capgap_hiding_name(CAPGAP_HIDING_NULL_HEADER), "null-header");
	ck_assert_str_eq(capgap_hiding_name(CAPGAP_HIDING_ZERO), "zero");
	ck_assert_str_eq(capgap_hiding_name(CAPGAP_HIDING_FAILS), "still-linked");
}
END_TEST

Suite *view_suite(void)
{
	Suite *suite = suite_create("view");
	TCase *derived = tcase_create("derived");
	TCase *told = tcase_create("told");

	tcase_add_loop_test(derived, view_shows_what_vfio_knows, 0, ROWS(shown));
	tcase_add_loop_test(derived, view_unlinks_what_vfio_hides, 0, ROWS(unlinked));
	tcase_add_loop_test(derived, view_keeps_a_null_header_for_a_hidden_head, 0,
			    ROWS(heads));
	tcase_add_loop_test(derived, view_reads_zero_where_nothing_is_left, 0,
			    ROWS(empty));
	tcase_add_loop_test(derived, view_unlinks_in_pci_compatible_space, 0,
			    ROWS(conventional));
	tcase_add_loop_test(derived, view_follows_the_kernels_walk, 0, ROWS(kernel));
	tcase_add_loop_test(derived, view_shows_the_hardware_where_the_kernel_does, 0,
			    ROWS(overruled));
	tcase_add_loop_test(derived, view_ends_where_bytes_are_absent, 0, ROWS(unread));
	tcase_add_test(derived, view_of_a_bridge_is_nobodys);
	tcase_add_test(derived, view_fills_in_what_a_virtual_function_lacks);
	tcase_add_test(derived, view_leaves_the_header_of_others);
	tcase_add_loop_test(derived, view_finds_what_ends_behind_the_space, 0,
			    ROWS(ends));
	tcase_add_loop_test(derived, view_knows_each_id_as_the_kernel_does, 0, 0x3c);
	suite_add_tcase(suite, derived);
	tcase_add_loop_test(told, view_lists_what_is_hidden, 0, ROWS(lists));
	tcase_add_test(told, view_lists_the_dwords_that_differ);
	tcase_add_loop_test(told, kernels_are_found_by_class_and_version, 0,
			    ROWS(kernels));
	tcase_add_test(told, views_have_names);
	suite_add_tcase(suite, told);
	return suite;
}
