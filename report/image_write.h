/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes an image so that it can be read again: binary, or the text of lspci -xxxx. */
#ifndef CAPGAP_IMAGE_WRITE_H
#define CAPGAP_IMAGE_WRITE_H

#include <stdio.h>

#include "../analyzer/function.h"

/**
 * enum capgap_image_form - how an image is written
 * @CAPGAP_IMAGE_BINARY: its bytes
 * @CAPGAP_IMAGE_LSPCI: a header line and rows of 16 bytes in hex
 */
enum capgap_image_form { CAPGAP_IMAGE_BINARY, CAPGAP_IMAGE_LSPCI };

/**
 * capgap_image_write() - write an image
 * @out: borrowed; its errors are left to its owner
 * @img: borrowed
 * @form: enum capgap_image_form
 * @fn: the function that the header line names by address, class, ids and revision;
 *      only for text, where an unknown address becomes 00:00.0
 * @err: filled on failure; may be NULL
 *
 * Neither form can say that a byte was not read, so an image must be whole, and
 * text has whole rows.
 *
 * Return: 0, or -CAPGAP_E_FORMAT, and nothing is written.
 */
int capgap_image_write(FILE *out, const struct capgap_image *img,
		       enum capgap_image_form form, const struct capgap_function *fn,
		       struct capgap_err *err);

/* The header line of a function in text; its errors are left to the owner of @out. */
void capgap_image_write_head(FILE *out, const struct capgap_function *fn);

/* "binary" or "lspci". */
const char *capgap_image_form_name(enum capgap_image_form form);

#endif
