/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every fixture keeps the invariants and gives the findings that MANIFEST.tsv states. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../analyzer/samples.h"
#include "invariants.h"
#include "suites.h"

#define FIXTURES_MAX 512u
#define FUNCTIONS_MAX 4096u

/* One row of MANIFEST.tsv; the strings lie in its text. */
struct row {
	const char *path;
	const char *args;
	const char *findings;
};

static struct manifest {
	char *text;
	unsigned n;
	struct row row[FIXTURES_MAX];
} manifest;

static const char *fixtures_dir(void)
{
	const char *dir = getenv("FIXTURES");

	return dir ? dir : "fixtures/configspace";
}

static char *path_of(const char *name)
{
	char *path;

	if (asprintf(&path, "%s/%s", fixtures_dir(), name) < 0)
		abort();
	return path;
}

/* The whole of a file, terminated, or NULL. */
static char *slurp(const char *path)
{
	FILE *file = fopen(path, "r");
	char *text = NULL;
	size_t room = 0;

	if (!file)
		return NULL;
	if (getdelim(&text, &room, '\0', file) < 0) {
		free(text);
		text = NULL;
	}
	fclose(file);
	return text;
}

/* Cut the next field off @rest, which then begins behind it. */
static const char *field(char **rest)
{
	return *rest ? strsep(rest, "\t") : "";
}

/* Columns: path, kind, trait, origin, licence, args, findings. */
static void read_manifest(void)
{
	char *path = path_of("MANIFEST.tsv");
	char *lines;
	char *line;
	struct row *row;

	manifest.text = slurp(path);
	lines = manifest.text;
	free(path);
	strsep(&lines, "\n");
	while (lines && (line = strsep(&lines, "\n"))) {
		if (!*line)
			continue;
		if (manifest.n == FIXTURES_MAX)
			abort();
		row = &manifest.row[manifest.n++];
		row->path = field(&line);
		for (unsigned i = 1; i < 5; i++)
			(void)field(&line);
		row->args = field(&line);
		row->findings = field(&line);
	}
}

/* What one reading gave. */
struct result {
	struct capgap_options opt;
	struct capgap_vfio_dumps *dumps; /* those that @opt has */
	struct capgap_nodedevs *nodedevs;
	bool samples;
	struct capgap_policy policy;
	bool is_hit[CAPGAP_F_COUNT];
	unsigned n;
	uint64_t digest[FUNCTIONS_MAX];
};

static void init_result(struct result *res)
{
	memset(res, 0, sizeof(*res));
	res->opt.min_gap = CAPGAP_MIN_GAP;
	res->policy = invariants_default_policy();
}

/* The quirk table that the program has; quirks.d is beside the folder of the fixtures. */
static struct capgap_quirks *load_quirks(void)
{
	struct capgap_quirks *quirks = capgap_quirks_new();
	char *dir = path_of("../../quirks.d");

	ck_assert_ptr_nonnull(quirks);
	ck_assert_int_gt(capgap_quirks_load_dir(quirks, dir, NULL, NULL), 0);
	free(dir);
	return quirks;
}

/* Loaded once for the fixtures that add nothing to it. */
static struct capgap_quirks *shipped;

static void load_shipped(void)
{
	shipped = load_quirks();
}

static void free_shipped(void)
{
	capgap_quirks_free(shipped);
	shipped = NULL;
}

/* "7e57:0042", or with "=gap" or "=table". */
static void add_descriptor(struct capgap_quirks *quirks, const char *text)
{
	enum capgap_form form = CAPGAP_FORM_CONTROL;
	char *end;
	unsigned long vendor = strtoul(text, &end, 16);
	unsigned long id = strtoul(end + 1, &end, 16);

	if (*end)
		form = !strcmp(end, "=gap") ? CAPGAP_FORM_GAP : CAPGAP_FORM_TABLE;
	ck_assert_int_eq(capgap_quirks_add_descriptor(quirks, (uint16_t)vendor,
						      (uint16_t)id, form),
			 0);
}

/* Only a bad fixture may contradict itself, which its findings then tell. */
static void load_nodedev(struct capgap_nodedevs *list, const char *path)
{
	int rc = capgap_nodedevs_load(list, path, NULL);

	ck_assert(!rc || (strstr(path, "configspace/bad/") && rc == -CAPGAP_E_DAMAGED));
}

/* Take over what the program would of the row's arguments. */
static void take_args(struct result *res, struct capgap_quirks *quirks, const char *args)
{
	char *copy = strdup(args);
	char *rest = copy;
	char *name;
	char *value;

	while ((name = strsep(&rest, " ")) && strcmp(name, "-") != 0) {
		if (!strcmp(name, "--samples")) {
			res->samples = true;
			continue;
		}
		value = strsep(&rest, " ");
		ck_assert_msg(value, "argument %s without a value", name);
		if (!strcmp(name, "--offset")) {
			res->policy.has_offset = true;
			res->policy.offset = (uint16_t)strtoul(value, NULL, 0);
		} else if (!strcmp(name, "--from")) {
			res->opt.vantage = !strcmp(value, "guest") ?
						   CAPGAP_VANTAGE_GUEST :
						   CAPGAP_VANTAGE_VFIO;
		} else if (!strcmp(name, "--descriptor")) {
			add_descriptor(quirks, value);
		} else if (!strcmp(name, "--nodedev")) {
			load_nodedev(res->nodedevs, value);
		} else if (!strcmp(name, "--vfio-view")) {
			ck_assert_int_eq(capgap_vfio_dumps_read(res->dumps, value, NULL,
								NULL),
					 0);
			capgap_vfio_dumps_join(res->dumps, NULL);
		} else {
			ck_abort_msg("argument %s is not known here", name);
		}
	}
	free(copy);
}

static void note_hits(struct result *res, const struct capgap_function *fn)
{
	struct capgap_plan *plan = malloc(sizeof(*plan));
	struct capgap_pasid pasid;

	ck_assert_ptr_nonnull(plan);
	capgap_query_config(&pasid, fn);
	capgap_plan_make(plan, fn, &pasid, &res->policy);
	for (unsigned i = 0; i < fn->findings.n; i++)
		res->is_hit[fn->findings.hit[i].kind] = true;
	for (unsigned i = 0; i < plan->n_hits; i++)
		res->is_hit[plan->hit[i].kind] = true;
	invariants_check_plan(plan, fn, &res->policy);
	free(plan);
}

static int on_function(void *ctx, const char *source, unsigned machine,
		       const struct capgap_function *fn)
{
	struct result *res = ctx;

	(void)source;
	(void)machine;
	ck_assert_uint_lt(res->n, FUNCTIONS_MAX);
	res->digest[res->n] = invariants_check_all(fn, &res->opt);
	res->n++;
	note_hits(res, fn);
	return 0;
}

/* Read a fixture whose inputs are samples of the same functions. */
static int read_samples(struct capgap_reader *rd, const char *path)
{
	struct capgap_samples *samples = capgap_samples_new(NULL, NULL);
	int rc;

	ck_assert_ptr_nonnull(samples);
	rc = capgap_samples_read(samples, path);
	ck_assert_int_eq(capgap_samples_feed(samples, rd), 0);
	capgap_samples_free(samples);
	return rc;
}

/* Read fixtures @first, @first + @step, ... (@n of them), one after the other. */
static void read_fixtures(struct result *res, unsigned first, int step, unsigned n)
{
	struct capgap_out out = { on_function, NULL, res };
	struct capgap_reader *rd = capgap_reader_new(&res->opt, &out);
	char *path;
	int rc;

	ck_assert_ptr_nonnull(rd);
	for (unsigned i = 0; i < n; i++) {
		path = path_of(manifest.row[(int)first + (int)i * step].path);
		rc = res->samples ? read_samples(rd, path) : capgap_reader_read(rd, path);
		ck_assert_msg(rc == 0 || rc == -CAPGAP_E_DAMAGED, "%s: %s", path,
			      capgap_strerror(rc));
		free(path);
	}
	capgap_reader_free(rd);
}

/* Comma separated names of what was found, in the order of the alphabet. */
static char *names_of(const struct result *res)
{
	const char *names[CAPGAP_F_COUNT] = { NULL };
	const char *name;
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	unsigned n = 0;
	unsigned at;

	ck_assert_ptr_nonnull(out);
	for (unsigned kind = 0; kind < CAPGAP_F_COUNT; kind++) {
		if (!res->is_hit[kind])
			continue;
		name = capgap_finding_get(kind)->name;
		for (at = n++; at && strcmp(names[at - 1], name) > 0; at--)
			names[at] = names[at - 1];
		names[at] = name;
	}
	for (unsigned i = 0; i < n; i++)
		fprintf(out, "%s%s", i ? "," : "", names[i]);
	if (!n)
		fputc('-', out);
	ck_assert_int_eq(fclose(out), 0);
	return text;
}

START_TEST(fixture_keeps_invariants_and_gives_its_findings)
{
	const struct row *row = &manifest.row[_i];
	struct result *res = malloc(sizeof(*res));
	bool adds = strstr(row->args, "--descriptor");
	struct capgap_vfio_dumps *dumps = capgap_vfio_dumps_new();
	struct capgap_quirks *quirks = adds ? load_quirks() : shipped;
	char *names;

	init_result(res);
	res->opt.quirks = quirks;
	ck_assert_ptr_nonnull(dumps);
	res->opt.vfio = dumps;
	res->dumps = dumps;
	res->nodedevs = capgap_nodedevs_new();
	ck_assert_ptr_nonnull(res->nodedevs);
	res->opt.nodedevs = res->nodedevs;
	take_args(res, quirks, row->args);
	read_fixtures(res, (unsigned)_i, 1, 1);
	ck_assert_msg(res->n > 0, "%s: no function", row->path);
	names = names_of(res);
	ck_assert_msg(!strcmp(names, row->findings),
		      "%s: findings are %s, MANIFEST.tsv says %s", row->path, names,
		      row->findings);
	free(names);
	capgap_vfio_dumps_free(dumps);
	capgap_nodedevs_free(res->nodedevs);
	if (adds)
		capgap_quirks_free(quirks);
	free(res);
}
END_TEST

/* But for those that only `check` looks for, which its own suite reaches. */
START_TEST(finding_is_reached_by_a_fixture)
{
	const struct capgap_finding *row = capgap_finding_get((unsigned)_i);
	const char *name = row->name;
	size_t len = strlen(name);
	bool found = row->flags & CAPGAP_F_CHECK_ONLY;
	const char *p;

	for (unsigned i = 0; i < manifest.n; i++) {
		for (p = manifest.row[i].findings; p; p = strchr(p, ',')) {
			p += *p == ',';
			if (!strncmp(p, name, len) && strchr(",", p[len]))
				found = true;
		}
	}
	ck_assert_msg(found, "no fixture has the finding %s", name);
}
END_TEST

START_TEST(manifest_names_only_findings_that_exist)
{
	const struct row *row = &manifest.row[_i];
	char *copy = strdup(row->findings);
	char *rest = copy;
	char *name;

	while (strcmp(row->findings, "-") != 0 && (name = strsep(&rest, ",")))
		ck_assert_msg(capgap_finding_find(name) >= 0, "%s: no finding %s",
			      row->path, name);
	free(copy);
}
END_TEST

/* Invariants 7 and 8: what was read before, damaged or not, changes no answer. */
START_TEST(answers_do_not_depend_on_other_inputs)
{
	struct result *alone = malloc(sizeof(*alone));
	struct result *forward = malloc(sizeof(*forward));
	struct result *backward = malloc(sizeof(*backward));
	unsigned at = 0;
	unsigned from_end;

	ck_assert_uint_gt(manifest.n, 0);
	init_result(forward);
	init_result(backward);
	read_fixtures(forward, 0, 1, manifest.n);
	read_fixtures(backward, manifest.n - 1, -1, manifest.n);
	from_end = backward->n;
	ck_assert_uint_eq(forward->n, backward->n);
	for (unsigned i = 0; i < manifest.n; i++) {
		init_result(alone);
		read_fixtures(alone, i, 1, 1);
		from_end -= alone->n;
		for (unsigned k = 0; k < alone->n; k++) {
			ck_assert_msg(alone->digest[k] == forward->digest[at + k], "%s",
				      manifest.row[i].path);
			ck_assert_msg(alone->digest[k] == backward->digest[from_end + k],
				      "%s", manifest.row[i].path);
		}
		at += alone->n;
	}
	free(alone);
	free(forward);
	free(backward);
}
END_TEST

/* Standard output of the program for every fixture. */
static char *run_program(const char *program)
{
	char *command;
	char *text = NULL;
	size_t room = 0;
	FILE *pipe;

	ck_assert_int_gt(
		asprintf(&command,
			 "cut -f1 '%s/MANIFEST.tsv' | tail -n +2 | sed 's|^|%s/|' | "
			 "xargs '%s' plan --format json 2>/dev/null",
			 fixtures_dir(), fixtures_dir(), program),
		0);
	pipe = popen(command, "r");
	ck_assert_ptr_nonnull(pipe);
	ck_assert_int_gt(getdelim(&text, &room, '\0', pipe), 2);
	pclose(pipe);
	free(command);
	return text;
}

/* Invariant 7: the same input, the same output, byte for byte. */
START_TEST(program_gives_the_same_bytes_again)
{
	const char *program = getenv("CAPGAP");
	char *once;
	char *again;

	if (!program)
		return;
	once = run_program(program);
	again = run_program(program);
	ck_assert_str_eq(once, again);
	free(once);
	free(again);
}
END_TEST

Suite *invariants_suite(void)
{
	Suite *suite = suite_create("invariants");
	TCase *fixtures = tcase_create("fixtures");
	TCase *table = tcase_create("table");
	TCase *whole = tcase_create("whole");

	if (!manifest.text)
		read_manifest();
	tcase_add_unchecked_fixture(fixtures, load_shipped, free_shipped);
	tcase_add_loop_test(fixtures, fixture_keeps_invariants_and_gives_its_findings, 0,
			    (int)manifest.n);
	tcase_add_loop_test(table, finding_is_reached_by_a_fixture, 0, CAPGAP_F_COUNT);
	tcase_add_loop_test(table, manifest_names_only_findings_that_exist, 0,
			    (int)manifest.n);
	tcase_add_test(whole, answers_do_not_depend_on_other_inputs);
	tcase_add_test(whole, program_gives_the_same_bytes_again);
	tcase_set_timeout(whole, 30);
	suite_add_tcase(suite, fixtures);
	suite_add_tcase(suite, table);
	suite_add_tcase(suite, whole);
	return suite;
}
