/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PASID feature answers from an image. */
#include "query.h"

#include <string.h>

#include "../analyzer/header.h"
#include "iommu_caps.h"

/* Linux counts a device's PASIDs in an int. */
#define WIDTH_COUNTED 30u

unsigned capgap_query_log2(uint32_t pasids)
{
	unsigned n = 0;

	while (pasids >> n > 1)
		n++;
	return n;
}

static uint32_t device_pasids(const struct capgap_pasid *pasid)
{
	return pasid->width <= WIDTH_COUNTED ? UINT32_C(1) << pasid->width : 0;
}

uint32_t capgap_query_pasids(const struct capgap_pasid *pasid)
{
	uint32_t device = device_pasids(pasid);

	return pasid->has_iommu && pasid->iommu_pasids < device ? pasid->iommu_pasids :
								  device;
}

/* Range and limit, which follow from the rest. */
static void bound(struct capgap_pasid *pasid)
{
	uint32_t pasids = capgap_query_pasids(pasid);

	pasid->has_range = pasid->width <= PASID_WIDTH_MAX && pasids > 1;
	pasid->min = pasid->has_range;
	pasid->max = pasid->has_range ? (UINT32_C(1) << capgap_query_log2(pasids)) - 1 :
					0;
	if (pasid->limit == CAPGAP_LIMIT_NOT_ENABLED)
		return;
	if (!pasid->has_iommu)
		pasid->limit = CAPGAP_LIMIT_IOMMU_UNKNOWN;
	else if (pasid->iommu_pasids < device_pasids(pasid))
		pasid->limit = CAPGAP_LIMIT_IOMMU;
	else
		pasid->limit = CAPGAP_LIMIT_DEVICE;
}

void capgap_query_bound(struct capgap_pasid *pasid, uint32_t pasids)
{
	if (!pasid->has_iommu || pasids < pasid->iommu_pasids)
		pasid->iommu_pasids = pasids;
	pasid->has_iommu = true;
	if (pasid->supported == CAPGAP_IS_YES)
		bound(pasid);
}

static void decode(struct capgap_pasid *out, const struct capgap_pasid_regs *regs,
		   enum capgap_vantage vantage)
{
	out->supported = CAPGAP_IS_YES;
	out->has_raw = true;
	out->capability = regs->capability;
	out->control = regs->control;
	out->width = PASID_CAP_WIDTH(regs->capability);
	out->execute = regs->capability & PASID_CAP_EXEC;
	out->privileged = regs->capability & PASID_CAP_PRIV;
	out->enabled = regs->control & PASID_CTL_ENABLE;
	out->enabled_execute = regs->control & PASID_CTL_EXEC;
	out->enabled_privileged = regs->control & PASID_CTL_PRIV;
	if (vantage == CAPGAP_VANTAGE_HOST && !out->enabled)
		out->limit = CAPGAP_LIMIT_NOT_ENABLED;
	bound(out);
}

/* A capability that is not there is missing only where the list was read whole. */
static void absent(struct capgap_pasid *out, bool chain_known,
		   enum capgap_vantage vantage)
{
	/* vfio-pci takes PASID out of the list, on a physical function too. */
	if (chain_known && vantage != CAPGAP_VANTAGE_VFIO)
		out->supported = CAPGAP_IS_NO;
	else
		out->supported = CAPGAP_IS_UNKNOWN;
}

static void set_from(struct capgap_pasid *out, const struct capgap_function *fn,
		     bool from_pf)
{
	if (!from_pf && (fn->meta.flags & CAPGAP_META_BDF)) {
		out->has_from = true;
		out->from = fn->meta.bdf;
	} else if (from_pf && fn->has_pf) {
		out->has_from = true;
		out->from = fn->pf.bdf;
	}
}

void capgap_query_config(struct capgap_pasid *out, const struct capgap_function *fn)
{
	bool hardware = fn->vantage == CAPGAP_VANTAGE_HOST;
	bool from_pf = fn->kind == CAPGAP_KIND_VF && (hardware || !fn->pasid.off);
	struct capgap_iommu_caps iommu;

	memset(out, 0, sizeof(*out));
	capgap_iommu_caps_of(&iommu, fn);
	if (iommu.known)
		capgap_query_bound(out, iommu.pasids);
	if (capgap_function_is_disputed(fn))
		return;
	set_from(out, fn, from_pf);
	if (fn->pasid.off && fn->pasid_known && !from_pf)
		decode(out, &fn->pasid, fn->vantage);
	else if (!from_pf)
		absent(out, fn->pasid_known, fn->vantage);
	else if (!fn->has_pf)
		absent(out, false, fn->vantage);
	else if (fn->pf.pasid.off)
		decode(out, &fn->pf.pasid, fn->vantage);
	else
		absent(out, fn->pf.chain_known, fn->vantage);
}

/* True when the request has an answer that does not depend on its numbers. */
static bool refuse(struct capgap_range_answer *out, const struct capgap_pasid *pasid)
{
	if (pasid->supported == CAPGAP_IS_UNKNOWN)
		out->why = CAPGAP_RANGE_WHY_UNKNOWN;
	else if (pasid->supported == CAPGAP_IS_NO)
		out->why = CAPGAP_RANGE_WHY_NOT_SUPPORTED;
	else if (!pasid->has_range)
		out->why = CAPGAP_RANGE_WHY_NO_RANGE;
	else if (pasid->limit == CAPGAP_LIMIT_NOT_ENABLED)
		out->why = CAPGAP_RANGE_WHY_NOT_ENABLED;
	else
		return false;
	return true;
}

void capgap_query_range(struct capgap_range_answer *out, const struct capgap_pasid *pasid,
			uint32_t min, uint32_t max)
{
	memset(out, 0, sizeof(*out));
	out->min = min;
	out->max = max;
	if (refuse(out, pasid))
		return;
	out->first = min > pasid->min ? min : pasid->min;
	out->last = max < pasid->max ? max : pasid->max;
	if (out->first > out->last) {
		out->why = CAPGAP_RANGE_WHY_OUTSIDE;
	} else if (out->first == min && out->last == max) {
		out->is = CAPGAP_RANGE_GRANTED;
		out->why = pasid->limit == CAPGAP_LIMIT_IOMMU_UNKNOWN ?
				   CAPGAP_RANGE_WHY_WHOLE_IF :
				   CAPGAP_RANGE_WHY_WHOLE;
	} else {
		out->is = CAPGAP_RANGE_NARROWED;
		out->why = CAPGAP_RANGE_WHY_PART;
	}
}

uint32_t capgap_query_registers(const struct capgap_pasid *pasid)
{
	uint32_t width = pasid->capability & PASID_CAP_WIDTH_MASK;

	if (pasid->supported != CAPGAP_IS_YES)
		return 0;
	if (pasid->has_range)
		width = PASID_CAP_OF_WIDTH(capgap_query_log2(pasid->max + 1));
	return width | (pasid->capability & (PASID_CAP_EXEC | PASID_CAP_PRIV));
}
