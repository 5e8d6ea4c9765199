/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the suites share: images built from steps, their analysis, and what is found in it. */
#include "support.h"

#include <check.h>
#include <string.h>

static void store(uint8_t *data, const struct support_step *step)
{
	for (unsigned i = 0; i < step->len; i++) {
		if (step->kind == STEP_FILL)
			data[step->off + i] = (uint8_t)step->val;
		else
			data[step->off + i] = (uint8_t)(step->val >> 8 * i);
	}
}

static void store_base(uint8_t *data, enum support_base base)
{
	static const struct support_step common[] = {
		PUT16(0x00, SUPPORT_VENDOR), /* vendor */
		PUT16(0x02, SUPPORT_DEVICE), /* device */
		PUT16(0x06, 0x0010),	     /* status: there is a list */
		PUT32(0x08, 0x02000001),     /* Ethernet controller, revision 1 */
		PUT8(0x34, 0x40),	     /* first capability */
	};
	static const struct support_step pcie[] = { CONV(0x40, 0x10, 0),
						    PUT16(0x42, 0x0002) };
	static const struct support_step pm = CONV(0x40, 0x01, 0);
	static const struct support_step vf_ids = PUT32(0x00, 0xffffffff);

	if (base == BASE_BLANK)
		return;
	for (size_t i = 0; i < sizeof(common) / sizeof(common[0]); i++)
		store(data, &common[i]);
	if (base == BASE_CONVENTIONAL) {
		store(data, &pm);
		return;
	}
	store(data, &pcie[0]);
	store(data, &pcie[1]);
	if (base == BASE_VF)
		store(data, &vf_ids);
}

void support_record(struct capgap_record *rec, const struct support_image *how)
{
	uint8_t data[CAPGAP_SPACE_MAX] = { 0 };
	const struct support_step *step = how->step;
	unsigned n;

	memset(rec, 0, sizeof(*rec));
	store_base(data, how->base);
	for (n = 0; n < SUPPORT_STEPS_MAX && step[n].kind != STEP_NONE; n++) {
		if (step[n].kind != STEP_DROP)
			store(data, &step[n]);
	}
	capgap_image_init(&rec->image);
	capgap_image_put(&rec->image, 0, data, how->size ? how->size : CAPGAP_SPACE_MAX);
	for (unsigned i = 0; i < n; i++) {
		if (step[i].kind == STEP_DROP)
			capgap_image_drop(&rec->image, step[i].off, step[i].len);
	}
}

void support_step(struct capgap_record *rec, const struct support_step *step)
{
	uint8_t data[CAPGAP_SPACE_MAX] = { 0 };

	if (step->kind == STEP_DROP) {
		capgap_image_drop(&rec->image, step->off, step->len);
		return;
	}
	store(data, step);
	capgap_image_put(&rec->image, step->off, data + step->off, step->len);
}

struct capgap_bdf support_bdf(const char *text)
{
	struct capgap_bdf bdf = { 0 };

	ck_assert_uint_eq(capgap_bdf_parse(text, &bdf), strlen(text));
	return bdf;
}

void support_at(struct capgap_record *rec, const char *text)
{
	rec->meta.bdf = support_bdf(text);
	rec->meta.flags |= CAPGAP_META_BDF;
}

struct capgap_function *support_analyse(const struct capgap_record *rec,
					const struct capgap_topology *topo,
					enum capgap_vantage vantage)
{
	static struct capgap_function fn;
	struct capgap_options opt = { .vantage = vantage, .min_gap = CAPGAP_MIN_GAP };

	capgap_function_analyse(&fn, rec, topo, &opt);
	return &fn;
}

struct capgap_function *support_function(const struct support_image *how)
{
	struct capgap_record rec;

	support_record(&rec, how);
	return support_analyse(&rec, NULL, CAPGAP_VANTAGE_HOST);
}

const struct capgap_hit *support_find(const struct capgap_findings *list,
				      enum capgap_finding_kind kind)
{
	for (unsigned i = 0; i < list->n; i++) {
		if (list->hit[i].kind == kind)
			return &list->hit[i];
	}
	return NULL;
}

static bool same_hit(const struct capgap_hit *a, const struct capgap_hit *b)
{
	return a->kind == b->kind && a->off == b->off && a->len == b->len &&
	       a->a == b->a && a->b == b->b;
}

static bool holds(const struct capgap_hit *list, unsigned n, const struct capgap_hit *hit)
{
	for (unsigned i = 0; i < n; i++) {
		if (same_hit(&list[i], hit))
			return true;
	}
	return false;
}

/* No finding is all zeros: a damaged row has a length. */
static unsigned count(const struct capgap_hit *want, unsigned max)
{
	static const struct capgap_hit none;
	unsigned n = 0;

	while (n < max && !same_hit(&want[n], &none))
		n++;
	return n;
}

static const char *name_of(const struct capgap_hit *hit)
{
	return capgap_finding_get(hit->kind)->name;
}

void support_has_hits(const char *row, const struct capgap_findings *list,
		      const struct capgap_hit *want, unsigned max)
{
	unsigned n = count(want, max);

	for (unsigned i = 0; i < n; i++)
		ck_assert_msg(holds(list->hit, list->n, &want[i]),
			      "%s: %s at 0x%03x, %u bytes, a 0x%x, b 0x%x is not found",
			      row, name_of(&want[i]), want[i].off, want[i].len, want[i].a,
			      want[i].b);
}

void support_same_hits(const char *row, const struct capgap_findings *list,
		       const struct capgap_hit *want, unsigned max)
{
	unsigned n = count(want, max);

	for (unsigned i = 0; i < list->n; i++)
		ck_assert_msg(holds(want, n, &list->hit[i]),
			      "%s: %s at 0x%03x, %u bytes, a 0x%x, b 0x%x is found", row,
			      name_of(&list->hit[i]), list->hit[i].off, list->hit[i].len,
			      list->hit[i].a, list->hit[i].b);
	support_has_hits(row, list, want, max);
}
