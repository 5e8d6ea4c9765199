/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Free-space descriptors for people; and the table for a driver, which scripts read too. */
#include <string.h>

#include "../analyzer/bytes.h"
#include "../analyzer/dvsec_fields.h"
#include "dvsec_report.h"
#include "text.h"

/* "0x140  23 00 01 18  18010023": a dword as it stands, and as a number. */
static void write_dword(struct capgap_report *rep, unsigned off, uint32_t dword)
{
	fprintf(rep->out, "  0x%03x  %02x %02x %02x %02x  %08x", off,
		(unsigned)(dword & 0xff), (unsigned)(dword >> 8 & 0xff),
		(unsigned)(dword >> 16 & 0xff), (unsigned)(dword >> 24), (unsigned)dword);
}

/* "0x200-0x25f, 96 bytes". */
static void write_range(struct capgap_report *rep, unsigned off, unsigned len)
{
	fprintf(rep->out, "0x%03x-0x%03x, %u bytes", off, off + len - 1, len);
}

static void write_descriptor(struct capgap_report *rep,
			     const struct capgap_dvsec_made *made,
			     const struct capgap_made *one)
{
	const struct capgap_declaration *decl = made->decl;
	const struct capgap_range *range = &decl->range[one->first];
	struct capgap_dvsec_dword dword;
	unsigned place;

	fprintf(rep->out, "descriptor at 0x%03x, form %s, Length %u\n", one->off,
		capgap_dvsec_form_name(decl->want.form), one->len);
	for (unsigned i = 0;
	     capgap_dvsec_dword(&dword, decl, one, &made->base.fn->image, i); i++) {
		write_dword(rep, dword.edit.off, dword.edit.after);
		fprintf(rep->out, "  %s", dword.words);
		if (dword.edit.before)
			fprintf(rep->out, "; was %08x", (unsigned)dword.edit.before);
		fputc('\n', rep->out);
	}
	for (unsigned i = 0; i == 0 || i < one->n_ranges; i++) {
		place = capgap_declare_place(decl, one, i);
		if (i < one->n_ranges) {
			fputs("  free   ", rep->out);
			write_range(rep, range[i].off, range[i].len);
		}
		if (place)
			fprintf(rep->out, "%sPASID at 0x%03x",
				i < one->n_ranges ? "; " : "  ", place);
		if (place || i < one->n_ranges)
			fputc('\n', rep->out);
	}
}

static void write_left(struct capgap_report *rep, const struct capgap_declaration *decl)
{
	if (decl->n_left)
		fputs("left out\n", rep->out);
	for (unsigned i = 0; i < decl->n_left; i++) {
		fputs("  ", rep->out);
		write_range(rep, decl->left[i].range.off, decl->left[i].range.len);
		fprintf(rep->out, ": %s\n", capgap_left_text(decl->left[i].why));
	}
}

/* Both ways to make the pair known; the quirk file has an indent, which XML allows. */
static void write_listing(struct capgap_report *rep, const struct capgap_dvsec_made *made)
{
	char option[CAPGAP_DVSEC_OPTION_TEXT];
	char quirk[CAPGAP_DVSEC_QUIRK_TEXT];
	size_t len;

	fprintf(rep->out, "the pair is made known by the option\n  %s\n",
		capgap_dvsec_option(&made->decl->want, option));
	fputs("or by a file in quirks.d\n", rep->out);
	capgap_dvsec_quirk(&made->decl->want, made->base.fn, quirk);
	for (const char *line = quirk; *line; line += len) {
		len = strcspn(line, "\n") + 1;
		fprintf(rep->out, "  %.*s", (int)len, line);
	}
}

static int write_made(struct capgap_report *rep, const struct capgap_dvsec_made *made)
{
	const struct capgap_declaration *decl = made->decl;
	const char *note;
	unsigned bytes = 0;

	capgap_text_identity(rep, &made->base);
	if (decl->refusal[0]) {
		fprintf(rep->out, ": nothing made: %s\n", decl->refusal);
		return 0;
	}
	for (unsigned i = 0; i < decl->n_ranges; i++)
		bytes += decl->range[i].len;
	fprintf(rep->out, ": %u free-space descriptor%s, %u bytes declared free\n",
		decl->n_made, decl->n_made == 1 ? "" : "s", bytes);
	for (unsigned i = 0; i < decl->n_made; i++)
		write_descriptor(rep, made, &decl->made[i]);
	fputs(decl->n_edits ? "linked by\n" : "the descriptor is the head of the list\n",
	      rep->out);
	capgap_text_edits(rep, decl->edit, decl->n_edits);
	write_left(rep, decl);
	for (unsigned i = 0; (note = capgap_declare_note(decl, made->base.fn, i)); i++)
		fprintf(rep->out, "note: %s\n", note);
	write_listing(rep, made);
	fputs("read again: all of it is recognised and usable, nothing else has changed\n",
	      rep->out);
	if (made->output)
		fprintf(rep->out, "image: %s (%s)\n", made->output, made->output_form);
	return 0;
}

/* All fields of a descriptor, its dwords once each. */
static void write_fields(struct capgap_report *rep, const struct capgap_image *img,
			 const struct capgap_descriptor *d)
{
	struct capgap_dvsec_field field;
	unsigned last = 0;
	char bits[12];
	int digits;

	for (unsigned i = 0; capgap_dvsec_field(&field, img, d, i); i++) {
		if (field.off == last)
			fprintf(rep->out, "  %28s", "");
		else
			write_dword(rep, field.off, field.dword);
		last = field.off;
		snprintf(bits, sizeof(bits), "%u:%u", field.high, field.low);
		digits = (field.high - field.low + 4) / 4;
		fprintf(rep->out, "  %-6s %-18s 0x%0*x%*s%s\n", bits, field.name, digits,
			(unsigned)field.value, field.meaning[0] ? 6 - digits : 0, "",
			field.meaning);
	}
}

static void write_ranges(struct capgap_report *rep, const struct capgap_free_space *fs,
			 unsigned descriptor)
{
	const struct capgap_declared *range;

	for (unsigned i = 0; i < fs->n_ranges; i++) {
		range = &fs->range[i];
		if (range->descriptor != descriptor)
			continue;
		if (!range->len) {
			fprintf(rep->out, "  range: empty, at 0x%03x: %s\n", range->off,
				range->usable ? "the descriptor can be replaced" :
						"not used");
			continue;
		}
		fputs("  range: ", rep->out);
		write_range(rep, range->off, range->len);
		fprintf(rep->out, ": %s\n", range->usable ? "free" : "not used");
	}
}

static void write_decoded(struct capgap_report *rep, const struct capgap_function *fn,
			  const struct capgap_descriptor *d)
{
	const struct capgap_hit *hit;

	write_fields(rep, &fn->image, d);
	for (unsigned i = 0; (hit = capgap_dvsec_hit(&fn->findings, d, i)); i++)
		capgap_text_hit(rep, hit);
}

static int write_function(struct capgap_report *rep, const struct capgap_answer *ans)
{
	const struct capgap_free_space *fs = &ans->fn->free_space;
	const struct capgap_descriptor *d;
	struct capgap_descriptor other;

	capgap_text_identity(rep, ans);
	fprintf(rep->out, ": %u free-space descriptor%s%s\n", fs->n_descriptors,
		fs->n_descriptors == 1 ? "" : "s",
		fs->exhaustive ? "; what no table lists may be in use" : "");
	for (unsigned i = 0; i < fs->n_descriptors; i++) {
		d = &fs->descriptor[i];
		fprintf(rep->out, "descriptor at 0x%03x, form %s%s, pair %04x:%04x: %s\n",
			d->off, capgap_dvsec_form_name(d->form),
			d->no_control ? " without control word" : "", d->vendor, d->id,
			d->valid ? "valid" : "not valid, none of its ranges is used");
		write_decoded(rep, ans->fn, d);
		write_ranges(rep, fs, i);
	}
	for (unsigned i = 0;
	     capgap_dvsec_unlisted(&other, &ans->fn->chain, &ans->fn->image, fs, i);
	     i++) {
		fprintf(rep->out,
			"DVSEC at 0x%03x looks like a descriptor, but the pair %04x:%04x is "
			"not listed; --descriptor lists it\n",
			other.off, other.vendor, other.id);
		write_decoded(rep, ans->fn, &other);
	}
	return 0;
}

/* Columns, names of which are in the first line, separated by tabs; "-" is nothing. */
static void begin_driver(struct capgap_report *rep)
{
	fputs("#vendor\tdevice\tfunction\tmatch\toffset\tlength\tgrade\tfunctions\tsource\n",
	      rep->out);
}

/* A name from outside may not break the columns. */
static void write_word(struct capgap_report *rep, const char *text)
{
	for (; *text; text++)
		fputc((unsigned char)*text < 0x20 ? '?' : *text, rep->out);
}

static int write_driver(struct capgap_report *rep, const struct capgap_driver_row *row)
{
	fprintf(rep->out, "%s\t%s\t%s\t%s\t0x%03x\t0x%x\t%s\t", row->vendor, row->device,
		row->function, row->match[0] ? row->match : "-", row->range.off,
		row->range.len, capgap_grade_name(row->grade));
	if (row->n_functions)
		fprintf(rep->out, "%lu\t", row->n_functions);
	else
		fputs("-\t", rep->out);
	write_word(rep, row->source);
	fputc('\n', rep->out);
	return 0;
}

const struct capgap_dvsec_reporter capgap_dvsec_text = {
	.format = &capgap_report_text,
	.made = write_made,
	.decoded = write_function,
	.driver_begin = begin_driver,
	.driver = write_driver,
};
