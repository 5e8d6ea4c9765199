# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034 # out, err and status are those of lib.bash
# A tree that the program takes for the running kernel's sysfs. Sourced behind lib.bash.
# With $fake set, `run` has each file below the tree be of sysfs; $given, where it is not
# empty, is how many bytes of each file config there are, as for somebody without privilege.
fake=
given=

# can_fake: make it possible; false where it is not.
can_fake() {
	[ -z "${SANITIZE:-}" ] || return 1
	cat >"$SCRATCH/fake.c" <<'END'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

static const char *path_of(int fd, char path[4096])
{
	char link[64];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, 4095);
	path[n > 0 ? n : 0] = '\0';
	return path;
}

int fstatfs(int fd, struct statfs *fs)
{
	int (*real)(int, struct statfs *) = dlsym(RTLD_NEXT, "fstatfs");
	const char *tree = getenv("FAKE_TREE");
	char path[4096];
	int rc = real(fd, fs);

	if (!rc && !strncmp(path_of(fd, path), tree, strlen(tree)))
		fs->f_type = SYSFS_MAGIC;
	return rc;
}

int statfs(const char *name, struct statfs *fs)
{
	int (*real)(const char *, struct statfs *) = dlsym(RTLD_NEXT, "statfs");
	const char *tree = getenv("FAKE_TREE");
	char path[4096];
	int rc = real(name, fs);

	if (!rc && realpath(name, path) && !strncmp(path, tree, strlen(tree)))
		fs->f_type = SYSFS_MAGIC;
	return rc;
}

ssize_t pread(int fd, void *buf, size_t len, off_t off)
{
	ssize_t (*real)(int, void *, size_t, off_t) = dlsym(RTLD_NEXT, "pread");
	size_t given = strtoul(getenv("FAKE_GIVEN"), NULL, 10);
	char path[4096];
	size_t n = strlen(path_of(fd, path));

	if (given && n > 7 && !strcmp(path + n - 7, "/config")) {
		if ((size_t)off >= given)
			return 0;
		if (len > given - (size_t)off)
			len = given - (size_t)off;
	}
	return real(fd, buf, len, off);
}
END
	"${CC:-cc}" -shared -fPIC -o "$SCRATCH/fake.so" "$SCRATCH/fake.c" -ldl 2>"$err"
}

run() {
	if [ -n "$fake" ]; then
		LD_PRELOAD=$SCRATCH/fake.so FAKE_TREE=$fake FAKE_GIVEN=${given:-0} \
			"$CAPGAP" "$@" >"$out" 2>"$err"
	else
		"$CAPGAP" "$@" >"$out" 2>"$err"
	fi
	status=$?
}
