/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of inputs share: a sink that keeps what it is given. */
#ifndef CAPGAP_TESTS_CHECK_SOURCE_H
#define CAPGAP_TESTS_CHECK_SOURCE_H

#include <check.h>

#include "../analyzer/source/source.h"

#define GOT_MAX 8u

/**
 * struct got - what the sink was given
 * @inputs: machines
 * @input: their names
 * @n: functions
 * @rec: they
 * @troubles: what was wrong, in number
 * @err: the first of it
 * @stop: what the sink returns for a function
 */
struct got {
	unsigned inputs;
	char input[GOT_MAX][128];
	unsigned n;
	struct capgap_record rec[GOT_MAX];
	unsigned troubles;
	struct capgap_err err;
	int stop;
};

extern struct got got;
extern const struct capgap_sink got_sink;

/* Read @len bytes as a file named @name; @got starts empty. */
int got_read(const void *bytes, size_t len, const char *name);

/* Fail unless the address is @want. */
void got_bdf(const struct capgap_bdf *bdf, const char *want);

/* The tests of lspci text. */
TCase *source_lspci_case(void);

#endif
