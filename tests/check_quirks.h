/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A table for each test of the quirk suites, and who is told of faults. */
#ifndef CAPGAP_TESTS_CHECK_QUIRKS_H
#define CAPGAP_TESTS_CHECK_QUIRKS_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../analyzer/quirks.h"

#define ROWS(table) ((int)(sizeof(table) / sizeof((table)[0])))

#define SCHEMA "quirks.d/quirks.rng"
#define SHIPPED "quirks.d"

/* Faults that a call told of. */
static struct told {
	unsigned n;
	char file[4096];
	struct capgap_err first;
} told;

static struct capgap_quirks *table;

static inline void tell(void *ctx, const char *file, const struct capgap_err *err)
{
	struct told *to = ctx;

	if (!to->n++) {
		snprintf(to->file, sizeof(to->file), "%s", file);
		to->first = *err;
	}
}

static const struct capgap_quirks_trouble trouble = { tell, &told };

static inline void setup(void)
{
	memset(&told, 0, sizeof(told));
	table = capgap_quirks_new();
	ck_assert_ptr_nonnull(table);
}

static inline void teardown(void)
{
	capgap_quirks_free(table);
	table = NULL;
}

/* A path below tests/quirks; the text is static. */
static inline const char *in_tests(const char *name)
{
	const char *dir = getenv("TESTS_DIR");
	static char path[4096];

	snprintf(path, sizeof(path), "%s/quirks/%s", dir && *dir ? dir : "tests", name);
	return path;
}

static inline int load(const char *name)
{
	struct stat st;
	const char *path = in_tests(name);

	if (!stat(path, &st) && S_ISDIR(st.st_mode))
		return capgap_quirks_load_dir(table, path, SCHEMA, &trouble);
	return capgap_quirks_load_file(table, path, SCHEMA, &trouble);
}

static inline unsigned count_rows(void)
{
	struct capgap_quirk_info info;
	unsigned n = 0;

	while (capgap_quirks_row(table, n, &info))
		n++;
	return n;
}

#endif
