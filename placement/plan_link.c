/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The edits of a plan: PASID at its offset, and what is wanted beside it. */
#include <stdio.h>
#include <string.h>

#include "planner.h"

#include "../analyzer/bytes.h"
#include "../analyzer/header.h"

/* The guest's descriptor ends where the capability in its range begins. */
static int link_declared(struct planner *p, unsigned range)
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
					      p->registers, dw, after, CAPGAP_LINK_CARVE);
	}
	if (left >= DVSEC_ENTRY_LEN_MIN)
		after = declared->off | (uint32_t)left << 16;
	return capgap_link_descriptor(&plan->edits, &p->view.image, plan->offset,
				      p->registers, declared->entry, after,
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

/* The header of the descriptor that declares a range. */
static unsigned descriptor_of(const struct planner *p, int range)
{
	const struct capgap_free_space *fs = &p->fn->free_space;

	return fs->descriptor[fs->range[range].descriptor].off;
}

/* A descriptor that the VMM's list does not have need not be changed for its guest. */
static bool is_listed(const struct planner *p, unsigned off)
{
	for (unsigned i = p->shown.n_conv; i < p->shown.n; i++) {
		if (p->shown.cap[i].off == off)
			return p->shown.cap[i].id == CAPGAP_ECAP_DVSEC;
	}
	return false;
}

/* Make the edits for the offset of the plan; false, and why, when there are none. */
bool planner_link(struct planner *p)
{
	struct capgap_plan *plan = p->plan;
	const struct capgap_image *view = &p->view.image;
	int range = capgap_places_declared(p->fn, plan->offset);
	const char *why = why_not_linked(p, range);
	int rc = 0;

	if (why)
		plan->edits.n = 0;
	else if (range >= 0 && is_listed(p, descriptor_of(p, range)))
		rc = link_declared(p, (unsigned)range);
	else if (capgap_places_is_replaceable(p->fn, plan->offset) &&
		 is_listed(p, plan->offset))
		rc = capgap_link_replace(&plan->edits, view, plan->offset, p->registers);
	else
		rc = capgap_link_pasid(&plan->edits, view, plan->offset, p->registers);
	if (rc)
		why = rc == -CAPGAP_E_NOPLACE ?
			      "an entry of the list starts there" :
			      capgap_reason_text(CAPGAP_REASON_UNLINKED);
	plan->found = !why;
	if (why)
		snprintf(plan->refusal, sizeof(plan->refusal),
			 "0x%03x cannot be linked: %s", plan->offset, why);
	return plan->found;
}

/* A piece of space, and the grade of its bytes. */
struct piece {
	struct capgap_range range;
	enum capgap_grade grade;
};

static unsigned end_of(const struct capgap_range *range)
{
	return (unsigned)range->off + range->len;
}

/* The better of two pieces: the stronger, then the longer, then the lower. */
static void keep_better(struct piece *best, const struct piece *piece)
{
	if (!best->range.len || piece->grade > best->grade ||
	    (piece->grade == best->grade && piece->range.len > best->range.len))
		*best = *piece;
}

/*
 * Declared space is left alone, by whomever it is listed too: its descriptor is shortened
 * for one capability only.
 */
static bool is_taken(const struct capgap_function *fn, unsigned off,
		     const struct capgap_range *taken, unsigned n, unsigned guard)
{
	if (capgap_places_declared(fn, off) >= 0)
		return true;
	for (unsigned i = 0; i < n; i++) {
		if (off + 4 + guard > taken[i].off && off < end_of(&taken[i]) + guard)
			return true;
	}
	return false;
}

/* Of one range, the best piece of @len bytes that keeps @guard from the @n taken ones. */
static void cut_piece(struct piece *best, const struct capgap_function *fn,
		      const struct piece *whole, const struct capgap_range *taken,
		      unsigned n, unsigned len, unsigned guard)
{
	struct piece piece = *whole;
	unsigned start = whole->range.off;

	for (unsigned off = start; off <= end_of(&whole->range); off += 4) {
		if (off < end_of(&whole->range) && !is_taken(fn, off, taken, n, guard))
			continue;
		piece.range.off = (uint16_t)start;
		piece.range.len = (uint16_t)(off - start);
		if (piece.range.len >= len)
			keep_better(best, &piece);
		start = off + 4;
	}
}

/*
 * The middle of the best piece that nothing has yet; 0 where there is none. What is left
 * of a run may be shorter than the smallest gap, which the whole of it is not.
 */
static unsigned find_room(const struct planner *p, const struct capgap_range *taken,
			  unsigned n, unsigned len)
{
	const struct capgap_plan *plan = p->plan;
	const struct capgap_place *place;
	struct piece best = { { 0, 0 }, CAPGAP_GRADE_NONE };
	struct piece whole;

	for (unsigned i = 0; i < plan->n_places; i++) {
		place = &plan->place[i];
		if (place->grade == CAPGAP_GRADE_NONE ||
		    place->grade < p->policy->require ||
		    (!place->run && place->reason != CAPGAP_REASON_LISTED))
			continue;
		whole.range = planner_room(place, p->policy);
		whole.grade = place->grade;
		cut_piece(&best, p->fn, &whole, taken, n, len,
			  place->run ? p->policy->guard : 0);
	}
	return best.range.len ? (best.range.off + (best.range.len - len) / 2u) & ~3u : 0;
}

/* Take over edits that follow those which @out has, of the space that those made. */
static void add_edits(struct capgap_edits *out, const struct capgap_edits *more)
{
	unsigned at;

	for (unsigned i = 0; i < more->n; i++) {
		for (at = 0; at < out->n && out->edit[at].off < more->edit[i].off; at++)
			;
		if (at < out->n && out->edit[at].off == more->edit[i].off) {
			out->edit[at].after = more->edit[i].after;
			continue;
		}
		for (unsigned k = out->n++; k > at; k--)
			out->edit[k] = out->edit[k - 1];
		out->edit[at] = more->edit[i];
	}
}

/* The registers of a capability that the guest gets beside PASID begin as zeros. */
static void clear_body(struct capgap_image *guest, const struct capgap_want *want,
		       unsigned off)
{
	uint8_t body[4] = { 0 };

	for (unsigned at = off + 4; at < off + want->len; at += 4)
		capgap_image_put(guest, at, body, sizeof(body));
	if (want->id != CAPGAP_ECAP_DVSEC && want->id != CAPGAP_ECAP_VSEC)
		return;
	body[2] = (uint8_t)(want->len << 4);
	body[3] = (uint8_t)(want->len >> 4);
	capgap_image_put(guest, off + DVSEC_HEADER1, body, sizeof(body));
}

/* Link one more capability into the space that the edits so far make. */
static bool add_want(struct planner *p, struct capgap_image *guest,
		     const struct capgap_want *want, unsigned off)
{
	struct capgap_image before = *guest;
	struct capgap_edits edits;

	if (capgap_link_insert(&edits, guest, off, want->len, want->id, 1))
		return false;
	capgap_link_apply(&edits, guest);
	clear_body(guest, want, off);
	capgap_link_between(&edits, &before, guest);
	add_edits(&p->plan->edits, &edits);
	return true;
}

/* A capability that only one of a list means anything, and that the list has already. */
static const struct capgap_cap *find_same(const struct planner *p,
					  const struct capgap_want *want)
{
	if (want->id == CAPGAP_ECAP_VSEC || want->id == CAPGAP_ECAP_DVSEC)
		return NULL;
	return capgap_chain_find(&p->shown, CAPGAP_EXT, want->id);
}

static bool is_wanted_twice(struct planner *p)
{
	const struct capgap_cap *same;

	for (unsigned i = 0; i < p->policy->n_wants; i++) {
		same = find_same(p, &p->policy->want[i]);
		if (!same)
			continue;
		snprintf(p->plan->refusal, sizeof(p->plan->refusal),
			 "the guest sees %s already, at 0x%03x",
			 capgap_caps_symbol(CAPGAP_EXT, same->id), same->off);
		return true;
	}
	return false;
}

/* The longest of those that are not placed yet. */
static unsigned next_want(const struct planner *p)
{
	const struct capgap_policy *policy = p->policy;
	unsigned next = policy->n_wants;

	for (unsigned i = 0; i < policy->n_wants; i++) {
		if (!p->plan->want_off[i] &&
		    (next == policy->n_wants ||
		     policy->want[i].len > policy->want[next].len))
			next = i;
	}
	return next;
}

bool planner_add_wants(struct planner *p)
{
	struct capgap_range taken[CAPGAP_WANTS_MAX + 1u];
	struct capgap_image guest = p->view.image;
	struct capgap_plan *plan = p->plan;
	const struct capgap_want *want;
	unsigned n = 0;
	unsigned off;
	unsigned i;

	memset(plan->want_off, 0, sizeof(plan->want_off));
	if (!p->policy->n_wants)
		return true;
	if (is_wanted_twice(p))
		return false;
	taken[n++] = (struct capgap_range){ plan->offset, CAPGAP_PASID_LEN };
	capgap_link_apply(&plan->edits, &guest);
	while ((i = next_want(p)) < p->policy->n_wants) {
		want = &p->policy->want[i];
		off = find_room(p, taken, n, want->len);
		if (!off || !add_want(p, &guest, want, off)) {
			snprintf(
				plan->refusal, sizeof(plan->refusal),
				"beside PASID at 0x%03x there is no room for %u bytes of %s",
				plan->offset, want->len,
				capgap_caps_symbol(CAPGAP_EXT, want->id));
			return false;
		}
		plan->want_off[i] = (uint16_t)off;
		taken[n++] = (struct capgap_range){ (uint16_t)off, want->len };
	}
	return true;
}
