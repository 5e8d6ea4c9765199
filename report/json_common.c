/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One offset for many functions, in JSON. */
#include "common_report.h"
#include "json_object.h"

static json_t *number(unsigned long n)
{
	return json_integer((json_int_t)n);
}

static json_t *grade(enum capgap_grade grade)
{
	return capgap_json_text(capgap_grade_name(grade));
}

static json_t *alternatives(const struct capgap_common_answer *ans)
{
	struct capgap_json list = capgap_json_array();
	const struct capgap_common_range *range;
	struct capgap_json obj;

	for (unsigned i = 0; i < ans->n_alternatives; i++) {
		range = &ans->alternative[i];
		obj = capgap_json_object();
		capgap_json_put(&obj, "offset", json_integer(range->range.off));
		capgap_json_put(&obj, "length", json_integer(range->range.len));
		capgap_json_put(&obj, "grade", grade(range->grade));
		capgap_json_push(&list, capgap_json_take(&obj));
	}
	return capgap_json_take(&list);
}

static json_t *placement(const struct capgap_common_answer *ans)
{
	struct capgap_json obj;

	if (!ans->found)
		return json_null();
	obj = capgap_json_object();
	capgap_json_put(&obj, "offset", json_integer(ans->offset));
	capgap_json_put(&obj, "grade", grade(ans->grade));
	capgap_json_put(&obj, "by", capgap_json_text(ans->by_caller ? "caller" : "plan"));
	capgap_json_put(&obj, "meets_require", json_boolean(ans->meets));
	capgap_json_put(&obj, "reason", capgap_json_text(ans->reason));
	capgap_json_put(&obj, "chosen", capgap_json_text(ans->tie));
	capgap_json_put(&obj, "alternatives", alternatives(ans));
	return capgap_json_take(&obj);
}

static json_t *objectors(const struct capgap_objectors *objectors)
{
	struct capgap_json list = capgap_json_array();
	const struct capgap_objector *one;
	struct capgap_json obj;

	for (unsigned i = 0; i < objectors->n_named; i++) {
		one = &objectors->named[i];
		obj = capgap_json_object();
		capgap_json_put(&obj, "source", capgap_json_text(one->source));
		capgap_json_put(&obj, "machine", json_integer(one->machine));
		capgap_json_put(&obj, "bdf", capgap_json_bdf(one->has_bdf, &one->bdf));
		capgap_json_put(&obj, "offset", json_integer(one->range.off));
		capgap_json_put(&obj, "length", json_integer(one->range.len));
		capgap_json_put(&obj, "nowhere", json_boolean(one->nowhere));
		capgap_json_put(&obj, "reason", capgap_json_text(one->reason));
		capgap_json_push(&list, capgap_json_take(&obj));
	}
	return capgap_json_take(&list);
}

/* The most functions that agree, and the others. */
static json_t *largest(const struct capgap_common_answer *ans)
{
	struct capgap_json obj;

	if (ans->found || !ans->n_applicable)
		return json_null();
	obj = capgap_json_object();
	capgap_json_put(&obj, "offset",
			ans->offset ? json_integer(ans->offset) : json_null());
	capgap_json_put(&obj, "grade", ans->n_agree ? grade(ans->grade) : json_null());
	capgap_json_put(&obj, "functions", number(ans->n_agree));
	capgap_json_put(&obj, "blocked", objectors(&ans->blocked));
	capgap_json_put(&obj, "more", number(ans->blocked.n - ans->blocked.n_named));
	return capgap_json_take(&obj);
}

/* What the VMM that was asked for would do at the offset. */
static json_t *vmm(const struct capgap_report *rep,
		   const struct capgap_common_answer *ans)
{
	struct capgap_json obj = capgap_json_object();

	capgap_json_put(&obj, "name", capgap_json_text(capgap_vmm_name(rep->policy.vmm)));
	capgap_json_put(&obj, "takes_offset",
			json_boolean(capgap_vmm_row(rep->policy.vmm)->takes_offset));
	capgap_json_put(&obj, "functions", number(ans->n_agree - ans->spoilt.n));
	capgap_json_put(&obj, "spoilt", objectors(&ans->spoilt));
	capgap_json_put(&obj, "more", number(ans->spoilt.n - ans->spoilt.n_named));
	return capgap_json_take(&obj);
}

/* A value that means nothing unless all functions support PASID. */
static json_t *if_known(const struct capgap_joint *joint, json_t *value)
{
	if (joint->supported == CAPGAP_IS_YES)
		return value;
	json_decref(value);
	return json_null();
}

static json_t *pasid(const struct capgap_joint *joint)
{
	struct capgap_json counts = capgap_json_object();
	struct capgap_json obj = capgap_json_object();

	capgap_json_put(&counts, "yes", number(joint->n_yes));
	capgap_json_put(&counts, "no", number(joint->n_no));
	capgap_json_put(&counts, "unknown", number(joint->n_unknown));
	capgap_json_put(&obj, "supported",
			joint->supported == CAPGAP_IS_UNKNOWN ?
				json_null() :
				json_boolean(joint->supported == CAPGAP_IS_YES));
	capgap_json_put(&obj, "width", if_known(joint, json_integer(joint->width)));
	capgap_json_put(&obj, "execute", if_known(joint, json_boolean(joint->execute)));
	capgap_json_put(&obj, "privileged",
			if_known(joint, json_boolean(joint->privileged)));
	capgap_json_put(&obj, "enabled", if_known(joint, json_boolean(joint->enabled)));
	capgap_json_put(&obj, "method", capgap_json_text("config"));
	capgap_json_put(&obj, "functions", capgap_json_take(&counts));
	return capgap_json_take(&obj);
}

static json_t *object(const struct capgap_report *rep,
		      const struct capgap_common_answer *ans)
{
	struct capgap_json obj = capgap_json_object();

	capgap_json_put(&obj, "schema", capgap_json_text("capgap/common/1"));
	capgap_json_put(&obj, "group", capgap_json_text(ans->group));
	capgap_json_put(&obj, "functions", number(ans->n_functions));
	capgap_json_put(&obj, "applicable", number(ans->n_applicable));
	capgap_json_put(&obj, "present", number(ans->n_present));
	capgap_json_put(&obj, "placement", placement(ans));
	if (!ans->found)
		capgap_json_put(&obj, "refusal", capgap_json_text(ans->refusal));
	capgap_json_put(&obj, "largest", largest(ans));
	capgap_json_put(&obj, "vmm", ans->n_agree ? vmm(rep, ans) : json_null());
	capgap_json_put(&obj, "control_exposed", number(ans->n_exposed));
	capgap_json_put(&obj, "pasid", pasid(&ans->joint));
	return capgap_json_take(&obj);
}

static int answer_element(struct capgap_report *rep,
			  const struct capgap_common_answer *ans)
{
	return capgap_json_element(rep, object(rep, ans));
}

static int answer_line(struct capgap_report *rep, const struct capgap_common_answer *ans)
{
	return capgap_json_line(rep, object(rep, ans));
}

const struct capgap_common_reporter capgap_common_json = {
	.format = &capgap_report_json,
	.answer = answer_element,
};

const struct capgap_common_reporter capgap_common_ndjson = {
	.format = &capgap_report_ndjson,
	.answer = answer_line,
};
