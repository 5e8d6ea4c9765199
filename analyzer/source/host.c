/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The functions of the running machine, read through libpci. */
#include "host.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pci/pci.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "host_list.h"
#include "sysfs.h"

/* What a kernel gives without privilege: of a header of type 2 more than of others. */
#define SHORT_READ CAPGAP_HEADER_END
#define SHORT_READ_CARDBUS 0x80u

/* Header type, bits 6:0 of byte 0x0e; 2 is a CardBus bridge. */
#define TYPE_OFF 0x0eu
#define TYPE_MASK 0x7fu
#define TYPE_CARDBUS 2u

/**
 * struct fault - what libpci has said
 * @is: it said something
 * @text: what
 *
 * Its callbacks get no argument of ours.
 */
struct fault {
	bool is;
	char text[sizeof(((struct capgap_err *)NULL)->text)];
};

static _Thread_local struct fault fault;
static _Thread_local jmp_buf give_up;

/**
 * struct reading - one reading of a machine
 * @list: its functions
 * @pci: libpci's
 * @dev: the function that is read
 * @short_told: it was said that bytes are withheld
 * @rec: what is handed on
 */
struct reading {
	struct capgap_host_list list;
	struct pci_access *pci;
	struct pci_dev *dev;
	bool short_told;
	struct capgap_record rec;
};

static void __attribute__((format(printf, 1, 0))) note_fault(const char *fmt, va_list ap)
{
	fault.is = true;
	vsnprintf(fault.text, sizeof(fault.text), fmt, ap);
}

/* libpci asks for a callback that does not return, and its own ends the program. */
static void __attribute__((noreturn, format(printf, 1, 2))) on_error(char *msg, ...)
{
	va_list ap;

	va_start(ap, msg);
	note_fault(msg, ap);
	va_end(ap);
	longjmp(give_up, 1);
}

/* A read that fails is told by a warning, and then by its result. */
static void __attribute__((format(printf, 1, 2))) on_warning(char *msg, ...)
{
	int code = errno;
	va_list ap;

	va_start(ap, msg);
	note_fault(msg, ap);
	va_end(ap);
	if (code)
		snprintf(fault.text, sizeof(fault.text), "%s", strerror(code));
}

static void __attribute__((format(printf, 1, 2))) on_debug(char *msg, ...)
{
	(void)msg;
}

/* Make libpci ready; on failure @fault says why. */
static bool open_access(struct reading *r, char *path)
{
	char name[] = "sysfs.path";

	fault.is = false;
	if (setjmp(give_up))
		return false;
	r->pci = pci_alloc();
	r->pci->method = PCI_ACCESS_SYS_BUS_PCI;
	r->pci->error = on_error;
	r->pci->warning = on_warning;
	r->pci->debug = on_debug;
	if (pci_set_param(r->pci, name, path)) {
		fault.is = true;
		snprintf(fault.text, sizeof(fault.text), "libpci has no parameter %s",
			 name);
		return false;
	}
	pci_init(r->pci);
	return true;
}

/* A function of its own, so that one whose files are odd does not end the list. */
static bool open_dev(struct reading *r, const struct capgap_bdf *bdf)
{
	fault.is = false;
	r->dev = NULL;
	if (bdf->domain > INT_MAX) {
		fault.is = true;
		snprintf(fault.text, sizeof(fault.text), "libpci has no such domain");
		return false;
	}
	if (setjmp(give_up))
		return false;
	r->dev = pci_get_dev(r->pci, (int)bdf->domain, bdf->bus, bdf->dev, bdf->fn);
	return true;
}

/* All of these bytes, or false: and @fault when it was no short answer. */
static bool read_bytes(struct reading *r, uint8_t *bytes, unsigned off, unsigned len)
{
	fault.is = false;
	errno = 0;
	if (setjmp(give_up))
		return false;
	return pci_read_block(r->dev, (int)off, bytes + off, (int)len) != 0;
}

/*
 * The bytes from @off to @end at once. Where the kernel gives fewer, libpci does not say
 * how many: then in rows, and the last of them in dwords. Returns where it ended.
 */
static unsigned read_rest(struct reading *r, uint8_t *bytes, unsigned off, unsigned end)
{
	static const unsigned steps[] = { 16, 4 };

	if (end <= off || read_bytes(r, bytes, off, end - off))
		return end;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		while (!fault.is && end - off >= steps[i] &&
		       read_bytes(r, bytes, off, steps[i]))
			off += steps[i];
	}
	return off;
}

static void tell(struct reading *r, const char *text)
{
	capgap_host_tell(&r->list, &r->rec.meta.bdf, CAPGAP_E_IO, text);
}

/* The kernel has given less than the file has: once, say what that may come from. */
static void tell_short(struct reading *r, const uint8_t *bytes, unsigned got)
{
	bool cardbus = (bytes[TYPE_OFF] & TYPE_MASK) == TYPE_CARDBUS;

	if (r->short_told || got != (cardbus ? SHORT_READ_CARDBUS : SHORT_READ))
		return;
	r->short_told = true;
	capgap_host_tell(&r->list, NULL, CAPGAP_E_IO,
			 "without privilege the kernel gives 64 bytes a function: run as "
			 "root or with CAP_SYS_ADMIN, or give what lspci -xxxx prints "
			 "as root");
}

/* The size of the file config; 0 and trouble when there is none. */
static unsigned config_size(struct reading *r)
{
	char path[PATH_MAX];
	char bdf[CAPGAP_BDF_TEXT];
	unsigned size;
	int n = snprintf(path, sizeof(path), "%s/bus/pci/devices/%s/config",
			 capgap_host_root(r->list.host),
			 capgap_bdf_format(&r->rec.meta.bdf, bdf));

	if (n < 0 || (size_t)n >= sizeof(path)) {
		tell(r, strerror(ENAMETOOLONG));
		return 0;
	}
	size = capgap_sysfs_size(AT_FDCWD, path);
	if (!size)
		tell(r, "its file config is empty, or is not there");
	return size;
}

/* Read the open function; false, and trouble, when that fails. */
static bool read_open(struct reading *r, unsigned size)
{
	const struct capgap_sink *sink = r->list.sink;
	uint8_t bytes[CAPGAP_SPACE_MAX];
	unsigned first = size < CAPGAP_HEADER_END ? size : CAPGAP_HEADER_END;
	unsigned limit;
	unsigned got;

	if (!read_bytes(r, bytes, 0, first)) {
		tell(r, fault.is ? fault.text : "it gives no bytes");
		return false;
	}
	capgap_image_put(&r->rec.image, 0, bytes, first);
	limit = sink->limit(sink->ctx, &r->rec);
	limit = limit < size ? limit : size;
	got = read_rest(r, bytes, first, limit);
	if (fault.is) {
		tell(r, fault.text);
		return false;
	}
	if (got > first)
		capgap_image_put(&r->rec.image, first, bytes + first, got - first);
	if (got < limit)
		tell_short(r, bytes, got);
	else if (limit < size)
		capgap_image_drop(&r->rec.image, limit, size - limit);
	return true;
}

/* Fill the record of one function; false, and trouble, when it has none. */
static bool read_function(struct reading *r, const struct capgap_host_entry *entry)
{
	unsigned size;
	bool ok;

	capgap_image_init(&r->rec.image);
	r->rec.meta = entry->meta;
	if (entry->meta.flags & CAPGAP_META_ASLEEP)
		return true;
	size = config_size(r);
	if (!size)
		return false;
	ok = open_dev(r, &entry->meta.bdf);
	if (!ok)
		tell(r, fault.text);
	ok = ok && read_open(r, size);
	if (r->dev)
		pci_free_dev(r->dev);
	r->dev = NULL;
	return ok;
}

static int read_all(struct reading *r)
{
	const struct capgap_sink *sink = r->list.sink;
	int rc = 0;

	if (sink->input)
		rc = sink->input(sink->ctx, capgap_host_root(r->list.host));
	for (size_t i = 0; !rc && i < r->list.n; i++) {
		const struct capgap_host_entry *entry = &r->list.entry[i];

		if (entry->read && read_function(r, entry))
			rc = sink->record(sink->ctx, &r->rec);
	}
	return rc;
}

/* Read the chosen functions with libpci. */
static int read_chosen(struct reading *r)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof(path), "%s/bus/pci",
			 capgap_host_root(r->list.host));
	int rc = 0;

	if (n > 0 && (size_t)n < sizeof(path) && open_access(r, path))
		rc = read_all(r);
	else
		capgap_host_tell(&r->list, NULL, CAPGAP_E_IO,
				 fault.is ? fault.text : NULL);
	if (r->pci)
		pci_cleanup(r->pci);
	return rc;
}

int capgap_host_read(const struct capgap_host *host, const struct capgap_sink *sink)
{
	struct reading r = { .list = { .host = host, .sink = sink } };
	int rc = capgap_host_list_fill(&r.list);

	if (!rc && !r.list.n && !r.list.troubled)
		capgap_host_tell(&r.list, NULL, CAPGAP_E_EMPTY,
				 "this machine has no PCI functions");
	capgap_host_list_choose(&r.list);
	if (!rc && r.list.n)
		rc = read_chosen(&r);
	capgap_host_list_release(&r.list);
	if (rc || !r.list.troubled)
		return rc;
	return -CAPGAP_E_DAMAGED;
}
