/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What vfio-pci shows of a function, for people. */
#include "text.h"
#include "view_report.h"

static void write_origin(struct capgap_report *rep, const struct capgap_view_answer *ans)
{
	switch (ans->view->origin) {
	case CAPGAP_VIEW_DERIVED:
		fprintf(rep->out, "as vfio-pci of Linux %s shows it\n",
			capgap_kernel_name(ans->kernel));
		break;
	case CAPGAP_VIEW_DUMP:
		fputs("as the dump from the VFIO side has it\n", rep->out);
		break;
	case CAPGAP_VIEW_INPUT:
		fprintf(rep->out, "as it is: the image is from the %s\n",
			capgap_vantage_name(ans->base.fn->vantage));
		break;
	case CAPGAP_VIEW_NOT_TAKEN:
		fputs("vfio-pci does not take it: its header is not of type 0\n",
		      rep->out);
		break;
	}
}

/* "40 EXP, 60 MSIX": entries @first to @end of the lists that are shown. */
static void write_list(struct capgap_report *rep, const char *title,
		       const struct capgap_chain *chain, unsigned first, unsigned end)
{
	const struct capgap_cap *cap;

	fprintf(rep->out, "  %s:%s", title, first == end ? " none" : "");
	for (unsigned i = first; i < end; i++) {
		cap = &chain->cap[i];
		fprintf(rep->out, "%s 0x%03x ", i > first ? "," : "", cap->off);
		if (cap->id == 0)
			fputs("null", rep->out);
		else if (capgap_caps_def(cap->space, cap->id))
			fputs(capgap_caps_symbol(cap->space, cap->id), rep->out);
		else
			fprintf(rep->out, "id %04x", cap->id);
	}
	fputc('\n', rep->out);
}

static void write_hidden(struct capgap_report *rep, const struct capgap_hidden *hidden)
{
	struct capgap_cap cap = { .space = hidden->space, .id = hidden->id };

	fprintf(rep->out, "  hidden 0x%03x %s [%04x]: ", hidden->off,
		hidden->id ? capgap_text_cap_name(&cap) : "null", hidden->id);
	switch (hidden->how) {
	case CAPGAP_HIDING_UNLINKED:
		fprintf(rep->out, "unlinked, 0x%03x leads past it\n", hidden->from);
		break;
	case CAPGAP_HIDING_NULL_HEADER:
		fputs("its id and version read 0, the list goes on\n", rep->out);
		break;
	case CAPGAP_HIDING_ZERO:
		fputs("0x100 reads 0, since nothing else is left\n", rep->out);
		break;
	case CAPGAP_HIDING_FAILS:
		fprintf(rep->out,
			"still linked: the kernel reads the header at 0x%03x from the "
			"hardware, as it %s\n",
			hidden->from,
			hidden->from == CAPGAP_CONV_END ?
				"begins with an id that ends in ff" :
				"abuts a structure of its own kind");
		break;
	}
}

static void write_changes(struct capgap_report *rep, const struct capgap_view_answer *ans)
{
	struct capgap_edit edit;

	for (unsigned off = 0; capgap_view_change(ans->view, ans->base.fn, off, &edit);
	     off = edit.off + 4u)
		capgap_text_edits(rep, &edit, 1);
}

static int answer(struct capgap_report *rep, const struct capgap_view_answer *ans)
{
	const struct capgap_view *view = ans->view;

	capgap_text_machine(rep, &ans->base);
	capgap_text_identity(rep, &ans->base);
	fputs(": ", rep->out);
	write_origin(rep, ans);
	if (view->origin == CAPGAP_VIEW_NOT_TAKEN)
		return 0;
	write_list(rep, "PCI-compatible list", ans->chain, 0, ans->chain->n_conv);
	write_list(rep, "extended list", ans->chain, ans->chain->n_conv, ans->chain->n);
	for (unsigned i = 0; i < view->n_caps; i++)
		write_hidden(rep, &view->cap[i]);
	if (view->conv_gone)
		fputs("  Status says that there is no list, since all of it is hidden\n",
		      rep->out);
	if (view->overrun)
		fprintf(rep->out,
			"  danger 0x%03x ends behind the space: vfio-pci writes behind its maps "
			"when the function is opened, which can crash the host\n",
			view->overrun);
	if (!view->complete)
		fputs("  bytes that decide were not read: there may be more to it\n",
		      rep->out);
	write_changes(rep, ans);
	return 0;
}

const struct capgap_view_reporter capgap_view_text = {
	.format = &capgap_report_text,
	.answer = answer,
};
