/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What can be said of each dword of extended space. */
#include "places.h"

#include "../analyzer/bytes.h"

static const enum capgap_grade grade_of[CAPGAP_REASON_COUNT] = {
#define CAPGAP_REASON(symbol, grade, text) CAPGAP_GRADE_##grade,
#include "policy.def"
#undef CAPGAP_REASON
};

/* What holds for the whole function, found once. */
struct judge {
	const struct capgap_function *fn;
	unsigned min_gap;
	uint32_t fill;		    /* what a free dword must hold */
	enum capgap_reason general; /* caps every grade; OBSERVED when nothing does */
	unsigned slot;		    /* the function's own PASID capability, or 0 */
};

static enum capgap_owner owner_at(const struct capgap_function *fn, unsigned off)
{
	enum capgap_owner owner = CAPGAP_OWNER_FREE;

	if (off + 4 > fn->map.size)
		return CAPGAP_OWNER_ABSENT;
	for (unsigned i = off; i < off + 4; i++) {
		if (fn->map.verdict[i] < owner)
			owner = (enum capgap_owner)fn->map.verdict[i];
	}
	return owner;
}

static bool is_unowned(enum capgap_owner owner)
{
	return owner == CAPGAP_OWNER_FREE || owner == CAPGAP_OWNER_SHADOW;
}

/* The claim that decides the dword at @off, or NULL. */
static const struct capgap_claim *deciding_claim(const struct capgap_map *map,
						 unsigned off, enum capgap_owner owner)
{
	for (int i = capgap_map_next_owner(map, off, 0); i >= 0;
	     i = capgap_map_next_owner(map, off, (unsigned)i + 1)) {
		if (map->claim[i].owner == owner)
			return &map->claim[i];
	}
	return NULL;
}

/*
 * A device that answers ff for everything it does not implement shows its free
 * bytes as ff; one that shows a single other byte does not.
 */
static uint32_t find_fill(const struct capgap_function *fn)
{
	uint32_t val;
	bool any = false;

	for (unsigned off = CAPGAP_CONV_END; off < CAPGAP_SPACE_MAX; off += 4) {
		if (!is_unowned(owner_at(fn, off)) ||
		    !capgap_get32(&fn->image, off, &val))
			continue;
		if (val != UINT32_MAX)
			return 0;
		any = true;
	}
	return any ? UINT32_MAX : 0;
}

static bool has_fill(const struct judge *j, unsigned off)
{
	uint32_t val;

	return is_unowned(owner_at(j->fn, off)) &&
	       capgap_get32(&j->fn->image, off, &val) && val == j->fill;
}

/* What caps the grade of the whole function. */
static enum capgap_reason find_general(const struct capgap_function *fn)
{
	static const enum capgap_finding_kind breaks[] = { CAPGAP_F_EXT_LOOP,
							   CAPGAP_F_EXT_POINTER_LOW,
							   CAPGAP_F_EXT_ONES,
							   CAPGAP_F_ID_FFFF };

	if (!capgap_image_is_whole(&fn->image) || fn->image.size < CAPGAP_SPACE_MAX)
		return CAPGAP_REASON_PARTIAL;
	for (size_t i = 0; i < sizeof(breaks) / sizeof(breaks[0]); i++) {
		if (capgap_findings_has(&fn->findings, breaks[i]))
			return CAPGAP_REASON_BROKEN;
	}
	if (!fn->chain_known)
		return CAPGAP_REASON_BROKEN;
	if (capgap_findings_has(&fn->findings, CAPGAP_F_VANTAGE))
		return CAPGAP_REASON_SUSPECT;
	return CAPGAP_REASON_OBSERVED;
}

/* Only one structure may claim the slot, and it must be the capability itself. */
static unsigned find_slot(const struct capgap_function *fn)
{
	unsigned off = fn->pasid.off;
	const struct capgap_claim *claim;

	if (!off || off < CAPGAP_CONV_END || fn->vantage != CAPGAP_VANTAGE_HOST ||
	    fn->kind == CAPGAP_KIND_VF)
		return 0;
	for (unsigned i = 0; i < fn->map.n; i++) {
		claim = &fn->map.claim[i];
		if (claim->off + claim->len > off &&
		    claim->off < off + CAPGAP_PASID_LEN &&
		    (claim->owner != CAPGAP_OWNER_CAP || claim->off != off ||
		     claim->len != CAPGAP_PASID_LEN))
			return 0;
	}
	return off;
}

/* What the dword below a run says of the run, OBSERVED when nothing. */
static enum capgap_reason judge_below(const struct judge *j, unsigned start)
{
	const struct capgap_function *fn = j->fn;
	const struct capgap_claim *claim;
	enum capgap_owner owner;

	if (start == CAPGAP_CONV_END)
		return CAPGAP_REASON_OBSERVED;
	owner = owner_at(fn, start - 4);
	if (is_unowned(owner))
		return CAPGAP_REASON_LIVE;
	claim = deciding_claim(&fn->map, start - 4, owner);
	if (!claim || claim->cap == CAPGAP_NO_CAP)
		return CAPGAP_REASON_OBSERVED;
	if (owner == CAPGAP_OWNER_CAP &&
	    fn->chain.cap[claim->cap].extent == CAPGAP_EXTENT_ATMOST)
		return CAPGAP_REASON_ATMOST;
	if (owner == CAPGAP_OWNER_ORPHAN &&
	    fn->orphans.cap[claim->cap].extent == CAPGAP_EXTENT_ATMOST)
		return CAPGAP_REASON_ATMOST;
	return CAPGAP_REASON_OBSERVED;
}

/* What holds for a whole run of dwords that hold the fill. */
static enum capgap_reason judge_run(const struct judge *j, unsigned start, unsigned end)
{
	enum capgap_reason below;

	if (end - start < j->min_gap)
		return CAPGAP_REASON_SHORT;
	if (j->general != CAPGAP_REASON_OBSERVED)
		return j->general;
	below = judge_below(j, start);
	if (below != CAPGAP_REASON_OBSERVED)
		return below;
	if (end < CAPGAP_SPACE_MAX && is_unowned(owner_at(j->fn, end)))
		return CAPGAP_REASON_LIVE;
	return CAPGAP_REASON_OBSERVED;
}

/* What holds for one dword of a run that is @run as a whole. */
static enum capgap_reason judge_free(const struct judge *j, unsigned off,
				     enum capgap_reason run)
{
	bool whole = run == CAPGAP_REASON_SHORT || run == j->general;

	if (whole && run != CAPGAP_REASON_OBSERVED)
		return run;
	if (owner_at(j->fn, off) == CAPGAP_OWNER_SHADOW)
		return CAPGAP_REASON_SHADOW;
	if (run != CAPGAP_REASON_OBSERVED)
		return run;
	if (off >= BAND_CORE_START && off < BAND_CORE_END)
		return CAPGAP_REASON_BAND_CORE;
	if (off >= BAND_TAIL_START && off < BAND_TAIL_END)
		return CAPGAP_REASON_BAND_TAIL;
	return CAPGAP_REASON_OBSERVED;
}

/* What holds for a dword that is no part of a run. */
static enum capgap_reason judge_other(const struct judge *j, unsigned off)
{
	if (j->slot && off >= j->slot && off < j->slot + CAPGAP_PASID_LEN)
		return j->general == CAPGAP_REASON_OBSERVED ? CAPGAP_REASON_SLOT : j->general;
	switch (owner_at(j->fn, off)) {
	case CAPGAP_OWNER_ABSENT:
		return CAPGAP_REASON_ABSENT;
	case CAPGAP_OWNER_HEADER:
		return CAPGAP_REASON_HEADER;
	case CAPGAP_OWNER_RESERVED:
		return CAPGAP_REASON_RESERVED;
	case CAPGAP_OWNER_UNWALKED:
		return CAPGAP_REASON_UNWALKED;
	case CAPGAP_OWNER_FREE:
	case CAPGAP_OWNER_SHADOW:
		return CAPGAP_REASON_NONZERO;
	default:
		return CAPGAP_REASON_OWNED;
	}
}

static void set(struct capgap_places *places, unsigned off, enum capgap_reason reason,
		unsigned cap)
{
	places->dw[(off - CAPGAP_CONV_END) / 4] = (struct capgap_place){
		(uint16_t)off, 4, grade_of[reason], reason, (uint16_t)cap
	};
}

/* Judge the dword at @off, which no run holds, and name its structure. */
static void set_other(struct capgap_places *places, const struct judge *j, unsigned off)
{
	enum capgap_reason reason = judge_other(j, off);
	const struct capgap_claim *claim = NULL;

	if (reason == CAPGAP_REASON_OWNED || grade_of[reason] != CAPGAP_GRADE_NONE)
		claim = deciding_claim(&j->fn->map, off, owner_at(j->fn, off));
	if (claim && claim->owner == CAPGAP_OWNER_ORPHAN)
		claim = NULL;
	set(places, off, reason, claim ? claim->cap : CAPGAP_NO_CAP);
}

void capgap_places_judge(struct capgap_places *places, const struct capgap_function *fn,
			 unsigned min_gap)
{
	struct judge j = { .fn = fn, .min_gap = min_gap };
	enum capgap_reason run;
	unsigned end;

	j.fill = find_fill(fn);
	j.general = find_general(fn);
	j.slot = find_slot(fn);
	for (unsigned off = CAPGAP_CONV_END; off < CAPGAP_SPACE_MAX; off = end) {
		end = off;
		while (end < CAPGAP_SPACE_MAX && has_fill(&j, end))
			end += 4;
		if (end == off) {
			set_other(places, &j, off);
			end = off + 4;
			continue;
		}
		run = judge_run(&j, off, end);
		for (unsigned at = off; at < end; at += 4)
			set(places, at, judge_free(&j, at, run), CAPGAP_NO_CAP);
	}
}

const struct capgap_place *capgap_places_at(const struct capgap_places *places,
					    unsigned off)
{
	return &places->dw[(off - CAPGAP_CONV_END) / 4];
}

unsigned capgap_places_list(const struct capgap_places *places, struct capgap_place *out)
{
	const struct capgap_place *dw;
	struct capgap_place *last;
	unsigned n = 0;

	for (unsigned i = 0; i < CAPGAP_PLACES_MAX; i++) {
		dw = &places->dw[i];
		if (dw->reason == CAPGAP_REASON_OWNED ||
		    dw->reason == CAPGAP_REASON_HEADER)
			continue;
		last = n ? &out[n - 1] : NULL;
		if (last && last->reason == dw->reason && last->cap == dw->cap &&
		    last->off + last->len == dw->off)
			last->len = (uint16_t)(last->len + 4);
		else
			out[n++] = *dw;
	}
	return n;
}
