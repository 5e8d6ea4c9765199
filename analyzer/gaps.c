/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Aligned runs without an owner, and capabilities that no pointer reaches. */
#include "gaps.h"

#include <string.h>

#include "bytes.h"
#include "header.h"

/* True when no list, quirk or other orphan has the dword at @off. */
static bool is_unclaimed(const struct capgap_map *map, unsigned off)
{
	for (unsigned i = off; i < off + 4; i++) {
		if (i >= map->size || (map->verdict[i] != CAPGAP_OWNER_FREE &&
				       map->verdict[i] != CAPGAP_OWNER_SHADOW))
			return false;
	}
	return true;
}

static bool is_linked_start(const struct capgap_chain *chain, unsigned off)
{
	for (unsigned i = chain->n_conv; i < chain->n; i++) {
		if (chain->cap[i].off == off && off >= CAPGAP_CONV_END)
			return true;
	}
	return false;
}

/* Decode the dword at @off as the header of an orphan; false when it is none. */
static bool read_orphan(struct capgap_cap *cap, const struct capgap_image *img,
			const struct capgap_chain *chain, unsigned off)
{
	uint32_t header;

	if (!capgap_get32(img, off, &header))
		return false;
	if (EXT_VERSION(header) != 1 && EXT_VERSION(header) != 2)
		return false;
	if (EXT_ID(header) == 0 || !capgap_caps_def(CAPGAP_EXT, EXT_ID(header)))
		return false;
	if (!is_linked_start(chain, EXT_NEXT(header)))
		return false;
	memset(cap, 0, sizeof(*cap));
	cap->space = CAPGAP_EXT;
	cap->off = (uint16_t)off;
	cap->id = (uint16_t)EXT_ID(header);
	cap->version = (uint8_t)EXT_VERSION(header);
	cap->next = (uint16_t)EXT_NEXT(header);
	return true;
}

void capgap_gaps_orphans(struct capgap_map *map, const struct capgap_image *img,
			 const struct capgap_chain *chain, struct capgap_orphans *out,
			 struct capgap_findings *hits)
{
	struct capgap_cap *cap;

	out->n = 0;
	for (unsigned off = CAPGAP_CONV_END; off < map->size; off += 4) {
		cap = &out->cap[out->n];
		if (!is_unclaimed(map, off) || !read_orphan(cap, img, chain, off))
			continue;
		capgap_chain_measure(cap, img, &chain->ctx, hits);
		capgap_map_claim_orphan(map, chain, cap, out->n++);
		capgap_findings_add(hits, CAPGAP_F_ORPHAN, off, cap->owned, cap->id,
				    cap->next);
	}
}

/* End of the free run that starts at @off; the two spaces do not run together. */
static unsigned run_end(const struct capgap_map *map, unsigned off)
{
	unsigned limit = off < CAPGAP_CONV_END && map->size > CAPGAP_CONV_END ?
				 CAPGAP_CONV_END :
				 map->size;

	while (off < limit && capgap_map_is_unowned(map, off))
		off++;
	return off;
}

int capgap_gaps_find(const struct capgap_map *map, const struct capgap_image *img,
		     unsigned min, struct capgap_gap *out, size_t cap)
{
	unsigned first;
	unsigned end;
	int n = 0;

	if (min < 4 || min % 4)
		return -CAPGAP_E_INVAL;
	for (unsigned off = 0; off < map->size; off = (end > off) ? end : off + 1) {
		end = run_end(map, off);
		first = (off + 3u) & ~3u;
		if (end < first + min)
			continue;
		if ((size_t)n < cap) {
			out[n].off = (uint16_t)first;
			out[n].len = (uint16_t)((end & ~3u) - first);
			out[n].content = capgap_image_content(img, first, out[n].len);
		}
		n++;
	}
	return n;
}
