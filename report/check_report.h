/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Output formats of `check`: the table, and what each row does. */
#ifndef CAPGAP_CHECK_REPORT_H
#define CAPGAP_CHECK_REPORT_H

#include "../analyzer/check.h"
#include "report.h"

/**
 * struct capgap_check_answer - what is wrong with one function
 * @base: the function and its input; nothing was planned
 * @hits: what capgap_check_function() found, borrowed
 * @levels: the level that each rule is given, borrowed
 */
struct capgap_check_answer {
	struct capgap_answer base;
	const struct capgap_findings *hits;
	const struct capgap_check_levels *levels;
};

/**
 * struct capgap_check_result - one breach of a rule that is not switched off
 * @row: the rule
 * @hit: where
 * @level: how bad it is, as the caller sees it
 */
struct capgap_check_result {
	const struct capgap_finding *row;
	const struct capgap_hit *hit;
	enum capgap_level level;
};

/**
 * struct capgap_check_count - results by level
 * @of: by enum capgap_level
 */
struct capgap_check_count {
	unsigned long of[CAPGAP_LEVEL_ERROR + 1];
};

/**
 * struct capgap_check_report - one output, being written
 * @base: stream, names, and the functions written so far
 * @levels: the level that each rule is given, borrowed
 * @version: of the program, borrowed
 * @trouble: some input was unusable; known at the end only
 * @count: results written so far
 * @state: the format's own, from its begin to its end
 */
struct capgap_check_report {
	struct capgap_report base;
	const struct capgap_check_levels *levels;
	const char *version;
	bool trouble;
	struct capgap_check_count count;
	void *state;
};

/**
 * struct capgap_check_reporter - one format, a row of the table in check_report.c
 * @name: what --format calls it
 * @help: one line for people
 * @begin: before the first answer; may be NULL
 * @answer: one answer
 * @end: behind the last answer, also where one of the others failed; releases @state. May
 *       be NULL
 *
 * Each returns 0 or -CAPGAP_E_NOMEM.
 */
struct capgap_check_reporter {
	const char *name;
	const char *help;
	int (*begin)(struct capgap_check_report *rep);
	int (*answer)(struct capgap_check_report *rep,
		      const struct capgap_check_answer *ans);
	int (*end)(struct capgap_check_report *rep);
};

extern const struct capgap_check_reporter capgap_check_text;  /* text_check.c */
extern const struct capgap_check_reporter capgap_check_json;  /* json_check.c */
extern const struct capgap_check_reporter capgap_check_junit; /* junit.c */
extern const struct capgap_check_reporter capgap_check_sarif; /* sarif.c */

/* The format of that name, or NULL. */
const struct capgap_check_reporter *capgap_check_report_find(const char *name);

/* The formats by position; NULL behind the last. */
const struct capgap_check_reporter *capgap_check_report_row(unsigned n);

/**
 * capgap_check_next() - walk over the results: the analysis's hits before the check's
 * @ans: borrowed
 * @from: 0 at first, then what came back
 * @result: filled; what it points to is borrowed
 *
 * Return: where to go on, or 0 behind the last.
 */
unsigned capgap_check_next(const struct capgap_check_answer *ans, unsigned from,
			   struct capgap_check_result *result);

/* The results of a function by level. */
struct capgap_check_count capgap_check_count(const struct capgap_check_answer *ans);

/* Bytes of a result that are shown at most, and room for them. */
#define CAPGAP_CHECK_BYTES_MAX 32u
#define CAPGAP_CHECK_BYTES_TEXT (2u * CAPGAP_CHECK_BYTES_MAX + 1u)

/**
 * capgap_check_bytes() - the bytes that a hit speaks of, in hex, in ascending order
 * @fn: borrowed
 * @hit: borrowed
 * @buf: caller's; always terminated
 *
 * Two characters a byte, "--" for one that was not read; of more than
 * CAPGAP_CHECK_BYTES_MAX bytes the first ones.
 *
 * Return: @buf; "" where the hit speaks of the function as a whole.
 */
char *capgap_check_bytes(const struct capgap_function *fn, const struct capgap_hit *hit,
			 char buf[CAPGAP_CHECK_BYTES_TEXT]);

/* Room for the longest sentence. */
#define CAPGAP_CHECK_SENTENCE 400u

/**
 * capgap_check_sentence() - place, sentence and bytes of a result, for people
 * @ans: borrowed
 * @result: of @ans
 * @buf: caller's; always terminated
 *
 * Return: @buf: "0x104, 4 bytes: what is wrong: values (bytes 00000000)".
 */
char *capgap_check_sentence(const struct capgap_check_answer *ans,
			    const struct capgap_check_result *result,
			    char buf[CAPGAP_CHECK_SENTENCE]);

#endif
