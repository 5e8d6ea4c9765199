/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The program: finds the command and runs it. */
#include <stdarg.h>
#include <string.h>

#include "cli.h"

#ifndef CAPGAP_VERSION
#define CAPGAP_VERSION "0.1.0"
#endif

static const struct cmd *const commands[] = {
	&cmd_plan,
	&cmd_scan,
	&cmd_show,
	&cmd_explain,
};

#define N_COMMANDS (sizeof(commands) / sizeof(commands[0]))

void complain(const char *fmt, ...)
{
	va_list ap;

	fputs("capgap: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

void print_version(void)
{
	puts("capgap " CAPGAP_VERSION);
}

static void usage(FILE *out)
{
	fputs("usage: capgap COMMAND [OPTION]... [INPUT]...\n"
	      "Find what is free in the configuration space of PCI functions, and where a VMM\n"
	      "should emulate a PASID capability.\n\ncommands:\n",
	      out);
	for (size_t i = 0; i < N_COMMANDS; i++)
		fprintf(out, "  %-8s %s\n", commands[i]->name, commands[i]->summary);
	fputs("\nAn INPUT is lspci text with hex rows (lspci -xxxx), a binary image of 1 to 4096\n"
	      "bytes, a directory of them, a copied sysfs tree, or - for standard input.\n"
	      "'capgap COMMAND --help' lists the options of a command.\n\nexit status:\n",
	      out);
#define CAPGAP_EXIT(symbol, status, meaning) fprintf(out, "  %d  %s\n", status, meaning);
#include "exit.def"
#undef CAPGAP_EXIT
}

static const struct cmd *find_command(const char *name)
{
	for (size_t i = 0; i < N_COMMANDS; i++) {
		if (!strcmp(commands[i]->name, name))
			return commands[i];
	}
	return NULL;
}

/* Help and version, which are no commands; -1 when @argv asks for neither. */
static int answer_itself(int argc, char **argv)
{
	const struct cmd *cmd;

	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
		print_version();
		return EXIT_OK;
	}
	if (strcmp(argv[1], "--help") && strcmp(argv[1], "-h") && strcmp(argv[1], "help"))
		return -1;
	cmd = argc > 2 ? find_command(argv[2]) : NULL;
	if (cmd)
		opts_usage(cmd, stdout);
	else
		usage(stdout);
	return EXIT_OK;
}

int main(int argc, char **argv)
{
	struct settings set;
	const struct cmd *cmd;
	int status;

	if (argc < 2) {
		usage(stderr);
		return EXIT_USAGE;
	}
	status = answer_itself(argc, argv);
	if (status >= 0)
		return status;
	cmd = find_command(argv[1]);
	if (!cmd) {
		complain("no command '%s'; 'capgap --help' lists them", argv[1]);
		return EXIT_USAGE;
	}
	status = opts_parse(cmd, argc - 1, argv + 1, &set);
	return status >= 0 ? status : cmd->run(&set);
}
