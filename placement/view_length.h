/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How many bytes of a capability vfio-pci takes for its own. */
#ifndef CAPGAP_VIEW_LENGTH_H
#define CAPGAP_VIEW_LENGTH_H

#include "view.h"

/**
 * capgap_view_length() - the length that the kernel counts for a capability
 * @img: the space as the hardware shows it, borrowed
 * @space: which list
 * @off: its header, 0..0xffc
 * @id: its id
 * @kernel: which kernels
 * @unread: set to true where bytes that decide were not read; else left alone
 *
 * These are vfio-pci's lengths (pci_cap_length, vfio_cap_len and their like in Linux
 * drivers/vfio/pci/vfio_pci_config.c). Some are shorter than the structure: they tell
 * only which bytes are read through which table.
 *
 * Return: bytes, not clipped to the space; 0 for one that the kernel hides. Where
 * deciding bytes were not read, the shortest that is shown.
 */
unsigned capgap_view_length(const struct capgap_image *img, enum capgap_space space,
			    unsigned off, unsigned id, enum capgap_kernel kernel,
			    bool *unread);

#endif
