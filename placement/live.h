/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PASID answers from the running kernel, through VFIO and iommufd. */
#ifndef CAPGAP_LIVE_H
#define CAPGAP_LIVE_H

#include <sys/types.h>

#include "../analyzer/capgap.h"
#include "../analyzer/iommu.h"

/* Calls to the kernel, CAPGAP_LIVE_STEP_<SYMBOL>. */
enum capgap_live_step {
#define CAPGAP_LIVE_STEP(symbol, name) CAPGAP_LIVE_STEP_##symbol,
#include "live_steps.def"
#undef CAPGAP_LIVE_STEP
	CAPGAP_LIVE_STEP_COUNT
};

/* What stands in the way, CAPGAP_LIVE_<SYMBOL>. */
enum capgap_live_situation {
#define CAPGAP_LIVE_SITUATION(symbol, name, reason, help, source) CAPGAP_LIVE_##symbol,
#include "live_situations.def"
#undef CAPGAP_LIVE_SITUATION
	CAPGAP_LIVE_SITUATION_COUNT
};

/**
 * enum capgap_live_path - the two ways to a VFIO device
 * @CAPGAP_LIVE_PATH_ANY: the cdev; the group where the system has no cdev or no iommufd
 * @CAPGAP_LIVE_PATH_CDEV: the device's own node, bound to /dev/iommu; knows the width
 * @CAPGAP_LIVE_PATH_GROUP: the node of its IOMMU group; features only, never the width
 */
enum capgap_live_path {
	CAPGAP_LIVE_PATH_ANY,
	CAPGAP_LIVE_PATH_CDEV,
	CAPGAP_LIVE_PATH_GROUP
};

/**
 * capgap_live_name_fn - gets one entry of a directory
 * @arg: the caller's
 * @name: without its directory; borrowed until the call returns
 */
typedef void capgap_live_name_fn(void *arg, const char *name);

/**
 * struct capgap_live_node - a device number
 * @is_device: it is a character device's; else the rest is 0
 * @major: which driver
 * @minor: which of its devices
 */
struct capgap_live_node {
	bool is_device;
	unsigned major;
	unsigned minor;
};

/**
 * struct capgap_live_ops - every call to the system that this module makes
 * @ctx: handed to each of them
 * @open: open for reading and writing, closed on exec; a descriptor, or -errno
 * @node: which device an open descriptor stands for, st_rdev of fstat(); 0 or -errno
 * @close: 0 or -errno; the descriptor is closed either way
 * @ioctl: what the kernel returns, or -errno
 * @pread: bytes read, 0 at the end, or -errno
 * @readlink: target of a link, terminated; 0 or -errno, -ENAMETOOLONG where it is too long
 * @read: start of a small file, terminated, cut to @len; 0 or -errno
 * @list: calls @each for the entries of a directory but "." and "..", in any order;
 *        0 or -errno, behind those that could be read
 *
 * Those down to @pread are used on nodes of /dev only, and only with consent; the last three
 * on sysfs only.
 */
struct capgap_live_ops {
	void *ctx;
	int (*open)(void *ctx, const char *path);
	int (*node)(void *ctx, int fd, struct capgap_live_node *out);
	int (*close)(void *ctx, int fd);
	int (*ioctl)(void *ctx, int fd, unsigned long request, uintptr_t arg);
	ssize_t (*pread)(void *ctx, int fd, void *buf, size_t len, uint64_t off);
	int (*readlink)(void *ctx, const char *path, char *buf, size_t len);
	int (*read)(void *ctx, const char *path, char *buf, size_t len);
	int (*list)(void *ctx, const char *path, capgap_live_name_fn *each, void *arg);
};

/* The real calls; a static table. */
const struct capgap_live_ops *capgap_live_system(void);

/* Bytes of a VF token. */
#define CAPGAP_LIVE_TOKEN_LEN 16u

/* Its text, the terminator included. */
#define CAPGAP_LIVE_TOKEN_TEXT 37u

/**
 * capgap_live_token_parse() - read a VF token
 * @text: "8-4-4-4-12" hex digits and nothing else
 * @token: filled on success
 *
 * Return: true when @text is one.
 */
bool capgap_live_token_parse(const char *text, uint8_t token[CAPGAP_LIVE_TOKEN_LEN]);

/* Write a VF token as text, in small letters. Return: @out. */
char *capgap_live_token_format(const uint8_t token[CAPGAP_LIVE_TOKEN_LEN],
			       char out[CAPGAP_LIVE_TOKEN_TEXT]);

/* Names of drivers, nodes and functions, their terminator included. */
#define CAPGAP_LIVE_NAME 64

/**
 * struct capgap_live_facts - what sysfs says of a function, without touching it
 * @driver: it is bound to this driver; "" for none
 * @has_group: it is in IOMMU group @group
 * @group: number of the group
 * @noiommu: VFIO runs it without an IOMMU
 * @cdev: its name below vfio-dev, of several the one with the lowest number; "" where there
 *        is none
 * @node: the kernel's device number for @cdev; where there is one, a node can be there
 * @others: other functions of its group that VFIO has, so that somebody may use them
 * @blocker: the first of them that a driver of the kernel holds; "" where there is none
 * @blocker_driver: that driver
 * @has_physfn: it is a virtual function, of @physfn
 * @physfn: address of its physical function
 * @physfn_driver: the driver of that; "" for none
 * @vfs: virtual functions that are enabled on it; 0 for any but a physical function
 * @asleep: it sleeps in D3cold, or may: opening it wakes it
 * @unsafe_iommufd: allow_unsafe_interrupts is set for iommufd
 * @unsafe_type1: the same for vfio_iommu_type1, which the group path uses
 */
struct capgap_live_facts {
	char driver[CAPGAP_LIVE_NAME];
	bool has_group;
	unsigned group;
	bool noiommu;
	char cdev[CAPGAP_LIVE_NAME];
	struct capgap_live_node node;
	unsigned others;
	char blocker[CAPGAP_LIVE_NAME];
	char blocker_driver[CAPGAP_LIVE_NAME];
	bool has_physfn;
	struct capgap_bdf physfn;
	char physfn_driver[CAPGAP_LIVE_NAME];
	unsigned vfs;
	bool asleep;
	bool unsafe_iommufd;
	bool unsafe_type1;
};

/**
 * struct capgap_live_request - what is asked
 * @bdf: the function
 * @consent: somebody has agreed that it is opened: that resets it, under its enabled virtual
 *           functions where it has such, and closing it resets it again, or its bus or slot;
 *           its IOMMU group is claimed for the moment. Without it nothing is opened, bound or
 *           controlled
 * @path: which way
 * @has_token: @token is the VF token that a guarded function asks for
 * @token: its bytes in the order of the text
 * @has_agreed: @agreed is what was agreed to
 * @agreed: the facts that somebody was shown; where driver, group or cdev are others by now,
 *          nothing is opened
 * @limit: no byte of configuration space is read from there on, since the device does not
 *         bear it; 0 and 4096 for no such limit
 * @sysfs: where sysfs is; NULL stands for "/sys"
 * @dev: where device nodes are; NULL stands for "/dev"
 *
 * The token is shown only to a kernel that has refused the function without it: on a
 * physical function without users it would set its token.
 */
struct capgap_live_request {
	struct capgap_bdf bdf;
	bool consent;
	enum capgap_live_path path;
	bool has_token;
	uint8_t token[CAPGAP_LIVE_TOKEN_LEN];
	bool has_agreed;
	struct capgap_live_facts agreed;
	size_t limit;
	const char *sysfs;
	const char *dev;
};

/**
 * struct capgap_live_trouble - the step that failed, and what it means
 * @situation: CAPGAP_LIVE_NONE where none did
 * @path: on which path; ANY while only sysfs was read
 * @step: the call
 * @err: its errno; 0 where it was its answer that was bad
 * @no_driver: nothing has the function that would have to be unbound
 * @detail: the node, or the function that is in the way; "" for nothing to add
 */
struct capgap_live_trouble {
	enum capgap_live_situation situation;
	enum capgap_live_path path;
	enum capgap_live_step step;
	int err;
	bool no_driver;
	char detail[160];
};

/* What a width of 0 stands for, CAPGAP_LIVE_<SYMBOL>. */
enum capgap_live_zero {
#define CAPGAP_LIVE_ZERO(symbol, name, text) CAPGAP_LIVE_##symbol,
#include "live_zero.def"
#undef CAPGAP_LIVE_ZERO
	CAPGAP_LIVE_ZERO_COUNT
};

/**
 * enum capgap_live_feature - what a PROBE of a VFIO device feature gave
 * @CAPGAP_LIVE_FEATURE_UNASKED: the device was not reached, or went away before
 * @CAPGAP_LIVE_FEATURE_NO: ENOTTY
 * @CAPGAP_LIVE_FEATURE_YES: 0
 * @CAPGAP_LIVE_FEATURE_UNUSABLE: EINVAL or EOPNOTSUPP: the kernel knows it, this device
 *                                cannot use it; older kernels give EINVAL also for all
 *                                features of a driver that has none
 * @CAPGAP_LIVE_FEATURE_ERROR: another errno
 */
enum capgap_live_feature {
	CAPGAP_LIVE_FEATURE_UNASKED,
	CAPGAP_LIVE_FEATURE_NO,
	CAPGAP_LIVE_FEATURE_YES,
	CAPGAP_LIVE_FEATURE_UNUSABLE,
	CAPGAP_LIVE_FEATURE_ERROR
};

/* Features that are probed: indexes below this. */
#define CAPGAP_LIVE_FEATURES 16u

/**
 * struct capgap_live - the answer
 * @facts: what sysfs says
 * @path: the way that led to the device; ANY where none did
 * @trouble: what ended the query early; situation NONE where nothing did
 * @no_cdev: with path GROUP, why the cdev was passed over; NONE where it was not asked for
 * @has_pasid: IOMMU_GET_HW_INFO has answered; the members down to @iommu are valid
 * @width: log2 of the number of PASIDs, the lesser of device and IOMMU; 0 see @zero, above
 *         20 no answer. Where an AMD IOMMU is the limit, the kernel says one bit less than
 *         there is
 * @execute: Execute Permission is enabled on the device (a virtual function's physical one)
 * @privileged: Privileged Mode is enabled there
 * @zero: what a width of 0 stands for
 * @iommu_type: out_data_type: 0 none, 1 VT-d, 2 SMMUv3, 3 Tegra241 CMDQV, 4 AMD
 * @capabilities: out_capabilities as it came
 * @ats_not_supported: the kernel says that ATS cannot be used; false says nothing
 * @iommu: its registers; kind UNKNOWN where the kernel tells none
 * @feature: by index
 * @feature_err: errno of that PROBE, 0 for none
 */
struct capgap_live {
	struct capgap_live_facts facts;
	enum capgap_live_path path;
	struct capgap_live_trouble trouble;
	struct capgap_live_trouble no_cdev;
	bool has_pasid;
	unsigned width;
	bool execute;
	bool privileged;
	enum capgap_live_zero zero;
	uint32_t iommu_type;
	uint64_t capabilities;
	bool ats_not_supported;
	struct capgap_iommu iommu;
	enum capgap_live_feature feature[CAPGAP_LIVE_FEATURES];
	int feature_err[CAPGAP_LIVE_FEATURES];
};

/**
 * struct capgap_live_config - configuration space as vfio-pci shows it
 * @facts: what sysfs says
 * @path: as in struct capgap_live
 * @trouble: as in struct capgap_live
 * @no_cdev: as in struct capgap_live
 * @size: bytes of the region, at most 4096
 * @end: bytes of it that were to be read: @size, or less where the request has a limit
 * @len: bytes that were read, from the start; less than @end where reading failed
 * @byte: them; 0 behind @len
 */
struct capgap_live_config {
	struct capgap_live_facts facts;
	enum capgap_live_path path;
	struct capgap_live_trouble trouble;
	struct capgap_live_trouble no_cdev;
	size_t size;
	size_t end;
	size_t len;
	uint8_t byte[CAPGAP_SPACE_MAX];
};

/**
 * capgap_live_look() - what sysfs says, without touching the function
 * @out: caller's, overwritten
 * @ops: capgap_live_system(), or a test's
 * @req: borrowed; consent is not needed
 * @trouble: filled where the query would not even begin: with situation NOT_VFIO, NO_IOMMU
 *           or NOIOMMU for what sysfs shows; with NO_DEVICE, PERMISSION, GONE, INTERRUPTED,
 *           RESOURCES or UNEXPECTED where the function's directory cannot be read; may be
 *           NULL
 *
 * Return: 0 when a query could begin, -CAPGAP_E_REFUSED when not.
 */
int capgap_live_look(struct capgap_live_facts *out, const struct capgap_live_ops *ops,
		     const struct capgap_live_request *req,
		     struct capgap_live_trouble *trouble);

/**
 * capgap_live_query() - ask the kernel
 * @out: caller's, overwritten; what was learned before a failure stays
 * @ops: capgap_live_system(), or a test's
 * @req: borrowed
 *
 * Resets the function, and again when it is closed, or its bus or slot then. Features are
 * probed, never read or set. No kernel version is looked at: what a kernel can, it is asked.
 *
 * Return: 0 when everything was answered that the path can answer; -CAPGAP_E_CONSENT, with
 * not one call made, without consent; -CAPGAP_E_REFUSED with @out->trouble.
 */
int capgap_live_query(struct capgap_live *out, const struct capgap_live_ops *ops,
		      const struct capgap_live_request *req);

/**
 * capgap_live_read_config() - read configuration space through VFIO
 * @out: caller's, overwritten; what was read before a failure stays
 * @ops: capgap_live_system(), or a test's
 * @req: borrowed
 *
 * Resets the function as capgap_live_query() does.
 *
 * Return: 0 when the region was read to @out->end, or to where the kernel gives no more;
 * -CAPGAP_E_CONSENT without consent; -CAPGAP_E_REFUSED with @out->trouble.
 */
int capgap_live_read_config(struct capgap_live_config *out,
			    const struct capgap_live_ops *ops,
			    const struct capgap_live_request *req);

/* "device-gone" and so on. */
const char *capgap_live_situation_name(enum capgap_live_situation situation);

/* What is the matter, a clause. */
const char *capgap_live_situation_reason(enum capgap_live_situation situation);

/* What would help as a rule, a clause; "" where nothing would. */
const char *capgap_live_situation_help(enum capgap_live_situation situation);

/* The same for this function. */
const char *capgap_live_trouble_help(const struct capgap_live_trouble *trouble);

/* What it rests on. */
const char *capgap_live_situation_source(enum capgap_live_situation situation);

/* True for a call on a node; false for a look at sysfs, and for none. */
bool capgap_live_step_is_call(enum capgap_live_step step);

/* "VFIO_DEVICE_BIND_IOMMUFD" and so on. */
const char *capgap_live_step_name(enum capgap_live_step step);

/* "any", "cdev" or "group". */
const char *capgap_live_path_name(enum capgap_live_path path);

/* "not-asked", "no", "yes", "unusable" or "error". */
const char *capgap_live_feature_name(enum capgap_live_feature feature);

/* "said" and so on; "" for a width that is not 0. */
const char *capgap_live_zero_name(enum capgap_live_zero zero);

/* What a width of 0 means, a clause; "" for a width that is not 0. */
const char *capgap_live_zero_text(enum capgap_live_zero zero);

/* "EBUSY" and so on; NULL for a number that this module does not expect. */
const char *capgap_live_errno_name(int err);

/**
 * capgap_live_trouble_text() - what failed and why, one line
 * @trouble: borrowed
 * @buf: caller's; always terminated when @len is not 0
 * @len: its size in bytes; 512 hold every text
 *
 * Return: @buf.
 */
char *capgap_live_trouble_text(const struct capgap_live_trouble *trouble, char *buf,
			       size_t len);

#endif
