/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The configuration space as vfio-pci shows it to a VMM. */
#include "view.h"

#include <string.h>

#include "view_length.h"

#include "../analyzer/bytes.h"
#include "../analyzer/header.h"

/* What the kernel's map says of a byte beside capability ids, which are below. */
#define MAP_RAW 0xffu	  /* read from the hardware */
#define MAP_VIRTUAL 0xfeu /* read from the kernel's copy */

/* Dwords of PCI-compatible space behind the header bound the kernel's walk there. */
#define CONV_HOPS ((CAPGAP_CONV_END - CAPGAP_HEADER_END) / 4u)

/**
 * struct walk - the kernel's two walks
 * @raw: what the hardware shows
 * @view: its image is the kernel's copy until merge()
 * @kernel: which kernels
 * @extended: an entry was met behind which the kernel looks for the extended list
 * @map: which capability each byte is of
 * @noted: one bit a dword: the capability there is in the view's list already
 */
struct walk {
	const struct capgap_image *raw;
	struct capgap_view *view;
	enum capgap_kernel kernel;
	bool extended;
	uint8_t map[CAPGAP_SPACE_MAX];
	uint32_t noted[CAPGAP_SPACE_MAX / 4 / 32];
};

static void put8(struct capgap_image *img, unsigned off, uint8_t val)
{
	capgap_image_put(img, off, &val, 1);
}

static void put16(struct capgap_image *img, unsigned off, unsigned val)
{
	uint8_t bytes[2] = { (uint8_t)val, (uint8_t)(val >> 8) };

	capgap_image_put(img, off, bytes, sizeof(bytes));
}

static void put32(struct capgap_image *img, unsigned off, uint32_t val)
{
	uint8_t bytes[4] = { (uint8_t)val, (uint8_t)(val >> 8), (uint8_t)(val >> 16),
			     (uint8_t)(val >> 24) };

	capgap_image_put(img, off, bytes, sizeof(bytes));
}

/* Keep a hidden capability for people; a list that loops comes by more than once. */
static void note_hidden(struct walk *w, enum capgap_space space, unsigned off,
			unsigned id, unsigned from)
{
	uint32_t bit = UINT32_C(1) << (off / 4 % 32);
	struct capgap_view *view = w->view;

	if ((w->noted[off / 4 / 32] & bit) || view->n_caps == CAPGAP_CAPS_MAX)
		return;
	w->noted[off / 4 / 32] |= bit;
	view->cap[view->n_caps++] = (struct capgap_hidden){
		space,
		space == CAPGAP_EXT && from == off ? CAPGAP_HIDING_NULL_HEADER :
						     CAPGAP_HIDING_UNLINKED,
		(uint16_t)off, (uint16_t)id, (uint16_t)from
	};
}

/* The kernel's maps are as long as the space, of which there are two sizes. */
static void note_overrun(struct walk *w, unsigned off, unsigned len)
{
	unsigned size = w->raw->size;

	if ((size == CAPGAP_CONV_END || size == CAPGAP_SPACE_MAX) && off + len > size &&
	    !w->view->overrun)
		w->view->overrun = (uint16_t)off;
}

/* A capability that is shown: its bytes are of its kind, and copied from the hardware. */
static void claim(struct walk *w, unsigned off, unsigned len, unsigned id)
{
	note_overrun(w, off, len);
	if (len > CAPGAP_SPACE_MAX - off)
		len = CAPGAP_SPACE_MAX - off;
	memset(w->map + off, (int)id, len);
	for (unsigned i = off; i < off + len; i++) {
		if (capgap_image_has(w->raw, i, 1))
			put8(&w->view->image, i, w->raw->data[i]);
	}
}

/* Whether the kernel looks for an extended list behind this entry. */
static bool asks_for_extended(const struct walk *w, unsigned off, unsigned id)
{
	uint16_t command;

	if (id == CAPGAP_CAP_EXP)
		return true;
	return id == CAPGAP_CAP_PCIX && capgap_get16(w->raw, off + 2u, &command) &&
	       (command & PCIX_COMMAND_VERSION);
}

/* Follow the list from the pointer in 0x34, taken as it is: not masked, not checked. */
static void walk_conv(struct walk *w)
{
	unsigned prev = HDR_CAP_PTR;
	unsigned shown = 0;
	bool unread = false;
	uint16_t status;
	unsigned len;
	uint8_t next;
	uint8_t id;
	uint8_t pos;

	w->view->complete = capgap_get16(w->raw, HDR_STATUS, &status) &&
			    capgap_get8(w->raw, HDR_CAP_PTR, &pos);
	if (!w->view->complete || !(status & STATUS_CAP_LIST))
		return;
	for (unsigned hops = 0; pos && hops < CONV_HOPS; hops++, pos = next) {
		if (!capgap_get8(w->raw, pos, &id) ||
		    !capgap_get8(w->raw, pos + CONV_NEXT, &next)) {
			w->view->complete = false;
			return;
		}
		len = capgap_view_length(w->raw, CAPGAP_CONV, pos, id, w->kernel,
					 &unread);
		if (!len) {
			note_hidden(w, CAPGAP_CONV, pos, id, prev);
			put8(&w->view->image,
			     prev == HDR_CAP_PTR ? prev : prev + CONV_NEXT, next);
			continue;
		}
		claim(w, pos, len, id);
		w->extended |= asks_for_extended(w, pos, id);
		prev = pos;
		shown++;
	}
	w->view->complete &= !unread;
	w->view->conv_gone = !shown;
	if (!shown)
		put16(&w->view->image, HDR_STATUS, status & ~STATUS_CAP_LIST);
}

/* The pointer of the header at @off, in the kernel's copy; its low bits stay as they are. */
static void set_next(struct walk *w, unsigned off, unsigned next)
{
	uint32_t header = 0;

	if (capgap_get32(&w->view->image, off, &header))
		put32(&w->view->image, off,
		      (header & (0xfffffu | PTR_RESERVED << 20)) | (uint32_t)next << 20);
}

/*
 * Hide the entry at @off; the first one becomes a null header in the kernel's copy. It marks
 * its map with the id, of which a byte of the map holds the low eight bits: where these are
 * those of MAP_RAW, the hardware's header is read all the same.
 */
static unsigned hide_ext(struct walk *w, unsigned off, uint32_t header, unsigned prev)
{
	unsigned next = EXT_NEXT(header) & ~PTR_RESERVED;

	note_hidden(w, CAPGAP_EXT, off, EXT_ID(header), prev ? prev : off);
	if (prev) {
		set_next(w, prev, next);
		return prev;
	}
	memset(w->map + off, (EXT_ID(header) & 0xffu) == MAP_RAW ? MAP_RAW : MAP_VIRTUAL,
	       4);
	put32(&w->view->image, off, EXT_HEADER(0, 0, next));
	return off;
}

/*
 * Follow the extended list: a header of zeros counts as id 0 and one of ones as id ffff,
 * both hidden; a pointer below 0x100 ends the walk, and so does the number of dwords.
 */
static void walk_ext(struct walk *w)
{
	unsigned dwords = (w->raw->size - CAPGAP_CONV_END) / 4u;
	unsigned pos = CAPGAP_CONV_END;
	unsigned prev = 0;
	unsigned shown = 0;
	bool unread = false;
	uint32_t header;
	unsigned len;

	for (unsigned hops = 0; hops < dwords && pos >= CAPGAP_CONV_END; hops++) {
		if (!capgap_get32(w->raw, pos, &header)) {
			w->view->complete = false;
			return;
		}
		len = capgap_view_length(w->raw, CAPGAP_EXT, pos, EXT_ID(header),
					 w->kernel, &unread);
		if (len) {
			claim(w, pos, len, EXT_ID(header));
			prev = pos;
			shown++;
		} else {
			prev = hide_ext(w, pos, header, prev);
		}
		pos = EXT_NEXT(header) & ~PTR_RESERVED;
	}
	w->view->complete &= !unread;
	if (shown)
		return;
	w->view->hidden = true;
	put32(&w->view->image, CAPGAP_CONV_END, 0);
}

/*
 * Whether a VMM reads the byte at @off from the kernel's copy, where that may differ: the
 * header of what the map says starts here, and the pointer byte in PCI-compatible space.
 */
static bool is_virtual(const struct walk *w, unsigned off)
{
	unsigned base = off < CAPGAP_CONV_END ? CAPGAP_HEADER_END : CAPGAP_CONV_END;
	unsigned kind = w->map[off];
	unsigned start = off;
	unsigned chunk = off;

	if (kind == MAP_RAW || kind == MAP_VIRTUAL)
		return kind == MAP_VIRTUAL;
	while (start > base && w->map[start - 1] == kind)
		start--;
	if (off < CAPGAP_CONV_END)
		return off - start == CONV_NEXT;
	/* Reads are cut into dwords, and those where the kind changes. */
	while (chunk % 4 && w->map[chunk - 1] == kind)
		chunk--;
	return chunk - start < 4;
}

/* Whether the pointer that skips a hidden capability is not what a VMM reads. */
static bool hiding_fails(const struct walk *w, const struct capgap_hidden *cap)
{
	if (cap->from == HDR_CAP_PTR)
		return false;
	if (cap->space == CAPGAP_CONV)
		return !is_virtual(w, cap->from + CONV_NEXT);
	return !is_virtual(w, cap->from + 2u) || !is_virtual(w, cap->from + 3u);
}

/* Put the hardware's bytes back where the kernel does not read its copy. */
static void merge(struct walk *w)
{
	struct capgap_view *view = w->view;
	uint32_t head;

	for (unsigned off = CAPGAP_HEADER_END; off < w->raw->size; off++) {
		if (view->image.data[off] != w->raw->data[off] && !is_virtual(w, off))
			put8(&view->image, off, w->raw->data[off]);
	}
	if (capgap_get32(&view->image, CAPGAP_CONV_END, &head) && head)
		view->hidden = false;
	for (unsigned i = 0; i < view->n_caps; i++) {
		if (hiding_fails(w, &view->cap[i]))
			view->cap[i].how = CAPGAP_HIDING_FAILS;
		else if (view->hidden && view->cap[i].space == CAPGAP_EXT)
			view->cap[i].how = CAPGAP_HIDING_ZERO;
	}
}

/* What the kernel knows better of a virtual function than its header says. */
static void show_vf(struct capgap_view *view, const struct capgap_function *fn)
{
	struct capgap_image *img = &view->image;
	uint16_t command;

	if (fn->id_from != CAPGAP_ID_NONE && capgap_image_has(img, HDR_VENDOR, 4)) {
		put16(img, HDR_VENDOR, fn->vendor);
		put16(img, HDR_DEVICE, fn->device);
	}
	if (capgap_get16(img, HDR_COMMAND, &command))
		put16(img, HDR_COMMAND, command | COMMAND_MEMORY);
	if (capgap_image_has(img, HDR_INTERRUPT_PIN, 1))
		put8(img, HDR_INTERRUPT_PIN, 0);
}

static void derive(struct capgap_view *view, const struct capgap_function *fn,
		   enum capgap_kernel kernel)
{
	struct walk w = { .raw = &fn->image, .view = view, .kernel = kernel };
	uint32_t head;

	memset(w.map, MAP_RAW, sizeof(w.map));
	if (fn->kind == CAPGAP_KIND_VF)
		show_vf(view, fn);
	walk_conv(&w);
	if (w.extended && fn->image.size > CAPGAP_CONV_END) {
		if (!capgap_get32(&fn->image, CAPGAP_CONV_END, &head))
			view->complete = false;
		else if (head)
			walk_ext(&w);
	}
	/* Of a text nobody knows whether the space ends where it does. */
	if (w.extended && fn->image.size == CAPGAP_CONV_END &&
	    !(fn->meta.flags & CAPGAP_META_SYSFS))
		view->overrun = 0;
	merge(&w);
}

/* Whether the dump from the VFIO side links a capability of the host's. */
static bool dump_links(const struct capgap_function *fn, const struct capgap_cap *cap)
{
	for (unsigned i = 0; i < fn->vfio_chain.n; i++) {
		if (fn->vfio_chain.cap[i].space == cap->space &&
		    fn->vfio_chain.cap[i].off == cap->off && fn->vfio_chain.cap[i].id)
			return true;
	}
	return false;
}

/* A dump is what it is; what it hides is what the host's lists have and its own have not. */
static void take_dump(struct capgap_view *view, const struct capgap_function *fn)
{
	const struct capgap_cap *cap;
	enum capgap_hiding how;
	uint32_t head = 0;

	view->image = fn->vfio_image;
	view->hidden = fn->chain.n > fn->chain.n_conv &&
		       capgap_get32(&view->image, CAPGAP_CONV_END, &head) && !head;
	view->conv_gone = fn->chain.n_conv && !fn->vfio_chain.n_conv;
	for (unsigned i = 0; i < fn->chain.n; i++) {
		cap = &fn->chain.cap[i];
		if (dump_links(fn, cap))
			continue;
		how = CAPGAP_HIDING_UNLINKED;
		if (cap->space == CAPGAP_EXT && view->hidden)
			how = CAPGAP_HIDING_ZERO;
		else if (cap->off == CAPGAP_CONV_END)
			how = CAPGAP_HIDING_NULL_HEADER;
		view->cap[view->n_caps++] = (struct capgap_hidden){ cap->space, how,
								    cap->off, cap->id,
								    cap->from };
	}
}

void capgap_view_derive(struct capgap_view *view, const struct capgap_function *fn,
			enum capgap_kernel kernel)
{
	uint8_t type = fn->chain.ctx.header_type;

	view->image = fn->image;
	view->hidden = false;
	view->origin = CAPGAP_VIEW_DERIVED;
	view->complete = true;
	view->conv_gone = false;
	view->overrun = 0;
	view->n_caps = 0;
	if (fn->vantage != CAPGAP_VANTAGE_HOST) {
		view->origin = CAPGAP_VIEW_INPUT;
	} else if (fn->has_vfio_image) {
		view->origin = CAPGAP_VIEW_DUMP;
		take_dump(view, fn);
	} else if (type == 0xff) {
		/* Nobody knows whether the kernel takes it, nor whose the pointer is. */
		view->complete = false;
	} else if (type != HDR_ENDPOINT) {
		view->origin = CAPGAP_VIEW_NOT_TAKEN;
	} else {
		derive(view, fn, kernel);
	}
}

enum capgap_path_is capgap_view_overrun(const struct capgap_function *fn, unsigned *off)
{
	struct capgap_view view;

	capgap_view_derive(&view, fn, CAPGAP_KERNEL_6_4);
	if (view.overrun) {
		*off = view.overrun;
		return CAPGAP_PATH_YES;
	}
	return view.complete ? CAPGAP_PATH_NO : CAPGAP_PATH_UNKNOWN;
}

bool capgap_view_change(const struct capgap_view *view, const struct capgap_function *fn,
			unsigned from, struct capgap_edit *edit)
{
	uint32_t before;
	uint32_t after;

	for (unsigned off = from; off < CAPGAP_SPACE_MAX; off += 4) {
		if (!capgap_get32(&fn->image, off, &before) ||
		    !capgap_get32(&view->image, off, &after) || before == after)
			continue;
		*edit = (struct capgap_edit){ (uint16_t)off, before, after };
		return true;
	}
	return false;
}

static const char *const kernel_names[] = {
	[CAPGAP_KERNEL_6_4] = ">=6.4",
	[CAPGAP_KERNEL_OLD] = "<6.4",
};

const char *capgap_kernel_name(enum capgap_kernel kernel)
{
	return kernel_names[kernel];
}

/* Read a number of up to three digits; NULL when there is none. */
static const char *read_number(const char *text, unsigned *val)
{
	size_t len = strspn(text, "0123456789");

	*val = 0;
	if (!len || len > 3)
		return NULL;
	for (size_t i = 0; i < len; i++)
		*val = *val * 10 + (unsigned)(text[i] - '0');
	return text + len;
}

int capgap_kernel_find(const char *name)
{
	const char *rest;
	unsigned major;
	unsigned minor;

	for (int i = CAPGAP_KERNEL_6_4; i <= CAPGAP_KERNEL_OLD; i++) {
		if (!strcmp(kernel_names[i], name))
			return i;
	}
	rest = read_number(name, &major);
	if (!rest || *rest != '.')
		return -CAPGAP_E_NOENT;
	rest = read_number(rest + 1, &minor);
	/* What follows is a patch level, a release candidate or a distribution's own. */
	if (!rest || (*rest && !strchr(".-+_~", *rest)))
		return -CAPGAP_E_NOENT;
	return major > 6 || (major == 6 && minor >= 4) ? CAPGAP_KERNEL_6_4 :
							 CAPGAP_KERNEL_OLD;
}

const char *capgap_view_origin_name(enum capgap_view_origin origin)
{
	static const char *const names[] = {
		[CAPGAP_VIEW_DERIVED] = "derived",
		[CAPGAP_VIEW_DUMP] = "dump",
		[CAPGAP_VIEW_INPUT] = "input",
		[CAPGAP_VIEW_NOT_TAKEN] = "not-taken",
	};

	return names[origin];
}

const char *capgap_hiding_name(enum capgap_hiding how)
{
	static const char *const names[] = {
		[CAPGAP_HIDING_UNLINKED] = "unlinked",
		[CAPGAP_HIDING_NULL_HEADER] = "null-header",
		[CAPGAP_HIDING_ZERO] = "zero",
		[CAPGAP_HIDING_FAILS] = "still-linked",
	};

	return names[how];
}
