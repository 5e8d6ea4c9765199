/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The IOMMU and the IOMMU group that a copied sysfs tree tells of. */
#include <check.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../analyzer/source/sysfs.h"
#include "suites.h"
#include "support.h"

#define ENTRIES 8

/* The function, and where its copy has IOMMUs. */
#define FN "sys/devices/pci0000:00/0000:00:02.0/"
#define VIRTUAL "sys/devices/virtual/iommu/"
#define CLASS "sys/class/iommu/"

/**
 * struct entry - a file or a link of the tree
 * @path: its path; NULL ends the list
 * @text: contents of a file
 * @link: where a link leads, NULL for a file
 */
struct entry {
	const char *path;
	const char *text;
	const char *link;
};

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

#define LINK(path, to)                                                                   \
	{                                                                                \
		path, NULL, to                                                           \
	}
#define TEXT(path, text)                                                                 \
	{                                                                                \
		path, text, NULL                                                         \
	}
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

static char top[] = "/tmp/capgap-sysfs-XXXXXX";

/* Make the directories above a path. */
static void make_parents(char *path)
{
	for (char *p = strchr(path, '/'); p; p = strchr(p + 1, '/')) {
		*p = '\0';
		(void)mkdir(path, 0777);
		*p = '/';
	}
}

static void make(const struct entry *entry)
{
	char *path = strdup(entry->path);
	FILE *file;

	ck_assert_ptr_nonnull(path);
	make_parents(path);
	if (entry->link) {
		ck_assert_int_eq(symlink(entry->link, path), 0);
	} else {
		file = fopen(path, "w");
		ck_assert_ptr_nonnull(file);
		ck_assert_int_ge(fputs(entry->text, file), 0);
		ck_assert_int_eq(fclose(file), 0);
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
	char fn[] = FN;

	ck_assert_ptr_nonnull(mkdtemp(top));
	ck_assert_int_eq(chdir(top), 0);
	make_parents(fn);
}

static void stop(void)
{
	ck_assert_int_eq(chdir("/"), 0);
	ck_assert_int_eq(nftw(top, forget, 8, FTW_DEPTH | FTW_PHYS), 0);
}

START_TEST(sysfs_tells_of_the_iommu)
{
	const struct row *row = &rows[_i];
	struct capgap_meta meta = { .flags = CAPGAP_META_BDF };
	struct capgap_err err = { .code = 0 };
	int dir;

	meta.bdf = support_bdf("0000:00:02.0");
	for (unsigned i = 0; i < ENTRIES && row->entry[i].path; i++)
		make(&row->entry[i]);
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

Suite *sysfs_suite(void)
{
	Suite *suite = suite_create("sysfs");
	TCase *tc = tcase_create("iommu");

	tcase_add_checked_fixture(tc, start, stop);
	tcase_add_loop_test(tc, sysfs_tells_of_the_iommu, 0, ROWS(rows));
	suite_add_tcase(suite, tc);
	return suite;
}
