/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One offset for many functions: groups, and what is kept of their functions. */
#include "common.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common_parts.h"

#include "../analyzer/bytes.h"
#include "../analyzer/header.h"

/* Functions without ids come last. */
#define KEY_UNKNOWN UINT64_MAX
#define REVISION_UNKNOWN 0x100u

static const char *const group_names[] = {
	[CAPGAP_GROUP_ALL] = "all",
	[CAPGAP_GROUP_VENDOR] = "vendor",
	[CAPGAP_GROUP_DEVICE] = "vendor:device",
	[CAPGAP_GROUP_REVISION] = "vendor:device:revision",
};

int capgap_group_by_find(const char *name)
{
	for (int i = CAPGAP_GROUP_ALL; i <= CAPGAP_GROUP_REVISION; i++) {
		if (!strcmp(group_names[i], name))
			return i;
	}
	return -CAPGAP_E_NOENT;
}

struct capgap_common *capgap_common_new(const struct capgap_policy *policy,
					enum capgap_group_by by)
{
	struct capgap_common *common = calloc(1, sizeof(*common));

	if (!common)
		return NULL;
	common->policy = *policy;
	common->by = by;
	common->need = policy->has_offset ? CAPGAP_GRADE_ASSUMED : policy->require;
	return common;
}

static void free_words(struct word *word)
{
	struct word *next;

	for (; word; word = next) {
		next = word->next;
		free(word);
	}
}

static void free_profiles(struct profile *profile)
{
	struct profile *next;

	for (; profile; profile = next) {
		next = profile->same;
		common_profile_free(profile);
	}
}

void capgap_common_free(struct capgap_common *common)
{
	if (!common)
		return;
	for (unsigned i = 0; i < COMMON_BUCKETS; i++) {
		free_words(common->word[i]);
		free_profiles(common->profile[i]);
	}
	for (size_t i = 0; i < common->n; i++) {
		free(common->group[i]->rest);
		free(common->group[i]);
	}
	free(common->group);
	free(common);
}

static unsigned revision_of(const struct capgap_function *fn)
{
	uint8_t revision;

	if (capgap_get8(&fn->image, HDR_CLASS_REV, &revision))
		return revision;
	return fn->meta.flags & CAPGAP_META_REVISION ? fn->meta.revision :
						       REVISION_UNKNOWN;
}

static uint64_t key_of(enum capgap_group_by by, const struct capgap_function *fn)
{
	uint64_t key = (uint64_t)fn->vendor << 32;

	if (by == CAPGAP_GROUP_ALL)
		return 0;
	if (fn->id_from == CAPGAP_ID_NONE)
		return KEY_UNKNOWN;
	if (by != CAPGAP_GROUP_VENDOR)
		key |= (uint64_t)fn->device << 16;
	if (by == CAPGAP_GROUP_REVISION)
		key |= revision_of(fn);
	return key;
}

static void label_group(struct group *group, enum capgap_group_by by,
			const struct capgap_function *fn)
{
	unsigned revision = revision_of(fn);

	if (by == CAPGAP_GROUP_ALL)
		return;
	if (fn->id_from == CAPGAP_ID_NONE)
		snprintf(group->label, sizeof(group->label), "unknown");
	else if (by == CAPGAP_GROUP_VENDOR)
		snprintf(group->label, sizeof(group->label), "%04x", fn->vendor);
	else if (by == CAPGAP_GROUP_DEVICE)
		snprintf(group->label, sizeof(group->label), "%04x:%04x", fn->vendor,
			 fn->device);
	else if (revision == REVISION_UNKNOWN)
		snprintf(group->label, sizeof(group->label), "%04x:%04x:??", fn->vendor,
			 fn->device);
	else
		snprintf(group->label, sizeof(group->label), "%04x:%04x:%02x", fn->vendor,
			 fn->device, revision & 0xff);
}

/* Where a group with this key is, or would be. */
static size_t find(const struct capgap_common *common, uint64_t key)
{
	size_t low = 0;
	size_t high = common->n;
	size_t mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (common->group[mid]->key < key)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* Make room for one more group. */
static int reserve(struct capgap_common *common)
{
	size_t room = common->room ? 2 * common->room : 16;
	struct group **list;

	if (common->n < common->room)
		return 0;
	if (common->n >= CAPGAP_COMMON_GROUPS_MAX)
		return -CAPGAP_E_TOOMANY;
	list = realloc(common->group,
		       room * sizeof(*list)); /* NOLINT(bugprone-sizeof-expression) */
	if (!list)
		return -CAPGAP_E_NOMEM;
	common->group = list;
	common->room = room;
	return 0;
}

/* The group of a function, a new one where its key is new. */
static int group_of(struct capgap_common *common, const struct capgap_function *fn,
		    struct group **out)
{
	uint64_t key = key_of(common->by, fn);
	size_t at = find(common, key);
	struct group *group = at < common->n ? common->group[at] : NULL;
	int rc;

	if (group && group->key == key) {
		*out = group;
		return 0;
	}
	rc = reserve(common);
	if (rc)
		return rc;
	group = calloc(1, sizeof(*group));
	if (!group)
		return -CAPGAP_E_NOMEM;
	group->key = key;
	group->has_ids = fn->id_from != CAPGAP_ID_NONE;
	group->vendor = fn->vendor;
	group->device = fn->device;
	label_group(group, common->by, fn);
	memmove(&common->group[at + 1], &common->group[at],
		(common->n - at) *
			sizeof(group)); /* NOLINT(bugprone-sizeof-expression) */
	common->group[at] = group;
	common->n++;
	*out = group;
	return 0;
}

static void add_joint(struct capgap_joint *joint, const struct capgap_pasid *pasid)
{
	bool first = !joint->n_yes;

	if (pasid->supported != CAPGAP_IS_YES) {
		joint->n_no += pasid->supported == CAPGAP_IS_NO;
		joint->n_unknown += pasid->supported == CAPGAP_IS_UNKNOWN;
		return;
	}
	joint->n_yes++;
	if (first || pasid->width < joint->width)
		joint->width = pasid->width;
	joint->execute = pasid->execute && (first || joint->execute);
	joint->privileged = pasid->privileged && (first || joint->privileged);
	joint->enabled = pasid->enabled && (first || joint->enabled);
}

static void add_traits(struct group *group, const struct traits *traits)
{
	group->n_present += traits->present != 0;
	group->n_empty += traits->empty;
	group->n_above_slot += traits->above_slot;
	if (!traits->hint)
		return;
	group->hints_differ |= group->hint && group->hint != traits->hint;
	group->hint = traits->hint;
}

static int add_example(struct capgap_common *common, struct profile *profile,
		       const char *source, unsigned machine,
		       const struct capgap_function *fn)
{
	struct example *one;

	if (profile->n_examples >= CAPGAP_COMMON_EXAMPLES ||
	    common->bytes >= CAPGAP_COMMON_BYTES_MAX)
		return 0;
	one = calloc(1, sizeof(*one));
	if (!one)
		return -CAPGAP_E_NOMEM;
	one->source = common_word(common, source);
	if (!one->source) {
		free(one);
		return -CAPGAP_E_NOMEM;
	}
	one->machine = machine;
	one->has_bdf = fn->meta.flags & CAPGAP_META_BDF;
	one->bdf = fn->meta.bdf;
	if (profile->last)
		profile->last->next = one;
	else
		profile->examples = one;
	profile->last = one;
	profile->n_examples++;
	common->bytes += sizeof(*one);
	return 0;
}

/* A shape too many: count what the function in hand allows, and forget it. */
static int count_only(struct capgap_common *common, struct group *group,
		      const struct capgap_function *fn)
{
	int rc = common_runs(common, fn);

	if (!rc && !group->rest) {
		group->rest = calloc(1, sizeof(*group->rest));
		rc = group->rest ? 0 : -CAPGAP_E_NOMEM;
	}
	if (rc)
		return rc;
	common_tally(group->rest, common, common->runs.run, common->runs.n, 1);
	group->n_rest++;
	return 0;
}

int capgap_common_add(struct capgap_common *common, const char *source, unsigned machine,
		      const struct capgap_function *fn, const struct capgap_pasid *pasid)
{
	struct profile *profile;
	struct group *group;
	int rc = group_of(common, fn, &group);

	if (rc)
		return rc;
	group->n_functions++;
	group->has_ids &= fn->id_from != CAPGAP_ID_NONE && group->vendor == fn->vendor &&
			  group->device == fn->device;
	if (fn->not_applicable)
		return 0;
	group->n_applicable++;
	add_joint(&group->joint, pasid);
	capgap_offsets_judge(&common->offsets, fn, pasid, &common->policy);
	rc = common_shape(common, fn);
	if (rc)
		return rc;
	add_traits(group, &common->shape.traits);
	rc = common_profile(common, group, fn, &profile);
	if (rc)
		return rc;
	return profile ? add_example(common, profile, source, machine, fn) :
			 count_only(common, group, fn);
}

int capgap_common_each(struct capgap_common *common,
		       int (*answer)(void *ctx, const struct capgap_common_answer *ans),
		       void *ctx)
{
	static const struct group nothing;
	int rc = 0;

	if (!common->n) {
		rc = common_answer(common, &nothing);
		return rc ? rc : answer(ctx, &common->answer);
	}
	for (size_t i = 0; !rc && i < common->n; i++) {
		rc = common_answer(common, common->group[i]);
		if (!rc)
			rc = answer(ctx, &common->answer);
	}
	return rc;
}
