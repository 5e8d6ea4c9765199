/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The dump of --vfio-view, which is joined to the inputs. */
#include <stdlib.h>
#include <string.h>

#include "cli.h"

/* Functions that match nothing are named up to here; then they are counted. */
#define NAMED_MAX 4u

static void on_trouble(void *ctx, const char *name, const struct capgap_err *err)
{
	(void)ctx;
	if (err->line)
		complain("--vfio-view %s:%lu: %s", name, err->line, err->text);
	else
		complain("--vfio-view %s: %s", name, err->text);
}

/*
 * A dump of one function may say no address, as the bytes of a VFIO region do: it is then
 * that of --slot, where that is one function, else that of the only input.
 */
static void give_address(struct joined *joined, const struct select *sel, bool lone)
{
	struct capgap_bdf bdf = { .domain = sel->domain < 0 ? 0 : (uint32_t)sel->domain,
				  .bus = (uint8_t)sel->bus,
				  .dev = (uint8_t)sel->dev,
				  .fn = (uint8_t)sel->fn };

	if (sel->bus >= 0 && sel->dev >= 0 && sel->fn >= 0 &&
	    capgap_vfio_dumps_join(joined->dumps, &bdf))
		return;
	if (lone)
		capgap_vfio_dumps_join(joined->dumps, NULL);
}

static int read_dump(struct joined *joined, struct settings *set, bool lone)
{
	int rc = capgap_vfio_dumps_read(joined->dumps, joined->path, on_trouble, NULL);

	if (rc && rc != -CAPGAP_E_DAMAGED)
		return rc;
	joined->trouble = rc != 0;
	while (capgap_vfio_dumps_row(joined->dumps, joined->n))
		joined->n++;
	joined->used = calloc(joined->n + 1u, sizeof(*joined->used));
	if (!joined->used)
		return -CAPGAP_E_NOMEM;
	give_address(joined, &set->select, lone);
	set->analysis.vfio = joined->dumps;
	return 0;
}

int joined_open(struct joined *joined, struct settings *set, bool lone)
{
	int rc = -CAPGAP_E_NOMEM;

	*joined = (struct joined){ .path = set->view.dump };
	if (!joined->path)
		return -1;
	if (set->analysis.vantage != CAPGAP_VANTAGE_HOST) {
		complain("--vfio-view stands beside a host's dump, and --from says %s",
			 capgap_vantage_name(set->analysis.vantage));
		return EXIT_USAGE;
	}
	joined->dumps = capgap_vfio_dumps_new();
	if (joined->dumps)
		rc = read_dump(joined, set, lone);
	if (rc) {
		complain("--vfio-view %s: %s", joined->path, capgap_strerror(rc));
		return EXIT_REFUSED;
	}
	if (joined->n)
		return -1;
	if (!joined->trouble)
		complain("--vfio-view %s: there is no function in it", joined->path);
	return EXIT_INPUT;
}

void joined_note(struct joined *joined, const struct capgap_function *fn)
{
	const struct capgap_vfio_dump *dump;

	if (!joined->dumps)
		return;
	dump = capgap_vfio_dumps_find(joined->dumps, &fn->meta);
	if (dump)
		joined->used[dump - capgap_vfio_dumps_row(joined->dumps, 0)] = true;
}

static void name_unused(const struct joined *joined, unsigned n)
{
	const struct capgap_vfio_dump *dump = capgap_vfio_dumps_row(joined->dumps, n);
	char bdf[CAPGAP_BDF_TEXT];

	if (dump->has_bdf)
		complain("--vfio-view %s: no input has %s", joined->path,
			 capgap_bdf_format(&dump->bdf, bdf));
	else
		complain("--vfio-view %s: a function without an address is joined to one "
			 "input with one function, or to that of --slot BUS:DEV.FN",
			 joined->path);
}

bool joined_close(const struct joined *joined)
{
	unsigned unused = 0;

	for (unsigned i = 0; i < joined->n; i++) {
		if (joined->used[i] || capgap_vfio_dumps_row(joined->dumps, i)->ambiguous)
			continue;
		if (unused++ < NAMED_MAX)
			name_unused(joined, i);
	}
	if (unused > NAMED_MAX)
		complain("--vfio-view %s: nor %u more of its functions", joined->path,
			 unused - NAMED_MAX);
	return joined->trouble || (joined->n && unused == joined->n);
}

void joined_release(struct joined *joined)
{
	capgap_vfio_dumps_free(joined->dumps);
	free(joined->used);
	*joined = (struct joined){ .path = NULL };
}
