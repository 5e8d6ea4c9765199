# SPDX-License-Identifier: GPL-2.0-or-later
"""Images that nobody has captured: lists made up by chance, for both walks of the kernel."""

import random
import struct

from .images import CONV_END, SPACE, conventional, dword, extended

CAP_EXP = 0x10
EXP_OFFSET = 0x40
# PCI-compatible ids that can come again: all that there are, and some beyond; but not EA, whose
# BARs lead nowhere here, and not those of CONV_ONCE.
CONV_IDS = [0, 2, 4, 6, 8, 9, 10, 11, 12, 13, 14, 15, 17, 18, 0x15, 0x40, 0xfe, 0xff]
# Power Management, VPD, MSI, PCI-X, Advanced Features: the kernel virtualises registers of
# theirs, and where two of a kind overlap, the pointer of one is a register of the other.
CONV_ONCE = [1, 3, 5, 7, 0x13]
# Extended ids: all that there are; then such as differ from one of them above the low byte only.
EXT_IDS = list(range(0x36))
EXT_STRANGE = [0x00fe, 0x00ff, 0x010f, 0x0110, 0x0200, 0x0b23, 0x1e23, 0xfffe, 0xffff]
# Port types of a function that vfio-pci takes: endpoints, outside and inside the root complex.
EXP_TYPES = [0, 1, 9]
VSEC, DVSEC, TPH = 0x0b, 0x23, 0x17
LENGTHS = [0, 1, 4, 8, 9, 12, 16, 20, 24, 0x40, 0x104]
# No structure begins behind this, so that few run past the end.
LAST = 0x900


def put(image, off, value):
    struct.pack_into("<I", image, off, value & 0xffffffff)


def conventional_list(rng, image):
    """A list in PCI-compatible space; PCI Express first or last, so that the kernel meets it."""
    count = rng.choice([0, 1, 2, 4, 7])
    places = rng.sample(range(0x7c, 0xfc, 4), count)
    if rng.random() < 0.7:
        places.sort()
    order = [EXP_OFFSET] + places if rng.random() < 0.7 else places + [EXP_OFFSET]
    once = list(CONV_ONCE)
    for off in places:
        number = rng.choice(CONV_IDS + once)
        if number in once:
            once.remove(number)
        put(image, off, number | rng.getrandbits(16) << 16)
        put(image, off + 4, rng.getrandbits(32) if rng.random() < 0.5 else 0)
    flags = rng.choice([1, 2, 2, 2]) | rng.choice(EXP_TYPES) << 4
    put(image, EXP_OFFSET, CAP_EXP | flags << 16)
    # Role-based error reporting, and a function-level reset, which is quick.
    put(image, EXP_OFFSET + 4, 0x10008000)
    pointers = order[1:] + [0 if rng.random() < 0.9 else rng.choice(order)]
    for off, pointer in zip(order, pointers):
        image[off + 1] = pointer
    image[0x34] = order[0]


def extended_list(rng, image):
    """A list in extended space, close together or not, in order or not."""
    count = rng.choice([0, 1, 2, 3, 5, 8, 13])
    if rng.random() < 0.5:
        places = rng.sample(range(CONV_END + 4, LAST, 4), count)
    else:
        places = rng.sample(range(CONV_END + 4, CONV_END + 0x84, 4), count)
    if rng.random() < 0.7:
        places.sort()
    order = [CONV_END] + places
    kinds = EXT_IDS + (EXT_STRANGE * 4 if rng.random() < 0.5 else [])
    few = rng.sample(kinds, 3)
    pointers = order[1:] + [0 if rng.random() < 0.9 else rng.choice(order)]
    for off, pointer in zip(order, pointers):
        number = rng.choice(few if rng.random() < 0.5 else kinds)
        low = rng.choice([0, 0, 0, 1, 2, 3])
        put(image, off, number | rng.randrange(1, 4) << 16 | (pointer | low) << 20)
    for off in order:
        number = dword(image, off) & 0xffff
        if off + 4 in order or rng.random() < 0.2:
            continue
        if number in (VSEC, DVSEC):
            put(image, off + 4, rng.choice(LENGTHS) << 20 | rng.getrandbits(20))
        else:
            put(image, off + 4, rng.getrandbits(32) & 0x003fffff)


def runs_past_end(image):
    """Whether a structure that says its own length does not fit."""
    for off, head in extended(image):
        number, word = head & 0xffff, dword(image, off + 4)
        length = 0x100
        if number in (VSEC, DVSEC):
            length = word >> 20
        elif number == TPH:
            length = 14 + 2 * (word >> 16 & 0x7ff)
        if off + length > SPACE:
            return True
    return False


def make(rng):
    """One image."""
    image = bytearray(SPACE)
    struct.pack_into("<HHHH", image, 0, 0x1234, 0x0001, 0, 0x0010)
    put(image, 8, 0xff000000)
    conventional_list(rng, image)
    if rng.random() < 0.95:
        extended_list(rng, image)
    return bytes(image)


def images(seed, count):
    """(name, image) of so many, the same for the same seed."""
    rng = random.Random(seed)
    made = []
    while len(made) < count:
        image = make(rng)
        if not runs_past_end(image) and any(number == CAP_EXP for _, number in conventional(image)):
            made.append(("random/%s-%d" % (seed, len(made)), image))
    return made
