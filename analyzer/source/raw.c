/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A binary image: the bytes of one configuration space and nothing else. */
#include "source.h"

#include <string.h>

#include "walk.h"

/* Sizes in which kernels hand out configuration space (config-space facts: 64, 256, 4096). */
static const size_t usual_sizes[] = { 64, 128, 256, 4096 };

/*
 * Header: vendor id in bytes 0-1, command and status in 4-7, header type in
 * byte 0x0e (types above 2 do not exist), bytes 0x35-0x37 reserved in types 0 and 1.
 */
#define HEADER_COMMAND 0x04u
#define HEADER_TYPE 0x0eu
#define HEADER_TYPE_MASK 0x7fu
#define HEADER_TYPE_MAX 2u
#define HEADER_RESERVED 0x35u
#define HEADER_RESERVED_LEN 3u

/* Nothing speaks against it; it also looks like a header. */
#define BID_POSSIBLE (CAPGAP_BID_LIKELY / 2)
#define BID_HEADER (CAPGAP_BID_LIKELY * 6)

/*
 * Does it begin like configuration space? A tree that holds some is full of
 * other small binaries; ACPI tables say their length where command and status are.
 */
static bool has_header(const uint8_t *bytes, size_t len)
{
	static const uint8_t zero[HEADER_RESERVED_LEN];
	uint8_t type;
	bool usual = false;

	for (size_t i = 0; i < sizeof(usual_sizes) / sizeof(usual_sizes[0]); i++)
		usual = usual || len == usual_sizes[i];
	if (!usual)
		return false;
	type = bytes[HEADER_TYPE] & HEADER_TYPE_MASK;
	if ((!bytes[0] && !bytes[1]) || type > HEADER_TYPE_MAX)
		return false;
	if (bytes[HEADER_COMMAND] == (len & 0xff) &&
	    bytes[HEADER_COMMAND + 1] == len >> 8 && !bytes[HEADER_COMMAND + 2] &&
	    !bytes[HEADER_COMMAND + 3])
		return false;
	return type == HEADER_TYPE_MAX ||
	       !memcmp(bytes + HEADER_RESERVED, zero, sizeof(zero));
}

static int raw_bid(const struct capgap_stream *s)
{
	if (!s->n_peek || s->n_peek > CAPGAP_SPACE_MAX ||
	    capgap_is_text(s->peek, s->n_peek))
		return 0;
	return has_header(s->peek, s->n_peek) ? BID_HEADER : BID_POSSIBLE;
}

/*
 * The address at the start of a name, DOMAIN:BUS:DEV.FN or with '-' for ':';
 * then the name must end, or go on with '.', '-' or '_'.
 */
static bool name_address(const char *name, struct capgap_bdf *bdf)
{
	char text[CAPGAP_BDF_TEXT];
	unsigned seps = 0;
	size_t n = 0;

	for (; n < sizeof(text) - 1 && name[n]; n++) {
		bool sep = seps < 2 && (name[n] == ':' || name[n] == '-');

		text[n] = sep ? ':' : name[n];
		seps += sep;
		if (n && text[n - 1] == '.' && seps == 2) {
			n++;
			break;
		}
	}
	text[n] = '\0';
	return capgap_walk_is_address(text, bdf) && (!name[n] || strchr(".-_", name[n]));
}

/* The address that the path of an image tells: in its name, or of the directory of "config". */
static bool path_address(const char *path, struct capgap_bdf *bdf)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	char dir[CAPGAP_BDF_TEXT];
	const char *start;
	size_t len;

	if (name_address(name, bdf))
		return true;
	if (!slash || strcmp(name, "config") != 0)
		return false;
	for (start = slash; start > path && start[-1] != '/'; start--)
		;
	len = (size_t)(slash - start);
	if (len >= sizeof(dir))
		return false;
	memcpy(dir, start, len);
	dir[len] = '\0';
	return capgap_walk_is_address(dir, bdf);
}

static int raw_read(struct capgap_stream *s, const struct capgap_sink *sink,
		    struct capgap_err *err)
{
	uint8_t bytes[CAPGAP_SPACE_MAX];
	struct capgap_record rec = { .meta.flags = CAPGAP_META_RAW };
	size_t n = capgap_stream_read(s, bytes, sizeof(bytes));

	if (ferror(s->file))
		return capgap_err_set(err, CAPGAP_E_IO, 0, NULL);
	if (!n)
		return capgap_err_set(err, CAPGAP_E_EMPTY, 0, NULL);
	capgap_image_init(&rec.image);
	capgap_image_put(&rec.image, 0, bytes, n);
	if (path_address(s->name, &rec.meta.bdf))
		rec.meta.flags |= CAPGAP_META_BDF;
	return sink->record(sink->ctx, &rec);
}

const struct capgap_format capgap_format_raw = { "raw", raw_bid, raw_read };
