/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Options of `capture`. */
#ifndef CAPGAP_CLI_CAPTURE_H
#define CAPGAP_CLI_CAPTURE_H

struct settings;

/* Setter of opts.c's table: takes its option over, and returns NULL or what is wrong. */
const char *capture_set_anonymise(struct settings *set, const char *arg);

#endif
