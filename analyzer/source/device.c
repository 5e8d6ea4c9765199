/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A device itself: its bytes are read no further than it bears. */
#include "device.h"

#include "../header.h"

/* What a kernel gives without privilege: of a header of type 2 more than of others. */
#define GIVEN CAPGAP_HEADER_END
#define GIVEN_CARDBUS HDR_CARDBUS_END

const char *capgap_device_withheld(void)
{
	return "without privilege the kernel gives 64 bytes a function: run as root or with "
	       "CAP_SYS_ADMIN; elsewhere, read what `capgap capture` wrote as root";
}

void capgap_device_tell_captured(const struct capgap_sink *sink, const char *name,
				 const struct capgap_record *rec, bool *told)
{
	struct capgap_err err;

	if (!(rec->meta.flags & CAPGAP_META_WITHHELD) || *told)
		return;
	*told = true;
	capgap_err_set(&err, CAPGAP_E_DAMAGED, 0,
		       "captured without privilege, when the kernel gave 64 bytes a "
		       "function: read what `capgap capture` writes as root or with "
		       "CAP_SYS_ADMIN");
	if (sink->trouble)
		sink->trouble(sink->ctx, name, &err);
}

const char *capgap_device_by_itself(void)
{
	return "this is a file of the running kernel, which may be read only so far as its "
	       "device bears: give its folder, or run without INPUT";
}

const char *capgap_device_too_long(void)
{
	return "the file config is longer than 4096 bytes";
}

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

static bool is_withheld(const uint8_t *bytes, unsigned got)
{
	bool cardbus = (bytes[HDR_TYPE] & HDR_TYPE_LAYOUT) == HDR_CARDBUS;

	return got == (cardbus ? GIVEN_CARDBUS : GIVEN);
}

/* The bytes behind the first @first, which @bytes and @rec hold. */
static int read_rest(const struct capgap_device *dev, const struct capgap_sink *sink,
		     struct capgap_record *rec, uint8_t *bytes, unsigned first,
		     struct capgap_err *err)
{
	unsigned limit = least(sink->limit(sink->ctx, rec), dev->size);
	int rc = (int)limit;
	unsigned got;

	if (limit > first)
		rc = dev->read(dev->ctx, bytes, first, limit, err);
	if (rc < 0)
		return rc;
	got = (unsigned)rc;
	if (got > first)
		capgap_image_put(&rec->image, first, bytes + first, got - first);
	if (got < limit && is_withheld(bytes, got))
		rec->meta.flags |= CAPGAP_META_WITHHELD;
	if (got == limit && limit < dev->size)
		capgap_image_drop(&rec->image, limit, dev->size - limit);
	return 0;
}

int capgap_device_read(const struct capgap_device *dev, const struct capgap_sink *sink,
		       struct capgap_record *rec, struct capgap_err *err)
{
	uint8_t bytes[CAPGAP_SPACE_MAX];
	unsigned first = least(dev->size, CAPGAP_HEADER_END);
	int rc;

	if (!first)
		return capgap_err_set(err, CAPGAP_E_IO, 0,
				      "its file config is empty, or is not there");
	if (dev->size > CAPGAP_SPACE_MAX)
		return capgap_err_set(err, CAPGAP_E_FORMAT, 0, "%s",
				      capgap_device_too_long());
	rc = dev->read(dev->ctx, bytes, 0, first, err);
	if (rc < 0)
		return rc;
	if (!rc)
		return capgap_err_set(err, CAPGAP_E_IO, 0, "it gives no bytes");
	capgap_image_put(&rec->image, 0, bytes, (size_t)rc);
	return (unsigned)rc < first ? 0 : read_rest(dev, sink, rec, bytes, first, err);
}
