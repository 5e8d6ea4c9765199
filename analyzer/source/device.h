/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A device itself: its bytes are read no further than it bears. */
#ifndef CAPGAP_SOURCE_DEVICE_H
#define CAPGAP_SOURCE_DEVICE_H

#include "source.h"

/**
 * struct capgap_device - a device, as somebody reaches it
 * @size: bytes of its file config, 0 where there is none; above 4096 it is not read
 * @read: read from @off to @end, to @bytes + @off. Returns where it ended, which is before
 *        @end where the kernel gives fewer, or a negated error, with its text in @err
 * @ctx: first argument of @read
 */
struct capgap_device {
	unsigned size;
	int (*read)(void *ctx, uint8_t *bytes, unsigned off, unsigned end,
		    struct capgap_err *err);
	void *ctx;
};

/**
 * capgap_device_read() - read the bytes of a device
 * @dev: borrowed
 * @sink: borrowed; its limit must be there
 * @rec: with an empty image and all that sysfs says; its image is filled
 * @err: filled on failure
 *
 * First the 64 bytes of the header; then the sink is asked for its limit; then the rest
 * up to there, at once. What lies behind the limit is absent. Where the kernel gives as
 * much as it does without privilege, and not more, @rec gets CAPGAP_META_WITHHELD.
 *
 * Return: 0, -CAPGAP_E_IO where there are no bytes of use, or -CAPGAP_E_FORMAT where there
 * are more than a function has.
 */
int capgap_device_read(const struct capgap_device *dev, const struct capgap_sink *sink,
		       struct capgap_record *rec, struct capgap_err *err);

/* What to say, once for an input, of bytes that are withheld now; static. */
const char *capgap_device_withheld(void);

/**
 * capgap_device_tell_captured() - say that bytes were withheld when an input was written
 * @sink: gets the trouble
 * @name: of the input, borrowed
 * @rec: a function of it, borrowed
 * @told: set when it is said; nothing is said again
 */
void capgap_device_tell_captured(const struct capgap_sink *sink, const char *name,
				 const struct capgap_record *rec, bool *told);

/* What to say of a device's own file that is given without its folder; static. */
const char *capgap_device_by_itself(void);

/* What to say of a file config that has more bytes than a function; static. */
const char *capgap_device_too_long(void);

#endif
