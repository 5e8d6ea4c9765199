/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What has come of a capability, told by walking the guest's bytes without it and with it. */
#include "vmm_rules.h"

#include "../analyzer/bytes.h"
#include "../analyzer/header.h"

/**
 * struct look - both walks
 * @r: borrowed
 * @plan: the plan's edits, or NULL
 * @off: where the capability was put
 * @at: what the answer speaks of
 * @before: the list without it
 * @after: the list with it
 */
struct look {
	const struct vmm_replay *r;
	const struct capgap_edits *plan;
	unsigned off;
	unsigned at;
	struct capgap_chain before;
	struct capgap_chain after;
};

/* Entries that say something: null headers come and go with what is linked. */
static bool counts(const struct look *l, const struct capgap_cap *cap)
{
	if (cap->id == CAPGAP_ECAP_NULL_CAP || cap->off < CAPGAP_CONV_END)
		return false;
	/* A plan may put the capability in the place of a free-space descriptor. */
	return !l->plan || l->plan->link != CAPGAP_LINK_REPLACE || cap->off != l->off ||
	       cap->id == CAPGAP_ECAP_PASID;
}

static bool same(const struct capgap_cap *a, const struct capgap_cap *b)
{
	return a->off == b->off && a->id == b->id && a->version == b->version;
}

static bool is_among(const struct capgap_chain *chain, const struct capgap_cap *cap)
{
	for (unsigned i = chain->n_conv; i < chain->n; i++) {
		if (same(&chain->cap[i], cap))
			return true;
	}
	return false;
}

/* A PASID capability that the guest sees without this one. */
static bool has_second(struct look *l)
{
	const struct capgap_cap *cap = capgap_chain_find(&l->before, CAPGAP_EXT,
							 CAPGAP_ECAP_PASID);

	if (cap)
		l->at = cap->off;
	return cap != NULL;
}

/* A header that lies in the @len bytes at @off. */
static bool hits_header(struct look *l, unsigned off, unsigned len)
{
	const struct capgap_cap *cap;

	for (unsigned i = l->before.n_conv; i < l->before.n; i++) {
		cap = &l->before.cap[i];
		if (counts(l, cap) && cap->off < off + len && off < cap->off + 4u) {
			l->at = cap->off;
			return true;
		}
	}
	return false;
}

/* A header that the plan wrote where none was: that of a capability beside the one placed. */
static bool is_planned(const struct look *l, const struct capgap_cap *cap)
{
	const struct capgap_edits *plan = l->plan;

	if (cap->off >= l->off && cap->off < l->off + CAPGAP_PASID_LEN)
		return false;
	for (unsigned i = l->before.n_conv; i < l->before.n; i++) {
		if (counts(l, &l->before.cap[i]) && l->before.cap[i].off == cap->off)
			return false;
	}
	for (unsigned i = 0; plan && i < plan->n; i++) {
		if (plan->edit[i].off == cap->off)
			return true;
	}
	return false;
}

/* The entry that a list comes back to, or 0 where it ends. */
static unsigned loop_of(const struct capgap_chain *chain)
{
	unsigned next = chain->n > chain->n_conv ? chain->cap[chain->n - 1].next : 0;

	for (unsigned i = chain->n_conv; i < chain->n; i++) {
		if (next && chain->cap[i].off == next)
			return next;
	}
	return 0;
}

/* Whether the list comes back where it did not before. */
static bool has_new_loop(struct look *l)
{
	unsigned loop = loop_of(&l->after);

	if (!loop || loop == loop_of(&l->before))
		return false;
	l->at = loop;
	return true;
}

/*
 * The list with the capability must be the list without it, in its order, and the
 * capability once; a plan may have put others beside it.
 */
static bool is_list_whole(struct look *l)
{
	const struct capgap_cap *cap;
	unsigned old = l->before.n_conv;
	bool found = false;

	for (unsigned i = l->after.n_conv; i < l->after.n; i++) {
		cap = &l->after.cap[i];
		if (!counts(l, cap))
			continue;
		while (old < l->before.n && !counts(l, &l->before.cap[old]))
			old++;
		l->at = cap->off;
		if (cap->off == l->off && cap->id == CAPGAP_ECAP_PASID && !found)
			found = true;
		else if (old < l->before.n && same(cap, &l->before.cap[old]))
			old++;
		else if (!is_planned(l, cap))
			return false;
	}
	while (old < l->before.n && !counts(l, &l->before.cap[old]))
		old++;
	l->at = old < l->before.n ? l->before.cap[old].off : l->off;
	return found && old == l->before.n;
}

/* The PCI-compatible space is nobody's to change. */
static bool is_conv_whole(struct look *l)
{
	uint32_t before;
	uint32_t after;

	for (unsigned off = 0; off < CAPGAP_CONV_END; off += 4) {
		if (capgap_get32(&l->r->without, off, &before) &&
		    capgap_get32(&l->r->guest, off, &after) && before != after) {
			l->at = off;
			return false;
		}
	}
	return true;
}

/*
 * One past the last byte of a structure; a cautious figure ends at the next header, but
 * has what is certain of it.
 */
static unsigned end_of(const struct look *l, const struct capgap_cap *cap)
{
	const struct capgap_chain *truth = &l->r->c->fn->chain;
	unsigned end = cap->off + cap->owned;
	unsigned least = cap->off + cap->certain;

	if (cap->extent != CAPGAP_EXTENT_ATMOST)
		return end;
	for (unsigned i = truth->n_conv; i < truth->n; i++) {
		if (truth->cap[i].off > cap->off && truth->cap[i].off < end)
			end = truth->cap[i].off;
	}
	for (unsigned i = l->before.n_conv; i < l->before.n; i++) {
		if (l->before.cap[i].off > cap->off && l->before.cap[i].off < end)
			end = l->before.cap[i].off;
	}
	return end > least ? end : least;
}

/* The usable range of the gap form whose header stands at @off, or NULL. */
static const struct capgap_declared *gap_at(const struct look *l, unsigned off)
{
	const struct capgap_free_space *fs = &l->r->c->fn->free_space;
	const struct capgap_declared *range;

	for (unsigned i = 0; i < fs->n_ranges; i++) {
		range = &fs->range[i];
		if (range->usable && !range->entry &&
		    fs->descriptor[range->descriptor].off == off)
			return range;
	}
	return NULL;
}

/* True when a gap form, as the guest reads it, spans bytes from @off on. */
static bool still_spans(const struct look *l, unsigned descriptor, unsigned off)
{
	uint32_t header = 0;

	capgap_get32(&l->r->guest, descriptor + DVSEC_HEADER1, &header);
	return descriptor + DVSEC_HEADER1_LEN(header) > off;
}

/* What the structures of the guest say of the @len bytes at @off. */
static enum capgap_vmm_rule judge_bodies(struct look *l, unsigned off, unsigned len)
{
	enum capgap_vmm_rule worst = CAPGAP_VMM_RULE_PLACED;
	const struct capgap_declared *gap;
	const struct capgap_cap *cap;

	for (unsigned i = l->before.n_conv; i < l->before.n; i++) {
		cap = &l->before.cap[i];
		if (!counts(l, cap) || cap->off >= off + len || end_of(l, cap) <= off)
			continue;
		gap = gap_at(l, cap->off);
		if (gap && off >= gap->off && !still_spans(l, cap->off, off))
			continue;
		l->at = cap->off;
		if (!gap || off < gap->off)
			return CAPGAP_VMM_RULE_OVERWRITES_BODY;
		worst = CAPGAP_VMM_RULE_IN_DESCRIPTOR;
	}
	return worst;
}

/* An entry of a table that the guest sees, and that still declares bytes of the capability. */
static bool is_listed_free(struct look *l)
{
	const struct capgap_free_space *fs = &l->r->c->fn->free_space;
	const struct capgap_cap *cap;
	uint32_t entry;
	unsigned first;

	for (unsigned i = 0; i < fs->n_ranges; i++) {
		if (!fs->range[i].usable || !fs->range[i].entry ||
		    !capgap_get32(&l->r->guest, fs->range[i].entry, &entry))
			continue;
		cap = capgap_chain_find(&l->after, CAPGAP_EXT, CAPGAP_ECAP_DVSEC);
		while (cap && cap < l->after.cap + l->after.n &&
		       cap->off != fs->descriptor[fs->range[i].descriptor].off)
			cap++;
		if (!cap || cap == l->after.cap + l->after.n)
			continue;
		first = DVSEC_ENTRY_OFF(entry);
		l->at = fs->range[i].entry;
		if (first < l->off + CAPGAP_PASID_LEN &&
		    l->off < first + DVSEC_ENTRY_LEN(entry))
			return true;
	}
	return false;
}

/* The same for what a plan put beside the capability. */
static enum capgap_vmm_rule judge_others(struct look *l)
{
	enum capgap_vmm_rule rule = CAPGAP_VMM_RULE_PLACED;
	const struct capgap_cap *cap;

	for (unsigned i = l->after.n_conv; i < l->after.n; i++) {
		cap = &l->after.cap[i];
		if (!counts(l, cap) || cap->off == l->off || is_among(&l->before, cap))
			continue;
		if (hits_header(l, cap->off, cap->owned))
			return CAPGAP_VMM_RULE_OVERWRITES_HEADER;
		rule = judge_bodies(l, cap->off, cap->owned);
		if (rule != CAPGAP_VMM_RULE_PLACED)
			return rule;
	}
	return rule;
}

static enum capgap_vmm_rule look(struct look *l)
{
	enum capgap_vmm_rule rule;

	if (has_second(l))
		return CAPGAP_VMM_RULE_SECOND;
	if (hits_header(l, l->off, CAPGAP_PASID_LEN))
		return CAPGAP_VMM_RULE_OVERWRITES_HEADER;
	if (!is_conv_whole(l) || !is_list_whole(l) || has_new_loop(l))
		return CAPGAP_VMM_RULE_LIST_CHANGED;
	rule = judge_bodies(l, l->off, CAPGAP_PASID_LEN);
	if (rule != CAPGAP_VMM_RULE_PLACED)
		return rule;
	if (is_listed_free(l))
		return CAPGAP_VMM_RULE_IN_TABLE;
	return l->plan ? judge_others(l) : CAPGAP_VMM_RULE_PLACED;
}

enum capgap_vmm_rule vmm_look(const struct vmm_replay *r, unsigned off,
			      const struct capgap_edits *plan, unsigned *at)
{
	enum capgap_vmm_rule rule;
	struct look l;

	l.r = r;
	l.plan = plan;
	l.off = off;
	l.at = 0;
	capgap_chain_walk(&l.before, &r->without, false, NULL);
	capgap_chain_walk(&l.after, &r->guest, false, NULL);
	rule = look(&l);
	*at = rule == CAPGAP_VMM_RULE_PLACED ? off : l.at;
	return rule;
}
