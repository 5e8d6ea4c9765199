/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The edits that link an emulated capability into an extended list. */
#include "link.h"

#include "../analyzer/bytes.h"
#include "../analyzer/caps.h"
#include "../analyzer/header.h"

static bool add_edit(struct capgap_edits *out, const struct capgap_image *view,
		     unsigned off, uint32_t after)
{
	uint32_t before;

	if (!capgap_get32(view, off, &before))
		return false;
	out->edit[out->n++] = (struct capgap_edit){ (uint16_t)off, before, after };
	return true;
}

/*
 * The last entry, in list order, before the first that lies above @off. What a
 * pointer below 0x100 leads to is no entry, nor is a header that reads ones.
 */
static bool find_before(const struct capgap_image *view, unsigned off, unsigned *before)
{
	uint32_t seen[CAPGAP_SPACE_MAX / 4 / 32] = { 0 };
	unsigned pos = CAPGAP_CONV_END;
	uint32_t header;

	/* A loop ends where it comes back, so that what is before does not hang on a bound. */
	while (pos >= CAPGAP_CONV_END && pos <= off &&
	       !(seen[pos / 128] >> (pos / 4 % 32) & 1u)) {
		seen[pos / 128] |= UINT32_C(1) << (pos / 4 % 32);
		if (!capgap_get32(view, pos, &header))
			return false;
		if (!header || header == UINT32_MAX)
			break;
		*before = pos;
		pos = EXT_NEXT(header) & ~PTR_RESERVED;
	}
	return true;
}

static int give_up(struct capgap_edits *out, int rc)
{
	out->link = CAPGAP_LINK_NONE;
	out->n = 0;
	return rc;
}

/*
 * Point at @off from where the list passes it, and say what follows. Where 0x100
 * is free or null the structure takes its place, and its next pointer.
 */
static int point_at(struct capgap_edits *out, const struct capgap_image *view,
		    unsigned off, unsigned *next)
{
	unsigned before = CAPGAP_CONV_END;
	uint32_t old;

	if (off > CAPGAP_CONV_END && !find_before(view, off, &before))
		return -CAPGAP_E_DAMAGED;
	/* A first header that reads ones is none, nor a place for a null one. */
	if (!capgap_get32(view, before, &old) || (before != off && old == UINT32_MAX))
		return -CAPGAP_E_DAMAGED;
	*next = EXT_NEXT(old);
	if (off == CAPGAP_CONV_END) {
		out->link = CAPGAP_LINK_HEAD;
		return 0;
	}
	if (before == off)
		return -CAPGAP_E_NOPLACE;
	out->link = old ? CAPGAP_LINK_INSERT : CAPGAP_LINK_NULL_HEAD;
	if (!add_edit(out, view, before, (old & 0xfffffu) | (uint32_t)off << 20))
		return -CAPGAP_E_DAMAGED;
	return 0;
}

int capgap_link_insert(struct capgap_edits *out, const struct capgap_image *view,
		       unsigned off, unsigned len, unsigned id, unsigned version)
{
	unsigned next = 0;
	int rc;

	out->link = CAPGAP_LINK_NONE;
	out->n = 0;
	if (off % 4 || off < CAPGAP_CONV_END || len < 4 || len > CAPGAP_SPACE_MAX ||
	    off > CAPGAP_SPACE_MAX - len)
		return -CAPGAP_E_INVAL;
	rc = point_at(out, view, off, &next);
	if (!rc && !add_edit(out, view, off, EXT_HEADER(id, version, next)))
		rc = -CAPGAP_E_DAMAGED;
	return rc ? give_up(out, rc) : 0;
}

int capgap_link_pasid(struct capgap_edits *out, const struct capgap_image *view,
		      unsigned off, uint32_t registers)
{
	int rc = capgap_link_insert(out, view, off, CAPGAP_PASID_LEN, CAPGAP_ECAP_PASID,
				    1);

	if (rc)
		return rc;
	if (!add_edit(out, view, off + 4, registers))
		return give_up(out, -CAPGAP_E_DAMAGED);
	return 0;
}

/* Keep the edits in ascending order; there are few. */
static void sort_edits(struct capgap_edits *edits)
{
	struct capgap_edit moved;
	unsigned at;

	for (unsigned i = 1; i < edits->n; i++) {
		moved = edits->edit[i];
		for (at = i; at && edits->edit[at - 1].off > moved.off; at--)
			edits->edit[at] = edits->edit[at - 1];
		edits->edit[at] = moved;
	}
}

int capgap_link_descriptor(struct capgap_edits *out, const struct capgap_image *view,
			   unsigned off, uint32_t registers, unsigned dw, uint32_t after,
			   enum capgap_link link)
{
	int rc = capgap_link_pasid(out, view, off, registers);

	if (rc)
		return rc;
	if (!add_edit(out, view, dw, after))
		return give_up(out, -CAPGAP_E_DAMAGED);
	out->link = link;
	sort_edits(out);
	return 0;
}

int capgap_link_replace(struct capgap_edits *out, const struct capgap_image *view,
			unsigned off, uint32_t registers)
{
	uint32_t header;

	out->link = CAPGAP_LINK_NONE;
	out->n = 0;
	if (!capgap_get32(view, off, &header) ||
	    !add_edit(out, view, off,
		      EXT_HEADER(CAPGAP_ECAP_PASID, 1,
				 EXT_NEXT(header) & ~PTR_RESERVED)) ||
	    !add_edit(out, view, off + 4, registers)) {
		out->n = 0;
		return -CAPGAP_E_DAMAGED;
	}
	out->link = CAPGAP_LINK_REPLACE;
	return 0;
}

void capgap_link_between(struct capgap_edits *out, const struct capgap_image *before,
			 const struct capgap_image *after)
{
	uint32_t old;
	uint32_t new;

	out->link = CAPGAP_LINK_NONE;
	out->n = 0;
	for (unsigned off = CAPGAP_CONV_END; off < CAPGAP_SPACE_MAX; off += 4) {
		if (capgap_get32(before, off, &old) && capgap_get32(after, off, &new) &&
		    old != new)
			out->edit[out->n++] = (struct capgap_edit){ (uint16_t)off, old,
								    new };
	}
}

void capgap_link_apply(const struct capgap_edits *edits, struct capgap_image *img)
{
	uint8_t bytes[4];

	for (unsigned i = 0; i < edits->n; i++) {
		for (unsigned k = 0; k < sizeof(bytes); k++)
			bytes[k] = (uint8_t)(edits->edit[i].after >> 8 * k);
		capgap_image_put(img, edits->edit[i].off, bytes, sizeof(bytes));
	}
}

const char *capgap_link_name(enum capgap_link link)
{
	static const char *const names[] = {
		NULL,	 "insert",  "head", "null-head",
		"carve", "replace", "trim", "present",
	};

	return names[link];
}
