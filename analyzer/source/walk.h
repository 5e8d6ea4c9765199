/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A directory and what is below it, in byte order of the names. */
#ifndef CAPGAP_SOURCE_WALK_H
#define CAPGAP_SOURCE_WALK_H

#include "../capgap.h"

/**
 * struct capgap_walk - what to do with what is found
 * @function: a directory named DOMAIN:BUS:DEV.FN with a file "config" in it; may be NULL
 * @file: a regular file outside of such directories; may be NULL
 * @trouble: a directory could not be read; may be NULL
 * @ctx: first argument of each
 *
 * Paths are borrowed for the call. A callback returns 0 to go on; anything
 * else ends the walk and is its value.
 */
struct capgap_walk {
	int (*function)(void *ctx, const char *path, const struct capgap_bdf *bdf);
	int (*file)(void *ctx, const char *path);
	void (*trouble)(void *ctx, const char *path, const struct capgap_err *err);
	void *ctx;
};

/**
 * capgap_walk() - visit a directory and all below it
 * @path: the directory
 * @walk: borrowed
 *
 * Symbolic links are followed only where they lead out of @path, and never
 * down into a directory. Files that a kernel makes up (sysfs, procfs) are no
 * files here: reading one may have effects.
 *
 * Return: 0, -CAPGAP_E_NOMEM, or a callback's value.
 */
int capgap_walk(const char *path, const struct capgap_walk *walk);

/**
 * capgap_walk_is_function() - is this directory one function of a sysfs tree?
 * @path: a directory, or a link to one
 * @bdf: its address on success
 */
bool capgap_walk_is_function(const char *path, struct capgap_bdf *bdf);

/* True when @name is DOMAIN:BUS:DEV.FN and nothing else; @bdf is filled then. */
bool capgap_walk_is_address(const char *name, struct capgap_bdf *bdf);

#endif
