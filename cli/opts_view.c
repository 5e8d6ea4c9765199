/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options about what vfio-pci shows. */
#include "cli.h"

const char *view_set_kernel(struct settings *set, const char *arg)
{
	int kernel = capgap_kernel_find(arg);

	if (kernel < 0)
		return "a kernel is >=6.4, <6.4, or a version such as 5.15 or 6.12.1";
	set->policy.kernel = (enum capgap_kernel)kernel;
	return NULL;
}

const char *view_set_dump(struct settings *set, const char *arg)
{
	if (set->view.dump)
		return "there can be one such dump";
	set->view.dump = arg;
	return NULL;
}
