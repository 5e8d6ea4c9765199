/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The configuration space as vfio-pci shows it to a VMM. */
#ifndef CAPGAP_VIEW_H
#define CAPGAP_VIEW_H

#include "../analyzer/function.h"

/**
 * struct capgap_view - what a VMM reads
 * @image: the bytes; those of hidden capabilities are still there
 * @hidden: the extended list has entries, but vfio-pci hides every one, so
 *          that 0x100 reads 0
 */
struct capgap_view {
	struct capgap_image image;
	bool hidden;
};

/**
 * capgap_view_derive() - the extended list as vfio-pci shows it, Linux 6.4 and later
 * @view: caller's, overwritten
 * @fn: borrowed; an image that was not taken on the host is shown as it is
 *
 * A capability of a kind that the kernel hides is unlinked: the pointer of the
 * entry before it skips it. The first one cannot be; it keeps its place and
 * next pointer with id and version zero, and when nothing else is left the
 * dword at 0x100 reads 0. The PCI-compatible list is left as it is.
 */
void capgap_view_derive(struct capgap_view *view, const struct capgap_function *fn);

#endif
