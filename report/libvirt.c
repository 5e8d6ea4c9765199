/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Format "libvirt": parts of a domain's XML, and comments on what gets none. */
#include <libxml/tree.h>
#include <stdlib.h>
#include <string.h>

#include "fragment.h"

/* Where libvirt reads what it hands on to QEMU (docs/drvqemu.rst of libvirt). */
#define QEMU_NAMESPACE "http://libvirt.org/schemas/domain/qemu/1.0"
/* Domains that QEMU's host property, which libvirt writes, can name. */
#define HOST_DOMAIN_MAX 0xffffu

/**
 * struct document - the domain, built until the end
 * @doc: owned
 * @devices: its <devices>
 * @override: its <qemu:override>
 * @qemu: namespace of the latter
 * @n_active: devices that get an offset
 * @harm: QEMU would place a capability badly, unless it is kept from it
 * @failed: memory was short
 */
struct document {
	xmlDocPtr doc;
	xmlNodePtr devices;
	xmlNodePtr override;
	xmlNsPtr qemu;
	unsigned n_active;
	bool harm;
	bool failed;
};

static const xmlChar *utf8(const char *text)
{
	return (const xmlChar *)text;
}

static xmlNodePtr element(struct document *d, xmlNodePtr parent, xmlNsPtr ns,
			  const char *name)
{
	xmlNodePtr node = parent ? xmlNewChild(parent, ns, utf8(name), NULL) : NULL;

	d->failed |= !node;
	return node;
}

static void attribute(struct document *d, xmlNodePtr node, const char *name,
		      const char *value)
{
	d->failed |= !node || !xmlNewProp(node, utf8(name), utf8(value));
}

static void decimal(struct document *d, xmlNodePtr node, const char *name, unsigned val)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", val);
	attribute(d, node, name, text);
}

static void hex(struct document *d, xmlNodePtr node, const char *name, int digits,
		unsigned val)
{
	char text[16];

	snprintf(text, sizeof(text), "0x%0*x", digits, val);
	attribute(d, node, name, text);
}

/* A comment of printable ASCII; two hyphens must not stand side by side in it. */
static void comment(struct document *d, xmlNodePtr parent, const char *text)
{
	char safe[2 * CAPGAP_FRAGMENT_TEXT + 3];
	xmlNodePtr node;
	size_t n = 0;

	safe[n++] = ' ';
	for (; *text && n < sizeof(safe) - 3; text++) {
		if (*text == '-' && safe[n - 1] == '-')
			safe[n++] = ' ';
		safe[n++] = *text < 0x20 || *text > 0x7e ? '?' : *text;
	}
	safe[n++] = ' ';
	safe[n] = '\0';
	node = xmlNewDocComment(d->doc, utf8(safe));
	if (!node || !parent || !xmlAddChild(parent, node)) {
		xmlFreeNode(node);
		d->failed = true;
	}
}

static void begin(struct capgap_report *rep)
{
	struct document *d = calloc(1, sizeof(*d));
	xmlNodePtr root;

	rep->state = d;
	if (!d)
		return;
	d->doc = xmlNewDoc(utf8("1.0"));
	root = d->doc ? xmlNewDocNode(d->doc, NULL, utf8("domain"), NULL) : NULL;
	if (!root) {
		d->failed = true;
		return;
	}
	xmlDocSetRootElement(d->doc, root);
	d->qemu = xmlNewNs(root, utf8(QEMU_NAMESPACE), utf8("qemu"));
	d->failed |= !d->qemu;
	attribute(d, root, "type", "kvm");
	comment(d, root,
		"Parts for the XML of a guest: the hostdevs go into its devices, and");
	comment(d, root,
		"the override, with the namespace above, at the end of its domain.");
	d->devices = element(d, root, NULL, "devices");
	d->override = element(d, root, d->qemu, "override");
}

/* The device, by an alias of its own that the override can name. */
static void write_hostdev(struct document *d, const struct capgap_bdf *host,
			  const char *alias)
{
	xmlNodePtr hostdev = element(d, d->devices, NULL, "hostdev");
	xmlNodePtr node;

	attribute(d, hostdev, "mode", "subsystem");
	attribute(d, hostdev, "type", "pci");
	attribute(d, hostdev, "managed", "yes");
	node = element(d, hostdev, NULL, "driver");
	attribute(d, node, "iommufd", "yes");
	node = element(d, hostdev, NULL, "source");
	node = element(d, node, NULL, "address");
	hex(d, node, "domain", 4, host->domain);
	hex(d, node, "bus", 2, host->bus);
	hex(d, node, "slot", 2, host->dev);
	hex(d, node, "function", 1, host->fn);
	node = element(d, hostdev, NULL, "alias");
	attribute(d, node, "name", alias);
}

/* libvirt reads the value in base 10 only. */
static void write_override(struct document *d, const char *alias, unsigned offset)
{
	xmlNodePtr node = element(d, d->override, d->qemu, "device");

	attribute(d, node, "alias", alias);
	node = element(d, node, d->qemu, "frontend");
	node = element(d, node, d->qemu, "property");
	attribute(d, node, "name", "x-vpasid-cap-offset");
	attribute(d, node, "type", "unsigned");
	decimal(d, node, "value", offset);
}

static void write_machine(struct document *d, const struct capgap_report *rep,
			  const struct capgap_answer *ans)
{
	char text[CAPGAP_FRAGMENT_TEXT];

	if (!rep->many || (rep->count && rep->machine == ans->machine))
		return;
	snprintf(text, sizeof(text), "== %.512s, machine %u", ans->source, ans->machine);
	comment(d, d->devices, text);
}

/* What is said of the function, a comment each. */
static void write_comments(struct document *d, const struct capgap_fragment *f,
			   const struct capgap_answer *ans)
{
	char text[CAPGAP_FRAGMENT_TEXT + 64 + 3];
	char bdf[CAPGAP_BDF_TEXT];

	snprintf(text, sizeof(text), "%.64s: %s",
		 f->has_host ? capgap_bdf_format(&f->host, bdf) : ans->source, f->why);
	comment(d, d->devices, text);
	if (f->beside[0])
		comment(d, d->devices, f->beside);
	if (f->note[0])
		comment(d, d->devices, f->note);
	if (f->anyway[0])
		comment(d, d->devices, f->anyway);
	for (unsigned n = 0; capgap_fragment_remark(ans, n, text); n++)
		comment(d, d->devices, text);
}

static int answer(struct capgap_report *rep, const struct capgap_answer *ans)
{
	struct document *d = rep->state;
	struct capgap_fragment f;
	char alias[32];

	if (!d || d->failed)
		return -CAPGAP_E_NOMEM;
	capgap_fragment_make(&f, rep, ans);
	write_machine(d, rep, ans);
	write_comments(d, &f, ans);
	rep->machine = ans->machine;
	d->harm |= f.harm;
	if (f.active && !f.has_host) {
		comment(d, d->devices,
			"the input does not name its address on the host, so it is left out");
	} else if (f.active && f.host.domain > HOST_DOMAIN_MAX) {
		comment(d, d->devices,
			"left out: the domain has more than 16 bits, which QEMU does not "
			"take from libvirt");
	} else if (f.active) {
		snprintf(alias, sizeof(alias), "ua-vpasid%u", d->n_active++);
		write_hostdev(d, &f.host, alias);
		write_override(d, alias, f.offset);
	}
	return d->failed ? -CAPGAP_E_NOMEM : 0;
}

/* What libvirt 12.8 can say of the virtual IOMMU, without which QEMU adds nothing. */
static void write_viommu(struct document *d, enum capgap_vmm vmm)
{
	xmlNodePtr root = xmlDocGetRootElement(d->doc);

	comment(d, root,
		"QEMU adds the capability only behind a virtual IOMMU that offers PASIDs:");
	comment(d, root, "smmuv3: accel='on' and ssidsize='BITS' of its driver element;");
	if (vmm == CAPGAP_VMM_QEMU_11_1)
		comment(d, root,
			"intel: pasid-bits, for which libvirt 12.8 has no attribute.");
	comment(d, root,
		"The x- property taints the domain, and is not used on hotplug.");
}

static void finish(struct document *d, enum capgap_vmm vmm)
{
	xmlNodePtr root = xmlDocGetRootElement(d->doc);
	const char *text;

	if (d->n_active) {
		write_viommu(d, vmm);
	} else {
		xmlUnlinkNode(d->override);
		xmlFreeNode(d->override);
	}
	if (!d->harm)
		return;
	comment(d, root, "To keep QEMU from adding a capability where that is not safe:");
	for (unsigned n = 0; (text = capgap_fragment_prevent(vmm, n)); n++)
		comment(d, root, text);
}

static void end(struct capgap_report *rep)
{
	struct document *d = rep->state;
	xmlChar *text = NULL;
	int len = 0;

	rep->state = NULL;
	if (!d)
		return;
	if (!d->failed)
		finish(d, capgap_fragment_vmm(&rep->policy));
	if (!d->failed)
		xmlDocDumpFormatMemoryEnc(d->doc, &text, &len, "UTF-8", 1);
	if (text)
		fwrite(text, 1, (size_t)len, rep->out);
	xmlFree(text);
	xmlFreeDoc(d->doc);
	free(d);
}

const struct capgap_reporter capgap_report_libvirt = {
	.name = "libvirt",
	.help = "parts of a libvirt domain's XML",
	.of_plan = true,
	.begin = begin,
	.answer = answer,
	.end = end,
};
