/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the PASID capability goes, and why not elsewhere. */
#include "plan.h"

#include <stdio.h>
#include <string.h>

#include "places.h"
#include "view.h"

#include "../analyzer/header.h"

/* Last offset at which the capability fits, and QEMU's default. */
#define LAST_OFFSET (CAPGAP_SPACE_MAX - CAPGAP_PASID_LEN)

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

char *capgap_place_text(const struct capgap_place *place,
			const struct capgap_function *fn, char *buf, size_t len)
{
	const struct capgap_cap *cap;

	if (place->reason != CAPGAP_REASON_OWNED || place->cap >= fn->chain.n) {
		snprintf(buf, len, "%s", reason_texts[place->reason]);
		return buf;
	}
	cap = &fn->chain.cap[place->cap];
	snprintf(buf, len, "it belongs to %s at 0x%03x",
		 capgap_caps_symbol(cap->space, cap->id), cap->off);
	return buf;
}

bool capgap_plan_qualifies(const struct capgap_place *place,
			   const struct capgap_policy *policy)
{
	unsigned shortest = CAPGAP_PASID_LEN;

	if (place->grade == CAPGAP_GRADE_NONE || place->grade < policy->require)
		return false;
	if (place->grade <= CAPGAP_GRADE_OBSERVED && policy->min_gap > shortest)
		shortest = policy->min_gap;
	return place->len >= shortest;
}

static bool holds(const struct capgap_place *place, unsigned off)
{
	return off >= place->off &&
	       off + CAPGAP_PASID_LEN <= (unsigned)place->off + place->len;
}

/*
 * Ties inside a grade: the slot, where something caps it; where the physical
 * function of a virtual one has its own capability; at `assumed` the end of space, where VMMs put it by default;
 * then the longest run, then the lowest. 0 when @place has no such offset.
 */
static unsigned preferred_offset(const struct capgap_place *place,
				 const struct capgap_function *fn)
{
	if (place->off == fn->pasid.off)
		return place->off;
	if (fn->kind == CAPGAP_KIND_VF && fn->has_pf && fn->pf.pasid.off &&
	    holds(place, fn->pf.pasid.off))
		return fn->pf.pasid.off;
	if (place->grade == CAPGAP_GRADE_ASSUMED && holds(place, LAST_OFFSET))
		return LAST_OFFSET;
	return 0;
}

/* How much @place is to be preferred to others of its grade; the greater the more. */
static unsigned tie_rank(const struct capgap_place *place,
			 const struct capgap_function *fn)
{
	unsigned off = preferred_offset(place, fn);

	if (off && (off == fn->pasid.off || off == fn->pf.pasid.off))
		return 2 * CAPGAP_SPACE_MAX + 1;
	return off ? 2 * CAPGAP_SPACE_MAX : place->len;
}

static int choose(const struct capgap_plan *plan, const struct capgap_function *fn,
		  const struct capgap_policy *policy)
{
	const struct capgap_place *place;
	const struct capgap_place *best = NULL;

	for (unsigned i = 0; i < plan->n_places; i++) {
		place = &plan->place[i];
		if (!capgap_plan_qualifies(place, policy))
			continue;
		if (!best || place->grade > best->grade ||
		    (place->grade == best->grade &&
		     tie_rank(place, fn) > tie_rank(best, fn)))
			best = place;
	}
	return best ? (int)(best - plan->place) : -1;
}

/* The middle of a run, rounded down to a dword; a slot has no middle. */
static unsigned offset_in(const struct capgap_place *place,
			  const struct capgap_function *fn)
{
	unsigned off = preferred_offset(place, fn);
	unsigned last = (unsigned)place->off + place->len - CAPGAP_PASID_LEN;

	if (off)
		return off;
	off = (place->off + place->len / 2u) & ~3u;
	return off < last ? off : last;
}

/* The weakest grade of the bytes that a capability at @off would take. */
static enum capgap_grade grade_at(const struct capgap_places *places, unsigned off)
{
	enum capgap_grade first = capgap_places_at(places, off)->grade;
	enum capgap_grade second = capgap_places_at(places, off + 4)->grade;

	return first < second ? first : second;
}

/*
 * QEMU refuses 0x100, where vfio leaves a null header. A slot there is used
 * from 0x104 on where what follows it will do: that covers both registers.
 */
static void take_slot(struct capgap_plan *plan, const struct capgap_places *places,
		      const struct capgap_policy *policy)
{
	const struct capgap_place *behind;

	if (plan->offset != CAPGAP_CONV_END)
		return;
	for (unsigned i = 0; i < plan->n_places; i++) {
		behind = &plan->place[i];
		if (behind->off == CAPGAP_CONV_END + CAPGAP_PASID_LEN &&
		    capgap_plan_qualifies(behind, policy)) {
			plan->offset = CAPGAP_CONV_END + 4;
			plan->grade = grade_at(places, plan->offset);
			snprintf(
				plan->reason, sizeof(plan->reason),
				"the slot is at 0x100, where a VMM cannot insert; from 0x104 on both "
				"its registers are covered, and the dword behind them is free (%s)",
				grade_names[plan->grade]);
		}
	}
}

/* Say which range comes nearest to what is required. */
static void refuse(struct capgap_plan *plan, const struct capgap_policy *policy)
{
	const struct capgap_place *best = NULL;
	const struct capgap_place *place;

	for (unsigned i = 0; i < plan->n_places; i++) {
		place = &plan->place[i];
		if (place->grade != CAPGAP_GRADE_NONE &&
		    (!best || place->grade > best->grade ||
		     (place->grade == best->grade && place->len > best->len)))
			best = place;
	}
	if (!best)
		snprintf(plan->refusal, sizeof(plan->refusal),
			 "no range of extended space could be free");
	else if (best->grade < policy->require)
		snprintf(plan->refusal, sizeof(plan->refusal),
			 "no range is %s or better; the best, 0x%03x-0x%03x, is %s: %s",
			 grade_names[policy->require], best->off,
			 best->off + best->len - 1u, grade_names[best->grade],
			 reason_texts[best->reason]);
	else
		snprintf(
			plan->refusal, sizeof(plan->refusal),
			"no range is long enough; the longest, 0x%03x-0x%03x, has %u bytes",
			best->off, best->off + best->len - 1u, best->len);
}

/* Registers of the emulated capability: what the device can, nothing enabled. */
static uint32_t registers_of(const struct capgap_pasid *pasid)
{
	if (pasid->supported != CAPGAP_IS_YES)
		return 0;
	return pasid->capability &
	       (PASID_CAP_EXEC | PASID_CAP_PRIV | PASID_CAP_WIDTH_MASK);
}

/* Make the edits for the offset of the plan; false, and why, when there are none. */
static bool link_plan(struct capgap_plan *plan, const struct capgap_function *fn,
		      const struct capgap_pasid *pasid)
{
	struct capgap_view view;
	int rc;

	capgap_view_derive(&view, fn);
	rc = capgap_link_pasid(&plan->edits, &view.image, plan->offset,
			       registers_of(pasid));
	plan->found = !rc;
	if (rc)
		snprintf(plan->refusal, sizeof(plan->refusal),
			 "0x%03x cannot be linked: %s", plan->offset,
			 rc == -CAPGAP_E_NOPLACE ? "an entry of the list starts there" :
						   reason_texts[CAPGAP_REASON_UNLINKED]);
	return plan->found;
}

/* Try the best range, and the next best where that one cannot be linked. */
static void plan_best(struct capgap_plan *plan, const struct capgap_places *places,
		      const struct capgap_function *fn, const struct capgap_pasid *pasid,
		      const struct capgap_policy *policy)
{
	struct capgap_place *place;

	while ((plan->chosen = choose(plan, fn, policy)) >= 0) {
		place = &plan->place[plan->chosen];
		plan->offset = (uint16_t)offset_in(place, fn);
		plan->grade = place->grade;
		snprintf(plan->reason, sizeof(plan->reason), "%s",
			 reason_texts[place->reason]);
		if (place->off == fn->pasid.off)
			take_slot(plan, places, policy);
		if (link_plan(plan, fn, pasid))
			return;
		place->grade = CAPGAP_GRADE_NONE;
		place->reason = CAPGAP_REASON_UNLINKED;
	}
	refuse(plan, policy);
}

static void object(struct capgap_plan *plan, const struct capgap_place *place)
{
	struct capgap_place *last = plan->n_objections ?
					    &plan->objection[plan->n_objections - 1] :
					    NULL;

	if (last && last->reason == place->reason && last->cap == place->cap &&
	    last->off + last->len == place->off)
		last->len = (uint16_t)(last->len + place->len);
	else if (plan->n_objections < CAPGAP_OBJECTIONS_MAX)
		plan->objection[plan->n_objections++] = *place;
}

/* Object to the dword at @off in the name of every structure that claims it. */
static void object_owners(struct capgap_plan *plan, const struct capgap_function *fn,
			  const struct capgap_place *dw)
{
	struct capgap_place place = *dw;
	const struct capgap_claim *claim;

	if (dw->reason != CAPGAP_REASON_OWNED || dw->cap == CAPGAP_NO_CAP) {
		object(plan, dw);
		return;
	}
	for (int i = capgap_map_next_owner(&fn->map, dw->off, 0); i >= 0;
	     i = capgap_map_next_owner(&fn->map, dw->off, (unsigned)i + 1)) {
		claim = &fn->map.claim[i];
		place.cap = claim->cap;
		if (claim->owner == CAPGAP_OWNER_CAP ||
		    claim->owner == CAPGAP_OWNER_CAP_MIN)
			object(plan, &place);
	}
}

static void plan_offset(struct capgap_plan *plan, const struct capgap_places *places,
			const struct capgap_function *fn,
			const struct capgap_policy *policy)
{
	const struct capgap_place *dw;
	char text[160];

	plan->by_caller = true;
	plan->offset = policy->offset;
	plan->grade = grade_at(places, policy->offset);
	for (unsigned off = policy->offset; off < policy->offset + CAPGAP_PASID_LEN;
	     off += 4) {
		dw = capgap_places_at(places, off);
		if (dw->grade == CAPGAP_GRADE_NONE)
			object_owners(plan, fn, dw);
		else if (dw->grade == plan->grade)
			snprintf(plan->reason, sizeof(plan->reason), "%s",
				 reason_texts[dw->reason]);
	}
	for (unsigned i = 0; i < plan->n_places; i++) {
		if (holds(&plan->place[i], plan->offset))
			plan->chosen = (int)i;
	}
	plan->found = plan->n_objections == 0 || policy->force;
	if (plan->n_objections == 0)
		return;
	capgap_place_text(&plan->objection[0], fn, text, sizeof(text));
	snprintf(plan->refusal, sizeof(plan->refusal), "0x%03x-0x%03x cannot be used: %s",
		 plan->objection[0].off,
		 plan->objection[0].off + plan->objection[0].len - 1u, text);
	snprintf(plan->reason, sizeof(plan->reason), "forced, though %s", text);
}

/* The registers that the plan leaves open to the guest, where it has its own slot. */
static void judge_exposure(struct capgap_plan *plan, const struct capgap_function *fn)
{
	unsigned control = fn->pasid.off + 4u;

	if (!plan->found || !fn->pasid.off || fn->vantage != CAPGAP_VANTAGE_HOST)
		return;
	if (plan->offset <= control && plan->offset + CAPGAP_PASID_LEN >= control + 4)
		return;
	plan->hit[plan->n_hits++] = (struct capgap_hit){ CAPGAP_F_CONTROL_EXPOSED,
							 (uint16_t)control, 4,
							 plan->offset, fn->pasid.off };
}

/* A capability that a VMM or an earlier run has put there stays where it is. */
static bool is_present(struct capgap_plan *plan, const struct capgap_function *fn)
{
	if (fn->vantage == CAPGAP_VANTAGE_HOST || !fn->pasid.off)
		return false;
	plan->found = true;
	plan->offset = fn->pasid.off;
	plan->edits.link = CAPGAP_LINK_PRESENT;
	snprintf(plan->reason, sizeof(plan->reason),
		 "the image already has a PASID capability, and it is not the host's");
	return true;
}

void capgap_plan_make(struct capgap_plan *plan, const struct capgap_function *fn,
		      const struct capgap_pasid *pasid,
		      const struct capgap_policy *policy)
{
	struct capgap_places places;

	memset(plan, 0, sizeof(*plan));
	plan->chosen = -1;
	if (fn->not_applicable) {
		snprintf(plan->refusal, sizeof(plan->refusal), "%s", fn->not_applicable);
		return;
	}
	if (is_present(plan, fn))
		return;
	capgap_places_judge(&places, fn, policy->min_gap);
	plan->n_places = capgap_places_list(&places, plan->place);
	if (policy->has_offset)
		plan_offset(plan, &places, fn, policy);
	else
		plan_best(plan, &places, fn, pasid, policy);
	if (plan->found && policy->has_offset)
		link_plan(plan, fn, pasid);
	judge_exposure(plan, fn);
}
