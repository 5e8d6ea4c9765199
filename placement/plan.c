/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the PASID capability goes, and why not elsewhere. */
#include "plan.h"

#include <stdio.h>
#include <string.h>

#include "places.h"
#include "view.h"

#include "../analyzer/bytes.h"
#include "../analyzer/header.h"

/* Last offset at which the capability fits, and QEMU's default. */
#define LAST_OFFSET (CAPGAP_SPACE_MAX - CAPGAP_PASID_LEN)

/* What one plan is made of; only @plan is written. */
struct planner {
	struct capgap_plan *plan;
	const struct capgap_function *fn;
	const struct capgap_pasid *pasid;
	const struct capgap_policy *policy;
	struct capgap_places places;
	struct capgap_view view;
};

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
	const struct capgap_quirk *quirk;
	const struct capgap_cap *cap;

	snprintf(buf, len, "%s", reason_texts[place->reason]);
	if (place->cap == CAPGAP_NO_CAP)
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

bool capgap_plan_qualifies(const struct capgap_place *place,
			   const struct capgap_policy *policy)
{
	unsigned shortest = CAPGAP_PASID_LEN;

	if (place->grade == CAPGAP_GRADE_NONE || place->grade < policy->require)
		return false;
	if (place->run && policy->min_gap > shortest)
		shortest = policy->min_gap;
	return place->len >= shortest;
}

bool capgap_plan_meets(const struct capgap_plan *plan, const struct capgap_policy *policy)
{
	return plan->found && (plan->edits.link == CAPGAP_LINK_PRESENT ||
			       plan->grade >= policy->require);
}

static bool holds(const struct capgap_place *place, unsigned off)
{
	return off >= place->off &&
	       off + CAPGAP_PASID_LEN <= (unsigned)place->off + place->len;
}

/*
 * Ties inside a grade: the slot, where something caps it; the offset that a quirk
 * prefers; where the physical function of a virtual one has its own capability; at
 * `assumed`, and where somebody vouches for it, the end of space, where VMMs put it
 * by default; then the longest run, then the lowest. 0 when @place has no such offset.
 */
static unsigned preferred_offset(const struct capgap_place *place,
				 const struct capgap_function *fn)
{
	if (place->off == fn->pasid.off || place->reason == CAPGAP_REASON_PREFERRED)
		return place->off;
	if (capgap_places_declared(fn, place->off) >= 0)
		return 0;
	if (fn->kind == CAPGAP_KIND_VF && fn->has_pf && fn->pf.pasid.off &&
	    holds(place, fn->pf.pasid.off))
		return fn->pf.pasid.off;
	if (place->grade != CAPGAP_GRADE_OBSERVED && holds(place, LAST_OFFSET))
		return LAST_OFFSET;
	return 0;
}

/* How much @place is to be preferred to others of its grade; the greater the more. */
static unsigned tie_rank(const struct capgap_place *place,
			 const struct capgap_function *fn)
{
	unsigned off = preferred_offset(place, fn);

	if (place->reason == CAPGAP_REASON_PREFERRED)
		return 2 * CAPGAP_SPACE_MAX + 2;
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

/*
 * The middle of a run, rounded down to a dword. Declared ranges give their end, so
 * that the rest stays declared in one piece; a slot has no middle.
 */
static unsigned offset_in(const struct capgap_place *place,
			  const struct capgap_function *fn)
{
	unsigned off = preferred_offset(place, fn);
	unsigned last = (unsigned)place->off + place->len - CAPGAP_PASID_LEN;

	if (off)
		return off;
	if (capgap_places_declared(fn, place->off) >= 0)
		return last;
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
 * from 0x104 on where what follows it will do: that covers both registers. A
 * descriptor's bytes will not: it cannot be shortened from its start.
 */
static void take_slot(struct planner *p)
{
	struct capgap_plan *plan = p->plan;
	const struct capgap_place *behind;

	if (plan->offset != CAPGAP_CONV_END ||
	    capgap_places_declared(p->fn, CAPGAP_CONV_END + CAPGAP_PASID_LEN) >= 0 ||
	    capgap_places_is_replaceable(p->fn, CAPGAP_CONV_END + CAPGAP_PASID_LEN))
		return;
	for (unsigned i = 0; i < plan->n_places; i++) {
		behind = &plan->place[i];
		if (behind->off == CAPGAP_CONV_END + CAPGAP_PASID_LEN &&
		    capgap_plan_qualifies(behind, p->policy)) {
			plan->offset = CAPGAP_CONV_END + 4;
			plan->grade = grade_at(&p->places, plan->offset);
			snprintf(
				plan->reason, sizeof(plan->reason),
				"the slot is at 0x100, where a VMM cannot insert; from 0x104 on both "
				"its registers are covered, and the dword behind them is free (%s)",
				grade_names[plan->grade]);
		}
	}
}

/* The best range that is weaker than required, or, with @any_length, too short as well. */
static const struct capgap_place *nearest(const struct capgap_plan *plan,
					  const struct capgap_policy *policy,
					  bool any_length)
{
	struct capgap_policy weaker = *policy;
	const struct capgap_place *best = NULL;
	const struct capgap_place *place;

	weaker.require = CAPGAP_GRADE_ASSUMED;
	for (unsigned i = 0; i < plan->n_places; i++) {
		place = &plan->place[i];
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
static void refuse(struct capgap_plan *plan, const struct capgap_policy *policy)
{
	const struct capgap_place *best = nearest(plan, policy, false);

	if (best) {
		snprintf(plan->refusal, sizeof(plan->refusal),
			 "no range is %s or better; the best, 0x%03x-0x%03x, is %s: %s",
			 grade_names[policy->require], best->off,
			 best->off + best->len - 1u, grade_names[best->grade],
			 reason_texts[best->reason]);
		return;
	}
	best = nearest(plan, policy, true);
	if (best)
		snprintf(
			plan->refusal, sizeof(plan->refusal),
			"no range is long enough; the longest, 0x%03x-0x%03x, has %u bytes",
			best->off, best->off + best->len - 1u, best->len);
	else
		snprintf(plan->refusal, sizeof(plan->refusal),
			 "no range of extended space could be free");
}

/* Registers of the emulated capability: what the device can, nothing enabled. */
static uint32_t registers_of(const struct capgap_pasid *pasid)
{
	if (pasid->supported != CAPGAP_IS_YES)
		return 0;
	return pasid->capability &
	       (PASID_CAP_EXEC | PASID_CAP_PRIV | PASID_CAP_WIDTH_MASK);
}

/* The guest's descriptor ends where the capability in its range begins. */
static int link_declared(struct planner *p, unsigned range, uint32_t registers)
{
	const struct capgap_free_space *fs = &p->fn->free_space;
	const struct capgap_declared *declared = &fs->range[range];
	const struct capgap_descriptor *d = &fs->descriptor[declared->descriptor];
	struct capgap_plan *plan = p->plan;
	unsigned dw = d->off + DVSEC_HEADER1;
	unsigned left = plan->offset - declared->off;
	uint32_t after = 0;

	if (d->form == CAPGAP_FORM_GAP) {
		if (!capgap_get32(&p->view.image, dw, &after))
			return -CAPGAP_E_DAMAGED;
		after = (after & 0xfffffu) | (uint32_t)(plan->offset - d->off) << 20;
		return capgap_link_descriptor(&plan->edits, &p->view.image, plan->offset,
					      registers, dw, after, CAPGAP_LINK_CARVE);
	}
	if (left >= DVSEC_ENTRY_LEN_MIN)
		after = declared->off | (uint32_t)left << 16;
	return capgap_link_descriptor(&plan->edits, &p->view.image, plan->offset,
				      registers, declared->entry, after,
				      CAPGAP_LINK_TRIM);
}

/* Why the offset of the plan cannot be linked whatever the list says, or NULL. */
static const char *why_not_linked(const struct planner *p, int range)
{
	int second = capgap_places_declared(p->fn, p->plan->offset + 4u);

	if (p->view.hidden)
		return "vfio-pci hides every extended capability, and 0x100 still belongs to hardware";
	if (second >= 0 && second != range)
		return "it reaches into a declared range from outside, which no edit can trim";
	if (capgap_places_is_replaceable(p->fn, p->plan->offset + 4u))
		return "it reaches into a free-space descriptor, whose header it would overwrite";
	return NULL;
}

/* Make the edits for the offset of the plan; false, and why, when there are none. */
static bool link_plan(struct planner *p)
{
	struct capgap_plan *plan = p->plan;
	const struct capgap_image *view = &p->view.image;
	int range = capgap_places_declared(p->fn, plan->offset);
	const char *why = why_not_linked(p, range);
	uint32_t registers = registers_of(p->pasid);
	int rc = 0;

	if (why)
		plan->edits.n = 0;
	else if (range >= 0)
		rc = link_declared(p, (unsigned)range, registers);
	else if (capgap_places_is_replaceable(p->fn, plan->offset))
		rc = capgap_link_replace(&plan->edits, view, plan->offset, registers);
	else
		rc = capgap_link_pasid(&plan->edits, view, plan->offset, registers);
	if (rc)
		why = rc == -CAPGAP_E_NOPLACE ? "an entry of the list starts there" :
						reason_texts[CAPGAP_REASON_UNLINKED];
	plan->found = !why;
	if (why)
		snprintf(plan->refusal, sizeof(plan->refusal),
			 "0x%03x cannot be linked: %s", plan->offset, why);
	return plan->found;
}

/* Try the best range, and the next best where that one cannot be linked. */
static void plan_best(struct planner *p)
{
	struct capgap_plan *plan = p->plan;
	struct capgap_place *place;

	while ((plan->chosen = choose(plan, p->fn, p->policy)) >= 0) {
		place = &plan->place[plan->chosen];
		plan->offset = (uint16_t)offset_in(place, p->fn);
		plan->grade = place->grade;
		capgap_place_text(place, p->fn, plan->reason, sizeof(plan->reason));
		if (place->off == p->fn->pasid.off)
			take_slot(p);
		if (link_plan(p) || p->view.hidden)
			return;
		place->grade = CAPGAP_GRADE_NONE;
		place->reason = CAPGAP_REASON_UNLINKED;
	}
	refuse(plan, p->policy);
}

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
		 first->off, reason_texts[first->reason], second->off, text);
}

/* Collect what stands against the caller's offset, and the grade of what does not. */
static void judge_offset(struct planner *p)
{
	struct capgap_plan *plan = p->plan;
	const struct capgap_place *dw;

	plan->grade = grade_at(&p->places, plan->offset);
	explain_offset(p);
	for (unsigned off = plan->offset; off < plan->offset + CAPGAP_PASID_LEN;
	     off += 4) {
		dw = capgap_places_at(&p->places, off);
		if (dw->grade == CAPGAP_GRADE_NONE)
			object_owners(plan, p->fn, dw);
	}
	for (unsigned i = 0; i < plan->n_places; i++) {
		if (holds(&plan->place[i], plan->offset))
			plan->chosen = (int)i;
	}
}

static void plan_offset(struct planner *p)
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
	link_plan(p);
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

	if (!plan->found)
		return;
	if (plan->edits.link == CAPGAP_LINK_HEAD ||
	    plan->edits.link == CAPGAP_LINK_NULL_HEAD)
		add_hit(plan, CAPGAP_F_QEMU_LINK, CAPGAP_CONV_END, 0, 0);
	if (fn->pasid.off && fn->vantage == CAPGAP_VANTAGE_HOST &&
	    (plan->offset > control || plan->offset + CAPGAP_PASID_LEN < control + 4))
		add_hit(plan, CAPGAP_F_CONTROL_EXPOSED, control, plan->offset,
			fn->pasid.off);
}

/* The quirk table may forbid to place anything; a caller who forces an offset knows better. */
static bool is_forbidden(struct capgap_plan *plan, const struct capgap_function *fn,
			 const struct capgap_policy *policy)
{
	const struct capgap_quirk *quirk;

	if (policy->has_offset && policy->force)
		return false;
	for (size_t i = 0; i < capgap_function_quirks(fn); i++) {
		quirk = &fn->quirk[i];
		if (quirk->verb != CAPGAP_VERB_REFUSE)
			continue;
		snprintf(plan->refusal, sizeof(plan->refusal),
			 "a quirk forbids it: %s (%s)", quirk->text, quirk->row->id);
		return true;
	}
	if (fn->n_quirks <= CAPGAP_FUNCTION_QUIRKS_MAX)
		return false;
	snprintf(plan->refusal, sizeof(plan->refusal),
		 "more quirks match than can be heeded");
	return true;
}

/* A capability that a VMM or an earlier run has put there stays where it is. */
static bool is_present(struct capgap_plan *plan, const struct capgap_function *fn)
{
	const struct capgap_cap *cap = capgap_chain_find(&fn->chain, CAPGAP_EXT,
							 CAPGAP_ECAP_PASID);

	if (fn->vantage == CAPGAP_VANTAGE_HOST || !cap)
		return false;
	plan->found = true;
	plan->offset = cap->off;
	plan->edits.link = CAPGAP_LINK_PRESENT;
	snprintf(plan->reason, sizeof(plan->reason),
		 "the image already has a PASID capability, and it is not the host's");
	return true;
}

void capgap_plan_make(struct capgap_plan *plan, const struct capgap_function *fn,
		      const struct capgap_pasid *pasid,
		      const struct capgap_policy *policy)
{
	struct planner p = { .plan = plan, .fn = fn, .pasid = pasid, .policy = policy };

	memset(plan, 0, sizeof(*plan));
	plan->chosen = -1;
	if (fn->not_applicable) {
		snprintf(plan->refusal, sizeof(plan->refusal), "%s", fn->not_applicable);
		return;
	}
	if (is_present(plan, fn))
		return;
	capgap_places_judge(&p.places, fn, policy->min_gap, policy->has_offset);
	plan->n_places = capgap_places_list(&p.places, plan->place);
	if (is_forbidden(plan, fn, policy))
		return;
	capgap_view_derive(&p.view, fn);
	if (policy->has_offset)
		plan_offset(&p);
	else
		plan_best(&p);
	judge_plan(plan, fn);
}
