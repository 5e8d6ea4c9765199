/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Physical and virtual functions of one machine. */
#ifndef CAPGAP_TOPOLOGY_H
#define CAPGAP_TOPOLOGY_H

#include "chain.h"

/**
 * struct capgap_pasid_regs - a physical PASID capability
 * @off: offset of its header; 0 when the function has none
 * @capability: PASID Capability register
 * @control: PASID Control register
 */
struct capgap_pasid_regs {
	uint16_t off;
	uint16_t capability;
	uint16_t control;
};

/**
 * struct capgap_pf - what is kept of a physical function
 * @bdf: its address
 * @vendor: vendor id, also of its virtual functions
 * @vf_device: device id of its virtual functions
 * @first: First VF Offset
 * @stride: VF Stride
 * @num: NumVFs, 0 while VF Enable is clear
 * @chain_known: its extended list was read whole, so a missing PASID is none
 * @pasid: its PASID capability
 */
struct capgap_pf {
	struct capgap_bdf bdf;
	uint16_t vendor;
	uint16_t vf_device;
	uint16_t first;
	uint16_t stride;
	uint16_t num;
	bool chain_known;
	struct capgap_pasid_regs pasid;
};

/* Physical functions and addresses that are kept of a machine. */
#define CAPGAP_PFS_MAX 4096u
#define CAPGAP_SEEN_MAX 65536u

/**
 * struct capgap_topology - one machine
 * @n_pf: physical functions seen
 * @cap_pf: room in @pf
 * @pf: them, owned
 * @n_seen: addresses seen
 * @cap_seen: slots of @seen, a power of two or 0
 * @seen: hash table of addresses plus one, owned; 0 is an empty slot
 */
struct capgap_topology {
	unsigned n_pf;
	unsigned cap_pf;
	struct capgap_pf *pf;
	unsigned n_seen;
	unsigned cap_seen;
	uint64_t *seen;
};

/* Make an empty machine. */
void capgap_topology_init(struct capgap_topology *topo);

/* Forget the machine and free what it holds; the struct is then empty again. */
void capgap_topology_clear(struct capgap_topology *topo);

/**
 * capgap_topology_seen() - note an address
 * @topo: the machine
 * @bdf: borrowed
 *
 * Return: 1 when this machine already had it (a new machine must begin) or is
 * full, 0 when it is new and now noted, -CAPGAP_E_NOMEM.
 */
int capgap_topology_seen(struct capgap_topology *topo, const struct capgap_bdf *bdf);

/**
 * capgap_topology_add_pf() - keep what virtual functions need of a physical one
 * @topo: the machine
 * @pf: copied
 *
 * Return: 0, also when CAPGAP_PFS_MAX are kept already and this one is not;
 * -CAPGAP_E_NOMEM.
 */
int capgap_topology_add_pf(struct capgap_topology *topo, const struct capgap_pf *pf);

/**
 * capgap_topology_read_pf() - decode SR-IOV and PASID of a function
 * @pf: caller's, overwritten but for @bdf
 * @img: borrowed
 * @chain: borrowed
 * @hits: impossible fields become findings
 *
 * Return: true when the function has an SR-IOV capability.
 */
bool capgap_topology_read_pf(struct capgap_pf *pf, const struct capgap_image *img,
			     const struct capgap_chain *chain,
			     struct capgap_findings *hits);

/**
 * capgap_topology_find_pf() - the physical function at an address
 * @topo: the machine
 * @bdf: borrowed
 *
 * Return: a pointer into @topo, valid until the next call that adds, or NULL.
 */
const struct capgap_pf *capgap_topology_find_pf(const struct capgap_topology *topo,
						const struct capgap_bdf *bdf);

/**
 * capgap_topology_pf_of() - the physical function that an address is a virtual one of
 * @topo: the machine
 * @bdf: address of the possible virtual function, borrowed
 *
 * VF n has routing id PF + First VF Offset + (n - 1) x VF Stride, carried into
 * the bus number, for 1 <= n <= NumVFs and only with VF Enable set. Where several
 * physical functions claim the address, the nearest below it has it.
 *
 * Return: as capgap_topology_find_pf().
 */
const struct capgap_pf *capgap_topology_pf_of(const struct capgap_topology *topo,
					      const struct capgap_bdf *bdf);

/* The PASID capability of a walked function; @off is 0 when it has none. */
struct capgap_pasid_regs capgap_topology_pasid(const struct capgap_image *img,
					       const struct capgap_chain *chain);

#endif
