/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Takes out of a configuration space what tells the device from its like. */
#include "anonymise.h"

#include "../analyzer/bytes.h"

/* Device Serial Number: header dword, then the 8 bytes of the number. */
#define DSN_NUMBER 4u
#define DSN_NUMBER_LEN 8u

/* Vital Product Data: header and address, then the dword that was read. */
#define VPD_DATA 4u
#define VPD_DATA_LEN 4u

/* Replace a byte by zero, if it was read. */
static void blank(struct capgap_image *img, unsigned off)
{
	static const uint8_t zero;

	if (off < img->size && capgap_image_has(img, off, 1))
		capgap_image_put(img, off, &zero, 1);
}

static void blank_number(struct capgap_image *img, const struct capgap_cap *cap)
{
	if (cap->space != CAPGAP_EXT || cap->id != CAPGAP_ECAP_DSN)
		return;
	for (unsigned i = 0; i < DSN_NUMBER_LEN; i++)
		blank(img, cap->off + DSN_NUMBER + i);
}

/* Also the numbers of orphans. */
static void blank_numbers(struct capgap_image *img, const struct capgap_function *fn)
{
	for (unsigned i = 0; i < fn->chain.n; i++)
		blank_number(img, &fn->chain.cap[i]);
	for (unsigned i = 0; i < fn->orphans.n; i++)
		blank_number(img, &fn->orphans.cap[i]);
}

/* True for a DVSEC that is a free-space descriptor, or would be one if it were listed. */
static bool is_descriptor(const struct capgap_function *fn, const struct capgap_cap *cap)
{
	for (unsigned i = 0; i < fn->free_space.n_descriptors; i++) {
		if (fn->free_space.descriptor[i].off == cap->off)
			return true;
	}
	for (unsigned i = 0; i < fn->findings.n; i++) {
		if (fn->findings.hit[i].kind == CAPGAP_F_DESCRIPTOR_NOT_LISTED &&
		    fn->findings.hit[i].off == cap->off)
			return true;
	}
	return false;
}

/* True for a structure of which PCI says no more than how it begins. */
static bool is_vendors(const struct capgap_function *fn, const struct capgap_cap *cap)
{
	if (cap->space == CAPGAP_CONV)
		return cap->id == CAPGAP_CAP_VNDR;
	return cap->id == CAPGAP_ECAP_VSEC ||
	       (cap->id == CAPGAP_ECAP_DVSEC && !is_descriptor(fn, cap));
}

/* True when the byte is a structure's, and not only the content of a vendor's own. */
static bool has(const struct capgap_function *fn, const struct capgap_cap *cap,
		unsigned off)
{
	unsigned len = cap->certain;

	if (is_vendors(fn, cap))
		len = capgap_caps_def(cap->space, cap->id)->min;
	return off >= cap->off && off - cap->off < len;
}

/* True for a byte by which an IP core was known: it is the same in all of them. */
static bool is_tested(const struct capgap_function *fn, unsigned off)
{
	for (size_t i = 0; i < capgap_function_quirks(fn); i++) {
		const struct capgap_quirk *quirk = &fn->quirk[i];

		for (unsigned k = 0; k < quirk->n_tests; k++) {
			unsigned at = off - quirk->test[k].off;

			if (at < 4 && quirk->test[k].mask >> 8 * at & 0xffu &&
			    capgap_quirk_fits(quirk, &fn->image))
				return true;
		}
	}
	return false;
}

/*
 * True for a byte of which PCI says what it is: it is not what a row of the quirk table
 * speaks of, and the lists rest on it.
 */
static bool is_structure(const struct capgap_function *fn, unsigned off)
{
	const struct capgap_chain *chain = &fn->chain;

	if (off >= fn->map.size || fn->map.verdict[off] == CAPGAP_OWNER_HEADER)
		return true;
	/* Where a list breaks: an id of ff, a header of zeros or ones. */
	if (chain->conv_end && off == chain->conv_end)
		return true;
	if (chain->ext_end && off >= chain->ext_end && off - chain->ext_end < 4)
		return true;
	for (unsigned i = 0; i < chain->n; i++) {
		if (has(fn, &chain->cap[i], off))
			return true;
	}
	for (unsigned i = 0; i < fn->orphans.n; i++) {
		if (has(fn, &fn->orphans.cap[i], off))
			return true;
	}
	return false;
}

static bool reads_ones(const struct capgap_image *img, unsigned off, unsigned end)
{
	uint8_t val;

	for (; off < end; off++) {
		if (capgap_get8(img, off, &val) && val != 0xff)
			return false;
	}
	return true;
}

/* A header of version 1 that could be of a serial number which no list leads to. */
static bool is_stray_header(const struct capgap_function *fn, unsigned off)
{
	uint32_t header;
	unsigned next;

	if (is_structure(fn, off) || !capgap_get32(&fn->image, off, &header) ||
	    (header & 0xfffffu) != (CAPGAP_ECAP_DSN | 1u << 16))
		return false;
	next = header >> 20;
	return !next || (next >= CAPGAP_CONV_END && !(next % 4));
}

/*
 * The numbers behind such headers, in extended space or what should be. Nobody owns them, so
 * zeros there would look free: they read 01. 00 and ff, which tell nothing, stay.
 */
static void mask_strays(struct capgap_image *img, const struct capgap_function *fn)
{
	static const uint8_t mask = 1;
	unsigned number;
	uint8_t val;

	for (unsigned off = CAPGAP_CONV_END; off < img->size; off += 4) {
		if (!is_stray_header(fn, off))
			continue;
		number = off + DSN_NUMBER;
		for (unsigned i = number; i < number + DSN_NUMBER_LEN; i++) {
			if (capgap_get8(img, i, &val) && val && val != 0xff &&
			    !is_structure(fn, i))
				capgap_image_put(img, i, &mask, 1);
		}
	}
}

/* What was last read of Vital Product Data, where a serial number is. */
static void blank_vpd(struct capgap_image *img, const struct capgap_function *fn)
{
	for (unsigned i = 0; i < fn->chain.n_conv; i++) {
		if (fn->chain.cap[i].id != CAPGAP_CAP_VPD)
			continue;
		for (unsigned k = 0; k < VPD_DATA_LEN; k++)
			blank(img, fn->chain.cap[i].off + VPD_DATA + k);
	}
}

/*
 * Where the bridge above drops the upper address bits, the first 256 bytes are seen again
 * and again: @step apart.
 */
static void blank_copies(struct capgap_image *img, unsigned off, unsigned step)
{
	for (; off < img->size; off += step)
		blank(img, off);
}

static void blank_identity(struct capgap_image *img, const struct capgap_function *fn)
{
	bool alias = capgap_findings_has(&fn->findings, CAPGAP_F_ALIAS);
	unsigned step = alias ? CAPGAP_CONV_END : CAPGAP_SPACE_MAX;

	for (size_t i = 0; i < capgap_function_quirks(fn); i++) {
		const struct capgap_quirk *quirk = &fn->quirk[i];
		unsigned off = quirk->identity_off;
		unsigned end = off + quirk->identity_len;

		/* That a function answers nothing must stay to be seen. */
		if (off == end || reads_ones(img, off, end))
			continue;
		for (; off < end && off < step; off++) {
			if (!is_structure(fn, off) && !is_tested(fn, off))
				blank_copies(img, off, step);
		}
	}
}

void capgap_anonymise(struct capgap_image *img, const struct capgap_function *fn)
{
	blank_numbers(img, fn);
	mask_strays(img, fn);
	blank_vpd(img, fn);
	blank_identity(img, fn);
}
