/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Walks both capability lists of an image. */
#ifndef CAPGAP_CHAIN_H
#define CAPGAP_CHAIN_H

#include "caps.h"

/**
 * struct capgap_chain - both lists of a function
 * @ctx: what was learnt of the function on the way
 * @n_conv: capabilities of the PCI-compatible list
 * @n: capabilities of both lists
 * @ext_walked: the extended list was looked for, since PCI Express or PCI-X asks for it
 * @conv_complete: the PCI-compatible list was followed to its end (or there is none)
 * @ext_complete: the extended list was followed to its end
 * @conv_end: offset of an id that reads ff, in which the list breaks; 0 when there is none
 * @ext_end: offset of a header of zeros or ones, in which the list ends; 0 when there is none
 * @cap: the capabilities, in list order, the PCI-compatible ones first
 */
struct capgap_chain {
	struct capgap_context ctx;
	unsigned n_conv;
	unsigned n;
	bool ext_walked;
	bool conv_complete;
	bool ext_complete;
	uint16_t conv_end;
	uint16_t ext_end;
	struct capgap_cap cap[CAPGAP_CAPS_MAX];
};

/**
 * capgap_chain_walk() - find the capabilities of an image and measure them
 * @chain: caller's, overwritten
 * @img: borrowed
 * @is_vf: the function is known to be virtual, hence PCI Express whatever its list says
 * @hits: findings are added
 *
 * Never fails: what is irregular becomes a finding, and the walk goes on as
 * lspci's does. Bounded, since no header is visited twice.
 */
void capgap_chain_walk(struct capgap_chain *chain, const struct capgap_image *img,
		       bool is_vf, struct capgap_findings *hits);

/**
 * capgap_chain_measure() - set extent, length, owned and certain bytes of a capability
 * @cap: its space, off, id and version are set
 * @img: borrowed
 * @ctx: what the walk learnt of the function
 * @hits: findings are added
 *
 * What is owned is padded to a dword and clipped to the space; clipping at the
 * next structure is the map's.
 */
void capgap_chain_measure(struct capgap_cap *cap, const struct capgap_image *img,
			  const struct capgap_context *ctx, struct capgap_findings *hits);

/**
 * capgap_chain_find() - the first capability of an id
 * @chain: borrowed
 * @space: which list
 * @id: capability id
 *
 * Return: a pointer into @chain, or NULL.
 */
const struct capgap_cap *capgap_chain_find(const struct capgap_chain *chain,
					   enum capgap_space space, unsigned id);

#endif
