/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Physical and virtual functions: SR-IOV arithmetic, addresses seen, what is decoded. */
#include <stdio.h>
#include <string.h>

#include "../analyzer/topology.h"
#include "suites.h"
#include "support.h"

/* VF Enable; VF Enable with VF MSE. */
#define ENABLED 0x0001u
#define ENABLED_MSE 0x0009u

static struct capgap_topology topo;

static void start(void)
{
	capgap_topology_init(&topo);
}

static void stop(void)
{
	capgap_topology_clear(&topo);
}

static void add(const char *bdf, unsigned first, unsigned stride, unsigned num)
{
	struct capgap_pf pf = { .bdf = support_bdf(bdf),
				.vendor = SUPPORT_VENDOR,
				.vf_device = 0x1022,
				.first = (uint16_t)first,
				.stride = (uint16_t)stride,
				.num = (uint16_t)num };

	ck_assert_int_eq(capgap_topology_add_pf(&topo, &pf), 0);
}

/* VF n is PF + First VF Offset + (n - 1) x VF Stride, for n from 1 to NumVFs. */
static const struct {
	const char *pf;
	unsigned first, stride, num;
	const char *bdf;
	bool is_vf;
} ids[] = {
	{ "0000:03:00.0", 0x80, 2, 4, "0000:03:10.0", true }, /* 0300 + 80 */
	{ "0000:03:00.0", 0x80, 2, 4, "0000:03:10.2", true },
	{ "0000:03:00.0", 0x80, 2, 4, "0000:03:10.6", true },  /* the last one */
	{ "0000:03:00.0", 0x80, 2, 4, "0000:03:11.0", false }, /* n would be 5 */
	{ "0000:03:00.0", 0x80, 2, 4, "0000:03:10.1", false }, /* between two */
	{ "0000:03:00.0", 0x80, 2, 4, "0000:03:0f.7", false }, /* one before the first */
	{ "0000:03:00.0", 0x80, 2, 4, "0000:03:00.0", false }, /* itself */
	{ "0000:03:00.0", 0x80, 2, 4, "0001:03:10.0", false }, /* another domain */
	{ "10000:03:00.0", 0x80, 2, 4, "10000:03:10.0", true },
	{ "10000:03:00.0", 0x80, 2, 4, "0000:03:10.0", false },
	/* The function number takes part: 0301 + 80 = 0381. */
	{ "0000:03:00.1", 0x80, 2, 4, "0000:03:10.1", true },
	{ "0000:03:00.1", 0x80, 2, 4, "0000:03:10.0", false },
	/* Carried into the bus number by the offset: 03f8 + 10 = 0408. */
	{ "0000:03:1f.0", 0x10, 1, 1, "0000:04:01.0", true },
	{ "0000:03:1f.0", 0x10, 1, 1, "0000:03:01.0", false },
	{ "0000:3b:00.0", 0x0200, 1, 1, "0000:3d:00.0", true },
	/* Carried by the stride: 3b00 + ff + 1. */
	{ "0000:3b:00.0", 0xff, 1, 2, "0000:3b:1f.7", true },
	{ "0000:3b:00.0", 0xff, 1, 2, "0000:3c:00.0", true },
	{ "0000:3b:00.0", 0xff, 1, 2, "0000:3c:00.1", false },
	{ "0000:3b:00.0", 0x01, 0x100, 3, "0000:3d:00.1", true },
	{ "0000:3b:00.0", 0x01, 0x100, 3, "0000:3e:00.1", false },
	/* No VFs while NumVFs is 0, which stands for VF Enable clear too. */
	{ "0000:03:00.0", 0x80, 2, 0, "0000:03:10.0", false },
	/* First VF Offset 0 would make the PF its own VF. */
	{ "0000:03:00.0", 0, 1, 4, "0000:03:00.0", false },
	{ "0000:03:00.0", 0, 1, 4, "0000:03:00.1", false },
	/* Stride 0 is legal for one VF; with more they would share its id. */
	{ "0000:03:00.0", 0x80, 0, 1, "0000:03:10.0", true },
	{ "0000:03:00.0", 0x80, 0, 1, "0000:03:10.1", false },
	{ "0000:03:00.0", 0x80, 0, 8, "0000:03:10.0", true },
	{ "0000:03:00.0", 0x80, 0, 8, "0000:03:10.1", false },
	/* The largest values. */
	{ "0000:00:00.0", 0xffff, 0xffff, 0xffff, "0000:ff:1f.7", true },
	{ "0000:00:00.0", 1, 1, 0xffff, "0000:ff:1f.7", true },
	{ "0000:00:00.0", 1, 1, 0xfffe, "0000:ff:1f.7", false },
	{ "0000:ff:00.0", 0x0100, 1, 8, "0000:ff:00.0", false },
};

START_TEST(topology_vf_ids_are_offset_and_stride_from_the_pf)
{
	struct capgap_bdf bdf = support_bdf(ids[_i].bdf);
	const struct capgap_pf *pf;

	add(ids[_i].pf, ids[_i].first, ids[_i].stride, ids[_i].num);
	pf = capgap_topology_pf_of(&topo, &bdf);
	ck_assert_msg(!!pf == ids[_i].is_vf, "%s of %s", ids[_i].bdf, ids[_i].pf);
	if (pf)
		ck_assert_ptr_eq(pf, &topo.pf[0]);
}
END_TEST

START_TEST(topology_finds_the_right_one_of_many_pfs)
{
	struct capgap_bdf vf = support_bdf("0000:05:02.1");
	struct capgap_bdf none = support_bdf("0000:04:00.0");
	struct capgap_bdf pf = support_bdf("0000:05:00.1");
	char text[CAPGAP_BDF_TEXT];

	for (unsigned bus = 3; bus < 30; bus++) {
		for (unsigned fn = 0; fn < 2; fn++) {
			snprintf(text, sizeof(text), "0000:%02x:00.%u", bus, fn);
			add(text, 0x10, 2, bus == 4 ? 0 : 4);
		}
	}
	ck_assert(capgap_bdf_equal(&capgap_topology_find_pf(&topo, &pf)->bdf, &pf));
	/* 0501 + 10 = 0511, 05:02.1. */
	ck_assert(capgap_bdf_equal(&capgap_topology_pf_of(&topo, &vf)->bdf, &pf));
	ck_assert_ptr_null(capgap_topology_find_pf(&topo, &vf));
	ck_assert_ptr_null(capgap_topology_pf_of(&topo, &none));
}
END_TEST

START_TEST(topology_keeps_a_bounded_number_of_pfs)
{
	struct capgap_pf pf = { .first = 1 };

	for (unsigned i = 0; i <= CAPGAP_PFS_MAX; i++) {
		pf.bdf.domain = i;
		ck_assert_int_eq(capgap_topology_add_pf(&topo, &pf), 0);
	}
	ck_assert_uint_eq(topo.n_pf, CAPGAP_PFS_MAX);
	ck_assert_ptr_null(capgap_topology_find_pf(&topo, &pf.bdf));
	pf.bdf.domain--;
	ck_assert_ptr_nonnull(capgap_topology_find_pf(&topo, &pf.bdf));
}
END_TEST

START_TEST(topology_notes_each_address_once)
{
	struct capgap_bdf bdf = support_bdf("0000:03:00.0");
	struct capgap_bdf other = support_bdf("0001:03:00.0");
	struct capgap_bdf first = support_bdf("0000:00:00.0");
	struct capgap_bdf last = support_bdf("ffffffff:ff:1f.7");

	ck_assert_int_eq(capgap_topology_seen(&topo, &bdf), 0);
	ck_assert_int_eq(capgap_topology_seen(&topo, &other), 0);
	ck_assert_int_eq(capgap_topology_seen(&topo, &first), 0);
	ck_assert_int_eq(capgap_topology_seen(&topo, &last), 0);
	ck_assert_int_eq(capgap_topology_seen(&topo, &bdf), 1);
	ck_assert_int_eq(capgap_topology_seen(&topo, &first), 1);
	ck_assert_int_eq(capgap_topology_seen(&topo, &last), 1);
	ck_assert_uint_eq(topo.n_seen, 4);
	/* Another machine. */
	capgap_topology_clear(&topo);
	ck_assert_uint_eq(topo.n_seen, 0);
	ck_assert_int_eq(capgap_topology_seen(&topo, &bdf), 0);
}
END_TEST

START_TEST(topology_notes_a_bounded_number_of_addresses)
{
	struct capgap_bdf bdf = { 0 };

	for (unsigned rid = 0; rid < CAPGAP_SEEN_MAX; rid++) {
		bdf = (struct capgap_bdf){ 7, (uint8_t)(rid >> 8), rid >> 3 & 0x1f,
					   rid & 7 };
		ck_assert_int_eq(capgap_topology_seen(&topo, &bdf), 0);
	}
	ck_assert_uint_eq(topo.n_seen, CAPGAP_SEEN_MAX);
	/* It is full: the next address begins a new machine. */
	bdf.domain = 8;
	ck_assert_int_eq(capgap_topology_seen(&topo, &bdf), 1);
	ck_assert_uint_eq(topo.n_seen, CAPGAP_SEEN_MAX);
}
END_TEST

/**
 * struct decoded - an image, and what is kept of it
 * @name: for messages
 * @image: how to build it
 * @is_pf: it has an SR-IOV capability
 * @pf: what is kept
 * @hit: what is found wrong
 */
struct decoded {
	const char *name;
	struct support_image image;
	bool is_pf;
	struct capgap_pf pf;
	struct capgap_hit hit[1];
};

#define PF(device, first_, stride_, num_, known)                                         \
	.vendor = SUPPORT_VENDOR, .vf_device = (device), .first = (first_),              \
	.stride = (stride_), .num = (num_), .chain_known = (known)

static const struct decoded records[] = {
	{ "no SR-IOV", .pf = { PF(0xffff, 0, 0, 0, true) } },
	{ "VFs enabled",
	  { .step = { SRIOV(0x160, 0, ENABLED_MSE, 4, 0x80, 2, 0x1022),
		      EXT(0x100, 0x0003, 1, 0x160) } },
	  .is_pf = true,
	  .pf = { PF(0x1022, 0x80, 2, 4, true) } },
	{ "VFs not enabled: the count means nothing",
	  { .step = { SRIOV(0x100, 0, 0x0008, 4, 0x80, 2, 0x1022) } },
	  .is_pf = true,
	  .pf = { PF(0x1022, 0, 0, 0, true) } },
	{ "enabled, but none",
	  { .step = { SRIOV(0x100, 0, ENABLED, 0, 0, 0, 0x1022) } },
	  .is_pf = true,
	  .pf = { PF(0x1022, 0, 0, 0, true) } },
	{ "one VF without a stride",
	  { .step = { SRIOV(0x100, 0, ENABLED, 1, 0x80, 0, 0x1022) } },
	  .is_pf = true,
	  .pf = { PF(0x1022, 0x80, 0, 1, true) } },
	{ "several VFs without a stride",
	  { .step = { SRIOV(0x100, 0, ENABLED, 2, 0x80, 0, 0x1022) } },
	  .is_pf = true,
	  .pf = { PF(0x1022, 0x80, 0, 2, true) },
	  .hit = { HIT(SRIOV_LAYOUT, 0x114, 4, 0x80, 0) } },
	{ "a first VF at offset 0",
	  { .step = { SRIOV(0x100, 0, ENABLED, 1, 0, 3, 0x1022) } },
	  .is_pf = true,
	  .pf = { PF(0x1022, 0, 3, 1, true) },
	  .hit = { HIT(SRIOV_LAYOUT, 0x114, 4, 0, 3) } },
	{ "offset and stride 0 while there are no VFs",
	  { .step = { SRIOV(0x100, 0, 0, 16, 0, 0, 0x1022) } },
	  .is_pf = true,
	  .pf = { PF(0x1022, 0, 0, 0, true) } },
	{ "the first of two is taken",
	  { .step = { SRIOV(0x100, 0x160, ENABLED, 4, 0x80, 2, 0x1022),
		      SRIOV(0x160, 0, ENABLED, 9, 0x90, 9, 0x9999) } },
	  .is_pf = true,
	  .pf = { PF(0x1022, 0x80, 2, 4, true) } },
	{ "its PASID capability",
	  { .step = { SRIOV(0x100, 0x200, ENABLED, 4, 0x80, 2, 0x1022),
		      PASID(0x200, 0, 0x0005) } },
	  .is_pf = true,
	  .pf = { PF(0x1022, 0x80, 2, 4, true), .pasid = { 0x200, 0x1404, 0x0005 } } },
	{ "a list that leaves the image",
	  { .size = 0x200, .step = { SRIOV(0x100, 0x200, ENABLED, 4, 0x80, 2, 0x1022) } },
	  .is_pf = true,
	  .pf = { PF(0x1022, 0x80, 2, 4, false) } },
	{ "a list that breaks",
	  { .step = { SRIOV(0x100, 0x200, ENABLED, 4, 0x80, 2, 0x1022),
		      FILL(0x200, 4, 0xff) } },
	  .is_pf = true,
	  .pf = { PF(0x1022, 0x80, 2, 4, false) } },
};

static void check_record(const struct decoded *row, const struct capgap_pf *pf)
{
	ck_assert_msg(pf->vendor == row->pf.vendor, "%s: vendor %04x", row->name,
		      pf->vendor);
	ck_assert_msg(pf->vf_device == row->pf.vf_device, "%s: VF device %04x", row->name,
		      pf->vf_device);
	ck_assert_msg(pf->num == row->pf.num, "%s: %u VFs", row->name, pf->num);
	ck_assert_msg(pf->first == row->pf.first, "%s: offset %u", row->name, pf->first);
	ck_assert_msg(pf->stride == row->pf.stride, "%s: stride %u", row->name,
		      pf->stride);
	ck_assert_msg(pf->chain_known == row->pf.chain_known, "%s: chain_known",
		      row->name);
	ck_assert_msg(pf->pasid.off == row->pf.pasid.off, "%s: PASID at 0x%03x",
		      row->name, pf->pasid.off);
	ck_assert_uint_eq(pf->pasid.capability, row->pf.pasid.capability);
	ck_assert_uint_eq(pf->pasid.control, row->pf.pasid.control);
}

START_TEST(topology_decodes_a_physical_function)
{
	static struct capgap_chain chain;
	static struct capgap_findings hits;
	struct capgap_record rec;
	struct capgap_pf pf;
	bool is_pf;

	memset(&pf, 0x5a, sizeof(pf));
	pf.bdf = support_bdf("0000:03:00.0");
	support_record(&rec, &records[_i].image);
	capgap_chain_walk(&chain, &rec.image, false, NULL);
	is_pf = capgap_topology_read_pf(&pf, &rec.image, &chain, &hits);
	ck_assert_msg(is_pf == records[_i].is_pf, "%s", records[_i].name);
	ck_assert_uint_eq(capgap_bdf_rid(&pf.bdf), 0x0300);
	check_record(&records[_i], &pf);
	support_same_hits(records[_i].name, &hits, records[_i].hit, 1);
}
END_TEST

/* Registers that were not read make no VFs. */
static const uint16_t lost[] = { 0x108, 0x110, 0x114, 0x116 };

START_TEST(topology_needs_every_register_of_sriov)
{
	static struct capgap_chain chain;
	static struct capgap_findings hits;
	static const struct support_image how = { .step = { SRIOV(0x100, 0, ENABLED, 4,
								  0x80, 2, 0x1022) } };
	struct capgap_record rec;
	struct capgap_pf pf;

	support_record(&rec, &how);
	support_step(&rec, &(struct support_step)DROP(lost[_i], 2));
	capgap_chain_walk(&chain, &rec.image, false, NULL);
	pf.bdf = support_bdf("0000:03:00.0");
	ck_assert(capgap_topology_read_pf(&pf, &rec.image, &chain, &hits));
	ck_assert_uint_eq(pf.num, 0);
	ck_assert_uint_eq(pf.vf_device, 0x1022);
}
END_TEST

Suite *topology_suite(void)
{
	Suite *suite = suite_create("topology");
	TCase *machine = tcase_create("machine");
	TCase *decode = tcase_create("decode");

	tcase_add_checked_fixture(machine, start, stop);
	tcase_add_loop_test(machine, topology_vf_ids_are_offset_and_stride_from_the_pf, 0,
			    ROWS(ids));
	tcase_add_test(machine, topology_finds_the_right_one_of_many_pfs);
	tcase_add_test(machine, topology_keeps_a_bounded_number_of_pfs);
	tcase_add_test(machine, topology_notes_each_address_once);
	tcase_add_test(machine, topology_notes_a_bounded_number_of_addresses);
	suite_add_tcase(suite, machine);
	tcase_add_loop_test(decode, topology_decodes_a_physical_function, 0,
			    ROWS(records));
	tcase_add_loop_test(decode, topology_needs_every_register_of_sriov, 0,
			    ROWS(lost));
	suite_add_tcase(suite, decode);
	return suite;
}
