/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The answer as a JSON object, for the formats that are made of them. */
#include "json_answer.h"

#include <stdlib.h>
#include <string.h>

/*
 * Every setter takes the value over and reports a missing one only at the end:
 * jansson answers NULL for a lack of memory, and passes NULL on.
 */
struct object {
	json_t *json;
	bool failed;
};

static struct object object_new(void)
{
	struct object obj = { json_object(), false };

	obj.failed = !obj.json;
	return obj;
}

static void put(struct object *obj, const char *key, json_t *value)
{
	if (!value || obj->failed || json_object_set_new(obj->json, key, value))
		obj->failed = true;
}

static json_t *take(struct object *obj)
{
	if (!obj->failed)
		return obj->json;
	json_decref(obj->json);
	return NULL;
}

static void push(struct object *list, json_t *value)
{
	if (!value || list->failed || json_array_append_new(list->json, value))
		list->failed = true;
}

static struct object list_new(void)
{
	struct object list = { json_array(), false };

	list.failed = !list.json;
	return list;
}

/* Text that may come from outside: what is not UTF-8 becomes a question mark. */
static json_t *text(const char *s)
{
	json_t *json;
	char *copy;

	if (!s)
		return json_null();
	json = json_string(s);
	if (json)
		return json;
	copy = strdup(s);
	if (!copy)
		return NULL;
	for (char *p = copy; *p; p++) {
		if ((unsigned char)*p >= 0x80)
			*p = '?';
	}
	json = json_string(copy);
	free(copy);
	return json;
}

static json_t *hex4(unsigned val)
{
	return json_sprintf("%04x", val & 0xffffu);
}

static json_t *address(bool known, const struct capgap_bdf *bdf)
{
	char buf[CAPGAP_BDF_TEXT];

	return known ? json_string(capgap_bdf_format(bdf, buf)) : json_null();
}

static json_t *range(unsigned off, unsigned len)
{
	struct object obj = object_new();

	put(&obj, "offset", json_integer(off));
	put(&obj, "length", json_integer(len));
	return take(&obj);
}

static json_t *absent(const struct capgap_image *img)
{
	struct object list = list_new();
	struct capgap_range hole;

	for (unsigned off = 0; capgap_image_absent(img, off, &hole);
	     off = hole.off + hole.len)
		push(&list, range(hole.off, hole.len));
	return take(&list);
}

static const char *space_name(bool ext)
{
	return ext ? "ext" : "conv";
}

static json_t *capability(const struct capgap_cap *cap)
{
	struct object obj = object_new();
	bool ext = cap->space == CAPGAP_EXT;

	put(&obj, "space", text(space_name(ext)));
	put(&obj, "offset", json_integer(cap->off));
	put(&obj, "id", hex4(cap->id));
	put(&obj, "version", ext ? json_integer(cap->version) : json_null());
	put(&obj, "name", text(capgap_caps_symbol(cap->space, cap->id)));
	put(&obj, "length", cap->len ? json_integer(cap->len) : json_null());
	put(&obj, "owned", json_integer(cap->owned));
	put(&obj, "extent", text(capgap_extent_name(cap->extent)));
	return take(&obj);
}

static json_t *capabilities(const struct capgap_cap *cap, unsigned n)
{
	struct object list = list_new();

	for (unsigned i = 0; i < n; i++)
		push(&list, capability(&cap[i]));
	return take(&list);
}

static json_t *gaps(const struct capgap_function *fn)
{
	struct object list = list_new();
	struct object obj;

	for (unsigned i = 0; i < fn->n_gaps; i++) {
		obj = object_new();
		put(&obj, "space", text(space_name(fn->gap[i].off >= CAPGAP_CONV_END)));
		put(&obj, "offset", json_integer(fn->gap[i].off));
		put(&obj, "length", json_integer(fn->gap[i].len));
		put(&obj, "content", text(capgap_content_name(fn->gap[i].content)));
		push(&list, take(&obj));
	}
	return take(&list);
}

static json_t *findings(const struct capgap_answer *ans)
{
	const struct capgap_finding *row;
	const struct capgap_hit *hit;
	struct object list = list_new();
	struct object obj;
	char buf[256];

	for (unsigned i = 0; (hit = capgap_answer_hit(ans, i)); i++) {
		row = capgap_finding_get(hit->kind);
		obj = object_new();
		put(&obj, "name", text(row->name));
		put(&obj, "level", text(capgap_level_name(row->level)));
		put(&obj, "offset", json_integer(hit->off));
		put(&obj, "length", json_integer(hit->len));
		put(&obj, "text", text(capgap_hit_text(hit, buf, sizeof(buf))));
		push(&list, take(&obj));
	}
	return take(&list);
}

static json_t *edits(const struct capgap_edits *edits)
{
	struct object list = list_new();
	struct object obj;

	for (unsigned i = 0; i < edits->n; i++) {
		obj = object_new();
		put(&obj, "offset", json_integer(edits->edit[i].off));
		put(&obj, "old", json_integer(edits->edit[i].before));
		put(&obj, "new", json_integer(edits->edit[i].after));
		push(&list, take(&obj));
	}
	return take(&list);
}

static json_t *place(const struct capgap_place *place, const struct capgap_function *fn,
		     bool with_reason)
{
	struct object obj = object_new();
	char buf[160];

	put(&obj, "offset", json_integer(place->off));
	put(&obj, "length", json_integer(place->len));
	put(&obj, "grade", text(capgap_grade_name(place->grade)));
	if (with_reason)
		put(&obj, "reason", text(capgap_place_text(place, fn, buf, sizeof(buf))));
	return take(&obj);
}

/* Ranges that would have done as well, or, with @rejected, those that would not. */
static json_t *places(const struct capgap_answer *ans, bool rejected,
		      const struct capgap_policy *policy)
{
	const struct capgap_plan *plan = ans->plan;
	struct object list = list_new();

	for (unsigned i = 0; i < plan->n_places; i++) {
		if ((int)i == plan->chosen ||
		    capgap_plan_qualifies(&plan->place[i], policy) == rejected)
			continue;
		push(&list, place(&plan->place[i], ans->fn, rejected));
	}
	return take(&list);
}

static json_t *placement(const struct capgap_answer *ans,
			 const struct capgap_policy *policy)
{
	const struct capgap_plan *plan = ans->plan;
	struct object obj;

	if (!plan->found)
		return json_null();
	obj = object_new();
	put(&obj, "offset", json_integer(plan->offset));
	put(&obj, "grade", text(capgap_grade_name(plan->grade)));
	put(&obj, "by", text(plan->by_caller ? "caller" : "plan"));
	put(&obj, "reason", text(plan->reason));
	put(&obj, "link", text(capgap_link_name(plan->edits.link)));
	put(&obj, "edits", edits(&plan->edits));
	put(&obj, "alternatives", places(ans, false, policy));
	return take(&obj);
}

static json_t *objections(const struct capgap_answer *ans)
{
	struct object list = list_new();

	for (unsigned i = 0; i < ans->plan->n_objections; i++)
		push(&list, place(&ans->plan->objection[i], ans->fn, true));
	return take(&list);
}

/* A value that means nothing unless PASID is supported. */
static json_t *if_known(const struct capgap_pasid *pasid, json_t *value)
{
	if (pasid->supported == CAPGAP_IS_YES)
		return value;
	json_decref(value);
	return json_null();
}

static json_t *pasid_range(const struct capgap_pasid *pasid)
{
	struct object list;

	if (!pasid->has_range)
		return json_null();
	list = list_new();
	push(&list, json_integer(pasid->min));
	push(&list, json_integer(pasid->max));
	return take(&list);
}

static json_t *pasid_raw(const struct capgap_pasid *pasid)
{
	struct object obj;

	if (!pasid->has_raw)
		return json_null();
	obj = object_new();
	put(&obj, "capability", json_integer(pasid->capability));
	put(&obj, "control", json_integer(pasid->control));
	return take(&obj);
}

static json_t *pasid_answer(const struct capgap_pasid *p)
{
	struct object obj = object_new();

	put(&obj, "supported",
	    p->supported == CAPGAP_IS_UNKNOWN ?
		    json_null() :
		    json_boolean(p->supported == CAPGAP_IS_YES));
	put(&obj, "width", if_known(p, json_integer(p->width)));
	put(&obj, "execute", if_known(p, json_boolean(p->execute)));
	put(&obj, "privileged", if_known(p, json_boolean(p->privileged)));
	put(&obj, "enabled", if_known(p, json_boolean(p->enabled)));
	put(&obj, "enabled_execute", if_known(p, json_boolean(p->enabled_execute)));
	put(&obj, "enabled_privileged", if_known(p, json_boolean(p->enabled_privileged)));
	put(&obj, "method", text("config"));
	put(&obj, "from", address(p->has_from, &p->from));
	put(&obj, "range", pasid_range(p));
	put(&obj, "limit", text(capgap_limit_name(p->limit)));
	put(&obj, "raw", pasid_raw(p));
	put(&obj, "obstacles", json_array());
	return take(&obj);
}

static void put_identity(struct object *obj, const struct capgap_answer *ans)
{
	const struct capgap_function *fn = ans->fn;
	bool known = fn->id_from != CAPGAP_ID_NONE;

	put(obj, "schema", text(ans->plan ? "capgap/plan/1" : "capgap/scan/1"));
	put(obj, "source", text(ans->source));
	put(obj, "machine", json_integer(ans->machine));
	put(obj, "bdf", address(fn->meta.flags & CAPGAP_META_BDF, &fn->meta.bdf));
	put(obj, "vendor", known ? hex4(fn->vendor) : json_null());
	put(obj, "device", known ? hex4(fn->device) : json_null());
	put(obj, "id_from", text(capgap_id_from_name(fn->id_from)));
	put(obj, "kind", text(capgap_kind_name(fn->kind)));
	put(obj, "physfn", address(fn->has_physfn, &fn->physfn));
	put(obj, "vantage", text(capgap_vantage_name(fn->vantage)));
}

static void put_plan(struct object *obj, const struct capgap_answer *ans,
		     const struct capgap_policy *policy)
{
	put(obj, "placement", placement(ans, policy));
	if (!ans->plan->found)
		put(obj, "refusal", text(ans->plan->refusal));
	if (ans->plan->n_objections)
		put(obj, "objections", objections(ans));
	put(obj, "rejected", places(ans, true, policy));
	put(obj, "vmm", json_array());
	put(obj, "default", json_null());
	put(obj, "pasid", pasid_answer(ans->pasid));
}

json_t *capgap_json_answer(const struct capgap_report *rep,
			   const struct capgap_answer *ans)
{
	struct capgap_policy policy = { .require = rep->require,
					.min_gap = rep->min_gap };
	const struct capgap_function *fn = ans->fn;
	struct object obj = object_new();

	put_identity(&obj, ans);
	put(&obj, "size", json_integer(fn->image.size));
	put(&obj, "absent", absent(&fn->image));
	put(&obj, "applicable", json_boolean(!fn->not_applicable));
	if (fn->not_applicable)
		put(&obj, "not_applicable", text(fn->not_applicable));
	put(&obj, "capabilities", capabilities(fn->chain.cap, fn->chain.n));
	if (fn->orphans.n)
		put(&obj, "orphans", capabilities(fn->orphans.cap, fn->orphans.n));
	put(&obj, "gaps", gaps(fn));
	put(&obj, "findings", findings(ans));
	if (ans->plan)
		put_plan(&obj, ans, &policy);
	return take(&obj);
}

int capgap_json_write(struct capgap_report *rep, const struct capgap_answer *ans)
{
	json_t *json = capgap_json_answer(rep, ans);

	if (!json)
		return -CAPGAP_E_NOMEM;
	json_dumpf(json, rep->out, JSON_COMPACT);
	json_decref(json);
	return 0;
}
