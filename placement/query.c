/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PASID feature answers from an image. */
#include "query.h"

#include <string.h>

#include "../analyzer/header.h"

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
	if (out->width && out->width <= PASID_WIDTH_MAX) {
		out->has_range = true;
		out->min = 1;
		out->max = (UINT32_C(1) << out->width) - 1;
	}
	out->limit = CAPGAP_LIMIT_IOMMU_UNKNOWN;
	if (vantage == CAPGAP_VANTAGE_HOST && !out->enabled)
		out->limit = CAPGAP_LIMIT_NOT_ENABLED;
}

/* A capability that is not there is missing only where the list was read whole. */
static void absent(struct capgap_pasid *out, bool chain_known)
{
	out->supported = chain_known ? CAPGAP_IS_NO : CAPGAP_IS_UNKNOWN;
}

void capgap_query_config(struct capgap_pasid *out, const struct capgap_function *fn)
{
	bool hardware = fn->vantage == CAPGAP_VANTAGE_HOST;
	bool from_pf = fn->kind == CAPGAP_KIND_VF && (hardware || !fn->pasid.off);

	memset(out, 0, sizeof(*out));
	if (!from_pf && (fn->meta.flags & CAPGAP_META_BDF)) {
		out->has_from = true;
		out->from = fn->meta.bdf;
	} else if (from_pf && fn->has_pf) {
		out->has_from = true;
		out->from = fn->pf.bdf;
	}
	if (fn->pasid.off && !from_pf)
		decode(out, &fn->pasid, fn->vantage);
	else if (!from_pf)
		absent(out, fn->chain_known && !capgap_chain_find(&fn->chain, CAPGAP_EXT,
								  CAPGAP_ECAP_PASID));
	else if (!fn->has_pf)
		absent(out, false);
	else if (fn->pf.pasid.off)
		decode(out, &fn->pf.pasid, fn->vantage);
	else
		absent(out, fn->pf.chain_known);
}

const char *capgap_limit_name(enum capgap_limit limit)
{
	static const char *const names[] = {
		[CAPGAP_LIMIT_NONE] = NULL,
		[CAPGAP_LIMIT_NOT_ENABLED] = "not-enabled",
		[CAPGAP_LIMIT_IOMMU_UNKNOWN] = "iommu-unknown",
	};

	return names[limit];
}
