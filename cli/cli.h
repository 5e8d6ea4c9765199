/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands, options and exit statuses of the program. */
#ifndef CAPGAP_CLI_H
#define CAPGAP_CLI_H

#include "../report/check_report.h"
#include "../report/report.h"
#include "common.h"
#include "dvsec.h"
#include "host.h"
#include "live.h"
#include "nodedev.h"
#include "query.h"
#include "select.h"
#include "view.h"

enum capgap_exit {
#define CAPGAP_EXIT(symbol, status, meaning) EXIT_##symbol = (status),
#include "exit.def"
#undef CAPGAP_EXIT
};

/* How often --quirks and --descriptor can be given. */
#define QUIRK_DIRS_MAX 16u
#define DESCRIPTORS_MAX 16u

/* One --descriptor VVVV:IIII[=gap|table]. */
struct descriptor_arg {
	uint16_t vendor;
	uint16_t id;
	enum capgap_form form;
};

/**
 * struct settings - what the command line asks for
 * @select: which functions, by address and by ids
 * @report: output format; NULL until --format names one
 * @numeric: no names, only numbers
 * @n_quirk_dirs: directories of --quirks
 * @quirk_dir: them, borrowed from argv, in order
 * @strict_quirks: a bad quirk file is fatal
 * @n_descriptors: DVSEC pairs of --descriptor
 * @descriptor: them
 * @analysis: vantage and shortest gap
 * @policy: what is planned
 * @explain: give a reason for every range that is not planned
 * @all: every applicable function must have a placement
 * @require_pasid: and PASID
 * @require_vmm: and a VMM that accepts it
 * @check_report: output format of `check`; NULL until --format names one
 * @levels: the level that each rule is given
 * @rules: list them
 * @dvsec: the options of `dvsec`
 * @query: the options of `query`
 * @view: the options about what vfio-pci shows
 * @nodedev: the files of --nodedev
 * @common: the options about many functions
 * @host: the options about the running machine
 * @live: the options about asking the running kernel
 * @output: file for the images that are made, borrowed from argv; NULL for none
 * @anonymise: serial numbers and other identity are not written
 * @binary: --output-format binary was given
 * @lspci: --output-format lspci was given
 * @width: PASID bits that `emulate` shows; 0 for the device's
 * @n_args: operands
 * @args: them, borrowed from argv
 */
struct settings {
	struct select select;
	const struct capgap_reporter *report;
	bool numeric;
	unsigned n_quirk_dirs;
	const char *quirk_dir[QUIRK_DIRS_MAX];
	bool strict_quirks;
	unsigned n_descriptors;
	struct descriptor_arg descriptor[DESCRIPTORS_MAX];
	struct capgap_options analysis;
	struct capgap_policy policy;
	bool explain;
	bool all;
	bool require_pasid;
	bool require_vmm;
	const struct capgap_check_reporter *check_report;
	struct capgap_check_levels levels;
	bool rules;
	struct dvsec_settings dvsec;
	struct query_settings query;
	struct view_settings view;
	struct nodedev_settings nodedev;
	struct common_settings common;
	struct host_settings host;
	struct live_settings live;
	const char *output;
	bool anonymise;
	bool binary;
	bool lspci;
	unsigned width;
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
 * @subs: the commands it consists of, ended by NULL; their names begin with its name.
 *        It has no options and no @run of its own then
 */
struct cmd {
	const char *name;
	const char *operands;
	const char *summary;
	const char *options;
	int (*run)(struct settings *set);
	const struct cmd *const *subs;
};

extern const struct cmd cmd_scan;
extern const struct cmd cmd_capture;
extern const struct cmd cmd_plan;
extern const struct cmd cmd_show;
extern const struct cmd cmd_check;
extern const struct cmd cmd_explain;
extern const struct cmd cmd_dvsec;
extern const struct cmd cmd_query;
extern const struct cmd cmd_emulate;
extern const struct cmd cmd_view;
extern const struct cmd cmd_vmm;
extern const struct cmd cmd_quirks;
extern const struct cmd cmd_quirks_lint;

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

/* Read a number, decimal or hex with 0x, from @min to @max; false when @arg is none. */
bool opts_number(const char *arg, unsigned long min, unsigned long max,
		 unsigned long *val);

/* Print a command's usage with all its options to @out. */
void opts_usage(const struct cmd *cmd, FILE *out);

/* The program's version. */
const char *program_version(void);

/* Print the program's name and version to stdout. */
void print_version(void);

/* Print "capgap: " and a message as a line on stderr. */
void complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/**
 * quirks_load() - the quirk table that the command line asks for
 * @set: borrowed
 * @status: set to an exit status on failure
 * @whole: set to whether the shipped table is there and no file is bad: without that nobody
 *         knows how far devices may be read; may be NULL
 *
 * Shipped directory, then /etc/capgap/quirks.d, then each --quirks; at last the
 * pairs of --descriptor. Faults are said on stderr.
 *
 * Return: owned by the caller; NULL when memory is short, a file is bad and
 * --strict-quirks asks for none, or the live host is the input and the table is not whole.
 */
struct capgap_quirks *quirks_load(const struct settings *set, int *status, bool *whole);

/**
 * quirks_schema() - the schema that the quirk files of a directory are read with
 * @dir: directory
 * @buf: caller's, for a path
 * @len: its size, bytes
 *
 * Return: NULL for the one in @dir, as when none is shipped; else @buf, with the path
 * of the shipped one.
 */
const char *quirks_schema(const char *dir, char *buf, size_t len);

/* Say a fault of a quirk file on stderr. */
void quirks_complain(const char *file, const struct capgap_err *err);

/**
 * struct visit - what is done with the functions that are chosen
 * @begin: before the first of them; may be NULL
 * @function: one of them, borrowed for the call
 * @end: behind the last of them, also after an error; @trouble says that some input was
 *       unusable. May be NULL
 * @status: the exit status where every input was usable
 * @report: the output; run_inputs() fills and counts
 * @ctx: first argument of each
 *
 * The first three return 0, or a negated error number, which ends the reading.
 */
struct visit {
	int (*begin)(void *ctx);
	int (*function)(void *ctx, const char *source, unsigned machine,
			const struct capgap_function *fn);
	int (*end)(void *ctx, bool trouble);
	int (*status)(const void *ctx);
	struct capgap_report *report;
	void *ctx;
};

/* Read every input, visit every chosen function, and return the exit status. */
int run_inputs(const struct visit *visit, struct settings *set);

/* Exit status where the system refuses: the first that holds of 2, 3, 4, 1 and 0. */
int refused_status(int status);

/* Exit status once all is written: nothing that was written may be lost unnoticed. */
int close_output(int status);

/* The exit status for so many applicable functions, of which so many have a placement. */
int placed_status(const struct settings *set, unsigned long n_applicable,
		  unsigned long n_placed);

/* What a command does beside reporting; chosen by its file. */
struct task {
	bool plan;			      /* place and query, not only analyse */
	bool may_say_no;		      /* exit status 1 is possible */
	const struct capgap_reporter *report; /* when no --format is given */
};

/* Read every input, report every chosen function, and return the exit status. */
int run_task(const struct task *task, struct settings *set);

#endif
