/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The configuration space as vfio-pci shows it to a VMM. */
#ifndef CAPGAP_VIEW_H
#define CAPGAP_VIEW_H

#include "../analyzer/function.h"
#include "link.h"

/**
 * enum capgap_kernel - classes of kernels that show different spaces
 * @CAPGAP_KERNEL_6_4: Linux 6.4 and later
 * @CAPGAP_KERNEL_OLD: before, when DVSEC was hidden too
 */
enum capgap_kernel { CAPGAP_KERNEL_6_4, CAPGAP_KERNEL_OLD };

/**
 * enum capgap_view_origin - where a view comes from
 * @CAPGAP_VIEW_DERIVED: from the host's image, by the kernel's rules
 * @CAPGAP_VIEW_DUMP: a dump from the VFIO side that was given beside the host's
 * @CAPGAP_VIEW_INPUT: the image itself, which was not taken on the host
 * @CAPGAP_VIEW_NOT_TAKEN: the image itself: vfio-pci takes functions with a type 0 header
 *                         only (vfio_pci_core_register_device() in Linux), so nobody sees it
 */
enum capgap_view_origin {
	CAPGAP_VIEW_DERIVED,
	CAPGAP_VIEW_DUMP,
	CAPGAP_VIEW_INPUT,
	CAPGAP_VIEW_NOT_TAKEN
};

/**
 * enum capgap_hiding - how a capability is hidden
 * @CAPGAP_HIDING_UNLINKED: the pointer that led to it skips it
 * @CAPGAP_HIDING_NULL_HEADER: it is the first extended one: its id and version read 0
 * @CAPGAP_HIDING_ZERO: so is every extended one: the dword at 0x100 reads 0
 * @CAPGAP_HIDING_FAILS: the kernel means to, but the header that it changed is not what
 *                       a VMM reads; see capgap_view_derive()
 */
enum capgap_hiding {
	CAPGAP_HIDING_UNLINKED,
	CAPGAP_HIDING_NULL_HEADER,
	CAPGAP_HIDING_ZERO,
	CAPGAP_HIDING_FAILS
};

/**
 * struct capgap_hidden - a capability that the host's list has and the view's does not
 * @space: which list
 * @how: enum capgap_hiding
 * @off: its header
 * @id: capability id on the host
 * @from: the header, or the register, whose pointer skips it; its own offset for the first
 *        extended one
 */
struct capgap_hidden {
	enum capgap_space space;
	enum capgap_hiding how;
	uint16_t off;
	uint16_t id;
	uint16_t from;
};

/**
 * struct capgap_view - what a VMM reads
 * @image: the bytes; those of hidden capabilities are still there
 * @hidden: the extended list has entries, but vfio-pci hides every one, so
 *          that 0x100 reads 0
 * @origin: where it comes from
 * @complete: nothing that decides was left unread; else the lists are derived as far as
 *            the bytes go
 * @conv_gone: every PCI-compatible capability is hidden, and Status says that there is none
 * @overrun: header of the first capability that the kernel takes to end behind the space; 0
 *           for none, and for a text of 256 bytes of a PCI Express function, whose space may
 *           be longer. Its maps are as long as the space, and it does not look for their end:
 *           it writes behind them whenever the function is opened
 * @n_caps: capabilities that are hidden
 * @cap: them, in list order, the PCI-compatible ones first
 */
struct capgap_view {
	struct capgap_image image;
	bool hidden;
	enum capgap_view_origin origin;
	bool complete;
	bool conv_gone;
	uint16_t overrun;
	unsigned n_caps;
	struct capgap_hidden cap[CAPGAP_CAPS_MAX];
};

/**
 * capgap_view_derive() - the space as vfio-pci shows it
 * @view: caller's, overwritten
 * @fn: borrowed; an image that was not taken on the host is shown as it is, and one with
 *      a VFIO-side image beside it as that
 * @kernel: which kernels
 *
 * A capability of a kind that the kernel hides is unlinked: the pointer of the
 * entry before it skips it. The first extended one cannot be; it keeps its place and
 * next pointer with id and version zero, and when nothing else is left the
 * dword at 0x100 reads 0. When nothing is left of the PCI-compatible list, the
 * Status register loses its bit for it. A virtual function shows its ids, as far as they
 * are known, Memory Space Enable set and no interrupt pin.
 *
 * The kernel looks for the extended list where it meets PCI Express, or PCI-X 2.0, in the
 * PCI-compatible one; a virtual function whose PCI Express capability no pointer reaches
 * shows its extended list as it is. What else the kernel virtualises (base addresses, the
 * interrupt line, writable registers) is left as the host shows it.
 *
 * A changed pointer is seen only where the kernel reads the header from its own copy. It
 * finds the start of a structure by walking back over bytes of the same kind, so of two
 * structures of one kind that abut, the second one's header is the hardware's: what it
 * points to stays linked (vfio_find_cap_start() and vfio_direct_config_read() in Linux
 * drivers/vfio/pci/vfio_pci_config.c). Nor is it seen in a hidden first extended header
 * whose id ends in ff: the kernel keeps a byte of the id, and there ff is nobody's.
 */
void capgap_view_derive(struct capgap_view *view, const struct capgap_function *fn,
			enum capgap_kernel kernel);

/**
 * capgap_view_overrun() - whether vfio-pci takes a capability to end behind the space
 * @fn: borrowed
 * @off: set where it does
 *
 * By the rules of newer kernels, which show more. See struct capgap_view for what comes of it.
 *
 * Return: CAPGAP_PATH_YES and @off, its header, where it does; CAPGAP_PATH_UNKNOWN where
 * bytes that decide were not read; else CAPGAP_PATH_NO.
 */
enum capgap_path_is capgap_view_overrun(const struct capgap_function *fn, unsigned *off);

/**
 * capgap_view_change() - the dwords that the host and a VMM read differently
 * @view: borrowed
 * @fn: what it is of, borrowed
 * @from: where to begin, a multiple of 4; 0 at first, then 4 more than the last @edit's
 * @edit: filled when there is one
 *
 * A dword of which either side was not read whole counts as the same.
 *
 * Return: true and @edit, or false when there is none from @from on.
 */
bool capgap_view_change(const struct capgap_view *view, const struct capgap_function *fn,
			unsigned from, struct capgap_edit *edit);

/* ">=6.4" or "<6.4". */
const char *capgap_kernel_name(enum capgap_kernel kernel);

/**
 * capgap_kernel_find() - the class of a kernel
 * @name: the name of a class, or a version as `uname -r` prints it: "6.4", "5.15.0-91"
 *
 * Return: enum capgap_kernel, or -CAPGAP_E_NOENT.
 */
int capgap_kernel_find(const char *name);

/* "derived", "dump", "input" or "not-taken". */
const char *capgap_view_origin_name(enum capgap_view_origin origin);

/* "unlinked", "null-header", "zero" or "still-linked". */
const char *capgap_hiding_name(enum capgap_hiding how);

#endif
