/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Format "json" of `check`: one array, an object a function. */
#include "check_report.h"
#include "json_answer.h"

static json_t *result_object(const struct capgap_check_answer *ans,
			     const struct capgap_check_result *result)
{
	struct capgap_json obj = capgap_json_object();
	const struct capgap_hit *hit = result->hit;
	char bytes[CAPGAP_CHECK_BYTES_TEXT];
	char text[256];

	capgap_json_put(&obj, "name", capgap_json_text(result->row->name));
	capgap_json_put(&obj, "level",
			capgap_json_text(capgap_level_name(result->level)));
	capgap_json_put(&obj, "offset", json_integer(hit->off));
	capgap_json_put(&obj, "length", json_integer(hit->len));
	capgap_check_bytes(ans->base.fn, hit, bytes);
	capgap_json_put(&obj, "bytes", capgap_json_text(bytes[0] ? bytes : NULL));
	capgap_json_put(&obj, "text",
			capgap_json_text(capgap_hit_text(hit, text, sizeof(text))));
	capgap_json_put(&obj, "reference", capgap_json_text(result->row->rule));
	return capgap_json_take(&obj);
}

static json_t *results(const struct capgap_check_answer *ans)
{
	struct capgap_json list = capgap_json_array();
	struct capgap_check_result result;

	for (unsigned i = 0; (i = capgap_check_next(ans, i, &result));)
		capgap_json_push(&list, result_object(ans, &result));
	return capgap_json_take(&list);
}

static json_t *number(unsigned long n)
{
	return json_integer((json_int_t)n);
}

static int begin(struct capgap_check_report *rep)
{
	fputs("[", rep->base.out);
	return 0;
}

static int answer(struct capgap_check_report *rep, const struct capgap_check_answer *ans)
{
	struct capgap_check_count count = capgap_check_count(ans);
	struct capgap_json obj = capgap_json_object();

	capgap_json_identity(&obj, "capgap/check/1", &ans->base);
	capgap_json_put(&obj, "size", json_integer(ans->base.fn->image.size));
	capgap_json_put(&obj, "errors", number(count.of[CAPGAP_LEVEL_ERROR]));
	capgap_json_put(&obj, "warnings", number(count.of[CAPGAP_LEVEL_WARNING]));
	capgap_json_put(&obj, "notes", number(count.of[CAPGAP_LEVEL_NOTE]));
	capgap_json_put(&obj, "results", results(ans));
	return capgap_json_element(&rep->base, capgap_json_take(&obj));
}

static int end(struct capgap_check_report *rep)
{
	fputs(rep->base.count ? "\n]\n" : "]\n", rep->base.out);
	return 0;
}

const struct capgap_check_reporter capgap_check_json = {
	.name = "json",
	.help = "one JSON array, an object a function",
	.begin = begin,
	.answer = answer,
	.end = end,
};
