/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What cloud-hypervisor does since its pull request 8790: parse_extended_capabilities()
 * and add_extended_caps() of pci/src/vfio.rs. It patches what the guest reads, and puts
 * PASID into the last 8 bytes behind the last entry that it keeps. No offset can be told.
 *
 * It also makes the function an integrated endpoint of the root complex, in the PCI
 * Express capability, which the verdict's edits leave out.
 */
#include "vmm_rules.h"

#include "../analyzer/bytes.h"
#include "../analyzer/header.h"

#define PLACE (CAPGAP_SPACE_MAX - CAPGAP_PASID_LEN)

/**
 * struct cloud - one device being added
 * @r: @without is the guest's space while the list is patched
 * @last: the last entry that is kept, or 0x100 where none is
 * @kept: one is
 * @blocked: an entry in the last 8 bytes, or 0
 */
struct cloud {
	struct vmm_replay *r;
	unsigned last;
	bool kept;
	unsigned blocked;
};

/* Point on from the last entry that is kept: patches are of aligned dwords, bits 31:20. */
static void set_next(struct cloud *h, struct capgap_image *guest, unsigned next)
{
	unsigned off = h->last & ~PTR_RESERVED;
	uint32_t header = 0;

	if (capgap_get32(guest, off, &header))
		vmm_put32(guest, off, (header & 0xfffffu) | (uint32_t)next << 20);
}

/* Unlink an entry, or make the head a null header that points behind it. */
static void skip(struct cloud *h, unsigned next)
{
	if (h->kept)
		set_next(h, &h->r->without, next);
	else
		vmm_put32(&h->r->without, CAPGAP_CONV_END, EXT_HEADER(0, 0, next));
}

static void visit(struct cloud *h, unsigned pos, uint32_t header)
{
	switch (EXT_ID(header)) {
	case CAPGAP_ECAP_ARI:
	case CAPGAP_ECAP_REBAR:
	case CAPGAP_ECAP_SRIOV:
		skip(h, EXT_NEXT(header));
		break;
	default:
		h->last = pos;
		h->kept = true;
	}
	if (pos >= PLACE)
		h->blocked = pos;
}

/*
 * Follow the device's list down to a next pointer of 0. The reserved bits of a pointer
 * count, and so does a header of zeros, which is an entry like any other.
 */
static bool walk(struct cloud *h)
{
	bool seen[CAPGAP_SPACE_MAX] = { false };
	unsigned pos = CAPGAP_CONV_END;
	uint32_t header;

	do {
		if (!capgap_get32(&h->r->c->view->image, pos, &header)) {
			vmm_give(h->r->out, CAPGAP_VMM_RULE_UNREAD, pos);
			return false;
		}
		if (seen[pos]) {
			vmm_give(h->r->out, CAPGAP_VMM_RULE_NEVER_ENDS, pos);
			return false;
		}
		seen[pos] = true;
		visit(h, pos, header);
		pos = EXT_NEXT(header);
	} while (pos);
	return true;
}

static bool append(struct cloud *h)
{
	struct vmm_replay *r = h->r;

	if (h->blocked) {
		vmm_give(r->out, CAPGAP_VMM_RULE_NO_SPACE, h->blocked);
		return false;
	}
	if (!capgap_image_has(&r->c->view->image, PLACE, CAPGAP_PASID_LEN)) {
		vmm_give(r->out, CAPGAP_VMM_RULE_UNREAD, PLACE);
		return false;
	}
	r->guest = r->without;
	set_next(h, &r->guest, PLACE);
	vmm_put32(&r->guest, PLACE, EXT_HEADER(CAPGAP_ECAP_PASID, 1, 0));
	vmm_put32(&r->guest, PLACE + 4u, r->c->registers);
	return true;
}

/* Where it was told another offset, say so in place of a verdict that bears it. */
static void tell_place(const struct capgap_vmm_case *c, struct capgap_verdict *out)
{
	if (c->offset == PLACE)
		return;
	if (out->kind == CAPGAP_VERDICT_ACCEPTED)
		vmm_give(out, CAPGAP_VMM_RULE_ELSEWHERE, PLACE);
	else if (out->kind == CAPGAP_VERDICT_OVERLAPS)
		vmm_give(out, CAPGAP_VMM_RULE_ELSEWHERE_DECLARED, PLACE);
}

/* True when the extended list is looked at. */
static bool has_list(struct vmm_replay *r)
{
	struct vmm_conv conv;

	if (!vmm_walk_conv(r, &conv))
		return false;
	/* An entry that points to itself is taken for the last one. */
	if (conv.loop && !conv.self)
		vmm_give(r->out, CAPGAP_VMM_RULE_NEVER_ENDS, conv.loop);
	else if (!conv.pcie)
		vmm_give(r->out, CAPGAP_VMM_RULE_NOT_EXPRESS, 0);
	else if (!conv.pm)
		vmm_give(r->out, CAPGAP_VMM_RULE_NO_PM, 0);
	else
		return true;
	return false;
}

void vmm_judge_cloud_hypervisor(struct vmm_replay *r)
{
	struct cloud h = { .r = r, .last = CAPGAP_CONV_END };

	if (!has_list(r))
		return;
	r->without = r->c->view->image;
	if (walk(&h) && append(&h)) {
		vmm_placed(r, PLACE, NULL);
		tell_place(r->c, r->out);
	}
}
