/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Vendor, device and class names from pci.ids, through libpci. */
#include "names.h"

#include <pci/pci.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

struct capgap_names {
	struct pci_access *pci;
};

/* libpci's own callbacks print, and the one for errors, which may not return, exits. */
static jmp_buf give_up;

static void quiet(char *msg, ...)
{
	(void)msg;
}

static void __attribute__((noreturn)) jump_out(char *msg, ...)
{
	(void)msg;
	longjmp(give_up, 1);
}

struct capgap_names *capgap_names_new(void)
{
	struct capgap_names *names = malloc(sizeof(*names));

	if (!names)
		return NULL;
	names->pci = pci_alloc();
	names->pci->error = jump_out;
	names->pci->warning = quiet;
	names->pci->debug = quiet;
	return names;
}

void capgap_names_free(struct capgap_names *names)
{
	if (!names)
		return;
	pci_cleanup(names->pci);
	free(names);
}

/* Look both names up; a damaged database leaves them empty. */
static void look_up(struct capgap_names *names, const struct capgap_function *fn,
		    char *class_name, size_t class_len, char *device, size_t device_len)
{
	uint32_t class_code = fn->chain.ctx.class_code;

	if (setjmp(give_up))
		return;
	if (class_code != 0xffffff)
		pci_lookup_name(names->pci, class_name, (int)class_len,
				PCI_LOOKUP_CLASS | PCI_LOOKUP_NO_HWDB,
				(int)(class_code >> 8));
	pci_lookup_name(names->pci, device, (int)device_len,
			PCI_LOOKUP_VENDOR | PCI_LOOKUP_DEVICE | PCI_LOOKUP_NO_HWDB,
			fn->vendor, fn->device);
}

char *capgap_names_function(struct capgap_names *names, const struct capgap_function *fn,
			    char *buf, size_t len)
{
	char class_name[80] = "";
	char device[160] = "";

	if (!len)
		return buf;
	buf[0] = '\0';
	if (!names || fn->id_from == CAPGAP_ID_NONE)
		return buf;
	look_up(names, fn, class_name, sizeof(class_name), device, sizeof(device));
	snprintf(buf, len, "%s%s%s", class_name, class_name[0] ? ": " : "", device);
	return buf;
}

/* As look_up(), for ids alone. */
static void look_up_device(struct capgap_names *names, unsigned vendor, unsigned device,
			   char *buf, size_t len)
{
	if (setjmp(give_up))
		return;
	pci_lookup_name(names->pci, buf, (int)len,
			PCI_LOOKUP_VENDOR | PCI_LOOKUP_DEVICE | PCI_LOOKUP_NO_HWDB,
			vendor, device);
}

char *capgap_names_device(struct capgap_names *names, unsigned vendor, unsigned device,
			  char *buf, size_t len)
{
	if (!len)
		return buf;
	buf[0] = '\0';
	if (names)
		look_up_device(names, vendor, device, buf, len);
	return buf;
}
