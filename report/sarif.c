/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Format "sarif" of `check`: one run of SARIF 2.1.0 (OASIS, errata 01). */
#include <stdlib.h>
#include <string.h>

#include "check_report.h"
#include "json_object.h"

#define SCHEMA                                                                           \
	"https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/"            \
	"sarif-schema-2.1.0.json"

/* Characters that stand for themselves in the path of a URI (RFC 3986, section 2.3). */
#define PATH_CHARACTERS                                                                  \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/"
#define FILE_SCHEME "file://"

/* A path as a URI: relative, or with the scheme "file"; NULL when memory is short. */
static json_t *uri_of(const char *path)
{
	char *uri = malloc(sizeof(FILE_SCHEME) + 3 * strlen(path));
	char *p = uri;
	json_t *json;

	if (!uri)
		return NULL;
	if (*path == '/')
		p = stpcpy(p, FILE_SCHEME);
	for (; *path; path++) {
		if (strchr(PATH_CHARACTERS, *path)) {
			*p++ = *path;
		} else {
			snprintf(p, 4, "%%%02X", (unsigned char)*path);
			p += 3;
		}
	}
	*p = '\0';
	json = json_string(uri);
	free(uri);
	return json;
}

/* {"text":..} */
static json_t *message(const char *text)
{
	struct capgap_json obj = capgap_json_object();

	capgap_json_put(&obj, "text", capgap_json_text(text));
	return capgap_json_take(&obj);
}

/* Position of a kind among the rules. */
static int index_of(int kind)
{
	int n = 0;

	while (capgap_check_rule((unsigned)n) != kind)
		n++;
	return n;
}

static json_t *configuration(uint8_t level)
{
	struct capgap_json obj = capgap_json_object();

	if (level == CAPGAP_CHECK_OFF)
		capgap_json_put(&obj, "enabled", json_false());
	else
		capgap_json_put(&obj, "level",
				capgap_json_text(capgap_check_level_name(level)));
	return capgap_json_take(&obj);
}

static json_t *rule(const struct capgap_finding *row)
{
	struct capgap_json obj = capgap_json_object();

	capgap_json_put(&obj, "id", capgap_json_text(row->name));
	capgap_json_put(&obj, "shortDescription", message(row->sentence));
	capgap_json_put(&obj, "fullDescription", message(row->rule));
	capgap_json_put(&obj, "defaultConfiguration", configuration((uint8_t)row->level));
	return capgap_json_take(&obj);
}

static json_t *rules(void)
{
	struct capgap_json list = capgap_json_array();
	int kind;

	for (unsigned n = 0; (kind = capgap_check_rule(n)) >= 0; n++)
		capgap_json_push(&list, rule(capgap_finding_get((unsigned)kind)));
	return capgap_json_take(&list);
}

static json_t *tool(const char *version)
{
	struct capgap_json driver = capgap_json_object();
	struct capgap_json obj = capgap_json_object();

	capgap_json_put(&driver, "name", capgap_json_text("capgap"));
	capgap_json_put(&driver, "version", capgap_json_text(version));
	capgap_json_put(&driver, "rules", rules());
	capgap_json_put(&obj, "driver", capgap_json_take(&driver));
	return capgap_json_take(&obj);
}

static json_t *region(const struct capgap_hit *hit)
{
	struct capgap_json obj = capgap_json_object();

	capgap_json_put(&obj, "byteOffset", json_integer(hit->off));
	capgap_json_put(&obj, "byteLength", json_integer(hit->len));
	return capgap_json_take(&obj);
}

/* Offsets of the space are offsets of the file only where the file is the space. */
static json_t *physical_location(const struct capgap_answer *ans,
				 const struct capgap_hit *hit)
{
	struct capgap_json artifact = capgap_json_object();
	struct capgap_json obj = capgap_json_object();

	capgap_json_put(&artifact, "uri", uri_of(ans->source));
	capgap_json_put(&obj, "artifactLocation", capgap_json_take(&artifact));
	if (hit->len && ans->fn->meta.flags & CAPGAP_META_RAW)
		capgap_json_put(&obj, "region", region(hit));
	return capgap_json_take(&obj);
}

static json_t *logical_locations(const struct capgap_function *fn)
{
	struct capgap_json list = capgap_json_array();
	struct capgap_json obj = capgap_json_object();
	char bdf[CAPGAP_BDF_TEXT];

	capgap_bdf_format(&fn->meta.bdf, bdf);
	capgap_json_put(&obj, "name", capgap_json_text(bdf));
	capgap_json_put(&obj, "kind", capgap_json_text("device"));
	capgap_json_push(&list, capgap_json_take(&obj));
	return capgap_json_take(&list);
}

static json_t *locations(const struct capgap_answer *ans, const struct capgap_hit *hit)
{
	struct capgap_json list = capgap_json_array();
	struct capgap_json obj = capgap_json_object();

	capgap_json_put(&obj, "physicalLocation", physical_location(ans, hit));
	if (ans->fn->meta.flags & CAPGAP_META_BDF)
		capgap_json_put(&obj, "logicalLocations", logical_locations(ans->fn));
	capgap_json_push(&list, capgap_json_take(&obj));
	return capgap_json_take(&list);
}

/* What SARIF has no member for; names as in the format "json". */
static json_t *properties(const struct capgap_answer *ans, const struct capgap_hit *hit)
{
	bool known = ans->fn->id_from != CAPGAP_ID_NONE;
	struct capgap_json obj = capgap_json_object();
	char bytes[CAPGAP_CHECK_BYTES_TEXT];

	capgap_check_bytes(ans->fn, hit, bytes);
	capgap_json_put(&obj, "machine", json_integer(ans->machine));
	capgap_json_put(&obj, "vendor",
			known ? capgap_json_id(ans->fn->vendor) : json_null());
	capgap_json_put(&obj, "device",
			known ? capgap_json_id(ans->fn->device) : json_null());
	capgap_json_put(&obj, "offset", json_integer(hit->off));
	capgap_json_put(&obj, "length", json_integer(hit->len));
	capgap_json_put(&obj, "bytes", capgap_json_text(bytes[0] ? bytes : NULL));
	return capgap_json_take(&obj);
}

static json_t *result_object(const struct capgap_check_answer *ans,
			     const struct capgap_check_result *result)
{
	struct capgap_json obj = capgap_json_object();
	char text[CAPGAP_CHECK_SENTENCE];

	capgap_check_sentence(ans, result, text);
	capgap_json_put(&obj, "ruleId", capgap_json_text(result->row->name));
	capgap_json_put(&obj, "ruleIndex", json_integer(index_of(result->hit->kind)));
	capgap_json_put(&obj, "level",
			capgap_json_text(capgap_level_name(result->level)));
	capgap_json_put(&obj, "message", message(text));
	capgap_json_put(&obj, "locations", locations(&ans->base, result->hit));
	capgap_json_put(&obj, "properties", properties(&ans->base, result->hit));
	return capgap_json_take(&obj);
}

/* Write a value behind what introduces it; 0 or -CAPGAP_E_NOMEM. */
static int write_member(FILE *out, const char *before, json_t *json)
{
	if (!json)
		return -CAPGAP_E_NOMEM;
	fputs(before, out);
	json_dumpf(json, out, JSON_COMPACT);
	json_decref(json);
	return 0;
}

/* Results go out one by one, so that memory does not grow with the input. */
static int begin(struct capgap_check_report *rep)
{
	int rc = write_member(rep->base.out,
			      "{\"$schema\":\"" SCHEMA "\",\n\"version\":\"2.1.0\",\n"
			      "\"runs\":[{\n\"tool\":",
			      tool(rep->version));

	fputs(",\n\"results\":[", rep->base.out);
	return rc;
}

static int answer(struct capgap_check_report *rep, const struct capgap_check_answer *ans)
{
	bool first = !rep->count.of[CAPGAP_LEVEL_NOTE] &&
		     !rep->count.of[CAPGAP_LEVEL_WARNING] &&
		     !rep->count.of[CAPGAP_LEVEL_ERROR];
	struct capgap_check_result result;
	int rc = 0;

	for (unsigned i = 0; !rc && (i = capgap_check_next(ans, i, &result));) {
		rc = write_member(rep->base.out, first ? "\n" : ",\n",
				  result_object(ans, &result));
		first = false;
	}
	return rc;
}

/* Rules whose level is not the table's. */
static json_t *overrides(const struct capgap_check_levels *levels)
{
	struct capgap_json list = capgap_json_array();
	struct capgap_json descriptor;
	struct capgap_json obj;
	int kind;

	for (unsigned n = 0; (kind = capgap_check_rule(n)) >= 0; n++) {
		const struct capgap_finding *row = capgap_finding_get((unsigned)kind);

		if (levels->of[kind] == row->level)
			continue;
		descriptor = capgap_json_object();
		capgap_json_put(&descriptor, "id", capgap_json_text(row->name));
		capgap_json_put(&descriptor, "index", json_integer(n));
		obj = capgap_json_object();
		capgap_json_put(&obj, "descriptor", capgap_json_take(&descriptor));
		capgap_json_put(&obj, "configuration", configuration(levels->of[kind]));
		capgap_json_push(&list, capgap_json_take(&obj));
	}
	return capgap_json_take(&list);
}

static json_t *invocation(const struct capgap_check_report *rep)
{
	struct capgap_json obj = capgap_json_object();

	capgap_json_put(&obj, "executionSuccessful", json_boolean(!rep->trouble));
	capgap_json_put(&obj, "ruleConfigurationOverrides", overrides(rep->levels));
	return capgap_json_take(&obj);
}

static int end(struct capgap_check_report *rep)
{
	int rc = write_member(rep->base.out, "],\n\"invocations\":[", invocation(rep));

	fputs("]\n}]}\n", rep->base.out);
	return rc;
}

const struct capgap_check_reporter capgap_check_sarif = {
	.name = "sarif",
	.help = "one run of SARIF 2.1.0",
	.begin = begin,
	.answer = answer,
	.end = end,
};
