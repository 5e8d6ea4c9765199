/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * notify SCRIPT NAME=PROGRAM... - run a program against a recorded kernel
 *
 * The program is real, and so are its system calls; what it opens below /dev/vfio,
 * /dev/iommu and in parts of /sys is answered from the script (see script.h), everything
 * else by the kernel. Needs no privilege, no VFIO, and nothing in the program. Of sysfs
 * what is opened, listed, read as a link and asked about by stat() is the script's;
 * access() sees the machine's.
 *
 * Status: 0 it went as the script says, 1 it did not, 2 the script is wrong, 77 this
 * system does not allow it, with the reason on the last line.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../placement/uapi.h"
#include "script.h"
#include "streams.h"
#include "sysfs.h"
#include "trap.h"

#define SECONDS 30
#define SKIP 77
#define TEXT_LEN 1024

/**
 * struct player - a script that is being played
 * @script: it
 * @next: index of the call that comes next
 * @fd: descriptors that were given
 * @n_fds: how many
 * @failed: something was not as the script says
 */
struct player {
	struct script script;
	int next;
	struct {
		char name[32];
		int number;
		bool is_open;
	} fd[SCRIPT_FDS];
	int n_fds;
	bool failed;
};

/* Say once what went wrong; what follows from it is of no interest. */
__attribute__((format(printf, 2, 3))) static void fail(struct player *p, const char *fmt,
						       ...)
{
	va_list ap;

	if (!p->failed) {
		fprintf(stderr, "notify: %s: ", p->script.path);
		va_start(ap, fmt);
		vfprintf(stderr, fmt, ap);
		va_end(ap);
		fputc('\n', stderr);
	}
	p->failed = true;
}

static struct trap_answer returns(int64_t value)
{
	return (struct trap_answer){ TRAP_RETURN, value };
}

static const struct trap_answer let_go = { TRAP_LET_GO, 0 };

/* Index of an open descriptor of ours, or -1. */
static int find_fd(const struct player *p, uint64_t number)
{
	for (int i = 0; i < p->n_fds; i++) {
		if (p->fd[i].is_open && (uint64_t)p->fd[i].number == number)
			return i;
	}
	return -1;
}

/* A VALUE: a number, or the number of a descriptor. */
static int64_t value_of(const struct player *p, const struct script_line *line,
			const char *word)
{
	int64_t value;

	if (!strncmp(word, "fd:", 3)) {
		for (int i = 0; i < p->n_fds; i++) {
			if (!strcmp(p->fd[i].name, word + 3))
				return p->fd[i].number;
		}
		script_error(p->script.path, line->number, "no such descriptor", word);
	}
	if (!script_number(word, &value))
		script_error(p->script.path, line->number, "no number", word);
	return value;
}

/* A RESULT: a number is returned, a descriptor is given. */
static struct trap_answer give_result(struct player *p, struct trap *trap,
				      const struct script_line *line)
{
	const char *word = line->word[line->equals + 1];
	int fd;
	int given;

	if (strncmp(word, "fd:", 3) != 0)
		return returns(value_of(p, line, word));
	fd = memfd_create("notify", MFD_CLOEXEC);
	given = fd < 0 ? -errno : trap_give_fd(trap, fd, true);
	if (fd >= 0)
		close(fd);
	if (given < 0 || p->n_fds == SCRIPT_FDS) {
		fail(p, "line %u: no descriptor can be given", line->number);
		return returns(-EIO);
	}
	snprintf(p->fd[p->n_fds].name, sizeof(p->fd[0].name), "%s", word + 3);
	p->fd[p->n_fds].number = given;
	p->fd[p->n_fds].is_open = true;
	p->n_fds++;
	return (struct trap_answer){ TRAP_DONE, given };
}

/**
 * struct field - OFF:uBITS=VALUE
 * @off: bytes from where the argument points
 * @len: bytes, 1, 2, 4 or 8
 * @value: text of the value
 */
struct field {
	uint64_t off;
	size_t len;
	const char *value;
};

static struct field parse_field(const struct player *p, const struct script_line *line,
				const char *word)
{
	struct field field = { 0 };
	char *end;
	unsigned long bits;

	field.off = strtoull(word, &end, 0);
	if (end == word || strncmp(end, ":u", 2) != 0)
		script_error(p->script.path, line->number, "neither check nor write",
			     word);
	bits = strtoul(end + 2, &end, 10);
	if (*end != '=' || (bits != 8 && bits != 16 && bits != 32 && bits != 64))
		script_error(p->script.path, line->number, "neither check nor write",
			     word);
	field.len = bits / 8;
	field.value = end + 1;
	return field;
}

static bool check_string(struct player *p, const struct trap *trap,
			 const struct script_line *line, uint64_t arg, const char *want)
{
	char got[TEXT_LEN];

	if (!trap_read_string(trap, arg, got, sizeof(got)))
		return false;
	/* A script has no blanks inside of words: "+" stands for one. */
	for (char *c = got; *c; c++)
		*c = *c == ' ' ? '+' : *c;
	if (!strcmp(got, want))
		return true;
	fail(p, "line %u: \"%s\", not \"%s\"", line->number, got, want);
	return false;
}

static bool check_one(struct player *p, const struct trap *trap,
		      const struct script_line *line, uint64_t arg, const char *word)
{
	uint8_t bytes[8];
	struct field field;
	uint64_t got;
	uint64_t want;

	if (!strncmp(word, "str=", 4))
		return check_string(p, trap, line, arg, word + 4);
	if (!strncmp(word, "arg=", 4)) {
		got = arg;
		want = (uint64_t)value_of(p, line, word + 4);
	} else {
		field = parse_field(p, line, word);
		if (!trap_read(trap, arg + field.off, bytes, field.len)) {
			fail(p, "line %u: the argument cannot be read", line->number);
			return false;
		}
		got = trap_load(bytes, field.len);
		want = (uint64_t)value_of(p, line, field.value);
	}
	if (got != want)
		fail(p, "line %u: %s: it is 0x%llx", line->number, word,
		     (unsigned long long)got);
	return got == want;
}

/* "*OFF=HEX": bytes where the pointer at OFF leads. */
static bool write_behind(const struct trap *trap, uint64_t arg, const char *word)
{
	char *hex;
	uint64_t off = strtoull(word + 1, &hex, 0);
	uint64_t to;
	unsigned byte;

	if (*hex != '=' || !trap_read(trap, arg + off, &to, sizeof(to)))
		return false;
	for (hex++; sscanf(hex, "%2x", &byte) == 1; hex += 2, to++) {
		uint8_t value = (uint8_t)byte;

		if (!trap_write(trap, to, &value, 1))
			return false;
	}
	return true;
}

static void write_all(struct player *p, const struct trap *trap,
		      const struct script_line *line, uint64_t arg)
{
	for (int i = line->equals + 2; i < line->n; i++) {
		const char *word = line->word[i];
		uint8_t bytes[8];
		struct field field;
		bool done;

		if (word[0] == '*') {
			done = write_behind(trap, arg, word);
		} else {
			field = parse_field(p, line, word);
			trap_store(bytes, field.len,
				   (uint64_t)value_of(p, line, field.value));
			done = trap_write(trap, arg + field.off, bytes, field.len);
		}
		if (!done)
			fail(p, "line %u: %s cannot be written", line->number, word);
	}
}

/* Make what comes behind the last call; in front of all calls, behind the question. */
static void make_thens(struct player *p)
{
	while (p->next < p->script.n_lines && p->script.line[p->next].call == CALL_THEN)
		script_then(&p->script, &p->script.line[p->next++]);
}

/* The call that the script has next, when it is of this kind and on this descriptor. */
static const struct script_line *expect(struct player *p, enum script_call call,
					const char *what, const char *on)
{
	const struct script_line *line = &p->script.line[p->next];

	if (p->next == p->script.n_lines) {
		fail(p, "%s %s: the script is at its end", what, on);
		return NULL;
	}
	if (line->call != call || strcmp(line->word[1], on) != 0) {
		fail(p, "line %u: %s %s, not %s %s", line->number, what, on,
		     line->word[0], line->word[1]);
		return NULL;
	}
	p->next++;
	make_thens(p);
	return line;
}

static struct trap_answer play_open(struct player *p, struct trap *trap, const char *path)
{
	const struct script_line *line = expect(p, CALL_OPEN, "open", path);

	return line ? give_result(p, trap, line) : returns(-EIO);
}

/* Whatever a script says: a feature is never read or set. */
static bool is_mere_probe(struct player *p, const struct trap *trap, uint64_t arg,
			  uint32_t *flags)
{
	struct capgap_uapi_feature feature = { 0 };

	if (!trap_read(trap, arg, &feature, sizeof(feature)))
		return false;
	*flags = feature.flags;
	if ((feature.flags & ~CAPGAP_UAPI_FEATURE_MASK) == CAPGAP_UAPI_FEATURE_PROBE)
		return true;
	fail(p, "VFIO_DEVICE_FEATURE with flags 0x%x is no mere probe", feature.flags);
	return false;
}

static struct trap_answer play_ioctl(struct player *p, struct trap *trap, int at,
				     const uint64_t args[6])
{
	const struct script_line *line = expect(p, CALL_IOCTL, "ioctl", p->fd[at].name);
	uint32_t flags = 0;

	if (!line)
		return returns(-EIO);
	if (args[1] != script_request(line->word[2])) {
		fail(p, "line %u: request 0x%llx, not %s", line->number,
		     (unsigned long long)args[1], line->word[2]);
		return returns(-EIO);
	}
	if (args[1] == CAPGAP_UAPI_DEVICE_FEATURE &&
	    !is_mere_probe(p, trap, args[2], &flags))
		return returns(-EIO);
	if (line->feature >= 0 &&
	    (flags & CAPGAP_UAPI_FEATURE_MASK) != (uint32_t)line->feature) {
		fail(p, "line %u: feature %u, not %d", line->number,
		     flags & CAPGAP_UAPI_FEATURE_MASK, line->feature);
		return returns(-EIO);
	}
	for (int i = 3; i < line->equals; i++) {
		if (!check_one(p, trap, line, args[2], line->word[i]))
			return returns(-EIO);
	}
	write_all(p, trap, line, args[2]);
	return give_result(p, trap, line);
}

static struct trap_answer play_pread(struct player *p, struct trap *trap, int at,
				     const uint64_t args[6])
{
	const struct script_line *line = expect(p, CALL_PREAD, "pread", p->fd[at].name);
	int64_t off;
	int64_t len;

	if (!line)
		return returns(-EIO);
	off = value_of(p, line, line->word[2]);
	len = value_of(p, line, line->word[3]);
	if ((uint64_t)off != args[3] || (uint64_t)len != args[2]) {
		fail(p, "line %u: %llu bytes at 0x%llx", line->number,
		     (unsigned long long)args[2], (unsigned long long)args[3]);
		return returns(-EIO);
	}
	write_all(p, trap, line, args[1]);
	return give_result(p, trap, line);
}

/* "MAJOR:MINOR": the caller's structure is that of the C library, as in sysfs_stat(). */
static struct trap_answer play_fstat(struct player *p, struct trap *trap, int at,
				     uint64_t to)
{
	const struct script_line *line = expect(p, CALL_FSTAT, "fstat", p->fd[at].name);
	const char *word = line ? line->word[line->equals + 1] : "";
	struct stat st = { .st_mode = S_IFCHR | 0600, .st_nlink = 1 };
	unsigned major;
	unsigned minor;

	if (!line)
		return returns(-EIO);
	if (sscanf(word, "%u:%u", &major, &minor) != 2)
		return returns(value_of(p, line, word));
	st.st_rdev = makedev(major, minor);
	return returns(trap_write(trap, to, &st, sizeof(st)) ? 0 : -EFAULT);
}

static bool is_node(const char *path)
{
	return !strncmp(path, "/dev/vfio/", strlen("/dev/vfio/")) ||
	       !strcmp(path, "/dev/iommu");
}

/* What a call names, if that is a script's part of sysfs. */
static bool names_sysfs(struct player *p, struct trap *trap, uint64_t name,
			char path[TEXT_LEN], struct sysfs_call *call)
{
	*call = (struct sysfs_call){ trap, p->script.tree, path };
	return trap_read_string(trap, name, path, TEXT_LEN) && sysfs_is_ours(path);
}

static struct trap_answer on_open(struct player *p, struct trap *trap, uint64_t name,
				  int flags)
{
	struct trap_answer answer;
	struct sysfs_call call;
	char path[TEXT_LEN];
	bool writes;

	if (!trap_read_string(trap, name, path, sizeof(path)))
		return let_go;
	if (is_node(path))
		return play_open(p, trap, path);
	if (!names_sysfs(p, trap, name, path, &call))
		return let_go;
	if (!strcmp(strrchr(path, '/'), "/config"))
		make_thens(p);
	answer = sysfs_open(&call, flags, &writes);
	if (writes)
		fail(p, "%s is opened for writing", path);
	return answer;
}

static struct trap_answer on_readlink(struct player *p, struct trap *trap, uint64_t name,
				      uint64_t to, uint64_t len)
{
	struct sysfs_call call;
	char path[TEXT_LEN];

	return names_sysfs(p, trap, name, path, &call) ? sysfs_readlink(&call, to, len) :
							 let_go;
}

static struct trap_answer on_stat(struct player *p, struct trap *trap, uint64_t name,
				  uint64_t to, int flags)
{
	struct sysfs_call call;
	char path[TEXT_LEN];

	return names_sysfs(p, trap, name, path, &call) ? sysfs_stat(&call, to, flags) :
							 let_go;
}

static struct trap_answer on_call(void *ctx, struct trap *trap, int nr,
				  const uint64_t args[6])
{
	struct player *p = ctx;
	int at;

	switch (nr) {
	case __NR_openat:
		return on_open(p, trap, args[1], (int)args[2]);
	case __NR_readlinkat:
		return on_readlink(p, trap, args[1], args[2], args[3]);
#ifdef __NR_newfstatat
	case __NR_newfstatat:
		at = find_fd(p, args[0]);
		if (at >= 0 && (int)args[3] & AT_EMPTY_PATH)
			return play_fstat(p, trap, at, args[2]);
		return on_stat(p, trap, args[1], args[2], (int)args[3]);
#endif
#ifdef __NR_stat
	case __NR_stat:
		return on_stat(p, trap, args[0], args[1], 0);
#endif
#ifdef __NR_open
	case __NR_open:
		return on_open(p, trap, args[0], (int)args[1]);
#endif
#ifdef __NR_readlink
	case __NR_readlink:
		return on_readlink(p, trap, args[0], args[1], args[2]);
#endif
	default:
		break;
	}
	at = find_fd(p, args[0]);
	if (at < 0)
		return let_go;
	if (nr == __NR_fstat)
		return play_fstat(p, trap, at, args[1]);
	if (nr == __NR_ioctl)
		return play_ioctl(p, trap, at, args);
	if (nr == __NR_pread64)
		return play_pread(p, trap, at, args);
	p->fd[at].is_open = false;
	return let_go;
}

static void compare(struct player *p, const char *what, int fd, char *const want[], int n)
{
	char why[2 * TEXT_LEN + 64];

	if (!streams_compare(fd, want, n, why, sizeof(why)))
		fail(p, "%s %s", what, why);
}

/* Pass what was not expected to be compared on to our own output. */
static void pass_on(int fd)
{
	char piece[256];
	ssize_t got;

	for (off_t at = 0; (got = pread(fd, piece, sizeof(piece), at)) > 0; at += got)
		fwrite(piece, 1, (size_t)got, stdout);
	close(fd);
}

static void check_streams(struct player *p, const struct streams *streams)
{
	const struct script *script = &p->script;

	if (script->n_output)
		compare(p, "output", streams->out, script->output, script->n_output);
	else
		pass_on(streams->out);
	if (streams->terminal >= 0)
		close(streams->in);
	if (streams->err >= 0)
		compare(p, "errors",
			streams->terminal >= 0 ? streams->terminal : streams->err,
			script->errors, script->n_errors);
}

static void check_end(struct player *p, int status)
{
	if (status < 0)
		fail(p, "no end after %d seconds", SECONDS);
	else if (!WIFEXITED(status))
		fail(p, "ended by signal %d", WTERMSIG(status));
	else if (WEXITSTATUS(status) != p->script.status)
		fail(p, "status %d, not %d", WEXITSTATUS(status), p->script.status);
	if (p->next < p->script.n_lines)
		fail(p, "line %u is left over: %s %s", p->script.line[p->next].number,
		     p->script.line[p->next].word[0], p->script.line[p->next].word[1]);
	for (int i = 0; i < p->n_fds; i++) {
		if (p->fd[i].is_open)
			fail(p, "descriptor %s was not closed", p->fd[i].name);
	}
}

/* The program of the script's name among NAME=PROGRAM. */
static char *find_program(const struct script *script, char *const named[])
{
	size_t len = strlen(script->args[0]);

	for (int i = 0; named[i]; i++) {
		if (!strncmp(named[i], script->args[0], len) && named[i][len] == '=')
			return named[i] + len + 1;
	}
	script_error(script->path, 0, "no such program was given", script->args[0]);
}

/* The script's sysfs, which goes away with us. */
static char tree[PATH_MAX];

static int remove_entry(const char *path, const struct stat *st, int type,
			struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void remove_tree(void)
{
	nftw(tree, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static int play(struct player *p, char *const named[])
{
	struct streams streams;
	struct trap trap;
	const char *why;
	char *argv[SCRIPT_ARGS + 1];

	memcpy(argv, p->script.args, sizeof(argv));
	argv[0] = find_program(&p->script, named);
	why = streams_open(&streams, p->script.typed, p->script.n_errors);
	if (!why)
		why = trap_start(&trap, argv, &streams);
	if (why) {
		printf("%s\n", why);
		return SKIP;
	}
	check_end(p, trap_serve(&trap, SECONDS, on_call, p));
	check_streams(p, &streams);
	return p->failed ? 1 : 0;
}

int main(int argc, char **argv)
{
	static struct player player;
	const char *tmp = getenv("TMPDIR");

	if (argc < 3) {
		fputs("usage: notify SCRIPT NAME=PROGRAM...\n", stderr);
		return 2;
	}
	snprintf(tree, sizeof(tree), "%s/notify.XXXXXX", tmp && *tmp ? tmp : "/tmp");
	if (!mkdtemp(tree)) {
		perror(tree);
		return 2;
	}
	if (atexit(remove_tree))
		return 2;
	script_read(&player.script, argv[1], tree);
	return play(&player, argv + 2);
}
