/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `capgap quirks lint`: checks quirk files before anybody relies on them. */
#include "cli.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/**
 * struct lint - what was looked at so far
 * @n_files: files that were read
 * @n_rows: their rows, those of a file with a fault not counted
 * @n_faults: faults
 * @unread: something could not be read
 * @no_memory: memory was short
 */
struct lint {
	unsigned long n_files;
	unsigned long n_rows;
	unsigned long n_faults;
	bool unread;
	bool no_memory;
};

/**
 * struct tables - the files of one operand, each a table of its own
 * @n: how many
 * @quirks: them, owned
 */
struct tables {
	size_t n;
	struct capgap_quirks **quirks;
};

static void on_fault(void *ctx, const char *file, const struct capgap_err *err)
{
	struct lint *lint = ctx;

	quirks_complain(file, err);
	if (err->code == CAPGAP_E_IO || err->code == CAPGAP_E_NOENT)
		lint->unread = true;
	else
		lint->n_faults++;
}

static void tables_release(struct tables *tables)
{
	for (size_t i = 0; i < tables->n; i++)
		capgap_quirks_free(tables->quirks[i]);
	free(tables->quirks);
}

/*
 * Look at one file; its rows are kept, for a look at all of them. False when the next
 * one would fare no better: the schema is of no use, or memory is short.
 */
static bool lint_file(struct lint *lint, struct tables *tables, const char *file,
		      const char *schema)
{
	struct capgap_quirks_trouble trouble = { on_fault, lint };
	struct capgap_quirks *quirks = capgap_quirks_new();
	struct capgap_quirks **list =
		realloc(tables->quirks, (tables->n + 1) * sizeof(struct capgap_quirks *));
	int rc = -CAPGAP_E_NOMEM;

	if (list)
		tables->quirks = list;
	if (quirks && list) {
		list[tables->n++] = quirks;
		rc = capgap_quirks_load_file(quirks, file, schema, &trouble);
		quirks = NULL;
	}
	capgap_quirks_free(quirks);
	if (rc == -CAPGAP_E_NOMEM)
		lint->no_memory = true;
	else if (rc == -CAPGAP_E_INVAL)
		lint->unread = true;
	lint->n_files += rc >= 0 || rc == -CAPGAP_E_FORMAT;
	lint->n_rows += rc > 0 ? (unsigned long)rc : 0;
	return rc != -CAPGAP_E_NOMEM && rc != -CAPGAP_E_INVAL;
}

static int by_id(const void *a, const void *b)
{
	const struct capgap_quirk_info *x = a;
	const struct capgap_quirk_info *y = b;
	int diff = strcmp(x->row->id, y->row->id);

	return diff ? diff : strcmp(x->row->file, y->row->file);
}

/* All rows of the tables; NULL when memory is short. */
static struct capgap_quirk_info *all_rows(const struct tables *tables, size_t *n)
{
	struct capgap_quirk_info info;
	struct capgap_quirk_info *rows;
	size_t count = 0;

	for (size_t i = 0; i < tables->n; i++) {
		for (size_t k = 0; capgap_quirks_row(tables->quirks[i], k, &info); k++)
			count++;
	}
	rows = calloc(count + 1, sizeof(*rows));
	*n = 0;
	for (size_t i = 0; rows && i < tables->n; i++) {
		for (size_t k = 0;
		     *n < count && capgap_quirks_row(tables->quirks[i], k, &rows[*n]);
		     k++)
			++*n;
	}
	return rows;
}

/*
 * Of two rows with one id the later replaces the earlier. Between directories
 * that is what it is for; inside one it is a mistake.
 */
static void lint_ids(struct lint *lint, const struct tables *tables)
{
	size_t n;
	struct capgap_quirk_info *rows = all_rows(tables, &n);
	const struct capgap_quirk_row *row;

	if (!rows) {
		lint->no_memory = true;
		return;
	}
	qsort(rows, n, sizeof(*rows), by_id);
	for (size_t i = 1; i < n; i++) {
		row = rows[i].row;
		if (strcmp(row->id, rows[i - 1].row->id) != 0)
			continue;
		complain("%s:%lu: id=\"%s\" is that of %s:%lu, which it would replace",
			 row->file, row->line, row->id, rows[i - 1].row->file,
			 rows[i - 1].row->line);
		lint->n_faults++;
	}
	free(rows);
}

/* The names that a directory is searched for; as the loader does it. */
static int is_quirk_file(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return entry->d_name[0] != '.' && dot && !strcmp(dot, ".xml");
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void lint_dir(struct lint *lint, struct tables *tables, const char *dir)
{
	char schema[PATH_MAX + sizeof("/quirks.rng")];
	char path[PATH_MAX];
	const char *named = quirks_schema(dir, schema, sizeof(schema));
	struct dirent **names = NULL;
	int n = scandir(dir, &names, is_quirk_file, by_name);
	bool go_on = true;

	if (n < 0) {
		complain("%s: %s", dir, strerror(errno));
		lint->unread = true;
	}
	for (int i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]->d_name);
		go_on = go_on && lint_file(lint, tables, path, named);
		free(names[i]);
	}
	free(names);
}

/* The directory of a file, in @buf. */
static const char *dir_of(const char *file, char *buf, size_t len)
{
	const char *slash = strrchr(file, '/');

	snprintf(buf, len, "%.*s", slash ? (int)(slash - file) + 1 : 1,
		 slash ? file : ".");
	return buf;
}

static void lint_operand(struct lint *lint, const char *name)
{
	char schema[PATH_MAX + sizeof("/quirks.rng")];
	char dir[PATH_MAX];
	struct tables tables = { 0 };
	struct stat st;

	if (!stat(name, &st) && S_ISDIR(st.st_mode))
		lint_dir(lint, &tables, name);
	else
		lint_file(lint, &tables, name,
			  quirks_schema(dir_of(name, dir, sizeof(dir)), schema,
					sizeof(schema)));
	if (!lint->no_memory)
		lint_ids(lint, &tables);
	tables_release(&tables);
}

static int run_lint(struct settings *set)
{
	struct lint lint = { 0 };
	int status = EXIT_OK;

	if (!set->n_args) {
		complain("quirks lint: give a FILE or a DIRECTORY");
		return EXIT_USAGE;
	}
	for (int i = 0; i < set->n_args && !lint.no_memory; i++)
		lint_operand(&lint, set->args[i]);
	if (lint.no_memory) {
		complain("%s", capgap_strerror(CAPGAP_E_NOMEM));
		return EXIT_REFUSED;
	}
	printf("files: %lu, rows: %lu, faults: %lu\n", lint.n_files, lint.n_rows,
	       lint.n_faults);
	if (lint.unread)
		status = EXIT_INPUT;
	else if (lint.n_faults)
		status = EXIT_NO;
	return close_output(status);
}

const struct cmd cmd_quirks_lint = {
	.name = "quirks lint",
	.operands = "FILE-OR-DIRECTORY...",
	.summary =
		"Check quirk files: exit 1 on faults, 3 when something cannot be read.",
	.options = "",
	.run = run_lint,
};
