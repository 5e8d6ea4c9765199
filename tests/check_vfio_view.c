/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A dump from the VFIO side, joined to the host's. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../analyzer/bytes.h"
#include "../placement/places.h"
#include "../placement/view.h"
#include "../report/image_write.h"
#include "suites.h"
#include "support.h"

#define AT "0000:01:00.0"
/* The free-space descriptors that are recognised: a made-up vendor's. */
#define DVSEC_VENDOR 0x7e57u
#define DVSEC_ID 0x0042u
#define FREE_GAP(off, len, next)                                                         \
	EXT(off, 0x0023, 1, next),                                                       \
		PUT32((off) + 4, DVSEC_VENDOR | 1u << 16 | (uint32_t)(len) << 20),       \
		PUT32((off) + 8, DVSEC_ID | 0xf501u << 16)
#define FREE_TABLE(off, next, entry)                                                     \
	EXT(off, 0x0023, 1, next),                                                       \
		PUT32((off) + 4, DVSEC_VENDOR | 1u << 16 | 16u << 20),                   \
		PUT32((off) + 8, DVSEC_ID | 0xf502u << 16), PUT32((off) + 12, entry)

static struct capgap_record rec;
static struct capgap_function fn;
static struct capgap_view view;
static struct capgap_plan plan;
static struct capgap_places places;
static struct capgap_vfio_dumps *dumps;
static struct capgap_quirks *quirks;
static unsigned n_troubles;

static void set_up(void)
{
	quirks = capgap_quirks_new();
	dumps = capgap_vfio_dumps_new();
	ck_assert_ptr_nonnull(quirks);
	ck_assert_ptr_nonnull(dumps);
	ck_assert_int_eq(capgap_quirks_add_descriptor(quirks, DVSEC_VENDOR, DVSEC_ID,
						      CAPGAP_FORM_CONTROL),
			 0);
}

static void tear_down(void)
{
	capgap_quirks_free(quirks);
	capgap_vfio_dumps_free(dumps);
}

static void on_trouble(void *ctx, const char *name, const struct capgap_err *err)
{
	ck_assert_ptr_eq(ctx, &n_troubles);
	ck_assert_uint_gt(strlen(name), 0);
	ck_assert_uint_gt(strlen(err->text), 0);
	n_troubles++;
}

/* Read what was written to @file, whose name is @path; both are gone then. */
static int read_dump(FILE *file, const char *path)
{
	int rc;

	ck_assert_int_eq(fclose(file), 0);
	n_troubles = 0;
	rc = capgap_vfio_dumps_read(dumps, path, on_trouble, &n_troubles);
	ck_assert_int_eq(unlink(path), 0);
	return rc;
}

/* A dump of one function; without @at a binary image, which has no address. */
static void dump_one(const struct support_image *image, const char *at)
{
	char path[] = "/tmp/check_vfio_view.XXXXXX";
	FILE *file = fdopen(mkstemp(path), "w");

	ck_assert_ptr_nonnull(file);
	support_record(&rec, image);
	if (!at) {
		fwrite(rec.image.data, 1, rec.image.size, file);
	} else {
		support_at(&rec, at);
		capgap_function_analyse(&fn, &rec, NULL,
					&(struct capgap_options){ .min_gap = 12 });
		ck_assert_int_eq(capgap_image_write(file, &rec.image, CAPGAP_IMAGE_LSPCI,
						    &fn, NULL),
				 0);
	}
	ck_assert_int_eq(read_dump(file, path), 0);
	ck_assert_uint_eq(n_troubles, 0);
}

static void analyse_host(const struct support_image *image, const char *at)
{
	const struct capgap_options opt = { .min_gap = CAPGAP_MIN_GAP,
					    .quirks = quirks,
					    .vfio = dumps };

	support_record(&rec, image);
	if (at)
		support_at(&rec, at);
	capgap_function_analyse(&fn, &rec, NULL, &opt);
}

/* Analyse @host with the dump @vfio beside it, at one address. */
static void join(const struct support_image *host, const struct support_image *vfio)
{
	dump_one(vfio, AT);
	analyse_host(host, AT);
	ck_assert(fn.has_vfio_image);
}

static void make_plan(enum capgap_grade require, unsigned offset)
{
	const struct capgap_policy policy = { .require = require,
					      .min_gap = CAPGAP_MIN_GAP,
					      .has_offset = offset != 0,
					      .offset = (uint16_t)offset,
					      .vmm = CAPGAP_VMM_GENERIC };
	struct capgap_pasid pasid;

	capgap_query_config(&pasid, &fn);
	capgap_plan_make(&plan, &fn, &pasid, &policy);
}

static const struct support_image plain = { .step = { EXT(0x100, 0x0003, 1, 0) } };

static const struct {
	const char *name;
	const char *dump_at; /* NULL: a binary image */
	const char *join_at; /* given to a dump that says none; "" joins a lone one */
	const char *host_at;
	bool joined;
} matches[] = {
	{ "the same address", AT, NULL, AT, true },
	{ "another function", "0000:01:00.1", NULL, AT, false },
	{ "another bus", "0000:02:00.0", NULL, AT, false },
	{ "another domain", "0001:01:00.0", NULL, AT, false },
	{ "a dump without an address is not anybody's", NULL, NULL, AT, false },
	{ "nor a host's function without one", AT, NULL, NULL, false },
	{ "the only ones of both sides, neither with an address", NULL, "", NULL, true },
	{ "the only ones, and the dump has an address", AT, "", NULL, true },
	{ "the only ones, and the host has an address", NULL, "", AT, false },
	{ "an address that was chosen", NULL, AT, AT, true },
	{ "an address that was chosen, of another", NULL, "0000:01:00.1", AT, false },
};

START_TEST(dump_is_joined_by_address)
{
	struct capgap_bdf bdf;

	dump_one(&plain, matches[_i].dump_at);
	if (matches[_i].join_at && !matches[_i].join_at[0]) {
		ck_assert(capgap_vfio_dumps_join(dumps, NULL));
	} else if (matches[_i].join_at) {
		bdf = support_bdf(matches[_i].join_at);
		ck_assert(capgap_vfio_dumps_join(dumps, &bdf));
		ck_assert(!capgap_vfio_dumps_join(dumps, &bdf));
	}
	analyse_host(&plain, matches[_i].host_at);
	ck_assert_msg(fn.has_vfio_image == matches[_i].joined, "%s", matches[_i].name);
	ck_assert_uint_eq(fn.findings.n, 0);
}
END_TEST

/* Rows of 64 bytes at one address after the other, each address @times. */
static int read_many(unsigned n, unsigned times)
{
	char path[] = "/tmp/check_vfio_view.XXXXXX";
	FILE *file = fdopen(mkstemp(path), "w");

	ck_assert_ptr_nonnull(file);
	for (unsigned i = 0; i < n * times; i++) {
		fprintf(file, "%02x:%02x.%x x\n", i / times >> 8, i / times >> 3 & 0x1f,
			i / times & 7);
		fputs("00: 34 12 ce fa 00 00 00 00 00 00 00 00 00 00 00 00\n\n", file);
	}
	return read_dump(file, path);
}

START_TEST(dump_is_kept_up_to_a_bound)
{
	unsigned n = 0;

	ck_assert_int_eq(read_many(CAPGAP_VFIO_DUMPS_MAX, 1), 0);
	while (capgap_vfio_dumps_row(dumps, n))
		n++;
	ck_assert_uint_eq(n, CAPGAP_VFIO_DUMPS_MAX);
	ck_assert_uint_eq(capgap_vfio_dumps_row(dumps, 9)->bdf.dev, 1);
	ck_assert(!capgap_vfio_dumps_join(dumps, NULL));
	capgap_vfio_dumps_free(dumps);
	dumps = capgap_vfio_dumps_new();
	ck_assert_int_eq(read_many(CAPGAP_VFIO_DUMPS_MAX + 2, 1), -CAPGAP_E_DAMAGED);
	ck_assert_uint_eq(n_troubles, 1);
}
END_TEST

START_TEST(dump_of_an_address_that_comes_again_is_not_joined)
{
	struct capgap_meta meta = { .flags = CAPGAP_META_BDF };

	ck_assert_int_eq(read_many(2, 3), -CAPGAP_E_DAMAGED);
	ck_assert_uint_eq(n_troubles, 2);
	ck_assert(capgap_vfio_dumps_row(dumps, 0)->ambiguous);
	ck_assert_ptr_null(capgap_vfio_dumps_find(dumps, &meta));
}
END_TEST

START_TEST(dump_that_is_not_there_is_trouble)
{
	ck_assert_int_eq(capgap_vfio_dumps_read(dumps, "/nonexistent", on_trouble,
						&n_troubles),
			 -CAPGAP_E_DAMAGED);
	ck_assert_uint_eq(n_troubles, 1);
	ck_assert_ptr_null(capgap_vfio_dumps_row(dumps, 0));
	ck_assert(!capgap_vfio_dumps_join(dumps, NULL));
	ck_assert_ptr_null(capgap_vfio_dumps_find(dumps, &rec.meta));
	ck_assert_ptr_null(capgap_vfio_dumps_find(NULL, &rec.meta));
}
END_TEST

/* Only what was taken on the host has another side. */
START_TEST(dump_is_joined_to_a_hosts_image_only)
{
	struct capgap_options opt = { .vantage = CAPGAP_VANTAGE_VFIO, .min_gap = 12 };

	dump_one(&plain, AT);
	support_record(&rec, &plain);
	support_at(&rec, AT);
	opt.vfio = dumps;
	capgap_function_analyse(&fn, &rec, NULL, &opt);
	ck_assert(!fn.has_vfio_image);
}
END_TEST

/**
 * struct doubt - a dump that does not fit, or not wholly
 * @name: for messages
 * @host: the host's image
 * @vfio: the dump
 * @joined: it is used all the same
 * @hit: what is found
 */
struct doubt {
	const char *name;
	struct support_image host;
	struct support_image vfio;
	bool joined;
	struct capgap_hit hit;
};

static const struct doubt doubts[] = {
	{ "other ids",
	  { .step = { EXT(0x100, 0x0003, 1, 0) } },
	  { .step = { PUT32(0x00, 0x10ca8086), EXT(0x100, 0x0003, 1, 0) } },
	  false,
	  HIT(VFIO_OTHER, 0x00, 4, 0x8086, 0x10ca) },
	{ "another capability at the same place",
	  { .step = { EXT(0x100, 0x0003, 1, 0x200), EXT(0x200, 0x000f, 1, 0) } },
	  { .step = { EXT(0x100, 0x0003, 1, 0x200), EXT(0x200, 0x0018, 1, 0) } },
	  true,
	  HIT(VFIO_CONFLICT, 0x200, 4, 0x0018, 0x000f) },
	{ "another one at the same place in PCI-compatible space",
	  { .step = { PUT8(0x41, 0x80), CONV(0x80, 0x01, 0), EXT(0x100, 0x0003, 1, 0) } },
	  { .step = { PUT8(0x41, 0x80), CONV(0x80, 0x05, 0), EXT(0x100, 0x0003, 1, 0) } },
	  true,
	  HIT(VFIO_CONFLICT, 0x80, 4, 0x05, 0x01) },
	{ "no extended space",
	  { .step = { EXT(0x100, 0x0003, 1, 0) } },
	  { .size = 0x100, .step = { EXT(0x100, 0x0003, 1, 0) } },
	  true,
	  HIT(VFIO_DAMAGED, 0, 0, 0x100, 0) },
	{ "a part of extended space",
	  { .step = { EXT(0x100, 0x0003, 1, 0) } },
	  { .size = 0x800, .step = { EXT(0x100, 0x0003, 1, 0) } },
	  true,
	  HIT(VFIO_DAMAGED, 0, 0, 0x800, 0) },
	{ "a list that comes back",
	  { .step = { EXT(0x100, 0x0003, 1, 0x200), EXT(0x200, 0x000f, 1, 0) } },
	  { .step = { EXT(0x100, 0x0003, 1, 0x200), EXT(0x200, 0x000f, 1, 0x100) } },
	  true,
	  HIT(VFIO_DAMAGED, 0, 0, 0x1000, 0) },
	{ "a list that comes back in PCI-compatible space",
	  { .step = { EXT(0x100, 0x0003, 1, 0) } },
	  { .step = { PUT8(0x41, 0x40), EXT(0x100, 0x0003, 1, 0) } },
	  true,
	  HIT(VFIO_DAMAGED, 0, 0, 0x1000, 0) },
	{ "a header of ones",
	  { .step = { EXT(0x100, 0x0003, 1, 0) } },
	  { .step = { EXT(0x100, 0x0003, 1, 0x200), FILL(0x200, 4, 0xff) } },
	  true,
	  HIT(VFIO_DAMAGED, 0, 0, 0x1000, 0) },
	{ "a pointer below 0x100",
	  { .step = { EXT(0x100, 0x0003, 1, 0) } },
	  { .step = { EXT(0x100, 0x0003, 1, 0x080) } },
	  true,
	  HIT(VFIO_DAMAGED, 0, 0, 0x1000, 0) },
	{ "no PCI Express capability",
	  { .step = { EXT(0x100, 0x0003, 1, 0) } },
	  { .base = BASE_CONVENTIONAL, .step = { EXT(0x100, 0x0003, 1, 0) } },
	  true,
	  HIT(VFIO_DAMAGED, 0, 0, 0x1000, 0) },
};

START_TEST(dump_that_does_not_fit_caps_the_grade)
{
	const struct doubt *row = &doubts[_i];

	dump_one(&row->vfio, AT);
	analyse_host(&row->host, AT);
	ck_assert_msg(fn.has_vfio_image == row->joined, "%s", row->name);
	support_has_hits(row->name, &fn.findings, &row->hit, 1);
	capgap_places_judge(&places, &fn, CAPGAP_MIN_GAP, false);
	ck_assert_int_eq(capgap_places_at(&places, 0x600)->reason, CAPGAP_REASON_VIEW);
	ck_assert_int_eq(capgap_places_at(&places, 0x600)->grade, CAPGAP_GRADE_ASSUMED);
	make_plan(CAPGAP_GRADE_OBSERVED, 0);
	ck_assert(!plan.found);
}
END_TEST

/* What the kernel does is no doubt: hidden ones, null headers, an empty list. */
static const struct {
	struct support_image host;
	struct support_image vfio;
} sound[] = {
	{ { .step = { EXT(0x100, 0x0003, 1, 0x200), PASID(0x200, 0x300, 1),
		      EXT(0x300, 0x000f, 1, 0) } },
	  { .step = { EXT(0x100, 0x0003, 1, 0x300), PASID(0x200, 0x300, 1),
		      EXT(0x300, 0x000f, 1, 0) } } },
	{ { .step = { PASID(0x100, 0x200, 1), EXT(0x200, 0x0003, 1, 0) } },
	  { .step = { EXT(0x100, 0, 0, 0x200), EXT(0x200, 0x0003, 1, 0) } } },
	{ { .step = { PASID(0x100, 0, 1) } }, { .step = { PUT32(0x104, 0x11404) } } },
	{ { .step = { EXT(0x100, 0x0003, 1, 0x200) } },
	  { .step = { EXT(0x100, 0x0003, 1, 0x200) } } },
};

START_TEST(dump_of_a_plain_kernel_is_sound)
{
	join(&sound[_i].host, &sound[_i].vfio);
	ck_assert(!capgap_findings_has(&fn.findings, CAPGAP_F_VFIO_CONFLICT));
	ck_assert(!capgap_findings_has(&fn.findings, CAPGAP_F_VFIO_DAMAGED));
	capgap_places_judge(&places, &fn, CAPGAP_MIN_GAP, false);
	ck_assert_int_ne(capgap_places_at(&places, 0x600)->reason, CAPGAP_REASON_VIEW);
	for (unsigned off = 0; off < CAPGAP_SPACE_MAX; off++)
		ck_assert_int_ne(fn.map.verdict[off], CAPGAP_OWNER_VFIO);
}
END_TEST

/* A driver that adds capabilities: 0x200 is only there, and so is the head at 0x100. */
static const struct support_image driver = {
	.step = { EXT(0x100, 0x000b, 1, 0x200), VENDOR_LENGTH(0x100, 0x10),
		  EXT(0x200, 0x0018, 1, 0x300), EXT(0x300, 0x003b, 1, 0x380),
		  EXT(0x380, 0x000f, 1, 0) }
};
static const struct support_image driven = { .step = { EXT(0x100, 0, 0, 0x380),
						       EXT(0x380, 0x000f, 1, 0) } };

START_TEST(structures_of_the_other_side_own_their_bytes)
{
	static const struct {
		uint16_t off;
		enum capgap_owner owner;
	} want[] = {
		{ 0x100, CAPGAP_OWNER_CAP },	{ 0x104, CAPGAP_OWNER_VFIO },
		{ 0x10f, CAPGAP_OWNER_VFIO },	{ 0x110, CAPGAP_OWNER_FREE },
		{ 0x200, CAPGAP_OWNER_VFIO },	{ 0x207, CAPGAP_OWNER_VFIO },
		{ 0x208, CAPGAP_OWNER_FREE },	{ 0x300, CAPGAP_OWNER_VFIO },
		{ 0x303, CAPGAP_OWNER_VFIO },	{ 0x304, CAPGAP_OWNER_SHADOW },
		{ 0x37f, CAPGAP_OWNER_SHADOW }, { 0x380, CAPGAP_OWNER_CAP },
		{ 0x388, CAPGAP_OWNER_FREE },
	};

	join(&driven, &driver);
	for (int i = 0; i < ROWS(want); i++)
		ck_assert_msg(fn.map.verdict[want[i].off] == want[i].owner,
			      "0x%03x is %s", want[i].off,
			      capgap_owner_name(fn.map.verdict[want[i].off]));
	capgap_places_judge(&places, &fn, CAPGAP_MIN_GAP, false);
	ck_assert_int_eq(capgap_places_at(&places, 0x200)->reason, CAPGAP_REASON_VFIO);
	ck_assert_int_eq(capgap_places_at(&places, 0x200)->grade, CAPGAP_GRADE_NONE);
	ck_assert_int_eq(capgap_places_at(&places, 0x304)->reason, CAPGAP_REASON_SHADOW);
	make_plan(CAPGAP_GRADE_OBSERVED, 0x200);
	ck_assert(!plan.found);
	ck_assert_uint_eq(plan.n_objections, 1);
	ck_assert_ptr_nonnull(strstr(plan.refusal, "only the VFIO side links"));
}
END_TEST

/**
 * struct used - bytes that the dump shows to be in use, or not
 * @name: for messages
 * @host: the host's image
 * @vfio: the dump
 * @off: a dword
 * @reason: what is said of it
 */
struct used {
	const char *name;
	struct support_image host;
	struct support_image vfio;
	uint16_t off;
	enum capgap_reason reason;
};

#define SERIAL(...)                                                                      \
	{                                                                                \
		.step = { EXT(0x100, 0x0003, 1, 0), __VA_ARGS__ }                        \
	}
#define LISTED_TO(next, ...)                                                             \
	{                                                                                \
		.step = { EXT(0x100, 0x0003, 1, next), __VA_ARGS__ }                     \
	}
#define VENDOR(len, ...)                                                                 \
	{                                                                                \
		.step = {                                                                \
			EXT(0x100, 0x000b, 1, 0),                                        \
			VENDOR_LENGTH(0x100, len),                                       \
			__VA_ARGS__                                                      \
		}                                                                        \
	}

static const struct used used[] = {
	{ "not zero in the dump only", SERIAL(PUT8(0, 0xb3)), SERIAL(PUT8(0x409, 5)),
	  0x408, CAPGAP_REASON_CHANGING },
	{ "before it", SERIAL(PUT8(0, 0xb3)), SERIAL(PUT8(0x409, 5)), 0x404,
	  CAPGAP_REASON_LIVE },
	{ "not zero on the host only", SERIAL(PUT8(0x408, 5)), SERIAL(PUT8(0, 0xb3)),
	  0x408, CAPGAP_REASON_CHANGING },
	{ "the same on both sides", SERIAL(PUT8(0x408, 5)), SERIAL(PUT8(0x408, 5)), 0x408,
	  CAPGAP_REASON_NONZERO },
	{ "in a structure of both", SERIAL(PUT8(0x105, 5)), SERIAL(PUT8(0x105, 6)), 0x104,
	  CAPGAP_REASON_OWNED },
	{ "in one of the dump", SERIAL(PUT8(0, 0xb3)),
	  LISTED_TO(0x408, EXT(0x408, 0x0018, 1, 0), PUT8(0x40c, 5)), 0x40c,
	  CAPGAP_REASON_VFIO },
	{ "declared free by the dump", SERIAL(PUT8(0x360, 5)),
	  LISTED_TO(0x300, FREE_GAP(0x300, 0x100, 0)), 0x360, CAPGAP_REASON_DECLARED },
	{ "the dump's list ends in it", SERIAL(PUT8(0, 0xb3)),
	  LISTED_TO(0x408, PUT8(0, 0xb3)), 0x408, CAPGAP_REASON_VFIO },
	{ "behind it", SERIAL(PUT8(0, 0xb3)), LISTED_TO(0x408, PUT8(0, 0xb3)), 0x40c,
	  CAPGAP_REASON_SHADOW },
	{ "both lists end in it", LISTED_TO(0x408, PUT8(0, 0xb3)),
	  LISTED_TO(0x408, PUT8(0, 0xb3)), 0x408, CAPGAP_REASON_OWNED },
	{ "on a structure that only the host links", LISTED_TO(0x408, PASID(0x408, 0, 1)),
	  LISTED_TO(0x408, PUT8(0, 0xb3)), 0x408, CAPGAP_REASON_OWNED },
	{ "longer in the dump", VENDOR(0x10, PUT8(0, 0xb3)), VENDOR(0x40, PUT8(0, 0xb3)),
	  0x13c, CAPGAP_REASON_VFIO },
	{ "and no longer than that", VENDOR(0x10, PUT8(0, 0xb3)),
	  VENDOR(0x40, PUT8(0, 0xb3)), 0x140, CAPGAP_REASON_OBSERVED },
	{ "the part that both have", VENDOR(0x10, PUT8(0, 0xb3)),
	  VENDOR(0x40, PUT8(0, 0xb3)), 0x10c, CAPGAP_REASON_OWNED },
	{ "shorter in the dump", VENDOR(0x40, PUT8(0, 0xb3)), VENDOR(0x10, PUT8(0, 0xb3)),
	  0x13c, CAPGAP_REASON_OWNED },
};

START_TEST(bytes_that_the_dump_shows_in_use_are_not_free)
{
	const struct used *row = &used[_i];
	const struct capgap_place *place;

	join(&row->host, &row->vfio);
	capgap_places_judge(&places, &fn, CAPGAP_MIN_GAP, false);
	place = capgap_places_at(&places, row->off);
	ck_assert_msg(place->reason == row->reason, "%s: 0x%03x is %d (%s)", row->name,
		      row->off, place->reason,
		      capgap_owner_name(fn.map.verdict[row->off]));
}
END_TEST

/* One of unknown length reaches to the next one of either side. */
START_TEST(structure_of_unknown_length_ends_at_the_next)
{
	static const struct support_image vfio = { .step = { EXT(0x100, 0x003b, 1, 0x140),
							     EXT(0x140, 0x0018, 1, 0x380),
							     EXT(0x380, 0x000f, 1, 0) } };

	join(&driven, &vfio);
	ck_assert_int_eq(fn.map.verdict[0x13f], CAPGAP_OWNER_SHADOW);
	ck_assert_int_eq(fn.map.verdict[0x140], CAPGAP_OWNER_VFIO);
	ck_assert_int_eq(fn.map.verdict[0x148], CAPGAP_OWNER_FREE);
}
END_TEST

/* What the quirk table keeps from being used is not used on this side either. */
START_TEST(dump_keeps_within_the_limit_of_a_quirk)
{
	char path[] = "/tmp/check_vfio_view.XXXXXX";
	FILE *file = fdopen(mkstemp(path), "w");

	ck_assert_ptr_nonnull(file);
	fputs("<quirks xmlns='urn:capgap:quirks:1'><quirk id='q' source='s'>"
	      "<match vendor='*'/><limit offset='0x300'/></quirk></quirks>",
	      file);
	ck_assert_int_eq(fclose(file), 0);
	ck_assert_int_eq(capgap_quirks_load_file(quirks, path, "quirks.d/quirks.rng",
						 NULL),
			 1);
	unlink(path);
	join(&driven, &driver);
	ck_assert(capgap_image_has(&fn.vfio_image, 0x2ff, 1));
	ck_assert(!capgap_image_has(&fn.vfio_image, 0x300, 1));
	ck_assert_uint_eq(fn.vfio_image.size, CAPGAP_SPACE_MAX);
	ck_assert(capgap_findings_has(&fn.findings, CAPGAP_F_VFIO_DAMAGED));
}
END_TEST

/* What a caller asks for is linked in the list that the VMM reads. */
START_TEST(edits_are_made_on_the_dump)
{
	join(&driven, &driver);
	make_plan(CAPGAP_GRADE_ASSUMED, 0x280);
	ck_assert(plan.found);
	ck_assert_uint_eq(plan.edits.n, 3);
	ck_assert_uint_eq(plan.edits.edit[0].off, 0x200);
	ck_assert_uint_eq(plan.edits.edit[0].before, 0x30010018);
	ck_assert_uint_eq(plan.edits.edit[0].after, 0x28010018);
	ck_assert_uint_eq(plan.edits.edit[1].after >> 20, 0x300);
}
END_TEST

/* A slot that the other side has given away is none. */
START_TEST(slot_under_a_structure_of_the_other_side_is_none)
{
	static const struct support_image host = { .step = { EXT(0x100, 0x0003, 1, 0x200),
							     PASID(0x200, 0, 1) } };
	static const struct support_image vfio = { .step = { EXT(0x100, 0x0003, 1, 0x204),
							     EXT(0x204, 0x0018, 1, 0) } };

	join(&host, &vfio);
	capgap_places_judge(&places, &fn, CAPGAP_MIN_GAP, false);
	ck_assert_int_eq(capgap_places_at(&places, 0x200)->grade, CAPGAP_GRADE_NONE);
	ck_assert_int_eq(capgap_places_at(&places, 0x204)->grade, CAPGAP_GRADE_NONE);
}
END_TEST

/**
 * struct declared - a driver's free-space descriptor, and what comes of it
 * @name: for messages
 * @host: the host's image
 * @vfio: the dump
 * @at: where the capability goes
 * @link: how
 * @edit: an edit beside those of the capability itself
 */
struct declared {
	const char *name;
	struct support_image host;
	struct support_image vfio;
	uint16_t at;
	enum capgap_link link;
	struct capgap_edit edit;
};

#define HOST_LIST EXT(0x100, 0x0003, 1, 0x200), PASID(0x200, 0, 1)

static const struct declared declared[] = {
	{ "a gap is carved",
	  { .step = { EXT(0x100, 0x0003, 1, 0), PUT8(0x360, 0x5a) } },
	  { .step = { EXT(0x100, 0x0003, 1, 0x300), FREE_GAP(0x300, 0x100, 0) } },
	  0x3f8,
	  CAPGAP_LINK_CARVE,
	  { 0x304, 0x10017e57, 0x0f817e57 } },
	{ "a short gap is replaced",
	  { .step = { EXT(0x100, 0x0003, 1, 0) } },
	  { .step = { EXT(0x100, 0x0003, 1, 0x300), FREE_GAP(0x300, 12, 0) } },
	  0x300,
	  CAPGAP_LINK_REPLACE,
	  { 0x300, 0x00010023, 0x0001001b } },
	{ "a table is trimmed",
	  { .step = { EXT(0x100, 0x0003, 1, 0) } },
	  { .step = { EXT(0x100, 0x0003, 1, 0x300), FREE_TABLE(0x300, 0, 0x00400800u) } },
	  0x838,
	  CAPGAP_LINK_TRIM,
	  { 0x30c, 0x00400800, 0x00380800 } },
};

static void check_edit(const struct declared *row)
{
	for (unsigned i = 0; i < plan.edits.n; i++) {
		if (plan.edits.edit[i].off != row->edit.off)
			continue;
		ck_assert_msg(plan.edits.edit[i].before == row->edit.before &&
				      plan.edits.edit[i].after == row->edit.after,
			      "%s: 0x%03x: %08x -> %08x", row->name, row->edit.off,
			      plan.edits.edit[i].before, plan.edits.edit[i].after);
		return;
	}
	ck_abort_msg("%s: no edit at 0x%03x", row->name, row->edit.off);
}

START_TEST(descriptors_of_the_other_side_are_used)
{
	const struct declared *row = &declared[_i];
	uint32_t before;

	join(&row->host, &row->vfio);
	ck_assert_uint_eq(fn.free_space.n_descriptors, 1);
	ck_assert(fn.free_space.descriptor[0].valid);
	make_plan(CAPGAP_GRADE_DECLARED, 0);
	ck_assert_msg(plan.found, "%s: %s", row->name, plan.refusal);
	ck_assert_uint_eq(plan.offset, row->at);
	ck_assert_int_eq(plan.grade, CAPGAP_GRADE_DECLARED);
	ck_assert_int_eq(plan.edits.link, row->link);
	check_edit(row);
	for (unsigned i = 0; i < plan.edits.n; i++) {
		ck_assert(capgap_get32(&fn.vfio_image, plan.edits.edit[i].off, &before));
		ck_assert_uint_eq(plan.edits.edit[i].before, before);
	}
}
END_TEST

/**
 * struct refused - a driver's descriptor that the host's bytes speak against
 * @name: for messages
 * @host: the host's image
 * @vfio: the dump
 * @hit: what is found
 * @usable: ranges that can be used, the host's own
 */
struct refused {
	const char *name;
	struct support_image host;
	struct support_image vfio;
	struct capgap_hit hit;
	unsigned usable;
};

static const struct refused refused[] = {
	{ "over the hidden slot",
	  { .step = { HOST_LIST } },
	  { .step = { EXT(0x100, 0x0003, 1, 0x180), FREE_GAP(0x180, 0x100, 0) } },
	  HIT(DESCRIPTOR_OVER_STRUCTURE, 0x18c, 0xf4, 0x180, 0x200),
	  0 },
	{ "a table over it",
	  { .step = { HOST_LIST } },
	  { .step = { EXT(0x100, 0x0003, 1, 0x300), FREE_TABLE(0x300, 0, 0x00100204u) } },
	  HIT(DESCRIPTOR_OVER_STRUCTURE, 0x204, 0x10, 0x30c, 0x204),
	  0 },
	{ "over another that only the other side has",
	  { .step = { EXT(0x100, 0x0003, 1, 0) } },
	  { .step = { EXT(0x100, 0x0003, 1, 0x300), FREE_GAP(0x300, 0x100, 0x380),
		      EXT(0x380, 0x0018, 1, 0) } },
	  HIT(DESCRIPTOR_OVER_STRUCTURE, 0x30c, 0xf4, 0x300, 0x380),
	  0 },
	{ "laid over a structure of the host's",
	  { .step = { HOST_LIST } },
	  { .step = { EXT(0x100, 0x0003, 1, 0x1f8), FREE_GAP(0x1f8, 0x100, 0) } },
	  HIT(DESCRIPTOR_OVERLAID, 0x1f8, 12, 0x200, 0),
	  0 },
	{ "laid over another that only the other side has",
	  { .step = { EXT(0x100, 0x0003, 1, 0) } },
	  { .step = { EXT(0x100, 0x0003, 1, 0x300), FREE_GAP(0x300, 0x100, 0x2fc),
		      EXT(0x2fc, 0x0018, 1, 0) } },
	  HIT(DESCRIPTOR_OVERLAID, 0x300, 12, 0x300, 0),
	  0 },
	{ "over a range of the host's own",
	  { .step = { EXT(0x100, 0x0003, 1, 0x300), FREE_GAP(0x300, 0x100, 0) } },
	  { .step = { EXT(0x100, 0x0003, 1, 0x300), FREE_GAP(0x300, 0x100, 0x500),
		      FREE_TABLE(0x500, 0, 0x00100380u) } },
	  HIT(DESCRIPTOR_OVER_RANGE, 0x380, 0x10, 0x50c, 0x30c),
	  1 },
};

START_TEST(descriptors_of_the_other_side_are_checked)
{
	const struct refused *row = &refused[_i];
	const struct capgap_free_space *fs = &fn.free_space;
	unsigned usable = 0;

	join(&row->host, &row->vfio);
	support_has_hits(row->name, &fn.findings, &row->hit, 1);
	for (unsigned i = 0; i < fs->n_ranges; i++)
		usable += fs->range[i].usable;
	ck_assert_msg(usable == row->usable, "%s: %u usable", row->name, usable);
	make_plan(CAPGAP_GRADE_DECLARED, 0x210);
	ck_assert(!plan.found || plan.grade < CAPGAP_GRADE_DECLARED);
}
END_TEST

/* One that nobody lists is told, and its bytes are its own. */
START_TEST(descriptor_that_is_not_listed_is_a_structure)
{
	capgap_quirks_free(quirks);
	quirks = capgap_quirks_new();
	join(&declared[0].host, &declared[0].vfio);
	ck_assert(capgap_findings_has(&fn.findings, CAPGAP_F_DESCRIPTOR_NOT_LISTED));
	ck_assert_uint_eq(fn.free_space.n_descriptors, 0);
	ck_assert_int_eq(fn.map.verdict[0x3f8], CAPGAP_OWNER_VFIO);
}
END_TEST

START_TEST(view_is_the_dump)
{
	join(&sound[0].host, &sound[0].vfio);
	capgap_view_derive(&view, &fn, CAPGAP_KERNEL_OLD);
	ck_assert_int_eq(view.origin, CAPGAP_VIEW_DUMP);
	ck_assert_int_eq(memcmp(view.image.data, fn.vfio_image.data, CAPGAP_SPACE_MAX),
			 0);
	ck_assert(!view.hidden);
	ck_assert_uint_eq(view.n_caps, 1);
	ck_assert_uint_eq(view.cap[0].off, 0x200);
	ck_assert_int_eq(view.cap[0].how, CAPGAP_HIDING_UNLINKED);
}
END_TEST

START_TEST(view_of_a_dump_says_how_its_head_is_hidden)
{
	join(&sound[1].host, &sound[1].vfio);
	capgap_view_derive(&view, &fn, CAPGAP_KERNEL_6_4);
	ck_assert_uint_eq(view.n_caps, 1);
	ck_assert_int_eq(view.cap[0].how, CAPGAP_HIDING_NULL_HEADER);
	tear_down();
	set_up();
	join(&sound[2].host, &sound[2].vfio);
	capgap_view_derive(&view, &fn, CAPGAP_KERNEL_6_4);
	ck_assert(view.hidden);
	ck_assert_uint_eq(view.n_caps, 1);
	ck_assert_int_eq(view.cap[0].how, CAPGAP_HIDING_ZERO);
}
END_TEST

Suite *vfio_view_suite(void)
{
	Suite *suite = suite_create("vfio_view");
	TCase *joined = tcase_create("joined");
	TCase *counted = tcase_create("counted");

	tcase_add_checked_fixture(joined, set_up, tear_down);
	tcase_add_loop_test(joined, dump_is_joined_by_address, 0, ROWS(matches));
	tcase_add_test(joined, dump_is_kept_up_to_a_bound);
	tcase_add_test(joined, dump_of_an_address_that_comes_again_is_not_joined);
	tcase_add_test(joined, dump_that_is_not_there_is_trouble);
	tcase_add_test(joined, dump_is_joined_to_a_hosts_image_only);
	tcase_add_loop_test(joined, dump_that_does_not_fit_caps_the_grade, 0,
			    ROWS(doubts));
	tcase_add_loop_test(joined, dump_of_a_plain_kernel_is_sound, 0, ROWS(sound));
	suite_add_tcase(suite, joined);
	tcase_add_checked_fixture(counted, set_up, tear_down);
	tcase_add_test(counted, structures_of_the_other_side_own_their_bytes);
	tcase_add_loop_test(counted, bytes_that_the_dump_shows_in_use_are_not_free, 0,
			    ROWS(used));
	tcase_add_test(counted, structure_of_unknown_length_ends_at_the_next);
	tcase_add_test(counted, dump_keeps_within_the_limit_of_a_quirk);
	tcase_add_test(counted, edits_are_made_on_the_dump);
	tcase_add_test(counted, slot_under_a_structure_of_the_other_side_is_none);
	tcase_add_loop_test(counted, descriptors_of_the_other_side_are_used, 0,
			    ROWS(declared));
	tcase_add_loop_test(counted, descriptors_of_the_other_side_are_checked, 0,
			    ROWS(refused));
	tcase_add_test(counted, descriptor_that_is_not_listed_is_a_structure);
	tcase_add_test(counted, view_is_the_dump);
	tcase_add_test(counted, view_of_a_dump_says_how_its_head_is_hidden);
	suite_add_tcase(suite, counted);
	return suite;
}
