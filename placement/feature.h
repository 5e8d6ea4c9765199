/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VFIO_DEVICE_FEATURE: its indexes, and how the kernel judges a request. */
#ifndef CAPGAP_FEATURE_H
#define CAPGAP_FEATURE_H

#include "linux_errno.h"
#include "query.h"

/* Flags of a request (include/uapi/linux/vfio.h). */
#define CAPGAP_FEATURE_MASK 0xffffu /* the index */
#define CAPGAP_FEATURE_GET 0x10000u
#define CAPGAP_FEATURE_SET 0x20000u
#define CAPGAP_FEATURE_PROBE 0x40000u

/* Bytes of argsz and flags, which the payload follows. */
#define CAPGAP_FEATURE_HEADER 8u

/* The index that was proposed for PASID, and the bytes of its payload. */
#define CAPGAP_FEATURE_PASID 11u
#define CAPGAP_FEATURE_PASID_LEN 4u

/* Bits of the payload's capabilities. */
#define CAPGAP_FEATURE_PASID_EXEC 0x0001u
#define CAPGAP_FEATURE_PASID_PRIV 0x0002u

/* What ends a request, CAPGAP_FEATURE_STEP_<SYMBOL>, in the kernel's order. */
enum capgap_feature_step {
#define CAPGAP_FEATURE_STEP(symbol, number, text) CAPGAP_FEATURE_STEP_##symbol,
#include "feature.def"
#undef CAPGAP_FEATURE_STEP
	CAPGAP_FEATURE_STEP_COUNT
};

/**
 * struct capgap_feature - an index
 * @index: 0..13
 * @name: as the kernel's header has it, or NULL
 * @operations: CAPGAP_FEATURE_GET and CAPGAP_FEATURE_SET, as far as there are such
 * @payload: shortest payload of a GET or SET; bytes
 * @core: VFIO's core answers, else the device's driver
 * @unable: how a kernel that knows it answers for a device that cannot do it
 * @first: first release of Linux, or NULL
 * @note: one line
 */
struct capgap_feature {
	unsigned index;
	const char *name;
	uint32_t operations;
	unsigned payload;
	bool core;
	enum capgap_feature_step unable;
	const char *first;
	const char *note;
};

/* An index; NULL for those above the last that was ever spoken of. */
const struct capgap_feature *capgap_feature_get(unsigned index);

/* What the step returns: 0, or an error number. */
enum capgap_linux_errno capgap_feature_step_errno(enum capgap_feature_step step);

/* The step in a clause, static. */
const char *capgap_feature_step_text(enum capgap_feature_step step);

/**
 * struct capgap_feature_call - one request
 * @flags: index and flags
 * @argsz: bytes of the caller's buffer, its header included
 * @unreadable: the header cannot be read
 * @fault: the payload cannot be read or written
 */
struct capgap_feature_call {
	uint32_t flags;
	uint32_t argsz;
	bool unreadable;
	bool fault;
};

/**
 * struct capgap_feature_device - what a request meets
 * @no_access: the device was opened by its own node, and is not bound to an iommufd
 * @no_handler: the device's driver has no features of its own (vfio-pci has)
 * @known: indexes that the kernel knows, a bit each
 * @able: indexes that this device can do, a bit each
 */
struct capgap_feature_device {
	bool no_access;
	bool no_handler;
	uint32_t known;
	uint32_t able;
};

/**
 * capgap_feature_check() - the kernel's test of a request that reached its handler
 * @flags: of the request
 * @len: bytes of its payload
 * @operations: what the feature has: CAPGAP_FEATURE_GET, CAPGAP_FEATURE_SET, or both
 * @min: shortest payload; bytes
 *
 * Return: CAPGAP_FEATURE_STEP_ OPERATION, PROBED, NO_OPERATION, PAYLOAD or GO_ON.
 */
enum capgap_feature_step capgap_feature_check(uint32_t flags, uint32_t len,
					      uint32_t operations, uint32_t min);

/**
 * capgap_feature_request() - what a kernel does with a request
 * @call: borrowed
 * @device: borrowed
 *
 * Return: the step that ends it; GO_ON where the handler would read or write.
 */
enum capgap_feature_step
capgap_feature_request(const struct capgap_feature_call *call,
		       const struct capgap_feature_device *device);

/**
 * capgap_feature_kernel() - kernels that a request of index 11 can meet
 * @n: from 0
 * @device: filled: a vfio-pci device on such a kernel
 *
 * PASID was never merged under that index: what such a request does on released
 * kernels.
 *
 * Return: which kernel, static; NULL behind the last.
 */
const char *capgap_feature_kernel(unsigned n, struct capgap_feature_device *device);

/**
 * struct capgap_feature_answer - what the proposed PASID feature returns
 * @call: the request
 * @known: false where it depends on what the input does not show; the rest then means
 *         nothing
 * @step: what ends it
 * @has_payload: a GET was answered: @capabilities and @width, and @raw as the caller
 *               reads it
 * @capabilities: CAPGAP_FEATURE_PASID_EXEC, CAPGAP_FEATURE_PASID_PRIV
 * @width: Max PASID Width of the device; 0 is also "no PASID"
 * @raw: {capabilities, width, reserved}, little-endian
 */
struct capgap_feature_answer {
	struct capgap_feature_call call;
	bool known;
	enum capgap_feature_step step;
	bool has_payload;
	uint16_t capabilities;
	uint8_t width;
	uint8_t raw[CAPGAP_FEATURE_PASID_LEN];
};

/**
 * capgap_feature_pasid() - replay a request of the proposed PASID feature
 * @out: caller's, overwritten
 * @method: CAPGAP_METHOD_FEATURE_V1, _V2 or _V2_ENOTTY
 * @call: borrowed; its index is taken for PASID's, whatever it says
 * @pasid: borrowed
 *
 * The kernel is one with that patch, and the device is open and bound. The IOMMU plays
 * no part. Version 1 tells Execute and Privileged as the device supports them, version
 * 2 as they are enabled. Without PASID, or where it is not enabled, both return zeros;
 * the reviewer wanted ENOTTY, which here comes before the flags are looked at, as in
 * the other handlers that return it.
 */
void capgap_feature_pasid(struct capgap_feature_answer *out, enum capgap_method method,
			  const struct capgap_feature_call *call,
			  const struct capgap_pasid *pasid);

#endif
