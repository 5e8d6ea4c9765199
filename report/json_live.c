/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The running kernel's answer in JSON. */
#include "json_live.h"
#include "json_pasid.h"

#include "../placement/feature.h"
#include "../placement/hwinfo.h"

void capgap_json_live_head(struct capgap_json *obj, const char *schema,
			   const struct capgap_answer *base, const struct capgap_bdf *bdf)
{
	if (base->fn) {
		capgap_json_identity(obj, schema, base);
		return;
	}
	capgap_json_put(obj, "schema", capgap_json_text(schema));
	capgap_json_put(obj, "bdf", capgap_json_bdf(true, bdf));
}

/* A name, or null where there is none. */
static json_t *name_or_null(const char *name)
{
	return capgap_json_text(name[0] ? name : NULL);
}

json_t *capgap_json_live_facts(const struct capgap_live_facts *facts)
{
	struct capgap_json obj = capgap_json_object();

	capgap_json_put(&obj, "driver", name_or_null(facts->driver));
	capgap_json_put(&obj, "iommu_group",
			facts->has_group ? json_integer(facts->group) : json_null());
	capgap_json_put(&obj, "cdev", name_or_null(facts->cdev));
	capgap_json_put(&obj, "others", json_integer(facts->others));
	capgap_json_put(&obj, "blocker", name_or_null(facts->blocker));
	capgap_json_put(&obj, "blocker_driver", name_or_null(facts->blocker_driver));
	capgap_json_put(&obj, "physfn",
			capgap_json_bdf(facts->has_physfn, &facts->physfn));
	capgap_json_put(&obj, "physfn_driver", name_or_null(facts->physfn_driver));
	capgap_json_put(&obj, "enabled_vfs", json_integer(facts->vfs));
	capgap_json_put(&obj, "asleep", json_boolean(facts->asleep));
	capgap_json_put(&obj, "noiommu", json_boolean(facts->noiommu));
	capgap_json_put(&obj, "unsafe_iommufd", json_boolean(facts->unsafe_iommufd));
	capgap_json_put(&obj, "unsafe_type1", json_boolean(facts->unsafe_type1));
	return capgap_json_take(&obj);
}

json_t *capgap_json_live_trouble(const struct capgap_live_trouble *trouble)
{
	const char *help = capgap_live_trouble_help(trouble);
	char text[CAPGAP_LIVE_WHY_LEN];
	struct capgap_json obj;
	bool called = trouble->step != CAPGAP_LIVE_STEP_NONE;

	if (trouble->situation == CAPGAP_LIVE_NONE)
		return json_null();
	obj = capgap_json_object();
	capgap_json_put(&obj, "situation",
			capgap_json_text(capgap_live_situation_name(trouble->situation)));
	capgap_json_put(&obj, "step",
			called ? capgap_json_text(capgap_live_step_name(trouble->step)) :
				 json_null());
	capgap_json_put(&obj, "errno",
			trouble->err ? json_integer(trouble->err) : json_null());
	capgap_json_put(&obj, "errno_name",
			capgap_json_text(capgap_live_errno_name(trouble->err)));
	capgap_json_put(&obj, "text",
			capgap_json_text(
				capgap_live_trouble_text(trouble, text, sizeof(text))));
	capgap_json_put(&obj, "help", name_or_null(help));
	return capgap_json_take(&obj);
}

json_t *capgap_json_live_path(enum capgap_live_path path)
{
	return path == CAPGAP_LIVE_PATH_ANY ?
		       json_null() :
		       capgap_json_text(capgap_live_path_name(path));
}

static json_t *zero(const struct capgap_live *live)
{
	const char *name = capgap_live_zero_name(live->zero);
	struct capgap_json obj;

	if (!name[0])
		return json_null();
	obj = capgap_json_object();
	capgap_json_put(&obj, "means", capgap_json_text(name));
	capgap_json_put(&obj, "text",
			capgap_json_text(capgap_live_zero_text(live->zero)));
	return capgap_json_take(&obj);
}

/* Registers have 64 bits, and numbers of many readers have 53. */
static json_t *reg(uint64_t value)
{
	char text[20];

	snprintf(text, sizeof(text), "0x%016llx", (unsigned long long)value);
	return json_string(text);
}

static json_t *iommu(const struct capgap_live *live)
{
	struct capgap_json obj;
	struct capgap_iommu_caps caps;
	bool has_ext = live->iommu.kind == CAPGAP_IOMMU_INTEL_VTD ||
		       live->iommu.kind == CAPGAP_IOMMU_AMD;

	if (!live->has_pasid)
		return json_null();
	obj = capgap_json_object();
	capgap_iommu_caps_read(&caps, &live->iommu);
	capgap_json_put(&obj, "type", json_integer(live->iommu_type));
	capgap_json_put(&obj, "name",
			capgap_json_text(capgap_hwinfo_type_name(live->iommu_type)));
	capgap_json_put(&obj, "capabilities",
			live->iommu.kind == CAPGAP_IOMMU_INTEL_VTD ?
				reg(live->iommu.cap) :
				json_null());
	capgap_json_put(&obj, "extended", has_ext ? reg(live->iommu.ext) : json_null());
	capgap_json_put(&obj, "pasids",
			caps.known ? json_integer(caps.pasids) : json_null());
	return capgap_json_take(&obj);
}

static json_t *capability_names(const struct capgap_live *live)
{
	struct capgap_json list = capgap_json_array();
	const char *name;
	uint64_t bit;

	for (unsigned i = 0; (name = capgap_hwinfo_cap(i, &bit, NULL)); i++) {
		if (live->has_pasid && (live->capabilities & bit))
			capgap_json_push(&list, capgap_json_text(name));
	}
	return capgap_json_take(&list);
}

static json_t *feature(const struct capgap_live *live, unsigned index)
{
	const struct capgap_feature *known = capgap_feature_get(index);
	struct capgap_json obj = capgap_json_object();
	char title[CAPGAP_LIVE_TITLE];
	int err = live->feature_err[index];

	capgap_json_put(&obj, "index", json_integer(index));
	capgap_json_put(&obj, "name", capgap_json_text(known ? known->name : NULL));
	capgap_json_put(&obj, "answer",
			capgap_json_text(capgap_live_feature_name(live->feature[index])));
	capgap_json_put(&obj, "errno", err ? json_integer(err) : json_null());
	capgap_json_put(&obj, "errno_name",
			capgap_json_text(capgap_live_errno_name(err)));
	capgap_json_put(&obj, "text",
			capgap_json_text(
				capgap_live_feature_title(index, title, sizeof(title))));
	return capgap_json_take(&obj);
}

static json_t *features(const struct capgap_live *live)
{
	struct capgap_json list = capgap_json_array();

	for (unsigned i = 0;
	     i < CAPGAP_LIVE_FEATURES && live->path != CAPGAP_LIVE_PATH_ANY; i++)
		capgap_json_push(&list, feature(live, i));
	return capgap_json_take(&list);
}

json_t *capgap_json_live_remarks(const struct capgap_live_remarks *remarks)
{
	struct capgap_json list = capgap_json_array();
	struct capgap_json obj;
	enum capgap_live_remark remark;

	for (unsigned i = 0; i < remarks->n; i++) {
		remark = remarks->remark[i];
		obj = capgap_json_object();
		capgap_json_put(&obj, "name",
				capgap_json_text(capgap_live_remark_name(remark)));
		capgap_json_put(&obj, "contradiction",
				json_boolean(
					capgap_live_remark_is_contradiction(remark)));
		capgap_json_put(&obj, "text",
				capgap_json_text(capgap_live_remark_text(remark)));
		capgap_json_push(&list, capgap_json_take(&obj));
	}
	return capgap_json_take(&list);
}

static json_t *query_object(const struct capgap_live_answer *ans)
{
	const struct capgap_live *live = ans->live;
	struct capgap_json obj = capgap_json_object();
	bool has_width = live->has_pasid && live->width;

	capgap_json_live_head(&obj, "capgap/live/1", &ans->base, &ans->bdf);
	capgap_json_put(&obj, "sysfs", capgap_json_live_facts(&live->facts));
	capgap_json_put(&obj, "path", capgap_json_live_path(live->path));
	capgap_json_put(&obj, "trouble", capgap_json_live_trouble(&live->trouble));
	capgap_json_put(&obj, "no_cdev", capgap_json_live_trouble(&live->no_cdev));
	capgap_json_put(&obj, "width",
			live->has_pasid ? json_integer(live->width) : json_null());
	capgap_json_put(&obj, "execute",
			has_width ? json_boolean(live->execute) : json_null());
	capgap_json_put(&obj, "privileged",
			has_width ? json_boolean(live->privileged) : json_null());
	capgap_json_put(&obj, "zero", zero(live));
	capgap_json_put(&obj, "out_capabilities",
			live->has_pasid ? reg(live->capabilities) : json_null());
	capgap_json_put(&obj, "capability_names", capability_names(live));
	capgap_json_put(&obj, "ats_not_supported",
			live->has_pasid && live->ats_not_supported ? json_true() :
								     json_null());
	capgap_json_put(&obj, "iommu", iommu(live));
	capgap_json_put(&obj, "features", features(live));
	capgap_json_put(&obj, "remarks", capgap_json_live_remarks(&ans->word->remarks));
	capgap_json_put(&obj, "pasid", capgap_json_pasid(ans->pasid, ans->obstacles));
	return capgap_json_take(&obj);
}

static int query_element(struct capgap_report *rep, const struct capgap_live_answer *ans)
{
	return capgap_json_element(rep, query_object(ans));
}

static int query_line(struct capgap_report *rep, const struct capgap_live_answer *ans)
{
	return capgap_json_line(rep, query_object(ans));
}

static int view_element(struct capgap_report *rep,
			const struct capgap_live_view_answer *ans)
{
	return capgap_json_element(rep, capgap_json_live_view(ans));
}

static int view_line(struct capgap_report *rep, const struct capgap_live_view_answer *ans)
{
	return capgap_json_line(rep, capgap_json_live_view(ans));
}

const struct capgap_live_reporter capgap_live_json = {
	.format = &capgap_report_json,
	.query = query_element,
	.view = view_element,
};

const struct capgap_live_reporter capgap_live_ndjson = {
	.format = &capgap_report_ndjson,
	.query = query_line,
	.view = view_line,
};
