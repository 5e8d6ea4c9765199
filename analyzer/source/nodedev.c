/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads libvirt's node device XML (docs/formatnode.rst, the part on PCI devices). */
#include "nodedev.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../xmltree.h"
#include "nodedev_list.h"

/* A name or value from the file in a message: printf format and its arguments. */
#define SHOWN "%.40s%s"
#define SHOW(text) (text), strlen(text) > 40 ? "..." : ""

#define CLASS_MAX 0xffffffu

/**
 * struct reader - a file on its way into the list
 * @list: the list
 * @name: what faults call the file
 * @file: @name, as the list keeps it
 * @trouble: where they go; may be NULL
 * @n_faults: faults so far
 * @n_devices: PCI functions so far
 * @no_memory: memory was short: all is given up
 */
struct reader {
	struct capgap_nodedevs *list;
	const char *name;
	const char *file;
	const struct capgap_nodedev_trouble *trouble;
	unsigned n_faults;
	unsigned n_devices;
	bool no_memory;
};

/* Numbers of a PCI capability that are elements of their own. */
enum number { DOMAIN, BUS, SLOT, FUNCTION, CLASS, N_NUMBERS };

static const struct {
	const char *name;
	unsigned base;
	uint32_t max;
} numbers[N_NUMBERS] = {
	[DOMAIN] = { "domain", 10, UINT32_MAX }, [BUS] = { "bus", 10, 0xff },
	[SLOT] = { "slot", 10, 0x1f },		 [FUNCTION] = { "function", 10, 7 },
	[CLASS] = { "class", 16, CLASS_MAX },
};

/**
 * struct draft - a device while it is read
 * @dev: it, as far as it is read
 * @has: which of @number were there
 * @number: numbers
 * @vfs: its <capability type='virt_functions'>, or NULL
 */
struct draft {
	struct capgap_nodedev dev;
	bool has[N_NUMBERS];
	uint32_t number[N_NUMBERS];
	const xmlNode *vfs;
};

/* Tell a fault; bytes that a terminal could take for more than text become '?'. */
static void tell(struct reader *r, unsigned long line, const char *text)
{
	struct capgap_err err;

	if (++r->n_faults > CAPGAP_NODEDEV_FAULTS_MAX || !r->trouble ||
	    !r->trouble->report)
		return;
	capgap_err_set(&err, CAPGAP_E_FORMAT, line, "%s", text);
	for (char *p = err.text; *p; p++) {
		if (*p < ' ' || *p > '~')
			*p = '?';
	}
	r->trouble->report(r->trouble->ctx, r->name, &err);
}

/* A fault at a node; false, so that a reader can return it. */
static bool fault(struct reader *r, const xmlNode *node, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static bool fault(struct reader *r, const xmlNode *node, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	tell(r, (unsigned long)xmlGetLineNo(node), text);
	return false;
}

/* Where the word stands that the one on @bdf contradicts. */
static void tell_other(const struct reader *r, const struct capgap_nodedev_at *other,
		       const struct capgap_bdf *bdf)
{
	char name[CAPGAP_BDF_TEXT];
	struct capgap_err err;

	if (!other->file || r->n_faults > CAPGAP_NODEDEV_FAULTS_MAX || !r->trouble ||
	    !r->trouble->report)
		return;
	capgap_err_set(&err, CAPGAP_E_FORMAT, other->line,
		       "here is the other word on %s: neither is used",
		       capgap_bdf_format(bdf, name));
	r->trouble->report(r->trouble->ctx, other->file, &err);
}

/* What the list made of an addition; false for want of memory. */
static bool added(struct reader *r, const xmlNode *node, const struct capgap_bdf *bdf,
		  int rc, const struct capgap_nodedev_clash *clash)
{
	if (rc == -CAPGAP_E_NOMEM) {
		r->no_memory = true;
	} else if (rc) {
		fault(r, node, "%s", clash->err.text);
		tell_other(r, &clash->other, bdf);
	}
	return !r->no_memory;
}

static struct capgap_nodedev_at at_of(const struct reader *r, const xmlNode *node)
{
	return (struct capgap_nodedev_at){ r->file, (unsigned long)xmlGetLineNo(node) };
}

static const xmlNode *first_element(const xmlNode *node)
{
	while (node && node->type != XML_ELEMENT_NODE)
		node = node->next;
	return node;
}

static const char *name_of(const xmlNode *node)
{
	return (const char *)node->name;
}

static bool is(const xmlNode *node, const char *name)
{
	return !strcmp(name_of(node), name);
}

/* The only text below a node; "" where there is none, or something else too. */
static const char *only_text(const xmlNode *child)
{
	if (!child || child->type != XML_TEXT_NODE || child->next || !child->content)
		return "";
	return (const char *)child->content;
}

/* The value of an attribute; NULL when it is not there. */
static const char *attribute(const xmlNode *node, const char *name)
{
	for (const xmlAttr *attr = node->properties; attr; attr = attr->next) {
		if (!strcmp((const char *)attr->name, name))
			return only_text(attr->children);
	}
	return NULL;
}

static bool has_type(const xmlNode *node, const char *type)
{
	const char *value = attribute(node, "type");

	return is(node, "capability") && value && !strcmp(value, type);
}

/*
 * A number with blanks around it, and 0x before it allowed in base 16. Base 0 is that of
 * <address>: 0x and hex digits, or one digit, which is the same in every base.
 */
static bool parse(const char *text, unsigned base, uint32_t max, uint32_t *val)
{
	const char *digits = text + strspn(text, " \t\r\n");
	bool prefixed = digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X');
	unsigned long long sum;
	size_t n;

	if (prefixed && base == 10)
		return false;
	if (prefixed)
		digits += 2;
	n = strspn(digits,
		   base == 16 || prefixed ? "0123456789abcdefABCDEF" : "0123456789");
	if (!n || n > 10 || (!base && !prefixed && n > 1) ||
	    digits[n + strspn(digits + n, " \t\r\n")])
		return false;
	sum = strtoull(digits, NULL, base == 16 || prefixed ? 16 : 10);
	if (sum > max)
		return false;
	*val = (uint32_t)sum;
	return true;
}

/* <domain>, <bus> and so on. */
static bool read_number(struct reader *r, struct draft *draft, const xmlNode *node,
			enum number n)
{
	const char *text = only_text(node->children);

	if (draft->has[n])
		return fault(r, node, "<%s> stands twice", numbers[n].name);
	if (!parse(text, numbers[n].base, numbers[n].max, &draft->number[n]))
		return fault(r, node,
			     "expected a number in base %u up to %u, found '" SHOWN "'",
			     numbers[n].base, numbers[n].max, SHOW(text));
	draft->has[n] = true;
	return true;
}

/* <address domain='0x0000' bus='0x02' slot='0x00' function='0x1'/> */
static bool read_address(struct reader *r, const xmlNode *node, struct capgap_bdf *bdf)
{
	uint32_t part[N_NUMBERS] = { 0 };
	const char *text;

	for (unsigned n = DOMAIN; n <= FUNCTION; n++) {
		text = attribute(node, numbers[n].name);
		if (!text && n == DOMAIN)
			continue;
		if (!text)
			return fault(r, node, "an address without %s", numbers[n].name);
		if (!parse(text, 0, numbers[n].max, &part[n]))
			return fault(r, node,
				     "expected a number from 0x0 to 0x%x for %s, "
				     "found '" SHOWN "'",
				     numbers[n].max, numbers[n].name, SHOW(text));
	}
	*bdf = (struct capgap_bdf){ part[DOMAIN], (uint8_t)part[BUS], (uint8_t)part[SLOT],
				    (uint8_t)part[FUNCTION] };
	return true;
}

/* <vendor id='0x8086'>, <product id='0x1520'>; the text is for people. */
static bool read_id(struct reader *r, const xmlNode *node, uint16_t *id, bool *has)
{
	const char *text = attribute(node, "id");
	uint32_t val;

	if (!text)
		return true;
	if (!parse(text, 16, 0xffff, &val))
		return fault(r, node,
			     "expected an id of four hex digits, found '" SHOWN "'",
			     SHOW(text));
	*id = (uint16_t)val;
	*has = true;
	return true;
}

/* <iommuGroup number='31'> */
static bool read_group(struct reader *r, const xmlNode *node, struct capgap_nodedev *dev)
{
	const char *text = attribute(node, "number");
	uint32_t val;

	if (!text || !parse(text, 10, INT32_MAX, &val))
		return fault(r, node, "expected an iommuGroup with a number in base 10");
	dev->iommu_group = val;
	dev->flags |= CAPGAP_NODEDEV_GROUP;
	return true;
}

/* <capability type='phys_function'>: this device is a virtual function of one address. */
static bool read_physfn(struct reader *r, const xmlNode *node, struct capgap_nodedev *dev)
{
	const xmlNode *address = first_element(node->children);

	if (!address || !is(address, "address") || first_element(address->next))
		return fault(r, node, "expected one address of a physical function");
	if (dev->flags & CAPGAP_NODEDEV_VF)
		return fault(r, node, "a second physical function");
	dev->flags |= CAPGAP_NODEDEV_VF;
	return read_address(r, address, &dev->physfn);
}

/* <capability type='virt_functions'>: a physical function, and its virtual ones. */
static bool read_vfs(struct reader *r, const xmlNode *node, struct draft *draft)
{
	struct capgap_bdf bdf;

	if (draft->vfs)
		return fault(r, node, "a second list of virtual functions");
	draft->vfs = node;
	draft->dev.flags |= CAPGAP_NODEDEV_PF;
	for (const xmlNode *at = first_element(node->children); at;
	     at = first_element(at->next)) {
		if (is(at, "address") && !read_address(r, at, &bdf))
			return false;
	}
	return true;
}

/* An element of the PCI capability; those that say nothing of interest are passed over. */
static bool read_part(struct reader *r, struct draft *draft, const xmlNode *node,
		      bool *vendor, bool *product)
{
	for (unsigned n = 0; n < N_NUMBERS; n++) {
		if (is(node, numbers[n].name))
			return read_number(r, draft, node, (enum number)n);
	}
	if (is(node, "vendor"))
		return read_id(r, node, &draft->dev.vendor, vendor);
	if (is(node, "product"))
		return read_id(r, node, &draft->dev.device, product);
	if (is(node, "iommuGroup"))
		return read_group(r, node, &draft->dev);
	if (has_type(node, "phys_function"))
		return read_physfn(r, node, &draft->dev);
	if (has_type(node, "virt_functions"))
		return read_vfs(r, node, draft);
	return true;
}

static bool read_pci(struct reader *r, struct draft *draft, const xmlNode *pci)
{
	struct capgap_nodedev *dev = &draft->dev;
	bool vendor = false;
	bool product = false;

	for (const xmlNode *node = first_element(pci->children); node;
	     node = first_element(node->next)) {
		if (!read_part(r, draft, node, &vendor, &product))
			return false;
	}
	for (unsigned n = DOMAIN; n <= FUNCTION; n++) {
		if (!draft->has[n])
			return fault(r, pci, "a PCI device without <%s>",
				     numbers[n].name);
	}
	dev->bdf = (struct capgap_bdf){ draft->number[DOMAIN],
					(uint8_t)draft->number[BUS],
					(uint8_t)draft->number[SLOT],
					(uint8_t)draft->number[FUNCTION] };
	if (vendor && product)
		dev->flags |= CAPGAP_NODEDEV_IDS;
	if (draft->has[CLASS]) {
		dev->class_code = draft->number[CLASS];
		dev->flags |= CAPGAP_NODEDEV_CLASS;
	}
	if ((dev->flags & CAPGAP_NODEDEV_VF) && draft->vfs)
		return fault(r, pci, "a device that is both physical and virtual");
	if ((dev->flags & CAPGAP_NODEDEV_VF) && capgap_bdf_equal(&dev->physfn, &dev->bdf))
		return fault(r, pci, "a virtual function that is its own physical one");
	return true;
}

/* <driver><name>vfio-pci</name></driver>; a name that no driver can have says nothing. */
static void read_driver(const xmlNode *node, struct capgap_nodedev *dev)
{
	for (node = first_element(node->children); node;
	     node = first_element(node->next)) {
		const char *text = only_text(node->children);
		size_t len = strlen(text);

		if (!is(node, "name") || !len || len >= sizeof(dev->driver) ||
		    text[strcspn(text, " \t\r\n/")])
			continue;
		memcpy(dev->driver, text, len + 1);
		dev->flags |= CAPGAP_NODEDEV_DRIVER;
		return;
	}
}

/*
 * Take a device over, and the virtual functions that it lists: those also where it is known
 * already, so that it does not matter which description comes first.
 */
static void keep(struct reader *r, const xmlNode *node, const struct draft *draft)
{
	const struct capgap_bdf *pf = &draft->dev.bdf;
	struct capgap_nodedev_at at = at_of(r, node);
	struct capgap_nodedev_clash clash;
	struct capgap_bdf vf;

	if (!added(r, node, pf, capgap_nodedevs_add(r->list, &draft->dev, &at, &clash),
		   &clash) ||
	    !draft->vfs)
		return;
	for (node = first_element(draft->vfs->children); node && !r->no_memory;
	     node = first_element(node->next)) {
		if (!is(node, "address") || !read_address(r, node, &vf))
			continue;
		at = at_of(r, node);
		if (capgap_bdf_equal(&vf, pf))
			fault(r, node, "a physical function in its own list");
		else
			added(r, node, &vf,
			      capgap_nodedevs_add_vf(r->list, pf, &vf, &at, &clash),
			      &clash);
	}
}

static void read_device(struct reader *r, const xmlNode *device)
{
	struct draft draft;
	const xmlNode *pci = NULL;

	memset(&draft, 0, sizeof(draft));
	for (const xmlNode *node = first_element(device->children); node;
	     node = first_element(node->next)) {
		if (is(node, "driver"))
			read_driver(node, &draft.dev);
		else if (has_type(node, "pci") && !pci)
			pci = node;
	}
	if (!pci)
		return;
	r->n_devices++;
	if (read_pci(r, &draft, pci))
		keep(r, device, &draft);
}

static void read_tree(struct reader *r, const xmlNode *root)
{
	const xmlNode *node;

	if (is(root, "device")) {
		read_device(r, root);
	} else {
		for (node = first_element(root->children); node && !r->no_memory;
		     node = first_element(node->next)) {
			if (is(node, "device"))
				read_device(r, node);
		}
	}
	if (!r->n_devices)
		fault(r, root,
		      "expected a <device> with a PCI capability, or several in one "
		      "element, found <" SHOWN ">",
		      SHOW(name_of(root)));
}

int capgap_nodedevs_read(struct capgap_nodedevs *list, const char *text, size_t len,
			 const char *name, const struct capgap_nodedev_trouble *trouble)
{
	struct reader r = { .list = list, .name = name, .trouble = trouble };
	struct capgap_err err;
	xmlDoc *doc = NULL;
	int ret;

	if (len > CAPGAP_NODEDEV_FILE_MAX) {
		snprintf(err.text, sizeof(err.text), "it has more than %u bytes",
			 CAPGAP_NODEDEV_FILE_MAX);
		tell(&r, 0, err.text);
		return -CAPGAP_E_DAMAGED;
	}
	r.file = capgap_nodedevs_file(list, name);
	if (!r.file)
		return -CAPGAP_E_NOMEM;
	ret = capgap_xmltree_parse(text, len, CAPGAP_NODEDEV_DEPTH_MAX, &err, &doc);
	if (ret == -CAPGAP_E_NOMEM)
		return ret;
	if (ret)
		tell(&r, err.line, err.text);
	else
		read_tree(&r, xmlDocGetRootElement(doc));
	xmlFreeDoc(doc);
	if (r.no_memory)
		return -CAPGAP_E_NOMEM;
	return r.n_faults ? -CAPGAP_E_DAMAGED : 0;
}

/* All of an open file, at most one byte more than is allowed; NULL with errno set. */
static char *slurp(FILE *file, size_t *len)
{
	size_t room = 64u << 10;
	char *text = malloc(room);
	char *grown;

	for (*len = 0; text;) {
		*len += fread(text + *len, 1, room - *len, file);
		if (*len < room || room > CAPGAP_NODEDEV_FILE_MAX)
			break;
		room *= 2;
		grown = realloc(text, room);
		if (!grown)
			free(text);
		text = grown;
	}
	if (text && ferror(file)) {
		free(text);
		text = NULL;
	}
	return text;
}

int capgap_nodedevs_load(struct capgap_nodedevs *list, const char *path,
			 const struct capgap_nodedev_trouble *trouble)
{
	struct reader r = { .name = path, .trouble = trouble };
	FILE *file = fopen(path, "re");
	char *text;
	size_t len;
	int ret;

	if (!file && (errno == ENOENT || errno == ENOTDIR))
		return -CAPGAP_E_NOENT;
	text = file ? slurp(file, &len) : NULL;
	if (text) {
		ret = capgap_nodedevs_read(list, text, len, path, trouble);
	} else if (errno == ENOMEM) {
		ret = -CAPGAP_E_NOMEM;
	} else {
		tell(&r, 0, strerror(errno));
		ret = -CAPGAP_E_DAMAGED;
	}
	free(text);
	if (file)
		fclose(file);
	return ret;
}
