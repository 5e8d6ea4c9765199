/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The answer as a JSON object, for the formats that are made of them. */
#include "json_answer.h"

#include <string.h>

#include "json_object.h"
#include "json_pasid.h"

#include "../analyzer/bytes.h"
#include "../analyzer/header.h"

static json_t *absent(const struct capgap_image *img)
{
	struct capgap_json list = capgap_json_array();
	struct capgap_range hole;

	for (unsigned off = 0; capgap_image_absent(img, off, &hole);
	     off = hole.off + hole.len)
		capgap_json_push(&list, capgap_json_range(hole.off, hole.len));
	return capgap_json_take(&list);
}

static const char *space_name(bool ext)
{
	return ext ? "ext" : "conv";
}

static json_t *capability(const struct capgap_cap *cap)
{
	struct capgap_json obj = capgap_json_object();
	bool ext = cap->space == CAPGAP_EXT;

	capgap_json_put(&obj, "space", capgap_json_text(space_name(ext)));
	capgap_json_put(&obj, "offset", json_integer(cap->off));
	capgap_json_put(&obj, "id", capgap_json_id(cap->id));
	capgap_json_put(&obj, "version", ext ? json_integer(cap->version) : json_null());
	capgap_json_put(&obj, "name",
			capgap_json_text(capgap_caps_symbol(cap->space, cap->id)));
	capgap_json_put(&obj, "length", cap->len ? json_integer(cap->len) : json_null());
	capgap_json_put(&obj, "owned", json_integer(cap->owned));
	capgap_json_put(&obj, "extent",
			capgap_json_text(capgap_extent_name(cap->extent)));
	return capgap_json_take(&obj);
}

static json_t *capabilities(const struct capgap_cap *cap, unsigned n)
{
	struct capgap_json list = capgap_json_array();

	for (unsigned i = 0; i < n; i++)
		capgap_json_push(&list, capability(&cap[i]));
	return capgap_json_take(&list);
}

static json_t *gaps(const struct capgap_function *fn)
{
	struct capgap_json list = capgap_json_array();
	struct capgap_json obj;

	for (unsigned i = 0; i < fn->n_gaps; i++) {
		obj = capgap_json_object();
		capgap_json_put(&obj, "space",
				capgap_json_text(
					space_name(fn->gap[i].off >= CAPGAP_CONV_END)));
		capgap_json_put(&obj, "offset", json_integer(fn->gap[i].off));
		capgap_json_put(&obj, "length", json_integer(fn->gap[i].len));
		capgap_json_put(&obj, "content",
				capgap_json_text(
					capgap_content_name(fn->gap[i].content)));
		capgap_json_push(&list, capgap_json_take(&obj));
	}
	return capgap_json_take(&list);
}

json_t *capgap_json_hit(const struct capgap_hit *hit)
{
	const struct capgap_finding *row = capgap_finding_get(hit->kind);
	struct capgap_json obj = capgap_json_object();
	char buf[256];

	capgap_json_put(&obj, "name", capgap_json_text(row->name));
	capgap_json_put(&obj, "level", capgap_json_text(capgap_level_name(row->level)));
	capgap_json_put(&obj, "offset", json_integer(hit->off));
	capgap_json_put(&obj, "length", json_integer(hit->len));
	capgap_json_put(&obj, "text",
			capgap_json_text(capgap_hit_text(hit, buf, sizeof(buf))));
	return capgap_json_take(&obj);
}

static json_t *findings(const struct capgap_answer *ans)
{
	struct capgap_json list = capgap_json_array();
	const struct capgap_hit *hit;

	for (unsigned i = 0; (hit = capgap_answer_hit(ans, i)); i++)
		capgap_json_push(&list, capgap_json_hit(hit));
	return capgap_json_take(&list);
}

json_t *capgap_json_edits(const struct capgap_edit *edit, unsigned n)
{
	struct capgap_json list = capgap_json_array();
	struct capgap_json obj;

	for (unsigned i = 0; i < n; i++) {
		obj = capgap_json_object();
		capgap_json_put(&obj, "offset", json_integer(edit[i].off));
		capgap_json_put(&obj, "old", json_integer(edit[i].before));
		capgap_json_put(&obj, "new", json_integer(edit[i].after));
		capgap_json_push(&list, capgap_json_take(&obj));
	}
	return capgap_json_take(&list);
}

static json_t *place(const struct capgap_place *place, const struct capgap_function *fn,
		     bool with_reason)
{
	struct capgap_json obj = capgap_json_object();
	char buf[256];

	capgap_json_put(&obj, "offset", json_integer(place->off));
	capgap_json_put(&obj, "length", json_integer(place->len));
	capgap_json_put(&obj, "grade", capgap_json_text(capgap_grade_name(place->grade)));
	if (with_reason)
		capgap_json_put(&obj, "reason",
				capgap_json_text(
					capgap_place_text(place, fn, buf, sizeof(buf))));
	return capgap_json_take(&obj);
}

/* Ranges that would have done as well, or, with @rejected, those that would not. */
static json_t *places(const struct capgap_answer *ans, bool rejected,
		      const struct capgap_policy *policy)
{
	const struct capgap_plan *plan = ans->plan;
	struct capgap_json list = capgap_json_array();

	for (unsigned i = 0; i < plan->n_places; i++) {
		if ((int)i == plan->chosen ||
		    capgap_plan_qualifies(&plan->place[i], policy) == rejected)
			continue;
		capgap_json_push(&list, place(&plan->place[i], ans->fn, rejected));
	}
	return capgap_json_take(&list);
}

static json_t *placed_cap(unsigned id, unsigned off, unsigned len)
{
	struct capgap_json obj = capgap_json_object();

	capgap_json_put(&obj, "id", capgap_json_id(id));
	capgap_json_put(&obj, "offset", json_integer(off));
	capgap_json_put(&obj, "length", json_integer(len));
	return capgap_json_take(&obj);
}

/* PASID, and what was wanted beside it. */
static json_t *placed_caps(const struct capgap_plan *plan,
			   const struct capgap_policy *policy)
{
	struct capgap_json list = capgap_json_array();

	capgap_json_push(&list,
			 placed_cap(CAPGAP_ECAP_PASID, plan->offset, CAPGAP_PASID_LEN));
	for (unsigned i = 0; i < policy->n_wants; i++)
		capgap_json_push(&list, placed_cap(policy->want[i].id, plan->want_off[i],
						   policy->want[i].len));
	return capgap_json_take(&list);
}

static json_t *placement(const struct capgap_answer *ans,
			 const struct capgap_policy *policy)
{
	const struct capgap_plan *plan = ans->plan;
	struct capgap_json obj;

	if (!plan->found)
		return json_null();
	obj = capgap_json_object();
	capgap_json_put(&obj, "offset", json_integer(plan->offset));
	capgap_json_put(&obj, "grade", capgap_json_text(capgap_grade_name(plan->grade)));
	capgap_json_put(&obj, "by",
			capgap_json_text(plan->by_caller ? "caller" : "plan"));
	capgap_json_put(&obj, "meets_require",
			json_boolean(capgap_plan_meets(plan, policy)));
	capgap_json_put(&obj, "reason", capgap_json_text(plan->reason));
	capgap_json_put(&obj, "link",
			capgap_json_text(capgap_link_name(plan->edits.link)));
	capgap_json_put(&obj, "edits",
			capgap_json_edits(plan->edits.edit, plan->edits.n));
	capgap_json_put(&obj, "alternatives", places(ans, false, policy));
	if (policy->n_wants)
		capgap_json_put(&obj, "capabilities", placed_caps(plan, policy));
	return capgap_json_take(&obj);
}

static json_t *objections(const struct capgap_answer *ans)
{
	struct capgap_json list = capgap_json_array();

	for (unsigned i = 0; i < ans->plan->n_objections; i++)
		capgap_json_push(&list, place(&ans->plan->objection[i], ans->fn, true));
	return capgap_json_take(&list);
}

/* Ids of the rows that match, each once: a row can say several things. */
static json_t *quirks(const struct capgap_function *fn)
{
	struct capgap_json list = capgap_json_array();
	const char *last = NULL;

	for (size_t i = 0; i < capgap_function_quirks(fn); i++) {
		if (fn->quirk[i].verb == CAPGAP_VERB_FINGERPRINT &&
		    !capgap_quirk_fits(&fn->quirk[i], &fn->image))
			continue;
		if (!last || strcmp(last, fn->quirk[i].row->id) != 0)
			capgap_json_push(&list, capgap_json_text(fn->quirk[i].row->id));
		last = fn->quirk[i].row->id;
	}
	return capgap_json_take(&list);
}

/* What the function's own descriptors declare free. */
static json_t *declared(const struct capgap_free_space *free_space)
{
	const struct capgap_declared *range;
	struct capgap_json list = capgap_json_array();
	struct capgap_json obj;

	for (unsigned i = 0; i < free_space->n_ranges; i++) {
		range = &free_space->range[i];
		obj = capgap_json_object();
		capgap_json_put(&obj, "offset", json_integer(range->off));
		capgap_json_put(&obj, "length", json_integer(range->len));
		capgap_json_put(&obj, "descriptor",
				json_integer(
					free_space->descriptor[range->descriptor].off));
		capgap_json_put(&obj, "usable", json_boolean(range->usable));
		capgap_json_push(&list, capgap_json_take(&obj));
	}
	return capgap_json_take(&list);
}

/* Class code and revision, as 6 and 2 hex digits; the image knows before the input. */
static void put_class(struct capgap_json *obj, const struct capgap_function *fn)
{
	const struct capgap_meta *meta = &fn->meta;
	char text[8] = "";
	uint32_t class_rev;

	if (capgap_get32(&fn->image, HDR_CLASS_REV, &class_rev))
		snprintf(text, sizeof(text), "%06x", (unsigned)(class_rev >> 8));
	else if (meta->flags & CAPGAP_META_CLASS)
		snprintf(text, sizeof(text), "%06x",
			 (unsigned)meta->class_code & 0xffffffu);
	capgap_json_put(obj, "class", capgap_json_text(text[0] ? text : NULL));
	text[0] = '\0';
	if (capgap_get32(&fn->image, HDR_CLASS_REV, &class_rev))
		snprintf(text, sizeof(text), "%02x", (unsigned)class_rev & 0xffu);
	else if (meta->flags & CAPGAP_META_REVISION)
		snprintf(text, sizeof(text), "%02x", meta->revision);
	capgap_json_put(obj, "revision", capgap_json_text(text[0] ? text : NULL));
}

void capgap_json_identity(struct capgap_json *obj, const char *schema,
			  const struct capgap_answer *ans)
{
	const struct capgap_function *fn = ans->fn;
	bool known = fn->id_from != CAPGAP_ID_NONE;

	capgap_json_put(obj, "schema", capgap_json_text(schema));
	capgap_json_put(obj, "source", capgap_json_text(ans->source));
	capgap_json_put(obj, "machine", json_integer(ans->machine));
	capgap_json_put(obj, "bdf",
			capgap_json_bdf(fn->meta.flags & CAPGAP_META_BDF, &fn->meta.bdf));
	capgap_json_put(obj, "vendor", known ? capgap_json_id(fn->vendor) : json_null());
	capgap_json_put(obj, "device", known ? capgap_json_id(fn->device) : json_null());
	capgap_json_put(obj, "id_from",
			capgap_json_text(capgap_id_from_name(fn->id_from)));
	put_class(obj, fn);
	capgap_json_put(obj, "kind", capgap_json_text(capgap_kind_name(fn->kind)));
	capgap_json_put(obj, "physfn", capgap_json_bdf(fn->has_physfn, &fn->physfn));
	capgap_json_put(obj, "vantage",
			capgap_json_text(capgap_vantage_name(fn->vantage)));
}

static json_t *verdict(const struct capgap_verdict *verdict)
{
	struct capgap_json obj = capgap_json_object();

	capgap_json_put(&obj, "name", capgap_json_text(capgap_vmm_name(verdict->vmm)));
	capgap_json_put(&obj, "verdict",
			capgap_json_text(capgap_verdict_name(verdict->kind)));
	capgap_json_put(&obj, "offset",
			verdict->placed ? json_integer(verdict->offset) : json_null());
	capgap_json_put(&obj, "link",
			capgap_json_text(capgap_link_name(verdict->edits.link)));
	capgap_json_put(&obj, "edits",
			capgap_json_edits(verdict->edits.edit, verdict->edits.n));
	capgap_json_put(&obj, "rule",
			capgap_json_text(capgap_vmm_rule_row(verdict->rule)->name));
	capgap_json_put(&obj, "reason", capgap_json_text(verdict->reason));
	return capgap_json_take(&obj);
}

static json_t *verdicts(const struct capgap_plan *plan)
{
	struct capgap_json list = capgap_json_array();

	for (unsigned i = 0; i < plan->n_verdicts; i++)
		capgap_json_push(&list, verdict(&plan->verdict[i]));
	return capgap_json_take(&list);
}

/* What the caller's VMM does when it is told no offset. */
static json_t *by_default(const struct capgap_plan *plan)
{
	const struct capgap_verdict *made = &plan->by_default;
	struct capgap_json obj;

	if (!plan->has_default)
		return json_null();
	obj = capgap_json_object();
	capgap_json_put(&obj, "vmm", capgap_json_text(capgap_vmm_name(made->vmm)));
	capgap_json_put(&obj, "offset", json_integer(made->offset));
	capgap_json_put(&obj, "verdict",
			capgap_json_text(capgap_verdict_name(made->kind)));
	capgap_json_put(&obj, "acts",
			plan->default_acts == CAPGAP_IS_UNKNOWN ?
				json_null() :
				json_boolean(plan->default_acts == CAPGAP_IS_YES));
	capgap_json_put(&obj, "safe", json_boolean(plan->default_safe));
	capgap_json_put(&obj, "grade",
			capgap_json_text(capgap_grade_name(plan->default_grade)));
	capgap_json_put(&obj, "rule",
			capgap_json_text(capgap_vmm_rule_row(made->rule)->name));
	capgap_json_put(&obj, "reason", capgap_json_text(made->reason));
	return capgap_json_take(&obj);
}

/* Where the space comes from that the edits are made over. */
static const char *view_name(const struct capgap_function *fn)
{
	if (fn->vantage != CAPGAP_VANTAGE_HOST)
		return "input";
	return fn->has_vfio_image ? "dump" : "derived";
}

static void put_plan(struct capgap_json *obj, const struct capgap_answer *ans,
		     const struct capgap_policy *policy)
{
	capgap_json_put(obj, "kernel",
			capgap_json_text(capgap_kernel_name(policy->kernel)));
	capgap_json_put(obj, "view", capgap_json_text(view_name(ans->fn)));
	capgap_json_put(obj, "placement", placement(ans, policy));
	if (!ans->plan->found)
		capgap_json_put(obj, "refusal", capgap_json_text(ans->plan->refusal));
	if (ans->plan->n_objections)
		capgap_json_put(obj, "objections", objections(ans));
	capgap_json_put(obj, "rejected", places(ans, true, policy));
	capgap_json_put(obj, "vmm", verdicts(ans->plan));
	capgap_json_put(obj, "default", by_default(ans->plan));
	capgap_json_put(obj, "pasid", capgap_json_pasid(ans->pasid, ans->obstacles));
}

/* The other functions of the IOMMU group, as far as they are kept by name. */
static json_t *members(const struct capgap_meta *meta)
{
	struct capgap_json list = capgap_json_array();
	char bdf[CAPGAP_BDF_TEXT];

	for (unsigned i = 0; i < meta->n_members; i++) {
		const struct capgap_member *member = &meta->member[i];
		struct capgap_json obj = capgap_json_object();

		capgap_json_put(&obj, "bdf",
				capgap_json_text(capgap_bdf_format(&member->bdf, bdf)));
		capgap_json_put(&obj, "driver",
				member->driver[0] ? capgap_json_text(member->driver) :
						    json_null());
		capgap_json_push(&list, capgap_json_take(&obj));
	}
	return capgap_json_take(&list);
}

/* What the input says of the surroundings; members that it does not state are left out. */
static void put_surroundings(struct capgap_json *obj, const struct capgap_meta *meta)
{
	if (meta->flags & CAPGAP_META_DRIVER)
		capgap_json_put(obj, "driver", capgap_json_text(meta->driver));
	if (meta->flags & CAPGAP_META_GROUP)
		capgap_json_put(obj, "iommu_group", json_integer(meta->iommu_group));
	if (meta->flags & CAPGAP_META_MEMBERS) {
		capgap_json_put(obj, "iommu_group_size", json_integer(meta->group_size));
		capgap_json_put(obj, "iommu_group_members", members(meta));
	}
	if (meta->flags & CAPGAP_META_VFS)
		capgap_json_put(obj, "vfs", json_integer(meta->vfs));
	if (meta->flags & CAPGAP_META_TOTAL_VFS)
		capgap_json_put(obj, "total_vfs", json_integer(meta->total_vfs));
	if (meta->flags & CAPGAP_META_WITHHELD)
		capgap_json_put(obj, "withheld", json_true());
	if (meta->flags & CAPGAP_META_VFIO)
		capgap_json_put(obj, "vfio_device", capgap_json_text(meta->vfio));
	if (meta->flags & CAPGAP_META_NUMA)
		capgap_json_put(obj, "numa_node", json_integer(meta->numa_node));
	if (meta->samples)
		capgap_json_put(obj, "samples", json_integer(meta->samples));
}

json_t *capgap_json_answer(const struct capgap_report *rep,
			   const struct capgap_answer *ans)
{
	const struct capgap_function *fn = ans->fn;
	struct capgap_json obj = capgap_json_object();

	capgap_json_identity(&obj, ans->plan ? "capgap/plan/1" : "capgap/scan/1", ans);
	put_surroundings(&obj, &fn->meta);
	capgap_json_put(&obj, "size", json_integer(fn->image.size));
	capgap_json_put(&obj, "absent", absent(&fn->image));
	capgap_json_put(&obj, "applicable", json_boolean(!fn->not_applicable));
	if (fn->not_applicable)
		capgap_json_put(&obj, "not_applicable",
				capgap_json_text(fn->not_applicable));
	capgap_json_put(&obj, "capabilities", capabilities(fn->chain.cap, fn->chain.n));
	if (fn->orphans.n)
		capgap_json_put(&obj, "orphans",
				capabilities(fn->orphans.cap, fn->orphans.n));
	capgap_json_put(&obj, "gaps", gaps(fn));
	if (fn->free_space.n_descriptors)
		capgap_json_put(&obj, "declared", declared(&fn->free_space));
	if (fn->n_quirks)
		capgap_json_put(&obj, "quirks", quirks(fn));
	capgap_json_put(&obj, "findings", findings(ans));
	if (ans->plan)
		put_plan(&obj, ans, &rep->policy);
	return capgap_json_take(&obj);
}
