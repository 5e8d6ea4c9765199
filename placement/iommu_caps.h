/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the registers of an IOMMU say, as Linux reads them. */
#ifndef CAPGAP_IOMMU_CAPS_H
#define CAPGAP_IOMMU_CAPS_H

#include "../analyzer/function.h"

/* Kinds of data of IOMMU_GET_HW_INFO (include/uapi/linux/iommufd.h of 7.1.8). */
#define CAPGAP_HWINFO_NONE 0u
#define CAPGAP_HWINFO_INTEL_VTD 1u
#define CAPGAP_HWINFO_ARM_SMMUV3 2u
#define CAPGAP_HWINFO_TEGRA241_CMDQV 3u
#define CAPGAP_HWINFO_AMD 4u

/**
 * struct capgap_iommu_caps - abilities of an IOMMU
 * @known: the rest is known
 * @pasids: PASIDs that it tells apart; 0 for none
 * @amd: AMD, whose driver never asks the device for Execute or Privileged
 * @dirty_tracking: it can note which pages are written
 * @no_ats: it cannot translate for devices, whatever they can
 * @data_type: kind of its data in IOMMU_GET_HW_INFO
 * @data_len: bytes of that data
 */
struct capgap_iommu_caps {
	bool known;
	uint32_t pasids;
	bool amd;
	bool dirty_tracking;
	bool no_ats;
	uint32_t data_type;
	uint32_t data_len;
};

/**
 * capgap_iommu_caps_read() - decode the registers of an IOMMU
 * @out: caller's, overwritten
 * @iommu: borrowed
 *
 * What the hardware can do, an upper bound of what is in use: the command line can
 * switch scalable mode off, and the kernel may ask for more before it uses PASIDs.
 */
void capgap_iommu_caps_read(struct capgap_iommu_caps *out,
			    const struct capgap_iommu *iommu);

/* The same of the IOMMU in front of a function, which the input may not tell of. */
void capgap_iommu_caps_of(struct capgap_iommu_caps *out,
			  const struct capgap_function *fn);

#endif
