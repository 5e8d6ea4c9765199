/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Gives the files of a corpus to a fuzz target, without libFuzzer. */
#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

/* Large enough for every kept input; a longer one is a mistake. */
#define INPUT_MAX (16u << 20)

/* Try a file in a block of its exact size, so that a sanitizer sees a read behind it. */
static int replay_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data = NULL;
	struct stat st;
	size_t len;
	int ret = -1;

	if (!file || fstat(fileno(file), &st) || st.st_size > (off_t)INPUT_MAX)
		goto out;
	len = (size_t)st.st_size;
	data = malloc(len ? len : 1);
	if (!data || fread(data, 1, len, file) != len)
		goto out;
	LLVMFuzzerTestOneInput(data, len);
	ret = 0;
out:
	if (ret)
		fprintf(stderr, "replay: cannot read %s\n", path);
	free(data);
	if (file)
		fclose(file);
	return ret;
}

static int is_input(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* Try every file of a directory, in the order of their names; their number is the result. */
static int replay_dir(const char *path)
{
	struct dirent **names;
	char *file;
	int n = scandir(path, &names, is_input, alphasort);
	int ret = n;

	if (n < 0) {
		fprintf(stderr, "replay: no corpus in %s\n", path);
		return -1;
	}
	for (int i = 0; i < n; i++) {
		if (asprintf(&file, "%s/%s", path, names[i]->d_name) < 0)
			abort();
		if (replay_file(file))
			ret = -1;
		free(file);
		free(names[i]);
	}
	free(names);
	return ret;
}

int main(int argc, char **argv)
{
	int inputs = 0;
	int n;

	for (int i = 1; i < argc; i++) {
		n = replay_dir(argv[i]);
		if (n < 0)
			return EXIT_FAILURE;
		inputs += n;
	}
	if (!inputs) {
		fprintf(stderr, "replay: an empty corpus tries nothing\n");
		return EXIT_FAILURE;
	}
	printf("%s: %d inputs\n", argv[0], inputs);
	return EXIT_SUCCESS;
}
