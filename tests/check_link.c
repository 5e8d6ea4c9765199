/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The edits that link the capability into a list. */
#include <string.h>

#include "../analyzer/bytes.h"
#include "../placement/link.h"
#include "../placement/view.h"
#include "suites.h"
#include "support.h"

#define REGISTERS 0x00001404u

/**
 * struct row - a list, and the edits of an insertion
 * @name: for messages
 * @image: the space that the VMM sees
 * @off: where the capability goes
 * @rc: what the call returns
 * @link: how it is linked
 * @n: edits
 * @edit: them
 */
struct row {
	const char *name;
	struct support_image image;
	unsigned off;
	int rc;
	enum capgap_link link;
	unsigned n;
	struct capgap_edit edit[CAPGAP_EDITS_MAX];
};

#define LINK(link) CAPGAP_LINK_##link

static struct capgap_record rec;
static struct capgap_edits edits;

static void same_edits(const struct row *row)
{
	ck_assert_msg(edits.link == row->link, "%s: link %d", row->name, edits.link);
	ck_assert_msg(edits.n == row->n, "%s: %u edits", row->name, edits.n);
	for (unsigned i = 0; i < row->n; i++) {
		ck_assert_msg(edits.edit[i].off == row->edit[i].off,
			      "%s: edit %u at 0x%03x", row->name, i, edits.edit[i].off);
		ck_assert_msg(edits.edit[i].before == row->edit[i].before,
			      "%s: 0x%03x was 0x%08x", row->name, edits.edit[i].off,
			      edits.edit[i].before);
		ck_assert_msg(edits.edit[i].after == row->edit[i].after,
			      "%s: 0x%03x is 0x%08x", row->name, edits.edit[i].off,
			      edits.edit[i].after);
	}
}

static void check_row(const struct row *row)
{
	support_record(&rec, &row->image);
	memset(&edits, 0x5a, sizeof(edits));
	ck_assert_msg(capgap_link_pasid(&edits, &rec.image, row->off, REGISTERS) ==
			      row->rc,
		      "%s: return value", row->name);
	same_edits(row);
}

static const struct row inserts[] = {
	{ "between two entries",
	  { .step = { EXT(0x100, 0x0003, 1, 0x200), EXT(0x200, 0x000f, 1, 0) } },
	  0x180,
	  0,
	  LINK(INSERT),
	  3,
	  { { 0x100, 0x20010003, 0x18010003 },
	    { 0x180, 0, 0x2001001b },
	    { 0x184, 0, REGISTERS } } },
	{ "behind the last entry",
	  { .step = { EXT(0x100, 0x0003, 1, 0x200), EXT(0x200, 0x000f, 1, 0) } },
	  0xff8,
	  0,
	  LINK(INSERT),
	  3,
	  { { 0x200, 0x0001000f, 0xff81000f },
	    { 0xff8, 0, 0x0001001b },
	    { 0xffc, 0, REGISTERS } } },
	{ "behind the only entry",
	  { .step = { EXT(0x100, 0x000f, 1, 0) } },
	  0x108,
	  0,
	  LINK(INSERT),
	  3,
	  { { 0x100, 0x0001000f, 0x1081000f },
	    { 0x108, 0, 0x0001001b },
	    { 0x10c, 0, REGISTERS } } },
	{ "right before an entry",
	  { .step = { EXT(0x100, 0x0003, 1, 0x200), EXT(0x200, 0x000f, 1, 0) } },
	  0x1f8,
	  0,
	  LINK(INSERT),
	  3,
	  { { 0x100, 0x20010003, 0x1f810003 },
	    { 0x1f8, 0, 0x2001001b },
	    { 0x1fc, 0, REGISTERS } } },
	{ "a list that does not ascend: before its first entry above",
	  { .step = { EXT(0x100, 0x0003, 1, 0x400), EXT(0x400, 0x000f, 1, 0x200),
		      EXT(0x200, 0x000e, 1, 0) } },
	  0x300,
	  0,
	  LINK(INSERT),
	  3,
	  { { 0x100, 0x40010003, 0x30010003 },
	    { 0x300, 0, 0x4001001b },
	    { 0x304, 0, REGISTERS } } },
	{ "a list that does not ascend: behind its last entry",
	  { .step = { EXT(0x100, 0x0003, 1, 0x400), EXT(0x400, 0x000f, 1, 0x200),
		      EXT(0x200, 0x000e, 1, 0) } },
	  0x500,
	  0,
	  LINK(INSERT),
	  3,
	  { { 0x200, 0x0001000e, 0x5001000e },
	    { 0x500, 0, 0x0001001b },
	    { 0x504, 0, REGISTERS } } },
	{ "a null header at 0x100 that goes on",
	  { .step = { EXT(0x100, 0, 0, 0x200), EXT(0x200, 0x000f, 1, 0) } },
	  0x104,
	  0,
	  LINK(INSERT),
	  3,
	  { { 0x100, 0x20000000, 0x10400000 },
	    { 0x104, 0, 0x2001001b },
	    { 0x108, 0, REGISTERS } } },
	{ "before a header of zeros in which the list ends",
	  { .step = { EXT(0x100, 0x0003, 1, 0x200) } },
	  0x180,
	  0,
	  LINK(INSERT),
	  3,
	  { { 0x100, 0x20010003, 0x18010003 },
	    { 0x180, 0, 0x2001001b },
	    { 0x184, 0, REGISTERS } } },
	{ "what was in the place is said",
	  { .step = { EXT(0x100, 0x0003, 1, 0), PUT32(0x300, 0x11223344),
		      PUT32(0x304, 0x55667788) } },
	  0x300,
	  0,
	  LINK(INSERT),
	  3,
	  { { 0x100, 0x00010003, 0x30010003 },
	    { 0x300, 0x11223344, 0x0001001b },
	    { 0x304, 0x55667788, REGISTERS } } },
};

START_TEST(link_inserts_behind_the_entry_before)
{
	check_row(&inserts[_i]);
}
END_TEST

static const struct row heads[] = {
	{ "an empty list: the capability becomes its head",
	  { .base = BASE_ENDPOINT },
	  0x100,
	  0,
	  LINK(HEAD),
	  2,
	  { { 0x100, 0, 0x0001001b }, { 0x104, 0, REGISTERS }, { 0, 0, 0 } } },
	{ "a null head: the capability takes its place and its pointer",
	  { .step = { EXT(0x100, 0, 0, 0x200), EXT(0x200, 0x000f, 1, 0) } },
	  0x100,
	  0,
	  LINK(HEAD),
	  2,
	  { { 0x100, 0x20000000, 0x2001001b }, { 0x104, 0, REGISTERS }, { 0, 0, 0 } } },
	{ "an empty list, elsewhere: a null header points there",
	  { .base = BASE_ENDPOINT },
	  0x300,
	  0,
	  LINK(NULL_HEAD),
	  3,
	  { { 0x100, 0, 0x30000000 },
	    { 0x300, 0, 0x0001001b },
	    { 0x304, 0, REGISTERS } } },
	{ "an empty list, right behind 0x100",
	  { .base = BASE_ENDPOINT },
	  0x104,
	  0,
	  LINK(NULL_HEAD),
	  3,
	  { { 0x100, 0, 0x10400000 },
	    { 0x104, 0, 0x0001001b },
	    { 0x108, 0, REGISTERS } } },
};

START_TEST(link_makes_a_head_where_there_is_none)
{
	check_row(&heads[_i]);
}
END_TEST

#define NOTHING(rc)                                                                      \
	(rc), LINK(NONE), 0,                                                             \
	{                                                                                \
		{                                                                        \
			0, 0, 0                                                          \
		}                                                                        \
	}

static const struct row refused[] = {
	{ "below extended space",
	  { .base = BASE_ENDPOINT },
	  0x0fc,
	  NOTHING(-CAPGAP_E_INVAL) },
	{ "not aligned", { .base = BASE_ENDPOINT }, 0x102, NOTHING(-CAPGAP_E_INVAL) },
	{ "half behind the end",
	  { .base = BASE_ENDPOINT },
	  0xffc,
	  NOTHING(-CAPGAP_E_INVAL) },
	{ "behind the end", { .base = BASE_ENDPOINT }, 0x1000, NOTHING(-CAPGAP_E_INVAL) },
	{ "far behind the end",
	  { .base = BASE_ENDPOINT },
	  UINT32_MAX - 3,
	  NOTHING(-CAPGAP_E_INVAL) },
	{ "at an entry of the list",
	  { .step = { EXT(0x100, 0x0003, 1, 0x200), EXT(0x200, 0x000f, 1, 0) } },
	  0x200,
	  NOTHING(-CAPGAP_E_NOPLACE) },
	{ "a head that was not read",
	  { .step = { DROP(0x100, 16) } },
	  0x300,
	  NOTHING(-CAPGAP_E_DAMAGED) },
	{ "a head of ones",
	  { .step = { FILL(0x100, 4, 0xff) } },
	  0x300,
	  NOTHING(-CAPGAP_E_DAMAGED) },
	{ "a list that was not read",
	  { .step = { EXT(0x100, 0x0003, 1, 0x200), DROP(0x200, 16) } },
	  0x300,
	  NOTHING(-CAPGAP_E_DAMAGED) },
	{ "a place that was not read",
	  { .step = { EXT(0x100, 0x0003, 1, 0), DROP(0x300, 4) } },
	  0x300,
	  NOTHING(-CAPGAP_E_DAMAGED) },
	{ "half a place that was not read",
	  { .step = { EXT(0x100, 0x0003, 1, 0), DROP(0x307, 1) } },
	  0x300,
	  NOTHING(-CAPGAP_E_DAMAGED) },
	{ "a space that ends before",
	  { .size = 256 },
	  0x300,
	  NOTHING(-CAPGAP_E_DAMAGED) },
};

START_TEST(link_makes_no_edit_where_it_cannot)
{
	check_row(&refused[_i]);
}
END_TEST

/* What lies behind the place in the list need not be known. */
START_TEST(link_reads_the_list_up_to_its_place_only)
{
	static const struct row row = { "a list whose rest was not read",
					{ .step = { EXT(0x100, 0x0003, 1, 0x400),
						    DROP(0x400, 16) } },
					0x200,
					0,
					LINK(INSERT),
					3,
					{ { 0x100, 0x40010003, 0x20010003 },
					  { 0x200, 0, 0x4001001b },
					  { 0x204, 0, REGISTERS } } };

	check_row(&row);
}
END_TEST

/*
 * Only a next pointer or a null header may change (DESIGN section 9, invariant 4),
 * and no other capability (invariant 5). What stands behind a pointer that is no
 * extended one, or in a header of ones, is neither.
 */
static const struct row dead_ends[] = {
	{ "a pointer below 0x100 leads to Power Management, not to a header",
	  { .step = { PUT8(0x41, 0x80), CONV(0x80, 0x01, 0), PUT16(0x82, 0xc803),
		      EXT(0x100, 0x0003, 1, 0x080) } },
	  0x200,
	  0,
	  LINK(INSERT),
	  3,
	  { { 0x100, 0x08010003, 0x20010003 },
	    { 0x200, 0, 0x0801001b },
	    { 0x204, 0, REGISTERS } } },
	{ "a header of ones is no entry",
	  { .step = { EXT(0x100, 0x0003, 1, 0x200), FILL(0x200, 4, 0xff) } },
	  0x300,
	  0,
	  LINK(INSERT),
	  3,
	  { { 0x100, 0x20010003, 0x30010003 },
	    { 0x300, 0, 0x2001001b },
	    { 0x304, 0, REGISTERS } } },
	{ "a header of zeros is no entry",
	  { .step = { EXT(0x100, 0x0003, 1, 0x200) } },
	  0x300,
	  0,
	  LINK(INSERT),
	  3,
	  { { 0x100, 0x20010003, 0x30010003 },
	    { 0x300, 0, 0x2001001b },
	    { 0x304, 0, REGISTERS } } },
};

START_TEST(link_changes_nothing_but_entries)
{
	check_row(&dead_ends[_i]);
}
END_TEST

static void apply(struct capgap_image *img)
{
	uint32_t old;

	for (unsigned i = 0; i < edits.n; i++) {
		const struct capgap_edit *edit = &edits.edit[i];
		const uint8_t bytes[4] = { (uint8_t)edit->after,
					   (uint8_t)(edit->after >> 8),
					   (uint8_t)(edit->after >> 16),
					   (uint8_t)(edit->after >> 24) };

		ck_assert(capgap_get32(img, edit->off, &old));
		ck_assert_uint_eq(old, edit->before);
		capgap_image_put(img, edit->off, bytes, sizeof(bytes));
	}
}

/* Everything but the capability at @off is as in the other list. */
static void same_but(const char *name, const struct capgap_chain *before,
		     const struct capgap_chain *after, unsigned off)
{
	const struct capgap_cap *cap;
	unsigned found = 0;
	unsigned kept = 0;

	for (unsigned i = after->n_conv; i < after->n; i++) {
		cap = &after->cap[i];
		if (cap->off == off) {
			ck_assert_uint_eq(cap->id, 0x1b);
			ck_assert_uint_eq(cap->version, 1);
			found++;
		}
		for (unsigned k = before->n_conv; k < before->n; k++)
			kept += before->cap[k].off == cap->off &&
				before->cap[k].id == cap->id;
	}
	ck_assert_msg(found == 1, "%s: found %u times", name, found);
	ck_assert_msg(kept == before->n - before->n_conv, "%s: %u capabilities kept",
		      name, kept);
}

/* The edits are applied, and the list walked again. */
START_TEST(link_keeps_every_other_capability)
{
	static struct capgap_chain before;
	static struct capgap_chain after;
	const struct row *row = &inserts[_i];

	check_row(row);
	capgap_chain_walk(&before, &rec.image, false, NULL);
	apply(&rec.image);
	capgap_chain_walk(&after, &rec.image, false, NULL);
	same_but(row->name, &before, &after, row->off);
}
END_TEST

/* A list without end is followed for as long as it can be new. */
START_TEST(link_ends_on_a_loop)
{
	static const struct support_image how = {
		.step = { EXT(0x100, 0x0003, 1, 0x200), EXT(0x200, 0x000f, 1, 0x100) }
	};
	static struct capgap_chain after;

	support_record(&rec, &how);
	ck_assert_int_eq(capgap_link_pasid(&edits, &rec.image, 0x300, REGISTERS), 0);
	ck_assert_int_eq(edits.link, LINK(INSERT));
	apply(&rec.image);
	capgap_chain_walk(&after, &rec.image, false, NULL);
	ck_assert_ptr_nonnull(capgap_chain_find(&after, CAPGAP_EXT, 0x1b));
}
END_TEST

/*
 * The example of DESIGN section 8, a function like Intel DSA: vfio hides the
 * PASID capability at 560, so that ATS at 544 points to PRI at 576 in the view.
 */
START_TEST(link_fills_the_slot_that_vfio_hides)
{
	static const struct row row = {
		"DSA",
		{ .step = { EXT(0x100, 0x000b, 0, 0x220), VENDOR_LENGTH(0x100, 0x120),
			    EXT(544, 0x000f, 1, 560), PASID(560, 576, 0x0005),
			    EXT(576, 0x0013, 1, 640), EXT(640, 0x000b, 1, 0),
			    VENDOR_LENGTH(640, 0xd80) } },
		560,
		0,
		LINK(INSERT),
		3,
		{ { 544, 604045327, 587268111 },
		  { 560, 604045339, 604045339 },
		  { 564, 332804, 5124 } }
	};
	static struct capgap_view view;
	const struct capgap_function *fn = support_function(&row.image);

	ck_assert_uint_eq(fn->n_gaps, 2);
	ck_assert_uint_eq(fn->gap[1].off, 592);
	ck_assert_uint_eq(fn->gap[1].len, 48);
	capgap_view_derive(&view, fn, CAPGAP_KERNEL_6_4);
	memset(&edits, 0x5a, sizeof(edits));
	ck_assert_int_eq(capgap_link_pasid(&edits, &view.image, row.off, 5124), 0);
	same_edits(&row);
}
END_TEST

/* Any capability of any length, header only; and the same edits made in a copy. */
START_TEST(link_inserts_other_capabilities)
{
	static const struct row row = {
		"a DVSEC of 16 bytes",
		{ .step = { EXT(0x100, 0x0003, 1, 0x200), EXT(0x200, 0x000f, 1, 0) } },
		0xff0,
		0,
		LINK(INSERT),
		2,
		{ { 0x200, 0x0001000f, 0xff01000f }, { 0xff0, 0, 0x00010023 } }
	};
	uint32_t val;

	support_record(&rec, &row.image);
	memset(&edits, 0x5a, sizeof(edits));
	ck_assert_int_eq(capgap_link_insert(&edits, &rec.image, 0xff0, 16, 0x0023, 1), 0);
	same_edits(&row);
	capgap_link_apply(&edits, &rec.image);
	for (unsigned i = 0; i < edits.n; i++) {
		ck_assert(capgap_get32(&rec.image, edits.edit[i].off, &val));
		ck_assert_uint_eq(val, edits.edit[i].after);
	}
	ck_assert_int_eq(capgap_link_insert(&edits, &rec.image, 0x200, 8, 0x0023, 1),
			 -CAPGAP_E_NOPLACE);
}
END_TEST

/* Places and lengths that do not go together: offset, bytes. */
static const struct {
	unsigned off;
	unsigned len;
} outside[] = {
	{ 0xff4, 16 }, { 0x0fc, 8 }, { 0x302, 8 },
	{ 0x300, 0 },  { 0x300, 3 }, { 0x100, 0x1004 },
};

START_TEST(link_inserts_nothing_outside_the_space)
{
	static const struct support_image image = { .step = {
							    EXT(0x100, 0x0003, 1, 0) } };

	support_record(&rec, &image);
	ck_assert_int_eq(capgap_link_insert(&edits, &rec.image, outside[_i].off,
					    outside[_i].len, 0x0023, 1),
			 -CAPGAP_E_INVAL);
	ck_assert_int_eq(edits.link, LINK(NONE));
	ck_assert_uint_eq(edits.n, 0);
}
END_TEST

START_TEST(links_have_names)
{
	ck_assert_ptr_null(capgap_link_name(LINK(NONE)));
	ck_assert_str_eq(capgap_link_name(LINK(INSERT)), "insert");
	ck_assert_str_eq(capgap_link_name(LINK(HEAD)), "head");
	ck_assert_str_eq(capgap_link_name(LINK(NULL_HEAD)), "null-head");
	ck_assert_str_eq(capgap_link_name(LINK(PRESENT)), "present");
}
END_TEST

Suite *link_suite(void)
{
	Suite *suite = suite_create("link");
	TCase *link = tcase_create("link");

	tcase_add_loop_test(link, link_inserts_behind_the_entry_before, 0, ROWS(inserts));
	tcase_add_loop_test(link, link_keeps_every_other_capability, 0, ROWS(inserts));
	tcase_add_loop_test(link, link_makes_a_head_where_there_is_none, 0, ROWS(heads));
	tcase_add_loop_test(link, link_makes_no_edit_where_it_cannot, 0, ROWS(refused));
	tcase_add_test(link, link_reads_the_list_up_to_its_place_only);
	tcase_add_loop_test(link, link_changes_nothing_but_entries, 0, ROWS(dead_ends));
	tcase_add_test(link, link_ends_on_a_loop);
	tcase_add_test(link, link_fills_the_slot_that_vfio_hides);
	tcase_add_test(link, link_inserts_other_capabilities);
	tcase_add_loop_test(link, link_inserts_nothing_outside_the_space, 0,
			    ROWS(outside));
	tcase_add_test(link, links_have_names);
	suite_add_tcase(suite, link);
	return suite;
}
