/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What each VMM would really do: the tables, and what the profiles share. */
#include "vmm_rules.h"

#include <stdio.h>
#include <string.h>

#include "../analyzer/bytes.h"
#include "../analyzer/header.h"

static const struct profile {
	struct capgap_vmm_row row;
	vmm_judge *judge;
} profiles[] = {
#define CAPGAP_VMM(symbol, name, takes_offset, default_offset, rule, needs, summary)     \
	{ { (name), (takes_offset), (default_offset), (needs), (summary) }, vmm_##rule },
#include "vmm.def"
#undef CAPGAP_VMM
};

/* The names that vmm_rules.def has for sets of profiles. */
#define QEMU (1u << CAPGAP_VMM_QEMU_11_1 | 1u << CAPGAP_VMM_QEMU_11_0)
#define CLOUD (1u << CAPGAP_VMM_CLOUD_HYPERVISOR)
#define GENERIC (1u << CAPGAP_VMM_GENERIC)
#define ALL (QEMU | CLOUD | GENERIC)

static const struct capgap_vmm_rule_row rules[] = {
#define CAPGAP_VMM_RULE(symbol, name, profiles, verdict, text, source)                   \
	{ (name), (profiles), CAPGAP_VERDICT_##verdict, (text), (source) },
#include "vmm_rules.def"
#undef CAPGAP_VMM_RULE
};

static const char *const verdict_names[] = {
	[CAPGAP_VERDICT_ACCEPTED] = "accepted",	  [CAPGAP_VERDICT_OVERLAPS] = "overlaps",
	[CAPGAP_VERDICT_REFUSED] = "refused",	  [CAPGAP_VERDICT_SKIPPED] = "skipped",
	[CAPGAP_VERDICT_ELSEWHERE] = "elsewhere", [CAPGAP_VERDICT_CORRUPTS] = "corrupts",
};

void vmm_give(struct capgap_verdict *out, enum capgap_vmm_rule rule, unsigned at)
{
	const struct capgap_vmm_rule_row *row = &rules[rule];

	out->rule = rule;
	out->kind = row->verdict;
	out->at = (uint16_t)at;
	if (at)
		snprintf(out->reason, sizeof(out->reason), "%s (0x%03x)", row->text, at);
	else
		snprintf(out->reason, sizeof(out->reason), "%s", row->text);
}

void vmm_put32(struct capgap_image *img, unsigned off, uint32_t val)
{
	uint8_t bytes[4] = { (uint8_t)val, (uint8_t)(val >> 8), (uint8_t)(val >> 16),
			     (uint8_t)(val >> 24) };

	capgap_image_put(img, off, bytes, sizeof(bytes));
}

/* Read the pointer at @at; false, and the verdict, where it is not there. */
static bool read_pointer(struct vmm_replay *r, unsigned at, unsigned *off)
{
	uint8_t raw;

	if (!capgap_get8(&r->c->view->image, at, &raw)) {
		vmm_give(r->out, CAPGAP_VMM_RULE_UNREAD, at);
		return false;
	}
	*off = raw & ~PTR_RESERVED & 0xffu;
	return true;
}

bool vmm_walk_conv(struct vmm_replay *r, struct vmm_conv *conv)
{
	const struct capgap_image *view = &r->c->view->image;
	bool seen[CAPGAP_CONV_END / 4] = { false };
	unsigned at = HDR_CAP_PTR;
	uint16_t status;
	unsigned off;
	uint8_t id;

	*conv = (struct vmm_conv){ .loop = 0 };
	if (!capgap_get16(view, HDR_STATUS, &status)) {
		vmm_give(r->out, CAPGAP_VMM_RULE_UNREAD, HDR_STATUS);
		return false;
	}
	if (!read_pointer(r, at, &off))
		return false;
	if (!(status & STATUS_CAP_LIST) || !off) {
		vmm_give(r->out, CAPGAP_VMM_RULE_NO_LIST, 0);
		return false;
	}
	while (off && !seen[off / 4]) {
		seen[off / 4] = true;
		at = off + CONV_NEXT;
		if (!capgap_get8(view, off, &id)) {
			vmm_give(r->out, CAPGAP_VMM_RULE_UNREAD, off);
			return false;
		}
		conv->pcie |= id == CAPGAP_CAP_EXP;
		conv->pm |= id == CAPGAP_CAP_PM;
		if (!read_pointer(r, at, &off))
			return false;
	}
	conv->loop = (uint8_t)off;
	conv->self = off && off + CONV_NEXT == at;
	return true;
}

/*
 * How the capability at @off came into the list: a null header that leads to it is the
 * VMM's doing, unless it stood at 0x100 before.
 */
static enum capgap_link link_of(const struct vmm_replay *r, unsigned off)
{
	uint32_t before = 0;
	uint32_t after = 0;

	capgap_get32(&r->c->view->image, CAPGAP_CONV_END, &before);
	capgap_get32(&r->guest, CAPGAP_CONV_END, &after);
	if (EXT_ID(after) == 0 && EXT_NEXT(after) == off && (EXT_ID(before) || !before))
		return CAPGAP_LINK_NULL_HEAD;
	return CAPGAP_LINK_INSERT;
}

void vmm_placed(struct vmm_replay *r, unsigned off, const struct capgap_edits *plan)
{
	struct capgap_verdict *out = r->out;
	enum capgap_vmm_rule rule;
	unsigned at = 0;

	out->placed = true;
	out->offset = (uint16_t)off;
	if (plan) {
		out->edits = *plan;
	} else {
		capgap_link_between(&out->edits, &r->c->view->image, &r->guest);
		out->edits.link = link_of(r, off);
	}
	rule = vmm_look(r, off, plan, &at);
	vmm_give(out, rule, at);
}

void vmm_judge_generic(struct vmm_replay *r)
{
	const struct capgap_edits *plan = r->c->plan;
	struct vmm_conv conv;

	if (!plan || plan->link == CAPGAP_LINK_NONE) {
		vmm_give(r->out, CAPGAP_VMM_RULE_NO_PLAN, 0);
		return;
	}
	if (plan->link == CAPGAP_LINK_PRESENT) {
		r->out->placed = true;
		r->out->edits.link = CAPGAP_LINK_PRESENT;
		vmm_give(r->out, CAPGAP_VMM_RULE_PRESENT, r->c->offset);
		return;
	}
	if (!vmm_walk_conv(r, &conv))
		return;
	if (!conv.pcie) {
		vmm_give(r->out, CAPGAP_VMM_RULE_NOT_EXPRESS, 0);
		return;
	}
	r->without = r->c->view->image;
	r->guest = r->without;
	capgap_link_apply(plan, &r->guest);
	vmm_placed(r, r->c->offset, plan);
}

void capgap_vmm_judge(struct capgap_verdict *out, enum capgap_vmm vmm,
		      const struct capgap_vmm_case *c)
{
	struct vmm_replay r;

	memset(out, 0, sizeof(*out));
	out->vmm = vmm;
	out->offset = c->offset;
	r.c = c;
	r.out = out;
	profiles[vmm].judge(&r);
}

unsigned capgap_vmm_default(enum capgap_vmm vmm)
{
	return profiles[vmm].row.default_offset;
}

bool capgap_verdict_is_bad(enum capgap_verdict_kind kind)
{
	return kind == CAPGAP_VERDICT_REFUSED || kind == CAPGAP_VERDICT_SKIPPED ||
	       kind == CAPGAP_VERDICT_CORRUPTS;
}

int capgap_vmm_find(const char *name)
{
	for (int i = 0; i < CAPGAP_VMM_COUNT; i++) {
		if (!strcmp(profiles[i].row.name, name))
			return i;
	}
	return -CAPGAP_E_NOENT;
}

const char *capgap_vmm_name(enum capgap_vmm vmm)
{
	return profiles[vmm].row.name;
}

const char *capgap_verdict_name(enum capgap_verdict_kind kind)
{
	return verdict_names[kind];
}

const struct capgap_vmm_row *capgap_vmm_row(unsigned n)
{
	return n < CAPGAP_VMM_COUNT ? &profiles[n].row : NULL;
}

const struct capgap_vmm_rule_row *capgap_vmm_rule_row(unsigned n)
{
	return n < CAPGAP_VMM_RULE_COUNT ? &rules[n] : NULL;
}
