/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Format "ndjson": one JSON object a line, as soon as it is known. */
#include "json_answer.h"

static int answer(struct capgap_report *rep, const struct capgap_answer *ans)
{
	int rc = capgap_json_write(rep, ans);

	fputc('\n', rep->out);
	return rc;
}

const struct capgap_reporter capgap_report_ndjson = {
	.name = "ndjson",
	.help = "one JSON object a line, in input order",
	.answer = answer,
};
