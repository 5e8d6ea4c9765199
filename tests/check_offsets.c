/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which offsets a function allows: on every fixture the same as the planner says. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../analyzer/stream.h"
#include "../placement/common_parts.h"
#include "../placement/offsets.h"
#include "suites.h"
#include "support.h"

#define INDEX(off) (((off)-CAPGAP_CONV_END) / 4u)
/* Every how many dwords a whole plan is made for the caller's offset; each function begins elsewhere. */
#define STRIDE 31u

/* What functions are planned with. */
static const struct row {
	const char *name;
	struct capgap_policy policy;
} rows[] = {
	{ "as it comes",
	  { .require = CAPGAP_GRADE_OBSERVED, .min_gap = CAPGAP_MIN_GAP } },
	{ "generic, anything assumed",
	  { .require = CAPGAP_GRADE_ASSUMED,
	    .min_gap = CAPGAP_MIN_GAP,
	    .vmm = CAPGAP_VMM_GENERIC } },
	{ "an old kernel, long gaps, a guard",
	  { .require = CAPGAP_GRADE_ASSUMED,
	    .min_gap = 64,
	    .guard = 16,
	    .kernel = CAPGAP_KERNEL_OLD } },
};

/* One reading of the fixtures. */
struct reading {
	const struct row *row;
	struct capgap_plan *plan;
	struct capgap_plan *tried;
	struct capgap_offsets *offsets;
	struct capgap_common *common;
	unsigned n;
};

static void *room(size_t size)
{
	void *mem = calloc(1, size);

	if (!mem)
		abort();
	return mem;
}

static const char *name_of(const char *source, const struct capgap_function *fn)
{
	static char name[512];
	char bdf[CAPGAP_BDF_TEXT] = "";

	if (fn->meta.flags & CAPGAP_META_BDF)
		capgap_bdf_format(&fn->meta.bdf, bdf);
	snprintf(name, sizeof(name), "%s %s", source, bdf);
	return name;
}

/* The grade that a range of the plan, which passes nothing over, gives a capability at @off. */
static enum capgap_grade grade_in_plan(const struct capgap_plan *plan,
				       const struct capgap_policy *policy, unsigned off)
{
	struct capgap_place place;
	struct capgap_range free;

	for (unsigned i = 0; i < plan->n_places; i++) {
		place = plan->place[i];
		place.pass = CAPGAP_PASS_NONE;
		free = planner_room(&place, policy);
		if (capgap_plan_qualifies(&place, policy) && off >= free.off &&
		    off + CAPGAP_PASID_LEN <= (unsigned)free.off + free.len)
			return place.grade;
	}
	return CAPGAP_GRADE_NONE;
}

/* True when the planner finds a link for @off, if it is asked for that very offset. */
static bool is_planned(struct reading *r, const struct capgap_function *fn,
		       const struct capgap_pasid *pasid,
		       const struct capgap_policy *policy, unsigned off)
{
	struct capgap_policy asked = *policy;

	asked.has_offset = true;
	asked.offset = (uint16_t)off;
	capgap_plan_make(r->tried, fn, pasid, &asked);
	return r->tried->found && r->tried->offset == off;
}

/* Offsets are allowed where the planner has a range that is long enough, and can link it. */
static void check_candidates(struct reading *r, const struct capgap_function *fn,
			     const char *name)
{
	struct capgap_policy policy = r->row->policy;
	struct capgap_pasid pasid;
	enum capgap_grade grade;
	unsigned off;
	bool allowed;

	policy.require = CAPGAP_GRADE_ASSUMED;
	capgap_query_config(&pasid, fn);
	capgap_plan_make(r->plan, fn, &pasid, &policy);
	capgap_offsets_judge(r->offsets, fn, &pasid, &policy);
	for (unsigned i = r->n % STRIDE; i <= INDEX(LAST_OFFSET); i += STRIDE) {
		off = CAPGAP_CONV_END + 4 * i;
		if (r->offsets->present || (i == 1 && r->offsets->above_slot))
			continue;
		grade = grade_in_plan(r->plan, &policy, off);
		allowed = grade && is_planned(r, fn, &pasid, &policy, off);
		ck_assert_msg(capgap_offsets_allow(r->offsets, off) == allowed,
			      "%s, %s: 0x%03x is %sallowed: %s", r->row->name, name, off,
			      allowed ? "not " : "", r->tried->refusal);
		ck_assert_msg(!allowed || r->offsets->grade[i] == (uint8_t)grade,
			      "%s, %s: 0x%03x is %s", r->row->name, name, off,
			      capgap_grade_name((enum capgap_grade)r->offsets->grade[i]));
	}
	/* What is refused for all offsets has no plan. */
	ck_assert_msg(!r->offsets->refusal[0] ||
			      !strcmp(r->offsets->refusal, r->plan->refusal),
		      "%s, %s: %s", r->row->name, name, r->offsets->refusal);
	ck_assert_msg(!r->offsets->present || r->offsets->present == r->plan->offset,
		      "%s, %s: 0x%03x", r->row->name, name, r->offsets->present);
}

/* The caller's offset is allowed where a plan for it is found. */
static void check_callers(struct reading *r, const struct capgap_function *fn,
			  const char *name)
{
	struct capgap_policy policy = r->row->policy;
	struct capgap_pasid pasid;
	bool allowed;

	policy.has_offset = true;
	capgap_query_config(&pasid, fn);
	capgap_offsets_judge(r->offsets, fn, &pasid, &policy);
	for (unsigned i = r->n % STRIDE; i <= INDEX(LAST_OFFSET); i += STRIDE) {
		policy.offset = (uint16_t)(CAPGAP_CONV_END + 4 * i);
		capgap_plan_make(r->plan, fn, &pasid, &policy);
		allowed = capgap_offsets_allow(r->offsets, policy.offset);
		if (r->offsets->present)
			continue;
		ck_assert_msg(allowed == r->plan->found, "%s, %s: 0x%03x: %s",
			      r->row->name, name, policy.offset,
			      r->plan->found ? r->plan->reason : r->plan->refusal);
		ck_assert_msg(!allowed || r->offsets->grade[i] == (uint8_t)r->plan->grade,
			      "%s, %s: 0x%03x", r->row->name, name, policy.offset);
	}
}

static int count_answer(void *ctx, const struct capgap_common_answer *ans)
{
	*(struct capgap_common_answer *)ctx = *ans;
	return 0;
}

/* One function alone gets what the planner gives it. */
static void check_alone(struct reading *r, const struct capgap_function *fn,
			const char *name)
{
	const struct capgap_policy *policy = &r->row->policy;
	struct capgap_common *common = capgap_common_new(policy, CAPGAP_GROUP_ALL);
	struct capgap_common_answer *ans = room(sizeof(*ans));
	struct capgap_pasid pasid;

	ck_assert_ptr_nonnull(common);
	capgap_query_config(&pasid, fn);
	ck_assert_int_eq(capgap_common_add(common, "input", 0, fn, &pasid), 0);
	ck_assert_int_eq(capgap_common_each(common, count_answer, ans), 0);
	capgap_plan_make(r->plan, fn, &pasid, policy);
	ck_assert_msg(ans->meets == capgap_plan_meets(r->plan, policy),
		      "%s, %s: planned 0x%03x, in common 0x%03x", r->row->name, name,
		      r->plan->found ? r->plan->offset : 0, ans->offset);
	ck_assert_uint_eq(ans->n_agree, ans->found);
	if (ans->found) {
		ck_assert_msg(ans->offset == r->plan->offset &&
				      ans->grade == r->plan->grade,
			      "%s, %s: planned 0x%03x (%s), in common 0x%03x (%s)",
			      r->row->name, name, r->plan->offset,
			      capgap_grade_name(r->plan->grade), ans->offset,
			      capgap_grade_name(ans->grade));
		ck_assert_msg(!strncmp(r->plan->reason, ans->reason,
				       strlen(ans->reason)) ||
				      ans->grade == CAPGAP_GRADE_NONE ||
				      ans->offset == CAPGAP_CONV_END + 4,
			      "%s, %s: planned since %s, in common since %s",
			      r->row->name, name, r->plan->reason, ans->reason);
	}
	free(ans);
	capgap_common_free(common);
}

static int on_function(void *ctx, const char *source, unsigned machine,
		       const struct capgap_function *fn)
{
	struct reading *r = ctx;
	const char *name = name_of(source, fn);

	(void)machine;
	if (fn->not_applicable)
		return 0;
	r->n++;
	check_candidates(r, fn, name);
	check_callers(r, fn, name);
	check_alone(r, fn, name);
	return 0;
}

static void read_all(const char *dir, const struct row *row)
{
	struct capgap_quirks *quirks = capgap_quirks_new();
	struct reading r = { .row = row,
			     .plan = room(sizeof(struct capgap_plan)),
			     .tried = room(sizeof(struct capgap_plan)),
			     .offsets = room(sizeof(struct capgap_offsets)) };
	struct capgap_out out = { on_function, NULL, &r };
	struct capgap_options opt = { .vantage = CAPGAP_VANTAGE_HOST,
				      .min_gap = row->policy.min_gap,
				      .quirks = quirks };
	struct capgap_reader *rd;

	ck_assert_ptr_nonnull(quirks);
	ck_assert_int_gt(capgap_quirks_load_dir(quirks, "quirks.d", NULL, NULL), 0);
	ck_assert_int_eq(capgap_quirks_add_descriptor(quirks, 0x7e57, 0x0042,
						      CAPGAP_FORM_CONTROL),
			 0);
	rd = capgap_reader_new(&opt, &out);
	ck_assert_ptr_nonnull(rd);
	capgap_reader_read(rd, dir);
	ck_assert_uint_gt(r.n, 10);
	capgap_reader_free(rd);
	capgap_quirks_free(quirks);
	free(r.offsets);
	free(r.tried);
	free(r.plan);
}

static const char *const dirs[] = { "made", "bad" };

START_TEST(offsets_are_the_planners)
{
	const char *fixtures = getenv("FIXTURES");
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s",
		 fixtures ? fixtures : "fixtures/configspace", dirs[_i % 2]);
	read_all(path, &rows[_i / 2]);
}
END_TEST

/* Layouts that no fixture has: what the VMM reads is not what the hardware shows. */
static uint32_t state;

/* Marsaglia's xorshift: the same numbers everywhere. */
static unsigned below(unsigned n)
{
	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return (state >> 8) % n;
}

/* A dword of extended space, more often one of a few, so that structures meet. */
static unsigned any_offset(void)
{
	static const uint16_t often[] = { 0x100, 0x200, 0x210, 0x220, 0x300, 0xff0 };

	return below(3) ? often[below(ROWS(often))] : CAPGAP_CONV_END + 4 * below(960);
}

static void put32(struct capgap_record *rec, unsigned off, uint32_t val)
{
	struct support_step step = PUT32(off, val);

	if (off + 4 <= CAPGAP_SPACE_MAX)
		support_step(rec, &step);
}

/* A header with any pointer, also backwards, to itself, or out of the space. */
static void put_structure(struct capgap_record *rec, unsigned off)
{
	static const uint16_t ids[] = { 0x0003, 0x000b, 0x0019, 0x001b, 0x0023, 0x0000 };
	unsigned id = ids[below(ROWS(ids))];
	unsigned next = below(5) ? any_offset() : 4 * below(0x40);
	unsigned len = 12 + 4 * below(20);

	put32(rec, off, EXT_DWORD(id, 1, next));
	if (id == 0x000b)
		put32(rec, off + 4, len << 20 | 1);
	if (id != 0x0023)
		return;
	/* a gap, or a table of one range */
	if (below(2)) {
		put32(rec, off + 4, len << 20 | 1u << 16 | 0x7e57);
		put32(rec, off + 8, 0xf5010042);
	} else {
		put32(rec, off + 4, 16u << 20 | 1u << 16 | 0x7e57);
		put32(rec, off + 8, 0xf5020042);
		put32(rec, off + 12, any_offset() | len << 16);
	}
}

static void make_record(struct capgap_record *rec)
{
	static const struct support_image base = { .base = BASE_ENDPOINT };
	struct support_step step = DROP(0, 4);

	support_record(rec, &base);
	put_structure(rec, CAPGAP_CONV_END);
	for (unsigned i = below(6); i; i--)
		put_structure(rec, any_offset());
	for (unsigned i = below(4); i; i--)
		put32(rec, any_offset(), 0x5a5a5a5a);
	if (!below(3)) {
		step.off = (uint16_t)any_offset();
		support_step(rec, &step);
	}
}

#define LAYOUTS 400u

/* Functions that are counted together must allow the same offsets: count each of them apart. */
static void count_apart(uint32_t *count, struct reading *r,
			const struct capgap_function *fn)
{
	const struct capgap_policy *policy = &r->row->policy;
	struct capgap_pasid pasid;

	capgap_query_config(&pasid, fn);
	capgap_offsets_judge(r->offsets, fn, &pasid, policy);
	for (unsigned off = CAPGAP_CONV_END; off <= LAST_OFFSET; off += 4) {
		if (capgap_offsets_allow(r->offsets, off) &&
		    (r->offsets->present ||
		     r->offsets->grade[INDEX(off)] >= policy->require))
			count[INDEX(off)]++;
	}
	ck_assert_int_eq(capgap_common_add(r->common, "layout", 0, fn, &pasid), 0);
}

static int ignore(void *ctx, const struct capgap_common_answer *ans)
{
	(void)ctx;
	(void)ans;
	return 0;
}

static void check_counts(const struct reading *r, const uint32_t *count)
{
	ck_assert_int_eq(capgap_common_each(r->common, ignore, NULL), 0);
	for (unsigned i = 0; i <= INDEX(LAST_OFFSET); i++)
		ck_assert_msg(r->common->tally.cell[i].n == count[i],
			      "%s: 0x%03x is allowed by %u functions, counted by %u",
			      r->row->name, CAPGAP_CONV_END + 4 * i, count[i],
			      r->common->tally.cell[i].n);
}

/* What vfio-pci shows, joined as --vfio-view does. */
static struct capgap_vfio_dumps *join(const struct capgap_image *image)
{
	struct capgap_vfio_dumps *dumps = capgap_vfio_dumps_new();
	int fd = memfd_create("vfio", 0);
	char path[64];

	ck_assert_ptr_nonnull(dumps);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, image->data, image->size), image->size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	ck_assert_int_eq(capgap_vfio_dumps_read(dumps, path, NULL, NULL), 0);
	ck_assert(capgap_vfio_dumps_join(dumps, NULL));
	close(fd);
	return dumps;
}

START_TEST(offsets_are_the_planners_for_any_layout)
{
	struct reading r = { .row = &rows[_i % ROWS(rows)],
			     .plan = room(sizeof(struct capgap_plan)),
			     .tried = room(sizeof(struct capgap_plan)),
			     .offsets = room(sizeof(struct capgap_offsets)),
			     .common = capgap_common_new(&rows[_i % ROWS(rows)].policy,
							 CAPGAP_GROUP_ALL) };
	uint32_t count[CAPGAP_PLACES_MAX] = { 0 };
	struct capgap_function *fn = room(sizeof(*fn));
	struct capgap_quirks *quirks = capgap_quirks_new();
	struct capgap_options opt = { .min_gap = r.row->policy.min_gap,
				      .quirks = quirks };
	struct capgap_vfio_dumps *dumps;
	struct capgap_record shown;
	struct capgap_record rec;
	unsigned n_joined = 0;
	char name[32];

	state = 0x9e3779b9u + (uint32_t)_i;
	ck_assert_int_eq(capgap_quirks_add_descriptor(quirks, 0x7e57, 0x0042,
						      CAPGAP_FORM_CONTROL),
			 0);
	for (unsigned i = 0; i < LAYOUTS; i++) {
		make_record(&rec);
		make_record(&shown);
		dumps = below(3) ? NULL : join(&shown.image);
		opt.vfio = dumps;
		capgap_function_analyse(fn, &rec, NULL, &opt);
		capgap_vfio_dumps_free(dumps);
		snprintf(name, sizeof(name), "layout %u", i);
		if (fn->not_applicable)
			continue;
		r.n++;
		check_candidates(&r, fn, name);
		check_alone(&r, fn, name);
		count_apart(count, &r, fn);
		n_joined += fn->has_vfio_image;
	}
	check_counts(&r, count);
	ck_assert_uint_gt(n_joined, LAYOUTS / 10);
	ck_assert_uint_gt(r.n, LAYOUTS / 2);
	capgap_quirks_free(quirks);
	capgap_common_free(r.common);
	free(fn);
	free(r.offsets);
	free(r.tried);
	free(r.plan);
}
END_TEST

/* The same owners in another order, and the same again. */
static const struct support_image orders[] = {
	{ .base = BASE_ENDPOINT,
	  .step = { EXT(0x100, 0x0003, 1, 0x200), EXT(0x200, 0x0018, 1, 0x300),
		    EXT(0x300, 0x000f, 1, 0) } },
	{ .base = BASE_ENDPOINT,
	  .step = { EXT(0x100, 0x0003, 1, 0x300), EXT(0x200, 0x0018, 1, 0),
		    EXT(0x300, 0x000f, 1, 0x200) } },
	{ .base = BASE_ENDPOINT,
	  .step = { EXT(0x100, 0x0003, 1, 0x200), EXT(0x200, 0x0018, 1, 0x300),
		    EXT(0x300, 0x000f, 1, 0) } },
};

START_TEST(state_tells_lists_apart)
{
	struct capgap_offsets *offsets = room(sizeof(*offsets));
	struct capgap_function *fn;
	struct capgap_pasid pasid;
	uint64_t hash[ROWS(orders)] = { 0 };

	for (int i = 0; i < ROWS(orders); i++) {
		fn = support_function(&orders[i]);
		capgap_query_config(&pasid, fn);
		capgap_offsets_judge(offsets, fn, &pasid, &rows[0].policy);
		hash[i] = offsets->state;
	}
	ck_assert(hash[0] == hash[2]);
	ck_assert(hash[0] != hash[1]);
	free(offsets);
}
END_TEST

Suite *offsets_suite(void)
{
	Suite *suite = suite_create("offsets");
	TCase *fixtures = tcase_create("fixtures");

	tcase_set_timeout(fixtures, 60);
	tcase_add_loop_test(fixtures, offsets_are_the_planners, 0, 2 * ROWS(rows));
	tcase_add_loop_test(fixtures, offsets_are_the_planners_for_any_layout, 0,
			    2 * ROWS(rows));
	tcase_add_test(fixtures, state_tells_lists_apart);
	suite_add_tcase(suite, fixtures);
	return suite;
}
