/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of the planner share, and what looks for one offset for many functions. */
#ifndef CAPGAP_PLANNER_H
#define CAPGAP_PLANNER_H

#include "places.h"
#include "view.h"

/* Last offset at which the capability fits, and where VMMs put it by default. */
#define LAST_OFFSET (CAPGAP_SPACE_MAX - CAPGAP_PASID_LEN)

/**
 * struct planner - what one plan is made of; only @plan is written once the rest is set
 * @plan: the answer
 * @fn: borrowed
 * @policy: borrowed
 * @registers: second dword of the capability that the guest gets
 * @places: the verdict on each dword
 * @view: what the VMM reads
 * @shown: the lists that it shows
 * @empty: it has no extended list: 0x100 reads 0
 */
struct planner {
	struct capgap_plan *plan;
	const struct capgap_function *fn;
	const struct capgap_policy *policy;
	uint32_t registers;
	struct capgap_places places;
	struct capgap_view view;
	struct capgap_chain shown;
	bool empty;
};

/**
 * planner_prepare() - find out what a plan is made of
 * @p: caller's; @plan, @fn and @policy are set
 * @pasid: borrowed for the call
 */
void planner_prepare(struct planner *p, const struct capgap_pasid *pasid);

/* The offset of the PASID capability that the VMM's view shows already, or 0. */
unsigned planner_present(const struct planner *p);

/**
 * planner_is_refused() - whether no offset will do, whatever its bytes are
 * @p: prepared
 * @why: caller's; filled when the answer is yes
 * @len: its size in bytes
 *
 * Return: true where no VMM looks for extended capabilities, or a quirk forbids it; a
 * caller who forces an offset knows better than the quirk.
 */
bool planner_is_refused(const struct planner *p, char *why, size_t len);

/* Find the best range, link it, and say why it is that one; or why there is none. */
void planner_best(struct planner *p);

/* Plan the caller's offset, or collect what stands against it. */
void planner_offset(struct planner *p);

/**
 * planner_link() - make the edits for the offset of the plan
 * @p: its plan has @offset
 *
 * Return: true; else false, and the plan's refusal says why.
 */
bool planner_link(struct planner *p);

/**
 * planner_add_wants() - place the capabilities beside PASID, which is placed already
 * @p: its plan has the edits for PASID, to which theirs are added
 *
 * Return: true, also when none is wanted; false when there is no room, and the edits are
 * then those for PASID alone.
 */
bool planner_add_wants(struct planner *p);

/* The bytes of a range that a capability may take: a run keeps its guard on both sides. */
struct capgap_range planner_room(const struct capgap_place *place,
				 const struct capgap_policy *policy);

/* True when a dword of a capability at @off is part of a run. */
bool planner_touches_run(const struct capgap_places *places, unsigned off);

/* The weakest grade of the bytes that a capability at @off would take. */
enum capgap_grade planner_grade_at(const struct capgap_places *places, unsigned off);

#endif
