/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Images that a command makes: which form, and where they go. */
#ifndef CAPGAP_CLI_IMAGE_OUT_H
#define CAPGAP_CLI_IMAGE_OUT_H

#include "../report/image_write.h"

struct settings;
struct visit;

/* Setters of opts.c's table: each takes its option over, and returns NULL or what is wrong. */
const char *output_set_file(struct settings *set, const char *arg);
const char *output_set_format(struct settings *set, const char *arg);

/**
 * struct image_out - images on their way to a file or to standard output
 * @path: the file, borrowed; NULL for standard output
 * @form: how they are written
 * @collect: all images are kept until the end of image_out_run(); else each is printed at once
 * @n: images so far
 * @bytes: those that are kept, as they will be written; owned
 * @len: bytes of @bytes
 */
struct image_out {
	const char *path;
	enum capgap_image_form form;
	bool collect;
	unsigned long n;
	char *bytes;
	size_t len;
};

/**
 * image_out_init() - no images yet
 * @out: caller's, overwritten; image_out_release() releases it
 * @set: borrowed; the form is that of --output-format, else that of the file's name, else
 *       lspci text. Only text on standard output is not kept until the end
 */
void image_out_init(struct image_out *out, const struct settings *set);

/**
 * image_out_add() - add the image of one function
 * @out: the images
 * @img: borrowed
 * @fn: whose it is, borrowed
 * @err: filled on -CAPGAP_E_FORMAT
 *
 * What is to be written is read again first, by the reader of such inputs.
 *
 * Return: 0; -CAPGAP_E_FORMAT for an image that this form cannot say, which is then left
 * out; -CAPGAP_E_IO; -CAPGAP_E_NOMEM.
 */
int image_out_add(struct image_out *out, const struct capgap_image *img,
		  const struct capgap_function *fn, struct capgap_err *err);

/* Free what is kept. */
void image_out_release(struct image_out *out);

/**
 * image_out_run() - visit the inputs and write the images that the visit adds
 * @out: caller's, overwritten; it holds nothing afterwards
 * @visit: adds to @out; its report counts the functions that were chosen
 * @set: of the command line
 *
 * A file appears whole, or not at all: also where there is no image. Nothing is written
 * where the system refused something or the command line is wrong; a binary image is that of
 * one function.
 *
 * Return: the exit status; what is wrong is said on stderr.
 */
int image_out_run(struct image_out *out, const struct visit *visit, struct settings *set);

#endif
