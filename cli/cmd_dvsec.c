/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `capgap dvsec`: free-space descriptors explained, and the table for a driver. */
#include "cli.h"

#include "../report/dvsec_report.h"

/**
 * struct listing - what is printed while the inputs are read, or behind them
 * @set: what the command line asks for
 * @how: output format
 * @visit: the output as run_inputs() counts it
 * @report: the output
 * @table: ranges by ids, owned; NULL when descriptors are explained
 * @plan: of the current function
 */
struct listing {
	const struct settings *set;
	const struct capgap_dvsec_reporter *how;
	struct capgap_report visit;
	struct capgap_report report;
	struct capgap_driver_table *table;
	struct capgap_plan plan;
};

static void begin(struct listing *list)
{
	list->report.count = 0;
	if (list->how->format->begin)
		list->how->format->begin(&list->report);
	if (list->set->dvsec.driver_table && list->how->driver_begin)
		list->how->driver_begin(&list->report);
}

static void end(struct listing *list)
{
	if (list->how->format->end)
		list->how->format->end(&list->report);
}

static int begin_visit(void *ctx)
{
	struct listing *list = ctx;

	list->report = list->visit;
	begin(list);
	return 0;
}

static int decode(void *ctx, const char *source, unsigned machine,
		  const struct capgap_function *fn)
{
	struct listing *list = ctx;
	struct capgap_answer ans = { .source = source, .machine = machine, .fn = fn };
	int rc = list->how->decoded(&list->report, &ans);

	list->report.count++;
	return rc;
}

static int collect(void *ctx, const char *source, unsigned machine,
		   const struct capgap_function *fn)
{
	struct listing *list = ctx;
	struct capgap_pasid pasid;

	(void)machine;
	capgap_query_config(&pasid, fn);
	capgap_plan_make(&list->plan, fn, &pasid, &list->set->policy);
	return capgap_driver_table_add(list->table, source, fn, &list->plan);
}

static int print_row(void *ctx, const struct capgap_driver_row *row)
{
	struct listing *list = ctx;
	int rc = list->how->driver(&list->report, row);

	list->report.count++;
	return rc;
}

static int end_visit(void *ctx, bool trouble)
{
	struct listing *list = ctx;
	int rc = 0;

	(void)trouble;
	if (list->table)
		rc = capgap_driver_table_each(list->table, print_row, list);
	end(list);
	return rc;
}

static int answered(const void *ctx)
{
	(void)ctx;
	return EXIT_OK;
}

static int list_inputs(struct listing *list, struct settings *set)
{
	struct visit visit = { begin_visit,  list->table ? collect : decode,
			       end_visit,    answered,
			       &list->visit, list };

	return run_inputs(&visit, set);
}

/* Without an input the quirk table itself is listed. */
static int list_quirks(struct listing *list)
{
	int status = EXIT_REFUSED;
	struct capgap_quirks *quirks = quirks_load(list->set, &status, NULL);
	int rc;

	if (!quirks)
		return status;
	list->report.out = stdout;
	begin(list);
	rc = capgap_driver_table_quirks(quirks, print_row, list);
	end(list);
	if (rc)
		complain("%s", capgap_strerror(rc));
	capgap_quirks_free(quirks);
	return close_output(rc ? EXIT_REFUSED : EXIT_OK);
}

static int list_table(struct listing *list, struct settings *set)
{
	int status;

	if (!set->n_args)
		return list_quirks(list);
	list->table = capgap_driver_table_new(&set->policy);
	if (!list->table) {
		complain("%s", capgap_strerror(CAPGAP_E_NOMEM));
		return EXIT_REFUSED;
	}
	status = list_inputs(list, set);
	capgap_driver_table_free(list->table);
	return status;
}

static int dvsec(struct settings *set)
{
	struct listing list = { .set = set };
	const char *wrong = dvsec_judge(set);

	if (wrong) {
		complain("dvsec: %s", wrong);
		return EXIT_USAGE;
	}
	if (!set->dvsec.decode && !set->dvsec.driver_table)
		return dvsec_make(set);
	list.how = capgap_dvsec_reporter_find(set->report ? set->report :
							    &capgap_report_text);
	return set->dvsec.driver_table ? list_table(&list, set) : list_inputs(&list, set);
}

const struct cmd cmd_dvsec = {
	.name = "dvsec",
	.operands = "INPUT...",
	.summary =
		"Make free-space descriptors for one function, explain those that there are, "
		"or list free ranges by ids.",
	.options = "sdfnFqQDr123456789",
	.run = dvsec,
};
