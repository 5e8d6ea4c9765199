/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules for whoever makes an image, and the level that each rule is given. */
#ifndef CAPGAP_CHECK_H
#define CAPGAP_CHECK_H

#include "function.h"

/**
 * capgap_check_function() - hold a function against the rules that the analysis leaves out
 * @fn: finished, borrowed
 * @hits: findings of the kinds flagged CAPGAP_F_CHECK_ONLY are added
 *
 * All other rules were held against it by the analysis: @fn->findings has their
 * hits. What the image does not show is not judged.
 */
void capgap_check_function(const struct capgap_function *fn,
			   struct capgap_findings *hits);

/**
 * capgap_check_rule() - the rules by position
 * @n: from 0
 *
 * Return: enum capgap_finding_kind, ascending; kinds that are about plans are no rules.
 * -CAPGAP_E_NOENT behind the last.
 */
int capgap_check_rule(unsigned n);

/* A rule that is switched off; the other levels are those of enum capgap_level. */
#define CAPGAP_CHECK_OFF UINT8_MAX

/**
 * struct capgap_check_levels - the level that each rule is given
 * @of: by kind, enum capgap_level or CAPGAP_CHECK_OFF
 */
struct capgap_check_levels {
	uint8_t of[CAPGAP_F_COUNT];
};

/* Give each rule the level of the table. */
void capgap_check_levels_init(struct capgap_check_levels *levels);

/**
 * capgap_check_levels_set() - give a rule another level
 * @levels: caller's
 * @name: its name
 * @level: enum capgap_level or CAPGAP_CHECK_OFF
 *
 * Return: 0, or -CAPGAP_E_NOENT when no rule is called so.
 */
int capgap_check_levels_set(struct capgap_check_levels *levels, const char *name,
			    uint8_t level);

/* "note", "warning", "error", or "off". */
const char *capgap_check_level_name(uint8_t level);

#endif
