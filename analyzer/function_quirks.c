/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What comes of the things that the quirk table says of a function. */
#include "function_quirks.h"

/* Bytes that a quirk speaks of. */
static struct capgap_range range_of(const struct capgap_quirk *quirk)
{
	switch (quirk->verb) {
	case CAPGAP_VERB_RESERVED:
	case CAPGAP_VERB_FREE:
	case CAPGAP_VERB_FINGERPRINT:
		return (struct capgap_range){ quirk->off, quirk->len };
	case CAPGAP_VERB_PREFER:
		return (struct capgap_range){ quirk->off, CAPGAP_PASID_LEN };
	default:
		return (struct capgap_range){ 0, 0 };
	}
}

static enum capgap_owner owner_at(const struct capgap_function *fn, unsigned off)
{
	return off < fn->map.size ? (enum capgap_owner)fn->map.verdict[off] :
				    CAPGAP_OWNER_ABSENT;
}

/* What bytes become that this verb decides about; ABSENT where there is no such thing. */
static enum capgap_owner made_by(enum capgap_verb verb)
{
	switch (verb) {
	case CAPGAP_VERB_RESERVED:
		return CAPGAP_OWNER_RESERVED;
	case CAPGAP_VERB_FREE:
		return CAPGAP_OWNER_LISTED;
	case CAPGAP_VERB_FINGERPRINT:
		return CAPGAP_OWNER_ORPHAN;
	default:
		return CAPGAP_OWNER_ABSENT;
	}
}

/* The claim of a structure or another quirk that decides about the byte at @off. */
static const struct capgap_claim *other_claim(const struct capgap_function *fn,
					      const struct capgap_quirk *quirk,
					      unsigned off, enum capgap_owner owner)
{
	if (owner == CAPGAP_OWNER_ABSENT || owner > CAPGAP_OWNER_ORPHAN ||
	    owner == made_by(quirk->verb))
		return NULL;
	return capgap_map_claim_of(&fn->map, off, owner);
}

bool capgap_quirk_bytes(const struct capgap_function *fn,
			const struct capgap_quirk *quirk, unsigned from,
			struct capgap_quirk_bytes *bytes)
{
	struct capgap_range range = range_of(quirk);
	unsigned limit = range.off + (unsigned)range.len;
	unsigned off = from < range.off ? range.off : from;
	unsigned end = off;
	const struct capgap_claim *claim;
	enum capgap_owner owner;

	if (off >= limit)
		return false;
	owner = owner_at(fn, off);
	claim = other_claim(fn, quirk, off, owner);
	if (claim && limit > claim->off + (unsigned)claim->len)
		limit = claim->off + (unsigned)claim->len;
	while (end < limit && owner_at(fn, end) == owner)
		end++;
	*bytes = (struct capgap_quirk_bytes){ (uint16_t)off, (uint16_t)(end - off), owner,
					      claim ? claim->cap : CAPGAP_NO_CAP };
	return true;
}

const struct capgap_cap *capgap_quirk_bytes_cap(const struct capgap_function *fn,
						const struct capgap_quirk_bytes *bytes)
{
	if (bytes->cap == CAPGAP_NO_CAP)
		return NULL;
	switch (bytes->owner) {
	case CAPGAP_OWNER_CAP:
	case CAPGAP_OWNER_CAP_MIN:
		return &fn->chain.cap[bytes->cap];
	case CAPGAP_OWNER_ORPHAN:
		return &fn->orphans.cap[bytes->cap];
	default:
		return NULL;
	}
}

const struct capgap_quirk *
capgap_quirk_bytes_quirk(const struct capgap_function *fn,
			 const struct capgap_quirk_bytes *bytes)
{
	if (bytes->cap == CAPGAP_NO_CAP || (bytes->owner != CAPGAP_OWNER_RESERVED &&
					    bytes->owner != CAPGAP_OWNER_LISTED))
		return NULL;
	return &fn->quirk[bytes->cap];
}

/* True when some of the bytes are what the quirk makes of them. */
static bool has_bytes(const struct capgap_function *fn, const struct capgap_quirk *quirk)
{
	struct capgap_quirk_bytes bytes;

	for (unsigned off = 0; capgap_quirk_bytes(fn, quirk, off, &bytes);
	     off = bytes.off + (unsigned)bytes.len) {
		if (bytes.owner == made_by(quirk->verb))
			return true;
	}
	return false;
}

/* True when all of the bytes are nobody's, so that a capability can be put there. */
static bool is_open(const struct capgap_function *fn, const struct capgap_quirk *quirk)
{
	struct capgap_quirk_bytes bytes;

	for (unsigned off = 0; capgap_quirk_bytes(fn, quirk, off, &bytes);
	     off = bytes.off + (unsigned)bytes.len) {
		switch (bytes.owner) {
		case CAPGAP_OWNER_FREE:
		case CAPGAP_OWNER_LISTED:
		case CAPGAP_OWNER_DESCRIPTOR:
		case CAPGAP_OWNER_SHADOW:
			break;
		default:
			return false;
		}
	}
	return true;
}

static bool has_dvsec(const struct capgap_function *fn, const struct capgap_quirk *quirk)
{
	for (unsigned i = 0; i < fn->free_space.n_descriptors; i++) {
		if (fn->free_space.descriptor[i].vendor == quirk->dvsec_vendor &&
		    fn->free_space.descriptor[i].id == quirk->dvsec_id)
			return true;
	}
	return false;
}

bool capgap_quirk_acts(const struct capgap_function *fn, const struct capgap_quirk *quirk)
{
	switch (quirk->verb) {
	case CAPGAP_VERB_RESERVED:
	case CAPGAP_VERB_FREE:
		return has_bytes(fn, quirk);
	case CAPGAP_VERB_PREFER:
		return is_open(fn, quirk);
	case CAPGAP_VERB_LIMIT:
		return quirk->off < fn->image.size;
	case CAPGAP_VERB_FINGERPRINT:
		return capgap_quirk_fits(quirk, &fn->image);
	case CAPGAP_VERB_DESCRIPTOR:
		return has_dvsec(fn, quirk);
	case CAPGAP_VERB_NOTE:
		return false;
	default:
		return true;
	}
}

/*
 * The limit of what the input says that the function is, physical or virtual: a header that
 * reads ones, or what it should not, does not tell.
 */
static unsigned stated_limit(const struct capgap_quirks *quirks,
			     const struct capgap_meta *meta)
{
	bool has_ids = meta->flags & CAPGAP_META_IDS;
	bool has_subsys = meta->flags & CAPGAP_META_SUBSYS;
	struct capgap_quirk_key key = {
		.vendor = has_ids ? meta->vendor : 0xffff,
		.device = has_ids ? meta->device : 0xffff,
		.subvendor = has_subsys ? meta->subvendor : 0xffff,
		.subdevice = has_subsys ? meta->subdevice : 0xffff,
		.class_code = meta->flags & CAPGAP_META_CLASS ? meta->class_code :
								0xffffff,
		.revision = meta->revision,
		.has_revision = meta->flags & CAPGAP_META_REVISION,
		.part = CAPGAP_PART_PF,
	};
	unsigned physical = capgap_quirks_limit(quirks, &key);
	unsigned virtual;

	key.part = CAPGAP_PART_VF;
	virtual = capgap_quirks_limit(quirks, &key);
	return physical < virtual ? physical : virtual;
}

/* That of what its header says that it is. */
static unsigned matched_limit(const struct capgap_function *fn)
{
	unsigned limit = CAPGAP_SPACE_MAX;

	if (fn->n_quirks > CAPGAP_FUNCTION_QUIRKS_MAX)
		return CAPGAP_HEADER_END;
	for (size_t i = 0; i < fn->n_quirks; i++) {
		if (fn->quirk[i].verb == CAPGAP_VERB_LIMIT && fn->quirk[i].off < limit)
			limit = fn->quirk[i].off;
	}
	return limit;
}

unsigned capgap_function_limit(const struct capgap_function *fn,
			       const struct capgap_quirks *quirks)
{
	unsigned stated = stated_limit(quirks, &fn->meta);
	unsigned matched = matched_limit(fn);

	return stated < matched ? stated : matched;
}
