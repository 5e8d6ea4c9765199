/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a program under watch reads and writes, and what it should have written. */
#ifndef CAPGAP_TESTS_LIVE_STREAMS_H
#define CAPGAP_TESTS_LIVE_STREAMS_H

#include <stdbool.h>

/**
 * struct streams - standard input, output and error of a program
 * @in: or -1 for ours
 * @out: a file in memory
 * @err: or -1 for ours
 * @terminal: the other side of the terminal that both @in and @err are, or -1
 */
struct streams {
	int in;
	int out;
	int err;
	int terminal;
};

/**
 * streams_open() - make them
 * @streams: caller's, overwritten
 * @typed: is typed on a terminal that is input and error output; NULL for no terminal
 * @keep_errors: error output is compared, so it is a file in memory where it is no
 *               terminal
 *
 * Return: NULL, or why this system does not allow it.
 */
const char *streams_open(struct streams *streams, const char *typed, bool keep_errors);

/**
 * streams_compare() - compare what was written with what was expected
 * @fd: @out, @err or @terminal; closed
 * @want: lines
 * @n: how many
 * @why: caller's; what is wrong
 * @len: its size, bytes
 *
 * Return: true when it is the same.
 */
bool streams_compare(int fd, char *const want[], int n, char *why, unsigned len);

#endif
