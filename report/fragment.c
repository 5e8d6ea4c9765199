/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What fragments for QEMU and libvirt say of a function: what to configure, or why nothing. */
#include "fragment.h"

#include <string.h>

#include "../analyzer/header.h"
#include "../placement/live_join.h"

void capgap_fragment_clean(char *text)
{
	for (; *text; text++) {
		if (*text < 0x20 || *text > 0x7e)
			*text = '?';
	}
}

enum capgap_vmm capgap_fragment_vmm(const struct capgap_policy *policy)
{
	return policy->vmm == CAPGAP_VMM_QEMU_11_0 ? CAPGAP_VMM_QEMU_11_0 :
						     CAPGAP_VMM_QEMU_11_1;
}

/*
 * hw/vfio/pci.c of QEMU adds the capability wherever the virtual IOMMU offers PASIDs; no
 * property of the device keeps it from that. The option of arm-smmuv3 is "auto" unless
 * it is set from 11.1 on (qemu-options.hx), which is the host's width.
 */
const char *capgap_fragment_prevent(enum capgap_vmm vmm, unsigned n)
{
	static const char *const texts_11_0[] = {
		"no property of the device prevents it, only a virtual IOMMU that offers no PASIDs:",
		"arm-smmuv3 without ssidsize; that is then so for every device behind it",
		NULL,
	};
	static const char *const texts_11_1[] = {
		"no property of the device prevents it, only a virtual IOMMU that offers no PASIDs:",
		"intel-iommu without pasid-bits; arm-smmuv3 with ssidsize=0, since unset it takes the host's;",
		"that is then so for every device behind it",
		NULL,
	};

	return (vmm == CAPGAP_VMM_QEMU_11_0 ? texts_11_0 : texts_11_1)[n];
}

/* What this QEMU does unasked, as far as the plan says it. */
static void say_anyway(struct capgap_fragment *out, const struct capgap_plan *plan)
{
	const struct capgap_verdict *verdict = &plan->by_default;

	if (!plan->has_default || verdict->vmm != out->vmm)
		return;
	out->harm = !plan->default_safe;
	if (verdict->placed)
		snprintf(out->anyway, sizeof(out->anyway),
			 "told nothing, QEMU puts it at 0x%03x (%s; %s%s): %s",
			 verdict->offset, capgap_verdict_name(verdict->kind),
			 plan->default_grade == CAPGAP_GRADE_NONE ?
				 "bytes in use" :
				 capgap_grade_name(plan->default_grade),
			 plan->default_safe ? "" : ", not safe", verdict->reason);
	else
		snprintf(out->anyway, sizeof(out->anyway),
			 "told nothing, QEMU tries 0x%03x (%s): %s", verdict->offset,
			 capgap_verdict_name(verdict->kind), verdict->reason);
}

/* The grade, as it stands behind an offset. */
static const char *grade_of(const struct capgap_plan *plan)
{
	return plan->grade == CAPGAP_GRADE_NONE ? "forced" :
						  capgap_grade_name(plan->grade);
}

/* A placement: whether QEMU follows it. */
static void judge_placement(struct capgap_fragment *out, const struct capgap_plan *plan)
{
	const struct capgap_verdict *verdict = &plan->verdict[out->vmm];

	out->offset = plan->offset;
	if (!plan->n_verdicts) {
		snprintf(out->why, sizeof(out->why),
			 "0x%03x (%s) was not judged for this QEMU", plan->offset,
			 grade_of(plan));
		return;
	}
	if (verdict->kind == CAPGAP_VERDICT_ACCEPTED && verdict->placed &&
	    verdict->offset == plan->offset) {
		out->active = true;
		snprintf(out->why, sizeof(out->why), "0x%03x (%s): %s", plan->offset,
			 grade_of(plan), plan->reason);
		return;
	}
	snprintf(out->why, sizeof(out->why), "0x%03x (%s) is of no use here (%s): %s",
		 plan->offset, grade_of(plan), capgap_verdict_name(verdict->kind),
		 verdict->reason);
	say_anyway(out, plan);
}

/* Nothing can be placed. Of an endpoint that was not read whole, QEMU may know better. */
static void say_not_applicable(struct capgap_fragment *out,
			       const struct capgap_answer *ans)
{
	const struct capgap_function *fn = ans->fn;

	snprintf(out->why, sizeof(out->why), "no capability is placed here: %s",
		 fn->not_applicable);
	if (!fn->pcie || fn->chain.ctx.header_type != HDR_ENDPOINT ||
	    ans->pasid->supported == CAPGAP_IS_NO)
		return;
	out->harm = true;
	snprintf(
		out->anyway, sizeof(out->anyway),
		"told nothing, QEMU puts it at 0x%03x, and what stands there is not known",
		capgap_vmm_default(out->vmm));
}

/* The function cannot have the capability, or needs none; false when it could. */
static bool needs_nothing(struct capgap_fragment *out, const struct capgap_answer *ans)
{
	const struct capgap_plan *plan = ans->plan;

	if (ans->fn->not_applicable)
		say_not_applicable(out, ans);
	else if (plan->found && plan->edits.link == CAPGAP_LINK_PRESENT)
		snprintf(out->why, sizeof(out->why),
			 "the capability is there already, at 0x%03x; QEMU adds none",
			 plan->offset);
	else if (ans->pasid->supported == CAPGAP_IS_NO)
		snprintf(out->why, sizeof(out->why),
			 "the device has no PASID; QEMU adds no capability");
	else if (ans->pasid->supported == CAPGAP_IS_YES && !ans->pasid->width)
		/* IOMMU_GET_HW_INFO reports log2 of the PASIDs, so one PASID reads as none. */
		snprintf(
			out->why, sizeof(out->why),
			"Max PASID Width is 0, which Linux reports as no PASID; QEMU adds no "
			"capability");
	else if (ans->pasid->has_iommu && ans->pasid->iommu_pasids <= 1)
		snprintf(out->why, sizeof(out->why),
			 "the IOMMU in front of the device has no PASIDs; QEMU adds no "
			 "capability");
	else
		return false;
	return true;
}

/* The offset leaves room for these too, but no option tells QEMU of them. */
static void say_beside(struct capgap_fragment *out, const struct capgap_policy *policy,
		       const struct capgap_plan *plan)
{
	size_t used = 0;

	for (unsigned i = 0; plan->found && i < policy->n_wants; i++)
		used += (size_t)snprintf(
			out->beside + used, sizeof(out->beside) - used,
			"%s %s at 0x%03x, %u bytes",
			i ? ";" : "QEMU places PASID alone: the guest gets nothing of",
			capgap_caps_symbol(CAPGAP_EXT, policy->want[i].id),
			plan->want_off[i], policy->want[i].len);
}

void capgap_fragment_make(struct capgap_fragment *out, const struct capgap_report *rep,
			  const struct capgap_answer *ans)
{
	const struct capgap_pasid *pasid = ans->pasid;

	memset(out, 0, sizeof(*out));
	out->vmm = capgap_fragment_vmm(&rep->policy);
	out->has_host = ans->fn->meta.flags & CAPGAP_META_BDF;
	out->host = ans->fn->meta.bdf;
	if (pasid->has_range)
		out->bits = capgap_query_log2(pasid->max + 1);
	say_beside(out, &rep->policy, ans->plan);
	if (!needs_nothing(out, ans)) {
		if (ans->plan->found) {
			judge_placement(out, ans->plan);
		} else {
			snprintf(out->why, sizeof(out->why), "no offset: %s",
				 ans->plan->refusal);
			say_anyway(out, ans->plan);
		}
		if (pasid->supported == CAPGAP_IS_UNKNOWN)
			snprintf(
				out->note, sizeof(out->note),
				"whether the device has PASID is not known here; without it "
				"QEMU adds no capability");
	}
	capgap_fragment_clean(out->why);
	capgap_fragment_clean(out->anyway);
}

bool capgap_fragment_remark(const struct capgap_answer *ans, unsigned n,
			    char buf[CAPGAP_FRAGMENT_TEXT])
{
	const struct capgap_obstacles *list = ans->obstacles;
	const struct capgap_plan *plan = ans->plan;
	const struct capgap_live_word *word = ans->pasid->live;
	char text[256];

	if (n < plan->n_hits) {
		snprintf(buf, CAPGAP_FRAGMENT_TEXT, "%s: %s",
			 capgap_level_name(capgap_finding_get(plan->hit[n].kind)->level),
			 capgap_hit_text(&plan->hit[n], text, sizeof(text)));
		capgap_fragment_clean(buf);
		return true;
	}
	n -= plan->n_hits;
	if (word && !word->answered && !n--) {
		snprintf(buf, CAPGAP_FRAGMENT_TEXT, "the kernel %s: %s",
			 capgap_live_word_text(word), word->why);
		capgap_fragment_clean(buf);
		return true;
	}
	for (unsigned i = 0; list && i < list->n; i++) {
		if (list->obstacle[i].unknown || n--)
			continue;
		snprintf(buf, CAPGAP_FRAGMENT_TEXT,
			 "in the way of PASID all the same: %s",
			 capgap_obstacle_text(&list->obstacle[i], text, sizeof(text)));
		capgap_fragment_clean(buf);
		return true;
	}
	return false;
}
