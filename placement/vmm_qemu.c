/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What QEMU 11 does with x-vpasid-cap-offset, step by step on bytes: vfio_add_ext_cap() of
 * hw/vfio/pci.c (commit 06b38473cda8) rebuilds the extended list from the device's, and
 * pcie_insert_capability() of hw/pci/pcie.c (commit 49a2bed19b0e) puts the capability
 * into what was rebuilt. Versions 11.0 and 11.1 do the same; 11.1 can hide ATS as well,
 * which depends on what the host's kernel says of it and is not replayed.
 *
 * A guest reads QEMU's own bytes where QEMU emulates them, the device's elsewhere.
 * Emulated are the dword at 0x100, bits 31:22 of every header of the device's list, what
 * is changed in a Resizable BAR, and all of the capability. One image holds both.
 */
#include "vmm_rules.h"

#include "../analyzer/bytes.h"
#include "../analyzer/header.h"

#define DEFAULT_OFFSET (CAPGAP_SPACE_MAX - CAPGAP_PASID_LEN)
/* Shortest capability that QEMU's list can have, and the last place for one. */
#define SHORTEST 8u
#define LAST (CAPGAP_SPACE_MAX - SHORTEST)
/* QEMU reads and writes next pointers without the two reserved bits. */
#define NEXT(header) (EXT_NEXT(header) & ~PTR_RESERVED)
#define NEXT_MASK 0xffc00000u

/* Resizable BAR: a capability and a control dword for each BAR (pci_regs.h of Linux). */
#define REBAR_FIRST 4u
#define REBAR_PAIR 8u
#define REBAR_COUNT(control) ((control) >> 5 & 0x7u)
#define REBAR_SIZE(control) ((control) >> 8 & 0x1fu) /* 2^n MB */
#define REBAR_SIZE_LAST 27u			     /* 128 TB, the last that has a bit */
#define REBAR_SIZE_BIT(size) (UINT32_C(1) << ((size) + 4u))
#define REBAR_SIZES 0x00fffff0u	  /* bits for 1 MB to 512 GB, which QEMU shows */
#define REBAR_CONTROL 0x00001fe7u /* index, number and size are left of the register */

/**
 * struct qemu - one device being added
 * @r: @without is the guest's space while the list is rebuilt
 * @n: entries of the device's list
 * @pos: their offsets, in list order
 * @own: the list shows a PASID capability
 */
struct qemu {
	struct vmm_replay *r;
	unsigned n;
	uint16_t pos[CAPGAP_SPACE_MAX / 4u];
	bool own;
};

static bool give_up(struct qemu *q, enum capgap_vmm_rule rule, unsigned at)
{
	vmm_give(q->r->out, rule, at);
	return false;
}

/* Note the entries of the device's list, which QEMU follows down to a next pointer of 0. */
static bool read_list(struct qemu *q)
{
	bool seen[CAPGAP_SPACE_MAX / 4u] = { false };
	uint32_t header;

	for (unsigned pos = CAPGAP_CONV_END; pos; pos = NEXT(header)) {
		if (!capgap_get32(&q->r->c->view->image, pos, &header))
			return give_up(q, CAPGAP_VMM_RULE_UNREAD, pos);
		if (seen[pos / 4])
			return give_up(q, CAPGAP_VMM_RULE_NEVER_ENDS, pos);
		seen[pos / 4] = true;
		q->pos[q->n++] = (uint16_t)pos;
	}
	return true;
}

/* Bytes from @pos to the nearest entry above it, or to the end (vfio_ext_cap_max_size()). */
static unsigned size_at(const struct qemu *q, unsigned pos)
{
	unsigned next = CAPGAP_SPACE_MAX;

	for (unsigned i = 0; i < q->n; i++) {
		if (q->pos[i] > pos && q->pos[i] < next)
			next = q->pos[i];
	}
	return next - pos;
}

/* Write bits 31:22 of a header; the others are the device's (pcie_ext_cap_set_next()). */
static void point(struct capgap_image *img, unsigned at, unsigned to)
{
	uint32_t header = 0;

	if (capgap_get32(img, at, &header))
		vmm_put32(img, at, (header & ~NEXT_MASK) | (uint32_t)to << 20);
}

/* The last entry of the list as far as it is rebuilt (pcie_find_capability_list()). */
static bool find_tail(struct qemu *q, unsigned *tail)
{
	unsigned pos = CAPGAP_CONV_END;
	uint32_t header;

	for (unsigned hops = 0; pos; hops++) {
		if (pos < CAPGAP_CONV_END || pos > LAST)
			return give_up(q, CAPGAP_VMM_RULE_ABORTS, pos);
		if (hops > q->n)
			return give_up(q, CAPGAP_VMM_RULE_NEVER_ENDS, pos);
		if (!capgap_get32(&q->r->without, pos, &header))
			return give_up(q, CAPGAP_VMM_RULE_UNREAD, pos);
		*tail = pos;
		pos = NEXT(header);
	}
	return true;
}

/* Append an entry of the device to the list (pcie_add_capability()). */
static bool append(struct qemu *q, unsigned pos, uint32_t header)
{
	struct capgap_image *guest = &q->r->without;
	unsigned tail = 0;

	if (pos < CAPGAP_CONV_END || size_at(q, pos) < SHORTEST)
		return give_up(q, CAPGAP_VMM_RULE_ABORTS, pos);
	if (pos == CAPGAP_CONV_END) {
		vmm_put32(guest, pos, EXT_HEADER(EXT_ID(header), EXT_VERSION(header), 0));
		return true;
	}
	if (!find_tail(q, &tail))
		return false;
	point(guest, tail, pos);
	vmm_put32(guest, pos, header & ~NEXT_MASK);
	return true;
}

/*
 * Leave each BAR nothing but the size that it has (vfio_setup_rebar_ecap()). A size that
 * cannot be shown hides the capability; what was changed before stays so.
 */
static bool shrink_rebar(struct qemu *q, unsigned pos, bool *shown)
{
	struct capgap_image *guest = &q->r->without;
	unsigned at = pos + REBAR_FIRST;
	unsigned count = 1;
	uint32_t control;
	uint32_t bit;

	for (unsigned i = 0; i < count; i++, at += REBAR_PAIR) {
		if (!capgap_get32(guest, at + 4u, &control))
			return give_up(q, CAPGAP_VMM_RULE_UNREAD, at + 4u);
		if (i == 0)
			count = REBAR_COUNT(control);
		bit = REBAR_SIZE(control) <= REBAR_SIZE_LAST ?
			      REBAR_SIZE_BIT(REBAR_SIZE(control)) :
			      0;
		*shown = !count || (bit & REBAR_SIZES);
		if (!count || !*shown)
			return true;
		vmm_put32(guest, at, bit);
		vmm_put32(guest, at + 4u, control & REBAR_CONTROL);
	}
	return true;
}

/* Take an entry of the device over, or drop it; false where QEMU comes no further. */
static bool take(struct qemu *q, unsigned pos)
{
	uint32_t header = 0;
	bool shown = true;

	capgap_get32(&q->r->c->view->image, pos, &header);
	switch (EXT_ID(header)) {
	case CAPGAP_ECAP_NULL_CAP:
	case CAPGAP_ECAP_SRIOV:
	case CAPGAP_ECAP_ARI:
		return true;
	case CAPGAP_ECAP_REBAR:
		if (!shrink_rebar(q, pos, &shown))
			return false;
		break;
	case CAPGAP_ECAP_PASID:
		q->own = true;
		break;
	default:
		break;
	}
	return !shown || append(q, pos, header);
}

/* The list is rebuilt behind a stub at 0x100, which a kept head replaces. */
static bool rebuild(struct qemu *q)
{
	if (!read_list(q))
		return false;
	vmm_put32(&q->r->without, CAPGAP_CONV_END, EXT_HEADER(EXT_ID_STUB, 0, 0));
	for (unsigned i = 0; i < q->n; i++) {
		if (!take(q, q->pos[i]))
			return false;
	}
	return true;
}

/* Behind all else a stub that is still there loses its id. */
static void clear_stub(struct capgap_image *guest)
{
	uint32_t header = 0;

	capgap_get32(guest, CAPGAP_CONV_END, &header);
	if (EXT_ID(header) == EXT_ID_STUB)
		vmm_put32(guest, CAPGAP_CONV_END, header & ~(uint32_t)EXT_ID_STUB);
}

/*
 * Find the entries that the capability at @off comes between: the list is followed up to
 * the first entry above @off, and only the headers on that way are looked at
 * (pcie_insert_capability()). The stub sees to it that 0x100 never reads 0 here.
 */
static bool find_gap(struct qemu *q, unsigned off, unsigned *prev, unsigned *next)
{
	unsigned pos = CAPGAP_CONV_END;
	uint32_t header = 0;

	capgap_get32(&q->r->without, pos, &header);
	for (unsigned hops = 0; header && pos && off >= pos; hops++) {
		if (off < pos + 4u)
			return give_up(q, CAPGAP_VMM_RULE_ON_HEADER, pos);
		if (hops > q->n)
			return give_up(q, CAPGAP_VMM_RULE_NEVER_ENDS, pos);
		*prev = pos;
		pos = NEXT(header);
		header = 0;
		if (pos && !capgap_get32(&q->r->without, pos, &header))
			return give_up(q, CAPGAP_VMM_RULE_UNREAD, pos);
	}
	*next = pos;
	return true;
}

/* What is looked at before the list is. */
static bool is_place(struct qemu *q, unsigned off)
{
	if (off % 4)
		return give_up(q, CAPGAP_VMM_RULE_MISALIGNED, off);
	if (off < CAPGAP_CONV_END || off > DEFAULT_OFFSET)
		return give_up(q, CAPGAP_VMM_RULE_OUTSIDE, off);
	return true;
}

static bool insert(struct qemu *q, unsigned off)
{
	struct vmm_replay *r = q->r;
	unsigned prev = CAPGAP_CONV_END;
	unsigned next = 0;

	if (!is_place(q, off) || !find_gap(q, off, &prev, &next))
		return false;
	if (!capgap_image_has(&r->c->view->image, off, CAPGAP_PASID_LEN))
		return give_up(q, CAPGAP_VMM_RULE_UNREAD, off);
	r->guest = r->without;
	vmm_put32(&r->guest, off, EXT_HEADER(CAPGAP_ECAP_PASID, 1, next));
	point(&r->guest, prev, off);
	vmm_put32(&r->guest, off + 4u, r->c->registers);
	clear_stub(&r->guest);
	return true;
}

/* True when QEMU looks at the extended list at all. */
static bool has_list(struct vmm_replay *r)
{
	const struct capgap_view *view = r->c->view;
	struct vmm_conv conv;
	uint32_t head;

	if (!vmm_walk_conv(r, &conv))
		return false;
	if (conv.loop)
		vmm_give(r->out, CAPGAP_VMM_RULE_NEVER_ENDS, conv.loop);
	else if (!conv.pcie)
		vmm_give(r->out, CAPGAP_VMM_RULE_NOT_EXPRESS, 0);
	else if (!capgap_get32(&view->image, CAPGAP_CONV_END, &head))
		vmm_give(r->out, CAPGAP_VMM_RULE_UNREAD, CAPGAP_CONV_END);
	else if (!head)
		vmm_give(r->out,
			 view->hidden ? CAPGAP_VMM_RULE_HIDDEN_LIST :
					CAPGAP_VMM_RULE_EMPTY_LIST,
			 CAPGAP_CONV_END);
	else
		return true;
	return false;
}

void vmm_judge_qemu(struct vmm_replay *r)
{
	struct qemu q = { .r = r, .n = 0, .own = false };
	unsigned off = r->c->offset ? r->c->offset : DEFAULT_OFFSET;
	bool placed;

	if (!has_list(r))
		return;
	r->without = r->c->view->image;
	if (!rebuild(&q))
		return;
	if (q.own)
		vmm_give(r->out, CAPGAP_VMM_RULE_OWN, 0);
	placed = !q.own && insert(&q, off);
	clear_stub(&r->without);
	if (placed)
		vmm_placed(r, off, NULL);
	else
		capgap_link_between(&r->out->edits, &r->c->view->image, &r->without);
}
