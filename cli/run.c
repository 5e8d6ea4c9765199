/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads the inputs, plans, reports, and keeps count for the exit status. */
#include "cli.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "../analyzer/stream.h"
#include "../report/names.h"

/* One reading of the inputs, and what it has met. */
struct reading {
	const struct visit *visit;
	const struct settings *set;
	unsigned long n_functions;
	unsigned long n_chosen;
	bool trouble;
};

static int on_function(void *ctx, const char *source, unsigned machine,
		       const struct capgap_function *fn)
{
	struct reading *reading = ctx;
	const struct visit *visit = reading->visit;
	int rc;

	reading->n_functions++;
	if (!select_matches(&reading->set->select, fn))
		return 0;
	reading->n_chosen++;
	rc = visit->function(visit->ctx, source, machine, fn);
	visit->report->count++;
	if (!rc && ferror(visit->report->out))
		rc = -CAPGAP_E_IO;
	return rc;
}

static void on_trouble(void *ctx, const char *source, const struct capgap_err *err)
{
	struct reading *reading = ctx;

	reading->trouble = true;
	if (err->line)
		complain("%s:%lu: %s", source, err->line, err->text);
	else
		complain("%s: %s", source, err->text);
}

int close_output(int status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	if (errno != EPIPE)
		complain("standard output: %s", strerror(errno));
	return EXIT_REFUSED;
}

static int read_inputs(const struct settings *set, struct capgap_reader *reader)
{
	int rc = 0;

	for (int i = 0; i < set->n_args && (!rc || rc == -CAPGAP_E_DAMAGED); i++)
		rc = capgap_reader_read(reader, set->args[i]);
	return rc == -CAPGAP_E_DAMAGED ? 0 : rc;
}

/* All between the first and the last byte of output; an exit status. */
static int visit_inputs(struct reading *reading, struct capgap_reader *reader)
{
	const struct visit *visit = reading->visit;
	int rc = visit->begin ? visit->begin(visit->ctx) : 0;
	int ended;

	if (!rc)
		rc = read_inputs(reading->set, reader);
	ended = visit->end ? visit->end(visit->ctx, reading->trouble) : 0;
	if (!rc)
		rc = ended;
	if (rc && rc != -CAPGAP_E_IO)
		complain("%s", capgap_strerror(rc));
	if (reading->n_functions && !reading->n_chosen)
		complain("no function matches");
	if (rc)
		return EXIT_REFUSED;
	return reading->trouble ? EXIT_INPUT : visit->status(visit->ctx);
}

static bool is_directory(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

int run_inputs(const struct visit *visit, struct settings *set)
{
	struct reading reading = { .visit = visit, .set = set };
	struct capgap_out out = { on_function, on_trouble, &reading };
	struct capgap_report *report = visit->report;
	struct capgap_reader *reader = NULL;
	struct capgap_quirks *quirks;
	int status = EXIT_REFUSED;

	if (!set->n_args) {
		complain("no INPUT: give a dump, a directory, or - for standard input");
		return EXIT_USAGE;
	}
	report->out = stdout;
	report->require = set->policy.require;
	report->min_gap = set->analysis.min_gap;
	report->many = set->n_args > 1 || is_directory(set->args[0]);
	report->names = set->numeric ? NULL : capgap_names_new();
	quirks = quirks_load(set, &status);
	if (!quirks)
		goto out;
	set->analysis.quirks = quirks;
	reader = capgap_reader_new(&set->analysis, &out);
	if (!reader || (!set->numeric && !report->names)) {
		complain("%s", capgap_strerror(CAPGAP_E_NOMEM));
		goto out;
	}
	status = close_output(visit_inputs(&reading, reader));
out:
	capgap_reader_free(reader);
	capgap_quirks_free(quirks);
	capgap_names_free(report->names);
	return status;
}

/* What a task holds while the inputs are read, and what it has seen. */
struct run {
	const struct task *task;
	const struct settings *set;
	struct capgap_report report;
	const struct capgap_reporter *format;
	struct capgap_plan plan;
	struct capgap_pasid pasid;
	unsigned long n_applicable;
	unsigned long n_placed;
};

/* True when the answer for an applicable function is yes. */
static bool is_placed(const struct run *run)
{
	if (run->set->require_pasid && run->pasid.supported != CAPGAP_IS_YES)
		return false;
	return capgap_plan_meets(&run->plan, &run->set->policy);
}

static int begin(void *ctx)
{
	struct run *run = ctx;

	if (run->format->begin)
		run->format->begin(&run->report);
	return 0;
}

static int answer(void *ctx, const char *source, unsigned machine,
		  const struct capgap_function *fn)
{
	struct run *run = ctx;
	struct capgap_answer ans = { source, machine, fn, NULL, NULL };

	if (run->task->plan) {
		capgap_query_config(&run->pasid, fn);
		capgap_plan_make(&run->plan, fn, &run->pasid, &run->set->policy);
		ans.plan = &run->plan;
		ans.pasid = &run->pasid;
		run->n_applicable += !fn->not_applicable;
		run->n_placed += !fn->not_applicable && is_placed(run);
	}
	return run->format->answer(&run->report, &ans);
}

static int end(void *ctx, bool trouble)
{
	struct run *run = ctx;

	(void)trouble;
	if (run->format->end)
		run->format->end(&run->report);
	return 0;
}

/* DESIGN: the exit status answers for a choice or a single image, else for the dump. */
static int exit_status(const void *ctx)
{
	const struct run *run = ctx;
	bool each = run->set->all || run->set->select.slot_given ||
		    run->set->select.ids_given;

	if (!run->task->may_say_no)
		return EXIT_OK;
	if (each && run->n_placed < run->n_applicable)
		return EXIT_NO;
	return run->n_placed ? EXIT_OK : EXIT_NO;
}

int run_task(const struct task *task, struct settings *set)
{
	struct run run = { .task = task, .set = set };
	struct visit visit = { begin, answer, end, exit_status, &run.report, &run };

	run.format = set->report && set->report != &capgap_report_text ? set->report :
									 task->report;
	return run_inputs(&visit, set);
}
