/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `capgap plan --live-query`: the kernel's answers beside those of configuration space. */
#include <stdlib.h>
#include <string.h>

#include "../analyzer/stream.h"
#include "cli.h"

/**
 * struct asked_function - one function of --live-query
 * @bdf: its address
 * @eligible: sysfs says that it could be asked
 * @config: the PASID answer of configuration space, from before it was opened
 * @live: the kernel's answer
 * @word: what became of asking
 */
struct asked_function {
	struct capgap_bdf bdf;
	bool eligible;
	struct capgap_pasid config;
	struct capgap_live live;
	struct capgap_live_word word;
};

/* The functions that are chosen and applicable, while the machine is read. */
struct choosing {
	struct live_answers *answers;
	const struct settings *set;
};

static struct asked_function *add(struct live_answers *answers)
{
	size_t room = answers->room ? 2 * answers->room : 16;
	struct asked_function *row;

	if (answers->n == answers->room) {
		row = realloc(answers->row, room * sizeof(*row));
		if (!row)
			return NULL;
		answers->row = row;
		answers->room = room;
	}
	row = &answers->row[answers->n++];
	memset(row, 0, sizeof(*row));
	return row;
}

static int choose(void *ctx, const char *source, unsigned machine,
		  const struct capgap_function *fn)
{
	const struct choosing *choosing = ctx;
	struct capgap_live_request req;
	struct asked_function *row;

	(void)source;
	(void)machine;
	if (!(fn->meta.flags & CAPGAP_META_BDF) || fn->not_applicable ||
	    !select_matches(&choosing->set->select, fn))
		return 0;
	row = add(choosing->answers);
	if (!row)
		return -CAPGAP_E_NOMEM;
	row->bdf = fn->meta.bdf;
	capgap_query_config(&row->config, fn);
	req = live_request(choosing->set, &row->bdf);
	row->eligible = !capgap_live_look(&row->live.facts, capgap_live_system(), &req,
					  &row->live.trouble) &&
			!capgap_live_is_unsafe(&row->live.trouble, fn);
	return 0;
}

/* The machine is read once for the choice, and again for the plan, which tells troubles. */
static int choose_all(struct live_answers *answers, const struct settings *set)
{
	struct choosing choosing = { answers, set };
	struct capgap_out out = { choose, NULL, &choosing };
	struct capgap_reader *reader = capgap_reader_new(&set->analysis, &out);
	int rc = -CAPGAP_E_NOMEM;

	if (reader)
		rc = host_read(set, reader);
	capgap_reader_free(reader);
	return rc == -CAPGAP_E_DAMAGED ? 0 : rc;
}

/* One consent for all of them. */
static int agree_all(const struct live_answers *answers, const struct settings *set,
		     size_t n)
{
	struct live_target *list = calloc(n, sizeof(*list));
	size_t used = 0;
	bool agreed;

	if (!list)
		return -CAPGAP_E_NOMEM;
	for (size_t i = 0; i < answers->n; i++) {
		if (!answers->row[i].eligible)
			continue;
		list[used].bdf = answers->row[i].bdf;
		list[used++].facts = answers->row[i].live.facts;
	}
	agreed = live_agree(set, list, used);
	free(list);
	return agreed ? 0 : -CAPGAP_E_CONSENT;
}

/* What is asked for, and is not had. */
static void complain_of(struct asked_function *row)
{
	struct capgap_pasid pasid = row->config;
	char bdf[CAPGAP_BDF_TEXT];

	capgap_live_say(&row->word, &row->live, capgap_live_apply(&pasid, &row->live));
	if (!row->word.answered)
		complain("%s: the kernel %s: %s", capgap_bdf_format(&row->bdf, bdf),
			 capgap_live_word_text(&row->word), row->word.why);
}

static void ask_one(struct asked_function *row, const struct settings *set)
{
	struct capgap_live_request req = live_request(set, &row->bdf);

	req.consent = true;
	req.has_agreed = true;
	req.agreed = row->live.facts;
	/* What it returns is in the answer, too. */
	capgap_live_query(&row->live, capgap_live_system(), &req);
	complain_of(row);
}

static bool is_choice(const struct settings *set)
{
	return set->select.slot_given || set->select.ids_given;
}

/* Of a whole machine most functions cannot be asked, and the plan says so of each. */
static void complain_of_nothing(struct live_answers *answers, const struct settings *set,
				size_t n_eligible)
{
	if (!answers->n)
		complain(
			"--live-query: no chosen function is applicable, so none is asked");
	else if (!n_eligible && !is_choice(set))
		complain("--live-query: none of the functions that are applicable can be "
			 "asked; the plan says why");
	for (size_t i = 0; i < answers->n && is_choice(set); i++) {
		if (!answers->row[i].eligible)
			complain_of(&answers->row[i]);
	}
}

int live_answers_ask(struct live_answers *answers, const struct settings *set)
{
	size_t n = 0;
	int rc;

	memset(answers, 0, sizeof(*answers));
	rc = choose_all(answers, set);
	for (size_t i = 0; i < answers->n; i++)
		n += answers->row[i].eligible;
	if (rc)
		return rc;
	complain_of_nothing(answers, set, n);
	if (n)
		rc = agree_all(answers, set, n);
	for (size_t i = 0; !rc && i < answers->n; i++) {
		if (answers->row[i].eligible)
			ask_one(&answers->row[i], set);
	}
	return rc;
}

static struct asked_function *find(struct live_answers *answers,
				   const struct capgap_bdf *bdf)
{
	for (size_t i = 0; i < answers->n; i++) {
		if (capgap_bdf_equal(&answers->row[i].bdf, bdf))
			return &answers->row[i];
	}
	return NULL;
}

void live_answers_apply(struct live_answers *answers, const struct capgap_function *fn,
			struct capgap_pasid *pasid)
{
	static const struct capgap_iommu none = { .kind = CAPGAP_IOMMU_UNKNOWN };
	struct asked_function *row = NULL;

	if (fn->meta.flags & CAPGAP_META_BDF)
		row = find(answers, &fn->meta.bdf);
	if (!row)
		return;
	capgap_live_say(&row->word, &row->live, capgap_live_apply(pasid, &row->live));
	capgap_live_remark_all(&row->word.remarks, &row->live, &row->config,
			       fn->meta.flags & CAPGAP_META_IOMMU ? &fn->meta.iommu :
								    &none);
	pasid->live = &row->word;
}

bool live_answers_lack(const struct live_answers *answers, const struct settings *set)
{
	size_t n_answered = 0;

	for (size_t i = 0; i < answers->n; i++)
		n_answered += answers->row[i].word.answered;
	return n_answered < answers->n && (!n_answered || is_choice(set));
}

void live_answers_release(struct live_answers *answers)
{
	free(answers->row);
	memset(answers, 0, sizeof(*answers));
}
