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
 * @CAPGAP_LINK_PRESENT: it is there already
 */
enum capgap_link {
	CAPGAP_LINK_NONE,
	CAPGAP_LINK_INSERT,
	CAPGAP_LINK_HEAD,
	CAPGAP_LINK_NULL_HEAD,
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

/* A pointer, and the two dwords of a PASID capability. */
#define CAPGAP_EDITS_MAX 3u

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
 * capgap_link_pasid() - plain insertion of a PASID capability
 * @out: caller's, overwritten
 * @view: the space that the VMM sees
 * @off: where the capability goes; a multiple of 4, 0x100..0xff8
 * @registers: its second dword: capability word, control word above it
 *
 * The list is followed from 0x100 up to the first entry above @off, and the
 * entry before that one is made to point to @off. Whether the place is fit is
 * not judged here.
 *
 * Return: 0; -CAPGAP_E_INVAL for a bad @off; -CAPGAP_E_NOPLACE where an entry of
 * the list starts at @off; -CAPGAP_E_DAMAGED where bytes of the list, or those to
 * be replaced, were not read. @out is LINK_NONE unless 0.
 */
int capgap_link_pasid(struct capgap_edits *out, const struct capgap_image *view,
		      unsigned off, uint32_t registers);

/* "insert", "head", "null-head", "present"; NULL for none. */
const char *capgap_link_name(enum capgap_link link);

#endif
