/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes free-space descriptors: which, where, and the edits that link them. */
#include "declare.h"

#include <string.h>

#include "../analyzer/bytes.h"
#include "../analyzer/header.h"

/* What a dword of extended space is, for this purpose. */
enum state { STATE_OWNED, STATE_DECLARED, STATE_NONZERO, STATE_ZERO };

/* One making: what it works on. */
struct maker {
	struct capgap_declaration *out;
	const struct capgap_function *fn;
	const struct capgap_declare *want;
	unsigned min; /* shortest run that this form can declare */
	uint8_t state[(CAPGAP_SPACE_MAX - CAPGAP_CONV_END) / 4];
	unsigned n_runs; /* runs of zeros, none shorter than @min */
	struct capgap_range run[CAPGAP_DECLARE_RANGES_MAX];
};

static unsigned end_of(const struct capgap_range *range)
{
	return (unsigned)range->off + range->len;
}

static bool meets(const struct capgap_range *a, const struct capgap_range *b)
{
	return a->off < end_of(b) && b->off < end_of(a);
}

/* A byte that a vendor may declare: what a structure of unknown length may reach too. */
static bool is_open(enum capgap_owner owner)
{
	return owner == CAPGAP_OWNER_FREE || owner == CAPGAP_OWNER_LISTED ||
	       owner == CAPGAP_OWNER_DESCRIPTOR || owner == CAPGAP_OWNER_SHADOW;
}

/* The range that declares the byte at @off, usable or not; -1 when none does. */
static int declared_at(const struct capgap_function *fn, unsigned off)
{
	const struct capgap_declared *range = fn->free_space.range;

	for (unsigned i = 0; i < fn->free_space.n_ranges; i++) {
		if (off >= range[i].off && off - range[i].off < range[i].len)
			return (int)i;
	}
	return -1;
}

static enum state state_of(const struct capgap_function *fn, unsigned off)
{
	uint32_t val;

	for (unsigned i = off; i < off + 4; i++) {
		if (i >= fn->map.size || !capgap_map_is_unowned(&fn->map, i))
			return STATE_OWNED;
		if (declared_at(fn, i) >= 0)
			return STATE_DECLARED;
	}
	return capgap_get32(&fn->image, off, &val) && !val ? STATE_ZERO : STATE_NONZERO;
}

static enum state state_at(const struct maker *m, unsigned off)
{
	return (enum state)m->state[(off - CAPGAP_CONV_END) / 4];
}

/* Look at each dword, and collect the runs of zeros. */
static void survey(struct maker *m)
{
	unsigned end;

	for (unsigned off = CAPGAP_CONV_END; off < CAPGAP_SPACE_MAX; off += 4)
		m->state[(off - CAPGAP_CONV_END) / 4] = (uint8_t)state_of(m->fn, off);
	for (unsigned off = CAPGAP_CONV_END; off < CAPGAP_SPACE_MAX; off = end) {
		end = off;
		while (end < CAPGAP_SPACE_MAX && state_at(m, end) == STATE_ZERO)
			end += 4;
		if (end - off >= m->min)
			m->run[m->n_runs++] = (struct capgap_range){
				(uint16_t)off, (uint16_t)(end - off)
			};
		if (end == off)
			end += 4;
	}
}

/* The run of zeros that holds the dword at @off, or NULL. */
static const struct capgap_range *run_at(const struct maker *m, unsigned off)
{
	for (unsigned i = 0; i < m->n_runs; i++) {
		if (off >= m->run[i].off && off < end_of(&m->run[i]))
			return &m->run[i];
	}
	return NULL;
}

/* Why nothing can be made for a function, whatever was asked for. */
static int judge_function(const struct maker *m)
{
	static const enum capgap_finding_kind breaks[] = {
		CAPGAP_F_EXT_LOOP, CAPGAP_F_EXT_POINTER_LOW, CAPGAP_F_EXT_ONES,
		CAPGAP_F_EXT_ABSENT, CAPGAP_F_ID_FFFF
	};
	const struct capgap_function *fn = m->fn;
	const struct capgap_descriptor *d;
	struct capgap_range hole;

	if (fn->not_applicable)
		return capgap_declare_refuse(m->out, "%s", fn->not_applicable);
	if (capgap_image_absent(&fn->image, 0, &hole))
		return capgap_declare_refuse(m->out, "0x%03x-0x%03x were not read",
					     hole.off, end_of(&hole) - 1);
	for (size_t i = 0; i < sizeof(breaks) / sizeof(breaks[0]); i++) {
		if (capgap_findings_has(&fn->findings, breaks[i]))
			return capgap_declare_refuse(m->out,
						     "the extended list is broken [%s]",
						     capgap_finding_get(breaks[i])->name);
	}
	if (!fn->chain_known)
		return capgap_declare_refuse(m->out, "the capability list is broken");
	for (unsigned i = 0; i < fn->free_space.n_descriptors; i++) {
		d = &fn->free_space.descriptor[i];
		if (!d->valid && d->vendor == m->want->vendor && d->id == m->want->id)
			return capgap_declare_refuse(
				m->out,
				"the DVSEC at 0x%03x has the ids %04x:%04x already, and "
				"describes no free space",
				d->off, d->vendor, d->id);
	}
	return 0;
}

/* Say whose the byte at @off is. */
static int refuse_owned(const struct maker *m, unsigned off)
{
	const struct capgap_function *fn = m->fn;
	enum capgap_owner owner = (enum capgap_owner)fn->map.verdict[off];
	const struct capgap_claim *claim = NULL;
	const struct capgap_cap *cap;

	for (int i = capgap_map_next_owner(&fn->map, off, 0); i >= 0 && !claim;
	     i = capgap_map_next_owner(&fn->map, off, (unsigned)i + 1)) {
		if (fn->map.claim[i].owner == (unsigned)owner)
			claim = &fn->map.claim[i];
	}
	if (claim && claim->cap != CAPGAP_NO_CAP &&
	    (owner == CAPGAP_OWNER_CAP || owner == CAPGAP_OWNER_CAP_MIN)) {
		cap = &fn->chain.cap[claim->cap];
		return capgap_declare_refuse(m->out, "0x%03x belongs to %s at 0x%03x",
					     off, capgap_caps_symbol(cap->space, cap->id),
					     cap->off);
	}
	if (claim && owner == CAPGAP_OWNER_RESERVED)
		return capgap_declare_refuse(
			m->out, "0x%03x is in use, as the quirk table says (%s)", off,
			fn->quirk[claim->cap].row->id);
	switch (owner) {
	case CAPGAP_OWNER_ABSENT:
		return capgap_declare_refuse(m->out, "0x%03x was not read", off);
	case CAPGAP_OWNER_HEADER:
		return capgap_declare_refuse(m->out, "0x%03x belongs to the header", off);
	case CAPGAP_OWNER_CAP_MIN:
		return capgap_declare_refuse(m->out, "0x%03x is where a list ends", off);
	case CAPGAP_OWNER_ORPHAN:
		return capgap_declare_refuse(
			m->out,
			"0x%03x belongs to a structure that no pointer reaches, or "
			"to an IP core's registers",
			off);
	default:
		return capgap_declare_refuse(m->out,
					     "0x%03x: nothing is known to be free there",
					     off);
	}
}

/* The bytes of a chosen range, or of a table, are in nobody's use. */
static int judge_bytes(const struct maker *m, const struct capgap_range *range)
{
	const struct capgap_free_space *fs = &m->fn->free_space;
	int declared;

	for (unsigned off = range->off; off < end_of(range); off++) {
		if (!is_open((enum capgap_owner)m->fn->map.verdict[off]))
			return refuse_owned(m, off);
		declared = declared_at(m->fn, off);
		if (declared >= 0)
			return capgap_declare_refuse(
				m->out,
				"0x%03x is declared free already, by the descriptor "
				"at 0x%03x",
				off, fs->descriptor[fs->range[declared].descriptor].off);
	}
	return 0;
}

/* One chosen range: aligned, long enough, in one space, in nobody's use. */
static int judge_range(const struct maker *m, const struct capgap_range *range)
{
	bool table = m->want->form == CAPGAP_FORM_TABLE;
	unsigned low = table ? CAPGAP_HEADER_END : CAPGAP_CONV_END;
	unsigned end = range->off < CAPGAP_CONV_END ? CAPGAP_CONV_END : CAPGAP_SPACE_MAX;

	if (range->off % 4 || range->len % 4)
		return capgap_declare_refuse(
			m->out,
			"0x%03x:0x%x is misaligned: offset and length are "
			"multiples of 4",
			range->off, range->len);
	if (range->off < low)
		return capgap_declare_refuse(
			m->out, "0x%03x is too low: %s", range->off,
			table ? "the header ends at 0x040" :
				"descriptors stand at 0x100 or above");
	if (range->off >= end || range->len > end - range->off)
		return capgap_declare_refuse(
			m->out, "0x%03x:0x%x leaves the space, which ends at 0x%x",
			range->off, range->len, end);
	if (range->len < m->min)
		return capgap_declare_refuse(m->out, "0x%03x:0x%x is too short: %s",
					     range->off, range->len,
					     table ? "an entry has 8 bytes" :
						     "a descriptor has 12");
	return judge_bytes(m, range);
}

/* Take the chosen ranges over, in ascending order, and judge them. */
static int take_chosen(const struct maker *m, struct capgap_range *range, unsigned *n)
{
	const struct capgap_declare *want = m->want;
	unsigned at;
	int rc;

	if (want->n_ranges > CAPGAP_DECLARE_RANGES_MAX)
		return capgap_declare_refuse(m->out, "there are too many ranges");
	for (*n = 0; *n < want->n_ranges; (*n)++) {
		rc = judge_range(m, &want->range[*n]);
		if (rc)
			return rc;
		for (at = *n; at && range[at - 1].off > want->range[*n].off; at--)
			range[at] = range[at - 1];
		range[at] = want->range[*n];
	}
	for (unsigned i = 1; i < *n; i++) {
		if (meets(&range[i - 1], &range[i]))
			return capgap_declare_refuse(
				m->out, "0x%03x:0x%x and 0x%03x:0x%x overlap",
				range[i - 1].off, range[i - 1].len, range[i].off,
				range[i].len);
	}
	return 0;
}

static void add_gap(struct capgap_declaration *out, const struct capgap_range *span)
{
	struct capgap_made *made = &out->made[out->n_made++];

	*made = (struct capgap_made){ .off = span->off,
				      .len = span->len,
				      .own = DVSEC_HEADER_LEN,
				      .first = out->n_ranges };
	if (span->len == DVSEC_HEADER_LEN)
		return;
	made->n_ranges = 1;
	out->range[out->n_ranges++] =
		(struct capgap_range){ (uint16_t)(span->off + DVSEC_HEADER_LEN),
				       (uint16_t)(span->len - DVSEC_HEADER_LEN) };
}

static int refuse_at(const struct maker *m, unsigned off)
{
	if (off % 4 || off < CAPGAP_CONV_END || off >= CAPGAP_SPACE_MAX)
		return capgap_declare_refuse(
			m->out,
			"0x%03x is no place for a descriptor: multiples of 4 from "
			"0x100 on are",
			off);
	switch (state_at(m, off)) {
	case STATE_ZERO:
		return capgap_declare_refuse(m->out, "the gap at 0x%03x is too short",
					     off);
	case STATE_NONZERO:
		return capgap_declare_refuse(
			m->out, "0x%03x holds something; only --range takes it", off);
	case STATE_DECLARED:
		return capgap_declare_refuse(m->out, "0x%03x is declared free already",
					     off);
	default:
		return refuse_owned(m, off);
	}
}

static int make_gaps(struct maker *m)
{
	struct capgap_range span[CAPGAP_DECLARE_RANGES_MAX];
	const struct capgap_range *run;
	unsigned n = 0;
	int rc;

	if (m->want->has_at) {
		run = m->want->at % 4 ? NULL : run_at(m, m->want->at);
		if (!run || end_of(run) - m->want->at < m->min)
			return refuse_at(m, m->want->at);
		span[0].off = m->want->at;
		span[0].len = (uint16_t)(end_of(run) - m->want->at);
		add_gap(m->out, &span[0]);
		return 0;
	}
	if (!m->want->chosen) {
		for (unsigned i = 0; i < m->n_runs; i++)
			add_gap(m->out, &m->run[i]);
		return 0;
	}
	rc = take_chosen(m, span, &n);
	for (unsigned i = 0; !rc && i < n; i++)
		add_gap(m->out, &span[i]);
	return rc;
}

static void add_range(struct capgap_declaration *out, unsigned off, unsigned end)
{
	if (end >= off + DVSEC_ENTRY_LEN_MIN && out->n_ranges < CAPGAP_DECLARE_RANGES_MAX)
		out->range[out->n_ranges++] =
			(struct capgap_range){ (uint16_t)off, (uint16_t)(end - off) };
}

/* All runs but the bytes of the table. */
static void list_rest(struct maker *m, const struct capgap_range *table)
{
	m->out->n_ranges = 0;
	for (unsigned i = 0; i < m->n_runs; i++) {
		if (!meets(&m->run[i], table)) {
			add_range(m->out, m->run[i].off, end_of(&m->run[i]));
			continue;
		}
		add_range(m->out, m->run[i].off, table->off);
		add_range(m->out, end_of(table), end_of(&m->run[i]));
	}
}

static void drop_shortest(struct capgap_declaration *out)
{
	unsigned least = 0;

	for (unsigned i = 1; i < out->n_ranges; i++) {
		if (out->range[i].len < out->range[least].len)
			least = i;
	}
	out->n_ranges--;
	memmove(&out->range[least], &out->range[least + 1],
		(out->n_ranges - least) * sizeof(out->range[0]));
}

/* Entries make the table longer, and what it covers is no entry. */
static bool fits_rest(struct maker *m, unsigned off, unsigned room)
{
	struct capgap_range table = { (uint16_t)off, 0 };

	for (unsigned n = m->n_runs + 1; n; n--) {
		table.len = (uint16_t)(DVSEC_TABLE + 4 * n);
		if (table.len > room)
			continue;
		list_rest(m, &table);
		while (m->out->n_ranges > n)
			drop_shortest(m->out);
		if (m->out->n_ranges == n)
			return true;
	}
	return false;
}

/* The table of chosen ranges has its size, but may not lie over one of them. */
static bool fits_chosen(struct maker *m, unsigned off, unsigned room)
{
	struct capgap_range table = { (uint16_t)off,
				      (uint16_t)(DVSEC_TABLE + 4 * m->out->n_ranges) };

	if (table.len > room)
		return false;
	for (unsigned i = 0; i < m->out->n_ranges; i++) {
		if (meets(&m->out->range[i], &table))
			return false;
	}
	return true;
}

static bool fits(struct maker *m, unsigned off)
{
	const struct capgap_range *run = off % 4 ? NULL : run_at(m, off);
	unsigned room = run ? end_of(run) - off : 0;

	if (!room)
		return false;
	return m->want->chosen ? fits_chosen(m, off, room) : fits_rest(m, off, room);
}

/* The first dword of a run of zeros that the table fits; 0 when there is none. */
static unsigned find_table(struct maker *m)
{
	unsigned step;

	for (unsigned i = 0; i < m->n_runs; i++) {
		/* What is chosen may lie in the middle of a run. */
		step = m->want->chosen ? 4 : m->run[i].len;
		for (unsigned off = m->run[i].off; off < end_of(&m->run[i]);
		     off += step) {
			if (fits(m, off))
				return off;
		}
	}
	return 0;
}

static int make_table(struct maker *m)
{
	struct capgap_declaration *out = m->out;
	unsigned off = m->want->at;
	int rc;

	if (m->want->chosen) {
		rc = take_chosen(m, out->range, &out->n_ranges);
		if (rc)
			return rc;
	}
	if (!m->want->has_at)
		off = find_table(m);
	else if (!fits(m, off))
		return run_at(m, off) && off % 4 == 0 ?
			       capgap_declare_refuse(out,
						     "the table does not fit at 0x%03x",
						     off) :
			       refuse_at(m, off);
	if (!off)
		return capgap_declare_refuse(
			out, "no gap that reads zero has room for the table%s",
			m->want->chosen ? "" : " and something to list beside it");
	out->made[out->n_made++] =
		(struct capgap_made){ .off = (uint16_t)off,
				      .len = (uint16_t)(DVSEC_TABLE + 4 * out->n_ranges),
				      .own = (uint16_t)(DVSEC_TABLE + 4 * out->n_ranges),
				      .n_ranges = out->n_ranges };
	return 0;
}

/* Which dwords the descriptors are made of, or declare. */
static void mark_taken(const struct capgap_declaration *out, bool *taken)
{
	for (unsigned i = 0; i < out->n_made; i++) {
		for (unsigned off = 0; off < out->made[i].own; off += 4)
			taken[(out->made[i].off + off) / 4] = true;
	}
	for (unsigned i = 0; i < out->n_ranges; i++) {
		for (unsigned off = 0; off < out->range[i].len; off += 4)
			taken[(out->range[i].off + off) / 4] = true;
	}
}

/* What is left of runs of one state; zeros may be left for two reasons. */
static void add_left(struct maker *m, unsigned off, unsigned end)
{
	bool asked = !m->want->chosen &&
		     (!m->want->has_at || m->want->form == CAPGAP_FORM_TABLE);
	enum capgap_left_why why = CAPGAP_LEFT_SHORT;

	if (state_at(m, off) == STATE_NONZERO)
		why = CAPGAP_LEFT_NONZERO;
	else if (state_at(m, off) == STATE_DECLARED)
		why = CAPGAP_LEFT_DECLARED;
	else if (end - off >= m->min && !asked)
		why = CAPGAP_LEFT_UNASKED;
	m->out->left[m->out->n_left++] =
		(struct capgap_left){ { (uint16_t)off, (uint16_t)(end - off) }, why };
}

static void list_left(struct maker *m, const bool *taken)
{
	unsigned end;

	for (unsigned off = CAPGAP_CONV_END; off < CAPGAP_SPACE_MAX; off = end) {
		end = off;
		while (end < CAPGAP_SPACE_MAX && !taken[end / 4] &&
		       state_at(m, end) != STATE_OWNED &&
		       state_at(m, end) == state_at(m, off))
			end += 4;
		if (end > off)
			add_left(m, off, end);
		else
			end += 4;
	}
}

int capgap_declare_make(struct capgap_declaration *out, const struct capgap_function *fn,
			const struct capgap_declare *want)
{
	bool table = want->form == CAPGAP_FORM_TABLE;
	struct maker m = { .out = out,
			   .fn = fn,
			   .want = want,
			   .min = table ? DVSEC_ENTRY_LEN_MIN : DVSEC_HEADER_LEN };
	bool taken[CAPGAP_SPACE_MAX / 4] = { false };
	int rc;

	memset(out, 0, offsetof(struct capgap_declaration, image));
	out->want = *want;
	rc = judge_function(&m);
	if (rc)
		return rc;
	survey(&m);
	rc = table ? make_table(&m) : make_gaps(&m);
	if (!rc)
		rc = capgap_declare_write(out, fn);
	if (rc)
		return rc;
	mark_taken(out, taken);
	list_left(&m, taken);
	return 0;
}
