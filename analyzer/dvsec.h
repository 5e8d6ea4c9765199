/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Free-space descriptors: DVSECs that say which bytes of a function are free. */
#ifndef CAPGAP_DVSEC_H
#define CAPGAP_DVSEC_H

#include "chain.h"
#include "map.h"
#include "quirks.h"

/*
 * The format is experimental and this project's own (docs/free-space-dvsec.md);
 * no standards body knows of it.
 */
#define DVSEC_REVISION 1u
#define DVSEC_VERSION 1u /* of the extended capability header */
#define DVSEC_MAGIC 0xf5u
#define DVSEC_HEADER_LEN 12u
#define DVSEC_FORM_GAP 1u
#define DVSEC_FORM_TABLE 2u
/* Shortest gap form that can be carved: header, and 8 bytes for the capability. */
#define DVSEC_CARVE_MIN 20u

/* Second dword of any DVSEC: vendor 15:0, revision 19:16, Length 31:20. */
#define DVSEC_HEADER1 4u
#define DVSEC_HEADER1_VENDOR(dw) (0xffffu & (dw))
#define DVSEC_HEADER1_REVISION(dw) (0xfu & (dw) >> 16)
#define DVSEC_HEADER1_LEN(dw) (0xfffu & (dw) >> 20)
/* Third dword: DVSEC id 15:0, and above it the format's control word. */
#define DVSEC_HEADER2 8u
#define DVSEC_CONTROL 10u
#define DVSEC_CONTROL_MAGIC(word) (0xffu & (word) >> 8)
#define DVSEC_CONTROL_RESERVED 0x00f0u
#define DVSEC_CONTROL_FORM(word) (0xfu & (word))
/* Form 2: a dword for each range, from here to the end of the Length. */
#define DVSEC_TABLE 12u
#define DVSEC_ENTRY_OFF(dw) (0xfffu & (dw))
#define DVSEC_ENTRY_LEN(dw) (0xfffu & (dw) >> 16)
#define DVSEC_ENTRY_RESERVED 0xf000f000u
#define DVSEC_ENTRY_LEN_MIN 8u
/* Greatest Length that the field can state. */
#define DVSEC_LEN_MAX 0xffcu

/**
 * struct capgap_declared - one range that a descriptor declares free
 * @off: first byte; a multiple of 4 where @usable
 * @len: bytes; where @usable a multiple of 4 and at least 8 (form 1: 0 or 4 where it has
 *       no room for more behind its header)
 * @descriptor: index of the descriptor
 * @entry: offset of the table's entry; 0 for form 1
 * @usable: it passed every check. One below 0x100 is free too, but no place for an
 *          extended capability
 */
struct capgap_declared {
	uint16_t off;
	uint16_t len;
	uint16_t descriptor;
	uint16_t entry;
	bool usable;
};

/**
 * struct capgap_descriptor - one recognised free-space DVSEC
 * @off: its header
 * @len: its Length field, bytes
 * @vendor: DVSEC vendor id
 * @id: DVSEC id
 * @form: CAPGAP_FORM_GAP or CAPGAP_FORM_TABLE; of one that is not valid, CAPGAP_FORM_CONTROL
 *        where neither its listing nor its control word tells
 * @valid: its own fields are right and its own bytes are no other structure's; else it
 *         has no range
 * @no_control: the listing says that it has no control word
 */
struct capgap_descriptor {
	uint16_t off;
	uint16_t len;
	uint16_t vendor;
	uint16_t id;
	enum capgap_form form;
	bool valid;
	bool no_control;
};

/* Headers are dword-aligned and visited once; entries of valid tables do not overlap. */
#define CAPGAP_DESCRIPTORS_MAX 960u
#define CAPGAP_DECLARED_MAX 960u

/**
 * struct capgap_free_space - what a function declares free
 * @n_descriptors: recognised descriptors
 * @descriptor: them, in list order
 * @n_ranges: ranges
 * @range: them, in the order of the descriptors
 * @exhaustive: a valid table is among them: what no table lists is not declared free
 */
struct capgap_free_space {
	unsigned n_descriptors;
	struct capgap_descriptor descriptor[CAPGAP_DESCRIPTORS_MAX];
	unsigned n_ranges;
	struct capgap_declared range[CAPGAP_DECLARED_MAX];
	bool exhaustive;
};

/**
 * capgap_dvsec_is_descriptor() - whether a capability is a recognised free-space DVSEC
 * @cap: borrowed
 * @img: borrowed
 * @quirks: what the table says of the function
 * @n_quirks: how many
 *
 * Of several rows for its pair the last one counts, so that a directory, and the
 * caller, can overrule those before.
 *
 * Return: the DESCRIPTOR row that recognises it, borrowed from @quirks; NULL when none
 * does, or @cap does not lie in extended space.
 */
const struct capgap_quirk *capgap_dvsec_is_descriptor(const struct capgap_cap *cap,
						      const struct capgap_image *img,
						      const struct capgap_quirk *quirks,
						      size_t n_quirks);

/**
 * capgap_dvsec_shrink() - let a gap form own its header only
 * @chain: walked and measured; @owned of each recognised form 1 becomes 12
 *         bytes, so that what it spans is not counted as a structure's
 * @img: borrowed
 * @quirks: what the table says of the function
 * @n_quirks: how many
 *
 * Only a descriptor whose own fields are right is shrunk; one that breaches a
 * rule keeps all its Length spans.
 */
void capgap_dvsec_shrink(struct capgap_chain *chain, const struct capgap_image *img,
			 const struct capgap_quirk *quirks, size_t n_quirks);

/**
 * capgap_dvsec_read() - decode and check the free-space descriptors of a function
 * @out: caller's, overwritten
 * @chain: borrowed
 * @img: borrowed
 * @map: the owners without descriptors; each usable range is claimed as DESCRIPTOR
 * @quirks: what the table says of the function
 * @n_quirks: how many
 * @hits: each breach is added
 *
 * Nothing declared is believed before it is checked: inside one space,
 * aligned, not over a header, a structure, another range or reserved bytes. Of
 * two ranges that overlap, the later one in list order is not used. What a form
 * 1 spans whose range is not used stays in its shadow.
 */
void capgap_dvsec_read(struct capgap_free_space *out, const struct capgap_chain *chain,
		       const struct capgap_image *img, struct capgap_map *map,
		       const struct capgap_quirk *quirks, size_t n_quirks,
		       struct capgap_findings *hits);

/**
 * capgap_dvsec_read_vfio() - add the descriptors that only a dump from the VFIO side has
 * @out: what capgap_dvsec_read() found on the host; added to
 * @vfio: the chain of that side
 * @img: its image
 * @index: a capability of @vfio that the host's list does not have, claimed as VFIO
 * @hardware: the host's image, for what a range holds
 * @map: the host's owners; each usable range is claimed as DESCRIPTOR
 * @quirks: what the table says of the function
 * @n_quirks: how many
 * @hits: each breach is added
 *
 * The same checks are made as for a descriptor of the host's, against what the host has.
 */
void capgap_dvsec_read_vfio(struct capgap_free_space *out,
			    const struct capgap_chain *vfio,
			    const struct capgap_image *img, unsigned index,
			    const struct capgap_image *hardware, struct capgap_map *map,
			    const struct capgap_quirk *quirks, size_t n_quirks,
			    struct capgap_findings *hits);

/**
 * capgap_dvsec_write_gap() - the bytes of a descriptor of form 1
 * @buf: caller's, 12 bytes; header first
 * @vendor: DVSEC vendor id
 * @id: DVSEC id
 * @len: what it spans with its header; 12..0xffc, a multiple of 4
 * @next: next pointer of its header
 *
 * Return: 12, or -CAPGAP_E_INVAL for a bad @len or @next.
 */
int capgap_dvsec_write_gap(uint8_t *buf, uint16_t vendor, uint16_t id, unsigned len,
			   unsigned next);

/**
 * capgap_dvsec_write_table() - the bytes of a descriptor of form 2
 * @buf: caller's, @cap bytes
 * @cap: room
 * @vendor: DVSEC vendor id
 * @id: DVSEC id
 * @range: ranges to declare, borrowed; aligned, each of at least 8 bytes, none over
 *         another or the header of the function, none over the border of both spaces
 * @n: how many; 0 declares that nothing is free
 * @next: next pointer of its header
 *
 * Return: bytes written, 12 + 4 x @n, or -CAPGAP_E_INVAL.
 */
int capgap_dvsec_write_table(uint8_t *buf, size_t cap, uint16_t vendor, uint16_t id,
			     const struct capgap_range *range, size_t n, unsigned next);

#endif
