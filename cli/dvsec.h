/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the options of `dvsec` ask for. */
#ifndef CAPGAP_CLI_DVSEC_H
#define CAPGAP_CLI_DVSEC_H

#include "../placement/declare.h"

/**
 * struct dvsec_settings - the options of `dvsec`
 * @decode: explain the descriptors that there are
 * @driver_table: list ids and free ranges
 * @has_vendor: --vendor was given
 * @has_id: --id was given
 * @nothing: --range none was given
 * @want: what is to be made
 */
struct dvsec_settings {
	bool decode;
	bool driver_table;
	bool has_vendor;
	bool has_id;
	bool nothing;
	struct capgap_declare want;
};

struct settings;

/* Setters of opts.c's table: each takes its option over, and returns NULL or what is wrong. */
const char *dvsec_set_form(struct settings *set, const char *arg);
const char *dvsec_set_vendor(struct settings *set, const char *arg);
const char *dvsec_set_id(struct settings *set, const char *arg);
const char *dvsec_set_range(struct settings *set, const char *arg);
const char *dvsec_set_at(struct settings *set, const char *arg);
const char *dvsec_set_decode(struct settings *set, const char *arg);
const char *dvsec_set_driver_table(struct settings *set, const char *arg);

/* What is wrong with the options as a whole, or NULL; fills in what follows from them. */
const char *dvsec_judge(struct settings *set);

/* Make the descriptors of the one function that is chosen; an exit status. */
int dvsec_make(struct settings *set);

#endif
