/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Quirk files through libxml2: bytes to a bounded tree, and the RELAX NG schema. */
#include "quirks_xml.h"

#include <libxml/relaxng.h>
#include <stdlib.h>
#include <string.h>

#include "xmltree.h"

#define RELAXNG_NAMESPACE "http://relaxng.org/ns/structure/1.0"

struct capgap_quirks_schema {
	xmlRelaxNGPtr relaxng;
};

/* Bytes to a tree: well-formed, without DTD, of bounded depth. */
static int parse(struct capgap_quirks_input *in, xmlDoc **out)
{
	struct capgap_err err;
	int ret = capgap_xmltree_parse(in->text, in->len, CAPGAP_QUIRKS_DEPTH_MAX, &err,
				       out);

	if (ret == -CAPGAP_E_FORMAT)
		capgap_quirks_fault(in, err.code, err.line, "%s", err.text);
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
static xmlRelaxNGPtr compile(xmlDoc *doc, struct capgap_xmltree_watch *watch)
{
	struct capgap_xmltree_guard guard = capgap_xmltree_guard_begin(watch);
	xmlRelaxNGParserCtxtPtr ctxt = xmlRelaxNGNewDocParserCtxt(doc);
	xmlRelaxNGPtr relaxng = NULL;

	if (ctxt) {
		xmlRelaxNGSetParserStructuredErrors(ctxt, capgap_xmltree_on_error, watch);
		relaxng = xmlRelaxNGParse(ctxt);
	} else {
		watch->no_memory = true;
	}
	xmlRelaxNGFreeParserCtxt(ctxt);
	capgap_xmltree_guard_end(&guard);
	return relaxng;
}

int capgap_quirks_schema_read(struct capgap_quirks_input *in,
			      struct capgap_quirks_schema **schema)
{
	struct capgap_quirks_schema *made = calloc(1, sizeof(*made));
	struct capgap_xmltree_watch watch = { 0 };
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
	struct capgap_xmltree_watch watch = { 0 };
	struct capgap_xmltree_guard guard = capgap_xmltree_guard_begin(&watch);
	xmlRelaxNGValidCtxtPtr ctxt = xmlRelaxNGNewValidCtxt(schema->relaxng);
	int valid = -1;

	if (ctxt) {
		xmlRelaxNGSetValidStructuredErrors(ctxt, capgap_xmltree_on_error, &watch);
		valid = xmlRelaxNGValidateDoc(ctxt, doc);
	}
	xmlRelaxNGFreeValidCtxt(ctxt);
	capgap_xmltree_guard_end(&guard);
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
