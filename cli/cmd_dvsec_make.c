/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `capgap dvsec`: makes free-space descriptors, and writes the image that has them. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "image_out.h"
#include "output.h"

#include "../report/dvsec_report.h"

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
 * @image: the image, as it is written
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
	struct image_out image;
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

/* Put the image in the form that it will have; a refusal where it has no such form. */
static int render(struct making *m)
{
	struct capgap_err err;
	int rc = image_out_add(&m->image, &m->decl.image, &m->fn, &err);

	if (rc != -CAPGAP_E_FORMAT)
		return rc;
	snprintf(m->decl.refusal, sizeof(m->decl.refusal),
		 "the image cannot be written (%s): %s",
		 capgap_image_form_name(m->image.form), err.text);
	return 0;
}

/* Print what was made, or why not. */
static int print(const struct making *m, const char *output)
{
	struct capgap_dvsec_made made = {
		.base = { .source = m->source, .machine = m->machine, .fn = &m->fn },
		.decl = &m->decl,
		.output = output,
		.output_form = capgap_image_form_name(m->image.form)
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
	complain("%s: %s", m->set->output, strerror(errno));
	m->status = EXIT_REFUSED;
}

/* The file takes its place last, when nothing else can fail. */
static int print_and_write(struct making *m)
{
	struct output out;
	int rc = 0;

	/* A reader that goes away must not leave half of this behind. */
	signal(SIGPIPE, SIG_IGN);
	if (output_write(&out, m->set->output, m->image.bytes, m->image.len)) {
		cannot_write(m);
	} else {
		rc = print(m, m->set->output);
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
	if (!rc && m->set->output)
		rc = render(m);
	if (rc == -CAPGAP_E_NOMEM)
		return rc;
	m->status = m->decl.refusal[0] ? EXIT_NO : EXIT_OK;
	if (m->status == EXIT_OK && m->set->output)
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
	image_out_init(&m->image, set);
	m->how = capgap_dvsec_reporter_find(set->report ? set->report :
							  &capgap_report_text);
	visit.report = &m->visit;
	status = run_inputs(&visit, set);
	free(m->source);
	image_out_release(&m->image);
	free(m);
	return status;
}
