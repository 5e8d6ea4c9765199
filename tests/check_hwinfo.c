/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IOMMU_GET_HW_INFO: IOMMU registers, the width that is reported, bits, bytes and errors. */
#include <string.h>

#include "../placement/hwinfo.h"
#include "suites.h"
#include "support.h"

#define WHY(symbol) CAPGAP_HWINFO_WHY_##symbol
#define STEP(symbol) CAPGAP_HWINFO_STEP_##symbol
#define VTD CAPGAP_IOMMU_INTEL_VTD
#define AMD CAPGAP_IOMMU_AMD
#define OTHER CAPGAP_IOMMU_OTHER
#define NOWHERE CAPGAP_IOMMU_UNKNOWN

#define DIRTY 0x1u
#define EXEC 0x2u
#define PRIV 0x4u
#define NO_ATS 0x8u

/* VT-d extended capability register, and AMD's extended features, field by field. */
#define ECAP(scalable, pasid, pss)                                                       \
	(UINT64_C(0xf00f4e) | (uint64_t)(scalable) << 43 | (uint64_t)(pasid) << 40 |     \
	 (uint64_t)(pss) << 35)
#define EFR(guest, pasmax) ((uint64_t)(guest) << 4 | (uint64_t)(pasmax) << 32)

static const struct capgap_hwinfo_call plain = { .size = 40, .dev_id = 1 };

static const struct {
	const char *name;
	struct capgap_iommu iommu;
	bool known;
	uint32_t pasids;
	bool dirty, no_ats;
} registers[] = {
	{ "VT-d, 20 bits, as QEMU's with pasid-bits=20",
	  { VTD, 0x81d2008c222f0686, 0x8d9a20f00f4e },
	  true,
	  1u << 20,
	  false,
	  false },
	{ "VT-d, 8 bits, as QEMU's with pasid-bits=8",
	  { VTD, 0x81d2008c222f0686, 0x893800f00f4e },
	  true,
	  1u << 8,
	  false,
	  false },
	{ "VT-d, scalable mode without PASID",
	  { VTD, 0, 0x880000f00f4e },
	  true,
	  0,
	  false,
	  false },
	{ "VT-d, legacy mode, no device TLB",
	  { VTD, 0, 0xf00f4a },
	  true,
	  0,
	  false,
	  true },
	{ "VT-d, PASID without scalable mode",
	  { VTD, 0, ECAP(0, 1, 19) },
	  true,
	  0,
	  false,
	  false },
	{ "VT-d, the least width", { VTD, 0, ECAP(1, 1, 0) }, true, 2, false, false },
	{ "VT-d, more than Linux can count",
	  { VTD, 0, ECAP(1, 1, 31) },
	  true,
	  0,
	  false,
	  false },
	{ "VT-d, dirty pages",
	  { VTD, 0, ECAP(1, 1, 19) | UINT64_C(1) << 45 | UINT64_C(1) << 48 },
	  true,
	  1u << 20,
	  true,
	  false },
	{ "VT-d, dirty pages without coherent walks",
	  { VTD, 0, ECAP(1, 1, 19) | UINT64_C(1) << 45 },
	  true,
	  1u << 20,
	  false,
	  false },
	{ "AMD, as QEMU's", { AMD, 0, 0x29d3 }, true, 1, false, false },
	{ "AMD, 16 bits less one PASID",
	  { AMD, 0, EFR(1, 15) },
	  true,
	  0xffff,
	  false,
	  false },
	{ "AMD, more than its driver has room for",
	  { AMD, 0, EFR(1, 19) },
	  true,
	  0xffff,
	  false,
	  false },
	{ "AMD, no guest translation", { AMD, 0, EFR(0, 15) }, true, 0, false, false },
	{ "AMD, dirty pages",
	  { AMD, 0, EFR(1, 15) | UINT64_C(1) << 52 },
	  true,
	  0xffff,
	  true,
	  false },
	{ "another IOMMU", { OTHER, 0, UINT64_MAX }, false, 0, false, false },
	{ "none told", { NOWHERE, 0, UINT64_MAX }, false, 0, false, false },
};

START_TEST(hwinfo_reads_the_iommu)
{
	struct capgap_iommu_caps caps;

	memset(&caps, 0x5a, sizeof(caps));
	capgap_iommu_caps_read(&caps, &registers[_i].iommu);
	ck_assert_msg(caps.known == registers[_i].known, "%s: known", registers[_i].name);
	ck_assert_msg(caps.pasids == registers[_i].pasids, "%s: %u PASIDs",
		      registers[_i].name, caps.pasids);
	ck_assert_msg(caps.dirty_tracking == registers[_i].dirty, "%s: dirty",
		      registers[_i].name);
	ck_assert_msg(caps.no_ats == registers[_i].no_ats, "%s: ATS", registers[_i].name);
	ck_assert(caps.amd == (registers[_i].iommu.kind == AMD));
}
END_TEST

/* A device: PASID as it is told, Execute and Privileged supported and, with @enabled, on. */
static struct capgap_pasid device(enum capgap_answer_is supported, unsigned width,
				  bool enabled)
{
	struct capgap_pasid pasid = { .supported = supported };

	if (supported != CAPGAP_IS_YES)
		return pasid;
	pasid.width = width;
	pasid.execute = pasid.privileged = true;
	pasid.enabled = pasid.enabled_execute = pasid.enabled_privileged = enabled;
	return pasid;
}

static void ask(struct capgap_hwinfo *out, const struct capgap_hwinfo_call *call,
		struct capgap_pasid pasid, const struct capgap_iommu *iommu,
		enum capgap_answer_is ats)
{
	struct capgap_iommu_caps caps;

	capgap_iommu_caps_read(&caps, iommu);
	if (caps.known)
		capgap_query_bound(&pasid, caps.pasids);
	memset(out, 0x5a, sizeof(*out));
	capgap_hwinfo_make(out, call, &pasid, &caps, ats);
}

#define YES CAPGAP_IS_YES
#define NO CAPGAP_IS_NO
#define UNKNOWN CAPGAP_IS_UNKNOWN

/*
 * What Linux 7.3.4 answered in virtual machines; 6.12.107 said the same, but for bit 3,
 * which it does not know. The device is QEMU's, or one of 20 bits over vfio-user.
 */
static const struct measured_row {
	const char *name;
	struct capgap_iommu iommu;
	enum capgap_answer_is supported;
	bool enabled;
	enum capgap_answer_is ats;
	unsigned log2;
	uint64_t caps;
	uint32_t type, len;
} measured[] = {
	{ "intel-iommu, pasid-bits=20",
	  { VTD, 0x81d2008c222f0686, 0x8d9a20f00f4e },
	  YES,
	  true,
	  YES,
	  20,
	  0x6,
	  1,
	  24 },
	{ "intel-iommu, pasid-bits=8",
	  { VTD, 0x81d2008c222f0686, 0x893800f00f4e },
	  YES,
	  true,
	  YES,
	  8,
	  0x6,
	  1,
	  24 },
	{ "intel-iommu without pasid-bits",
	  { VTD, 0x81d2008c222f0686, 0x880000f00f4e },
	  YES,
	  false,
	  YES,
	  0,
	  0,
	  1,
	  24 },
	{ "intel_iommu=sm_off: the register says 20, the kernel enables nothing",
	  { VTD, 0x81d2008c222f0686, 0x8d9a20f00f4e },
	  YES,
	  false,
	  YES,
	  0,
	  0,
	  1,
	  24 },
	{ "intel-iommu in scalable mode, e1000e",
	  { VTD, 0x81d2008c222f0606, 0x8d9a20f00f4e },
	  NO,
	  false,
	  NO,
	  0,
	  0x8,
	  1,
	  24 },
	{ "intel-iommu in legacy mode, e1000e",
	  { VTD, 0x80d2008c222f0606, 0xf00f4a },
	  NO,
	  false,
	  NO,
	  0,
	  0x8,
	  1,
	  24 },
	{ "intel-iommu in scalable mode, virtio-net with ATS",
	  { VTD, 0x81d2008c222f0606, 0x8d9a20f00f4e },
	  NO,
	  false,
	  YES,
	  0,
	  0,
	  1,
	  24 },
	{ "amd-iommu, e1000e", { AMD, 0, 0x29d3 }, NO, false, NO, 0, 0x8, 4, 16 },
};

START_TEST(hwinfo_answers_as_kernels_did)
{
	const struct measured_row *row = &measured[_i];
	struct capgap_hwinfo info;

	ask(&info, &plain, device(row->supported, 20, row->enabled), &row->iommu,
	    row->ats);
	ck_assert(info.known);
	ck_assert_int_eq(info.step, STEP(ANSWERED));
	ck_assert_msg(info.max_pasid_log2 == row->log2, "%s: log2 %u", row->name,
		      info.max_pasid_log2);
	ck_assert_msg(info.capabilities == row->caps, "%s: capabilities %x", row->name,
		      (unsigned)info.capabilities);
	ck_assert_msg(!(info.undecided & ~NO_ATS), "%s: undecided %x", row->name,
		      (unsigned)info.undecided);
	ck_assert(info.has_data_type);
	ck_assert_uint_eq(info.data_type, row->type);
	ck_assert_uint_eq(info.data_len, row->len);
}
END_TEST

/* The width: the lesser of both, and what it rests on. */
static const struct width_row {
	const char *name;
	struct capgap_iommu iommu;
	unsigned width;
	bool enabled;
	unsigned log2;
	enum capgap_hwinfo_why why;
	uint64_t caps;
} widths[] = {
	{ "the device's",
	  { VTD, 0, ECAP(1, 1, 19) },
	  16,
	  true,
	  16,
	  WHY(DEVICE),
	  EXEC | PRIV },
	{ "both alike",
	  { VTD, 0, ECAP(1, 1, 19) },
	  20,
	  true,
	  20,
	  WHY(DEVICE),
	  EXEC | PRIV },
	{ "the IOMMU's",
	  { VTD, 0, ECAP(1, 1, 15) },
	  20,
	  true,
	  16,
	  WHY(IOMMU),
	  EXEC | PRIV },
	{ "the IOMMU is not known",
	  { NOWHERE, 0, 0 },
	  20,
	  true,
	  20,
	  WHY(UPPER),
	  EXEC | PRIV },
	{ "an IOMMU whose registers are not shown",
	  { OTHER, 0, 0 },
	  20,
	  true,
	  20,
	  WHY(UPPER),
	  EXEC | PRIV },
	{ "an IOMMU without PASID",
	  { VTD, 0, ECAP(1, 0, 19) },
	  20,
	  true,
	  0,
	  WHY(NO_IOMMU),
	  0 },
	{ "not enabled, whatever both can",
	  { VTD, 0, ECAP(1, 1, 19) },
	  20,
	  false,
	  0,
	  WHY(NOT_ENABLED),
	  0 },
	{ "not enabled, IOMMU not known",
	  { NOWHERE, 0, 0 },
	  20,
	  false,
	  0,
	  WHY(NOT_ENABLED),
	  0 },
	{ "width 0 is one PASID, and looks like none",
	  { VTD, 0, ECAP(1, 1, 19) },
	  0,
	  true,
	  0,
	  WHY(WIDTH_0),
	  EXEC | PRIV },
	{ "width 0, IOMMU not known",
	  { NOWHERE, 0, 0 },
	  0,
	  true,
	  0,
	  WHY(WIDTH_0),
	  EXEC | PRIV },
	{ "width 1", { VTD, 0, ECAP(1, 1, 19) }, 1, true, 1, WHY(DEVICE), EXEC | PRIV },
	{ "a width above 20 is taken as it is read",
	  { NOWHERE, 0, 0 },
	  30,
	  true,
	  30,
	  WHY(UPPER),
	  EXEC | PRIV },
	{ "a width above 20, and an IOMMU",
	  { VTD, 0, ECAP(1, 1, 19) },
	  25,
	  true,
	  20,
	  WHY(IOMMU),
	  EXEC | PRIV },
	{ "width 31 is negative for the kernel",
	  { NOWHERE, 0, 0 },
	  31,
	  true,
	  0,
	  WHY(WIDTH_31),
	  0 },
	{ "AMD is the limit: one bit fewer",
	  { AMD, 0, EFR(1, 15) },
	  20,
	  true,
	  15,
	  WHY(AMD),
	  0 },
	{ "AMD of the device's own width: one bit fewer",
	  { AMD, 0, EFR(1, 15) },
	  16,
	  true,
	  15,
	  WHY(AMD),
	  0 },
	{ "AMD is not the limit", { AMD, 0, EFR(1, 15) }, 15, true, 15, WHY(DEVICE), 0 },
	{ "AMD with one PASID", { AMD, 0, EFR(1, 0) }, 20, true, 0, WHY(NO_IOMMU), 0 },
	{ "AMD without guest translation",
	  { AMD, 0, EFR(0, 15) },
	  20,
	  true,
	  0,
	  WHY(NO_IOMMU),
	  0 },
};

START_TEST(hwinfo_takes_the_lesser_width)
{
	const struct width_row *row = &widths[_i];
	struct capgap_hwinfo info;

	ask(&info, &plain, device(YES, row->width, row->enabled), &row->iommu, YES);
	ck_assert_msg(info.max_pasid_log2 == row->log2, "%s: log2 %u", row->name,
		      info.max_pasid_log2);
	ck_assert_msg(info.why == row->why, "%s: %s", row->name,
		      capgap_hwinfo_why_text(info.why));
	ck_assert_msg(info.capabilities == row->caps, "%s: capabilities %x", row->name,
		      (unsigned)info.capabilities);
}
END_TEST

START_TEST(hwinfo_reports_what_is_enabled)
{
	const struct capgap_iommu vtd = { VTD, 0, ECAP(1, 1, 19) };
	struct capgap_pasid pasid = device(YES, 20, true);
	struct capgap_hwinfo info;

	pasid.enabled_execute = false;
	ask(&info, &plain, pasid, &vtd, YES);
	ck_assert_uint_eq(info.capabilities, PRIV);
	pasid.enabled_privileged = false;
	ask(&info, &plain, pasid, &vtd, YES);
	ck_assert_uint_eq(info.capabilities, 0);
	ck_assert_uint_eq(info.max_pasid_log2, 20);
	/* supported is not enabled, and enabled without support is told all the same */
	pasid.execute = false;
	pasid.enabled_execute = true;
	ask(&info, &plain, pasid, &vtd, YES);
	ck_assert_uint_eq(info.capabilities, EXEC);
}
END_TEST

START_TEST(hwinfo_tells_no_from_unknown)
{
	const struct capgap_iommu vtd = { VTD, 0, ECAP(1, 1, 19) };
	const struct capgap_iommu nowhere = { NOWHERE, 0, 0 };
	struct capgap_hwinfo info;

	ask(&info, &plain, device(NO, 0, false), &vtd, NO);
	ck_assert_int_eq(info.why, WHY(NOT_SUPPORTED));
	ck_assert_uint_eq(info.capabilities, NO_ATS);
	ck_assert_uint_eq(info.undecided, 0);
	ask(&info, &plain, device(UNKNOWN, 0, false), &vtd, UNKNOWN);
	ck_assert_int_eq(info.why, WHY(UNKNOWN));
	ck_assert_uint_eq(info.max_pasid_log2, 0);
	ck_assert_uint_eq(info.capabilities, 0);
	ck_assert_uint_eq(info.undecided, EXEC | PRIV | NO_ATS);
	ask(&info, &plain, device(NO, 0, false), &nowhere, YES);
	ck_assert(!info.has_data_type);
	ck_assert_uint_eq(info.undecided, DIRTY | NO_ATS);
}
END_TEST

/* The structure as the caller reads it: 40 bytes, little-endian. */
START_TEST(hwinfo_fills_the_structure)
{
	static const uint8_t want[40] = {
		[0] = 40, [8] = 1, [12] = 24, [24] = 1, [28] = 20, [32] = 7,
	};
	const struct capgap_iommu vtd = {
		VTD, 0, ECAP(1, 1, 19) | UINT64_C(1) << 45 | UINT64_C(1) << 48
	};
	struct capgap_hwinfo_call call = plain;
	struct capgap_hwinfo info;

	ask(&info, &call, device(YES, 20, true), &vtd, YES);
	ck_assert_uint_eq(info.n_raw, 40);
	ck_assert_mem_eq(info.raw, want, 40);
	/* an older caller gets what it has room for; a newer one no more than there is */
	call.size = 32;
	ask(&info, &call, device(YES, 20, true), &vtd, YES);
	ck_assert_uint_eq(info.n_raw, 32);
	ck_assert_uint_eq(info.raw[0], 32);
	ck_assert_mem_eq(info.raw + 4, want + 4, 28);
	ck_assert_uint_eq(info.raw[32], 0);
	call.size = 64;
	ask(&info, &call, device(YES, 20, true), &vtd, YES);
	ck_assert_int_eq(info.step, STEP(ANSWERED));
	ck_assert_uint_eq(info.n_raw, 40);
	ck_assert_uint_eq(info.raw[0], 64);
	ck_assert_mem_eq(info.raw + 4, want + 4, 36);
}
END_TEST

/* A request that is wrong in every way, mended one fault after the other. */
START_TEST(hwinfo_request_is_judged_in_order)
{
	const struct capgap_iommu vtd = { VTD, 0, ECAP(1, 1, 19) };
	struct capgap_hwinfo_call call = { .size = 24,
					   .flags = 0x3,
					   .in_data_type = 4,
					   .no_ioctl = true,
					   .unreadable = true,
					   .tail = true,
					   .reserved = true,
					   .no_device = true,
					   .no_iommu = true,
					   .fault = true };
	struct capgap_hwinfo info;

#define ENDS(symbol, number)                                                             \
	do {                                                                             \
		ask(&info, &call, device(YES, 20, true), &vtd, YES);                     \
		ck_assert_int_eq(info.step, STEP(symbol));                               \
		ck_assert_int_eq(capgap_hwinfo_step_errno(info.step), (number));         \
		ck_assert_uint_eq(info.n_raw, 0);                                        \
	} while (0)
	ENDS(NO_IOCTL, 25);
	call.no_ioctl = false;
	ENDS(UNREADABLE, 14);
	call.unreadable = false;
	ENDS(SIZE, 22);
	call.size = 31;
	ENDS(SIZE, 22);
	call.size = 41;
	ENDS(TAIL, 7);
	call.size = 40; /* so short that there is no tail */
	ENDS(FLAGS, 95);
	call.flags = CAPGAP_HWINFO_FLAG_INPUT_TYPE;
	ENDS(RESERVED, 95);
	call.reserved = false;
	ENDS(NO_DEVICE, 2);
	call.no_device = false;
	ENDS(NO_IOMMU, 95);
	call.no_iommu = false;
	ENDS(TYPE, 95);
	call.in_data_type = 1;
	ENDS(DATA, 14);
#undef ENDS
	call.fault = false;
	ask(&info, &call, device(YES, 20, true), &vtd, YES);
	ck_assert_int_eq(info.step, STEP(ANSWERED));
	ck_assert_int_eq(capgap_hwinfo_step_errno(info.step), 0);
}
END_TEST

START_TEST(hwinfo_type_of_an_unknown_iommu)
{
	const struct capgap_iommu nowhere = { NOWHERE, 0, 0 };
	struct capgap_hwinfo_call call = plain;
	struct capgap_hwinfo info;

	/* the type is not looked at without its flag, and 0 takes any */
	call.in_data_type = 2;
	ask(&info, &call, device(YES, 20, true), &nowhere, YES);
	ck_assert(info.known);
	call.flags = CAPGAP_HWINFO_FLAG_INPUT_TYPE;
	ask(&info, &call, device(YES, 20, true), &nowhere, YES);
	ck_assert(!info.known);
	call.in_data_type = 0;
	ask(&info, &call, device(YES, 20, true), &nowhere, YES);
	ck_assert(info.known);
}
END_TEST

START_TEST(hwinfo_words)
{
	uint64_t bit = 0;
	unsigned n;

	for (n = 0; capgap_hwinfo_cap(n, &bit, NULL); n++)
		ck_assert_uint_eq(bit, UINT64_C(1) << n);
	ck_assert_uint_eq(n, 4);
	ck_assert_str_eq(capgap_hwinfo_type_name(1), "INTEL_VTD");
	ck_assert_str_eq(capgap_hwinfo_type_name(4), "AMD");
	ck_assert_ptr_null(capgap_hwinfo_type_name(5));
	for (int i = 0; i < CAPGAP_HWINFO_STEP_COUNT; i++)
		ck_assert_uint_gt(
			strlen(capgap_hwinfo_step_text((enum capgap_hwinfo_step)i)), 0);
	for (int i = 0; i < CAPGAP_HWINFO_WHY_COUNT; i++)
		ck_assert_uint_gt(
			strlen(capgap_hwinfo_why_text((enum capgap_hwinfo_why)i)), 0);
}
END_TEST

Suite *hwinfo_suite(void)
{
	Suite *suite = suite_create("hwinfo");
	TCase *answer = tcase_create("answer");
	TCase *request = tcase_create("request");

	tcase_add_loop_test(answer, hwinfo_reads_the_iommu, 0, ROWS(registers));
	tcase_add_loop_test(answer, hwinfo_answers_as_kernels_did, 0, ROWS(measured));
	tcase_add_loop_test(answer, hwinfo_takes_the_lesser_width, 0, ROWS(widths));
	tcase_add_test(answer, hwinfo_reports_what_is_enabled);
	tcase_add_test(answer, hwinfo_tells_no_from_unknown);
	tcase_add_test(answer, hwinfo_fills_the_structure);
	tcase_add_test(answer, hwinfo_words);
	suite_add_tcase(suite, answer);
	tcase_add_test(request, hwinfo_request_is_judged_in_order);
	tcase_add_test(request, hwinfo_type_of_an_unknown_iommu);
	suite_add_tcase(suite, request);
	return suite;
}
