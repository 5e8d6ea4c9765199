/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the PASID capability goes, and why not elsewhere. */
#ifndef CAPGAP_PLAN_H
#define CAPGAP_PLAN_H

#include "../analyzer/function.h"
#include "link.h"
#include "query.h"
#include "vmm.h"

/* Grades of evidence, the weakest first. */
enum capgap_grade {
	CAPGAP_GRADE_NONE,
	CAPGAP_GRADE_ASSUMED,
	CAPGAP_GRADE_OBSERVED,
	CAPGAP_GRADE_DECLARED,
	CAPGAP_GRADE_LISTED,
	CAPGAP_GRADE_SLOT
};

/* What is said of a range, in the order of policy.def. */
enum capgap_reason {
#define CAPGAP_REASON(symbol, grade, text) CAPGAP_REASON_##symbol,
#include "policy.def"
#undef CAPGAP_REASON
	CAPGAP_REASON_COUNT
};

/* Capabilities that can be placed beside PASID. */
#define CAPGAP_WANTS_MAX 8u

/**
 * struct capgap_want - a capability to be placed beside PASID
 * @id: extended capability id
 * @len: bytes; a multiple of 4, 8..0xf00
 */
struct capgap_want {
	uint16_t id;
	uint16_t len;
};

/**
 * struct capgap_policy - what the caller wants
 * @require: weakest grade that is planned
 * @min_gap: shortest run of grade observed or assumed; bytes, at least 8
 * @has_offset: plan @offset, whatever else there is
 * @offset: the caller's offset
 * @force: plan it though it is objected to
 * @guard: bytes that stay free on both sides of what is placed in a run of grade observed
 *         or assumed; a multiple of 4
 * @vmm: whose verdict passes candidates over
 * @kernel: whose view is planned for
 * @n_wants: capabilities to be placed beside PASID
 * @want: them
 */
struct capgap_policy {
	enum capgap_grade require;
	unsigned min_gap;
	bool has_offset;
	uint16_t offset;
	bool force;
	unsigned guard;
	enum capgap_vmm vmm;
	enum capgap_kernel kernel;
	unsigned n_wants;
	struct capgap_want want[CAPGAP_WANTS_MAX];
};

/**
 * enum capgap_pass - why the planner passed a range over that qualifies
 * @CAPGAP_PASS_NONE: it did not
 * @CAPGAP_PASS_VMM: the policy's VMM refuses, skips or corrupts what is placed there
 * @CAPGAP_PASS_NO_ROOM: it leaves no room for the capabilities wanted beside PASID
 * @CAPGAP_PASS_UNLINKED: the list cannot be made to lead there
 */
enum capgap_pass {
	CAPGAP_PASS_NONE,
	CAPGAP_PASS_VMM,
	CAPGAP_PASS_NO_ROOM,
	CAPGAP_PASS_UNLINKED
};

/**
 * struct capgap_place - a range and what is said of it
 * @off: first byte; a multiple of 4, 0x100..0xffc
 * @len: bytes; a multiple of 4
 * @grade: the grade of its bytes
 * @reason: why
 * @run: it is a run of free bytes, for which the smallest gap and the guard count
 * @before: bytes right before it that belong to the same run, where a preferred offset
 *          cuts it; else 0
 * @behind: the same behind it
 * @pass: it was tried, and passed over
 * @cap: for OWNED, the structure, an index into the chain; for RESERVED, LISTED and
 *       PREFERRED the row of the function's quirks; for DECLARED and REPLACE the
 *       range of its free space; else CAPGAP_NO_CAP
 */
struct capgap_place {
	uint16_t off;
	uint16_t len;
	enum capgap_grade grade;
	enum capgap_reason reason;
	bool run;
	uint16_t before;
	uint16_t behind;
	enum capgap_pass pass;
	uint16_t cap;
};

/* Every dword of extended space may be said something else of. */
#define CAPGAP_PLACES_MAX ((CAPGAP_SPACE_MAX - CAPGAP_CONV_END) / 4u)

/* Every structure and every quirk can object to an offset, and what its dwords hold. */
#define CAPGAP_OBJECTIONS_MAX (CAPGAP_CAPS_MAX + CAPGAP_FUNCTION_QUIRKS_MAX + 2u)

/* Findings about a plan, at most. */
#define CAPGAP_PLAN_HITS_MAX 4u

/**
 * struct capgap_plan - the answer
 * @found: @offset, @grade and @edits are the placement; else @refusal says why not
 * @offset: where the capability goes; a multiple of 4, 0x100..0xff8
 * @grade: of the weakest of its bytes; NONE when forced
 * @by_caller: the offset is the caller's
 * @reason: why there, one sentence
 * @refusal: why nowhere, one sentence
 * @edits: what turns the VMM's view into the guest's
 * @want_off: where the capabilities beside PASID go, in the order of the policy
 * @n_verdicts: CAPGAP_VMM_COUNT where an offset was found, or was the caller's; else 0
 * @verdict: what each VMM would do with @offset
 * @has_default: @by_default is what the policy's VMM does when it is told no offset; a
 *               function that cannot have the capability has none
 * @by_default: it
 * @default_grade: grade of the bytes at that offset; NONE where they are in use
 * @default_acts: whether it places anything: it does not where the device has no PASID
 * @default_safe: what it places, if it does, is sound and in bytes of the required grade
 * @n_places: ranges of extended space that no structure holds
 * @place: them, in ascending order, each with its grade and reason
 * @chosen: index of the range that holds @offset, or -1
 * @n_objections: objections to the caller's offset
 * @objection: them
 * @n_hits: findings about the plan, which are no fault of the function's
 * @hit: them
 */
struct capgap_plan {
	bool found;
	uint16_t offset;
	enum capgap_grade grade;
	bool by_caller;
	char reason[256];
	char refusal[320];
	struct capgap_edits edits;
	uint16_t want_off[CAPGAP_WANTS_MAX];
	unsigned n_verdicts;
	struct capgap_verdict verdict[CAPGAP_VMM_COUNT];
	bool has_default;
	struct capgap_verdict by_default;
	enum capgap_grade default_grade;
	enum capgap_answer_is default_acts;
	bool default_safe;
	unsigned n_places;
	struct capgap_place place[CAPGAP_PLACES_MAX];
	int chosen;
	unsigned n_objections;
	struct capgap_place objection[CAPGAP_OBJECTIONS_MAX];
	unsigned n_hits;
	struct capgap_hit hit[CAPGAP_PLAN_HITS_MAX];
};

/**
 * capgap_plan_make() - decide where the PASID capability goes
 * @plan: caller's, overwritten
 * @fn: borrowed
 * @pasid: the feature answer, for the registers of the edits; borrowed
 * @policy: borrowed
 *
 * Never fails: where nothing qualifies @plan->found is false and the reason is
 * in @plan->refusal.
 */
void capgap_plan_make(struct capgap_plan *plan, const struct capgap_function *fn,
		      const struct capgap_pasid *pasid,
		      const struct capgap_policy *policy);

/* True when the plan has a placement of the required grade, or finds the capability there. */
bool capgap_plan_meets(const struct capgap_plan *plan,
		       const struct capgap_policy *policy);

/* True when a range of the plan may be planned under this policy. */
bool capgap_plan_qualifies(const struct capgap_place *place,
			   const struct capgap_policy *policy);

/* "none", "assumed", "observed", "declared", "listed" or "slot". */
const char *capgap_grade_name(enum capgap_grade grade);

/* The grade of that name, or -CAPGAP_E_NOENT. */
int capgap_grade_find(const char *name);

/* The text of a reason. */
const char *capgap_reason_text(enum capgap_reason reason);

/**
 * capgap_place_text() - what is said of a range, with the structure's name
 * @place: borrowed
 * @fn: the function it is of
 * @buf: caller's; always terminated when @len is not 0
 * @len: its size in bytes; 256 hold every text but a quirk's longest
 *
 * Return: @buf.
 */
char *capgap_place_text(const struct capgap_place *place,
			const struct capgap_function *fn, char *buf, size_t len);

#endif
