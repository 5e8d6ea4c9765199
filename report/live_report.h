/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the formats tell of the running kernel's answers. */
#ifndef CAPGAP_LIVE_REPORT_H
#define CAPGAP_LIVE_REPORT_H

#include "../placement/live_compare.h"
#include "../placement/live_join.h"
#include "report.h"

/**
 * struct capgap_live_answer - what `query --live` found out
 * @base: the function as the host shows it; its fn is NULL where that was not read
 * @bdf: its address
 * @live: the kernel's answer, borrowed
 * @config: the PASID answer of configuration space, borrowed
 * @pasid: the same joined with the kernel's, borrowed
 * @word: what became of asking, borrowed
 * @obstacles: what else keeps PASID from working, borrowed
 */
struct capgap_live_answer {
	struct capgap_answer base;
	struct capgap_bdf bdf;
	const struct capgap_live *live;
	const struct capgap_pasid *config;
	const struct capgap_pasid *pasid;
	const struct capgap_live_word *word;
	const struct capgap_obstacles *obstacles;
};

/**
 * struct capgap_live_view_answer - what `view --live` found out
 * @base: the function as the host shows it; its fn is NULL where that was not read
 * @bdf: its address
 * @config: the region, or why there is none; borrowed
 * @view: derived of the host's; NULL where @base.fn is
 * @kernel: which kernels it was derived for
 * @comparison: of both; NULL where nothing could be compared
 * @other_fits: no difference is left by the rules of the other kernels
 */
struct capgap_live_view_answer {
	struct capgap_answer base;
	struct capgap_bdf bdf;
	const struct capgap_live_config *config;
	const struct capgap_view *view;
	enum capgap_kernel kernel;
	const struct capgap_comparison *comparison;
	bool other_fits;
};

/**
 * struct capgap_live_reporter - what one format adds for the running kernel
 * @format: the format; its begin and end stand around what is written here
 * @query: one answer. Returns 0 or -CAPGAP_E_NOMEM
 * @view: one comparison. Returns likewise
 */
struct capgap_live_reporter {
	const struct capgap_reporter *format;
	int (*query)(struct capgap_report *rep, const struct capgap_live_answer *ans);
	int (*view)(struct capgap_report *rep, const struct capgap_live_view_answer *ans);
};

extern const struct capgap_live_reporter capgap_live_text;   /* text_live.c */
extern const struct capgap_live_reporter capgap_live_json;   /* json_live.c */
extern const struct capgap_live_reporter capgap_live_ndjson; /* json_live.c */

/* What a format adds for the running kernel, or NULL. */
const struct capgap_live_reporter *
capgap_live_reporter_find(const struct capgap_reporter *format);

/**
 * capgap_live_feature_title() - what an index of VFIO_DEVICE_FEATURE is called
 * @index: 0..15
 * @buf: caller's; always terminated when @len is not 0
 * @len: its size in bytes; 128 hold every title
 *
 * Index 11 has two: a kernel's version tells neither apart, and neither does a PROBE.
 *
 * Return: @buf.
 */
char *capgap_live_feature_title(unsigned index, char *buf, size_t len);

/* Room for what feature a title needs. */
#define CAPGAP_LIVE_TITLE 128u

/* One comparison for people; 0 or -CAPGAP_E_NOMEM (text_live_view.c). */
int capgap_live_text_view(struct capgap_report *rep,
			  const struct capgap_live_view_answer *ans);

/* Write address and, where the function was read, names and ids (text_live.c). */
void capgap_live_text_head(struct capgap_report *rep, const struct capgap_answer *base,
			   const struct capgap_bdf *bdf);

/* Write the start of a line: what it is about, "" for more of the same (text_live.c). */
void capgap_live_text_line(struct capgap_report *rep, const char *about);

/* Write what stood in the way and what would help, in lines (text_live.c). */
void capgap_live_text_trouble(struct capgap_report *rep, const char *about,
			      const struct capgap_live_trouble *trouble);

#endif
