/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Many functions: one offset for all of them, and several samples of each. */
#ifndef CAPGAP_CLI_COMMON_H
#define CAPGAP_CLI_COMMON_H

#include "../analyzer/stream.h"
#include "../placement/common.h"

/**
 * struct common_settings - the options about many functions
 * @common: one answer for all functions of a group
 * @by: what makes a group
 * @samples: the inputs are samples of the same functions
 */
struct common_settings {
	bool common;
	enum capgap_group_by by;
	bool samples;
};

struct settings;

/* Setters of opts.c's table: each takes its option over, and returns NULL or what is wrong. */
const char *common_set(struct settings *set, const char *arg);
const char *common_set_group(struct settings *set, const char *arg);
const char *common_set_samples(struct settings *set, const char *arg);

/* `plan --common`: an exit status. */
int common_run(struct settings *set);

/**
 * samples_read() - read all inputs as samples of the same functions
 * @set: borrowed
 * @reader: gets the merged functions
 * @trouble: as in struct capgap_out
 * @ctx: its first argument
 *
 * Return: as capgap_samples_read() and capgap_samples_feed().
 */
int samples_read(const struct settings *set, struct capgap_reader *reader,
		 void (*trouble)(void *ctx, const char *source,
				 const struct capgap_err *err),
		 void *ctx);

#endif
