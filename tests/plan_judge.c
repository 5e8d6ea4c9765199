/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A judge of plans, by brute force; see plan_judge.h. */
#include "plan_judge.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define PASID_LEN 8u
#define ID_PASID 0x001bu

static char complaint[256];

static const char *complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static const char *complain(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(complaint, sizeof(complaint), fmt, args);
	va_end(args);
	return complaint;
}

/* 0x700-0xbff and 0xd00-0xfff. */
static bool in_band(unsigned off)
{
	return (off >= 0x700 && off < 0xc00) || off >= 0xd00;
}

/* Nobody has the byte for certain, and it reads as nothing. */
static bool is_empty(const struct layout *l, unsigned off)
{
	return (l->owner[off] == LAYOUT_FREE || l->owner[off] == LAYOUT_SHADOW) &&
	       l->bytes[off] == l->fill;
}

static bool is_vouched(const struct layout *l, unsigned off)
{
	return l->listed[off] || l->declared[off];
}

/* What makes every grade assumed at most. */
static bool is_doubtful(const struct layout *l)
{
	return !l->whole || l->quirk == LAYOUT_QUIRK_SUSPECT;
}

static bool is_structure(const struct layout *l, unsigned off)
{
	return l->owner[off] == LAYOUT_EXACT || l->owner[off] == LAYOUT_ATMOST ||
	       l->owner[off] == LAYOUT_UNKNOWN;
}

/*
 * What borders on a run speaks against it where nobody owns it though it holds something,
 * or, below, where the end of a structure is not certain. A shadow that ends without a
 * structure is that of a DVSEC, whose Length says so.
 */
static bool is_doubted(const struct layout *l, unsigned off)
{
	return l->owner[off] == LAYOUT_FREE && !is_vouched(l, off);
}

/* DESIGN: within 4 bytes of an end that is a cautious figure; a null header takes 4. */
static bool is_behind_atmost(const struct layout *l, unsigned off)
{
	return l->owner[off - 1] == LAYOUT_ATMOST || l->owner[off - 4] == LAYOUT_ATMOST ||
	       l->owner[off - 5] == LAYOUT_ATMOST;
}

static bool same_run(const struct layout *l, unsigned a, unsigned b)
{
	return is_empty(l, b) && !is_vouched(l, b) && l->owner[a] == l->owner[b];
}

/* The best grade of each byte, by judge_prepare(). */
static uint8_t grades[GUEST_SPACE];

/* A run as a whole; a hazard band and a shadow are its bytes' own matter. */
static enum capgap_grade best_of_run(const struct layout *l, unsigned min_gap,
				     unsigned from, unsigned to)
{
	if (to - from < min_gap || l->exhaustive || l->owner[from] == LAYOUT_SHADOW)
		return CAPGAP_GRADE_ASSUMED;
	if (from > GUEST_EXT && (is_doubted(l, from - 1) || is_behind_atmost(l, from)))
		return CAPGAP_GRADE_ASSUMED;
	if (to < GUEST_SPACE && is_doubted(l, to))
		return CAPGAP_GRADE_ASSUMED;
	return CAPGAP_GRADE_OBSERVED;
}

static void grade_run(const struct layout *l, unsigned min_gap, unsigned from,
		      unsigned to)
{
	enum capgap_grade grade = best_of_run(l, min_gap, from, to);

	for (unsigned off = from; off < to; off++)
		grades[off] = (uint8_t)(in_band(off) ? CAPGAP_GRADE_ASSUMED : grade);
}

static void grade_byte(const struct layout *l, unsigned off)
{
	if (l->slot && off - l->slot < PASID_LEN)
		grades[off] = CAPGAP_GRADE_SLOT;
	else if (l->listed[off])
		grades[off] = CAPGAP_GRADE_LISTED;
	else if (l->declared[off])
		grades[off] = CAPGAP_GRADE_DECLARED;
	if (grades[off] && is_doubtful(l))
		grades[off] = CAPGAP_GRADE_ASSUMED;
}

void judge_prepare(const struct layout *l, unsigned min_gap)
{
	unsigned to;

	memset(grades, 0, sizeof(grades));
	for (unsigned off = GUEST_EXT; off < GUEST_SPACE; off = to) {
		to = off + 1;
		if (!is_empty(l, off) || is_vouched(l, off))
			continue;
		while (to < GUEST_SPACE && same_run(l, off, to))
			to++;
		grade_run(l, min_gap, off, to);
	}
	for (unsigned off = GUEST_EXT; off < GUEST_SPACE; off++)
		grade_byte(l, off);
}

/* A gap form too short to be carved; the capability may stand in its place. */
static bool is_replaceable(const struct layout *l, unsigned off)
{
	for (unsigned i = 0; i < l->n_ranges; i++) {
		if (l->range[i].cap == off && l->range[i].dw == off + 4 &&
		    l->range[i].usable && l->range[i].len < PASID_LEN)
			return true;
	}
	return false;
}

static bool is_preferred(const struct layout *l, unsigned off)
{
	if (off != l->prefer)
		return false;
	for (unsigned i = off; i < off + PASID_LEN; i++) {
		if (l->owner[i] != LAYOUT_FREE && l->owner[i] != LAYOUT_SHADOW)
			return false;
	}
	return off;
}

/* The best grade that bytes can have; NONE where nothing may be placed. */
static enum capgap_grade best_at(const struct layout *l, unsigned off, unsigned len)
{
	enum capgap_grade grade = CAPGAP_GRADE_SLOT;

	if (off + len > GUEST_SPACE)
		return CAPGAP_GRADE_NONE;
	for (unsigned i = off; i < off + len; i++)
		grade = grades[i] < grade ? (enum capgap_grade)grades[i] : grade;
	if (len != PASID_LEN)
		return grade;
	if (is_preferred(l, off))
		grade = CAPGAP_GRADE_LISTED;
	if (is_replaceable(l, off))
		grade = CAPGAP_GRADE_DECLARED;
	return grade > CAPGAP_GRADE_ASSUMED && is_doubtful(l) ? CAPGAP_GRADE_ASSUMED :
								grade;
}

unsigned judge_clean_run(const struct layout *l, unsigned from, unsigned *off)
{
	unsigned to;

	if (is_doubtful(l) || l->exhaustive)
		return 0;
	for (unsigned at = from; at < GUEST_SPACE; at = to) {
		to = at + 1;
		if (at == GUEST_EXT || l->owner[at - 1] != LAYOUT_EXACT ||
		    is_behind_atmost(l, at))
			continue;
		while (to <= GUEST_SPACE && l->owner[to - 1] == LAYOUT_FREE &&
		       is_empty(l, to - 1) && !is_vouched(l, to - 1) && !in_band(to - 1))
			to++;
		to--;
		if (to > at && to < GUEST_SPACE && is_structure(l, to)) {
			*off = at;
			return to - at;
		}
		to = to > at ? to : at + 1;
	}
	return 0;
}

/* Empty bytes on both sides; @alone: all of the same run, and on the same side of a band. */
static bool is_guarded(const struct layout *l, unsigned off, unsigned len, unsigned guard,
		       bool alone)
{
	if (off < GUEST_EXT + guard || off + len + guard > GUEST_SPACE)
		return false;
	for (unsigned i = off - guard; i < off + len + guard; i++) {
		if (!is_empty(l, i))
			return false;
		if (alone && (!same_run(l, off, i) || in_band(i) != in_band(off)))
			return false;
	}
	return true;
}

/* What is said of one capability: its bytes, and the guard around them. */
static const char *judge_one(const struct plan_case *c, const char *what, unsigned off,
			     unsigned len, enum capgap_grade grade)
{
	bool guarded = !c->plan->by_caller;
	enum capgap_grade most = best_at(c->layout, off, len);
	unsigned guard = c->policy->guard;

	if (off % 4 || off < GUEST_EXT || off + len > GUEST_SPACE)
		return complain("%s at 0x%03x", what, off);
	if (!most)
		return complain("%s at 0x%03x, %u bytes, is on bytes in use", what, off,
				len);
	if (grade > most)
		return complain("%s at 0x%03x has grade %s, where %s is the best", what,
				off, capgap_grade_name(grade), capgap_grade_name(most));
	for (unsigned i = off; i < off + len; i++)
		guarded = guarded && !is_vouched(c->layout, i) &&
			  c->layout->owner[i] != LAYOUT_EXACT;
	if (guarded && !is_preferred(c->layout, off) &&
	    !is_guarded(c->layout, off, len, guard, false))
		return complain("%s at 0x%03x has no guard of %u bytes", what, off,
				guard);
	return NULL;
}

const char *judge_bytes(const struct plan_case *c)
{
	const struct capgap_plan *plan = c->plan;
	enum capgap_grade least = plan->by_caller ? CAPGAP_GRADE_ASSUMED :
						    c->policy->require;
	const char *wrong;

	if (plan->by_caller != c->policy->has_offset)
		return complain("by_caller is %d", plan->by_caller);
	if (plan->by_caller && plan->offset != c->policy->offset)
		return complain("0x%03x is not the caller's", plan->offset);
	if (c->policy->force && plan->by_caller && !plan->grade)
		return NULL;
	if (!plan->grade)
		return complain("nobody forced it, and it has no grade");
	if (plan->grade < least)
		return complain("grade %s", capgap_grade_name(plan->grade));
	wrong = judge_one(c, "PASID", plan->offset, PASID_LEN, plan->grade);
	for (unsigned i = 0; !wrong && i < c->policy->n_wants; i++)
		wrong = judge_one(c, "another", plan->want_off[i], c->policy->want[i].len,
				  least);
	return wrong;
}

/* The list can be made to lead to any place: something in it is shown. */
static bool is_linkable(const struct plan_case *c)
{
	return guest_get32(c->view, GUEST_EXT) != 0;
}

/* The best grade for which there is a place beyond doubt. */
static enum capgap_grade best_of_all(const struct plan_case *c)
{
	const struct layout *l = c->layout;
	bool old = c->policy->kernel == CAPGAP_KERNEL_OLD;
	enum capgap_grade best = CAPGAP_GRADE_NONE;
	enum capgap_grade here;
	unsigned run;
	unsigned off = GUEST_EXT;

	for (unsigned at = GUEST_EXT; at <= GUEST_SPACE - PASID_LEN; at += 4) {
		here = best_at(l, at, PASID_LEN);
		if (here < CAPGAP_GRADE_DECLARED || (old && is_replaceable(l, at)))
			continue;
		/* Half in one range and half in another, or in none, is no place. */
		if (here != CAPGAP_GRADE_SLOT && !is_replaceable(l, at) &&
		    l->declared[at] != l->declared[at + 4])
			continue;
		/*
		 * Vouched for, but perhaps an orphan's, or spanned by a descriptor that is
		 * of no use, which the guest takes for a structure.
		 */
		if (here != CAPGAP_GRADE_SLOT && !is_replaceable(l, at) &&
		    (l->owner[at] != LAYOUT_FREE || l->owner[at + 4] != LAYOUT_FREE))
			continue;
		if (here > best)
			best = here;
	}
	while (!best && (run = judge_clean_run(l, off, &off))) {
		if (run >= c->policy->min_gap && run >= PASID_LEN + 2 * c->policy->guard)
			best = CAPGAP_GRADE_OBSERVED;
		off += run;
	}
	return best;
}

/* A clean run that holds all that is wanted with room around each. */
static bool has_room_for_all(const struct plan_case *c)
{
	unsigned need = PASID_LEN + 2 * c->policy->guard;
	unsigned off = GUEST_EXT;
	unsigned run;

	for (unsigned i = 0; i < c->policy->n_wants; i++)
		need += c->policy->want[i].len + 2 * c->policy->guard;
	while ((run = judge_clean_run(c->layout, off, &off))) {
		if (run >= need && run >= c->policy->min_gap)
			return true;
		off += run;
	}
	return false;
}

/* The caller's offset: what there is to object to, and what there is not. */
static const char *judge_caller(const struct plan_case *c)
{
	const struct layout *l = c->layout;
	unsigned off = c->policy->offset;
	enum capgap_grade most = best_at(l, off, PASID_LEN);

	if (c->policy->force)
		return NULL;
	if (!most && c->plan->found)
		return complain("0x%03x is in use, and planned", off);
	for (unsigned i = off; i < off + PASID_LEN; i++) {
		if (i >= GUEST_SPACE || l->declared[i])
			return NULL;
	}
	if (most && is_linkable(c) && !c->policy->n_wants && !c->plan->found &&
	    is_guarded(l, off, PASID_LEN, c->policy->guard, true))
		return complain("0x%03x is free, and refused: %s", off, c->plan->refusal);
	return NULL;
}

/* The run of one policy, that a placement of grade observed stands in. */
static unsigned run_length(const struct layout *l, unsigned off)
{
	unsigned from = off;
	unsigned to = off;

	while (from > GUEST_EXT && is_empty(l, from - 1) && !in_band(from - 1))
		from--;
	while (to < GUEST_SPACE && is_empty(l, to) && !in_band(to))
		to++;
	return to - from;
}

/* DESIGN: at grade observed the physical function's offset, else the longest run. */
static const char *judge_tie(const struct plan_case *c)
{
	const struct layout *l = c->layout;
	unsigned chosen = run_length(l, c->plan->offset);
	unsigned off = GUEST_EXT;
	unsigned run;
	bool pf = false;

	if (c->plan->grade != CAPGAP_GRADE_OBSERVED || l->slot || c->policy->guard ||
	    c->policy->n_wants || c->policy->vmm != CAPGAP_VMM_GENERIC)
		return NULL;
	for (; (run = judge_clean_run(l, off, &off)); off += run)
		pf = pf || (run >= c->policy->min_gap && l->pf_pasid >= off &&
			    l->pf_pasid + PASID_LEN <= off + run);
	if (pf)
		return c->plan->offset == l->pf_pasid ?
			       NULL :
			       complain("0x%03x, and not 0x%03x as the PF",
					c->plan->offset, l->pf_pasid);
	for (off = GUEST_EXT; (run = judge_clean_run(l, off, &off)); off += run) {
		if (run > chosen && c->plan->offset != l->pf_pasid)
			return complain("0x%03x in %u bytes, and not in the %u at 0x%03x",
					c->plan->offset, chosen, run, off);
	}
	return NULL;
}

const char *judge_completeness(const struct plan_case *c)
{
	const struct layout *l = c->layout;
	const struct capgap_plan *plan = c->plan;
	enum capgap_grade best;

	if (l->quirk == LAYOUT_QUIRK_REFUSE)
		return plan->found && !c->policy->force ?
			       complain("planned where a quirk refuses") :
			       NULL;
	if (c->policy->has_offset)
		return judge_caller(c);
	if (!is_linkable(c))
		return l->n_caps && plan->found && l->slot != GUEST_EXT ?
			       complain("planned where the view shows no list") :
			       NULL;
	if (c->policy->n_wants)
		return has_room_for_all(c) && !plan->found &&
				       c->policy->require <= CAPGAP_GRADE_OBSERVED ?
			       complain("room for all, and refused: %s", plan->refusal) :
			       NULL;
	best = best_of_all(c);
	if (best && best >= c->policy->require && !plan->found)
		return complain("a place of grade %s, and refused: %s",
				capgap_grade_name(best), plan->refusal);
	/* DESIGN: where the slot is 0x100, 0x104 is tried first. */
	if (plan->found && c->policy->vmm == CAPGAP_VMM_GENERIC && plan->grade < best &&
	    (l->slot != GUEST_EXT || plan->offset != GUEST_EXT + 4))
		return complain("grade %s, where %s is to be had",
				capgap_grade_name(plan->grade), capgap_grade_name(best));
	return plan->found ? judge_tie(c) : NULL;
}

const char *judge_default(const struct plan_case *c)
{
	const struct capgap_plan *plan = c->plan;
	const struct capgap_verdict *verdict = &plan->by_default;

	if (!plan->has_default)
		return NULL;
	if (verdict->vmm != c->policy->vmm)
		return "the default of another VMM";
	if (plan->default_grade > best_at(c->layout, verdict->offset, PASID_LEN))
		return complain("the default 0x%03x has grade %s", verdict->offset,
				capgap_grade_name(plan->default_grade));
	if (plan->default_safe && verdict->placed &&
	    (plan->default_grade < c->policy->require ||
	     verdict->kind == CAPGAP_VERDICT_CORRUPTS))
		return complain("the default 0x%03x is not safe", verdict->offset);
	if (!plan->default_safe && !verdict->placed &&
	    verdict->kind != CAPGAP_VERDICT_CORRUPTS)
		return "a default that places nothing does harm";
	return NULL;
}
