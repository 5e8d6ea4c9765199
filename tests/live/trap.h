/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs a program whose system calls are put before us, by seccomp user notification. */
#ifndef CAPGAP_TESTS_LIVE_TRAP_H
#define CAPGAP_TESTS_LIVE_TRAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct seccomp_notif;

/**
 * struct trap - a program under watch
 * @pid: its process
 * @listener: where its calls come
 * @pidfd: tells its end
 * @memory: the process in which the call being answered was made
 * @id: that call
 */
struct trap {
	pid_t pid;
	int listener;
	int pidfd;
	pid_t memory;
	uint64_t id;
};

/* Answers that stand for themselves. */
enum trap_answer_kind { TRAP_LET_GO, TRAP_RETURN, TRAP_DONE };

/**
 * struct trap_answer - what a call gives
 * @kind: the kernel's own; @value; or it was answered by trap_give_fd()
 * @value: result, or -errno
 */
struct trap_answer {
	enum trap_answer_kind kind;
	int64_t value;
};

/**
 * trap_fn - decides a call
 * @ctx: the caller's
 * @nr: system call, one of __NR_openat, open, ioctl, pread64, close, readlink, readlinkat,
 *      newfstatat, stat, fstat
 * @args: its arguments
 */
typedef struct trap_answer trap_fn(void *ctx, struct trap *trap, int nr,
				   const uint64_t args[6]);

struct streams;

/**
 * trap_start() - begin a program that will stop at its first call
 * @trap: caller's
 * @argv: program, arguments, NULL; run without a search along PATH
 * @streams: become its standard input, output and error, as far as there are such
 *
 * Return: NULL, or why this system does not allow it.
 */
const char *trap_start(struct trap *trap, char *const argv[],
		       const struct streams *streams);

/**
 * trap_serve() - answer calls until the program ends
 * @trap: started
 * @seconds: after which it is killed
 * @fn: decides
 * @ctx: handed to it
 *
 * Return: wait status, or -1 when it was killed for lasting too long.
 */
int trap_serve(struct trap *trap, int seconds, trap_fn *fn, void *ctx);

/* Give the call's process a copy of @fd: its number there, or -errno; the call is done. */
int trap_give_fd(struct trap *trap, int fd, bool cloexec);

/* Memory of the call's process; false where it cannot be had. */
bool trap_read(const struct trap *trap, uint64_t from, void *to, size_t len);
bool trap_write(const struct trap *trap, uint64_t to, const void *from, size_t len);

/* A string there, cut to @len; false where it cannot be had. */
bool trap_read_string(const struct trap *trap, uint64_t from, char *to, size_t len);

/*
 * An integer of 1, 2, 4 or 8 bytes, in the machine's own byte order, as the kernel writes it:
 * both ends are this machine.
 */
uint64_t trap_load(const uint8_t *from, size_t len);
void trap_store(uint8_t *to, size_t len, uint64_t value);

#endif
