/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `capgap query --live`: the running kernel is asked about one function. */
#include <string.h>

#include "../report/live_report.h"
#include "cli.h"

/**
 * struct inquiry - one question
 * @set: what the command line asks for
 * @req: what is asked of the kernel; with consent where it was agreed to
 * @how: output format
 * @report: the output
 * @live: the kernel's answer
 * @config: that of configuration space
 * @pasid: both joined
 * @word: what became of asking
 * @obstacles: what else is in the way
 * @iommu: as sysfs shows it
 * @answered: the kernel has told whether there is PASID
 * @done: the answer was given
 */
struct inquiry {
	const struct settings *set;
	struct capgap_live_request req;
	const struct capgap_live_reporter *how;
	struct capgap_report report;
	struct capgap_live live;
	struct capgap_pasid config;
	struct capgap_pasid pasid;
	struct capgap_live_word word;
	struct capgap_obstacles obstacles;
	struct capgap_iommu iommu;
	bool answered;
	bool done;
};

static int begin(void *ctx)
{
	struct inquiry *in = ctx;

	live_approach(&in->req, in->set, &in->live.facts, &in->live.trouble);
	if (in->how->format->begin)
		in->how->format->begin(&in->report);
	return 0;
}

/* Ask, unless it is known from sysfs that there is no asking. */
static void ask_kernel(struct inquiry *in)
{
	if (in->live.trouble.situation == CAPGAP_LIVE_NONE)
		capgap_live_query(&in->live, capgap_live_system(), &in->req);
}

/* Join all answers and tell them; @base.fn may be NULL. */
static int tell(struct inquiry *in, const struct capgap_answer *base)
{
	struct capgap_live_answer ans = {
		.base = *base,
		.bdf = in->req.bdf,
		.live = &in->live,
		.config = &in->config,
		.pasid = &in->pasid,
		.word = &in->word,
		.obstacles = &in->obstacles,
	};

	in->done = true;
	in->pasid = in->config;
	in->answered = capgap_live_apply(&in->pasid, &in->live);
	capgap_live_say(&in->word, &in->live, in->answered);
	capgap_live_remark_all(&in->word.remarks, &in->live, &in->config, &in->iommu);
	return in->how->query(&in->report, &ans);
}

/* The function as it is before it is opened, which may change it. */
static int answer(void *ctx, const char *source, unsigned machine,
		  const struct capgap_function *fn)
{
	struct capgap_answer base = { .source = source, .machine = machine, .fn = fn };
	struct inquiry *in = ctx;

	capgap_query_config(&in->config, fn);
	capgap_obstacles_find(&in->obstacles, fn);
	if (fn->meta.flags & CAPGAP_META_IOMMU)
		in->iommu = fn->meta.iommu;
	if (in->live.trouble.situation == CAPGAP_LIVE_NONE)
		capgap_live_is_unsafe(&in->live.trouble, fn);
	ask_kernel(in);
	return tell(in, &base);
}

/* The kernel can be asked, too, about a function that could not be read. */
static int end(void *ctx, bool trouble)
{
	const struct capgap_answer base = { .source = "" };
	struct inquiry *in = ctx;
	int rc = 0;

	(void)trouble;
	if (!in->done) {
		ask_kernel(in);
		rc = tell(in, &base);
	}
	if (in->how->format->end)
		in->how->format->end(&in->report);
	return rc;
}

static int exit_status(const void *ctx)
{
	const struct inquiry *in = ctx;

	if (in->live.trouble.situation != CAPGAP_LIVE_NONE || !in->answered)
		return EXIT_REFUSED;
	return in->live.width ? EXIT_OK : EXIT_NO;
}

int query_live(struct settings *set)
{
	struct inquiry in = { .set = set };
	struct visit visit = { begin, answer, end, exit_status, &in.report, &in };

	in.how = capgap_live_reporter_find(set->report ? set->report :
							 &capgap_report_text);
	in.req = live_request(set, &set->live.bdf);
	if (!in.how) {
		complain("query: formats are text, json and ndjson");
		return EXIT_USAGE;
	}
	live_select(set);
	return run_inputs(&visit, set);
}
