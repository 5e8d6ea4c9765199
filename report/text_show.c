/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `show` prints: one function in full, fit for a bug report. */
#include <libsmartcols.h>
#include <stdarg.h>
#include <string.h>

#include "text.h"

#include "../analyzer/bytes.h"

/* Characters of the map; structures take letters in list order. */
#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define MAP_HEADER '='
#define MAP_PLACE '@'
#define MAP_CHANGING '%'
#define MAP_ROW 0x100u /* bytes a row; one character a dword */

static char letter_of(unsigned index)
{
	return LETTERS[index % (sizeof(LETTERS) - 1)];
}

static struct libscols_table *table_new(struct capgap_report *rep,
					const char *const *columns)
{
	struct libscols_table *tb = scols_new_table();

	if (!tb)
		return NULL;
	scols_table_set_stream(tb, rep->out);
	scols_table_enable_maxout(tb, 0);
	for (; *columns; columns++) {
		if (!scols_table_new_column(tb, *columns, 0, 0)) {
			scols_unref_table(tb);
			return NULL;
		}
	}
	return tb;
}

/* Set the cell of a column from a format; false when memory is short. */
static bool __attribute__((format(printf, 3, 4)))
cell(struct libscols_line *line, size_t column, const char *fmt, ...)
{
	char buf[160];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	return scols_line_set_data(line, column, buf) == 0;
}

static bool add_cap(struct libscols_table *tb, const struct capgap_cap *cap, char letter)
{
	struct libscols_line *line = scols_table_new_line(tb, NULL);
	bool ok = line != NULL;

	ok = ok && cell(line, 0, "  %c", letter);
	ok = ok && cell(line, 1, "0x%03x", cap->off);
	ok = ok && (cap->space == CAPGAP_EXT ?
			    cell(line, 2, "%04x v%u", cap->id, cap->version) :
			    cell(line, 2, "%02x", cap->id));
	ok = ok && cell(line, 3, "0x%03x", cap->off + cap->owned - 1u);
	ok = ok && cell(line, 4, "%u", cap->owned);
	ok = ok && cell(line, 5, "%s", capgap_extent_name(cap->extent));
	ok = ok &&
	     (cap->next ? cell(line, 6, "0x%03x", cap->next) : cell(line, 6, "end"));
	return ok && cell(line, 7, "%s", capgap_text_cap_name(cap));
}

/* Print a table and drop it; -CAPGAP_E_NOMEM when it could not be made. */
static int print_table(struct libscols_table *tb, bool ok)
{
	if (tb && ok)
		ok = scols_print_table(tb) == 0;
	scols_unref_table(tb);
	return ok ? 0 : -CAPGAP_E_NOMEM;
}

static int write_caps(struct capgap_report *rep, const char *title,
		      const struct capgap_cap *cap, unsigned n, unsigned first)
{
	static const char *const columns[] = { "MAP",  "FIRST",	     "ID",
					       "LAST", "BYTES",	     "EXTENT",
					       "NEXT", "CAPABILITY", NULL };
	struct libscols_table *tb;
	bool ok = true;

	fprintf(rep->out, "\n%s%s\n", title, n ? ":" : ": none");
	if (!n)
		return 0;
	tb = table_new(rep, columns);
	if (!tb)
		return -CAPGAP_E_NOMEM;
	for (unsigned i = 0; ok && i < n; i++)
		ok = add_cap(tb, &cap[i], letter_of(first + i));
	return print_table(tb, ok);
}

static void write_gaps(struct capgap_report *rep, const struct capgap_function *fn)
{
	fprintf(rep->out, "\nGaps of at least %u bytes%s\n", rep->policy.min_gap,
		fn->n_gaps ? ":" : ": none");
	for (unsigned i = 0; i < fn->n_gaps; i++)
		fprintf(rep->out, "  0x%03x-0x%03x %5u bytes, %s\n", fn->gap[i].off,
			fn->gap[i].off + fn->gap[i].len - 1u, fn->gap[i].len,
			capgap_content_name(fn->gap[i].content));
}

static char owned_letter(const struct capgap_function *fn, unsigned off)
{
	const struct capgap_claim *claim;

	for (int i = capgap_map_next_owner(&fn->map, off, 0); i >= 0;
	     i = capgap_map_next_owner(&fn->map, off, (unsigned)i + 1)) {
		claim = &fn->map.claim[i];
		if (claim->owner != fn->map.verdict[off] || claim->cap == CAPGAP_NO_CAP)
			continue;
		if (claim->owner != CAPGAP_OWNER_RESERVED)
			return letter_of(claim->owner == CAPGAP_OWNER_ORPHAN ?
						 fn->chain.n + claim->cap :
						 claim->cap);
	}
	return '#';
}

static bool is_changing(const struct capgap_function *fn, unsigned off)
{
	return capgap_image_is_changing(&fn->image, off, 4);
}

/* The character of the dword at @off. */
static char map_char(const struct capgap_answer *ans, unsigned off)
{
	const struct capgap_function *fn = ans->fn;
	uint32_t val;

	if (ans->plan && ans->plan->found && off >= ans->plan->offset &&
	    off < ans->plan->offset + CAPGAP_PASID_LEN)
		return MAP_PLACE;
	if (off >= fn->map.size)
		return ' ';
	switch ((enum capgap_owner)fn->map.verdict[off]) {
	case CAPGAP_OWNER_ABSENT:
		return '?';
	case CAPGAP_OWNER_HEADER:
		return MAP_HEADER;
	case CAPGAP_OWNER_UNWALKED:
		return '-';
	case CAPGAP_OWNER_VFIO:
		return '+';
	case CAPGAP_OWNER_RESERVED:
		return '!';
	case CAPGAP_OWNER_SHADOW:
		return is_changing(fn, off) ? MAP_CHANGING : '~';
	case CAPGAP_OWNER_LISTED:
	case CAPGAP_OWNER_DESCRIPTOR:
	case CAPGAP_OWNER_FREE:
		if (is_changing(fn, off))
			return MAP_CHANGING;
		return capgap_get32(&fn->image, off, &val) && val == 0 ? '.' : '*';
	default:
		return owned_letter(fn, off);
	}
}

static void write_map(struct capgap_report *rep, const struct capgap_answer *ans)
{
	unsigned size = ans->fn->map.size;
	unsigned col;

	fputs("\nMap, one character a dword (= header, letter structure, . free and zero, "
	      "* unowned and not zero,\n~ may belong to a structure of unknown length, "
	      "# an IP core's register, ! reserved by a quirk,\n? not read, - no list walked, "
	      "@ the place for PASID):\n",
	      rep->out);
	if (ans->fn->has_vfio_image)
		fputs("(+ a structure that only the VFIO side links)\n", rep->out);
	if (capgap_image_is_changing(&ans->fn->image, 0, CAPGAP_SPACE_MAX))
		fprintf(rep->out,
			"(%c unowned, and differs between samples, or between the host's and "
			"the VFIO side's)\n",
			MAP_CHANGING);
	for (unsigned row = 0; row < size; row += MAP_ROW) {
		fprintf(rep->out, "  %03x  ", row);
		for (col = 0; col < MAP_ROW && row + col < size; col += 4) {
			if (col && col % 0x40 == 0)
				fputc(' ', rep->out);
			fputc(map_char(ans, row + col), rep->out);
		}
		fputc('\n', rep->out);
	}
}

/* The IOMMU group, and who else is in it on which driver. */
static void write_group(struct capgap_report *rep, const struct capgap_meta *meta)
{
	char bdf[CAPGAP_BDF_TEXT];

	if (!(meta->flags & (CAPGAP_META_GROUP | CAPGAP_META_MEMBERS)))
		return;
	fputs("IOMMU group: ", rep->out);
	if (meta->flags & CAPGAP_META_GROUP)
		fprintf(rep->out, "%u", meta->iommu_group);
	else
		fputs("its number is not known", rep->out);
	if (meta->flags & CAPGAP_META_MEMBERS)
		fprintf(rep->out, ", %u function%s", meta->group_size,
			meta->group_size == 1 ? "" : "s");
	fputc('\n', rep->out);
	for (unsigned i = 0; i < meta->n_members; i++) {
		fprintf(rep->out,
			"  with %s: ", capgap_bdf_format(&meta->member[i].bdf, bdf));
		if (meta->member[i].driver[0])
			capgap_text_name(rep, meta->member[i].driver);
		else
			fputs("no driver", rep->out);
		fputc('\n', rep->out);
	}
	if (meta->group_size > meta->n_members + 1)
		fprintf(rep->out, "  and %u more\n",
			meta->group_size - meta->n_members - 1);
}

/* How many virtual functions there are, and how many there can be. */
static void write_vfs(struct capgap_report *rep, const struct capgap_meta *meta)
{
	if (meta->flags & CAPGAP_META_VFS)
		fprintf(rep->out, "Virtual functions: %u", meta->vfs);
	if (meta->flags & CAPGAP_META_TOTAL_VFS)
		fprintf(rep->out, "%s%u",
			meta->flags & CAPGAP_META_VFS ? " of " :
							"Virtual functions: at most ",
			meta->total_vfs);
	if (meta->flags & (CAPGAP_META_VFS | CAPGAP_META_TOTAL_VFS))
		fputc('\n', rep->out);
}

/* What the host says of the function beside its bytes. */
static void write_surroundings(struct capgap_report *rep, const struct capgap_meta *meta)
{
	if (meta->flags & CAPGAP_META_DRIVER) {
		fputs("Driver: ", rep->out);
		capgap_text_name(rep, meta->driver);
		fputc('\n', rep->out);
	}
	if (meta->flags & CAPGAP_META_VFIO) {
		fputs("VFIO device: ", rep->out);
		capgap_text_name(rep, meta->vfio);
		fputc('\n', rep->out);
	}
	write_vfs(rep, meta);
	write_group(rep, meta);
	if (meta->flags & CAPGAP_META_NUMA)
		fprintf(rep->out, "NUMA node: %u\n", meta->numa_node);
}

static void write_head(struct capgap_report *rep, const struct capgap_answer *ans)
{
	const struct capgap_function *fn = ans->fn;
	uint8_t type = fn->chain.ctx.header_type;

	capgap_text_identity(rep, ans);
	fputs("\nSource: ", rep->out);
	capgap_text_name(rep, ans->source);
	fprintf(rep->out, ", machine %u, seen from the %s\n", ans->machine,
		capgap_vantage_name(fn->vantage));
	fprintf(rep->out, "Header: ");
	if (type == 0xff)
		fputs("type not read", rep->out);
	else
		fprintf(rep->out, "type %u", type);
	if (fn->chain.ctx.class_code != 0xffffff)
		fprintf(rep->out, ", class %06x", (unsigned)fn->chain.ctx.class_code);
	fprintf(rep->out, ", %s, %u bytes%s\n",
		fn->pcie       ? "PCI Express" :
		fn->pcie_known ? "not PCI Express" :
				 "PCI Express or not: its list was not read whole",
		fn->image.size,
		!fn->image.size			  ? ", none read" :
		capgap_image_is_whole(&fn->image) ? ", all read" :
						    ", some not read");
	write_surroundings(rep, &fn->meta);
	if (fn->has_vfio_image)
		fputs("VFIO side: from a dump\n", rep->out);
}

/* Why each range of extended space would do, or would not. */
static void write_ranges(struct capgap_report *rep, const struct capgap_answer *ans)
{
	const struct capgap_place *place;
	char buf[256];

	if (!ans->plan->n_places)
		return;
	fputs("\nRanges of extended space that no structure holds:\n", rep->out);
	for (unsigned i = 0; i < ans->plan->n_places; i++) {
		place = &ans->plan->place[i];
		fprintf(rep->out, "%s 0x%03x-0x%03x %5u bytes  %-8s %s\n",
			(int)i == ans->plan->chosen ? " >" : "  ", place->off,
			place->off + place->len - 1u, place->len,
			capgap_grade_name(place->grade),
			capgap_place_text(place, ans->fn, buf, sizeof(buf)));
	}
}

static void write_placement(struct capgap_report *rep, const struct capgap_answer *ans)
{
	const struct capgap_plan *plan = ans->plan;

	fputs("\nPlacement: ", rep->out);
	capgap_text_verdict(rep, ans);
	fprintf(rep->out, "\n  %s\n", plan->found ? plan->reason : plan->refusal);
	if (plan->found && plan->edits.n) {
		fprintf(rep->out, "  link: %s, over what vfio-pci shows\n",
			capgap_link_name(plan->edits.link));
		capgap_text_edits(rep, plan->edits.edit, plan->edits.n);
	}
	write_ranges(rep, ans);
}

static int answer(struct capgap_report *rep, const struct capgap_answer *ans)
{
	const struct capgap_function *fn = ans->fn;
	const struct capgap_chain *chain = &fn->chain;
	int rc;

	if (rep->count)
		fputc('\n', rep->out);
	write_head(rep, ans);
	rc = write_caps(rep, "PCI-compatible list, in order", chain->cap, chain->n_conv,
			0);
	if (!rc && chain->ext_walked)
		rc = write_caps(rep, "Extended list, in order",
				chain->cap + chain->n_conv, chain->n - chain->n_conv,
				chain->n_conv);
	if (!rc && fn->orphans.n)
		rc = write_caps(rep, "In no list (orphans)", fn->orphans.cap,
				fn->orphans.n, chain->n);
	if (rc)
		return rc;
	write_gaps(rep, fn);
	write_map(rep, ans);
	write_placement(rep, ans);
	if (fn->n_quirks)
		fputs("\nQuirks:\n", rep->out);
	capgap_text_quirks(rep, fn, true);
	if (capgap_answer_hit(ans, 0))
		fputs("\nFindings:\n", rep->out);
	capgap_text_findings(rep, ans);
	return 0;
}

const struct capgap_reporter capgap_report_show = {
	.name = "show",
	.help = "one function in full",
	.answer = answer,
};
