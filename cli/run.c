/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads the inputs, plans, reports, and keeps count for the exit status. */
#include "cli.h"

#include <errno.h>
#include <string.h>

#include "../analyzer/stream.h"
#include "../report/names.h"

/* What one run holds, and what it has seen. */
struct run {
	const struct task *task;
	const struct settings *set;
	struct capgap_report report;
	const struct capgap_reporter *format;
	struct capgap_plan plan;
	struct capgap_pasid pasid;
	unsigned long n_functions;
	unsigned long n_chosen;
	unsigned long n_applicable;
	unsigned long n_placed;
	bool trouble;
};

/* True when the answer for an applicable function is yes. */
static bool is_placed(const struct run *run)
{
	const struct capgap_plan *plan = &run->plan;

	if (!plan->found)
		return false;
	if (run->set->require_pasid && run->pasid.supported != CAPGAP_IS_YES)
		return false;
	return plan->edits.link == CAPGAP_LINK_PRESENT ||
	       plan->grade >= run->set->policy.require;
}

static int on_function(void *ctx, const char *source, unsigned machine,
		       const struct capgap_function *fn)
{
	struct run *run = ctx;
	struct capgap_answer answer = { source, machine, fn, NULL, NULL };
	int rc;

	run->n_functions++;
	if (!select_matches(&run->set->select, fn))
		return 0;
	run->n_chosen++;
	if (run->task->plan) {
		capgap_query_config(&run->pasid, fn);
		capgap_plan_make(&run->plan, fn, &run->pasid, &run->set->policy);
		answer.plan = &run->plan;
		answer.pasid = &run->pasid;
		run->n_applicable += !fn->not_applicable;
		run->n_placed += !fn->not_applicable && is_placed(run);
	}
	rc = run->format->answer(&run->report, &answer);
	run->report.count++;
	if (!rc && ferror(run->report.out))
		rc = -CAPGAP_E_IO;
	return rc;
}

static void on_trouble(void *ctx, const char *source, const struct capgap_err *err)
{
	struct run *run = ctx;

	run->trouble = true;
	if (err->line)
		complain("%s:%lu: %s", source, err->line, err->text);
	else
		complain("%s: %s", source, err->text);
}

/* DESIGN: the exit status answers for a choice or a single image, else for the dump. */
static int exit_status(const struct run *run)
{
	bool each = run->set->all || run->set->select.slot_given ||
		    run->set->select.ids_given;

	if (run->trouble)
		return EXIT_INPUT;
	if (!run->task->may_say_no)
		return EXIT_OK;
	if (each && run->n_placed < run->n_applicable)
		return EXIT_NO;
	return run->n_placed ? EXIT_OK : EXIT_NO;
}

/* Nothing that was written may be lost unnoticed. */
static int close_output(int status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	if (errno != EPIPE)
		complain("standard output: %s", strerror(errno));
	return EXIT_REFUSED;
}

static int read_inputs(struct run *run, struct capgap_reader *reader)
{
	int rc = 0;

	for (int i = 0; i < run->set->n_args && (!rc || rc == -CAPGAP_E_DAMAGED); i++)
		rc = capgap_reader_read(reader, run->set->args[i]);
	if (rc == -CAPGAP_E_DAMAGED)
		rc = 0;
	if (rc && rc != -CAPGAP_E_IO)
		complain("%s", capgap_strerror(rc));
	return rc;
}

int run_task(const struct task *task, struct settings *set)
{
	struct run run = { .task = task, .set = set };
	struct capgap_out out = { on_function, on_trouble, &run };
	struct capgap_reader *reader;
	int status = EXIT_REFUSED;

	if (!set->n_args) {
		complain("no INPUT: give a dump, a directory, or - for standard input");
		return EXIT_USAGE;
	}
	run.format = set->report && set->report != &capgap_report_text ? set->report :
									 task->report;
	run.report.out = stdout;
	run.report.require = set->policy.require;
	run.report.min_gap = set->analysis.min_gap;
	run.report.names = set->numeric ? NULL : capgap_names_new();
	reader = capgap_reader_new(&set->analysis, &out);
	if (!reader || (!set->numeric && !run.report.names)) {
		complain("%s", capgap_strerror(CAPGAP_E_NOMEM));
		goto out;
	}
	if (run.format->begin)
		run.format->begin(&run.report);
	if (read_inputs(&run, reader) == 0)
		status = exit_status(&run);
	if (run.format->end)
		run.format->end(&run.report);
	if (run.n_functions && !run.n_chosen)
		complain("no function matches");
	status = close_output(status);
out:
	capgap_reader_free(reader);
	capgap_names_free(run.report.names);
	return status;
}
