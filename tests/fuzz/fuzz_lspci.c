/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any input file: reading, machines, virtual functions, and every answer. */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../analyzer/stream.h"
#include "../invariants.h"

/* Functions of one input that are answered; the rest is only read. */
#define FUNCTIONS_MAX 64u

struct sum {
	struct capgap_options opt;
	unsigned n;
	uint64_t digest;
};

static int on_function(void *ctx, const char *source, unsigned machine,
		       const struct capgap_function *fn)
{
	struct sum *sum = ctx;

	(void)source;
	sum->digest = sum->digest * 31 + machine;
	if (sum->n++ < FUNCTIONS_MAX)
		sum->digest = sum->digest * 31 + invariants_check_all(fn, &sum->opt);
	return 0;
}

static void on_trouble(void *ctx, const char *source, const struct capgap_err *err)
{
	struct sum *sum = ctx;

	(void)source;
	if (err->code <= 0 || err->code >= CAPGAP_E_COUNT || !err->text[0])
		abort();
	sum->digest = sum->digest * 31 + err->line;
}

static uint64_t read_once(const char *path)
{
	struct sum sum = { .opt.min_gap = CAPGAP_MIN_GAP };
	struct capgap_out out = { on_function, on_trouble, &sum };
	struct capgap_reader *rd = capgap_reader_new(&sum.opt, &out);
	int rc;

	if (!rd)
		abort();
	rc = capgap_reader_read(rd, path);
	if (rc && rc != -CAPGAP_E_DAMAGED)
		abort();
	capgap_reader_free(rd);
	return sum.digest;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static int fd = -1;
	static char path[32];
	uint64_t first;

	if (fd < 0) {
		fd = memfd_create("input", 0);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	}
	if (fd < 0 || ftruncate(fd, 0) || pwrite(fd, data, len, 0) != (ssize_t)len)
		abort();
	first = read_once(path);
	if (read_once(path) != first)
		abort();
	return 0;
}
