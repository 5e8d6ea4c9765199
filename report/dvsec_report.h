/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the formats tell of free-space descriptors: made, explained, and for a driver. */
#ifndef CAPGAP_DVSEC_REPORT_H
#define CAPGAP_DVSEC_REPORT_H

#include "../placement/declare.h"
#include "../placement/driver_table.h"
#include "report.h"

/**
 * struct capgap_dvsec_made - what `dvsec` made of a function
 * @base: the function; nothing is planned
 * @decl: borrowed; its refusal is not empty where nothing was made
 * @output: file that the image goes to, or NULL
 * @output_form: form of that file: "binary" or "lspci"
 */
struct capgap_dvsec_made {
	struct capgap_answer base;
	const struct capgap_declaration *decl;
	const char *output;
	const char *output_form;
};

/**
 * struct capgap_dvsec_reporter - what one format adds for free-space descriptors
 * @format: the format; its begin and end stand around what is written here
 * @made: descriptors that were made, or why not. Returns 0 or -CAPGAP_E_NOMEM
 * @decoded: the descriptors of a function, field by field. Returns likewise
 * @driver_begin: before the first row for a driver; may be NULL
 * @driver: a row for a driver. Returns likewise
 */
struct capgap_dvsec_reporter {
	const struct capgap_reporter *format;
	int (*made)(struct capgap_report *rep, const struct capgap_dvsec_made *made);
	int (*decoded)(struct capgap_report *rep, const struct capgap_answer *ans);
	void (*driver_begin)(struct capgap_report *rep);
	int (*driver)(struct capgap_report *rep, const struct capgap_driver_row *row);
};

extern const struct capgap_dvsec_reporter capgap_dvsec_text;   /* text_dvsec.c */
extern const struct capgap_dvsec_reporter capgap_dvsec_json;   /* json_dvsec.c */
extern const struct capgap_dvsec_reporter capgap_dvsec_ndjson; /* json_dvsec.c */

/* What a format adds for free-space descriptors, or NULL. */
const struct capgap_dvsec_reporter *
capgap_dvsec_reporter_find(const struct capgap_reporter *format);

/* Room for both listings. */
#define CAPGAP_DVSEC_OPTION_TEXT 32u
#define CAPGAP_DVSEC_QUIRK_TEXT 512u

/* The option that makes the pair known: "--descriptor 7e57:0042". */
char *capgap_dvsec_option(const struct capgap_declare *want,
			  char out[CAPGAP_DVSEC_OPTION_TEXT]);

/**
 * capgap_dvsec_quirk() - the quirk file that makes the pair known
 * @want: borrowed
 * @fn: the row is for functions with its ids; where they are not known, for all
 * @out: caller's; lines of XML, each ended
 *
 * Return: @out.
 */
char *capgap_dvsec_quirk(const struct capgap_declare *want,
			 const struct capgap_function *fn,
			 char out[CAPGAP_DVSEC_QUIRK_TEXT]);

/* A dword of a descriptor that was made, as an array of them would have it. */
struct capgap_dvsec_dword {
	struct capgap_edit edit;
	char words[256];
};

/**
 * capgap_dvsec_dword() - the dwords of a descriptor that was made
 * @dword: filled
 * @decl: borrowed
 * @made: one of its descriptors
 * @old: the image before, borrowed
 * @n: from 0
 *
 * Return: false behind the last.
 */
bool capgap_dvsec_dword(struct capgap_dvsec_dword *dword,
			const struct capgap_declaration *decl,
			const struct capgap_made *made, const struct capgap_image *old,
			unsigned n);

/* "gap", "table", or "unknown" where neither is told. */
const char *capgap_dvsec_form_name(enum capgap_form form);

#endif
