/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bytes of one function's configuration space, and which of them were read. */
#ifndef CAPGAP_IMAGE_H
#define CAPGAP_IMAGE_H

#include "capgap.h"

/**
 * struct capgap_image - what was read of one configuration space
 * @data: the bytes; 0 where nothing was read
 * @read: one bit a byte, set where it was read; absent is neither 00 nor ff
 * @changing: one bit a byte, set where samples of the function differ
 * @size: one past the last byte that the input speaks of, 0..4096 bytes
 *
 * Only image.c writes the members; load through bytes.h.
 */
struct capgap_image {
	uint8_t data[CAPGAP_SPACE_MAX];
	uint32_t read[CAPGAP_SPACE_MAX / 32];
	uint32_t changing[CAPGAP_SPACE_MAX / 32];
	uint16_t size;
};

/**
 * enum capgap_content - what a run of bytes holds
 * @CAPGAP_CONTENT_ZERO: only 00
 * @CAPGAP_CONTENT_ONES: only ff
 * @CAPGAP_CONTENT_MIXED: anything else
 * @CAPGAP_CONTENT_CHANGING: differs between samples of the function
 */
enum capgap_content {
	CAPGAP_CONTENT_ZERO,
	CAPGAP_CONTENT_ONES,
	CAPGAP_CONTENT_MIXED,
	CAPGAP_CONTENT_CHANGING
};

/* Make an image in which nothing was read, of size 0. */
void capgap_image_init(struct capgap_image *img);

/**
 * capgap_image_put() - add bytes that were read
 * @img: grows to cover them
 * @off: first byte, 0..0xfff
 * @bytes: borrowed
 * @len: bytes; what lies beyond 4096 is left out
 */
void capgap_image_put(struct capgap_image *img, size_t off, const uint8_t *bytes,
		      size_t len);

/**
 * capgap_image_drop() - mark bytes as not read
 * @img: grows to cover them, so that they count as absent
 * @off: first byte, 0..0xfff
 * @len: bytes; what lies beyond 4096 is left out
 */
void capgap_image_drop(struct capgap_image *img, size_t off, size_t len);

/**
 * capgap_image_merge() - take over what another sample of the same function shows
 * @img: keeps its own bytes where both were read; grows to cover the sample
 * @sample: borrowed; a byte read in only one of both counts as read, with that value
 *
 * Where both were read and differ the byte is changing from then on.
 */
void capgap_image_merge(struct capgap_image *img, const struct capgap_image *sample);

/* True when some of the @len bytes at @off differ between samples. */
bool capgap_image_is_changing(const struct capgap_image *img, size_t off, size_t len);

/* True when each of the @len bytes at @off was read; @len 0 asks nothing and is true. */
bool capgap_image_has(const struct capgap_image *img, size_t off, size_t len);

/* True when each byte below the size was read. */
bool capgap_image_is_whole(const struct capgap_image *img);

/**
 * capgap_image_absent() - the next run of absent bytes below the size
 * @img: borrowed
 * @from: where to begin, 0..4096
 * @out: filled when there is one
 *
 * Return: true and @out, or false when every byte from @from on was read.
 */
bool capgap_image_absent(const struct capgap_image *img, size_t from,
			 struct capgap_range *out);

/**
 * capgap_image_content() - what a run holds
 * @img: borrowed
 * @off: first byte, 0..0xfff
 * @len: bytes, at least 1; all of them read
 *
 * Return: changing where any of its bytes is; zero, ones or mixed, and an absent byte
 * counts as mixed.
 */
enum capgap_content capgap_image_content(const struct capgap_image *img, size_t off,
					 size_t len);

/* "zero", "ones", "mixed" or "changing". */
const char *capgap_content_name(enum capgap_content content);

#endif
