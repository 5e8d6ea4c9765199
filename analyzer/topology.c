/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Physical and virtual functions of one machine. */
#include "topology.h"

#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "header.h"

void capgap_topology_init(struct capgap_topology *topo)
{
	memset(topo, 0, sizeof(*topo));
}

void capgap_topology_clear(struct capgap_topology *topo)
{
	free(topo->pf);
	free(topo->bridge);
	free(topo->seen);
	capgap_topology_init(topo);
}

/* An address as a key that is never 0, so that 0 can mean an empty slot. */
static uint64_t key_of(const struct capgap_bdf *bdf)
{
	return ((uint64_t)bdf->domain << 16 | capgap_bdf_rid(bdf)) + 1;
}

/* The slot of a key, or the empty one where it belongs; there always is one. */
static uint64_t *slot_of(uint64_t *table, unsigned cap, uint64_t key)
{
	/* Knuth's multiplicative hash spreads consecutive routing ids. */
	unsigned i = (unsigned)(key * UINT64_C(0x9e3779b97f4a7c15) >> 40) & (cap - 1);

	while (table[i] && table[i] != key)
		i = (i + 1) & (cap - 1);
	return &table[i];
}

static int grow_seen(struct capgap_topology *topo)
{
	unsigned cap = topo->cap_seen ? topo->cap_seen * 2 : 64;
	uint64_t *table = calloc(cap, sizeof(*table));

	if (!table)
		return -CAPGAP_E_NOMEM;
	for (unsigned i = 0; i < topo->cap_seen; i++) {
		if (topo->seen[i])
			*slot_of(table, cap, topo->seen[i]) = topo->seen[i];
	}
	free(topo->seen);
	topo->seen = table;
	topo->cap_seen = cap;
	return 0;
}

int capgap_topology_seen(struct capgap_topology *topo, const struct capgap_bdf *bdf)
{
	uint64_t key = key_of(bdf);
	uint64_t *slot;
	int rc;

	if (topo->n_seen >= CAPGAP_SEEN_MAX)
		return 1;
	if (topo->n_seen * 2 >= topo->cap_seen) {
		rc = grow_seen(topo);
		if (rc < 0)
			return rc;
	}
	slot = slot_of(topo->seen, topo->cap_seen, key);
	if (*slot == key)
		return 1;
	*slot = key;
	topo->n_seen++;
	return 0;
}

int capgap_topology_add_pf(struct capgap_topology *topo, const struct capgap_pf *pf)
{
	unsigned cap = topo->cap_pf ? topo->cap_pf * 2 : 16;
	struct capgap_pf *grown;

	if (topo->n_pf >= CAPGAP_PFS_MAX)
		return 0;
	if (topo->n_pf == topo->cap_pf) {
		grown = realloc(topo->pf, cap * sizeof(*grown));
		if (!grown)
			return -CAPGAP_E_NOMEM;
		topo->pf = grown;
		topo->cap_pf = cap;
	}
	topo->pf[topo->n_pf++] = *pf;
	return 0;
}

int capgap_topology_add_bridge(struct capgap_topology *topo,
			       const struct capgap_bridge *bridge)
{
	unsigned cap = topo->cap_bridge ? topo->cap_bridge * 2 : 16;
	struct capgap_bridge *grown;

	if (topo->n_bridge >= CAPGAP_BRIDGES_MAX)
		return 0;
	if (topo->n_bridge == topo->cap_bridge) {
		grown = realloc(topo->bridge, cap * sizeof(*grown));
		if (!grown)
			return -CAPGAP_E_NOMEM;
		topo->bridge = grown;
		topo->cap_bridge = cap;
	}
	topo->bridge[topo->n_bridge++] = *bridge;
	return 0;
}

struct capgap_pasid_regs capgap_topology_pasid(const struct capgap_image *img,
					       const struct capgap_chain *chain)
{
	const struct capgap_cap *cap = capgap_chain_find(chain, CAPGAP_EXT,
							 CAPGAP_ECAP_PASID);
	struct capgap_pasid_regs none = { 0, 0, 0 };
	struct capgap_pasid_regs regs = { 0, 0, 0 };

	if (!cap || !capgap_get16(img, cap->off + PASID_CAPABILITY, &regs.capability) ||
	    !capgap_get16(img, cap->off + PASID_CONTROL, &regs.control))
		return none;
	regs.off = cap->off;
	return regs;
}

/*
 * VFs that would share a routing id, with each other or with their PF, and more of
 * them than there are, make the fields untrue: then none is believed.
 */
static void judge_layout(struct capgap_pf *pf, const struct capgap_image *img,
			 unsigned off, struct capgap_findings *hits)
{
	uint16_t total;

	if (pf->num && (!pf->first || (pf->num > 1 && !pf->stride)))
		capgap_findings_add(hits, CAPGAP_F_SRIOV_LAYOUT, off + SRIOV_FIRST, 4,
				    pf->first, pf->stride);
	if (!capgap_get16(img, off + SRIOV_TOTAL_VFS, &total) || pf->num <= total)
		return;
	capgap_findings_add(hits, CAPGAP_F_SRIOV_NUM, off + SRIOV_NUM_VFS, 2, pf->num,
			    total);
	pf->num = 0;
}

bool capgap_topology_read_pf(struct capgap_pf *pf, const struct capgap_image *img,
			     const struct capgap_chain *chain,
			     struct capgap_findings *hits)
{
	const struct capgap_cap *cap = capgap_chain_find(chain, CAPGAP_EXT,
							 CAPGAP_ECAP_SRIOV);
	uint16_t control = 0;

	pf->vendor = chain->ctx.vendor;
	pf->vf_device = 0xffff;
	pf->first = 0;
	pf->stride = 0;
	pf->num = 0;
	pf->chain_known = chain->conv_complete && chain->ext_walked &&
			  chain->ext_complete;
	pf->pasid = capgap_topology_pasid(img, chain);
	/* A capability whose registers were not read is neither there nor missing. */
	if (!pf->pasid.off && capgap_chain_find(chain, CAPGAP_EXT, CAPGAP_ECAP_PASID))
		pf->chain_known = false;
	if (!cap)
		return false;
	capgap_get16(img, cap->off + SRIOV_VF_DEVICE, &pf->vf_device);
	if (!capgap_get16(img, cap->off + SRIOV_CONTROL, &control) ||
	    !(control & SRIOV_VF_ENABLE) ||
	    !capgap_get16(img, cap->off + SRIOV_FIRST, &pf->first) ||
	    !capgap_get16(img, cap->off + SRIOV_STRIDE, &pf->stride) ||
	    !capgap_get16(img, cap->off + SRIOV_NUM_VFS, &pf->num))
		return true;
	judge_layout(pf, img, cap->off, hits);
	return true;
}

const struct capgap_pf *capgap_topology_find_pf(const struct capgap_topology *topo,
						const struct capgap_bdf *bdf)
{
	for (unsigned i = 0; i < topo->n_pf; i++) {
		if (capgap_bdf_equal(&topo->pf[i].bdf, bdf))
			return &topo->pf[i];
	}
	return NULL;
}

/* Whether the routing id @rid is one of the VFs of @pf. */
static bool is_vf_of(const struct capgap_pf *pf, uint16_t rid)
{
	uint32_t first = (uint32_t)capgap_bdf_rid(&pf->bdf) + pf->first;
	uint32_t away;

	if (!pf->num || !pf->first || rid < first)
		return false;
	away = rid - first;
	if (!pf->stride)
		return away == 0;
	return away % pf->stride == 0 && away / pf->stride < pf->num;
}

const struct capgap_pf *capgap_topology_pf_of(const struct capgap_topology *topo,
					      const struct capgap_bdf *bdf)
{
	const struct capgap_pf *best = NULL;
	const struct capgap_pf *pf;
	uint16_t rid = capgap_bdf_rid(bdf);

	for (unsigned i = 0; i < topo->n_pf; i++) {
		pf = &topo->pf[i];
		if (pf->bdf.domain == bdf->domain && is_vf_of(pf, rid) &&
		    (!best || capgap_bdf_rid(&pf->bdf) > capgap_bdf_rid(&best->bdf)))
			best = pf;
	}
	return best;
}
