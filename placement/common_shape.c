/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Functions of one shape are kept once: what a shape is, and its table. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common_parts.h"

/* FNV-1a, 64 bits. */
#define HASH_START UINT64_C(0xcbf29ce484222325)
#define HASH_PRIME UINT64_C(0x100000001b3)

static uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t len)
{
	const unsigned char *byte = bytes;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ byte[i]) * HASH_PRIME;
	return hash;
}

static unsigned bucket_of(uint64_t hash)
{
	return (unsigned)(hash >> 32) % COMMON_BUCKETS;
}

const char *common_word(struct capgap_common *common, const char *text)
{
	size_t len = strlen(text) + 1;
	struct word **bucket =
		&common->word[bucket_of(hash_bytes(HASH_START, text, len))];
	struct word *word;

	for (word = *bucket; word; word = word->next) {
		if (!strcmp(word->text, text))
			return word->text;
	}
	word = malloc(sizeof(*word) + len);
	if (!word)
		return NULL;
	memcpy(word->text, text, len);
	word->next = *bucket;
	*bucket = word;
	common->bytes += sizeof(*word) + len;
	return word->text;
}

/* Say of a piece whose it is, by what does not hang on the function's own numbering. */
static void name_owner(struct piece *piece, const struct capgap_place *dw,
		       const struct capgap_function *fn)
{
	const struct capgap_quirk *quirk;
	const struct capgap_cap *cap;

	if (dw->cap == CAPGAP_NO_CAP)
		return;
	if (dw->reason == CAPGAP_REASON_OWNED) {
		cap = &fn->chain.cap[dw->cap];
		piece->id = cap->id;
		piece->at = cap->off;
		piece->space = (uint8_t)cap->space;
	} else if (dw->reason == CAPGAP_REASON_RESERVED ||
		   dw->reason == CAPGAP_REASON_LISTED ||
		   dw->reason == CAPGAP_REASON_PREFERRED) {
		quirk = &fn->quirk[dw->cap];
		piece->who[0] = quirk->row;
		piece->who[1] = quirk->text;
	}
}

static void find_pieces(struct shape *shape, const struct capgap_places *places,
			const struct capgap_function *fn)
{
	const struct capgap_place *dw;
	const struct capgap_place *last = NULL;
	struct piece *piece = NULL;

	for (unsigned i = 0; i < CAPGAP_PLACES_MAX; i++) {
		dw = &places->dw[i];
		if (last && last->reason == dw->reason && last->cap == dw->cap &&
		    last->run == dw->run) {
			piece->len = (uint16_t)(piece->len + 4);
			continue;
		}
		piece = &shape->piece[shape->traits.n_pieces++];
		memset(piece, 0, sizeof(*piece));
		piece->off = dw->off;
		piece->len = 4;
		piece->grade = (uint8_t)dw->grade;
		piece->reason = (uint8_t)dw->reason;
		piece->run = dw->run;
		name_owner(piece, dw, fn);
		last = dw;
	}
}

int common_shape(struct capgap_common *common, const struct capgap_function *fn)
{
	const struct capgap_offsets *offsets = &common->offsets;
	struct shape *shape = &common->shape;
	struct traits *traits = &shape->traits;

	memset(traits, 0, sizeof(*traits));
	if (offsets->refusal[0]) {
		traits->refusal = common_word(common, offsets->refusal);
		if (!traits->refusal)
			return -CAPGAP_E_NOMEM;
	}
	traits->state = offsets->state;
	traits->present = offsets->present;
	traits->hint = offsets->hint;
	traits->slot = offsets->slot;
	traits->empty = offsets->planner.empty;
	traits->above_slot = offsets->above_slot;
	find_pieces(shape, &offsets->planner.places, fn);
	shape->hash = hash_bytes(HASH_START, &traits->state, sizeof(traits->state));
	shape->hash = hash_bytes(shape->hash, shape->piece,
				 traits->n_pieces * sizeof(shape->piece[0]));
	return 0;
}

/*
 * Why the policy's VMM would make no sound capability of @off; false where it is sound.
 * What a generic VMM does is what is planned.
 */
static bool is_spoilt(const struct capgap_common *common, unsigned off, char *buf,
		      size_t len)
{
	const struct capgap_offsets *offsets = &common->offsets;
	struct capgap_vmm_case c = { .view = &offsets->planner.view,
				     .fn = offsets->planner.fn,
				     .offset = (uint16_t)off,
				     .registers = offsets->planner.registers };
	struct capgap_verdict verdict;

	if (common->policy.vmm == CAPGAP_VMM_GENERIC)
		return false;
	capgap_vmm_judge(&verdict, common->policy.vmm, &c);
	if (!capgap_verdict_is_bad(verdict.kind))
		return false;
	snprintf(buf, len, "%s", verdict.reason);
	return true;
}

/* One more offset that could hold the capability as far as its bytes go. */
static int add_offset(struct capgap_common *common, const struct capgap_function *fn,
		      unsigned off)
{
	struct capgap_offsets *offsets = &common->offsets;
	struct runs *runs = &common->runs;
	struct run *run = runs->n ? &runs->run[runs->n - 1] : NULL;
	unsigned i = COMMON_INDEX(off);
	const char *why = capgap_offsets_link(offsets, off);

	if (why) {
		why = common_word(common, why);
		if (!why)
			return -CAPGAP_E_NOMEM;
	}
	/* 0x104 is in no range of its own where it stands for the slot. */
	if (run && run->last + 4u == off && run->grade == offsets->grade[i] &&
	    run->unlinked == why && !(offsets->above_slot && i <= 2)) {
		run->last = (uint16_t)off;
		return 0;
	}
	runs->run[runs->n++] = (struct run){
		.unlinked = why,
		.first = (uint16_t)off,
		.last = (uint16_t)off,
		.grade = offsets->grade[i],
		.preferred = offsets->planner.places.dw[i].reason ==
			     CAPGAP_REASON_PREFERRED,
		.declared = capgap_places_declared(fn, off) >= 0,
	};
	return 0;
}

/*
 * What the VMM makes of each run. Its list and bytes are the same throughout, so one
 * offset stands for all of a run.
 */
static int judge_runs(struct capgap_common *common)
{
	struct run *run;
	char buf[256];

	for (unsigned i = 0; i < common->runs.n; i++) {
		run = &common->runs.run[i];
		if (!common_counts(common, run) ||
		    !is_spoilt(common, run->first, buf, sizeof(buf)))
			continue;
		run->spoilt = common_word(common, buf);
		if (!run->spoilt)
			return -CAPGAP_E_NOMEM;
	}
	return 0;
}

int common_runs(struct capgap_common *common, const struct capgap_function *fn)
{
	const struct capgap_offsets *offsets = &common->offsets;
	const struct capgap_policy *policy = &common->policy;
	unsigned present = offsets->present;
	int rc = 0;

	common->runs.n = 0;
	if (offsets->refusal[0])
		return 0;
	if (present && (!policy->has_offset || policy->offset == present))
		common->runs.run[common->runs.n++] =
			(struct run){ .first = offsets->present,
				      .last = offsets->present,
				      .grade = CAPGAP_GRADE_SLOT };
	for (unsigned i = 0; !rc && !present && i < CAPGAP_PLACES_MAX; i++) {
		if (offsets->grade[i] &&
		    (!policy->has_offset || policy->offset == COMMON_OFFSET(i)))
			rc = add_offset(common, fn, COMMON_OFFSET(i));
	}
	return rc || present ? rc : judge_runs(common);
}

static bool same_traits(const struct traits *a, const struct traits *b)
{
	return a->refusal == b->refusal && a->state == b->state &&
	       a->present == b->present && a->hint == b->hint && a->slot == b->slot &&
	       a->empty == b->empty && a->above_slot == b->above_slot &&
	       a->n_pieces == b->n_pieces;
}

static bool same_shape(const struct profile *profile, const struct group *group,
		       const struct shape *shape)
{
	return profile->hash == shape->hash && profile->group == group &&
	       same_traits(&profile->traits, &shape->traits) &&
	       !memcmp(profile->piece, shape->piece,
		       shape->traits.n_pieces * sizeof(shape->piece[0]));
}

void common_profile_free(struct profile *profile)
{
	struct example *next;

	for (struct example *one = profile->examples; one; one = next) {
		next = one->next;
		free(one);
	}
	free(profile->piece);
	free(profile);
}

/* One allocation for all three arrays. */
static bool reserve(struct profile *profile, const struct capgap_common *common,
		    size_t *bytes)
{
	size_t pieces = common->shape.traits.n_pieces * sizeof(*profile->piece);
	size_t runs = common->runs.n * sizeof(*profile->run);
	size_t texts = common->shape.traits.n_pieces * sizeof(*profile->text);
	char *block = malloc(pieces + runs + texts);

	*bytes = pieces + runs + texts;
	if (!block)
		return false;
	profile->piece = (struct piece *)(void *)block;
	profile->run = (struct run *)(void *)(block + pieces);
	profile->text = (const char **)(void *)(block + pieces + runs);
	memcpy(profile->piece, common->shape.piece, pieces);
	memcpy(profile->run, common->runs.run, runs);
	profile->n_runs = common->runs.n;
	return true;
}

/* The reason of each piece, in the words of the planner. */
static bool fill_texts(struct capgap_common *common, struct profile *profile,
		       const struct capgap_function *fn)
{
	const struct capgap_place *dw;
	char buf[320];

	for (unsigned i = 0; i < profile->traits.n_pieces; i++) {
		dw = capgap_places_at(&common->offsets.planner.places,
				      profile->piece[i].off);
		profile->text[i] = common_word(common, capgap_place_text(dw, fn, buf,
									 sizeof(buf)));
		if (!profile->text[i])
			return false;
	}
	return true;
}

static struct profile *profile_new(struct capgap_common *common,
				   const struct capgap_function *fn)
{
	struct profile *profile = calloc(1, sizeof(*profile));
	size_t bytes = 0;

	if (!profile)
		return NULL;
	profile->hash = common->shape.hash;
	profile->traits = common->shape.traits;
	if (common_runs(common, fn) || !reserve(profile, common, &bytes) ||
	    !fill_texts(common, profile, fn)) {
		common_profile_free(profile);
		return NULL;
	}
	common->bytes += sizeof(*profile) + bytes;
	return profile;
}

int common_profile(struct capgap_common *common, struct group *group,
		   const struct capgap_function *fn, struct profile **out)
{
	struct profile **bucket = &common->profile[bucket_of(common->shape.hash)];
	struct profile *profile = *bucket;

	while (profile && !same_shape(profile, group, &common->shape))
		profile = profile->same;
	*out = profile;
	if (profile) {
		profile->n++;
		return 0;
	}
	if (common->bytes >= CAPGAP_COMMON_BYTES_MAX)
		return 0;
	profile = profile_new(common, fn);
	if (!profile)
		return -CAPGAP_E_NOMEM;
	profile->group = group;
	profile->n = 1;
	profile->same = *bucket;
	*bucket = profile;
	if (group->last)
		group->last->next = profile;
	else
		group->profiles = profile;
	group->last = profile;
	*out = profile;
	return 0;
}
