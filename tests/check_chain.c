/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The walks of both lists: what they follow, where they stop, what they report. */
#include <string.h>

#include "../analyzer/chain.h"
#include "suites.h"
#include "support.h"

/**
 * struct entry - one capability as the list links it
 * @off: its offset; 0 ends a list of entries
 * @id: capability id
 * @version: 0 in the PCI-compatible list
 * @next: masked
 * @from: the pointer byte that leads there; in the extended list the header
 */
struct entry {
	uint16_t off, id;
	uint8_t version;
	uint16_t next, from;
};

#define ENTRIES_MAX 5
#define HITS_MAX 4

/**
 * struct row - an image, and all that the walk says of it
 * @name: for messages
 * @image: how to build it
 * @is_vf: walked as a virtual function
 * @conv: PCI-compatible list
 * @ext: extended list
 * @hit: findings, and no others
 * @conv_open: the PCI-compatible list was not followed to its end
 * @ext_open: the extended list was looked for, but not followed to its end
 * @no_ext: the extended list is not looked for
 * @conv_end: where the one list breaks
 * @ext_end: where the other one breaks
 */
struct row {
	const char *name;
	struct support_image image;
	bool is_vf;
	struct entry conv[ENTRIES_MAX];
	struct entry ext[ENTRIES_MAX];
	struct capgap_hit hit[HITS_MAX];
	bool conv_open, ext_open, no_ext;
	uint16_t conv_end, ext_end;
};

/* The list of the endpoint that most images begin with. */
#define EXP_ONLY                                                                         \
	{                                                                                \
		{                                                                        \
			0x40, 0x10, 0, 0, 0x34                                           \
		}                                                                        \
	}
#define EXP_THEN(next)                                                                   \
	{                                                                                \
		0x40, 0x10, 0, (next), 0x34                                              \
	}

static struct capgap_chain chain;
static struct capgap_findings hits;

static void walk(const struct support_image *how, bool is_vf)
{
	struct capgap_record rec;

	support_record(&rec, how);
	hits.n = 0;
	capgap_chain_walk(&chain, &rec.image, is_vf, &hits);
}

static void same_list(const struct row *row, enum capgap_space space,
		      const struct capgap_cap *got, unsigned n)
{
	const struct entry *want = space == CAPGAP_CONV ? row->conv : row->ext;
	unsigned i;

	for (i = 0; i < ENTRIES_MAX && want[i].off; i++) {
		ck_assert_msg(i < n, "%s: 0x%03x is not in the list", row->name,
			      want[i].off);
		ck_assert_int_eq(got[i].space, space);
		ck_assert_msg(got[i].off == want[i].off,
			      "%s: %u is at 0x%03x, not 0x%03x", row->name, i, got[i].off,
			      want[i].off);
		ck_assert_msg(got[i].id == want[i].id, "%s: 0x%03x has id %04x, not %04x",
			      row->name, got[i].off, got[i].id, want[i].id);
		ck_assert_msg(got[i].version == want[i].version,
			      "%s: 0x%03x has version %u", row->name, got[i].off,
			      got[i].version);
		ck_assert_msg(got[i].next == want[i].next, "%s: 0x%03x goes on at 0x%03x",
			      row->name, got[i].off, got[i].next);
		ck_assert_msg(got[i].from == want[i].from, "%s: 0x%03x comes from 0x%03x",
			      row->name, got[i].off, got[i].from);
	}
	ck_assert_msg(i == n, "%s: %u entries more", row->name, n - i);
}

static void check_row(const struct row *row)
{
	walk(&row->image, row->is_vf);
	support_same_hits(row->name, &hits, row->hit, HITS_MAX);
	same_list(row, CAPGAP_CONV, chain.cap, chain.n_conv);
	same_list(row, CAPGAP_EXT, chain.cap + chain.n_conv, chain.n - chain.n_conv);
	ck_assert_msg(chain.conv_complete == !row->conv_open, "%s: conv_complete",
		      row->name);
	ck_assert_msg(chain.ext_walked == !row->no_ext, "%s: ext_walked", row->name);
	ck_assert_msg(chain.ext_complete == !(row->ext_open || row->no_ext),
		      "%s: ext_complete", row->name);
	ck_assert_msg(chain.conv_end == row->conv_end, "%s: conv_end", row->name);
	ck_assert_msg(chain.ext_end == row->ext_end, "%s: ext_end", row->name);
}

static const struct row sound[] = {
	{ "a PCI Express function without extended capabilities", .conv = EXP_ONLY },
	{ "both lists",
	  { .step = { PUT8(0x34, 0x80), CONV(0x80, 0x01, 0x90), CONV(0x90, 0x05, 0x40),
		      EXT(0x100, 0x0001, 1, 0x150), EXT(0x150, 0x0003, 1, 0) } },
	  .conv = { { 0x80, 0x01, 0, 0x90, 0x34 },
		    { 0x90, 0x05, 0, 0x40, 0x81 },
		    { 0x40, 0x10, 0, 0, 0x91 } },
	  .ext = { { 0x100, 0x0001, 1, 0x150, 0x100 }, { 0x150, 0x0003, 1, 0, 0x100 } } },
	{ "in any order, as on a PLX 8532",
	  { .step = { EXT(0x100, 0x0003, 1, 0xfb4), EXT(0xfb4, 0x0001, 1, 0x138),
		      EXT(0x138, 0x0004, 1, 0x148), EXT(0x148, 0x0002, 1, 0) } },
	  .conv = EXP_ONLY,
	  .ext = { { 0x100, 0x0003, 1, 0xfb4, 0x100 },
		   { 0xfb4, 0x0001, 1, 0x138, 0x100 },
		   { 0x138, 0x0004, 1, 0x148, 0xfb4 },
		   { 0x148, 0x0002, 1, 0, 0x138 } } },
	{ "the first and the last dword of each space",
	  { .step = { PUT8(0x41, 0xfc), CONV(0xfc, 0x04, 0), EXT(0x100, 0x000f, 1, 0xffc),
		      EXT(0xffc, 0, 1, 0x200), EXT(0x200, 0x0003, 2, 0) } },
	  .conv = { EXP_THEN(0xfc), { 0xfc, 0x04, 0, 0, 0x41 } },
	  .ext = { { 0x100, 0x000f, 1, 0xffc, 0x100 },
		   { 0xffc, 0x0000, 1, 0x200, 0x100 },
		   { 0x200, 0x0003, 2, 0, 0xffc } },
	  .hit = { HIT(NULL_HEADER, 0xffc, 4, 0x200, 0) } },
	{ "structures that may repeat",
	  { .step = { PUT8(0x41, 0x80), CONV(0x80, 0x09, 0x90), PUT8(0x82, 16),
		      CONV(0x90, 0x09, 0xa0), PUT8(0x92, 16), CONV(0xa0, 0x08, 0xb0),
		      PUT16(0xa2, 0xa800), CONV(0xb0, 0x08, 0), PUT16(0xb2, 0xa800),
		      EXT(0x100, 0x000b, 1, 0x110), VENDOR_LENGTH(0x100, 16),
		      EXT(0x110, 0x000b, 1, 0x120), VENDOR_LENGTH(0x110, 16),
		      EXT(0x120, 0x0023, 1, 0x130), VENDOR_LENGTH(0x120, 16),
		      EXT(0x130, 0x0023, 1, 0), VENDOR_LENGTH(0x130, 16) } },
	  .conv = { EXP_THEN(0x80),
		    { 0x80, 0x09, 0, 0x90, 0x41 },
		    { 0x90, 0x09, 0, 0xa0, 0x81 },
		    { 0xa0, 0x08, 0, 0xb0, 0x91 },
		    { 0xb0, 0x08, 0, 0, 0xa1 } },
	  .ext = { { 0x100, 0x000b, 1, 0x110, 0x100 },
		   { 0x110, 0x000b, 1, 0x120, 0x100 },
		   { 0x120, 0x0023, 1, 0x130, 0x110 },
		   { 0x130, 0x0023, 1, 0, 0x120 } } },
};

START_TEST(chain_follows_both_lists)
{
	check_row(&sound[_i]);
}
END_TEST

static const struct row nulls[] = {
	{ "a null extended head",
	  { .step = { EXT(0x100, 0, 0, 0x120), EXT(0x120, 0x0003, 1, 0) } },
	  .conv = EXP_ONLY,
	  .ext = { { 0x100, 0, 0, 0x120, 0x100 }, { 0x120, 0x0003, 1, 0, 0x100 } },
	  .hit = { HIT(NULL_HEADER, 0x100, 4, 0x120, 0) } },
	{ "two null headers in a row",
	  { .step = { EXT(0x100, 0x0003, 1, 0x120), EXT(0x120, 0, 0, 0x124),
		      EXT(0x124, 0, 0, 0x130), EXT(0x130, 0x000f, 1, 0) } },
	  .conv = EXP_ONLY,
	  .ext = { { 0x100, 0x0003, 1, 0x120, 0x100 },
		   { 0x120, 0, 0, 0x124, 0x100 },
		   { 0x124, 0, 0, 0x130, 0x120 },
		   { 0x130, 0x000f, 1, 0, 0x124 } },
	  .hit = { HIT(NULL_HEADER, 0x120, 4, 0x124, 0),
		   HIT(NULL_HEADER, 0x124, 4, 0x130, 0) } },
	{ "a null PCI-compatible capability",
	  { .step = { PUT8(0x34, 0x80), CONV(0x80, 0, 0x40) } },
	  .conv = { { 0x80, 0, 0, 0x40, 0x34 }, { 0x40, 0x10, 0, 0, 0x81 } },
	  .hit = { HIT(NULL_HEADER, 0x80, 4, 0x40, 0) } },
};

START_TEST(chain_follows_null_headers)
{
	check_row(&nulls[_i]);
}
END_TEST

static const struct row loops[] = {
	{ "a capability that points to itself",
	  { .step = { PUT8(0x41, 0x40) } },
	  .conv = { EXP_THEN(0x40) },
	  .hit = { HIT(CONV_LOOP, 0x41, 1, 0x41, 0x40) } },
	{ "three capabilities in a ring",
	  { .step = { PUT8(0x34, 0x80), CONV(0x80, 0x01, 0x90), CONV(0x90, 0x05, 0x40),
		      PUT8(0x41, 0x80) } },
	  .conv = { { 0x80, 0x01, 0, 0x90, 0x34 },
		    { 0x90, 0x05, 0, 0x40, 0x81 },
		    { 0x40, 0x10, 0, 0x80, 0x91 } },
	  .hit = { HIT(CONV_LOOP, 0x41, 1, 0x41, 0x80) } },
	{ "an extended capability that points to itself",
	  { .step = { EXT(0x100, 0x0003, 1, 0x100) } },
	  .conv = EXP_ONLY,
	  .ext = { { 0x100, 0x0003, 1, 0x100, 0x100 } },
	  .hit = { HIT(EXT_LOOP, 0x100, 4, 0x100, 0x100) } },
	{ "two extended capabilities in a ring",
	  { .step = { EXT(0x100, 0x0003, 1, 0x200), EXT(0x200, 0x000f, 1, 0x100) } },
	  .conv = EXP_ONLY,
	  .ext = { { 0x100, 0x0003, 1, 0x200, 0x100 },
		   { 0x200, 0x000f, 1, 0x100, 0x100 } },
	  .hit = { HIT(EXT_LOOP, 0x200, 4, 0x200, 0x100) } },
	{ "a ring that does not hold the head",
	  { .step = { EXT(0x100, 0x0003, 1, 0x200), EXT(0x200, 0x000f, 1, 0x300),
		      EXT(0x300, 0x000e, 1, 0x200) } },
	  .conv = EXP_ONLY,
	  .ext = { { 0x100, 0x0003, 1, 0x200, 0x100 },
		   { 0x200, 0x000f, 1, 0x300, 0x100 },
		   { 0x300, 0x000e, 1, 0x200, 0x200 } },
	  .hit = { HIT(EXT_LOOP, 0x300, 4, 0x300, 0x200) } },
	{ "a ring of null headers",
	  { .step = { EXT(0x100, 0, 0, 0x100) } },
	  .conv = EXP_ONLY,
	  .ext = { { 0x100, 0, 0, 0x100, 0x100 } },
	  .hit = { HIT(NULL_HEADER, 0x100, 4, 0x100, 0),
		   HIT(EXT_LOOP, 0x100, 4, 0x100, 0x100) } },
};

START_TEST(chain_stops_at_loop)
{
	check_row(&loops[_i]);
}
END_TEST

/*
 * Null headers at every dword from 0x100 to 0xffc, then from 0x004 to 0x0fc, and
 * back to 0x100: 960 + 63 entries. The header that this makes is of type 0 and
 * has no PCI-compatible list.
 */
START_TEST(chain_survives_the_longest_list)
{
	static const struct support_image blank = { .base = BASE_BLANK };
	struct capgap_record rec;
	uint32_t next;

	support_record(&rec, &blank);
	for (uint32_t off = 4; off < 4096; off += 4) {
		next = off == 0xffc ? 4 : off + 4;
		support_step(&rec, &(struct support_step)EXT(off, 0, 0, next));
	}
	hits.n = 0;
	capgap_chain_walk(&chain, &rec.image, true, &hits);
	ck_assert_uint_eq(chain.n_conv, 0);
	ck_assert_uint_eq(chain.n, 1023);
	ck_assert_uint_eq(chain.cap[0].off, 0x100);
	ck_assert_uint_eq(chain.cap[959].off, 0xffc);
	ck_assert_uint_eq(chain.cap[960].off, 0x004);
	ck_assert_uint_eq(chain.cap[1022].off, 0x0fc);
	ck_assert_ptr_nonnull(support_find(&hits, CAPGAP_F_EXT_LOOP));
	/* A null header each, 63 low pointers, the loop, and the unlinked PCI Express. */
	ck_assert_uint_eq(hits.n, 1023 + 63 + 1 + 1);
}
END_TEST

static const struct row misaligned[] = {
	{ "the first pointer",
	  { .step = { PUT8(0x34, 0x43) } },
	  .conv = EXP_ONLY,
	  .hit = { HIT(CONV_MISALIGNED, 0x34, 1, 0x34, 0x43) } },
	{ "a next pointer",
	  { .step = { PUT8(0x41, 0x82), CONV(0x80, 0x01, 0) } },
	  .conv = { EXP_THEN(0x80), { 0x80, 0x01, 0, 0, 0x41 } },
	  .hit = { HIT(CONV_MISALIGNED, 0x41, 1, 0x41, 0x82) } },
	{ "a last pointer of which nothing is left",
	  { .step = { PUT8(0x41, 0x03) } },
	  .conv = EXP_ONLY,
	  .hit = { HIT(CONV_MISALIGNED, 0x41, 1, 0x41, 0x03) } },
	{ "an extended next pointer",
	  { .step = { EXT(0x100, 0x0003, 1, 0x123), EXT(0x120, 0x000f, 1, 0) } },
	  .conv = EXP_ONLY,
	  .ext = { { 0x100, 0x0003, 1, 0x120, 0x100 }, { 0x120, 0x000f, 1, 0, 0x100 } },
	  .hit = { HIT(EXT_MISALIGNED, 0x100, 4, 0x100, 0x123) } },
	{ "a last extended pointer of which nothing is left",
	  { .step = { EXT(0x100, 0x0003, 1, 0x001) } },
	  .conv = EXP_ONLY,
	  .ext = { { 0x100, 0x0003, 1, 0, 0x100 } },
	  .hit = { HIT(EXT_MISALIGNED, 0x100, 4, 0x100, 0x001) } },
};

START_TEST(chain_masks_misaligned_pointers)
{
	check_row(&misaligned[_i]);
}
END_TEST

static const struct row low[] = {
	{ "the first pointer, into the header",
	  { .step = { PUT8(0x34, 0x20), CONV(0x20, 0x01, 0x40) } },
	  .conv = { { 0x20, 0x01, 0, 0x40, 0x34 }, { 0x40, 0x10, 0, 0, 0x21 } },
	  .hit = { HIT(CONV_POINTER_LOW, 0x34, 1, 0x34, 0x20) } },
	{ "a next pointer, misaligned too",
	  { .step = { PUT8(0x41, 0x2e), CONV(0x2c, 0x01, 0) } },
	  .conv = { EXP_THEN(0x2c), { 0x2c, 0x01, 0, 0, 0x41 } },
	  .hit = { HIT(CONV_MISALIGNED, 0x41, 1, 0x41, 0x2e),
		   HIT(CONV_POINTER_LOW, 0x41, 1, 0x41, 0x2e) } },
	{ "an extended next pointer, and back",
	  { .step = { EXT(0x100, 0x0003, 1, 0x0c0), EXT(0x0c0, 0x000f, 1, 0x200),
		      EXT(0x200, 0x000e, 1, 0) } },
	  .conv = EXP_ONLY,
	  .ext = { { 0x100, 0x0003, 1, 0x0c0, 0x100 },
		   { 0x0c0, 0x000f, 1, 0x200, 0x100 },
		   { 0x200, 0x000e, 1, 0, 0x0c0 } },
	  .hit = { HIT(EXT_POINTER_LOW, 0x100, 4, 0x100, 0x0c0) } },
	{ "an extended next pointer into the header, misaligned too",
	  { .step = { EXT(0x100, 0x0003, 1, 0x011) } },
	  .conv = EXP_ONLY,
	  .ext = { { 0x100, 0x0003, 1, 0x010, 0x100 } },
	  .hit = { HIT(EXT_MISALIGNED, 0x100, 4, 0x100, 0x011),
		   HIT(EXT_POINTER_LOW, 0x100, 4, 0x100, 0x011),
		   HIT(EXT_TAIL, 0x010, 4, 0x100, 0) },
	  .ext_end = 0x010 },
};

START_TEST(chain_follows_low_pointers_as_lspci_does)
{
	check_row(&low[_i]);
}
END_TEST

static const struct row broken[] = {
	{ "id ff in the PCI-compatible list",
	  { .step = { PUT8(0x41, 0x80), FILL(0x80, 4, 0xff) } },
	  .conv = { EXP_THEN(0x80) },
	  .hit = { HIT(CONV_BROKEN, 0x80, 4, 0x41, 0x80) },
	  .conv_open = true,
	  .conv_end = 0x80 },
	{ "id ff at its head",
	  { .step = { PUT8(0x34, 0x80), FILL(0x80, 4, 0xff) } },
	  .hit = { HIT(CONV_BROKEN, 0x80, 4, 0x34, 0x80) },
	  .conv_open = true,
	  .no_ext = true,
	  .conv_end = 0x80 },
	{ "all ones at the extended head",
	  { .step = { FILL(0x100, 4, 0xff) } },
	  .conv = EXP_ONLY,
	  .hit = { HIT(EXT_ONES, 0x100, 4, 0, 0) },
	  .ext_open = true,
	  .ext_end = 0x100 },
	{ "all ones further on",
	  { .step = { EXT(0x100, 0x0003, 1, 0x200), FILL(0x200, 4, 0xff) } },
	  .conv = EXP_ONLY,
	  .ext = { { 0x100, 0x0003, 1, 0x200, 0x100 } },
	  .hit = { HIT(EXT_ONES, 0x200, 4, 0, 0) },
	  .ext_open = true,
	  .ext_end = 0x200 },
	{ "a header of zeros further on",
	  { .step = { EXT(0x100, 0x0003, 1, 0x200) } },
	  .conv = EXP_ONLY,
	  .ext = { { 0x100, 0x0003, 1, 0x200, 0x100 } },
	  .hit = { HIT(EXT_TAIL, 0x200, 4, 0x100, 0) },
	  .ext_end = 0x200 },
	{ "id ffff, as QEMU's stub, followed as lspci and libpci do",
	  { .step = { EXT(0x100, 0xffff, 0, 0x200), EXT(0x200, 0x0003, 1, 0) } },
	  .conv = EXP_ONLY,
	  .ext = { { 0x100, 0xffff, 0, 0x200, 0x100 }, { 0x200, 0x0003, 1, 0, 0x100 } },
	  .hit = { HIT(ID_FFFF, 0x100, 4, 0, 0), HIT(LENGTH_UNKNOWN, 0x100, 4, 0, 0) } },
	{ "version 0, as on Intel X58",
	  { .step = { EXT(0x100, 0x000b, 0, 0x200), VENDOR_LENGTH(0x100, 12),
		      EXT(0x200, 0x0003, 1, 0) } },
	  .conv = EXP_ONLY,
	  .ext = { { 0x100, 0x000b, 0, 0x200, 0x100 }, { 0x200, 0x0003, 1, 0, 0x100 } },
	  .hit = { HIT(VERSION_ZERO, 0x100, 4, 0, 0) } },
	{ "a PCI-compatible id in no table",
	  { .step = { PUT8(0x41, 0x80), CONV(0x80, 0x16, 0) } },
	  .conv = { EXP_THEN(0x80), { 0x80, 0x16, 0, 0, 0x41 } },
	  .hit = { HIT(ID_UNKNOWN, 0x80, 4, 0x16, 0),
		   HIT(LENGTH_UNKNOWN, 0x80, 4, 0, 0) } },
	{ "an extended id in no table",
	  { .step = { EXT(0x100, 0x003b, 1, 0) } },
	  .conv = EXP_ONLY,
	  .ext = { { 0x100, 0x003b, 1, 0, 0x100 } },
	  .hit = { HIT(ID_UNKNOWN, 0x100, 4, 0x3b, 0),
		   HIT(LENGTH_UNKNOWN, 0x100, 4, 0, 0) } },
	{ "Power Management twice",
	  { .step = { PUT8(0x41, 0x80), CONV(0x80, 0x01, 0x90), CONV(0x90, 0x01, 0) } },
	  .conv = { EXP_THEN(0x80),
		    { 0x80, 0x01, 0, 0x90, 0x41 },
		    { 0x90, 0x01, 0, 0, 0x81 } },
	  .hit = { HIT(REPEATED, 0x90, 4, 0x80, 0) } },
	{ "a serial number three times",
	  { .step = { EXT(0x100, 0x0003, 1, 0x110), EXT(0x110, 0x0003, 1, 0x120),
		      EXT(0x120, 0x0003, 1, 0) } },
	  .conv = EXP_ONLY,
	  .ext = { { 0x100, 0x0003, 1, 0x110, 0x100 },
		   { 0x110, 0x0003, 1, 0x120, 0x100 },
		   { 0x120, 0x0003, 1, 0, 0x110 } },
	  .hit = { HIT(REPEATED, 0x110, 4, 0x100, 0),
		   HIT(REPEATED, 0x120, 4, 0x100, 0) } },
};

START_TEST(chain_reports_what_is_wrong_and_goes_on)
{
	check_row(&broken[_i]);
}
END_TEST

static const struct row sizes[] = {
	{ "64 bytes: the list leaves them at once",
	  { .size = 64 },
	  .hit = { HIT(CONV_ABSENT, 0x34, 1, 0x34, 0x40) },
	  .conv_open = true,
	  .no_ext = true },
	{ "0xa0 bytes: the list leaves them later",
	  { .size = 0xa0, .step = { PUT8(0x41, 0xa0) } },
	  .conv = { EXP_THEN(0xa0) },
	  .hit = { HIT(CONV_ABSENT, 0x41, 1, 0x41, 0xa0) },
	  .conv_open = true,
	  .no_ext = true },
	{ "an image that ends between id and next pointer",
	  { .size = 0x81, .step = { PUT8(0x41, 0x80), CONV(0x80, 0x01, 0x90) } },
	  .conv = { EXP_THEN(0x80), { 0x80, 0x01, 0, 0, 0x41 } },
	  .hit = { HIT(CONV_ABSENT, 0x81, 1, 0x81, 0x81) },
	  .conv_open = true,
	  .no_ext = true },
	{ "256 bytes", { .size = 256 }, .conv = EXP_ONLY, .no_ext = true },
	{ "0x102 bytes: half a header",
	  { .size = 0x102 },
	  .conv = EXP_ONLY,
	  .hit = { HIT(EXT_ABSENT, 0x100, 4, 0x100, 0x100) },
	  .ext_open = true },
	{ "0x200 bytes: the list ends inside",
	  { .size = 0x200,
	    .step = { EXT(0x100, 0x0003, 1, 0x1f8), EXT(0x1f8, 0x000f, 1, 0) } },
	  .conv = EXP_ONLY,
	  .ext = { { 0x100, 0x0003, 1, 0x1f8, 0x100 }, { 0x1f8, 0x000f, 1, 0, 0x100 } } },
	{ "0x200 bytes: the list leaves them",
	  { .size = 0x200,
	    .step = { EXT(0x100, 0x0003, 1, 0x1f8), EXT(0x1f8, 0x000f, 1, 0x200) } },
	  .conv = EXP_ONLY,
	  .ext = { { 0x100, 0x0003, 1, 0x1f8, 0x100 },
		   { 0x1f8, 0x000f, 1, 0x200, 0x100 } },
	  .hit = { HIT(EXT_ABSENT, 0x1f8, 4, 0x1f8, 0x200) },
	  .ext_open = true },
	{ "0x600 bytes: the list leaves them",
	  { .size = 0x600, .step = { EXT(0x100, 0x0003, 1, 0x700) } },
	  .conv = EXP_ONLY,
	  .ext = { { 0x100, 0x0003, 1, 0x700, 0x100 } },
	  .hit = { HIT(EXT_ABSENT, 0x100, 4, 0x100, 0x700) },
	  .ext_open = true },
	{ "a lost row at 0x100",
	  { .step = { EXT(0x100, 0x0003, 1, 0x200), DROP(0x100, 16) } },
	  .conv = EXP_ONLY,
	  .hit = { HIT(EXT_ABSENT, 0x100, 4, 0x100, 0x100) },
	  .ext_open = true },
	{ "a lost row in the PCI-compatible list",
	  { .step = { PUT8(0x41, 0x80), CONV(0x80, 0x01, 0x90), DROP(0x80, 16) } },
	  .conv = { EXP_THEN(0x80) },
	  .hit = { HIT(CONV_ABSENT, 0x41, 1, 0x41, 0x80) },
	  .conv_open = true },
	{ "a lost row with the first pointer",
	  { .step = { DROP(0x30, 16) } },
	  .conv_open = true,
	  .no_ext = true },
	{ "a lost row with the status",
	  { .step = { DROP(0x00, 16) } },
	  .conv_open = true,
	  .no_ext = true },
};

START_TEST(chain_stops_where_bytes_are_absent)
{
	check_row(&sizes[_i]);
}
END_TEST

static const struct row headers[] = {
	{ "a bridge, multi-function",
	  { .step = { PUT8(0x0e, 0x81) } },
	  .conv = EXP_ONLY },
	{ "a CardBus bridge: its pointer is at 0x14",
	  { .base = BASE_CONVENTIONAL,
	    .step = { PUT8(0x0e, 0x02), PUT8(0x14, 0x80), CONV(0x80, 0x05, 0) } },
	  .conv = { { 0x80, 0x05, 0, 0, 0x14 } },
	  .hit = { HIT(CARDBUS_POINTER, 0x14, 0, 0, 0) },
	  .no_ext = true },
	{ "a CardBus bridge without a list",
	  { .base = BASE_CONVENTIONAL,
	    .step = { PUT8(0x0e, 0x02), PUT8(0x14, 0x80), PUT16(0x06, 0) } },
	  .hit = { HIT(LIST_OFF, 0x14, 1, 0x80, 0) },
	  .no_ext = true },
	{ "header type 3",
	  { .step = { PUT8(0x0e, 0x03) } },
	  .hit = { HIT(HEADER_TYPE, 0x0e, 0, 3, 0) },
	  .conv_open = true,
	  .no_ext = true },
	{ "header type 7f, multi-function",
	  { .step = { PUT8(0x0e, 0xff) } },
	  .hit = { HIT(HEADER_TYPE, 0x0e, 0, 0x7f, 0) },
	  .conv_open = true,
	  .no_ext = true },
	{ "no list by the status, though there is a pointer",
	  { .step = { PUT16(0x06, 0xffef) } },
	  .hit = { HIT(LIST_OFF, 0x34, 1, 0x40, 0) },
	  .no_ext = true },
	{ "no list by the status, and no pointer",
	  { .step = { PUT16(0x06, 0), PUT8(0x34, 0) } },
	  .no_ext = true },
	{ "a list that is empty", { .step = { PUT8(0x34, 0) } }, .no_ext = true },
};

START_TEST(chain_begins_where_the_header_says)
{
	check_row(&headers[_i]);
}
END_TEST

static const struct row asked[] = {
	{ "neither PCI Express nor PCI-X",
	  { .base = BASE_CONVENTIONAL, .step = { EXT(0x100, 0x0003, 1, 0) } },
	  .conv = { { 0x40, 0x01, 0, 0, 0x34 } },
	  .no_ext = true },
	{ "PCI-X",
	  { .base = BASE_CONVENTIONAL,
	    .step = { PUT8(0x40, 0x07), EXT(0x100, 0x0003, 1, 0) } },
	  .conv = { { 0x40, 0x07, 0, 0, 0x34 } },
	  .ext = { { 0x100, 0x0003, 1, 0, 0x100 } },
	  .hit = { HIT(EXT_VIA_PCIX, 0x100, 0, 0, 0) } },
	{ "PCI-X, and nothing there",
	  { .base = BASE_CONVENTIONAL, .step = { PUT8(0x40, 0x07) } },
	  .conv = { { 0x40, 0x07, 0, 0, 0x34 } } },
	{ "PCI Express and PCI-X",
	  { .step = { PUT8(0x41, 0x80), CONV(0x80, 0x07, 0), EXT(0x100, 0x0003, 1, 0) } },
	  .conv = { EXP_THEN(0x80), { 0x80, 0x07, 0, 0, 0x41 } },
	  .ext = { { 0x100, 0x0003, 1, 0, 0x100 } } },
	{ "a virtual function whose PCI Express capability is not linked",
	  { .base = BASE_CONVENTIONAL, .step = { EXT(0x100, 0x000e, 1, 0) } },
	  .is_vf = true,
	  .conv = { { 0x40, 0x01, 0, 0, 0x34 } },
	  .ext = { { 0x100, 0x000e, 1, 0, 0x100 } },
	  .hit = { HIT(PCIE_UNLINKED, 0, 0, 0, 0) } },
	{ "a virtual function of 256 bytes",
	  { .base = BASE_CONVENTIONAL, .size = 256 },
	  .is_vf = true,
	  .conv = { { 0x40, 0x01, 0, 0, 0x34 } },
	  .hit = { HIT(PCIE_UNLINKED, 0, 0, 0, 0) },
	  .no_ext = true },
	{ "a virtual function that links it",
	  { .base = BASE_VF, .step = { EXT(0x100, 0x000e, 1, 0) } },
	  .is_vf = true,
	  .conv = EXP_ONLY,
	  .ext = { { 0x100, 0x000e, 1, 0, 0x100 } } },
};

START_TEST(chain_walks_the_extended_list_where_lspci_does)
{
	check_row(&asked[_i]);
}
END_TEST

/* One capability of an image: how many bytes it has and holds, and how that is known. */
static const struct {
	const char *name;
	struct support_image image;
	uint16_t off, len, owned;
	enum capgap_extent extent;
	struct capgap_hit hit[2];
} extents[] = {
	{ "6 bytes, padded",
	  { .step = { PUT8(0x41, 0x80), CONV(0x80, 0x13, 0), PUT8(0x82, 6) } },
	  0x80,
	  6,
	  8,
	  CAPGAP_EXTENT_FIXED,
	  { { 0 } } },
	{ "10 bytes, padded",
	  { .step = { PUT8(0x41, 0x80), CONV(0x80, 0x05, 0) } },
	  0x80,
	  10,
	  12,
	  CAPGAP_EXTENT_COMPUTED,
	  { { 0 } } },
	{ "a DVSEC of 10 bytes, padded",
	  { .step = { EXT(0x100, 0x0023, 1, 0), VENDOR_LENGTH(0x100, 10) } },
	  0x100,
	  10,
	  12,
	  CAPGAP_EXTENT_DECLARED,
	  { { 0 } } },
	{ "a fixed structure past 0xff",
	  { .step = { PUT8(0x41, 0xfc), CONV(0xfc, 0x01, 0) } },
	  0xfc,
	  8,
	  4,
	  CAPGAP_EXTENT_FIXED,
	  { HIT(PAST_END, 0xfc, 4, 8, 4) } },
	{ "a structure that ends at 0xff",
	  { .step = { PUT8(0x41, 0xf8), CONV(0xf8, 0x01, 0) } },
	  0xf8,
	  8,
	  8,
	  CAPGAP_EXTENT_FIXED,
	  { { 0 } } },
	{ "vendor-specific, length 255, as on an ASUS P6T6",
	  { .step = { PUT8(0x34, 0x50), CONV(0x50, 0x09, 0), PUT8(0x52, 255) } },
	  0x50,
	  255,
	  0xb0,
	  CAPGAP_EXTENT_DECLARED,
	  { HIT(PAST_END, 0x50, 0xb0, 255, 0xb0) } },
	{ "a fixed structure past 0xfff",
	  { .step = { EXT(0x100, 0x000f, 1, 0xff8), EXT(0xff8, 0x0003, 1, 0) } },
	  0xff8,
	  12,
	  8,
	  CAPGAP_EXTENT_FIXED,
	  { HIT(PAST_END, 0xff8, 8, 12, 8) } },
	{ "a structure that ends at 0xfff",
	  { .step = { EXT(0x100, 0x000f, 1, 0xff4), EXT(0xff4, 0x0003, 1, 0) } },
	  0xff4,
	  12,
	  12,
	  CAPGAP_EXTENT_FIXED,
	  { { 0 } } },
	{ "a cautious figure past 0xfff is only clipped",
	  { .step = { EXT(0x100, 0x000f, 1, 0xfe0), EXT(0xfe0, 0x0001, 2, 0) } },
	  0xfe0,
	  0,
	  0x20,
	  CAPGAP_EXTENT_ATMOST,
	  { { 0 } } },
	{ "an unknown id holds its header",
	  { .step = { EXT(0x100, 0x003b, 1, 0) } },
	  0x100,
	  0,
	  4,
	  CAPGAP_EXTENT_UNKNOWN,
	  { HIT(ID_UNKNOWN, 0x100, 4, 0x3b, 0), HIT(LENGTH_UNKNOWN, 0x100, 4, 0, 0) } },
	{ "PCI Express of version 0",
	  { .step = { PUT16(0x42, 0x0000) } },
	  0x40,
	  0,
	  0x3c,
	  CAPGAP_EXTENT_ATMOST,
	  { HIT(PCIE_VERSION, 0x40, 0x3c, 0, 0) } },
	{ "a length that is not there to be read",
	  { .step = { EXT(0x10c, 0x000b, 1, 0), EXT(0x100, 0x000f, 1, 0x10c),
		      DROP(0x110, 16) } },
	  0x10c,
	  0,
	  8,
	  CAPGAP_EXTENT_UNKNOWN,
	  { HIT(LENGTH_UNKNOWN, 0x10c, 8, 0, 0) } },
	{ "a PCI-compatible length that reaches behind 0xff is not read there",
	  { .step = { PUT8(0x41, 0xfc), CONV(0xfc, 0x12, 0), EXT(0x100, 0x000f, 1, 0) } },
	  0xfc,
	  0,
	  4,
	  CAPGAP_EXTENT_UNKNOWN,
	  { HIT(LENGTH_UNKNOWN, 0xfc, 4, 0, 0) } },
};

START_TEST(chain_pads_and_clips_what_is_owned)
{
	const struct capgap_cap *cap = NULL;

	walk(&extents[_i].image, false);
	for (unsigned i = 0; i < chain.n; i++) {
		if (chain.cap[i].off == extents[_i].off)
			cap = &chain.cap[i];
	}
	if (!cap) {
		ck_abort_msg("%s", extents[_i].name);
		return;
	}
	ck_assert_msg(cap->len == extents[_i].len, "%s: len %u", extents[_i].name,
		      cap->len);
	ck_assert_msg(cap->owned == extents[_i].owned, "%s: owned %u", extents[_i].name,
		      cap->owned);
	ck_assert_msg(cap->extent == extents[_i].extent, "%s: %s", extents[_i].name,
		      capgap_extent_name(cap->extent));
	support_same_hits(extents[_i].name, &hits, extents[_i].hit, 2);
}
END_TEST

START_TEST(chain_finds_the_first_of_an_id)
{
	walk(&sound[ROWS(sound) - 1].image, false);
	ck_assert_uint_eq(capgap_chain_find(&chain, CAPGAP_CONV, 0x09)->off, 0x80);
	ck_assert_uint_eq(capgap_chain_find(&chain, CAPGAP_EXT, 0x0b)->off, 0x100);
	ck_assert_uint_eq(capgap_chain_find(&chain, CAPGAP_EXT, 0x23)->off, 0x120);
	/* The same numbers mean something else in the other list. */
	ck_assert_ptr_null(capgap_chain_find(&chain, CAPGAP_EXT, 0x09));
	ck_assert_ptr_null(capgap_chain_find(&chain, CAPGAP_CONV, 0x0b));
}
END_TEST

START_TEST(chain_learns_the_context_of_length_rules)
{
	static const struct support_image how = { .step = { PUT8(0x0e, 0x80) } };
	static const struct support_image cut = { .size = 0x06 };

	walk(&how, false);
	ck_assert_uint_eq(chain.ctx.header_type, 0);
	ck_assert_uint_eq(chain.ctx.pcie, 0x40);
	ck_assert_uint_eq(chain.ctx.vendor, SUPPORT_VENDOR);
	ck_assert_uint_eq(chain.ctx.device, SUPPORT_DEVICE);
	ck_assert_uint_eq(chain.ctx.class_code, 0x020000);
	walk(&cut, false);
	ck_assert_uint_eq(chain.ctx.header_type, 0xff);
	ck_assert_uint_eq(chain.ctx.pcie, 0);
	ck_assert_uint_eq(chain.ctx.vendor, SUPPORT_VENDOR);
	ck_assert_uint_eq(chain.ctx.class_code, 0xffffff);
}
END_TEST

Suite *chain_suite(void)
{
	Suite *suite = suite_create("chain");
	TCase *walks = tcase_create("walks");
	TCase *caps = tcase_create("capabilities");

	tcase_add_loop_test(walks, chain_follows_both_lists, 0, ROWS(sound));
	tcase_add_loop_test(walks, chain_follows_null_headers, 0, ROWS(nulls));
	tcase_add_loop_test(walks, chain_stops_at_loop, 0, ROWS(loops));
	tcase_add_test(walks, chain_survives_the_longest_list);
	tcase_add_loop_test(walks, chain_masks_misaligned_pointers, 0, ROWS(misaligned));
	tcase_add_loop_test(walks, chain_follows_low_pointers_as_lspci_does, 0,
			    ROWS(low));
	tcase_add_loop_test(walks, chain_reports_what_is_wrong_and_goes_on, 0,
			    ROWS(broken));
	tcase_add_loop_test(walks, chain_stops_where_bytes_are_absent, 0, ROWS(sizes));
	tcase_add_loop_test(walks, chain_begins_where_the_header_says, 0, ROWS(headers));
	tcase_add_loop_test(walks, chain_walks_the_extended_list_where_lspci_does, 0,
			    ROWS(asked));
	suite_add_tcase(suite, walks);
	tcase_add_loop_test(caps, chain_pads_and_clips_what_is_owned, 0, ROWS(extents));
	tcase_add_test(caps, chain_finds_the_first_of_an_id);
	tcase_add_test(caps, chain_learns_the_context_of_length_rules);
	suite_add_tcase(suite, caps);
	return suite;
}
