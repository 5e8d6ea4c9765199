/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hold BDF FILE: reach a function through VFIO as the library does, by the cdev where there is
 * one; create FILE; keep the function until standard input ends.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "../../placement/live.h"

struct holder {
	const struct capgap_live_ops *ops;
	const char *mark;
};

/* The first descriptor that the library closes stands for all of them: they are open still. */
static int hold_and_close(void *ctx, int fd)
{
	struct holder *holder = ctx;
	char byte;
	int mark;

	if (holder->mark) {
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
	struct holder holder = { capgap_live_system(), NULL };
	struct capgap_live_ops ops = *holder.ops;
	size_t used;

	if (argc != 3)
		return 2;
	used = capgap_bdf_parse(argv[1], &req.bdf);
	if (!used || argv[1][used])
		return 2;
	holder.mark = argv[2];
	ops.ctx = &holder;
	ops.close = hold_and_close;
	return capgap_live_query(&live, &ops, &req) ? 1 : 0;
}
