/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes free-space descriptors into an image, and links them. */
#include "declare.h"

#include <stdarg.h>
#include <stdio.h>

#include "../analyzer/bytes.h"
#include "../analyzer/header.h"

int capgap_declare_refuse(struct capgap_declaration *out, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(out->refusal, sizeof(out->refusal), fmt, ap);
	va_end(ap);
	return -CAPGAP_E_NOPLACE;
}

/* Link one descriptor into the image, and write its bytes. */
static int link_made(struct capgap_declaration *out, const struct capgap_made *made)
{
	const struct capgap_declare *want = &out->want;
	uint8_t bytes[DVSEC_TABLE + 4 * CAPGAP_DECLARE_RANGES_MAX];
	struct capgap_edits edits;
	uint32_t header = 0;
	unsigned next;
	int len;

	if (capgap_link_insert(&edits, &out->image, made->off, made->own,
			       CAPGAP_ECAP_DVSEC, DVSEC_VERSION))
		return capgap_declare_refuse(out, "0x%03x cannot be linked", made->off);
	capgap_link_apply(&edits, &out->image);
	if (!capgap_get32(&out->image, made->off, &header))
		return capgap_declare_refuse(out, "0x%03x was not read", made->off);
	next = EXT_NEXT(header) & ~PTR_RESERVED;
	if (want->form == CAPGAP_FORM_TABLE)
		len = capgap_dvsec_write_table(bytes, sizeof(bytes), want->vendor,
					       want->id, &out->range[made->first],
					       made->n_ranges, next);
	else
		len = capgap_dvsec_write_gap(bytes, want->vendor, want->id, made->len,
					     next);
	if (len <= 0)
		return capgap_declare_refuse(out,
					     "the descriptor at 0x%03x cannot be written",
					     made->off);
	capgap_image_put(&out->image, made->off, bytes, (size_t)len);
	return 0;
}

static bool is_own(const struct capgap_declaration *out, unsigned off)
{
	for (unsigned i = 0; i < out->n_made; i++) {
		if (off >= out->made[i].off && off - out->made[i].off < out->made[i].own)
			return true;
	}
	return false;
}

static void list_edits(struct capgap_declaration *out, const struct capgap_image *old)
{
	uint32_t before;
	uint32_t after;

	for (unsigned off = CAPGAP_CONV_END; off < CAPGAP_SPACE_MAX; off += 4) {
		if (is_own(out, off) || !capgap_get32(old, off, &before) ||
		    !capgap_get32(&out->image, off, &after) || before == after)
			continue;
		out->edit[out->n_edits++] = (struct capgap_edit){ (uint16_t)off, before,
								  after };
	}
}

/* Descriptors are linked from the lowest on, so that an ascending list stays one. */
int capgap_declare_write(struct capgap_declaration *out, const struct capgap_function *fn)
{
	int rc = 0;

	if (!out->n_made)
		return capgap_declare_refuse(
			out, "no gap that reads zero has room for a descriptor; "
			     "--range takes one that does not");
	if (fn->chain.n == fn->chain.n_conv && out->made[0].off != CAPGAP_CONV_END)
		return capgap_declare_refuse(
			out, "the extended list is empty (0x100 reads 0): only a "
			     "descriptor at 0x100 can begin it");
	out->image = fn->image;
	for (unsigned i = 0; !rc && i < out->n_made; i++)
		rc = link_made(out, &out->made[i]);
	if (!rc)
		list_edits(out, &fn->image);
	return rc;
}
