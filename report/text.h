/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sentences that both formats for people use. */
#ifndef CAPGAP_TEXT_H
#define CAPGAP_TEXT_H

#include "report.h"

/* Name the input before the first function of a machine, where there is more than one. */
void capgap_text_machine(struct capgap_report *rep, const struct capgap_answer *ans);

/* Write a name from outside; what could drive a terminal becomes a question mark. */
void capgap_text_name(struct capgap_report *rep, const char *name);

/* Write "0000:6a:01.0 System peripheral: Intel Corporation DSA [8086:0b25]". */
void capgap_text_identity(struct capgap_report *rep, const struct capgap_answer *ans);

/* Write where the capability goes and what the feature query says, in one clause each. */
void capgap_text_verdict(struct capgap_report *rep, const struct capgap_answer *ans);

/* Write a finding as an indented line. */
void capgap_text_hit(struct capgap_report *rep, const struct capgap_hit *hit);

/* Write each finding as an indented line. */
void capgap_text_findings(struct capgap_report *rep, const struct capgap_answer *ans);

/* Write "reserved 0xff0-0xfff": what a row says, without its text. */
void capgap_text_says(struct capgap_report *rep, const struct capgap_quirk *quirk);

/* Write what a row says with its text, and end the line. */
void capgap_text_said(struct capgap_report *rep, const struct capgap_quirk *quirk);

/* Write what the quirk table says; unless @all, only what decides, and how much more there is. */
void capgap_text_quirks(struct capgap_report *rep, const struct capgap_function *fn,
			bool all);

/* Write edits, an indented line each. */
void capgap_text_edits(struct capgap_report *rep, const struct capgap_edit *edit,
		       unsigned n);

/**
 * capgap_text_cap_name() - what a table calls a capability
 * @cap: borrowed
 *
 * Return: its name in words, static; "unknown" for an id in no table.
 */
const char *capgap_text_cap_name(const struct capgap_cap *cap);

#endif
