/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What holds for every input; for unit tests, the corpus and fuzz targets alike. */
#ifndef CAPGAP_TESTS_INVARIANTS_H
#define CAPGAP_TESTS_INVARIANTS_H

#include "../placement/plan.h"

/**
 * invariants_check_function() - hold an analysis against DESIGN section 9
 * @fn: finished, borrowed
 * @opt: what it was analysed with, borrowed
 *
 * Recomputes verdicts, gaps and contents in the plainest way and compares. A
 * breach is printed to stderr and aborts.
 */
void invariants_check_function(const struct capgap_function *fn,
			       const struct capgap_options *opt);

/**
 * invariants_check_plan() - hold a plan against DESIGN section 9
 * @plan: borrowed
 * @fn: what it was made for, borrowed
 * @policy: what it was made with, borrowed
 *
 * The placed bytes are fit for the grade, and the edits, applied to what the
 * VMM sees, make a list that has the capability once and all else as before. A
 * breach is printed to stderr and aborts.
 */
void invariants_check_plan(const struct capgap_plan *plan,
			   const struct capgap_function *fn,
			   const struct capgap_policy *policy);

/**
 * invariants_check_view() - hold what vfio-pci shows against what the host has
 * @fn: finished, borrowed; nothing is checked where a dump from the VFIO side is joined
 *
 * For both classes of kernels: each capability that is not hidden is still in its list, in
 * its place and order, and no byte differs but those that say so. A breach is printed to
 * stderr and aborts.
 */
void invariants_check_view(const struct capgap_function *fn);

/**
 * invariants_check_all() - both, with the default policy and some others
 * @fn: finished, borrowed
 * @opt: what it was analysed with, borrowed
 *
 * Return: a number that stands for the analysis and the plans: the same bytes
 * and options, with the same physical function, give the same one.
 */
uint64_t invariants_check_all(const struct capgap_function *fn,
			      const struct capgap_options *opt);

/* The policy that the program has without options. */
struct capgap_policy invariants_default_policy(void);

#endif
