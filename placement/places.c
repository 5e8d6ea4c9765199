/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What can be said of each dword of extended space. */
#include "places.h"

#include <string.h>

#include "../analyzer/bytes.h"
#include "../analyzer/function_samples.h"
#include "../analyzer/header.h"

static const enum capgap_grade grade_of[CAPGAP_REASON_COUNT] = {
#define CAPGAP_REASON(symbol, grade, text) CAPGAP_GRADE_##grade,
#include "policy.def"
#undef CAPGAP_REASON
};

/* What holds for the whole function, found once. */
struct judge {
	const struct capgap_function *fn;
	unsigned min_gap;
	bool by_caller;		    /* a short run is not offered, but may be asked for */
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
		if (val != UINT32_MAX || capgap_image_is_changing(&fn->image, off, 4))
			return 0;
		any = true;
	}
	return any ? UINT32_MAX : 0;
}

static bool has_fill(const struct judge *j, unsigned off)
{
	uint32_t val;

	return is_unowned(owner_at(j->fn, off)) &&
	       capgap_get32(&j->fn->image, off, &val) && val == j->fill &&
	       !capgap_image_is_changing(&j->fn->image, off, 4);
}

static bool has_suspect(const struct capgap_function *fn)
{
	for (size_t i = 0; i < capgap_function_quirks(fn); i++) {
		if (fn->quirk[i].verb == CAPGAP_VERB_SUSPECT)
			return true;
	}
	return false;
}

/* True when each sample shows the same lists and the same declarations. */
static bool is_steady(const struct capgap_function *fn)
{
	const struct capgap_free_space *fs = &fn->free_space;

	if (fn->lists_unsteady)
		return false;
	for (unsigned i = 0; i < fn->chain.n; i++) {
		if (!capgap_function_samples_cap(fn, &fn->chain.cap[i]))
			return false;
	}
	for (unsigned i = 0; i < fs->n_descriptors; i++) {
		if (!capgap_function_samples_descriptor(fn, &fs->descriptor[i]))
			return false;
	}
	return !capgap_image_is_changing(&fn->image, HDR_CAP_PTR, 1);
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
	if (!is_steady(fn))
		return CAPGAP_REASON_UNSTEADY;
	if (capgap_findings_has(&fn->findings, CAPGAP_F_VANTAGE))
		return CAPGAP_REASON_SUSPECT;
	if (capgap_findings_has(&fn->findings, CAPGAP_F_VFIO_OTHER) ||
	    capgap_findings_has(&fn->findings, CAPGAP_F_VFIO_CONFLICT) ||
	    capgap_findings_has(&fn->findings, CAPGAP_F_VFIO_DAMAGED))
		return CAPGAP_REASON_VIEW;
	return has_suspect(fn) ? CAPGAP_REASON_QUIRK : CAPGAP_REASON_OBSERVED;
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
		if (claim->off + claim->len <= off ||
		    claim->off >= off + CAPGAP_PASID_LEN ||
		    claim->owner >= CAPGAP_OWNER_RESERVED)
			continue;
		if (claim->owner != CAPGAP_OWNER_CAP || claim->off != off ||
		    claim->len != CAPGAP_PASID_LEN)
			return 0;
	}
	return off;
}

/* True when the end of something that has the dword at @off is only a cautious figure. */
static bool is_atmost(const struct capgap_function *fn, unsigned off)
{
	const struct capgap_claim *claim;
	enum capgap_extent extent;

	for (int i = capgap_map_next_owner(&fn->map, off, 0); i >= 0;
	     i = capgap_map_next_owner(&fn->map, off, (unsigned)i + 1)) {
		claim = &fn->map.claim[i];
		if (claim->cap == CAPGAP_NO_CAP)
			continue;
		if (claim->owner == CAPGAP_OWNER_CAP)
			extent = fn->chain.cap[claim->cap].extent;
		else if (claim->owner == CAPGAP_OWNER_ORPHAN)
			extent = fn->orphans.cap[claim->cap].extent;
		else
			continue;
		if (extent == CAPGAP_EXTENT_ATMOST)
			return true;
	}
	return false;
}

/* What the two dwords below a run say of the run, OBSERVED when nothing. */
static enum capgap_reason judge_below(const struct judge *j, unsigned start)
{
	for (unsigned back = 4; back <= 8 && start - back >= CAPGAP_CONV_END; back += 4) {
		if (is_atmost(j->fn, start - back))
			return CAPGAP_REASON_ATMOST;
	}
	if (start > CAPGAP_CONV_END && is_unowned(owner_at(j->fn, start - 4)))
		return CAPGAP_REASON_LIVE;
	return CAPGAP_REASON_OBSERVED;
}

/* What holds for a whole run of dwords that hold the fill. */
static enum capgap_reason judge_run(const struct judge *j, unsigned start, unsigned end)
{
	enum capgap_reason below;

	if (end - start < j->min_gap)
		return j->by_caller ? CAPGAP_REASON_SHORT_RUN : CAPGAP_REASON_SHORT;
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
	bool whole = run == CAPGAP_REASON_SHORT || run == CAPGAP_REASON_SHORT_RUN ||
		     run == j->general;

	if (whole && run != CAPGAP_REASON_OBSERVED)
		return run;
	if (j->fn->free_space.exhaustive)
		return CAPGAP_REASON_UNLISTED;
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

/* What vouches for a range counts for no more than the image does. */
static enum capgap_reason capped(const struct judge *j, enum capgap_reason reason)
{
	return j->general == CAPGAP_REASON_OBSERVED ? reason : j->general;
}

/* What holds for a dword that is no part of a run. */
static enum capgap_reason judge_other(const struct judge *j, unsigned off)
{
	if (j->slot && off >= j->slot && off < j->slot + CAPGAP_PASID_LEN)
		return capped(j, CAPGAP_REASON_SLOT);
	switch (owner_at(j->fn, off)) {
	case CAPGAP_OWNER_ABSENT:
		return CAPGAP_REASON_ABSENT;
	case CAPGAP_OWNER_HEADER:
		return CAPGAP_REASON_HEADER;
	case CAPGAP_OWNER_VFIO:
		return CAPGAP_REASON_VFIO;
	case CAPGAP_OWNER_RESERVED:
		return CAPGAP_REASON_RESERVED;
	case CAPGAP_OWNER_LISTED:
		return capped(j, CAPGAP_REASON_LISTED);
	case CAPGAP_OWNER_ORPHAN:
		return CAPGAP_REASON_ORPHAN;
	case CAPGAP_OWNER_DESCRIPTOR:
		return capped(j, CAPGAP_REASON_DECLARED);
	case CAPGAP_OWNER_UNWALKED:
		return CAPGAP_REASON_UNWALKED;
	case CAPGAP_OWNER_FREE:
	case CAPGAP_OWNER_SHADOW:
		return capgap_image_is_changing(&j->fn->image, off, 4) ?
			       CAPGAP_REASON_CHANGING :
			       CAPGAP_REASON_NONZERO;
	default:
		return CAPGAP_REASON_OWNED;
	}
}

static void set(struct capgap_places *places, unsigned off, enum capgap_reason reason,
		unsigned cap)
{
	places->dw[(off - CAPGAP_CONV_END) / 4] =
		(struct capgap_place){ .off = (uint16_t)off,
				       .len = 4,
				       .grade = grade_of[reason],
				       .reason = reason,
				       .cap = (uint16_t)cap };
}

static void set_run(struct capgap_places *places, unsigned off, enum capgap_reason reason)
{
	set(places, off, reason, CAPGAP_NO_CAP);
	places->dw[(off - CAPGAP_CONV_END) / 4].run = true;
}

int capgap_places_declared(const struct capgap_function *fn, unsigned off)
{
	const struct capgap_declared *range;

	for (unsigned i = 0; i < fn->free_space.n_ranges; i++) {
		range = &fn->free_space.range[i];
		if (range->usable && off >= range->off && off - range->off < range->len)
			return (int)i;
	}
	return -1;
}

/* Judge the dword at @off, which no run holds, and name whose it is. */
static void set_other(struct capgap_places *places, const struct judge *j, unsigned off)
{
	enum capgap_reason reason = judge_other(j, off);
	enum capgap_owner owner = owner_at(j->fn, off);
	const struct capgap_claim *claim = capgap_map_claim_of(&j->fn->map, off, owner);
	unsigned cap = CAPGAP_NO_CAP;
	int range;

	if (claim && owner != CAPGAP_OWNER_ORPHAN && owner != CAPGAP_OWNER_VFIO)
		cap = claim->cap;
	range = owner == CAPGAP_OWNER_DESCRIPTOR ? capgap_places_declared(j->fn, off) :
						   -1;
	set(places, off, reason, range >= 0 ? (unsigned)range : cap);
}

/* Nothing but the owners of bytes that are in use stands against a vouched offset. */
static bool can_be_vouched(const struct judge *j, unsigned off)
{
	enum capgap_owner owner = owner_at(j->fn, off);

	return is_unowned(owner) || owner == CAPGAP_OWNER_LISTED ||
	       owner == CAPGAP_OWNER_DESCRIPTOR;
}

/* The directory part of a path counts its characters up to the last slash. */
static bool same_directory(const char *a, const char *b)
{
	const char *slash = strrchr(a, '/');
	size_t len = slash ? (size_t)(slash - a) + 1 : 0;

	return strncmp(a, b, len) == 0 && !strchr(b + len, '/');
}

/* Of two rows that prefer: the most specific, then the later directory, then file order. */
static bool outranks(const struct capgap_quirk *a, const struct capgap_quirk *b)
{
	if (a->specificity != b->specificity)
		return a->specificity > b->specificity;
	if (same_directory(a->row->file, b->row->file))
		return a->order < b->order;
	return a->order > b->order;
}

/* Mark the offset that the quirk table prefers, where nothing stands against it. */
static void set_preferred(struct capgap_places *places, const struct judge *j)
{
	const struct capgap_function *fn = j->fn;
	const struct capgap_quirk *best = NULL;
	const struct capgap_quirk *quirk;
	unsigned off;

	for (size_t i = 0; i < capgap_function_quirks(fn); i++) {
		quirk = &fn->quirk[i];
		if (quirk->verb != CAPGAP_VERB_PREFER || quirk->off < CAPGAP_CONV_END ||
		    quirk->off > CAPGAP_SPACE_MAX - CAPGAP_PASID_LEN || quirk->off % 4)
			continue;
		if (can_be_vouched(j, quirk->off) && can_be_vouched(j, quirk->off + 4u) &&
		    (!best || outranks(quirk, best)))
			best = quirk;
	}
	if (!best)
		return;
	if (capgap_places_at(places, best->off)->run &&
	    capgap_places_at(places, best->off + 4u)->run)
		places->cut = best->off;
	for (off = best->off; off < best->off + CAPGAP_PASID_LEN; off += 4)
		set(places, off, capped(j, CAPGAP_REASON_PREFERRED),
		    (unsigned)(best - fn->quirk));
}

/* A gap descriptor that can be used, but is too short to be carved. */
static bool is_short_gap(const struct capgap_free_space *fs, unsigned range)
{
	const struct capgap_descriptor *d = &fs->descriptor[fs->range[range].descriptor];

	return fs->range[range].usable && d->form == CAPGAP_FORM_GAP &&
	       d->len < DVSEC_CARVE_MIN;
}

bool capgap_places_is_replaceable(const struct capgap_function *fn, unsigned off)
{
	const struct capgap_free_space *fs = &fn->free_space;

	for (unsigned i = 0; i < fs->n_ranges; i++) {
		if (is_short_gap(fs, i) &&
		    fs->descriptor[fs->range[i].descriptor].off == off)
			return true;
	}
	return false;
}

/* Mark gap descriptors that are too short to be carved: the capability takes their place. */
static void set_replaceable(struct capgap_places *places, const struct judge *j)
{
	const struct capgap_free_space *fs = &j->fn->free_space;
	unsigned off;

	for (unsigned i = 0; i < fs->n_ranges; i++) {
		if (!is_short_gap(fs, i))
			continue;
		off = fs->descriptor[fs->range[i].descriptor].off;
		set(places, off, capped(j, CAPGAP_REASON_REPLACE), i);
		set(places, off + 4u, capped(j, CAPGAP_REASON_REPLACE), i);
	}
}

void capgap_places_judge(struct capgap_places *places, const struct capgap_function *fn,
			 unsigned min_gap, bool by_caller)
{
	struct judge j = { .fn = fn, .min_gap = min_gap, .by_caller = by_caller };
	enum capgap_reason run;
	unsigned end;

	places->cut = 0;
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
			set_run(places, at, judge_free(&j, at, run));
	}
	set_replaceable(places, &j);
	set_preferred(places, &j);
}

const struct capgap_place *capgap_places_at(const struct capgap_places *places,
					    unsigned off)
{
	return &places->dw[(off - CAPGAP_CONV_END) / 4];
}

/* The pieces of a run that a preferred offset cuts know of each other. */
static void join_cut(struct capgap_place *place, unsigned n, unsigned cut)
{
	struct capgap_place *low = NULL;
	struct capgap_place *high = NULL;

	for (unsigned i = 0; i < n; i++) {
		if (place[i].run && place[i].off + place[i].len == cut)
			low = &place[i];
		if (place[i].run && place[i].off == cut + CAPGAP_PASID_LEN)
			high = &place[i];
	}
	if (low)
		low->behind = (uint16_t)(CAPGAP_PASID_LEN + (high ? high->len : 0));
	if (high)
		high->before = (uint16_t)(CAPGAP_PASID_LEN + (low ? low->len : 0));
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
		    last->run == dw->run && last->off + last->len == dw->off)
			last->len = (uint16_t)(last->len + 4);
		else
			out[n++] = *dw;
	}
	if (places->cut)
		join_cut(out, n, places->cut);
	return n;
}
