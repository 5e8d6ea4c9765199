/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parts of sysfs that are a script's: calls on them go to its tree. */
#ifndef CAPGAP_TESTS_LIVE_SYSFS_H
#define CAPGAP_TESTS_LIVE_SYSFS_H

#include "trap.h"

/**
 * struct sysfs_call - a call on a path
 * @trap: the program's
 * @tree: directory that holds the script's sysfs
 * @path: what the program named
 */
struct sysfs_call {
	struct trap *trap;
	const char *tree;
	const char *path;
};

/* True for a path that is the script's; the others are the machine's. */
bool sysfs_is_ours(const char *path);

/**
 * sysfs_open() - open a file or directory of the script's
 * @call: its path is ours
 * @flags: of open()
 * @writes: set where it is to be written, which is refused
 */
struct trap_answer sysfs_open(const struct sysfs_call *call, int flags, bool *writes);

/* Read a link of the script's into @len bytes at @to. */
struct trap_answer sysfs_readlink(const struct sysfs_call *call, uint64_t to,
				  uint64_t len);

/* Tell of a file of the script's: newfstatat() or stat() into @to. */
struct trap_answer sysfs_stat(const struct sysfs_call *call, uint64_t to, int flags);

#endif
