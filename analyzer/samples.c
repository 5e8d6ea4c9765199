/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Several samples of the same functions, merged before they are analysed. */
#include "samples.h"

#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "header.h"

/* Slots of the hash table; a power of two, twice as many as there are functions at most. */
#define SLOTS (2u * CAPGAP_SAMPLES_MAX)

/* The name of an input that some function is reported for. */
struct name {
	struct name *next;
	char text[];
};

/**
 * struct sampled - one function
 * @source: the input that showed it first
 * @contested: enum capgap_meta_flags of what samples said in two ways
 * @rec: it, merged
 */
struct sampled {
	const char *source;
	unsigned contested;
	struct capgap_record rec;
};

/**
 * struct capgap_samples - functions by address
 * @trouble: the caller's
 * @ctx: likewise
 * @names: inputs, owned; the current one first
 * @named: some function is reported for the current input
 * @full: it was said of the current input that there are too many functions
 * @left_out: something of the current input was left out
 * @n: functions
 * @fn: them, owned, in the order in which they were seen
 * @slot: index of a function plus one, by the hash of its key; 0 is empty
 */
struct capgap_samples {
	void (*trouble)(void *ctx, const char *source, const struct capgap_err *err);
	void *ctx;
	struct name *names;
	bool named;
	bool full;
	bool left_out;
	unsigned n;
	struct sampled *fn[CAPGAP_SAMPLES_MAX];
	uint16_t slot[SLOTS];
};

struct capgap_samples *capgap_samples_new(void (*trouble)(void *ctx, const char *source,
							  const struct capgap_err *err),
					  void *ctx)
{
	struct capgap_samples *samples = calloc(1, sizeof(*samples));

	if (!samples)
		return NULL;
	samples->trouble = trouble;
	samples->ctx = ctx;
	return samples;
}

static void pop_name(struct capgap_samples *samples)
{
	struct name *first = samples->names;

	samples->names = first->next;
	free(first);
}

void capgap_samples_free(struct capgap_samples *samples)
{
	if (!samples)
		return;
	for (unsigned i = 0; i < samples->n; i++)
		free(samples->fn[i]);
	while (samples->names)
		pop_name(samples);
	free(samples);
}

/* Vendor id in the upper half, device id in the lower; 0 where nothing tells them. */
static uint32_t ids_of(const struct capgap_record *rec)
{
	uint16_t vendor;
	uint16_t device;

	if (capgap_get16(&rec->image, HDR_VENDOR, &vendor) &&
	    capgap_get16(&rec->image, HDR_DEVICE, &device) && vendor != 0xffff)
		return (uint32_t)vendor << 16 | device;
	if (rec->meta.flags & CAPGAP_META_IDS)
		return (uint32_t)rec->meta.vendor << 16 | rec->meta.device;
	return 0;
}

/* What tells functions apart: the address, or the ids where there is none. */
static uint64_t key_of(const struct capgap_record *rec)
{
	if (rec->meta.flags & CAPGAP_META_BDF)
		return UINT64_C(1) << 63 | (uint64_t)rec->meta.bdf.domain << 16 |
		       capgap_bdf_rid(&rec->meta.bdf);
	return ids_of(rec);
}

/* The slot of a key, or the empty one where it would be. */
static uint16_t *find_slot(struct capgap_samples *samples, uint64_t key)
{
	unsigned at = (unsigned)((key * UINT64_C(0x9e3779b97f4a7c15)) >> 32) % SLOTS;

	while (samples->slot[at] &&
	       key_of(&samples->fn[samples->slot[at] - 1]->rec) != key)
		at = (at + 1) % SLOTS;
	return &samples->slot[at];
}

/* Leave a record of the current input out, and say why. */
static void leave_out(struct capgap_samples *samples, const struct capgap_err *err)
{
	samples->left_out = true;
	if (samples->trouble)
		samples->trouble(samples->ctx,
				 samples->names ? samples->names->text : "-", err);
}

/* "0000:01:00.0: ", or nothing. */
static const char *address_text(const struct capgap_record *rec,
				char out[CAPGAP_BDF_TEXT + 2])
{
	char bdf[CAPGAP_BDF_TEXT];

	out[0] = '\0';
	if (rec->meta.flags & CAPGAP_META_BDF)
		snprintf(out, CAPGAP_BDF_TEXT + 2,
			 "%s: ", capgap_bdf_format(&rec->meta.bdf, bdf));
	return out;
}

static bool reads_ones(const struct capgap_record *rec)
{
	size_t len = rec->image.size < CAPGAP_HEADER_END ? rec->image.size :
							   CAPGAP_HEADER_END;

	return capgap_image_content(&rec->image, 0, len) == CAPGAP_CONTENT_ONES;
}

/*
 * A text has 16 bits of a class code, sysfs 24: of two that agree so far, the one that says
 * more is kept.
 */
static bool same_class(struct capgap_meta *to, const struct capgap_meta *from)
{
	if (to->class_code >> 8 != from->class_code >> 8)
		return false;
	if (!(to->class_code & 0xff))
		to->class_code = from->class_code;
	return to->class_code == from->class_code || !(from->class_code & 0xff);
}

static bool same_iommu(const struct capgap_iommu *a, const struct capgap_iommu *b)
{
	return a->kind == b->kind && a->cap == b->cap && a->ext == b->ext;
}

/* What both samples say, and otherwise: enum capgap_meta_flags. */
static unsigned find_contested(struct capgap_meta *to, const struct capgap_meta *from)
{
	unsigned both = to->flags & from->flags;
	unsigned out = 0;

	if ((both & CAPGAP_META_SUBSYS) &&
	    (to->subvendor != from->subvendor || to->subdevice != from->subdevice))
		out |= CAPGAP_META_SUBSYS;
	if ((both & CAPGAP_META_CLASS) && !same_class(to, from))
		out |= CAPGAP_META_CLASS;
	if ((both & CAPGAP_META_REVISION) && to->revision != from->revision)
		out |= CAPGAP_META_REVISION;
	if ((both & CAPGAP_META_PHYSFN) && !capgap_bdf_equal(&to->physfn, &from->physfn))
		out |= CAPGAP_META_PHYSFN;
	if ((both & CAPGAP_META_DRIVER) && strcmp(to->driver, from->driver) != 0)
		out |= CAPGAP_META_DRIVER;
	if ((both & CAPGAP_META_IOMMU) && !same_iommu(&to->iommu, &from->iommu))
		out |= CAPGAP_META_IOMMU;
	if ((both & CAPGAP_META_GROUP) && to->iommu_group != from->iommu_group)
		out |= CAPGAP_META_GROUP;
	if ((both & CAPGAP_META_VFIO) && strcmp(to->vfio, from->vfio) != 0)
		out |= CAPGAP_META_VFIO;
	if ((both & CAPGAP_META_NUMA) && to->numa_node != from->numa_node)
		out |= CAPGAP_META_NUMA;
	return out;
}

/* A function that keeps the group from VFIO, and its driver where that is known. */
static void take_blocker(struct capgap_meta *to, const struct capgap_meta *from)
{
	to->blocker = from->blocker;
	memcpy(to->blocker_driver, from->blocker_driver, sizeof(to->blocker_driver));
	to->flags &= ~(unsigned)CAPGAP_META_BLOCKER_DRIVER;
	to->flags |= from->flags & CAPGAP_META_BLOCKER_DRIVER;
}

/* Virtual functions and the group come and go: the first sample that tells of them counts. */
static void take_host(struct capgap_meta *to, const struct capgap_meta *from,
		      unsigned more)
{
	if (more & CAPGAP_META_VFS)
		to->vfs = from->vfs;
	if (more & CAPGAP_META_TOTAL_VFS)
		to->total_vfs = from->total_vfs;
	if (!(more & CAPGAP_META_MEMBERS))
		return;
	to->group_size = from->group_size;
	to->n_members = from->n_members;
	memcpy(to->member, from->member, sizeof(to->member));
}

/* Of what was not read in one sample another one may have the bytes. */
static unsigned merge_unread(const struct capgap_meta *to, const struct capgap_meta *from)
{
	static const unsigned unread = CAPGAP_META_ASLEEP | CAPGAP_META_WITHHELD;

	if (!(to->flags & from->flags & CAPGAP_META_ASLEEP) && (to->flags & unread) &&
	    (from->flags & unread))
		return CAPGAP_META_WITHHELD;
	return to->flags & from->flags & unread;
}

/* Take over what no sample said so far of the function: @more, enum capgap_meta_flags. */
static void take_over(struct capgap_meta *to, const struct capgap_meta *from,
		      unsigned more)
{
	if (more & CAPGAP_META_IDS) {
		to->vendor = from->vendor;
		to->device = from->device;
	}
	if (more & CAPGAP_META_SUBSYS) {
		to->subvendor = from->subvendor;
		to->subdevice = from->subdevice;
	}
	if (more & CAPGAP_META_CLASS)
		to->class_code = from->class_code;
	if (more & CAPGAP_META_REVISION)
		to->revision = from->revision;
	if (more & CAPGAP_META_PHYSFN)
		to->physfn = from->physfn;
	if (more & CAPGAP_META_DRIVER)
		memcpy(to->driver, from->driver, sizeof(to->driver));
	if (more & CAPGAP_META_IOMMU)
		to->iommu = from->iommu;
	if (more & CAPGAP_META_GROUP)
		to->iommu_group = from->iommu_group;
	if (more & CAPGAP_META_BLOCKER)
		take_blocker(to, from);
	take_host(to, from, more);
	if (more & CAPGAP_META_VFIO)
		memcpy(to->vfio, from->vfio, sizeof(to->vfio));
	if (more & CAPGAP_META_NUMA)
		to->numa_node = from->numa_node;
}

/* What the samples say of the function; where they say two things, none is followed. */
static void merge_meta(struct sampled *fn, const struct capgap_meta *from)
{
	struct capgap_meta *to = &fn->rec.meta;
	static const unsigned apart = CAPGAP_META_ASLEEP | CAPGAP_META_WITHHELD |
				      CAPGAP_META_BLOCKER_DRIVER;
	unsigned more = from->flags & ~to->flags & ~apart;
	unsigned unread = merge_unread(to, from);

	to->flags &= ~(unsigned)(CAPGAP_META_ASLEEP | CAPGAP_META_WITHHELD);
	to->flags |= unread;
	if (!(more & CAPGAP_META_IDS))
		more &= ~(unsigned)CAPGAP_META_SYSFS;
	/* Two functions that keep the group from VFIO are as good as one: the first of both. */
	if ((to->flags & from->flags & CAPGAP_META_BLOCKER) &&
	    capgap_bdf_compare(&from->blocker, &to->blocker) < 0)
		take_blocker(to, from);
	fn->contested |= find_contested(to, from);
	more &= ~fn->contested;
	take_over(to, from, more);
	/* Offsets in the merged image are those of no input. */
	to->flags = (to->flags | more) & ~(unsigned)CAPGAP_META_RAW & ~fn->contested;
	if (fn->contested & CAPGAP_META_PHYSFN)
		to->flags |= CAPGAP_META_DISPUTED;
}

static bool same_damage(const struct capgap_damage *a, const struct capgap_damage *b)
{
	return a->kind == b->kind && a->off == b->off && a->len == b->len;
}

static void add_damage(struct capgap_record *to, const struct capgap_damage *damage)
{
	for (unsigned k = 0; k < to->n_damage; k++) {
		if (same_damage(&to->damage[k], damage))
			return;
	}
	if (to->n_damage < CAPGAP_DAMAGE_MAX)
		to->damage[to->n_damage++] = *damage;
}

/* Of the status word one bit alone matters, and the image keeps no bits apart. */
static bool same_status(const struct capgap_image *a, const struct capgap_image *b)
{
	uint16_t first;
	uint16_t second;

	return !capgap_get16(a, HDR_STATUS, &first) ||
	       !capgap_get16(b, HDR_STATUS, &second) ||
	       (first & STATUS_CAP_LIST) == (second & STATUS_CAP_LIST);
}

static void merge(struct sampled *fn, const struct capgap_record *from)
{
	static const struct capgap_damage list = { CAPGAP_F_SAMPLES_LIST, HDR_STATUS, 2 };
	static const struct capgap_damage facts = { CAPGAP_F_SAMPLES_FACTS, 0, 0 };
	struct capgap_record *to = &fn->rec;

	if (!same_status(&to->image, &from->image))
		add_damage(to, &list);
	capgap_image_merge(&to->image, &from->image);
	merge_meta(fn, &from->meta);
	if (fn->contested)
		add_damage(to, &facts);
	for (unsigned i = 0; i < from->n_damage; i++)
		add_damage(to, &from->damage[i]);
	to->meta.samples++;
}

/* A function that sleeps or hangs reads ff throughout, which says nothing of its bytes. */
static void merge_ones(struct capgap_samples *samples, struct sampled *old,
		       const struct capgap_record *rec)
{
	char address[CAPGAP_BDF_TEXT + 2];
	struct capgap_err err;
	bool late = reads_ones(rec);

	if (late && reads_ones(&old->rec)) {
		merge(old, rec);
		return;
	}
	capgap_err_set(
		&err, CAPGAP_E_DAMAGED, late ? rec->line : 0,
		"%sreads ff throughout in %s: asleep or absent, so that sample is left out",
		address_text(rec, address), late ? "this input" : old->source);
	leave_out(samples, &err);
	if (late)
		return;
	old->source = samples->names->text;
	old->contested = 0;
	old->rec = *rec;
	old->rec.meta.samples = 1;
	samples->named = true;
}

/* Take one more sample of a function over, if it is one. */
static void add_sample(struct capgap_samples *samples, struct sampled *old,
		       const struct capgap_record *rec)
{
	char address[CAPGAP_BDF_TEXT + 2];
	uint32_t before = ids_of(&old->rec);
	uint32_t now = ids_of(rec);
	struct capgap_err err;

	if (reads_ones(rec) || reads_ones(&old->rec)) {
		merge_ones(samples, old, rec);
	} else if (before && now && before != now) {
		capgap_err_set(&err, CAPGAP_E_DAMAGED, rec->line,
			       "%s%04x:%04x here, but %04x:%04x in %s: left out",
			       address_text(rec, address), now >> 16, now & 0xffff,
			       before >> 16, before & 0xffff, old->source);
		leave_out(samples, &err);
	} else {
		merge(old, rec);
	}
}

static int add_function(struct capgap_samples *samples, uint16_t *slot,
			const struct capgap_record *rec)
{
	struct sampled *fn = malloc(sizeof(*fn));

	if (!fn)
		return -CAPGAP_E_NOMEM;
	fn->source = samples->names->text;
	fn->contested = 0;
	fn->rec = *rec;
	fn->rec.meta.samples = 1;
	samples->named = true;
	samples->fn[samples->n++] = fn;
	*slot = (uint16_t)samples->n;
	return 0;
}

static int on_input(void *ctx, const char *name)
{
	struct capgap_samples *samples = ctx;
	size_t len = strlen(name) + 1;
	struct name *first = malloc(sizeof(*first) + len);

	if (!first)
		return -CAPGAP_E_NOMEM;
	if (samples->names && !samples->named)
		pop_name(samples);
	memcpy(first->text, name, len);
	first->next = samples->names;
	samples->names = first;
	samples->named = false;
	samples->full = false;
	return 0;
}

static int on_record(void *ctx, const struct capgap_record *rec)
{
	struct capgap_samples *samples = ctx;
	uint16_t *slot = find_slot(samples, key_of(rec));
	struct capgap_err err;

	if (*slot) {
		add_sample(samples, samples->fn[*slot - 1], rec);
		return 0;
	}
	if (samples->n < CAPGAP_SAMPLES_MAX)
		return add_function(samples, slot, rec);
	if (!samples->full) {
		capgap_err_set(
			&err, CAPGAP_E_DAMAGED, rec->line,
			"more than %u functions: samples are kept until all are read, so the rest is left out",
			CAPGAP_SAMPLES_MAX);
		leave_out(samples, &err);
	}
	samples->full = true;
	return 0;
}

static void on_trouble(void *ctx, const char *name, const struct capgap_err *err)
{
	struct capgap_samples *samples = ctx;

	if (samples->trouble)
		samples->trouble(samples->ctx, name, err);
}

int capgap_samples_read(struct capgap_samples *samples, const char *path)
{
	struct capgap_sink sink = {
		on_input, on_record, on_trouble, samples, NULL, NULL
	};
	int rc;

	samples->left_out = false;
	rc = capgap_source_read(path, &sink);
	return !rc && samples->left_out ? -CAPGAP_E_DAMAGED : rc;
}

int capgap_samples_feed(const struct capgap_samples *samples, struct capgap_reader *rd)
{
	struct capgap_feed *feed;
	int rc;

	if (!samples->n)
		return 0;
	feed = malloc(samples->n * sizeof(*feed));
	if (!feed)
		return -CAPGAP_E_NOMEM;
	for (unsigned i = 0; i < samples->n; i++)
		feed[i] = (struct capgap_feed){ samples->fn[i]->source,
						&samples->fn[i]->rec };
	rc = capgap_reader_feed(rd, feed, samples->n);
	free(feed);
	return rc;
}
