/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Questions about single rows of the quirk table, where little is known of a function. */
#ifndef CAPGAP_QUIRKS_ASK_H
#define CAPGAP_QUIRKS_ASK_H

#include "quirks.h"

/**
 * struct capgap_quirk_ask - what is known of a function
 * @vendor: vendor id; 0xffff when it is not known
 * @device: device id; 0xffff when it is not known
 * @class_code: class code, where
 * @class_mask: these of its 24 bits are known; no other bit of @class_code is set
 *
 * Nothing is known of its subsystem, its revision and its part in SR-IOV.
 */
struct capgap_quirk_ask {
	uint16_t vendor;
	uint16_t device;
	uint32_t class_code;
	uint32_t class_mask;
};

/**
 * enum capgap_quirk_fit - how a row fits what is known
 * @CAPGAP_FIT_NO: it does not match
 * @CAPGAP_FIT_MAYBE: it matches if what is not known is what it asks for
 * @CAPGAP_FIT_YES: it matches; what it asks of the function's part does not count
 */
enum capgap_quirk_fit { CAPGAP_FIT_NO, CAPGAP_FIT_MAYBE, CAPGAP_FIT_YES };

/**
 * capgap_quirks_fit() - whether a row matches, as far as can be known
 * @quirks: borrowed
 * @n: position of the row, as capgap_quirks_row() counts
 * @ask: the function
 *
 * Return: the best fit of the row's matches; CAPGAP_FIT_NO behind the last row.
 */
enum capgap_quirk_fit capgap_quirks_fit(const struct capgap_quirks *quirks, size_t n,
					const struct capgap_quirk_ask *ask);

/**
 * capgap_quirks_match_words() - what a row matches, spelt out
 * @quirks: borrowed
 * @n: position of the row, as capgap_quirks_row() counts
 *
 * Return: "vendor 1da3, device 0001 or 1000, a physical or plain function"; the
 * caller's to free. NULL behind the last row, or when memory is short.
 */
char *capgap_quirks_match_words(const struct capgap_quirks *quirks, size_t n);

#endif
