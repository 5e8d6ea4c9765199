/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which functions a machine has, and which of them are read. Only for host*.c. */
#ifndef CAPGAP_SOURCE_HOST_LIST_H
#define CAPGAP_SOURCE_HOST_LIST_H

#include "host.h"
#include "sysfs.h"

/* Entries of the directory of all functions, at most; two are dots. */
#define CAPGAP_HOST_MAX 65538u

/**
 * struct capgap_host_entry - one function, before its bytes are read
 * @meta: what sysfs says of it
 * @place: its directory without links, from that of sysfs on, which names the bridges above
 *         it; NULL where it names none. Owned
 * @read: it is to be read
 */
struct capgap_host_entry {
	struct capgap_meta meta;
	char *place;
	bool read;
};

/**
 * struct capgap_host_list - the functions of one machine
 * @host: what is asked for, borrowed
 * @sink: where trouble goes, borrowed
 * @troubled: there was some
 * @n: functions
 * @room: elements of @entry
 * @entry: them in the order of addresses, owned
 * @top: the directory of sysfs without links; NULL where nothing is chosen. Owned
 * @groups: IOMMU groups that were read, while the list is filled. Owned
 */
struct capgap_host_list {
	const struct capgap_host *host;
	const struct capgap_sink *sink;
	bool troubled;
	size_t n;
	size_t room;
	struct capgap_host_entry *entry;
	char *top;
	struct capgap_sysfs_groups groups;
};

/**
 * capgap_host_list_fill() - find the functions
 * @list: with @host and @sink set, all else 0
 *
 * No byte of configuration space is read.
 *
 * Return: 0 or -CAPGAP_E_NOMEM; what cannot be read is trouble.
 */
int capgap_host_list_fill(struct capgap_host_list *list);

/**
 * capgap_host_list_choose() - mark what is to be read
 * @list: filled
 *
 * Those that are wanted, their physical functions, and the bridges above them; where
 * sysfs does not tell what is above, all bridges of the domain.
 */
void capgap_host_list_choose(struct capgap_host_list *list);

/* Free what the list holds. */
void capgap_host_list_release(struct capgap_host_list *list);

/* The directory of sysfs. */
const char *capgap_host_root(const struct capgap_host *host);

/**
 * capgap_host_tell() - say that something could not be read
 * @list: whose trouble it is
 * @bdf: the function, or NULL
 * @code: enum capgap_errno, positive
 * @text: what is wrong, borrowed; NULL takes the text of the code
 */
void capgap_host_tell(struct capgap_host_list *list, const struct capgap_bdf *bdf,
		      int code, const char *text);

#endif
