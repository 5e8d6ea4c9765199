/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Plans for random layouts, under random policies, against a judge that knows the layout
 * and shares no code with the planner (DESIGN, section 9, invariants 4, 5 and 7).
 */
#include <stdio.h>
#include <string.h>

#include "plan_judge.h"
#include "prng.h"
#include "qemu_replay.h"
#include "suites.h"
#include "support.h"

#define SEEDS 10
#define LAYOUTS 100u
#define POLICIES 4u

static uint32_t state;
static struct capgap_quirks *listing;
static struct capgap_quirks *no_listing;
static struct layout layout;
static struct capgap_policy policy;
static struct capgap_function fn;
static struct capgap_pasid pasid;
static struct capgap_plan plan;
static struct capgap_plan again;
static struct capgap_view view;
static uint8_t shown[GUEST_SPACE];
static uint8_t guest[GUEST_SPACE];
static const struct plan_case judged = { &layout, &policy, &plan, shown, guest };

/* How many plans of one seed came to each grade; the last counts those that failed. */
static unsigned count[CAPGAP_GRADE_SLOT + 2];

static struct capgap_quirks *load(bool descriptor)
{
	struct capgap_quirks *quirks = capgap_quirks_new();

	ck_assert_ptr_nonnull(quirks);
	ck_assert_int_gt(capgap_quirks_load_file(quirks, "tests/quirks/layout.xml",
						 "quirks.d/quirks.rng", NULL),
			 0);
	if (descriptor)
		ck_assert_int_eq(capgap_quirks_add_descriptor(quirks, 0x7e57, 0x0042,
							      CAPGAP_FORM_CONTROL),
				 0);
	return quirks;
}

static void setup(void)
{
	listing = load(true);
	no_listing = load(false);
	memset(count, 0, sizeof(count));
}

static void teardown(void)
{
	capgap_quirks_free(listing);
	capgap_quirks_free(no_listing);
}

static unsigned below(unsigned n)
{
	return prng_below(&state, n);
}

static bool one_in(unsigned n)
{
	return prng_one_in(&state, n);
}

static void analyse(struct capgap_function *out, const struct capgap_record *rec,
		    enum capgap_vantage vantage)
{
	struct capgap_options opt = { .vantage = vantage,
				      .min_gap = policy.min_gap,
				      .quirks = layout.listing ? listing : no_listing };
	struct capgap_topology topo;

	capgap_topology_init(&topo);
	layout_topology(&layout, &topo);
	capgap_function_analyse(out, rec, &topo, &opt);
	capgap_topology_clear(&topo);
}

static void want(uint16_t id, uint16_t len)
{
	policy.want[policy.n_wants++] = (struct capgap_want){ id, len };
}

static void make_policy(void)
{
	static const unsigned gaps[] = { 8, 12, 12, 12, 16, 32, 64, 256 };
	static const unsigned guards[] = { 0, 0, 0, 4, 16, 64 };

	memset(&policy, 0, sizeof(policy));
	policy.require = (enum capgap_grade)(CAPGAP_GRADE_ASSUMED + below(5));
	if (one_in(2))
		policy.require = CAPGAP_GRADE_OBSERVED;
	policy.min_gap = gaps[below((unsigned)ROWS(gaps))];
	policy.guard = guards[below((unsigned)ROWS(guards))];
	policy.vmm = one_in(2) ? CAPGAP_VMM_GENERIC :
				 (enum capgap_vmm)below(CAPGAP_VMM_COUNT);
	policy.kernel = one_in(5) ? CAPGAP_KERNEL_OLD : CAPGAP_KERNEL_6_4;
	if (one_in(4)) {
		policy.has_offset = true;
		policy.offset = (uint16_t)(GUEST_EXT + 4 * below(0x3bf));
		policy.force = one_in(5);
	}
	if (one_in(4) && !layout.has_pri)
		want(0x0013, 16);
	if (one_in(5))
		want(0x0023, 16);
}

static void print_case(const char *wrong)
{
	fprintf(stderr,
		"%s\nrequire %s, min_gap %u, guard %u, offset 0x%03x%s, vmm %s, kernel "
		"%s, %u wants; ",
		wrong, capgap_grade_name(policy.require), policy.min_gap, policy.guard,
		policy.has_offset ? policy.offset : 0, policy.force ? " forced" : "",
		capgap_vmm_name(policy.vmm), capgap_kernel_name(policy.kernel),
		policy.n_wants);
	fprintf(stderr, "found %d, 0x%03x, %s, %s; ", plan.found, plan.offset,
		capgap_grade_name(plan.grade), plan.found ? plan.reason : plan.refusal);
	for (unsigned i = 0; i < policy.n_wants; i++)
		fprintf(stderr, "want %04x at 0x%03x; ", policy.want[i].id,
			plan.want_off[i]);
	for (unsigned i = 0; i < plan.n_places; i++)
		fprintf(stderr, "0x%03x+0x%x %s%s, pass %d (%s); ", plan.place[i].off,
			plan.place[i].len, capgap_grade_name(plan.place[i].grade),
			plan.place[i].run ? ", run" : "", plan.place[i].pass,
			capgap_reason_text(plan.place[i].reason));
	layout_print(&layout);
}

static void expect(const char *name, const char *wrong)
{
	if (wrong)
		print_case(wrong);
	ck_assert_msg(!wrong, "%s: %s", name, wrong);
}

/* Members are compared, since what lies between them may hold anything. */
static bool same_edits(const struct capgap_edits *a, const struct capgap_edits *b)
{
	if (a->link != b->link || a->n != b->n)
		return false;
	for (unsigned i = 0; i < a->n; i++) {
		if (a->edit[i].off != b->edit[i].off ||
		    a->edit[i].before != b->edit[i].before ||
		    a->edit[i].after != b->edit[i].after)
			return false;
	}
	return true;
}

static bool same_verdict(const struct capgap_verdict *a, const struct capgap_verdict *b)
{
	return a->vmm == b->vmm && a->kind == b->kind && a->placed == b->placed &&
	       a->offset == b->offset && a->rule == b->rule && a->at == b->at &&
	       same_edits(&a->edits, &b->edits) && !strcmp(a->reason, b->reason);
}

static bool same_places(const struct capgap_place *a, const struct capgap_place *b,
			unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		if (a[i].off != b[i].off || a[i].len != b[i].len ||
		    a[i].grade != b[i].grade || a[i].reason != b[i].reason ||
		    a[i].run != b[i].run || a[i].cap != b[i].cap)
			return false;
	}
	return true;
}

/* The same answer again, into memory that held something else. */
static const char *judge_again(void)
{
	memset(&again, 0xa5, sizeof(again));
	capgap_plan_make(&again, &fn, &pasid, &policy);
	if (plan.found != again.found || strcmp(plan.refusal, again.refusal))
		return "another answer the second time";
	if (plan.n_places != again.n_places || plan.n_objections != again.n_objections ||
	    !same_places(plan.place, again.place, plan.n_places) ||
	    !same_places(plan.objection, again.objection, plan.n_objections))
		return "other ranges the second time";
	if (plan.has_default != again.has_default ||
	    (plan.has_default && !same_verdict(&plan.by_default, &again.by_default)))
		return "another default the second time";
	if (!plan.found)
		return NULL;
	if (plan.offset != again.offset || plan.grade != again.grade ||
	    plan.chosen != again.chosen || strcmp(plan.reason, again.reason) ||
	    memcmp(plan.want_off, again.want_off,
		   policy.n_wants * sizeof(plan.want_off[0])) ||
	    !same_edits(&plan.edits, &again.edits))
		return "another placement the second time";
	for (unsigned i = 0; i < plan.n_verdicts; i++) {
		if (!same_verdict(&plan.verdict[i], &again.verdict[i]))
			return "another verdict the second time";
	}
	return NULL;
}

/* A verdict's edits give QEMU's guest; what the registers hold is another matter. */
static bool same_guest(const struct capgap_verdict *verdict, struct qemu_guest *replayed)
{
	static uint8_t bytes[GUEST_SPACE];

	memcpy(bytes, shown, GUEST_SPACE);
	for (unsigned i = 0; i < verdict->edits.n; i++)
		guest_put32(bytes, verdict->edits.edit[i].off,
			    verdict->edits.edit[i].after);
	if (replayed->outcome == QEMU_PLACED)
		guest_put32(replayed->bytes, replayed->offset + 4u,
			    guest_get32(bytes, replayed->offset + 4u));
	return !memcmp(bytes, replayed->bytes, GUEST_SPACE);
}

/* QEMU's verdict is what the replay comes to. */
static const char *judge_verdict(const struct capgap_verdict *verdict, unsigned off)
{
	static struct qemu_guest replayed;
	enum capgap_verdict_kind kind = verdict->kind;

	qemu_replay(&replayed, shown, GUEST_SPACE, off, 0);
	if (replayed.outcome == QEMU_ABORTS || replayed.outcome == QEMU_NEVER_ENDS)
		return kind == CAPGAP_VERDICT_CORRUPTS ? NULL : "QEMU ends";
	if (!same_guest(verdict, &replayed))
		return "QEMU's guest reads something else";
	if (replayed.outcome == QEMU_SKIPPED)
		return kind == CAPGAP_VERDICT_SKIPPED ? NULL : "QEMU skips it";
	if (replayed.outcome == QEMU_REFUSED)
		return kind == CAPGAP_VERDICT_REFUSED ? NULL : "QEMU refuses it";
	if (kind != CAPGAP_VERDICT_ACCEPTED && kind != CAPGAP_VERDICT_OVERLAPS &&
	    kind != CAPGAP_VERDICT_CORRUPTS)
		return "QEMU places it";
	/* What is forced may lie in a structure whose end is not certain. */
	if (plan.grade && kind == CAPGAP_VERDICT_CORRUPTS &&
	    guest_is_sound(replayed.bare, replayed.bytes, off, 0x001b, 8))
		return "QEMU places it well";
	return verdict->offset == off ? NULL : "QEMU places it elsewhere";
}

static const char *judge_verdicts(void)
{
	const char *wrong = NULL;

	if (plan.n_verdicts != CAPGAP_VMM_COUNT)
		return "not a verdict of each VMM";
	for (unsigned i = 0; i < plan.n_verdicts && !wrong; i++) {
		if (plan.verdict[i].vmm != (enum capgap_vmm)i)
			return "a verdict of another VMM";
		if (i == CAPGAP_VMM_QEMU_11_0 || i == CAPGAP_VMM_QEMU_11_1)
			wrong = judge_verdict(&plan.verdict[i], plan.offset);
	}
	if (!wrong && plan.has_default &&
	    (policy.vmm == CAPGAP_VMM_QEMU_11_0 || policy.vmm == CAPGAP_VMM_QEMU_11_1))
		wrong = judge_verdict(&plan.by_default, 0xff8);
	return wrong;
}

/*
 * What the chosen QEMU does badly is passed over while it would do well in a run that is
 * beyond doubt.
 */
static const char *judge_passed_over(void)
{
	static struct qemu_guest replayed;
	unsigned off = GUEST_EXT;
	unsigned run;
	unsigned at;

	if (policy.has_offset || policy.n_wants ||
	    policy.require > CAPGAP_GRADE_OBSERVED ||
	    !capgap_verdict_is_bad(plan.verdict[policy.vmm].kind) ||
	    (policy.vmm != CAPGAP_VMM_QEMU_11_0 && policy.vmm != CAPGAP_VMM_QEMU_11_1))
		return NULL;
	for (; (run = judge_clean_run(&layout, off, &off)); off += run) {
		at = off + (run - 8) / 2 / 4 * 4;
		if (run < policy.min_gap || run < 8 + 2 * policy.guard)
			continue;
		qemu_replay(&replayed, shown, GUEST_SPACE, at, 0);
		if (replayed.outcome == QEMU_PLACED &&
		    guest_is_sound(replayed.bare, replayed.bytes, at, 0x001b, 8))
			return "QEMU would do well elsewhere";
	}
	return NULL;
}

static bool has_hit(const struct capgap_findings *list, unsigned kind, unsigned off)
{
	for (unsigned i = 0; i < list->n; i++) {
		if (list->hit[i].off == off && list->hit[i].kind == kind)
			return true;
	}
	return false;
}

/* A declared range was of no use before; what an orphan is, the view may not show. */
static bool was_useless(const struct capgap_findings *of_view, unsigned off)
{
	return has_hit(of_view, CAPGAP_F_DESCRIPTOR_OVER_RANGE, off) ||
	       has_hit(of_view, CAPGAP_F_DESCRIPTOR_OVER_RESERVED, off) ||
	       has_hit(of_view, CAPGAP_F_DESCRIPTOR_OVER_UNREAD, off) ||
	       has_hit(of_view, CAPGAP_F_DESCRIPTOR_OVER_ORPHAN, off) ||
	       has_hit(&fn.findings, CAPGAP_F_DESCRIPTOR_OVER_ORPHAN, off);
}

static bool is_gap_form(unsigned off)
{
	for (unsigned i = 0; i < layout.n_ranges; i++) {
		if (layout.range[i].off == off && layout.range[i].cap + 12u == off)
			return true;
	}
	return false;
}

/* Findings that the guest may have though the view lacks them. */
static bool is_excused(const struct capgap_hit *hit,
		       const struct capgap_findings *of_view)
{
	/* What leads to the slot in hardware leads to the capability now. */
	if (has_hit(&fn.findings, hit->kind, hit->off))
		return true;
	switch (hit->kind) {
	case CAPGAP_F_NULL_HEADER:
		return plan.edits.link == CAPGAP_LINK_NULL_HEAD && hit->off == GUEST_EXT;
	case CAPGAP_F_ORPHAN:
	case CAPGAP_F_DESCRIPTOR_OVER_ORPHAN:
		/* A hidden structure whose pointer leads to the slot. */
		for (unsigned off = hit->off; off < (unsigned)hit->off + hit->len;
		     off++) {
			if (layout.owner[off] == LAYOUT_EXACT)
				return true;
		}
		return false;
	case CAPGAP_F_DESCRIPTOR_OVER_STRUCTURE:
		/* The Length of a gap form that is of no use spans it, which has to be said. */
		return was_useless(of_view, hit->off) &&
		       (!is_gap_form(hit->off) ||
			plan.verdict[CAPGAP_VMM_GENERIC].kind != CAPGAP_VERDICT_ACCEPTED);
	default:
		return false;
	}
}

/* The guest's own image: the capability is found there, and nothing new is wrong. */
static const char *judge_guest(void)
{
	static struct capgap_function of_view;
	static struct capgap_function of_guest;
	static struct capgap_record rec;
	static struct capgap_plan present;
	static char text[128];
	const struct capgap_hit *hit;

	rec = layout.rec;
	rec.image = view.image;
	analyse(&of_view, &rec, CAPGAP_VANTAGE_VFIO);
	capgap_link_apply(&plan.edits, &rec.image);
	analyse(&of_guest, &rec, CAPGAP_VANTAGE_GUEST);
	capgap_query_config(&pasid, &of_guest);
	policy.has_offset = false;
	capgap_plan_make(&present, &of_guest, &pasid, &policy);
	if (!present.found || present.edits.link != CAPGAP_LINK_PRESENT ||
	    present.offset != plan.offset)
		return "the guest does not find it";
	for (unsigned i = 0; i < of_guest.findings.n; i++) {
		hit = &of_guest.findings.hit[i];
		if (capgap_findings_has(&of_view.findings,
					(enum capgap_finding_kind)hit->kind) ||
		    is_excused(hit, &of_view.findings))
			continue;
		snprintf(text, sizeof(text), "the guest has a new finding, %s 0x%03x",
			 capgap_finding_get(hit->kind)->name, hit->off);
		return text;
	}
	return NULL;
}

static const char *judge_view(void)
{
	static char text[64];

	layout_view(&layout, policy.kernel == CAPGAP_KERNEL_OLD, shown);
	capgap_view_derive(&view, &fn, policy.kernel);
	for (unsigned off = GUEST_EXT; off < GUEST_SPACE; off++) {
		if (view.image.data[off] != shown[off]) {
			snprintf(text, sizeof(text),
				 "vfio-pci shows %02x at 0x%03x, not %02x", shown[off],
				 off, view.image.data[off]);
			return text;
		}
	}
	memcpy(shown, view.image.data, GUEST_EXT);
	memcpy(guest, shown, GUEST_SPACE);
	return NULL;
}

static const char *judge_found(void)
{
	const char *wrong = judge_bytes(&judged);

	for (unsigned i = 0; i < plan.edits.n; i++)
		guest_put32(guest, plan.edits.edit[i].off, plan.edits.edit[i].after);
	if (!wrong)
		wrong = judge_edits(&judged);
	if (!wrong)
		wrong = judge_verdicts();
	if (!wrong)
		wrong = judge_passed_over();
	if (!wrong && plan.grade)
		wrong = judge_guest();
	return wrong;
}

static void check_plan(const char *name)
{
	make_policy();
	analyse(&fn, &layout.rec, CAPGAP_VANTAGE_HOST);
	capgap_query_config(&pasid, &fn);
	memset(&plan, 0, sizeof(plan));
	expect(name, judge_view());
	memset(&plan, 0x5a, sizeof(plan));
	capgap_plan_make(&plan, &fn, &pasid, &policy);
	judge_prepare(&layout, policy.min_gap);
	expect(name, judge_again());
	expect(name, judge_completeness(&judged));
	expect(name, judge_default(&judged));
	if (plan.found)
		expect(name, judge_found());
	count[plan.found ? plan.grade : CAPGAP_GRADE_SLOT + 1]++;
}

START_TEST(plans_for_random_layouts_stand_up)
{
	char name[64];

	state = prng_seed((unsigned)_i);
	for (unsigned i = 0; i < LAYOUTS; i++) {
		layout_make(&layout, &state);
		for (unsigned n = 0; n < POLICIES; n++) {
			snprintf(name, sizeof(name), "seed %d, layout %u, policy %u", _i,
				 i, n);
			check_plan(name);
		}
	}
	/* That nothing is placed, or nothing refused, must not go unnoticed. */
	for (unsigned i = CAPGAP_GRADE_ASSUMED; i <= CAPGAP_GRADE_SLOT + 1; i++)
		ck_assert_msg(count[i] > 0, "no plan of kind %u", i);
}
END_TEST

Suite *plan_random_suite(void)
{
	Suite *suite = suite_create("plan_random");
	TCase *tc = tcase_create("layouts");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, plans_for_random_layouts_stand_up, 0, SEEDS);
	suite_add_tcase(suite, tc);
	return suite;
}
