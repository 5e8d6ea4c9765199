/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file that appears whole or not at all. */
#ifndef CAPGAP_CLI_OUTPUT_H
#define CAPGAP_CLI_OUTPUT_H

#include <stddef.h>

/**
 * struct output - a file on its way
 * @path: where it will stand; owned
 * @temp: where it stands until then, in the same directory; owned, NULL when it is not there
 */
struct output {
	char *path;
	char *temp;
};

/**
 * output_write() - write all of a file beside its place
 * @out: caller's, overwritten; output_abandon() releases it, also after a failure
 * @path: where it will stand; links are followed. What is there must be a regular file,
 *        whose mode, owner and group are kept as far as the caller may set them
 * @bytes: borrowed
 * @len: how many
 *
 * From here to output_abandon() a SIGHUP, SIGINT or SIGTERM that would end the program
 * removes the file first. One at a time.
 *
 * Return: 0, or -1 with errno.
 */
int output_write(struct output *out, const char *path, const void *bytes, size_t len);

/* Put the file in its place; 0, or -1 with errno, and what was there is untouched. */
int output_commit(struct output *out);

/* Remove what is not in its place, and release all. */
void output_abandon(struct output *out);

#endif
