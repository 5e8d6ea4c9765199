/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PASID feature answers from an image. */
#ifndef CAPGAP_QUERY_H
#define CAPGAP_QUERY_H

#include "../analyzer/function.h"

enum capgap_answer_is { CAPGAP_IS_UNKNOWN, CAPGAP_IS_NO, CAPGAP_IS_YES };

/* Ways to ask, CAPGAP_METHOD_<SYMBOL>. */
enum capgap_method {
#define CAPGAP_METHOD(symbol, name, text) CAPGAP_METHOD_##symbol,
#include "query.def"
#undef CAPGAP_METHOD
	CAPGAP_METHOD_COUNT
};

/* What bounds the usable width, CAPGAP_LIMIT_<SYMBOL>. */
enum capgap_limit {
#define CAPGAP_LIMIT(symbol, name, text) CAPGAP_LIMIT_##symbol,
#include "query.def"
#undef CAPGAP_LIMIT
	CAPGAP_LIMIT_COUNT
};

struct capgap_live_word;

/**
 * struct capgap_pasid - what a function can do with PASIDs
 * @supported: unknown when the input does not show it; the rest then means nothing
 * @method: how it was asked
 * @width: Max PASID Width in bits, 0..31 as read (20 is the greatest legal one)
 * @execute: Execute Permission Supported
 * @privileged: Privileged Mode Supported
 * @enabled: PASID Enable
 * @enabled_execute: Execute Permission Enable
 * @enabled_privileged: Privileged Mode Enable
 * @has_from: @from is the function whose capability was read
 * @from: its address; a virtual function is answered from its physical one
 * @has_iommu: @iommu_pasids is known, also where @supported is not yes
 * @iommu_pasids: an upper bound: PASIDs that the IOMMU in front of the function tells
 *                apart, 0 where it has no PASID
 * @has_range: PASIDs @min..@max can be used; false for width 0, which has only PASID 0,
 *             for widths above 20, and where the IOMMU has none
 * @min: 1, since PASID 0 is the kernel's for requests without one
 * @max: what the width of the device and the IOMMU both allow, in whole bits as a guest
 *       is told them
 * @limit: what bounds it
 * @has_raw: @capability and @control were read
 * @capability: PASID Capability register
 * @control: PASID Control register
 * @live: what became of asking the running kernel (live_join.h), borrowed; NULL where
 *        that was not asked for
 */
struct capgap_pasid {
	enum capgap_answer_is supported;
	enum capgap_method method;
	unsigned width;
	bool execute;
	bool privileged;
	bool enabled;
	bool enabled_execute;
	bool enabled_privileged;
	bool has_from;
	struct capgap_bdf from;
	bool has_iommu;
	uint32_t iommu_pasids;
	bool has_range;
	uint32_t min;
	uint32_t max;
	enum capgap_limit limit;
	bool has_raw;
	uint16_t capability;
	uint16_t control;
	const struct capgap_live_word *live;
};

/**
 * capgap_query_config() - answer from configuration space (method "config")
 * @out: caller's, overwritten
 * @fn: borrowed
 *
 * A virtual function has no PASID capability and shares its physical one's
 * (PCI Express Base Specification, section 9.3.7.14). What an incomplete image
 * does not show is unknown, not absent; and so is what vfio-pci hides: in an image
 * taken through it a missing PASID capability says nothing. Unknown too is what samples of
 * a function disagree about, and a function of which capgap_function_is_disputed() holds.
 * The IOMMU counts where the input has its registers.
 */
void capgap_query_config(struct capgap_pasid *out, const struct capgap_function *fn);

/**
 * capgap_query_bound() - bound an answer by what is known of the IOMMU
 * @pasid: changed: IOMMU, range and limit
 * @pasids: PASIDs that it tells apart at most; where the answer is bounded already,
 *          the lesser bound counts
 */
void capgap_query_bound(struct capgap_pasid *pasid, uint32_t pasids);

/**
 * capgap_query_pasids() - PASIDs as Linux counts them for a device
 * @pasid: borrowed; supported
 *
 * The lesser of what the device and, where it is known, the IOMMU tell apart. Linux
 * takes a width as it reads it, and has no PASIDs for one of 31 bits, whose count is
 * negative for it (drivers/pci/ats.c, drivers/iommu/iommu.c of 7.1.8).
 *
 * Return: that number; 0 for none.
 */
uint32_t capgap_query_pasids(const struct capgap_pasid *pasid);

/**
 * capgap_query_registers() - what an emulated capability says
 * @pasid: borrowed
 *
 * What the device can, in the width that the IOMMU leaves of it where that is known,
 * and nothing enabled.
 *
 * Return: its second dword, PASID Capability in the lower half; 0 unless supported.
 */
uint32_t capgap_query_registers(const struct capgap_pasid *pasid);

/* The greatest n with 2 to the power of n not above @pasids, which is not 0. */
unsigned capgap_query_log2(uint32_t pasids);

enum capgap_range_is {
	CAPGAP_RANGE_REFUSED,
	CAPGAP_RANGE_NARROWED,
	CAPGAP_RANGE_GRANTED
};

enum capgap_range_why {
#define CAPGAP_RANGE_WHY(symbol, name, text) CAPGAP_RANGE_WHY_##symbol,
#include "query.def"
#undef CAPGAP_RANGE_WHY
	CAPGAP_RANGE_WHY_COUNT
};

/**
 * struct capgap_range_answer - what becomes of a request for PASIDs
 * @min: lowest that was asked for
 * @max: highest
 * @is: answer
 * @why: it is answered so
 * @first: lowest that is usable; means nothing where it is refused
 * @last: highest; likewise
 */
struct capgap_range_answer {
	uint32_t min;
	uint32_t max;
	enum capgap_range_is is;
	enum capgap_range_why why;
	uint32_t first;
	uint32_t last;
};

/**
 * capgap_query_range() - ask for PASIDs in a range
 * @out: caller's, overwritten
 * @pasid: borrowed
 * @min: lowest
 * @max: highest, not less than @min
 *
 * In the sense of VFIO_IOMMU_PASID_REQUEST, proposed in 2020 and never merged: PASIDs
 * within a range. PASID 0 is never usable. What a kernel would not give is refused:
 * where PASID is not enabled on the host, and where it is not known. That the IOMMU's
 * width is not known does not count; the limit of @pasid says so.
 */
void capgap_query_range(struct capgap_range_answer *out, const struct capgap_pasid *pasid,
			uint32_t min, uint32_t max);

/* "granted", "narrowed" or "refused". */
const char *capgap_range_name(enum capgap_range_is is);

/* "outside" and so on. */
const char *capgap_range_why_name(enum capgap_range_why why);

/* Why, in a clause; static. */
const char *capgap_range_why_text(enum capgap_range_why why);

/* "not-enabled" and so on; NULL for none. */
const char *capgap_limit_name(enum capgap_limit limit);

/* The limit in a clause, static; "" for none. */
const char *capgap_limit_text(enum capgap_limit limit);

/* "config" and so on. */
const char *capgap_method_name(enum capgap_method method);

/* The method in a clause, static. */
const char *capgap_method_text(enum capgap_method method);

/* The method of that name, or -1. */
int capgap_method_find(const char *name);

#endif
