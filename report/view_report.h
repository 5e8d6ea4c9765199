/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the formats tell what vfio-pci shows of a function. */
#ifndef CAPGAP_VIEW_REPORT_H
#define CAPGAP_VIEW_REPORT_H

#include "../placement/view.h"
#include "report.h"

/**
 * struct capgap_view_answer - what is known of one view
 * @base: the function; nothing is planned
 * @view: borrowed
 * @kernel: which kernels it was derived for
 * @chain: the lists of @view's image, borrowed
 */
struct capgap_view_answer {
	struct capgap_answer base;
	const struct capgap_view *view;
	enum capgap_kernel kernel;
	const struct capgap_chain *chain;
};

/**
 * struct capgap_view_reporter - what one format adds for views
 * @format: the format; its begin and end stand around what is written here
 * @answer: one view. Returns 0 or -CAPGAP_E_NOMEM
 */
struct capgap_view_reporter {
	const struct capgap_reporter *format;
	int (*answer)(struct capgap_report *rep, const struct capgap_view_answer *ans);
};

extern const struct capgap_view_reporter capgap_view_text;   /* text_view.c */
extern const struct capgap_view_reporter capgap_view_json;   /* json_view.c */
extern const struct capgap_view_reporter capgap_view_ndjson; /* json_view.c */

/* What a format adds for views, or NULL. */
const struct capgap_view_reporter *
capgap_view_reporter_find(const struct capgap_reporter *format);

#endif
