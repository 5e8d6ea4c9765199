/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Vendor, device and class names from pci.ids, through libpci. */
#ifndef CAPGAP_NAMES_H
#define CAPGAP_NAMES_H

#include "../analyzer/function.h"

struct capgap_names;

/**
 * capgap_names_new() - make names available
 *
 * The database is read at the first look-up, and only then.
 *
 * Return: owned by the caller; NULL when memory is short.
 */
struct capgap_names *capgap_names_new(void);

/* Free what capgap_names_new() made; NULL is allowed. */
void capgap_names_free(struct capgap_names *names);

/**
 * capgap_names_function() - "Class: Vendor Device", as lspci says it
 * @names: NULL writes nothing
 * @fn: borrowed
 * @buf: caller's; always terminated when @len is not 0
 * @len: its size in bytes
 *
 * Return: @buf; "" when the function's ids are not known.
 */
char *capgap_names_function(struct capgap_names *names, const struct capgap_function *fn,
			    char *buf, size_t len);

/**
 * capgap_names_device() - "Vendor Device"
 * @names: NULL writes nothing
 * @vendor: vendor id
 * @device: device id
 * @buf: caller's; always terminated when @len is not 0
 * @len: its size in bytes
 *
 * Return: @buf.
 */
char *capgap_names_device(struct capgap_names *names, unsigned vendor, unsigned device,
			  char *buf, size_t len);

#endif
