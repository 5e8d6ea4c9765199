/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the suites share: images built from steps, their analysis, and what is found in it. */
#ifndef CAPGAP_TESTS_SUPPORT_H
#define CAPGAP_TESTS_SUPPORT_H

#include "../analyzer/function.h"

/**
 * enum support_base - the function that the steps of an image change
 * @BASE_ENDPOINT: type 0 header, ids 15b3:1021, one capability: PCI Express
 *                 version 2, an endpoint's, at 0x40 (60 bytes, to 0x7b)
 * @BASE_CONVENTIONAL: the same with Power Management at 0x40 (8 bytes, to 0x47)
 * @BASE_VF: the endpoint, its ids reading ffff:ffff
 * @BASE_BLANK: zeros
 */
enum support_base { BASE_ENDPOINT, BASE_CONVENTIONAL, BASE_VF, BASE_BLANK };

#define SUPPORT_VENDOR 0x15b3u
#define SUPPORT_DEVICE 0x1021u

enum support_step_kind { STEP_NONE, STEP_PUT, STEP_FILL, STEP_DROP };

/**
 * struct support_step - one change to an image; use the macros below
 * @kind: what is done; the first NONE ends a list of steps
 * @off: first byte
 * @len: bytes; for PUT 1, 2 or 4
 * @val: what is stored, little-endian; for FILL each byte
 */
struct support_step {
	enum support_step_kind kind;
	uint16_t off;
	uint16_t len;
	uint32_t val;
};

#define PUT8(off, val)                                                                   \
	{                                                                                \
		STEP_PUT, (uint16_t)(off), 1, (val)                                      \
	}
#define PUT16(off, val)                                                                  \
	{                                                                                \
		STEP_PUT, (uint16_t)(off), 2, (val)                                      \
	}
#define PUT32(off, val)                                                                  \
	{                                                                                \
		STEP_PUT, (uint16_t)(off), 4, (val)                                      \
	}
#define FILL(off, len, byte)                                                             \
	{                                                                                \
		STEP_FILL, (uint16_t)(off), (len), (byte)                                \
	}
/* Bytes that were not read, whatever the other steps say. */
#define DROP(off, len)                                                                   \
	{                                                                                \
		STEP_DROP, (uint16_t)(off), (len), 0                                     \
	}
/* A header of the PCI-compatible list; its body is left as it is. */
#define CONV(off, id, next) PUT16(off, (id) | (next) << 8)
/* A header of the extended list; its body is left as it is. */
#define EXT(off, id, version, next) PUT32(off, EXT_DWORD(id, version, next))
#define EXT_DWORD(id, version, next)                                                     \
	((uint32_t)(id) | (uint32_t)(version) << 16 | (uint32_t)(next) << 20)
/* Second dword of a VSEC or DVSEC that states @len bytes; id or vendor 1. */
#define VENDOR_LENGTH(off, len) PUT32((off) + 4, (uint32_t)(len) << 20 | 1u)
/* A PASID capability with width 20, Privileged Mode, and its control register. */
#define PASID(off, next, control)                                                        \
	EXT(off, 0x001b, 1, next), PUT32((off) + 4, 0x1404u | (uint32_t)(control) << 16)
/* SR-IOV at @off: control, NumVFs (and TotalVFs), First VF Offset, VF Stride, VF Device ID. */
#define SRIOV(off, next, control, num, first, stride, device)                            \
	EXT(off, 0x0010, 1, next), PUT16((off) + 0x08, control),                         \
		PUT16((off) + 0x0e, num), PUT16((off) + 0x10, num),                      \
		PUT16((off) + 0x14, first), PUT16((off) + 0x16, stride),                 \
		PUT16((off) + 0x1a, device)

/* One row of expected findings. */
#define HIT(symbol, off, len, a, b)                                                      \
	{                                                                                \
		CAPGAP_F_##symbol, (off), (len), (a), (b)                                \
	}

#define SUPPORT_STEPS_MAX 20u

/**
 * struct support_image - how to build an image
 * @base: where to begin
 * @size: bytes; 0 stands for 4096, a smaller one cuts the finished image
 * @step: changes, in order
 */
struct support_image {
	enum support_base base;
	unsigned size;
	struct support_step step[SUPPORT_STEPS_MAX];
};

/**
 * support_record() - build a record without metadata
 * @rec: caller's, overwritten
 * @how: borrowed
 */
void support_record(struct capgap_record *rec, const struct support_image *how);

/* Apply one more step to a record. */
void support_step(struct capgap_record *rec, const struct support_step *step);

/* Give a record its address; fails the test when @text is none. */
void support_at(struct capgap_record *rec, const char *text);

/* The address that @text stands for; fails the test when it is none. */
struct capgap_bdf support_bdf(const char *text);

/* Build, and analyse as a host's, alone, with gaps of 12 bytes. The result is static. */
struct capgap_function *support_function(const struct support_image *how);

/* Analyse a record among the functions of @topo (or NULL). The result is static. */
struct capgap_function *support_analyse(const struct capgap_record *rec,
					const struct capgap_topology *topo,
					enum capgap_vantage vantage);

/* The first hit of a kind, or NULL. */
const struct capgap_hit *support_find(const struct capgap_findings *list,
				      enum capgap_finding_kind kind);

/**
 * support_has_hits() - fail the test unless each wanted finding is there
 * @row: name of the case, for messages
 * @list: what was found
 * @want: findings; one of all zeros ends the list before @max
 * @max: elements of @want
 */
void support_has_hits(const char *row, const struct capgap_findings *list,
		      const struct capgap_hit *want, unsigned max);

/* As support_has_hits(), and nothing else may have been found. */
void support_same_hits(const char *row, const struct capgap_findings *list,
		       const struct capgap_hit *want, unsigned max);

#define ROWS(table) ((int)(sizeof(table) / sizeof((table)[0])))

#endif
