/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One offset for many functions: who stands against it and why, and what speaks for it. */
#include <stdio.h>
#include <string.h>

#include "common_parts.h"

/* What stands against an offset in functions of one shape. */
struct objection {
	struct capgap_range range;
	bool nowhere;
	char reason[400];
};

/* The run of a profile that has @off, or NULL. */
static const struct run *run_at(const struct profile *profile, unsigned off)
{
	for (unsigned i = 0; i < profile->n_runs; i++) {
		if (off >= profile->run[i].first && off <= profile->run[i].last)
			return &profile->run[i];
	}
	return NULL;
}

/* Index of the piece that has the dword at @off; the pieces leave none out. */
static unsigned piece_at(const struct profile *profile, unsigned off)
{
	unsigned i = 0;

	while (i + 1 < profile->traits.n_pieces &&
	       off >= (unsigned)profile->piece[i].off + profile->piece[i].len)
		i++;
	return i;
}

static bool allows_any(const struct capgap_common *common, const struct profile *profile)
{
	for (unsigned i = 0; i < profile->n_runs; i++) {
		if (common_counts(common, &profile->run[i]))
			return true;
	}
	return false;
}

/* What keeps the first of the offsets from being linked that are good enough else, or NULL. */
static const struct run *find_unlinked(const struct capgap_common *common,
				       const struct profile *profile)
{
	for (unsigned i = 0; i < profile->n_runs; i++) {
		if (profile->run[i].grade >= common->need && profile->run[i].unlinked)
			return &profile->run[i];
	}
	return NULL;
}

/* Why functions of this shape allow no offset: what comes nearest to being allowed. */
static void explain_nowhere(const struct capgap_common *common,
			    const struct profile *profile, struct objection *out)
{
	const struct run *unlinked = find_unlinked(common, profile);
	const struct piece *best = NULL;
	const struct piece *piece;

	out->nowhere = true;
	if (unlinked) {
		out->range = (struct capgap_range){
			unlinked->first,
			(uint16_t)(unlinked->last - unlinked->first + CAPGAP_PASID_LEN)
		};
		snprintf(out->reason, sizeof(out->reason), "it has no place anywhere: %s",
			 unlinked->unlinked);
		return;
	}
	for (unsigned i = 0; i < profile->traits.n_pieces; i++) {
		piece = &profile->piece[i];
		if (piece->grade && piece->len >= CAPGAP_PASID_LEN &&
		    (!best || piece->grade > best->grade ||
		     (piece->grade == best->grade && piece->len > best->len)))
			best = piece;
	}
	if (!best) {
		snprintf(
			out->reason, sizeof(out->reason),
			"it has no place anywhere: no range of extended space could be free");
		return;
	}
	out->range = (struct capgap_range){ best->off, best->len };
	snprintf(out->reason, sizeof(out->reason),
		 "it has no place anywhere: its best range is %s%s: %s",
		 capgap_grade_name((enum capgap_grade)best->grade),
		 best->grade < common->policy.require ? "" : ", but cannot be used",
		 profile->text[best - profile->piece]);
}

/* Why the bytes at @off are good enough, but the offset is not. */
static const char *explain_bytes(const struct profile *profile, unsigned off)
{
	const struct run *run = run_at(profile, off);
	const struct piece *piece = &profile->piece[piece_at(profile, off)];

	if (run && run->unlinked)
		return run->unlinked;
	if (piece_at(profile, off) != piece_at(profile, off + 4))
		return "it would lie across the border of two ranges";
	return piece->run ? capgap_reason_text(CAPGAP_REASON_GUARD) :
			    "its range is shorter than the capability";
}

/* What stands against @off in functions of this shape, which have another place. */
static void explain_offset(const struct capgap_common *common,
			   const struct profile *profile, unsigned off,
			   struct objection *out)
{
	unsigned first = piece_at(profile, off);
	unsigned second = piece_at(profile, off + 4);
	unsigned worst = profile->piece[second].grade < profile->piece[first].grade ?
				 second :
				 first;
	const struct piece *piece = &profile->piece[worst];

	out->range = (struct capgap_range){ piece->off, piece->len };
	if (piece->grade == CAPGAP_GRADE_NONE)
		snprintf(out->reason, sizeof(out->reason), "%s", profile->text[worst]);
	else if (piece->grade < common->need)
		snprintf(out->reason, sizeof(out->reason), "only %s: %s",
			 capgap_grade_name((enum capgap_grade)piece->grade),
			 profile->text[worst]);
	else
		snprintf(out->reason, sizeof(out->reason), "%s",
			 explain_bytes(profile, off));
}

static void explain(const struct capgap_common *common, const struct profile *profile,
		    unsigned off, struct objection *out)
{
	out->range = (struct capgap_range){ (uint16_t)off, CAPGAP_PASID_LEN };
	out->nowhere = false;
	if (profile->traits.refusal) {
		out->nowhere = true;
		snprintf(out->reason, sizeof(out->reason), "%s", profile->traits.refusal);
	} else if (profile->traits.present) {
		snprintf(out->reason, sizeof(out->reason),
			 "it has the capability already, at 0x%03x",
			 profile->traits.present);
	} else if (!common->policy.has_offset && !allows_any(common, profile)) {
		explain_nowhere(common, profile, out);
	} else {
		explain_offset(common, profile, off, out);
	}
}

/* Name the functions of a shape, as far as there is room and they are known. */
static int name_all(struct capgap_common *common, struct capgap_objectors *list,
		    const struct profile *profile, const struct objection *why)
{
	const char *reason = common_word(common, why->reason);

	if (!reason)
		return -CAPGAP_E_NOMEM;
	for (const struct example *one = profile->examples; one; one = one->next) {
		if (list->n_named == CAPGAP_COMMON_NAMES_MAX)
			break;
		list->named[list->n_named++] =
			(struct capgap_objector){ .source = one->source,
						  .machine = one->machine,
						  .has_bdf = one->has_bdf,
						  .bdf = one->bdf,
						  .range = why->range,
						  .nowhere = why->nowhere,
						  .reason = reason };
	}
	return 0;
}

/* Those that do not allow the offset, and those for which the VMM spoils it. */
static int name_objectors(struct capgap_common *common, const struct group *group)
{
	struct capgap_common_answer *ans = &common->answer;
	struct objection why;
	const struct run *run;
	int rc = 0;

	for (const struct profile *p = group->profiles; !rc && p; p = p->next) {
		run = run_at(p, ans->offset);
		if (!run || !common_counts(common, run)) {
			explain(common, p, ans->offset, &why);
			rc = name_all(common, &ans->blocked, p, &why);
			continue;
		}
		if (!run->spoilt)
			continue;
		why.range = (struct capgap_range){ ans->offset, CAPGAP_PASID_LEN };
		why.nowhere = false;
		snprintf(why.reason, sizeof(why.reason), "%s", run->spoilt);
		rc = name_all(common, &ans->spoilt, p, &why);
	}
	return rc;
}

static void count_exposed(struct capgap_common_answer *ans, const struct group *group)
{
	unsigned control;

	for (const struct profile *p = group->profiles; p; p = p->next) {
		control = p->traits.slot + 4u;
		if (p->traits.slot && (ans->offset > control ||
				       ans->offset + CAPGAP_PASID_LEN < control + 4))
			ans->n_exposed += p->n;
	}
}

/* The functions with the weakest evidence for the offset, and what it is. */
static const char *find_weakest(const struct capgap_common *common,
				const struct group *group, unsigned long *n)
{
	const struct capgap_common_answer *ans = &common->answer;
	const struct run *run;
	const char *text = NULL;
	unsigned at;
	unsigned next;

	*n = 0;
	for (const struct profile *p = group->profiles; p; p = p->next) {
		run = run_at(p, ans->offset);
		if (!run || !common_counts(common, run) || run->grade != ans->grade ||
		    p->traits.present)
			continue;
		*n += p->n;
		at = piece_at(p, ans->offset);
		next = piece_at(p, ans->offset + 4u);
		if (!text)
			text = p->text[p->piece[next].grade < p->piece[at].grade ? next :
										   at];
	}
	return text;
}

/* What speaks for the offset: the weakest evidence. */
static void give_reason(struct capgap_common *common, const struct group *group)
{
	struct capgap_common_answer *ans = &common->answer;
	unsigned long n;
	const char *text = find_weakest(common, group, &n);

	if (!ans->found)
		return;
	if (ans->n_present == ans->n_applicable)
		snprintf(ans->reason, sizeof(ans->reason),
			 "each of them has the capability there already");
	else if (!text)
		snprintf(ans->reason, sizeof(ans->reason), "all of them allow it");
	else if (n == ans->n_applicable)
		snprintf(ans->reason, sizeof(ans->reason), "%s", text);
	else
		snprintf(ans->reason, sizeof(ans->reason),
			 "the weakest evidence, of %lu function%s: %s", n,
			 n == 1 ? "" : "s", text);
}

int common_explain(struct capgap_common *common, const struct group *group)
{
	struct capgap_common_answer *ans = &common->answer;
	int rc = name_objectors(common, group);

	ans->blocked.n = ans->n_applicable - ans->n_agree;
	if (ans->n_agree)
		count_exposed(ans, group);
	give_reason(common, group);
	return rc;
}
