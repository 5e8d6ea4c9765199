/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The option --nodedev: libvirt's XML beside the inputs. */
#include "cli.h"

const char *nodedev_set_file(struct settings *set, const char *arg)
{
	if (set->nodedev.n == NODEDEV_FILES_MAX)
		return "there are too many of them; one file can hold several devices";
	set->nodedev.file[set->nodedev.n++] = arg;
	return NULL;
}

/* Say a fault of a file on stderr. */
static void report(void *ctx, const char *file, const struct capgap_err *err)
{
	(void)ctx;
	if (err->line)
		complain("%s:%lu: %s", file, err->line, err->text);
	else
		complain("%s: %s", file, err->text);
}

int nodedev_open(struct capgap_nodedevs **list, struct settings *set, bool *trouble)
{
	const struct capgap_nodedev_trouble faults = { report, NULL };
	int rc = 0;

	if (!set->nodedev.n)
		return -1;
	*list = capgap_nodedevs_new();
	for (unsigned i = 0; *list && i < set->nodedev.n; i++) {
		rc = capgap_nodedevs_load(*list, set->nodedev.file[i], &faults);
		if (rc == -CAPGAP_E_NOENT) {
			complain("--nodedev %s: %s", set->nodedev.file[i],
				 capgap_strerror(rc));
			return EXIT_USAGE;
		}
		if (rc == -CAPGAP_E_NOMEM)
			break;
		*trouble = *trouble || rc;
	}
	if (!*list || rc == -CAPGAP_E_NOMEM) {
		complain("%s", capgap_strerror(CAPGAP_E_NOMEM));
		return EXIT_REFUSED;
	}
	set->analysis.nodedevs = *list;
	return -1;
}
