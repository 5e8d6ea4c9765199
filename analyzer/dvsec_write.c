/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bytes of free-space descriptors. */
#include "dvsec.h"

#include "header.h"

static void put32(uint8_t *buf, uint32_t dw)
{
	for (unsigned i = 0; i < 4; i++)
		buf[i] = (uint8_t)(dw >> 8 * i);
}

static bool is_next(unsigned next)
{
	return !next ||
	       (next >= CAPGAP_CONV_END && next < CAPGAP_SPACE_MAX && next % 4 == 0);
}

static void put_headers(uint8_t *buf, uint16_t vendor, uint16_t id, unsigned form,
			unsigned len, unsigned next)
{
	put32(buf, EXT_HEADER(CAPGAP_ECAP_DVSEC, DVSEC_VERSION, next));
	put32(buf + DVSEC_HEADER1, (uint32_t)len << 20 | DVSEC_REVISION << 16 | vendor);
	put32(buf + DVSEC_HEADER2, DVSEC_MAGIC << 24 | (uint32_t)form << 16 | id);
}

int capgap_dvsec_write_gap(uint8_t *buf, uint16_t vendor, uint16_t id, unsigned len,
			   unsigned next)
{
	if (len < DVSEC_HEADER_LEN || len > DVSEC_LEN_MAX || len % 4 || !is_next(next))
		return -CAPGAP_E_INVAL;
	put_headers(buf, vendor, id, DVSEC_FORM_GAP, len, next);
	return (int)DVSEC_HEADER_LEN;
}

static bool is_range(const struct capgap_range *range)
{
	unsigned end = range->off < CAPGAP_CONV_END ? CAPGAP_CONV_END : CAPGAP_SPACE_MAX;

	return range->off % 4 == 0 && range->len % 4 == 0 &&
	       range->off >= CAPGAP_HEADER_END && range->off < end &&
	       range->len >= DVSEC_ENTRY_LEN_MIN && range->len <= end - range->off;
}

/* True when each range can be an entry, and no two of them share a byte. */
static bool are_ranges(const struct capgap_range *range, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!is_range(&range[i]))
			return false;
		for (size_t k = 0; k < i; k++) {
			if (range[k].off < range[i].off + range[i].len &&
			    range[i].off < range[k].off + range[k].len)
				return false;
		}
	}
	return true;
}

int capgap_dvsec_write_table(uint8_t *buf, size_t cap, uint16_t vendor, uint16_t id,
			     const struct capgap_range *range, size_t n, unsigned next)
{
	size_t len;

	if (n > (DVSEC_LEN_MAX - DVSEC_HEADER_LEN) / 4 || !is_next(next))
		return -CAPGAP_E_INVAL;
	len = DVSEC_HEADER_LEN + 4 * n;
	if (cap < len || !are_ranges(range, n))
		return -CAPGAP_E_INVAL;
	put_headers(buf, vendor, id, DVSEC_FORM_TABLE, (unsigned)len, next);
	for (size_t i = 0; i < n; i++)
		put32(buf + DVSEC_TABLE + 4 * i,
		      (uint32_t)range[i].len << 16 | range[i].off);
	return (int)len;
}
