/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules for whoever makes an image, and the level that each rule is given. */
#include "check.h"

#include "bytes.h"
#include "header.h"

/* What a virtual function leaves to its physical one. */
static void check_vf_list(const struct capgap_function *fn, struct capgap_findings *hits)
{
	static const struct {
		uint16_t id;
		enum capgap_finding_kind kind;
	} never[] = {
		{ CAPGAP_ECAP_SRIOV, CAPGAP_F_VF_SRIOV },
		{ CAPGAP_ECAP_PRI, CAPGAP_F_VF_PRI },
		{ CAPGAP_ECAP_PASID, CAPGAP_F_VF_PASID },
	};
	const struct capgap_cap *cap;

	for (unsigned i = fn->chain.n_conv; i < fn->chain.n; i++) {
		cap = &fn->chain.cap[i];
		for (unsigned k = 0; k < sizeof(never) / sizeof(never[0]); k++) {
			if (cap->id == never[k].id)
				capgap_findings_add(hits, never[k].kind, cap->off,
						    cap->owned, 0, 0);
		}
	}
}

/* Registers that read zero in a virtual function; vfio-pci and VMMs fill them in. */
static void check_vf_header(const struct capgap_function *fn,
			    struct capgap_findings *hits)
{
	uint32_t bar;
	uint8_t pin;

	if (fn->chain.ctx.header_type != HDR_ENDPOINT)
		return;
	for (unsigned off = HDR_BAR0; off < HDR_BARS_END; off += 4) {
		if (capgap_get32(&fn->image, off, &bar) && bar)
			capgap_findings_add(hits, CAPGAP_F_VF_BAR, off, 4, bar, 0);
	}
	if (capgap_get8(&fn->image, HDR_INTERRUPT_PIN, &pin) && pin)
		capgap_findings_add(hits, CAPGAP_F_VF_PIN, HDR_INTERRUPT_PIN, 1, pin, 0);
}

static void check_vf(const struct capgap_function *fn, struct capgap_findings *hits)
{
	if (fn->kind != CAPGAP_KIND_VF)
		return;
	if (fn->vantage != CAPGAP_VANTAGE_GUEST)
		check_vf_list(fn, hits);
	if (fn->vantage == CAPGAP_VANTAGE_HOST)
		check_vf_header(fn, hits);
}

static void check_sriov(const struct capgap_function *fn, struct capgap_findings *hits)
{
	const struct capgap_cap *cap = capgap_chain_find(&fn->chain, CAPGAP_EXT,
							 CAPGAP_ECAP_SRIOV);
	uint16_t initial;
	uint16_t total;

	if (cap && capgap_get16(&fn->image, cap->off + SRIOV_INITIAL_VFS, &initial) &&
	    capgap_get16(&fn->image, cap->off + SRIOV_TOTAL_VFS, &total) &&
	    initial > total)
		capgap_findings_add(hits, CAPGAP_F_SRIOV_INITIAL,
				    cap->off + SRIOV_INITIAL_VFS, 4, initial, total);
}

/* Enable bits stand where the capability has their Supported bits. */
static void check_pasid(const struct capgap_function *fn, struct capgap_findings *hits)
{
	const struct capgap_pasid_regs *pasid = &fn->pasid;

	if (pasid->off && (pasid->control & (PASID_CTL_EXEC | PASID_CTL_PRIV) &
			   ~(unsigned)pasid->capability))
		capgap_findings_add(hits, CAPGAP_F_PASID_ENABLES,
				    pasid->off + PASID_CONTROL, 2, pasid->control,
				    pasid->capability);
}

/* A VMM may show the one and not the other. */
static void check_pri(const struct capgap_function *fn, struct capgap_findings *hits)
{
	const struct capgap_cap *pri = capgap_chain_find(&fn->chain, CAPGAP_EXT,
							 CAPGAP_ECAP_PRI);

	if (pri && fn->chain_known && fn->vantage != CAPGAP_VANTAGE_GUEST &&
	    !capgap_chain_find(&fn->chain, CAPGAP_EXT, CAPGAP_ECAP_ATS))
		capgap_findings_add(hits, CAPGAP_F_PRI_WITHOUT_ATS, pri->off, pri->owned,
				    0, 0);
}

static bool is_descriptor(const struct capgap_function *fn, unsigned off)
{
	for (unsigned i = 0; i < fn->free_space.n_descriptors; i++) {
		if (fn->free_space.descriptor[i].off == off)
			return true;
	}
	return false;
}

/* Header words of a VSEC or DVSEC; both have their Length in the same place. */
static void check_vendor(const struct capgap_function *fn, const struct capgap_cap *cap,
			 struct capgap_findings *hits)
{
	unsigned at = cap->off + DVSEC_HEADER1;
	uint32_t header;

	if (cap->version > DVSEC_VERSION)
		capgap_findings_add(hits, CAPGAP_F_VENDOR_VERSION, cap->off, 4,
				    cap->version, 0);
	if (!capgap_get32(&fn->image, at, &header))
		return;
	if (cap->extent == CAPGAP_EXTENT_DECLARED && DVSEC_HEADER1_LEN(header) % 4)
		capgap_findings_add(hits, CAPGAP_F_VENDOR_UNALIGNED, at, 4,
				    DVSEC_HEADER1_LEN(header), 0);
}

static void check_vendors(const struct capgap_function *fn, struct capgap_findings *hits)
{
	const struct capgap_cap *cap;
	uint16_t vendor;

	for (unsigned i = fn->chain.n_conv; i < fn->chain.n; i++) {
		cap = &fn->chain.cap[i];
		if (cap->id != CAPGAP_ECAP_VSEC && cap->id != CAPGAP_ECAP_DVSEC)
			continue;
		if (!is_descriptor(fn, cap->off)) /* has rules of its own */
			check_vendor(fn, cap, hits);
		if (cap->id == CAPGAP_ECAP_DVSEC &&
		    capgap_get16(&fn->image, cap->off + DVSEC_HEADER1, &vendor) &&
		    (vendor == 0 || vendor == 0xffff))
			capgap_findings_add(hits, CAPGAP_F_DVSEC_VENDOR,
					    cap->off + DVSEC_HEADER1, 2, vendor, 0);
	}
}

/* True when more than one claim covers a byte; the overlap is a finding of its own. */
static bool is_disputed(const struct capgap_map *map, unsigned off)
{
	int first = capgap_map_next_owner(map, off, 0);

	return first >= 0 && capgap_map_next_owner(map, off, (unsigned)first + 1) >= 0;
}

/* Bytes to the next dword behind a structure whose length is known exactly. */
static void check_padding(const struct capgap_function *fn, struct capgap_findings *hits)
{
	const struct capgap_cap *cap;
	unsigned off;
	unsigned end;
	uint8_t byte;

	for (unsigned i = 0; i < fn->chain.n; i++) {
		cap = &fn->chain.cap[i];
		off = cap->off + cap->len;
		end = cap->off + cap->owned;
		if (!cap->len || off >= end || end - off >= 4)
			continue;
		for (unsigned at = off; at < end; at++) {
			if (!capgap_get8(&fn->image, at, &byte) || !byte ||
			    is_disputed(&fn->map, at))
				continue;
			capgap_findings_add(hits, CAPGAP_F_PADDING_NONZERO, off,
					    end - off, at, 0);
			break;
		}
	}
}

/* True when each unowned byte from @from to @end reads ff: nothing answers there. */
static bool is_filled_with_ones(const struct capgap_function *fn, unsigned from,
				unsigned end)
{
	uint8_t byte;

	for (unsigned off = from; off < end; off++) {
		if (capgap_map_is_free(&fn->map, off, 1) &&
		    capgap_get8(&fn->image, off, &byte) && byte != 0xff)
			return false;
	}
	return true;
}

/**
 * struct run - adjacent dwords that nobody owns, each with a byte that is not zero
 * @off: the first dword
 * @first: the first byte that is not zero
 * @count: bytes that are not zero; 0 for no run
 */
struct run {
	unsigned off;
	unsigned first;
	unsigned count;
};

/* Add the dword at @off to a run; false when nothing in it is unowned and not zero. */
static bool extend_run(struct run *run, const struct capgap_function *fn, unsigned off)
{
	unsigned before = run->count;
	uint8_t byte;

	for (unsigned at = off; at < off + 4; at++) {
		if (!capgap_map_is_free(&fn->map, at, 1) ||
		    !capgap_get8(&fn->image, at, &byte) || !byte)
			continue;
		if (!run->count)
			*run = (struct run){ off, at, 0 };
		run->count++;
	}
	return run->count > before;
}

/* Record what has ended before @end, and begin anew. */
static void end_run(struct run *run, unsigned end, enum capgap_finding_kind kind,
		    struct capgap_findings *hits)
{
	if (run->count)
		capgap_findings_add(hits, kind, run->off, end - run->off, run->count,
				    run->first);
	run->count = 0;
}

static void check_unowned(const struct capgap_function *fn, unsigned from, unsigned end,
			  enum capgap_finding_kind kind, struct capgap_findings *hits)
{
	struct run run = { 0 };

	if (is_filled_with_ones(fn, from, end))
		return;
	for (unsigned off = from; off < end; off += 4) {
		if (!extend_run(&run, fn, off))
			end_run(&run, off, kind, hits);
	}
	end_run(&run, end, kind, hits);
}

/* Where a list could not be followed to its end, what is unowned cannot be told. */
static void check_content(const struct capgap_function *fn, struct capgap_findings *hits)
{
	unsigned size = fn->map.size;

	if (fn->chain.conv_complete)
		check_unowned(fn, CAPGAP_HEADER_END,
			      size < CAPGAP_CONV_END ? size : CAPGAP_CONV_END,
			      CAPGAP_F_UNOWNED_CONV, hits);
	if (fn->chain.ext_walked && fn->chain.ext_complete)
		check_unowned(fn, CAPGAP_CONV_END, size, CAPGAP_F_UNOWNED_EXT, hits);
}

void capgap_check_function(const struct capgap_function *fn, struct capgap_findings *hits)
{
	check_vf(fn, hits);
	check_sriov(fn, hits);
	check_pasid(fn, hits);
	check_pri(fn, hits);
	check_vendors(fn, hits);
	check_padding(fn, hits);
	check_content(fn, hits);
}

static bool is_rule(unsigned kind)
{
	return !(capgap_finding_get(kind)->flags & CAPGAP_F_OF_PLAN);
}

int capgap_check_rule(unsigned n)
{
	for (unsigned kind = 0; kind < CAPGAP_F_COUNT; kind++) {
		if (is_rule(kind) && n-- == 0)
			return (int)kind;
	}
	return -CAPGAP_E_NOENT;
}

void capgap_check_levels_init(struct capgap_check_levels *levels)
{
	for (unsigned kind = 0; kind < CAPGAP_F_COUNT; kind++)
		levels->of[kind] = (uint8_t)capgap_finding_get(kind)->level;
}

int capgap_check_levels_set(struct capgap_check_levels *levels, const char *name,
			    uint8_t level)
{
	int kind = capgap_finding_find(name);

	if (kind < 0 || !is_rule((unsigned)kind))
		return -CAPGAP_E_NOENT;
	levels->of[kind] = level;
	return 0;
}

const char *capgap_check_level_name(uint8_t level)
{
	return level == CAPGAP_CHECK_OFF ? "off" :
					   capgap_level_name((enum capgap_level)level);
}
