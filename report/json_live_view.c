/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The configuration region of VFIO against the derived view, in JSON. */
#include "json_live.h"

static json_t *reasons(const struct capgap_difference *diff)
{
	struct capgap_json list = capgap_json_array();
	struct capgap_json obj;

	for (unsigned i = 0; i < diff->n_whys; i++) {
		obj = capgap_json_object();
		capgap_json_put(&obj, "name",
				capgap_json_text(capgap_virtual_name(diff->why[i])));
		capgap_json_put(&obj, "text",
				capgap_json_text(capgap_virtual_why(diff->why[i])));
		capgap_json_push(&list, capgap_json_take(&obj));
	}
	return capgap_json_take(&list);
}

static json_t *differences(const struct capgap_comparison *comparison)
{
	struct capgap_json list = capgap_json_array();
	const struct capgap_difference *diff;
	struct capgap_json obj;

	for (unsigned i = 0; i < comparison->n; i++) {
		diff = &comparison->difference[i];
		obj = capgap_json_object();
		capgap_json_put(&obj, "offset", json_integer(diff->off));
		capgap_json_put(&obj, "host", json_integer(diff->host));
		capgap_json_put(&obj, "derived", json_integer(diff->derived));
		capgap_json_put(&obj, "vfio", json_integer(diff->vfio));
		capgap_json_put(&obj, "explained", json_boolean(diff->explained));
		capgap_json_put(&obj, "changed", json_boolean(diff->changed));
		capgap_json_put(&obj, "because", reasons(diff));
		capgap_json_push(&list, capgap_json_take(&obj));
	}
	return capgap_json_take(&list);
}

/* What came of the comparison; null where there was none. */
static void put_comparison(struct capgap_json *obj,
			   const struct capgap_live_view_answer *ans)
{
	const struct capgap_comparison *c = ans->comparison;

	capgap_json_put(obj, "kernel",
			c ? capgap_json_text(capgap_kernel_name(ans->kernel)) :
			    json_null());
	capgap_json_put(obj, "view_size",
			c ? json_integer((json_int_t)c->view_size) : json_null());
	capgap_json_put(obj, "compared", c ? json_integer(c->n_compared) : json_null());
	capgap_json_put(obj, "left_out", c ? json_integer(c->n_left_out) : json_null());
	capgap_json_put(obj, "unexplained",
			c ? json_integer(c->n_unexplained) : json_null());
	capgap_json_put(obj, "same",
			c ? json_boolean(capgap_compare_is_good(c)) : json_null());
	capgap_json_put(obj, "other_kernel_fits",
			c ? json_boolean(ans->other_fits) : json_null());
	capgap_json_put(obj, "differences", c ? differences(c) : json_null());
}

json_t *capgap_json_live_view(const struct capgap_live_view_answer *ans)
{
	const struct capgap_live_config *config = ans->config;
	struct capgap_json obj = capgap_json_object();
	bool reached = config->path != CAPGAP_LIVE_PATH_ANY;

	capgap_json_live_head(&obj, "capgap/live-view/1", &ans->base, &ans->bdf);
	capgap_json_put(&obj, "sysfs", capgap_json_live_facts(&config->facts));
	capgap_json_put(&obj, "path", capgap_json_live_path(config->path));
	capgap_json_put(&obj, "trouble", capgap_json_live_trouble(&config->trouble));
	capgap_json_put(&obj, "no_cdev", capgap_json_live_trouble(&config->no_cdev));
	capgap_json_put(&obj, "region_size",
			reached ? json_integer((json_int_t)config->size) : json_null());
	capgap_json_put(&obj, "read",
			reached ? json_integer((json_int_t)config->len) : json_null());
	capgap_json_put(&obj, "limit",
			reached && config->end < config->size ?
				json_integer((json_int_t)config->end) :
				json_null());
	put_comparison(&obj, ans);
	return capgap_json_take(&obj);
}
