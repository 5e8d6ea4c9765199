/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * QEMU's steps, in QEMU's order; see qemu_replay.h. Comments name the function that a
 * step mirrors: hw/vfio/pci.c and hw/pci/pcie.c as of QEMU 10.2.2, and for the PASID
 * capability commits 49a2bed19b0e and 06b38473cda8 (QEMU 11.0).
 */
#include "qemu_replay.h"

#include <string.h>

#define STATUS 0x06u /* bit 4: there is a list of PCI-compatible capabilities */
#define CAP_POINTER 0x34u
#define ID_NULL 0x0000u
#define ID_ARI 0x000eu
#define ID_SRIOV 0x0010u
#define ID_REBAR 0x0015u
#define ID_PASID 0x001bu
#define ID_STUB 0xffffu

/**
 * struct machine - a vfio-pci device that is being realized
 * @hw: what the VFIO region reads
 * @config: QEMU's own configuration space, pdev->config
 * @emulated: the bits that the guest reads from @config; others come from @hw
 * @over: QEMU has come to its end, by @outcome
 * @outcome: how
 * @has_pasid: the device showed a PASID capability of its own
 */
struct machine {
	uint8_t hw[GUEST_SPACE];
	uint8_t config[GUEST_SPACE];
	uint8_t emulated[GUEST_SPACE];
	bool over;
	enum qemu_outcome outcome;
	bool has_pasid;
};

static void end(struct machine *m, enum qemu_outcome outcome)
{
	if (!m->over)
		m->outcome = outcome;
	m->over = true;
}

static void check(struct machine *m, bool holds)
{
	if (!holds)
		end(m, QEMU_ABORTS);
}

static void emulate(struct machine *m, unsigned off, uint32_t mask)
{
	guest_put32(m->emulated, off, guest_get32(m->emulated, off) | mask);
}

/*
 * The headers of a list are dwords of the space, so after as many hops as there are
 * dwords a walk without a guard will not end.
 */
static bool is_endless(struct machine *m, unsigned hops)
{
	if (hops > GUEST_SPACE / 4)
		end(m, QEMU_NEVER_ENDS);
	return m->over;
}

/*
 * vfio_ext_cap_max_size(): a capability reaches to the nearest header above it that the
 * device's list has, or to the end of the space. No guard against loops.
 */
static unsigned max_size(struct machine *m, unsigned pos)
{
	unsigned nearest = GUEST_SPACE;
	unsigned hops = 0;

	for (unsigned at = GUEST_EXT; at; at = GUEST_NEXT(guest_get32(m->hw, at))) {
		if (at > pos && at < nearest)
			nearest = at;
		if (is_endless(m, hops++))
			return 0;
	}
	return nearest - pos;
}

/*
 * pcie_find_capability_list() for the end of QEMU's own list: each header on the way is
 * asserted to lie in extended space with 8 bytes behind it.
 */
static unsigned last_in_list(struct machine *m)
{
	unsigned last = GUEST_EXT;
	unsigned hops = 0;

	for (unsigned at = GUEST_EXT; at; at = GUEST_NEXT(guest_get32(m->config, at))) {
		check(m, at >= GUEST_EXT && at <= GUEST_SPACE - 8);
		if (m->over || is_endless(m, hops++))
			return last;
		last = at;
	}
	return last;
}

/* pcie_ext_cap_set_next(): the pointer of an entry of QEMU's own list. */
static void set_next(struct machine *m, unsigned pos, unsigned next)
{
	uint32_t header = guest_get32(m->config, pos) & ~GUEST_NEXT_MASK;

	guest_put32(m->config, pos, header | (uint32_t)next << 20);
}

/* pcie_add_capability(): asserts the range, and appends to the tail of the list. */
static void add_capability(struct machine *m, unsigned id, unsigned version, unsigned off,
			   unsigned size)
{
	check(m, off >= GUEST_EXT);
	check(m, off + size <= GUEST_SPACE);
	check(m, size >= 8);
	if (m->over)
		return;
	if (off != GUEST_EXT)
		set_next(m, last_in_list(m), off);
	guest_put32(m->config, off, id | version << 16);
}

/*
 * vfio_setup_rebar_ecap(): of each BAR only its current size stays advertised, in a
 * register that the guest cannot change. A size outside 1 MB to 512 GB gives it up; what
 * was done to the BARs before it stays done.
 */
static bool setup_rebar(struct machine *m, unsigned pos)
{
	uint32_t control = guest_get32(m->config, pos + 8);
	unsigned bars = control >> 5 & 7;
	unsigned size;

	for (unsigned at = pos + 4; at < pos + 4 + 8 * bars; at += 8) {
		/* A read behind QEMU's buffer; what follows is anybody's guess. */
		check(m, at + 8 <= GUEST_SPACE);
		if (m->over)
			return false;
		control = guest_get32(m->config, at + 4);
		size = control >> 8 & 0x1f;
		if (size > 19) /* 2 to the power of 19 MB */
			return false;
		guest_put32(m->config, at, (uint32_t)1 << (size + 4));
		guest_put32(m->config, at + 4, control & (0x1f00 | 0x00e0 | 0x0007));
		emulate(m, at, ~(uint32_t)0);
		emulate(m, at + 4, ~(uint32_t)0);
	}
	return true;
}

/* vfio_add_ext_cap(), the switch: what becomes of one capability of the device. */
static void take_capability(struct machine *m, unsigned pos, uint32_t header)
{
	unsigned size = max_size(m, pos);

	if (m->over)
		return;
	emulate(m, pos, GUEST_NEXT_MASK);
	switch (GUEST_ID(header)) {
	case ID_NULL:
	case ID_SRIOV:
	case ID_ARI:
		return;
	case ID_REBAR:
		if (!setup_rebar(m, pos))
			return;
		break;
	case ID_PASID:
		m->has_pasid = true;
		break;
	default:
		break;
	}
	if (!m->over)
		add_capability(m, GUEST_ID(header), GUEST_VERSION(header), pos, size);
}

/*
 * pcie_insert_capability(): looks at the headers of QEMU's own list, up to the first that
 * stands above the offset, and at nothing else.
 */
static bool insert_capability(struct machine *m, unsigned off, uint32_t registers)
{
	unsigned pos = GUEST_EXT;
	unsigned prev = 0;
	unsigned hops = 0;
	uint32_t header = guest_get32(m->config, pos);

	if (off % 4 || off < GUEST_EXT || off + 8 > GUEST_SPACE)
		return false;
	if (!header && off != GUEST_EXT)
		return false;
	if (!header)
		pos = 0;
	while (header && pos && off >= pos) {
		if (off < pos + 4 || is_endless(m, hops++))
			return false;
		prev = pos;
		pos = GUEST_NEXT(header);
		header = pos ? guest_get32(m->config, pos) : 0;
	}
	guest_put32(m->config, off, ID_PASID | 1u << 16 | (uint32_t)pos << 20);
	if (prev)
		set_next(m, prev, off);
	guest_put32(m->config, off + 4, registers);
	/* vfio_pci_synthesize_pasid_cap(): the guest reads all 8 bytes from QEMU. */
	emulate(m, off, ~(uint32_t)0);
	emulate(m, off + 4, ~(uint32_t)0);
	return true;
}

/* vfio_add_ext_cap(), its last step: a stub that is still there becomes a null header. */
static void clean_head(struct machine *m)
{
	uint32_t head = guest_get32(m->config, GUEST_EXT);

	if (GUEST_ID(head) == ID_STUB)
		guest_put32(m->config, GUEST_EXT, head & ~(uint32_t)0xffff);
}

/* vfio_pci_read_config(): the guest reads emulated bits from QEMU, others from the device. */
static void read_config(const struct machine *m, uint8_t *out)
{
	for (unsigned i = 0; i < GUEST_SPACE; i++)
		out[i] = (uint8_t)((m->config[i] & m->emulated[i]) |
				   (m->hw[i] & ~m->emulated[i]));
}

/* vfio_add_ext_cap(), its loop: the stub first, then the device's list in its order. */
static void take_list(struct machine *m)
{
	uint32_t header;
	unsigned hops = 0;

	guest_put32(m->config, GUEST_EXT, ID_STUB);
	emulate(m, GUEST_EXT, ~(uint32_t)0);
	for (unsigned pos = GUEST_EXT; pos && !is_endless(m, hops++);
	     pos = GUEST_NEXT(header)) {
		header = guest_get32(m->hw, pos);
		take_capability(m, pos, header);
	}
}

/*
 * vfio_pci_add_capabilities() does nothing without PCI-compatible capabilities,
 * vfio_add_ext_cap() nothing without extended space or where its first dword reads 0.
 */
static bool has_lists(const struct machine *m, unsigned size)
{
	return m->config[STATUS] & 0x10 && m->config[CAP_POINTER] &&
	       size == GUEST_SPACE && guest_get32(m->config, GUEST_EXT);
}

void qemu_replay(struct qemu_guest *out, const uint8_t *view, unsigned size,
		 unsigned property, uint32_t registers)
{
	static struct machine m;
	static struct machine bare;
	bool lists;

	memset(&m, 0, sizeof(m));
	memcpy(m.hw, view, GUEST_SPACE);
	memcpy(m.config, view, GUEST_SPACE);
	memset(out, 0, sizeof(*out));
	out->outcome = QEMU_SKIPPED;
	out->offset = (uint16_t)(property ? property : GUEST_SPACE - 8);
	lists = has_lists(&m, size);
	if (lists)
		take_list(&m);
	if (m.over) {
		out->outcome = m.outcome;
		return;
	}
	bare = m;
	clean_head(&bare);
	read_config(&bare, out->bare);
	if (lists && !m.has_pasid)
		out->outcome = insert_capability(&m, out->offset, registers) ?
				       QEMU_PLACED :
				       QEMU_REFUSED;
	if (m.over)
		out->outcome = m.outcome;
	clean_head(&m);
	read_config(&m, out->bytes);
}

const char *qemu_outcome_name(enum qemu_outcome outcome)
{
	static const char *const name[] = { "skipped", "refused", "placed", "aborts",
					    "never ends" };

	return name[outcome];
}
