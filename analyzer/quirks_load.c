/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Quirk files and directories of them: reading bytes, and who is told of faults. */
#include "quirks.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "quirks_table.h"

#define SCHEMA_NAME "quirks.rng"
#define SUFFIX ".xml"

/**
 * struct loader - one call that loads
 * @quirks: where rows go
 * @trouble: where faults go; may be NULL
 * @schema_path: where the schema is
 * @schema: the schema, read when the first file needs it
 */
struct loader {
	struct capgap_quirks *quirks;
	const struct capgap_quirks_trouble *trouble;
	const char *schema_path;
	struct capgap_quirks_schema *schema;
};

/**
 * struct bytes - a file that was read
 * @text: its bytes, owned
 * @len: how many
 */
struct bytes {
	char *text;
	size_t len;
};

/*
 * Length of the character that starts at @p, 0 when it is no well-formed UTF-8
 * (Unicode, table 3-7: no overlong form, no surrogate, nothing above 10ffff).
 */
static size_t char_len(const unsigned char *p, size_t left)
{
	static const struct {
		unsigned char first, last; /* first byte */
		unsigned char low, high;   /* second byte */
		unsigned char len;
	} rows[] = {
		{ 0x01, 0x7f, 0x00, 0x00, 1 }, { 0xc2, 0xdf, 0x80, 0xbf, 2 },
		{ 0xe0, 0xe0, 0xa0, 0xbf, 3 }, { 0xe1, 0xec, 0x80, 0xbf, 3 },
		{ 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 },
		{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t len = rows[i].len;

		if (*p < rows[i].first || *p > rows[i].last)
			continue;
		if (left < len ||
		    (len > 1 && (p[1] < rows[i].low || p[1] > rows[i].high)))
			return 0;
		for (size_t k = 2; k < len; k++) {
			if (p[k] < 0x80 || p[k] > 0xbf)
				return 0;
		}
		return len;
	}
	return 0;
}

/* Bytes of the longest start of @text that is whole characters. */
static size_t whole_chars(const char *text, size_t len)
{
	size_t off = 0;
	size_t n;

	while (off < len && (n = char_len((const unsigned char *)text + off, len - off)))
		off += n;
	return off;
}

/* Make a text printable: what is no character or no letter of one line is replaced. */
static void clean(char *text)
{
	size_t len = strlen(text);

	for (size_t off = 0; off < len;) {
		size_t n = char_len((const unsigned char *)text + off, len - off);

		if (n < 2 && (!n || (unsigned char)text[off] < ' ' || text[off] == 0x7f))
			text[off] = '?';
		off += n ? n : 1;
	}
}

void capgap_quirks_fault(struct capgap_quirks_input *in, int code, unsigned long line,
			 const char *fmt, ...)
{
	char text[512];
	struct capgap_err err;
	va_list ap;

	if (++in->n_faults > CAPGAP_QUIRKS_FAULTS_MAX || !in->trouble ||
	    !in->trouble->report)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	clean(text);
	capgap_err_set(&err, code, line, "%s", text);
	err.text[whole_chars(err.text, strlen(err.text))] = '\0';
	in->trouble->report(in->trouble->ctx, in->file, &err);
}

static unsigned long line_at(const char *text, size_t off)
{
	unsigned long line = 1;

	for (size_t i = 0; i < off; i++)
		line += text[i] == '\n';
	return line;
}

/*
 * The encoding that an XML declaration names ("<?xml ... encoding='...'?>") is
 * NULL or UTF-8: libxml2 then reads the bytes that were looked at here.
 */
static bool names_utf8(const char *text, size_t len)
{
	char head[256];
	char *end;
	char *name;

	snprintf(head, sizeof(head), "%.*s",
		 (int)(len < sizeof(head) ? len : sizeof(head) - 1), text);
	end = strstr(head, "?>");
	if (strncmp(head, "<?xml", 5) != 0)
		return true;
	if (!end)
		return false;
	*end = '\0';
	name = strstr(head, "encoding");
	name = name ? strpbrk(name, "'\"") : NULL;
	return !name || !strncasecmp(name + 1, "utf-8", 5);
}

/* What libxml2 is given is UTF-8 and says so; anything else is a fault. */
static bool is_utf8(struct capgap_quirks_input *in)
{
	size_t off;

	if (in->len >= 3 && !memcmp(in->text, "\xef\xbb\xbf", 3)) {
		in->text += 3;
		in->len -= 3;
	}
	if (!in->len) {
		capgap_quirks_fault(in, CAPGAP_E_FORMAT, 1,
				    "the file is empty; expected XML");
		return false;
	}
	off = whole_chars(in->text, in->len);
	if (off < in->len) {
		capgap_quirks_fault(in, CAPGAP_E_FORMAT, line_at(in->text, off),
				    "byte 0x%02x is not part of UTF-8 text",
				    (unsigned)(unsigned char)in->text[off]);
		return false;
	}
	if (!names_utf8(in->text, in->len)) {
		capgap_quirks_fault(
			in, CAPGAP_E_FORMAT, 1,
			"expected encoding=\"UTF-8\" in the XML declaration, or none");
		return false;
	}
	return true;
}

/* Read an open file up to its bound; 0, or an errno, or EFBIG. */
static int read_all(int fd, struct bytes *out)
{
	size_t room = 0;
	ssize_t got = 1;

	while (got > 0) {
		if (out->len == room) {
			char *text = realloc(out->text, room ? 2 * room : 1u << 14);

			if (!text)
				return ENOMEM;
			out->text = text;
			room = room ? 2 * room : 1u << 14;
		}
		got = read(fd, out->text + out->len, room - out->len);
		if (got < 0 && errno != EINTR)
			return errno;
		out->len += got > 0 ? (size_t)got : 0;
		got = got < 0 ? 1 : got;
		if (out->len > CAPGAP_QUIRKS_FILE_MAX)
			return EFBIG;
	}
	return 0;
}

/* Read a regular file; 0, or an errno, or EFBIG, or ENOTSUP for what is no file. */
static int read_path(const char *path, struct bytes *out)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	int err;

	if (fd < 0)
		return errno;
	if (fstat(fd, &st))
		err = errno;
	else if (!S_ISREG(st.st_mode))
		err = ENOTSUP;
	else
		err = st.st_size > CAPGAP_QUIRKS_FILE_MAX ? EFBIG : read_all(fd, out);
	close(fd);
	return err;
}

/* Read what @in names; a fault and its negated code when that cannot be done. */
static int read_file(struct capgap_quirks_input *in, struct bytes *out)
{
	int err = read_path(in->file, out);
	int code = CAPGAP_E_IO;

	switch (err) {
	case 0:
		in->text = out->text;
		in->len = out->len;
		return 0;
	case ENOMEM:
		return -CAPGAP_E_NOMEM;
	case EFBIG:
		code = CAPGAP_E_FORMAT;
		capgap_quirks_fault(in, code, 0, "the file is larger than %u bytes",
				    CAPGAP_QUIRKS_FILE_MAX);
		break;
	case ENOTSUP:
		code = CAPGAP_E_FORMAT;
		capgap_quirks_fault(in, code, 0, "expected a regular file");
		break;
	default:
		if (err == ENOENT || err == ENOTDIR)
			code = CAPGAP_E_NOENT;
		capgap_quirks_fault(in, code, 0, "%s", strerror(err));
	}
	return -code;
}

/* Read the schema unless that was done; its faults bear its own name. */
static int need_schema(struct loader *to)
{
	struct capgap_quirks_input in = { .file = to->schema_path,
					  .trouble = to->trouble };
	struct bytes bytes = { 0 };
	int ret;

	if (to->schema)
		return 0;
	ret = read_file(&in, &bytes);
	if (!ret)
		ret = is_utf8(&in) ? capgap_quirks_schema_read(&in, &to->schema) :
				     -CAPGAP_E_FORMAT;
	free(bytes.text);
	return !ret || ret == -CAPGAP_E_NOMEM ? ret : -CAPGAP_E_INVAL;
}

/* Bytes of a file to rows of the table; the number of rows, or why not. */
static int take_text(struct loader *to, struct capgap_quirks_input *in)
{
	struct capgap_rows rows = { 0 };
	int n = 0;
	int ret = need_schema(to);

	if (!ret)
		ret = is_utf8(in) ? capgap_quirks_xml_read(in, to->schema, &rows) :
				    -CAPGAP_E_FORMAT;
	if (!ret) {
		n = (int)rows.n;
		ret = capgap_quirks_commit(to->quirks, &rows);
	}
	capgap_rows_release(&rows);
	return ret ? ret : n;
}

static int take_file(struct loader *to, const char *file)
{
	struct capgap_quirks_input in = { .file = file, .trouble = to->trouble };
	struct bytes bytes = { 0 };
	int ret = read_file(&in, &bytes);

	if (!ret)
		ret = take_text(to, &in);
	free(bytes.text);
	return ret;
}

/* @dir, a slash and @name; the caller frees it. NULL when memory is short. */
static char *join(const char *dir, size_t n, const char *name)
{
	size_t len = n + strlen(name) + 2;
	char *path = malloc(len);

	if (path)
		snprintf(path, len, "%.*s%s%s", (int)n, dir,
			 n && dir[n - 1] == '/' ? "" : "/", name);
	return path;
}

/* The schema that lies beside a file. */
static char *beside(const char *file)
{
	const char *slash = strrchr(file, '/');

	return slash ? join(file, (size_t)(slash - file) + 1, SCHEMA_NAME) :
		       strdup(SCHEMA_NAME);
}

int capgap_quirks_load_file(struct capgap_quirks *quirks, const char *file,
			    const char *schema,
			    const struct capgap_quirks_trouble *trouble)
{
	struct loader to = { .quirks = quirks, .trouble = trouble };
	char *found = schema ? NULL : beside(file);
	int ret = -CAPGAP_E_NOMEM;

	to.schema_path = schema ? schema : found;
	if (to.schema_path)
		ret = take_file(&to, file);
	capgap_quirks_settle(quirks);
	capgap_quirks_schema_free(to.schema);
	free(found);
	return ret;
}

int capgap_quirks_load_text(struct capgap_quirks *quirks, const char *file,
			    const char *text, size_t len, const char *schema,
			    const struct capgap_quirks_trouble *trouble)
{
	struct loader to = { .quirks = quirks,
			     .trouble = trouble,
			     .schema_path = schema };
	struct capgap_quirks_input in = {
		.file = file, .text = text, .len = len, .trouble = trouble
	};
	int ret = take_text(&to, &in);

	capgap_quirks_settle(quirks);
	capgap_quirks_schema_free(to.schema);
	return ret;
}

/**
 * struct names - names of the files of a directory
 * @n: how many
 * @name: them, owned, in byte order
 */
struct names {
	size_t n;
	char **name;
};

static void names_release(struct names *names)
{
	for (size_t i = 0; i < names->n; i++)
		free(names->name[i]);
	free(names->name);
	*names = (struct names){ 0 };
}

/* "intel.xml", but not ".xml", nor what an editor hides. */
static bool is_quirk_file(const char *name)
{
	size_t len = strlen(name);
	size_t suffix = strlen(SUFFIX);

	return name[0] != '.' && len > suffix && !strcmp(name + len - suffix, SUFFIX);
}

static int add_name(struct names *names, const char *name)
{
	size_t n = names->n;

	if ((n & (n - 1)) == 0) {
		char **list = realloc(names->name, (n ? 2 * n : 1) * sizeof(*list));

		if (!list)
			return -CAPGAP_E_NOMEM;
		names->name = list;
	}
	names->name[n] = strdup(name);
	if (!names->name[n])
		return -CAPGAP_E_NOMEM;
	names->n++;
	return 0;
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The quirk files of an open directory; 0 or an errno. */
static int read_names(DIR *dir, struct names *names)
{
	const struct dirent *entry;

	for (;;) {
		errno = 0;
		entry = readdir(dir);
		if (!entry)
			return errno;
		if (is_quirk_file(entry->d_name) && add_name(names, entry->d_name))
			return ENOMEM;
	}
}

/* The quirk files of a directory, sorted; its fault is reported under its name. */
static int list_dir(const char *path, const struct capgap_quirks_trouble *trouble,
		    struct names *names)
{
	struct capgap_quirks_input in = { .file = path, .trouble = trouble };
	DIR *dir = opendir(path);
	int err = dir ? read_names(dir, names) : errno;

	if (dir)
		closedir(dir);
	if (names->n)
		qsort(names->name, names->n, sizeof(*names->name), by_bytes);
	switch (err) {
	case 0:
		return 0;
	case ENOMEM:
		return -CAPGAP_E_NOMEM;
	case ENOENT:
	case ENOTDIR:
		return -CAPGAP_E_NOENT;
	default:
		capgap_quirks_fault(&in, CAPGAP_E_IO, 0, "%s", strerror(err));
		return -CAPGAP_E_IO;
	}
}

/* The files of a directory; a bad one is passed over. */
static int take_files(struct loader *to, const char *dir, const struct names *names)
{
	bool bad = false;
	int sum = 0;

	for (size_t i = 0; i < names->n; i++) {
		char *path = join(dir, strlen(dir), names->name[i]);
		int ret = path ? take_file(to, path) : -CAPGAP_E_NOMEM;

		free(path);
		if (ret == -CAPGAP_E_NOMEM || ret == -CAPGAP_E_INVAL)
			return ret;
		bad = bad || ret < 0;
		sum += ret > 0 ? ret : 0;
	}
	return bad ? -CAPGAP_E_DAMAGED : sum;
}

int capgap_quirks_load_dir(struct capgap_quirks *quirks, const char *dir,
			   const char *schema,
			   const struct capgap_quirks_trouble *trouble)
{
	struct loader to = { .quirks = quirks, .trouble = trouble };
	struct names names = { 0 };
	char *found = schema ? NULL : join(dir, strlen(dir), SCHEMA_NAME);
	int ret = -CAPGAP_E_NOMEM;

	to.schema_path = schema ? schema : found;
	if (to.schema_path)
		ret = list_dir(dir, trouble, &names);
	if (!ret)
		ret = take_files(&to, dir, &names);
	capgap_quirks_settle(quirks);
	capgap_quirks_schema_free(to.schema);
	names_release(&names);
	free(found);
	return ret;
}
