/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records in, finished functions out, in the order of the input. */
#include "stream.h"

#include <stdlib.h>
#include <string.h>

#include "function_quirks.h"
#include "source/host.h"

/*
 * A virtual function may stand before its physical one. It then waits, and
 * what follows waits behind it, so that the order of the input is kept.
 */
struct waiting {
	struct waiting *next;
	const char *source;
	struct capgap_record rec;
};

struct capgap_reader {
	struct capgap_options opt;
	struct capgap_out out;
	struct capgap_topology topo;
	struct waiting *head;
	struct waiting **tail;
	unsigned n_waiting;
	unsigned machines;  /* begun so far; the current one is this minus one */
	char *name;	    /* of the current input */
	const char *source; /* of the record in hand; borrowed */
	struct capgap_function fn;
};

struct capgap_reader *capgap_reader_new(const struct capgap_options *opt,
					const struct capgap_out *out)
{
	struct capgap_reader *rd = calloc(1, sizeof(*rd));

	if (!rd)
		return NULL;
	rd->opt = *opt;
	rd->out = *out;
	rd->tail = &rd->head;
	capgap_topology_init(&rd->topo);
	return rd;
}

static struct waiting *pop(struct capgap_reader *rd)
{
	struct waiting *first = rd->head;

	rd->head = first->next;
	if (!rd->head)
		rd->tail = &rd->head;
	rd->n_waiting--;
	return first;
}

static int push(struct capgap_reader *rd, const struct capgap_record *rec)
{
	struct waiting *last = malloc(sizeof(*last));

	if (!last)
		return -CAPGAP_E_NOMEM;
	last->next = NULL;
	last->source = rd->source;
	last->rec = *rec;
	*rd->tail = last;
	rd->tail = &last->next;
	rd->n_waiting++;
	return 0;
}

void capgap_reader_free(struct capgap_reader *rd)
{
	if (!rd)
		return;
	while (rd->head)
		free(pop(rd));
	capgap_topology_clear(&rd->topo);
	free(rd->name);
	free(rd);
}

/* Keep what later functions need of this one. */
static int remember(struct capgap_reader *rd)
{
	const struct capgap_function *fn = &rd->fn;
	struct capgap_pf sleeper = { .bdf = fn->meta.bdf,
				     .vf_device = 0xffff,
				     .asleep = true };
	int rc = 0;

	if (!(fn->meta.flags & CAPGAP_META_BDF))
		return 0;
	/* It may be a physical function: one that virtual ones wait for. */
	if (fn->meta.flags & CAPGAP_META_ASLEEP)
		return capgap_topology_add_pf(&rd->topo, &sleeper);
	if (fn->kind == CAPGAP_KIND_PF)
		rc = capgap_topology_add_pf(&rd->topo, &fn->pf);
	if (!rc && fn->has_bridge)
		rc = capgap_topology_add_bridge(&rd->topo, &fn->bridge);
	return rc;
}

/* Whether a function must wait for its physical one. */
static bool must_wait(const struct capgap_reader *rd, const struct capgap_record *rec)
{
	return capgap_function_needs_pf(rec, &rd->topo, rd->opt.nodedevs);
}

/* Hand the function that was analysed last to the caller. */
static int deliver(struct capgap_reader *rd)
{
	return rd->out.function(rd->out.ctx, rd->source ? rd->source : "-",
				rd->machines - 1, &rd->fn);
}

static int emit(struct capgap_reader *rd, const struct capgap_record *rec)
{
	capgap_function_analyse(&rd->fn, rec, &rd->topo, &rd->opt);
	return deliver(rd);
}

/* Answer the one that has waited longest, with what is known by now. */
static int answer_oldest(struct capgap_reader *rd)
{
	const char *source = rd->source;
	struct waiting *first = pop(rd);
	int rc;

	rd->source = first->source;
	rc = emit(rd, &first->rec);
	rd->source = source;
	free(first);
	return rc;
}

/* Answer those at the head of the queue that need not wait, or all of them. */
static int drain(struct capgap_reader *rd, bool all)
{
	int rc = 0;

	while (!rc && rd->head && (all || !must_wait(rd, &rd->head->rec)))
		rc = answer_oldest(rd);
	return rc;
}

static int end_machine(struct capgap_reader *rd)
{
	int rc = drain(rd, true);

	capgap_topology_clear(&rd->topo);
	return rc;
}

static int on_input(void *ctx, const char *name)
{
	struct capgap_reader *rd = ctx;
	int rc = end_machine(rd);
	char *copy = strdup(name);

	if (!copy)
		return -CAPGAP_E_NOMEM;
	free(rd->name);
	rd->name = copy;
	rd->source = copy;
	rd->machines++;
	return rc;
}

/* Begin a new machine where an address comes again. */
static int note_address(struct capgap_reader *rd, const struct capgap_record *rec)
{
	int rc;

	if (!(rec->meta.flags & CAPGAP_META_BDF))
		return 0;
	rc = capgap_topology_seen(&rd->topo, &rec->meta.bdf);
	if (rc != 1)
		return rc;
	rc = end_machine(rd);
	if (rc)
		return rc;
	rd->machines++;
	return capgap_topology_seen(&rd->topo, &rec->meta.bdf);
}

static int on_record(void *ctx, const struct capgap_record *rec)
{
	struct capgap_reader *rd = ctx;
	int rc = note_address(rd, rec);

	if (rc)
		return rc;
	capgap_function_analyse(&rd->fn, rec, &rd->topo, &rd->opt);
	rc = remember(rd);
	if (rc)
		return rc;
	if (!rd->head && !must_wait(rd, rec))
		return deliver(rd);
	rc = push(rd, rec);
	if (!rc)
		rc = drain(rd, false);
	if (!rc && rd->head && rd->n_waiting > CAPGAP_WAITING_MAX)
		rc = answer_oldest(rd);
	return rc ? rc : drain(rd, false);
}

static unsigned on_limit(void *ctx, const struct capgap_record *rec)
{
	struct capgap_reader *rd = ctx;

	capgap_function_analyse(&rd->fn, rec, &rd->topo, &rd->opt);
	return capgap_function_limit(&rd->fn, rd->opt.quirks);
}

static void on_trouble(void *ctx, const char *name, const struct capgap_err *err)
{
	struct capgap_reader *rd = ctx;

	if (rd->out.trouble)
		rd->out.trouble(rd->out.ctx, name, err);
}

/* An input is read, and has returned @rc. */
static int end_input(struct capgap_reader *rd, int rc)
{
	int end;

	if (rc && rc != -CAPGAP_E_DAMAGED)
		return rc;
	end = end_machine(rd);
	return end ? end : rc;
}

int capgap_reader_read(struct capgap_reader *rd, const char *path)
{
	struct capgap_sink sink = { on_input,
				    on_record,
				    on_trouble,
				    rd,
				    rd->opt.no_devices ? NULL : on_limit,
				    rd->opt.output };

	return end_input(rd, capgap_source_read(path, &sink));
}

int capgap_reader_read_host(struct capgap_reader *rd, const struct capgap_host *host)
{
	struct capgap_sink sink = { on_input, on_record, on_trouble, rd, on_limit, NULL };

	return end_input(rd, capgap_host_read(host, &sink));
}

int capgap_reader_feed(struct capgap_reader *rd, const struct capgap_feed *feed, size_t n)
{
	int rc = end_machine(rd);
	int end;

	rd->machines++;
	for (size_t i = 0; !rc && i < n; i++) {
		rd->source = feed[i].source;
		rc = on_record(rd, feed[i].rec);
	}
	end = rc ? 0 : end_machine(rd);
	rd->source = rd->name;
	return end ? end : rc;
}
