/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small files and links of sysfs, or of a copied tree. */
#ifndef CAPGAP_SOURCE_SYSFS_H
#define CAPGAP_SOURCE_SYSFS_H

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "source.h"

/**
 * capgap_sysfs_read() - read a regular file
 * @dir: directory, open
 * @name: of the file, relative to it
 * @buf: caller's
 * @len: its size, bytes
 *
 * Return: bytes read, @len when there are that many or more, or -1 with errno set.
 */
ssize_t capgap_sysfs_read(int dir, const char *name, void *buf, size_t len);

/* As capgap_sysfs_read(), from byte @off on. */
ssize_t capgap_sysfs_read_at(int dir, const char *name, void *buf, size_t len,
			     size_t off);

/* Size of a regular file; 0 when there is none. Of one above 4096 bytes it is 4097. */
unsigned capgap_sysfs_size(int dir, const char *name);

/* Read a text of at most @len - 1 bytes, terminated; false when there is none. */
bool capgap_sysfs_text(int dir, const char *name, char *buf, size_t len);

/**
 * capgap_sysfs_link() - the last component of where a link leads
 * @dir: directory, open
 * @name: of the link, relative to it
 * @val: caller's
 * @len: its size, bytes
 *
 * Return: false when @name is no link, or @val too small; what a link leads to need not
 * exist.
 */
bool capgap_sysfs_link(int dir, const char *name, char *val, size_t len);

/**
 * capgap_sysfs_next() - the next entry of a directory
 * @list: it, open
 * @name: what @err calls it
 * @left: entries that are still looked at; one less behind the call
 * @err: filled where the list cannot be read to its end, or is too long; else unchanged
 *
 * Return: the entry, until the next call; NULL at the end, and where @err was filled.
 */
struct dirent *capgap_sysfs_next(DIR *list, const char *name, unsigned *left,
				 struct capgap_err *err);

/**
 * capgap_sysfs_iommu() - what a tree says of the IOMMU of a function
 * @dir: directory of the function, open
 * @root: directory that holds class/ and devices/ of its copy, perhaps
 * @meta: @meta->bdf is set; its IOMMU and IOMMU group are set where they are known
 * @err: filled where a list of IOMMUs cannot be read whole; else unchanged
 *
 * The function's own link tells its IOMMU, or the list of functions that an IOMMU has.
 */
void capgap_sysfs_iommu(int dir, const char *root, struct capgap_meta *meta,
			struct capgap_err *err);

/**
 * capgap_sysfs_shares_group() - may a driver be bound beside VFIO in an IOMMU group?
 * @driver: name of the driver, "" for none
 *
 * Linux, drivers/iommu/iommu.c, iommu_group_claim_dma_owner(), and the drivers that set
 * driver_managed_dma: those of VFIO, pci-stub, and the port driver of PCI Express.
 */
bool capgap_sysfs_shares_group(const char *driver);

struct capgap_sysfs_group;

/**
 * struct capgap_sysfs_groups - IOMMU groups that were read, so that each is read once
 * @first: the one that was asked for last; NULL at the beginning. Owned
 */
struct capgap_sysfs_groups {
	struct capgap_sysfs_group *first;
};

/* Free what they hold. */
void capgap_sysfs_groups_release(struct capgap_sysfs_groups *groups);

/**
 * capgap_sysfs_meta() - all that sysfs says of a function beside its bytes
 * @dir: directory of the function, open
 * @bdf: its address
 * @root: directory that holds class/ and devices/, for its IOMMU
 * @groups: those of the functions that were read before; its own comes to them
 * @meta: caller's, overwritten
 * @err: filled on failure
 *
 * Only files that the kernel answers from memory are read: the function is not touched.
 *
 * Return: 0, or a negated error where a list cannot be read whole; all else is in @meta.
 */
int capgap_sysfs_meta(int dir, const struct capgap_bdf *bdf, const char *root,
		      struct capgap_sysfs_groups *groups, struct capgap_meta *meta,
		      struct capgap_err *err);

/*
 * True when the function sleeps in D3cold, or may: reading its bytes would wake it. Nothing
 * sleeps in a copy.
 */
bool capgap_sysfs_is_asleep(int dir);

/* True when an open file or directory is the running kernel's, not a copy. */
bool capgap_sysfs_is_live(int fd);

/* True also for procfs, whose files too are calls into the kernel. */
bool capgap_sysfs_is_kernels(int fd);

/* capgap_sysfs_is_live() of a file in a directory, wherever links lead. */
bool capgap_sysfs_is_live_file(int dir, const char *name);

#endif
