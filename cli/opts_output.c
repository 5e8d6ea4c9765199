/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options of commands that write images. */
#include <string.h>

#include "cli.h"
#include "image_out.h"

const char *output_set_file(struct settings *set, const char *arg)
{
	if (!*arg)
		return "it must be a file, or - for standard output";
	set->output = arg;
	return NULL;
}

const char *output_set_format(struct settings *set, const char *arg)
{
	set->binary = !strcmp(arg, "binary");
	set->lspci = !strcmp(arg, "lspci");
	return set->binary || set->lspci ? NULL : "an image is binary or lspci";
}
