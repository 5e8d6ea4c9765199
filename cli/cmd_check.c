/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `capgap check`: every rule over every function, for whoever makes them. */
#include "cli.h"

/* One run, and what it has found. */
struct checking {
	const struct settings *set;
	const struct capgap_check_reporter *format;
	struct capgap_check_report report;
	struct capgap_findings hits;
};

static int list_rules(const struct settings *set)
{
	int kind;

	for (unsigned n = 0; (kind = capgap_check_rule(n)) >= 0; n++)
		printf("%-26s %-8s %s\n", capgap_finding_get((unsigned)kind)->name,
		       capgap_check_level_name(set->levels.of[kind]),
		       capgap_finding_get((unsigned)kind)->rule);
	return close_output(EXIT_OK);
}

static int begin(void *ctx)
{
	struct checking *run = ctx;

	return run->format->begin ? run->format->begin(&run->report) : 0;
}

static int function(void *ctx, const char *source, unsigned machine,
		    const struct capgap_function *fn)
{
	struct checking *run = ctx;
	struct capgap_check_answer ans = {
		{ .source = source, .machine = machine, .fn = fn },
		&run->hits,
		&run->set->levels
	};
	struct capgap_check_count count;
	int rc;

	run->hits.n = 0;
	capgap_check_function(fn, &run->hits);
	rc = run->format->answer(&run->report, &ans);
	count = capgap_check_count(&ans);
	for (unsigned i = 0; i <= CAPGAP_LEVEL_ERROR; i++)
		run->report.count.of[i] += count.of[i];
	return rc;
}

static int end(void *ctx, bool trouble)
{
	struct checking *run = ctx;

	run->report.trouble = trouble;
	return run->format->end ? run->format->end(&run->report) : 0;
}

static int status(const void *ctx)
{
	const struct checking *run = ctx;

	return run->report.count.of[CAPGAP_LEVEL_ERROR] ? EXIT_NO : EXIT_OK;
}

static int check(struct settings *set)
{
	struct checking run = { .set = set, .format = set->check_report };
	struct visit visit = { begin, function, end, status, &run.report.base, &run };

	if (set->rules)
		return list_rules(set);
	if (!run.format)
		run.format = &capgap_check_text;
	run.report.levels = &set->levels;
	run.report.version = program_version();
	return run_inputs(&visit, set);
}

const struct cmd cmd_check = {
	.name = "check",
	.operands = "[INPUT]...",
	.summary =
		"Hold functions against every rule, and say what each breach rests on.",
	.options = "sdknFqQDWENRjHY",
	.run = check,
};
