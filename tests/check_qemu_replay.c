/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The library's QEMU profiles against the replay of qemu_replay.c: named cases, and
 * random lists, sound and broken.
 */
#include <stdio.h>
#include <string.h>

#include "../placement/vmm.h"
#include "check_dvsec.h"
#include "prng.h"
#include "qemu_replay.h"
#include "suites.h"

#define SEEDS 10
#define IMAGES 600u
#define REGISTERS 0x1404u

static struct qemu_guest guest;
static struct capgap_verdict verdict;
static struct capgap_view view;
static struct capgap_record rec;

/* The bytes of the record, as plain ones. */
static const uint8_t *bytes(void)
{
	return rec.image.data;
}

/**
 * struct qemu_row - a function as vfio-pci shows it, an offset, and what comes of it
 * @name: for messages
 * @image: the function
 * @property: x-vpasid-cap-offset; what the library does not take is replayed only
 * @outcome: how QEMU ends
 * @verdict: what the library says
 * @n: entries of @dword
 * @dword: what the guest reads
 */
struct qemu_row {
	const char *name;
	struct support_image image;
	unsigned property;
	enum qemu_outcome outcome;
	enum capgap_verdict_kind verdict;
	unsigned n;
	struct {
		uint16_t off;
		uint32_t val;
	} dword[4];
};

#define IS(outcome_, verdict_)                                                           \
	.outcome = QEMU_##outcome_, .verdict = CAPGAP_VERDICT_##verdict_
#define SEES(n_, ...) .n = (n_), .dword = { __VA_ARGS__ }
#define PASID_AT(off, next)                                                              \
	{ (off), EXT_DWORD(0x001b, 1, next) },                                           \
	{                                                                                \
		(off) + 4, REGISTERS                                                     \
	}
#define DSN(off, next) EXT(off, 0x0003, 1, next)
#define ARI(off, next) EXT(off, 0x000e, 1, next)
#define NULL_AT(off, next) EXT(off, 0, 0, next)
/* A resizable BAR of size 2 to the power of @size MB; @n BARs in all. */
#define REBAR(off, next, n, size)                                                        \
	EXT(off, 0x0015, 1, next), PUT32((off) + 4, 0x0000fff0),                         \
		PUT32((off) + 8, 0xabcd0000u | (size) << 8 | (n) << 5 | 1u)

static const struct qemu_row rows[] = {
	/* What keeps QEMU from trying. */
	{ "no extended list",
	  { .step = { PUT32(0x200, 1) } },
	  0x100,
	  IS(SKIPPED, SKIPPED) },
	{ "no PCI-compatible list",
	  { .step = { PUT16(0x06, 0), ATS(0x100, 0) } },
	  0x200,
	  IS(SKIPPED, SKIPPED) },
	{ "pointer to the list is 0",
	  { .step = { PUT8(0x34, 0), ATS(0x100, 0) } },
	  0x200,
	  IS(SKIPPED, SKIPPED) },
	{ "a PASID capability of its own",
	  { .step = { ATS(0x100, 0x200), PASID(0x200, 0, 0) } },
	  0x300,
	  IS(SKIPPED, SKIPPED) },
	/* What it refuses. */
	{ "the head", { .step = { ATS(0x100, 0) } }, 0x100, IS(REFUSED, REFUSED) },
	{ "the head that is null",
	  { .step = { NULL_AT(0x100, 0x200), ATS(0x200, 0) } },
	  0x100,
	  IS(REFUSED, REFUSED) },
	{ "the head that was dropped",
	  { .step = { ARI(0x100, 0x200), ATS(0x200, 0) } },
	  0x100,
	  IS(REFUSED, REFUSED),
	  SEES(2, { 0x100, 0x20000000 }, { 0x200, 0x0001000f }) },
	{ "a header",
	  { .step = { ATS(0x100, 0x200), LTR(0x200, 0) } },
	  0x200,
	  IS(REFUSED, REFUSED),
	  SEES(1, { 0x200, 0x00010018 }) },
	{ "the last header at the default",
	  { .step = { ATS(0x100, 0xff8), LTR(0xff8, 0) } },
	  0xff8,
	  IS(REFUSED, REFUSED) },
	{ "no multiple of 4",
	  { .step = { ATS(0x100, 0) } },
	  0x202,
	  IS(REFUSED, REFUSED) },
	{ "below extended space",
	  { .step = { ATS(0x100, 0) } },
	  0x80,
	  IS(REFUSED, REFUSED) },
	{ "past the end", { .step = { ATS(0x100, 0) } }, 0xffc, IS(REFUSED, REFUSED) },
	/* What it places well. */
	{ "behind the only one",
	  { .step = { ATS(0x100, 0) } },
	  0x108,
	  IS(PLACED, ACCEPTED),
	  SEES(3, { 0x100, 0x1081000f }, PASID_AT(0x108, 0)) },
	{ "between two, adjacent to both",
	  { .step = { ATS(0x100, 0x110), LTR(0x110, 0) } },
	  0x108,
	  IS(PLACED, ACCEPTED),
	  SEES(3, { 0x100, 0x1081000f }, PASID_AT(0x108, 0x110)) },
	{ "the default",
	  { .step = { ATS(0x100, 0) } },
	  0,
	  IS(PLACED, ACCEPTED),
	  SEES(3, { 0x100, 0xff81000f }, PASID_AT(0xff8, 0)) },
	{ "0x104 behind a null head",
	  { .step = { NULL_AT(0x100, 0x200), LTR(0x200, 0) } },
	  0x104,
	  IS(PLACED, ACCEPTED),
	  SEES(3, { 0x100, 0x10400000 }, PASID_AT(0x104, 0x200)) },
	{ "only dropped capabilities",
	  { .step = { ARI(0x100, 0x140), EXT(0x140, 0x0010, 1, 0) } },
	  0xff8,
	  IS(PLACED, ACCEPTED),
	  SEES(4, { 0x100, 0xff800000 }, { 0x140, 0x00010010 }, PASID_AT(0xff8, 0)) },
	{ "a dropped one in the middle",
	  { .step = { ATS(0x100, 0x140), ARI(0x140, 0x180), LTR(0x180, 0) } },
	  0x200,
	  IS(PLACED, ACCEPTED),
	  SEES(4, { 0x100, 0x1801000f }, { 0x140, 0x1801000e }, PASID_AT(0x200, 0)) },
	{ "over a dropped one",
	  { .step = { ATS(0x100, 0x140), ARI(0x140, 0x180), LTR(0x180, 0) } },
	  0x140,
	  IS(PLACED, ACCEPTED),
	  SEES(3, { 0x100, 0x1401000f }, PASID_AT(0x140, 0x180)) },
	{ "an unordered list, no header in the way",
	  { .step = { ATS(0x100, 0x400), DSN(0x400, 0x200), LTR(0x200, 0) } },
	  0x300,
	  IS(PLACED, ACCEPTED),
	  SEES(4, { 0x100, 0x3001000f }, { 0x400, 0x20010003 }, PASID_AT(0x300, 0x400)) },
	{ "a head whose id reads ffff",
	  { .step = { EXT(0x100, 0xffff, 2, 0x200), LTR(0x200, 0) } },
	  0x300,
	  IS(PLACED, ACCEPTED),
	  SEES(3, { 0x100, 0x20020000 }, PASID_AT(0x300, 0)) },
	{ "reserved bits of a pointer, which the guest reads from the device",
	  { .step = { ATS(0x100, 0x203), LTR(0x200, 0x302), DSN(0x300, 0) } },
	  0x400,
	  IS(PLACED, ACCEPTED),
	  SEES(4, { 0x100, 0x2001000f }, { 0x200, 0x30210018 }, PASID_AT(0x400, 0)) },
	/* What it takes and breaks. */
	{ "the body of a capability",
	  { .step = { DSN(0x100, 0) } },
	  0x104,
	  IS(PLACED, CORRUPTS),
	  SEES(3, { 0x100, 0x10410003 }, PASID_AT(0x104, 0)) },
	{ "the last dword of a body",
	  { .step = { ATS(0x100, 0x200), DSN(0x200, 0) } },
	  0x208,
	  IS(PLACED, CORRUPTS) },
	{ "4 bytes before the next header",
	  { .step = { ATS(0x100, 0x200), LTR(0x200, 0) } },
	  0x1fc,
	  IS(PLACED, CORRUPTS),
	  SEES(3, { 0x100, 0x1fc1000f }, PASID_AT(0x1fc, 0x200)) },
	{ "a header later in an unordered list",
	  { .step = { ATS(0x100, 0x400), DSN(0x400, 0x200), LTR(0x200, 0) } },
	  0x200,
	  IS(PLACED, CORRUPTS),
	  SEES(4, { 0x100, 0x2001000f }, { 0x400, 0x20010003 }, PASID_AT(0x200, 0x400)) },
	/* What ends QEMU. */
	{ "headers less than 8 bytes apart",
	  { .step = { ATS(0x100, 0x104), LTR(0x104, 0) } },
	  0x200,
	  IS(ABORTS, CORRUPTS) },
	{ "headers less than 8 bytes apart, the lower one dropped",
	  { .step = { ATS(0x100, 0x200), ARI(0x200, 0x204), LTR(0x204, 0) } },
	  0x300,
	  IS(PLACED, ACCEPTED) },
	{ "headers less than 8 bytes apart, the upper one dropped",
	  { .step = { ATS(0x100, 0x200), LTR(0x200, 0x204), ARI(0x204, 0) } },
	  0x300,
	  IS(ABORTS, CORRUPTS) },
	{ "a header at the last dword",
	  { .step = { ATS(0x100, 0xffc), LTR(0xffc, 0) } },
	  0x200,
	  IS(ABORTS, CORRUPTS) },
	{ "a dropped header at the last dword",
	  { .step = { ATS(0x100, 0xffc), ARI(0xffc, 0) } },
	  0x200,
	  IS(PLACED, ACCEPTED) },
	{ "a pointer below extended space",
	  { .step = { ATS(0x100, 0x080), PUT32(0x80, 0x00010018) } },
	  0x200,
	  IS(ABORTS, CORRUPTS) },
	{ "the list loops",
	  { .step = { ATS(0x100, 0x200), LTR(0x200, 0x100) } },
	  0x300,
	  IS(NEVER_ENDS, CORRUPTS) },
	{ "an entry points to itself, and is one that is dropped",
	  { .step = { ATS(0x100, 0x200), ARI(0x200, 0x200) } },
	  0x300,
	  IS(NEVER_ENDS, CORRUPTS) },
	/* Resizable BARs. */
	{ "the current size of a BAR alone is left",
	  { .step = { ATS(0x100, 0x200), REBAR(0x200, 0, 1, 5) } },
	  0x300,
	  IS(PLACED, ACCEPTED),
	  SEES(3, { 0x200, 0x30010015 }, { 0x204, 0x200 }, { 0x208, 0x521 }) },
	{ "512 GB",
	  { .step = { ATS(0x100, 0x200), REBAR(0x200, 0, 1, 19) } },
	  0x300,
	  IS(PLACED, ACCEPTED),
	  SEES(2, { 0x200, 0x30010015 }, { 0x204, 0x800000 }) },
	{ "a size above 512 GB drops the capability",
	  { .step = { ATS(0x100, 0x200), REBAR(0x200, 0, 1, 20) } },
	  0x300,
	  IS(PLACED, ACCEPTED),
	  SEES(3, { 0x100, 0x3001000f }, { 0x204, 0xfff0 }, { 0x208, 0xabcd1421 }) },
	{ "a second BAR drops the capability, and the first keeps its one size",
	  { .step = { ATS(0x100, 0x200), REBAR(0x200, 0, 2, 3), PUT32(0x20c, 0xfff0),
		      PUT32(0x210, 0x1f02) } },
	  0x300,
	  IS(PLACED, ACCEPTED),
	  SEES(4, { 0x100, 0x3001000f }, { 0x204, 0x80 }, { 0x208, 0x341 },
	       { 0x210, 0x1f02 }) },
	{ "the body of a resizable BAR",
	  { .step = { ATS(0x100, 0x200), REBAR(0x200, 0, 1, 5) } },
	  0x208,
	  IS(PLACED, CORRUPTS) },
};

static bool library_takes(unsigned off)
{
	return off % 4 == 0 && off >= GUEST_EXT && off <= GUEST_SPACE - 8;
}

/* The whole case on stderr, in the form of support.h, so that it can become a row. */
static void print_case(const char *name, const uint8_t *from, unsigned off)
{
	fprintf(stderr, "%s, offset 0x%03x, replay %s, library %s:", name, off,
		qemu_outcome_name(guest.outcome), capgap_verdict_name(verdict.kind));
	for (unsigned at = 0; at < GUEST_SPACE; at += 4) {
		if (guest_get32(from, at))
			fprintf(stderr, " PUT32(0x%03x, 0x%08x)", at,
				(unsigned)guest_get32(from, at));
	}
	fputc('\n', stderr);
}

/* What the verdict has to be where the bytes decide. */
static enum capgap_verdict_kind expected(void)
{
	switch (guest.outcome) {
	case QEMU_SKIPPED:
		return CAPGAP_VERDICT_SKIPPED;
	case QEMU_REFUSED:
		return CAPGAP_VERDICT_REFUSED;
	case QEMU_PLACED:
		return guest_is_sound(guest.bare, guest.bytes, guest.offset, 0x001b, 8) ?
			       CAPGAP_VERDICT_ACCEPTED :
			       CAPGAP_VERDICT_CORRUPTS;
	default:
		return CAPGAP_VERDICT_CORRUPTS;
	}
}

/* The first dword that the library's guest reads otherwise; 4096 when there is none. */
static unsigned first_difference(void)
{
	static struct capgap_image img;

	img = view.image;
	capgap_link_apply(&verdict.edits, &img);
	for (unsigned at = 0; at < GUEST_SPACE; at += 4) {
		if (memcmp(img.data + at, guest.bytes + at, 4))
			return at;
	}
	return GUEST_SPACE;
}

static void judge(const struct capgap_function *fn, enum capgap_vmm vmm, unsigned off)
{
	struct capgap_vmm_case c = {
		.view = &view, .fn = fn, .offset = (uint16_t)off, .registers = REGISTERS
	};

	capgap_view_derive(&view, fn, CAPGAP_KERNEL_6_4);
	capgap_vmm_judge(&verdict, vmm, &c);
}

/* Hold one verdict against the replay; @kind is what it has to be. */
static void compare(const char *name, const struct capgap_function *fn,
		    enum capgap_vmm vmm, unsigned off, enum capgap_verdict_kind kind)
{
	bool lives = guest.outcome != QEMU_ABORTS && guest.outcome != QEMU_NEVER_ENDS;
	bool placed = guest.outcome == QEMU_PLACED;
	unsigned differs;

	judge(fn, vmm, off);
	differs = lives ? first_difference() : GUEST_SPACE;
	if (verdict.kind != kind || verdict.placed != placed ||
	    verdict.offset != guest.offset || differs != GUEST_SPACE)
		print_case(name, bytes(), off);
	ck_assert_msg(verdict.kind == kind, "%s: %s, not %s (%s)", name,
		      capgap_verdict_name(verdict.kind), capgap_verdict_name(kind),
		      verdict.reason);
	ck_assert_msg(verdict.placed == placed, "%s: placed is %d", name, verdict.placed);
	ck_assert_msg(verdict.offset == guest.offset, "%s: at 0x%03x", name,
		      verdict.offset);
	ck_assert_msg(differs == GUEST_SPACE, "%s: the guest's dword at 0x%03x differs",
		      name, differs);
	ck_assert_int_eq(verdict.edits.link != CAPGAP_LINK_NONE, placed);
}

START_TEST(replay_does_what_is_known_of_qemu)
{
	const struct qemu_row *row = &rows[_i];

	support_record(&rec, &row->image);
	qemu_replay(&guest, bytes(), GUEST_SPACE, row->property, REGISTERS);
	ck_assert_msg(guest.outcome == row->outcome, "%s: %s", row->name,
		      qemu_outcome_name(guest.outcome));
	for (unsigned i = 0; i < row->n; i++)
		ck_assert_msg(guest_get32(guest.bytes, row->dword[i].off) ==
				      row->dword[i].val,
			      "%s: 0x%08x at 0x%03x", row->name,
			      (unsigned)guest_get32(guest.bytes, row->dword[i].off),
			      row->dword[i].off);
	ck_assert_msg(expected() == row->verdict, "%s: the bytes say %s", row->name,
		      capgap_verdict_name(expected()));
}
END_TEST

START_TEST(replay_skips_without_extended_space)
{
	struct support_image image = { .step = { ATS(0x100, 0) } };

	support_record(&rec, &image);
	qemu_replay(&guest, bytes(), GUEST_EXT, 0, REGISTERS);
	ck_assert_int_eq(guest.outcome, QEMU_SKIPPED);
	ck_assert_int_eq(memcmp(guest.bytes, bytes(), GUEST_SPACE), 0);
}
END_TEST

START_TEST(profile_agrees_on_known_cases)
{
	const struct qemu_row *row = &rows[_i];
	const struct capgap_function *fn;
	unsigned off = row->property ? row->property : GUEST_SPACE - 8;

	if (!library_takes(off))
		return;
	support_record(&rec, &row->image);
	fn = support_analyse(&rec, NULL, CAPGAP_VANTAGE_VFIO);
	qemu_replay(&guest, bytes(), GUEST_SPACE, row->property, REGISTERS);
	compare(row->name, fn, CAPGAP_VMM_QEMU_11_1, off, row->verdict);
	compare(row->name, fn, CAPGAP_VMM_QEMU_11_0, off, row->verdict);
}
END_TEST

/*
 * A free-space descriptor that spans 0x140-0x17f, between ATS and LTR. QEMU takes it
 * for any DVSEC and leaves its Length alone.
 */
static const struct {
	uint16_t off;
	enum capgap_verdict_kind listed;
	enum capgap_verdict_kind unlisted;
} spans[] = {
	{ 0x138, CAPGAP_VERDICT_ACCEPTED, CAPGAP_VERDICT_ACCEPTED },
	{ 0x13c, CAPGAP_VERDICT_CORRUPTS, CAPGAP_VERDICT_CORRUPTS },
	{ 0x140, CAPGAP_VERDICT_REFUSED, CAPGAP_VERDICT_REFUSED },
	{ 0x144, CAPGAP_VERDICT_CORRUPTS, CAPGAP_VERDICT_CORRUPTS },
	{ 0x148, CAPGAP_VERDICT_CORRUPTS, CAPGAP_VERDICT_CORRUPTS },
	{ 0x14c, CAPGAP_VERDICT_OVERLAPS, CAPGAP_VERDICT_CORRUPTS },
	{ 0x178, CAPGAP_VERDICT_OVERLAPS, CAPGAP_VERDICT_CORRUPTS },
	{ 0x17c, CAPGAP_VERDICT_CORRUPTS, CAPGAP_VERDICT_CORRUPTS },
	{ 0x188, CAPGAP_VERDICT_ACCEPTED, CAPGAP_VERDICT_ACCEPTED },
};

START_TEST(profile_tells_declared_space_from_bodies)
{
	static const struct support_image image = {
		.step = { ATS(0x100, 0x140), GAP(0x140, 0x180, 0x40), LTR(0x180, 0) }
	};
	static struct capgap_function fn;
	struct capgap_quirks *quirks = capgap_quirks_new();
	struct capgap_options opt = { .vantage = CAPGAP_VANTAGE_VFIO,
				      .min_gap = CAPGAP_MIN_GAP };

	ck_assert_ptr_nonnull(quirks);
	ck_assert_int_eq(capgap_quirks_add_descriptor(quirks, VENDOR, ID,
						      CAPGAP_FORM_CONTROL),
			 0);
	support_record(&rec, &image);
	qemu_replay(&guest, bytes(), GUEST_SPACE, spans[_i].off, REGISTERS);
	capgap_function_analyse(&fn, &rec, NULL, &opt);
	compare("not listed", &fn, CAPGAP_VMM_QEMU_11_1, spans[_i].off,
		spans[_i].unlisted);
	opt.quirks = quirks;
	capgap_function_analyse(&fn, &rec, NULL, &opt);
	compare("listed", &fn, CAPGAP_VMM_QEMU_11_1, spans[_i].off, spans[_i].listed);
	capgap_quirks_free(quirks);
}
END_TEST

/*
 * Random lists. Only kinds whose length guest_list.c measures occur, so that the bytes
 * decide whether a body is hit.
 */
static uint32_t state;

static unsigned below(unsigned n)
{
	return prng_below(&state, n);
}

static bool one_in(unsigned n)
{
	return prng_one_in(&state, n);
}

static const struct {
	uint16_t id;
	uint16_t len;
	uint32_t second;
} kinds[] = {
	{ 0x000f, 8, 0 },	    { 0x0018, 8, 0x10031003 },	{ 0x000e, 8, 0x00000200 },
	{ 0x0003, 12, 0x12345678 }, { 0x0013, 16, 0x01000000 }, { 0x0010, 64, 0 },
	{ 0x000b, 24, 0x01810007 }, { 0x0023, 12, 0x00c11234 }, { 0x0025, 12, 1 },
	{ 0x0004, 16, 0 },	    { 0x0000, 4, 0 },		{ 0x0015, 12, 0 },
	{ 0x0015, 28, 0 },	    { 0x002e, 24, 1 },
};

#define CAPS_MAX 12u

/**
 * struct list - a random list
 * @n: entries
 * @off: their headers, in list order
 * @kind: what they are
 */
struct list {
	unsigned n;
	uint16_t off[CAPS_MAX];
	uint8_t kind[CAPS_MAX];
};

static struct list list;
static uint8_t made[GUEST_SPACE];

static bool is_rebar(unsigned kind)
{
	return kinds[kind].id == 0x0015;
}

/*
 * Where the next header goes: mostly behind the structure, at times inside it, but not
 * over the registers of a resizable BAR, which QEMU changes.
 */
static unsigned next_place(unsigned off, unsigned kind)
{
	if (one_in(12))
		return 0xfe0 + 4 * below(8);
	if (is_rebar(kind) || !one_in(8))
		off += kinds[kind].len;
	else
		off += one_in(4) ? 4 : 8;
	return off + 4 * (one_in(2) ? below(4) : below(80));
}

static void place_list(void)
{
	unsigned max = one_in(20) ? 0 : 1 + below(CAPS_MAX);
	unsigned off = GUEST_EXT;
	unsigned kind;

	list.n = 0;
	while (list.n < max && off <= GUEST_SPACE - 4) {
		kind = below((unsigned)ROWS(kinds));
		if (is_rebar(kind) && off >= 0xf00)
			kind = 0;
		list.off[list.n] = (uint16_t)off;
		list.kind[list.n] = (uint8_t)kind;
		list.n++;
		off = next_place(off, kind);
	}
}

/* The head stays where it is; some lists are put in another order behind it. */
static void shuffle_list(void)
{
	struct list was;
	unsigned other;

	if (!one_in(3))
		return;
	for (unsigned i = list.n; i > 2; i--) {
		other = 1 + below(i - 1);
		was = list;
		list.off[i - 1] = was.off[other];
		list.off[other] = was.off[i - 1];
		list.kind[i - 1] = was.kind[other];
		list.kind[other] = was.kind[i - 1];
	}
}

static void put_rebar(unsigned off, unsigned bars)
{
	guest_put32(made, off + 8, bars << 5);
	for (unsigned i = 0; i < bars; i++) {
		guest_put32(made, off + 4 + 8 * i, 0xfff0u | below(2) << 20);
		guest_put32(made, off + 8 + 8 * i,
			    bars << 5 | i | below(one_in(6) ? 28 : 20) << 8 |
				    below(2) << 16);
	}
}

static void put_bodies(void)
{
	unsigned off;

	for (unsigned i = 0; i < list.n; i++) {
		off = list.off[i];
		if (is_rebar(list.kind[i]))
			put_rebar(off, (kinds[list.kind[i]].len - 4u) / 8);
		else if (kinds[list.kind[i]].len > 4 && off <= GUEST_SPACE - 8)
			guest_put32(made, off + 4, kinds[list.kind[i]].second);
	}
}

/* Where an entry leads: to the next, rarely back, out of extended space, or nowhere. */
static unsigned any_next(unsigned n)
{
	unsigned next = n + 1 < list.n ? list.off[n + 1] : 0;

	if (!next && one_in(25))
		next = list.off[below(list.n)];
	if (!next && one_in(60))
		next = 0x80;
	/* Two bits that are reserved, and that nobody heeds. */
	return one_in(40) ? next | below(4) : next;
}

static void put_headers(void)
{
	unsigned id;

	for (unsigned i = 0; i < list.n; i++) {
		id = one_in(150) ? 0x001b : kinds[list.kind[i]].id;
		guest_put32(made, list.off[i],
			    EXT_DWORD(id, id ? 1 + below(2) : 0, any_next(i)));
	}
}

static void make_image(void)
{
	struct support_image image = { .base = BASE_ENDPOINT };

	support_record(&rec, &image);
	memcpy(made, bytes(), GUEST_SPACE);
	for (unsigned junk = one_in(3) ? below(20) : 0; junk; junk--)
		guest_put32(made, GUEST_EXT + 4 + 4 * below(0x3be), below(0x10000));
	place_list();
	shuffle_list();
	put_bodies();
	put_headers();
	if (one_in(60))
		made[0x06] = 0;
	capgap_image_put(&rec.image, 0, made, GUEST_SPACE);
}

/* Any dword, or one that is near a header. */
static unsigned any_offset(void)
{
	unsigned off = 4 * below(GUEST_SPACE / 4);

	if (one_in(12))
		off = GUEST_SPACE - 8;
	else if (list.n && !one_in(4))
		off = list.off[below(list.n)] + 4 * below(12) - 16u;
	if (off < GUEST_EXT)
		off = GUEST_EXT + off % 16;
	return off > GUEST_SPACE - 8 ? GUEST_SPACE - 8 : off;
}

/* How often each verdict came of one seed. */
static unsigned count[CAPGAP_VERDICT_CORRUPTS + 1];

START_TEST(profile_agrees_on_random_lists)
{
	char name[64];
	const struct capgap_function *fn;
	unsigned off;

	state = prng_seed((unsigned)_i);
	memset(count, 0, sizeof(count));
	for (unsigned i = 0; i < IMAGES; i++) {
		snprintf(name, sizeof(name), "seed %d, image %u", _i, i);
		make_image();
		off = any_offset();
		qemu_replay(&guest, made, GUEST_SPACE, off, REGISTERS);
		fn = support_analyse(&rec, NULL, CAPGAP_VANTAGE_VFIO);
		compare(name, fn, one_in(2) ? CAPGAP_VMM_QEMU_11_1 : CAPGAP_VMM_QEMU_11_0,
			off, expected());
		count[expected()]++;
	}
	ck_assert_uint_gt(count[CAPGAP_VERDICT_SKIPPED], 0);
	ck_assert_uint_gt(count[CAPGAP_VERDICT_REFUSED], IMAGES / 50);
	ck_assert_uint_gt(count[CAPGAP_VERDICT_ACCEPTED], IMAGES / 10);
	ck_assert_uint_gt(count[CAPGAP_VERDICT_CORRUPTS], IMAGES / 10);
}
END_TEST

Suite *qemu_replay_suite(void)
{
	Suite *suite = suite_create("qemu_replay");
	TCase *tc = tcase_create("known");

	tcase_add_loop_test(tc, replay_does_what_is_known_of_qemu, 0, ROWS(rows));
	tcase_add_test(tc, replay_skips_without_extended_space);
	tcase_add_loop_test(tc, profile_agrees_on_known_cases, 0, ROWS(rows));
	tcase_add_loop_test(tc, profile_tells_declared_space_from_bodies, 0, ROWS(spans));
	suite_add_tcase(suite, tc);
	tc = tcase_create("random");
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, profile_agrees_on_random_lists, 0, SEEDS);
	suite_add_tcase(suite, tc);
	return suite;
}
