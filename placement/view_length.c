/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How many bytes of a capability vfio-pci takes for its own. */
#include "view_length.h"

#include "../analyzer/bytes.h"
#include "../analyzer/header.h"

/* A capability whose length is asked for. */
struct measure {
	const struct capgap_image *img;
	unsigned off;
	bool unread;
};

/* Registers that decide; 0, and noted, where they were not read. */
static uint8_t byte_at(struct measure *m, unsigned at)
{
	uint8_t val = 0;

	m->unread |= !capgap_get8(m->img, m->off + at, &val);
	return val;
}

static uint32_t dword_at(struct measure *m, unsigned at)
{
	uint32_t val = 0;

	m->unread |= !capgap_get32(m->img, m->off + at, &val);
	return val;
}

/* Message Control: 64-bit addresses and per-vector masks make it longer. */
static unsigned len_msi(struct measure *m)
{
	unsigned control = byte_at(m, 2) | (unsigned)byte_at(m, 3) << 8;

	return 10u + (control & 0x0080u ? 4u : 0u) + (control & 0x0100u ? 10u : 0u);
}

static unsigned len_pcix(struct measure *m)
{
	return (unsigned)byte_at(m, 3) << 8 & PCIX_COMMAND_VERSION ? 24 : 8;
}

static unsigned len_ht(struct measure *m)
{
	return byte_at(m, 3) & 0xe0u ? 24 : 28;
}

/* It states its own length; 0 hides it. One that was not read is taken for its header. */
static unsigned len_vndr(struct measure *m)
{
	unsigned len = byte_at(m, 2);

	return m->unread ? 3 : len;
}

/* An endpoint inside the root complex has no link. */
static unsigned len_exp(struct measure *m)
{
	uint8_t flags = byte_at(m, EXP_FLAGS);
	bool is_inside = EXP_TYPE(flags) == EXP_TYPE_RC_ENDPOINT;

	if (EXP_VERSION(flags) == 1)
		return is_inside ? 0x0c : 20;
	return is_inside ? 0x2c : 0x34;
}

static unsigned len_sata(struct measure *m)
{
	return (byte_at(m, 4) & 0xfu) == 0xfu ? 16 : 8;
}

/* VC, MFVC and VC9: a base, each channel, and the arbitration table of the port. */
static unsigned len_vc(struct measure *m)
{
	unsigned len = 0x10u + (1u + (dword_at(m, 4) & 7u)) * 0xcu;
	uint32_t arbitration = dword_at(m, 8);
	unsigned phases = 0;

	if (arbitration & 8u)
		phases = 128;
	else if (arbitration & 4u)
		phases = 64;
	else if (arbitration & 2u)
		phases = 32;
	return phases ? ((len + 15u) & ~15u) + phases * 4u / 8u : len;
}

/* VSEC and DVSEC state their own length in bits 31:20; 0 hides them. */
static unsigned len_vendor(struct measure *m)
{
	unsigned len = dword_at(m, 4) >> 20;

	return m->unread ? 8 : len;
}

static unsigned len_acs(struct measure *m)
{
	unsigned bits;

	if (!(byte_at(m, 4) & 0x20u))
		return 8;
	bits = byte_at(m, 5);
	return 8u + (bits ? (bits + 31u) & ~31u : 256u) / 8u;
}

static unsigned len_rebar(struct measure *m)
{
	return 4u + (byte_at(m, 8) >> 5) * 8u;
}

static unsigned len_dpa(struct measure *m)
{
	return 16u + (byte_at(m, 4) & 0x1fu) + 1u;
}

/* The steering tags count where they stand in the capability itself. */
static unsigned len_tph(struct measure *m)
{
	uint32_t requester = dword_at(m, 4);

	if ((requester & 0x600u) != 0x200u)
		return 12;
	return 12u + 2u * (requester >> 16 & 0x7ffu) + 2u;
}

/* One kind that the kernel shows; without a rule @len is the length. */
struct row {
	uint16_t id;
	uint16_t len;
	unsigned (*rule)(struct measure *m);
};

static const struct row conv_rows[] = {
	{ CAPGAP_CAP_PM, 8, NULL },	  { CAPGAP_CAP_AGP, 12, NULL },
	{ CAPGAP_CAP_VPD, 8, NULL },	  { CAPGAP_CAP_MSI, 0, len_msi },
	{ CAPGAP_CAP_PCIX, 0, len_pcix }, { CAPGAP_CAP_HT, 0, len_ht },
	{ CAPGAP_CAP_VNDR, 0, len_vndr }, { CAPGAP_CAP_EXP, 0, len_exp },
	{ CAPGAP_CAP_MSIX, 12, NULL },	  { CAPGAP_CAP_SATA, 0, len_sata },
	{ CAPGAP_CAP_AF, 6, NULL },
};

static const struct row ext_rows[] = {
	{ CAPGAP_ECAP_AER, 0x2c, NULL },     { CAPGAP_ECAP_VC, 0, len_vc },
	{ CAPGAP_ECAP_DSN, 12, NULL },	     { CAPGAP_ECAP_PWR, 16, NULL },
	{ CAPGAP_ECAP_MFVC, 0, len_vc },     { CAPGAP_ECAP_VC9, 0, len_vc },
	{ CAPGAP_ECAP_VSEC, 0, len_vendor }, { CAPGAP_ECAP_ACS, 0, len_acs },
	{ CAPGAP_ECAP_ARI, 8, NULL },	     { CAPGAP_ECAP_ATS, 8, NULL },
	{ CAPGAP_ECAP_SRIOV, 0x40, NULL },   { CAPGAP_ECAP_MCAST, 40, NULL },
	{ CAPGAP_ECAP_PRI, 16, NULL },	     { CAPGAP_ECAP_REBAR, 0, len_rebar },
	{ CAPGAP_ECAP_DPA, 0, len_dpa },     { CAPGAP_ECAP_TPH, 0, len_tph },
	{ CAPGAP_ECAP_LTR, 8, NULL },	     { CAPGAP_ECAP_DVSEC, 0, len_vendor },
};

static const struct row *find_row(enum capgap_space space, unsigned id)
{
	const struct row *rows = space == CAPGAP_EXT ? ext_rows : conv_rows;
	size_t n = space == CAPGAP_EXT ? sizeof(ext_rows) / sizeof(ext_rows[0]) :
					 sizeof(conv_rows) / sizeof(conv_rows[0]);

	for (size_t i = 0; i < n; i++) {
		if (rows[i].id == id)
			return &rows[i];
	}
	return NULL;
}

unsigned capgap_view_length(const struct capgap_image *img, enum capgap_space space,
			    unsigned off, unsigned id, enum capgap_kernel kernel,
			    bool *unread)
{
	const struct capgap_capdef *def = capgap_caps_def(space, id);
	const struct row *row = find_row(space, id);
	struct measure m = { img, off, false };
	unsigned len;

	if (!def || def->vfio == CAPGAP_VFIO_HIDDEN || !row)
		return 0;
	if (def->vfio == CAPGAP_VFIO_SHOWN_6_4 && kernel == CAPGAP_KERNEL_OLD)
		return 0;
	len = row->rule ? row->rule(&m) : row->len;
	*unread |= m.unread;
	return len;
}
