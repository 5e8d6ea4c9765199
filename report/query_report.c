/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What all formats have to tell of the PASID feature query. */
#include "query_report.h"

static const struct capgap_query_reporter *const table[] = {
	&capgap_query_text,
	&capgap_query_json,
	&capgap_query_ndjson,
};

const struct capgap_query_reporter *
capgap_query_reporter_find(const struct capgap_reporter *format)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (table[i]->format == format)
			return table[i];
	}
	return NULL;
}

const char *capgap_query_flag(unsigned n, uint32_t *flag)
{
	static const struct {
		uint32_t flag;
		const char *name;
	} flags[] = {
		{ CAPGAP_FEATURE_GET, "get" },
		{ CAPGAP_FEATURE_SET, "set" },
		{ CAPGAP_FEATURE_PROBE, "probe" },
	};

	if (n >= sizeof(flags) / sizeof(flags[0]))
		return NULL;
	*flag = flags[n].flag;
	return flags[n].name;
}

char *capgap_query_hex(const uint8_t *bytes, unsigned n, const char *between,
		       char out[CAPGAP_QUERY_HEX])
{
	size_t used = 0;

	for (unsigned i = 0; i < n; i++)
		used += (size_t)snprintf(out + used, CAPGAP_QUERY_HEX - used, "%s%02x",
					 i ? between : "", bytes[i]);
	return out;
}

const char *capgap_query_unknown(const struct capgap_function *fn)
{
	if (fn->pf_asleep)
		return "its physical function, whose PASID it shares, was left asleep in "
		       "D3cold; --wake reads it on the live host";
	if (fn->kind == CAPGAP_KIND_VF && !fn->has_pf)
		return "its physical function, whose PASID it shares, is not in the input";
	if (capgap_function_is_disputed(fn))
		return "it is said in two ways whether it is virtual, and of which function";
	if (fn->pasid_unsteady)
		return "its samples disagree about the capability, or about the lists";
	if (fn->kind == CAPGAP_KIND_VF && fn->pf.unsteady)
		return "the samples of its physical function disagree about the capability, "
		       "or about the lists";
	if (fn->vantage == CAPGAP_VANTAGE_VFIO)
		return "vfio-pci hides the capability, and the image was taken through it";
	return fn->kind == CAPGAP_KIND_VF ?
		       "the lists of its physical function were not read whole" :
		       "its capability lists were not read whole";
}

const char *capgap_query_zero(void)
{
	return "a kernel that is too old for the field leaves 0 there as well: before 6.15, "
	       "but for backports";
}

const char *capgap_query_kernel(unsigned n, const struct capgap_feature_call *call,
				enum capgap_feature_step *step, bool *misread)
{
	struct capgap_feature_device device;
	const char *name = capgap_feature_kernel(n, &device);

	if (!name)
		return NULL;
	*step = capgap_feature_request(call, &device);
	*misread = *step == CAPGAP_FEATURE_STEP_PROBED ||
		   *step == CAPGAP_FEATURE_STEP_GO_ON;
	return name;
}
