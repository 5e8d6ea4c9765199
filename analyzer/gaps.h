/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Aligned runs without an owner, and capabilities that no pointer reaches. */
#ifndef CAPGAP_GAPS_H
#define CAPGAP_GAPS_H

#include "map.h"

/**
 * struct capgap_gap - one run of unowned bytes
 * @off: first byte; a multiple of 4, 0x040..0xffc
 * @len: length in bytes; a multiple of 4, never less than the minimum asked for
 * @content: what its bytes hold
 */
struct capgap_gap {
	uint16_t off;
	uint16_t len;
	enum capgap_content content;
};

/* Every second dword at most begins a gap. */
#define CAPGAP_GAPS_MAX (CAPGAP_SPACE_MAX / 8u)

/**
 * struct capgap_orphans - capabilities found in gaps
 * @n: how many
 * @cap: in ascending order; @from is 0
 */
struct capgap_orphans {
	unsigned n;
	struct capgap_cap cap[CAPGAP_EXT_CAPS_MAX];
};

/**
 * capgap_gaps_orphans() - find complete extended capabilities that are in no list
 * @map: built; each orphan's bytes are claimed
 * @img: borrowed
 * @chain: borrowed
 * @out: caller's, overwritten
 * @hits: a finding for each
 *
 * An orphan is an unowned dword that reads as a header with a known id, version
 * 1 or 2, and a next pointer that is the start of a linked extended capability:
 * designs unlink a capability by changing the pointer before it and leave its
 * own, and its registers, as they were.
 */
void capgap_gaps_orphans(struct capgap_map *map, const struct capgap_image *img,
			 const struct capgap_chain *chain, struct capgap_orphans *out,
			 struct capgap_findings *hits);

/**
 * capgap_gaps_find() - list the free runs of an owner map
 * @map: borrowed, unchanged
 * @img: borrowed, for the content
 * @min: shortest run to report; bytes, a multiple of 4, at least 4
 * @out: caller's array, filled in ascending order of @off
 * @cap: elements in @out; 0 is allowed and only counts
 *
 * A byte the input did not hold is never free. A run ends at 0x100, where the
 * other space begins.
 *
 * Return: number of runs (when above @cap, the first @cap are in @out), or
 * -CAPGAP_E_INVAL for a bad @min.
 */
int capgap_gaps_find(const struct capgap_map *map, const struct capgap_image *img,
		     unsigned min, struct capgap_gap *out, size_t cap);

#endif
