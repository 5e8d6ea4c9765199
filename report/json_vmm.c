/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The VMM profiles in JSON. */
#include "json_object.h"
#include "vmm_report.h"

static json_t *rule(const struct capgap_vmm_rule_row *row)
{
	struct capgap_json obj = capgap_json_object();

	capgap_json_put(&obj, "name", capgap_json_text(row->name));
	capgap_json_put(&obj, "verdict",
			capgap_json_text(capgap_verdict_name(row->verdict)));
	capgap_json_put(&obj, "text", capgap_json_text(row->text));
	capgap_json_put(&obj, "source", capgap_json_text(row->source));
	return capgap_json_take(&obj);
}

static json_t *rules_of(enum capgap_vmm vmm)
{
	struct capgap_json list = capgap_json_array();
	const struct capgap_vmm_rule_row *row;

	for (unsigned i = 0; (row = capgap_vmm_rule_row(i)); i++) {
		if (row->profiles >> vmm & 1u)
			capgap_json_push(&list, rule(row));
	}
	return capgap_json_take(&list);
}

static json_t *profile(enum capgap_vmm vmm, bool rules)
{
	const struct capgap_vmm_row *row = capgap_vmm_row(vmm);
	struct capgap_json obj = capgap_json_object();

	capgap_json_put(&obj, "schema", capgap_json_text("capgap/vmm/1"));
	capgap_json_put(&obj, "name", capgap_json_text(row->name));
	capgap_json_put(&obj, "summary", capgap_json_text(row->summary));
	capgap_json_put(&obj, "takes_offset", json_boolean(row->takes_offset));
	capgap_json_put(&obj, "default_offset",
			row->default_offset ? json_integer(row->default_offset) :
					      json_null());
	capgap_json_put(&obj, "needs", capgap_json_text(row->needs));
	if (rules)
		capgap_json_put(&obj, "rules", rules_of(vmm));
	return capgap_json_take(&obj);
}

static int element(struct capgap_report *rep, enum capgap_vmm vmm, bool rules)
{
	return capgap_json_element(rep, profile(vmm, rules));
}

static int line(struct capgap_report *rep, enum capgap_vmm vmm, bool rules)
{
	return capgap_json_line(rep, profile(vmm, rules));
}

const struct capgap_vmm_reporter capgap_vmm_json = { &capgap_report_json, element };
const struct capgap_vmm_reporter capgap_vmm_ndjson = { &capgap_report_ndjson, line };
