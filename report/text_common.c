/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One offset for many functions, for people. */
#include "common_report.h"
#include "names.h"
#include "text.h"

/* Functions that are named under one reason; other formats name them all. */
#define NAMES_OF_REASON 8u

/* "1 function", "12 functions". */
static void write_count(struct capgap_report *rep, unsigned long n)
{
	fprintf(rep->out, "%lu function%s", n, n == 1 ? "" : "s");
}

static void write_range(struct capgap_report *rep, const struct capgap_range *range)
{
	fprintf(rep->out, "0x%03x-0x%03x", range->off, range->off + range->len - 1u);
}

/* "8086:0b25 Intel Corporation DSA", or "all functions". */
static void write_group(struct capgap_report *rep, const struct capgap_common_answer *ans)
{
	char name[256];

	fputs(ans->group ? ans->group : "all functions", rep->out);
	if (!ans->has_ids)
		return;
	capgap_names_device(rep->names, ans->vendor, ans->device, name, sizeof(name));
	if (name[0])
		fprintf(rep->out, " %s", name);
	if (!ans->group)
		fprintf(rep->out, " [%04x:%04x]", ans->vendor, ans->device);
}

static void write_joint(struct capgap_report *rep, const struct capgap_joint *joint)
{
	unsigned long n = joint->n_yes + joint->n_no + joint->n_unknown;

	if (joint->n_yes == n)
		fprintf(rep->out, "%s PASID, %u bits%s%s%s",
			n == 1 ? "it has" : "all have", joint->width,
			joint->execute ? ", Exec" : "", joint->privileged ? ", Priv" : "",
			joint->enabled ? ", enabled" : ", not enabled in all");
	else if (joint->n_no == n)
		fputs(n == 1 ? "it has no PASID" : "none has PASID", rep->out);
	else if (joint->n_unknown == n)
		fputs("whether they have PASID is unknown", rep->out);
	else
		fprintf(rep->out, "PASID: %lu have it, %lu have not, %lu unknown",
			joint->n_yes, joint->n_no, joint->n_unknown);
}

static void write_verdict(struct capgap_report *rep,
			  const struct capgap_common_answer *ans)
{
	fputs(": ", rep->out);
	if (!ans->found)
		fputs("no common place for PASID in ", rep->out);
	else if (ans->grade == CAPGAP_GRADE_NONE)
		fprintf(rep->out, "PASID is there already, at 0x%03x, in ", ans->offset);
	else
		fprintf(rep->out, "PASID at 0x%03x (%s%s%s) in ", ans->offset,
			capgap_grade_name(ans->grade),
			ans->meets ? "" : ", weaker than the required ",
			ans->meets ? "" : capgap_grade_name(rep->policy.require));
	write_count(rep, ans->n_applicable);
	if (ans->n_functions > ans->n_applicable)
		fprintf(rep->out, " (%lu more not applicable)",
			ans->n_functions - ans->n_applicable);
	fputs("; ", rep->out);
	write_joint(rep, &ans->joint);
	fputc('\n', rep->out);
}

static void write_objector(struct capgap_report *rep, const struct capgap_objector *one)
{
	char bdf[CAPGAP_BDF_TEXT];

	fputs("    ", rep->out);
	if (one->has_bdf)
		fputs(capgap_bdf_format(&one->bdf, bdf), rep->out);
	if (one->has_bdf && (rep->many || one->machine)) {
		fputs(" in ", rep->out);
		capgap_text_name(rep, one->source);
		fprintf(rep->out, ", machine %u", one->machine);
	} else if (!one->has_bdf) {
		capgap_text_name(rep, one->source);
	}
	fputc('\n', rep->out);
}

/* Equal reasons are one and the same text. */
static bool same_reason(const struct capgap_objector *a, const struct capgap_objector *b)
{
	return a->reason == b->reason && a->range.off == b->range.off &&
	       a->range.len == b->range.len && a->nowhere == b->nowhere;
}

static bool is_told(const struct capgap_objectors *list, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		if (same_reason(&list->named[i], &list->named[n]))
			return true;
	}
	return false;
}

static void write_more(struct capgap_report *rep, unsigned long n)
{
	fputs("    and ", rep->out);
	write_count(rep, n);
	fputs(" more\n", rep->out);
}

/* The reason of the objector with index @first, and whom it holds for. */
static void write_reason(struct capgap_report *rep, const struct capgap_objectors *list,
			 unsigned first, const char *label, bool with_range)
{
	const struct capgap_objector *one = &list->named[first];
	unsigned n = 0;

	fprintf(rep->out, "  %s  ", label);
	if (with_range) {
		write_range(rep, &one->range);
		fputs(": ", rep->out);
	}
	fprintf(rep->out, "%s\n", one->reason);
	for (unsigned i = first; i < list->n_named; i++) {
		if (same_reason(&list->named[i], one) && n++ < NAMES_OF_REASON)
			write_objector(rep, &list->named[i]);
	}
	if (n > NAMES_OF_REASON)
		write_more(rep, n - NAMES_OF_REASON);
}

/* Each reason once, and under it the functions that it holds for. */
static void write_objectors(struct capgap_report *rep,
			    const struct capgap_objectors *list, const char *label,
			    bool with_range)
{
	for (unsigned i = 0; i < list->n_named; i++) {
		if (!is_told(list, i))
			write_reason(rep, list, i, label, with_range);
	}
	if (list->n > list->n_named) {
		fprintf(rep->out, "  %s  ", label);
		write_count(rep, list->n - list->n_named);
		fputs(" more, which are not named\n", rep->out);
	}
}

static void write_largest(struct capgap_report *rep,
			  const struct capgap_common_answer *ans)
{
	if (ans->n_agree) {
		fprintf(rep->out, "  %s 0x%03x (%s) does for %lu of ",
			ans->by_caller ? "but " : "best", ans->offset,
			capgap_grade_name(ans->grade), ans->n_agree);
		write_count(rep, ans->n_applicable);
		fputc('\n', rep->out);
	}
	write_objectors(rep, &ans->blocked, "not", true);
}

static void write_placement(struct capgap_report *rep,
			    const struct capgap_common_answer *ans)
{
	const struct capgap_common_range *range;

	fprintf(rep->out, "  why  %s\n", ans->reason);
	if (ans->tie)
		fprintf(rep->out, "  at   %s\n", ans->tie);
	for (unsigned i = 0; i < ans->n_alternatives; i++) {
		range = &ans->alternative[i];
		fputs("  also ", rep->out);
		write_range(rep, &range->range);
		fprintf(rep->out, " (%s)\n", capgap_grade_name(range->grade));
	}
}

/* A VMM that takes no offset places at its own, whatever was found. */
static void write_deaf(struct capgap_report *rep, const struct capgap_common_answer *ans)
{
	const struct capgap_vmm_row *vmm = capgap_vmm_row(rep->policy.vmm);

	if (ans->found && !vmm->takes_offset && vmm->default_offset != ans->offset)
		fprintf(rep->out, "  warning: %s takes no offset: it places at 0x%03x\n",
			vmm->name, vmm->default_offset);
}

static int answer(struct capgap_report *rep, const struct capgap_common_answer *ans)
{
	if (ans->group && !ans->n_applicable)
		return 0; /* end() counts them */
	write_group(rep, ans);
	if (!ans->n_applicable) {
		fprintf(rep->out, ": %s\n", ans->refusal);
		return 0;
	}
	write_verdict(rep, ans);
	if (ans->found) {
		write_placement(rep, ans);
	} else {
		fprintf(rep->out, "  why  %s\n", ans->refusal);
		write_largest(rep, ans);
	}
	if (ans->spoilt.n) {
		fprintf(rep->out, "  warning: %s gives no sound capability at 0x%03x to ",
			capgap_vmm_name(rep->policy.vmm), ans->offset);
		write_count(rep, ans->spoilt.n);
		fputc('\n', rep->out);
		write_objectors(rep, &ans->spoilt, "vmm", false);
	}
	write_deaf(rep, ans);
	if (ans->n_exposed) {
		fputs("  warning: the physical PASID Control register of ", rep->out);
		write_count(rep, ans->n_exposed);
		fputs(" stays writable by the guest\n", rep->out);
	}
	return 0;
}

static void end(struct capgap_report *rep, unsigned long n_empty)
{
	if (n_empty)
		fprintf(rep->out, "%lu group%s without an applicable function left out\n",
			n_empty, n_empty == 1 ? "" : "s");
}

const struct capgap_common_reporter capgap_common_text = {
	.format = &capgap_report_text,
	.answer = answer,
	.end = end,
};
