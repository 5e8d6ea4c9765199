/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Walks both capability lists of an image, the way lspci does, with a bound by construction. */
#include "chain.h"

#include <string.h>

#include "bytes.h"
#include "header.h"

/* One walk: where it has been, and where its findings go. */
struct walk {
	struct capgap_chain *chain;
	const struct capgap_image *img;
	struct capgap_findings *hits;
	uint32_t seen[CAPGAP_SPACE_MAX / 4 / 32];
};

/* Mark the dword at @off as visited; false when it already was. */
static bool visit(struct walk *w, unsigned off)
{
	unsigned dw = off / 4;
	uint32_t bit = UINT32_C(1) << (dw % 32);

	if (w->seen[dw / 32] & bit)
		return false;
	w->seen[dw / 32] |= bit;
	return true;
}

static struct capgap_cap *add_cap(struct walk *w, enum capgap_space space, unsigned off,
				  unsigned id)
{
	struct capgap_cap *cap = &w->chain->cap[w->chain->n++];

	memset(cap, 0, sizeof(*cap));
	cap->space = space;
	cap->off = (uint16_t)off;
	cap->id = (uint16_t)id;
	if (id == 0)
		return cap;
	if (!capgap_caps_def(space, id) && !(space == CAPGAP_EXT && id == EXT_ID_STUB))
		capgap_findings_add(w->hits, CAPGAP_F_ID_UNKNOWN, off, 4, id, 0);
	return cap;
}

/*
 * Read the pointer byte at @at, masked: the two low bits are reserved (PCI
 * Local Bus Specification 3.0, section 6.7).
 */
static bool conv_pointer(struct walk *w, unsigned at, unsigned *ptr)
{
	uint8_t raw;

	if (!capgap_get8(w->img, at, &raw)) {
		w->chain->conv_complete = false;
		return false;
	}
	if (raw & PTR_RESERVED)
		capgap_findings_add(w->hits, CAPGAP_F_CONV_MISALIGNED, at, 1, at, raw);
	*ptr = raw & ~PTR_RESERVED & 0xffu;
	if (*ptr && *ptr < CAPGAP_HEADER_END)
		capgap_findings_add(w->hits, CAPGAP_F_CONV_POINTER_LOW, at, 1, at, raw);
	return true;
}

/* Follow the PCI-compatible list from the pointer at @at. */
static void walk_conv(struct walk *w, unsigned at)
{
	struct capgap_cap *cap;
	unsigned off;
	uint8_t id;

	while (conv_pointer(w, at, &off) && off) {
		if (!visit(w, off)) {
			capgap_findings_add(w->hits, CAPGAP_F_CONV_LOOP, at, 1, at, off);
			return;
		}
		if (!capgap_get8(w->img, off, &id)) {
			capgap_findings_add(w->hits, CAPGAP_F_CONV_ABSENT, at, 1, at,
					    off);
			w->chain->conv_complete = false;
			return;
		}
		if (id == CONV_ID_BROKEN) {
			capgap_findings_add(w->hits, CAPGAP_F_CONV_BROKEN, off, 4, at,
					    off);
			w->chain->conv_complete = false;
			w->chain->conv_end = (uint16_t)off;
			return;
		}
		cap = add_cap(w, CAPGAP_CONV, off, id);
		cap->from = (uint16_t)at;
		at = off + CONV_NEXT;
		if (conv_pointer(w, at, &off))
			cap->next = (uint16_t)off;
		else
			capgap_findings_add(w->hits, CAPGAP_F_CONV_ABSENT, at, 1, at, at);
		if (id == 0)
			capgap_findings_add(w->hits, CAPGAP_F_NULL_HEADER, cap->off, 4,
					    cap->next, 0);
	}
}

/* A header of zeros ends the list, one of ones breaks it. */
static bool ext_header_ends(struct walk *w, unsigned off, unsigned from, uint32_t header)
{
	if (header == 0) {
		w->chain->ext_complete = true;
		if (off == CAPGAP_CONV_END)
			return true;
		capgap_findings_add(w->hits, CAPGAP_F_EXT_TAIL, off, 4, from, 0);
	} else if (header == UINT32_MAX) {
		capgap_findings_add(w->hits, CAPGAP_F_EXT_ONES, off, 4, 0, 0);
	} else {
		return false;
	}
	w->chain->ext_end = (uint16_t)off;
	return true;
}

/* Findings about what an extended header says of itself. */
static void judge_ext_header(struct walk *w, const struct capgap_cap *cap,
			     uint32_t raw_next)
{
	unsigned off = cap->off;

	if (cap->id == 0)
		capgap_findings_add(w->hits, CAPGAP_F_NULL_HEADER, off, 4, cap->next, 0);
	else if (cap->id == EXT_ID_STUB)
		capgap_findings_add(w->hits, CAPGAP_F_ID_FFFF, off, 4, 0, 0);
	else if (cap->version == 0)
		capgap_findings_add(w->hits, CAPGAP_F_VERSION_ZERO, off, 4, 0, 0);
	if (raw_next & PTR_RESERVED)
		capgap_findings_add(w->hits, CAPGAP_F_EXT_MISALIGNED, off, 4, off,
				    raw_next);
	if (cap->next && cap->next < CAPGAP_CONV_END)
		capgap_findings_add(w->hits, CAPGAP_F_EXT_POINTER_LOW, off, 4, off,
				    raw_next);
}

/*
 * Follow the extended list (PCI Express Base Specification, section 7.6.3).
 * It always starts at 0x100; a null header is an entry like any other.
 */
static void walk_ext(struct walk *w)
{
	struct capgap_cap *cap;
	unsigned from = CAPGAP_CONV_END;
	unsigned off = CAPGAP_CONV_END;
	uint32_t header;

	memset(w->seen, 0, sizeof(w->seen));
	while (off) {
		if (!visit(w, off)) {
			capgap_findings_add(w->hits, CAPGAP_F_EXT_LOOP, from, 4, from,
					    off);
			break;
		}
		if (!capgap_get32(w->img, off, &header)) {
			capgap_findings_add(w->hits, CAPGAP_F_EXT_ABSENT, from, 4, from,
					    off);
			return;
		}
		if (ext_header_ends(w, off, from, header))
			return;
		cap = add_cap(w, CAPGAP_EXT, off, EXT_ID(header));
		cap->version = (uint8_t)EXT_VERSION(header);
		cap->from = (uint16_t)from;
		cap->next = (uint16_t)(EXT_NEXT(header) & ~PTR_RESERVED);
		judge_ext_header(w, cap, EXT_NEXT(header));
		from = off;
		off = cap->next;
	}
	w->chain->ext_complete = true;
}

/* What length rules and the walks need to know of the header. */
static void read_context(struct capgap_context *ctx, const struct capgap_image *img)
{
	uint32_t class_rev;
	uint8_t type;

	ctx->header_type = capgap_get8(img, HDR_TYPE, &type) ? type & HDR_TYPE_LAYOUT :
							       0xff;
	ctx->pcie = 0;
	if (!capgap_get16(img, HDR_VENDOR, &ctx->vendor))
		ctx->vendor = 0xffff;
	if (!capgap_get16(img, HDR_DEVICE, &ctx->device))
		ctx->device = 0xffff;
	ctx->class_code = capgap_get32(img, HDR_CLASS_REV, &class_rev) ? class_rev >> 8 :
									 0xffffff;
}

/*
 * Where the first PCI-compatible pointer is, or 0 when there is no list. Status
 * bit 4 decides; lspci looks at 0x14 for CardBus bridges, libpci does not.
 */
static unsigned conv_head(struct walk *w)
{
	unsigned at = HDR_CAP_PTR;
	uint16_t status;
	uint8_t ptr;

	if (w->chain->ctx.header_type > HDR_CARDBUS) {
		if (w->chain->ctx.header_type != 0xff)
			capgap_findings_add(w->hits, CAPGAP_F_HEADER_TYPE, HDR_TYPE, 0,
					    w->chain->ctx.header_type, 0);
		w->chain->conv_complete = false;
		return 0;
	}
	if (w->chain->ctx.header_type == HDR_CARDBUS)
		at = HDR_CARDBUS_PTR;
	if (!capgap_get16(w->img, HDR_STATUS, &status)) {
		w->chain->conv_complete = false;
		return 0;
	}
	if (!(status & STATUS_CAP_LIST)) {
		if (capgap_get8(w->img, at, &ptr) && ptr)
			capgap_findings_add(w->hits, CAPGAP_F_LIST_OFF, at, 1, ptr, 0);
		return 0;
	}
	if (at == HDR_CARDBUS_PTR)
		capgap_findings_add(w->hits, CAPGAP_F_CARDBUS_POINTER, at, 0, 0, 0);
	return at;
}

/* Only these may stand in a list more than once. */
static bool may_repeat(const struct capgap_cap *cap)
{
	if (cap->id == 0 || !capgap_caps_def(cap->space, cap->id))
		return true;
	if (cap->space == CAPGAP_CONV)
		return cap->id == CAPGAP_CAP_VNDR || cap->id == CAPGAP_CAP_HT;
	return cap->id == CAPGAP_ECAP_VSEC || cap->id == CAPGAP_ECAP_DVSEC ||
	       cap->id == CAPGAP_ECAP_DOE;
}

static void find_repeated(const struct capgap_chain *chain, struct capgap_findings *hits)
{
	const struct capgap_cap *first;
	const struct capgap_cap *cap;

	for (unsigned i = 0; i < chain->n; i++) {
		cap = &chain->cap[i];
		first = capgap_chain_find(chain, cap->space, cap->id);
		if (first != cap && !may_repeat(cap))
			capgap_findings_add(hits, CAPGAP_F_REPEATED, cap->off, 4,
					    first->off, 0);
	}
}

/* Bytes from @off to the end of the space that it lies in. */
static unsigned room(unsigned off)
{
	return (off < CAPGAP_CONV_END ? CAPGAP_CONV_END : CAPGAP_SPACE_MAX) - off;
}

void capgap_chain_measure(struct capgap_cap *cap, const struct capgap_image *img,
			  const struct capgap_context *ctx, struct capgap_findings *hits)
{
	struct capgap_length got = capgap_caps_length(img, ctx, cap, hits);
	uint32_t padded = (got.len + 3u) & ~3u;
	uint32_t certain = (got.certain + 3u) & ~3u;
	bool exact = got.extent != CAPGAP_EXTENT_ATMOST &&
		     got.extent != CAPGAP_EXTENT_UNKNOWN;
	unsigned left = room(cap->off);

	cap->extent = got.extent;
	cap->unsteady = got.unsteady;
	cap->len = exact ? (uint16_t)got.len : 0;
	if (padded > left) {
		if (exact)
			capgap_findings_add(hits, CAPGAP_F_PAST_END, cap->off, left,
					    got.len, left);
		padded = left;
	}
	cap->owned = (uint16_t)padded;
	cap->certain = (uint16_t)(certain < padded ? certain : padded);
	if (got.extent == CAPGAP_EXTENT_UNKNOWN)
		capgap_findings_add(hits, CAPGAP_F_LENGTH_UNKNOWN, cap->off, cap->owned,
				    0, 0);
}

static bool has_ext_list(struct walk *w, bool is_vf)
{
	const struct capgap_chain *chain = w->chain;

	if (w->img->size <= CAPGAP_CONV_END)
		return false;
	if (chain->ctx.pcie || is_vf)
		return true;
	return capgap_chain_find(chain, CAPGAP_CONV, CAPGAP_CAP_PCIX) != NULL;
}

void capgap_chain_walk(struct capgap_chain *chain, const struct capgap_image *img,
		       bool is_vf, struct capgap_findings *hits)
{
	struct walk w = { .chain = chain, .img = img, .hits = hits };
	const struct capgap_cap *pcie;
	unsigned head;

	memset(chain, 0, sizeof(*chain));
	chain->conv_complete = true;
	read_context(&chain->ctx, img);
	head = conv_head(&w);
	if (head)
		walk_conv(&w, head);
	chain->n_conv = chain->n;
	pcie = capgap_chain_find(chain, CAPGAP_CONV, CAPGAP_CAP_EXP);
	if (pcie)
		chain->ctx.pcie = pcie->off;
	else if (is_vf && chain->conv_complete)
		capgap_findings_add(hits, CAPGAP_F_PCIE_UNLINKED, 0, 0, 0, 0);
	if (has_ext_list(&w, is_vf)) {
		chain->ext_walked = true;
		walk_ext(&w);
		if (!chain->ctx.pcie && !is_vf && chain->n > chain->n_conv)
			capgap_findings_add(hits, CAPGAP_F_EXT_VIA_PCIX, CAPGAP_CONV_END,
					    0, 0, 0);
	}
	for (unsigned i = 0; i < chain->n; i++)
		capgap_chain_measure(&chain->cap[i], img, &chain->ctx, hits);
	find_repeated(chain, hits);
}

const struct capgap_cap *capgap_chain_find(const struct capgap_chain *chain,
					   enum capgap_space space, unsigned id)
{
	for (unsigned i = 0; i < chain->n; i++) {
		if (chain->cap[i].space == space && chain->cap[i].id == id)
			return &chain->cap[i];
	}
	return NULL;
}
