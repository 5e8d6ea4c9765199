/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `capgap view --live`: the VFIO region against the view that is derived of the host's. */
#include <stdlib.h>

#include "../analyzer/function_quirks.h"
#include "../analyzer/stream.h"
#include "../report/live_report.h"
#include "cli.h"
#include "image_out.h"

/**
 * struct viewing - one comparison
 * @set: what the command line asks for
 * @req: what is asked of the kernel; with consent where it was agreed to
 * @how: output format; NULL where the image itself goes to standard output
 * @visit: counts the functions that are chosen
 * @report: the output
 * @images: where the region is written
 * @config: the region as it was read
 * @region: the same as an image
 * @view: derived of the host's image, by the rules that are compared last
 * @after: the host's image, read again behind the region
 * @has_after: it was
 * @comparison: of region and view
 * @other: the same by the rules of the other kernels
 * @done: the answer was given
 * @good: nothing is left to explain
 * @failed: the image could not be written
 */
struct viewing {
	const struct settings *set;
	struct capgap_live_request req;
	const struct capgap_live_reporter *how;
	struct capgap_report visit;
	struct capgap_report report;
	struct image_out images;
	struct capgap_live_config config;
	struct capgap_region region;
	struct capgap_view view;
	struct capgap_image after;
	bool has_after;
	struct capgap_comparison comparison;
	struct capgap_comparison other;
	bool done;
	bool good;
	bool failed;
};

static int begin(void *ctx)
{
	struct viewing *run = ctx;

	live_approach(&run->req, run->set, &run->config.facts, &run->config.trouble);
	run->report = run->visit;
	if (run->how && run->how->format->begin)
		run->how->format->begin(&run->report);
	return 0;
}

/*
 * Read the region, unless it is known from sysfs that it cannot be had; no further than the
 * host's side, since the kernel passes the read on to the device.
 */
static void read_region(struct viewing *run, const struct capgap_function *fn)
{
	run->req.limit = capgap_function_limit(fn, run->set->analysis.quirks);
	if (run->config.trouble.situation == CAPGAP_LIVE_NONE)
		capgap_live_read_config(&run->config, capgap_live_system(), &run->req);
	capgap_image_init(&run->region.image);
	capgap_image_put(&run->region.image, 0, run->config.byte, run->config.len);
	run->region.size = run->config.size;
	run->region.limit = run->req.limit;
}

static int keep_image(void *ctx, const char *source, unsigned machine,
		      const struct capgap_function *fn)
{
	struct viewing *run = ctx;

	(void)source;
	(void)machine;
	if (!select_matches(&run->set->select, fn))
		return 0;
	run->after = fn->image;
	run->has_after = true;
	return 0;
}

/* The host's side again: what changes by itself is no fault of the view. */
static int read_again(struct viewing *run)
{
	struct capgap_out out = { keep_image, NULL, run };
	struct capgap_reader *reader = capgap_reader_new(&run->set->analysis, &out);
	int rc = -CAPGAP_E_NOMEM;

	if (reader)
		rc = host_read(run->set, reader);
	capgap_reader_free(reader);
	return rc == -CAPGAP_E_DAMAGED ? 0 : rc;
}

/* Compare by the rules of one class of kernels. */
static void compare(struct viewing *run, struct capgap_comparison *out,
		    const struct capgap_function *fn, enum capgap_kernel kernel)
{
	capgap_view_derive(&run->view, fn, kernel);
	capgap_compare(out, fn, &run->view, &run->region,
		       run->has_after ? &run->after : NULL);
}

/* Both classes; the one that is asked for last, since its view is told. */
static bool compare_both(struct viewing *run, const struct capgap_function *fn)
{
	enum capgap_kernel kernel = run->set->policy.kernel;

	compare(run, &run->other, fn,
		kernel == CAPGAP_KERNEL_6_4 ? CAPGAP_KERNEL_OLD : CAPGAP_KERNEL_6_4);
	compare(run, &run->comparison, fn, kernel);
	run->good = capgap_compare_is_good(&run->comparison);
	return !run->good && capgap_compare_is_good(&run->other);
}

static int write_image(struct viewing *run, const struct capgap_function *fn)
{
	char bdf[CAPGAP_BDF_TEXT];
	struct capgap_err err;
	int rc = image_out_add(&run->images, &run->region.image, fn, &err);

	if (rc != -CAPGAP_E_FORMAT)
		return rc;
	run->failed = true;
	complain("%s: not written (%s): %s", capgap_bdf_format(&run->req.bdf, bdf),
		 capgap_image_form_name(run->images.form), err.text);
	return 0;
}

static int answer(void *ctx, const char *source, unsigned machine,
		  const struct capgap_function *fn)
{
	struct viewing *run = ctx;
	struct capgap_live_view_answer ans = {
		.base = { .source = source, .machine = machine, .fn = fn },
		.bdf = run->req.bdf,
		.config = &run->config,
		.kernel = run->set->policy.kernel,
	};
	int rc = 0;

	run->done = true;
	if (run->config.trouble.situation == CAPGAP_LIVE_NONE)
		capgap_live_is_unsafe(&run->config.trouble, fn);
	read_region(run, fn);
	if (run->config.len) {
		rc = read_again(run);
		ans.other_fits = compare_both(run, fn);
		ans.view = &run->view;
		ans.comparison = &run->comparison;
	}
	if (!rc && run->config.len && run->set->output)
		rc = write_image(run, fn);
	if (!rc && run->how)
		rc = run->how->view(&run->report, &ans);
	run->report.count++;
	return rc;
}

/* Without the host's side there is nothing to compare with, and the region is not read. */
static int end(void *ctx, bool trouble)
{
	struct viewing *run = ctx;
	struct capgap_live_view_answer ans = { .bdf = run->req.bdf,
					       .config = &run->config };
	int rc = 0;

	(void)trouble;
	if (!run->done && run->how)
		rc = run->how->view(&run->report, &ans);
	if (run->how && run->how->format->end)
		run->how->format->end(&run->report);
	return rc;
}

static int exit_status(const void *ctx)
{
	const struct viewing *run = ctx;

	if (run->failed)
		return EXIT_INPUT;
	if (run->config.trouble.situation != CAPGAP_LIVE_NONE)
		return EXIT_REFUSED;
	if (!run->done)
		return EXIT_INPUT;
	return run->good ? EXIT_OK : EXIT_NO;
}

static int run_view(struct viewing *run, struct settings *set)
{
	struct visit visit = { begin, answer, end, exit_status, &run->visit, run };

	live_select(set);
	return image_out_run(&run->images, &visit, set);
}

int view_live(struct settings *set)
{
	bool to_stdout = set->output && set->output[0] == '-' && !set->output[1];
	struct viewing *run = calloc(1, sizeof(*run));
	int status;

	if (!run) {
		complain("%s", capgap_strerror(CAPGAP_E_NOMEM));
		return EXIT_REFUSED;
	}
	run->set = set;
	run->req = live_request(set, &set->live.bdf);
	if (!to_stdout)
		run->how = capgap_live_reporter_find(set->report ? set->report :
								   &capgap_report_text);
	status = run_view(run, set);
	free(run);
	return status;
}
