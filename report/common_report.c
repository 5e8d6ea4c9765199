/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The formats that tell of one offset for many functions. */
#include "common_report.h"

static const struct capgap_common_reporter *const table[] = {
	&capgap_common_text,
	&capgap_common_json,
	&capgap_common_ndjson,
};

const struct capgap_common_reporter *
capgap_common_reporter_find(const struct capgap_reporter *format)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (table[i]->format == format)
			return table[i];
	}
	return NULL;
}
