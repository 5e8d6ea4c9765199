/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PASID feature answers from an image (method "config"). */
#include <string.h>

#include "../placement/query.h"
#include "suites.h"
#include "support.h"

#define YES CAPGAP_IS_YES
#define NO CAPGAP_IS_NO
#define UNKNOWN CAPGAP_IS_UNKNOWN
#define LIMIT(limit) CAPGAP_LIMIT_##limit

static struct capgap_topology topo;

static void start(void)
{
	capgap_topology_init(&topo);
}

static void stop(void)
{
	capgap_topology_clear(&topo);
}

/* The registers of a PASID capability, and what they say. */
static const struct {
	const char *name;
	uint16_t capability, control;
	enum capgap_vantage vantage;
	struct capgap_pasid want;
} registers[] = {
	{ "width 20, privileged, all of it enabled, as on Intel DSA",
	  0x1404,
	  0x0005,
	  CAPGAP_VANTAGE_HOST,
	  { .width = 20,
	    .privileged = true,
	    .enabled = true,
	    .enabled_privileged = true,
	    .has_range = true,
	    .max = 0xfffff,
	    .limit = LIMIT(IOMMU_UNKNOWN) } },
	{ "execute and privileged, execute enabled",
	  0x1406,
	  0x0003,
	  CAPGAP_VANTAGE_HOST,
	  { .width = 20,
	    .execute = true,
	    .privileged = true,
	    .enabled = true,
	    .enabled_execute = true,
	    .has_range = true,
	    .max = 0xfffff,
	    .limit = LIMIT(IOMMU_UNKNOWN) } },
	{ "not enabled on the host",
	  0x1002,
	  0x0000,
	  CAPGAP_VANTAGE_HOST,
	  { .width = 16,
	    .execute = true,
	    .has_range = true,
	    .max = 0xffff,
	    .limit = LIMIT(NOT_ENABLED) } },
	{ "Enable is bit 0 alone",
	  0x1006,
	  0x0006,
	  CAPGAP_VANTAGE_HOST,
	  { .width = 16,
	    .execute = true,
	    .privileged = true,
	    .enabled_execute = true,
	    .enabled_privileged = true,
	    .has_range = true,
	    .max = 0xffff,
	    .limit = LIMIT(NOT_ENABLED) } },
	{ "not enabled in a guest, where it means nothing",
	  0x1002,
	  0x0000,
	  CAPGAP_VANTAGE_GUEST,
	  { .width = 16,
	    .execute = true,
	    .has_range = true,
	    .max = 0xffff,
	    .limit = LIMIT(IOMMU_UNKNOWN) } },
	{ "width 0 is supported: PASID 0 alone, so no range",
	  0x0000,
	  0x0001,
	  CAPGAP_VANTAGE_HOST,
	  { .enabled = true, .limit = LIMIT(IOMMU_UNKNOWN) } },
	{ "width 1",
	  0x0100,
	  0x0001,
	  CAPGAP_VANTAGE_HOST,
	  { .width = 1,
	    .enabled = true,
	    .has_range = true,
	    .max = 1,
	    .limit = LIMIT(IOMMU_UNKNOWN) } },
	{ "a width that cannot be is told as it is read",
	  0x1f00,
	  0x0001,
	  CAPGAP_VANTAGE_HOST,
	  { .width = 31, .enabled = true, .limit = LIMIT(IOMMU_UNKNOWN) } },
	{ "reserved bits are nothing",
	  0xe0f9,
	  0xfff8,
	  CAPGAP_VANTAGE_HOST,
	  { .limit = LIMIT(NOT_ENABLED) } },
};

static void same_answer(const char *name, const struct capgap_pasid *got,
			const struct capgap_pasid *want)
{
	ck_assert_msg(got->width == want->width, "%s: width %u", name, got->width);
	ck_assert_msg(got->execute == want->execute, "%s: execute", name);
	ck_assert_msg(got->privileged == want->privileged, "%s: privileged", name);
	ck_assert_msg(got->enabled == want->enabled, "%s: enabled", name);
	ck_assert_msg(got->enabled_execute == want->enabled_execute,
		      "%s: execute enabled", name);
	ck_assert_msg(got->enabled_privileged == want->enabled_privileged,
		      "%s: privileged enabled", name);
	ck_assert_msg(got->has_range == want->has_range, "%s: range", name);
	if (want->has_range) {
		ck_assert_uint_eq(got->min, 1);
		ck_assert_msg(got->max == want->max, "%s: to 0x%x", name, got->max);
	}
	ck_assert_msg(got->limit == want->limit, "%s: limit %d", name, got->limit);
}

START_TEST(query_decodes_the_registers)
{
	struct support_image how = { .step = { EXT(0x100, 0x0003, 1, 0x200),
					       EXT(0x200, 0x001b, 1, 0),
					       PUT16(0x204, registers[_i].capability),
					       PUT16(0x206, registers[_i].control) } };
	struct capgap_pasid pasid;
	struct capgap_record rec;

	support_record(&rec, &how);
	memset(&pasid, 0x5a, sizeof(pasid));
	capgap_query_config(&pasid, support_analyse(&rec, NULL, registers[_i].vantage));
	ck_assert_int_eq(pasid.supported, YES);
	ck_assert(pasid.has_raw);
	ck_assert_uint_eq(pasid.capability, registers[_i].capability);
	ck_assert_uint_eq(pasid.control, registers[_i].control);
	ck_assert(!pasid.has_from);
	same_answer(registers[_i].name, &pasid, &registers[_i].want);
}
END_TEST

/* What an image that was not read whole does not show is unknown. */
static const struct {
	const char *name;
	struct support_image image;
	enum capgap_answer_is supported;
} without[] = {
	{ "no extended capability", { .base = BASE_ENDPOINT }, NO },
	{ "a list without it", { .step = { EXT(0x100, 0x0003, 1, 0) } }, NO },
	{ "a conventional function", { .base = BASE_CONVENTIONAL, .size = 256 }, NO },
	{ "a PCI Express function of 256 bytes", { .size = 256 }, UNKNOWN },
	{ "64 bytes", { .size = 64 }, UNKNOWN },
	{ "a list that leaves the image",
	  { .size = 0x200, .step = { EXT(0x100, 0x0003, 1, 0x200) } },
	  UNKNOWN },
	{ "a list that ends inside a short image",
	  { .size = 0x200, .step = { EXT(0x100, 0x0003, 1, 0) } },
	  NO },
	{ "a lost row in the list",
	  { .step = { EXT(0x100, 0x0003, 1, 0x200), DROP(0x200, 16) } },
	  UNKNOWN },
	{ "a lost row elsewhere",
	  { .step = { EXT(0x100, 0x0003, 1, 0), DROP(0x200, 16) } },
	  NO },
	{ "a lost row with its registers",
	  { .step = { EXT(0x100, 0x000f, 1, 0x20c), PASID(0x20c, 0, 1),
		      DROP(0x210, 16) } },
	  UNKNOWN },
	{ "a list that breaks in ones",
	  { .step = { EXT(0x100, 0x0003, 1, 0x200), FILL(0x200, 4, 0xff) } },
	  UNKNOWN },
	{ "a list that breaks at once", { .step = { FILL(0x100, 4, 0xff) } }, UNKNOWN },
	{ "a PCI-compatible list that breaks",
	  { .step = { PUT8(0x34, 0x80), FILL(0x80, 4, 0xff) } },
	  UNKNOWN },
	{ "every byte ff",
	  { .base = BASE_BLANK, .step = { FILL(0, 4096, 0xff) } },
	  UNKNOWN },
};

START_TEST(query_tells_no_from_unknown)
{
	struct capgap_pasid pasid;

	memset(&pasid, 0x5a, sizeof(pasid));
	capgap_query_config(&pasid, support_function(&without[_i].image));
	ck_assert_msg(pasid.supported == without[_i].supported, "%s: %d",
		      without[_i].name, pasid.supported);
	ck_assert_int_eq(pasid.limit, LIMIT(NONE));
	ck_assert(!pasid.has_raw);
	ck_assert(!pasid.has_range);
}
END_TEST

START_TEST(query_names_the_function_it_read)
{
	static const struct support_image how = { .step = { PASID(0x100, 0, 1) } };
	struct capgap_pasid pasid;
	struct capgap_record rec;

	support_record(&rec, &how);
	support_at(&rec, "0000:6a:01.0");
	capgap_query_config(&pasid, support_analyse(&rec, NULL, CAPGAP_VANTAGE_HOST));
	ck_assert(pasid.has_from);
	ck_assert_uint_eq(capgap_bdf_rid(&pasid.from), 0x6a08);
}
END_TEST

/**
 * struct virtual_row - a VF, 0000:03:10.0, and its physical function, 0000:03:00.0
 * @name: for messages
 * @pasid: offset of the physical function's capability, or 0
 * @chain_known: the physical function's list was read whole
 * @physfn: sysfs names the physical function, which has no VFs enabled
 * @seen: the physical function was seen
 * @supported: the answer
 */
static const struct virtual_row {
	const char *name;
	uint16_t pasid;
	bool chain_known, physfn, seen;
	enum capgap_answer_is supported;
} virtuals[] = {
	{ "the PF has it", 0x300, true, false, true, YES },
	{ "the PF has it, and its list is damaged behind it", 0x300, false, false, true,
	  YES },
	{ "the PF lacks it", 0, true, false, true, NO },
	{ "the PF's list was not read whole", 0, false, false, true, UNKNOWN },
	{ "the PF was not seen", 0, true, false, false, UNKNOWN },
	{ "the PF is named by sysfs", 0x300, true, true, true, YES },
	{ "the PF is named by sysfs, and was not seen", 0, true, true, false, UNKNOWN },
};

START_TEST(query_answers_a_vf_from_its_pf)
{
	static const struct support_image how = { .base = BASE_VF,
						  .step = { EXT(0x100, 0x000e, 1, 0) } };
	const struct virtual_row *row = &virtuals[_i];
	struct capgap_pf pf = { .bdf = support_bdf("0000:03:00.0"),
				.vendor = SUPPORT_VENDOR,
				.vf_device = 0x1022,
				.first = 0x80,
				.stride = 1,
				.num = row->physfn ? 0 : 4,
				.chain_known = row->chain_known,
				.pasid = { row->pasid, row->pasid ? 0x1404 : 0,
					   0x0005 } };
	struct capgap_pasid pasid;
	struct capgap_record rec;

	support_record(&rec, &how);
	support_at(&rec, "0000:03:10.0");
	if (row->physfn) {
		rec.meta.flags |= CAPGAP_META_PHYSFN;
		rec.meta.physfn = pf.bdf;
	}
	if (row->seen)
		ck_assert_int_eq(capgap_topology_add_pf(&topo, &pf), 0);
	capgap_query_config(&pasid, support_analyse(&rec, &topo, CAPGAP_VANTAGE_HOST));
	ck_assert_msg(pasid.supported == row->supported, "%s: %d", row->name,
		      pasid.supported);
	ck_assert_msg(pasid.has_from == row->seen, "%s: from", row->name);
	if (row->seen)
		ck_assert(capgap_bdf_equal(&pasid.from, &pf.bdf));
	ck_assert(pasid.has_raw == (row->supported == YES));
	if (row->supported == YES)
		same_answer(row->name, &pasid, &registers[0].want);
}
END_TEST

START_TEST(query_limits_have_names)
{
	ck_assert_ptr_null(capgap_limit_name(LIMIT(NONE)));
	ck_assert_str_eq(capgap_limit_name(LIMIT(NOT_ENABLED)), "not-enabled");
	ck_assert_str_eq(capgap_limit_name(LIMIT(IOMMU_UNKNOWN)), "iommu-unknown");
}
END_TEST

Suite *query_suite(void)
{
	Suite *suite = suite_create("query");
	TCase *config = tcase_create("config");

	tcase_add_checked_fixture(config, start, stop);
	tcase_add_loop_test(config, query_decodes_the_registers, 0, ROWS(registers));
	tcase_add_loop_test(config, query_tells_no_from_unknown, 0, ROWS(without));
	tcase_add_test(config, query_names_the_function_it_read);
	tcase_add_loop_test(config, query_answers_a_vf_from_its_pf, 0, ROWS(virtuals));
	tcase_add_test(config, query_limits_have_names);
	suite_add_tcase(suite, config);
	return suite;
}
