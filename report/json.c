/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Format "json": one array of answers. */
#include "json_answer.h"

static void begin(struct capgap_report *rep)
{
	fputs("[", rep->out);
}

static int answer(struct capgap_report *rep, const struct capgap_answer *ans)
{
	return capgap_json_element(rep, capgap_json_answer(rep, ans));
}

static void end(struct capgap_report *rep)
{
	fputs(rep->count ? "\n]\n" : "]\n", rep->out);
}

const struct capgap_reporter capgap_report_json = {
	.name = "json",
	.help = "one JSON array, an object a function",
	.begin = begin,
	.answer = answer,
	.end = end,
};
