/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `capgap emulate`: writes the configuration space that a guest reads. */
#include <stdlib.h>

#include "cli.h"
#include "emulate.h"
#include "image_out.h"

#include "../placement/emulate.h"

/**
 * struct emulating - what a run holds, and what it has seen
 * @set: what the command line asks for
 * @visit: counts the functions that are chosen
 * @images: those that are made
 * @pasid: what the current function's capability is to say
 * @plan: its plan
 * @em: its image
 * @n_applicable: functions that can have a capability
 * @n_placed: those whose image is written, at the required grade
 */
struct emulating {
	const struct settings *set;
	struct capgap_report visit;
	struct image_out images;
	struct capgap_pasid pasid;
	struct capgap_plan plan;
	struct capgap_emulation em;
	unsigned long n_applicable;
	unsigned long n_placed;
};

const char *emulate_set_width(struct settings *set, const char *arg)
{
	unsigned long val;

	if (!opts_number(arg, 1, 20, &val))
		return "a PASID has 1 to 20 bits";
	set->width = (unsigned)val;
	return NULL;
}

/* The function, as what is said of it begins. */
static const char *who(const struct capgap_function *fn, const char *source,
		       char bdf[CAPGAP_BDF_TEXT])
{
	return fn->meta.flags & CAPGAP_META_BDF ? capgap_bdf_format(&fn->meta.bdf, bdf) :
						  source;
}

/* True where a width of the caller's own stands in. */
static bool width_helps(enum capgap_emulate_why why)
{
	return why == CAPGAP_EMULATE_NO_PASID || why == CAPGAP_EMULATE_NO_IOMMU ||
	       why == CAPGAP_EMULATE_WIDTH_UNKNOWN;
}

/* Make the image of a function; 0, or -CAPGAP_E_NOPLACE and @em says why not. */
static int make(struct emulating *run, const struct capgap_function *fn)
{
	const struct settings *set = run->set;
	int rc;

	capgap_query_config(&run->pasid, fn);
	query_bound(set, &run->pasid);
	rc = capgap_emulate_answer(&run->em, &run->pasid, set->width);
	if (rc)
		return rc;
	capgap_plan_make(&run->plan, fn, &run->pasid, &set->policy);
	return capgap_emulate(&run->em, fn, &run->plan, &run->pasid, &set->policy,
			      &set->analysis);
}

/* What the reader should know of an image that is written all the same. */
static void note(const struct emulating *run, const char *name)
{
	const struct capgap_plan *plan = &run->plan;
	const struct capgap_verdict *verdict = &plan->verdict[run->set->policy.vmm];

	if (!capgap_plan_meets(plan, &run->set->policy))
		complain("%s: note: 0x%03x is graded %s, %s is required", name,
			 plan->offset, capgap_grade_name(plan->grade),
			 capgap_grade_name(run->set->policy.require));
	if (plan->n_verdicts && verdict->kind != CAPGAP_VERDICT_ACCEPTED)
		complain("%s: note: %s would not make this image (%s): %s", name,
			 capgap_vmm_name(verdict->vmm),
			 capgap_verdict_name(verdict->kind), verdict->reason);
}

static int emulate_one(void *ctx, const char *source, unsigned machine,
		       const struct capgap_function *fn)
{
	struct emulating *run = ctx;
	struct capgap_err err;
	char bdf[CAPGAP_BDF_TEXT];
	const char *name = who(fn, source, bdf);
	int rc;

	(void)machine;
	run->n_applicable += !fn->not_applicable;
	if (fn->not_applicable) {
		complain("%s: not written: %s", name, fn->not_applicable);
		return 0;
	}
	if (make(run, fn)) {
		complain("%s: not written: %s%s [%s]", name, run->em.text,
			 width_helps(run->em.why) ?
				 "; --width BITS emulates one all the same" :
				 "",
			 capgap_emulate_name(run->em.why));
		return 0;
	}
	rc = image_out_add(&run->images, &run->em.image, fn, &err);
	if (rc == -CAPGAP_E_FORMAT) {
		complain("%s: not written (%s): %s", name,
			 capgap_image_form_name(run->images.form), err.text);
		return 0;
	}
	if (rc)
		return rc;
	run->n_placed += capgap_plan_meets(&run->plan, &run->set->policy);
	note(run, name);
	return 0;
}

static int emulated_status(const void *ctx)
{
	const struct emulating *run = ctx;

	return placed_status(run->set, run->n_applicable, run->n_placed);
}

static int emulate(struct settings *set)
{
	struct emulating *run = calloc(1, sizeof(*run));
	struct visit visit = { .function = emulate_one,
			       .status = emulated_status,
			       .ctx = run };
	int status;

	if (!run) {
		complain("%s", capgap_strerror(CAPGAP_E_NOMEM));
		return EXIT_REFUSED;
	}
	run->set = set;
	visit.report = &run->visit;
	status = image_out_run(&run->images, &visit, set);
	free(run);
	return status;
}

const struct cmd cmd_emulate = {
	.name = "emulate",
	.operands = "[INPUT]...",
	.summary =
		"Write the configuration space that a guest reads: the VMM's, with PASID in it.",
	.options = "sdFgqQDroOvGCaKwjBi67SHY",
	.run = emulate,
};
