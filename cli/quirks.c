/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds and loads the quirk table. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"

#ifndef CAPGAP_DATADIR
#define CAPGAP_DATADIR "/usr/local/share"
#endif

#define SITE_DIR "/etc/capgap/quirks.d"
/* Names the shipped table where the program stands neither in its build tree nor installed. */
#define ENVIRONMENT "CAPGAP_QUIRKS"

void quirks_complain(const char *file, const struct capgap_err *err)
{
	if (err->line)
		complain("%s:%lu: %s", file, err->line, err->text);
	else
		complain("%s: %s", file, err->text);
}

static void report(void *ctx, const char *file, const struct capgap_err *err)
{
	bool *bad = ctx;

	*bad = true;
	quirks_complain(file, err);
}

static bool is_table(const char *dir)
{
	char schema[PATH_MAX + sizeof("/quirks.rng")];

	snprintf(schema, sizeof(schema), "%s/quirks.rng", dir);
	return access(schema, R_OK) == 0;
}

/* The table that belongs to this program: ../quirks.d beside it in a build tree, or installed. */
static const char *shipped_dir(char *buf, size_t len)
{
	const char *named = getenv(ENVIRONMENT);
	ssize_t n = readlink("/proc/self/exe", buf, len - sizeof("/../quirks.d"));
	char *slash;

	if (named && *named)
		return named;
	if (n > 0) {
		buf[n] = '\0';
		slash = strrchr(buf, '/');
		if (slash) {
			memcpy(slash, "/../quirks.d", sizeof("/../quirks.d"));
			if (is_table(buf))
				return buf;
		}
	}
	return is_table(CAPGAP_DATADIR "/capgap/quirks.d") ? CAPGAP_DATADIR
		       "/capgap/quirks.d" :
							     NULL;
}

/* The schema of a directory: NULL for its own, or @buf with the shipped one. */
static const char *schema_of(const char *dir, const char *shipped, char *buf, size_t len)
{
	if (is_table(dir) || !shipped)
		return NULL;
	snprintf(buf, len, "%s/quirks.rng", shipped);
	return buf;
}

const char *quirks_schema(const char *dir, char *buf, size_t len)
{
	char shipped[PATH_MAX];

	return schema_of(dir, shipped_dir(shipped, sizeof(shipped)), buf, len);
}

/* Load one directory; false when memory is short. A site directory may lack a schema. */
static bool load_dir(struct capgap_quirks *quirks, const char *dir, const char *shipped,
		     bool must_be, struct capgap_quirks_trouble *trouble)
{
	char schema[PATH_MAX + sizeof("/quirks.rng")];
	bool *bad = trouble->ctx;
	int rc;

	rc = capgap_quirks_load_dir(quirks, dir,
				    schema_of(dir, shipped, schema, sizeof(schema)),
				    trouble);
	if (rc == -CAPGAP_E_NOMEM)
		return false;
	if (rc == -CAPGAP_E_NOENT && !must_be)
		return true;
	if (rc == -CAPGAP_E_NOENT) {
		complain("%s: %s", dir, capgap_strerror(rc));
		*bad = true;
	}
	return true;
}

/* What --quirks names may also be a single file. */
static bool load_named(struct capgap_quirks *quirks, const char *path,
		       const char *shipped, struct capgap_quirks_trouble *trouble)
{
	char schema[PATH_MAX + sizeof("/quirks.rng")];
	struct stat st;

	if (stat(path, &st) || S_ISDIR(st.st_mode))
		return load_dir(quirks, path, shipped, true, trouble);
	snprintf(schema, sizeof(schema), "%s/quirks.rng", shipped ? shipped : ".");
	return capgap_quirks_load_file(quirks, path, schema, trouble) != -CAPGAP_E_NOMEM;
}

static bool has_rows(const struct capgap_quirks *quirks)
{
	struct capgap_quirk_info first;

	return capgap_quirks_row(quirks, 0, &first);
}

/* All tables; false when memory is short. Without a row of the shipped one, none is whole. */
static bool load_all(struct capgap_quirks *quirks, const struct settings *set,
		     bool *has_table, struct capgap_quirks_trouble *trouble)
{
	char buf[PATH_MAX];
	const char *shipped = shipped_dir(buf, sizeof(buf));
	const struct descriptor_arg *pair;

	if (shipped && !load_dir(quirks, shipped, shipped, true, trouble))
		return false;
	*has_table = has_rows(quirks);
	if (!*has_table)
		complain(
			"no quirk table found%s%s: what is known of devices is not heeded",
			shipped ? " in " : "", shipped ? shipped : "");
	if (!load_dir(quirks, SITE_DIR, shipped, false, trouble))
		return false;
	for (unsigned i = 0; i < set->n_quirk_dirs; i++) {
		if (!load_named(quirks, set->quirk_dir[i], shipped, trouble))
			return false;
	}
	for (unsigned i = 0; i < set->n_descriptors; i++) {
		pair = &set->descriptor[i];
		if (capgap_quirks_add_descriptor(quirks, pair->vendor, pair->id,
						 pair->form))
			return false;
	}
	return true;
}

struct capgap_quirks *quirks_load(const struct settings *set, int *status, bool *whole)
{
	struct capgap_quirks *quirks = capgap_quirks_new();
	bool has_table = false;
	bool bad = false;
	struct capgap_quirks_trouble trouble = { report, &bad };

	for (unsigned i = 0; i < set->n_quirk_dirs; i++) {
		if (access(set->quirk_dir[i], F_OK) == 0)
			continue;
		complain("--quirks %s: %s", set->quirk_dir[i],
			 capgap_strerror(CAPGAP_E_NOENT));
		*status = EXIT_USAGE;
		capgap_quirks_free(quirks);
		return NULL;
	}
	if (!quirks || !load_all(quirks, set, &has_table, &trouble)) {
		complain("%s", capgap_strerror(CAPGAP_E_NOMEM));
		*status = EXIT_REFUSED;
	} else if (bad && set->strict_quirks) {
		complain(
			"the quirk table is not whole, and --strict-quirks asks for that");
		*status = EXIT_INPUT;
	} else if ((bad || !has_table) && host_is_input(set)) {
		complain("the live host is not read without a whole quirk table, which "
			 "says how far devices may be read; name one in " ENVIRONMENT);
		*status = EXIT_INPUT;
	} else {
		if (whole)
			*whole = has_table && !bad;
		return quirks;
	}
	capgap_quirks_free(quirks);
	return NULL;
}
