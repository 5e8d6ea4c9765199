/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the suites of free-space descriptors share. */
#ifndef CAPGAP_TESTS_CHECK_DVSEC_H
#define CAPGAP_TESTS_CHECK_DVSEC_H

#include <stdio.h>

#include "../analyzer/dvsec.h"
#include "../analyzer/gaps.h"
#include "support.h"

/* The pair of the document's examples. */
#define VENDOR 0x7e57u
#define ID 0x0042u
#define CONTROL(form) (0xf500u | (form))

/* The three header dwords of a DVSEC, and of both forms. */
#define DVSEC(off, version, next, revision, len, control)                                \
	EXT(off, 0x0023, version, next),                                                 \
		PUT32((off) + 4,                                                         \
		      (uint32_t)(len) << 20 | (uint32_t)(revision) << 16 | VENDOR),      \
		PUT32((off) + 8, (uint32_t)(control) << 16 | ID)
#define GAP(off, next, len) DVSEC(off, 1, next, 1, len, CONTROL(1))
#define TABLE(off, next, n) DVSEC(off, 1, next, 1, 12 + 4 * (n), CONTROL(2))
#define ENTRY(at, off, len) PUT32(at, (uint32_t)(len) << 16 | (off))
/* Structures of 8 bytes. */
#define ATS(off, next) EXT(off, 0x000f, 1, next)
#define LTR(off, next) EXT(off, 0x0018, 1, next)

#define LISTED                                                                           \
	{                                                                                \
		.verb = CAPGAP_VERB_DESCRIPTOR, .dvsec_vendor = VENDOR, .dvsec_id = ID   \
	}
#define LISTED_AS(told)                                                                  \
	{                                                                                \
		.verb = CAPGAP_VERB_DESCRIPTOR, .dvsec_vendor = VENDOR, .dvsec_id = ID,  \
		.form = (told)                                                           \
	}
#define LISTED_BARE(told)                                                                \
	{                                                                                \
		.verb = CAPGAP_VERB_DESCRIPTOR, .dvsec_vendor = VENDOR, .dvsec_id = ID,  \
		.form = (told), .no_control = true                                       \
	}
#define IN_USE(from, bytes)                                                              \
	{                                                                                \
		.verb = CAPGAP_VERB_RESERVED, .off = (from), .len = (bytes)              \
	}

#define IP_CORE(from, bytes)                                                             \
	{                                                                                \
		.verb = CAPGAP_VERB_FINGERPRINT, .off = (from), .len = (bytes)           \
	}

#define QUIRKS_MAX 4u
#define RANGES_MAX 6u
#define HITS_MAX 6u

/**
 * struct row - what is read, and what must come of it
 * @name: of the case, for messages
 * @image: what is read
 * @quirk: what the table says; the first of all zeros ends the list
 * @n_descriptors: how many are recognised
 * @n_valid: how many of them are valid
 * @exhaustive: a table is among these
 * @range: all ranges, in order; the first of all zeros ends the list
 * @hit: all findings; the first of all zeros ends the list
 */
struct row {
	const char *name;
	struct support_image image;
	struct capgap_quirk quirk[QUIRKS_MAX];
	unsigned n_descriptors;
	unsigned n_valid;
	bool exhaustive;
	struct capgap_declared range[RANGES_MAX];
	struct capgap_hit hit[HITS_MAX];
};

/**
 * struct reading - one function, read as function.c does it
 * @img: the bytes
 * @chain: its lists, descriptors shrunk
 * @map: who has which byte, what is declared too
 * @orphans: capabilities in no list
 * @free: what its descriptors declare
 * @hits: findings about descriptors, and no others
 */
struct reading {
	struct capgap_image img;
	struct capgap_chain chain;
	struct capgap_map map;
	struct capgap_orphans orphans;
	struct capgap_free_space free;
	struct capgap_findings hits;
};

/* The last reading. */
extern struct reading dvsec_reading;

/* A listing of the pair, whose form the control word tells. */
extern const struct capgap_quirk dvsec_listed;

/* Read an image with what the quirk table says of it. */
void dvsec_read_image(const struct capgap_image *img, const struct capgap_quirk *quirks,
		      unsigned n_quirks);

/* Fail the test unless what holds for every reading holds for the last one. */
void dvsec_check_reading(void);

/* Fail the test unless the last reading has these ranges and no others. */
void dvsec_check_ranges(const char *name, const struct capgap_declared *want, unsigned n);

/* Fail the test unless the last reading is as the row says. */
void dvsec_check_result(const struct row *row);

/* Elements of the row's @quirk. */
unsigned dvsec_count_quirks(const struct row *row);

/* The document, open for reading; fails the test when it is not there. */
FILE *dvsec_open_document(void);

/* Room for a line of it. */
#define LINE_MAX 512

#endif
