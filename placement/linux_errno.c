/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Linux's error numbers, as the kernel's answers are told. */
#include "linux_errno.h"

#include <stddef.h>

struct row {
	enum capgap_linux_errno number;
	const char *name;
	const char *text;
};

static const struct row table[] = {
#define CAPGAP_LINUX_ERRNO(name, number, text) { CAPGAP_LINUX_##name, #name, text },
#include "linux_errno.def"
#undef CAPGAP_LINUX_ERRNO
};

static const struct row *find(enum capgap_linux_errno number)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (table[i].number == number)
			return &table[i];
	}
	return NULL;
}

const char *capgap_linux_errno_name(enum capgap_linux_errno number)
{
	const struct row *row = find(number);

	return row ? row->name : NULL;
}

const char *capgap_linux_errno_text(enum capgap_linux_errno number)
{
	const struct row *row = find(number);

	return row ? row->text : NULL;
}
