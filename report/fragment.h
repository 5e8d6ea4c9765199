/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What fragments for QEMU and libvirt say of a function: what to configure, or why nothing. */
#ifndef CAPGAP_FRAGMENT_H
#define CAPGAP_FRAGMENT_H

#include "report.h"

/* Lines of a fragment are no longer than this, their mark left out. */
#define CAPGAP_FRAGMENT_TEXT 640u

/**
 * struct capgap_fragment - one function, as a QEMU is to be told of it
 * @vmm: the QEMU that decides: the policy's, or the default one where that is none
 * @active: QEMU can be told @offset: it would put the capability there, and soundly
 * @offset: where it goes
 * @bits: width that the device and, where it is known, the IOMMU have, 1..20; 0 where there
 *        is none or it is not known
 * @has_host: @host is the function's address
 * @host: address
 * @why: what goes where, or why nothing does; a sentence of printable ASCII
 * @beside: what the plan has beside PASID, which QEMU does not place; "" for nothing
 * @note: what else must be known; "" for nothing
 * @anyway: what QEMU does when it is told nothing; "" where it does nothing
 * @harm: that is not safe
 */
struct capgap_fragment {
	enum capgap_vmm vmm;
	bool active;
	unsigned offset;
	unsigned bits;
	bool has_host;
	struct capgap_bdf host;
	char why[CAPGAP_FRAGMENT_TEXT];
	char beside[CAPGAP_FRAGMENT_TEXT];
	char note[CAPGAP_FRAGMENT_TEXT];
	char anyway[CAPGAP_FRAGMENT_TEXT];
	bool harm;
};

/**
 * capgap_fragment_make() - decide what QEMU is to be told of a function
 * @out: caller's, overwritten
 * @rep: borrowed, for its policy
 * @ans: borrowed; planned
 *
 * Nothing is active that the VMM's verdict does not accept.
 */
void capgap_fragment_make(struct capgap_fragment *out, const struct capgap_report *rep,
			  const struct capgap_answer *ans);

/* The QEMU that fragments are written for under a policy: qemu-11.1 or qemu-11.0. */
enum capgap_vmm capgap_fragment_vmm(const struct capgap_policy *policy);

/**
 * capgap_fragment_remark() - what else is to be said: of the plan, and of what is in the way
 * @ans: borrowed; planned
 * @n: from 0
 * @buf: caller's; a sentence of printable ASCII
 *
 * Obstacles of which the input does not show whether they are there are left out.
 *
 * Return: false behind the last.
 */
bool capgap_fragment_remark(const struct capgap_answer *ans, unsigned n,
			    char buf[CAPGAP_FRAGMENT_TEXT]);

/* How to keep that QEMU from adding the capability; sentences, NULL behind the last. */
const char *capgap_fragment_prevent(enum capgap_vmm vmm, unsigned n);

/* Put a question mark for each byte of @text that is no printable ASCII. */
void capgap_fragment_clean(char *text);

#endif
