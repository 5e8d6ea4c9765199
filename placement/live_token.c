/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VF tokens: a UUID as text and as bytes. */
#include <stdio.h>
#include <string.h>

#include "live.h"

char *capgap_live_token_format(const uint8_t token[CAPGAP_LIVE_TOKEN_LEN],
			       char out[CAPGAP_LIVE_TOKEN_TEXT])
{
	size_t at = 0;

	for (unsigned i = 0; i < CAPGAP_LIVE_TOKEN_LEN; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			out[at++] = '-';
		snprintf(out + at, CAPGAP_LIVE_TOKEN_TEXT - at, "%02x",
			 (unsigned)token[i]);
		at += 2;
	}
	return out;
}

bool capgap_live_token_parse(const char *text, uint8_t token[CAPGAP_LIVE_TOKEN_LEN])
{
	unsigned digits = 0;

	if (strlen(text) != CAPGAP_LIVE_TOKEN_TEXT - 1)
		return false;
	for (unsigned i = 0; i < CAPGAP_LIVE_TOKEN_TEXT - 1; i++) {
		int digit = capgap_hex_digit(text[i]);
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash != (text[i] == '-') || (!dash && digit < 0))
			return false;
		if (dash)
			continue;
		if (digits % 2)
			token[digits / 2] = (uint8_t)(token[digits / 2] << 4 | digit);
		else
			token[digits / 2] = (uint8_t)digit;
		digits++;
	}
	return true;
}
