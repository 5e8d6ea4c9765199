/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the PASID capability goes, and why not elsewhere. */
#include "plan.h"

#include <stdio.h>
#include <string.h>

#include "planner.h"

#include "../analyzer/bytes.h"
#include "../analyzer/header.h"

static const char *const reason_texts[CAPGAP_REASON_COUNT] = {
#define CAPGAP_REASON(symbol, grade, text) (text),
#include "policy.def"
#undef CAPGAP_REASON
};

static const char *const grade_names[] = {
	[CAPGAP_GRADE_NONE] = "none",	      [CAPGAP_GRADE_ASSUMED] = "assumed",
	[CAPGAP_GRADE_OBSERVED] = "observed", [CAPGAP_GRADE_DECLARED] = "declared",
	[CAPGAP_GRADE_LISTED] = "listed",     [CAPGAP_GRADE_SLOT] = "slot",
};

const char *capgap_grade_name(enum capgap_grade grade)
{
	return grade_names[grade];
}

int capgap_grade_find(const char *name)
{
	for (int i = 0; i <= CAPGAP_GRADE_SLOT; i++) {
		if (!strcmp(grade_names[i], name))
			return i;
	}
	return -CAPGAP_E_NOENT;
}

const char *capgap_reason_text(enum capgap_reason reason)
{
	return reason_texts[reason];
}

/* What is said of a range that was tried and passed over. */
static const char *const pass_texts[] = {
	[CAPGAP_PASS_NONE] = NULL,
	[CAPGAP_PASS_VMM] =
		"passed over: the VMM would not make a sound capability of it",
	[CAPGAP_PASS_NO_ROOM] =
		"passed over: it leaves no room for the other capabilities",
	[CAPGAP_PASS_UNLINKED] = "passed over: the list cannot be made to lead there",
};

char *capgap_place_text(const struct capgap_place *place,
			const struct capgap_function *fn, char *buf, size_t len)
{
	const struct capgap_quirk *quirk;
	const struct capgap_cap *cap;

	snprintf(buf, len, "%s",
		 place->pass ? pass_texts[place->pass] : reason_texts[place->reason]);
	if (place->cap == CAPGAP_NO_CAP || place->pass)
		return buf;
	if (place->reason == CAPGAP_REASON_OWNED) {
		cap = &fn->chain.cap[place->cap];
		snprintf(buf, len, "it belongs to %s at 0x%03x",
			 capgap_caps_symbol(cap->space, cap->id), cap->off);
	} else if (place->reason == CAPGAP_REASON_RESERVED ||
		   place->reason == CAPGAP_REASON_LISTED ||
		   place->reason == CAPGAP_REASON_PREFERRED) {
		quirk = &fn->quirk[place->cap];
		snprintf(buf, len, "%s%s%s (%s)", reason_texts[place->reason],
			 quirk->text[0] ? ": " : "", quirk->text, quirk->row->id);
	}
	return buf;
}

/* What of the guard the rest of the run does not keep already. */
static unsigned rest_of(unsigned guard, unsigned kept)
{
	return guard > kept ? guard - kept : 0;
}

struct capgap_range planner_room(const struct capgap_place *place,
				 const struct capgap_policy *policy)
{
	unsigned guard = place->run ? policy->guard : 0;
	unsigned low = rest_of(guard, place->before);
	unsigned high = rest_of(guard, place->behind);

	if (place->len <= low + high)
		return (struct capgap_range){ place->off, 0 };
	return (struct capgap_range){ (uint16_t)(place->off + low),
				      (uint16_t)(place->len - low - high) };
}

bool capgap_plan_qualifies(const struct capgap_place *place,
			   const struct capgap_policy *policy)
{
	if (place->grade == CAPGAP_GRADE_NONE || place->grade < policy->require ||
	    place->pass)
		return false;
	if (place->run &&
	    place->before + place->len + place->behind < (int)policy->min_gap)
		return false;
	return planner_room(place, policy).len >= CAPGAP_PASID_LEN;
}

bool capgap_plan_meets(const struct capgap_plan *plan, const struct capgap_policy *policy)
{
	return plan->found && (plan->edits.link == CAPGAP_LINK_PRESENT ||
			       plan->grade >= policy->require);
}

enum capgap_grade planner_grade_at(const struct capgap_places *places, unsigned off)
{
	enum capgap_grade first = capgap_places_at(places, off)->grade;
	enum capgap_grade second = capgap_places_at(places, off + 4)->grade;

	return first < second ? first : second;
}

static void add_hit(struct capgap_plan *plan, enum capgap_finding_kind kind, unsigned off,
		    uint32_t a, uint32_t b)
{
	plan->hit[plan->n_hits++] = (struct capgap_hit){ (uint16_t)kind, (uint16_t)off, 4,
							 a, b };
}

/* What is wrong with a plan that is no fault of its place. */
static void judge_plan(struct capgap_plan *plan, const struct capgap_function *fn)
{
	unsigned control = fn->pasid.off + 4u;

	if (fn->pasid.off && fn->vantage == CAPGAP_VANTAGE_HOST &&
	    (plan->offset > control || plan->offset + CAPGAP_PASID_LEN < control + 4))
		add_hit(plan, CAPGAP_F_CONTROL_EXPOSED, control, plan->offset,
			fn->pasid.off);
}

/* The quirk table may forbid to place anything. */
static bool is_forbidden(const struct capgap_function *fn, char *why, size_t len)
{
	const struct capgap_quirk *quirk;

	for (size_t i = 0; i < capgap_function_quirks(fn); i++) {
		quirk = &fn->quirk[i];
		if (quirk->verb != CAPGAP_VERB_REFUSE)
			continue;
		snprintf(why, len, "a quirk forbids it: %s (%s)", quirk->text,
			 quirk->row->id);
		return true;
	}
	if (fn->n_quirks <= CAPGAP_FUNCTION_QUIRKS_MAX)
		return false;
	snprintf(why, len, "more quirks match than can be heeded");
	return true;
}

bool planner_is_refused(const struct planner *p, char *why, size_t len)
{
	if (!p->shown.ext_walked) {
		snprintf(why, len,
			 "the list that vfio-pci shows has no PCI Express capability, so "
			 "that no VMM looks for extended ones");
		return true;
	}
	if (p->policy->has_offset && p->policy->force)
		return false;
	return is_forbidden(p->fn, why, len);
}

unsigned planner_present(const struct planner *p)
{
	const struct capgap_cap *cap = capgap_chain_find(&p->shown, CAPGAP_EXT,
							 CAPGAP_ECAP_PASID);

	return cap ? cap->off : 0;
}

/*
 * A capability that the VMM's view shows stays where it is: a VMM or an earlier run has
 * put it there, or vfio-pci fails to hide the physical one.
 */
static void keep_present(struct planner *p)
{
	struct capgap_plan *plan = p->plan;

	plan->found = true;
	plan->offset = (uint16_t)planner_present(p);
	plan->edits.link = CAPGAP_LINK_PRESENT;
	snprintf(
		plan->reason, sizeof(plan->reason), "%s",
		p->fn->vantage == CAPGAP_VANTAGE_HOST ?
			"the list that vfio-pci shows has a PASID capability already" :
			"the image already has a PASID capability, and it is not the host's");
}

/* What each VMM would do with the offset of the plan, or with one that is refused. */
static void judge_vmms(struct planner *p)
{
	struct capgap_plan *plan = p->plan;
	struct capgap_vmm_case c = { &p->view, p->fn, plan->offset, p->registers,
				     plan->found ? &plan->edits : NULL };

	for (unsigned vmm = 0; vmm < CAPGAP_VMM_COUNT; vmm++)
		capgap_vmm_judge(&plan->verdict[vmm], (enum capgap_vmm)vmm, &c);
	plan->n_verdicts = CAPGAP_VMM_COUNT;
}

/* Bytes of a run that is too short to be planned are free all the same. */
static enum capgap_grade grade_of_dword(const struct capgap_place *dw)
{
	return dw->reason == CAPGAP_REASON_SHORT ? CAPGAP_GRADE_ASSUMED : dw->grade;
}

/* The weakest grade of the bytes that a VMM's own offset would take. */
static enum capgap_grade default_grade(const struct capgap_places *places, unsigned off)
{
	enum capgap_grade first = grade_of_dword(capgap_places_at(places, off));
	enum capgap_grade second = grade_of_dword(capgap_places_at(places, off + 4));

	return first < second ? first : second;
}

/* What the caller's VMM does when it is told nothing, which no plan prevents. */
static void judge_default(struct planner *p, enum capgap_answer_is supported)
{
	struct capgap_plan *plan = p->plan;
	struct capgap_verdict *verdict = &plan->by_default;
	struct capgap_vmm_case c = { &p->view, p->fn, 0, p->registers, NULL };

	c.offset = (uint16_t)capgap_vmm_default(p->policy->vmm);
	if (!c.offset)
		return;
	capgap_vmm_judge(verdict, p->policy->vmm, &c);
	plan->has_default = true;
	plan->default_grade = default_grade(&p->places, c.offset);
	plan->default_acts = verdict->kind == CAPGAP_VERDICT_REFUSED ||
					     verdict->kind == CAPGAP_VERDICT_SKIPPED ?
				     CAPGAP_IS_NO :
				     supported;
	plan->default_safe = verdict->kind == CAPGAP_VERDICT_REFUSED ||
			     verdict->kind == CAPGAP_VERDICT_SKIPPED ||
			     (verdict->kind == CAPGAP_VERDICT_ACCEPTED &&
			      plan->default_grade >= p->policy->require);
}

void planner_prepare(struct planner *p, const struct capgap_pasid *pasid)
{
	const struct capgap_policy *policy = p->policy;
	uint32_t head;

	p->registers = capgap_query_registers(pasid);
	capgap_view_derive(&p->view, p->fn, policy->kernel);
	capgap_chain_walk(&p->shown, &p->view.image, p->fn->kind == CAPGAP_KIND_VF, NULL);
	capgap_places_judge(&p->places, p->fn, policy->min_gap, policy->has_offset);
	p->empty = capgap_get32(&p->view.image, CAPGAP_CONV_END, &head) && !head;
}

void capgap_plan_make(struct capgap_plan *plan, const struct capgap_function *fn,
		      const struct capgap_pasid *pasid,
		      const struct capgap_policy *policy)
{
	struct planner p = { .plan = plan, .fn = fn, .policy = policy };

	memset(plan, 0, sizeof(*plan));
	plan->chosen = -1;
	if (fn->not_applicable) {
		snprintf(plan->refusal, sizeof(plan->refusal), "%s", fn->not_applicable);
		return;
	}
	planner_prepare(&p, pasid);
	if (planner_present(&p)) {
		keep_present(&p);
		return;
	}
	plan->n_places = capgap_places_list(&p.places, plan->place);
	judge_default(&p, pasid->supported);
	if (planner_is_refused(&p, plan->refusal, sizeof(plan->refusal)))
		return;
	if (policy->has_offset)
		planner_offset(&p);
	else
		planner_best(&p);
	if (plan->found || (policy->has_offset && plan->offset % 4 == 0))
		judge_vmms(&p);
	if (!plan->found)
		return;
	plan->refusal[0] = '\0';
	judge_plan(plan, fn);
}
