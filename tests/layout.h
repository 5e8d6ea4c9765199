/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random functions of which everything is known, since they are made: who has which
 * byte, what is declared free, and how the list goes.
 */
#ifndef CAPGAP_TESTS_LAYOUT_H
#define CAPGAP_TESTS_LAYOUT_H

#include "../analyzer/function.h"
#include "guest_list.h"

/**
 * enum layout_owner - who has a byte of extended space
 * @LAYOUT_FREE: nobody
 * @LAYOUT_EXACT: a linked structure, whose end is known
 * @LAYOUT_ATMOST: one whose end is a cautious figure
 * @LAYOUT_UNKNOWN: one of unknown length
 * @LAYOUT_SHADOW: nobody for certain; a structure before it may reach here
 * @LAYOUT_ORPHAN: a structure that no pointer reaches
 * @LAYOUT_RESERVED: a quirk says that it is in use
 * @LAYOUT_ABSENT: it was not read
 */
enum layout_owner {
	LAYOUT_FREE,
	LAYOUT_EXACT,
	LAYOUT_ATMOST,
	LAYOUT_UNKNOWN,
	LAYOUT_SHADOW,
	LAYOUT_ORPHAN,
	LAYOUT_RESERVED,
	LAYOUT_ABSENT
};

/* What the quirk rows of tests/quirks/layout.xml say, by device id. */
#define LAYOUT_DEVICE 0x3000u
enum layout_quirk {
	LAYOUT_QUIRK_NONE,
	LAYOUT_QUIRK_RESERVED,
	LAYOUT_QUIRK_FREE,
	LAYOUT_QUIRK_PREFER,
	LAYOUT_QUIRK_SUSPECT,
	LAYOUT_QUIRK_REFUSE,
	LAYOUT_QUIRK_BOTH,
	LAYOUT_QUIRK_COUNT
};

#define LAYOUT_CAPS_MAX 20u
#define LAYOUT_RANGES_MAX 16u

/**
 * struct layout_cap - an entry of the list
 * @off: its header
 * @len: bytes that it has; where that is not certain, those that are
 * @id: capability id
 * @version: capability version
 * @hidden: vfio-pci hides it
 * @hidden_old: Linux before 6.4 does
 * @form: 1 or 2 for a free-space descriptor whose pair is listed, else 0
 * @spans: of form 1, its Length
 */
struct layout_cap {
	uint16_t off;
	uint16_t len;
	uint16_t id;
	uint16_t version;
	bool hidden;
	bool hidden_old;
	unsigned form;
	uint16_t spans;
};

/**
 * struct layout_range - a range that a descriptor declares
 * @off: first byte
 * @len: bytes
 * @cap: the descriptor's offset
 * @dw: offset of the dword that states its length
 * @usable: nothing speaks against it
 */
struct layout_range {
	uint16_t off;
	uint16_t len;
	uint16_t cap;
	uint16_t dw;
	bool usable;
};

/**
 * struct layout - a function
 * @bytes: its configuration space
 * @owner: enum layout_owner of each byte
 * @listed: a quirk says that the byte is free
 * @declared: one more than the index of the usable range that has the byte; 0 for none
 * @fill: what a byte reads where nothing is, 00 or ff
 * @n_caps: entries of the list
 * @cap: them, in list order
 * @n_ranges: declared ranges
 * @range: them, in list order of their descriptors
 * @exhaustive: a table is among the descriptors
 * @listing: the pair of the descriptors is listed
 * @whole: every byte was read
 * @quirk: what the quirk table says of it
 * @prefer: the offset that a quirk prefers, or 0
 * @slot: offset of its own PASID capability, or 0
 * @pf_pasid: it is a virtual function, and its physical one has PASID there; or 0
 * @has_pri: it has PRI
 * @rec: what the library is given
 */
struct layout {
	uint8_t bytes[GUEST_SPACE];
	uint8_t owner[GUEST_SPACE];
	bool listed[GUEST_SPACE];
	uint8_t declared[GUEST_SPACE];
	uint8_t fill;
	unsigned n_caps;
	struct layout_cap cap[LAYOUT_CAPS_MAX];
	unsigned n_ranges;
	struct layout_range range[LAYOUT_RANGES_MAX];
	bool exhaustive;
	bool listing;
	bool whole;
	enum layout_quirk quirk;
	uint16_t prefer;
	uint16_t slot;
	uint16_t pf_pasid;
	bool has_pri;
	struct capgap_record rec;
};

/**
 * layout_make() - make a random function
 * @out: caller's, overwritten
 * @state: of prng.h
 */
void layout_make(struct layout *out, uint32_t *state);

/**
 * layout_topology() - what the function's machine has shown before it
 * @layout: borrowed
 * @topo: initialised; the physical function of a virtual one is added
 */
void layout_topology(const struct layout *layout, struct capgap_topology *topo);

/**
 * layout_view() - the bytes of extended space as vfio-pci shows them
 * @layout: borrowed
 * @old: by Linux before 6.4
 * @out: 4096 bytes; what lies below extended space is left out
 */
void layout_view(const struct layout *layout, bool old, uint8_t *out);

/* Print the function to stderr, in the form of support.h. */
void layout_print(const struct layout *layout);

#endif
