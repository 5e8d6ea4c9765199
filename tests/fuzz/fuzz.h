/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every fuzz target gives to libFuzzer, and to replay.c. */
#ifndef CAPGAP_TESTS_FUZZ_H
#define CAPGAP_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/**
 * LLVMFuzzerTestOneInput() - try one input
 * @data: borrowed
 * @len: bytes, 0 included
 *
 * A breach of an invariant aborts.
 *
 * Return: 0.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#endif
