/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `capgap dvsec`: makes free-space descriptors, and writes the image that has them. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "output.h"

#include "../report/dvsec_report.h"
#include "../report/image_write.h"

/**
 * struct making - one function on its way
 * @set: what the command line asks for
 * @how: output format
 * @visit: counts the functions that are chosen
 * @status: exit status when one is
 * @source: name of its input, owned
 * @machine: its machine
 * @fn: it
 * @again: its analysis with what was made
 * @decl: what was made
 * @form: how the image is written
 * @text: the image, as it is written; owned
 * @len: bytes of @text
 */
struct making {
	const struct settings *set;
	const struct capgap_dvsec_reporter *how;
	struct capgap_report visit;
	int status;
	char *source;
	unsigned machine;
	struct capgap_function fn;
	struct capgap_function again;
	struct capgap_declaration decl;
	enum capgap_image_form form;
	char *text;
	size_t len;
};

static int keep_function(void *ctx, const char *source, unsigned machine,
			 const struct capgap_function *fn)
{
	struct making *m = ctx;

	if (m->visit.count)
		return 0;
	m->source = strdup(source);
	m->machine = machine;
	m->fn = *fn;
	return m->source ? 0 : -CAPGAP_E_NOMEM;
}

static bool ends_in(const char *name, const char *end)
{
	size_t len = strlen(name);

	return len >= strlen(end) && !strcmp(name + len - strlen(end), end);
}

/* The option, else the name: sysfs calls such a file config, most others .bin. */
static enum capgap_image_form form_of(const struct dvsec_settings *dvsec)
{
	const char *slash = strrchr(dvsec->output, '/');
	const char *name = slash ? slash + 1 : dvsec->output;

	if (dvsec->binary || dvsec->lspci)
		return dvsec->binary ? CAPGAP_IMAGE_BINARY : CAPGAP_IMAGE_LSPCI;
	return ends_in(name, ".bin") || ends_in(name, ".config") ||
			       !strcmp(name, "config") ?
		       CAPGAP_IMAGE_BINARY :
		       CAPGAP_IMAGE_LSPCI;
}

/* What was written, when it is read again. */
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
static bool reads_back(const struct making *m)
{
	struct rereading r = { .want = &m->decl.image };
	struct capgap_sink sink = { .record = compare, .ctx = &r };
	FILE *file = fmemopen(m->text, m->len, "rb");
	int rc = -CAPGAP_E_IO;

	if (file) {
		rc = capgap_source_read_file(file, m->set->dvsec.output, &sink);
		fclose(file);
	}
	return !rc && r.n == 1 && r.same;
}

/* Put the image in the form that it will have; a refusal where it has no such form. */
static int render(struct making *m)
{
	struct capgap_err err = { .text = "it would not be read again as it is" };
	FILE *out = open_memstream(&m->text, &m->len);
	bool bad;
	int rc;

	if (!out)
		return -CAPGAP_E_NOMEM;
	m->form = form_of(&m->set->dvsec);
	rc = capgap_image_write(out, &m->decl.image, m->form, &m->fn, &err);
	bad = ferror(out) != 0;
	if (fclose(out) || bad)
		return -CAPGAP_E_NOMEM;
	if (rc || !reads_back(m))
		snprintf(m->decl.refusal, sizeof(m->decl.refusal),
			 "the image cannot be written (%s): %s",
			 capgap_image_form_name(m->form), err.text);
	return 0;
}

/* Print what was made, or why not. */
static int print(const struct making *m, const char *output)
{
	struct capgap_dvsec_made made = {
		.base = { m->source, m->machine, &m->fn, NULL, NULL },
		.decl = &m->decl,
		.output = output,
		.output_form = capgap_image_form_name(m->form)
	};
	struct capgap_report rep = m->visit;
	int rc;

	rep.count = 0;
	if (m->how->format->begin)
		m->how->format->begin(&rep);
	rc = m->how->made(&rep, &made);
	rep.count++;
	if (m->how->format->end)
		m->how->format->end(&rep);
	if (!rc && (fflush(rep.out) || ferror(rep.out)))
		rc = -CAPGAP_E_IO;
	return rc;
}

static void cannot_write(struct making *m)
{
	complain("%s: %s", m->set->dvsec.output, strerror(errno));
	m->status = EXIT_REFUSED;
}

/* The file takes its place last, when nothing else can fail. */
static int print_and_write(struct making *m)
{
	struct output out;
	int rc = 0;

	/* A reader that goes away must not leave half of this behind. */
	signal(SIGPIPE, SIG_IGN);
	if (output_write(&out, m->set->dvsec.output, m->text, m->len)) {
		cannot_write(m);
	} else {
		rc = print(m, m->set->dvsec.output);
		if (!rc && output_commit(&out))
			cannot_write(m);
	}
	output_abandon(&out);
	return rc;
}

static int make(void *ctx, bool trouble)
{
	struct making *m = ctx;
	int rc;

	if (trouble || m->visit.count != 1)
		return 0;
	rc = capgap_declare_make(&m->decl, &m->fn, &m->set->dvsec.want);
	if (!rc)
		rc = capgap_declare_verify(&m->decl, &m->fn, &m->set->analysis,
					   &m->again);
	if (!rc && m->set->dvsec.output)
		rc = render(m);
	if (rc == -CAPGAP_E_NOMEM)
		return rc;
	m->status = m->decl.refusal[0] ? EXIT_NO : EXIT_OK;
	if (m->status == EXIT_OK && m->set->dvsec.output)
		return print_and_write(m);
	return print(m, NULL);
}

static int made_status(const void *ctx)
{
	const struct making *m = ctx;

	if (m->visit.count == 1)
		return m->status;
	complain("dvsec: descriptors are made for one function, and %lu are chosen; "
		 "--slot chooses",
		 m->visit.count);
	return EXIT_USAGE;
}

int dvsec_make(struct settings *set)
{
	struct making *m = calloc(1, sizeof(*m));
	struct visit visit = {
		.function = keep_function, .end = make, .status = made_status, .ctx = m
	};
	int status;

	if (!m) {
		complain("%s", capgap_strerror(CAPGAP_E_NOMEM));
		return EXIT_REFUSED;
	}
	m->set = set;
	m->how = capgap_dvsec_reporter_find(set->report ? set->report :
							  &capgap_report_text);
	visit.report = &m->visit;
	status = run_inputs(&visit, set);
	free(m->source);
	free(m->text);
	free(m);
	return status;
}
