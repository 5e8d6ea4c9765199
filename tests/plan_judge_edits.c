/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A judge of edits, on plain bytes; see plan_judge.h. */
#include "plan_judge.h"

#include <stdarg.h>
#include <stdio.h>

#define PASID_LEN 8u
#define ID_PASID 0x001bu
#define NEXT_BITS 0xfff00000u

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

/* The placed capability that has the byte: 0 is PASID, then the others; -1 for none. */
static int placed_at(const struct plan_case *c, unsigned off)
{
	if (off - c->plan->offset < PASID_LEN)
		return 0;
	for (unsigned i = 0; i < c->policy->n_wants; i++) {
		if (off - c->plan->want_off[i] < c->policy->want[i].len)
			return (int)i + 1;
	}
	return -1;
}

static bool is_replaced(const struct plan_case *c, unsigned off)
{
	return c->plan->edits.link == CAPGAP_LINK_REPLACE && off == c->plan->offset;
}

/* The entry is one that was placed. */
static bool is_added(const struct plan_case *c, const struct guest_entry *entry)
{
	int which = placed_at(c, entry->off);

	if (which < 0)
		return false;
	if (!which)
		return entry->off == c->plan->offset && entry->id == ID_PASID;
	return entry->off == c->plan->want_off[which - 1] &&
	       entry->id == c->policy->want[which - 1].id;
}

/* All that the view lists, in its order, and each new capability once. */
static const char *judge_list(const struct plan_case *c)
{
	static struct guest_list was;
	static struct guest_list is;
	unsigned added = 0;
	unsigned n = 0;

	guest_list_walk(&was, c->view);
	guest_list_walk(&is, c->guest);
	if (!is.ends)
		return "the guest's list does not end";
	for (unsigned i = 0; i < is.n; i++) {
		if (is_added(c, &is.entry[i])) {
			added++;
			continue;
		}
		while (n < was.n && is_replaced(c, was.entry[n].off))
			n++;
		if (n == was.n || is.entry[i].off != was.entry[n].off ||
		    is.entry[i].id != was.entry[n].id ||
		    is.entry[i].version != was.entry[n].version)
			return complain("entry 0x%03x of the guest's list",
					is.entry[i].off);
		n++;
	}
	while (n < was.n && is_replaced(c, was.entry[n].off))
		n++;
	if (n < was.n)
		return complain("the guest's list lacks 0x%03x", was.entry[n].off);
	return added == 1 + c->policy->n_wants ?
		       NULL :
		       complain("%u capabilities were added", added);
}

/* The lowest offset placed in a range, or its end. */
static unsigned first_placed(const struct plan_case *c, const struct layout_range *range)
{
	for (unsigned off = range->off; off < (unsigned)range->off + range->len; off++) {
		if (placed_at(c, off) >= 0)
			return off;
	}
	return range->off + range->len;
}

/* The dword that states the length of a declared range: it may only shrink, and must. */
static const char *judge_length(const struct plan_case *c,
				const struct layout_range *range)
{
	uint32_t was = guest_get32(c->view, range->dw);
	uint32_t is = guest_get32(c->guest, range->dw);
	bool gap = range->dw == range->cap + 4u;
	unsigned end = gap ? range->cap + (is >> 20) : range->off + (is >> 16 & 0xfff);
	unsigned first = first_placed(c, range);
	bool used = first < (unsigned)range->off + range->len;

	if (is == was)
		return used ? complain("0x%03x still spans what was placed", range->cap) :
			      NULL;
	if (!used || end > first)
		return complain("the length at 0x%03x is 0x%08x", range->dw,
				(unsigned)is);
	if (gap ? (is ^ was) & 0xfffff : is && (is ^ was) & ~0x0fff0000u)
		return complain("more than the length at 0x%03x changed", range->dw);
	return NULL;
}

/* The view lists it: what vfio-pci hides can be seen all the same where hiding fails. */
static bool is_shown(const struct plan_case *c, unsigned off)
{
	static struct guest_list list;

	guest_list_walk(&list, c->view);
	for (unsigned i = 0; i < list.n; i++) {
		if (list.entry[i].off == off)
			return true;
	}
	return false;
}

static const struct layout_range *range_of_dword(const struct plan_case *c, unsigned off)
{
	for (unsigned i = 0; i < c->layout->n_ranges; i++) {
		if (c->layout->range[i].dw == off && c->layout->range[i].usable)
			return &c->layout->range[i];
	}
	return NULL;
}

/* May this dword differ, and so? */
static const char *judge_dword(const struct plan_case *c, unsigned off)
{
	uint32_t changed = guest_get32(c->view, off) ^ guest_get32(c->guest, off);
	bool replaced = c->plan->edits.link == CAPGAP_LINK_REPLACE;

	if (placed_at(c, off) >= 0 || (replaced && off - c->plan->offset < 12))
		return NULL;
	if (range_of_dword(c, off))
		return NULL;
	if (off == GUEST_EXT && !guest_get32(c->view, off))
		return guest_get32(c->guest, off) & 0xfffff ? "the null header is none" :
							      NULL;
	if ((off == GUEST_EXT || is_shown(c, off)) && !(changed & ~NEXT_BITS))
		return NULL;
	return complain("the dword at 0x%03x changes", off);
}

static const char *judge_form(const struct plan_case *c)
{
	const struct capgap_edits *edits = &c->plan->edits;

	if (!edits->n)
		return "no edits";
	for (unsigned i = 0; i < edits->n; i++) {
		if (edits->edit[i].off % 4 || edits->edit[i].off < GUEST_EXT ||
		    (i && edits->edit[i].off <= edits->edit[i - 1].off))
			return complain("an edit at 0x%03x", edits->edit[i].off);
		if (edits->edit[i].before != guest_get32(c->view, edits->edit[i].off))
			return complain("0x%03x does not read 0x%08x before",
					edits->edit[i].off,
					(unsigned)edits->edit[i].before);
	}
	return NULL;
}

const char *judge_edits(const struct plan_case *c)
{
	const char *wrong = judge_form(c);
	const struct layout_range *range;

	/* What is forced over something in use may break anything. */
	if (wrong || !c->plan->grade)
		return wrong;
	wrong = judge_list(c);
	for (unsigned off = GUEST_EXT; !wrong && off < GUEST_SPACE; off += 4) {
		if (guest_get32(c->view, off) != guest_get32(c->guest, off))
			wrong = judge_dword(c, off);
	}
	for (unsigned i = 0; !wrong && i < c->layout->n_ranges; i++) {
		range = &c->layout->range[i];
		if (range->usable && is_shown(c, range->cap) &&
		    !is_replaced(c, range->cap))
			wrong = judge_length(c, range);
	}
	return wrong;
}
