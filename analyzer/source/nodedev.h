/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What libvirt's node device XML says of PCI functions, beside a dump. */
#ifndef CAPGAP_SOURCE_NODEDEV_H
#define CAPGAP_SOURCE_NODEDEV_H

#include "source.h"

/* Bounds: devices, addresses in lists of virtual functions; bytes and levels of a file. */
#define CAPGAP_NODEDEVS_MAX 4096u
#define CAPGAP_NODEDEV_VFS_MAX 65536u
#define CAPGAP_NODEDEV_FILE_MAX (16u << 20)
#define CAPGAP_NODEDEV_DEPTH_MAX 16u

/* Faults of one file that are told, at most. */
#define CAPGAP_NODEDEV_FAULTS_MAX 20u

/* What is known of devices, by address. */
struct capgap_nodedevs;

/**
 * struct capgap_nodedev_trouble - where faults go
 * @report: a fault; @err->line is its line in @file, or 0
 * @ctx: its first argument
 */
struct capgap_nodedev_trouble {
	void (*report)(void *ctx, const char *file, const struct capgap_err *err);
	void *ctx;
};

/* An empty list, for capgap_nodedevs_free(); NULL when memory is short. */
struct capgap_nodedevs *capgap_nodedevs_new(void);

/* Free a list; NULL is allowed. */
void capgap_nodedevs_free(struct capgap_nodedevs *list);

/**
 * capgap_nodedevs_load() - add what a file says
 * @list: it
 * @path: as `virsh nodedev-dumpxml` writes it: one <device>, or an element around
 *        several; other devices than PCI functions are passed over
 * @trouble: gets each fault; may be NULL
 *
 * A device that has a fault is left out, the others are not.
 *
 * Return: 0, -CAPGAP_E_DAMAGED after a fault, -CAPGAP_E_NOENT when there is no such
 * file, -CAPGAP_E_NOMEM.
 */
int capgap_nodedevs_load(struct capgap_nodedevs *list, const char *path,
			 const struct capgap_nodedev_trouble *trouble);

/**
 * capgap_nodedevs_read() - as capgap_nodedevs_load(), from memory
 * @list: as there
 * @text: borrowed
 * @len: bytes
 * @name: what faults call it
 * @trouble: as there
 *
 * Return: as there, but never -CAPGAP_E_NOENT.
 */
int capgap_nodedevs_read(struct capgap_nodedevs *list, const char *text, size_t len,
			 const char *name, const struct capgap_nodedev_trouble *trouble);

/**
 * capgap_nodedevs_apply() - add what is known of a function to what the input says
 * @list: borrowed; NULL knows nothing
 * @meta: of the function; without an address it stays as it is
 * @img: its bytes, borrowed
 * @hits: contradictions become findings; may be NULL
 *
 * The input wins on ids, class, driver and IOMMU group, the XML on whether the function
 * is virtual, and of which physical one. An XML with other ids speaks of another device:
 * then nothing of it is used. Nor is that on which it contradicts itself; where this is the
 * physical function, @meta gets CAPGAP_META_DISPUTED.
 */
void capgap_nodedevs_apply(const struct capgap_nodedevs *list, struct capgap_meta *meta,
			   const struct capgap_image *img, struct capgap_findings *hits);

#endif
