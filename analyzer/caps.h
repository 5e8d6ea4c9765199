/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is known of each capability: names, lengths, and what vfio-pci does with it. */
#ifndef CAPGAP_CAPS_H
#define CAPGAP_CAPS_H

#include "capgap.h"
#include "findings.h"
#include "image.h"

/* PCI-compatible capability ids, CAPGAP_CAP_<SYMBOL>. */
enum capgap_cap_id {
#define CAPGAP_CAP(id, symbol, min, rule, vfio, name) CAPGAP_CAP_##symbol = (id),
#include "caps.def"
#undef CAPGAP_CAP
};

/* Extended capability ids, CAPGAP_ECAP_<SYMBOL>. */
enum capgap_ecap_id {
#define CAPGAP_ECAP(id, symbol, min, rule, vfio, name) CAPGAP_ECAP_##symbol = (id),
#include "ecaps.def"
#undef CAPGAP_ECAP
};

/**
 * enum capgap_extent - how the bytes of a structure are known
 * @CAPGAP_EXTENT_FIXED: the same for every instance
 * @CAPGAP_EXTENT_COMPUTED: from registers of the structure or of the function
 * @CAPGAP_EXTENT_DECLARED: a length field of the structure says so
 * @CAPGAP_EXTENT_ATMOST: a cautious figure; it ends there or before
 * @CAPGAP_EXTENT_UNKNOWN: only a minimum is certain; then a shadow to the next structure
 */
enum capgap_extent {
	CAPGAP_EXTENT_FIXED,
	CAPGAP_EXTENT_COMPUTED,
	CAPGAP_EXTENT_DECLARED,
	CAPGAP_EXTENT_ATMOST,
	CAPGAP_EXTENT_UNKNOWN
};

/**
 * enum capgap_vfio - what vfio-pci shows of a capability
 * @CAPGAP_VFIO_HIDDEN: unlinked from the list, its bytes still pass through
 * @CAPGAP_VFIO_SHOWN: left in the list
 * @CAPGAP_VFIO_SHOWN_6_4: left in the list since Linux 6.4
 */
enum capgap_vfio { CAPGAP_VFIO_HIDDEN, CAPGAP_VFIO_SHOWN, CAPGAP_VFIO_SHOWN_6_4 };

/**
 * struct capgap_context - what length rules need to know of the function
 * @header_type: bits 6:0 of byte 0x0e; 0xff when it was not read
 * @pcie: offset of the PCI Express capability, 0 when there is none in the list
 * @vendor: vendor id, 0xffff when unknown
 * @device: device id, 0xffff when unknown
 * @class_code: 24-bit class code, 0xffffff when unknown
 */
struct capgap_context {
	uint8_t header_type;
	uint16_t pcie;
	uint16_t vendor;
	uint16_t device;
	uint32_t class_code;
};

/**
 * struct capgap_cap - one capability as the list links it
 * @space: the list it was found in
 * @version: extended: bits 19:16 of the header; else 0
 * @extent: enum capgap_extent
 * @off: first byte; a multiple of 4
 * @id: capability id
 * @next: where the list goes on, low bits masked; 0 ends it
 * @from: offset of the header or register that points here; 0x100 for the extended head
 * @len: exact length in bytes, header included; 0 when it is not known exactly
 * @owned: bytes held, padded to a dword and clipped to the space; at least 4
 * @certain: those of them that no neighbour takes away: all but for ATMOST; a multiple of 4
 * @unsteady: what tells its length differs between samples, so that it is UNKNOWN
 */
struct capgap_cap {
	enum capgap_space space;
	uint8_t version;
	enum capgap_extent extent;
	uint16_t off;
	uint16_t id;
	uint16_t next;
	uint16_t from;
	uint16_t len;
	uint16_t owned;
	uint16_t certain;
	bool unsteady;
};

/**
 * struct capgap_length - what a length rule answers
 * @len: exact length in bytes for FIXED, COMPUTED and DECLARED; the cautious
 *       figure for ATMOST; the certain minimum for UNKNOWN. Not padded, not
 *       clipped, never 0
 * @extent: how it is known
 * @certain: bytes it has for certain, 1..@len: less than @len for ATMOST only. A rule
 *           leaves 0 there for the shortest length of its row
 * @unsteady: what tells the length differs between samples; UNKNOWN then. No rule sets it
 */
struct capgap_length {
	uint32_t len;
	enum capgap_extent extent;
	uint32_t certain;
	bool unsteady;
};

struct capgap_capdef;

/**
 * struct capgap_measure - what a length rule works on
 * @img: borrowed
 * @ctx: borrowed
 * @cap: borrowed; its @space, @off, @id and @version are set
 * @hits: findings about the length go here; may be NULL
 * @unsteady: set where a register that the rule loads differs between samples
 */
struct capgap_measure {
	const struct capgap_image *img;
	const struct capgap_context *ctx;
	const struct capgap_cap *cap;
	struct capgap_findings *hits;
	bool *unsteady;
};

/*
 * A length rule. One that needs bytes which were not read, or which lie behind
 * the end of the space, answers UNKNOWN with what is certain without them. It
 * records one finding at most.
 */
typedef struct capgap_length capgap_length_rule(const struct capgap_measure *m);

/**
 * struct capgap_capdef - one row of caps.def or ecaps.def
 * @id: capability id
 * @min: shortest length in bytes; the length itself where @rule is NULL
 * @vfio: what vfio-pci does with it
 * @rule: computes the length; NULL means FIXED at @min
 * @symbol: short name, "PASID"
 * @name: what lspci and people call it, "ATS", "Process Address Space ID"
 */
struct capgap_capdef {
	uint16_t id;
	uint16_t min;
	enum capgap_vfio vfio;
	capgap_length_rule *rule;
	const char *symbol;
	const char *name;
};

/**
 * capgap_caps_def() - the row of a capability id
 * @space: which table
 * @id: capability id
 *
 * Return: the row, or NULL for an id that is in no table.
 */
const struct capgap_capdef *capgap_caps_def(enum capgap_space space, unsigned id);

/**
 * capgap_caps_row() - the rows of a table by position, for manuals and tests
 * @space: which table
 * @n: from 0
 *
 * Return: the row, rows ascending by id; NULL behind the last.
 */
const struct capgap_capdef *capgap_caps_row(enum capgap_space space, unsigned n);

/**
 * capgap_caps_symbol() - short name of a capability id
 * @space: which table
 * @id: capability id
 *
 * Return: "ATS" and the like; "unknown" for an id that is in no table.
 */
const char *capgap_caps_symbol(enum capgap_space space, unsigned id);

/* "fixed", "computed", "declared", "atmost" or "unknown". */
const char *capgap_extent_name(enum capgap_extent extent);

/**
 * capgap_caps_length() - how many bytes a capability has
 * @img: borrowed
 * @ctx: borrowed
 * @cap: its space, off, id and version are read; nothing is changed
 * @hits: findings about the length; may be NULL
 *
 * Return: the answer of the table's rule, not padded and not clipped. For an
 * id in no table: UNKNOWN with the 4 bytes of a header (2 in PCI-compatible space). Where
 * a register that the rule loads differs between samples: UNKNOWN, with the shortest length
 * of the row, whatever the rule finds.
 */
struct capgap_length capgap_caps_length(const struct capgap_image *img,
					const struct capgap_context *ctx,
					const struct capgap_cap *cap,
					struct capgap_findings *hits);

#endif
