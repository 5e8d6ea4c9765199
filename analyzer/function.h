/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The finished, read-only analysis of one function. */
#ifndef CAPGAP_FUNCTION_H
#define CAPGAP_FUNCTION_H

#include "dvsec.h"
#include "gaps.h"
#include "quirks.h"
#include "source/nodedev.h"
#include "source/source.h"
#include "topology.h"
#include "vfio_dump.h"

enum capgap_kind { CAPGAP_KIND_FUNCTION, CAPGAP_KIND_PF, CAPGAP_KIND_VF };

/**
 * enum capgap_id_from - where vendor and device id come from
 * @CAPGAP_ID_NONE: nowhere; they are not known
 * @CAPGAP_ID_IMAGE: the first dword of the image
 * @CAPGAP_ID_SYSFS: files beside the image
 * @CAPGAP_ID_TEXT: the line of text above the rows
 * @CAPGAP_ID_PF: the physical function's SR-IOV capability
 * @CAPGAP_ID_NODEDEV: libvirt's XML beside the input
 */
enum capgap_id_from {
	CAPGAP_ID_NONE,
	CAPGAP_ID_IMAGE,
	CAPGAP_ID_SYSFS,
	CAPGAP_ID_TEXT,
	CAPGAP_ID_PF,
	CAPGAP_ID_NODEDEV
};

/**
 * struct capgap_options - how to analyse
 * @vantage: where the images were taken
 * @min_gap: shortest gap; bytes, a multiple of 4, at least 4
 * @quirks: what is known of devices, borrowed; NULL knows nothing
 * @vfio: what vfio-pci shows of the functions, borrowed; NULL for no dump of that
 * @nodedevs: what libvirt says of devices, borrowed; NULL for nothing
 * @output: the file that the answers go to, borrowed; a reader passes it over. NULL for none
 * @no_devices: devices themselves are not read, only what was copied from them: nobody can
 *              say how far they may be
 */
struct capgap_options {
	enum capgap_vantage vantage;
	unsigned min_gap;
	const struct capgap_quirks *quirks;
	const struct capgap_vfio_dumps *vfio;
	const struct capgap_nodedevs *nodedevs;
	const struct capgap_file *output;
	bool no_devices;
};

/* Things that the quirk table can say of one function; more make it refuse placement. */
#define CAPGAP_FUNCTION_QUIRKS_MAX 1024u

/**
 * struct capgap_function - all that is known of one function
 * @meta: what the input says of it
 * @vantage: where the image was taken
 * @kind: physical, virtual, or neither
 * @id_from: where @vendor and @device come from
 * @vendor: vendor id; means nothing when @id_from is NONE
 * @device: device id; means nothing when @id_from is NONE
 * @has_physfn: @physfn is the address of its physical function
 * @physfn: address
 * @pf_asleep: its physical function was left asleep in D3cold, so that @has_pf is false
 * @has_pf: @pf is what is known of its physical function, or, for a physical
 *          function, of itself
 * @pf: copy
 * @pasid: the PASID capability in this image; @off 0 when there is none
 * @pasid_known: whether there is one is known, and its registers are
 * @pasid_unsteady: it is not, since samples of the function disagree
 * @chain_known: the lists were read whole: what they do not show is not there
 * @lists_unsteady: samples of the function disagree about a list
 * @pcie: PCI Express, by its list or because it is virtual
 * @pcie_known: its list was read whole, or shows that it is; samples do not disagree
 * @path: what holds between it, or its physical function, and the root complex
 * @has_bridge: it is a bridge, and @bridge is what is kept of it
 * @bridge: copy
 * @not_applicable: why no capability is placed here; NULL when one can be
 * @has_vfio_image: a dump from the VFIO side was joined: @vfio_image and @vfio_chain are set
 * @image: the bytes; those that a quirk keeps from being used are absent
 * @vfio_image: the bytes that vfio-pci shows, as a dump has them, with the same bytes absent
 * @vfio_chain: the lists of @vfio_image
 * @n_quirks: what the quirk table says; when above CAPGAP_FUNCTION_QUIRKS_MAX, some of
 *            it is not in @quirk
 * @quirk: it; pointers are the table's
 * @free_space: what the function's own descriptors declare free
 * @chain: both lists
 * @orphans: capabilities in no list
 * @map: who has which byte
 * @n_gaps: gaps
 * @gap: them
 * @findings: what is irregular
 */
struct capgap_function {
	struct capgap_meta meta;
	enum capgap_vantage vantage;
	enum capgap_kind kind;
	enum capgap_id_from id_from;
	uint16_t vendor;
	uint16_t device;
	bool has_physfn;
	struct capgap_bdf physfn;
	bool pf_asleep;
	bool has_pf;
	struct capgap_pf pf;
	struct capgap_pasid_regs pasid;
	bool pasid_known;
	bool pasid_unsteady;
	bool chain_known;
	bool lists_unsteady;
	bool pcie;
	bool pcie_known;
	struct capgap_path path;
	bool has_bridge;
	struct capgap_bridge bridge;
	const char *not_applicable;
	bool has_vfio_image;
	struct capgap_image image;
	struct capgap_image vfio_image;
	struct capgap_chain vfio_chain;
	size_t n_quirks;
	struct capgap_quirk quirk[CAPGAP_FUNCTION_QUIRKS_MAX];
	struct capgap_free_space free_space;
	struct capgap_chain chain;
	struct capgap_orphans orphans;
	struct capgap_map map;
	unsigned n_gaps;
	struct capgap_gap gap[CAPGAP_GAPS_MAX];
	struct capgap_findings findings;
};

/**
 * capgap_function_analyse() - everything that the bytes of a function say
 * @fn: caller's, overwritten; some 100 KiB, so seldom on a stack
 * @rec: borrowed
 * @topo: physical functions seen so far, borrowed; NULL knows of none
 * @opt: borrowed
 *
 * Never fails: what is wrong with the input is in @fn->findings.
 */
void capgap_function_analyse(struct capgap_function *fn, const struct capgap_record *rec,
			     const struct capgap_topology *topo,
			     const struct capgap_options *opt);

/**
 * capgap_function_needs_pf() - whether a function must wait for its physical one
 * @rec: borrowed
 * @topo: physical functions seen so far
 * @nodedevs: what libvirt says of devices, borrowed; NULL for nothing
 *
 * Return: true for a function that is virtual by its metadata or by ids that
 * read ffff:ffff, when the machine has not shown its physical function yet.
 */
bool capgap_function_needs_pf(const struct capgap_record *rec,
			      const struct capgap_topology *topo,
			      const struct capgap_nodedevs *nodedevs);

/**
 * capgap_function_quirks() - how many rows of @fn->quirk are filled
 * @fn: borrowed
 *
 * Return: @fn->n_quirks, or CAPGAP_FUNCTION_QUIRKS_MAX when there are more.
 */
size_t capgap_function_quirks(const struct capgap_function *fn);

/*
 * True when the function itself does not tell whether it is virtual, and libvirt's XML, or
 * its samples, say so and otherwise: then nobody knows whose PASID and whose path it has.
 */
bool capgap_function_is_disputed(const struct capgap_function *fn);

/* "function", "pf" or "vf". */
const char *capgap_kind_name(enum capgap_kind kind);

/* "image", "sysfs", "text", "pf" or "nodedev"; NULL for none. */
const char *capgap_id_from_name(enum capgap_id_from from);

/* "host", "vfio" or "guest". */
const char *capgap_vantage_name(enum capgap_vantage vantage);

#endif
