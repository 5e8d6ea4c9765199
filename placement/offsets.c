/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which offsets one function allows, each with its grade. */
#include "offsets.h"

#include <stdio.h>
#include <string.h>

#include "../analyzer/bytes.h"
#include "../analyzer/header.h"

#define INDEX(off) (((off)-CAPGAP_CONV_END) / 4u)

/* FNV-1a, 64 bits. */
#define HASH_START UINT64_C(0xcbf29ce484222325)
#define HASH_PRIME UINT64_C(0x100000001b3)

static uint64_t hash(uint64_t state, uint64_t val)
{
	for (unsigned i = 0; i < 8; i++)
		state = (state ^ (val >> 8 * i & 0xff)) * HASH_PRIME;
	return state;
}

/* The lists that the VMM reads: entries, their bytes as far as they are counted, and order. */
static uint64_t hash_lists(uint64_t state, const struct planner *p)
{
	const struct capgap_cap *cap;
	uint32_t header;

	state = hash(state, p->view.hidden | (uint64_t)p->shown.ext_walked << 1);
	for (unsigned i = 0; i < p->shown.n; i++) {
		cap = &p->shown.cap[i];
		header = 0;
		(void)capgap_get32(&p->view.image, cap->off, &header);
		state = hash(state, (uint64_t)cap->off << 32 | header);
		state = hash(state, (uint64_t)cap->len << 32 | cap->owned << 1 |
					    (cap->space == CAPGAP_EXT));
	}
	header = 0;
	(void)capgap_get32(&p->view.image, CAPGAP_CONV_END, &header);
	return hash(state, header);
}

static uint64_t hash_declared(uint64_t state, const struct capgap_free_space *fs)
{
	const struct capgap_descriptor *d;

	for (unsigned i = 0; i < fs->n_ranges; i++) {
		d = &fs->descriptor[fs->range[i].descriptor];
		state = hash(state, (uint64_t)fs->range[i].off << 48 |
					    (uint64_t)fs->range[i].len << 32 |
					    (uint64_t)fs->range[i].entry << 16 | d->off);
		state = hash(state, (uint64_t)d->len << 32 | (uint64_t)d->form << 1 |
					    fs->range[i].usable);
	}
	return state;
}

static uint64_t hash_state(const struct planner *p)
{
	const struct capgap_image *view = &p->view.image;
	uint64_t state = hash(HASH_START, view->size);

	for (size_t i = 0; i < sizeof(view->read) / sizeof(view->read[0]); i++)
		state = hash(state, view->read[i]);
	state = hash_lists(state, p);
	return hash_declared(state, &p->fn->free_space);
}

/* The grade of each offset that the planner could choose of itself. */
static void find_candidates(struct capgap_offsets *out,
			    const struct capgap_policy *policy)
{
	struct capgap_place place[CAPGAP_PLACES_MAX];
	unsigned n = capgap_places_list(&out->planner.places, place);
	struct capgap_range room;

	for (unsigned i = 0; i < n; i++) {
		if (!capgap_plan_qualifies(&place[i], policy))
			continue;
		room = planner_room(&place[i], policy);
		memset(out->grade + INDEX(room.off), (int)place[i].grade,
		       (room.len - CAPGAP_PASID_LEN) / 4u + 1);
	}
}

/* True when the guard that the caller asks for leaves both sides of @off free. */
static bool keeps_guard(const struct capgap_places *places,
			const struct capgap_place *place, unsigned n, unsigned off,
			const struct capgap_policy *policy)
{
	struct capgap_range room;

	for (unsigned i = 0; i < n; i++) {
		if (off < place[i].off ||
		    off + CAPGAP_PASID_LEN > (unsigned)place[i].off + place[i].len)
			continue;
		room = planner_room(&place[i], policy);
		return !place[i].run ||
		       (off >= room.off &&
			off + CAPGAP_PASID_LEN <= (unsigned)room.off + room.len);
	}
	return !policy->guard || !planner_touches_run(places, off);
}

/* The grade of each offset that the caller could ask for. */
static void grade_bytes(struct capgap_offsets *out, const struct capgap_policy *policy)
{
	struct capgap_place place[CAPGAP_PLACES_MAX];
	unsigned n = capgap_places_list(&out->planner.places, place);

	for (unsigned off = CAPGAP_CONV_END; off <= LAST_OFFSET; off += 4) {
		if (keeps_guard(&out->planner.places, place, n, off, policy))
			out->grade[INDEX(off)] =
				(uint8_t)planner_grade_at(&out->planner.places, off);
	}
}

/*
 * A slot at 0x100 is used from 0x104 on where the run behind it begins there, as the
 * planner does.
 */
static void take_above_slot(struct capgap_offsets *out, const struct capgap_function *fn)
{
	unsigned behind = CAPGAP_CONV_END + CAPGAP_PASID_LEN;

	if (fn->pasid.off != CAPGAP_CONV_END || !out->grade[INDEX(CAPGAP_CONV_END)] ||
	    !out->grade[INDEX(behind)] || capgap_places_declared(fn, behind) >= 0 ||
	    capgap_places_is_replaceable(fn, behind))
		return;
	out->above_slot = true;
	out->grade[INDEX(CAPGAP_CONV_END + 4)] =
		(uint8_t)planner_grade_at(&out->planner.places, CAPGAP_CONV_END + 4);
}

/* Where the capability would go first, were it only for this function. */
static unsigned find_hint(const struct capgap_offsets *out,
			  const struct capgap_function *fn)
{
	if (out->above_slot)
		return CAPGAP_CONV_END + 4;
	if (fn->pasid.off >= CAPGAP_CONV_END && out->grade[INDEX(fn->pasid.off)])
		return fn->pasid.off;
	if (fn->kind == CAPGAP_KIND_VF && fn->has_pf &&
	    fn->pf.pasid.off >= CAPGAP_CONV_END &&
	    capgap_places_declared(fn, fn->pf.pasid.off) < 0)
		return fn->pf.pasid.off;
	return 0;
}

void capgap_offsets_judge(struct capgap_offsets *out, const struct capgap_function *fn,
			  const struct capgap_pasid *pasid,
			  const struct capgap_policy *policy)
{
	struct capgap_policy any = *policy;
	struct planner *p = &out->planner;

	memset(out, 0, offsetof(struct capgap_offsets, planner));
	any.require = CAPGAP_GRADE_ASSUMED;
	p->plan = &out->plan;
	p->fn = fn;
	p->policy = policy;
	planner_prepare(p, pasid);
	out->state = hash_state(p);
	out->present = (uint16_t)planner_present(p);
	if (out->present)
		return;
	if (fn->vantage == CAPGAP_VANTAGE_HOST)
		out->slot = fn->pasid.off;
	planner_is_refused(p, out->refusal, sizeof(out->refusal));
	if (policy->has_offset) {
		grade_bytes(out, &any);
		return;
	}
	find_candidates(out, &any);
	take_above_slot(out, fn);
	out->hint = (uint16_t)find_hint(out, fn);
}

const char *capgap_offsets_link(struct capgap_offsets *offsets, unsigned off)
{
	struct capgap_plan *plan = &offsets->plan;
	const char *why;

	plan->offset = (uint16_t)off;
	if (planner_link(&offsets->planner))
		return NULL;
	/* "0x200 cannot be linked: an entry of the list starts there" */
	why = strstr(plan->refusal, ": ");
	return why ? why + 2 : plan->refusal;
}

bool capgap_offsets_allow(struct capgap_offsets *offsets, unsigned off)
{
	if (off % 4 || off < CAPGAP_CONV_END || off > LAST_OFFSET || offsets->refusal[0])
		return false;
	if (offsets->present)
		return off == offsets->present;
	return offsets->grade[INDEX(off)] != CAPGAP_GRADE_NONE &&
	       !capgap_offsets_link(offsets, off);
}
