/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the options of `emulate` ask for. */
#ifndef CAPGAP_CLI_EMULATE_H
#define CAPGAP_CLI_EMULATE_H

struct settings;

/* Setter of opts.c's table: takes --width over, and returns NULL or what is wrong. */
const char *emulate_set_width(struct settings *set, const char *arg);

#endif
