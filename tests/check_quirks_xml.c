/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Quirk files that are bad, large or strange, and the schema. */
#include <dirent.h>
#include <libxml/parser.h>
#include <libxml/relaxng.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check_quirks.h"
#include "suites.h"

/* Bad files: the line of the first fault, a part of its text, and whether the schema minds too. */
static const struct {
	const char *name;
	unsigned long line;
	const char *text;
	bool schema;
} bad[] = {
	{ "billion-laughs", 2, "document type declaration", false },
	{ "billion-laughs-attribute", 2, "document type declaration", false },
	{ "external-entity-file", 2, "document type declaration", false },
	{ "external-entity-http", 2, "document type declaration", false },
	{ "parameter-entity", 2, "document type declaration", false },
	{ "dtd-file", 2, "document type declaration", false },
	{ "dtd-http", 2, "document type declaration", false },
	{ "dtd-empty", 2, "document type declaration", false },
	{ "dtd-default-attribute", 2, "document type declaration", false },
	{ "xinclude", 3, "is in namespace \"http://www.w3.org/2001/XInclude\"", true },
	{ "undefined-entity", 5, "Entity 'who' not defined", true },
	{ "deep-nesting", 36, "nested deeper than 32", true },
	{ "wrong-namespace", 2,
	  "is in namespace \"urn:capgap:quirks:2\"; expected urn:capgap:quirks:1", true },
	{ "no-namespace", 2, "is in namespace \"\"", true },
	{ "namespace-lost", 5, "is in namespace \"\"", true },
	{ "unbound-prefix", 5, "Namespace prefix q", true },
	{ "other-root", 2, "expected <quirks> as the first element", true },
	{ "other-child", 3, "expected <quirk> in <quirks>", true },
	{ "huge-number", 5, "expected a number from 0x0 to 0xfff", false },
	{ "huge-decimal", 5, "expected a number from 0x0 to 0xfff", false },
	{ "wrapping-length", 5, "expected a number from 0x1 to 0x1000", false },
	{ "no-number", 5, "expected a number", true },
	{ "negative-number", 5, "expected a number", true },
	{ "empty-number", 5, "expected a number", true },
	{ "bare-prefix", 5, "expected a number", true },
	{ "blank-number", 5, "expected a number", true },
	{ "offset-beyond", 5, "expected a number from 0x0 to 0xfff", false },
	{ "range-beyond", 5, "end beyond 0x1000", false },
	{ "length-zero", 5, "expected a number from 0x1 to 0x1000", false },
	{ "overlap-free", 6, "0x20c is in <reserved> of this row", false },
	{ "overlap-reserved", 6, "0x200 is in <free> of this row", false },
	{ "overlap-prefer", 6, "0x204 is in <reserved> of this row", false },
	{ "overlap-limit", 6, "0x600 is in <limit> of this row", false },
	{ "limit-header", 5,
	  "<limit> offset=\"0x3f\": expected a number from 0x40 to 0xfff", true },
	{ "limit-header-decimal", 5, "expected a number from 0x40 to 0xfff", true },
	{ "free-no-dword", 5, "holds no whole dword", false },
	{ "truncated", 5, "expected well-formed XML", true },
	{ "truncated-tag", 3, "expected well-formed XML", true },
	{ "crossed-tags", 5, "expected well-formed XML", true },
	{ "attribute-twice", 5, "expected well-formed XML", true },
	{ "two-roots", 8, "expected well-formed XML", true },
	{ "not-xml", 1, "expected well-formed XML", true },
	{ "duplicate-id", 7, "id=\"bad-row\" is that of line 3", false },
	{ "not-utf8", 5, "byte 0xe9 is not part of UTF-8", false },
	{ "overlong-utf8", 5, "byte 0xc0 is not part of UTF-8", false },
	{ "utf16", 1, "byte 0xff is not part of UTF-8", false },
	{ "nul-byte", 5, "byte 0x00 is not part of UTF-8", false },
	{ "latin1-declared", 1, "expected encoding=\"UTF-8\"", false },
	{ "control-character", 5, "expected well-formed XML", true },
	{ "empty", 1, "the file is empty", true },
	{ "blank", 3, "expected well-formed XML", true },
	{ "unknown-verb", 5, "<forbid> is not known here; expected match, reserved",
	  true },
	{ "unknown-attribute", 5,
	  "<reserved> has no attribute lenght; expected offset, length, identity", true },
	{ "foreign-attribute", 5, "<note> has no attribute xml:lang; expected none",
	  true },
	{ "missing-attribute", 5, "<reserved> needs the attribute length", true },
	{ "missing-id", 3, "<quirk> needs the attribute id", true },
	{ "missing-source", 3, "<quirk> needs the attribute source", true },
	{ "empty-source", 3, "expected where it can be checked", true },
	{ "bad-id", 3, "<quirk> id=\"Bad_Row\": expected 1 to 100", true },
	{ "id-starts-with-dot", 3, "<quirk> id=\".row\": expected 1 to 100", true },
	{ "no-match", 3, "needs a <match> first", true },
	{ "no-verb", 3, "says nothing", true },
	{ "match-late", 6, "<match> comes too late", true },
	{ "no-vendor", 4, "<match> needs the attribute vendor", true },
	{ "vendor-decimal", 4, "<match> vendor=\"8086\": expected * or hex ids", true },
	{ "vendor-none", 4, "0xffff is none", false },
	{ "vendor-range", 4, "expected * or hex ids", true },
	{ "vendor-huge", 4, "expected * or hex ids", false },
	{ "device-alone", 4, "expected * where vendor is *", false },
	{ "device-backwards", 4, "expected * or hex ids and ranges", false },
	{ "device-comma", 4, "expected * or hex ids and ranges", true },
	{ "device-star-in-list", 4, "expected * or hex ids and ranges", true },
	{ "bad-subsystem", 4, "expected two hex ids", true },
	{ "bad-class", 4, "expected 2, 4 or 6 hex digits", true },
	{ "bad-revision", 4, "expected * or hex ids and ranges", false },
	{ "bad-function", 4, "<match> function=\"PF\": expected any, pf, vf", true },
	{ "text-in-quirk", 3, "<quirk> takes no text", true },
	{ "text-in-match", 4, "<match> takes no text", true },
	{ "element-in-note", 5, "<note> takes no elements; found <b>", true },
	{ "refuse-without-reason", 5, "<refuse> is empty", true },
	{ "long-text", 5, "longer than 1000 bytes", false },
	{ "prefer-unaligned", 5, "expected a multiple of 4", false },
	{ "prefer-conventional", 5, "expected a number from 0x100 to 0xff8", false },
	{ "prefer-end", 5, "expected a number from 0x100 to 0xff8", false },
	{ "fingerprint-empty", 5, "<fingerprint> has no <test>", true },
	{ "fingerprint-zero", 5, "bytes that are all 00 pass", false },
	{ "fingerprint-ones", 5, "bytes that are all ff pass", false },
	{ "fingerprint-nine-tests", 14, "expected 1 to 8 <test>", false },
	{ "fingerprint-other", 6, "expected 1 to 8 <test>", true },
	{ "test-outside-mask", 6, "expected no bit outside the mask", false },
	{ "test-unaligned", 6, "expected a multiple of 4", false },
	{ "test-huge", 6, "expected a number from 0x1 to 0xffffffff", false },
	{ "descriptor-decimal", 5, "expected a hex id", true },
	{ "descriptor-form", 5, "expected control, gap, table", true },
	{ "descriptor-no-control", 5, "expected yes unless form=\"gap\"", false },
	{ "descriptor-answer", 5, "expected no, yes", true },
	{ "identity-answer", 5, "<reserved> identity=\"true\": expected no, yes", true },
	{ "identity-empty", 5, "<reserved> identity=\"\": expected no, yes", true },
	{ "identity-free", 5, "<free> has no attribute identity; expected offset, length",
	  true },
	{ "identity-range", 5, "end beyond 0x1000", false },
};

START_TEST(quirks_tell_file_line_and_expectation)
{
	char name[256];

	snprintf(name, sizeof(name), "bad/%s.xml", bad[_i].name);
	ck_assert_int_eq(load(name), -CAPGAP_E_FORMAT);
	ck_assert_uint_ge(told.n, 1);
	ck_assert_str_eq(told.file, in_tests(name));
	ck_assert_msg(told.first.line == bad[_i].line, "%s: line %lu: %s", name,
		      told.first.line, told.first.text);
	ck_assert_msg(strstr(told.first.text, bad[_i].text) != NULL, "%s: \"%s\"", name,
		      told.first.text);
	ck_assert_ptr_null(strchr(told.first.text, '\n'));
	ck_assert_int_eq(told.first.code, CAPGAP_E_FORMAT);
	ck_assert_uint_eq(count_rows(), 0);
}
END_TEST

/* Call @each for every file of tests/quirks/bad; the number of files. */
static int each_bad(void (*each)(const char *name))
{
	DIR *dir = opendir(in_tests("bad"));
	const struct dirent *entry;
	int n = 0;

	ck_assert_ptr_nonnull(dir);
	while ((entry = readdir(dir))) {
		char name[512];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "bad/%s", entry->d_name);
		each(name);
		n++;
	}
	closedir(dir);
	return n;
}

static void must_be_listed(const char *name)
{
	char want[256];

	for (int i = 0; i < ROWS(bad); i++) {
		snprintf(want, sizeof(want), "bad/%s.xml", bad[i].name);
		if (!strcmp(want, name))
			return;
	}
	ck_abort_msg("%s is in no row", name);
}

START_TEST(quirks_bad_files_are_all_in_the_table)
{
	ck_assert_int_eq(each_bad(must_be_listed), ROWS(bad));
}
END_TEST

static unsigned fetched;

static xmlParserInputPtr trip(const char *url, const char *id, xmlParserCtxtPtr ctxt)
{
	(void)url;
	(void)id;
	(void)ctxt;
	fetched++;
	return NULL;
}

static void load_anyhow(const char *name)
{
	ck_assert_int_lt(load(name), 0);
}

START_TEST(quirks_neither_print_nor_fetch)
{
	FILE *kept = tmpfile();
	int out = dup(1);
	int err = dup(2);
	struct stat st;

	ck_assert(kept != NULL && out >= 0 && err >= 0);
	xmlSetExternalEntityLoader(trip);
	fflush(NULL);
	dup2(fileno(kept), 1);
	dup2(fileno(kept), 2);
	each_bad(load_anyhow);
	capgap_quirks_load_file(table, in_tests("good/nothing.xml"),
				"tests/quirks/schema/outside-include.rng", &trouble);
	fflush(NULL);
	dup2(out, 1);
	dup2(err, 2);
	ck_assert_int_eq(fstat(fileno(kept), &st), 0);
	ck_assert_int_eq(st.st_size, 0);
	ck_assert_uint_eq(fetched, 0);
	fclose(kept);
	close(out);
	close(err);
}
END_TEST

static unsigned others;

static void count_others(void *ctx, const char *fmt, ...)
{
	(void)ctx;
	(void)fmt;
	others++;
}

#if LIBXML_VERSION >= 21200
static void count_structured(void *ctx, const xmlError *error)
#else
static void count_structured(void *ctx, xmlErrorPtr error)
#endif
{
	(void)error;
	++*(unsigned *)ctx;
}

START_TEST(quirks_leave_the_handlers_of_the_caller)
{
	unsigned structured = 0;

	xmlSetGenericErrorFunc(NULL, count_others);
	xmlSetStructuredErrorFunc(&structured, count_structured);
	each_bad(load_anyhow);
	ck_assert_uint_eq(others, 0);
	ck_assert_uint_eq(structured, 0);
	ck_assert_ptr_null(xmlReadMemory("<a", 2, NULL, NULL, 0));
	ck_assert_uint_ge(structured, 1);
}
END_TEST

/* Does the schema alone allow a file? One that is not well-formed it does not. */
static bool schema_allows(xmlRelaxNGPtr schema, const char *name)
{
	int quiet = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING;
	xmlDocPtr doc = xmlReadFile(in_tests(name), NULL, quiet);
	xmlRelaxNGValidCtxtPtr ctxt = xmlRelaxNGNewValidCtxt(schema);
	int ret = -1;

	ck_assert_ptr_nonnull(ctxt);
	xmlRelaxNGSetValidErrors(ctxt, count_others, count_others, NULL);
	if (doc)
		ret = xmlRelaxNGValidateDoc(ctxt, doc);
	xmlRelaxNGFreeValidCtxt(ctxt);
	xmlFreeDoc(doc);
	return ret == 0;
}

START_TEST(quirks_schema_refuses_what_it_can_see)
{
	xmlRelaxNGParserCtxtPtr parser = xmlRelaxNGNewParserCtxt(SCHEMA);
	xmlRelaxNGPtr schema = xmlRelaxNGParse(parser);

	ck_assert_ptr_nonnull(schema);
	ck_assert(schema_allows(schema, "good/every.xml"));
	for (int i = 0; i < ROWS(bad); i++) {
		char name[256];

		snprintf(name, sizeof(name), "bad/%s.xml", bad[i].name);
		if (bad[i].schema)
			ck_assert_msg(!schema_allows(schema, name), "%s", name);
	}
	xmlRelaxNGFree(schema);
	xmlRelaxNGFreeParserCtxt(parser);
}
END_TEST

START_TEST(quirks_bad_file_spoils_no_other)
{
	struct capgap_quirk_info info;

	ck_assert_int_eq(load("mixed"), -CAPGAP_E_DAMAGED);
	ck_assert_uint_eq(told.n, 1);
	ck_assert_str_eq(told.file, in_tests("mixed/b.xml"));
	ck_assert_uint_eq(count_rows(), 2);
	ck_assert(capgap_quirks_row(table, 0, &info));
	ck_assert_str_eq(info.row->id, "a");
	ck_assert(capgap_quirks_row(table, 1, &info));
	ck_assert_str_eq(info.row->id, "d");
}
END_TEST

/* A file of our own in the scratch directory of the test; the path is static. */
static const char *scratch(const char *name, const char *text, size_t len)
{
	static char dir[] = "/tmp/capgap-quirks-XXXXXX";
	static char path[4096];
	FILE *file;

	if (strstr(dir, "XXXXXX"))
		ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	if (!text)
		return path;
	file = fopen(path, "we");
	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(text, 1, len, file), len);
	ck_assert_int_eq(fclose(file), 0);
	return path;
}

static void remove_scratch(void)
{
	char name[4096];

	snprintf(name, sizeof(name), "%s", scratch("", NULL, 0));
	ck_assert_int_eq(rmdir(name), 0);
}

#define HEAD "<quirks xmlns=\"urn:capgap:quirks:1\">\n"

/* @n copies of @part between @head and @tail; the caller frees it. */
static char *repeat(const char *head, const char *part, size_t n, const char *tail)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	ck_assert_ptr_nonnull(out);
	fputs(head, out);
	for (size_t i = 0; i < n; i++)
		fputs(part, out);
	fputs(tail, out);
	ck_assert_int_eq(fclose(out), 0);
	return text;
}

#define ROW(id) "<quirk id='" id "' source='x'><match vendor='0x1234'/>"

/* Texts made large: what is repeated, and what is said of it. */
static const struct {
	const char *head, *part, *tail;
	size_t n;
	int ret;
	unsigned told;
	const char *text;
} large[] = {
	{ HEAD "<!--", "0123456789abcdef", "--></quirks>", 262130, 0, 0, NULL },
	{ HEAD "<!--", "0123456789abcdef", "--></quirks>", 262144, -CAPGAP_E_FORMAT, 1,
	  "larger than 4194304 bytes" },
	{ HEAD, "<quirk>\n", "</quirks>", 400000, -CAPGAP_E_FORMAT, 1,
	  "deeper than 32 levels" },
	{ HEAD, "<quirk/>\n", "</quirks>", 400000, -CAPGAP_E_FORMAT, 20,
	  "needs the attribute id" },
	{ HEAD ROW("a"), "<note>x</note>\n", "</quirk></quirks>", 50000, 1, 0, NULL },
	{ HEAD ROW("a"), "<free offset='0' length='0x1000'/>\n", "</quirk></quirks>",
	  10000, 1, 0, NULL },
	{ HEAD "<quirk id='a' source='x'><match vendor='0x1234' device='0x1", ",0x1",
	  "'/><note>x</note></quirk></quirks>", 60000, 1, 0, NULL },
	{ HEAD "<quirk id='a' source='x'><match vendor='0x1234' device='0x1", ",0x1",
	  "'/><note>x</note></quirk></quirks>", 1000000, -CAPGAP_E_FORMAT, 1,
	  "expected * or hex ids" },
	{ HEAD, ROW("a") "<note>x</note></quirk>\n", "</quirks>", 10000, -CAPGAP_E_FORMAT,
	  20, "that of line 2" },
	{ "", "\n", HEAD "<quirk/></quirks>", 100000, -CAPGAP_E_FORMAT, 1,
	  "needs the attribute" },
};

START_TEST(quirks_are_bounded)
{
	char *text = repeat(large[_i].head, large[_i].part, large[_i].n, large[_i].tail);
	const char *file = scratch("large.xml", text, strlen(text));

	free(text);
	ck_assert_int_eq(capgap_quirks_load_file(table, file, SCHEMA, &trouble),
			 large[_i].ret);
	ck_assert_uint_eq(told.n, large[_i].told);
	if (large[_i].text)
		ck_assert_msg(strstr(told.first.text, large[_i].text) != NULL, "%s",
			      told.first.text);
	unlink(file);
	remove_scratch();
}
END_TEST

/* What is no quirk file at all. */
static const struct {
	const char *path;
	const char *schema;
	int ret;
	unsigned told;
} odd[] = {
	{ "good/nothing.xml", SCHEMA, 0, 0 },
	{ "good/none.xml", SCHEMA, -CAPGAP_E_NOENT, 1 },
	{ "good/nothing.xml/a", SCHEMA, -CAPGAP_E_NOENT, 1 },
	{ "good", SCHEMA, -CAPGAP_E_FORMAT, 1 },
	{ "good/nothing.xml", "quirks.d/none.rng", -CAPGAP_E_INVAL, 1 },
	{ "good/nothing.xml", "quirks.d", -CAPGAP_E_INVAL, 1 },
	{ "good/nothing.xml", NULL, -CAPGAP_E_INVAL, 1 },
	{ "schema/beside.xml", NULL, 1, 0 },
	{ "good/nothing.xml", "tests/quirks/schema/no-schema.rng", -CAPGAP_E_INVAL, 1 },
	{ "good/nothing.xml", "tests/quirks/schema/bad-pattern.rng", -CAPGAP_E_FORMAT,
	  1 },
	{ "good/nothing.xml", "tests/quirks/schema/outside-include.rng", -CAPGAP_E_INVAL,
	  1 },
	{ "good/nothing.xml", "tests/quirks/schema/outside-ref.rng", -CAPGAP_E_INVAL, 1 },
	{ "good/nothing.xml", "tests/quirks/schema/doctype.rng", -CAPGAP_E_INVAL, 1 },
	{ "good/every.xml", "tests/quirks/schema/nothing-allowed.rng", -CAPGAP_E_FORMAT,
	  1 },
};

START_TEST(quirks_say_what_they_cannot_read)
{
	int ret = capgap_quirks_load_file(table, in_tests(odd[_i].path), odd[_i].schema,
					  &trouble);

	ck_assert_msg(ret == odd[_i].ret, "%d: %s: %s", ret, told.file, told.first.text);
	ck_assert_uint_eq(told.n, odd[_i].told);
	if (ret == -CAPGAP_E_INVAL)
		ck_assert_str_eq(told.file, odd[_i].schema ? odd[_i].schema :
							     in_tests("good/quirks.rng"));
	else if (ret < 0)
		ck_assert_str_eq(told.file, in_tests(odd[_i].path));
}
END_TEST

START_TEST(quirks_do_not_wait_for_a_pipe)
{
	const char *pipe = scratch("pipe.xml", NULL, 0);

	ck_assert_int_eq(mkfifo(pipe, 0600), 0);
	ck_assert_int_eq(capgap_quirks_load_file(table, pipe, SCHEMA, &trouble),
			 -CAPGAP_E_FORMAT);
	ck_assert_ptr_nonnull(strstr(told.first.text, "regular file"));
	unlink(pipe);
	remove_scratch();
}
END_TEST

START_TEST(quirks_need_no_one_to_tell)
{
	ck_assert_int_eq(capgap_quirks_load_file(table, in_tests("bad/empty.xml"), SCHEMA,
						 NULL),
			 -CAPGAP_E_FORMAT);
	ck_assert_int_eq(capgap_quirks_load_dir(table, in_tests("mixed"), SCHEMA, NULL),
			 -CAPGAP_E_DAMAGED);
}
END_TEST

START_TEST(quirks_directories_may_be_absent_or_empty)
{
	const char *dir = scratch("", NULL, 0);

	ck_assert_int_eq(capgap_quirks_load_dir(table, dir, "none.rng", &trouble), 0);
	remove_scratch();
	ck_assert_int_eq(capgap_quirks_load_dir(table, dir, SCHEMA, &trouble),
			 -CAPGAP_E_NOENT);
	ck_assert_int_eq(load("first"), 6);
	ck_assert_int_eq(capgap_quirks_load_dir(table, in_tests("first"), NULL, &trouble),
			 -CAPGAP_E_INVAL);
	ck_assert_uint_eq(told.n, 1);
	ck_assert_uint_eq(count_rows(), 4);
}
END_TEST

static void *load_shipped(void *ctx)
{
	struct capgap_quirks *own = capgap_quirks_new();

	(void)ctx;
	if (own)
		capgap_quirks_load_dir(own, SHIPPED, NULL, NULL);
	return own;
}

START_TEST(quirks_load_in_several_threads)
{
	pthread_t thread[4];

	for (int i = 0; i < ROWS(thread); i++)
		ck_assert_int_eq(pthread_create(&thread[i], NULL, load_shipped, NULL), 0);
	for (int i = 0; i < ROWS(thread); i++) {
		void *own = NULL;

		ck_assert_int_eq(pthread_join(thread[i], &own), 0);
		ck_assert_ptr_nonnull(own);
		capgap_quirks_free(own);
	}
}
END_TEST

Suite *quirks_xml_suite(void)
{
	Suite *suite = suite_create("quirks_xml");
	TCase *tc = tcase_create("files");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 20);
	tcase_add_loop_test(tc, quirks_tell_file_line_and_expectation, 0, ROWS(bad));
	tcase_add_test(tc, quirks_bad_files_are_all_in_the_table);
	tcase_add_test(tc, quirks_neither_print_nor_fetch);
	tcase_add_test(tc, quirks_leave_the_handlers_of_the_caller);
	tcase_add_test(tc, quirks_schema_refuses_what_it_can_see);
	tcase_add_test(tc, quirks_bad_file_spoils_no_other);
	tcase_add_loop_test(tc, quirks_are_bounded, 0, ROWS(large));
	tcase_add_loop_test(tc, quirks_say_what_they_cannot_read, 0, ROWS(odd));
	tcase_add_test(tc, quirks_do_not_wait_for_a_pipe);
	tcase_add_test(tc, quirks_need_no_one_to_tell);
	tcase_add_test(tc, quirks_directories_may_be_absent_or_empty);
	tcase_add_test(tc, quirks_load_in_several_threads);
	suite_add_tcase(suite, tc);
	return suite;
}
