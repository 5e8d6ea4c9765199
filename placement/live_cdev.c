/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Path A: the device's own node, bound to an iommufd, which knows about the IOMMU. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "iommu_caps.h"
#include "live_parts.h"

/* Room for the registers of any IOMMU that iommufd.h has a structure for. */
#define HW_DATA_LEN 64u

/* Where the kernel fills in a width, this is overwritten; else it is refused. */
#define WIDTH_PRESET 0xffu

static int bind_device(struct capgap_live_session *s, bool with_token)
{
	struct capgap_uapi_bind bind = {
		.argsz = CAPGAP_UAPI_BIND_SHORT,
		.iommufd = s->iommufd,
	};
	int rc;

	if (with_token) {
		bind.argsz = sizeof(bind);
		bind.flags = CAPGAP_UAPI_BIND_TOKEN;
		bind.token_uuid_ptr = (uintptr_t)s->req->token;
	}
	s->showed_token = with_token;
	rc = capgap_live_ioctl(s, s->device, CAPGAP_UAPI_DEVICE_BIND_IOMMUFD,
			       (uintptr_t)&bind);
	s->dev_id = bind.out_devid;
	return rc;
}

static bool same_node(const struct capgap_live_node *a, const struct capgap_live_node *b)
{
	return a->is_device && b->is_device && a->major == b->major &&
	       a->minor == b->minor;
}

/*
 * The name of a node proves nothing: a static /dev keeps those of devices that are gone, and
 * vfio-dev/ may have changed since it was read. While the node is open its device cannot
 * lose its number (vfio_device_fops_cdev_open() in drivers/vfio/device_cdev.c takes a
 * registration of it), so that what sysfs says now is true as long as it matters.
 */
static int check_node(struct capgap_live_session *s)
{
	const struct capgap_live_facts *facts = s->facts;
	struct capgap_live_node opened = { .is_device = false };
	struct capgap_live_node now;
	char cdev[CAPGAP_LIVE_NAME];
	char detail[sizeof(s->trouble.detail)];
	int rc = capgap_live_node(s, s->device, &opened);

	if (rc < 0)
		return capgap_live_fail(s, CAPGAP_LIVE_STEP_CHECK_NODE, -rc, NULL);
	capgap_live_look_at_node(s, cdev, &now);
	if (same_node(&opened, &facts->node) && same_node(&opened, &now) &&
	    !strcmp(cdev, facts->cdev))
		return 0;
	snprintf(detail, sizeof(detail), "the node is %u:%u, sysfs says %u:%u (%s)",
		 opened.major, opened.minor, now.major, now.minor,
		 cdev[0] ? cdev : "no vfio-dev");
	return capgap_live_fail(s, CAPGAP_LIVE_STEP_CHECK_NODE, 0, detail);
}

int capgap_live_open_cdev(struct capgap_live_session *s)
{
	int rc;

	s->path = CAPGAP_LIVE_PATH_CDEV;
	if (!s->facts->cdev[0])
		return capgap_live_fail(s, CAPGAP_LIVE_STEP_OPEN_CDEV, ENOENT,
					"no vfio-dev directory");
	s->device = capgap_live_open(s, CAPGAP_LIVE_STEP_OPEN_CDEV, "vfio/devices/",
				     s->facts->cdev);
	if (s->device < 0)
		return -CAPGAP_E_REFUSED;
	if (check_node(s))
		return -CAPGAP_E_REFUSED;
	s->iommufd = capgap_live_open(s, CAPGAP_LIVE_STEP_OPEN_IOMMUFD, "", "iommu");
	if (s->iommufd < 0)
		return -CAPGAP_E_REFUSED;
	rc = bind_device(s, false);
	if (rc == -EACCES && s->req->has_token)
		rc = bind_device(s, true);
	if (rc < 0)
		return capgap_live_fail(s, CAPGAP_LIVE_STEP_BIND, -rc, NULL);
	return 0;
}

/* One IOMMU_GET_HW_INFO; @preset is what the byte of the width holds before. */
static int get_hw_info(const struct capgap_live_session *s,
		       struct capgap_uapi_hw_info *info, uint8_t data[HW_DATA_LEN],
		       uint8_t preset)
{
	memset(info, 0, sizeof(*info));
	memset(data, 0, HW_DATA_LEN);
	info->size = sizeof(*info);
	info->dev_id = s->dev_id;
	info->data_len = HW_DATA_LEN;
	info->data_uptr = (uintptr_t)data;
	info->out_max_pasid_log2 = preset;
	return capgap_live_ioctl(s, s->iommufd, CAPGAP_UAPI_GET_HW_INFO, (uintptr_t)info);
}

/* The kernel fills in native integers: both structures are copied out, not laid over. */
static void take_registers(struct capgap_iommu *iommu,
			   const struct capgap_uapi_hw_info *info,
			   const uint8_t data[HW_DATA_LEN])
{
	struct capgap_uapi_hw_info_vtd vtd;
	struct capgap_uapi_hw_info_amd amd;

	if (info->out_data_type == CAPGAP_HWINFO_INTEL_VTD &&
	    info->data_len >= sizeof(vtd)) {
		memcpy(&vtd, data, sizeof(vtd));
		iommu->kind = CAPGAP_IOMMU_INTEL_VTD;
		iommu->cap = vtd.cap_reg;
		iommu->ext = vtd.ecap_reg;
	} else if (info->out_data_type == CAPGAP_HWINFO_AMD &&
		   info->data_len >= sizeof(amd)) {
		memcpy(&amd, data, sizeof(amd));
		iommu->kind = CAPGAP_IOMMU_AMD;
		iommu->ext = amd.efr;
	} else if (info->out_data_type != CAPGAP_HWINFO_NONE) {
		iommu->kind = CAPGAP_IOMMU_OTHER;
	}
}

/* One PASID is none: the kernel tells its logarithm. */
static bool iommu_without_pasids(const struct capgap_iommu *iommu)
{
	struct capgap_iommu_caps caps;

	capgap_iommu_caps_read(&caps, iommu);
	return caps.known && caps.pasids < 2;
}

/*
 * A kernel that does not know the width leaves its byte alone, which was 0. To tell such a
 * 0 from a kernel's own, ask again with the byte set: where it is still a part of
 * __reserved that gives EOPNOTSUPP, where it is the width it comes back as 0
 * (iommufd_get_hw_info() in drivers/iommu/iommufd/device.c, before and since commit
 * 803f97298e7d).
 */
static enum capgap_live_zero narrow_zero(const struct capgap_live_session *s,
					 const struct capgap_live *out)
{
	struct capgap_uapi_hw_info info;
	uint8_t data[HW_DATA_LEN];
	int rc;

	if (iommu_without_pasids(&out->iommu))
		return CAPGAP_LIVE_ZERO_IOMMU;
	rc = get_hw_info(s, &info, data, WIDTH_PRESET);
	if (rc == -EOPNOTSUPP)
		return CAPGAP_LIVE_ZERO_NOT_SAID;
	if (!rc && !info.out_max_pasid_log2)
		return CAPGAP_LIVE_ZERO_SAID;
	return CAPGAP_LIVE_ZERO_UNCLEAR;
}

int capgap_live_hw_info(struct capgap_live_session *s, struct capgap_live *out)
{
	struct capgap_uapi_hw_info info;
	uint8_t data[HW_DATA_LEN];
	int rc = get_hw_info(s, &info, data, 0);

	if (rc < 0)
		return capgap_live_fail(s, CAPGAP_LIVE_STEP_HW_INFO, -rc, NULL);
	out->has_pasid = true;
	out->iommu_type = info.out_data_type;
	out->capabilities = info.out_capabilities;
	out->ats_not_supported = info.out_capabilities & CAPGAP_UAPI_HW_ATS_NOT_SUPPORTED;
	take_registers(&out->iommu, &info, data);
	out->width = info.out_max_pasid_log2;
	if (!out->width) {
		out->zero = narrow_zero(s, out);
		return 0;
	}
	/* Both mean something only beside a width (iommufd.h). */
	out->execute = info.out_capabilities & CAPGAP_UAPI_HW_PASID_EXEC;
	out->privileged = info.out_capabilities & CAPGAP_UAPI_HW_PASID_PRIV;
	return 0;
}
