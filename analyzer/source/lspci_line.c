/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One line of lspci text taken apart: hex rows, damaged rows, header lines. */
#include "lspci_line.h"

#include <string.h>

/* What lspci prints: "1a0:", then 16 times a blank and two digits. */
#define ROW_TAIL (3u * CAPGAP_ROW_BYTES)
#define OFF_DIGITS_MIN 2u
#define OFF_DIGITS_MAX 3u

/* How many pairs make a line with, and without, a readable offset surely a row. */
#define PAIRS_SURE 8u
#define PAIRS_SURE_NO_OFF 12u
#define PAIRS_WEAK 4u

/* The longest word that may be a mangled offset ("1a0:" and a character more). */
#define OFF_WORD_MAX 5u

static const char driver_label[] = "Kernel driver in use: ";

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_alnum(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The @n hex digits at @text, or -1. */
static long hex_number(const char *text, size_t n)
{
	long val = 0;

	for (size_t i = 0; i < n; i++) {
		int digit = capgap_hex_digit(text[i]);

		if (digit < 0)
			return -1;
		val = val << 4 | digit;
	}
	return val;
}

/* FNV-1a, a character at a time. */
#define SHAPE_START UINT64_C(0xcbf29ce484222325)

static uint64_t shape_add(uint64_t shape, char c)
{
	return (shape ^ (unsigned char)c) * UINT64_C(0x100000001b3);
}

/* What stands for @c in a shape; 0 when it only lengthens a number or a blank. */
static char shape_char(const char *text, size_t i)
{
	char c = text[i];
	char before = i ? text[i - 1] : '\0';

	if (is_digit(c))
		return is_digit(before) ? '\0' : '0';
	if (is_blank(c))
		return is_blank(before) ? '\0' : ' ';
	return c;
}

uint64_t capgap_row_shape(const char *text, size_t len)
{
	uint64_t shape = SHAPE_START;

	for (size_t i = 0; i < len; i++) {
		char c = shape_char(text, i);

		if (c)
			shape = shape_add(shape, c);
	}
	return shape;
}

/*
 * The offset whose ':' is text[colon]: two or three digits that are not the
 * end of something longer. Returns its digits, or 0.
 */
static size_t off_before(const char *text, size_t colon)
{
	size_t n = 0;

	while (n < colon && n <= OFF_DIGITS_MAX &&
	       capgap_hex_digit(text[colon - n - 1]) >= 0)
		n++;
	if (n < OFF_DIGITS_MIN || n > OFF_DIGITS_MAX)
		return 0;
	if (n < colon && (is_alnum(text[colon - n - 1]) || text[colon - n - 1] == ':'))
		return 0;
	return n;
}

bool capgap_row_bytes(const char *text, size_t len, uint8_t bytes[CAPGAP_ROW_BYTES])
{
	if (len < ROW_TAIL)
		return false;
	text += len - ROW_TAIL;
	for (unsigned i = 0; i < CAPGAP_ROW_BYTES; i++) {
		long val = hex_number(text + 1, 2);

		if (text[0] != ' ' || val < 0)
			return false;
		bytes[i] = (uint8_t)val;
		text += 3;
	}
	return true;
}

bool capgap_row_find(const char *text, size_t len, struct capgap_row *row)
{
	size_t colon;
	size_t digits;
	long off;

	if (len < OFF_DIGITS_MIN + 1 + ROW_TAIL)
		return false;
	colon = len - ROW_TAIL - 1;
	if (text[colon] != ':' || !capgap_row_bytes(text, len, row->bytes))
		return false;
	digits = off_before(text, colon);
	off = hex_number(text + colon - digits, digits);
	if (!digits || off % CAPGAP_ROW_BYTES)
		return false;
	row->prefix = colon - digits;
	row->off = (uint16_t)off;
	return true;
}

/* Count the words of the rest of a damaged row; true when all are pairs, the last maybe cut. */
static bool count_values(const char *text, size_t len, struct capgap_row *row)
{
	bool cut = false;
	size_t i = 0;

	row->values = 0;
	row->pairs = 0;
	row->lead = 0;
	while (i < len) {
		size_t n = 0;

		if (is_blank(text[i])) {
			i++;
			continue;
		}
		while (i + n < len && !is_blank(text[i + n]))
			n++;
		if (n == 2 && hex_number(text + i, 2) >= 0) {
			if (row->lead == row->values)
				row->lead++;
			row->pairs++;
		} else {
			cut = n == 1 && capgap_hex_digit(text[i]) >= 0 && i + n == len;
		}
		row->values++;
		i += n;
	}
	return row->pairs + cut == row->values && row->values <= CAPGAP_ROW_BYTES;
}

/* Read the offset of a damaged row; characters used, or 0 when it cannot be one. */
static size_t damaged_off(const char *text, size_t len, struct capgap_row *row)
{
	size_t n = 0;
	long off;

	while (n < len && n < OFF_DIGITS_MAX && capgap_hex_digit(text[n]) >= 0)
		n++;
	row->off = CAPGAP_ROW_NO_OFF;
	if (n >= OFF_DIGITS_MIN && n < len && text[n] == ':') {
		off = hex_number(text, n);
		if (off % CAPGAP_ROW_BYTES == 0)
			row->off = (uint16_t)off;
		return n + 1;
	}
	for (n = 0; n < len && !is_blank(text[n]); n++) {
		if (n == OFF_WORD_MAX)
			return 0;
	}
	return n;
}

/* Is @text, which starts where an offset should, what is left of a row? */
static bool was_row(const char *text, size_t len, unsigned expected,
		    struct capgap_row *row)
{
	size_t skip = 0;
	size_t used;
	bool all;
	bool most;

	while (skip < len && is_blank(text[skip]))
		skip++;
	used = damaged_off(text + skip, len - skip, row);
	if (!used)
		return false;
	all = count_values(text + skip + used, len - skip - used, row);
	most = 4 * row->pairs >= 3 * row->values;
	row->weak = false;
	if (row->off == CAPGAP_ROW_NO_OFF)
		return most && row->pairs >= PAIRS_SURE_NO_OFF;
	if (row->lead >= PAIRS_SURE || (most && row->pairs >= PAIRS_SURE))
		return true;
	row->weak = true;
	return all && (row->off == expected ||
		       (row->off > expected && row->pairs >= PAIRS_WEAK));
}

bool capgap_row_damaged(const char *text, size_t len, uint64_t shape, unsigned expected,
			struct capgap_row *row)
{
	uint64_t here = SHAPE_START;
	bool tried =
		false; /* more blanks or digits only bring us back to the same place */

	for (size_t i = 0; i < len; i++) {
		char c;

		if (here == shape && !tried && !(i && is_alnum(text[i - 1]))) {
			tried = true;
			if (was_row(text + i, len - i, expected, row)) {
				row->prefix = i;
				return true;
			}
		}
		c = shape_char(text, i);
		if (!c)
			continue;
		here = shape_add(here, c);
		tried = false;
	}
	return false;
}

void capgap_row_blame(struct capgap_err *err, const struct capgap_row *row, unsigned off,
		      bool cut, unsigned long line)
{
	if (row->off == CAPGAP_ROW_NO_OFF)
		capgap_err_set(err, CAPGAP_E_DAMAGED, line,
			       "a row with an unreadable offset, taken as row %02x", off);
	else if (cut)
		capgap_err_set(err, CAPGAP_E_DAMAGED, line,
			       "row %02x: the line is too long", off);
	else if (row->pairs != row->values)
		capgap_err_set(err, CAPGAP_E_DAMAGED, line,
			       "row %02x: %u of %u values are not two hex digits", off,
			       row->values - row->pairs, row->values);
	else if (row->values != CAPGAP_ROW_BYTES)
		capgap_err_set(err, CAPGAP_E_DAMAGED, line,
			       "row %02x: %u bytes instead of 16", off, row->values);
	else
		capgap_err_set(err, CAPGAP_E_DAMAGED, line,
			       "row %02x: not as lspci prints it", off);
}

/* Characters that mails and logs put around things. */
static bool is_quoting(char c)
{
	return c && strchr(">|<[](){},;#*+-=:.!$%\"'", c);
}

/* "09:06:12", "2024-01-01T00:00:00Z", "12.345678": numbers held together by signs. */
static bool is_timestamp(const char *text, size_t len)
{
	bool sign = false;

	for (size_t i = 0; i < len; i++) {
		if (is_digit(text[i]) || text[i] == 'T' || text[i] == 'Z')
			continue;
		if (!strchr(":.-+/,", text[i]))
			return false;
		sign = true;
	}
	return sign && len && is_digit(text[0]);
}

/* One word of a prefix that says nothing by itself. */
static bool is_plain_word(const char *text, size_t len)
{
	static const char slot[] = "Slot:"; /* lspci -vmm */

	if (len == sizeof(slot) - 1 && !memcmp(text, slot, len))
		return true;
	while (len && is_quoting(text[0])) {
		text++;
		len--;
	}
	while (len && is_quoting(text[len - 1]))
		len--;
	return !len || is_timestamp(text, len);
}

static bool is_plain(const char *text, size_t len)
{
	size_t i = 0;

	while (i < len) {
		size_t n = 0;

		while (i + n < len && !is_blank(text[i + n]))
			n++;
		if (n && !is_plain_word(text + i, n))
			return false;
		i += n + 1;
	}
	return true;
}

/*
 * The address whose '.' is text[dot]. Returns where it begins, and in @used its
 * characters, 0 when there is none.
 */
static size_t address_at(const char *text, size_t dot, struct capgap_bdf *bdf,
			 size_t *used)
{
	size_t start = dot - 5; /* "bb:dd" */
	size_t digits = 0;

	*used = 0;
	if (start && text[start - 1] == ':') {
		while (digits < start - 1 &&
		       capgap_hex_digit(text[start - 2 - digits]) >= 0)
			digits++;
		if (digits < 4 || digits > 8)
			return 0;
		start -= digits + 1;
	}
	if (start && !is_blank(text[start - 1]) && !strchr(">|])}#", text[start - 1]))
		return 0;
	*used = capgap_bdf_parse(text + start, bdf);
	if (*used != dot + 2 - start ||
	    (text[start + *used] && !is_blank(text[start + *used])))
		*used = 0;
	return start;
}

/* "[0601]:" of -nn, or "0601:" and "Class 0601:" of -n. */
static void read_class(const char *text, struct capgap_meta *meta)
{
	static const char word[] = "Class ";
	const char *p = text;
	long val = -1;

	if (!strncmp(p, word, sizeof(word) - 1))
		p += sizeof(word) - 1;
	if (hex_number(p, 4) >= 0 && p[4] == ':') {
		val = hex_number(p, 4);
	} else {
		for (p = strchr(text, '['); p && val < 0; p = strchr(p + 1, '[')) {
			if (hex_number(p + 1, 4) >= 0 && p[5] == ']' && p[6] == ':')
				val = hex_number(p + 1, 4);
		}
	}
	if (val < 0)
		return;
	meta->class_code = (uint32_t)val << 8;
	meta->flags |= CAPGAP_META_CLASS;
}

/* "vvvv:dddd" at @text. */
static bool read_pair(const char *text, struct capgap_meta *meta)
{
	long vendor = hex_number(text, 4);
	long device = vendor >= 0 && text[4] == ':' ? hex_number(text + 5, 4) : -1;

	if (device < 0 || is_alnum(text[9]))
		return false;
	meta->vendor = (uint16_t)vendor;
	meta->device = (uint16_t)device;
	meta->flags |= CAPGAP_META_IDS;
	return true;
}

/* "(rev 07)", the last of them; where it stands, or the end of the text. */
static const char *read_revision(const char *text, struct capgap_meta *meta)
{
	const char *end = text + strlen(text);

	for (const char *p = strstr(text, "(rev "); p; p = strstr(p + 1, "(rev ")) {
		long val = hex_number(p + 5, 2);

		if (val < 0 || p[7] != ')')
			continue;
		meta->revision = (uint8_t)val;
		meta->flags |= CAPGAP_META_REVISION;
		end = p;
	}
	return end;
}

/* What a header line says after the address. */
static void read_meta(const char *text, struct capgap_meta *meta)
{
	const char *end = read_revision(text, meta);
	const char *ids = strstr(text, ": ");

	read_class(text, meta);
	if (ids && ids == text + strcspn(text, ":") && read_pair(ids + 2, meta))
		return;
	for (const char *p = strchr(text, '['); p && p < end; p = strchr(p + 1, '[')) {
		if (hex_number(p + 1, 4) >= 0 && p[5] == ':' &&
		    hex_number(p + 6, 4) >= 0 && p[10] == ']')
			(void)read_pair(p + 1, meta);
	}
}

static size_t without_blanks(const char *text, size_t len)
{
	while (len && is_blank(text[len - 1]))
		len--;
	return len;
}

bool capgap_head_find(const char *text, size_t len, struct capgap_head *head)
{
	const char *dot = len > 5 ? memchr(text + 5, '.', len - 5) : NULL;

	for (; dot; dot = memchr(dot + 1, '.', len - (size_t)(dot + 1 - text))) {
		struct capgap_bdf bdf;
		size_t used;
		size_t start = address_at(text, (size_t)(dot - text), &bdf, &used);

		if (!used)
			continue;
		memset(head, 0, sizeof(*head));
		head->plain = is_plain(text, start);
		head->shape = capgap_row_shape(text, start);
		head->trimmed = capgap_row_shape(text, without_blanks(text, start));
		head->meta.flags = CAPGAP_META_BDF;
		head->meta.bdf = bdf;
		text += start + used;
		read_meta(text + strspn(text, " \t"), &head->meta);
		return true;
	}
	return false;
}

void capgap_head_driver(struct capgap_head *head, const char *text)
{
	const char *p = strstr(text, driver_label);
	size_t n;

	if (!p || capgap_row_shape(text, without_blanks(text, (size_t)(p - text))) !=
			  head->trimmed)
		return;
	p += sizeof(driver_label) - 1;
	n = strcspn(p, " \t");
	if (!n || n >= sizeof(head->meta.driver))
		return;
	memcpy(head->meta.driver, p, n);
	head->meta.driver[n] = '\0';
	head->meta.flags |= CAPGAP_META_DRIVER;
}
