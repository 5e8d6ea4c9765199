/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `capgap capture`: the live host's configuration spaces, to be read elsewhere. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "capture.h"
#include "cli.h"
#include "output.h"

#include "../report/capture.h"

/**
 * struct capturing - a capture on its way
 * @set: what the command line asks for
 * @path: the file; NULL for standard output
 * @visit: counts the functions
 * @n_chosen: functions that were asked for; others are what their answers rest on, or had
 *            to be read to be known
 * @out: where it is collected
 * @bytes: what was collected, owned
 * @len: bytes of it
 */
struct capturing {
	const struct settings *set;
	const char *path;
	struct capgap_report visit;
	unsigned long n_chosen;
	FILE *out;
	char *bytes;
	size_t len;
};

const char *capture_set_anonymise(struct settings *set, const char *arg)
{
	(void)arg;
	set->anonymise = true;
	return NULL;
}

static int add(void *ctx, const char *source, unsigned machine,
	       const struct capgap_function *fn)
{
	struct capturing *run = ctx;

	(void)source;
	(void)machine;
	run->n_chosen += select_matches(run->set->host.choice, fn);
	capgap_capture_function(run->out, fn, run->set->anonymise);
	return ferror(run->out) ? -CAPGAP_E_NOMEM : 0;
}

static int status(const void *ctx)
{
	const struct capturing *run = ctx;

	return run->n_chosen ? EXIT_OK : EXIT_NO;
}

/* Put what was collected in its place; an exit status. */
static int deliver(const struct capturing *run, int ret)
{
	struct output file;

	if (!run->path) {
		fwrite(run->bytes, 1, run->len, stdout);
		return close_output(ret);
	}
	if (output_write(&file, run->path, run->bytes, run->len) ||
	    output_commit(&file)) {
		complain("%s: %s", run->path, strerror(errno));
		ret = refused_status(ret);
	}
	output_abandon(&file);
	return ret;
}

/* Read the host, and write what was read if there was anything. */
static int capture_host(struct capturing *run, struct settings *set)
{
	struct visit visit = {
		.function = add, .status = status, .report = &run->visit, .ctx = run
	};
	int ret;

	run->out = open_memstream(&run->bytes, &run->len);
	if (!run->out) {
		complain("%s", capgap_strerror(CAPGAP_E_NOMEM));
		return EXIT_REFUSED;
	}
	capgap_capture_begin(run->out, set->anonymise);
	ret = run_inputs(&visit, set);
	if (fclose(run->out) && ret != EXIT_REFUSED) {
		complain("%s", capgap_strerror(CAPGAP_E_NOMEM));
		ret = EXIT_REFUSED;
	}
	if (run->visit.count && !run->n_chosen)
		complain("no function matches");
	if (run->n_chosen && ret != EXIT_REFUSED)
		ret = deliver(run, ret);
	free(run->bytes);
	return ret;
}

static int capture(struct settings *set)
{
	struct capturing run = { .set = set };
	struct select choice = set->select;

	if (set->n_args) {
		complain("capture: '%s' is too much: it reads the live host",
			 set->args[0]);
		return EXIT_USAGE;
	}
	if (set->output && strcmp(set->output, "-") != 0)
		run.path = set->output;
	/* All that is read is written: what is chosen, and what its answers rest on. */
	set->host.choice = &choice;
	select_init(&set->select);
	set->numeric = true;
	return capture_host(&run, set);
}

const struct cmd cmd_capture = {
	.name = "capture",
	.operands = "",
	.summary =
		"Write the live host's configuration spaces as text, with all that the other "
		"commands need of them.",
	.options = "sdPAHYqQ",
	.run = capture,
};
