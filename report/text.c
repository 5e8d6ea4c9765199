/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Format "text": a few lines a function, for people. */
#include "text.h"

#include "names.h"

const char *capgap_text_cap_name(const struct capgap_cap *cap)
{
	const struct capgap_capdef *def = capgap_caps_def(cap->space, cap->id);

	return def ? def->name : "unknown";
}

void capgap_text_identity(struct capgap_report *rep, const struct capgap_answer *ans)
{
	const struct capgap_function *fn = ans->fn;
	char bdf[CAPGAP_BDF_TEXT];
	char name[256];

	if (fn->meta.flags & CAPGAP_META_BDF)
		fputs(capgap_bdf_format(&fn->meta.bdf, bdf), rep->out);
	else
		fputs(ans->source, rep->out);
	capgap_names_function(rep->names, fn, name, sizeof(name));
	if (name[0])
		fprintf(rep->out, " %s", name);
	if (fn->id_from != CAPGAP_ID_NONE)
		fprintf(rep->out, " [%04x:%04x]", fn->vendor, fn->device);
	if (fn->kind == CAPGAP_KIND_PF)
		fputs(" (PF)", rep->out);
	if (fn->kind == CAPGAP_KIND_VF && fn->has_physfn)
		fprintf(rep->out, " (VF of %s)", capgap_bdf_format(&fn->physfn, bdf));
	else if (fn->kind == CAPGAP_KIND_VF)
		fputs(" (VF)", rep->out);
}

static void write_pasid(struct capgap_report *rep, const struct capgap_answer *ans)
{
	const struct capgap_pasid *p = ans->pasid;

	if (p->supported == CAPGAP_IS_UNKNOWN) {
		fputs("PASID unknown", rep->out);
		return;
	}
	if (p->supported == CAPGAP_IS_NO) {
		fputs("PASID not supported", rep->out);
		return;
	}
	fprintf(rep->out, "PASID %u bits%s%s", p->width, p->execute ? ", Exec" : "",
		p->privileged ? ", Priv" : "");
	fputs(p->enabled ? ", enabled" : ", not enabled", rep->out);
	if (ans->fn->kind == CAPGAP_KIND_VF && p->has_from && !ans->fn->pasid.off)
		fputs(" (its PF's)", rep->out);
}

void capgap_text_verdict(struct capgap_report *rep, const struct capgap_answer *ans)
{
	const struct capgap_plan *plan = ans->plan;

	if (ans->fn->not_applicable)
		fputs("not applicable", rep->out);
	else if (!plan->found)
		fputs("no place for PASID", rep->out);
	else if (plan->edits.link == CAPGAP_LINK_PRESENT)
		fprintf(rep->out, "PASID is there already, at 0x%03x", plan->offset);
	else
		fprintf(rep->out, "PASID at 0x%03x (%s)", plan->offset,
			plan->grade == CAPGAP_GRADE_NONE ?
				"forced" :
				capgap_grade_name(plan->grade));
	fputs("; ", rep->out);
	write_pasid(rep, ans);
}

void capgap_text_findings(struct capgap_report *rep, const struct capgap_answer *ans)
{
	const struct capgap_finding *row;
	const struct capgap_hit *hit;
	char buf[256];

	for (unsigned i = 0; (hit = capgap_answer_hit(ans, i)); i++) {
		row = capgap_finding_get(hit->kind);
		fprintf(rep->out, "  %s: 0x%03x: %s [%s]\n",
			capgap_level_name(row->level), hit->off,
			capgap_hit_text(hit, buf, sizeof(buf)), row->name);
	}
}

void capgap_text_edits(struct capgap_report *rep, const struct capgap_edits *edits)
{
	for (unsigned i = 0; i < edits->n; i++)
		fprintf(rep->out, "  edit 0x%03x: %08x -> %08x\n", edits->edit[i].off,
			(unsigned)edits->edit[i].before, (unsigned)edits->edit[i].after);
}

/* Other ranges that would do, and, where nothing was found, those that would not. */
static void write_places(struct capgap_report *rep, const struct capgap_answer *ans)
{
	struct capgap_policy policy = { .require = rep->require,
					.min_gap = rep->min_gap };
	const struct capgap_place *place;
	char buf[160];

	for (unsigned i = 0; i < ans->plan->n_places; i++) {
		place = &ans->plan->place[i];
		if ((int)i == ans->plan->chosen)
			continue;
		if (capgap_plan_qualifies(place, &policy))
			fprintf(rep->out, "  also 0x%03x-0x%03x (%s)\n", place->off,
				place->off + place->len - 1u,
				capgap_grade_name(place->grade));
		else if (!ans->plan->found)
			fprintf(rep->out, "  not 0x%03x-0x%03x (%s): %s\n", place->off,
				place->off + place->len - 1u,
				capgap_grade_name(place->grade),
				capgap_place_text(place, ans->fn, buf, sizeof(buf)));
	}
}

static void write_objections(struct capgap_report *rep, const struct capgap_answer *ans)
{
	const struct capgap_place *place;
	char buf[160];

	for (unsigned i = 0; i < ans->plan->n_objections; i++) {
		place = &ans->plan->objection[i];
		fprintf(rep->out, "  objection 0x%03x-0x%03x: %s\n", place->off,
			place->off + place->len - 1u,
			capgap_place_text(place, ans->fn, buf, sizeof(buf)));
	}
}

static void write_plan(struct capgap_report *rep, const struct capgap_answer *ans)
{
	const struct capgap_plan *plan = ans->plan;

	capgap_text_identity(rep, ans);
	fputs(": ", rep->out);
	capgap_text_verdict(rep, ans);
	fputc('\n', rep->out);
	if (plan->found)
		fprintf(rep->out, "  why  %s\n", plan->reason);
	else
		fprintf(rep->out, "  why  %s\n", plan->refusal);
	write_objections(rep, ans);
	if (plan->found && plan->edits.link != CAPGAP_LINK_PRESENT) {
		fprintf(rep->out, "  link %s\n", capgap_link_name(plan->edits.link));
		capgap_text_edits(rep, &plan->edits);
	}
	write_places(rep, ans);
	capgap_text_findings(rep, ans);
}

static void write_caps(struct capgap_report *rep, const struct capgap_cap *cap,
		       unsigned n, const char *kind)
{
	for (unsigned i = 0; i < n; i++) {
		fprintf(rep->out, "  %s 0x%03x id %04x", kind, cap[i].off, cap[i].id);
		if (cap[i].space == CAPGAP_EXT)
			fprintf(rep->out, " v%u", cap[i].version);
		fprintf(rep->out, " %s, %s%u bytes (%s)\n", capgap_text_cap_name(&cap[i]),
			cap[i].extent == CAPGAP_EXTENT_ATMOST  ? "at most " :
			cap[i].extent == CAPGAP_EXTENT_UNKNOWN ? "at least " :
								 "",
			cap[i].owned, capgap_extent_name(cap[i].extent));
	}
}

static void write_scan(struct capgap_report *rep, const struct capgap_answer *ans)
{
	const struct capgap_function *fn = ans->fn;

	capgap_text_identity(rep, ans);
	fprintf(rep->out, ": %u bytes%s%s\n", fn->image.size,
		fn->not_applicable ? "; not applicable: " : "",
		fn->not_applicable ? fn->not_applicable : "");
	write_caps(rep, fn->chain.cap, fn->chain.n, "cap");
	write_caps(rep, fn->orphans.cap, fn->orphans.n, "orphan");
	for (unsigned i = 0; i < fn->n_gaps; i++)
		fprintf(rep->out, "  gap 0x%03x-0x%03x %u bytes, %s\n", fn->gap[i].off,
			fn->gap[i].off + fn->gap[i].len - 1u, fn->gap[i].len,
			capgap_content_name(fn->gap[i].content));
	capgap_text_findings(rep, ans);
}

static int answer(struct capgap_report *rep, const struct capgap_answer *ans)
{
	if (ans->plan)
		write_plan(rep, ans);
	else
		write_scan(rep, ans);
	return 0;
}

const struct capgap_reporter capgap_report_text = {
	.name = "text",
	.help = "a few lines a function, for people",
	.answer = answer,
};
