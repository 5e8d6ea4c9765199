/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records in, finished functions out, in the order of the input. */
#ifndef CAPGAP_STREAM_H
#define CAPGAP_STREAM_H

#include "function.h"

/* Records that wait for a physical function, at most; then they are answered without it. */
#define CAPGAP_WAITING_MAX 4096u

/**
 * struct capgap_out - where finished functions go
 * @function: one function, borrowed for the call, with the name of its input
 *            and its machine, counted from 0 over all inputs. Return 0 to go
 *            on, else the reading stops and that value comes back
 * @trouble: something could not be read; may be NULL
 * @ctx: first argument of each
 */
struct capgap_out {
	int (*function)(void *ctx, const char *source, unsigned machine,
			const struct capgap_function *fn);
	void (*trouble)(void *ctx, const char *source, const struct capgap_err *err);
	void *ctx;
};

struct capgap_reader;
struct capgap_host;

/**
 * capgap_reader_new() - begin to read
 * @opt: copied
 * @out: copied
 *
 * Return: a reader, owned by the caller, or NULL when memory is short.
 */
struct capgap_reader *capgap_reader_new(const struct capgap_options *opt,
					const struct capgap_out *out);

/**
 * capgap_reader_read() - read one input; its functions go to the caller's @out
 * @rd: the reader
 * @path: as capgap_source_read()
 *
 * Memory stays bounded whatever the input: of past functions only physical
 * ones are kept, until their machine ends.
 *
 * Return: as capgap_source_read().
 */
int capgap_reader_read(struct capgap_reader *rd, const char *path);

/**
 * capgap_reader_read_host() - read the running machine; its functions go to @out
 * @rd: the reader; its quirks say how far each device is read
 * @host: borrowed (source/host.h)
 *
 * Return: as capgap_host_read().
 */
int capgap_reader_read_host(struct capgap_reader *rd, const struct capgap_host *host);

/**
 * struct capgap_feed - a record that does not come from a source
 * @source: name of the input that it is reported for; borrowed
 * @rec: borrowed
 */
struct capgap_feed {
	const char *source;
	const struct capgap_record *rec;
};

/**
 * capgap_reader_feed() - answer records that are there already, as one machine
 * @rd: the reader
 * @feed: borrowed for the call, in the order of the answers
 * @n: how many
 *
 * Return: 0, -CAPGAP_E_NOMEM, or the value of the caller's @out when it stopped.
 */
int capgap_reader_feed(struct capgap_reader *rd, const struct capgap_feed *feed,
		       size_t n);

/* Free a reader; NULL is allowed. */
void capgap_reader_free(struct capgap_reader *rd);

#endif
