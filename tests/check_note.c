/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The comments of a capture: what is written is read again, and what is odd is told. */
#include <stdlib.h>
#include <string.h>

#include "../analyzer/source/lspci_note.h"
#include "check_source.h"
#include "suites.h"
#include "support.h"

#define HEAD "# capgap capture 1: x\n\n"
#define BDF "0000:01:00.0"
#define NOTE "# capgap: " BDF " "
#define ROW0 "00: 86 80 57 0d 00 00 00 00 00 00 00 06 00 00 00 00\n"
#define ROW1 "10: 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f\n"
/* "row=" and the first byte of it; the others are absent. */
#define ROW_OF(off, byte) "row=" off ":" byte ".............................."
#define FUNCTION "01:00.0 Class [0600]: Device [8086:0d57] (rev 00)\n" ROW0

/**
 * struct trip - what a capture has to keep
 * @name: for messages
 * @meta: what sysfs says; CAPGAP_META_BDF is added
 * @size: of the image
 * @drop: bytes of it that were not read
 * @text: what is written
 */
static const struct trip {
	const char *name;
	struct capgap_meta meta;
	unsigned size;
	struct capgap_range drop;
	const char *text;
} trips[] = {
	{ .name = "nothing but an end", .size = 64, .text = NOTE "size=64\n" },
	{ .name = "ids",
	  .meta = { .flags = CAPGAP_META_IDS | CAPGAP_META_SYSFS | CAPGAP_META_SUBSYS |
			     CAPGAP_META_CLASS | CAPGAP_META_REVISION,
		    .vendor = 0x8086,
		    .device = 0x0b25,
		    .subvendor = 0x1028,
		    .subdevice = 0xffff,
		    .class_code = 0x088001,
		    .revision = 0xa1 },
	  .size = 64,
	  .text = NOTE "ids=8086:0b25 subsys=1028:ffff class=088001 rev=a1 size=64\n" },
	{ .name = "surroundings",
	  .meta = { .flags = CAPGAP_META_PHYSFN | CAPGAP_META_DRIVER | CAPGAP_META_VFIO |
			     CAPGAP_META_GROUP | CAPGAP_META_NUMA | CAPGAP_META_BLOCKER,
		    .physfn = { 0x10000, 0xff, 0x1f, 7 },
		    .driver = "vfio-pci",
		    .vfio = "vfio12",
		    .iommu_group = 0,
		    .blocker = { 0, 2, 3, 4 },
		    .numa_node = 3 },
	  .size = 64,
	  .text = NOTE "physfn=10000:ff:1f.7 driver=vfio-pci vfio=vfio12 group=0 "
		       "blocker=0000:02:03.4\n" NOTE "numa=3 size=64\n" },
	{ .name = "virtual functions",
	  .meta = { .flags = CAPGAP_META_VFS | CAPGAP_META_TOTAL_VFS,
		    .vfs = 0,
		    .total_vfs = 65535 },
	  .size = 64,
	  .text = NOTE "vfs=0 totalvfs=65535 size=64\n" },
	{ .name = "a group",
	  .meta = { .flags = CAPGAP_META_GROUP | CAPGAP_META_MEMBERS |
			     CAPGAP_META_BLOCKER | CAPGAP_META_BLOCKER_DRIVER,
		    .iommu_group = 7,
		    .blocker = { 0, 1, 0, 2 },
		    .blocker_driver = "a b",
		    .group_size = 40,
		    .n_members = 2,
		    .member = { { { 0, 1, 0, 1 }, "" }, { { 0, 1, 0, 2 }, "a b" } } },
	  .size = 64,
	  .text = NOTE
	  "group=7 blocker=0000:01:00.2 blockerdriver=a%20b members=40\n" NOTE
	  "member=0000:01:00.1 member=0000:01:00.2/a%20b size=64\n" },
	{ .name = "alone in a group",
	  .meta = { .flags = CAPGAP_META_MEMBERS, .group_size = 1 },
	  .size = 64,
	  .text = NOTE "members=1 size=64\n" },
	{ .name = "an odd name of a driver",
	  .meta = { .flags = CAPGAP_META_DRIVER, .driver = "a b=%\n#\xc3\xa9" },
	  .size = 64,
	  .text = NOTE "driver=a%20b%3d%25%0a%23%c3%a9 size=64\n" },
	{ .name = "the longest name of a driver",
	  .meta = { .flags = CAPGAP_META_DRIVER,
		    .driver = "                              " },
	  .size = 64,
	  .text = NOTE "\n" },
	{ .name = "VT-d",
	  .meta = { .flags = CAPGAP_META_IOMMU,
		    .iommu = { CAPGAP_IOMMU_INTEL_VTD, 0xd2008c40660462,
			       0xffffffffffffffff } },
	  .size = 64,
	  .text = NOTE "iommu=intel:d2008c40660462:ffffffffffffffff size=64\n" },
	{ .name = "AMD",
	  .meta = { .flags = CAPGAP_META_IOMMU,
		    .iommu = { CAPGAP_IOMMU_AMD, 0, 0x25bf732fa2295afa } },
	  .size = 64,
	  .text = NOTE "iommu=amd:25bf732fa2295afa size=64\n" },
	{ .name = "another IOMMU",
	  .meta = { .flags = CAPGAP_META_IOMMU, .iommu = { CAPGAP_IOMMU_OTHER, 0, 0 } },
	  .size = 64,
	  .text = NOTE "iommu=other size=64\n" },
	{ .name = "bytes that were not read, from inside a row on",
	  .size = 4096,
	  .drop = { 0xa4, 0xf5c },
	  .text = NOTE "size=4096 row=0a0:a0a1a2a3........................\n" },
	{ .name = "a hole over two rows",
	  .size = 256,
	  .drop = { 0x7f, 2 },
	  .text = NOTE "size=256 row=070:707172737475767778797a7b7c7d7e..\n" NOTE
		       "row=080:..8182838485868788898a8b8c8d8e8f\n" },
	{ .name = "a hole of whole rows",
	  .size = 256,
	  .drop = { 0x80, 0x20 },
	  .text = NOTE "size=256\n" },
	{ .name = "an end inside a row",
	  .size = 20,
	  .text = NOTE "size=20 row=010:10111213........................\n" },
	{ .name = "not one whole row",
	  .size = 2,
	  .text = NOTE "size=2 row=000:0001............................\n" },
};

static void put_rows(FILE *out, const struct capgap_image *img)
{
	bool head = false;

	for (unsigned off = 0; off < img->size; off += 16) {
		if (!capgap_image_has(img, off, 16))
			continue;
		if (!head)
			fputs("01:00.0 Device\n", out);
		head = true;
		fprintf(out, "%02x:", off);
		for (unsigned i = 0; i < 16; i++)
			fprintf(out, " %02x", img->data[off + i]);
		fputc('\n', out);
	}
}

/* The two are equal where their flags say that they mean something. */
static void same_meta(const char *name, const struct capgap_meta *a,
		      const struct capgap_meta *b)
{
	ck_assert_msg(a->flags == b->flags, "%s: flags %x, not %x", name, a->flags,
		      b->flags);
	ck_assert_msg(a->vendor == b->vendor && a->device == b->device, "%s: ids", name);
	ck_assert_msg(a->subvendor == b->subvendor && a->subdevice == b->subdevice,
		      "%s: subsystem", name);
	ck_assert_msg(a->class_code == b->class_code && a->revision == b->revision,
		      "%s: class", name);
	ck_assert_msg(capgap_bdf_equal(&a->physfn, &b->physfn), "%s: physfn", name);
	ck_assert_msg(capgap_bdf_equal(&a->blocker, &b->blocker), "%s: blocker", name);
	ck_assert_str_eq(a->driver, b->driver);
	ck_assert_str_eq(a->vfio, b->vfio);
	ck_assert_msg(a->iommu.kind == b->iommu.kind && a->iommu.cap == b->iommu.cap &&
			      a->iommu.ext == b->iommu.ext,
		      "%s: IOMMU", name);
	ck_assert_msg(a->iommu_group == b->iommu_group && a->numa_node == b->numa_node,
		      "%s: group, node", name);
	ck_assert_str_eq(a->blocker_driver, b->blocker_driver);
	ck_assert_msg(a->vfs == b->vfs && a->total_vfs == b->total_vfs, "%s: VFs", name);
	ck_assert_msg(a->group_size == b->group_size && a->n_members == b->n_members,
		      "%s: %u and %u of the group", name, a->group_size, a->n_members);
	for (unsigned i = 0; i < a->n_members; i++) {
		ck_assert_msg(capgap_bdf_equal(&a->member[i].bdf, &b->member[i].bdf),
			      "%s: member %u", name, i);
		ck_assert_str_eq(a->member[i].driver, b->member[i].driver);
	}
}

static void same_image(const char *name, const struct capgap_image *a,
		       const struct capgap_image *b)
{
	ck_assert_msg(a->size == b->size, "%s: size %u", name, a->size);
	ck_assert_msg(!memcmp(a->data, b->data, sizeof(a->data)), "%s: bytes", name);
	ck_assert_msg(!memcmp(a->read, b->read, sizeof(a->read)), "%s: absent", name);
	ck_assert_msg(!memcmp(a->changing, b->changing, sizeof(a->changing)),
		      "%s: changing", name);
}

START_TEST(note_is_read_as_it_was_written)
{
	const struct trip *trip = &trips[_i];
	struct capgap_meta meta = trip->meta;
	struct capgap_image img;
	uint8_t bytes[CAPGAP_SPACE_MAX];
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	ck_assert_ptr_nonnull(out);
	for (unsigned i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)i;
	capgap_image_init(&img);
	capgap_image_put(&img, 0, bytes, trip->size);
	capgap_image_drop(&img, trip->drop.off, trip->drop.len);
	meta.flags |= CAPGAP_META_BDF;
	meta.bdf = support_bdf(BDF);
	capgap_note_write(out, &meta, &img);
	ck_assert_int_eq(fflush(out), 0);
	if (trip->text[sizeof(NOTE) - 1] != '\n')
		ck_assert_str_eq(text, trip->text);
	put_rows(out, &img);
	ck_assert_int_eq(fclose(out), 0);
	ck_assert_int_eq(got_read(text, len, "x"), 0);
	ck_assert_msg(got.n == 1, "%s: %u records", trip->name, got.n);
	same_meta(trip->name, &got.rec[0].meta, &meta);
	same_image(trip->name, &got.rec[0].image, &img);
	free(text);
}
END_TEST

/* lspci -F has room for 253 characters of a line. */
START_TEST(note_lines_stay_short)
{
	struct capgap_meta meta = { .flags = CAPGAP_META_BDF | CAPGAP_META_DRIVER |
					     CAPGAP_META_VFIO | CAPGAP_META_IOMMU };
	struct capgap_image img;
	uint8_t byte = 1;
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	ck_assert_ptr_nonnull(out);
	memset(meta.driver, ' ', sizeof(meta.driver) - 1);
	memset(meta.vfio, '\xff', sizeof(meta.vfio) - 1);
	memset(meta.blocker_driver, ' ', sizeof(meta.blocker_driver) - 1);
	meta.flags |= CAPGAP_META_MEMBERS | CAPGAP_META_BLOCKER_DRIVER;
	meta.group_size = 65536;
	meta.n_members = CAPGAP_MEMBERS_MAX;
	for (unsigned i = 0; i < CAPGAP_MEMBERS_MAX; i++) {
		meta.member[i].bdf = (struct capgap_bdf){ UINT32_MAX, 0xff, (uint8_t)i,
							  7 };
		memset(meta.member[i].driver, '\xff', sizeof(meta.driver) - 1);
	}
	meta.bdf = (struct capgap_bdf){ UINT32_MAX, 0xff, 0x1f, 7 };
	meta.iommu = (struct capgap_iommu){ CAPGAP_IOMMU_INTEL_VTD, UINT64_MAX,
					    UINT64_MAX };
	capgap_image_init(&img);
	for (unsigned off = 0; off < CAPGAP_SPACE_MAX; off += 16)
		capgap_image_put(&img, off, &byte, 1);
	capgap_note_write(out, &meta, &img);
	ck_assert_int_eq(fclose(out), 0);
	for (char *p = text; *p; p += strcspn(p, "\n") + 1)
		ck_assert_uint_lt(strcspn(p, "\n"), 200);
	ck_assert_int_eq(got_read(text, len, "x"), 0);
	ck_assert_uint_eq(got.n, 1);
	same_meta("long", &got.rec[0].meta, &meta);
	same_image("long", &got.rec[0].image, &img);
	free(text);
}
END_TEST

/**
 * struct odd - a capture with something odd in it
 * @name: for messages
 * @text: it
 * @n: functions that it has
 * @flags: what is known of the first, beside its address
 * @size: of the first; bytes behind its rows are absent
 * @line: of the first trouble, 0 for none
 * @trouble: how that begins
 */
static const struct odd {
	const char *name;
	const char *text;
	unsigned n;
	unsigned flags;
	unsigned size;
	unsigned long line;
	const char *trouble;
} odds[] = {
	{ "the comment counts, and not the header line",
	  HEAD NOTE "class=088000\n" FUNCTION, 1, CAPGAP_META_CLASS, 16, 0, NULL },
	{ "a comment over several lines",
	  HEAD NOTE "class=088000\n" NOTE "numa=1\n" NOTE "size=64\n" FUNCTION, 1,
	  CAPGAP_META_CLASS | CAPGAP_META_NUMA, 64, 0, NULL },
	{ "lines between the comment and its function",
	  NOTE "numa=1\n\n# a remark\nsome text\n" FUNCTION, 1, CAPGAP_META_NUMA, 16, 0,
	  NULL },
	{ "no title", NOTE "numa=1\n" FUNCTION, 1, CAPGAP_META_NUMA, 16, 0, NULL },
	{ "a later form", "# capgap capture 2\n" NOTE "numa=1\n" FUNCTION, 1,
	  CAPGAP_META_NUMA, 16, 1, "a capture of a later form" },
	{ "a comment that says nothing", "# capgap: " BDF "\n" FUNCTION, 1, 0, 16, 0,
	  NULL },
	{ "no address", "# capgap: numa=1\n" FUNCTION, 1,
	  CAPGAP_META_IDS | CAPGAP_META_CLASS | CAPGAP_META_REVISION, 16, 0, NULL },
	{ "an unknown word, and others are taken", NOTE "x=1 numa=1\n" FUNCTION, 1,
	  CAPGAP_META_NUMA, 16, 1, "'x=1' is not" },
	{ "a word twice", NOTE "numa=1 numa=2\n" FUNCTION, 1, CAPGAP_META_NUMA, 16, 1,
	  "'numa=2' is not" },
	{ "a word twice, in two comments", NOTE "numa=1\n" NOTE "numa=1\n" FUNCTION, 1,
	  CAPGAP_META_NUMA, 16, 2, "'numa=1' is not" },
	{ "two ends", NOTE "size=64 size=32\n" FUNCTION, 1, 0, 64, 1,
	  "'size=32' is not" },
	{ "two ends, in two comments", NOTE "size=64\n" NOTE "size=64\n" FUNCTION, 1, 0,
	  64, 2, "'size=64' is not" },
	{ "an end behind a row that is longer, and once more",
	  NOTE ROW_OF("020", "00") " size=32 size=4096\n" FUNCTION, 1, 0, 33, 1,
	  "'size=4096' is not" },
	{ "rows, each with a place of its own",
	  NOTE ROW_OF("010", "00") " " ROW_OF("020", "01") "\n" FUNCTION, 1, 0, 33, 0,
	  NULL },
	{ "a row twice", NOTE ROW_OF("010", "00") " " ROW_OF("010", "..") "\n" FUNCTION,
	  1, 0, 17, 1, "'" ROW_OF("010", "..") },
	{ "the last row twice",
	  NOTE ROW_OF("ff0", "00") "\n" NOTE ROW_OF("ff0", "00") "\n" FUNCTION, 1, 0,
	  0xff1, 2, "'" ROW_OF("ff0", "00") },
	{ "a row that is none takes no place",
	  NOTE ROW_OF("010", "0x") " " ROW_OF("010", "00") "\n" FUNCTION, 1, 0, 17, 1,
	  "'" ROW_OF("010", "0x") },
	{ "a member twice",
	  NOTE "member=0000:01:00.1/x member=0000:01:00.2 member=0000:01:00.1\n" FUNCTION,
	  1, 0, 16, 1, "'member=0000:01:00.1' is not" },
	{ "two words that are not understood", NOTE "x=1 numa=1 y=2\n" FUNCTION, 1,
	  CAPGAP_META_NUMA, 16, 1,
	  "'x=1' and 1 more are not understood, or stand twice, in a comment of a capture" },
	{ "many of them", NOTE "x=1 y=1 y z numa=1 numa=1\n" FUNCTION, 1,
	  CAPGAP_META_NUMA, 16, 1, "'x=1' and 4 more are not" },
	{ "ids without one", NOTE "ids=8086\n" FUNCTION, 1, 0, 16, 1, "'ids=8086'" },
	{ "ids that are none", NOTE "ids=8086:0b2x\n" FUNCTION, 1, 0, 16, 1, "'ids=" },
	{ "upper case", NOTE "ids=8086:0B25\n" FUNCTION, 1, 0, 16, 1, "'ids=" },
	{ "a class too short", NOTE "class=0880\n" FUNCTION, 1, 0, 16, 1, "'class=" },
	{ "a revision too long", NOTE "rev=001\n" FUNCTION, 1, 0, 16, 1, "'rev=" },
	{ "no physical function", NOTE "physfn=01:00.0\n" FUNCTION, 1, 0, 16, 1,
	  "'physfn=" },
	{ "an empty name", NOTE "driver=\n" FUNCTION, 1, 0, 16, 1, "'driver='" },
	{ "a name too long", NOTE "driver=abcdefghijklmnopqrstuvwxyzabcdefgh\n" FUNCTION,
	  1, 0, 16, 1, "'driver=" },
	{ "half an escape", NOTE "driver=a%2\n" FUNCTION, 1, 0, 16, 1, "'driver=" },
	{ "an escaped end", NOTE "driver=a%00b\n" FUNCTION, 1, 0, 16, 1, "'driver=" },
	{ "a long group", NOTE "group=1234567890\n" FUNCTION, 1, 0, 16, 1, "'group=" },
	{ "half of VT-d", NOTE "iommu=intel:1\n" FUNCTION, 1, 0, 16, 1, "'iommu=" },
	{ "more than a register", NOTE "iommu=amd:10000000000000000\n" FUNCTION, 1, 0, 16,
	  1, "'iommu=" },
	{ "no such IOMMU", NOTE "iommu=arm\n" FUNCTION, 1, 0, 16, 1, "'iommu=" },
	{ "a value where none is", NOTE "asleep=1\n" FUNCTION, 1, 0, 16, 1,
	  "'asleep=1'" },
	{ "a member that is none", NOTE "member=01:00.1/x\n" FUNCTION, 1, 0, 16, 1,
	  "'member=" },
	{ "a member without the name of its driver",
	  NOTE "member=0000:01:00.1/\n" FUNCTION, 1, 0, 16, 1, "'member=" },
	{ "a group of nobody", NOTE "members=0\n" FUNCTION, 1, 0, 16, 1, "'members=" },
	{ "no number of virtual functions", NOTE "vfs=-1\n" FUNCTION, 1, 0, 16, 1,
	  "'vfs=" },
	{ "withheld bytes", NOTE "withheld size=16\n" FUNCTION, 1, CAPGAP_META_WITHHELD,
	  16, 0, "captured without privilege" },
	{ "withheld bytes of one that is not there", NOTE "withheld size=16\n", 0, 0, 0,
	  1, "0000:01:00.0 has no rows" },
	{ "withheld bytes, with a value", NOTE "withheld=1\n" FUNCTION, 1, 0, 16, 1,
	  "'withheld=1'" },
	{ "no end", NOTE "size=0\n" FUNCTION, 1, 0, 16, 1, "'size=" },
	{ "an end too far", NOTE "size=4097\n" FUNCTION, 1, 0, 16, 1, "'size=" },
	{ "an end before that of the rows", NOTE "size=8\n" FUNCTION, 1, 0, 16, 0, NULL },
	{ "a row too short", NOTE "row=010:00\n" FUNCTION, 1, 0, 16, 1, "'row=" },
	{ "a row in the middle of one",
	  NOTE "row=011:00..............................\n" FUNCTION, 1, 0, 16, 1,
	  "'row=" },
	{ "half a byte of a row",
	  NOTE "row=010:0...............................\n" FUNCTION, 1, 0, 16, 1,
	  "'row=" },
	{ "one that sleeps", NOTE "numa=1 asleep\n", 1,
	  CAPGAP_META_ASLEEP | CAPGAP_META_NUMA, 0, 0, NULL },
	{ "one that sleeps, before another", NOTE "asleep\n\n01:00.1 x\n" ROW0, 2,
	  CAPGAP_META_ASLEEP, 0, 0, NULL },
	{ "one that sleeps, before another's comment",
	  NOTE "asleep\n\n# capgap: 0000:01:00.1 numa=1\n01:00.1 x\n" ROW0, 2,
	  CAPGAP_META_ASLEEP, 0, 0, NULL },
	{ "one that sleeps, behind another", FUNCTION "\n# capgap: 0000:01:00.1 asleep\n",
	  2, CAPGAP_META_IDS | CAPGAP_META_CLASS | CAPGAP_META_REVISION, 16, 0, NULL },
	{ "one that sleeps and has bytes", NOTE "asleep\n" FUNCTION, 1, 0, 16, 0, NULL },
	{ "a comment without its function", NOTE "numa=1\n\n01:00.1 x\n" ROW0, 1, 0, 16,
	  1, "0000:01:00.0 has no rows" },
	{ "two comments, one function",
	  "# capgap: 0000:01:00.7 numa=0\n" NOTE "numa=1\n" FUNCTION, 1, CAPGAP_META_NUMA,
	  16, 1, "0000:01:00.7 has no rows" },
	{ "a comment, and rows without a header line",
	  FUNCTION ROW1 "\n" NOTE "numa=1\n" ROW0, 2,
	  CAPGAP_META_IDS | CAPGAP_META_CLASS | CAPGAP_META_REVISION, 32, 5,
	  "0000:01:00.0 has no rows" },
};

START_TEST(note_that_is_odd_is_told)
{
	const struct odd *odd = &odds[_i];
	const struct capgap_record *rec = &got.rec[0];
	unsigned known;

	(void)got_read(odd->text, strlen(odd->text), "x");
	ck_assert_msg(got.n == odd->n, "%s: %u records", odd->name, got.n);
	known = rec->meta.flags & ~(unsigned)(CAPGAP_META_BDF | CAPGAP_META_SYSFS);
	ck_assert_msg(known == odd->flags, "%s: flags %x", odd->name, known);
	ck_assert_msg(rec->image.size == odd->size, "%s: size %u", odd->name,
		      rec->image.size);
	ck_assert_msg((got.troubles != 0) == (odd->trouble != NULL),
		      "%s: %u troubles: %s", odd->name, got.troubles, got.err.text);
	if (!odd->trouble)
		return;
	ck_assert_msg(got.err.line == odd->line, "%s: line %lu", odd->name, got.err.line);
	ck_assert_msg(!strncmp(got.err.text, odd->trouble, strlen(odd->trouble)),
		      "%s: %s", odd->name, got.err.text);
}
END_TEST

/* However many functions were captured so. */
START_TEST(note_says_once_that_bytes_were_withheld)
{
	static const char text[] = HEAD NOTE
		"withheld size=16\n" FUNCTION
		"\n# capgap: 0000:01:00.1 withheld size=16\n01:00.1 x\n" ROW0;

	(void)got_read(text, strlen(text), "x");
	ck_assert_uint_eq(got.n, 2);
	ck_assert_uint_eq(got.troubles, 1);
	for (unsigned i = 0; i < 2; i++)
		ck_assert(got.rec[i].meta.flags & CAPGAP_META_WITHHELD);
}
END_TEST

Suite *note_suite(void)
{
	Suite *suite = suite_create("note");
	TCase *tc = tcase_create("note");

	tcase_add_loop_test(tc, note_is_read_as_it_was_written, 0, ROWS(trips));
	tcase_add_test(tc, note_lines_stay_short);
	tcase_add_loop_test(tc, note_that_is_odd_is_told, 0, ROWS(odds));
	tcase_add_test(tc, note_says_once_that_bytes_were_withheld);
	suite_add_tcase(suite, tc);
	return suite;
}
