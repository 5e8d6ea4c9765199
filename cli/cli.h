/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands, options and exit statuses of the program. */
#ifndef CAPGAP_CLI_H
#define CAPGAP_CLI_H

#include "../report/report.h"
#include "select.h"

enum capgap_exit {
#define CAPGAP_EXIT(symbol, status, meaning) EXIT_##symbol = (status),
#include "exit.def"
#undef CAPGAP_EXIT
};

/**
 * struct settings - what the command line asks for
 * @select: which functions, by address and by ids
 * @report: output format; NULL until --format names one
 * @numeric: no names, only numbers
 * @analysis: vantage and shortest gap
 * @policy: what is planned
 * @all: every applicable function must have a placement
 * @require_pasid: and PASID
 * @n_args: operands
 * @args: them, borrowed from argv
 */
struct settings {
	struct select select;
	const struct capgap_reporter *report;
	bool numeric;
	struct capgap_options analysis;
	struct capgap_policy policy;
	bool all;
	bool require_pasid;
	int n_args;
	char **args;
};

/**
 * struct cmd - one command
 * @name: what the user types
 * @operands: what follows the options, for the usage line
 * @summary: one line for people
 * @options: short names of the options it takes; the letters of opts.c's table
 * @run: does it; returns an exit status
 */
struct cmd {
	const char *name;
	const char *operands;
	const char *summary;
	const char *options;
	int (*run)(struct settings *set);
};

extern const struct cmd cmd_scan;
extern const struct cmd cmd_plan;
extern const struct cmd cmd_show;
extern const struct cmd cmd_explain;

/**
 * opts_parse() - read a command's options and operands
 * @cmd: whose
 * @argc: from the command's name on
 * @argv: its elements may be reordered
 * @set: filled
 *
 * Return: -1 to go on, else an exit status: --help and --version are answered
 * here, and wrong usage is explained on stderr.
 */
int opts_parse(const struct cmd *cmd, int argc, char **argv, struct settings *set);

/* Print a command's usage with all its options to @out. */
void opts_usage(const struct cmd *cmd, FILE *out);

/* Print the program's name and version to stdout. */
void print_version(void);

/* Print "capgap: " and a message as a line on stderr. */
void complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* What a command does beside reporting; chosen by its file. */
struct task {
	bool plan;			      /* place and query, not only analyse */
	bool may_say_no;		      /* exit status 1 is possible */
	const struct capgap_reporter *report; /* when no --format is given */
};

/* Read every input, report every chosen function, and return the exit status. */
int run_task(const struct task *task, struct settings *set);

#endif
