/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of input forms, and who reads what. */
#include "source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "device.h"
#include "sysfs.h"
#include "walk.h"

/* Forms of input; the highest bid reads. */
static const struct capgap_format *const formats[] = {
	&capgap_format_lspci,
	&capgap_format_raw,
};

/* Starts of files that hold other files (file formats' own documents). */
static const struct {
	size_t off;
	size_t len;
	const char *magic;
	const char *name;
} archives[] = {
	{ 0, 3, "\x1f\x8b\x08", "gzip" },
	{ 0, 3, "BZh", "bzip2" },
	{ 0, 6,
	  "\xfd"
	  "7zXZ\0",
	  "xz" },
	{ 0, 4, "\x28\xb5\x2f\xfd", "zstd" },
	{ 0, 4, "\x04\x22\x4d\x18", "lz4" },
	{ 0, 4, "PK\x03\x04", "zip" },
	{ 0, 6, "7z\xbc\xaf\x27\x1c", "7z" },
	{ 257, 5, "ustar", "tar" },
};

/**
 * struct relay - a sink before the caller's, for one input
 * @out: the caller's
 * @name: of the input
 * @begun: the caller was told of it
 * @records: functions that went through
 * @troubled: something was wrong; stays from input to input
 * @stopped: the caller wants no more; its value is in @value
 * @value: what the caller returned
 * @sink: what the readers get
 */
struct relay {
	const struct capgap_sink *out;
	const char *name;
	bool begun;
	unsigned long records;
	bool troubled;
	bool stopped;
	int value;
	struct capgap_sink sink;
};

/**
 * struct dir_walk - the files of a directory
 * @relay: to the caller
 * @bid: lowest bid that is taken
 * @inputs: files that gave something
 */
struct dir_walk {
	struct relay *relay;
	int bid;
	unsigned long inputs;
};

const char *capgap_archive_name(const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < sizeof(archives) / sizeof(archives[0]); i++) {
		if (len >= archives[i].off + archives[i].len &&
		    !memcmp(bytes + archives[i].off, archives[i].magic, archives[i].len))
			return archives[i].name;
	}
	return NULL;
}

/* Bytes of the UTF-8 character at @bytes beyond the first, or -1 when it is none. */
static int utf8_more(const uint8_t *bytes, size_t len)
{
	int more = bytes[0] < 0xc2 ? -1 : bytes[0] < 0xe0 ? 1 : bytes[0] < 0xf0 ? 2 : 3;

	if (bytes[0] > 0xf4 || more < 0 || (size_t)more >= len)
		return -1;
	for (int i = 1; i <= more; i++) {
		if ((bytes[i] & 0xc0) != 0x80)
			return -1;
	}
	return more;
}

bool capgap_is_text(const uint8_t *bytes, size_t len)
{
	static const char controls[] = "\b\t\n\v\f\r\x1b";
	size_t bad = 0;

	for (size_t i = 0; i < len; i++) {
		uint8_t c = bytes[i];

		if (c >= 0x80) {
			int more = utf8_more(bytes + i, len - i);

			bad += more < 0;
			i += more < 0 ? 0 : (size_t)more;
		} else if (c == 0x7f || (c < 0x20 && (!c || !strchr(controls, c)))) {
			bad++;
		}
	}
	return bad * 16 <= len;
}

size_t capgap_stream_read(struct capgap_stream *s, void *buf, size_t len)
{
	size_t n = s->n_peek - s->pos;

	if (n > len)
		n = len;
	memcpy(buf, s->peek + s->pos, n);
	s->pos += n;
	if (n < len && s->n_peek == CAPGAP_PEEK)
		n += fread((uint8_t *)buf + n, 1, len - n, s->file);
	return n;
}

static int relay_stop(struct relay *r, int value)
{
	if (value) {
		r->stopped = true;
		r->value = value;
	}
	return value;
}

static int relay_input(void *ctx, const char *name)
{
	struct relay *r = ctx;

	r->begun = true;
	return r->out->input ? relay_stop(r, r->out->input(r->out->ctx, name)) : 0;
}

static int relay_record(void *ctx, const struct capgap_record *rec)
{
	struct relay *r = ctx;
	int rc = r->begun ? 0 : relay_input(r, r->name);

	r->records++;
	return rc ? rc : relay_stop(r, r->out->record(r->out->ctx, rec));
}

static void relay_trouble(void *ctx, const char *name, const struct capgap_err *err)
{
	struct relay *r = ctx;

	r->troubled = true;
	if (r->out->trouble)
		r->out->trouble(r->out->ctx, name, err);
}

static unsigned relay_limit(void *ctx, const struct capgap_record *rec)
{
	const struct relay *r = ctx;

	return r->out->limit(r->out->ctx, rec);
}

static void relay_init(struct relay *r, const struct capgap_sink *out, const char *name)
{
	*r = (struct relay){ .out = out, .name = name };
	r->sink = (struct capgap_sink){ relay_input,
					relay_record,
					relay_trouble,
					r,
					out->limit ? relay_limit : NULL,
					out->output };
}

/* What the reading of an input comes to. */
static int relay_result(const struct relay *r, int rc)
{
	if (r->stopped)
		return r->value;
	if (rc == -CAPGAP_E_NOMEM)
		return rc;
	return r->troubled ? -CAPGAP_E_DAMAGED : 0;
}

/* Nobody reads it: say why. */
static int unknown_form(const struct capgap_stream *s, struct capgap_err *err)
{
	const char *archive = capgap_archive_name(s->peek, s->n_peek);

	if (archive)
		return capgap_err_set(err, CAPGAP_E_FORMAT, 0,
				      "compressed or archived (%s): unpack it first",
				      archive);
	if (s->n_peek > CAPGAP_SPACE_MAX)
		return capgap_err_set(
			err, CAPGAP_E_FORMAT, 0,
			"binary, and longer than configuration space (4096 bytes)");
	return capgap_err_set(err, CAPGAP_E_FORMAT, 0, NULL);
}

/* True for the file that the answers go to: reading it might never end. */
static bool is_output(FILE *file, const struct capgap_file *output)
{
	struct stat st;

	return output && !fstat(fileno(file), &st) && st.st_dev == output->dev &&
	       st.st_ino == output->ino;
}

/* Read one stream by the form that bids highest, and at least @lowest. */
static int read_stream(FILE *file, struct relay *r, int lowest, struct capgap_err *err)
{
	struct capgap_stream s = { .file = file, .name = r->name };
	const struct capgap_format *best = NULL;
	int high = lowest - 1;

	if (is_output(file, r->sink.output))
		return capgap_err_set(err, CAPGAP_E_IO, 0, "input file is output file");
	if (capgap_sysfs_is_kernels(fileno(file)))
		return capgap_err_set(err, CAPGAP_E_IO, 0, "%s",
				      capgap_device_by_itself());
	s.n_peek = fread(s.peek, 1, sizeof(s.peek), file);
	if (ferror(file))
		return capgap_err_set(err, CAPGAP_E_IO, 0, NULL);
	if (!s.n_peek)
		return capgap_err_set(err, CAPGAP_E_EMPTY, 0, "the file is empty");
	if (capgap_archive_name(s.peek, s.n_peek))
		return unknown_form(&s, err);
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		int bid = formats[i]->bid(&s);

		if (bid > high) {
			high = bid;
			best = formats[i];
		}
	}
	return best ? best->read(&s, &r->sink, err) : unknown_form(&s, err);
}

int capgap_source_read_file(FILE *file, const char *name, const struct capgap_sink *sink)
{
	struct capgap_err err;
	struct relay relay;
	int rc;

	relay_init(&relay, sink, name);
	rc = read_stream(file, &relay, 1, &err);
	if (rc && !relay.stopped)
		relay_trouble(&relay, name, &err);
	return relay_result(&relay, rc);
}

/* A file of a directory: no trouble when it is something else. */
static int read_found(void *ctx, const char *path)
{
	struct dir_walk *dir = ctx;
	struct relay *r = dir->relay;
	FILE *file = fopen(path, "rb");
	struct capgap_err err;
	int rc;

	if (!file) {
		capgap_err_set(&err, CAPGAP_E_IO, 0, "%s", strerror(errno));
		relay_trouble(r, path, &err);
		return 0;
	}
	r->name = path;
	r->begun = false;
	r->records = 0;
	rc = read_stream(file, r, dir->bid, &err);
	if (rc == -CAPGAP_E_IO && !r->stopped)
		relay_trouble(r, path, &err);
	dir->inputs += r->records > 0;
	fclose(file);
	return r->stopped ? r->value : 0;
}

static int read_dir(const char *path, const struct capgap_sink *sink)
{
	struct relay relay;
	struct dir_walk dir = { .relay = &relay, .bid = 1 };
	const struct capgap_walk walk = { .file = read_found, .ctx = &dir };
	struct capgap_bdf bdf;
	struct capgap_err err;
	bool found;
	int rc;

	relay_init(&relay, sink, path);
	rc = capgap_tree_read(path, &relay.sink, &found);
	if (relay.stopped || rc == -CAPGAP_E_NOMEM || capgap_walk_is_function(path, &bdf))
		return relay_result(&relay, rc);
	if (found)
		dir.bid = CAPGAP_BID_LIKELY;
	rc = capgap_walk(path, &walk);
	if (!found && !dir.inputs && !relay.stopped && rc != -CAPGAP_E_NOMEM) {
		capgap_err_set(&err, CAPGAP_E_EMPTY, 0, NULL);
		relay_trouble(&relay, path, &err);
	}
	return relay_result(&relay, rc);
}

/* It cannot be read: @code is an errno, or 0 where @text says why. */
static int no_input(const char *path, int code, const char *text,
		    const struct capgap_sink *sink)
{
	struct capgap_err err;

	capgap_err_set(&err, code == ENOENT ? CAPGAP_E_NOENT : CAPGAP_E_IO, 0, "%s",
		       code ? strerror(code) : text);
	if (sink->trouble)
		sink->trouble(sink->ctx, path, &err);
	return -CAPGAP_E_DAMAGED;
}

/* A file of the kernel's own: its directory knows how far it may be read. */
static int read_live(const char *path, const struct capgap_sink *sink)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash ? (size_t)(slash - path) : 0;
	struct capgap_bdf bdf;
	struct stat st;
	char *dir;
	int rc;

	dir = slash ? strndup(path, len ? len : 1) : strdup(".");
	if (!dir)
		return -CAPGAP_E_NOMEM;
	/* By a link from elsewhere its directory is another one. */
	if (strcmp(slash ? slash + 1 : path, "config") != 0 || lstat(path, &st) ||
	    S_ISLNK(st.st_mode) || !capgap_walk_is_function(dir, &bdf))
		rc = no_input(path, 0, capgap_device_by_itself(), sink);
	else
		rc = read_dir(dir, sink);
	free(dir);
	return rc;
}

int capgap_source_read(const char *path, const struct capgap_sink *sink)
{
	struct stat st;
	FILE *file;
	int rc;

	if (!strcmp(path, "-"))
		return capgap_source_read_file(stdin, path, sink);
	if (stat(path, &st))
		return no_input(path, errno, NULL, sink);
	if (S_ISDIR(st.st_mode))
		return read_dir(path, sink);
	file = fopen(path, "rb");
	if (!file)
		return no_input(path, errno, NULL, sink);
	rc = capgap_sysfs_is_live(fileno(file)) ?
		     read_live(path, sink) :
		     capgap_source_read_file(file, path, sink);
	fclose(file);
	return rc;
}
