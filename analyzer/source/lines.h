/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A stream cut into lines, in constant memory. */
#ifndef CAPGAP_SOURCE_LINES_H
#define CAPGAP_SOURCE_LINES_H

#include "source.h"

/* Characters of a line that are kept, and of the end of a longer one. */
#define CAPGAP_LINE_MAX 4096u
#define CAPGAP_LINE_TAIL 64u

/* Bytes that are read at once. */
#define CAPGAP_LINE_CHUNK 8192u

/**
 * struct capgap_lines - where a stream is
 * @s: the stream; the caller sets it, all else starts as 0
 * @chunk: read ahead
 * @pos: bytes of @chunk already taken
 * @n: bytes in @chunk
 * @text: the line, or its start; terminated, never with a NUL inside
 * @len: its characters
 * @tail: the end of a line that is longer than @text, without blanks behind it
 * @tail_len: its characters; 0 when @text is the whole line, which then has no
 *            blanks at its end
 */
struct capgap_lines {
	struct capgap_stream *s;
	char chunk[CAPGAP_LINE_CHUNK];
	size_t pos;
	size_t n;
	char text[CAPGAP_LINE_MAX + 1];
	size_t len;
	char tail[CAPGAP_LINE_TAIL];
	size_t tail_len;
};

/**
 * capgap_lines_next() - go to the next line
 * @in: its line is filled
 *
 * Return: false at the end of the stream, or where it cannot be read (see ferror()).
 */
bool capgap_lines_next(struct capgap_lines *in);

/* How much of @len characters is left without the blanks and returns at the end. */
size_t capgap_lines_trim(const char *text, size_t len);

#endif
