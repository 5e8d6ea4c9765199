/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What can be wrong with an input: the table of kinds, and the list of hits. */
#ifndef CAPGAP_FINDINGS_H
#define CAPGAP_FINDINGS_H

#include "capgap.h"

enum capgap_level { CAPGAP_LEVEL_NOTE, CAPGAP_LEVEL_WARNING, CAPGAP_LEVEL_ERROR };

/**
 * enum capgap_finding_flags - what a kind of finding does to the analysis
 * @CAPGAP_F_ALTERS_CHAIN: the list may differ from the one libpci makes of the bytes
 * @CAPGAP_F_TAKES_BYTES: bytes are, or may be, taken from a gap
 * @CAPGAP_F_CHECK_ONLY: only check.c looks for it: a rule for whoever makes the image,
 *                       which no user of it has to know
 * @CAPGAP_F_OF_PLAN: it is about a plan, not about an image
 */
enum capgap_finding_flags {
	CAPGAP_F_ALTERS_CHAIN = 1 << 0,
	CAPGAP_F_TAKES_BYTES = 1 << 1,
	CAPGAP_F_CHECK_ONLY = 1 << 2,
	CAPGAP_F_OF_PLAN = 1 << 3
};

/* Kinds of finding, in the order of findings.def. */
enum capgap_finding_kind {
#define CAPGAP_FINDING(symbol, name, level, flags, sentence, detail, rule)               \
	CAPGAP_F_##symbol,
#include "findings.def"
#undef CAPGAP_FINDING
	CAPGAP_F_COUNT
};

/**
 * struct capgap_finding - one row of the table
 * @name: what people and scripts call it
 * @level: how bad it is
 * @flags: enum capgap_finding_flags
 * @sentence: what it says, without a full stop
 * @detail: what follows the sentence, {a} and {b} standing for the hit's values; may be ""
 * @rule: what it rests on
 */
struct capgap_finding {
	const char *name;
	enum capgap_level level;
	unsigned flags;
	const char *sentence;
	const char *detail;
	const char *rule;
};

/**
 * struct capgap_hit - one finding about one function
 * @kind: enum capgap_finding_kind
 * @off: first byte it speaks of, 0..0xfff
 * @len: bytes it speaks of, 0..4096; 0 where it speaks of the function as a whole
 * @a: first value of the detail
 * @b: second value of the detail
 */
struct capgap_hit {
	uint16_t kind;
	uint16_t off;
	uint16_t len;
	uint32_t a;
	uint32_t b;
};

/* At most four hits a header, and one a row of text: none is ever dropped. */
#define CAPGAP_HITS_MAX (4u * CAPGAP_CAPS_MAX + CAPGAP_SPACE_MAX / 16u)

/**
 * struct capgap_findings - the hits of one function, in the order they were made
 * @n: hits
 * @hit: the hits
 */
struct capgap_findings {
	unsigned n;
	struct capgap_hit hit[CAPGAP_HITS_MAX];
};

/**
 * capgap_finding_get() - the row of a kind
 * @kind: enum capgap_finding_kind
 *
 * Return: the row; NULL when @kind is out of range.
 */
const struct capgap_finding *capgap_finding_get(unsigned kind);

/* The kind that bears @name, or -CAPGAP_E_NOENT. */
int capgap_finding_find(const char *name);

/* "note", "warning" or "error". */
const char *capgap_level_name(enum capgap_level level);

/**
 * capgap_findings_add() - record a hit
 * @list: caller's; NULL records nothing
 * @kind: what it is
 * @off: first byte, 0..0xfff
 * @len: bytes
 * @a: first value of the detail, 0 where it has none
 * @b: second value of the detail, 0 where it has none
 *
 * The same kind at the same place and with the same values is recorded once.
 */
void capgap_findings_add(struct capgap_findings *list, enum capgap_finding_kind kind,
			 unsigned off, unsigned len, uint32_t a, uint32_t b);

/* True when the list has a hit of this kind. */
bool capgap_findings_has(const struct capgap_findings *list,
			 enum capgap_finding_kind kind);

/**
 * capgap_hit_text() - the sentence of a hit with its values
 * @hit: borrowed
 * @buf: caller's; always terminated when @len is not 0
 * @len: its size in bytes; 256 hold every text
 *
 * Return: @buf.
 */
char *capgap_hit_text(const struct capgap_hit *hit, char *buf, size_t len);

#endif
