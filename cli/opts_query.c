/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options of `query`. */
#include <string.h>

#include "cli.h"

const char *query_set_features(struct settings *set, const char *arg)
{
	(void)arg;
	set->query.features = true;
	return NULL;
}

const char *query_set_method(struct settings *set, const char *arg)
{
	int method = capgap_method_find(arg);

	set->query.has_method = true;
	set->query.live = !strcmp(arg, "live");
	if (set->query.live)
		return NULL;
	if (method < 0)
		return "methods are config, vfio-feature-v1, vfio-feature-v2, "
		       "vfio-feature-v2-enotty, hw-info and live";
	set->query.method = (enum capgap_method)method;
	return NULL;
}

/* The flag whose name the @len characters at @word are, or 0. */
static uint32_t find_flag(const char *word, size_t len)
{
	static const struct {
		const char *name;
		uint32_t flag;
	} flags[] = {
		{ "get", CAPGAP_FEATURE_GET },
		{ "set", CAPGAP_FEATURE_SET },
		{ "probe", CAPGAP_FEATURE_PROBE },
	};

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		if (strlen(flags[i].name) == len && !memcmp(flags[i].name, word, len))
			return flags[i].flag;
	}
	return 0;
}

const char *query_set_flags(struct settings *set, const char *arg)
{
	uint32_t flag;
	size_t len;

	set->query.has_flags = true;
	set->query.flags = 0;
	if (!strcmp(arg, "none"))
		return NULL;
	for (;; arg += len + 1) {
		len = strcspn(arg, ",");
		flag = find_flag(arg, len);
		if (!flag)
			return "flags are get, set and probe, separated by commas; or none";
		set->query.flags |= flag;
		if (!arg[len])
			return NULL;
	}
}

const char *query_set_argsz(struct settings *set, const char *arg)
{
	unsigned long val;

	if (!opts_number(arg, 0, UINT32_MAX, &val))
		return "a size is a number of bytes";
	set->query.has_argsz = true;
	set->query.argsz = (uint32_t)val;
	return NULL;
}

const char *query_set_bits(struct settings *set, const char *arg)
{
	unsigned long val;

	if (!opts_number(arg, 0, 20, &val))
		return "a width is a number of bits from 0 (no PASID) to 20";
	set->query.has_bits = true;
	set->query.bits = (unsigned)val;
	return NULL;
}

const char *query_set_range(struct settings *set, const char *arg)
{
	static const char wrong[] = "a range is MIN:MAX, hex with 0x or decimal";
	const char *colon = strchr(arg, ':');
	unsigned long min;
	unsigned long max;
	char first[16];

	if (!colon || (size_t)(colon - arg) >= sizeof(first))
		return wrong;
	memcpy(first, arg, (size_t)(colon - arg));
	first[colon - arg] = '\0';
	if (!opts_number(first, 0, UINT32_MAX, &min) ||
	    !opts_number(colon + 1, 0, UINT32_MAX, &max))
		return wrong;
	if (min > max)
		return "MIN is above MAX";
	set->query.has_range = true;
	set->query.min = (uint32_t)min;
	set->query.max = (uint32_t)max;
	return NULL;
}

static const char *judge_call(const struct query_settings *query)
{
	bool feature = query->has_method && capgap_ask_is_feature(query->method);
	bool call = feature || query->method == CAPGAP_METHOD_HW_INFO;

	if (query->has_flags && !feature)
		return "--flags goes with --method vfio-feature-v1, -v2 or -v2-enotty";
	if (query->has_argsz && !call)
		return "--argsz goes with --method vfio-feature-v1, -v2, -v2-enotty or "
		       "hw-info";
	return NULL;
}

const char *query_judge(const struct settings *set, struct capgap_ask *ask)
{
	const struct query_settings *query = &set->query;
	const char *wrong = judge_call(query);

	if (query->features &&
	    (query->has_method || query->has_bits || query->has_range || set->n_args))
		return "--features lists the indexes; it takes no INPUT and asks nothing";
	if (query->live)
		return "--live BDF asks the running kernel; it is no --method, since it resets "
		       "the function";
	if (set->live.has_bdf &&
	    (query->features || query->has_method || query->has_bits || query->has_range))
		return "--live asks the running kernel, and nothing that is replayed or assumed";
	if (wrong)
		return wrong;
	capgap_ask_init(ask);
	if (query->has_method)
		ask->methods = CAPGAP_METHOD_BIT(query->method);
	if (query->has_flags)
		ask->feature.flags = CAPGAP_FEATURE_PASID | query->flags;
	if (query->has_argsz)
		ask->feature.argsz = ask->hwinfo.size = query->argsz;
	ask->has_bits = query->has_bits;
	ask->bits = query->bits;
	ask->has_range = query->has_range;
	ask->min = query->min;
	ask->max = query->max;
	return NULL;
}

void query_bound(const struct settings *set, struct capgap_pasid *pasid)
{
	if (set->query.has_bits)
		capgap_query_bound(pasid, UINT32_C(1) << set->query.bits);
}
