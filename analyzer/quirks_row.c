/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows of the quirk table: what they own, how they rank, and the values in their attributes. */
#include "quirks_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Ids of one list, at most: more than there are. */
#define RUNS_MAX 0x10000u

/*
 * Ranks of what a match names, so that the sum orders matches by the first in
 * which they differ: device, digits of the class, vendor, ids of the subsystem,
 * revision, part.
 */
#define RANK_DEVICE 128u
#define RANK_CLASS_BYTE 32u
#define RANK_VENDOR 16u
#define RANK_SUBSYSTEM_ID 4u
#define RANK_REVISION 2u
#define RANK_PART 1u

/* Bits of a class code. */
#define CLASS_BITS 24u

/* A text of a row. */
struct capgap_kept {
	struct capgap_kept *next;
	char text[];
};

struct capgap_row *capgap_row_new(void)
{
	return calloc(1, sizeof(struct capgap_row));
}

void capgap_row_free(struct capgap_row *row)
{
	if (!row)
		return;
	for (unsigned i = 0; i < row->n_matches; i++) {
		free(row->match[i].vendor.run);
		free(row->match[i].device.run);
		free(row->match[i].revision.run);
	}
	while (row->kept) {
		struct capgap_kept *next = row->kept->next;

		free(row->kept);
		row->kept = next;
	}
	free(row->match);
	free(row->quirk);
	free(row);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

const char *capgap_row_keep(struct capgap_row *row, const char *text)
{
	struct capgap_kept *kept = malloc(sizeof(*kept) + strlen(text) + 1);
	size_t n = 0;

	if (!kept)
		return NULL;
	for (; *text; text++) {
		if (!is_blank(*text))
			kept->text[n++] = *text;
		else if (n && kept->text[n - 1] != ' ')
			kept->text[n++] = ' ';
	}
	n -= n && kept->text[n - 1] == ' ';
	kept->text[n] = '\0';
	kept->next = row->kept;
	row->kept = kept;
	return kept->text;
}

/* True when a list that doubles at powers of two has no room for one more. */
static bool is_full(size_t n)
{
	return (n & (n - 1)) == 0;
}

struct capgap_match *capgap_row_match(struct capgap_row *row)
{
	size_t n = row->n_matches;
	struct capgap_match *match = row->match;

	if (is_full(n)) {
		match = realloc(match, (n ? 2 * n : 1) * sizeof(*match));
		if (!match)
			return NULL;
		row->match = match;
	}
	match[n] = (struct capgap_match){ .subvendor = CAPGAP_ID_ANY,
					  .subdevice = CAPGAP_ID_ANY,
					  .part = CAPGAP_PART_PF | CAPGAP_PART_VF };
	row->n_matches++;
	return &match[n];
}

struct capgap_quirk *capgap_row_quirk(struct capgap_row *row, enum capgap_verb verb)
{
	size_t n = row->n_quirks;
	struct capgap_quirk *quirk = row->quirk;

	if (is_full(n)) {
		quirk = realloc(quirk, (n ? 2 * n : 1) * sizeof(*quirk));
		if (!quirk)
			return NULL;
		row->quirk = quirk;
	}
	quirk[n] = (struct capgap_quirk){ .verb = verb, .row = &row->head, .text = "" };
	row->n_quirks++;
	return &quirk[n];
}

static unsigned ones(uint32_t mask)
{
	unsigned n = 0;

	for (; mask; mask &= mask - 1)
		n++;
	return n;
}

static unsigned rank(const struct capgap_match *m)
{
	unsigned sum = ones(m->class_mask) / 8 * RANK_CLASS_BYTE;

	if (m->device.n)
		sum += RANK_DEVICE;
	if (m->vendor.n)
		sum += RANK_VENDOR;
	if (m->subvendor != CAPGAP_ID_ANY)
		sum += RANK_SUBSYSTEM_ID;
	if (m->subdevice != CAPGAP_ID_ANY)
		sum += RANK_SUBSYSTEM_ID;
	if (m->revision.n)
		sum += RANK_REVISION;
	if (m->part != (CAPGAP_PART_PF | CAPGAP_PART_VF))
		sum += RANK_PART;
	return sum;
}

static void say_ids(FILE *out, const struct capgap_ids *ids, int digits)
{
	if (!ids->n)
		fputc('*', out);
	for (unsigned i = 0; i < ids->n; i++) {
		fprintf(out, "%s%0*x", i ? "," : "", digits, (unsigned)ids->run[i].first);
		if (ids->run[i].last != ids->run[i].first)
			fprintf(out, "-%0*x", digits, (unsigned)ids->run[i].last);
	}
}

static void say_id(FILE *out, const char *before, uint16_t id)
{
	if (id == CAPGAP_ID_ANY)
		fprintf(out, "%s*", before);
	else
		fprintf(out, "%s%04x", before, (unsigned)id);
}

/* "8086:0b25 subsystem 103c:* class 0880 rev 00-0f pf" */
static void say_match(FILE *out, const struct capgap_match *m)
{
	unsigned digits = ones(m->class_mask) / 4;

	say_ids(out, &m->vendor, 4);
	fputc(':', out);
	say_ids(out, &m->device, 4);
	if (m->subvendor != CAPGAP_ID_ANY || m->subdevice != CAPGAP_ID_ANY) {
		say_id(out, " subsystem ", m->subvendor);
		say_id(out, ":", m->subdevice);
	}
	if (digits)
		fprintf(out, " class %0*x", (int)digits,
			(unsigned)(m->class_code >> (CLASS_BITS - 4 * digits)));
	if (m->revision.n) {
		fputs(" rev ", out);
		say_ids(out, &m->revision, 2);
	}
	if (m->part == CAPGAP_PART_PF)
		fputs(" pf", out);
	else if (m->part == CAPGAP_PART_VF)
		fputs(" vf", out);
}

int capgap_row_finish(struct capgap_row *row)
{
	unsigned best = 0;
	char *text = NULL;
	size_t len = 0;
	bool bad;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return -CAPGAP_E_NOMEM;
	for (unsigned i = 0; i < row->n_matches; i++) {
		struct capgap_match *m = &row->match[i];

		m->specificity = rank(m);
		best = m->specificity > best ? m->specificity : best;
		if (i)
			fputs("; ", out);
		say_match(out, m);
	}
	for (unsigned i = 0; i < row->n_quirks; i++)
		row->quirk[i].specificity = best;
	bad = ferror(out) != 0;
	bad = fclose(out) != 0 || bad;
	row->what = bad ? NULL : capgap_row_keep(row, text);
	free(text);
	return row->what ? 0 : -CAPGAP_E_NOMEM;
}

int capgap_rows_reserve(struct capgap_rows *rows, size_t n)
{
	size_t room = rows->room ? rows->room : 16;
	struct capgap_row **list;

	if (n <= rows->room - rows->n)
		return 0;
	while (room - rows->n < n)
		room *= 2;
	/* A list of pointers. NOLINTNEXTLINE(bugprone-sizeof-expression) */
	list = realloc(rows->row, room * sizeof(*list));
	if (!list)
		return -CAPGAP_E_NOMEM;
	rows->row = list;
	rows->room = room;
	return 0;
}

int capgap_rows_add(struct capgap_rows *rows, struct capgap_row *row)
{
	if (capgap_rows_reserve(rows, 1))
		return -CAPGAP_E_NOMEM;
	rows->row[rows->n++] = row;
	return 0;
}

void capgap_rows_release(struct capgap_rows *rows)
{
	for (size_t i = 0; i < rows->n; i++)
		capgap_row_free(rows->row[i]);
	free(rows->row);
	*rows = (struct capgap_rows){ 0 };
}

static int by_id(const void *a, const void *b)
{
	const struct capgap_row *x = *(struct capgap_row *const *)a;
	const struct capgap_row *y = *(struct capgap_row *const *)b;
	int diff = strcmp(x->head.id, y->head.id);

	if (diff)
		return diff;
	if (x->order != y->order)
		return x->order < y->order ? -1 : 1;
	return (x->head.line > y->head.line) - (x->head.line < y->head.line);
}

void capgap_rows_by_id(struct capgap_row **row, size_t n)
{
	if (!n)
		return;
	/* A list of pointers. NOLINTNEXTLINE(bugprone-sizeof-expression) */
	qsort(row, n, sizeof(*row), by_id);
}

bool capgap_ids_have(const struct capgap_ids *ids, uint16_t id)
{
	unsigned low = 0;
	unsigned high = ids->n;

	while (low < high) {
		unsigned mid = low + (high - low) / 2;

		if (id > ids->run[mid].last)
			low = mid + 1;
		else
			high = mid;
	}
	return !ids->n || (low < ids->n && id >= ids->run[low].first);
}

static int digit(char c, unsigned base)
{
	int val = -1;

	if (c >= '0' && c <= '9')
		val = c - '0';
	else if (c >= 'a' && c <= 'f')
		val = c - 'a' + 10;
	else if (c >= 'A' && c <= 'F')
		val = c - 'A' + 10;
	return val < (int)base ? val : -1;
}

static bool has_prefix(const char *text)
{
	return text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
}

/* Digits of @base up to @max; @text is left behind them. False without a digit or above. */
static bool take_digits(const char **text, unsigned base, uint32_t max, uint32_t *val)
{
	uint64_t sum = 0;
	const char *p = *text;

	for (; digit(*p, base) >= 0; p++) {
		sum = sum * base + (unsigned)digit(*p, base);
		if (sum > max)
			return false;
	}
	if (p == *text)
		return false;
	*text = p;
	*val = (uint32_t)sum;
	return true;
}

static bool take_id(const char **text, uint32_t max, uint32_t *val)
{
	if (!has_prefix(*text))
		return false;
	*text += 2;
	return take_digits(text, 16, max, val);
}

bool capgap_number_parse(const char *text, uint32_t max, uint32_t *val)
{
	bool hex = has_prefix(text);

	text += hex ? 2 : 0;
	return take_digits(&text, hex ? 16 : 10, max, val) && !*text;
}

bool capgap_id_parse(const char *text, uint32_t max, uint32_t *val)
{
	return take_id(&text, max, val) && !*text;
}

static int by_first(const void *a, const void *b)
{
	const struct capgap_id_run *x = a;
	const struct capgap_id_run *y = b;

	return (x->first > y->first) - (x->first < y->first);
}

/* Sort the runs and join those that meet. */
static void tidy_ids(struct capgap_ids *ids)
{
	unsigned n = 0;

	qsort(ids->run, ids->n, sizeof(*ids->run), by_first);
	for (unsigned i = 0; i < ids->n; i++) {
		struct capgap_id_run run = ids->run[i];

		if (n && run.first <= ids->run[n - 1].last + 1u) {
			if (run.last > ids->run[n - 1].last)
				ids->run[n - 1].last = run.last;
		} else {
			ids->run[n++] = run;
		}
	}
	ids->n = n;
}

static void skip_blanks(const char **text)
{
	while (is_blank(**text))
		++*text;
}

/* "0x1000" or "0x1010-0x1020" with blanks around it. */
static bool take_run(const char **text, uint16_t max, bool runs,
		     struct capgap_id_run *run)
{
	uint32_t first;
	uint32_t last;

	skip_blanks(text);
	if (!take_id(text, max, &first))
		return false;
	last = first;
	if (runs && **text == '-') {
		++*text;
		if (!take_id(text, max, &last) || last < first)
			return false;
	}
	skip_blanks(text);
	*run = (struct capgap_id_run){ (uint16_t)first, (uint16_t)last };
	return true;
}

int capgap_ids_parse(const char *text, uint16_t max, bool runs, struct capgap_ids *ids)
{
	size_t n = 1;

	*ids = (struct capgap_ids){ 0 };
	if (!strcmp(text, "*"))
		return 0;
	for (const char *p = text; *p; p++)
		n += *p == ',';
	if (n > RUNS_MAX)
		return -CAPGAP_E_FORMAT;
	ids->run = calloc(n, sizeof(*ids->run));
	if (!ids->run)
		return -CAPGAP_E_NOMEM;
	while (take_run(&text, max, runs, &ids->run[ids->n])) {
		ids->n++;
		if (*text != ',')
			break;
		text++;
	}
	if (*text || ids->n != n) {
		free(ids->run);
		*ids = (struct capgap_ids){ 0 };
		return -CAPGAP_E_FORMAT;
	}
	tidy_ids(ids);
	return 0;
}

/* "*", "103c" or "0x103c"; ffff cannot be told from an unknown id. */
static bool take_subsystem_id(const char **text, uint16_t *id)
{
	uint32_t val = CAPGAP_ID_ANY;

	if (**text == '*') {
		++*text;
	} else {
		*text += has_prefix(*text) ? 2 : 0;
		if (!take_digits(text, 16, CAPGAP_ID_ANY - 1, &val))
			return false;
	}
	*id = (uint16_t)val;
	return true;
}

bool capgap_subsystem_parse(const char *text, struct capgap_match *match)
{
	if (!take_subsystem_id(&text, &match->subvendor) || *text != ':')
		return false;
	text++;
	return take_subsystem_id(&text, &match->subdevice) && !*text;
}

bool capgap_class_parse(const char *text, struct capgap_match *match)
{
	uint32_t val;
	size_t len;

	text += has_prefix(text) ? 2 : 0;
	len = strlen(text);
	if ((len != 2 && len != 4 && len != 6) ||
	    !take_digits(&text, 16, CAPGAP_CLASS_NONE, &val) || *text)
		return false;
	match->class_code = val << (CLASS_BITS - 4 * len);
	match->class_mask = CAPGAP_CLASS_NONE << (CLASS_BITS - 4 * len) &
			    CAPGAP_CLASS_NONE;
	return true;
}
