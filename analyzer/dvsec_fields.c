/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Free-space descriptors explained: each field with its value and meaning. */
#include "dvsec_fields.h"

#include <stdio.h>

#include "bytes.h"
#include "header.h"

/* Which descriptors have a field. */
enum part { PART_HEADER, PART_CONTROL, PART_FOREIGN, PART_ENTRY };

enum symbol {
#define CAPGAP_DVSEC_FIELD(symbol, part, dword, high, low, name) FIELD_##symbol,
#include "dvsec_fields.def"
#undef CAPGAP_DVSEC_FIELD
	FIELD_COUNT
};

static const struct row {
	enum part part;
	uint8_t dword;
	uint8_t high;
	uint8_t low;
	const char *name;
} table[FIELD_COUNT] = {
#define CAPGAP_DVSEC_FIELD(symbol, part, dword, high, low, name)                         \
	{ PART_##part, (dword), (high), (low), (name) },
#include "dvsec_fields.def"
#undef CAPGAP_DVSEC_FIELD
};

unsigned capgap_dvsec_own(const struct capgap_descriptor *d)
{
	unsigned room = CAPGAP_SPACE_MAX - d->off;

	if (d->form != CAPGAP_FORM_TABLE || d->len < DVSEC_TABLE)
		return DVSEC_HEADER_LEN;
	return (d->len < room ? d->len : room) & ~3u;
}

static bool has_part(const struct capgap_descriptor *d, enum part part)
{
	switch (part) {
	case PART_HEADER:
		return true;
	case PART_CONTROL:
		return !d->no_control;
	case PART_FOREIGN:
		return d->no_control;
	default:
		return false;
	}
}

/* The symbol of the @n-th field of the header, or of an entry, whose offset goes to @off. */
static enum symbol find_symbol(const struct capgap_descriptor *d, unsigned n,
			       unsigned *off)
{
	unsigned per_entry = 0;
	unsigned i;

	*off = d->off;
	for (i = 0; i < FIELD_COUNT; i++) {
		per_entry += table[i].part == PART_ENTRY;
		if (has_part(d, table[i].part) && !n--)
			return (enum symbol)i;
	}
	*off = d->off + DVSEC_TABLE + 4 * (n / per_entry);
	if (*off >= d->off + capgap_dvsec_own(d))
		return FIELD_COUNT;
	n %= per_entry;
	for (i = 0; table[i].part != PART_ENTRY || n--; i++)
		;
	return (enum symbol)i;
}

static void say_length(struct capgap_dvsec_field *field,
		       const struct capgap_descriptor *d)
{
	unsigned room = CAPGAP_SPACE_MAX - d->off;
	const char *what = d->form == CAPGAP_FORM_TABLE ? "the table" : "spans";

	if (field->value % 4)
		snprintf(field->meaning, sizeof(field->meaning),
			 "must be a multiple of 4");
	else if (field->value < DVSEC_HEADER_LEN)
		snprintf(field->meaning, sizeof(field->meaning), "must be at least 12");
	else if (field->value > room)
		snprintf(field->meaning, sizeof(field->meaning),
			 "must not leave the space; 0x%x bytes are left", room);
	else
		snprintf(field->meaning, sizeof(field->meaning),
			 "%u bytes, %s 0x%03x-0x%03x", (unsigned)field->value, what,
			 d->off, d->off + field->value - 1);
}

static void say_entry(struct capgap_dvsec_field *field)
{
	unsigned off = DVSEC_ENTRY_OFF(field->dword);
	unsigned len = DVSEC_ENTRY_LEN(field->dword);

	if (!len)
		snprintf(field->meaning, sizeof(field->meaning), "an empty entry");
	else
		snprintf(field->meaning, sizeof(field->meaning),
			 "%u bytes, 0x%03x-0x%03x", len, off, off + len - 1);
}

static const char *form_text(unsigned form)
{
	switch (form) {
	case DVSEC_FORM_GAP:
		return "gap: what it spans behind its first 12 bytes is free";
	case DVSEC_FORM_TABLE:
		return "table: an entry for each free range";
	default:
		return "must be 1 (gap) or 2 (table)";
	}
}

static const char *must_be(bool is, const char *text)
{
	return is ? "" : text;
}

/* Meanings that do not depend on other fields. */
static const char *plain_text(enum symbol symbol, uint32_t value, bool foreign)
{
	switch (symbol) {
	case FIELD_CAP_ID:
		return value == CAPGAP_ECAP_DVSEC ? "DVSEC" : "must be 0x0023 (DVSEC)";
	case FIELD_VERSION:
		return must_be(value == DVSEC_VERSION, "must be 1");
	case FIELD_NEXT:
		if (value & PTR_RESERVED)
			return "its two low bits are reserved";
		return must_be(value != 0, "the list ends here");
	case FIELD_REVISION:
		return foreign ? "the vendor's own" :
				 must_be(value == DVSEC_REVISION, "must be 1");
	case FIELD_FORM:
		return form_text(value);
	case FIELD_RESERVED:
	case FIELD_ENTRY_RES1:
	case FIELD_ENTRY_RES2:
		return must_be(!value, "must be 0");
	case FIELD_MAGIC:
		return must_be(value == DVSEC_MAGIC, "must be 0xf5");
	case FIELD_ENTRY_OFF:
		return must_be(value % 4 == 0, "must be a multiple of 4");
	default:
		return "";
	}
}

bool capgap_dvsec_field(struct capgap_dvsec_field *field, const struct capgap_image *img,
			const struct capgap_descriptor *d, unsigned n)
{
	const struct row *row;
	enum symbol symbol;
	unsigned off;

	symbol = find_symbol(d, n, &off);
	if (symbol == FIELD_COUNT)
		return false;
	row = &table[symbol];
	*field = (struct capgap_dvsec_field){ .off = (uint16_t)(off + row->dword),
					      .high = row->high,
					      .low = row->low,
					      .name = row->name,
					      .is_entry = row->part == PART_ENTRY };
	if (!capgap_get32(img, field->off, &field->dword)) {
		snprintf(field->meaning, sizeof(field->meaning), "not read");
		return true;
	}
	field->value = field->dword >> row->low &
		       (uint32_t)((UINT64_C(1) << (row->high - row->low + 1)) - 1);
	if (symbol == FIELD_LENGTH)
		say_length(field, d);
	else if (symbol == FIELD_ENTRY_LEN)
		say_entry(field);
	else
		snprintf(field->meaning, sizeof(field->meaning), "%s",
			 plain_text(symbol, field->value, d->no_control));
	return true;
}

char *capgap_dvsec_words(const struct capgap_image *img,
			 const struct capgap_descriptor *d, unsigned off, char *buf,
			 size_t len)
{
	struct capgap_dvsec_field field;
	size_t used = 0;
	int n;

	if (len)
		buf[0] = '\0';
	for (unsigned i = 0; capgap_dvsec_field(&field, img, d, i); i++) {
		if (field.off != off || used >= len)
			continue;
		n = snprintf(buf + used, len - used, "%s%s 0x%0*x%s%s%s",
			     used ? ", " : "", field.name,
			     (field.high - field.low + 4) / 4, (unsigned)field.value,
			     field.meaning[0] ? " (" : "", field.meaning,
			     field.meaning[0] ? ")" : "");
		used += n > 0 ? (size_t)n : 0;
	}
	return buf;
}

static bool is_listed(const struct capgap_free_space *listed, unsigned off)
{
	for (unsigned i = 0; i < listed->n_descriptors; i++) {
		if (listed->descriptor[i].off == off)
			return true;
	}
	return false;
}

/* Decode a DVSEC that is no recognised descriptor; false when it does not look like one. */
static bool looks_like_one(struct capgap_descriptor *d, const struct capgap_cap *cap,
			   const struct capgap_image *img)
{
	uint16_t control;
	uint32_t header;

	if (cap->id != CAPGAP_ECAP_DVSEC || cap->off < CAPGAP_CONV_END ||
	    !capgap_get32(img, cap->off + DVSEC_HEADER1, &header) ||
	    !capgap_get16(img, cap->off + DVSEC_HEADER2, &d->id) ||
	    !capgap_get16(img, cap->off + DVSEC_CONTROL, &control) ||
	    DVSEC_CONTROL_MAGIC(control) != DVSEC_MAGIC)
		return false;
	d->off = cap->off;
	d->len = (uint16_t)DVSEC_HEADER1_LEN(header);
	d->vendor = (uint16_t)DVSEC_HEADER1_VENDOR(header);
	d->form = CAPGAP_FORM_CONTROL;
	if (DVSEC_CONTROL_FORM(control) == DVSEC_FORM_GAP)
		d->form = CAPGAP_FORM_GAP;
	else if (DVSEC_CONTROL_FORM(control) == DVSEC_FORM_TABLE)
		d->form = CAPGAP_FORM_TABLE;
	d->valid = false;
	d->no_control = false;
	return true;
}

bool capgap_dvsec_unlisted(struct capgap_descriptor *d, const struct capgap_chain *chain,
			   const struct capgap_image *img,
			   const struct capgap_free_space *listed, unsigned n)
{
	for (unsigned i = chain->n_conv; i < chain->n; i++) {
		if (!is_listed(listed, chain->cap[i].off) &&
		    looks_like_one(d, &chain->cap[i], img) && !n--)
			return true;
	}
	return false;
}

/* Where the descriptor says what a finding is about; false for findings of other kinds. */
static bool said_at(const struct capgap_hit *hit, unsigned *off)
{
	if (hit->kind < CAPGAP_F_DESCRIPTOR_OVERLAID ||
	    hit->kind > CAPGAP_F_DESCRIPTOR_NONZERO)
		return false;
	*off = hit->off;
	switch (hit->kind) {
	case CAPGAP_F_DESCRIPTOR_OVER_HEADER:
	case CAPGAP_F_DESCRIPTOR_OVER_STRUCTURE:
	case CAPGAP_F_DESCRIPTOR_OVER_RESERVED:
	case CAPGAP_F_DESCRIPTOR_OVER_ORPHAN:
	case CAPGAP_F_DESCRIPTOR_OVER_UNREAD:
	case CAPGAP_F_DESCRIPTOR_OVER_RANGE:
	case CAPGAP_F_DESCRIPTOR_NONZERO:
		*off = hit->a;
		break;
	default:
		break;
	}
	return true;
}

const struct capgap_hit *capgap_dvsec_hit(const struct capgap_findings *hits,
					  const struct capgap_descriptor *d, unsigned n)
{
	unsigned own = capgap_dvsec_own(d);
	unsigned off;

	for (unsigned i = 0; i < hits->n; i++) {
		if (said_at(&hits->hit[i], &off) && off >= d->off && off - d->off < own &&
		    !n--)
			return &hits->hit[i];
	}
	return NULL;
}
