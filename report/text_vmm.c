/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The VMM profiles for people. */
#include "vmm_report.h"

#include <ctype.h>

/* A clause as a sentence of its own. */
static void write_sentence(FILE *out, const char *before, const char *text)
{
	fprintf(out, "%s%c%s.\n", before, toupper((unsigned char)text[0]), text + 1);
}

static void write_offset(FILE *out, const struct capgap_vmm_row *row)
{
	if (!row->takes_offset)
		fprintf(out, "  Takes no offset, places at 0x%03x.\n",
			row->default_offset);
	else if (row->default_offset)
		fprintf(out,
			"  Takes an offset, places at 0x%03x when it is told none.\n",
			row->default_offset);
	else
		fputs("  Takes an offset, places nothing when it is told none.\n", out);
}

static void write_rules(FILE *out, enum capgap_vmm vmm)
{
	const struct capgap_vmm_rule_row *rule;

	fputs("  Rules, in the order in which they are tried:\n", out);
	for (unsigned i = 0; (rule = capgap_vmm_rule_row(i)); i++) {
		if (!(rule->profiles >> vmm & 1u))
			continue;
		fprintf(out, "    %s: %s\n", rule->name,
			capgap_verdict_name(rule->verdict));
		write_sentence(out, "      ", rule->text);
		fprintf(out, "      Rests on: %s.\n", rule->source);
	}
}

static int profile(struct capgap_report *rep, enum capgap_vmm vmm, bool rules)
{
	const struct capgap_vmm_row *row = capgap_vmm_row(vmm);

	if (!rules) {
		fprintf(rep->out, "%-17s %s\n", row->name, row->summary);
		return 0;
	}
	fprintf(rep->out, "%s%s\n", rep->count ? "\n" : "", row->name);
	write_sentence(rep->out, "  ", row->summary);
	write_offset(rep->out, row);
	fprintf(rep->out, "  Needs: %s.\n", row->needs);
	write_rules(rep->out, vmm);
	return 0;
}

const struct capgap_vmm_reporter capgap_vmm_text = { &capgap_report_text, profile };

static const struct capgap_vmm_reporter *const table[] = {
	&capgap_vmm_text,
	&capgap_vmm_json,
	&capgap_vmm_ndjson,
};

const struct capgap_vmm_reporter *
capgap_vmm_reporter_find(const struct capgap_reporter *format)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (table[i]->format == format)
			return table[i];
	}
	return NULL;
}
