/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A stand-in for the kernel: answers as recorded, and notes every call. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../placement/uapi.h"
#include "check_live.h"
#include "suites.h"
#include "support.h"

#define DEVICES FAKE_SYSFS "/bus/pci/devices/"
#define TOKEN "5d1e5a4c-0b1f-4b34-9c4e-1f1f6c1b0001"
#define DEV_ID 7u
#define NODE "511:0"

__attribute__((format(printf, 2, 3))) static void note(struct fake *fake, const char *fmt,
						       ...)
{
	size_t used = strlen(fake->log);
	va_list ap;

	if (used)
		used += (size_t)snprintf(fake->log + used, sizeof(fake->log) - used, " ");
	va_start(ap, fmt);
	vsnprintf(fake->log + used, sizeof(fake->log) - used, fmt, ap);
	va_end(ap);
	fake->probes = 0;
}

/* Whether this call on a node is the one that fails: 0 or -errno. */
static int fault(struct fake *fake)
{
	int now = fake->calls++;

	if (fake->fault_at < 0 || now < fake->fault_at ||
	    now >= fake->fault_at + fake->fault_times)
		return 0;
	return -fake->fault_err;
}

/* What a call gives, before it writes anything: 0 or -errno. */
static int answer(const struct fake *fake, enum capgap_live_step step)
{
	return fake->failing ? fake->failing : -fake->answers->err[step];
}

static int give_fd(struct fake *fake, enum capgap_live_step step)
{
	ck_assert_int_lt(fake->opened, FAKE_FDS);
	fake->fd[fake->opened] = step;
	fake->is_open[fake->opened] = true;
	return FAKE_FD_BASE + fake->opened++;
}

/* The step that opened a descriptor, which must be open. */
static enum capgap_live_step kind(const struct fake *fake, int fd)
{
	int at = fd - FAKE_FD_BASE;

	ck_assert_msg(at >= 0 && at < fake->opened, "descriptor %d was never given", fd);
	ck_assert_msg(fake->is_open[at], "descriptor %d is closed", fd);
	return fake->fd[at];
}

static int fake_open(void *ctx, const char *path)
{
	struct fake *fake = ctx;
	enum capgap_live_step step = CAPGAP_LIVE_STEP_OPEN_CDEV;
	const char *name = "cdev";
	int rc = fault(fake);

	if (!strcmp(path, FAKE_DEV "/iommu")) {
		step = CAPGAP_LIVE_STEP_OPEN_IOMMUFD;
		name = "iommu";
	} else if (!strcmp(path, FAKE_DEV "/vfio/4")) {
		step = CAPGAP_LIVE_STEP_OPEN_GROUP;
		name = "group";
	} else if (!strcmp(path, FAKE_DEV "/vfio/vfio")) {
		step = CAPGAP_LIVE_STEP_OPEN_CONTAINER;
		name = "container";
	} else {
		ck_assert_str_eq(path, FAKE_DEV "/vfio/devices/vfio0");
	}
	note(fake, "%s", name);
	if (!rc)
		rc = answer(fake, step);
	return rc ? rc : give_fd(fake, step);
}

static int fake_node(void *ctx, int fd, struct capgap_live_node *out)
{
	struct fake *fake = ctx;
	const char *text = fake->answers->node ? fake->answers->node : NODE;
	int rc = fault(fake);

	note(fake, "node");
	ck_assert_int_eq(kind(fake, fd), CAPGAP_LIVE_STEP_OPEN_CDEV);
	memset(out, 0, sizeof(*out));
	if (!rc)
		rc = answer(fake, CAPGAP_LIVE_STEP_CHECK_NODE);
	if (!rc)
		out->is_device = sscanf(text, "%u:%u", &out->major, &out->minor) == 2;
	return rc;
}

static int fake_close(void *ctx, int fd)
{
	struct fake *fake = ctx;
	enum capgap_live_step step = kind(fake, fd);
	static const struct {
		enum capgap_live_step step;
		const char *name;
	} names[] = {
		{ CAPGAP_LIVE_STEP_OPEN_CDEV, "-cdev" },
		{ CAPGAP_LIVE_STEP_OPEN_IOMMUFD, "-iommu" },
		{ CAPGAP_LIVE_STEP_OPEN_GROUP, "-group" },
		{ CAPGAP_LIVE_STEP_OPEN_CONTAINER, "-container" },
		{ CAPGAP_LIVE_STEP_GET_DEVICE, "-device" },
	};

	for (int i = 0; i < ROWS(names); i++) {
		if (names[i].step == step)
			note(fake, "%s", names[i].name);
	}
	fake->is_open[fd - FAKE_FD_BASE] = false;
	return fault(fake);
}

static int bind_device(struct fake *fake, struct capgap_uapi_bind *bind)
{
	bool with_token = bind->flags & CAPGAP_UAPI_BIND_TOKEN;
	uint8_t token[CAPGAP_LIVE_TOKEN_LEN];

	note(fake, "bind%s", with_token ? "+token" : "");
	ck_assert_uint_eq(bind->argsz, with_token ? 24 : 16);
	ck_assert_uint_eq(bind->flags & ~CAPGAP_UAPI_BIND_TOKEN, 0);
	ck_assert_int_eq(kind(fake, bind->iommufd), CAPGAP_LIVE_STEP_OPEN_IOMMUFD);
	ck_assert(capgap_live_token_parse(TOKEN, token));
	if (with_token)
		ck_assert_mem_eq((const void *)(uintptr_t)bind->token_uuid_ptr, token,
				 sizeof(token));
	else
		ck_assert_uint_eq(bind->token_uuid_ptr, 0);
	if (answer(fake, CAPGAP_LIVE_STEP_BIND))
		return answer(fake, CAPGAP_LIVE_STEP_BIND);
	if (fake->answers->token && !with_token)
		return -EACCES;
	bind->out_devid = DEV_ID;
	return with_token ? -fake->answers->token_err : 0;
}

static void give_data(const struct fake *fake, uint8_t *to)
{
	const char *hex = fake->answers->data;
	unsigned byte;

	for (size_t i = 0; hex && hex[2 * i]; i++) {
		ck_assert_int_eq(sscanf(hex + 2 * i, "%2x", &byte), 1);
		to[i] = (uint8_t)byte;
	}
}

/* As iommufd_get_hw_info() does, before and since it knows the width. */
static int get_hw_info(struct fake *fake, struct capgap_uapi_hw_info *info)
{
	static const uint8_t zero[3];

	note(fake, "hwinfo%s", info->out_max_pasid_log2 ? "?" : "");
	ck_assert_uint_eq(info->size, 40);
	ck_assert_uint_eq(info->flags, 0);
	ck_assert_uint_eq(info->dev_id, DEV_ID);
	ck_assert_uint_eq(info->data_len, FAKE_DATA);
	ck_assert_uint_eq(info->out_data_type, 0);
	ck_assert_mem_eq(info->reserved, zero, sizeof(zero));
	ck_assert_uint_eq(info->out_capabilities, 0);
	if (answer(fake, CAPGAP_LIVE_STEP_HW_INFO))
		return answer(fake, CAPGAP_LIVE_STEP_HW_INFO);
	if (info->out_max_pasid_log2 && fake->answers->reserved_width)
		return -EOPNOTSUPP;
	if (info->out_max_pasid_log2 && fake->answers->preset_err)
		return -fake->answers->preset_err;
	give_data(fake, (uint8_t *)(uintptr_t)info->data_uptr);
	info->data_len = fake->answers->data_len;
	info->out_data_type = fake->answers->type;
	info->out_capabilities = fake->answers->capabilities;
	if (!fake->answers->reserved_width)
		info->out_max_pasid_log2 = (uint8_t)fake->answers->width;
	return 0;
}

/* What is sent must be a PROBE of eight bytes, and nothing else: never a GET or a SET. */
static int probe(struct fake *fake, const struct capgap_uapi_feature *feature)
{
	unsigned index = feature->flags & CAPGAP_UAPI_FEATURE_MASK;
	char *end = strrchr(fake->log, ' ');

	ck_assert_uint_eq(feature->argsz, 8);
	ck_assert_uint_eq(feature->flags & ~CAPGAP_UAPI_FEATURE_MASK,
			  CAPGAP_UAPI_FEATURE_PROBE);
	ck_assert_uint_lt(index, CAPGAP_LIVE_FEATURES);
	if (fake->probes && end) {
		unsigned before = fake->probes;

		*end = '\0';
		note(fake, "probe*%u", before + 1);
		fake->probes = before + 1;
	} else {
		note(fake, "probe*1");
		fake->probes = 1;
	}
	if (answer(fake, CAPGAP_LIVE_STEP_FEATURE))
		return answer(fake, CAPGAP_LIVE_STEP_FEATURE);
	if (fake->answers->yes & F(index))
		return 0;
	if (fake->answers->invalid & F(index))
		return -EINVAL;
	return (fake->answers->notsupp & F(index)) ? -EOPNOTSUPP : -ENOTTY;
}

static int get_device(struct fake *fake, const char *name)
{
	bool with_token = strchr(name, ' ') != NULL;

	note(fake, "device%s", with_token ? "+token" : "");
	ck_assert_str_eq(name, with_token ? FAKE_BDF " vf_token=" TOKEN : FAKE_BDF);
	if (answer(fake, CAPGAP_LIVE_STEP_GET_DEVICE))
		return answer(fake, CAPGAP_LIVE_STEP_GET_DEVICE);
	if (fake->answers->token && !with_token)
		return -EACCES;
	return give_fd(fake, CAPGAP_LIVE_STEP_GET_DEVICE);
}

static int group_ioctl(struct fake *fake, unsigned long request, uintptr_t arg)
{
	struct capgap_uapi_group_status *status = (void *)arg;
	int rc;

	switch (request) {
	case CAPGAP_UAPI_GROUP_GET_STATUS:
		note(fake, "status");
		ck_assert_uint_eq(status->argsz, 8);
		rc = answer(fake, CAPGAP_LIVE_STEP_STATUS);
		if (!rc && !fake->answers->not_viable)
			status->flags = CAPGAP_UAPI_GROUP_VIABLE;
		return rc;
	case CAPGAP_UAPI_GROUP_SET_CONTAINER:
		note(fake, "set-container");
		ck_assert_int_eq(kind(fake, *(const int *)arg),
				 CAPGAP_LIVE_STEP_OPEN_CONTAINER);
		return answer(fake, CAPGAP_LIVE_STEP_SET_CONTAINER);
	default:
		ck_assert_uint_eq(request, CAPGAP_UAPI_GROUP_GET_DEVICE_FD);
		return get_device(fake, (const char *)arg);
	}
}

static int container_ioctl(struct fake *fake, unsigned long request, uintptr_t arg)
{
	int rc;

	if (request == CAPGAP_UAPI_GET_API_VERSION) {
		note(fake, "api");
		rc = answer(fake, CAPGAP_LIVE_STEP_API_VERSION);
		return rc ? rc : fake->answers->api;
	}
	note(fake, "set-iommu");
	ck_assert_uint_eq(request, CAPGAP_UAPI_SET_IOMMU);
	ck_assert_uint_eq(arg, 3);
	return answer(fake, CAPGAP_LIVE_STEP_SET_IOMMU);
}

static int region_info(struct fake *fake, struct capgap_uapi_region_info *region)
{
	note(fake, "region");
	ck_assert_uint_eq(region->argsz, 32);
	ck_assert_uint_eq(region->index, 7);
	if (answer(fake, CAPGAP_LIVE_STEP_REGION_INFO))
		return answer(fake, CAPGAP_LIVE_STEP_REGION_INFO);
	region->size = fake->answers->region_size;
	region->offset = fake->answers->region_offset;
	return 0;
}

static int device_info(struct fake *fake, struct capgap_uapi_device_info *info)
{
	note(fake, "info");
	ck_assert_uint_eq(info->argsz, 24);
	if (answer(fake, CAPGAP_LIVE_STEP_DEVICE_INFO))
		return answer(fake, CAPGAP_LIVE_STEP_DEVICE_INFO);
	info->flags = fake->answers->info_flags;
	info->num_regions = fake->answers->regions;
	return 0;
}

static int device_ioctl(struct fake *fake, unsigned long request, uintptr_t arg)
{
	switch (request) {
	case CAPGAP_UAPI_DEVICE_BIND_IOMMUFD:
		return bind_device(fake, (void *)arg);
	case CAPGAP_UAPI_DEVICE_FEATURE:
		return probe(fake, (void *)arg);
	case CAPGAP_UAPI_DEVICE_GET_INFO:
		return device_info(fake, (void *)arg);
	default:
		ck_assert_uint_eq(request, CAPGAP_UAPI_DEVICE_GET_REGION_INFO);
		return region_info(fake, (void *)arg);
	}
}

static int dispatch(struct fake *fake, int fd, unsigned long request, uintptr_t arg)
{
	switch (kind(fake, fd)) {
	case CAPGAP_LIVE_STEP_OPEN_IOMMUFD:
		ck_assert_uint_eq(request, CAPGAP_UAPI_GET_HW_INFO);
		return get_hw_info(fake, (void *)arg);
	case CAPGAP_LIVE_STEP_OPEN_GROUP:
		return group_ioctl(fake, request, arg);
	case CAPGAP_LIVE_STEP_OPEN_CONTAINER:
		return container_ioctl(fake, request, arg);
	default:
		return device_ioctl(fake, request, arg);
	}
}

/* A call that fails is checked and noted as any other. */
static int fake_ioctl(void *ctx, int fd, unsigned long request, uintptr_t arg)
{
	struct fake *fake = ctx;
	int rc;

	fake->failing = fault(fake);
	rc = dispatch(fake, fd, request, arg);
	fake->failing = 0;
	return rc;
}

uint8_t fake_config(size_t off)
{
	return (uint8_t)(off * 7 + (off >> 8));
}

static ssize_t fake_pread(void *ctx, int fd, void *buf, size_t len, uint64_t off)
{
	struct fake *fake = ctx;
	const struct fake_answers *answers = fake->answers;
	size_t at = (size_t)(off - answers->region_offset);
	int rc = fault(fake);

	note(fake, "read");
	ck_assert_int_ne(kind(fake, fd), CAPGAP_LIVE_STEP_OPEN_IOMMUFD);
	ck_assert_uint_le(at + len, answers->region_size);
	if (!rc)
		rc = answer(fake, CAPGAP_LIVE_STEP_READ_CONFIG);
	if (rc)
		return rc;
	if (answers->read_most && len > answers->read_most)
		len = answers->read_most;
	if (answers->read_end)
		len = at < answers->read_end ? answers->read_end - at : 0;
	for (size_t i = 0; i < len; i++)
		((uint8_t *)buf)[i] = fake_config(at + i);
	return (ssize_t)(len + answers->read_over);
}

/* Driver of a sibling: what stands behind its '='. */
static const char *sibling_driver(const struct fake_sysfs *sysfs, const char *path)
{
	for (int i = 0; i < FAKE_SIBLINGS && sysfs->sibling[i]; i++) {
		const char *equals = strchr(sysfs->sibling[i], '=');
		size_t len = equals ? (size_t)(equals - sysfs->sibling[i]) : 0;
		const char *at = DEVICES FAKE_BDF "/iommu_group/devices/";
		char want[128];

		snprintf(want, sizeof(want), "%s%.*s/driver", at, (int)len,
			 sysfs->sibling[i]);
		if (len && !strcmp(path, want))
			return equals + 1;
	}
	return NULL;
}

static int fake_readlink(void *ctx, const char *path, char *buf, size_t len)
{
	struct fake *fake = ctx;
	const struct fake_sysfs *sysfs = fake->sysfs;
	const char *target = sibling_driver(sysfs, path);
	const char *where = "../../../../bus/pci/drivers/";

	fake->looks++;
	if (!strcmp(path, DEVICES FAKE_BDF "/driver") ||
	    !strcmp(path, DEVICES FAKE_BDF "/iommu_group/devices/" FAKE_BDF "/driver")) {
		target = sysfs->driver;
	} else if (!strcmp(path, DEVICES FAKE_PF "/driver")) {
		target = sysfs->pf_driver;
	} else if (!strcmp(path, DEVICES FAKE_BDF "/iommu_group")) {
		where = "../../../kernel/iommu_groups/";
		target = sysfs->group;
	} else if (!strcmp(path, DEVICES FAKE_BDF "/physfn")) {
		where = "../";
		target = sysfs->pf_driver ? FAKE_PF : NULL;
	}
	if (!target)
		return -ENOENT;
	snprintf(buf, len, "%s%s", where, target);
	return 0;
}

static int fake_read(void *ctx, const char *path, char *buf, size_t len)
{
	struct fake *fake = ctx;
	const struct fake_sysfs *sysfs = fake->sysfs;
	const char *text = NULL;
	char cdev[128];

	fake->looks++;
	snprintf(cdev, sizeof(cdev), DEVICES FAKE_BDF "/vfio-dev/%s/dev",
		 sysfs->cdev ? sysfs->cdev : "");
	if (!strcmp(path, DEVICES FAKE_BDF "/iommu_group/name"))
		text = sysfs->group_name;
	else if (!strcmp(path, cdev))
		text = !sysfs->cdev_node		? NULL :
		       fake->opened && sysfs->node_then ? sysfs->node_then :
							  NODE "\n";
	else if (!strcmp(path, DEVICES FAKE_BDF "/power_state"))
		text = sysfs->power_state;
	else if (!strcmp(path, DEVICES FAKE_BDF "/power/runtime_status"))
		text = sysfs->runtime_status;
	else if (!strcmp(path, DEVICES FAKE_BDF "/d3cold_allowed"))
		text = sysfs->d3cold_allowed;
	else if (strstr(path, "/parameters/allow_unsafe_interrupts"))
		text = sysfs->unsafe ? "Y\n" : "N\n";
	if (!text)
		return -ENOENT;
	snprintf(buf, len, "%s", text);
	return 0;
}

static int list_group(const struct fake_sysfs *sysfs, capgap_live_name_fn *each,
		      void *arg)
{
	char name[64];

	for (int i = FAKE_SIBLINGS - 1; i >= 0; i--) {
		if (!sysfs->sibling[i])
			continue;
		snprintf(name, sizeof(name), "%s", sysfs->sibling[i]);
		name[strcspn(name, "=")] = '\0';
		each(arg, name);
	}
	each(arg, FAKE_BDF);
	return 0;
}

static int fake_list(void *ctx, const char *path, capgap_live_name_fn *each, void *arg)
{
	struct fake *fake = ctx;

	fake->looks++;
	if (fake->sysfs->absent)
		return -ENOENT;
	if (!strcmp(path, DEVICES FAKE_BDF "/iommu_group/devices"))
		return list_group(fake->sysfs, each, arg);
	if (!strcmp(path, DEVICES FAKE_BDF "/vfio-dev")) {
		if (!fake->sysfs->cdev)
			return -ENOENT;
		for (int i = 0; i < FAKE_SIBLINGS && fake->sysfs->more_cdev[i]; i++)
			each(arg, fake->sysfs->more_cdev[i]);
		each(arg, fake->sysfs->cdev);
		return 0;
	}
	ck_assert_str_eq(path, DEVICES FAKE_BDF);
	each(arg, "vendor");
	for (unsigned i = 0; i < fake->sysfs->vfs; i++)
		each(arg, i ? "virtfn10" : "virtfn0");
	return 0;
}

void fake_begin(struct fake *fake, const struct fake_sysfs *sysfs,
		const struct fake_answers *answers)
{
	memset(fake, 0, sizeof(*fake));
	fake->sysfs = sysfs;
	fake->answers = answers;
	fake->fault_at = -1;
}

struct capgap_live_ops fake_ops(struct fake *fake)
{
	struct capgap_live_ops ops = {
		.ctx = fake,
		.open = fake_open,
		.node = fake_node,
		.close = fake_close,
		.ioctl = fake_ioctl,
		.pread = fake_pread,
		.readlink = fake_readlink,
		.read = fake_read,
		.list = fake_list,
	};

	return ops;
}

struct capgap_live_request fake_request(enum capgap_live_path path, bool has_token)
{
	struct capgap_live_request req = {
		.bdf = support_bdf(FAKE_BDF),
		.consent = true,
		.path = path,
		.has_token = has_token,
		.sysfs = FAKE_SYSFS,
		.dev = FAKE_DEV,
	};

	ck_assert(capgap_live_token_parse(TOKEN, req.token));
	return req;
}

void fake_is_clean(const struct fake *fake, const char *row)
{
	for (int i = 0; i < fake->opened; i++)
		ck_assert_msg(!fake->is_open[i], "%s: descriptor %d was left open (%s)",
			      row, i, fake->log);
}
