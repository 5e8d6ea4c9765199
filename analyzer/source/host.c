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
#include <sys/stat.h>
#include <unistd.h>

#include "device.h"
#include "host_list.h"
#include "sysfs.h"

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
 * struct block - bytes that libpci is asked for
 * @to: where they go
 * @off: first byte
 * @len: how many
 */
struct block {
	uint8_t *to;
	unsigned off;
	unsigned len;
};

/**
 * struct reading - one reading of a machine
 * @list: its functions
 * @path: where libpci finds them
 * @pci: libpci's
 * @dev: the function that is read
 * @block: what is read of it
 * @ok: the call of libpci has done what it was asked for
 * @withheld_told: it was said that bytes are withheld
 * @rec: what is handed on
 */
struct reading {
	struct capgap_host_list list;
	char path[PATH_MAX];
	struct pci_access *pci;
	struct pci_dev *dev;
	struct block block;
	bool ok;
	bool withheld_told;
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

/*
 * Call libpci: its error callback jumps back to here, and nowhere else. False when the call
 * did not do what it was asked for; then @fault says why, if that is known.
 */
static bool contain(void (*call)(struct reading *r), struct reading *r)
{
	fault.is = false;
	errno = 0;
	r->ok = false;
	if (setjmp(give_up))
		return false;
	call(r);
	return r->ok;
}

static void open_access(struct reading *r)
{
	char name[] = "sysfs.path";

	r->pci = pci_alloc();
	r->pci->method = PCI_ACCESS_SYS_BUS_PCI;
	r->pci->error = on_error;
	r->pci->warning = on_warning;
	r->pci->debug = on_debug;
	if (pci_set_param(r->pci, name, r->path)) {
		fault.is = true;
		snprintf(fault.text, sizeof(fault.text), "libpci has no parameter %s",
			 name);
		return;
	}
	pci_init(r->pci);
	r->ok = true;
}

static void close_access(struct reading *r)
{
	struct pci_access *pci = r->pci;

	r->pci = NULL;
	pci_cleanup(pci);
	r->ok = true;
}

/* A function of its own, so that one whose files are odd does not end the list. */
static void open_dev(struct reading *r)
{
	const struct capgap_bdf *bdf = &r->rec.meta.bdf;

	if (bdf->domain > INT_MAX) {
		fault.is = true;
		snprintf(fault.text, sizeof(fault.text), "libpci has no such domain");
		return;
	}
	r->dev = pci_get_dev(r->pci, (int)bdf->domain, bdf->bus, bdf->dev, bdf->fn);
	r->ok = true;
}

static void close_dev(struct reading *r)
{
	struct pci_dev *dev = r->dev;

	r->dev = NULL;
	pci_free_dev(dev);
	r->ok = true;
}

/* All of these bytes, or not: and @fault when it was no short answer. */
static void read_block(struct reading *r)
{
	const struct block *block = &r->block;

	r->ok = pci_read_block(r->dev, (int)block->off, block->to, (int)block->len) != 0;
}

static bool read_bytes(struct reading *r, uint8_t *bytes, unsigned off, unsigned len)
{
	r->block = (struct block){ bytes + off, off, len };
	return contain(read_block, r);
}

/*
 * The bytes from @off to @end at once. Where the kernel gives fewer, libpci does not say
 * how many: then in rows, and the last of them in dwords.
 */
static int read_part(void *ctx, uint8_t *bytes, unsigned off, unsigned end,
		     struct capgap_err *err)
{
	static const unsigned steps[] = { 16, 4 };
	struct reading *r = ctx;

	if (read_bytes(r, bytes, off, end - off))
		return (int)end;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		while (!fault.is && end - off >= steps[i] &&
		       read_bytes(r, bytes, off, steps[i]))
			off += steps[i];
	}
	return fault.is ? capgap_err_set(err, CAPGAP_E_IO, 0, "%s", fault.text) :
			  (int)off;
}

static void tell(struct reading *r, const char *text)
{
	capgap_host_tell(&r->list, &r->rec.meta.bdf, CAPGAP_E_IO, text);
}

/* Read the function with libpci; false, and trouble, when that fails. */
static bool read_config(struct reading *r, unsigned size)
{
	struct capgap_device dev = { .size = size, .read = read_part, .ctx = r };
	struct capgap_err err;
	int rc = 0;

	if (!contain(open_dev, r)) {
		tell(r, fault.text);
		return false;
	}
	rc = capgap_device_read(&dev, r->list.sink, &r->rec, &err);
	if (rc)
		tell(r, err.text);
	if (!contain(close_dev, r))
		tell(r, fault.text);
	return !rc;
}

/* The directory of the function, or -1 and trouble. */
static int open_function(struct reading *r)
{
	char path[PATH_MAX];
	char bdf[CAPGAP_BDF_TEXT];
	int dir = -1;
	int n = snprintf(path, sizeof(path), "%s/devices/%s", r->path,
			 capgap_bdf_format(&r->rec.meta.bdf, bdf));

	errno = ENAMETOOLONG;
	if (n > 0 && (size_t)n < sizeof(path))
		dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		tell(r, strerror(errno));
	return dir;
}

/*
 * Fill the record of one function; false, and trouble, when it has none. One that slept
 * when the list was made is left asleep, though another that was read may have stirred it;
 * one that has gone to sleep since, too.
 */
static bool read_function(struct reading *r, const struct capgap_host_entry *entry)
{
	unsigned size;
	int dir;

	capgap_image_init(&r->rec.image);
	r->rec.meta = entry->meta;
	if (entry->meta.flags & CAPGAP_META_ASLEEP)
		return true;
	dir = open_function(r);
	if (dir < 0)
		return false;
	size = capgap_sysfs_size(dir, "config");
	if (!r->list.host->wake && capgap_sysfs_is_asleep(dir))
		r->rec.meta.flags |= CAPGAP_META_ASLEEP;
	close(dir);
	return (r->rec.meta.flags & CAPGAP_META_ASLEEP) || read_config(r, size);
}

/* Hand the function on; what the kernel has withheld is said once. */
static int hand_on(struct reading *r)
{
	const struct capgap_sink *sink = r->list.sink;

	if ((r->rec.meta.flags & CAPGAP_META_WITHHELD) && !r->withheld_told) {
		r->withheld_told = true;
		capgap_host_tell(&r->list, NULL, CAPGAP_E_IO, capgap_device_withheld());
	}
	return sink->record(sink->ctx, &r->rec);
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
			rc = hand_on(r);
	}
	return rc;
}

/* Read the chosen functions with libpci. */
static int read_chosen(struct reading *r)
{
	int n = snprintf(r->path, sizeof(r->path), "%s/bus/pci",
			 capgap_host_root(r->list.host));
	int rc = 0;

	if (n < 0 || (size_t)n >= sizeof(r->path))
		capgap_host_tell(&r->list, NULL, CAPGAP_E_IO, strerror(ENAMETOOLONG));
	else if (contain(open_access, r))
		rc = read_all(r);
	else
		capgap_host_tell(&r->list, NULL, CAPGAP_E_IO,
				 fault.is ? fault.text : NULL);
	if (r->pci && !contain(close_access, r))
		capgap_host_tell(&r->list, NULL, CAPGAP_E_IO, fault.text);
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
