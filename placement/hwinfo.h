/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What IOMMU_GET_HW_INFO of iommufd would return. */
#ifndef CAPGAP_HWINFO_H
#define CAPGAP_HWINFO_H

#include "iommu_caps.h"
#include "linux_errno.h"
#include "query.h"

/*
 * struct iommu_hw_info (include/uapi/linux/iommufd.h of Linux 7.1.8): size, flags,
 * dev_id, data_len, data_uptr, in or out_data_type, out_max_pasid_log2, three reserved
 * bytes, out_capabilities.
 */
#define CAPGAP_HWINFO_LEN 40u
#define CAPGAP_HWINFO_MIN 32u /* up to and including the reserved bytes */
#define CAPGAP_HWINFO_FLAG_INPUT_TYPE 0x1u

/* Bits of out_capabilities, CAPGAP_HWINFO_CAP_<NAME>. */
enum capgap_hwinfo_cap {
#define CAPGAP_HWINFO_CAP(bit, name, text) CAPGAP_HWINFO_CAP_##name = 1 << (bit),
#include "hwinfo.def"
#undef CAPGAP_HWINFO_CAP
};

/* What ends a request, CAPGAP_HWINFO_STEP_<SYMBOL>, in the kernel's order. */
enum capgap_hwinfo_step {
#define CAPGAP_HWINFO_STEP(symbol, number, text) CAPGAP_HWINFO_STEP_##symbol,
#include "hwinfo.def"
#undef CAPGAP_HWINFO_STEP
	CAPGAP_HWINFO_STEP_COUNT
};

/* What out_max_pasid_log2 rests on, CAPGAP_HWINFO_WHY_<SYMBOL>. */
enum capgap_hwinfo_why {
#define CAPGAP_HWINFO_WHY(symbol, text) CAPGAP_HWINFO_WHY_##symbol,
#include "hwinfo.def"
#undef CAPGAP_HWINFO_WHY
	CAPGAP_HWINFO_WHY_COUNT
};

/**
 * struct capgap_hwinfo_call - one request
 * @size: of the caller's structure; bytes
 * @flags: CAPGAP_HWINFO_FLAG_INPUT_TYPE or 0
 * @dev_id: what binding the device gave
 * @in_data_type: asked for with that flag; 0 is whatever there is
 * @no_ioctl: the kernel does not have the request
 * @unreadable: the structure cannot be read
 * @tail: what lies behind byte 40 is not zero
 * @reserved: a reserved byte is not zero
 * @no_device: @dev_id names no device
 * @no_iommu: the device is without an IOMMU (noiommu mode)
 * @fault: the caller's buffer cannot be written
 */
struct capgap_hwinfo_call {
	uint32_t size;
	uint32_t flags;
	uint32_t dev_id;
	uint32_t in_data_type;
	bool no_ioctl;
	bool unreadable;
	bool tail;
	bool reserved;
	bool no_device;
	bool no_iommu;
	bool fault;
};

/**
 * struct capgap_hwinfo - what it returns
 * @call: the request
 * @known: false where the step depends on what the input does not show
 * @step: what ends it; where it is not ANSWERED, what follows means nothing
 * @why: what @max_pasid_log2 rests on; UNKNOWN: it is not known, and 0
 * @max_pasid_log2: out_max_pasid_log2
 * @capabilities: out_capabilities, as far as they are known
 * @undecided: bits of it that the input does not decide; clear in @capabilities
 * @has_data_type: @data_type and @data_len are known
 * @data_type: out_data_type
 * @data_len: data_len, the true length of the kernel's data
 * @n_raw: bytes of the structure that the caller gets
 * @raw: them; 0 where a field is not known
 */
struct capgap_hwinfo {
	struct capgap_hwinfo_call call;
	bool known;
	enum capgap_hwinfo_step step;
	enum capgap_hwinfo_why why;
	uint8_t max_pasid_log2;
	uint64_t capabilities;
	uint64_t undecided;
	bool has_data_type;
	uint32_t data_type;
	uint32_t data_len;
	unsigned n_raw;
	uint8_t raw[CAPGAP_HWINFO_LEN];
};

/**
 * capgap_hwinfo_make() - replay a request
 * @out: caller's, overwritten
 * @call: borrowed
 * @pasid: what the device can, and the bound of its IOMMU; borrowed
 * @iommu: what the IOMMU's registers say; borrowed
 * @ats: whether the function has ATS
 *
 * The answer of Linux 6.15 and later. Its width is the lesser of the device's and the
 * IOMMU's. A kernel that is older and has the request leaves the caller's own byte,
 * which is 0 as a rule: 0 says "no PASID" or "too old to say".
 */
void capgap_hwinfo_make(struct capgap_hwinfo *out, const struct capgap_hwinfo_call *call,
			const struct capgap_pasid *pasid,
			const struct capgap_iommu_caps *iommu, enum capgap_answer_is ats);

/* What the step returns: 0, or an error number. */
enum capgap_linux_errno capgap_hwinfo_step_errno(enum capgap_hwinfo_step step);

/* The step in a clause, static. */
const char *capgap_hwinfo_step_text(enum capgap_hwinfo_step step);

/* What out_max_pasid_log2 rests on, in a clause; static. */
const char *capgap_hwinfo_why_text(enum capgap_hwinfo_why why);

/**
 * capgap_hwinfo_cap() - bits of out_capabilities by position
 * @n: from 0
 * @bit: set to the bit's value
 * @text: set to what it says, static; may be NULL
 *
 * Return: its name, static; NULL behind the last.
 */
const char *capgap_hwinfo_cap(unsigned n, uint64_t *bit, const char **text);

/* "INTEL_VTD" and so on; NULL for a kind that is not known. */
const char *capgap_hwinfo_type_name(uint32_t data_type);

#endif
