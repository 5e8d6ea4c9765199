/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All that is asked about the PASIDs of a function, and the answers. */
#ifndef CAPGAP_ASK_H
#define CAPGAP_ASK_H

#include "feature.h"
#include "hwinfo.h"
#include "obstacles.h"

/* A method as a bit of capgap_ask's @methods. */
#define CAPGAP_METHOD_BIT(method) (1u << (unsigned)(method))
#define CAPGAP_METHODS_ALL (CAPGAP_METHOD_BIT(CAPGAP_METHOD_COUNT) - 1)

/* The object that iommufd gives the first device that is bound to it. */
#define CAPGAP_ASK_DEV_ID 1u

/**
 * struct capgap_ask - what is asked
 * @methods: CAPGAP_METHOD_BIT() of each that is replayed; "config" is always answered
 * @feature: the request of the vfio-feature methods
 * @hwinfo: the request of hw-info
 * @has_bits: @bits is an upper bound of the IOMMU's width
 * @bits: 0..20
 * @has_range: PASIDs @min..@max are asked for
 * @min: lowest
 * @max: highest, not less than @min
 */
struct capgap_ask {
	unsigned methods;
	struct capgap_feature_call feature;
	struct capgap_hwinfo_call hwinfo;
	bool has_bits;
	unsigned bits;
	bool has_range;
	uint32_t min;
	uint32_t max;
};

/**
 * struct capgap_asked - the answers
 * @ask: what was asked, borrowed
 * @pasid: of configuration space
 * @feature: of the vfio-feature methods, by enum capgap_method; only those of
 *           @ask->methods are filled
 * @hwinfo: of hw-info, if it is one of @ask->methods
 * @range: if @ask->has_range
 * @obstacles: what else keeps PASID from working
 */
struct capgap_asked {
	const struct capgap_ask *ask;
	struct capgap_pasid pasid;
	struct capgap_feature_answer feature[CAPGAP_METHOD_COUNT];
	struct capgap_hwinfo hwinfo;
	struct capgap_range_answer range;
	struct capgap_obstacles obstacles;
};

/* Ask everything in the plain way: a GET with room for the payload, no bound, no range. */
void capgap_ask_init(struct capgap_ask *ask);

/**
 * capgap_ask_all() - answer what is asked
 * @out: caller's, overwritten
 * @ask: borrowed by @out
 * @fn: borrowed for the call
 */
void capgap_ask_all(struct capgap_asked *out, const struct capgap_ask *ask,
		    const struct capgap_function *fn);

/* True when the method was asked for. */
bool capgap_ask_has(const struct capgap_ask *ask, enum capgap_method method);

/* True for the methods that replay a request of VFIO_DEVICE_FEATURE. */
bool capgap_ask_is_feature(enum capgap_method method);

/* True when the device has PASID, and what was asked for of its range is not refused. */
bool capgap_ask_yes(const struct capgap_asked *asked);

#endif
