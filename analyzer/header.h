/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Registers of the header and of capability headers, by the specification's names. */
#ifndef CAPGAP_HEADER_H
#define CAPGAP_HEADER_H

/* Common header (PCI Local Bus Specification 3.0, section 6.1; PCI Express Base, 7.5.1). */
#define HDR_VENDOR 0x00u
#define HDR_DEVICE 0x02u
#define HDR_COMMAND 0x04u
#define HDR_STATUS 0x06u
#define HDR_CLASS_REV 0x08u /* revision 7:0, class code 31:8 */
#define HDR_TYPE 0x0eu
#define HDR_BAR0 0x10u	    /* type 0: six base address registers */
#define HDR_BARS_END 0x28u  /* type 0 */
#define HDR_SECONDARY 0x19u /* type 1: the bus below, and the last one below it */
#define HDR_SUBORDINATE 0x1au
#define HDR_SUBVENDOR 0x2cu /* type 0 */
#define HDR_CAP_PTR 0x34u   /* types 0 and 1 */
#define HDR_CARDBUS_PTR 0x14u
#define HDR_INTERRUPT_PIN 0x3du

#define COMMAND_MEMORY 0x0002u
#define STATUS_CAP_LIST 0x0010u
#define HDR_TYPE_LAYOUT 0x7fu
#define HDR_TYPE_MULTI 0x80u
#define HDR_ENDPOINT 0u
#define HDR_BRIDGE 1u
#define HDR_CARDBUS 2u
/* CardBus: subsystem ids and legacy base to 0x47, reserved to 0x7f (PC Card Standard). */
#define HDR_CARDBUS_END 0x80u

/* Capability headers. */
#define PTR_RESERVED 0x3u
#define CONV_NEXT 1u
#define CONV_ID_BROKEN 0xffu
#define EXT_ID(header) (0xffffu & (header))
#define EXT_VERSION(header) (0xfu & (header) >> 16)
#define EXT_NEXT(header) ((header) >> 20)
#define EXT_HEADER(id, version, next)                                                    \
	((uint32_t)(id) | (uint32_t)(version) << 16 | (uint32_t)(next) << 20)
/* Not an id of PCI-SIG's: QEMU's vfio code heads the list with it while it builds one. */
#define EXT_ID_STUB 0xffffu

/* PCI Express Capabilities register (PCI Express Base Specification, section 7.5.3.2). */
#define EXP_FLAGS 0x02u /* word */
#define EXP_VERSION(flags) ((flags)&0xfu)
#define EXP_TYPE(flags) ((flags) >> 4 & 0xfu)
#define EXP_SLOT 0x0100u
#define EXP_FLIT 0x8000u

/* Device/Port Type. */
#define EXP_TYPE_ENDPOINT 0x0u
#define EXP_TYPE_LEGACY 0x1u
#define EXP_TYPE_ROOT_PORT 0x4u
#define EXP_TYPE_UPSTREAM 0x5u
#define EXP_TYPE_DOWNSTREAM 0x6u
#define EXP_TYPE_TO_PCI 0x7u
#define EXP_TYPE_FROM_PCI 0x8u
#define EXP_TYPE_RC_ENDPOINT 0x9u
#define EXP_TYPE_RC_COLLECTOR 0xau

/* Device Capabilities 2 register, from version 2 on (section 7.5.3.15). */
#define EXP_DEVCAP2 0x24u	    /* dword */
#define EXP_DEVCAP2_EETLP 0x200000u /* End-End TLP Prefix Supported */

/* Access Control Services (section 7.7.11): both words have the same bits. */
#define ACS_CAPABILITY 4u
#define ACS_CONTROL 6u
#define ACS_REQUEST_REDIRECT 0x0004u
#define ACS_UPSTREAM_FORWARDING 0x0010u

/* PASID capability (PCI Express Base Specification, section 7.8.9). */
#define PASID_CAPABILITY 4u /* word */
#define PASID_CONTROL 6u    /* word */
#define PASID_CAP_EXEC 0x0002u
#define PASID_CAP_PRIV 0x0004u
#define PASID_CAP_WIDTH_MASK 0x1f00u
#define PASID_CAP_WIDTH(cap) (0x1fu & (cap) >> 8)
#define PASID_CAP_OF_WIDTH(bits) ((uint32_t)(bits) << 8)
#define PASID_CTL_ENABLE 0x0001u
#define PASID_CTL_EXEC 0x0002u
#define PASID_CTL_PRIV 0x0004u
#define PASID_WIDTH_MAX 20u

/* PCI-X capability, type 0 header (PCI-X Addendum 2.0, section 7.2). */
#define PCIX_COMMAND_VERSION 0x3000u

/* SR-IOV capability (PCI Express Base Specification, section 9.3.3). */
#define SRIOV_CONTROL 0x08u
#define SRIOV_INITIAL_VFS 0x0cu
#define SRIOV_TOTAL_VFS 0x0eu
#define SRIOV_NUM_VFS 0x10u
#define SRIOV_FIRST 0x14u
#define SRIOV_STRIDE 0x16u
#define SRIOV_VF_DEVICE 0x1au
#define SRIOV_VF_ENABLE 0x0001u

#endif
