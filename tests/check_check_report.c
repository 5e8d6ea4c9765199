/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The output formats of `check`, read back with the libraries of their readers. */
#include <jansson.h>
#include <libxml/parser.h>
#include <stdlib.h>
#include <string.h>

#include "../report/check_report.h"
#include "suites.h"
#include "support.h"

/* An error, a warning and two notes of one rule. */
static const struct support_image broken = {
	.step = { PUT32(0x94, 0x01020304), PUT8(0xa0, 1), EXT(0x100, 0x0023, 1, 0),
		  PUT32(0x104, 0x0100ffff), PUT8(0x203, 7) }
};

/* What a format is asked to write. */
static struct {
	struct capgap_check_levels levels;
	struct capgap_findings hits;
	const char *source;
	struct support_image how;
	unsigned flags;
	unsigned functions;
	bool trouble;
} asked;

static void ask(void)
{
	memset(&asked, 0, sizeof(asked));
	capgap_check_levels_init(&asked.levels);
	asked.source = "dump.txt";
	asked.how = broken;
	asked.functions = 1;
}

static struct capgap_check_answer answer_of(unsigned n)
{
	struct capgap_check_answer ans = { { .source = asked.source, .machine = n },
					   &asked.hits,
					   &asked.levels };
	struct capgap_record rec;

	support_record(&rec, &asked.how);
	rec.meta.flags |= asked.flags;
	if (asked.flags & CAPGAP_META_BDF)
		rec.meta.bdf = support_bdf("0000:6a:01.0");
	ans.base.fn = support_analyse(&rec, NULL, CAPGAP_VANTAGE_HOST);
	asked.hits.n = 0;
	capgap_check_function(ans.base.fn, &asked.hits);
	return ans;
}

/* The output, owned by the caller. */
static char *write_as(const struct capgap_check_reporter *format)
{
	struct capgap_check_report rep = { .levels = &asked.levels, .version = "1.2.3" };
	struct capgap_check_answer ans;
	struct capgap_check_count count;
	char *text = NULL;
	size_t len;

	rep.base.out = open_memstream(&text, &len);
	ck_assert_ptr_nonnull(rep.base.out);
	if (format->begin)
		ck_assert_int_eq(format->begin(&rep), 0);
	for (unsigned i = 0; i < asked.functions; i++) {
		ans = answer_of(i);
		ck_assert_int_eq(format->answer(&rep, &ans), 0);
		count = capgap_check_count(&ans);
		for (unsigned k = 0; k <= CAPGAP_LEVEL_ERROR; k++)
			rep.count.of[k] += count.of[k];
		rep.base.count++;
	}
	rep.trouble = asked.trouble;
	if (format->end)
		ck_assert_int_eq(format->end(&rep), 0);
	ck_assert_ptr_null(rep.state);
	ck_assert_int_eq(fclose(rep.base.out), 0);
	return text;
}

static json_t *load(const struct capgap_check_reporter *format)
{
	char *text = write_as(format);
	json_error_t err;
	json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, &err);

	ck_assert_msg(json, "line %d: %s", err.line, err.text);
	free(text);
	return json;
}

/* A member by its path: "runs.0.tool.driver". */
static const json_t *member(const json_t *json, const char *path)
{
	char *copy = strdup(path);
	char *rest = copy;
	char *name;

	while ((name = strsep(&rest, "."))) {
		json = json_is_array(json) ?
			       json_array_get(json, strtoul(name, NULL, 10)) :
			       json_object_get(json, name);
		ck_assert_msg(json, "%s: no member %s", path, name);
	}
	free(copy);
	return json;
}

static void same_text(const json_t *json, const char *path, const char *want)
{
	ck_assert_str_eq(json_string_value(member(json, path)), want);
}

static void same_number(const json_t *json, const char *path, json_int_t want)
{
	ck_assert_msg(json_integer_value(member(json, path)) == want, "%s", path);
}

START_TEST(formats_are_found_by_name)
{
	const struct capgap_check_reporter *row;
	unsigned n = 0;

	for (; (row = capgap_check_report_row(n)); n++) {
		ck_assert_ptr_eq(capgap_check_report_find(row->name), row);
		ck_assert_ptr_nonnull(row->help);
	}
	ck_assert_uint_eq(n, 4);
	ck_assert_ptr_null(capgap_check_report_find("ndjson"));
}
END_TEST

START_TEST(results_have_the_level_that_is_asked_for)
{
	struct capgap_check_answer ans;
	struct capgap_check_count count;
	struct capgap_check_result result;

	ask();
	ans = answer_of(0);
	count = capgap_check_count(&ans);
	ck_assert_uint_eq(count.of[CAPGAP_LEVEL_ERROR], 1);
	ck_assert_uint_eq(count.of[CAPGAP_LEVEL_WARNING], 1);
	ck_assert_uint_eq(count.of[CAPGAP_LEVEL_NOTE], 2);
	capgap_check_levels_set(&asked.levels, "unowned-nonzero-conv",
				CAPGAP_LEVEL_ERROR);
	capgap_check_levels_set(&asked.levels, "dvsec-vendor", CAPGAP_CHECK_OFF);
	capgap_check_levels_set(&asked.levels, "unowned-nonzero", CAPGAP_CHECK_OFF);
	for (unsigned i = 0; (i = capgap_check_next(&ans, i, &result));) {
		ck_assert_str_eq(result.row->name, "unowned-nonzero-conv");
		ck_assert_int_eq(result.level, CAPGAP_LEVEL_ERROR);
	}
	ck_assert_uint_eq(capgap_check_count(&ans).of[CAPGAP_LEVEL_ERROR], 2);
}
END_TEST

static const struct {
	struct capgap_hit hit;
	const char *bytes;
} bytes[] = {
	{ HIT(OVERLAP, 0x94, 4, 0, 0), "04030201" },
	{ HIT(OVERLAP, 0x94, 1, 0, 0), "04" },
	{ HIT(OVERLAP, 0x94, 0, 0, 0), "" },
	{ HIT(OVERLAP, 0x1fe, 4, 0, 0), "0000----" },
	{ HIT(OVERLAP, 0xffe, 4, 0, 0), "0000----" },
	{ HIT(OVERLAP, 0x94, 4000, 0, 0),
	  "0403020100000000000000000100000000000000000000000000000000000000" },
};

START_TEST(bytes_are_shown_in_ascending_order)
{
	static const struct support_step hole = DROP(0x200, 4);
	char buf[CAPGAP_CHECK_BYTES_TEXT];
	struct capgap_record rec;

	support_record(&rec, &broken);
	support_step(&rec, &hole);
	ck_assert_str_eq(capgap_check_bytes(support_analyse(&rec, NULL,
							    CAPGAP_VANTAGE_HOST),
					    &bytes[_i].hit, buf),
			 bytes[_i].bytes);
}
END_TEST

/* With the largest values, the sentence of each kind fits its buffer. */
START_TEST(sentences_fit_their_buffer)
{
	struct capgap_hit hit = { (uint16_t)_i, 0xfff, 4096, UINT32_MAX, UINT32_MAX };
	struct capgap_check_result result = { capgap_finding_get((unsigned)_i), &hit,
					      CAPGAP_LEVEL_ERROR };
	struct capgap_check_answer ans;
	char text[CAPGAP_CHECK_SENTENCE];

	ask();
	ans = answer_of(0);
	capgap_check_sentence(&ans, &result, text);
	ck_assert_int_eq(text[strlen(text) - 1], ')');
}
END_TEST

START_TEST(text_says_what_it_rests_on)
{
	char *text;

	ask();
	asked.functions = 2;
	text = write_as(&capgap_check_text);
	ck_assert_ptr_nonnull(strstr(text, "dump.txt [15b3:1021]: 1 error, 1 warning, "
					   "2 notes\n"));
	ck_assert_ptr_nonnull(
		strstr(text, "  error: 0x104, 2 bytes: The vendor id of a DVSEC is "
			     "nobody's: it is ffff (bytes ffff) [dvsec-vendor]\n"
			     "    rests on: PCI Express Base Specification, section "
			     "7.9.6.2"));
	ck_assert_ptr_nonnull(
		strstr(text, "\n2 functions: 2 errors, 2 warnings, 4 notes\n"));
	free(text);
}
END_TEST

START_TEST(json_is_an_array_of_functions)
{
	json_t *json;

	ask();
	asked.functions = 2;
	asked.flags = CAPGAP_META_BDF;
	json = load(&capgap_check_json);
	ck_assert_uint_eq(json_array_size(json), 2);
	same_text(json, "1.schema", "capgap/check/1");
	same_text(json, "1.source", "dump.txt");
	same_text(json, "1.bdf", "0000:6a:01.0");
	same_number(json, "1.machine", 1);
	same_number(json, "0.errors", 1);
	same_number(json, "0.warnings", 1);
	same_number(json, "0.notes", 2);
	ck_assert_uint_eq(json_array_size(member(json, "0.results")), 4);
	same_text(json, "0.results.0.name", "dvsec-vendor");
	same_text(json, "0.results.0.level", "error");
	same_number(json, "0.results.0.offset", 0x104);
	same_number(json, "0.results.0.length", 2);
	same_text(json, "0.results.0.bytes", "ffff");
	same_text(json, "0.results.0.text",
		  "The vendor id of a DVSEC is nobody's: it is ffff");
	same_text(json, "0.results.0.reference",
		  capgap_finding_get(CAPGAP_F_DVSEC_VENDOR)->rule);
	json_decref(json);
}
END_TEST

START_TEST(nothing_found_is_a_whole_document)
{
	json_t *json;

	ask();
	asked.functions = 0;
	json = load(&capgap_check_json);
	ck_assert_uint_eq(json_array_size(json), 0);
	json_decref(json);
	json = load(&capgap_check_sarif);
	ck_assert_uint_eq(json_array_size(member(json, "runs.0.results")), 0);
	json_decref(json);
}
END_TEST

START_TEST(sarif_has_rules_and_results)
{
	json_t *json;
	json_t *result;
	json_t *rule;
	size_t n;

	ask();
	asked.functions = 2;
	json = load(&capgap_check_sarif);
	same_text(json, "version", "2.1.0");
	same_text(json, "runs.0.tool.driver.name", "capgap");
	same_text(json, "runs.0.tool.driver.version", "1.2.3");
	ck_assert_uint_eq(json_array_size(member(json, "runs.0.results")), 8);
	json_array_foreach(member(json, "runs.0.results"), n, result)
	{
		rule = json_array_get(member(json, "runs.0.tool.driver.rules"),
				      (size_t)json_integer_value(
					      member(result, "ruleIndex")));
		ck_assert(json_equal(member(rule, "id"), member(result, "ruleId")));
		ck_assert(json_equal(member(rule, "defaultConfiguration.level"),
				     member(result, "level")));
	}
	same_text(json, "runs.0.tool.driver.rules.0.id",
		  capgap_finding_get(CAPGAP_F_ROW_DAMAGED)->name);
	same_text(json, "runs.0.tool.driver.rules.0.shortDescription.text",
		  capgap_finding_get(CAPGAP_F_ROW_DAMAGED)->sentence);
	same_text(json, "runs.0.tool.driver.rules.0.fullDescription.text",
		  capgap_finding_get(CAPGAP_F_ROW_DAMAGED)->rule);
	ck_assert(json_is_true(member(json, "runs.0.invocations.0.executionSuccessful")));
	json_decref(json);
}
END_TEST

#define LOCATION "runs.0.results.0.locations.0."

/* Only in a file that is the space is an offset of the one an offset of the other. */
START_TEST(sarif_has_regions_of_raw_images_only)
{
	json_t *json;

	ask();
	asked.flags = CAPGAP_META_BDF;
	json = load(&capgap_check_sarif);
	same_text(json, LOCATION "logicalLocations.0.name", "0000:6a:01.0");
	ck_assert_ptr_null(
		json_object_get(member(json, LOCATION "physicalLocation"), "region"));
	json_decref(json);
	asked.flags = CAPGAP_META_RAW;
	json = load(&capgap_check_sarif);
	same_number(json, LOCATION "physicalLocation.region.byteOffset", 0x104);
	same_number(json, LOCATION "physicalLocation.region.byteLength", 2);
	ck_assert_ptr_null(json_object_get(member(json, "runs.0.results.0.locations.0"),
					   "logicalLocations"));
	json_decref(json);
}
END_TEST

START_TEST(sarif_says_how_it_was_run)
{
	json_t *json;

	ask();
	asked.trouble = true;
	capgap_check_levels_set(&asked.levels, "dvsec-vendor", CAPGAP_LEVEL_NOTE);
	capgap_check_levels_set(&asked.levels, "vf-pasid", CAPGAP_CHECK_OFF);
	capgap_check_levels_set(&asked.levels, "vf-pri", CAPGAP_LEVEL_ERROR);
	json = load(&capgap_check_sarif);
	ck_assert(
		json_is_false(member(json, "runs.0.invocations.0.executionSuccessful")));
	json_array_size(member(json, "runs.0.invocations.0.ruleConfigurationOverrides"));
	ck_assert_uint_eq(json_array_size(member(json, "runs.0.invocations.0."
						       "ruleConfigurationOverrides")),
			  2);
	ck_assert(json_is_false(
		member(json, "runs.0.invocations.0.ruleConfigurationOverrides.0."
			     "configuration.enabled")));
	same_text(json, "runs.0.invocations.0.ruleConfigurationOverrides.1.descriptor.id",
		  "dvsec-vendor");
	same_text(json,
		  "runs.0.invocations.0.ruleConfigurationOverrides.1.configuration.level",
		  "note");
	json_decref(json);
}
END_TEST

static const struct {
	const char *source;
	const char *uri;
} uris[] = {
	{ "dump.txt", "dump.txt" },
	{ "a/b-c_d~e.f", "a/b-c_d~e.f" },
	{ "/var/dump.txt", "file:///var/dump.txt" },
	{ "a b%c?d#e&f", "a%20b%25c%3Fd%23e%26f" },
	{ "c:\\x\"<>", "c%3A%5Cx%22%3C%3E" },
	{ "0000:6a:01.0/config", "0000%3A6a%3A01.0/config" },
	{ "\xff\xc3\xa4\n", "%FF%C3%A4%0A" },
	{ "-", "-" },
};

START_TEST(sarif_has_uris)
{
	json_t *json;

	ask();
	asked.source = uris[_i].source;
	json = load(&capgap_check_sarif);
	same_text(json, LOCATION "physicalLocation.artifactLocation.uri", uris[_i].uri);
	json_decref(json);
}
END_TEST

/* The document as a tree; the caller frees it. */
static xmlDocPtr load_junit(void)
{
	char *text = write_as(&capgap_check_junit);
	xmlDocPtr doc = xmlReadMemory(text, (int)strlen(text), NULL, NULL,
				      XML_PARSE_NOBLANKS);

	ck_assert_msg(doc, "%s", text);
	free(text);
	return doc;
}

static const xmlChar *utf8(const char *text)
{
	return (const xmlChar *)text;
}

/* The @n-th child element of that name, or NULL. */
static xmlNodePtr child(const xmlNode *node, const char *name, unsigned n)
{
	for (xmlNodePtr at = node->children; at; at = at->next) {
		if (at->type == XML_ELEMENT_NODE && xmlStrEqual(at->name, utf8(name)) &&
		    n-- == 0)
			return at;
	}
	return NULL;
}

static void same_attribute(xmlNodePtr node, const char *name, const char *want)
{
	xmlChar *value = xmlGetProp(node, utf8(name));

	ck_assert_ptr_nonnull(value);
	ck_assert_str_eq((const char *)value, want);
	xmlFree(value);
}

static xmlNodePtr case_of(xmlNodePtr suite, const char *rule)
{
	xmlNodePtr at;
	xmlChar *name;
	bool found;

	for (unsigned n = 0; (at = child(suite, "testcase", n)); n++) {
		name = xmlGetProp(at, utf8("name"));
		found = xmlStrEqual(name, utf8(rule));
		xmlFree(name);
		if (found)
			return at;
	}
	ck_abort_msg("no test case %s", rule);
}

/* Number of rules, as text. */
static const char *n_rules(void)
{
	static char text[12];
	unsigned n = 0;

	while (capgap_check_rule(n) >= 0)
		n++;
	snprintf(text, sizeof(text), "%u", n);
	return text;
}

START_TEST(junit_has_a_case_for_each_rule)
{
	xmlDocPtr doc;
	xmlNodePtr suite;
	xmlNodePtr at;

	ask();
	asked.functions = 2;
	asked.flags = CAPGAP_META_BDF;
	capgap_check_levels_set(&asked.levels, "unowned-nonzero-conv",
				CAPGAP_LEVEL_ERROR);
	capgap_check_levels_set(&asked.levels, "vf-pasid", CAPGAP_CHECK_OFF);
	doc = load_junit();
	suite = child(xmlDocGetRootElement(doc), "testsuite", 1);
	ck_assert_ptr_nonnull(suite);
	ck_assert_ptr_null(child(xmlDocGetRootElement(doc), "testsuite", 2));
	same_attribute(suite, "name", "0000:6a:01.0");
	same_attribute(suite, "tests", n_rules());
	same_attribute(suite, "failures", "2");
	same_attribute(suite, "errors", "0");
	same_attribute(suite, "skipped", "1");
	at = child(case_of(suite, "dvsec-vendor"), "failure", 0);
	same_attribute(at, "type", "dvsec-vendor");
	same_attribute(at, "message",
		       "0x104, 2 bytes: The vendor id of a DVSEC is nobody's: it is "
		       "ffff (bytes ffff)");
	at = case_of(suite, "unowned-nonzero-conv");
	ck_assert_ptr_nonnull(child(at, "failure", 0));
	ck_assert_ptr_null(child(at, "failure", 1));
	ck_assert_ptr_nonnull(child(case_of(suite, "unowned-nonzero"), "system-out", 0));
	ck_assert_ptr_nonnull(child(case_of(suite, "vf-pasid"), "skipped", 0));
	ck_assert_ptr_null(case_of(suite, "version-zero")->children);
	xmlFreeDoc(doc);
}
END_TEST

START_TEST(junit_counts_unusable_input_as_an_error)
{
	xmlDocPtr doc;
	xmlNodePtr suite;

	ask();
	asked.functions = 0;
	asked.trouble = true;
	doc = load_junit();
	suite = child(xmlDocGetRootElement(doc), "testsuite", 0);
	same_attribute(suite, "errors", "1");
	ck_assert_ptr_nonnull(child(child(suite, "testcase", 0), "error", 0));
	xmlFreeDoc(doc);
}
END_TEST

static const struct {
	const char *source;
	const char *name;
} names[] = {
	{ "a<b>&\"'c", "a<b>&\"'c" },
	{ "gr\xc3\xbc\xc3\x9f\xe2\x82\xac\xf0\x9f\x98\x80",
	  "gr\xc3\xbc\xc3\x9f\xe2\x82\xac\xf0\x9f\x98\x80" },
	{ "a\x01"
	  "b\x1b[0m\tc\nd\x7f",
	  "a?b?[0m?c?d?" },
	{ "\xff\xfe\x80", "???" },
	{ "cut\xe2\x82", "cut??" },
	{ "cut\xf0\x9f\x98", "cut???" },
	{ "long\xc0\xbc\xe0\x80\xbc\xf0\x80\x80\xbc", "long?????????" },
	{ "surrogate\xed\xa0\x80", "surrogate???" },
	{ "none\xef\xbf\xbe\xef\xbf\xbf", "none??????" },
	{ "control\xc2\x85", "control??" },
	{ "beyond\xf4\x90\x80\x80\xf8\x88\x80\x80\x80", "beyond?????????" },
};

START_TEST(junit_has_no_character_that_xml_forbids)
{
	xmlDocPtr doc;
	xmlNodePtr suite;

	ask();
	asked.source = names[_i].source;
	doc = load_junit();
	suite = child(xmlDocGetRootElement(doc), "testsuite", 0);
	same_attribute(suite, "name", names[_i].name);
	same_attribute(child(child(suite, "properties", 0), "property", 0), "value",
		       names[_i].name);
	xmlFreeDoc(doc);
}
END_TEST

Suite *check_report_suite(void)
{
	Suite *suite = suite_create("check_report");
	TCase *shared = tcase_create("shared");
	TCase *formats = tcase_create("formats");
	TCase *sarif = tcase_create("sarif");
	TCase *junit = tcase_create("junit");

	tcase_add_test(shared, formats_are_found_by_name);
	tcase_add_test(shared, results_have_the_level_that_is_asked_for);
	tcase_add_loop_test(shared, bytes_are_shown_in_ascending_order, 0, ROWS(bytes));
	tcase_add_loop_test(shared, sentences_fit_their_buffer, 0, CAPGAP_F_COUNT);
	suite_add_tcase(suite, shared);
	tcase_add_test(formats, text_says_what_it_rests_on);
	tcase_add_test(formats, json_is_an_array_of_functions);
	tcase_add_test(formats, nothing_found_is_a_whole_document);
	suite_add_tcase(suite, formats);
	tcase_add_test(sarif, sarif_has_rules_and_results);
	tcase_add_test(sarif, sarif_has_regions_of_raw_images_only);
	tcase_add_test(sarif, sarif_says_how_it_was_run);
	tcase_add_loop_test(sarif, sarif_has_uris, 0, ROWS(uris));
	suite_add_tcase(suite, sarif);
	tcase_add_test(junit, junit_has_a_case_for_each_rule);
	tcase_add_test(junit, junit_counts_unusable_input_as_an_error);
	tcase_add_loop_test(junit, junit_has_no_character_that_xml_forbids, 0,
			    ROWS(names));
	suite_add_tcase(suite, junit);
	return suite;
}
