/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs that nobody owns, and capabilities that no pointer reaches. */
#include <string.h>

#include "../analyzer/gaps.h"
#include "suites.h"
#include "support.h"

#define GAPS_WANTED 6
#define ORPHANS_WANTED 3

#define ZERO CAPGAP_CONTENT_ZERO
#define ONES CAPGAP_CONTENT_ONES
#define MIXED CAPGAP_CONTENT_MIXED

/**
 * struct row - an image, and its gaps
 * @name: for messages
 * @image: how to build it
 * @min: shortest gap
 * @gap: all of them; length 0 ends the list
 */
struct row {
	const char *name;
	struct support_image image;
	unsigned min;
	struct capgap_gap gap[GAPS_WANTED];
};

static struct capgap_record rec;
static struct capgap_chain chain;
static struct capgap_map map;
static struct capgap_orphans orphans;
static struct capgap_findings hits;
static struct capgap_gap found[CAPGAP_GAPS_MAX];

static void build(const struct support_image *how)
{
	support_record(&rec, how);
	hits.n = 0;
	capgap_chain_walk(&chain, &rec.image, false, &hits);
	capgap_map_init(&map, &rec.image);
	capgap_map_build(&map, &chain, &hits);
}

static void check_row(const struct row *row)
{
	const struct capgap_gap *want = row->gap;
	int n;
	int i;

	build(&row->image);
	n = capgap_gaps_find(&map, &rec.image, row->min, found, CAPGAP_GAPS_MAX);
	for (i = 0; i < GAPS_WANTED && want[i].len; i++) {
		ck_assert_msg(i < n, "%s: no gap at 0x%03x", row->name, want[i].off);
		ck_assert_msg(found[i].off == want[i].off && found[i].len == want[i].len,
			      "%s: gap at 0x%03x, %u bytes, not at 0x%03x, %u bytes",
			      row->name, found[i].off, found[i].len, want[i].off,
			      want[i].len);
		ck_assert_msg(found[i].content == want[i].content, "%s: 0x%03x holds %s",
			      row->name, found[i].off,
			      capgap_content_name(found[i].content));
	}
	ck_assert_msg(n == i, "%s: %d gaps, not %d", row->name, n, i);
}

/* Three structures with 8, 12 and 3784 bytes behind them. */
#define STEPWISE                                                                         \
	EXT(0x100, 0x0003, 1, 0x114), EXT(0x114, 0x000f, 1, 0x128),                      \
		EXT(0x128, 0x0013, 1, 0)

static const struct row runs[] = {
	{ "the two spaces do not run together",
	  { .base = BASE_ENDPOINT },
	  12,
	  { { 0x7c, 0x84, ZERO }, { 0x100, 0xf00, ZERO } } },
	{ "12 bytes are the least that is asked for",
	  { .step = { STEPWISE } },
	  12,
	  { { 0x7c, 0x84, ZERO }, { 0x11c, 12, ZERO }, { 0x138, 0xec8, ZERO } } },
	{ "8 bytes",
	  { .step = { STEPWISE } },
	  8,
	  { { 0x7c, 0x84, ZERO },
	    { 0x10c, 8, ZERO },
	    { 0x11c, 12, ZERO },
	    { 0x138, 0xec8, ZERO } } },
	{ "16 bytes",
	  { .step = { STEPWISE } },
	  16,
	  { { 0x7c, 0x84, ZERO }, { 0x138, 0xec8, ZERO } } },
	{ "4 bytes",
	  { .step = { EXT(0x100, 0x0003, 1, 0x110), EXT(0x110, 0x000f, 1, 0) } },
	  4,
	  { { 0x7c, 0x84, ZERO }, { 0x10c, 4, ZERO }, { 0x118, 0xee8, ZERO } } },
	{ "longer than the space", { .base = BASE_ENDPOINT }, 8192, { { 0, 0, ZERO } } },
	{ "as long as the gap",
	  { .base = BASE_ENDPOINT },
	  0xf00,
	  { { 0x100, 0xf00, ZERO } } },
	{ "padding is no gap",
	  { .size = 256,
	    .step = { PUT8(0x41, 0x80), CONV(0x80, 0x13, 0), PUT8(0x82, 6) } },
	  4,
	  { { 0x7c, 4, ZERO }, { 0x88, 0x78, ZERO } } },
	{ "a shadow is no gap",
	  { .step = { EXT(0x100, 0x003b, 1, 0x800), EXT(0x800, 0x0003, 1, 0) } },
	  12,
	  { { 0x7c, 0x84, ZERO }, { 0x80c, 0x7f4, ZERO } } },
	{ "space that cannot be walked is no gap",
	  { .base = BASE_CONVENTIONAL },
	  12,
	  { { 0x48, 0xb8, ZERO } } },
	{ "content is that of the whole gap",
	  { .step = { FILL(0x7c, 0x84, 0xff), PUT8(0x800, 1) } },
	  12,
	  { { 0x7c, 0x84, ONES }, { 0x100, 0xf00, MIXED } } },
	{ "one byte of ff among zeros",
	  { .step = { PUT8(0xff, 0xff) } },
	  12,
	  { { 0x7c, 0x84, MIXED }, { 0x100, 0xf00, ZERO } } },
};

START_TEST(gaps_are_maximal_runs_without_owner)
{
	check_row(&runs[_i]);
}
END_TEST

static const struct row absent[] = {
	{ "a lost row divides a gap",
	  { .step = { DROP(0x200, 16) } },
	  12,
	  { { 0x7c, 0x84, ZERO }, { 0x100, 0x100, ZERO }, { 0x210, 0xdf0, ZERO } } },
	{ "a lost row at its edge",
	  { .step = { DROP(0x100, 16), DROP(0xff0, 16) } },
	  12,
	  { { 0x7c, 0x84, ZERO }, { 0x110, 0xee0, ZERO } } },
	{ "bytes lost inside dwords: gaps stay aligned",
	  { .step = { DROP(0x91, 2), DROP(0xa7, 1) } },
	  12,
	  { { 0x7c, 0x14, ZERO },
	    { 0x94, 0x10, ZERO },
	    { 0xa8, 0x58, ZERO },
	    { 0x100, 0xf00, ZERO } } },
	{ "what is left of a gap may be too short",
	  { .step = { DROP(0x87, 1), DROP(0x93, 1) } },
	  12,
	  { { 0x94, 0x6c, ZERO }, { 0x100, 0xf00, ZERO } } },
	{ "the end of a short image", { .size = 0xa0 }, 12, { { 0x7c, 0x24, ZERO } } },
	{ "an end inside a dword", { .size = 0x8e }, 12, { { 0x7c, 0x10, ZERO } } },
	{ "an end inside a dword, one too short",
	  { .size = 0x87 },
	  12,
	  { { 0, 0, ZERO } } },
	{ "an end inside extended space",
	  { .size = 0x200 },
	  12,
	  { { 0x7c, 0x84, ZERO }, { 0x100, 0x100, ZERO } } },
	{ "nothing but a header", { .size = 64 }, 4, { { 0, 0, ZERO } } },
};

START_TEST(gaps_skip_absent_bytes)
{
	check_row(&absent[_i]);
}
END_TEST

START_TEST(gaps_are_counted_beyond_the_callers_room)
{
	build(&runs[2].image);
	memset(found, 0, sizeof(found));
	ck_assert_int_eq(capgap_gaps_find(&map, &rec.image, 8, found, 2), 4);
	ck_assert_uint_eq(found[1].off, 0x10c);
	ck_assert_uint_eq(found[2].len, 0);
	ck_assert_int_eq(capgap_gaps_find(&map, &rec.image, 8, NULL, 0), 4);
}
END_TEST

static const unsigned bad_minima[] = { 0, 1, 2, 3, 5, 6, 13, UINT32_MAX };

START_TEST(gaps_refuse_a_bad_minimum)
{
	build(&runs[0].image);
	ck_assert_int_eq(capgap_gaps_find(&map, &rec.image, bad_minima[_i], found,
					  CAPGAP_GAPS_MAX),
			 -CAPGAP_E_INVAL);
}
END_TEST

/* Every second dword is owned: the most gaps that there can be. */
START_TEST(gaps_have_room_for_the_most_there_can_be)
{
	static const struct support_image how = { .base = BASE_ENDPOINT };

	support_record(&rec, &how);
	for (uint32_t off = 0x100; off < 4096; off += 8)
		support_step(&rec,
			     &(struct support_step)EXT(off, 0, 1, (off + 8) % 4096));
	capgap_chain_walk(&chain, &rec.image, false, NULL);
	capgap_map_init(&map, &rec.image);
	capgap_map_build(&map, &chain, NULL);
	ck_assert_int_eq(capgap_gaps_find(&map, &rec.image, 4, found, CAPGAP_GAPS_MAX),
			 1 + 480);
	ck_assert_uint_eq(found[1].off, 0x104);
	ck_assert_uint_eq(found[480].off, 0xffc);
}
END_TEST

/**
 * struct orphan_row - an image, and what is found beside its lists
 * @name: for messages
 * @image: how to build it
 * @orphan: offset, id, version, next pointer, bytes held; length 0 ends the list
 */
struct orphan_row {
	const char *name;
	struct support_image image;
	struct {
		uint16_t off, id, version, next, owned;
	} orphan[ORPHANS_WANTED];
};

/* DSN at 0x100 and ATS at 0x180, 0x74 bytes between them. */
#define LINKED EXT(0x100, 0x0003, 1, 0x180), EXT(0x180, 0x000f, 1, 0)

/* Its bytes are an orphan's, and the one behind them is not. */
static void check_claim(const struct capgap_cap *cap)
{
	unsigned end = cap->off + cap->owned;

	for (unsigned off = cap->off; off < end; off++)
		ck_assert_int_eq(map.verdict[off], CAPGAP_OWNER_ORPHAN);
	if (end < map.size)
		ck_assert_int_ne(map.verdict[end], CAPGAP_OWNER_ORPHAN);
}

static void check_orphans(const struct orphan_row *row)
{
	const struct capgap_hit *hit;
	unsigned i;

	build(&row->image);
	capgap_gaps_orphans(&map, &rec.image, &chain, &orphans, &hits);
	for (i = 0; i < ORPHANS_WANTED && row->orphan[i].owned; i++) {
		ck_assert_msg(i < orphans.n, "%s: nothing at 0x%03x", row->name,
			      row->orphan[i].off);
		ck_assert_msg(orphans.cap[i].off == row->orphan[i].off, "%s: 0x%03x",
			      row->name, orphans.cap[i].off);
		ck_assert_uint_eq(orphans.cap[i].id, row->orphan[i].id);
		ck_assert_uint_eq(orphans.cap[i].version, row->orphan[i].version);
		ck_assert_uint_eq(orphans.cap[i].next, row->orphan[i].next);
		ck_assert_uint_eq(orphans.cap[i].from, 0);
		ck_assert_int_eq(orphans.cap[i].space, CAPGAP_EXT);
		ck_assert_msg(orphans.cap[i].owned == row->orphan[i].owned,
			      "%s: %u bytes", row->name, orphans.cap[i].owned);
		check_claim(&orphans.cap[i]);
	}
	ck_assert_msg(orphans.n == i, "%s: %u orphans", row->name, orphans.n);
	hit = support_find(&hits, CAPGAP_F_ORPHAN);
	ck_assert_msg(!hit == !i, "%s: finding", row->name);
	if (!hit)
		return;
	ck_assert_uint_eq(hit->off, row->orphan[0].off);
	ck_assert_uint_eq(hit->len, row->orphan[0].owned);
	ck_assert_uint_eq(hit->a, row->orphan[0].id);
	ck_assert_uint_eq(hit->b, row->orphan[0].next);
}

static const struct orphan_row complete[] = {
	{ "power budgeting whose next pointer is the successor's, as on Samsung PM174X",
	  { .step = { LINKED, EXT(0x158, 0x0004, 1, 0x180) } },
	  { { 0x158, 0x0004, 1, 0x180, 16 } } },
	{ "version 2, a cautious figure, clipped at the next structure",
	  { .step = { LINKED, EXT(0x140, 0x0001, 2, 0x180) } },
	  { { 0x140, 0x0001, 2, 0x180, 0x40 } } },
	{ "a declared length",
	  { .step = { LINKED, EXT(0x388, 0x000b, 1, 0x100),
		      VENDOR_LENGTH(0x388, 0x38) } },
	  { { 0x388, 0x000b, 1, 0x100, 0x38 } } },
	{ "in the first and in the last dword of a gap",
	  { .step = { LINKED, EXT(0x10c, 0x000f, 1, 0x180),
		      EXT(0x17c, 0x000f, 1, 0x180) } },
	  { { 0x10c, 0x000f, 1, 0x180, 8 }, { 0x17c, 0x000f, 1, 0x180, 4 } } },
	{ "at the end of the space",
	  { .step = { LINKED, EXT(0xff4, 0x0003, 1, 0x100) } },
	  { { 0xff4, 0x0003, 1, 0x100, 12 } } },
	{ "in the shadow of an unknown structure",
	  { .step = { EXT(0x100, 0x003b, 1, 0x180), EXT(0x180, 0x000f, 1, 0),
		      EXT(0x140, 0x0003, 1, 0x180) } },
	  { { 0x140, 0x0003, 1, 0x180, 12 } } },
	{ "one that is longer than the gap does not reach into the next structure",
	  { .step = { LINKED, EXT(0x178, 0x0004, 1, 0x180) } },
	  { { 0x178, 0x0004, 1, 0x180, 8 } } },
	{ "what lies inside one is not another",
	  { .step = { LINKED, EXT(0x140, 0x0004, 1, 0x180), EXT(0x148, 0x000f, 1, 0x180),
		      EXT(0x160, 0x000f, 1, 0x180) } },
	  { { 0x140, 0x0004, 1, 0x180, 16 }, { 0x160, 0x000f, 1, 0x180, 8 } } },
	{ "an unknown length holds its minimum",
	  { .step = { LINKED, EXT(0x140, 0x0011, 1, 0x180) } },
	  { { 0x140, 0x0011, 1, 0x180, 4 } } },
};

START_TEST(gaps_find_orphans)
{
	check_orphans(&complete[_i]);
}
END_TEST

static const struct orphan_row none[] = {
	{ "zeros", { .step = { LINKED } }, { { 0 } } },
	{ "version 0", { .step = { LINKED, EXT(0x140, 0x0004, 0, 0x180) } }, { { 0 } } },
	{ "version 3", { .step = { LINKED, EXT(0x140, 0x0004, 3, 0x180) } }, { { 0 } } },
	{ "id 0", { .step = { LINKED, EXT(0x140, 0x0000, 1, 0x180) } }, { { 0 } } },
	{ "an id in no table",
	  { .step = { LINKED, EXT(0x140, 0x003b, 1, 0x180) } },
	  { { 0 } } },
	{ "id ffff", { .step = { LINKED, EXT(0x140, 0xffff, 1, 0x180) } }, { { 0 } } },
	{ "ones", { .step = { LINKED, FILL(0x140, 16, 0xff) } }, { { 0 } } },
	{ "a pointer to nothing",
	  { .step = { LINKED, EXT(0x140, 0x0004, 1, 0) } },
	  { { 0 } } },
	{ "a pointer into a structure",
	  { .step = { LINKED, EXT(0x140, 0x0004, 1, 0x184) } },
	  { { 0 } } },
	{ "a pointer to a structure, misaligned",
	  { .step = { LINKED, EXT(0x140, 0x0004, 1, 0x182) } },
	  { { 0 } } },
	{ "a pointer to itself",
	  { .step = { LINKED, EXT(0x140, 0x0004, 1, 0x140) } },
	  { { 0 } } },
	{ "a pointer to another that is not linked",
	  { .step = { LINKED, EXT(0x140, 0x0004, 1, 0x200),
		      EXT(0x200, 0x0004, 1, 0x300) } },
	  { { 0 } } },
	{ "a pointer to a PCI-compatible capability",
	  { .step = { LINKED, EXT(0x140, 0x0004, 1, 0x040) } },
	  { { 0 } } },
	{ "a header that is not aligned",
	  { .step = { LINKED, EXT(0x142, 0x0004, 1, 0x180) } },
	  { { 0 } } },
	{ "a header inside a linked structure",
	  { .step = { EXT(0x100, 0x0010, 1, 0x180), EXT(0x180, 0x000f, 1, 0),
		      EXT(0x120, 0x0004, 1, 0x180) } },
	  { { 0 } } },
	{ "a header that was not read",
	  { .step = { LINKED, EXT(0x140, 0x0004, 1, 0x180), DROP(0x143, 1) } },
	  { { 0 } } },
	{ "a header in PCI-compatible space",
	  { .step = { LINKED, EXT(0x080, 0x0004, 1, 0x180) } },
	  { { 0 } } },
	{ "extended space that is not walked",
	  { .base = BASE_CONVENTIONAL, .step = { LINKED, EXT(0x140, 0x0004, 1, 0x180) } },
	  { { 0 } } },
	{ "an empty list", { .step = { EXT(0x140, 0x0004, 1, 0x100) } }, { { 0 } } },
};

START_TEST(gaps_take_nothing_else_for_an_orphan)
{
	check_orphans(&none[_i]);
}
END_TEST

START_TEST(gaps_end_at_orphans)
{
	static const struct support_image how = {
		.step = { LINKED, EXT(0x140, 0x0004, 1, 0x180),
			  EXT(0x160, 0x0011, 1, 0x180) }
	};

	build(&how);
	capgap_gaps_orphans(&map, &rec.image, &chain, &orphans, &hits);
	ck_assert_uint_eq(orphans.n, 2);
	/* The second one's length is unknown: the rest before 0x180 is in its shadow. */
	for (unsigned off = 0x164; off < 0x180; off++)
		ck_assert_int_eq(map.verdict[off], CAPGAP_OWNER_SHADOW);
	ck_assert_int_eq(capgap_gaps_find(&map, &rec.image, 4, found, CAPGAP_GAPS_MAX),
			 4);
	ck_assert_uint_eq(found[0].off, 0x7c);
	ck_assert_uint_eq(found[1].off, 0x10c);
	ck_assert_uint_eq(found[1].len, 0x34);
	ck_assert_uint_eq(found[2].off, 0x150);
	ck_assert_uint_eq(found[2].len, 0x10);
	ck_assert_uint_eq(found[3].off, 0x188);
	ck_assert_uint_eq(found[3].len, 0xe78);
}
END_TEST

Suite *gaps_suite(void)
{
	Suite *suite = suite_create("gaps");
	TCase *gaps = tcase_create("gaps");
	TCase *lost = tcase_create("orphans");

	tcase_add_loop_test(gaps, gaps_are_maximal_runs_without_owner, 0, ROWS(runs));
	tcase_add_loop_test(gaps, gaps_skip_absent_bytes, 0, ROWS(absent));
	tcase_add_test(gaps, gaps_are_counted_beyond_the_callers_room);
	tcase_add_loop_test(gaps, gaps_refuse_a_bad_minimum, 0, ROWS(bad_minima));
	tcase_add_test(gaps, gaps_have_room_for_the_most_there_can_be);
	suite_add_tcase(suite, gaps);
	tcase_add_loop_test(lost, gaps_find_orphans, 0, ROWS(complete));
	tcase_add_loop_test(lost, gaps_take_nothing_else_for_an_orphan, 0, ROWS(none));
	tcase_add_test(lost, gaps_end_at_orphans);
	suite_add_tcase(suite, lost);
	return suite;
}
