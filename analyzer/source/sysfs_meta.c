/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What sysfs says of a function beside its bytes. */
#include "sysfs.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "walk.h"

/* Longest small file that is read: numbers, uevent. */
#define TEXT_MAX 4096u

/* Entries of vfio-dev/ that are looked at; there is one. */
#define VFIO_DEVS_MAX 16u

/* Functions of an IOMMU group that are looked at: all of a bus and more. */
#define MEMBERS_MAX 1024u

/* A file that holds one number in hex, "0x8086"; at most @max. */
static bool read_number(int dir, const char *name, unsigned long max, unsigned long *val)
{
	char text[32];
	char *end;

	if (!capgap_sysfs_text(dir, name, text, sizeof(text)) ||
	    strncmp(text, "0x", 2) != 0)
		return false;
	*val = strtoul(text, &end, 16);
	return end > text + 2 && (!*end || *end == '\n') && *val <= max;
}

/* The value of a line "KEY=value" of uevent. */
static bool read_uevent(int dir, const char *name, const char *key, char *val, size_t len)
{
	char text[TEXT_MAX];
	size_t n = strlen(key);
	size_t chars;

	if (!capgap_sysfs_text(dir, name, text, sizeof(text)))
		return false;
	for (const char *p = text; p; p = strchr(p, '\n')) {
		p += *p == '\n';
		chars = strcspn(p, "\n");
		if (strncmp(p, key, n) != 0 || chars <= n || chars - n >= len)
			continue;
		memcpy(val, p + n, chars - n);
		val[chars - n] = '\0';
		return true;
	}
	return false;
}

static void read_ids(int dir, struct capgap_meta *meta)
{
	unsigned long a;
	unsigned long b;

	if (read_number(dir, "vendor", 0xffff, &a) &&
	    read_number(dir, "device", 0xffff, &b)) {
		meta->vendor = (uint16_t)a;
		meta->device = (uint16_t)b;
		meta->flags |= CAPGAP_META_IDS | CAPGAP_META_SYSFS;
	}
	if (read_number(dir, "subsystem_vendor", 0xffff, &a) &&
	    read_number(dir, "subsystem_device", 0xffff, &b)) {
		meta->subvendor = (uint16_t)a;
		meta->subdevice = (uint16_t)b;
		meta->flags |= CAPGAP_META_SUBSYS;
	}
	if (read_number(dir, "class", 0xffffff, &a)) {
		meta->class_code = (uint32_t)a;
		meta->flags |= CAPGAP_META_CLASS;
	}
	if (read_number(dir, "revision", 0xff, &a)) {
		meta->revision = (uint8_t)a;
		meta->flags |= CAPGAP_META_REVISION;
	}
}

/* physfn: a link as sysfs has it, or what copying made of it. */
static void read_physfn(int dir, struct capgap_meta *meta)
{
	char text[CAPGAP_BDF_TEXT];
	bool have = capgap_sysfs_link(dir, "physfn", text, sizeof(text));

	have = have ||
	       read_uevent(dir, "physfn/uevent", "PCI_SLOT_NAME=", text, sizeof(text));
	have = have || capgap_sysfs_text(dir, "physfn", text, sizeof(text));
	if (!have)
		return;
	text[strcspn(text, " \r\n")] = '\0';
	if (capgap_walk_is_address(text, &meta->physfn))
		meta->flags |= CAPGAP_META_PHYSFN;
}

static void read_driver(int dir, struct capgap_meta *meta)
{
	if (capgap_sysfs_link(dir, "driver", meta->driver, sizeof(meta->driver)) ||
	    read_uevent(dir, "uevent", "DRIVER=", meta->driver, sizeof(meta->driver)))
		meta->flags |= CAPGAP_META_DRIVER;
}

/* numa_node: a decimal number; -1 where the firmware says nothing. */
static void read_numa(int dir, struct capgap_meta *meta)
{
	char text[16];
	size_t n;

	if (!capgap_sysfs_text(dir, "numa_node", text, sizeof(text)))
		return;
	n = strspn(text, "0123456789");
	if (!n || n > 9 || (text[n] && text[n] != '\n'))
		return;
	meta->numa_node = (unsigned)strtoul(text, NULL, 10);
	meta->flags |= CAPGAP_META_NUMA;
}

static DIR *open_list(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = fd >= 0 ? fdopendir(fd) : NULL;

	if (!list && fd >= 0)
		close(fd);
	return list;
}

bool capgap_sysfs_shares_group(const char *driver)
{
	return !driver[0] || strstr(driver, "vfio") || !strcmp(driver, "pci-stub") ||
	       !strcmp(driver, "pcieport");
}

static bool is_before(const struct capgap_bdf *a, const struct capgap_bdf *b)
{
	if (a->domain != b->domain)
		return a->domain < b->domain;
	return capgap_bdf_rid(a) < capgap_bdf_rid(b);
}

/* iommu_group/devices: a link to each function of the group. */
static void read_members(int dir, struct capgap_meta *meta)
{
	DIR *list = open_list(dir, "iommu_group/devices");
	struct dirent *entry;
	struct capgap_bdf bdf;
	char path[CAPGAP_BDF_TEXT + sizeof("/driver")];
	char driver[sizeof(meta->driver)];

	for (unsigned i = 0; list && i < MEMBERS_MAX && (entry = readdir(list)); i++) {
		if (!capgap_walk_is_address(entry->d_name, &bdf) ||
		    capgap_bdf_equal(&bdf, &meta->bdf))
			continue;
		capgap_bdf_format(&bdf, path);
		memcpy(path + strlen(path), "/driver", sizeof("/driver"));
		if (!capgap_sysfs_link(dirfd(list), path, driver, sizeof(driver)) ||
		    capgap_sysfs_shares_group(driver) ||
		    ((meta->flags & CAPGAP_META_BLOCKER) &&
		     is_before(&meta->blocker, &bdf)))
			continue;
		meta->blocker = bdf;
		meta->flags |= CAPGAP_META_BLOCKER;
	}
	if (list)
		closedir(list);
}

/* vfio-dev: a directory whose only entry has the name of the device for VFIO. */
static void read_vfio(int dir, struct capgap_meta *meta)
{
	DIR *list = open_list(dir, "vfio-dev");
	struct dirent *entry;
	size_t len;

	if (!list)
		return;
	for (unsigned i = 0; i < VFIO_DEVS_MAX && (entry = readdir(list)); i++) {
		len = strlen(entry->d_name);
		if (!strstr(entry->d_name, "vfio") || len >= sizeof(meta->vfio))
			continue;
		memcpy(meta->vfio, entry->d_name, len + 1);
		meta->flags |= CAPGAP_META_VFIO;
		break;
	}
	closedir(list);
}

void capgap_sysfs_meta(int dir, const struct capgap_bdf *bdf, const char *root,
		       struct capgap_meta *meta)
{
	memset(meta, 0, sizeof(*meta));
	meta->flags = CAPGAP_META_BDF;
	meta->bdf = *bdf;
	read_ids(dir, meta);
	read_physfn(dir, meta);
	read_driver(dir, meta);
	read_numa(dir, meta);
	read_vfio(dir, meta);
	read_members(dir, meta);
	capgap_sysfs_iommu(dir, root, meta);
}

static bool says(int dir, const char *name, const char *word)
{
	char text[32];
	size_t n = strlen(word);

	return capgap_sysfs_text(dir, name, text, sizeof(text)) &&
	       !strncmp(text, word, n) && (!text[n] || text[n] == '\n');
}

/*
 * power_state is there since Linux 5.11. A kernel without it does not tell D3cold from
 * D3hot, so there a function that may be in D3cold counts as asleep.
 */
bool capgap_sysfs_is_asleep(int dir)
{
	char text[32];

	if (capgap_sysfs_text(dir, "power_state", text, sizeof(text)))
		return says(dir, "power_state", "D3cold");
	return says(dir, "power/runtime_status", "suspended") &&
	       says(dir, "d3cold_allowed", "1");
}

bool capgap_sysfs_is_live(int fd)
{
	struct statfs fs;

	return !fstatfs(fd, &fs) && (unsigned long)fs.f_type == SYSFS_MAGIC;
}
