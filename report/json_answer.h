/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The answer as a JSON object, for the formats that are made of them. */
#ifndef CAPGAP_JSON_ANSWER_H
#define CAPGAP_JSON_ANSWER_H

#include <jansson.h>

#include "report.h"

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

/**
 * capgap_json_write() - write one answer, without a line end
 * @rep: borrowed
 * @ans: borrowed
 *
 * Return: 0 or -CAPGAP_E_NOMEM. Errors of the stream are left to its owner.
 */
int capgap_json_write(struct capgap_report *rep, const struct capgap_answer *ans);

#endif
