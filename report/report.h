/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Output formats over the finished answer: the table, and what each row does. */
#ifndef CAPGAP_REPORT_H
#define CAPGAP_REPORT_H

#include "../placement/obstacles.h"
#include "../placement/plan.h"

#include <stdio.h>

struct capgap_names;

/**
 * struct capgap_answer - all that is known and planned for one function
 * @source: name of the input, borrowed
 * @machine: machine it is of, from 0
 * @fn: borrowed
 * @plan: borrowed; NULL when nothing was planned (scan)
 * @pasid: borrowed; NULL when nothing was planned (scan)
 * @obstacles: borrowed; NULL when nothing was planned (scan)
 */
struct capgap_answer {
	const char *source;
	unsigned machine;
	const struct capgap_function *fn;
	const struct capgap_plan *plan;
	const struct capgap_pasid *pasid;
	const struct capgap_obstacles *obstacles;
};

/**
 * struct capgap_report - one output, being written
 * @out: borrowed; the caller checks it for errors
 * @names: vendor and device names for people, borrowed; NULL prints numbers
 * @policy: what is planned, for what is said of the rest
 * @explain: give a reason for every range that is not planned
 * @many: there may be several inputs, so formats for people name them
 * @machine: machine of the last answer; means nothing while @count is 0
 * @count: answers written so far
 * @state: what a format keeps between its begin and its end; NULL before and after
 */
struct capgap_report {
	FILE *out;
	struct capgap_names *names;
	struct capgap_policy policy;
	bool explain;
	bool many;
	unsigned machine;
	unsigned long count;
	void *state;
};

/**
 * struct capgap_reporter - one format, a row of the table in report.c
 * @name: what --format calls it
 * @help: one line for people
 * @of_plan: it tells of plans, and nothing without one
 * @begin: before the first answer; may be NULL
 * @answer: one answer. Returns 0, or -CAPGAP_E_NOMEM
 * @end: behind the last answer; may be NULL
 */
struct capgap_reporter {
	const char *name;
	const char *help;
	bool of_plan;
	void (*begin)(struct capgap_report *rep);
	int (*answer)(struct capgap_report *rep, const struct capgap_answer *ans);
	void (*end)(struct capgap_report *rep);
};

extern const struct capgap_reporter capgap_report_text;	   /* text.c */
extern const struct capgap_reporter capgap_report_json;	   /* json.c */
extern const struct capgap_reporter capgap_report_ndjson;  /* ndjson.c */
extern const struct capgap_reporter capgap_report_qemu;	   /* qemu.c */
extern const struct capgap_reporter capgap_report_libvirt; /* libvirt.c */
extern const struct capgap_reporter capgap_report_show; /* show.c; no row of the table */

/**
 * capgap_answer_hit() - the findings of an answer, the function's before the plan's
 * @ans: borrowed
 * @n: from 0
 *
 * Return: borrowed; NULL behind the last.
 */
const struct capgap_hit *capgap_answer_hit(const struct capgap_answer *ans, unsigned n);

/* The format of that name, or NULL. */
const struct capgap_reporter *capgap_report_find(const char *name);

/* The formats by position; NULL behind the last. */
const struct capgap_reporter *capgap_report_row(unsigned n);

#endif
