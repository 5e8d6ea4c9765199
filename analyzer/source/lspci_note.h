/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The comments of a capture: what lspci text cannot say of a function (docs/capture.md). */
#ifndef CAPGAP_SOURCE_LSPCI_NOTE_H
#define CAPGAP_SOURCE_LSPCI_NOTE_H

#include "lspci_line.h"
#include "source.h"

/* Number of the form that is written, and of the latest that is read. */
#define CAPGAP_CAPTURE_VERSION 1u

/* How the first line of a capture begins; the number follows. */
#define CAPGAP_CAPTURE_TITLE "# capgap capture "

/* Longest line that is written; lspci -F refuses lines of more than 253 characters. */
#define CAPGAP_NOTE_LINE 100u

/**
 * struct capgap_note - what the comments of a function say
 * @line: number of the first of them; 0 when there is none
 * @meta: what sysfs said
 * @has_row: it has bytes of its own
 * @has_size: the comments have said where the space ends
 * @row: they had this row, by its number
 * @part: bytes of rows that are not whole; its size is that of the space
 */
struct capgap_note {
	unsigned long line;
	struct capgap_meta meta;
	bool has_row;
	bool has_size;
	bool row[CAPGAP_SPACE_MAX / CAPGAP_ROW_BYTES];
	struct capgap_image part;
};

/**
 * capgap_note_title() - can a capture that begins with this line be read?
 * @text: any line, borrowed and terminated
 * @line: its number, for @err
 * @err: filled on failure; may be NULL
 *
 * Return: 0, also for a line that is no title; -CAPGAP_E_DAMAGED for one of a form that is
 * not known.
 */
int capgap_note_title(const char *text, unsigned long line, struct capgap_err *err);

/**
 * capgap_note_find() - is a line a comment of a capture?
 * @text: the line, borrowed and terminated
 * @bdf: the function that it speaks of
 *
 * Return: what the line says behind the address, or NULL.
 */
const char *capgap_note_find(const char *text, struct capgap_bdf *bdf);

/* Begin the note of a function whose first comment is on @line. */
void capgap_note_init(struct capgap_note *note, const struct capgap_bdf *bdf,
		      unsigned long line);

/**
 * capgap_note_add() - take over what a comment says
 * @note: of the function that the comment speaks of
 * @text: result of capgap_note_find(), borrowed
 * @line: number of the line, for @err
 * @err: filled on failure; may be NULL
 *
 * Return: 0, or -CAPGAP_E_DAMAGED for words that are not understood or stand twice: @err
 * has the first of them, and how many more there are. The others are taken over.
 */
int capgap_note_add(struct capgap_note *note, const char *text, unsigned long line,
		    struct capgap_err *err);

/**
 * capgap_note_write() - write the comments of a function
 * @out: borrowed; its errors are left to its owner
 * @meta: with an address
 * @img: rows that are not whole, and where it ends, are written here
 *
 * What capgap_note_add() reads from it is the same but for @meta->samples, and for
 * CAPGAP_META_RAW and CAPGAP_META_NODEDEV, which no capture has.
 */
void capgap_note_write(FILE *out, const struct capgap_meta *meta,
		       const struct capgap_image *img);

#endif
