/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The PASID feature query in JSON. */
#include "json_answer.h"
#include "json_pasid.h"
#include "query_report.h"

/* Members that every replayed call has: "errno", "errno_name", "because". */
static void put_outcome(struct capgap_json *obj, bool known,
			enum capgap_linux_errno number, const char *because)
{
	capgap_json_put(obj, "errno", known ? json_integer(number) : json_null());
	capgap_json_put(obj, "errno_name",
			capgap_json_text(known ? capgap_linux_errno_name(number) : NULL));
	capgap_json_put(obj, "because", capgap_json_text(because));
}

static json_t *hex(bool there, const uint8_t *bytes, unsigned n)
{
	char buf[CAPGAP_QUERY_HEX];

	return there ? json_string(capgap_query_hex(bytes, n, "", buf)) : json_null();
}

static json_t *flags(uint32_t set)
{
	struct capgap_json list = capgap_json_array();
	const char *name;
	uint32_t flag;

	for (unsigned i = 0; (name = capgap_query_flag(i, &flag)); i++) {
		if (set & flag)
			capgap_json_push(&list, capgap_json_text(name));
	}
	return capgap_json_take(&list);
}

/* What the request of the vfio-feature methods does on kernels as they were released. */
static json_t *released(const struct capgap_ask *ask)
{
	const struct capgap_feature_call *call = &ask->feature;
	struct capgap_json list = capgap_json_array();
	enum capgap_feature_step step;
	struct capgap_json obj;
	const char *kernel;
	bool misread;

	for (unsigned i = 0; (kernel = capgap_query_kernel(i, call, &step, &misread));
	     i++) {
		obj = capgap_json_object();
		capgap_json_put(&obj, "kernel", capgap_json_text(kernel));
		put_outcome(&obj, true, capgap_feature_step_errno(step),
			    capgap_feature_step_text(step));
		capgap_json_put(&obj, "misread", json_boolean(misread));
		capgap_json_push(&list, capgap_json_take(&obj));
	}
	return capgap_json_take(&list);
}

static json_t *feature_call(const struct capgap_function *fn, enum capgap_method method,
			    const struct capgap_feature_answer *ans)
{
	struct capgap_json obj = capgap_json_object();
	bool there = ans->known && ans->has_payload;

	capgap_json_put(&obj, "method", capgap_json_text(capgap_method_name(method)));
	capgap_json_put(&obj, "index",
			json_integer(ans->call.flags & CAPGAP_FEATURE_MASK));
	capgap_json_put(&obj, "flags", flags(ans->call.flags));
	capgap_json_put(&obj, "argsz", json_integer(ans->call.argsz));
	capgap_json_put(&obj, "known", json_boolean(ans->known));
	put_outcome(&obj, ans->known, capgap_feature_step_errno(ans->step),
		    ans->known ? capgap_feature_step_text(ans->step) :
				 capgap_query_unknown(fn));
	capgap_json_put(&obj, "raw", hex(there, ans->raw, sizeof(ans->raw)));
	capgap_json_put(&obj, "capabilities",
			there ? json_integer(ans->capabilities) : json_null());
	capgap_json_put(&obj, "width", there ? json_integer(ans->width) : json_null());
	return capgap_json_take(&obj);
}

/* What the outcome of hw-info rests on. */
static const char *hwinfo_because(const struct capgap_function *fn,
				  const struct capgap_hwinfo *info)
{
	if (!info->known || (info->step == CAPGAP_HWINFO_STEP_ANSWERED &&
			     info->why == CAPGAP_HWINFO_WHY_UNKNOWN))
		return capgap_query_unknown(fn);
	return info->step == CAPGAP_HWINFO_STEP_ANSWERED ?
		       capgap_hwinfo_why_text(info->why) :
		       capgap_hwinfo_step_text(info->step);
}

static json_t *hwinfo_call(const struct capgap_function *fn,
			   const struct capgap_hwinfo *info)
{
	struct capgap_json obj = capgap_json_object();
	bool there = info->known && info->step == CAPGAP_HWINFO_STEP_ANSWERED;
	bool width = there && info->why != CAPGAP_HWINFO_WHY_UNKNOWN;
	bool caps = there && info->n_raw == CAPGAP_HWINFO_LEN;

	capgap_json_put(&obj, "method",
			capgap_json_text(capgap_method_name(CAPGAP_METHOD_HW_INFO)));
	capgap_json_put(&obj, "size", json_integer(info->call.size));
	capgap_json_put(&obj, "known", json_boolean(there ? width : info->known));
	put_outcome(&obj, info->known, capgap_hwinfo_step_errno(info->step),
		    hwinfo_because(fn, info));
	capgap_json_put(&obj, "raw", hex(width, info->raw, info->n_raw));
	capgap_json_put(&obj, "out_data_type",
			there && info->has_data_type ? json_integer(info->data_type) :
						       json_null());
	capgap_json_put(&obj, "out_max_pasid_log2",
			width ? json_integer(info->max_pasid_log2) : json_null());
	capgap_json_put(&obj, "out_capabilities",
			caps ? json_integer((json_int_t)info->capabilities) :
			       json_null());
	capgap_json_put(&obj, "undecided",
			caps ? json_integer((json_int_t)info->undecided) : json_null());
	capgap_json_put(&obj, "upper_bound",
			json_boolean(width && info->why == CAPGAP_HWINFO_WHY_UPPER));
	return capgap_json_take(&obj);
}

static json_t *methods(const struct capgap_function *fn, const struct capgap_asked *asked)
{
	struct capgap_json list = capgap_json_array();

	for (int i = 0; i < CAPGAP_METHOD_COUNT; i++) {
		enum capgap_method method = (enum capgap_method)i;

		if (!capgap_ask_has(asked->ask, method))
			continue;
		if (capgap_ask_is_feature(method))
			capgap_json_push(&list,
					 feature_call(fn, method, &asked->feature[i]));
		else if (method == CAPGAP_METHOD_HW_INFO)
			capgap_json_push(&list, hwinfo_call(fn, &asked->hwinfo));
	}
	return capgap_json_take(&list);
}

static json_t *pair(uint32_t first, uint32_t last)
{
	struct capgap_json list = capgap_json_array();

	capgap_json_push(&list, json_integer(first));
	capgap_json_push(&list, json_integer(last));
	return capgap_json_take(&list);
}

static json_t *range(const struct capgap_asked *asked)
{
	const struct capgap_range_answer *got = &asked->range;
	struct capgap_json obj;

	if (!asked->ask->has_range)
		return json_null();
	obj = capgap_json_object();
	capgap_json_put(&obj, "asked", pair(got->min, got->max));
	capgap_json_put(&obj, "answer", capgap_json_text(capgap_range_name(got->is)));
	capgap_json_put(&obj, "given",
			got->is == CAPGAP_RANGE_REFUSED ? json_null() :
							  pair(got->first, got->last));
	capgap_json_put(&obj, "because",
			capgap_json_text(capgap_range_why_name(got->why)));
	capgap_json_put(&obj, "text", capgap_json_text(capgap_range_why_text(got->why)));
	return capgap_json_take(&obj);
}

static json_t *answer_object(const struct capgap_query_answer *ans)
{
	const struct capgap_function *fn = ans->base.fn;
	struct capgap_json obj = capgap_json_object();

	capgap_json_identity(&obj, "capgap/query/1", &ans->base);
	capgap_json_put(&obj, "applicable", json_boolean(!fn->not_applicable));
	capgap_json_put(&obj, "pasid",
			capgap_json_pasid(&ans->asked->pasid, &ans->asked->obstacles));
	capgap_json_put(&obj, "methods", methods(fn, ans->asked));
	capgap_json_put(&obj, "released", released(ans->asked->ask));
	capgap_json_put(&obj, "range", range(ans->asked));
	return capgap_json_take(&obj);
}

static json_t *feature_object(const struct capgap_feature *feature)
{
	struct capgap_json obj = capgap_json_object();

	capgap_json_put(&obj, "schema", capgap_json_text("capgap/features/1"));
	capgap_json_put(&obj, "index", json_integer(feature->index));
	capgap_json_put(&obj, "name", capgap_json_text(feature->name));
	capgap_json_put(&obj, "operations", flags(feature->operations));
	capgap_json_put(&obj, "payload",
			feature->name ? json_integer(feature->payload) : json_null());
	capgap_json_put(&obj, "first", capgap_json_text(feature->first));
	capgap_json_put(&obj, "note", capgap_json_text(feature->note));
	return capgap_json_take(&obj);
}

static int answer_element(struct capgap_report *rep,
			  const struct capgap_query_answer *ans)
{
	return capgap_json_element(rep, answer_object(ans));
}

static int answer_line(struct capgap_report *rep, const struct capgap_query_answer *ans)
{
	return capgap_json_line(rep, answer_object(ans));
}

static int feature_element(struct capgap_report *rep,
			   const struct capgap_feature *feature)
{
	return capgap_json_element(rep, feature_object(feature));
}

static int feature_line(struct capgap_report *rep, const struct capgap_feature *feature)
{
	return capgap_json_line(rep, feature_object(feature));
}

const struct capgap_query_reporter capgap_query_json = {
	.format = &capgap_report_json,
	.answer = answer_element,
	.feature = feature_element,
};

const struct capgap_query_reporter capgap_query_ndjson = {
	.format = &capgap_report_ndjson,
	.answer = answer_line,
	.feature = feature_line,
};
