/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One element of a quirk file: its form, its attributes and the values in them. */
#include "quirks_xml.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void capgap_xml_fault(struct capgap_xml_reader *r, const xmlNode *node, const char *fmt,
		      ...)
{
	long line = xmlGetLineNo(node);
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	capgap_quirks_fault(r->in, CAPGAP_E_FORMAT, line > 0 ? (unsigned long)line : 1,
			    "%s", text);
}

bool capgap_xml_no_memory(struct capgap_xml_reader *r)
{
	r->no_memory = true;
	return false;
}

const char *capgap_xml_name(const xmlNode *node)
{
	return (const char *)node->name;
}

/* The value of an attribute, NULL when it is not there. */
const char *capgap_element_get(const struct capgap_element *e, const char *name)
{
	for (unsigned i = 0; i < CAPGAP_ATTRS_MAX && e->shape->attr[i]; i++) {
		if (!strcmp(e->shape->attr[i], name))
			return (const char *)e->value[i];
	}
	return NULL;
}

bool capgap_element_bad(struct capgap_xml_reader *r, const struct capgap_element *e,
			const char *attr, const char *expected)
{
	const char *value = capgap_element_get(e, attr);

	capgap_xml_fault(r, e->node, "<%s> %s=\"" CAPGAP_SHOWN "\": expected %s",
			 e->shape->name, attr, CAPGAP_SHOW(value), expected);
	return false;
}

/* "vendor, device, ..." */
static const char *list_names(const struct capgap_xml_shape *shape, char *buf, size_t len)
{
	size_t n = 0;

	snprintf(buf, len, "none");
	for (unsigned i = 0; i < CAPGAP_ATTRS_MAX && shape->attr[i] && n < len; i++)
		n += (size_t)snprintf(buf + n, len - n, "%s%s", i ? ", " : "",
				      shape->attr[i]);
	return buf;
}

/* Every attribute is one that the shape has. */
static bool check_attributes(struct capgap_xml_reader *r, const struct capgap_element *e)
{
	char names[80];

	for (const xmlAttr *a = e->node->properties; a; a = a->next) {
		const char *name = (const char *)a->name;
		bool known = false;

		for (unsigned i = 0; !a->ns && i < CAPGAP_ATTRS_MAX && e->shape->attr[i];
		     i++)
			known = known || !strcmp(e->shape->attr[i], name);
		if (known)
			continue;
		capgap_xml_fault(r, e->node,
				 "<%s> has no attribute %s%s" CAPGAP_SHOWN
				 "; expected %s",
				 e->shape->name,
				 a->ns && a->ns->prefix ? (const char *)a->ns->prefix :
							  "",
				 a->ns && a->ns->prefix ? ":" : "", CAPGAP_SHOW(name),
				 list_names(e->shape, names, sizeof(names)));
		return false;
	}
	return true;
}

static const xmlAttr *find_attribute(const xmlNode *node, const char *name)
{
	const xmlAttr *a = node->properties;

	while (a && strcmp((const char *)a->name, name) != 0)
		a = a->next;
	return a;
}

static bool take_attributes(struct capgap_xml_reader *r, struct capgap_element *e)
{
	const struct capgap_xml_shape *shape = e->shape;

	if (!check_attributes(r, e))
		return false;
	for (unsigned i = 0; i < CAPGAP_ATTRS_MAX && shape->attr[i]; i++) {
		const xmlAttr *a = find_attribute(e->node, shape->attr[i]);

		if (!a && i < shape->n_required) {
			capgap_xml_fault(r, e->node, "<%s> needs the attribute %s",
					 shape->name, shape->attr[i]);
			return false;
		}
		if (!a)
			continue;
		e->value[i] = xmlGetNoNsProp(e->node, a->name);
		if (!e->value[i])
			return capgap_xml_no_memory(r);
	}
	return true;
}

/* Text and elements stand only where the shape has them. */
static bool check_content(struct capgap_xml_reader *r, const struct capgap_element *e)
{
	const struct capgap_xml_shape *shape = e->shape;

	for (const xmlNode *node = e->node->children; node; node = node->next) {
		switch (node->type) {
		case XML_COMMENT_NODE:
		case XML_PI_NODE:
			break;
		case XML_TEXT_NODE:
			if (shape->text != CAPGAP_TEXT_NONE || xmlIsBlankNode(node))
				break;
			capgap_xml_fault(r, e->node, "<%s> takes no text", shape->name);
			return false;
		case XML_ELEMENT_NODE:
			if (shape->parent)
				break;
			capgap_xml_fault(r, node,
					 "<%s> takes no elements; found <" CAPGAP_SHOWN
					 ">",
					 shape->name, CAPGAP_SHOW(capgap_xml_name(node)));
			return false;
		default:
			capgap_xml_fault(r, e->node,
					 "<%s> holds what is neither text nor element",
					 shape->name);
			return false;
		}
	}
	return true;
}

/* The text of an element into its row; "" where it has none. */
const char *capgap_element_text(struct capgap_xml_reader *r, struct capgap_row *row,
				const struct capgap_element *e)
{
	const char *kept = capgap_row_keep(row, e->text ? (const char *)e->text : "");

	if (!kept) {
		capgap_xml_no_memory(r);
	} else if (strlen(kept) > CAPGAP_QUIRK_TEXT_MAX) {
		capgap_xml_fault(r, e->node, "<%s>: the text is longer than %u bytes",
				 e->shape->name, CAPGAP_QUIRK_TEXT_MAX);
		kept = NULL;
	} else if (!*kept && e->shape->text == CAPGAP_TEXT_MUST) {
		capgap_xml_fault(r, e->node,
				 "<%s> is empty; expected a text that says why",
				 e->shape->name);
		kept = NULL;
	}
	return kept;
}

void capgap_element_close(struct capgap_element *e)
{
	for (unsigned i = 0; i < CAPGAP_ATTRS_MAX; i++)
		xmlFree(e->value[i]);
	xmlFree(e->text);
}

/* Take attributes and text of a node; close it in any case. */
bool capgap_element_open(struct capgap_xml_reader *r, struct capgap_element *e,
			 const xmlNode *node, const struct capgap_xml_shape *shape)
{
	*e = (struct capgap_element){ .node = node, .shape = shape };
	if (!take_attributes(r, e) || !check_content(r, e))
		return false;
	if (shape->text == CAPGAP_TEXT_NONE)
		return true;
	e->text = xmlNodeGetContent(node);
	return e->text || capgap_xml_no_memory(r);
}

/* A number of an element up to @max; a fault says what was expected. */
bool capgap_element_number(struct capgap_xml_reader *r, const struct capgap_element *e,
			   const char *attr, uint32_t min, uint32_t max, uint32_t *val)
{
	char expected[64];

	if (capgap_number_parse(capgap_element_get(e, attr), max, val) && *val >= min)
		return true;
	snprintf(expected, sizeof(expected), "a number from 0x%x to 0x%x", (unsigned)min,
		 (unsigned)max);
	return capgap_element_bad(r, e, attr, expected);
}

/* One id in hex. */
bool capgap_element_id(struct capgap_xml_reader *r, const struct capgap_element *e,
		       const char *attr, uint16_t *id)
{
	uint32_t val;

	if (!capgap_id_parse(capgap_element_get(e, attr), UINT16_MAX, &val))
		return capgap_element_bad(r, e, attr, "a hex id such as 0x1da3");
	*id = (uint16_t)val;
	return true;
}

/* One of a few words; its number goes to @val. An absent attribute leaves it. */
bool capgap_element_word(struct capgap_xml_reader *r, const struct capgap_element *e,
			 const char *attr, const char *const *words, unsigned *val)
{
	const char *text = capgap_element_get(e, attr);
	char expected[64];
	size_t n = 0;

	if (!text)
		return true;
	for (unsigned i = 0; words[i]; i++) {
		if (!strcmp(words[i], text)) {
			*val = i;
			return true;
		}
	}
	for (unsigned i = 0; words[i] && n < sizeof(expected); i++)
		n += (size_t)snprintf(expected + n, sizeof(expected) - n, "%s%s",
				      i ? ", " : "", words[i]);
	return capgap_element_bad(r, e, attr, expected);
}

/* A set of ids; an absent attribute stands for all. */
bool capgap_element_ids(struct capgap_xml_reader *r, const struct capgap_element *e,
			const char *attr, uint16_t max, bool runs, struct capgap_ids *ids)
{
	const char *text = capgap_element_get(e, attr);
	int ret = text ? capgap_ids_parse(text, max, runs, ids) : 0;

	if (ret == -CAPGAP_E_NOMEM)
		return capgap_xml_no_memory(r);
	if (!ret)
		return true;
	return capgap_element_bad(
		r, e, attr,
		runs ? "* or hex ids and ranges such as 0x10,0x20-0x2f" :
		       "* or hex ids such as 0x8086,0x1da3");
}

/* The name of an element of ours; a fault and NULL for that of another namespace. */
const char *capgap_xml_own_name(struct capgap_xml_reader *r, const xmlNode *node)
{
	const char *uri = node->ns ? (const char *)node->ns->href : NULL;

	if (uri && !strcmp(uri, CAPGAP_QUIRKS_NAMESPACE))
		return capgap_xml_name(node);
	capgap_xml_fault(r, node,
			 "<" CAPGAP_SHOWN "> is in namespace \"" CAPGAP_SHOWN
			 "\"; expected " CAPGAP_QUIRKS_NAMESPACE,
			 CAPGAP_SHOW(capgap_xml_name(node)), CAPGAP_SHOW(uri ? uri : ""));
	return NULL;
}

const xmlNode *capgap_xml_first(const xmlNode *node)
{
	while (node && node->type != XML_ELEMENT_NODE)
		node = node->next;
	return node;
}
