/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Path B: the node of the IOMMU group, in a container of its own. */
#include <errno.h>
#include <stdio.h>

#include "live_parts.h"

/* "0000:04:10.0 vf_token=5d1e5a4c-0b1f-4b34-9c4e-1f1f6c1b0001" and its terminator. */
#define NAME_LEN (CAPGAP_BDF_TEXT + sizeof(" vf_token=") + CAPGAP_LIVE_TOKEN_TEXT)

/* A device's descriptor or -errno. */
static int get_device(struct capgap_live_session *s, bool with_token)
{
	char token[CAPGAP_LIVE_TOKEN_TEXT];
	char bdf[CAPGAP_BDF_TEXT];
	char name[NAME_LEN];

	capgap_bdf_format(&s->req->bdf, bdf);
	s->showed_token = with_token;
	if (with_token) {
		snprintf(name, sizeof(name), "%s vf_token=%s", bdf,
			 capgap_live_token_format(s->req->token, token));
	} else {
		snprintf(name, sizeof(name), "%s", bdf);
	}
	return capgap_live_ioctl(s, s->group, CAPGAP_UAPI_GROUP_GET_DEVICE_FD,
				 (uintptr_t)name);
}

static int open_viable_group(struct capgap_live_session *s)
{
	struct capgap_uapi_group_status status = { .argsz = sizeof(status) };
	char number[16];
	int rc;

	snprintf(number, sizeof(number), "%u", s->facts->group);
	s->group = capgap_live_open(s, CAPGAP_LIVE_STEP_OPEN_GROUP, "vfio/", number);
	if (s->group < 0)
		return -CAPGAP_E_REFUSED;
	rc = capgap_live_ioctl(s, s->group, CAPGAP_UAPI_GROUP_GET_STATUS,
			       (uintptr_t)&status);
	if (rc < 0)
		return capgap_live_fail(s, CAPGAP_LIVE_STEP_STATUS, -rc, NULL);
	if (!(status.flags & CAPGAP_UAPI_GROUP_VIABLE))
		return capgap_live_fail(s, CAPGAP_LIVE_STEP_STATUS, 0, NULL);
	return 0;
}

static int open_container(struct capgap_live_session *s)
{
	int rc;

	s->container = capgap_live_open(s, CAPGAP_LIVE_STEP_OPEN_CONTAINER, "vfio/",
					"vfio");
	if (s->container < 0)
		return -CAPGAP_E_REFUSED;
	rc = capgap_live_ioctl(s, s->container, CAPGAP_UAPI_GET_API_VERSION, 0);
	if (rc != CAPGAP_UAPI_API_VERSION)
		return capgap_live_fail(s, CAPGAP_LIVE_STEP_API_VERSION, rc < 0 ? -rc : 0,
					NULL);
	return 0;
}

int capgap_live_open_group(struct capgap_live_session *s)
{
	int rc;

	s->path = CAPGAP_LIVE_PATH_GROUP;
	if (open_viable_group(s) || open_container(s))
		return -CAPGAP_E_REFUSED;
	rc = capgap_live_ioctl(s, s->group, CAPGAP_UAPI_GROUP_SET_CONTAINER,
			       (uintptr_t)&s->container);
	if (rc < 0)
		return capgap_live_fail(s, CAPGAP_LIVE_STEP_SET_CONTAINER, -rc, NULL);
	rc = capgap_live_ioctl(s, s->container, CAPGAP_UAPI_SET_IOMMU,
			       CAPGAP_UAPI_TYPE1V2_IOMMU);
	if (rc < 0)
		return capgap_live_fail(s, CAPGAP_LIVE_STEP_SET_IOMMU, -rc, NULL);
	rc = get_device(s, false);
	if (rc == -EACCES && s->req->has_token)
		rc = get_device(s, true);
	if (rc < 0)
		return capgap_live_fail(s, CAPGAP_LIVE_STEP_GET_DEVICE, -rc, NULL);
	s->device = rc;
	return 0;
}
