/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Free-space descriptors explained: each field with its value and meaning. */
#ifndef CAPGAP_DVSEC_FIELDS_H
#define CAPGAP_DVSEC_FIELDS_H

#include "dvsec.h"

/**
 * struct capgap_dvsec_field - one field of a descriptor
 * @off: its dword, offset in configuration space
 * @dword: what the dword reads
 * @high: its highest bit
 * @low: its lowest bit
 * @value: what it reads
 * @name: what it is called, static
 * @is_entry: it is of an entry of a table
 * @meaning: what its value says, or what it should be; "" when the name says it all
 */
struct capgap_dvsec_field {
	uint16_t off;
	uint32_t dword;
	uint8_t high;
	uint8_t low;
	uint32_t value;
	const char *name;
	bool is_entry;
	char meaning[80];
};

/**
 * capgap_dvsec_field() - the fields of a descriptor by position
 * @field: filled; where the bytes were not read, no value has a meaning
 * @img: borrowed
 * @d: borrowed; valid or not
 * @n: from 0
 *
 * The entries of a table are given as far as the space reaches.
 *
 * Return: false behind the last.
 */
bool capgap_dvsec_field(struct capgap_dvsec_field *field, const struct capgap_image *img,
			const struct capgap_descriptor *d, unsigned n);

/**
 * capgap_dvsec_words() - what one dword of a descriptor says, in one line
 * @img: borrowed
 * @d: borrowed
 * @off: a multiple of 4 inside the descriptor's own bytes
 * @buf: caller's; always terminated when @len is not 0
 * @len: its size in bytes; 256 hold every line
 *
 * Return: @buf; "" where a dword has no field.
 */
char *capgap_dvsec_words(const struct capgap_image *img,
			 const struct capgap_descriptor *d, unsigned off, char *buf,
			 size_t len);

/* Bytes that a descriptor is made of: 12, or all of a table that is in the space. */
unsigned capgap_dvsec_own(const struct capgap_descriptor *d);

/**
 * capgap_dvsec_unlisted() - DVSECs that look like descriptors, but whose pair is not listed
 * @d: filled; @valid is false
 * @chain: borrowed
 * @img: borrowed
 * @listed: what capgap_dvsec_read() made of them
 * @n: from 0
 *
 * The magic is enough to look like one: this is for people, who may have made a mistake
 * elsewhere in it.
 *
 * Return: false behind the last.
 */
bool capgap_dvsec_unlisted(struct capgap_descriptor *d, const struct capgap_chain *chain,
			   const struct capgap_image *img,
			   const struct capgap_free_space *listed, unsigned n);

/**
 * capgap_dvsec_hit() - the findings about one descriptor, by position
 * @hits: all findings, borrowed
 * @d: borrowed
 * @n: from 0
 *
 * Return: borrowed; NULL behind the last.
 */
const struct capgap_hit *capgap_dvsec_hit(const struct capgap_findings *hits,
					  const struct capgap_descriptor *d, unsigned n);

#endif
