/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a dump from the VFIO side adds to the analysis of a host's function. */
#ifndef CAPGAP_FUNCTION_VFIO_H
#define CAPGAP_FUNCTION_VFIO_H

#include "function.h"
#include "vfio_dump.h"

/**
 * capgap_function_vfio_join() - take the dump of a function, if there is one
 * @fn: its meta, kind, ids, vantage, quirks and image are set; @has_vfio_image,
 *      @vfio_image and @vfio_chain are filled
 * @dumps: borrowed; NULL joins nothing
 *
 * A dump whose ids are other ones is not joined, and a finding says so. Bytes that a quirk
 * keeps from being used are absent in the dump too.
 */
void capgap_function_vfio_join(struct capgap_function *fn,
			       const struct capgap_vfio_dumps *dumps);

/**
 * capgap_function_vfio_claim() - give structures of the dump the bytes that the host's lack
 * @fn: joined or not; its map has the owners that the host's lists and the quirks give
 *
 * What the dump links where the host has another capability is a finding, and so are lists
 * that were not read whole. A structure that both have owns what it has on either side, and
 * the header of zeros or ones in which the dump's list ends is nobody's to take.
 */
void capgap_function_vfio_claim(struct capgap_function *fn);

/*
 * Read the free-space descriptors that only the dump has, behind those of the host. Bytes of
 * extended space that nobody owns or declares free, and that differ, become changing in @fn.
 */
void capgap_function_vfio_declared(struct capgap_function *fn);

#endif
