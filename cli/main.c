/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The program: finds the command and runs it. */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

#ifndef CAPGAP_VERSION
#define CAPGAP_VERSION "0.1.0"
#endif

static const struct cmd *const commands[] = {
	&cmd_plan,  &cmd_scan,	  &cmd_show,	&cmd_view,    &cmd_check,
	&cmd_query, &cmd_dvsec,	  &cmd_emulate, &cmd_capture, &cmd_quirks,
	&cmd_vmm,   &cmd_explain, NULL,
};

/* A line to standard error. Names of files and devices are others': they move no cursor. */
void complain(const char *fmt, ...)
{
	char *line = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&line, fmt, ap) < 0)
		line = NULL;
	va_end(ap);
	for (char *at = line; at && *at; at++) {
		if (iscntrl((unsigned char)*at))
			*at = '?';
	}
	fprintf(stderr, "capgap: %s\n", line ? line : capgap_strerror(CAPGAP_E_NOMEM));
	free(line);
}

/* What the user types for a command: the last word of its name. */
static const char *command_word(const struct cmd *cmd)
{
	const char *blank = strrchr(cmd->name, ' ');

	return blank ? blank + 1 : cmd->name;
}

const char *program_version(void)
{
	return CAPGAP_VERSION;
}

void print_version(void)
{
	puts("capgap " CAPGAP_VERSION);
}

static void list_commands(const struct cmd *const *list, FILE *out)
{
	for (; *list; list++)
		fprintf(out, "  %-8s %s\n", command_word(*list), (*list)->summary);
}

static void usage(FILE *out)
{
	fputs("usage: capgap COMMAND [OPTION]... [INPUT]...\n"
	      "Find what is free in the configuration space of PCI functions, and where a VMM\n"
	      "should emulate a PASID capability.\n\ncommands:\n",
	      out);
	list_commands(commands, out);
	fputs("\nAn INPUT is lspci text with hex rows (lspci -xxxx), a binary image of 1 to 4096\n"
	      "bytes, a directory of them, a copied sysfs tree, or - for standard input. Without one,\n"
	      "plan, scan, show, view, check, query and emulate read the live host, and open no\n"
	      "device. Only query --live, view --live and plan --live-query do, which resets it:\n"
	      "they ask first.\n"
	      "'capgap COMMAND --help' lists the options of a command.\n\nexit status:\n",
	      out);
#define CAPGAP_EXIT(symbol, status, meaning) fprintf(out, "  %d  %s\n", status, meaning);
#include "exit.def"
#undef CAPGAP_EXIT
}

/* Usage of a command, or of one that consists of others. */
static void usage_of(const struct cmd *cmd, FILE *out)
{
	if (!cmd) {
		usage(out);
	} else if (!cmd->subs) {
		opts_usage(cmd, out);
	} else {
		fprintf(out, "usage: capgap %s COMMAND %s\n%s\n\ncommands:\n", cmd->name,
			cmd->operands, cmd->summary);
		list_commands(cmd->subs, out);
		fprintf(out,
			"\n'capgap %s COMMAND --help' lists the options of a command.\n",
			cmd->name);
	}
}

static const struct cmd *find_command(const struct cmd *const *list, const char *word)
{
	for (; *list; list++) {
		if (!strcmp(command_word(*list), word))
			return *list;
	}
	return NULL;
}

static bool asks_help(const char *word)
{
	return !strcmp(word, "--help") || !strcmp(word, "-h") || !strcmp(word, "help");
}

/* Help on what the words name, as far as they name a command. */
static int help(const struct cmd *cmd, char **words)
{
	const struct cmd *next;

	for (; *words; words++) {
		next = cmd && !cmd->subs ?
			       NULL :
			       find_command(cmd ? cmd->subs : commands, *words);
		if (!next)
			break;
		cmd = next;
	}
	usage_of(cmd, stdout);
	return EXIT_OK;
}

/* Run the command that argv[1] names, which is one of the program's or of @group. */
static int dispatch(const struct cmd *group, int argc, char **argv)
{
	struct settings set;
	const struct cmd *cmd;
	int status;

	if (argc < 2) {
		usage_of(group, stderr);
		return EXIT_USAGE;
	}
	if (asks_help(argv[1]))
		return help(group, argv + 2);
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
		print_version();
		return EXIT_OK;
	}
	cmd = find_command(group ? group->subs : commands, argv[1]);
	if (!cmd) {
		complain("no command '%s%s%s'; 'capgap %s%s--help' lists them",
			 group ? group->name : "", group ? " " : "", argv[1],
			 group ? group->name : "", group ? " " : "");
		return EXIT_USAGE;
	}
	status = opts_parse(cmd, argc - 1, argv + 1, &set);
	return status >= 0 ? status : cmd->run(&set);
}

int main(int argc, char **argv)
{
	const struct cmd *cmd = argc > 1 ? find_command(commands, argv[1]) : NULL;

	if (cmd && cmd->subs)
		return dispatch(cmd, argc - 1, argv + 1);
	return dispatch(NULL, argc, argv);
}
