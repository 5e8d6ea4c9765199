/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the formats tell of the PASID feature query. */
#ifndef CAPGAP_QUERY_REPORT_H
#define CAPGAP_QUERY_REPORT_H

#include "../placement/ask.h"
#include "report.h"

/**
 * struct capgap_query_answer - what `query` found out of a function
 * @base: the function; nothing is planned
 * @asked: borrowed
 */
struct capgap_query_answer {
	struct capgap_answer base;
	const struct capgap_asked *asked;
};

/**
 * struct capgap_query_reporter - what one format adds for the query
 * @format: the format; its begin and end stand around what is written here
 * @answer: one function. Returns 0 or -CAPGAP_E_NOMEM
 * @features_begin: before the first index; may be NULL
 * @feature: an index of VFIO_DEVICE_FEATURE. Returns likewise
 */
struct capgap_query_reporter {
	const struct capgap_reporter *format;
	int (*answer)(struct capgap_report *rep, const struct capgap_query_answer *ans);
	void (*features_begin)(struct capgap_report *rep);
	int (*feature)(struct capgap_report *rep, const struct capgap_feature *feature);
};

extern const struct capgap_query_reporter capgap_query_text;   /* text_query.c */
extern const struct capgap_query_reporter capgap_query_json;   /* json_query.c */
extern const struct capgap_query_reporter capgap_query_ndjson; /* json_query.c */

/* What a format adds for the query, or NULL. */
const struct capgap_query_reporter *
capgap_query_reporter_find(const struct capgap_reporter *format);

/**
 * capgap_query_flag() - the flags of VFIO_DEVICE_FEATURE by position
 * @n: from 0
 * @flag: set to its value
 *
 * Return: "get", "set", "probe"; NULL behind the last.
 */
const char *capgap_query_flag(unsigned n, uint32_t *flag);

/* Room for the longest structure in hex. */
#define CAPGAP_QUERY_HEX (3u * CAPGAP_HWINFO_LEN)

/**
 * capgap_query_hex() - bytes as they stand
 * @bytes: borrowed
 * @n: how many, 1..CAPGAP_HWINFO_LEN
 * @between: put between two of them; one character or none
 * @out: caller's
 *
 * Return: @out.
 */
char *capgap_query_hex(const uint8_t *bytes, unsigned n, const char *between,
		       char out[CAPGAP_QUERY_HEX]);

/* Why it is not known whether a function has PASID, in a clause; static. */
const char *capgap_query_unknown(const struct capgap_function *fn);

/* What makes a 0 of hw-info ambiguous. */
const char *capgap_query_zero(void);

/**
 * capgap_query_kernel() - what a request of the PASID feature does on released kernels
 * @n: from 0
 * @call: borrowed; its index is PASID's
 * @step: set to what ends it
 * @misread: set: it is taken for the feature that has the index by now
 *
 * Return: which kernel, static; NULL behind the last.
 */
const char *capgap_query_kernel(unsigned n, const struct capgap_feature_call *call,
				enum capgap_feature_step *step, bool *misread);

#endif
