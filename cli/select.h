/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which functions: the selectors of lspci. */
#ifndef CAPGAP_SELECT_H
#define CAPGAP_SELECT_H

#include "../analyzer/function.h"

/* A field that may be anything. */
#define SELECT_ANY (-1L)

/**
 * struct select - the functions that are asked for
 * @slot_given: --slot was given
 * @ids_given: --device was given
 * @domain: or SELECT_ANY, as are all that follow
 * @bus: 0..255
 * @dev: 0..31
 * @fn: 0..7
 * @vendor: vendor id
 * @device: device id
 * @class_code: class, the upper 16 bits of the class code
 * @prog_if: programming interface
 */
struct select {
	bool slot_given;
	bool ids_given;
	long domain;
	long bus;
	long dev;
	long fn;
	long vendor;
	long device;
	long class_code;
	long prog_if;
};

/* Make a selection of everything. */
void select_init(struct select *sel);

/**
 * select_parse_slot() - read [[[[<domain>]:]<bus>]:][<device>][.[<func>]]
 * @sel: filled
 * @text: hex fields; an empty field or "*" is any
 *
 * Return: NULL, or what is wrong with it.
 */
const char *select_parse_slot(struct select *sel, const char *text);

/**
 * select_parse_ids() - read [<vendor>]:[<device>][:<class>[:<prog-if>]]
 * @sel: filled
 * @text: hex fields; an empty field or "*" is any
 *
 * Return: NULL, or what is wrong with it.
 */
const char *select_parse_ids(struct select *sel, const char *text);

/**
 * select_wants() - as select_matches(), before any byte of a function is read
 * @sel: what is asked for
 * @meta: what sysfs says of the function; what it does not say matches no number
 */
bool select_wants(const struct select *sel, const struct capgap_meta *meta);

/* True when the function is asked for; what is not known matches no number. */
bool select_matches(const struct select *sel, const struct capgap_function *fn);

#endif
