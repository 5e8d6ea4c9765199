/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the length rules of both tables share; only caps*.c include it. */
#ifndef CAPGAP_CAPS_RULES_H
#define CAPGAP_CAPS_RULES_H

#include "bytes.h"
#include "caps.h"
#include "header.h"

/**
 * struct capgap_captable - the rows of one space
 * @row: ascending by id
 * @n: rows
 */
struct capgap_captable {
	const struct capgap_capdef *row;
	unsigned n;
};

extern const struct capgap_captable capgap_caps_conv;
extern const struct capgap_captable capgap_caps_ext;

/* Value of capgap_context.header_type when the byte was not read. */
#define HDR_TYPE_UNREAD 0xffu

/* End of the space that a structure at @off lies in: its registers are before that. */
static inline size_t space_end(size_t off)
{
	return off < CAPGAP_CONV_END ? CAPGAP_CONV_END : CAPGAP_SPACE_MAX;
}

/* True when the @len bytes at @at from the start of the structure lie in its space. */
static inline bool in_space(const struct capgap_measure *m, size_t at, size_t len)
{
	size_t left = space_end(m->cap->off) - m->cap->off;

	return left >= len && at <= left - len;
}

/*
 * The length rests on the @len bytes at @at from the start of the structure. Those before
 * the first that differs are the same in each sample, so a rule comes to it in any order.
 */
static inline void rest_on(const struct capgap_measure *m, size_t at, size_t len)
{
	if (capgap_image_is_changing(m->img, m->cap->off + at, len))
		*m->unsteady = true;
}

/*
 * Load a register at @at from the start of the structure. False when it was
 * not read or lies behind the end of the space, where it cannot be.
 */
static inline bool load8(const struct capgap_measure *m, size_t at, uint8_t *val)
{
	if (!in_space(m, at, sizeof(*val)))
		return false;
	rest_on(m, at, sizeof(*val));
	return capgap_get8(m->img, m->cap->off + at, val);
}

static inline bool load16(const struct capgap_measure *m, size_t at, uint16_t *val)
{
	if (!in_space(m, at, sizeof(*val)))
		return false;
	rest_on(m, at, sizeof(*val));
	return capgap_get16(m->img, m->cap->off + at, val);
}

static inline bool load32(const struct capgap_measure *m, size_t at, uint32_t *val)
{
	if (!in_space(m, at, sizeof(*val)))
		return false;
	rest_on(m, at, sizeof(*val));
	return capgap_get32(m->img, m->cap->off + at, val);
}

static inline struct capgap_length fixed(uint32_t len)
{
	return (struct capgap_length){ len, CAPGAP_EXTENT_FIXED, len, false };
}

static inline struct capgap_length computed(uint32_t len)
{
	return (struct capgap_length){ len, CAPGAP_EXTENT_COMPUTED, len, false };
}

static inline struct capgap_length declared(uint32_t len)
{
	return (struct capgap_length){ len, CAPGAP_EXTENT_DECLARED, len, false };
}

/* It has @certain bytes, and ends at @len or before. */
static inline struct capgap_length between(uint32_t certain, uint32_t len)
{
	return (struct capgap_length){ len, CAPGAP_EXTENT_ATMOST, certain, false };
}

/* As between(), where the shortest form is all that is certain. */
static inline struct capgap_length at_most(uint32_t len)
{
	return between(0, len);
}

/* Nothing is certain but the first @len bytes. */
static inline struct capgap_length at_least(uint32_t len)
{
	return (struct capgap_length){ len, CAPGAP_EXTENT_UNKNOWN, len, false };
}

/* Nothing is certain but the shortest form; a rule runs for rows of the tables only. */
static inline struct capgap_length unknown(const struct capgap_measure *m)
{
	return at_least(capgap_caps_def(m->cap->space, m->cap->id)->min);
}

/* The rule of structures whose longest form nobody has published. */
static inline struct capgap_length len_open(const struct capgap_measure *m)
{
	return unknown(m);
}

/* The length field or count @said cannot be true; @got is what is owned instead. */
static inline struct capgap_length invalid(const struct capgap_measure *m, uint32_t said,
					   struct capgap_length got)
{
	capgap_findings_add(m->hits, CAPGAP_F_LENGTH_INVALID, m->cap->off, got.len, said,
			    got.len);
	return got;
}

#endif
