/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which ids have which free ranges, for one driver that serves many devices. */
#ifndef CAPGAP_DRIVER_TABLE_H
#define CAPGAP_DRIVER_TABLE_H

#include "plan.h"

/* Pairs of ids that are told apart, at most. */
#define CAPGAP_DRIVER_IDS_MAX 65536u

/**
 * struct capgap_driver_row - one free range of what matches
 * @vendor: vendor ids, in hex without 0x: "15b3", "1002,1022", "1000-100f" or "*"
 * @device: device ids, likewise
 * @function: "pf" (physical or plain), "vf" or "any"
 * @match: what else must hold: "class 0880 rev 00-0f"; "" for nothing
 * @range: the range; extended space, dwords
 * @grade: of the weakest of its bytes
 * @source: the quirk's row, or the first function
 * @n_functions: functions that all have the range; 0 where a quirk says so
 */
struct capgap_driver_row {
	const char *vendor;
	const char *device;
	const char *function;
	const char *match;
	struct capgap_range range;
	enum capgap_grade grade;
	const char *source;
	unsigned long n_functions;
};

struct capgap_driver_table;

/**
 * capgap_driver_table_new() - an empty table
 * @policy: copied; weakest grade and shortest range that count
 *
 * Return: owned by the caller; NULL when memory is short.
 */
struct capgap_driver_table *capgap_driver_table_new(const struct capgap_policy *policy);

/* Free a table; NULL is allowed. */
void capgap_driver_table_free(struct capgap_driver_table *table);

/**
 * capgap_driver_table_add() - take the ranges of a function over
 * @table: the table
 * @source: name of its input
 * @fn: borrowed
 * @plan: its plan, borrowed
 *
 * A driver knows ids only, so functions with the same vendor and device id (physical and
 * virtual ones apart) keep the ranges that all of them have, each byte with its
 * weakest grade. A function that shows nothing of its extended space says nothing.
 *
 * Return: 0; -CAPGAP_E_NOMEM, also for the 65537th pair of ids.
 */
int capgap_driver_table_add(struct capgap_driver_table *table, const char *source,
			    const struct capgap_function *fn,
			    const struct capgap_plan *plan);

/**
 * capgap_driver_table_each() - the rows, by vendor, device, function and offset
 * @table: the table
 * @row: called for each; the row is borrowed for the call. What it returns, unless
 *       it is 0, ends the walk
 * @ctx: its first argument
 *
 * Return: 0, or what @row returned.
 */
int capgap_driver_table_each(const struct capgap_driver_table *table,
			     int (*row)(void *ctx, const struct capgap_driver_row *row),
			     void *ctx);

/**
 * capgap_driver_table_quirks() - the same rows from the quirk table, in its order
 * @quirks: borrowed
 * @row: as for capgap_driver_table_each()
 * @ctx: likewise
 *
 * A row for each range that is listed as free in extended space, and each match.
 *
 * Return: 0, what @row returned, or -CAPGAP_E_NOMEM.
 */
int capgap_driver_table_quirks(const struct capgap_quirks *quirks,
			       int (*row)(void *ctx, const struct capgap_driver_row *row),
			       void *ctx);

#endif
