/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A tree that the program takes for sysfs, since system calls and libpci say so. */
#include <check.h>
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <ftw.h>
#include <linux/magic.h>
#include <pci/pci.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "check_host.h"
#include "support.h"

struct fake_sysfs fake_sysfs;
struct fake_pci fake_pci;

void host_note(char *log, const char *fmt, ...)
{
	size_t used = strlen(log);
	va_list ap;

	if (used && used + 2 < LOG_MAX)
		log[used++] = ' ';
	va_start(ap, fmt);
	vsnprintf(log + used, LOG_MAX - used, fmt, ap);
	va_end(ap);
}

/* The next function of this name: the C library's. Not only tests come here. */
static void find_real(void *function, const char *name)
{
	*(void **)function = dlsym(RTLD_NEXT, name);
	if (!*(void **)function)
		abort();
}

static const char *path_of(int fd, char out[512])
{
	char name[64];
	ssize_t n;

	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	n = readlink(name, out, 511);
	out[n > 0 ? n : 0] = '\0';
	return out;
}

static bool ends_in(const char *text, const char *end)
{
	size_t n = strlen(text);
	size_t len = strlen(end);

	return n >= len && !strcmp(text + n - len, end);
}

/*
 * In the place of the C library's, which they call. Its names of parameters are reserved.
 * NOLINTBEGIN(readability-inconsistent-declaration-parameter-name)
 */
int fstatfs(int fd, struct statfs *fs)
{
	int (*real)(int, struct statfs *);
	int rc;

	find_real(&real, "fstatfs");
	rc = real(fd, fs);
	if (!rc && fake_sysfs.live)
		fs->f_type = SYSFS_MAGIC;
	return rc;
}

ssize_t pread(int fd, void *buf, size_t len, off_t off)
{
	ssize_t (*real)(int, void *, size_t, off_t);
	char path[512];

	find_real(&real, "pread");
	if (!ends_in(path_of(fd, path), "/config"))
		return real(fd, buf, len, off);
	if (fake_sysfs.gone && strstr(path, fake_sysfs.gone) &&
	    (size_t)off + len > fake_sysfs.gone_at) {
		errno = ENODEV;
		return -1;
	}
	if (fake_sysfs.given && (size_t)off >= fake_sysfs.given)
		return 0;
	if (fake_sysfs.given && len > fake_sysfs.given - (size_t)off)
		len = fake_sysfs.given - (size_t)off;
	return real(fd, buf, len, off);
}

struct dirent *readdir(DIR *dir)
{
	struct dirent *(*real)(DIR *);
	struct dirent *entry;
	char path[512];

	find_real(&real, "readdir");
	if (fake_sysfs.unlisted &&
	    ends_in(path_of(dirfd(dir), path), fake_sysfs.unlisted)) {
		errno = EIO;
		return NULL;
	}
	entry = real(dir);
	if (entry && fake_sysfs.counted &&
	    ends_in(path_of(dirfd(dir), path), fake_sysfs.counted))
		fake_sysfs.listed++;
	return entry;
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */

static struct capgap_bdf bdf_of(const struct pci_dev *dev)
{
	return (struct capgap_bdf){ (uint32_t)dev->domain, dev->bus, dev->dev,
				    dev->func };
}

/* In the place of libpci's, which it calls. */
int pci_read_block(struct pci_dev *dev, int pos, u8 *buf, int len)
{
	int (*real)(struct pci_dev *, int, u8 *, int);
	void (*warning)(char *, ...) = dev->access->warning;
	void (*error)(char *, ...) = dev->access->error;
	struct capgap_bdf bdf = bdf_of(dev);
	char format[] = "out of %s";
	char name[CAPGAP_BDF_TEXT];
	bool concerned;

	capgap_bdf_format(&bdf, name);
	host_note(fake_pci.log, "%s:%x+%x", strchr(name, ':') + 1, (unsigned)pos,
		  (unsigned)len);
	concerned = !fake_pci.bdf || !strcmp(name, fake_pci.bdf);
	if (concerned && fake_pci.mood == SHORT && (unsigned)(pos + len) > fake_pci.at)
		return 0;
	if (concerned && fake_pci.mood == GONE && (unsigned)(pos + len) > fake_pci.at) {
		errno = ENODEV;
		warning(format, "sight");
		return 0;
	}
	if (concerned && fake_pci.mood == FATAL && (unsigned)(pos + len) > fake_pci.at)
		error(format, "luck");
	find_real(&real, "pci_read_block");
	return real(dev, pos, buf, len);
}

void pci_free_dev(struct pci_dev *dev)
{
	void (*real)(struct pci_dev *);
	void (*error)(char *, ...) = dev->access->error;
	char format[] = "out of %s";

	find_real(&real, "pci_free_dev");
	real(dev);
	if (fake_pci.mood == FATAL_FREE)
		error(format, "room");
}

void pci_cleanup(struct pci_access *access)
{
	void (*real)(struct pci_access *);
	void (*error)(char *, ...) = access->error;
	char format[] = "out of %s";

	find_real(&real, "pci_cleanup");
	real(access);
	if (fake_pci.mood == FATAL_END)
		error(format, "time");
}

static char top[] = "/tmp/capgap-host-XXXXXX";

/* Make the directories above a path. */
static void make_parents(char *path)
{
	for (char *p = strchr(path, '/'); p; p = strchr(p + 1, '/')) {
		*p = '\0';
		(void)mkdir(path, 0777);
		*p = '/';
	}
}

/* A configuration space in which each byte behind the header tells its place. */
static void make_config(const char *path, unsigned size)
{
	static const struct support_image how = { .base = BASE_ENDPOINT };
	struct capgap_record rec;
	uint8_t bytes[8192];
	FILE *file = fopen(path, "wb");

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_le(size, sizeof(bytes));
	support_record(&rec, &how);
	for (unsigned i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i < 64 ? rec.image.data[i] : i % 251);
	ck_assert_uint_eq(fwrite(bytes, 1, size, file), size);
	ck_assert_int_eq(fclose(file), 0);
}

void host_make(const struct entry *entry)
{
	char *path = strdup(entry->path);
	FILE *file;

	ck_assert_ptr_nonnull(path);
	make_parents(path);
	if (entry->link) {
		ck_assert_int_eq(symlink(entry->link, path), 0);
	} else if (entry->size) {
		make_config(path, entry->size);
	} else if (entry->text) {
		file = fopen(path, "w");
		ck_assert_ptr_nonnull(file);
		ck_assert_int_ge(fputs(entry->text, file), 0);
		ck_assert_int_eq(fclose(file), 0);
	} else {
		ck_assert_int_eq(mkfifo(path, 0600), 0);
	}
	free(path);
}

void host_make_all(const struct entry *entry, int n)
{
	for (int i = 0; i < n && entry[i].path; i++)
		host_make(&entry[i]);
}

static int forget(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

void host_start(void)
{
	ck_assert_ptr_nonnull(mkdtemp(top));
	ck_assert_int_eq(chdir(top), 0);
}

void host_stop(void)
{
	ck_assert_int_eq(chdir("/"), 0);
	ck_assert_int_eq(nftw(top, forget, 8, FTW_DEPTH | FTW_PHYS), 0);
}
