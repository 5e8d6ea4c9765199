/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small files and links of a copied sysfs tree, and the IOMMU that they tell of. */
#include "sysfs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Entries of a directory of IOMMUs that are looked at; large machines have some 64. */
#define IOMMUS_MAX 1024u

/* Name of an IOMMU, "dmar12" or "smmu3.0x00000000fe000000". */
#define NAME_MAX_LEN 64u

/* The highest bits of AMD's two feature registers that mean something. */
#define EFR2_MAX UINT32_MAX

unsigned capgap_sysfs_size(int dir, const char *name)
{
	struct stat st;

	if (fstatat(dir, name, &st, 0) || !S_ISREG(st.st_mode) || st.st_size <= 0)
		return 0;
	return st.st_size <= CAPGAP_SPACE_MAX ? (unsigned)st.st_size :
						CAPGAP_SPACE_MAX + 1;
}

ssize_t capgap_sysfs_read(int dir, const char *name, void *buf, size_t len)
{
	return capgap_sysfs_read_at(dir, name, buf, len, 0);
}

ssize_t capgap_sysfs_read_at(int dir, const char *name, void *buf, size_t len, size_t off)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t used = 0;
	ssize_t n = 1;
	struct stat st;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		errno = EINVAL;
		used = -1;
	}
	while (used >= 0 && n > 0 && (size_t)used < len) {
		n = pread(fd, (uint8_t *)buf + used, len - (size_t)used,
			  (off_t)off + used);
		if (n > 0)
			used += n;
		else if (n < 0)
			used = -1;
	}
	close(fd);
	return used;
}

bool capgap_sysfs_text(int dir, const char *name, char *buf, size_t len)
{
	ssize_t n = capgap_sysfs_read(dir, name, buf, len - 1);

	buf[n > 0 ? n : 0] = '\0';
	return n > 0;
}

bool capgap_sysfs_link(int dir, const char *name, char *val, size_t len)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(dir, name, target, sizeof(target) - 1);
	const char *base;

	if (n <= 0)
		return false;
	while (n > 1 && target[n - 1] == '/')
		n--;
	target[n] = '\0';
	base = strrchr(target, '/');
	base = base ? base + 1 : target;
	if (!*base || strlen(base) >= len)
		return false;
	memcpy(val, base, strlen(base) + 1);
	return true;
}

/* 64 bits in hex, as the kernel prints them with %llx; where they end in @end. */
static bool parse_register(const char *text, const char **end, uint64_t *val)
{
	size_t n = strspn(text, "0123456789abcdefABCDEF");

	if (!n || n > 16)
		return false;
	*val = strtoull(text, NULL, 16);
	*end = text + n;
	return true;
}

static bool ends(const char *text)
{
	return !*text || (*text == '\n' && !text[1]);
}

static bool read_register(int dir, const char *name, uint64_t *val)
{
	char text[64];
	const char *end;

	return capgap_sysfs_text(dir, name, text, sizeof(text)) &&
	       parse_register(text, &end, val) && ends(end);
}

/*
 * The extended feature register: alone until Linux 5.19, behind a second register and a
 * colon until 6.6, before it since 6.7 (amd_iommu_show_features() in
 * drivers/iommu/amd/init.c). Of the second register no bit above 31 has a meaning, while
 * the first has PASmax in its bits 36:32; where that does not tell them apart, it is not
 * known which is which.
 */
static bool parse_features(const char *text, uint64_t *efr)
{
	uint64_t one;
	uint64_t two;

	if (!parse_register(text, &text, &one))
		return false;
	*efr = one;
	if (ends(text))
		return true;
	if (*text != ':' || !parse_register(text + 1, &text, &two) || !ends(text))
		return false;
	*efr = one > two ? one : two;
	return one == two || !one || !two || (one > EFR2_MAX) != (two > EFR2_MAX);
}

/* The registers in the directory of an IOMMU; false when they are not there. */
static bool read_registers(int dir, struct capgap_iommu *iommu)
{
	char text[64];

	if (read_register(dir, "intel-iommu/cap", &iommu->cap) &&
	    read_register(dir, "intel-iommu/ecap", &iommu->ext)) {
		iommu->kind = CAPGAP_IOMMU_INTEL_VTD;
		return true;
	}
	iommu->cap = 0;
	iommu->ext = 0;
	if (!capgap_sysfs_text(dir, "amd-iommu/features", text, sizeof(text)) ||
	    !parse_features(text, &iommu->ext)) {
		iommu->ext = 0;
		return false;
	}
	iommu->kind = CAPGAP_IOMMU_AMD;
	return true;
}

/* Take over what the directory of an IOMMU of a name says, and close it. */
static void take(int dir, const char *name, struct capgap_meta *meta)
{
	bool has_registers = !strncmp(name, "dmar", 4) || !strncmp(name, "ivhd", 4);
	struct capgap_iommu iommu = { .kind = CAPGAP_IOMMU_UNKNOWN };

	if (!read_registers(dir, &iommu) && *name && !has_registers)
		iommu.kind = CAPGAP_IOMMU_OTHER;
	if (iommu.kind != CAPGAP_IOMMU_UNKNOWN) {
		meta->iommu = iommu;
		meta->flags |= CAPGAP_META_IOMMU;
	}
	close(dir);
}

static int open_dir(int dir, const char *path)
{
	return openat(dir, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* Where a tree has its IOMMUs, by name. */
static const char *const places[] = { "class/iommu", "devices/virtual/iommu" };
#define N_PLACES (sizeof(places) / sizeof(places[0]))

static int open_place(const char *root, const char *place)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof(path), "%s/%s", root, place);

	return n > 0 && (size_t)n < sizeof(path) ? open_dir(AT_FDCWD, path) : -1;
}

/*
 * By the function's own link or directory. A link that begins at the root of the file
 * system leads out of the copy, to another machine's.
 */
static bool find_own(int dir, const char *root, struct capgap_meta *meta)
{
	char target[2] = { 0 };
	char name[NAME_MAX_LEN] = "";
	bool is_link = readlinkat(dir, "iommu", target, 1) > 0;
	int iommu = is_link && target[0] == '/' ? -1 : open_dir(dir, "iommu");

	if (is_link && !capgap_sysfs_link(dir, "iommu", name, sizeof(name)))
		name[0] = '\0';
	for (unsigned i = 0; i < N_PLACES && iommu < 0 && name[0]; i++) {
		int place = open_place(root, places[i]);

		if (place < 0)
			continue;
		iommu = open_dir(place, name);
		close(place);
	}
	if (iommu >= 0)
		take(iommu, name, meta);
	return is_link || iommu >= 0;
}

/* True when an IOMMU lists a function. */
static bool lists(int iommu, const struct capgap_bdf *bdf)
{
	char path[sizeof("devices/") + CAPGAP_BDF_TEXT] = "devices/";
	struct stat st;

	capgap_bdf_format(bdf, path + strlen(path));
	return fstatat(iommu, path, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

struct dirent *capgap_sysfs_next(DIR *list, const char *name, unsigned *left,
				 struct capgap_err *err)
{
	struct dirent *entry;

	errno = 0;
	entry = readdir(list);
	if (!entry && errno)
		capgap_err_set(err, CAPGAP_E_IO, 0, "%s: %s", name, strerror(errno));
	if (entry && !*left) {
		capgap_err_set(err, CAPGAP_E_TOOMANY, 0,
			       "%s has more entries than are looked at", name);
		return NULL;
	}
	*left -= entry != NULL;
	return entry;
}

/* By the lists that the IOMMUs have. */
static void find_lister(const char *root, const char *where, struct capgap_meta *meta,
			struct capgap_err *err)
{
	int place = open_place(root, where);
	DIR *list = place >= 0 ? fdopendir(place) : NULL;
	unsigned left = IOMMUS_MAX;
	struct dirent *entry;

	if (!list && place >= 0)
		close(place);
	if (!list)
		return;
	while ((entry = capgap_sysfs_next(list, where, &left, err))) {
		int iommu = entry->d_name[0] == '.' ? -1 : open_dir(place, entry->d_name);

		if (iommu < 0)
			continue;
		if (lists(iommu, &meta->bdf)) {
			take(iommu, entry->d_name, meta);
			break;
		}
		close(iommu);
	}
	closedir(list);
}

/* iommu_group: a link whose last part is the number. */
static void find_group(int dir, struct capgap_meta *meta)
{
	char name[16];

	if (!capgap_sysfs_link(dir, "iommu_group", name, sizeof(name)) ||
	    name[strspn(name, "0123456789")] || strlen(name) > 9)
		return;
	meta->iommu_group = (unsigned)strtoul(name, NULL, 10);
	meta->flags |= CAPGAP_META_GROUP;
}

void capgap_sysfs_iommu(int dir, const char *root, struct capgap_meta *meta,
			struct capgap_err *err)
{
	find_group(dir, meta);
	if (find_own(dir, root, meta))
		return;
	for (unsigned i = 0; i < N_PLACES && !(meta->flags & CAPGAP_META_IOMMU); i++)
		find_lister(root, places[i], meta, err);
}
