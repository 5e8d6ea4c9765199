/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Images that a command makes: which form, and where they go. */
#include "image_out.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "output.h"

static bool ends_in(const char *name, const char *end)
{
	size_t len = strlen(name);

	return len >= strlen(end) && !strcmp(name + len - strlen(end), end);
}

/* The option, else the name: sysfs calls such a file config, most others .bin. */
static enum capgap_image_form form_of(const struct settings *set)
{
	const char *slash = set->output ? strrchr(set->output, '/') : NULL;
	const char *name = slash ? slash + 1 : set->output;

	if (set->binary || set->lspci)
		return set->binary ? CAPGAP_IMAGE_BINARY : CAPGAP_IMAGE_LSPCI;
	return name && (ends_in(name, ".bin") || ends_in(name, ".config") ||
			!strcmp(name, "config")) ?
		       CAPGAP_IMAGE_BINARY :
		       CAPGAP_IMAGE_LSPCI;
}

void image_out_init(struct image_out *out, const struct settings *set)
{
	*out = (struct image_out){ .path = set->output, .form = form_of(set) };
	if (out->path && !strcmp(out->path, "-"))
		out->path = NULL;
	out->collect = out->path || out->form == CAPGAP_IMAGE_BINARY;
}

/* What is to be written, when it is read again. */
struct rereading {
	const struct capgap_image *want;
	unsigned n;
	bool same;
};

static int compare(void *ctx, const struct capgap_record *rec)
{
	struct rereading *r = ctx;

	r->n++;
	r->same = rec->image.size == r->want->size && !rec->n_damage &&
		  capgap_image_is_whole(&rec->image) &&
		  !memcmp(rec->image.data, r->want->data, r->want->size);
	return 0;
}

/* True when the readers of this program read the same bytes from what is to be written. */
static bool reads_back(char *bytes, size_t len, const char *path,
		       const struct capgap_image *img)
{
	struct rereading r = { .want = img };
	struct capgap_sink sink = { .record = compare, .ctx = &r };
	FILE *file = fmemopen(bytes, len, "rb");
	int rc = -CAPGAP_E_IO;

	if (file) {
		rc = capgap_source_read_file(file, path ? path : "-", &sink);
		fclose(file);
	}
	return !rc && r.n == 1 && r.same;
}

/* Put an image in the form that it will have; @bytes is the caller's to free. */
static int render(const struct image_out *out, const struct capgap_image *img,
		  const struct capgap_function *fn, char **bytes, size_t *len,
		  struct capgap_err *err)
{
	FILE *file = open_memstream(bytes, len);
	bool bad;
	int rc;

	if (!file)
		return -CAPGAP_E_NOMEM;
	rc = capgap_image_write(file, img, out->form, fn, err);
	bad = ferror(file) != 0;
	if (fclose(file) || bad)
		return -CAPGAP_E_NOMEM;
	if (!rc && !reads_back(*bytes, *len, out->path, img))
		rc = capgap_err_set(err, CAPGAP_E_FORMAT, 0,
				    "it would not be read again as it is");
	return rc;
}

static int keep(struct image_out *out, const char *bytes, size_t len)
{
	char *more = realloc(out->bytes, out->len + len);

	if (!more)
		return -CAPGAP_E_NOMEM;
	memcpy(more + out->len, bytes, len);
	out->bytes = more;
	out->len += len;
	return 0;
}

int image_out_add(struct image_out *out, const struct capgap_image *img,
		  const struct capgap_function *fn, struct capgap_err *err)
{
	char *bytes = NULL;
	size_t len = 0;
	int rc = render(out, img, fn, &bytes, &len, err);

	if (!rc && !out->collect)
		rc = fwrite(bytes, 1, len, stdout) == len ? 0 : -CAPGAP_E_IO;
	else if (!rc && (out->form == CAPGAP_IMAGE_LSPCI || !out->n))
		rc = keep(out, bytes, len);
	out->n += !rc;
	free(bytes);
	return rc;
}

static int write_file(const struct image_out *out, int status)
{
	struct output file;

	if (output_write(&file, out->path, out->bytes, out->len) ||
	    output_commit(&file)) {
		complain("%s: %s", out->path, strerror(errno));
		status = refused_status(status);
	}
	output_abandon(&file);
	return status;
}

/* Put what was kept in its place; @chosen functions were. */
static int finish(struct image_out *out, unsigned long chosen, int status)
{
	if (status == EXIT_REFUSED || status == EXIT_USAGE)
		return status;
	if (out->form == CAPGAP_IMAGE_BINARY && chosen > 1) {
		complain("a binary image is that of one function, and %lu are chosen; "
			 "--slot chooses",
			 chosen);
		return EXIT_USAGE;
	}
	if (!out->collect || !out->n)
		return status;
	if (out->path)
		return write_file(out, status);
	fwrite(out->bytes, 1, out->len, stdout);
	return close_output(status);
}

void image_out_release(struct image_out *out)
{
	free(out->bytes);
	out->bytes = NULL;
	out->len = 0;
}

int image_out_run(struct image_out *out, const struct visit *visit, struct settings *set)
{
	int status;

	image_out_init(out, set);
	status = run_inputs(visit, set);
	status = finish(out, visit->report->count, status);
	image_out_release(out);
	return status;
}
