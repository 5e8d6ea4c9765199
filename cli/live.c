/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Consent to what asking the running kernel does. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

void live_select(struct settings *set)
{
	select_init(&set->select);
	set->select.slot_given = true;
	set->select.domain = (long)set->live.bdf.domain;
	set->select.bus = set->live.bdf.bus;
	set->select.dev = set->live.bdf.dev;
	set->select.fn = set->live.bdf.fn;
}

struct capgap_live_request live_request(const struct settings *set,
					const struct capgap_bdf *bdf)
{
	struct capgap_live_request req = {
		.bdf = *bdf,
		.path = set->live.path,
		.has_token = set->live.has_token,
		.sysfs = set->host.sysfs,
	};

	memcpy(req.token, set->live.token, sizeof(req.token));
	return req;
}

/* What sysfs says of one function, so that somebody can see whether it may be reset. */
static void describe(const struct live_target *target)
{
	const struct capgap_live_facts *facts = &target->facts;
	char bdf[CAPGAP_BDF_TEXT];
	char more[3 * CAPGAP_LIVE_NAME] = "";
	char vfs[2 * CAPGAP_LIVE_NAME] = "";
	char blocked[3 * CAPGAP_LIVE_NAME] = "";
	const char *asleep = facts->asleep ?
				     "; it sleeps in D3cold, so that opening wakes it" :
				     "";

	if (facts->others)
		snprintf(more, sizeof(more), ", which has %u more function%s on VFIO",
			 facts->others, facts->others == 1 ? "" : "s");
	if (facts->vfs)
		snprintf(
			vfs, sizeof(vfs),
			"; it has %u enabled virtual function%s, under which it is reset",
			facts->vfs, facts->vfs == 1 ? "" : "s");
	if (facts->blocker[0])
		snprintf(blocked, sizeof(blocked),
			 "; %s of that group is bound to %s, so the kernel will refuse",
			 facts->blocker, facts->blocker_driver);
	complain("%s: bound to %s, IOMMU group %u%s%s%s%s%s%s",
		 capgap_bdf_format(&target->bdf, bdf),
		 facts->driver[0] ? facts->driver : "no driver", facts->group, more, vfs,
		 asleep, blocked, facts->cdev[0] ? "; vfio-dev/" : "", facts->cdev);
}

/* One line from the terminal: true for "y" or "yes". */
static bool ask(void)
{
	char line[16];

	fputs("Go on? [y/N] ", stderr);
	fflush(stderr);
	if (!fgets(line, sizeof(line), stdin)) {
		fputc('\n', stderr);
		return false;
	}
	line[strcspn(line, "\n")] = '\0';
	return !strcmp(line, "y") || !strcmp(line, "Y") || !strcmp(line, "yes");
}

bool live_agree(const struct settings *set, const struct live_target *list, size_t n)
{
	const char *it = n == 1 ? "this function" : "each of these functions";

	complain(
		"asking opens %s through VFIO, which resets it; closing it resets it again, "
		"or its whole bus or slot with the functions of VFIO there. Its whole IOMMU "
		"group is claimed meanwhile",
		it);
	for (size_t i = 0; i < n; i++)
		describe(&list[i]);
	if (set->live.yes)
		return true;
	if (isatty(STDIN_FILENO) && isatty(STDERR_FILENO)) {
		if (ask())
			return true;
	} else {
		complain("there is no terminal to ask on; --yes agrees to it");
	}
	return false;
}

void live_approach(struct capgap_live_request *req, const struct settings *set,
		   struct capgap_live_facts *facts, struct capgap_live_trouble *trouble)
{
	struct live_target target = { .bdf = req->bdf };

	if (!capgap_live_look(&target.facts, capgap_live_system(), req, trouble)) {
		req->consent = live_agree(set, &target, 1);
		req->has_agreed = req->consent;
		req->agreed = target.facts;
		if (!req->consent) {
			*trouble = (struct capgap_live_trouble){
				.situation = CAPGAP_LIVE_NO_CONSENT
			};
			complain("%s", capgap_strerror(CAPGAP_E_CONSENT));
		}
	}
	*facts = target.facts;
}
