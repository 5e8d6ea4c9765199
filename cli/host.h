/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The running machine as an input. */
#ifndef CAPGAP_CLI_HOST_H
#define CAPGAP_CLI_HOST_H

#include <stdbool.h>

#include "select.h"

struct settings;
struct capgap_reader;

/**
 * struct host_settings - the options about the running machine
 * @allowed: the command reads it where there is no INPUT
 * @sysfs: another tree than /sys, borrowed from argv; NULL for none
 * @wake: read functions in D3cold too
 * @choice: which functions are read, where the command visits all that are; else NULL, and
 *          --slot and --device say it. Borrowed
 */
struct host_settings {
	bool allowed;
	const char *sysfs;
	bool wake;
	const struct select *choice;
};

/* Setters of opts.c's table: each takes its option over, and returns NULL or what is wrong. */
const char *host_set_sysfs(struct settings *set, const char *arg);
const char *host_set_wake(struct settings *set, const char *arg);

/* True when the running machine is what the command reads. */
bool host_is_input(const struct settings *set);

/* What is wrong with the options that say what is read, or NULL. */
const char *host_judge(const struct settings *set);

/* Read it; as capgap_reader_read_host(). */
int host_read(const struct settings *set, struct capgap_reader *reader);

#endif
