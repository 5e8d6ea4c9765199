/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What all formats have to tell of the running kernel's answers. */
#include "live_report.h"

#include "../placement/feature.h"

static const struct capgap_live_reporter *const table[] = {
	&capgap_live_text,
	&capgap_live_json,
	&capgap_live_ndjson,
};

const struct capgap_live_reporter *
capgap_live_reporter_find(const struct capgap_reporter *format)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (table[i]->format == format)
			return table[i];
	}
	return NULL;
}

char *capgap_live_feature_title(unsigned index, char *buf, size_t len)
{
	const struct capgap_feature *feature = capgap_feature_get(index);
	const char *name = feature ? feature->name : NULL;

	if (index == CAPGAP_FEATURE_PASID && name)
		snprintf(buf, len, "%s in mainline since %s, once proposed for PASID",
			 name, feature->first);
	else
		snprintf(buf, len, "%s", name ? name : "not assigned");
	return buf;
}
