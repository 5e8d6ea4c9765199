/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside the analysis of a function: what several samples of it agree on. */
#ifndef CAPGAP_FUNCTION_SAMPLES_H
#define CAPGAP_FUNCTION_SAMPLES_H

#include "function.h"

/**
 * capgap_function_samples_steady() - the image without what one sample alone would decide
 * @fn: image and findings are set, borrowed
 * @out: caller's, overwritten where the answer is true: bytes that differ are absent
 *
 * A walk of @out finds what a walk of each sample would find, as far as they agree, whichever
 * of them came first; where they part, its bytes end.
 *
 * Return: true when some byte differs, so that @out is to be asked instead of the image.
 */
bool capgap_function_samples_steady(const struct capgap_function *fn,
				    struct capgap_image *out);

/* True when the samples agree on a structure's header, and on what tells its length. */
bool capgap_function_samples_cap(const struct capgap_function *fn,
				 const struct capgap_cap *cap);

/* True when the samples agree on what a descriptor declares free. */
bool capgap_function_samples_descriptor(const struct capgap_function *fn,
					const struct capgap_descriptor *d);

/* Findings: registers that nothing declares, lists and registers that change. */
void capgap_function_samples_judge(struct capgap_function *fn);

#endif
