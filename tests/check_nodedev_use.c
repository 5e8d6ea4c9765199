/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What libvirt's XML makes of a function: virtual or not, whose ids, what contradicts. */
#include <check.h>
#include <string.h>

#include "../analyzer/function.h"
#include "../placement/query.h"
#include "check_nodedev.h"
#include "suites.h"
#include "support.h"

#define PF_BDF "0000:03:00.0"
#define SAYS_VF DEVICE(OWN IDS("0x15b3", "0x1021") PHYSFN(ADDRESS(03, 00, 0)))

/**
 * struct answer - a record with XML, and its analysis
 * @name: for messages
 * @image: how to build it
 * @xml: what is said
 * @physfn: what the input says, or NULL
 * @pf: a physical function is known at 0000:03:00.0 ...
 * @num: ... with so many virtual ones from 03:10.0 on, in steps of 2
 * @kind: what it is
 * @id_from: whose ids it has
 * @of: its physical function, or NULL
 * @waits: it waits for it
 * @hit: findings that there are, of those about XML
 */
struct answer {
	const char *name;
	struct support_image image;
	const char *xml;
	const char *physfn;
	bool pf;
	unsigned num;
	enum capgap_kind kind;
	enum capgap_id_from id_from;
	const char *of;
	bool waits;
	struct capgap_hit hit[1];
};

static const struct answer answers[] = {
	{ "virtual by the XML alone",
	  { 0 },
	  SAYS_VF,
	  NULL,
	  true,
	  0,
	  CAPGAP_KIND_VF,
	  CAPGAP_ID_IMAGE,
	  PF_BDF,
	  false,
	  { { 0 } } },
	{ "whose physical function is yet to come",
	  { 0 },
	  SAYS_VF,
	  NULL,
	  false,
	  0,
	  CAPGAP_KIND_VF,
	  CAPGAP_ID_IMAGE,
	  PF_BDF,
	  true,
	  { { 0 } } },
	{ "ids from the XML",
	  { .base = BASE_VF },
	  SAYS_VF,
	  NULL,
	  true,
	  0,
	  CAPGAP_KIND_VF,
	  CAPGAP_ID_NODEDEV,
	  PF_BDF,
	  false,
	  { { 0 } } },
	{ "the input says the same",
	  { 0 },
	  SAYS_VF,
	  PF_BDF,
	  true,
	  0,
	  CAPGAP_KIND_VF,
	  CAPGAP_ID_IMAGE,
	  PF_BDF,
	  false,
	  { { 0 } } },
	{ "the input says otherwise",
	  { 0 },
	  SAYS_VF,
	  "0000:05:00.1",
	  true,
	  0,
	  CAPGAP_KIND_VF,
	  CAPGAP_ID_IMAGE,
	  PF_BDF,
	  false,
	  { HIT(NODEDEV_PHYSFN, 0, 0, 0x0501, 0x0300) } },
	{ "the XML says physical",
	  { 0 },
	  DEVICE(OWN VFS("")),
	  PF_BDF,
	  true,
	  0,
	  CAPGAP_KIND_FUNCTION,
	  CAPGAP_ID_IMAGE,
	  NULL,
	  false,
	  { HIT(NODEDEV_PHYSFN, 0, 0, 0x0300, 0x0382) } },
	{ "SR-IOV says the same",
	  { .base = BASE_VF },
	  SAYS_VF,
	  NULL,
	  true,
	  4,
	  CAPGAP_KIND_VF,
	  CAPGAP_ID_NODEDEV,
	  PF_BDF,
	  false,
	  { { 0 } } },
	{ "SR-IOV says otherwise",
	  { .base = BASE_VF },
	  DEVICE(OWN PHYSFN(ADDRESS(4, 0, 0))),
	  NULL,
	  true,
	  4,
	  CAPGAP_KIND_VF,
	  CAPGAP_ID_NONE,
	  "0000:04:00.0",
	  true,
	  { HIT(NODEDEV_PHYSFN, 0, 0, 0x0300, 0x0400) } },
	{ "another device",
	  { 0 },
	  DEVICE(OWN IDS("0x15b3", "0x1022") PHYSFN(ADDRESS(03, 00, 0))),
	  NULL,
	  true,
	  0,
	  CAPGAP_KIND_FUNCTION,
	  CAPGAP_ID_IMAGE,
	  NULL,
	  false,
	  { HIT(NODEDEV_IDS, 2, 2, 0x1021, 0x1022) } },
	{ "another vendor's",
	  { 0 },
	  DEVICE(OWN IDS("0x15b4", "0x1021") PHYSFN(ADDRESS(03, 00, 0))),
	  NULL,
	  true,
	  0,
	  CAPGAP_KIND_FUNCTION,
	  CAPGAP_ID_IMAGE,
	  NULL,
	  false,
	  { HIT(NODEDEV_IDS, 0, 2, 0x15b3, 0x15b4) } },
	{ "XML of another function",
	  { 0 },
	  DEVICE(AT(3, 16, 3) PHYSFN(ADDRESS(3, 0, 0))),
	  NULL,
	  true,
	  0,
	  CAPGAP_KIND_FUNCTION,
	  CAPGAP_ID_IMAGE,
	  NULL,
	  false,
	  { { 0 } } },
};

/**
 * struct open - a function of which the XML says two things, and whether PASID is known
 * @name: for messages
 * @image: how to build it
 * @kind: what it is
 * @known: whether it has PASID is known
 */
static const struct open {
	const char *name;
	struct support_image image;
	enum capgap_kind kind;
	bool known;
} opens[] = {
	{ "nothing tells whether it is virtual",
	  { .base = BASE_ENDPOINT, .size = 4096, .step = { EXT(0x100, 0x0003, 1, 0) } },
	  CAPGAP_KIND_FUNCTION,
	  false },
	{ "not even a PASID capability of its own",
	  { .base = BASE_ENDPOINT, .size = 4096, .step = { EXT(0x100, 0x001b, 1, 0) } },
	  CAPGAP_KIND_FUNCTION,
	  false },
	{ "its ids do", { .base = BASE_VF, .size = 4096 }, CAPGAP_KIND_VF, false },
	{ "its SR-IOV capability does",
	  { .base = BASE_ENDPOINT,
	    .size = 4096,
	    .step = { SRIOV(0x100, 0, 0, 0, 0x80, 2, 0x1022) } },
	  CAPGAP_KIND_PF,
	  true },
};

START_TEST(disputed_xml_leaves_pasid_unknown)
{
	static const char *const xml[] = { SAYS_VF, DEVICE(OWN IDS("0x15b3", "0x1021")) };
	static struct capgap_function fn;
	const struct open *row = &opens[_i / 2];
	struct capgap_nodedevs *list = capgap_nodedevs_new();
	struct capgap_options opt = { .min_gap = CAPGAP_MIN_GAP, .nodedevs = list };
	struct capgap_record rec;
	struct capgap_pasid pasid;

	support_record(&rec, &row->image);
	support_at(&rec, OWN_BDF);
	for (int i = 0; i < 2; i++) {
		const char *text = xml[(_i + i) % 2];

		ck_assert_int_eq(capgap_nodedevs_read(list, text, strlen(text), "x.xml",
						      NULL),
				 i ? -CAPGAP_E_DAMAGED : 0);
	}
	capgap_function_analyse(&fn, &rec, NULL, &opt);
	capgap_query_config(&pasid, &fn);
	ck_assert_msg(fn.kind == row->kind, "%s: %s", row->name,
		      capgap_kind_name(fn.kind));
	ck_assert_msg((pasid.supported != CAPGAP_IS_UNKNOWN) == row->known, "%s",
		      row->name);
	ck_assert(capgap_findings_has(&fn.findings, CAPGAP_F_NODEDEV_DISPUTED));
	capgap_nodedevs_free(list);
}
END_TEST

/* Only the findings about XML. */
static void keep_own(struct capgap_findings *hits)
{
	unsigned n = 0;

	for (unsigned i = 0; i < hits->n; i++) {
		if (hits->hit[i].kind == CAPGAP_F_NODEDEV_PHYSFN ||
		    hits->hit[i].kind == CAPGAP_F_NODEDEV_IDS)
			hits->hit[n++] = hits->hit[i];
	}
	hits->n = n;
}

START_TEST(nodedev_decides_what_is_virtual)
{
	static struct capgap_function fn;
	const struct answer *row = &answers[_i];
	struct capgap_nodedevs *list = capgap_nodedevs_new();
	struct capgap_options opt = { .min_gap = CAPGAP_MIN_GAP, .nodedevs = list };
	struct capgap_pf pf = { .vendor = SUPPORT_VENDOR,
				.vf_device = 0xffff,
				.first = 0x80,
				.stride = 2,
				.num = (uint16_t)row->num };
	struct capgap_topology topo;
	struct capgap_record rec;
	char buf[CAPGAP_BDF_TEXT];

	capgap_topology_init(&topo);
	pf.bdf = support_bdf(PF_BDF);
	if (row->pf)
		ck_assert_int_eq(capgap_topology_add_pf(&topo, &pf), 0);
	support_record(&rec, &row->image);
	support_at(&rec, OWN_BDF);
	if (row->physfn) {
		rec.meta.physfn = support_bdf(row->physfn);
		rec.meta.flags |= CAPGAP_META_PHYSFN;
	}
	ck_assert_ptr_nonnull(list);
	ck_assert_int_eq(capgap_nodedevs_read(list, row->xml, strlen(row->xml), "x.xml",
					      NULL),
			 0);
	ck_assert_msg(capgap_function_needs_pf(&rec, &topo, list) == row->waits,
		      "%s: waits", row->name);
	capgap_function_analyse(&fn, &rec, &topo, &opt);
	ck_assert_msg(fn.kind == row->kind, "%s: %s", row->name,
		      capgap_kind_name(fn.kind));
	ck_assert_msg(fn.id_from == row->id_from, "%s: ids", row->name);
	ck_assert_msg(fn.has_physfn == !!row->of, "%s: physfn", row->name);
	if (row->of)
		ck_assert_str_eq(capgap_bdf_format(&fn.physfn, buf), row->of);
	keep_own(&fn.findings);
	support_same_hits(row->name, &fn.findings, row->hit, 1);
	capgap_topology_clear(&topo);
	capgap_nodedevs_free(list);
}
END_TEST

Suite *nodedev_use_suite(void)
{
	Suite *suite = suite_create("nodedev_use");
	TCase *tc = tcase_create("function");

	tcase_add_loop_test(tc, nodedev_decides_what_is_virtual, 0, ROWS(answers));
	tcase_add_loop_test(tc, disputed_xml_leaves_pasid_unknown, 0, 2 * ROWS(opens));
	suite_add_tcase(suite, tc);
	return suite;
}
