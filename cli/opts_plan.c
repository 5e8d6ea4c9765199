/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Options of the planner: for which VMM, with what beside PASID, how far from the rest. */
#include "opts_plan.h"

#include <string.h>
#include <strings.h>

#include "cli.h"

/* Longest structure that has room behind the head of the list; bytes. */
#define WANT_MAX 0xf00u

const char *plan_set_vmm(struct settings *set, const char *arg)
{
	int vmm = capgap_vmm_find(arg);

	if (vmm < 0)
		return "VMMs are qemu-11.1, qemu-11.0, cloud-hypervisor and generic";
	set->policy.vmm = (enum capgap_vmm)vmm;
	return NULL;
}

const char *plan_set_guard(struct settings *set, const char *arg)
{
	unsigned long val;

	if (!opts_number(arg, 0, CAPGAP_SPACE_MAX / 2, &val) || val % 4)
		return "a guard is a multiple of 4 bytes from 0 to 2048";
	set->policy.guard = (unsigned)val;
	return NULL;
}

const char *plan_set_require_vmm(struct settings *set, const char *arg)
{
	(void)arg;
	set->require_vmm = true;
	return NULL;
}

const char *plan_set_explain(struct settings *set, const char *arg)
{
	(void)arg;
	set->explain = true;
	return NULL;
}

/* The extended capability whose short name is the @len characters at @name, or NULL. */
static const struct capgap_capdef *find_symbol(const char *name, size_t len)
{
	const struct capgap_capdef *def;

	for (unsigned i = 0; (def = capgap_caps_row(CAPGAP_EXT, i)); i++) {
		if (strlen(def->symbol) == len && !strncasecmp(def->symbol, name, len))
			return def;
	}
	return NULL;
}

/* One NAME or NAME:BYTES; PASID is planned without being asked for. */
static const char *add_want(struct capgap_policy *policy, const char *item, size_t len)
{
	const char *colon = memchr(item, ':', len);
	const struct capgap_capdef *def;
	char bytes[16] = "";
	unsigned long val;

	def = find_symbol(item, colon ? (size_t)(colon - item) : len);
	if (!def || def->id == CAPGAP_ECAP_NULL_CAP)
		return "a capability is a short name of 'capgap scan --format json', such as pri, ats or dvsec:N";
	if (def->id == CAPGAP_ECAP_PASID)
		return colon ? "the length of PASID is fixed" : NULL;
	if (policy->n_wants == CAPGAP_WANTS_MAX)
		return "there are too many of them";
	val = def->min;
	if (colon) {
		snprintf(bytes, sizeof(bytes), "%.*s",
			 (int)(len - (size_t)(colon - item) - 1), colon + 1);
		if (!opts_number(bytes, def->id == CAPGAP_ECAP_DVSEC ? 12 : 8, WANT_MAX,
				 &val) ||
		    val % 4)
			return "a length is a multiple of 4 from 8 (dvsec: 12) to 0xf00";
	}
	if ((def->rule && !colon) || (!def->rule && val != def->min))
		return def->rule ? "this one has no fixed length: give NAME:BYTES" :
				   "the length of this one is fixed";
	policy->want[policy->n_wants++] = (struct capgap_want){ def->id, (uint16_t)val };
	return NULL;
}

const char *plan_set_caps(struct settings *set, const char *arg)
{
	const char *wrong = NULL;
	size_t len;

	do {
		len = strcspn(arg, ",");
		wrong = add_want(&set->policy, arg, len);
		arg += len;
	} while (!wrong && *arg++ == ',');
	return wrong;
}
