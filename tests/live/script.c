/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads scripts, and makes their sysfs. */
#include "script.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../placement/uapi.h"

#define PATH_LEN 1024
#define SPACE_MAX 4096

static const struct {
	const char *name;
	int number;
} errnos[] = {
	{ "EPERM", EPERM },   { "ENOENT", ENOENT }, { "EINTR", EINTR },
	{ "EIO", EIO },	      { "ENXIO", ENXIO },   { "EAGAIN", EAGAIN },
	{ "ENOMEM", ENOMEM }, { "EACCES", EACCES }, { "EBUSY", EBUSY },
	{ "ENODEV", ENODEV }, { "EINVAL", EINVAL }, { "ENOTTY", ENOTTY },
	{ "EFAULT", EFAULT }, { "E2BIG", E2BIG },   { "EOPNOTSUPP", EOPNOTSUPP },
};

static const struct {
	const char *name;
	unsigned long number;
} requests[] = {
	{ "VFIO_GET_API_VERSION", CAPGAP_UAPI_GET_API_VERSION },
	{ "VFIO_SET_IOMMU", CAPGAP_UAPI_SET_IOMMU },
	{ "VFIO_GROUP_GET_STATUS", CAPGAP_UAPI_GROUP_GET_STATUS },
	{ "VFIO_GROUP_SET_CONTAINER", CAPGAP_UAPI_GROUP_SET_CONTAINER },
	{ "VFIO_GROUP_GET_DEVICE_FD", CAPGAP_UAPI_GROUP_GET_DEVICE_FD },
	{ "VFIO_DEVICE_GET_INFO", CAPGAP_UAPI_DEVICE_GET_INFO },
	{ "VFIO_DEVICE_GET_REGION_INFO", CAPGAP_UAPI_DEVICE_GET_REGION_INFO },
	{ "VFIO_DEVICE_FEATURE", CAPGAP_UAPI_DEVICE_FEATURE },
	{ "VFIO_DEVICE_BIND_IOMMUFD", CAPGAP_UAPI_DEVICE_BIND_IOMMUFD },
	{ "IOMMU_GET_HW_INFO", CAPGAP_UAPI_GET_HW_INFO },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

void script_error(const char *path, unsigned line, const char *text, const char *word)
{
	fprintf(stderr, "notify: %s:%u: %s%s%s\n", path, line, text, word ? ": " : "",
		word ? word : "");
	exit(2);
}

static _Noreturn void bad(const struct script *script, const char *text, const char *word)
{
	script_error(script->path, script->at, text, word);
}

bool script_number(const char *word, int64_t *value)
{
	char *end;

	for (size_t i = 0; i < COUNT(errnos); i++) {
		if (!strcmp(errnos[i].name, word)) {
			*value = -errnos[i].number;
			return true;
		}
	}
	*value = (int64_t)strtoull(word, &end, 0);
	return *word && !*end;
}

unsigned long script_request(const char *word)
{
	int64_t value;

	for (size_t i = 0; i < COUNT(requests); i++) {
		if (!strcmp(requests[i].name, word))
			return requests[i].number;
	}
	if (!script_number(word, &value))
		script_error("request", 0, "no such name", word);
	return (unsigned long)value;
}

static char *keep(const char *text)
{
	char *copy = strdup(text);

	if (!copy) {
		perror("notify");
		exit(2);
	}
	return copy;
}

/* Make the folders above @path, which is the caller's and comes back as it was. */
static void make_folders(const struct script *script, char *path)
{
	for (char *slash = strchr(path + strlen(script->tree) + 1, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(path, 0700) && errno != EEXIST)
			bad(script, strerror(errno), path);
		*slash = '/';
	}
}

static void make_file(const struct script *script, const char *path, char *const *word,
		      int n)
{
	FILE *file = fopen(path, "w");

	if (!file)
		bad(script, strerror(errno), path);
	for (int i = 0; i < n; i++)
		fprintf(file, "%s%s", i ? " " : "", word[i]);
	fputc('\n', file);
	if (fclose(file))
		bad(script, strerror(errno), path);
}

/* "OFF:uBITS=VALUE": put it there. */
static void put_value(const struct script *script, uint8_t *bytes, size_t len,
		      const char *word)
{
	char *end;
	unsigned long off = strtoul(word, &end, 0);
	unsigned long bits = strncmp(end, ":u", 2) ? 0 : strtoul(end + 2, &end, 10);
	int64_t value;

	if ((bits != 8 && bits != 16 && bits != 32) || *end != '=' ||
	    !script_number(end + 1, &value) || off > len || bits / 8 > len - off)
		bad(script, "no value", word);
	for (unsigned long i = 0; i < bits / 8; i++)
		bytes[off + i] = (uint8_t)((uint64_t)value >> 8 * i);
}

static void make_space(const struct script *script, const char *path, char *const *word,
		       int n)
{
	uint8_t bytes[SPACE_MAX] = { 0 };
	FILE *file = fopen(path, "w");
	int64_t len = 0;

	if (!file)
		bad(script, strerror(errno), path);
	if (n < 1 || !script_number(word[0], &len) || len < 0 || len > SPACE_MAX)
		bad(script, "no length", NULL);
	for (int i = 1; i < n; i++)
		put_value(script, bytes, (size_t)len, word[i]);
	if (fwrite(bytes, 1, (size_t)len, file) != (size_t)len || fclose(file))
		bad(script, strerror(errno), path);
}

/* "link PATH TARGET": links that lead nowhere would not be listed or opened. */
static void make_entry(const struct script *script, char *const *word, int n)
{
	char path[PATH_LEN];

	if (n < 2 || (size_t)snprintf(path, sizeof(path), "%s/sys/%s", script->tree,
				      word[1]) >= sizeof(path))
		bad(script, "no path", NULL);
	make_folders(script, path);
	if (!strcmp(word[0], "file"))
		make_file(script, path, word + 2, n - 2);
	else if (!strcmp(word[0], "space"))
		make_space(script, path, word + 2, n - 2);
	else if (!strcmp(word[0], "link") && n == 3 ? symlink(word[2], path) :
						      mkdir(path, 0700))
		bad(script, strerror(errno), path);
}

static struct script_line *new_line(struct script *script, enum script_call call)
{
	struct script_line *line = &script->line[script->n_lines];

	if (script->n_lines == SCRIPT_LINES)
		bad(script, "too many lines", NULL);
	script->n_lines++;
	line->call = call;
	line->number = script->at;
	line->feature = -1;
	return line;
}

static void add_call(struct script *script, enum script_call call, char **word, int n,
		     int before)
{
	struct script_line *line = new_line(script, call);

	for (int i = 0; i < n; i++) {
		line->word[i] = keep(word[i]);
		if (!line->equals && !strcmp(word[i], "="))
			line->equals = i;
	}
	line->n = n;
	if (line->equals < before || line->equals + 1 >= n)
		bad(script, "a call needs arguments, \"=\" and a result", word[0]);
}

/* "features dev 3=0": lines "ioctl dev VFIO_DEVICE_FEATURE = 0", one for each index. */
static void add_features(struct script *script, char **word, int n)
{
	char ioctl_word[] = "ioctl";
	char request[] = "VFIO_DEVICE_FEATURE";
	char equals[] = "=";

	if (n < 2)
		bad(script, "no descriptor", word[0]);
	for (int index = 0; index < 16; index++) {
		char result[32] = "ENOTTY";
		char *words[] = { ioctl_word, word[1], request, equals, result };

		for (int i = 2; i < n; i++) {
			char *end;

			if (strtol(word[i], &end, 10) == index && *end == '=')
				snprintf(result, sizeof(result), "%s", end + 1);
		}
		add_call(script, CALL_IOCTL, words, 5, 3);
		script->line[script->n_lines - 1].feature = index;
	}
}

/* "then file ..." or "then space ...": kept until the call before it was made. */
static void add_then(struct script *script, char **word, int n)
{
	struct script_line *line = new_line(script, CALL_THEN);

	if (n < 3 || (strcmp(word[1], "file") != 0 && strcmp(word[1], "space") != 0))
		bad(script, "then: a file or a space", NULL);
	for (int i = 0; i < n; i++)
		line->word[i] = keep(word[i]);
	line->n = n;
}

void script_then(struct script *script, const struct script_line *line)
{
	script->at = line->number;
	make_entry(script, line->word + 1, line->n - 1);
}

static void read_file(struct script *script, const char *path, bool included);

static void include(struct script *script, const char *name)
{
	char path[PATH_LEN];
	const char *slash = strrchr(script->path, '/');
	const char *own = script->path;
	unsigned at = script->at;

	snprintf(path, sizeof(path), "%.*s%s", slash ? (int)(slash - own + 1) : 0, own,
		 name);
	read_file(script, path, true);
	script->path = own;
	script->at = at;
}

/* Lines about the program; those of an included script are passed over. */
static bool read_program_line(struct script *script, char **word, int n, bool included)
{
	if (!strcmp(word[0], "run")) {
		for (int i = 1; i < n && !included && script->n_args < SCRIPT_ARGS; i++)
			script->args[script->n_args++] = keep(word[i]);
	} else if (!strcmp(word[0], "typed") && n == 2) {
		if (!included)
			script->typed = keep(word[1]);
	} else if (!strcmp(word[0], "status") && n == 2) {
		if (!included)
			script->status = (int)strtol(word[1], NULL, 10);
	} else if (!strcmp(word[0], "include") && n == 2) {
		include(script, word[1]);
	} else {
		return false;
	}
	return true;
}

static void read_words(struct script *script, char **word, int n, bool included)
{
	if (read_program_line(script, word, n, included))
		return;
	if (!strcmp(word[0], "file") || !strcmp(word[0], "link") ||
	    !strcmp(word[0], "dir") || !strcmp(word[0], "space"))
		make_entry(script, word, n);
	else if (!strcmp(word[0], "open"))
		add_call(script, CALL_OPEN, word, n, 2);
	else if (!strcmp(word[0], "fstat"))
		add_call(script, CALL_FSTAT, word, n, 2);
	else if (!strcmp(word[0], "then"))
		add_then(script, word, n);
	else if (!strcmp(word[0], "ioctl"))
		add_call(script, CALL_IOCTL, word, n, 3);
	else if (!strcmp(word[0], "pread"))
		add_call(script, CALL_PREAD, word, n, 4);
	else if (!strcmp(word[0], "features"))
		add_features(script, word, n);
	else
		bad(script, "no such line", word[0]);
}

/* "> TEXT" and "! TEXT" */
static void add_expected(struct script *script, const char *text)
{
	char **list = text[0] == '>' ? script->output : script->errors;
	int *n = text[0] == '>' ? &script->n_output : &script->n_errors;

	if (*n == SCRIPT_LINES)
		bad(script, "too many lines", NULL);
	list[(*n)++] = keep(text + (text[1] == ' ' ? 2 : 1));
}

static void read_line(struct script *script, char *text, bool included)
{
	char *word[SCRIPT_WORDS];
	char *rest = NULL;
	int n = 0;

	text[strcspn(text, "\n")] = '\0';
	if (text[0] == '>' || text[0] == '!') {
		if (!included)
			add_expected(script, text);
		return;
	}
	text[strcspn(text, "#")] = '\0';
	for (char *next = strtok_r(text, " \t", &rest); next;
	     next = strtok_r(NULL, " \t", &rest)) {
		if (n == SCRIPT_WORDS)
			bad(script, "too many words", NULL);
		word[n++] = next;
	}
	if (n)
		read_words(script, word, n, included);
}

static void read_file(struct script *script, const char *path, bool included)
{
	FILE *file = fopen(path, "r");
	char text[1024];

	script->path = path;
	script->at = 0;
	if (!file)
		bad(script, strerror(errno), NULL);
	while (fgets(text, sizeof(text), file)) {
		script->at++;
		read_line(script, text, included);
	}
	fclose(file);
}

void script_read(struct script *script, const char *path, const char *tree)
{
	memset(script, 0, sizeof(*script));
	script->tree = tree;
	read_file(script, path, false);
	if (!script->n_args)
		bad(script, "nothing to run", NULL);
}
