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

/* Those whose second dword says how long they are, whatever else is in them. */
static bool says_length(const struct capgap_capdef *def)
{
	return def->id == CAPGAP_ECAP_DVSEC || def->id == CAPGAP_ECAP_VSEC;
}

static bool is_named(const struct capgap_policy *policy, unsigned id)
{
	for (unsigned i = 0; i < policy->n_wants; i++) {
		if (policy->want[i].id == id)
			return true;
	}
	return false;
}

/* The length of NAME or NAME:BYTES; NULL, or what is wrong. */
static const char *read_length(const struct capgap_capdef *def, const char *bytes,
			       unsigned long *len)
{
	*len = def->min;
	if (!says_length(def) && def->rule)
		return "the length of this one comes from its registers, which would be zeros";
	if (!says_length(def))
		return bytes ? "the length of this one is fixed" : NULL;
	if (!bytes || !opts_number(bytes, 12, WANT_MAX, len) || *len % 4)
		return "give NAME:BYTES, a multiple of 4 from 12 to 0xf00";
	return NULL;
}

/* One NAME or NAME:BYTES; PASID is planned without being asked for. */
static const char *add_want(struct capgap_policy *policy, const char *item, size_t len)
{
	const char *colon = memchr(item, ':', len);
	const struct capgap_capdef *def;
	const char *wrong;
	char bytes[16] = "";
	unsigned long val;

	def = find_symbol(item, colon ? (size_t)(colon - item) : len);
	if (!def || def->id == CAPGAP_ECAP_NULL_CAP)
		return "a capability is a short name of 'capgap scan --format json', such as pri, ats or dvsec:N";
	if (def->id == CAPGAP_ECAP_PASID)
		return colon ? "the length of PASID is fixed" : NULL;
	if (is_named(policy, def->id) && !says_length(def))
		return "it is named twice";
	if (policy->n_wants == CAPGAP_WANTS_MAX)
		return "there are too many of them";
	if (colon)
		snprintf(bytes, sizeof(bytes), "%.*s",
			 (int)(len - (size_t)(colon - item) - 1), colon + 1);
	wrong = read_length(def, colon ? bytes : NULL, &val);
	if (wrong)
		return wrong;
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
