/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The best range for PASID: grades, then ties, then what the VMM would do with it. */
#include <stdio.h>
#include <string.h>

#include "planner.h"

static bool holds(const struct planner *p, const struct capgap_place *place, unsigned off)
{
	struct capgap_range room = planner_room(place, p->policy);

	return off >= room.off && off + CAPGAP_PASID_LEN <= (unsigned)room.off + room.len;
}

/* Where a quirk prefers it. */
static unsigned tie_preferred(const struct planner *p, const struct capgap_place *place)
{
	(void)p;
	return place->reason == CAPGAP_REASON_PREFERRED ? place->off : 0;
}

/* The slot, where something caps its grade. */
static unsigned tie_slot(const struct planner *p, const struct capgap_place *place)
{
	return place->off == p->fn->pasid.off ? place->off : 0;
}

/* A list without entries can only be given a head, unless the VMM makes a null header. */
static unsigned tie_head(const struct planner *p, const struct capgap_place *place)
{
	bool head = p->empty && p->policy->vmm != CAPGAP_VMM_GENERIC;

	return head && holds(p, place, CAPGAP_CONV_END) ? CAPGAP_CONV_END : 0;
}

/* Where the physical function of a virtual one has its own capability. */
static unsigned tie_pf(const struct planner *p, const struct capgap_place *place)
{
	const struct capgap_function *fn = p->fn;

	if (fn->kind != CAPGAP_KIND_VF || !fn->has_pf || !fn->pf.pasid.off ||
	    capgap_places_declared(fn, place->off) >= 0)
		return 0;
	return holds(p, place, fn->pf.pasid.off) ? fn->pf.pasid.off : 0;
}

/* At `assumed`, and where somebody vouches for it, the end of space. */
static unsigned tie_end(const struct planner *p, const struct capgap_place *place)
{
	return place->grade != CAPGAP_GRADE_OBSERVED && holds(p, place, LAST_OFFSET) ?
		       LAST_OFFSET :
		       0;
}

/*
 * Ties inside a grade, the first that holds for either range first. A row gives the
 * offset that it stands for, or 0 where @place has no such offset. What no row tells
 * apart goes by length, then to the lowest.
 */
static const struct tie {
	unsigned (*offset)(const struct planner *p, const struct capgap_place *place);
	const char *text; /* why that offset, where the range itself does not say */
} ties[] = {
	{ tie_preferred, NULL },
	{ tie_slot, NULL },
	{ tie_head, "; it is where a list without entries begins" },
	{ tie_pf, "; it is its physical function's offset" },
	{ tie_end, "; it is the end of space, where VMMs place by default" },
};

#define N_TIES (sizeof(ties) / sizeof(ties[0]))

/* The first row that has an offset in @place; N_TIES and no offset when none has. */
static size_t find_tie(const struct planner *p, const struct capgap_place *place,
		       unsigned *off)
{
	size_t i = 0;

	for (*off = 0; i < N_TIES; i++) {
		*off = ties[i].offset(p, place);
		if (*off)
			break;
	}
	return i;
}

static bool is_better(const struct planner *p, const struct capgap_place *a,
		      const struct capgap_place *b)
{
	unsigned off;
	size_t tie_a;
	size_t tie_b;

	if (a->grade != b->grade)
		return a->grade > b->grade;
	tie_a = find_tie(p, a, &off);
	tie_b = find_tie(p, b, &off);
	return tie_a != tie_b ? tie_a < tie_b : tie_a == N_TIES && a->len > b->len;
}

static int choose(const struct planner *p)
{
	const struct capgap_plan *plan = p->plan;
	const struct capgap_place *place;
	const struct capgap_place *best = NULL;

	for (unsigned i = 0; i < plan->n_places; i++) {
		place = &plan->place[i];
		if (capgap_plan_qualifies(place, p->policy) &&
		    (!best || is_better(p, place, best)))
			best = place;
	}
	return best ? (int)(best - plan->place) : -1;
}

/*
 * The middle of a run, rounded down to a dword. Declared ranges give their end, so
 * that the rest stays declared in one piece; a slot has no middle.
 */
static unsigned offset_in(const struct planner *p, const struct capgap_place *place)
{
	struct capgap_range room = planner_room(place, p->policy);
	unsigned last = (unsigned)room.off + room.len - CAPGAP_PASID_LEN;
	unsigned off;

	find_tie(p, place, &off);
	if (off)
		return off;
	if (capgap_places_declared(p->fn, place->off) >= 0)
		return last;
	off = (room.off + room.len / 2u) & ~3u;
	return off < last ? off : last;
}

/*
 * QEMU refuses 0x100, where vfio leaves a null header. A slot there is used
 * from 0x104 on where what follows it will do: that covers both registers. A
 * descriptor's bytes will not: it cannot be shortened from its start.
 */
static void take_slot(struct planner *p)
{
	struct capgap_plan *plan = p->plan;
	unsigned behind = CAPGAP_CONV_END + CAPGAP_PASID_LEN;
	const struct capgap_place *place;

	if (plan->offset != CAPGAP_CONV_END ||
	    capgap_places_declared(p->fn, behind) >= 0 ||
	    capgap_places_is_replaceable(p->fn, behind))
		return;
	for (unsigned i = 0; i < plan->n_places; i++) {
		place = &plan->place[i];
		if (place->off != behind || !capgap_plan_qualifies(place, p->policy) ||
		    planner_room(place, p->policy).off != behind)
			continue;
		plan->offset = CAPGAP_CONV_END + 4;
		plan->grade = planner_grade_at(&p->places, plan->offset);
		snprintf(
			plan->reason, sizeof(plan->reason),
			"the slot is at 0x100, where a VMM cannot insert; from 0x104 on both "
			"its registers are covered, and the dword behind them is free (%s)",
			capgap_grade_name(plan->grade));
	}
}

/* Say why the range will do, and why that offset in it. */
static void explain(struct planner *p, const struct capgap_place *place)
{
	struct capgap_plan *plan = p->plan;
	const char *text = NULL;
	unsigned off;
	size_t tie = find_tie(p, place, &off);
	size_t len;

	capgap_place_text(place, p->fn, plan->reason, sizeof(plan->reason));
	if (off && off == plan->offset)
		text = ties[tie].text;
	else if (place->run)
		text = "; it is the middle of the longest such range";
	len = strlen(plan->reason);
	if (text && plan->offset == offset_in(p, place))
		snprintf(plan->reason + len, sizeof(plan->reason) - len, "%s", text);
}

/* The best range that is weaker than required, or, with @any_length, too short as well. */
static const struct capgap_place *nearest(const struct planner *p, bool any_length)
{
	struct capgap_policy weaker = *p->policy;
	const struct capgap_place *best = NULL;
	const struct capgap_place *place;

	weaker.require = CAPGAP_GRADE_ASSUMED;
	for (unsigned i = 0; i < p->plan->n_places; i++) {
		place = &p->plan->place[i];
		if (any_length ? !place->run : !capgap_plan_qualifies(place, &weaker))
			continue;
		if (!best ||
		    (any_length ? place->len > best->len : place->grade > best->grade) ||
		    (place->grade == best->grade && place->len > best->len))
			best = place;
	}
	return best;
}

/* Say which range comes nearest to what is required. */
static void refuse(struct planner *p)
{
	const struct capgap_place *best = nearest(p, false);
	struct capgap_plan *plan = p->plan;

	if (plan->refusal[0]) /* a range was good enough, but could not be used */
		return;
	if (best && best->grade < p->policy->require) {
		snprintf(plan->refusal, sizeof(plan->refusal),
			 "no range is %s or better; the best, 0x%03x-0x%03x, is %s: %s",
			 capgap_grade_name(p->policy->require), best->off,
			 best->off + best->len - 1u, capgap_grade_name(best->grade),
			 capgap_reason_text(best->reason));
		return;
	}
	best = nearest(p, true);
	if (best)
		snprintf(
			plan->refusal, sizeof(plan->refusal),
			"no range is long enough; the longest, 0x%03x-0x%03x, has %u bytes",
			best->off, best->off + best->len - 1u, best->len);
	else
		snprintf(plan->refusal, sizeof(plan->refusal),
			 "no range of extended space could be free");
}

/* Put the capability at an offset of the chosen range, and the others beside it. */
static bool try_offset(struct planner *p, unsigned off)
{
	struct capgap_plan *plan = p->plan;
	const struct capgap_place *place = &plan->place[plan->chosen];

	plan->offset = (uint16_t)off;
	plan->grade = place->grade;
	explain(p, place);
	if (place->off == p->fn->pasid.off)
		take_slot(p);
	return planner_link(p) && planner_add_wants(p);
}

/* Where others are wanted too, both ends of the range leave them more room. */
static bool try_place(struct planner *p)
{
	struct capgap_place *place = &p->plan->place[p->plan->chosen];
	struct capgap_range room = planner_room(place, p->policy);

	if (try_offset(p, offset_in(p, place)))
		return true;
	if (p->plan->found && place->run &&
	    (try_offset(p, room.off) ||
	     try_offset(p, (unsigned)room.off + room.len - CAPGAP_PASID_LEN)))
		return true;
	place->pass = p->plan->found ? CAPGAP_PASS_NO_ROOM : CAPGAP_PASS_UNLINKED;
	p->plan->found = false;
	return false;
}

/* True when the caller's VMM would leave its guest without a sound capability there. */
static bool is_spoilt(const struct planner *p, struct capgap_verdict *verdict)
{
	const struct capgap_plan *plan = p->plan;
	struct capgap_vmm_case c = { &p->view, p->fn, plan->offset, p->registers,
				     &plan->edits };

	capgap_vmm_judge(verdict, p->policy->vmm, &c);
	return capgap_verdict_is_bad(verdict->kind);
}

/*
 * The best range, and the next best where that one cannot be linked. One that the VMM
 * would spoil is kept for the case that it would spoil all of them.
 */
void planner_best(struct planner *p)
{
	struct capgap_plan *plan = p->plan;
	struct capgap_verdict *verdict = &plan->verdict[0]; /* judged anew at the end */
	int spoilt = -1;

	while ((plan->chosen = choose(p)) >= 0) {
		if (!try_place(p)) {
			if (p->view.hidden)
				return;
			continue;
		}
		if (!is_spoilt(p, verdict))
			return;
		if (spoilt < 0)
			spoilt = plan->chosen;
		plan->place[plan->chosen].pass = CAPGAP_PASS_VMM;
		plan->found = false;
	}
	if (spoilt < 0) {
		plan->edits.n = 0;
		plan->edits.link = CAPGAP_LINK_NONE;
		refuse(p);
		return;
	}
	for (unsigned i = 0; i < plan->n_places; i++) {
		if (plan->place[i].pass == CAPGAP_PASS_VMM)
			plan->place[i].pass = CAPGAP_PASS_NONE;
	}
	plan->chosen = spoilt;
	try_place(p);
}
