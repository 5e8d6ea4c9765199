/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A directory and what is below it, in byte order of the names. */
#include "walk.h"

#include <dirent.h>
#include <errno.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

/* Deeper than any sysfs: a bound for the stack. */
#define DEPTH_MAX 64u

/**
 * struct place - where a walk is
 * @walk: what to do
 * @root: the directory it began at, resolved
 */
struct place {
	const struct capgap_walk *walk;
	char *root;
};

static int walk_dir(const struct place *at, const char *path, unsigned depth,
		    bool inside);

bool capgap_walk_is_address(const char *name, struct capgap_bdf *bdf)
{
	const char *colon = strchr(name, ':');
	size_t used = capgap_bdf_parse(name, bdf);

	return used && !name[used] && strchr(colon + 1, ':');
}

/* @dir, a slash and @name; the caller frees it. NULL when memory is short. */
static char *join(const char *dir, const char *name)
{
	size_t n = strlen(dir);
	size_t len = n + strlen(name) + 2;
	char *path = malloc(len);

	if (!path)
		return NULL;
	snprintf(path, len, "%s%s%s", dir, n && dir[n - 1] == '/' ? "" : "/", name);
	return path;
}

/* Is there a regular file "config" in this directory? */
static bool has_config(const char *dir)
{
	char *path = join(dir, "config");
	struct stat st;
	bool has = path && !stat(path, &st) && S_ISREG(st.st_mode);

	free(path);
	return has;
}

/* The last component of a path that does not end in a slash. */
static const char *last_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

bool capgap_walk_is_function(const char *path, struct capgap_bdf *bdf)
{
	char *copy = strdup(path);
	char *real = realpath(path, NULL);
	bool is = false;

	if (!copy || !real)
		goto out;
	for (size_t n = strlen(copy); n > 1 && copy[n - 1] == '/'; n--)
		copy[n - 1] = '\0';
	is = (capgap_walk_is_address(last_name(copy), bdf) ||
	      capgap_walk_is_address(last_name(real), bdf)) &&
	     has_config(real);
out:
	free(real);
	free(copy);
	return is;
}

/* Does the link lead to something that the walk does not find by itself? */
static bool leads_out(const struct place *at, const char *path)
{
	char *real = realpath(path, NULL);
	size_t n = strlen(at->root);
	bool out = real && (strncmp(real, at->root, n) != 0 ||
			    (n > 1 && real[n] != '/' && real[n] != '\0'));

	free(real);
	return out;
}

/* Is this one of the file systems whose files are calls into the kernel? */
static bool is_made_up(const char *path)
{
	static const unsigned long magic[] = { SYSFS_MAGIC, PROC_SUPER_MAGIC,
					       DEBUGFS_MAGIC, TRACEFS_MAGIC,
					       SECURITYFS_MAGIC };
	struct statfs fs;

	if (statfs(path, &fs))
		return false;
	for (size_t i = 0; i < sizeof(magic) / sizeof(magic[0]); i++) {
		if ((unsigned long)fs.f_type == magic[i])
			return true;
	}
	return false;
}

static void trouble(const struct place *at, const char *path, int code, const char *text)
{
	struct capgap_err err;

	if (!at->walk->trouble)
		return;
	capgap_err_set(&err, code, 0, "%s", text);
	at->walk->trouble(at->walk->ctx, path, &err);
}

static int visit_link(const struct place *at, const char *path, bool inside)
{
	const struct capgap_walk *walk = at->walk;
	struct capgap_bdf bdf;
	struct stat st;

	if (stat(path, &st) || !leads_out(at, path))
		return 0;
	if (S_ISREG(st.st_mode) && walk->file && !inside)
		return walk->file(walk->ctx, path);
	if (S_ISDIR(st.st_mode) && walk->function &&
	    capgap_walk_is_address(last_name(path), &bdf) && has_config(path))
		return walk->function(walk->ctx, path, &bdf);
	return 0;
}

static int visit_dir(const struct place *at, const char *path, unsigned depth,
		     bool inside)
{
	const struct capgap_walk *walk = at->walk;
	struct capgap_bdf bdf;
	int rc = 0;

	if (capgap_walk_is_address(last_name(path), &bdf) && has_config(path)) {
		inside = true;
		if (walk->function)
			rc = walk->function(walk->ctx, path, &bdf);
	}
	return rc ? rc : walk_dir(at, path, depth + 1, inside);
}

/* @inside: below a function's directory, or where files are none; only functions count. */
static int visit(const struct place *at, const char *path, unsigned depth, bool inside)
{
	struct stat st;

	if (lstat(path, &st))
		return 0;
	if (S_ISLNK(st.st_mode))
		return visit_link(at, path, inside);
	if (S_ISDIR(st.st_mode))
		return visit_dir(at, path, depth, inside);
	if (S_ISREG(st.st_mode) && at->walk->file && !inside)
		return at->walk->file(at->walk->ctx, path);
	return 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int not_dots(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

static int walk_dir(const struct place *at, const char *path, unsigned depth, bool inside)
{
	struct dirent **names = NULL;
	int rc = 0;
	int n;

	if (depth > DEPTH_MAX) {
		trouble(at, path, CAPGAP_E_IO, "directories are nested too deep");
		return 0;
	}
	n = scandir(path, &names, not_dots, by_name);
	if (n < 0) {
		if (errno == ENOMEM)
			return -CAPGAP_E_NOMEM;
		trouble(at, path, CAPGAP_E_IO, strerror(errno));
		return 0;
	}
	inside = inside || is_made_up(path);
	for (int i = 0; i < n; i++) {
		char *entry = rc ? NULL : join(path, names[i]->d_name);

		if (entry)
			rc = visit(at, entry, depth, inside);
		else if (!rc)
			rc = -CAPGAP_E_NOMEM;
		free(entry);
		free(names[i]);
	}
	free(names);
	return rc;
}

int capgap_walk(const char *path, const struct capgap_walk *walk)
{
	struct place at = { walk, realpath(path, NULL) };
	int rc = -CAPGAP_E_NOMEM;

	if (at.root)
		rc = walk_dir(&at, path, 0, false);
	else if (errno != ENOMEM) {
		trouble(&at, path, CAPGAP_E_IO, strerror(errno));
		rc = 0;
	}
	free(at.root);
	return rc;
}
