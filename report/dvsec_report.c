/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What all formats have to tell of free-space descriptors. */
#include "dvsec_report.h"

#include "../analyzer/bytes.h"
#include "../analyzer/dvsec_fields.h"

static const struct capgap_dvsec_reporter *const table[] = {
	&capgap_dvsec_text,
	&capgap_dvsec_json,
	&capgap_dvsec_ndjson,
};

const struct capgap_dvsec_reporter *
capgap_dvsec_reporter_find(const struct capgap_reporter *format)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (table[i]->format == format)
			return table[i];
	}
	return NULL;
}

char *capgap_dvsec_option(const struct capgap_declare *want,
			  char out[CAPGAP_DVSEC_OPTION_TEXT])
{
	snprintf(out, CAPGAP_DVSEC_OPTION_TEXT, "--descriptor %04x:%04x", want->vendor,
		 want->id);
	return out;
}

char *capgap_dvsec_quirk(const struct capgap_declare *want,
			 const struct capgap_function *fn,
			 char out[CAPGAP_DVSEC_QUIRK_TEXT])
{
	bool known = fn->id_from != CAPGAP_ID_NONE;
	char name[sizeof("-ffff-ffff")] = "";
	char match[sizeof("vendor=\"0xffff\" device=\"0xffff\"")] = "vendor=\"*\"";

	if (known) {
		snprintf(name, sizeof(name), "-%04x-%04x", fn->vendor, fn->device);
		snprintf(match, sizeof(match), "vendor=\"0x%04x\" device=\"0x%04x\"",
			 fn->vendor, fn->device);
	}
	/* Ids in hex need no escapes. */
	snprintf(
		out, CAPGAP_DVSEC_QUIRK_TEXT,
		"<quirks xmlns=\"urn:capgap:quirks:1\">\n"
		"  <quirk id=\"descriptor-%04x-%04x%s\" source=\"the vendor's document\">\n"
		"    <match %s/>\n"
		"    <descriptor vendor=\"0x%04x\" id=\"0x%04x\"/>\n"
		"  </quirk>\n"
		"</quirks>\n",
		want->vendor, want->id, name, match, want->vendor, want->id);
	return out;
}

bool capgap_dvsec_dword(struct capgap_dvsec_dword *dword,
			const struct capgap_declaration *decl,
			const struct capgap_made *made, const struct capgap_image *old,
			unsigned n)
{
	struct capgap_descriptor d = { .off = made->off,
				       .len = made->len,
				       .vendor = decl->want.vendor,
				       .id = decl->want.id,
				       .form = decl->want.form,
				       .valid = true };
	unsigned off = made->off + 4 * n;

	if (4 * n >= made->own)
		return false;
	dword->edit = (struct capgap_edit){ .off = (uint16_t)off };
	(void)capgap_get32(old, off, &dword->edit.before);
	(void)capgap_get32(&decl->image, off, &dword->edit.after);
	capgap_dvsec_words(&decl->image, &d, off, dword->words, sizeof(dword->words));
	return true;
}

const char *capgap_dvsec_form_name(enum capgap_form form)
{
	switch (form) {
	case CAPGAP_FORM_GAP:
		return "gap";
	case CAPGAP_FORM_TABLE:
		return "table";
	default:
		return "unknown";
	}
}
