/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asking the running kernel: the options about it, and the consent that it takes. */
#ifndef CAPGAP_CLI_LIVE_H
#define CAPGAP_CLI_LIVE_H

#include "../placement/live_join.h"

/**
 * struct live_settings - the options about the running kernel
 * @has_bdf: --live was given
 * @bdf: its function
 * @has_token: --vf-token was given
 * @token: it
 * @path: that of --path; ANY without it
 * @yes: --yes was given
 * @query: --live-query was given
 */
struct live_settings {
	bool has_bdf;
	struct capgap_bdf bdf;
	bool has_token;
	uint8_t token[CAPGAP_LIVE_TOKEN_LEN];
	enum capgap_live_path path;
	bool yes;
	bool query;
};

struct settings;
struct capgap_function;

/* Setters of opts.c's table: each takes its option over, and returns NULL or what is wrong. */
const char *live_set_function(struct settings *set, const char *arg);
const char *live_set_token(struct settings *set, const char *arg);
const char *live_set_path(struct settings *set, const char *arg);
const char *live_set_yes(struct settings *set, const char *arg);
const char *live_set_query(struct settings *set, const char *arg);

/* What is wrong with the options as a whole, or NULL. */
const char *live_judge(const struct settings *set);

/* Make the function of --live the one that is chosen. */
void live_select(struct settings *set);

/* What is asked of a function, without consent so far. */
struct capgap_live_request live_request(const struct settings *set,
					const struct capgap_bdf *bdf);

/**
 * struct live_target - a function that would be opened
 * @bdf: its address
 * @facts: what sysfs says of it
 */
struct live_target {
	struct capgap_bdf bdf;
	struct capgap_live_facts facts;
};

/**
 * live_agree() - say what opening functions does to them, and have it agreed to
 * @set: borrowed; with --yes nothing is asked
 * @list: them, borrowed
 * @n: how many, not 0
 *
 * Nothing is opened. The warning goes to stderr; the question too, where stdin and stderr
 * are a terminal.
 *
 * Return: true when somebody has agreed; why not is said on stderr.
 */
bool live_agree(const struct settings *set, const struct live_target *list, size_t n);

/**
 * live_approach() - look at a function without touching it, and have the rest agreed to
 * @req: what will be asked; its consent is set where somebody has agreed, and to what
 * @set: borrowed
 * @facts: filled with what sysfs says
 * @trouble: filled where it must not be opened: what sysfs shows, or NO_CONSENT, which is said
 *           on stderr
 *
 * For visit->begin: what is wrong with options and quirks is said before anybody is asked.
 */
void live_approach(struct capgap_live_request *req, const struct settings *set,
		   struct capgap_live_facts *facts, struct capgap_live_trouble *trouble);

/* `query --live` and `view --live`; an exit status. */
int query_live(struct settings *set);
int view_live(struct settings *set);

struct asked_function;

/**
 * struct live_answers - what the kernel said of the functions of this machine
 * @n: functions that --live-query is about
 * @room: elements of @row
 * @row: them; owned
 */
struct live_answers {
	size_t n;
	size_t room;
	struct asked_function *row;
};

/**
 * live_answers_ask() - ask about every function that may be asked
 * @answers: caller's, overwritten; live_answers_release() releases it, also after a failure
 * @set: borrowed; its quirks are loaded
 *
 * Those that are chosen, applicable, and on a VFIO driver. What cannot be asked is
 * noted.
 *
 * Return: 0; -CAPGAP_E_CONSENT, said on stderr; -CAPGAP_E_NOMEM.
 */
int live_answers_ask(struct live_answers *answers, const struct settings *set);

/**
 * live_answers_apply() - join a PASID answer with what the kernel said
 * @answers: borrowed by @pasid
 * @fn: borrowed
 * @pasid: of configuration space, changed
 */
void live_answers_apply(struct live_answers *answers, const struct capgap_function *fn,
			struct capgap_pasid *pasid);

/**
 * live_answers_lack() - was --live-query in vain?
 * @answers: borrowed, applied to all functions
 * @set: borrowed
 *
 * Return: true when the kernel has not told of a function that --slot or --device chose, or,
 * without a choice, of none at all; only functions that are applicable count.
 */
bool live_answers_lack(const struct live_answers *answers, const struct settings *set);

/* Free what is held. */
void live_answers_release(struct live_answers *answers);

#endif
