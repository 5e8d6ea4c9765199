/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The PASID answer as a JSON object, for every command that gives it. */
#include "json_pasid.h"
#include "json_live.h"

/* A value that means nothing unless PASID is supported. */
static json_t *if_known(const struct capgap_pasid *pasid, json_t *value)
{
	if (pasid->supported == CAPGAP_IS_YES)
		return value;
	json_decref(value);
	return json_null();
}

static json_t *supported(const struct capgap_pasid *pasid)
{
	return pasid->supported == CAPGAP_IS_UNKNOWN ?
		       json_null() :
		       json_boolean(pasid->supported == CAPGAP_IS_YES);
}

static json_t *range(const struct capgap_pasid *pasid)
{
	struct capgap_json list;

	if (!pasid->has_range)
		return json_null();
	list = capgap_json_array();
	capgap_json_push(&list, json_integer(pasid->min));
	capgap_json_push(&list, json_integer(pasid->max));
	return capgap_json_take(&list);
}

static json_t *raw(const struct capgap_pasid *pasid)
{
	struct capgap_json obj;

	if (!pasid->has_raw)
		return json_null();
	obj = capgap_json_object();
	capgap_json_put(&obj, "capability", json_integer(pasid->capability));
	capgap_json_put(&obj, "control", json_integer(pasid->control));
	return capgap_json_take(&obj);
}

static json_t *obstacle(const struct capgap_obstacle *found)
{
	struct capgap_json obj = capgap_json_object();
	char buf[256];

	capgap_json_put(&obj, "name",
			capgap_json_text(capgap_obstacle_name(found->kind)));
	capgap_json_put(&obj, "state",
			capgap_json_text(found->unknown ? "unknown" : "present"));
	capgap_json_put(&obj, "at", capgap_json_bdf(found->has_at, &found->at));
	capgap_json_put(&obj, "text",
			capgap_json_text(capgap_obstacle_text(found, buf, sizeof(buf))));
	return capgap_json_take(&obj);
}

static json_t *obstacle_list(const struct capgap_obstacles *found)
{
	struct capgap_json list = capgap_json_array();

	for (unsigned i = 0; i < found->n; i++)
		capgap_json_push(&list, obstacle(&found->obstacle[i]));
	return capgap_json_take(&list);
}

/* What became of asking the running kernel. */
static json_t *live(const struct capgap_live_word *word)
{
	struct capgap_json obj = capgap_json_object();

	capgap_json_put(&obj, "answered", json_boolean(word->answered));
	capgap_json_put(&obj, "asked", json_boolean(word->asked));
	capgap_json_put(&obj, "situation",
			capgap_json_text(capgap_live_situation_name(word->situation)));
	capgap_json_put(&obj, "why", capgap_json_text(word->why[0] ? word->why : NULL));
	capgap_json_put(&obj, "remarks", capgap_json_live_remarks(&word->remarks));
	return capgap_json_take(&obj);
}

json_t *capgap_json_pasid(const struct capgap_pasid *pasid,
			  const struct capgap_obstacles *obstacles)
{
	struct capgap_json obj = capgap_json_object();

	capgap_json_put(&obj, "supported", supported(pasid));
	capgap_json_put(&obj, "width", if_known(pasid, json_integer(pasid->width)));
	capgap_json_put(&obj, "execute", if_known(pasid, json_boolean(pasid->execute)));
	capgap_json_put(&obj, "privileged",
			if_known(pasid, json_boolean(pasid->privileged)));
	capgap_json_put(&obj, "enabled", if_known(pasid, json_boolean(pasid->enabled)));
	capgap_json_put(&obj, "enabled_execute",
			if_known(pasid, json_boolean(pasid->enabled_execute)));
	capgap_json_put(&obj, "enabled_privileged",
			if_known(pasid, json_boolean(pasid->enabled_privileged)));
	capgap_json_put(&obj, "method",
			capgap_json_text(capgap_method_name(pasid->method)));
	capgap_json_put(&obj, "from", capgap_json_bdf(pasid->has_from, &pasid->from));
	capgap_json_put(&obj, "iommu_pasids",
			pasid->has_iommu ? json_integer(pasid->iommu_pasids) :
					   json_null());
	capgap_json_put(&obj, "range", range(pasid));
	capgap_json_put(&obj, "limit", capgap_json_text(capgap_limit_name(pasid->limit)));
	capgap_json_put(&obj, "raw", raw(pasid));
	capgap_json_put(&obj, "obstacles", obstacle_list(obstacles));
	if (pasid->live)
		capgap_json_put(&obj, "live", live(pasid->live));
	return capgap_json_take(&obj);
}
