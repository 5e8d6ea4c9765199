/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the formats tell of the quirk table: its rows, and what they do to a function. */
#ifndef CAPGAP_REPORT_QUIRKS_H
#define CAPGAP_REPORT_QUIRKS_H

#include "../analyzer/quirks_ask.h"
#include "report.h"

/**
 * struct capgap_quirks_reporter - what one format adds for the quirk table
 * @format: the format; its begin and end stand around what is written here
 * @row: one row of the table. Returns 0 or -CAPGAP_E_NOMEM
 * @ids: the rows that match a vendor and a device, whatever function it is, and those
 *       that ask for more than is known. Returns 0 or -CAPGAP_E_NOMEM
 * @answer: the rows that match a function, and what each does to it; takes the place
 *          of the format's own
 */
struct capgap_quirks_reporter {
	const struct capgap_reporter *format;
	int (*row)(struct capgap_report *rep, const struct capgap_quirk_info *info);
	int (*ids)(struct capgap_report *rep, const struct capgap_quirks *quirks,
		   const struct capgap_quirk_ask *ask);
	int (*answer)(struct capgap_report *rep, const struct capgap_answer *ans);
};

extern const struct capgap_quirks_reporter capgap_quirks_text;	 /* text_quirks.c */
extern const struct capgap_quirks_reporter capgap_quirks_json;	 /* json_quirks.c */
extern const struct capgap_quirks_reporter capgap_quirks_ndjson; /* json_quirks.c */

/* What a format adds for the quirk table, or NULL. */
const struct capgap_quirks_reporter *
capgap_quirks_reporter_find(const struct capgap_reporter *format);

/**
 * capgap_quirks_explain() - a row in full sentences, for people
 * @rep: borrowed
 * @quirks: borrowed
 * @n: position of the row, as capgap_quirks_row() counts
 *
 * Return: 0, or -CAPGAP_E_NOMEM.
 */
int capgap_quirks_explain(struct capgap_report *rep, const struct capgap_quirks *quirks,
			  size_t n);

#endif
