/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A dump of what vfio-pci shows, kept in memory to be joined to a host's dump. */
#ifndef CAPGAP_VFIO_DUMP_H
#define CAPGAP_VFIO_DUMP_H

#include "source/source.h"

/* Functions that are kept of a dump, at most. */
#define CAPGAP_VFIO_DUMPS_MAX 4096u

/**
 * struct capgap_vfio_dump - one function of it
 * @image: its bytes
 * @has_bdf: @bdf is its address
 * @bdf: address
 * @has_ids: @vendor and @device are known; in the VFIO region a virtual function has them too
 * @vendor: vendor id
 * @device: device id
 * @ambiguous: its address stands more than once, so it is nobody's
 */
struct capgap_vfio_dump {
	struct capgap_image image;
	bool has_bdf;
	struct capgap_bdf bdf;
	bool has_ids;
	uint16_t vendor;
	uint16_t device;
	bool ambiguous;
};

struct capgap_vfio_dumps;

/* An empty store, owned by the caller; NULL when memory is short. */
struct capgap_vfio_dumps *capgap_vfio_dumps_new(void);

/* Free a store and its functions; NULL is allowed. */
void capgap_vfio_dumps_free(struct capgap_vfio_dumps *dumps);

/**
 * capgap_vfio_dumps_read() - read a dump, whatever its form
 * @dumps: the store, still empty
 * @path: as capgap_source_read()
 * @trouble: called for what could not be read, for an address that stands more than once,
 *           and where there are too many functions; may be NULL
 * @ctx: first argument of @trouble
 *
 * Return: 0; -CAPGAP_E_DAMAGED where @trouble was called, and what could be read is there;
 * -CAPGAP_E_NOMEM.
 */
int capgap_vfio_dumps_read(struct capgap_vfio_dumps *dumps, const char *path,
			   void (*trouble)(void *ctx, const char *name,
					   const struct capgap_err *err),
			   void *ctx);

/**
 * capgap_vfio_dumps_join() - let the only function of a dump match in another way
 * @dumps: the store, after reading
 * @bdf: its address, where the dump says none; NULL: it matches a host's function without
 *       an address, which the caller knows to be the only one
 *
 * Return: true when the store has exactly one function, and for a @bdf one without an
 * address.
 */
bool capgap_vfio_dumps_join(struct capgap_vfio_dumps *dumps,
			    const struct capgap_bdf *bdf);

/**
 * capgap_vfio_dumps_find() - what a dump has of a function
 * @dumps: the store; NULL has nothing
 * @meta: what the host's input says of the function, borrowed
 *
 * Return: borrowed; NULL when nothing, or nothing sure.
 */
const struct capgap_vfio_dump *
capgap_vfio_dumps_find(const struct capgap_vfio_dumps *dumps,
		       const struct capgap_meta *meta);

/* The functions by position, in the order of addresses; NULL behind the last. */
const struct capgap_vfio_dump *
capgap_vfio_dumps_row(const struct capgap_vfio_dumps *dumps, unsigned n);

#endif
