/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes the configuration space that a guest reads, and reads it again. */
#ifndef CAPGAP_EMULATE_H
#define CAPGAP_EMULATE_H

#include "plan.h"

/* Why there is no image, CAPGAP_EMULATE_<SYMBOL>; MADE when there is. */
enum capgap_emulate_why {
	CAPGAP_EMULATE_MADE,
#define CAPGAP_EMULATE(symbol, name, text) CAPGAP_EMULATE_##symbol,
#include "emulate.def"
#undef CAPGAP_EMULATE
	CAPGAP_EMULATE_COUNT
};

/**
 * struct capgap_emulation - a guest's image, and what it takes to check it
 * @why: MADE, or why there is none
 * @at: the offset that @why speaks of; 0 where it speaks of none
 * @text: why there is none, one sentence; "" when there is one
 * @image: what the guest reads; means nothing unless @why is MADE
 * @view: what the VMM reads
 * @before: the VMM's space, analysed as a guest's
 * @after: the guest's space, analysed as that
 * @again: the plan for @after
 *
 * More than 500 KiB, so never on a stack.
 */
struct capgap_emulation {
	enum capgap_emulate_why why;
	uint16_t at;
	char text[384];
	struct capgap_image image;
	struct capgap_view view;
	struct capgap_function before;
	struct capgap_function after;
	struct capgap_plan again;
};

/**
 * capgap_emulate_answer() - what the guest's capability is to say
 * @em: caller's; @why, @at and @text are set
 * @pasid: the feature answer; becomes what the guest's capability says
 * @width: Max PASID Width, 1..20 bits; 0 takes what the device and, where it is known, the
 *         IOMMU have
 *
 * A guest may be shown less than these have, never more. Of a device without PASID,
 * or of which that is not known, @width decides, up to what the IOMMU has; both permission
 * bits are then 0. So it does, with the device's permission bits, where the device states
 * more than 20 bits. For one behind an IOMMU without PASIDs it decides up to what the
 * device has.
 *
 * Return: 0, or -CAPGAP_E_NOPLACE with NO_PASID, NO_IOMMU, WIDTH_UNKNOWN or WIDTH.
 */
int capgap_emulate_answer(struct capgap_emulation *em, struct capgap_pasid *pasid,
			  unsigned width);

/**
 * capgap_emulate() - make a guest's image, and see that it holds
 * @em: caller's, overwritten
 * @fn: the function, borrowed
 * @plan: its plan, borrowed; made with @pasid and @policy
 * @pasid: what the capability says, as capgap_emulate_answer() leaves it; borrowed
 * @policy: borrowed
 * @opt: what @fn was analysed with, borrowed
 *
 * The space that vfio-pci shows, with the edits of the plan. It is then analysed as an
 * image taken in a guest: PASID is there once, at the offset of the plan and with
 * the registers of @pasid; both lists are otherwise those of the VMM's space, and so
 * are the bytes of what is in them, but for next pointers and the free-space descriptor
 * used; a new plan finds the capability present; and nothing is found wrong that was not
 * wrong in the VMM's space.
 *
 * Return: 0, or -CAPGAP_E_NOPLACE with @em->why.
 */
int capgap_emulate(struct capgap_emulation *em, const struct capgap_function *fn,
		   const struct capgap_plan *plan, const struct capgap_pasid *pasid,
		   const struct capgap_policy *policy, const struct capgap_options *opt);

/* "no-pasid" and so on; NULL for MADE. */
const char *capgap_emulate_name(enum capgap_emulate_why why);

#endif
