/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an input says of the IOMMU in front of a function. */
#ifndef CAPGAP_IOMMU_H
#define CAPGAP_IOMMU_H

#include <stdint.h>

/**
 * enum capgap_iommu_kind - whose registers an input holds
 * @CAPGAP_IOMMU_UNKNOWN: the input says nothing of an IOMMU
 * @CAPGAP_IOMMU_INTEL_VTD: Intel VT-d: capability and extended capability registers
 * @CAPGAP_IOMMU_AMD: AMD: extended feature register
 * @CAPGAP_IOMMU_OTHER: one whose abilities sysfs does not show
 */
enum capgap_iommu_kind {
	CAPGAP_IOMMU_UNKNOWN,
	CAPGAP_IOMMU_INTEL_VTD,
	CAPGAP_IOMMU_AMD,
	CAPGAP_IOMMU_OTHER
};

/**
 * struct capgap_iommu - registers of the IOMMU in front of a function, as sysfs shows them
 * @kind: enum capgap_iommu_kind
 * @cap: VT-d: capability register (intel-iommu/cap); else 0
 * @ext: VT-d: extended capability register (intel-iommu/ecap); AMD: extended feature
 *       register (amd-iommu/features); else 0
 */
struct capgap_iommu {
	enum capgap_iommu_kind kind;
	uint64_t cap;
	uint64_t ext;
};

#endif
