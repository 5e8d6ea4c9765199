/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `capgap plan`: where PASID goes, and what the feature query says. */
#include "cli.h"

static int plan(struct settings *set)
{
	static const struct task task = { .plan = true,
					  .may_say_no = true,
					  .report = &capgap_report_text };
	const char *wrong = live_judge(set);

	if (!wrong && set->live.query && set->common.common)
		wrong = "--live-query does not go with --common";
	if (!wrong && set->require_vmm && set->common.common)
		wrong = "--require-vmm does not go with --common, whose offset no VMM is asked about";
	if (wrong) {
		complain("plan: %s", wrong);
		return EXIT_USAGE;
	}
	return set->common.common ? common_run(set) : run_task(&task, set);
}

const struct cmd cmd_plan = {
	.name = "plan",
	.operands = "[INPUT]...",
	.summary =
		"Say where a VMM should emulate PASID, with the evidence and the device's answer.",
	.options = "sdynFgqQDroOvCGxiapMKwjcbSHYITZ",
	.run = plan,
};
