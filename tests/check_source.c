/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inputs: raw images, copied sysfs trees, directories, and what is none. */
#include "check_source.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "suites.h"
#include "support.h"

struct got got;

static int on_input(void *ctx, const char *name)
{
	struct got *g = ctx;

	ck_assert_uint_lt(g->inputs, GOT_MAX);
	snprintf(g->input[g->inputs++], sizeof(g->input[0]), "%s", name);
	return 0;
}

static int on_record(void *ctx, const struct capgap_record *rec)
{
	struct got *g = ctx;

	ck_assert_uint_ge(g->inputs, 1);
	ck_assert_uint_lt(g->n, GOT_MAX);
	ck_assert_uint_le(rec->n_damage, CAPGAP_DAMAGE_MAX);
	g->rec[g->n++] = *rec;
	return g->stop;
}

static void on_trouble(void *ctx, const char *name, const struct capgap_err *err)
{
	struct got *g = ctx;

	ck_assert_ptr_nonnull(name);
	if (!g->troubles++)
		g->err = *err;
}

const struct capgap_sink got_sink = { on_input, on_record, on_trouble, &got, NULL, NULL };

int got_read(const void *bytes, size_t len, const char *name)
{
	FILE *file = tmpfile();
	int rc;

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(bytes, 1, len, file), len);
	rewind(file);
	memset(&got, 0, sizeof(got));
	rc = capgap_source_read_file(file, name, &got_sink);
	fclose(file);
	ck_assert_int_eq(rc, got.troubles ? -CAPGAP_E_DAMAGED : 0);
	return rc;
}

void got_bdf(const struct capgap_bdf *bdf, const char *want)
{
	char is[CAPGAP_BDF_TEXT];

	ck_assert_str_eq(capgap_bdf_format(bdf, is), want);
}

/* Inputs that give nothing, and why. */
static const struct {
	const char *bytes;
	size_t len;
	int code;
	const char *text;
} nothings[] = {
	{ "", 0, CAPGAP_E_EMPTY, "the file is empty" },
	{ "no rows here\n", 13, CAPGAP_E_EMPTY, "text without hex rows of lspci" },
	{ "00:1f.0 ISA bridge\n\tx\n", 22, CAPGAP_E_EMPTY,
	  "lspci text without hex rows (run lspci -xxxx)" },
	{ "\x1f\x8b\x08\0\0", 5, CAPGAP_E_FORMAT,
	  "compressed or archived (gzip): unpack it first" },
	{ "\xfd"
	  "7zXZ\0",
	  6, CAPGAP_E_FORMAT, "compressed or archived (xz): unpack it first" },
	{ "\x28\xb5\x2f\xfd", 4, CAPGAP_E_FORMAT,
	  "compressed or archived (zstd): unpack it first" },
};

START_TEST(useless_input_is_trouble)
{
	ck_assert_int_eq(got_read(nothings[_i].bytes, nothings[_i].len, "x"),
			 -CAPGAP_E_DAMAGED);
	ck_assert_uint_eq(got.inputs, 0);
	ck_assert_uint_eq(got.troubles, 1);
	ck_assert_int_eq(got.err.code, nothings[_i].code);
	ck_assert_str_eq(got.err.text, nothings[_i].text);
}
END_TEST

static const struct {
	const char *name;
	size_t len;
	const char *bdf;
} raws[] = {
	{ "image.bin", 1, NULL },
	{ "image.bin", 64, NULL },
	{ "dir/0000:00:1f.0", 0xa0, "0000:00:1f.0" },
	{ "0000:00:1f.0.config", 256, "0000:00:1f.0" },
	{ "0005-90-01.2.config", 4096, "0005:90:01.2" },
	{ "10000:e0:06.0-before", 0x600, "10000:e0:06.0" },
	{ "0000:00:1f.0x", 64, NULL },
	{ "00:1f.0.config", 64, NULL },
	{ "other-00_1f.0.config", 64, NULL },
	{ "/sys/bus/pci/devices/0000:3b:00.1/config", 64, "0000:3b:00.1" },
	{ "config", 64, NULL },
};

START_TEST(raw_image_is_one_function)
{
	static const uint8_t zero[CAPGAP_SPACE_MAX + 1];

	ck_assert_int_eq(got_read(zero, raws[_i].len, raws[_i].name), 0);
	ck_assert_uint_eq(got.n, 1);
	ck_assert_uint_eq(got.rec[0].image.size, raws[_i].len);
	ck_assert(capgap_image_is_whole(&got.rec[0].image));
	ck_assert_int_eq(!!(got.rec[0].meta.flags & CAPGAP_META_BDF),
			 raws[_i].bdf != NULL);
	if (raws[_i].bdf)
		got_bdf(&got.rec[0].meta.bdf, raws[_i].bdf);
	ck_assert_int_eq(got_read(zero, sizeof(zero), "x"), -CAPGAP_E_DAMAGED);
	ck_assert_int_eq(got.err.code, CAPGAP_E_FORMAT);
}
END_TEST

static char temp[] = "/tmp/check_source.XXXXXX";

/* A directory of the test's own, which it runs in. */
static void enter_temp(void)
{
	ck_assert_ptr_nonnull(mkdtemp(temp));
	ck_assert_int_eq(chdir(temp), 0);
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path);
}

static void leave_temp(void)
{
	ck_assert_int_eq(chdir("/"), 0);
	ck_assert_int_eq(nftw(temp, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

/* Make the directories that lead to @path. */
static void make_dirs(const char *path)
{
	char part[256];

	for (const char *slash = strchr(path, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		snprintf(part, sizeof(part), "%.*s", (int)(slash - path), path);
		(void)mkdir(part, 0755);
	}
}

static void make_file(const char *path, const void *bytes, size_t len)
{
	FILE *file;

	make_dirs(path);
	file = fopen(path, "wb");
	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(bytes, 1, len, file), len);
	ck_assert_int_eq(fclose(file), 0);
}

static void make_text(const char *path, const char *str)
{
	make_file(path, str, strlen(str));
}

static void make_link(const char *path, const char *target)
{
	make_dirs(path);
	ck_assert_int_eq(symlink(target, path), 0);
}

/* A function directory whose config has @len bytes, the first being @first. */
static void make_function(const char *dir, uint8_t first, size_t len)
{
	uint8_t bytes[CAPGAP_SPACE_MAX] = { first, 0x80 };
	char path[256];

	snprintf(path, sizeof(path), "%s/config", dir);
	make_file(path, bytes, len);
}

static int read_path(const char *path)
{
	int rc;

	memset(&got, 0, sizeof(got));
	rc = capgap_source_read(path, &got_sink);
	ck_assert_int_eq(rc, got.troubles ? -CAPGAP_E_DAMAGED : 0);
	return rc;
}

/* Record @i is the function at this address whose first byte is @first. */
static void assert_function(unsigned i, const char *bdf, uint8_t first)
{
	ck_assert_uint_lt(i, got.n);
	got_bdf(&got.rec[i].meta.bdf, bdf);
	ck_assert_uint_eq(got.rec[i].image.data[0], first);
	ck_assert_uint_eq(got.rec[i].line, 0);
}

#define ROOT "sys/devices/pci0000:00/"
#define PF ROOT "0000:00:01.0/0000:03:00.0/"
#define VF ROOT "0000:00:01.0/0000:03:10.0/"

START_TEST(tree_is_one_machine_in_order_of_addresses)
{
	make_function("t/" ROOT "0000:00:1f.0", 3, 256);
	make_function("t/" VF, 2, 4096);
	make_function("t/" PF, 1, 64);
	make_function("t/sys/devices/pci10000:e0/10000:e0:06.0", 4, 64);
	make_file("t/" PF "rom", "\1\2\3\4", 4);
	make_link("t/sys/bus/pci/devices/0000:03:00.0",
		  "../../../devices/pci0000:00/0000:00:01.0/"
		  "0000:03:00.0");
	make_link("t/sys/bus/pci/devices/0000:07:00.0", "../../../nowhere");
	ck_assert_int_eq(read_path("t"), 0);
	ck_assert_uint_eq(got.inputs, 1);
	ck_assert_str_eq(got.input[0], "t");
	ck_assert_uint_eq(got.n, 4);
	assert_function(0, "0000:00:1f.0", 3);
	assert_function(1, "0000:03:00.0", 1);
	assert_function(2, "0000:03:10.0", 2);
	assert_function(3, "10000:e0:06.0", 4);
	ck_assert_uint_eq(got.rec[1].image.size, 64);
	ck_assert_uint_eq(got.rec[2].image.size, 4096);
	ck_assert_int_eq(read_path("t/sys/bus/pci/devices"), 0);
	ck_assert_uint_eq(got.n, 1);
	ck_assert_int_eq(read_path("t/sys/bus/pci/devices/0000:03:00.0/"), 0);
	ck_assert_uint_eq(got.n, 1);
	assert_function(0, "0000:03:00.0", 1);
}
END_TEST

START_TEST(tree_tells_identity)
{
	const struct capgap_meta *meta = &got.rec[0].meta;

	make_function("t/" VF, 2, 256);
	make_text("t/" VF "vendor", "0x8086\n");
	make_text("t/" VF "device", "0x0b25\n");
	make_text("t/" VF "subsystem_vendor", "0x1028\n");
	make_text("t/" VF "subsystem_device", "0xffff\n");
	make_text("t/" VF "class", "0x088000\n");
	make_text("t/" VF "revision", "0x1f\n");
	make_link("t/" VF "physfn", "../0000:03:00.0");
	make_link("t/" VF "driver", "../../../bus/pci/drivers/vfio-pci/");
	ck_assert_int_eq(read_path("t"), 0);
	ck_assert_uint_eq(got.n, 1);
	ck_assert_uint_eq(meta->flags, CAPGAP_META_BDF | CAPGAP_META_IDS |
					       CAPGAP_META_SUBSYS | CAPGAP_META_CLASS |
					       CAPGAP_META_REVISION | CAPGAP_META_PHYSFN |
					       CAPGAP_META_DRIVER | CAPGAP_META_SYSFS);
	ck_assert_uint_eq(meta->vendor, 0x8086);
	ck_assert_uint_eq(meta->device, 0x0b25);
	ck_assert_uint_eq(meta->subvendor, 0x1028);
	ck_assert_uint_eq(meta->subdevice, 0xffff);
	ck_assert_uint_eq(meta->class_code, 0x088000);
	ck_assert_uint_eq(meta->revision, 0x1f);
	got_bdf(&meta->physfn, "0000:03:00.0");
	ck_assert_str_eq(meta->driver, "vfio-pci");
}
END_TEST

START_TEST(tree_without_links_tells_identity)
{
	make_function("a/0000:03:10.0", 1, 64);
	make_text("a/0000:03:10.0/physfn", "0000:03:00.0\n");
	make_text("a/0000:03:10.0/vendor", "8086\n");
	make_text("a/0000:03:10.0/device", "0x10ca\n");
	make_function("b/0000:03:10.0", 1, 64);
	make_text("b/0000:03:10.0/uevent", "DRIVER=igbvf\nPCI_SLOT_NAME=0000:03:10.0\n");
	make_text("b/0000:03:10.0/physfn/uevent",
		  "DRIVER=igb\nPCI_SLOT_NAME=0000:03:00.1\n");
	ck_assert_int_eq(read_path("a"), 0);
	ck_assert_uint_eq(got.rec[0].meta.flags, CAPGAP_META_BDF | CAPGAP_META_PHYSFN);
	got_bdf(&got.rec[0].meta.physfn, "0000:03:00.0");
	ck_assert_int_eq(read_path("b"), 0);
	got_bdf(&got.rec[0].meta.physfn, "0000:03:00.1");
	ck_assert_str_eq(got.rec[0].meta.driver, "igbvf");
}
END_TEST

START_TEST(tree_goes_on_after_a_useless_config)
{
	make_function("t/0000:00:00.0", 1, 64);
	make_function("t/0000:00:01.0", 2, 0);
	make_text("t/0000:00:02.0/config", "this is text\n");
	make_function("t/0000:00:03.0", 3, 64);
	ck_assert_int_eq(read_path("t"), -CAPGAP_E_DAMAGED);
	ck_assert_uint_eq(got.troubles, 2);
	ck_assert_int_eq(got.err.code, CAPGAP_E_EMPTY);
	ck_assert_uint_eq(got.n, 2);
	assert_function(1, "0000:00:03.0", 3);
}
END_TEST

START_TEST(several_trees_are_several_machines)
{
	make_function("t/b/sys/devices/pci0000:00/0000:00:00.0", 3, 64);
	make_function("t/b/sys/devices/pci0000:00/0000:00:1f.0", 4, 64);
	make_function("t/a/sys/bus/pci/devices/0000:00:00.0", 1, 64);
	make_function("t/a/sys/bus/pci/devices/0000:00:01.0", 2, 64);
	ck_assert_int_eq(read_path("t/"), 0);
	ck_assert_uint_eq(got.inputs, 2);
	ck_assert_str_eq(got.input[0], "t/a/sys");
	ck_assert_str_eq(got.input[1], "t/b/sys");
	ck_assert_uint_eq(got.n, 4);
	for (unsigned i = 0; i < 4; i++)
		ck_assert_uint_eq(got.rec[i].image.data[0], i + 1);
}
END_TEST

static const char dump[] = "00:1f.0 ISA bridge\n"
			   "00: 09 80 00 00 00 00 00 00 00 00 00 00 00 00 00 00\n";

START_TEST(other_files_of_a_directory_are_machines)
{
	uint8_t raw[64] = { 8, 0x80 };

	make_text("t/x/dump.txt", dump);
	make_file("t/x/0000:00:02.0.bin", raw, sizeof(raw));
	make_file("t/x/a.bin", raw, 3);
	make_text("t/x/README", "nothing\n");
	make_file("t/x/packed.gz", "\x1f\x8b\x08\0\0\0", 6);
	make_text("out/linked.txt", dump);
	make_link("t/x/linked.txt", "../../out/linked.txt");
	make_link("t/x/again.txt", "dump.txt");
	make_link("t/loop", "..");
	ck_assert_int_eq(read_path("t"), 0);
	ck_assert_uint_eq(got.inputs, 4);
	ck_assert_str_eq(got.input[0], "t/x/0000:00:02.0.bin");
	ck_assert_str_eq(got.input[1], "t/x/a.bin");
	ck_assert_str_eq(got.input[2], "t/x/dump.txt");
	ck_assert_str_eq(got.input[3], "t/x/linked.txt");
	make_function("t/z/0000:00:00.0", 1, 64);
	ck_assert_int_eq(read_path("t"), 0);
	ck_assert_uint_eq(got.inputs, 4); /* beside a tree three bytes are no image */
	ck_assert_str_eq(got.input[0], "t");
	ck_assert_str_eq(got.input[1], "t/x/0000:00:02.0.bin");
	ck_assert_uint_eq(got.n, 4);
}
END_TEST

START_TEST(useless_paths_are_trouble)
{
	make_text("t/README", "nothing\n");
	ck_assert_int_eq(read_path("t"), -CAPGAP_E_DAMAGED);
	ck_assert_int_eq(got.err.code, CAPGAP_E_EMPTY);
	ck_assert_int_eq(read_path("t/README"), -CAPGAP_E_DAMAGED);
	ck_assert_int_eq(got.err.code, CAPGAP_E_EMPTY);
	ck_assert_int_eq(read_path("nothing"), -CAPGAP_E_DAMAGED);
	ck_assert_int_eq(got.err.code, CAPGAP_E_NOENT);
	ck_assert_uint_eq(got.troubles, 1);
}
END_TEST

Suite *source_suite(void)
{
	Suite *s = suite_create("source");
	TCase *forms = tcase_create("forms");
	TCase *tc = tcase_create("tree");

	tcase_add_loop_test(forms, useless_input_is_trouble, 0, ROWS(nothings));
	tcase_add_loop_test(forms, raw_image_is_one_function, 0, ROWS(raws));
	tcase_add_checked_fixture(tc, enter_temp, leave_temp);
	tcase_add_test(tc, tree_is_one_machine_in_order_of_addresses);
	tcase_add_test(tc, tree_tells_identity);
	tcase_add_test(tc, tree_without_links_tells_identity);
	tcase_add_test(tc, tree_goes_on_after_a_useless_config);
	tcase_add_test(tc, several_trees_are_several_machines);
	tcase_add_test(tc, other_files_of_a_directory_are_machines);
	tcase_add_test(tc, useless_paths_are_trouble);
	suite_add_tcase(s, source_lspci_case());
	suite_add_tcase(s, forms);
	suite_add_tcase(s, tc);
	return s;
}
