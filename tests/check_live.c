/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The live query against recorded answers.
 *
 * The rows carry what kernels in QEMU guests gave in November 2026: Debian's 6.1.192,
 * 6.12.107 and 7.2.12, and 6.12.107 and 7.3.4 built with IOMMUFD and the vfio cdev. Rows
 * of which the name ends in "(source)" rest on a reading of the kernel alone. The second
 * question after a width of 0 was seen on 7.3.4; on 6.12.107 it is taken to be the same.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "check_live.h"
#include "suites.h"
#include "support.h"

#define ASK_CDEV "cdev node iommu bind hwinfo"
#define ASK_GROUP "group status container api set-container set-iommu device"
#define END_CDEV " -cdev -iommu"
#define END_GROUP " -device -group -container"
#define WHOLE_CDEV ASK_CDEV " probe*16" END_CDEV
#define WHOLE_CDEV_TWICE ASK_CDEV " hwinfo? probe*16" END_CDEV
#define WHOLE_GROUP ASK_GROUP " probe*16" END_GROUP

/* Registers of QEMU's intel-iommu: flags, reserved, capability, extended capability. */
#define VTD_PASID_20 "010000000000000086062f228c00d2814e0ff0209a8d0000"
#define VTD_PASID_8 "010000000000000086062f228c00d2814e0ff00038890000"
#define VTD_SCALABLE "010000000000000086062f228c00d2814e0ff00000880000"
#define VTD_LEGACY "010000000000000006062f228c00d2804a0ff00000000000"
#define VTD_FULL "010000000000000006062f228c00d2814e0ff0209a8d0000"
#define AMD_EFR "d3290000000000000000000000000000"

#define VTD(hex) .type = 1, .data_len = 24, .data = (hex)

/* PROBE on plain vfio-pci: 6.1 and 6.12; 7.2 and 7.3, which know 12 without having it. */
#define PLAIN .yes = LOW_POWER
#define PLAIN_7 .yes = LOW_POWER, .invalid = F(12)

#define ERR(step, errno_) .err = { [CAPGAP_LIVE_STEP_##step] = (errno_) }

/* What went wrong, for the two kinds of trouble. */
#define TROUBLE(step, err, situation)                                                    \
	{                                                                                \
		CAPGAP_LIVE_##situation, CAPGAP_LIVE_STEP_##step, (err)                  \
	}

/**
 * struct row - a situation, and what comes of it
 * @name: for messages
 * @kernel: whose answers they are
 * @sysfs: what it shows
 * @answers: what the kernel says
 * @ask: the path that is asked for
 * @has_token: with a VF token
 * @calls: on nodes, in their order
 * @path: that led to the device
 * @trouble: what ended the query
 * @no_cdev: why the cdev was passed over
 * @has_pasid: IOMMU_GET_HW_INFO answered
 * @zero: what a width of 0 stands for
 * @detail: of the trouble; NULL for any
 */
struct row {
	const char *name;
	const char *kernel;
	struct fake_sysfs sysfs;
	struct fake_answers answers;
	enum capgap_live_path ask;
	bool has_token;
	const char *calls;
	enum capgap_live_path path;
	struct {
		enum capgap_live_situation situation;
		enum capgap_live_step step;
		int err;
	} trouble, no_cdev;
	bool has_pasid;
	enum capgap_live_zero zero;
	const char *detail;
};

#define CDEV CAPGAP_LIVE_PATH_CDEV
#define GROUP CAPGAP_LIVE_PATH_GROUP
#define NO_CDEV_NODE .no_cdev = TROUBLE(OPEN_CDEV, ENOENT, NO_CDEV)

static const struct row rows[] = {
	/* Widths. */
	{ "PASID device, pasid-bits=20",
	  "7.3.4",
	  { ON_VFIO },
	  { COMMON, VTD(VTD_PASID_20), PLAIN_7, .width = 20, .capabilities = 0x6 },
	  .calls = WHOLE_CDEV,
	  .path = CDEV,
	  .has_pasid = true },
	{ "PASID device, pasid-bits=20, stable kernel",
	  "6.12.107",
	  { ON_VFIO },
	  { COMMON, VTD(VTD_PASID_20), PLAIN, .width = 20, .capabilities = 0x6 },
	  .calls = WHOLE_CDEV,
	  .path = CDEV,
	  .has_pasid = true },
	{ "PASID device, pasid-bits=8",
	  "7.3.4",
	  { ON_VFIO },
	  { COMMON, VTD(VTD_PASID_8), PLAIN_7, .width = 8, .capabilities = 0x6 },
	  .calls = WHOLE_CDEV,
	  .path = CDEV,
	  .has_pasid = true },
	{ "PASID device, no pasid-bits",
	  "7.3.4",
	  { ON_VFIO },
	  { COMMON, VTD(VTD_SCALABLE), PLAIN_7 },
	  .calls = WHOLE_CDEV,
	  .path = CDEV,
	  .has_pasid = true,
	  .zero = CAPGAP_LIVE_ZERO_IOMMU },
	{ "PASID device, intel_iommu=sm_off",
	  "7.3.4",
	  { ON_VFIO },
	  { COMMON, VTD(VTD_PASID_20), PLAIN_7 },
	  .calls = WHOLE_CDEV_TWICE,
	  .path = CDEV,
	  .has_pasid = true,
	  .zero = CAPGAP_LIVE_ZERO_SAID },
	{ "e1000e, legacy intel-iommu",
	  "7.3.4",
	  { ON_VFIO },
	  { COMMON, VTD(VTD_LEGACY), PLAIN_7, .capabilities = 0x8 },
	  .calls = WHOLE_CDEV,
	  .path = CDEV,
	  .has_pasid = true,
	  .zero = CAPGAP_LIVE_ZERO_IOMMU },
	{ "e1000e, scalable intel-iommu",
	  "7.3.4",
	  { ON_VFIO },
	  { COMMON, VTD(VTD_FULL), PLAIN_7, .capabilities = 0x8 },
	  .calls = WHOLE_CDEV_TWICE,
	  .path = CDEV,
	  .has_pasid = true,
	  .zero = CAPGAP_LIVE_ZERO_SAID },
	{ "e1000e, scalable intel-iommu",
	  "6.12.107",
	  { ON_VFIO },
	  { COMMON, VTD(VTD_FULL), PLAIN },
	  .calls = WHOLE_CDEV_TWICE,
	  .path = CDEV,
	  .has_pasid = true,
	  .zero = CAPGAP_LIVE_ZERO_SAID },
	{ "virtio-net with ATS, scalable intel-iommu",
	  "7.3.4",
	  { ON_VFIO },
	  { COMMON, VTD(VTD_FULL), PLAIN_7 },
	  .calls = WHOLE_CDEV_TWICE,
	  .path = CDEV,
	  .has_pasid = true,
	  .zero = CAPGAP_LIVE_ZERO_SAID },
	{ "amd-iommu, unsafe interrupts allowed",
	  "7.3.4",
	  { ON_VFIO, .unsafe = true },
	  { COMMON, PLAIN_7, .type = 4, .data_len = 16, .data = AMD_EFR,
	    .capabilities = 0x8 },
	  .calls = WHOLE_CDEV,
	  .path = CDEV,
	  .has_pasid = true,
	  .zero = CAPGAP_LIVE_ZERO_IOMMU },
	{ "virtio-iommu, unsafe interrupts allowed",
	  "7.3.4",
	  { ON_VFIO, .unsafe = true },
	  { COMMON, PLAIN_7, .capabilities = 0x8 },
	  .calls = WHOLE_CDEV_TWICE,
	  .path = CDEV,
	  .has_pasid = true,
	  .zero = CAPGAP_LIVE_ZERO_SAID },
	{ "the width is reserved (source)",
	  "before 6.15",
	  { ON_VFIO },
	  { COMMON, VTD(VTD_PASID_20), PLAIN, .reserved_width = true },
	  .calls = WHOLE_CDEV_TWICE,
	  .path = CDEV,
	  .has_pasid = true,
	  .zero = CAPGAP_LIVE_ZERO_NOT_SAID },
	{ "the second question fails (source)",
	  "none known",
	  { ON_VFIO },
	  { COMMON, VTD(VTD_PASID_20), PLAIN, .preset_err = EINVAL },
	  .calls = WHOLE_CDEV_TWICE,
	  .path = CDEV,
	  .has_pasid = true,
	  .zero = CAPGAP_LIVE_ZERO_UNCLEAR },

	/* The device is bound, but its IOMMU does not answer: features all the same. */
	{ "mediated device (mtty)",
	  "7.3.4",
	  { ON_VFIO },
	  { COMMON, ERR(HW_INFO, ENOENT),
	    .yes = F(1) | F(2) | F(6) | F(7) | F(8) | F(9) | F(12) },
	  .calls = WHOLE_CDEV,
	  .path = CDEV,
	  .trouble = TROUBLE(HW_INFO, ENOENT, EMULATED) },
	{ "no IOMMU tells",
	  "7.3.4",
	  { ON_VFIO },
	  { COMMON, PLAIN_7, ERR(HW_INFO, EOPNOTSUPP) },
	  .calls = WHOLE_CDEV,
	  .path = CDEV,
	  .trouble = TROUBLE(HW_INFO, EOPNOTSUPP, HW_INFO_REFUSED) },
	{ "iommufd without hardware information (source)",
	  "before 6.6",
	  { ON_VFIO },
	  { COMMON, PLAIN, ERR(HW_INFO, ENOTTY) },
	  .calls = WHOLE_CDEV,
	  .path = CDEV,
	  .trouble = TROUBLE(HW_INFO, ENOTTY, NO_HW_INFO) },
	{ "a structure that the kernel does not take (source)",
	  "none known",
	  { ON_VFIO },
	  { COMMON, PLAIN, ERR(HW_INFO, EINVAL) },
	  .calls = WHOLE_CDEV,
	  .path = CDEV,
	  .trouble = TROUBLE(HW_INFO, EINVAL, UNEXPECTED) },
	{ "gone once it is bound (source)",
	  "any",
	  { ON_VFIO },
	  { COMMON, ERR(HW_INFO, ENODEV) },
	  .calls = ASK_CDEV END_CDEV,
	  .path = CDEV,
	  .trouble = TROUBLE(HW_INFO, ENODEV, GONE) },
	{ "gone while features are probed (source)",
	  "any",
	  { ON_VFIO },
	  { COMMON, VTD(VTD_PASID_8), .width = 8, ERR(FEATURE, ENODEV) },
	  .calls = ASK_CDEV " probe*1" END_CDEV,
	  .path = CDEV,
	  .has_pasid = true,
	  .trouble = TROUBLE(FEATURE, ENODEV, GONE) },
	{ "the first trouble is told (source)",
	  "any",
	  { ON_VFIO },
	  { COMMON, .err = { [CAPGAP_LIVE_STEP_HW_INFO] = ENOTTY,
			     [CAPGAP_LIVE_STEP_FEATURE] = ENODEV } },
	  .calls = ASK_CDEV " probe*1" END_CDEV,
	  .path = CDEV,
	  .trouble = TROUBLE(HW_INFO, ENOTTY, NO_HW_INFO) },
	{ "a feature without a DMA_BUF operation (source)",
	  "6.19",
	  { ON_VFIO },
	  { COMMON, VTD(VTD_PASID_8), .width = 8, PLAIN, .notsupp = F(11) },
	  .calls = WHOLE_CDEV,
	  .path = CDEV,
	  .has_pasid = true },

	/* The cdev is there, and cannot be had. */
	{ "held through the group",
	  "7.3.4",
	  { ON_VFIO },
	  { COMMON, ERR(BIND, EBUSY) },
	  .calls = "cdev node iommu bind" END_CDEV,
	  .trouble = TROUBLE(BIND, EBUSY, IN_USE) },
	{ "held through the cdev",
	  "7.3.4",
	  { ON_VFIO },
	  { COMMON, ERR(BIND, EINVAL) },
	  .calls = "cdev node iommu bind" END_CDEV,
	  .trouble = TROUBLE(BIND, EINVAL, IN_USE_CDEV) },
	{ "EINVAL once a token was shown is not that blindly (source)",
	  "any",
	  { ON_VFIO, .pf_driver = "vfio-pci" },
	  { COMMON, .token = true, .token_err = EINVAL },
	  .has_token = true,
	  .calls = "cdev node iommu bind bind+token" END_CDEV,
	  .trouble = TROUBLE(BIND, EINVAL, BIND_REFUSED) },
	{ "PF whose VFs are in use, no token (source)",
	  "any",
	  { ON_VFIO },
	  { COMMON, ERR(BIND, EACCES) },
	  .calls = "cdev node iommu bind" END_CDEV,
	  .trouble = TROUBLE(BIND, EACCES, PF_TOKEN_NEEDED),
	  .detail = "" },
	{ "PF with VFs that are enabled (source)",
	  "any",
	  { ON_VFIO, .vfs = 7 },
	  { COMMON, VTD(VTD_PASID_8), PLAIN_7, .width = 8 },
	  .path = CDEV,
	  .has_pasid = true,
	  .calls = WHOLE_CDEV },
	{ "PF whose VFs are in use, wrong token (source)",
	  "any",
	  { ON_VFIO },
	  { COMMON, ERR(BIND, EACCES) },
	  .has_token = true,
	  .calls = "cdev node iommu bind bind+token" END_CDEV,
	  .trouble = TROUBLE(BIND, EACCES, PF_TOKEN_WRONG) },
	{ "sibling on a driver of the kernel",
	  "7.3.4",
	  { ON_VFIO, .sibling = { "0000:03:02.0=nvme" } },
	  { COMMON, ERR(BIND, EPERM) },
	  .calls = "cdev node iommu bind" END_CDEV,
	  .trouble = TROUBLE(BIND, EPERM, NOT_VIABLE),
	  .detail = "0000:03:02.0 is bound to nvme" },
	{ "the first by address, of domains with more digits too (source)",
	  "any",
	  { ON_VFIO, .sibling = { "ffff:03:02.0=nvme", "10000:03:02.0=e1000e" } },
	  { COMMON, ERR(BIND, EPERM) },
	  .calls = "cdev node iommu bind" END_CDEV,
	  .trouble = TROUBLE(BIND, EPERM, NOT_VIABLE),
	  .detail = "ffff:03:02.0 is bound to nvme" },
	{ "several such siblings: the first by name",
	  "7.3.4",
	  { ON_VFIO, .sibling = { "0000:03:02.0=nvme", "0000:03:03.0=e1000e" } },
	  { COMMON, ERR(BIND, EPERM) },
	  .calls = "cdev node iommu bind" END_CDEV,
	  .trouble = TROUBLE(BIND, EPERM, NOT_VIABLE),
	  .detail = "0000:03:02.0 is bound to nvme" },
	{ "no interrupt remapping",
	  "7.3.4",
	  { ON_VFIO },
	  { COMMON, ERR(BIND, EPERM) },
	  .calls = "cdev node iommu bind" END_CDEV,
	  .trouble = TROUBLE(BIND, EPERM, NO_INTREMAP) },
	{ "sibling on vfio-pci: either reason (source)",
	  "any",
	  { ON_VFIO, .sibling = { "0000:03:02.0=vfio-pci" } },
	  { COMMON, ERR(BIND, EPERM) },
	  .calls = "cdev node iommu bind" END_CDEV,
	  .trouble = TROUBLE(BIND, EPERM, NOT_PERMITTED) },
	{ "siblings that nobody can use (source)",
	  "any",
	  { ON_VFIO, .sibling = { "0000:03:00.0=pcieport", "0000:03:02.0" } },
	  { COMMON, ERR(BIND, EPERM) },
	  .calls = "cdev node iommu bind" END_CDEV,
	  .trouble = TROUBLE(BIND, EPERM, NO_INTREMAP),
	  .detail = "" },
	{ "interrupts declared safe: not that (source)",
	  "any",
	  { ON_VFIO, .unsafe = true },
	  { COMMON, ERR(BIND, EPERM) },
	  .calls = "cdev node iommu bind" END_CDEV,
	  .trouble = TROUBLE(BIND, EPERM, NOT_PERMITTED) },
	{ "the reset cannot be had now (source)",
	  "any",
	  { ON_VFIO },
	  { COMMON, ERR(BIND, EAGAIN) },
	  .calls = "cdev node iommu bind" END_CDEV,
	  .trouble = TROUBLE(BIND, EAGAIN, RESET_FAILED) },
	{ "VF, PF on vfio-pci, no token",
	  "7.3.4",
	  { ON_VFIO, .pf_driver = "vfio-pci" },
	  { COMMON, ERR(BIND, EACCES) },
	  .calls = "cdev node iommu bind" END_CDEV,
	  .trouble = TROUBLE(BIND, EACCES, TOKEN_NEEDED),
	  .detail = "the physical function is " FAKE_PF },
	{ "VF, PF on vfio-pci, wrong token",
	  "7.3.4",
	  { ON_VFIO, .pf_driver = "vfio-pci" },
	  { COMMON, ERR(BIND, EACCES) },
	  .has_token = true,
	  .calls = "cdev node iommu bind bind+token" END_CDEV,
	  .trouble = TROUBLE(BIND, EACCES, TOKEN_WRONG) },
	{ "VF, PF on vfio-pci, right token",
	  "7.3.4",
	  { ON_VFIO, .pf_driver = "vfio-pci" },
	  { COMMON, VTD(VTD_PASID_8), PLAIN_7, .width = 8, .token = true },
	  .has_token = true,
	  .path = CDEV,
	  .has_pasid = true,
	  .calls = "cdev node iommu bind bind+token hwinfo probe*16" END_CDEV },
	{ "a token that nobody asks for is not shown (source)",
	  "any",
	  { ON_VFIO },
	  { COMMON, VTD(VTD_PASID_8), PLAIN_7, .width = 8 },
	  .has_token = true,
	  .path = CDEV,
	  .has_pasid = true,
	  .calls = WHOLE_CDEV },
	{ "as user nobody",
	  "7.3.4",
	  { ON_VFIO },
	  { COMMON, ERR(OPEN_CDEV, EACCES) },
	  .calls = "cdev",
	  .trouble = TROUBLE(OPEN_CDEV, EACCES, PERMISSION),
	  .detail = FAKE_DEV "/vfio/devices/vfio0" },
	{ "as a user who may not open /dev/iommu",
	  "7.3.4",
	  { ON_VFIO },
	  { COMMON, ERR(OPEN_IOMMUFD, EACCES) },
	  .calls = "cdev node iommu -cdev",
	  .trouble = TROUBLE(OPEN_IOMMUFD, EACCES, PERMISSION),
	  .detail = FAKE_DEV "/iommu" },

	/* The node is not that of the function: nothing is bound, by no way. */
	{ "a node that was left over (source)",
	  "any",
	  { ON_VFIO },
	  { COMMON, .node = "511:1" },
	  .calls = "cdev node -cdev",
	  .trouble = TROUBLE(CHECK_NODE, 0, NODE_MISMATCH),
	  .detail = "the node is 511:1, sysfs says 511:0 (vfio0)" },
	{ "another driver's node (source)",
	  "any",
	  { ON_VFIO },
	  { COMMON, .node = "1:0" },
	  .calls = "cdev node -cdev",
	  .trouble = TROUBLE(CHECK_NODE, 0, NODE_MISMATCH) },
	{ "no device at all (source)",
	  "any",
	  { ON_VFIO },
	  { COMMON, .node = "" },
	  .calls = "cdev node -cdev",
	  .trouble = TROUBLE(CHECK_NODE, 0, NODE_MISMATCH) },
	{ "bound anew before the node was opened (source)",
	  "any",
	  { ON_VFIO, .node_then = "511:1\n" },
	  { COMMON },
	  .calls = "cdev node -cdev",
	  .trouble = TROUBLE(CHECK_NODE, 0, NODE_MISMATCH),
	  .detail = "the node is 511:0, sysfs says 511:1 (vfio0)" },
	{ "bound anew before, and the node is the new one (source)",
	  "any",
	  { ON_VFIO, .node_then = "511:1\n" },
	  { COMMON, .node = "511:1" },
	  .calls = "cdev node -cdev",
	  .trouble = TROUBLE(CHECK_NODE, 0, NODE_MISMATCH) },
	{ "a number that cannot be read (source)",
	  "any",
	  { ON_VFIO, .node_then = "511\n" },
	  { COMMON },
	  .calls = "cdev node -cdev",
	  .trouble = TROUBLE(CHECK_NODE, 0, NODE_MISMATCH) },
	{ "a node for which sysfs has no number (source)",
	  "any",
	  { ON_DEBIAN },
	  { COMMON },
	  .calls = "cdev node -cdev",
	  .trouble = TROUBLE(CHECK_NODE, 0, NODE_MISMATCH) },

	/* Seen in sysfs, so that nothing is opened. */
	{ "on a driver of the kernel",
	  "7.3.4",
	  { .driver = "e1000e", .group = "4" },
	  { COMMON },
	  .calls = "",
	  .trouble = TROUBLE(SYSFS, 0, NOT_VFIO),
	  .detail = "it is bound to e1000e" },
	{ "without a driver",
	  "7.3.4",
	  { .group = "4" },
	  { COMMON },
	  .calls = "",
	  .trouble = TROUBLE(SYSFS, 0, NOT_VFIO),
	  .detail = "it has no driver" },
	{ "no IOMMU in the machine",
	  "7.3.4",
	  { .driver = NULL },
	  { COMMON },
	  .calls = "",
	  .trouble = TROUBLE(SYSFS, 0, NO_IOMMU),
	  .detail = "nor is it on vfio-pci; it has no driver" },
	{ "no IOMMU, but vfio-pci has taken it (source)",
	  "none known",
	  { .driver = "vfio-pci" },
	  { COMMON },
	  .calls = "",
	  .trouble = TROUBLE(SYSFS, 0, NO_IOMMU),
	  .detail = "" },
	{ "noiommu mode, by the node's name",
	  "7.3.4",
	  { .driver = "vfio-pci", .group = "0", .cdev = "noiommu-vfio0" },
	  { COMMON },
	  .calls = "",
	  .trouble = TROUBLE(SYSFS, 0, NOIOMMU) },
	{ "noiommu mode, by the group's name (source)",
	  "before 7.3",
	  { .driver = "vfio-pci", .group = "0", .group_name = "vfio-noiommu\n" },
	  { COMMON },
	  .calls = "",
	  .trouble = TROUBLE(SYSFS, 0, NOIOMMU) },
	{ "no such function",
	  "any",
	  { .absent = true },
	  { COMMON },
	  .calls = "",
	  .trouble = TROUBLE(SYSFS, ENOENT, NO_DEVICE) },

	/* Debian's kernels: no cdev, the group answers for the features. */
	{ "e1000e",
	  "Debian 6.1.192",
	  { ON_DEBIAN },
	  { COMMON, PLAIN, ERR(OPEN_CDEV, ENOENT) },
	  .calls = "cdev " WHOLE_GROUP,
	  .path = GROUP,
	  NO_CDEV_NODE },
	{ "e1000e",
	  "Debian 6.12.107",
	  { ON_DEBIAN },
	  { COMMON, PLAIN, ERR(OPEN_CDEV, ENOENT) },
	  .calls = "cdev " WHOLE_GROUP,
	  .path = GROUP,
	  NO_CDEV_NODE },
	{ "e1000e",
	  "Debian 7.2.12",
	  { ON_DEBIAN },
	  { COMMON, .yes = LOW_POWER | F(11), .invalid = F(12), ERR(OPEN_CDEV, ENOENT) },
	  .calls = "cdev " WHOLE_GROUP,
	  .path = GROUP,
	  NO_CDEV_NODE },
	{ "PF with SR-IOV",
	  "Debian 7.2.12",
	  { ON_DEBIAN },
	  { COMMON, .yes = LOW_POWER | F(0) | F(11), .invalid = F(12),
	    ERR(OPEN_CDEV, ENOENT) },
	  .calls = "cdev " WHOLE_GROUP,
	  .path = GROUP,
	  NO_CDEV_NODE },
	{ "only the cdev is asked for",
	  "Debian 7.2.12",
	  { ON_DEBIAN },
	  { COMMON, ERR(OPEN_CDEV, ENOENT) },
	  .ask = CDEV,
	  .calls = "cdev",
	  .trouble = TROUBLE(OPEN_CDEV, ENOENT, NO_CDEV),
	  .detail = FAKE_DEV "/vfio/devices/vfio0" },
	{ "no vfio-dev (source)",
	  "before 6.1",
	  { .driver = "vfio-pci", .group = "4" },
	  { COMMON, PLAIN },
	  .calls = WHOLE_GROUP,
	  .path = GROUP,
	  NO_CDEV_NODE },
	{ "no node where there could be one (source)",
	  "any, in a container",
	  { ON_VFIO },
	  { COMMON, PLAIN, ERR(OPEN_CDEV, ENOENT) },
	  .calls = "cdev " WHOLE_GROUP,
	  .path = GROUP,
	  .no_cdev = TROUBLE(OPEN_CDEV, ENOENT, NO_NODE) },
	{ "no /dev/iommu (source)",
	  "iommufd not loaded",
	  { ON_VFIO },
	  { COMMON, PLAIN, ERR(OPEN_IOMMUFD, ENOENT) },
	  .calls = "cdev node iommu -cdev " WHOLE_GROUP,
	  .path = GROUP,
	  .no_cdev = TROUBLE(OPEN_IOMMUFD, ENOENT, NO_IOMMUFD) },

	{ "no /dev/iommu, and the group held (source)",
	  "iommufd not loaded",
	  { ON_VFIO },
	  { COMMON, .err = { [CAPGAP_LIVE_STEP_OPEN_IOMMUFD] = ENOENT,
			     [CAPGAP_LIVE_STEP_OPEN_GROUP] = EBUSY } },
	  .calls = "cdev node iommu -cdev group",
	  .trouble = TROUBLE(OPEN_GROUP, EBUSY, IN_USE),
	  .no_cdev = TROUBLE(OPEN_IOMMUFD, ENOENT, NO_IOMMUFD) },

	/* The group, and why it cannot be had. */
	{ "mtty",
	  "7.3.4",
	  { ON_VFIO },
	  { COMMON, .yes = F(1) | F(2) | F(6) | F(7) | F(8) | F(9) | F(12) },
	  .ask = GROUP,
	  .calls = WHOLE_GROUP,
	  .path = GROUP },
	{ "held by another process",
	  "7.3.4",
	  { ON_VFIO },
	  { COMMON, ERR(OPEN_GROUP, EBUSY) },
	  .ask = GROUP,
	  .calls = "group",
	  .trouble = TROUBLE(OPEN_GROUP, EBUSY, IN_USE) },
	{ "no node for the group (source)",
	  "without CONFIG_VFIO_GROUP",
	  { ON_VFIO },
	  { COMMON, ERR(OPEN_GROUP, ENOENT) },
	  .ask = GROUP,
	  .calls = "group",
	  .trouble = TROUBLE(OPEN_GROUP, ENOENT, NO_GROUP_NODE) },
	{ "as user nobody",
	  "7.3.4",
	  { ON_VFIO },
	  { COMMON, ERR(OPEN_GROUP, EACCES) },
	  .ask = GROUP,
	  .calls = "group",
	  .trouble = TROUBLE(OPEN_GROUP, EACCES, PERMISSION),
	  .detail = FAKE_DEV "/vfio/4" },
	{ "not viable",
	  "7.3.4",
	  { ON_VFIO, .sibling = { "0000:03:02.0=nvme" } },
	  { COMMON, .not_viable = true },
	  .ask = GROUP,
	  .calls = "group status -group",
	  .trouble = TROUBLE(STATUS, 0, NOT_VIABLE),
	  .detail = "0000:03:02.0 is bound to nvme" },
	{ "not viable, and sysfs shows nobody (source)",
	  "any",
	  { ON_VFIO, .sibling = { "0000:03:02.0=pci-stub" } },
	  { COMMON, .not_viable = true },
	  .ask = GROUP,
	  .calls = "group status -group",
	  .trouble = TROUBLE(STATUS, 0, NOT_PERMITTED),
	  .detail = "" },
	{ "not viable, but only seen late",
	  "7.3.4",
	  { ON_VFIO, .sibling = { "0000:03:02.0=nvme" } },
	  { COMMON, ERR(SET_CONTAINER, EPERM) },
	  .ask = GROUP,
	  .calls = "group status container api set-container -group -container",
	  .trouble = TROUBLE(SET_CONTAINER, EPERM, NOT_VIABLE) },
	{ "no /dev/vfio/vfio (source)",
	  "without CONFIG_VFIO_CONTAINER",
	  { ON_VFIO },
	  { COMMON, ERR(OPEN_CONTAINER, ENOENT) },
	  .ask = GROUP,
	  .calls = "group status container -group",
	  .trouble = TROUBLE(OPEN_CONTAINER, ENOENT, NO_CONTAINER) },
	{ "another interface (source)",
	  "none known",
	  { ON_VFIO },
	  { COMMON, .api = 1 },
	  .ask = GROUP,
	  .calls = "group status container api -group -container",
	  .trouble = TROUBLE(API_VERSION, 0, API_VERSION) },
	{ "no interrupt remapping",
	  "7.3.4",
	  { ON_VFIO },
	  { COMMON, ERR(SET_IOMMU, EPERM) },
	  .ask = GROUP,
	  .calls = "group status container api set-container set-iommu -group -container",
	  .trouble = TROUBLE(SET_IOMMU, EPERM, NO_INTREMAP) },
	{ "no driver for the IOMMU (source)",
	  "vfio_iommu_type1 not loaded",
	  { ON_VFIO },
	  { COMMON, ERR(SET_IOMMU, ENODEV) },
	  .ask = GROUP,
	  .calls = "group status container api set-container set-iommu -group -container",
	  .trouble = TROUBLE(SET_IOMMU, ENODEV, NO_BACKEND) },
	{ "VF, PF on vfio-pci, no token",
	  "Debian 7.2.12",
	  { ON_DEBIAN, .pf_driver = "vfio-pci" },
	  { COMMON, ERR(GET_DEVICE, EACCES) },
	  .ask = GROUP,
	  .calls = ASK_GROUP " -group -container",
	  .trouble = TROUBLE(GET_DEVICE, EACCES, TOKEN_NEEDED),
	  .detail = "the physical function is " FAKE_PF },
	{ "Intel graphics without an OpRegion (source)",
	  "any",
	  { ON_VFIO },
	  { COMMON, ERR(GET_DEVICE, EINVAL) },
	  .ask = GROUP,
	  .calls = ASK_GROUP " -group -container",
	  .trouble = TROUBLE(GET_DEVICE, EINVAL, SETUP_FAILED) },
	{ "PF whose VFs are in use, no token (source)",
	  "any",
	  { ON_VFIO },
	  { COMMON, ERR(GET_DEVICE, EACCES) },
	  .ask = GROUP,
	  .calls = ASK_GROUP " -group -container",
	  .trouble = TROUBLE(GET_DEVICE, EACCES, PF_TOKEN_NEEDED),
	  .detail = "" },
	{ "PF whose VFs are in use, wrong token (source)",
	  "any",
	  { ON_VFIO },
	  { COMMON, ERR(GET_DEVICE, EACCES) },
	  .ask = GROUP,
	  .has_token = true,
	  .calls = ASK_GROUP " device+token -group -container",
	  .trouble = TROUBLE(GET_DEVICE, EACCES, PF_TOKEN_WRONG) },
	{ "VF, PF on vfio-pci, wrong token",
	  "Debian 7.2.12",
	  { ON_DEBIAN, .pf_driver = "vfio-pci" },
	  { COMMON, ERR(GET_DEVICE, EACCES) },
	  .ask = GROUP,
	  .has_token = true,
	  .calls = ASK_GROUP " device+token -group -container",
	  .trouble = TROUBLE(GET_DEVICE, EACCES, TOKEN_WRONG) },
	{ "VF, PF on vfio-pci, right token",
	  "7.3.4",
	  { ON_DEBIAN, .pf_driver = "vfio-pci" },
	  { COMMON, PLAIN, .token = true },
	  .ask = GROUP,
	  .has_token = true,
	  .path = GROUP,
	  .calls = ASK_GROUP " device+token probe*16" END_GROUP },
	{ "container of iommufd's, not viable (source)",
	  "CONFIG_IOMMUFD_VFIO_CONTAINER",
	  { ON_VFIO, .sibling = { "0000:03:02.0=nvme" } },
	  { COMMON, ERR(GET_DEVICE, EPERM) },
	  .ask = GROUP,
	  .calls = ASK_GROUP " -group -container",
	  .trouble = TROUBLE(GET_DEVICE, EPERM, NOT_VIABLE) },
};

static void check_features(const struct row *row, const struct capgap_live *out)
{
	for (unsigned i = 0; i < CAPGAP_LIVE_FEATURES; i++) {
		enum capgap_live_feature want = CAPGAP_LIVE_FEATURE_NO;

		if (row->path == CAPGAP_LIVE_PATH_ANY ||
		    row->trouble.situation == CAPGAP_LIVE_GONE ||
		    row->answers.err[CAPGAP_LIVE_STEP_FEATURE] == ENODEV)
			want = CAPGAP_LIVE_FEATURE_UNASKED;
		else if (row->answers.yes & F(i))
			want = CAPGAP_LIVE_FEATURE_YES;
		else if ((row->answers.invalid | row->answers.notsupp) & F(i))
			want = CAPGAP_LIVE_FEATURE_UNUSABLE;
		ck_assert_msg(out->feature[i] == want, "%s: feature %u: %s, not %s",
			      row->name, i, capgap_live_feature_name(out->feature[i]),
			      capgap_live_feature_name(want));
	}
}

static void check_pasid(const struct row *row, const struct capgap_live *out)
{
	ck_assert_msg(out->has_pasid == row->has_pasid, "%s", row->name);
	if (!row->has_pasid)
		return;
	ck_assert_uint_eq(out->width, row->answers.width);
	ck_assert_int_eq(out->zero, row->zero);
	ck_assert_uint_eq(out->iommu_type, row->answers.type);
	ck_assert_uint_eq(out->capabilities, row->answers.capabilities);
	ck_assert_int_eq(out->execute, out->width && row->answers.capabilities & 0x2);
	ck_assert_int_eq(out->privileged, out->width && row->answers.capabilities & 0x4);
	ck_assert_int_eq(out->ats_not_supported, (row->answers.capabilities & 0x8) != 0);
}

START_TEST(live_answers_as_recorded)
{
	const struct row *row = &rows[_i];
	struct fake fake;
	struct capgap_live_ops ops;
	struct capgap_live_request req = fake_request(row->ask, row->has_token);
	struct capgap_live out;
	int rc;

	fake_begin(&fake, &row->sysfs, &row->answers);
	ops = fake_ops(&fake);
	memset(&out, 0x5a, sizeof(out));
	rc = capgap_live_query(&out, &ops, &req);
	ck_assert_msg(!strcmp(fake.log, row->calls), "%s (%s): \"%s\", not \"%s\"",
		      row->name, row->kernel, fake.log, row->calls);
	fake_is_clean(&fake, row->name);
	ck_assert_msg(out.trouble.situation == row->trouble.situation,
		      "%s (%s): %s, not %s", row->name, row->kernel,
		      capgap_live_situation_name(out.trouble.situation),
		      capgap_live_situation_name(row->trouble.situation));
	ck_assert_int_eq(out.trouble.step, row->trouble.step);
	ck_assert_int_eq(out.trouble.err, row->trouble.err);
	ck_assert_int_eq(rc, row->trouble.situation ? -CAPGAP_E_REFUSED : 0);
	if (row->detail)
		ck_assert_str_eq(out.trouble.detail, row->detail);
	ck_assert_int_eq(out.no_cdev.situation, row->no_cdev.situation);
	ck_assert_int_eq(out.no_cdev.step, row->no_cdev.step);
	ck_assert_int_eq(out.no_cdev.err, row->no_cdev.err);
	ck_assert_int_eq(out.path, row->path);
	check_pasid(row, &out);
	check_features(row, &out);
}
END_TEST

/* Whatever a row would do, it does nothing at all, not even in sysfs. */
START_TEST(live_calls_nothing_without_consent)
{
	const struct row *row = &rows[_i];
	struct fake fake;
	struct capgap_live_ops ops;
	struct capgap_live_request req = fake_request(row->ask, row->has_token);
	struct capgap_live out;
	struct capgap_live_config config;

	req.consent = false;
	fake_begin(&fake, &row->sysfs, &row->answers);
	ops = fake_ops(&fake);
	ck_assert_int_eq(capgap_live_query(&out, &ops, &req), -CAPGAP_E_CONSENT);
	ck_assert_int_eq(out.trouble.situation, CAPGAP_LIVE_NO_CONSENT);
	ck_assert_int_eq(capgap_live_read_config(&config, &ops, &req), -CAPGAP_E_CONSENT);
	ck_assert_int_eq(config.trouble.situation, CAPGAP_LIVE_NO_CONSENT);
	ck_assert_int_eq(fake.calls, 0);
	ck_assert_int_eq(fake.looks, 0);
}
END_TEST

/* Looking needs no consent, opens no node, and sees what a query would stop at. */
START_TEST(live_looks_without_consent)
{
	const struct row *row = &rows[_i];
	bool stops = row->trouble.step == CAPGAP_LIVE_STEP_SYSFS;
	struct fake fake;
	struct capgap_live_ops ops;
	struct capgap_live_request req = fake_request(row->ask, row->has_token);
	struct capgap_live_facts facts;
	struct capgap_live_trouble trouble;

	req.consent = false;
	fake_begin(&fake, &row->sysfs, &row->answers);
	ops = fake_ops(&fake);
	ck_assert_int_eq(capgap_live_look(&facts, &ops, &req, &trouble),
			 stops ? -CAPGAP_E_REFUSED : 0);
	ck_assert_int_eq(trouble.situation, stops ? row->trouble.situation : 0);
	ck_assert_int_eq(fake.calls, 0);
	ck_assert_int_gt(fake.looks, 0);
	ck_assert_str_eq(facts.driver, row->sysfs.driver ? row->sysfs.driver : "");
	ck_assert_str_eq(facts.physfn_driver,
			 row->sysfs.pf_driver ? row->sysfs.pf_driver : "");
	ck_assert_int_eq(facts.has_group, row->sysfs.group != NULL);
	ck_assert_int_eq(facts.unsafe_type1, row->sysfs.unsafe);
	ck_assert_uint_eq(facts.vfs, row->sysfs.vfs);
}
END_TEST

/* The registers are those that the kernels printed when they found the IOMMU. */
START_TEST(live_takes_registers)
{
	static const struct fake_sysfs sysfs = { ON_VFIO };
	static const struct {
		struct fake_answers answers;
		struct capgap_iommu want;
	} cases[] = {
		{ { COMMON, VTD(VTD_PASID_20), .width = 20 },
		  { CAPGAP_IOMMU_INTEL_VTD, 0x81d2008c222f0686, 0x8d9a20f00f4e } },
		{ { COMMON, VTD(VTD_LEGACY) },
		  { CAPGAP_IOMMU_INTEL_VTD, 0x80d2008c222f0606, 0xf00f4a } },
		{ { COMMON, .type = 4, .data_len = 16, .data = AMD_EFR },
		  { CAPGAP_IOMMU_AMD, 0, 0x29d3 } },
		{ { COMMON }, { CAPGAP_IOMMU_UNKNOWN, 0, 0 } },
		{ { COMMON, .type = 2, .data_len = 40 }, { CAPGAP_IOMMU_OTHER, 0, 0 } },
		/* Shorter than its structure: not decoded. */
		{ { COMMON, .type = 1, .data_len = 8, .data = "0100000000000000" },
		  { CAPGAP_IOMMU_OTHER, 0, 0 } },
	};
	struct fake fake;
	struct capgap_live_ops ops;
	struct capgap_live_request req = fake_request(CAPGAP_LIVE_PATH_CDEV, false);
	struct capgap_live out;

	for (int i = 0; i < ROWS(cases); i++) {
		fake_begin(&fake, &sysfs, &cases[i].answers);
		ops = fake_ops(&fake);
		ck_assert_int_eq(capgap_live_query(&out, &ops, &req), 0);
		ck_assert_int_eq(out.iommu.kind, cases[i].want.kind);
		ck_assert_uint_eq(out.iommu.cap, cases[i].want.cap);
		ck_assert_uint_eq(out.iommu.ext, cases[i].want.ext);
	}
}
END_TEST

/* What is a number of the kernel's, and nothing else, is a group. */
START_TEST(live_takes_numbers_of_groups)
{
	static const struct {
		const char *name;
		int64_t group;
	} cases[] = {
		{ "0", 0 },	     { "4", 4 },    { "999999999", 999999999 },
		{ "-1", -1 },	     { "+1", -1 },  { "4294967297", -1 },
		{ "007", -1 },	     { "0x1", -1 }, { "99999999999999999999", -1 },
		{ "noiommu-0", -1 }, { "4 ", -1 },
	};
	static const struct fake_answers answers = { COMMON };
	struct capgap_live_request req = fake_request(CAPGAP_LIVE_PATH_ANY, false);

	for (int i = 0; i < ROWS(cases); i++) {
		struct fake_sysfs sysfs = { .driver = "vfio-pci",
					    .group = cases[i].name };
		struct capgap_live_trouble trouble;
		struct capgap_live_facts facts;
		struct capgap_live_ops ops;
		struct fake fake;
		bool is_group = cases[i].group >= 0;

		fake_begin(&fake, &sysfs, &answers);
		ops = fake_ops(&fake);
		capgap_live_look(&facts, &ops, &req, &trouble);
		ck_assert_msg(facts.has_group == is_group, "\"%s\"", cases[i].name);
		ck_assert_int_eq(trouble.situation,
				 is_group ? CAPGAP_LIVE_NONE : CAPGAP_LIVE_NO_IOMMU);
		if (is_group)
			ck_assert_uint_eq(facts.group, cases[i].group);
	}
}
END_TEST

/* The lowest, in whatever order they are listed; 10 stands behind 9. */
START_TEST(live_takes_the_lowest_cdev)
{
	static const struct {
		const char *first;
		const char *second;
		const char *last;
		const char *want;
	} cases[] = {
		{ "vfio9", "vfio10", "vfio11", "vfio9" },
		{ "vfio11", "vfio10", "vfio9", "vfio9" },
		{ "vfio10", "vfio9", "vfio11", "vfio9" },
		{ "avfio", "vfio", "vfio2", "vfio2" },
		{ "vfio-1", "vfio1x", "vfio4294967297", "" },
		{ "noiommu-vfio3", "vfio4", "vfio5", "noiommu-vfio3" },
	};
	static const struct fake_answers answers = { COMMON };
	struct capgap_live_request req = fake_request(CAPGAP_LIVE_PATH_ANY, false);

	for (int i = 0; i < ROWS(cases); i++) {
		struct fake_sysfs sysfs = {
			.driver = "vfio-pci",
			.group = "4",
			.cdev = cases[i].last,
			.more_cdev = { cases[i].first, cases[i].second },
		};
		struct capgap_live_facts facts;
		struct capgap_live_ops ops;
		struct fake fake;

		fake_begin(&fake, &sysfs, &answers);
		ops = fake_ops(&fake);
		capgap_live_look(&facts, &ops, &req, NULL);
		ck_assert_str_eq(facts.cdev, cases[i].want);
	}
}
END_TEST

/* By the state, and where a kernel has no file for that, by what may be. */
START_TEST(live_sees_what_sleeps)
{
	static const struct {
		struct fake_sysfs sysfs;
		bool asleep;
	} cases[] = {
		{ { ON_VFIO }, false },
		{ { ON_VFIO, .power_state = "D3cold\n" }, true },
		{ { ON_VFIO, .power_state = "D3hot\n", .runtime_status = "suspended\n",
		    .d3cold_allowed = "1\n" },
		  false },
		{ { ON_VFIO, .runtime_status = "suspended\n", .d3cold_allowed = "1\n" },
		  true },
		{ { ON_VFIO, .runtime_status = "suspended\n", .d3cold_allowed = "0\n" },
		  false },
		{ { ON_VFIO, .runtime_status = "active\n", .d3cold_allowed = "1\n" },
		  false },
	};
	static const struct fake_answers answers = { COMMON };
	struct capgap_live_request req = fake_request(CAPGAP_LIVE_PATH_ANY, false);

	for (int i = 0; i < ROWS(cases); i++) {
		struct capgap_live_facts facts;
		struct capgap_live_ops ops;
		struct fake fake;

		fake_begin(&fake, &cases[i].sysfs, &answers);
		ops = fake_ops(&fake);
		ck_assert_int_eq(capgap_live_look(&facts, &ops, &req, NULL), 0);
		ck_assert_msg(facts.asleep == cases[i].asleep, "case %d", i);
	}
}
END_TEST

/* What somebody was shown is what is opened, or nothing is. */
START_TEST(live_opens_what_was_agreed_to)
{
	static const struct {
		struct fake_sysfs sysfs;
		const char *detail;
	} cases[] = {
		{ { ON_VFIO }, NULL },
		{ { ON_VFIO, .vfs = 1 }, NULL },
		{ { .driver = "mlx5_vfio_pci",
		    .group = "4",
		    .cdev = "vfio0",
		    .cdev_node = true },
		  "it was bound to vfio-pci, and is to mlx5_vfio_pci" },
		{ { .group = "4", .cdev = "vfio0", .cdev_node = true },
		  "it was bound to vfio-pci, and is to no driver" },
		{ { .driver = "vfio-pci",
		    .group = "4",
		    .cdev = "vfio1",
		    .cdev_node = true },
		  "its vfio-dev was vfio0, and is vfio1" },
		{ { .driver = "vfio-pci", .group = "4" },
		  "its vfio-dev was vfio0, and is none" },
		{ { .driver = "vfio-pci",
		    .group = "5",
		    .cdev = "vfio0",
		    .cdev_node = true },
		  "its IOMMU group was 4, and is 5" },
	};
	static const struct fake_answers answers = { COMMON, VTD(VTD_PASID_8),
						     .width = 8 };
	static const struct fake_sysfs then = { ON_VFIO };

	for (int i = 0; i < ROWS(cases); i++) {
		struct capgap_live_request req = fake_request(CAPGAP_LIVE_PATH_ANY,
							      false);
		struct capgap_live_config config;
		struct capgap_live_ops ops;
		struct capgap_live out;
		struct fake fake;

		fake_begin(&fake, &then, &answers);
		ops = fake_ops(&fake);
		ck_assert_int_eq(capgap_live_look(&req.agreed, &ops, &req, NULL), 0);
		req.has_agreed = true;
		fake.sysfs = &cases[i].sysfs;
		ck_assert_int_eq(capgap_live_query(&out, &ops, &req),
				 cases[i].detail ? -CAPGAP_E_REFUSED : 0);
		ck_assert_str_eq(out.trouble.detail,
				 cases[i].detail ? cases[i].detail : "");
		if (!cases[i].detail)
			continue;
		ck_assert_int_eq(out.trouble.situation, CAPGAP_LIVE_CHANGED);
		ck_assert(!capgap_live_step_is_call(out.trouble.step));
		ck_assert_int_eq(capgap_live_read_config(&config, &ops, &req),
				 -CAPGAP_E_REFUSED);
		ck_assert_int_eq(config.trouble.situation, CAPGAP_LIVE_CHANGED);
		ck_assert_int_eq(fake.calls, 0);
	}
}
END_TEST

Suite *live_suite(void)
{
	Suite *suite = suite_create("live");
	TCase *tcase = tcase_create("live");

	tcase_add_loop_test(tcase, live_answers_as_recorded, 0, ROWS(rows));
	tcase_add_loop_test(tcase, live_calls_nothing_without_consent, 0, ROWS(rows));
	tcase_add_loop_test(tcase, live_looks_without_consent, 0, ROWS(rows));
	tcase_add_test(tcase, live_takes_registers);
	tcase_add_test(tcase, live_takes_numbers_of_groups);
	tcase_add_test(tcase, live_takes_the_lowest_cdev);
	tcase_add_test(tcase, live_sees_what_sleeps);
	tcase_add_test(tcase, live_opens_what_was_agreed_to);
	suite_add_tcase(suite, tcase);
	return suite;
}
