/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a dump from the VFIO side adds to the analysis of a host's function. */
#include "function_vfio.h"

#include "dvsec.h"
#include "header.h"

/* Whether the dump may be of this function; ids that are not known contradict nothing. */
static bool may_be_of(const struct capgap_function *fn,
		      const struct capgap_vfio_dump *dump)
{
	if (!dump->has_ids || fn->id_from == CAPGAP_ID_NONE)
		return true;
	return dump->vendor == fn->vendor && dump->device == fn->device;
}

/* What a quirk keeps from being used is not used on this side either. */
static void limit(struct capgap_function *fn)
{
	const struct capgap_quirk *quirk;
	unsigned size = fn->vfio_image.size;

	for (size_t i = 0; i < capgap_function_quirks(fn); i++) {
		quirk = &fn->quirk[i];
		if (quirk->verb == CAPGAP_VERB_LIMIT && quirk->off < size)
			capgap_image_drop(&fn->vfio_image, quirk->off, size - quirk->off);
	}
}

void capgap_function_vfio_join(struct capgap_function *fn,
			       const struct capgap_vfio_dumps *dumps)
{
	const struct capgap_vfio_dump *dump = capgap_vfio_dumps_find(dumps, &fn->meta);

	if (!dump || fn->vantage != CAPGAP_VANTAGE_HOST)
		return;
	if (!may_be_of(fn, dump)) {
		capgap_findings_add(&fn->findings, CAPGAP_F_VFIO_OTHER, HDR_VENDOR, 4,
				    dump->vendor, dump->device);
		return;
	}
	fn->has_vfio_image = true;
	fn->vfio_image = dump->image;
	limit(fn);
	capgap_chain_walk(&fn->vfio_chain, &fn->vfio_image, fn->kind == CAPGAP_KIND_VF,
			  NULL);
}

/*
 * Whether each list was followed to its end: no bytes absent, no header of ones, no way
 * back to an entry that was passed, none out of its space.
 */
static bool is_whole(const struct capgap_chain *chain)
{
	if (!chain->conv_complete ||
	    (chain->n_conv && chain->cap[chain->n_conv - 1].next))
		return false;
	if (!chain->ext_walked)
		return true;
	if (!chain->ext_complete)
		return false;
	for (unsigned i = chain->n_conv; i < chain->n; i++) {
		if (chain->cap[i].next && chain->cap[i].next < CAPGAP_CONV_END)
			return false;
	}
	return chain->n == chain->n_conv || !chain->cap[chain->n - 1].next ||
	       chain->ext_end;
}

static void judge_lists(struct capgap_function *fn)
{
	if (is_whole(&fn->vfio_chain) &&
	    fn->vfio_chain.ext_walked == fn->chain.ext_walked &&
	    fn->vfio_image.size >= fn->image.size)
		return;
	capgap_findings_add(&fn->findings, CAPGAP_F_VFIO_DAMAGED, 0, 0,
			    fn->vfio_image.size, 0);
}

/* The entry of the host's lists at an offset, or NULL. */
static const struct capgap_cap *host_cap(const struct capgap_function *fn,
					 const struct capgap_cap *cap)
{
	for (unsigned i = 0; i < fn->chain.n; i++) {
		if (fn->chain.cap[i].space == cap->space &&
		    fn->chain.cap[i].off == cap->off)
			return &fn->chain.cap[i];
	}
	return NULL;
}

/* Whether the host's list has it too; a null header stands for one that is hidden. */
static bool is_known(const struct capgap_function *fn, const struct capgap_cap *cap)
{
	const struct capgap_cap *old = host_cap(fn, cap);

	return old && (old->id == cap->id || cap->id == 0);
}

void capgap_function_vfio_claim(struct capgap_function *fn)
{
	const struct capgap_chain *chain = &fn->vfio_chain;
	const struct capgap_cap *old;
	bool known;

	if (!fn->has_vfio_image)
		return;
	judge_lists(fn);
	capgap_dvsec_shrink(&fn->vfio_chain, &fn->vfio_image, fn->quirk,
			    capgap_function_quirks(fn));
	for (unsigned i = 0; i < chain->n; i++) {
		old = host_cap(fn, &chain->cap[i]);
		if (old && !chain->cap[i].id)
			continue;
		known = is_known(fn, &chain->cap[i]);
		if (old && old->id && !known)
			capgap_findings_add(&fn->findings, CAPGAP_F_VFIO_CONFLICT,
					    chain->cap[i].off, 4, chain->cap[i].id,
					    old->id);
		capgap_map_claim_vfio(&fn->map, &fn->chain, &fn->vfio_chain, i,
				      old && known ? old->owned : 0);
	}
	capgap_map_claim_vfio_end(&fn->map, &fn->chain, chain);
}

/*
 * Bytes that nobody owns pass through vfio-pci as they are: where both sides read something
 * else there, they are in use, like those that differ between samples.
 */
static void note_differences(struct capgap_function *fn)
{
	struct capgap_image sample;

	capgap_image_init(&sample);
	for (unsigned off = CAPGAP_CONV_END; off < fn->map.size; off++) {
		if (capgap_image_has(&fn->vfio_image, off, 1) &&
		    (fn->map.verdict[off] == CAPGAP_OWNER_FREE ||
		     fn->map.verdict[off] == CAPGAP_OWNER_SHADOW))
			capgap_image_put(&sample, off, &fn->vfio_image.data[off], 1);
	}
	capgap_image_merge(&fn->image, &sample);
}

void capgap_function_vfio_declared(struct capgap_function *fn)
{
	const struct capgap_chain *chain = &fn->vfio_chain;

	if (!fn->has_vfio_image)
		return;
	for (unsigned i = chain->n_conv; i < chain->n; i++) {
		if (!is_known(fn, &chain->cap[i]))
			capgap_dvsec_read_vfio(&fn->free_space, chain, &fn->vfio_image, i,
					       &fn->image, &fn->map, fn->quirk,
					       capgap_function_quirks(fn), &fn->findings);
	}
	note_differences(fn);
}
