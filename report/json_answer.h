/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The answer as a JSON object, for the formats that are made of them. */
#ifndef CAPGAP_JSON_ANSWER_H
#define CAPGAP_JSON_ANSWER_H

#include "json_object.h"
#include "report.h"

/**
 * capgap_json_identity() - the members that say which function this is
 * @obj: added to: schema, source, machine, bdf, ids, kind, vantage
 * @schema: name and version of what @obj is
 * @ans: borrowed
 */
void capgap_json_identity(struct capgap_json *obj, const char *schema,
			  const struct capgap_answer *ans);

/* A finding as an object; a new reference, or NULL when memory is short. */
json_t *capgap_json_hit(const struct capgap_hit *hit);

/* Edits as an array of objects; a new reference, or NULL when memory is short. */
json_t *capgap_json_edits(const struct capgap_edit *edit, unsigned n);

/**
 * capgap_json_answer() - build the object of one answer
 * @rep: borrowed; what is required tells alternatives from rejected ranges
 * @ans: borrowed
 *
 * Return: a new reference, members in the order of the schema; NULL when
 * memory is short.
 */
json_t *capgap_json_answer(const struct capgap_report *rep,
			   const struct capgap_answer *ans);

#endif
