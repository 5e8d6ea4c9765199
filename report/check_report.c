/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Output formats of `check`: the table, and what its rows share. */
#include "check_report.h"

#include <string.h>

#include "../analyzer/bytes.h"

static const struct capgap_check_reporter *const table[] = {
	&capgap_check_text,
	&capgap_check_json,
	&capgap_check_junit,
	&capgap_check_sarif,
};

const struct capgap_check_reporter *capgap_check_report_row(unsigned n)
{
	return n < sizeof(table) / sizeof(table[0]) ? table[n] : NULL;
}

const struct capgap_check_reporter *capgap_check_report_find(const char *name)
{
	for (unsigned i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (!strcmp(table[i]->name, name))
			return table[i];
	}
	return NULL;
}

/* Hits by position, those of the analysis before those of the check. */
static const struct capgap_hit *hit_at(const struct capgap_check_answer *ans, unsigned n)
{
	const struct capgap_findings *own = &ans->base.fn->findings;

	if (n < own->n)
		return &own->hit[n];
	n -= own->n;
	return n < ans->hits->n ? &ans->hits->hit[n] : NULL;
}

unsigned capgap_check_next(const struct capgap_check_answer *ans, unsigned from,
			   struct capgap_check_result *result)
{
	const struct capgap_hit *hit;
	uint8_t level;

	for (unsigned i = from; (hit = hit_at(ans, i)); i++) {
		level = ans->levels->of[hit->kind];
		if (level == CAPGAP_CHECK_OFF)
			continue;
		result->hit = hit;
		result->row = capgap_finding_get(hit->kind);
		result->level = (enum capgap_level)level;
		return i + 1;
	}
	return 0;
}

struct capgap_check_count capgap_check_count(const struct capgap_check_answer *ans)
{
	struct capgap_check_count count = { { 0 } };
	struct capgap_check_result result;

	for (unsigned i = 0; (i = capgap_check_next(ans, i, &result));)
		count.of[result.level]++;
	return count;
}

char *capgap_check_bytes(const struct capgap_function *fn, const struct capgap_hit *hit,
			 char buf[CAPGAP_CHECK_BYTES_TEXT])
{
	char *p = buf;
	uint8_t byte;

	for (unsigned i = 0; i < hit->len && i < CAPGAP_CHECK_BYTES_MAX; i++, p += 2) {
		if (capgap_get8(&fn->image, hit->off + i, &byte))
			snprintf(p, 3, "%02x", byte);
		else
			memcpy(p, "--", 2);
	}
	*p = '\0';
	return buf;
}

char *capgap_check_sentence(const struct capgap_check_answer *ans,
			    const struct capgap_check_result *result,
			    char buf[CAPGAP_CHECK_SENTENCE])
{
	const struct capgap_hit *hit = result->hit;
	char text[256];
	char bytes[CAPGAP_CHECK_BYTES_TEXT];

	capgap_hit_text(hit, text, sizeof(text));
	if (hit->len)
		snprintf(buf, CAPGAP_CHECK_SENTENCE, "0x%03x, %u byte%s: %s (bytes %s%s)",
			 hit->off, hit->len, hit->len == 1 ? "" : "s", text,
			 capgap_check_bytes(ans->base.fn, hit, bytes),
			 hit->len > CAPGAP_CHECK_BYTES_MAX ? "..." : "");
	else
		snprintf(buf, CAPGAP_CHECK_SENTENCE, "%s", text);
	return buf;
}
