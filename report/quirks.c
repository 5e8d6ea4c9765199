/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The formats that can tell of the quirk table. */
#include "quirks.h"

static const struct capgap_quirks_reporter *const table[] = {
	&capgap_quirks_text,
	&capgap_quirks_json,
	&capgap_quirks_ndjson,
};

const struct capgap_quirks_reporter *
capgap_quirks_reporter_find(const struct capgap_reporter *format)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (table[i]->format == format)
			return table[i];
	}
	return NULL;
}
