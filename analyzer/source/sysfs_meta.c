/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What sysfs says of a function beside its bytes. */
#include "sysfs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "walk.h"

/* Longest small file that is read: numbers, uevent. */
#define TEXT_MAX 4096u

/* Entries of vfio-dev/ that are looked at; there is one. */
#define VFIO_DEVS_MAX 16u

/* Entries of the list of an IOMMU group that are looked at: all functions of a domain. */
#define GROUP_MAX 65538u

/* The list of the group of a function. */
#define GROUP "iommu_group/devices"

/* Groups that are kept, the last ones: where functions ask in turn for more, all are small. */
#define GROUPS_KEPT 256u

/* What is told of a group leaves out the function that asks: one more of each is kept. */
#define MEMBERS_KEPT (CAPGAP_MEMBERS_MAX + 1)
#define BLOCKERS_KEPT 2u

/* Longest name that a link of a tree can have; the kernel bounds that of no driver. */
#define LINK_TEXT PATH_MAX

/* What stands in the place of the middle of a name that is too long, and behind it. */
#define CUT "..."
#define CUT_TAIL 16u
#define CUT_HEAD (CAPGAP_DRIVER_TEXT - sizeof(CUT) - CUT_TAIL)

/* Virtual functions that a physical one can have: its registers have 16 bits. */
#define VFS_MAX 65535u

/**
 * struct capgap_sysfs_group - an IOMMU group that was read
 * @next: the one that was asked for before
 * @dev: device and
 * @ino: inode of its list, which the links of all its functions lead to
 * @trouble: why the list ended early; code 0 where it did not
 * @odd: an address is spelled as the kernel does not
 * @n: functions
 * @n_members: elements of @member
 * @member: the functions of lowest address, in that order
 * @n_blockers: elements of @blocker
 * @blocker: likewise those whose driver VFIO does not share the group with
 */
struct capgap_sysfs_group {
	struct capgap_sysfs_group *next;
	dev_t dev;
	ino_t ino;
	struct capgap_err trouble;
	bool odd;
	unsigned n;
	unsigned n_members;
	struct capgap_member member[MEMBERS_KEPT];
	unsigned n_blockers;
	struct capgap_member blocker[BLOCKERS_KEPT];
};

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

/*
 * Keep the name of a driver. Of a long one the middle goes: the end tells those of VFIO
 * from others.
 */
static void keep_driver(char kept[CAPGAP_DRIVER_TEXT], const char *name)
{
	size_t len = strlen(name);

	if (len < CAPGAP_DRIVER_TEXT)
		memcpy(kept, name, len + 1);
	else
		snprintf(kept, CAPGAP_DRIVER_TEXT, "%.*s" CUT "%s", (int)CUT_HEAD, name,
			 name + len - CUT_TAIL);
}

static void read_driver(int dir, struct capgap_meta *meta)
{
	char name[LINK_TEXT];

	if (!capgap_sysfs_link(dir, "driver", name, sizeof(name)) &&
	    !read_uevent(dir, "uevent", "DRIVER=", name, sizeof(name)))
		return;
	keep_driver(meta->driver, name);
	meta->flags |= CAPGAP_META_DRIVER;
}

/* A file that holds one decimal number. */
static bool read_decimal(int dir, const char *name, unsigned *val)
{
	char text[16];
	size_t n;

	if (!capgap_sysfs_text(dir, name, text, sizeof(text)))
		return false;
	n = strspn(text, "0123456789");
	if (!n || n > 9 || (text[n] && text[n] != '\n'))
		return false;
	*val = (unsigned)strtoul(text, NULL, 10);
	return true;
}

/* numa_node: -1 where the firmware says nothing. */
static void read_numa(int dir, struct capgap_meta *meta)
{
	if (read_decimal(dir, "numa_node", &meta->numa_node))
		meta->flags |= CAPGAP_META_NUMA;
}

/*
 * virtfn0, virtfn1 and so on: a link to each virtual function. A copy may have lost them,
 * and has sriov_numvfs, which of a live function may wait for its driver.
 */
static void read_vfs(int dir, struct capgap_meta *meta)
{
	char name[16];
	struct stat st;
	unsigned n = 0;
	bool known;

	if (read_decimal(dir, "sriov_totalvfs", &meta->total_vfs))
		meta->flags |= CAPGAP_META_TOTAL_VFS;
	for (; n < VFS_MAX; n++) {
		snprintf(name, sizeof(name), "virtfn%u", n);
		if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW))
			break;
	}
	known = n || (meta->flags & CAPGAP_META_TOTAL_VFS);
	if (!n && !capgap_sysfs_is_live(dir))
		known = read_decimal(dir, "sriov_numvfs", &n);
	if (!known)
		return;
	meta->vfs = n;
	meta->flags |= CAPGAP_META_VFS;
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

/* True when the list of a group has a function. */
static bool lists(int list, const struct capgap_bdf *bdf)
{
	char name[CAPGAP_BDF_TEXT];
	struct stat st;

	return !fstatat(list, capgap_bdf_format(bdf, name), &st, AT_SYMLINK_NOFOLLOW);
}

/* Keep the functions of lowest address, at most @max, in that order. */
static void keep_first(struct capgap_member *kept, unsigned *n, unsigned max,
		       const struct capgap_member *member)
{
	unsigned at = *n;

	while (at && capgap_bdf_compare(&member->bdf, &kept[at - 1].bdf) < 0)
		at--;
	if (at == max)
		return;
	*n += *n < max;
	memmove(&kept[at + 1], &kept[at], (*n - 1 - at) * sizeof(*kept));
	kept[at] = *member;
}

/* A function of the group, as its list has it. */
static void take_member(int list, const char *name, const struct capgap_bdf *skip,
			struct capgap_sysfs_group *group)
{
	char path[CAPGAP_BDF_TEXT + sizeof("/driver")];
	struct capgap_member member = { .driver = "" };
	char driver[LINK_TEXT];

	if (!capgap_walk_is_address(name, &member.bdf) ||
	    (skip && capgap_bdf_equal(&member.bdf, skip)))
		return;
	capgap_bdf_format(&member.bdf, path);
	group->odd |= strcmp(path, name) != 0;
	memcpy(path + strlen(path), "/driver", sizeof("/driver"));
	if (!capgap_sysfs_link(list, path, driver, sizeof(driver)))
		driver[0] = '\0';
	keep_driver(member.driver, driver);
	group->n++;
	keep_first(group->member, &group->n_members, MEMBERS_KEPT, &member);
	if (!capgap_sysfs_shares_group(driver))
		keep_first(group->blocker, &group->n_blockers, BLOCKERS_KEPT, &member);
}

/* Read the list of a group, without the function @skip unless that is NULL. */
static void list_group(DIR *list, const struct capgap_bdf *skip,
		       struct capgap_sysfs_group *group)
{
	unsigned left = GROUP_MAX;
	struct dirent *entry;

	while ((entry = capgap_sysfs_next(list, GROUP, &left, &group->trouble)))
		take_member(dirfd(list), entry->d_name, skip, group);
}

/* What a group says of one of its functions: of the others. */
static void tell_group(const struct capgap_sysfs_group *group, bool is_in,
		       struct capgap_meta *meta, struct capgap_err *err)
{
	const struct capgap_member *blocker = group->blocker;

	meta->group_size = group->n + !is_in;
	for (unsigned i = 0; i < group->n_members; i++) {
		if (meta->n_members < CAPGAP_MEMBERS_MAX &&
		    !capgap_bdf_equal(&group->member[i].bdf, &meta->bdf))
			meta->member[meta->n_members++] = group->member[i];
	}
	if (group->n_blockers && capgap_bdf_equal(&blocker->bdf, &meta->bdf))
		blocker++;
	if (blocker < group->blocker + group->n_blockers) {
		meta->blocker = blocker->bdf;
		memcpy(meta->blocker_driver, blocker->driver,
		       sizeof(meta->blocker_driver));
		meta->flags |= CAPGAP_META_BLOCKER | CAPGAP_META_BLOCKER_DRIVER;
	}
	if (group->trouble.code)
		*err = group->trouble;
	else
		meta->flags |= CAPGAP_META_MEMBERS;
}

/* The group of a directory, which is the first of @groups from then on; NULL for none. */
static const struct capgap_sysfs_group *find_group(struct capgap_sysfs_groups *groups,
						   const struct stat *st)
{
	struct capgap_sysfs_group **at = &groups->first;
	struct capgap_sysfs_group *group;

	while (*at && ((*at)->dev != st->st_dev || (*at)->ino != st->st_ino))
		at = &(*at)->next;
	group = *at;
	if (!group)
		return NULL;
	*at = group->next;
	group->next = groups->first;
	groups->first = group;
	return group;
}

/*
 * Keep a group in the place of the one that was not asked for longest. One that cannot be
 * kept is read again, as is one whose list broke off: the next reading of it may not.
 */
static void keep_group(struct capgap_sysfs_groups *groups,
		       const struct capgap_sysfs_group *group)
{
	struct capgap_sysfs_group **at = &groups->first;
	struct capgap_sysfs_group *kept;

	if (group->n < 2 || group->trouble.code == CAPGAP_E_IO)
		return;
	for (unsigned n = 1; *at && n < GROUPS_KEPT; n++)
		at = &(*at)->next;
	kept = *at ? *at : malloc(sizeof(*kept));
	if (!kept)
		return;
	*at = NULL;
	*kept = *group;
	kept->next = groups->first;
	groups->first = kept;
}

void capgap_sysfs_groups_release(struct capgap_sysfs_groups *groups)
{
	struct capgap_sysfs_group *next;

	for (struct capgap_sysfs_group *group = groups->first; group; group = next) {
		next = group->next;
		free(group);
	}
	groups->first = NULL;
}

/*
 * Read a group and keep it. Only the kernel's spelling of addresses has each function once:
 * of a list with another one, which a tree made by hand may have, nothing is kept.
 */
static void read_group(DIR *list, const struct stat *st,
		       struct capgap_sysfs_groups *groups, struct capgap_meta *meta,
		       struct capgap_err *err)
{
	struct capgap_sysfs_group group = { .dev = st->st_dev, .ino = st->st_ino };

	list_group(list, NULL, &group);
	if (group.odd) {
		group = (struct capgap_sysfs_group){ .next = NULL };
		rewinddir(list);
		list_group(list, &meta->bdf, &group);
		tell_group(&group, false, meta, err);
		return;
	}
	keep_group(groups, &group);
	tell_group(&group, lists(dirfd(list), &meta->bdf), meta, err);
}

/* iommu_group/devices: a link to each function of the group. */
static void read_members(int dir, struct capgap_sysfs_groups *groups,
			 struct capgap_meta *meta, struct capgap_err *err)
{
	const struct capgap_sysfs_group *group;
	DIR *list = open_list(dir, GROUP);
	struct stat st;

	if (!list)
		return;
	if (fstat(dirfd(list), &st)) {
		capgap_err_set(err, CAPGAP_E_IO, 0, GROUP ": %s", strerror(errno));
		closedir(list);
		return;
	}
	group = find_group(groups, &st);
	if (group)
		tell_group(group, lists(dirfd(list), &meta->bdf), meta, err);
	else
		read_group(list, &st, groups, meta, err);
	closedir(list);
}

/* vfio-dev: a directory whose only entry has the name of the device for VFIO. */
static void read_vfio(int dir, struct capgap_meta *meta, struct capgap_err *err)
{
	static const char name[] = "vfio-dev";
	DIR *list = open_list(dir, name);
	unsigned left = VFIO_DEVS_MAX;
	struct dirent *entry;
	size_t len;

	if (!list)
		return;
	while ((entry = capgap_sysfs_next(list, name, &left, err))) {
		len = strlen(entry->d_name);
		if (!strstr(entry->d_name, "vfio") || len >= sizeof(meta->vfio))
			continue;
		memcpy(meta->vfio, entry->d_name, len + 1);
		meta->flags |= CAPGAP_META_VFIO;
		break;
	}
	closedir(list);
}

int capgap_sysfs_meta(int dir, const struct capgap_bdf *bdf, const char *root,
		      struct capgap_sysfs_groups *groups, struct capgap_meta *meta,
		      struct capgap_err *err)
{
	struct capgap_err trouble = { .code = 0 };

	memset(meta, 0, sizeof(*meta));
	meta->flags = CAPGAP_META_BDF;
	meta->bdf = *bdf;
	read_ids(dir, meta);
	read_physfn(dir, meta);
	read_vfs(dir, meta);
	read_driver(dir, meta);
	read_numa(dir, meta);
	read_vfio(dir, meta, &trouble);
	read_members(dir, groups, meta, &trouble);
	capgap_sysfs_iommu(dir, root, meta, &trouble);
	if (trouble.code && err)
		*err = trouble;
	return -trouble.code;
}

/* True when a text is a word, a line end behind it or not. */
static bool is_word(const char *text, const char *word)
{
	size_t n = strlen(word);

	return !strncmp(text, word, n) && (!text[n] || text[n] == '\n');
}

static bool says(int dir, const char *name, const char *word)
{
	char text[32];

	return capgap_sysfs_text(dir, name, text, sizeof(text)) && is_word(text, word);
}

/*
 * power_state is there since Linux 5.11. A kernel without it does not tell D3cold from
 * D3hot, so there a function that may be in D3cold counts as asleep.
 */
bool capgap_sysfs_is_asleep(int dir)
{
	char text[32];

	if (!capgap_sysfs_is_live(dir))
		return false;
	if (capgap_sysfs_text(dir, "power_state", text, sizeof(text)))
		return is_word(text, "D3cold");
	return says(dir, "power/runtime_status", "suspended") &&
	       says(dir, "d3cold_allowed", "1");
}

static bool is_on(int fd, unsigned long magic)
{
	struct statfs fs;

	return !fstatfs(fd, &fs) && (unsigned long)fs.f_type == magic;
}

bool capgap_sysfs_is_live(int fd)
{
	return is_on(fd, SYSFS_MAGIC);
}

bool capgap_sysfs_is_kernels(int fd)
{
	return is_on(fd, SYSFS_MAGIC) || is_on(fd, PROC_SUPER_MAGIC);
}

bool capgap_sysfs_is_live_file(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool live = fd >= 0 && capgap_sysfs_is_live(fd);

	if (fd >= 0)
		close(fd);
	return live;
}
