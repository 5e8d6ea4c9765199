/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Random sets of functions: the largest part that agrees, found by trying every part. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "../placement/common.h"
#include "suites.h"
#include "support.h"

#define SEEDS 8
#define SETS 40u
#define MEMBERS_MAX 7u
#define OFFSETS (CAPGAP_PLACES_MAX - 1)

static uint32_t state;

/* Marsaglia's xorshift: the same numbers everywhere. */
static unsigned below(unsigned n)
{
	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return (state >> 8) % n;
}

static void put32(struct capgap_record *rec, unsigned off, uint32_t val)
{
	struct support_step step = PUT32(off, val);

	support_step(rec, &step);
}

/*
 * Structures in ascending order, most of the space theirs, so that functions seldom agree;
 * behind the last one nothing is free.
 */
static void make_record(struct capgap_record *rec)
{
	static const struct support_image base = { .base = BASE_ENDPOINT };
	unsigned pos = CAPGAP_CONV_END;
	unsigned next;
	unsigned len;

	support_record(rec, &base);
	while (pos) {
		len = 0x40 + 4 * below(0x90);
		next = pos + len + 4 * below(0x18);
		if (next > 0xe00)
			next = 0;
		if (!next)
			len = CAPGAP_SPACE_MAX - pos;
		put32(rec, pos, EXT_DWORD(0x000b, 1, next));
		put32(rec, pos + 4, (len > 0xffc ? 0xffc : len) << 20 | 1);
		pos = next;
	}
}

/* What one function allows, as its own plan says. */
struct member {
	enum capgap_grade grade[OFFSETS];
};

static void note_member(struct member *member, const struct capgap_function *fn,
			const struct capgap_policy *policy)
{
	static struct capgap_plan plan;
	const struct capgap_place *place;
	struct capgap_pasid pasid;

	memset(member, 0, sizeof(*member));
	capgap_query_config(&pasid, fn);
	capgap_plan_make(&plan, fn, &pasid, policy);
	for (unsigned i = 0; i < plan.n_places; i++) {
		place = &plan.place[i];
		if (place->grade < policy->require || place->len < policy->min_gap)
			continue;
		for (unsigned off = place->off;
		     off + CAPGAP_PASID_LEN <= (unsigned)place->off + place->len;
		     off += 4)
			member->grade[(off - CAPGAP_CONV_END) / 4] = place->grade;
	}
}

/* The best grade that some offset has in all members of a part; NONE where there is none. */
static enum capgap_grade try_part(const struct member *member, unsigned n, unsigned part)
{
	enum capgap_grade best = CAPGAP_GRADE_NONE;
	enum capgap_grade weakest;

	for (unsigned i = 0; i < OFFSETS; i++) {
		weakest = CAPGAP_GRADE_SLOT;
		for (unsigned k = 0; k < n; k++) {
			if ((part >> k & 1u) && member[k].grade[i] < weakest)
				weakest = member[k].grade[i];
		}
		if (weakest > best)
			best = weakest;
	}
	return best;
}

static unsigned count_bits(unsigned part)
{
	unsigned n = 0;

	for (; part; part &= part - 1)
		n++;
	return n;
}

/* Try every part; the size of the largest that agrees, and its best grade. */
static unsigned try_parts(const struct member *member, unsigned n,
			  enum capgap_grade *grade)
{
	enum capgap_grade got;
	unsigned largest = 0;

	*grade = CAPGAP_GRADE_NONE;
	for (unsigned part = 1; part < 1u << n; part++) {
		if (count_bits(part) < largest)
			continue;
		got = try_part(member, n, part);
		if (got == CAPGAP_GRADE_NONE)
			continue;
		if (count_bits(part) > largest || got > *grade)
			*grade = got;
		largest = count_bits(part);
	}
	return largest;
}

/* The members that do not allow the offset of an answer, which it must name, and no other. */
static void check_blocked(const struct capgap_common_answer *ans,
			  const struct member *member, unsigned n)
{
	unsigned index = (ans->offset - CAPGAP_CONV_END) / 4u;
	unsigned named = 0;
	unsigned bus;

	for (unsigned i = 0; i < ans->blocked.n_named; i++) {
		bus = ans->blocked.named[i].bdf.bus;
		ck_assert_uint_lt(bus, n);
		ck_assert_uint_eq(named >> bus & 1u, 0);
		named |= 1u << bus;
		if (!ans->n_agree)
			continue;
		ck_assert_int_eq(member[bus].grade[index], CAPGAP_GRADE_NONE);
		ck_assert_int_eq(ans->blocked.named[i].nowhere,
				 try_part(&member[bus], 1, 1) == CAPGAP_GRADE_NONE);
	}
	ck_assert_uint_eq(count_bits(named), n - ans->n_agree);
}

static int keep(void *ctx, const struct capgap_common_answer *ans)
{
	*(struct capgap_common_answer *)ctx = *ans;
	return 0;
}

/* Sets in which all agree, and sets in which they do not: both must occur. */
static unsigned n_found;
static unsigned n_parted;

static void check_set(const struct capgap_policy *policy)
{
	static struct capgap_common_answer ans;
	static struct member member[MEMBERS_MAX];
	struct capgap_common *common = capgap_common_new(policy, CAPGAP_GROUP_ALL);
	unsigned n = 1 + below(MEMBERS_MAX);
	struct capgap_function *fn;
	struct capgap_record rec;
	struct capgap_pasid pasid;
	enum capgap_grade grade;

	ck_assert_ptr_nonnull(common);
	for (unsigned i = 0; i < n; i++) {
		/* now and then one like the one before */
		if (!i || below(4))
			make_record(&rec);
		rec.meta.flags |= CAPGAP_META_BDF;
		rec.meta.bdf.bus = (uint8_t)i;
		fn = support_analyse(&rec, NULL, CAPGAP_VANTAGE_HOST);
		note_member(&member[i], fn, policy);
		capgap_query_config(&pasid, fn);
		ck_assert_int_eq(capgap_common_add(common, "set", 0, fn, &pasid), 0);
	}
	ck_assert_int_eq(capgap_common_each(common, keep, &ans), 0);
	ck_assert_uint_eq(ans.n_agree, try_parts(member, n, &grade));
	ck_assert_int_eq(ans.found, ans.n_agree == n);
	ck_assert_int_eq(ans.grade, grade);
	check_blocked(&ans, member, n);
	n_found += ans.found && n > 1;
	n_parted += !ans.found && ans.n_agree > 1;
	capgap_common_free(common);
}

START_TEST(the_largest_part_agrees)
{
	struct capgap_policy policy = { .require = CAPGAP_GRADE_OBSERVED,
					.min_gap = CAPGAP_MIN_GAP,
					.vmm = CAPGAP_VMM_GENERIC };

	state = 0x12345678u + (uint32_t)_i * 0x9e3779b9u;
	if (_i % 2)
		policy.require = CAPGAP_GRADE_ASSUMED;
	for (unsigned i = 0; i < SETS; i++)
		check_set(&policy);
	ck_assert_uint_gt(n_found, 0);
	ck_assert_uint_gt(n_parted, 0);
}
END_TEST

Suite *common_random_suite(void)
{
	Suite *suite = suite_create("common_random");
	TCase *sets = tcase_create("sets");

	tcase_set_timeout(sets, 30);
	tcase_add_loop_test(sets, the_largest_part_agrees, 0, SEEDS);
	suite_add_tcase(suite, sets);
	return suite;
}
