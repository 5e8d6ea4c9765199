/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * live_tool [--yes] [--path cdev|group] [--token UUID] [--config] BDF
 *
 * Asks the kernel through the library and prints every member of the answer; for
 * tests/live and for trials in guests. Status: 0 answered, 1 refused, 2 usage.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../placement/live.h"

static int usage(void)
{
	fputs("usage: live_tool [--yes] [--path cdev|group] [--token UUID] [--config] BDF\n",
	      stderr);
	return 2;
}

static void print_trouble(const char *what, const struct capgap_live_trouble *trouble)
{
	char text[512];

	if (trouble->situation == CAPGAP_LIVE_NONE)
		return;
	printf("%s %s: %s\n", what, capgap_live_situation_name(trouble->situation),
	       capgap_live_trouble_text(trouble, text, sizeof(text)));
	if (capgap_live_trouble_help(trouble)[0])
		printf("help: %s\n", capgap_live_trouble_help(trouble));
}

static void print_pasid(const struct capgap_live *live)
{
	if (!live->has_pasid) {
		puts("width unknown");
		return;
	}
	printf("width %u%s%s%s%s\n", live->width, live->execute ? " execute" : "",
	       live->privileged ? " privileged" : "", live->zero ? ": " : "",
	       capgap_live_zero_text(live->zero));
	printf("iommu type %u cap 0x%llx ext 0x%llx\n", (unsigned)live->iommu_type,
	       (unsigned long long)live->iommu.cap, (unsigned long long)live->iommu.ext);
	printf("capabilities 0x%llx%s\n", (unsigned long long)live->capabilities,
	       live->ats_not_supported ? " ats-not-supported" : "");
}

static void print_features(const struct capgap_live *live)
{
	for (unsigned i = 0; i < CAPGAP_LIVE_FEATURES; i++) {
		if (live->feature[i] == CAPGAP_LIVE_FEATURE_NO ||
		    live->feature[i] == CAPGAP_LIVE_FEATURE_UNASKED)
			continue;
		printf("feature %u %s", i, capgap_live_feature_name(live->feature[i]));
		if (live->feature_err[i])
			printf(" %s", capgap_live_errno_name(live->feature_err[i]));
		putchar('\n');
	}
}

static int query(const struct capgap_live_request *req)
{
	struct capgap_live live;
	int rc = capgap_live_query(&live, capgap_live_system(), req);

	print_trouble("trouble", &live.trouble);
	print_trouble("no cdev", &live.no_cdev);
	if (live.path != CAPGAP_LIVE_PATH_ANY) {
		printf("path %s\n", capgap_live_path_name(live.path));
		print_pasid(&live);
		print_features(&live);
	}
	return rc ? 1 : 0;
}

static int config(const struct capgap_live_request *req)
{
	static struct capgap_live_config space;
	int rc = capgap_live_read_config(&space, capgap_live_system(), req);

	print_trouble("trouble", &space.trouble);
	print_trouble("no cdev", &space.no_cdev);
	if (space.path != CAPGAP_LIVE_PATH_ANY)
		printf("path %s: %zu of %zu bytes\n", capgap_live_path_name(space.path),
		       space.len, space.size);
	for (size_t i = 0; i < space.len; i += 16) {
		static const uint8_t zero[16];

		if (!memcmp(space.byte + i, zero, 16))
			continue;
		printf("%03zx:", i);
		for (size_t j = i; j < i + 16; j++)
			printf(" %02x", (unsigned)space.byte[j]);
		putchar('\n');
	}
	return rc ? 1 : 0;
}

static bool parse_path(const char *name, enum capgap_live_path *path)
{
	for (int i = CAPGAP_LIVE_PATH_CDEV; i <= CAPGAP_LIVE_PATH_GROUP; i++) {
		*path = (enum capgap_live_path)i;
		if (!strcmp(name, capgap_live_path_name(*path)))
			return true;
	}
	return false;
}

int main(int argc, char **argv)
{
	struct capgap_live_request req = { .path = CAPGAP_LIVE_PATH_ANY };
	bool has_bdf = false;
	bool space = false;

	for (int i = 1; i < argc; i++) {
		const char *next = i + 1 < argc ? argv[i + 1] : "";
		size_t used = capgap_bdf_parse(argv[i], &req.bdf);

		if (!strcmp(argv[i], "--yes"))
			req.consent = true;
		else if (!strcmp(argv[i], "--config"))
			space = true;
		else if (!strcmp(argv[i], "--path") && parse_path(next, &req.path))
			i++;
		else if (!strcmp(argv[i], "--token") &&
			 capgap_live_token_parse(next, req.token))
			req.has_token = ++i;
		else if (used && !argv[i][used])
			has_bdf = true;
		else
			return usage();
	}
	if (!has_bdf)
		return usage();
	return space ? config(&req) : query(&req);
}
