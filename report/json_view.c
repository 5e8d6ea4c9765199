/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What vfio-pci shows of a function, in JSON. */
#include "json_answer.h"
#include "view_report.h"

static json_t *space_name(enum capgap_space space)
{
	return json_string(space == CAPGAP_EXT ? "ext" : "conv");
}

static json_t *hidden(const struct capgap_hidden *cap)
{
	struct capgap_json obj = capgap_json_object();

	capgap_json_put(&obj, "space", space_name(cap->space));
	capgap_json_put(&obj, "offset", json_integer(cap->off));
	capgap_json_put(&obj, "id", capgap_json_id(cap->id));
	capgap_json_put(&obj, "name",
			capgap_json_text(capgap_caps_symbol(cap->space, cap->id)));
	capgap_json_put(&obj, "how", json_string(capgap_hiding_name(cap->how)));
	capgap_json_put(&obj, "from", json_integer(cap->from));
	return capgap_json_take(&obj);
}

static json_t *hidden_list(const struct capgap_view *view)
{
	struct capgap_json list = capgap_json_array();

	for (unsigned i = 0; i < view->n_caps; i++)
		capgap_json_push(&list, hidden(&view->cap[i]));
	return capgap_json_take(&list);
}

static json_t *edits(const struct capgap_view_answer *ans)
{
	struct capgap_json list = capgap_json_array();
	struct capgap_json obj;
	struct capgap_edit edit;

	for (unsigned off = 0; capgap_view_change(ans->view, ans->base.fn, off, &edit);
	     off = edit.off + 4u) {
		obj = capgap_json_object();
		capgap_json_put(&obj, "offset", json_integer(edit.off));
		capgap_json_put(&obj, "old", json_integer(edit.before));
		capgap_json_put(&obj, "new", json_integer(edit.after));
		capgap_json_push(&list, capgap_json_take(&obj));
	}
	return capgap_json_take(&list);
}

static json_t *shown(const struct capgap_cap *cap)
{
	struct capgap_json obj = capgap_json_object();
	bool ext = cap->space == CAPGAP_EXT;

	capgap_json_put(&obj, "space", space_name(cap->space));
	capgap_json_put(&obj, "offset", json_integer(cap->off));
	capgap_json_put(&obj, "id", capgap_json_id(cap->id));
	capgap_json_put(&obj, "version", ext ? json_integer(cap->version) : json_null());
	capgap_json_put(&obj, "name",
			capgap_json_text(capgap_caps_symbol(cap->space, cap->id)));
	return capgap_json_take(&obj);
}

static json_t *shown_list(const struct capgap_chain *chain)
{
	struct capgap_json list = capgap_json_array();

	for (unsigned i = 0; i < chain->n; i++)
		capgap_json_push(&list, shown(&chain->cap[i]));
	return capgap_json_take(&list);
}

static json_t *object(const struct capgap_view_answer *ans)
{
	const struct capgap_view *view = ans->view;
	struct capgap_json obj = capgap_json_object();
	bool derived = view->origin == CAPGAP_VIEW_DERIVED;

	capgap_json_identity(&obj, "capgap/view/1", &ans->base);
	capgap_json_put(&obj, "origin",
			json_string(capgap_view_origin_name(view->origin)));
	capgap_json_put(&obj, "kernel",
			derived ? json_string(capgap_kernel_name(ans->kernel)) :
				  json_null());
	capgap_json_put(&obj, "complete", json_boolean(view->complete));
	capgap_json_put(&obj, "overrun",
			view->overrun ? json_integer(view->overrun) : json_null());
	capgap_json_put(&obj, "hidden", hidden_list(view));
	capgap_json_put(&obj, "edits", edits(ans));
	capgap_json_put(&obj, "capabilities", shown_list(ans->chain));
	return capgap_json_take(&obj);
}

static int element(struct capgap_report *rep, const struct capgap_view_answer *ans)
{
	return capgap_json_element(rep, object(ans));
}

static int line(struct capgap_report *rep, const struct capgap_view_answer *ans)
{
	return capgap_json_line(rep, object(ans));
}

const struct capgap_view_reporter capgap_view_json = {
	.format = &capgap_report_json,
	.answer = element,
};

const struct capgap_view_reporter capgap_view_ndjson = {
	.format = &capgap_report_ndjson,
	.answer = line,
};
