/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside the list of node devices: how a reader fills it. Only for nodedev*.c. */
#ifndef CAPGAP_SOURCE_NODEDEV_LIST_H
#define CAPGAP_SOURCE_NODEDEV_LIST_H

#include "nodedev.h"

/**
 * enum capgap_nodedev_flags - what is known of a device
 * @CAPGAP_NODEDEV_IDS: vendor and device id
 * @CAPGAP_NODEDEV_CLASS: class code
 * @CAPGAP_NODEDEV_DRIVER: the driver bound to it
 * @CAPGAP_NODEDEV_GROUP: IOMMU group
 * @CAPGAP_NODEDEV_VF: it is virtual, of @physfn
 * @CAPGAP_NODEDEV_PF: it can have virtual functions, so it is physical
 */
enum capgap_nodedev_flags {
	CAPGAP_NODEDEV_IDS = 1 << 0,
	CAPGAP_NODEDEV_CLASS = 1 << 1,
	CAPGAP_NODEDEV_DRIVER = 1 << 2,
	CAPGAP_NODEDEV_GROUP = 1 << 3,
	CAPGAP_NODEDEV_VF = 1 << 4,
	CAPGAP_NODEDEV_PF = 1 << 5
};

/**
 * struct capgap_nodedev - what one <device> says
 * @flags: enum capgap_nodedev_flags; a member without its flag means nothing
 * @bdf: address
 * @vendor: vendor id
 * @device: device id
 * @class_code: 24-bit class code
 * @iommu_group: its number
 * @physfn: address of the physical function
 * @driver: name of the driver, terminated
 */
struct capgap_nodedev {
	unsigned flags;
	struct capgap_bdf bdf;
	uint16_t vendor;
	uint16_t device;
	uint32_t class_code;
	unsigned iommu_group;
	struct capgap_bdf physfn;
	char driver[32];
};

/**
 * capgap_nodedevs_add() - add a device
 * @list: it
 * @dev: copied
 * @err: caller's; filled for -CAPGAP_E_FORMAT
 *
 * Return: 0; -CAPGAP_E_FORMAT when it contradicts what is there (a device described
 * twice stays as it was first, and for its physical function a device's own word
 * counts); -CAPGAP_E_NOMEM.
 */
int capgap_nodedevs_add(struct capgap_nodedevs *list, const struct capgap_nodedev *dev,
			struct capgap_err *err);

/**
 * capgap_nodedevs_add_vf() - add an address from a physical function's list
 * @list: it
 * @pf: the physical function
 * @vf: the virtual one, another address
 * @err: as capgap_nodedevs_add()
 *
 * Return: as capgap_nodedevs_add(); an address that two lists claim is nobody's.
 */
int capgap_nodedevs_add_vf(struct capgap_nodedevs *list, const struct capgap_bdf *pf,
			   const struct capgap_bdf *vf, struct capgap_err *err);

#endif
