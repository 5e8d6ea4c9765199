/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `capgap view`: the configuration space as vfio-pci shows it. */
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "image_out.h"

#include "../report/view_report.h"

/**
 * struct viewing - what a run holds, and what it has seen
 * @set: what the command line asks for
 * @how: output format; NULL where the images themselves go to standard output
 * @visit: counts the functions that are chosen
 * @report: the output
 * @images: those that are written, where any are
 * @view: of the current function
 * @chain: its lists
 * @failed: an image could not be written
 */
struct viewing {
	const struct settings *set;
	const struct capgap_view_reporter *how;
	struct capgap_report visit;
	struct capgap_report report;
	struct image_out images;
	struct capgap_view view;
	struct capgap_chain chain;
	bool failed;
};

static int begin_view(void *ctx)
{
	struct viewing *run = ctx;

	run->report = run->visit;
	if (run->how && run->how->format->begin)
		run->how->format->begin(&run->report);
	return 0;
}

/* Add the image of a function to those that are written. */
static int write_image(struct viewing *run, const struct capgap_function *fn,
		       const char *source)
{
	char bdf[CAPGAP_BDF_TEXT];
	struct capgap_err err;
	int rc = image_out_add(&run->images, &run->view.image, fn, &err);

	if (rc != -CAPGAP_E_FORMAT)
		return rc;
	run->failed = true;
	complain("%s: not written (%s): %s",
		 fn->meta.flags & CAPGAP_META_BDF ?
			 capgap_bdf_format(&fn->meta.bdf, bdf) :
			 source,
		 capgap_image_form_name(run->images.form), err.text);
	return 0;
}

static int view_one(void *ctx, const char *source, unsigned machine,
		    const struct capgap_function *fn)
{
	struct viewing *run = ctx;
	struct capgap_view_answer ans = {
		.base = { .source = source, .machine = machine, .fn = fn },
		.view = &run->view,
		.kernel = run->set->policy.kernel,
		.chain = &run->chain,
	};
	int rc = 0;

	capgap_view_derive(&run->view, fn, run->set->policy.kernel);
	capgap_chain_walk(&run->chain, &run->view.image, fn->kind == CAPGAP_KIND_VF,
			  NULL);
	if (run->set->output)
		rc = write_image(run, fn, source);
	if (!rc && run->how)
		rc = run->how->answer(&run->report, &ans);
	run->report.count++;
	return rc;
}

static int end_view(void *ctx, bool trouble)
{
	struct viewing *run = ctx;

	(void)trouble;
	if (run->how && run->how->format->end)
		run->how->format->end(&run->report);
	return 0;
}

static int viewed_status(const void *ctx)
{
	const struct viewing *run = ctx;

	return run->failed ? EXIT_INPUT : EXIT_OK;
}

/* What is wrong with the options as a whole, or NULL. */
static const char *judge(const struct settings *set, bool to_stdout)
{
	if (!set->output && (set->binary || set->lspci))
		return "--output-format goes with --output";
	if (to_stdout && set->report)
		return "--output - writes the image alone; --format asks for a report";
	return NULL;
}

static int view(struct settings *set)
{
	bool to_stdout = set->output && !strcmp(set->output, "-");
	const char *wrong = live_judge(set);
	struct viewing *run;
	struct visit visit = {
		begin_view, view_one, end_view, viewed_status, NULL, NULL
	};
	int status;

	if (!wrong)
		wrong = judge(set, to_stdout);
	if (wrong) {
		complain("view: %s", wrong);
		return EXIT_USAGE;
	}
	if (set->live.has_bdf)
		return view_live(set);
	run = calloc(1, sizeof(*run));
	if (!run) {
		complain("%s", capgap_strerror(CAPGAP_E_NOMEM));
		return EXIT_REFUSED;
	}
	run->set = set;
	if (!to_stdout)
		run->how = capgap_view_reporter_find(set->report ? set->report :
								   &capgap_report_text);
	visit.report = &run->visit;
	visit.ctx = run;
	status = image_out_run(&run->images, &visit, set);
	free(run);
	return status;
}

const struct cmd cmd_view = {
	.name = "view",
	.operands = "[INPUT]...",
	.summary =
		"Show the configuration space as vfio-pci shows it: which capabilities it "
		"hides, and how; or write it.",
	.options = "sdfnFqQDKw67jSHYLTUZ",
	.run = view,
};
