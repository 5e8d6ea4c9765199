/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The live host: which functions are read, how far, and what happens where that fails. */
#include <check.h>
#include <dlfcn.h>
#include <errno.h>
#include <ftw.h>
#include <pci/pci.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../analyzer/source/host.h"
#include "../analyzer/source/sysfs.h"
#include "../analyzer/stream.h"
#include "suites.h"
#include "support.h"

#define ENTRIES 16
#define LOG_MAX 2048u

/* Functions of the tree: directories, and the links to them. */
#define BUS "t/bus/pci/devices/"
#define ROOT "t/devices/pci0000:00/"

/**
 * struct entry - a file, link or named pipe of the tree
 * @path: its path; NULL ends the list
 * @text: contents of a file
 * @link: where a link leads
 * @size: bytes of a configuration space, for a file without text
 */
struct entry {
	const char *path;
	const char *text;
	const char *link;
	unsigned size;
};

#define CONFIG(path, size)                                                               \
	{                                                                                \
		path, NULL, NULL, size                                                   \
	}
#define TEXT(path, text)                                                                 \
	{                                                                                \
		path, text, NULL, 0                                                      \
	}
#define LINK(path, to)                                                                   \
	{                                                                                \
		path, NULL, to, 0                                                        \
	}
#define PIPE(path)                                                                       \
	{                                                                                \
		path, NULL, NULL, 0                                                      \
	}

/**
 * enum mood - how libpci reads configuration space
 * @PLAIN: as it does
 * @SHORT: the kernel gives nothing from some byte on, and libpci says no more
 * @GONE: from some byte on the device is gone, which libpci warns of
 * @FATAL: libpci calls its error callback, which may not return
 */
enum mood { PLAIN, SHORT, GONE, FATAL };

/* What pci_read_block() does, and what it was asked. */
static struct {
	enum mood mood;
	const char *bdf; /* whom the mood is about; NULL: all */
	unsigned at;
	char log[LOG_MAX];
} pci;

/* Add to a list of things, a blank between them. */
static void __attribute__((format(printf, 2, 3))) note(char *log, const char *fmt, ...)
{
	size_t used = strlen(log);
	va_list ap;

	if (used && used + 2 < LOG_MAX)
		log[used++] = ' ';
	va_start(ap, fmt);
	vsnprintf(log + used, LOG_MAX - used, fmt, ap);
	va_end(ap);
}

static struct capgap_bdf bdf_of(const struct pci_dev *dev)
{
	return (struct capgap_bdf){ (uint32_t)dev->domain, dev->bus, dev->dev,
				    dev->func };
}

/* In the place of libpci's, which it calls. */
int pci_read_block(struct pci_dev *dev, int pos, u8 *buf, int len)
{
	int (*real)(struct pci_dev *, int, u8 *, int);
	void (*warning)(char *, ...) = dev->access->warning;
	void (*error)(char *, ...) = dev->access->error;
	struct capgap_bdf bdf = bdf_of(dev);
	char format[] = "out of %s";
	char name[CAPGAP_BDF_TEXT];
	bool concerned;

	capgap_bdf_format(&bdf, name);
	note(pci.log, "%s:%x+%x", strchr(name, ':') + 1, (unsigned)pos, (unsigned)len);
	concerned = !pci.bdf || !strcmp(name, pci.bdf);
	if (concerned && pci.mood == SHORT && (unsigned)(pos + len) > pci.at)
		return 0;
	if (concerned && pci.mood == GONE && (unsigned)(pos + len) > pci.at) {
		errno = ENODEV;
		warning(format, "sight");
		return 0;
	}
	if (concerned && pci.mood == FATAL && (unsigned)(pos + len) > pci.at)
		error(format, "luck");
	*(void **)&real = dlsym(RTLD_NEXT, "pci_read_block");
	ck_assert_ptr_nonnull(real);
	return real(dev, pos, buf, len);
}

/* What the sink was given. */
static struct {
	unsigned limit;
	char records[LOG_MAX];
	char trouble[LOG_MAX];
	unsigned inputs;
	struct capgap_meta last;
} seen;

static int on_input(void *ctx, const char *name)
{
	(void)ctx;
	ck_assert_str_eq(name, "t");
	seen.inputs++;
	return 0;
}

/* "02.0=4096", "02.0=4096/600" where bytes from 0x600 on are absent, "02.0=asleep". */
static int on_record(void *ctx, const struct capgap_record *rec)
{
	char bdf[CAPGAP_BDF_TEXT];
	struct capgap_range hole;
	size_t used;

	(void)ctx;
	ck_assert_uint_eq(seen.inputs, 1);
	ck_assert_uint_eq(rec->n_damage, 0);
	capgap_bdf_format(&rec->meta.bdf, bdf);
	seen.last = rec->meta;
	if (rec->meta.flags & CAPGAP_META_ASLEEP) {
		ck_assert_uint_eq(rec->image.size, 0);
		note(seen.records, "%s=asleep", bdf);
		return 0;
	}
	note(seen.records, "%s=%u", bdf, rec->image.size);
	used = strlen(seen.records);
	if (capgap_image_absent(&rec->image, 0, &hole))
		snprintf(seen.records + used, LOG_MAX - used, "/%x", hole.off);
	for (unsigned off = 0x40; capgap_image_has(&rec->image, off, 1); off++)
		ck_assert_uint_eq(rec->image.data[off], off % 251);
	return 0;
}

static void on_trouble(void *ctx, const char *name, const struct capgap_err *err)
{
	(void)ctx;
	ck_assert_int_gt(err->code, 0);
	ck_assert_int_eq(strncmp(name, "t", 1), 0);
	note(seen.trouble, "%s: %s;", strlen(name) > 5 ? name + strlen(name) - 4 : name,
	     err->text);
}

static unsigned on_limit(void *ctx, const struct capgap_record *rec)
{
	(void)ctx;
	ck_assert(capgap_image_is_whole(&rec->image));
	ck_assert_uint_le(rec->image.size, 64);
	ck_assert(rec->meta.flags & CAPGAP_META_BDF);
	return seen.limit;
}

static const struct capgap_sink sink = { on_input, on_record, on_trouble,
					 NULL,	   on_limit,  NULL };

/**
 * struct row - a tree, how it is read, and what comes of that
 * @name: for messages
 * @entry: what is in the tree
 * @mood: what libpci does
 * @bdf: for whom; NULL for all
 * @at: from which byte on
 * @limit: first byte not to be read; 0 for none
 * @wake: wake functions
 * @want: the only address that is asked for; NULL for all
 * @reads: what was asked of libpci: "02.0:0+40 02.0:40+fc0", bus and offset in hex
 * @records: what was given
 * @trouble: what was wrong
 */
struct row {
	const char *name;
	struct entry entry[ENTRIES];
	enum mood mood;
	const char *bdf;
	unsigned at;
	unsigned limit;
	bool wake;
	const char *want;
	const char *reads;
	const char *records;
	const char *trouble;
};

#define ONE BUS "0000:00:02.0/"
#define TWO BUS "0000:00:03.0/"
#define BOTH CONFIG(ONE "config", 256), CONFIG(TWO "config", 256)
#define BOTH_READ "00:02.0:0+40 00:02.0:40+c0 00:03.0:0+40 00:03.0:40+c0"
#define TWO_READ "00:03.0:0+40 00:03.0:40+c0"

static const struct row reading[] = {
	{ .name = "4096 bytes",
	  .entry = { CONFIG(ONE "config", 4096) },
	  .reads = "00:02.0:0+40 00:02.0:40+fc0",
	  .records = "0000:00:02.0=4096" },
	{ .name = "256 bytes",
	  .entry = { CONFIG(ONE "config", 256) },
	  .reads = "00:02.0:0+40 00:02.0:40+c0",
	  .records = "0000:00:02.0=256" },
	{ .name = "64 bytes",
	  .entry = { CONFIG(ONE "config", 64) },
	  .reads = "00:02.0:0+40",
	  .records = "0000:00:02.0=64" },
	{ .name = "fewer",
	  .entry = { CONFIG(ONE "config", 20) },
	  .reads = "00:02.0:0+14",
	  .records = "0000:00:02.0=20" },
	{ .name = "more than there can be",
	  .entry = { CONFIG(ONE "config", 5000) },
	  .reads = "00:02.0:0+40 00:02.0:40+fc0",
	  .records = "0000:00:02.0=4096" },
	{ .name = "in the order of addresses, with domains",
	  .entry = { CONFIG(BUS "10000:00:01.0/config", 64),
		     CONFIG(BUS "0000:ff:1f.7/config", 64),
		     CONFIG(BUS "0001:00:00.0/config", 64),
		     CONFIG(BUS "0000:00:00.1/config", 64) },
	  .reads = "00:00.1:0+40 ff:1f.7:0+40 00:00.0:0+40 00:01.0:0+40",
	  .records = "0000:00:00.1=64 0000:ff:1f.7=64 0001:00:00.0=64 "
		     "10000:00:01.0=64" },
	{ .name = "a limit in the middle",
	  .entry = { CONFIG(ONE "config", 4096) },
	  .limit = 0x600,
	  .reads = "00:02.0:0+40 00:02.0:40+5c0",
	  .records = "0000:00:02.0=4096/600" },
	{ .name = "a limit inside a row",
	  .entry = { CONFIG(ONE "config", 256) },
	  .limit = 0xa4,
	  .reads = "00:02.0:0+40 00:02.0:40+64",
	  .records = "0000:00:02.0=256/a4" },
	{ .name = "a limit behind the header",
	  .entry = { CONFIG(ONE "config", 4096) },
	  .limit = 0x40,
	  .reads = "00:02.0:0+40",
	  .records = "0000:00:02.0=4096/40" },
	{ .name = "a limit behind the end",
	  .entry = { CONFIG(ONE "config", 256) },
	  .limit = 0x600,
	  .reads = "00:02.0:0+40 00:02.0:40+c0",
	  .records = "0000:00:02.0=256" },
	{ .name = "no privilege is told once",
	  .entry = { BOTH },
	  .mood = SHORT,
	  .at = 0x40,
	  .reads = "00:02.0:0+40 00:02.0:40+c0 00:02.0:40+10 00:02.0:40+4 "
		   "00:03.0:0+40 00:03.0:40+c0 00:03.0:40+10 00:03.0:40+4",
	  .records = "0000:00:02.0=64 0000:00:03.0=64",
	  .trouble = "t: without privilege the kernel gives 64 bytes a function: run as "
		     "root or with CAP_SYS_ADMIN, or give what lspci -xxxx prints as "
		     "root;" },
	{ .name = "a kernel that clips the space is no lack of privilege",
	  .entry = { CONFIG(ONE "config", 256) },
	  .mood = SHORT,
	  .at = 0x78,
	  .reads = "00:02.0:0+40 00:02.0:40+c0 00:02.0:40+10 00:02.0:50+10 "
		   "00:02.0:60+10 00:02.0:70+10 00:02.0:70+4 00:02.0:74+4 00:02.0:78+4",
	  .records = "0000:00:02.0=120" },
	{ .name = "gone at once",
	  .entry = { BOTH },
	  .mood = GONE,
	  .bdf = "0000:00:02.0",
	  .reads = "00:02.0:0+40 " TWO_READ,
	  .records = "0000:00:03.0=256",
	  .trouble = "02.0: No such device;" },
	{ .name = "gone in the middle",
	  .entry = { BOTH },
	  .mood = GONE,
	  .bdf = "0000:00:02.0",
	  .at = 0x80,
	  .reads = "00:02.0:0+40 00:02.0:40+c0 " TWO_READ,
	  .records = "0000:00:03.0=256",
	  .trouble = "02.0: No such device;" },
	{ .name = "libpci's error does not end the list",
	  .entry = { BOTH },
	  .mood = FATAL,
	  .bdf = "0000:00:02.0",
	  .reads = "00:02.0:0+40 " TWO_READ,
	  .records = "0000:00:03.0=256",
	  .trouble = "02.0: out of luck;" },
	{ .name = "nor does one in the middle",
	  .entry = { BOTH },
	  .mood = FATAL,
	  .bdf = "0000:00:02.0",
	  .at = 0x40,
	  .reads = "00:02.0:0+40 00:02.0:40+c0 " TWO_READ,
	  .records = "0000:00:03.0=256",
	  .trouble = "02.0: out of luck;" },
	{ .name = "a function without config",
	  .entry = { TEXT(ONE "vendor", "0x8086\n"), CONFIG(TWO "config", 256) },
	  .reads = TWO_READ,
	  .records = "0000:00:03.0=256",
	  .trouble = "02.0: its file config is empty, or is not there;" },
	{ .name = "a config that is empty",
	  .entry = { TEXT(ONE "config", ""), CONFIG(TWO "config", 256) },
	  .reads = TWO_READ,
	  .records = "0000:00:03.0=256",
	  .trouble = "02.0: its file config is empty, or is not there;" },
	{ .name = "a config that would hang",
	  .entry = { PIPE(ONE "config"), CONFIG(TWO "config", 256) },
	  .reads = TWO_READ,
	  .records = "0000:00:03.0=256",
	  .trouble = "02.0: its file config is empty, or is not there;" },
	{ .name = "a link that leads nowhere",
	  .entry = { LINK(BUS "0000:00:02.0", "../gone"), CONFIG(TWO "config", 256) },
	  .reads = TWO_READ,
	  .records = "0000:00:03.0=256",
	  .trouble = "02.0: No such file or directory;" },
	{ .name = "names that are no address",
	  .entry = { CONFIG(BUS "lost+found/config", 256), TEXT(BUS ".x", ""), BOTH },
	  .reads = BOTH_READ,
	  .records = "0000:00:02.0=256 0000:00:03.0=256",
	  .trouble = "t: 'lost+found' is no address of a function;" },
	{ .name = "a domain that libpci cannot have",
	  .entry = { CONFIG(BUS "80000000:00:02.0/config", 256),
		     CONFIG(TWO "config", 256) },
	  .reads = TWO_READ,
	  .records = "0000:00:03.0=256",
	  .trouble = "02.0: libpci has no such domain;" },
	{ .name = "no functions",
	  .entry = { TEXT(BUS ".x", "") },
	  .reads = "",
	  .records = "",
	  .trouble = "t: this machine has no PCI functions;" },
	{ .name = "no bus",
	  .entry = { TEXT("t/x", "") },
	  .reads = "",
	  .records = "",
	  .trouble = "t: no bus/pci/devices in it: No such file or directory;" },
};

#define STATE(text) TEXT(ONE "power_state", text)

static const struct row sleeping[] = {
	{ .name = "D3cold is left asleep",
	  .entry = { BOTH, STATE("D3cold\n") },
	  .reads = TWO_READ,
	  .records = "0000:00:02.0=asleep 0000:00:03.0=256" },
	{ .name = "D3cold is woken",
	  .entry = { BOTH, STATE("D3cold\n") },
	  .wake = true,
	  .reads = BOTH_READ,
	  .records = "0000:00:02.0=256 0000:00:03.0=256" },
	{ .name = "D3hot answers as it is",
	  .entry = { BOTH, STATE("D3hot\n"),
		     TEXT(ONE "power/runtime_status", "suspended\n"),
		     TEXT(ONE "d3cold_allowed", "1\n") },
	  .reads = BOTH_READ,
	  .records = "0000:00:02.0=256 0000:00:03.0=256" },
	{ .name = "a state that is not known",
	  .entry = { BOTH, STATE("unknown\n") },
	  .reads = BOTH_READ,
	  .records = "0000:00:02.0=256 0000:00:03.0=256" },
	{ .name = "an older kernel: it may be in D3cold",
	  .entry = { BOTH, TEXT(ONE "power/runtime_status", "suspended\n"),
		     TEXT(ONE "d3cold_allowed", "1\n") },
	  .reads = TWO_READ,
	  .records = "0000:00:02.0=asleep 0000:00:03.0=256" },
	{ .name = "an older kernel: it may not",
	  .entry = { BOTH, TEXT(ONE "power/runtime_status", "suspended\n"),
		     TEXT(ONE "d3cold_allowed", "0\n") },
	  .reads = BOTH_READ,
	  .records = "0000:00:02.0=256 0000:00:03.0=256" },
	{ .name = "an older kernel: it is awake",
	  .entry = { BOTH, TEXT(ONE "power/runtime_status", "active\n"),
		     TEXT(ONE "d3cold_allowed", "1\n") },
	  .reads = BOTH_READ,
	  .records = "0000:00:02.0=256 0000:00:03.0=256" },
};

/* Two bridges with a function each, the first one's with a virtual one. */
#define PORT_A ROOT "0000:00:01.0/"
#define PORT_B ROOT "0000:00:02.0/"
#define FN_A PORT_A "0000:01:00.0/"
#define VF_A PORT_A "0000:01:00.1/"
#define FN_B PORT_B "0000:02:00.0/"
#define AT(bdf, path) LINK(BUS bdf, "../../../" path bdf)
#define IN_A "devices/pci0000:00/0000:00:01.0/"
#define IN_B "devices/pci0000:00/0000:00:02.0/"
#define MACHINE                                                                          \
	CONFIG(PORT_A "config", 64), TEXT(PORT_A "class", "0x060400\n"),                 \
		CONFIG(PORT_B "config", 64), TEXT(PORT_B "class", "0x060400\n"),         \
		CONFIG(FN_A "config", 64), TEXT(FN_A "class", "0x020000\n"),             \
		CONFIG(VF_A "config", 64), TEXT(VF_A "class", "0x020000\n"),             \
		LINK(VF_A "physfn", "../0000:01:00.0"), CONFIG(FN_B "config", 64),       \
		TEXT(FN_B "class", "0x020000\n"),                                        \
		AT("0000:00:01.0", "devices/pci0000:00/"),                               \
		AT("0000:00:02.0", "devices/pci0000:00/"), AT("0000:01:00.0", IN_A),     \
		AT("0000:01:00.1", IN_A), AT("0000:02:00.0", IN_B)

#define BARE(bdf, class) CONFIG(BUS bdf "/config", 64), TEXT(BUS bdf "/class", class)

static const struct row choosing[] = {
	{ .name = "a function and the bridge above it",
	  .entry = { MACHINE },
	  .want = "0000:02:00.0",
	  .reads = "00:02.0:0+40 02:00.0:0+40",
	  .records = "0000:00:02.0=64 0000:02:00.0=64" },
	{ .name = "a virtual function, its physical one and the bridge",
	  .entry = { MACHINE },
	  .want = "0000:01:00.1",
	  .reads = "00:01.0:0+40 01:00.0:0+40 01:00.1:0+40",
	  .records = "0000:00:01.0=64 0000:01:00.0=64 0000:01:00.1=64" },
	{ .name = "a bridge alone",
	  .entry = { MACHINE },
	  .want = "0000:00:01.0",
	  .reads = "00:01.0:0+40",
	  .records = "0000:00:01.0=64" },
	{ .name = "nothing",
	  .entry = { MACHINE },
	  .want = "0000:07:00.0",
	  .reads = "",
	  .records = "" },
	{ .name = "where the tree tells no bridges, those of the domain",
	  .entry = { BARE("0000:00:01.0", "0x060400\n"),
		     BARE("0000:00:02.0", "0x010802\n"),
		     BARE("0000:01:00.0", "0x020000\n"),
		     BARE("0001:00:01.0", "0x060400\n") },
	  .want = "0000:01:00.0",
	  .reads = "00:01.0:0+40 01:00.0:0+40",
	  .records = "0000:00:01.0=64 0000:01:00.0=64" },
};

static char top[] = "/tmp/capgap-host-XXXXXX";

/* Make the directories above a path. */
static void make_parents(char *path)
{
	for (char *p = strchr(path, '/'); p; p = strchr(p + 1, '/')) {
		*p = '\0';
		(void)mkdir(path, 0777);
		*p = '/';
	}
}

/* A configuration space in which each byte behind the header tells its place. */
static void make_config(const char *path, unsigned size)
{
	static const struct support_image how = { .base = BASE_ENDPOINT };
	struct capgap_record rec;
	uint8_t bytes[8192];
	FILE *file = fopen(path, "wb");

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_le(size, sizeof(bytes));
	support_record(&rec, &how);
	for (unsigned i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i < 64 ? rec.image.data[i] : i % 251);
	ck_assert_uint_eq(fwrite(bytes, 1, size, file), size);
	ck_assert_int_eq(fclose(file), 0);
}

static void make(const struct entry *entry)
{
	char *path = strdup(entry->path);
	FILE *file;

	ck_assert_ptr_nonnull(path);
	make_parents(path);
	if (entry->link) {
		ck_assert_int_eq(symlink(entry->link, path), 0);
	} else if (entry->size) {
		make_config(path, entry->size);
	} else if (entry->text) {
		file = fopen(path, "w");
		ck_assert_ptr_nonnull(file);
		ck_assert_int_ge(fputs(entry->text, file), 0);
		ck_assert_int_eq(fclose(file), 0);
	} else {
		ck_assert_int_eq(mkfifo(path, 0600), 0);
	}
	free(path);
}

static int forget(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

static void start(void)
{
	ck_assert_ptr_nonnull(mkdtemp(top));
	ck_assert_int_eq(chdir(top), 0);
}

static void stop(void)
{
	ck_assert_int_eq(chdir("/"), 0);
	ck_assert_int_eq(nftw(top, forget, 8, FTW_DEPTH | FTW_PHYS), 0);
}

static bool is_wanted(void *ctx, const struct capgap_meta *meta)
{
	char bdf[CAPGAP_BDF_TEXT];

	return !strcmp(capgap_bdf_format(&meta->bdf, bdf), ctx);
}

static void read_row(const struct row *row)
{
	char *want = row->want ? strdup(row->want) : NULL;
	struct capgap_host host = { .sysfs = "t", .wake = row->wake, .ctx = want };
	const char *trouble = row->trouble ? row->trouble : "";
	int rc;

	for (unsigned i = 0; i < ENTRIES && row->entry[i].path; i++)
		make(&row->entry[i]);
	pci.mood = row->mood;
	pci.bdf = row->bdf;
	pci.at = row->at;
	seen.limit = row->limit ? row->limit : CAPGAP_SPACE_MAX;
	if (want)
		host.wanted = is_wanted;
	rc = capgap_host_read(&host, &sink);
	free(want);
	ck_assert_msg(!strcmp(pci.log, row->reads), "%s: read %s", row->name, pci.log);
	ck_assert_msg(!strcmp(seen.records, row->records), "%s: records %s", row->name,
		      seen.records);
	ck_assert_msg(!strcmp(seen.trouble, trouble), "%s: trouble %s", row->name,
		      seen.trouble);
	ck_assert_msg(rc == (*trouble ? -CAPGAP_E_DAMAGED : 0), "%s: %d", row->name, rc);
}

START_TEST(host_reads_no_further_than_it_may)
{
	read_row(&reading[_i]);
}
END_TEST

START_TEST(host_leaves_functions_asleep)
{
	read_row(&sleeping[_i]);
}
END_TEST

START_TEST(host_reads_what_is_chosen)
{
	read_row(&choosing[_i]);
}
END_TEST

static int stop_at_once(void *ctx, const struct capgap_record *rec)
{
	(void)ctx;
	(void)rec;
	return 7;
}

START_TEST(host_stops_when_the_sink_does)
{
	static const struct entry both[] = { BOTH };
	struct capgap_host host = { .sysfs = "t" };
	struct capgap_sink stopping = sink;

	for (int i = 0; i < ROWS(both); i++)
		make(&both[i]);
	seen.limit = CAPGAP_SPACE_MAX;
	stopping.record = stop_at_once;
	ck_assert_int_eq(capgap_host_read(&host, &stopping), 7);
	ck_assert_str_eq(pci.log, "00:02.0:0+40 00:02.0:40+c0");
}
END_TEST

/* A path that libpci has no room for is trouble, not the end of the program. */
START_TEST(host_survives_a_long_path)
{
	static const struct entry one = CONFIG(ONE "config", 64);
	struct capgap_host host;
	char path[2000];

	make(&one);
	for (size_t i = 0; i + 2 < sizeof(path); i += 2)
		memcpy(path + i, "./", 3);
	memcpy(path + sizeof(path) - 2, "t", 2);
	host = (struct capgap_host){ .sysfs = path };
	seen.limit = CAPGAP_SPACE_MAX;
	ck_assert_int_eq(capgap_host_read(&host,
					  &(struct capgap_sink){ .record = on_record,
								 .limit = on_limit }),
			 -CAPGAP_E_DAMAGED);
	ck_assert_str_eq(seen.records, "");
}
END_TEST

/* What sysfs says of a function beside its bytes. */
static const struct {
	const char *name;
	struct entry entry[ENTRIES];
	unsigned flags;
	const char *driver;
	const char *vfio;
	const char *blocker;
	unsigned numa;
} metas[] = {
	{ .name = "nothing", .entry = { CONFIG(ONE "config", 64) } },
	{ .name = "all",
	  .entry = { TEXT(ONE "vendor", "0x8086\n"), TEXT(ONE "device", "0x0b25\n"),
		     TEXT(ONE "subsystem_vendor", "0x8086\n"),
		     TEXT(ONE "subsystem_device", "0x0000\n"),
		     TEXT(ONE "class", "0x088000\n"), TEXT(ONE "revision", "0x03\n"),
		     LINK(ONE "driver", "../../drivers/vfio-pci"),
		     LINK(ONE "physfn", "../0000:00:01.0"), TEXT(ONE "numa_node", "1\n"),
		     TEXT(ONE "vfio-dev/vfio3/dev", "511:3\n"),
		     LINK(ONE "iommu_group", "../../../groups/12") },
	  .flags = CAPGAP_META_IDS | CAPGAP_META_SYSFS | CAPGAP_META_SUBSYS |
		   CAPGAP_META_CLASS | CAPGAP_META_REVISION | CAPGAP_META_DRIVER |
		   CAPGAP_META_PHYSFN | CAPGAP_META_NUMA | CAPGAP_META_VFIO |
		   CAPGAP_META_GROUP,
	  .driver = "vfio-pci",
	  .vfio = "vfio3",
	  .numa = 1 },
	{ .name = "no node", .entry = { TEXT(ONE "numa_node", "-1\n") } },
	{ .name = "no number", .entry = { TEXT(ONE "numa_node", "1x\n") } },
	{ .name = "no id",
	  .entry = { TEXT(ONE "vendor", "8086\n"), TEXT(ONE "device", "0x1\n") } },
	{ .name = "a device without an IOMMU",
	  .entry = { TEXT(ONE "vfio-dev/noiommu-vfio0/dev", "511:0\n") },
	  .flags = CAPGAP_META_VFIO,
	  .vfio = "noiommu-vfio0" },
	{ .name = "alone in its group",
	  .entry = { LINK(ONE "iommu_group/devices/0000:00:02.0", "../.."),
		     LINK(ONE "driver", "drivers/nvme") },
	  .flags = CAPGAP_META_DRIVER,
	  .driver = "nvme" },
	{ .name = "beside functions that share a group",
	  .entry = { TEXT(ONE "iommu_group/devices/0000:00:01.0/x", ""),
		     LINK(ONE "iommu_group/devices/0000:00:03.0/driver", "x/pcieport"),
		     LINK(ONE "iommu_group/devices/0000:00:04.0/driver", "x/pci-stub"),
		     LINK(ONE "iommu_group/devices/0000:00:05.0/driver",
			  "x/mlx5_vfio_pci"),
		     LINK(ONE "iommu_group/devices/odd/driver", "x/nvme") } },
	{ .name = "beside functions that do not",
	  .entry = { LINK(ONE "iommu_group/devices/0000:01:03.0/driver", "x/nvme"),
		     LINK(ONE "iommu_group/devices/0000:01:02.0/driver", "x/ahci"),
		     LINK(ONE "iommu_group/devices/0000:01:04.0/driver", "x/xhci_hcd"),
		     LINK(ONE "iommu_group/devices/0000:01:01.0/driver", "x/vfio-pci") },
	  .flags = CAPGAP_META_BLOCKER,
	  .blocker = "0000:01:02.0" },
	{ .name = "a driver in uevent",
	  .entry = { TEXT(ONE "uevent", "DRIVER=idxd\nPCI_CLASS=88000\n") },
	  .flags = CAPGAP_META_DRIVER,
	  .driver = "idxd" },
};

START_TEST(host_knows_what_sysfs_says)
{
	struct capgap_host host = { .sysfs = "t" };
	static const struct entry config = CONFIG(ONE "config", 64);

	for (unsigned i = 0; i < ENTRIES && metas[_i].entry[i].path; i++)
		make(&metas[_i].entry[i]);
	make(&config);
	seen.limit = CAPGAP_SPACE_MAX;
	ck_assert_int_eq(capgap_host_read(&host, &sink), 0);
	ck_assert_msg(seen.last.flags == (metas[_i].flags | CAPGAP_META_BDF),
		      "%s: flags %x", metas[_i].name, seen.last.flags);
	if (metas[_i].driver)
		ck_assert_str_eq(seen.last.driver, metas[_i].driver);
	if (metas[_i].vfio)
		ck_assert_str_eq(seen.last.vfio, metas[_i].vfio);
	if (metas[_i].blocker) {
		struct capgap_bdf want = support_bdf(metas[_i].blocker);

		ck_assert(capgap_bdf_equal(&seen.last.blocker, &want));
	}
	ck_assert_uint_eq(seen.last.numa_node, metas[_i].numa);
}
END_TEST

/* What the reader makes of it. */
static struct {
	unsigned n;
	bool asleep;
	bool limited;
	bool absent;
	char why[80];
} answered;

static int on_function(void *ctx, const char *source, unsigned machine,
		       const struct capgap_function *fn)
{
	(void)ctx;
	(void)machine;
	ck_assert_str_eq(source, "t");
	answered.n++;
	answered.asleep = capgap_findings_has(&fn->findings, CAPGAP_F_ASLEEP);
	answered.limited = capgap_findings_has(&fn->findings, CAPGAP_F_QUIRK_LIMIT);
	answered.absent = !capgap_image_has(&fn->image, 0x600, 1);
	if (fn->not_applicable)
		snprintf(answered.why, sizeof(answered.why), "%s", fn->not_applicable);
	return 0;
}

static void answer(const struct capgap_quirks *quirks)
{
	struct capgap_options opt = { .min_gap = CAPGAP_MIN_GAP, .quirks = quirks };
	struct capgap_out out = { on_function, NULL, NULL };
	struct capgap_reader *rd = capgap_reader_new(&opt, &out);
	struct capgap_host host = { .sysfs = "t" };

	ck_assert_ptr_nonnull(rd);
	ck_assert_int_eq(capgap_reader_read_host(rd, &host), 0);
	capgap_reader_free(rd);
	ck_assert_uint_eq(answered.n, 1);
}

START_TEST(reader_asks_the_quirk_table_how_far)
{
	static const char xml[] = "<quirks xmlns=\"urn:capgap:quirks:1\">"
				  "<quirk id=\"x-limit\" source=\"a test\">"
				  "<match vendor=\"0x15b3\" device=\"0x1021\"/>"
				  "<limit offset=\"0x600\"/></quirk></quirks>";
	static const struct entry entries[] = { TEXT("q/x.xml", xml),
						CONFIG(ONE "config", 4096) };
	struct capgap_quirks *quirks = capgap_quirks_new();
	char schema[4096];
	const char *dir = getenv("CAPGAP_QUIRKS");

	if (!dir)
		return;
	ck_assert_ptr_nonnull(quirks);
	snprintf(schema, sizeof(schema), "%s/quirks.rng", dir);
	for (int i = 0; i < ROWS(entries); i++)
		make(&entries[i]);
	ck_assert_int_eq(capgap_quirks_load_file(quirks, "q/x.xml", schema, NULL), 1);
	answer(quirks);
	ck_assert_str_eq(pci.log, "00:02.0:0+40 00:02.0:40+5c0");
	ck_assert(answered.limited && answered.absent);
	capgap_quirks_free(quirks);
}
END_TEST

/* The header has other ids, and no part is known: the row is for physical functions. */
START_TEST(reader_heeds_what_sysfs_says_of_a_function)
{
	static const char xml[] = "<quirks xmlns=\"urn:capgap:quirks:1\">"
				  "<quirk id=\"x-limit\" source=\"a test\">"
				  "<match vendor=\"0x19ee\" device=\"0x4000\" "
				  "class=\"0x0200\" function=\"pf\"/>"
				  "<limit offset=\"0x600\"/></quirk></quirks>";
	static const struct entry entries[] = {
		TEXT("q/x.xml", xml),
		TEXT(ONE "vendor", "0x19ee\n"),
		TEXT(ONE "device", "0x4000\n"),
		TEXT(ONE "class", "0x020000\n"),
		LINK(ONE "physfn", "../0000:00:02.0"),
		CONFIG(ONE "config", 4096),
	};
	struct capgap_quirks *quirks = capgap_quirks_new();
	char schema[4096];
	const char *dir = getenv("CAPGAP_QUIRKS");

	if (!dir)
		return;
	ck_assert_ptr_nonnull(quirks);
	snprintf(schema, sizeof(schema), "%s/quirks.rng", dir);
	for (int i = 0; i < ROWS(entries); i++)
		make(&entries[i]);
	ck_assert_int_eq(capgap_quirks_load_file(quirks, "q/x.xml", schema, NULL), 1);
	answer(quirks);
	ck_assert_str_eq(pci.log, "00:02.0:0+40 00:02.0:40+5c0");
	ck_assert(answered.absent);
	capgap_quirks_free(quirks);
}
END_TEST

START_TEST(reader_answers_for_a_sleeper)
{
	static const struct entry entries[] = { CONFIG(ONE "config", 4096),
						STATE("D3cold\n") };

	for (int i = 0; i < ROWS(entries); i++)
		make(&entries[i]);
	answer(NULL);
	ck_assert_str_eq(pci.log, "");
	ck_assert(answered.asleep);
	ck_assert_str_eq(
		answered.why,
		"asleep in D3cold, and left so: its configuration space was not read");
}
END_TEST

Suite *host_suite(void)
{
	Suite *suite = suite_create("host");
	TCase *tc = tcase_create("host");

	tcase_add_checked_fixture(tc, start, stop);
	tcase_add_loop_test(tc, host_reads_no_further_than_it_may, 0, ROWS(reading));
	tcase_add_loop_test(tc, host_leaves_functions_asleep, 0, ROWS(sleeping));
	tcase_add_loop_test(tc, host_reads_what_is_chosen, 0, ROWS(choosing));
	tcase_add_test(tc, host_stops_when_the_sink_does);
	tcase_add_test(tc, host_survives_a_long_path);
	tcase_add_loop_test(tc, host_knows_what_sysfs_says, 0, ROWS(metas));
	tcase_add_test(tc, reader_asks_the_quirk_table_how_far);
	tcase_add_test(tc, reader_heeds_what_sysfs_says_of_a_function);
	tcase_add_test(tc, reader_answers_for_a_sleeper);
	suite_add_tcase(suite, tc);
	return suite;
}
