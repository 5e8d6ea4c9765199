/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The live query where calls fail, one after the other, and the configuration region. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check_live.h"
#include "suites.h"
#include "support.h"

static const struct fake_sysfs on_vfio = { ON_VFIO };
static const struct fake_answers plain = { COMMON, .width = 20, .capabilities = 0x6,
					   .yes = LOW_POWER, .invalid = F(12) };

/* A result of either call, so that runs can be compared. */
struct result {
	int rc;
	struct capgap_live live;
	struct capgap_live_config config;
};

/**
 * struct visit - a run that is disturbed
 * @name: for messages
 * @path: which way
 * @config: reads configuration space
 * @has_token: and the kernel asks for it
 * @calls: what an undisturbed run does
 */
static const struct visit {
	const char *name;
	enum capgap_live_path path;
	bool config;
	bool has_token;
	const char *calls;
} visits[] = {
	{ "cdev", CAPGAP_LIVE_PATH_CDEV, false, false,
	  "cdev node iommu bind hwinfo probe*16 -cdev -iommu" },
	{ "cdev, token", CAPGAP_LIVE_PATH_CDEV, false, true,
	  "cdev node iommu bind bind+token hwinfo probe*16 -cdev -iommu" },
	{ "group", CAPGAP_LIVE_PATH_GROUP, false, false,
	  "group status container api set-container set-iommu device probe*16 "
	  "-device -group -container" },
	{ "group, token", CAPGAP_LIVE_PATH_GROUP, false, true,
	  "group status container api set-container set-iommu device device+token "
	  "probe*16 -device -group -container" },
	{ "configuration through the cdev", CAPGAP_LIVE_PATH_CDEV, true, false,
	  "cdev node iommu bind info region read -cdev -iommu" },
	{ "configuration through the group", CAPGAP_LIVE_PATH_GROUP, true, false,
	  "group status container api set-container set-iommu device info region read "
	  "-device -group -container" },
};

/* One run; @fake has its fault set, or none. */
static void run(const struct visit *visit, struct fake *fake, struct result *out)
{
	struct capgap_live_ops ops = fake_ops(fake);
	struct capgap_live_request req = fake_request(visit->path, visit->has_token);

	memset(out, 0, sizeof(*out));
	if (visit->config)
		out->rc = capgap_live_read_config(&out->config, &ops, &req);
	else
		out->rc = capgap_live_query(&out->live, &ops, &req);
	fake_is_clean(fake, visit->name);
}

static void begin(const struct visit *visit, struct fake *fake,
		  struct fake_answers *answers)
{
	*answers = plain;
	answers->token = visit->has_token;
	fake_begin(fake, &on_vfio, answers);
}

static const struct capgap_live_trouble *trouble(const struct visit *visit,
						 const struct result *result)
{
	return visit->config ? &result->config.trouble : &result->live.trouble;
}

/* Calls of an undisturbed run, whose result is in @out. */
static int undisturbed(const struct visit *visit, struct result *out)
{
	struct fake_answers answers;
	struct fake fake;

	begin(visit, &fake, &answers);
	run(visit, &fake, out);
	ck_assert_int_eq(out->rc, 0);
	ck_assert_str_eq(fake.log, visit->calls);
	return fake.calls;
}

static void check_same(const struct visit *visit, const struct fake *fake,
		       const struct result *a, const struct result *b)
{
	const char *where = fake->log;

	ck_assert_msg(a->rc == b->rc && trouble(visit, a)->situation ==
						trouble(visit, b)->situation,
		      "%s: %s", visit->name, where);
	ck_assert_int_eq(a->live.path, b->live.path);
	ck_assert_int_eq(a->live.has_pasid, b->live.has_pasid);
	ck_assert_uint_eq(a->live.width, b->live.width);
	ck_assert_uint_eq(a->live.capabilities, b->live.capabilities);
	ck_assert_mem_eq(a->live.feature, b->live.feature, sizeof(a->live.feature));
	ck_assert_mem_eq(a->live.feature_err, b->live.feature_err,
			 sizeof(a->live.feature_err));
	ck_assert_int_eq(a->config.path, b->config.path);
	ck_assert_uint_eq(a->config.len, b->config.len);
	ck_assert_mem_eq(a->config.byte, b->config.byte, sizeof(a->config.byte));
}

START_TEST(live_goes_on_after_a_signal)
{
	const struct visit *visit = &visits[_i];
	struct result want;
	struct result got;
	int calls = undisturbed(visit, &want);

	for (int at = 0; at < calls; at++) {
		struct fake_answers answers;
		struct fake fake;

		begin(visit, &fake, &answers);
		fake.fault_at = at;
		fake.fault_err = EINTR;
		fake.fault_times = 3;
		run(visit, &fake, &got);
		check_same(visit, &fake, &want, &got);
	}
}
END_TEST

START_TEST(live_gives_up_where_signals_never_end)
{
	const struct visit *visit = &visits[_i];
	struct fake_answers answers;
	struct fake fake;
	struct result got;

	begin(visit, &fake, &answers);
	fake.fault_at = 0;
	fake.fault_err = EINTR;
	fake.fault_times = 1000000;
	run(visit, &fake, &got);
	ck_assert_int_eq(got.rc, -CAPGAP_E_REFUSED);
	ck_assert_int_eq(trouble(visit, &got)->situation, CAPGAP_LIVE_INTERRUPTED);
	ck_assert_int_eq(trouble(visit, &got)->err, EINTR);
	ck_assert_int_lt(fake.calls, 1000);
}
END_TEST

/* The step whose call stands at @at of an undisturbed run; NONE for a close. */
static enum capgap_live_step step_at(const struct visit *visit, int at)
{
	static const struct {
		const char *name;
		enum capgap_live_step step;
	} names[] = {
		{ "cdev", CAPGAP_LIVE_STEP_OPEN_CDEV },
		{ "node", CAPGAP_LIVE_STEP_CHECK_NODE },
		{ "iommu", CAPGAP_LIVE_STEP_OPEN_IOMMUFD },
		{ "bind", CAPGAP_LIVE_STEP_BIND },
		{ "bind+token", CAPGAP_LIVE_STEP_BIND },
		{ "hwinfo", CAPGAP_LIVE_STEP_HW_INFO },
		{ "group", CAPGAP_LIVE_STEP_OPEN_GROUP },
		{ "status", CAPGAP_LIVE_STEP_STATUS },
		{ "container", CAPGAP_LIVE_STEP_OPEN_CONTAINER },
		{ "api", CAPGAP_LIVE_STEP_API_VERSION },
		{ "set-container", CAPGAP_LIVE_STEP_SET_CONTAINER },
		{ "set-iommu", CAPGAP_LIVE_STEP_SET_IOMMU },
		{ "device", CAPGAP_LIVE_STEP_GET_DEVICE },
		{ "device+token", CAPGAP_LIVE_STEP_GET_DEVICE },
		{ "info", CAPGAP_LIVE_STEP_DEVICE_INFO },
		{ "region", CAPGAP_LIVE_STEP_REGION_INFO },
		{ "read", CAPGAP_LIVE_STEP_READ_CONFIG },
	};
	const char *next = visit->calls;
	char name[32];

	for (int call = 0; sscanf(next, "%31s", name) == 1; call++) {
		if (!strcmp(name, "probe*16") && at < call + 16)
			return CAPGAP_LIVE_STEP_FEATURE;
		if (!strcmp(name, "probe*16"))
			call += 15;
		for (int i = 0; call == at && i < ROWS(names); i++) {
			if (!strcmp(names[i].name, name))
				return names[i].step;
		}
		next += strspn(next, " ");
		next += strcspn(next, " ");
	}
	return CAPGAP_LIVE_STEP_NONE;
}

/*
 * What must come of an error: a close's is nobody's business, a feature's is noted with
 * the feature unless the device is gone, any other ends the run at its step.
 */
static void check_fault(const struct visit *visit, const struct fake *fake, int err,
			const struct result *got)
{
	enum capgap_live_step step = step_at(visit, fake->fault_at);
	const struct capgap_live_trouble *t = trouble(visit, got);
	bool noted = step == CAPGAP_LIVE_STEP_FEATURE && err != ENODEV;

	if (step == CAPGAP_LIVE_STEP_NONE || noted) {
		ck_assert_msg(!got->rc && !t->situation, "%s: errno %d at call %d: %s",
			      visit->name, err, fake->fault_at,
			      capgap_live_situation_name(t->situation));
	} else if (err == EACCES && visit->has_token && got->rc == 0) {
		/* The kernel's "not without a token", a call early or again: then it is shown. */
		ck_assert(step == CAPGAP_LIVE_STEP_BIND ||
			  step == CAPGAP_LIVE_STEP_GET_DEVICE);
	} else {
		ck_assert_msg(got->rc == -CAPGAP_E_REFUSED && t->situation,
			      "%s: errno %d at call %d passed (%s)", visit->name, err,
			      fake->fault_at, fake->log);
		ck_assert_int_eq(t->step, step);
		ck_assert_int_eq(t->err, err);
	}
	for (unsigned i = 0; noted && i < CAPGAP_LIVE_FEATURES; i++) {
		if (got->live.feature_err[i] == err &&
		    got->live.feature[i] != CAPGAP_LIVE_FEATURE_YES)
			return;
	}
	ck_assert_msg(!noted, "%s: errno %d of a feature is lost", visit->name, err);
}

START_TEST(live_survives_each_error_of_each_call)
{
	static const int errors[] = { ENODEV, EACCES, EPERM,	  EBUSY, EINVAL, ENOENT,
				      ENXIO,  ENOMEM, EMFILE,	  EIO,	 EFAULT, ENOTTY,
				      EAGAIN, E2BIG,  EOPNOTSUPP, 9999 };
	const struct visit *visit = &visits[_i];
	struct result got;
	int calls = undisturbed(visit, &got);

	for (int at = 0; at < calls; at++) {
		for (int i = 0; i < ROWS(errors); i++) {
			struct fake_answers answers;
			struct fake fake;

			begin(visit, &fake, &answers);
			fake.fault_at = at;
			fake.fault_err = errors[i];
			fake.fault_times = 1;
			run(visit, &fake, &got);
			check_fault(visit, &fake, errors[i], &got);
		}
	}
}
END_TEST

/* Whatever fails on the way, the unexpected is said to be unexpected, never passed. */
START_TEST(live_names_every_trouble)
{
	struct capgap_live_trouble t = { .step = CAPGAP_LIVE_STEP_BIND, .err = 9999 };
	char text[512];

	for (int i = 0; i < CAPGAP_LIVE_SITUATION_COUNT; i++) {
		t.situation = (enum capgap_live_situation)i;
		ck_assert_str_ne(capgap_live_situation_name(t.situation), "");
		ck_assert_str_ne(capgap_live_situation_reason(t.situation), "");
		ck_assert_ptr_nonnull(capgap_live_situation_help(t.situation));
		ck_assert_ptr_nonnull(capgap_live_situation_source(t.situation));
		for (int j = 0; j < i; j++)
			ck_assert_str_ne(capgap_live_situation_name(t.situation),
					 capgap_live_situation_name(
						 (enum capgap_live_situation)j));
		snprintf(t.detail, sizeof(t.detail), "%0159d", 0);
		capgap_live_trouble_text(&t, text, sizeof(text));
		ck_assert_ptr_nonnull(strstr(text, "errno 9999"));
		ck_assert_ptr_nonnull(strstr(text, t.detail));
	}
	t = (struct capgap_live_trouble){ .situation = CAPGAP_LIVE_NOT_VIABLE,
					  .step = CAPGAP_LIVE_STEP_STATUS };
	ck_assert_str_eq(
		capgap_live_trouble_text(&t, text, sizeof(text)),
		"VFIO_GROUP_GET_STATUS: another function of the same IOMMU group "
		"is bound to a driver of the kernel");
	ck_assert_str_eq(capgap_live_errno_name(EBUSY), "EBUSY");
	ck_assert_ptr_null(capgap_live_errno_name(9999));
}
END_TEST

#define READ "cdev node iommu bind info region"
#define END " -cdev -iommu"

/* The configuration region, as 24 devices on four kernels had it, and otherwise. */
static const struct {
	const char *name;
	struct fake_answers answers;
	const char *calls;
	enum capgap_live_situation situation;
	size_t size;
	size_t len;
	size_t limit;
} regions[] = {
	{ "4096 bytes in one read",
	  { COMMON },
	  READ " read" END,
	  CAPGAP_LIVE_NONE,
	  4096,
	  .len = 4096 },
	{ "conventional: 256 bytes",
	  { .info_flags = 3, .regions = 9, .region_size = 256, .region_offset = 0x1000 },
	  READ " read" END,
	  CAPGAP_LIVE_NONE,
	  256,
	  .len = 256 },
	{ "short reads",
	  { COMMON, .read_most = 1500 },
	  READ " read read read" END,
	  CAPGAP_LIVE_NONE,
	  4096,
	  .len = 4096 },
	{ "the kernel gives no more",
	  { COMMON, .read_end = 1000 },
	  READ " read read" END,
	  CAPGAP_LIVE_NONE,
	  4096,
	  .len = 1000 },
	{ "a longer region is cut",
	  { .info_flags = 3, .regions = 9, .region_size = UINT64_C(1) << 40 },
	  READ " read" END,
	  CAPGAP_LIVE_NONE,
	  4096,
	  .len = 4096 },
	{ "a device that bears no more",
	  { COMMON },
	  READ " read" END,
	  CAPGAP_LIVE_NONE,
	  4096,
	  1536,
	  .limit = 1536 },
	{ "no more, in short reads",
	  { COMMON, .read_most = 1500 },
	  READ " read read" END,
	  CAPGAP_LIVE_NONE,
	  4096,
	  1536,
	  .limit = 1536 },
	{ "a limit behind the region",
	  { .info_flags = 3, .regions = 9, .region_size = 256, .region_offset = 0x1000 },
	  READ " read" END,
	  CAPGAP_LIVE_NONE,
	  256,
	  256,
	  .limit = 4096 },
	{ "more than was asked for",
	  { COMMON, .read_over = 1 },
	  READ " read" END,
	  CAPGAP_LIVE_BAD_ANSWER,
	  4096,
	  .len = 0 },
	{ "gone at the first read",
	  { COMMON, .err = { [CAPGAP_LIVE_STEP_READ_CONFIG] = ENODEV } },
	  READ " read" END,
	  CAPGAP_LIVE_GONE,
	  4096,
	  .len = 0 },
	{ "no PCI device",
	  { .info_flags = 1, .regions = 9 },
	  "cdev node iommu bind info" END,
	  CAPGAP_LIVE_NO_CONFIG,
	  0,
	  .len = 0 },
	{ "seven regions",
	  { .info_flags = 3, .regions = 7 },
	  "cdev node iommu bind info" END,
	  CAPGAP_LIVE_NO_CONFIG,
	  0,
	  .len = 0 },
	{ "an empty region",
	  { .info_flags = 3, .regions = 9 },
	  READ END,
	  CAPGAP_LIVE_NO_CONFIG,
	  0,
	  .len = 0 },
};

START_TEST(live_reads_configuration)
{
	struct fake fake;
	struct capgap_live_ops ops;
	struct capgap_live_request req = fake_request(CAPGAP_LIVE_PATH_ANY, false);
	struct capgap_live_config out;
	int rc;

	fake_begin(&fake, &on_vfio, &regions[_i].answers);
	ops = fake_ops(&fake);
	req.limit = regions[_i].limit;
	memset(&out, 0x5a, sizeof(out));
	rc = capgap_live_read_config(&out, &ops, &req);
	ck_assert_msg(!strcmp(fake.log, regions[_i].calls), "%s: \"%s\"",
		      regions[_i].name, fake.log);
	fake_is_clean(&fake, regions[_i].name);
	ck_assert_int_eq(rc, regions[_i].situation ? -CAPGAP_E_REFUSED : 0);
	ck_assert_int_eq(out.trouble.situation, regions[_i].situation);
	ck_assert_uint_eq(out.size, regions[_i].size);
	ck_assert_uint_eq(out.end,
			  req.limit && req.limit < out.size ? req.limit : out.size);
	ck_assert_uint_eq(out.len, regions[_i].len);
	for (size_t i = 0; i < sizeof(out.byte); i++)
		ck_assert_uint_eq(out.byte[i], i < out.len ? fake_config(i) : 0);
}
END_TEST

/* What was read before the device went away is kept. */
START_TEST(live_keeps_what_was_read)
{
	static const struct fake_answers answers = { COMMON, .read_most = 1024 };
	struct fake fake;
	struct capgap_live_ops ops;
	struct capgap_live_request req = fake_request(CAPGAP_LIVE_PATH_CDEV, false);
	struct capgap_live_config out;

	fake_begin(&fake, &on_vfio, &answers);
	ops = fake_ops(&fake);
	fake.fault_at = 8;
	fake.fault_err = ENODEV;
	fake.fault_times = 1;
	ck_assert_int_eq(capgap_live_read_config(&out, &ops, &req), -CAPGAP_E_REFUSED);
	ck_assert_str_eq(fake.log, READ " read read read" END);
	fake_is_clean(&fake, "gone half-way");
	ck_assert_int_eq(out.trouble.situation, CAPGAP_LIVE_GONE);
	ck_assert_int_eq(out.trouble.step, CAPGAP_LIVE_STEP_READ_CONFIG);
	ck_assert_uint_eq(out.len, 2048);
	ck_assert_uint_eq(out.byte[2047], fake_config(2047));
}
END_TEST

START_TEST(live_parses_tokens)
{
	static const struct {
		const char *text;
		bool is_token;
	} cases[] = {
		{ "5d1e5a4c-0b1f-4b34-9c4e-1f1f6c1b0001", true },
		{ "5D1E5A4C-0B1F-4B34-9C4E-1F1F6C1B0001", true },
		{ "", false },
		{ "5d1e5a4c0b1f4b349c4e1f1f6c1b0001", false },
		{ "5d1e5a4c-0b1f-4b34-9c4e-1f1f6c1b000", false },
		{ "5d1e5a4c-0b1f-4b34-9c4e-1f1f6c1b00010", false },
		{ "5d1e5a4c-0b1f-4b34-9c4e-1f1f6c1b000g", false },
		{ "5d1e5a4c-0b1f-4b34-9c4e11f1f6c1b0001", false },
		{ "5d1e5a4-c0b1f-4b34-9c4e-1f1f6c1b0001", false },
		{ " d1e5a4c-0b1f-4b34-9c4e-1f1f6c1b0001", false },
	};
	uint8_t token[CAPGAP_LIVE_TOKEN_LEN];
	char text[CAPGAP_LIVE_TOKEN_TEXT];

	for (int i = 0; i < ROWS(cases); i++)
		ck_assert_msg(capgap_live_token_parse(cases[i].text, token) ==
				      cases[i].is_token,
			      "\"%s\"", cases[i].text);
	ck_assert(capgap_live_token_parse(cases[0].text, token));
	ck_assert_uint_eq(token[0], 0x5d);
	ck_assert_uint_eq(token[5], 0x1f);
	ck_assert_uint_eq(token[15], 0x01);
	ck_assert_str_eq(capgap_live_token_format(token, text), cases[0].text);
}
END_TEST

static void count_name(void *arg, const char *name)
{
	ck_assert_str_eq(name, "link");
	++*(int *)arg;
}

/* The real calls, where a system shows anything of them: a link, a directory, a file. */
START_TEST(live_calls_the_system)
{
	const struct capgap_live_ops *ops = capgap_live_system();
	struct capgap_live_node node;
	char dir[] = "/tmp/capgap-live-XXXXXX";
	char path[64];
	char target[16];
	int names = 0;
	int fd;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/link", dir);
	ck_assert_int_eq(symlink("../drivers/vfio-pci", path), 0);
	/* Cut, it would be the driver "vfi". */
	ck_assert_int_eq(ops->readlink(ops->ctx, path, target, sizeof(target)),
			 -ENAMETOOLONG);
	ck_assert_int_eq(ops->readlink(ops->ctx, path, target, 0), -EINVAL);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(symlink("123456789012345", path), 0);
	ck_assert_int_eq(ops->readlink(ops->ctx, path, target, sizeof(target)), 0);
	ck_assert_str_eq(target, "123456789012345");
	ck_assert_int_eq(ops->list(ops->ctx, dir, count_name, &names), 0);
	ck_assert_int_eq(names, 1);
	ck_assert_int_eq(ops->list(ops->ctx, path, count_name, &names), -ENOENT);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(rmdir(dir), 0);
	fd = ops->open(ops->ctx, "/dev/null");
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(ops->node(ops->ctx, fd, &node), 0);
	ck_assert(node.is_device && node.major == 1 && node.minor == 3);
	ck_assert_int_eq(ops->close(ops->ctx, fd), 0);
	ck_assert_int_eq(ops->node(ops->ctx, fd, &node), -EBADF);
}
END_TEST

Suite *live_faults_suite(void)
{
	Suite *suite = suite_create("live_faults");
	TCase *tcase = tcase_create("live_faults");

	tcase_add_loop_test(tcase, live_goes_on_after_a_signal, 0, ROWS(visits));
	tcase_add_loop_test(tcase, live_gives_up_where_signals_never_end, 0,
			    ROWS(visits));
	tcase_add_loop_test(tcase, live_survives_each_error_of_each_call, 0,
			    ROWS(visits));
	tcase_add_test(tcase, live_names_every_trouble);
	tcase_add_loop_test(tcase, live_reads_configuration, 0, ROWS(regions));
	tcase_add_test(tcase, live_keeps_what_was_read);
	tcase_add_test(tcase, live_parses_tokens);
	tcase_add_test(tcase, live_calls_the_system);
	suite_add_tcase(suite, tcase);
	return suite;
}
