/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `capgap explain`: what a finding means, and what it rests on. */
#include "cli.h"

static void print_finding(const struct capgap_finding *row)
{
	printf("%s (%s)\n", row->name, capgap_level_name(row->level));
	printf("  %s.\n", row->sentence);
	printf("  Rests on: %s.\n", row->rule);
	if (row->flags & CAPGAP_F_ALTERS_CHAIN)
		puts("  The capability list may differ from libpci's.");
	if (row->flags & CAPGAP_F_TAKES_BYTES)
		puts("  Bytes are, or may be, taken from a gap.");
	if (row->flags & CAPGAP_F_CHECK_ONLY)
		puts("  Only 'capgap check' looks for it.");
}

static int list_findings(void)
{
	const struct capgap_finding *row;

	for (unsigned i = 0; (row = capgap_finding_get(i)); i++)
		printf("%-24s %-8s %s\n", row->name, capgap_level_name(row->level),
		       row->sentence);
	return EXIT_OK;
}

static int explain(struct settings *set)
{
	int kind;

	if (!set->n_args)
		return list_findings();
	for (int i = 0; i < set->n_args; i++) {
		kind = capgap_finding_find(set->args[i]);
		if (kind < 0) {
			complain("no finding is called '%s'; 'capgap explain' lists them",
				 set->args[i]);
			return EXIT_USAGE;
		}
		print_finding(capgap_finding_get((unsigned)kind));
	}
	return EXIT_OK;
}

const struct cmd cmd_explain = {
	.name = "explain",
	.operands = "[FINDING]...",
	.summary =
		"Say what findings mean and what they rest on; without one, list them all.",
	.options = "",
	.run = explain,
};
