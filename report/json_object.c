/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JSON values, for the formats that are made of them. */
#include "json_object.h"

#include <stdlib.h>
#include <string.h>

struct capgap_json capgap_json_object(void)
{
	struct capgap_json obj = { json_object(), false };

	obj.failed = !obj.json;
	return obj;
}

struct capgap_json capgap_json_array(void)
{
	struct capgap_json list = { json_array(), false };

	list.failed = !list.json;
	return list;
}

void capgap_json_put(struct capgap_json *obj, const char *key, json_t *value)
{
	if (!value || obj->failed || json_object_set_new(obj->json, key, value))
		obj->failed = true;
}

void capgap_json_push(struct capgap_json *list, json_t *value)
{
	if (!value || list->failed || json_array_append_new(list->json, value))
		list->failed = true;
}

json_t *capgap_json_take(struct capgap_json *value)
{
	if (!value->failed)
		return value->json;
	json_decref(value->json);
	return NULL;
}

json_t *capgap_json_text(const char *text)
{
	json_t *json;
	char *copy;

	if (!text)
		return json_null();
	json = json_string(text);
	if (json)
		return json;
	copy = strdup(text);
	if (!copy)
		return NULL;
	for (char *p = copy; *p; p++) {
		if ((unsigned char)*p >= 0x80)
			*p = '?';
	}
	json = json_string(copy);
	free(copy);
	return json;
}

json_t *capgap_json_id(unsigned id)
{
	return json_sprintf("%04x", id & 0xffffu);
}

json_t *capgap_json_bdf(bool known, const struct capgap_bdf *bdf)
{
	char buf[CAPGAP_BDF_TEXT];

	return known ? json_string(capgap_bdf_format(bdf, buf)) : json_null();
}

json_t *capgap_json_range(unsigned off, unsigned len)
{
	struct capgap_json obj = capgap_json_object();

	capgap_json_put(&obj, "offset", json_integer(off));
	capgap_json_put(&obj, "length", json_integer(len));
	return capgap_json_take(&obj);
}

static int print(struct capgap_report *rep, json_t *json)
{
	if (!json)
		return -CAPGAP_E_NOMEM;
	json_dumpf(json, rep->out, JSON_COMPACT);
	json_decref(json);
	return 0;
}

int capgap_json_element(struct capgap_report *rep, json_t *json)
{
	fputs(rep->count ? ",\n" : "\n", rep->out);
	return print(rep, json);
}

int capgap_json_line(struct capgap_report *rep, json_t *json)
{
	int rc = print(rep, json);

	fputc('\n', rep->out);
	return rc;
}
