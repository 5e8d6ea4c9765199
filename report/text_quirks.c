/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The quirk table for people. */
#include "../analyzer/function_quirks.h"
#include "quirks.h"
#include "text.h"

#include <stdlib.h>

/* "quirks.d/habana.xml:5", or that the row is in no file. */
static void write_place(struct capgap_report *rep, const struct capgap_quirk_row *row)
{
	if (row->line)
		fprintf(rep->out, "%s:%lu", row->file, row->line);
	else
		fputs("the command line", rep->out);
}

static int row(struct capgap_report *rep, const struct capgap_quirk_info *info)
{
	fprintf(rep->out, "%s\n  match   %s\n  says    ", info->row->id, info->match);
	for (unsigned i = 0; i < info->n_quirks; i++) {
		fputs(i ? ", " : "", rep->out);
		capgap_text_says(rep, &info->quirk[i]);
	}
	fprintf(rep->out, "\n  source  %s\n  file    ", info->row->source);
	write_place(rep, info->row);
	fputc('\n', rep->out);
	return 0;
}

/* A row that matches by ids alone, with the texts of what it says. */
static void write_row(struct capgap_report *rep, const struct capgap_quirk_info *info)
{
	fprintf(rep->out, "  %s (%s; ", info->row->id, info->match);
	write_place(rep, info->row);
	fputs(")\n", rep->out);
	for (unsigned i = 0; i < info->n_quirks; i++) {
		fputs("    ", rep->out);
		capgap_text_said(rep, &info->quirk[i]);
	}
}

static int ids(struct capgap_report *rep, const struct capgap_quirks *quirks,
	       const struct capgap_quirk_ask *ask)
{
	struct capgap_quirk_info info;
	unsigned long undecided = 0;

	fprintf(rep->out, "[%04x:%04x]", ask->vendor, ask->device);
	if (ask->class_mask)
		fprintf(rep->out, " class %0*x", ask->class_mask & 0xff ? 6 : 4,
			(unsigned)(ask->class_code >> (ask->class_mask & 0xff ? 0 : 8)));
	fputs(", of which nothing else is known:\n", rep->out);
	for (size_t n = 0; capgap_quirks_row(quirks, n, &info); n++) {
		enum capgap_quirk_fit fit = capgap_quirks_fit(quirks, n, ask);

		if (fit == CAPGAP_FIT_YES)
			write_row(rep, &info);
		undecided += fit == CAPGAP_FIT_MAYBE;
	}
	if (undecided)
		fprintf(rep->out,
			"  rows that ask for more than that: %lu ('quirks list -d' lists "
			"them)\n",
			undecided);
	return 0;
}

/* A structure that has bytes. */
static void write_structure(struct capgap_report *rep, const struct capgap_function *fn,
			    const struct capgap_quirk_bytes *bytes)
{
	const struct capgap_cap *cap = capgap_quirk_bytes_cap(fn, bytes);

	if (cap)
		fprintf(rep->out, "%s at 0x%03x has them already",
			capgap_text_cap_name(cap), cap->off);
	else if (bytes->owner == CAPGAP_OWNER_ORPHAN)
		fputs("registers of an IP core", rep->out);
	else
		fputs("a structure that is not read whole has them already", rep->out);
}

/* Who has bytes that a quirk speaks of, where that is not the quirk itself. */
static void write_owner(struct capgap_report *rep, const struct capgap_function *fn,
			const struct capgap_quirk_bytes *bytes)
{
	const struct capgap_quirk *by = capgap_quirk_bytes_quirk(fn, bytes);

	switch (bytes->owner) {
	case CAPGAP_OWNER_ABSENT:
		fputs("not read", rep->out);
		break;
	case CAPGAP_OWNER_HEADER:
		fputs("the header has them already", rep->out);
		break;
	case CAPGAP_OWNER_CAP:
	case CAPGAP_OWNER_CAP_MIN:
	case CAPGAP_OWNER_ORPHAN:
		write_structure(rep, fn, bytes);
		break;
	case CAPGAP_OWNER_VFIO:
		fputs("a structure that only the VFIO side links has them", rep->out);
		break;
	case CAPGAP_OWNER_RESERVED:
		fprintf(rep->out, "reserved by %s", by ? by->row->id : "a quirk");
		break;
	case CAPGAP_OWNER_LISTED:
		fprintf(rep->out, "listed as free by %s", by ? by->row->id : "a quirk");
		break;
	case CAPGAP_OWNER_DESCRIPTOR:
		fputs("declared free by a descriptor", rep->out);
		break;
	case CAPGAP_OWNER_SHADOW:
		fputs("a structure of unknown length may reach there", rep->out);
		break;
	case CAPGAP_OWNER_UNWALKED:
		fputs("no list was walked there", rep->out);
		break;
	case CAPGAP_OWNER_FREE:
		fputs("nobody has them", rep->out);
		break;
	}
}

static void write_bytes(struct capgap_report *rep, const struct capgap_function *fn,
			const struct capgap_quirk *quirk)
{
	struct capgap_quirk_bytes bytes;

	for (unsigned off = 0; capgap_quirk_bytes(fn, quirk, off, &bytes);
	     off = bytes.off + (unsigned)bytes.len) {
		fprintf(rep->out, "      0x%03x-0x%03x: ", bytes.off,
			bytes.off + bytes.len - 1u);
		if (quirk->verb == CAPGAP_VERB_RESERVED &&
		    bytes.owner == CAPGAP_OWNER_RESERVED)
			fputs("kept from use", rep->out);
		else if (quirk->verb == CAPGAP_VERB_FREE &&
			 bytes.owner == CAPGAP_OWNER_LISTED)
			fputs("offered as free", rep->out);
		else
			write_owner(rep, fn, &bytes);
		fputc('\n', rep->out);
	}
}

/* What comes of one thing that a row says. */
static void write_outcome(struct capgap_report *rep, const struct capgap_function *fn,
			  const struct capgap_quirk *quirk)
{
	bool acts = capgap_quirk_acts(fn, quirk);

	switch (quirk->verb) {
	case CAPGAP_VERB_RESERVED:
	case CAPGAP_VERB_FREE:
	case CAPGAP_VERB_PREFER:
		write_bytes(rep, fn, quirk);
		break;
	case CAPGAP_VERB_FINGERPRINT:
		fputs(acts ? "      the test holds\n" :
			     "      the test fails: nothing is taken\n",
		      rep->out);
		if (acts)
			write_bytes(rep, fn, quirk);
		break;
	case CAPGAP_VERB_LIMIT:
		fputs(acts ? "      nothing is used from there on\n" :
			     "      the image does not reach so far\n",
		      rep->out);
		break;
	case CAPGAP_VERB_DESCRIPTOR:
		fputs(acts ? "      the function has such a DVSEC\n" :
			     "      the function has no such DVSEC\n",
		      rep->out);
		break;
	case CAPGAP_VERB_REFUSE:
		fputs("      nothing is placed on this function\n", rep->out);
		break;
	case CAPGAP_VERB_SUSPECT:
		fputs("      no place is graded above assumed\n", rep->out);
		break;
	case CAPGAP_VERB_NOTE:
		break;
	}
}

static int answer(struct capgap_report *rep, const struct capgap_answer *ans)
{
	const struct capgap_function *fn = ans->fn;
	const struct capgap_quirk_row *last = NULL;

	capgap_text_machine(rep, ans);
	capgap_text_identity(rep, ans);
	fputs(capgap_function_quirks(fn) ? "\n" : ": no row matches\n", rep->out);
	for (size_t i = 0; i < capgap_function_quirks(fn); i++) {
		const struct capgap_quirk *quirk = &fn->quirk[i];

		if (quirk->row != last) {
			fprintf(rep->out, "  %s (specificity %u; ", quirk->row->id,
				quirk->specificity);
			write_place(rep, quirk->row);
			fputs(")\n", rep->out);
		}
		last = quirk->row;
		fputs("    ", rep->out);
		capgap_text_said(rep, quirk);
		write_outcome(rep, fn, quirk);
	}
	if (fn->n_quirks > capgap_function_quirks(fn))
		fprintf(rep->out,
			"  and %zu things more, which are too many to be heeded\n",
			fn->n_quirks - capgap_function_quirks(fn));
	return 0;
}

static void write_tests(struct capgap_report *rep, const struct capgap_quirk *quirk)
{
	for (unsigned i = 0; i < quirk->n_tests; i++)
		fprintf(rep->out,
			"%s the dword at 0x%03x, of which 0x%08x counts, is 0x%08x",
			i ? " and" : "", quirk->test[i].off,
			(unsigned)quirk->test[i].mask, (unsigned)quirk->test[i].value);
}

/* Bytes in use, and which of them tell the device from its like. */
static void write_reserved(struct capgap_report *rep, const struct capgap_quirk *quirk)
{
	fprintf(rep->out,
		"0x%03x-0x%03x (%u bytes) are in use, whether a structure has them or not; "
		"nothing is placed there",
		quirk->off, quirk->off + quirk->len - 1u, quirk->len);
	if (quirk->identity_len)
		fprintf(rep->out,
			"; 0x%03x-0x%03x (%u bytes) tell this device from its like, and "
			"'capture --anonymise' writes 00 there",
			quirk->identity_off,
			quirk->identity_off + quirk->identity_len - 1u,
			quirk->identity_len);
}

/* One thing that a row says, as a sentence. */
static void write_sentence(struct capgap_report *rep, const struct capgap_quirk *quirk)
{
	unsigned last = quirk->off + quirk->len - 1u;

	switch (quirk->verb) {
	case CAPGAP_VERB_RESERVED:
		write_reserved(rep, quirk);
		break;
	case CAPGAP_VERB_FREE:
		fprintf(rep->out,
			"0x%03x-0x%03x (%u bytes) are free, even if they do not read as zero; "
			"a place there is listed",
			quirk->off, last, quirk->len);
		break;
	case CAPGAP_VERB_PREFER:
		fprintf(rep->out, "PASID goes to 0x%03x, if nobody has the bytes there",
			quirk->off);
		break;
	case CAPGAP_VERB_REFUSE:
		fputs("nothing is placed on this function", rep->out);
		break;
	case CAPGAP_VERB_LIMIT:
		fprintf(rep->out, "nothing is read or used from 0x%03x on", quirk->off);
		break;
	case CAPGAP_VERB_SUSPECT:
		fputs("no place is graded above assumed", rep->out);
		break;
	case CAPGAP_VERB_FINGERPRINT:
		fprintf(rep->out,
			"0x%03x-0x%03x (%u bytes) are registers of an IP core where",
			quirk->off, last, quirk->len);
		write_tests(rep, quirk);
		break;
	case CAPGAP_VERB_DESCRIPTOR:
		fprintf(rep->out,
			"a DVSEC of vendor %04x with id %04x describes free space (%s)",
			quirk->dvsec_vendor, quirk->dvsec_id,
			quirk->no_control	       ? "a gap, without a control word" :
			quirk->form == CAPGAP_FORM_GAP ? "a gap" :
			quirk->form == CAPGAP_FORM_TABLE ? "a table" :
							   "its control word says how");
		break;
	case CAPGAP_VERB_NOTE:
		fputs("this changes nothing, but is worth knowing", rep->out);
		break;
	}
}

int capgap_quirks_explain(struct capgap_report *rep, const struct capgap_quirks *quirks,
			  size_t n)
{
	struct capgap_quirk_info info;
	char *words = capgap_quirks_match_words(quirks, n);

	if (!words || !capgap_quirks_row(quirks, n, &info)) {
		free(words);
		return -CAPGAP_E_NOMEM;
	}
	fprintf(rep->out, "%s%s\n  Matches: %s.\n", rep->count ? "\n" : "", info.row->id,
		words);
	for (unsigned i = 0; i < info.n_quirks; i++) {
		const struct capgap_quirk *quirk = &info.quirk[i];

		fprintf(rep->out, "  Says (%s): ", capgap_verb_name(quirk->verb));
		write_sentence(rep, quirk);
		fputs(".\n", rep->out);
		if (quirk->text[0])
			fprintf(rep->out, "    %s: %s\n",
				quirk->verb == CAPGAP_VERB_FINGERPRINT ? "Core" : "Why",
				quirk->text);
	}
	fprintf(rep->out, "  Check it in: %s\n  Stands in: ", info.row->source);
	write_place(rep, info.row);
	fputc('\n', rep->out);
	free(words);
	return 0;
}

const struct capgap_quirks_reporter capgap_quirks_text = {
	.format = &capgap_report_text,
	.row = row,
	.ids = ids,
	.answer = answer,
};
