/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which byte belongs to whom. */
#ifndef CAPGAP_MAP_H
#define CAPGAP_MAP_H

#include "chain.h"

/**
 * enum capgap_owner - who can have a byte; the first that matches decides
 * @CAPGAP_OWNER_ABSENT: it was not read
 * @CAPGAP_OWNER_HEADER: the header, whatever it holds
 * @CAPGAP_OWNER_CAP: a structure of known or cautious extent
 * @CAPGAP_OWNER_CAP_MIN: the certain bytes of a structure of unknown extent
 * @CAPGAP_OWNER_VFIO: a structure that only a dump from the VFIO side links, or that is
 *                     longer there; also the header in which that side's list ends
 * @CAPGAP_OWNER_RESERVED: a quirk says that it is in use
 * @CAPGAP_OWNER_LISTED: a quirk says that it is free
 * @CAPGAP_OWNER_ORPHAN: a structure that no pointer reaches, or an IP core's registers
 * @CAPGAP_OWNER_DESCRIPTOR: a free-space descriptor says that it is free
 * @CAPGAP_OWNER_SHADOW: a structure of unknown extent may reach here
 * @CAPGAP_OWNER_UNWALKED: extended space whose list could not be walked
 * @CAPGAP_OWNER_FREE: nobody
 */
enum capgap_owner {
	CAPGAP_OWNER_ABSENT,
	CAPGAP_OWNER_HEADER,
	CAPGAP_OWNER_CAP,
	CAPGAP_OWNER_CAP_MIN,
	CAPGAP_OWNER_VFIO,
	CAPGAP_OWNER_RESERVED,
	CAPGAP_OWNER_LISTED,
	CAPGAP_OWNER_ORPHAN,
	CAPGAP_OWNER_DESCRIPTOR,
	CAPGAP_OWNER_SHADOW,
	CAPGAP_OWNER_UNWALKED,
	CAPGAP_OWNER_FREE
};

/**
 * struct capgap_claim - one owner's run of bytes
 * @off: first byte
 * @len: bytes, at least 1
 * @owner: who
 * @cap: the structure, index into the chain or, for orphans, into the orphan
 *       list, or, for VFIO, into the chain of that side; for reserved and listed bytes the row of the function's quirks;
 *       CAPGAP_NO_CAP where there is none
 */
struct capgap_claim {
	uint16_t off;
	uint16_t len;
	uint16_t owner;
	uint16_t cap;
};

#define CAPGAP_NO_CAP UINT16_MAX

/*
 * Every structure of either side claims twice at most, every dword may be absent, an orphan or
 * declared free, and function.h bounds what quirks say; the rest is spare.
 */
#define CAPGAP_CLAIMS_MAX (4u * CAPGAP_CAPS_MAX + 3u * CAPGAP_SPACE_MAX / 4u + 2048u)

/**
 * struct capgap_map - all claims, and the verdict on each byte
 * @size: bytes of the space, 0..4096
 * @n: claims
 * @claim: the claims, in the order they were made
 * @verdict: enum capgap_owner of each byte below @size
 */
struct capgap_map {
	uint16_t size;
	unsigned n;
	struct capgap_claim claim[CAPGAP_CLAIMS_MAX];
	uint8_t verdict[CAPGAP_SPACE_MAX];
};

/**
 * capgap_map_init() - a map in which absent bytes are absent and all others free
 * @map: caller's, overwritten
 * @img: borrowed
 */
void capgap_map_init(struct capgap_map *map, const struct capgap_image *img);

/**
 * capgap_map_claim() - give a run of bytes an owner
 * @map: caller's
 * @off: first byte; what lies beyond the space is left out
 * @len: bytes; 0 claims nothing
 * @owner: who
 * @cap: index of the structure or CAPGAP_NO_CAP
 *
 * A byte keeps all its owners; the verdict is the one that stands first in
 * enum capgap_owner.
 */
void capgap_map_claim(struct capgap_map *map, unsigned off, unsigned len,
		      enum capgap_owner owner, unsigned cap);

/**
 * capgap_map_build() - claim the header and every structure of both lists
 * @map: initialised
 * @chain: extents at most are clipped at the next structure, but not below what is
 *         certain of them, and what is owned is written back to each capability
 * @hits: overlaps and structures past the end are added
 */
void capgap_map_build(struct capgap_map *map, struct capgap_chain *chain,
		      struct capgap_findings *hits);

/**
 * capgap_map_claim_orphan() - claim a structure that no pointer reaches
 * @map: built
 * @chain: borrowed; its structures bound the orphan
 * @cap: measured; what is owned is clipped at the next structure
 * @index: position in the orphan list
 */
void capgap_map_claim_orphan(struct capgap_map *map, const struct capgap_chain *chain,
			     struct capgap_cap *cap, unsigned index);

/**
 * capgap_map_claim_vfio() - claim what a structure of a dump from the VFIO side has more
 * @map: built
 * @chain: the host's, borrowed; its structures too bound what is claimed
 * @vfio: the chain of that side; what is owned is clipped as capgap_map_build() does
 * @index: position in @vfio
 * @skip: bytes from its header on that the host's structure there owns; 0 where the host
 *        has another one or none
 */
void capgap_map_claim_vfio(struct capgap_map *map, const struct capgap_chain *chain,
			   struct capgap_chain *vfio, unsigned index, unsigned skip);

/**
 * capgap_map_claim_vfio_end() - claim the header of zeros or ones that ends that side's list
 * @map: built
 * @chain: the host's, borrowed
 * @vfio: the chain of that side; nothing is claimed where both lists end in one header
 */
void capgap_map_claim_vfio_end(struct capgap_map *map, const struct capgap_chain *chain,
			       const struct capgap_chain *vfio);

/**
 * capgap_map_next_owner() - walk over the owners of a byte
 * @map: borrowed
 * @off: the byte, 0..0xfff
 * @from: 0 at first, then one more than the last result
 *
 * Return: index of the next claim that covers the byte, or -1.
 */
int capgap_map_next_owner(const struct capgap_map *map, unsigned off, unsigned from);

/* The first claim of @owner that covers the byte at @off, or NULL. */
const struct capgap_claim *capgap_map_claim_of(const struct capgap_map *map, unsigned off,
					       enum capgap_owner owner);

/* True when nothing owns the byte at @off: free, or vouched for as free. */
bool capgap_map_is_unowned(const struct capgap_map *map, unsigned off);

/* True when nobody has any of the @len bytes at @off, and all were read. */
bool capgap_map_is_free(const struct capgap_map *map, unsigned off, unsigned len);

/* "absent", "header", "capability", "reserved", "listed", "orphan", ... */
const char *capgap_owner_name(enum capgap_owner owner);

#endif
