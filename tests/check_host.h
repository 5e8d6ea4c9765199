/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of the live host share: a tree, and system calls that take it for sysfs. */
#ifndef CAPGAP_TESTS_CHECK_HOST_H
#define CAPGAP_TESTS_CHECK_HOST_H

#include <stdbool.h>

#define ENTRIES 20
#define LOG_MAX 2048u

/* Functions of the tree: directories, and the links to them. */
#define BUS "t/bus/pci/devices/"
#define ROOT "t/devices/pci0000:00/"

/**
 * struct entry - a file, link or named pipe of the tree
 * @path: its path; NULL ends the list
 * @text: contents of a file
 * @link: where a link leads
 * @size: bytes of a configuration space, for a file without text
 */
struct entry {
	const char *path;
	const char *text;
	const char *link;
	unsigned size;
};

#define CONFIG(path, size)                                                               \
	{                                                                                \
		path, NULL, NULL, size                                                   \
	}
#define TEXT(path, text)                                                                 \
	{                                                                                \
		path, text, NULL, 0                                                      \
	}
#define LINK(path, to)                                                                   \
	{                                                                                \
		path, NULL, to, 0                                                        \
	}
#define PIPE(path)                                                                       \
	{                                                                                \
		path, NULL, NULL, 0                                                      \
	}

/**
 * struct fake_sysfs - what system calls say in the place of the kernel
 * @live: each file and directory is of sysfs
 * @given: bytes that each file config gives, as without privilege; 0 for all
 * @gone: of which function all reads fail, from byte @gone_at on; NULL for none
 * @gone_at: likewise
 * @unlisted: end of the path of a directory whose list cannot be read; NULL for none
 * @counted: end of the path of directories whose lists are counted; NULL for none
 * @listed: entries of them that were read
 */
struct fake_sysfs {
	bool live;
	unsigned given;
	const char *gone;
	unsigned gone_at;
	const char *unlisted;
	const char *counted;
	unsigned listed;
};

extern struct fake_sysfs fake_sysfs;

/**
 * enum mood - how libpci reads configuration space
 * @PLAIN: as it does
 * @SHORT: the kernel gives nothing from some byte on, and libpci says no more
 * @GONE: from some byte on the device is gone, which libpci warns of
 * @FATAL: libpci calls its error callback, which may not return
 * @FATAL_FREE: it does so when a function is freed
 * @FATAL_END: and when all is
 */
enum mood { PLAIN, SHORT, GONE, FATAL, FATAL_FREE, FATAL_END };

/**
 * struct fake_pci - what libpci does, and what it was asked
 * @mood: what it does
 * @bdf: whom @mood is about; NULL for all
 * @at: from which byte on
 * @log: what was asked of pci_read_block()
 */
struct fake_pci {
	enum mood mood;
	const char *bdf;
	unsigned at;
	char log[LOG_MAX];
};

extern struct fake_pci fake_pci;

/* Add to a list of things of LOG_MAX characters, a blank between them. */
void __attribute__((format(printf, 2, 3))) host_note(char *log, const char *fmt, ...);

/* Make a file, link or named pipe, and the directories above it. */
void host_make(const struct entry *entry);

/* The same for several, at most @n, up to one without a path. */
void host_make_all(const struct entry *entry, int n);

/* A directory of its own to be in, and its end. */
void host_start(void);
void host_stop(void);

#endif
