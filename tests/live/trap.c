/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs a program whose system calls are put before us, by seccomp user notification. */
#include "trap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "streams.h"

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define ARCH AUDIT_ARCH_RISCV64
#endif

/* Opened before the program is run, to see whether descriptors can be given. */
#define TRIAL "/dev/vfio/trial"

#define PAGE 4096u

#define TRAP(nr)                                                                         \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (nr), 0, 1),                                 \
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF)

#ifdef ARCH
static int install_filter(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		TRAP(__NR_openat),
		TRAP(__NR_ioctl),
		TRAP(__NR_pread64),
		TRAP(__NR_close),
		TRAP(__NR_readlinkat),
		TRAP(__NR_fstat),
#ifdef __NR_newfstatat
		TRAP(__NR_newfstatat),
#endif
#ifdef __NR_open
		TRAP(__NR_open),
#endif
#ifdef __NR_readlink
		TRAP(__NR_readlink),
#endif
#ifdef __NR_stat
		TRAP(__NR_stat),
#endif
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {
		.len = (unsigned short)(sizeof(filter) / sizeof(filter[0])),
		.filter = filter,
	};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -1;
	return (int)syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER,
			    SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
}
#else
static int install_filter(void)
{
	errno = ENOSYS;
	return -1;
}
#endif

/* One descriptor over a socket; the byte beside it is the errno where there is none. */
static void send_fd(int to, int fd, int err)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	char byte = (char)err;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (fd >= 0) {
		memset(&control, 0, sizeof(control));
		msg.msg_control = &control;
		msg.msg_controllen = sizeof(control.space);
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	}
	if (sendmsg(to, &msg, 0) != 1)
		_exit(126);
}

/* The descriptor, or -errno. */
static int receive_fd(int from)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	char byte = 0;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control.space),
	};
	int fd;

	if (recvmsg(from, &msg, MSG_CMSG_CLOEXEC) != 1)
		return -EPIPE;
	if (!CMSG_FIRSTHDR(&msg))
		return -(unsigned char)byte;
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(fd));
	return fd;
}

/* In the new process: the filter, a trial, and then the program. */
static _Noreturn void become(char *const argv[], const struct streams *streams, int sock)
{
	int listener;
	int given;
	char go;

	if (dup2(streams->out, STDOUT_FILENO) < 0 ||
	    (streams->in >= 0 && dup2(streams->in, STDIN_FILENO) < 0) ||
	    (streams->err >= 0 && dup2(streams->err, STDERR_FILENO) < 0))
		_exit(126);
	listener = install_filter();
	send_fd(sock, listener, errno);
	if (listener < 0 || read(sock, &go, 1) != 1)
		_exit(126);
	close(listener);
	given = open(TRIAL, O_RDWR | O_CLOEXEC);
	if (given < 0)
		_exit(126);
	close(given);
	execv(argv[0], argv);
	_exit(127);
}

bool trap_read(const struct trap *trap, uint64_t from, void *to, size_t len)
{
	struct iovec local = { to, len };
	struct iovec remote = { (void *)(uintptr_t)from, len };

	return process_vm_readv(trap->memory, &local, 1, &remote, 1, 0) == (ssize_t)len;
}

bool trap_write(const struct trap *trap, uint64_t to, const void *from, size_t len)
{
	struct iovec local = { (void *)(uintptr_t)from, len };
	struct iovec remote = { (void *)(uintptr_t)to, len };

	return process_vm_writev(trap->memory, &local, 1, &remote, 1, 0) == (ssize_t)len;
}

/* Page by page, since what follows the string may not be mapped. */
bool trap_read_string(const struct trap *trap, uint64_t from, char *to, size_t len)
{
	size_t got = 0;

	while (got < len) {
		size_t piece = PAGE - (from + got) % PAGE;

		if (piece > len - got)
			piece = len - got;
		if (!trap_read(trap, from + got, to + got, piece))
			return false;
		if (memchr(to + got, '\0', piece))
			return true;
		got += piece;
	}
	to[len - 1] = '\0';
	return true;
}

uint64_t trap_load(const uint8_t *from, size_t len)
{
	uint64_t value = 0;
	uint32_t u32;
	uint16_t u16;

	if (len == 8) {
		memcpy(&value, from, 8);
	} else if (len == 4) {
		memcpy(&u32, from, 4);
		value = u32;
	} else if (len == 2) {
		memcpy(&u16, from, 2);
		value = u16;
	} else {
		value = *from;
	}
	return value;
}

void trap_store(uint8_t *to, size_t len, uint64_t value)
{
	uint32_t u32 = (uint32_t)value;
	uint16_t u16 = (uint16_t)value;

	if (len == 8)
		memcpy(to, &value, 8);
	else if (len == 4)
		memcpy(to, &u32, 4);
	else if (len == 2)
		memcpy(to, &u16, 2);
	else
		*to = (uint8_t)value;
}

int trap_give_fd(struct trap *trap, int fd, bool cloexec)
{
	struct seccomp_notif_addfd add = {
		.id = trap->id,
		.flags = SECCOMP_ADDFD_FLAG_SEND,
		.srcfd = (unsigned)fd,
		.newfd_flags = cloexec ? O_CLOEXEC : 0,
	};
	int given = ioctl(trap->listener, SECCOMP_IOCTL_NOTIF_ADDFD, &add);

	return given < 0 ? -errno : given;
}

/* One call: received, decided, answered. False when the program is gone. */
static bool serve_one(struct trap *trap, trap_fn *fn, void *ctx)
{
	struct seccomp_notif call;
	struct seccomp_notif_resp reply;
	struct trap_answer answer;
	uint64_t args[6];

	memset(&call, 0, sizeof(call));
	if (ioctl(trap->listener, SECCOMP_IOCTL_NOTIF_RECV, &call))
		return errno == EINTR || errno == ENOENT;
	trap->id = call.id;
	trap->memory = (pid_t)call.pid;
	for (int i = 0; i < 6; i++)
		args[i] = call.data.args[i];
	answer = fn(ctx, trap, call.data.nr, args);
	if (answer.kind == TRAP_DONE)
		return true;
	memset(&reply, 0, sizeof(reply));
	reply.id = call.id;
	if (answer.kind == TRAP_LET_GO)
		reply.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	else if (answer.value < 0)
		reply.error = (int)answer.value;
	else
		reply.val = answer.value;
	return !ioctl(trap->listener, SECCOMP_IOCTL_NOTIF_SEND, &reply) ||
	       errno == ENOENT;
}

static int end(struct trap *trap, bool kill_it)
{
	int status = -1;

	if (kill_it)
		kill(trap->pid, SIGKILL);
	while (waitpid(trap->pid, &status, 0) < 0 && errno == EINTR) {
	}
	close(trap->listener);
	close(trap->pidfd);
	return kill_it ? -1 : status;
}

int trap_serve(struct trap *trap, int seconds, trap_fn *fn, void *ctx)
{
	time_t until = time(NULL) + seconds;

	for (;;) {
		struct pollfd wait[] = {
			{ .fd = trap->listener, .events = POLLIN },
			{ .fd = trap->pidfd, .events = POLLIN },
		};
		int ready = poll(wait, 2, 1000);

		if (ready < 0 && errno != EINTR)
			return end(trap, true);
		if (time(NULL) > until)
			return end(trap, true);
		if (ready > 0 && wait[0].revents & POLLIN) {
			if (!serve_one(trap, fn, ctx))
				return end(trap, true);
		} else if (ready > 0 && wait[1].revents) {
			return end(trap, false);
		}
	}
}

/* The trial of a new process: can a path be read, and a descriptor be given? */
static struct trap_answer try_out(void *ctx, struct trap *trap, int nr,
				  const uint64_t args[6])
{
	const char **why = ctx;
	char path[sizeof(TRIAL)];

	if (nr != __NR_openat)
		return (struct trap_answer){ TRAP_LET_GO, 0 };
	if (!trap_read_string(trap, args[1], path, sizeof(path)))
		*why = "the memory of a child cannot be read";
	else if (strcmp(path, TRIAL) != 0)
		return (struct trap_answer){ TRAP_LET_GO, 0 };
	else if (trap_give_fd(trap, STDERR_FILENO, true) < 0)
		*why = "seccomp cannot hand over a descriptor (Linux 5.14 and later can)";
	else
		return (struct trap_answer){ TRAP_DONE, 1 };
	return (struct trap_answer){ TRAP_RETURN, -ENOSYS };
}

/* Answer calls until the trial is over: @why stays NULL when it went well. */
static const char *trial(struct trap *trap)
{
	const char *why = NULL;
	int calls = 0;

	/* The listener is closed, the trial is opened, and its end is the next close. */
	while (!why && calls < 2) {
		struct pollfd wait[] = {
			{ .fd = trap->listener, .events = POLLIN },
			{ .fd = trap->pidfd, .events = POLLIN },
		};

		if (poll(wait, 2, 10000) < 1 || !(wait[0].revents & POLLIN) ||
		    !serve_one(trap, try_out, &why))
			return "a child under seccomp does not start";
		calls++;
	}
	return why;
}

const char *trap_start(struct trap *trap, char *const argv[],
		       const struct streams *streams)
{
	static char reason[128];
	const char *why;
	int sock[2];

	memset(trap, 0, sizeof(*trap));
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sock))
		return "no socket pair";
	trap->pid = fork();
	if (trap->pid < 0)
		return "no fork";
	if (!trap->pid) {
		close(sock[0]);
		become(argv, streams, sock[1]);
	}
	close(sock[1]);
	trap->pidfd = (int)syscall(__NR_pidfd_open, trap->pid, 0);
	trap->listener = receive_fd(sock[0]);
	if (trap->listener < 0 || trap->pidfd < 0) {
		snprintf(reason, sizeof(reason), "seccomp user notification: %s",
			 strerror(trap->listener < 0 ? -trap->listener : ENOSYS));
		close(sock[0]);
		end(trap, true);
		return reason;
	}
	if (write(sock[0], "g", 1) != 1)
		return "a child does not start";
	close(sock[0]);
	trap->memory = trap->pid;
	why = trial(trap);
	if (why)
		end(trap, true);
	return why;
}
