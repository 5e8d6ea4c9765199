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

/* One function, and the input that showed it first. */
struct sampled {
	const char *source;
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

/* Take over what the first sample did not say of the function. */
static void merge_meta(struct capgap_meta *to, const struct capgap_meta *from)
{
	unsigned more = from->flags & ~to->flags & ~(unsigned)CAPGAP_META_ASLEEP;

	/* One sample of a function that is awake is enough. */
	if (!(from->flags & CAPGAP_META_ASLEEP))
		to->flags &= ~(unsigned)CAPGAP_META_ASLEEP;
	if (more & CAPGAP_META_IDS) {
		to->vendor = from->vendor;
		to->device = from->device;
	} else {
		more &= ~(unsigned)CAPGAP_META_SYSFS;
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
		to->blocker = from->blocker;
	if (more & CAPGAP_META_VFIO)
		memcpy(to->vfio, from->vfio, sizeof(to->vfio));
	if (more & CAPGAP_META_NUMA)
		to->numa_node = from->numa_node;
	/* Offsets in the merged image are those of no input. */
	to->flags = (to->flags | more) & ~(unsigned)CAPGAP_META_RAW;
}

static bool same_damage(const struct capgap_damage *a, const struct capgap_damage *b)
{
	return a->kind == b->kind && a->off == b->off && a->len == b->len;
}

static void merge_damage(struct capgap_record *to, const struct capgap_record *from)
{
	unsigned k;

	for (unsigned i = 0; i < from->n_damage; i++) {
		for (k = 0; k < to->n_damage; k++) {
			if (same_damage(&to->damage[k], &from->damage[i]))
				break;
		}
		if (k == to->n_damage && k < CAPGAP_DAMAGE_MAX)
			to->damage[to->n_damage++] = from->damage[i];
	}
}

static void merge(struct capgap_record *to, const struct capgap_record *from)
{
	capgap_image_merge(&to->image, &from->image);
	merge_meta(&to->meta, &from->meta);
	merge_damage(to, from);
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
		merge(&old->rec, rec);
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
		merge(&old->rec, rec);
	}
}

static int add_function(struct capgap_samples *samples, uint16_t *slot,
			const struct capgap_record *rec)
{
	struct sampled *fn = malloc(sizeof(*fn));

	if (!fn)
		return -CAPGAP_E_NOMEM;
	fn->source = samples->names->text;
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
