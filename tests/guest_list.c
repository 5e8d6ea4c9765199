/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The extended list on plain bytes; see guest_list.h. */
#include "guest_list.h"

#include <stddef.h>

uint32_t guest_get32(const uint8_t *bytes, unsigned off)
{
	return (uint32_t)bytes[off] | (uint32_t)bytes[off + 1] << 8 |
	       (uint32_t)bytes[off + 2] << 16 | (uint32_t)bytes[off + 3] << 24;
}

void guest_put32(uint8_t *bytes, unsigned off, uint32_t val)
{
	for (unsigned i = 0; i < 4; i++)
		bytes[off + i] = (uint8_t)(val >> 8 * i);
}

void guest_list_walk(struct guest_list *list, const uint8_t *bytes)
{
	unsigned off = GUEST_EXT;
	unsigned hops = 0;
	uint32_t header;

	list->n = 0;
	list->ends = true;
	while (off) {
		/* More hops than dwords: some header was met twice. */
		if (off < GUEST_EXT || hops++ == GUEST_ENTRIES_MAX) {
			list->ends = false;
			return;
		}
		header = guest_get32(bytes, off);
		if (GUEST_ID(header)) {
			list->entry[list->n++] = (struct guest_entry){
				(uint16_t)off, (uint16_t)GUEST_ID(header),
				(uint16_t)GUEST_VERSION(header)
			};
		}
		off = GUEST_NEXT(header);
	}
}

/*
 * Lengths of the PCI Express Base Specification, as Linux pci_regs.h and QEMU
 * pcie_regs.h name them.
 */
static const struct {
	uint16_t id;
	uint16_t len;
} fixed[] = {
	{ 0x0003, 12 }, /* serial number */
	{ 0x0004, 16 }, /* power budgeting */
	{ 0x0006, 12 }, /* internal link control */
	{ 0x000c, 8 },	/* access correlation */
	{ 0x000e, 8 },	/* ARI */
	{ 0x000f, 8 },	/* ATS */
	{ 0x0010, 64 }, /* SR-IOV */
	{ 0x0013, 16 }, /* PRI */
	{ 0x0018, 8 },	/* LTR */
	{ 0x001b, 8 },	/* PASID */
	{ 0x001c, 8 },	/* LN requester */
	{ 0x001f, 12 }, /* PTM */
	{ 0x0021, 16 }, /* FRS */
	{ 0x0022, 12 }, /* readiness time */
	{ 0x0025, 12 }, /* data link feature */
	{ 0x0029, 16 }, /* NPEM */
	{ 0x002e, 24 }, /* DOE */
	{ 0x002f, 16 }, /* device 3 */
};

unsigned guest_length(const uint8_t *bytes, const struct guest_entry *entry)
{
	uint32_t second;

	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++) {
		if (fixed[i].id == entry->id)
			return fixed[i].len;
	}
	if (entry->off > GUEST_SPACE - 12)
		return 0;
	second = guest_get32(bytes, entry->off + 4u);
	switch (entry->id) {
	case 0x000b: /* VSEC: its Length field */
	case 0x0023: /* DVSEC: the same */
		return second >> 20;
	case 0x000d: /* ACS: 8 without egress control (bit 5) */
		return second & 0x20 ? 0 : 8;
	case 0x0015: /* resizable BAR: so many pairs of registers as 7:5 of the first control */
		return 4 + 8 * (guest_get32(bytes, entry->off + 8u) >> 5 & 7);
	case 0x0017: /* TPH: 12 where the steering table is elsewhere */
		return (second >> 9 & 3) == 1 ? 0 : 12;
	default:
		return 0;
	}
}

bool guest_entry_holds(const uint8_t *bytes, const struct guest_entry *entry,
		       unsigned off, unsigned len)
{
	unsigned own = guest_length(bytes, entry);

	/* A structure holds its padding: what follows begins on a dword. */
	own = own < 4 ? 4 : (own + 3) & ~3u;
	return off < entry->off + own && entry->off < off + len;
}

static bool same_entry(const struct guest_entry *a, const struct guest_entry *b)
{
	return a->off == b->off && a->id == b->id && a->version == b->version;
}

bool guest_is_sound(const uint8_t *before, const uint8_t *after, unsigned off,
		    unsigned id, unsigned len)
{
	static struct guest_list was;
	static struct guest_list is;
	unsigned met = 0;
	unsigned n = 0;

	guest_list_walk(&was, before);
	guest_list_walk(&is, after);
	if (!is.ends)
		return false;
	for (unsigned i = 0; i < is.n; i++) {
		if (is.entry[i].off == off && is.entry[i].id == id)
			met++;
		else if (n == was.n || !same_entry(&is.entry[i], &was.entry[n++]))
			return false;
	}
	for (unsigned i = 0; i < was.n; i++) {
		if (guest_entry_holds(before, &was.entry[i], off, len))
			return false;
	}
	return met == 1 && n == was.n;
}
