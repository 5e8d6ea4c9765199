/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One offset for many functions: intersect what they allow, then the ties, once. */
#include <stdio.h>
#include <string.h>

#include "common_parts.h"

/* Last offset at which the capability fits, and where VMMs put it by default. */
#define LAST_OFFSET (CAPGAP_SPACE_MAX - CAPGAP_PASID_LEN)

/**
 * struct choice - the offsets to choose from
 * @common: whose tally
 * @group: whose
 * @want: functions that have to allow an offset
 */
struct choice {
	const struct capgap_common *common;
	const struct group *group;
	uint32_t want;
};

/**
 * struct stretch - offsets of one range that are all alike
 * @first: index of the first
 * @last: index of the last
 * @offset: the one that ties favour; 0 for none
 * @tie: which tie; the lower the better
 */
struct stretch {
	unsigned first;
	unsigned last;
	unsigned offset;
	size_t tie;
};

static void count_run(struct tally *tally, const struct run *run, uint32_t n)
{
	struct cell *cell;

	for (unsigned off = run->first; off <= run->last; off += 4) {
		cell = &tally->cell[COMMON_INDEX(off)];
		if (!cell->n || run->grade < cell->grade)
			cell->grade = run->grade;
		cell->n += n;
		cell->n_spoilt += run->spoilt ? n : 0;
		cell->n_preferred += run->preferred ? n : 0;
		cell->declared |= run->declared;
	}
	tally->cell[COMMON_INDEX(run->first)].edge = true;
	if (run->last < LAST_OFFSET)
		tally->cell[COMMON_INDEX(run->last) + 1].edge = true;
}

bool common_counts(const struct capgap_common *common, const struct run *run)
{
	return run->grade >= common->need && !run->unlinked;
}

void common_tally(struct tally *tally, const struct capgap_common *common,
		  const struct run *run, unsigned n_runs, uint32_t n)
{
	for (unsigned i = 0; i < n_runs; i++) {
		if (common_counts(common, &run[i]))
			count_run(tally, &run[i], n);
	}
}

static void tally_group(struct tally *tally, const struct capgap_common *common,
			const struct group *group)
{
	if (group->rest)
		*tally = *group->rest;
	else
		memset(tally, 0, sizeof(*tally));
	for (const struct profile *p = group->profiles; p; p = p->next)
		common_tally(tally, common, p->run, p->n_runs, p->n);
}

static bool has_offset(const struct stretch *s, unsigned off)
{
	return off >= COMMON_OFFSET(s->first) && off <= COMMON_OFFSET(s->last);
}

/* Where quirks prefer it; for most functions, where they disagree. */
static unsigned tie_preferred(const struct choice *c, const struct stretch *s)
{
	const struct cell *cell = c->common->tally.cell;
	unsigned best = s->first;

	for (unsigned i = s->first; i <= s->last; i++) {
		if (cell[i].n_preferred > cell[best].n_preferred)
			best = i;
	}
	return cell[best].n_preferred ? COMMON_OFFSET(best) : 0;
}

/* Lists without entries can only be given a head, unless the VMM makes a null header. */
static unsigned tie_head(const struct choice *c, const struct stretch *s)
{
	bool head = c->group->n_empty == c->group->n_applicable &&
		    c->common->policy.vmm != CAPGAP_VMM_GENERIC;

	return head && s->first == 0 ? CAPGAP_CONV_END : 0;
}

/* The functions' own slots, and those of the physical ones, where they are all the same. */
static unsigned tie_slot(const struct choice *c, const struct stretch *s)
{
	return !c->group->hints_differ && has_offset(s, c->group->hint) ? c->group->hint :
									  0;
}

/* At `assumed`, and where somebody vouches for it, the end of space. */
static unsigned tie_end(const struct choice *c, const struct stretch *s)
{
	return c->common->tally.cell[s->first].grade != CAPGAP_GRADE_OBSERVED &&
			       has_offset(s, LAST_OFFSET) ?
		       LAST_OFFSET :
		       0;
}

/* Ties inside a grade, in the order of the planner's for one function. */
static const struct tie {
	unsigned (*offset)(const struct choice *c, const struct stretch *s);
	const char *why;
} ties[] = {
	{ tie_preferred, "where the quirk table prefers it" },
	{ tie_head, "the head of lists without entries" },
	{ tie_slot, "their own slot, or that of their physical functions" },
	{ tie_end, "the end of space, where VMMs place it by default" },
	{ NULL, "in the longest range that all have" },
};

#define NO_TIE (sizeof(ties) / sizeof(ties[0]) - 1)

static void find_tie(const struct choice *c, struct stretch *s)
{
	for (s->tie = 0; s->tie < NO_TIE; s->tie++) {
		s->offset = ties[s->tie].offset(c, s);
		if (s->offset)
			return;
	}
	s->offset = 0;
}

/* The next stretch from index @from on; false behind the last. */
static bool next_stretch(const struct choice *c, unsigned from, struct stretch *s)
{
	const struct cell *cell = c->common->tally.cell;
	unsigned i = from;

	while (i < CAPGAP_PLACES_MAX && cell[i].n != c->want)
		i++;
	if (i >= CAPGAP_PLACES_MAX)
		return false;
	s->first = i;
	while (i + 1 < CAPGAP_PLACES_MAX && cell[i + 1].n == c->want &&
	       !cell[i + 1].edge && cell[i + 1].grade == cell[s->first].grade &&
	       cell[i + 1].n_spoilt == cell[s->first].n_spoilt)
		i++;
	s->last = i;
	find_tie(c, s);
	return true;
}

static bool is_better(const struct choice *c, const struct stretch *a,
		      const struct stretch *b)
{
	const struct cell *cell_a = &c->common->tally.cell[a->first];
	const struct cell *cell_b = &c->common->tally.cell[b->first];

	if (cell_a->n_spoilt != cell_b->n_spoilt)
		return cell_a->n_spoilt < cell_b->n_spoilt;
	if (cell_a->grade != cell_b->grade)
		return cell_a->grade > cell_b->grade;
	if (a->tie != b->tie)
		return a->tie < b->tie;
	return a->tie == NO_TIE && a->last - a->first > b->last - b->first;
}

/*
 * All slots are at 0x100, where a VMM cannot insert: from 0x104 on both their registers
 * are covered.
 */
static bool take_above_slot(const struct choice *c, struct stretch *best)
{
	const struct cell *cell = &c->common->tally.cell[1];

	if (!c->want || c->group->n_above_slot != c->group->n_applicable ||
	    cell->n != c->want || cell->n_spoilt)
		return false;
	*best = (struct stretch){ 1, 1, COMMON_OFFSET(1), 2 };
	return true;
}

/* The best stretch of offsets that enough functions allow; false where there is none. */
static bool find_best(const struct choice *c, struct stretch *best)
{
	struct stretch s = { 0, 0, 0, 0 };
	bool any = false;

	if (!c->want)
		return false;
	if (take_above_slot(c, best))
		return true;
	for (unsigned from = 0; next_stretch(c, from, &s); from = s.last + 1) {
		if (!any || is_better(c, &s, best))
			*best = s;
		any = true;
	}
	return any;
}

/*
 * The middle of a run, rounded down to a dword; where it is declared free, its end, so that
 * the rest stays declared in one piece.
 */
static unsigned offset_in(const struct choice *c, const struct stretch *s)
{
	unsigned first = COMMON_OFFSET(s->first);
	unsigned last = COMMON_OFFSET(s->last);
	unsigned middle = (first + (last - first + CAPGAP_PASID_LEN) / 2u) & ~3u;

	if (s->offset)
		return s->offset;
	if (c->common->tally.cell[s->first].declared)
		return last;
	return middle < last ? middle : last;
}

static void add_alternatives(const struct choice *c, const struct stretch *best,
			     struct capgap_common_answer *ans)
{
	struct stretch s = { 0, 0, 0, 0 };
	struct capgap_common_range *range;

	for (unsigned from = 0; next_stretch(c, from, &s); from = s.last + 1) {
		if (s.first <= best->last && best->first <= s.last)
			continue;
		range = &ans->alternative[ans->n_alternatives++];
		range->range.off = (uint16_t)COMMON_OFFSET(s.first);
		range->range.len = (uint16_t)(4 * (s.last - s.first) + CAPGAP_PASID_LEN);
		range->grade = (enum capgap_grade)c->common->tally.cell[s.first].grade;
	}
}

static void settle_joint(struct capgap_common_answer *ans, const struct group *group)
{
	struct capgap_joint *joint = &ans->joint;

	*joint = group->joint;
	if (joint->n_no)
		joint->supported = CAPGAP_IS_NO;
	else if (joint->n_unknown || !joint->n_yes)
		joint->supported = CAPGAP_IS_UNKNOWN;
	else
		joint->supported = CAPGAP_IS_YES;
}

static uint32_t greatest(const struct tally *tally)
{
	uint32_t n = 0;

	for (unsigned i = 0; i < CAPGAP_PLACES_MAX; i++) {
		if (tally->cell[i].n > n)
			n = tally->cell[i].n;
	}
	return n;
}

static void refuse(const struct capgap_common *common, struct capgap_common_answer *ans)
{
	if (!ans->n_applicable)
		snprintf(ans->refusal, sizeof(ans->refusal),
			 "no function that a VMM could place it in");
	else if (common->policy.has_offset)
		snprintf(ans->refusal, sizeof(ans->refusal),
			 "0x%03x is not free in all of them", common->policy.offset);
	else
		snprintf(ans->refusal, sizeof(ans->refusal),
			 "no offset is %s or better in all of them",
			 capgap_grade_name(common->policy.require));
}

/* The best offset that all functions allow, or else the one that most of them do. */
static void pick(struct capgap_common *common, const struct group *group)
{
	struct capgap_common_answer *ans = &common->answer;
	struct choice c = { common, group, greatest(&common->tally) };
	struct stretch best = { 0, 0, 0, 0 };
	const struct cell *cell;

	ans->by_caller = common->policy.has_offset;
	ans->offset = common->policy.offset; /* the caller's, or 0 */
	if (!find_best(&c, &best)) {
		refuse(common, ans);
		return;
	}
	ans->offset = (uint16_t)offset_in(&c, &best);
	cell = &common->tally.cell[COMMON_INDEX(ans->offset)];
	ans->grade = (enum capgap_grade)cell->grade;
	ans->n_agree = cell->n;
	ans->spoilt.n = cell->n_spoilt;
	ans->found = ans->n_agree == ans->n_applicable;
	ans->meets = ans->found && ans->grade >= common->policy.require;
	if (!ans->found) {
		refuse(common, ans);
		return;
	}
	add_alternatives(&c, &best, ans);
	if (ans->n_present == ans->n_applicable)
		ans->grade = CAPGAP_GRADE_NONE;
	else if (!ans->by_caller && ans->n_applicable > 1)
		ans->tie = ties[best.tie].why;
}

int common_answer(struct capgap_common *common, const struct group *group)
{
	struct capgap_common_answer *ans = &common->answer;

	memset(ans, 0, sizeof(*ans));
	ans->group = group->label[0] ? group->label : NULL;
	ans->has_ids = group->has_ids;
	ans->vendor = group->vendor;
	ans->device = group->device;
	ans->n_functions = group->n_functions;
	ans->n_applicable = group->n_applicable;
	ans->n_present = group->n_present;
	settle_joint(ans, group);
	tally_group(&common->tally, common, group);
	pick(common, group);
	return common_explain(common, group);
}
