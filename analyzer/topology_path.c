/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What Linux asks of the path from a function to the root complex before it enables PASID. */
#include "topology.h"

#include <string.h>

#include "bytes.h"
#include "header.h"

/* Buses of a domain, so no path is longer. */
#define BUSES 256u

#define VENDOR_INTEL 0x8086u

/**
 * struct ids - devices of one vendor
 * @vendor: vendor id
 * @first: lowest device id
 * @last: highest device id
 */
struct ids {
	uint16_t vendor;
	uint16_t first;
	uint16_t last;
};

#define ANY 0x0000, 0xffff

/*
 * Devices of which Linux may hold that they redirect requests though their registers
 * do not say so (pci_dev_acs_enabled[] in drivers/pci/quirks.c, 6.12 and what was added
 * since). For some of them it depends on what configuration space does not hold, so
 * a "no" becomes unknown, and of vendors with many rows every device counts.
 */
static const struct ids acs_exceptions[] = {
	{ 0x0014, ANY },	    /* Loongson root ports */
	{ 0x1002, 0x4383, 0x439d }, /* AMD south bridges */
	{ 0x1022, 0x7809, 0x780f }, /* the same */
	{ 0x10df, 0x0720, 0x0720 }, /* Emulex */
	{ 0x10e8, 0xe004, 0xe004 }, /* X-Gene root port */
	{ 0x14e4, ANY },	    /* Broadcom */
	{ 0x177d, ANY },	    /* Cavium */
	{ 0x17cb, 0x0115, 0x0401 }, /* Qualcomm root ports */
	{ 0x1924, 0x0903, 0x0a03 }, /* Solarflare */
	{ 0x1957, 0x8d80, 0x8db9 }, /* NXP root ports */
	{ 0x19a2, 0x0710, 0x0710 }, /* Emulex */
	{ 0x1c36, 0x0031, 0x0031 }, /* Annapurna Labs root port */
	{ 0x1d17, ANY },	    /* Zhaoxin */
	{ 0x1dbf, 0x0401, 0x0401 }, /* HXT root port */
	{ 0x1def, 0xe005, 0xe00c }, /* Ampere root ports */
	{ 0x8086, ANY },	    /* root ports of chipsets, network adapters */
	{ 0x8088, ANY },	    /* Wangxun */
};

/*
 * HiSilicon's accelerators are no real PCI devices: their PASIDs need no prefix
 * (quirk_huawei_pcie_sva() in drivers/pci/quirks.c, which looks at the revision too).
 */
static const struct ids no_prefix[] = {
	{ 0x19e5, 0xa250, 0xa251 },
	{ 0x19e5, 0xa255, 0xa256 },
	{ 0x19e5, 0xa258, 0xa259 },
};
#define NO_PREFIX_REVISION_A 0x21u
#define NO_PREFIX_REVISION_B 0x30u

static bool is_listed(const struct ids *list, size_t n, const struct capgap_context *ctx)
{
	for (size_t i = 0; i < n; i++) {
		if (list[i].vendor == ctx->vendor && list[i].first <= ctx->device &&
		    ctx->device <= list[i].last)
			return true;
	}
	return false;
}

#define LISTED(list, ctx) is_listed((list), sizeof(list) / sizeof((list)[0]), (ctx))

static bool needs_no_prefix(const struct capgap_image *img,
			    const struct capgap_chain *chain)
{
	uint8_t revision;

	return LISTED(no_prefix, &chain->ctx) &&
	       capgap_get8(img, HDR_CLASS_REV, &revision) &&
	       (revision == NO_PREFIX_REVISION_A || revision == NO_PREFIX_REVISION_B);
}

/*
 * Linux reads Device Capabilities 2 as 0 where the capability is of version 1
 * (pcie_capability_reg_implemented() in drivers/pci/access.c).
 */
static enum capgap_path_is read_eetlp(const struct capgap_image *img, unsigned pcie,
				      uint16_t flags)
{
	uint32_t devcap2;

	if (EXP_VERSION(flags) < 2)
		return CAPGAP_PATH_NO;
	if (pcie + EXP_DEVCAP2 + sizeof(devcap2) > CAPGAP_CONV_END ||
	    !capgap_get32(img, pcie + EXP_DEVCAP2, &devcap2))
		return CAPGAP_PATH_UNKNOWN;
	return devcap2 & EXP_DEVCAP2_EETLP ? CAPGAP_PATH_YES : CAPGAP_PATH_NO;
}

/*
 * What the ACS capability says. A control that the capability does not have counts as
 * wired on (pci_acs_flags_enabled() in drivers/pci/pci.c).
 */
static enum capgap_path_is read_acs(const struct capgap_image *img,
				    const struct capgap_chain *chain)
{
	const struct capgap_cap *cap = capgap_chain_find(chain, CAPGAP_EXT,
							 CAPGAP_ECAP_ACS);
	uint16_t want = ACS_REQUEST_REDIRECT | ACS_UPSTREAM_FORWARDING;
	uint16_t has;
	uint16_t on;

	if (!cap)
		return chain->conv_complete && chain->ext_walked && chain->ext_complete ?
			       CAPGAP_PATH_NO :
			       CAPGAP_PATH_UNKNOWN;
	if (!capgap_get16(img, cap->off + ACS_CAPABILITY, &has) ||
	    !capgap_get16(img, cap->off + ACS_CONTROL, &on))
		return CAPGAP_PATH_UNKNOWN;
	want &= has;
	return (on & want) == want ? CAPGAP_PATH_YES : CAPGAP_PATH_NO;
}

/* A function that is alone in its device has no neighbour that could take a request. */
static enum capgap_path_is read_endpoint_acs(const struct capgap_image *img,
					     const struct capgap_chain *chain,
					     const struct capgap_bdf *bdf)
{
	uint8_t type;

	if (bdf && bdf->fn)
		return read_acs(img, chain);
	if (!capgap_get8(img, HDR_TYPE, &type))
		return CAPGAP_PATH_UNKNOWN;
	return type & HDR_TYPE_MULTI ? read_acs(img, chain) : CAPGAP_PATH_YES;
}

/* The cases of pci_acs_enabled() in drivers/pci/pci.c, but for the devices it excepts. */
static enum capgap_path_is judge_acs(const struct capgap_hop *hop,
				     const struct capgap_image *img,
				     const struct capgap_chain *chain,
				     const struct capgap_bdf *bdf)
{
	switch (hop->type) {
	case EXP_TYPE_ROOT_PORT:
	case EXP_TYPE_DOWNSTREAM:
		return read_acs(img, chain);
	case EXP_TYPE_ENDPOINT:
	case EXP_TYPE_LEGACY:
	case EXP_TYPE_UPSTREAM:
	case EXP_TYPE_RC_ENDPOINT:
		return read_endpoint_acs(img, chain, bdf);
	case EXP_TYPE_TO_PCI:
	case EXP_TYPE_FROM_PCI:
	case EXP_TYPE_RC_COLLECTOR:
	case CAPGAP_HOP_CONVENTIONAL:
		return CAPGAP_PATH_NO;
	default:
		return CAPGAP_PATH_UNKNOWN;
	}
}

static enum capgap_path_is except_acs(enum capgap_path_is is,
				      const struct capgap_hop *hop,
				      const struct capgap_context *ctx)
{
	/* VT-d, section 3.16, makes Intel redirect them (pci_quirk_rciep_acs()). */
	if (ctx->vendor == VENDOR_INTEL && hop->type == EXP_TYPE_RC_ENDPOINT)
		return CAPGAP_PATH_YES;
	if (is == CAPGAP_PATH_NO && LISTED(acs_exceptions, ctx))
		return CAPGAP_PATH_UNKNOWN;
	return is;
}

void capgap_topology_read_hop(struct capgap_hop *hop, const struct capgap_image *img,
			      const struct capgap_chain *chain,
			      const struct capgap_bdf *bdf)
{
	unsigned pcie = chain->ctx.pcie;
	uint16_t flags;

	memset(hop, 0, sizeof(*hop));
	hop->type = CAPGAP_HOP_UNREAD;
	if (!pcie && chain->conv_complete) {
		hop->type = CAPGAP_HOP_CONVENTIONAL;
		hop->eetlp = CAPGAP_PATH_NO;
	} else if (pcie && capgap_get16(img, pcie + EXP_FLAGS, &flags)) {
		hop->type = EXP_TYPE(flags);
		hop->eetlp = read_eetlp(img, pcie, flags);
	}
	hop->no_prefix = needs_no_prefix(img, chain);
	hop->acs = except_acs(judge_acs(hop, img, chain, bdf), hop, &chain->ctx);
}

bool capgap_topology_read_bridge(struct capgap_bridge *bridge,
				 const struct capgap_image *img,
				 const struct capgap_chain *chain,
				 const struct capgap_bdf *bdf)
{
	bridge->bdf = *bdf;
	if (chain->ctx.header_type != HDR_BRIDGE ||
	    !capgap_get8(img, HDR_SECONDARY, &bridge->secondary) ||
	    !capgap_get8(img, HDR_SUBORDINATE, &bridge->subordinate) ||
	    bridge->secondary <= bdf->bus || bridge->subordinate < bridge->secondary)
		return false;
	capgap_topology_read_hop(&bridge->hop, img, chain, bdf);
	return true;
}

/* The bridge above a bus; NULL when it was not seen, or when two claim the bus. */
static const struct capgap_bridge *bridge_above(const struct capgap_topology *topo,
						const struct capgap_bdf *bdf)
{
	const struct capgap_bridge *found = NULL;

	for (unsigned i = 0; topo && i < topo->n_bridge; i++) {
		const struct capgap_bridge *bridge = &topo->bridge[i];

		if (bridge->secondary != bdf->bus || bridge->bdf.domain != bdf->domain)
			continue;
		if (found)
			return NULL;
		found = bridge;
	}
	return found;
}

/* A "no" anywhere outweighs what is unknown elsewhere; the lowest place is named. */
static void note(struct capgap_path_fact *fact, enum capgap_path_is is,
		 const struct capgap_bdf *at)
{
	if (is == CAPGAP_PATH_YES || fact->is == CAPGAP_PATH_NO ||
	    (fact->is == CAPGAP_PATH_UNKNOWN && is == CAPGAP_PATH_UNKNOWN))
		return;
	fact->is = is;
	fact->has_at = at != NULL;
	if (at)
		fact->at = *at;
}

/* These stand on a root bus, with nothing but the root complex above. */
static bool ends_path(const struct capgap_hop *hop)
{
	return hop->type == EXP_TYPE_ROOT_PORT || hop->type == EXP_TYPE_RC_ENDPOINT ||
	       hop->type == EXP_TYPE_RC_COLLECTOR;
}

/*
 * Prefixes: pci_configure_eetlp_prefix() in drivers/pci/probe.c; root ports and
 * integrated endpoints need their own bit, everything else also the bridge above, and
 * where there is none prefixes do not pass. ACS: pci_acs_path_enabled() in
 * drivers/pci/pci.c, as pci_enable_pasid() in drivers/pci/ats.c asks. No bridge leads to
 * bus 0; whether another bus is a root bus is not seen from configuration space.
 */
static void climb(struct capgap_path *path, const struct capgap_topology *topo,
		  const struct capgap_bdf *bdf, const struct capgap_hop *hop)
{
	const struct capgap_bridge *bridge;

	/* Bus numbers fall from hop to hop. */
	for (unsigned i = 0; i < BUSES; i++) {
		note(&path->eetlp, hop->eetlp, bdf);
		note(&path->acs, hop->acs, bdf);
		if (ends_path(hop))
			return;
		if (bdf && !bdf->bus) {
			/* Bytes that would tell a root port were perhaps not read. */
			note(&path->eetlp,
			     hop->type == CAPGAP_HOP_UNREAD ? CAPGAP_PATH_UNKNOWN :
							      CAPGAP_PATH_NO,
			     bdf);
			return;
		}
		bridge = bdf ? bridge_above(topo, bdf) : NULL;
		if (!bridge)
			break;
		bdf = &bridge->bdf;
		hop = &bridge->hop;
	}
	note(&path->eetlp, CAPGAP_PATH_UNKNOWN, bdf);
	note(&path->acs, CAPGAP_PATH_UNKNOWN, bdf);
}

void capgap_topology_find_path(struct capgap_path *path,
			       const struct capgap_topology *topo,
			       const struct capgap_bdf *bdf, const struct capgap_hop *hop)
{
	memset(path, 0, sizeof(*path));
	path->eetlp.is = CAPGAP_PATH_YES;
	path->acs.is = CAPGAP_PATH_YES;
	climb(path, topo, bdf, hop);
	if (hop->no_prefix)
		path->eetlp = (struct capgap_path_fact){ .is = CAPGAP_PATH_YES };
}
