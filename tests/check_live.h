/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A stand-in for the kernel: answers as recorded, and notes every call. */
#ifndef CAPGAP_TESTS_CHECK_LIVE_H
#define CAPGAP_TESTS_CHECK_LIVE_H

#include "../placement/live.h"

/* The function of every row, and what its VF's physical function is. */
#define FAKE_BDF "0000:04:10.0"
#define FAKE_PF "0000:04:00.0"

/* Where the fake has its sysfs and its nodes. */
#define FAKE_SYSFS "/fake/sys"
#define FAKE_DEV "/fake/dev"

/* Masks of features by index. */
#define F(n) (1u << (n))
#define LOW_POWER (F(3) | F(4) | F(5))

#define FAKE_SIBLINGS 2
#define FAKE_DATA 64u

/**
 * struct fake_sysfs - what sysfs shows of the function
 * @absent: there is no such function
 * @driver: NULL for none
 * @group: number of its IOMMU group; NULL for none
 * @group_name: NULL for none
 * @cdev: entry of vfio-dev; NULL for no such directory
 * @more_cdev: others, in front of it; NULL ends the list
 * @cdev_node: it has a dev attribute
 * @node_then: what that says once a node is open; NULL for the same
 * @sibling: "BDF" or "BDF=driver" of other functions in the group; NULL ends the list
 * @pf_driver: driver of the physical function; NULL makes the function no VF
 * @vfs: its virtual functions
 * @power_state: NULL for none
 * @runtime_status: of power/, NULL for none
 * @d3cold_allowed: NULL for none
 * @unsafe: allow_unsafe_interrupts of both modules is set
 */
struct fake_sysfs {
	bool absent;
	const char *driver;
	const char *group;
	const char *group_name;
	const char *cdev;
	const char *more_cdev[FAKE_SIBLINGS];
	bool cdev_node;
	const char *node_then;
	const char *sibling[FAKE_SIBLINGS];
	const char *pf_driver;
	unsigned vfs;
	const char *power_state;
	const char *runtime_status;
	const char *d3cold_allowed;
	bool unsafe;
};

/**
 * struct fake_answers - what the kernel says
 * @err: errno of each step; 0 for success
 * @node: device number of the node; NULL for that of sysfs, "" for no device
 * @not_viable: VFIO_GROUP_GET_STATUS gives no flags
 * @api: answer of VFIO_GET_API_VERSION
 * @token: bind and get-device want the request's token, and give EACCES without
 * @token_err: what they give with it; 0 for success
 * @type: out_data_type
 * @width: out_max_pasid_log2
 * @capabilities: out_capabilities
 * @data_len: true length of the data
 * @data: the data in hex, NULL for none
 * @reserved_width: the kernel does not know the width: its byte has to be 0
 * @preset_err: errno of an IOMMU_GET_HW_INFO with the byte of the width set
 * @yes: features whose PROBE gives 0
 * @invalid: features whose PROBE gives EINVAL
 * @notsupp: features whose PROBE gives EOPNOTSUPP
 * @info_flags: flags of VFIO_DEVICE_GET_INFO
 * @regions: regions of VFIO_DEVICE_GET_INFO
 * @region_size: bytes of the configuration region
 * @region_offset: where it is read
 * @read_most: bytes that one read gives at most; 0 for no limit
 * @read_end: reads give 0 from here on; 0 for no such end
 * @read_over: bytes that a read says to have given beside those that were asked for
 */
struct fake_answers {
	int err[CAPGAP_LIVE_STEP_COUNT];
	const char *node;
	bool not_viable;
	int api;
	bool token;
	int token_err;
	uint32_t type;
	unsigned width;
	uint64_t capabilities;
	uint32_t data_len;
	const char *data;
	bool reserved_width;
	int preset_err;
	uint32_t yes;
	uint32_t invalid;
	uint32_t notsupp;
	uint32_t info_flags;
	uint32_t regions;
	uint64_t region_size;
	uint64_t region_offset;
	size_t read_most;
	size_t read_end;
	size_t read_over;
};

#define FAKE_FDS 8
#define FAKE_FD_BASE 700

/**
 * struct fake - one run
 * @sysfs: borrowed
 * @answers: borrowed
 * @fault_at: this call on a node fails, counted from 0; -1 for none
 * @fault_err: with this errno
 * @fault_times: so often in a row
 * @failing: errno, negative, of the ioctl that is under way; 0 for none
 * @calls: calls on nodes so far
 * @looks: calls on sysfs so far
 * @fd: what each descriptor is: step that opened it, 0 for never opened
 * @is_open: it has not been closed
 * @opened: descriptors given out
 * @log: names of the calls, separated by spaces; repeated probes are counted
 * @probes: length of the row of probes at the end of @log
 */
struct fake {
	const struct fake_sysfs *sysfs;
	const struct fake_answers *answers;
	int fault_at;
	int fault_err;
	int fault_times;
	int failing;
	int calls;
	int looks;
	enum capgap_live_step fd[FAKE_FDS];
	bool is_open[FAKE_FDS];
	int opened;
	char log[1024];
	unsigned probes;
};

/* Begin a run without a fault. */
void fake_begin(struct fake *fake, const struct fake_sysfs *sysfs,
		const struct fake_answers *answers);

/* The calls of a fake. */
struct capgap_live_ops fake_ops(struct fake *fake);

/* A request with consent, for the fake's function and places. */
struct capgap_live_request fake_request(enum capgap_live_path path, bool has_token);

/* Every descriptor was closed, once. */
void fake_is_clean(const struct fake *fake, const char *row);

/* The byte of the fake's configuration space at @off. */
uint8_t fake_config(size_t off);

/* A function on vfio-pci, alone in group 4, on a kernel with the cdev; and Debian's. */
#define ON_VFIO .driver = "vfio-pci", .group = "4", .cdev = "vfio0", .cdev_node = true
#define ON_DEBIAN .driver = "vfio-pci", .group = "4", .cdev = "vfio0"

/* What was the same in all that was recorded. */
#define COMMON                                                                           \
	.info_flags = 3, .regions = 9, .region_size = 4096,                              \
	.region_offset = UINT64_C(0x70000000000)

#endif
