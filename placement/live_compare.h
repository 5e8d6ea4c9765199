/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The configuration region of VFIO against the view that is derived from the host's. */
#ifndef CAPGAP_LIVE_COMPARE_H
#define CAPGAP_LIVE_COMPARE_H

#include "view.h"

/* What reads differently and is known, CAPGAP_VIRTUAL_<SYMBOL>. */
enum capgap_virtual {
#define CAPGAP_VIRTUAL(symbol, where, id, off, dwords, bits, when, name, why, source)    \
	CAPGAP_VIRTUAL_##symbol,
#include "virtual.def"
#undef CAPGAP_VIRTUAL
	CAPGAP_VIRTUAL_COUNT
};

/* Reasons that one dword can have. */
#define CAPGAP_DIFFERENCE_WHYS 4u

/**
 * struct capgap_difference - a dword that is not as it was derived
 * @off: a multiple of 4, 0..0xffc
 * @host: on the host
 * @derived: as it should be through VFIO
 * @vfio: as it is
 * @explained: all bits that differ are known to
 * @changed: some of them changed on the host meanwhile
 * @n_whys: rows of virtual.def that know some of them
 * @why: them
 */
struct capgap_difference {
	uint16_t off;
	uint32_t host;
	uint32_t derived;
	uint32_t vfio;
	bool explained;
	bool changed;
	unsigned n_whys;
	enum capgap_virtual why[CAPGAP_DIFFERENCE_WHYS];
};

/**
 * struct capgap_comparison - a region and a view, side by side
 * @view_size: bytes of the view
 * @region_size: bytes of the region
 * @n_compared: dwords that both have whole
 * @n_left_out: dwords before the limit that only one has, or that were not read
 * @n: dwords that differ
 * @n_unexplained: those of them that are not explained
 * @difference: them, in ascending order
 */
struct capgap_comparison {
	size_t view_size;
	size_t region_size;
	unsigned n_compared;
	unsigned n_left_out;
	unsigned n;
	unsigned n_unexplained;
	struct capgap_difference difference[CAPGAP_SPACE_MAX / 4];
};

/**
 * struct capgap_region - a configuration region as it was read
 * @image: its bytes
 * @size: how large the kernel says that it is; bytes
 * @limit: no byte was to be read from there on, nor is one compared; 0 and 4096 for no limit
 */
struct capgap_region {
	struct capgap_image image;
	size_t size;
	size_t limit;
};

/**
 * capgap_compare() - compare a region with a view
 * @out: caller's, overwritten
 * @fn: the function on the host, read before the region; borrowed
 * @view: derived of it, borrowed
 * @region: borrowed
 * @after: the function on the host, read again behind the region, borrowed; NULL where
 *         that was not done
 */
void capgap_compare(struct capgap_comparison *out, const struct capgap_function *fn,
		    const struct capgap_view *view, const struct capgap_region *region,
		    const struct capgap_image *after);

/*
 * True when nothing is left to explain: the sizes are the same too, and all was read that
 * the device bears.
 */
bool capgap_compare_is_good(const struct capgap_comparison *comparison);

/* "bar" and so on. */
const char *capgap_virtual_name(enum capgap_virtual what);

/* Why it differs, a clause. */
const char *capgap_virtual_why(enum capgap_virtual what);

/* What that rests on. */
const char *capgap_virtual_source(enum capgap_virtual what);

#endif
