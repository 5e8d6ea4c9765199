/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Members that the objects of the running kernel's answers share. */
#ifndef CAPGAP_JSON_LIVE_H
#define CAPGAP_JSON_LIVE_H

#include "json_answer.h"
#include "live_report.h"

/**
 * capgap_json_live_head() - the members that say which function this is
 * @obj: added to: schema, and all of capgap_json_identity(); where the function was not
 *       read, schema and address only
 * @schema: name and version of what @obj is
 * @base: borrowed
 * @bdf: its address
 */
void capgap_json_live_head(struct capgap_json *obj, const char *schema,
			   const struct capgap_answer *base,
			   const struct capgap_bdf *bdf);

/* What sysfs says, as an object; a new reference, or NULL when memory is short. */
json_t *capgap_json_live_facts(const struct capgap_live_facts *facts);

/* What stood in the way, or null; a new reference, or NULL when memory is short. */
json_t *capgap_json_live_trouble(const struct capgap_live_trouble *trouble);

/* "cdev", "group" or null; a new reference, or NULL when memory is short. */
json_t *capgap_json_live_path(enum capgap_live_path path);

/* A comparison as an object; a new reference, or NULL when memory is short. */
json_t *capgap_json_live_view(const struct capgap_live_view_answer *ans);

/* Remarks as an array; a new reference, or NULL when memory is short. */
json_t *capgap_json_live_remarks(const struct capgap_live_remarks *remarks);

#endif
