/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text that lspci -x, -xxx or -xxxx printed, with whatever else stands in the file. */
#include "source.h"

#include <stdlib.h>
#include <string.h>

#include "device.h"
#include "lines.h"
#include "lspci_line.h"
#include "lspci_note.h"

/* Lines that are remembered as possible header lines, until a row comes. */
#define HEADS_MAX 4u

/* Rows restart only behind a header's worth of them. */
#define RESTART_AFTER 0x30u

/* What stands before a row and is longer than this may be a row that lost its line end. */
#define JOINED_LEN 24u

/* How sure the bid is: rows were seen; text that may hold some further on. */
#define BID_ROWS (CAPGAP_BID_LIKELY * 10)
#define BID_TEXT CAPGAP_BID_LIKELY

/**
 * struct held - a row that only the next one explains
 * @is: there is one
 * @blank: a blank line came before it
 * @other: another line that is no row came before it
 * @line: its line
 * @row: the row
 */
struct held {
	bool is;
	bool blank;
	bool other;
	unsigned long line;
	struct capgap_row row;
};

/**
 * struct dump - what is known while the lines go by
 * @sink: where functions go
 * @name: of the input
 * @line: number of this line
 * @functions: given to the sink so far
 * @heads_seen: the input has header lines
 * @withheld_told: it was said that the kernel withheld bytes
 * @rc: what the sink returned; not 0 stops
 * @active: @rec is a function that may go on
 * @headed: it has a header line
 * @last: offset of its latest row
 * @shape: of what stands before its rows
 * @blank: a blank line came after its latest row
 * @other: another line that is no row came after its latest row
 * @held: where a row waits that begins another function or contradicts this one
 * @n_head: possible header lines since the latest row
 * @head: them, the latest last
 * @rec: the function
 * @part: bytes of it that stand in comments
 * @note: what comments say of a function that has not begun; @line 0 for none
 */
struct dump {
	const struct capgap_sink *sink;
	const char *name;
	unsigned long line;
	unsigned long functions;
	bool heads_seen;
	bool withheld_told;
	int rc;
	bool active;
	bool headed;
	unsigned last;
	uint64_t shape;
	bool blank;
	bool other;
	struct held held;
	unsigned n_head;
	struct capgap_head head[HEADS_MAX];
	struct capgap_record rec;
	struct capgap_image part;
	struct capgap_note note;
};

static void tell(struct dump *d, const struct capgap_err *err)
{
	if (d->sink->trouble)
		d->sink->trouble(d->sink->ctx, d->name, err);
}

static struct capgap_damage *find_damage(struct dump *d, enum capgap_finding_kind kind,
					 unsigned off)
{
	for (unsigned i = 0; i < d->rec.n_damage; i++) {
		if (d->rec.damage[i].kind == kind && d->rec.damage[i].off == off)
			return &d->rec.damage[i];
	}
	return NULL;
}

/* The row at @off is absent, and why. */
static void add_damage(struct dump *d, enum capgap_finding_kind kind, unsigned off)
{
	capgap_image_drop(&d->rec.image, off, CAPGAP_ROW_BYTES);
	if (find_damage(d, kind, off) || d->rec.n_damage == CAPGAP_DAMAGE_MAX)
		return;
	d->rec.damage[d->rec.n_damage++] = (struct capgap_damage){ kind, (uint16_t)off,
								   CAPGAP_ROW_BYTES };
}

/* A clean row has come where a damaged one was. */
static void mend_damage(struct dump *d, unsigned off)
{
	struct capgap_damage *damage = find_damage(d, CAPGAP_F_ROW_DAMAGED, off);

	if (damage)
		*damage = d->rec.damage[--d->rec.n_damage];
}

static bool same_bytes(const struct dump *d, const struct capgap_row *row)
{
	return capgap_image_has(&d->rec.image, row->off, CAPGAP_ROW_BYTES) &&
	       !memcmp(d->rec.image.data + row->off, row->bytes, CAPGAP_ROW_BYTES);
}

static void put_row(struct dump *d, const struct capgap_row *row, unsigned long line)
{
	struct capgap_err err;

	d->last = row->off;
	if (find_damage(d, CAPGAP_F_ROW_CONFLICT, row->off) || same_bytes(d, row))
		return;
	if (capgap_image_has(&d->rec.image, row->off, CAPGAP_ROW_BYTES)) {
		add_damage(d, CAPGAP_F_ROW_CONFLICT, row->off);
		capgap_err_set(&err, CAPGAP_E_DAMAGED, line,
			       "row %02x: stands twice with different bytes", row->off);
		tell(d, &err);
		return;
	}
	mend_damage(d, row->off);
	capgap_image_put(&d->rec.image, row->off, row->bytes, CAPGAP_ROW_BYTES);
}

static void end_function(struct dump *d)
{
	if (d->active && !d->rc) {
		capgap_device_tell_captured(d->sink, d->name, &d->rec, &d->withheld_told);
		capgap_image_merge(&d->rec.image, &d->part);
		d->rc = d->sink->record(d->sink->ctx, &d->rec);
		d->functions++;
	}
	d->active = false;
}

/* The function that comments spoke of has no rows of its own. */
static void settle_note(struct dump *d)
{
	char bdf[CAPGAP_BDF_TEXT];
	struct capgap_err err;

	if (!d->note.line)
		return;
	if ((d->note.meta.flags & CAPGAP_META_ASLEEP) || d->note.has_row) {
		capgap_image_init(&d->rec.image);
		d->part = d->note.part;
		d->rec.meta = d->note.meta;
		d->rec.n_damage = 0;
		d->rec.line = d->note.line;
		d->active = true;
		end_function(d);
	} else {
		capgap_err_set(&err, CAPGAP_E_DAMAGED, d->note.line,
			       "%s has no rows, though this comment speaks of it",
			       capgap_bdf_format(&d->note.meta.bdf, bdf));
		tell(d, &err);
	}
	d->note.line = 0;
}

/* A function begins: what comments say of it counts, and not its header line. */
static void take_note(struct dump *d, const struct capgap_head *head)
{
	capgap_image_init(&d->part);
	if (!d->note.line || !head ||
	    !capgap_bdf_equal(&head->meta.bdf, &d->note.meta.bdf))
		return;
	d->rec.meta = d->note.meta;
	d->rec.meta.flags &= ~(unsigned)CAPGAP_META_ASLEEP;
	d->part = d->note.part;
	d->note.line = 0;
}

/*
 * Begin a function whose first row is on @line; @head is NULL when no header
 * line stands before it.
 */
static void begin_function(struct dump *d, const struct capgap_head *head,
			   unsigned long line)
{
	struct capgap_err err;

	end_function(d);
	if (!head || !capgap_bdf_equal(&head->meta.bdf, &d->note.meta.bdf))
		settle_note(d);
	capgap_image_init(&d->rec.image);
	memset(&d->rec.meta, 0, sizeof(d->rec.meta));
	d->rec.n_damage = 0;
	d->rec.line = line;
	d->active = true;
	d->headed = head;
	d->last = 0;
	if (head) {
		d->rec.meta = head->meta;
		d->rec.line = head->line;
		d->heads_seen = true;
	} else if (d->heads_seen) {
		capgap_err_set(&err, CAPGAP_E_DAMAGED, line,
			       "rows without a header line");
		tell(d, &err);
	}
	take_note(d, head);
}

/*
 * Is the held row of a function whose header line is lost, now that the row at
 * @next comes (0 when none does)? Rows that go on behind it say so, rows that
 * go on above all that the function has say no.
 */
static bool is_lost(const struct dump *d, unsigned next)
{
	const struct held *held = &d->held;

	if (next == held->row.off + CAPGAP_ROW_BYTES)
		return !held->row.off || held->other || (held->blank && next <= d->last);
	return held->other && next <= d->last && !same_bytes(d, &held->row);
}

static void settle_held(struct dump *d, unsigned next)
{
	struct held held = d->held;

	if (!held.is)
		return;
	if (is_lost(d, next))
		begin_function(d, NULL, held.line);
	d->held.is = false;
	put_row(d, &held.row, held.line);
}

/* The header line that belongs to rows with this prefix, or NULL. */
static const struct capgap_head *choose_head(const struct dump *d, uint64_t shape)
{
	for (unsigned i = d->n_head; i; i--) {
		const struct capgap_head *head = &d->head[i - 1];

		if (head->plain || head->shape == shape)
			return head;
	}
	return NULL;
}

/* Go over to the function of @head, unless its rows only go on. */
static void enter(struct dump *d, const struct capgap_head *head, unsigned off)
{
	settle_held(d, 0);
	if (!d->active || !d->headed || off <= d->last ||
	    !capgap_bdf_equal(&d->rec.meta.bdf, &head->meta.bdf))
		begin_function(d, head, d->line);
}

/*
 * May a row without a header line belong to another function, whose header
 * line is lost? The row after it tells.
 */
static bool is_doubtful(const struct dump *d, const struct capgap_row *row)
{
	if (row->off > d->last || (row->off == d->last && same_bytes(d, row)))
		return false;
	return d->blank || d->other || (!row->off && d->last >= RESTART_AFTER);
}

/* Decide where a clean row without a header line belongs; false when that must wait. */
static bool place_row(struct dump *d, const struct capgap_row *row)
{
	settle_held(d, row->off);
	if (!d->active || (!row->off && (!d->headed || d->blank || d->other))) {
		begin_function(d, NULL, d->line);
	} else if (is_doubtful(d, row)) {
		d->held = (struct held){ true, d->blank, d->other, d->line, *row };
		return false;
	}
	return true;
}

static void take_row(struct dump *d, const struct capgap_row *row, const char *text)
{
	uint64_t shape = capgap_row_shape(text, row->prefix);
	const struct capgap_head *head = choose_head(d, shape);
	bool put = true;

	if (head)
		enter(d, head, row->off);
	else
		put = place_row(d, row);
	d->n_head = 0;
	d->blank = false;
	d->other = false;
	d->shape = shape;
	if (put)
		put_row(d, row, d->line);
}

/* A row that lost its bytes: 16 absent ones where it stood. */
static void drop_row(struct dump *d, const struct capgap_row *row, bool cut)
{
	struct capgap_err err;
	unsigned off = row->off;

	if (row->off == CAPGAP_ROW_NO_OFF)
		off = d->rec.image.size ? d->last + CAPGAP_ROW_BYTES : 0;
	capgap_row_blame(&err, row, off, cut, d->line);
	tell(d, &err);
	/* The rest of such a line may have been a header line. */
	if (cut || row->values > CAPGAP_ROW_BYTES || row->values > row->pairs + 1)
		d->other = true;
	if (off >= CAPGAP_SPACE_MAX)
		return;
	if (capgap_image_has(&d->rec.image, off, CAPGAP_ROW_BYTES))
		d->other = true; /* it may be of a function whose header line is lost */
	else if (!find_damage(d, CAPGAP_F_ROW_CONFLICT, off))
		add_damage(d, CAPGAP_F_ROW_DAMAGED, off);
	if (off > d->last)
		d->last = off;
}

/* A damaged first row of the function that a header line announced. */
static bool drop_first_row(struct dump *d, const char *text, size_t len)
{
	struct capgap_row row;

	for (unsigned i = d->n_head; i; i--) {
		struct capgap_head head = d->head[i - 1];

		if (capgap_row_damaged(text, len, head.shape, 0, &row)) {
			enter(d, &head, row.off);
			d->n_head = 0;
			d->blank = false;
			d->other = false;
			d->shape = head.shape;
			drop_row(d, &row, false);
			return true;
		}
		if (head.plain)
			return false;
	}
	return false;
}

/* A damaged row of the function that is being read. */
static bool drop_next_row(struct dump *d, const char *text, size_t len)
{
	unsigned expected = (d->held.is ? d->held.row.off : d->last) + CAPGAP_ROW_BYTES;
	struct capgap_row row;

	if (!d->active)
		return false;
	if (!capgap_row_damaged(text, len, d->shape, expected, &row)) {
		if (!capgap_row_bytes(text, len, row.bytes))
			return false;
		row = (struct capgap_row){ .off = CAPGAP_ROW_NO_OFF };
	}
	if (row.off == CAPGAP_ROW_NO_OFF ? d->blank || d->other :
					   d->other && row.off != expected)
		return false;
	if (row.weak && d->other)
		return false;
	settle_held(d, row.off == CAPGAP_ROW_NO_OFF ? expected : row.off);
	drop_row(d, &row, false);
	return true;
}

static bool has_plain_head(const struct dump *d)
{
	for (unsigned i = 0; i < d->n_head; i++) {
		if (d->head[i].plain)
			return true;
	}
	return false;
}

static bool take_damaged(struct dump *d, const char *text, size_t len)
{
	if (drop_first_row(d, text, len))
		return true;
	return !has_plain_head(d) && drop_next_row(d, text, len);
}

/* Remember a possible header line; of those with the same prefix the latest counts. */
static void take_head(struct dump *d, const struct capgap_head *head)
{
	unsigned gone = d->n_head == HEADS_MAX ? 0 : d->n_head;

	for (unsigned i = 0; i < d->n_head; i++) {
		if (d->head[i].shape == head->shape && d->head[i].plain == head->plain)
			gone = i;
	}
	if (gone == d->n_head)
		d->n_head++;
	else
		memmove(&d->head[gone], &d->head[gone + 1],
			(d->n_head - 1 - gone) * sizeof(d->head[0]));
	d->head[d->n_head - 1] = *head;
	d->head[d->n_head - 1].line = d->line;
	if (head->plain)
		d->heads_seen = true;
}

/* A line that ends in a clean row. What stands before it may be of interest too. */
static void take_row_line(struct dump *d, char *text, const struct capgap_row *row)
{
	struct capgap_head head;
	char first = text[row->prefix];

	if (row->prefix) {
		text[row->prefix] = '\0';
		if (capgap_head_find(text, row->prefix, &head) && head.plain)
			take_head(d, &head);
		else if (row->prefix > JOINED_LEN)
			(void)take_damaged(d, text, row->prefix);
		text[row->prefix] = first;
	}
	take_row(d, row, text);
}

/* The row at the end of a line that was too long to be kept. */
static bool take_tail(struct dump *d, const struct capgap_lines *in)
{
	char end[2 * CAPGAP_LINE_TAIL];
	struct capgap_row row;

	if (!in->tail_len || !d->active || has_plain_head(d))
		return false;
	memcpy(end, in->text + in->len - CAPGAP_LINE_TAIL, CAPGAP_LINE_TAIL);
	memcpy(end + CAPGAP_LINE_TAIL, in->tail, in->tail_len);
	if (!capgap_row_find(end, CAPGAP_LINE_TAIL + in->tail_len, &row))
		return false;
	settle_held(d, row.off);
	row.pairs = CAPGAP_ROW_BYTES;
	row.values = CAPGAP_ROW_BYTES;
	drop_row(d, &row, true);
	return true;
}

/* A header line ends in bytes: the offset of its first row was lost with the line end. */
static void drop_joined_row(struct dump *d)
{
	static const struct capgap_row row = { .off = CAPGAP_ROW_NO_OFF };
	struct capgap_head head = d->head[d->n_head - 1];

	enter(d, &head, 0);
	d->n_head = 0;
	d->blank = false;
	d->other = false;
	d->shape = head.shape;
	drop_row(d, &row, false);
}

/* Nothing but quoting. */
static bool is_empty(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (!strchr(" \t>|", text[i]))
			return false;
	}
	return true;
}

/* A comment of a capture. */
static bool take_comment(struct dump *d, const char *text)
{
	struct capgap_err err;
	struct capgap_bdf bdf;
	const char *words = capgap_note_find(text, &bdf);

	if (!words) {
		if (capgap_note_title(text, d->line, &err))
			tell(d, &err);
		return !strncmp(text, CAPGAP_CAPTURE_TITLE,
				sizeof(CAPGAP_CAPTURE_TITLE) - 1);
	}
	if (!d->note.line || !capgap_bdf_equal(&d->note.meta.bdf, &bdf)) {
		settle_held(d, 0);
		if (d->note.line)
			end_function(d);
		settle_note(d);
		capgap_note_init(&d->note, &bdf, d->line);
	}
	if (capgap_note_add(&d->note, words, d->line, &err))
		tell(d, &err);
	d->other = true;
	return true;
}

static void take_line(struct dump *d, struct capgap_lines *in)
{
	struct capgap_head head;
	struct capgap_row row;
	bool found;

	if (in->text[0] == '#' && take_comment(d, in->text))
		return;

	if (!in->tail_len && capgap_row_find(in->text, in->len, &row)) {
		take_row_line(d, in->text, &row);
		return;
	}
	if (is_empty(in->text, in->len)) {
		d->blank = true;
		return;
	}
	found = capgap_head_find(in->text, in->len, &head);
	if (!(found && head.plain) &&
	    (take_damaged(d, in->text, in->len) || take_tail(d, in)))
		return;
	d->other = true;
	if (found)
		take_head(d, &head);
	if (found && head.plain && capgap_row_bytes(in->text, in->len, row.bytes))
		drop_joined_row(d);
	for (unsigned i = 0; i < d->n_head; i++)
		capgap_head_driver(&d->head[i], in->text);
}

static int lspci_read(struct capgap_stream *s, const struct capgap_sink *sink,
		      struct capgap_err *err)
{
	static const char bom[] = "\xef\xbb\xbf";
	struct capgap_lines in = { .s = s };
	struct dump d = { .sink = sink, .name = s->name };
	struct capgap_err io;

	while (!d.rc && capgap_lines_next(&in)) {
		d.line++;
		if (d.line == 1 && !strncmp(in.text, bom, sizeof(bom) - 1)) {
			in.len -= sizeof(bom) - 1;
			memmove(in.text, in.text + sizeof(bom) - 1, in.len + 1);
		}
		take_line(&d, &in);
	}
	settle_held(&d, 0);
	end_function(&d);
	settle_note(&d);
	if (d.rc)
		return d.rc;
	if (ferror(s->file)) {
		if (!d.functions)
			return capgap_err_set(err, CAPGAP_E_IO, d.line, NULL);
		capgap_err_set(&io, CAPGAP_E_IO, d.line, NULL);
		tell(&d, &io);
	}
	if (d.functions)
		return 0;
	if (d.heads_seen)
		return capgap_err_set(err, CAPGAP_E_EMPTY, 0,
				      "lspci text without hex rows (run lspci -xxxx)");
	return capgap_err_set(err, CAPGAP_E_EMPTY, 0, "text without hex rows of lspci");
}

static int lspci_bid(const struct capgap_stream *s)
{
	const char *text = (const char *)s->peek;
	struct capgap_row row;
	size_t pos = 0;

	while (pos < s->n_peek) {
		const char *end = memchr(text + pos, '\n', s->n_peek - pos);
		size_t next = end ? (size_t)(end + 1 - text) : s->n_peek;
		size_t len = (end ? (size_t)(end - text) : s->n_peek) - pos;

		len = capgap_lines_trim(text + pos, len);
		if (capgap_row_find(text + pos, len, &row))
			return BID_ROWS;
		pos = next;
	}
	return capgap_is_text(s->peek, s->n_peek) ? BID_TEXT : 0;
}

const struct capgap_format capgap_format_lspci = { "lspci", lspci_bid, lspci_read };
