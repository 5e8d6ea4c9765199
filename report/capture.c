/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes what a host shows of its functions: lspci text with comments. */
#include "capture.h"

#include "../analyzer/source/lspci_note.h"
#include "anonymise.h"
#include "image_write.h"

#define ROW 16u

void capgap_capture_begin(FILE *out, bool anonymise)
{
	fprintf(out, "%s%u: PCI configuration space, with what sysfs says of it\n",
		CAPGAP_CAPTURE_TITLE, CAPGAP_CAPTURE_VERSION);
	fputs("# For capgap and for lspci -F. Comments with an address are about the function\n"
	      "# below them; capgap reads them too.\n",
	      out);
	if (anonymise)
		fputs("# Anonymised: the 8 bytes of each device serial number read 00 here (01 where no\n"
		      "# list leads to it), and so do the bytes that the quirk table lists as identity.\n",
		      out);
	fputc('\n', out);
}

static bool has_row(const struct capgap_image *img)
{
	for (unsigned off = 0; off < img->size; off += ROW) {
		if (capgap_image_has(img, off, ROW))
			return true;
	}
	return false;
}

/* Rows that were read whole; the others stand in comments. */
static void write_rows(FILE *out, const struct capgap_image *img)
{
	for (unsigned off = 0; off < img->size; off += ROW) {
		if (!capgap_image_has(img, off, ROW))
			continue;
		fprintf(out, "%02x:", off);
		for (unsigned i = 0; i < ROW; i++)
			fprintf(out, " %02x", img->data[off + i]);
		fputc('\n', out);
	}
}

void capgap_capture_function(FILE *out, const struct capgap_function *fn, bool anonymise)
{
	struct capgap_image img = fn->image;

	if (anonymise)
		capgap_anonymise(&img, fn);
	capgap_note_write(out, &fn->meta, &img);
	if (has_row(&img)) {
		capgap_image_write_head(out, fn);
		write_rows(out, &img);
	}
	fputc('\n', out);
}
