/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Path B: the node of the IOMMU group, in a container of its own. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "live_parts.h"

/* "0000:04:10.0 vf_token=5d1e5a4c-0b1f-4b34-9c4e-1f1f6c1b0001" and its terminator. */
#define TOKEN_TEXT 37
#define NAME_LEN (CAPGAP_BDF_TEXT + sizeof(" vf_token=") + TOKEN_TEXT)

static void token_text(const uint8_t token[CAPGAP_LIVE_TOKEN_LEN], char out[TOKEN_TEXT])
{
	size_t at = 0;

	for (unsigned i = 0; i < CAPGAP_LIVE_TOKEN_LEN; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			out[at++] = '-';
		snprintf(out + at, TOKEN_TEXT - at, "%02x", (unsigned)token[i]);
		at += 2;
	}
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool capgap_live_token_parse(const char *text, uint8_t token[CAPGAP_LIVE_TOKEN_LEN])
{
	unsigned digits = 0;

	if (strlen(text) != TOKEN_TEXT - 1)
		return false;
	for (unsigned i = 0; i < TOKEN_TEXT - 1; i++) {
		int digit = hex_digit(text[i]);
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash != (text[i] == '-') || (!dash && digit < 0))
			return false;
		if (dash)
			continue;
		if (digits % 2)
			token[digits / 2] = (uint8_t)(token[digits / 2] << 4 | digit);
		else
			token[digits / 2] = (uint8_t)digit;
		digits++;
	}
	return true;
}

/* A device's descriptor or -errno. */
static int get_device(const struct capgap_live_session *s, bool with_token)
{
	char token[TOKEN_TEXT];
	char bdf[CAPGAP_BDF_TEXT];
	char name[NAME_LEN];

	capgap_bdf_format(&s->req->bdf, bdf);
	if (with_token) {
		token_text(s->req->token, token);
		snprintf(name, sizeof(name), "%s vf_token=%s", bdf, token);
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
