/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The quirk table: what is known of devices beside what they say themselves. */
#ifndef CAPGAP_QUIRKS_H
#define CAPGAP_QUIRKS_H

#include "capgap.h"
#include "image.h"

/**
 * enum capgap_verb - what a row of the table says
 * @CAPGAP_VERB_RESERVED: bytes in use outside any structure; rounds out to dwords
 * @CAPGAP_VERB_FREE: bytes that may be used; rounds in to dwords
 * @CAPGAP_VERB_PREFER: the offset for PASID
 * @CAPGAP_VERB_REFUSE: place nothing on this function
 * @CAPGAP_VERB_LIMIT: read and use nothing from this offset on
 * @CAPGAP_VERB_SUSPECT: no grade above assumed
 * @CAPGAP_VERB_FINGERPRINT: registers of an IP core, where a byte test says so
 * @CAPGAP_VERB_DESCRIPTOR: a DVSEC that describes free space
 * @CAPGAP_VERB_NOTE: something to know
 */
enum capgap_verb {
	CAPGAP_VERB_RESERVED,
	CAPGAP_VERB_FREE,
	CAPGAP_VERB_PREFER,
	CAPGAP_VERB_REFUSE,
	CAPGAP_VERB_LIMIT,
	CAPGAP_VERB_SUSPECT,
	CAPGAP_VERB_FINGERPRINT,
	CAPGAP_VERB_DESCRIPTOR,
	CAPGAP_VERB_NOTE
};

/**
 * enum capgap_form - the form of a free-space descriptor
 * @CAPGAP_FORM_CONTROL: its control word says which
 * @CAPGAP_FORM_GAP: form 1, it spans a gap
 * @CAPGAP_FORM_TABLE: form 2, it lists ranges
 */
enum capgap_form { CAPGAP_FORM_CONTROL, CAPGAP_FORM_GAP, CAPGAP_FORM_TABLE };

/* Tests of one fingerprint, at most. */
#define CAPGAP_TESTS_MAX 8u

/**
 * struct capgap_byte_test - (dword at @off & @mask) == @value
 * @off: a multiple of 4, 0..0xffc
 * @mask: bits that count
 * @value: what they must be
 */
struct capgap_byte_test {
	uint16_t off;
	uint32_t mask;
	uint32_t value;
};

/**
 * struct capgap_quirk_row - one row of the table
 * @id: its name, unique; a later row of the same name replaces it
 * @source: where it can be checked
 * @file: file it was read from; "" for a row of capgap_quirks_add_descriptor()
 * @line: line of that file, 0 where there is none
 */
struct capgap_quirk_row {
	const char *id;
	const char *source;
	const char *file;
	unsigned long line;
};

/**
 * struct capgap_quirk - one thing that a matching row says
 * @verb: what
 * @row: whose; owned by the table
 * @off: RESERVED, FREE, FINGERPRINT: first byte, dword-aligned already; PREFER:
 *       the offset, a multiple of 4 in 0x100..0xff8; LIMIT: first byte not to be
 *       touched, a multiple of 4
 * @len: RESERVED, FREE, FINGERPRINT: bytes, a multiple of 4
 * @identity_off: RESERVED: the first byte that tells this device from its like, exactly as
 *                the row has it
 * @identity_len: how many such bytes; 0 where there is none
 * @specificity: how narrow the match is, the greater the more specific; see
 *               capgap_quirks_match()
 * @order: position of the row over all directories, files and rows that were read,
 *         from 0; those that were replaced count
 * @n_tests: FINGERPRINT: tests, all of which must hold; at least 1, and bytes that
 *           are all 00 or all ff fail one
 * @test: them
 * @dvsec_vendor: DESCRIPTOR: DVSEC vendor id
 * @dvsec_id: DESCRIPTOR: DVSEC id
 * @form: DESCRIPTOR: how its form is told
 * @no_control: DESCRIPTOR: there is no control word (a vendor's own gap form)
 * @text: for people, in one line: the reason of a SUSPECT or REFUSE, a NOTE, and
 *        what other verbs have to add; owned by the table; "" when there is none
 */
struct capgap_quirk {
	enum capgap_verb verb;
	const struct capgap_quirk_row *row;
	uint16_t off;
	uint16_t len;
	uint16_t identity_off;
	uint16_t identity_len;
	unsigned specificity;
	unsigned order;
	unsigned n_tests;
	struct capgap_byte_test test[CAPGAP_TESTS_MAX];
	uint16_t dvsec_vendor;
	uint16_t dvsec_id;
	enum capgap_form form;
	bool no_control;
	const char *text;
};

/* What a row may ask of the function's part in SR-IOV; a plain function counts as PF. */
enum capgap_quirk_part { CAPGAP_PART_PF = 1 << 0, CAPGAP_PART_VF = 1 << 1 };

/**
 * struct capgap_quirk_key - what rows are matched against
 * @vendor: vendor id; 0xffff when unknown, then only rows for any vendor match
 * @device: device id
 * @subvendor: subsystem vendor id; 0xffff when unknown
 * @subdevice: subsystem id; 0xffff when unknown
 * @class_code: 24 bits; 0xffffff when unknown
 * @revision: revision id
 * @has_revision: it is known
 * @part: enum capgap_quirk_part
 */
struct capgap_quirk_key {
	uint16_t vendor;
	uint16_t device;
	uint16_t subvendor;
	uint16_t subdevice;
	uint32_t class_code;
	uint8_t revision;
	bool has_revision;
	enum capgap_quirk_part part;
};

struct capgap_quirks;

/* An empty table, owned by the caller; NULL when memory is short. */
struct capgap_quirks *capgap_quirks_new(void);

/* Free a table and all rows; NULL is allowed. */
void capgap_quirks_free(struct capgap_quirks *quirks);

/**
 * struct capgap_quirks_trouble - where the faults of quirk files go
 * @report: one fault: the file, and in @err the line and what was expected
 * @ctx: first argument
 */
struct capgap_quirks_trouble {
	void (*report)(void *ctx, const char *file, const struct capgap_err *err);
	void *ctx;
};

/**
 * capgap_quirks_load_dir() - add the rows of all *.xml files of a directory
 * @quirks: the table; a row replaces an earlier one of the same id
 * @dir: directory; files are read in byte order of their names
 * @schema: path of quirks.rng; NULL takes the one in @dir
 * @trouble: each fault of a file goes here; may be NULL
 *
 * Files are read with no network, no external entities and no expansion of
 * entities, up to 4 MiB and a depth of 32; a document type declaration is refused.
 * A bad file gives no row; the others do. The schema is looked at when there is a
 * file. Names that start with a dot are passed over.
 *
 * Return: rows added or replaced; -CAPGAP_E_NOENT when there is no such
 * directory, -CAPGAP_E_IO when it cannot be listed (a trouble says why),
 * -CAPGAP_E_INVAL when the schema is of no use (a trouble under its name; nothing
 * more is read), -CAPGAP_E_DAMAGED when some file was bad, -CAPGAP_E_NOMEM.
 */
int capgap_quirks_load_dir(struct capgap_quirks *quirks, const char *dir,
			   const char *schema,
			   const struct capgap_quirks_trouble *trouble);

/**
 * capgap_quirks_load_file() - add the rows of one file
 * @quirks: the table; a row replaces an earlier one of the same id
 * @file: the file, whatever its name
 * @schema: path of quirks.rng; NULL takes the one beside @file
 * @trouble: each fault goes here; may be NULL
 *
 * Return: rows added or replaced; -CAPGAP_E_FORMAT when the file is bad,
 * -CAPGAP_E_NOENT or -CAPGAP_E_IO when it cannot be read, -CAPGAP_E_INVAL when the
 * schema is of no use, -CAPGAP_E_NOMEM.
 */
int capgap_quirks_load_file(struct capgap_quirks *quirks, const char *file,
			    const char *schema,
			    const struct capgap_quirks_trouble *trouble);

/**
 * capgap_quirks_add_descriptor() - make a DVSEC pair known, for every function
 * @quirks: the table
 * @vendor: DVSEC vendor id
 * @id: DVSEC id
 * @form: how its form is told; GAP means that there is no control word
 *
 * The row is named caller.descriptor.VVVV.IIII; naming a pair again replaces it.
 *
 * Return: 0 or -CAPGAP_E_NOMEM.
 */
int capgap_quirks_add_descriptor(struct capgap_quirks *quirks, uint16_t vendor,
				 uint16_t id, enum capgap_form form);

/**
 * capgap_quirks_match() - what the table says of a function
 * @quirks: borrowed; NULL says nothing
 * @key: the function
 * @out: caller's, filled in table order
 * @cap: elements in @out; 0 only counts
 *
 * Rows that match add up. An id that is not known matches no row that names it.
 * Pointers in @out end with the table, or when more is loaded. Allocates nothing;
 * threads may share a table that does not change.
 *
 * The specificity of a match is a sum: 128 where the device is given, 32 for each
 * byte of the class (1 to 3), 16 for the vendor, 4 for each id of the subsystem (1 or
 * 2), 2 for the revision, 1 for the function's part. So two matches differ by the
 * first of these in which they differ, in that order. Of a row's matches that fit,
 * the most specific counts.
 *
 * Return: how many there are; when above @cap the first @cap are in @out.
 */
size_t capgap_quirks_match(const struct capgap_quirks *quirks,
			   const struct capgap_quirk_key *key, struct capgap_quirk *out,
			   size_t cap);

/**
 * capgap_quirks_limit() - how far the table lets a function be read
 * @quirks: borrowed; NULL says nothing
 * @key: the function
 *
 * Return: the first byte that some row forbids to read, 4096 where none does.
 */
unsigned capgap_quirks_limit(const struct capgap_quirks *quirks,
			     const struct capgap_quirk_key *key);

/*
 * True when every test of a fingerprint holds; absent bytes fail it, and those that differ
 * between samples do not. Others have no test.
 */
bool capgap_quirk_fits(const struct capgap_quirk *quirk, const struct capgap_image *img);

/**
 * struct capgap_quirk_info - a row as it stands in the table, for lists
 * @row: the row
 * @match: what it matches, in words: "8086:0b25 class 0880 pf"
 * @n_quirks: what it says
 * @quirk: them, borrowed
 */
struct capgap_quirk_info {
	const struct capgap_quirk_row *row;
	const char *match;
	unsigned n_quirks;
	const struct capgap_quirk *quirk;
};

/**
 * capgap_quirks_row() - the rows by position
 * @quirks: borrowed
 * @n: from 0
 * @info: filled, borrowed from the table
 *
 * Return: false behind the last; replaced rows do not count.
 */
bool capgap_quirks_row(const struct capgap_quirks *quirks, size_t n,
		       struct capgap_quirk_info *info);

/* "reserved", "free", "prefer", ...: the element's name in the files. */
const char *capgap_verb_name(enum capgap_verb verb);

#endif
