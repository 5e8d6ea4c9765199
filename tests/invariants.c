/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What holds for every analysis: one verdict a byte, gaps that are gaps, lists that are lists. */
#include "invariants.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../analyzer/bytes.h"
#include "../analyzer/check.h"
#include "invariants_breach.h"

void invariants_breach(const struct capgap_function *fn, const char *file, int line,
		       const char *what, unsigned off)
{
	char bdf[CAPGAP_BDF_TEXT] = "-";

	if (fn->meta.flags & CAPGAP_META_BDF)
		capgap_bdf_format(&fn->meta.bdf, bdf);
	fprintf(stderr,
		"%s:%d: invariant broken for %s (%04x:%04x, %u bytes) at 0x%03x: %s\n",
		file, line, bdf, fn->vendor, fn->device, fn->image.size, off, what);
	abort();
}

/* End of the space that @off lies in. */
static unsigned space_end(unsigned off)
{
	return off < CAPGAP_CONV_END ? CAPGAP_CONV_END : CAPGAP_SPACE_MAX;
}

static bool covers(const struct capgap_claim *claim, unsigned off)
{
	return off >= claim->off && off < (unsigned)claim->off + claim->len;
}

/* How many there are of what a claim of @owner names; 0 when it names nothing. */
static size_t named(const struct capgap_function *fn, unsigned owner)
{
	switch (owner) {
	case CAPGAP_OWNER_CAP:
	case CAPGAP_OWNER_CAP_MIN:
	case CAPGAP_OWNER_SHADOW:
		return fn->chain.n;
	case CAPGAP_OWNER_VFIO:
		return fn->has_vfio_image ? fn->vfio_chain.n : 0;
	case CAPGAP_OWNER_ORPHAN:
		return fn->orphans.n;
	case CAPGAP_OWNER_RESERVED:
	case CAPGAP_OWNER_LISTED:
		return capgap_function_quirks(fn);
	default:
		return 0;
	}
}

/* Each claim lies inside the space and names something that there is. */
static void check_claims(const struct capgap_function *fn)
{
	const struct capgap_claim *claim;

	for (unsigned i = 0; i < fn->map.n; i++) {
		claim = &fn->map.claim[i];
		HOLDS(fn, claim->len > 0, claim->off);
		HOLDS(fn, claim->off + claim->len <= fn->map.size, claim->off);
		HOLDS(fn, claim->owner < CAPGAP_OWNER_FREE, claim->off);
		HOLDS(fn,
		      claim->cap == CAPGAP_NO_CAP || claim->cap < named(fn, claim->owner),
		      claim->off);
		HOLDS(fn, claim->owner != CAPGAP_OWNER_CAP || claim->cap != CAPGAP_NO_CAP,
		      claim->off);
	}
}

/* Invariant 1: each byte has the verdict of its first owner, and absent bytes are absent. */
static void check_verdicts(const struct capgap_function *fn)
{
	uint8_t least[CAPGAP_SPACE_MAX];
	const struct capgap_claim *claim;
	bool absent;

	memset(least, CAPGAP_OWNER_FREE, sizeof(least));
	for (unsigned i = 0; i < fn->map.n; i++) {
		claim = &fn->map.claim[i];
		for (unsigned off = claim->off; covers(claim, off); off++) {
			if (claim->owner < least[off])
				least[off] = (uint8_t)claim->owner;
		}
	}
	HOLDS(fn, fn->map.size == fn->image.size, 0);
	for (unsigned off = 0; off < fn->map.size; off++) {
		HOLDS(fn, fn->map.verdict[off] == least[off], off);
		absent = !capgap_image_has(&fn->image, off, 1);
		HOLDS(fn, absent == (fn->map.verdict[off] == CAPGAP_OWNER_ABSENT), off);
		HOLDS(fn, !absent || fn->image.data[off] == 0, off);
		HOLDS(fn,
		      off >= CAPGAP_HEADER_END ||
			      fn->map.verdict[off] <= CAPGAP_OWNER_HEADER,
		      off);
	}
}

/* The owners of a byte, one by one, are the claims that cover it. */
static void check_owners(const struct capgap_function *fn, unsigned off)
{
	int at = capgap_map_next_owner(&fn->map, off, 0);

	for (unsigned i = 0; i < fn->map.n; i++) {
		if (!covers(&fn->map.claim[i], off))
			continue;
		HOLDS(fn, at == (int)i, off);
		at = capgap_map_next_owner(&fn->map, off, i + 1);
	}
	HOLDS(fn, at == -1, off);
}

/* True when nobody uses any of the 4 bytes, whoever says that they are free. */
static bool is_gap_dword(const struct capgap_map *map, unsigned off)
{
	for (unsigned i = off; i < off + 4; i++) {
		if (i >= map->size || (map->verdict[i] != CAPGAP_OWNER_FREE &&
				       map->verdict[i] != CAPGAP_OWNER_LISTED &&
				       map->verdict[i] != CAPGAP_OWNER_DESCRIPTOR))
			return false;
	}
	return true;
}

static enum capgap_content content_of(const struct capgap_image *img, unsigned off,
				      unsigned len)
{
	unsigned zeros = 0;
	unsigned ones = 0;

	for (unsigned i = off; i < off + len; i++) {
		if (img->changing[i / 32] >> (i % 32) & 1u)
			return CAPGAP_CONTENT_CHANGING;
		zeros += img->data[i] == 0x00;
		ones += img->data[i] == 0xff;
	}
	if (zeros == len)
		return CAPGAP_CONTENT_ZERO;
	return ones == len ? CAPGAP_CONTENT_ONES : CAPGAP_CONTENT_MIXED;
}

/* Invariant 2: the gaps are all the longest runs of such dwords, and only those. */
static void check_gaps(const struct capgap_function *fn, unsigned min)
{
	const struct capgap_gap *gap = fn->gap;
	const struct capgap_gap *last = fn->gap + fn->n_gaps;
	unsigned end;

	for (unsigned off = 0; off < fn->map.size; off = end) {
		end = off + 4;
		if (!is_gap_dword(&fn->map, off))
			continue;
		while (end < space_end(off) && is_gap_dword(&fn->map, end))
			end += 4;
		if (end - off < min)
			continue;
		HOLDS(fn, gap < last, off);
		HOLDS(fn, gap->off == off && gap->len == end - off, off);
		HOLDS(fn, capgap_image_has(&fn->image, off, end - off), off);
		HOLDS(fn, gap->content == content_of(&fn->image, off, end - off), off);
		gap++;
	}
	HOLDS(fn, gap == last, gap < last ? gap->off : 0);
}

/* The start of the next structure above @off, or the end of its space. */
static unsigned next_start(const struct capgap_chain *chain, unsigned off)
{
	unsigned next = space_end(off);

	for (unsigned i = 0; i < chain->n; i++) {
		if (chain->cap[i].off > off && chain->cap[i].off < next)
			next = chain->cap[i].off;
	}
	if (chain->conv_end > off && chain->conv_end < next)
		next = chain->conv_end;
	if (chain->ext_end > off && chain->ext_end < next)
		next = chain->ext_end;
	return next;
}

/* True when a claim gives @index the bytes from @first up to @limit, as far as there are any. */
static bool has_claim(const struct capgap_map *map, unsigned first, unsigned limit,
		      enum capgap_owner owner, unsigned index)
{
	const struct capgap_claim *claim;

	if (limit > map->size)
		limit = map->size;
	for (unsigned i = 0; i < map->n; i++) {
		claim = &map->claim[i];
		if (claim->owner == owner && claim->cap == index &&
		    covers(claim, first) && covers(claim, limit - 1))
			return true;
	}
	return false;
}

/* True of a free-space descriptor that spans a gap: it owns its header only. */
static bool spans_gap(const struct capgap_function *fn, const struct capgap_cap *cap)
{
	const struct capgap_descriptor *d;

	for (unsigned i = 0; i < fn->free_space.n_descriptors; i++) {
		d = &fn->free_space.descriptor[i];
		if (d->off == cap->off && d->form == CAPGAP_FORM_GAP &&
		    d->len == cap->len)
			return cap->owned == DVSEC_HEADER_LEN;
	}
	return false;
}

/* Length, owned bytes and extent of a structure fit each other and the space. */
static void check_extent(const struct capgap_function *fn, const struct capgap_cap *cap)
{
	unsigned left = space_end(cap->off) - cap->off;
	unsigned padded = (cap->len + 3u) & ~3u;
	unsigned whole = padded < left ? padded : left;

	HOLDS(fn, cap->off % 4 == 0 && cap->off < fn->image.size, cap->off);
	HOLDS(fn, cap->owned >= 4 && cap->owned % 4 == 0, cap->off);
	HOLDS(fn, cap->owned <= left, cap->off);
	HOLDS(fn, cap->certain % 4 == 0 && cap->certain >= 4, cap->off);
	switch (cap->extent) {
	case CAPGAP_EXTENT_FIXED:
	case CAPGAP_EXTENT_COMPUTED:
	case CAPGAP_EXTENT_DECLARED:
		HOLDS(fn, cap->len > 0, cap->off);
		HOLDS(fn, cap->owned == whole || spans_gap(fn, cap), cap->off);
		break;
	case CAPGAP_EXTENT_ATMOST:
		HOLDS(fn,
		      cap->owned <= next_start(&fn->chain, cap->off) - cap->off ||
			      cap->owned == cap->certain,
		      cap->off);
		HOLDS(fn, cap->owned >= cap->certain, cap->off);
		HOLDS(fn, cap->len == 0, cap->off);
		break;
	case CAPGAP_EXTENT_UNKNOWN:
		HOLDS(fn, cap->len == 0, cap->off);
		break;
	}
}

/* What a structure owns is claimed for it, and its shadow reaches to the next one. */
static void check_cap(const struct capgap_function *fn, unsigned index)
{
	const struct capgap_cap *cap = &fn->chain.cap[index];
	unsigned end = (unsigned)cap->off + cap->owned;
	unsigned limit = next_start(&fn->chain, cap->off);
	bool unknown = cap->extent == CAPGAP_EXTENT_UNKNOWN;

	check_extent(fn, cap);
	HOLDS(fn,
	      has_claim(&fn->map, cap->off, end,
			unknown ? CAPGAP_OWNER_CAP_MIN : CAPGAP_OWNER_CAP, index),
	      cap->off);
	if (unknown && limit > end && end < fn->map.size)
		HOLDS(fn, has_claim(&fn->map, end, limit, CAPGAP_OWNER_SHADOW, index),
		      cap->off);
}

static void check_orphan(const struct capgap_function *fn, unsigned index)
{
	const struct capgap_cap *cap = &fn->orphans.cap[index];
	unsigned end = (unsigned)cap->off + cap->owned;
	bool linked = false;

	HOLDS(fn, cap->space == CAPGAP_EXT && cap->off >= CAPGAP_CONV_END, cap->off);
	HOLDS(fn, cap->off % 4 == 0 && cap->owned >= 4 && cap->owned % 4 == 0, cap->off);
	HOLDS(fn, end <= next_start(&fn->chain, cap->off), cap->off);
	HOLDS(fn, cap->version == 1 || cap->version == 2, cap->off);
	HOLDS(fn, has_claim(&fn->map, cap->off, end, CAPGAP_OWNER_ORPHAN, index),
	      cap->off);
	for (unsigned i = 0; i < fn->chain.n; i++) {
		HOLDS(fn, fn->chain.cap[i].off != cap->off, cap->off);
		linked |= fn->chain.cap[i].off == cap->next;
	}
	HOLDS(fn, linked, cap->off);
}

/* One list: no header twice, and each entry is where the one before it points. */
static void check_list(const struct capgap_function *fn, enum capgap_space space,
		       unsigned first, unsigned end)
{
	bool seen[CAPGAP_SPACE_MAX] = { false };
	const struct capgap_cap *cap;

	for (unsigned i = first; i < end; i++) {
		cap = &fn->chain.cap[i];
		HOLDS(fn, cap->space == space, cap->off);
		HOLDS(fn, !seen[cap->off], cap->off);
		seen[cap->off] = true;
		HOLDS(fn, i == first || cap[-1].next == cap->off, cap->off);
	}
	if (space == CAPGAP_EXT && first < end)
		HOLDS(fn, fn->chain.cap[first].off == CAPGAP_CONV_END, CAPGAP_CONV_END);
}

static void check_chain(const struct capgap_function *fn)
{
	const struct capgap_chain *chain = &fn->chain;

	HOLDS(fn, chain->n_conv <= CAPGAP_CONV_CAPS_MAX, 0);
	HOLDS(fn, chain->n_conv <= chain->n && chain->n <= CAPGAP_CAPS_MAX, 0);
	check_list(fn, CAPGAP_CONV, 0, chain->n_conv);
	check_list(fn, CAPGAP_EXT, chain->n_conv, chain->n);
	for (unsigned i = 0; i < chain->n; i++)
		check_cap(fn, i);
	for (unsigned i = 0; i < fn->orphans.n; i++)
		check_orphan(fn, i);
}

/* Ranges that are declared free and used: nobody's, aligned, apart from each other. */
static void check_declared(const struct capgap_function *fn)
{
	bool seen[CAPGAP_SPACE_MAX] = { false };
	const struct capgap_declared *range;
	unsigned end;

	for (unsigned i = 0; i < fn->free_space.n_ranges; i++) {
		range = &fn->free_space.range[i];
		end = (unsigned)range->off + range->len;
		HOLDS(fn, range->descriptor < fn->free_space.n_descriptors, range->off);
		if (!range->usable)
			continue;
		HOLDS(fn, fn->free_space.descriptor[range->descriptor].valid, range->off);
		HOLDS(fn, range->off % 4 == 0 && range->len % 4 == 0, range->off);
		HOLDS(fn, end <= fn->map.size && end <= space_end(range->off),
		      range->off);
		for (unsigned off = range->off; off < end; off++) {
			HOLDS(fn, !seen[off], off);
			seen[off] = true;
			HOLDS(fn,
			      fn->map.verdict[off] == CAPGAP_OWNER_DESCRIPTOR ||
				      fn->map.verdict[off] == CAPGAP_OWNER_LISTED,
			      off);
		}
	}
	for (unsigned off = 0; off < fn->map.size; off++)
		HOLDS(fn, seen[off] || fn->map.verdict[off] != CAPGAP_OWNER_DESCRIPTOR,
		      off);
}

static void check_hit(const struct capgap_function *fn, const struct capgap_hit *hit)
{
	char text[256];

	HOLDS(fn, capgap_finding_get(hit->kind), hit->off);
	HOLDS(fn, hit->off < CAPGAP_SPACE_MAX, hit->off);
	HOLDS(fn, hit->off + hit->len <= (int)CAPGAP_SPACE_MAX, hit->off);
	capgap_hit_text(hit, text, sizeof(text));
	HOLDS(fn, text[0] && strlen(text) < sizeof(text) - 1, hit->off);
}

/* The list of findings has room left, so none was dropped. */
static void check_findings(const struct capgap_function *fn)
{
	const struct capgap_findings *list = &fn->findings;

	HOLDS(fn, list->n < CAPGAP_HITS_MAX, 0);
	for (unsigned i = 0; i < list->n; i++)
		check_hit(fn, &list->hit[i]);
	if (!capgap_image_is_whole(&fn->image))
		HOLDS(fn, capgap_findings_has(list, CAPGAP_F_BYTES_ABSENT), 0);
	for (unsigned i = 0; i < fn->chain.n; i++) {
		if (fn->chain.cap[i].extent == CAPGAP_EXTENT_UNKNOWN)
			HOLDS(fn, capgap_findings_has(list, CAPGAP_F_LENGTH_UNKNOWN),
			      fn->chain.cap[i].off);
	}
}

/* What `check` adds to it: kinds of its own, which the analysis leaves to it. */
static void check_rules(const struct capgap_function *fn)
{
	struct capgap_findings *list = calloc(1, sizeof(*list));
	const struct capgap_hit *hit;

	HOLDS(fn, list, 0);
	capgap_check_function(fn, list);
	for (unsigned i = 0; i < list->n; i++) {
		hit = &list->hit[i];
		check_hit(fn, hit);
		HOLDS(fn, capgap_finding_get(hit->kind)->flags & CAPGAP_F_CHECK_ONLY,
		      hit->off);
	}
	free(list);
	for (unsigned i = 0; i < fn->findings.n; i++) {
		hit = &fn->findings.hit[i];
		HOLDS(fn, !(capgap_finding_get(hit->kind)->flags & CAPGAP_F_CHECK_ONLY),
		      hit->off);
	}
}

void invariants_check_function(const struct capgap_function *fn,
			       const struct capgap_options *opt)
{
	check_claims(fn);
	check_verdicts(fn);
	for (unsigned off = 0; off < fn->map.size; off += 64)
		check_owners(fn, off);
	check_gaps(fn, opt->min_gap);
	check_chain(fn);
	check_declared(fn);
	check_findings(fn);
	check_rules(fn);
	if (!fn->not_applicable) {
		HOLDS(fn, fn->image.size == CAPGAP_SPACE_MAX, 0);
		HOLDS(fn, fn->chain.ctx.header_type == 0, 0);
		HOLDS(fn, fn->pcie && fn->chain.ext_walked, 0);
	}
}
