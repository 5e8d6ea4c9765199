/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers for random tests: the same everywhere for the same seed. */
#ifndef CAPGAP_TESTS_PRNG_H
#define CAPGAP_TESTS_PRNG_H

#include <stdbool.h>
#include <stdint.h>

/* A start for row @n of a loop test; never 0, on which the generator would stay. */
static inline uint32_t prng_seed(unsigned n)
{
	return 0x9e3779b9u * (n + 1);
}

/* The next number, 0..@n-1 (Marsaglia's xorshift); @n is at least 1. */
static inline unsigned prng_below(uint32_t *state, unsigned n)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return (*state >> 8) % n;
}

/* True once in @n calls, about. */
static inline bool prng_one_in(uint32_t *state, unsigned n)
{
	return prng_below(state, n) == 0;
}

#endif
