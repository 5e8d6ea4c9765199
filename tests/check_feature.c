/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VFIO_DEVICE_FEATURE: the table of indexes, the kernel's judgement, the proposed PASID. */
#include <string.h>

#include "../placement/feature.h"
#include "suites.h"
#include "support.h"

#define GET CAPGAP_FEATURE_GET
#define SET CAPGAP_FEATURE_SET
#define PROBE CAPGAP_FEATURE_PROBE
#define STEP(symbol) CAPGAP_FEATURE_STEP_##symbol
#define OK CAPGAP_LINUX_OK
#define EFAULT_ CAPGAP_LINUX_EFAULT
#define EINVAL_ CAPGAP_LINUX_EINVAL
#define ENOTTY_ CAPGAP_LINUX_ENOTTY
#define EOPNOTSUPP_ CAPGAP_LINUX_EOPNOTSUPP

static enum capgap_linux_errno number_of(enum capgap_feature_step step)
{
	return capgap_feature_step_errno(step);
}

/* The indexes as Linux 7.2's header and its handlers have them. */
static const struct {
	const char *name;
	uint32_t operations;
	const char *first;
} indexes[] = {
	{ "PCI_VF_TOKEN", SET, "5.7" },
	{ "MIGRATION", GET, "5.18" },
	{ "MIG_DEVICE_STATE", GET | SET, "5.18" },
	{ "LOW_POWER_ENTRY", SET, "6.1" },
	{ "LOW_POWER_ENTRY_WITH_WAKEUP", SET, "6.1" },
	{ "LOW_POWER_EXIT", SET, "6.1" },
	{ "DMA_LOGGING_START", SET, "6.1" },
	{ "DMA_LOGGING_STOP", SET, "6.1" },
	{ "DMA_LOGGING_REPORT", GET, "6.1" },
	{ "MIG_DATA_SIZE", GET, "6.2" },
	{ "BUS_MASTER", SET, "6.7" },
	{ "DMA_BUF", GET, "6.19" },
	{ "MIG_PRECOPY_INFOv2", SET, NULL },
	{ NULL, 0, NULL },
};

START_TEST(feature_table_is_the_kernels)
{
	const struct capgap_feature *feature = capgap_feature_get((unsigned)_i);

	ck_assert_ptr_nonnull(feature);
	ck_assert_uint_eq(feature->index, (unsigned)_i);
	ck_assert_pstr_eq(feature->name, indexes[_i].name);
	ck_assert_uint_eq(feature->operations, indexes[_i].operations);
	ck_assert_pstr_eq(feature->first, indexes[_i].first);
	ck_assert_uint_gt(strlen(feature->note), 0);
}
END_TEST

START_TEST(feature_table_ends)
{
	ck_assert_ptr_null(capgap_feature_get(ROWS(indexes)));
	ck_assert_ptr_null(capgap_feature_get(0xffff));
	ck_assert_uint_eq(CAPGAP_FEATURE_PASID, 11);
	ck_assert_ptr_nonnull(strstr(capgap_feature_get(11)->note, "PASID"));
	ck_assert_ptr_nonnull(strstr(capgap_feature_get(10)->note, "CDX"));
}
END_TEST

/* vfio_check_feature(): the operation, PROBE, none of all, the payload; in that order. */
static const struct {
	const char *name;
	uint32_t flags, len, operations, min;
	enum capgap_feature_step want;
} checks[] = {
	{ "a GET with room", GET, 4, GET, 4, STEP(GO_ON) },
	{ "a GET with more room than that", GET, 4000, GET, 4, STEP(GO_ON) },
	{ "a GET without payload, where none is needed", GET, 0, GET, 0, STEP(GO_ON) },
	{ "a byte too little", GET, 3, GET, 4, STEP(PAYLOAD) },
	{ "a SET of what has both", SET, 8, GET | SET, 8, STEP(GO_ON) },
	{ "a SET of what has only GET", SET, 4, GET, 4, STEP(OPERATION) },
	{ "a GET of what has only SET", GET, 4, SET, 4, STEP(OPERATION) },
	{ "an operation of what has none", GET, 4, 0, 0, STEP(OPERATION) },
	{ "the operation comes before the payload", SET, 0, GET, 4, STEP(OPERATION) },
	{ "the operation comes before PROBE", PROBE | SET, 4, GET, 4, STEP(OPERATION) },
	{ "PROBE of both, where one is there", PROBE | GET | SET, 4, GET, 4,
	  STEP(OPERATION) },
	{ "PROBE of both", PROBE | GET | SET, 4, GET | SET, 4, STEP(PROBED) },
	{ "PROBE of an operation", PROBE | GET, 4, GET, 4, STEP(PROBED) },
	{ "PROBE alone: is it there at all", PROBE, 4, GET, 4, STEP(PROBED) },
	{ "PROBE does not look at the payload", PROBE | GET, 0, GET, 4, STEP(PROBED) },
	{ "no flag", 0, 4, GET, 4, STEP(NO_OPERATION) },
	{ "no flag comes before the payload", 0, 0, GET, 4, STEP(NO_OPERATION) },
	{ "the index is no flag", GET | 11, 4, GET, 4, STEP(GO_ON) },
};

START_TEST(feature_check_is_the_kernels)
{
	enum capgap_feature_step step = capgap_feature_check(checks[_i].flags,
							     checks[_i].len,
							     checks[_i].operations,
							     checks[_i].min);

	ck_assert_msg(step == checks[_i].want, "%s: %s", checks[_i].name,
		      capgap_feature_step_text(step));
}
END_TEST

/*
 * A request that is wrong in every way, mended one fault after the other, is ended by
 * each in turn: the kernel's order. The payload's fault comes last.
 */
START_TEST(feature_request_is_judged_in_order)
{
	struct capgap_feature_call call = { GET | SET | 1u << 19 | 1, 4, true, true };
	struct capgap_feature_device device = { true, true, 0, 0 };

#define ENDS(symbol)                                                                     \
	ck_assert_int_eq(capgap_feature_request(&call, &device), STEP(symbol))
	ENDS(NO_ACCESS);
	device.no_access = false;
	ENDS(UNREADABLE);
	call.unreadable = false;
	ENDS(ARGSZ);
	call.argsz = 8;
	ENDS(FLAGS);
	call.flags &= ~(1u << 19);
	ENDS(GET_AND_SET);
	call.flags = SET | 1;
	ENDS(NO_HANDLER);
	device.no_handler = false;
	ENDS(UNKNOWN);
	device.known = 1u << 1;
	ENDS(UNABLE);
	device.able = 1u << 1;
	ENDS(OPERATION);
	call.flags = 1;
	ENDS(NO_OPERATION);
	call.flags = GET | 1;
	ENDS(PAYLOAD);
	call.argsz = 16;
	ENDS(FAULT);
	call.fault = false;
	ENDS(GO_ON);
	call.flags = GET | PROBE | 1;
	call.fault = true;
	call.argsz = 8;
	ENDS(PROBED);
	/* What the core answers does not need the driver. */
	device.no_handler = true;
	ENDS(PROBED);
	/* Without a payload there is nothing to fault. */
	device = (struct capgap_feature_device){ .known = 8, .able = 8 };
	call.flags = SET | 3;
	ENDS(GO_ON);
#undef ENDS
}
END_TEST

/* What each step returns: errors as Linux has them, by number. */
static const struct {
	enum capgap_feature_step step;
	int number;
} numbers[] = {
	{ STEP(NO_ACCESS), 22 },      { STEP(UNREADABLE), 14 },
	{ STEP(ARGSZ), 22 },	      { STEP(FLAGS), 22 },
	{ STEP(GET_AND_SET), 22 },    { STEP(NO_HANDLER), 25 },
	{ STEP(UNKNOWN), 25 },	      { STEP(UNABLE), 25 },
	{ STEP(UNABLE_DMA_BUF), 95 }, { STEP(UNABLE_PRECOPY), 22 },
	{ STEP(OPERATION), 22 },      { STEP(PROBED), 0 },
	{ STEP(NO_OPERATION), 22 },   { STEP(PAYLOAD), 22 },
	{ STEP(FAULT), 14 },	      { STEP(GO_ON), 0 },
};

START_TEST(feature_steps_have_numbers)
{
	ck_assert_int_eq(ROWS(numbers), CAPGAP_FEATURE_STEP_COUNT);
	for (int i = 0; i < ROWS(numbers); i++) {
		ck_assert_int_eq(numbers[i].step, i);
		ck_assert_int_eq(capgap_feature_step_errno(numbers[i].step),
				 numbers[i].number);
		ck_assert_uint_gt(strlen(capgap_feature_step_text(numbers[i].step)), 0);
	}
}
END_TEST

START_TEST(feature_error_numbers_have_names)
{
	ck_assert_str_eq(capgap_linux_errno_name(CAPGAP_LINUX_ENOENT), "ENOENT");
	ck_assert_str_eq(capgap_linux_errno_name(CAPGAP_LINUX_E2BIG), "E2BIG");
	ck_assert_str_eq(capgap_linux_errno_name(EFAULT_), "EFAULT");
	ck_assert_str_eq(capgap_linux_errno_name(EINVAL_), "EINVAL");
	ck_assert_str_eq(capgap_linux_errno_name(ENOTTY_), "ENOTTY");
	ck_assert_str_eq(capgap_linux_errno_name(EOPNOTSUPP_), "EOPNOTSUPP");
	ck_assert_ptr_null(capgap_linux_errno_name(OK));
	ck_assert_ptr_null(capgap_linux_errno_text(OK));
	ck_assert_uint_gt(strlen(capgap_linux_errno_text(ENOTTY_)), 0);
}
END_TEST

/* Indexes that a kernel knows, as a mask. */
#define TO(last) ((2u << (last)) - 1)
#define BIT(index) (1u << (index))
#define LOW_POWER (BIT(3) | BIT(4) | BIT(5))

/*
 * What kernels answered to a device on plain vfio-pci (e1000e, nvme, igb; Debian's 6.1.192,
 * 6.12.107 and 7.2.12, and 7.3.4), and mtty on 7.3.4: PROBE, PROBE|GET, PROBE|SET, GET with
 * a buffer of 264 bytes of zeros.
 */
static const struct measured_row {
	const char *name;
	struct capgap_feature_device device;
	unsigned index;
	enum capgap_linux_errno want[4];
} measured[] = {
	{ "6.1: a token without SR-IOV",
	  { .known = TO(8), .able = LOW_POWER },
	  0,
	  { ENOTTY_, ENOTTY_, ENOTTY_, ENOTTY_ } },
	{ "6.1: the token of a PF",
	  { .known = TO(8), .able = LOW_POWER | BIT(0) },
	  0,
	  { OK, EINVAL_, OK, EINVAL_ } },
	{ "6.1: migration",
	  { .known = TO(8), .able = LOW_POWER },
	  1,
	  { ENOTTY_, ENOTTY_, ENOTTY_, ENOTTY_ } },
	{ "6.1: entering low power",
	  { .known = TO(8), .able = LOW_POWER },
	  3,
	  { OK, EINVAL_, OK, EINVAL_ } },
	{ "6.1: with wakeup",
	  { .known = TO(8), .able = LOW_POWER },
	  4,
	  { OK, EINVAL_, OK, EINVAL_ } },
	{ "6.1: leaving low power",
	  { .known = TO(8), .able = LOW_POWER },
	  5,
	  { OK, EINVAL_, OK, EINVAL_ } },
	{ "6.1: DMA logging",
	  { .known = TO(8), .able = LOW_POWER },
	  6,
	  { ENOTTY_, ENOTTY_, ENOTTY_, ENOTTY_ } },
	{ "6.1: index 11",
	  { .known = TO(8), .able = LOW_POWER },
	  11,
	  { ENOTTY_, ENOTTY_, ENOTTY_, ENOTTY_ } },
	{ "6.12: index 12",
	  { .known = TO(10), .able = LOW_POWER },
	  12,
	  { ENOTTY_, ENOTTY_, ENOTTY_, ENOTTY_ } },
	{ "6.12: bus master of PCI",
	  { .known = TO(10), .able = LOW_POWER },
	  10,
	  { ENOTTY_, ENOTTY_, ENOTTY_, ENOTTY_ } },
	{ "7.2: DMA_BUF; the handler refuses the zeros of a GET",
	  { .known = TO(12), .able = LOW_POWER | BIT(11) },
	  11,
	  { OK, OK, EINVAL_, OK } },
	{ "7.2: PRE_COPY information without migration",
	  { .known = TO(12), .able = LOW_POWER | BIT(11) },
	  12,
	  { EINVAL_, EINVAL_, EINVAL_, EINVAL_ } },
	{ "7.2: index 13",
	  { .known = TO(12), .able = LOW_POWER | BIT(11) },
	  13,
	  { ENOTTY_, ENOTTY_, ENOTTY_, ENOTTY_ } },
	{ "7.2: index 14",
	  { .known = TO(12), .able = LOW_POWER | BIT(11) },
	  14,
	  { ENOTTY_, ENOTTY_, ENOTTY_, ENOTTY_ } },
	{ "7.2: the last index",
	  { .known = TO(12), .able = LOW_POWER | BIT(11) },
	  0xffff,
	  { ENOTTY_, ENOTTY_, ENOTTY_, ENOTTY_ } },
	{ "7.3, built without P2PDMA: index 11",
	  { .known = TO(12) & ~BIT(11), .able = LOW_POWER },
	  11,
	  { ENOTTY_, ENOTTY_, ENOTTY_, ENOTTY_ } },
	{ "a driver without features has none of a driver's",
	  { .no_handler = true, .known = TO(12), .able = LOW_POWER },
	  3,
	  { ENOTTY_, ENOTTY_, ENOTTY_, ENOTTY_ } },
	{ "7.3, mtty: migration",
	  { .no_handler = true, .known = TO(12), .able = BIT(1) },
	  1,
	  { OK, OK, EINVAL_, OK } },
	{ "7.3, mtty: the report of DMA logging; its handler refuses the zeros",
	  { .no_handler = true, .known = TO(12), .able = BIT(8) },
	  8,
	  { OK, OK, EINVAL_, OK } },
	{ "7.3, mtty: PRE_COPY information",
	  { .no_handler = true, .known = TO(12), .able = BIT(12) },
	  12,
	  { OK, EINVAL_, OK, EINVAL_ } },
};

START_TEST(feature_answers_as_kernels_did)
{
	static const uint32_t modes[4] = { PROBE, PROBE | GET, PROBE | SET, GET };
	const struct measured_row *row = &measured[_i];

	for (int i = 0; i < 4; i++) {
		struct capgap_feature_call call = { row->index | modes[i], 264, false,
						    false };
		enum capgap_feature_step step = capgap_feature_request(&call,
								       &row->device);

		ck_assert_msg(number_of(step) == row->want[i], "%s, mode %d: %s",
			      row->name, i, capgap_feature_step_text(step));
	}
}
END_TEST

/* PROBE of a feature that is there answers with argsz 8; a GET does not; no flag is EINVAL. */
START_TEST(feature_header_alone)
{
	const struct capgap_feature_device plain = { .known = TO(12) };
	const struct capgap_feature_device able = { .known = TO(12), .able = BIT(1) };
	struct capgap_feature_call call = { PROBE | 1, 8, false, false };

	ck_assert_int_eq(number_of(capgap_feature_request(&call, &able)), OK);
	call.flags = GET | 1;
	ck_assert_int_eq(number_of(capgap_feature_request(&call, &able)), EINVAL_);
	call.flags = 1;
	ck_assert_int_eq(number_of(capgap_feature_request(&call, &able)), EINVAL_);
	ck_assert_int_eq(number_of(capgap_feature_request(&call, &plain)), ENOTTY_);
}
END_TEST

/* A request for PASID, 8 + 4 bytes of index 11, on kernels as they were released. */
static const struct {
	uint32_t flags;
	uint32_t argsz;
	enum capgap_linux_errno before, with, without;
} released[] = {
	{ GET, 12, ENOTTY_, EINVAL_, EOPNOTSUPP_ },
	{ PROBE | GET, 12, ENOTTY_, OK, EOPNOTSUPP_ },
	{ PROBE, 12, ENOTTY_, OK, EOPNOTSUPP_ },
	{ PROBE | SET, 12, ENOTTY_, EINVAL_, EOPNOTSUPP_ },
	{ SET, 12, ENOTTY_, EINVAL_, EOPNOTSUPP_ },
	{ 0, 12, ENOTTY_, EINVAL_, EOPNOTSUPP_ },
	{ GET, 23, ENOTTY_, EINVAL_, EOPNOTSUPP_ },
	/* from here on the bytes are taken for a request of a DMA-BUF */
	{ GET, 24, ENOTTY_, OK, EOPNOTSUPP_ },
	{ GET, 4, EINVAL_, EINVAL_, EINVAL_ },
	{ GET | SET, 12, EINVAL_, EINVAL_, EINVAL_ },
};

START_TEST(feature_11_is_another_on_released_kernels)
{
	struct capgap_feature_call call = { CAPGAP_FEATURE_PASID | released[_i].flags,
					    released[_i].argsz, false, false };
	const enum capgap_linux_errno want[] = { released[_i].before, released[_i].with,
						 released[_i].without };
	struct capgap_feature_device device;
	unsigned n;

	for (n = 0; capgap_feature_kernel(n, &device); n++) {
		ck_assert_uint_lt(n, 3);
		ck_assert_msg(number_of(capgap_feature_request(&call, &device)) ==
				      want[n],
			      "flags %x argsz %u, kernel %u", call.flags, call.argsz, n);
	}
	ck_assert_uint_eq(n, 3);
}
END_TEST

#define YES                                                                              \
	{                                                                                \
		.supported = CAPGAP_IS_YES, .width = 20, .execute = true,                \
		.privileged = true, .enabled = true, .enabled_privileged = true          \
	}
#define OFF                                                                              \
	{                                                                                \
		.supported = CAPGAP_IS_YES, .width = 20, .execute = true                 \
	}
#define NO                                                                               \
	{                                                                                \
		.supported = CAPGAP_IS_NO                                                \
	}
#define NARROW                                                                           \
	{                                                                                \
		.supported = CAPGAP_IS_YES, .enabled = true                              \
	}
#define UNKNOWN                                                                          \
	{                                                                                \
		.supported = CAPGAP_IS_UNKNOWN                                           \
	}
#define V1 CAPGAP_METHOD_FEATURE_V1
#define V2 CAPGAP_METHOD_FEATURE_V2
#define V2_ENOTTY CAPGAP_METHOD_FEATURE_V2_ENOTTY

/* What the proposed feature returns; the payload is {capabilities, width, reserved}. */
static const struct proposed_row {
	const char *name;
	enum capgap_method method;
	struct capgap_pasid pasid;
	uint32_t flags, argsz;
	bool unknown;
	enum capgap_linux_errno number;
	bool payload;
	uint8_t raw[4];
} proposed[] = {
	{ "v1: as supported", V1, YES, GET, 12, false, OK, true, { 3, 0, 20, 0 } },
	{ "v2: as enabled", V2, YES, GET, 12, false, OK, true, { 2, 0, 20, 0 } },
	{ "v2-enotty: as v2", V2_ENOTTY, YES, GET, 12, false, OK, true, { 2, 0, 20, 0 } },
	{ "v1: not enabled is zeros", V1, OFF, GET, 12, false, OK, true, { 0 } },
	{ "v2: not enabled is zeros", V2, OFF, GET, 12, false, OK, true, { 0 } },
	{ "v2-enotty: not enabled",
	  V2_ENOTTY,
	  OFF,
	  GET,
	  12,
	  false,
	  ENOTTY_,
	  false,
	  { 0 } },
	{ "v1: no PASID is zeros", V1, NO, GET, 12, false, OK, true, { 0 } },
	{ "v2: no PASID is zeros", V2, NO, GET, 12, false, OK, true, { 0 } },
	{ "v2-enotty: no PASID", V2_ENOTTY, NO, GET, 12, false, ENOTTY_, false, { 0 } },
	{ "v2: width 0 looks like none", V2, NARROW, GET, 12, false, OK, true, { 0 } },
	{ "v2-enotty: width 0 does not",
	  V2_ENOTTY,
	  NARROW,
	  GET,
	  12,
	  false,
	  OK,
	  true,
	  { 0 } },
	{ "v1: unknown", V1, UNKNOWN, GET, 12, true, OK, false, { 0 } },
	{ "v2: unknown", V2, UNKNOWN, GET, 12, true, OK, false, { 0 } },
	{ "v2-enotty: unknown", V2_ENOTTY, UNKNOWN, GET, 12, true, OK, false, { 0 } },
	{ "v2: PROBE is answered though the device is unknown",
	  V2,
	  UNKNOWN,
	  PROBE,
	  8,
	  false,
	  OK,
	  false,
	  { 0 } },
	{ "v2-enotty: PROBE is not",
	  V2_ENOTTY,
	  UNKNOWN,
	  PROBE,
	  8,
	  true,
	  OK,
	  false,
	  { 0 } },
	{ "v1: PROBE without payload, without PASID",
	  V1,
	  NO,
	  PROBE | GET,
	  8,
	  false,
	  OK,
	  false,
	  { 0 } },
	{ "v2-enotty: PROBE without PASID",
	  V2_ENOTTY,
	  NO,
	  PROBE | GET,
	  8,
	  false,
	  ENOTTY_,
	  false,
	  { 0 } },
	{ "v2: SET", V2, YES, SET, 12, false, EINVAL_, false, { 0 } },
	{ "v2: PROBE of SET", V2, YES, PROBE | SET, 12, false, EINVAL_, false, { 0 } },
	{ "v2: PROBE of both",
	  V2,
	  YES,
	  PROBE | GET | SET,
	  12,
	  false,
	  EINVAL_,
	  false,
	  { 0 } },
	{ "v2: GET and SET", V2, YES, GET | SET, 12, false, EINVAL_, false, { 0 } },
	{ "v2: no flag", V2, YES, 0, 12, false, EINVAL_, false, { 0 } },
	{ "v2: a byte too little", V2, YES, GET, 11, false, EINVAL_, false, { 0 } },
	{ "v2: more room is no fault",
	  V2,
	  YES,
	  GET,
	  64,
	  false,
	  OK,
	  true,
	  { 2, 0, 20, 0 } },
	{ "v2: less than a header", V2, YES, GET, 7, false, EINVAL_, false, { 0 } },
	{ "v2: an unknown flag",
	  V2,
	  YES,
	  GET | 1u << 20,
	  12,
	  false,
	  EINVAL_,
	  false,
	  { 0 } },
	{ "v2-enotty: a wrong request comes before no PASID",
	  V2_ENOTTY,
	  NO,
	  GET | SET,
	  12,
	  false,
	  EINVAL_,
	  false,
	  { 0 } },
	{ "v2-enotty: no PASID comes before a wrong operation",
	  V2_ENOTTY,
	  NO,
	  SET,
	  12,
	  false,
	  ENOTTY_,
	  false,
	  { 0 } },
};

START_TEST(feature_replays_the_proposed_pasid)
{
	const struct proposed_row *row = &proposed[_i];
	struct capgap_feature_call call = { row->flags, row->argsz, false, false };
	struct capgap_feature_answer ans;

	memset(&ans, 0x5a, sizeof(ans));
	capgap_feature_pasid(&ans, row->method, &call, &row->pasid);
	ck_assert_msg(ans.known == !row->unknown, "%s: known", row->name);
	ck_assert_uint_eq(ans.call.flags & CAPGAP_FEATURE_MASK, CAPGAP_FEATURE_PASID);
	ck_assert_msg(ans.has_payload == row->payload, "%s: payload", row->name);
	ck_assert_msg(!memcmp(ans.raw, row->raw, sizeof(row->raw)), "%s: bytes",
		      row->name);
	if (!ans.known)
		return;
	ck_assert_msg(number_of(ans.step) == row->number, "%s: %s", row->name,
		      capgap_feature_step_text(ans.step));
	ck_assert_uint_eq(ans.capabilities, row->raw[0]);
	ck_assert_uint_eq(ans.width, row->raw[2]);
}
END_TEST

START_TEST(feature_payload_can_fault)
{
	const struct capgap_pasid pasid = YES;
	const struct capgap_pasid unknown = UNKNOWN;
	struct capgap_feature_call call = { GET, 12, false, true };
	struct capgap_feature_answer ans;

	capgap_feature_pasid(&ans, V2, &call, &pasid);
	ck_assert(ans.known && !ans.has_payload);
	ck_assert_int_eq(number_of(ans.step), EFAULT_);
	/* what is written does not matter where it cannot be written */
	capgap_feature_pasid(&ans, V2, &call, &unknown);
	ck_assert(ans.known);
	ck_assert_int_eq(number_of(ans.step), EFAULT_);
	call.unreadable = true;
	capgap_feature_pasid(&ans, V2, &call, &pasid);
	ck_assert_int_eq(ans.step, STEP(UNREADABLE));
}
END_TEST

Suite *feature_suite(void)
{
	Suite *suite = suite_create("feature");
	TCase *table = tcase_create("table");
	TCase *request = tcase_create("request");
	TCase *pasid = tcase_create("pasid");

	tcase_add_loop_test(table, feature_table_is_the_kernels, 0, ROWS(indexes));
	tcase_add_test(table, feature_table_ends);
	tcase_add_test(table, feature_steps_have_numbers);
	tcase_add_test(table, feature_error_numbers_have_names);
	suite_add_tcase(suite, table);
	tcase_add_loop_test(request, feature_check_is_the_kernels, 0, ROWS(checks));
	tcase_add_test(request, feature_request_is_judged_in_order);
	tcase_add_loop_test(request, feature_answers_as_kernels_did, 0, ROWS(measured));
	tcase_add_test(request, feature_header_alone);
	tcase_add_loop_test(request, feature_11_is_another_on_released_kernels, 0,
			    ROWS(released));
	suite_add_tcase(suite, request);
	tcase_add_loop_test(pasid, feature_replays_the_proposed_pasid, 0, ROWS(proposed));
	tcase_add_test(pasid, feature_payload_can_fault);
	suite_add_tcase(suite, pasid);
	return suite;
}
