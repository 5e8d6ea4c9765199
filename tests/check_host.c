/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The live host: which functions are read, how far, and what happens where that fails. */
#include <check.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../analyzer/source/host.h"
#include "../analyzer/source/sysfs.h"
#include "../analyzer/stream.h"
#include "check_host.h"
#include "suites.h"
#include "support.h"

/* What the sink was given. */
static struct {
	unsigned limit;
	char records[LOG_MAX];
	char trouble[LOG_MAX];
	unsigned inputs;
	struct capgap_meta last;
	const struct entry *then; /* made when the first function is there */
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
	if (seen.then)
		host_make(seen.then);
	seen.then = NULL;
	if (rec->meta.flags & CAPGAP_META_ASLEEP) {
		ck_assert_uint_eq(rec->image.size, 0);
		host_note(seen.records, "%s=asleep", bdf);
		return 0;
	}
	host_note(seen.records, "%s=%u", bdf, rec->image.size);
	if (rec->meta.flags & CAPGAP_META_WITHHELD)
		host_note(seen.records, "withheld");
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
	host_note(seen.trouble, "%s: %s;",
		  strlen(name) > 5 ? name + strlen(name) - 4 : name, err->text);
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
 * @copy: the tree is a copy of sysfs
 * @then: a file that comes while the first function is handed on
 * @want: the only addresses that are asked for; NULL for all
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
	bool copy;
	struct entry then;
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

#define WITHHELD                                                                         \
	"without privilege the kernel gives 64 bytes a function: run as root or with "   \
	"CAP_SYS_ADMIN; elsewhere, read what `capgap capture` wrote as root;"

#define TOO_LONG "the file config is longer than 4096 bytes;"

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
	  .entry = { CONFIG(ONE "config", 4097), CONFIG(TWO "config", 256) },
	  .reads = TWO_READ,
	  .records = "0000:00:03.0=256",
	  .trouble = "02.0: " TOO_LONG },
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
	  .records = "0000:00:02.0=64 withheld 0000:00:03.0=64 withheld",
	  .trouble = "t: " WITHHELD },
	{ .name = "nor does a limit there hide anything",
	  .entry = { CONFIG(ONE "config", 256) },
	  .mood = SHORT,
	  .at = 0x40,
	  .limit = 0x40,
	  .reads = "00:02.0:0+40",
	  .records = "0000:00:02.0=256/40" },
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
	{ .name = "nor one when a function is freed",
	  .entry = { BOTH },
	  .mood = FATAL_FREE,
	  .reads = BOTH_READ,
	  .records = "0000:00:02.0=256 0000:00:03.0=256",
	  .trouble = "02.0: out of room; 03.0: out of room;" },
	{ .name = "nor one at the end",
	  .entry = { BOTH },
	  .mood = FATAL_END,
	  .reads = BOTH_READ,
	  .records = "0000:00:02.0=256 0000:00:03.0=256",
	  .trouble = "t: out of time;" },
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
	  .trouble = "t: no bus/pci/devices in it: No such file or directory; a copied "
		     "tree without one can be read as INPUT;" },
	{ .name = "a bus in its folder sys",
	  .entry = { TEXT("t/sys/bus/pci/devices/.x", "") },
	  .reads = "",
	  .records = "",
	  .trouble = "t: no bus/pci/devices in it: No such file or directory; its folder "
		     "sys has one;" },
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
	{ .name = "nothing sleeps in a copy",
	  .entry = { BOTH, STATE("D3cold\n") },
	  .copy = true,
	  .reads = BOTH_READ,
	  .records = "0000:00:02.0=256 0000:00:03.0=256" },
	{ .name = "one that goes to sleep meanwhile",
	  .entry = { BOTH },
	  .then = TEXT(TWO "power_state", "D3cold\n"),
	  .reads = "00:02.0:0+40 00:02.0:40+c0",
	  .records = "0000:00:02.0=256 0000:00:03.0=asleep" },
	{ .name = "one that is stirred meanwhile",
	  .entry = { BOTH, TEXT(TWO "power_state", "D3cold\n") },
	  .then = TEXT(TWO "power_state", "D3hot\n"),
	  .reads = "00:02.0:0+40 00:02.0:40+c0",
	  .records = "0000:00:02.0=256 0000:00:03.0=asleep" },
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

/* Below a bridge; its own domain. */
#define INNER "pci0001:00/0001:00:01.0/"

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
	{ .name = "a physical function behind its virtual one, where it tells none",
	  .entry = { BARE("0000:02:00.0", "0x060400\n"),
		     BARE("0000:01:00.0", "0x020000\n"),
		     LINK(BUS "0000:01:00.0/physfn", "../0000:01:00.7"),
		     BARE("0000:01:00.7", "0x020000\n") },
	  .want = "0000:01:00.0",
	  .reads = "01:00.0:0+40 01:00.7:0+40 02:00.0:0+40",
	  .records = "0000:01:00.0=64 0000:01:00.7=64 0000:02:00.0=64" },
	{ .name = "several, in two domains of three",
	  .entry = { BARE("0000:00:01.0", "0x060400\n"),
		     BARE("0000:01:00.0", "0x020000\n"),
		     BARE("0001:00:01.0", "0x060400\n"),
		     BARE("0001:01:00.0", "0x020000\n"),
		     BARE("0002:00:01.0", "0x060400\n"),
		     BARE("0002:01:00.0", "0x020000\n") },
	  .want = "0000:01:00.0 0002:01:00.0",
	  .reads = "00:01.0:0+40 01:00.0:0+40 00:01.0:0+40 01:00.0:0+40",
	  .records = "0000:00:01.0=64 0000:01:00.0=64 0002:00:01.0=64 "
		     "0002:01:00.0=64" },
	{ .name = "one that tells its bridges, and one that does not",
	  .entry = { MACHINE, CONFIG(BUS "0000:03:00.0/config", 64) },
	  .want = "0000:01:00.0 0000:03:00.0",
	  .reads = "00:01.0:0+40 00:02.0:0+40 01:00.0:0+40 03:00.0:0+40",
	  .records = "0000:00:01.0=64 0000:00:02.0=64 0000:01:00.0=64 "
		     "0000:03:00.0=64" },
	{ .name = "a host bridge below a bridge, with a domain of its own",
	  .entry = { CONFIG(PORT_A "config", 64), TEXT(PORT_A "class", "0x060400\n"),
		     CONFIG(PORT_A INNER "config", 64),
		     CONFIG(PORT_A INNER "0001:01:00.0/config", 64),
		     AT("0000:00:01.0", "devices/pci0000:00/"),
		     LINK(BUS "0001:00:01.0", "../../../" IN_A "pci0001:00/0001:00:01.0"),
		     LINK(BUS "0001:01:00.0", "../../../" IN_A INNER "0001:01:00.0") },
	  .want = "0001:01:00.0",
	  .reads = "00:01.0:0+40 01:00.0:0+40",
	  .records = "0001:00:01.0=64 0001:01:00.0=64" },
	{ .name = "a place that is out of the tree tells nothing",
	  .entry = { BARE("0000:00:01.0", "0x060400\n"),
		     CONFIG("u/pci0000:00/0000:01:00.0/config", 64),
		     LINK(BUS "0000:01:00.0", "../../../../u/pci0000:00/0000:01:00.0") },
	  .want = "0000:01:00.0",
	  .reads = "00:01.0:0+40 01:00.0:0+40",
	  .records = "0000:00:01.0=64 0000:01:00.0=64" },
};

static bool is_wanted(void *ctx, const struct capgap_meta *meta)
{
	char bdf[CAPGAP_BDF_TEXT];

	return strstr(ctx, capgap_bdf_format(&meta->bdf, bdf));
}

static void read_row(const struct row *row)
{
	char *want = row->want ? strdup(row->want) : NULL;
	struct capgap_host host = { .sysfs = "t", .wake = row->wake, .ctx = want };
	const char *trouble = row->trouble ? row->trouble : "";
	int rc;

	host_make_all(row->entry, ENTRIES);
	fake_sysfs.live = !row->copy;
	seen.then = row->then.path ? &row->then : NULL;
	fake_pci.mood = row->mood;
	fake_pci.bdf = row->bdf;
	fake_pci.at = row->at;
	seen.limit = row->limit ? row->limit : CAPGAP_SPACE_MAX;
	if (want)
		host.wanted = is_wanted;
	rc = capgap_host_read(&host, &sink);
	free(want);
	ck_assert_msg(!strcmp(fake_pci.log, row->reads), "%s: read %s", row->name,
		      fake_pci.log);
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

/* What stands above the tree is no part of it, even if it looks so. */
START_TEST(host_looks_for_bridges_in_the_tree_only)
{
	ck_assert_int_eq(mkdir("pci0000:00", 0777), 0);
	ck_assert_int_eq(mkdir("pci0000:00/0000:00:01.0", 0777), 0);
	ck_assert_int_eq(chdir("pci0000:00/0000:00:01.0"), 0);
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

	host_make_all(both, ROWS(both));
	seen.limit = CAPGAP_SPACE_MAX;
	stopping.record = stop_at_once;
	ck_assert_int_eq(capgap_host_read(&host, &stopping), 7);
	ck_assert_str_eq(fake_pci.log, "00:02.0:0+40 00:02.0:40+c0");
}
END_TEST

/* A path that libpci has no room for is trouble, not the end of the program. */
START_TEST(host_survives_a_long_path)
{
	static const struct entry one = CONFIG(ONE "config", 64);
	struct capgap_host host;
	char path[2000];

	host_make(&one);
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

#define NAME_31 "abcdefghijklmnopqrstuvwxyz01234"
#define NAME_255                                                                         \
	NAME_31 "_" NAME_31 "_" NAME_31 "_" NAME_31 "_" NAME_31 "_" NAME_31 "_" NAME_31  \
		"_" NAME_31

/* What sysfs says of a function beside its bytes. */
static const struct {
	const char *name;
	struct entry entry[ENTRIES];
	unsigned flags;
	const char *driver;
	const char *vfio;
	const char *blocker;
	const char *blocker_driver;
	unsigned numa;
	const char *group; /* "3: 0000:00:03.0=nvme 0000:00:04.0=" */
	unsigned vfs;
	unsigned total_vfs;
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
	  .flags = CAPGAP_META_DRIVER | CAPGAP_META_MEMBERS,
	  .driver = "nvme",
	  .group = "1:" },
	{ .name = "beside functions that share a group",
	  .entry = { TEXT(ONE "iommu_group/devices/0000:00:01.0/x", ""),
		     LINK(ONE "iommu_group/devices/0000:00:03.0/driver", "x/pcieport"),
		     LINK(ONE "iommu_group/devices/0000:00:04.0/driver", "x/pci-stub"),
		     LINK(ONE "iommu_group/devices/0000:00:05.0/driver",
			  "x/mlx5_vfio_pci"),
		     LINK(ONE "iommu_group/devices/odd/driver", "x/nvme") },
	  .flags = CAPGAP_META_MEMBERS,
	  .group = "5: 0000:00:01.0= 0000:00:03.0=pcieport 0000:00:04.0=pci-stub "
		   "0000:00:05.0=mlx5_vfio_pci" },
	{ .name = "beside functions that do not",
	  .entry = { LINK(ONE "iommu_group/devices/0000:01:03.0/driver", "x/nvme"),
		     LINK(ONE "iommu_group/devices/0000:01:02.0/driver", "x/ahci"),
		     LINK(ONE "iommu_group/devices/0000:01:04.0/driver", "x/xhci_hcd"),
		     LINK(ONE "iommu_group/devices/0000:01:01.0/driver", "x/vfio-pci") },
	  .flags = CAPGAP_META_BLOCKER | CAPGAP_META_BLOCKER_DRIVER | CAPGAP_META_MEMBERS,
	  .blocker = "0000:01:02.0",
	  .blocker_driver = "ahci",
	  .group = "5: 0000:01:01.0=vfio-pci 0000:01:02.0=ahci 0000:01:03.0=nvme "
		   "0000:01:04.0=xhci_hcd" },
	{ .name = "virtual functions, and room for more",
	  .entry = { LINK(ONE "virtfn0", "../0000:00:02.1"),
		     LINK(ONE "virtfn1", "../0000:00:02.2"),
		     LINK(ONE "virtfn3", "../0000:00:02.4"),
		     TEXT(ONE "sriov_totalvfs", "7\n"), TEXT(ONE "sriov_numvfs", "5\n") },
	  .flags = CAPGAP_META_VFS | CAPGAP_META_TOTAL_VFS,
	  .vfs = 2,
	  .total_vfs = 7 },
	{ .name = "no virtual function, and room for some",
	  .entry = { TEXT(ONE "sriov_totalvfs", "7\n"), TEXT(ONE "sriov_numvfs", "0\n") },
	  .flags = CAPGAP_META_VFS | CAPGAP_META_TOTAL_VFS,
	  .total_vfs = 7 },
	{ .name = "a copy that has lost its links",
	  .entry = { TEXT(ONE "sriov_numvfs", "3\n") },
	  .flags = CAPGAP_META_VFS,
	  .vfs = 3 },
	{ .name = "a driver in uevent",
	  .entry = { TEXT(ONE "uevent", "DRIVER=idxd\nPCI_CLASS=88000\n") },
	  .flags = CAPGAP_META_DRIVER,
	  .driver = "idxd" },
	{ .name = "the longest name of a driver that is whole",
	  .entry = { LINK(ONE "driver", "x/" NAME_31) },
	  .flags = CAPGAP_META_DRIVER,
	  .driver = NAME_31 },
	{ .name = "one that is longer",
	  .entry = { LINK(ONE "driver", "x/" NAME_31 "e") },
	  .flags = CAPGAP_META_DRIVER,
	  .driver = "abcdefghijkl...qrstuvwxyz01234e" },
	{ .name = "the longest name that a file can have",
	  .entry = { LINK(ONE "driver", "x/" NAME_255) },
	  .flags = CAPGAP_META_DRIVER,
	  .driver = "abcdefghijkl...pqrstuvwxyz01234" },
	{ .name = "a long one in uevent",
	  .entry = { TEXT(ONE "uevent", "DRIVER=" NAME_255 "\n") },
	  .flags = CAPGAP_META_DRIVER,
	  .driver = "abcdefghijkl...pqrstuvwxyz01234" },
	{ .name = "a long name does not hide who is in the way",
	  .entry = { LINK(ONE "iommu_group/devices/0000:01:03.0/driver", "x/" NAME_255),
		     LINK(ONE "iommu_group/devices/0000:01:04.0/driver", "x/nvme") },
	  .flags = CAPGAP_META_BLOCKER | CAPGAP_META_BLOCKER_DRIVER | CAPGAP_META_MEMBERS,
	  .blocker = "0000:01:03.0",
	  .blocker_driver = "abcdefghijkl...pqrstuvwxyz01234",
	  .group = "3: 0000:01:03.0=abcdefghijkl...pqrstuvwxyz01234 "
		   "0000:01:04.0=nvme" },
	{ .name = "nor puts one there that is not, though the mark has eaten its vfio",
	  .entry = { LINK(ONE "iommu_group/devices/0000:01:03.0/driver",
			  "x/abcdefghijklmvfionopqrstuvwxyz012") },
	  .flags = CAPGAP_META_MEMBERS,
	  .group = "2: 0000:01:03.0=abcdefghijkl...nopqrstuvwxyz012" },
};

/* How large the group is, and who is in it. */
static void check_group(const struct capgap_meta *meta, const char *want)
{
	char text[LOG_MAX] = "";
	char bdf[CAPGAP_BDF_TEXT];

	host_note(text, "%u:", meta->group_size);
	for (unsigned i = 0; i < meta->n_members; i++)
		host_note(text, "%s=%s", capgap_bdf_format(&meta->member[i].bdf, bdf),
			  meta->member[i].driver);
	ck_assert_str_eq(text, want);
}

START_TEST(host_knows_what_sysfs_says)
{
	struct capgap_host host = { .sysfs = "t" };
	static const struct entry config = CONFIG(ONE "config", 64);

	host_make_all(metas[_i].entry, ENTRIES);
	host_make(&config);
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
	if (metas[_i].blocker_driver)
		ck_assert_str_eq(seen.last.blocker_driver, metas[_i].blocker_driver);
	ck_assert_uint_eq(seen.last.numa_node, metas[_i].numa);
	ck_assert_uint_eq(seen.last.vfs, metas[_i].vfs);
	ck_assert_uint_eq(seen.last.total_vfs, metas[_i].total_vfs);
	if (metas[_i].group)
		check_group(&seen.last, metas[_i].group);
	else
		ck_assert_uint_eq(seen.last.n_members, 0);
}
END_TEST

/* Of a large group the functions of lowest address are kept, and all are counted. */
START_TEST(host_keeps_the_first_of_a_large_group)
{
	struct capgap_host host = { .sysfs = "t" };
	static const struct entry config = CONFIG(ONE "config", 64);
	char path[80];

	host_make(&config);
	for (unsigned i = 0; i < 40; i++) {
		struct entry entry = LINK(path, "x/nvme");

		snprintf(path, sizeof(path),
			 ONE "iommu_group/devices/0000:01:%02x.%u/driver", (39 - i) / 8,
			 (39 - i) % 8);
		host_make(&entry);
	}
	seen.limit = CAPGAP_SPACE_MAX;
	ck_assert_int_eq(capgap_host_read(&host, &sink), 0);
	ck_assert_uint_eq(seen.last.group_size, 41);
	ck_assert_uint_eq(seen.last.n_members, CAPGAP_MEMBERS_MAX);
	for (unsigned i = 0; i < CAPGAP_MEMBERS_MAX; i++) {
		ck_assert_uint_eq(seen.last.member[i].bdf.dev, i / 8);
		ck_assert_uint_eq(seen.last.member[i].bdf.fn, i % 8);
	}
}
END_TEST

/* A list that breaks off is said, and what was read of it counts. */
static const struct {
	const char *list;
	const char *records;
	const char *trouble;
} unlisted[] = {
	{ "/bus/pci/devices", "", "t: bus/pci/devices: Input/output error;" },
	{ "/iommu_group/devices", "0000:00:02.0=64",
	  "02.0: iommu_group/devices: Input/output error;" },
	{ "/vfio-dev", "0000:00:02.0=64", "02.0: vfio-dev: Input/output error;" },
	{ "/class/iommu", "0000:00:02.0=64", "02.0: class/iommu: Input/output error;" },
};

START_TEST(host_says_what_it_cannot_list)
{
	static const struct entry entries[] = {
		CONFIG(ONE "config", 64),
		LINK(ONE "iommu_group/devices/0000:00:03.0/driver", "x/nvme"),
		TEXT(ONE "vfio-dev/vfio3/dev", ""),
		TEXT("t/class/iommu/dmar0/x", ""),
	};
	struct capgap_host host = { .sysfs = "t" };

	host_make_all(entries, ROWS(entries));
	fake_sysfs.unlisted = unlisted[_i].list;
	seen.limit = CAPGAP_SPACE_MAX;
	ck_assert_int_eq(capgap_host_read(&host, &sink), -CAPGAP_E_DAMAGED);
	ck_assert_str_eq(seen.records, unlisted[_i].records);
	ck_assert_str_eq(seen.trouble, unlisted[_i].trouble);
}
END_TEST

/* Live trees that are given as INPUT, and what is said of them. */
static const struct {
	const char *name;
	struct entry entry[ENTRIES];
	struct fake_sysfs fake;
	unsigned limit;
	const char *path;
	const char *records;
	const char *trouble;
} inputs[] = {
	{ .name = "a whole one",
	  .entry = { BOTH },
	  .fake = { .live = true },
	  .records = "0000:00:02.0=256 0000:00:03.0=256" },
	{ .name = "a limit",
	  .entry = { CONFIG(ONE "config", 4096) },
	  .fake = { .live = true },
	  .limit = 0x600,
	  .records = "0000:00:02.0=4096/600" },
	{ .name = "no privilege",
	  .entry = { BOTH },
	  .fake = { .live = true, .given = 64 },
	  .records = "0000:00:02.0=64 withheld 0000:00:03.0=64 withheld",
	  .trouble = "t: " WITHHELD },
	{ .name = "gone at once",
	  .entry = { BOTH },
	  .fake = { .live = true, .gone = "00:02.0" },
	  .records = "0000:00:03.0=256",
	  .trouble = "02.0: No such device;" },
	{ .name = "gone behind the header",
	  .entry = { BOTH },
	  .fake = { .live = true, .gone = "00:02.0", .gone_at = 64 },
	  .records = "0000:00:03.0=256",
	  .trouble = "02.0: No such device;" },
	{ .name = "a sleeper",
	  .entry = { BOTH, STATE("D3cold\n") },
	  .fake = { .live = true },
	  .records = "0000:00:02.0=asleep 0000:00:03.0=256" },
	{ .name = "a sleeper's copy",
	  .entry = { BOTH, STATE("D3cold\n") },
	  .records = "0000:00:02.0=256 0000:00:03.0=256" },
	{ .name = "more than there can be",
	  .entry = { CONFIG(ONE "config", 4097), CONFIG(TWO "config", 256) },
	  .fake = { .live = true },
	  .records = "0000:00:03.0=256",
	  .trouble = "02.0: " TOO_LONG },
	{ .name = "more than there can be in its copy",
	  .entry = { CONFIG(ONE "config", 4097), CONFIG(TWO "config", 256) },
	  .records = "0000:00:03.0=256",
	  .trouble = "02.0: " TOO_LONG },
	{ .name = "a file of it, read as far as its function",
	  .entry = { CONFIG(ONE "config", 4096) },
	  .fake = { .live = true, .given = 64 },
	  .path = ONE "config",
	  .records = "0000:00:02.0=64 withheld",
	  .trouble = "02.0: " WITHHELD },
};

START_TEST(tree_that_is_live_is_read_as_the_host)
{
	const char *path = inputs[_i].path ? inputs[_i].path : "t";
	const char *trouble = inputs[_i].trouble ? inputs[_i].trouble : "";
	struct capgap_sink any = sink;
	int rc;

	host_make_all(inputs[_i].entry, ENTRIES);
	fake_sysfs = inputs[_i].fake;
	seen.limit = inputs[_i].limit ? inputs[_i].limit : CAPGAP_SPACE_MAX;
	seen.inputs = inputs[_i].path != NULL;
	any.input = inputs[_i].path ? NULL : on_input;
	rc = capgap_source_read(path, &any);
	ck_assert_msg(!strcmp(seen.records, inputs[_i].records), "%s: records %s",
		      inputs[_i].name, seen.records);
	ck_assert_msg(!strcmp(seen.trouble, trouble), "%s: trouble %s", inputs[_i].name,
		      seen.trouble);
	ck_assert_int_eq(rc, *trouble ? -CAPGAP_E_DAMAGED : 0);
}
END_TEST

#define BY_ITSELF                                                                        \
	"this is a file of the running kernel, which may be read only so far as its "    \
	"device bears: give its folder, or run without INPUT;"

/* A stream has no folder, and a link is in another one: neither is read at all. */
START_TEST(tree_is_not_read_by_a_single_file)
{
	static const struct entry entries[] = {
		CONFIG(ONE "config", 4096),
		LINK("t/link", "bus/pci/devices/0000:00:02.0/config"),
		LINK("t/x/config", "../bus/pci/devices/0000:00:02.0/config"),
	};
	FILE *file;

	host_make_all(entries, ROWS(entries));
	fake_sysfs = (struct fake_sysfs){ .live = true, .gone = "02.0" };
	file = fopen(ONE "config", "rb");
	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(capgap_source_read_file(file, "t", &sink), -CAPGAP_E_DAMAGED);
	ck_assert_int_eq(ftell(file), 0);
	ck_assert_int_eq(lseek(fileno(file), 0, SEEK_CUR), 0);
	ck_assert_int_eq(fclose(file), 0);
	ck_assert_int_eq(capgap_source_read("t/link", &sink), -CAPGAP_E_DAMAGED);
	ck_assert_int_eq(capgap_source_read("t/x/config", &sink), -CAPGAP_E_DAMAGED);
	ck_assert_str_eq(seen.records, "");
	ck_assert_str_eq(seen.trouble,
			 "t: " BY_ITSELF " link: " BY_ITSELF " nfig: " BY_ITSELF);
}
END_TEST

/* The message of an earlier reading does not come again. */
START_TEST(host_forgets_an_earlier_fault)
{
	static const struct entry both[] = { BOTH };
	struct capgap_host host = { .sysfs = "t" };

	host_make_all(both, ROWS(both));
	seen.limit = CAPGAP_SPACE_MAX;
	fake_pci.mood = GONE;
	ck_assert_int_eq(capgap_host_read(&host, &sink), -CAPGAP_E_DAMAGED);
	fake_pci.mood = PLAIN;
	seen.inputs = 0;
	seen.trouble[0] = '\0';
	ck_assert_int_eq(capgap_host_read(&host, &sink), 0);
	ck_assert_str_eq(seen.trouble, "");
}
END_TEST

/* What the reader makes of it. */
static struct {
	unsigned n;
	bool asleep;
	bool pf_asleep;
	bool pf_lost;
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
	answered.pf_asleep |= capgap_findings_has(&fn->findings, CAPGAP_F_PF_ASLEEP);
	answered.pf_lost |= capgap_findings_has(&fn->findings, CAPGAP_F_PF_NOT_SEEN);
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
}

/* Answer for a tree by a quirk table of one file. */
static void answer_by(const char *xml, const struct entry *entry, int n)
{
	const struct entry file = TEXT("q/x.xml", xml);
	struct capgap_quirks *quirks = capgap_quirks_new();
	char schema[4096];

	ck_assert_ptr_nonnull(quirks);
	snprintf(schema, sizeof(schema), "%s/quirks.rng", getenv("CAPGAP_QUIRKS"));
	host_make(&file);
	host_make_all(entry, n);
	ck_assert_int_eq(capgap_quirks_load_file(quirks, "q/x.xml", schema, NULL), 1);
	answer(quirks);
	capgap_quirks_free(quirks);
}

START_TEST(reader_asks_the_quirk_table_how_far)
{
	static const char xml[] = "<quirks xmlns=\"urn:capgap:quirks:1\">"
				  "<quirk id=\"x-limit\" source=\"a test\">"
				  "<match vendor=\"0x15b3\" device=\"0x1021\"/>"
				  "<limit offset=\"0x600\"/></quirk></quirks>";
	static const struct entry entries[] = { CONFIG(ONE "config", 4096) };

	if (!getenv("CAPGAP_QUIRKS"))
		return;
	answer_by(xml, entries, ROWS(entries));
	ck_assert_uint_eq(answered.n, 1);
	ck_assert_str_eq(fake_pci.log, "00:02.0:0+40 00:02.0:40+5c0");
	ck_assert(answered.limited && answered.absent);
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
		TEXT(ONE "vendor", "0x19ee\n"),	 TEXT(ONE "device", "0x4000\n"),
		TEXT(ONE "class", "0x020000\n"), LINK(ONE "physfn", "../0000:00:02.0"),
		CONFIG(ONE "config", 4096),
	};

	if (!getenv("CAPGAP_QUIRKS"))
		return;
	answer_by(xml, entries, ROWS(entries));
	ck_assert_str_eq(fake_pci.log, "00:02.0:0+40 00:02.0:40+5c0");
	ck_assert(answered.absent);
}
END_TEST

START_TEST(reader_answers_for_a_sleeper)
{
	static const struct entry entries[] = { CONFIG(ONE "config", 4096),
						STATE("D3cold\n") };

	host_make_all(entries, ROWS(entries));
	fake_sysfs.live = true;
	answer(NULL);
	ck_assert_str_eq(fake_pci.log, "");
	ck_assert_uint_eq(answered.n, 1);
	ck_assert(answered.asleep);
	ck_assert_str_eq(
		answered.why,
		"asleep in D3cold, and left so: its configuration space was not read");
}
END_TEST

/* Its physical function is not missing: it sleeps, before it or behind it. */
START_TEST(reader_tells_that_the_physical_function_sleeps)
{
	static const struct entry before[] = {
		CONFIG(ONE "config", 4096),
		STATE("D3cold\n"),
		CONFIG(TWO "config", 4096),
		LINK(TWO "physfn", "../0000:00:02.0"),
	};
	static const struct entry behind[] = {
		CONFIG(BUS "0000:00:01.0/config", 4096),
		LINK(BUS "0000:00:01.0/physfn", "../0000:00:02.0"),
		CONFIG(ONE "config", 4096),
		STATE("D3cold\n"),
	};

	for (int i = 0; i < ROWS(before); i++)
		host_make(_i ? &behind[i] : &before[i]);
	fake_sysfs.live = true;
	answer(NULL);
	ck_assert_uint_eq(answered.n, 2);
	ck_assert(answered.pf_asleep && !answered.pf_lost);
	ck_assert(answered.asleep == (_i == 1));
	fake_sysfs.live = false;
	memset(&answered, 0, sizeof(answered));
	answer(NULL);
	ck_assert_uint_eq(answered.n, 2);
	ck_assert(!answered.pf_asleep && !answered.asleep);
}
END_TEST

Suite *host_suite(void)
{
	Suite *suite = suite_create("host");
	TCase *tc = tcase_create("host");

	tcase_add_checked_fixture(tc, host_start, host_stop);
	tcase_add_loop_test(tc, host_reads_no_further_than_it_may, 0, ROWS(reading));
	tcase_add_loop_test(tc, host_leaves_functions_asleep, 0, ROWS(sleeping));
	tcase_add_loop_test(tc, host_reads_what_is_chosen, 0, ROWS(choosing));
	tcase_add_loop_test(tc, host_looks_for_bridges_in_the_tree_only, 0,
			    ROWS(choosing));
	tcase_add_test(tc, host_stops_when_the_sink_does);
	tcase_add_test(tc, host_survives_a_long_path);
	tcase_add_test(tc, host_forgets_an_earlier_fault);
	tcase_add_loop_test(tc, host_knows_what_sysfs_says, 0, ROWS(metas));
	tcase_add_test(tc, host_keeps_the_first_of_a_large_group);
	tcase_add_loop_test(tc, host_says_what_it_cannot_list, 0, ROWS(unlisted));
	tcase_add_loop_test(tc, tree_that_is_live_is_read_as_the_host, 0, ROWS(inputs));
	tcase_add_test(tc, tree_is_not_read_by_a_single_file);
	tcase_add_test(tc, reader_asks_the_quirk_table_how_far);
	tcase_add_test(tc, reader_heeds_what_sysfs_says_of_a_function);
	tcase_add_test(tc, reader_answers_for_a_sleeper);
	tcase_add_loop_test(tc, reader_tells_that_the_physical_function_sleeps, 0, 2);
	suite_add_tcase(suite, tc);
	return suite;
}
