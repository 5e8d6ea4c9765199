/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who has which byte. */
#include <string.h>

#include "../analyzer/map.h"
#include "suites.h"
#include "support.h"

#define RUNS_MAX 10
#define HITS_MAX 2

/* Short names for the owners in the tables. */
#define ABS CAPGAP_OWNER_ABSENT
#define HDR CAPGAP_OWNER_HEADER
#define CAP CAPGAP_OWNER_CAP
#define MIN CAPGAP_OWNER_CAP_MIN
#define SHA CAPGAP_OWNER_SHADOW
#define UNW CAPGAP_OWNER_UNWALKED
#define FRE CAPGAP_OWNER_FREE

/* A run of bytes with one verdict, from the end of the one before it to @end. */
struct run {
	unsigned end;
	enum capgap_owner owner;
};

/**
 * struct row - an image, and the verdict on each of its bytes
 * @name: for messages
 * @image: how to build it
 * @run: runs, the last of which ends with the image
 * @hit: overlaps that are found
 */
struct row {
	const char *name;
	struct support_image image;
	struct run run[RUNS_MAX];
	struct capgap_hit hit[HITS_MAX];
};

static struct capgap_record rec;
static struct capgap_chain chain;
static struct capgap_map map;
static struct capgap_findings hits;

/* Walk and map an image; only what the map finds is kept in hits. */
static void build(const struct support_image *how)
{
	support_record(&rec, how);
	hits.n = 0;
	capgap_chain_walk(&chain, &rec.image, false, &hits);
	hits.n = 0;
	capgap_map_init(&map, &rec.image);
	capgap_map_build(&map, &chain, &hits);
}

static void check_row(const struct row *row)
{
	unsigned off = 0;

	build(&row->image);
	for (int i = 0; i < RUNS_MAX && row->run[i].end; i++) {
		for (; off < row->run[i].end; off++)
			ck_assert_msg(map.verdict[off] == row->run[i].owner,
				      "%s: 0x%03x is %s (%u), not %s (%u)", row->name,
				      off, capgap_owner_name(map.verdict[off]),
				      map.verdict[off],
				      capgap_owner_name(row->run[i].owner),
				      row->run[i].owner);
	}
	ck_assert_msg(map.size == off, "%s: size %u", row->name, map.size);
	support_same_hits(row->name, &hits, row->hit, HITS_MAX);
}

static const struct row headers[] = {
	{ "type 0",
	  { .base = BASE_ENDPOINT },
	  .run = { { 0x40, HDR }, { 0x7c, CAP }, { 0x1000, FRE } } },
	{ "type 1",
	  { .step = { PUT8(0x0e, 0x01) } },
	  .run = { { 0x40, HDR }, { 0x7c, CAP }, { 0x1000, FRE } } },
	{ "type 2: 0x80 bytes",
	  { .base = BASE_CONVENTIONAL,
	    .size = 256,
	    .step = { PUT8(0x0e, 0x02), PUT8(0x14, 0x80), CONV(0x80, 0x01, 0) } },
	  .run = { { 0x80, HDR }, { 0x88, CAP }, { 0x100, FRE } } },
	{ "type 2 with a structure in the reserved part",
	  { .base = BASE_CONVENTIONAL,
	    .size = 256,
	    .step = { PUT8(0x0e, 0x02), PUT8(0x14, 0x7c), CONV(0x7c, 0x01, 0) } },
	  .run = { { 0x80, HDR }, { 0x84, CAP }, { 0x100, FRE } } },
	{ "type 3: no list, so nothing is known",
	  { .step = { PUT8(0x0e, 0x03) } },
	  .run = { { 0x40, HDR }, { 0x1000, UNW } } },
	{ "a header type that was not read",
	  { .step = { DROP(0x0e, 1) } },
	  .run = { { 0x0e, HDR }, { 0x0f, ABS }, { 0x40, HDR }, { 0x1000, UNW } } },
	{ "a header of zeros is owned",
	  { .base = BASE_BLANK, .size = 64 },
	  .run = { { 0x40, HDR } } },
	{ "half a header", { .size = 0x20 }, .run = { { 0x20, HDR } } },
	{ "0xa0 bytes",
	  { .size = 0xa0 },
	  .run = { { 0x40, HDR }, { 0x7c, CAP }, { 0xa0, FRE } } },
	{ "a structure that the image cuts",
	  { .size = 0x60 },
	  .run = { { 0x40, HDR }, { 0x60, CAP } } },
	{ "0x600 bytes",
	  { .size = 0x600,
	    .step = { EXT(0x100, 0x0003, 1, 0x5f8), EXT(0x5f8, 0x0003, 1, 0) } },
	  .run = { { 0x40, HDR },
		   { 0x7c, CAP },
		   { 0x100, FRE },
		   { 0x10c, CAP },
		   { 0x5f8, FRE },
		   { 0x600, CAP } } },
	{ "no PCI Express: extended space is unknown",
	  { .base = BASE_CONVENTIONAL },
	  .run = { { 0x40, HDR }, { 0x48, CAP }, { 0x100, FRE }, { 0x1000, UNW } } },
	{ "status says that there is no list",
	  { .base = BASE_CONVENTIONAL, .size = 256, .step = { PUT16(0x06, 0) } },
	  .run = { { 0x40, HDR }, { 0x100, FRE } } },
};

START_TEST(map_owns_the_header_whatever_it_holds)
{
	check_row(&headers[_i]);
}
END_TEST

static const struct row structures[] = {
	{ "padding up to the next dword is owned",
	  { .step = { PUT8(0x41, 0x80), CONV(0x80, 0x13, 0), PUT8(0x82, 6),
		      EXT(0x100, 0x0023, 1, 0), VENDOR_LENGTH(0x100, 10) } },
	  .run = { { 0x40, HDR },
		   { 0x7c, CAP },
		   { 0x80, FRE },
		   { 0x88, CAP },
		   { 0x100, FRE },
		   { 0x10c, CAP },
		   { 0x1000, FRE } } },
	{ "a cautious figure that has room",
	  { .step = { EXT(0x100, 0x0001, 2, 0x180), EXT(0x180, 0x0003, 1, 0) } },
	  .run = { { 0x40, HDR },
		   { 0x7c, CAP },
		   { 0x100, FRE },
		   { 0x148, CAP },
		   { 0x180, FRE },
		   { 0x18c, CAP },
		   { 0x1000, FRE } } },
	{ "a cautious figure, clipped at the next structure",
	  { .step = { EXT(0x100, 0x0001, 2, 0x138), EXT(0x138, 0x0003, 1, 0) } },
	  .run = { { 0x40, HDR },
		   { 0x7c, CAP },
		   { 0x100, FRE },
		   { 0x144, CAP },
		   { 0x1000, FRE } } },
	{ "clipped at the next by place, not by order",
	  { .step = { EXT(0x100, 0x0003, 1, 0x238), EXT(0x238, 0x000f, 1, 0x200),
		      EXT(0x200, 0x0001, 2, 0) } },
	  .run = { { 0x40, HDR },
		   { 0x7c, CAP },
		   { 0x100, FRE },
		   { 0x10c, CAP },
		   { 0x200, FRE },
		   { 0x240, CAP },
		   { 0x1000, FRE } } },
	{ "clipped at a header of zeros in which the list ends",
	  { .step = { EXT(0x100, 0x0001, 2, 0x138) } },
	  .run = { { 0x40, HDR },
		   { 0x7c, CAP },
		   { 0x100, FRE },
		   { 0x138, CAP },
		   { 0x13c, MIN },
		   { 0x1000, SHA } } },
	{ "PCI Express of version 0, clipped",
	  { .step = { CONV(0x40, 0x10, 0x70), PUT16(0x42, 0), CONV(0x70, 0x01, 0) } },
	  .run = { { 0x40, HDR }, { 0x78, CAP }, { 0x1000, FRE } } },
	{ "an exact structure is not clipped: both own the bytes",
	  { .step = { EXT(0x100, 0x0010, 1, 0x120), EXT(0x120, 0x000f, 1, 0) } },
	  .run = { { 0x40, HDR },
		   { 0x7c, CAP },
		   { 0x100, FRE },
		   { 0x140, CAP },
		   { 0x1000, FRE } },
	  .hit = { HIT(OVERLAP, 0x120, 0x20, 0x100, 0) } },
	{ "a declared length is not clipped either",
	  { .step = { EXT(0x100, 0x000b, 1, 0x110), VENDOR_LENGTH(0x100, 0x20),
		      EXT(0x110, 0x000f, 1, 0) } },
	  .run = { { 0x40, HDR },
		   { 0x7c, CAP },
		   { 0x100, FRE },
		   { 0x120, CAP },
		   { 0x1000, FRE } },
	  .hit = { HIT(OVERLAP, 0x110, 0x10, 0x100, 0) } },
	{ "adjacent structures do not overlap",
	  { .step = { EXT(0x100, 0x0010, 1, 0x140), EXT(0x140, 0x000f, 1, 0) } },
	  .run = { { 0x40, HDR },
		   { 0x7c, CAP },
		   { 0x100, FRE },
		   { 0x148, CAP },
		   { 0x1000, FRE } } },
	{ "a structure past 0xff does not reach into extended space",
	  { .step = { PUT8(0x41, 0xf0), CONV(0xf0, 0x09, 0), PUT8(0xf2, 255) } },
	  .run = { { 0x40, HDR },
		   { 0x7c, CAP },
		   { 0xf0, FRE },
		   { 0x100, CAP },
		   { 0x1000, FRE } } },
	{ "a null header owns 4 bytes",
	  { .step = { EXT(0x100, 0, 0, 0x200), EXT(0x200, 0x000f, 1, 0) } },
	  .run = { { 0x40, HDR },
		   { 0x7c, CAP },
		   { 0x100, FRE },
		   { 0x104, CAP },
		   { 0x200, FRE },
		   { 0x208, CAP },
		   { 0x1000, FRE } } },
	{ "a null header in the PCI-compatible list",
	  { .step = { PUT8(0x34, 0x80), CONV(0x80, 0, 0x40) } },
	  .run = { { 0x40, HDR },
		   { 0x7c, CAP },
		   { 0x80, FRE },
		   { 0x84, CAP },
		   { 0x1000, FRE } } },
	{ "a cautious figure is not clipped below what is certain: both own the bytes",
	  { .step = { EXT(0x100, 0x0001, 2, 0x104), EXT(0x104, 0x001b, 1, 0) } },
	  .run = { { 0x40, HDR },
		   { 0x7c, CAP },
		   { 0x100, FRE },
		   { 0x12c, CAP },
		   { 0x1000, FRE } },
	  .hit = { HIT(OVERLAP, 0x104, 0x28, 0x100, 0) } },
	{ "the last dword that is certain",
	  { .step = { EXT(0x100, 0x0001, 2, 0x128), EXT(0x128, 0x001b, 1, 0) } },
	  .run = { { 0x40, HDR },
		   { 0x7c, CAP },
		   { 0x100, FRE },
		   { 0x130, CAP },
		   { 0x1000, FRE } },
	  .hit = { HIT(OVERLAP, 0x128, 4, 0x100, 0) } },
	{ "clipped where what is certain ends",
	  { .step = { EXT(0x100, 0x0001, 2, 0x12c), EXT(0x12c, 0x001b, 1, 0) } },
	  .run = { { 0x40, HDR },
		   { 0x7c, CAP },
		   { 0x100, FRE },
		   { 0x134, CAP },
		   { 0x1000, FRE } } },
	{ "the registers of two virtual channels are certain, their table is not",
	  { .step = { EXT(0x100, 0x0002, 1, 0x124), PUT32(0x104, 1),
		      PUT32(0x108, 0x04000002), EXT(0x124, 0x001b, 1, 0) } },
	  .run = { { 0x40, HDR },
		   { 0x7c, CAP },
		   { 0x100, FRE },
		   { 0x12c, CAP },
		   { 0x1000, FRE } },
	  .hit = { HIT(OVERLAP, 0x124, 4, 0x100, 0) } },
	{ "clipped at a header of zeros, but not below what is certain",
	  { .step = { EXT(0x100, 0x0001, 2, 0x110) } },
	  .run = { { 0x40, HDR },
		   { 0x7c, CAP },
		   { 0x100, FRE },
		   { 0x12c, CAP },
		   { 0x1000, SHA } },
	  .hit = { HIT(OVERLAP, 0x110, 0x1c, 0x100, 0) } },
};

START_TEST(map_gives_structures_their_bytes)
{
	check_row(&structures[_i]);
}
END_TEST

static const struct row shadows[] = {
	{ "up to the next structure",
	  { .step = { EXT(0x100, 0x003b, 1, 0x180), EXT(0x180, 0x0003, 1, 0) } },
	  .run = { { 0x40, HDR },
		   { 0x7c, CAP },
		   { 0x100, FRE },
		   { 0x104, MIN },
		   { 0x180, SHA },
		   { 0x18c, CAP },
		   { 0x1000, FRE } } },
	{ "up to the end of the space",
	  { .step = { EXT(0x100, 0x003b, 1, 0) } },
	  .run = { { 0x40, HDR },
		   { 0x7c, CAP },
		   { 0x100, FRE },
		   { 0x104, MIN },
		   { 0x1000, SHA } } },
	{ "up to the end of PCI-compatible space",
	  { .step = { PUT8(0x41, 0x80), CONV(0x80, 0x16, 0) } },
	  .run = { { 0x40, HDR },
		   { 0x7c, CAP },
		   { 0x80, FRE },
		   { 0x84, MIN },
		   { 0x100, SHA },
		   { 0x1000, FRE } } },
	{ "up to the next by place, which stands earlier in the list",
	  { .step = { EXT(0x100, 0x0003, 1, 0x300), EXT(0x300, 0x000f, 1, 0x200),
		      EXT(0x200, 0x003b, 1, 0) } },
	  .run = { { 0x40, HDR },
		   { 0x7c, CAP },
		   { 0x100, FRE },
		   { 0x10c, CAP },
		   { 0x200, FRE },
		   { 0x204, MIN },
		   { 0x300, SHA },
		   { 0x308, CAP },
		   { 0x1000, FRE } } },
	{ "not over what another structure has for sure",
	  { .step = { EXT(0x100, 0x0010, 1, 0x120), EXT(0x120, 0x003b, 1, 0x200),
		      EXT(0x200, 0x000f, 1, 0) } },
	  .run = { { 0x40, HDR },
		   { 0x7c, CAP },
		   { 0x100, FRE },
		   { 0x140, CAP },
		   { 0x200, SHA },
		   { 0x208, CAP },
		   { 0x1000, FRE } },
	  .hit = { HIT(OVERLAP, 0x120, 0x20, 0x100, 0) } },
};

START_TEST(map_casts_shadows_behind_unknown_structures)
{
	check_row(&shadows[_i]);
}
END_TEST

static const struct row ends[] = {
	{ "a list that ends in zeros",
	  { .step = { EXT(0x100, 0x0003, 1, 0x200) } },
	  .run = { { 0x40, HDR },
		   { 0x7c, CAP },
		   { 0x100, FRE },
		   { 0x10c, CAP },
		   { 0x200, FRE },
		   { 0x204, MIN },
		   { 0x1000, SHA } } },
	{ "a list that breaks in ones",
	  { .step = { EXT(0x100, 0x0003, 1, 0x200), FILL(0x200, 4, 0xff) } },
	  .run = { { 0x40, HDR },
		   { 0x7c, CAP },
		   { 0x100, FRE },
		   { 0x10c, CAP },
		   { 0x200, FRE },
		   { 0x204, MIN },
		   { 0x1000, SHA } } },
	{ "id ff in the PCI-compatible list",
	  { .step = { PUT8(0x41, 0x80), FILL(0x80, 4, 0xff) } },
	  .run = { { 0x40, HDR },
		   { 0x7c, CAP },
		   { 0x80, FRE },
		   { 0x84, MIN },
		   { 0x100, SHA },
		   { 0x1000, FRE } } },
	{ "ones at 0x100: nothing is known",
	  { .step = { FILL(0x100, 4, 0xff) } },
	  .run = { { 0x40, HDR },
		   { 0x7c, CAP },
		   { 0x100, FRE },
		   { 0x104, MIN },
		   { 0x1000, UNW } } },
};

START_TEST(map_owns_the_header_in_which_a_list_ends)
{
	check_row(&ends[_i]);
}
END_TEST

START_TEST(map_puts_absent_before_all_owners)
{
	static const struct row row = { "a lost row in PCI Express, and one in a gap",
					{ .step = { DROP(0x50, 16), DROP(0x200, 16) } },
					{ { 0x40, HDR },
					  { 0x50, CAP },
					  { 0x60, ABS },
					  { 0x7c, CAP },
					  { 0x200, FRE },
					  { 0x210, ABS },
					  { 0x1000, FRE } },
					{ { 0 } } };
	bool owned = false;

	check_row(&row);
	/* The structure that holds the lost row is still named. */
	for (int i = capgap_map_next_owner(&map, 0x55, 0); i >= 0;
	     i = capgap_map_next_owner(&map, 0x55, (unsigned)i + 1))
		owned |= map.claim[i].owner == CAPGAP_OWNER_CAP;
	ck_assert(owned);
}
END_TEST

START_TEST(map_writes_back_what_is_owned)
{
	build(&structures[2].image);
	ck_assert_uint_eq(chain.cap[1].off, 0x100);
	ck_assert_uint_eq(chain.cap[1].owned, 0x38);
	ck_assert_uint_eq(chain.cap[1].len, 0);
	build(&structures[1].image);
	ck_assert_uint_eq(chain.cap[1].owned, 0x48);
	build(&structures[6].image);
	ck_assert_uint_eq(chain.cap[1].owned, 0x40);
}
END_TEST

/* The order in which owners decide, DESIGN section 3. */
static const char *const order[] = {
	"absent", "header", "capability", "capability", "vfio-capability", "reserved",
	"listed", "orphan", "descriptor", "shadow",	"unwalked",	   "free",
};

#define OWNERS ROWS(order)

START_TEST(map_verdict_is_the_first_owner)
{
	static const struct support_image blank = { .base = BASE_BLANK };
	int a = _i / OWNERS;
	int b = _i % OWNERS;

	support_record(&rec, &blank);
	capgap_map_init(&map, &rec.image);
	capgap_map_claim(&map, 0x200, 8, (enum capgap_owner)a, CAPGAP_NO_CAP);
	capgap_map_claim(&map, 0x204, 8, (enum capgap_owner)b, CAPGAP_NO_CAP);
	ck_assert_int_eq(map.verdict[0x1ff], CAPGAP_OWNER_FREE);
	ck_assert_int_eq(map.verdict[0x203], a);
	ck_assert_int_eq(map.verdict[0x204], a < b ? a : b);
	ck_assert_int_eq(map.verdict[0x207], a < b ? a : b);
	ck_assert_int_eq(map.verdict[0x208], b);
	ck_assert_int_eq(map.verdict[0x20c], CAPGAP_OWNER_FREE);
	ck_assert_str_eq(capgap_owner_name((enum capgap_owner)a), order[a]);
}
END_TEST

START_TEST(map_names_every_owner_of_a_byte)
{
	build(&structures[6].image);
	int first = capgap_map_next_owner(&map, 0x124, 0);
	int second = capgap_map_next_owner(&map, 0x124, (unsigned)first + 1);

	ck_assert_int_ge(first, 0);
	ck_assert_int_gt(second, first);
	ck_assert_int_eq(capgap_map_next_owner(&map, 0x124, (unsigned)second + 1), -1);
	ck_assert_uint_eq(chain.cap[map.claim[first].cap].off, 0x100);
	ck_assert_uint_eq(chain.cap[map.claim[second].cap].off, 0x120);
	ck_assert_int_eq(capgap_map_next_owner(&map, 0x140, 0), -1);
}
END_TEST

/* Claims on a map of 0x200 bytes; @last is the last byte that they take. */
static const struct {
	unsigned off, len;
	bool taken;
	unsigned last;
} claims[] = {
	{ 0x180, 8, true, 0x187 },   { 0x1fc, 8, true, 0x1ff },
	{ 0x1ff, 1, true, 0x1ff },   { 0x1f0, UINT32_MAX, true, 0x1ff },
	{ 0x200, 8, false, 0 },	     { 0x1000, 8, false, 0 },
	{ UINT32_MAX, 8, false, 0 }, { 0x180, 0, false, 0 },
};

START_TEST(map_claims_end_with_the_space)
{
	static const struct support_image small = { .base = BASE_BLANK, .size = 0x200 };

	support_record(&rec, &small);
	capgap_map_init(&map, &rec.image);
	capgap_map_claim(&map, claims[_i].off, claims[_i].len, CAPGAP_OWNER_RESERVED,
			 CAPGAP_NO_CAP);
	ck_assert_uint_eq(map.n, claims[_i].taken);
	if (!claims[_i].taken)
		return;
	ck_assert_uint_eq(map.claim[0].off, claims[_i].off);
	ck_assert_uint_eq(map.claim[0].off + map.claim[0].len - 1u, claims[_i].last);
	ck_assert_int_eq(map.verdict[claims[_i].last], CAPGAP_OWNER_RESERVED);
}
END_TEST

static const struct {
	unsigned off, len;
	bool is_free;
} asked[] = {
	{ 0x7c, 0x84, true },	      { 0x7b, 1, false },  { 0x7b, 2, false },
	{ 0x100, 12, false },	      { 0x10c, 8, true },  { 0x108, 8, false },
	{ 0x1fc, 4, true },	      { 0x1fc, 8, false }, { 0x200, 16, false },
	{ 0x210, 8, true },	      { 0xff8, 8, true },  { 0xffc, 8, false },
	{ 0x1000, 1, false },	      { 0x1000, 0, true }, { 0x2000, 8, false },
	{ 0x210, UINT32_MAX, false },
};

START_TEST(map_is_free_where_nobody_owns_and_all_was_read)
{
	static const struct support_image how = { .step = { EXT(0x100, 0x0003, 1, 0),
							    DROP(0x200, 16) } };

	build(&how);
	ck_assert_msg(capgap_map_is_free(&map, asked[_i].off, asked[_i].len) ==
			      asked[_i].is_free,
		      "%u bytes at 0x%03x", asked[_i].len, asked[_i].off);
}
END_TEST

/* The longest list of all: no claim is lost, and none is one too many. */
START_TEST(map_has_room_for_the_longest_list)
{
	static const struct support_image how = { .base = BASE_ENDPOINT };

	support_record(&rec, &how);
	for (uint32_t off = 0x100; off < 4096; off += 4)
		support_step(&rec,
			     &(struct support_step)EXT(off, 0x003b, 1, (off + 4) % 4096));
	hits.n = 0;
	capgap_chain_walk(&chain, &rec.image, false, &hits);
	capgap_map_init(&map, &rec.image);
	capgap_map_build(&map, &chain, &hits);
	ck_assert_uint_eq(chain.n, 1 + 960);
	for (unsigned off = 0x100; off < 4096; off++)
		ck_assert_int_eq(map.verdict[off], CAPGAP_OWNER_CAP_MIN);
}
END_TEST

Suite *map_suite(void)
{
	Suite *suite = suite_create("map");
	TCase *built = tcase_create("built");
	TCase *claimed = tcase_create("claims");

	tcase_add_loop_test(built, map_owns_the_header_whatever_it_holds, 0,
			    ROWS(headers));
	tcase_add_loop_test(built, map_gives_structures_their_bytes, 0, ROWS(structures));
	tcase_add_loop_test(built, map_casts_shadows_behind_unknown_structures, 0,
			    ROWS(shadows));
	tcase_add_loop_test(built, map_owns_the_header_in_which_a_list_ends, 0,
			    ROWS(ends));
	tcase_add_test(built, map_puts_absent_before_all_owners);
	tcase_add_test(built, map_writes_back_what_is_owned);
	tcase_add_test(built, map_has_room_for_the_longest_list);
	suite_add_tcase(suite, built);
	tcase_add_loop_test(claimed, map_verdict_is_the_first_owner, 0, OWNERS * OWNERS);
	tcase_add_test(claimed, map_names_every_owner_of_a_byte);
	tcase_add_loop_test(claimed, map_claims_end_with_the_space, 0, ROWS(claims));
	tcase_add_loop_test(claimed, map_is_free_where_nobody_owns_and_all_was_read, 0,
			    ROWS(asked));
	suite_add_tcase(suite, claimed);
	return suite;
}
