/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Paths: what functions and bridges say, and what holds from a function to the root. */
#include <check.h>
#include <string.h>

#include "../analyzer/topology.h"
#include "suites.h"
#include "support.h"

static struct capgap_topology topo;

static void start(void)
{
	capgap_topology_init(&topo);
}

static void stop(void)
{
	capgap_topology_clear(&topo);
}

/* What a function's registers say of its own part in paths. */

#define YES CAPGAP_PATH_YES
#define NO CAPGAP_PATH_NO
#define UNKNOWN CAPGAP_PATH_UNKNOWN

/* Registers of the PCI Express capability that the base of images has at 0x40. */
#define EXPRESS(type) PUT16(0x42, 0x0002u | (type) << 4)
#define PREFIX PUT32(0x64, 0x00200000)
#define MULTI(type) PUT8(0x0e, 0x80u | (type))
#define IDS(vendor, device) PUT32(0x00, (vendor) | (uint32_t)(device) << 16)
#define ACS(off, next, has, on)                                                          \
	EXT(off, 0x000d, 1, next), PUT16((off) + 4, has), PUT16((off) + 6, on)

/* Request Redirect and Upstream Forwarding, and all that ports have. */
#define RR_UF 0x0014u
#define ALL 0x001du

/**
 * struct hop - a function, and its part in paths
 * @name: for messages
 * @image: how to build it
 * @bdf: its address, or NULL
 * @type: Device/Port Type
 * @eetlp: prefixes
 * @acs: redirection
 * @no_prefix: its PASIDs need none
 */
struct hop {
	const char *name;
	struct support_image image;
	const char *bdf;
	unsigned type;
	enum capgap_path_is eetlp;
	enum capgap_path_is acs;
	bool no_prefix;
};

static const struct hop hops[] = {
	{ "an endpoint that is alone", { .step = { PREFIX } }, NULL, 0, YES, YES, false },
	{ "without prefixes", { 0 }, NULL, 0, NO, YES, false },
	{ "the bits beside the one that counts",
	  { .step = { PUT32(0x64, 0xffdfffff) } },
	  NULL,
	  0,
	  NO,
	  YES,
	  false },
	{ "a capability of version 1 has no such register",
	  { .step = { PREFIX, PUT16(0x42, 0x0001) } },
	  NULL,
	  0,
	  NO,
	  YES,
	  false },
	{ "a register that was not read",
	  { .step = { PREFIX, DROP(0x66, 1) } },
	  NULL,
	  0,
	  UNKNOWN,
	  YES,
	  false },
	{ "a type that was not read",
	  { .step = { PREFIX, DROP(0x42, 1) } },
	  NULL,
	  CAPGAP_HOP_UNREAD,
	  UNKNOWN,
	  UNKNOWN,
	  false },
	{ "a conventional function",
	  { .base = BASE_CONVENTIONAL },
	  NULL,
	  CAPGAP_HOP_CONVENTIONAL,
	  NO,
	  NO,
	  false },
	{ "a list that leaves the image",
	  { .size = 0x40 },
	  NULL,
	  CAPGAP_HOP_UNREAD,
	  UNKNOWN,
	  UNKNOWN,
	  false },
	{ "one of several, without ACS",
	  { .step = { PREFIX, MULTI(0) } },
	  NULL,
	  0,
	  YES,
	  NO,
	  false },
	{ "function 1 is one of several, whatever its header says",
	  { .step = { PREFIX } },
	  "0000:03:00.1",
	  0,
	  YES,
	  NO,
	  false },
	{ "function 0 is what its header says",
	  { .step = { PREFIX } },
	  "0000:03:00.0",
	  0,
	  YES,
	  YES,
	  false },
	{ "one of several, with ACS on",
	  { .step = { PREFIX, MULTI(0), ACS(0x100, 0, RR_UF, RR_UF) } },
	  NULL,
	  0,
	  YES,
	  YES,
	  false },
	{ "one of several, with controls wired on",
	  { .step = { PREFIX, MULTI(0), ACS(0x100, 0, 0, 0) } },
	  NULL,
	  0,
	  YES,
	  YES,
	  false },
	{ "one of several, whose ACS is off",
	  { .step = { PREFIX, MULTI(0), ACS(0x100, 0, RR_UF, 0x0004) } },
	  NULL,
	  0,
	  YES,
	  NO,
	  false },
	{ "one of several, whose list breaks before ACS",
	  { .step = { PREFIX, MULTI(0), EXT(0x100, 0x000f, 1, 0x200),
		      FILL(0x200, 4, 0xff) } },
	  NULL,
	  0,
	  YES,
	  UNKNOWN,
	  false },
	{ "a root port with ACS on",
	  { .step = { PREFIX, EXPRESS(4), ACS(0x100, 0, ALL, ALL) } },
	  NULL,
	  4,
	  YES,
	  YES,
	  false },
	{ "a root port with what counts on",
	  { .step = { PREFIX, EXPRESS(4), ACS(0x100, 0, ALL, RR_UF) } },
	  NULL,
	  4,
	  YES,
	  YES,
	  false },
	{ "a root port with all else on",
	  { .step = { PREFIX, EXPRESS(4), ACS(0x100, 0, ALL, ALL & ~RR_UF) } },
	  NULL,
	  4,
	  YES,
	  NO,
	  false },
	{ "a root port without ACS, though alone",
	  { .step = { PREFIX, EXPRESS(4) } },
	  NULL,
	  4,
	  YES,
	  NO,
	  false },
	{ "a control that was not read",
	  { .step = { PREFIX, EXPRESS(6), ACS(0x100, 0, ALL, ALL), DROP(0x106, 1) } },
	  NULL,
	  6,
	  YES,
	  UNKNOWN,
	  false },
	{ "a downstream port whose ACS is off",
	  { .step = { PREFIX, EXPRESS(6), ACS(0x100, 0, ALL, 0) } },
	  NULL,
	  6,
	  YES,
	  NO,
	  false },
	{ "an upstream port that is alone",
	  { .step = { PREFIX, EXPRESS(5) } },
	  NULL,
	  5,
	  YES,
	  YES,
	  false },
	{ "an upstream port beside others",
	  { .step = { PREFIX, EXPRESS(5), MULTI(1) } },
	  NULL,
	  5,
	  YES,
	  NO,
	  false },
	{ "a bridge to PCI, whatever it says",
	  { .step = { PREFIX, EXPRESS(7), ACS(0x100, 0, ALL, ALL) } },
	  NULL,
	  7,
	  YES,
	  NO,
	  false },
	{ "a bridge from PCI",
	  { .step = { PREFIX, EXPRESS(8), ACS(0x100, 0, ALL, ALL) } },
	  NULL,
	  8,
	  YES,
	  NO,
	  false },
	{ "an event collector",
	  { .step = { PREFIX, EXPRESS(10) } },
	  NULL,
	  10,
	  YES,
	  NO,
	  false },
	{ "a type that is reserved",
	  { .step = { PREFIX, EXPRESS(12) } },
	  NULL,
	  12,
	  YES,
	  UNKNOWN,
	  false },
	{ "an integrated endpoint beside others",
	  { .step = { PREFIX, EXPRESS(9), MULTI(0) } },
	  NULL,
	  9,
	  YES,
	  NO,
	  false },
	{ "Intel's integrated endpoints redirect",
	  { .step = { IDS(0x8086, 0x0b25), PREFIX, EXPRESS(9), MULTI(0) } },
	  NULL,
	  9,
	  YES,
	  YES,
	  false },
	{ "Linux may know better of Intel's root ports",
	  { .step = { IDS(0x8086, 0x2f04), EXPRESS(4), ACS(0x100, 0, ALL, 0) } },
	  NULL,
	  4,
	  NO,
	  UNKNOWN,
	  false },
	{ "not worse",
	  { .step = { IDS(0x8086, 0x2f04), PREFIX, EXPRESS(4),
		      ACS(0x100, 0, ALL, ALL) } },
	  NULL,
	  4,
	  YES,
	  YES,
	  false },
	{ "and not of those of others",
	  { .step = { IDS(0x1022, 0x1483), EXPRESS(4), ACS(0x100, 0, ALL, 0) } },
	  NULL,
	  4,
	  NO,
	  NO,
	  false },
	{ "HiSilicon needs no prefix",
	  { .step = { IDS(0x19e5, 0xa255), PUT8(0x08, 0x30), EXPRESS(9) } },
	  NULL,
	  9,
	  NO,
	  YES,
	  true },
	{ "but in these revisions only",
	  { .step = { IDS(0x19e5, 0xa255), PUT8(0x08, 0x31), EXPRESS(9) } },
	  NULL,
	  9,
	  NO,
	  YES,
	  false },
	{ "and in these devices",
	  { .step = { IDS(0x19e5, 0xa252), PUT8(0x08, 0x30), EXPRESS(9) } },
	  NULL,
	  9,
	  NO,
	  YES,
	  false },
};

START_TEST(topology_reads_a_part_in_paths)
{
	static struct capgap_chain chain;
	const struct hop *row = &hops[_i];
	struct capgap_bdf bdf = { 0 };
	struct capgap_record rec;
	struct capgap_hop hop;

	memset(&hop, 0x5a, sizeof(hop));
	if (row->bdf)
		bdf = support_bdf(row->bdf);
	support_record(&rec, &row->image);
	capgap_chain_walk(&chain, &rec.image, false, NULL);
	capgap_topology_read_hop(&hop, &rec.image, &chain, row->bdf ? &bdf : NULL);
	ck_assert_msg(hop.type == row->type, "%s: type %u", row->name, hop.type);
	ck_assert_msg(hop.eetlp == row->eetlp, "%s: prefixes %d", row->name, hop.eetlp);
	ck_assert_msg(hop.acs == row->acs, "%s: ACS %d", row->name, hop.acs);
	ck_assert_msg(hop.no_prefix == row->no_prefix, "%s: no_prefix", row->name);
}
END_TEST

/* Bridges by their bus numbers. */
static const struct {
	const char *name;
	struct support_image image;
	bool is_bridge;
} bridges[] = {
	{ "a bridge", { .step = { PUT8(0x0e, 1), PUT32(0x18, 0x00050403) } }, true },
	{ "one bus below", { .step = { PUT8(0x0e, 1), PUT32(0x18, 0x00040403) } }, true },
	{ "no bridge", { .step = { PUT32(0x18, 0x00050403) } }, false },
	{ "buses that fall",
	  { .step = { PUT8(0x0e, 1), PUT32(0x18, 0x00030403) } },
	  false },
	{ "its own bus", { .step = { PUT8(0x0e, 1), PUT32(0x18, 0x00050303) } }, false },
	{ "not set up", { .step = { PUT8(0x0e, 1) } }, false },
	{ "not read",
	  { .step = { PUT8(0x0e, 1), PUT32(0x18, 0x00050403), DROP(0x1a, 1) } },
	  false },
};

START_TEST(topology_reads_a_bridge)
{
	static struct capgap_chain chain;
	struct capgap_bdf bdf = support_bdf("0000:03:00.0");
	struct capgap_bridge bridge;
	struct capgap_record rec;

	support_record(&rec, &bridges[_i].image);
	capgap_chain_walk(&chain, &rec.image, false, NULL);
	ck_assert_msg(capgap_topology_read_bridge(&bridge, &rec.image, &chain, &bdf) ==
			      bridges[_i].is_bridge,
		      "%s", bridges[_i].name);
	if (!bridges[_i].is_bridge)
		return;
	ck_assert(capgap_bdf_equal(&bridge.bdf, &bdf));
	ck_assert_uint_eq(bridge.secondary, 4);
	ck_assert_uint_ge(bridge.subordinate, 4);
	ck_assert_uint_eq(bridge.hop.type, 0);
}
END_TEST

#define BRIDGES 4

/**
 * struct way - one hop of a path
 * @bdf: address; NULL ends the list, or is that of a function without one
 * @secondary: the bus below
 * @hop: its part
 */
struct way {
	const char *bdf;
	unsigned secondary;
	struct capgap_hop hop;
};

/**
 * struct path - a function, the bridges of its machine, and what holds between
 * @name: for messages
 * @from: the function
 * @bridge: those seen, in any order
 * @eetlp: prefixes
 * @eetlp_at: where they fail, or NULL
 * @acs: redirection
 * @acs_at: where it fails, or NULL
 */
struct path {
	const char *name;
	struct way from;
	struct way bridge[BRIDGES];
	enum capgap_path_is eetlp;
	const char *eetlp_at;
	enum capgap_path_is acs;
	const char *acs_at;
};

#define HOP(type, eetlp, acs)                                                            \
	{                                                                                \
		(type), false, (eetlp), (acs)                                            \
	}
#define ROOT(bdf, secondary, eetlp, acs)                                                 \
	{                                                                                \
		bdf, secondary, HOP(4, eetlp, acs)                                       \
	}
#define GOOD_ROOT ROOT("0000:00:01.0", 1, YES, YES)
#define UPSTREAM(eetlp, acs)                                                             \
	{                                                                                \
		"0000:01:00.0", 2, HOP(5, eetlp, acs)                                    \
	}
#define DOWNSTREAM(eetlp, acs)                                                           \
	{                                                                                \
		"0000:02:03.0", 3, HOP(6, eetlp, acs)                                    \
	}
#define ENDPOINT                                                                         \
	{                                                                                \
		"0000:03:00.0", 0, HOP(0, YES, YES)                                      \
	}

static const struct path paths[] = {
	{ "all of it",
	  ENDPOINT,
	  { DOWNSTREAM(YES, YES), UPSTREAM(YES, YES), GOOD_ROOT },
	  YES,
	  NULL,
	  YES,
	  NULL },
	{ "bridges in another order",
	  ENDPOINT,
	  { GOOD_ROOT, UPSTREAM(YES, YES), DOWNSTREAM(YES, YES) },
	  YES,
	  NULL,
	  YES,
	  NULL },
	{ "the function itself",
	  { "0000:01:00.0", 0, HOP(0, NO, NO) },
	  { GOOD_ROOT },
	  NO,
	  "0000:01:00.0",
	  NO,
	  "0000:01:00.0" },
	{ "the root port",
	  { "0000:01:00.0", 0, HOP(0, YES, YES) },
	  { ROOT("0000:00:01.0", 1, NO, NO) },
	  NO,
	  "0000:00:01.0",
	  NO,
	  "0000:00:01.0" },
	{ "a switch in between",
	  ENDPOINT,
	  { GOOD_ROOT, UPSTREAM(NO, YES), DOWNSTREAM(YES, NO) },
	  NO,
	  "0000:01:00.0",
	  NO,
	  "0000:02:03.0" },
	{ "the lowest place is named",
	  ENDPOINT,
	  { GOOD_ROOT, UPSTREAM(NO, NO), DOWNSTREAM(NO, NO) },
	  NO,
	  "0000:02:03.0",
	  NO,
	  "0000:02:03.0" },
	{ "no bridge seen",
	  ENDPOINT,
	  { { 0 } },
	  UNKNOWN,
	  "0000:03:00.0",
	  UNKNOWN,
	  "0000:03:00.0" },
	{ "a bridge missing in between",
	  ENDPOINT,
	  { GOOD_ROOT, DOWNSTREAM(YES, YES) },
	  UNKNOWN,
	  "0000:02:03.0",
	  UNKNOWN,
	  "0000:02:03.0" },
	{ "a no is one whatever is not seen",
	  ENDPOINT,
	  { DOWNSTREAM(NO, NO) },
	  NO,
	  "0000:02:03.0",
	  NO,
	  "0000:02:03.0" },
	{ "a no above what is not known",
	  ENDPOINT,
	  { ROOT("0000:00:01.0", 1, NO, NO), UPSTREAM(UNKNOWN, UNKNOWN),
	    DOWNSTREAM(YES, YES) },
	  NO,
	  "0000:00:01.0",
	  NO,
	  "0000:00:01.0" },
	{ "the first that is not known is named",
	  ENDPOINT,
	  { ROOT("0000:00:01.0", 1, UNKNOWN, UNKNOWN), UPSTREAM(UNKNOWN, UNKNOWN),
	    DOWNSTREAM(YES, YES) },
	  UNKNOWN,
	  "0000:01:00.0",
	  UNKNOWN,
	  "0000:01:00.0" },
	{ "the bridge of another domain",
	  ENDPOINT,
	  { { "0001:02:03.0", 3, HOP(6, NO, NO) } },
	  UNKNOWN,
	  "0000:03:00.0",
	  UNKNOWN,
	  "0000:03:00.0" },
	{ "two bridges that claim a bus",
	  ENDPOINT,
	  { DOWNSTREAM(YES, YES), DOWNSTREAM(NO, NO) },
	  UNKNOWN,
	  "0000:03:00.0",
	  UNKNOWN,
	  "0000:03:00.0" },
	{ "an integrated endpoint needs only itself",
	  { "0000:6a:01.0", 0, HOP(9, YES, YES) },
	  { { 0 } },
	  YES,
	  NULL,
	  YES,
	  NULL },
	{ "which may not be enough",
	  { "0000:6a:01.0", 0, HOP(9, NO, NO) },
	  { { 0 } },
	  NO,
	  "0000:6a:01.0",
	  NO,
	  "0000:6a:01.0" },
	{ "an integrated endpoint without an address",
	  { NULL, 0, HOP(9, YES, YES) },
	  { { 0 } },
	  YES,
	  NULL,
	  YES,
	  NULL },
	{ "an endpoint without an address",
	  { NULL, 0, HOP(0, YES, YES) },
	  { GOOD_ROOT },
	  UNKNOWN,
	  NULL,
	  UNKNOWN,
	  NULL },
	{ "without prefixes and an address",
	  { NULL, 0, HOP(0, NO, NO) },
	  { { 0 } },
	  NO,
	  NULL,
	  NO,
	  NULL },
	{ "an endpoint on bus 0 has no bridge",
	  { "0000:00:05.0", 0, HOP(0, YES, YES) },
	  { GOOD_ROOT },
	  NO,
	  "0000:00:05.0",
	  YES,
	  NULL },
	{ "a bridge on bus 0 that is no root port",
	  { "0000:01:00.0", 0, HOP(0, YES, YES) },
	  { { "0000:00:1e.0", 1, HOP(CAPGAP_HOP_CONVENTIONAL, NO, NO) } },
	  NO,
	  "0000:00:1e.0",
	  NO,
	  "0000:00:1e.0" },
	{ "a device that needs no prefix",
	  { "0000:75:00.0", 0, { 0, true, NO, YES } },
	  { { 0 } },
	  YES,
	  NULL,
	  UNKNOWN,
	  "0000:75:00.0" },
};

static void check_fact(const char *name, const char *what,
		       const struct capgap_path_fact *fact, enum capgap_path_is is,
		       const char *at)
{
	char text[CAPGAP_BDF_TEXT];

	ck_assert_msg(fact->is == is, "%s: %s is %d", name, what, fact->is);
	ck_assert_msg(fact->has_at == !!at, "%s: %s has a place", name, what);
	if (at)
		ck_assert_str_eq(capgap_bdf_format(&fact->at, text), at);
}

START_TEST(topology_climbs_to_the_root)
{
	const struct path *row = &paths[_i];
	struct capgap_bdf bdf = { 0 };
	struct capgap_bridge bridge;
	struct capgap_path path;

	memset(&path, 0x5a, sizeof(path));
	for (unsigned i = 0; i < BRIDGES && row->bridge[i].bdf; i++) {
		bridge = (struct capgap_bridge){ support_bdf(row->bridge[i].bdf),
						 (uint8_t)row->bridge[i].secondary, 0xff,
						 row->bridge[i].hop };
		ck_assert_int_eq(capgap_topology_add_bridge(&topo, &bridge), 0);
	}
	if (row->from.bdf)
		bdf = support_bdf(row->from.bdf);
	capgap_topology_find_path(&path, &topo, row->from.bdf ? &bdf : NULL,
				  &row->from.hop);
	check_fact(row->name, "eetlp", &path.eetlp, row->eetlp, row->eetlp_at);
	check_fact(row->name, "acs", &path.acs, row->acs, row->acs_at);
}
END_TEST

START_TEST(topology_keeps_a_bounded_number_of_bridges)
{
	struct capgap_bridge bridge = { .secondary = 1, .subordinate = 1 };
	struct capgap_hop hop = HOP(0, YES, YES);
	struct capgap_bdf below = { 0, 1, 0, 0 };
	struct capgap_path path;

	bridge.hop = (struct capgap_hop)HOP(4, YES, YES);
	for (unsigned i = 0; i <= CAPGAP_BRIDGES_MAX; i++) {
		bridge.bdf.domain = i;
		ck_assert_int_eq(capgap_topology_add_bridge(&topo, &bridge), 0);
	}
	ck_assert_uint_eq(topo.n_bridge, CAPGAP_BRIDGES_MAX);
	below.domain = CAPGAP_BRIDGES_MAX - 1;
	capgap_topology_find_path(&path, &topo, &below, &hop);
	ck_assert_int_eq(path.eetlp.is, YES);
	below.domain = CAPGAP_BRIDGES_MAX;
	capgap_topology_find_path(&path, &topo, &below, &hop);
	ck_assert_int_eq(path.eetlp.is, UNKNOWN);
	capgap_topology_clear(&topo);
	ck_assert_uint_eq(topo.n_bridge, 0);
}
END_TEST

Suite *topology_path_suite(void)
{
	Suite *suite = suite_create("topology_path");
	TCase *machine = tcase_create("machine");
	TCase *decode = tcase_create("decode");

	tcase_add_loop_test(decode, topology_reads_a_part_in_paths, 0, ROWS(hops));
	tcase_add_loop_test(decode, topology_reads_a_bridge, 0, ROWS(bridges));
	suite_add_tcase(suite, decode);
	tcase_add_checked_fixture(machine, start, stop);
	tcase_add_loop_test(machine, topology_climbs_to_the_root, 0, ROWS(paths));
	tcase_add_test(machine, topology_keeps_a_bounded_number_of_bridges);
	suite_add_tcase(suite, machine);
	return suite;
}
