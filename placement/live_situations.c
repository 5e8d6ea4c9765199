/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a failed call means: by path, step, errno, and what sysfs shows. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "live_parts.h"

typedef bool condition(const struct capgap_live_session *s);

static bool has_blocker(const struct capgap_live_session *s)
{
	return s->facts->blocker[0] != '\0';
}

static bool has_node(const struct capgap_live_session *s)
{
	return s->facts->node.is_device;
}

static bool showed_token(const struct capgap_live_session *s)
{
	return s->showed_token;
}

static bool is_physfn(const struct capgap_live_session *s)
{
	return !s->facts->has_physfn;
}

static bool is_physfn_and_showed_token(const struct capgap_live_session *s)
{
	return is_physfn(s) && showed_token(s);
}

/*
 * Of the two reasons for EPERM only interrupts are left: nobody can be using the group, and
 * allow_unsafe_interrupts does not make iommufd take an IOMMU that does not remap them.
 */
static bool alone_and_misses_remapping(const struct capgap_live_session *s)
{
	return !s->facts->others && !s->facts->unsafe_iommufd;
}

/* The same of vfio_iommu_type1, which has that one reason. */
static bool type1_misses_remapping(const struct capgap_live_session *s)
{
	return !s->facts->unsafe_type1;
}

/**
 * struct rule - what an errno of a step stands for
 * @step: the call
 * @err: errno; 0 for an answer that was bad
 * @when: must hold too; NULL for always
 * @situation: then it is this
 */
struct rule {
	enum capgap_live_step step;
	int err;
	condition *when;
	enum capgap_live_situation situation;
};

#define RULE(step, err, when, situation)                                                 \
	{                                                                                \
		CAPGAP_LIVE_STEP_##step, (err), (when), CAPGAP_LIVE_##situation          \
	}

/* The first that fits decides. */
static const struct rule rules[] = {
	RULE(SYSFS, ENOENT, NULL, NO_DEVICE),
	RULE(SYSFS, EACCES, NULL, PERMISSION),

	RULE(OPEN_CDEV, ENOENT, has_node, NO_NODE),
	RULE(OPEN_CDEV, ENOENT, NULL, NO_CDEV),
	RULE(OPEN_CDEV, ENXIO, NULL, NO_NODE),
	RULE(OPEN_CDEV, EACCES, NULL, PERMISSION),
	RULE(OPEN_CDEV, EPERM, NULL, PERMISSION),

	RULE(CHECK_NODE, 0, NULL, NODE_MISMATCH),

	RULE(OPEN_IOMMUFD, ENOENT, NULL, NO_IOMMUFD),
	RULE(OPEN_IOMMUFD, ENODEV, NULL, NO_IOMMUFD),
	RULE(OPEN_IOMMUFD, ENXIO, NULL, NO_IOMMUFD),
	RULE(OPEN_IOMMUFD, EACCES, NULL, PERMISSION),
	RULE(OPEN_IOMMUFD, EPERM, NULL, PERMISSION),

	RULE(BIND, EBUSY, NULL, IN_USE),
	RULE(BIND, EINVAL, showed_token, BIND_REFUSED),
	RULE(BIND, EINVAL, NULL, IN_USE_CDEV),
	RULE(BIND, EACCES, is_physfn_and_showed_token, PF_TOKEN_WRONG),
	RULE(BIND, EACCES, is_physfn, PF_TOKEN_NEEDED),
	RULE(BIND, EACCES, showed_token, TOKEN_WRONG),
	RULE(BIND, EACCES, NULL, TOKEN_NEEDED),
	RULE(BIND, EPERM, has_blocker, NOT_VIABLE),
	RULE(BIND, EPERM, alone_and_misses_remapping, NO_INTREMAP),
	RULE(BIND, EPERM, NULL, NOT_PERMITTED),
	RULE(BIND, EAGAIN, NULL, RESET_FAILED),

	RULE(HW_INFO, ENOTTY, NULL, NO_HW_INFO),
	RULE(HW_INFO, EOPNOTSUPP, NULL, HW_INFO_REFUSED),
	RULE(HW_INFO, ENOENT, NULL, EMULATED),

	RULE(OPEN_GROUP, ENOENT, NULL, NO_GROUP_NODE),
	RULE(OPEN_GROUP, ENXIO, NULL, NO_GROUP_NODE),
	RULE(OPEN_GROUP, EBUSY, NULL, IN_USE),
	RULE(OPEN_GROUP, EACCES, NULL, PERMISSION),
	RULE(OPEN_GROUP, EPERM, NULL, PERMISSION),

	RULE(STATUS, 0, has_blocker, NOT_VIABLE),
	RULE(STATUS, 0, NULL, NOT_PERMITTED),

	RULE(OPEN_CONTAINER, ENOENT, NULL, NO_CONTAINER),
	RULE(OPEN_CONTAINER, ENODEV, NULL, NO_CONTAINER),
	RULE(OPEN_CONTAINER, ENXIO, NULL, NO_CONTAINER),
	RULE(OPEN_CONTAINER, EACCES, NULL, PERMISSION),
	RULE(OPEN_CONTAINER, EPERM, NULL, PERMISSION),

	RULE(API_VERSION, 0, NULL, API_VERSION),

	RULE(SET_CONTAINER, EPERM, has_blocker, NOT_VIABLE),
	RULE(SET_CONTAINER, EPERM, NULL, NOT_PERMITTED),
	RULE(SET_CONTAINER, EBUSY, NULL, IN_USE),

	RULE(SET_IOMMU, EPERM, type1_misses_remapping, NO_INTREMAP),
	RULE(SET_IOMMU, EPERM, NULL, NOT_PERMITTED),
	RULE(SET_IOMMU, ENODEV, NULL, NO_BACKEND),
	RULE(SET_IOMMU, EBUSY, NULL, IN_USE),

	/* A container of iommufd's claims the group only here. */
	RULE(GET_DEVICE, EACCES, is_physfn_and_showed_token, PF_TOKEN_WRONG),
	RULE(GET_DEVICE, EACCES, is_physfn, PF_TOKEN_NEEDED),
	RULE(GET_DEVICE, EACCES, showed_token, TOKEN_WRONG),
	RULE(GET_DEVICE, EACCES, NULL, TOKEN_NEEDED),
	RULE(GET_DEVICE, EPERM, has_blocker, NOT_VIABLE),
	RULE(GET_DEVICE, EPERM, alone_and_misses_remapping, NO_INTREMAP),
	RULE(GET_DEVICE, EPERM, NULL, NOT_PERMITTED),
	RULE(GET_DEVICE, EBUSY, NULL, IN_USE),
	RULE(GET_DEVICE, EINVAL, NULL, SETUP_FAILED),
	RULE(GET_DEVICE, EAGAIN, NULL, RESET_FAILED),

	RULE(DEVICE_INFO, 0, NULL, NO_CONFIG),
	RULE(REGION_INFO, 0, NULL, NO_CONFIG),
	RULE(REGION_INFO, EINVAL, NULL, NO_CONFIG),
	RULE(READ_CONFIG, 0, NULL, BAD_ANSWER),
};

/* What an errno stands for where no rule fits, and its name. */
static const struct {
	int err;
	const char *name;
	enum capgap_live_situation situation;
} errnos[] = {
	{ EPERM, "EPERM", CAPGAP_LIVE_UNEXPECTED },
	{ ENOENT, "ENOENT", CAPGAP_LIVE_UNEXPECTED },
	{ EINTR, "EINTR", CAPGAP_LIVE_INTERRUPTED },
	{ EIO, "EIO", CAPGAP_LIVE_UNEXPECTED },
	{ ENXIO, "ENXIO", CAPGAP_LIVE_UNEXPECTED },
	{ E2BIG, "E2BIG", CAPGAP_LIVE_UNEXPECTED },
	{ EBADF, "EBADF", CAPGAP_LIVE_UNEXPECTED },
	{ EAGAIN, "EAGAIN", CAPGAP_LIVE_UNEXPECTED },
	{ ENOMEM, "ENOMEM", CAPGAP_LIVE_RESOURCES },
	{ EACCES, "EACCES", CAPGAP_LIVE_UNEXPECTED },
	{ EFAULT, "EFAULT", CAPGAP_LIVE_UNEXPECTED },
	{ EBUSY, "EBUSY", CAPGAP_LIVE_UNEXPECTED },
	{ ENODEV, "ENODEV", CAPGAP_LIVE_GONE },
	{ EINVAL, "EINVAL", CAPGAP_LIVE_UNEXPECTED },
	{ ENFILE, "ENFILE", CAPGAP_LIVE_RESOURCES },
	{ EMFILE, "EMFILE", CAPGAP_LIVE_RESOURCES },
	{ ENOTTY, "ENOTTY", CAPGAP_LIVE_UNEXPECTED },
	{ ENAMETOOLONG, "ENAMETOOLONG", CAPGAP_LIVE_UNEXPECTED },
	{ EOVERFLOW, "EOVERFLOW", CAPGAP_LIVE_UNEXPECTED },
	{ EOPNOTSUPP, "EOPNOTSUPP", CAPGAP_LIVE_UNEXPECTED },
};

static bool is_on_vfio(const struct capgap_live_facts *facts)
{
	return facts->cdev[0] || strstr(facts->driver, "vfio");
}

enum capgap_live_situation capgap_live_foresee(const struct capgap_live_facts *facts)
{
	if (facts->noiommu)
		return CAPGAP_LIVE_NOIOMMU;
	if (!facts->has_group)
		return CAPGAP_LIVE_NO_IOMMU;
	if (!is_on_vfio(facts))
		return CAPGAP_LIVE_NOT_VFIO;
	return CAPGAP_LIVE_NONE;
}

enum capgap_live_situation capgap_live_judge(const struct capgap_live_session *s,
					     enum capgap_live_step step, int err)
{
	if (step == CAPGAP_LIVE_STEP_SYSFS && !err)
		return capgap_live_foresee(s->facts);
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		if (rules[i].step == step && rules[i].err == err &&
		    (!rules[i].when || rules[i].when(s)))
			return rules[i].situation;
	}
	for (size_t i = 0; i < sizeof(errnos) / sizeof(errnos[0]); i++) {
		if (errnos[i].err == err)
			return errnos[i].situation;
	}
	return CAPGAP_LIVE_UNEXPECTED;
}

/* What the function is bound to, where that is not VFIO. */
static void add_driver(const struct capgap_live_facts *facts,
		       struct capgap_live_trouble *trouble)
{
	const char *also = trouble->situation == CAPGAP_LIVE_NO_IOMMU ?
				   "nor is it on vfio-pci; " :
				   "";

	trouble->no_driver = !facts->driver[0];
	if (trouble->no_driver)
		snprintf(trouble->detail, sizeof(trouble->detail), "%sit has no driver",
			 also);
	else
		snprintf(trouble->detail, sizeof(trouble->detail), "%sit is bound to %s",
			 also, facts->driver);
}

/* Whom sysfs shows behind a situation. */
static void add_detail(const struct capgap_live_facts *facts,
		       struct capgap_live_trouble *trouble, const char *detail)
{
	char bdf[CAPGAP_BDF_TEXT];
	size_t len = sizeof(trouble->detail);

	if (trouble->situation == CAPGAP_LIVE_NOT_VFIO ||
	    (trouble->situation == CAPGAP_LIVE_NO_IOMMU && !is_on_vfio(facts)))
		add_driver(facts, trouble);
	else if (trouble->situation == CAPGAP_LIVE_NOT_VIABLE && facts->blocker[0])
		snprintf(trouble->detail, len, "%s is bound to %s", facts->blocker,
			 facts->blocker_driver);
	else if ((trouble->situation == CAPGAP_LIVE_TOKEN_NEEDED ||
		  trouble->situation == CAPGAP_LIVE_TOKEN_WRONG) &&
		 facts->has_physfn)
		snprintf(trouble->detail, len, "the physical function is %s",
			 capgap_bdf_format(&facts->physfn, bdf));
	else if (detail)
		snprintf(trouble->detail, len, "%s", detail);
}

int capgap_live_fail(struct capgap_live_session *s, enum capgap_live_step step, int err,
		     const char *detail)
{
	struct capgap_live_trouble *trouble = &s->trouble;

	if (trouble->situation != CAPGAP_LIVE_NONE)
		return -CAPGAP_E_REFUSED;
	trouble->situation = capgap_live_judge(s, step, err);
	trouble->path = s->path;
	trouble->step = step;
	trouble->err = err;
	add_detail(s->facts, trouble, detail);
	return -CAPGAP_E_REFUSED;
}

const char *capgap_live_errno_name(int err)
{
	for (size_t i = 0; i < sizeof(errnos) / sizeof(errnos[0]); i++) {
		if (errnos[i].err == err)
			return errnos[i].name;
	}
	return NULL;
}

static const struct {
	const char *name;
	const char *reason;
	const char *help;
	const char *source;
} texts[] = {
#define CAPGAP_LIVE_SITUATION(symbol, name, reason, help, source)                        \
	{ name, reason, help, source },
#include "live_situations.def"
#undef CAPGAP_LIVE_SITUATION
};

const char *capgap_live_situation_name(enum capgap_live_situation situation)
{
	return texts[situation].name;
}

const char *capgap_live_situation_reason(enum capgap_live_situation situation)
{
	return texts[situation].reason;
}

const char *capgap_live_situation_help(enum capgap_live_situation situation)
{
	return texts[situation].help;
}

const char *capgap_live_trouble_help(const struct capgap_live_trouble *trouble)
{
	if (trouble->situation == CAPGAP_LIVE_NOT_VFIO && trouble->no_driver)
		return "virsh nodedev-detach, or driverctl set-override; by hand, write "
		       "vfio-pci to its driver_override, then its address to drivers_probe";
	return texts[trouble->situation].help;
}

const char *capgap_live_situation_source(enum capgap_live_situation situation)
{
	return texts[situation].source;
}

bool capgap_live_step_is_call(enum capgap_live_step step)
{
	return step != CAPGAP_LIVE_STEP_NONE && step != CAPGAP_LIVE_STEP_SYSFS;
}

const char *capgap_live_step_name(enum capgap_live_step step)
{
	static const char *const names[] = {
#define CAPGAP_LIVE_STEP(symbol, name) name,
#include "live_steps.def"
#undef CAPGAP_LIVE_STEP
	};

	return names[step];
}

const char *capgap_live_path_name(enum capgap_live_path path)
{
	static const char *const names[] = { "any", "cdev", "group" };

	return names[path];
}

const char *capgap_live_feature_name(enum capgap_live_feature feature)
{
	static const char *const names[] = {
		[CAPGAP_LIVE_FEATURE_UNASKED] = "not-asked",
		[CAPGAP_LIVE_FEATURE_NO] = "no",
		[CAPGAP_LIVE_FEATURE_YES] = "yes",
		[CAPGAP_LIVE_FEATURE_UNUSABLE] = "unusable",
		[CAPGAP_LIVE_FEATURE_ERROR] = "error",
	};

	return names[feature];
}

static const struct {
	const char *name;
	const char *text;
} zeros[] = {
#define CAPGAP_LIVE_ZERO(symbol, name, text) { name, text },
#include "live_zero.def"
#undef CAPGAP_LIVE_ZERO
};

const char *capgap_live_zero_name(enum capgap_live_zero zero)
{
	return zeros[zero].name;
}

const char *capgap_live_zero_text(enum capgap_live_zero zero)
{
	return zeros[zero].text;
}

char *capgap_live_trouble_text(const struct capgap_live_trouble *trouble, char *buf,
			       size_t len)
{
	const char *reason = texts[trouble->situation].reason;
	const char *name = capgap_live_errno_name(trouble->err);
	char number[32] = "";

	if (!name && trouble->err) {
		snprintf(number, sizeof(number), "errno %d", trouble->err);
		name = number;
	}
	if (!capgap_live_step_is_call(trouble->step))
		snprintf(buf, len, "%s%s%s", reason, trouble->detail[0] ? ": " : "",
			 trouble->detail);
	else
		snprintf(buf, len, "%s%s%s: %s%s%s", capgap_live_step_name(trouble->step),
			 name ? ": " : "", name ? name : "", reason,
			 trouble->detail[0] ? ": " : "", trouble->detail);
	return buf;
}
