/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `capgap vmm`: the VMM profiles, and what decides their verdicts. */
#include "cli.h"

#include "../report/vmm_report.h"

/* What the format adds for profiles; NULL and a complaint when it adds nothing. */
static const struct capgap_vmm_reporter *reporter(const struct settings *set)
{
	const struct capgap_reporter *format = set->report ? set->report :
							     &capgap_report_text;
	const struct capgap_vmm_reporter *ret = capgap_vmm_reporter_find(format);

	if (!ret)
		complain("vmm: --format '%s' is not for this command", format->name);
	return ret;
}

/* Write the profiles of @mask, one bit each, in the order in which they are listed. */
static int write_profiles(const struct capgap_vmm_reporter *how, unsigned mask,
			  bool rules)
{
	struct capgap_report rep = { .out = stdout };
	int rc = 0;

	if (how->format->begin)
		how->format->begin(&rep);
	for (unsigned vmm = 0; !rc && vmm < CAPGAP_VMM_COUNT; vmm++) {
		if (!(mask >> vmm & 1u))
			continue;
		rc = how->profile(&rep, (enum capgap_vmm)vmm, rules);
		rep.count++;
	}
	if (how->format->end)
		how->format->end(&rep);
	if (rc)
		complain("%s", capgap_strerror(rc));
	return close_output(rc ? EXIT_REFUSED : EXIT_OK);
}

static int list(struct settings *set)
{
	const struct capgap_vmm_reporter *how = reporter(set);

	if (!how)
		return EXIT_USAGE;
	if (!set->n_args)
		return write_profiles(how, ~0u, false);
	complain("vmm list: '%s' is too much", set->args[0]);
	return EXIT_USAGE;
}

static int explain(struct settings *set)
{
	const struct capgap_vmm_reporter *how = reporter(set);
	unsigned mask = 0;
	int vmm;

	if (!how)
		return EXIT_USAGE;
	if (!set->n_args) {
		complain("vmm explain: name a profile; 'capgap vmm list' lists them");
		return EXIT_USAGE;
	}
	for (int i = 0; i < set->n_args; i++) {
		vmm = capgap_vmm_find(set->args[i]);
		if (vmm < 0) {
			complain(
				"no VMM profile is called '%s'; 'capgap vmm list' lists them",
				set->args[i]);
			return EXIT_USAGE;
		}
		mask |= 1u << vmm;
	}
	return write_profiles(how, mask, true);
}

static const struct cmd cmd_list = {
	.name = "vmm list",
	.operands = "",
	.summary = "List the VMM profiles, the default one first.",
	.options = "f",
	.run = list,
};

static const struct cmd cmd_rules = {
	.name = "vmm explain",
	.operands = "PROFILE...",
	.summary =
		"Say what a VMM does with an offset, rule by rule, and what that rests on.",
	.options = "f",
	.run = explain,
};

static const struct cmd *const subs[] = { &cmd_list, &cmd_rules, NULL };

const struct cmd cmd_vmm = {
	.name = "vmm",
	.operands = "[OPTION]... [ARGUMENT]...",
	.summary = "List and explain the VMMs whose placement is replayed.",
	.options = "",
	.subs = subs,
};
