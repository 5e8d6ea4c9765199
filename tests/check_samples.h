/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the suites of samples share: inputs that are written and merged. */
#ifndef CAPGAP_TESTS_CHECK_SAMPLES_H
#define CAPGAP_TESTS_CHECK_SAMPLES_H

#include "../analyzer/samples.h"
#include "support.h"

#define INPUTS_MAX 4
#define FUNCTIONS_MAX 3

/* A function in an input: an address, or NULL, and what it is. */
struct item {
	const char *bdf;
	struct support_image image;
};

struct input {
	struct item item[FUNCTIONS_MAX];
};

/* The first entry of a list: 12 bytes. */
#define HEAD(next) EXT(0x100, 0x0003, 1, next)
#define WHOLE .base = BASE_ENDPOINT, .size = 4096
#define PLAIN                                                                            \
	{                                                                                \
		WHOLE, .step = { HEAD(0) }                                               \
	}

/* Words of a capture about the first function of each input; NULL for none. */
extern const char *samples_note[INPUTS_MAX];

/* Merge inputs, as lspci prints them or as they are, and hand the functions to @out. */
int samples_merge(const struct input *input, unsigned n, const struct capgap_out *out);

#endif
