/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fragments for QEMU and libvirt: only what is accepted is active, and nothing breaks out. */
#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>
#include <stdlib.h>
#include <string.h>

#include "../report/fragment.h"
#include "suites.h"
#include "support.h"

#define VMM(vmm) CAPGAP_VMM_##vmm
#define VERDICT(kind) CAPGAP_VERDICT_##kind
#define GRADE(grade) CAPGAP_GRADE_##grade
#define IS(answer) CAPGAP_IS_##answer
#define SOURCE "dump.txt"

/* What QEMU does unasked; a kind of its own says that nobody knows. */
enum unasked { UNASKED_UNKNOWN, UNASKED_SAFE, UNASKED_HARM, UNASKED_NOTHING };

/**
 * struct row - an answer, and what the fragments say
 * @name: for messages
 * @at: address; NULL for none
 * @source: name of the input; NULL for one that is no matter
 * @supported: PASID of the device
 * @width: its bits
 * @iommu: PASIDs of the IOMMU, 64 or 1; 0 for one that nobody knows
 * @placed: there is a placement, at 0x230
 * @link: how; PRESENT is no placement of ours
 * @judged: there are verdicts
 * @verdict: that of the QEMU in question
 * @offset: where it places; 0 for 0x230
 * @unasked: what it does unasked
 * @reason: reason or refusal of the plan; NULL for one that is no matter
 * @vmm: policy
 * @line: the option, without its "-device "; NULL for none
 * @libvirt: libvirt gets the device too
 * @said: parts of both outputs
 */
struct row {
	const char *name;
	const char *at;
	const char *source;
	enum capgap_answer_is supported;
	unsigned width;
	uint32_t iommu;
	bool placed;
	enum capgap_link link;
	bool judged;
	enum capgap_verdict_kind verdict;
	uint16_t offset;
	enum unasked unasked;
	const char *reason;
	enum capgap_vmm vmm;
	const char *line;
	bool libvirt;
	const char *said[2];
};

#define AT "0000:6a:01.0"
#define OPTION "vfio-pci,host=" AT ",iommufd=iommufd0,x-vpasid-cap-offset=560"
#define PLACED .placed = true, .link = CAPGAP_LINK_INSERT, .judged = true
#define WIDE .supported = IS(YES), .width = 20

static const struct row rows[] = {
	{ .name = "accepted",
	  .at = AT,
	  WIDE,
	  PLACED,
	  .verdict = VERDICT(ACCEPTED),
	  .line = OPTION,
	  .libvirt = true,
	  .said = { AT ": 0x230 (observed): a reason" } },
	{ .name = "nothing is active that no verdict accepts",
	  .at = AT,
	  WIDE,
	  .placed = true,
	  .link = CAPGAP_LINK_INSERT,
	  .said = { "was not judged" } },
	{ .name = "refused by QEMU",
	  .at = AT,
	  WIDE,
	  PLACED,
	  .verdict = VERDICT(REFUSED),
	  .unasked = UNASKED_HARM,
	  .said = { "0x230 (observed) is of no use here (refused): why so",
		    "told nothing, QEMU puts it at 0xff8 (accepted; assumed, not safe)" } },
	{ .name = "skipped",
	  .at = AT,
	  WIDE,
	  PLACED,
	  .verdict = VERDICT(SKIPPED),
	  .unasked = UNASKED_NOTHING,
	  .said = { "(skipped): why so", "told nothing, QEMU tries 0xff8 (skipped)" } },
	{ .name = "overlaps",
	  .at = AT,
	  WIDE,
	  PLACED,
	  .verdict = VERDICT(OVERLAPS),
	  .said = { "(overlaps): why so" } },
	{ .name = "corrupts",
	  .at = AT,
	  WIDE,
	  PLACED,
	  .verdict = VERDICT(CORRUPTS),
	  .said = { "(corrupts): why so" } },
	{ .name = "elsewhere",
	  .at = AT,
	  WIDE,
	  PLACED,
	  .verdict = VERDICT(ELSEWHERE),
	  .offset = 0xff8,
	  .said = { "(elsewhere): why so" } },
	{ .name = "accepted, but not where it was told",
	  .at = AT,
	  WIDE,
	  PLACED,
	  .verdict = VERDICT(ACCEPTED),
	  .offset = 0xff8,
	  .said = { "0x230 (observed) is of no use here" } },
	{ .name = "no placement: QEMU places one all the same",
	  .at = AT,
	  WIDE,
	  .unasked = UNASKED_HARM,
	  .said = { AT ": no offset: a reason", "QEMU puts it at 0xff8" } },
	{ .name = "no placement, and left alone it does no harm",
	  .at = AT,
	  WIDE,
	  .unasked = UNASKED_SAFE,
	  .said = { "no offset", "puts it at 0xff8 (accepted; assumed)" } },
	{ .name = "no PASID",
	  .at = AT,
	  .supported = IS(NO),
	  PLACED,
	  .verdict = VERDICT(ACCEPTED),
	  .unasked = UNASKED_HARM,
	  .said = { AT ": the device has no PASID; QEMU adds no capability" } },
	{ .name = "one PASID, which the kernel reports as none",
	  .at = AT,
	  .supported = IS(YES),
	  PLACED,
	  .verdict = VERDICT(ACCEPTED),
	  .said = { "Max PASID Width is 0" } },
	{ .name = "an IOMMU that has fewer",
	  .at = AT,
	  WIDE,
	  .iommu = 64,
	  PLACED,
	  .verdict = VERDICT(ACCEPTED),
	  .line = OPTION,
	  .libvirt = true,
	  .said = { AT } },
	{ .name = "an IOMMU without PASIDs",
	  .at = AT,
	  WIDE,
	  .iommu = 1,
	  PLACED,
	  .verdict = VERDICT(ACCEPTED),
	  .said = { "the IOMMU in front of the device has no PASIDs" } },
	{ .name = "not known: the offset does no harm",
	  .at = AT,
	  .supported = IS(UNKNOWN),
	  PLACED,
	  .verdict = VERDICT(ACCEPTED),
	  .line = OPTION,
	  .libvirt = true,
	  .said = { "whether the device has PASID is not known here" } },
	{ .name = "there already",
	  .at = AT,
	  WIDE,
	  .placed = true,
	  .link = CAPGAP_LINK_PRESENT,
	  .said = { "there already, at 0x230" } },
	{ .name = "an address that nobody knows",
	  WIDE,
	  PLACED,
	  .verdict = VERDICT(ACCEPTED),
	  .said = { "does not name its address" } },
	{ .name = "a domain that only sysfs can name",
	  .at = "10000:e1:00.7",
	  WIDE,
	  PLACED,
	  .verdict = VERDICT(ACCEPTED),
	  .line = "vfio-pci,sysfsdev=/sys/bus/pci/devices/10000:e1:00.7,iommufd=iommufd0,"
		  "x-vpasid-cap-offset=560",
	  .said = { "10000:e1:00.7: 0x230" } },
	{ .name = "a name that would end its comment",
	  .source = "a\n-device evil\033[2J--><evil/>\xff",
	  WIDE,
	  PLACED,
	  .verdict = VERDICT(ACCEPTED),
	  .said = { "?-device evil?[2J-", "<evil/>?" } },
	{ .name = "a refusal that would",
	  .at = AT,
	  WIDE,
	  .reason = "a quirk:\n-device evil --> <evil a='\"'/>&\x7f",
	  .said = { "no offset: a quirk:?-device evil -", "<evil a='\"'/>&?" } },
	{ .name = "the elder QEMU",
	  .at = AT,
	  WIDE,
	  PLACED,
	  .verdict = VERDICT(ACCEPTED),
	  .vmm = VMM(QEMU_11_0),
	  .line = OPTION,
	  .libvirt = true,
	  .said = { AT } },
	{ .name = "planned for another VMM: what QEMU does unasked is not in the plan",
	  .at = AT,
	  WIDE,
	  PLACED,
	  .verdict = VERDICT(REFUSED),
	  .unasked = UNASKED_HARM,
	  .vmm = VMM(GENERIC),
	  .said = { "(refused): why so" } },
};

static struct capgap_function *fn;
static struct capgap_plan plan;
static struct capgap_pasid pasid;
static struct capgap_report rep;
static char *text;
static size_t len;

static void teardown(void)
{
	free(text);
	text = NULL;
}

static void make_verdict(struct capgap_verdict *verdict, enum capgap_vmm vmm,
			 enum capgap_verdict_kind kind, unsigned offset)
{
	verdict->vmm = vmm;
	verdict->kind = kind;
	verdict->placed = kind != VERDICT(REFUSED) && kind != VERDICT(SKIPPED);
	verdict->offset = (uint16_t)offset;
	snprintf(verdict->reason, sizeof(verdict->reason), "why so");
}

static void make_default(const struct row *row)
{
	plan.has_default = row->unasked != UNASKED_UNKNOWN;
	plan.default_grade = GRADE(ASSUMED);
	plan.default_safe = row->unasked != UNASKED_HARM;
	make_verdict(&plan.by_default, row->vmm,
		     row->unasked == UNASKED_NOTHING ? VERDICT(SKIPPED) :
						       VERDICT(ACCEPTED),
		     0xff8);
}

static struct capgap_answer make_answer(const struct row *row)
{
	struct support_image image = { .size = 0 };
	struct capgap_record rec;
	enum capgap_vmm vmm = row->vmm == VMM(QEMU_11_0) ? row->vmm : VMM(QEMU_11_1);

	support_record(&rec, &image);
	if (row->at)
		support_at(&rec, row->at);
	fn = support_analyse(&rec, NULL, CAPGAP_VANTAGE_HOST);
	memset(&plan, 0, sizeof(plan));
	memset(&pasid, 0, sizeof(pasid));
	pasid.supported = row->supported;
	pasid.width = row->width;
	if (row->iommu) {
		pasid.has_iommu = true;
		pasid.iommu_pasids = row->iommu;
	}
	pasid.has_range = row->width && row->iommu != 1;
	pasid.max = (UINT32_C(1) << (row->iommu ? 6 : row->width)) - 1;
	plan.found = row->placed;
	plan.offset = row->placed ? 0x230 : 0;
	plan.grade = GRADE(OBSERVED);
	plan.edits.link = row->link;
	snprintf(plan.reason, sizeof(plan.reason), "%s",
		 row->reason ? row->reason : "a reason");
	snprintf(plan.refusal, sizeof(plan.refusal), "%s", plan.reason);
	plan.n_verdicts = row->judged ? CAPGAP_VMM_COUNT : 0;
	/* What the others would do must not matter. */
	for (unsigned i = 0; i < plan.n_verdicts; i++)
		make_verdict(&plan.verdict[i], (enum capgap_vmm)i, VERDICT(ACCEPTED),
			     0x230);
	make_verdict(&plan.verdict[vmm], vmm, row->verdict,
		     row->offset ? row->offset : 0x230);
	make_default(row);
	return (struct capgap_answer){ .source = row->source ? row->source : SOURCE,
				       .fn = fn,
				       .plan = &plan,
				       .pasid = &pasid };
}

/* Write @n rows from @row on in one format; the output is in @text. */
static void write_rows(const struct capgap_reporter *format, const struct row *row,
		       unsigned n)
{
	struct capgap_answer ans;

	memset(&rep, 0, sizeof(rep));
	rep.out = open_memstream(&text, &len);
	ck_assert_ptr_nonnull(rep.out);
	rep.policy.vmm = row->vmm;
	rep.many = true;
	format->begin(&rep);
	for (unsigned i = 0; i < n; i++) {
		ans = make_answer(&row[i]);
		ck_assert_int_eq(format->answer(&rep, &ans), 0);
		rep.count++;
	}
	format->end(&rep);
	ck_assert_ptr_null(rep.state);
	ck_assert_int_eq(fclose(rep.out), 0);
}

/* Lines that are no comment; @n-th of them, or NULL. */
static const char *active_line(char *copy, unsigned n)
{
	char *save = NULL;
	char *line;

	for (line = strtok_r(copy, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		if (line[0] != '#' && !n--)
			return line;
	}
	return NULL;
}

static void check_active(const struct row *row, unsigned n, const char *want)
{
	char *copy = strdup(text);
	const char *line;

	ck_assert_ptr_nonnull(copy);
	line = active_line(copy, n);
	ck_assert_msg(!line == !want, "%s: line %u is %s", row->name, n, line);
	if (line)
		ck_assert_str_eq(line, want);
	free(copy);
}

static void check_said(const struct row *row)
{
	for (unsigned i = 0; i < 2 && row->said[i]; i++)
		ck_assert_msg(strstr(text, row->said[i]), "%s: not said: %s\n%s",
			      row->name, row->said[i], text);
}

START_TEST(qemu_has_active_lines_for_what_is_accepted)
{
	const struct row *row = &rows[_i];
	char option[256];

	write_rows(&capgap_report_qemu, row, 1);
	snprintf(option, sizeof(option), "-device %s", row->line);
	check_active(row, 0, row->line ? "-object iommufd,id=iommufd0" : NULL);
	check_active(row, 1, row->line ? option : NULL);
	check_active(row, 2, NULL);
	check_said(row);
	ck_assert_msg(!strstr(text, "to keep QEMU from") ==
			      (row->unasked != UNASKED_HARM || row->line ||
			       row->supported == IS(NO) || row->vmm == VMM(GENERIC)),
		      "%s: prevention:\n%s", row->name, text);
	for (size_t i = 0; i < len; i++)
		ck_assert(text[i] == '\n' || (text[i] >= 0x20 && text[i] < 0x7f));
}
END_TEST

/* What an XPath expression over the output gives, as a string. */
static char *ask_xml(const char *expression)
{
	xmlDocPtr doc = xmlReadMemory(text, (int)len, NULL, NULL, XML_PARSE_NONET);
	xmlXPathContextPtr ctx = doc ? xmlXPathNewContext(doc) : NULL;
	xmlXPathObjectPtr found;
	char *val;

	ck_assert_msg(ctx != NULL, "no XML:\n%s", text);
	xmlXPathRegisterNs(ctx, (const xmlChar *)"q",
			   (const xmlChar *)"http://libvirt.org/schemas/domain/qemu/1.0");
	found = xmlXPathEvalExpression((const xmlChar *)expression, ctx);
	ck_assert_ptr_nonnull(found);
	val = (char *)xmlXPathCastToString(found);
	xmlXPathFreeObject(found);
	xmlXPathFreeContext(ctx);
	xmlFreeDoc(doc);
	return val;
}

static void check_xml(const struct row *row, const char *expression, const char *want)
{
	char *val = ask_xml(expression);

	ck_assert_msg(!strcmp(val, want), "%s: %s is %s\n%s", row->name, expression, val,
		      text);
	xmlFree(val);
}

START_TEST(libvirt_has_a_property_for_what_is_accepted)
{
	const struct row *row = &rows[_i];

	write_rows(&capgap_report_libvirt, row, 1);
	check_xml(row, "count(/domain/devices/hostdev)", row->libvirt ? "1" : "0");
	check_xml(row, "count(/domain/q:override)", row->libvirt ? "1" : "0");
	check_xml(row, "count(//evil)", "0");
	check_said(row);
	if (!row->libvirt)
		return;
	check_xml(row,
		  "concat(//address/@domain, ' ', //address/@bus, ' ', //address/@slot, "
		  "' ', //address/@function)",
		  "0x0000 0x6a 0x01 0x0");
	check_xml(row, "string(//hostdev/driver/@iommufd)", "yes");
	check_xml(row, "starts-with(//hostdev/alias/@name, 'ua-')", "true");
	check_xml(row, "//hostdev/alias/@name = //q:device/@alias", "true");
	check_xml(row,
		  "concat(//q:property/@name, ' ', //q:property/@type, ' ', "
		  "//q:property/@value)",
		  "x-vpasid-cap-offset unsigned 560");
}
END_TEST

static const struct row several[] = {
	{ .name = "20 bits",
	  .at = "0000:01:00.0",
	  WIDE,
	  PLACED,
	  .verdict = VERDICT(ACCEPTED) },
	{ .name = "8 bits",
	  .at = "0000:01:00.1",
	  .supported = IS(YES),
	  .width = 8,
	  PLACED,
	  .verdict = VERDICT(ACCEPTED) },
	{ .name = "4 bits, but refused",
	  .at = "0000:01:00.2",
	  .supported = IS(YES),
	  .width = 4,
	  .unasked = UNASKED_HARM },
	{ .name = "not known",
	  .at = "0000:01:00.3",
	  .supported = IS(UNKNOWN),
	  PLACED,
	  .verdict = VERDICT(ACCEPTED) },
};

START_TEST(one_viommu_serves_all_devices)
{
	const struct row *row = &several[0];

	write_rows(&capgap_report_qemu, several, ROWS(several));
	check_active(row, 0, "-object iommufd,id=iommufd0");
	check_active(row, 3,
		     "-device vfio-pci,host=0000:01:00.3,iommufd=iommufd0,"
		     "x-vpasid-cap-offset=560");
	check_active(row, 4, NULL);
	ck_assert_ptr_nonnull(
		strstr(text, "#   -device "
			     "intel-iommu,scalable-mode=on,fsts=on,pasid-bits=8\n"));
	ck_assert_ptr_nonnull(strstr(text, "accel=on,ssidsize=8\n"));
	ck_assert_ptr_nonnull(strstr(text, "ssidsize=0"));
	ck_assert_ptr_nonnull(strstr(text, "# == " SOURCE ", machine 0\n"));
	ck_assert_ptr_null(strstr(strstr(text, "# == ") + 1, "# == "));
	teardown();
	write_rows(&capgap_report_libvirt, several, ROWS(several));
	check_xml(row, "count(//hostdev)", "3");
	check_xml(row, "string(//hostdev[3]/alias/@name)", "ua-vpasid2");
	check_xml(row, "count(//q:property[@value='560'])", "3");
}
END_TEST

START_TEST(width_that_nobody_knows_is_not_made_up)
{
	write_rows(&capgap_report_qemu, &several[3], 1);
	ck_assert_ptr_nonnull(strstr(text, "pasid-bits=BITS\n"));
	ck_assert_ptr_nonnull(strstr(text, "ssidsize=BITS\n"));
}
END_TEST

START_TEST(elder_qemu_has_no_pasids_behind_intel_iommu)
{
	struct row row = several[0];

	row.vmm = VMM(QEMU_11_0);
	write_rows(&capgap_report_qemu, &row, 1);
	ck_assert_ptr_null(strstr(text, "intel"));
	ck_assert_ptr_nonnull(strstr(text, "ssidsize=20\n"));
	teardown();
	row = several[2];
	row.vmm = VMM(QEMU_11_0);
	write_rows(&capgap_report_qemu, &row, 1);
	ck_assert_ptr_null(strstr(text, "intel"));
	ck_assert_ptr_nonnull(strstr(text, "without ssidsize"));
}
END_TEST

START_TEST(remarks_are_said)
{
	struct capgap_obstacles obstacles = { .n = 2 };
	struct capgap_answer ans;
	char sentence[CAPGAP_FRAGMENT_TEXT];

	obstacles.obstacle[0].unknown = true;
	obstacles.obstacle[1].kind = (enum capgap_obstacle_kind)1;
	ans = make_answer(&several[0]);
	ck_assert(!capgap_fragment_remark(&ans, 0, sentence));
	ans.obstacles = &obstacles;
	plan.n_hits = 1;
	plan.hit[0] = (struct capgap_hit)HIT(CONTROL_EXPOSED, 0x234, 4, 0x400, 0x230);
	ck_assert(capgap_fragment_remark(&ans, 0, sentence));
	ck_assert_ptr_nonnull(strstr(sentence, "warning: The physical PASID Control"));
	ck_assert(capgap_fragment_remark(&ans, 1, sentence));
	ck_assert_ptr_nonnull(strstr(sentence, "in the way of PASID all the same: "));
	ck_assert(!capgap_fragment_remark(&ans, 2, sentence));
}
END_TEST

/* QEMU places PASID alone: what the plan has beside it does not get into the guest. */
START_TEST(what_is_placed_beside_pasid_is_said)
{
	struct capgap_answer ans = make_answer(&several[0]);
	struct capgap_fragment f;

	memset(&rep, 0, sizeof(rep));
	capgap_fragment_make(&f, &rep, &ans);
	ck_assert_str_eq(f.beside, "");
	rep.policy.n_wants = 2;
	rep.policy.want[0] = (struct capgap_want){ CAPGAP_ECAP_PRI, 16 };
	rep.policy.want[1] = (struct capgap_want){ CAPGAP_ECAP_DVSEC, 12 };
	plan.want_off[0] = 0x240;
	plan.want_off[1] = 0x250;
	capgap_fragment_make(&f, &rep, &ans);
	ck_assert_str_eq(f.beside,
			 "QEMU places PASID alone: the guest gets nothing of PRI "
			 "at 0x240, 16 bytes; DVSEC at 0x250, 12 bytes");
	plan.found = false;
	capgap_fragment_make(&f, &rep, &ans);
	ck_assert_str_eq(f.beside, "");
}
END_TEST

START_TEST(not_applicable_is_said)
{
	struct capgap_answer ans = make_answer(&several[2]);
	struct capgap_fragment f;

	fn->not_applicable = "a bridge";
	fn->chain.ctx.header_type = 1;
	memset(&rep, 0, sizeof(rep));
	capgap_fragment_make(&f, &rep, &ans);
	ck_assert(!f.active && !f.harm);
	ck_assert_str_eq(f.why, "no capability is placed here: a bridge");
	ck_assert_str_eq(f.anyway, "");
}
END_TEST

START_TEST(what_was_not_read_may_be_in_use)
{
	struct capgap_answer ans = make_answer(&several[2]);
	struct capgap_fragment f;

	fn->not_applicable = "too short";
	memset(&rep, 0, sizeof(rep));
	capgap_fragment_make(&f, &rep, &ans);
	ck_assert(!f.active && f.harm);
	ck_assert_ptr_nonnull(strstr(f.anyway, "0xff8"));
	pasid.supported = CAPGAP_IS_NO;
	capgap_fragment_make(&f, &rep, &ans);
	ck_assert(!f.active && !f.harm);
}
END_TEST

Suite *fragment_suite(void)
{
	Suite *suite = suite_create("fragment");
	TCase *tc = tcase_create("fragment");

	tcase_add_checked_fixture(tc, NULL, teardown);
	tcase_add_loop_test(tc, qemu_has_active_lines_for_what_is_accepted, 0,
			    ROWS(rows));
	tcase_add_loop_test(tc, libvirt_has_a_property_for_what_is_accepted, 0,
			    ROWS(rows));
	tcase_add_test(tc, one_viommu_serves_all_devices);
	tcase_add_test(tc, width_that_nobody_knows_is_not_made_up);
	tcase_add_test(tc, elder_qemu_has_no_pasids_behind_intel_iommu);
	tcase_add_test(tc, remarks_are_said);
	tcase_add_test(tc, what_is_placed_beside_pasid_is_said);
	tcase_add_test(tc, not_applicable_is_said);
	tcase_add_test(tc, what_was_not_read_may_be_in_use);
	suite_add_tcase(suite, tc);
	return suite;
}
