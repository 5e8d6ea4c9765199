/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A quirk file as a tree of libxml2. Only for quirks_xml*.c. */
#ifndef CAPGAP_QUIRKS_XML_H
#define CAPGAP_QUIRKS_XML_H

#include <libxml/tree.h>

#include "quirks_table.h"

/* Namespace of quirk files. */
#define CAPGAP_QUIRKS_NAMESPACE "urn:capgap:quirks:1"

/* Attributes of an element, at most. */
#define CAPGAP_ATTRS_MAX 6

/* A name or value from the file in a message: printf format and its arguments. */
#define CAPGAP_SHOWN "%.40s%s"
#define CAPGAP_SHOW(text) (text), strlen(text) > 40 ? "..." : ""

/**
 * struct capgap_xml_reader - a file on its way to rows
 * @in: where faults go
 * @no_memory: memory was short: all is given up
 */
struct capgap_xml_reader {
	struct capgap_quirks_input *in;
	bool no_memory;
};

struct capgap_xml_draft;
struct capgap_element;

/* What an element says goes into a row; false after a fault, or for want of memory. */
typedef bool capgap_element_fn(struct capgap_xml_reader *r,
			       struct capgap_xml_draft *draft,
			       const struct capgap_element *e);

/* Whether an element has text. */
enum capgap_text_rule { CAPGAP_TEXT_NONE, CAPGAP_TEXT_MAY, CAPGAP_TEXT_MUST };

/**
 * struct capgap_xml_shape - the form of an element
 * @name: its name
 * @text: whether it has text
 * @parent: it has elements
 * @n_required: of its attributes, the first so many must be there
 * @attr: its attributes
 * @verb: what it says, for an element of a row
 * @read: reads it into a row
 */
struct capgap_xml_shape {
	const char *name;
	enum capgap_text_rule text;
	bool parent;
	unsigned n_required;
	const char *attr[CAPGAP_ATTRS_MAX];
	enum capgap_verb verb;
	capgap_element_fn *read;
};

/**
 * struct capgap_element - an element whose form is right
 * @node: it
 * @shape: what it may have
 * @value: its attributes in the order of the shape, NULL where absent; owned
 * @text: its text, NULL where it takes none; owned
 */
struct capgap_element {
	const xmlNode *node;
	const struct capgap_xml_shape *shape;
	xmlChar *value[CAPGAP_ATTRS_MAX];
	xmlChar *text;
};

/* A fault at a node. */
void capgap_xml_fault(struct capgap_xml_reader *r, const xmlNode *node, const char *fmt,
		      ...) __attribute__((format(printf, 3, 4)));

/* Give up; false, so that a reader can return it. */
bool capgap_xml_no_memory(struct capgap_xml_reader *r);

/* The name of a node. */
const char *capgap_xml_name(const xmlNode *node);

/* As capgap_xml_name(); a fault and NULL for an element of another namespace. */
const char *capgap_xml_own_name(struct capgap_xml_reader *r, const xmlNode *node);

/* @node or the first element behind it on its level; NULL when there is none. */
const xmlNode *capgap_xml_first(const xmlNode *node);

/**
 * capgap_element_open() - check the form of an element, take attributes and text
 * @r: where faults go
 * @e: caller's; to be closed in any case
 * @node: borrowed, for as long as @e
 * @shape: borrowed, for as long as @e
 *
 * Return: false after a fault, or for want of memory.
 */
bool capgap_element_open(struct capgap_xml_reader *r, struct capgap_element *e,
			 const xmlNode *node, const struct capgap_xml_shape *shape);

/* Free what an element holds. */
void capgap_element_close(struct capgap_element *e);

/* The value of an attribute, NULL when it is not there. */
const char *capgap_element_get(const struct capgap_element *e, const char *name);

/* A fault in the value of an attribute that is there; false. */
bool capgap_element_bad(struct capgap_xml_reader *r, const struct capgap_element *e,
			const char *attr, const char *expected);

/* The text of an element as a text of @row, "" for none; NULL after a fault. */
const char *capgap_element_text(struct capgap_xml_reader *r, struct capgap_row *row,
				const struct capgap_element *e);

/* A number from @min to @max; false after a fault. */
bool capgap_element_number(struct capgap_xml_reader *r, const struct capgap_element *e,
			   const char *attr, uint32_t min, uint32_t max, uint32_t *val);

/* An id of 16 bits; false after a fault. */
bool capgap_element_id(struct capgap_xml_reader *r, const struct capgap_element *e,
		       const char *attr, uint16_t *id);

/* The number of one of some words, NULL behind the last; an absent attribute leaves @val. */
bool capgap_element_word(struct capgap_xml_reader *r, const struct capgap_element *e,
			 const char *attr, const char *const *words, unsigned *val);

/* A set of ids up to @max; an absent attribute stands for all. */
bool capgap_element_ids(struct capgap_xml_reader *r, const struct capgap_element *e,
			const char *attr, uint16_t max, bool runs,
			struct capgap_ids *ids);

/**
 * capgap_quirks_tree_rows() - the rows of a tree
 * @in: where faults go
 * @root: its first element; no deeper than CAPGAP_QUIRKS_DEPTH_MAX
 * @rows: empty; those that have no fault are added
 *
 * Nothing rests on the schema: each name, attribute, value and text is checked.
 *
 * Return: 0, -CAPGAP_E_FORMAT with at least one fault, or -CAPGAP_E_NOMEM.
 */
int capgap_quirks_tree_rows(struct capgap_quirks_input *in, const xmlNode *root,
			    struct capgap_rows *rows);

#endif
