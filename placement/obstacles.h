/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What keeps PASID from working though the offset is fine. */
#ifndef CAPGAP_OBSTACLES_H
#define CAPGAP_OBSTACLES_H

#include "../analyzer/function.h"

/* Kinds of obstacles, CAPGAP_OBSTACLE_<SYMBOL>. */
enum capgap_obstacle_kind {
#define CAPGAP_OBSTACLE(symbol, name, present, unknown, source) CAPGAP_OBSTACLE_##symbol,
#include "obstacles.def"
#undef CAPGAP_OBSTACLE
	CAPGAP_OBSTACLE_COUNT
};

/**
 * struct capgap_obstacle - one of them
 * @kind: which
 * @unknown: the input does not show whether it is there; else it is
 * @has_at: @at is the function where it was found
 * @at: address; on the path to a function, that of a bridge
 * @driver: name of the driver that is bound there, terminated; "" where that does not matter
 */
struct capgap_obstacle {
	enum capgap_obstacle_kind kind;
	bool unknown;
	bool has_at;
	struct capgap_bdf at;
	char driver[CAPGAP_DRIVER_TEXT];
};

/**
 * struct capgap_obstacles - what is in the way, in the order of obstacles.def
 * @n: how many
 * @obstacle: them; those that are known not to be there are left out
 */
struct capgap_obstacles {
	unsigned n;
	struct capgap_obstacle obstacle[CAPGAP_OBSTACLE_COUNT];
};

/**
 * capgap_obstacles_find() - look for each kind
 * @out: caller's, overwritten
 * @fn: borrowed
 *
 * A virtual function is looked at as its physical one is, whose PASID it shares. Where
 * the host has PASID enabled, the kernel has found the path in order. A function that is
 * known to have no PASID has no obstacles.
 */
void capgap_obstacles_find(struct capgap_obstacles *out,
			   const struct capgap_function *fn);

/* "eetlp-prefix" and so on. */
const char *capgap_obstacle_name(enum capgap_obstacle_kind kind);

/**
 * capgap_obstacle_text() - an obstacle in one sentence
 * @obstacle: borrowed
 * @buf: caller's; always terminated when @len is not 0
 * @len: its size in bytes; 256 hold every text
 *
 * Return: @buf.
 */
char *capgap_obstacle_text(const struct capgap_obstacle *obstacle, char *buf, size_t len);

/* What it rests on. */
const char *capgap_obstacle_source(enum capgap_obstacle_kind kind);

#endif
