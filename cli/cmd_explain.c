/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `capgap explain`: what the names in brackets mean, and what they rest on. */
#include <string.h>

#include "../placement/live_compare.h"
#include "../placement/live_join.h"
#include "../placement/obstacles.h"
#include "cli.h"

static const char *finding_name(unsigned i)
{
	return capgap_finding_get(i)->name;
}

static const char *finding_text(unsigned i)
{
	return capgap_finding_get(i)->sentence;
}

static void print_finding(unsigned i)
{
	const struct capgap_finding *row = capgap_finding_get(i);

	printf("  %s.\n", row->sentence);
	printf("  Rests on: %s.\n", row->rule);
	if (row->flags & CAPGAP_F_ALTERS_CHAIN)
		puts("  Where it stands, the capability list may differ from libpci's.");
	if (row->flags & CAPGAP_F_TAKES_BYTES)
		puts("  Where it stands, bytes are not free, or are not known to be.");
	if (row->flags & CAPGAP_F_CHECK_ONLY)
		puts("  Only 'capgap check' looks for it.");
}

static const char *obstacle_name(unsigned i)
{
	return capgap_obstacle_name((enum capgap_obstacle_kind)i);
}

/* Present, or not seen to be absent; a static buffer. */
static const char *obstacle_clause(unsigned i, bool unknown)
{
	const struct capgap_obstacle obstacle = { .kind = (enum capgap_obstacle_kind)i,
						  .unknown = unknown };
	static char text[512];

	return capgap_obstacle_text(&obstacle, text, sizeof(text));
}

static const char *obstacle_text(unsigned i)
{
	return obstacle_clause(i, false);
}

static void print_obstacle(unsigned i)
{
	printf("  PASID does not work, wherever it is placed: %s.\n",
	       obstacle_clause(i, false));
	printf("  Where that is not known: %s.\n", obstacle_clause(i, true));
	printf("  Rests on: %s.\n", capgap_obstacle_source((enum capgap_obstacle_kind)i));
}

/* The first situation is that nothing stands in the way. */
static enum capgap_live_situation situation(unsigned i)
{
	return (enum capgap_live_situation)(i + 1);
}

static const char *situation_name(unsigned i)
{
	return capgap_live_situation_name(situation(i));
}

static const char *situation_text(unsigned i)
{
	return capgap_live_situation_reason(situation(i));
}

static void print_situation(unsigned i)
{
	const char *help = capgap_live_situation_help(situation(i));

	printf("  The running kernel was not asked, or did not answer: %s.\n",
	       situation_text(i));
	if (*help)
		printf("  What would help: %s.\n", help);
	printf("  Rests on: %s.\n", capgap_live_situation_source(situation(i)));
}

static const char *remark_name(unsigned i)
{
	return capgap_live_remark_name((enum capgap_live_remark)i);
}

static const char *remark_text(unsigned i)
{
	return capgap_live_remark_text((enum capgap_live_remark)i);
}

static void print_remark(unsigned i)
{
	printf("  The running kernel's word beside what else is known: %s.\n",
	       remark_text(i));
	puts("  Rests on: Linux 7.1.8, drivers/iommu/iommu.c, iommu_init_device(), and "
	     "drivers/iommu/iommufd/device.c, iommufd_get_hw_info().");
}

static const char *virtual_name(unsigned i)
{
	return capgap_virtual_name((enum capgap_virtual)i);
}

static const char *virtual_text(unsigned i)
{
	return capgap_virtual_why((enum capgap_virtual)i);
}

static void print_virtual(unsigned i)
{
	printf("  Reads differently through VFIO: %s.\n", virtual_text(i));
	printf("  Rests on: %s.\n", capgap_virtual_source((enum capgap_virtual)i));
}

/**
 * struct subject - names of one kind
 * @count: how many; row numbers are below it
 * @kind: second column of all of them; NULL for findings, which have levels
 * @name: of a row
 * @text: what it says, a clause or sentence without a full stop
 * @print: all of it but the name
 */
struct subject {
	unsigned count;
	const char *kind;
	const char *(*name)(unsigned i);
	const char *(*text)(unsigned i);
	void (*print)(unsigned i);
};

static const struct subject subjects[] = {
	{ CAPGAP_F_COUNT, NULL, finding_name, finding_text, print_finding },
	{ CAPGAP_OBSTACLE_COUNT, "obstacle", obstacle_name, obstacle_text,
	  print_obstacle },
	{ CAPGAP_LIVE_SITUATION_COUNT - 1, "refused", situation_name, situation_text,
	  print_situation },
	{ CAPGAP_LIVE_REMARK_COUNT, "remark", remark_name, remark_text, print_remark },
	{ CAPGAP_VIRTUAL_COUNT, "view", virtual_name, virtual_text, print_virtual },
};

#define SUBJECTS (sizeof(subjects) / sizeof(subjects[0]))

static const char *kind_of(const struct subject *subject, unsigned i)
{
	return subject->kind ? subject->kind :
			       capgap_level_name(capgap_finding_get(i)->level);
}

static void list_all(void)
{
	for (size_t s = 0; s < SUBJECTS; s++)
		for (unsigned i = 0; i < subjects[s].count; i++)
			printf("%-24s %-8s %s\n", subjects[s].name(i),
			       kind_of(&subjects[s], i), subjects[s].text(i));
}

/* Explain a name, which two subjects may share; false when none has it. */
static bool explain_name(const char *name)
{
	bool found = false;

	for (size_t s = 0; s < SUBJECTS; s++) {
		for (unsigned i = 0; i < subjects[s].count; i++) {
			if (strcmp(subjects[s].name(i), name) != 0)
				continue;
			printf("%s (%s)\n", name, kind_of(&subjects[s], i));
			subjects[s].print(i);
			found = true;
		}
	}
	return found;
}

static int explain(struct settings *set)
{
	if (!set->n_args)
		list_all();
	for (int i = 0; i < set->n_args; i++) {
		if (!explain_name(set->args[i])) {
			complain(
				"nothing is called '%s'; 'capgap explain' lists all names",
				set->args[i]);
			return EXIT_USAGE;
		}
	}
	return EXIT_OK;
}

const struct cmd cmd_explain = {
	.name = "explain",
	.operands = "[NAME]...",
	.summary =
		"Say what a name in [brackets] means (a finding, an obstacle, a refusal) and what it rests on; without one, list them all.",
	.options = "",
	.run = explain,
};
