/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which offsets one function allows, each with its grade; a part of the planner. */
#ifndef CAPGAP_OFFSETS_H
#define CAPGAP_OFFSETS_H

#include "planner.h"

/**
 * struct capgap_offsets - what a function allows
 * @refusal: why it allows no offset at all, one sentence; "" when it may
 * @present: where the capability is already, the only offset then; 0 where it is not
 * @hint: the offset that would be chosen first where its bytes allow it: the function's
 *        own slot, or its physical function's; 0 for none
 * @above_slot: the slot is at 0x100, and 0x104 stands for it
 * @slot: the physical PASID capability whose Control register stays open unless it is
 *        covered; 0 for none
 * @state: hash of all that decides, beside the verdicts on dwords, which offsets can be
 *         linked and what a VMM makes of them
 * @grade: of a capability at 0x100 + 4 x index; NONE where the bytes are no candidate
 * @planner: of the function
 * @plan: the planner's, for links that are tried
 */
struct capgap_offsets {
	char refusal[320];
	uint16_t present;
	uint16_t hint;
	bool above_slot;
	uint16_t slot;
	uint64_t state;
	uint8_t grade[CAPGAP_PLACES_MAX];
	struct planner planner;
	struct capgap_plan plan;
};

/**
 * capgap_offsets_judge() - say of each offset what grade it has
 * @out: caller's, overwritten; some 200 KiB
 * @fn: borrowed, and used again by capgap_offsets_link(); applicable
 * @pasid: its feature answer, borrowed for the call
 * @policy: borrowed, as @fn; what it requires is not asked: the grades tell
 *
 * Offsets have a grade that capgap_plan_make() could choose: in one range of the plan
 * that is long enough. With a caller's offset in @policy, those whose bytes it would
 * plan if it were asked for them; then a range need not be long, nor only one.
 */
void capgap_offsets_judge(struct capgap_offsets *out, const struct capgap_function *fn,
			  const struct capgap_pasid *pasid,
			  const struct capgap_policy *policy);

/**
 * capgap_offsets_link() - whether the list can be made to lead to an offset
 * @offsets: judged
 * @off: a multiple of 4, 0x100..0xff8
 *
 * Return: NULL where it can; else why not, one clause, until the next call.
 */
const char *capgap_offsets_link(struct capgap_offsets *offsets, unsigned off);

/* True when the function allows @off: some grade, and a link. */
bool capgap_offsets_allow(struct capgap_offsets *offsets, unsigned off);

#endif
