/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Format "junit" of `check`: a test suite a function, a test case a rule. */
#include <libxml/xmlwriter.h>
#include <stdlib.h>
#include <string.h>

#include "check_report.h"

/* The document, whose text is handed on after each function. */
struct document {
	xmlTextWriterPtr writer;
	xmlBufferPtr text;
	bool failed;
};

static void judge(struct document *doc, int written)
{
	if (written < 0)
		doc->failed = true;
}

static const xmlChar *utf8(const char *text)
{
	return (const xmlChar *)text;
}

static void open_element(struct document *doc, const char *name)
{
	judge(doc, xmlTextWriterStartElement(doc->writer, utf8(name)));
}

static void close_element(struct document *doc)
{
	judge(doc, xmlTextWriterEndElement(doc->writer));
}

static void attribute(struct document *doc, const char *name, const char *value)
{
	judge(doc, xmlTextWriterWriteAttribute(doc->writer, utf8(name), utf8(value)));
}

static void number(struct document *doc, const char *name, unsigned long val)
{
	judge(doc,
	      xmlTextWriterWriteFormatAttribute(doc->writer, utf8(name), "%lu", val));
}

static void line(struct document *doc, const char *before, const char *text)
{
	judge(doc, xmlTextWriterWriteFormatString(doc->writer, "%s: %s\n", before, text));
}

static void property(struct document *doc, const char *name, const char *value)
{
	open_element(doc, "property");
	attribute(doc, "name", name);
	attribute(doc, "value", value);
	close_element(doc);
}

/*
 * Bytes of the UTF-8 character at @s; 0 where there is none, or one that XML 1.0
 * (section 2.2) does not allow or that is a control character.
 */
static unsigned character(const unsigned char *s)
{
	static const uint32_t least[] = { 0, 0x20, 0xa0, 0x800, 0x10000 };
	unsigned len = *s < 0x80 ? 1 : *s < 0xe0 ? 2 : *s < 0xf0 ? 3 : 4;
	uint32_t code = len == 1 ? *s : *s & 0x7fu >> len;

	if ((*s >= 0x80 && *s < 0xc0) || *s >= 0xf8 || *s == 0x7f)
		return 0;
	for (unsigned i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (s[i] & 0x3fu);
	}
	if (code < least[len] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ||
	    code == 0xfffe || code == 0xffff)
		return 0;
	return len;
}

/* A name from outside, with a question mark for each byte that XML does not allow. */
static char *clean(const char *name)
{
	char *copy = strdup(name);
	unsigned len;

	for (char *p = copy; p && *p; p += len) {
		len = character((const unsigned char *)p);
		if (!len) {
			*p = '?';
			len = 1;
		}
	}
	return copy;
}

/* Hand on what was written since the last time; 0 or -CAPGAP_E_NOMEM. */
static int hand_on(struct capgap_check_report *rep)
{
	struct document *doc = rep->state;

	judge(doc, xmlTextWriterFlush(doc->writer));
	if (doc->failed)
		return -CAPGAP_E_NOMEM;
	fwrite(xmlBufferContent(doc->text), 1, (size_t)xmlBufferLength(doc->text),
	       rep->base.out);
	xmlBufferEmpty(doc->text);
	return 0;
}

static int begin(struct capgap_check_report *rep)
{
	struct document *doc = calloc(1, sizeof(*doc));

	rep->state = doc;
	if (!doc)
		return -CAPGAP_E_NOMEM;
	doc->text = xmlBufferCreate();
	if (doc->text)
		doc->writer = xmlNewTextWriterMemory(doc->text, 0);
	if (!doc->writer)
		return -CAPGAP_E_NOMEM;
	judge(doc, xmlTextWriterSetIndent(doc->writer, 1));
	judge(doc, xmlTextWriterStartDocument(doc->writer, NULL, "UTF-8", NULL));
	open_element(doc, "testsuites");
	attribute(doc, "name", "capgap check");
	return hand_on(rep);
}

/* The results of one rule, as capgap_check_next(). */
static unsigned next_of(const struct capgap_check_answer *ans, int kind, unsigned from,
			struct capgap_check_result *result)
{
	while ((from = capgap_check_next(ans, from, result))) {
		if (result->hit->kind == kind)
			return from;
	}
	return 0;
}

/* All results of one rule as an element: a failure for errors, else output. */
static void write_results(struct document *doc, const struct capgap_check_answer *ans,
			  const struct capgap_check_result *first)
{
	struct capgap_check_result result;
	char text[CAPGAP_CHECK_SENTENCE];
	int kind = first->hit->kind;

	if (first->level == CAPGAP_LEVEL_ERROR) {
		open_element(doc, "failure");
		attribute(doc, "type", first->row->name);
		attribute(doc, "message", capgap_check_sentence(ans, first, text));
	} else {
		open_element(doc, "system-out");
	}
	for (unsigned i = 0; (i = next_of(ans, kind, i, &result));)
		line(doc, capgap_level_name(result.level),
		     capgap_check_sentence(ans, &result, text));
	line(doc, "rests on", first->row->rule);
	close_element(doc);
}

static void write_case(struct document *doc, const struct capgap_check_answer *ans,
		       int kind, const char *class_name)
{
	struct capgap_check_result first;

	open_element(doc, "testcase");
	attribute(doc, "name", capgap_finding_get((unsigned)kind)->name);
	attribute(doc, "classname", class_name);
	if (ans->levels->of[kind] == CAPGAP_CHECK_OFF) {
		open_element(doc, "skipped");
		attribute(doc, "message", "switched off");
		close_element(doc);
	} else if (next_of(ans, kind, 0, &first)) {
		write_results(doc, ans, &first);
	}
	close_element(doc);
}

/* How many rules there are, are switched off, and are broken with level error. */
static void write_counts(struct document *doc, const struct capgap_check_answer *ans)
{
	struct capgap_check_result result;
	unsigned failures = 0;
	unsigned skipped = 0;
	unsigned tests;
	int kind;

	for (tests = 0; (kind = capgap_check_rule(tests)) >= 0; tests++) {
		skipped += ans->levels->of[kind] == CAPGAP_CHECK_OFF;
		failures += ans->levels->of[kind] == CAPGAP_LEVEL_ERROR &&
			    next_of(ans, kind, 0, &result);
	}
	number(doc, "tests", tests);
	number(doc, "failures", failures);
	number(doc, "errors", 0);
	number(doc, "skipped", skipped);
}

static void write_properties(struct document *doc, const struct capgap_answer *ans,
			     const char *source)
{
	const struct capgap_function *fn = ans->fn;
	char text[16];

	open_element(doc, "properties");
	property(doc, "source", source);
	snprintf(text, sizeof(text), "%u", ans->machine);
	property(doc, "machine", text);
	if (fn->id_from != CAPGAP_ID_NONE) {
		snprintf(text, sizeof(text), "%04x:%04x", fn->vendor, fn->device);
		property(doc, "ids", text);
	}
	close_element(doc);
}

static int answer(struct capgap_check_report *rep, const struct capgap_check_answer *ans)
{
	const struct capgap_function *fn = ans->base.fn;
	struct document *doc = rep->state;
	char *source = clean(ans->base.source);
	char bdf[CAPGAP_BDF_TEXT];
	const char *name = source;
	int kind;

	if (!source)
		return -CAPGAP_E_NOMEM;
	if (fn->meta.flags & CAPGAP_META_BDF)
		name = capgap_bdf_format(&fn->meta.bdf, bdf);
	open_element(doc, "testsuite");
	attribute(doc, "name", name);
	write_counts(doc, ans);
	write_properties(doc, &ans->base, source);
	for (unsigned n = 0; (kind = capgap_check_rule(n)) >= 0; n++)
		write_case(doc, ans, kind, name);
	close_element(doc);
	free(source);
	return hand_on(rep);
}

/* Input that could not be read is an error of the run, not a failure of a rule. */
static void write_trouble(struct document *doc)
{
	open_element(doc, "testsuite");
	attribute(doc, "name", "input");
	number(doc, "tests", 1);
	number(doc, "failures", 0);
	number(doc, "errors", 1);
	number(doc, "skipped", 0);
	open_element(doc, "testcase");
	attribute(doc, "name", "readable");
	attribute(doc, "classname", "input");
	open_element(doc, "error");
	attribute(doc, "message", "some input was unusable");
	close_element(doc);
	close_element(doc);
	close_element(doc);
}

static int end(struct capgap_check_report *rep)
{
	struct document *doc = rep->state;
	int rc = 0;

	if (!doc)
		return 0;
	if (doc->writer) {
		if (rep->trouble)
			write_trouble(doc);
		judge(doc, xmlTextWriterEndDocument(doc->writer));
		rc = hand_on(rep);
		xmlFreeTextWriter(doc->writer);
	}
	xmlBufferFree(doc->text);
	free(doc);
	rep->state = NULL;
	return rc;
}

const struct capgap_check_reporter capgap_check_junit = {
	.name = "junit",
	.help = "JUnit XML, a test suite a function, a test case a rule",
	.begin = begin,
	.answer = answer,
	.end = end,
};
