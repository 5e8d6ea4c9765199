/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which byte belongs to whom. */
#include "map.h"

#include <assert.h>
#include <string.h>

#include "bytes.h"
#include "header.h"

void capgap_map_init(struct capgap_map *map, const struct capgap_image *img)
{
	struct capgap_range hole;

	map->size = img->size;
	map->n = 0;
	memset(map->verdict, CAPGAP_OWNER_FREE, sizeof(map->verdict));
	for (unsigned off = 0; capgap_image_absent(img, off, &hole);
	     off = hole.off + hole.len)
		capgap_map_claim(map, hole.off, hole.len, CAPGAP_OWNER_ABSENT,
				 CAPGAP_NO_CAP);
}

void capgap_map_claim(struct capgap_map *map, unsigned off, unsigned len,
		      enum capgap_owner owner, unsigned cap)
{
	if (off >= map->size)
		return;
	if (len > map->size - off)
		len = map->size - off;
	if (!len)
		return;
	assert(map->n < CAPGAP_CLAIMS_MAX);
	map->claim[map->n++] = (struct capgap_claim){ (uint16_t)off, (uint16_t)len,
						      (uint16_t)owner, (uint16_t)cap };
	for (unsigned i = off; i < off + len; i++) {
		if (owner < map->verdict[i])
			map->verdict[i] = (uint8_t)owner;
	}
}

/* One bit a dword: a header, or a dead end of a list, starts there. */
struct starts {
	uint32_t bit[CAPGAP_SPACE_MAX / 4 / 32];
};

static void mark_start(struct starts *starts, unsigned off)
{
	starts->bit[off / 4 / 32] |= UINT32_C(1) << (off / 4 % 32);
}

/* The next start above @off, or the end of the space that @off lies in. */
static unsigned next_start(const struct starts *starts, unsigned off)
{
	unsigned end = off < CAPGAP_CONV_END ? CAPGAP_CONV_END : CAPGAP_SPACE_MAX;

	for (unsigned dw = off / 4 + 1; dw < end / 4; dw++) {
		if (starts->bit[dw / 32] >> (dw % 32) & 1u)
			return dw * 4;
	}
	return end;
}

static void add_starts(struct starts *starts, const struct capgap_chain *chain)
{
	for (unsigned i = 0; i < chain->n; i++)
		mark_start(starts, chain->cap[i].off);
	if (chain->conv_end)
		mark_start(starts, chain->conv_end);
	if (chain->ext_end)
		mark_start(starts, chain->ext_end);
}

static void collect_starts(struct starts *starts, const struct capgap_chain *chain)
{
	memset(starts, 0, sizeof(*starts));
	add_starts(starts, chain);
}

/*
 * A cautious figure ends where the next structure starts, @left bytes on, unless that one
 * starts in registers that the first has for certain: both own those, as if it were exact.
 */
static void clip_cautious(struct capgap_cap *cap, unsigned left)
{
	if (cap->extent != CAPGAP_EXTENT_ATMOST || cap->owned <= left)
		return;
	cap->owned = left < cap->certain ? cap->certain : (uint16_t)left;
}

static void claim_cap(struct capgap_map *map, struct capgap_cap *cap, unsigned index,
		      unsigned next, struct capgap_findings *hits)
{
	unsigned left = next - cap->off;

	clip_cautious(cap, left);
	if (cap->owned > left)
		capgap_findings_add(hits, CAPGAP_F_OVERLAP, next, cap->owned - left,
				    cap->off, 0);
	if (cap->extent != CAPGAP_EXTENT_UNKNOWN) {
		capgap_map_claim(map, cap->off, cap->owned, CAPGAP_OWNER_CAP, index);
		return;
	}
	capgap_map_claim(map, cap->off, cap->owned, CAPGAP_OWNER_CAP_MIN, index);
	if (left > cap->owned)
		capgap_map_claim(map, cap->off + cap->owned, left - cap->owned,
				 CAPGAP_OWNER_SHADOW, index);
}

/* The header, whatever it holds, and all else where no list can be looked for. */
static void claim_header(struct capgap_map *map, const struct capgap_chain *chain)
{
	uint8_t type = chain->ctx.header_type;
	unsigned end = type == HDR_CARDBUS ? HDR_CARDBUS_END : CAPGAP_HEADER_END;

	capgap_map_claim(map, 0, end, CAPGAP_OWNER_HEADER, CAPGAP_NO_CAP);
	if (type > HDR_CARDBUS)
		capgap_map_claim(map, end, CAPGAP_CONV_END - end, CAPGAP_OWNER_UNWALKED,
				 CAPGAP_NO_CAP);
	if (!chain->ext_walked || chain->ext_end == CAPGAP_CONV_END)
		capgap_map_claim(map, CAPGAP_CONV_END, CAPGAP_SPACE_MAX - CAPGAP_CONV_END,
				 CAPGAP_OWNER_UNWALKED, CAPGAP_NO_CAP);
}

/*
 * A pointer leads to a header that reads zeros or ones: whatever stands there, nobody
 * knows its end. At 0x100 the whole space is unwalked anyway.
 */
static void claim_dead_end(struct capgap_map *map, unsigned off, enum capgap_owner owner,
			   const struct starts *starts)
{
	if (!off)
		return;
	capgap_map_claim(map, off, 4, owner, CAPGAP_NO_CAP);
	if (off != CAPGAP_CONV_END)
		capgap_map_claim(map, off + 4, next_start(starts, off) - off - 4,
				 CAPGAP_OWNER_SHADOW, CAPGAP_NO_CAP);
}

void capgap_map_build(struct capgap_map *map, struct capgap_chain *chain,
		      struct capgap_findings *hits)
{
	struct starts starts;

	collect_starts(&starts, chain);
	claim_header(map, chain);
	claim_dead_end(map, chain->conv_end, CAPGAP_OWNER_CAP_MIN, &starts);
	claim_dead_end(map, chain->ext_end, CAPGAP_OWNER_CAP_MIN, &starts);
	for (unsigned i = 0; i < chain->n; i++)
		claim_cap(map, &chain->cap[i], i, next_start(&starts, chain->cap[i].off),
			  hits);
}

void capgap_map_claim_orphan(struct capgap_map *map, const struct capgap_chain *chain,
			     struct capgap_cap *cap, unsigned index)
{
	struct starts starts;
	unsigned left;

	collect_starts(&starts, chain);
	left = next_start(&starts, cap->off) - cap->off;
	if (cap->owned > left)
		cap->owned = (uint16_t)left;
	capgap_map_claim(map, cap->off, cap->owned, CAPGAP_OWNER_ORPHAN, index);
	if (cap->extent == CAPGAP_EXTENT_UNKNOWN)
		capgap_map_claim(map, cap->off + cap->owned, left - cap->owned,
				 CAPGAP_OWNER_SHADOW, CAPGAP_NO_CAP);
}

void capgap_map_claim_vfio(struct capgap_map *map, const struct capgap_chain *chain,
			   struct capgap_chain *vfio, unsigned index, unsigned skip)
{
	struct capgap_cap *cap = &vfio->cap[index];
	struct starts starts;
	unsigned left;

	collect_starts(&starts, chain);
	add_starts(&starts, vfio);
	left = next_start(&starts, cap->off) - cap->off;
	clip_cautious(cap, left);
	if (cap->owned > skip)
		capgap_map_claim(map, cap->off + skip, cap->owned - skip,
				 CAPGAP_OWNER_VFIO, index);
	if (cap->extent == CAPGAP_EXTENT_UNKNOWN && left > cap->owned)
		capgap_map_claim(map, cap->off + cap->owned, left - cap->owned,
				 CAPGAP_OWNER_SHADOW, CAPGAP_NO_CAP);
}

void capgap_map_claim_vfio_end(struct capgap_map *map, const struct capgap_chain *chain,
			       const struct capgap_chain *vfio)
{
	struct starts starts;

	collect_starts(&starts, chain);
	add_starts(&starts, vfio);
	if (vfio->ext_end != chain->ext_end)
		claim_dead_end(map, vfio->ext_end, CAPGAP_OWNER_VFIO, &starts);
}

int capgap_map_next_owner(const struct capgap_map *map, unsigned off, unsigned from)
{
	for (unsigned i = from; i < map->n; i++) {
		if (off >= map->claim[i].off &&
		    off - map->claim[i].off < map->claim[i].len)
			return (int)i;
	}
	return -1;
}

const struct capgap_claim *capgap_map_claim_of(const struct capgap_map *map, unsigned off,
					       enum capgap_owner owner)
{
	for (int i = capgap_map_next_owner(map, off, 0); i >= 0;
	     i = capgap_map_next_owner(map, off, (unsigned)i + 1)) {
		if (map->claim[i].owner == owner)
			return &map->claim[i];
	}
	return NULL;
}

bool capgap_map_is_unowned(const struct capgap_map *map, unsigned off)
{
	switch (map->verdict[off]) {
	case CAPGAP_OWNER_LISTED:
	case CAPGAP_OWNER_DESCRIPTOR:
	case CAPGAP_OWNER_FREE:
		return true;
	default:
		return false;
	}
}

bool capgap_map_is_free(const struct capgap_map *map, unsigned off, unsigned len)
{
	if (off > map->size || len > map->size - off)
		return false;
	for (unsigned i = off; i < off + len; i++) {
		if (map->verdict[i] != CAPGAP_OWNER_FREE)
			return false;
	}
	return true;
}

const char *capgap_owner_name(enum capgap_owner owner)
{
	static const char *const names[] = {
		[CAPGAP_OWNER_ABSENT] = "absent",
		[CAPGAP_OWNER_HEADER] = "header",
		[CAPGAP_OWNER_CAP] = "capability",
		[CAPGAP_OWNER_CAP_MIN] = "capability",
		[CAPGAP_OWNER_VFIO] = "vfio-capability",
		[CAPGAP_OWNER_RESERVED] = "reserved",
		[CAPGAP_OWNER_LISTED] = "listed",
		[CAPGAP_OWNER_ORPHAN] = "orphan",
		[CAPGAP_OWNER_DESCRIPTOR] = "descriptor",
		[CAPGAP_OWNER_SHADOW] = "shadow",
		[CAPGAP_OWNER_UNWALKED] = "unwalked",
		[CAPGAP_OWNER_FREE] = "free",
	};

	return names[owner];
}
