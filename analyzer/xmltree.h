/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes from outside to a bounded tree of libxml2. */
#ifndef CAPGAP_XMLTREE_H
#define CAPGAP_XMLTREE_H

#include <libxml/tree.h>
#include <libxml/xmlerror.h>

#include "capgap.h"

/* Attributes of an element, namespace declarations included. */
#define CAPGAP_XMLTREE_ATTRIBUTES_MAX 64u

/* Handlers of errors take a pointer to const since libxml2 2.12. */
#if LIBXML_VERSION >= 21200
typedef const xmlError *capgap_xmltree_error;
#else
typedef xmlErrorPtr capgap_xmltree_error;
#endif

/**
 * struct capgap_xmltree_watch - what libxml2 complains of
 * @failed: there was an error
 * @no_memory: it was for want of memory
 * @line: line of the first error
 * @text: its message, one line without full stop
 */
struct capgap_xmltree_watch {
	bool failed;
	bool no_memory;
	unsigned long line;
	char text[160];
};

/**
 * struct capgap_xmltree_guard - the error handler of this thread, while ours stands in
 * @handler: it
 * @data: its first argument
 */
struct capgap_xmltree_guard {
	xmlStructuredErrorFunc handler;
	void *data;
};

/**
 * capgap_xmltree_guard_begin() - keep libxml2 from printing
 * @watch: gets the first error; borrowed until the end of the guard
 *
 * Errors that libxml2 raises for no context of ours would go to the standard error.
 *
 * Return: for capgap_xmltree_guard_end().
 */
struct capgap_xmltree_guard
capgap_xmltree_guard_begin(struct capgap_xmltree_watch *watch);

/* Put the handler back that was there. */
void capgap_xmltree_guard_end(const struct capgap_xmltree_guard *guard);

/* A handler of errors whose first argument is a struct capgap_xmltree_watch. */
void capgap_xmltree_on_error(void *watch, capgap_xmltree_error error);

/**
 * capgap_xmltree_parse() - a tree from bytes that may be anything
 * @text: borrowed; UTF-8, whatever it says of itself
 * @len: bytes, at most INT_MAX
 * @depth_max: levels of elements, at least 1
 * @err: caller's; filled for -CAPGAP_E_FORMAT
 * @doc: set on success; the caller's, for xmlFreeDoc(). It has a root element
 *
 * Nothing else is opened, no entity is expanded, and a document type declaration
 * ends the parse. A NUL byte is a fault, and so are more than
 * CAPGAP_XMLTREE_ATTRIBUTES_MAX attributes in one element.
 *
 * Return: 0, -CAPGAP_E_FORMAT, -CAPGAP_E_NOMEM.
 */
int capgap_xmltree_parse(const char *text, size_t len, unsigned depth_max,
			 struct capgap_err *err, xmlDoc **doc);

#endif
