/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes the configuration space that a guest reads, and reads it again. */
#include "emulate.h"

#include <stdarg.h>
#include <stdio.h>

#include "../analyzer/bytes.h"
#include "../analyzer/header.h"

/* What of a header dword is no next pointer. */
#define HEADER_FIXED 0xfffffu

/* What one image is made of; only @em is written. */
struct emulator {
	struct capgap_emulation *em;
	const struct capgap_function *fn;
	const struct capgap_plan *plan;
	const struct capgap_pasid *pasid;
	const struct capgap_policy *policy;
	const struct capgap_options *opt;
};

static const char *const names[CAPGAP_EMULATE_COUNT] = {
#define CAPGAP_EMULATE(symbol, name, text) [CAPGAP_EMULATE_##symbol] = (name),
#include "emulate.def"
#undef CAPGAP_EMULATE
};

static const char *const texts[CAPGAP_EMULATE_COUNT] = {
#define CAPGAP_EMULATE(symbol, name, text) [CAPGAP_EMULATE_##symbol] = (text),
#include "emulate.def"
#undef CAPGAP_EMULATE
};

const char *capgap_emulate_name(enum capgap_emulate_why why)
{
	return names[why];
}

/* Say why there is no image, with what @fmt adds to the text of @why; @fmt may be NULL. */
static int refuse(struct capgap_emulation *em, enum capgap_emulate_why why, unsigned at,
		  const char *fmt, ...) __attribute__((format(printf, 4, 5)));

static int refuse(struct capgap_emulation *em, enum capgap_emulate_why why, unsigned at,
		  const char *fmt, ...)
{
	va_list ap;
	int n;

	em->why = why;
	em->at = (uint16_t)at;
	n = snprintf(em->text, sizeof(em->text), "%s%s", texts[why], fmt ? ": " : "");
	if (fmt) {
		va_start(ap, fmt);
		vsnprintf(em->text + n, sizeof(em->text) - (size_t)n, fmt, ap);
		va_end(ap);
	}
	return -CAPGAP_E_NOPLACE;
}

static void begin(struct capgap_emulation *em)
{
	em->why = CAPGAP_EMULATE_MADE;
	em->at = 0;
	em->text[0] = '\0';
}

/* Let the answer be one of @width bits, whatever its registers said. */
static void set_width(struct capgap_pasid *pasid, unsigned width)
{
	pasid->width = width;
	pasid->capability = (uint16_t)((pasid->capability & ~PASID_CAP_WIDTH_MASK) |
				       width << 8);
	pasid->has_range = true;
	pasid->min = 1;
	pasid->max = (UINT32_C(1) << width) - 1;
}

/* The greatest width that may be asked for. */
static unsigned width_most(const struct capgap_pasid *pasid)
{
	if (pasid->supported == CAPGAP_IS_YES && pasid->width <= PASID_WIDTH_MAX)
		return PASID_CAP_WIDTH(capgap_query_registers(pasid));
	/* The width stands in for an IOMMU without PASIDs, as it does for such a device. */
	if (pasid->has_iommu && pasid->iommu_pasids > 1 &&
	    capgap_query_log2(pasid->iommu_pasids) < PASID_WIDTH_MAX)
		return capgap_query_log2(pasid->iommu_pasids);
	return PASID_WIDTH_MAX;
}

/* Why there is no answer without a width that is asked for; 0 when there is one. */
static int judge_own(struct capgap_emulation *em, const struct capgap_pasid *pasid)
{
	if (pasid->supported != CAPGAP_IS_YES)
		return refuse(em, CAPGAP_EMULATE_NO_PASID, 0, NULL);
	if (pasid->width > PASID_WIDTH_MAX)
		return refuse(em, CAPGAP_EMULATE_WIDTH_UNKNOWN, 0,
			      "%u bits, and %u are the most", pasid->width,
			      PASID_WIDTH_MAX);
	if (pasid->width && capgap_query_pasids(pasid) <= 1)
		return refuse(em, CAPGAP_EMULATE_NO_IOMMU, 0, NULL);
	return 0;
}

int capgap_emulate_answer(struct capgap_emulation *em, struct capgap_pasid *pasid,
			  unsigned width)
{
	unsigned most = width_most(pasid);

	begin(em);
	if (!width)
		return judge_own(em, pasid);
	if (width > most)
		return refuse(em, CAPGAP_EMULATE_WIDTH, 0,
			      "%u can be used, and %u are asked for", most, width);
	if (pasid->supported != CAPGAP_IS_YES) {
		pasid->supported = CAPGAP_IS_YES;
		pasid->has_raw = true;
		pasid->execute = false;
		pasid->privileged = false;
		pasid->capability = 0;
		pasid->control = 0;
	}
	set_width(pasid, width);
	return 0;
}

static bool is_present(const struct capgap_plan *plan)
{
	return plan->edits.link == CAPGAP_LINK_PRESENT;
}

/* Analyse an image as one taken in a guest, which knows of no physical function. */
static void analyse(struct capgap_function *out, const struct capgap_image *img,
		    const struct emulator *e)
{
	struct capgap_record rec = { .image = *img, .meta = e->fn->meta };
	struct capgap_options opt = *e->opt;

	/* What is known of the host's function beside its dump does not hold for the guest's. */
	opt.vantage = CAPGAP_VANTAGE_GUEST;
	opt.nodedevs = NULL;
	opt.vfio = NULL;
	rec.meta.flags &= ~(unsigned)CAPGAP_META_PHYSFN;
	capgap_function_analyse(out, &rec, NULL, &opt);
}

/* A capability that is there already keeps its registers, but shows no more bits than asked. */
static void narrow(struct capgap_image *img, unsigned off,
		   const struct capgap_pasid *pasid)
{
	uint16_t reg;
	uint8_t high;

	if (!capgap_get16(img, off + PASID_CAPABILITY, &reg) ||
	    PASID_CAP_WIDTH(reg) <= pasid->width)
		return;
	high = (uint8_t)((reg & ~PASID_CAP_WIDTH_MASK) >> 8 | pasid->width);
	capgap_image_put(img, off + PASID_CAPABILITY + 1, &high, 1);
}

static bool is_in(unsigned off, unsigned start, unsigned len)
{
	return off >= start && off < start + len;
}

/* True for bytes of what is placed: PASID, and what the policy wants beside it. */
static bool is_placed(const struct emulator *e, unsigned off)
{
	if (is_in(off, e->plan->offset, CAPGAP_PASID_LEN))
		return true;
	for (unsigned i = 0; i < e->policy->n_wants && !is_present(e->plan); i++) {
		if (is_in(off, e->plan->want_off[i], e->policy->want[i].len))
			return true;
	}
	return false;
}

/* True for the header of what is placed. */
static bool is_placed_header(const struct emulator *e, unsigned off, unsigned id)
{
	if (off == e->plan->offset && id == CAPGAP_ECAP_PASID)
		return true;
	for (unsigned i = 0; i < e->policy->n_wants && !is_present(e->plan); i++) {
		if (off == e->plan->want_off[i] && id == e->policy->want[i].id)
			return true;
	}
	return false;
}

/*
 * Where a structure ends. A cautious figure ends at the next structure that hardware has,
 * also where vfio-pci hides that one, but has what is certain of it.
 */
static unsigned end_of(const struct capgap_cap *cap, const struct capgap_function *fn)
{
	unsigned end = (unsigned)cap->off + cap->owned;
	unsigned least = (unsigned)cap->off + cap->certain;
	const struct capgap_cap *other;

	if (cap->extent != CAPGAP_EXTENT_ATMOST)
		return end;
	for (unsigned i = 0; i < fn->chain.n; i++) {
		other = &fn->chain.cap[i];
		if (other->space == cap->space && other->off > cap->off &&
		    other->off < end)
			end = other->off;
	}
	return end > least ? end : least;
}

/* The structure in the guest's sight that has a byte, or NULL. */
static const struct capgap_cap *visible_at(const struct emulator *e, unsigned off)
{
	const struct capgap_chain *chain = &e->em->before.chain;
	const struct capgap_cap *cap;

	for (unsigned i = 0; i < chain->n; i++) {
		cap = &chain->cap[i];
		if (cap->id && off >= cap->off && off < end_of(cap, e->fn))
			return cap;
	}
	return NULL;
}

/* True when PASID takes the place of the descriptor that stands there. */
static bool is_replaced(const struct emulator *e, unsigned off)
{
	return e->plan->edits.link == CAPGAP_LINK_REPLACE && off == e->plan->offset;
}

/* True for the dword of the used descriptor that states how long its range is. */
static bool is_trimmed(const struct emulator *e, unsigned off)
{
	const struct capgap_free_space *fs = &e->fn->free_space;
	const struct capgap_declared *range;

	if (e->plan->edits.link != CAPGAP_LINK_CARVE &&
	    e->plan->edits.link != CAPGAP_LINK_TRIM)
		return false;
	for (unsigned i = 0; i < fs->n_ranges; i++) {
		range = &fs->range[i];
		if (range->usable && is_in(e->plan->offset, range->off, range->len))
			return off == (range->entry ?
					       range->entry :
					       fs->descriptor[range->descriptor].off +
						       DVSEC_HEADER1);
	}
	return false;
}

/* True for an entry of the extended list, and for 0x100, where one can be put. */
static bool is_entry(const struct emulator *e, unsigned off)
{
	const struct capgap_chain *chain = &e->em->before.chain;

	for (unsigned i = chain->n_conv; i < chain->n; i++) {
		if (chain->cap[i].off == off)
			return true;
	}
	return off == CAPGAP_CONV_END;
}

/* Whether a dword may change so: what is placed, a pointer to it, the descriptor used. */
static bool may_change(const struct emulator *e, unsigned off, uint32_t old, uint32_t new)
{
	const struct capgap_cap *cap;

	if (is_placed(e, off)) {
		cap = visible_at(e, off);
		return !cap || is_present(e->plan) || is_replaced(e, cap->off);
	}
	if (is_trimmed(e, off))
		return true;
	return off >= CAPGAP_CONV_END && is_entry(e, off) &&
	       !((old ^ new) & HEADER_FIXED);
}

static int check_bytes(const struct emulator *e)
{
	const struct capgap_image *before = &e->em->view.image;
	const struct capgap_image *after = &e->em->image;
	uint32_t old;
	uint32_t new;

	for (unsigned off = 0; off < CAPGAP_SPACE_MAX; off += 4) {
		bool had = capgap_get32(before, off, &old);
		bool has = capgap_get32(after, off, &new);

		if (had == has && (!has || old == new))
			continue;
		if (!had || !has || !may_change(e, off, old, new))
			return refuse(e->em, CAPGAP_EMULATE_BYTES, off, "at 0x%03x", off);
	}
	return 0;
}

/* The next entry at or behind @i that must be in both lists; nulls may come and go. */
static const struct capgap_cap *next_cap(const struct emulator *e,
					 const struct capgap_chain *chain, unsigned *i,
					 bool after)
{
	const struct capgap_cap *cap;
	bool skip;

	for (; *i < chain->n; (*i)++) {
		cap = &chain->cap[*i];
		skip = cap->space == CAPGAP_EXT && !cap->id;
		if (!is_present(e->plan) && cap->space == CAPGAP_EXT)
			skip |= after ? is_placed_header(e, cap->off, cap->id) :
					is_replaced(e, cap->off);
		if (!skip)
			return &chain->cap[(*i)++];
	}
	return NULL;
}

static int check_lists(const struct emulator *e)
{
	const struct capgap_cap *old;
	const struct capgap_cap *new;
	unsigned i = 0;
	unsigned j = 0;

	do {
		old = next_cap(e, &e->em->before.chain, &i, false);
		new = next_cap(e, &e->em->after.chain, &j, true);
		if (old && new && old->space == new->space && old->off == new->off &&
		    old->id == new->id && old->version == new->version)
			continue;
		if (old)
			return refuse(e->em, CAPGAP_EMULATE_CAPABILITY, old->off,
				      "%s at 0x%03x would be lost or moved",
				      capgap_caps_symbol(old->space, old->id), old->off);
		if (new)
			return refuse(e->em, CAPGAP_EMULATE_CAPABILITY, new->off,
				      "%s at 0x%03x would be added",
				      capgap_caps_symbol(new->space, new->id), new->off);
	} while (old);
	return 0;
}

static int check_pasid(const struct emulator *e)
{
	const struct capgap_chain *chain = &e->em->after.chain;
	const struct capgap_pasid_regs *regs = &e->em->after.pasid;
	unsigned shown = capgap_query_registers(e->pasid) & 0xffffu;
	unsigned off = e->plan->offset;
	bool there = false;
	bool same;

	for (unsigned i = chain->n_conv; i < chain->n; i++) {
		if (chain->cap[i].id != CAPGAP_ECAP_PASID)
			continue;
		if (there || chain->cap[i].off != off)
			return refuse(e->em, CAPGAP_EMULATE_PASID_AGAIN,
				      chain->cap[i].off, "also at 0x%03x",
				      chain->cap[i].off);
		there = true;
	}
	if (!there)
		return refuse(e->em, CAPGAP_EMULATE_PASID_LOST, off, "0x%03x", off);
	same = is_present(e->plan) ?
		       PASID_CAP_WIDTH(regs->capability) <= e->pasid->width :
		       regs->capability == shown && !regs->control;
	if (regs->off != off || !same)
		return refuse(e->em, CAPGAP_EMULATE_REGISTERS, off,
			      "capability 0x%04x and control 0x%04x, not 0x%04x and 0",
			      regs->capability, regs->control, shown);
	return 0;
}

/* What is asked of the guest's image: nothing but what is there. */
static int check_present(const struct emulator *e)
{
	struct capgap_policy policy = { .require = CAPGAP_GRADE_OBSERVED,
					.min_gap = CAPGAP_MIN_GAP,
					.vmm = e->policy->vmm,
					.kernel = e->policy->kernel };
	struct capgap_plan *again = &e->em->again;
	struct capgap_pasid pasid;

	capgap_query_config(&pasid, &e->em->after);
	capgap_plan_make(again, &e->em->after, &pasid, &policy);
	if (again->found && is_present(again) && again->offset == e->plan->offset)
		return 0;
	return refuse(e->em, CAPGAP_EMULATE_NOT_PRESENT, e->plan->offset, "0x%03x%s%s",
		      e->plan->offset, again->refusal[0] ? ": " : "", again->refusal);
}

static bool has_hit(const struct capgap_findings *list, unsigned kind, unsigned off)
{
	for (unsigned i = 0; i < list->n; i++) {
		if (list->hit[i].kind == kind && list->hit[i].off == off)
			return true;
	}
	return false;
}

/* What was wrong with a pointer is wrong with the placed header that took it over. */
static bool is_moved(const struct emulator *e, const struct capgap_hit *hit)
{
	const struct capgap_edits *edits = &e->plan->edits;

	for (unsigned i = 0; i < edits->n && is_placed(e, hit->off); i++) {
		if (has_hit(&e->em->before.findings, hit->kind, edits->edit[i].off) &&
		    !has_hit(&e->em->after.findings, hit->kind, edits->edit[i].off))
			return true;
	}
	return false;
}

/*
 * Known to be so: a null header where one is made, and what vfio-pci has unlinked, which
 * looks like an orphan once a capability stands where it points.
 */
static bool is_expected(const struct emulator *e, const struct capgap_hit *hit)
{
	const struct capgap_chain *chain = &e->fn->chain;

	if (hit->kind == CAPGAP_F_NULL_HEADER)
		return e->plan->edits.link == CAPGAP_LINK_NULL_HEAD &&
		       hit->off == CAPGAP_CONV_END;
	for (unsigned i = chain->n_conv; hit->kind == CAPGAP_F_ORPHAN && i < chain->n;
	     i++) {
		if (chain->cap[i].off == hit->off)
			return true;
	}
	return false;
}

static int check_findings(const struct emulator *e)
{
	const struct capgap_findings *list = &e->em->after.findings;
	const struct capgap_hit *hit;
	char text[256];

	for (unsigned i = 0; i < list->n; i++) {
		hit = &list->hit[i];
		if (has_hit(&e->em->before.findings, hit->kind, hit->off) ||
		    is_moved(e, hit) || is_expected(e, hit))
			continue;
		return refuse(e->em, CAPGAP_EMULATE_FINDING, hit->off, "0x%03x: %s [%s]",
			      hit->off, capgap_hit_text(hit, text, sizeof(text)),
			      capgap_finding_get(hit->kind)->name);
	}
	return 0;
}

int capgap_emulate(struct capgap_emulation *em, const struct capgap_function *fn,
		   const struct capgap_plan *plan, const struct capgap_pasid *pasid,
		   const struct capgap_policy *policy, const struct capgap_options *opt)
{
	struct emulator e = { em, fn, plan, pasid, policy, opt };
	int rc;

	begin(em);
	if (!plan->found)
		return refuse(em, CAPGAP_EMULATE_NO_PLACE, 0, "%s", plan->refusal);
	capgap_view_derive(&em->view, fn, policy->kernel);
	em->image = em->view.image;
	capgap_link_apply(&plan->edits, &em->image);
	if (is_present(plan))
		narrow(&em->image, plan->offset, pasid);
	analyse(&em->before, &em->view.image, &e);
	analyse(&em->after, &em->image, &e);
	rc = check_pasid(&e);
	if (!rc)
		rc = check_lists(&e);
	if (!rc)
		rc = check_bytes(&e);
	if (!rc)
		rc = check_present(&e);
	return rc ? rc : check_findings(&e);
}
