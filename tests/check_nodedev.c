/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libvirt's node device XML: what is read, what is refused, and what it adds to an input. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../analyzer/source/nodedev.h"
#include "check_nodedev.h"
#include "suites.h"
#include "support.h"

static struct capgap_nodedevs *list;

/* The first fault. */
static struct {
	unsigned n;
	unsigned long line;
	char text[200];
} told;

static void on_fault(void *ctx, const char *file, const struct capgap_err *err)
{
	ck_assert_ptr_eq(ctx, &told);
	ck_assert_str_eq(file, "x.xml");
	ck_assert_int_eq(err->code, CAPGAP_E_FORMAT);
	if (told.n++)
		return;
	told.line = err->line;
	snprintf(told.text, sizeof(told.text), "%s", err->text);
}

static const struct capgap_nodedev_trouble trouble = { on_fault, &told };

static void start(void)
{
	memset(&told, 0, sizeof(told));
	list = capgap_nodedevs_new();
	ck_assert_ptr_nonnull(list);
}

static void stop(void)
{
	capgap_nodedevs_free(list);
}

static int read_text(const char *text)
{
	int rc = capgap_nodedevs_read(list, text, strlen(text), "x.xml", &trouble);

	ck_assert_int_eq(rc, told.n ? -CAPGAP_E_DAMAGED : 0);
	return rc;
}

/**
 * struct told_of - a file, and what is known of 0000:03:10.2 by it
 * @name: for messages
 * @text: the file
 * @flags: enum capgap_meta_flags that are set beside the address
 * @physfn: address of its physical function, or NULL
 */
struct told_of {
	const char *name;
	const char *text;
	unsigned flags;
	const char *physfn;
};

static const struct told_of files[] = {
	{ "numbers in base 10", DEVICE(OWN), 0, NULL },
	{ "of another function", DEVICE(AT(3, 10, 2) PHYSFN(ADDRESS(3, 0, 0))), 0, NULL },
	{ "its physical function, in base 16", DEVICE(OWN PHYSFN(ADDRESS(0a, 1f, 7))),
	  CAPGAP_META_PHYSFN, "0000:0a:1f.7" },
	{ "a physical function in another domain",
	  DEVICE(OWN PHYSFN("<address domain='0x10000' bus='0x03' slot='0x00' "
			    "function='0x0'/>")),
	  CAPGAP_META_PHYSFN, "10000:03:00.0" },
	{ "an address without a domain",
	  DEVICE(OWN PHYSFN("<address bus='0x03' slot='0x00' function='1'/>")),
	  CAPGAP_META_PHYSFN, "0000:03:00.1" },
	{ "a physical function's list",
	  DEVICE(AT(3, 0, 0) VFS(ADDRESS(03, 10, 0) ADDRESS(03, 10, 2))),
	  CAPGAP_META_PHYSFN, "0000:03:00.0" },
	{ "a list without virtual functions", DEVICE(OWN VFS("")), 0, NULL },
	{ "both say the same",
	  "<devices>" DEVICE(AT(3, 0, 0) VFS(ADDRESS(03, 10, 2)))
		  DEVICE(OWN PHYSFN(ADDRESS(03, 00, 0))) "</devices>",
	  CAPGAP_META_PHYSFN, "0000:03:00.0" },
	{ "the same device twice",
	  "<a>" DEVICE(OWN PHYSFN(ADDRESS(3, 0, 0)))
		  DEVICE(OWN PHYSFN(ADDRESS(03, 00, 0))) "</a>",
	  CAPGAP_META_PHYSFN, "0000:03:00.0" },
	{ "ids", DEVICE(OWN IDS("0x8086", "0x1520")),
	  CAPGAP_META_IDS | CAPGAP_META_NODEDEV, NULL },
	{ "half of the ids", DEVICE(OWN "<vendor id='0x8086'/>"), 0, NULL },
	{ "ids without a number", DEVICE(OWN "<vendor>V</vendor><product/>"), 0, NULL },
	{ "class", DEVICE(OWN "<class>0x020000</class>"), CAPGAP_META_CLASS, NULL },
	{ "group",
	  DEVICE(OWN "<iommuGroup number='31'>" ADDRESS(3, 0, 0) "</iommuGroup>"),
	  CAPGAP_META_GROUP, NULL },
	{ "driver",
	  "<device><name>d</name><driver><name>vfio-pci</name></driver>" PCI(
		  OWN) "</device>",
	  CAPGAP_META_DRIVER, NULL },
	{ "a driver behind the capability",
	  "<device>" PCI(OWN) "<driver><name>vfio-pci</name></driver></device>",
	  CAPGAP_META_DRIVER, NULL },
	{ "no name of a driver",
	  "<device><driver><name>a/b</name></driver>" PCI(OWN) "</device>", 0, NULL },
	{ "a name that no driver has",
	  "<device><driver><name>0123456789012345678901234567890x</name></driver>" PCI(
		  OWN) "</device>",
	  0, NULL },
	{ "devices of other kinds are passed over",
	  "<l><device><capability type='net'><address>a</address></capability>"
	  "</device>" DEVICE(OWN PHYSFN(ADDRESS(3, 0, 0))) "<x/></l>",
	  CAPGAP_META_PHYSFN, "0000:03:00.0" },
	{ "what is not of interest",
	  DEVICE(OWN "<numa node='0'/><pci-express><link validity='cap' port='0'/>"
		     "</pci-express><capability type='vpd'><address>here</address>"
		     "</capability>&lt;"),
	  0, NULL },
	{ "blanks and a declaration",
	  "<?xml version='1.0' encoding='latin1'?>\n<!-- a -->" DEVICE(
		  "<domain> 0 </domain><bus>\n3\n</bus><slot>16</slot>"
		  "<function>\t2</function>" PHYSFN("\n" ADDRESS(3, 0, 0) "\n")),
	  CAPGAP_META_PHYSFN, "0000:03:00.0" },
};

START_TEST(nodedev_tells_of_a_function)
{
	const struct told_of *row = &files[_i];
	struct capgap_meta meta = { .flags = CAPGAP_META_BDF };
	struct capgap_image img;
	char buf[CAPGAP_BDF_TEXT];

	capgap_image_init(&img);
	meta.bdf = support_bdf(OWN_BDF);
	ck_assert_msg(read_text(row->text) == 0, "%s: %lu: %s", row->name, told.line,
		      told.text);
	capgap_nodedevs_apply(list, &meta, &img, NULL);
	ck_assert_msg(meta.flags == (row->flags | CAPGAP_META_BDF), "%s: flags 0x%x",
		      row->name, meta.flags);
	if (row->physfn)
		ck_assert_str_eq(capgap_bdf_format(&meta.physfn, buf), row->physfn);
	if (row->flags & CAPGAP_META_IDS)
		ck_assert_uint_eq((uint32_t)meta.vendor << 16 | meta.device, 0x80861520);
	if (row->flags & CAPGAP_META_CLASS)
		ck_assert_uint_eq(meta.class_code, 0x020000);
	if (row->flags & CAPGAP_META_GROUP)
		ck_assert_uint_eq(meta.iommu_group, 31);
	if (row->flags & CAPGAP_META_DRIVER)
		ck_assert_str_eq(meta.driver, "vfio-pci");
}
END_TEST

/**
 * struct bad - a file with a fault
 * @text: the file
 * @line: of the fault
 * @fault: what is told
 */
struct bad {
	const char *text;
	unsigned long line;
	const char *fault;
};

static const struct bad bads[] = {
	{ "", 1, "expected well-formed XML: Document is empty" },
	{ "<device>", 1,
	  "expected well-formed XML: Premature end of data in tag device" },
	{ "<!DOCTYPE device [<!ENTITY a 'b'>]>\n<device>&a;</device>", 1,
	  "a document type declaration (<!DOCTYPE) is not allowed here" },
	{ "<a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a>\n<a/>"
	  "</a></a></a></a></a></a></a></a></a></a></a></a></a></a></a></a>",
	  2, "elements are nested deeper than 16 levels" },
	{ "<domain type='kvm'><devices/></domain>", 1,
	  "expected a <device> with a PCI capability, or several in one element, found "
	  "<domain>" },
	{ "<device><capability type='net'/></device>", 1,
	  "expected a <device> with a PCI capability, or several in one element, found "
	  "<device>" },
	{ DEVICE("<domain>0</domain><bus>3</bus><slot>0</slot>"), 1,
	  "a PCI device without <function>" },
	{ DEVICE("<bus>3</bus><slot>0</slot><function>0</function>"), 1,
	  "a PCI device without <domain>" },
	{ DEVICE("\n\n<domain>0</domain><bus>0x3</bus><slot>0</slot><function>0</function>"),
	  3, "expected a number in base 10 up to 255, found '0x3'" },
	{ DEVICE(AT(256, 0, 0)), 1,
	  "expected a number in base 10 up to 255, found '256'" },
	{ DEVICE(AT(3, 32, 0)), 1, "expected a number in base 10 up to 31, found '32'" },
	{ DEVICE(AT(3, 0, 8)), 1, "expected a number in base 10 up to 7, found '8'" },
	{ DEVICE(AT(3, -1, 0)), 1, "expected a number in base 10 up to 31, found '-1'" },
	{ DEVICE(AT(3, 1 2, 0)), 1,
	  "expected a number in base 10 up to 31, found '1 2'" },
	{ DEVICE("<domain>0</domain><bus>3<x/></bus>"), 1,
	  "expected a number in base 10 up to 255, found ''" },
	{ DEVICE(OWN "<bus>4</bus>"), 1, "<bus> stands twice" },
	{ DEVICE(OWN "<class>0x1020000</class>"), 1,
	  "expected a number in base 16 up to 16777215, found '0x1020000'" },
	{ DEVICE(OWN IDS("0x18086", "0x1")), 1,
	  "expected an id of four hex digits, found '0x18086'" },
	{ DEVICE(OWN "<iommuGroup/>"), 1,
	  "expected an iommuGroup with a number in base 10" },
	{ DEVICE(OWN PHYSFN("")), 1, "expected one address of a physical function" },
	{ DEVICE(OWN PHYSFN(ADDRESS(3, 0, 0) ADDRESS(3, 0, 1))), 1,
	  "expected one address of a physical function" },
	{ DEVICE(OWN PHYSFN(ADDRESS(3, 0, 0)) PHYSFN(ADDRESS(3, 0, 1))), 1,
	  "a second physical function" },
	{ DEVICE(OWN PHYSFN(ADDRESS(3, 0, 8))), 1,
	  "expected a number from 0x0 to 0x7 for function, found '0x8'" },
	{ DEVICE(OWN PHYSFN("<address domain='0' bus='16' slot='0' function='0'/>")), 1,
	  "expected a number from 0x0 to 0xff for bus, found '16'" },
	{ DEVICE(OWN PHYSFN("<address domain='0x0' bus='0x3' function='0x0'/>")), 1,
	  "an address without slot" },
	{ DEVICE(OWN PHYSFN(ADDRESS(03, 10, 2))), 1,
	  "a virtual function that is its own physical one" },
	{ DEVICE(OWN VFS(ADDRESS(03, 10, 2))), 1, "a physical function in its own list" },
	{ DEVICE(OWN VFS("\n\n" ADDRESS(100, 10, 2))), 3,
	  "expected a number from 0x0 to 0xff for bus, found '0x100'" },
	{ DEVICE(OWN VFS("") VFS("")), 1, "a second list of virtual functions" },
	{ DEVICE(OWN PHYSFN(ADDRESS(3, 0, 0)) VFS("")), 1,
	  "a device that is both physical and virtual" },
	{ "<l>" DEVICE(OWN IDS("0x1", "0x2")) "\n" DEVICE(OWN) "</l>", 2,
	  "0000:03:10.2 is described for the second time, and otherwise" },
	{ "<l>" DEVICE(AT(3, 0, 0) VFS(ADDRESS(3, 10, 2))) "\n" DEVICE(
		  AT(3, 0, 1) VFS("\n" ADDRESS(3, 10, 2))) "</l>",
	  3,
	  "0000:03:10.2 is a virtual function of 0000:03:00.1 here, and of 0000:03:00.0 "
	  "elsewhere" },
	{ "<l>" DEVICE(AT(3, 0, 0) VFS(ADDRESS(3, 10, 2))) "\n" DEVICE(
		  OWN PHYSFN(ADDRESS(3, 0, 1))) "</l>",
	  2,
	  "0000:03:10.2 is a virtual function of 0000:03:00.1 here, and of 0000:03:00.0 "
	  "elsewhere" },
	{ "<l>" DEVICE(OWN VFS("")) "\n" DEVICE(AT(3, 0, 0)
							VFS(ADDRESS(3, 10, 2))) "</l>",
	  2,
	  "0000:03:10.2 is a virtual function of 0000:03:00.0 by one word, and physical by "
	  "another" },
	{ DEVICE("<domain>\xc2\x9b\x7f"
		 "0</domain>"),
	  1, "expected a number in base 10 up to 4294967295, found '???0'" },
	{ "<x012345678901234567890123456789012345678901234567890/>", 1,
	  "expected a <device> with a PCI capability, or several in one element, found "
	  "<x012345678901234567890123456789012345678...>" },
};

START_TEST(nodedev_tells_what_is_wrong_and_where)
{
	const struct bad *row = &bads[_i];

	ck_assert_int_eq(read_text(row->text), -CAPGAP_E_DAMAGED);
	ck_assert_msg(!strncmp(told.text, row->fault, strlen(row->fault)), "%s",
		      told.text);
	ck_assert_msg(told.line == row->line, "%s: line %lu", told.text, told.line);
}
END_TEST

/**
 * struct dispute - two devices that contradict each other, and what is used in either order
 * @name: for messages
 * @one: a device
 * @two: another
 * @flags: enum capgap_meta_flags that are set beside the address
 * @physfn: address of the physical function, or NULL
 */
struct dispute {
	const char *name;
	const char *one;
	const char *two;
	unsigned flags;
	const char *physfn;
};

#define DRIVEN(driver, body)                                                             \
	"<device><driver><name>" driver "</name></driver>" PCI(body) "</device>"

static const struct dispute disputes[] = {
	{ "its own word and a list", DEVICE(OWN PHYSFN(ADDRESS(3, 0, 1))),
	  DEVICE(AT(3, 0, 0) VFS(ADDRESS(3, 10, 2))), CAPGAP_META_DISPUTED, NULL },
	{ "two lists", DEVICE(AT(3, 0, 0) VFS(ADDRESS(3, 10, 2))),
	  DEVICE(AT(3, 0, 1) VFS(ADDRESS(3, 10, 2))), CAPGAP_META_DISPUTED, NULL },
	{ "it has virtual functions itself", DEVICE(AT(3, 0, 0) VFS(ADDRESS(3, 10, 2))),
	  DEVICE(OWN VFS("")), CAPGAP_META_DISPUTED, NULL },
	{ "virtual of two", DEVICE(OWN PHYSFN(ADDRESS(3, 0, 1))),
	  DEVICE(OWN PHYSFN(ADDRESS(3, 0, 0))), CAPGAP_META_DISPUTED, NULL },
	{ "virtual and physical", DEVICE(OWN PHYSFN(ADDRESS(3, 0, 1))),
	  DEVICE(OWN VFS("")), CAPGAP_META_DISPUTED, NULL },
	{ "virtual and not", DEVICE(OWN), DEVICE(OWN PHYSFN(ADDRESS(3, 0, 1))),
	  CAPGAP_META_DISPUTED, NULL },
	{ "other ids, though of one physical function",
	  DEVICE(OWN IDS("8086", "1520") PHYSFN(ADDRESS(3, 0, 0)) "<class>2</class>"),
	  DEVICE(OWN IDS("8086", "1521") PHYSFN(ADDRESS(3, 0, 0)) "<class>2</class>"),
	  CAPGAP_META_DISPUTED, NULL },
	{ "the physical function is virtual itself, or not",
	  DEVICE(AT(3, 0, 0) VFS(ADDRESS(3, 10, 2))),
	  DEVICE(AT(3, 0, 0) PHYSFN(ADDRESS(3, 0, 1))), CAPGAP_META_DISPUTED, NULL },
	{ "drivers; the rest counts", DRIVEN("igbvf", OWN IDS("8086", "1520")),
	  DRIVEN("vfio-pci", OWN IDS("8086", "1520")),
	  CAPGAP_META_IDS | CAPGAP_META_NODEDEV, NULL },
	{ "a driver and none",
	  DRIVEN("igbvf", OWN PHYSFN(ADDRESS(3, 0, 0)) "<class>2</class>"),
	  DEVICE(OWN PHYSFN(ADDRESS(3, 0, 0)) "<class>2</class>"),
	  CAPGAP_META_PHYSFN | CAPGAP_META_CLASS, "0000:03:00.0" },
	{ "classes and groups",
	  DEVICE(OWN "<class>1</class><iommuGroup number='1'/>" PHYSFN(ADDRESS(3, 0, 0))),
	  DEVICE(OWN "<class>2</class><iommuGroup number='2'/>" PHYSFN(ADDRESS(3, 0, 0))),
	  CAPGAP_META_PHYSFN, "0000:03:00.0" },
};

/* The files of two faults: the second is where the first one's other word stands. */
static struct {
	unsigned n;
	char file[2][16];
	unsigned long line[2];
	char text[2][160];
} pair;

static void on_pair(void *ctx, const char *file, const struct capgap_err *err)
{
	ck_assert_ptr_eq(ctx, &pair);
	ck_assert_uint_lt(pair.n, 2);
	snprintf(pair.file[pair.n], sizeof(pair.file[0]), "%s", file);
	snprintf(pair.text[pair.n], sizeof(pair.text[0]), "%s", err->text);
	pair.line[pair.n++] = err->line;
}

static void read_named(const char *text, const char *name, int want)
{
	static const struct capgap_nodedev_trouble to = { on_pair, &pair };

	ck_assert_int_eq(capgap_nodedevs_read(list, text, strlen(text), name, &to), want);
}

/* Each row in both orders: the answer is the same. */
START_TEST(nodedev_settles_no_contradiction)
{
	const struct dispute *row = &disputes[_i / 2];
	const char *first = _i % 2 ? row->two : row->one;
	const char *second = _i % 2 ? row->one : row->two;
	struct capgap_meta meta = { .flags = CAPGAP_META_BDF };
	static struct capgap_findings hits;
	struct capgap_image img;
	char buf[CAPGAP_BDF_TEXT];

	memset(&pair, 0, sizeof(pair));
	hits.n = 0;
	capgap_image_init(&img);
	meta.bdf = support_bdf(OWN_BDF);
	read_named(first, "a.xml", 0);
	read_named(second, "b.xml", -CAPGAP_E_DAMAGED);
	ck_assert_msg(pair.n == 2, "%s: %u faults", row->name, pair.n);
	ck_assert_msg(!strcmp(pair.file[0], "b.xml") && !strcmp(pair.file[1], "a.xml"),
		      "%s: %s, %s", row->name, pair.file[0], pair.file[1]);
	ck_assert_ptr_nonnull(strstr(pair.text[1], "the other word on"));
	capgap_nodedevs_apply(list, &meta, &img, &hits);
	ck_assert_msg(meta.flags == (row->flags | CAPGAP_META_BDF), "%s: flags 0x%x",
		      row->name, meta.flags);
	ck_assert_msg(hits.n == 1 && hits.hit[0].kind == CAPGAP_F_NODEDEV_DISPUTED,
		      "%s: %u findings", row->name, hits.n);
	if (row->physfn)
		ck_assert_str_eq(capgap_bdf_format(&meta.physfn, buf), row->physfn);
}
END_TEST

START_TEST(nodedev_tells_both_lines_of_a_contradiction)
{
	memset(&pair, 0, sizeof(pair));
	read_named("<l>\n" DEVICE(AT(3, 0, 0)) "\n" DEVICE(OWN) "</l>", "a.xml", 0);
	read_named("<l>\n\n\n" DEVICE(OWN PHYSFN(ADDRESS(3, 0, 0))) "</l>", "b.xml",
		   -CAPGAP_E_DAMAGED);
	ck_assert_uint_eq(pair.n, 2);
	ck_assert_uint_eq(pair.line[0], 4);
	ck_assert_uint_eq(pair.line[1], 3);
	ck_assert_str_eq(pair.text[1],
			 "here is the other word on 0000:03:10.2: neither is used");
}
END_TEST

/* What the input says of its physical function stands where the XML contradicts itself. */
START_TEST(nodedev_leaves_the_input_where_it_is_disputed)
{
	struct capgap_meta meta = { .flags = CAPGAP_META_BDF | CAPGAP_META_PHYSFN };
	struct capgap_image img;
	char buf[CAPGAP_BDF_TEXT];

	memset(&pair, 0, sizeof(pair));
	capgap_image_init(&img);
	meta.bdf = support_bdf(OWN_BDF);
	meta.physfn = support_bdf("0000:03:00.0");
	read_named(DEVICE(OWN PHYSFN(ADDRESS(3, 0, 1))), "a.xml", 0);
	read_named(DEVICE(OWN VFS("")), "b.xml", -CAPGAP_E_DAMAGED);
	capgap_nodedevs_apply(list, &meta, &img, NULL);
	ck_assert_uint_eq(meta.flags,
			  CAPGAP_META_BDF | CAPGAP_META_PHYSFN | CAPGAP_META_DISPUTED);
	ck_assert_str_eq(capgap_bdf_format(&meta.physfn, buf), "0000:03:00.0");
}
END_TEST

/* A third word does not bring back what two have left open. */
START_TEST(nodedev_stays_disputed)
{
	struct capgap_meta meta = { .flags = CAPGAP_META_BDF };
	struct capgap_image img;

	capgap_image_init(&img);
	meta.bdf = support_bdf(OWN_BDF);
	ck_assert_int_eq(
		read_text("<l>" DEVICE(OWN PHYSFN(ADDRESS(3, 0, 1))) DEVICE(
			OWN PHYSFN(ADDRESS(3, 0, 0))) DEVICE(OWN PHYSFN(ADDRESS(3, 0, 1)))
				  DEVICE(AT(3, 0, 1) VFS(ADDRESS(3, 10, 2))) "</l>"),
		-CAPGAP_E_DAMAGED);
	capgap_nodedevs_apply(list, &meta, &img, NULL);
	ck_assert_uint_eq(meta.flags, CAPGAP_META_BDF | CAPGAP_META_DISPUTED);
}
END_TEST

/* A fault in one part: the rest counts. */
static const struct {
	const char *name;
	const char *text;
} parts[] = {
	{ "a device with a fault is left out",
	  "<l>" DEVICE(OWN PHYSFN(ADDRESS(3, 0, 0)) "<class>x</class>")
		  DEVICE(AT(3, 0, 1) VFS(ADDRESS(3, 10, 2))) "</l>" },
	{ "the rest of a list counts",
	  DEVICE(AT(3, 0, 1) VFS(ADDRESS(3, 0, 1) ADDRESS(3, 10, 2))) },
};

START_TEST(nodedev_uses_what_has_no_fault)
{
	struct capgap_meta meta = { .flags = CAPGAP_META_BDF };
	struct capgap_image img;
	char buf[CAPGAP_BDF_TEXT];

	capgap_image_init(&img);
	meta.bdf = support_bdf(OWN_BDF);
	ck_assert_int_eq(read_text(parts[_i].text), -CAPGAP_E_DAMAGED);
	ck_assert_uint_eq(told.n, 1);
	capgap_nodedevs_apply(list, &meta, &img, NULL);
	ck_assert_msg(meta.flags & CAPGAP_META_PHYSFN, "%s", parts[_i].name);
	ck_assert_str_eq(capgap_bdf_format(&meta.physfn, buf), "0000:03:00.1");
}
END_TEST

START_TEST(nodedev_needs_an_address)
{
	struct capgap_meta meta = { 0 };
	struct capgap_image img;

	capgap_image_init(&img);
	meta.bdf = support_bdf(OWN_BDF);
	ck_assert_int_eq(read_text(DEVICE(OWN PHYSFN(ADDRESS(3, 0, 0)))), 0);
	capgap_nodedevs_apply(list, &meta, &img, NULL);
	ck_assert_uint_eq(meta.flags, 0);
	meta.flags = CAPGAP_META_BDF;
	capgap_nodedevs_apply(NULL, &meta, &img, NULL);
	ck_assert_uint_eq(meta.flags, CAPGAP_META_BDF);
}
END_TEST

START_TEST(nodedev_leaves_what_the_input_says)
{
	const unsigned flags = CAPGAP_META_BDF | CAPGAP_META_IDS | CAPGAP_META_SYSFS |
			       CAPGAP_META_CLASS | CAPGAP_META_GROUP | CAPGAP_META_DRIVER;
	struct capgap_meta meta = { .flags = flags,
				    .vendor = 0x8086,
				    .device = 0x1520,
				    .class_code = 0x010000,
				    .iommu_group = 4,
				    .driver = "igbvf" };
	struct capgap_image img;

	capgap_image_init(&img);
	meta.bdf = support_bdf(OWN_BDF);
	ck_assert_int_eq(
		read_text("<device><driver><name>vfio-pci</name></driver>" PCI(
			OWN IDS("8086", "1520") "<class>0x020000</class>"
						"<iommuGroup number='31'/>") "</device>"),
		0);
	capgap_nodedevs_apply(list, &meta, &img, NULL);
	ck_assert_uint_eq(meta.flags, flags);
	ck_assert_uint_eq(meta.class_code, 0x010000);
	ck_assert_uint_eq(meta.iommu_group, 4);
	ck_assert_str_eq(meta.driver, "igbvf");
}
END_TEST

/* A long file: a head, many parts, and a tail. */
static char *repeat(const char *head, void (*part)(FILE *out, unsigned i), unsigned n,
		    const char *tail)
{
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	ck_assert_ptr_nonnull(out);
	fputs(head, out);
	for (unsigned i = 0; i < n; i++)
		part(out, i);
	fputs(tail, out);
	ck_assert_int_eq(fclose(out), 0);
	return text;
}

static void put_device(FILE *out, unsigned i)
{
	fprintf(out,
		DEVICE("<domain>%u</domain><bus>1</bus><slot>0</slot>"
		       "<function>0</function>"),
		i);
}

START_TEST(nodedev_keeps_a_bounded_number_of_devices)
{
	char *text = repeat("<l>", put_device, CAPGAP_NODEDEVS_MAX, "</l>");
	char *more = repeat("<l>", put_device, CAPGAP_NODEDEVS_MAX + 1, "</l>");

	ck_assert_int_eq(read_text(text), 0);
	ck_assert_int_eq(read_text(text), 0);
	ck_assert_int_eq(read_text(more), -CAPGAP_E_DAMAGED);
	ck_assert_uint_eq(told.n, 1);
	ck_assert_str_eq(told.text, "there are more than 4096 devices");
	free(more);
	free(text);
}
END_TEST

static void put_vf(FILE *out, unsigned i)
{
	fprintf(out, "<address domain='0x%x' bus='0x1' slot='0x0' function='0x1'/>", i);
}

START_TEST(nodedev_keeps_a_bounded_number_of_vfs)
{
	char *text = repeat(
		"<device><capability type='pci'>" AT(0, 0, 0) "<capability "
							      "type='virt_functions'>",
		put_vf, CAPGAP_NODEDEV_VFS_MAX + 30,
		"</capability></capability></device>");

	ck_assert_int_eq(read_text(text), -CAPGAP_E_DAMAGED);
	/* Only so many of the faults are told. */
	ck_assert_uint_eq(told.n, CAPGAP_NODEDEV_FAULTS_MAX);
	ck_assert_uint_eq(told.line, 1);
	ck_assert_str_eq(told.text, "there are more than 65536 virtual functions");
	free(text);
}
END_TEST

static void put_attribute(FILE *out, unsigned i)
{
	fprintf(out, " a%u\n=\n'%s'", i, i % 2 ? ">" : "\"");
}

/* libxml2 compares each attribute with all before it: 200000 would take minutes. */
START_TEST(nodedev_bounds_attributes)
{
	static const char *const heads[] = { "<devices>\n<device",
					     "<devices>\n<?x \1<device",
					     "<devices>\n<!-- \1<device" };
	char *text;

	for (int i = 0; i < ROWS(heads); i++) {
		told.n = 0;
		text = repeat(heads[i], put_attribute, 200000, "/></devices>");
		ck_assert_int_eq(read_text(text), -CAPGAP_E_DAMAGED);
		ck_assert_str_eq(told.text,
				 "more than 64 attributes before the next element");
		ck_assert_uint_eq(told.line, 2);
		free(text);
	}
	told.n = 0;
	text = repeat("<device", put_attribute, 65, "/>");
	ck_assert_int_eq(read_text(text), -CAPGAP_E_DAMAGED);
	ck_assert_ptr_nonnull(strstr(told.text, "attributes"));
	free(text);
	told.n = 0;
	text = repeat("<device", put_attribute, 64,
		      "><capability type='pci'>" AT(0, 0, 0) "</capability></device>");
	ck_assert_msg(read_text(text) == 0, "%s", told.text);
	free(text);
}
END_TEST

/* In EBCDIC an element would have no '<' that is one in ASCII. */
START_TEST(nodedev_is_utf8)
{
	static const char text[] = "\x4c\x6f\xa7\x94\x93\x40\x6f\x6e\x4c\x84\x61\x6e";

	ck_assert_int_eq(read_text(text), -CAPGAP_E_DAMAGED);
	ck_assert_ptr_nonnull(strstr(told.text, "expected well-formed XML"));
}
END_TEST

START_TEST(nodedev_refuses_a_nul_byte)
{
	static const char text[] = DEVICE(OWN) "\n\0\n<device>";

	ck_assert_int_eq(capgap_nodedevs_read(list, text, sizeof(text) - 1, "x.xml",
					      &trouble),
			 -CAPGAP_E_DAMAGED);
	ck_assert_str_eq(told.text, "a NUL byte is not allowed in XML");
	ck_assert_uint_eq(told.line, 2);
}
END_TEST

START_TEST(nodedev_refuses_a_huge_file)
{
	size_t len = CAPGAP_NODEDEV_FILE_MAX + 1;
	char *text = malloc(len);

	ck_assert_ptr_nonnull(text);
	memset(text, ' ', len);
	ck_assert_int_eq(capgap_nodedevs_read(list, text, len, "x.xml", &trouble),
			 -CAPGAP_E_DAMAGED);
	ck_assert_str_eq(told.text, "it has more than 16777216 bytes");
	free(text);
}
END_TEST

START_TEST(nodedev_loads_files)
{
	char path[] = "/tmp/capgap-nodedev-XXXXXX";
	static const char text[] = DEVICE(OWN PHYSFN(ADDRESS(3, 0, 0)));
	struct capgap_meta meta = { .flags = CAPGAP_META_BDF };
	struct capgap_image img;
	int fd = mkstemp(path);

	capgap_image_init(&img);
	meta.bdf = support_bdf(OWN_BDF);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, sizeof(text) - 1), (ssize_t)sizeof(text) - 1);
	close(fd);
	ck_assert_int_eq(capgap_nodedevs_load(list, path, NULL), 0);
	unlink(path);
	ck_assert_int_eq(capgap_nodedevs_load(list, path, NULL), -CAPGAP_E_NOENT);
	ck_assert_int_eq(capgap_nodedevs_load(list, "/tmp", NULL), -CAPGAP_E_DAMAGED);
	capgap_nodedevs_apply(list, &meta, &img, NULL);
	ck_assert_uint_eq(meta.flags, CAPGAP_META_BDF | CAPGAP_META_PHYSFN);
}
END_TEST

Suite *nodedev_suite(void)
{
	Suite *suite = suite_create("nodedev");
	TCase *tc = tcase_create("xml");
	TCase *bounds = tcase_create("bounds");

	tcase_add_checked_fixture(tc, start, stop);
	tcase_add_loop_test(tc, nodedev_tells_of_a_function, 0, ROWS(files));
	tcase_add_loop_test(tc, nodedev_tells_what_is_wrong_and_where, 0, ROWS(bads));
	tcase_add_loop_test(tc, nodedev_settles_no_contradiction, 0, 2 * ROWS(disputes));
	tcase_add_test(tc, nodedev_tells_both_lines_of_a_contradiction);
	tcase_add_test(tc, nodedev_leaves_the_input_where_it_is_disputed);
	tcase_add_test(tc, nodedev_stays_disputed);
	tcase_add_loop_test(tc, nodedev_uses_what_has_no_fault, 0, ROWS(parts));
	tcase_add_test(tc, nodedev_needs_an_address);
	tcase_add_test(tc, nodedev_leaves_what_the_input_says);
	tcase_add_test(tc, nodedev_loads_files);
	suite_add_tcase(suite, tc);
	tcase_add_checked_fixture(bounds, start, stop);
	tcase_add_test(bounds, nodedev_keeps_a_bounded_number_of_devices);
	tcase_add_test(bounds, nodedev_keeps_a_bounded_number_of_vfs);
	tcase_add_test(bounds, nodedev_bounds_attributes);
	tcase_add_test(bounds, nodedev_is_utf8);
	tcase_add_test(bounds, nodedev_refuses_a_nul_byte);
	tcase_add_test(bounds, nodedev_refuses_a_huge_file);
	suite_add_tcase(suite, bounds);
	return suite;
}
