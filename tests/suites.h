/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The suites of suites.def; every check_<name>.c includes this for its own prototype. */
#ifndef CAPGAP_TESTS_SUITES_H
#define CAPGAP_TESTS_SUITES_H

#include <check.h>

#define SUITE(name) Suite *name##_suite(void);
#include "suites.def"
#undef SUITE

#endif
