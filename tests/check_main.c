/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs the suites named as arguments, or all of them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "suites.h"

static const struct suite {
	const char *name;
	Suite *(*make)(void);
} suites[] = {
#define SUITE(name) { #name, name##_suite },
#include "suites.def"
#undef SUITE
};

static const struct suite *find(const char *name)
{
	for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]); i++) {
		if (!strcmp(suites[i].name, name))
			return &suites[i];
	}
	return NULL;
}

static int unknown(const char *name)
{
	fprintf(stderr, "check_all: no suite \"%s\"; there are:", name);
	for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]); i++)
		fprintf(stderr, " %s", suites[i].name);
	fputc('\n', stderr);
	return 2;
}

int main(int argc, char **argv)
{
	SRunner *runner;
	int failed;

	for (int i = 1; i < argc; i++) {
		if (!find(argv[i]))
			return unknown(argv[i]);
	}
	runner = srunner_create(NULL);
	for (int i = 1; i < argc; i++)
		srunner_add_suite(runner, find(argv[i])->make());
	for (size_t i = 0; argc < 2 && i < sizeof(suites) / sizeof(suites[0]); i++)
		srunner_add_suite(runner, suites[i].make());
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
