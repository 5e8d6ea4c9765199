/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the formats tell of the VMM profiles and of the rules that they follow. */
#ifndef CAPGAP_REPORT_VMM_REPORT_H
#define CAPGAP_REPORT_VMM_REPORT_H

#include "report.h"

/**
 * struct capgap_vmm_reporter - what one format adds for the profiles
 * @format: the format; its begin and end stand around what is written here
 * @profile: one profile, and with @rules what decides its verdicts. Returns 0 or
 *           -CAPGAP_E_NOMEM
 */
struct capgap_vmm_reporter {
	const struct capgap_reporter *format;
	int (*profile)(struct capgap_report *rep, enum capgap_vmm vmm, bool rules);
};

extern const struct capgap_vmm_reporter capgap_vmm_text;   /* text_vmm.c */
extern const struct capgap_vmm_reporter capgap_vmm_json;   /* json_vmm.c */
extern const struct capgap_vmm_reporter capgap_vmm_ndjson; /* json_vmm.c */

/* What a format adds for the profiles, or NULL. */
const struct capgap_vmm_reporter *
capgap_vmm_reporter_find(const struct capgap_reporter *format);

#endif
