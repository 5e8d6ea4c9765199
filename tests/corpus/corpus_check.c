/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads dumps and holds each function against the invariants, and its lists
 * against those of libpci and lspci. Paths come one a line on standard input;
 * what is worth knowing goes to standard output, one line of tab separated words:
 *
 *   orphan   input  address  offset  id
 *   unknown  input  address  space  offset  id   a structure of unknown extent
 *   excused  input  address  space  offset       lists differ, and a finding says why
 *   total    functions  capabilities
 *
 * Exit status 1 when a list differs without excuse; a broken invariant aborts.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <pci/pci.h>

#include "../../analyzer/stream.h"
#include "../invariants.h"

/* Functions that are compared at once. */
#define BATCH 512u
#define SOURCE_LEN 256u
#define ROW_BYTES 16u
#define HEADER_LEN 64u

/* One capability, as one of the readers lists it. */
struct entry {
	uint16_t off;
	uint16_t id;
	uint8_t version;
};

struct list {
	unsigned n;
	struct entry entry[CAPGAP_CAPS_MAX];
};

/* One function: our lists, and where findings say that they may be another's. */
struct expected {
	char source[SOURCE_LEN];
	char bdf[CAPGAP_BDF_TEXT];
	uint16_t size;
	struct list conv;
	struct list ext;
	bool excused;
	uint8_t alters[CAPGAP_SPACE_MAX];
	struct list versions; /* lspci's extended list */
};

struct check {
	struct capgap_options opt;
	char path[SOURCE_LEN]; /* what is being read */
	unsigned n;
	struct expected *fn;
	char *text; /* file for the batch */
	FILE *out;
	unsigned long functions;
	unsigned long caps;
	unsigned long wrong;
	uint64_t digest;
	bool again; /* second reading: only the digest counts */
};

static struct check check;

static void die(const char *what)
{
	perror(what);
	exit(2);
}

/* A broken invariant aborts: say in which input. */
static void on_abort(int sig)
{
	static const char text[] = "corpus_check: while reading ";
	ssize_t rc = write(STDERR_FILENO, text, sizeof(text) - 1);

	rc = rc < 0 ? rc : write(STDERR_FILENO, check.path, strlen(check.path));
	rc = rc < 0 ? rc : write(STDERR_FILENO, "\n", 1);
	(void)rc;
	signal(sig, SIG_DFL);
	raise(sig);
}

/* The functions of a batch get addresses of their own, since they may share one. */
static struct capgap_bdf address_of(unsigned i)
{
	return (struct capgap_bdf){ 0, (uint8_t)(i >> 8), (uint8_t)(i >> 3 & 0x1fu),
				    (uint8_t)(i & 7u) };
}

static unsigned index_of(const struct capgap_bdf *bdf)
{
	return (unsigned)bdf->bus << 8 | (unsigned)bdf->dev << 3 | bdf->fn;
}

/* Write the image as lspci would; a row ends where a byte is absent. */
static void write_text(FILE *out, const struct capgap_image *img, unsigned index)
{
	struct capgap_bdf bdf = address_of(index);
	char text[CAPGAP_BDF_TEXT];
	bool in_row = false;

	fprintf(out, "%s Function\n", capgap_bdf_format(&bdf, text));
	for (unsigned off = 0; off < img->size; off++) {
		bool has = capgap_image_has(img, off, 1);

		if (in_row && (!has || off % ROW_BYTES == 0)) {
			fputc('\n', out);
			in_row = false;
		}
		if (has && !in_row)
			fprintf(out, "%02x:", off);
		if (has)
			fprintf(out, " %02x", img->data[off]);
		in_row |= has;
	}
	fputs(in_row ? "\n\n" : "\n", out);
}

static void take_list(struct list *list, const struct capgap_chain *chain, unsigned first,
		      unsigned end)
{
	list->n = 0;
	for (unsigned i = first; i < end; i++)
		list->entry[list->n++] = (struct entry){ chain->cap[i].off,
							 chain->cap[i].id,
							 chain->cap[i].version };
}

/* Mark the bytes where a finding says that the list may differ from libpci's. */
static void take_excuses(struct expected *exp, const struct capgap_findings *list)
{
	const struct capgap_hit *hit;

	memset(exp->alters, 0, sizeof(exp->alters));
	exp->excused = false;
	for (unsigned i = 0; i < list->n; i++) {
		hit = &list->hit[i];
		if (!(capgap_finding_get(hit->kind)->flags & CAPGAP_F_ALTERS_CHAIN))
			continue;
		exp->excused |= hit->len == 0;
		memset(exp->alters + hit->off, 1, hit->len);
	}
}

static void report_fn(const struct expected *exp, const struct capgap_function *fn)
{
	const struct capgap_cap *cap;

	for (unsigned i = 0; i < fn->orphans.n; i++)
		printf("orphan\t%s\t%s\t%03x\t%04x\n", exp->source, exp->bdf,
		       fn->orphans.cap[i].off, fn->orphans.cap[i].id);
	for (unsigned i = 0; i < fn->chain.n; i++) {
		cap = &fn->chain.cap[i];
		if (cap->extent == CAPGAP_EXTENT_UNKNOWN)
			printf("unknown\t%s\t%s\t%s\t%03x\t%04x\n", exp->source, exp->bdf,
			       cap->space == CAPGAP_EXT ? "ext" : "conv", cap->off,
			       cap->id);
	}
}

static void compare_batch(void);

static int on_function(void *ctx, const char *source, unsigned machine,
		       const struct capgap_function *fn)
{
	struct check *c = ctx;
	struct expected *exp;

	(void)machine;
	c->digest = c->digest * 31 + invariants_check_all(fn, &c->opt);
	if (c->again)
		return 0;
	exp = &c->fn[c->n];
	snprintf(exp->source, sizeof(exp->source), "%s", source);
	snprintf(exp->bdf, sizeof(exp->bdf), "-");
	if (fn->meta.flags & CAPGAP_META_BDF)
		capgap_bdf_format(&fn->meta.bdf, exp->bdf);
	exp->size = fn->image.size;
	take_list(&exp->conv, &fn->chain, 0, fn->chain.n_conv);
	take_list(&exp->ext, &fn->chain, fn->chain.n_conv, fn->chain.n);
	take_excuses(exp, &fn->findings);
	exp->versions.n = 0;
	report_fn(exp, fn);
	write_text(c->out, &fn->image, c->n);
	c->functions++;
	c->caps += fn->chain.n;
	if (++c->n == BATCH)
		compare_batch();
	return 0;
}

/* True when a finding covers the 4 bytes at @off. */
static bool is_excused(const struct expected *exp, unsigned off)
{
	for (unsigned i = off; i < off + 4 && i < CAPGAP_SPACE_MAX; i++) {
		if (exp->alters[i])
			return true;
	}
	return exp->excused;
}

static bool same_entry(const struct entry *a, const struct entry *b, bool versions)
{
	return a->off == b->off && (versions ? a->version == b->version : a->id == b->id);
}

/*
 * Compare two lists up to where they first differ. That is excused where a
 * finding covers the place, or the pointer that leads there.
 */
static void compare(const struct expected *exp, const char *space, const char *reader,
		    const struct list *ours, const struct list *theirs, bool versions)
{
	unsigned i = 0;
	unsigned from;
	unsigned mine;
	unsigned other;

	while (i < ours->n && i < theirs->n &&
	       same_entry(&ours->entry[i], &theirs->entry[i], versions))
		i++;
	if (i == ours->n && i == theirs->n)
		return;
	mine = i < ours->n ? ours->entry[i].off : CAPGAP_SPACE_MAX;
	other = i < theirs->n ? theirs->entry[i].off : CAPGAP_SPACE_MAX;
	from = i ? ours->entry[i - 1].off : (strcmp(space, "ext") != 0 ? 0x34 : 0x100);
	if (is_excused(exp, mine) || is_excused(exp, other) || is_excused(exp, from)) {
		printf("excused\t%s\t%s\t%s\t%03x\n", exp->source, exp->bdf, space, from);
		return;
	}
	fprintf(stderr,
		"corpus_check: %s: %s: entry %u of the %s list is at 0x%03x, %s has it at 0x%03x"
		" (1000: none)\n",
		exp->source, exp->bdf, i, space, mine, reader, other);
	check.wrong++;
}

static jmp_buf libpci_failed;

/* libpci would exit. */
static void __attribute__((noreturn, format(printf, 1, 2)))
on_libpci_error(char *msg, ...)
{
	va_list args;

	va_start(args, msg);
	fputs("corpus_check: libpci: ", stderr);
	vfprintf(stderr, msg, args);
	fputc('\n', stderr);
	va_end(args);
	longjmp(libpci_failed, 1);
}

static void on_libpci_message(char *msg, ...)
{
	(void)msg;
}

/* Compare one function with what libpci made of it. */
static void compare_with_libpci(struct pci_dev *dev)
{
	struct capgap_bdf bdf = { 0, dev->bus, dev->dev, dev->func };
	struct expected *exp = &check.fn[index_of(&bdf)];
	struct list *conv = calloc(1, sizeof(*conv));
	struct list *ext = calloc(1, sizeof(*ext));
	struct list *list;

	if (!conv || !ext)
		die("calloc");
	pci_fill_info(dev, PCI_FILL_CAPS | PCI_FILL_EXT_CAPS);
	for (struct pci_cap *cap = dev->first_cap; cap; cap = cap->next) {
		list = cap->type == PCI_CAP_EXTENDED ? ext : conv;
		list->entry[list->n++] = (struct entry){ (uint16_t)cap->addr,
							 (uint16_t)cap->id, 0 };
	}
	compare(exp, "conv", "libpci", &exp->conv, conv, false);
	compare(exp, "ext", "libpci", &exp->ext, ext, false);
	free(conv);
	free(ext);
}

static void read_libpci(struct pci_access *pci)
{
	unsigned n = 0;

	pci_init(pci);
	pci_scan_bus(pci);
	for (struct pci_dev *dev = pci->devices; dev; dev = dev->next, n++)
		compare_with_libpci(dev);
	if (n == check.n)
		return;
	fprintf(stderr, "corpus_check: libpci reads %u of %u functions\n", n, check.n);
	check.wrong++;
}

static void run_libpci(void)
{
	static char param[] = "dump.name";
	struct pci_access *pci = pci_alloc();

	pci->method = PCI_ACCESS_DUMP;
	pci->error = on_libpci_error;
	pci->warning = on_libpci_message;
	pci->debug = on_libpci_message;
	pci_set_param(pci, param, check.text);
	if (setjmp(libpci_failed))
		check.wrong++;
	else
		read_libpci(pci);
	pci_cleanup(pci);
}

/* "Capabilities: [100 v1] Name" of lspci -vv; the mark of a loop is no entry. */
static void take_line(struct expected *exp, const char *line)
{
	struct list *list = &exp->versions;
	unsigned version;
	unsigned off;

	if (sscanf(line, "\tCapabilities: [%x v%u]", &off, &version) != 2)
		return;
	if (strstr(line, "<chain looped>") || list->n == CAPGAP_CAPS_MAX)
		return;
	list->entry[list->n++] = (struct entry){ (uint16_t)off, 0, (uint8_t)version };
}

static void read_lspci(FILE *pipe)
{
	struct expected *exp = NULL;
	struct capgap_bdf bdf;
	char *line = NULL;
	size_t room = 0;

	while (getline(&line, &room, pipe) > 0) {
		if (capgap_bdf_parse(line, &bdf) && index_of(&bdf) < check.n)
			exp = &check.fn[index_of(&bdf)];
		else if (exp)
			take_line(exp, line);
	}
	free(line);
}

static void run_lspci(void)
{
	struct expected *exp;
	char *command;
	FILE *pipe;

	if (asprintf(&command, "lspci -F '%s' -D -n -vv 2>/dev/null", check.text) < 0)
		die("asprintf");
	pipe = popen(command, "r");
	if (!pipe)
		die("lspci");
	read_lspci(pipe);
	pclose(pipe);
	free(command);
	for (unsigned i = 0; i < check.n; i++) {
		exp = &check.fn[i];
		/* lspci passes over a function whose header was not read whole. */
		if (exp->size >= HEADER_LEN)
			compare(exp, "ext", "lspci", &exp->ext, &exp->versions, true);
	}
}

static void begin_batch(void)
{
	check.n = 0;
	check.out = fopen(check.text, "w");
	if (!check.out)
		die(check.text);
}

static void compare_batch(void)
{
	if (fclose(check.out))
		die(check.text);
	if (check.n) {
		run_libpci();
		run_lspci();
	}
	begin_batch();
}

static void read_path(struct capgap_out *out, const char *path)
{
	struct capgap_reader *rd = capgap_reader_new(&check.opt, out);
	int rc;

	if (!rd)
		die("capgap_reader_new");
	snprintf(check.path, sizeof(check.path), "%s", path);
	check.digest = 0;
	rc = capgap_reader_read(rd, path);
	if (rc && rc != -CAPGAP_E_DAMAGED) {
		fprintf(stderr, "corpus_check: %s: %s\n", path, capgap_strerror(rc));
		check.wrong++;
	}
	capgap_reader_free(rd);
}

/* Invariant 7: a second reading gives the same. */
static void read_twice(struct capgap_out *out, const char *path)
{
	uint64_t first;

	check.again = false;
	read_path(out, path);
	first = check.digest;
	check.again = true;
	read_path(out, path);
	if (check.digest == first)
		return;
	fprintf(stderr, "corpus_check: %s: reads otherwise the second time\n", path);
	check.wrong++;
}

/* The table that the program has too; run from the top of the tree. */
static struct capgap_quirks *load_quirks(void)
{
	struct capgap_quirks *quirks = capgap_quirks_new();

	if (!quirks || capgap_quirks_load_dir(quirks, "quirks.d", NULL, NULL) < 0) {
		fputs("corpus_check: quirks.d cannot be read\n", stderr);
		exit(2);
	}
	return quirks;
}

static void read_inputs(void)
{
	struct capgap_out out = { on_function, NULL, &check };
	char *line = NULL;
	size_t room = 0;
	ssize_t len;

	begin_batch();
	while ((len = getline(&line, &room, stdin)) > 0) {
		if (line[len - 1] == '\n')
			line[len - 1] = '\0';
		read_twice(&out, line);
	}
	compare_batch();
	fclose(check.out);
	free(line);
}

int main(void)
{
	char text[] = "/tmp/capgap-corpus-XXXXXX";
	struct capgap_quirks *quirks = load_quirks();
	int fd = mkstemp(text);

	if (fd < 0)
		die("mkstemp");
	close(fd);
	signal(SIGABRT, on_abort);
	check.opt.min_gap = CAPGAP_MIN_GAP;
	check.opt.quirks = quirks;
	check.text = text;
	check.fn = calloc(BATCH, sizeof(*check.fn));
	if (!check.fn)
		die("calloc");
	read_inputs();
	printf("total\t%lu\t%lu\n", check.functions, check.caps);
	unlink(text);
	free(check.fn);
	capgap_quirks_free(quirks);
	return check.wrong ? 1 : 0;
}
