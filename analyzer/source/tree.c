/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A copied sysfs tree: directories named by address that hold a file "config". */
#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "device.h"
#include "sysfs.h"
#include "walk.h"

/* Functions of one tree: every routing id of one domain. */
#define FUNCTIONS_MAX 65536u

/**
 * struct found - one function of the tree
 * @bdf: its address
 * @path: its directory, owned
 * @root: characters of @path that name the copy it is from
 * @again: how often the copy had this address before
 * @dev: device and
 * @ino: inode of the directory; links may lead to one twice
 */
struct found {
	struct capgap_bdf bdf;
	char *path;
	size_t root;
	unsigned again;
	dev_t dev;
	ino_t ino;
};

/**
 * struct tree - what is found below a directory
 * @path: the directory
 * @sink: where functions go
 * @troubled: something was wrong
 * @full: there are more than FUNCTIONS_MAX
 * @withheld_told: it was said that the kernel withholds bytes
 * @n: functions
 * @room: elements of @list
 * @list: them, owned
 * @groups: IOMMU groups that were read
 */
struct tree {
	const char *path;
	const struct capgap_sink *sink;
	bool troubled;
	bool full;
	bool withheld_told;
	size_t n;
	size_t room;
	struct found *list;
	struct capgap_sysfs_groups groups;
};

static void tell(void *ctx, const char *path, const struct capgap_err *err)
{
	struct tree *tree = ctx;

	tree->troubled = true;
	if (tree->sink->trouble)
		tree->sink->trouble(tree->sink->ctx, path, err);
}

static void trouble(struct tree *tree, const char *path, int code, const char *text)
{
	struct capgap_err err;

	capgap_err_set(&err, code, 0, text ? "%s" : NULL, text);
	tell(tree, path, &err);
}

/* "pci0000:00", the directory of a host bridge. */
static bool is_host_bridge(const char *name, size_t len)
{
	return len >= 10 && !strncmp(name, "pci", 3) &&
	       strspn(name + 3, "0123456789abcdef") >= 4 && name[len - 3] == ':';
}

/*
 * How much of a path names the copy: all before the first component that sysfs
 * has inside ("devices", "bus/pci", a host bridge, an address), @skip being the directory
 * that was asked for.
 */
static size_t root_of(const char *path, size_t skip)
{
	const char *p = path + skip;

	for (;;) {
		struct capgap_bdf bdf;
		char name[CAPGAP_BDF_TEXT];
		size_t len;

		p += strspn(p, "/");
		len = strcspn(p, "/");
		if (!len)
			return (size_t)(p - path);
		snprintf(name, sizeof(name), "%.*s", (int)(len < sizeof(name) ? len : 0),
			 p);
		if (capgap_walk_is_address(name, &bdf) || !strcmp(name, "devices") ||
		    !strncmp(p, "bus/pci/", 8) || is_host_bridge(p, len))
			return (size_t)(p - path);
		p += len;
	}
}

static int add(void *ctx, const char *path, const struct capgap_bdf *bdf)
{
	struct tree *tree = ctx;
	struct found *f;
	struct stat st;

	if (tree->n == FUNCTIONS_MAX) {
		if (!tree->full)
			trouble(tree, path, CAPGAP_E_IO,
				"more functions than a domain can have");
		tree->full = true;
		return 0;
	}
	if (tree->n == tree->room) {
		size_t room = tree->room ? 2 * tree->room : 64;
		struct found *list = realloc(tree->list, room * sizeof(*list));

		if (!list)
			return -CAPGAP_E_NOMEM;
		tree->list = list;
		tree->room = room;
	}
	if (stat(path, &st)) {
		trouble(tree, path, CAPGAP_E_IO, strerror(errno));
		return 0;
	}
	f = &tree->list[tree->n];
	*f = (struct found){ *bdf, strdup(path), 0, 0, st.st_dev, st.st_ino };
	if (!f->path)
		return -CAPGAP_E_NOMEM;
	f->root = root_of(path, strlen(tree->path));
	tree->n++;
	return 0;
}

static int by_address(const void *a, const void *b)
{
	const struct found *x = a;
	const struct found *y = b;
	int order = capgap_bdf_compare(&x->bdf, &y->bdf);

	return order ? order : strcmp(x->path, y->path);
}

/* Are they of the same machine? Order of the machines, where there are several. */
static int by_machine(const struct found *x, const struct found *y)
{
	size_t least = x->root < y->root ? x->root : y->root;
	int order = strncmp(x->path, y->path, least);

	if (order)
		return order;
	if (x->root != y->root)
		return x->root < y->root ? -1 : 1;
	return x->again < y->again ? -1 : x->again > y->again;
}

static int by_machine_and_address(const void *a, const void *b)
{
	int order = by_machine(a, b);

	return order ? order : by_address(a, b);
}

/* Some addresses are there twice: sort into machines, each of which has an address once. */
static void split_machines(struct tree *tree)
{
	struct found *list = tree->list;

	qsort(list, tree->n, sizeof(*list), by_machine_and_address);
	for (size_t i = 1; i < tree->n; i++) {
		bool same = capgap_bdf_equal(&list[i - 1].bdf, &list[i].bdf) &&
			    list[i - 1].root == list[i].root &&
			    !strncmp(list[i - 1].path, list[i].path, list[i].root);

		if (same)
			list[i].again = list[i - 1].again + 1;
	}
	qsort(list, tree->n, sizeof(*list), by_machine_and_address);
}

/*
 * Sort by address, and leave out what two links lead to. True when an address
 * is left twice: then they are several machines, sorted one after the other.
 */
static bool sort_found(struct tree *tree)
{
	bool repeated = false;
	size_t n = 0;

	if (!tree->n)
		return false;
	qsort(tree->list, tree->n, sizeof(*tree->list), by_address);
	for (size_t i = 0; i < tree->n; i++) {
		struct found *f = &tree->list[i];
		bool known = false;

		for (size_t j = n; j && capgap_bdf_equal(&tree->list[j - 1].bdf, &f->bdf);
		     j--)
			known = known || (tree->list[j - 1].dev == f->dev &&
					  tree->list[j - 1].ino == f->ino);
		if (known) {
			free(f->path);
			continue;
		}
		repeated = repeated ||
			   (n && capgap_bdf_equal(&tree->list[n - 1].bdf, &f->bdf));
		tree->list[n++] = *f;
	}
	tree->n = n;
	if (repeated)
		split_machines(tree);
	return repeated;
}

/* Read the bytes; false, and trouble, when there are none of use. */
static bool read_config(struct tree *tree, int dir, const char *path,
			struct capgap_image *img)
{
	uint8_t bytes[CAPGAP_SPACE_MAX + 1];
	ssize_t n = capgap_sysfs_read(dir, "config", bytes, sizeof(bytes));

	if (n < 0)
		trouble(tree, path, CAPGAP_E_IO, strerror(errno));
	else if (!n)
		trouble(tree, path, CAPGAP_E_EMPTY, "the file config is empty");
	else if ((size_t)n > CAPGAP_SPACE_MAX)
		trouble(tree, path, CAPGAP_E_FORMAT, capgap_device_too_long());
	else if (capgap_is_text(bytes, (size_t)n))
		trouble(tree, path, CAPGAP_E_FORMAT, "the file config is text");
	if (n <= 0 || (size_t)n > CAPGAP_SPACE_MAX || capgap_is_text(bytes, (size_t)n))
		return false;
	capgap_image_put(img, 0, bytes, (size_t)n);
	return true;
}

static int read_part(void *ctx, uint8_t *bytes, unsigned off, unsigned end,
		     struct capgap_err *err)
{
	const int *dir = ctx;
	ssize_t n = capgap_sysfs_read_at(*dir, "config", bytes + off, end - off, off);

	if (n < 0)
		return capgap_err_set(err, CAPGAP_E_IO, 0, "%s", strerror(errno));
	return (int)(off + (size_t)n);
}

/* Read the bytes of a device itself; what the kernel withholds is said once. */
static bool read_device(struct tree *tree, int dir, const char *path,
			struct capgap_record *rec)
{
	struct capgap_device dev = { capgap_sysfs_size(dir, "config"), read_part, &dir };
	struct capgap_err err;

	if (!tree->sink->limit) {
		trouble(tree, path, CAPGAP_E_IO,
			"devices themselves are not read: nothing tells how far they may be");
		return false;
	}
	if (capgap_sysfs_is_asleep(dir)) {
		rec->meta.flags |= CAPGAP_META_ASLEEP;
		return true;
	}
	if (capgap_device_read(&dev, tree->sink, rec, &err)) {
		tell(tree, path, &err);
		return false;
	}
	if ((rec->meta.flags & CAPGAP_META_WITHHELD) && !tree->withheld_told) {
		tree->withheld_told = true;
		trouble(tree, tree->path, CAPGAP_E_IO, capgap_device_withheld());
	}
	return true;
}

/* What is known of the function beside its bytes; its copy may have IOMMUs. */
static void read_meta(struct tree *tree, int dir, const struct found *f,
		      struct capgap_meta *meta)
{
	struct capgap_err err;
	char root[PATH_MAX];
	int n = snprintf(root, sizeof(root), "%.*s", (int)f->root, f->path);
	bool fits = n > 0 && (size_t)n < sizeof(root);

	if (capgap_sysfs_meta(dir, &f->bdf, fits ? root : ".", &tree->groups, meta, &err))
		tell(tree, f->path, &err);
}

/* Fill the record of one function; false when there is none. */
static bool read_function(struct tree *tree, const struct found *f,
			  struct capgap_record *rec)
{
	int dir = open(f->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool have = false;

	if (dir < 0) {
		trouble(tree, f->path, CAPGAP_E_IO, strerror(errno));
		return false;
	}
	capgap_image_init(&rec->image);
	read_meta(tree, dir, f, &rec->meta);
	if (capgap_sysfs_is_live(dir))
		have = read_device(tree, dir, f->path, rec);
	else if (capgap_sysfs_is_live_file(dir, "config"))
		trouble(tree, f->path, CAPGAP_E_IO, capgap_device_by_itself());
	else
		have = read_config(tree, dir, f->path, &rec->image);
	close(dir);
	return have;
}

/* A machine begins, and has this name: the directory asked for, or the copy in it. */
static int begin_machine(const struct tree *tree, const struct found *f, bool repeated)
{
	const struct capgap_sink *sink = tree->sink;
	size_t len = f->root;
	char *name;
	int rc;

	if (!sink->input)
		return 0;
	while (len > 1 && f->path[len - 1] == '/')
		len--;
	name = repeated ? strndup(f->path, len) : strdup(tree->path);
	if (!name)
		return -CAPGAP_E_NOMEM;
	rc = sink->input(sink->ctx, name);
	free(name);
	return rc;
}

static int read_all(struct tree *tree, bool repeated)
{
	struct capgap_record rec = { .line = 0 };
	const struct found *machine = NULL;
	int rc = 0;

	for (size_t i = 0; i < tree->n && !rc; i++) {
		const struct found *f = &tree->list[i];

		if (!read_function(tree, f, &rec))
			continue;
		if (!machine || (repeated && by_machine(machine, f)))
			rc = begin_machine(tree, f, repeated);
		machine = f;
		if (!rc)
			rc = tree->sink->record(tree->sink->ctx, &rec);
	}
	return rc;
}

int capgap_tree_read(const char *path, const struct capgap_sink *sink, bool *found)
{
	struct tree tree = { .path = path, .sink = sink };
	const struct capgap_walk walk = { .function = add,
					  .trouble = tell,
					  .ctx = &tree };
	struct capgap_bdf bdf;
	int rc;

	if (capgap_walk_is_function(path, &bdf))
		rc = add(&tree, path, &bdf);
	else
		rc = capgap_walk(path, &walk);
	*found = tree.n > 0;
	if (!rc)
		rc = read_all(&tree, sort_found(&tree));
	for (size_t i = 0; i < tree.n; i++)
		free(tree.list[i].path);
	free(tree.list);
	capgap_sysfs_groups_release(&tree.groups);
	return rc || !tree.troubled ? rc : -CAPGAP_E_DAMAGED;
}
