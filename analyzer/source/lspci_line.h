/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One line of lspci text taken apart: hex rows, damaged rows, header lines. */
#ifndef CAPGAP_SOURCE_LSPCI_LINE_H
#define CAPGAP_SOURCE_LSPCI_LINE_H

#include "source.h"

/* Bytes that lspci prints in a row. */
#define CAPGAP_ROW_BYTES 16u

/* Offset of a row that cannot be read. */
#define CAPGAP_ROW_NO_OFF UINT16_MAX

/**
 * struct capgap_row - a hex row, or what is left of one
 * @prefix: characters of the line before its offset
 * @off: 0..0xff0, a multiple of 16; CAPGAP_ROW_NO_OFF only in a damaged row
 * @bytes: what a clean row holds
 * @values: words after the offset (damaged rows)
 * @pairs: how many of them are two hex digits (damaged rows)
 * @lead: how many of those stand before the first other word (damaged rows)
 * @weak: too little of it is left to be sure that it was a row (damaged rows)
 */
struct capgap_row {
	size_t prefix;
	uint16_t off;
	uint8_t bytes[CAPGAP_ROW_BYTES];
	unsigned values;
	unsigned pairs;
	unsigned lead;
	bool weak;
};

/**
 * struct capgap_head - a line that may be the header line of a function
 * @line: its number
 * @plain: nothing but quoting and timestamps stands before the address
 * @shape: shape of what stands before the address
 * @trimmed: the same without blanks at the end
 * @meta: what the line says
 */
struct capgap_head {
	unsigned long line;
	bool plain;
	uint64_t shape;
	uint64_t trimmed;
	struct capgap_meta meta;
};

/**
 * capgap_row_shape() - a number for the form of a prefix
 * @text: borrowed
 * @len: its characters
 *
 * Two prefixes that differ only in the digits of their numbers and in the
 * amount of blanks have the same shape.
 */
uint64_t capgap_row_shape(const char *text, size_t len);

/* The 16 bytes that a line ends in; false when it does not, blanks at its end included. */
bool capgap_row_bytes(const char *text, size_t len, uint8_t bytes[CAPGAP_ROW_BYTES]);

/**
 * capgap_row_find() - find a clean row at the end of a line
 * @text: the line, borrowed; without blanks at its end
 * @len: its characters
 * @row: filled on success
 *
 * Return: true when the line ends in an offset and 16 bytes, whatever stands before.
 */
bool capgap_row_find(const char *text, size_t len, struct capgap_row *row);

/**
 * capgap_row_damaged() - find a row that lost or changed characters
 * @text: as for capgap_row_find()
 * @len: its characters
 * @shape: shape of what stands before the rows of this function
 * @expected: offset that the next row of the function has
 * @row: filled on success, but for @bytes
 *
 * Return: true when the line is clearly meant as a row.
 */
bool capgap_row_damaged(const char *text, size_t len, uint64_t shape, unsigned expected,
			struct capgap_row *row);

/**
 * capgap_row_blame() - say what is wrong with a damaged row
 * @err: filled
 * @row: what is left of it
 * @off: where it stood
 * @cut: its line was too long
 * @line: number of the line
 */
void capgap_row_blame(struct capgap_err *err, const struct capgap_row *row, unsigned off,
		      bool cut, unsigned long line);

/**
 * capgap_head_find() - find an address that may begin a function
 * @text: the line, borrowed and terminated
 * @len: its characters
 * @head: filled on success, but for @line
 *
 * Return: true when there is one; it counts when it is plain, or when the rows
 * that follow have its shape.
 */
bool capgap_head_find(const char *text, size_t len, struct capgap_head *head);

/**
 * capgap_head_driver() - take the driver from a line under a header line
 * @head: gets it
 * @text: the line, borrowed and terminated
 *
 * A line that says nothing of a driver, or has another prefix, is left alone.
 */
void capgap_head_driver(struct capgap_head *head, const char *text);

#endif
