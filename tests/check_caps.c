/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The capability tables and the length rules, by the rows of lengths.tsv. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../analyzer/bytes.h"
#include "../analyzer/caps.h"
#include "suites.h"

#define LAST_CONV_ID 0x15u
#define LAST_EXT_ID 0x3au

#define CONV_AT 0x80u
#define EXT_AT 0x200u
#define PCIE_AT 0x40u
#define PCIE_FLAGS (PCIE_AT + 0x02u)
#define PCIE_DEVCAP2 (PCIE_AT + 0x24u)
#define PCIE_LEN 0x3cu

/* Bytes from the start of a structure that some rule of the table reads. */
#define REACH 0x80u

/* Processes that share the slower work. */
#define SHARES 16

#define COLUMNS 8
#define ROWS_MAX 512
#define LINE_MAX 2048

/* One row of lengths.tsv. */
struct row {
	enum capgap_space space;
	unsigned id;
	char *variant;
	char *setup;
	char *len;
	uint32_t owned;
	char *extent;
	char *finding;
};

/* What a rule is asked. */
struct subject {
	struct capgap_image img;
	struct capgap_context ctx;
	struct capgap_cap cap;
};

static struct row rows[ROWS_MAX];
static unsigned n_rows;

/* Facts that no row has to match, or that a row contradicts. */
static const struct {
	const char *space;
	const char *variant;
	const char *why;
} differs[] = {
	{ "ext", "MCAST:ep", "own the 0x30 bytes that three tools count for every type" },
};

static uint32_t align4(uint32_t len)
{
	return (len + 3u) & ~3u;
}

static unsigned hex(const char *text)
{
	return (unsigned)strtoul(text, NULL, 16);
}

/* Cut a line at its tabs; columns that it lacks are "". */
static void split(char *line, char **field, unsigned n)
{
	char *rest = line;

	line[strcspn(line, "\n")] = '\0';
	for (unsigned i = 0; i < n; i++)
		field[i] = rest ? strsep(&rest, "\t") : line + strlen(line);
}

static FILE *open_in(const char *variable, const char *otherwise, const char *name)
{
	const char *dir = getenv(variable);
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", dir && *dir ? dir : otherwise, name);
	return fopen(path, "re");
}

static void load_rows(void)
{
	static char kept[ROWS_MAX][LINE_MAX];
	FILE *file = open_in("TESTS_DIR", "tests", "lengths.tsv");
	char *f[COLUMNS];

	n_rows = 0;
	while (file && n_rows < ROWS_MAX && fgets(kept[n_rows], LINE_MAX, file)) {
		if (kept[n_rows][0] == '#')
			continue;
		split(kept[n_rows], f, COLUMNS);
		rows[n_rows++] = (struct row){
			.space = strcmp(f[0], "conv") ? CAPGAP_EXT : CAPGAP_CONV,
			.id = hex(f[1]),
			.variant = f[2],
			.setup = f[3],
			.len = f[4],
			.owned = (uint32_t)strtoul(f[5], NULL, 10),
			.extent = f[6],
			.finding = f[7],
		};
	}
	if (file)
		fclose(file);
}

static void put(struct subject *s, unsigned off, uint32_t val, unsigned n)
{
	uint8_t bytes[] = { (uint8_t)val, (uint8_t)(val >> 8), (uint8_t)(val >> 16),
			    (uint8_t)(val >> 24) };

	capgap_image_put(&s->img, off, bytes, n);
}

/* "OFF:BYTES" */
static void put_hex(struct subject *s, unsigned base, const char *word)
{
	unsigned off = base + hex(word);
	const char *digits = strchr(word, ':') + 1;
	char pair[3] = "";

	ck_assert_msg(strlen(digits) % 2 == 0, "half a byte in %s", word);
	for (; *digits; digits += 2) {
		memcpy(pair, digits, 2);
		put(s, off++, hex(pair), 1);
	}
}

/* "OFF:N" */
static void drop(struct subject *s, unsigned base, const char *word)
{
	capgap_image_drop(&s->img, base + hex(word), hex(strchr(word, ':') + 1));
}

/* "NAME=VALUE" about the PCI Express capability; false for another name. */
static bool apply_pcie(struct subject *s, const char *word, const char *value)
{
	uint16_t flags = 0;

	capgap_get16(&s->img, PCIE_FLAGS, &flags);
	if (!strncmp(word, "pcie=", 5)) {
		put(s, PCIE_AT, CAPGAP_CAP_EXP, 2);
		put(s, PCIE_FLAGS, hex(value), 2);
		s->ctx.pcie = PCIE_AT;
	} else if (!strncmp(word, "type=", 5)) {
		put(s, PCIE_FLAGS, flags | hex(value) << 4, 2);
	} else if (!strncmp(word, "devcap2=", 8)) {
		put(s, PCIE_DEVCAP2, hex(value), 4);
	} else {
		return false;
	}
	return true;
}

static void apply(struct subject *s, const char *word)
{
	const char *value = strchr(word, '=') ? strchr(word, '=') + 1 : "";

	if (word[0] == '+') {
		put_hex(s, s->cap.off, word + 1);
	} else if (!strcmp(word, "-") || apply_pcie(s, word, value)) {
		return;
	} else if (word[0] == '-') {
		drop(s, s->cap.off, word + 1);
	} else if (!strncmp(word, "gone=", 5)) {
		drop(s, 0, value);
	} else if (!strncmp(word, "at=", 3)) {
		s->cap.off = (uint16_t)hex(value);
	} else if (!strncmp(word, "ver=", 4)) {
		s->cap.version = (uint8_t)hex(value);
	} else if (!strncmp(word, "hdr=", 4)) {
		s->ctx.header_type = (uint8_t)hex(value);
	} else if (!strncmp(word, "class=", 6)) {
		s->ctx.class_code = hex(value);
	} else if (!strncmp(word, "ids=", 4)) {
		s->ctx.vendor = (uint16_t)hex(value);
		s->ctx.device = (uint16_t)hex(strchr(value, ':') + 1);
	} else {
		ck_abort_msg("no setup word: %s", word);
	}
}

/* A function of 4096 zeros, of unknown identity, with a type 0 header. */
static void blank(struct subject *s, enum capgap_space space, unsigned id)
{
	static const uint8_t zeros[CAPGAP_SPACE_MAX];

	memset(s, 0, sizeof(*s));
	capgap_image_init(&s->img);
	capgap_image_put(&s->img, 0, zeros, sizeof(zeros));
	s->ctx.vendor = 0xffff;
	s->ctx.device = 0xffff;
	s->ctx.class_code = 0xffffff;
	s->cap.space = space;
	s->cap.id = (uint16_t)id;
	s->cap.version = space == CAPGAP_EXT;
	s->cap.off = space == CAPGAP_EXT ? EXT_AT : CONV_AT;
}

static void set_up(struct subject *s, const struct row *row)
{
	char words[LINE_MAX];
	char *rest = words;
	char *word;

	blank(s, row->space, row->id);
	snprintf(words, sizeof(words), "%s", row->setup);
	while ((word = strsep(&rest, " ")))
		apply(s, word);
}

static struct capgap_length ask(const struct subject *s, struct capgap_findings *hits)
{
	if (hits)
		hits->n = 0;
	return capgap_caps_length(&s->img, &s->ctx, &s->cap, hits);
}

/* "name:a:b" of the one hit, "-" of none. */
static const char *hit_text(const struct capgap_findings *hits, char *buf, size_t len)
{
	const struct capgap_hit *hit = &hits->hit[0];

	if (!hits->n)
		return "-";
	snprintf(buf, len, "%s:%x:%x", capgap_finding_get(hit->kind)->name, hit->a,
		 hit->b);
	return buf;
}

START_TEST(length_is_the_one_of_the_variant)
{
	static struct capgap_findings hits;
	const struct row *row = &rows[_i];
	struct capgap_length got, unheard;
	struct subject s;
	char buf[128];
	char len[16] = "-";

	set_up(&s, row);
	got = ask(&s, &hits);
	unheard = ask(&s, NULL);
	if (got.extent != CAPGAP_EXTENT_ATMOST && got.extent != CAPGAP_EXTENT_UNKNOWN)
		snprintf(len, sizeof(len), "%u", got.len);
	ck_assert_msg(!strcmp(capgap_extent_name(got.extent), row->extent),
		      "%s: extent %s", row->variant, capgap_extent_name(got.extent));
	ck_assert_msg(!strcmp(len, row->len), "%s: len %s", row->variant, len);
	ck_assert_msg(align4(got.len) == row->owned, "%s: owned %u", row->variant,
		      align4(got.len));
	ck_assert_msg(!strcmp(hit_text(&hits, buf, sizeof(buf)), row->finding),
		      "%s: finding %s", row->variant, hit_text(&hits, buf, sizeof(buf)));
	ck_assert_uint_le(hits.n, 1);
	ck_assert(hits.n == 0 || hits.hit[0].off == s.cap.off);
	ck_assert(got.len == unheard.len && got.extent == unheard.extent);
	ck_assert_msg(got.certain > 0 && got.certain <= got.len, "%s", row->variant);
}
END_TEST

/* Write @byte where nothing was read. */
static void poison(struct capgap_image *img, uint8_t byte)
{
	for (unsigned word = 0; word < CAPGAP_SPACE_MAX / 32; word++) {
		for (unsigned i = 0; img->read[word] != UINT32_MAX && i < 32; i++) {
			if (!(img->read[word] >> i & 1u))
				img->data[32 * word + i] = byte;
		}
	}
}

/* As ask(), and the answer is the same whatever stands in the absent bytes. */
static struct capgap_length ask_blind(struct subject *s)
{
	static struct capgap_findings hits[2];
	struct capgap_length got[2];

	for (int i = 0; i < 2; i++) {
		poison(&s->img, i ? 0xff : 0x00);
		got[i] = ask(s, &hits[i]);
	}
	ck_assert(got[0].len == got[1].len && got[0].extent == got[1].extent);
	ck_assert_uint_eq(hits[0].n, hits[1].n);
	ck_assert(!memcmp(hits[0].hit, hits[1].hit, hits[0].n * sizeof(hits[0].hit[0])));
	return got[0];
}

/* Bytes that are missing make an answer less certain, never longer, never another one. */
static void check_weaker(const struct row *row, struct capgap_length whole,
			 struct capgap_length got, unsigned cut)
{
	ck_assert_uint_gt(got.len, 0);
	if (got.extent == CAPGAP_EXTENT_UNKNOWN)
		ck_assert_msg(got.len <= whole.len,
			      "%s cut at +0x%x: %u bytes are certain", row->variant, cut,
			      got.len);
	else
		ck_assert_msg(got.extent == whole.extent && got.len == whole.len,
			      "%s cut at +0x%x: %s %u", row->variant, cut,
			      capgap_extent_name(got.extent), got.len);
}

static void check_parts(const struct row *row)
{
	struct capgap_length whole;
	struct subject all, hole, end;

	set_up(&all, row);
	whole = ask(&all, NULL);
	end = all;
	capgap_image_drop(&end.img, all.cap.off + REACH, CAPGAP_SPACE_MAX);
	for (unsigned cut = REACH; cut-- > 0;) {
		hole = all;
		capgap_image_drop(&hole.img, all.cap.off + cut, 1);
		check_weaker(row, whole, ask_blind(&hole), cut);
		capgap_image_drop(&end.img, all.cap.off + cut, 1);
		check_weaker(row, whole, ask_blind(&end), cut);
	}
}

START_TEST(structure_read_in_part_is_no_other_structure)
{
	for (unsigned i = (unsigned)_i; i < n_rows; i += SHARES)
		check_parts(&rows[i]);
}
END_TEST

/* Without the PCI Express capability an answer from it is cautious, not exact. */
static void check_without_pcie(const struct row *row)
{
	struct capgap_length whole, got;
	struct subject s;

	set_up(&s, row);
	whole = ask(&s, NULL);
	for (unsigned cut = PCIE_LEN; s.ctx.pcie && cut-- > 0;) {
		capgap_image_drop(&s.img, PCIE_AT + cut, 1);
		got = ask_blind(&s);
		ck_assert_msg((got.len == whole.len && got.extent == whole.extent) ||
				      got.extent == CAPGAP_EXTENT_ATMOST,
			      "%s: pcie cut at +0x%x", row->variant, cut);
	}
}

START_TEST(absent_pcie_registers_are_not_zero)
{
	for (unsigned i = 0; i < n_rows; i++)
		check_without_pcie(&rows[i]);
}
END_TEST

static uint32_t random32(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

/* Random bytes, some of them absent, in a function of a random kind. */
static void scramble(struct subject *s, uint32_t *state)
{
	static const uint8_t types[] = { 0, 1, 2, 0xff };
	uint8_t bytes[CAPGAP_SPACE_MAX];

	for (unsigned off = 0; off < CAPGAP_SPACE_MAX; off++)
		bytes[off] = (uint8_t)random32(state);
	capgap_image_put(&s->img, 0, bytes, sizeof(bytes));
	for (unsigned i = 0; i < CAPGAP_SPACE_MAX / 64; i++)
		capgap_image_drop(&s->img, random32(state) & 0xfff, 1);
	s->ctx.header_type = types[random32(state) % 4];
	s->ctx.pcie = random32(state) % 2 ? random32(state) & 0xfc : 0;
	s->ctx.vendor = random32(state) % 2 ? 0x8086 : 0x1022;
	s->ctx.device = 0x9d10;
	s->cap.version = random32(state) & 0xf;
	s->cap.off = random32(state) & 0xffc;
	if (s->cap.space == CAPGAP_CONV)
		s->cap.off &= 0xfc;
}

START_TEST(random_bytes_have_a_bounded_length)
{
	enum capgap_space space = _i % 2 ? CAPGAP_EXT : CAPGAP_CONV;
	uint32_t state = 0x2545f491u + (uint32_t)_i;
	const struct capgap_capdef *def;
	struct capgap_length got;
	struct subject s;

	for (unsigned id = 0; id <= LAST_EXT_ID + 4; id++) {
		blank(&s, space, id);
		scramble(&s, &state);
		got = ask_blind(&s);
		def = capgap_caps_def(space, id);
		ck_assert_uint_ge(got.len, def ? def->min : space == CAPGAP_CONV ? 2 : 4);
		/* Whoever keeps it has sixteen bits. */
		ck_assert_uint_le(got.len, UINT16_MAX);
		if (def && !def->rule)
			ck_assert_int_eq(got.extent, CAPGAP_EXTENT_FIXED);
		if (!def)
			ck_assert_int_eq(got.extent, CAPGAP_EXTENT_UNKNOWN);
	}
}
END_TEST

/* Each id from 0 to @last has the row of its number, and there is no other. */
static void check_table(enum capgap_space space, unsigned last)
{
	const struct capgap_capdef *def;

	for (unsigned n = 0; n <= last; n++) {
		def = capgap_caps_row(space, n);
		ck_assert_ptr_nonnull(def);
		ck_assert_uint_eq(def->id, n);
		ck_assert_ptr_eq(capgap_caps_def(space, n), def);
		ck_assert_uint_ge(def->min, space == CAPGAP_CONV ? 2 : 4);
		ck_assert_str_eq(capgap_caps_symbol(space, n), def->symbol);
		ck_assert_uint_gt(strlen(def->name), 0);
		for (unsigned i = 0; i < n; i++)
			ck_assert_str_ne(capgap_caps_row(space, i)->symbol, def->symbol);
	}
	ck_assert_ptr_null(capgap_caps_row(space, last + 1));
}

START_TEST(tables_have_every_id_in_order_once)
{
	check_table(CAPGAP_CONV, LAST_CONV_ID);
	check_table(CAPGAP_EXT, LAST_EXT_ID);
	ck_assert_int_eq(CAPGAP_CAP_EXP, 0x10);
	ck_assert_int_eq(CAPGAP_ECAP_PASID, 0x1b);
	ck_assert_int_eq(CAPGAP_ECAP_CAPD, LAST_EXT_ID);
}
END_TEST

START_TEST(ids_in_no_table_are_unknown)
{
	static const unsigned ids[] = { LAST_EXT_ID + 1, 0xff, 0x10000, 0x1001b };

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		ck_assert_ptr_null(capgap_caps_def(CAPGAP_CONV, ids[i]));
		ck_assert_ptr_null(capgap_caps_def(CAPGAP_EXT, ids[i]));
		ck_assert_str_eq(capgap_caps_symbol(CAPGAP_EXT, ids[i]), "unknown");
	}
}
END_TEST

START_TEST(rows_cover_every_id_once_a_variant)
{
	bool seen[2][LAST_EXT_ID + 1] = { 0 };

	ck_assert_msg(n_rows > 0, "tests/lengths.tsv was not found");
	ck_assert_msg(n_rows < ROWS_MAX, "tests/lengths.tsv has too many rows");
	for (unsigned i = 0; i < n_rows; i++) {
		ck_assert_msg(rows[i].finding[0], "%s: columns", rows[i].variant);
		if (rows[i].id <= LAST_EXT_ID)
			seen[rows[i].space][rows[i].id] = true;
		for (unsigned j = 0; j < i; j++)
			ck_assert_msg(rows[j].space != rows[i].space ||
					      strcmp(rows[j].variant, rows[i].variant) !=
						      0,
				      "%s stands twice", rows[i].variant);
	}
	for (unsigned id = 0; id <= LAST_CONV_ID; id++)
		ck_assert_msg(seen[CAPGAP_CONV][id], "no row for 0x%02x", id);
	for (unsigned id = 0; id <= LAST_EXT_ID; id++)
		ck_assert_msg(seen[CAPGAP_EXT][id], "no row for 0x%04x", id);
}
END_TEST

/* Columns of the facts, one row a variant. */
enum fact { SPACE, ID, SHORT_NAME, FULL_NAME, MIN, MAX, RULE, PADDED, VFIO, FACTS };

static const struct row *find_row(char **fact)
{
	enum capgap_space space = strcmp(fact[SPACE], "conv") ? CAPGAP_EXT : CAPGAP_CONV;

	for (unsigned i = 0; i < n_rows; i++) {
		if (rows[i].space == space && rows[i].id == hex(fact[ID]) &&
		    !strcmp(rows[i].variant, fact[SHORT_NAME]))
			return &rows[i];
	}
	return NULL;
}

static bool is_excused(char **fact)
{
	for (size_t i = 0; i < sizeof(differs) / sizeof(differs[0]); i++) {
		if (!strcmp(fact[SPACE], differs[i].space) &&
		    !strcmp(fact[SHORT_NAME], differs[i].variant))
			return true;
	}
	return false;
}

static void check_len(const struct row *row, char **fact)
{
	unsigned long min = strtoul(fact[MIN], NULL, 10);
	unsigned long max = strtoul(fact[MAX], NULL, 10);
	unsigned long len = strtoul(row->len, NULL, 10);
	unsigned long padded = align4((uint32_t)len);

	ck_assert_msg(!strncmp(fact[RULE], "fixed ", 6) ==
				      !strcmp(row->extent, "fixed") ||
			      !strcmp(row->extent, "atmost"),
		      "%s: %s, the rule is \"%s\"", row->variant, row->extent,
		      fact[RULE]);
	ck_assert_msg(row->owned >= min, "%s: shorter than %lu", row->variant, min);
	if (!strcmp(fact[MAX], "unverified")) {
		ck_assert_msg(!strcmp(row->extent, "unknown") ||
				      !strcmp(row->extent, "declared"),
			      "%s: %s, longest length unverified", row->variant,
			      row->extent);
		return;
	}
	ck_assert_msg(strcmp(row->extent, "unknown") != 0, "%s: unknown", row->variant);
	ck_assert_msg(row->owned <= align4((uint32_t)max) || is_excused(fact),
		      "%s: longer than %lu", row->variant, max);
	if (!strcmp(row->len, "-"))
		return;
	ck_assert_msg(min <= len && len <= max, "%s: %lu is not in %lu..%lu",
		      row->variant, len, min, max);
	if (!strcmp(fact[PADDED], "=len"))
		padded = len;
	else if (strcmp(fact[PADDED], "align4(len)") != 0)
		padded = strtoul(fact[PADDED], NULL, 10);
	ck_assert_msg(row->owned == padded, "%s: padded to %u", row->variant, row->owned);
}

static void check_def(const struct row *row, char **fact)
{
	const struct capgap_capdef *def = capgap_caps_def(row->space, row->id);
	const char *symbol = def && row->id ? def->symbol : "NULL";
	enum capgap_vfio vfio = CAPGAP_VFIO_SHOWN;
	size_t n = strcspn(fact[SHORT_NAME], ":");

	if (!strncmp(fact[VFIO], "hidden", 6))
		vfio = CAPGAP_VFIO_HIDDEN;
	else if (!strncmp(fact[VFIO], "exposed since", 13))
		vfio = CAPGAP_VFIO_SHOWN_6_4;
	ck_assert_ptr_nonnull(def);
	ck_assert_msg(def->vfio == vfio, "%s: vfio", row->variant);
	ck_assert_msg(strlen(symbol) == n && !strncmp(symbol, fact[SHORT_NAME], n),
		      "%s: symbol %s", row->variant, symbol);
	ck_assert_msg(def->min <= strtoul(fact[MIN], NULL, 10), "%s: shortest length",
		      row->variant);
}

START_TEST(rows_agree_with_the_facts)
{
	FILE *file = open_in("FACTS", "../shared/facts", "capabilities.tsv");
	char line[2 * LINE_MAX];
	const struct row *row;
	char *fact[FACTS];
	unsigned n = 0;

	if (!file) {
		printf("caps: no capabilities.tsv in FACTS, not compared\n");
		return;
	}
	while (fgets(line, sizeof(line), file)) {
		ck_assert_msg(strchr(line, '\n'), "a long line");
		split(line, fact, FACTS);
		if (strcmp(fact[SPACE], "conv") != 0 && strcmp(fact[SPACE], "ext") != 0)
			continue;
		row = find_row(fact);
		ck_assert_msg(row, "no row for %s %s", fact[SPACE], fact[SHORT_NAME]);
		check_len(row, fact);
		check_def(row, fact);
		n++;
	}
	fclose(file);
	ck_assert_uint_gt(n, 0);
}
END_TEST

Suite *caps_suite(void)
{
	Suite *suite = suite_create("caps");
	TCase *table = tcase_create("table");
	TCase *lengths = tcase_create("lengths");
	int n;

	load_rows();
	n = (int)n_rows;
	tcase_add_test(table, tables_have_every_id_in_order_once);
	tcase_add_test(table, ids_in_no_table_are_unknown);
	tcase_add_test(table, rows_cover_every_id_once_a_variant);
	tcase_add_test(table, rows_agree_with_the_facts);
	tcase_add_loop_test(lengths, length_is_the_one_of_the_variant, 0, n);
	tcase_add_loop_test(lengths, structure_read_in_part_is_no_other_structure, 0,
			    SHARES);
	tcase_add_test(lengths, absent_pcie_registers_are_not_zero);
	tcase_add_loop_test(lengths, random_bytes_have_a_bounded_length, 0, SHARES);
	suite_add_tcase(suite, table);
	suite_add_tcase(suite, lengths);
	return suite;
}
