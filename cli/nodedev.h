/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What --nodedev asks for. */
#ifndef CAPGAP_CLI_NODEDEV_H
#define CAPGAP_CLI_NODEDEV_H

#include <stdbool.h>

/* How often --nodedev can be given: a file each function. */
#define NODEDEV_FILES_MAX 1024u

/**
 * struct nodedev_settings - the files of libvirt's XML
 * @n: files
 * @file: them, borrowed from argv, in order
 */
struct nodedev_settings {
	unsigned n;
	const char *file[NODEDEV_FILES_MAX];
};

struct capgap_nodedevs;
struct settings;

/* Setter of opts.c's table: takes --nodedev over, and returns NULL or what is wrong. */
const char *nodedev_set_file(struct settings *set, const char *arg);

/**
 * nodedev_open() - read what --nodedev names
 * @list: set to what is known, for capgap_nodedevs_free(); NULL without --nodedev
 * @set: @set->analysis gets the list too
 * @trouble: set to true when some of it could not be used, which is said on stderr
 *
 * Return: -1 to go on, else an exit status.
 */
int nodedev_open(struct capgap_nodedevs **list, struct settings *set, bool *trouble);

#endif
