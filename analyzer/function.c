/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The finished, read-only analysis of one function. */
#include "function.h"

#include <string.h>

#include "bytes.h"
#include "function_samples.h"
#include "function_vfio.h"
#include "header.h"

/* True when the first @len bytes were read and all are ff. */
static bool reads_ones(const struct capgap_image *img, size_t len)
{
	return len && capgap_image_content(img, 0, len) == CAPGAP_CONTENT_ONES;
}

/*
 * Vendor and device id of a virtual function read ffff (PCI Express Base
 * Specification, section 9.3.4.1.1). The class code tells it from a function
 * that is not there, whose every byte reads ff.
 */
static bool has_vf_ids(const struct capgap_image *img)
{
	uint32_t ids;
	uint32_t class_rev;

	return capgap_get32(img, HDR_VENDOR, &ids) && ids == UINT32_MAX &&
	       capgap_get32(img, HDR_CLASS_REV, &class_rev) && class_rev != UINT32_MAX;
}

/*
 * A routing id among a PF's VFs is not enough: the function must not say that
 * it is something else, or a damaged SR-IOV capability would claim its neighbours.
 */
static bool may_be_vf_of(const struct capgap_image *img, const struct capgap_pf *pf)
{
	uint16_t vendor;
	uint16_t device;

	if (has_vf_ids(img))
		return true;
	if (!capgap_get16(img, HDR_VENDOR, &vendor) ||
	    !capgap_get16(img, HDR_DEVICE, &device))
		return true;
	return vendor == pf->vendor && device == pf->vf_device;
}

/* The physical function that claims a routing id among its virtual ones. */
static const struct capgap_pf *claiming_pf(const struct capgap_meta *meta,
					   const struct capgap_image *img,
					   const struct capgap_topology *topo)
{
	const struct capgap_pf *pf = NULL;

	if (topo && (meta->flags & CAPGAP_META_BDF))
		pf = capgap_topology_pf_of(topo, &meta->bdf);
	return pf && may_be_vf_of(img, pf) ? pf : NULL;
}

/* The physical function of a function, as far as the machine has shown it. */
static const struct capgap_pf *known_pf(const struct capgap_meta *meta,
					const struct capgap_image *img,
					const struct capgap_topology *topo)
{
	if (topo && (meta->flags & CAPGAP_META_PHYSFN))
		return capgap_topology_find_pf(topo, &meta->physfn);
	return claiming_pf(meta, img, topo);
}

bool capgap_function_needs_pf(const struct capgap_record *rec,
			      const struct capgap_topology *topo,
			      const struct capgap_nodedevs *nodedevs)
{
	struct capgap_meta meta = rec->meta;
	bool virt;

	capgap_nodedevs_apply(nodedevs, &meta, &rec->image, NULL);
	virt = (meta.flags & CAPGAP_META_PHYSFN) ||
	       ((meta.flags & CAPGAP_META_BDF) && has_vf_ids(&rec->image));
	return virt && !known_pf(&meta, &rec->image, topo);
}

/* What libvirt's XML says, and where the machine says otherwise; @rec is as it was read. */
static void apply_nodedev(struct capgap_function *fn, const struct capgap_record *rec,
			  const struct capgap_topology *topo,
			  const struct capgap_nodedevs *nodedevs)
{
	const struct capgap_pf *pf;

	capgap_nodedevs_apply(nodedevs, &fn->meta, &fn->image, &fn->findings);
	if ((rec->meta.flags & CAPGAP_META_PHYSFN) ||
	    !(fn->meta.flags & CAPGAP_META_PHYSFN))
		return;
	pf = claiming_pf(&fn->meta, &fn->image, topo);
	if (pf && !capgap_bdf_equal(&pf->bdf, &fn->meta.physfn))
		capgap_findings_add(&fn->findings, CAPGAP_F_NODEDEV_PHYSFN, 0, 0,
				    capgap_bdf_rid(&pf->bdf),
				    capgap_bdf_rid(&fn->meta.physfn));
}

/* Decide whether the function is virtual, and of which physical one. */
static void find_kind(struct capgap_function *fn, const struct capgap_topology *topo)
{
	const struct capgap_pf *pf = known_pf(&fn->meta, &fn->image, topo);

	if (pf && pf->asleep)
		fn->pf_asleep = true;
	if (pf && !pf->asleep) {
		fn->pf = *pf;
		fn->has_pf = true;
		fn->physfn = pf->bdf;
		fn->has_physfn = true;
	} else if (fn->meta.flags & CAPGAP_META_PHYSFN) {
		fn->physfn = fn->meta.physfn;
		fn->has_physfn = true;
	}
	if (fn->has_physfn || has_vf_ids(&fn->image))
		fn->kind = CAPGAP_KIND_VF;
}

static void find_ids(struct capgap_function *fn)
{
	uint16_t vendor;
	uint16_t device;

	if (capgap_get16(&fn->image, HDR_VENDOR, &vendor) &&
	    capgap_get16(&fn->image, HDR_DEVICE, &device) && vendor != 0xffff) {
		fn->id_from = CAPGAP_ID_IMAGE;
		fn->vendor = vendor;
		fn->device = device;
	} else if (fn->meta.flags & CAPGAP_META_IDS) {
		fn->id_from = CAPGAP_ID_TEXT;
		if (fn->meta.flags & CAPGAP_META_SYSFS)
			fn->id_from = CAPGAP_ID_SYSFS;
		if (fn->meta.flags & CAPGAP_META_NODEDEV)
			fn->id_from = CAPGAP_ID_NODEDEV;
		fn->vendor = fn->meta.vendor;
		fn->device = fn->meta.device;
	} else if (fn->kind == CAPGAP_KIND_VF && fn->has_pf &&
		   fn->pf.vf_device != 0xffff) {
		fn->id_from = CAPGAP_ID_PF;
		fn->vendor = fn->pf.vendor;
		fn->device = fn->pf.vf_device;
	}
}

/*
 * Linux counts 256 bytes when the dword at 0 stands again at every multiple of
 * 0x100: the bridge above drops the upper address bits.
 */
static bool is_alias(const struct capgap_image *img)
{
	uint32_t first;
	uint32_t again;

	if (!capgap_get32(img, 0, &first) || first == 0 || first == UINT32_MAX)
		return false;
	for (unsigned off = CAPGAP_CONV_END; off < CAPGAP_SPACE_MAX;
	     off += CAPGAP_CONV_END) {
		if (!capgap_get32(img, off, &again) || again != first)
			return false;
	}
	return true;
}

/* Findings about which bytes there are. */
static void judge_size(struct capgap_function *fn)
{
	const struct capgap_image *img = &fn->image;
	struct capgap_range hole;
	unsigned size = img->size;

	if (fn->meta.flags & CAPGAP_META_ASLEEP) {
		capgap_findings_add(&fn->findings, CAPGAP_F_ASLEEP, 0, 0, 0, 0);
		return;
	}
	for (unsigned off = 0; capgap_image_absent(img, off, &hole);
	     off = hole.off + hole.len)
		capgap_findings_add(&fn->findings, CAPGAP_F_BYTES_ABSENT, hole.off,
				    hole.len, 0, 0);
	if (size != 64 && size != 128 && size != CAPGAP_CONV_END &&
	    size != CAPGAP_SPACE_MAX)
		capgap_findings_add(&fn->findings, CAPGAP_F_SIZE_ODD, 0, 0, size, 0);
	else if (fn->pcie ? size < CAPGAP_SPACE_MAX : size < CAPGAP_CONV_END)
		capgap_findings_add(&fn->findings, CAPGAP_F_IMAGE_SHORT, 0, 0, size, 0);
}

/* True when some byte from 0x100 on was read as neither 00 nor ff, or they differ. */
static bool holds_something(const struct capgap_image *img)
{
	bool zeros = false;
	bool ones = false;
	uint8_t val;

	for (unsigned off = CAPGAP_CONV_END; off < img->size; off++) {
		if (!capgap_get8(img, off, &val))
			continue;
		if (val != 0x00 && val != 0xff)
			return true;
		zeros |= val == 0x00;
		ones |= val == 0xff;
	}
	return zeros && ones;
}

/* Extended bytes that hold something, but that no list explains. */
static void judge_unwalked(struct capgap_function *fn)
{
	if (fn->chain.ext_walked || reads_ones(&fn->image, CAPGAP_HEADER_END) ||
	    is_alias(&fn->image))
		return;
	if (holds_something(&fn->image))
		capgap_findings_add(&fn->findings, CAPGAP_F_EXT_NOT_WALKED,
				    CAPGAP_CONV_END, fn->image.size - CAPGAP_CONV_END, 0,
				    0);
}

/* Where the image says that it was not taken on the host. */
static void judge_vantage(struct capgap_function *fn)
{
	const struct capgap_cap *head = fn->chain.n > fn->chain.n_conv ?
						&fn->chain.cap[fn->chain.n_conv] :
						NULL;

	if (fn->vantage != CAPGAP_VANTAGE_HOST)
		return;
	if (head && head->off == CAPGAP_CONV_END && head->id == EXT_ID_STUB)
		capgap_findings_add(&fn->findings, CAPGAP_F_VANTAGE, head->off, 4, 0, 0);
	if (fn->kind == CAPGAP_KIND_VF && fn->pasid.off)
		capgap_findings_add(&fn->findings, CAPGAP_F_VANTAGE, fn->pasid.off,
				    CAPGAP_PASID_LEN, 0, 0);
}

static void judge_function(struct capgap_function *fn)
{
	unsigned width = PASID_CAP_WIDTH(fn->pasid.capability);

	if (reads_ones(&fn->image, fn->image.size))
		capgap_findings_add(&fn->findings, CAPGAP_F_ALL_ONES, 0, fn->image.size,
				    0, 0);
	if (is_alias(&fn->image))
		capgap_findings_add(&fn->findings, CAPGAP_F_ALIAS, CAPGAP_CONV_END,
				    CAPGAP_SPACE_MAX - CAPGAP_CONV_END, 0, 0);
	judge_size(fn);
	judge_unwalked(fn);
	judge_vantage(fn);
	if (fn->kind == CAPGAP_KIND_VF && !fn->has_pf)
		capgap_findings_add(&fn->findings,
				    fn->pf_asleep ? CAPGAP_F_PF_ASLEEP :
						    CAPGAP_F_PF_NOT_SEEN,
				    0, 0, 0, 0);
	if (fn->pasid.off && fn->pasid_known && width > PASID_WIDTH_MAX)
		capgap_findings_add(&fn->findings, CAPGAP_F_PASID_WIDTH,
				    fn->pasid.off + PASID_CAPABILITY, 2, width, 0);
}

/* Why a VMM places no capability here, or NULL; the first reason that holds. */
static const char *why_not_applicable(const struct capgap_function *fn)
{
	uint8_t type = fn->chain.ctx.header_type;

	if (fn->meta.flags & CAPGAP_META_ASLEEP)
		return "asleep in D3cold, and left so: its configuration space was not read";
	if (reads_ones(&fn->image, fn->image.size))
		return "every byte reads ff";
	if (type == 0xff)
		return "the header was not read whole";
	if (type == HDR_BRIDGE)
		return "a bridge: its header is of type 1";
	if (type == HDR_CARDBUS)
		return "a CardBus bridge: its header is of type 2";
	if (type != HDR_ENDPOINT)
		return "its header type is unknown";
	if (capgap_findings_has(&fn->findings, CAPGAP_F_ALIAS))
		return "its extended space is an alias of the first 256 bytes";
	if (!fn->pcie && fn->pcie_known)
		return "not a PCI Express function";
	if (fn->image.size < CAPGAP_SPACE_MAX)
		return "the image ends before 4096 bytes";
	return fn->pcie ? NULL : "not known to be a PCI Express function";
}

size_t capgap_function_quirks(const struct capgap_function *fn)
{
	return fn->n_quirks < CAPGAP_FUNCTION_QUIRKS_MAX ? fn->n_quirks :
							   CAPGAP_FUNCTION_QUIRKS_MAX;
}

bool capgap_function_is_disputed(const struct capgap_function *fn)
{
	return fn->kind == CAPGAP_KIND_FUNCTION &&
	       (fn->meta.flags & CAPGAP_META_DISPUTED);
}

/* What rows of the quirk table are matched against; the image knows before the input. */
static void make_key(struct capgap_quirk_key *key, const struct capgap_function *fn)
{
	const struct capgap_meta *meta = &fn->meta;
	bool known = fn->id_from != CAPGAP_ID_NONE;
	uint32_t class_rev;
	uint8_t type;

	key->vendor = known ? fn->vendor : 0xffff;
	key->device = known ? fn->device : 0xffff;
	key->subvendor = meta->flags & CAPGAP_META_SUBSYS ? meta->subvendor : 0xffff;
	key->subdevice = meta->flags & CAPGAP_META_SUBSYS ? meta->subdevice : 0xffff;
	key->class_code = meta->flags & CAPGAP_META_CLASS ? meta->class_code : 0xffffff;
	key->has_revision = meta->flags & CAPGAP_META_REVISION;
	key->revision = meta->revision;
	key->part = fn->kind == CAPGAP_KIND_VF ? CAPGAP_PART_VF : CAPGAP_PART_PF;
	if (capgap_get32(&fn->image, HDR_CLASS_REV, &class_rev)) {
		key->class_code = class_rev >> 8;
		key->has_revision = true;
		key->revision = (uint8_t)class_rev;
	}
	if (capgap_get8(&fn->image, HDR_TYPE, &type) &&
	    (type & HDR_TYPE_LAYOUT) == HDR_ENDPOINT) {
		capgap_get16(&fn->image, HDR_SUBVENDOR, &key->subvendor);
		capgap_get16(&fn->image, HDR_SUBVENDOR + 2, &key->subdevice);
	}
}

/* Ask the table, and forget the bytes that it keeps from being used. */
static void match_quirks(struct capgap_function *fn, const struct capgap_quirks *quirks)
{
	struct capgap_quirk_key key;
	const struct capgap_quirk *quirk;
	unsigned size = fn->image.size;

	make_key(&key, fn);
	fn->n_quirks = capgap_quirks_match(quirks, &key, fn->quirk,
					   CAPGAP_FUNCTION_QUIRKS_MAX);
	for (size_t i = 0; i < capgap_function_quirks(fn); i++) {
		quirk = &fn->quirk[i];
		if (quirk->verb != CAPGAP_VERB_LIMIT || quirk->off >= size)
			continue;
		capgap_findings_add(&fn->findings, CAPGAP_F_QUIRK_LIMIT, quirk->off,
				    size - quirk->off, 0, 0);
		capgap_image_drop(&fn->image, quirk->off, size - quirk->off);
	}
}

/* Give the bytes that the quirk table speaks of their owners. */
static void claim_quirks(struct capgap_function *fn)
{
	const struct capgap_quirk *quirk;

	for (size_t i = 0; i < capgap_function_quirks(fn); i++) {
		quirk = &fn->quirk[i];
		if (quirk->verb == CAPGAP_VERB_RESERVED)
			capgap_map_claim(&fn->map, quirk->off, quirk->len,
					 CAPGAP_OWNER_RESERVED, (unsigned)i);
		else if (quirk->verb == CAPGAP_VERB_FREE)
			capgap_map_claim(&fn->map, quirk->off, quirk->len,
					 CAPGAP_OWNER_LISTED, (unsigned)i);
	}
}

/* Registers of an IP core own their bytes like a structure that no list reaches. */
static void claim_fingerprints(struct capgap_function *fn)
{
	const struct capgap_quirk *quirk;

	for (size_t i = 0; i < capgap_function_quirks(fn); i++) {
		quirk = &fn->quirk[i];
		if (quirk->verb != CAPGAP_VERB_FINGERPRINT ||
		    !capgap_quirk_fits(quirk, &fn->image))
			continue;
		capgap_map_claim(&fn->map, quirk->off, quirk->len, CAPGAP_OWNER_ORPHAN,
				 CAPGAP_NO_CAP);
		capgap_findings_add(&fn->findings, CAPGAP_F_IP_CORE, quirk->off,
				    quirk->len, 0, 0);
	}
}

static void build_map(struct capgap_function *fn, unsigned min_gap)
{
	size_t n_quirks = capgap_function_quirks(fn);
	int n;

	capgap_dvsec_shrink(&fn->chain, &fn->image, fn->quirk, n_quirks);
	capgap_map_init(&fn->map, &fn->image);
	capgap_map_build(&fn->map, &fn->chain, &fn->findings);
	if (capgap_findings_has(&fn->findings, CAPGAP_F_ALIAS))
		capgap_map_claim(&fn->map, CAPGAP_CONV_END,
				 CAPGAP_SPACE_MAX - CAPGAP_CONV_END,
				 CAPGAP_OWNER_UNWALKED, CAPGAP_NO_CAP);
	claim_quirks(fn);
	capgap_function_vfio_claim(fn);
	capgap_gaps_orphans(&fn->map, &fn->image, &fn->chain, &fn->orphans,
			    &fn->findings);
	claim_fingerprints(fn);
	capgap_dvsec_read(&fn->free_space, &fn->chain, &fn->image, &fn->map, fn->quirk,
			  n_quirks, &fn->findings);
	capgap_function_vfio_declared(fn);
	n = capgap_gaps_find(&fn->map, &fn->image, min_gap, fn->gap, CAPGAP_GAPS_MAX);
	fn->n_gaps = n < 0 ? 0 : (unsigned)n;
}

/* A virtual function's path is that of its physical one, whose PASID it shares. */
static void find_path(struct capgap_function *fn, const struct capgap_topology *topo,
		      const struct capgap_image *img, const struct capgap_chain *chain)
{
	bool placed = fn->meta.flags & CAPGAP_META_BDF;
	struct capgap_hop hop;

	if (fn->kind == CAPGAP_KIND_VF) {
		fn->path = fn->pf.path;
		return;
	}
	capgap_topology_read_hop(&hop, img, chain, placed ? &fn->meta.bdf : NULL);
	capgap_topology_find_path(&fn->path, topo, placed ? &fn->meta.bdf : NULL, &hop);
}

static bool are_lists_known(const struct capgap_chain *chain, bool is_vf)
{
	return chain->conv_complete && ((!chain->ctx.pcie && !is_vf) ||
					(chain->ext_walked && chain->ext_complete));
}

/* True when the registers of PASID were read, or the lists were, and there is none. */
static bool is_pasid_known(const struct capgap_image *img,
			   const struct capgap_chain *chain, bool is_vf)
{
	return capgap_topology_pasid(img, chain).off ||
	       (are_lists_known(chain, is_vf) &&
		!capgap_chain_find(chain, CAPGAP_EXT, CAPGAP_ECAP_PASID));
}

/* What registers say of PASID, of virtual functions and of buses. */
static void read_registers(struct capgap_function *fn, const struct capgap_topology *topo,
			   const struct capgap_image *img,
			   const struct capgap_chain *chain)
{
	struct capgap_pf self = { .bdf = fn->meta.bdf };
	bool is_vf = fn->kind == CAPGAP_KIND_VF;

	fn->pasid = capgap_topology_pasid(&fn->image, chain);
	fn->pasid_known = is_pasid_known(img, chain, is_vf);
	fn->pasid_unsteady = !fn->pasid_known &&
			     (fn->lists_unsteady ||
			      is_pasid_known(&fn->image, &fn->chain, is_vf));
	fn->pcie_known = is_vf || chain->ctx.pcie || chain->conv_complete;
	find_path(fn, topo, img, chain);
	fn->has_bridge = (fn->meta.flags & CAPGAP_META_BDF) &&
			 capgap_topology_read_bridge(&fn->bridge, img, chain,
						     &fn->meta.bdf);
	self.path = fn->path;
	self.unsteady = fn->pasid_unsteady;
	if (!is_vf && capgap_topology_read_pf(&self, img, chain, &fn->findings)) {
		fn->kind = CAPGAP_KIND_PF;
		fn->has_pf = true;
		fn->pf = self;
	}
	/* Its path, or that of a physical function: nobody knows. */
	if (capgap_function_is_disputed(fn))
		memset(&fn->path, 0, sizeof(fn->path));
}

/* Whether a walk without the bytes that differ came as far as one with them. */
static bool same_lists(const struct capgap_chain *a, const struct capgap_chain *b)
{
	return a->n_conv == b->n_conv && a->n == b->n && a->ext_walked == b->ext_walked &&
	       a->conv_complete == b->conv_complete &&
	       a->ext_complete == b->ext_complete && a->conv_end == b->conv_end &&
	       a->ext_end == b->ext_end;
}

/* Of several samples none is asked alone. */
static void read_steady(struct capgap_function *fn, const struct capgap_topology *topo)
{
	struct capgap_image img;
	struct capgap_chain chain;

	if (!capgap_function_samples_steady(fn, &img)) {
		read_registers(fn, topo, &fn->image, &fn->chain);
		return;
	}
	capgap_chain_walk(&chain, &img, fn->kind == CAPGAP_KIND_VF, NULL);
	fn->lists_unsteady = !same_lists(&chain, &fn->chain) ||
			     capgap_image_is_changing(&fn->image, HDR_TYPE, 1) ||
			     capgap_image_is_changing(&fn->image, HDR_CAP_PTR, 1) ||
			     capgap_findings_has(&fn->findings, CAPGAP_F_SAMPLES_LIST);
	read_registers(fn, topo, &img, &chain);
}

void capgap_function_analyse(struct capgap_function *fn, const struct capgap_record *rec,
			     const struct capgap_topology *topo,
			     const struct capgap_options *opt)
{
	bool is_vf;

	memset(fn, 0, offsetof(struct capgap_function, image));
	fn->image = rec->image;
	fn->meta = rec->meta;
	fn->vantage = opt->vantage;
	fn->findings.n = 0;
	for (unsigned i = 0; i < rec->n_damage; i++)
		capgap_findings_add(&fn->findings, rec->damage[i].kind,
				    rec->damage[i].off, rec->damage[i].len, 0, 0);
	apply_nodedev(fn, rec, topo, opt->nodedevs);
	find_kind(fn, topo);
	is_vf = fn->kind == CAPGAP_KIND_VF;
	find_ids(fn);
	match_quirks(fn, opt->quirks);
	capgap_function_vfio_join(fn, opt->vfio);
	capgap_chain_walk(&fn->chain, &fn->image, is_vf, &fn->findings);
	read_steady(fn, topo);
	fn->pcie = fn->chain.ctx.pcie || is_vf;
	fn->chain_known = are_lists_known(&fn->chain, is_vf);
	judge_function(fn);
	build_map(fn, opt->min_gap);
	capgap_function_samples_judge(fn);
	fn->not_applicable = why_not_applicable(fn);
}

const char *capgap_kind_name(enum capgap_kind kind)
{
	static const char *const names[] = {
		[CAPGAP_KIND_FUNCTION] = "function",
		[CAPGAP_KIND_PF] = "pf",
		[CAPGAP_KIND_VF] = "vf",
	};

	return names[kind];
}

const char *capgap_id_from_name(enum capgap_id_from from)
{
	static const char *const names[] = {
		[CAPGAP_ID_NONE] = NULL,     [CAPGAP_ID_IMAGE] = "image",
		[CAPGAP_ID_SYSFS] = "sysfs", [CAPGAP_ID_TEXT] = "text",
		[CAPGAP_ID_PF] = "pf",	     [CAPGAP_ID_NODEDEV] = "nodedev",
	};

	return names[from];
}

const char *capgap_vantage_name(enum capgap_vantage vantage)
{
	static const char *const names[] = {
		[CAPGAP_VANTAGE_HOST] = "host",
		[CAPGAP_VANTAGE_VFIO] = "vfio",
		[CAPGAP_VANTAGE_GUEST] = "guest",
	};

	return names[vantage];
}
