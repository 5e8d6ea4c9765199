/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside the quirk table: rows, and how a file gives them. Only for quirks*.c. */
#ifndef CAPGAP_QUIRKS_TABLE_H
#define CAPGAP_QUIRKS_TABLE_H

#include "quirks.h"

/* Bounds of a quirk file: bytes, levels of elements, faults reported. */
#define CAPGAP_QUIRKS_FILE_MAX (4u << 20)
#define CAPGAP_QUIRKS_DEPTH_MAX 32u
#define CAPGAP_QUIRKS_FAULTS_MAX 20u

/* Longest texts of a row; bytes. */
#define CAPGAP_QUIRK_ID_MAX 100u
#define CAPGAP_QUIRK_TEXT_MAX 1000u

/* A 16-bit id that is not known, or that a row does not name. */
#define CAPGAP_ID_ANY 0xffffu
#define CAPGAP_CLASS_NONE 0xffffffu

/**
 * struct capgap_id_run - ids from @first to @last, both included
 * @first: lowest
 * @last: highest
 */
struct capgap_id_run {
	uint16_t first;
	uint16_t last;
};

/**
 * struct capgap_ids - a set of ids
 * @n: runs; 0 stands for every id
 * @run: runs in ascending order that neither meet nor overlap; owned
 */
struct capgap_ids {
	unsigned n;
	struct capgap_id_run *run;
};

/**
 * struct capgap_match - one <match> of a row
 * @vendor: vendor ids
 * @device: device ids; every id where the vendor is not named
 * @revision: revision ids
 * @subvendor: subsystem vendor id, or CAPGAP_ID_ANY for any
 * @subdevice: subsystem id, or CAPGAP_ID_ANY for any
 * @class_code: class code, where
 * @class_mask: these of its 24 bits count; 0 for any class
 * @part: enum capgap_quirk_part, those that match
 * @specificity: see capgap_quirks_match()
 */
struct capgap_match {
	struct capgap_ids vendor;
	struct capgap_ids device;
	struct capgap_ids revision;
	uint16_t subvendor;
	uint16_t subdevice;
	uint32_t class_code;
	uint32_t class_mask;
	unsigned part;
	unsigned specificity;
};

struct capgap_kept;

/**
 * struct capgap_row - one row with all it owns
 * @head: what the world sees of it
 * @order: position over all rows that were ever read
 * @replaced: a later row has its id
 * @n_matches: elements of @match
 * @match: what it matches
 * @n_quirks: elements of @quirk
 * @quirk: what it says; @specificity is the greatest of its matches
 * @what: the matches in words
 * @kept: its texts
 */
struct capgap_row {
	struct capgap_quirk_row head;
	unsigned order;
	bool replaced;
	unsigned n_matches;
	struct capgap_match *match;
	unsigned n_quirks;
	struct capgap_quirk *quirk;
	const char *what;
	struct capgap_kept *kept;
};

/**
 * struct capgap_rows - a list of rows
 * @n: rows
 * @room: elements of @row
 * @row: them, owned
 */
struct capgap_rows {
	size_t n;
	size_t room;
	struct capgap_row **row;
};

/* A row that matches and says nothing yet; NULL when memory is short. */
struct capgap_row *capgap_row_new(void);

/* Free a row and all it owns; NULL is allowed. */
void capgap_row_free(struct capgap_row *row);

/**
 * capgap_row_keep() - a text that lives as long as the row
 * @row: owner
 * @text: borrowed; blanks at its ends are dropped, those between words become one space
 *
 * Return: the copy, or NULL when memory is short.
 */
const char *capgap_row_keep(struct capgap_row *row, const char *text);

/* One more match, for anything; NULL when memory is short. Earlier results are void. */
struct capgap_match *capgap_row_match(struct capgap_row *row);

/* One more thing that the row says; NULL when memory is short. Earlier results are void. */
struct capgap_quirk *capgap_row_quirk(struct capgap_row *row, enum capgap_verb verb);

/**
 * capgap_row_finish() - rank the matches, and put them in words
 * @row: has all its matches and quirks
 *
 * Return: 0 or -CAPGAP_E_NOMEM.
 */
int capgap_row_finish(struct capgap_row *row);

/* Move a row to the end of a list, which owns it then; 0 or -CAPGAP_E_NOMEM. */
int capgap_rows_add(struct capgap_rows *rows, struct capgap_row *row);

/* Make room for @n more rows; 0 or -CAPGAP_E_NOMEM. */
int capgap_rows_reserve(struct capgap_rows *rows, size_t n);

/* Free the rows of a list and leave it empty. */
void capgap_rows_release(struct capgap_rows *rows);

/**
 * capgap_rows_by_id() - sort rows by id, those of one id by order and line
 * @row: sorted in place
 * @n: how many
 */
void capgap_rows_by_id(struct capgap_row **row, size_t n);

/* The row at position @n of the table, as capgap_quirks_row() counts; NULL behind the last. */
const struct capgap_row *capgap_quirks_at(const struct capgap_quirks *quirks, size_t n);

/* True when the set names @id, or every id. */
bool capgap_ids_have(const struct capgap_ids *ids, uint16_t id);

/**
 * capgap_ids_parse() - read "0x1000,0x1010-0x1020" or "*"
 * @text: borrowed; blanks may stand around an id
 * @max: greatest id
 * @runs: "low-high" is allowed
 * @ids: filled on success; its runs are the caller's to free
 *
 * Ids are hexadecimal and have their 0x: without it 8086 could be read in two ways.
 *
 * Return: 0, -CAPGAP_E_FORMAT or -CAPGAP_E_NOMEM.
 */
int capgap_ids_parse(const char *text, uint16_t max, bool runs, struct capgap_ids *ids);

/* True for a whole text "0x2d0" or "720" up to @max, which goes to @val. */
bool capgap_number_parse(const char *text, uint32_t max, uint32_t *val);

/* True for one id "0x1da3" up to @max, which goes to @val. */
bool capgap_id_parse(const char *text, uint32_t max, uint32_t *val);

/* True for "VVVV:DDDD", 1 to 4 hex digits or "*" on either side, "0x" allowed. */
bool capgap_subsystem_parse(const char *text, struct capgap_match *match);

/* True for the first 2, 4 or 6 hex digits of a class code, "0x" allowed. */
bool capgap_class_parse(const char *text, struct capgap_match *match);

/**
 * struct capgap_quirks_input - a quirk file while it is read
 * @file: its name
 * @text: its bytes; UTF-8 without NUL
 * @len: bytes
 * @trouble: where its faults go; may be NULL
 * @n_faults: faults found; the first CAPGAP_QUIRKS_FAULTS_MAX are reported
 */
struct capgap_quirks_input {
	const char *file;
	const char *text;
	size_t len;
	const struct capgap_quirks_trouble *trouble;
	unsigned n_faults;
};

/* Record a fault at @line; the text is cut at a whole character. */
void capgap_quirks_fault(struct capgap_quirks_input *in, int code, unsigned long line,
			 const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/**
 * capgap_quirks_commit() - move rows into the table
 * @quirks: unchanged when memory is short; must be settled before it is asked
 * @rows: empty on success
 *
 * Return: 0 or -CAPGAP_E_NOMEM.
 */
int capgap_quirks_commit(struct capgap_quirks *quirks, struct capgap_rows *rows);

/* Drop rows that a later one replaces, and make the index; cannot fail. */
void capgap_quirks_settle(struct capgap_quirks *quirks);

/**
 * capgap_quirks_load_text() - capgap_quirks_load_file() for a file in memory
 * @quirks: the table
 * @file: name for messages
 * @text: borrowed
 * @len: bytes
 * @schema: path of quirks.rng
 * @trouble: may be NULL
 *
 * Return: rows, or -CAPGAP_E_FORMAT, -CAPGAP_E_NOMEM.
 */
int capgap_quirks_load_text(struct capgap_quirks *quirks, const char *file,
			    const char *text, size_t len, const char *schema,
			    const struct capgap_quirks_trouble *trouble);

struct capgap_quirks_schema;

/**
 * capgap_quirks_schema_read() - make a schema ready for use
 * @in: the schema file; it may not refer to another one
 * @schema: filled on success, the caller's
 *
 * Return: 0, -CAPGAP_E_FORMAT with a fault, or -CAPGAP_E_NOMEM.
 */
int capgap_quirks_schema_read(struct capgap_quirks_input *in,
			      struct capgap_quirks_schema **schema);

/* NULL is allowed. */
void capgap_quirks_schema_free(struct capgap_quirks_schema *schema);

/**
 * capgap_quirks_xml_read() - the rows of a file
 * @in: the file
 * @schema: borrowed
 * @rows: empty; filled on success
 *
 * Return: 0, -CAPGAP_E_FORMAT with at least one fault, or -CAPGAP_E_NOMEM.
 */
int capgap_quirks_xml_read(struct capgap_quirks_input *in,
			   const struct capgap_quirks_schema *schema,
			   struct capgap_rows *rows);

#endif
