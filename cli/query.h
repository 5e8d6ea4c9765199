/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the options of `query` ask for. */
#ifndef CAPGAP_CLI_QUERY_H
#define CAPGAP_CLI_QUERY_H

#include "../placement/ask.h"

/**
 * struct query_settings - the options of `query`
 * @features: list the indexes of VFIO_DEVICE_FEATURE
 * @has_method: --method was given
 * @live: and asks for the device itself
 * @method: else which
 * @has_flags: --flags was given
 * @flags: of the request
 * @has_argsz: --argsz was given
 * @argsz: bytes of the caller's buffer
 * @has_bits: --iommu-pasid-bits was given
 * @bits: 0..20
 * @has_range: --range was given
 * @min: lowest PASID
 * @max: highest
 */
struct query_settings {
	bool features;
	bool has_method;
	bool live;
	enum capgap_method method;
	bool has_flags;
	uint32_t flags;
	bool has_argsz;
	uint32_t argsz;
	bool has_bits;
	unsigned bits;
	bool has_range;
	uint32_t min;
	uint32_t max;
};

struct settings;

/* Setters of opts.c's table: each takes its option over, and returns NULL or what is wrong. */
const char *query_set_features(struct settings *set, const char *arg);
const char *query_set_method(struct settings *set, const char *arg);
const char *query_set_flags(struct settings *set, const char *arg);
const char *query_set_argsz(struct settings *set, const char *arg);
const char *query_set_bits(struct settings *set, const char *arg);
const char *query_set_range(struct settings *set, const char *arg);

/* What is wrong with the options as a whole, or NULL; fills what is asked. */
const char *query_judge(const struct settings *set, struct capgap_ask *ask);

struct capgap_pasid;

/* Bound an answer by --iommu-pasid-bits, if it was given. */
void query_bound(const struct settings *set, struct capgap_pasid *pasid);

#endif
