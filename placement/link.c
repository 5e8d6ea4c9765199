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

/* The last entry, in list order, before the first that lies above @off. */
static bool find_before(const struct capgap_image *view, unsigned off, unsigned *before)
{
	unsigned pos = CAPGAP_CONV_END;
	uint32_t header;

	/* No list has more entries than dwords; a loop ends here too. */
	for (unsigned i = 0; i < CAPGAP_EXT_CAPS_MAX && pos && pos <= off; i++) {
		if (!capgap_get32(view, pos, &header))
			return false;
		if (!header)
			break;
		*before = pos;
		pos = EXT_NEXT(header) & ~PTR_RESERVED;
	}
	return true;
}

/* Where 0x100 is free or null the capability takes its place, and its next pointer. */
static uint32_t link_head(struct capgap_edits *out, uint32_t head)
{
	out->link = CAPGAP_LINK_HEAD;
	return EXT_HEADER(CAPGAP_ECAP_PASID, 1, EXT_NEXT(head));
}

static int link_insert(struct capgap_edits *out, const struct capgap_image *view,
		       unsigned off, uint32_t *header)
{
	unsigned before = CAPGAP_CONV_END;
	uint32_t old;

	if (!find_before(view, off, &before) || !capgap_get32(view, before, &old))
		return -CAPGAP_E_DAMAGED;
	if (before == off)
		return -CAPGAP_E_NOPLACE;
	out->link = old ? CAPGAP_LINK_INSERT : CAPGAP_LINK_NULL_HEAD;
	*header = EXT_HEADER(CAPGAP_ECAP_PASID, 1, EXT_NEXT(old));
	if (!add_edit(out, view, before, (old & 0xfffffu) | (uint32_t)off << 20))
		return -CAPGAP_E_DAMAGED;
	return 0;
}

int capgap_link_pasid(struct capgap_edits *out, const struct capgap_image *view,
		      unsigned off, uint32_t registers)
{
	uint32_t header = 0;
	uint32_t head;
	int rc = 0;

	out->link = CAPGAP_LINK_NONE;
	out->n = 0;
	if (off % 4 || off < CAPGAP_CONV_END || off > CAPGAP_SPACE_MAX - CAPGAP_PASID_LEN)
		return -CAPGAP_E_INVAL;
	if (!capgap_get32(view, CAPGAP_CONV_END, &head))
		return -CAPGAP_E_DAMAGED;
	if (off == CAPGAP_CONV_END)
		header = link_head(out, head);
	else
		rc = link_insert(out, view, off, &header);
	if (!rc && (!add_edit(out, view, off, header) ||
		    !add_edit(out, view, off + 4, registers)))
		rc = -CAPGAP_E_DAMAGED;
	if (rc) {
		out->link = CAPGAP_LINK_NONE;
		out->n = 0;
	}
	return rc;
}

const char *capgap_link_name(enum capgap_link link)
{
	static const char *const names[] = {
		[CAPGAP_LINK_NONE] = NULL,	   [CAPGAP_LINK_INSERT] = "insert",
		[CAPGAP_LINK_HEAD] = "head",	   [CAPGAP_LINK_NULL_HEAD] = "null-head",
		[CAPGAP_LINK_PRESENT] = "present",
	};

	return names[link];
}
