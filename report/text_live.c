/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The running kernel's answer for people. */
#include "live_report.h"
#include "text.h"

#include "../placement/hwinfo.h"

void capgap_live_text_line(struct capgap_report *rep, const char *about)
{
	fprintf(rep->out, "  %-22s  ", about);
}

void capgap_live_text_head(struct capgap_report *rep, const struct capgap_answer *base,
			   const struct capgap_bdf *bdf)
{
	char text[CAPGAP_BDF_TEXT];

	if (base->fn)
		capgap_text_identity(rep, base);
	else
		fputs(capgap_bdf_format(bdf, text), rep->out);
	fputs(": ", rep->out);
}

void capgap_live_text_trouble(struct capgap_report *rep, const char *about,
			      const struct capgap_live_trouble *trouble)
{
	const char *help = capgap_live_trouble_help(trouble);
	char text[CAPGAP_LIVE_WHY_LEN];

	if (trouble->situation == CAPGAP_LIVE_NONE)
		return;
	capgap_live_text_line(rep, about);
	capgap_text_name(rep, capgap_live_trouble_text(trouble, text, sizeof(text)));
	fprintf(rep->out, " [%s]\n", capgap_live_situation_name(trouble->situation));
	if (help[0]) {
		capgap_live_text_line(rep, "what would help");
		fprintf(rep->out, "%s\n", help);
	}
}

static void write_summary(struct capgap_report *rep, const struct capgap_live *live,
			  const struct capgap_live_word *word)
{
	if (live->trouble.situation != CAPGAP_LIVE_NONE)
		fprintf(rep->out, "the kernel %s\n", capgap_live_word_text(word));
	else if (live->has_pasid && live->width && !word->answered)
		fprintf(rep->out, "the kernel %s: %s\n", capgap_live_word_text(word),
			word->why);
	else if (live->has_pasid && live->width)
		fprintf(rep->out, "the kernel says PASID of %u bit%s\n", live->width,
			live->width == 1 ? "" : "s");
	else if (live->has_pasid)
		fprintf(rep->out, "%s%s\n",
			live->zero == CAPGAP_LIVE_ZERO_NOT_SAID ? "" :
								  "the kernel says 0: ",
			capgap_live_zero_text(live->zero));
	else
		fputs("the kernel does not tell a width this way\n", rep->out);
}

static void write_path(struct capgap_report *rep, const struct capgap_live *live)
{
	if (live->path == CAPGAP_LIVE_PATH_ANY)
		return;
	capgap_live_text_line(rep, "path");
	if (live->path == CAPGAP_LIVE_PATH_CDEV)
		fprintf(rep->out, "cdev: /dev/vfio/devices/%s, bound to /dev/iommu\n",
			live->facts.cdev);
	else
		fprintf(rep->out,
			"group: IOMMU group %u in a container; tells features, never the "
			"width\n",
			live->facts.group);
}

static const char *is_on(bool yes)
{
	return yes ? "enabled" : "not enabled";
}

static void write_width(struct capgap_report *rep, const struct capgap_live *live)
{
	capgap_live_text_line(rep, "width");
	if (!live->has_pasid)
		fputs("not known\n", rep->out);
	else if (live->width)
		fprintf(rep->out, "%u; Execute Permission %s, Privileged Mode %s\n",
			live->width, is_on(live->execute), is_on(live->privileged));
	else
		fprintf(rep->out, "0: %s\n", capgap_live_zero_text(live->zero));
}

static void write_usable(struct capgap_report *rep, const struct capgap_pasid *pasid)
{
	if (pasid->method != CAPGAP_METHOD_LIVE)
		return;
	capgap_live_text_line(rep, "usable");
	if (pasid->has_range)
		fprintf(rep->out, "PASID %u-%u; PASID 0 is for requests without one\n",
			(unsigned)pasid->min, (unsigned)pasid->max);
	else if (pasid->supported == CAPGAP_IS_YES && pasid->has_iommu &&
		 pasid->iommu_pasids < 2)
		fputs("none: by its registers the IOMMU has no PASIDs\n", rep->out);
	else
		fputs("none\n", rep->out);
}

static void write_capabilities(struct capgap_report *rep, uint64_t caps)
{
	const char *between = ": ";
	const char *name;
	uint64_t bit;

	capgap_live_text_line(rep, "out_capabilities");
	fprintf(rep->out, "0x%llx", (unsigned long long)caps);
	for (unsigned i = 0; (name = capgap_hwinfo_cap(i, &bit, NULL)); i++) {
		if (!(caps & bit))
			continue;
		fprintf(rep->out, "%s%s", between, name);
		between = ", ";
	}
	fputc('\n', rep->out);
}

static void write_iommu(struct capgap_report *rep, const struct capgap_live *live)
{
	const char *name = capgap_hwinfo_type_name(live->iommu_type);
	struct capgap_iommu_caps caps;

	capgap_live_text_line(rep, "IOMMU");
	fprintf(rep->out, "type %u (%s)", (unsigned)live->iommu_type,
		name ? name : "unknown");
	if (live->iommu.kind == CAPGAP_IOMMU_INTEL_VTD)
		fprintf(rep->out, ", capabilities 0x%llx, extended 0x%llx",
			(unsigned long long)live->iommu.cap,
			(unsigned long long)live->iommu.ext);
	else if (live->iommu.kind == CAPGAP_IOMMU_AMD)
		fprintf(rep->out, ", extended features 0x%llx",
			(unsigned long long)live->iommu.ext);
	capgap_iommu_caps_read(&caps, &live->iommu);
	if (caps.known)
		fprintf(rep->out, ": %u PASIDs at most", (unsigned)caps.pasids);
	fputc('\n', rep->out);
	capgap_live_text_line(rep, "ATS");
	fputs(live->ats_not_supported ?
		      "the kernel says that it cannot be used\n" :
		      "nothing said against it; older kernels say nothing\n",
	      rep->out);
}

/* What configuration space says, in one clause. */
static void write_config(struct capgap_report *rep, const struct capgap_live_answer *ans)
{
	const struct capgap_pasid *p = ans->config;

	capgap_live_text_line(rep, "configuration space");
	if (!ans->base.fn) {
		fputs("not read\n", rep->out);
		return;
	}
	switch (p->supported) {
	case CAPGAP_IS_UNKNOWN:
		fputs("does not show whether it has PASID\n", rep->out);
		break;
	case CAPGAP_IS_NO:
		fputs("no PASID\n", rep->out);
		break;
	case CAPGAP_IS_YES:
		fprintf(rep->out, "PASID of %u bit%s, %s", p->width,
			p->width == 1 ? "" : "s", is_on(p->enabled));
		fprintf(rep->out, "; Execute Permission %s, Privileged Mode %s\n",
			is_on(p->enabled_execute), is_on(p->enabled_privileged));
		break;
	}
}

static void write_remarks(struct capgap_report *rep, const struct capgap_live_answer *ans)
{
	const struct capgap_live_remarks *remarks = &ans->word->remarks;
	enum capgap_live_remark remark;
	char text[256];

	for (unsigned i = 0; i < remarks->n; i++) {
		remark = remarks->remark[i];
		capgap_live_text_line(rep, capgap_live_remark_is_contradiction(remark) ?
						   "contradiction" :
						   "so");
		fprintf(rep->out, "%s [%s]\n", capgap_live_remark_text(remark),
			capgap_live_remark_name(remark));
	}
	for (unsigned i = 0; i < ans->obstacles->n; i++) {
		capgap_live_text_line(rep, ans->obstacles->obstacle[i].unknown ?
						   "perhaps in the way" :
						   "in the way");
		fprintf(rep->out, "%s [%s]\n",
			capgap_obstacle_text(&ans->obstacles->obstacle[i], text,
					     sizeof(text)),
			capgap_obstacle_name(ans->obstacles->obstacle[i].kind));
	}
}

static void write_feature(struct capgap_report *rep, const struct capgap_live *live,
			  unsigned index)
{
	const char *number = capgap_live_errno_name(live->feature_err[index]);
	char title[CAPGAP_LIVE_TITLE];

	fprintf(rep->out, "  %5u  %-9s", index,
		capgap_live_feature_name(live->feature[index]));
	if (number)
		fprintf(rep->out, "  %-10s", number);
	else if (live->feature_err[index])
		fprintf(rep->out, "  errno %-4d", live->feature_err[index]);
	else
		fprintf(rep->out, "  %-10s", "-");
	fprintf(rep->out, "  %s\n",
		capgap_live_feature_title(index, title, sizeof(title)));
}

static void write_features(struct capgap_report *rep, const struct capgap_live *live)
{
	if (live->path == CAPGAP_LIVE_PATH_ANY)
		return;
	fputs("  VFIO_DEVICE_FEATURE, probed, neither read nor set (unusable: the kernel knows "
	      "it, the device cannot use it; or, on older kernels, a driver without "
	      "features):\n"
	      "  index  answer     errno       name\n",
	      rep->out);
	for (unsigned i = 0; i < CAPGAP_LIVE_FEATURES; i++)
		write_feature(rep, live, i);
}

static int write_query(struct capgap_report *rep, const struct capgap_live_answer *ans)
{
	const struct capgap_live *live = ans->live;

	capgap_live_text_head(rep, &ans->base, &ans->bdf);
	write_summary(rep, live, ans->word);
	capgap_live_text_trouble(rep, "refused", &live->trouble);
	write_path(rep, live);
	capgap_live_text_trouble(rep, "not by the cdev", &live->no_cdev);
	if (live->path != CAPGAP_LIVE_PATH_ANY)
		write_width(rep, live);
	if (live->has_pasid) {
		write_usable(rep, ans->pasid);
		write_capabilities(rep, live->capabilities);
		write_iommu(rep, live);
	}
	write_config(rep, ans);
	write_remarks(rep, ans);
	write_features(rep, live);
	return 0;
}

const struct capgap_live_reporter capgap_live_text = {
	.format = &capgap_report_text,
	.query = write_query,
	.view = capgap_live_text_view,
};
