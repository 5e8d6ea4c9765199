/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Format "text" of `check`: each result with what it rests on. */
#include "check_report.h"
#include "text.h"

static void write_count(FILE *out, const struct capgap_check_count *count)
{
	static const enum capgap_level order[] = { CAPGAP_LEVEL_ERROR,
						   CAPGAP_LEVEL_WARNING,
						   CAPGAP_LEVEL_NOTE };
	unsigned long n;

	for (unsigned i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		n = count->of[order[i]];
		fprintf(out, "%s%lu %s%s", i ? ", " : ": ", n,
			capgap_level_name(order[i]), n == 1 ? "" : "s");
	}
	fputc('\n', out);
}

static int answer(struct capgap_check_report *rep, const struct capgap_check_answer *ans)
{
	struct capgap_check_count count = capgap_check_count(ans);
	struct capgap_check_result result;
	FILE *out = rep->base.out;
	char text[CAPGAP_CHECK_SENTENCE];

	capgap_text_identity(&rep->base, &ans->base);
	write_count(out, &count);
	for (unsigned i = 0; (i = capgap_check_next(ans, i, &result));)
		fprintf(out, "  %s: %s [%s]\n    rests on: %s\n",
			capgap_level_name(result.level),
			capgap_check_sentence(ans, &result, text), result.row->name,
			result.row->rule);
	return 0;
}

static int end(struct capgap_check_report *rep)
{
	fprintf(rep->base.out, "%lu function%s", rep->base.count,
		rep->base.count == 1 ? "" : "s");
	write_count(rep->base.out, &rep->count);
	return 0;
}

const struct capgap_check_reporter capgap_check_text = {
	.name = "text",
	.help = "each result with what it rests on, for people",
	.answer = answer,
	.end = end,
};
