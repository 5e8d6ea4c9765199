/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What each VMM does with an offset, dword by dword. A row is a function, an offset, and
 * for every profile the rule that decides and all that its guest reads otherwise. The
 * numbers in brackets are the traps of facts/vfio-pasid.md section 0.
 */
#include <string.h>

#include "../placement/vmm.h"
#include "check_dvsec.h"
#include "suites.h"

#define REGISTERS 0x00001404u
#define EDITS_MAX 6u

/**
 * struct outcome - what one profile does
 * @kind: its verdict
 * @rule: what decides
 * @at: the offset that the rule speaks of
 * @link: how the capability is linked; NONE where it is not placed
 * @edit: all dwords that the guest reads otherwise than the VMM; offset 0 ends the list
 */
struct outcome {
	enum capgap_verdict_kind kind;
	enum capgap_vmm_rule rule;
	uint16_t at;
	enum capgap_link link;
	struct capgap_edit edit[EDITS_MAX];
};

/* What `generic` is given. */
enum plan { PLAN_INSERT, PLAN_NONE, PLAN_PRESENT, PLAN_REPLACE, PLAN_SHORTEN };

/**
 * struct judged - a function, an offset, and what each profile does with it
 * @name: for messages
 * @image: the function
 * @host: its image was taken on the host; else it is what vfio-pci shows
 * @kernel: whose view it is
 * @listed: the DVSEC pair of check_dvsec.h is known
 * @off: the offset
 * @plan: what `generic` is given
 * @dword: the dword of a descriptor that the plan changes
 * @after: what it changes it to
 * @qemu: both versions
 * @cloud: cloud-hypervisor
 * @generic: the plan, made
 */
struct judged {
	const char *name;
	struct support_image image;
	bool host;
	enum capgap_kernel kernel;
	bool listed;
	uint16_t off;
	enum plan plan;
	uint16_t dword;
	uint32_t after;
	struct outcome qemu;
	struct outcome cloud;
	struct outcome generic;
};

#define BY(kind_, rule_, at_)                                                            \
	.kind = CAPGAP_VERDICT_##kind_, .rule = CAPGAP_VMM_RULE_##rule_, .at = (at_)
#define LINKS(link_, ...) .link = CAPGAP_LINK_##link_, .edit = { __VA_ARGS__ }
#define UNPLACED(...) .link = CAPGAP_LINK_NONE, .edit = { __VA_ARGS__ }

/* The two dwords of the capability, over what stood there. */
#define OVER(off, first, second, next)                                                   \
	{ (off), (first), EXT_DWORD(0x001b, 1, next) },                                  \
	{                                                                                \
		(off) + 4, (second), REGISTERS                                           \
	}
#define NEW(off, next) OVER(off, 0, 0, next)
#define END(...) LINKS(INSERT, __VA_ARGS__, NEW(0xff8, 0))

/* Power Management behind PCI Express: cloud-hypervisor looks at nothing without it. */
#define PM PUT8(0x41, 0x80), CONV(0x80, 0x01, 0)
#define DSN(off, next) EXT(off, 0x0003, 1, next)
#define ARI(off, next) EXT(off, 0x000e, 1, next)
#define HW_PASID(off, next) PASID(off, next, 5)
/* Resizable BAR with two sizes on offer, one BAR, whose size is 2^@size MB. */
#define REBAR(off, next, size)                                                           \
	EXT(off, 0x0015, 1, next), PUT32((off) + 4, 0x0000fff0),                         \
		PUT32((off) + 8, 0xabcd0000u | (size) << 8 | 1u << 5 | 2u)
#define VSEC(off, next, len)                                                             \
	EXT(off, 0x000b, 1, next), PUT32((off) + 4, (uint32_t)(len) << 20 | 1u)

static const struct judged rows[] = {
	/* Places that nobody has. */
	{ .name = "between two",
	  .image = { .step = { PM, DSN(0x100, 0x200), ATS(0x200, 0) } },
	  .off = 0x180,
	  .qemu = { BY(ACCEPTED, PLACED, 0x180),
		    LINKS(INSERT, { 0x100, 0x20010003, 0x18010003 }, NEW(0x180, 0x200)) },
	  .cloud = { BY(ELSEWHERE, ELSEWHERE, 0xff8),
		     END({ 0x200, 0x0001000f, 0xff81000f }) },
	  .generic = { BY(ACCEPTED, PLACED, 0x180),
		       LINKS(INSERT, { 0x100, 0x20010003, 0x18010003 },
			     NEW(0x180, 0x200)) } },
	{ .name = "at the end of space",
	  .image = { .step = { PM, DSN(0x100, 0x200), ATS(0x200, 0) } },
	  .off = 0xff8,
	  .qemu = { BY(ACCEPTED, PLACED, 0xff8), END({ 0x200, 0x0001000f, 0xff81000f }) },
	  .cloud = { BY(ACCEPTED, PLACED, 0xff8),
		     END({ 0x200, 0x0001000f, 0xff81000f }) },
	  .generic = { BY(ACCEPTED, PLACED, 0xff8),
		       END({ 0x200, 0x0001000f, 0xff81000f }) } },
	{ .name = "in a list that does not ascend, no header in the way",
	  .image = { .step = { PM, ATS(0x100, 0x400), DSN(0x400, 0x200),
			       LTR(0x200, 0) } },
	  .off = 0x300,
	  .qemu = { BY(ACCEPTED, PLACED, 0x300),
		    LINKS(INSERT, { 0x100, 0x4001000f, 0x3001000f }, NEW(0x300, 0x400)) },
	  .cloud = { BY(ELSEWHERE, ELSEWHERE, 0xff8),
		     END({ 0x200, 0x00010018, 0xff810018 }) },
	  .generic = { BY(ACCEPTED, PLACED, 0x300),
		       LINKS(INSERT, { 0x100, 0x4001000f, 0x3001000f },
			     NEW(0x300, 0x400)) } },
	{ .name = "(6) in the physical capability, whose registers the guest then never reads",
	  .image = { .step = { PM, DSN(0x100, 0x200), HW_PASID(0x200, 0x300),
			       ATS(0x300, 0) } },
	  .host = true,
	  .off = 0x200,
	  .qemu = { BY(ACCEPTED, PLACED, 0x200),
		    LINKS(INSERT, { 0x100, 0x30010003, 0x20010003 },
			  { 0x204, 0x00051404, REGISTERS }) },
	  .cloud = { BY(ELSEWHERE, ELSEWHERE, 0xff8),
		     END({ 0x300, 0x0001000f, 0xff81000f }) },
	  .generic = { BY(ACCEPTED, PLACED, 0x200),
		       LINKS(INSERT, { 0x100, 0x30010003, 0x20010003 },
			     OVER(0x200, 0x3001001b, 0x00051404, 0x300)) } },
	{ .name = "a cautious length ends at what is hidden as well",
	  .image = { .step = { PM, EXT(0x100, 0x0001, 2, 0x140), HW_PASID(0x140, 0) } },
	  .host = true,
	  .off = 0x140,
	  .qemu = { BY(ACCEPTED, PLACED, 0x140),
		    LINKS(INSERT, { 0x100, 0x00020001, 0x14020001 },
			  { 0x144, 0x00051404, REGISTERS }) },
	  .cloud = { BY(ELSEWHERE, ELSEWHERE, 0xff8),
		     END({ 0x100, 0x00020001, 0xff820001 }) },
	  .generic = { BY(ACCEPTED, PLACED, 0x140),
		       LINKS(INSERT, { 0x100, 0x00020001, 0x14020001 },
			     OVER(0x140, 0x0001001b, 0x00051404, 0)) } },
	{ .name = "(7) what is hidden in registers that a cautious length has for certain",
	  .image = { .step = { PM, EXT(0x100, 0x0001, 2, 0x104), HW_PASID(0x104, 0) } },
	  .host = true,
	  .off = 0x104,
	  .qemu = { BY(CORRUPTS, OVERWRITES_BODY, 0x100),
		    LINKS(INSERT, { 0x100, 0x00020001, 0x10420001 },
			  { 0x108, 0x00051404, REGISTERS }) },
	  .cloud = { BY(ELSEWHERE, ELSEWHERE, 0xff8),
		     END({ 0x100, 0x00020001, 0xff820001 }) },
	  .generic = { BY(CORRUPTS, OVERWRITES_BODY, 0x100),
		       LINKS(INSERT, { 0x100, 0x00020001, 0x10420001 },
			     OVER(0x104, 0x0001001b, 0x00051404, 0)) } },

	/* Offsets that are taken though they break something. */
	{ .name = "(7) the body of a visible capability",
	  .image = { .step = { PM, DSN(0x100, 0x200), ATS(0x200, 0),
			       PUT32(0x204, 0x80050020) } },
	  .off = 0x204,
	  .qemu = { BY(CORRUPTS, OVERWRITES_BODY, 0x200),
		    LINKS(INSERT, { 0x200, 0x0001000f, 0x2041000f },
			  OVER(0x204, 0x80050020, 0, 0)) },
	  .cloud = { BY(ELSEWHERE, ELSEWHERE, 0xff8),
		     END({ 0x200, 0x0001000f, 0xff81000f }) },
	  .generic = { BY(CORRUPTS, OVERWRITES_BODY, 0x200),
		       LINKS(INSERT, { 0x200, 0x0001000f, 0x2041000f },
			     OVER(0x204, 0x80050020, 0, 0)) } },
	{ .name = "(7) 0x104, inside the capability at 0x100",
	  .image = { .step = { PM, DSN(0x100, 0) } },
	  .off = 0x104,
	  .qemu = { BY(CORRUPTS, OVERWRITES_BODY, 0x100),
		    LINKS(INSERT, { 0x100, 0x00010003, 0x10410003 }, NEW(0x104, 0)) },
	  .cloud = { BY(ELSEWHERE, ELSEWHERE, 0xff8),
		     END({ 0x100, 0x00010003, 0xff810003 }) },
	  .generic = { BY(CORRUPTS, OVERWRITES_BODY, 0x100),
		       LINKS(INSERT, { 0x100, 0x00010003, 0x10410003 },
			     NEW(0x104, 0)) } },
	{ .name = "(7) bytes that a capability may have",
	  .image = { .step = { PM, EXT(0x100, 0x0001, 2, 0x200), ATS(0x200, 0) } },
	  .off = 0x140,
	  .qemu = { BY(CORRUPTS, OVERWRITES_BODY, 0x100),
		    LINKS(INSERT, { 0x100, 0x20020001, 0x14020001 }, NEW(0x140, 0x200)) },
	  .cloud = { BY(ELSEWHERE, ELSEWHERE, 0xff8),
		     END({ 0x200, 0x0001000f, 0xff81000f }) },
	  .generic = { BY(CORRUPTS, OVERWRITES_BODY, 0x100),
		       LINKS(INSERT, { 0x100, 0x20020001, 0x14020001 },
			     NEW(0x140, 0x200)) } },
	{ .name = "(7) 4 bytes below the next header",
	  .image = { .step = { PM, DSN(0x100, 0x200), ATS(0x200, 0) } },
	  .off = 0x1fc,
	  .qemu = { BY(CORRUPTS, OVERWRITES_HEADER, 0x200),
		    LINKS(INSERT, { 0x100, 0x20010003, 0x1fc10003 },
			  OVER(0x1fc, 0, 0x0001000f, 0x200)) },
	  .cloud = { BY(ELSEWHERE, ELSEWHERE, 0xff8),
		     END({ 0x200, 0x0001000f, 0xff81000f }) },
	  .generic = { BY(CORRUPTS, OVERWRITES_HEADER, 0x200),
		       LINKS(INSERT, { 0x100, 0x20010003, 0x1fc10003 },
			     OVER(0x1fc, 0, 0x0001000f, 0x200)) } },
	{ .name = "(7) a header further on in a list that does not ascend",
	  .image = { .step = { PM, ATS(0x100, 0x400), DSN(0x400, 0x200),
			       LTR(0x200, 0) } },
	  .off = 0x200,
	  .qemu = { BY(CORRUPTS, OVERWRITES_HEADER, 0x200),
		    LINKS(INSERT, { 0x100, 0x4001000f, 0x2001000f },
			  OVER(0x200, 0x00010018, 0, 0x400)) },
	  .cloud = { BY(ELSEWHERE, ELSEWHERE, 0xff8),
		     END({ 0x200, 0x00010018, 0xff810018 }) },
	  .generic = { BY(CORRUPTS, OVERWRITES_HEADER, 0x200),
		       LINKS(INSERT, { 0x100, 0x4001000f, 0x2001000f },
			     OVER(0x200, 0x00010018, 0, 0x400)) } },
	{ .name = "a body at the end of space",
	  .image = { .step = { PM, DSN(0x100, 0xf00), VSEC(0xf00, 0, 0x100) } },
	  .off = 0xff8,
	  .qemu = { BY(CORRUPTS, OVERWRITES_BODY, 0xf00),
		    END({ 0xf00, 0x0001000b, 0xff81000b }) },
	  .cloud = { BY(CORRUPTS, OVERWRITES_BODY, 0xf00),
		     END({ 0xf00, 0x0001000b, 0xff81000b }) },
	  .generic = { BY(CORRUPTS, OVERWRITES_BODY, 0xf00),
		       END({ 0xf00, 0x0001000b, 0xff81000b }) } },

	/* What ends the VMM, or keeps it busy. */
	{ .name = "headers less than 8 bytes apart",
	  .image = { .step = { PM, LTR(0x100, 0x104), ATS(0x104, 0) } },
	  .off = 0x200,
	  .qemu = { BY(CORRUPTS, ABORTS, 0x100) },
	  .cloud = { BY(ELSEWHERE, ELSEWHERE, 0xff8),
		     END({ 0x104, 0x0001000f, 0xff81000f }) },
	  .generic = { BY(ACCEPTED, PLACED, 0x200),
		       LINKS(INSERT, { 0x104, 0x0001000f, 0x2001000f },
			     NEW(0x200, 0)) } },
	{ .name = "on the header of zeros where the list ends",
	  .image = { .step = { PM, DSN(0x100, 0x200) } },
	  .off = 0x200,
	  .qemu = { BY(ACCEPTED, PLACED, 0x200), LINKS(INSERT, NEW(0x200, 0)) },
	  .cloud = { BY(ELSEWHERE, ELSEWHERE, 0xff8), END({ 0x200, 0, 0xff800000 }) },
	  .generic = { BY(CORRUPTS, LIST_CHANGED, 0x200),
		       LINKS(INSERT, { 0x100, 0x20010003, 0x20010003 },
			     NEW(0x200, 0x200)) } },
	{ .name = "its registers on the header of zeros where the list ends",
	  .image = { .step = { PM, DSN(0x100, 0x200) } },
	  .off = 0x1fc,
	  .qemu = { BY(ACCEPTED, PLACED, 0x1fc),
		    LINKS(INSERT, { 0x100, 0x20010003, 0x1fc10003 }, NEW(0x1fc, 0)) },
	  .cloud = { BY(ELSEWHERE, ELSEWHERE, 0xff8), END({ 0x200, 0, 0xff800000 }) },
	  .generic = { BY(CORRUPTS, LIST_CHANGED, 0x200),
		       LINKS(INSERT, { 0x100, 0x20010003, 0x1fc10003 },
			     NEW(0x1fc, 0x200)) } },
	{ .name = "a header in the last dword",
	  .image = { .step = { PM, DSN(0x100, 0xffc), LTR(0xffc, 0) } },
	  .off = 0x200,
	  .qemu = { BY(CORRUPTS, ABORTS, 0xffc) },
	  .cloud = { BY(REFUSED, NO_SPACE, 0xffc) },
	  .generic = { BY(ACCEPTED, PLACED, 0x200),
		       LINKS(INSERT, { 0x100, 0xffc10003, 0x20010003 },
			     NEW(0x200, 0xffc)) } },
	{ .name = "a pointer below 0x100",
	  .image = { .step = { PM, DSN(0x100, 0x080) } },
	  .off = 0x200,
	  .qemu = { BY(CORRUPTS, ABORTS, 0x080) },
	  .cloud = { BY(CORRUPTS, LIST_CHANGED, 0x080), LINKS(INSERT, NEW(0xff8, 0)) },
	  .generic = { BY(ACCEPTED, PLACED, 0x200),
		       LINKS(INSERT, { 0x100, 0x08010003, 0x20010003 },
			     NEW(0x200, 0x080)) } },
	{ .name = "a loop",
	  .image = { .step = { PM, DSN(0x100, 0x200), ATS(0x200, 0x100) } },
	  .off = 0x300,
	  .qemu = { BY(CORRUPTS, NEVER_ENDS, 0x100) },
	  .cloud = { BY(CORRUPTS, NEVER_ENDS, 0x100) },
	  .generic = { BY(ACCEPTED, PLACED, 0x300),
		       LINKS(INSERT, { 0x200, 0x1001000f, 0x3001000f },
			     NEW(0x300, 0x100)) } },
	{ .name = "a loop of one that is dropped",
	  .image = { .step = { PM, DSN(0x100, 0x200), ARI(0x200, 0x200) } },
	  .off = 0x300,
	  .qemu = { BY(CORRUPTS, NEVER_ENDS, 0x200) },
	  .cloud = { BY(CORRUPTS, NEVER_ENDS, 0x200) },
	  .generic = { BY(ACCEPTED, PLACED, 0x300),
		       LINKS(INSERT, { 0x200, 0x2001000e, 0x3001000e },
			     NEW(0x300, 0x200)) } },
	{ .name = "a loop of the PCI-compatible list",
	  .image = { .step = { PUT8(0x41, 0x80), CONV(0x80, 0x01, 0x40),
			       DSN(0x100, 0) } },
	  .off = 0xff8,
	  .qemu = { BY(CORRUPTS, NEVER_ENDS, 0x040) },
	  .cloud = { BY(CORRUPTS, NEVER_ENDS, 0x040) },
	  .generic = { BY(ACCEPTED, PLACED, 0xff8),
		       END({ 0x100, 0x00010003, 0xff810003 }) } },
	{ .name = "an entry of it that points to itself",
	  .image = { .step = { PUT8(0x41, 0x80), CONV(0x80, 0x01, 0x80),
			       DSN(0x100, 0) } },
	  .off = 0xff8,
	  .qemu = { BY(CORRUPTS, NEVER_ENDS, 0x080) },
	  .cloud = { BY(ACCEPTED, PLACED, 0xff8),
		     END({ 0x100, 0x00010003, 0xff810003 }) },
	  .generic = { BY(ACCEPTED, PLACED, 0xff8),
		       END({ 0x100, 0x00010003, 0xff810003 }) } },

	/* What the VMM drops. */
	{ .name = "a head that is dropped",
	  .image = { .step = { PM, EXT(0x100, 0x0010, 1, 0x200), ATS(0x200, 0) } },
	  .off = 0x180,
	  .qemu = { BY(ACCEPTED, PLACED, 0x180),
		    LINKS(NULL_HEAD, { 0x100, 0x20010010, 0x18000000 },
			  NEW(0x180, 0x200)) },
	  .cloud = { BY(ELSEWHERE, ELSEWHERE, 0xff8),
		     END({ 0x100, 0x20010010, 0x20000000 },
			 { 0x200, 0x0001000f, 0xff81000f }) },
	  .generic = { BY(ACCEPTED, PLACED, 0x180),
		       LINKS(INSERT, { 0x100, 0x20010010, 0x18010010 },
			     NEW(0x180, 0x200)) } },
	{ .name = "in the body of a head that is dropped",
	  .image = { .step = { PM, EXT(0x100, 0x0010, 1, 0x200), ATS(0x200, 0) } },
	  .off = 0x104,
	  .qemu = { BY(ACCEPTED, PLACED, 0x104),
		    LINKS(NULL_HEAD, { 0x100, 0x20010010, 0x10400000 },
			  NEW(0x104, 0x200)) },
	  .cloud = { BY(ELSEWHERE, ELSEWHERE, 0xff8),
		     END({ 0x100, 0x20010010, 0x20000000 },
			 { 0x200, 0x0001000f, 0xff81000f }) },
	  .generic = { BY(CORRUPTS, OVERWRITES_BODY, 0x100),
		       LINKS(INSERT, { 0x100, 0x20010010, 0x10410010 },
			     NEW(0x104, 0x200)) } },
	{ .name = "(8) a head that is dropped, and nothing else",
	  .image = { .step = { PM, ARI(0x100, 0) } },
	  .off = 0xff8,
	  .qemu = { BY(ACCEPTED, PLACED, 0xff8),
		    LINKS(NULL_HEAD, { 0x100, 0x0001000e, 0xff800000 }, NEW(0xff8, 0)) },
	  .cloud = { BY(ACCEPTED, PLACED, 0xff8),
		     LINKS(NULL_HEAD, { 0x100, 0x0001000e, 0xff800000 }, NEW(0xff8, 0)) },
	  .generic = { BY(ACCEPTED, PLACED, 0xff8),
		       END({ 0x100, 0x0001000e, 0xff81000e }) } },
	{ .name = "dropped in the middle",
	  .image = { .step = { PM, DSN(0x100, 0x140), ARI(0x140, 0x180),
			       ATS(0x180, 0) } },
	  .off = 0x200,
	  .qemu = { BY(ACCEPTED, PLACED, 0x200),
		    LINKS(INSERT, { 0x100, 0x14010003, 0x18010003 },
			  { 0x180, 0x0001000f, 0x2001000f }, NEW(0x200, 0)) },
	  .cloud = { BY(ELSEWHERE, ELSEWHERE, 0xff8),
		     END({ 0x100, 0x14010003, 0x18010003 },
			 { 0x180, 0x0001000f, 0xff81000f }) },
	  .generic = { BY(ACCEPTED, PLACED, 0x200),
		       LINKS(INSERT, { 0x180, 0x0001000f, 0x2001000f },
			     NEW(0x200, 0)) } },
	{ .name = "in the place of one that is dropped",
	  .image = { .step = { PM, DSN(0x100, 0x140), ARI(0x140, 0x180),
			       ATS(0x180, 0) } },
	  .off = 0x140,
	  .qemu = { BY(ACCEPTED, PLACED, 0x140),
		    LINKS(INSERT, OVER(0x140, 0x1801000e, 0, 0x180)) },
	  .cloud = { BY(ELSEWHERE, ELSEWHERE, 0xff8),
		     END({ 0x100, 0x14010003, 0x18010003 },
			 { 0x180, 0x0001000f, 0xff81000f }) },
	  .generic = { BY(REFUSED, NO_PLAN, 0) } },
	{ .name = "a Resizable BAR keeps its size of 32 MB",
	  .image = { .step = { PM, DSN(0x100, 0x200), REBAR(0x200, 0, 5) } },
	  .off = 0x300,
	  .qemu = { BY(ACCEPTED, PLACED, 0x300),
		    LINKS(INSERT, { 0x200, 0x00010015, 0x30010015 },
			  { 0x204, 0x0000fff0, 0x00000200 },
			  { 0x208, 0xabcd0522, 0x00000522 }, NEW(0x300, 0)) },
	  .cloud = { BY(ELSEWHERE, ELSEWHERE, 0xff8),
		     END({ 0x100, 0x20010003, 0xff810003 }) },
	  .generic = { BY(ACCEPTED, PLACED, 0x300),
		       LINKS(INSERT, { 0x200, 0x00010015, 0x30010015 },
			     NEW(0x300, 0)) } },
	{ .name = "a Resizable BAR of 1 TB is dropped",
	  .image = { .step = { PM, DSN(0x100, 0x200), REBAR(0x200, 0, 20) } },
	  .off = 0x300,
	  .qemu = { BY(ACCEPTED, PLACED, 0x300),
		    LINKS(INSERT, { 0x100, 0x20010003, 0x30010003 }, NEW(0x300, 0)) },
	  .cloud = { BY(ELSEWHERE, ELSEWHERE, 0xff8),
		     END({ 0x100, 0x20010003, 0xff810003 }) },
	  .generic = { BY(ACCEPTED, PLACED, 0x300),
		       LINKS(INSERT, { 0x200, 0x00010015, 0x30010015 },
			     NEW(0x300, 0)) } },
	{ .name = "in a Resizable BAR",
	  .image = { .step = { PM, DSN(0x100, 0x200), REBAR(0x200, 0, 5) } },
	  .off = 0x204,
	  .qemu = { BY(CORRUPTS, OVERWRITES_BODY, 0x200),
		    LINKS(INSERT, { 0x200, 0x00010015, 0x20410015 },
			  OVER(0x204, 0x0000fff0, 0xabcd0522, 0)) },
	  .cloud = { BY(ELSEWHERE, ELSEWHERE, 0xff8),
		     END({ 0x100, 0x20010003, 0xff810003 }) },
	  .generic = { BY(CORRUPTS, OVERWRITES_BODY, 0x200),
		       LINKS(INSERT, { 0x200, 0x00010015, 0x20410015 },
			     OVER(0x204, 0x0000fff0, 0xabcd0522, 0)) } },

	/* Offsets that are not taken. */
	{ .name = "0x100, where a capability is",
	  .image = { .step = { PM, DSN(0x100, 0x200), ATS(0x200, 0) } },
	  .off = 0x100,
	  .qemu = { BY(REFUSED, ON_HEADER, 0x100) },
	  .cloud = { BY(ELSEWHERE, ELSEWHERE, 0xff8),
		     END({ 0x200, 0x0001000f, 0xff81000f }) },
	  .generic = { BY(CORRUPTS, OVERWRITES_HEADER, 0x100),
		       LINKS(HEAD, OVER(0x100, 0x20010003, 0, 0x200)) } },
	{ .name = "0x100, where a null header is",
	  .image = { .step = { PM, HW_PASID(0x100, 0x200), ATS(0x200, 0) } },
	  .host = true,
	  .off = 0x100,
	  .qemu = { BY(REFUSED, ON_HEADER, 0x100) },
	  .cloud = { BY(ELSEWHERE, ELSEWHERE, 0xff8),
		     END({ 0x200, 0x0001000f, 0xff81000f }) },
	  .generic = { BY(ACCEPTED, PLACED, 0x100),
		       LINKS(HEAD, OVER(0x100, 0x20000000, 0x00051404, 0x200)) } },
	{ .name = "0x104 behind a null header",
	  .image = { .step = { PM, HW_PASID(0x100, 0x200), ATS(0x200, 0) } },
	  .host = true,
	  .off = 0x104,
	  .qemu = { BY(ACCEPTED, PLACED, 0x104),
		    LINKS(INSERT, { 0x100, 0x20000000, 0x10400000 },
			  OVER(0x104, 0x00051404, 0, 0x200)) },
	  .cloud = { BY(ELSEWHERE, ELSEWHERE, 0xff8),
		     END({ 0x200, 0x0001000f, 0xff81000f }) },
	  .generic = { BY(ACCEPTED, PLACED, 0x104),
		       LINKS(INSERT, { 0x100, 0x20000000, 0x10400000 },
			     OVER(0x104, 0x00051404, 0, 0x200)) } },
	{ .name = "a header at the end of space",
	  .image = { .step = { PM, DSN(0x100, 0xff8), LTR(0xff8, 0) } },
	  .off = 0xff8,
	  .qemu = { BY(REFUSED, ON_HEADER, 0xff8) },
	  .cloud = { BY(REFUSED, NO_SPACE, 0xff8) },
	  .generic = { BY(REFUSED, NO_PLAN, 0) } },
	{ .name = "what QEMU drops stays dropped where it refuses",
	  .image = { .step = { PM, ARI(0x100, 0x200), ATS(0x200, 0) } },
	  .off = 0x200,
	  .qemu = { BY(REFUSED, ON_HEADER, 0x200),
		    UNPLACED({ 0x100, 0x2001000e, 0x20000000 }) },
	  .cloud = { BY(ELSEWHERE, ELSEWHERE, 0xff8),
		     END({ 0x100, 0x2001000e, 0x20000000 },
			 { 0x200, 0x0001000f, 0xff81000f }) },
	  .generic = { BY(REFUSED, NO_PLAN, 0) } },
	{ .name = "no multiple of 4",
	  .image = { .step = { PM, DSN(0x100, 0) } },
	  .off = 0x182,
	  .qemu = { BY(REFUSED, MISALIGNED, 0x182) },
	  .cloud = { BY(ELSEWHERE, ELSEWHERE, 0xff8),
		     END({ 0x100, 0x00010003, 0xff810003 }) },
	  .generic = { BY(REFUSED, NO_PLAN, 0) } },
	{ .name = "over the end of space",
	  .image = { .step = { PM, DSN(0x100, 0) } },
	  .off = 0xffc,
	  .qemu = { BY(REFUSED, OUTSIDE, 0xffc) },
	  .cloud = { BY(ELSEWHERE, ELSEWHERE, 0xff8),
		     END({ 0x100, 0x00010003, 0xff810003 }) },
	  .generic = { BY(REFUSED, NO_PLAN, 0) } },
	{ .name = "below extended space",
	  .image = { .step = { PM, DSN(0x100, 0) } },
	  .off = 0x0c0,
	  .qemu = { BY(REFUSED, OUTSIDE, 0x0c0) },
	  .cloud = { BY(ELSEWHERE, ELSEWHERE, 0xff8),
		     END({ 0x100, 0x00010003, 0xff810003 }) },
	  .generic = { BY(REFUSED, NO_PLAN, 0) } },
	{ .name = "a header that was not read",
	  .image = { .step = { PM, DSN(0x100, 0x200), DROP(0x200, 4) } },
	  .off = 0x300,
	  .qemu = { BY(REFUSED, UNREAD, 0x200) },
	  .cloud = { BY(REFUSED, UNREAD, 0x200) },
	  .generic = { BY(REFUSED, NO_PLAN, 0) } },
	{ .name = "bytes that were not read",
	  .image = { .step = { PM, DSN(0x100, 0), DROP(0xffc, 4) } },
	  .off = 0xff8,
	  .qemu = { BY(REFUSED, UNREAD, 0xff8) },
	  .cloud = { BY(REFUSED, UNREAD, 0xff8) },
	  .generic = { BY(REFUSED, NO_PLAN, 0) } },
	{ .name = "the pointer to the PCI-compatible list was not read",
	  .image = { .step = { PM, DSN(0x100, 0), DROP(0x34, 1) } },
	  .off = 0xff8,
	  .qemu = { BY(REFUSED, UNREAD, 0x034) },
	  .cloud = { BY(REFUSED, UNREAD, 0x034) },
	  .generic = { BY(REFUSED, UNREAD, 0x034) } },

	/* What the VMM does not even look at. */
	{ .name = "(8) 0x100 reads 0",
	  .image = { .step = { PM } },
	  .off = 0x200,
	  .qemu = { BY(SKIPPED, EMPTY_LIST, 0x100) },
	  .cloud = { BY(ELSEWHERE, ELSEWHERE, 0xff8),
		     LINKS(NULL_HEAD, { 0x100, 0, 0xff800000 }, NEW(0xff8, 0)) },
	  .generic = { BY(ACCEPTED, PLACED, 0x200),
		       LINKS(NULL_HEAD, { 0x100, 0, 0x20000000 }, NEW(0x200, 0)) } },
	{ .name = "(8) a null header alone does not read 0",
	  .image = { .step = { PM, EXT(0x100, 0, 1, 0) } },
	  .off = 0x200,
	  .qemu = { BY(ACCEPTED, PLACED, 0x200),
		    LINKS(INSERT, { 0x100, 0x00010000, 0x20000000 }, NEW(0x200, 0)) },
	  .cloud = { BY(ELSEWHERE, ELSEWHERE, 0xff8),
		     END({ 0x100, 0x00010000, 0xff810000 }) },
	  .generic = { BY(ACCEPTED, PLACED, 0x200),
		       LINKS(INSERT, { 0x100, 0x00010000, 0x20010000 },
			     NEW(0x200, 0)) } },
	{ .name = "(6, 8) vfio-pci hides all that there is",
	  .image = { .step = { PM, EXT(0x100, 0x0019, 1, 0x200),
			       EXT(0x200, 0x0025, 1, 0) } },
	  .host = true,
	  .off = 0x400,
	  .plan = PLAN_NONE,
	  .qemu = { BY(SKIPPED, HIDDEN_LIST, 0x100) },
	  .cloud = { BY(ELSEWHERE, ELSEWHERE, 0xff8),
		     LINKS(NULL_HEAD, { 0x100, 0, 0xff800000 }, NEW(0xff8, 0)) },
	  .generic = { BY(REFUSED, NO_PLAN, 0) } },
	{ .name = "a PASID capability is shown",
	  .image = { .step = { PM, DSN(0x100, 0x200), PASID(0x200, 0, 0) } },
	  .off = 0x200,
	  .plan = PLAN_PRESENT,
	  .qemu = { BY(SKIPPED, OWN, 0) },
	  .cloud = { BY(CORRUPTS, SECOND, 0x200),
		     END({ 0x200, 0x0001001b, 0xff81001b }) },
	  .generic = { BY(ACCEPTED, PRESENT, 0x200), LINKS(PRESENT, { 0 }) } },
	{ .name = "no PCI Express capability in the list",
	  .image = { .base = BASE_CONVENTIONAL, .step = { DSN(0x100, 0) } },
	  .off = 0xff8,
	  .qemu = { BY(SKIPPED, NOT_EXPRESS, 0) },
	  .cloud = { BY(SKIPPED, NOT_EXPRESS, 0) },
	  .generic = { BY(SKIPPED, NOT_EXPRESS, 0) } },
	{ .name = "no PCI-compatible list",
	  .image = { .step = { DSN(0x100, 0), PUT16(0x06, 0) } },
	  .off = 0xff8,
	  .qemu = { BY(SKIPPED, NO_LIST, 0) },
	  .cloud = { BY(SKIPPED, NO_LIST, 0) },
	  .generic = { BY(SKIPPED, NO_LIST, 0) } },
	{ .name = "no Power Management capability",
	  .image = { .step = { DSN(0x100, 0) } },
	  .off = 0xff8,
	  .qemu = { BY(ACCEPTED, PLACED, 0xff8), END({ 0x100, 0x00010003, 0xff810003 }) },
	  .cloud = { BY(SKIPPED, NO_PM, 0) },
	  .generic = { BY(ACCEPTED, PLACED, 0xff8),
		       END({ 0x100, 0x00010003, 0xff810003 }) } },

	/* Declared space. */
	{ .name = "a DVSEC's Length that nobody listed",
	  .image = { .step = { PM, GAP(0x100, 0x200, 0x40), ATS(0x200, 0) } },
	  .off = 0x138,
	  .qemu = { BY(CORRUPTS, OVERWRITES_BODY, 0x100),
		    LINKS(INSERT, { 0x100, 0x20010023, 0x13810023 }, NEW(0x138, 0x200)) },
	  .cloud = { BY(ELSEWHERE, ELSEWHERE, 0xff8),
		     END({ 0x200, 0x0001000f, 0xff81000f }) },
	  .generic = { BY(CORRUPTS, OVERWRITES_BODY, 0x100),
		       LINKS(INSERT, { 0x100, 0x20010023, 0x13810023 },
			     NEW(0x138, 0x200)) } },
	{ .name = "a descriptor's Length, which generic shortens",
	  .image = { .step = { PM, GAP(0x100, 0x200, 0x40), ATS(0x200, 0) } },
	  .listed = true,
	  .off = 0x138,
	  .plan = PLAN_SHORTEN,
	  .dword = 0x104,
	  .after = 0x03817e57,
	  .qemu = { BY(OVERLAPS, IN_DESCRIPTOR, 0x100),
		    LINKS(INSERT, { 0x100, 0x20010023, 0x13810023 }, NEW(0x138, 0x200)) },
	  .cloud = { BY(ELSEWHERE, ELSEWHERE, 0xff8),
		     END({ 0x200, 0x0001000f, 0xff81000f }) },
	  .generic = { BY(ACCEPTED, PLACED, 0x138),
		       LINKS(CARVE, { 0x100, 0x20010023, 0x13810023 },
			     { 0x104, 0x04017e57, 0x03817e57 }, NEW(0x138, 0x200)) } },
	{ .name = "a descriptor's header",
	  .image = { .step = { PM, GAP(0x100, 0x200, 0x40), ATS(0x200, 0) } },
	  .listed = true,
	  .off = 0x108,
	  .qemu = { BY(CORRUPTS, OVERWRITES_BODY, 0x100),
		    LINKS(INSERT, { 0x100, 0x20010023, 0x10810023 },
			  OVER(0x108, 0xf5010042, 0, 0x200)) },
	  .cloud = { BY(ELSEWHERE, ELSEWHERE, 0xff8),
		     END({ 0x200, 0x0001000f, 0xff81000f }) },
	  .generic = { BY(CORRUPTS, OVERWRITES_BODY, 0x100),
		       LINKS(INSERT, { 0x100, 0x20010023, 0x10810023 },
			     OVER(0x108, 0xf5010042, 0, 0x200)) } },
	{ .name = "a descriptor that vfio-pci hid before Linux 6.4",
	  .image = { .step = { PM, DSN(0x100, 0x140), GAP(0x140, 0x200, 0x40),
			       ATS(0x200, 0) } },
	  .host = true,
	  .kernel = CAPGAP_KERNEL_OLD,
	  .listed = true,
	  .off = 0x178,
	  .qemu = { BY(ACCEPTED, PLACED, 0x178),
		    LINKS(INSERT, { 0x100, 0x20010003, 0x17810003 }, NEW(0x178, 0x200)) },
	  .cloud = { BY(ELSEWHERE, ELSEWHERE, 0xff8),
		     END({ 0x200, 0x0001000f, 0xff81000f }) },
	  .generic = { BY(ACCEPTED, PLACED, 0x178),
		       LINKS(INSERT, { 0x100, 0x20010003, 0x17810003 },
			     NEW(0x178, 0x200)) } },
	{ .name = "a descriptor of 12 bytes, whose place generic takes",
	  .image = { .step = { PM, DSN(0x100, 0x140), GAP(0x140, 0x200, 12),
			       ATS(0x200, 0) } },
	  .listed = true,
	  .off = 0x140,
	  .plan = PLAN_REPLACE,
	  .qemu = { BY(REFUSED, ON_HEADER, 0x140) },
	  .cloud = { BY(ELSEWHERE, ELSEWHERE, 0xff8),
		     END({ 0x200, 0x0001000f, 0xff81000f }) },
	  .generic = { BY(ACCEPTED, PLACED, 0x140),
		       LINKS(REPLACE, OVER(0x140, 0x20010023, 0x00c17e57, 0x200)) } },
	{ .name = "a table's range, which generic trims",
	  .image = { .step = { PM, TABLE(0x100, 0x140, 2), ENTRY(0x10c, 0x300, 0x40),
			       ENTRY(0x110, 0x200, 0x40), ATS(0x140, 0) } },
	  .listed = true,
	  .off = 0x238,
	  .plan = PLAN_SHORTEN,
	  .dword = 0x110,
	  .after = 0x00380200,
	  .qemu = { BY(OVERLAPS, IN_TABLE, 0x110),
		    LINKS(INSERT, { 0x140, 0x0001000f, 0x2381000f }, NEW(0x238, 0)) },
	  .cloud = { BY(ELSEWHERE, ELSEWHERE, 0xff8),
		     END({ 0x140, 0x0001000f, 0xff81000f }) },
	  .generic = { BY(ACCEPTED, PLACED, 0x238),
		       LINKS(TRIM, { 0x110, 0x00400200, 0x00380200 },
			     { 0x140, 0x0001000f, 0x2381000f }, NEW(0x238, 0)) } },
	{ .name = "the end of space, inside a descriptor's Length",
	  .image = { .step = { PM, ATS(0x100, 0xf00), GAP(0xf00, 0, 0x100) } },
	  .listed = true,
	  .off = 0xff8,
	  .plan = PLAN_SHORTEN,
	  .dword = 0xf04,
	  .after = 0x0f817e57,
	  .qemu = { BY(OVERLAPS, IN_DESCRIPTOR, 0xf00),
		    END({ 0xf00, 0x00010023, 0xff810023 }) },
	  .cloud = { BY(OVERLAPS, IN_DESCRIPTOR, 0xf00),
		     END({ 0xf00, 0x00010023, 0xff810023 }) },
	  .generic = { BY(ACCEPTED, PLACED, 0xff8),
		       LINKS(CARVE, { 0xf00, 0x00010023, 0xff810023 },
			     { 0xf04, 0x10017e57, 0x0f817e57 }, NEW(0xff8, 0)) } },
	{ .name = "elsewhere, and that is inside a descriptor's Length",
	  .image = { .step = { PM, ATS(0x100, 0xf00), GAP(0xf00, 0, 0x100) } },
	  .listed = true,
	  .off = 0x200,
	  .qemu = { BY(ACCEPTED, PLACED, 0x200),
		    LINKS(INSERT, { 0x100, 0xf001000f, 0x2001000f }, NEW(0x200, 0xf00)) },
	  .cloud = { BY(ELSEWHERE, ELSEWHERE_DECLARED, 0xff8),
		     END({ 0xf00, 0x00010023, 0xff810023 }) },
	  .generic = { BY(ACCEPTED, PLACED, 0x200),
		       LINKS(INSERT, { 0x100, 0xf001000f, 0x2001000f },
			     NEW(0x200, 0xf00)) } },
};

static struct capgap_function fn;
static struct capgap_view view;
static struct capgap_edits plan;
static struct capgap_verdict verdict;

/* The function, its view, and the plan for it. */
static void make(const struct judged *row)
{
	enum capgap_vantage vantage = row->host ? CAPGAP_VANTAGE_HOST :
						  CAPGAP_VANTAGE_VFIO;
	struct capgap_options opt = { .vantage = vantage, .min_gap = CAPGAP_MIN_GAP };
	struct capgap_quirks *quirks = capgap_quirks_new();
	struct capgap_record rec;

	ck_assert_ptr_nonnull(quirks);
	ck_assert_int_eq(capgap_quirks_add_descriptor(quirks, VENDOR, ID,
						      CAPGAP_FORM_CONTROL),
			 0);
	opt.quirks = row->listed ? quirks : NULL;
	support_record(&rec, &row->image);
	capgap_function_analyse(&fn, &rec, NULL, &opt);
	capgap_view_derive(&view, &fn, row->kernel);
	plan.n = 0;
	plan.link = row->plan == PLAN_PRESENT ? CAPGAP_LINK_PRESENT : CAPGAP_LINK_NONE;
	if (row->plan == PLAN_INSERT)
		capgap_link_pasid(&plan, &view.image, row->off, REGISTERS);
	if (row->plan == PLAN_REPLACE)
		capgap_link_replace(&plan, &view.image, row->off, REGISTERS);
	if (row->plan == PLAN_SHORTEN)
		capgap_link_descriptor(&plan, &view.image, row->off, REGISTERS,
				       row->dword, row->after, row->generic.link);
	capgap_quirks_free(quirks);
	/* The rows of the function's quirks went with the table. */
	fn.n_quirks = 0;
}

static void judge(const struct judged *row, enum capgap_vmm vmm)
{
	struct capgap_vmm_case c = { &view, &fn, row->off, REGISTERS, &plan };

	memset(&verdict, 0x5a, sizeof(verdict));
	capgap_vmm_judge(&verdict, vmm, &c);
}

static const struct outcome *outcome_of(const struct judged *row, unsigned vmm)
{
	switch (vmm) {
	case CAPGAP_VMM_CLOUD_HYPERVISOR:
		return &row->cloud;
	case CAPGAP_VMM_GENERIC:
		return &row->generic;
	default:
		return &row->qemu;
	}
}

static void same_edits(const char *name, const struct outcome *want)
{
	unsigned n = 0;

	while (n < EDITS_MAX && want->edit[n].off)
		n++;
	for (unsigned i = 0; i < n && i < verdict.edits.n; i++) {
		ck_assert_msg(verdict.edits.edit[i].off == want->edit[i].off,
			      "%s: edit %u is at 0x%03x", name, i,
			      verdict.edits.edit[i].off);
		ck_assert_msg(verdict.edits.edit[i].before == want->edit[i].before,
			      "%s: 0x%03x was 0x%08x", name, want->edit[i].off,
			      verdict.edits.edit[i].before);
		ck_assert_msg(verdict.edits.edit[i].after == want->edit[i].after,
			      "%s: 0x%03x is 0x%08x", name, want->edit[i].off,
			      verdict.edits.edit[i].after);
	}
	ck_assert_msg(verdict.edits.n == n, "%s: %u edits, not %u", name, verdict.edits.n,
		      n);
	ck_assert_msg(verdict.edits.link == want->link, "%s: link %d", name,
		      verdict.edits.link);
}

START_TEST(vmm_does_what_its_code_does)
{
	const struct judged *row = &rows[_i / CAPGAP_VMM_COUNT];
	enum capgap_vmm vmm = (enum capgap_vmm)(_i % CAPGAP_VMM_COUNT);
	const struct outcome *want = outcome_of(row, vmm);
	bool placed = want->link != CAPGAP_LINK_NONE;
	unsigned off = row->off;
	char name[128];

	snprintf(name, sizeof(name), "%s, %s", row->name, capgap_vmm_name(vmm));
	if (placed && vmm == CAPGAP_VMM_CLOUD_HYPERVISOR)
		off = 0xff8;
	make(row);
	judge(row, vmm);
	ck_assert_msg(verdict.vmm == vmm, "%s: of %d", name, verdict.vmm);
	ck_assert_msg(verdict.kind == want->kind, "%s: %s: %s", name,
		      capgap_verdict_name(verdict.kind), verdict.reason);
	ck_assert_msg(verdict.rule == want->rule, "%s: by %s", name,
		      capgap_vmm_rule_row(verdict.rule)->name);
	ck_assert_msg(verdict.at == want->at, "%s: speaks of 0x%03x", name, verdict.at);
	ck_assert_msg(verdict.placed == placed, "%s: placed %d", name, verdict.placed);
	ck_assert_msg(verdict.offset == off, "%s: at 0x%03x", name, verdict.offset);
	same_edits(name, want);
}
END_TEST

static bool same_edit(const struct capgap_edit *a, const struct capgap_edit *b)
{
	return a->off == b->off && a->before == b->before && a->after == b->after;
}

static void same_verdict(const struct capgap_verdict *a, const struct capgap_verdict *b)
{
	ck_assert_int_eq(a->vmm, b->vmm);
	ck_assert_int_eq(a->kind, b->kind);
	ck_assert_int_eq(a->placed, b->placed);
	ck_assert_int_eq(a->offset, b->offset);
	ck_assert_int_eq(a->rule, b->rule);
	ck_assert_int_eq(a->at, b->at);
	ck_assert_str_eq(a->reason, b->reason);
	ck_assert_int_eq(a->edits.link, b->edits.link);
	ck_assert_uint_eq(a->edits.n, b->edits.n);
	for (unsigned i = 0; i < a->edits.n; i++)
		ck_assert(same_edit(&a->edits.edit[i], &b->edits.edit[i]));
}

/* Nothing wrote to what was lent, padding included. */
static void untouched(const void *copy, const void *lent, size_t len)
{
	ck_assert_int_eq(memcmp(copy, lent, len), 0);
}

/* The same question has the same answer, and nothing that was lent is written to. */
START_TEST(vmm_judges_without_a_trace)
{
	static struct capgap_verdict first;
	static struct capgap_function was;
	static struct capgap_view seen;
	static struct capgap_edits planned;
	const struct judged *row = &rows[_i];

	make(row);
	memcpy(&was, &fn, sizeof(fn));
	memcpy(&seen, &view, sizeof(view));
	memcpy(&planned, &plan, sizeof(plan));
	for (unsigned vmm = 0; vmm < CAPGAP_VMM_COUNT; vmm++) {
		judge(row, (enum capgap_vmm)vmm);
		first = verdict;
		judge(row, (enum capgap_vmm)vmm);
		same_verdict(&first, &verdict);
	}
	untouched(&was, &fn, sizeof(fn));
	untouched(&seen, &view, sizeof(view));
	untouched(&planned, &plan, sizeof(plan));
}
END_TEST

/* Of all rules, each decides a row, of every profile that follows it, and of no other. */
START_TEST(vmm_rules_decide)
{
	unsigned follows[CAPGAP_VMM_RULE_COUNT] = { 0 };
	const struct capgap_vmm_rule_row *rule;

	for (int i = 0; i < ROWS(rows); i++) {
		for (unsigned vmm = 0; vmm < CAPGAP_VMM_COUNT; vmm++) {
			follows[outcome_of(&rows[i], vmm)->rule] |= 1u << vmm;
			rule = capgap_vmm_rule_row(outcome_of(&rows[i], vmm)->rule);
			ck_assert_int_eq(rule->verdict, outcome_of(&rows[i], vmm)->kind);
			ck_assert_msg(rule->profiles >> vmm & 1u, "%s: %s", rows[i].name,
				      rule->name);
		}
	}
	for (unsigned i = 0; i < CAPGAP_VMM_RULE_COUNT; i++) {
		rule = capgap_vmm_rule_row(i);
		ck_assert_msg(follows[i], "no row is decided by %s", rule->name);
	}
}
END_TEST

START_TEST(vmm_rules_are_told)
{
	const struct capgap_vmm_rule_row *rule;
	unsigned n;

	for (n = 0; (rule = capgap_vmm_rule_row(n)); n++) {
		ck_assert_uint_gt(strlen(rule->name), 0);
		ck_assert_uint_gt(strlen(rule->text), 0);
		ck_assert_uint_gt(strlen(rule->source), 0);
		ck_assert_uint_ne(rule->profiles, 0);
		ck_assert_uint_eq(rule->profiles >> CAPGAP_VMM_COUNT, 0);
		/* The reason has " (0xfff)" behind it, and is not cut. */
		ck_assert_uint_lt(strlen(rule->text) + 8, sizeof(verdict.reason));
		for (unsigned i = 0; i < n; i++)
			ck_assert_str_ne(capgap_vmm_rule_row(i)->name, rule->name);
	}
	ck_assert_uint_eq(n, CAPGAP_VMM_RULE_COUNT);
}
END_TEST

START_TEST(vmm_reasons_name_the_offset)
{
	make(&rows[0]);
	judge(&rows[0], CAPGAP_VMM_CLOUD_HYPERVISOR);
	ck_assert_str_eq(verdict.reason,
			 "the offset is not asked for: the capability goes to the end of "
			 "space (0xff8)");
}
END_TEST

static const struct {
	enum capgap_vmm vmm;
	const char *name;
	bool takes_offset;
	unsigned default_offset;
} profiles[] = {
	{ CAPGAP_VMM_QEMU_11_1, "qemu-11.1", true, 0xff8 },
	{ CAPGAP_VMM_QEMU_11_0, "qemu-11.0", true, 0xff8 },
	{ CAPGAP_VMM_CLOUD_HYPERVISOR, "cloud-hypervisor", false, 0xff8 },
	{ CAPGAP_VMM_GENERIC, "generic", true, 0 },
};

START_TEST(vmm_profiles_are_found_by_name)
{
	const struct capgap_vmm_row *row;

	ck_assert_int_eq(ROWS(profiles), CAPGAP_VMM_COUNT);
	for (int i = 0; i < ROWS(profiles); i++) {
		row = capgap_vmm_row(profiles[i].vmm);
		ck_assert_str_eq(row->name, profiles[i].name);
		ck_assert_str_eq(capgap_vmm_name(profiles[i].vmm), profiles[i].name);
		ck_assert_int_eq(row->takes_offset, profiles[i].takes_offset);
		ck_assert_uint_eq(row->default_offset, profiles[i].default_offset);
		ck_assert_uint_eq(capgap_vmm_default(profiles[i].vmm),
				  profiles[i].default_offset);
		ck_assert_int_eq(capgap_vmm_find(profiles[i].name), (int)profiles[i].vmm);
		ck_assert_uint_gt(strlen(row->needs), 0);
		ck_assert_uint_gt(strlen(row->summary), 0);
	}
	ck_assert_ptr_null(capgap_vmm_row(CAPGAP_VMM_COUNT));
	ck_assert_int_eq(capgap_vmm_find("qemu"), -CAPGAP_E_NOENT);
	ck_assert_int_eq(capgap_vmm_find(""), -CAPGAP_E_NOENT);
}
END_TEST

static const struct {
	enum capgap_verdict_kind kind;
	const char *name;
	bool bad;
} kinds[] = {
	{ CAPGAP_VERDICT_ACCEPTED, "accepted", false },
	{ CAPGAP_VERDICT_OVERLAPS, "overlaps", false },
	{ CAPGAP_VERDICT_REFUSED, "refused", true },
	{ CAPGAP_VERDICT_SKIPPED, "skipped", true },
	{ CAPGAP_VERDICT_ELSEWHERE, "elsewhere", false },
	{ CAPGAP_VERDICT_CORRUPTS, "corrupts", true },
};

START_TEST(vmm_verdicts_have_names)
{
	ck_assert_str_eq(capgap_verdict_name(kinds[_i].kind), kinds[_i].name);
	ck_assert_int_eq(capgap_verdict_is_bad(kinds[_i].kind), kinds[_i].bad);
}
END_TEST

/* Several capabilities of one plan: those beside PASID are judged by the bytes as well. */
static const struct {
	const char *name;
	uint16_t off;
	enum capgap_vmm_rule rule;
} beside[] = {
	{ "a second capability beside it", 0x300, CAPGAP_VMM_RULE_PLACED },
	{ "a second one in a body", 0x204, CAPGAP_VMM_RULE_OVERWRITES_BODY },
	{ "a second one over a header", 0x1f4, CAPGAP_VMM_RULE_OVERWRITES_HEADER },
};

START_TEST(vmm_judges_all_that_a_plan_adds)
{
	static const struct judged row = {
		.image = { .step = { DSN(0x100, 0x200), ATS(0x200, 0) } }, .off = 0x180
	};
	static struct capgap_edits more;
	static struct capgap_image img;

	make(&row);
	img = view.image;
	capgap_link_apply(&plan, &img);
	ck_assert_int_eq(capgap_link_insert(&more, &img, beside[_i].off, 16, 0x0013, 1),
			 0);
	capgap_link_apply(&more, &img);
	capgap_link_between(&plan, &view.image, &img);
	plan.link = CAPGAP_LINK_INSERT;
	judge(&row, CAPGAP_VMM_GENERIC);
	ck_assert_msg(verdict.rule == beside[_i].rule, "%s: %s", beside[_i].name,
		      verdict.reason);
}
END_TEST

Suite *vmm_suite(void)
{
	Suite *suite = suite_create("vmm");
	TCase *tc = tcase_create("judged");

	tcase_add_loop_test(tc, vmm_does_what_its_code_does, 0,
			    ROWS(rows) * CAPGAP_VMM_COUNT);
	tcase_add_loop_test(tc, vmm_judges_without_a_trace, 0, ROWS(rows));
	tcase_add_loop_test(tc, vmm_judges_all_that_a_plan_adds, 0, ROWS(beside));
	suite_add_tcase(suite, tc);
	tc = tcase_create("told");
	tcase_add_test(tc, vmm_rules_decide);
	tcase_add_test(tc, vmm_rules_are_told);
	tcase_add_test(tc, vmm_reasons_name_the_offset);
	tcase_add_test(tc, vmm_profiles_are_found_by_name);
	tcase_add_loop_test(tc, vmm_verdicts_have_names, 0, ROWS(kinds));
	suite_add_tcase(suite, tc);
	return suite;
}
