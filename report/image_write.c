/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes an image so that it can be read again: binary, or the text of lspci -xxxx. */
#include "image_write.h"

#define ROW 16u

/* "6a:01.0 Class [0880]: Device [8086:0b25] (rev 00)", what lspci -nn says without names. */
void capgap_image_write_head(FILE *out, const struct capgap_function *fn)
{
	const struct capgap_bdf *bdf = &fn->meta.bdf;
	uint32_t class_code = fn->chain.ctx.class_code;
	bool known = fn->meta.flags & CAPGAP_META_BDF;

	if (known && bdf->domain)
		fprintf(out, "%04x:", (unsigned)bdf->domain);
	if (known)
		fprintf(out, "%02x:%02x.%x", bdf->bus, bdf->dev, bdf->fn);
	else
		fputs("00:00.0", out);
	if (class_code != 0xffffff)
		fprintf(out, " Class [%04x]:", (unsigned)class_code >> 8);
	fputs(" Device", out);
	if (fn->id_from != CAPGAP_ID_NONE)
		fprintf(out, " [%04x:%04x]", fn->vendor, fn->device);
	if (fn->meta.flags & CAPGAP_META_REVISION)
		fprintf(out, " (rev %02x)", fn->meta.revision);
	fputc('\n', out);
}

static void write_rows(FILE *out, const struct capgap_image *img)
{
	for (unsigned off = 0; off < img->size; off += ROW) {
		fprintf(out, "%02x:", off);
		for (unsigned i = 0; i < ROW; i++)
			fprintf(out, " %02x", img->data[off + i]);
		fputc('\n', out);
	}
	fputc('\n', out);
}

int capgap_image_write(FILE *out, const struct capgap_image *img,
		       enum capgap_image_form form, const struct capgap_function *fn,
		       struct capgap_err *err)
{
	struct capgap_range hole;

	if (!img->size)
		return capgap_err_set(err, CAPGAP_E_FORMAT, 0, "there are no bytes");
	if (capgap_image_absent(img, 0, &hole))
		return capgap_err_set(
			err, CAPGAP_E_FORMAT, 0,
			"0x%03x-0x%03x were not read, which no image can say", hole.off,
			hole.off + hole.len - 1u);
	if (form == CAPGAP_IMAGE_BINARY) {
		fwrite(img->data, 1, img->size, out);
		return 0;
	}
	if (img->size % ROW)
		return capgap_err_set(
			err, CAPGAP_E_FORMAT, 0,
			"%u bytes are no whole rows of 16, as text has them", img->size);
	capgap_image_write_head(out, fn);
	write_rows(out, img);
	return 0;
}

const char *capgap_image_form_name(enum capgap_image_form form)
{
	return form == CAPGAP_IMAGE_BINARY ? "binary" : "lspci";
}
