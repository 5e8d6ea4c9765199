/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes free-space descriptors: which, where, and the edits that link them. */
#ifndef CAPGAP_DECLARE_H
#define CAPGAP_DECLARE_H

#include "../analyzer/function.h"
#include "link.h"

/* Ranges of 8 bytes fill extended space at this number; the rest are below 0x100. */
#define CAPGAP_DECLARE_RANGES_MAX 512u
/* A descriptor has 12 bytes at least. */
#define CAPGAP_DECLARE_MADE_MAX 320u
/* Every second dword of extended space at most ends a run. */
#define CAPGAP_DECLARE_LEFT_MAX 960u

/**
 * struct capgap_declare - what is asked for
 * @vendor: DVSEC vendor id
 * @id: DVSEC id
 * @form: CAPGAP_FORM_GAP or CAPGAP_FORM_TABLE
 * @has_at: the descriptor goes to @at; in the gap form there is then only this one
 * @at: offset of its header
 * @chosen: @range says what is declared; else all runs of zeros that nobody owns are
 * @n_ranges: elements of @range; 0 with @chosen is a table that declares nothing free
 * @range: gap form: what each descriptor spans, its own 12 bytes first; table: what it
 *         lists
 */
struct capgap_declare {
	uint16_t vendor;
	uint16_t id;
	enum capgap_form form;
	bool has_at;
	uint16_t at;
	bool chosen;
	unsigned n_ranges;
	struct capgap_range range[CAPGAP_DECLARE_RANGES_MAX];
};

/**
 * struct capgap_made - one descriptor that was made
 * @off: its header
 * @len: its Length: what it spans (gap form), or its own bytes (table)
 * @own: bytes that it is made of
 * @first: its first range in the declaration's list
 * @n_ranges: how many; a gap form of 12 bytes has none
 */
struct capgap_made {
	uint16_t off;
	uint16_t len;
	uint16_t own;
	unsigned first;
	unsigned n_ranges;
};

/**
 * enum capgap_left_why - why unowned bytes are not declared
 * @CAPGAP_LEFT_NONZERO: they hold something
 * @CAPGAP_LEFT_SHORT: the run is too short for this form
 * @CAPGAP_LEFT_DECLARED: a descriptor declares them already
 * @CAPGAP_LEFT_UNASKED: the caller chose something else
 */
enum capgap_left_why {
	CAPGAP_LEFT_NONZERO,
	CAPGAP_LEFT_SHORT,
	CAPGAP_LEFT_DECLARED,
	CAPGAP_LEFT_UNASKED
};

/**
 * struct capgap_left - extended bytes in nobody's use that are not declared
 * @range: them
 * @why: enum capgap_left_why
 */
struct capgap_left {
	struct capgap_range range;
	enum capgap_left_why why;
};

/**
 * struct capgap_declaration - what was made
 * @want: what was asked for
 * @refusal: why nothing was made, one sentence; "" when it was
 * @n_made: descriptors
 * @made: them, in ascending order
 * @n_ranges: ranges that they declare
 * @range: them, in ascending order
 * @n_edits: dwords outside the descriptors that change
 * @edit: them, pointers of the list all, in ascending order
 * @n_left: what is left out
 * @left: it, in ascending order
 * @image: the function's bytes with all of this
 */
struct capgap_declaration {
	struct capgap_declare want;
	char refusal[320];
	unsigned n_made;
	struct capgap_made made[CAPGAP_DECLARE_MADE_MAX];
	unsigned n_ranges;
	struct capgap_range range[CAPGAP_DECLARE_RANGES_MAX];
	unsigned n_edits;
	struct capgap_edit edit[CAPGAP_DECLARE_MADE_MAX];
	unsigned n_left;
	struct capgap_left left[CAPGAP_DECLARE_LEFT_MAX];
	struct capgap_image image;
};

/**
 * capgap_declare_make() - make the descriptors of a function
 * @out: caller's, overwritten
 * @fn: borrowed; analysed with the pair of ids known, so that its own descriptors of
 *      that pair count as such
 * @want: borrowed; bad offsets and lengths are refused as all else is
 *
 * The gap form puts a descriptor at the start of every run of zeros that nobody
 * owns, or of every chosen range. The table stands in the first run that it
 * fits, and lists what is left of all runs, or the chosen ranges. Nothing is
 * checked here that only the result can show: capgap_declare_verify() does.
 *
 * Return: 0, or -CAPGAP_E_NOPLACE with @out->refusal.
 */
int capgap_declare_make(struct capgap_declaration *out, const struct capgap_function *fn,
			const struct capgap_declare *want);

/**
 * capgap_declare_write() - write the descriptors into the image, and link them
 * @out: what is made and declared is decided; @image and @edit are filled
 * @fn: borrowed
 *
 * capgap_declare_make() comes here last.
 *
 * Return: 0, or -CAPGAP_E_NOPLACE with @out->refusal.
 */
int capgap_declare_write(struct capgap_declaration *out,
			 const struct capgap_function *fn);

/* Say why nothing is made; -CAPGAP_E_NOPLACE. */
int capgap_declare_refuse(struct capgap_declaration *out, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * capgap_declare_verify() - read the made image again and see that it holds
 * @decl: made; on failure @refusal says what does not hold
 * @fn: what it was made of, borrowed
 * @opt: what @fn was analysed with, borrowed; the pair of ids known
 * @again: caller's, overwritten: the analysis of the made image
 *
 * Each descriptor is found and valid, each range usable; every capability is as it
 * was but for its next pointer; there is no error that was not there; and a PASID
 * capability can be planned in each range that has room for it, at grade declared
 * or better.
 *
 * Return: 0, -CAPGAP_E_NOPLACE or -CAPGAP_E_NOMEM.
 */
int capgap_declare_verify(struct capgap_declaration *decl,
			  const struct capgap_function *fn,
			  const struct capgap_options *opt,
			  struct capgap_function *again);

/**
 * capgap_declare_place() - where PASID goes in what one descriptor declares
 * @decl: made
 * @made: one of its descriptors
 * @range: position in its ranges, from 0; the gap form has one place, even where it has
 *         no range
 *
 * Return: the offset, or 0 where there is no room in extended space.
 */
unsigned capgap_declare_place(const struct capgap_declaration *decl,
			      const struct capgap_made *made, unsigned range);

/**
 * capgap_declare_note() - what the vendor should know of the result
 * @decl: made
 * @fn: what it was made of
 * @n: from 0
 *
 * Return: a sentence, static; NULL behind the last.
 */
const char *capgap_declare_note(const struct capgap_declaration *decl,
				const struct capgap_function *fn, unsigned n);

/* Why bytes are left out, a clause. */
const char *capgap_left_text(enum capgap_left_why why);

#endif
