/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bytes of one function's configuration space, and which of them were read. */
#include "image.h"

#include <string.h>

static bool was_read(const struct capgap_image *img, size_t off)
{
	return img->read[off / 32] >> (off % 32) & 1u;
}

static bool is_changing(const struct capgap_image *img, size_t off)
{
	return img->changing[off / 32] >> (off % 32) & 1u;
}

/* Bytes of [off, off + len) that lie inside the space. */
static size_t inside(size_t off, size_t len)
{
	if (off >= CAPGAP_SPACE_MAX)
		return 0;
	return len < CAPGAP_SPACE_MAX - off ? len : CAPGAP_SPACE_MAX - off;
}

/* The @len bytes at @off are spoken of; none of them lies outside the space. */
static void grow(struct capgap_image *img, size_t off, size_t len)
{
	if (len && off + len > img->size)
		img->size = (uint16_t)(off + len);
}

void capgap_image_init(struct capgap_image *img)
{
	memset(img, 0, sizeof(*img));
}

void capgap_image_put(struct capgap_image *img, size_t off, const uint8_t *bytes,
		      size_t len)
{
	size_t n = inside(off, len);

	for (size_t i = 0; i < n; i++) {
		img->data[off + i] = bytes[i];
		img->read[(off + i) / 32] |= UINT32_C(1) << ((off + i) % 32);
		img->changing[(off + i) / 32] &= ~(UINT32_C(1) << ((off + i) % 32));
	}
	grow(img, off, n);
}

void capgap_image_drop(struct capgap_image *img, size_t off, size_t len)
{
	size_t n = inside(off, len);

	for (size_t i = 0; i < n; i++) {
		img->data[off + i] = 0;
		img->read[(off + i) / 32] &= ~(UINT32_C(1) << ((off + i) % 32));
		img->changing[(off + i) / 32] &= ~(UINT32_C(1) << ((off + i) % 32));
	}
	grow(img, off, n);
}

void capgap_image_merge(struct capgap_image *img, const struct capgap_image *sample)
{
	for (size_t off = 0; off < sample->size; off++) {
		if (!was_read(sample, off))
			continue;
		if (!was_read(img, off))
			capgap_image_put(img, off, &sample->data[off], 1);
		if (img->data[off] != sample->data[off] || is_changing(sample, off))
			img->changing[off / 32] |= UINT32_C(1) << (off % 32);
	}
	grow(img, 0, sample->size);
}

bool capgap_image_is_changing(const struct capgap_image *img, size_t off, size_t len)
{
	size_t n = inside(off, len);

	for (size_t i = 0; i < n; i++) {
		if (is_changing(img, off + i))
			return true;
	}
	return false;
}

bool capgap_image_has(const struct capgap_image *img, size_t off, size_t len)
{
	if (len > CAPGAP_SPACE_MAX || off > CAPGAP_SPACE_MAX - len)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (!was_read(img, off + i))
			return false;
	}
	return true;
}

bool capgap_image_is_whole(const struct capgap_image *img)
{
	return capgap_image_has(img, 0, img->size);
}

bool capgap_image_absent(const struct capgap_image *img, size_t from,
			 struct capgap_range *out)
{
	size_t off = from;
	size_t end;

	while (off < img->size && was_read(img, off))
		off++;
	if (off >= img->size)
		return false;
	for (end = off; end < img->size && !was_read(img, end); end++)
		;
	out->off = (uint16_t)off;
	out->len = (uint16_t)(end - off);
	return true;
}

enum capgap_content capgap_image_content(const struct capgap_image *img, size_t off,
					 size_t len)
{
	uint8_t first;

	if (!len || !capgap_image_has(img, off, len))
		return CAPGAP_CONTENT_MIXED;
	if (capgap_image_is_changing(img, off, len))
		return CAPGAP_CONTENT_CHANGING;
	first = img->data[off];
	for (size_t i = 1; i < len; i++) {
		if (img->data[off + i] != first)
			return CAPGAP_CONTENT_MIXED;
	}
	if (first == 0x00)
		return CAPGAP_CONTENT_ZERO;
	return first == 0xff ? CAPGAP_CONTENT_ONES : CAPGAP_CONTENT_MIXED;
}

const char *capgap_content_name(enum capgap_content content)
{
	static const char *const names[] = {
		[CAPGAP_CONTENT_ZERO] = "zero",
		[CAPGAP_CONTENT_ONES] = "ones",
		[CAPGAP_CONTENT_MIXED] = "mixed",
		[CAPGAP_CONTENT_CHANGING] = "changing",
	};

	return names[content];
}
