/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The PASID answer as a JSON object, for every command that gives it. */
#ifndef CAPGAP_JSON_PASID_H
#define CAPGAP_JSON_PASID_H

#include "../placement/obstacles.h"
#include "../placement/query.h"
#include "json_object.h"

/**
 * capgap_json_pasid() - the members of `pasid`, as docs/output.md lists them
 * @pasid: borrowed
 * @obstacles: borrowed
 *
 * Return: a new reference, or NULL when memory is short.
 */
json_t *capgap_json_pasid(const struct capgap_pasid *pasid,
			  const struct capgap_obstacles *obstacles);

#endif
