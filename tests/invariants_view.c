/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What holds for every view: what is not hidden is still there, and nothing else changes. */
#include "invariants.h"

#include <stdlib.h>
#include <string.h>

#include "../analyzer/bytes.h"
#include "../placement/view.h"
#include "invariants_breach.h"

/* Registers of the header that differ: ids and Command of a VF, Status, list, pin. */
static bool is_header_register(const struct capgap_function *fn, unsigned off)
{
	bool vf = fn->kind == CAPGAP_KIND_VF;

	return off == 0x06 || off == 0x34 || (vf && (off <= 0x04 || off == 0x3d));
}

/* Bytes 2 and 3 of an extended header are a pointer; the others are of the null header. */
static bool is_list_byte(const struct capgap_function *fn, unsigned off)
{
	const struct capgap_cap *cap;

	if (off >= CAPGAP_CONV_END && off < CAPGAP_CONV_END + 4)
		return true;
	for (unsigned i = 0; i < fn->chain.n; i++) {
		cap = &fn->chain.cap[i];
		if (cap->space == CAPGAP_CONV ?
			    off == cap->off + 1u :
			    off == cap->off + 2u || off == cap->off + 3u)
			return true;
	}
	return false;
}

/*
 * Lists that the kernel does not follow as lspci does: it neither masks nor checks
 * PCI-compatible pointers, and marks no entry as visited.
 */
static bool is_odd(const struct capgap_function *fn)
{
	static const enum capgap_finding_kind kinds[] = {
		CAPGAP_F_CONV_MISALIGNED, CAPGAP_F_CONV_POINTER_LOW, CAPGAP_F_CONV_LOOP,
		CAPGAP_F_CONV_BROKEN,	  CAPGAP_F_EXT_POINTER_LOW,  CAPGAP_F_EXT_LOOP,
		CAPGAP_F_EXT_ONES,
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (capgap_findings_has(&fn->findings, kinds[i]))
			return true;
	}
	return false;
}

static void check_bytes(const struct capgap_function *fn, const struct capgap_view *view)
{
	HOLDS(fn, view->image.size == fn->image.size, 0);
	HOLDS(fn, !memcmp(view->image.read, fn->image.read, sizeof(fn->image.read)), 0);
	for (unsigned off = 0; off < fn->image.size; off++) {
		if (view->image.data[off] == fn->image.data[off])
			continue;
		HOLDS(fn, view->origin == CAPGAP_VIEW_DERIVED, off);
		HOLDS(fn,
		      is_odd(fn) || is_header_register(fn, off) || is_list_byte(fn, off),
		      off);
	}
}

/* How the view hides an entry of the host's lists; FAILS for one that it shows. */
static enum capgap_hiding hiding_of(const struct capgap_view *view,
				    const struct capgap_cap *cap)
{
	for (unsigned i = 0; i < view->n_caps; i++) {
		if (view->cap[i].space == cap->space && view->cap[i].off == cap->off)
			return view->cap[i].how;
	}
	return CAPGAP_HIDING_FAILS;
}

/*
 * The lists of the view are the host's in their order, without what is hidden; of that
 * only a null header at 0x100 may be left.
 */
static void check_lists(const struct capgap_function *fn, const struct capgap_view *view,
			const struct capgap_chain *shown)
{
	const struct capgap_cap *next = shown->cap;
	const struct capgap_cap *end = shown->cap + shown->n;
	const struct capgap_cap *cap;
	enum capgap_hiding how;

	for (unsigned i = 0; i < fn->chain.n; i++) {
		cap = &fn->chain.cap[i];
		how = hiding_of(view, cap);
		if (how == CAPGAP_HIDING_UNLINKED || how == CAPGAP_HIDING_ZERO)
			continue;
		HOLDS(fn, next < end, cap->off);
		HOLDS(fn, next->space == cap->space && next->off == cap->off, cap->off);
		if (how == CAPGAP_HIDING_NULL_HEADER)
			HOLDS(fn, next->id == 0 && next->version == 0, cap->off);
		else
			HOLDS(fn, next->id == cap->id && next->version == cap->version,
			      cap->off);
		next++;
	}
	HOLDS(fn, next == end, next < end ? next->off : 0);
}

static void check_view(const struct capgap_function *fn, enum capgap_kernel kernel)
{
	struct work {
		struct capgap_view view;
		struct capgap_chain shown;
	} *w = malloc(sizeof(*w));

	if (!w)
		abort();
	capgap_view_derive(&w->view, fn, kernel);
	check_bytes(fn, &w->view);
	capgap_chain_walk(&w->shown, &w->view.image, fn->kind == CAPGAP_KIND_VF, NULL);
	if (w->view.complete && !is_odd(fn))
		check_lists(fn, &w->view, &w->shown);
	free(w);
}

void invariants_check_view(const struct capgap_function *fn)
{
	if (fn->has_vfio_image)
		return;
	check_view(fn, CAPGAP_KERNEL_6_4);
	check_view(fn, CAPGAP_KERNEL_OLD);
}
