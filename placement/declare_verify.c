/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads made free-space descriptors again, and sees that they hold. */
#include "declare.h"

#include "plan.h"

#include "../analyzer/dvsec_fields.h"

/* Analyse the made image as @fn was, its physical function included. */
static int analyse(const struct capgap_declaration *decl,
		   const struct capgap_function *fn, const struct capgap_options *opt,
		   struct capgap_function *again)
{
	struct capgap_record rec = { .image = decl->image, .meta = fn->meta };
	struct capgap_topology topo;
	int rc = 0;

	capgap_topology_init(&topo);
	if (fn->kind == CAPGAP_KIND_VF && fn->has_pf)
		rc = capgap_topology_add_pf(&topo, &fn->pf);
	if (!rc)
		capgap_function_analyse(again, &rec, &topo, opt);
	capgap_topology_clear(&topo);
	return rc;
}

static const struct capgap_made *find_made(const struct capgap_declaration *decl,
					   unsigned off)
{
	for (unsigned i = 0; i < decl->n_made; i++) {
		if (decl->made[i].off == off)
			return &decl->made[i];
	}
	return NULL;
}

/* Refuse because of a finding that the result would have; NULL is none in particular. */
static int refuse_for(struct capgap_declaration *decl, const struct capgap_hit *hit,
		      unsigned off)
{
	char text[256];

	if (!hit)
		return capgap_declare_refuse(decl, "0x%03x would not be usable", off);
	return capgap_declare_refuse(decl, "there would be an error at 0x%03x: %s [%s]",
				     off, capgap_hit_text(hit, text, sizeof(text)),
				     capgap_finding_get(hit->kind)->name);
}

/* What the reading says of one descriptor and its ranges. */
static int check_made(struct capgap_declaration *decl, const struct capgap_made *made,
		      const struct capgap_function *again)
{
	const struct capgap_free_space *fs = &again->free_space;
	const struct capgap_descriptor *d = fs->descriptor;
	const struct capgap_descriptor *end = d + fs->n_descriptors;
	const struct capgap_declared *range;
	unsigned found = 0;

	while (d < end && d->off != made->off)
		d++;
	if (d == end || !d->valid || d->len != made->len || d->form != decl->want.form)
		return capgap_declare_refuse(
			decl, "the descriptor at 0x%03x would not be recognised",
			made->off);
	for (unsigned i = 0; i < fs->n_ranges; i++) {
		range = &fs->range[i];
		if (&fs->descriptor[range->descriptor] != d)
			continue;
		if (!range->usable)
			return refuse_for(decl, capgap_dvsec_hit(&again->findings, d, 0),
					  range->off);
		if (range->len)
			found++;
	}
	if (found != made->n_ranges)
		return capgap_declare_refuse(
			decl, "the descriptor at 0x%03x would declare %u ranges",
			made->off, found);
	return 0;
}

static bool same_cap(const struct capgap_cap *a, const struct capgap_cap *b)
{
	return a->space == b->space && a->off == b->off && a->id == b->id &&
	       a->version == b->version && a->extent == b->extent && a->len == b->len &&
	       a->owned == b->owned;
}

/* Both lists are as they were, in their order, but for the descriptors. */
static int check_caps(struct capgap_declaration *decl, const struct capgap_chain *old,
		      const struct capgap_chain *now)
{
	unsigned i = 0;

	for (unsigned k = 0; k < now->n; k++) {
		if (now->cap[k].space == CAPGAP_EXT && find_made(decl, now->cap[k].off))
			continue;
		if (i == old->n || !same_cap(&old->cap[i], &now->cap[k]))
			return capgap_declare_refuse(
				decl, "the capability at 0x%03x would change",
				now->cap[k].off);
		i++;
	}
	if (i < old->n)
		return capgap_declare_refuse(decl,
					     "the capability at 0x%03x would be lost",
					     old->cap[i].off);
	return 0;
}

static bool had(const struct capgap_findings *list, const struct capgap_hit *hit)
{
	for (unsigned i = 0; i < list->n; i++) {
		if (list->hit[i].kind == hit->kind && list->hit[i].off == hit->off)
			return true;
	}
	return false;
}

static int check_findings(struct capgap_declaration *decl,
			  const struct capgap_findings *old,
			  const struct capgap_findings *now)
{
	const struct capgap_hit *hit;

	for (unsigned i = 0; i < now->n; i++) {
		hit = &now->hit[i];
		if (capgap_finding_get(hit->kind)->level == CAPGAP_LEVEL_ERROR &&
		    !had(old, hit))
			return refuse_for(decl, hit, hit->off);
	}
	return 0;
}

unsigned capgap_declare_place(const struct capgap_declaration *decl,
			      const struct capgap_made *made, unsigned range)
{
	const struct capgap_range *r;

	if (decl->want.form == CAPGAP_FORM_GAP) {
		if (range)
			return 0;
		return made->len < DVSEC_CARVE_MIN ?
			       made->off :
			       made->off + made->len - CAPGAP_PASID_LEN;
	}
	if (range >= made->n_ranges)
		return 0;
	r = &decl->range[made->first + range];
	return r->off < CAPGAP_CONV_END || r->len < CAPGAP_PASID_LEN ?
		       0 :
		       r->off + r->len - CAPGAP_PASID_LEN;
}

/* A placement in the range of a descriptor uses it as the format says. */
static bool uses_descriptor(const struct capgap_plan *plan)
{
	return plan->grade >= CAPGAP_GRADE_DECLARED &&
	       (plan->edits.link == CAPGAP_LINK_CARVE ||
		plan->edits.link == CAPGAP_LINK_REPLACE ||
		plan->edits.link == CAPGAP_LINK_TRIM);
}

/* Try the place for PASID in each range. */
static int check_plan(struct capgap_declaration *decl, const struct capgap_made *made,
		      const struct capgap_function *again)
{
	struct capgap_policy policy = { .require = CAPGAP_GRADE_DECLARED,
					.min_gap = CAPGAP_MIN_GAP,
					.has_offset = true };
	struct capgap_pasid pasid;
	struct capgap_plan plan;

	capgap_query_config(&pasid, again);
	for (unsigned i = 0; i == 0 || i < made->n_ranges; i++) {
		policy.offset = (uint16_t)capgap_declare_place(decl, made, i);
		if (!policy.offset)
			continue;
		capgap_plan_make(&plan, again, &pasid, &policy);
		if (!plan.found)
			return capgap_declare_refuse(
				decl, "PASID could not be placed at 0x%03x: %s",
				policy.offset, plan.refusal);
		if (!uses_descriptor(&plan))
			return capgap_declare_refuse(
				decl, "PASID at 0x%03x would be graded %s: %s",
				policy.offset, capgap_grade_name(plan.grade),
				plan.reason);
	}
	return 0;
}

/* An image that is not the host's may have its PASID already; nothing is then placed. */
static bool is_placed(const struct capgap_function *fn)
{
	return fn->vantage != CAPGAP_VANTAGE_HOST && fn->pasid.off;
}

int capgap_declare_verify(struct capgap_declaration *decl,
			  const struct capgap_function *fn,
			  const struct capgap_options *opt, struct capgap_function *again)
{
	int rc = analyse(decl, fn, opt, again);

	for (unsigned i = 0; !rc && i < decl->n_made; i++)
		rc = check_made(decl, &decl->made[i], again);
	if (!rc)
		rc = check_caps(decl, &fn->chain, &again->chain);
	if (!rc)
		rc = check_findings(decl, &fn->findings, &again->findings);
	for (unsigned i = 0; !rc && !is_placed(again) && i < decl->n_made; i++)
		rc = check_plan(decl, &decl->made[i], again);
	return rc;
}

const char *capgap_left_text(enum capgap_left_why why)
{
	static const char *const texts[] = {
		[CAPGAP_LEFT_NONZERO] = "not zero, so only --range takes it",
		[CAPGAP_LEFT_SHORT] = "too short for this form",
		[CAPGAP_LEFT_DECLARED] = "declared already",
		[CAPGAP_LEFT_UNASKED] = "not asked for",
	};

	return texts[why];
}

/* The notes, in the order of note_applies(). */
enum note {
	NOTE_PF,
	NOTE_VF,
	NOTE_PRESENT,
	NOTE_NONZERO,
	NOTE_REPLACE,
	NOTE_LOW,
	NOTE_EMPTY,
	NOTE_COUNT
};

static bool any_nonzero(const struct capgap_declaration *decl)
{
	for (unsigned i = 0; i < decl->n_ranges; i++) {
		if (decl->range[i].len &&
		    capgap_image_content(&decl->image, decl->range[i].off,
					 decl->range[i].len) != CAPGAP_CONTENT_ZERO)
			return true;
	}
	return false;
}

static bool any_short(const struct capgap_declaration *decl)
{
	for (unsigned i = 0; i < decl->n_made; i++) {
		if (decl->made[i].len < DVSEC_CARVE_MIN)
			return true;
	}
	return false;
}

static bool note_applies(const struct capgap_declaration *decl,
			 const struct capgap_function *fn, enum note note)
{
	bool gap = decl->want.form == CAPGAP_FORM_GAP;

	switch (note) {
	case NOTE_PF:
		return fn->kind == CAPGAP_KIND_PF;
	case NOTE_VF:
		return fn->kind == CAPGAP_KIND_VF;
	case NOTE_PRESENT:
		return is_placed(fn);
	case NOTE_NONZERO:
		return any_nonzero(decl);
	case NOTE_REPLACE:
		return gap && any_short(decl);
	case NOTE_LOW:
		return !gap && decl->n_ranges && decl->range[0].off < CAPGAP_CONV_END;
	case NOTE_EMPTY:
		return !gap && !decl->n_ranges;
	default:
		return false;
	}
}

const char *capgap_declare_note(const struct capgap_declaration *decl,
				const struct capgap_function *fn, unsigned n)
{
	static const char *const texts[NOTE_COUNT] = {
		[NOTE_PF] = "a physical function says nothing of its virtual ones: each "
			    "that has free space needs a descriptor of its own",
		[NOTE_VF] = "all virtual functions with these ids must declare the same",
		[NOTE_PRESENT] = "the image has its PASID capability already, so no "
				 "place for one was tried",
		[NOTE_NONZERO] = "declared bytes hold something; in hardware they read "
				 "zero and ignore writes",
		[NOTE_REPLACE] = "a Length under 20 can only be replaced, which QEMU 11 "
				 "does not do",
		[NOTE_LOW] = "what is below 0x100 is no place for PASID",
		[NOTE_EMPTY] = "the table declares that nothing is free",
	};

	for (unsigned note = 0; note < NOTE_COUNT; note++) {
		if (note_applies(decl, fn, (enum note)note) && !n--)
			return texts[note];
	}
	return NULL;
}
