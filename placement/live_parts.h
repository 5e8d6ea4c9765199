/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the live query share; nothing else includes this header. */
#ifndef CAPGAP_LIVE_PARTS_H
#define CAPGAP_LIVE_PARTS_H

#include "live.h"
#include "uapi.h"

/* Longest path that is made here, its terminator included. */
#define CAPGAP_LIVE_PATH_MAX 512

/**
 * struct capgap_live_session - one visit to a device
 * @ops: the calls
 * @req: what is asked
 * @facts: what sysfs says
 * @path: the way that is being tried
 * @device: descriptor of the device, or -1
 * @iommufd: of /dev/iommu, or -1
 * @group: of the IOMMU group, or -1
 * @container: of /dev/vfio/vfio, or -1
 * @dev_id: what iommufd calls the device
 * @showed_token: the function was refused without the VF token, and asked for with it
 * @trouble: what failed
 */
struct capgap_live_session {
	const struct capgap_live_ops *ops;
	const struct capgap_live_request *req;
	const struct capgap_live_facts *facts;
	enum capgap_live_path path;
	int device;
	int iommufd;
	int group;
	int container;
	uint32_t dev_id;
	bool showed_token;
	struct capgap_live_trouble trouble;
};

/**
 * capgap_live_fail() - note what failed; a later failure does not replace the first
 * @s: its trouble is filled, with the situation that step, errno and facts stand for
 * @step: the call
 * @err: errno, positive; 0 where the answer was bad
 * @detail: what to add, or NULL
 *
 * Return: -CAPGAP_E_REFUSED.
 */
int capgap_live_fail(struct capgap_live_session *s, enum capgap_live_step step, int err,
		     const char *detail);

/**
 * capgap_live_look_at_node() - the VFIO device that a function has now
 * @s: borrowed
 * @cdev: filled with its name below vfio-dev; "" where there is none
 * @node: filled with its device number
 */
void capgap_live_look_at_node(const struct capgap_live_session *s,
			      char cdev[CAPGAP_LIVE_NAME], struct capgap_live_node *node);

/* What stands in the way before anything is opened; NONE where nothing does. */
enum capgap_live_situation capgap_live_foresee(const struct capgap_live_facts *facts);

/* What a failed step stands for. */
enum capgap_live_situation capgap_live_judge(const struct capgap_live_session *s,
					     enum capgap_live_step step, int err);

/**
 * capgap_live_open() - open a node, again where a signal interrupts
 * @s: borrowed
 * @step: for the failure
 * @directory: below the directory of nodes, "" or with a "/" at its end
 * @name: of the node
 *
 * Return: descriptor, or -CAPGAP_E_REFUSED.
 */
int capgap_live_open(struct capgap_live_session *s, enum capgap_live_step step,
		     const char *directory, const char *name);

/* The device behind an open node: 0 or -errno. */
int capgap_live_node(const struct capgap_live_session *s, int fd,
		     struct capgap_live_node *out);

/* An ioctl, again where a signal interrupts: what the kernel returns, or -errno. */
int capgap_live_ioctl(const struct capgap_live_session *s, int fd, unsigned long request,
		      uintptr_t arg);

/* Path A: the device bound to an iommufd. Return: 0 or -CAPGAP_E_REFUSED. */
int capgap_live_open_cdev(struct capgap_live_session *s);

/* Path B: the device of a group in a container. Return: 0 or -CAPGAP_E_REFUSED. */
int capgap_live_open_group(struct capgap_live_session *s);

/* IOMMU_GET_HW_INFO for a bound device. Return: 0 or -CAPGAP_E_REFUSED. */
int capgap_live_hw_info(struct capgap_live_session *s, struct capgap_live *out);

#endif
