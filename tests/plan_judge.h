/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Judges a plan for a layout of which everything is known; shares no code with the planner. */
#ifndef CAPGAP_TESTS_PLAN_JUDGE_H
#define CAPGAP_TESTS_PLAN_JUDGE_H

#include "../placement/plan.h"
#include "layout.h"

/**
 * struct plan_case - what is judged
 * @layout: the function
 * @policy: what was asked for
 * @plan: the answer
 * @view: 4096 bytes that the VMM reads, by layout_view()
 * @guest: the same with the plan's edits, where there are any
 */
struct plan_case {
	const struct layout *layout;
	const struct capgap_policy *policy;
	const struct capgap_plan *plan;
	const uint8_t *view;
	const uint8_t *guest;
};

/* Grade the bytes of a layout; before anything else is judged of it. */
void judge_prepare(const struct layout *l, unsigned min_gap);

/* Each returns NULL, or what is wrong, in a static buffer. */

/* The placed bytes are fit for the grade, and the guard is kept. */
const char *judge_bytes(const struct plan_case *c);

/* A place of the required grade is found where there is one, and the best one is taken. */
const char *judge_completeness(const struct plan_case *c);

/* What is said of the VMM's own default agrees with the bytes there. */
const char *judge_default(const struct plan_case *c);

/* The edits make a list with the capabilities, and change nothing that they need not. */
const char *judge_edits(const struct plan_case *c);

/**
 * judge_clean_run() - the next run that is beyond doubt
 * @l: borrowed
 * @from: where to begin; 0x100 at first, then the end of the last run
 * @off: filled
 *
 * Such a run reads as nothing, lies outside the hazard bands, and begins and ends at
 * linked structures, the one before it of known length.
 *
 * Return: its bytes, or 0 when there is none.
 */
unsigned judge_clean_run(const struct layout *l, unsigned from, unsigned *off);

#endif
