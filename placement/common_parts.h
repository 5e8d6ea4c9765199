/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of common.h share; nothing else includes this header. */
#ifndef CAPGAP_COMMON_PARTS_H
#define CAPGAP_COMMON_PARTS_H

#include "common.h"
#include "offsets.h"

#define COMMON_BUCKETS 4096u
#define COMMON_INDEX(off) (((off)-CAPGAP_CONV_END) / 4u)
#define COMMON_OFFSET(index) (CAPGAP_CONV_END + 4u * (index))

/**
 * struct piece - a range of dwords of which the same is said
 * @who: the row and the text of the quirk that says it, or NULL; the table's
 * @off: first byte
 * @len: bytes
 * @id: for a structure its capability id
 * @at: and its offset
 * @space: and its list
 * @grade: enum capgap_grade
 * @reason: enum capgap_reason
 * @run: as in struct capgap_place
 */
struct piece {
	const void *who[2];
	uint16_t off;
	uint16_t len;
	uint16_t id;
	uint16_t at;
	uint8_t space;
	uint8_t grade;
	uint8_t reason;
	uint8_t run;
};

/**
 * struct run - offsets of which the same is to be said
 * @unlinked: why they cannot be linked, so that they are not allowed; NULL where they can
 * @spoilt: why the VMM would make no sound capability of them, or NULL. Both are words of
 *          the table
 * @first: the first
 * @last: the last
 * @grade: of a capability there
 * @preferred: a quirk prefers it
 * @declared: a free-space descriptor declares it free
 */
struct run {
	const char *unlinked;
	const char *spoilt;
	uint16_t first;
	uint16_t last;
	uint8_t grade;
	bool preferred;
	bool declared;
};

/**
 * struct traits - what there is of a function beside its pieces; see struct capgap_offsets
 * @refusal: a word of the table, or NULL
 * @state: hash of what links and VMMs depend on
 * @present: where the capability is already, or 0
 * @hint: where it would go first, or 0
 * @slot: the physical capability, or 0
 * @empty: the list has no entries
 * @above_slot: 0x104 stands for the slot
 * @n_pieces: pieces
 */
struct traits {
	const char *refusal;
	uint64_t state;
	uint16_t present;
	uint16_t hint;
	uint16_t slot;
	bool empty;
	bool above_slot;
	unsigned n_pieces;
};

/**
 * struct shape - what functions have in common that are counted together
 * @traits: beside its pieces
 * @piece: ranges of extended space, all of it, in ascending order
 * @hash: of all this
 */
struct shape {
	struct traits traits;
	struct piece piece[CAPGAP_PLACES_MAX];
	uint64_t hash;
};

/**
 * struct runs - the offsets of a function
 * @n: runs
 * @run: in ascending order; what is in none is not allowed
 */
struct runs {
	unsigned n;
	struct run run[CAPGAP_PLACES_MAX];
};

/* One function of a shape; the source is a word of the table. */
struct example {
	struct example *next;
	const char *source;
	struct capgap_bdf bdf;
	unsigned machine;
	bool has_bdf;
};

/**
 * struct profile - functions of one group that have the same shape
 * @next: of the group, in the order of arrival
 * @same: of the bucket
 * @hash: of the shape
 * @group: whose
 * @traits: of the shape
 * @piece: of the shape; they and what follows are one allocation
 * @run: offsets that its functions allow, or would if they could be linked
 * @text: why, for each piece; words of the table
 * @n_runs: elements of @run
 * @n: functions
 * @n_examples: some of them
 * @examples: in the order of arrival
 * @last: the last of them, NULL while there is none
 */
struct profile {
	struct profile *next;
	struct profile *same;
	uint64_t hash;
	const struct group *group;
	struct traits traits;
	struct piece *piece;
	struct run *run;
	const char **text;
	unsigned n_runs;
	uint32_t n;
	unsigned n_examples;
	struct example *examples;
	struct example *last;
};

/**
 * struct cell - one offset, over the functions of a group
 * @n: functions that allow it at the grade that counts
 * @n_spoilt: of them, those for which the VMM would make nothing sound of it
 * @n_preferred: of them, those for which a quirk prefers it
 * @grade: the weakest grade of those that allow it
 * @edge: a range of some function begins here
 * @declared: some function declares it free
 */
struct cell {
	uint32_t n;
	uint32_t n_spoilt;
	uint32_t n_preferred;
	uint8_t grade;
	bool edge;
	bool declared;
};

struct tally {
	struct cell cell[CAPGAP_PLACES_MAX];
};

/**
 * struct group - functions that are to have one offset
 * @key: its place in the order of groups
 * @label: its name for people, "" when all are one group
 * @has_ids: all have the same ids
 * @vendor: vendor id
 * @device: device id
 * @n_functions: functions
 * @n_applicable: of them, applicable ones
 * @n_present: of those, the ones that have the capability already
 * @n_empty: of those, the ones whose list has no entries
 * @n_above_slot: of those, the ones whose slot is used from 0x104 on
 * @hint: what all that have one agree on, 0 while none has one
 * @hints_differ: they do not
 * @joint: PASID answers
 * @profiles: shapes, in the order of arrival
 * @last: the last of them
 * @n_rest: functions whose shapes are in @rest only
 * @rest: them, offset by offset; NULL while there are none
 */
struct group {
	uint64_t key;
	char label[sizeof("ffff:ffff:ff")];
	bool has_ids;
	uint16_t vendor;
	uint16_t device;
	unsigned long n_functions;
	unsigned long n_applicable;
	unsigned long n_present;
	unsigned long n_empty;
	unsigned long n_above_slot;
	uint16_t hint;
	bool hints_differ;
	struct capgap_joint joint;
	struct profile *profiles;
	struct profile *last;
	unsigned long n_rest;
	struct tally *rest;
};

/* A text that is kept once. */
struct word {
	struct word *next;
	char text[];
};

/**
 * struct capgap_common - all groups
 * @policy: what counts
 * @by: what makes a group
 * @need: weakest grade that counts; any where the offset is the caller's
 * @bytes: kept so far
 * @n: groups
 * @room: elements of @group
 * @group: them, by key; they and the array are owned
 * @profile: by hash; owned
 * @word: likewise
 * @offsets: of the function in hand
 * @shape: likewise
 * @runs: likewise, where it is the first of its shape
 * @tally: of the group in hand
 * @answer: likewise
 */
struct capgap_common {
	struct capgap_policy policy;
	enum capgap_group_by by;
	enum capgap_grade need;
	size_t bytes;
	size_t n;
	size_t room;
	struct group **group;
	struct profile *profile[COMMON_BUCKETS];
	struct word *word[COMMON_BUCKETS];
	struct capgap_offsets offsets;
	struct shape shape;
	struct runs runs;
	struct tally tally;
	struct capgap_common_answer answer;
};

/**
 * common_word() - keep a text once
 * @common: keeps it
 * @text: borrowed
 *
 * Return: it, until @common is freed; NULL when memory is short.
 */
const char *common_word(struct capgap_common *common, const char *text);

/**
 * common_shape() - the shape of a function
 * @common: its @offsets are those of @fn; @shape is filled
 * @fn: borrowed
 *
 * Return: 0 or -CAPGAP_E_NOMEM.
 */
int common_shape(struct capgap_common *common, const struct capgap_function *fn);

/**
 * common_runs() - the offsets of a function
 * @common: its @offsets are those of @fn; @runs is filled
 * @fn: borrowed
 *
 * Return: 0 or -CAPGAP_E_NOMEM.
 */
int common_runs(struct capgap_common *common, const struct capgap_function *fn);

/**
 * common_profile() - count a function under its shape
 * @common: its @offsets and @shape are those of @fn
 * @group: whose
 * @fn: borrowed
 * @out: set to the profile; to NULL where there is no room for one more
 *
 * Return: 0 or -CAPGAP_E_NOMEM.
 */
int common_profile(struct capgap_common *common, struct group *group,
		   const struct capgap_function *fn, struct profile **out);

/* Free a profile and what it holds. */
void common_profile_free(struct profile *profile);

/* Count @n functions with these offsets. */
void common_tally(struct tally *tally, const struct capgap_common *common,
		  const struct run *run, unsigned n_runs, uint32_t n);

/* True when offsets like these count: they can be linked, and have a grade that is enough. */
bool common_counts(const struct capgap_common *common, const struct run *run);

/**
 * common_answer() - the answer of one group, in @common->answer
 * @common: its @tally is overwritten
 * @group: borrowed
 *
 * Return: 0 or -CAPGAP_E_NOMEM.
 */
int common_answer(struct capgap_common *common, const struct group *group);

/* Fill in the functions that stand against the offset of @common->answer, and its reason. */
int common_explain(struct capgap_common *common, const struct group *group);

#endif
