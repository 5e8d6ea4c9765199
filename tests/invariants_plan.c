/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What holds for every plan: fit bytes, and a list that is whole after the edits. */
#include "invariants.h"

#include <stdlib.h>
#include <string.h>

#include "../analyzer/bytes.h"
#include "../placement/view.h"
#include "invariants_breach.h"

/* Hazard bands of DESIGN section 6, where nothing is better than assumed. */
#define CORE_START 0x700u
#define CORE_END 0xc00u
#define TAIL_START 0xd00u

/* Places of the own physical capability, seen from the host. */
static bool in_slot(const struct capgap_function *fn, unsigned off)
{
	return fn->pasid.off && fn->vantage == CAPGAP_VANTAGE_HOST &&
	       fn->kind != CAPGAP_KIND_VF && off >= fn->pasid.off &&
	       off < fn->pasid.off + CAPGAP_PASID_LEN;
}

/* Structures that claim a byte: of the slot only the capability itself may. */
static unsigned structures_at(const struct capgap_function *fn, unsigned off)
{
	unsigned n = 0;

	for (int i = capgap_map_next_owner(&fn->map, off, 0); i >= 0;
	     i = capgap_map_next_owner(&fn->map, off, (unsigned)i + 1))
		n += fn->map.claim[i].owner < CAPGAP_OWNER_RESERVED;
	return n;
}

static bool is_unowned(const struct capgap_function *fn, unsigned off)
{
	uint8_t verdict = off < fn->map.size ? fn->map.verdict[off] : CAPGAP_OWNER_ABSENT;

	return verdict == CAPGAP_OWNER_FREE || verdict == CAPGAP_OWNER_SHADOW;
}

static bool is_unowned_dword(const struct capgap_function *fn, unsigned off)
{
	return is_unowned(fn, off) && is_unowned(fn, off + 1) &&
	       is_unowned(fn, off + 2) && is_unowned(fn, off + 3);
}

/* Whether samples of the function differ in this byte. */
static bool is_live(const struct capgap_function *fn, unsigned off)
{
	return fn->image.changing[off / 32] >> (off % 32) & 1u;
}

/* What free dwords hold: ff where every unowned extended one is ff, else 00. */
static uint8_t fill_of(const struct capgap_function *fn)
{
	uint32_t val;

	for (unsigned off = CAPGAP_CONV_END; off < fn->map.size; off += 4) {
		if (is_unowned_dword(fn, off) && capgap_get32(&fn->image, off, &val) &&
		    (val != UINT32_MAX ||
		     fn->image.changing[off / 32] >> (off % 32) & 0xfu))
			return 0x00;
	}
	return 0xff;
}

/* Whether a row of the quirk table prefers an offset whose capability has this byte. */
static bool is_preferred(const struct capgap_function *fn, unsigned off)
{
	const struct capgap_quirk *quirk;

	for (size_t i = 0; i < capgap_function_quirks(fn); i++) {
		quirk = &fn->quirk[i];
		if (quirk->verb == CAPGAP_VERB_PREFER && off >= quirk->off &&
		    off < quirk->off + CAPGAP_PASID_LEN)
			return true;
	}
	return false;
}

/* Whether the byte is a gap descriptor's that the capability may take the place of. */
static bool is_replaced(const struct capgap_function *fn, unsigned off)
{
	const struct capgap_free_space *fs = &fn->free_space;
	const struct capgap_descriptor *d;

	for (unsigned i = 0; i < fs->n_ranges; i++) {
		d = &fs->descriptor[fs->range[i].descriptor];
		if (fs->range[i].usable && d->form == CAPGAP_FORM_GAP &&
		    d->len < DVSEC_CARVE_MIN && off >= d->off && off < d->off + d->len)
			return true;
	}
	return false;
}

/* The best grade that a byte can have; NONE for one that is in use. */
static enum capgap_grade best_grade(const struct capgap_function *fn, unsigned off,
				    uint8_t fill)
{
	if (in_slot(fn, off))
		return structures_at(fn, off) == 1 ? CAPGAP_GRADE_SLOT :
						     CAPGAP_GRADE_NONE;
	if (is_replaced(fn, off))
		return CAPGAP_GRADE_DECLARED;
	switch (fn->map.verdict[off]) {
	case CAPGAP_OWNER_LISTED:
		return CAPGAP_GRADE_LISTED;
	case CAPGAP_OWNER_DESCRIPTOR:
		return is_preferred(fn, off) ? CAPGAP_GRADE_LISTED :
					       CAPGAP_GRADE_DECLARED;
	case CAPGAP_OWNER_FREE:
	case CAPGAP_OWNER_SHADOW:
		break;
	default:
		return CAPGAP_GRADE_NONE;
	}
	if (is_preferred(fn, off))
		return CAPGAP_GRADE_LISTED;
	if (fn->image.data[off] != fill || is_live(fn, off))
		return CAPGAP_GRADE_NONE;
	return fn->map.verdict[off] == CAPGAP_OWNER_FREE ? CAPGAP_GRADE_OBSERVED :
							   CAPGAP_GRADE_ASSUMED;
}

/* Invariant 4, for the placed bytes. */
static void check_bytes(const struct capgap_plan *plan, const struct capgap_function *fn)
{
	uint8_t fill = fill_of(fn);

	for (unsigned off = plan->offset; off < plan->offset + CAPGAP_PASID_LEN; off++)
		HOLDS(fn, plan->grade <= best_grade(fn, off, fill), off);
}

static bool is_fill(const struct capgap_function *fn, unsigned off, uint8_t fill)
{
	uint32_t val;

	for (unsigned i = off; i < off + 4 && i < CAPGAP_SPACE_MAX; i++) {
		if (is_live(fn, i))
			return false;
	}
	return is_unowned_dword(fn, off) && capgap_get32(&fn->image, off, &val) &&
	       val == (fill ? UINT32_MAX : 0);
}

/* Whether a structure whose end is only a cautious figure has the byte below @start. */
static bool follows_atmost(const struct capgap_function *fn, unsigned start)
{
	const struct capgap_claim *claim;

	for (unsigned i = 0; i < fn->map.n; i++) {
		claim = &fn->map.claim[i];
		if (claim->owner == CAPGAP_OWNER_CAP && claim->off < start &&
		    claim->off + claim->len >= (int)start &&
		    fn->chain.cap[claim->cap].extent == CAPGAP_EXTENT_ATMOST)
			return true;
	}
	return false;
}

/* Grade observed asks more than free bytes: what it asks is in DESIGN section 6. */
static void check_observed(const struct capgap_plan *plan,
			   const struct capgap_function *fn,
			   const struct capgap_policy *policy)
{
	uint8_t fill = fill_of(fn);
	unsigned start = plan->offset;
	unsigned end = start;

	if (plan->grade != CAPGAP_GRADE_OBSERVED || in_slot(fn, start))
		return;
	while (start > CAPGAP_CONV_END && is_fill(fn, start - 4, fill))
		start -= 4;
	while (end < CAPGAP_SPACE_MAX && is_fill(fn, end, fill))
		end += 4;
	HOLDS(fn, plan->by_caller || end - start >= policy->min_gap, start);
	HOLDS(fn, !fn->free_space.exhaustive, 0);
	HOLDS(fn, fn->image.size == CAPGAP_SPACE_MAX, 0);
	HOLDS(fn, capgap_image_is_whole(&fn->image), 0);
	HOLDS(fn, start == CAPGAP_CONV_END || !is_unowned(fn, start - 1), start);
	HOLDS(fn, end == CAPGAP_SPACE_MAX || !is_unowned(fn, end), end);
	HOLDS(fn, start == CAPGAP_CONV_END || !follows_atmost(fn, start), start);
	HOLDS(fn,
	      plan->offset + CAPGAP_PASID_LEN <= CORE_START || plan->offset >= CORE_END,
	      plan->offset);
	HOLDS(fn, plan->offset + CAPGAP_PASID_LEN <= TAIL_START, plan->offset);
}

static void put32(struct capgap_image *img, unsigned off, uint32_t val)
{
	uint8_t bytes[4] = { (uint8_t)val, (uint8_t)(val >> 8), (uint8_t)(val >> 16),
			     (uint8_t)(val >> 24) };

	capgap_image_put(img, off, bytes, sizeof(bytes));
}

/* Whether the dword at @off states the length of what a descriptor declares. */
static bool is_length_of_range(const struct capgap_function *fn, unsigned off)
{
	const struct capgap_free_space *fs = &fn->free_space;

	for (unsigned i = 0; i < fs->n_ranges; i++) {
		if (fs->range[i].usable &&
		    off == (fs->range[i].entry ?
				    fs->range[i].entry :
				    fs->descriptor[fs->range[i].descriptor].off +
					    DVSEC_HEADER1))
			return true;
	}
	return false;
}

/* Which capability beside PASID has a byte, or -1. */
static int wanted_at(const struct capgap_plan *plan, const struct capgap_policy *policy,
		     unsigned off)
{
	for (unsigned i = 0; i < policy->n_wants; i++) {
		if (plan->want_off[i] && off >= plan->want_off[i] &&
		    off < (unsigned)plan->want_off[i] + policy->want[i].len)
			return (int)i;
	}
	return -1;
}

/* Capabilities beside PASID lie in bytes that are free themselves, apart from all else. */
static void check_wants(const struct capgap_plan *plan, const struct capgap_function *fn,
			const struct capgap_policy *policy)
{
	uint8_t fill = fill_of(fn);
	unsigned off;

	for (unsigned i = 0; i < policy->n_wants; i++) {
		off = plan->want_off[i];
		HOLDS(fn, off >= CAPGAP_CONV_END && off % 4 == 0, off);
		HOLDS(fn, off + policy->want[i].len <= CAPGAP_SPACE_MAX, off);
		for (unsigned at = off; at < off + policy->want[i].len; at++) {
			HOLDS(fn, wanted_at(plan, policy, at) == (int)i, at);
			HOLDS(fn,
			      at < plan->offset || at >= plan->offset + CAPGAP_PASID_LEN,
			      at);
			HOLDS(fn, best_grade(fn, at, fill) >= policy->require, at);
		}
	}
}

/* Invariant 4, for the other bytes: a next pointer, a null header, the descriptor used. */
static void check_edit(const struct capgap_edit *edit, const struct capgap_plan *plan,
		       const struct capgap_function *fn,
		       const struct capgap_policy *policy)
{
	enum capgap_link link = plan->edits.link;

	HOLDS(fn, edit->off % 4 == 0 && edit->off >= CAPGAP_CONV_END, edit->off);
	if (edit->off >= plan->offset && edit->off < plan->offset + CAPGAP_PASID_LEN)
		return;
	if (wanted_at(plan, policy, edit->off) >= 0)
		return;
	if (link == CAPGAP_LINK_CARVE || link == CAPGAP_LINK_TRIM) {
		if (is_length_of_range(fn, edit->off))
			return;
	}
	HOLDS(fn, ((edit->before ^ edit->after) & 0xfffffu) == 0, edit->off);
	HOLDS(fn, edit->before != UINT32_MAX, edit->off);
}

/* Make the edits in a copy of the view; the old values have to be those there. */
static void apply(struct capgap_image *img, const struct capgap_plan *plan,
		  const struct capgap_function *fn, const struct capgap_policy *policy)
{
	const struct capgap_edit *edit;
	uint32_t now;

	for (unsigned i = 0; i < plan->edits.n; i++) {
		edit = &plan->edits.edit[i];
		HOLDS(fn, i == 0 || edit[-1].off < edit->off, edit->off);
		HOLDS(fn, capgap_get32(img, edit->off, &now) && now == edit->before,
		      edit->off);
		check_edit(edit, plan, fn, policy);
	}
	for (unsigned i = 0; i < plan->edits.n; i++)
		put32(img, plan->edits.edit[i].off, plan->edits.edit[i].after);
}

/* The next entry of the extended list at or behind @i that is neither null nor new. */
static const struct capgap_cap *real_cap(const struct capgap_chain *chain, unsigned *i,
					 const struct capgap_plan *plan,
					 const struct capgap_policy *policy)
{
	while (*i < chain->n &&
	       (chain->cap[*i].id == 0 || chain->cap[*i].off == plan->offset ||
		wanted_at(plan, policy, chain->cap[*i].off) >= 0))
		(*i)++;
	return *i < chain->n ? &chain->cap[(*i)++] : NULL;
}

/* How often the list has PASID; @at is marked when it has it there. */
static unsigned count_pasid(const struct capgap_chain *chain, unsigned off, bool *at)
{
	unsigned n = 0;

	for (unsigned i = chain->n_conv; i < chain->n; i++) {
		if (chain->cap[i].id != CAPGAP_ECAP_PASID)
			continue;
		n++;
		*at |= chain->cap[i].off == off;
	}
	return n;
}

/*
 * Lists in which vfio-pci hides less than it means to: one that loops leads back to what
 * is hidden, of a header of ones the kernel follows the pointer, and below 0x100 it
 * stops, but others go on.
 */
static bool is_list_broken(const struct capgap_function *fn)
{
	return capgap_findings_has(&fn->findings, CAPGAP_F_EXT_LOOP) ||
	       capgap_findings_has(&fn->findings, CAPGAP_F_EXT_ONES) ||
	       capgap_findings_has(&fn->findings, CAPGAP_F_EXT_POINTER_LOW);
}

/*
 * Invariant 5, as far as it does not need an emulated image: @after is @before and
 * PASID, and what was wanted beside it.
 */
static void compare_lists(const struct capgap_chain *before,
			  const struct capgap_chain *after,
			  const struct capgap_plan *plan,
			  const struct capgap_function *fn,
			  const struct capgap_policy *policy)
{
	unsigned i = before->n_conv;
	unsigned j = after->n_conv;
	const struct capgap_cap *old;
	const struct capgap_cap *new;
	bool there = false;
	bool seen = false;
	unsigned n = count_pasid(after, plan->offset, &there);
	unsigned visible = count_pasid(before, plan->offset, &seen);

	HOLDS(fn, there, plan->offset);
	HOLDS(fn, before->n_conv == after->n_conv, 0);
	if (is_list_broken(fn))
		return;
	HOLDS(fn, n == 1 && !visible && !seen, plan->offset);
	for (;;) {
		old = real_cap(before, &i, plan, policy);
		new = real_cap(after, &j, plan, policy);
		HOLDS(fn, !old == !new, old ? old->off : plan->offset);
		if (!old)
			return;
		HOLDS(fn, old->off == new->off && old->id == new->id, new->off);
		HOLDS(fn, old->version == new->version, new->off);
	}
}

/* Whether the extended list has an entry. */
static bool lists(const struct capgap_chain *list, unsigned off)
{
	for (unsigned i = list->n_conv; i < list->n; i++) {
		if (list->cap[i].off == off)
			return true;
	}
	return false;
}

/* What is still declared free must not hold the capability that was placed. */
static void check_still_declared(const struct capgap_image *img,
				 const struct capgap_chain *list,
				 const struct capgap_plan *plan,
				 const struct capgap_function *fn)
{
	const struct capgap_free_space *fs = &fn->free_space;
	const struct capgap_declared *range;
	const struct capgap_descriptor *d;
	unsigned end;
	uint32_t dw;

	for (unsigned i = 0; i < fs->n_ranges; i++) {
		range = &fs->range[i];
		d = &fs->descriptor[range->descriptor];
		if (!range->usable || !lists(list, d->off) ||
		    (plan->edits.link == CAPGAP_LINK_REPLACE && d->off == plan->offset))
			continue;
		HOLDS(fn,
		      capgap_get32(img,
				   range->entry ? range->entry : d->off + DVSEC_HEADER1,
				   &dw),
		      d->off);
		end = range->entry ? range->off + DVSEC_ENTRY_LEN(dw) :
				     d->off + DVSEC_HEADER1_LEN(dw);
		HOLDS(fn,
		      range->off >= plan->offset + (int)CAPGAP_PASID_LEN ||
			      end <= plan->offset,
		      plan->offset);
	}
}

static void check_edits(const struct capgap_plan *plan, const struct capgap_function *fn,
			const struct capgap_policy *policy)
{
	struct work {
		struct capgap_view view;
		struct capgap_chain before;
		struct capgap_chain after;
	} *w = malloc(sizeof(*w));
	bool is_vf = fn->kind == CAPGAP_KIND_VF;

	if (!w)
		abort();
	capgap_view_derive(&w->view, fn, policy->kernel);
	capgap_chain_walk(&w->before, &w->view.image, is_vf, NULL);
	apply(&w->view.image, plan, fn, policy);
	capgap_chain_walk(&w->after, &w->view.image, is_vf, NULL);
	compare_lists(&w->before, &w->after, plan, fn, policy);
	check_still_declared(&w->view.image, &w->before, plan, fn);
	free(w);
}

/* The view's list has PASID where the plan says so, and nothing is edited. */
static void check_present(const struct capgap_plan *plan,
			  const struct capgap_function *fn,
			  const struct capgap_policy *policy)
{
	struct capgap_view view;
	struct capgap_chain list;
	bool there = false;

	capgap_view_derive(&view, fn, policy->kernel);
	capgap_chain_walk(&list, &view.image, fn->kind == CAPGAP_KIND_VF, NULL);
	count_pasid(&list, plan->offset, &there);
	HOLDS(fn, there && plan->edits.n == 0, plan->offset);
}

/* The ranges that are reported: in order, apart from each other, aligned. */
static void check_places(const struct capgap_plan *plan, const struct capgap_function *fn)
{
	unsigned end = CAPGAP_CONV_END;

	for (unsigned i = 0; i < plan->n_places; i++) {
		HOLDS(fn, plan->place[i].off % 4 == 0 && plan->place[i].len % 4 == 0,
		      end);
		HOLDS(fn, plan->place[i].off >= end && plan->place[i].len, end);
		end = (unsigned)plan->place[i].off + plan->place[i].len;
		HOLDS(fn, end <= CAPGAP_SPACE_MAX, end);
	}
	for (unsigned i = 0; i < plan->n_hits; i++)
		HOLDS(fn, capgap_finding_get(plan->hit[i].kind), plan->hit[i].off);
}

void invariants_check_plan(const struct capgap_plan *plan,
			   const struct capgap_function *fn,
			   const struct capgap_policy *policy)
{
	bool forced = plan->n_objections > 0;

	check_places(plan, fn);
	HOLDS(fn, plan->found || plan->refusal[0], 0);
	if (!plan->found)
		return;
	HOLDS(fn, !fn->not_applicable, 0);
	HOLDS(fn, plan->reason[0], plan->offset);
	if (plan->edits.link == CAPGAP_LINK_PRESENT) {
		check_present(plan, fn, policy);
		return;
	}
	HOLDS(fn, plan->offset % 4 == 0 && plan->offset >= CAPGAP_CONV_END, plan->offset);
	HOLDS(fn, plan->offset <= CAPGAP_SPACE_MAX - CAPGAP_PASID_LEN, plan->offset);
	HOLDS(fn, capgap_link_name(plan->edits.link), plan->offset);
	HOLDS(fn, plan->by_caller == policy->has_offset, plan->offset);
	HOLDS(fn, !plan->by_caller || plan->offset == policy->offset, plan->offset);
	HOLDS(fn, plan->by_caller || plan->grade >= policy->require, plan->offset);
	HOLDS(fn, forced == (plan->grade == CAPGAP_GRADE_NONE), plan->offset);
	if (forced) {
		HOLDS(fn, policy->force && plan->by_caller, plan->offset);
		return;
	}
	check_bytes(plan, fn);
	check_observed(plan, fn, policy);
	check_wants(plan, fn, policy);
	check_edits(plan, fn, policy);
}
