/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lspci text, whole, dressed and damaged. */
#include "check_source.h"

#include <stdio.h>
#include <string.h>

#include "support.h"

#define TEXT_MAX 32768u

static char text[TEXT_MAX];

static int read_str(const char *str)
{
	return got_read(str, strlen(str), "dump.txt");
}

/* Add to the text, as printf does. */
#define ADD(...)                                                                         \
	added(snprintf(text + strlen(text), sizeof(text) - strlen(text), __VA_ARGS__))

static void added(int chars)
{
	ck_assert_int_ge(chars, 0);
	ck_assert_uint_lt(strlen(text) + 1, sizeof(text));
}

/* The byte that the test's functions have at an offset. */
static uint8_t byte_at(unsigned seed, unsigned off)
{
	return (uint8_t)(seed * 16 + off / 16 * 3 + off);
}

static void put_row(const char *prefix, unsigned seed, unsigned off)
{
	ADD("%s%02x:", prefix, off);
	for (unsigned i = 0; i < 16; i++)
		ADD(" %02x", byte_at(seed, off + i));
	ADD("\n");
}

static void put_rows(unsigned seed, unsigned from, unsigned end)
{
	for (unsigned off = from; off < end; off += 16)
		put_row("", seed, off);
}

static void begin(void)
{
	text[0] = '\0';
}

static bool holds(const struct capgap_image *img, unsigned seed, unsigned off,
		  unsigned len)
{
	if (!capgap_image_has(img, off, len))
		return false;
	for (unsigned i = off; i < off + len; i++) {
		if (img->data[i] != byte_at(seed, i))
			return false;
	}
	return true;
}

/* Record @i is whole, has @end bytes of @seed and this address (NULL: none). */
static void assert_whole(unsigned i, unsigned seed, unsigned end, const char *bdf)
{
	ck_assert_uint_lt(i, got.n);
	ck_assert_uint_eq(got.rec[i].image.size, end);
	ck_assert(holds(&got.rec[i].image, seed, 0, end));
	ck_assert_int_eq(!!(got.rec[i].meta.flags & CAPGAP_META_BDF), bdf != NULL);
	if (bdf)
		got_bdf(&got.rec[i].meta.bdf, bdf);
}

/* Three functions, as lspci -v -x prints them: seeds 1, 2, 3. */
static void put_three(const char *between)
{
	ADD("00:1f.0 ISA bridge: Intel Corporation Device 7a04\n\tControl: I/O+ Mem+\n");
	put_rows(1, 0, 0x40);
	ADD("%s00:1f.3 Audio device: Intel Corporation Device 7ad0\n", between);
	put_rows(2, 0, 0x40);
	ADD("%s0001:05:00.0 VGA compatible controller: Device 1002:73bf\n", between);
	put_rows(3, 0, 0x40);
	ADD("%s", between);
}

static const struct {
	const char *line;
	const char *bdf;
	unsigned flags;
	unsigned ids;
	unsigned class_code;
	unsigned revision;
} heads[] = {
	{ "00:1f.0 ISA bridge [0601]: Intel Corporation Device [8086:7a04] (rev 11)",
	  "0000:00:1f.0", CAPGAP_META_IDS | CAPGAP_META_CLASS | CAPGAP_META_REVISION,
	  0x80867a04, 0x060100, 0x11 },
	{ "00:00.0 Host bridge [0600]: ATI [AMD/ATI] Device [1234:abcd] [8086:29c0]",
	  "0000:00:00.0", CAPGAP_META_IDS | CAPGAP_META_CLASS, 0x808629c0, 0x060000, 0 },
	{ "0002:0a:1f.7 0601: 8086:7a04 (rev 0f)", "0002:0a:1f.7",
	  CAPGAP_META_IDS | CAPGAP_META_CLASS | CAPGAP_META_REVISION, 0x80867a04,
	  0x060100, 0x0f },
	{ "10000:e0:06.0 Class ff00: 10EC:5227", "10000:e0:06.0",
	  CAPGAP_META_IDS | CAPGAP_META_CLASS, 0x10ec5227, 0xff0000, 0 },
	{ "03:00.0 Ethernet controller: Intel Corporation I350 (rev 01) (prog-if 00 [Normal])",
	  "0000:03:00.0", CAPGAP_META_REVISION, 0, 0, 0x01 },
	{ "03:00.0 Bridge: a name with [1234] and [12:34] in it", "0000:03:00.0", 0, 0, 0,
	  0 },
};

START_TEST(header_line_gives_identity)
{
	const struct capgap_meta *meta = &got.rec[0].meta;

	begin();
	ADD("%s\n\tSubsystem: x [1111:2222]\n\tKernel driver in use: some_driver\n",
	    heads[_i].line);
	put_rows(1, 0, 0x40);
	ck_assert_int_eq(read_str(text), 0);
	ck_assert_uint_eq(got.n, 1);
	assert_whole(0, 1, 0x40, heads[_i].bdf);
	ck_assert_uint_eq(meta->flags,
			  heads[_i].flags | CAPGAP_META_BDF | CAPGAP_META_DRIVER);
	ck_assert_uint_eq(got.rec[0].line, 1);
	ck_assert_str_eq(meta->driver, "some_driver");
	ck_assert_uint_eq((unsigned)meta->vendor << 16 | meta->device, heads[_i].ids);
	ck_assert_uint_eq(meta->class_code, heads[_i].class_code);
	ck_assert_uint_eq(meta->revision, heads[_i].revision);
}
END_TEST

/* What mails, logs and editors do to lines: before, after. */
static const char *const dresses[][2] = {
	{ "", "\n" },
	{ "", "\r\n" },
	{ "", "  \t\n" },
	{ "", "\n\n" },
	{ "> ", "\n" },
	{ ">> ", "\n" },
	{ "> > ", "\n" },
	{ "| ", "\n" },
	{ "    ", "\n" },
	{ "[   12.345678] ", "\n" },
	{ "2024-01-01T00:00:00Z ", "\n" },
	{ "Nov 21 09:06:12 host lspci[123]: ", "\n" },
	{ "", "\nkernel: pci 0000:00:1f.0: BAR 0 of 00:02.0 is assigned\n" },
};

START_TEST(dressed_lines_are_read)
{
	char plain[TEXT_MAX];
	const char *line = plain;
	size_t len;

	begin();
	put_three("\n");
	memcpy(plain, text, sizeof(plain));
	begin();
	for (; *line; line += len + 1) {
		len = strcspn(line, "\n");
		ADD("%s%.*s%s", dresses[_i][0], (int)len, line, dresses[_i][1]);
	}
	ck_assert_int_eq(read_str(text), 0);
	ck_assert_uint_eq(got.inputs, 1);
	ck_assert_str_eq(got.input[0], "dump.txt");
	ck_assert_uint_eq(got.n, 3);
	assert_whole(0, 1, 0x40, "0000:00:1f.0");
	assert_whole(1, 2, 0x40, "0000:00:1f.3");
	assert_whole(2, 3, 0x40, "0001:05:00.0");
}
END_TEST

START_TEST(long_and_upper_case_offsets_are_read)
{
	begin();
	ADD("00:02.0 VGA\n");
	put_rows(1, 0, 0x1000);
	for (char *p = strchr(text, '\n'); *p; p++)
		*p = (char)(*p >= 'a' && *p <= 'f' ? *p - 'a' + 'A' : *p);
	ck_assert_int_eq(read_str(text), 0);
	assert_whole(0, 1, 0x1000, "0000:00:02.0");
}
END_TEST

START_TEST(sentences_start_no_function)
{
	begin();
	ADD("The ISA bridge at 00:1f.0 is fine, 2 of 00:1f.3 are not.\n00:1f.0 ISA bridge\n");
	put_rows(1, 0, 0x20);
	ADD("pci 0000:00:1f.0: BAR 0 assigned\nsee also device 00:1f.3 there\n");
	put_rows(1, 0x20, 0x40);
	ck_assert_int_eq(read_str(text), 0);
	ck_assert_uint_eq(got.n, 1);
	assert_whole(0, 1, 0x40, "0000:00:1f.0");
	ck_assert_uint_eq(got.rec[0].line, 2);
}
END_TEST

START_TEST(repeated_address_is_another_record)
{
	begin();
	put_three("\n");
	put_three("\n");
	ck_assert_int_eq(read_str(text), 0);
	ck_assert_uint_eq(got.n, 6);
	ck_assert_uint_eq(got.inputs, 1);
	assert_whole(3, 1, 0x40, "0000:00:1f.0");
}
END_TEST

START_TEST(repeated_header_line_goes_on)
{
	begin();
	ADD("00:1f.0 ISA bridge\n");
	put_rows(1, 0, 0x20);
	ADD("00:1f.0 ISA bridge (continued)\n");
	put_rows(1, 0x20, 0x40);
	ck_assert_int_eq(read_str(text), 0);
	ck_assert_uint_eq(got.n, 1);
	assert_whole(0, 1, 0x40, "0000:00:1f.0");
}
END_TEST

START_TEST(missing_row_is_absent_without_trouble)
{
	begin();
	ADD("00:1f.0 ISA bridge\n");
	put_rows(1, 0, 0x20);
	put_rows(1, 0x30, 0x40);
	ck_assert_int_eq(read_str(text), 0);
	ck_assert_uint_eq(got.rec[0].image.size, 0x40);
	ck_assert(!capgap_image_has(&got.rec[0].image, 0x2f, 1));
	ck_assert(holds(&got.rec[0].image, 1, 0x30, 0x10));
	ck_assert_uint_eq(got.rec[0].n_damage, 0);
}
END_TEST

/* Row 20 of the second of three functions, and what is said of it. */
static const char *const damages[][2] = {
	{ "20: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00",
	  "row 20: 15 bytes instead of 16" },
	{ "20: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00",
	  "row 20: 17 bytes instead of 16" },
	{ "20: 00 00 00 00", "row 20: 4 bytes instead of 16" },
	{ "20: 00 00 00 0g 00 00 00 00 00 00 00 00 00 00 00 00",
	  "row 20: 1 of 16 values are not two hex digits" },
	{ "20: 00 00 00 00 00 00 00 00 00 00 00 00 kernel: something happened",
	  "row 20: 3 of 15 values are not two hex digits" },
	{ "20:  00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00",
	  "row 20: not as lspci prints it" },
	{ "21: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00",
	  "a row with an unreadable offset, taken as row 20" },
	{ "2?: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00",
	  "a row with an unreadable offset, taken as row 20" },
	{ "20; 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00",
	  "a row with an unreadable offset, taken as row 20" },
	{ "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00",
	  "a row with an unreadable offset, taken as row 20" },
};

START_TEST(damaged_row_is_absent)
{
	const struct capgap_record *rec = &got.rec[1];

	begin();
	ADD("00:1f.0 ISA bridge\n");
	put_rows(1, 0, 0x40);
	ADD("00:1f.3 Audio device\n");
	put_rows(2, 0, 0x20);
	ADD("%s\n", damages[_i][0]);
	put_rows(2, 0x30, 0x40);
	ADD("\n01:00.0 VGA\n");
	put_rows(3, 0, 0x40);
	ck_assert_int_eq(read_str(text), -CAPGAP_E_DAMAGED);
	ck_assert_uint_eq(got.n, 3);
	assert_whole(0, 1, 0x40, "0000:00:1f.0");
	assert_whole(2, 3, 0x40, "0000:01:00.0");
	ck_assert_uint_eq(got.troubles, 1);
	ck_assert_str_eq(got.err.text, damages[_i][1]);
	ck_assert_uint_eq(got.err.line, 9);
	ck_assert_uint_eq(rec->n_damage, 1);
	ck_assert_int_eq(rec->damage[0].kind, CAPGAP_F_ROW_DAMAGED);
	ck_assert_uint_eq(rec->damage[0].off, 0x20);
	ck_assert_uint_eq(rec->damage[0].len, 0x10);
	ck_assert_uint_eq(rec->image.size, 0x40);
	ck_assert(holds(&rec->image, 2, 0, 0x20) && holds(&rec->image, 2, 0x30, 0x10));
	ck_assert(!capgap_image_has(&rec->image, 0x20, 1));
}
END_TEST

START_TEST(damaged_first_and_last_rows_are_absent)
{
	begin();
	ADD("00:1f.0 ISA bridge\n\tControl: I/O+\n00: 86 80 04 7a 07 04 10 0\n");
	put_rows(1, 0x10, 0x30);
	ADD("30: 00 00 00 00 00 00 0");
	ck_assert_int_eq(read_str(text), -CAPGAP_E_DAMAGED);
	ck_assert_uint_eq(got.n, 1);
	ck_assert_uint_eq(got.troubles, 2);
	ck_assert_uint_eq(got.rec[0].n_damage, 2);
	ck_assert_uint_eq(got.rec[0].image.size, 0x40);
	ck_assert(holds(&got.rec[0].image, 1, 0x10, 0x20));
	ck_assert(!capgap_image_has(&got.rec[0].image, 0, 1));
	ck_assert(!capgap_image_has(&got.rec[0].image, 0x30, 1));
}
END_TEST

START_TEST(rows_that_disagree_are_absent)
{
	begin();
	ADD("00:1f.0 ISA bridge\n");
	put_rows(1, 0, 0x40);
	put_row("", 1, 0x10);
	ck_assert_int_eq(read_str(text), 0);
	assert_whole(0, 1, 0x40, "0000:00:1f.0");
	put_row("", 2, 0x10);
	put_row("", 1, 0x10);
	ck_assert_int_eq(read_str(text), -CAPGAP_E_DAMAGED);
	ck_assert_uint_eq(got.n, 1);
	ck_assert_str_eq(got.err.text, "row 10: stands twice with different bytes");
	ck_assert_uint_eq(got.err.line, 7);
	ck_assert_uint_eq(got.rec[0].n_damage, 1);
	ck_assert_int_eq(got.rec[0].damage[0].kind, CAPGAP_F_ROW_CONFLICT);
	ck_assert(!capgap_image_has(&got.rec[0].image, 0x10, 1));
	ck_assert(holds(&got.rec[0].image, 1, 0x20, 0x20));
}
END_TEST

/* A header line that is none any more, or gone. */
static const char *const lost[] = { "\n0g:1f.3 Audio device: Intel\n", "\n", "x\n", "" };

START_TEST(rows_with_a_lost_header_line_stay_apart)
{
	begin();
	ADD("00:1f.0 ISA bridge\n");
	put_rows(1, 0, 0x40);
	ADD("%s", lost[_i]);
	put_rows(2, 0, 0x40);
	ADD("\n01:00.0 VGA\n");
	put_rows(3, 0, 0x40);
	ck_assert_int_eq(read_str(text), -CAPGAP_E_DAMAGED);
	ck_assert_uint_eq(got.n, 3);
	assert_whole(0, 1, 0x40, "0000:00:1f.0");
	assert_whole(1, 2, 0x40, NULL);
	assert_whole(2, 3, 0x40, "0000:01:00.0");
	ck_assert_str_eq(got.err.text, "rows without a header line");
}
END_TEST

START_TEST(rows_without_header_lines_are_anonymous)
{
	begin();
	put_rows(1, 0, 0x40);
	put_rows(2, 0, 0x40);
	ck_assert_int_eq(read_str(text), 0);
	ck_assert_uint_eq(got.n, 2);
	assert_whole(0, 1, 0x40, NULL);
	assert_whole(1, 2, 0x40, NULL);
	ck_assert_uint_eq(got.rec[1].line, 5);
}
END_TEST

START_TEST(joined_lines_lose_one_row)
{
	begin();
	ADD("00:1f.0 ISA bridge\n");
	put_rows(1, 0, 0x40);
	text[strlen("00:1f.0 ISA bridge\n") + 2 * 52 - 1] = ' '; /* the end of row 10 */
	ck_assert_int_eq(read_str(text), -CAPGAP_E_DAMAGED);
	ck_assert_uint_eq(got.n, 1);
	ck_assert(holds(&got.rec[0].image, 1, 0, 0x10) &&
		  holds(&got.rec[0].image, 1, 0x20, 0x20));
	ck_assert_uint_eq(got.rec[0].n_damage, 1);
}
END_TEST

START_TEST(long_lines_are_skipped)
{
	begin();
	ADD("00:1f.0 ISA bridge\n");
	put_rows(1, 0, 0x20);
	ADD("\tA long line: %09000u\n", 0u);
	put_row("", 1, 0x20);
	ADD("%05000u ", 0u);
	put_row("", 1, 0x30);
	put_row("", 1, 0x40);
	ck_assert_int_eq(read_str(text), -CAPGAP_E_DAMAGED);
	ck_assert_uint_eq(got.troubles, 1);
	ck_assert_str_eq(got.err.text, "row 30: the line is too long");
	ck_assert(holds(&got.rec[0].image, 1, 0, 0x30) &&
		  holds(&got.rec[0].image, 1, 0x40, 0x10));
	ck_assert(!capgap_image_has(&got.rec[0].image, 0x30, 1));
}
END_TEST

/* The two functions that are not @damaged must be there, with their bytes. */
static void assert_others(unsigned damaged)
{
	unsigned next = 0;

	for (unsigned seed = 1; seed <= 3; seed++) {
		if (seed == damaged)
			continue;
		while (next < got.n && !(got.rec[next].image.size == 0x40 &&
					 holds(&got.rec[next].image, seed, 0, 0x40)))
			next++;
		ck_assert_msg(next < got.n, "function %u lost at damage in %u", seed,
			      damaged);
	}
}

START_TEST(one_changed_character_hurts_one_function)
{
	static const char *const betweens[] = { "\n", "" };
	size_t second;
	size_t third;
	size_t len;

	begin();
	put_three(betweens[_i]);
	len = strlen(text);
	second = (size_t)(strstr(text, "00:1f.3") - text);
	third = (size_t)(strstr(text, "0001:05") - text);
	for (size_t i = 0; i < len; i++) {
		char was = text[i];

		for (const char *c = "0f: \n\r>x."; *c; c++) {
			text[i] = *c;
			(void)got_read(text, len, "dump.txt");
			assert_others(i < second ? 1 : i < third ? 2 : 3);
		}
		text[i] = '\0';
		(void)got_read(text, len, "dump.txt");
		assert_others(i < second ? 1 : i < third ? 2 : 3);
		text[i] = was;
	}
}
END_TEST

START_TEST(cut_text_keeps_what_came_before)
{
	size_t third;
	size_t len;

	begin();
	put_three("\n");
	third = (size_t)(strstr(text, "0001:05") - text);
	len = strlen(text);
	for (size_t n = third; n < len; n++) {
		(void)got_read(text, n, "dump.txt");
		assert_others(3);
	}
}
END_TEST

START_TEST(sink_stops_the_reading)
{
	FILE *file = tmpfile();

	begin();
	put_three("\n");
	ck_assert_ptr_nonnull(file);
	fputs(text, file);
	rewind(file);
	memset(&got, 0, sizeof(got));
	got.stop = 7;
	ck_assert_int_eq(capgap_source_read_file(file, "x", &got_sink), 7);
	ck_assert_uint_eq(got.n, 1);
	fclose(file);
}
END_TEST

TCase *source_lspci_case(void)
{
	TCase *tc = tcase_create("lspci");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, header_line_gives_identity, 0, ROWS(heads));
	tcase_add_loop_test(tc, dressed_lines_are_read, 0, ROWS(dresses));
	tcase_add_test(tc, long_and_upper_case_offsets_are_read);
	tcase_add_test(tc, sentences_start_no_function);
	tcase_add_test(tc, repeated_address_is_another_record);
	tcase_add_test(tc, repeated_header_line_goes_on);
	tcase_add_test(tc, missing_row_is_absent_without_trouble);
	tcase_add_loop_test(tc, damaged_row_is_absent, 0, ROWS(damages));
	tcase_add_test(tc, damaged_first_and_last_rows_are_absent);
	tcase_add_test(tc, rows_that_disagree_are_absent);
	tcase_add_loop_test(tc, rows_with_a_lost_header_line_stay_apart, 0, ROWS(lost));
	tcase_add_test(tc, rows_without_header_lines_are_anonymous);
	tcase_add_test(tc, joined_lines_lose_one_row);
	tcase_add_test(tc, long_lines_are_skipped);
	tcase_add_loop_test(tc, one_changed_character_hurts_one_function, 0, 2);
	tcase_add_test(tc, cut_text_keeps_what_came_before);
	tcase_add_test(tc, sink_stops_the_reading);
	return tc;
}
