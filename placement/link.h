/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The edits that link an emulated capability into an extended list. */
#ifndef CAPGAP_LINK_H
#define CAPGAP_LINK_H

#include "../analyzer/image.h"

/**
 * enum capgap_link - how a capability comes into the list
 * @CAPGAP_LINK_NONE: it does not
 * @CAPGAP_LINK_INSERT: the entry before it points to it
 * @CAPGAP_LINK_HEAD: it becomes the head, at 0x100
 * @CAPGAP_LINK_NULL_HEAD: a null header is put at 0x100 and points to it
 * @CAPGAP_LINK_CARVE: inserted, and the gap descriptor it lies in ends before it
 * @CAPGAP_LINK_REPLACE: it takes the place of a gap descriptor, and its next pointer
 * @CAPGAP_LINK_TRIM: inserted, and the table's entry it lies in ends before it
 * @CAPGAP_LINK_PRESENT: it is there already
 */
enum capgap_link {
	CAPGAP_LINK_NONE,
	CAPGAP_LINK_INSERT,
	CAPGAP_LINK_HEAD,
	CAPGAP_LINK_NULL_HEAD,
	CAPGAP_LINK_CARVE,
	CAPGAP_LINK_REPLACE,
	CAPGAP_LINK_TRIM,
	CAPGAP_LINK_PRESENT
};

/**
 * struct capgap_edit - one dword to change
 * @off: its offset, a multiple of 4
 * @before: what the VMM reads there
 * @after: what the guest is to read there
 */
struct capgap_edit {
	uint16_t off;
	uint32_t before;
	uint32_t after;
};

/* Each dword of extended space can be edited once. */
#define CAPGAP_EDITS_MAX ((CAPGAP_SPACE_MAX - CAPGAP_CONV_END) / 4u)

/**
 * struct capgap_edits - what turns the VMM's space into the guest's
 * @link: how the capability comes into the list
 * @n: edits
 * @edit: them, in ascending order
 */
struct capgap_edits {
	enum capgap_link link;
	unsigned n;
	struct capgap_edit edit[CAPGAP_EDITS_MAX];
};

/**
 * capgap_link_insert() - plain insertion of any extended capability
 * @out: caller's, overwritten: the pointer that leads to it, and its header
 * @view: the space that it is inserted into
 * @off: where it goes; a multiple of 4
 * @len: bytes that it has; at least 4, none of them behind the space
 * @id: capability id
 * @version: capability version
 *
 * The list is followed from 0x100 up to the first entry above @off, and the
 * entry before that one is made to point to @off. Whether the place is fit is
 * not judged here, nor what stands behind the header.
 *
 * Return: 0; -CAPGAP_E_INVAL for a bad @off or @len; -CAPGAP_E_NOPLACE where an
 * entry of the list starts at @off; -CAPGAP_E_DAMAGED where bytes of the list, or
 * those to be replaced, were not read. @out is LINK_NONE unless 0.
 */
int capgap_link_insert(struct capgap_edits *out, const struct capgap_image *view,
		       unsigned off, unsigned len, unsigned id, unsigned version);

/**
 * capgap_link_pasid() - plain insertion of a PASID capability
 * @out: caller's, overwritten
 * @view: the space that the VMM sees
 * @off: where the capability goes; a multiple of 4, 0x100..0xff8
 * @registers: its second dword: capability word, control word above it
 *
 * Return: as capgap_link_insert().
 */
int capgap_link_pasid(struct capgap_edits *out, const struct capgap_image *view,
		      unsigned off, uint32_t registers);

/**
 * capgap_link_descriptor() - plan a PASID capability inside declared free space
 * @out: caller's, overwritten
 * @view: the space that the VMM sees
 * @off: where the capability goes; a multiple of 4, 0x100..0xff8
 * @registers: as capgap_link_pasid()
 * @dw: offset of the dword that states the length of what holds @off: the second
 *      dword of a gap descriptor, or the entry of a table
 * @after: what that dword is to say
 * @link: CAPGAP_LINK_CARVE or CAPGAP_LINK_TRIM
 *
 * Return: as capgap_link_insert().
 */
int capgap_link_descriptor(struct capgap_edits *out, const struct capgap_image *view,
			   unsigned off, uint32_t registers, unsigned dw, uint32_t after,
			   enum capgap_link link);

/**
 * capgap_link_replace() - put a PASID capability in the place of a gap descriptor
 * @out: caller's, overwritten
 * @view: the space that the VMM sees
 * @off: the descriptor's header, an entry of the list
 * @registers: as capgap_link_pasid()
 *
 * Return: 0, or -CAPGAP_E_DAMAGED where its bytes were not read.
 */
int capgap_link_replace(struct capgap_edits *out, const struct capgap_image *view,
			unsigned off, uint32_t registers);

/**
 * capgap_link_between() - the edits that turn one extended space into another
 * @out: caller's, overwritten; its @link is left NONE
 * @before: borrowed
 * @after: borrowed; where one of both was not read, a dword counts as the same
 */
void capgap_link_between(struct capgap_edits *out, const struct capgap_image *before,
			 const struct capgap_image *after);

/* Make the edits in @img: the dwords that they name get their new values. */
void capgap_link_apply(const struct capgap_edits *edits, struct capgap_image *img);

/* "insert", "head", "null-head", "carve", "replace", "trim", "present"; NULL for none. */
const char *capgap_link_name(enum capgap_link link);

#endif
