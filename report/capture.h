/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes what a host shows of its functions, so that it can be read elsewhere. */
#ifndef CAPGAP_CAPTURE_H
#define CAPGAP_CAPTURE_H

#include <stdio.h>

#include "../analyzer/function.h"

/**
 * capgap_capture_begin() - write the first lines of a capture
 * @out: borrowed; its errors are left to its owner
 * @anonymise: say that serial numbers and other identity are replaced
 */
void capgap_capture_begin(FILE *out, bool anonymise);

/**
 * capgap_capture_function() - write one function
 * @out: borrowed; its errors are left to its owner
 * @fn: with an address, borrowed
 * @anonymise: write 00 for the serial number of each Device Serial Number capability, and
 *             for what the quirk table says tells the function from its like
 *
 * Text as of lspci -xxxx, with comments that say what sysfs says of the function, and
 * which bytes were not read (docs/capture.md).
 */
void capgap_capture_function(FILE *out, const struct capgap_function *fn, bool anonymise);

#endif
