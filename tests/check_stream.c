/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From inputs to finished functions: order, machines, and virtual functions that wait. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../analyzer/stream.h"
#include "suites.h"
#include "support.h"

#define ITEMS_MAX 8

/**
 * enum what - what stands in an input
 * @INPUT: nothing; a new input begins
 * @ORDINARY: an endpoint
 * @VIRTUAL: an endpoint whose ids read ffff:ffff
 * @PHYSICAL: one with SR-IOV: First VF Offset 0x80, VF Stride 2, NumVFs 4
 */
enum what { END, INPUT, ORDINARY, VIRTUAL, PHYSICAL };

struct item {
	enum what what;
	const char *bdf;
};

/**
 * struct row - inputs, and what comes out of them
 * @name: for messages
 * @item: functions in the order of the inputs
 * @log: "machine bdf kind physfn", a line each; "-" where no physical one was seen
 */
struct row {
	const char *name;
	struct item item[ITEMS_MAX];
	const char *log;
};

/* What the callbacks have seen. */
static struct {
	char log[2048];
	const char *source;
	unsigned functions;
	unsigned stop_at;  /* 0: never */
	unsigned answered; /* VFs with their PF */
	bool first_answered;
	unsigned falls; /* addresses below the one before */
	uint16_t last_rid;
	unsigned troubles;
	unsigned long line;
	int code;
} seen;

static int on_function(void *ctx, const char *source, unsigned machine,
		       const struct capgap_function *fn)
{
	char bdf[CAPGAP_BDF_TEXT];
	char pf[CAPGAP_BDF_TEXT] = "-";
	size_t used = strlen(seen.log);
	uint16_t rid = capgap_bdf_rid(&fn->meta.bdf);

	ck_assert_ptr_eq(ctx, &seen);
	if (seen.source)
		ck_assert_str_eq(source, seen.source);
	if (fn->kind == CAPGAP_KIND_VF && fn->has_pf)
		capgap_bdf_format(&fn->pf.bdf, pf);
	snprintf(seen.log + used, sizeof(seen.log) - used, "%u %s %s %s\n", machine,
		 capgap_bdf_format(&fn->meta.bdf, bdf), capgap_kind_name(fn->kind), pf);
	if (!seen.functions)
		seen.first_answered = pf[0] != '-';
	seen.falls += rid < seen.last_rid;
	seen.last_rid = rid;
	seen.answered += pf[0] != '-';
	seen.functions++;
	return seen.functions == seen.stop_at ? 7 : 0;
}

static void on_trouble(void *ctx, const char *source, const struct capgap_err *err)
{
	ck_assert_ptr_eq(ctx, &seen);
	ck_assert_ptr_nonnull(source);
	seen.troubles++;
	seen.line = err->line;
	seen.code = err->code;
}

static const struct support_image images[] = {
	[ORDINARY] = { .base = BASE_ENDPOINT, .size = 64 },
	[VIRTUAL] = { .base = BASE_VF, .size = 64 },
	[PHYSICAL] = { .size = 0x140,
		       .step = { SRIOV(0x100, 0, 1, 4, 0x80, 2, 0x1022) } },
};

/* Write a record as lspci -n -xxxx does. */
static void print(FILE *file, const char *bdf, const struct capgap_record *rec)
{
	fprintf(file, "%s 0200: %02x%02x:%02x%02x (rev 01)\n", bdf, rec->image.data[1],
		rec->image.data[0], rec->image.data[3], rec->image.data[2]);
	for (unsigned off = 0; off < rec->image.size; off++) {
		if (off % 16 == 0)
			fprintf(file, "%02x:", off);
		fprintf(file, " %02x%s", rec->image.data[off],
			off % 16 == 15 ? "\n" : "");
	}
	fputc('\n', file);
}

static void print_item(FILE *file, const struct item *item)
{
	struct capgap_record rec;

	support_record(&rec, &images[item->what]);
	print(file, item->bdf, &rec);
}

/* A file that vanishes with the test, and the path it can be opened by. */
static FILE *new_file(char *path, size_t len)
{
	int fd = memfd_create("input", 0);

	ck_assert_int_ge(fd, 0);
	snprintf(path, len, "/proc/self/fd/%d", fd);
	return fdopen(fd, "w");
}

static struct capgap_reader *new_reader(void)
{
	struct capgap_options opt = { .vantage = CAPGAP_VANTAGE_HOST, .min_gap = 12 };
	struct capgap_out out = { on_function, on_trouble, &seen };
	struct capgap_reader *rd = capgap_reader_new(&opt, &out);

	ck_assert_ptr_nonnull(rd);
	memset(&seen, 0, sizeof(seen));
	return rd;
}

/* Read items up to the next INPUT or END; returns how many, and the reader's value. */
static unsigned read_items(struct capgap_reader *rd, const struct item *item, int *rc)
{
	char path[32];
	FILE *file = new_file(path, sizeof(path));
	unsigned n = 0;

	while (item[n].what != END && item[n].what != INPUT)
		print_item(file, &item[n++]);
	fflush(file);
	seen.source = path;
	*rc = capgap_reader_read(rd, path);
	seen.source = NULL;
	fclose(file);
	return n;
}

static void check_row(const struct row *row)
{
	struct capgap_reader *rd = new_reader();
	unsigned n = 0;
	int rc;

	for (;;) {
		n += read_items(rd, row->item + n, &rc);
		ck_assert_msg(rc == 0, "%s: %d", row->name, rc);
		if (row->item[n].what == END)
			break;
		n++;
	}
	ck_assert_msg(!strcmp(seen.log, row->log), "%s:\n%s", row->name, seen.log);
	ck_assert_uint_eq(seen.troubles, 0);
	capgap_reader_free(rd);
}

static const struct row rows[] = {
	{ "the order of the input",
	  { { ORDINARY, "0000:04:00.0" },
	    { PHYSICAL, "0000:03:00.0" },
	    { VIRTUAL, "0000:03:10.0" },
	    { ORDINARY, "0000:02:00.0" } },
	  "0 0000:04:00.0 function -\n"
	  "0 0000:03:00.0 pf -\n"
	  "0 0000:03:10.0 vf 0000:03:00.0\n"
	  "0 0000:02:00.0 function -\n" },
	{ "VFs wait for their PF, and others behind them",
	  { { ORDINARY, "0000:01:00.0" },
	    { VIRTUAL, "0000:03:10.0" },
	    { ORDINARY, "0000:02:00.0" },
	    { VIRTUAL, "0000:03:10.2" },
	    { PHYSICAL, "0000:03:00.0" },
	    { ORDINARY, "0000:04:00.0" } },
	  "0 0000:01:00.0 function -\n"
	  "0 0000:03:10.0 vf 0000:03:00.0\n"
	  "0 0000:02:00.0 function -\n"
	  "0 0000:03:10.2 vf 0000:03:00.0\n"
	  "0 0000:03:00.0 pf -\n"
	  "0 0000:04:00.0 function -\n" },
	{ "a VF whose PF never comes is answered at the end",
	  { { VIRTUAL, "0000:03:10.0" }, { ORDINARY, "0000:04:00.0" } },
	  "0 0000:03:10.0 vf -\n"
	  "0 0000:04:00.0 function -\n" },
	{ "one such VF does not keep others from their PFs",
	  { { VIRTUAL, "0000:05:10.0" },
	    { VIRTUAL, "0000:03:10.0" },
	    { PHYSICAL, "0000:03:00.0" },
	    { VIRTUAL, "0000:03:10.6" } },
	  "0 0000:05:10.0 vf -\n"
	  "0 0000:03:10.0 vf 0000:03:00.0\n"
	  "0 0000:03:00.0 pf -\n"
	  "0 0000:03:10.6 vf 0000:03:00.0\n" },
	{ "a repeated address begins a machine, which knows nothing of the one before",
	  { { PHYSICAL, "0000:03:00.0" },
	    { VIRTUAL, "0000:03:10.0" },
	    { ORDINARY, "0000:03:00.0" },
	    { VIRTUAL, "0000:03:10.0" } },
	  "0 0000:03:00.0 pf -\n"
	  "0 0000:03:10.0 vf 0000:03:00.0\n"
	  "1 0000:03:00.0 function -\n"
	  "1 0000:03:10.0 vf -\n" },
	{ "a VF does not wait beyond its machine",
	  { { VIRTUAL, "0000:03:10.0" },
	    { ORDINARY, "0000:01:00.0" },
	    { ORDINARY, "0000:01:00.0" },
	    { VIRTUAL, "0000:03:10.0" },
	    { PHYSICAL, "0000:03:00.0" } },
	  "0 0000:03:10.0 vf -\n"
	  "0 0000:01:00.0 function -\n"
	  "1 0000:01:00.0 function -\n"
	  "1 0000:03:10.0 vf 0000:03:00.0\n"
	  "1 0000:03:00.0 pf -\n" },
	{ "the same address again and again",
	  { { ORDINARY, "0000:01:00.0" },
	    { ORDINARY, "0000:01:00.0" },
	    { ORDINARY, "0000:01:00.0" },
	    { ORDINARY, "0000:02:00.0" } },
	  "0 0000:01:00.0 function -\n"
	  "1 0000:01:00.0 function -\n"
	  "2 0000:01:00.0 function -\n"
	  "2 0000:02:00.0 function -\n" },
	{ "the same address in two domains is no repetition",
	  { { ORDINARY, "0000:01:00.0" }, { ORDINARY, "10000:01:00.0" } },
	  "0 0000:01:00.0 function -\n"
	  "0 10000:01:00.0 function -\n" },
	{ "each input is a machine, counted over all of them",
	  { { PHYSICAL, "0000:03:00.0" },
	    { INPUT, NULL },
	    { VIRTUAL, "0000:03:10.0" },
	    { VIRTUAL, "0000:03:10.0" },
	    { INPUT, NULL },
	    { ORDINARY, "0000:01:00.0" } },
	  "0 0000:03:00.0 pf -\n"
	  "1 0000:03:10.0 vf -\n"
	  "2 0000:03:10.0 vf -\n"
	  "3 0000:01:00.0 function -\n" },
	{ "a VF does not wait beyond its input",
	  { { VIRTUAL, "0000:03:10.0" },
	    { INPUT, NULL },
	    { PHYSICAL, "0000:03:00.0" },
	    { VIRTUAL, "0000:03:10.0" } },
	  "0 0000:03:10.0 vf -\n"
	  "1 0000:03:00.0 pf -\n"
	  "1 0000:03:10.0 vf 0000:03:00.0\n" },
	{ "a VF beyond NumVFs has no PF",
	  { { PHYSICAL, "0000:03:00.0" }, { VIRTUAL, "0000:03:11.0" } },
	  "0 0000:03:00.0 pf -\n"
	  "0 0000:03:11.0 vf -\n" },
};

START_TEST(stream_keeps_order_and_machines)
{
	check_row(&rows[_i]);
}
END_TEST

/* Read many VFs, 0000:01:00.0 and on, and behind them their PF, 0000:00:00.0. */
static void read_waiting(struct capgap_reader *rd, unsigned vfs)
{
	static const struct support_image how = {
		.size = 0x140, .step = { SRIOV(0x100, 0, 1, 0xfe00, 0x100, 1, 0x1022) }
	};
	char path[32];
	FILE *file = new_file(path, sizeof(path));
	struct capgap_record rec;
	char bdf[CAPGAP_BDF_TEXT];

	support_record(&rec, &images[VIRTUAL]);
	for (unsigned rid = 0x100; rid < 0x100 + vfs; rid++) {
		snprintf(bdf, sizeof(bdf), "0000:%02x:%02x.%u", rid >> 8, rid >> 3 & 0x1f,
			 rid & 7);
		print(file, bdf, &rec);
	}
	support_record(&rec, &how);
	print(file, "0000:00:00.0", &rec);
	fflush(file);
	ck_assert_int_eq(capgap_reader_read(rd, path), 0);
	fclose(file);
}

/* DESIGN section 3: at most 4096 wait, and then they are answered without their PF. */
static const struct {
	unsigned vfs;
	bool all; /* every one of them is answered from its PF */
} crowds[] = {
	{ 4095, true },
	{ 4096, true },
	{ 4097, false },
	{ 3 * 4096, false },
};

START_TEST(stream_lets_a_bounded_number_wait)
{
	struct capgap_reader *rd = new_reader();

	read_waiting(rd, crowds[_i].vfs);
	ck_assert_uint_eq(seen.functions, crowds[_i].vfs + 1);
	/* Only the PF, which is last, has a lower address than the one before it. */
	ck_assert_uint_eq(seen.falls, 1);
	ck_assert_uint_eq(seen.last_rid, 0);
	ck_assert_uint_le(seen.answered, 4096);
	ck_assert_msg(seen.first_answered == crowds[_i].all,
		      "%u VFs: the first is%s answered", crowds[_i].vfs,
		      seen.first_answered ? "" : " not");
	if (crowds[_i].all)
		ck_assert_uint_eq(seen.answered, crowds[_i].vfs);
	capgap_reader_free(rd);
}
END_TEST

START_TEST(stream_stops_when_the_caller_says_so)
{
	static const struct item items[] = {
		{ ORDINARY, "0000:01:00.0" },
		{ ORDINARY, "0000:02:00.0" },
		{ ORDINARY, "0000:03:00.0" },
		{ END, NULL },
	};
	struct capgap_reader *rd = new_reader();
	int rc;

	seen.stop_at = 2;
	read_items(rd, items, &rc);
	ck_assert_int_eq(rc, 7);
	ck_assert_uint_eq(seen.functions, 2);
	capgap_reader_free(rd);
}
END_TEST

/* Those that still wait are freed with the reader. */
START_TEST(stream_stops_amid_waiting_functions)
{
	static const struct item items[] = {
		{ VIRTUAL, "0000:03:10.0" },
		{ VIRTUAL, "0000:03:10.2" },
		{ ORDINARY, "0000:04:00.0" },
		{ END, NULL },
	};
	struct capgap_reader *rd = new_reader();
	int rc;

	seen.stop_at = 1;
	read_items(rd, items, &rc);
	ck_assert_int_eq(rc, 7);
	ck_assert_uint_eq(seen.functions, 1);
	capgap_reader_free(rd);
	capgap_reader_free(NULL);
}
END_TEST

START_TEST(stream_answers_what_is_left_of_a_damaged_input)
{
	struct capgap_reader *rd = new_reader();
	struct capgap_record rec;
	char path[32];
	FILE *file = new_file(path, sizeof(path));

	support_record(&rec, &images[ORDINARY]);
	print(file, "0000:01:00.0", &rec);
	/* Lines 1 to 6 are those of the first function: header, four rows, a blank one. */
	fprintf(file, "0000:02:00.0 0200: 15b3:1021\n"
		      "00: b3 15 21 10 00 00 10 00 01 00 00 02 00 00 00 00\n"
		      "10: 00 00 00 00 00 00 00 zz 00 00 00 00 00 00 00 00\n"
		      "20: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00\n"
		      "30: 00 00 00 00 40 00 00 00 00 00 00 00 00 00 00 00\n");
	fflush(file);
	ck_assert_int_eq(capgap_reader_read(rd, path), -CAPGAP_E_DAMAGED);
	ck_assert_uint_eq(seen.functions, 2);
	ck_assert_uint_ge(seen.troubles, 1);
	ck_assert_uint_eq(seen.line, 9);
	fclose(file);
	capgap_reader_free(rd);
}
END_TEST

START_TEST(stream_reports_an_input_that_is_not_there)
{
	struct capgap_reader *rd = new_reader();

	ck_assert_int_eq(capgap_reader_read(rd, "/nonexistent/dump"), -CAPGAP_E_DAMAGED);
	ck_assert_uint_eq(seen.troubles, 1);
	ck_assert_int_eq(seen.code, CAPGAP_E_NOENT);
	ck_assert_uint_eq(seen.functions, 0);
	capgap_reader_free(rd);
}
END_TEST

Suite *stream_suite(void)
{
	Suite *suite = suite_create("stream");
	TCase *order = tcase_create("order");
	TCase *bound = tcase_create("bound");
	TCase *ends = tcase_create("ends");

	tcase_add_loop_test(order, stream_keeps_order_and_machines, 0, ROWS(rows));
	suite_add_tcase(suite, order);
	tcase_set_timeout(bound, 60);
	tcase_add_loop_test(bound, stream_lets_a_bounded_number_wait, 0, ROWS(crowds));
	suite_add_tcase(suite, bound);
	tcase_add_test(ends, stream_stops_when_the_caller_says_so);
	tcase_add_test(ends, stream_stops_amid_waiting_functions);
	tcase_add_test(ends, stream_answers_what_is_left_of_a_damaged_input);
	tcase_add_test(ends, stream_reports_an_input_that_is_not_there);
	suite_add_tcase(suite, ends);
	return suite;
}
