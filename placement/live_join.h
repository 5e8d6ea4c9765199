/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The running kernel's word on PASID, beside what configuration space says. */
#ifndef CAPGAP_LIVE_JOIN_H
#define CAPGAP_LIVE_JOIN_H

#include "live.h"
#include "query.h"

/* What the answers come to, CAPGAP_LIVE_REMARK_<SYMBOL>. */
enum capgap_live_remark {
#define CAPGAP_LIVE_REMARK(symbol, name, contradiction, text) CAPGAP_LIVE_REMARK_##symbol,
#include "live_remarks.def"
#undef CAPGAP_LIVE_REMARK
	CAPGAP_LIVE_REMARK_COUNT
};

/**
 * struct capgap_live_remarks - what is to be said, each once
 * @n: how many
 * @remark: them, in the order in which they were found
 */
struct capgap_live_remarks {
	unsigned n;
	enum capgap_live_remark remark[CAPGAP_LIVE_REMARK_COUNT];
};

/* Room for why a function was not asked. */
#define CAPGAP_LIVE_WHY_LEN 512

/**
 * struct capgap_live_word - what became of asking about one function
 * @asked: the kernel was asked; false where the function was not to be opened
 * @answered: the kernel has told; the PASID answer is its own
 * @situation: what stood in the way; NONE where nothing did
 * @why: where the answer is not the kernel's, why not, a clause; else ""
 * @remarks: how it fits what else is known
 */
struct capgap_live_word {
	bool asked;
	bool answered;
	enum capgap_live_situation situation;
	char why[CAPGAP_LIVE_WHY_LEN];
	struct capgap_live_remarks remarks;
};

/**
 * capgap_live_is_unsafe() - whether opening a function can harm the host
 * @trouble: filled, with situation OVERRUN, where it can; else left alone
 * @fn: as the host shows it, borrowed
 *
 * What was not read is not known to harm.
 *
 * Return: true where it must not be opened.
 */
bool capgap_live_is_unsafe(struct capgap_live_trouble *trouble,
			   const struct capgap_function *fn);

/**
 * capgap_live_remark_all() - compare the kernel's word with what else is known
 * @out: caller's, overwritten
 * @live: an answer, borrowed
 * @config: that of configuration space, from before the device was opened; borrowed
 * @sysfs: the IOMMU in front of the function, as sysfs has it; borrowed
 *
 * Nothing is said where the kernel was not asked about a width. The kernel's own copy of
 * the IOMMU's registers counts before that of sysfs.
 */
void capgap_live_remark_all(struct capgap_live_remarks *out,
			    const struct capgap_live *live,
			    const struct capgap_pasid *config,
			    const struct capgap_iommu *sysfs);

/**
 * capgap_live_apply() - make a PASID answer the kernel's
 * @pasid: that of configuration space; changed where the kernel has told
 * @live: an answer, borrowed
 *
 * Its method becomes "live", its width the kernel's (never above the device's), and
 * Execute and Privileged are enabled as the kernel says. Where the kernel says that there
 * is none it is not supported, whatever the device has; the registers stay as they were
 * read. Nothing is changed by a 0 that may also come from a kernel that does not know
 * widths, by more bits than a PASID has, and by a device that went away.
 *
 * Return: true when the answer is the kernel's.
 */
bool capgap_live_apply(struct capgap_pasid *pasid, const struct capgap_live *live);

/**
 * capgap_live_say() - what became of asking
 * @out: caller's, overwritten
 * @live: the answer, borrowed; with NO_CONSENT where nobody asked
 * @answered: capgap_live_apply() gave true
 */
void capgap_live_say(struct capgap_live_word *out, const struct capgap_live *live,
		     bool answered);

/* "was not asked", "does not answer" or "does not tell": what an unanswered word comes to. */
const char *capgap_live_word_text(const struct capgap_live_word *word);

/* "device-limit" and so on. */
const char *capgap_live_remark_name(enum capgap_live_remark remark);

/* A clause, static. */
const char *capgap_live_remark_text(enum capgap_live_remark remark);

/* True when it should not be. */
bool capgap_live_remark_is_contradiction(enum capgap_live_remark remark);

#endif
