/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The running machine as an input: where there is no other. */
#include "host.h"

#include "../analyzer/source/host.h"
#include "../analyzer/stream.h"
#include "cli.h"

const char *host_set_sysfs(struct settings *set, const char *arg)
{
	if (!*arg)
		return "it must be a directory such as /sys";
	set->host.sysfs = arg;
	return NULL;
}

const char *host_set_wake(struct settings *set, const char *arg)
{
	(void)arg;
	set->host.wake = true;
	return NULL;
}

bool host_is_input(const struct settings *set)
{
	return !set->n_args && set->host.allowed;
}

const char *host_judge(const struct settings *set)
{
	if (!set->n_args && !set->host.allowed)
		return "no INPUT: give a dump, a directory, or - for standard input";
	if (set->n_args && set->host.sysfs)
		return "--sysfs is about the live host, which is read where there is no "
		       "INPUT";
	if (set->n_args && set->host.wake)
		return "--wake is about the live host, which is read where there is no "
		       "INPUT";
	if (!set->n_args && set->common.samples)
		return "--samples compares INPUTs, and there is none";
	return NULL;
}

/* What sysfs does not say of a function its image may: select_matches() judges it then. */
static bool is_wanted(void *ctx, const struct capgap_meta *meta)
{
	struct select sel = *(const struct select *)ctx;

	if (!(meta->flags & CAPGAP_META_IDS))
		sel.vendor = sel.device = SELECT_ANY;
	if (!(meta->flags & CAPGAP_META_CLASS))
		sel.class_code = sel.prog_if = SELECT_ANY;
	return select_wants(&sel, meta);
}

int host_read(const struct settings *set, struct capgap_reader *reader)
{
	struct select sel = set->host.choice ? *set->host.choice : set->select;
	struct capgap_host host = { .sysfs = set->host.sysfs,
				    .wake = set->host.wake,
				    .ctx = &sel };

	/* A dump that is joined names functions; what it names must have been read. */
	if ((sel.slot_given || sel.ids_given) && !set->view.dump)
		host.wanted = is_wanted;
	return capgap_reader_read_host(reader, &host);
}
