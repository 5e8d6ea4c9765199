/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Elements of a quirk file to rows of the table: what each verb takes, and whole rows. */
#include "quirks_xml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DWORDS (CAPGAP_SPACE_MAX / 4u)

/* Offset of PASID: in extended space, the whole capability inside it. */
#define PREFER_MIN CAPGAP_CONV_END
#define PREFER_MAX (CAPGAP_SPACE_MAX - CAPGAP_PASID_LEN)

/* What was said of a dword in one row. */
#define SAID_RESERVED 1u
#define SAID_FREE 2u
#define SAID_PREFER 4u
#define SAID_LIMIT 8u

/* Answers to a question that an attribute asks; the number is the truth. */
static const char *const answers[] = { "no", "yes", NULL };

/**
 * struct capgap_xml_draft - a row while it is read
 * @row: it
 * @said: SAID_ bits of each dword
 */
struct capgap_xml_draft {
	struct capgap_row *row;
	uint8_t said[DWORDS];
};

/* What cannot be in one match. */
static bool check_match(struct capgap_xml_reader *r, const struct capgap_element *e,
			const struct capgap_match *m)
{
	if (m->vendor.n && capgap_ids_have(&m->vendor, CAPGAP_ID_ANY))
		return capgap_element_bad(r, e, "vendor", "vendor ids; 0xffff is none");
	if (m->device.n && !m->vendor.n)
		return capgap_element_bad(r, e, "device", "* where vendor is *");
	return true;
}

static bool read_match(struct capgap_xml_reader *r, struct capgap_xml_draft *draft,
		       const struct capgap_element *e)
{
	static const char *const parts[] = { "any", "pf", "vf", NULL };
	static const unsigned part_bits[] = { CAPGAP_PART_PF | CAPGAP_PART_VF,
					      CAPGAP_PART_PF, CAPGAP_PART_VF };
	struct capgap_match *m = capgap_row_match(draft->row);
	unsigned part = 0;

	if (!m)
		return capgap_xml_no_memory(r);
	if (!capgap_element_ids(r, e, "vendor", UINT16_MAX, false, &m->vendor) ||
	    !capgap_element_ids(r, e, "device", UINT16_MAX, true, &m->device) ||
	    !capgap_element_ids(r, e, "revision", UINT8_MAX, true, &m->revision) ||
	    !capgap_element_word(r, e, "function", parts, &part))
		return false;
	m->part = part_bits[part];
	if (capgap_element_get(e, "subsystem") &&
	    !capgap_subsystem_parse(capgap_element_get(e, "subsystem"), m))
		return capgap_element_bad(
			r, e, "subsystem",
			"two hex ids such as 0x103c:0x1234, or * for one");
	if (capgap_element_get(e, "class") &&
	    !capgap_class_parse(capgap_element_get(e, "class"), m))
		return capgap_element_bad(r, e, "class",
					  "2, 4 or 6 hex digits such as 0x0200");
	return check_match(r, e, m);
}

/* Say something of a range of dwords; a fault when the row says the contrary too. */
static bool say(struct capgap_xml_reader *r, struct capgap_xml_draft *draft,
		const struct capgap_element *e, uint32_t off, uint32_t len, unsigned what)
{
	unsigned against = SAID_FREE | SAID_PREFER;

	if (what & against)
		against = SAID_RESERVED | SAID_LIMIT;
	for (uint32_t i = off / 4; i < (off + len + 3) / 4; i++) {
		unsigned clash = draft->said[i] & against;

		if (!clash) {
			draft->said[i] = (uint8_t)(draft->said[i] | what);
			continue;
		}
		capgap_xml_fault(
			r, e->node,
			"<%s>: 0x%03x is in <%s> of this row; a row may not contradict itself",
			e->shape->name, (unsigned)i * 4,
			clash & SAID_RESERVED ? "reserved" :
			clash & SAID_FREE     ? "free" :
			clash & SAID_PREFER   ? "prefer" :
						"limit");
		return false;
	}
	return true;
}

/* One more thing that the row says, with the text of its element. */
static struct capgap_quirk *add_quirk(struct capgap_xml_reader *r,
				      struct capgap_xml_draft *draft,
				      const struct capgap_element *e)
{
	const char *text = capgap_element_text(r, draft->row, e);
	struct capgap_quirk *quirk = text ? capgap_row_quirk(draft->row, e->shape->verb) :
					    NULL;

	if (text && !quirk)
		capgap_xml_no_memory(r);
	if (quirk)
		quirk->text = text;
	return quirk;
}

/* Offset and length of a range inside the space. */
static bool take_range(struct capgap_xml_reader *r, const struct capgap_element *e,
		       uint32_t *off, uint32_t *len)
{
	if (!capgap_element_number(r, e, "offset", 0, CAPGAP_SPACE_MAX - 1, off) ||
	    !capgap_element_number(r, e, "length", 1, CAPGAP_SPACE_MAX, len))
		return false;
	if (*len <= CAPGAP_SPACE_MAX - *off)
		return true;
	capgap_xml_fault(
		r, e->node,
		"<%s>: 0x%03x and 0x%x bytes end beyond 0x%x; expected a range inside it",
		e->shape->name, (unsigned)*off, (unsigned)*len, CAPGAP_SPACE_MAX);
	return false;
}

/* <reserved> and <fingerprint> round out to dwords, <free> rounds in. */
static bool round_range(struct capgap_xml_reader *r, const struct capgap_element *e,
			uint32_t *off, uint32_t *len)
{
	bool in = e->shape->verb == CAPGAP_VERB_FREE;
	uint32_t end = *off + *len;

	*off = in ? (*off + 3) & ~3u : *off & ~3u;
	end = in ? end & ~3u : (end + 3) & ~3u;
	if (end > *off) {
		*len = end - *off;
		return true;
	}
	capgap_xml_fault(r, e->node,
			 "<%s> holds no whole dword; expected at least 4 aligned bytes",
			 e->shape->name);
	return false;
}

static bool read_range(struct capgap_xml_reader *r, struct capgap_xml_draft *draft,
		       const struct capgap_element *e)
{
	unsigned what = e->shape->verb == CAPGAP_VERB_FREE ? SAID_FREE : SAID_RESERVED;
	struct capgap_quirk *quirk;
	unsigned identity = 0;
	uint32_t first;
	uint32_t given;
	uint32_t off;
	uint32_t len;

	if (!take_range(r, e, &first, &given) ||
	    !capgap_element_word(r, e, "identity", answers, &identity))
		return false;
	off = first;
	len = given;
	if (!round_range(r, e, &off, &len) || !say(r, draft, e, off, len, what))
		return false;
	quirk = add_quirk(r, draft, e);
	if (!quirk)
		return false;
	quirk->off = (uint16_t)off;
	quirk->len = (uint16_t)len;
	if (identity) {
		quirk->identity_off = (uint16_t)first;
		quirk->identity_len = (uint16_t)given;
	}
	return true;
}

static bool read_prefer(struct capgap_xml_reader *r, struct capgap_xml_draft *draft,
			const struct capgap_element *e)
{
	struct capgap_quirk *quirk;
	uint32_t off;

	if (!capgap_element_number(r, e, "offset", PREFER_MIN, PREFER_MAX, &off))
		return false;
	if (off % 4)
		return capgap_element_bad(r, e, "offset", "a multiple of 4");
	if (!say(r, draft, e, off, CAPGAP_PASID_LEN, SAID_PREFER))
		return false;
	quirk = add_quirk(r, draft, e);
	if (quirk)
		quirk->off = (uint16_t)off;
	return quirk != NULL;
}

static bool read_limit(struct capgap_xml_reader *r, struct capgap_xml_draft *draft,
		       const struct capgap_element *e)
{
	struct capgap_quirk *quirk;
	uint32_t off;

	/* The header is always read: it tells which rows match. */
	if (!capgap_element_number(r, e, "offset", CAPGAP_HEADER_END,
				   CAPGAP_SPACE_MAX - 1, &off))
		return false;
	off &= ~3u;
	if (!say(r, draft, e, off, CAPGAP_SPACE_MAX - off, SAID_LIMIT))
		return false;
	quirk = add_quirk(r, draft, e);
	if (quirk)
		quirk->off = (uint16_t)off;
	return quirk != NULL;
}

/* <refuse>, <suspect>, <note>: nothing but their text. */
static bool read_text(struct capgap_xml_reader *r, struct capgap_xml_draft *draft,
		      const struct capgap_element *e)
{
	return add_quirk(r, draft, e) != NULL;
}

static bool read_descriptor(struct capgap_xml_reader *r, struct capgap_xml_draft *draft,
			    const struct capgap_element *e)
{
	static const char *const forms[] = { [CAPGAP_FORM_CONTROL] = "control",
					     [CAPGAP_FORM_GAP] = "gap",
					     [CAPGAP_FORM_TABLE] = "table",
					     NULL };
	struct capgap_quirk *quirk;
	unsigned form = CAPGAP_FORM_CONTROL;
	unsigned control = 1;
	uint16_t vendor;
	uint16_t id;

	if (!capgap_element_id(r, e, "vendor", &vendor) ||
	    !capgap_element_id(r, e, "id", &id) ||
	    !capgap_element_word(r, e, "form", forms, &form) ||
	    !capgap_element_word(r, e, "control", answers, &control))
		return false;
	if (!control && form != CAPGAP_FORM_GAP)
		return capgap_element_bad(r, e, "control", "yes unless form=\"gap\"");
	quirk = add_quirk(r, draft, e);
	if (!quirk)
		return false;
	quirk->dvsec_vendor = vendor;
	quirk->dvsec_id = id;
	quirk->form = (enum capgap_form)form;
	quirk->no_control = !control;
	return true;
}

/* One <test> of a fingerprint. */
static bool read_test(struct capgap_xml_reader *r, const struct capgap_element *e,
		      struct capgap_byte_test *test)
{
	uint32_t off;

	if (!capgap_element_number(r, e, "offset", 0, CAPGAP_SPACE_MAX - 4, &off) ||
	    !capgap_element_number(r, e, "mask", 1, UINT32_MAX, &test->mask) ||
	    !capgap_element_number(r, e, "value", 0, UINT32_MAX, &test->value))
		return false;
	if (off % 4)
		return capgap_element_bad(r, e, "offset", "a multiple of 4");
	if (test->value & ~test->mask)
		return capgap_element_bad(r, e, "value", "no bit outside the mask");
	test->off = (uint16_t)off;
	return true;
}

/* The <test> elements of a fingerprint, and that 00 or ff all over does not pass them. */
static bool read_tests(struct capgap_xml_reader *r, const struct capgap_element *e,
		       struct capgap_quirk *quirk)
{
	static const struct capgap_xml_shape shape = {
		.name = "test", .n_required = 3, .attr = { "offset", "mask", "value" }
	};
	bool zero = true;
	bool all_ones = true;

	for (const xmlNode *node = e->node->children; node; node = node->next) {
		struct capgap_byte_test *test = &quirk->test[quirk->n_tests];
		struct capgap_element sub;
		bool ok;

		if (node->type != XML_ELEMENT_NODE)
			continue;
		if (!capgap_xml_own_name(r, node))
			return false;
		if (strcmp(capgap_xml_name(node), shape.name) != 0 ||
		    quirk->n_tests == CAPGAP_TESTS_MAX) {
			capgap_xml_fault(r, node,
					 "<" CAPGAP_SHOWN
					 ">: expected 1 to %u <test> in <fingerprint>",
					 CAPGAP_SHOW(capgap_xml_name(node)),
					 CAPGAP_TESTS_MAX);
			return false;
		}
		ok = capgap_element_open(r, &sub, node, &shape) &&
		     read_test(r, &sub, test);
		capgap_element_close(&sub);
		if (!ok)
			return false;
		zero = zero && !test->value;
		all_ones = all_ones && test->value == test->mask;
		quirk->n_tests++;
	}
	if (!quirk->n_tests) {
		capgap_xml_fault(r, e->node,
				 "<fingerprint> has no <test>; expected 1 to %u",
				 CAPGAP_TESTS_MAX);
		return false;
	}
	if (!zero && !all_ones)
		return true;
	capgap_xml_fault(
		r, e->node,
		"<fingerprint>: bytes that are all %s pass; expected a <test> that fails them",
		zero ? "00" : "ff");
	return false;
}

static bool read_fingerprint(struct capgap_xml_reader *r, struct capgap_xml_draft *draft,
			     const struct capgap_element *e)
{
	const char *name = capgap_element_get(e, "name");
	struct capgap_quirk *quirk;
	uint32_t off;
	uint32_t len;

	if (!take_range(r, e, &off, &len) || !round_range(r, e, &off, &len))
		return false;
	quirk = add_quirk(r, draft, e);
	if (!quirk)
		return false;
	quirk->off = (uint16_t)off;
	quirk->len = (uint16_t)len;
	if (name)
		quirk->text = capgap_row_keep(draft->row, name);
	if (!quirk->text)
		return capgap_xml_no_memory(r);
	return read_tests(r, e, quirk);
}

/* What a row may hold; <match> first. */
static const struct capgap_xml_shape shapes[] = {
	{ .name = "match",
	  .n_required = 1,
	  .attr = { "vendor", "device", "subsystem", "class", "revision", "function" },
	  .read = read_match },
	{ "reserved",
	  CAPGAP_TEXT_MAY,
	  false,
	  2,
	  { "offset", "length", "identity" },
	  CAPGAP_VERB_RESERVED,
	  read_range },
	{ "free",
	  CAPGAP_TEXT_MAY,
	  false,
	  2,
	  { "offset", "length" },
	  CAPGAP_VERB_FREE,
	  read_range },
	{ "prefer",
	  CAPGAP_TEXT_MAY,
	  false,
	  1,
	  { "offset" },
	  CAPGAP_VERB_PREFER,
	  read_prefer },
	{ "refuse", CAPGAP_TEXT_MUST, false, 0, { NULL }, CAPGAP_VERB_REFUSE, read_text },
	{ "limit",
	  CAPGAP_TEXT_MAY,
	  false,
	  1,
	  { "offset" },
	  CAPGAP_VERB_LIMIT,
	  read_limit },
	{ "suspect",
	  CAPGAP_TEXT_MUST,
	  false,
	  0,
	  { NULL },
	  CAPGAP_VERB_SUSPECT,
	  read_text },
	{ "fingerprint",
	  CAPGAP_TEXT_NONE,
	  true,
	  2,
	  { "offset", "length", "name" },
	  CAPGAP_VERB_FINGERPRINT,
	  read_fingerprint },
	{ "descriptor",
	  CAPGAP_TEXT_MAY,
	  false,
	  2,
	  { "vendor", "id", "form", "control" },
	  CAPGAP_VERB_DESCRIPTOR,
	  read_descriptor },
	{ "note", CAPGAP_TEXT_MUST, false, 0, { NULL }, CAPGAP_VERB_NOTE, read_text },
};

static const struct capgap_xml_shape *find_shape(const char *name)
{
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		if (!strcmp(shapes[i].name, name))
			return &shapes[i];
	}
	return NULL;
}

/* One element of a row. */
static bool read_part(struct capgap_xml_reader *r, struct capgap_xml_draft *draft,
		      const xmlNode *node)
{
	const char *name = capgap_xml_own_name(r, node);
	const struct capgap_xml_shape *shape = name ? find_shape(name) : NULL;
	struct capgap_element e;
	bool ok;

	if (name && !shape)
		capgap_xml_fault(
			r, node,
			"<" CAPGAP_SHOWN
			"> is not known here; expected match, reserved, free, "
			"prefer, refuse, limit, suspect, fingerprint, descriptor or note",
			CAPGAP_SHOW(name));
	if (!shape)
		return false;
	if (shape == shapes && draft->row->n_quirks) {
		capgap_xml_fault(
			r, node,
			"<match> comes too late; expected every match before what the row says");
		return false;
	}
	ok = capgap_element_open(r, &e, node, shape) && shape->read(r, draft, &e);
	capgap_element_close(&e);
	return ok;
}

/* Lower-case letters, digits, '.' and '-', the first no sign. */
static bool is_id(const char *id)
{
	size_t len = strlen(id);

	return len && len <= CAPGAP_QUIRK_ID_MAX && id[0] != '.' && id[0] != '-' &&
	       strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789.-") == len;
}

/* Name and source of a row. */
static bool read_head(struct capgap_xml_reader *r, struct capgap_xml_draft *draft,
		      const struct capgap_element *e)
{
	struct capgap_quirk_row *head = &draft->row->head;

	if (!is_id(capgap_element_get(e, "id")))
		return capgap_element_bad(
			r, e, "id",
			"1 to 100 of a-z 0-9 . - and a letter or digit first");
	head->id = capgap_row_keep(draft->row, capgap_element_get(e, "id"));
	head->source = capgap_row_keep(draft->row, capgap_element_get(e, "source"));
	head->file = capgap_row_keep(draft->row, r->in->file);
	head->line = (unsigned long)xmlGetLineNo(e->node);
	if (!head->id || !head->source || !head->file)
		return capgap_xml_no_memory(r);
	if (!*head->source || strlen(head->source) > CAPGAP_QUIRK_TEXT_MAX)
		return capgap_element_bad(r, e, "source",
					  "where it can be checked, in 1 to 1000 bytes");
	return true;
}

/* All of one <quirk>; its faults are told, and every part is looked at. */
static bool read_row(struct capgap_xml_reader *r, struct capgap_xml_draft *draft,
		     const struct capgap_element *e)
{
	bool ok = read_head(r, draft, e);

	for (const xmlNode *node = capgap_xml_first(e->node->children);
	     node && !r->no_memory; node = capgap_xml_first(node->next))
		ok = read_part(r, draft, node) && ok;
	if (!ok || r->no_memory)
		return false;
	if (!draft->row->n_matches || !draft->row->n_quirks) {
		capgap_xml_fault(
			r, e->node, "<quirk id=\"" CAPGAP_SHOWN "\"> %s",
			CAPGAP_SHOW(draft->row->head.id),
			draft->row->n_matches ?
				"says nothing; expected reserved, free, ... after match" :
				"needs a <match> first");
		return false;
	}
	return !capgap_row_finish(draft->row) || capgap_xml_no_memory(r);
}

static void read_quirk(struct capgap_xml_reader *r, const xmlNode *node,
		       struct capgap_rows *rows)
{
	static const struct capgap_xml_shape shape = { .name = "quirk",
						       .parent = true,
						       .n_required = 2,
						       .attr = { "id", "source" } };
	struct capgap_xml_draft draft = { .row = capgap_row_new() };
	struct capgap_element e = { .shape = &shape };
	const char *name = capgap_xml_own_name(r, node);

	if (!draft.row) {
		r->no_memory = true;
	} else if (name && strcmp(name, shape.name) != 0) {
		capgap_xml_fault(r, node,
				 "<" CAPGAP_SHOWN ">: expected <quirk> in <quirks>",
				 CAPGAP_SHOW(name));
	} else if (name && capgap_element_open(r, &e, node, &shape) &&
		   read_row(r, &draft, &e)) {
		if (capgap_rows_add(rows, draft.row))
			r->no_memory = true;
		else
			draft.row = NULL;
	}
	capgap_element_close(&e);
	capgap_row_free(draft.row);
}

/* No two rows of a file have one id. */
static int check_ids(struct capgap_quirks_input *in, const struct capgap_rows *rows)
{
	struct capgap_rows sorted = { 0 };

	if (capgap_rows_reserve(&sorted, rows->n))
		return -CAPGAP_E_NOMEM;
	for (size_t i = 0; i < rows->n; i++)
		sorted.row[i] = rows->row[i];
	capgap_rows_by_id(sorted.row, rows->n);
	for (size_t i = 1; i < rows->n; i++) {
		const struct capgap_quirk_row *a = &sorted.row[i - 1]->head;
		const struct capgap_quirk_row *b = &sorted.row[i]->head;

		if (!strcmp(a->id, b->id))
			capgap_quirks_fault(
				in, CAPGAP_E_FORMAT, b->line,
				"id=\"" CAPGAP_SHOWN
				"\" is that of line %lu; expected one row an id",
				CAPGAP_SHOW(b->id), a->line);
	}
	free(sorted.row);
	return 0;
}

int capgap_quirks_tree_rows(struct capgap_quirks_input *in, const xmlNode *root,
			    struct capgap_rows *rows)
{
	static const struct capgap_xml_shape shape = { .name = "quirks", .parent = true };
	struct capgap_xml_reader r = { .in = in };
	struct capgap_element e = { .shape = &shape };
	const char *name = capgap_xml_own_name(&r, root);

	if (name && strcmp(name, shape.name) != 0)
		capgap_xml_fault(&r, root,
				 "<" CAPGAP_SHOWN
				 ">: expected <quirks> as the first element",
				 CAPGAP_SHOW(name));
	else if (name && capgap_element_open(&r, &e, root, &shape))
		for (const xmlNode *node = capgap_xml_first(root->children);
		     node && !r.no_memory; node = capgap_xml_first(node->next))
			read_quirk(&r, node, rows);
	capgap_element_close(&e);
	if (r.no_memory || check_ids(in, rows))
		return -CAPGAP_E_NOMEM;
	return in->n_faults ? -CAPGAP_E_FORMAT : 0;
}
