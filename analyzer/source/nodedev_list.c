/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Node devices by address, and what they add to what an input says. */
#include "nodedev_list.h"

#include <stdlib.h>
#include <string.h>

#include "../bytes.h"
#include "../header.h"

/* What a description says of being virtual. */
#define RELATION ((unsigned)(CAPGAP_NODEDEV_VF | CAPGAP_NODEDEV_PF))

/**
 * struct entry - what is known of one address
 * @dev: what its own <device> says; of several, what they agree on. Only @dev.bdf means
 *       something without @described
 * @described: it has one
 * @listed: a physical function lists it
 * @split: descriptions differ in something
 * @disputed: whether it is virtual, and of which physical function, is said in two ways
 * @lister: the physical function that listed it first
 * @described_at: where the first description stands
 * @listed_at: where @lister lists it
 */
struct entry {
	struct capgap_nodedev dev;
	bool described;
	bool listed;
	bool split;
	bool disputed;
	struct capgap_bdf lister;
	struct capgap_nodedev_at described_at;
	struct capgap_nodedev_at listed_at;
};

/* The name of a file. */
struct name {
	struct name *next;
	char text[];
};

/**
 * struct capgap_nodedevs - what is known, by address
 * @n_described: entries that have a <device> of their own
 * @n_listed: entries that a physical function lists
 * @n: entries
 * @room: elements of @entry
 * @entry: them, owned
 * @n_slots: elements of @slot, a power of two or 0
 * @slot: hash table of the number of an entry plus one, owned; 0 is an empty slot
 * @names: names of files, owned
 */
struct capgap_nodedevs {
	size_t n_described;
	size_t n_listed;
	size_t n;
	size_t room;
	struct entry *entry;
	size_t n_slots;
	uint32_t *slot;
	struct name *names;
};

struct capgap_nodedevs *capgap_nodedevs_new(void)
{
	return calloc(1, sizeof(struct capgap_nodedevs));
}

void capgap_nodedevs_free(struct capgap_nodedevs *list)
{
	struct name *name;

	if (!list)
		return;
	while ((name = list->names)) {
		list->names = name->next;
		free(name);
	}
	free(list->entry);
	free(list->slot);
	free(list);
}

const char *capgap_nodedevs_file(struct capgap_nodedevs *list, const char *name)
{
	size_t len = strlen(name) + 1;
	struct name *copy = malloc(sizeof(*copy) + len);

	if (!copy)
		return NULL;
	memcpy(copy->text, name, len);
	copy->next = list->names;
	list->names = copy;
	return copy->text;
}

/* The slot of an address, or the empty one where it belongs; there always is one. */
static uint32_t *slot_of(const struct capgap_nodedevs *list, const struct capgap_bdf *bdf)
{
	uint64_t key = (uint64_t)bdf->domain << 16 | capgap_bdf_rid(bdf);
	/* Knuth's multiplicative hash spreads consecutive routing ids. */
	size_t i = (size_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> 40);

	for (;; i++) {
		uint32_t *slot = &list->slot[i & (list->n_slots - 1)];

		if (!*slot || capgap_bdf_equal(&list->entry[*slot - 1].dev.bdf, bdf))
			return slot;
	}
}

static bool grow_slots(struct capgap_nodedevs *list)
{
	size_t n = list->n_slots ? 2 * list->n_slots : 64;
	uint32_t *old = list->slot;

	list->slot = calloc(n, sizeof(*list->slot));
	if (!list->slot) {
		list->slot = old;
		return false;
	}
	list->n_slots = n;
	free(old);
	for (size_t i = 0; i < list->n; i++)
		*slot_of(list, &list->entry[i].dev.bdf) = (uint32_t)i + 1;
	return true;
}

static bool grow_entries(struct capgap_nodedevs *list)
{
	size_t room = list->room ? 2 * list->room : 32;
	struct entry *grown = realloc(list->entry, room * sizeof(*grown));

	if (!grown)
		return false;
	list->entry = grown;
	list->room = room;
	return true;
}

/* The entry of an address, made where there is none; NULL when memory is short. */
static struct entry *have(struct capgap_nodedevs *list, const struct capgap_bdf *bdf)
{
	uint32_t *slot;

	if ((!list->entry || list->n == list->room) && !grow_entries(list))
		return NULL;
	if (list->n * 2 >= list->n_slots && !grow_slots(list))
		return NULL;
	slot = slot_of(list, bdf);
	if (!*slot) {
		list->entry[list->n] = (struct entry){ .dev.bdf = *bdf };
		*slot = (uint32_t)++list->n;
	}
	return &list->entry[*slot - 1];
}

static struct entry *find(const struct capgap_nodedevs *list,
			  const struct capgap_bdf *bdf)
{
	uint32_t number = list->n ? *slot_of(list, bdf) : 0;

	return number ? &list->entry[number - 1] : NULL;
}

/*
 * Two words on whether an address is virtual, and of which physical function: a fault, and
 * neither counts. @elsewhere is NULL where the other word is that it is physical.
 */
static int dispute(struct entry *entry, const struct capgap_bdf *here,
		   const struct capgap_bdf *elsewhere, struct capgap_nodedev_clash *clash)
{
	char name[CAPGAP_BDF_TEXT];
	char first[CAPGAP_BDF_TEXT];
	char second[CAPGAP_BDF_TEXT];

	entry->disputed = true;
	capgap_bdf_format(&entry->dev.bdf, name);
	capgap_bdf_format(here, first);
	if (!elsewhere)
		return capgap_err_set(&clash->err, CAPGAP_E_FORMAT, 0,
				      "%s is a virtual function of %s by one word, and "
				      "physical by another",
				      name, first);
	return capgap_err_set(&clash->err, CAPGAP_E_FORMAT, 0,
			      "%s is a virtual function of %s here, and of %s elsewhere",
			      name, first, capgap_bdf_format(elsewhere, second));
}

/* What only one of two descriptions says, or both say otherwise: enum capgap_nodedev_flags. */
static unsigned differences(const struct capgap_nodedev *a,
			    const struct capgap_nodedev *b)
{
	unsigned both = a->flags & b->flags;
	unsigned differ = a->flags ^ b->flags;

	if ((both & CAPGAP_NODEDEV_IDS) &&
	    (a->vendor != b->vendor || a->device != b->device))
		differ |= CAPGAP_NODEDEV_IDS;
	if ((both & CAPGAP_NODEDEV_CLASS) && a->class_code != b->class_code)
		differ |= CAPGAP_NODEDEV_CLASS;
	if ((both & CAPGAP_NODEDEV_GROUP) && a->iommu_group != b->iommu_group)
		differ |= CAPGAP_NODEDEV_GROUP;
	if ((both & CAPGAP_NODEDEV_DRIVER) && strcmp(a->driver, b->driver) != 0)
		differ |= CAPGAP_NODEDEV_DRIVER;
	if ((both & CAPGAP_NODEDEV_VF) && !capgap_bdf_equal(&a->physfn, &b->physfn))
		differ |= CAPGAP_NODEDEV_VF;
	return differ;
}

/* One more description of a device: what they do not agree on counts for nothing. */
static int describe_again(struct entry *entry, const struct capgap_nodedev *dev,
			  struct capgap_nodedev_clash *clash)
{
	unsigned differ = differences(&entry->dev, dev);
	char name[CAPGAP_BDF_TEXT];

	if (!differ)
		return 0;
	/* Other ids are another device: then what else they agree on is chance. */
	if (differ & CAPGAP_NODEDEV_IDS)
		differ = ~0u;
	entry->split = true;
	entry->disputed = entry->disputed || (differ & RELATION);
	entry->dev.flags &= ~differ;
	clash->other = entry->described_at;
	return capgap_err_set(&clash->err, CAPGAP_E_FORMAT, 0,
			      "%s is described for the second time, and otherwise",
			      capgap_bdf_format(&dev->bdf, name));
}

int capgap_nodedevs_add(struct capgap_nodedevs *list, const struct capgap_nodedev *dev,
			const struct capgap_nodedev_at *at,
			struct capgap_nodedev_clash *clash)
{
	struct entry *entry = find(list, &dev->bdf);

	clash->other.file = NULL;
	if (entry && entry->described)
		return describe_again(entry, dev, clash);
	if (list->n_described >= CAPGAP_NODEDEVS_MAX)
		return capgap_err_set(&clash->err, CAPGAP_E_FORMAT, 0,
				      "there are more than %u devices",
				      CAPGAP_NODEDEVS_MAX);
	entry = have(list, &dev->bdf);
	if (!entry)
		return -CAPGAP_E_NOMEM;
	entry->dev = *dev;
	entry->described = true;
	entry->described_at = *at;
	list->n_described++;
	if (!entry->listed)
		return 0;
	clash->other = entry->listed_at;
	if (dev->flags & CAPGAP_NODEDEV_PF)
		return dispute(entry, &entry->lister, NULL, clash);
	if ((dev->flags & CAPGAP_NODEDEV_VF) &&
	    !capgap_bdf_equal(&entry->lister, &dev->physfn))
		return dispute(entry, &dev->physfn, &entry->lister, clash);
	return 0;
}

int capgap_nodedevs_add_vf(struct capgap_nodedevs *list, const struct capgap_bdf *pf,
			   const struct capgap_bdf *vf,
			   const struct capgap_nodedev_at *at,
			   struct capgap_nodedev_clash *clash)
{
	struct entry *entry = find(list, vf);

	clash->other.file = NULL;
	if (entry && entry->listed && capgap_bdf_equal(&entry->lister, pf))
		return 0;
	if (entry && entry->listed) {
		clash->other = entry->listed_at;
		return dispute(entry, pf, &entry->lister, clash);
	}
	if (list->n_listed >= CAPGAP_NODEDEV_VFS_MAX)
		return capgap_err_set(&clash->err, CAPGAP_E_FORMAT, 0,
				      "there are more than %u virtual functions",
				      CAPGAP_NODEDEV_VFS_MAX);
	entry = have(list, vf);
	if (!entry)
		return -CAPGAP_E_NOMEM;
	entry->listed = true;
	entry->lister = *pf;
	entry->listed_at = *at;
	list->n_listed++;
	if (!entry->described)
		return 0;
	clash->other = entry->described_at;
	if (entry->dev.flags & CAPGAP_NODEDEV_PF)
		return dispute(entry, pf, NULL, clash);
	if ((entry->dev.flags & CAPGAP_NODEDEV_VF) &&
	    !capgap_bdf_equal(&entry->dev.physfn, pf))
		return dispute(entry, pf, &entry->dev.physfn, clash);
	return 0;
}

/* Ids that the input knows, of the image before those of its metadata; else false. */
static bool own_ids(const struct capgap_meta *meta, const struct capgap_image *img,
		    uint16_t *vendor, uint16_t *device)
{
	if (capgap_get16(img, HDR_VENDOR, vendor) &&
	    capgap_get16(img, HDR_DEVICE, device) && *vendor != 0xffff && *vendor)
		return true;
	*vendor = meta->vendor;
	*device = meta->device;
	return meta->flags & CAPGAP_META_IDS;
}

/* True, with a finding, when the input and the XML have different ids. */
static bool is_another(const struct capgap_nodedev *dev, const struct capgap_meta *meta,
		       const struct capgap_image *img, struct capgap_findings *hits)
{
	uint16_t vendor;
	uint16_t device;

	if (!(dev->flags & CAPGAP_NODEDEV_IDS) || !own_ids(meta, img, &vendor, &device))
		return false;
	if (vendor != dev->vendor)
		capgap_findings_add(hits, CAPGAP_F_NODEDEV_IDS, HDR_VENDOR, 2, vendor,
				    dev->vendor);
	else if (device != dev->device)
		capgap_findings_add(hits, CAPGAP_F_NODEDEV_IDS, HDR_DEVICE, 2, device,
				    dev->device);
	else
		return false;
	return true;
}

/* What the input does not say. */
static void fill_in(struct capgap_meta *meta, const struct capgap_nodedev *dev)
{
	if ((dev->flags & CAPGAP_NODEDEV_IDS) && !(meta->flags & CAPGAP_META_IDS)) {
		meta->vendor = dev->vendor;
		meta->device = dev->device;
		meta->flags &= ~(unsigned)CAPGAP_META_SYSFS;
		meta->flags |= CAPGAP_META_IDS | CAPGAP_META_NODEDEV;
	}
	if ((dev->flags & CAPGAP_NODEDEV_CLASS) && !(meta->flags & CAPGAP_META_CLASS)) {
		meta->class_code = dev->class_code;
		meta->flags |= CAPGAP_META_CLASS;
	}
	if ((dev->flags & CAPGAP_NODEDEV_DRIVER) && !(meta->flags & CAPGAP_META_DRIVER)) {
		memcpy(meta->driver, dev->driver, sizeof(meta->driver));
		meta->flags |= CAPGAP_META_DRIVER;
	}
	if ((dev->flags & CAPGAP_NODEDEV_GROUP) && !(meta->flags & CAPGAP_META_GROUP)) {
		meta->iommu_group = dev->iommu_group;
		meta->flags |= CAPGAP_META_GROUP;
	}
}

/* The physical function that the XML gives a virtual one; NULL for none. */
static const struct capgap_bdf *physfn_of(const struct entry *entry)
{
	if (entry->described && (entry->dev.flags & CAPGAP_NODEDEV_VF))
		return &entry->dev.physfn;
	return entry->listed ? &entry->lister : NULL;
}

/* Whether words on the physical function differ, or on what that function is itself. */
static bool is_disputed(const struct capgap_nodedevs *list, const struct entry *entry,
			const struct capgap_bdf *physfn)
{
	const struct entry *above = physfn ? find(list, physfn) : NULL;

	return entry->disputed || (above && above->disputed);
}

static void relate(const struct capgap_nodedevs *list, struct capgap_meta *meta,
		   const struct entry *entry, struct capgap_findings *hits)
{
	const struct capgap_bdf *physfn = physfn_of(entry);
	bool physical = !physfn && entry->described &&
			(entry->dev.flags & CAPGAP_NODEDEV_PF);
	const struct capgap_bdf *said = physfn ? physfn : &entry->dev.bdf;
	bool disputed = is_disputed(list, entry, physfn);

	if (entry->split || disputed)
		capgap_findings_add(hits, CAPGAP_F_NODEDEV_DISPUTED, 0, 0, 0, 0);
	if (disputed) {
		meta->flags |= CAPGAP_META_DISPUTED;
		return;
	}
	if (!physfn && !physical)
		return;
	if ((meta->flags & CAPGAP_META_PHYSFN) && !capgap_bdf_equal(&meta->physfn, said))
		capgap_findings_add(hits, CAPGAP_F_NODEDEV_PHYSFN, 0, 0,
				    capgap_bdf_rid(&meta->physfn), capgap_bdf_rid(said));
	if (physical) {
		meta->flags &= ~(unsigned)CAPGAP_META_PHYSFN;
		return;
	}
	meta->physfn = *physfn;
	meta->flags |= CAPGAP_META_PHYSFN;
}

void capgap_nodedevs_apply(const struct capgap_nodedevs *list, struct capgap_meta *meta,
			   const struct capgap_image *img, struct capgap_findings *hits)
{
	const struct entry *entry;

	if (!list || !(meta->flags & CAPGAP_META_BDF))
		return;
	entry = find(list, &meta->bdf);
	if (!entry)
		return;
	if (entry->described && is_another(&entry->dev, meta, img, hits))
		return;
	if (entry->described)
		fill_in(meta, &entry->dev);
	relate(list, meta, entry, hits);
}
