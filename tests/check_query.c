/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PASID feature answers from an image (method "config"), bounds of the IOMMU, ranges. */
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

/* vfio-pci takes the capability out of the list, so its absence there says nothing. */
START_TEST(query_does_not_miss_what_vfio_hides)
{
	static const struct support_image how = { .step = { EXT(0x100, 0x0003, 1, 0) } };
	static const struct support_image with = { .step = { PASID(0x100, 0, 1) } };
	struct capgap_pasid pasid;
	struct capgap_record rec;

	support_record(&rec, &how);
	capgap_query_config(&pasid, support_analyse(&rec, NULL, CAPGAP_VANTAGE_VFIO));
	ck_assert_int_eq(pasid.supported, UNKNOWN);
	capgap_query_config(&pasid, support_analyse(&rec, NULL, CAPGAP_VANTAGE_GUEST));
	ck_assert_int_eq(pasid.supported, NO);
	support_record(&rec, &with);
	capgap_query_config(&pasid, support_analyse(&rec, NULL, CAPGAP_VANTAGE_VFIO));
	ck_assert_int_eq(pasid.supported, YES);
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

#define VTD(pss)                                                                         \
	{                                                                                \
		CAPGAP_IOMMU_INTEL_VTD, 0,                                               \
			UINT64_C(1) << 43 | UINT64_C(1) << 40 | (uint64_t)(pss) << 35    \
	}

/* A device in front of which there is an IOMMU, which the input or the caller tells of. */
static const struct bound_row {
	const char *name;
	uint16_t capability, control;
	bool told;
	struct capgap_iommu iommu;
	bool given;
	uint32_t bound;
	bool has_iommu;
	uint32_t pasids;
	uint32_t max; /* 0: no range */
	enum capgap_limit limit;
} bounds[] = {
	{ "nothing is told", 0x1400, 1, false, VTD(19), false, 0, false, 0, 0xfffff,
	  LIMIT(IOMMU_UNKNOWN) },
	{ "both alike", 0x1400, 1, true, VTD(19), false, 0, true, 1u << 20, 0xfffff,
	  LIMIT(DEVICE) },
	{ "the device's is less", 0x1000, 1, true, VTD(19), false, 0, true, 1u << 20,
	  0xffff, LIMIT(DEVICE) },
	{ "the IOMMU's is less", 0x1400, 1, true, VTD(15), false, 0, true, 1u << 16,
	  0xffff, LIMIT(IOMMU) },
	{ "the IOMMU has no PASID",
	  0x1400,
	  1,
	  true,
	  { CAPGAP_IOMMU_INTEL_VTD, 0, 0 },
	  false,
	  0,
	  true,
	  0,
	  0,
	  LIMIT(IOMMU) },
	{ "registers that sysfs does not show",
	  0x1400,
	  1,
	  true,
	  { CAPGAP_IOMMU_OTHER, 0, 0 },
	  false,
	  0,
	  false,
	  0,
	  0xfffff,
	  LIMIT(IOMMU_UNKNOWN) },
	{ "a bound of the caller", 0x1400, 1, false, VTD(19), true, 1u << 8, true,
	  1u << 8, 0xff, LIMIT(IOMMU) },
	{ "none, says the caller", 0x1400, 1, false, VTD(19), true, 0, true, 0, 0,
	  LIMIT(IOMMU) },
	{ "the caller's bound is less than the IOMMU's", 0x1400, 1, true, VTD(15), true,
	  1u << 8, true, 1u << 8, 0xff, LIMIT(IOMMU) },
	{ "the caller's bound is more", 0x1400, 1, true, VTD(15), true, 1u << 20, true,
	  1u << 16, 0xffff, LIMIT(IOMMU) },
	{ "not enabled comes first", 0x1400, 0, true, VTD(15), false, 0, true, 1u << 16,
	  0xffff, LIMIT(NOT_ENABLED) },
	{ "not enabled, and a bound", 0x1400, 0, false, VTD(15), true, 1u << 8, true,
	  1u << 8, 0xff, LIMIT(NOT_ENABLED) },
	{ "AMD: a bit fewer",
	  0x1400,
	  1,
	  true,
	  { CAPGAP_IOMMU_AMD, 0, UINT64_C(15) << 32 | 0x10 },
	  false,
	  0,
	  true,
	  0xffff,
	  0x7fff,
	  LIMIT(IOMMU) },
	{ "one PASID is no range", 0x1400, 1, false, VTD(15), true, 1, true, 1, 0,
	  LIMIT(IOMMU) },
	{ "width 0 and an IOMMU", 0x0000, 1, true, VTD(19), false, 0, true, 1u << 20, 0,
	  LIMIT(DEVICE) },
	{ "a width that cannot be has no range", 0x1500, 1, true, VTD(19), false, 0, true,
	  1u << 20, 0, LIMIT(IOMMU) },
};

START_TEST(query_is_bounded_by_the_iommu)
{
	const struct bound_row *row = &bounds[_i];
	struct support_image how = {
		.step = { EXT(0x200, 0x001b, 1, 0), EXT(0x100, 0x0003, 1, 0x200),
			  PUT16(0x204, row->capability), PUT16(0x206, row->control) }
	};
	struct capgap_pasid pasid;
	struct capgap_record rec;

	support_record(&rec, &how);
	if (row->told) {
		rec.meta.flags |= CAPGAP_META_IOMMU;
		rec.meta.iommu = row->iommu;
	}
	capgap_query_config(&pasid, support_analyse(&rec, NULL, CAPGAP_VANTAGE_HOST));
	if (row->given)
		capgap_query_bound(&pasid, row->bound);
	ck_assert_msg(pasid.has_iommu == row->has_iommu, "%s: IOMMU", row->name);
	if (row->has_iommu)
		ck_assert_msg(pasid.iommu_pasids == row->pasids, "%s: %u PASIDs",
			      row->name, pasid.iommu_pasids);
	ck_assert_msg(pasid.has_range == (row->max != 0), "%s: range", row->name);
	ck_assert_msg(pasid.max == row->max, "%s: to 0x%x", row->name, pasid.max);
	ck_assert_msg(pasid.limit == row->limit, "%s: %s", row->name,
		      capgap_limit_name(pasid.limit));
	ck_assert_uint_eq(pasid.width, row->capability >> 8);
}
END_TEST

/* A bound is kept where there is no PASID, but makes none. */
START_TEST(query_bound_of_no_pasid)
{
	struct capgap_pasid pasid = { .supported = UNKNOWN };

	capgap_query_bound(&pasid, 1u << 16);
	ck_assert(pasid.has_iommu && pasid.iommu_pasids == 1u << 16);
	ck_assert(!pasid.has_range);
	ck_assert_int_eq(pasid.limit, LIMIT(NONE));
}
END_TEST

#define WHY(symbol) CAPGAP_RANGE_WHY_##symbol

static const struct range_row {
	const char *name;
	enum capgap_answer_is supported;
	enum capgap_limit limit;
	uint32_t usable; /* the highest; 0: no range */
	uint32_t min, max;
	enum capgap_range_is is;
	enum capgap_range_why why;
	uint32_t first, last;
} ranges[] = {
	{ "all of it", YES, LIMIT(DEVICE), 0xffff, 1, 0xffff, CAPGAP_RANGE_GRANTED,
	  WHY(WHOLE), 1, 0xffff },
	{ "one in it", YES, LIMIT(DEVICE), 0xffff, 7, 7, CAPGAP_RANGE_GRANTED, WHY(WHOLE),
	  7, 7 },
	{ "the last one", YES, LIMIT(DEVICE), 0xffff, 0xffff, 0xffff,
	  CAPGAP_RANGE_GRANTED, WHY(WHOLE), 0xffff, 0xffff },
	{ "the IOMMU's width need not be known", YES, LIMIT(IOMMU_UNKNOWN), 0xffff, 1, 2,
	  CAPGAP_RANGE_GRANTED, WHY(WHOLE_IF), 1, 2 },
	{ "PASID 0 is never usable", YES, LIMIT(DEVICE), 0xffff, 0, 5,
	  CAPGAP_RANGE_NARROWED, WHY(PART), 1, 5 },
	{ "PASID 0 alone", YES, LIMIT(DEVICE), 0xffff, 0, 0, CAPGAP_RANGE_REFUSED,
	  WHY(OUTSIDE), 0, 0 },
	{ "one too many", YES, LIMIT(DEVICE), 0xffff, 1, 0x10000, CAPGAP_RANGE_NARROWED,
	  WHY(PART), 1, 0xffff },
	{ "over both ends", YES, LIMIT(DEVICE), 0xffff, 0, UINT32_MAX,
	  CAPGAP_RANGE_NARROWED, WHY(PART), 1, 0xffff },
	{ "the first behind it", YES, LIMIT(DEVICE), 0xffff, 0x10000, 0x10000,
	  CAPGAP_RANGE_REFUSED, WHY(OUTSIDE), 0, 0 },
	{ "width 1 has one", YES, LIMIT(DEVICE), 1, 1, 3, CAPGAP_RANGE_NARROWED,
	  WHY(PART), 1, 1 },
	{ "no range", YES, LIMIT(DEVICE), 0, 1, 5, CAPGAP_RANGE_REFUSED, WHY(NO_RANGE), 0,
	  0 },
	{ "not enabled", YES, LIMIT(NOT_ENABLED), 0xffff, 1, 5, CAPGAP_RANGE_REFUSED,
	  WHY(NOT_ENABLED), 0, 0 },
	{ "no PASID", NO, LIMIT(NONE), 0, 1, 5, CAPGAP_RANGE_REFUSED, WHY(NOT_SUPPORTED),
	  0, 0 },
	{ "unknown", UNKNOWN, LIMIT(NONE), 0, 1, 5, CAPGAP_RANGE_REFUSED, WHY(UNKNOWN), 0,
	  0 },
};

START_TEST(query_answers_a_request_for_a_range)
{
	const struct range_row *row = &ranges[_i];
	const struct capgap_pasid pasid = { .supported = row->supported,
					    .limit = row->limit,
					    .has_range = row->usable,
					    .min = row->usable ? 1 : 0,
					    .max = row->usable };
	struct capgap_range_answer got;

	memset(&got, 0x5a, sizeof(got));
	capgap_query_range(&got, &pasid, row->min, row->max);
	ck_assert_msg(got.is == row->is, "%s: %s", row->name, capgap_range_name(got.is));
	ck_assert_msg(got.why == row->why, "%s: %s", row->name,
		      capgap_range_why_name(got.why));
	ck_assert_uint_eq(got.min, row->min);
	ck_assert_uint_eq(got.max, row->max);
	ck_assert_uint_gt(strlen(capgap_range_why_text(got.why)), 0);
	if (row->is == CAPGAP_RANGE_REFUSED)
		return;
	ck_assert_uint_eq(got.first, row->first);
	ck_assert_uint_eq(got.last, row->last);
}
END_TEST

START_TEST(query_methods_have_names)
{
	ck_assert_int_eq(CAPGAP_METHOD_COUNT, 6);
	for (int i = 0; i < CAPGAP_METHOD_COUNT; i++) {
		ck_assert_int_eq(capgap_method_find(
					 capgap_method_name((enum capgap_method)i)),
				 i);
		ck_assert_uint_gt(strlen(capgap_method_text((enum capgap_method)i)), 0);
	}
	ck_assert_str_eq(capgap_method_name(CAPGAP_METHOD_FEATURE_V2_ENOTTY),
			 "vfio-feature-v2-enotty");
	ck_assert_int_eq(capgap_method_find("live"), CAPGAP_METHOD_LIVE);
}
END_TEST

START_TEST(query_counts_bits)
{
	ck_assert_uint_eq(capgap_query_log2(1), 0);
	ck_assert_uint_eq(capgap_query_log2(2), 1);
	ck_assert_uint_eq(capgap_query_log2(3), 1);
	ck_assert_uint_eq(capgap_query_log2(0xffff), 15);
	ck_assert_uint_eq(capgap_query_log2(0x10000), 16);
	ck_assert_uint_eq(capgap_query_log2(UINT32_MAX), 31);
}
END_TEST

START_TEST(query_limits_have_names)
{
	ck_assert_str_eq(capgap_limit_name(LIMIT(DEVICE)), "device");
	ck_assert_str_eq(capgap_limit_name(LIMIT(IOMMU)), "iommu");
	ck_assert_str_eq(capgap_limit_text(LIMIT(NONE)), "");

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
	tcase_add_test(config, query_does_not_miss_what_vfio_hides);
	tcase_add_test(config, query_limits_have_names);
	tcase_add_loop_test(config, query_is_bounded_by_the_iommu, 0, ROWS(bounds));
	tcase_add_test(config, query_bound_of_no_pasid);
	tcase_add_loop_test(config, query_answers_a_request_for_a_range, 0, ROWS(ranges));
	tcase_add_test(config, query_methods_have_names);
	tcase_add_test(config, query_counts_bits);
	suite_add_tcase(suite, config);
	return suite;
}
