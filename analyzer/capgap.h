/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared types, limits and error numbers; every other header includes this one. */
#ifndef CAPGAP_CAPGAP_H
#define CAPGAP_CAPGAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Sizes of configuration space in bytes (PCI Express Base Specification, section 7.2). */
#define CAPGAP_SPACE_MAX 4096u	/* extended configuration space ends here */
#define CAPGAP_CONV_END 0x100u	/* PCI-compatible space ends, extended space begins */
#define CAPGAP_HEADER_END 0x40u /* end of a type 0 or type 1 header */

/*
 * Bounds of both lists: 48 entries of 4 bytes fit in 0x40-0xff. A header is
 * visited once, so 64 and 1024 dwords bound the walks even where a pointer
 * leads into the other space, as readers follow it.
 */
#define CAPGAP_CONV_CAPS_MAX 64u
#define CAPGAP_EXT_CAPS_MAX 1024u
#define CAPGAP_CAPS_MAX (CAPGAP_CONV_CAPS_MAX + CAPGAP_EXT_CAPS_MAX)

/* Shortest gap that can hold a DVSEC (three header dwords); bytes. */
#define CAPGAP_MIN_GAP 12u

/* The emulated capability: header dword, capability and control words; bytes. */
#define CAPGAP_PASID_LEN 8u

/* Error numbers; calls return them negated. Texts are in err.def. */
enum capgap_errno {
	CAPGAP_OK,
#define CAPGAP_ERR(symbol, text) CAPGAP_E_##symbol,
#include "err.def"
#undef CAPGAP_ERR
	CAPGAP_E_COUNT
};

/**
 * struct capgap_err - why a call failed
 * @code: one of enum capgap_errno, positive
 * @line: line of a text input, from 1; 0 when it does not apply
 * @text: one clause for people, always terminated
 */
struct capgap_err {
	int code;
	unsigned long line;
	char text[160];
};

/**
 * capgap_strerror() - the text of an error number
 * @code: an error number, negative or positive
 *
 * Return: a static string, "unknown error" for a number that is none of ours.
 */
const char *capgap_strerror(int code);

/**
 * capgap_err_set() - fill an error and hand back its negated code
 * @err: caller's, or NULL to drop the text
 * @code: one of enum capgap_errno, positive
 * @line: line of a text input, or 0
 * @fmt: printf format of the text; NULL takes the text of the code
 *
 * Return: -@code, so that a caller can `return capgap_err_set(...)`.
 */
int capgap_err_set(struct capgap_err *err, int code, unsigned long line, const char *fmt,
		   ...) __attribute__((format(printf, 4, 5)));

/**
 * enum capgap_space - the two lists of capabilities
 * @CAPGAP_CONV: PCI-compatible list, 0x40-0xff
 * @CAPGAP_EXT: extended list, 0x100-0xfff
 */
enum capgap_space { CAPGAP_CONV, CAPGAP_EXT };

/**
 * enum capgap_vantage - where an image was taken
 * @CAPGAP_VANTAGE_HOST: hardware, as sysfs or lspci on the host show it
 * @CAPGAP_VANTAGE_VFIO: the VFIO config region, edited by the kernel
 * @CAPGAP_VANTAGE_GUEST: inside a guest, edited by the VMM too
 */
enum capgap_vantage { CAPGAP_VANTAGE_HOST, CAPGAP_VANTAGE_VFIO, CAPGAP_VANTAGE_GUEST };

/**
 * struct capgap_range - a run of bytes of configuration space
 * @off: first byte, 0..0xfff
 * @len: bytes, 0..4096
 */
struct capgap_range {
	uint16_t off;
	uint16_t len;
};

/**
 * struct capgap_bdf - address of a function
 * @domain: PCI domain (segment); Linux gives some more than 16 bits
 * @bus: 0..255
 * @dev: device, 0..31
 * @fn: function, 0..7
 */
struct capgap_bdf {
	uint32_t domain;
	uint8_t bus;
	uint8_t dev;
	uint8_t fn;
};

/* "ffffffff:ff:1f.7" and its terminator. */
#define CAPGAP_BDF_TEXT 18

/* Value of a hex digit, small or capital; -1 for any other character. */
int capgap_hex_digit(char c);

/**
 * capgap_bdf_parse() - read an address at the start of a text
 * @text: "[domain:]bus:dev.fn" in hex; domain 4 to 8 digits, bus and dev 2, fn 0..7
 * @bdf: filled on success; domain 0 when the text has none
 *
 * Return: characters used, or 0 when the text does not start with an address.
 */
size_t capgap_bdf_parse(const char *text, struct capgap_bdf *bdf);

/**
 * capgap_bdf_format() - write an address with its domain
 * @bdf: borrowed
 * @out: caller's, CAPGAP_BDF_TEXT bytes
 *
 * Return: @out.
 */
char *capgap_bdf_format(const struct capgap_bdf *bdf, char out[CAPGAP_BDF_TEXT]);

/* Bus, device and function as the 16-bit routing id of the specification. */
uint16_t capgap_bdf_rid(const struct capgap_bdf *bdf);

/* Order of addresses, domain first: below 0, 0 or above 0, as of strcmp(). */
int capgap_bdf_compare(const struct capgap_bdf *a, const struct capgap_bdf *b);

/* True when both addresses are the same function. */
bool capgap_bdf_equal(const struct capgap_bdf *a, const struct capgap_bdf *b);

#endif
