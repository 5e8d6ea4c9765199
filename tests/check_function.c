/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The finished analysis: kind, ids, what is applicable, and what the function as a whole says. */
#include <string.h>

#include "suites.h"
#include "support.h"

#define HITS_MAX 4

static struct capgap_topology topo;

static void start(void)
{
	capgap_topology_init(&topo);
}

static void stop(void)
{
	capgap_topology_clear(&topo);
}

/**
 * struct row - an image on its own
 * @name: for messages
 * @image: how to build it
 * @why: a word of the reason for which it is not applicable; NULL when it is
 * @open: the lists were not read whole
 * @hit: all findings
 */
struct row {
	const char *name;
	struct support_image image;
	const char *why;
	bool open;
	struct capgap_hit hit[HITS_MAX];
};

static void check_row(const struct row *row)
{
	const struct capgap_function *fn = support_function(&row->image);

	support_same_hits(row->name, &fn->findings, row->hit, HITS_MAX);
	ck_assert_msg(!fn->not_applicable == !row->why, "%s: %s", row->name,
		      fn->not_applicable ? fn->not_applicable : "applicable");
	if (row->why)
		ck_assert_msg(strstr(fn->not_applicable, row->why) != NULL, "%s: %s",
			      row->name, fn->not_applicable);
	ck_assert_msg(fn->chain_known == !row->open, "%s: chain_known", row->name);
}

static const struct row applicable[] = {
	{ .name = "an endpoint of 4096 bytes" },
	{ "one of a multi-function device",
	  { .step = { PUT8(0x0e, 0x80) } },
	  .why = NULL },
	{ "a bridge", { .step = { PUT8(0x0e, 0x01) } }, "bridge", false, { { 0 } } },
	{ "a CardBus bridge",
	  { .base = BASE_CONVENTIONAL, .size = 256, .step = { PUT8(0x0e, 0x02) } },
	  "CardBus",
	  false,
	  { HIT(CARDBUS_POINTER, 0x14, 0, 0, 0) } },
	{ "header type 5",
	  { .step = { PUT8(0x0e, 0x05) } },
	  "type",
	  true,
	  { HIT(HEADER_TYPE, 0x0e, 0, 5, 0) } },
	{ "a conventional function",
	  { .base = BASE_CONVENTIONAL, .size = 256 },
	  "PCI Express",
	  false,
	  { { 0 } } },
	{ "a conventional function of 4096 bytes",
	  { .base = BASE_CONVENTIONAL },
	  "PCI Express",
	  false,
	  { { 0 } } },
	{ "64 bytes, read without privilege",
	  { .size = 64 },
	  "4096",
	  true,
	  { HIT(CONV_ABSENT, 0x34, 1, 0x34, 0x40), HIT(IMAGE_SHORT, 0, 0, 64, 0) } },
	{ "256 bytes",
	  { .size = 256 },
	  "4096",
	  true,
	  { HIT(IMAGE_SHORT, 0, 0, 256, 0) } },
	{ "0xa0 bytes, as Linux gives of IBM Citrine",
	  { .size = 0xa0 },
	  "4096",
	  true,
	  { HIT(SIZE_ODD, 0, 0, 0xa0, 0) } },
	{ "0x200 bytes, as of some i.MX ports",
	  { .size = 0x200 },
	  "4096",
	  false,
	  { HIT(SIZE_ODD, 0, 0, 0x200, 0) } },
	{ "0x600 bytes, as of Netronome NFP",
	  { .size = 0x600 },
	  "4096",
	  false,
	  { HIT(SIZE_ODD, 0, 0, 0x600, 0) } },
	{ "half a header",
	  { .size = 0x0e },
	  "header",
	  true,
	  { HIT(SIZE_ODD, 0, 0, 0x0e, 0) } },
};

START_TEST(function_is_applicable_as_a_whole_express_endpoint)
{
	check_row(&applicable[_i]);
}
END_TEST

/* The vendor and device ids at every multiple of 0x100 but the last. */
#define IDS (SUPPORT_DEVICE << 16 | SUPPORT_VENDOR)
#define ALIAS14                                                                          \
	PUT32(0x200, IDS), PUT32(0x300, IDS), PUT32(0x400, IDS), PUT32(0x500, IDS),      \
		PUT32(0x600, IDS), PUT32(0x700, IDS), PUT32(0x800, IDS),                 \
		PUT32(0x900, IDS), PUT32(0xa00, IDS), PUT32(0xb00, IDS),                 \
		PUT32(0xc00, IDS), PUT32(0xd00, IDS), PUT32(0xe00, IDS)

static const struct row whole[] = {
	{ "every byte ff",
	  { .base = BASE_BLANK, .step = { FILL(0, 4096, 0xff) } },
	  "ff",
	  true,
	  { HIT(ALL_ONES, 0, 4096, 0, 0), HIT(HEADER_TYPE, 0x0e, 0, 0x7f, 0) } },
	{ "every byte of 64 ff",
	  { .base = BASE_BLANK, .size = 64, .step = { FILL(0, 64, 0xff) } },
	  "ff",
	  true,
	  { HIT(ALL_ONES, 0, 64, 0, 0), HIT(HEADER_TYPE, 0x0e, 0, 0x7f, 0),
	    HIT(IMAGE_SHORT, 0, 0, 64, 0) } },
	{ "extended space of ff behind a sound first part",
	  { .step = { FILL(0x100, 0xf00, 0xff) } },
	  NULL,
	  true,
	  { HIT(EXT_ONES, 0x100, 4, 0, 0) } },
	{ "no alias: one multiple differs",
	  { .base = BASE_CONVENTIONAL, .step = { ALIAS14, PUT32(0x100, IDS) } },
	  "PCI Express",
	  false,
	  { HIT(EXT_NOT_WALKED, 0x100, 0xf00, 0, 0) } },
	{ "something in extended space that no list explains",
	  { .base = BASE_CONVENTIONAL, .step = { EXT(0x100, 0x0003, 1, 0) } },
	  "PCI Express",
	  false,
	  { HIT(EXT_NOT_WALKED, 0x100, 0xf00, 0, 0) } },
	{ "a lost row",
	  { .step = { DROP(0x200, 16), DROP(0x90, 1) } },
	  NULL,
	  false,
	  { HIT(BYTES_ABSENT, 0x200, 16, 0, 0), HIT(BYTES_ABSENT, 0x90, 1, 0, 0) } },
	{ "a lost row in extended space that holds nothing",
	  { .base = BASE_CONVENTIONAL, .step = { DROP(0x200, 16) } },
	  "PCI Express",
	  false,
	  { HIT(BYTES_ABSENT, 0x200, 16, 0, 0) } },
	{ "a lost row with the header type",
	  { .step = { DROP(0x00, 16) } },
	  "header",
	  true,
	  { HIT(BYTES_ABSENT, 0x00, 16, 0, 0) } },
	{ "PASID of width 20", { .step = { PASID(0x100, 0, 0) } }, .why = NULL },
	{ "PASID of width 21",
	  { .step = { PASID(0x100, 0, 0), PUT16(0x104, 0x1506) } },
	  NULL,
	  false,
	  { HIT(PASID_WIDTH, 0x104, 2, 21, 0) } },
	{ "QEMU's stub at 0x100",
	  { .step = { EXT(0x100, 0xffff, 0, 0x200), EXT(0x200, 0x0003, 1, 0) } },
	  NULL,
	  false,
	  { HIT(VANTAGE, 0x100, 4, 0, 0), HIT(ID_FFFF, 0x100, 4, 0, 0),
	    HIT(LENGTH_UNKNOWN, 0x100, 4, 0, 0) } },
	{ "id ffff elsewhere",
	  { .step = { EXT(0x100, 0x0003, 1, 0x200), EXT(0x200, 0xffff, 1, 0) } },
	  NULL,
	  false,
	  { HIT(ID_FFFF, 0x200, 4, 0, 0), HIT(LENGTH_UNKNOWN, 0x200, 4, 0, 0) } },
};

START_TEST(function_reports_what_concerns_all_of_it)
{
	check_row(&whole[_i]);
}
END_TEST

/* Lists that were not read whole: what they lack may be there. */
static const struct row open_lists[] = {
	{ "a loop has been followed to its end",
	  { .step = { EXT(0x100, 0x0003, 1, 0x100) } },
	  NULL,
	  false,
	  { HIT(EXT_LOOP, 0x100, 4, 0x100, 0x100) } },
	{ "ones in the extended list",
	  { .step = { EXT(0x100, 0x0003, 1, 0x200), FILL(0x200, 4, 0xff) } },
	  NULL,
	  true,
	  { HIT(EXT_ONES, 0x200, 4, 0, 0) } },
	{ "id ff in the PCI-compatible list",
	  { .step = { PUT8(0x41, 0x80), FILL(0x80, 4, 0xff) } },
	  NULL,
	  true,
	  { HIT(CONV_BROKEN, 0x80, 4, 0x41, 0x80) } },
	{ "a lost row in the extended list",
	  { .step = { EXT(0x100, 0x0003, 1, 0x200), DROP(0x200, 16) } },
	  NULL,
	  true,
	  { HIT(EXT_ABSENT, 0x100, 4, 0x100, 0x200),
	    HIT(BYTES_ABSENT, 0x200, 16, 0, 0) } },
};

START_TEST(function_knows_whether_its_lists_were_read_whole)
{
	check_row(&open_lists[_i]);
}
END_TEST

START_TEST(function_reports_an_alias)
{
	static const struct support_image how = { .base = BASE_CONVENTIONAL,
						  .step = { ALIAS14, PUT32(0x100, IDS),
							    PUT32(0xf00, IDS) } };
	static const struct capgap_hit want[] = { HIT(ALIAS, 0x100, 0xf00, 0, 0) };
	const struct capgap_function *fn = support_function(&how);

	support_has_hits("alias", &fn->findings, want, ROWS(want));
	ck_assert_ptr_nonnull(strstr(fn->not_applicable, "alias"));
}
END_TEST

START_TEST(function_has_no_gap_in_an_alias_or_a_dead_space)
{
	static const struct support_image alias = { .step = { ALIAS14, PUT32(0x100, IDS),
							      PUT32(0xf00, IDS) } };
	static const struct support_image dead = { .base = BASE_BLANK,
						   .step = { FILL(0, 4096, 0xff) } };
	const struct capgap_function *fn = support_function(&alias);

	ck_assert_uint_eq(fn->n_gaps, 1);
	ck_assert_uint_eq(fn->gap[0].off, 0x7c);
	ck_assert_uint_eq(fn->gap[0].len, 0x84);
	fn = support_function(&dead);
	ck_assert_uint_eq(fn->n_gaps, 0);
	ck_assert_int_eq(fn->id_from, CAPGAP_ID_NONE);
	ck_assert_int_eq(fn->kind, CAPGAP_KIND_FUNCTION);
}
END_TEST

START_TEST(function_takes_the_callers_smallest_gap)
{
	static const struct support_image how = { .step = { EXT(0x100, 0x0003, 1, 0x114),
							    EXT(0x114, 0x000f, 1, 0) } };
	static struct capgap_function fn;
	struct capgap_options opt = { .vantage = CAPGAP_VANTAGE_HOST, .min_gap = 8 };
	struct capgap_record rec;

	support_record(&rec, &how);
	capgap_function_analyse(&fn, &rec, NULL, &opt);
	ck_assert_uint_eq(fn.n_gaps, 3);
	ck_assert_uint_eq(fn.gap[1].off, 0x10c);
	opt.min_gap = 12;
	capgap_function_analyse(&fn, &rec, NULL, &opt);
	ck_assert_uint_eq(fn.n_gaps, 2);
}
END_TEST

START_TEST(function_answers_damaged_text)
{
	static const struct support_image how = { .step = { DROP(0x300, 16) } };
	static const struct capgap_hit want[] = {
		HIT(ROW_DAMAGED, 0x300, 16, 0, 0),
		HIT(ROW_CONFLICT, 0x310, 16, 0, 0),
		HIT(BYTES_ABSENT, 0x300, 16, 0, 0),
	};
	const struct capgap_function *fn;
	struct capgap_record rec;

	support_record(&rec, &how);
	rec.n_damage = 2;
	rec.damage[0] = (struct capgap_damage){ CAPGAP_F_ROW_DAMAGED, 0x300, 16 };
	rec.damage[1] = (struct capgap_damage){ CAPGAP_F_ROW_CONFLICT, 0x310, 16 };
	fn = support_analyse(&rec, NULL, CAPGAP_VANTAGE_HOST);
	support_same_hits("damage", &fn->findings, want, ROWS(want));
	ck_assert_uint_eq(fn->n_gaps, 3);
	ck_assert_ptr_null(fn->not_applicable);
}
END_TEST

START_TEST(function_finds_orphans_and_takes_them_from_gaps)
{
	static const struct support_image how = {
		.step = { EXT(0x100, 0x0003, 1, 0x180), EXT(0x180, 0x000f, 1, 0),
			  EXT(0x158, 0x0004, 1, 0x180) }
	};
	static const struct capgap_hit want = HIT(ORPHAN, 0x158, 16, 4, 0x180);
	const struct capgap_function *fn = support_function(&how);

	support_same_hits("orphan", &fn->findings, &want, 1);
	ck_assert_uint_eq(fn->orphans.n, 1);
	ck_assert_uint_eq(fn->n_gaps, 4);
	ck_assert_uint_eq(fn->gap[1].off, 0x10c);
	ck_assert_uint_eq(fn->gap[1].len, 0x4c);
	ck_assert_uint_eq(fn->gap[2].off, 0x168);
	ck_assert_uint_eq(fn->gap[2].len, 0x18);
}
END_TEST

/* The physical function 0000:03:00.0 with VFs 1022 at 03:10.0, 03:10.2, 03:10.4 and 03:10.6. */
static void add_pf(unsigned num)
{
	struct capgap_pf pf = { .bdf = support_bdf("0000:03:00.0"),
				.vendor = SUPPORT_VENDOR,
				.vf_device = 0x1022,
				.first = 0x80,
				.stride = 2,
				.num = (uint16_t)num,
				.chain_known = true,
				.pasid = { 0x300, 0x1404, 1 } };

	ck_assert_int_eq(capgap_topology_add_pf(&topo, &pf), 0);
}

/**
 * struct relation - a record beside a physical function
 * @name: for messages
 * @image: how to build it
 * @bdf: its address, or NULL
 * @physfn: the physical function that sysfs names, or NULL
 * @num: VFs that are enabled; negative: the physical function is not seen
 * @is_vf: what it is
 * @of: address of the physical function, or NULL
 * @known: that one was seen
 * @waits: it must wait for its physical function
 */
struct relation {
	const char *name;
	struct support_image image;
	const char *bdf;
	const char *physfn;
	int num;
	bool is_vf;
	const char *of;
	bool known;
	bool waits;
};

#define VF_BDF "0000:03:10.2"
#define PF_BDF "0000:03:00.0"
#define FAR_BDF "0000:05:00.0"
#define IDS_VF PUT16(0x02, 0x1022)
#define IDS_OTHER PUT16(0x02, 0x1033)

static const struct relation relations[] = {
	{ "ids ffff:ffff at a VF's routing id",
	  { .base = BASE_VF },
	  VF_BDF,
	  NULL,
	  4,
	  true,
	  PF_BDF,
	  true,
	  false },
	{ "the VF's own ids there",
	  { .step = { IDS_VF } },
	  VF_BDF,
	  NULL,
	  4,
	  true,
	  PF_BDF,
	  true,
	  false },
	{ "ids there that were not read",
	  { .step = { DROP(0, 4) } },
	  VF_BDF,
	  NULL,
	  4,
	  true,
	  PF_BDF,
	  true,
	  false },
	{ "a neighbour with another device id is no VF",
	  { .step = { IDS_OTHER } },
	  VF_BDF,
	  NULL,
	  4,
	  false,
	  NULL,
	  false,
	  false },
	{ "a neighbour with another vendor id is no VF",
	  { .step = { IDS_VF, PUT16(0x00, 0x8086) } },
	  VF_BDF,
	  NULL,
	  4,
	  false,
	  NULL,
	  false,
	  false },
	{ "a function that is not there, every byte ff, is no VF",
	  { .base = BASE_BLANK, .step = { FILL(0, 4096, 0xff) } },
	  VF_BDF,
	  NULL,
	  4,
	  false,
	  NULL,
	  false,
	  false },
	{ "the VF's ids beyond NumVFs",
	  { .step = { IDS_VF } },
	  VF_BDF,
	  NULL,
	  1,
	  false,
	  NULL,
	  false,
	  false },
	{ "the VF's ids while VF Enable is clear",
	  { .step = { IDS_VF } },
	  VF_BDF,
	  NULL,
	  0,
	  false,
	  NULL,
	  false,
	  false },
	{ "ids ffff:ffff beyond NumVFs: a VF of nobody seen",
	  { .base = BASE_VF },
	  VF_BDF,
	  NULL,
	  1,
	  true,
	  NULL,
	  false,
	  true },
	{ "ids ffff:ffff in another domain",
	  { .base = BASE_VF },
	  "0001:03:10.2",
	  NULL,
	  4,
	  true,
	  NULL,
	  false,
	  true },
	{ "ids ffff:ffff before the physical function",
	  { .base = BASE_VF },
	  VF_BDF,
	  NULL,
	  -1,
	  true,
	  NULL,
	  false,
	  true },
	{ "ids ffff:ffff without an address cannot wait",
	  { .base = BASE_VF },
	  NULL,
	  NULL,
	  4,
	  true,
	  NULL,
	  false,
	  false },
	{ "named by physfn, wherever it is",
	  { .step = { IDS_OTHER } },
	  FAR_BDF,
	  PF_BDF,
	  0,
	  true,
	  PF_BDF,
	  true,
	  false },
	{ "named by physfn, whatever its routing id says",
	  { .base = BASE_VF },
	  VF_BDF,
	  FAR_BDF,
	  4,
	  true,
	  FAR_BDF,
	  false,
	  true },
	{ "named by physfn, before the physical function",
	  { .step = { IDS_VF } },
	  VF_BDF,
	  PF_BDF,
	  -1,
	  true,
	  PF_BDF,
	  false,
	  true },
	{ "named by physfn, without an address of its own",
	  { .base = BASE_VF },
	  NULL,
	  PF_BDF,
	  4,
	  true,
	  PF_BDF,
	  true,
	  false },
	{ "an ordinary function elsewhere",
	  { .base = BASE_ENDPOINT },
	  FAR_BDF,
	  NULL,
	  4,
	  false,
	  NULL,
	  false,
	  false },
	{ "an ordinary function without an address",
	  { .step = { IDS_VF } },
	  NULL,
	  NULL,
	  4,
	  false,
	  NULL,
	  false,
	  false },
};

static void make(struct capgap_record *rec, const struct relation *row)
{
	support_record(rec, &row->image);
	if (row->bdf)
		support_at(rec, row->bdf);
	if (row->physfn) {
		rec->meta.physfn = support_bdf(row->physfn);
		rec->meta.flags |= CAPGAP_META_PHYSFN;
	}
	if (row->num >= 0)
		add_pf((unsigned)row->num);
}

START_TEST(function_tells_virtual_functions)
{
	const struct relation *row = &relations[_i];
	const struct capgap_function *fn;
	char buf[CAPGAP_BDF_TEXT];
	struct capgap_record rec;

	make(&rec, row);
	ck_assert_msg(capgap_function_needs_pf(&rec, &topo, NULL) == row->waits,
		      "%s: waits", row->name);
	fn = support_analyse(&rec, &topo, CAPGAP_VANTAGE_HOST);
	ck_assert_msg((fn->kind == CAPGAP_KIND_VF) == row->is_vf, "%s: %s", row->name,
		      capgap_kind_name(fn->kind));
	ck_assert_msg(fn->has_physfn == !!row->of, "%s: physfn", row->name);
	if (row->of)
		ck_assert_str_eq(capgap_bdf_format(&fn->physfn, buf), row->of);
	ck_assert_msg(fn->has_pf == row->known, "%s: pf", row->name);
	if (row->known)
		ck_assert_uint_eq(fn->pf.pasid.off, 0x300);
	ck_assert_msg(!!support_find(&fn->findings, CAPGAP_F_PF_NOT_SEEN) ==
			      (row->is_vf && !row->known),
		      "%s: pf-not-seen", row->name);
}
END_TEST

/* The same without any machine: nothing is known of other functions. */
START_TEST(function_alone_knows_no_pf)
{
	static const struct support_image how = { .base = BASE_VF };
	const struct capgap_function *fn;
	struct capgap_record rec;

	support_record(&rec, &how);
	support_at(&rec, VF_BDF);
	ck_assert(capgap_function_needs_pf(&rec, NULL, NULL));
	fn = support_analyse(&rec, NULL, CAPGAP_VANTAGE_HOST);
	ck_assert_int_eq(fn->kind, CAPGAP_KIND_VF);
	ck_assert(!fn->has_pf);
	ck_assert_ptr_null(fn->not_applicable);
}
END_TEST

START_TEST(function_takes_a_vf_for_express_without_a_link)
{
	static const struct support_image how = { .base = BASE_CONVENTIONAL,
						  .step = { PUT32(0x00, 0xffffffff),
							    EXT(0x100, 0x000e, 1, 0x140),
							    EXT(0x140, 0x000f, 1, 0) } };
	static const struct capgap_hit want[] = {
		HIT(PCIE_UNLINKED, 0, 0, 0, 0),
		HIT(PF_NOT_SEEN, 0, 0, 0, 0),
	};
	const struct capgap_function *fn = support_function(&how);

	ck_assert(fn->pcie);
	ck_assert(fn->chain_known);
	ck_assert_ptr_null(fn->not_applicable);
	ck_assert_uint_eq(fn->chain.n - fn->chain.n_conv, 2);
	support_same_hits("unlinked", &fn->findings, want, ROWS(want));
}
END_TEST

/* Where vendor and device id come from. */
static const struct {
	const char *name;
	enum support_base base;
	unsigned flags;
	bool pf;
	enum capgap_id_from from;
	uint16_t vendor, device;
} identities[] = {
	{ "the image", BASE_ENDPOINT, 0, false, CAPGAP_ID_IMAGE, SUPPORT_VENDOR,
	  SUPPORT_DEVICE },
	{ "the image before all else", BASE_ENDPOINT, CAPGAP_META_IDS | CAPGAP_META_SYSFS,
	  true, CAPGAP_ID_IMAGE, SUPPORT_VENDOR, SUPPORT_DEVICE },
	{ "a line of text", BASE_VF, CAPGAP_META_IDS, false, CAPGAP_ID_TEXT, 0x1234,
	  0x5678 },
	{ "a line of text before the PF", BASE_VF, CAPGAP_META_IDS, true, CAPGAP_ID_TEXT,
	  0x1234, 0x5678 },
	{ "sysfs files", BASE_VF, CAPGAP_META_IDS | CAPGAP_META_SYSFS, false,
	  CAPGAP_ID_SYSFS, 0x1234, 0x5678 },
	{ "the PF's SR-IOV capability", BASE_VF, 0, true, CAPGAP_ID_PF, SUPPORT_VENDOR,
	  0x1022 },
	{ "nowhere", BASE_VF, 0, false, CAPGAP_ID_NONE, 0, 0 },
};

START_TEST(function_says_where_its_ids_come_from)
{
	struct support_image how = { .base = identities[_i].base };
	const struct capgap_function *fn;
	struct capgap_record rec;

	support_record(&rec, &how);
	support_at(&rec, VF_BDF);
	rec.meta.flags |= identities[_i].flags;
	rec.meta.vendor = 0x1234;
	rec.meta.device = 0x5678;
	if (identities[_i].pf)
		add_pf(4);
	fn = support_analyse(&rec, &topo, CAPGAP_VANTAGE_HOST);
	ck_assert_msg(fn->id_from == identities[_i].from, "%s: %d", identities[_i].name,
		      fn->id_from);
	if (fn->id_from == CAPGAP_ID_NONE)
		return;
	ck_assert_uint_eq(fn->vendor, identities[_i].vendor);
	ck_assert_uint_eq(fn->device, identities[_i].device);
}
END_TEST

START_TEST(function_with_sriov_is_physical)
{
	static const struct support_image how = {
		.step = { SRIOV(0x100, 0x200, 1, 4, 0x80, 2, 0x1022), PASID(0x200, 0, 1) }
	};
	const struct capgap_function *fn;
	struct capgap_record rec;

	support_record(&rec, &how);
	support_at(&rec, PF_BDF);
	fn = support_analyse(&rec, NULL, CAPGAP_VANTAGE_HOST);
	ck_assert_int_eq(fn->kind, CAPGAP_KIND_PF);
	ck_assert(fn->has_pf);
	ck_assert(!fn->has_physfn);
	ck_assert_uint_eq(capgap_bdf_rid(&fn->pf.bdf), 0x0300);
	ck_assert_uint_eq(fn->pf.vf_device, 0x1022);
	ck_assert_uint_eq(fn->pf.num, 4);
	ck_assert_uint_eq(fn->pf.pasid.off, 0x200);
	ck_assert_uint_eq(fn->pasid.off, 0x200);
	ck_assert_uint_eq(fn->pasid.capability, 0x1404);
	ck_assert_uint_eq(fn->pasid.control, 1);
}
END_TEST

/* A PASID capability on a VF is no hardware; from elsewhere nothing is suspect. */
static const struct {
	enum capgap_vantage vantage;
	bool suspect;
} vantages[] = {
	{ CAPGAP_VANTAGE_HOST, true },
	{ CAPGAP_VANTAGE_VFIO, false },
	{ CAPGAP_VANTAGE_GUEST, false },
};

START_TEST(function_suspects_a_vf_with_pasid_on_the_host)
{
	static const struct support_image vf = { .base = BASE_VF,
						 .step = { EXT(0x100, 0x000e, 1, 0x140),
							   PASID(0x140, 0, 1) } };
	static const struct support_image stub = { .step = { EXT(0x100, 0xffff, 0, 0) } };
	static const struct capgap_hit want[] = { HIT(VANTAGE, 0x140, 8, 0, 0) };
	const struct capgap_function *fn;
	struct capgap_record rec;

	support_record(&rec, &vf);
	fn = support_analyse(&rec, NULL, vantages[_i].vantage);
	ck_assert_int_eq(fn->vantage, vantages[_i].vantage);
	ck_assert(!!support_find(&fn->findings, CAPGAP_F_VANTAGE) ==
		  vantages[_i].suspect);
	if (vantages[_i].suspect)
		support_has_hits("vf", &fn->findings, want, 1);
	support_record(&rec, &stub);
	fn = support_analyse(&rec, NULL, vantages[_i].vantage);
	ck_assert(!!support_find(&fn->findings, CAPGAP_F_VANTAGE) ==
		  vantages[_i].suspect);
}
END_TEST

START_TEST(function_terms_have_names)
{
	ck_assert_str_eq(capgap_kind_name(CAPGAP_KIND_FUNCTION), "function");
	ck_assert_str_eq(capgap_kind_name(CAPGAP_KIND_PF), "pf");
	ck_assert_str_eq(capgap_kind_name(CAPGAP_KIND_VF), "vf");
	ck_assert_ptr_null(capgap_id_from_name(CAPGAP_ID_NONE));
	ck_assert_str_eq(capgap_id_from_name(CAPGAP_ID_IMAGE), "image");
	ck_assert_str_eq(capgap_id_from_name(CAPGAP_ID_SYSFS), "sysfs");
	ck_assert_str_eq(capgap_id_from_name(CAPGAP_ID_TEXT), "text");
	ck_assert_str_eq(capgap_id_from_name(CAPGAP_ID_PF), "pf");
	ck_assert_str_eq(capgap_vantage_name(CAPGAP_VANTAGE_HOST), "host");
	ck_assert_str_eq(capgap_vantage_name(CAPGAP_VANTAGE_VFIO), "vfio");
	ck_assert_str_eq(capgap_vantage_name(CAPGAP_VANTAGE_GUEST), "guest");
}
END_TEST

Suite *function_suite(void)
{
	Suite *suite = suite_create("function");
	TCase *alone = tcase_create("alone");
	TCase *machine = tcase_create("machine");

	tcase_add_loop_test(alone, function_is_applicable_as_a_whole_express_endpoint, 0,
			    ROWS(applicable));
	tcase_add_loop_test(alone, function_reports_what_concerns_all_of_it, 0,
			    ROWS(whole));
	tcase_add_loop_test(alone, function_knows_whether_its_lists_were_read_whole, 0,
			    ROWS(open_lists));
	tcase_add_test(alone, function_reports_an_alias);
	tcase_add_test(alone, function_has_no_gap_in_an_alias_or_a_dead_space);
	tcase_add_test(alone, function_takes_the_callers_smallest_gap);
	tcase_add_test(alone, function_answers_damaged_text);
	tcase_add_test(alone, function_finds_orphans_and_takes_them_from_gaps);
	tcase_add_test(alone, function_terms_have_names);
	suite_add_tcase(suite, alone);
	tcase_add_checked_fixture(machine, start, stop);
	tcase_add_loop_test(machine, function_tells_virtual_functions, 0,
			    ROWS(relations));
	tcase_add_test(machine, function_alone_knows_no_pf);
	tcase_add_test(machine, function_takes_a_vf_for_express_without_a_link);
	tcase_add_loop_test(machine, function_says_where_its_ids_come_from, 0,
			    ROWS(identities));
	tcase_add_test(machine, function_with_sriov_is_physical);
	tcase_add_loop_test(machine, function_suspects_a_vf_with_pasid_on_the_host, 0,
			    ROWS(vantages));
	suite_add_tcase(suite, machine);
	return suite;
}
