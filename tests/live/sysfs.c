/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parts of sysfs that are a script's: calls on them go to its tree. */
#include "sysfs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The rest is the machine's, as libraries need it. */
static const char *const subtrees[] = {
	"/sys/bus/pci",
	"/sys/module",
	"/sys/kernel/iommu_groups",
	"/sys/class/iommu",
	"/sys/devices/virtual/iommu",
};

bool sysfs_is_ours(const char *path)
{
	for (size_t i = 0; i < sizeof(subtrees) / sizeof(subtrees[0]); i++) {
		size_t len = strlen(subtrees[i]);

		if (!strncmp(path, subtrees[i], len) && (!path[len] || path[len] == '/'))
			return true;
	}
	return false;
}

static bool map(const struct sysfs_call *call, char out[PATH_MAX])
{
	return (size_t)snprintf(out, PATH_MAX, "%s%s", call->tree, call->path) < PATH_MAX;
}

static struct trap_answer returns(int64_t value)
{
	return (struct trap_answer){ TRAP_RETURN, value };
}

struct trap_answer sysfs_open(const struct sysfs_call *call, int flags, bool *writes)
{
	char path[PATH_MAX];
	int given;
	int fd;

	*writes = (flags & O_ACCMODE) != O_RDONLY || flags & (O_CREAT | O_TRUNC);
	if (*writes || !map(call, path))
		return returns(-EACCES);
	fd = open(path, O_RDONLY | O_CLOEXEC | (flags & O_DIRECTORY));
	if (fd < 0)
		return returns(-errno);
	given = trap_give_fd(call->trap, fd, flags & O_CLOEXEC);
	close(fd);
	if (given < 0)
		return returns(given);
	return (struct trap_answer){ TRAP_DONE, given };
}

struct trap_answer sysfs_readlink(const struct sysfs_call *call, uint64_t to,
				  uint64_t len)
{
	char target[PATH_MAX];
	char path[PATH_MAX];
	ssize_t got;

	if (!map(call, path))
		return returns(-ENAMETOOLONG);
	got = readlink(path, target, sizeof(target));
	if (got < 0)
		return returns(-errno);
	if ((uint64_t)got > len)
		got = (ssize_t)len;
	return returns(trap_write(call->trap, to, target, (size_t)got) ? got : -EFAULT);
}

/* The kernel's structure is the C library's on machines with 64 bits, which trap.c wants. */
struct trap_answer sysfs_stat(const struct sysfs_call *call, uint64_t to, int flags)
{
	char path[PATH_MAX];
	struct stat st;

	if (!map(call, path))
		return returns(-ENAMETOOLONG);
	if (fstatat(AT_FDCWD, path, &st, flags & AT_SYMLINK_NOFOLLOW))
		return returns(-errno);
	return returns(trap_write(call->trap, to, &st, sizeof(st)) ? 0 : -EFAULT);
}
