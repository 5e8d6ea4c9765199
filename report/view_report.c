/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the formats tell what vfio-pci shows of a function. */
#include "view_report.h"

static const struct capgap_view_reporter *const table[] = {
	&capgap_view_text,
	&capgap_view_json,
	&capgap_view_ndjson,
};

const struct capgap_view_reporter *
capgap_view_reporter_find(const struct capgap_reporter *format)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (table[i]->format == format)
			return table[i];
	}
	return NULL;
}
