/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options of `dvsec`. */
#include <stdlib.h>
#include <string.h>

#include "cli.h"

const char *dvsec_set_form(struct settings *set, const char *arg)
{
	if (!strcmp(arg, "gap"))
		set->dvsec.want.form = CAPGAP_FORM_GAP;
	else if (!strcmp(arg, "table"))
		set->dvsec.want.form = CAPGAP_FORM_TABLE;
	else
		return "forms are gap and table";
	return NULL;
}

/* An id of up to four hex digits, with or without 0x. */
static bool parse_id(const char *arg, uint16_t *id)
{
	const char *digits = arg;
	size_t len;

	if (arg[0] == '0' && (arg[1] == 'x' || arg[1] == 'X'))
		digits += 2;
	len = strspn(digits, "0123456789abcdefABCDEF");
	if (!len || len > 4 || digits[len])
		return false;
	*id = (uint16_t)strtoul(digits, NULL, 16);
	return true;
}

const char *dvsec_set_vendor(struct settings *set, const char *arg)
{
	if (!parse_id(arg, &set->dvsec.want.vendor) || set->dvsec.want.vendor == 0xffff ||
	    set->dvsec.want.vendor == 0)
		return "a vendor id has up to 4 hex digits, and ffff is nobody's";
	set->dvsec.has_vendor = true;
	return NULL;
}

const char *dvsec_set_id(struct settings *set, const char *arg)
{
	if (!parse_id(arg, &set->dvsec.want.id))
		return "a DVSEC id has up to 4 hex digits";
	set->dvsec.has_id = true;
	return NULL;
}

/* What is declared is judged with the image at hand; here it must only be numbers. */
const char *dvsec_set_range(struct settings *set, const char *arg)
{
	struct capgap_declare *want = &set->dvsec.want;
	const char *colon = strchr(arg, ':');
	unsigned long off;
	unsigned long len;
	char first[16];

	if (!strcmp(arg, "none")) {
		set->dvsec.nothing = true;
		want->chosen = true;
		return NULL;
	}
	if (!colon || (size_t)(colon - arg) >= sizeof(first))
		return "a range is OFFSET:LENGTH, or none";
	memcpy(first, arg, (size_t)(colon - arg));
	first[colon - arg] = '\0';
	if (!opts_number(first, 0, CAPGAP_SPACE_MAX - 1, &off) ||
	    !opts_number(colon + 1, 1, CAPGAP_SPACE_MAX, &len))
		return "a range is OFFSET:LENGTH, hex with 0x or decimal, within 0x1000";
	if (want->n_ranges == CAPGAP_DECLARE_RANGES_MAX)
		return "there are too many of them";
	want->range[want->n_ranges++] = (struct capgap_range){ (uint16_t)off,
							       (uint16_t)len };
	want->chosen = true;
	return NULL;
}

const char *dvsec_set_at(struct settings *set, const char *arg)
{
	unsigned long off;

	if (!opts_number(arg, 0, CAPGAP_SPACE_MAX - 1, &off))
		return "an offset is a number below 0x1000";
	set->dvsec.want.has_at = true;
	set->dvsec.want.at = (uint16_t)off;
	return NULL;
}

const char *dvsec_set_decode(struct settings *set, const char *arg)
{
	(void)arg;
	set->dvsec.decode = true;
	return NULL;
}

const char *dvsec_set_driver_table(struct settings *set, const char *arg)
{
	(void)arg;
	set->dvsec.driver_table = true;
	return NULL;
}

/* Options that only making descriptors has. */
static bool asks_to_make(const struct settings *set)
{
	const struct dvsec_settings *dvsec = &set->dvsec;

	return dvsec->has_vendor || dvsec->has_id || dvsec->want.chosen ||
	       dvsec->want.has_at || dvsec->want.form != CAPGAP_FORM_CONTROL ||
	       set->output || set->binary || set->lspci;
}

static const char *judge_making(const struct settings *set)
{
	const struct dvsec_settings *dvsec = &set->dvsec;
	bool gap = dvsec->want.form == CAPGAP_FORM_GAP;

	if (!dvsec->has_vendor || !dvsec->has_id)
		return "--vendor and --id are needed: the ids are the vendor's, and there "
		       "is no default";
	if (dvsec->nothing && (gap || dvsec->want.n_ranges))
		return "--range none goes with --form table, and with no other --range";
	if (gap && dvsec->want.has_at && dvsec->want.chosen)
		return "in the gap form a range begins with its descriptor: give --at or "
		       "--range";
	if (!set->output && (set->binary || set->lspci))
		return "--output-format goes with --output";
	if (set->output && !strcmp(set->output, "-"))
		return "--output must be a file: the descriptors go to standard output";
	return NULL;
}

const char *dvsec_judge(struct settings *set)
{
	struct dvsec_settings *dvsec = &set->dvsec;
	const char *wrong;

	if (dvsec->decode && dvsec->driver_table)
		return "--decode and --driver-table are two things";
	if (dvsec->decode || dvsec->driver_table)
		return asks_to_make(set) ? "only making descriptors takes such options" :
					   NULL;
	if (dvsec->want.form == CAPGAP_FORM_CONTROL)
		dvsec->want.form = CAPGAP_FORM_GAP;
	wrong = judge_making(set);
	if (wrong)
		return wrong;
	if (set->n_descriptors == DESCRIPTORS_MAX)
		return "there are too many --descriptor";
	/* The pair is known while the image is read, so that what has it already counts. */
	set->descriptor[set->n_descriptors++] = (struct descriptor_arg){
		dvsec->want.vendor, dvsec->want.id, CAPGAP_FORM_CONTROL
	};
	return NULL;
}
