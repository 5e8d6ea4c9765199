/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads the inputs, plans, reports, and keeps count for the exit status. */
#include "cli.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../analyzer/stream.h"
#include "../report/names.h"

/**
 * struct reading - one reading of the inputs, and what it has met
 * @visit: who gets the functions
 * @set: what the command line asks for
 * @joined: inputs that are joined with these
 * @n_functions: functions that were read
 * @n_chosen: those of them that are asked for
 * @n_asleep: those of them that were left asleep
 * @missed: some of these were chosen on the command line
 * @trouble: something could not be read
 */
struct reading {
	const struct visit *visit;
	const struct settings *set;
	struct joined joined;
	unsigned long n_functions;
	unsigned long n_chosen;
	unsigned long n_asleep;
	bool missed;
	bool trouble;
};

/* Count a function that was left asleep: for one that was chosen nobody has an answer. */
static void note_asleep(struct reading *reading, const struct capgap_function *fn)
{
	const struct settings *set = reading->set;
	const struct select *choice = set->host.choice ? set->host.choice : &set->select;

	if (!(fn->meta.flags & CAPGAP_META_ASLEEP))
		return;
	reading->n_asleep++;
	if ((choice->slot_given || choice->ids_given) && select_matches(choice, fn))
		reading->missed = true;
}

/* Say of how many functions nothing was read, and what would help. */
static void tell_asleep(const struct reading *reading)
{
	unsigned long n = reading->n_asleep;
	const char *were = n == 1 ? "was" : "were";
	const char *them = n == 1 ? "it" : "them";

	if (n && host_is_input(reading->set))
		complain("%lu function%s in D3cold and %s not read; --wake reads %s", n,
			 n == 1 ? " sleeps" : "s sleep", were, them);
	else if (n)
		complain("%lu function%s %s left asleep in D3cold, and not read; where "
			 "there is no INPUT, --wake reads %s",
			 n, n == 1 ? "" : "s", were, them);
}

/* Something that was asked for is not answered. */
static bool is_short(const struct reading *reading)
{
	return reading->trouble || reading->missed;
}

static int on_function(void *ctx, const char *source, unsigned machine,
		       const struct capgap_function *fn)
{
	struct reading *reading = ctx;
	const struct visit *visit = reading->visit;
	int rc;

	reading->n_functions++;
	joined_note(&reading->joined, fn);
	if (!select_matches(&reading->set->select, fn))
		return 0;
	reading->n_chosen++;
	note_asleep(reading, fn);
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

int refused_status(int status)
{
	return status == EXIT_USAGE || status == EXIT_INPUT ? status : EXIT_REFUSED;
}

int close_output(int status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	if (errno != EPIPE)
		complain("standard output: %s", strerror(errno));
	return refused_status(status);
}

static int read_inputs(struct reading *reading, struct capgap_reader *reader)
{
	const struct settings *set = reading->set;
	int rc = 0;

	if (host_is_input(set))
		rc = host_read(set, reader);
	else if (set->common.samples)
		rc = samples_read(set, reader, on_trouble, reading);
	else
		for (int i = 0; i < set->n_args && (!rc || rc == -CAPGAP_E_DAMAGED); i++)
			rc = capgap_reader_read(reader, set->args[i]);
	return rc == -CAPGAP_E_DAMAGED ? 0 : rc;
}

/* Of the live host only what is chosen is read, and @rc says that it was: nothing was. */
static bool chose_nothing(const struct reading *reading, int rc)
{
	return !rc && host_is_input(reading->set) && !reading->trouble;
}

/* All between the first and the last byte of output; an exit status. */
static int visit_inputs(struct reading *reading, struct capgap_reader *reader)
{
	const struct visit *visit = reading->visit;
	int rc = visit->begin ? visit->begin(visit->ctx) : 0;
	int ended;

	if (!rc)
		rc = read_inputs(reading, reader);
	if (!rc)
		reading->trouble |= joined_close(&reading->joined);
	ended = visit->end ? visit->end(visit->ctx, reading->trouble) : 0;
	if (!rc)
		rc = ended;
	if (rc && rc != -CAPGAP_E_IO)
		complain("%s", capgap_strerror(rc));
	if ((reading->n_functions || chose_nothing(reading, rc)) && !reading->n_chosen)
		complain("no function matches");
	tell_asleep(reading);
	if (rc)
		return is_short(reading) ? EXIT_INPUT : EXIT_REFUSED;
	return is_short(reading) ? EXIT_INPUT : visit->status(visit->ctx);
}

static bool is_directory(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* The file behind standard output, where it is one; NULL for a terminal or a pipe. */
static const struct capgap_file *output_file(struct capgap_file *file)
{
	struct stat st;

	if (fstat(STDOUT_FILENO, &st) || !S_ISREG(st.st_mode))
		return NULL;
	*file = (struct capgap_file){ st.st_dev, st.st_ino };
	return file;
}

int run_inputs(const struct visit *visit, struct settings *set)
{
	struct reading reading = { .visit = visit, .set = set };
	struct capgap_out out = { on_function, on_trouble, &reading };
	struct capgap_report *report = visit->report;
	struct capgap_reader *reader = NULL;
	struct capgap_nodedevs *nodedevs = NULL;
	struct capgap_quirks *quirks;
	const char *wrong = host_judge(set);
	bool whole = false;
	struct capgap_file output;
	int status = EXIT_REFUSED;

	if (wrong) {
		complain("%s", wrong);
		return EXIT_USAGE;
	}
	report->out = stdout;
	report->policy = set->policy;
	report->explain = set->explain;
	report->many = set->n_args > 1 || (set->n_args && is_directory(set->args[0]));
	report->names = set->numeric ? NULL : capgap_names_new();
	quirks = quirks_load(set, &status, &whole);
	if (!quirks)
		goto out;
	set->analysis.quirks = quirks;
	set->analysis.no_devices = !whole;
	status = nodedev_open(&nodedevs, set, &reading.trouble);
	if (status >= 0)
		goto out;
	status = joined_open(&reading.joined, set, !report->many && set->n_args);
	if (status >= 0)
		goto out;
	status = EXIT_REFUSED;
	set->analysis.output = output_file(&output);
	reader = capgap_reader_new(&set->analysis, &out);
	if (!reader || (!set->numeric && !report->names)) {
		complain("%s", capgap_strerror(CAPGAP_E_NOMEM));
		goto out;
	}
	status = close_output(visit_inputs(&reading, reader));
out:
	joined_release(&reading.joined);
	capgap_reader_free(reader);
	capgap_nodedevs_free(nodedevs);
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
	struct capgap_obstacles obstacles;
	struct live_answers live;
	bool begun;
	unsigned long n_applicable;
	unsigned long n_placed;
};

/* True when the answer for an applicable function is yes. */
static bool is_placed(const struct run *run)
{
	const struct capgap_plan *plan = &run->plan;

	if (run->set->require_pasid && run->pasid.supported != CAPGAP_IS_YES)
		return false;
	if (run->set->require_vmm && plan->n_verdicts &&
	    plan->verdict[run->set->policy.vmm].kind != CAPGAP_VERDICT_ACCEPTED)
		return false;
	return capgap_plan_meets(&run->plan, &run->set->policy);
}

static int begin(void *ctx)
{
	struct run *run = ctx;
	int rc = run->set->live.query ? live_answers_ask(&run->live, run->set) : 0;

	if (rc)
		return rc;
	run->begun = true;
	if (run->format->begin)
		run->format->begin(&run->report);
	return 0;
}

static int answer(void *ctx, const char *source, unsigned machine,
		  const struct capgap_function *fn)
{
	struct run *run = ctx;
	struct capgap_answer ans = { .source = source, .machine = machine, .fn = fn };

	if (run->task->plan) {
		capgap_query_config(&run->pasid, fn);
		query_bound(run->set, &run->pasid);
		live_answers_apply(&run->live, fn, &run->pasid);
		capgap_plan_make(&run->plan, fn, &run->pasid, &run->set->policy);
		ans.plan = &run->plan;
		ans.pasid = &run->pasid;
		capgap_obstacles_find(&run->obstacles, fn);
		ans.obstacles = &run->obstacles;
		run->n_applicable += !fn->not_applicable;
		run->n_placed += !fn->not_applicable && is_placed(run);
	}
	return run->format->answer(&run->report, &ans);
}

static int end(void *ctx, bool trouble)
{
	struct run *run = ctx;

	(void)trouble;
	if (run->begun && run->format->end)
		run->format->end(&run->report);
	return 0;
}

/* DESIGN: the exit status answers for a choice or a single image, else for the dump. */
int placed_status(const struct settings *set, unsigned long n_applicable,
		  unsigned long n_placed)
{
	bool each = set->all || set->select.slot_given || set->select.ids_given;

	if (each && n_placed < n_applicable)
		return EXIT_NO;
	return n_placed ? EXIT_OK : EXIT_NO;
}

static int exit_status(const void *ctx)
{
	const struct run *run = ctx;

	if (live_answers_lack(&run->live, run->set))
		return EXIT_REFUSED;
	return run->task->may_say_no ?
		       placed_status(run->set, run->n_applicable, run->n_placed) :
		       EXIT_OK;
}

int run_task(const struct task *task, struct settings *set)
{
	struct run run = { .task = task, .set = set };
	struct visit visit = { begin, answer, end, exit_status, &run.report, &run };

	int status;

	run.format = set->report && set->report != &capgap_report_text ? set->report :
									 task->report;
	status = run_inputs(&visit, set);
	live_answers_release(&run.live);
	return status;
}
