/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Node devices by address, and what they add to what an input says. */
#include "nodedev_list.h"

#include <stdlib.h>
#include <string.h>

#include "../bytes.h"
#include "../header.h"

/**
 * struct entry - what is known of one address
 * @dev: what its own <device> says; only @dev.bdf means something without @described
 * @described: it has one
 * @listed: a physical function lists it
 * @disputed: several do
 * @lister: that physical function
 */
struct entry {
	struct capgap_nodedev dev;
	bool described;
	bool listed;
	bool disputed;
	struct capgap_bdf lister;
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
 */
struct capgap_nodedevs {
	size_t n_described;
	size_t n_listed;
	size_t n;
	size_t room;
	struct entry *entry;
	size_t n_slots;
	uint32_t *slot;
};

struct capgap_nodedevs *capgap_nodedevs_new(void)
{
	return calloc(1, sizeof(struct capgap_nodedevs));
}

void capgap_nodedevs_free(struct capgap_nodedevs *list)
{
	if (!list)
		return;
	free(list->entry);
	free(list->slot);
	free(list);
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

static const struct entry *find(const struct capgap_nodedevs *list,
				const struct capgap_bdf *bdf)
{
	uint32_t number = list->n ? *slot_of(list, bdf) : 0;

	return number ? &list->entry[number - 1] : NULL;
}

/* Two words on one address: a fault. */
static int clash(struct capgap_err *err, const struct capgap_bdf *vf,
		 const struct capgap_bdf *here, const struct capgap_bdf *elsewhere)
{
	char name[CAPGAP_BDF_TEXT];
	char first[CAPGAP_BDF_TEXT];
	char second[CAPGAP_BDF_TEXT];

	capgap_bdf_format(vf, name);
	capgap_bdf_format(here, first);
	if (!elsewhere || capgap_bdf_equal(elsewhere, vf))
		return capgap_err_set(err, CAPGAP_E_FORMAT, 0,
				      "%s is a virtual function of %s by one word, and "
				      "physical by another",
				      name, first);
	return capgap_err_set(err, CAPGAP_E_FORMAT, 0,
			      "%s is a virtual function of %s here, and of %s elsewhere",
			      name, first, capgap_bdf_format(elsewhere, second));
}

static bool same_device(const struct capgap_nodedev *a, const struct capgap_nodedev *b)
{
	return a->flags == b->flags && a->vendor == b->vendor && a->device == b->device &&
	       a->class_code == b->class_code && a->iommu_group == b->iommu_group &&
	       capgap_bdf_equal(&a->physfn, &b->physfn) && !strcmp(a->driver, b->driver);
}

int capgap_nodedevs_add(struct capgap_nodedevs *list, const struct capgap_nodedev *dev,
			struct capgap_err *err)
{
	char name[CAPGAP_BDF_TEXT];
	const struct entry *known = find(list, &dev->bdf);
	struct entry *entry;

	if (known && known->described && same_device(&known->dev, dev))
		return 0;
	if (known && known->described)
		return capgap_err_set(
			err, CAPGAP_E_FORMAT, 0,
			"%s is described for the second time, and otherwise",
			capgap_bdf_format(&dev->bdf, name));
	if (list->n_described >= CAPGAP_NODEDEVS_MAX)
		return capgap_err_set(err, CAPGAP_E_FORMAT, 0,
				      "there are more than %u devices",
				      CAPGAP_NODEDEVS_MAX);
	entry = have(list, &dev->bdf);
	if (!entry)
		return -CAPGAP_E_NOMEM;
	entry->dev = *dev;
	entry->described = true;
	list->n_described++;
	if (!entry->listed || entry->disputed)
		return 0;
	if (dev->flags & CAPGAP_NODEDEV_PF)
		return clash(err, &dev->bdf, &entry->lister, NULL);
	if ((dev->flags & CAPGAP_NODEDEV_VF) &&
	    !capgap_bdf_equal(&entry->lister, &dev->physfn))
		return clash(err, &dev->bdf, &dev->physfn, &entry->lister);
	return 0;
}

int capgap_nodedevs_add_vf(struct capgap_nodedevs *list, const struct capgap_bdf *pf,
			   const struct capgap_bdf *vf, struct capgap_err *err)
{
	const struct entry *known = find(list, vf);
	struct entry *entry;

	if (known && known->listed && capgap_bdf_equal(&known->lister, pf))
		return 0;
	if ((!known || !known->listed) && list->n_listed >= CAPGAP_NODEDEV_VFS_MAX)
		return capgap_err_set(err, CAPGAP_E_FORMAT, 0,
				      "there are more than %u virtual functions",
				      CAPGAP_NODEDEV_VFS_MAX);
	entry = have(list, vf);
	if (!entry)
		return -CAPGAP_E_NOMEM;
	if (entry->listed) {
		entry->disputed = true;
		return clash(err, vf, pf, &entry->lister);
	}
	entry->listed = true;
	entry->lister = *pf;
	list->n_listed++;
	if (!entry->described)
		return 0;
	if (entry->dev.flags & CAPGAP_NODEDEV_PF)
		return clash(err, vf, pf, NULL);
	if ((entry->dev.flags & CAPGAP_NODEDEV_VF) &&
	    !capgap_bdf_equal(&entry->dev.physfn, pf))
		return clash(err, vf, pf, &entry->dev.physfn);
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
	if (entry->described && (entry->dev.flags & CAPGAP_NODEDEV_PF))
		return NULL;
	return entry->listed && !entry->disputed ? &entry->lister : NULL;
}

static void relate(struct capgap_meta *meta, const struct entry *entry,
		   struct capgap_findings *hits)
{
	const struct capgap_bdf *physfn = physfn_of(entry);
	bool physical = !physfn && entry->described &&
			(entry->dev.flags & CAPGAP_NODEDEV_PF);
	const struct capgap_bdf *said = physfn ? physfn : &entry->dev.bdf;

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
	relate(meta, entry, hits);
}
