/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Our own copies of the kernel's VFIO and iommufd interface: what live.c sends and receives.
 *
 * Values and layouts are those of include/uapi/linux/vfio.h and include/uapi/linux/iommufd.h
 * of Linux 7.1 (vfio.h of 7.2 is the same here; bit 3 of the hardware capabilities as of
 * 7.3). Installed headers may be older: Debian 12 has no iommufd.h and no BIND_IOMMUFD.
 * Both interfaces only ever grow at the end of a structure, whose first member is its size.
 */
#ifndef CAPGAP_UAPI_H
#define CAPGAP_UAPI_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>

/* Type ';' and no size, for both: VFIO numbers begin at 100, those of iommufd at 0x80. */
#define CAPGAP_UAPI_VFIO(nr) _IO(';', 100 + (nr))
#define CAPGAP_UAPI_IOMMUFD(nr) _IO(';', (nr))

/* vfio.h: the container, the group, the device. */
#define CAPGAP_UAPI_GET_API_VERSION CAPGAP_UAPI_VFIO(0)
#define CAPGAP_UAPI_SET_IOMMU CAPGAP_UAPI_VFIO(2)
#define CAPGAP_UAPI_GROUP_GET_STATUS CAPGAP_UAPI_VFIO(3)
#define CAPGAP_UAPI_GROUP_SET_CONTAINER CAPGAP_UAPI_VFIO(4)
#define CAPGAP_UAPI_GROUP_GET_DEVICE_FD CAPGAP_UAPI_VFIO(6)
#define CAPGAP_UAPI_DEVICE_GET_INFO CAPGAP_UAPI_VFIO(7)
#define CAPGAP_UAPI_DEVICE_GET_REGION_INFO CAPGAP_UAPI_VFIO(8)
#define CAPGAP_UAPI_DEVICE_FEATURE CAPGAP_UAPI_VFIO(17)
#define CAPGAP_UAPI_DEVICE_BIND_IOMMUFD CAPGAP_UAPI_VFIO(18)

/* iommufd.h */
#define CAPGAP_UAPI_GET_HW_INFO CAPGAP_UAPI_IOMMUFD(0x8a)

#define CAPGAP_UAPI_API_VERSION 0     /* VFIO_API_VERSION */
#define CAPGAP_UAPI_TYPE1V2_IOMMU 3u  /* VFIO_TYPE1v2_IOMMU */
#define CAPGAP_UAPI_GROUP_VIABLE 0x1u /* VFIO_GROUP_FLAGS_VIABLE */
#define CAPGAP_UAPI_DEVICE_PCI 0x2u   /* VFIO_DEVICE_FLAGS_PCI */
#define CAPGAP_UAPI_CONFIG_REGION 7u  /* VFIO_PCI_CONFIG_REGION_INDEX */
#define CAPGAP_UAPI_BIND_TOKEN 0x1u   /* VFIO_DEVICE_BIND_FLAG_TOKEN */

/* Flags of VFIO_DEVICE_FEATURE: the index, and what is to be done. */
#define CAPGAP_UAPI_FEATURE_MASK 0xffffu
#define CAPGAP_UAPI_FEATURE_GET 0x10000u
#define CAPGAP_UAPI_FEATURE_SET 0x20000u
#define CAPGAP_UAPI_FEATURE_PROBE 0x40000u

/* out_capabilities of IOMMU_GET_HW_INFO; the kinds of its data stand in iommu_caps.h. */
#define CAPGAP_UAPI_HW_PASID_EXEC 0x2u
#define CAPGAP_UAPI_HW_PASID_PRIV 0x4u
#define CAPGAP_UAPI_HW_ATS_NOT_SUPPORTED 0x8u

/* struct vfio_group_status */
struct capgap_uapi_group_status {
	uint32_t argsz;
	uint32_t flags;
};

/* struct vfio_device_info; the part that a kernel does not know stays as it was sent */
struct capgap_uapi_device_info {
	uint32_t argsz;
	uint32_t flags;
	uint32_t num_regions;
	uint32_t num_irqs;
	uint32_t cap_offset;
	uint32_t pad;
};

/* struct vfio_region_info; @offset is where pread() finds the region */
struct capgap_uapi_region_info {
	uint32_t argsz;
	uint32_t flags;
	uint32_t index;
	uint32_t cap_offset;
	uint64_t size;
	uint64_t offset;
};

/* struct vfio_device_feature without its data: all that a PROBE needs */
struct capgap_uapi_feature {
	uint32_t argsz;
	uint32_t flags;
};

/* struct vfio_device_bind_iommufd; @token_uuid_ptr only with the TOKEN flag */
struct capgap_uapi_bind {
	uint32_t argsz;
	uint32_t flags;
	int32_t iommufd;
	uint32_t out_devid;
	uint64_t token_uuid_ptr;
};

/* What argsz says without a token: kernels that take none on this path end here. */
#define CAPGAP_UAPI_BIND_SHORT 16u

/*
 * struct iommu_hw_info. A kernel takes 32 bytes at least. @out_max_pasid_log2 is there since
 * commit 803f97298e7d (6.15, and in stable kernels); before, it was a part of __reserved,
 * which has to be 0.
 */
struct capgap_uapi_hw_info {
	uint32_t size;
	uint32_t flags;
	uint32_t dev_id;
	uint32_t data_len;
	uint64_t data_uptr;
	uint32_t out_data_type;
	uint8_t out_max_pasid_log2;
	uint8_t reserved[3];
	uint64_t out_capabilities;
};

/* struct iommu_hw_info_vtd */
struct capgap_uapi_hw_info_vtd {
	uint32_t flags;
	uint32_t reserved;
	uint64_t cap_reg;
	uint64_t ecap_reg;
};

/* struct iommu_hw_info_amd */
struct capgap_uapi_hw_info_amd {
	uint64_t efr;
	uint64_t efr2;
};

/* The numbers without the direction bits, which some processors encode otherwise. */
#define CAPGAP_UAPI_NR(request) (0xffffu & (request))

static_assert(CAPGAP_UAPI_NR(CAPGAP_UAPI_GET_API_VERSION) == 0x3b64, "vfio.h");
static_assert(CAPGAP_UAPI_NR(CAPGAP_UAPI_SET_IOMMU) == 0x3b66, "vfio.h");
static_assert(CAPGAP_UAPI_NR(CAPGAP_UAPI_GROUP_GET_STATUS) == 0x3b67, "vfio.h");
static_assert(CAPGAP_UAPI_NR(CAPGAP_UAPI_GROUP_SET_CONTAINER) == 0x3b68, "vfio.h");
static_assert(CAPGAP_UAPI_NR(CAPGAP_UAPI_GROUP_GET_DEVICE_FD) == 0x3b6a, "vfio.h");
static_assert(CAPGAP_UAPI_NR(CAPGAP_UAPI_DEVICE_GET_INFO) == 0x3b6b, "vfio.h");
static_assert(CAPGAP_UAPI_NR(CAPGAP_UAPI_DEVICE_GET_REGION_INFO) == 0x3b6c, "vfio.h");
static_assert(CAPGAP_UAPI_NR(CAPGAP_UAPI_DEVICE_FEATURE) == 0x3b75, "vfio.h");
static_assert(CAPGAP_UAPI_NR(CAPGAP_UAPI_DEVICE_BIND_IOMMUFD) == 0x3b76, "vfio.h");
static_assert(CAPGAP_UAPI_NR(CAPGAP_UAPI_GET_HW_INFO) == 0x3b8a, "iommufd.h");

#define CAPGAP_UAPI_AT(type, member, off)                                                \
	static_assert(offsetof(struct type, member) == (off), #type "." #member)

static_assert(sizeof(struct capgap_uapi_group_status) == 8, "vfio_group_status");
CAPGAP_UAPI_AT(capgap_uapi_group_status, flags, 4);

static_assert(sizeof(struct capgap_uapi_device_info) == 24, "vfio_device_info");
CAPGAP_UAPI_AT(capgap_uapi_device_info, flags, 4);
CAPGAP_UAPI_AT(capgap_uapi_device_info, num_regions, 8);
CAPGAP_UAPI_AT(capgap_uapi_device_info, num_irqs, 12);
CAPGAP_UAPI_AT(capgap_uapi_device_info, cap_offset, 16);

static_assert(sizeof(struct capgap_uapi_region_info) == 32, "vfio_region_info");
CAPGAP_UAPI_AT(capgap_uapi_region_info, flags, 4);
CAPGAP_UAPI_AT(capgap_uapi_region_info, index, 8);
CAPGAP_UAPI_AT(capgap_uapi_region_info, cap_offset, 12);
CAPGAP_UAPI_AT(capgap_uapi_region_info, size, 16);
CAPGAP_UAPI_AT(capgap_uapi_region_info, offset, 24);

static_assert(sizeof(struct capgap_uapi_feature) == 8, "vfio_device_feature");
CAPGAP_UAPI_AT(capgap_uapi_feature, flags, 4);

static_assert(sizeof(struct capgap_uapi_bind) == 24, "vfio_device_bind_iommufd");
CAPGAP_UAPI_AT(capgap_uapi_bind, flags, 4);
CAPGAP_UAPI_AT(capgap_uapi_bind, iommufd, 8);
CAPGAP_UAPI_AT(capgap_uapi_bind, out_devid, 12);
CAPGAP_UAPI_AT(capgap_uapi_bind, token_uuid_ptr, CAPGAP_UAPI_BIND_SHORT);

static_assert(sizeof(struct capgap_uapi_hw_info) == 40, "iommu_hw_info");
CAPGAP_UAPI_AT(capgap_uapi_hw_info, flags, 4);
CAPGAP_UAPI_AT(capgap_uapi_hw_info, dev_id, 8);
CAPGAP_UAPI_AT(capgap_uapi_hw_info, data_len, 12);
CAPGAP_UAPI_AT(capgap_uapi_hw_info, data_uptr, 16);
CAPGAP_UAPI_AT(capgap_uapi_hw_info, out_data_type, 24);
CAPGAP_UAPI_AT(capgap_uapi_hw_info, out_max_pasid_log2, 28);
CAPGAP_UAPI_AT(capgap_uapi_hw_info, reserved, 29);
CAPGAP_UAPI_AT(capgap_uapi_hw_info, out_capabilities, 32);

static_assert(sizeof(struct capgap_uapi_hw_info_vtd) == 24, "iommu_hw_info_vtd");
CAPGAP_UAPI_AT(capgap_uapi_hw_info_vtd, cap_reg, 8);
CAPGAP_UAPI_AT(capgap_uapi_hw_info_vtd, ecap_reg, 16);

static_assert(sizeof(struct capgap_uapi_hw_info_amd) == 16, "iommu_hw_info_amd");
CAPGAP_UAPI_AT(capgap_uapi_hw_info_amd, efr2, 8);

#undef CAPGAP_UAPI_AT

#endif
