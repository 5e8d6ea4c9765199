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
static bool is_shown(const struct capgap_image *img, const struct capgap_cap *cap)
{
	const struct capgap_capdef *def = capgap_caps_def(CAPGAP_EXT, cap->id);
	uint32_t vendor;

	if (!def || def->vfio == CAPGAP_VFIO_HIDDEN)
		return false;
	if (cap->id != CAPGAP_ECAP_VSEC && cap->id != CAPGAP_ECAP_DVSEC)
		return true;
	return !capgap_get32(img, cap->off + 4u, &vendor) || vendor >> 20;
}

static void set_next(struct capgap_image *img, unsigned off, unsigned next)
{
	uint32_t header = 0;

	if (capgap_get32(img, off, &header))
		put32(img, off, (header & 0xfffffu) | (uint32_t)next << 20);
}

void capgap_view_derive(struct capgap_view *view, const struct capgap_function *fn)
{
	const struct capgap_chain *chain = &fn->chain;
	const struct capgap_cap *cap;
	const struct capgap_cap *prev = NULL;
	unsigned shown = 0;

	view->image = fn->image;
	view->hidden = false;
	if (fn->vantage != CAPGAP_VANTAGE_HOST || chain->n == chain->n_conv)
		return;
	for (unsigned i = chain->n_conv; i < chain->n; i++) {
		cap = &chain->cap[i];
		if (is_shown(&fn->image, cap)) {
			shown++;
			prev = cap;
		} else if (prev) {
			set_next(&view->image, prev->off, cap->next);
		} else {
			put32(&view->image, cap->off, EXT_HEADER(0, 0, cap->next));
			prev = cap;
		}
	}
	if (!shown) {
		put32(&view->image, CAPGAP_CONV_END, 0);
		view->hidden = true;
	}
}
