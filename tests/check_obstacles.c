/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What keeps PASID from working: each kind there, not there, and not known. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "../placement/obstacles.h"
#include "suites.h"
#include "support.h"

#define PREFIX PUT32(0x64, 0x00200000)
#define EXPRESS(type) PUT16(0x42, 0x0002u | (type) << 4)
#define IDS(vendor, device) PUT32(0x00, (vendor) | (uint32_t)(device) << 16)
/* A device that has PASID and whose path is itself. */
#define INTEGRATED PREFIX, EXPRESS(9), PASID(0x100, 0, 0)

#define FN_BDF "0000:6a:01.0"

/**
 * struct row - a function, and what is in its way
 * @name: for messages
 * @image: how to build it
 * @bdf: its address, or NULL
 * @driver: the driver bound to it, or NULL
 * @vantage: where the image was taken
 * @list: names of the obstacles, each with " ?" behind it where it is unknown, and its
 *        address, if it has one
 */
struct row {
	const char *name;
	struct support_image image;
	const char *bdf;
	const char *driver;
	enum capgap_vantage vantage;
	const char *list;
};

static const struct row rows[] = {
	{ "nothing", { .step = { INTEGRATED } }, FN_BDF, NULL, 0, "" },
	{ "nothing, without an address", { .step = { INTEGRATED } }, NULL, NULL, 0, "" },
	{ "no PASID, so no obstacles", { .step = { EXPRESS(9) } }, FN_BDF, NULL, 0, "" },
	{ "no prefixes",
	  { .step = { EXPRESS(9), PASID(0x100, 0, 0) } },
	  FN_BDF,
	  NULL,
	  0,
	  "eetlp-prefix " FN_BDF "\n" },
	{ "one of several without ACS",
	  { .step = { INTEGRATED, PUT8(0x0e, 0x80) } },
	  FN_BDF,
	  NULL,
	  0,
	  "acs-path " FN_BDF "\n" },
	{ "bridges that are not seen",
	  { .step = { PREFIX, PASID(0x100, 0, 0) } },
	  "0000:03:00.0",
	  NULL,
	  0,
	  "eetlp-prefix ? 0000:03:00.0\nacs-path ? 0000:03:00.0\n" },
	{ "a single image of an endpoint",
	  { .step = { PREFIX, PASID(0x100, 0, 0) } },
	  NULL,
	  NULL,
	  0,
	  "eetlp-prefix ?\nacs-path ?\n" },
	{ "Linux has enabled PASID, so the path is in order",
	  { .step = { PASID(0x100, 0, 1) } },
	  "0000:03:00.0",
	  NULL,
	  0,
	  "" },
	{ "in a guest that bit is the guest's",
	  { .step = { PREFIX, PASID(0x100, 0, 1) } },
	  "0000:03:00.0",
	  NULL,
	  CAPGAP_VANTAGE_GUEST,
	  "eetlp-prefix ? 0000:03:00.0\nacs-path ? 0000:03:00.0\n" },
	{ "a variant driver",
	  { .step = { INTEGRATED } },
	  FN_BDF,
	  "mlx5_vfio_pci",
	  0,
	  "variant-driver " FN_BDF "\n" },
	{ "a variant driver, with dashes",
	  { .step = { INTEGRATED } },
	  FN_BDF,
	  "nvgrace-gpu-vfio-pci",
	  0,
	  "variant-driver " FN_BDF "\n" },
	{ "a variant driver that is not known",
	  { .step = { INTEGRATED } },
	  FN_BDF,
	  "new_vfio_pci",
	  0,
	  "variant-driver ? " FN_BDF "\n" },
	{ "vfio-pci itself", { .step = { INTEGRATED } }, FN_BDF, "vfio-pci", 0, "" },
	{ "the device's own driver",
	  { .step = { INTEGRATED } },
	  FN_BDF,
	  "mlx5_core",
	  0,
	  "" },
	{ "whose ids a variant driver serves",
	  { .step = { IDS(0x10de, 0x2342), INTEGRATED } },
	  FN_BDF,
	  "nouveau",
	  0,
	  "variant-driver ? " FN_BDF "\n" },
	{ "but vfio-pci is bound",
	  { .step = { IDS(0x10de, 0x2342), INTEGRATED } },
	  FN_BDF,
	  "vfio-pci",
	  0,
	  "" },
	{ "DSA is on the deny list",
	  { .step = { IDS(0x8086, 0x0b25), INTEGRATED } },
	  FN_BDF,
	  "idxd",
	  0,
	  "vfio-denylist " FN_BDF "\n" },
	{ "and was let off it",
	  { .step = { IDS(0x8086, 0x0b25), INTEGRATED } },
	  FN_BDF,
	  "vfio-pci",
	  0,
	  "" },
	{ "the same device id of another vendor",
	  { .step = { IDS(0x8087, 0x0b25), INTEGRATED } },
	  FN_BDF,
	  NULL,
	  0,
	  "" },
	{ "a structure that ends behind the space",
	  { .step = { PREFIX, EXPRESS(9), PASID(0x100, 0xffc, 0),
		      EXT(0xffc, 0x000f, 1, 0) } },
	  FN_BDF,
	  NULL,
	  0,
	  "vfio-overrun " FN_BDF "\n" },
	{ "one that ends with it",
	  { .step = { PREFIX, EXPRESS(9), PASID(0x100, 0xff8, 0),
		      EXT(0xff8, 0x000f, 1, 0) } },
	  FN_BDF,
	  NULL,
	  0,
	  "" },
	{ "a bridge with PASID",
	  { .step = { PREFIX, EXPRESS(4), PUT8(0x0e, 1), EXT(0x100, 0x000d, 1, 0x110),
		      PASID(0x110, 0, 0) } },
	  "0000:00:01.0",
	  NULL,
	  0,
	  "header-type 0000:00:01.0\n" },
	{ "a header that was not read",
	  { .step = { INTEGRATED, DROP(0x0e, 1) } },
	  FN_BDF,
	  NULL,
	  0,
	  "eetlp-prefix ? " FN_BDF "\nacs-path ? " FN_BDF "\nheader-type ? " FN_BDF
	  "\nexpress ? " FN_BDF "\nvfio-overrun ? " FN_BDF "\n" },
	{ "nothing but 64 bytes",
	  { .size = 64 },
	  NULL,
	  NULL,
	  0,
	  "eetlp-prefix ?\nacs-path ?\nexpress ?\nvfio-overrun ?\n" },
	{ "no PCI Express, through vfio",
	  { .base = BASE_CONVENTIONAL },
	  NULL,
	  NULL,
	  CAPGAP_VANTAGE_VFIO,
	  "eetlp-prefix\nacs-path\nexpress\n" },
	{ "a virtual function alone",
	  { .base = BASE_VF },
	  "0000:03:10.0",
	  NULL,
	  0,
	  "eetlp-prefix ?\nacs-path ?\nvariant-driver ? 0000:03:10.0\n"
	  "vfio-denylist ? 0000:03:10.0\n" },
};

static void list_them(const struct capgap_obstacles *found, char *out, size_t len)
{
	char at[CAPGAP_BDF_TEXT];
	size_t used = 0;

	out[0] = '\0';
	for (unsigned i = 0; i < found->n; i++) {
		const struct capgap_obstacle *one = &found->obstacle[i];

		ck_assert(!i || one->kind > found->obstacle[i - 1].kind);
		used += (size_t)snprintf(out + used, len - used, "%s%s%s%s\n",
					 capgap_obstacle_name(one->kind),
					 one->unknown ? " ?" : "", one->has_at ? " " : "",
					 one->has_at ? capgap_bdf_format(&one->at, at) :
						       "");
	}
}

START_TEST(obstacles_are_found)
{
	const struct row *row = &rows[_i];
	struct capgap_obstacles found;
	struct capgap_record rec;
	char list[512];

	memset(&found, 0x5a, sizeof(found));
	support_record(&rec, &row->image);
	if (row->bdf)
		support_at(&rec, row->bdf);
	if (row->driver) {
		snprintf(rec.meta.driver, sizeof(rec.meta.driver), "%s", row->driver);
		rec.meta.flags |= CAPGAP_META_DRIVER;
	}
	capgap_obstacles_find(&found, support_analyse(&rec, NULL, row->vantage));
	list_them(&found, list, sizeof(list));
	ck_assert_msg(!strcmp(list, row->list), "%s:\n%s", row->name, list);
}
END_TEST

/* What else is in the group only a host tells. */
START_TEST(obstacle_is_a_neighbour_in_the_group)
{
	static const struct support_image how = { .step = { INTEGRATED } };
	struct capgap_obstacles found;
	struct capgap_record rec;
	char list[512];

	support_record(&rec, &how);
	support_at(&rec, FN_BDF);
	rec.meta.flags |= CAPGAP_META_BLOCKER;
	rec.meta.blocker = support_bdf("0000:6a:02.0");
	capgap_obstacles_find(&found, support_analyse(&rec, NULL, 0));
	list_them(&found, list, sizeof(list));
	ck_assert_str_eq(list, "iommu-group 0000:6a:02.0\n");
}
END_TEST

/* Its driver is named, in characters that can stand in every output. */
START_TEST(obstacle_names_the_neighbour_s_driver)
{
	static const struct support_image how = { .step = { INTEGRATED } };
	static const char *const drivers[][2] = { { "nvme", "(0000:6a:02.0: nvme)" },
						  { "a>b\n", "(0000:6a:02.0: a?b?)" } };
	struct capgap_obstacles found;
	struct capgap_record rec;
	char text[256];

	support_record(&rec, &how);
	support_at(&rec, FN_BDF);
	rec.meta.flags |= CAPGAP_META_BLOCKER | CAPGAP_META_BLOCKER_DRIVER;
	rec.meta.blocker = support_bdf("0000:6a:02.0");
	snprintf(rec.meta.blocker_driver, sizeof(rec.meta.blocker_driver), "%s",
		 drivers[_i][0]);
	capgap_obstacles_find(&found, support_analyse(&rec, NULL, 0));
	ck_assert_uint_eq(found.n, 1);
	capgap_obstacle_text(&found.obstacle[0], text, sizeof(text));
	ck_assert_ptr_nonnull(strstr(text, drivers[_i][1]));
}
END_TEST

/* A virtual function has its physical one's PASID and path, and a driver of its own. */
START_TEST(obstacles_of_a_virtual_function_are_on_its_pf_s_path)
{
	static const struct support_image how = { .base = BASE_VF };
	struct capgap_pf pf = { .vendor = 0x15b3,
				.vf_device = 0x101e,
				.first = 0x80,
				.stride = 2,
				.num = 4,
				.chain_known = true,
				.pasid = { 0x200, 0x1404, 0 },
				.path = { { CAPGAP_PATH_NO, true, { 0, 0, 1, 0 } },
					  { CAPGAP_PATH_YES, false, { 0 } } } };
	struct capgap_obstacles found;
	struct capgap_topology topo;
	struct capgap_record rec;
	char list[512];

	capgap_topology_init(&topo);
	pf.bdf = support_bdf("0000:03:00.0");
	pf.pasid.control = _i ? 1 : 0;
	ck_assert_int_eq(capgap_topology_add_pf(&topo, &pf), 0);
	support_record(&rec, &how);
	support_at(&rec, "0000:03:10.2");
	capgap_obstacles_find(&found, support_analyse(&rec, &topo, CAPGAP_VANTAGE_HOST));
	list_them(&found, list, sizeof(list));
	ck_assert_str_eq(list, _i ? "variant-driver ? 0000:03:10.2\n" :
				    "eetlp-prefix 0000:00:01.0\n"
				    "variant-driver ? 0000:03:10.2\n");
	capgap_topology_clear(&topo);
}
END_TEST

START_TEST(obstacles_have_names_texts_and_sources)
{
	enum capgap_obstacle_kind kind = (enum capgap_obstacle_kind)_i;
	struct capgap_obstacle one = { .kind = kind };
	char text[256];
	char with_at[256];

	for (int i = 0; i < _i; i++)
		ck_assert_str_ne(capgap_obstacle_name((enum capgap_obstacle_kind)i),
				 capgap_obstacle_name(kind));
	ck_assert_uint_gt(strlen(capgap_obstacle_source(kind)), 10);
	ck_assert_ptr_eq(capgap_obstacle_text(&one, text, sizeof(text)), text);
	ck_assert_uint_gt(strlen(text), 10);
	one.has_at = true;
	one.at = support_bdf("ffffffff:ff:1f.7");
	capgap_obstacle_text(&one, with_at, sizeof(with_at));
	ck_assert_uint_eq(strlen(with_at), strlen(text) + strlen(" (ffffffff:ff:1f.7)"));
	ck_assert(!strncmp(with_at, text, strlen(text)));
	one.unknown = true;
	capgap_obstacle_text(&one, with_at, sizeof(with_at));
	ck_assert_str_eq(with_at + strlen(with_at) - 19, " (ffffffff:ff:1f.7)");
	ck_assert(strncmp(with_at, text, strlen(text)) != 0);
	capgap_obstacle_text(&one, with_at, 5);
	ck_assert_uint_eq(strlen(with_at), 4);
}
END_TEST

Suite *obstacles_suite(void)
{
	Suite *suite = suite_create("obstacles");
	TCase *tc = tcase_create("find");

	tcase_add_loop_test(tc, obstacles_are_found, 0, ROWS(rows));
	tcase_add_test(tc, obstacle_is_a_neighbour_in_the_group);
	tcase_add_loop_test(tc, obstacle_names_the_neighbour_s_driver, 0, 2);
	tcase_add_loop_test(tc, obstacles_of_a_virtual_function_are_on_its_pf_s_path, 0,
			    2);
	tcase_add_loop_test(tc, obstacles_have_names_texts_and_sources, 0,
			    CAPGAP_OBSTACLE_COUNT);
	suite_add_tcase(suite, tc);
	return suite;
}
