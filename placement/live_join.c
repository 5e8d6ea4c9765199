/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The running kernel's word on PASID, beside what configuration space says. */
#include "live_join.h"

#include <stdio.h>
#include <string.h>

#include "../analyzer/header.h"
#include "iommu_caps.h"
#include "view.h"

static void add(struct capgap_live_remarks *out, enum capgap_live_remark remark)
{
	out->remark[out->n++] = remark;
}

/**
 * struct sides - what is compared
 * @live: the kernel's word
 * @config: that of configuration space
 * @iommu: its registers, the kernel's own before those of sysfs
 */
struct sides {
	const struct capgap_live *live;
	const struct capgap_pasid *config;
	struct capgap_iommu_caps iommu;
};

/* The kernel says 0, for what reason ever. */
static void remark_zero(struct capgap_live_remarks *out, const struct capgap_live *live,
			const struct capgap_pasid *config)
{
	if (config->supported == CAPGAP_IS_UNKNOWN)
		add(out, CAPGAP_LIVE_REMARK_NOT_SHOWN);
	else if (config->supported == CAPGAP_IS_NO)
		add(out, CAPGAP_LIVE_REMARK_AGREE_NONE);
	else if (!config->width)
		add(out, CAPGAP_LIVE_REMARK_WIDTH_0);
	else if (live->zero == CAPGAP_LIVE_ZERO_IOMMU)
		add(out, CAPGAP_LIVE_REMARK_IOMMU_NONE);
	else if (!config->enabled)
		add(out, CAPGAP_LIVE_REMARK_NOT_ENABLED);
	else if (live->zero == CAPGAP_LIVE_ZERO_SAID)
		add(out, CAPGAP_LIVE_REMARK_ENABLED_ZERO);
	else
		add(out, CAPGAP_LIVE_REMARK_ENABLED);
}

static bool is_above_iommu(const struct sides *sides)
{
	return sides->iommu.known &&
	       sides->live->width > capgap_query_log2(sides->iommu.pasids);
}

/* What bounds a width that is less than the device's. */
static enum capgap_live_remark narrower(const struct sides *sides)
{
	unsigned bits = capgap_query_log2(sides->iommu.pasids);

	if (!sides->iommu.known)
		return CAPGAP_LIVE_REMARK_IOMMU_UNSEEN;
	if (is_above_iommu(sides))
		return CAPGAP_LIVE_REMARK_ABOVE_IOMMU;
	if (sides->live->width < bits)
		return CAPGAP_LIVE_REMARK_BELOW_BOTH;
	return sides->iommu.amd ? CAPGAP_LIVE_REMARK_AMD_BIT :
				  CAPGAP_LIVE_REMARK_IOMMU_LIMIT;
}

/* The device's own width is not known: the IOMMU's may still say something. */
static void remark_lone_width(struct capgap_live_remarks *out, const struct sides *sides)
{
	unsigned bits = capgap_query_log2(sides->iommu.pasids);

	if (!sides->iommu.known)
		return;
	if (is_above_iommu(sides))
		add(out, CAPGAP_LIVE_REMARK_ABOVE_IOMMU);
	else if (sides->live->width == bits && sides->iommu.amd)
		add(out, CAPGAP_LIVE_REMARK_AMD_BIT);
}

static void remark_registers(struct capgap_live_remarks *out, const struct sides *sides)
{
	const struct capgap_pasid *config = sides->config;
	const struct capgap_live *live = sides->live;

	if (live->width < config->width)
		add(out, narrower(sides));
	else if (live->width > config->width)
		add(out, CAPGAP_LIVE_REMARK_ABOVE_DEVICE);
	else if (!is_above_iommu(sides))
		add(out, CAPGAP_LIVE_REMARK_DEVICE_LIMIT);
	if (live->width >= config->width && is_above_iommu(sides))
		add(out, CAPGAP_LIVE_REMARK_ABOVE_IOMMU);
	if (!config->enabled) {
		add(out, CAPGAP_LIVE_REMARK_NOT_ON);
		return;
	}
	if (live->execute != config->enabled_execute)
		add(out, CAPGAP_LIVE_REMARK_EXECUTE);
	if (live->privileged != config->enabled_privileged)
		add(out, CAPGAP_LIVE_REMARK_PRIVILEGED);
}

static void remark_width(struct capgap_live_remarks *out, const struct sides *sides)
{
	if (sides->live->width > PASID_WIDTH_MAX)
		add(out, CAPGAP_LIVE_REMARK_ABOVE_LEGAL);
	switch (sides->config->supported) {
	case CAPGAP_IS_YES:
		remark_registers(out, sides);
		break;
	case CAPGAP_IS_NO:
		add(out, CAPGAP_LIVE_REMARK_NO_CAPABILITY);
		remark_lone_width(out, sides);
		break;
	case CAPGAP_IS_UNKNOWN:
		add(out, CAPGAP_LIVE_REMARK_NOT_SHOWN);
		remark_lone_width(out, sides);
		break;
	}
}

/* The registers that count: the kernel's own, else those of sysfs. */
static void read_iommu(struct capgap_iommu_caps *out, const struct capgap_live *live,
		       const struct capgap_iommu *sysfs)
{
	capgap_iommu_caps_read(out, &live->iommu);
	if (!out->known)
		capgap_iommu_caps_read(out, sysfs);
}

bool capgap_live_is_unsafe(struct capgap_live_trouble *trouble,
			   const struct capgap_function *fn)
{
	unsigned off;

	if (capgap_view_overrun(fn, &off) != CAPGAP_PATH_YES)
		return false;
	*trouble = (struct capgap_live_trouble){ .situation = CAPGAP_LIVE_OVERRUN };
	snprintf(trouble->detail, sizeof(trouble->detail), "the one at 0x%03x", off);
	return true;
}

void capgap_live_remark_all(struct capgap_live_remarks *out,
			    const struct capgap_live *live,
			    const struct capgap_pasid *config,
			    const struct capgap_iommu *sysfs)
{
	struct sides sides = { .live = live, .config = config };

	memset(out, 0, sizeof(*out));
	if (!live->has_pasid)
		return;
	read_iommu(&sides.iommu, live, sysfs);
	if (live->width)
		remark_width(out, &sides);
	else
		remark_zero(out, live, config);
	if (sysfs->kind == live->iommu.kind && sysfs->ext != live->iommu.ext)
		add(out, CAPGAP_LIVE_REMARK_IOMMU_DIFFERS);
}

/* The kernel says that there is none: what keeps the device's from being used. */
static void apply_none(struct capgap_pasid *pasid, const struct capgap_live *live)
{
	if (live->zero == CAPGAP_LIVE_ZERO_IOMMU)
		capgap_query_bound(pasid, 0);
	if (pasid->supported != CAPGAP_IS_YES)
		pasid->limit = CAPGAP_LIMIT_NONE;
	else if (live->zero == CAPGAP_LIVE_ZERO_IOMMU)
		pasid->limit = CAPGAP_LIMIT_IOMMU;
	else if (pasid->limit != CAPGAP_LIMIT_NOT_ENABLED)
		pasid->limit = CAPGAP_LIMIT_KERNEL;
	pasid->supported = CAPGAP_IS_NO;
	pasid->has_range = false;
	pasid->min = 0;
	pasid->max = 0;
}

/* What is not in the input: as an emulated capability would say it. */
static void take_registers(struct capgap_pasid *pasid, const struct capgap_live *live)
{
	pasid->supported = CAPGAP_IS_YES;
	pasid->width = live->width;
	pasid->execute = live->execute;
	pasid->privileged = live->privileged;
	pasid->capability = (uint16_t)(PASID_CAP_OF_WIDTH(live->width) |
				       (live->execute ? PASID_CAP_EXEC : 0) |
				       (live->privileged ? PASID_CAP_PRIV : 0));
}

/* What bounds a width of the kernel's; @device is that of the device, if it is known. */
static enum capgap_limit limit_of(const struct capgap_pasid *pasid,
				  const struct capgap_live *live, unsigned device)
{
	if (pasid->has_iommu && capgap_query_log2(pasid->iommu_pasids) <= live->width &&
	    pasid->iommu_pasids < UINT32_C(1) << device)
		return CAPGAP_LIMIT_IOMMU;
	if (pasid->has_raw && live->width == device)
		return CAPGAP_LIMIT_DEVICE;
	/* The kernel's is the lesser of two, and one of them is not known. */
	return pasid->has_raw && !pasid->has_iommu && live->width < device ?
		       CAPGAP_LIMIT_IOMMU :
		       CAPGAP_LIMIT_KERNEL;
}

static void apply_width(struct capgap_pasid *pasid, const struct capgap_live *live)
{
	struct capgap_iommu_caps caps;
	uint32_t pasids;
	unsigned device;

	if (pasid->supported != CAPGAP_IS_YES)
		take_registers(pasid, live);
	device = pasid->width <= PASID_WIDTH_MAX ? pasid->width : PASID_WIDTH_MAX;
	capgap_iommu_caps_read(&caps, &live->iommu);
	if (caps.known && (!pasid->has_iommu || caps.pasids < pasid->iommu_pasids)) {
		pasid->has_iommu = true;
		pasid->iommu_pasids = caps.pasids;
	}
	pasid->limit = limit_of(pasid, live, device);
	pasid->width = live->width < device ? live->width : device;
	pasid->enabled = true;
	pasid->enabled_execute = live->execute;
	pasid->enabled_privileged = live->privileged;
	pasids = capgap_query_pasids(pasid);
	pasid->has_range = pasids > 1;
	pasid->min = pasid->has_range;
	pasid->max = pasid->has_range ? (UINT32_C(1) << capgap_query_log2(pasids)) - 1 :
					0;
}

bool capgap_live_apply(struct capgap_pasid *pasid, const struct capgap_live *live)
{
	/* A device that went away behind its answer has none: nobody can use it. */
	if (live->trouble.situation != CAPGAP_LIVE_NONE)
		return false;
	if (!live->has_pasid || live->width > PASID_WIDTH_MAX ||
	    live->zero == CAPGAP_LIVE_ZERO_NOT_SAID ||
	    live->zero == CAPGAP_LIVE_ZERO_UNCLEAR)
		return false;
	pasid->method = CAPGAP_METHOD_LIVE;
	if (live->width)
		apply_width(pasid, live);
	else
		apply_none(pasid, live);
	return true;
}

void capgap_live_say(struct capgap_live_word *out, const struct capgap_live *live,
		     bool answered)
{
	memset(out, 0, sizeof(*out));
	out->asked = live->trouble.situation == CAPGAP_LIVE_NONE ||
		     capgap_live_step_is_call(live->trouble.step);
	out->answered = answered;
	out->situation = live->trouble.situation;
	if (answered)
		return;
	if (live->trouble.situation != CAPGAP_LIVE_NONE)
		capgap_live_trouble_text(&live->trouble, out->why, sizeof(out->why));
	else if (live->has_pasid && live->width)
		snprintf(out->why, sizeof(out->why),
			 "it says %u bits, and a PASID has no more than %u", live->width,
			 PASID_WIDTH_MAX);
	else if (live->has_pasid)
		snprintf(out->why, sizeof(out->why), "%s",
			 capgap_live_zero_text(live->zero));
	else if (live->no_cdev.situation == CAPGAP_LIVE_NONE)
		snprintf(out->why, sizeof(out->why),
			 "through the IOMMU group the width cannot be had");
	else
		snprintf(out->why, sizeof(out->why),
			 "through the IOMMU group the width cannot be had: %s",
			 capgap_live_situation_reason(live->no_cdev.situation));
}

const char *capgap_live_word_text(const struct capgap_live_word *word)
{
	if (!word->asked)
		return "was not asked";
	return word->situation == CAPGAP_LIVE_NONE ? "does not tell" : "does not answer";
}

static const struct {
	const char *name;
	bool contradiction;
	const char *text;
} remarks[] = {
#define CAPGAP_LIVE_REMARK(symbol, name, contradiction, text)                            \
	{ name, contradiction, text },
#include "live_remarks.def"
#undef CAPGAP_LIVE_REMARK
};

const char *capgap_live_remark_name(enum capgap_live_remark remark)
{
	return remarks[remark].name;
}

const char *capgap_live_remark_text(enum capgap_live_remark remark)
{
	return remarks[remark].text;
}

bool capgap_live_remark_is_contradiction(enum capgap_live_remark remark)
{
	return remarks[remark].contradiction;
}
