/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The only way to bytes: little-endian loads that check what was read. */
#ifndef CAPGAP_BYTES_H
#define CAPGAP_BYTES_H

#include "image.h"

/**
 * capgap_get8() - load one byte of configuration space
 * @img: borrowed
 * @off: any offset
 * @val: filled on success, else untouched
 *
 * Return: false when the byte was not read or lies outside the space.
 */
static inline bool capgap_get8(const struct capgap_image *img, size_t off, uint8_t *val)
{
	if (!capgap_image_has(img, off, 1))
		return false;
	*val = img->data[off];
	return true;
}

/* As capgap_get8(), for the little-endian word at @off; alignment is not asked for. */
static inline bool capgap_get16(const struct capgap_image *img, size_t off, uint16_t *val)
{
	if (!capgap_image_has(img, off, 2))
		return false;
	*val = (uint16_t)(img->data[off] | img->data[off + 1] << 8);
	return true;
}

/* As capgap_get8(), for the little-endian dword at @off; alignment is not asked for. */
static inline bool capgap_get32(const struct capgap_image *img, size_t off, uint32_t *val)
{
	if (!capgap_image_has(img, off, 4))
		return false;
	*val = (uint32_t)img->data[off] | (uint32_t)img->data[off + 1] << 8 |
	       (uint32_t)img->data[off + 2] << 16 | (uint32_t)img->data[off + 3] << 24;
	return true;
}

#endif
