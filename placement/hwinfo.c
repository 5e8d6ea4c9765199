/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What IOMMU_GET_HW_INFO of iommufd would return. */
#include "hwinfo.h"

#include <string.h>

/* Offsets in struct iommu_hw_info. */
#define HW_SIZE 0u
#define HW_FLAGS 4u
#define HW_DEV_ID 8u
#define HW_DATA_LEN 12u
#define HW_DATA_TYPE 24u
#define HW_MAX_PASID_LOG2 28u
#define HW_CAPABILITIES 32u

static const struct {
	enum capgap_linux_errno number;
	const char *text;
} steps[] = {
#define CAPGAP_HWINFO_STEP(symbol, number, text) { CAPGAP_LINUX_##number, (text) },
#include "hwinfo.def"
#undef CAPGAP_HWINFO_STEP
};

enum capgap_linux_errno capgap_hwinfo_step_errno(enum capgap_hwinfo_step step)
{
	return steps[step].number;
}

const char *capgap_hwinfo_step_text(enum capgap_hwinfo_step step)
{
	return steps[step].text;
}

const char *capgap_hwinfo_why_text(enum capgap_hwinfo_why why)
{
	static const char *const texts[] = {
#define CAPGAP_HWINFO_WHY(symbol, text) (text),
#include "hwinfo.def"
#undef CAPGAP_HWINFO_WHY
	};

	return texts[why];
}

const char *capgap_hwinfo_cap(unsigned n, uint64_t *bit, const char **text)
{
	static const struct {
		uint64_t bit;
		const char *name;
		const char *text;
	} caps[] = {
#define CAPGAP_HWINFO_CAP(bit, name, text) { UINT64_C(1) << (bit), #name, (text) },
#include "hwinfo.def"
#undef CAPGAP_HWINFO_CAP
	};

	if (n >= sizeof(caps) / sizeof(caps[0]))
		return NULL;
	*bit = caps[n].bit;
	if (text)
		*text = caps[n].text;
	return caps[n].name;
}

const char *capgap_hwinfo_type_name(uint32_t data_type)
{
	static const char *const names[] = {
		[CAPGAP_HWINFO_NONE] = "NONE",
		[CAPGAP_HWINFO_INTEL_VTD] = "INTEL_VTD",
		[CAPGAP_HWINFO_ARM_SMMUV3] = "ARM_SMMUV3",
		[CAPGAP_HWINFO_TEGRA241_CMDQV] = "TEGRA241_CMDQV",
		[CAPGAP_HWINFO_AMD] = "AMD",
	};

	return data_type < sizeof(names) / sizeof(names[0]) ? names[data_type] : NULL;
}

/* What is wrong with a request before the IOMMU is asked; ANSWERED for nothing. */
static enum capgap_hwinfo_step enter(const struct capgap_hwinfo_call *call)
{
	if (call->no_ioctl)
		return CAPGAP_HWINFO_STEP_NO_IOCTL;
	if (call->unreadable)
		return CAPGAP_HWINFO_STEP_UNREADABLE;
	if (call->size < CAPGAP_HWINFO_MIN)
		return CAPGAP_HWINFO_STEP_SIZE;
	if (call->size > CAPGAP_HWINFO_LEN && call->tail)
		return CAPGAP_HWINFO_STEP_TAIL;
	if (call->flags & ~CAPGAP_HWINFO_FLAG_INPUT_TYPE)
		return CAPGAP_HWINFO_STEP_FLAGS;
	if (call->reserved)
		return CAPGAP_HWINFO_STEP_RESERVED;
	if (call->no_device)
		return CAPGAP_HWINFO_STEP_NO_DEVICE;
	return call->no_iommu ? CAPGAP_HWINFO_STEP_NO_IOMMU : CAPGAP_HWINFO_STEP_ANSWERED;
}

/* The driver of the IOMMU refuses another's kind of data; one without data takes any. */
static void check_type(struct capgap_hwinfo *out)
{
	const struct capgap_hwinfo_call *call = &out->call;
	bool asked = (call->flags & CAPGAP_HWINFO_FLAG_INPUT_TYPE) && call->in_data_type;

	if (!asked)
		return;
	out->known = out->has_data_type;
	if (out->known && out->data_type != CAPGAP_HWINFO_NONE &&
	    call->in_data_type != out->data_type)
		out->step = CAPGAP_HWINFO_STEP_TYPE;
}

static enum capgap_hwinfo_why reason(const struct capgap_pasid *pasid,
				     const struct capgap_iommu_caps *iommu)
{
	uint32_t pasids;

	if (pasid->supported == CAPGAP_IS_UNKNOWN)
		return CAPGAP_HWINFO_WHY_UNKNOWN;
	if (pasid->supported == CAPGAP_IS_NO)
		return CAPGAP_HWINFO_WHY_NOT_SUPPORTED;
	if (!pasid->enabled)
		return CAPGAP_HWINFO_WHY_NOT_ENABLED;
	pasids = capgap_query_pasids(pasid);
	if (!pasid->width)
		return CAPGAP_HWINFO_WHY_WIDTH_0;
	if (pasid->has_iommu && pasid->iommu_pasids <= 1)
		return CAPGAP_HWINFO_WHY_NO_IOMMU;
	if (!pasids)
		return CAPGAP_HWINFO_WHY_WIDTH_31;
	if (!pasid->has_iommu)
		return CAPGAP_HWINFO_WHY_UPPER;
	if (pasids >> pasid->width)
		return CAPGAP_HWINFO_WHY_DEVICE;
	return iommu->amd && pasids == iommu->pasids ? CAPGAP_HWINFO_WHY_AMD :
						       CAPGAP_HWINFO_WHY_IOMMU;
}

/* ATS takes the function, the IOMMU and what the firmware says of the path. */
static void set_ats(struct capgap_hwinfo *out, const struct capgap_iommu_caps *iommu,
		    enum capgap_answer_is ats)
{
	if (ats == CAPGAP_IS_NO || (iommu->known && iommu->no_ats))
		out->capabilities |= CAPGAP_HWINFO_CAP_PCI_ATS_NOT_SUPPORTED;
	else
		out->undecided |= CAPGAP_HWINFO_CAP_PCI_ATS_NOT_SUPPORTED;
}

/*
 * Execute and Privileged are told as they are enabled, where PASID is. AMD's driver
 * enables PASID with neither (pci_enable_pasid(pdev, 0)), whatever a dump from before
 * says. The bound of a caller is an IOMMU of unknown make.
 */
static void set_pasid(struct capgap_hwinfo *out, const struct capgap_pasid *pasid,
		      const struct capgap_iommu_caps *iommu)
{
	const uint64_t both = CAPGAP_HWINFO_CAP_PCI_PASID_EXEC |
			      CAPGAP_HWINFO_CAP_PCI_PASID_PRIV;
	uint32_t pasids = capgap_query_pasids(pasid);

	out->why = reason(pasid, iommu);
	if (out->why == CAPGAP_HWINFO_WHY_UNKNOWN)
		out->undecided |= both;
	if (pasid->supported != CAPGAP_IS_YES || !pasid->enabled || !pasids)
		return;
	out->max_pasid_log2 = (uint8_t)capgap_query_log2(pasids);
	if (iommu->known && iommu->amd)
		return;
	if (pasid->enabled_execute)
		out->capabilities |= CAPGAP_HWINFO_CAP_PCI_PASID_EXEC;
	if (pasid->enabled_privileged)
		out->capabilities |= CAPGAP_HWINFO_CAP_PCI_PASID_PRIV;
}

static void put(struct capgap_hwinfo *out, unsigned off, unsigned len, uint64_t val)
{
	for (unsigned i = 0; i < len; i++)
		out->raw[off + i] = (uint8_t)(val >> (8 * i));
}

/* The kernel writes back no more than the caller has. */
static void set_raw(struct capgap_hwinfo *out)
{
	put(out, HW_SIZE, 4, out->call.size);
	put(out, HW_FLAGS, 4, out->call.flags);
	put(out, HW_DEV_ID, 4, out->call.dev_id);
	put(out, HW_DATA_LEN, 4, out->data_len);
	put(out, HW_DATA_TYPE, 4, out->data_type);
	put(out, HW_MAX_PASID_LOG2, 1, out->max_pasid_log2);
	put(out, HW_CAPABILITIES, 8, out->capabilities);
	out->n_raw = out->call.size < CAPGAP_HWINFO_LEN ? out->call.size :
							  CAPGAP_HWINFO_LEN;
	memset(out->raw + out->n_raw, 0, CAPGAP_HWINFO_LEN - out->n_raw);
}

void capgap_hwinfo_make(struct capgap_hwinfo *out, const struct capgap_hwinfo_call *call,
			const struct capgap_pasid *pasid,
			const struct capgap_iommu_caps *iommu, enum capgap_answer_is ats)
{
	memset(out, 0, sizeof(*out));
	out->call = *call;
	out->known = true;
	out->step = enter(call);
	if (out->step != CAPGAP_HWINFO_STEP_ANSWERED)
		return;
	if (iommu->known) {
		out->has_data_type = true;
		out->data_type = iommu->data_type;
		out->data_len = iommu->data_len;
	}
	check_type(out);
	if (out->step == CAPGAP_HWINFO_STEP_ANSWERED && out->known && call->fault)
		out->step = CAPGAP_HWINFO_STEP_DATA;
	if (out->step != CAPGAP_HWINFO_STEP_ANSWERED || !out->known)
		return;
	if (!iommu->known)
		out->undecided |= CAPGAP_HWINFO_CAP_DIRTY_TRACKING;
	else if (iommu->dirty_tracking)
		out->capabilities |= CAPGAP_HWINFO_CAP_DIRTY_TRACKING;
	set_ats(out, iommu, ats);
	set_pasid(out, pasid, iommu);
	set_raw(out);
}
