/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the registers of an IOMMU say, as Linux reads them. */
#include "iommu_caps.h"

#include <string.h>

/* VT-d extended capability register (drivers/iommu/intel/iommu.h). */
#define ECAP_DEVICE_TLB (UINT64_C(1) << 2)
#define ECAP_PSS(ecap) ((unsigned)((ecap) >> 35) & 0x1fu)
#define ECAP_PASID (UINT64_C(1) << 40)
#define ECAP_SCALABLE (UINT64_C(1) << 43)
#define ECAP_DIRTY (UINT64_C(1) << 45)
#define ECAP_WALK_COHERENT (UINT64_C(1) << 48)
#define PSS_MAX 30u /* the count of more does not fit in Linux's 32 bits */

/* AMD extended feature register (drivers/iommu/amd/amd_iommu_types.h). */
#define EFR_GUEST (UINT64_C(1) << 4)
#define EFR_PASMAX(efr) ((unsigned)((efr) >> 32) & 0x1fu)
#define EFR_DIRTY (UINT64_C(1) << 52)
#define PASMAX_MAX 15u /* the driver has room for PASIDs of 16 bits */

/* Bytes of struct iommu_hw_info_vtd and struct iommu_hw_info_amd. */
#define VTD_DATA_LEN 24u
#define AMD_DATA_LEN 16u

static void read_vtd(struct capgap_iommu_caps *out, uint64_t ecap)
{
	bool scalable = ecap & ECAP_SCALABLE;

	out->data_type = CAPGAP_HWINFO_INTEL_VTD;
	out->data_len = VTD_DATA_LEN;
	out->dirty_tracking = scalable && (ecap & ECAP_DIRTY) &&
			      (ecap & ECAP_WALK_COHERENT);
	out->no_ats = !(ecap & ECAP_DEVICE_TLB);
	if (scalable && (ecap & ECAP_PASID) && ECAP_PSS(ecap) <= PSS_MAX)
		out->pasids = UINT32_C(2) << ECAP_PSS(ecap);
}

/* The driver counts one less than a power of two, which costs a bit (amd/init.c). */
static void read_amd(struct capgap_iommu_caps *out, uint64_t efr)
{
	unsigned bits = EFR_PASMAX(efr) <= PASMAX_MAX ? EFR_PASMAX(efr) : PASMAX_MAX;

	out->data_type = CAPGAP_HWINFO_AMD;
	out->data_len = AMD_DATA_LEN;
	out->amd = true;
	out->dirty_tracking = efr & EFR_DIRTY;
	if (efr & EFR_GUEST)
		out->pasids = (UINT32_C(2) << bits) - 1;
}

void capgap_iommu_caps_read(struct capgap_iommu_caps *out,
			    const struct capgap_iommu *iommu)
{
	memset(out, 0, sizeof(*out));
	switch (iommu->kind) {
	case CAPGAP_IOMMU_INTEL_VTD:
		out->known = true;
		read_vtd(out, iommu->ext);
		break;
	case CAPGAP_IOMMU_AMD:
		out->known = true;
		read_amd(out, iommu->ext);
		break;
	case CAPGAP_IOMMU_UNKNOWN:
	case CAPGAP_IOMMU_OTHER:
		break;
	}
}

void capgap_iommu_caps_of(struct capgap_iommu_caps *out, const struct capgap_function *fn)
{
	static const struct capgap_iommu none = { .kind = CAPGAP_IOMMU_UNKNOWN };
	bool told = fn->meta.flags & CAPGAP_META_IOMMU;

	capgap_iommu_caps_read(out, told ? &fn->meta.iommu : &none);
}
