/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What QEMU 11 does with a vfio-pci function that shall get a PASID capability, step by
 * step on plain bytes. Written from QEMU's behaviour alone, to judge the library's
 * profile by; it calls nothing of the library.
 */
#ifndef CAPGAP_TESTS_QEMU_REPLAY_H
#define CAPGAP_TESTS_QEMU_REPLAY_H

#include "guest_list.h"

/**
 * enum qemu_outcome - how it ends
 * @QEMU_SKIPPED: no attempt is made to place the capability
 * @QEMU_REFUSED: the offset is not taken; the guest starts without the capability
 * @QEMU_PLACED: it is placed
 * @QEMU_ABORTS: an assertion ends QEMU
 * @QEMU_NEVER_ENDS: a walk of the list goes round for ever
 */
enum qemu_outcome {
	QEMU_SKIPPED,
	QEMU_REFUSED,
	QEMU_PLACED,
	QEMU_ABORTS,
	QEMU_NEVER_ENDS
};

/**
 * struct qemu_guest - what comes of it
 * @outcome: how it ends; where QEMU itself does, there are no bytes
 * @offset: where the capability was placed, or would have been
 * @bare: what the guest would read without the capability
 * @bytes: what the guest reads
 */
struct qemu_guest {
	enum qemu_outcome outcome;
	uint16_t offset;
	uint8_t bare[GUEST_SPACE];
	uint8_t bytes[GUEST_SPACE];
};

/**
 * qemu_replay() - start QEMU, on an express slot, where the host reports PASIDs and the
 *                 vIOMMU advertises them
 * @out: caller's, overwritten
 * @view: 4096 bytes of the VFIO configuration region, borrowed
 * @size: bytes that the region has, 256 or 4096
 * @property: x-vpasid-cap-offset; 0 is its default and stands for the end of the space
 * @registers: second dword of the capability
 */
void qemu_replay(struct qemu_guest *out, const uint8_t *view, unsigned size,
		 unsigned property, uint32_t registers);

/* "skipped", "refused", "placed", "aborts" or "never ends". */
const char *qemu_outcome_name(enum qemu_outcome outcome);

#endif
