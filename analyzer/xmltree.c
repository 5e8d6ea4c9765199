/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes from outside to a bounded tree of libxml2. */
#include "xmltree.h"

#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/relaxng.h>
#include <libxml/xmlschemastypes.h>
#include <pthread.h>
#include <string.h>

/*
 * No network. No entity is expanded (XML_PARSE_NOENT) and no DTD is loaded,
 * because these are not set; a document type declaration ends the parse anyway.
 * The bytes are UTF-8, whatever they say of themselves; libxml2 is told so, or it would
 * take some for EBCDIC by their start.
 */
#define PARSE_OPTIONS                                                                    \
	(XML_PARSE_NONET | XML_PARSE_NOCDATA | XML_PARSE_BIG_LINES | XML_PARSE_IGNORE_ENC)

/**
 * struct parse - one parse
 * @watch: what libxml2 complains of
 * @depth_max: levels of elements
 * @doctype: it was ended at a document type declaration
 * @deep: it was ended at an element that is too deep
 */
struct parse {
	struct capgap_xmltree_watch watch;
	unsigned depth_max;
	bool doctype;
	bool deep;
};

/* Keep the first error, in one line without its full stop or line end. */
static void note(struct capgap_xmltree_watch *watch, capgap_xmltree_error error)
{
	size_t n = 0;

	if (error->code == XML_ERR_NO_MEMORY)
		watch->no_memory = true;
	if (error->level < XML_ERR_ERROR || watch->failed)
		return;
	watch->failed = true;
	watch->line = error->line > 0 ? (unsigned long)error->line : 1;
	for (const char *p = error->message; p && *p && n < sizeof(watch->text) - 1; p++)
		watch->text[n++] = (unsigned char)*p < ' ' ? ' ' : *p;
	while (n && (watch->text[n - 1] == ' ' || watch->text[n - 1] == '.'))
		n--;
	watch->text[n] = '\0';
}

void capgap_xmltree_on_error(void *watch, capgap_xmltree_error error)
{
	note(watch, error);
}

static void on_parser_error(void *data, capgap_xmltree_error error)
{
	const xmlParserCtxt *ctxt = data;
	struct parse *parse = ctxt->_private;

	note(&parse->watch, error);
}

/* End the parse here. */
static void stop(xmlParserCtxt *ctxt)
{
	struct parse *parse = ctxt->_private;

	parse->watch.line = ctxt->input && ctxt->input->line > 0 ?
				    (unsigned long)ctxt->input->line :
				    1;
	xmlStopParser(ctxt);
}

/* Called at <!DOCTYPE, before anything in it is looked at. */
static void on_doctype(void *data, const xmlChar *name, const xmlChar *external_id,
		       const xmlChar *system_id)
{
	xmlParserCtxt *ctxt = data;
	struct parse *parse = ctxt->_private;

	(void)name;
	(void)external_id;
	(void)system_id;
	parse->doctype = true;
	stop(ctxt);
}

/* Called at each start tag. */
static void on_element(void *data, const xmlChar *name, const xmlChar *prefix,
		       const xmlChar *uri, int n_namespaces, const xmlChar **namespaces,
		       int n_attributes, int n_defaulted, const xmlChar **attributes)
{
	xmlParserCtxt *ctxt = data;
	struct parse *parse = ctxt->_private;

	if (ctxt->nodeNr < (int)parse->depth_max) {
		xmlSAX2StartElementNs(ctxt, name, prefix, uri, n_namespaces, namespaces,
				      n_attributes, n_defaulted, attributes);
		return;
	}
	parse->deep = true;
	stop(ctxt);
}

/* What libxml2 makes once for all threads, and not under a lock. */
static void prepare(void)
{
	xmlInitParser();
	xmlSchemaInitTypes();
	xmlRelaxNGInitTypes();
}

struct capgap_xmltree_guard capgap_xmltree_guard_begin(struct capgap_xmltree_watch *watch)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct capgap_xmltree_guard guard;

	pthread_once(&once, prepare);
	guard = (struct capgap_xmltree_guard){ xmlStructuredError,
					       xmlStructuredErrorContext };
	xmlSetStructuredErrorFunc(watch, capgap_xmltree_on_error);
	return guard;
}

void capgap_xmltree_guard_end(const struct capgap_xmltree_guard *guard)
{
	xmlSetStructuredErrorFunc(guard->data, guard->handler);
}

/* Why there is no tree. */
static int parse_fault(const struct parse *parse, struct capgap_err *err)
{
	const struct capgap_xmltree_watch *watch = &parse->watch;

	if (parse->doctype)
		return capgap_err_set(
			err, CAPGAP_E_FORMAT, watch->line,
			"a document type declaration (<!DOCTYPE) is not allowed here");
	if (parse->deep)
		return capgap_err_set(err, CAPGAP_E_FORMAT, watch->line,
				      "elements are nested deeper than %u levels",
				      parse->depth_max);
	if (watch->no_memory || !watch->failed)
		return -CAPGAP_E_NOMEM;
	return capgap_err_set(err, CAPGAP_E_FORMAT, watch->line,
			      "expected well-formed XML: %s", watch->text);
}

/*
 * Refuse what libxml2 would take too long for, or would not read. It compares each attribute
 * with those before it. No start tag has a '<' inside, whatever else is wrong with the
 * text, so what stands between two of them bounds the attributes, also where it is a
 * comment. libxml2 ends at a NUL byte without a word.
 */
static int check_bytes(const char *text, size_t len, struct capgap_err *err)
{
	unsigned long line = 1;
	unsigned long start = 1;
	unsigned n = 0;
	bool equals = false;

	for (size_t i = 0; i < len; i++) {
		if (!text[i])
			return capgap_err_set(err, CAPGAP_E_FORMAT, line,
					      "a NUL byte is not allowed in XML");
		line += text[i] == '\n';
		if (text[i] == '<') {
			start = line;
			n = 0;
		}
		n += equals && (text[i] == '"' || text[i] == '\'');
		if (n > CAPGAP_XMLTREE_ATTRIBUTES_MAX)
			return capgap_err_set(err, CAPGAP_E_FORMAT, start,
					      "more than %u attributes before the next "
					      "element",
					      CAPGAP_XMLTREE_ATTRIBUTES_MAX);
		equals = text[i] == '=' || (equals && strchr(" \t\r\n", text[i]));
	}
	return 0;
}

int capgap_xmltree_parse(const char *text, size_t len, unsigned depth_max,
			 struct capgap_err *err, xmlDoc **doc)
{
	struct parse parse = { .depth_max = depth_max };
	struct capgap_xmltree_guard guard = capgap_xmltree_guard_begin(&parse.watch);
	xmlParserCtxt *ctxt = NULL;
	xmlDoc *made = NULL;
	int ret = check_bytes(text, len, err);

	if (ret)
		goto out;
	ret = -CAPGAP_E_NOMEM;
	ctxt = xmlNewParserCtxt();
	if (!ctxt)
		goto out;
	ctxt->_private = &parse;
	ctxt->sax->serror = on_parser_error;
	ctxt->sax->internalSubset = on_doctype;
	ctxt->sax->startElementNs = on_element;
	made = xmlCtxtReadMemory(ctxt, text, (int)len, NULL, "UTF-8", PARSE_OPTIONS);
	if (!made || parse.watch.failed || parse.doctype || parse.deep ||
	    !xmlDocGetRootElement(made)) {
		ret = parse_fault(&parse, err);
	} else {
		ret = 0;
		*doc = made;
		made = NULL;
	}
out:
	xmlFreeDoc(made);
	xmlFreeParserCtxt(ctxt);
	capgap_xmltree_guard_end(&guard);
	return ret;
}
