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
 * struct capgap_nodedev_at - where something stands
 * @file: name of the file, of capgap_nodedevs_file()
 * @line: line in it
 */
struct capgap_nodedev_at {
	const char *file;
	unsigned long line;
};

/**
 * struct capgap_nodedev_clash - why something was not added as it stands
 * @err: what is wrong
 * @other: where the list has what it contradicts; @other.file is NULL where it contradicts
 *         nothing
 */
struct capgap_nodedev_clash {
	struct capgap_err err;
	struct capgap_nodedev_at other;
};

/* A copy of the name of a file, which lives as long as the list; NULL for no memory. */
const char *capgap_nodedevs_file(struct capgap_nodedevs *list, const char *name);

/**
 * capgap_nodedevs_add() - add a device
 * @list: it
 * @dev: copied
 * @at: where it stands, copied
 * @clash: caller's; filled for -CAPGAP_E_FORMAT
 *
 * Where two descriptions of a device differ, neither counts; nor does any word on its
 * physical function where two of them differ, its own and that of lists alike. So the order
 * of additions does not matter.
 *
 * Return: 0; -CAPGAP_E_FORMAT when it contradicts what is there; -CAPGAP_E_NOMEM.
 */
int capgap_nodedevs_add(struct capgap_nodedevs *list, const struct capgap_nodedev *dev,
			const struct capgap_nodedev_at *at,
			struct capgap_nodedev_clash *clash);

/**
 * capgap_nodedevs_add_vf() - add an address from a physical function's list
 * @list: it
 * @pf: the physical function
 * @vf: the virtual one, another address
 * @at: as capgap_nodedevs_add()
 * @clash: likewise
 *
 * Return: as capgap_nodedevs_add().
 */
int capgap_nodedevs_add_vf(struct capgap_nodedevs *list, const struct capgap_bdf *pf,
			   const struct capgap_bdf *vf,
			   const struct capgap_nodedev_at *at,
			   struct capgap_nodedev_clash *clash);

#endif
