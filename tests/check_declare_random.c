/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random layouts: what is made, the reader accepts and the planner uses (DESIGN,
 * section 9, invariant 6), and nothing else changes.
 */
#include <string.h>

#include "../analyzer/bytes.h"
#include "../analyzer/check.h"
#include "../placement/declare.h"
#include "../placement/plan.h"
#include "check_dvsec.h"
#include "invariants.h"
#include "suites.h"
#include "support.h"

#define SEEDS 12
#define LAYOUTS 100u
#define CAPS_MAX 24u

static struct capgap_quirks *quirks;
static struct capgap_options opt;
static struct capgap_record rec;
static struct capgap_function fn;
static struct capgap_function again;
static struct capgap_declaration decl;
static struct capgap_declare want;

/* How many of the layouts of one seed something was made for. */
static unsigned n_made;
static unsigned n_used;

static void setup(void)
{
	quirks = capgap_quirks_new();
	ck_assert_ptr_nonnull(quirks);
	ck_assert_int_eq(capgap_quirks_add_descriptor(quirks, VENDOR, ID,
						      CAPGAP_FORM_CONTROL),
			 0);
	opt = (struct capgap_options){ .min_gap = CAPGAP_MIN_GAP, .quirks = quirks };
	n_made = 0;
	n_used = 0;
}

static void teardown(void)
{
	capgap_quirks_free(quirks);
}

static uint32_t state;

/* Marsaglia's xorshift: the same numbers everywhere. */
static unsigned below(unsigned n)
{
	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return (state >> 8) % n;
}

static bool one_in(unsigned n)
{
	return below(n) == 0;
}

static void put32(unsigned off, uint32_t val)
{
	struct support_step step = PUT32(off, val);

	if (off + 4 <= CAPGAP_SPACE_MAX)
		support_step(&rec, &step);
}

/**
 * struct kind - a structure that a layout can have
 * @id: capability id
 * @len: bytes
 * @dword: offset of a dword that says so; 0 for none
 * @val: that dword
 */
struct kind {
	uint16_t id;
	uint16_t len;
	uint16_t dword;
	uint32_t val;
};

static const struct kind kinds[] = {
	{ 0x000f, 8, 0, 0 },			 /* ATS */
	{ 0x0018, 8, 0, 0 },			 /* LTR */
	{ 0x000e, 8, 0, 0 },			 /* ARI */
	{ 0x0003, 12, 4, 0x12345678 },		 /* serial number */
	{ 0x0013, 16, 0, 0 },			 /* PRI */
	{ 0x001b, 8, 4, 0x1404 },		 /* PASID */
	{ 0x0010, 64, 0, 0 },			 /* SR-IOV */
	{ 0x0001, 72, 0, 0 },			 /* AER */
	{ 0x000b, 28, 4, 0x01c00001 },		 /* vendor-specific */
	{ 0x0023, 16, 4, 0x01001234 },		 /* somebody's DVSEC */
	{ 0x0000, 4, 0, 0 },			 /* null */
	{ 0x0fff, 4, 0, 0 },			 /* of no table, its length unknown */
	{ 0x0023, 12, 4, 0x00c10000u | VENDOR }, /* this pair's, of a gap form */
};

#define OWN_KIND (ROWS(kinds) - 1)

/* Fill @cap with ascending offsets of structures that do not overlap; how many. */
static unsigned place_caps(unsigned *cap, const struct kind **kind)
{
	unsigned off = CAPGAP_CONV_END;
	unsigned max = below(CAPS_MAX + 1);
	unsigned n = 0;

	while (n < max) {
		kind[n] = &kinds[below((unsigned)ROWS(kinds))];
		if (off + kind[n]->len > CAPGAP_SPACE_MAX)
			break;
		cap[n] = off;
		off += kind[n]->len + 4 * (one_in(2) ? below(7) : below(120));
		n++;
	}
	return n;
}

/* The order of the list: the head stays, the others may be anywhere. */
static void shuffle(unsigned *order, unsigned n)
{
	unsigned other;
	unsigned kept;

	for (unsigned i = 0; i < n; i++)
		order[i] = i;
	if (!one_in(4))
		return;
	for (unsigned i = n; i > 2; i--) {
		other = 1 + below(i - 1);
		kept = order[i - 1];
		order[i - 1] = order[other];
		order[other] = kept;
	}
}

static void put_cap(unsigned off, const struct kind *kind, unsigned next)
{
	unsigned version = kind->id ? 1 + (kind->id == 0x0001 && one_in(3)) : 0;

	put32(off, EXT_DWORD(kind->id, version, next));
	if (kind->dword)
		put32(off + kind->dword, kind->val);
	if (kind == &kinds[OWN_KIND])
		put32(off + 8, CONTROL(1) << 16 | ID);
}

/* A function with a random list, and what is not zero between its structures. */
static void make_layout(void)
{
	struct support_image image = { .base = one_in(6) ? BASE_VF : BASE_ENDPOINT };
	const struct kind *kind[CAPS_MAX];
	unsigned cap[CAPS_MAX];
	unsigned order[CAPS_MAX];
	unsigned n;

	support_record(&rec, &image);
	for (unsigned junk = one_in(2) ? 0 : below(12); junk; junk--)
		put32(0x104 + 4 * below(0x3bf), one_in(3) ? 0x2000000f : 1 + below(255));
	n = place_caps(cap, kind);
	shuffle(order, n);
	for (unsigned i = 0; i < n; i++)
		put_cap(cap[order[i]], kind[order[i]], i + 1 < n ? cap[order[i + 1]] : 0);
}

/* A range that may lie anywhere, mostly in a gap. */
static struct capgap_range any_range(void)
{
	const struct capgap_gap *gap = fn.n_gaps ? &fn.gap[below(fn.n_gaps)] : NULL;
	unsigned off = gap ? gap->off + 4 * below(gap->len / 4u) : 4 * below(0x400);
	unsigned room = gap ? (unsigned)gap->off + gap->len - off : 0x40;

	if (one_in(12))
		off += 1 + below(3);
	if (one_in(12))
		room += 8;
	return (struct capgap_range){ (uint16_t)(off & 0xfff),
				      (uint16_t)(one_in(3) ? room :
							     4 * (1 + below(room / 4))) };
}

static void make_want(void)
{
	memset(&want, 0, sizeof(want));
	want.vendor = VENDOR;
	want.id = ID;
	want.form = one_in(2) ? CAPGAP_FORM_GAP : CAPGAP_FORM_TABLE;
	if (one_in(3)) {
		want.chosen = true;
		want.n_ranges = (want.form == CAPGAP_FORM_GAP) + below(4);
		for (unsigned i = 0; i < want.n_ranges; i++)
			want.range[i] = any_range();
	}
	if (one_in(4) && (!want.chosen || want.form == CAPGAP_FORM_TABLE)) {
		want.has_at = true;
		want.at = any_range().off;
	}
}

static bool is_made(unsigned off)
{
	for (unsigned i = 0; i < decl.n_made; i++) {
		if (decl.made[i].off == off)
			return true;
	}
	return false;
}

/* Every change is a descriptor's own byte, or a pointer of the list. */
static void check_bytes(void)
{
	bool own[CAPGAP_SPACE_MAX / 4] = { false };
	unsigned n = 0;
	uint32_t before;
	uint32_t after;

	for (unsigned i = 0; i < decl.n_made; i++) {
		for (unsigned off = 0; off < decl.made[i].own; off += 4)
			own[(decl.made[i].off + off) / 4] = true;
	}
	for (unsigned off = 0; off < CAPGAP_SPACE_MAX; off += 4) {
		ck_assert(capgap_get32(&fn.image, off, &before));
		ck_assert(capgap_get32(&decl.image, off, &after));
		if (own[off / 4] || before == after)
			continue;
		ck_assert_uint_eq(before & 0xfffff, after & 0xfffff);
		ck_assert_uint_lt(n, decl.n_edits);
		ck_assert_uint_eq(decl.edit[n].off, off);
		ck_assert_uint_eq(decl.edit[n].before, before);
		ck_assert_uint_eq(decl.edit[n].after, after);
		n++;
	}
	ck_assert_uint_eq(n, decl.n_edits);
}

/* The list has the descriptors, and all else as it was and in its order. */
static void check_list(void)
{
	const struct capgap_cap *old = fn.chain.cap;
	const struct capgap_cap *end = old + fn.chain.n;
	const struct capgap_cap *now;
	unsigned n = 0;

	for (unsigned i = 0; i < again.chain.n; i++) {
		now = &again.chain.cap[i];
		if (is_made(now->off)) {
			n++;
			continue;
		}
		ck_assert(old < end);
		ck_assert_uint_eq(now->off, old->off);
		ck_assert_uint_eq(now->id, old->id);
		ck_assert_uint_eq(now->version, old->version);
		ck_assert_uint_eq(now->owned, old->owned);
		old++;
	}
	ck_assert(old == end);
	ck_assert_uint_eq(n, decl.n_made);
}

static unsigned count_errors(const struct capgap_function *function)
{
	struct capgap_findings hits = function->findings;
	unsigned n = 0;

	capgap_check_function(function, &hits);
	for (unsigned i = 0; i < hits.n; i++)
		n += capgap_finding_get(hits.hit[i].kind)->level == CAPGAP_LEVEL_ERROR;
	return n;
}

/* Each range is declared, and each usable range that was not there is one of them. */
static void check_declared(void)
{
	const struct capgap_free_space *fs = &again.free_space;
	const struct capgap_descriptor *d;
	unsigned n = 0;

	for (unsigned i = 0; i < fs->n_ranges; i++) {
		d = &fs->descriptor[fs->range[i].descriptor];
		if (!is_made(d->off) || !fs->range[i].len)
			continue;
		ck_assert(d->valid && fs->range[i].usable);
		n++;
	}
	ck_assert_uint_eq(n, decl.n_ranges);
	ck_assert(want.form != CAPGAP_FORM_TABLE || fs->exhaustive);
}

static bool has_place(void)
{
	for (unsigned i = 0; i < decl.n_made; i++) {
		for (unsigned k = 0; k == 0 || k < decl.made[i].n_ranges; k++) {
			if (capgap_declare_place(&decl, &decl.made[i], k))
				return true;
		}
	}
	return false;
}

/* Where there is room, the planner finds a place by itself, and no weaker one. */
static void check_planned(void)
{
	struct capgap_policy policy = { .require = CAPGAP_GRADE_DECLARED,
					.min_gap = CAPGAP_MIN_GAP };
	struct capgap_pasid pasid;
	struct capgap_plan plan;

	if (!has_place())
		return;
	n_used++;
	capgap_query_config(&pasid, &again);
	capgap_plan_make(&plan, &again, &pasid, &policy);
	ck_assert_msg(plan.found, "%s", plan.refusal);
	ck_assert_int_ge(plan.grade, CAPGAP_GRADE_DECLARED);
	invariants_check_plan(&plan, &again, &policy);
}

static void check_layout(void)
{
	int rc;

	make_layout();
	capgap_function_analyse(&fn, &rec, NULL, &opt);
	make_want();
	rc = capgap_declare_make(&decl, &fn, &want);
	if (rc) {
		ck_assert_int_eq(rc, -CAPGAP_E_NOPLACE);
		ck_assert_uint_gt(strlen(decl.refusal), 0);
		return;
	}
	ck_assert_uint_eq(strlen(decl.refusal), 0);
	rc = capgap_declare_verify(&decl, &fn, &opt, &again);
	if (rc) {
		ck_assert_int_eq(rc, -CAPGAP_E_NOPLACE);
		ck_assert_uint_gt(strlen(decl.refusal), 0);
		return;
	}
	n_made++;
	invariants_check_function(&again, &opt);
	check_bytes();
	check_list();
	ck_assert_uint_le(count_errors(&again), count_errors(&fn));
	check_declared();
	check_planned();
}

START_TEST(declare_makes_what_is_read_and_used)
{
	state = 0x9e3779b9u * (unsigned)(_i + 1);
	for (unsigned i = 0; i < LAYOUTS; i++)
		check_layout();
	/* Most layouts have gaps; that nothing is made of them must not go unnoticed. */
	ck_assert_msg(n_made > LAYOUTS / 3, "%u made", n_made);
	ck_assert_msg(n_used > LAYOUTS / 3, "%u used", n_used);
}
END_TEST

Suite *declare_random_suite(void)
{
	Suite *suite = suite_create("declare_random");
	TCase *tc = tcase_create("layouts");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, declare_makes_what_is_read_and_used, 0, SEEDS);
	suite_add_tcase(suite, tc);
	return suite;
}
