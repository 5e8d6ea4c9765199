/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Setters of the planner's options; each returns NULL or what is wrong with its argument. */
#ifndef CAPGAP_CLI_OPTS_PLAN_H
#define CAPGAP_CLI_OPTS_PLAN_H

struct settings;

const char *plan_set_vmm(struct settings *set, const char *arg);
const char *plan_set_guard(struct settings *set, const char *arg);
const char *plan_set_caps(struct settings *set, const char *arg);
const char *plan_set_require_vmm(struct settings *set, const char *arg);
const char *plan_set_explain(struct settings *set, const char *arg);

#endif
