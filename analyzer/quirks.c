/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The quirk table: rows of all files, an index by vendor, and what matches a function. */
#include "quirks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "quirks_table.h"

/* Stands for "any vendor" in the index; behind every vendor id. */
#define ANY_VENDOR 0x10000u

/**
 * struct entry - one match of one row under one vendor
 * @vendor: vendor id, or ANY_VENDOR
 * @pos: row, its position in the table
 * @match: the match, owned by the row
 */
struct entry {
	uint32_t vendor;
	uint32_t pos;
	const struct capgap_match *match;
};

/**
 * struct capgap_quirks - the table
 * @rows: the rows in table order; unsettled, those that a later one replaces too
 * @next_order: order of the next row
 * @scratch: room for as many rows as @rows has
 * @by_vendor: index, sorted by vendor and row
 * @n_entries: elements of @by_vendor in use
 * @n_room: how many it can hold, never less than the rows need
 */
struct capgap_quirks {
	struct capgap_rows rows;
	unsigned next_order;
	struct capgap_row **scratch;
	struct entry *by_vendor;
	size_t n_entries;
	size_t n_room;
};

struct capgap_quirks *capgap_quirks_new(void)
{
	return calloc(1, sizeof(struct capgap_quirks));
}

void capgap_quirks_free(struct capgap_quirks *quirks)
{
	if (!quirks)
		return;
	capgap_rows_release(&quirks->rows);
	free(quirks->scratch);
	free(quirks->by_vendor);
	free(quirks);
}

/* Entries that the index needs for these rows. */
static size_t count_entries(const struct capgap_rows *rows)
{
	size_t n = 0;

	for (size_t i = 0; i < rows->n; i++) {
		const struct capgap_row *row = rows->row[i];

		for (unsigned k = 0; k < row->n_matches; k++) {
			const struct capgap_ids *ids = &row->match[k].vendor;

			n += !ids->n;
			for (unsigned r = 0; r < ids->n; r++)
				n += ids->run[r].last - ids->run[r].first + 1u;
		}
	}
	return n;
}

int capgap_quirks_commit(struct capgap_quirks *q, struct capgap_rows *rows)
{
	size_t n = count_entries(&q->rows) + count_entries(rows);
	struct capgap_row **scratch;
	struct entry *entries;

	if (!rows->n)
		return 0;
	if (capgap_rows_reserve(&q->rows, rows->n))
		return -CAPGAP_E_NOMEM;
	/* A list of pointers. NOLINTNEXTLINE(bugprone-sizeof-expression) */
	scratch = realloc(q->scratch, q->rows.room * sizeof(*scratch));
	if (!scratch)
		return -CAPGAP_E_NOMEM;
	q->scratch = scratch;
	if (n > q->n_room) {
		entries = realloc(q->by_vendor, n * sizeof(*entries));
		if (!entries)
			return -CAPGAP_E_NOMEM;
		q->by_vendor = entries;
		q->n_room = n;
	}
	for (size_t i = 0; i < rows->n; i++) {
		struct capgap_row *row = rows->row[i];

		row->order = q->next_order++;
		for (unsigned k = 0; k < row->n_quirks; k++)
			row->quirk[k].order = row->order;
		q->rows.row[q->rows.n++] = row;
	}
	rows->n = 0;
	return 0;
}

/* Of rows with one id only the last stays; the others keep their order. */
static void drop_replaced(struct capgap_quirks *q)
{
	struct capgap_rows *rows = &q->rows;
	size_t n = 0;

	for (size_t i = 0; i < rows->n; i++)
		q->scratch[i] = rows->row[i];
	capgap_rows_by_id(q->scratch, rows->n);
	for (size_t i = 0; i + 1 < rows->n; i++)
		q->scratch[i]->replaced = !strcmp(q->scratch[i]->head.id,
						  q->scratch[i + 1]->head.id);
	for (size_t i = 0; i < rows->n; i++) {
		if (rows->row[i]->replaced)
			capgap_row_free(rows->row[i]);
		else
			rows->row[n++] = rows->row[i];
	}
	rows->n = n;
}

static int by_vendor(const void *a, const void *b)
{
	const struct entry *x = a;
	const struct entry *y = b;

	if (x->vendor != y->vendor)
		return x->vendor < y->vendor ? -1 : 1;
	return (x->pos > y->pos) - (x->pos < y->pos);
}

/* The entries of one match; @n is where the first goes. */
static size_t index_match(struct entry *to, size_t n, size_t pos,
			  const struct capgap_match *match)
{
	struct entry entry = { ANY_VENDOR, (uint32_t)pos, match };

	if (!match->vendor.n)
		to[n++] = entry;
	for (unsigned i = 0; i < match->vendor.n; i++) {
		const struct capgap_id_run *run = &match->vendor.run[i];

		for (entry.vendor = run->first; entry.vendor <= run->last; entry.vendor++)
			to[n++] = entry;
	}
	return n;
}

void capgap_quirks_settle(struct capgap_quirks *q)
{
	size_t n = 0;

	drop_replaced(q);
	for (size_t i = 0; i < q->rows.n; i++) {
		const struct capgap_row *row = q->rows.row[i];

		for (unsigned k = 0; k < row->n_matches; k++)
			n = index_match(q->by_vendor, n, i, &row->match[k]);
	}
	if (n)
		qsort(q->by_vendor, n, sizeof(*q->by_vendor), by_vendor);
	q->n_entries = n;
}

/* Put the row of a descriptor together; NULL when memory is short. */
static struct capgap_row *descriptor_row(uint16_t vendor, uint16_t id,
					 enum capgap_form form)
{
	struct capgap_row *row = capgap_row_new();
	struct capgap_quirk *quirk;
	char name[sizeof("caller.descriptor.ffff.ffff")];

	if (!row)
		return NULL;
	snprintf(name, sizeof(name), "caller.descriptor.%04x.%04x", (unsigned)vendor,
		 (unsigned)id);
	quirk = capgap_row_quirk(row, CAPGAP_VERB_DESCRIPTOR);
	row->head.id = capgap_row_keep(row, name);
	row->head.source = capgap_row_keep(row, "named by the caller");
	row->head.file = "";
	if (!quirk || !row->head.id || !row->head.source || !capgap_row_match(row) ||
	    capgap_row_finish(row)) {
		capgap_row_free(row);
		return NULL;
	}
	quirk->dvsec_vendor = vendor;
	quirk->dvsec_id = id;
	quirk->form = form;
	quirk->no_control = form == CAPGAP_FORM_GAP;
	return row;
}

int capgap_quirks_add_descriptor(struct capgap_quirks *q, uint16_t vendor, uint16_t id,
				 enum capgap_form form)
{
	struct capgap_row *row = descriptor_row(vendor, id, form);
	struct capgap_rows rows = { 0 };
	int ret = -CAPGAP_E_NOMEM;

	if (!row)
		return ret;
	ret = capgap_rows_add(&rows, row);
	if (ret)
		capgap_row_free(row);
	else
		ret = capgap_quirks_commit(q, &rows);
	capgap_quirks_settle(q);
	capgap_rows_release(&rows);
	return ret;
}

/* An id that is not known fits no row that names it. */
static bool fits_id(uint16_t want, uint16_t have)
{
	return want == CAPGAP_ID_ANY || want == have;
}

/* All but the vendor, which the index has looked up. */
static bool fits(const struct capgap_match *m, const struct capgap_quirk_key *key)
{
	if (!(m->part & (unsigned)key->part))
		return false;
	if (m->device.n &&
	    (key->device == CAPGAP_ID_ANY || !capgap_ids_have(&m->device, key->device)))
		return false;
	if (m->class_mask && (key->class_code == CAPGAP_CLASS_NONE ||
			      (key->class_code & m->class_mask) != m->class_code))
		return false;
	if (!fits_id(m->subvendor, key->subvendor) ||
	    !fits_id(m->subdevice, key->subdevice))
		return false;
	return !m->revision.n ||
	       (key->has_revision && capgap_ids_have(&m->revision, key->revision));
}

/* First entry of a vendor, or of the next one. */
static const struct entry *find_vendor(const struct capgap_quirks *q, uint32_t vendor)
{
	size_t low = 0;
	size_t high = q->n_entries;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (q->by_vendor[mid].vendor < vendor)
			low = mid + 1;
		else
			high = mid;
	}
	return q->by_vendor + low;
}

/**
 * struct cursor - entries still to be looked at
 * @at: the next
 * @end: behind the last
 */
struct cursor {
	const struct entry *at;
	const struct entry *end;
};

/* Go over the entries of one row; the greatest specificity of those that fit, or -1. */
static int pass_row(struct cursor *c, uint32_t pos, const struct capgap_quirk_key *key)
{
	int best = -1;

	for (; c->at < c->end && c->at->pos == pos; c->at++) {
		if ((int)c->at->match->specificity > best && fits(c->at->match, key))
			best = (int)c->at->match->specificity;
	}
	return best;
}

/**
 * struct search - rows that fit a key, in table order
 * @q: the table
 * @key: the key
 * @any: rows for any vendor
 * @named: rows that name the vendor
 */
struct search {
	const struct capgap_quirks *q;
	const struct capgap_quirk_key *key;
	struct cursor any;
	struct cursor named;
};

static void begin_search(struct search *s, const struct capgap_quirks *q,
			 const struct capgap_quirk_key *key)
{
	*s = (struct search){ .q = q, .key = key };
	if (!q || !q->n_entries)
		return;
	s->any = (struct cursor){ find_vendor(q, ANY_VENDOR),
				  q->by_vendor + q->n_entries };
	s->named = (struct cursor){ find_vendor(q, key->vendor),
				    find_vendor(q, key->vendor + 1u) };
	if (key->vendor == CAPGAP_ID_ANY)
		s->named.at = s->named.end;
}

/* The next row, and its greatest specificity; NULL behind the last. */
static const struct capgap_row *next_row(struct search *s, unsigned *specificity)
{
	while (s->any.at < s->any.end || s->named.at < s->named.end) {
		uint32_t a = s->any.at < s->any.end ? s->any.at->pos : UINT32_MAX;
		uint32_t b = s->named.at < s->named.end ? s->named.at->pos : UINT32_MAX;
		uint32_t pos = a < b ? a : b;
		int by_any = pass_row(&s->any, pos, s->key);
		int by_name = pass_row(&s->named, pos, s->key);
		int best = by_any > by_name ? by_any : by_name;

		if (best < 0)
			continue;
		*specificity = (unsigned)best;
		return s->q->rows.row[pos];
	}
	return NULL;
}

size_t capgap_quirks_match(const struct capgap_quirks *q,
			   const struct capgap_quirk_key *key, struct capgap_quirk *out,
			   size_t cap)
{
	const struct capgap_row *row;
	unsigned specificity;
	struct search search;
	size_t n = 0;

	begin_search(&search, q, key);
	while ((row = next_row(&search, &specificity))) {
		for (unsigned i = 0; i < row->n_quirks; i++, n++) {
			if (n >= cap)
				continue;
			out[n] = row->quirk[i];
			out[n].specificity = specificity;
		}
	}
	return n;
}

unsigned capgap_quirks_limit(const struct capgap_quirks *q,
			     const struct capgap_quirk_key *key)
{
	unsigned limit = CAPGAP_SPACE_MAX;
	const struct capgap_row *row;
	unsigned specificity;
	struct search search;

	begin_search(&search, q, key);
	while ((row = next_row(&search, &specificity))) {
		for (unsigned i = 0; i < row->n_quirks; i++) {
			if (row->quirk[i].verb == CAPGAP_VERB_LIMIT &&
			    row->quirk[i].off < limit)
				limit = row->quirk[i].off;
		}
	}
	return limit;
}

/* The bits of the dword at @off that no samples disagree about. */
static uint32_t steady_bits(const struct capgap_image *img, unsigned off)
{
	uint32_t bits = 0;

	for (unsigned i = 0; i < 4; i++) {
		if (!capgap_image_is_changing(img, off + i, 1))
			bits |= UINT32_C(0xff) << (8 * i);
	}
	return bits;
}

bool capgap_quirk_fits(const struct capgap_quirk *quirk, const struct capgap_image *img)
{
	for (unsigned i = 0; i < quirk->n_tests; i++) {
		const struct capgap_byte_test *test = &quirk->test[i];
		uint32_t val;

		/* Samples that may fit do: bytes that are kept from use do no harm. */
		if (!capgap_get32(img, test->off, &val) ||
		    ((val ^ test->value) & test->mask & steady_bits(img, test->off)))
			return false;
	}
	return true;
}

const struct capgap_row *capgap_quirks_at(const struct capgap_quirks *q, size_t n)
{
	return n < q->rows.n ? q->rows.row[n] : NULL;
}

bool capgap_quirks_row(const struct capgap_quirks *q, size_t n,
		       struct capgap_quirk_info *info)
{
	const struct capgap_row *row = capgap_quirks_at(q, n);

	if (!row)
		return false;
	*info = (struct capgap_quirk_info){ &row->head, row->what, row->n_quirks,
					    row->quirk };
	return true;
}

const char *capgap_verb_name(enum capgap_verb verb)
{
	static const char *const names[] = {
		[CAPGAP_VERB_RESERVED] = "reserved",
		[CAPGAP_VERB_FREE] = "free",
		[CAPGAP_VERB_PREFER] = "prefer",
		[CAPGAP_VERB_REFUSE] = "refuse",
		[CAPGAP_VERB_LIMIT] = "limit",
		[CAPGAP_VERB_SUSPECT] = "suspect",
		[CAPGAP_VERB_FINGERPRINT] = "fingerprint",
		[CAPGAP_VERB_DESCRIPTOR] = "descriptor",
		[CAPGAP_VERB_NOTE] = "note",
	};

	return names[verb];
}
