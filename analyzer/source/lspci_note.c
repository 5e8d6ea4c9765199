/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The comments of a capture: what lspci text cannot say of a function. */
#include "lspci_note.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lspci_line.h"
#include "walk.h"

static const char prefix[] = "# capgap: ";

/* Longest value: a row, or an address and a name of which each character is escaped. */
#define VALUE_MAX 128u

/* Characters of a partial row: two a byte, ".." for one that was not read. */
#define ROW_CHARS (2u * CAPGAP_ROW_BYTES)

/**
 * struct word - one thing that a comment says
 * @key: its name; "=" and the value follow, where there is one
 * @flag: what it sets in capgap_meta.flags; 0 where the bytes have it
 * @read: take the value over; false when it is none
 * @write: the value, terminated; NULL where there is none
 */
struct word {
	const char *key;
	unsigned flag;
	bool (*read)(struct capgap_note *note, const char *val);
	void (*write)(char out[VALUE_MAX], const struct capgap_meta *meta);
};

static int digit_of(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* @n hex digits at @text, at least 1 and at most 16; where they end is behind them. */
static bool hex(const char *text, size_t n, uint64_t *val)
{
	*val = 0;
	for (size_t i = 0; i < n; i++) {
		if (digit_of(text[i]) < 0)
			return false;
		*val = *val << 4 | (unsigned)digit_of(text[i]);
	}
	return n && n <= 16;
}

/* "8086:0b25" and nothing else. */
static bool pair(const char *val, uint16_t *first, uint16_t *second)
{
	uint64_t a;
	uint64_t b;

	if (strlen(val) != 9 || val[4] != ':' || !hex(val, 4, &a) || !hex(val + 5, 4, &b))
		return false;
	*first = (uint16_t)a;
	*second = (uint16_t)b;
	return true;
}

static bool decimal(const char *val, unsigned *num)
{
	size_t n = strspn(val, "0123456789");

	if (!n || n > 9 || val[n])
		return false;
	*num = (unsigned)strtoul(val, NULL, 10);
	return true;
}

static bool is_plain(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z') || (c && strchr("_-+.", c));
}

/* A name: characters that could be taken for something else are %XX. */
static bool read_name(const char *val, char *name, size_t len)
{
	size_t n = 0;

	for (; *val && n + 1 < len; n++) {
		uint64_t byte = (unsigned char)*val;

		if (*val == '%' && (!hex(val + 1, 2, &byte) || !byte))
			return false;
		if (*val != '%' && !is_plain(*val))
			return false;
		val += *val == '%' ? 3 : 1;
		name[n] = (char)byte;
	}
	name[n] = '\0';
	return n && !*val;
}

static void write_name(char out[VALUE_MAX], const char *name)
{
	size_t used = 0;

	out[0] = '\0';
	for (; *name && used + 4 < VALUE_MAX; name++)
		used += (size_t)snprintf(out + used, VALUE_MAX - used,
					 is_plain(*name) ? "%c" : "%%%02x",
					 (unsigned char)*name);
}

static bool read_ids(struct capgap_note *note, const char *val)
{
	note->meta.flags |= CAPGAP_META_SYSFS;
	return pair(val, &note->meta.vendor, &note->meta.device);
}

static void write_ids(char out[VALUE_MAX], const struct capgap_meta *meta)
{
	snprintf(out, VALUE_MAX, "%04x:%04x", meta->vendor, meta->device);
}

static bool read_subsys(struct capgap_note *note, const char *val)
{
	return pair(val, &note->meta.subvendor, &note->meta.subdevice);
}

static void write_subsys(char out[VALUE_MAX], const struct capgap_meta *meta)
{
	snprintf(out, VALUE_MAX, "%04x:%04x", meta->subvendor, meta->subdevice);
}

static bool read_class(struct capgap_note *note, const char *val)
{
	uint64_t num;

	if (strlen(val) != 6 || !hex(val, 6, &num))
		return false;
	note->meta.class_code = (uint32_t)num;
	return true;
}

static void write_class(char out[VALUE_MAX], const struct capgap_meta *meta)
{
	snprintf(out, VALUE_MAX, "%06" PRIx32, meta->class_code);
}

static bool read_revision(struct capgap_note *note, const char *val)
{
	uint64_t num;

	if (strlen(val) != 2 || !hex(val, 2, &num))
		return false;
	note->meta.revision = (uint8_t)num;
	return true;
}

static void write_revision(char out[VALUE_MAX], const struct capgap_meta *meta)
{
	snprintf(out, VALUE_MAX, "%02x", meta->revision);
}

static bool read_physfn(struct capgap_note *note, const char *val)
{
	return capgap_walk_is_address(val, &note->meta.physfn);
}

static void write_physfn(char out[VALUE_MAX], const struct capgap_meta *meta)
{
	char bdf[CAPGAP_BDF_TEXT];

	snprintf(out, VALUE_MAX, "%s", capgap_bdf_format(&meta->physfn, bdf));
}

static bool read_driver(struct capgap_note *note, const char *val)
{
	return read_name(val, note->meta.driver, sizeof(note->meta.driver));
}

static void write_driver(char out[VALUE_MAX], const struct capgap_meta *meta)
{
	write_name(out, meta->driver);
}

static bool read_group(struct capgap_note *note, const char *val)
{
	return decimal(val, &note->meta.iommu_group);
}

static void write_group(char out[VALUE_MAX], const struct capgap_meta *meta)
{
	snprintf(out, VALUE_MAX, "%u", meta->iommu_group);
}

static bool read_blocker(struct capgap_note *note, const char *val)
{
	return capgap_walk_is_address(val, &note->meta.blocker);
}

static void write_blocker(char out[VALUE_MAX], const struct capgap_meta *meta)
{
	char bdf[CAPGAP_BDF_TEXT];

	snprintf(out, VALUE_MAX, "%s", capgap_bdf_format(&meta->blocker, bdf));
}

static bool read_blocker_driver(struct capgap_note *note, const char *val)
{
	return read_name(val, note->meta.blocker_driver,
			 sizeof(note->meta.blocker_driver));
}

static void write_blocker_driver(char out[VALUE_MAX], const struct capgap_meta *meta)
{
	write_name(out, meta->blocker_driver);
}

/* How many functions the group has, itself included; "member" names the others. */
static bool read_members(struct capgap_note *note, const char *val)
{
	return decimal(val, &note->meta.group_size) && note->meta.group_size;
}

static void write_members(char out[VALUE_MAX], const struct capgap_meta *meta)
{
	snprintf(out, VALUE_MAX, "%u", meta->group_size);
}

static bool has_member(const struct capgap_meta *meta, const struct capgap_bdf *bdf)
{
	for (unsigned i = 0; i < meta->n_members; i++) {
		if (capgap_bdf_equal(&meta->member[i].bdf, bdf))
			return true;
	}
	return false;
}

/* "0000:00:1f.3" and, where one is bound, "/" and the name of its driver. */
static bool read_member(struct capgap_note *note, const char *val)
{
	struct capgap_meta *meta = &note->meta;
	struct capgap_member *member = &meta->member[meta->n_members];
	const char *slash = strchr(val, '/');
	char bdf[CAPGAP_BDF_TEXT];
	size_t len = slash ? (size_t)(slash - val) : strlen(val);

	if (meta->n_members == CAPGAP_MEMBERS_MAX || len >= sizeof(bdf))
		return false;
	snprintf(bdf, sizeof(bdf), "%.*s", (int)len, val);
	memset(member, 0, sizeof(*member));
	if (!capgap_walk_is_address(bdf, &member->bdf) ||
	    has_member(meta, &member->bdf) ||
	    (slash && !read_name(slash + 1, member->driver, sizeof(member->driver))))
		return false;
	meta->n_members++;
	return true;
}

static bool read_vfs(struct capgap_note *note, const char *val)
{
	return decimal(val, &note->meta.vfs);
}

static void write_vfs(char out[VALUE_MAX], const struct capgap_meta *meta)
{
	snprintf(out, VALUE_MAX, "%u", meta->vfs);
}

static bool read_total_vfs(struct capgap_note *note, const char *val)
{
	return decimal(val, &note->meta.total_vfs);
}

static void write_total_vfs(char out[VALUE_MAX], const struct capgap_meta *meta)
{
	snprintf(out, VALUE_MAX, "%u", meta->total_vfs);
}

/* "intel:CAP:ECAP", "amd:FEATURES" or "other". */
static bool read_iommu(struct capgap_note *note, const char *val)
{
	struct capgap_iommu *iommu = &note->meta.iommu;
	const char *regs = strchr(val, ':');
	const char *more;

	if (!regs) {
		iommu->kind = CAPGAP_IOMMU_OTHER;
		return !strcmp(val, "other");
	}
	if (!strncmp(val, "amd:", 4)) {
		iommu->kind = CAPGAP_IOMMU_AMD;
		return hex(regs + 1, strlen(regs + 1), &iommu->ext);
	}
	iommu->kind = CAPGAP_IOMMU_INTEL_VTD;
	more = strchr(regs + 1, ':');
	return !strncmp(val, "intel:", 6) && more &&
	       hex(regs + 1, (size_t)(more - regs - 1), &iommu->cap) &&
	       hex(more + 1, strlen(more + 1), &iommu->ext);
}

static void write_iommu(char out[VALUE_MAX], const struct capgap_meta *meta)
{
	const struct capgap_iommu *iommu = &meta->iommu;

	if (iommu->kind == CAPGAP_IOMMU_INTEL_VTD)
		snprintf(out, VALUE_MAX, "intel:%" PRIx64 ":%" PRIx64, iommu->cap,
			 iommu->ext);
	else if (iommu->kind == CAPGAP_IOMMU_AMD)
		snprintf(out, VALUE_MAX, "amd:%" PRIx64, iommu->ext);
	else
		snprintf(out, VALUE_MAX, "other");
}

static bool read_numa(struct capgap_note *note, const char *val)
{
	return decimal(val, &note->meta.numa_node);
}

static void write_numa(char out[VALUE_MAX], const struct capgap_meta *meta)
{
	snprintf(out, VALUE_MAX, "%u", meta->numa_node);
}

static bool read_vfio(struct capgap_note *note, const char *val)
{
	return read_name(val, note->meta.vfio, sizeof(note->meta.vfio));
}

static void write_vfio(char out[VALUE_MAX], const struct capgap_meta *meta)
{
	write_name(out, meta->vfio);
}

/* A word that has no value. */
static bool read_bare(struct capgap_note *note, const char *val)
{
	(void)note;
	return !*val;
}

/* Where the space ends: bytes behind the last row are absent. */
static bool read_size(struct capgap_note *note, const char *val)
{
	unsigned size;

	if (note->has_size || !decimal(val, &size) || !size || size > CAPGAP_SPACE_MAX)
		return false;
	note->has_size = true;
	if (size > note->part.size)
		capgap_image_drop(&note->part, note->part.size, size - note->part.size);
	return true;
}

/* "0a0:" and 16 bytes, of which some are "..". */
static bool read_row(struct capgap_note *note, const char *val)
{
	struct capgap_image row;
	uint8_t byte;
	uint64_t off;
	uint64_t num;

	if (strlen(val) != 4 + ROW_CHARS || val[3] != ':' || !hex(val, 3, &off) ||
	    off % CAPGAP_ROW_BYTES || note->row[off / CAPGAP_ROW_BYTES])
		return false;
	capgap_image_init(&row);
	for (unsigned i = 0; i < CAPGAP_ROW_BYTES; i++) {
		const char *text = val + 4 + 2 * (size_t)i;

		if (!strncmp(text, "..", 2))
			continue;
		if (!hex(text, 2, &num))
			return false;
		byte = (uint8_t)num;
		capgap_image_put(&row, off + i, &byte, 1);
	}
	capgap_image_merge(&note->part, &row);
	note->row[off / CAPGAP_ROW_BYTES] = true;
	note->has_row = true;
	return true;
}

/* What a comment can say, in the order in which it is written. */
static const struct word words[] = {
	{ "ids", CAPGAP_META_IDS, read_ids, write_ids },
	{ "subsys", CAPGAP_META_SUBSYS, read_subsys, write_subsys },
	{ "class", CAPGAP_META_CLASS, read_class, write_class },
	{ "rev", CAPGAP_META_REVISION, read_revision, write_revision },
	{ "physfn", CAPGAP_META_PHYSFN, read_physfn, write_physfn },
	{ "vfs", CAPGAP_META_VFS, read_vfs, write_vfs },
	{ "totalvfs", CAPGAP_META_TOTAL_VFS, read_total_vfs, write_total_vfs },
	{ "driver", CAPGAP_META_DRIVER, read_driver, write_driver },
	{ "vfio", CAPGAP_META_VFIO, read_vfio, write_vfio },
	{ "group", CAPGAP_META_GROUP, read_group, write_group },
	{ "blocker", CAPGAP_META_BLOCKER, read_blocker, write_blocker },
	{ "blockerdriver", CAPGAP_META_BLOCKER_DRIVER, read_blocker_driver,
	  write_blocker_driver },
	{ "iommu", CAPGAP_META_IOMMU, read_iommu, write_iommu },
	{ "numa", CAPGAP_META_NUMA, read_numa, write_numa },
	{ "asleep", CAPGAP_META_ASLEEP, read_bare, NULL },
	{ "withheld", CAPGAP_META_WITHHELD, read_bare, NULL },
	{ "members", CAPGAP_META_MEMBERS, read_members, write_members },
	{ "member", 0, read_member, NULL },
	{ "size", 0, read_size, NULL },
	{ "row", 0, read_row, NULL },
};

#define N_WORDS (sizeof(words) / sizeof(words[0]))

int capgap_note_title(const char *text, unsigned long line, struct capgap_err *err)
{
	static const char title[] = CAPGAP_CAPTURE_TITLE;
	size_t n = sizeof(title) - 1;

	if (strncmp(text, title, n) != 0 ||
	    strtoul(text + n, NULL, 10) <= CAPGAP_CAPTURE_VERSION)
		return 0;
	return capgap_err_set(
		err, CAPGAP_E_DAMAGED, line,
		"a capture of a later form: what it says may be misunderstood");
}

const char *capgap_note_find(const char *text, struct capgap_bdf *bdf)
{
	size_t used;

	if (strncmp(text, prefix, sizeof(prefix) - 1) != 0)
		return NULL;
	text += sizeof(prefix) - 1;
	used = capgap_bdf_parse(text, bdf);
	if (!used || (text[used] && text[used] != ' '))
		return NULL;
	return text + used;
}

void capgap_note_init(struct capgap_note *note, const struct capgap_bdf *bdf,
		      unsigned long line)
{
	memset(&note->meta, 0, sizeof(note->meta));
	note->line = line;
	note->has_row = false;
	note->has_size = false;
	memset(note->row, 0, sizeof(note->row));
	note->meta.flags = CAPGAP_META_BDF;
	note->meta.bdf = *bdf;
	capgap_image_init(&note->part);
}

static const struct word *find_word(const char *text, size_t len)
{
	for (size_t i = 0; i < N_WORDS; i++) {
		if (strlen(words[i].key) == len && !memcmp(words[i].key, text, len))
			return &words[i];
	}
	return NULL;
}

/* Take one word of @len characters over; false when it is not understood. */
static bool take_word(struct capgap_note *note, const char *text, size_t len)
{
	const char *equals = memchr(text, '=', len);
	size_t n = equals ? (size_t)(equals - text) : len;
	const struct word *word = find_word(text, n);
	struct capgap_meta before = note->meta;
	char val[VALUE_MAX] = "";

	if (!word || (word->flag & note->meta.flags) || len - n > sizeof(val))
		return false;
	if (equals) {
		memcpy(val, equals + 1, len - n - 1);
		val[len - n - 1] = '\0';
	}
	if (!word->read(note, val) || (equals && !*val)) {
		note->meta = before;
		return false;
	}
	note->meta.flags |= word->flag;
	return true;
}

/* Name the first word that is not taken over, and say how many more there are. */
static int refuse_words(const char *word, size_t len, unsigned n, unsigned long line,
			struct capgap_err *err)
{
	int shown = (int)(len < 40 ? len : 40);

	if (n == 1)
		return capgap_err_set(
			err, CAPGAP_E_DAMAGED, line,
			"'%.*s' is not understood, or stands twice, in a comment of "
			"a capture",
			shown, word);
	return capgap_err_set(
		err, CAPGAP_E_DAMAGED, line,
		"'%.*s' and %u more are not understood, or stand twice, in a comment of "
		"a capture",
		shown, word, n - 1);
}

int capgap_note_add(struct capgap_note *note, const char *text, unsigned long line,
		    struct capgap_err *err)
{
	const char *bad = NULL;
	size_t bad_len = 0;
	unsigned n_bad = 0;

	for (text += strspn(text, " "); *text; text += strspn(text, " ")) {
		size_t len = strcspn(text, " ");
		bool taken = take_word(note, text, len);

		n_bad += !taken;
		if (!taken && !bad) {
			bad = text;
			bad_len = len;
		}
		text += len;
	}
	return bad ? refuse_words(bad, bad_len, n_bad, line, err) : 0;
}

/**
 * struct writer - comments on their way
 * @out: where they go
 * @meta: of the function
 * @used: characters of the line so far; 0 when none was begun
 */
struct writer {
	FILE *out;
	const struct capgap_meta *meta;
	size_t used;
};

/* Write a word, on a new line where this one is full. */
static void put_word(struct writer *w, const char *text)
{
	char bdf[CAPGAP_BDF_TEXT];
	size_t len = strlen(text) + 1;

	if (w->used && w->used + len > CAPGAP_NOTE_LINE) {
		fputc('\n', w->out);
		w->used = 0;
	}
	if (!w->used)
		w->used = (size_t)fprintf(w->out, "%s%s", prefix,
					  capgap_bdf_format(&w->meta->bdf, bdf));
	fprintf(w->out, " %s", text);
	w->used += len;
}

static void write_word(struct writer *w, const struct word *word)
{
	char text[VALUE_MAX + 16];
	char val[VALUE_MAX] = "";

	if (!(word->flag & w->meta->flags))
		return;
	if (word->write)
		word->write(val, w->meta);
	snprintf(text, sizeof(text), "%s%s%s", word->key, word->write ? "=" : "", val);
	put_word(w, text);
}

static void write_member(struct writer *w, const struct capgap_member *member)
{
	char text[VALUE_MAX + CAPGAP_BDF_TEXT + sizeof("member=/")];
	char name[VALUE_MAX];
	char bdf[CAPGAP_BDF_TEXT];

	write_name(name, member->driver);
	snprintf(text, sizeof(text), "member=%s%s%s",
		 capgap_bdf_format(&member->bdf, bdf), *name ? "/" : "", name);
	put_word(w, text);
}

/* A row of which some bytes are absent, and some are not. */
static void write_part(struct writer *w, const struct capgap_image *img, unsigned off)
{
	char text[16 + ROW_CHARS] = "";
	size_t used = (size_t)snprintf(text, sizeof(text), "row=%03x:", off);
	bool any = false;

	if (capgap_image_has(img, off, CAPGAP_ROW_BYTES))
		return;
	for (unsigned i = 0; i < CAPGAP_ROW_BYTES; i++) {
		bool has = capgap_image_has(img, off + i, 1);

		any = any || has;
		if (has)
			snprintf(text + used, 3, "%02x", img->data[off + i]);
		else
			memcpy(text + used, "..", 3);
		used += 2;
	}
	if (any)
		put_word(w, text);
}

void capgap_note_write(FILE *out, const struct capgap_meta *meta,
		       const struct capgap_image *img)
{
	struct writer w = { .out = out, .meta = meta };
	char text[16];

	for (size_t i = 0; i < N_WORDS; i++)
		write_word(&w, &words[i]);
	for (unsigned i = 0; i < meta->n_members; i++)
		write_member(&w, &meta->member[i]);
	if (img->size) {
		snprintf(text, sizeof(text), "size=%u", img->size);
		put_word(&w, text);
	}
	for (unsigned off = 0; off < img->size; off += CAPGAP_ROW_BYTES)
		write_part(&w, img, off);
	if (w.used)
		fputc('\n', out);
}
