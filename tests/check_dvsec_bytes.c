/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Free-space descriptors: what is written is read, and the document's examples are what it says. */
#include <stdlib.h>
#include <string.h>

#include "check_dvsec.h"
#include "suites.h"

static uint32_t random32(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

/* A layout of extended space, side by side without a byte between two pieces. */
#define PIECES_MAX (CAPGAP_SPACE_MAX / 8u)

enum piece_kind { HOLE, STRUCTURE, GAP_FORM, TABLE_FORM };

struct piece {
	enum piece_kind kind;
	unsigned off;
	unsigned len;
};

static struct layout {
	uint32_t state;
	uint8_t data[CAPGAP_SPACE_MAX];
	unsigned n;
	struct piece piece[PIECES_MAX];
	unsigned n_linked;
	unsigned linked[PIECES_MAX];
	unsigned hole; /* the next piece that a table may list */
	unsigned n_descriptors;
	unsigned n_want;
	struct capgap_declared want[CAPGAP_DECLARED_MAX];
} layout;

static unsigned pick(struct layout *l, unsigned n)
{
	return random32(&l->state) % n;
}

/* The pieces in ascending order; the first is linked, as the list begins there. */
static void cut_pieces(struct layout *l)
{
	struct piece *piece;

	for (unsigned off = CAPGAP_CONV_END; off < CAPGAP_SPACE_MAX; off += piece->len) {
		piece = &l->piece[l->n++];
		piece->off = off;
		piece->kind = (enum piece_kind)pick(l, 4);
		if (off == CAPGAP_CONV_END && piece->kind == HOLE)
			piece->kind = STRUCTURE;
		piece->len = piece->kind == STRUCTURE ? 8 : 12 + 4 * pick(l, 24);
		if (piece->len > CAPGAP_SPACE_MAX - off) {
			piece->kind = HOLE;
			piece->len = CAPGAP_SPACE_MAX - off;
		}
		if (piece->kind != HOLE)
			l->linked[l->n_linked++] = l->n - 1;
	}
}

/* Any order but for the first. */
static void shuffle(struct layout *l)
{
	unsigned other, kept;

	for (unsigned i = 1; i < l->n_linked; i++) {
		other = 1 + pick(l, i);
		kept = l->linked[i];
		l->linked[i] = l->linked[other];
		l->linked[other] = kept;
	}
}

static void want(struct layout *l, unsigned off, unsigned len, unsigned entry)
{
	l->want[l->n_want++] = (struct capgap_declared){ (uint16_t)off, (uint16_t)len,
							 (uint16_t)l->n_descriptors,
							 (uint16_t)entry, true };
}

/* Some part of the next hole that no table lists; false when there is none. */
static bool next_range(struct layout *l, struct capgap_range *range)
{
	const struct piece *piece;
	unsigned skip;

	while (l->hole < l->n && l->piece[l->hole].kind != HOLE)
		l->hole++;
	if (l->hole == l->n || l->piece[l->hole].len < 8)
		return false;
	piece = &l->piece[l->hole++];
	skip = 4 * pick(l, piece->len / 4 - 1);
	range->off = (uint16_t)(piece->off + skip);
	range->len = (uint16_t)(8 + 4 * pick(l, (piece->len - skip - 8) / 4 + 1));
	return true;
}

static void write_piece(struct layout *l, const struct piece *piece, unsigned next)
{
	struct capgap_range range[CAPGAP_SPACE_MAX / 4];
	uint32_t header = EXT_DWORD(CAPGAP_ECAP_LTR, 1, next);
	uint8_t *buf = l->data + piece->off;
	unsigned n = 0;

	if (piece->kind == STRUCTURE) {
		for (unsigned i = 0; i < 4; i++)
			buf[i] = (uint8_t)(header >> 8 * i);
		return;
	}
	if (piece->kind == GAP_FORM) {
		ck_assert_int_eq(capgap_dvsec_write_gap(buf, VENDOR, ID, piece->len,
							next),
				 12);
		want(l, piece->off + 12, piece->len - 12, 0);
	} else {
		while (n < (piece->len - 12) / 4 && next_range(l, &range[n])) {
			want(l, range[n].off, range[n].len, piece->off + 12 + 4 * n);
			n++;
		}
		ck_assert_int_eq(capgap_dvsec_write_table(buf, piece->len, VENDOR, ID,
							  range, n, next),
				 (int)(12 + 4 * n));
	}
	l->n_descriptors++;
}

static void make_layout(struct layout *l, unsigned seed)
{
	memset(l, 0, sizeof(*l));
	l->state = 0x9e3779b9u * (seed + 1);
	cut_pieces(l);
	if (seed % 2)
		shuffle(l);
	for (unsigned i = 0; i < l->n_linked; i++)
		write_piece(l, &l->piece[l->linked[i]],
			    i + 1 < l->n_linked ? l->piece[l->linked[i + 1]].off : 0);
}

/* An endpoint with the layout as its extended space. */
static void put_layout(const struct layout *l, struct capgap_image *img)
{
	static const struct support_image endpoint = { .base = BASE_ENDPOINT };
	struct capgap_record rec;

	support_record(&rec, &endpoint);
	*img = rec.image;
	capgap_image_put(img, CAPGAP_CONV_END, l->data + CAPGAP_CONV_END,
			 CAPGAP_SPACE_MAX - CAPGAP_CONV_END);
}

#define LAYOUTS 200

START_TEST(what_is_written_is_read)
{
	struct capgap_image img;
	bool table = false;

	make_layout(&layout, (unsigned)_i);
	put_layout(&layout, &img);
	dvsec_read_image(&img, &dvsec_listed, 1);
	dvsec_check_reading();
	ck_assert_uint_eq(dvsec_reading.free.n_descriptors, layout.n_descriptors);
	for (unsigned i = 0; i < dvsec_reading.free.n_descriptors; i++) {
		ck_assert(dvsec_reading.free.descriptor[i].valid);
		table |= dvsec_reading.free.descriptor[i].form == CAPGAP_FORM_TABLE;
	}
	ck_assert_int_eq(dvsec_reading.free.exhaustive, table);
	dvsec_check_ranges("layout", layout.want, layout.n_want);
	support_same_hits("layout", &dvsec_reading.hits, NULL, 0);
}
END_TEST

/* Write @byte where nothing was read. */
static void poison(struct capgap_image *img, uint8_t byte)
{
	for (unsigned off = 0; off < CAPGAP_SPACE_MAX; off++) {
		if (!capgap_image_has(img, off, 1))
			img->data[off] = byte;
	}
}

/* Change some bytes of a layout's linked pieces, and take others away. */
static void damage(struct layout *l, struct capgap_image *img)
{
	const struct piece *piece;
	unsigned off;
	uint8_t byte;

	for (unsigned i = 1 + pick(l, 12); i > 0; i--) {
		piece = &l->piece[l->linked[pick(l, l->n_linked)]];
		off = piece->off + pick(l, 16 < piece->len ? 16 : piece->len);
		byte = (uint8_t)random32(&l->state);
		capgap_image_put(img, off, &byte, 1);
	}
	for (unsigned i = pick(l, 4); i > 0; i--)
		capgap_image_drop(img, pick(l, CAPGAP_SPACE_MAX), 1 + pick(l, 16));
}

/* Whatever the bytes: usable ranges are free, and what was not read decides nothing. */
START_TEST(damage_makes_no_byte_free_that_is_not)
{
	static struct capgap_free_space before;
	static struct capgap_findings hits;
	struct capgap_image img;

	make_layout(&layout, (unsigned)_i);
	put_layout(&layout, &img);
	damage(&layout, &img);
	poison(&img, 0x00);
	dvsec_read_image(&img, &dvsec_listed, 1);
	dvsec_check_reading();
	before = dvsec_reading.free;
	hits = dvsec_reading.hits;
	poison(&img, 0xff);
	dvsec_read_image(&img, &dvsec_listed, 1);
	ck_assert_uint_eq(dvsec_reading.free.n_descriptors, before.n_descriptors);
	dvsec_check_ranges("poisoned", before.range, before.n_ranges);
	ck_assert_uint_eq(dvsec_reading.hits.n, hits.n);
	support_same_hits("poisoned", &dvsec_reading.hits, hits.hit, hits.n);
}
END_TEST

START_TEST(each_dword_may_be_a_descriptor)
{
	static const struct capgap_quirk self = { .verb = CAPGAP_VERB_DESCRIPTOR,
						  .dvsec_vendor = CAPGAP_ECAP_DVSEC,
						  .dvsec_id = CAPGAP_ECAP_DVSEC };
	static const struct support_image endpoint = { .base = BASE_ENDPOINT };
	struct support_step step = { STEP_PUT, 0, 4, 0 };
	struct capgap_record rec;

	support_record(&rec, &endpoint);
	for (unsigned off = CAPGAP_CONV_END; off < CAPGAP_SPACE_MAX; off += 4) {
		step.off = (uint16_t)off;
		step.val = EXT_DWORD(CAPGAP_ECAP_DVSEC, 1, (off + 4) & 0xfff);
		support_step(&rec, &step);
	}
	dvsec_read_image(&rec.image, &self, 1);
	dvsec_check_reading();
	ck_assert_uint_ge(dvsec_reading.free.n_descriptors, 950);
	ck_assert_uint_eq(dvsec_reading.free.n_ranges, 0);
}
END_TEST

START_TEST(gap_form_is_written_or_refused)
{
	static const struct {
		unsigned len, next;
		int want;
	} rows[] = {
		{ 12, 0, 12 },
		{ 0xffc, 0xffc, 12 },
		{ 0x40, 0x100, 12 },
		{ 8, 0, -CAPGAP_E_INVAL },
		{ 0, 0, -CAPGAP_E_INVAL },
		{ 14, 0, -CAPGAP_E_INVAL },
		{ 0x1000, 0, -CAPGAP_E_INVAL },
		{ 12, 0xfc, -CAPGAP_E_INVAL },
		{ 12, 0x102, -CAPGAP_E_INVAL },
		{ 12, 0x1000, -CAPGAP_E_INVAL },
	};
	static const uint8_t bytes[12] = { 0x23, 0x00, 0x01, 0x18, 0x57, 0x7e,
					   0x01, 0x04, 0x42, 0x00, 0x01, 0xf5 };
	uint8_t buf[12];

	for (int i = 0; i < ROWS(rows); i++)
		ck_assert_int_eq(capgap_dvsec_write_gap(buf, VENDOR, ID, rows[i].len,
							rows[i].next),
				 rows[i].want);
	ck_assert_int_eq(capgap_dvsec_write_gap(buf, VENDOR, ID, 0x40, 0x180), 12);
	ck_assert_mem_eq(buf, bytes, sizeof(bytes));
}
END_TEST

START_TEST(table_is_written_or_refused)
{
	static const struct {
		struct capgap_range range[2];
		size_t n, cap;
		unsigned next;
		int want;
	} rows[] = {
		{ { { 0x200, 8 }, { 0x208, 0x20 } }, 2, 20, 0xff8, 20 },
		{ { { 0x40, 0xc0 }, { 0x100, 0xf00 } }, 2, 20, 0, 20 },
		{ { { 0 } }, 0, 12, 0, 12 },
		{ { { 0x200, 8 } }, 1, 15, 0, -CAPGAP_E_INVAL },
		{ { { 0x200, 8 } }, 1, 16, 0x80, -CAPGAP_E_INVAL },
		{ { { 0x202, 8 } }, 1, 16, 0, -CAPGAP_E_INVAL },
		{ { { 0x200, 10 } }, 1, 16, 0, -CAPGAP_E_INVAL },
		{ { { 0x200, 4 } }, 1, 16, 0, -CAPGAP_E_INVAL },
		{ { { 0x200, 0 } }, 1, 16, 0, -CAPGAP_E_INVAL },
		{ { { 0x3c, 8 } }, 1, 16, 0, -CAPGAP_E_INVAL },
		{ { { 0xfc, 8 } }, 1, 16, 0, -CAPGAP_E_INVAL },
		{ { { 0xffc, 8 } }, 1, 16, 0, -CAPGAP_E_INVAL },
		{ { { 0x1000, 8 } }, 1, 16, 0, -CAPGAP_E_INVAL },
		{ { { 0x200, 0x10 }, { 0x208, 8 } }, 2, 20, 0, -CAPGAP_E_INVAL },
		{ { { 0x208, 8 }, { 0x200, 0x10 } }, 2, 20, 0, -CAPGAP_E_INVAL },
		{ { { 0x200, 8 }, { 0x200, 8 } }, 2, 20, 0, -CAPGAP_E_INVAL },
	};
	uint8_t buf[20];

	for (int i = 0; i < ROWS(rows); i++)
		ck_assert_msg(capgap_dvsec_write_table(buf, rows[i].cap, VENDOR, ID,
						       rows[i].range, rows[i].n,
						       rows[i].next) == rows[i].want,
			      "row %d", i);
	ck_assert_int_eq(capgap_dvsec_write_table(buf, SIZE_MAX, VENDOR, ID, NULL, 1021,
						  0),
			 -CAPGAP_E_INVAL);
}
END_TEST

/* Examples of the document, and what it says of them. */
static const struct example {
	struct row row;
	unsigned pasid;
	const char *before; /* the example that this one was edited from */
} examples[] = {
	{ .row = { .name = "gap",
		   .quirk = { LISTED },
		   .n_descriptors = 1,
		   .n_valid = 1,
		   .range = { { 0x14c, 0x34, 0, 0, true } } } },
	{ .row = { .name = "gap-carved",
		   .quirk = { LISTED },
		   .n_descriptors = 1,
		   .n_valid = 1,
		   .range = { { 0x14c, 0x2c, 0, 0, true } } },
	  .pasid = 0x178,
	  .before = "gap" },
	{ .row = { .name = "gap-qemu-11",
		   .quirk = { LISTED },
		   .n_descriptors = 1,
		   .n_valid = 1,
		   .range = { { 0x14c, 0x34, 0, 0, false } },
		   .hit = { HIT(DESCRIPTOR_OVER_STRUCTURE, 0x14c, 0x34, 0x140, 0x178) } },
	  .pasid = 0x178,
	  .before = "gap" },
	{ .row = { .name = "slot",
		   .quirk = { LISTED },
		   .n_descriptors = 1,
		   .n_valid = 1,
		   .range = { { 0x154, 0, 0, 0, true } } } },
	{ .row = { .name = "slot-replaced", .quirk = { LISTED } },
	  .pasid = 0x148,
	  .before = "slot" },
	{ .row = { .name = "table",
		   .quirk = { LISTED },
		   .n_descriptors = 1,
		   .n_valid = 1,
		   .exhaustive = true,
		   .range = { { 0x200, 0x60, 0, 0x11c, true },
			      { 0xf00, 0x100, 0, 0x124, true } } } },
	{ .row = { .name = "table-trimmed",
		   .quirk = { LISTED },
		   .n_descriptors = 1,
		   .n_valid = 1,
		   .exhaustive = true,
		   .range = { { 0x200, 0x60, 0, 0x11c, true },
			      { 0xf00, 0xf8, 0, 0x124, true } } },
	  .pasid = 0xff8,
	  .before = "table" },
	{ .row = { .name = "table-empty",
		   .quirk = { LISTED },
		   .n_descriptors = 1,
		   .n_valid = 1,
		   .exhaustive = true } },
	{ .row = { .name = "foreign",
		   .quirk = { LISTED_BARE(CAPGAP_FORM_GAP) },
		   .n_descriptors = 1,
		   .n_valid = 1,
		   .range = { { 0x11c, 0x14, 0, 0, true } } } },
};

#define FENCE "```hex "

/* "OFF: 00 11 ..." of sixteen bytes. */
static void put_line(struct capgap_image *img, const char *line)
{
	char *end;
	unsigned long off = strtoul(line, &end, 16);
	unsigned long val;
	uint8_t byte;

	ck_assert_msg(*end == ':' && off % 16 == 0, "%s", line);
	end++;
	for (unsigned i = 0; i < 16; i++) {
		val = strtoul(end, &end, 16);
		ck_assert_msg(val <= 0xff, "%s", line);
		byte = (uint8_t)val;
		capgap_image_put(img, off + i, &byte, 1);
	}
	ck_assert_msg(*end == '\n', "%s", line);
}

/* Put the rows of one example over an endpoint without extended capabilities. */
static void load_example(struct capgap_image *img, const char *name)
{
	static const struct support_image endpoint = { .base = BASE_ENDPOINT };
	FILE *file = dvsec_open_document();
	struct capgap_record rec;
	char line[LINE_MAX];
	char fence[64];
	bool inside = false;
	unsigned rows = 0;

	support_record(&rec, &endpoint);
	snprintf(fence, sizeof(fence), FENCE "%s\n", name);
	while (fgets(line, sizeof(line), file) && !(inside && line[0] == '`')) {
		if (inside) {
			put_line(&rec.image, line);
			rows++;
		}
		inside |= !strcmp(line, fence);
	}
	fclose(file);
	ck_assert_msg(rows > 0, "no example %s", name);
	*img = rec.image;
}

static void read_example(const struct row *row)
{
	struct capgap_image img;

	load_example(&img, row->name);
	dvsec_read_image(&img, row->quirk, dvsec_count_quirks(row));
}

/* All capabilities of @before are still there, but for a descriptor that was replaced. */
static void check_kept(const struct capgap_chain *before, unsigned pasid)
{
	const struct capgap_chain *after = &dvsec_reading.chain;
	const struct capgap_cap *cap;
	bool kept;

	for (unsigned i = 0; i < before->n; i++) {
		cap = &before->cap[i];
		kept = cap->off == pasid;
		for (unsigned k = 0; k < after->n; k++)
			kept |= after->cap[k].off == cap->off &&
				after->cap[k].id == cap->id;
		ck_assert_msg(kept, "0x%03x is lost", cap->off);
	}
}

START_TEST(example_of_the_document_is_what_it_says)
{
	static struct capgap_chain before;
	const struct example *e = &examples[_i];
	const struct capgap_cap *cap;

	if (e->before) {
		read_example(&(struct row){ .name = e->before, .quirk = { LISTED } });
		before = dvsec_reading.chain;
	}
	read_example(&e->row);
	dvsec_check_result(&e->row);
	cap = capgap_chain_find(&dvsec_reading.chain, CAPGAP_EXT, CAPGAP_ECAP_PASID);
	ck_assert_uint_eq(cap ? cap->off : 0, e->pasid);
	if (e->before)
		check_kept(&before, e->pasid);
}
END_TEST

static bool is_example(const char *line)
{
	for (int i = 0; i < ROWS(examples); i++) {
		if (!strncmp(line, examples[i].row.name, strlen(examples[i].row.name)) &&
		    line[strlen(examples[i].row.name)] == '\n')
			return true;
	}
	return false;
}

START_TEST(document_has_no_other_example)
{
	FILE *file = dvsec_open_document();
	char line[LINE_MAX];

	while (fgets(line, sizeof(line), file)) {
		if (!strncmp(line, FENCE, strlen(FENCE)))
			ck_assert_msg(is_example(line + strlen(FENCE)), "%s", line);
	}
	fclose(file);
}
END_TEST

Suite *dvsec_bytes_suite(void)
{
	Suite *suite = suite_create("dvsec_bytes");
	TCase *tc = tcase_create("writing");

	tcase_add_test(tc, gap_form_is_written_or_refused);
	tcase_add_test(tc, table_is_written_or_refused);
	tcase_add_loop_test(tc, what_is_written_is_read, 0, LAYOUTS);
	suite_add_tcase(suite, tc);
	tc = tcase_create("damage");
	tcase_add_loop_test(tc, damage_makes_no_byte_free_that_is_not, 0, LAYOUTS);
	tcase_add_test(tc, each_dword_may_be_a_descriptor);
	suite_add_tcase(suite, tc);
	tc = tcase_create("document");
	tcase_add_loop_test(tc, example_of_the_document_is_what_it_says, 0,
			    ROWS(examples));
	tcase_add_test(tc, document_has_no_other_example);
	suite_add_tcase(suite, tc);
	return suite;
}
