/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Error texts, and the addresses that every message names. */
#include "capgap.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *capgap_strerror(int code)
{
	static const char *const texts[CAPGAP_E_COUNT] = {
		[CAPGAP_OK] = "success",
#define CAPGAP_ERR(symbol, text) [CAPGAP_E_##symbol] = (text),
#include "err.def"
#undef CAPGAP_ERR
	};
	unsigned n = code < 0 ? 0u - (unsigned)code : (unsigned)code;

	return n < CAPGAP_E_COUNT ? texts[n] : "unknown error";
}

int capgap_err_set(struct capgap_err *err, int code, unsigned long line, const char *fmt,
		   ...)
{
	va_list ap;

	if (!err)
		return -code;
	err->code = code;
	err->line = line;
	if (!fmt) {
		snprintf(err->text, sizeof(err->text), "%s", capgap_strerror(code));
		return -code;
	}
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	return -code;
}

int capgap_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Read up to @max hex digits; the number read is the result. */
static size_t hex_run(const char *text, size_t max, uint32_t *val)
{
	size_t n;

	*val = 0;
	for (n = 0; n < max && capgap_hex_digit(text[n]) >= 0; n++)
		*val = *val << 4 | (uint32_t)capgap_hex_digit(text[n]);
	return n;
}

size_t capgap_bdf_parse(const char *text, struct capgap_bdf *bdf)
{
	uint32_t domain = 0;
	uint32_t bus;
	uint32_t dev;
	size_t used = 0;
	size_t n = hex_run(text, 8, &domain);

	if (n >= 4 && text[n] == ':')
		used = n + 1;
	else
		domain = 0;
	if (hex_run(text + used, 2, &bus) != 2 || text[used + 2] != ':')
		return 0;
	if (hex_run(text + used + 3, 2, &dev) != 2 || dev > 31 || text[used + 5] != '.')
		return 0;
	if (text[used + 6] < '0' || text[used + 6] > '7')
		return 0;
	if (isalnum((unsigned char)text[used + 7]))
		return 0;
	bdf->domain = domain;
	bdf->bus = (uint8_t)bus;
	bdf->dev = (uint8_t)dev;
	bdf->fn = (uint8_t)(text[used + 6] - '0');
	return used + 7;
}

char *capgap_bdf_format(const struct capgap_bdf *bdf, char out[CAPGAP_BDF_TEXT])
{
	snprintf(out, CAPGAP_BDF_TEXT, "%04x:%02x:%02x.%u", (unsigned)bdf->domain,
		 bdf->bus, bdf->dev & 31u, bdf->fn & 7u);
	return out;
}

uint16_t capgap_bdf_rid(const struct capgap_bdf *bdf)
{
	return (uint16_t)(bdf->bus << 8 | bdf->dev << 3 | bdf->fn);
}

int capgap_bdf_compare(const struct capgap_bdf *a, const struct capgap_bdf *b)
{
	if (a->domain != b->domain)
		return a->domain < b->domain ? -1 : 1;
	return (int)capgap_bdf_rid(a) - (int)capgap_bdf_rid(b);
}

bool capgap_bdf_equal(const struct capgap_bdf *a, const struct capgap_bdf *b)
{
	return !capgap_bdf_compare(a, b);
}
