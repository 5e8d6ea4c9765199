/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What each VMM would really do: profiles, and the verdicts that they give. */
#ifndef CAPGAP_VMM_H
#define CAPGAP_VMM_H

#include "link.h"
#include "view.h"

/* The profiles, CAPGAP_VMM_<SYMBOL>. */
enum capgap_vmm {
#define CAPGAP_VMM(symbol, name, takes_offset, default_offset, rule, needs, summary)     \
	CAPGAP_VMM_##symbol,
#include "vmm.def"
#undef CAPGAP_VMM
	CAPGAP_VMM_COUNT
};

/* What decides a verdict, CAPGAP_VMM_RULE_<SYMBOL>. */
enum capgap_vmm_rule {
#define CAPGAP_VMM_RULE(symbol, name, profiles, verdict, text, source)                   \
	CAPGAP_VMM_RULE_##symbol,
#include "vmm_rules.def"
#undef CAPGAP_VMM_RULE
	CAPGAP_VMM_RULE_COUNT
};

/**
 * enum capgap_verdict_kind - what comes of an offset
 * @CAPGAP_VERDICT_ACCEPTED: the capability goes there, and the guest's list is whole
 * @CAPGAP_VERDICT_OVERLAPS: it goes there, inside the Length of a free-space descriptor
 *                           that the VMM does not shorten
 * @CAPGAP_VERDICT_REFUSED: the VMM does not take the offset; the guest starts without it
 * @CAPGAP_VERDICT_SKIPPED: the VMM does not even try
 * @CAPGAP_VERDICT_ELSEWHERE: the VMM puts it at an offset of its own
 * @CAPGAP_VERDICT_CORRUPTS: the VMM takes the offset and breaks the guest's list, a visible
 *                           structure, or itself
 */
enum capgap_verdict_kind {
	CAPGAP_VERDICT_ACCEPTED,
	CAPGAP_VERDICT_OVERLAPS,
	CAPGAP_VERDICT_REFUSED,
	CAPGAP_VERDICT_SKIPPED,
	CAPGAP_VERDICT_ELSEWHERE,
	CAPGAP_VERDICT_CORRUPTS
};

/**
 * struct capgap_vmm_case - what a VMM is given
 * @view: the space that it reads; borrowed
 * @fn: the function, for its descriptors and what is hardware's; borrowed
 * @offset: the offset it is told; a multiple of 4, 0x100..0xff8
 * @registers: second dword of the capability: capability word, control word above it
 * @plan: the edits that capgap plans for @offset, which `generic` makes; borrowed, NULL
 *        where @offset is a VMM's own default and nothing was planned
 */
struct capgap_vmm_case {
	const struct capgap_view *view;
	const struct capgap_function *fn;
	uint16_t offset;
	uint32_t registers;
	const struct capgap_edits *plan;
};

/**
 * struct capgap_verdict - what one VMM does
 * @vmm: which
 * @kind: what comes of it
 * @placed: it puts the capability into the guest's space, at @offset
 * @offset: where; the offset it was told where nothing was placed
 * @rule: what decided
 * @at: the offset that @rule speaks of; 0 where it speaks of none
 * @edits: what turns the VMM's view into its guest's, with all else that this VMM changes
 *         in the extended list; @edits.link is NONE where nothing was placed. There are
 *         none where the VMM ends, or looks at no extended list
 * @reason: one sentence, with @at
 */
struct capgap_verdict {
	enum capgap_vmm vmm;
	enum capgap_verdict_kind kind;
	bool placed;
	uint16_t offset;
	enum capgap_vmm_rule rule;
	uint16_t at;
	struct capgap_edits edits;
	char reason[256];
};

/**
 * capgap_vmm_judge() - replay what a VMM would do with an offset
 * @out: caller's, overwritten
 * @vmm: which
 * @c: borrowed
 *
 * ACCEPTED, OVERLAPS and CORRUPTS are told apart by walking the guest's bytes, before and
 * after the capability is placed; an end of the VMM itself (an assertion, a walk that
 * does not end) is CORRUPTS too. Never fails.
 */
void capgap_vmm_judge(struct capgap_verdict *out, enum capgap_vmm vmm,
		      const struct capgap_vmm_case *c);

/**
 * capgap_vmm_default() - the offset that a VMM takes when it is told none
 * @vmm: which
 *
 * Return: offset, or 0 for a profile that has none.
 */
unsigned capgap_vmm_default(enum capgap_vmm vmm);

/* True when a VMM with this verdict leaves the guest without a sound capability there. */
bool capgap_verdict_is_bad(enum capgap_verdict_kind kind);

/* The profile of that name, or -CAPGAP_E_NOENT. */
int capgap_vmm_find(const char *name);

/* "qemu-11.1" and so on. */
const char *capgap_vmm_name(enum capgap_vmm vmm);

/* "accepted", "overlaps", "refused", "skipped", "elsewhere" or "corrupts". */
const char *capgap_verdict_name(enum capgap_verdict_kind kind);

/**
 * struct capgap_vmm_row - a profile, for people
 * @name: what --vmm calls it
 * @takes_offset: it can be told an offset
 * @default_offset: where it places unasked; 0 for nowhere
 * @needs: what else must hold before it offers PASID at all, one sentence
 * @summary: what it is, one line
 */
struct capgap_vmm_row {
	const char *name;
	bool takes_offset;
	uint16_t default_offset;
	const char *needs;
	const char *summary;
};

/* The profiles by position; NULL behind the last. */
const struct capgap_vmm_row *capgap_vmm_row(unsigned n);

/**
 * struct capgap_vmm_rule_row - a rule, for people
 * @name: what verdicts call it
 * @profiles: bit CAPGAP_VMM_<SYMBOL> for each profile that follows it
 * @verdict: what it gives
 * @text: what happens, one sentence
 * @source: what it rests on
 */
struct capgap_vmm_rule_row {
	const char *name;
	unsigned profiles;
	enum capgap_verdict_kind verdict;
	const char *text;
	const char *source;
};

/* The rules by position, in the order in which they are tried; NULL behind the last. */
const struct capgap_vmm_rule_row *capgap_vmm_rule_row(unsigned n);

#endif
