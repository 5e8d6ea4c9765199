/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Look-up in the capability tables, and the way to their length rules. */
#include "caps.h"

#include <stdlib.h>

#include "caps_rules.h"

/* Certain bytes of a structure of which nothing is known: its header. */
#define CONV_HEADER_LEN 2u
#define EXT_HEADER_LEN 4u

static const struct capgap_captable *table(enum capgap_space space)
{
	return space == CAPGAP_CONV ? &capgap_caps_conv : &capgap_caps_ext;
}

static int compare_id(const void *key, const void *row)
{
	unsigned id = *(const unsigned *)key;
	unsigned at = ((const struct capgap_capdef *)row)->id;

	return (id > at) - (id < at);
}

const struct capgap_capdef *capgap_caps_def(enum capgap_space space, unsigned id)
{
	const struct capgap_captable *t = table(space);

	return bsearch(&id, t->row, t->n, sizeof(*t->row), compare_id);
}

const struct capgap_capdef *capgap_caps_row(enum capgap_space space, unsigned n)
{
	const struct capgap_captable *t = table(space);

	return n < t->n ? &t->row[n] : NULL;
}

const char *capgap_caps_symbol(enum capgap_space space, unsigned id)
{
	const struct capgap_capdef *def = capgap_caps_def(space, id);

	return def ? def->symbol : "unknown";
}

const char *capgap_extent_name(enum capgap_extent extent)
{
	static const char *const names[] = {
		[CAPGAP_EXTENT_FIXED] = "fixed",
		[CAPGAP_EXTENT_COMPUTED] = "computed",
		[CAPGAP_EXTENT_DECLARED] = "declared",
		[CAPGAP_EXTENT_ATMOST] = "atmost",
		[CAPGAP_EXTENT_UNKNOWN] = "unknown",
	};

	return names[extent];
}

struct capgap_length capgap_caps_length(const struct capgap_image *img,
					const struct capgap_context *ctx,
					const struct capgap_cap *cap,
					struct capgap_findings *hits)
{
	const struct capgap_capdef *def = capgap_caps_def(cap->space, cap->id);
	unsigned heard = hits ? hits->n : 0;
	bool unsteady = false;
	struct capgap_measure m = { img, ctx, cap, hits, &unsteady };
	struct capgap_length got;

	if (!def)
		return at_least(cap->space == CAPGAP_CONV ? CONV_HEADER_LEN :
							    EXT_HEADER_LEN);
	got = def->rule ? def->rule(&m) : fixed(def->min);
	if (unsteady) {
		got = at_least(def->min);
		got.unsteady = true;
		/* What the rule found is of one sample. */
		if (hits)
			hits->n = heard;
	}
	if (!got.certain)
		got.certain = def->min;
	return got;
}
