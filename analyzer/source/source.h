/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inputs: what they give, and the table of forms they come in. */
#ifndef CAPGAP_SOURCE_SOURCE_H
#define CAPGAP_SOURCE_SOURCE_H

#include "../findings.h"
#include "../image.h"
#include "../iommu.h"

#include <stdio.h>
#include <sys/types.h>

/**
 * enum capgap_meta_flags - what an input says of a function beside its bytes
 * @CAPGAP_META_BDF: its address
 * @CAPGAP_META_IDS: vendor and device id
 * @CAPGAP_META_SUBSYS: subsystem vendor and device id
 * @CAPGAP_META_CLASS: class code
 * @CAPGAP_META_REVISION: revision
 * @CAPGAP_META_PHYSFN: it is a virtual function, and of which physical one
 * @CAPGAP_META_DRIVER: the driver bound to it
 * @CAPGAP_META_SYSFS: the ids are from sysfs files, not from a line of text
 * @CAPGAP_META_RAW: the input is the image: an offset in the one is one in the other
 * @CAPGAP_META_IOMMU: the IOMMU in front of it
 * @CAPGAP_META_GROUP: its IOMMU group
 * @CAPGAP_META_NODEDEV: the ids are from libvirt's XML, not from the input
 * @CAPGAP_META_VFIO: its device for VFIO
 * @CAPGAP_META_NUMA: its NUMA node
 * @CAPGAP_META_ASLEEP: it was left asleep in D3cold; there are no bytes
 * @CAPGAP_META_BLOCKER: another function of its IOMMU group is bound to a driver that VFIO
 *                       does not share the group with
 * @CAPGAP_META_DISPUTED: libvirt's XML, or samples of it, say in two ways whether it is
 *                        virtual, or of which physical function
 */
enum capgap_meta_flags {
	CAPGAP_META_BDF = 1 << 0,
	CAPGAP_META_IDS = 1 << 1,
	CAPGAP_META_SUBSYS = 1 << 2,
	CAPGAP_META_CLASS = 1 << 3,
	CAPGAP_META_REVISION = 1 << 4,
	CAPGAP_META_PHYSFN = 1 << 5,
	CAPGAP_META_DRIVER = 1 << 6,
	CAPGAP_META_SYSFS = 1 << 7,
	CAPGAP_META_RAW = 1 << 8,
	CAPGAP_META_IOMMU = 1 << 9,
	CAPGAP_META_GROUP = 1 << 10,
	CAPGAP_META_NODEDEV = 1 << 11,
	CAPGAP_META_VFIO = 1 << 12,
	CAPGAP_META_NUMA = 1 << 13,
	CAPGAP_META_ASLEEP = 1 << 14,
	CAPGAP_META_BLOCKER = 1 << 15,
	CAPGAP_META_DISPUTED = 1 << 16,
	CAPGAP_META_WITHHELD = 1 << 17,
	CAPGAP_META_VFS = 1 << 18,
	CAPGAP_META_TOTAL_VFS = 1 << 19,
	CAPGAP_META_MEMBERS = 1 << 20,
	CAPGAP_META_BLOCKER_DRIVER = 1 << 21
};

/*
 * Longest name of a driver, and room for its end. The kernel bounds none; of a longer one
 * "..." stands for the middle.
 */
#define CAPGAP_DRIVER_TEXT 32u

/* Functions of an IOMMU group that are kept by name, beside the one that asks. */
#define CAPGAP_MEMBERS_MAX 32u

/**
 * struct capgap_member - another function of an IOMMU group
 * @bdf: its address
 * @driver: name of its driver, terminated; "" where none is bound
 */
struct capgap_member {
	struct capgap_bdf bdf;
	char driver[CAPGAP_DRIVER_TEXT];
};

/**
 * struct capgap_meta - identity and surroundings of a function, as the input states them
 * @flags: enum capgap_meta_flags; a member without its flag means nothing
 * @bdf: address
 * @vendor: vendor id
 * @device: device id
 * @subvendor: subsystem vendor id
 * @subdevice: subsystem device id
 * @class_code: 24-bit class code (16-bit classes of text are shifted left by 8)
 * @revision: revision id
 * @physfn: address of the physical function
 * @driver: name of the driver, terminated
 * @iommu: registers of its IOMMU
 * @iommu_group: number of its IOMMU group
 * @blocker: address of the first such function of its group
 * @blocker_driver: name of its driver, terminated
 * @group_size: functions of its group, itself included
 * @n_members: entries of @member
 * @member: the others, by address; the first ones where there are more
 * @vfs: virtual functions that it has
 * @total_vfs: that it can have
 * @vfio: name of its device for VFIO, "vfio3", terminated
 * @numa_node: number of its NUMA node
 * @samples: inputs that were merged into this one; 0 where they are no samples
 */
struct capgap_meta {
	unsigned flags;
	struct capgap_bdf bdf;
	uint16_t vendor;
	uint16_t device;
	uint16_t subvendor;
	uint16_t subdevice;
	uint32_t class_code;
	uint8_t revision;
	struct capgap_bdf physfn;
	char driver[CAPGAP_DRIVER_TEXT];
	struct capgap_iommu iommu;
	unsigned iommu_group;
	struct capgap_bdf blocker;
	char blocker_driver[CAPGAP_DRIVER_TEXT];
	unsigned group_size;
	unsigned n_members;
	struct capgap_member member[CAPGAP_MEMBERS_MAX];
	unsigned vfs;
	unsigned total_vfs;
	char vfio[24];
	unsigned numa_node;
	unsigned samples;
};

/* Damaged rows a record can name: one each 16 bytes, twice. */
#define CAPGAP_DAMAGE_MAX (2u * CAPGAP_SPACE_MAX / 16u)

/**
 * struct capgap_damage - a place where the input was wrong
 * @kind: CAPGAP_F_ROW_DAMAGED or CAPGAP_F_ROW_CONFLICT; of samples that were merged also
 *        CAPGAP_F_SAMPLES_LIST and CAPGAP_F_SAMPLES_FACTS
 * @off: first byte, 0..0xff0
 * @len: bytes
 */
struct capgap_damage {
	enum capgap_finding_kind kind;
	uint16_t off;
	uint16_t len;
};

/**
 * struct capgap_record - one function as an input gives it
 * @image: its bytes
 * @meta: what else was said of it
 * @line: line of the text that began it, from 1; 0 for inputs without lines
 * @n_damage: entries of @damage
 * @damage: what could not be read
 */
struct capgap_record {
	struct capgap_image image;
	struct capgap_meta meta;
	unsigned long line;
	unsigned n_damage;
	struct capgap_damage damage[CAPGAP_DAMAGE_MAX];
};

/**
 * struct capgap_file - which file, as stat(2) tells
 * @dev: st_dev
 * @ino: st_ino
 */
struct capgap_file {
	dev_t dev;
	ino_t ino;
};

/**
 * struct capgap_sink - where an input's functions go
 * @input: a new machine begins; @name is what the output calls it, borrowed for the call.
 *         May be NULL
 * @record: one function, borrowed for the call. Return 0 to go on, else the
 *          reading stops and that value comes back
 * @trouble: something could not be read: @err says what and on which line, the
 *           reading goes on. May be NULL
 * @ctx: first argument of each
 * @limit: asked before a device is read beyond its first 64 bytes, which @rec holds with
 *         all that sysfs says: the first byte not to be read, at most 4096. Some devices
 *         hang the bus when they are read too far. May be NULL: then devices themselves
 *         are not read, only what was copied from them
 * @output: the regular file that the answers go to, borrowed: it is not read, which is
 *          trouble. NULL where there is none
 */
struct capgap_sink {
	int (*input)(void *ctx, const char *name);
	int (*record)(void *ctx, const struct capgap_record *rec);
	void (*trouble)(void *ctx, const char *name, const struct capgap_err *err);
	void *ctx;
	unsigned (*limit)(void *ctx, const struct capgap_record *rec);
	const struct capgap_file *output;
};

/* Bytes at the start of a stream that a format may look at before it bids. */
#define CAPGAP_PEEK 8192u

/**
 * struct capgap_stream - a stream whose start can be looked at
 * @file: borrowed
 * @name: what messages call it, borrowed
 * @peek: its first bytes
 * @n_peek: how many there are; fewer than CAPGAP_PEEK means that this is all
 * @pos: bytes of @peek already taken
 */
struct capgap_stream {
	FILE *file;
	const char *name;
	uint8_t peek[CAPGAP_PEEK];
	size_t n_peek;
	size_t pos;
};

/**
 * capgap_stream_read() - take bytes, the looked-at ones first
 * @s: the stream
 * @buf: caller's
 * @len: bytes wanted
 *
 * Return: bytes taken; fewer than @len at the end or on an error (see ferror()).
 */
size_t capgap_stream_read(struct capgap_stream *s, void *buf, size_t len);

/* The lowest bid for a file that lies beside a copied sysfs tree, where most are something else. */
#define CAPGAP_BID_LIKELY 10

/**
 * capgap_is_text() - could these bytes be text?
 * @bytes: the start of a file, borrowed
 * @len: how many; 0 is text
 *
 * Text may hold some control characters and some bytes that are no UTF-8, as
 * logs do.
 */
bool capgap_is_text(const uint8_t *bytes, size_t len);

/* The name of the packed or archived form that starts like this, or NULL. */
const char *capgap_archive_name(const uint8_t *bytes, size_t len);

/**
 * struct capgap_format - one form of input, a row of the table in source.c
 * @name: what --help and messages call it
 * @bid: how sure it is that the stream is its own, from its first bytes alone;
 *       0 is not at all, the highest bid reads
 * @read: read it all; records go to the sink. Returns 0, or a negated error
 *        when the input gave nothing (its text is in @err), or the sink's value
 */
struct capgap_format {
	const char *name;
	int (*bid)(const struct capgap_stream *s);
	int (*read)(struct capgap_stream *s, const struct capgap_sink *sink,
		    struct capgap_err *err);
};

extern const struct capgap_format capgap_format_lspci; /* lspci.c */
extern const struct capgap_format capgap_format_raw;   /* raw.c */

/**
 * capgap_source_read() - read one input, whatever its form
 * @path: a file, a directory, or "-" for standard input
 * @sink: borrowed
 *
 * A file or stream is one machine. A directory is read recursively, in byte
 * order of the names: a copied sysfs tree in it (directories named
 * DOMAIN:BUS:DEV.FN that hold a file "config") is one machine, in the order of
 * addresses, and every other file a machine of its own. Files found in a
 * directory that are no configuration space are passed over; a named one is
 * trouble.
 *
 * Return: 0, -CAPGAP_E_DAMAGED when some of it could not be used (each time
 * said through @trouble), -CAPGAP_E_NOMEM, or the sink's value when it stopped.
 */
int capgap_source_read(const char *path, const struct capgap_sink *sink);

/* As capgap_source_read() for an open stream, which stays open. */
int capgap_source_read_file(FILE *file, const char *name, const struct capgap_sink *sink);

/**
 * capgap_tree_read() - read a copied sysfs tree (tree.c)
 * @path: a directory
 * @sink: borrowed
 * @found: set to true when the directory holds functions of such a tree, else to false
 *
 * The tree is one machine. Where an address occurs twice it is several copies,
 * each one machine, in the order of their names.
 *
 * Return: as capgap_source_read().
 */
int capgap_tree_read(const char *path, const struct capgap_sink *sink, bool *found);

#endif
