/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Questions about single rows of the quirk table, where little is known of a function. */
#include "quirks_ask.h"

#include <stdio.h>
#include <stdlib.h>

#include "quirks_table.h"

/* Of two answers about one function the one that says less for the row. */
static enum capgap_quirk_fit worse(enum capgap_quirk_fit a, enum capgap_quirk_fit b)
{
	return a < b ? a : b;
}

static enum capgap_quirk_fit fit_ids(const struct capgap_ids *want, uint16_t have)
{
	if (!want->n)
		return CAPGAP_FIT_YES;
	if (have == CAPGAP_ID_ANY)
		return CAPGAP_FIT_MAYBE;
	return capgap_ids_have(want, have) ? CAPGAP_FIT_YES : CAPGAP_FIT_NO;
}

static enum capgap_quirk_fit fit_class(const struct capgap_match *m,
				       const struct capgap_quirk_ask *ask)
{
	if ((m->class_code ^ ask->class_code) & m->class_mask & ask->class_mask)
		return CAPGAP_FIT_NO;
	if (m->class_mask & ~ask->class_mask)
		return CAPGAP_FIT_MAYBE;
	return CAPGAP_FIT_YES;
}

static enum capgap_quirk_fit fit(const struct capgap_match *m,
				 const struct capgap_quirk_ask *ask)
{
	bool asks_more = m->subvendor != CAPGAP_ID_ANY || m->subdevice != CAPGAP_ID_ANY ||
			 m->revision.n;
	enum capgap_quirk_fit ret = asks_more ? CAPGAP_FIT_MAYBE : CAPGAP_FIT_YES;

	ret = worse(ret, fit_ids(&m->vendor, ask->vendor));
	ret = worse(ret, fit_ids(&m->device, ask->device));
	return worse(ret, fit_class(m, ask));
}

enum capgap_quirk_fit capgap_quirks_fit(const struct capgap_quirks *quirks, size_t n,
					const struct capgap_quirk_ask *ask)
{
	const struct capgap_row *row = capgap_quirks_at(quirks, n);
	enum capgap_quirk_fit best = CAPGAP_FIT_NO;

	for (unsigned i = 0; row && i < row->n_matches; i++) {
		enum capgap_quirk_fit one = fit(&row->match[i], ask);

		best = one > best ? one : best;
	}
	return best;
}

/* "vendor 1002, 1022 or 8086"; "any vendor" where none is named. */
static void say_ids(FILE *out, const char *what, const struct capgap_ids *ids, int digits)
{
	if (!ids->n)
		fprintf(out, "any %s", what);
	else
		fputs(what, out);
	for (unsigned i = 0; i < ids->n; i++) {
		const struct capgap_id_run *run = &ids->run[i];

		fprintf(out, "%s %0*x",
			!i	       ? "" :
			i + 1 < ids->n ? "," :
					 " or",
			digits, (unsigned)run->first);
		if (run->last != run->first)
			fprintf(out, " to %0*x", digits, (unsigned)run->last);
	}
}

static void say_match(FILE *out, const struct capgap_match *m)
{
	unsigned digits = 0;

	say_ids(out, "vendor", &m->vendor, 4);
	if (m->vendor.n) {
		fputs(", ", out);
		say_ids(out, "device", &m->device, 4);
	}
	for (uint32_t mask = m->class_mask; mask; mask = mask << 4 & CAPGAP_CLASS_NONE)
		digits++;
	if (digits)
		fprintf(out, ", class%s %0*x", digits < 6 ? " beginning with" : "",
			(int)digits, (unsigned)(m->class_code >> (24 - 4 * digits)));
	if (m->subvendor != CAPGAP_ID_ANY)
		fprintf(out, ", subsystem vendor %04x", (unsigned)m->subvendor);
	if (m->subdevice != CAPGAP_ID_ANY)
		fprintf(out, ", subsystem %04x", (unsigned)m->subdevice);
	if (m->revision.n) {
		fputs(", ", out);
		say_ids(out, "revision", &m->revision, 2);
	}
	if (m->part == CAPGAP_PART_PF)
		fputs(", a physical or plain function", out);
	else if (m->part == CAPGAP_PART_VF)
		fputs(", a virtual function", out);
}

char *capgap_quirks_match_words(const struct capgap_quirks *quirks, size_t n)
{
	const struct capgap_row *row = capgap_quirks_at(quirks, n);
	char *text = NULL;
	size_t len = 0;
	FILE *out = row ? open_memstream(&text, &len) : NULL;
	bool bad;

	if (!out)
		return NULL;
	for (unsigned i = 0; i < row->n_matches; i++) {
		if (i)
			fputs("; or ", out);
		say_match(out, &row->match[i]);
	}
	bad = ferror(out) != 0;
	bad = fclose(out) != 0 || bad;
	if (!bad)
		return text;
	free(text);
	return NULL;
}
