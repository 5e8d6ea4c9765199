/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All that is asked about the PASIDs of a function, and the answers. */
#include "ask.h"

#include <string.h>

void capgap_ask_init(struct capgap_ask *ask)
{
	memset(ask, 0, sizeof(*ask));
	ask->methods = CAPGAP_METHODS_ALL;
	ask->feature.flags = CAPGAP_FEATURE_PASID | CAPGAP_FEATURE_GET;
	ask->feature.argsz = CAPGAP_FEATURE_HEADER + CAPGAP_FEATURE_PASID_LEN;
	ask->hwinfo.size = CAPGAP_HWINFO_LEN;
	ask->hwinfo.dev_id = CAPGAP_ASK_DEV_ID;
}

bool capgap_ask_has(const struct capgap_ask *ask, enum capgap_method method)
{
	return ask->methods & CAPGAP_METHOD_BIT(method);
}

bool capgap_ask_is_feature(enum capgap_method method)
{
	return method == CAPGAP_METHOD_FEATURE_V1 || method == CAPGAP_METHOD_FEATURE_V2 ||
	       method == CAPGAP_METHOD_FEATURE_V2_ENOTTY;
}

bool capgap_ask_yes(const struct capgap_asked *asked)
{
	return asked->pasid.supported == CAPGAP_IS_YES &&
	       (!asked->ask->has_range || asked->range.is != CAPGAP_RANGE_REFUSED);
}

/* A virtual function has an ATS capability of its own, where it has one. */
static enum capgap_answer_is has_ats(const struct capgap_function *fn)
{
	if (fn->lists_unsteady)
		return CAPGAP_IS_UNKNOWN;
	if (capgap_chain_find(&fn->chain, CAPGAP_EXT, CAPGAP_ECAP_ATS))
		return CAPGAP_IS_YES;
	return fn->chain_known ? CAPGAP_IS_NO : CAPGAP_IS_UNKNOWN;
}

static void ask_hwinfo(struct capgap_asked *out, const struct capgap_function *fn)
{
	struct capgap_iommu_caps iommu;

	capgap_iommu_caps_of(&iommu, fn);
	capgap_hwinfo_make(&out->hwinfo, &out->ask->hwinfo, &out->pasid, &iommu,
			   has_ats(fn));
}

void capgap_ask_all(struct capgap_asked *out, const struct capgap_ask *ask,
		    const struct capgap_function *fn)
{
	memset(out, 0, sizeof(*out));
	out->ask = ask;
	capgap_query_config(&out->pasid, fn);
	if (ask->has_bits)
		capgap_query_bound(&out->pasid, ask->bits ? UINT32_C(1) << ask->bits : 0);
	for (int i = 0; i < CAPGAP_METHOD_COUNT; i++) {
		enum capgap_method method = (enum capgap_method)i;

		if (capgap_ask_has(ask, method) && capgap_ask_is_feature(method))
			capgap_feature_pasid(&out->feature[i], method, &ask->feature,
					     &out->pasid);
	}
	if (capgap_ask_has(ask, CAPGAP_METHOD_HW_INFO))
		ask_hwinfo(out, fn);
	if (ask->has_range)
		capgap_query_range(&out->range, &out->pasid, ask->min, ask->max);
	capgap_obstacles_find(&out->obstacles, fn);
}
