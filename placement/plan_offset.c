/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The caller's offset: its grade, and what stands against it. */
#include <stdio.h>

#include "planner.h"

/* Add an objection, or let the one of the same owner right before it reach further. */
static void object(struct capgap_plan *plan, const struct capgap_place *place)
{
	struct capgap_place *old;

	for (unsigned i = 0; i < plan->n_objections; i++) {
		old = &plan->objection[i];
		if (old->reason == place->reason && old->cap == place->cap &&
		    old->off + old->len == place->off) {
			old->len = (uint16_t)(old->len + place->len);
			return;
		}
	}
	if (plan->n_objections < CAPGAP_OBJECTIONS_MAX)
		plan->objection[plan->n_objections++] = *place;
}

/* Object to a dword in the name of everybody who has it. */
static void object_owners(struct capgap_plan *plan, const struct capgap_function *fn,
			  const struct capgap_place *dw)
{
	struct capgap_place place = *dw;
	const struct capgap_claim *claim;

	if (dw->reason != CAPGAP_REASON_OWNED || dw->cap == CAPGAP_NO_CAP)
		object(plan, dw);
	for (int i = capgap_map_next_owner(&fn->map, dw->off, 0); i >= 0;
	     i = capgap_map_next_owner(&fn->map, dw->off, (unsigned)i + 1)) {
		claim = &fn->map.claim[i];
		place.cap = claim->cap;
		place.reason = CAPGAP_REASON_OWNED;
		if (claim->owner == CAPGAP_OWNER_RESERVED)
			place.reason = CAPGAP_REASON_RESERVED;
		else if ((claim->owner != CAPGAP_OWNER_CAP &&
			  claim->owner != CAPGAP_OWNER_CAP_MIN) ||
			 claim->cap == CAPGAP_NO_CAP)
			continue;
		if (place.reason != dw->reason || dw->reason == CAPGAP_REASON_OWNED)
			object(plan, &place);
	}
}

static bool can_hold(unsigned off)
{
	return off % 4 == 0 && off >= CAPGAP_CONV_END && off <= LAST_OFFSET;
}

/* Say what the two dwords of the caller's offset are, once where they are the same. */
static void explain_offset(struct planner *p)
{
	struct capgap_plan *plan = p->plan;
	const struct capgap_place *first = capgap_places_at(&p->places, plan->offset);
	const struct capgap_place *second = capgap_places_at(&p->places,
							     plan->offset + 4u);
	char text[256];

	capgap_place_text(first, p->fn, plan->reason, sizeof(plan->reason));
	if (first->reason == second->reason)
		return;
	capgap_place_text(second, p->fn, text, sizeof(text));
	snprintf(plan->reason, sizeof(plan->reason), "0x%03x: %.110s; 0x%03x: %.110s",
		 first->off, capgap_reason_text(first->reason), second->off, text);
}

static bool holds(unsigned first, unsigned len, unsigned off)
{
	return off >= first && off + CAPGAP_PASID_LEN <= first + len;
}

/* The guard that the caller asks for binds the caller's offset too. */
static void object_guard(struct planner *p, const struct capgap_place *place)
{
	struct capgap_range room = planner_room(place, p->policy);
	struct capgap_place near = *place;

	if (!place->run || holds(room.off, room.len, p->plan->offset))
		return;
	near.off = p->plan->offset;
	near.len = CAPGAP_PASID_LEN;
	near.reason = CAPGAP_REASON_GUARD;
	object(p->plan, &near);
}

/* An offset across the border of two ranges is at the end of both. */
bool planner_touches_run(const struct capgap_places *places, unsigned off)
{
	return capgap_places_at(places, off)->run ||
	       capgap_places_at(places, off + 4u)->run;
}

/* Collect what stands against the caller's offset, and the grade of what does not. */
static void judge_offset(struct planner *p)
{
	struct capgap_plan *plan = p->plan;
	const struct capgap_place near = { .off = plan->offset,
					   .len = CAPGAP_PASID_LEN,
					   .reason = CAPGAP_REASON_GUARD,
					   .cap = CAPGAP_NO_CAP };
	const struct capgap_place *dw;

	plan->grade = planner_grade_at(&p->places, plan->offset);
	explain_offset(p);
	for (unsigned off = plan->offset; off < plan->offset + CAPGAP_PASID_LEN;
	     off += 4) {
		dw = capgap_places_at(&p->places, off);
		if (dw->grade == CAPGAP_GRADE_NONE)
			object_owners(plan, p->fn, dw);
	}
	for (unsigned i = 0; i < plan->n_places; i++) {
		if (holds(plan->place[i].off, plan->place[i].len, plan->offset))
			plan->chosen = (int)i;
	}
	if (plan->chosen >= 0)
		object_guard(p, &plan->place[plan->chosen]);
	else if (p->policy->guard && planner_touches_run(&p->places, plan->offset))
		object(plan, &near);
}

void planner_offset(struct planner *p)
{
	struct capgap_plan *plan = p->plan;
	const struct capgap_place *first = &plan->objection[0];
	char text[256];

	plan->by_caller = true;
	plan->offset = p->policy->offset;
	if (!can_hold(plan->offset)) {
		snprintf(plan->refusal, sizeof(plan->refusal),
			 "0x%03x is no multiple of 4 from 0x100 to 0xff8", plan->offset);
		return;
	}
	judge_offset(p);
	if (plan->n_objections) {
		capgap_place_text(first, p->fn, text, sizeof(text));
		snprintf(plan->refusal, sizeof(plan->refusal),
			 "0x%03x-0x%03x cannot be used: %s", first->off,
			 first->off + first->len - 1u, text);
		if (!p->policy->force)
			return;
		snprintf(plan->reason, sizeof(plan->reason), "forced, though %.200s",
			 text);
	}
	if (planner_link(p) && !planner_add_wants(p))
		plan->found = false;
}
