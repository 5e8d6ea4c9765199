/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `capgap scan`: capabilities, gaps and findings. */
#include "cli.h"

static int scan(struct settings *set)
{
	static const struct task task = { .report = &capgap_report_text };

	return run_task(&task, set);
}

const struct cmd cmd_scan = {
	.name = "scan",
	.operands = "[INPUT]...",
	.summary =
		"List capabilities, free gaps and findings of every function in the inputs.",
	.options = "sdfnFgqQDwjSHY",
	.run = scan,
};
