/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Holds an analysis and its plans under many policies against the invariants. */
#include "invariants.h"

#include <stdlib.h>

#include "invariants_breach.h"

/* Where the list has a PASID capability, whether its registers were read or not; or 0. */
static unsigned listed_pasid(const struct capgap_function *fn)
{
	const struct capgap_cap *cap = capgap_chain_find(&fn->chain, CAPGAP_EXT,
							 CAPGAP_ECAP_PASID);

	return cap ? cap->off : 0;
}

struct capgap_policy invariants_default_policy(void)
{
	return (struct capgap_policy){ .require = CAPGAP_GRADE_OBSERVED,
				       .min_gap = CAPGAP_MIN_GAP };
}

/* FNV-1a over the members, since structures have padding. */
static void mix(uint64_t *hash, uint64_t val)
{
	for (unsigned i = 0; i < 64; i += 8)
		*hash = (*hash ^ (val >> i & 0xffu)) * UINT64_C(0x100000001b3);
}

static uint64_t digest_function(const struct capgap_function *fn)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	mix(&hash,
	    (uint64_t)fn->kind << 32 | (uint64_t)fn->id_from << 24 | fn->chain_known);
	mix(&hash, (uint64_t)fn->vendor << 16 | fn->device);
	mix(&hash, fn->has_physfn ? capgap_bdf_rid(&fn->physfn) : UINT64_MAX);
	for (unsigned i = 0; i < fn->chain.n; i++)
		mix(&hash, (uint64_t)fn->chain.cap[i].off << 48 |
				   (uint64_t)fn->chain.cap[i].id << 32 |
				   (uint64_t)fn->chain.cap[i].owned << 16 |
				   (uint64_t)fn->chain.cap[i].extent);
	for (unsigned i = 0; i < fn->orphans.n; i++)
		mix(&hash, fn->orphans.cap[i].off);
	for (unsigned i = 0; i < fn->n_gaps; i++)
		mix(&hash, (uint64_t)fn->gap[i].off << 32 |
				   (uint64_t)fn->gap[i].len << 16 |
				   (uint64_t)fn->gap[i].content);
	for (unsigned i = 0; i < fn->findings.n; i++)
		mix(&hash, (uint64_t)fn->findings.hit[i].kind << 48 |
				   (uint64_t)fn->findings.hit[i].off << 32 |
				   fn->findings.hit[i].a);
	return hash;
}

static uint64_t digest_verdict(const struct capgap_verdict *verdict)
{
	uint64_t hash = (uint64_t)verdict->kind << 32 | (uint64_t)verdict->rule << 16 |
			verdict->offset;

	for (unsigned i = 0; i < verdict->edits.n; i++)
		mix(&hash, (uint64_t)verdict->edits.edit[i].off << 32 |
				   verdict->edits.edit[i].after);
	return hash;
}

static uint64_t digest_plan(const struct capgap_plan *plan)
{
	uint64_t hash = (uint64_t)plan->found << 40 | (uint64_t)plan->offset << 8 |
			plan->grade;

	for (unsigned i = 0; i < plan->edits.n; i++)
		mix(&hash,
		    (uint64_t)plan->edits.edit[i].off << 32 | plan->edits.edit[i].after);
	for (unsigned i = 0; i < plan->n_places; i++)
		mix(&hash, (uint64_t)plan->place[i].off << 32 | plan->place[i].reason);
	for (unsigned i = 0; i < plan->n_verdicts; i++)
		mix(&hash, digest_verdict(&plan->verdict[i]));
	if (plan->has_default)
		mix(&hash, digest_verdict(&plan->by_default));
	return hash;
}

/* The answer about PASID is in itself consistent. */
static void check_answer(const struct capgap_pasid *pasid,
			 const struct capgap_function *fn)
{
	bool yes = pasid->supported == CAPGAP_IS_YES;
	bool some = !pasid->has_iommu || pasid->iommu_pasids > 1;

	HOLDS(fn, pasid->has_raw == yes, 0);
	HOLDS(fn, pasid->supported != CAPGAP_IS_NO || !listed_pasid(fn),
	      listed_pasid(fn));
	HOLDS(fn, !yes || pasid->width <= 31, 0);
	HOLDS(fn,
	      pasid->has_range ==
		      (yes && pasid->width >= 1 && pasid->width <= 20 && some),
	      0);
	HOLDS(fn, !pasid->has_range || (pasid->min == 1 && pasid->max >= 1), 0);
	HOLDS(fn, !pasid->has_range || pasid->max < UINT32_C(1) << pasid->width, 0);
	HOLDS(fn,
	      !pasid->has_range || !pasid->has_iommu || pasid->max < pasid->iommu_pasids,
	      0);
}

/* An offset to ask for that differs from image to image, but not from run to run. */
static uint16_t some_offset(const struct capgap_image *img)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (unsigned i = 0; i < img->size; i++)
		mix(&hash, img->data[i]);
	return (uint16_t)(CAPGAP_CONV_END +
			  hash % ((CAPGAP_SPACE_MAX - CAPGAP_CONV_END) / 4 - 1) * 4);
}

#define POLICY(grade, ...)                                                               \
	{                                                                                \
		.require = CAPGAP_GRADE_##grade, .min_gap = CAPGAP_MIN_GAP, __VA_ARGS__  \
	}

uint64_t invariants_check_all(const struct capgap_function *fn,
			      const struct capgap_options *opt)
{
	uint16_t off = some_offset(&fn->image);
	const struct capgap_policy policies[] = {
		POLICY(OBSERVED, .vmm = CAPGAP_VMM_QEMU_11_1),
		POLICY(OBSERVED, .vmm = CAPGAP_VMM_QEMU_11_0),
		POLICY(OBSERVED, .vmm = CAPGAP_VMM_CLOUD_HYPERVISOR),
		POLICY(OBSERVED, .vmm = CAPGAP_VMM_GENERIC),
		POLICY(ASSUMED, .kernel = CAPGAP_KERNEL_OLD),
		POLICY(ASSUMED, .vmm = CAPGAP_VMM_GENERIC),
		{ .require = CAPGAP_GRADE_ASSUMED, .min_gap = 4 },
		{ .require = CAPGAP_GRADE_OBSERVED, .min_gap = 256 },
		POLICY(SLOT, .guard = 0),
		POLICY(OBSERVED, .guard = 16),
		POLICY(OBSERVED, .n_wants = 2,
		       .want = { { CAPGAP_ECAP_PRI, 16 }, { CAPGAP_ECAP_DVSEC, 20 } }),
		POLICY(OBSERVED, .has_offset = true, .offset = off),
		POLICY(OBSERVED, .has_offset = true, .offset = 0xff8),
		POLICY(OBSERVED, .has_offset = true, .offset = 0x100),
		POLICY(ASSUMED, .has_offset = true, .offset = off, .force = true),
	};
	struct capgap_plan *plan = malloc(sizeof(*plan));
	struct capgap_pasid pasid;
	uint64_t hash;

	if (!plan)
		abort();
	invariants_check_function(fn, opt);
	invariants_check_view(fn);
	capgap_query_config(&pasid, fn);
	check_answer(&pasid, fn);
	hash = digest_function(fn);
	for (size_t i = 0; i < sizeof(policies) / sizeof(policies[0]); i++) {
		capgap_plan_make(plan, fn, &pasid, &policies[i]);
		invariants_check_plan(plan, fn, &policies[i]);
		mix(&hash, digest_plan(plan));
	}
	free(plan);
	return hash;
}
