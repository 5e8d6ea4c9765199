/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VFIO_DEVICE_FEATURE: its indexes, and how the kernel judges a request. */
#include "feature.h"

#include <string.h>

/* The table's words. */
enum operations {
	OPS_NONE,
	OPS_GET = CAPGAP_FEATURE_GET,
	OPS_SET = CAPGAP_FEATURE_SET,
	OPS_BOTH = CAPGAP_FEATURE_GET | CAPGAP_FEATURE_SET
};
enum where { IN_DRIVER, IN_CORE };

static const struct capgap_feature table[] = {
#define CAPGAP_FEATURE(index, name, operations, payload, where, step, first, note)       \
	{ (index),   (name),	 OPS_##operations,                                       \
	  (payload), IN_##where, CAPGAP_FEATURE_STEP_##step,                             \
	  (first),   (note) },
#include "feature.def"
#undef CAPGAP_FEATURE
};

const struct capgap_feature *capgap_feature_get(unsigned index)
{
	return index < sizeof(table) / sizeof(table[0]) ? &table[index] : NULL;
}

static const struct {
	enum capgap_linux_errno number;
	const char *text;
} steps[] = {
#define CAPGAP_FEATURE_STEP(symbol, number, text) { CAPGAP_LINUX_##number, (text) },
#include "feature.def"
#undef CAPGAP_FEATURE_STEP
};

enum capgap_linux_errno capgap_feature_step_errno(enum capgap_feature_step step)
{
	return steps[step].number;
}

const char *capgap_feature_step_text(enum capgap_feature_step step)
{
	return steps[step].text;
}

enum capgap_feature_step capgap_feature_check(uint32_t flags, uint32_t len,
					      uint32_t operations, uint32_t min)
{
	uint32_t asked = flags & (CAPGAP_FEATURE_GET | CAPGAP_FEATURE_SET);

	if (asked & ~operations)
		return CAPGAP_FEATURE_STEP_OPERATION;
	if (flags & CAPGAP_FEATURE_PROBE)
		return CAPGAP_FEATURE_STEP_PROBED;
	if (!asked)
		return CAPGAP_FEATURE_STEP_NO_OPERATION;
	return len < min ? CAPGAP_FEATURE_STEP_PAYLOAD : CAPGAP_FEATURE_STEP_GO_ON;
}

/* What every request passes before its index is looked at; GO_ON when it did. */
static enum capgap_feature_step enter(const struct capgap_feature_call *call,
				      bool no_access)
{
	const uint32_t both = CAPGAP_FEATURE_GET | CAPGAP_FEATURE_SET;
	const uint32_t all = CAPGAP_FEATURE_MASK | both | CAPGAP_FEATURE_PROBE;

	if (no_access)
		return CAPGAP_FEATURE_STEP_NO_ACCESS;
	if (call->unreadable)
		return CAPGAP_FEATURE_STEP_UNREADABLE;
	if (call->argsz < CAPGAP_FEATURE_HEADER)
		return CAPGAP_FEATURE_STEP_ARGSZ;
	if (call->flags & ~all)
		return CAPGAP_FEATURE_STEP_FLAGS;
	if ((call->flags & both) == both && !(call->flags & CAPGAP_FEATURE_PROBE))
		return CAPGAP_FEATURE_STEP_GET_AND_SET;
	return CAPGAP_FEATURE_STEP_GO_ON;
}

enum capgap_feature_step
capgap_feature_request(const struct capgap_feature_call *call,
		       const struct capgap_feature_device *device)
{
	const struct capgap_feature *feature;
	enum capgap_feature_step step = enter(call, device->no_access);
	uint32_t bit;

	if (step != CAPGAP_FEATURE_STEP_GO_ON)
		return step;
	feature = capgap_feature_get(call->flags & CAPGAP_FEATURE_MASK);
	bit = feature ? UINT32_C(1) << feature->index : 0;
	/* An index that the core does not know goes to the driver, as its own do. */
	if (!(feature && feature->core && (device->known & bit)) && device->no_handler)
		return CAPGAP_FEATURE_STEP_NO_HANDLER;
	if (!feature || !(device->known & bit))
		return CAPGAP_FEATURE_STEP_UNKNOWN;
	if (!(device->able & bit))
		return feature->unable;
	step = capgap_feature_check(call->flags, call->argsz - CAPGAP_FEATURE_HEADER,
				    feature->operations, feature->payload);
	if (step == CAPGAP_FEATURE_STEP_GO_ON && feature->payload && call->fault)
		return CAPGAP_FEATURE_STEP_FAULT;
	return step;
}

static const struct {
	bool known;
	bool able;
	const char *name;
} kernels[] = {
#define CAPGAP_FEATURE_KERNEL(known, able, name) { (known), (able), (name) },
#include "feature.def"
#undef CAPGAP_FEATURE_KERNEL
};

const char *capgap_feature_kernel(unsigned n, struct capgap_feature_device *device)
{
	const uint32_t bit = UINT32_C(1) << CAPGAP_FEATURE_PASID;

	if (n >= sizeof(kernels) / sizeof(kernels[0]))
		return NULL;
	memset(device, 0, sizeof(*device));
	device->known = kernels[n].known ? bit : 0;
	device->able = kernels[n].able ? bit : 0;
	return kernels[n].name;
}

/* The payload of a GET; zeros where PASID is not enabled. */
static void fill(struct capgap_feature_answer *out, enum capgap_method method,
		 const struct capgap_pasid *pasid)
{
	bool supported = method == CAPGAP_METHOD_FEATURE_V1;

	out->has_payload = true;
	if (pasid->supported != CAPGAP_IS_YES || !pasid->enabled)
		return;
	out->width = (uint8_t)pasid->width;
	if (supported ? pasid->execute : pasid->enabled_execute)
		out->capabilities |= CAPGAP_FEATURE_PASID_EXEC;
	if (supported ? pasid->privileged : pasid->enabled_privileged)
		out->capabilities |= CAPGAP_FEATURE_PASID_PRIV;
	out->raw[0] = (uint8_t)out->capabilities;
	out->raw[1] = (uint8_t)(out->capabilities >> 8);
	out->raw[2] = out->width;
}

void capgap_feature_pasid(struct capgap_feature_answer *out, enum capgap_method method,
			  const struct capgap_feature_call *call,
			  const struct capgap_pasid *pasid)
{
	bool told = method == CAPGAP_METHOD_FEATURE_V2_ENOTTY;

	memset(out, 0, sizeof(*out));
	out->call = *call;
	out->call.flags = (call->flags & ~CAPGAP_FEATURE_MASK) | CAPGAP_FEATURE_PASID;
	out->known = true;
	out->step = enter(&out->call, false);
	if (out->step != CAPGAP_FEATURE_STEP_GO_ON)
		return;
	if (told && pasid->supported == CAPGAP_IS_UNKNOWN) {
		out->known = false;
		return;
	}
	if (told && (pasid->supported == CAPGAP_IS_NO || !pasid->enabled)) {
		out->step = CAPGAP_FEATURE_STEP_UNABLE;
		return;
	}
	out->step = capgap_feature_check(out->call.flags,
					 out->call.argsz - CAPGAP_FEATURE_HEADER,
					 CAPGAP_FEATURE_GET, CAPGAP_FEATURE_PASID_LEN);
	if (out->step == CAPGAP_FEATURE_STEP_GO_ON && call->fault)
		out->step = CAPGAP_FEATURE_STEP_FAULT;
	if (out->step != CAPGAP_FEATURE_STEP_GO_ON)
		return;
	out->known = pasid->supported != CAPGAP_IS_UNKNOWN;
	if (out->known)
		fill(out, method, pasid);
}
