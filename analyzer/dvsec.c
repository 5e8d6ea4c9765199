/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Free-space descriptors: found, decoded, and checked before they are believed. */
#include "dvsec.h"

#include "bytes.h"

/*
 * One reading: what it works on, and where its results go. @img holds the descriptors,
 * @hardware what they speak of; @vfio: they are those of a dump from the VFIO side.
 */
struct reader {
	struct capgap_free_space *out;
	const struct capgap_image *img;
	const struct capgap_image *hardware;
	bool vfio;
	struct capgap_map *map;
	struct capgap_findings *hits;
};

static bool is_dvsec(const struct capgap_cap *cap)
{
	return cap->space == CAPGAP_EXT && cap->id == CAPGAP_ECAP_DVSEC &&
	       cap->off >= CAPGAP_CONV_END;
}

const struct capgap_quirk *capgap_dvsec_is_descriptor(const struct capgap_cap *cap,
						      const struct capgap_image *img,
						      const struct capgap_quirk *quirks,
						      size_t n_quirks)
{
	const struct capgap_quirk *best = NULL;
	const struct capgap_quirk *row;
	uint16_t vendor;
	uint16_t id;

	if (!is_dvsec(cap) || !capgap_get16(img, cap->off + DVSEC_HEADER1, &vendor) ||
	    !capgap_get16(img, cap->off + DVSEC_HEADER2, &id))
		return NULL;
	for (size_t i = 0; i < n_quirks; i++) {
		row = &quirks[i];
		if (row->verb != CAPGAP_VERB_DESCRIPTOR || row->dvsec_vendor != vendor ||
		    row->dvsec_id != id)
			continue;
		if (!best || row->order >= best->order)
			best = row;
	}
	return best;
}

static bool is_length(unsigned off, unsigned len)
{
	return len >= DVSEC_HEADER_LEN && len % 4 == 0 && len <= CAPGAP_SPACE_MAX - off;
}

/* What holds whether there is a control word or not. */
static bool judge_header(const struct capgap_descriptor *d, const struct capgap_cap *cap,
			 struct capgap_findings *hits)
{
	bool ok = true;

	if (cap->version != DVSEC_VERSION) {
		capgap_findings_add(hits, CAPGAP_F_DESCRIPTOR_VERSION, d->off, 4,
				    cap->version, 0);
		ok = false;
	}
	if (!is_length(d->off, d->len)) {
		capgap_findings_add(hits, CAPGAP_F_DESCRIPTOR_LENGTH,
				    d->off + DVSEC_HEADER1, 4, d->len,
				    CAPGAP_SPACE_MAX - d->off);
		ok = false;
	}
	return ok;
}

/* Revision and magic: without them the other bits mean something else, or nothing. */
static bool is_this_format(unsigned off, uint32_t header, uint16_t control,
			   struct capgap_findings *hits)
{
	unsigned revision = DVSEC_HEADER1_REVISION(header);
	bool ok = true;

	if (revision != DVSEC_REVISION) {
		capgap_findings_add(hits, CAPGAP_F_DESCRIPTOR_REVISION,
				    off + DVSEC_HEADER1, 4, revision, 0);
		ok = false;
	}
	if (DVSEC_CONTROL_MAGIC(control) != DVSEC_MAGIC) {
		capgap_findings_add(hits, CAPGAP_F_DESCRIPTOR_MAGIC, off + DVSEC_CONTROL,
				    2, control, 0);
		ok = false;
	}
	return ok;
}

/* Reserved bits and form of the control word; sets the form where it is one. */
static bool judge_control(struct capgap_descriptor *d, uint16_t control,
			  struct capgap_findings *hits)
{
	enum capgap_form listed = d->form;
	unsigned form = DVSEC_CONTROL_FORM(control);
	unsigned at = d->off + DVSEC_CONTROL;
	bool ok = true;

	if (control & DVSEC_CONTROL_RESERVED) {
		capgap_findings_add(hits, CAPGAP_F_DESCRIPTOR_BITS, at, 2, control,
				    DVSEC_CONTROL_RESERVED);
		ok = false;
	}
	if (form != DVSEC_FORM_GAP && form != DVSEC_FORM_TABLE) {
		capgap_findings_add(hits, CAPGAP_F_DESCRIPTOR_FORM, at, 2, form, 0);
		return false;
	}
	d->form = form == DVSEC_FORM_GAP ? CAPGAP_FORM_GAP : CAPGAP_FORM_TABLE;
	if (listed != CAPGAP_FORM_CONTROL && listed != d->form) {
		capgap_findings_add(hits, CAPGAP_F_DESCRIPTOR_LISTING, at, 2, form,
				    listed);
		ok = false;
	}
	return ok;
}

/*
 * Decode the three header dwords of a recognised descriptor, which lie inside
 * the space since its id does. True when each field is right; then @d->form is
 * a form.
 */
static bool read_fields(struct capgap_descriptor *d, const struct capgap_cap *cap,
			const struct capgap_image *img, const struct capgap_quirk *row,
			struct capgap_findings *hits)
{
	uint32_t header;
	uint16_t control = 0;
	bool ok;

	*d = (struct capgap_descriptor){ .off = cap->off,
					 .vendor = row->dvsec_vendor,
					 .id = row->dvsec_id,
					 .form = row->form,
					 .no_control = row->no_control };
	if (row->no_control && row->form != CAPGAP_FORM_TABLE)
		d->form = CAPGAP_FORM_GAP;
	if (!capgap_get32(img, d->off + DVSEC_HEADER1, &header) ||
	    (!row->no_control && !capgap_get16(img, d->off + DVSEC_CONTROL, &control))) {
		capgap_findings_add(hits, CAPGAP_F_DESCRIPTOR_UNREAD, d->off,
				    DVSEC_HEADER_LEN, 0, 0);
		return false;
	}
	d->len = (uint16_t)DVSEC_HEADER1_LEN(header);
	ok = judge_header(d, cap, hits);
	if (row->no_control)
		return ok;
	if (!is_this_format(d->off, header, control, hits))
		return false;
	return judge_control(d, control, hits) && ok;
}

void capgap_dvsec_shrink(struct capgap_chain *chain, const struct capgap_image *img,
			 const struct capgap_quirk *quirks, size_t n_quirks)
{
	const struct capgap_quirk *row;
	struct capgap_descriptor d;

	for (unsigned i = chain->n_conv; i < chain->n; i++) {
		row = capgap_dvsec_is_descriptor(&chain->cap[i], img, quirks, n_quirks);
		if (!row || !read_fields(&d, &chain->cap[i], img, row, NULL) ||
		    d.form != CAPGAP_FORM_GAP)
			continue;
		chain->cap[i].owned = DVSEC_HEADER_LEN;
		chain->cap[i].certain = DVSEC_HEADER_LEN;
	}
}

static bool meets(unsigned off, unsigned len, unsigned other, unsigned other_len)
{
	return off < other + other_len && other < off + len;
}

static bool is_structure(unsigned owner)
{
	return owner == CAPGAP_OWNER_HEADER || owner == CAPGAP_OWNER_CAP ||
	       owner == CAPGAP_OWNER_CAP_MIN || owner == CAPGAP_OWNER_VFIO;
}

/* Whether a claim is that of capability @index of the chain that is read. */
static bool is_own(const struct reader *r, const struct capgap_claim *claim,
		   unsigned index)
{
	return claim->cap == index && (claim->owner == CAPGAP_OWNER_VFIO) == r->vfio;
}

/* The first claim of another structure on the @len bytes at @off, or NULL. */
static const struct capgap_claim *find_rival(const struct reader *r, unsigned off,
					     unsigned len, unsigned index)
{
	const struct capgap_claim *claim;

	for (unsigned i = 0; i < r->map->n; i++) {
		claim = &r->map->claim[i];
		if (!is_own(r, claim, index) && is_structure(claim->owner) &&
		    meets(claim->off, claim->len, off, len))
			return claim;
	}
	return NULL;
}

/* True when the @len bytes at @off are only the descriptor's that is capability @index. */
static bool stands_alone(const struct reader *r, unsigned off, unsigned len,
			 unsigned index)
{
	const struct capgap_claim *rival = find_rival(r, off, len, index);

	if (!rival)
		return true;
	capgap_findings_add(r->hits, CAPGAP_F_DESCRIPTOR_OVERLAID, off, len,
			    rival->off > off ? rival->off : off, 0);
	return false;
}

/*
 * A gap form is replaced or carved, so its own bytes too must be in nobody's
 * use. Its own claim hides the others from the verdict.
 */
static bool is_undisputed(const struct reader *r, const struct capgap_descriptor *d)
{
	enum capgap_finding_kind kind = CAPGAP_F_DESCRIPTOR_OVER_RESERVED;
	const struct capgap_claim *claim;

	for (unsigned i = 0; i < r->map->n; i++) {
		claim = &r->map->claim[i];
		if ((claim->owner != CAPGAP_OWNER_RESERVED &&
		     claim->owner != CAPGAP_OWNER_ORPHAN) ||
		    !meets(claim->off, claim->len, d->off, DVSEC_HEADER_LEN))
			continue;
		if (claim->owner == CAPGAP_OWNER_ORPHAN)
			kind = CAPGAP_F_DESCRIPTOR_OVER_ORPHAN;
		capgap_findings_add(r->hits, kind, d->off, DVSEC_HEADER_LEN, d->off,
				    claim->off > d->off ? claim->off : d->off);
		return false;
	}
	return true;
}

/* What is wrong with a byte declared free; CAPGAP_F_COUNT when nothing is. */
static enum capgap_finding_kind objection(const struct capgap_map *map, unsigned off)
{
	static const enum capgap_finding_kind kinds[] = {
		[CAPGAP_OWNER_ABSENT] = CAPGAP_F_DESCRIPTOR_OVER_UNREAD,
		[CAPGAP_OWNER_HEADER] = CAPGAP_F_DESCRIPTOR_OVER_HEADER,
		[CAPGAP_OWNER_CAP] = CAPGAP_F_DESCRIPTOR_OVER_STRUCTURE,
		[CAPGAP_OWNER_CAP_MIN] = CAPGAP_F_DESCRIPTOR_OVER_STRUCTURE,
		[CAPGAP_OWNER_VFIO] = CAPGAP_F_DESCRIPTOR_OVER_STRUCTURE,
		[CAPGAP_OWNER_RESERVED] = CAPGAP_F_DESCRIPTOR_OVER_RESERVED,
		[CAPGAP_OWNER_LISTED] = CAPGAP_F_COUNT,
		[CAPGAP_OWNER_ORPHAN] = CAPGAP_F_DESCRIPTOR_OVER_ORPHAN,
		[CAPGAP_OWNER_DESCRIPTOR] = CAPGAP_F_COUNT, /* judge_others() */
		[CAPGAP_OWNER_SHADOW] = CAPGAP_F_COUNT,
		[CAPGAP_OWNER_UNWALKED] = CAPGAP_F_DESCRIPTOR_OVER_UNREAD,
		[CAPGAP_OWNER_FREE] = CAPGAP_F_COUNT,
	};

	return kinds[off < map->size ? map->verdict[off] : CAPGAP_OWNER_ABSENT];
}

/* Where a range was declared: its entry, or the descriptor itself. */
static unsigned declared_at(const struct reader *r, const struct capgap_declared *range)
{
	return range->entry ? range->entry : r->out->descriptor[range->descriptor].off;
}

/* Nobody may have a byte of it; each kind of owner is found once, at its first byte. */
static bool judge_owners(const struct reader *r, const struct capgap_declared *range)
{
	bool found[CAPGAP_F_COUNT] = { false };
	enum capgap_finding_kind kind;
	bool ok = true;

	for (unsigned off = range->off; off < (unsigned)range->off + range->len; off++) {
		kind = objection(r->map, off);
		if (kind == CAPGAP_F_COUNT || found[kind])
			continue;
		found[kind] = true;
		ok = false;
		capgap_findings_add(r->hits, kind, range->off, range->len,
				    declared_at(r, range), off);
	}
	return ok;
}

/* No usable range before it may share a byte with it. */
static bool judge_others(const struct reader *r, const struct capgap_declared *range)
{
	const struct capgap_declared *other;

	for (unsigned i = 0; i < r->out->n_ranges; i++) {
		other = &r->out->range[i];
		if (!other->usable ||
		    !meets(other->off, other->len, range->off, range->len))
			continue;
		capgap_findings_add(r->hits, CAPGAP_F_DESCRIPTOR_OVER_RANGE, range->off,
				    range->len, declared_at(r, range), other->off);
		return false;
	}
	return true;
}

/* A range over bytes that hold something is believed, and noted. */
static void note_content(const struct reader *r, const struct capgap_declared *range)
{
	uint8_t byte;

	for (unsigned off = range->off; off < (unsigned)range->off + range->len; off++) {
		if (!capgap_get8(r->hardware, off, &byte) || !byte)
			continue;
		capgap_findings_add(r->hits, CAPGAP_F_DESCRIPTOR_NONZERO, range->off,
				    range->len, declared_at(r, range), off);
		return;
	}
}

/* Keep a range, and claim it where it is usable. */
static bool add_range(struct reader *r, const struct capgap_declared *range,
		      bool well_formed)
{
	struct capgap_declared *kept;

	if (r->out->n_ranges == CAPGAP_DECLARED_MAX)
		return false;
	kept = &r->out->range[r->out->n_ranges];
	*kept = *range;
	kept->usable = well_formed && judge_owners(r, range) && judge_others(r, range);
	r->out->n_ranges++;
	if (!kept->usable)
		return false;
	capgap_map_claim(r->map, range->off, range->len, CAPGAP_OWNER_DESCRIPTOR,
			 CAPGAP_NO_CAP);
	note_content(r, range);
	return true;
}

static bool leaves_space(unsigned off, unsigned len)
{
	unsigned end = off < CAPGAP_CONV_END ? CAPGAP_CONV_END : CAPGAP_SPACE_MAX;

	return len > end - off;
}

/* The bits of one entry, @dw, that are not empty. */
static bool judge_entry(const struct reader *r, const struct capgap_declared *range,
			uint32_t dw)
{
	unsigned at = range->entry;
	bool ok = true;

	if (dw & DVSEC_ENTRY_RESERVED) {
		capgap_findings_add(r->hits, CAPGAP_F_DESCRIPTOR_BITS, at, 4, dw,
				    DVSEC_ENTRY_RESERVED);
		ok = false;
	}
	if (range->len && (range->off % 4 || range->len % 4)) {
		capgap_findings_add(r->hits, CAPGAP_F_DESCRIPTOR_MISALIGNED, at, 4,
				    range->off, range->len);
		ok = false;
	}
	if (range->len && range->len < DVSEC_ENTRY_LEN_MIN) {
		capgap_findings_add(r->hits, CAPGAP_F_DESCRIPTOR_ENTRY_SHORT, at, 4,
				    range->off, range->len);
		ok = false;
	}
	if (leaves_space(range->off, range->len)) {
		capgap_findings_add(r->hits, CAPGAP_F_DESCRIPTOR_OUTSIDE, at, 4,
				    range->off, range->len);
		ok = false;
	}
	return ok;
}

static void read_table(struct reader *r, const struct capgap_descriptor *d,
		       unsigned index)
{
	struct capgap_declared range = { .descriptor = (uint16_t)index };
	uint32_t dw;

	for (unsigned at = d->off + DVSEC_TABLE; at < (unsigned)d->off + d->len;
	     at += 4) {
		if (!capgap_get32(r->img, at, &dw)) {
			capgap_findings_add(r->hits, CAPGAP_F_DESCRIPTOR_UNREAD, at, 4, 0,
					    0);
			continue;
		}
		range.entry = (uint16_t)at;
		range.off = (uint16_t)DVSEC_ENTRY_OFF(dw);
		range.len = (uint16_t)DVSEC_ENTRY_LEN(dw);
		if (range.len || (dw & DVSEC_ENTRY_RESERVED))
			add_range(r, &range, judge_entry(r, &range, dw));
	}
}

/* False when the range is not used. */
static bool read_gap(struct reader *r, const struct capgap_descriptor *d, unsigned index)
{
	struct capgap_declared range = {
		.off = (uint16_t)(d->off + DVSEC_HEADER_LEN),
		.len = (uint16_t)(d->len - DVSEC_HEADER_LEN),
		.descriptor = (uint16_t)index,
	};

	return add_range(r, &range, true);
}

/* Decode and check the descriptor that is capability @index of the chain. */
static void read_descriptor(struct reader *r, const struct capgap_cap *cap,
			    unsigned index, const struct capgap_quirk *row)
{
	unsigned n = r->out->n_descriptors++;
	struct capgap_descriptor *d = &r->out->descriptor[n];
	bool alone = stands_alone(r, cap->off, DVSEC_HEADER_LEN, index);
	/* Of fields that another structure claims too, no more is to be said. */
	bool sound = read_fields(d, cap, r->img, row, alone ? r->hits : NULL);

	if (!sound)
		return;
	if (d->form == CAPGAP_FORM_TABLE) {
		d->valid = alone && stands_alone(r, d->off, d->len, index);
		r->out->exhaustive |= d->valid;
		if (d->valid)
			read_table(r, d, n);
		return;
	}
	d->valid = alone && is_undisputed(r, d);
	/* It owns its header only; what else it spans is not nobody's for that. */
	if (!d->valid || !read_gap(r, d, n))
		capgap_map_claim(r->map, d->off + DVSEC_HEADER_LEN,
				 d->len - DVSEC_HEADER_LEN, CAPGAP_OWNER_SHADOW,
				 r->vfio ? CAPGAP_NO_CAP : index);
}

/* A DVSEC that nobody lists, but whose every field is one of this format. */
static void note_unlisted(const struct reader *r, const struct capgap_cap *cap)
{
	uint16_t control;
	uint32_t header;
	uint16_t id;

	if (!is_dvsec(cap) || cap->version != DVSEC_VERSION ||
	    !capgap_get32(r->img, cap->off + DVSEC_HEADER1, &header) ||
	    !capgap_get16(r->img, cap->off + DVSEC_HEADER2, &id) ||
	    !capgap_get16(r->img, cap->off + DVSEC_CONTROL, &control))
		return;
	if (DVSEC_HEADER1_REVISION(header) != DVSEC_REVISION ||
	    !is_length(cap->off, DVSEC_HEADER1_LEN(header)) ||
	    DVSEC_CONTROL_MAGIC(control) != DVSEC_MAGIC ||
	    (control & DVSEC_CONTROL_RESERVED))
		return;
	if (DVSEC_CONTROL_FORM(control) == DVSEC_FORM_GAP ||
	    DVSEC_CONTROL_FORM(control) == DVSEC_FORM_TABLE)
		capgap_findings_add(r->hits, CAPGAP_F_DESCRIPTOR_NOT_LISTED, cap->off,
				    DVSEC_HEADER_LEN, DVSEC_HEADER1_VENDOR(header), id);
}

void capgap_dvsec_read(struct capgap_free_space *out, const struct capgap_chain *chain,
		       const struct capgap_image *img, struct capgap_map *map,
		       const struct capgap_quirk *quirks, size_t n_quirks,
		       struct capgap_findings *hits)
{
	struct reader r = {
		.out = out, .img = img, .hardware = img, .map = map, .hits = hits
	};
	const struct capgap_quirk *row;

	out->n_descriptors = 0;
	out->n_ranges = 0;
	out->exhaustive = false;
	for (unsigned i = chain->n_conv; i < chain->n; i++) {
		row = capgap_dvsec_is_descriptor(&chain->cap[i], img, quirks, n_quirks);
		if (!row)
			note_unlisted(&r, &chain->cap[i]);
		else if (out->n_descriptors < CAPGAP_DESCRIPTORS_MAX)
			read_descriptor(&r, &chain->cap[i], i, row);
	}
}

void capgap_dvsec_read_vfio(struct capgap_free_space *out,
			    const struct capgap_chain *vfio,
			    const struct capgap_image *img, unsigned index,
			    const struct capgap_image *hardware, struct capgap_map *map,
			    const struct capgap_quirk *quirks, size_t n_quirks,
			    struct capgap_findings *hits)
{
	struct reader r = { .out = out,
			    .img = img,
			    .hardware = hardware,
			    .vfio = true,
			    .map = map,
			    .hits = hits };
	const struct capgap_cap *cap = &vfio->cap[index];
	const struct capgap_quirk *row = capgap_dvsec_is_descriptor(cap, img, quirks,
								    n_quirks);

	if (!row)
		note_unlisted(&r, cap);
	else if (out->n_descriptors < CAPGAP_DESCRIPTORS_MAX)
		read_descriptor(&r, cap, index, row);
}
