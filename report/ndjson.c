/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Format "ndjson": one JSON object a line, as soon as it is known. */
#include "json_answer.h"

static int answer(struct capgap_report *rep, const struct capgap_answer *ans)
{
	return capgap_json_line(rep, capgap_json_answer(rep, ans));
}

const struct capgap_reporter capgap_report_ndjson = {
	.name = "ndjson",
	.help = "one JSON object a line, in input order",
	.answer = answer,
};
