/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PASID feature answers from an image. */
#ifndef CAPGAP_QUERY_H
#define CAPGAP_QUERY_H

#include "../analyzer/function.h"

enum capgap_answer_is { CAPGAP_IS_UNKNOWN, CAPGAP_IS_NO, CAPGAP_IS_YES };

/**
 * enum capgap_limit - what may make the usable width smaller than the device's
 * @CAPGAP_LIMIT_NONE: nothing to say, PASID is not supported or not known
 * @CAPGAP_LIMIT_NOT_ENABLED: PASID Enable is clear on the host
 * @CAPGAP_LIMIT_IOMMU_UNKNOWN: the IOMMU's width is not in the input
 */
enum capgap_limit {
	CAPGAP_LIMIT_NONE,
	CAPGAP_LIMIT_NOT_ENABLED,
	CAPGAP_LIMIT_IOMMU_UNKNOWN
};

/**
 * struct capgap_pasid - what a function can do with PASIDs
 * @supported: unknown when the input does not show it; the rest then means nothing
 * @width: Max PASID Width in bits, 0..31 as read (20 is the greatest legal one)
 * @execute: Execute Permission Supported
 * @privileged: Privileged Mode Supported
 * @enabled: PASID Enable
 * @enabled_execute: Execute Permission Enable
 * @enabled_privileged: Privileged Mode Enable
 * @has_from: @from is the function whose capability was read
 * @from: its address; a virtual function is answered from its physical one
 * @has_range: PASIDs @min..@max can be used; false for width 0, which has only PASID 0
 * @min: 1, since PASID 0 is the kernel's for requests without one
 * @max: 2 to the power of @width, less 1
 * @limit: what may make it smaller
 * @has_raw: @capability and @control were read
 * @capability: PASID Capability register
 * @control: PASID Control register
 */
struct capgap_pasid {
	enum capgap_answer_is supported;
	unsigned width;
	bool execute;
	bool privileged;
	bool enabled;
	bool enabled_execute;
	bool enabled_privileged;
	bool has_from;
	struct capgap_bdf from;
	bool has_range;
	uint32_t min;
	uint32_t max;
	enum capgap_limit limit;
	bool has_raw;
	uint16_t capability;
	uint16_t control;
};

/**
 * capgap_query_config() - answer from configuration space (method "config")
 * @out: caller's, overwritten
 * @fn: borrowed
 *
 * A virtual function has no PASID capability and shares its physical one's
 * (PCI Express Base Specification, section 9.3.7.14). What an incomplete image
 * does not show is unknown, not absent.
 */
void capgap_query_config(struct capgap_pasid *out, const struct capgap_function *fn);

/* "not-enabled" or "iommu-unknown"; NULL for none. */
const char *capgap_limit_name(enum capgap_limit limit);

#endif
