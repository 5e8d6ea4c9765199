/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file that appears whole or not at all. */
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUFFIX ".XXXXXX"

/* Where a link leads, if there is something; a device or a directory is left alone. */
static char *find_place(const char *path)
{
	struct stat st;

	if (stat(path, &st))
		return errno == ENOENT ? strdup(path) : NULL;
	if (S_ISREG(st.st_mode))
		return realpath(path, NULL);
	errno = S_ISDIR(st.st_mode) ? EISDIR : EEXIST;
	return NULL;
}

/* The mode that a new file would have; mkstemp() gives its own. */
static mode_t new_mode(void)
{
	mode_t mask = umask(0);

	umask(mask);
	return 0666 & ~mask;
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
	size_t room;
	int fd;
	int rc;

	out->temp = NULL;
	out->path = find_place(path);
	if (!out->path)
		return -1;
	room = strlen(out->path) + sizeof(SUFFIX);
	out->temp = malloc(room);
	if (!out->temp)
		return -1;
	snprintf(out->temp, room, "%s" SUFFIX, out->path);
	fd = mkstemp(out->temp);
	if (fd < 0) {
		free(out->temp);
		out->temp = NULL;
		return -1;
	}
	rc = fchmod(fd, new_mode());
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
	free(out->temp);
	out->temp = NULL;
	return 0;
}

void output_abandon(struct output *out)
{
	if (out->temp)
		unlink(out->temp);
	free(out->temp);
	free(out->path);
	*out = (struct output){ NULL, NULL };
}
