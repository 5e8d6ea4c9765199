/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Quirk files through libxml2: bytes to a bounded tree, and the RELAX NG schema. */
#include "quirks_xml.h"

#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/relaxng.h>
#include <libxml/xmlerror.h>
#include <libxml/xmlschemastypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define RELAXNG_NAMESPACE "http://relaxng.org/ns/structure/1.0"

/* Handlers of errors take a pointer to const since libxml2 2.12. */
#if LIBXML_VERSION >= 21200
typedef const xmlError *error_ptr;
#else
typedef xmlErrorPtr error_ptr;
#endif

/*
 * No network. No entity is expanded (XML_PARSE_NOENT) and no DTD is loaded,
 * because these are not set; a document type declaration ends the parse anyway.
 * The bytes are UTF-8, whatever they say of themselves.
 */
#define PARSE_OPTIONS                                                                    \
	(XML_PARSE_NONET | XML_PARSE_NOCDATA | XML_PARSE_BIG_LINES | XML_PARSE_IGNORE_ENC)

/**
 * struct watch - what libxml2 complains of
 * @failed: there was an error
 * @no_memory: it was for want of memory
 * @doctype: the parse was ended at a document type declaration
 * @deep: the parse was ended at an element below CAPGAP_QUIRKS_DEPTH_MAX levels
 * @line: line of the first error
 * @text: its message
 */
struct watch {
	bool failed;
	bool no_memory;
	bool doctype;
	bool deep;
	unsigned long line;
	char text[160];
};

struct capgap_quirks_schema {
	xmlRelaxNGPtr relaxng;
};

/* Keep the first error, in one line without its full stop or line end. */
static void note(struct watch *watch, error_ptr error)
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

static void on_error(void *data, error_ptr error)
{
	note(data, error);
}

static void on_parser_error(void *data, error_ptr error)
{
	const xmlParserCtxt *ctxt = data;

	note(ctxt->_private, error);
}

/* End the parse here. */
static void stop(xmlParserCtxt *ctxt)
{
	struct watch *watch = ctxt->_private;

	watch->line = ctxt->input && ctxt->input->line > 0 ?
			      (unsigned long)ctxt->input->line :
			      1;
	xmlStopParser(ctxt);
}

/* Called at <!DOCTYPE, before anything in it is looked at. */
static void on_doctype(void *data, const xmlChar *name, const xmlChar *external_id,
		       const xmlChar *system_id)
{
	xmlParserCtxt *ctxt = data;
	struct watch *watch = ctxt->_private;

	(void)name;
	(void)external_id;
	(void)system_id;
	watch->doctype = true;
	stop(ctxt);
}

/* Called at each start tag. */
static void on_element(void *data, const xmlChar *name, const xmlChar *prefix,
		       const xmlChar *uri, int n_namespaces, const xmlChar **namespaces,
		       int n_attributes, int n_defaulted, const xmlChar **attributes)
{
	xmlParserCtxt *ctxt = data;
	struct watch *watch = ctxt->_private;

	if (ctxt->nodeNr < (int)CAPGAP_QUIRKS_DEPTH_MAX) {
		xmlSAX2StartElementNs(ctxt, name, prefix, uri, n_namespaces, namespaces,
				      n_attributes, n_defaulted, attributes);
		return;
	}
	watch->deep = true;
	stop(ctxt);
}

/* What libxml2 makes once for all threads, and not under a lock. */
static void prepare(void)
{
	xmlInitParser();
	xmlSchemaInitTypes();
	xmlRelaxNGInitTypes();
}

/**
 * struct guard - the error handler of this thread, while ours stands in
 * @handler: it
 * @data: its first argument
 */
struct guard {
	xmlStructuredErrorFunc handler;
	void *data;
};

/* Errors that libxml2 raises for no context of ours would go to the standard error. */
static struct guard guard_begin(struct watch *watch)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct guard guard;

	pthread_once(&once, prepare);
	guard = (struct guard){ xmlStructuredError, xmlStructuredErrorContext };
	xmlSetStructuredErrorFunc(watch, on_error);
	return guard;
}

static void guard_end(const struct guard *guard)
{
	xmlSetStructuredErrorFunc(guard->data, guard->handler);
}

/* Why there is no tree. */
static int parse_fault(struct capgap_quirks_input *in, const struct watch *watch)
{
	if (watch->doctype)
		capgap_quirks_fault(
			in, CAPGAP_E_FORMAT, watch->line,
			"a document type declaration (<!DOCTYPE) is not allowed here");
	else if (watch->deep)
		capgap_quirks_fault(in, CAPGAP_E_FORMAT, watch->line,
				    "elements are nested deeper than %u levels",
				    CAPGAP_QUIRKS_DEPTH_MAX);
	else if (watch->no_memory || !watch->failed)
		return -CAPGAP_E_NOMEM;
	else
		capgap_quirks_fault(in, CAPGAP_E_FORMAT, watch->line,
				    "expected well-formed XML: %s", watch->text);
	return -CAPGAP_E_FORMAT;
}

/* Bytes to a tree: well-formed, without DTD, of bounded depth. */
static int parse(struct capgap_quirks_input *in, xmlDoc **out)
{
	struct watch watch = { 0 };
	struct guard guard = guard_begin(&watch);
	xmlParserCtxt *ctxt = xmlNewParserCtxt();
	xmlDoc *doc = NULL;
	int ret = -CAPGAP_E_NOMEM;

	if (!ctxt)
		goto out;
	ctxt->_private = &watch;
	ctxt->sax->serror = on_parser_error;
	ctxt->sax->internalSubset = on_doctype;
	ctxt->sax->startElementNs = on_element;
	doc = xmlCtxtReadMemory(ctxt, in->text, (int)in->len, NULL, NULL, PARSE_OPTIONS);
	if (!doc || watch.failed || watch.doctype || watch.deep ||
	    !xmlDocGetRootElement(doc)) {
		ret = parse_fault(in, &watch);
	} else {
		ret = 0;
		*out = doc;
		doc = NULL;
	}
out:
	xmlFreeDoc(doc);
	xmlFreeParserCtxt(ctxt);
	guard_end(&guard);
	return ret;
}

static const xmlNode *first_element(const xmlNode *node)
{
	while (node && node->type != XML_ELEMENT_NODE)
		node = node->next;
	return node;
}

/* The next element in document order. */
static const xmlNode *next_element(const xmlNode *node)
{
	const xmlNode *next = first_element(node->children);

	for (; !next && node && node->type == XML_ELEMENT_NODE; node = node->parent)
		next = first_element(node->next);
	return next;
}

/* A schema that takes in another file would have libxml2 open it, from a network even. */
static bool refers_outside(struct capgap_quirks_input *in, const xmlNode *root)
{
	for (const xmlNode *node = root; node; node = next_element(node)) {
		const char *name = (const char *)node->name;

		if (!node->ns ||
		    strcmp((const char *)node->ns->href, RELAXNG_NAMESPACE) != 0 ||
		    (strcmp(name, "include") != 0 && strcmp(name, "externalRef") != 0))
			continue;
		capgap_quirks_fault(in, CAPGAP_E_FORMAT,
				    (unsigned long)xmlGetLineNo(node),
				    "the schema may not refer to another file");
		return true;
	}
	return false;
}

/* A tree to a schema. */
static xmlRelaxNGPtr compile(xmlDoc *doc, struct watch *watch)
{
	struct guard guard = guard_begin(watch);
	xmlRelaxNGParserCtxtPtr ctxt = xmlRelaxNGNewDocParserCtxt(doc);
	xmlRelaxNGPtr relaxng = NULL;

	if (ctxt) {
		xmlRelaxNGSetParserStructuredErrors(ctxt, on_error, watch);
		relaxng = xmlRelaxNGParse(ctxt);
	} else {
		watch->no_memory = true;
	}
	xmlRelaxNGFreeParserCtxt(ctxt);
	guard_end(&guard);
	return relaxng;
}

int capgap_quirks_schema_read(struct capgap_quirks_input *in,
			      struct capgap_quirks_schema **schema)
{
	struct capgap_quirks_schema *made = calloc(1, sizeof(*made));
	struct watch watch = { 0 };
	xmlDoc *doc = NULL;
	int ret = made ? parse(in, &doc) : -CAPGAP_E_NOMEM;

	if (!ret && refers_outside(in, xmlDocGetRootElement(doc)))
		ret = -CAPGAP_E_FORMAT;
	if (ret)
		goto out;
	made->relaxng = compile(doc, &watch);
	if (made->relaxng && !watch.failed && !watch.no_memory) {
		*schema = made;
		made = NULL;
	} else if (watch.no_memory) {
		ret = -CAPGAP_E_NOMEM;
	} else {
		ret = -CAPGAP_E_FORMAT;
		capgap_quirks_fault(in, CAPGAP_E_FORMAT, watch.failed ? watch.line : 1,
				    "expected a RELAX NG schema: %s", watch.text);
	}
out:
	xmlFreeDoc(doc);
	capgap_quirks_schema_free(made);
	return ret;
}

void capgap_quirks_schema_free(struct capgap_quirks_schema *schema)
{
	if (!schema)
		return;
	xmlRelaxNGFree(schema->relaxng);
	free(schema);
}

static int validate(struct capgap_quirks_input *in,
		    const struct capgap_quirks_schema *schema, xmlDoc *doc)
{
	struct watch watch = { 0 };
	struct guard guard = guard_begin(&watch);
	xmlRelaxNGValidCtxtPtr ctxt = xmlRelaxNGNewValidCtxt(schema->relaxng);
	int valid = -1;

	if (ctxt) {
		xmlRelaxNGSetValidStructuredErrors(ctxt, on_error, &watch);
		valid = xmlRelaxNGValidateDoc(ctxt, doc);
	}
	xmlRelaxNGFreeValidCtxt(ctxt);
	guard_end(&guard);
	if (!valid)
		return 0;
	if (watch.no_memory || (valid < 0 && !watch.failed))
		return -CAPGAP_E_NOMEM;
	capgap_quirks_fault(in, CAPGAP_E_FORMAT, watch.failed ? watch.line : 1,
			    "the schema does not allow this: %s",
			    watch.failed ? watch.text : "no reason given");
	return -CAPGAP_E_FORMAT;
}

int capgap_quirks_xml_read(struct capgap_quirks_input *in,
			   const struct capgap_quirks_schema *schema,
			   struct capgap_rows *rows)
{
	xmlDoc *doc = NULL;
	int ret = parse(in, &doc);

	/* Our own checks first: they say better what is wrong, and bound what the schema sees. */
	if (!ret)
		ret = capgap_quirks_tree_rows(in, xmlDocGetRootElement(doc), rows);
	if (!ret)
		ret = validate(in, schema, doc);
	xmlFreeDoc(doc);
	return ret;
}
