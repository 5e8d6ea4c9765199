/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JSON values, for the formats that are made of them. */
#ifndef CAPGAP_JSON_OBJECT_H
#define CAPGAP_JSON_OBJECT_H

#include <jansson.h>

#include "report.h"

/**
 * struct capgap_json - an object or an array that is being filled
 * @json: it; NULL when memory was short at once
 * @failed: memory was short
 *
 * Every setter takes the value over, and a missing one is reported only at the end:
 * jansson answers NULL for a lack of memory, and passes NULL on.
 */
struct capgap_json {
	json_t *json;
	bool failed;
};

/* An empty object, owned by the caller until capgap_json_take(). */
struct capgap_json capgap_json_object(void);

/* An empty array, owned by the caller until capgap_json_take(). */
struct capgap_json capgap_json_array(void);

/* Add a member to an object; @value is taken over, NULL makes the object fail. */
void capgap_json_put(struct capgap_json *obj, const char *key, json_t *value);

/* Add an element to an array; @value is taken over, NULL makes the array fail. */
void capgap_json_push(struct capgap_json *list, json_t *value);

/* The finished value, moved to the caller; NULL when memory was short. */
json_t *capgap_json_take(struct capgap_json *value);

/**
 * capgap_json_text() - text that may come from outside
 * @text: borrowed; bytes above 7f become question marks when they are not UTF-8;
 *        NULL gives null
 *
 * Return: a new reference, or NULL when memory is short.
 */
json_t *capgap_json_text(const char *text);

/* "8086": an id of 16 bits; a new reference, or NULL when memory is short. */
json_t *capgap_json_id(unsigned id);

/* "0000:6a:01.0", or null when it is not @known; a new reference, or NULL. */
json_t *capgap_json_bdf(bool known, const struct capgap_bdf *bdf);

/* {"offset":..,"length":..}; a new reference, or NULL when memory is short. */
json_t *capgap_json_range(unsigned off, unsigned len);

/**
 * capgap_json_element() - write a finished value as the next element of an array
 * @rep: its begin() has opened the array; count tells the first from the others
 * @json: taken over; NULL is a lack of memory
 *
 * Return: 0 or -CAPGAP_E_NOMEM. Errors of the stream are left to its owner.
 */
int capgap_json_element(struct capgap_report *rep, json_t *json);

/* Write a finished value as a line, and else as capgap_json_element(). */
int capgap_json_line(struct capgap_report *rep, json_t *json);

#endif
