/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The IOMMU and the IOMMU group that a copied sysfs tree tells of, and who is in it. */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../analyzer/source/host.h"
#include "../analyzer/source/sysfs.h"
#include "check_host.h"
#include "suites.h"
#include "support.h"

/* The function, and where its copy has IOMMUs. */
#define FN "sys/devices/pci0000:00/0000:00:02.0/"
#define VIRTUAL "sys/devices/virtual/iommu/"
#define CLASS "sys/class/iommu/"

/**
 * struct row - a tree, and what it tells
 * @name: for messages
 * @entry: what is in it
 * @kind: the IOMMU; CAPGAP_IOMMU_UNKNOWN for none
 * @cap: its registers
 * @ext: and
 * @group: IOMMU group, or -1
 */
struct row {
	const char *name;
	struct entry entry[ENTRIES];
	enum capgap_iommu_kind kind;
	uint64_t cap;
	uint64_t ext;
	int group;
};

#define VTD(dir)                                                                         \
	TEXT(dir "intel-iommu/cap", "d2008c40660462\n"),                                 \
		TEXT(dir "intel-iommu/ecap", "f050da\n")
#define AMD(dir, features) TEXT(dir "amd-iommu/features", features)
#define OWN_LINK LINK(FN "iommu", "../../virtual/iommu/dmar0")

#define EFR UINT64_C(0x25bf732fa2295afa)

static const struct row rows[] = {
	{ "nothing", { TEXT(FN "config", "x") }, CAPGAP_IOMMU_UNKNOWN, 0, 0, -1 },
	{ "a link to VT-d",
	  { OWN_LINK, VTD(VIRTUAL "dmar0/") },
	  CAPGAP_IOMMU_INTEL_VTD,
	  0xd2008c40660462,
	  0xf050da,
	  -1 },
	{ "a folder, as copying makes of a link",
	  { VTD(FN "iommu/") },
	  CAPGAP_IOMMU_INTEL_VTD,
	  0xd2008c40660462,
	  0xf050da,
	  -1 },
	{ "a link that the copy broke, to a name that it has",
	  { LINK(FN "iommu", "../nowhere/dmar1"), VTD(CLASS "dmar1/"),
	    TEXT(CLASS "dmar0/intel-iommu/cap", "1\n") },
	  CAPGAP_IOMMU_INTEL_VTD,
	  0xd2008c40660462,
	  0xf050da,
	  -1 },
	{ "a link that dangles", { OWN_LINK }, CAPGAP_IOMMU_UNKNOWN, 0, 0, -1 },
	{ "a link that dangles, beside the only IOMMU",
	  { OWN_LINK, VTD(VIRTUAL "dmar1/") },
	  CAPGAP_IOMMU_UNKNOWN,
	  0,
	  0,
	  -1 },
	{ "a link out of the copy",
	  { LINK(FN "iommu", "/proc/self/cwd/elsewhere/dmar0"), VTD("elsewhere/dmar0/") },
	  CAPGAP_IOMMU_UNKNOWN,
	  0,
	  0,
	  -1 },
	{ "a link that dangles, and another IOMMU lists the function",
	  { OWN_LINK, VTD(VIRTUAL "dmar1/"),
	    LINK(VIRTUAL "dmar1/devices/0000:00:02.0", "../x") },
	  CAPGAP_IOMMU_UNKNOWN,
	  0,
	  0,
	  -1 },
	{ "no link, and the only IOMMU does not list the function",
	  { VTD(VIRTUAL "dmar0/"), LINK(VIRTUAL "dmar0/devices/0000:00:03.0", "x") },
	  CAPGAP_IOMMU_UNKNOWN,
	  0,
	  0,
	  -1 },
	{ "no link, and an IOMMU lists the function",
	  { TEXT(VIRTUAL "dmar0/intel-iommu/cap", "1\n"), VTD(VIRTUAL "dmar1/"),
	    LINK(VIRTUAL "dmar1/devices/0000:00:02.0", "../x") },
	  CAPGAP_IOMMU_INTEL_VTD,
	  0xd2008c40660462,
	  0xf050da,
	  -1 },
	{ "the list of a class of IOMMUs",
	  { AMD(CLASS "ivhd0/", "25bf732fa2295afa\n"),
	    LINK(CLASS "ivhd0/devices/0000:00:02.0", "../x") },
	  CAPGAP_IOMMU_AMD,
	  0,
	  EFR,
	  -1 },
	{ "half of VT-d",
	  { OWN_LINK, TEXT(VIRTUAL "dmar0/intel-iommu/cap", "d2008c40660462\n") },
	  CAPGAP_IOMMU_UNKNOWN,
	  0,
	  0,
	  -1 },
	{ "no number",
	  { TEXT(FN "iommu/intel-iommu/cap", "d2008c40660462\n"),
	    TEXT(FN "iommu/intel-iommu/ecap", "f0x\n") },
	  CAPGAP_IOMMU_UNKNOWN,
	  0,
	  0,
	  -1 },
	{ "more than a register holds",
	  { TEXT(FN "iommu/intel-iommu/cap", "1\n"),
	    TEXT(FN "iommu/intel-iommu/ecap", "10000000000000000\n") },
	  CAPGAP_IOMMU_UNKNOWN,
	  0,
	  0,
	  -1 },
	{ "AMD, one register",
	  { AMD(FN "iommu/", "25bf732fa2295afa\n") },
	  CAPGAP_IOMMU_AMD,
	  0,
	  EFR,
	  -1 },
	{ "AMD, the second register first",
	  { AMD(FN "iommu/", "1d:25bf732fa2295afa\n") },
	  CAPGAP_IOMMU_AMD,
	  0,
	  EFR,
	  -1 },
	{ "AMD, the second register last",
	  { AMD(FN "iommu/", "25bf732fa2295afa:1d\n") },
	  CAPGAP_IOMMU_AMD,
	  0,
	  EFR,
	  -1 },
	{ "AMD, no second register",
	  { AMD(FN "iommu/", "0:800000853\n") },
	  CAPGAP_IOMMU_AMD,
	  0,
	  0x800000853,
	  -1 },
	{ "AMD, a short first register alone",
	  { AMD(FN "iommu/", "853:0") },
	  CAPGAP_IOMMU_AMD,
	  0,
	  0x853,
	  -1 },
	{ "AMD, two that cannot be told apart",
	  { AMD(FN "iommu/", "853:1d\n") },
	  CAPGAP_IOMMU_UNKNOWN,
	  0,
	  0,
	  -1 },
	{ "AMD, two great ones",
	  { AMD(FN "iommu/", "25bf732fa2295afa:100000000\n") },
	  CAPGAP_IOMMU_UNKNOWN,
	  0,
	  0,
	  -1 },
	{ "AMD, three", { AMD(FN "iommu/", "1:2:3\n") }, CAPGAP_IOMMU_UNKNOWN, 0, 0, -1 },
	{ "an IOMMU of another kind",
	  { LINK(FN "iommu", "../../virtual/iommu/smmu3.0x0000000009050000"),
	    TEXT(VIRTUAL "smmu3.0x0000000009050000/uevent", "") },
	  CAPGAP_IOMMU_OTHER,
	  0,
	  0,
	  -1 },
	{ "the folder of AMD's own function",
	  { AMD(FN "iommu/ivhd0/", "1\n") },
	  CAPGAP_IOMMU_UNKNOWN,
	  0,
	  0,
	  -1 },
	{ "a group, though its link dangles",
	  { LINK(FN "iommu_group", "../../../kernel/iommu_groups/31") },
	  CAPGAP_IOMMU_UNKNOWN,
	  0,
	  0,
	  31 },
	{ "group 0",
	  { LINK(FN "iommu_group", "groups/0/") },
	  CAPGAP_IOMMU_UNKNOWN,
	  0,
	  0,
	  0 },
	{ "no number of a group",
	  { LINK(FN "iommu_group", "groups/3a") },
	  CAPGAP_IOMMU_UNKNOWN,
	  0,
	  0,
	  -1 },
	{ "a file is no link",
	  { TEXT(FN "iommu_group", "31\n") },
	  CAPGAP_IOMMU_UNKNOWN,
	  0,
	  0,
	  -1 },
};

static void start(void)
{
	static const struct entry function = TEXT(FN "uevent", "");

	host_start();
	host_make(&function);
}

START_TEST(sysfs_tells_of_the_iommu)
{
	const struct row *row = &rows[_i];
	struct capgap_meta meta = { .flags = CAPGAP_META_BDF };
	struct capgap_err err = { .code = 0 };
	int dir;

	meta.bdf = support_bdf("0000:00:02.0");
	host_make_all(row->entry, ENTRIES);
	dir = open(FN, O_RDONLY | O_DIRECTORY);
	ck_assert_int_ge(dir, 0);
	capgap_sysfs_iommu(dir, "sys", &meta, &err);
	close(dir);
	ck_assert_msg(!err.code, "%s: %s", row->name, err.text);
	ck_assert_msg(!(meta.flags & CAPGAP_META_IOMMU) ==
			      (row->kind == CAPGAP_IOMMU_UNKNOWN),
		      "%s: flag", row->name);
	ck_assert_msg(meta.iommu.kind == row->kind, "%s: kind %d", row->name,
		      meta.iommu.kind);
	ck_assert_msg(meta.iommu.cap == row->cap, "%s: cap %llx", row->name,
		      (unsigned long long)meta.iommu.cap);
	ck_assert_msg(meta.iommu.ext == row->ext, "%s: ext %llx", row->name,
		      (unsigned long long)meta.iommu.ext);
	ck_assert_msg(!(meta.flags & CAPGAP_META_GROUP) == (row->group < 0), "%s: group",
		      row->name);
	if (row->group >= 0)
		ck_assert_uint_eq(meta.iommu_group, (unsigned)row->group);
}
END_TEST

#define ASKED 6
#define TOLD 400

/**
 * struct asking - functions that ask for their groups one after the other
 * @name: for messages
 * @asks: "02.0" of each, in that order
 * @told: "2 03.0=ahci! 04.0=": size of the group, the others; "!" is behind the blocker
 */
struct asking {
	const char *name;
	const char *asks[ASKED];
	const char *told[ASKED];
};

/*
 * Group 1: 01.0 and 03.0 have drivers that VFIO does not share with, 02.0 and 04.0 not.
 * Group 2: 11.0 is the only such. Group 3: 12.0 is alone. 13.0 is not in the list of its
 * group, which is group 2. Group 4: one address is there in two spellings.
 */
static const struct {
	const char *name;
	const char *listed;
	const char *group;
	const char *driver;
} group_members[] = {
	{ "01.0", "0000:00:01.0", "1", "ahci" },
	{ "02.0", "0000:00:02.0", "1", "vfio-pci" },
	{ "03.0", "0000:00:03.0", "1", "nvme" },
	{ "04.0", "0000:00:04.0", "1", NULL },
	{ "10.0", "0000:00:10.0", "2", "pcieport" },
	{ "11.0", "0000:00:11.0", "2", "xhci_hcd" },
	{ "12.0", "0000:00:12.0", "3", "nvme" },
	{ "13.0", NULL, "2", "nvme" },
	{ "1a.0", "0000:00:1a.0", "4", "nvme" },
	{ "1a.0", "0000:00:1A.0", "4", "nvme" },
	{ "1b.0", "0000:00:1b.0", "4", NULL },
};

#define BY_01 "4 02.0=vfio-pci 03.0=nvme! 04.0="
#define BY_02 "4 01.0=ahci! 03.0=nvme 04.0="
#define BY_03 "4 01.0=ahci! 02.0=vfio-pci 04.0="
#define BY_04 "4 01.0=ahci! 02.0=vfio-pci 03.0=nvme"
#define BY_10 "2 11.0=xhci_hcd!"
#define BY_11 "2 10.0=pcieport"
#define BY_13 "3 10.0=pcieport 11.0=xhci_hcd!"

static const struct asking askings[] = {
	{ "two of one group", { "02.0", "04.0" }, { BY_02, BY_04 } },
	{ "the blocker last", { "02.0", "03.0", "01.0" }, { BY_02, BY_03, BY_01 } },
	{ "the blocker first", { "01.0", "02.0", "01.0" }, { BY_01, BY_02, BY_01 } },
	{ "the only blocker", { "10.0", "11.0", "10.0" }, { BY_10, BY_11, BY_10 } },
	{ "two groups in turn",
	  { "01.0", "10.0", "02.0", "11.0", "03.0", "10.0" },
	  { BY_01, BY_10, BY_02, BY_11, BY_03, BY_10 } },
	{ "one alone, between others",
	  { "02.0", "12.0", "01.0", "12.0" },
	  { BY_02, "1", BY_01, "1" } },
	{ "one that its group does not list",
	  { "10.0", "13.0", "11.0", "13.0" },
	  { BY_10, BY_13, BY_11, BY_13 } },
	{ "an address in two spellings",
	  { "1b.0", "1a.0", "1b.0" },
	  { "3 1a.0=nvme! 1a.0=nvme!", "2 1b.0=", "3 1a.0=nvme! 1a.0=nvme!" } },
};

#define DEVICES "sys/devices/pci0000:00/"
#define DEVICE DEVICES "0000:00:"

/* Groups, some more than are kept. */
#define MANY 300u
#define GROUPS "sys/kernel/iommu_groups/"

static void make_link(const char *path, const char *link)
{
	const struct entry entry = LINK(path, link);
	struct stat st;

	if (lstat(path, &st))
		host_make(&entry);
}

static void make_groups(void)
{
	char path[96];
	char link[96];

	for (unsigned i = 0; i < ROWS(group_members); i++) {
		const char *name = group_members[i].name;

		snprintf(path, sizeof(path), DEVICE "%s/iommu_group", name);
		snprintf(link, sizeof(link), "../../../kernel/iommu_groups/%s",
			 group_members[i].group);
		make_link(path, link);
		snprintf(path, sizeof(path), DEVICE "%s/driver", name);
		snprintf(link, sizeof(link), "../../../bus/pci/drivers/%s",
			 group_members[i].driver ? group_members[i].driver : "");
		if (group_members[i].driver)
			make_link(path, link);
		snprintf(path, sizeof(path), GROUPS "%s/devices/%s",
			 group_members[i].group, group_members[i].listed);
		snprintf(link, sizeof(link), "../../../../devices/pci0000:00/0000:00:%s",
			 name);
		if (group_members[i].listed)
			make_link(path, link);
	}
}

/* What a function of an address is told of its group. */
static const char *ask(const char *name, struct capgap_sysfs_groups *groups,
		       char told[TOLD])
{
	struct capgap_bdf bdf = support_bdf(name);
	char path[96];
	struct capgap_meta meta;
	struct capgap_err err = { .code = 0 };
	size_t used;
	int dir;

	snprintf(path, sizeof(path), DEVICES "%s", name);
	dir = open(path, O_RDONLY | O_DIRECTORY);
	ck_assert_int_ge(dir, 0);
	ck_assert_int_eq(capgap_sysfs_meta(dir, &bdf, "sys", groups, &meta, &err), 0);
	close(dir);
	ck_assert(meta.flags & CAPGAP_META_MEMBERS);
	used = (size_t)snprintf(told, TOLD, "%u", meta.group_size);
	for (unsigned i = 0; i < meta.n_members; i++) {
		const struct capgap_member *member = &meta.member[i];
		bool blocks = (meta.flags & CAPGAP_META_BLOCKER) &&
			      capgap_bdf_equal(&member->bdf, &meta.blocker);

		if (blocks)
			ck_assert_str_eq(meta.blocker_driver, member->driver);
		used += (size_t)snprintf(told + used, TOLD - used, " %02x.%u=%s%s",
					 member->bdf.dev, member->bdf.fn, member->driver,
					 blocks ? "!" : "");
	}
	return told;
}

/* A group that was read before tells each function what it does when read for it alone. */
START_TEST(sysfs_tells_each_function_of_its_group)
{
	const struct asking *row = &askings[_i];
	struct capgap_sysfs_groups groups = { .first = NULL };
	char told[TOLD];

	make_groups();
	for (unsigned i = 0; i < ASKED && row->asks[i]; i++) {
		struct capgap_sysfs_groups none = { .first = NULL };
		char name[CAPGAP_BDF_TEXT];

		snprintf(name, sizeof(name), "0000:00:%s", row->asks[i]);
		ask(name, &none, told);
		capgap_sysfs_groups_release(&none);
		ck_assert_msg(!strcmp(told, row->told[i]), "%s, alone: %s is told %s",
			      row->name, row->asks[i], told);
		ask(name, &groups, told);
		ck_assert_msg(!strcmp(told, row->told[i]), "%s: %s is told %s", row->name,
			      row->asks[i], told);
	}
	capgap_sysfs_groups_release(&groups);
	ck_assert_ptr_null(groups.first);
}
END_TEST

/* Of a large group each function is told of as many others, though it is one of the first. */
START_TEST(sysfs_tells_of_as_many_beside_each)
{
	struct capgap_sysfs_groups groups = { .first = NULL };
	struct capgap_bdf bdf = { .domain = 0 };
	char name[CAPGAP_BDF_TEXT];
	char path[96];
	char told[TOLD];
	char want[TOLD];
	size_t used;

	for (unsigned i = 0; i < 40; i++) {
		snprintf(path, sizeof(path), GROUPS "5/devices/0000:00:%02x.%u", i / 8,
			 i % 8);
		make_link(path, "x");
		snprintf(path, sizeof(path), DEVICE "%02x.%u/iommu_group", i / 8, i % 8);
		make_link(path, "../../../kernel/iommu_groups/5");
	}
	for (unsigned i = 0; i < 40; i++) {
		bdf.dev = (uint8_t)(i / 8);
		bdf.fn = i % 8;
		used = (size_t)snprintf(want, TOLD, "40");
		for (unsigned k = 0; k < CAPGAP_MEMBERS_MAX + (i < CAPGAP_MEMBERS_MAX);
		     k++) {
			if (k != i)
				used += (size_t)snprintf(want + used, TOLD - used,
							 " %02x.%u=", k / 8, k % 8);
		}
		ck_assert_str_eq(ask(capgap_bdf_format(&bdf, name), &groups, told), want);
	}
	capgap_sysfs_groups_release(&groups);
}
END_TEST

/* More groups than are kept, twice: each still tells its own. */
START_TEST(sysfs_forgets_the_oldest_groups)
{
	struct capgap_sysfs_groups groups = { .first = NULL };
	char path[96];
	char told[TOLD];
	char want[TOLD];

	for (unsigned n = 0; n < 2 * MANY; n++) {
		unsigned i = n % MANY;
		struct capgap_bdf bdf = { .bus = (uint8_t)(i / 256),
					  .dev = (uint8_t)(i / 8 % 32),
					  .fn = i % 8 };
		char name[CAPGAP_BDF_TEXT];
		char other[24];

		capgap_bdf_format(&bdf, name);
		snprintf(path, sizeof(path), DEVICES "%s/iommu_group/devices/%s", name,
			 name);
		make_link(path, "../..");
		snprintf(other, sizeof(other), "%02x.%u", i % 31, i / 31 % 8);
		snprintf(path, sizeof(path), DEVICES "%s/iommu_group/devices/0001:00:%s",
			 name, other);
		make_link(path, "x");
		snprintf(want, sizeof(want), "2 %s=", other);
		ck_assert_str_eq(ask(name, &groups, told), want);
	}
	capgap_sysfs_groups_release(&groups);
}
END_TEST

static int on_record(void *ctx, const struct capgap_record *rec)
{
	unsigned *records = ctx;

	ck_assert_uint_eq(rec->meta.group_size, 20);
	ck_assert_uint_eq(rec->meta.n_members, 19);
	++*records;
	return 0;
}

static unsigned on_limit(void *ctx, const struct capgap_record *rec)
{
	(void)ctx;
	(void)rec;
	return CAPGAP_SPACE_MAX;
}

/* Two groups, whose functions take turns. */
static void make_two_groups(void)
{
	char path[80];
	char link[80];
	char name[CAPGAP_BDF_TEXT];

	for (unsigned i = 0; i < 40; i++) {
		struct capgap_bdf bdf = { .dev = (uint8_t)(i / 8), .fn = i % 8 };
		const struct entry config = CONFIG(path, 64);

		capgap_bdf_format(&bdf, name);
		snprintf(path, sizeof(path), BUS "%s/config", name);
		host_make(&config);
		snprintf(path, sizeof(path), BUS "%s/iommu_group", name);
		snprintf(link, sizeof(link), "../../../../groups/%u", i % 2);
		make_link(path, link);
		snprintf(path, sizeof(path), "t/groups/%u/devices/%s", i % 2, name);
		make_link(path, "x");
	}
}

/* The list of a group is read once, not by each of its functions: as host, and as INPUT. */
START_TEST(sysfs_reads_a_group_once)
{
	struct capgap_host host = { .sysfs = "t" };
	unsigned records = 0;
	const struct capgap_sink sink = { .record = on_record,
					  .limit = on_limit,
					  .ctx = &records };

	make_two_groups();
	fake_sysfs.counted = _i ? "/1/devices" : "/0/devices";
	ck_assert_int_eq(capgap_host_read(&host, &sink), 0);
	ck_assert_uint_eq(records, 40);
	ck_assert_uint_eq(fake_sysfs.listed, 22);
	fake_sysfs.listed = 0;
	ck_assert_int_eq(capgap_source_read("t/bus", &sink), 0);
	ck_assert_uint_eq(records, 80);
	ck_assert_uint_eq(fake_sysfs.listed, 22);
}
END_TEST

Suite *sysfs_suite(void)
{
	Suite *suite = suite_create("sysfs");
	TCase *tc = tcase_create("iommu");

	tcase_add_checked_fixture(tc, start, host_stop);
	tcase_add_loop_test(tc, sysfs_tells_of_the_iommu, 0, ROWS(rows));
	tcase_add_loop_test(tc, sysfs_tells_each_function_of_its_group, 0, ROWS(askings));
	tcase_add_test(tc, sysfs_tells_of_as_many_beside_each);
	tcase_add_loop_test(tc, sysfs_reads_a_group_once, 0, 2);
	tcase_add_test(tc, sysfs_forgets_the_oldest_groups);
	suite_add_tcase(suite, tc);
	return suite;
}
