/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file that appears whole or not at all. */
#include "output.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Where a file grows, beside its place: short, since the name of the file may be long. */
#define GROWING ".capgap-XXXXXX"

/* Links that are followed to a file that is not there yet; the kernel has this bound too. */
#define LINKS_MAX 40

/* What a signal that ends the program removes first. */
static char *_Atomic doomed;

static const int deadly[] = { SIGHUP, SIGINT, SIGTERM };
#define N_DEADLY (sizeof(deadly) / sizeof(deadly[0]))

/* SA_RESETHAND: the signal then does what it does without this. */
static void on_deadly(int number)
{
	char *path = doomed;

	if (path)
		unlink(path);
	raise(number);
}

/* Signals that somebody has set aside, as nohup does, stay so. */
static void watch_signals(void)
{
	struct sigaction watch = { .sa_handler = on_deadly,
				   .sa_flags = (int)SA_RESETHAND };
	struct sigaction old;

	for (size_t i = 0; i < N_DEADLY; i++) {
		if (!sigaction(deadly[i], NULL, &old) && old.sa_handler == SIG_DFL)
			sigaction(deadly[i], &watch, NULL);
	}
}

/* @name in the directory of @path. */
static char *beside(const char *path, const char *name)
{
	const char *slash = strrchr(path, '/');
	size_t dir = slash ? (size_t)(slash - path) + 1 : 0;
	size_t room = dir + strlen(name) + 1;
	char *out = malloc(room);

	if (out)
		snprintf(out, room, "%.*s%s", (int)dir, path, name);
	return out;
}

/* Where links lead, with nothing there; moved. NULL with errno. */
static char *follow(char *path)
{
	char name[PATH_MAX];
	char *next;
	ssize_t len;

	errno = ELOOP;
	for (unsigned i = 0; path && i < LINKS_MAX; i++) {
		len = readlink(path, name, sizeof(name) - 1);
		if (len < 0 && (errno == EINVAL || errno == ENOENT))
			return path;
		if (len < 0)
			break;
		name[len] = '\0';
		next = name[0] == '/' ? strdup(name) : beside(path, name);
		free(path);
		path = next;
	}
	free(path);
	return NULL;
}

/*
 * Where a link leads; a device or a directory is left alone. @old is of the file that is
 * there, or all zero.
 */
static char *find_place(const char *path, struct stat *old)
{
	if (stat(path, old)) {
		memset(old, 0, sizeof(*old));
		return errno == ENOENT ? follow(strdup(path)) : NULL;
	}
	if (S_ISREG(old->st_mode))
		return realpath(path, NULL);
	errno = S_ISDIR(old->st_mode) ? EISDIR : EEXIST;
	return NULL;
}

/* The mode that a new file would have; mkstemp() gives its own. */
static mode_t new_mode(void)
{
	mode_t mask = umask(0);

	umask(mask);
	return 0666 & ~mask;
}

/* Owner, group and mode of the file that was there; 0, or -1 with errno. */
static int keep_access(int fd, const struct stat *old)
{
	mode_t mode = old->st_mode & 0777;

	if (!S_ISREG(old->st_mode))
		return fchmod(fd, new_mode());
	/* Who may not give a file away keeps it; then another group gets no more than all. */
	if (fchown(fd, old->st_uid, old->st_gid) && fchown(fd, (uid_t)-1, old->st_gid))
		mode &= 0707u | (mode & 7u) << 3;
	return fchmod(fd, mode);
}

/* Make the file that grows, so that no signal finds it without a name. */
static int make_temp(struct output *out)
{
	sigset_t all;
	sigset_t before;
	int fd;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	fd = mkstemp(out->temp);
	if (fd >= 0)
		doomed = out->temp;
	sigprocmask(SIG_SETMASK, &before, NULL);
	return fd;
}

/* Let go of the name; what bears it is in its place, or is removed. */
static void forget_temp(struct output *out)
{
	doomed = NULL;
	free(out->temp);
	out->temp = NULL;
}

static int write_all(int fd, const char *bytes, size_t len)
{
	ssize_t n;

	while (len) {
		n = write(fd, bytes, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		bytes += n;
		len -= (size_t)n;
	}
	return fsync(fd);
}

int output_write(struct output *out, const char *path, const void *bytes, size_t len)
{
	struct stat old;
	int fd;
	int rc;

	out->temp = NULL;
	out->path = find_place(path, &old);
	if (!out->path)
		return -1;
	out->temp = beside(out->path, GROWING);
	if (!out->temp)
		return -1;
	watch_signals();
	fd = make_temp(out);
	if (fd < 0) {
		forget_temp(out);
		return -1;
	}
	rc = keep_access(fd, &old);
	if (!rc)
		rc = write_all(fd, bytes, len);
	if (close(fd))
		rc = -1;
	return rc;
}

int output_commit(struct output *out)
{
	if (rename(out->temp, out->path))
		return -1;
	forget_temp(out);
	return 0;
}

void output_abandon(struct output *out)
{
	if (out->temp)
		unlink(out->temp);
	forget_temp(out);
	free(out->path);
	*out = (struct output){ NULL, NULL };
}
