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

/* Whether something holds; what the input does not show is unknown, never "no". */
enum capgap_path_is { CAPGAP_PATH_UNKNOWN, CAPGAP_PATH_NO, CAPGAP_PATH_YES };

/**
 * struct capgap_path_fact - what holds, or not, from a function up to the root complex
 * @is: whether it holds
 * @has_at: @at is known; never for CAPGAP_PATH_YES
 * @at: where it fails, else where the input stops to show it: the function or a bridge
 */
struct capgap_path_fact {
	enum capgap_path_is is;
	bool has_at;
	struct capgap_bdf at;
};

/**
 * struct capgap_path - what Linux asks of a path before it enables PASID
 * @eetlp: End-End TLP Prefixes pass, which carry the PASID
 * @acs: requests are redirected upstream, so that none with a PASID goes to a neighbour
 */
struct capgap_path {
	struct capgap_path_fact eetlp;
	struct capgap_path_fact acs;
};

/* Values of capgap_hop.type beyond Device/Port Types: not PCI Express; not known. */
#define CAPGAP_HOP_CONVENTIONAL 0x10u
#define CAPGAP_HOP_UNREAD 0x11u

/**
 * struct capgap_hop - what the rules about paths ask of one function of it
 * @type: Device/Port Type, 0x0..0xf, or one of the above
 * @no_prefix: its PASIDs need no prefix, as Linux knows
 * @eetlp: End-End TLP Prefix Supported
 * @acs: for Linux it has Request Redirect and Upstream Forwarding
 */
struct capgap_hop {
	uint8_t type;
	bool no_prefix;
	enum capgap_path_is eetlp;
	enum capgap_path_is acs;
};

/**
 * struct capgap_bridge - what is kept of a bridge
 * @bdf: its address
 * @secondary: the bus below it, above that of @bdf
 * @subordinate: the last bus below it, at least @secondary
 * @hop: its part in paths
 */
struct capgap_bridge {
	struct capgap_bdf bdf;
	uint8_t secondary;
	uint8_t subordinate;
	struct capgap_hop hop;
};

/**
 * struct capgap_pf - what is kept of a physical function
 * @bdf: its address
 * @vendor: vendor id, also of its virtual functions
 * @vf_device: device id of its virtual functions
 * @first: First VF Offset
 * @stride: VF Stride
 * @num: NumVFs, 0 while VF Enable is clear
 * @asleep: it was left asleep in D3cold, and nothing else is known of it
 * @chain_known: its extended list was read whole, so a missing PASID is none
 * @unsteady: samples of it disagree about PASID
 * @pasid: its PASID capability
 * @path: its path, which is also its virtual functions'
 */
struct capgap_pf {
	struct capgap_bdf bdf;
	uint16_t vendor;
	uint16_t vf_device;
	uint16_t first;
	uint16_t stride;
	uint16_t num;
	bool asleep;
	bool chain_known;
	bool unsteady;
	struct capgap_pasid_regs pasid;
	struct capgap_path path;
};

/* Physical functions, bridges and addresses that are kept of a machine. */
#define CAPGAP_PFS_MAX 4096u
#define CAPGAP_BRIDGES_MAX 4096u
#define CAPGAP_SEEN_MAX 65536u

/**
 * struct capgap_topology - one machine
 * @n_pf: physical functions seen
 * @cap_pf: room in @pf
 * @pf: them, owned
 * @n_bridge: bridges seen
 * @cap_bridge: room in @bridge
 * @bridge: them, owned
 * @n_seen: addresses seen
 * @cap_seen: slots of @seen, a power of two or 0
 * @seen: hash table of addresses plus one, owned; 0 is an empty slot
 */
struct capgap_topology {
	unsigned n_pf;
	unsigned cap_pf;
	struct capgap_pf *pf;
	unsigned n_bridge;
	unsigned cap_bridge;
	struct capgap_bridge *bridge;
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
 * capgap_topology_add_bridge() - keep what paths need of a bridge
 * @topo: the machine
 * @bridge: copied
 *
 * Return: 0, also when CAPGAP_BRIDGES_MAX are kept already and this one is not;
 * -CAPGAP_E_NOMEM.
 */
int capgap_topology_add_bridge(struct capgap_topology *topo,
			       const struct capgap_bridge *bridge);

/**
 * capgap_topology_read_pf() - decode SR-IOV and PASID of a function
 * @pf: caller's, overwritten but for @bdf, @unsteady and @path
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

/**
 * capgap_topology_read_hop() - a function's own part in paths
 * @hop: caller's, overwritten
 * @img: borrowed
 * @chain: borrowed
 * @bdf: its address, borrowed, or NULL; any function but 0 is one of several
 */
void capgap_topology_read_hop(struct capgap_hop *hop, const struct capgap_image *img,
			      const struct capgap_chain *chain,
			      const struct capgap_bdf *bdf);

/**
 * capgap_topology_read_bridge() - decode a bridge
 * @bridge: caller's, overwritten
 * @img: borrowed
 * @chain: borrowed
 * @bdf: its address, borrowed
 *
 * Return: true when the header is a bridge's and its bus numbers can be true.
 */
bool capgap_topology_read_bridge(struct capgap_bridge *bridge,
				 const struct capgap_image *img,
				 const struct capgap_chain *chain,
				 const struct capgap_bdf *bdf);

/**
 * capgap_topology_find_path() - what holds from a function up to the root complex
 * @path: caller's, overwritten
 * @topo: bridges seen so far, borrowed; NULL knows of none
 * @bdf: address of the function, borrowed, or NULL
 * @hop: its own part, borrowed
 *
 * Not for virtual functions: theirs is that of their physical one.
 */
void capgap_topology_find_path(struct capgap_path *path,
			       const struct capgap_topology *topo,
			       const struct capgap_bdf *bdf,
			       const struct capgap_hop *hop);

#endif
