/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Format "qemu": options for QEMU's command line, and comments on what gets none. */
#include <stdlib.h>

#include "fragment.h"

/* Domains that the host property of vfio-pci can name; others go by sysfsdev. */
#define HOST_DOMAIN_MAX 0xffffu

/**
 * struct fragment - what is kept until all devices are known
 * @devices: their lines, written to @text
 * @text: owned
 * @len: bytes of @text
 * @n_active: devices that get an option
 * @bits: least width of these, 0 where none is known
 * @harm: QEMU would place a capability badly, unless it is kept from it
 */
struct fragment {
	FILE *devices;
	char *text;
	size_t len;
	unsigned long n_active;
	unsigned bits;
	bool harm;
};

static void begin(struct capgap_report *rep)
{
	struct fragment *state = calloc(1, sizeof(*state));

	rep->state = state;
	if (state)
		state->devices = open_memstream(&state->text, &state->len);
}

/* A name from outside must not end the comment that it stands in. */
static void write_name(FILE *out, const char *name)
{
	for (; *name; name++)
		fputc(*name < 0x20 || *name > 0x7e ? '?' : *name, out);
}

static void write_machine(struct capgap_report *rep, const struct capgap_answer *ans,
			  FILE *out)
{
	if (!rep->many || (rep->count && rep->machine == ans->machine))
		return;
	fputs("\n# == ", out);
	write_name(out, ans->source);
	fprintf(out, ", machine %u\n", ans->machine);
}

static void write_option(FILE *out, const struct capgap_fragment *f)
{
	char bdf[CAPGAP_BDF_TEXT] = "ADDRESS";

	if (f->has_host)
		capgap_bdf_format(&f->host, bdf);
	fprintf(out, "-device vfio-pci,%s%s,iommufd=iommufd0,x-vpasid-cap-offset=%u\n",
		f->has_host && f->host.domain > HOST_DOMAIN_MAX ?
			"sysfsdev=/sys/bus/pci/devices/" :
			"host=",
		bdf, f->offset);
}

/* Where the address is not known, the option is a comment too. */
static void write_function(FILE *out, const struct capgap_fragment *f,
			   const struct capgap_answer *ans)
{
	char bdf[CAPGAP_BDF_TEXT];
	char text[CAPGAP_FRAGMENT_TEXT];

	fprintf(out, "\n# ");
	if (f->has_host)
		fputs(capgap_bdf_format(&f->host, bdf), out);
	else
		write_name(out, ans->source);
	fprintf(out, ": %s\n", f->why);
	if (f->beside[0])
		fprintf(out, "#   %s\n", f->beside);
	if (f->note[0])
		fprintf(out, "#   %s\n", f->note);
	if (f->anyway[0])
		fprintf(out, "#   %s\n", f->anyway);
	for (unsigned n = 0; capgap_fragment_remark(ans, n, text); n++)
		fprintf(out, "#   %s\n", text);
	if (!f->active)
		return;
	if (!f->has_host)
		fputs("#   the input does not name its address on the host:\n# ", out);
	write_option(out, f);
}

static int answer(struct capgap_report *rep, const struct capgap_answer *ans)
{
	struct fragment *state = rep->state;
	struct capgap_fragment f;

	if (!state || !state->devices)
		return -CAPGAP_E_NOMEM;
	capgap_fragment_make(&f, rep, ans);
	write_machine(rep, ans, state->devices);
	write_function(state->devices, &f, ans);
	rep->machine = ans->machine;
	state->harm |= f.harm;
	if (f.active && f.has_host) {
		state->n_active++;
		if (f.bits && (!state->bits || f.bits < state->bits))
			state->bits = f.bits;
	}
	return ferror(state->devices) ? -CAPGAP_E_NOMEM : 0;
}

/*
 * Names of options: `-device intel-iommu,help` and `-device arm-smmuv3,help` of QEMU 11.1.
 * intel-iommu offers PASIDs to vfio devices from 11.1 on.
 */
static void write_viommu(FILE *out, enum capgap_vmm vmm, unsigned bits)
{
	char text[16] = "BITS";

	if (bits)
		snprintf(text, sizeof(text), "%u", bits);
	fputs("# before the devices, one virtual IOMMU that offers PASIDs, as the machine has it:\n",
	      out);
	if (vmm == CAPGAP_VMM_QEMU_11_1)
		fprintf(out,
			"#   -device intel-iommu,scalable-mode=on,fsts=on,pasid-bits=%s\n",
			text);
	fprintf(out, "#   -device arm-smmuv3,primary-bus=pcie.0,accel=on,ssidsize=%s\n",
		text);
	if (bits)
		fprintf(out,
			"# %s is the least width of these devices; the host's IOMMU must have "
			"as many\n",
			text);
	else
		fputs("# no width of these devices is known: BITS is what the host's IOMMU "
		      "reports for them\n",
		      out);
	fputs("# the devices go on PCI Express buses (bus=): on a conventional one QEMU adds "
	      "nothing\n",
	      out);
}

static void write_prevention(FILE *out, enum capgap_vmm vmm)
{
	const char *text;

	fputs("\n# to keep QEMU from adding a capability where that is not safe:\n", out);
	for (unsigned n = 0; (text = capgap_fragment_prevent(vmm, n)); n++)
		fprintf(out, "#   %s\n", text);
}

static void write_all(struct capgap_report *rep, const struct fragment *state)
{
	enum capgap_vmm vmm = capgap_fragment_vmm(&rep->policy);

	fprintf(rep->out,
		"# for %s; offsets are hexadecimal in comments, decimal in options\n",
		capgap_vmm_name(vmm));
	if (state->n_active) {
		fputs("# once, the backend of the devices:\n-object iommufd,id=iommufd0\n",
		      rep->out);
		write_viommu(rep->out, vmm, state->bits);
	} else {
		fputs("# no device gets an option\n", rep->out);
	}
	fwrite(state->text, 1, state->len, rep->out);
	if (state->harm)
		write_prevention(rep->out, vmm);
}

static void end(struct capgap_report *rep)
{
	struct fragment *state = rep->state;

	rep->state = NULL;
	if (!state)
		return;
	if (state->devices && !fclose(state->devices))
		write_all(rep, state);
	free(state->text);
	free(state);
}

const struct capgap_reporter capgap_report_qemu = {
	.name = "qemu",
	.help = "options for QEMU's command line",
	.of_plan = true,
	.begin = begin,
	.answer = answer,
	.end = end,
};
