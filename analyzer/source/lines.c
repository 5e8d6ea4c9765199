/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A stream cut into lines, in constant memory. */
#include "lines.h"

#include <string.h>

/* Keep the end of a line that does not fit. */
static void keep_tail(struct capgap_lines *in, const char *seg, size_t len)
{
	size_t keep;

	if (len > CAPGAP_LINE_TAIL) {
		seg += len - CAPGAP_LINE_TAIL;
		len = CAPGAP_LINE_TAIL;
	}
	keep = in->tail_len < CAPGAP_LINE_TAIL - len ? in->tail_len :
						       CAPGAP_LINE_TAIL - len;
	memmove(in->tail, in->tail + in->tail_len - keep, keep);
	memcpy(in->tail + keep, seg, len);
	in->tail_len = keep + len;
}

static void keep_segment(struct capgap_lines *in, const char *seg, size_t len)
{
	size_t room = CAPGAP_LINE_MAX - in->len;
	size_t n = len < room ? len : room;

	memcpy(in->text + in->len, seg, n);
	in->len += n;
	if (n < len)
		keep_tail(in, seg + n, len - n);
}

size_t capgap_lines_trim(const char *text, size_t len)
{
	while (len &&
	       (text[len - 1] == ' ' || text[len - 1] == '\t' || text[len - 1] == '\r'))
		len--;
	return len;
}

/* Make the line ready for use: no NUL inside, no blanks at its end. */
static void finish_line(struct capgap_lines *in)
{
	for (char *p = in->text; (p = memchr(p, '\0', in->len - (size_t)(p - in->text)));)
		*p = '\1';
	for (char *p = in->tail;
	     (p = memchr(p, '\0', in->tail_len - (size_t)(p - in->tail)));)
		*p = '\1';
	in->tail_len = capgap_lines_trim(in->tail, in->tail_len);
	if (!in->tail_len)
		in->len = capgap_lines_trim(in->text, in->len);
	in->text[in->len] = '\0';
}

bool capgap_lines_next(struct capgap_lines *in)
{
	bool any = false;

	in->len = 0;
	in->tail_len = 0;
	for (;;) {
		const char *start = in->chunk + in->pos;
		const char *end;

		if (in->pos == in->n) {
			in->pos = 0;
			in->n = capgap_stream_read(in->s, in->chunk, sizeof(in->chunk));
			if (!in->n)
				break;
			continue;
		}
		any = true;
		end = memchr(start, '\n', in->n - in->pos);
		keep_segment(in, start, end ? (size_t)(end - start) : in->n - in->pos);
		in->pos = end ? (size_t)(end + 1 - in->chunk) : in->n;
		if (end)
			break;
	}
	finish_line(in);
	return any;
}
