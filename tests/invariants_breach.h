/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the checks of invariants*.c say that something does not hold. */
#ifndef CAPGAP_TESTS_INVARIANTS_BREACH_H
#define CAPGAP_TESTS_INVARIANTS_BREACH_H

#include "../analyzer/function.h"

/* Abort unless @cond holds of the function @fn at @off. */
#define HOLDS(fn, cond, off)                                                             \
	((cond) ? (void)0 : invariants_breach((fn), __FILE__, __LINE__, #cond, (off)))

/* Say what does not hold, of which function and where, and abort. */
_Noreturn void invariants_breach(const struct capgap_function *fn, const char *file,
				 int line, const char *what, unsigned off);

#endif
