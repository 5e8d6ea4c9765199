/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The PASID feature query for people. */
#include "query_report.h"
#include "text.h"

#include <ctype.h>

/* Bytes a line of a structure. */
#define ROW 16u

/* Start a line: what it is about, "" for more of the same. */
static void begin_line(struct capgap_report *rep, const char *about)
{
	fprintf(rep->out, "  %-22s  ", about);
}

/* "0", or "EINVAL (22)". */
static void write_errno(struct capgap_report *rep, enum capgap_linux_errno number)
{
	const char *name = capgap_linux_errno_name(number);

	if (name)
		fprintf(rep->out, "%s (%d)", name, (int)number);
	else
		fprintf(rep->out, "%d", (int)number);
}

static const char *has(bool yes)
{
	return yes ? "supported" : "not supported";
}

static const char *is_on(bool yes)
{
	return yes ? "enabled" : "not enabled";
}

static void write_pasids(struct capgap_report *rep, uint32_t first, uint32_t last)
{
	fprintf(rep->out, "PASID %u", (unsigned)first);
	if (last != first)
		fprintf(rep->out, "-%u", (unsigned)last);
}

/* The answer in one clause, behind the function's name. */
static void write_summary(struct capgap_report *rep,
			  const struct capgap_query_answer *ans)
{
	const struct capgap_pasid *pasid = &ans->asked->pasid;

	switch (pasid->supported) {
	case CAPGAP_IS_UNKNOWN:
		fprintf(rep->out, ": whether it has PASID is unknown: %s\n",
			capgap_query_unknown(ans->base.fn));
		break;
	case CAPGAP_IS_NO:
		fputs(": no PASID\n", rep->out);
		break;
	case CAPGAP_IS_YES:
		fprintf(rep->out, ": PASID of %u bit%s, %s\n", pasid->width,
			pasid->width == 1 ? "" : "s", is_on(pasid->enabled));
		break;
	}
}

static void write_config(struct capgap_report *rep, const struct capgap_query_answer *ans)
{
	const struct capgap_pasid *p = &ans->asked->pasid;
	char bdf[CAPGAP_BDF_TEXT];

	begin_line(rep, capgap_method_name(CAPGAP_METHOD_CONFIG));
	if (p->supported != CAPGAP_IS_YES) {
		fputs(p->supported == CAPGAP_IS_NO ? "no PASID capability\n" :
						     "not known\n",
		      rep->out);
		return;
	}
	fprintf(rep->out, "Max PASID Width %u bit%s; Execute Permission %s, ", p->width,
		p->width == 1 ? "" : "s", has(p->execute));
	fprintf(rep->out, "Privileged Mode %s\n", has(p->privileged));
	begin_line(rep, "");
	fprintf(rep->out, "PASID %s; Execute Permission %s, Privileged Mode %s\n",
		is_on(p->enabled), is_on(p->enabled_execute),
		is_on(p->enabled_privileged));
	begin_line(rep, "");
	fprintf(rep->out, "registers: capability 0x%04x, control 0x%04x", p->capability,
		p->control);
	if (p->has_from && ans->base.fn->kind == CAPGAP_KIND_VF)
		fprintf(rep->out, ", of %s", capgap_bdf_format(&p->from, bdf));
	fputc('\n', rep->out);
}

/* "width 20, Priv": what a payload says. */
static void write_payload(struct capgap_report *rep,
			  const struct capgap_feature_answer *ans)
{
	char buf[CAPGAP_QUERY_HEX];

	fprintf(rep->out, "%s: ", capgap_query_hex(ans->raw, sizeof(ans->raw), " ", buf));
	if (!ans->width)
		fputs("width 0, which is also no PASID", rep->out);
	else
		fprintf(rep->out, "width %u", ans->width);
	if (ans->capabilities & CAPGAP_FEATURE_PASID_EXEC)
		fputs(", Exec", rep->out);
	if (ans->capabilities & CAPGAP_FEATURE_PASID_PRIV)
		fputs(", Priv", rep->out);
	fputc('\n', rep->out);
}

static void write_feature(struct capgap_report *rep, const char *about,
			  const struct capgap_feature_answer *ans)
{
	begin_line(rep, about);
	if (!ans->known) {
		fputs("not known\n", rep->out);
		return;
	}
	write_errno(rep, capgap_feature_step_errno(ans->step));
	if (!ans->has_payload) {
		fprintf(rep->out, ": %s\n", capgap_feature_step_text(ans->step));
		return;
	}
	fputs("; ", rep->out);
	write_payload(rep, ans);
}

static void write_flags(struct capgap_report *rep, uint32_t flags)
{
	const char *between = "";
	const char *name;
	uint32_t flag;

	for (unsigned i = 0; (name = capgap_query_flag(i, &flag)); i++) {
		if (!(flags & flag))
			continue;
		fputs(between, rep->out);
		for (; *name; name++)
			fputc(toupper((unsigned char)*name), rep->out);
		between = "|";
	}
	if (!*between)
		fputs("none", rep->out);
}

/* The index belongs to another feature by now: what the request meets there. */
static void write_released(struct capgap_report *rep,
			   const struct capgap_feature_call *call)
{
	const struct capgap_feature *now = capgap_feature_get(CAPGAP_FEATURE_PASID);
	enum capgap_feature_step step;
	const char *kernel;
	bool misread;

	for (unsigned i = 0; (kernel = capgap_query_kernel(i, call, &step, &misread));
	     i++) {
		begin_line(rep, i ? "" : "released kernels");
		fprintf(rep->out, "%s: ", kernel);
		write_errno(rep, capgap_feature_step_errno(step));
		fprintf(rep->out, ": %s%s%s\n", capgap_feature_step_text(step),
			misread ? ", but it means " : "", misread ? now->name : "");
	}
}

/* One request of the proposed feature, in full. */
static void write_feature_call(struct capgap_report *rep, enum capgap_method method,
			       const struct capgap_feature_answer *ans)
{
	begin_line(rep, "method");
	fprintf(rep->out, "%s: %s; never merged\n", capgap_method_name(method),
		capgap_method_text(method));
	begin_line(rep, "request");
	fprintf(rep->out, "VFIO_DEVICE_FEATURE, index %u, flags ", CAPGAP_FEATURE_PASID);
	write_flags(rep, ans->call.flags);
	fprintf(rep->out, " (0x%08x), argsz %u\n", (unsigned)ans->call.flags,
		(unsigned)ans->call.argsz);
	write_feature(rep, "returns", ans);
	write_released(rep, &ans->call);
}

/* The names of the bits of out_capabilities that are set in @caps. */
static void write_caps(struct capgap_report *rep, uint64_t caps)
{
	const char *between = "";
	const char *name;
	uint64_t bit;

	for (unsigned i = 0; (name = capgap_hwinfo_cap(i, &bit, NULL)); i++) {
		if (!(caps & bit))
			continue;
		fprintf(rep->out, "%s%s", between, name);
		between = ", ";
	}
}

static bool is_answered(const struct capgap_hwinfo *info)
{
	return info->known && info->step == CAPGAP_HWINFO_STEP_ANSWERED &&
	       info->why != CAPGAP_HWINFO_WHY_UNKNOWN;
}

/* Errors, and what the input does not show; the line is begun. */
static void write_unanswered(struct capgap_report *rep, const struct capgap_hwinfo *info)
{
	if (info->step == CAPGAP_HWINFO_STEP_ANSWERED) {
		fputs("not known\n", rep->out);
		return;
	}
	write_errno(rep, capgap_hwinfo_step_errno(info->step));
	fprintf(rep->out, ": %s\n", capgap_hwinfo_step_text(info->step));
}

static void write_hwinfo(struct capgap_report *rep, const struct capgap_hwinfo *info)
{
	begin_line(rep, capgap_method_name(CAPGAP_METHOD_HW_INFO));
	if (!is_answered(info)) {
		write_unanswered(rep, info);
		return;
	}
	fprintf(rep->out, "0; out_max_pasid_log2 %s%u: %s",
		info->why == CAPGAP_HWINFO_WHY_UPPER ? "at most " : "",
		info->max_pasid_log2, capgap_hwinfo_why_text(info->why));
	if (info->capabilities) {
		fputs("; ", rep->out);
		write_caps(rep, info->capabilities);
	}
	fputc('\n', rep->out);
}

static void write_struct(struct capgap_report *rep, const struct capgap_hwinfo *info)
{
	char buf[CAPGAP_QUERY_HEX];
	unsigned n;

	for (unsigned off = 0; off < info->n_raw; off += n) {
		n = info->n_raw - off < ROW ? info->n_raw - off : ROW;
		begin_line(rep, off ? "" : "raw");
		fprintf(rep->out, "0x%02x: %s\n", off,
			capgap_query_hex(info->raw + off, n, " ", buf));
	}
}

static void write_members(struct capgap_report *rep, const struct capgap_hwinfo *info)
{
	const char *type = capgap_hwinfo_type_name(info->data_type);

	begin_line(rep, "out_data_type");
	if (info->has_data_type)
		fprintf(rep->out, "%u (%s), data_len %u\n", (unsigned)info->data_type,
			type ? type : "unknown", (unsigned)info->data_len);
	else
		fputs("not known: the input does not show the IOMMU; 0 above\n",
		      rep->out);
	begin_line(rep, "out_max_pasid_log2");
	fprintf(rep->out, "%s%u: %s\n",
		info->why == CAPGAP_HWINFO_WHY_UPPER ? "at most " : "",
		info->max_pasid_log2, capgap_hwinfo_why_text(info->why));
	if (!info->max_pasid_log2) {
		begin_line(rep, "");
		fprintf(rep->out, "0 says no PASID; %s\n", capgap_query_zero());
	}
	if (info->n_raw < CAPGAP_HWINFO_LEN)
		return;
	begin_line(rep, "out_capabilities");
	fprintf(rep->out, "0x%x%s", (unsigned)info->capabilities,
		info->capabilities ? ": " : "");
	write_caps(rep, info->capabilities);
	if (info->undecided) {
		fputs("; not decided by the input: ", rep->out);
		write_caps(rep, info->undecided);
	}
	fputc('\n', rep->out);
}

/* One request of iommufd, in full. */
static void write_hwinfo_call(struct capgap_report *rep, const struct capgap_hwinfo *info)
{
	begin_line(rep, "method");
	fprintf(rep->out, "%s: %s\n", capgap_method_name(CAPGAP_METHOD_HW_INFO),
		capgap_method_text(CAPGAP_METHOD_HW_INFO));
	begin_line(rep, "request");
	fprintf(rep->out, "IOMMU_GET_HW_INFO, size %u, flags 0x%x, dev_id %u\n",
		(unsigned)info->call.size, (unsigned)info->call.flags,
		(unsigned)info->call.dev_id);
	begin_line(rep, "returns");
	if (!is_answered(info)) {
		write_unanswered(rep, info);
		return;
	}
	fputs("0\n", rep->out);
	write_struct(rep, info);
	write_members(rep, info);
}

static void write_limits(struct capgap_report *rep, const struct capgap_pasid *pasid)
{
	if (pasid->supported != CAPGAP_IS_YES)
		return;
	begin_line(rep, "usable");
	if (pasid->limit == CAPGAP_LIMIT_NOT_ENABLED)
		fputs(pasid->has_range ? "none; once enabled " : "", rep->out);
	if (pasid->has_range)
		write_pasids(rep, pasid->min, pasid->max);
	else
		fputs("none", rep->out);
	fputs("; PASID 0 is for requests without one\n", rep->out);
	if (pasid->has_iommu) {
		begin_line(rep, "IOMMU");
		fprintf(rep->out, "%u PASIDs at most\n", (unsigned)pasid->iommu_pasids);
	}
	if (pasid->limit != CAPGAP_LIMIT_NONE) {
		begin_line(rep, "limit");
		fprintf(rep->out, "%s: %s\n", capgap_limit_name(pasid->limit),
			capgap_limit_text(pasid->limit));
	}
}

static void write_range(struct capgap_report *rep,
			const struct capgap_range_answer *range)
{
	begin_line(rep, "request for");
	write_pasids(rep, range->min, range->max);
	fprintf(rep->out, ": %s", capgap_range_name(range->is));
	if (range->is == CAPGAP_RANGE_NARROWED) {
		fputs(" to ", rep->out);
		write_pasids(rep, range->first, range->last);
	}
	fprintf(rep->out, ": %s\n", capgap_range_why_text(range->why));
}

static void write_obstacles(struct capgap_report *rep,
			    const struct capgap_obstacles *found)
{
	char text[256];

	for (unsigned i = 0; i < found->n; i++) {
		begin_line(rep, found->obstacle[i].unknown ? "perhaps in the way" :
							     "in the way");
		fprintf(rep->out, "%s [%s]\n",
			capgap_obstacle_text(&found->obstacle[i], text, sizeof(text)),
			capgap_obstacle_name(found->obstacle[i].kind));
	}
}

/* Where there is no PASID, or no telling, each method's line would only repeat that. */
static void write_all(struct capgap_report *rep, const struct capgap_query_answer *ans)
{
	const struct capgap_asked *asked = ans->asked;

	if (asked->pasid.supported == CAPGAP_IS_UNKNOWN)
		return;
	if (asked->pasid.supported == CAPGAP_IS_NO) {
		begin_line(rep, "so");
		fputs("vfio-feature-v1 and -v2: width 0; -v2-enotty: ENOTTY; hw-info: "
		      "out_max_pasid_log2 0\n",
		      rep->out);
		return;
	}
	write_config(rep, ans);
	for (int i = 0; i < CAPGAP_METHOD_COUNT; i++) {
		if (capgap_ask_is_feature((enum capgap_method)i))
			write_feature(rep, capgap_method_name((enum capgap_method)i),
				      &asked->feature[i]);
	}
	write_hwinfo(rep, &asked->hwinfo);
}

static void write_one(struct capgap_report *rep, const struct capgap_query_answer *ans)
{
	const struct capgap_asked *asked = ans->asked;

	for (int i = 0; i < CAPGAP_METHOD_COUNT; i++) {
		enum capgap_method method = (enum capgap_method)i;

		if (!capgap_ask_has(asked->ask, method))
			continue;
		if (capgap_ask_is_feature(method))
			write_feature_call(rep, method, &asked->feature[i]);
		else if (method == CAPGAP_METHOD_HW_INFO)
			write_hwinfo_call(rep, &asked->hwinfo);
		else
			write_config(rep, ans);
	}
}

static int write_answer(struct capgap_report *rep, const struct capgap_query_answer *ans)
{
	const struct capgap_asked *asked = ans->asked;

	capgap_text_machine(rep, &ans->base);
	capgap_text_identity(rep, &ans->base);
	write_summary(rep, ans);
	if (asked->ask->methods == CAPGAP_METHODS_ALL)
		write_all(rep, ans);
	else
		write_one(rep, ans);
	write_limits(rep, &asked->pasid);
	if (asked->ask->has_range)
		write_range(rep, &asked->range);
	if (asked->pasid.supported != CAPGAP_IS_NO)
		write_obstacles(rep, &asked->obstacles);
	return 0;
}

static void begin_features(struct capgap_report *rep)
{
	fputs("index  name                         operations  since  note\n", rep->out);
}

static int write_row(struct capgap_report *rep, const struct capgap_feature *feature)
{
	char operations[16] = "";
	size_t used = 0;
	const char *name;
	uint32_t flag;

	for (unsigned i = 0; (name = capgap_query_flag(i, &flag)); i++) {
		if (feature->operations & flag)
			used += (size_t)snprintf(operations + used,
						 sizeof(operations) - used, "%s%s",
						 used ? "," : "", name);
	}
	fprintf(rep->out, "%5u  %-27s  %-10s  %-5s  %s\n", feature->index,
		feature->name ? feature->name : "-", used ? operations : "-",
		feature->first ? feature->first : "?", feature->note);
	return 0;
}

const struct capgap_query_reporter capgap_query_text = {
	.format = &capgap_report_text,
	.answer = write_answer,
	.features_begin = begin_features,
	.feature = write_row,
};
