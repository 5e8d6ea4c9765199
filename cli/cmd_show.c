/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `capgap show`: functions in full. */
#include "cli.h"

static int show(struct settings *set)
{
	static const struct task task = { .plan = true, .report = &capgap_report_show };

	return run_task(&task, set);
}

const struct cmd cmd_show = {
	.name = "show",
	.operands = "[INPUT]...",
	.summary =
		"Show functions in full: both lists, gaps, a map of the space, and why the "
		"placement is where it is.",
	.options = "sdfnFgqQDroOKwjSHY",
	.run = show,
};
