/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What can be wrong with an input: the table of kinds, and the list of hits. */
#include "findings.h"

#include <stdio.h>
#include <string.h>

#define A CAPGAP_F_ALTERS_CHAIN
#define T CAPGAP_F_TAKES_BYTES
#define C CAPGAP_F_CHECK_ONLY
#define P CAPGAP_F_OF_PLAN
static const struct capgap_finding table[CAPGAP_F_COUNT] = {
#define CAPGAP_FINDING(symbol, name, level, flags, sentence, detail, rule)               \
	{ (name), CAPGAP_LEVEL_##level, (flags), (sentence), (detail), (rule) },
#include "findings.def"
#undef CAPGAP_FINDING
};
#undef A
#undef T
#undef C
#undef P

const struct capgap_finding *capgap_finding_get(unsigned kind)
{
	return kind < CAPGAP_F_COUNT ? &table[kind] : NULL;
}

int capgap_finding_find(const char *name)
{
	for (int i = 0; i < CAPGAP_F_COUNT; i++) {
		if (!strcmp(table[i].name, name))
			return i;
	}
	return -CAPGAP_E_NOENT;
}

const char *capgap_level_name(enum capgap_level level)
{
	static const char *const names[] = {
		[CAPGAP_LEVEL_NOTE] = "note",
		[CAPGAP_LEVEL_WARNING] = "warning",
		[CAPGAP_LEVEL_ERROR] = "error",
	};

	return names[level];
}

static bool same_hit(const struct capgap_hit *a, const struct capgap_hit *b)
{
	return a->kind == b->kind && a->off == b->off && a->len == b->len &&
	       a->a == b->a && a->b == b->b;
}

void capgap_findings_add(struct capgap_findings *list, enum capgap_finding_kind kind,
			 unsigned off, unsigned len, uint32_t a, uint32_t b)
{
	struct capgap_hit hit = { (uint16_t)kind, (uint16_t)off, (uint16_t)len, a, b };

	if (!list || list->n >= CAPGAP_HITS_MAX)
		return;
	if (off < CAPGAP_SPACE_MAX && len > CAPGAP_SPACE_MAX - off)
		hit.len = (uint16_t)(CAPGAP_SPACE_MAX - off);
	for (unsigned i = 0; i < list->n; i++) {
		if (same_hit(&list->hit[i], &hit))
			return;
	}
	list->hit[list->n++] = hit;
}

bool capgap_findings_has(const struct capgap_findings *list,
			 enum capgap_finding_kind kind)
{
	for (unsigned i = 0; i < list->n; i++) {
		if (list->hit[i].kind == kind)
			return true;
	}
	return false;
}

/* Append @text to the @used bytes of @buf; the number now used is the result. */
static size_t append(char *buf, size_t len, size_t used, const char *text)
{
	size_t n = strlen(text);

	if (used >= len)
		return used;
	if (n > len - 1 - used)
		n = len - 1 - used;
	memcpy(buf + used, text, n);
	buf[used + n] = '\0';
	return used + n;
}

/* Write the value that the placeholder at @p stands for; its length is the result, or 0. */
static size_t expand(const char *p, const struct capgap_hit *hit, char *value, size_t len)
{
	static const char *const kinds[] = { "}", ":id}", ":n}" };
	unsigned val;
	size_t n;

	if (p[0] != '{' || (p[1] != 'a' && p[1] != 'b'))
		return 0;
	val = (unsigned)(p[1] == 'a' ? hit->a : hit->b);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		n = strlen(kinds[i]);
		if (strncmp(p + 2, kinds[i], n) != 0)
			continue;
		if (i == 0)
			snprintf(value, len, "0x%03x", val);
		else if (i == 1)
			snprintf(value, len, "%04x", val);
		else
			snprintf(value, len, "%u", val);
		return n + 2;
	}
	return 0;
}

/* Append the detail with the hit's values in their places. */
static void append_detail(char *buf, size_t len, size_t used,
			  const struct capgap_hit *hit)
{
	char value[16];
	char one[2] = "";
	size_t n;

	for (const char *p = table[hit->kind].detail; *p; p += n) {
		n = expand(p, hit, value, sizeof(value));
		if (n) {
			used = append(buf, len, used, value);
			continue;
		}
		n = 1;
		one[0] = *p;
		used = append(buf, len, used, one);
	}
}

char *capgap_hit_text(const struct capgap_hit *hit, char *buf, size_t len)
{
	size_t used;

	if (!len)
		return buf;
	buf[0] = '\0';
	if (hit->kind >= CAPGAP_F_COUNT)
		return buf;
	used = append(buf, len, 0, table[hit->kind].sentence);
	if (table[hit->kind].detail[0]) {
		used = append(buf, len, used, ": ");
		append_detail(buf, len, used, hit);
	}
	return buf;
}
