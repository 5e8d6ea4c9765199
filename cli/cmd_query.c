/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `capgap query`: what a function can do with PASIDs, and what each way to ask returns. */
#include "cli.h"

#include "../report/query_report.h"

/**
 * struct inquiry - what is asked while the inputs are read
 * @set: what the command line asks for
 * @ask: the same of each function
 * @how: output format
 * @report: the output, as run_inputs() counts it
 * @asked: the current function's answers
 * @n_counted: functions that the exit status counts
 * @n_yes: those of them that have PASID
 */
struct inquiry {
	const struct settings *set;
	struct capgap_ask ask;
	const struct capgap_query_reporter *how;
	struct capgap_report report;
	struct capgap_asked asked;
	unsigned long n_counted;
	unsigned long n_yes;
};

static int begin(void *ctx)
{
	struct inquiry *in = ctx;

	if (in->how->format->begin)
		in->how->format->begin(&in->report);
	return 0;
}

static int answer(void *ctx, const char *source, unsigned machine,
		  const struct capgap_function *fn)
{
	struct inquiry *in = ctx;
	struct capgap_query_answer ans = {
		.base = { .source = source, .machine = machine, .fn = fn },
		.asked = &in->asked,
	};
	bool yes;

	capgap_ask_all(&in->asked, &in->ask, fn);
	yes = capgap_ask_yes(&in->asked);
	/* A function that no capability is placed in can have PASID all the same. */
	in->n_counted += yes || !fn->not_applicable;
	in->n_yes += yes;
	return in->how->answer(&in->report, &ans);
}

static int end(void *ctx, bool trouble)
{
	struct inquiry *in = ctx;

	(void)trouble;
	if (in->how->format->end)
		in->how->format->end(&in->report);
	return 0;
}

static int exit_status(const void *ctx)
{
	const struct inquiry *in = ctx;

	return placed_status(in->set, in->n_counted, in->n_yes);
}

/* The indexes of VFIO_DEVICE_FEATURE; nothing is read. */
static int list_features(struct inquiry *in)
{
	const struct capgap_feature *feature;
	int rc = 0;

	in->report.out = stdout;
	begin(in);
	if (in->how->features_begin)
		in->how->features_begin(&in->report);
	for (unsigned i = 0; !rc && (feature = capgap_feature_get(i)); i++) {
		rc = in->how->feature(&in->report, feature);
		in->report.count++;
	}
	end(in, false);
	if (rc)
		complain("%s", capgap_strerror(rc));
	return close_output(rc ? EXIT_REFUSED : EXIT_OK);
}

static int query(struct settings *set)
{
	struct inquiry in = { .set = set };
	struct visit visit = { begin, answer, end, exit_status, &in.report, &in };
	const char *wrong = live_judge(set);

	if (!wrong)
		wrong = query_judge(set, &in.ask);

	in.how = capgap_query_reporter_find(set->report ? set->report :
							  &capgap_report_text);
	if (!wrong && !in.how)
		wrong = "formats are text, json and ndjson";
	if (wrong) {
		complain("query: %s", wrong);
		return EXIT_USAGE;
	}
	if (set->live.has_bdf)
		return query_live(set);
	return set->query.features ? list_features(&in) : run_inputs(&visit, set);
}

const struct cmd cmd_query = {
	.name = "query",
	.operands = "[INPUT]...",
	.summary = "Tell what functions can do with PASIDs, and what each way to ask "
		   "returns; exit 1 if a chosen one, or the whole dump, has none.",
	.options = "sdfnFqQmlzietjHYLTUZ",
	.run = query,
};
