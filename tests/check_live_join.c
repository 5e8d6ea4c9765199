/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The running kernel's word beside that of configuration space: remarks, and the answer. */
#include <string.h>

#include "../placement/live_join.h"
#include "suites.h"
#include "support.h"

#define YES CAPGAP_IS_YES
#define NO CAPGAP_IS_NO
#define UNKNOWN CAPGAP_IS_UNKNOWN
#define LIMIT(symbol) CAPGAP_LIMIT_##symbol
#define REMARK(symbol) CAPGAP_LIVE_REMARK_##symbol
#define ZERO(symbol) CAPGAP_LIVE_ZERO_##symbol

#define VTD CAPGAP_IOMMU_INTEL_VTD
#define AMD CAPGAP_IOMMU_AMD
#define ECAP(pss)                                                                        \
	(UINT64_C(0xf00f4e) | UINT64_C(1) << 43 | UINT64_C(1) << 40 |                    \
	 (uint64_t)((pss)-1) << 35)
#define EFR(bits) (UINT64_C(1) << 4 | (uint64_t)((bits)-1) << 32)

/* What the device has, as a capability register's members. */
#define DEVICE(bits, on) .supported = YES, .device = (bits), .enabled = (on)
#define REMARKS_MAX 3

/**
 * struct row - two answers, and what they come to
 * @name: for messages
 * @supported: configuration space
 * @device: Max PASID Width
 * @enabled: PASID Enable, Execute and Privileged
 * @sysfs: the IOMMU as sysfs shows it
 * @unasked: the kernel was not asked about the width
 * @width: the kernel's
 * @zero: what its 0 stands for
 * @plain: the kernel says neither Execute nor Privileged
 * @iommu: the IOMMU as the kernel tells it
 * @gone: the device went away behind the answer
 * @n: remarks
 * @remark: them
 * @answered: the answer becomes the kernel's
 * @none: and is that there is no PASID
 * @bits: width of the answer
 * @max: highest PASID, 0 for none
 * @limit: what bounds it
 */
struct row {
	const char *name;
	enum capgap_answer_is supported;
	unsigned device;
	bool enabled;
	struct capgap_iommu sysfs;
	bool unasked;
	unsigned width;
	enum capgap_live_zero zero;
	bool plain;
	struct capgap_iommu iommu;
	bool gone;
	unsigned n;
	enum capgap_live_remark remark[REMARKS_MAX];
	bool answered;
	bool none;
	unsigned bits;
	uint32_t max;
	enum capgap_limit limit;
};

static const struct row rows[] = {
	/* The device and the IOMMU, which the kernel tells. */
	{ "both have 20 bits", DEVICE(20, true), .width = 20,
	  .iommu = { VTD, 1, ECAP(20) }, .n = 1, .remark = { REMARK(DEVICE_LIMIT) },
	  .answered = true, .bits = 20, .max = 0xfffff, .limit = LIMIT(DEVICE) },
	{ "the IOMMU has 8", DEVICE(20, true), .width = 8, .iommu = { VTD, 1, ECAP(8) },
	  .n = 1, .remark = { REMARK(IOMMU_LIMIT) }, .answered = true, .bits = 8,
	  .max = 0xff, .limit = LIMIT(IOMMU) },
	{ "the device has 8", DEVICE(8, true), .width = 8, .iommu = { VTD, 1, ECAP(20) },
	  .n = 1, .remark = { REMARK(DEVICE_LIMIT) }, .answered = true, .bits = 8,
	  .max = 0xff, .limit = LIMIT(DEVICE) },
	{ "the IOMMU of sysfs has 8", DEVICE(20, true), .sysfs = { VTD, 1, ECAP(8) },
	  .width = 8, .n = 1, .remark = { REMARK(IOMMU_LIMIT) }, .answered = true,
	  .bits = 8, .max = 0xff, .limit = LIMIT(IOMMU) },
	{ "an IOMMU that is not shown", DEVICE(20, true), .width = 16, .n = 1,
	  .remark = { REMARK(IOMMU_UNSEEN) }, .answered = true, .bits = 16, .max = 0xffff,
	  .limit = LIMIT(IOMMU) },
	{ "a device with one bit", DEVICE(1, true), .width = 1, .n = 1,
	  .remark = { REMARK(DEVICE_LIMIT) }, .answered = true, .bits = 1, .max = 1,
	  .limit = LIMIT(DEVICE) },
	/* AMD counts one PASID too few. */
	{ "AMD with 9 bits", DEVICE(20, true), .width = 8, .iommu = { AMD, 0, EFR(9) },
	  .n = 1, .remark = { REMARK(AMD_BIT) }, .answered = true, .bits = 8, .max = 0xff,
	  .limit = LIMIT(IOMMU) },
	{ "AMD with 9 bits, of sysfs", DEVICE(20, true), .sysfs = { AMD, 0, EFR(9) },
	  .width = 8, .n = 1, .remark = { REMARK(AMD_BIT) }, .answered = true, .bits = 8,
	  .max = 0xff, .limit = LIMIT(IOMMU) },
	{ "AMD with 16 bits, the device has 8", DEVICE(8, true), .width = 8,
	  .iommu = { AMD, 0, EFR(16) }, .n = 1, .remark = { REMARK(DEVICE_LIMIT) },
	  .answered = true, .bits = 8, .max = 0xff, .limit = LIMIT(DEVICE) },
	{ "AMD, and the device is not shown", .supported = UNKNOWN, .width = 8,
	  .iommu = { AMD, 0, EFR(9) }, .n = 2,
	  .remark = { REMARK(NOT_SHOWN), REMARK(AMD_BIT) }, .answered = true, .bits = 8,
	  .max = 0xff, .limit = LIMIT(KERNEL) },
	/* Nothing in configuration space, as of a VF whose PF is elsewhere. */
	{ "the device is not shown", .supported = UNKNOWN, .width = 16, .n = 1,
	  .remark = { REMARK(NOT_SHOWN) }, .answered = true, .bits = 16, .max = 0xffff,
	  .limit = LIMIT(KERNEL) },
	/* What should not be. */
	{ "no capability, and a width", .supported = NO, .width = 16, .n = 1,
	  .remark = { REMARK(NO_CAPABILITY) }, .answered = true, .bits = 16,
	  .max = 0xffff, .limit = LIMIT(KERNEL) },
	{ "more than the device has", DEVICE(16, true), .width = 20, .n = 1,
	  .remark = { REMARK(ABOVE_DEVICE) }, .answered = true, .bits = 16, .max = 0xffff,
	  .limit = LIMIT(KERNEL) },
	{ "less than both have", DEVICE(20, true), .width = 8,
	  .iommu = { VTD, 1, ECAP(16) }, .n = 1, .remark = { REMARK(BELOW_BOTH) },
	  .answered = true, .bits = 8, .max = 0xff, .limit = LIMIT(KERNEL) },
	{ "more than the IOMMU has", DEVICE(20, true), .width = 16,
	  .iommu = { VTD, 1, ECAP(8) }, .n = 1, .remark = { REMARK(ABOVE_IOMMU) },
	  .answered = true, .bits = 16, .max = 0xff, .limit = LIMIT(IOMMU) },
	{ "more than the IOMMU has, as many as the device", DEVICE(20, true), .width = 20,
	  .iommu = { VTD, 1, ECAP(1) }, .n = 1, .remark = { REMARK(ABOVE_IOMMU) },
	  .answered = true, .bits = 20, .max = 1, .limit = LIMIT(IOMMU) },
	{ "as many as the device, and the IOMMU of sysfs has 8", DEVICE(20, true),
	  .sysfs = { VTD, 1, ECAP(8) }, .width = 20, .n = 1,
	  .remark = { REMARK(ABOVE_IOMMU) }, .answered = true, .bits = 20, .max = 0xff,
	  .limit = LIMIT(IOMMU) },
	{ "more than both have", DEVICE(16, true), .width = 20,
	  .iommu = { VTD, 1, ECAP(8) }, .n = 2,
	  .remark = { REMARK(ABOVE_DEVICE), REMARK(ABOVE_IOMMU) }, .answered = true,
	  .bits = 16, .max = 0xff, .limit = LIMIT(IOMMU) },
	/* No answer at all: what configuration space says stays. */
	{ "more than there can be", DEVICE(20, true), .width = 24, .n = 2,
	  .remark = { REMARK(ABOVE_LEGAL), REMARK(ABOVE_DEVICE) }, .bits = 20,
	  .max = 0xfffff, .limit = LIMIT(IOMMU_UNKNOWN) },
	{ "one more than there can be", DEVICE(20, true), .width = 21,
	  .iommu = { VTD, 1, ECAP(20) }, .n = 3,
	  .remark = { REMARK(ABOVE_LEGAL), REMARK(ABOVE_DEVICE), REMARK(ABOVE_IOMMU) },
	  .bits = 20, .max = 0xfffff, .limit = LIMIT(IOMMU_UNKNOWN) },
	{ "more than there can be, and the device is not shown", .supported = UNKNOWN,
	  .width = 255, .n = 2, .remark = { REMARK(ABOVE_LEGAL), REMARK(NOT_SHOWN) },
	  .limit = LIMIT(NONE) },
	{ "more than there can be, no capability", .supported = NO, .width = 255, .n = 2,
	  .remark = { REMARK(ABOVE_LEGAL), REMARK(NO_CAPABILITY) }, .none = true,
	  .limit = LIMIT(NONE) },
	{ "gone behind the answer", DEVICE(20, true), .width = 8,
	  .iommu = { VTD, 1, ECAP(8) }, .gone = true, .n = 1,
	  .remark = { REMARK(IOMMU_LIMIT) }, .bits = 20, .max = 0xfffff,
	  .limit = LIMIT(IOMMU_UNKNOWN) },
	{ "not enabled, and a width", DEVICE(20, false), .width = 20, .n = 2,
	  .remark = { REMARK(DEVICE_LIMIT), REMARK(NOT_ON) }, .answered = true,
	  .bits = 20, .max = 0xfffff, .limit = LIMIT(DEVICE) },
	{ "neither Execute nor Privileged", DEVICE(20, true), .width = 20, .plain = true,
	  .n = 3, .remark = { REMARK(DEVICE_LIMIT), REMARK(EXECUTE), REMARK(PRIVILEGED) },
	  .answered = true, .bits = 20, .max = 0xfffff, .limit = LIMIT(DEVICE) },
	{ "sysfs shows another IOMMU", DEVICE(20, true), .sysfs = { VTD, 1, ECAP(16) },
	  .width = 8, .iommu = { VTD, 1, ECAP(8) }, .n = 2,
	  .remark = { REMARK(IOMMU_LIMIT), REMARK(IOMMU_DIFFERS) }, .answered = true,
	  .bits = 8, .max = 0xff, .limit = LIMIT(IOMMU) },
	/* A width of 0. */
	{ "0, not enabled", DEVICE(20, false), .zero = ZERO(SAID), .n = 1,
	  .remark = { REMARK(NOT_ENABLED) }, .answered = true, .none = true,
	  .limit = LIMIT(NOT_ENABLED) },
	{ "0, enabled", DEVICE(20, true), .zero = ZERO(SAID), .n = 1,
	  .remark = { REMARK(ENABLED_ZERO) }, .answered = true, .none = true,
	  .limit = LIMIT(KERNEL) },
	{ "0, of the IOMMU", DEVICE(20, true), .zero = ZERO(IOMMU), .n = 1,
	  .remark = { REMARK(IOMMU_NONE) }, .answered = true, .none = true,
	  .limit = LIMIT(IOMMU) },
	{ "0, of the IOMMU, so not enabled", DEVICE(20, false), .zero = ZERO(IOMMU),
	  .n = 1, .remark = { REMARK(IOMMU_NONE) }, .answered = true, .none = true,
	  .limit = LIMIT(IOMMU) },
	{ "0, one PASID", DEVICE(0, true), .zero = ZERO(SAID), .n = 1,
	  .remark = { REMARK(WIDTH_0) }, .answered = true, .none = true,
	  .limit = LIMIT(KERNEL) },
	{ "0, no capability", .supported = NO, .zero = ZERO(SAID), .n = 1,
	  .remark = { REMARK(AGREE_NONE) }, .answered = true, .none = true },
	{ "0, not shown", .supported = UNKNOWN, .zero = ZERO(SAID), .n = 1,
	  .remark = { REMARK(NOT_SHOWN) }, .answered = true, .none = true },
	{ "the kernel does not know widths", DEVICE(20, true), .zero = ZERO(NOT_SAID),
	  .n = 1, .remark = { REMARK(ENABLED) }, .bits = 20, .max = 0xfffff,
	  .limit = LIMIT(IOMMU_UNKNOWN) },
	{ "0, and nothing tells why", DEVICE(20, true), .zero = ZERO(UNCLEAR), .n = 1,
	  .remark = { REMARK(ENABLED) }, .bits = 20, .max = 0xfffff,
	  .limit = LIMIT(IOMMU_UNKNOWN) },
	{ "the group does not tell", DEVICE(20, true), .unasked = true, .bits = 20,
	  .max = 0xfffff, .limit = LIMIT(IOMMU_UNKNOWN) },
};

/* The answer of configuration space, as query.c makes it. */
static struct capgap_pasid config_of(const struct row *row)
{
	struct support_image image = {
		.step = { EXT(0x100, 0x001b, 1, 0),
			  PUT32(0x104,
				(row->device << 8 | 6u) | (row->enabled ? 0x70000u : 0)) }
	};
	struct capgap_pasid pasid = { .supported = row->supported };

	if (row->supported == YES)
		capgap_query_config(&pasid, support_function(&image));
	if (row->sysfs.kind == VTD || row->sysfs.kind == AMD) {
		unsigned field = row->sysfs.kind == VTD ?
					 (unsigned)(row->sysfs.ext >> 35) & 0x1fu :
					 (unsigned)(row->sysfs.ext >> 32) & 0x1fu;

		capgap_query_bound(&pasid,
				   (UINT32_C(2) << field) - (row->sysfs.kind == AMD));
	}
	return pasid;
}

static struct capgap_live live_of(const struct row *row)
{
	struct capgap_live live = {
		.has_pasid = !row->unasked,
		.width = row->width,
		.zero = row->zero,
		.iommu = row->iommu,
		.execute = row->width && !row->plain,
		.privileged = row->width && !row->plain,
	};

	if (row->gone)
		live.trouble = (struct capgap_live_trouble){
			.situation = CAPGAP_LIVE_GONE, .step = CAPGAP_LIVE_STEP_FEATURE
		};
	return live;
}

START_TEST(join_remarks)
{
	const struct row *row = &rows[_i];
	struct capgap_pasid config = config_of(row);
	struct capgap_live live = live_of(row);
	struct capgap_live_remarks got;

	memset(&got, 0x5a, sizeof(got));
	capgap_live_remark_all(&got, &live, &config, &row->sysfs);
	ck_assert_msg(got.n == row->n, "%s: %u remarks, the first %s", row->name, got.n,
		      got.n ? capgap_live_remark_name(got.remark[0]) : "none");
	for (unsigned i = 0; i < got.n; i++)
		ck_assert_msg(got.remark[i] == row->remark[i], "%s: %s", row->name,
			      capgap_live_remark_name(got.remark[i]));
}
END_TEST

START_TEST(join_makes_the_answer_the_kernels)
{
	const struct row *row = &rows[_i];
	struct capgap_pasid pasid = config_of(row);
	const struct capgap_pasid before = pasid;
	struct capgap_live live = live_of(row);
	bool answered = capgap_live_apply(&pasid, &live);

	ck_assert_msg(answered == row->answered, "%s: answered", row->name);
	ck_assert_msg((pasid.method == CAPGAP_METHOD_LIVE) == row->answered, "%s: method",
		      row->name);
	ck_assert_msg(pasid.limit == row->limit, "%s: limit %s", row->name,
		      capgap_limit_name(pasid.limit));
	ck_assert_msg(pasid.max == row->max && pasid.has_range == (row->max > 0) &&
			      pasid.min == (row->max > 0),
		      "%s: range to 0x%x", row->name, pasid.max);
	ck_assert_msg((pasid.supported == NO) == row->none, "%s: supported", row->name);
	ck_assert_msg(row->none || pasid.width == row->bits, "%s: width %u", row->name,
		      pasid.width);
	ck_assert_msg(pasid.has_raw == before.has_raw &&
			      (!before.has_raw ||
			       (pasid.capability == before.capability &&
				pasid.control == before.control)),
		      "%s: the registers are as they were read", row->name);
	if (row->answered && !row->none)
		ck_assert_msg(pasid.enabled && pasid.enabled_execute == live.execute &&
				      pasid.enabled_privileged == live.privileged,
			      "%s: enabled", row->name);
}
END_TEST

/* What a guest is shown has the kernel's width, whatever the input knows of the device. */
START_TEST(join_shows_a_guest_the_kernels_width)
{
	const struct row *row = &rows[_i];
	struct capgap_pasid pasid = config_of(row);
	struct capgap_live live = live_of(row);
	uint32_t width = 0;

	if (!capgap_live_apply(&pasid, &live))
		return;
	for (uint32_t pasids = row->max; pasids; pasids >>= 1)
		width++;
	ck_assert_msg((capgap_query_registers(&pasid) >> 8 & 0x1fu) == width, "%s: 0x%x",
		      row->name, capgap_query_registers(&pasid));
	ck_assert_msg(row->none || !live.execute || capgap_query_registers(&pasid) & 2,
		      "%s: Execute", row->name);
}
END_TEST

START_TEST(join_says_why_there_is_no_answer)
{
	struct capgap_live live = { .has_pasid = true, .zero = ZERO(NOT_SAID) };
	struct capgap_live_word word;

	capgap_live_say(&word, &live, false);
	ck_assert_str_eq(word.why, capgap_live_zero_text(ZERO(NOT_SAID)));
	live = (struct capgap_live){ .has_pasid = true, .width = 255 };
	capgap_live_say(&word, &live, false);
	ck_assert_str_eq(word.why, "it says 255 bits, and a PASID has no more than 20");
	ck_assert_str_eq(capgap_live_word_text(&word), "does not tell");
	live = (struct capgap_live){ .path = CAPGAP_LIVE_PATH_GROUP };
	live.no_cdev.situation = CAPGAP_LIVE_NO_CDEV;
	capgap_live_say(&word, &live, false);
	ck_assert(strstr(word.why, "IOMMU group"));
	ck_assert(strstr(word.why, capgap_live_situation_reason(CAPGAP_LIVE_NO_CDEV)));
	live = (struct capgap_live){ .trouble = { .situation = CAPGAP_LIVE_IN_USE,
						  .step = CAPGAP_LIVE_STEP_BIND } };
	capgap_live_say(&word, &live, false);
	ck_assert_int_eq(word.situation, CAPGAP_LIVE_IN_USE);
	ck_assert(strstr(word.why, "VFIO_DEVICE_BIND_IOMMUFD"));
	/* Words for one that was not opened, one that failed, and one that told nothing. */
	ck_assert(word.asked);
	ck_assert_str_eq(capgap_live_word_text(&word), "does not answer");
	live.trouble.step = CAPGAP_LIVE_STEP_SYSFS;
	live.trouble.situation = CAPGAP_LIVE_NOT_VFIO;
	capgap_live_say(&word, &live, false);
	ck_assert(!word.asked);
	ck_assert_str_eq(capgap_live_word_text(&word), "was not asked");
	live.trouble = (struct capgap_live_trouble){ .situation = CAPGAP_LIVE_NONE };
	capgap_live_say(&word, &live, false);
	ck_assert(word.asked);
	ck_assert_str_eq(capgap_live_word_text(&word), "does not tell");
	ck_assert_str_eq(word.why, "through the IOMMU group the width cannot be had");
	/* An answer needs no reason. */
	live.has_pasid = true;
	live.width = 8;
	capgap_live_say(&word, &live, true);
	ck_assert_str_eq(word.why, "");
	ck_assert(word.answered);
}
END_TEST

/* Each remark has a name of its own and a text, and each but one occurs above. */
START_TEST(join_knows_its_remarks)
{
	enum capgap_live_remark remark = (enum capgap_live_remark)_i;
	bool used = false;

	ck_assert(capgap_live_remark_name(remark)[0]);
	ck_assert(capgap_live_remark_text(remark)[0]);
	for (int i = 0; i < _i; i++)
		ck_assert_str_ne(capgap_live_remark_name(remark),
				 capgap_live_remark_name((enum capgap_live_remark)i));
	for (int i = 0; i < ROWS(rows); i++) {
		for (unsigned k = 0; k < rows[i].n; k++)
			used |= rows[i].remark[k] == remark;
	}
	ck_assert_msg(used, "no row for %s", capgap_live_remark_name(remark));
}
END_TEST

Suite *live_join_suite(void)
{
	Suite *suite = suite_create("live_join");
	TCase *tcase = tcase_create("join");

	tcase_add_loop_test(tcase, join_remarks, 0, ROWS(rows));
	tcase_add_loop_test(tcase, join_makes_the_answer_the_kernels, 0, ROWS(rows));
	tcase_add_loop_test(tcase, join_shows_a_guest_the_kernels_width, 0, ROWS(rows));
	tcase_add_test(tcase, join_says_why_there_is_no_answer);
	tcase_add_loop_test(tcase, join_knows_its_remarks, 0, CAPGAP_LIVE_REMARK_COUNT);
	suite_add_tcase(suite, tcase);
	return suite;
}
