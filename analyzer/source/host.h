/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The functions of the running machine, read through libpci. */
#ifndef CAPGAP_SOURCE_HOST_H
#define CAPGAP_SOURCE_HOST_H

#include "source.h"

/**
 * struct capgap_host - what is read of a machine
 * @sysfs: directory that holds bus/pci/devices, borrowed; NULL for "/sys". In a copy of
 *         sysfs nothing sleeps
 * @wake: read functions in D3cold too, which wakes them; else they have no bytes and
 *        CAPGAP_META_ASLEEP
 * @wanted: true for a function that is asked for, by what sysfs says of it; NULL wants all
 * @ctx: first argument of @wanted
 */
struct capgap_host {
	const char *sysfs;
	bool wake;
	bool (*wanted)(void *ctx, const struct capgap_meta *meta);
	void *ctx;
};

/**
 * capgap_host_read() - read the functions of a machine, as one input
 * @host: borrowed
 * @sink: borrowed; its limit must be there
 *
 * Nothing is written, and no device node is opened. Of each function the first 64 bytes
 * are read, then the sink's limit is asked, then the rest is read, at once where the
 * kernel gives all of it. What the kernel does not give is absent. Beside the functions
 * that are wanted, their physical functions and the bridges above them are read. What
 * cannot be read, as a function that was removed meanwhile, is trouble, and the others
 * are answered; so is a kernel that gives no more than 64 bytes, said once. Whether a
 * function sleeps is asked when all are listed, and again before its bytes are read.
 *
 * libpci keeps its error callback's way out in a variable of the thread: threads may read
 * at the same time.
 *
 * Return: as capgap_source_read().
 */
int capgap_host_read(const struct capgap_host *host, const struct capgap_sink *sink);

#endif
