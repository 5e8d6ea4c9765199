/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hold BDF FILE [TOKEN]: reach a function through VFIO as the library does, by the cdev where
 * there is one; set its VF token, if one is given; create FILE; keep the function until
 * standard input ends.
 */
#include <fcntl.h>
#include <linux/vfio.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "../../placement/live.h"

/**
 * struct holder - what is held
 * @ops: the real calls
 * @mark: file that tells that it is held; NULL once it is there
 * @device: descriptor of the function; -1 while it is not reached
 * @token: its VF token; NULL for none
 */
struct holder {
	const struct capgap_live_ops *ops;
	const char *mark;
	int device;
	const uint8_t *token;
};

/* Features are asked of the device itself. */
static int watch_ioctl(void *ctx, int fd, unsigned long request, uintptr_t arg)
{
	struct holder *holder = ctx;

	if (request == VFIO_DEVICE_FEATURE)
		holder->device = fd;
	return holder->ops->ioctl(holder->ops->ctx, fd, request, arg);
}

/* What a VMM does that hands out virtual functions: only who knows the token gets them. */
static int set_token(const struct holder *holder)
{
	uint64_t words[(sizeof(struct vfio_device_feature) + CAPGAP_LIVE_TOKEN_LEN) / 8 +
		       1] = { 0 };
	struct vfio_device_feature *feature = (struct vfio_device_feature *)words;

	feature->argsz = sizeof(*feature) + CAPGAP_LIVE_TOKEN_LEN;
	feature->flags = VFIO_DEVICE_FEATURE_SET | VFIO_DEVICE_FEATURE_PCI_VF_TOKEN;
	memcpy(feature->data, holder->token, CAPGAP_LIVE_TOKEN_LEN);
	return ioctl(holder->device, VFIO_DEVICE_FEATURE, feature);
}

/* The first descriptor that the library closes stands for all of them: they are open still. */
static int hold_and_close(void *ctx, int fd)
{
	struct holder *holder = ctx;
	char byte;
	int mark;

	if (holder->mark) {
		if (holder->token && set_token(holder))
			perror("hold: the VF token");
		mark = open(holder->mark, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
		if (mark >= 0)
			close(mark);
		holder->mark = NULL;
		while (read(STDIN_FILENO, &byte, 1) > 0)
			;
	}
	return holder->ops->close(holder->ops->ctx, fd);
}

int main(int argc, char **argv)
{
	struct capgap_live_request req = { .consent = true };
	struct capgap_live live;
	struct holder holder = { .ops = capgap_live_system(), .device = -1 };
	struct capgap_live_ops ops = *holder.ops;
	uint8_t token[CAPGAP_LIVE_TOKEN_LEN];
	size_t used;

	if (argc < 3 || argc > 4)
		return 2;
	used = capgap_bdf_parse(argv[1], &req.bdf);
	if (!used || argv[1][used])
		return 2;
	holder.mark = argv[2];
	if (argc == 4 && !capgap_live_token_parse(argv[3], token))
		return 2;
	holder.token = argc == 4 ? token : NULL;
	ops.ctx = &holder;
	ops.ioctl = watch_ioctl;
	ops.close = hold_and_close;
	return capgap_live_query(&live, &ops, &req) ? 1 : 0;
}
