/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Free-space descriptors in JSON: made, explained, and for a driver. */
#include "../analyzer/dvsec_fields.h"
#include "dvsec_report.h"
#include "json_answer.h"

static json_t *ranges(const struct capgap_range *range, unsigned n)
{
	struct capgap_json list = capgap_json_array();

	for (unsigned i = 0; i < n; i++)
		capgap_json_push(&list, capgap_json_range(range[i].off, range[i].len));
	return capgap_json_take(&list);
}

/* The dwords of a made descriptor: edits that say what they mean. */
static json_t *dwords(const struct capgap_dvsec_made *made, const struct capgap_made *one)
{
	struct capgap_json list = capgap_json_array();
	struct capgap_dvsec_dword dword;
	struct capgap_json obj;

	for (unsigned i = 0;
	     capgap_dvsec_dword(&dword, made->decl, one, &made->base.fn->image, i); i++) {
		obj = capgap_json_object();
		capgap_json_put(&obj, "offset", json_integer(dword.edit.off));
		capgap_json_put(&obj, "old", json_integer(dword.edit.before));
		capgap_json_put(&obj, "new", json_integer(dword.edit.after));
		capgap_json_put(&obj, "text", capgap_json_text(dword.words));
		capgap_json_push(&list, capgap_json_take(&obj));
	}
	return capgap_json_take(&list);
}

/* Where PASID goes in each range that has room for it. */
static json_t *places(const struct capgap_declaration *decl,
		      const struct capgap_made *one)
{
	struct capgap_json list = capgap_json_array();
	unsigned place;

	for (unsigned i = 0; i == 0 || i < one->n_ranges; i++) {
		place = capgap_declare_place(decl, one, i);
		if (place)
			capgap_json_push(&list, json_integer(place));
	}
	return capgap_json_take(&list);
}

static json_t *descriptors(const struct capgap_dvsec_made *made)
{
	const struct capgap_declaration *decl = made->decl;
	struct capgap_json list = capgap_json_array();
	const struct capgap_made *one;
	struct capgap_json obj;

	for (unsigned i = 0; i < decl->n_made; i++) {
		one = &decl->made[i];
		obj = capgap_json_object();
		capgap_json_put(&obj, "offset", json_integer(one->off));
		capgap_json_put(&obj, "length", json_integer(one->len));
		capgap_json_put(&obj, "dwords", dwords(made, one));
		capgap_json_put(&obj, "ranges",
				ranges(&decl->range[one->first], one->n_ranges));
		capgap_json_put(&obj, "places", places(decl, one));
		capgap_json_push(&list, capgap_json_take(&obj));
	}
	return capgap_json_take(&list);
}

static json_t *left_out(const struct capgap_declaration *decl)
{
	struct capgap_json list = capgap_json_array();
	const struct capgap_left *left;
	struct capgap_json obj;

	for (unsigned i = 0; i < decl->n_left; i++) {
		left = &decl->left[i];
		obj = capgap_json_object();
		capgap_json_put(&obj, "offset", json_integer(left->range.off));
		capgap_json_put(&obj, "length", json_integer(left->range.len));
		capgap_json_put(&obj, "reason",
				capgap_json_text(capgap_left_text(left->why)));
		capgap_json_push(&list, capgap_json_take(&obj));
	}
	return capgap_json_take(&list);
}

static json_t *notes(const struct capgap_dvsec_made *made)
{
	struct capgap_json list = capgap_json_array();
	const char *note;

	for (unsigned i = 0; (note = capgap_declare_note(made->decl, made->base.fn, i));
	     i++)
		capgap_json_push(&list, capgap_json_text(note));
	return capgap_json_take(&list);
}

static json_t *listing(const struct capgap_dvsec_made *made)
{
	struct capgap_json obj = capgap_json_object();
	char option[CAPGAP_DVSEC_OPTION_TEXT];
	char quirk[CAPGAP_DVSEC_QUIRK_TEXT];

	capgap_dvsec_option(&made->decl->want, option);
	capgap_dvsec_quirk(&made->decl->want, made->base.fn, quirk);
	capgap_json_put(&obj, "option", capgap_json_text(option));
	capgap_json_put(&obj, "quirk", capgap_json_text(quirk));
	return capgap_json_take(&obj);
}

static json_t *output(const struct capgap_dvsec_made *made)
{
	struct capgap_json obj;

	if (!made->output)
		return json_null();
	obj = capgap_json_object();
	capgap_json_put(&obj, "file", capgap_json_text(made->output));
	capgap_json_put(&obj, "format", capgap_json_text(made->output_form));
	return capgap_json_take(&obj);
}

static json_t *made_object(const struct capgap_dvsec_made *made)
{
	const struct capgap_declaration *decl = made->decl;
	struct capgap_json obj = capgap_json_object();
	const char *form = capgap_dvsec_form_name(decl->want.form);

	capgap_json_identity(&obj, "capgap/dvsec/1", &made->base);
	capgap_json_put(&obj, "dvsec_vendor", capgap_json_id(decl->want.vendor));
	capgap_json_put(&obj, "dvsec_id", capgap_json_id(decl->want.id));
	capgap_json_put(&obj, "form", capgap_json_text(form));
	capgap_json_put(&obj, "made", json_boolean(!decl->refusal[0]));
	if (decl->refusal[0]) {
		capgap_json_put(&obj, "refusal", capgap_json_text(decl->refusal));
		return capgap_json_take(&obj);
	}
	capgap_json_put(&obj, "descriptors", descriptors(made));
	capgap_json_put(&obj, "edits", capgap_json_edits(decl->edit, decl->n_edits));
	capgap_json_put(&obj, "left_out", left_out(decl));
	capgap_json_put(&obj, "notes", notes(made));
	capgap_json_put(&obj, "listing", listing(made));
	capgap_json_put(&obj, "output", output(made));
	return capgap_json_take(&obj);
}

static json_t *fields(const struct capgap_image *img, const struct capgap_descriptor *d)
{
	struct capgap_json list = capgap_json_array();
	struct capgap_dvsec_field field;
	struct capgap_json obj;

	for (unsigned i = 0; capgap_dvsec_field(&field, img, d, i); i++) {
		obj = capgap_json_object();
		capgap_json_put(&obj, "offset", json_integer(field.off));
		capgap_json_put(&obj, "dword", json_integer(field.dword));
		capgap_json_put(&obj, "high", json_integer(field.high));
		capgap_json_put(&obj, "low", json_integer(field.low));
		capgap_json_put(&obj, "name", capgap_json_text(field.name));
		capgap_json_put(&obj, "value", json_integer(field.value));
		capgap_json_put(&obj, "meaning", capgap_json_text(field.meaning));
		capgap_json_push(&list, capgap_json_take(&obj));
	}
	return capgap_json_take(&list);
}

static json_t *hits(const struct capgap_function *fn, const struct capgap_descriptor *d)
{
	struct capgap_json list = capgap_json_array();
	const struct capgap_hit *hit;

	for (unsigned i = 0; (hit = capgap_dvsec_hit(&fn->findings, d, i)); i++)
		capgap_json_push(&list, capgap_json_hit(hit));
	return capgap_json_take(&list);
}

/* The ranges of a listed descriptor; none of one that is not listed. */
static json_t *declared(const struct capgap_free_space *fs,
			const struct capgap_descriptor *d)
{
	struct capgap_json list = capgap_json_array();
	const struct capgap_declared *range;
	struct capgap_json obj;

	for (unsigned i = 0; i < fs->n_ranges; i++) {
		range = &fs->range[i];
		if (&fs->descriptor[range->descriptor] != d)
			continue;
		obj = capgap_json_object();
		capgap_json_put(&obj, "offset", json_integer(range->off));
		capgap_json_put(&obj, "length", json_integer(range->len));
		capgap_json_put(&obj, "entry",
				range->entry ? json_integer(range->entry) : json_null());
		capgap_json_put(&obj, "usable", json_boolean(range->usable));
		capgap_json_push(&list, capgap_json_take(&obj));
	}
	return capgap_json_take(&list);
}

static json_t *descriptor(const struct capgap_function *fn,
			  const struct capgap_descriptor *d, bool listed)
{
	struct capgap_json obj = capgap_json_object();

	capgap_json_put(&obj, "offset", json_integer(d->off));
	capgap_json_put(&obj, "length", json_integer(d->len));
	capgap_json_put(&obj, "form", capgap_json_text(capgap_dvsec_form_name(d->form)));
	capgap_json_put(&obj, "control", json_boolean(!d->no_control));
	capgap_json_put(&obj, "dvsec_vendor", capgap_json_id(d->vendor));
	capgap_json_put(&obj, "dvsec_id", capgap_json_id(d->id));
	capgap_json_put(&obj, "listed", json_boolean(listed));
	capgap_json_put(&obj, "valid", listed ? json_boolean(d->valid) : json_null());
	capgap_json_put(&obj, "fields", fields(&fn->image, d));
	capgap_json_put(&obj, "ranges", declared(&fn->free_space, d));
	capgap_json_put(&obj, "findings", hits(fn, d));
	return capgap_json_take(&obj);
}

static json_t *decoded_object(const struct capgap_answer *ans)
{
	const struct capgap_function *fn = ans->fn;
	const struct capgap_free_space *fs = &fn->free_space;
	struct capgap_json obj = capgap_json_object();
	struct capgap_json list = capgap_json_array();
	struct capgap_descriptor other;

	for (unsigned i = 0; i < fs->n_descriptors; i++)
		capgap_json_push(&list, descriptor(fn, &fs->descriptor[i], true));
	for (unsigned i = 0; capgap_dvsec_unlisted(&other, &fn->chain, &fn->image, fs, i);
	     i++)
		capgap_json_push(&list, descriptor(fn, &other, false));
	capgap_json_identity(&obj, "capgap/dvsec-decode/1", ans);
	capgap_json_put(&obj, "exhaustive", json_boolean(fs->exhaustive));
	capgap_json_put(&obj, "descriptors", capgap_json_take(&list));
	return capgap_json_take(&obj);
}

static json_t *driver_object(const struct capgap_driver_row *row)
{
	struct capgap_json obj = capgap_json_object();

	capgap_json_put(&obj, "schema", capgap_json_text("capgap/driver-table/1"));
	capgap_json_put(&obj, "vendor", capgap_json_text(row->vendor));
	capgap_json_put(&obj, "device", capgap_json_text(row->device));
	capgap_json_put(&obj, "function", capgap_json_text(row->function));
	capgap_json_put(&obj, "match",
			capgap_json_text(row->match[0] ? row->match : NULL));
	capgap_json_put(&obj, "offset", json_integer(row->range.off));
	capgap_json_put(&obj, "length", json_integer(row->range.len));
	capgap_json_put(&obj, "grade", capgap_json_text(capgap_grade_name(row->grade)));
	capgap_json_put(&obj, "functions",
			row->n_functions ? json_integer((json_int_t)row->n_functions) :
					   json_null());
	capgap_json_put(&obj, "source", capgap_json_text(row->source));
	return capgap_json_take(&obj);
}

static int made_element(struct capgap_report *rep, const struct capgap_dvsec_made *made)
{
	return capgap_json_element(rep, made_object(made));
}

static int decoded_element(struct capgap_report *rep, const struct capgap_answer *ans)
{
	return capgap_json_element(rep, decoded_object(ans));
}

static int driver_element(struct capgap_report *rep, const struct capgap_driver_row *row)
{
	return capgap_json_element(rep, driver_object(row));
}

static int made_line(struct capgap_report *rep, const struct capgap_dvsec_made *made)
{
	return capgap_json_line(rep, made_object(made));
}

static int decoded_line(struct capgap_report *rep, const struct capgap_answer *ans)
{
	return capgap_json_line(rep, decoded_object(ans));
}

static int driver_line(struct capgap_report *rep, const struct capgap_driver_row *row)
{
	return capgap_json_line(rep, driver_object(row));
}

const struct capgap_dvsec_reporter capgap_dvsec_json = {
	.format = &capgap_report_json,
	.made = made_element,
	.decoded = decoded_element,
	.driver = driver_element,
};

const struct capgap_dvsec_reporter capgap_dvsec_ndjson = {
	.format = &capgap_report_ndjson,
	.made = made_line,
	.decoded = decoded_line,
	.driver = driver_line,
};
