/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the profiles of VMMs share; only vmm*.c include this header. */
#ifndef CAPGAP_VMM_RULES_H
#define CAPGAP_VMM_RULES_H

#include "vmm.h"

/**
 * struct vmm_replay - one VMM at work on one function
 * @c: what it is given; borrowed
 * @out: the verdict
 * @without: what its guest would read without the capability
 * @guest: what its guest reads
 */
struct vmm_replay {
	const struct capgap_vmm_case *c;
	struct capgap_verdict *out;
	struct capgap_image without;
	struct capgap_image guest;
};

/* What a VMM does, by its own code; gives the verdict. Rows of vmm.def name them. */
typedef void vmm_judge(struct vmm_replay *r);

vmm_judge vmm_judge_qemu;
vmm_judge vmm_judge_cloud_hypervisor;
vmm_judge vmm_judge_generic;

/**
 * vmm_give() - decide a verdict by a rule
 * @out: @kind, @rule, @at and @reason are set
 * @rule: which
 * @at: the offset that it speaks of, or 0
 */
void vmm_give(struct capgap_verdict *out, enum capgap_vmm_rule rule, unsigned at);

/**
 * vmm_placed() - decide by bytes what has come of a capability
 * @r: both images are set
 * @off: where it was put
 * @plan: the edits that were made, where they are a plan's, which may add more than one
 *        capability and shorten a descriptor; else NULL
 *
 * Sets the verdict, and its edits.
 */
void vmm_placed(struct vmm_replay *r, unsigned off, const struct capgap_edits *plan);

/**
 * vmm_look() - compare the guest's list without the capability and with it
 * @r: both images are set
 * @off: where it was put
 * @plan: as vmm_placed()
 * @at: the offset that the answer speaks of, or 0
 *
 * Return: PLACED, IN_DESCRIPTOR, IN_TABLE, or what is broken.
 */
enum capgap_vmm_rule vmm_look(const struct vmm_replay *r, unsigned off,
			      const struct capgap_edits *plan, unsigned *at);

/**
 * struct vmm_conv - what a VMM learns from the PCI-compatible list
 * @pcie: it shows PCI Express
 * @pm: it shows Power Management
 * @loop: the entry that it comes back to, 0 where it ends
 * @self: that entry points to itself
 */
struct vmm_conv {
	bool pcie;
	bool pm;
	uint8_t loop;
	bool self;
};

/**
 * vmm_walk_conv() - follow the PCI-compatible list of the view
 * @r: the verdict is given where there is none, or it was not read
 * @conv: filled
 *
 * Return: true to go on.
 */
bool vmm_walk_conv(struct vmm_replay *r, struct vmm_conv *conv);

/* Store a dword in a guest's space. */
void vmm_put32(struct capgap_image *img, unsigned off, uint32_t val);

#endif
