/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Format "text": a few lines a function, for people. */
#include "text.h"

#include "names.h"

#include "../placement/live_join.h"

const char *capgap_text_cap_name(const struct capgap_cap *cap)
{
	const struct capgap_capdef *def = capgap_caps_def(cap->space, cap->id);

	return def ? def->name : "unknown";
}

void capgap_text_name(struct capgap_report *rep, const char *name)
{
	for (; *name; name++)
		fputc((unsigned char)*name < 0x20 || *name == 0x7f ? '?' : *name,
		      rep->out);
}

void capgap_text_identity(struct capgap_report *rep, const struct capgap_answer *ans)
{
	const struct capgap_function *fn = ans->fn;
	char bdf[CAPGAP_BDF_TEXT];
	char name[256];

	if (fn->meta.flags & CAPGAP_META_BDF)
		fputs(capgap_bdf_format(&fn->meta.bdf, bdf), rep->out);
	else
		capgap_text_name(rep, ans->source);
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
		fputs("whether the device has PASID is unknown", rep->out);
		return;
	}
	if (p->supported == CAPGAP_IS_NO) {
		fputs(p->method == CAPGAP_METHOD_LIVE ?
			      "the kernel says that there is no PASID to be used" :
			      "the device has no PASID",
		      rep->out);
		return;
	}
	fprintf(rep->out, "the device has PASID, %u bits%s%s", p->width,
		p->execute ? ", Exec" : "", p->privileged ? ", Priv" : "");
	fputs(p->enabled ? ", enabled" : ", not enabled", rep->out);
	if (ans->fn->kind == CAPGAP_KIND_VF && p->has_from && !ans->fn->pasid.off)
		fputs(" (its PF's)", rep->out);
}

/* A placement that the caller's VMM does not make as planned. */
static void write_doubt(struct capgap_report *rep, const struct capgap_plan *plan)
{
	const struct capgap_verdict *verdict = &plan->verdict[rep->policy.vmm];

	if (plan->found && plan->n_verdicts && verdict->kind != CAPGAP_VERDICT_ACCEPTED)
		fprintf(rep->out, ", but %s: %s", capgap_vmm_name(verdict->vmm),
			capgap_verdict_name(verdict->kind));
}

void capgap_text_verdict(struct capgap_report *rep, const struct capgap_answer *ans)
{
	const struct capgap_plan *plan = ans->plan;

	if (ans->fn->not_applicable)
		fputs("not applicable", rep->out);
	else if (!plan->found && plan->by_caller)
		fprintf(rep->out, "0x%03x cannot be used for PASID", plan->offset);
	else if (!plan->found)
		fputs("no place for PASID", rep->out);
	else if (plan->edits.link == CAPGAP_LINK_PRESENT)
		fprintf(rep->out, "PASID is there already, at 0x%03x", plan->offset);
	else
		fprintf(rep->out, "PASID at 0x%03x (%s%s%s)", plan->offset,
			plan->grade == CAPGAP_GRADE_NONE ? "forced" :
							   capgap_grade_name(plan->grade),
			capgap_plan_meets(plan, &rep->policy) ?
				"" :
				", weaker than the required ",
			capgap_plan_meets(plan, &rep->policy) ?
				"" :
				capgap_grade_name(rep->policy.require));
	write_doubt(rep, plan);
	fputs("; ", rep->out);
	write_pasid(rep, ans);
}

void capgap_text_hit(struct capgap_report *rep, const struct capgap_hit *hit)
{
	const struct capgap_finding *row = capgap_finding_get(hit->kind);
	char buf[256];

	fprintf(rep->out, "  %s: 0x%03x: %s [%s]\n", capgap_level_name(row->level),
		hit->off, capgap_hit_text(hit, buf, sizeof(buf)), row->name);
}

void capgap_text_findings(struct capgap_report *rep, const struct capgap_answer *ans)
{
	const struct capgap_hit *hit;

	for (unsigned i = 0; (hit = capgap_answer_hit(ans, i)); i++)
		capgap_text_hit(rep, hit);
}

void capgap_text_edits(struct capgap_report *rep, const struct capgap_edit *edit,
		       unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		fprintf(rep->out, "  edit 0x%03x: %08x -> %08x\n", edit[i].off,
			(unsigned)edit[i].before, (unsigned)edit[i].after);
}

/* What a row says changes the plan by itself; the rest only takes bytes, or is to be read. */
static bool is_decisive(enum capgap_verb verb)
{
	return verb == CAPGAP_VERB_FREE || verb == CAPGAP_VERB_PREFER ||
	       verb == CAPGAP_VERB_REFUSE || verb == CAPGAP_VERB_LIMIT ||
	       verb == CAPGAP_VERB_SUSPECT;
}

void capgap_text_says(struct capgap_report *rep, const struct capgap_quirk *quirk)
{
	static const char *const forms[] = { [CAPGAP_FORM_CONTROL] = "",
					     [CAPGAP_FORM_GAP] = " gap",
					     [CAPGAP_FORM_TABLE] = " table" };

	fputs(capgap_verb_name(quirk->verb), rep->out);
	if (quirk->len)
		fprintf(rep->out, " 0x%03x-0x%03x", quirk->off,
			quirk->off + quirk->len - 1u);
	else if (quirk->verb == CAPGAP_VERB_LIMIT || quirk->verb == CAPGAP_VERB_PREFER)
		fprintf(rep->out, " 0x%03x", quirk->off);
	else if (quirk->verb == CAPGAP_VERB_DESCRIPTOR)
		fprintf(rep->out, " %04x:%04x%s", quirk->dvsec_vendor, quirk->dvsec_id,
			forms[quirk->form]);
	if (quirk->identity_len)
		fprintf(rep->out, " (identity 0x%03x-0x%03x)", quirk->identity_off,
			quirk->identity_off + quirk->identity_len - 1u);
}

void capgap_text_said(struct capgap_report *rep, const struct capgap_quirk *quirk)
{
	capgap_text_says(rep, quirk);
	fprintf(rep->out, "%s%s\n", quirk->text[0] ? ": " : "", quirk->text);
}

static void write_quirk(struct capgap_report *rep, const struct capgap_quirk *quirk)
{
	fprintf(rep->out, "  quirk %s: ", quirk->row->id);
	capgap_text_said(rep, quirk);
}

void capgap_text_quirks(struct capgap_report *rep, const struct capgap_function *fn,
			bool all)
{
	const struct capgap_quirk *quirk;
	size_t left_out = 0;

	for (size_t i = 0; i < capgap_function_quirks(fn); i++) {
		quirk = &fn->quirk[i];
		if (quirk->verb == CAPGAP_VERB_FINGERPRINT &&
		    !capgap_quirk_fits(quirk, &fn->image))
			continue;
		if (all || is_decisive(quirk->verb))
			write_quirk(rep, quirk);
		else
			left_out++;
	}
	if (left_out)
		fprintf(rep->out,
			"  quirks: %zu on reserved bytes and the like ('show' lists them)\n",
			left_out);
}

/* Why a range is not planned: what it is, or how it falls short of what was asked. */
static void write_rejected(struct capgap_report *rep, const struct capgap_answer *ans,
			   const struct capgap_place *place)
{
	char buf[256];

	fprintf(rep->out, "  not 0x%03x-0x%03x", place->off,
		place->off + place->len - 1u);
	if (place->grade != CAPGAP_GRADE_NONE && place->grade < rep->policy.require)
		fprintf(rep->out, " (%s, weaker than %s)",
			capgap_grade_name(place->grade),
			capgap_grade_name(rep->policy.require));
	else if (place->grade != CAPGAP_GRADE_NONE)
		fprintf(rep->out, " (%s%s)", capgap_grade_name(place->grade),
			place->pass ? "" : ", too short");
	fprintf(rep->out, ": %s\n", capgap_place_text(place, ans->fn, buf, sizeof(buf)));
}

/*
 * Other ranges of the required grade, and, where nothing was found, those that fall
 * short; bits between structures would drown them and are left to `show`.
 */
static void write_places(struct capgap_report *rep, const struct capgap_answer *ans)
{
	const struct capgap_place *place;

	for (unsigned i = 0; i < ans->plan->n_places; i++) {
		place = &ans->plan->place[i];
		if ((int)i == ans->plan->chosen)
			continue;
		if (capgap_plan_qualifies(place, &rep->policy))
			fprintf(rep->out, "  also 0x%03x-0x%03x (%s)\n", place->off,
				place->off + place->len - 1u,
				capgap_grade_name(place->grade));
		else if (rep->explain ||
			 (!ans->plan->found && place->len >= CAPGAP_MIN_GAP))
			write_rejected(rep, ans, place);
	}
}

static void write_one_verdict(struct capgap_report *rep,
			      const struct capgap_verdict *verdict)
{
	fprintf(rep->out, "%s: %s", capgap_vmm_name(verdict->vmm),
		capgap_verdict_name(verdict->kind));
	if (verdict->placed)
		fprintf(rep->out, ", 0x%03x (%s)", verdict->offset,
			capgap_link_name(verdict->edits.link));
}

/* The next edit at or behind @i that changes something; NULL behind the last. */
static const struct capgap_edit *real_edit(const struct capgap_edits *edits, unsigned *i)
{
	while (*i < edits->n && edits->edit[*i].before == edits->edit[*i].after)
		(*i)++;
	return *i < edits->n ? &edits->edit[(*i)++] : NULL;
}

/* Whether a VMM shows its guest something else than what is planned. */
static bool differs(const struct capgap_plan *plan, const struct capgap_verdict *verdict)
{
	const struct capgap_edit *own;
	const struct capgap_edit *its;
	unsigned i = 0;
	unsigned k = 0;

	do {
		own = real_edit(&plan->edits, &i);
		its = real_edit(&verdict->edits, &k);
		if (!own != !its ||
		    (own && (own->off != its->off || own->after != its->after)))
			return true;
	} while (own);
	return false;
}

/* All that a VMM shows its guest differently, where that is more than what is planned. */
static void write_its_edits(struct capgap_report *rep,
			    const struct capgap_verdict *verdict)
{
	const struct capgap_edit *edit;
	unsigned i = 0;

	while ((edit = real_edit(&verdict->edits, &i)))
		fprintf(rep->out, "       its guest reads 0x%03x: %08x -> %08x\n",
			edit->off, (unsigned)edit->before, (unsigned)edit->after);
}

/* What the caller's VMM does with the offset, and others where all is to be explained. */
static void write_verdicts(struct capgap_report *rep, const struct capgap_plan *plan)
{
	const struct capgap_verdict *verdict;
	bool plain;

	for (unsigned i = 0; i < plan->n_verdicts; i++) {
		verdict = &plan->verdict[i];
		if (verdict->vmm != rep->policy.vmm && !rep->explain)
			continue;
		fputs("  vmm  ", rep->out);
		write_one_verdict(rep, verdict);
		plain = verdict->kind == CAPGAP_VERDICT_ACCEPTED && !rep->explain;
		fprintf(rep->out, "%s%s\n", plain ? "" : ": ",
			plain ? "" : verdict->reason);
		if (rep->explain && verdict->placed && differs(plan, verdict))
			write_its_edits(rep, verdict);
	}
}

/* What the caller's VMM does when it is told nothing. */
static void write_default(struct capgap_report *rep, const struct capgap_plan *plan)
{
	const struct capgap_verdict *verdict = &plan->by_default;

	if (!plan->has_default || (plan->default_acts == CAPGAP_IS_NO && !rep->explain))
		return;
	fputs("  told no offset, ", rep->out);
	write_one_verdict(rep, verdict);
	if (plan->default_acts == CAPGAP_IS_NO && verdict->placed)
		fputs("; it would, but adds nothing without PASID", rep->out);
	else if (verdict->kind != CAPGAP_VERDICT_ACCEPTED)
		fprintf(rep->out, ": %s", verdict->reason);
	else if (plan->default_grade == CAPGAP_GRADE_NONE)
		fputs("; bytes that are in use: not safe", rep->out);
	else
		fprintf(rep->out, "; bytes that are %s%s",
			capgap_grade_name(plan->default_grade),
			plan->default_safe ? "" : ": not safe");
	fputc('\n', rep->out);
}

static void write_obstacles(struct capgap_report *rep, const struct capgap_answer *ans)
{
	const struct capgap_obstacles *list = ans->obstacles;
	char buf[256];

	for (unsigned i = 0; list && i < list->n; i++) {
		if (list->obstacle[i].unknown && !rep->explain)
			continue;
		fprintf(rep->out, "  obstacle %s: %s\n",
			capgap_obstacle_name(list->obstacle[i].kind),
			capgap_obstacle_text(&list->obstacle[i], buf, sizeof(buf)));
	}
}

static void write_objections(struct capgap_report *rep, const struct capgap_answer *ans)
{
	const struct capgap_place *place;
	char buf[256];

	for (unsigned i = 0; i < ans->plan->n_objections; i++) {
		place = &ans->plan->objection[i];
		fprintf(rep->out, "  objection 0x%03x-0x%03x: %s\n", place->off,
			place->off + place->len - 1u,
			capgap_place_text(place, ans->fn, buf, sizeof(buf)));
	}
}

/* What became of asking the running kernel, where it was to be asked. */
static void write_live(struct capgap_report *rep, const struct capgap_pasid *pasid)
{
	const struct capgap_live_word *word = pasid->live;

	if (!word)
		return;
	if (!word->answered)
		fprintf(rep->out, "  kernel  %s: %s\n", capgap_live_word_text(word),
			word->why);
	for (unsigned i = 0; i < word->remarks.n; i++)
		fprintf(rep->out, "  kernel  %s\n",
			capgap_live_remark_text(word->remarks.remark[i]));
}

/* Where the capabilities beside PASID go. */
static void write_wants(struct capgap_report *rep, const struct capgap_plan *plan)
{
	const struct capgap_policy *policy = &rep->policy;

	for (unsigned i = 0; i < policy->n_wants; i++)
		fprintf(rep->out, "  %s at 0x%03x, %u bytes\n",
			capgap_caps_symbol(CAPGAP_EXT, policy->want[i].id),
			plan->want_off[i], policy->want[i].len);
}

/* Where nothing was found, whether a weaker grade would do. */
static void write_way_out(struct capgap_report *rep, const struct capgap_answer *ans)
{
	const struct capgap_plan *plan = ans->plan;
	struct capgap_policy weaker = rep->policy;

	weaker.require = CAPGAP_GRADE_ASSUMED;
	if (plan->found || plan->by_caller || rep->policy.require <= weaker.require)
		return;
	for (unsigned i = 0; i < plan->n_places; i++) {
		if (plan->place[i].pass) /* it is not for want of a grade */
			return;
	}
	for (unsigned i = 0; i < plan->n_places; i++) {
		if (!capgap_plan_qualifies(&plan->place[i], &weaker))
			continue;
		fputs("  --require assumed would plan it in one of these ranges\n",
		      rep->out);
		return;
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
		capgap_text_edits(rep, plan->edits.edit, plan->edits.n);
		write_wants(rep, plan);
	}
	write_verdicts(rep, plan);
	write_default(rep, plan);
	write_obstacles(rep, ans);
	write_live(rep, ans->pasid);
	write_places(rep, ans);
	write_way_out(rep, ans);
	if (!ans->fn->not_applicable)
		capgap_text_quirks(rep, ans->fn, false);
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

void capgap_text_machine(struct capgap_report *rep, const struct capgap_answer *ans)
{
	bool same = rep->count && rep->machine == ans->machine;

	rep->machine = ans->machine;
	if (!same && (rep->many || ans->machine)) {
		capgap_text_name(rep, ans->source);
		fprintf(rep->out, ", machine %u:\n", ans->machine);
	}
}

static int answer(struct capgap_report *rep, const struct capgap_answer *ans)
{
	capgap_text_machine(rep, ans);
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
