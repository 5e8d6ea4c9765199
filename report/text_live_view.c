/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The configuration region of VFIO against the derived view, for people. */
#include "live_report.h"
#include "text.h"

static const char *plural(unsigned n)
{
	return n == 1 ? "" : "s";
}

static void write_difference(struct capgap_report *rep,
			     const struct capgap_difference *diff)
{
	const char *between = "";

	fprintf(rep->out, "  0x%03x derived %08x, VFIO %08x", diff->off,
		(unsigned)diff->derived, (unsigned)diff->vfio);
	if (diff->host != diff->derived)
		fprintf(rep->out, " (host %08x)", (unsigned)diff->host);
	fputs(diff->explained ? ": " : ": NOT EXPLAINED", rep->out);
	if (!diff->explained && (diff->n_whys || diff->changed))
		between = "; in part ";
	for (unsigned i = 0; i < diff->n_whys; i++) {
		fprintf(rep->out, "%s%s [%s]", between, capgap_virtual_why(diff->why[i]),
			capgap_virtual_name(diff->why[i]));
		between = "; ";
	}
	if (diff->changed)
		fprintf(rep->out, "%sit changed on the host meanwhile", between);
	fputc('\n', rep->out);
}

static void write_sum(struct capgap_report *rep,
		      const struct capgap_live_view_answer *ans)
{
	const struct capgap_comparison *c = ans->comparison;
	enum capgap_kernel other = ans->kernel == CAPGAP_KERNEL_6_4 ? CAPGAP_KERNEL_OLD :
								      CAPGAP_KERNEL_6_4;

	if (c->view_size != c->region_size)
		fprintf(rep->out, "  the view has %zu bytes, the region %zu\n",
			c->view_size, c->region_size);
	if (ans->config->end < ans->config->size)
		fprintf(rep->out,
			"  read and compared up to 0x%03zx: the quirk table forbids to read "
			"further\n",
			ans->config->end);
	if (c->n_left_out)
		fprintf(rep->out, "  %u dword%s not compared: one side lacks them\n",
			c->n_left_out, plural(c->n_left_out));
	fprintf(rep->out, "  %u dword%s compared, %u differ, %u of them not explained\n",
		c->n_compared, plural(c->n_compared), c->n, c->n_unexplained);
	if (ans->other_fits)
		fprintf(rep->out, "  the rules of Linux %s explain all: --kernel '%s'\n",
			capgap_kernel_name(other), capgap_kernel_name(other));
}

static void write_state(struct capgap_report *rep,
			const struct capgap_live_view_answer *ans)
{
	const struct capgap_live_config *config = ans->config;

	if (config->path == CAPGAP_LIVE_PATH_ANY) {
		fputs("the VFIO region was not reached\n", rep->out);
		return;
	}
	fprintf(rep->out, "%zu of %zu bytes of the VFIO region (%s)", config->len,
		config->size, capgap_live_path_name(config->path));
	if (!ans->comparison)
		fputs("; nothing to compare them with\n", rep->out);
	else
		fprintf(rep->out, ", against the view of Linux %s\n",
			capgap_kernel_name(ans->kernel));
}

int capgap_live_text_view(struct capgap_report *rep,
			  const struct capgap_live_view_answer *ans)
{
	capgap_live_text_head(rep, &ans->base, &ans->bdf);
	write_state(rep, ans);
	capgap_live_text_trouble(rep, "refused", &ans->config->trouble);
	capgap_live_text_trouble(rep, "not by the cdev", &ans->config->no_cdev);
	if (!ans->comparison)
		return 0;
	for (unsigned i = 0; i < ans->comparison->n; i++)
		write_difference(rep, &ans->comparison->difference[i]);
	write_sum(rep, ans);
	return 0;
}
