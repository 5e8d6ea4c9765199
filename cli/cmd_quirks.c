/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `capgap quirks`: what the quirk table holds, and what it says of a function. */
#include "cli.h"

#include <string.h>

#include "../report/quirks.h"

/* What the selector of ids says, as a question to the table. */
static struct capgap_quirk_ask asked(const struct select *sel)
{
	struct capgap_quirk_ask ask = { 0xffff, 0xffff, 0, 0 };

	if (sel->vendor != SELECT_ANY)
		ask.vendor = (uint16_t)sel->vendor;
	if (sel->device != SELECT_ANY)
		ask.device = (uint16_t)sel->device;
	if (sel->class_code != SELECT_ANY) {
		ask.class_code = (uint32_t)sel->class_code << 8;
		ask.class_mask = 0xffff00;
	}
	if (sel->prog_if != SELECT_ANY) {
		ask.class_code |= (uint32_t)sel->prog_if;
		ask.class_mask |= 0xff;
	}
	return ask;
}

/* What the format adds for the table; NULL and a complaint when it adds nothing. */
static const struct capgap_quirks_reporter *reporter(const struct settings *set)
{
	const struct capgap_reporter *format = set->report ? set->report :
							     &capgap_report_text;
	const struct capgap_quirks_reporter *ret = capgap_quirks_reporter_find(format);

	if (!ret)
		complain("quirks: --format '%s' is not for this command", format->name);
	return ret;
}

/**
 * struct showing - the table on its way out
 * @set: what the command line asks for
 * @quirks: the table
 * @how: the format
 * @report: the output
 */
struct showing {
	const struct settings *set;
	const struct capgap_quirks *quirks;
	const struct capgap_quirks_reporter *how;
	struct capgap_report report;
};

/* Load the table and hand it to @write between the format's begin and end. */
static int show_table(const struct settings *set, int (*write)(struct showing *show))
{
	struct showing show = { .set = set, .how = reporter(set) };
	struct capgap_quirks *quirks;
	int status = EXIT_REFUSED;
	int rc;

	if (!show.how)
		return EXIT_USAGE;
	quirks = quirks_load(set, &status, NULL);
	if (!quirks)
		return status;
	show.quirks = quirks;
	show.report.out = stdout;
	if (show.how->format->begin)
		show.how->format->begin(&show.report);
	rc = write(&show);
	if (show.how->format->end)
		show.how->format->end(&show.report);
	if (rc)
		complain("%s", capgap_strerror(rc));
	status = close_output(rc ? EXIT_REFUSED : EXIT_OK);
	capgap_quirks_free(quirks);
	return status;
}

static int write_rows(struct showing *show)
{
	struct capgap_quirk_ask ask = asked(&show->set->select);
	struct capgap_quirk_info info;
	int rc = 0;

	for (size_t n = 0; !rc && capgap_quirks_row(show->quirks, n, &info); n++) {
		if (show->set->select.ids_given &&
		    capgap_quirks_fit(show->quirks, n, &ask) == CAPGAP_FIT_NO)
			continue;
		rc = show->how->row(&show->report, &info);
		show->report.count++;
	}
	return rc;
}

static int list(struct settings *set)
{
	if (!set->n_args)
		return show_table(set, write_rows);
	complain("quirks list: '%s' is too much; -d chooses rows", set->args[0]);
	return EXIT_USAGE;
}

static int write_ids(struct showing *show)
{
	struct capgap_quirk_ask ask = asked(&show->set->select);
	int rc = show->how->ids(&show->report, show->quirks, &ask);

	show->report.count++;
	return rc;
}

static int match(struct settings *set)
{
	static struct capgap_reporter format;
	static const struct task task = { .report = &format };
	const struct capgap_quirks_reporter *how;

	if (!set->n_args && !set->select.slot_given && set->select.vendor != SELECT_ANY &&
	    set->select.device != SELECT_ANY)
		return show_table(set, write_ids);
	if (!set->n_args) {
		complain(
			"quirks match: give an INPUT, or both ids with -d VENDOR:DEVICE");
		return EXIT_USAGE;
	}
	how = reporter(set);
	if (!how)
		return EXIT_USAGE;
	format = *how->format;
	format.answer = how->answer;
	set->report = &format;
	return run_task(&task, set);
}

/* The position of the row of that name; false when there is none. */
static bool find_row(const struct capgap_quirks *quirks, const char *id, size_t *n)
{
	struct capgap_quirk_info info;

	for (*n = 0; capgap_quirks_row(quirks, *n, &info); ++*n) {
		if (!strcmp(info.row->id, id))
			return true;
	}
	return false;
}

/* Explain each row that is named; a name that no row has is the user's mistake. */
static int explain_rows(const struct settings *set, const struct capgap_quirks *quirks)
{
	struct capgap_report report = { .out = stdout };
	size_t n;
	int rc;

	for (int i = 0; i < set->n_args; i++) {
		if (!find_row(quirks, set->args[i], &n)) {
			complain(
				"no quirk row is called '%s'; 'capgap quirks list' lists "
				"them",
				set->args[i]);
			return EXIT_USAGE;
		}
		rc = capgap_quirks_explain(&report, quirks, n);
		if (rc) {
			complain("%s", capgap_strerror(rc));
			return EXIT_REFUSED;
		}
		report.count++;
	}
	return EXIT_OK;
}

static int explain(struct settings *set)
{
	struct capgap_quirks *quirks;
	int status = EXIT_USAGE;

	if (!set->n_args) {
		complain("quirks explain: name a row; 'capgap quirks list' lists them");
		return EXIT_USAGE;
	}
	quirks = quirks_load(set, &status, NULL);
	if (!quirks)
		return status;
	status = close_output(explain_rows(set, quirks));
	capgap_quirks_free(quirks);
	return status;
}

static const struct cmd cmd_list = {
	.name = "quirks list",
	.operands = "",
	.summary =
		"List the rows of the quirk table; with -d those that could match the ids.",
	.options = "dfqQD",
	.run = list,
};

static const struct cmd cmd_match = {
	.name = "quirks match",
	.operands = "[INPUT]...",
	.summary =
		"Say which rows match each function, or -d VENDOR:DEVICE, and what each does.",
	.options = "sdfnFqQD",
	.run = match,
};

static const struct cmd cmd_row = {
	.name = "quirks explain",
	.operands = "ID...",
	.summary =
		"Say in full what rows match, what they say, why, and where that can be checked.",
	.options = "qQD",
	.run = explain,
};

static const struct cmd *const subs[] = { &cmd_list, &cmd_match, &cmd_row,
					  &cmd_quirks_lint, NULL };

const struct cmd cmd_quirks = {
	.name = "quirks",
	.operands = "[OPTION]... [ARGUMENT]...",
	.summary = "List, match, explain and check what is known of devices beside what "
		   "they say.",
	.options = "",
	.subs = subs,
};
