/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names and clauses of the PASID feature query. */
#include <string.h>

#include "query.h"

struct words {
	const char *name;
	const char *text;
};

static const struct words methods[] = {
#define CAPGAP_METHOD(symbol, name, text) { (name), (text) },
#include "query.def"
#undef CAPGAP_METHOD
};

static const struct words limits[] = {
#define CAPGAP_LIMIT(symbol, name, text) { (name), (text) },
#include "query.def"
#undef CAPGAP_LIMIT
};

static const struct words whys[] = {
#define CAPGAP_RANGE_WHY(symbol, name, text) { (name), (text) },
#include "query.def"
#undef CAPGAP_RANGE_WHY
};

const char *capgap_method_name(enum capgap_method method)
{
	return methods[method].name;
}

const char *capgap_method_text(enum capgap_method method)
{
	return methods[method].text;
}

int capgap_method_find(const char *name)
{
	for (int i = 0; i < CAPGAP_METHOD_COUNT; i++) {
		if (!strcmp(methods[i].name, name))
			return i;
	}
	return -1;
}

const char *capgap_limit_name(enum capgap_limit limit)
{
	return limits[limit].name;
}

const char *capgap_limit_text(enum capgap_limit limit)
{
	return limits[limit].text;
}

const char *capgap_range_name(enum capgap_range_is is)
{
	static const char *const names[] = { [CAPGAP_RANGE_REFUSED] = "refused",
					     [CAPGAP_RANGE_NARROWED] = "narrowed",
					     [CAPGAP_RANGE_GRANTED] = "granted" };

	return names[is];
}

const char *capgap_range_why_name(enum capgap_range_why why)
{
	return whys[why].name;
}

const char *capgap_range_why_text(enum capgap_range_why why)
{
	return whys[why].text;
}
