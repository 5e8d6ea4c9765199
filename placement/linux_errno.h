/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Linux's error numbers, as the kernel's answers are told. */
#ifndef CAPGAP_LINUX_ERRNO_H
#define CAPGAP_LINUX_ERRNO_H

enum capgap_linux_errno {
	CAPGAP_LINUX_OK,
#define CAPGAP_LINUX_ERRNO(name, number, text) CAPGAP_LINUX_##name = (number),
#include "linux_errno.def"
#undef CAPGAP_LINUX_ERRNO
};

/* "ENOTTY"; NULL for 0 and for numbers that no answer here has. */
const char *capgap_linux_errno_name(enum capgap_linux_errno number);

/* What it says of a query, static; NULL likewise. */
const char *capgap_linux_errno_text(enum capgap_linux_errno number);

#endif
