/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options: one table for parsing, usage and the manual. */
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "capture.h"
#include "cli.h"
#include "emulate.h"
#include "image_out.h"
#include "opts_plan.h"

/* Digits of a number, leading zeros included. */
#define NUMBER_DIGITS 18

/**
 * struct opt - one option
 * @letter: short name; commands list the letters they take
 * @visible: the letter is a short option, not only a key of this table; or the letter that
 *           is one in its place, where two rows have the same name
 * @name: long name
 * @arg: name of its argument for people, or NULL
 * @help: one line
 * @set: take it over; returns NULL or what is wrong with @arg
 */
struct opt {
	char letter;
	char visible;
	const char *name;
	const char *arg;
	const char *help;
	const char *(*set)(struct settings *set, const char *arg);
};

static const char *set_slot(struct settings *set, const char *arg)
{
	return select_parse_slot(&set->select, arg);
}

static const char *set_ids(struct settings *set, const char *arg)
{
	return select_parse_ids(&set->select, arg);
}

static const char *set_format(struct settings *set, const char *arg)
{
	set->report = capgap_report_find(arg);
	return set->report && !set->report->of_plan ? NULL :
						      "formats are text, json and ndjson";
}

static const char *set_plan_format(struct settings *set, const char *arg)
{
	set->report = capgap_report_find(arg);
	return set->report ? NULL : "formats are text, json, ndjson, qemu and libvirt";
}

static const char *set_check_format(struct settings *set, const char *arg)
{
	set->check_report = capgap_check_report_find(arg);
	return set->check_report ? NULL : "formats are text, json, junit and sarif";
}

static const char *set_level(struct settings *set, const char *arg, uint8_t level)
{
	return capgap_check_levels_set(&set->levels, arg, level) ?
		       "no rule is called so; 'capgap check --rules' lists them" :
		       NULL;
}

static const char *set_warning(struct settings *set, const char *arg)
{
	return set_level(set, arg, CAPGAP_LEVEL_WARNING);
}

static const char *set_error(struct settings *set, const char *arg)
{
	return set_level(set, arg, CAPGAP_LEVEL_ERROR);
}

static const char *set_off(struct settings *set, const char *arg)
{
	return set_level(set, arg, CAPGAP_CHECK_OFF);
}

static const char *set_rules(struct settings *set, const char *arg)
{
	(void)arg;
	set->rules = true;
	return NULL;
}

static const char *set_numeric(struct settings *set, const char *arg)
{
	(void)arg;
	set->numeric = true;
	return NULL;
}

static const char *set_from(struct settings *set, const char *arg)
{
	for (int i = CAPGAP_VANTAGE_HOST; i <= CAPGAP_VANTAGE_GUEST; i++) {
		if (!strcmp(capgap_vantage_name((enum capgap_vantage)i), arg)) {
			set->analysis.vantage = (enum capgap_vantage)i;
			return NULL;
		}
	}
	return "an image is from host, vfio or guest";
}

bool opts_number(const char *arg, unsigned long min, unsigned long max,
		 unsigned long *val)
{
	bool hex = arg[0] == '0' && (arg[1] == 'x' || arg[1] == 'X');
	const char *digits = hex ? arg + 2 : arg;
	unsigned long long number;

	if (!*digits ||
	    digits[strspn(digits, hex ? "0123456789abcdefABCDEF" : "0123456789")])
		return false;
	if (strlen(digits) > NUMBER_DIGITS)
		return false;
	errno = 0;
	number = strtoull(digits, NULL, hex ? 16 : 10);
	if (errno || number < min || number > max)
		return false;
	*val = (unsigned long)number;
	return true;
}

static const char *set_min_gap(struct settings *set, const char *arg)
{
	unsigned long val;

	if (!opts_number(arg, 4, CAPGAP_SPACE_MAX, &val) || val % 4)
		return "a gap is a multiple of 4 bytes from 4 to 4096";
	set->analysis.min_gap = (unsigned)val;
	set->policy.min_gap = (unsigned)val;
	return NULL;
}

static const char *set_require(struct settings *set, const char *arg)
{
	int grade = capgap_grade_find(arg);

	if (grade <= CAPGAP_GRADE_NONE)
		return "grades are slot, listed, declared, observed and assumed";
	set->policy.require = (enum capgap_grade)grade;
	return NULL;
}

static const char *set_offset(struct settings *set, const char *arg)
{
	unsigned long val;

	if (!opts_number(arg, CAPGAP_CONV_END, CAPGAP_SPACE_MAX - CAPGAP_PASID_LEN,
			 &val) ||
	    val % 4)
		return "an offset is a multiple of 4 from 0x100 to 0xff8; hex begins with 0x";
	set->policy.has_offset = true;
	set->policy.offset = (uint16_t)val;
	return NULL;
}

static const char *set_force(struct settings *set, const char *arg)
{
	(void)arg;
	set->policy.force = true;
	return NULL;
}

static const char *set_all(struct settings *set, const char *arg)
{
	(void)arg;
	set->all = true;
	return NULL;
}

static const char *set_require_pasid(struct settings *set, const char *arg)
{
	(void)arg;
	set->require_pasid = true;
	return NULL;
}

static const char *set_quirks(struct settings *set, const char *arg)
{
	if (set->n_quirk_dirs == QUIRK_DIRS_MAX)
		return "there are too many of them";
	set->quirk_dir[set->n_quirk_dirs++] = arg;
	return NULL;
}

static const char *set_strict_quirks(struct settings *set, const char *arg)
{
	(void)arg;
	set->strict_quirks = true;
	return NULL;
}

static const char *set_descriptor(struct settings *set, const char *arg)
{
	struct descriptor_arg *pair = &set->descriptor[set->n_descriptors];
	const char *form = arg + strcspn(arg, "=");
	unsigned vendor;
	unsigned id;
	int used = 0;

	if (set->n_descriptors == DESCRIPTORS_MAX)
		return "there are too many of them";
	if (sscanf(arg, "%4x:%4x%n", &vendor, &id, &used) != 2 || arg + used != form ||
	    strspn(arg, "0123456789abcdefABCDEF:") != (size_t)used)
		return "a pair is VENDOR:ID in hex, and may be followed by =gap or =table";
	if (!*form)
		pair->form = CAPGAP_FORM_CONTROL;
	else if (!strcmp(form, "=gap"))
		pair->form = CAPGAP_FORM_GAP;
	else if (!strcmp(form, "=table"))
		pair->form = CAPGAP_FORM_TABLE;
	else
		return "a form is gap or table";
	pair->vendor = (uint16_t)vendor;
	pair->id = (uint16_t)id;
	set->n_descriptors++;
	return NULL;
}

static const struct opt table[] = {
	{ 's', true, "slot", "SLOT",
	  "only this address: [[[[DOMAIN]:]BUS]:][DEVICE][.[FUNC]]", set_slot },
	{ 'd', true, "device", "IDS",
	  "only these ids: [VENDOR]:[DEVICE][:CLASS[:PROG-IF]]", set_ids },
	{ 'f', true, "format", "FORMAT", "text (default), json or ndjson", set_format },
	{ 'y', 'f', "format", "FORMAT",
	  "text (default), json, ndjson; qemu or libvirt: what to configure there",
	  set_plan_format },
	{ 'k', 'f', "format", "FORMAT", "text (default), json, junit or sarif",
	  set_check_format },
	{ 'n', true, "numeric", NULL, "no names from pci.ids, only numbers",
	  set_numeric },
	{ 'F', false, "from", "VANTAGE",
	  "images were taken on the host (default), through vfio, in a guest", set_from },
	{ 'g', false, "min-gap", "BYTES", "shortest gap (default 12, what a DVSEC needs)",
	  set_min_gap },
	{ 'q', false, "quirks", "DIR",
	  "more quirks, behind the shipped ones and /etc/capgap/quirks.d", set_quirks },
	{ 'Q', false, "strict-quirks", NULL,
	  "a bad quirk file is fatal, not only for the live host", set_strict_quirks },
	{ 'D', false, "descriptor", "V:I[=FORM]",
	  "DVSEC vendor and id of a free-space descriptor; FORM is gap or table",
	  set_descriptor },
	{ 'r', false, "require", "GRADE",
	  "weakest grade to plan: slot, listed, declared, observed (default), assumed",
	  set_require },
	{ 'o', false, "offset", "OFFSET", "plan this offset, at the grade its bytes have",
	  set_offset },
	{ 'O', false, "force", NULL, "plan --offset in spite of objections (grade none)",
	  set_force },
	{ 'v', false, "vmm", "NAME",
	  "for which VMM: qemu-11.1 (default), qemu-11.0, cloud-hypervisor, generic",
	  plan_set_vmm },
	{ 'C', false, "cap", "LIST",
	  "place these too, beside PASID: names and NAME:BYTES, such as pri,dvsec:12",
	  plan_set_caps },
	{ 'G', false, "guard", "BYTES",
	  "keep so many bytes free on both sides of what is placed in a run (default 0)",
	  plan_set_guard },
	{ 'x', false, "explain", NULL,
	  "say why each other range is not planned, and what each VMM would do",
	  plan_set_explain },
	{ 'a', false, "all", NULL, "exit 1 if any applicable function has no placement",
	  set_all },
	{ 'p', false, "require-pasid", NULL,
	  "count a function without PASID as one without placement", set_require_pasid },
	{ 'M', false, "require-vmm", NULL,
	  "count a placement that the VMM does not accept as none",
	  plan_set_require_vmm },
	{ 'W', true, "warning", "NAME", "count breaches of this rule as warnings",
	  set_warning },
	{ 'E', true, "error", "NAME", "count breaches of this rule as errors",
	  set_error },
	{ 'N', false, "no", "NAME", "switch this rule off", set_off },
	{ 'R', false, "rules", NULL,
	  "list the rules, their levels and what they rest on; no INPUT is read",
	  set_rules },
	{ '1', false, "form", "FORM",
	  "gap (default): a descriptor for each gap; table: one that lists all ranges",
	  dvsec_set_form },
	{ '2', false, "vendor", "VVVV", "DVSEC vendor id, hex; no default",
	  dvsec_set_vendor },
	{ '3', false, "id", "IIII", "DVSEC id, hex, the vendor's own; no default",
	  dvsec_set_id },
	{ '4', false, "range", "OFFSET:LENGTH",
	  "only this, also if it is not zero; again for more. The gap form begins in it. "
	  "none: a table without entries",
	  dvsec_set_range },
	{ '5', false, "at", "OFFSET", "the table, or the one gap form, begins here",
	  dvsec_set_at },
	{ '6', 'o', "output", "FILE",
	  "write the image to this file, - for standard output: binary if the name is config "
	  "or ends in .bin or .config, else as lspci text",
	  output_set_file },
	{ '7', false, "output-format", "FORMAT", "binary or lspci, whatever the name is",
	  output_set_format },
	{ 'B', false, "width", "BITS",
	  "PASID bits that the guest is shown, 1 to 20; not more than the device has, if it "
	  "has PASID",
	  emulate_set_width },
	{ 'c', false, "common", NULL,
	  "one answer for all functions: the offset where every one can have it",
	  common_set },
	{ 'b', false, "group-by", "IDS",
	  "one such answer a group: vendor:device, vendor:device:revision, vendor, or all",
	  common_set_group },
	{ 'S', false, "samples", NULL,
	  "the inputs are samples of the same functions, taken at different times: bytes "
	  "that differ are in use",
	  common_set_samples },
	{ 'K', false, "kernel", "CLASS",
	  "kernel of the host: >=6.4 (default), <6.4, or a version such as 5.15",
	  view_set_kernel },
	{ 'w', false, "vfio-view", "FILE",
	  "what vfio-pci shows of these functions, dumped from there; joined by address",
	  view_set_dump },
	{ 'j', false, "nodedev", "FILE",
	  "what `virsh nodedev-dumpxml` says of a function, or several in one element; again "
	  "for more files",
	  nodedev_set_file },
	{ 'P', 'o', "output", "FILE",
	  "write to this file, whole or not at all; - or none is standard output",
	  output_set_file },
	{ 'A', false, "anonymise", NULL,
	  "write 00 for device serial numbers, and for bytes that the quirk table lists as "
	  "identity",
	  capture_set_anonymise },
	{ 'H', false, "sysfs", "DIR",
	  "where the live host is read from; it holds bus/pci/devices (default /sys)",
	  host_set_sysfs },
	{ 'Y', false, "wake", NULL,
	  "wake functions of the live host that sleep in D3cold, to read them",
	  host_set_wake },
	{ 'L', false, "live", "BDF",
	  "ask the running kernel about this function, through VFIO, which resets it: --yes, "
	  "or an answer on the terminal",
	  live_set_function },
	{ 'I', false, "live-query", NULL,
	  "add the running kernel's answers for the functions on vfio-pci, which resets "
	  "them: --yes, or an answer on the terminal",
	  live_set_query },
	{ 'T', false, "vf-token", "UUID",
	  "the VF token that the owner of the physical function set", live_set_token },
	{ 'U', false, "path", "PATH",
	  "way to the function: cdev (its own node) or group (of its IOMMU, which tells no "
	  "width); without it the group only where there is no node",
	  live_set_path },
	{ 'Z', false, "yes", NULL, "agree to the reset without being asked",
	  live_set_yes },
	{ 'm', false, "method", "METHOD",
	  "one way to ask, in full: config, vfio-feature-v1, vfio-feature-v2, "
	  "vfio-feature-v2-enotty, hw-info",
	  query_set_method },
	{ 'l', false, "flags", "LIST",
	  "flags of the vfio-feature request: get (default), set, probe; or none",
	  query_set_flags },
	{ 'z', false, "argsz", "BYTES",
	  "argsz of the vfio-feature request (default 12), or size of hw-info's (40)",
	  query_set_argsz },
	{ 'e', false, "range", "MIN:MAX", "which of these PASIDs a guest could use",
	  query_set_range },
	{ 'i', false, "iommu-pasid-bits", "BITS",
	  "the IOMMU has at most so many PASID bits, 0 to 20; 0 is none",
	  query_set_bits },
	{ 't', false, "features", NULL,
	  "list the indexes of VFIO_DEVICE_FEATURE; no INPUT is read",
	  query_set_features },
	{ '8', false, "decode", NULL, "explain the descriptors that there are",
	  dvsec_set_decode },
	{ '9', false, "driver-table", NULL,
	  "list ids and free ranges of at least --require; without INPUT, of the quirk table",
	  dvsec_set_driver_table },
};

#define N_OPTS (sizeof(table) / sizeof(table[0]))
/* Keys of --help and --version, and room for the longest usage column. */
#define KEY_HELP 'h'
#define KEY_VERSION 'V'
/* Keys of the options that have functions opened, which resets them: typed whole. */
#define WHOLE_KEYS "LIZ"
/* A command that takes --sysfs reads the live host where there is no INPUT. */
#define KEY_SYSFS 'H'
/* What getopt_long() gives for a long option: its letter, apart from the short ones. */
#define LONG(letter) ((letter) + 0x100)
#define USAGE_COLUMN 26

static char short_of(const struct opt *opt)
{
	return opt->visible == true ? opt->letter : opt->visible;
}

void opts_usage(const struct cmd *cmd, FILE *out)
{
	char left[64];

	fprintf(out, "usage: capgap %s [OPTION]...%s%s\n%s\n\n", cmd->name,
		cmd->operands[0] ? " " : "", cmd->operands, cmd->summary);
	for (size_t i = 0; i < N_OPTS; i++) {
		if (!strchr(cmd->options, table[i].letter))
			continue;
		snprintf(left, sizeof(left), "--%s%s%s", table[i].name,
			 table[i].arg ? " " : "", table[i].arg ? table[i].arg : "");
		if (table[i].visible)
			fprintf(out, "  -%c, %-*s %s\n", short_of(&table[i]),
				USAGE_COLUMN, left, table[i].help);
		else
			fprintf(out, "      %-*s %s\n", USAGE_COLUMN, left,
				table[i].help);
	}
	fprintf(out, "  -h, %-*s this text\n", USAGE_COLUMN, "--help");
	fprintf(out, "  -V, %-*s name and version\n", USAGE_COLUMN, "--version");
}

/* The options of @cmd in getopt_long()'s form. */
static void make_getopt(const struct cmd *cmd, char *letters, struct option *longs)
{
	*letters++ = ':';
	for (size_t i = 0; i < N_OPTS; i++) {
		if (!strchr(cmd->options, table[i].letter))
			continue;
		if (table[i].visible) {
			*letters++ = short_of(&table[i]);
			if (table[i].arg)
				*letters++ = ':';
		}
		*longs++ = (struct option){ table[i].name,
					    table[i].arg ? required_argument :
							   no_argument,
					    NULL, LONG(table[i].letter) };
	}
	*letters++ = KEY_HELP;
	*letters++ = KEY_VERSION;
	*letters = '\0';
	*longs++ = (struct option){ "help", no_argument, NULL, LONG(KEY_HELP) };
	*longs++ = (struct option){ "version", no_argument, NULL, LONG(KEY_VERSION) };
	*longs = (struct option){ NULL, 0, NULL, 0 };
}

/* The option of a command that getopt_long() has found, or NULL. */
static const struct opt *find_opt(const struct cmd *cmd, int key)
{
	for (size_t i = 0; i < N_OPTS; i++) {
		if (strchr(cmd->options, table[i].letter) &&
		    (LONG(table[i].letter) == key ||
		     (table[i].visible && short_of(&table[i]) == key)))
			return &table[i];
	}
	return NULL;
}

static int usage_error(const struct cmd *cmd)
{
	fprintf(stderr, "Try 'capgap %s --help'.\n", cmd->name);
	return EXIT_USAGE;
}

/* Say what getopt_long() found wrong; its own messages do not name the program as we do. */
static int bad_option(const struct cmd *cmd, int key, char **argv)
{
	const char *word = argv[optind - 1];

	if (key == ':')
		complain("%s: option '%s' needs an argument", cmd->name, word);
	else if (optopt && optopt < LONG(0) && !find_opt(cmd, optopt))
		complain("%s: no option '-%c'", cmd->name, optopt);
	else
		complain("%s: option '%s' is not known or not whole", cmd->name, word);
	return usage_error(cmd);
}

/*
 * getopt_long() takes the start of a name for the name. Nobody should reset a function so:
 * false, and said why, where an option that does was not typed whole.
 */
static bool is_whole(const struct cmd *cmd, const struct opt *opt, int key, char **argv)
{
	const char *word = argv[optind - 1];

	if (key < LONG(0) || !strchr(WHOLE_KEYS, opt->letter))
		return true;
	/* An argument of its own stands behind the option's word. */
	if (optarg == word)
		word = argv[optind - 2];
	if (strcspn(word, "=") == strlen("--") + strlen(opt->name))
		return true;
	complain("%s: '%.*s' is short for '--%s', which resets functions and must be "
		 "typed whole%s",
		 cmd->name, (int)strcspn(word, "="), word, opt->name,
		 opt->set == live_set_query ? "; --slot chooses the functions" : "");
	return false;
}

/* Take one option over; -1 to go on, else an exit status. */
static int take(const struct cmd *cmd, int key, char **argv, struct settings *set)
{
	const struct opt *opt;
	const char *wrong;

	if (key == KEY_HELP || key == LONG(KEY_HELP)) {
		opts_usage(cmd, stdout);
		return EXIT_OK;
	}
	if (key == KEY_VERSION || key == LONG(KEY_VERSION)) {
		print_version();
		return EXIT_OK;
	}
	opt = find_opt(cmd, key);
	if (!opt || key == '?' || key == ':')
		return bad_option(cmd, key, argv);
	if (!is_whole(cmd, opt, key, argv))
		return usage_error(cmd);
	wrong = opt->set(set, optarg);
	if (!wrong)
		return -1;
	complain("%s: --%s '%s': %s", cmd->name, opt->name, optarg ? optarg : "", wrong);
	return usage_error(cmd);
}

int opts_parse(const struct cmd *cmd, int argc, char **argv, struct settings *set)
{
	struct option longs[N_OPTS + 3];
	char letters[2 * N_OPTS + 4];
	int rc = -1;
	int key;

	memset(set, 0, sizeof(*set));
	select_init(&set->select);
	set->analysis.min_gap = CAPGAP_MIN_GAP;
	set->policy.min_gap = CAPGAP_MIN_GAP;
	set->policy.require = CAPGAP_GRADE_OBSERVED;
	capgap_check_levels_init(&set->levels);
	set->host.allowed = strchr(cmd->options, KEY_SYSFS) != NULL;
	make_getopt(cmd, letters, longs);
	opterr = 0;
	optind = 1;
	while (rc < 0 && (key = getopt_long(argc, argv, letters, longs, NULL)) != -1)
		rc = take(cmd, key, argv, set);
	set->n_args = argc - optind;
	set->args = argv + optind;
	if (rc < 0 && set->policy.force && !set->policy.has_offset) {
		complain("%s: --force goes with --offset", cmd->name);
		rc = usage_error(cmd);
	}
	return rc;
}
