/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The configuration space as vfio-pci shows it to a VMM. */
#include "view.h"

#include "../analyzer/bytes.h"
#include "../analyzer/header.h"

static void put32(struct capgap_image *img, unsigned off, uint32_t val)
{
	uint8_t bytes[4] = { (uint8_t)val, (uint8_t)(val >> 8), (uint8_t)(val >> 16),
			     (uint8_t)(val >> 24) };

	capgap_image_put(img, off, bytes, sizeof(bytes));
}

/* A vendor's structure of length 0 is hidden too: the kernel takes 0 for "no such capability". */
static bool is_shown(const struct capgap_image *img, unsigned off, uint32_t header)
{
	const struct capgap_capdef *def = capgap_caps_def(CAPGAP_EXT, EXT_ID(header));
	uint32_t vendor;

	if (!def || def->vfio == CAPGAP_VFIO_HIDDEN)
		return false;
	if (def->id != CAPGAP_ECAP_VSEC && def->id != CAPGAP_ECAP_DVSEC)
		return true;
	return !capgap_get32(img, off + 4u, &vendor) || vendor >> 20;
}

static void set_next(struct capgap_image *img, unsigned off, unsigned next)
{
	uint32_t header = 0;

	if (capgap_get32(img, off, &header))
		put32(img, off, (header & 0xfffffu) | (uint32_t)next << 20);
}

/* The kernel looks for extended capabilities when it meets PCI Express, or PCI-X 2.0. */
static bool kernel_walks(const struct capgap_function *fn)
{
	const struct capgap_cap *pcix = capgap_chain_find(&fn->chain, CAPGAP_CONV,
							  CAPGAP_CAP_PCIX);
	uint16_t command;

	if (fn->vantage != CAPGAP_VANTAGE_HOST || fn->image.size <= CAPGAP_CONV_END)
		return false;
	if (fn->chain.ctx.pcie)
		return true;
	return pcix && capgap_get16(&fn->image, pcix->off + 2u, &command) &&
	       (command & PCIX_COMMAND_VERSION);
}

/*
 * vfio_ecap_init() of the kernel: a header of zeros counts as id 0 and one of ones
 * as id ffff, both hidden; a pointer below 0x100 ends the walk, and so does the
 * number of dwords.
 */
void capgap_view_derive(struct capgap_view *view, const struct capgap_function *fn)
{
	unsigned pos = CAPGAP_CONV_END;
	unsigned prev = 0;
	unsigned dwords = (fn->image.size - CAPGAP_CONV_END) / 4u;
	unsigned shown = 0;
	uint32_t header;

	view->image = fn->image;
	view->hidden = false;
	if (!kernel_walks(fn) || !capgap_get32(&fn->image, pos, &header) || !header)
		return;
	for (unsigned hops = 0; hops < dwords && pos >= CAPGAP_CONV_END; hops++) {
		if (!capgap_get32(&fn->image, pos, &header))
			return;
		if (is_shown(&fn->image, pos, header)) {
			shown++;
			prev = pos;
		} else if (prev) {
			set_next(&view->image, prev, EXT_NEXT(header) & ~PTR_RESERVED);
		} else {
			put32(&view->image, pos,
			      EXT_HEADER(0, 0, EXT_NEXT(header) & ~PTR_RESERVED));
			prev = pos;
		}
		pos = EXT_NEXT(header) & ~PTR_RESERVED;
	}
	if (!shown) {
		put32(&view->image, CAPGAP_CONV_END, 0);
		view->hidden = true;
	}
}
