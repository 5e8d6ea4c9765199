/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options about many functions. */
#include "cli.h"

const char *common_set(struct settings *set, const char *arg)
{
	(void)arg;
	set->common.common = true;
	return NULL;
}

const char *common_set_group(struct settings *set, const char *arg)
{
	int by = capgap_group_by_find(arg);

	if (by < 0)
		return "groups are vendor:device, vendor:device:revision, vendor and all";
	set->common.by = (enum capgap_group_by)by;
	set->common.common = true;
	return NULL;
}

const char *common_set_samples(struct settings *set, const char *arg)
{
	(void)arg;
	set->common.samples = true;
	return NULL;
}
