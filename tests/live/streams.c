/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a program under watch reads and writes, and what it should have written. */
#include "streams.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <termios.h>
#include <unistd.h>

#define TEXT_LEN 1024

/* A terminal that does not repeat what is typed, with something typed on it. */
static const char *open_terminal(struct streams *streams, const char *typed)
{
	struct termios modes;
	const char *name;

	streams->terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (streams->terminal < 0 || grantpt(streams->terminal) ||
	    unlockpt(streams->terminal))
		return "there is no terminal to be had";
	name = ptsname(streams->terminal);
	streams->in = name ? open(name, O_RDWR | O_NOCTTY | O_CLOEXEC) : -1;
	if (streams->in < 0 || tcgetattr(streams->in, &modes))
		return "there is no terminal to be had";
	modes.c_lflag &= ~(tcflag_t)ECHO;
	modes.c_oflag &= ~(tcflag_t)OPOST;
	if (tcsetattr(streams->in, TCSANOW, &modes) ||
	    write(streams->terminal, typed, strlen(typed)) != (ssize_t)strlen(typed) ||
	    write(streams->terminal, "\n", 1) != 1)
		return "nothing can be typed on a terminal";
	streams->err = streams->in;
	return NULL;
}

const char *streams_open(struct streams *streams, const char *typed, bool keep_errors)
{
	*streams = (struct streams){ -1, memfd_create("output", 0), -1, -1 };
	if (streams->out < 0)
		return "there is no file in memory to be had";
	if (typed)
		return open_terminal(streams, typed);
	if (keep_errors)
		streams->err = memfd_create("errors", 0);
	return keep_errors && streams->err < 0 ? "there is no file in memory to be had" :
						 NULL;
}

/* All that was written; what a terminal has is there until nobody else has it open. */
static FILE *read_all(int fd)
{
	FILE *all = tmpfile();
	char piece[256];
	ssize_t got;

	if (!all)
		return NULL;
	/* A terminal has no position. */
	lseek(fd, 0, SEEK_SET);
	while ((got = read(fd, piece, sizeof(piece))) > 0)
		fwrite(piece, 1, (size_t)got, all);
	rewind(all);
	return all;
}

/* A script's line has no blanks at its end, as that of a question has. */
static void trim(char *text)
{
	size_t len = strcspn(text, "\n");

	while (len && text[len - 1] == ' ')
		len--;
	text[len] = '\0';
}

bool streams_compare(int fd, char *const want[], int n, char *why, unsigned len)
{
	FILE *file = read_all(fd);
	char got[TEXT_LEN];
	bool same = true;
	int at = 0;

	close(fd);
	if (!file) {
		snprintf(why, len, "it cannot be read");
		return false;
	}
	while (same && fgets(got, sizeof(got), file)) {
		trim(got);
		same = at < n && !strcmp(got, want[at]);
		if (!same)
			snprintf(why, len, "line %d: \"%s\", not \"%s\"", at + 1, got,
				 at < n ? want[at] : "");
		at++;
	}
	if (same && at < n) {
		snprintf(why, len, "line %d is missing: \"%s\"", at + 1, want[at]);
		same = false;
	}
	fclose(file);
	return same;
}
