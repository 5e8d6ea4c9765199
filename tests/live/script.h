/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a program is to meet: a small sysfs, and the kernel's side of a conversation. */
#ifndef CAPGAP_TESTS_LIVE_SCRIPT_H
#define CAPGAP_TESTS_LIVE_SCRIPT_H

#include <stdbool.h>
#include <stdint.h>

/*
 * A script is lines of words. "#" begins a comment.
 *
 *   run PROGRAM ARG...          what is run
 *   status N                    its exit status; 0 without this line
 *   > TEXT                      a line of its output, in order; none: output is not compared
 *   ! TEXT                      a line of its error output, likewise
 *   typed WORD                  is typed, with an Enter behind it, on a terminal that is its
 *                               input and its error output; else its input is ours
 *   include FILE                the sysfs and the calls of another script, relative to this
 *
 *   file PATH TEXT...           a file of sysfs; PATH is relative to /sys
 *   link PATH TARGET            a link; folders above both come by themselves
 *   dir PATH
 *   space PATH LENGTH OFF:uBITS=VALUE...
 *                               a file of so many bytes, 0 but for these, little-endian
 *
 *   open PATH = RESULT
 *   fstat FD = RESULT
 *   ioctl FD REQUEST CHECK... = RESULT WRITE...
 *   pread FD OFFSET LENGTH = RESULT WRITE...
 *   features FD INDEX=RESULT... 16 PROBEs in order; ENOTTY for an index that is not named
 *   then file PATH TEXT...      as above, but made behind the call before; also "then space".
 *                               In front of all calls: once the program reads a configuration
 *                               space, which `query` and `view` do behind the question
 *
 * FD is a name that an earlier RESULT gave. RESULT is a number, the name of an errno, or
 * fd:NAME for a new descriptor; that of fstat is MAJOR:MINOR of a character device, or an
 * errno (on such a descriptor the C library's fstat() is the system call fstat, or newfstatat
 * with an empty path: both are answered). REQUEST is the kernel's name or a number. A CHECK is
 * OFF:uBITS=VALUE for memory that the argument points to, str=TEXT for a string there (with
 * "+" for a blank), or arg=VALUE for the argument itself. A WRITE is OFF:uBITS=VALUE, or *OFF=HEX for bytes
 * where the 64-bit pointer at OFF points to. A VALUE is a number or fd:NAME.
 *
 * Calls come in this order and no other, and none is left over. Each descriptor has to be
 * closed before the program ends.
 */

#define SCRIPT_LINES 256
#define SCRIPT_ARGS 32
#define SCRIPT_WORDS 40
#define SCRIPT_FDS 16

enum script_call { CALL_OPEN, CALL_FSTAT, CALL_IOCTL, CALL_PREAD, CALL_THEN };

/**
 * struct script_line - one call that is expected, or what is done behind it (CALL_THEN)
 * @call: which
 * @number: its line in the script, for messages
 * @word: all words of the line; what they mean stands above
 * @n: how many
 * @equals: index of the "="
 * @feature: index of a PROBE that a line of features stands for; -1 for none
 */
struct script_line {
	enum script_call call;
	unsigned number;
	char *word[SCRIPT_WORDS];
	int n;
	int equals;
	int feature;
};

/**
 * struct script - a script that was read
 * @path: its file
 * @tree: directory that holds its sysfs, made for it
 * @line: calls that are expected
 * @n_lines: how many
 * @args: PROGRAM ARG..., with NULL behind
 * @n_args: how many
 * @status: exit status of the program
 * @output: lines of its output
 * @n_output: how many
 * @errors: lines of its error output
 * @n_errors: how many
 * @typed: what is typed, or NULL
 * @at: the line that is being read, for messages
 */
struct script {
	const char *path;
	const char *tree;
	struct script_line line[SCRIPT_LINES];
	int n_lines;
	char *args[SCRIPT_ARGS + 1];
	int n_args;
	int status;
	char *output[SCRIPT_LINES];
	int n_output;
	char *errors[SCRIPT_LINES];
	int n_errors;
	char *typed;
	unsigned at;
};

/* Read a script and make its sysfs; ends the program with status 2 where it is wrong. */
void script_read(struct script *script, const char *path, const char *tree);

/* Make what a line of CALL_THEN says. */
void script_then(struct script *script, const struct script_line *line);

/* The number that a word stands for, errnos negative; false when it is none. */
bool script_number(const char *word, int64_t *value);

/* The request of that name; ends the program where there is none. */
unsigned long script_request(const char *word);

/* Say what is wrong with a script, and end with status 2. */
_Noreturn void script_error(const char *path, unsigned line, const char *text,
			    const char *word);

#endif
