/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What vfio-pci shows: the options about it, and the dump that is joined to the inputs. */
#ifndef CAPGAP_CLI_VIEW_H
#define CAPGAP_CLI_VIEW_H

#include "../analyzer/stream.h"

/**
 * struct view_settings - the options about the VFIO side
 * @dump: file of --vfio-view, borrowed from argv; NULL for none
 */
struct view_settings {
	const char *dump;
};

struct settings;

/* Setters of opts.c's table: each takes its option over, and returns NULL or what is wrong. */
const char *view_set_kernel(struct settings *set, const char *arg);
const char *view_set_dump(struct settings *set, const char *arg);

/**
 * struct joined - the dump of --vfio-view while the inputs are read
 * @path: its name; NULL when there is none
 * @dumps: its functions; owned
 * @n: how many there are
 * @used: for each of them, whether an input has it; owned
 * @trouble: some of it could not be used
 */
struct joined {
	const char *path;
	struct capgap_vfio_dumps *dumps;
	unsigned n;
	bool *used;
	bool trouble;
};

/**
 * joined_open() - read the dump of --vfio-view
 * @joined: caller's, overwritten; joined_release() releases it, also after a failure
 * @set: borrowed; its analysis gets the dump, if there is one
 * @lone: the inputs are one file, which may hold one function without an address
 *
 * What is wrong is said on stderr.
 *
 * Return: -1 to go on, else an exit status: without a function of the dump nothing is
 * answered, since the answers would be other ones.
 */
int joined_open(struct joined *joined, struct settings *set, bool lone);

/* An input has this function. */
void joined_note(struct joined *joined, const struct capgap_function *fn);

/**
 * joined_close() - say which functions of the dump no input has
 * @joined: borrowed
 *
 * Return: true when some of the dump could not be used: it was damaged, or none of its
 * functions is in the inputs.
 */
bool joined_close(const struct joined *joined);

/* Free what is held. */
void joined_release(struct joined *joined);

#endif
