/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the formats tell of one offset for many functions. */
#ifndef CAPGAP_COMMON_REPORT_H
#define CAPGAP_COMMON_REPORT_H

#include "../placement/common.h"
#include "report.h"

/**
 * struct capgap_common_reporter - what one format adds for common offsets
 * @format: the format; its begin and end stand around what is written here
 * @answer: the answer of one group; counted by the caller. Returns 0 or -CAPGAP_E_NOMEM
 * @end: behind the last answer; may be NULL
 */
struct capgap_common_reporter {
	const struct capgap_reporter *format;
	int (*answer)(struct capgap_report *rep, const struct capgap_common_answer *ans);
	void (*end)(struct capgap_report *rep, unsigned long n_empty);
};

extern const struct capgap_common_reporter capgap_common_text;	 /* text_common.c */
extern const struct capgap_common_reporter capgap_common_json;	 /* json_common.c */
extern const struct capgap_common_reporter capgap_common_ndjson; /* json_common.c */

/* What a format adds for common offsets, or NULL. */
const struct capgap_common_reporter *
capgap_common_reporter_find(const struct capgap_reporter *format);

#endif
