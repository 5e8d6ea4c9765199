/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What comes of the things that the quirk table says of a function. */
#ifndef CAPGAP_FUNCTION_QUIRKS_H
#define CAPGAP_FUNCTION_QUIRKS_H

#include "function.h"

/**
 * struct capgap_quirk_bytes - bytes that a quirk speaks of, and who has them
 * @off: first byte
 * @len: bytes, at least 1
 * @owner: who has them
 * @cap: for a structure, its index in the chain or in the orphans; for RESERVED and
 *       LISTED the index in @fn->quirk of who says so; CAPGAP_NO_CAP where there is
 *       none, and where it is the quirk itself
 */
struct capgap_quirk_bytes {
	uint16_t off;
	uint16_t len;
	enum capgap_owner owner;
	uint16_t cap;
};

/**
 * capgap_quirk_bytes() - walk over the bytes that a quirk speaks of
 * @fn: analysed; borrowed
 * @quirk: one of @fn->quirk
 * @from: 0 at first, then the end of the last part
 * @bytes: filled when there is one
 *
 * PREFER speaks of the 8 bytes of the capability; verbs without a range, and LIMIT,
 * of none.
 *
 * Return: true and @bytes, or false when no byte is left.
 */
bool capgap_quirk_bytes(const struct capgap_function *fn,
			const struct capgap_quirk *quirk, unsigned from,
			struct capgap_quirk_bytes *bytes);

/* The structure that has such bytes, borrowed from @fn; NULL where none has. */
const struct capgap_cap *capgap_quirk_bytes_cap(const struct capgap_function *fn,
						const struct capgap_quirk_bytes *bytes);

/* The other quirk that has such bytes, borrowed from @fn; NULL where none has. */
const struct capgap_quirk *
capgap_quirk_bytes_quirk(const struct capgap_function *fn,
			 const struct capgap_quirk_bytes *bytes);

/**
 * capgap_quirk_acts() - whether a quirk changes anything for this function
 * @fn: analysed; borrowed
 * @quirk: one of @fn->quirk
 *
 * RESERVED and FREE act when they decide about a byte, PREFER when nobody has its
 * bytes, LIMIT when the image reaches so far, FINGERPRINT when its test holds,
 * DESCRIPTOR when the function has the DVSEC, REFUSE and SUSPECT always, NOTE never.
 */
bool capgap_quirk_acts(const struct capgap_function *fn,
		       const struct capgap_quirk *quirk);

/**
 * capgap_function_limit() - where reading a device must stop
 * @fn: analysed; 64 bytes of its image are enough, and none where the input says what it is
 * @quirks: the table that it was analysed with, borrowed; NULL forbids nothing
 *
 * Return: the first byte that the quirk table forbids to read, by what the header or the
 * input says that the function is; 4096 where it forbids nothing, 64 where it says more than
 * @fn has room for.
 */
unsigned capgap_function_limit(const struct capgap_function *fn,
			       const struct capgap_quirks *quirks);

#endif
