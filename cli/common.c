/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One offset for many functions; and several samples of each. */
#include "common.h"

#include "../analyzer/samples.h"
#include "../report/common_report.h"
#include "cli.h"

/**
 * struct gathering - functions that are to have one offset
 * @set: what the command line asks for
 * @how: output format
 * @visit: the output as run_inputs() counts it
 * @report: the output
 * @common: the functions, owned
 * @n_answers: groups with applicable functions
 * @n_empty: groups without
 * @n_placed: groups that have an offset
 */
struct gathering {
	const struct settings *set;
	const struct capgap_common_reporter *how;
	struct capgap_report visit;
	struct capgap_report report;
	struct capgap_common *common;
	unsigned long n_answers;
	unsigned long n_empty;
	unsigned long n_placed;
};

static int add(void *ctx, const char *source, unsigned machine,
	       const struct capgap_function *fn)
{
	struct gathering *g = ctx;
	struct capgap_pasid pasid;

	capgap_query_config(&pasid, fn);
	query_bound(g->set, &pasid);
	return capgap_common_add(g->common, source, machine, fn, &pasid);
}

static bool is_placed(const struct settings *set, const struct capgap_common_answer *ans)
{
	if (set->require_pasid && ans->joint.supported != CAPGAP_IS_YES)
		return false;
	return ans->meets;
}

static int print(void *ctx, const struct capgap_common_answer *ans)
{
	struct gathering *g = ctx;
	int rc = g->how->answer(&g->report, ans);

	g->report.count++;
	g->n_answers += ans->n_applicable != 0;
	g->n_empty += ans->n_applicable == 0;
	g->n_placed += ans->n_applicable && is_placed(g->set, ans);
	return rc;
}

/* All is written behind the last input: what one function allows decides for the others. */
static int end(void *ctx, bool trouble)
{
	struct gathering *g = ctx;
	int rc;

	(void)trouble;
	g->report = g->visit;
	g->report.count = 0;
	if (g->how->format->begin)
		g->how->format->begin(&g->report);
	rc = capgap_common_each(g->common, print, g);
	if (g->how->end)
		g->how->end(&g->report, g->set->common.by ? g->n_empty : 0);
	if (g->how->format->end)
		g->how->format->end(&g->report);
	return rc;
}

static int status(const void *ctx)
{
	const struct gathering *g = ctx;

	return g->n_placed && g->n_placed == g->n_answers ? EXIT_OK : EXIT_NO;
}

/* What does not go together with --common, or NULL. */
static const char *judge(const struct settings *set)
{
	if (set->policy.force)
		return "--force goes with one function, not with --common";
	if (set->policy.n_wants)
		return "--cap goes with one function, not with --common";
	return NULL;
}

int common_run(struct settings *set)
{
	struct gathering g = { .set = set };
	struct visit visit = { NULL, add, end, status, &g.visit, &g };
	const char *wrong = judge(set);
	int rc;

	g.how = capgap_common_reporter_find(set->report ? set->report :
							  &capgap_report_text);
	if (!wrong && !g.how)
		wrong = "with --common, formats are text, json and ndjson";
	if (wrong) {
		complain("plan: %s", wrong);
		return EXIT_USAGE;
	}
	g.common = capgap_common_new(&set->policy, set->common.by);
	if (!g.common) {
		complain("%s", capgap_strerror(CAPGAP_E_NOMEM));
		return EXIT_REFUSED;
	}
	rc = run_inputs(&visit, set);
	capgap_common_free(g.common);
	return rc;
}

int samples_read(const struct settings *set, struct capgap_reader *reader,
		 void (*trouble)(void *ctx, const char *source,
				 const struct capgap_err *err),
		 void *ctx)
{
	struct capgap_samples *samples = capgap_samples_new(trouble, ctx);
	int rc = samples ? 0 : -CAPGAP_E_NOMEM;
	int fed;

	for (int i = 0; i < set->n_args && (!rc || rc == -CAPGAP_E_DAMAGED); i++)
		rc = capgap_samples_read(samples, set->args[i]);
	if (!rc || rc == -CAPGAP_E_DAMAGED) {
		fed = capgap_samples_feed(samples, reader);
		rc = fed ? fed : rc;
	}
	capgap_samples_free(samples);
	return rc;
}
