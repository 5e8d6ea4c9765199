/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Several samples of the same functions: merged by address, and what differs is in use. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../analyzer/bytes.h"
#include "../analyzer/samples.h"
#include "../placement/plan.h"
#include "check_samples.h"
#include "suites.h"
#include "support.h"

/* What came out: "bdf samples findings", a line each, and how often trouble was said. */
static struct {
	char log[2048];
	char trouble[1024];
	unsigned n_troubles;
	unsigned n;
	struct capgap_function fn;
	struct capgap_plan plan;
	char sources[256];
} seen;

static void setup(void)
{
	memset(&seen, 0, sizeof(seen));
}

static void note(char *log, size_t room, const char *text)
{
	strncat(log, text, room - strlen(log) - 1);
}

static int on_function(void *ctx, const char *source, unsigned machine,
		       const struct capgap_function *fn)
{
	struct capgap_policy policy = { .require = CAPGAP_GRADE_OBSERVED,
					.min_gap = CAPGAP_MIN_GAP };
	char bdf[CAPGAP_BDF_TEXT] = "-";
	struct capgap_pasid pasid;
	char line[160];

	(void)ctx;
	if (fn->meta.flags & CAPGAP_META_BDF)
		capgap_bdf_format(&fn->meta.bdf, bdf);
	snprintf(line, sizeof(line), "%u %s %u%s%s%s\n", machine, bdf, fn->meta.samples,
		 capgap_findings_has(&fn->findings, CAPGAP_F_SAMPLE_ALONE) ? " alone" :
									     "",
		 capgap_findings_has(&fn->findings, CAPGAP_F_SAMPLES_DIFFER) ? " differ" :
									       "",
		 capgap_findings_has(&fn->findings, CAPGAP_F_SAMPLES_LIST) ? " list" :
									     "");
	note(seen.log, sizeof(seen.log), line);
	note(seen.sources, sizeof(seen.sources), strrchr(source, '/') + 1);
	note(seen.sources, sizeof(seen.sources), " ");
	seen.n++;
	seen.fn = *fn;
	capgap_query_config(&pasid, fn);
	capgap_plan_make(&seen.plan, fn, &pasid, &policy);
	return 0;
}

static void on_trouble(void *ctx, const char *source, const struct capgap_err *err)
{
	(void)ctx;
	(void)source;
	seen.n_troubles++;
	note(seen.trouble, sizeof(seen.trouble), err->text);
	note(seen.trouble, sizeof(seen.trouble), "\n");
}

/* An item as lspci prints it, or as it is where it has no address. */
static void write_item(FILE *file, const struct item *item, const char *note)
{
	struct capgap_record rec;

	support_record(&rec, &item->image);
	if (!item->bdf) {
		fwrite(rec.image.data, 1, rec.image.size, file);
		return;
	}
	if (note)
		fprintf(file, "# capgap: 0000:%s %s\n", item->bdf, note);
	fprintf(file, "%s Ethernet controller: Some function\n", item->bdf);
	for (unsigned row = 0; row < rec.image.size; row += 16) {
		if (!capgap_image_has(&rec.image, row, 16))
			continue;
		fprintf(file, "%02x:", row);
		for (unsigned i = row; i < row + 16; i++)
			fprintf(file, " %02x", rec.image.data[i]);
		fputc('\n', file);
	}
	fputc('\n', file);
}

const char *samples_note[INPUTS_MAX];

/* Each input has a number of its own, from here on. */
#define FIRST_FD 100

static int read_input(struct capgap_samples *samples, const struct input *input,
		      unsigned number)
{
	int fd = memfd_create("sample", 0);
	int named = dup2(fd, FIRST_FD + (int)number);
	FILE *file = fdopen(named, "w");
	char path[64];
	int rc;

	ck_assert_ptr_nonnull(file);
	for (unsigned i = 0; i < FUNCTIONS_MAX && input->item[i].image.size; i++)
		write_item(file, &input->item[i], i ? NULL : samples_note[number]);
	fflush(file);
	close(fd);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", named);
	rc = capgap_samples_read(samples, path);
	fclose(file);
	return rc;
}

int samples_merge(const struct input *input, unsigned n, const struct capgap_out *out)
{
	struct capgap_samples *samples = capgap_samples_new(out->trouble, out->ctx);
	struct capgap_quirks *quirks = capgap_quirks_new();
	struct capgap_options opt = { .min_gap = CAPGAP_MIN_GAP, .quirks = quirks };
	struct capgap_reader *rd = capgap_reader_new(&opt, out);
	int worst = 0;
	int rc;

	ck_assert_ptr_nonnull(samples);
	ck_assert_int_eq(capgap_quirks_add_descriptor(quirks, 0x7e57, 0x0042,
						      CAPGAP_FORM_CONTROL),
			 0);
	for (unsigned i = 0; i < n && input[i].item[0].image.size; i++) {
		rc = read_input(samples, &input[i], i);
		worst = rc ? rc : worst;
	}
	ck_assert_int_eq(capgap_samples_feed(samples, rd), 0);
	capgap_samples_free(samples);
	capgap_reader_free(rd);
	capgap_quirks_free(quirks);
	return worst;
}

static int merge(const struct input *input, unsigned n)
{
	const struct capgap_out out = { on_function, on_trouble, NULL };

	return samples_merge(input, n, &out);
}

/* Which functions come out, and what is said of them. */
static const struct row {
	const char *name;
	struct input input[INPUTS_MAX];
	const char *log;
	const char *trouble; /* part of it; NULL for none */
} rows[] = {
	{ "two samples of one",
	  { { { { "01:00.0", PLAIN } } }, { { { "01:00.0", PLAIN } } } },
	  "0 0000:01:00.0 2\n",
	  NULL },
	{ "three, the last of them with a register that has changed",
	  { { { { "01:00.0", PLAIN } } },
	    { { { "01:00.0", PLAIN } } },
	    { { { "01:00.0", { WHOLE, .step = { HEAD(0), PUT8(0x400, 1) } } } } } },
	  "0 0000:01:00.0 3 differ\n",
	  NULL },
	{ "a register of a structure may change",
	  { { { { "01:00.0", PLAIN } } },
	    { { { "01:00.0", { WHOLE, .step = { HEAD(0), PUT8(0x104, 1) } } } } } },
	  "0 0000:01:00.0 2\n",
	  NULL },
	{ "a list that changes",
	  { { { { "01:00.0",
		  { WHOLE, .step = { HEAD(0x200), HEAD(0x200),
				     EXT(0x200, 0x0003, 1, 0) } } } } },
	    { { { "01:00.0",
		  { WHOLE, .step = { HEAD(0), EXT(0x200, 0x0003, 1, 0) } } } } } },
	  "0 0000:01:00.0 2 list\n",
	  NULL },
	{ "one input has more functions; they are one machine, in order",
	  { { { { "01:00.0", PLAIN }, { "02:00.0", PLAIN } } },
	    { { { "02:00.0", PLAIN }, { "03:00.0", PLAIN } } } },
	  "0 0000:01:00.0 1 alone\n0 0000:02:00.0 2\n0 0000:03:00.0 1 alone\n",
	  NULL },
	{ "twice in one input",
	  { { { { "01:00.0", PLAIN }, { "01:00.0", PLAIN } } } },
	  "0 0000:01:00.0 2\n",
	  NULL },
	{ "without addresses: the same ids",
	  { { { { NULL, PLAIN } } }, { { { NULL, PLAIN } } } },
	  "0 - 2\n",
	  NULL },
	{ "without addresses: other ids",
	  { { { { NULL, PLAIN } } },
	    { { { NULL, { WHOLE, .step = { PUT16(0x02, 0x1234) } } } } } },
	  "0 - 1 alone\n0 - 1 alone\n",
	  NULL },
	{ "other ids at the address",
	  { { { { "01:00.0", PLAIN } } },
	    { { { "01:00.0", { WHOLE, .step = { PUT16(0x02, 0x1234) } } } } } },
	  "0 0000:01:00.0 1 alone\n",
	  "0000:01:00.0: 15b3:1234 here, but 15b3:1021 in /proc" },
	{ "asleep the second time",
	  { { { { "01:00.0", PLAIN } } },
	    { { { "01:00.0", { WHOLE, .step = { FILL(0, 4096, 0xff) } } } } } },
	  "0 0000:01:00.0 1 alone\n",
	  "reads ff throughout in this input" },
	{ "asleep the first time",
	  { { { { "01:00.0", { WHOLE, .step = { FILL(0, 4096, 0xff) } } } } },
	    { { { "01:00.0", PLAIN } } },
	    { { { "01:00.0", PLAIN } } } },
	  "0 0000:01:00.0 2\n",
	  "reads ff throughout in /proc" },
};

START_TEST(samples_are_merged_by_address)
{
	const struct row *row = &rows[_i];
	int rc = merge(row->input, INPUTS_MAX);

	ck_assert_msg(!strcmp(seen.log, row->log), "%s: %s", row->name, seen.log);
	ck_assert_msg(!row->trouble == !seen.n_troubles, "%s: %s", row->name,
		      seen.trouble);
	ck_assert_int_eq(rc, row->trouble ? -CAPGAP_E_DAMAGED : 0);
	if (row->trouble)
		ck_assert_msg(strstr(seen.trouble, row->trouble), "%s: %s", row->name,
			      seen.trouble);
}
END_TEST

/* A changing dword ends a run, and is refused by its own reason. */
START_TEST(changing_bytes_are_in_use)
{
	static const struct input inputs[] = {
		{ { { "01:00.0", PLAIN } } },
		{ { { "01:00.0", { WHOLE, .step = { HEAD(0), PUT8(0x402, 7) } } } } },
	};
	const struct capgap_place *place;

	ck_assert_int_eq(merge(inputs, 2), 0);
	ck_assert(capgap_image_is_changing(&seen.fn.image, 0x402, 1));
	ck_assert_int_eq(seen.fn.image.data[0x402], 0);
	ck_assert_uint_eq(seen.fn.n_gaps, 2);
	ck_assert_int_eq(seen.fn.gap[1].content, CAPGAP_CONTENT_CHANGING);
	for (unsigned i = 0; i < seen.plan.n_places; i++) {
		place = &seen.plan.place[i];
		if (place->off <= 0x402 && place->off + place->len > 0x402) {
			ck_assert_uint_eq(place->len, 4);
			ck_assert_int_eq(place->reason, CAPGAP_REASON_CHANGING);
			ck_assert_int_eq(place->grade, CAPGAP_GRADE_NONE);
		}
		/* what borders on it is weaker */
		if (place->off == 0x10c || place->off == 0x404)
			ck_assert_int_eq(place->reason, CAPGAP_REASON_LIVE);
	}
	ck_assert_msg(support_find(&seen.fn.findings, CAPGAP_F_SAMPLES_DIFFER)->off ==
			      0x402,
		      "0x%03x",
		      support_find(&seen.fn.findings, CAPGAP_F_SAMPLES_DIFFER)->off);
}
END_TEST

/* A gap descriptor at 0x200 that spans @len bytes, and a list that has it. */
#define DESCRIBED(len)                                                                   \
	HEAD(0x200), EXT(0x200, 0x0023, 1, 0),                                           \
		PUT32(0x204, (uint32_t)(len) << 20 | 1u << 16 | 0x7e57),                 \
		PUT32(0x208, 0xf5010042)

/* What is declared stays declared, whatever its bytes do, but for the declaration itself. */
static const struct steady_row {
	const char *name;
	struct support_image first;
	struct support_image second;
	enum capgap_reason reason; /* of 0x300 */
} steady[] = {
	{ "nothing changes",
	  { WHOLE, .step = { DESCRIBED(0x200) } },
	  { WHOLE, .step = { DESCRIBED(0x200) } },
	  CAPGAP_REASON_DECLARED },
	{ "a declared byte changes",
	  { WHOLE, .step = { DESCRIBED(0x200) } },
	  { WHOLE, .step = { DESCRIBED(0x200), PUT8(0x300, 1) } },
	  CAPGAP_REASON_DECLARED },
	{ "the Length of the descriptor changes",
	  { WHOLE, .step = { DESCRIBED(0x200) } },
	  { WHOLE, .step = { DESCRIBED(0x40) } },
	  CAPGAP_REASON_UNSTEADY },
	{ "a pointer of the list changes",
	  { WHOLE, .step = { HEAD(0) } },
	  { WHOLE, .step = { HEAD(0x200) } },
	  CAPGAP_REASON_UNSTEADY },
	{ "the first pointer of the other list changes",
	  { WHOLE, .step = { HEAD(0) } },
	  { WHOLE, .step = { HEAD(0), PUT8(0x34, 0x80) } },
	  CAPGAP_REASON_UNSTEADY },
	{ "an empty list in one of them",
	  { WHOLE },
	  { WHOLE, .step = { HEAD(0) } },
	  CAPGAP_REASON_UNSTEADY },
	{ "a list in the first of them alone",
	  { WHOLE, .step = { HEAD(0) } },
	  { WHOLE },
	  CAPGAP_REASON_UNSTEADY },
	{ "a header of ones in one of them",
	  { WHOLE, .step = { HEAD(0x200), FILL(0x200, 4, 0xff) } },
	  { WHOLE, .step = { HEAD(0x200), EXT(0x200, 0x0003, 1, 0) } },
	  CAPGAP_REASON_BROKEN },
	{ "a register of a structure changes",
	  { WHOLE, .step = { HEAD(0) } },
	  { WHOLE, .step = { HEAD(0), PUT8(0x104, 0x80) } },
	  CAPGAP_REASON_OBSERVED },
	{ "ones, of which one changes, are no fill",
	  { WHOLE, .step = { FILL(0x100, 0xf00, 0xff), HEAD(0) } },
	  { WHOLE, .step = { FILL(0x100, 0xf00, 0xff), HEAD(0), PUT8(0x900, 0x80) } },
	  CAPGAP_REASON_NONZERO },
};

START_TEST(changing_headers_cap_the_grade)
{
	const struct steady_row *row = &steady[_i];
	const struct input inputs[] = { { { { "01:00.0", row->first } } },
					{ { { "01:00.0", row->second } } } };
	const struct capgap_place *place;

	ck_assert_int_eq(merge(inputs, 2), 0);
	for (unsigned i = 0; i < seen.plan.n_places; i++) {
		place = &seen.plan.place[i];
		if (place->off > 0x300 || place->off + place->len <= 0x300)
			continue;
		ck_assert_msg(place->reason == row->reason, "%s: %s", row->name,
			      capgap_reason_text(place->reason));
		ck_assert(row->reason != CAPGAP_REASON_UNSTEADY ||
			  place->grade == CAPGAP_GRADE_ASSUMED);
		return;
	}
	ck_abort_msg("%s: nobody says anything of 0x300", row->name);
}
END_TEST

/* Bytes that only one sample has count as read. */
START_TEST(samples_complete_each_other)
{
	static const struct input inputs[] = {
		{ { { "01:00.0", { WHOLE, .step = { HEAD(0), DROP(0x800, 0x800) } } } } },
		{ { { "01:00.0",
		      { WHOLE,
			.step = { HEAD(0), DROP(0x400, 0x400), PUT32(0x900, 5) } } } } },
	};
	uint32_t val;

	ck_assert_int_eq(merge(inputs, 2), 0);
	ck_assert(capgap_image_is_whole(&seen.fn.image));
	ck_assert(capgap_get32(&seen.fn.image, 0x900, &val));
	ck_assert_uint_eq(val, 5);
	ck_assert(!capgap_image_is_changing(&seen.fn.image, 0, CAPGAP_SPACE_MAX));
}
END_TEST

/* The function is reported for the input that showed it first. */
START_TEST(the_first_input_is_the_source)
{
	static const struct input inputs[] = {
		{ { { "01:00.0", PLAIN } } },
		{ { { "02:00.0", PLAIN } } },
		{ { { "02:00.0", PLAIN }, { "01:00.0", PLAIN } } },
	};

	ck_assert_int_eq(merge(inputs, 3), 0);
	ck_assert_str_eq(seen.log, "0 0000:01:00.0 2\n0 0000:02:00.0 2\n");
	ck_assert_str_eq(seen.sources, "100 101 ");
}
END_TEST

/* A virtual function before its physical one: both are merged, and know each other. */
START_TEST(merged_functions_wait_for_their_physical_ones)
{
	static const struct input inputs[] = {
		{ { { "01:10.0", { .base = BASE_VF, .size = 4096 } },
		    { "01:00.0",
		      { WHOLE, .step = { SRIOV(0x100, 0, 1, 4, 0x80, 2, 0x1022) } } } } },
		{ { { "01:10.0", { .base = BASE_VF, .size = 4096 } } } },
	};

	ck_assert_int_eq(merge(inputs, 2), 0);
	ck_assert_str_eq(seen.log, "0 0000:01:10.0 2\n0 0000:01:00.0 1 alone\n");
}
END_TEST

/* More functions than are kept: the rest is left out, and said once. */
START_TEST(functions_too_many_are_left_out)
{
	struct capgap_samples *samples = capgap_samples_new(on_trouble, NULL);
	struct capgap_options opt = { .min_gap = CAPGAP_MIN_GAP };
	struct capgap_out out = { on_function, on_trouble, NULL };
	struct capgap_reader *rd = capgap_reader_new(&opt, &out);
	int fd = memfd_create("many", 0);
	FILE *file = fdopen(fd, "w");
	char path[64];

	for (unsigned i = 0; i < CAPGAP_SAMPLES_MAX + 2; i++)
		fprintf(file, "%04x:%02x:%02x.%u Thing: x\n00: b3 15 21 10 %s\n\n",
			i >> 16, i >> 8 & 0xff, i >> 3 & 0x1f, i & 7,
			"00 00 10 00 00 00 00 02 00 00 00 00");
	fflush(file);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	ck_assert_int_eq(capgap_samples_read(samples, path), -CAPGAP_E_DAMAGED);
	fclose(file);
	ck_assert_uint_eq(seen.n_troubles, 1);
	ck_assert_msg(strstr(seen.trouble, "more than 4096 functions"), "%s",
		      seen.trouble);
	ck_assert_int_eq(capgap_samples_feed(samples, rd), 0);
	ck_assert_uint_eq(seen.n, CAPGAP_SAMPLES_MAX);
	capgap_samples_free(samples);
	capgap_reader_free(rd);
}
END_TEST

Suite *samples_suite(void)
{
	Suite *suite = suite_create("samples");
	TCase *merged = tcase_create("merged");

	tcase_add_checked_fixture(merged, setup, NULL);
	tcase_set_timeout(merged, 30);
	tcase_add_loop_test(merged, samples_are_merged_by_address, 0, ROWS(rows));
	tcase_add_test(merged, changing_bytes_are_in_use);
	tcase_add_loop_test(merged, changing_headers_cap_the_grade, 0, ROWS(steady));
	tcase_add_test(merged, samples_complete_each_other);
	tcase_add_test(merged, the_first_input_is_the_source);
	tcase_add_test(merged, merged_functions_wait_for_their_physical_ones);
	tcase_add_test(merged, functions_too_many_are_left_out);
	suite_add_tcase(suite, merged);
	return suite;
}
