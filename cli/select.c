/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which functions: the selectors of lspci. */
#include "select.h"

#include <stdlib.h>
#include <string.h>

void select_init(struct select *sel)
{
	*sel = (struct select){ .domain = SELECT_ANY,
				.bus = SELECT_ANY,
				.dev = SELECT_ANY,
				.fn = SELECT_ANY,
				.vendor = SELECT_ANY,
				.device = SELECT_ANY,
				.class_code = SELECT_ANY,
				.prog_if = SELECT_ANY };
}

/* Read the hex field of @len characters; false when it is no number up to @max. */
static bool field(const char *text, size_t len, long max, long *val)
{
	char buf[12];
	char *end;

	*val = SELECT_ANY;
	if (len == 0 || (len == 1 && text[0] == '*'))
		return true;
	if (len >= sizeof(buf))
		return false;
	memcpy(buf, text, len);
	buf[len] = '\0';
	if (buf[strspn(buf, "0123456789abcdefABCDEF")])
		return false;
	*val = strtol(buf, &end, 16);
	return *val <= max;
}

const char *select_parse_slot(struct select *sel, const char *text)
{
	const char *dot = strchr(text, '.');
	const char *slot = strrchr(text, ':');
	const char *first = strchr(text, ':');
	size_t len;

	sel->slot_given = true;
	if (dot &&
	    (!field(dot + 1, strlen(dot + 1), 7, &sel->fn) || (slot && dot < slot)))
		return "the function is a number from 0 to 7";
	slot = slot ? slot + 1 : text;
	len = dot ? (size_t)(dot - slot) : strlen(slot);
	if (!field(slot, len, 0x1f, &sel->dev))
		return "the device is a hex number from 0 to 1f";
	if (!first)
		return NULL;
	if (first + 1 != slot) {
		if (!field(text, (size_t)(first - text), 0x7fffffffL, &sel->domain))
			return "the domain is a hex number";
		text = first + 1;
	}
	if (!field(text, (size_t)(slot - 1 - text), 0xff, &sel->bus))
		return "the bus is a hex number from 0 to ff";
	return NULL;
}

const char *select_parse_ids(struct select *sel, const char *text)
{
	long *const fields[] = { &sel->vendor, &sel->device, &sel->class_code,
				 &sel->prog_if };
	size_t len;
	size_t i;

	sel->ids_given = true;
	if (!strchr(text, ':'))
		return "there must be a ':' between vendor and device";
	for (i = 0; i < 4; i++) {
		len = strcspn(text, ":");
		if (!field(text, len, i < 3 ? 0xffff : 0xff, fields[i]))
			return "each field is a hex number of up to 4 digits";
		text += len;
		if (!*text)
			return NULL;
		text++;
	}
	return "there are more than four fields";
}

static bool agrees(long want, bool known, unsigned long have)
{
	return want == SELECT_ANY || (known && (unsigned long)want == have);
}

bool select_wants(const struct select *sel, const struct capgap_meta *meta)
{
	const struct capgap_bdf *bdf = &meta->bdf;
	bool placed = meta->flags & CAPGAP_META_BDF;
	bool known = meta->flags & CAPGAP_META_IDS;
	bool has_class = meta->flags & CAPGAP_META_CLASS;

	if (!agrees(sel->domain, placed, bdf->domain) ||
	    !agrees(sel->bus, placed, bdf->bus) || !agrees(sel->dev, placed, bdf->dev) ||
	    !agrees(sel->fn, placed, bdf->fn))
		return false;
	return agrees(sel->vendor, known, meta->vendor) &&
	       agrees(sel->device, known, meta->device) &&
	       agrees(sel->class_code, has_class, meta->class_code >> 8) &&
	       agrees(sel->prog_if, has_class, meta->class_code & 0xff);
}

bool select_matches(const struct select *sel, const struct capgap_function *fn)
{
	struct capgap_meta meta = fn->meta;
	uint32_t class_code = fn->chain.ctx.class_code;

	meta.flags &= ~(unsigned)CAPGAP_META_IDS;
	if (fn->id_from != CAPGAP_ID_NONE)
		meta.flags |= CAPGAP_META_IDS;
	meta.vendor = fn->vendor;
	meta.device = fn->device;
	/* The image knows its class; a function that was left asleep has none. */
	if (class_code != 0xffffff) {
		meta.class_code = class_code;
		meta.flags |= CAPGAP_META_CLASS;
	} else if (fn->image.size) {
		meta.flags &= ~(unsigned)CAPGAP_META_CLASS;
	}
	if (select_wants(sel, &meta))
		return true;
	/* The kernel mends ids and classes of some devices: either name chooses. */
	return (fn->meta.flags & CAPGAP_META_SYSFS) && select_wants(sel, &fn->meta);
}
