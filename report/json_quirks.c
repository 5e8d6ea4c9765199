/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The quirk table in JSON. */
#include "../analyzer/function_quirks.h"
#include "json_answer.h"
#include "quirks.h"

static json_t *tests(const struct capgap_quirk *quirk)
{
	struct capgap_json list = capgap_json_array();
	struct capgap_json obj;

	for (unsigned i = 0; i < quirk->n_tests; i++) {
		obj = capgap_json_object();
		capgap_json_put(&obj, "offset", json_integer(quirk->test[i].off));
		capgap_json_put(&obj, "mask", json_integer(quirk->test[i].mask));
		capgap_json_put(&obj, "value", json_integer(quirk->test[i].value));
		capgap_json_push(&list, capgap_json_take(&obj));
	}
	return capgap_json_take(&list);
}

/* The bytes that tell this device from its like; they need not be whole dwords. */
static json_t *identity(const struct capgap_quirk *quirk)
{
	struct capgap_json obj = capgap_json_object();

	capgap_json_put(&obj, "offset", json_integer(quirk->identity_off));
	capgap_json_put(&obj, "length", json_integer(quirk->identity_len));
	return capgap_json_take(&obj);
}

static void put_descriptor(struct capgap_json *obj, const struct capgap_quirk *quirk)
{
	static const char *const forms[] = { [CAPGAP_FORM_CONTROL] = "control",
					     [CAPGAP_FORM_GAP] = "gap",
					     [CAPGAP_FORM_TABLE] = "table" };

	capgap_json_put(obj, "dvsec_vendor", capgap_json_id(quirk->dvsec_vendor));
	capgap_json_put(obj, "dvsec_id", capgap_json_id(quirk->dvsec_id));
	capgap_json_put(obj, "form", capgap_json_text(forms[quirk->form]));
	capgap_json_put(obj, "control", json_boolean(!quirk->no_control));
}

/* What a row says; more can be added. */
static struct capgap_json says(const struct capgap_quirk *quirk)
{
	struct capgap_json obj = capgap_json_object();

	capgap_json_put(&obj, "verb", capgap_json_text(capgap_verb_name(quirk->verb)));
	if (quirk->len || quirk->verb == CAPGAP_VERB_PREFER ||
	    quirk->verb == CAPGAP_VERB_LIMIT)
		capgap_json_put(&obj, "offset", json_integer(quirk->off));
	if (quirk->len)
		capgap_json_put(&obj, "length", json_integer(quirk->len));
	if (quirk->identity_len)
		capgap_json_put(&obj, "identity", identity(quirk));
	if (quirk->verb == CAPGAP_VERB_FINGERPRINT)
		capgap_json_put(&obj, "tests", tests(quirk));
	if (quirk->verb == CAPGAP_VERB_DESCRIPTOR)
		put_descriptor(&obj, quirk);
	capgap_json_put(&obj, "text", capgap_json_text(quirk->text));
	return obj;
}

/* Where a row is from; a row that the caller named has no file. */
static void put_origin(struct capgap_json *obj, const struct capgap_quirk_row *row)
{
	capgap_json_put(obj, "source", capgap_json_text(row->source));
	capgap_json_put(obj, "file",
			row->line ? capgap_json_text(row->file) : json_null());
	capgap_json_put(obj, "line",
			row->line ? json_integer((json_int_t)row->line) : json_null());
}

/* A row as it stands in the table. */
static void put_row(struct capgap_json *obj, const struct capgap_quirk_info *info)
{
	struct capgap_json list = capgap_json_array();
	struct capgap_json said;

	for (unsigned i = 0; i < info->n_quirks; i++) {
		said = says(&info->quirk[i]);
		capgap_json_push(&list, capgap_json_take(&said));
	}
	capgap_json_put(obj, "id", capgap_json_text(info->row->id));
	capgap_json_put(obj, "match", capgap_json_text(info->match));
	capgap_json_put(obj, "says", capgap_json_take(&list));
	put_origin(obj, info->row);
}

static json_t *row(const struct capgap_quirk_info *info)
{
	struct capgap_json obj = capgap_json_object();

	capgap_json_put(&obj, "schema", capgap_json_text("capgap/quirk/1"));
	put_row(&obj, info);
	return capgap_json_take(&obj);
}

static json_t *ids(const struct capgap_quirks *quirks, const struct capgap_quirk_ask *ask)
{
	struct capgap_json obj = capgap_json_object();
	struct capgap_json rows = capgap_json_array();
	struct capgap_json undecided = capgap_json_array();
	struct capgap_quirk_info info;
	struct capgap_json one;

	for (size_t n = 0; capgap_quirks_row(quirks, n, &info); n++) {
		switch (capgap_quirks_fit(quirks, n, ask)) {
		case CAPGAP_FIT_YES:
			one = capgap_json_object();
			put_row(&one, &info);
			capgap_json_push(&rows, capgap_json_take(&one));
			break;
		case CAPGAP_FIT_MAYBE:
			capgap_json_push(&undecided, capgap_json_text(info.row->id));
			break;
		default:
			break;
		}
	}
	capgap_json_put(&obj, "schema", capgap_json_text("capgap/quirk-ids/1"));
	capgap_json_put(&obj, "vendor", capgap_json_id(ask->vendor));
	capgap_json_put(&obj, "device", capgap_json_id(ask->device));
	capgap_json_put(&obj, "rows", capgap_json_take(&rows));
	capgap_json_put(&obj, "undecided", capgap_json_take(&undecided));
	return capgap_json_take(&obj);
}

/* Who has bytes that a quirk speaks of. */
static json_t *who_has(const struct capgap_function *fn,
		       const struct capgap_quirk_bytes *bytes)
{
	struct capgap_json obj = capgap_json_object();
	const struct capgap_cap *cap = capgap_quirk_bytes_cap(fn, bytes);
	const struct capgap_quirk *by = capgap_quirk_bytes_quirk(fn, bytes);

	capgap_json_put(&obj, "offset", json_integer(bytes->off));
	capgap_json_put(&obj, "length", json_integer(bytes->len));
	capgap_json_put(&obj, "owner", capgap_json_text(capgap_owner_name(bytes->owner)));
	if (cap) {
		capgap_json_put(&obj, "capability", json_integer(cap->off));
		capgap_json_put(&obj, "capability_id", capgap_json_id(cap->id));
	}
	if (by)
		capgap_json_put(&obj, "quirk", capgap_json_text(by->row->id));
	return capgap_json_take(&obj);
}

/* What a row says, and what comes of it. */
static json_t *outcome(const struct capgap_function *fn, const struct capgap_quirk *quirk)
{
	struct capgap_json obj = says(quirk);
	struct capgap_json list = capgap_json_array();
	struct capgap_quirk_bytes at;

	for (unsigned off = 0; capgap_quirk_bytes(fn, quirk, off, &at);
	     off = at.off + (unsigned)at.len)
		capgap_json_push(&list, who_has(fn, &at));
	capgap_json_put(&obj, "acts", json_boolean(capgap_quirk_acts(fn, quirk)));
	capgap_json_put(&obj, "bytes", capgap_json_take(&list));
	return capgap_json_take(&obj);
}

/* The row of a quirk, with all that it says; @n is left behind its last. */
static json_t *row_of(const struct capgap_function *fn, size_t *n)
{
	const struct capgap_quirk *first = &fn->quirk[*n];
	struct capgap_json obj = capgap_json_object();
	struct capgap_json list = capgap_json_array();

	for (; *n < capgap_function_quirks(fn) && fn->quirk[*n].row == first->row; ++*n)
		capgap_json_push(&list, outcome(fn, &fn->quirk[*n]));
	capgap_json_put(&obj, "id", capgap_json_text(first->row->id));
	capgap_json_put(&obj, "specificity", json_integer(first->specificity));
	capgap_json_put(&obj, "says", capgap_json_take(&list));
	put_origin(&obj, first->row);
	return capgap_json_take(&obj);
}

static json_t *function(const struct capgap_answer *ans)
{
	struct capgap_json obj = capgap_json_object();
	struct capgap_json rows = capgap_json_array();

	for (size_t n = 0; n < capgap_function_quirks(ans->fn);)
		capgap_json_push(&rows, row_of(ans->fn, &n));
	capgap_json_identity(&obj, "capgap/quirk-match/1", ans);
	capgap_json_put(&obj, "rows", capgap_json_take(&rows));
	if (ans->fn->n_quirks > capgap_function_quirks(ans->fn))
		capgap_json_put(&obj, "left_out",
				json_integer(
					(json_int_t)(ans->fn->n_quirks -
						     capgap_function_quirks(ans->fn))));
	return capgap_json_take(&obj);
}

static int row_element(struct capgap_report *rep, const struct capgap_quirk_info *info)
{
	return capgap_json_element(rep, row(info));
}

static int ids_element(struct capgap_report *rep, const struct capgap_quirks *quirks,
		       const struct capgap_quirk_ask *ask)
{
	return capgap_json_element(rep, ids(quirks, ask));
}

static int answer_element(struct capgap_report *rep, const struct capgap_answer *ans)
{
	return capgap_json_element(rep, function(ans));
}

static int row_line(struct capgap_report *rep, const struct capgap_quirk_info *info)
{
	return capgap_json_line(rep, row(info));
}

static int ids_line(struct capgap_report *rep, const struct capgap_quirks *quirks,
		    const struct capgap_quirk_ask *ask)
{
	return capgap_json_line(rep, ids(quirks, ask));
}

static int answer_line(struct capgap_report *rep, const struct capgap_answer *ans)
{
	return capgap_json_line(rep, function(ans));
}

const struct capgap_quirks_reporter capgap_quirks_json = {
	.format = &capgap_report_json,
	.row = row_element,
	.ids = ids_element,
	.answer = answer_element,
};

const struct capgap_quirks_reporter capgap_quirks_ndjson = {
	.format = &capgap_report_ndjson,
	.row = row_line,
	.ids = ids_line,
	.answer = answer_line,
};
