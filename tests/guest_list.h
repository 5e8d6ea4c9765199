/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The extended list on plain bytes: a walk and a ruler of the tests' own, that share
 * nothing with the library, to judge its answers by.
 */
#ifndef CAPGAP_TESTS_GUEST_LIST_H
#define CAPGAP_TESTS_GUEST_LIST_H

#include <stdbool.h>
#include <stdint.h>

#define GUEST_SPACE 4096u
#define GUEST_EXT 0x100u
#define GUEST_ENTRIES_MAX 960u

/* A header: id 15:0, version 19:16, next 31:20, of which the two low bits are reserved. */
#define GUEST_ID(header) ((header)&0xffffu)
#define GUEST_VERSION(header) ((header) >> 16 & 0xfu)
#define GUEST_NEXT(header) ((header) >> 20 & 0xffcu)
#define GUEST_NEXT_MASK 0xffc00000u

/**
 * struct guest_entry - one entry of the list
 * @off: its header
 * @id: capability id
 * @version: capability version
 */
struct guest_entry {
	uint16_t off;
	uint16_t id;
	uint16_t version;
};

/**
 * struct guest_list - what a reader finds from 0x100 on
 * @ends: the list comes to an end; else it loops, or leads out of extended space
 * @n: entries
 * @entry: them, in list order; null headers are passed over
 */
struct guest_list {
	bool ends;
	unsigned n;
	struct guest_entry entry[GUEST_ENTRIES_MAX];
};

/* Little-endian loads and stores; the caller keeps inside the 4096 bytes. */
uint32_t guest_get32(const uint8_t *bytes, unsigned off);
void guest_put32(uint8_t *bytes, unsigned off, uint32_t val);

/**
 * guest_list_walk() - read the list
 * @list: caller's, overwritten
 * @bytes: 4096 bytes, borrowed
 */
void guest_list_walk(struct guest_list *list, const uint8_t *bytes);

/**
 * guest_length() - measure a structure
 * @bytes: 4096 bytes, borrowed
 * @entry: its header
 *
 * Only kinds whose length the header or a field of their own tells for certain are
 * known; the tests make no others where they ask for lengths.
 *
 * Return: bytes; 0 for a kind that is not known.
 */
unsigned guest_length(const uint8_t *bytes, const struct guest_entry *entry);

/* True when the entry's structure has one of the @len bytes at @off. */
bool guest_entry_holds(const uint8_t *bytes, const struct guest_entry *entry,
		       unsigned off, unsigned len);

/**
 * guest_is_sound() - whether a capability was added, and nothing else came of it
 * @before: the bytes without it, borrowed
 * @after: the bytes with it, borrowed
 * @off: where it is
 * @id: its id
 * @len: its bytes
 *
 * Sound is: the list ends; it has the entry at @off exactly once; all that was in the
 * list is still there, in the same order; and no structure of @before has any of the
 * bytes that it takes.
 */
bool guest_is_sound(const uint8_t *before, const uint8_t *after, unsigned off,
		    unsigned id, unsigned len);

#endif
