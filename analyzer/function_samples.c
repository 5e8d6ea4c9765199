/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside the analysis of a function: what several samples of it agree on. */
#include "function_samples.h"

#include "header.h"

/* True when the samples disagree on the bit that says whether there is a list. */
static bool is_list_disputed(const struct capgap_function *fn)
{
	for (unsigned i = 0; i < fn->findings.n; i++) {
		if (fn->findings.hit[i].kind == CAPGAP_F_SAMPLES_LIST &&
		    fn->findings.hit[i].off == HDR_STATUS)
			return true;
	}
	return false;
}

bool capgap_function_samples_steady(const struct capgap_function *fn,
				    struct capgap_image *out)
{
	const struct capgap_image *img = &fn->image;

	if (fn->meta.samples < 2 || !capgap_image_is_changing(img, 0, CAPGAP_SPACE_MAX))
		return false;
	*out = *img;
	for (unsigned off = 0; off < img->size; off++) {
		if (capgap_image_is_changing(img, off, 1))
			capgap_image_drop(out, off, 1);
	}
	/* Errors and pending interrupts come and go in this word; one bit of it decides. */
	if (capgap_image_has(img, HDR_STATUS, 2) && !is_list_disputed(fn))
		capgap_image_put(out, HDR_STATUS, &img->data[HDR_STATUS], 2);
	return true;
}

/* A register that nothing declares: a byte of no structure that differs between samples. */
static bool is_live(const struct capgap_function *fn, unsigned off)
{
	return off < fn->image.size && capgap_image_is_changing(&fn->image, off, 1) &&
	       capgap_map_is_unowned(&fn->map, off);
}

/* Where the first sample's list ends, or has nothing: no entry that could be named. */
static unsigned list_end(const struct capgap_chain *chain)
{
	if (chain->ext_end || chain->conv_end)
		return chain->ext_end ? chain->ext_end : chain->conv_end;
	return chain->ext_walked && chain->n == chain->n_conv ? CAPGAP_CONV_END : 0;
}

bool capgap_function_samples_cap(const struct capgap_function *fn,
				 const struct capgap_cap *cap)
{
	return !cap->unsteady &&
	       !capgap_image_is_changing(&fn->image, cap->off,
					 cap->space == CAPGAP_EXT ? 4 : 2);
}

bool capgap_function_samples_descriptor(const struct capgap_function *fn,
					const struct capgap_descriptor *d)
{
	return !capgap_image_is_changing(&fn->image, d->off,
					 d->form == CAPGAP_FORM_TABLE ? d->len :
									DVSEC_HEADER_LEN);
}

static void judge_list(struct capgap_function *fn)
{
	const struct capgap_free_space *fs = &fn->free_space;
	const struct capgap_cap *cap;
	unsigned end = list_end(&fn->chain);

	if (capgap_image_is_changing(&fn->image, HDR_CAP_PTR, 1))
		capgap_findings_add(&fn->findings, CAPGAP_F_SAMPLES_LIST, HDR_CAP_PTR, 1,
				    0, 0);
	for (unsigned i = 0; i < fn->chain.n; i++) {
		cap = &fn->chain.cap[i];
		if (!capgap_function_samples_cap(fn, cap))
			capgap_findings_add(&fn->findings, CAPGAP_F_SAMPLES_LIST,
					    cap->off, 4, 0, 0);
	}
	for (unsigned i = 0; i < fs->n_descriptors; i++) {
		if (!capgap_function_samples_descriptor(fn, &fs->descriptor[i]))
			capgap_findings_add(&fn->findings, CAPGAP_F_SAMPLES_LIST,
					    fs->descriptor[i].off, 4, 0, 0);
	}
	if (fn->lists_unsteady &&
	    !capgap_findings_has(&fn->findings, CAPGAP_F_SAMPLES_LIST))
		capgap_findings_add(&fn->findings, CAPGAP_F_SAMPLES_LIST, end,
				    end ? 4 : 0, 0, 0);
}

/* Registers of a structure that answers rest on, the first to the last. */
static void judge_registers(struct capgap_function *fn, unsigned id, unsigned first,
			    unsigned last)
{
	const struct capgap_cap *cap = capgap_chain_find(&fn->chain, CAPGAP_EXT, id);

	if (cap && capgap_image_is_changing(&fn->image, cap->off + first, last - first))
		capgap_findings_add(&fn->findings, CAPGAP_F_SAMPLES_REGISTERS,
				    cap->off + first, last - first, 0, 0);
}

/* Why it is not known whether there is PASID, where no register of the function says it. */
static void judge_pasid(struct capgap_function *fn)
{
	if (!fn->pasid_unsteady &&
	    !(fn->kind == CAPGAP_KIND_VF && fn->has_pf && fn->pf.unsteady))
		return;
	if (!capgap_findings_has(&fn->findings, CAPGAP_F_SAMPLES_REGISTERS))
		capgap_findings_add(&fn->findings, CAPGAP_F_SAMPLES_REGISTERS, 0, 0, 0,
				    0);
}

void capgap_function_samples_judge(struct capgap_function *fn)
{
	const struct capgap_image *img = &fn->image;
	unsigned end;

	if (!fn->meta.samples)
		return;
	if (fn->meta.samples == 1)
		capgap_findings_add(&fn->findings, CAPGAP_F_SAMPLE_ALONE, 0, 0, 0, 0);
	judge_list(fn);
	judge_registers(fn, CAPGAP_ECAP_PASID, PASID_CAPABILITY, CAPGAP_PASID_LEN);
	judge_registers(fn, CAPGAP_ECAP_SRIOV, SRIOV_CONTROL, SRIOV_VF_DEVICE + 2u);
	judge_pasid(fn);
	for (unsigned off = 0; off < img->size; off = end + 1) {
		for (end = off; is_live(fn, end); end++)
			;
		if (end > off)
			capgap_findings_add(&fn->findings, CAPGAP_F_SAMPLES_DIFFER, off,
					    end - off, 0, 0);
	}
}
