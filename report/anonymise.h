/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Takes out of a configuration space what tells the device from its like. */
#ifndef CAPGAP_ANONYMISE_H
#define CAPGAP_ANONYMISE_H

#include "../analyzer/function.h"

/**
 * capgap_anonymise() - replace serial numbers and other identity
 * @img: a copy of the function's image, changed
 * @fn: analysed, borrowed
 *
 * Serial numbers, the data register of Vital Product Data, and what the quirk table lists as
 * identity read 00; serial numbers that no list leads to read 01. Bytes that were not read
 * stay absent. docs/capture.md says which bytes stay all the same.
 */
void capgap_anonymise(struct capgap_image *img, const struct capgap_function *fn);

#endif
