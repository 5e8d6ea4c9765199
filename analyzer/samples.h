/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Several samples of the same functions, merged before they are analysed. */
#ifndef CAPGAP_SAMPLES_H
#define CAPGAP_SAMPLES_H

#include "stream.h"

/* Functions that are kept, at most: each waits for its other samples. */
#define CAPGAP_SAMPLES_MAX 4096u

struct capgap_samples;

/**
 * capgap_samples_new() - begin to collect
 * @trouble: as in struct capgap_out; may be NULL
 * @ctx: its first argument
 *
 * Return: owned by the caller; NULL when memory is short.
 */
struct capgap_samples *capgap_samples_new(void (*trouble)(void *ctx, const char *source,
							  const struct capgap_err *err),
					  void *ctx);

/* Free it; NULL is allowed. */
void capgap_samples_free(struct capgap_samples *samples);

/**
 * capgap_samples_read() - read one input, and merge its functions with those read before
 * @samples: collects
 * @path: as capgap_source_read()
 *
 * Records of one address are samples of one function, wherever they stand; so are those
 * without an address that have the same ids. Bytes that differ are marked as changing
 * and keep the value of the first sample. Metadata that samples state in two ways is not
 * stated. What is left out is said through trouble: a
 * sample with other ids than the first, one that reads ff throughout where another
 * does not, and functions beyond CAPGAP_SAMPLES_MAX.
 *
 * Return: as capgap_source_read().
 */
int capgap_samples_read(struct capgap_samples *samples, const char *path);

/**
 * capgap_samples_feed() - hand the merged functions to a reader, as one machine
 * @samples: what was collected; stays as it is
 * @rd: a reader, with nothing half read
 *
 * Each function is reported for the input that showed it first, and says how many samples
 * there are of it.
 *
 * Return: as capgap_reader_feed().
 */
int capgap_samples_feed(const struct capgap_samples *samples, struct capgap_reader *rd);

#endif
