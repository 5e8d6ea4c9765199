/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The PCI-compatible capabilities, and the length of each that varies. */
#include "caps_rules.h"
#include "header.h"

/* AGP capability (AGP Interface Specification): the revision byte. */
#define AGP_REVISION 0x02u
#define AGP_MAJOR(revision) ((revision) >> 4)
#define AGP_MAJOR_8X 3u
#define AGP_LEN 12u
#define AGP_LEN_8X 48u

static struct capgap_length len_agp(const struct capgap_measure *m)
{
	uint8_t revision;

	if (!load8(m, AGP_REVISION, &revision))
		return unknown(m);
	if (AGP_MAJOR(revision) < AGP_MAJOR_8X)
		return fixed(AGP_LEN);
	/* A target names registers to 0x23, and one reader reserves 0x30 bytes. */
	return at_most(AGP_LEN_8X);
}

/* The bridge form of AGP 8x: no end is published, so the figure of the other form. */
static struct capgap_length len_agp3(const struct capgap_measure *m)
{
	(void)m;
	return at_most(AGP_LEN_8X);
}

/* MSI capability (PCI Local Bus Specification 3.0, section 6.8.1): Message Control. */
#define MSI_CONTROL 0x02u /* word */
#define MSI_64BIT 0x0080u
#define MSI_MASKING 0x0100u
#define MSI_EXT_DATA 0x0200u
#define MSI_LEN 10u	    /* with 32-bit address */
#define MSI_LEN_MASKING 20u /* the same with mask and pending bits */
#define MSI_UPPER_LEN 4u
#define MSI_EXT_DATA_LEN 2u

static struct capgap_length len_msi(const struct capgap_measure *m)
{
	uint16_t control;
	uint32_t upper;

	/* Drivers enable it, in a byte that has a bit of the length too: the longest then. */
	if (capgap_image_is_changing(m->img, m->cap->off + MSI_CONTROL, sizeof(control)))
		return at_most(MSI_LEN_MASKING + MSI_UPPER_LEN);
	if (!load16(m, MSI_CONTROL, &control))
		return unknown(m);
	upper = control & MSI_64BIT ? MSI_UPPER_LEN : 0;
	/* The extended data word stands before the mask bits, in what is else a hole. */
	if (control & MSI_MASKING)
		return computed(MSI_LEN_MASKING + upper);
	return computed(MSI_LEN + upper +
			(control & MSI_EXT_DATA ? MSI_EXT_DATA_LEN : 0));
}

/* CompactPCI hot swap: a control byte is certain, and no dump shows more than a dword. */
#define CHSWP_LEN 4u

static struct capgap_length len_chswp(const struct capgap_measure *m)
{
	(void)m;
	return at_most(CHSWP_LEN);
}

/*
 * PCI-X capability (PCI-X Protocol Addendum 2.0, section 7.2): the version has
 * the same place in the Command register and in the Secondary Status register
 * of a bridge. ECC registers came with version 1.
 */
#define PCIX_WORD 0x02u /* word */
#define PCIX_VERSION(word) ((word) >> 12 & 0x3u)
#define PCIX_LEN 8u
#define PCIX_LEN_ECC 24u
#define PCIX_BRIDGE_LEN 16u
#define PCIX_BRIDGE_LEN_ECC 32u

static struct capgap_length len_pcix(const struct capgap_measure *m)
{
	uint16_t word;

	if (m->ctx->header_type == HDR_TYPE_UNREAD || !load16(m, PCIX_WORD, &word))
		return unknown(m);
	if (m->ctx->header_type == HDR_ENDPOINT)
		return computed(PCIX_VERSION(word) ? PCIX_LEN_ECC : PCIX_LEN);
	if (m->ctx->header_type == HDR_BRIDGE && !PCIX_VERSION(word))
		return computed(PCIX_BRIDGE_LEN);
	/* A bridge's ECC block has one source; no layout is for other headers. */
	return at_most(PCIX_BRIDGE_LEN_ECC);
}

/*
 * HyperTransport capability (HyperTransport I/O Link Specification, section 7):
 * the type is the top five bits of the word at 2, or only three of them.
 */
#define HT_WORD 0x02u /* word */
#define HT_TYPE3(word) ((word) >> 13)
#define HT_TYPE5(word) ((word) >> 11)
#define HT_SLAVE 0x0u
#define HT_HOST 0x1u
#define HT_SLAVE_LEN 28u
#define HT_HOST_LEN 24u
#define HT_ADDRESS_MAP 0x14u
#define HT_MSI_MAP 0x15u

/* Address mapping: form and, in the 40-bit form, number of mappings. */
#define HT_MAP_FORM(word) ((word) >> 9 & 0x3u)
#define HT_MAP_40 0u
#define HT_MAP_64 1u
#define HT_MAP_COUNT(word) (0xfu & (word))
#define HT_MAP_LEN 12u
#define HT_MAP_ENTRY 8u
#define HT_MAP_64_LEN 16u

/* MSI mapping: with a fixed address, readers count 4 or 12. */
#define HT_MSI_FIXED 0x0002u
#define HT_MSI_LEN 12u

static struct capgap_length len_ht_map(const struct capgap_measure *m, uint16_t word)
{
	if (HT_MAP_FORM(word) == HT_MAP_40)
		return computed(HT_MAP_LEN + HT_MAP_ENTRY * HT_MAP_COUNT(word));
	if (HT_MAP_FORM(word) == HT_MAP_64)
		return computed(HT_MAP_64_LEN);
	return unknown(m);
}

static struct capgap_length len_ht(const struct capgap_measure *m)
{
	/* By type of five bits; 0 where no length is published. */
	static const uint8_t lengths[32] = {
		[0x08] = 24, /* switch */
		[0x10] = 8,  /* interrupt discovery and configuration */
		[0x11] = 4,  /* revision ID */
		[0x12] = 12, /* UnitID clumping */
		[0x13] = 12, /* extended configuration space access */
		[0x16] = 12, /* DirectRoute */
		[0x17] = 16, /* VCSet */
		[0x18] = 12, /* retry mode */
	};
	uint16_t word;

	if (!load16(m, HT_WORD, &word))
		return unknown(m);
	if (HT_TYPE3(word) == HT_SLAVE)
		return computed(HT_SLAVE_LEN);
	if (HT_TYPE3(word) == HT_HOST)
		return computed(HT_HOST_LEN);
	if (HT_TYPE5(word) == HT_ADDRESS_MAP)
		return len_ht_map(m, word);
	if (HT_TYPE5(word) == HT_MSI_MAP)
		return word & HT_MSI_FIXED ? at_most(HT_MSI_LEN) : computed(HT_MSI_LEN);
	return lengths[HT_TYPE5(word)] ? computed(lengths[HT_TYPE5(word)]) : unknown(m);
}

/* Vendor-specific capability (PCI Local Bus Specification 3.0, appendix H). */
#define VNDR_LENGTH 0x02u /* byte, which counts id, next pointer and itself */
#define VNDR_SHORTEST 3u
#define VNDR_INVALID_LEN 4u

static struct capgap_length len_vndr(const struct capgap_measure *m)
{
	uint8_t said;

	if (!load8(m, VNDR_LENGTH, &said))
		return unknown(m);
	if (said < VNDR_SHORTEST)
		return invalid(m, said, declared(VNDR_INVALID_LEN));
	return declared(said);
}

/* Secure device: only AMD's IOMMU has a published layout (AMD I/O Virtualization). */
#define VENDOR_AMD 0x1022u
#define CLASS_IOMMU 0x0806u
#define CLASS_SUB(class_code) ((class_code) >> 8)
#define SECDEV_IOMMU_LEN 24u

static struct capgap_length len_secdev(const struct capgap_measure *m)
{
	if (m->ctx->vendor == VENDOR_AMD && CLASS_SUB(m->ctx->class_code) == CLASS_IOMMU)
		return computed(SECDEV_IOMMU_LEN);
	return at_most(SECDEV_IOMMU_LEN);
}

/* PCI Express capability (PCI Express Base Specification, section 7.5.3). */
#define EXP_LEN 60u /* version 2 and later; registers that a type lacks read zero */
#define EXP_V1_LEN 12u
#define EXP_V1_LEN_LINK 20u
#define EXP_V1_LEN_SLOT 28u
#define EXP_V1_LEN_ROOT 36u

/* Version 1 ends where the registers of the type end. */
static struct capgap_length len_exp_v1(uint16_t flags)
{
	switch (EXP_TYPE(flags)) {
	case EXP_TYPE_RC_ENDPOINT:
		return computed(EXP_V1_LEN);
	case EXP_TYPE_ROOT_PORT:
	case EXP_TYPE_RC_COLLECTOR:
		return computed(EXP_V1_LEN_ROOT);
	case EXP_TYPE_DOWNSTREAM:
	case EXP_TYPE_FROM_PCI:
		return computed(flags & EXP_SLOT ? EXP_V1_LEN_SLOT : EXP_V1_LEN_LINK);
	case EXP_TYPE_ENDPOINT:
	case EXP_TYPE_LEGACY:
	case EXP_TYPE_UPSTREAM:
	case EXP_TYPE_TO_PCI:
		/* A slot that the type cannot have: the registers may be there too. */
		return flags & EXP_SLOT ? at_most(EXP_V1_LEN_SLOT) :
					  computed(EXP_V1_LEN_LINK);
	default:
		return at_most(EXP_V1_LEN_ROOT);
	}
}

static struct capgap_length len_exp(const struct capgap_measure *m)
{
	uint16_t flags;
	uint8_t low;

	/* The interrupt message number in the upper byte may change at any time. */
	if (!load8(m, EXP_FLAGS, &low))
		return unknown(m);
	if (EXP_VERSION(low) > 1)
		return computed(EXP_LEN);
	if (!load16(m, EXP_FLAGS, &flags))
		return unknown(m);
	if (EXP_VERSION(flags) == 1)
		return len_exp_v1(flags);
	capgap_findings_add(m->hits, CAPGAP_F_PCIE_VERSION, m->cap->off, EXP_LEN, 0, 0);
	return at_most(EXP_LEN);
}

/* SATA capability (Serial ATA AHCI 1.3, section 2.4): where index and data are. */
#define SATA_LOCATION 0x04u
#define SATA_BAR(location) (0xfu & (location))
#define SATA_INLINE 0xfu /* behind the capability, not in a BAR */
#define SATA_LEN 8u
#define SATA_LEN_INLINE 16u

static struct capgap_length len_sata(const struct capgap_measure *m)
{
	uint8_t location;

	if (!load8(m, SATA_LOCATION, &location))
		return unknown(m);
	return computed(SATA_BAR(location) == SATA_INLINE ? SATA_LEN_INLINE : SATA_LEN);
}

/* Advanced Features (ECN Advanced Capabilities for Conventional PCI): always 6. */
#define AF_LENGTH 0x02u /* byte */
#define AF_LEN 6u

static struct capgap_length len_af(const struct capgap_measure *m)
{
	uint8_t said;

	if (load8(m, AF_LENGTH, &said) && said != AF_LEN)
		capgap_findings_add(m->hits, CAPGAP_F_LENGTH_ODD, m->cap->off, AF_LEN,
				    said, AF_LEN);
	return fixed(AF_LEN);
}

/*
 * Enhanced Allocation (PCI Express Base Specification, section 7.8.5): entries
 * follow one another, each says its size; bridges have bus numbers before them.
 */
#define EA_NUM_ENTRIES 0x02u /* byte */
#define EA_COUNT(entries) (0x3fu & (entries))
#define EA_ENTRY_DWORDS(entry) (0x7u & (entry)) /* behind the entry's first dword */
#define EA_FIRST 4u
#define EA_FIRST_BRIDGE 8u
#define EA_DWORD 4u

static struct capgap_length len_ea(const struct capgap_measure *m)
{
	uint32_t len = m->ctx->header_type == HDR_BRIDGE ? EA_FIRST_BRIDGE : EA_FIRST;
	uint32_t entry;
	uint8_t entries;
	unsigned left;

	if (m->ctx->header_type == HDR_TYPE_UNREAD || !load8(m, EA_NUM_ENTRIES, &entries))
		return unknown(m);
	for (left = EA_COUNT(entries); left && in_space(m, len, EA_DWORD); left--) {
		if (!load32(m, len, &entry))
			return at_least(len + EA_DWORD * left);
		len += EA_DWORD * (EA_ENTRY_DWORDS(entry) + 1);
	}
	/* Entries behind the end of the space have their first dword at least. */
	return computed(len + EA_DWORD * left);
}

static const struct capgap_capdef rows[] = {
#define CAPGAP_CAP(id, symbol, min, rule, vfio, name)                                    \
	{ (id), (min), CAPGAP_VFIO_##vfio, (rule), #symbol, (name) },
#include "caps.def"
#undef CAPGAP_CAP
};

const struct capgap_captable capgap_caps_conv = { rows, sizeof(rows) / sizeof(rows[0]) };
