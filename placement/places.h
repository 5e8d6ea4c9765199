/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What can be said of each dword of extended space. */
#ifndef CAPGAP_PLACES_H
#define CAPGAP_PLACES_H

#include "plan.h"

/* Hazard bands: registers that no structure declares live here on many designs. */
#define BAND_CORE_START 0x700u /* DesignWare port logic and the like */
#define BAND_CORE_END 0xc00u
#define BAND_TAIL_START 0xd00u /* FPGA user logic, index/data windows */
#define BAND_TAIL_END 0x1000u

/**
 * struct capgap_places - the verdict on each dword of extended space
 * @dw: dword at 0x100 + 4 x index; @off and @len are set too
 * @cut: where the offset that a quirk prefers lies in a run, and so cuts it in the list; or 0
 */
struct capgap_places {
	struct capgap_place dw[CAPGAP_PLACES_MAX];
	uint16_t cut;
};

/**
 * capgap_places_judge() - say of each dword what grade it has, and why
 * @places: caller's, overwritten
 * @fn: borrowed
 * @min_gap: shortest run that counts; bytes
 * @by_caller: an offset is judged, not looked for: shorter runs are assumed, not refused
 */
void capgap_places_judge(struct capgap_places *places, const struct capgap_function *fn,
			 unsigned min_gap, bool by_caller);

/**
 * capgap_places_declared() - the declared range that holds a byte
 * @fn: borrowed
 * @off: the byte
 *
 * Return: index into @fn->free_space.range of a usable range, or -1.
 */
int capgap_places_declared(const struct capgap_function *fn, unsigned off);

/**
 * capgap_places_is_replaceable() - whether a capability can take a descriptor's place
 * @fn: borrowed
 * @off: offset of the descriptor's header
 *
 * Return: true for a usable gap descriptor that is too short to be carved.
 */
bool capgap_places_is_replaceable(const struct capgap_function *fn, unsigned off);

/* The verdict on the dword at @off, 0x100..0xffc. */
const struct capgap_place *capgap_places_at(const struct capgap_places *places,
					    unsigned off);

/**
 * capgap_places_list() - ranges of dwords with the same verdict, owned ones left out
 * @places: borrowed
 * @out: caller's, CAPGAP_PLACES_MAX elements, filled in ascending order
 *
 * Return: how many.
 */
unsigned capgap_places_list(const struct capgap_places *places, struct capgap_place *out);

#endif
