/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which functions a machine has, and which of them are read. */
#include "host_list.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sysfs.h"
#include "walk.h"

/* Class and subclass of a bridge between PCI buses. */
#define CLASS_BRIDGE 0x0604u

#define DEVICES "bus/pci/devices"

const char *capgap_host_root(const struct capgap_host *host)
{
	return host->sysfs ? host->sysfs : "/sys";
}

void capgap_host_tell(struct capgap_host_list *list, const struct capgap_bdf *bdf,
		      int code, const char *text)
{
	const char *root = capgap_host_root(list->host);
	char name[PATH_MAX];
	char address[CAPGAP_BDF_TEXT];
	struct capgap_err err;

	list->troubled = true;
	if (!list->sink->trouble)
		return;
	if (bdf)
		snprintf(name, sizeof(name), "%s/" DEVICES "/%s", root,
			 capgap_bdf_format(bdf, address));
	capgap_err_set(&err, code, 0, text ? "%s" : NULL, text);
	list->sink->trouble(list->sink->ctx, bdf ? name : root, &err);
}

/* Room for one more function. */
static int make_room(struct capgap_host_list *list)
{
	size_t room = list->room ? 2 * list->room : 64;
	struct capgap_host_entry *entry;

	if (list->n < list->room)
		return 0;
	entry = realloc(list->entry, room * sizeof(*entry));
	if (!entry)
		return -CAPGAP_E_NOMEM;
	list->entry = entry;
	list->room = room;
	return 0;
}

/* Whether a place leads through a host bridge, "/pci0000:00/", as sysfs has it. */
static bool tells_bridges(const char *place)
{
	static const char hex[] = "0123456789abcdef";

	for (const char *p = place; (p = strstr(p, "/pci"));) {
		size_t domain;

		p += strlen("/pci");
		domain = strspn(p, hex);
		if (domain >= 4 && p[domain] == ':' && strspn(p + domain + 1, hex) == 2 &&
		    p[domain + 3] == '/')
			return true;
	}
	return false;
}

/* Set the place of a function. What stands above the directory of sysfs is no part of it. */
static int find_place(const struct capgap_host_list *list, const char *name, char **place)
{
	size_t top = list->top && strcmp(list->top, "/") != 0 ? strlen(list->top) : 0;
	char path[PATH_MAX];
	char *full;

	if (!list->top)
		return 0;
	snprintf(path, sizeof(path), "%s/" DEVICES "/%s", list->top, name);
	full = realpath(path, NULL);
	if (!full)
		return errno == ENOMEM ? -CAPGAP_E_NOMEM : 0;
	if (strncmp(full, list->top, top) != 0 || full[top] != '/' ||
	    !tells_bridges(full + top)) {
		free(full);
		return 0;
	}
	memmove(full, full + top, strlen(full + top) + 1);
	*place = full;
	return 0;
}

/* Take the function of a directory over. */
static int add(struct capgap_host_list *list, int devices, const char *name,
	       const struct capgap_bdf *bdf)
{
	struct capgap_host_entry *entry;
	struct capgap_err err;
	int dir;

	if (make_room(list))
		return -CAPGAP_E_NOMEM;
	dir = openat(devices, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0) {
		capgap_host_tell(list, bdf, CAPGAP_E_IO, strerror(errno));
		return 0;
	}
	entry = &list->entry[list->n++];
	*entry = (struct capgap_host_entry){ .place = NULL };
	if (capgap_sysfs_meta(dir, bdf, capgap_host_root(list->host), &list->groups,
			      &entry->meta, &err))
		capgap_host_tell(list, bdf, err.code, err.text);
	if (!list->host->wake && capgap_sysfs_is_asleep(dir))
		entry->meta.flags |= CAPGAP_META_ASLEEP;
	close(dir);
	return find_place(list, name, &entry->place);
}

static int add_named(struct capgap_host_list *list, int devices, const char *name)
{
	struct capgap_bdf bdf;
	char text[96];

	if (name[0] == '.')
		return 0;
	if (!capgap_walk_is_address(name, &bdf)) {
		snprintf(text, sizeof(text), "'%.60s' is no address of a function", name);
		capgap_host_tell(list, NULL, CAPGAP_E_FORMAT, text);
		return 0;
	}
	return add(list, devices, name, &bdf);
}

static int by_address(const void *a, const void *b)
{
	const struct capgap_host_entry *x = a;
	const struct capgap_host_entry *y = b;

	return capgap_bdf_compare(&x->meta.bdf, &y->meta.bdf);
}

static bool is_directory(const char *root, const char *name)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof(path), "%s/%s", root, name);
	struct stat st;

	return n > 0 && (size_t)n < sizeof(path) && !stat(path, &st) &&
	       S_ISDIR(st.st_mode);
}

/* The directory of all functions is not there: what the caller may have meant. */
static const char *hint(const char *given)
{
	if (!given || !is_directory(given, "."))
		return "";
	return is_directory(given, "sys/" DEVICES) ?
		       "; its folder sys has one" :
		       "; a copied tree without one can be read as INPUT";
}

/* The directory of all functions, or NULL and trouble. */
static DIR *open_devices(struct capgap_host_list *list)
{
	const char *root = capgap_host_root(list->host);
	char path[PATH_MAX];
	int n = snprintf(path, sizeof(path), "%s/" DEVICES, root);
	DIR *dir = NULL;
	char text[128];
	int code;

	errno = ENAMETOOLONG;
	if (n > 0 && (size_t)n < sizeof(path))
		dir = opendir(path);
	code = errno;
	if (dir)
		return dir;
	snprintf(text, sizeof(text), "no " DEVICES " in it: %s%s", strerror(code),
		 code == ENOENT ? hint(list->host->sysfs) : "");
	capgap_host_tell(list, NULL, code == ENOENT ? CAPGAP_E_NOENT : CAPGAP_E_IO, text);
	return NULL;
}

int capgap_host_list_fill(struct capgap_host_list *list)
{
	DIR *dir = open_devices(list);
	unsigned left = CAPGAP_HOST_MAX;
	struct capgap_err err = { .code = 0 };
	struct dirent *entry;
	int rc = 0;

	if (!dir)
		return 0;
	if (list->host->wanted)
		list->top = realpath(capgap_host_root(list->host), NULL);
	if (list->host->wanted && !list->top && errno == ENOMEM)
		rc = -CAPGAP_E_NOMEM;
	while (!rc && (entry = capgap_sysfs_next(dir, DEVICES, &left, &err)))
		rc = add_named(list, dirfd(dir), entry->d_name);
	capgap_sysfs_groups_release(&list->groups);
	if (err.code)
		capgap_host_tell(list, NULL, err.code, err.text);
	closedir(dir);
	if (list->n)
		qsort(list->entry, list->n, sizeof(*list->entry), by_address);
	return rc;
}

static bool is_bridge(const struct capgap_meta *meta)
{
	return !(meta->flags & CAPGAP_META_CLASS) ||
	       meta->class_code >> 8 == CLASS_BRIDGE;
}

static struct capgap_host_entry *find(struct capgap_host_list *list,
				      const struct capgap_bdf *bdf)
{
	struct capgap_host_entry key = { .meta = { .bdf = *bdf } };

	return list->n ? bsearch(&key, list->entry, list->n, sizeof(key), by_address) :
			 NULL;
}

/* The bridges that the place of a function leads through; they are of its domain. */
static void choose_named(struct capgap_host_list *list,
			 const struct capgap_host_entry *entry)
{
	const char *end;

	for (const char *p = entry->place + 1; (end = strchr(p, '/')); p = end + 1) {
		char name[CAPGAP_BDF_TEXT];
		struct capgap_host_entry *bridge;
		struct capgap_bdf bdf;

		if ((size_t)(end - p) >= sizeof(name))
			continue;
		snprintf(name, sizeof(name), "%.*s", (int)(end - p), p);
		if (!capgap_walk_is_address(name, &bdf) ||
		    bdf.domain != entry->meta.bdf.domain)
			continue;
		bridge = find(list, &bdf);
		if (bridge && is_bridge(&bridge->meta))
			bridge->read = true;
	}
}

/* All bridges of the domain that begins at @first, if a function of it tells none. */
static size_t choose_domain(struct capgap_host_list *list, size_t first)
{
	uint32_t domain = list->entry[first].meta.bdf.domain;
	bool all = false;
	size_t end = first;

	for (; end < list->n && list->entry[end].meta.bdf.domain == domain; end++)
		all |= list->entry[end].read && !list->entry[end].place;
	for (size_t i = first; all && i < end; i++)
		list->entry[i].read |= is_bridge(&list->entry[i].meta);
	return end;
}

static void choose_bridges(struct capgap_host_list *list)
{
	for (size_t i = 0; i < list->n; i++) {
		if (list->entry[i].read && list->entry[i].place)
			choose_named(list, &list->entry[i]);
	}
	for (size_t i = 0; i < list->n;)
		i = choose_domain(list, i);
}

void capgap_host_list_choose(struct capgap_host_list *list)
{
	const struct capgap_host *host = list->host;
	struct capgap_host_entry *physfn;

	for (size_t i = 0; i < list->n; i++)
		list->entry[i].read = !host->wanted ||
				      host->wanted(host->ctx, &list->entry[i].meta);
	if (!host->wanted)
		return;
	for (size_t i = 0; i < list->n; i++) {
		const struct capgap_host_entry *entry = &list->entry[i];

		if (!entry->read || !(entry->meta.flags & CAPGAP_META_PHYSFN))
			continue;
		physfn = find(list, &entry->meta.physfn);
		if (physfn)
			physfn->read = true;
	}
	choose_bridges(list);
}

void capgap_host_list_release(struct capgap_host_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		free(list->entry[i].place);
	free(list->entry);
	free(list->top);
	list->entry = NULL;
	list->top = NULL;
	list->n = 0;
}
