/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of output formats. */
#include "report.h"

#include <string.h>

static const struct capgap_reporter *const table[] = {
	&capgap_report_text, &capgap_report_json,    &capgap_report_ndjson,
	&capgap_report_qemu, &capgap_report_libvirt,
};

const struct capgap_reporter *capgap_report_row(unsigned n)
{
	return n < sizeof(table) / sizeof(table[0]) ? table[n] : NULL;
}

const struct capgap_reporter *capgap_report_find(const char *name)
{
	const struct capgap_reporter *row;

	for (unsigned i = 0; (row = capgap_report_row(i)); i++) {
		if (!strcmp(row->name, name))
			return row;
	}
	return NULL;
}

const struct capgap_hit *capgap_answer_hit(const struct capgap_answer *ans, unsigned n)
{
	const struct capgap_findings *own = &ans->fn->findings;

	if (n < own->n)
		return &own->hit[n];
	n -= own->n;
	return ans->plan && n < ans->plan->n_hits ? &ans->plan->hit[n] : NULL;
}
