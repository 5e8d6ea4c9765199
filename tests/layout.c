/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Random functions of which everything is known; see layout.h. */
#include "layout.h"

#include <stdio.h>
#include <string.h>

#include "prng.h"
#include "support.h"

#define VENDOR 0x7e57u
#define DESCRIPTOR_ID 0x0042u
#define ID_AER 0x0001u
#define ID_SRIOV 0x0010u
#define ID_PRI 0x0013u
#define ID_PASID 0x001bu
#define ID_DVSEC 0x0023u
#define ID_OF_NO_TABLE 0x0fffu
#define ID_OF_HIDDEN 0x001cu /* as long as PASID */

/*
 * Of neighbours of one kind that abut, vfio-pci does not tell where the second begins, and
 * shows the hardware's header there. Layouts keep them so many bytes apart.
 */
#define APART 16u

/**
 * struct kind - a structure that a layout can have
 * @id: capability id
 * @version: capability version
 * @len: bytes
 * @hidden: vfio-pci hides it
 * @noise: offset from which its bytes may hold anything; 0 where they must not
 * @second: its second dword, where that may not be anything
 */
struct kind {
	uint16_t id;
	uint16_t version;
	uint16_t len;
	bool hidden;
	uint16_t noise;
	uint32_t second;
};

static const struct kind kinds[] = {
	{ 0x000f, 1, 8, false, 0, 0x20 },
	{ 0x0018, 1, 8, false, 4, 0 },
	{ 0x000e, 1, 8, false, 0, 0 },
	{ 0x0003, 1, 12, false, 4, 0 },
	{ 0x0004, 1, 16, false, 4, 0 },
	{ 0x000d, 1, 8, false, 0, 0 },
	{ 0x0017, 1, 12, false, 0, 0 },
	{ 0x000b, 1, 28, false, 8, 0x01c00001 },
	{ ID_DVSEC, 1, 16, false, 12, 0x01001234 },
	{ ID_AER, 1, 44, false, 4, 0 },
	{ ID_AER, 2, 72, false, 0, 0 },
	{ 0x001f, 1, 12, true, 0, 0 },
	{ 0x0025, 1, 12, true, 4, 0 },
	{ 0x002f, 1, 16, true, 4, 0 },
	{ 0x002e, 1, 24, true, 0, 0 },
	{ 0x001e, 1, 16, true, 0, 0 },
	{ ID_OF_HIDDEN, 1, 8, true, 0, 0 },
	{ 0, 0, 4, true, 0, 0 },
	{ ID_OF_NO_TABLE, 1, 4, true, 0, 0 },
	/* Not for a virtual function. */
	{ ID_PRI, 1, 16, false, 0, 0 },
	{ ID_SRIOV, 1, 64, false, 0, 0 },
	{ ID_PASID, 1, 8, true, 0, 0 },
};

#define KINDS ((unsigned)(sizeof(kinds) / sizeof(kinds[0])))
#define KINDS_OF_VF (KINDS - 3)

static const struct {
	uint16_t off;
	uint16_t len;
	bool free;
	enum layout_quirk quirk;
} quirk_ranges[] = {
	{ 0x300, 0x40, false, LAYOUT_QUIRK_RESERVED },
	{ 0x240, 0x20, false, LAYOUT_QUIRK_BOTH },
	{ 0x800, 0x100, true, LAYOUT_QUIRK_FREE },
	{ 0x180, 0x200, true, LAYOUT_QUIRK_BOTH },
};

static void own(struct layout *l, unsigned off, unsigned len, enum layout_owner owner)
{
	for (unsigned i = off; i < off + len && i < GUEST_SPACE; i++) {
		if (l->owner[i] == LAYOUT_FREE || owner < LAYOUT_SHADOW)
			l->owner[i] = (uint8_t)owner;
	}
}

static bool is_reserved(const struct layout *l, unsigned off)
{
	for (size_t i = 0; i < sizeof(quirk_ranges) / sizeof(quirk_ranges[0]); i++) {
		if (!quirk_ranges[i].free && quirk_ranges[i].quirk == l->quirk &&
		    off - quirk_ranges[i].off < quirk_ranges[i].len)
			return true;
	}
	return false;
}

/* The next structure above @off, or the end of the space. */
static unsigned next_above(const struct layout *l, unsigned off)
{
	unsigned next = GUEST_SPACE;

	for (unsigned i = 0; i < l->n_caps; i++) {
		if (l->cap[i].off > off && l->cap[i].off < next)
			next = l->cap[i].off;
	}
	return next;
}

/* A cap of a kind, at an offset not chosen yet. */
static struct layout_cap any_cap(struct layout *l, uint32_t *state)
{
	const struct kind *k =
		&kinds[prng_below(state, l->pf_pasid ? KINDS_OF_VF : KINDS)];
	struct layout_cap cap = { .id = k->id, .version = k->version, .len = k->len };

	if (prng_one_in(state, 9)) {
		cap = (struct layout_cap){ .id = ID_DVSEC, .version = 1, .len = 12 };
		cap.form = 1 + prng_below(state, 2);
		if (cap.form == 2)
			cap.len = (uint16_t)(12 + 4 * prng_below(state, 5));
		cap.hidden_old = true;
		return cap;
	}
	cap.hidden = k->hidden;
	cap.hidden_old = k->hidden || k->id == ID_DVSEC;
	if (k->id == ID_PASID && l->slot)
		cap.id = ID_OF_HIDDEN;
	return cap;
}

static unsigned any_gap(uint32_t *state)
{
	switch (prng_below(state, 4)) {
	case 0:
		return 0;
	case 1:
		return 4 * prng_below(state, 8);
	case 2:
		return 4 * prng_below(state, 40);
	default:
		return 4 * prng_below(state, 160);
	}
}

/* Structures from 0x100 upwards. */
static void place_caps(struct layout *l, uint32_t *state)
{
	unsigned max = prng_one_in(state, 25) ? 0 : 1 + prng_below(state, 14);
	unsigned off = GUEST_EXT;
	struct layout_cap cap;

	while (l->n_caps < max) {
		cap = any_cap(l, state);
		if (l->n_caps && l->cap[l->n_caps - 1].id == cap.id)
			off += APART;
		if (off + cap.len > GUEST_SPACE)
			return;
		cap.off = (uint16_t)off;
		if (cap.id == ID_PASID)
			l->slot = cap.off;
		l->has_pri = l->has_pri || cap.id == ID_PRI;
		l->cap[l->n_caps++] = cap;
		off += cap.len + any_gap(state);
	}
}

/* The head stays; behind it the list goes in any order, and no null header ends it. */
static void order_caps(struct layout *l, uint32_t *state)
{
	struct layout_cap kept;
	unsigned other;

	for (unsigned i = prng_one_in(state, 3) ? l->n_caps : 0; i > 2; i--) {
		other = 1 + prng_below(state, i - 1);
		kept = l->cap[i - 1];
		l->cap[i - 1] = l->cap[other];
		l->cap[other] = kept;
	}
	while (l->n_caps && !l->cap[l->n_caps - 1].id)
		l->n_caps--;
}

/* vfio-pci reads the head from the hardware although it hides it: see layout_view(). */
static bool has_raw_head(const struct layout *l)
{
	return l->n_caps && l->cap[0].hidden && (l->cap[0].id & 0xffu) == 0xffu;
}

/* A view that shows the function's own PASID has no slot: no layout is like that. */
static void keep_slot_hidden(struct layout *l)
{
	for (unsigned i = 1; has_raw_head(l) && i < l->n_caps && l->cap[i].hidden_old;
	     i++) {
		if (l->cap[i].id == ID_PASID) {
			l->cap[i].id = ID_OF_HIDDEN;
			l->slot = 0;
		}
	}
}

static bool is_dvsec_at(const struct layout *l, unsigned off)
{
	for (unsigned i = 0; i < l->n_caps; i++) {
		if (l->cap[i].off == off)
			return l->cap[i].id == ID_DVSEC;
	}
	return false;
}

/*
 * What a form 1 spans: up to the next structure at most. Into it would be a breach as
 * well, but then vfio-pci shows that one's header as the hardware has it.
 */
static unsigned any_span(const struct layout *l, const struct layout_cap *cap,
			 uint32_t *state)
{
	unsigned next = next_above(l, cap->off);
	unsigned room = next - cap->off;

	if (next < GUEST_SPACE && is_dvsec_at(l, next))
		room -= APART;
	if (prng_one_in(state, 3))
		room = room < 24 ? room : 24;
	return 12 + 4 * prng_below(state, (room - 12) / 4 + 1);
}

static void own_caps(struct layout *l, uint32_t *state)
{
	struct layout_cap *cap;

	for (unsigned i = 0; i < l->n_caps; i++) {
		cap = &l->cap[i];
		if (cap->form == 1)
			cap->spans = (uint16_t)any_span(l, cap, state);
		if (cap->form == 1 && !l->listing)
			cap->len = cap->spans;
		if (cap->id == ID_AER && cap->version == 2) {
			unsigned room = next_above(l, cap->off) - cap->off;

			own(l, cap->off, room < cap->len ? room : cap->len,
			    LAYOUT_ATMOST);
		} else if (cap->id == ID_OF_NO_TABLE) {
			own(l, cap->off, cap->len, LAYOUT_UNKNOWN);
		} else {
			own(l, cap->off, cap->len, LAYOUT_EXACT);
		}
	}
	for (unsigned i = 0; i < l->n_caps; i++) {
		cap = &l->cap[i];
		if (cap->id == ID_OF_NO_TABLE)
			own(l, cap->off, next_above(l, cap->off) - cap->off,
			    LAYOUT_SHADOW);
	}
}

static void put_caps(struct layout *l, uint32_t *state)
{
	const struct layout_cap *cap;
	const struct kind *k;
	unsigned next;

	for (unsigned i = 0; i < l->n_caps; i++) {
		cap = &l->cap[i];
		next = i + 1 < l->n_caps ? l->cap[i + 1].off : 0;
		guest_put32(l->bytes, cap->off, EXT_DWORD(cap->id, cap->version, next));
		for (k = kinds; k->id != cap->id || k->version != cap->version;)
			k++;
		if (cap->form) {
			guest_put32(l->bytes, cap->off + 4u,
				    VENDOR | 1u << 16 |
					    (uint32_t)(cap->spans ? cap->spans : cap->len)
						    << 20);
			guest_put32(l->bytes, cap->off + 8u,
				    DESCRIPTOR_ID | 0xf5000000u | cap->form << 16);
			continue;
		}
		if (cap->len > 4)
			guest_put32(l->bytes, cap->off + 4u, k->second);
		if (cap->id == ID_PASID)
			guest_put32(l->bytes, cap->off + 4u,
				    0x1404u | prng_below(state, 2) << 16);
		for (unsigned at = k->noise; at && at < k->len; at++)
			l->bytes[cap->off + at] = (uint8_t)prng_below(state, 256);
	}
}

static void own_quirks(struct layout *l)
{
	for (unsigned off = GUEST_EXT; off < GUEST_SPACE; off++) {
		if (is_reserved(l, off) &&
		    (l->owner[off] == LAYOUT_FREE || l->owner[off] == LAYOUT_SHADOW))
			l->owner[off] = LAYOUT_RESERVED;
	}
	l->prefer = l->quirk == LAYOUT_QUIRK_PREFER ? 0x240 : 0;
}

static bool all_free(const struct layout *l, unsigned off, unsigned len)
{
	for (unsigned i = off; i < off + len; i++) {
		if (i >= GUEST_SPACE || l->owner[i] != LAYOUT_FREE)
			return false;
	}
	return true;
}

/*
 * A complete capability that no pointer reaches, where there is room for one. What a quirk
 * lists as free is not searched for such.
 */
static void put_orphan(struct layout *l, uint32_t *state)
{
	unsigned off = GUEST_EXT + 4 + 4 * prng_below(state, 0x3b0);
	const struct layout_cap *to;

	if (!l->n_caps || !all_free(l, off, 12) || l->listed[off] || l->listed[off + 8])
		return;
	to = &l->cap[prng_below(state, l->n_caps)];
	guest_put32(l->bytes, off, EXT_DWORD(0x0003, 1, to->off));
	guest_put32(l->bytes, off + 4, 0x12345678);
	own(l, off, 12, LAYOUT_ORPHAN);
}

/* Bytes between structures that the input lacks. */
static void drop_bytes(struct layout *l, uint32_t *state)
{
	unsigned off = GUEST_EXT + prng_below(state, 0xe00);

	for (unsigned len = 1 + prng_below(state, 40); len; len--, off++) {
		if (l->owner[off] == LAYOUT_FREE || l->owner[off] == LAYOUT_SHADOW) {
			l->owner[off] = LAYOUT_ABSENT;
			l->listed[off] = false;
			l->whole = false;
		}
	}
}

static void list_bytes(struct layout *l)
{
	for (size_t i = 0; i < sizeof(quirk_ranges) / sizeof(quirk_ranges[0]); i++) {
		if (!quirk_ranges[i].free || quirk_ranges[i].quirk != l->quirk)
			continue;
		for (unsigned off = quirk_ranges[i].off;
		     off < quirk_ranges[i].off + quirk_ranges[i].len; off++)
			l->listed[off] = l->owner[off] == LAYOUT_FREE ||
					 l->owner[off] == LAYOUT_SHADOW;
	}
}

/* The rules of docs/free-space-dvsec.md, section 6, that a layout can breach. */
static bool is_usable(const struct layout *l, const struct layout_range *range,
		      const struct layout_cap *cap)
{
	for (unsigned off = range->off; off < (unsigned)range->off + range->len; off++) {
		if (off >= GUEST_SPACE || l->declared[off] ||
		    (l->owner[off] != LAYOUT_FREE && l->owner[off] != LAYOUT_SHADOW))
			return false;
	}
	for (unsigned off = cap->off; cap->form == 1 && off < cap->off + 12u; off++) {
		if (is_reserved(l, off))
			return false;
	}
	return true;
}

static void declare(struct layout *l, const struct layout_cap *cap,
		    struct layout_range range)
{
	range.cap = cap->off;
	range.usable = is_usable(l, &range, cap);
	l->range[l->n_ranges++] = range;
	if (range.usable)
		memset(l->declared + range.off, (int)l->n_ranges, range.len);
	else if (cap->form == 1)
		own(l, range.off, range.len, LAYOUT_SHADOW);
}

static void declare_table(struct layout *l, const struct layout_cap *cap, uint32_t *state)
{
	struct layout_range range = { 0 };

	for (unsigned dw = cap->off + 12u; dw < (unsigned)cap->off + cap->len; dw += 4) {
		range.off = (uint16_t)(GUEST_EXT + 4 * prng_below(state, 0x3b8));
		range.len = (uint16_t)(8 + 4 * prng_below(state, 16));
		while (range.len > 8 && !prng_one_in(state, 60) &&
		       !all_free(l, range.off, range.len))
			range.len = (uint16_t)(range.len - 4);
		if (prng_one_in(state, 6) || l->n_ranges == LAYOUT_RANGES_MAX) {
			guest_put32(l->bytes, dw, 0);
			continue;
		}
		range.dw = (uint16_t)dw;
		guest_put32(l->bytes, dw, range.off | (uint32_t)range.len << 16);
		if (l->listing)
			declare(l, cap, range);
	}
	l->exhaustive = l->exhaustive || l->listing;
}

static void declare_all(struct layout *l, uint32_t *state)
{
	struct layout_range range = { 0 };

	for (unsigned i = 0; i < l->n_caps; i++) {
		if (l->cap[i].form == 2)
			declare_table(l, &l->cap[i], state);
		if (l->cap[i].form != 1 || !l->listing ||
		    l->n_ranges == LAYOUT_RANGES_MAX)
			continue;
		range.off = (uint16_t)(l->cap[i].off + 12);
		range.len = (uint16_t)(l->cap[i].spans - 12);
		range.dw = (uint16_t)(l->cap[i].off + 4);
		declare(l, &l->cap[i], range);
	}
}

/* Bytes that nobody owns and that are not zero; or ff wherever nothing is. */
static void put_junk(struct layout *l, uint32_t *state)
{
	unsigned off;

	if (l->n_caps && prng_one_in(state, 12)) {
		l->fill = 0xff;
		for (off = GUEST_EXT; off < GUEST_SPACE; off++) {
			if (l->owner[off] == LAYOUT_FREE ||
			    l->owner[off] == LAYOUT_SHADOW ||
			    l->owner[off] == LAYOUT_RESERVED)
				l->bytes[off] = 0xff;
		}
		return;
	}
	for (unsigned n = prng_one_in(state, 2) ? prng_below(state, 24) : 0; n; n--) {
		off = GUEST_EXT + 4 + prng_below(state, 0xefc);
		if (l->owner[off] == LAYOUT_FREE || l->owner[off] == LAYOUT_SHADOW ||
		    l->owner[off] == LAYOUT_RESERVED)
			l->bytes[off] = (uint8_t)(1 + prng_below(state, 255));
	}
}

static void put_record(struct layout *l)
{
	capgap_image_init(&l->rec.image);
	capgap_image_put(&l->rec.image, 0, l->bytes, GUEST_SPACE);
	for (unsigned off = GUEST_EXT; off < GUEST_SPACE; off++) {
		if (l->owner[off] == LAYOUT_ABSENT)
			capgap_image_drop(&l->rec.image, off, 1);
	}
	if (l->pf_pasid)
		support_at(&l->rec, "0000:03:10.0");
}

void layout_make(struct layout *out, uint32_t *state)
{
	struct support_image image = { .base = BASE_ENDPOINT };

	memset(out, 0, sizeof(*out));
	out->whole = true;
	out->listing = prng_below(state, 3) > 0;
	if (!prng_one_in(state, 3))
		out->quirk = (enum layout_quirk)prng_below(state, LAYOUT_QUIRK_COUNT);
	if (prng_one_in(state, 5)) {
		image.base = BASE_VF;
		out->pf_pasid = (uint16_t)(GUEST_EXT + 4 * prng_below(state, 0x3bf));
	}
	support_record(&out->rec, &image);
	memcpy(out->bytes, out->rec.image.data, GUEST_SPACE);
	if (!out->pf_pasid)
		guest_put32(out->bytes, 0, VENDOR | (LAYOUT_DEVICE + out->quirk) << 16);
	place_caps(out, state);
	order_caps(out, state);
	keep_slot_hidden(out);
	own_caps(out, state);
	put_caps(out, state);
	own_quirks(out);
	list_bytes(out);
	if (prng_one_in(state, 4))
		put_orphan(out, state);
	if (prng_one_in(state, 8))
		drop_bytes(out, state);
	declare_all(out, state);
	put_junk(out, state);
	put_record(out);
}

void layout_topology(const struct layout *layout, struct capgap_topology *topo)
{
	struct capgap_pf pf = { .bdf = { 0, 3, 0, 0 },
				.vendor = VENDOR,
				.vf_device = (uint16_t)(LAYOUT_DEVICE + layout->quirk),
				.first = 0x80,
				.stride = 1,
				.num = 1,
				.chain_known = true,
				.pasid = { layout->pf_pasid, 0x1404, 1 } };

	if (layout->pf_pasid)
		capgap_topology_add_pf(topo, &pf);
}

void layout_view(const struct layout *layout, bool old, uint8_t *out)
{
	const struct layout_cap *cap;
	unsigned prev = GUEST_EXT;
	unsigned shown = 0;
	uint32_t header;

	memcpy(out, layout->bytes, GUEST_SPACE);
	for (unsigned off = GUEST_EXT; off < GUEST_SPACE; off++) {
		if (layout->owner[off] == LAYOUT_ABSENT)
			out[off] = 0;
	}
	for (unsigned i = 0; i < layout->n_caps; i++) {
		cap = &layout->cap[i];
		if (old ? cap->hidden_old : cap->hidden) {
			/* The first one cannot be unlinked: its id and version go. */
			if (!i)
				guest_put32(out, GUEST_EXT, 0);
			continue;
		}
		shown++;
		header = i ? guest_get32(out, prev) & 0xfffffu : 0;
		if (i)
			guest_put32(out, prev, header | (uint32_t)cap->off << 20);
		prev = cap->off;
	}
	if (layout->n_caps)
		guest_put32(out, prev, guest_get32(out, prev) & 0xfffffu);
	if (!shown)
		guest_put32(out, GUEST_EXT, 0);
	/* The kernel keeps a byte of the id; ff is what nobody has, read from the hardware. */
	if (has_raw_head(layout))
		guest_put32(out, GUEST_EXT, guest_get32(layout->bytes, GUEST_EXT));
}

/* The bytes from @off on that are all ff. */
static unsigned ones(const struct layout *layout, unsigned off)
{
	unsigned end = off;

	while (end < GUEST_SPACE && layout->bytes[end] == 0xff)
		end++;
	return end - off;
}

void layout_print(const struct layout *layout)
{
	unsigned len;

	fprintf(stderr, "quirk %d, listing %d, pf pasid 0x%03x:", layout->quirk,
		layout->listing, layout->pf_pasid);
	for (unsigned off = 0; off < GUEST_SPACE; off += len ? len : 4) {
		len = ones(layout, off) & ~3u;
		if (len)
			fprintf(stderr, " FILL(0x%03x, 0x%x, 0xff),", off, len);
		else if (guest_get32(layout->bytes, off))
			fprintf(stderr, " PUT32(0x%03x, 0x%08x),", off,
				(unsigned)guest_get32(layout->bytes, off));
	}
	for (unsigned off = GUEST_EXT; off < GUEST_SPACE; off++) {
		if (layout->owner[off] == LAYOUT_ABSENT)
			fprintf(stderr, " DROP(0x%03x, 1),", off);
	}
	fputc('\n', stderr);
}
