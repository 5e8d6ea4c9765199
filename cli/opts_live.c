/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options about the running kernel. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "../analyzer/source/sysfs.h"
#include "cli.h"

const char *live_set_function(struct settings *set, const char *arg)
{
	struct select sel;
	const char *wrong;

	select_init(&sel);
	wrong = select_parse_slot(&sel, arg);
	if (wrong)
		return wrong;
	if (sel.bus < 0 || sel.dev < 0 || sel.fn < 0 || strchr(arg, '*'))
		return "an address is [DOMAIN:]BUS:DEVICE.FUNCTION in hex";
	if (set->live.has_bdf)
		return "one function at a time";
	set->live.bdf =
		(struct capgap_bdf){ .domain = sel.domain < 0 ? 0 : (uint32_t)sel.domain,
				     .bus = (uint8_t)sel.bus,
				     .dev = (uint8_t)sel.dev,
				     .fn = (uint8_t)sel.fn };
	set->live.has_bdf = true;
	return NULL;
}

const char *live_set_token(struct settings *set, const char *arg)
{
	if (!capgap_live_token_parse(arg, set->live.token))
		return "a VF token is a UUID: 8-4-4-4-12 hex digits";
	set->live.has_token = true;
	return NULL;
}

const char *live_set_path(struct settings *set, const char *arg)
{
	for (int i = CAPGAP_LIVE_PATH_CDEV; i <= CAPGAP_LIVE_PATH_GROUP; i++) {
		set->live.path = (enum capgap_live_path)i;
		if (!strcmp(arg, capgap_live_path_name(set->live.path)))
			return NULL;
	}
	return "ways are cdev and group";
}

const char *live_set_yes(struct settings *set, const char *arg)
{
	(void)arg;
	set->live.yes = true;
	return NULL;
}

const char *live_set_query(struct settings *set, const char *arg)
{
	(void)arg;
	set->live.query = true;
	return NULL;
}

/* True for a directory of the running kernel's sysfs, wherever it is mounted. */
static bool is_sysfs(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool is;

	if (fd < 0)
		return false;
	is = capgap_sysfs_is_live(fd);
	close(fd);
	return is;
}

const char *live_judge(const struct settings *set)
{
	const struct live_settings *live = &set->live;

	if (!live->has_bdf && !live->query)
		return live->has_token || live->yes || live->path ?
			       "--yes, --vf-token and --path are about asking the running "
			       "kernel" :
			       NULL;
	if (set->n_args)
		return "the running kernel is asked about this machine: there can be no INPUT";
	if (live->has_bdf && (set->select.slot_given || set->select.ids_given))
		return "--live names the function; --slot and --device do not go with it";
	if (set->view.dump || set->analysis.vantage != CAPGAP_VANTAGE_HOST)
		return "the running kernel's word is compared with the host's own: --vfio-view "
		       "and --from do not go with it";
	/* A copied tree would name the nodes of other devices. */
	if (set->host.sysfs && !is_sysfs(set->host.sysfs))
		return "--sysfs is not this machine's sysfs, so it cannot tell which node "
		       "to open";
	return NULL;
}
