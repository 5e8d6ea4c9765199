/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sentences that both formats for people use. */
#ifndef CAPGAP_TEXT_H
#define CAPGAP_TEXT_H

#include "report.h"

/* Write "0000:6a:01.0 System peripheral: Intel Corporation DSA [8086:0b25]". */
void capgap_text_identity(struct capgap_report *rep, const struct capgap_answer *ans);

/* Write where the capability goes and what the feature query says, in one clause each. */
void capgap_text_verdict(struct capgap_report *rep, const struct capgap_answer *ans);

/* Write each finding as an indented line. */
void capgap_text_findings(struct capgap_report *rep, const struct capgap_answer *ans);

/* Write the edits of a placement, an indented line each. */
void capgap_text_edits(struct capgap_report *rep, const struct capgap_edits *edits);

/**
 * capgap_text_cap_name() - what a table calls a capability
 * @cap: borrowed
 *
 * Return: its name in words, static; "unknown" for an id in no table.
 */
const char *capgap_text_cap_name(const struct capgap_cap *cap);

#endif
