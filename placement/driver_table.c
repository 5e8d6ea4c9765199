/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which ids have which free ranges, for one driver that serves many devices. */
#include "driver_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/**
 * struct entry - what is known of one pair of ids
 * @vendor: vendor id
 * @device: device id
 * @is_vf: of virtual functions
 * @n_functions: functions seen
 * @source: the first of them, owned
 * @grade: of each dword of extended space, the weakest of all functions
 */
struct entry {
	uint16_t vendor;
	uint16_t device;
	bool is_vf;
	unsigned long n_functions;
	char *source;
	uint8_t grade[CAPGAP_PLACES_MAX];
};

/**
 * struct capgap_driver_table - the table
 * @policy: what counts
 * @n: entries
 * @room: elements of @entry
 * @entry: them, in ascending order; they and the array are owned
 */
struct capgap_driver_table {
	struct capgap_policy policy;
	size_t n;
	size_t room;
	struct entry **entry;
};

struct capgap_driver_table *capgap_driver_table_new(const struct capgap_policy *policy)
{
	struct capgap_driver_table *table = calloc(1, sizeof(*table));

	if (table)
		table->policy = *policy;
	return table;
}

static void entry_free(struct entry *entry)
{
	if (!entry)
		return;
	free(entry->source);
	free(entry);
}

void capgap_driver_table_free(struct capgap_driver_table *table)
{
	if (!table)
		return;
	for (size_t i = 0; i < table->n; i++)
		entry_free(table->entry[i]);
	free(table->entry);
	free(table);
}

static uint64_t key_of(uint16_t vendor, uint16_t device, bool is_vf)
{
	return (uint64_t)vendor << 17 | (uint64_t)device << 1 | is_vf;
}

/* Where an entry with this key is, or would be. */
static size_t find(const struct capgap_driver_table *table, uint64_t key)
{
	const struct entry *entry;
	size_t low = 0;
	size_t high = table->n;
	size_t mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		entry = table->entry[mid];
		if (key_of(entry->vendor, entry->device, entry->is_vf) < key)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* "host.txt 0000:6a:01.0"; NULL when memory is short. */
static char *name_source(const char *source, const struct capgap_function *fn)
{
	char bdf[CAPGAP_BDF_TEXT] = "";
	size_t len = strlen(source) + sizeof(bdf) + 1;
	char *name = malloc(len);

	if (fn->meta.flags & CAPGAP_META_BDF)
		capgap_bdf_format(&fn->meta.bdf, bdf);
	if (name)
		snprintf(name, len, "%s%s%s", source, bdf[0] ? " " : "", bdf);
	return name;
}

/* Make room for one more entry; false when memory is short. */
static bool reserve(struct capgap_driver_table *table)
{
	size_t room = table->room ? 2 * table->room : 16;
	struct entry **list;

	if (table->n < table->room)
		return true;
	if (table->n >= CAPGAP_DRIVER_IDS_MAX)
		return false;
	list = realloc(table->entry,
		       room * sizeof(*list)); /* NOLINT(bugprone-sizeof-expression) */
	if (!list)
		return false;
	table->entry = list;
	table->room = room;
	return true;
}

/* The entry of a function, a new one where its ids are new; NULL when memory is short. */
static struct entry *entry_of(struct capgap_driver_table *table, const char *source,
			      const struct capgap_function *fn)
{
	bool is_vf = fn->kind == CAPGAP_KIND_VF;
	uint64_t key = key_of(fn->vendor, fn->device, is_vf);
	size_t at = find(table, key);
	struct entry *entry = at < table->n ? table->entry[at] : NULL;

	if (entry && key_of(entry->vendor, entry->device, entry->is_vf) == key)
		return entry;
	if (!reserve(table))
		return NULL;
	entry = calloc(1, sizeof(*entry));
	if (!entry)
		return NULL;
	entry->vendor = fn->vendor;
	entry->device = fn->device;
	entry->is_vf = is_vf;
	entry->source = name_source(source, fn);
	if (!entry->source) {
		entry_free(entry);
		return NULL;
	}
	memset(entry->grade, CAPGAP_GRADE_SLOT, sizeof(entry->grade));
	memmove(&table->entry[at + 1], &table->entry[at],
		(table->n - at) * sizeof(entry)); /* NOLINT(bugprone-sizeof-expression) */
	table->entry[at] = entry;
	table->n++;
	return entry;
}

/*
 * The slot is no free range: in the host's view a structure has it. Nor is a
 * descriptor that a VMM would replace.
 */
static bool is_free_range(const struct capgap_place *place,
			  const struct capgap_policy *policy)
{
	return capgap_plan_qualifies(place, policy) &&
	       place->reason != CAPGAP_REASON_SLOT &&
	       place->reason != CAPGAP_REASON_REPLACE;
}

int capgap_driver_table_add(struct capgap_driver_table *table, const char *source,
			    const struct capgap_function *fn,
			    const struct capgap_plan *plan)
{
	uint8_t grade[CAPGAP_PLACES_MAX] = { CAPGAP_GRADE_NONE };
	const struct capgap_place *place;
	struct entry *entry;

	if (fn->not_applicable || fn->id_from == CAPGAP_ID_NONE ||
	    plan->edits.link == CAPGAP_LINK_PRESENT)
		return 0;
	entry = entry_of(table, source, fn);
	if (!entry)
		return -CAPGAP_E_NOMEM;
	entry->n_functions++;
	for (unsigned i = 0; plan->found && i < plan->n_places; i++) {
		place = &plan->place[i];
		if (!is_free_range(place, &table->policy))
			continue;
		memset(grade + (place->off - CAPGAP_CONV_END) / 4, (int)place->grade,
		       place->len / 4);
	}
	for (unsigned i = 0; i < CAPGAP_PLACES_MAX; i++) {
		if (grade[i] < entry->grade[i])
			entry->grade[i] = grade[i];
	}
	return 0;
}

/* The rows of one entry. */
static int each_range(const struct entry *entry, const struct capgap_policy *policy,
		      int (*row)(void *ctx, const struct capgap_driver_row *row),
		      void *ctx)
{
	char vendor[sizeof("ffff")];
	char device[sizeof("ffff")];
	struct capgap_driver_row out = { .vendor = vendor,
					 .device = device,
					 .function = entry->is_vf ? "vf" : "pf",
					 .match = "",
					 .source = entry->source,
					 .n_functions = entry->n_functions };
	struct capgap_place place = { .len = 0 };
	unsigned end;
	int rc = 0;

	snprintf(vendor, sizeof(vendor), "%04x", entry->vendor);
	snprintf(device, sizeof(device), "%04x", entry->device);
	for (unsigned i = 0; !rc && i < CAPGAP_PLACES_MAX; i = end) {
		for (end = i;
		     end < CAPGAP_PLACES_MAX && entry->grade[end] == entry->grade[i];
		     end++)
			;
		place.off = (uint16_t)(CAPGAP_CONV_END + 4 * i);
		place.len = (uint16_t)(4 * (end - i));
		place.grade = (enum capgap_grade)entry->grade[i];
		if (!capgap_plan_qualifies(&place, policy))
			continue;
		out.range = (struct capgap_range){ place.off, place.len };
		out.grade = place.grade;
		rc = row(ctx, &out);
	}
	return rc;
}

int capgap_driver_table_each(const struct capgap_driver_table *table,
			     int (*row)(void *ctx, const struct capgap_driver_row *row),
			     void *ctx)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < table->n; i++)
		rc = each_range(table->entry[i], &table->policy, row, ctx);
	return rc;
}

/* Take the trailing " pf" or " vf" off a match in words. */
static const char *take_part(char *text)
{
	size_t len = strlen(text);

	if (len < 3 ||
	    (strcmp(text + len - 3, " pf") != 0 && strcmp(text + len - 3, " vf") != 0))
		return "any";
	text[len - 3] = '\0';
	return text[len - 2] == 'p' ? "pf" : "vf";
}

/*
 * Take apart one match as the table words it: "8086:0b25 class 0880 rev 00-0f pf".
 * @text is changed, and @out points into it.
 */
static void take_match(char *text, struct capgap_driver_row *out)
{
	char *blank;
	char *colon = strchr(text, ':');

	out->function = take_part(text);
	out->vendor = text;
	out->device = "*";
	out->match = "";
	if (colon) {
		*colon = '\0';
		out->device = colon + 1;
		blank = strchr(colon + 1, ' ');
		if (blank) {
			*blank = '\0';
			out->match = blank + 1;
		}
	}
}

/* The part of a listed range that lies in extended space; false when none does. */
static bool in_extended(const struct capgap_quirk *quirk, struct capgap_range *range)
{
	unsigned end = (unsigned)quirk->off + quirk->len;
	unsigned off = quirk->off < CAPGAP_CONV_END ? CAPGAP_CONV_END : quirk->off;

	if (quirk->verb != CAPGAP_VERB_FREE || end <= off)
		return false;
	*range = (struct capgap_range){ (uint16_t)off, (uint16_t)(end - off) };
	return true;
}

/* The rows of one row of the quirk table. */
static int each_match(const struct capgap_quirk_info *info,
		      int (*row)(void *ctx, const struct capgap_driver_row *row),
		      void *ctx)
{
	struct capgap_driver_row out = { .grade = CAPGAP_GRADE_LISTED,
					 .source = info->row->id };
	char *text = strdup(info->match);
	char *next;
	int rc = 0;

	if (!text)
		return -CAPGAP_E_NOMEM;
	for (char *one = text; !rc && one; one = next) {
		next = strstr(one, "; ");
		if (next) {
			*next = '\0';
			next += 2;
		}
		take_match(one, &out);
		for (unsigned i = 0; !rc && i < info->n_quirks; i++) {
			if (in_extended(&info->quirk[i], &out.range))
				rc = row(ctx, &out);
		}
	}
	free(text);
	return rc;
}

int capgap_driver_table_quirks(const struct capgap_quirks *quirks,
			       int (*row)(void *ctx, const struct capgap_driver_row *row),
			       void *ctx)
{
	struct capgap_quirk_info info;
	int rc = 0;

	for (size_t n = 0; !rc && capgap_quirks_row(quirks, n, &info); n++)
		rc = each_match(&info, row, ctx);
	return rc;
}
