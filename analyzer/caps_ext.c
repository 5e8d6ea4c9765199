/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The extended capabilities, and the length of each that varies. Structures
 * are those of the PCI Express Base Specification where no other is named.
 */
#include "caps_rules.h"

/* Every register here that is not said to be a byte or a word is a dword. */
#define REG_FIRST 0x04u /* the dword behind the header */

/* Device Capabilities 2, in the PCI Express capability from version 2 on. */
#define EXP_DEVCAP2 0x24u
#define DEVCAP2_PREFIX 0x00200000u /* End-End TLP Prefix Supported */

/* Flags of the function's PCI Express capability; false when it has none. */
static bool pcie_flags(const struct capgap_measure *m, uint16_t *flags)
{
	struct capgap_cap exp = { .space = CAPGAP_CONV, .off = m->ctx->pcie };
	struct capgap_measure at = { m->img, m->ctx, &exp, NULL, m->unsteady };

	return m->ctx->pcie && load16(&at, EXP_FLAGS, flags);
}

/* The same one's Device Capabilities 2, when its flags are known. */
static bool pcie_devcap2(const struct capgap_measure *m, uint32_t *devcap2)
{
	struct capgap_cap exp = { .space = CAPGAP_CONV, .off = m->ctx->pcie };
	struct capgap_measure at = { m->img, m->ctx, &exp, NULL, m->unsteady };

	return load32(&at, EXP_DEVCAP2, devcap2);
}

/* The header's byte with the version in it, which some lengths rest on. */
#define EXT_VERSION_AT 0x02u

static unsigned version_of(const struct capgap_measure *m)
{
	rest_on(m, EXT_VERSION_AT, 1);
	return m->cap->version;
}

/* Advanced Error Reporting: its ends. */
#define AER_LEN 0x2cu	     /* behind the header log */
#define AER_LEN_ROOT 0x38u   /* behind the root registers */
#define AER_LEN_PREFIX 0x48u /* behind the TLP prefix log */
#define AER_LEN_BRIDGE 0x4cu /* behind a bridge's secondary registers; one source */
#define AER_LEN_FLIT 0x60u   /* behind the Flit header log */

static struct capgap_length len_aer(const struct capgap_measure *m)
{
	bool first = version_of(m) == 1;
	uint32_t devcap2 = 0;
	uint16_t flags;

	if (!pcie_flags(m, &flags))
		return at_most(first ? AER_LEN_ROOT : AER_LEN_PREFIX);
	/* A Flit-mode function seen ends at 0x48, so this is an upper bound. */
	if (flags & EXP_FLIT)
		return at_most(AER_LEN_FLIT);
	if (EXP_TYPE(flags) == EXP_TYPE_TO_PCI)
		return at_most(AER_LEN_BRIDGE);
	if (EXP_VERSION(flags) != 1 && !pcie_devcap2(m, &devcap2))
		return at_most(AER_LEN_PREFIX);
	if (devcap2 & DEVCAP2_PREFIX)
		return computed(AER_LEN_PREFIX);
	/* Version 2 does not prove a prefix log: an endpoint has a neighbour at 0x38. */
	if (!first)
		return at_most(AER_LEN_PREFIX);
	if (EXP_TYPE(flags) == EXP_TYPE_ROOT_PORT ||
	    EXP_TYPE(flags) == EXP_TYPE_RC_COLLECTOR)
		return computed(AER_LEN_ROOT);
	return computed(AER_LEN);
}

/*
 * Virtual Channel, Multi-Function Virtual Channel. Extended VC Count leaves VC0
 * out; Port Arbitration Table Entry Size is the exponent of a power of two.
 */
#define VC_COUNT(cap1) ((0x7u & (cap1)) + 1)
#define VC_ENTRY_BITS(cap1) (1u << ((cap1) >> 10 & 0x3u))
#define VC_CAP2 0x08u /* Port VC Capability Register 2 */
#define VC_RESOURCES 0x10u
#define VC_RESOURCE_LEN 0x0cu
#define VC_RESOURCE(n) (VC_RESOURCES + VC_RESOURCE_LEN * (n))
#define VC_TABLE(reg) ((reg) >> 24) /* Arbitration Table Offset, in units of 16 bytes */
#define VC_TABLE_UNIT 16u
#define VC_PHASES_PORT 3u     /* last phase bit of Port VC Capability Register 2 */
#define VC_PHASES_RESOURCE 5u /* last phase bit of a VC Resource Capability Register */
#define VC_PHASE_BITS 4u      /* each phase of the VC arbitration table */

/*
 * End of the arbitration table that @reg places, with the largest number of
 * phases it offers; 0 when it places none. Where no phase bit up to @last is
 * set the table has no size: 0, and @lost is where the first of them is.
 */
static uint32_t vc_table_end(uint32_t reg, unsigned last, uint32_t phase_bits,
			     uint32_t *lost)
{
	static const uint16_t phases[] = { 0, 32, 64, 128, 128, 256 };
	uint32_t place = VC_TABLE_UNIT * VC_TABLE(reg);

	if (!place)
		return 0;
	for (unsigned bit = last; bit > 0; bit--) {
		if (reg >> bit & 1u)
			return place + phases[bit] * phase_bits / 8;
	}
	if (!*lost)
		*lost = place;
	return 0;
}

static uint32_t greater(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

/*
 * The tables are where their offsets say, whatever the low-priority count is:
 * a switch port has count 0 and a table. A hole before a table is owned.
 */
static struct capgap_length len_vc(const struct capgap_measure *m)
{
	uint32_t cap1, reg, len, end;
	uint32_t lost = 0;
	unsigned n;

	if (!load32(m, REG_FIRST, &cap1))
		return unknown(m);
	n = VC_COUNT(cap1);
	len = VC_RESOURCE(n);
	if (!load32(m, VC_CAP2, &reg))
		return at_least(len);
	end = vc_table_end(reg, VC_PHASES_PORT, VC_PHASE_BITS, &lost);
	for (unsigned i = 0; i < n; i++) {
		if (!load32(m, VC_RESOURCE(i), &reg))
			return at_least(VC_RESOURCE(n));
		len = greater(len, end);
		end = vc_table_end(reg, VC_PHASES_RESOURCE, VC_ENTRY_BITS(cap1), &lost);
	}
	len = greater(len, end);
	if (lost)
		capgap_findings_add(m->hits, CAPGAP_F_VC_TABLE, m->cap->off, len,
				    m->cap->off + lost, 0);
	/* The resources' registers are certain; how long the tables are is not. */
	return between(VC_RESOURCE(n), len);
}

/* Root Complex Link Declaration: Element Self Description. */
#define RCLINK_ENTRIES(self) ((self) >> 8 & 0xffu)
#define RCLINK_LEN 0x10u
#define RCLINK_ENTRY 0x10u

static struct capgap_length len_rclink(const struct capgap_measure *m)
{
	uint32_t self;

	if (!load32(m, REG_FIRST, &self))
		return unknown(m);
	return computed(RCLINK_LEN + RCLINK_ENTRY * RCLINK_ENTRIES(self));
}

/* Version 0 is not legal and says nothing of the layout: the longer one then. */
static struct capgap_length len_by_version(const struct capgap_measure *m, uint32_t first,
					   uint32_t later)
{
	unsigned version = version_of(m);

	if (version == 0)
		return at_most(later);
	return computed(version == 1 ? first : later);
}

/* Root Complex Event Collector Endpoint Association: version 2 adds bus numbers. */
static struct capgap_length len_rcec(const struct capgap_measure *m)
{
	return len_by_version(m, 8, 12);
}

/* L1 PM Substates: version 2 adds a status register. */
static struct capgap_length len_l1ss(const struct capgap_measure *m)
{
	return len_by_version(m, 16, 20);
}

/* Vendor-Specific Extended Capability: its length counts both headers. */
#define VSEC_LENGTH(header) ((header) >> 20)
#define VSEC_SHORTEST 8u

static struct capgap_length len_vsec(const struct capgap_measure *m)
{
	uint32_t header;

	if (!load32(m, REG_FIRST, &header))
		return unknown(m);
	if (VSEC_LENGTH(header) < VSEC_SHORTEST)
		return invalid(m, VSEC_LENGTH(header), at_least(VSEC_SHORTEST));
	return declared(VSEC_LENGTH(header));
}

/* Access Control Services: capability word, and size of the egress vector in bits. */
#define ACS_EGRESS 0x0020u
#define ACS_VECTOR_BITS(cap) ((cap) >> 8 ? (cap) >> 8 : 256u) /* 0 means 256 */
#define ACS_LEN 8u
#define ACS_LEN_DWORDS 12u /* with the erratum: capability and control are dwords */
#define VENDOR_INTEL 0x8086u

/* Root ports of Intel 100 and 200 series and of mobile chipsets of those years. */
static bool acs_is_dwords(const struct capgap_context *ctx)
{
	static const struct {
		uint16_t first, last;
	} ids[] = {
		{ 0x9d10, 0x9d1b }, { 0xa110, 0xa11f }, { 0xa167, 0xa16a },
		{ 0xa290, 0xa29f }, { 0xa2e7, 0xa2ee },
	};

	for (unsigned i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		if (ctx->vendor == VENDOR_INTEL && ctx->device >= ids[i].first &&
		    ctx->device <= ids[i].last)
			return true;
	}
	return false;
}

static struct capgap_length len_acs(const struct capgap_measure *m)
{
	uint16_t flags;
	uint16_t cap;

	if (acs_is_dwords(m->ctx)) {
		if (!pcie_flags(m, &flags))
			return at_most(ACS_LEN_DWORDS);
		if (EXP_TYPE(flags) == EXP_TYPE_ROOT_PORT)
			return computed(ACS_LEN_DWORDS);
	}
	if (!load16(m, ACS_CAPABILITY, &cap))
		return unknown(m);
	if (!(cap & ACS_EGRESS))
		return computed(ACS_LEN);
	return computed(ACS_LEN + (ACS_VECTOR_BITS(cap) + 31) / 32 * 4);
}

/* Multicast: ports have an overlay BAR, and some tools count it for every type. */
#define MCAST_LEN_PORT 0x30u

static struct capgap_length len_mcast(const struct capgap_measure *m)
{
	uint16_t flags;

	if (!pcie_flags(m, &flags))
		return at_most(MCAST_LEN_PORT);
	switch (EXP_TYPE(flags)) {
	case EXP_TYPE_ROOT_PORT:
	case EXP_TYPE_UPSTREAM:
	case EXP_TYPE_DOWNSTREAM:
		return computed(MCAST_LEN_PORT);
	default:
		return at_most(MCAST_LEN_PORT);
	}
}

/* Resizable BAR, VF Resizable BAR: the first control register counts the BARs. */
#define REBAR_CONTROL 0x08u /* its lowest byte */
#define REBAR_COUNT(control) ((control) >> 5 & 0x7u)
#define REBAR_COUNT_MAX 6u
#define REBAR_LEN(count) (4u + 8u * (count))

static struct capgap_length len_rebar(const struct capgap_measure *m)
{
	uint8_t control;

	/* The size that is set, in the next byte, is no part of this. */
	if (!load8(m, REBAR_CONTROL, &control))
		return unknown(m);
	if (REBAR_COUNT(control) == 0)
		return invalid(m, 0, at_most(REBAR_LEN(REBAR_COUNT_MAX)));
	if (REBAR_COUNT(control) > REBAR_COUNT_MAX)
		return invalid(m, REBAR_COUNT(control),
			       computed(REBAR_LEN(REBAR_COUNT(control))));
	return computed(REBAR_LEN(REBAR_COUNT(control)));
}

/* Dynamic Power Allocation: a byte a substate; the field is the number of the last. */
#define DPA_SUBSTATES(cap) ((0x1fu & (cap)) + 1)
#define DPA_LEN 0x10u

static struct capgap_length len_dpa(const struct capgap_measure *m)
{
	uint32_t cap;

	if (!load32(m, REG_FIRST, &cap))
		return unknown(m);
	return computed(DPA_LEN + DPA_SUBSTATES(cap));
}

/* TPH Requester: place of the steering tag table, and the number of its last entry. */
#define TPH_TABLE(cap) ((cap) >> 9 & 0x3u)
#define TPH_TABLE_HERE 1u
#define TPH_ENTRIES(cap) (((cap) >> 16 & 0x7ffu) + 1)
#define TPH_LEN 0x0cu
#define TPH_ENTRY 2u

static struct capgap_length len_tph(const struct capgap_measure *m)
{
	uint32_t cap;

	if (!load32(m, REG_FIRST, &cap))
		return unknown(m);
	if (TPH_TABLE(cap) != TPH_TABLE_HERE)
		return computed(TPH_LEN);
	return computed(TPH_LEN + TPH_ENTRY * TPH_ENTRIES(cap));
}

/*
 * Structures with a part for each lane. Real ports implement more lanes than
 * the link width of the PCI Express capability says, so all 32 are counted.
 */
static struct capgap_length len_lanes(const struct capgap_measure *m)
{
	switch (m->cap->id) {
	case CAPGAP_ECAP_SECPCI:
		return at_most(0x0c + 2 * 32);
	case CAPGAP_ECAP_LMR:
		return at_most(0x08 + 4 * 32);
	case CAPGAP_ECAP_PL64G:
	case CAPGAP_ECAP_PL128G:
		return at_most(0x10 + 32);
	default:
		return at_most(0x20 + 32); /* 16 and 32 GT/s */
	}
}

/* Protocol Multiplexing. */
#define PMUX_PROTOCOLS(cap) (0x3fu & (cap))
#define PMUX_LEN 0x10u
#define PMUX_ENTRY 4u

static struct capgap_length len_pmux(const struct capgap_measure *m)
{
	uint32_t cap;

	if (!load32(m, REG_FIRST, &cap))
		return unknown(m);
	return computed(PMUX_LEN + PMUX_ENTRY * PMUX_PROTOCOLS(cap));
}

/* Downstream Port Containment: RP PIO Log Size counts dwords, bit 13 is its fifth bit. */
#define DPC_CAPABILITY 0x04u  /* word */
#define DPC_ROOT_PORT 0x0020u /* RP Extensions */
#define DPC_LOG_DWORDS(cap) (((cap) >> 8 & 0xfu) | ((cap) >> 13 & 1u) << 4)
#define DPC_LOG_DEFAULT 4u
#define DPC_LEN 0x0cu
#define DPC_LEN_ROOT_PORT 0x20u

static struct capgap_length len_dpc(const struct capgap_measure *m)
{
	uint32_t dwords;
	uint16_t cap;

	if (!load16(m, DPC_CAPABILITY, &cap))
		return unknown(m);
	if (!(cap & DPC_ROOT_PORT))
		return computed(DPC_LEN);
	dwords = DPC_LOG_DWORDS(cap);
	if (!dwords) {
		/* Firmware of some ports clears the field; the header log has four. */
		dwords = DPC_LOG_DEFAULT;
		capgap_findings_add(m->hits, CAPGAP_F_DPC_LOG, m->cap->off,
				    DPC_LEN_ROOT_PORT + 4 * dwords, 0, 0);
	}
	return computed(DPC_LEN_ROOT_PORT + 4 * dwords);
}

/* Designated Vendor-Specific Extended Capability: its length counts all three headers. */
#define DVSEC_VENDOR(header) (0xffffu & (header))
#define DVSEC_REVISION(header) ((header) >> 16 & 0xfu)
#define DVSEC_LENGTH(header) ((header) >> 20)
#define DVSEC_ID 0x08u /* word */
#define DVSEC_SHORTEST 10u
#define DVSEC_INVALID_LEN 12u

/* CXL structures (Compute Express Link Specification, section 8.1). */
#define VENDOR_CXL 0x1e98u
#define CXL_LOCATOR 8u
#define CXL_LOCATOR_LEN 0x0cu
#define CXL_LOCATOR_BLOCK 8u

/* Length of a CXL structure of which @said states its own; 0 for a kind not known. */
static uint32_t cxl_expected(unsigned id, unsigned revision, uint32_t said)
{
	/* Ascending by id, then by the first revision that has the length. */
	static const struct {
		uint8_t id, revision, len;
	} kinds[] = {
		{ 0, 0, 0x38 }, { 0, 2, 0x3c }, { 2, 0, 0x2c }, { 3, 0, 0x28 },
		{ 4, 0, 0x10 }, { 5, 0, 0x10 }, { 7, 0, 0x10 }, { 7, 1, 0x14 },
		{ 7, 2, 0x20 }, { 9, 0, 0x10 },
	};
	uint32_t len = 0;

	/* A locator has one block at least; how many, only the length says. */
	if (id == CXL_LOCATOR && said < CXL_LOCATOR_LEN + CXL_LOCATOR_BLOCK)
		return CXL_LOCATOR_LEN + CXL_LOCATOR_BLOCK;
	if (id == CXL_LOCATOR)
		return said - (said - CXL_LOCATOR_LEN) % CXL_LOCATOR_BLOCK;
	for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (kinds[i].id == id && kinds[i].revision <= revision)
			len = kinds[i].len;
	}
	return len;
}

static struct capgap_length len_dvsec(const struct capgap_measure *m)
{
	uint32_t expected = 0;
	uint32_t header, said;
	uint16_t id;

	if (!load32(m, REG_FIRST, &header))
		return unknown(m);
	said = DVSEC_LENGTH(header);
	if (said < DVSEC_SHORTEST)
		return invalid(m, said, at_least(DVSEC_INVALID_LEN));
	if (DVSEC_VENDOR(header) == VENDOR_CXL && load16(m, DVSEC_ID, &id))
		expected = cxl_expected(id, DVSEC_REVISION(header), said);
	if (expected && said != expected)
		capgap_findings_add(m->hits, CAPGAP_F_LENGTH_ODD, m->cap->off, said, said,
				    expected);
	return declared(said);
}

/* Alternate Protocol: the size of the mask has one source. */
#define ALTP_COUNT(cap) (0xffu & (cap))
#define ALTP_MASK 0x00000100u /* Selective Enable Supported */
#define ALTP_LEN 0x14u

static struct capgap_length len_altp(const struct capgap_measure *m)
{
	uint32_t cap, dwords;

	if (!load32(m, REG_FIRST, &cap))
		return unknown(m);
	if (!(cap & ALTP_MASK))
		return computed(ALTP_LEN);
	dwords = (ALTP_COUNT(cap) + 31) / 32;
	return at_most(ALTP_LEN + 4 * (dwords ? dwords : 1));
}

/*
 * Integrity and Data Encryption: link streams, then selective streams, each of
 * which says how many address association blocks it has.
 */
#define IDE_LINK 0x1u
#define IDE_SELECTIVE 0x2u
#define IDE_LINK_STREAMS(cap) (((cap) >> 13 & 0x7u) + 1)
#define IDE_SELECTIVE_STREAMS(cap) (((cap) >> 16 & 0xffu) + 1)
#define IDE_BLOCKS(stream) (0xfu & (stream))
#define IDE_LEN 0x0cu
#define IDE_LINK_LEN 8u
#define IDE_SELECTIVE_LEN 0x14u
#define IDE_BLOCK_LEN 0x0cu

static struct capgap_length len_ide(const struct capgap_measure *m)
{
	uint32_t len = IDE_LEN;
	uint32_t cap, stream;
	unsigned left;

	if (!load32(m, REG_FIRST, &cap))
		return unknown(m);
	if (cap & IDE_LINK)
		len += IDE_LINK_LEN * IDE_LINK_STREAMS(cap);
	left = cap & IDE_SELECTIVE ? IDE_SELECTIVE_STREAMS(cap) : 0;
	for (; left && in_space(m, len, sizeof(stream)); left--) {
		if (!load32(m, len, &stream))
			return at_least(len + IDE_SELECTIVE_LEN * left);
		len += IDE_SELECTIVE_LEN + IDE_BLOCK_LEN * IDE_BLOCKS(stream);
	}
	/* Streams behind the end of the space have their own registers at least. */
	return computed(len + IDE_SELECTIVE_LEN * left);
}

/* Streamlined Virtual Channel. */
#define SVC_COUNT(cap) ((0x7u & (cap)) + 1)
#define SVC_LEN 0x14u
#define SVC_RESOURCE_LEN 0x0cu

static struct capgap_length len_svc(const struct capgap_measure *m)
{
	uint32_t cap;

	if (!load32(m, REG_FIRST, &cap))
		return unknown(m);
	return computed(SVC_LEN + SVC_RESOURCE_LEN * SVC_COUNT(cap));
}

/* MMIO Register Block Locator: its length counts the header. */
#define MRBL_LENGTH(locator) (0xfffu & (locator))
#define MRBL_SHORTEST 8u

static struct capgap_length len_mrbl(const struct capgap_measure *m)
{
	uint32_t locator;

	if (!load32(m, REG_FIRST, &locator))
		return unknown(m);
	if (MRBL_LENGTH(locator) < MRBL_SHORTEST)
		return invalid(m, MRBL_LENGTH(locator), at_least(MRBL_SHORTEST));
	return declared(MRBL_LENGTH(locator));
}

/* Newest structures: known from a proposal (SIOV) or from one table (Captured Data). */
static struct capgap_length len_max16(const struct capgap_measure *m)
{
	(void)m;
	return at_most(16);
}

static const struct capgap_capdef rows[] = {
#define CAPGAP_ECAP(id, symbol, min, rule, vfio, name)                                   \
	{ (id), (min), CAPGAP_VFIO_##vfio, (rule), #symbol, (name) },
#include "ecaps.def"
#undef CAPGAP_ECAP
};

const struct capgap_captable capgap_caps_ext = { rows, sizeof(rows) / sizeof(rows[0]) };
