/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One offset for many functions: where every one of them can have the capability. */
#ifndef CAPGAP_COMMON_H
#define CAPGAP_COMMON_H

#include "plan.h"

/* Which functions are to have one offset. */
enum capgap_group_by {
	CAPGAP_GROUP_ALL,      /* all of them */
	CAPGAP_GROUP_VENDOR,   /* those of one vendor */
	CAPGAP_GROUP_DEVICE,   /* those with the same vendor and device id */
	CAPGAP_GROUP_REVISION, /* and the same revision */
};

/* Groups that are told apart, at most. */
#define CAPGAP_COMMON_GROUPS_MAX 8192u
/* Functions of one shape that are remembered by name, and names in one list, at most. */
#define CAPGAP_COMMON_EXAMPLES 16u
#define CAPGAP_COMMON_NAMES_MAX 64u
/* What is kept of functions, beside a fixed part for each group; bytes. */
#define CAPGAP_COMMON_BYTES_MAX (32u << 20)

/**
 * struct capgap_objector - one function that stands against an offset
 * @source: name of its input
 * @machine: machine it is of, from 0
 * @has_bdf: @bdf is its address
 * @bdf: address
 * @range: what stands against it there; the offset itself where no range does
 * @nowhere: no other offset would do either
 * @reason: why, one clause
 */
struct capgap_objector {
	const char *source;
	unsigned machine;
	bool has_bdf;
	struct capgap_bdf bdf;
	struct capgap_range range;
	bool nowhere;
	const char *reason;
};

/**
 * struct capgap_objectors - functions that stand against an offset
 * @n: how many
 * @n_named: of them, those in @named; the others are counted only
 * @named: in the order of the input as far as it is known
 */
struct capgap_objectors {
	unsigned long n;
	unsigned n_named;
	struct capgap_objector named[CAPGAP_COMMON_NAMES_MAX];
};

/**
 * struct capgap_joint - what all functions of a group can do with PASIDs
 * @supported: no where one of them has none, else unknown where one is unknown
 * @width: the least; means nothing unless supported, as all that follow
 * @execute: all have Execute Permission
 * @privileged: all have Privileged Mode
 * @enabled: all have it enabled
 * @n_yes: functions with PASID
 * @n_no: without
 * @n_unknown: of which the input does not tell
 */
struct capgap_joint {
	enum capgap_answer_is supported;
	unsigned width;
	bool execute;
	bool privileged;
	bool enabled;
	unsigned long n_yes;
	unsigned long n_no;
	unsigned long n_unknown;
};

/**
 * struct capgap_common_range - offsets that all functions allow
 * @range: first byte to last byte that a capability there can take
 * @grade: the weakest of all functions
 */
struct capgap_common_range {
	struct capgap_range range;
	enum capgap_grade grade;
};

/**
 * struct capgap_common_answer - the answer for one group
 * @group: "8086:0b25"; "unknown" for functions without ids; NULL when all are one group
 * @has_ids: @vendor and @device are the group's; false where they differ or are unknown
 * @vendor: vendor id
 * @device: device id
 * @n_functions: functions of the group
 * @n_applicable: of them, those that a VMM could place a capability in at all
 * @n_present: of those, the ones that have the capability already
 * @found: every applicable function can have it at @offset, at @grade or better
 * @meets: and @grade is the required one or better
 * @by_caller: the offset is the caller's
 * @offset: the answer; where not found and @n_agree is not 0, the offset that most allow
 * @grade: the weakest of the functions that agree; NONE where all have it there already
 * @n_agree: functions that allow @offset
 * @reason: why it can be there, one sentence
 * @tie: why there and not elsewhere, a few words; NULL where that is not to be said
 * @refusal: why not, one sentence; "" where found
 * @n_alternatives: other ranges that all functions allow
 * @alternative: them, in ascending order
 * @blocked: the functions that do not allow @offset
 * @spoilt: those for which the policy's VMM would make no sound capability of it
 * @n_exposed: functions whose physical PASID Control register stays open to the guest
 * @joint: the PASID feature query of all applicable functions
 */
struct capgap_common_answer {
	const char *group;
	bool has_ids;
	uint16_t vendor;
	uint16_t device;
	unsigned long n_functions;
	unsigned long n_applicable;
	unsigned long n_present;
	bool found;
	bool meets;
	bool by_caller;
	uint16_t offset;
	enum capgap_grade grade;
	unsigned long n_agree;
	char reason[512];
	const char *tie;
	char refusal[320];
	unsigned n_alternatives;
	struct capgap_common_range alternative[CAPGAP_PLACES_MAX];
	struct capgap_objectors blocked;
	struct capgap_objectors spoilt;
	unsigned long n_exposed;
	struct capgap_joint joint;
};

struct capgap_common;

/**
 * capgap_common_new() - nothing yet
 * @policy: copied; @wants and @force of it are not heeded
 * @by: what makes a group
 *
 * Return: owned by the caller; NULL when memory is short.
 */
struct capgap_common *capgap_common_new(const struct capgap_policy *policy,
					enum capgap_group_by by);

/* Free it; NULL is allowed. */
void capgap_common_free(struct capgap_common *common);

/**
 * capgap_common_add() - take a function over
 * @common: whose policy decides which offsets it allows
 * @source: name of its input
 * @machine: machine it is of, from 0
 * @fn: borrowed for the call, but its quirk table must outlive @common
 * @pasid: its feature answer, borrowed
 *
 * Functions of one shape are kept once, with their number and some names, so memory
 * is bounded however many there are; beyond CAPGAP_COMMON_BYTES_MAX shapes are only
 * counted, offset by offset, and their functions can no longer be named.
 *
 * Return: 0; -CAPGAP_E_NOMEM; -CAPGAP_E_TOOMANY for one group too many.
 */
int capgap_common_add(struct capgap_common *common, const char *source, unsigned machine,
		      const struct capgap_function *fn, const struct capgap_pasid *pasid);

/**
 * capgap_common_each() - the answers, by vendor, device and revision
 * @common: what was added
 * @answer: called for each group; the answer is borrowed for the call. What it
 *          returns, unless it is 0, ends the walk. Without functions, all of them are
 *          one group without any
 * @ctx: its first argument
 *
 * Return: 0, what @answer returned, or -CAPGAP_E_NOMEM.
 */
int capgap_common_each(struct capgap_common *common,
		       int (*answer)(void *ctx, const struct capgap_common_answer *ans),
		       void *ctx);

/* The grouping of that name ("vendor:device" and so on), or -CAPGAP_E_NOENT. */
int capgap_group_by_find(const char *name);

#endif
