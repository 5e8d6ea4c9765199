# SPDX-License-Identifier: GPL-2.0-or-later
"""Images of configuration space: read from dumps, and chosen for serving to a guest."""

import os
import re
import struct
import tarfile

SPACE, CONV_END = 4096, 256
ROW = re.compile(r"([0-9a-f]{2,3}): ((?:[0-9a-f]{2} ?){1,16})$")
SLOT = re.compile(r"(?:[0-9a-f]{4,8}:)?[0-9a-f]{2}:[0-9a-f]{2}\.[0-7](?: |$)")


def dword(image, off):
    return struct.unpack_from("<I", image, off)[0]


def read_lspci(text):
    """(slot, bytes) of the functions in lspci's hex text; those with holes are left out."""
    found, slot, image = [], None, bytearray()
    for line in text.splitlines() + ["00:00.0"]:
        row = ROW.match(line.strip())
        if SLOT.match(line):
            if image:
                found.append((slot, bytes(image)))
            slot, image = line.split()[0], bytearray()
            slot = slot if slot.count(":") == 2 else "0000:" + slot
        elif row and slot:
            if int(row.group(1), 16) == len(image):
                image += bytes.fromhex(row.group(2))
            else:
                slot, image = None, bytearray()
    return found


def read_archive(path):
    """`config` files of a sysfs tree in an archive."""
    with tarfile.open(path) as tar:
        for member in tar:
            if member.isfile() and os.path.basename(member.name) == "config":
                yield os.path.basename(os.path.dirname(member.name)), tar.extractfile(member).read()


def read_file(path):
    """(name, bytes) of the functions in a file of any form that is known here."""
    if re.search(r"\.tar(\.\w+)?$", path):
        return list(read_archive(path))
    with open(path, "rb") as file:
        data = file.read()
    if len(data) in (CONV_END, SPACE) and b"\0" in data:
        return [("", data)]
    return read_lspci(data.decode(errors="replace"))


def read_all(folders):
    """(name, bytes) of all functions below some folders, in a fixed order."""
    for top in folders:
        for where, below, names in os.walk(top):
            below.sort()
            for name in sorted(names):
                path = os.path.join(where, name)
                if not os.path.isfile(path):
                    continue
                for slot, image in read_file(path):
                    yield os.path.relpath(path, top) + ("@" + slot if slot else ""), image


def conventional(image):
    """(offset, id) of the PCI-compatible list."""
    found, off = [], image[0x34] & 0xfc
    if not image[6] & 0x10:
        return found
    while off >= 0x40 and off not in [row[0] for row in found]:
        found.append((off, image[off]))
        off = image[off + 1] & 0xfc
    return found


def extended(image):
    """(offset, header) of the extended list."""
    found, off = [], CONV_END
    while CONV_END <= off <= len(image) - 4 and off not in [row[0] for row in found]:
        head = dword(image, off)
        if head in (0, 0xffffffff):
            break
        found.append((off, head))
        off = head >> 20 & 0xffc
    return found


# Extended capabilities whose own registers say how long they are: VC, MFVC, VSEC, ACS,
# Resizable BAR, DPA, TPH, DVSEC.
SAY_LENGTH = {0x02, 0x08, 0x09, 0x0b, 0x0d, 0x15, 0x16, 0x17, 0x23}


def signature(image):
    """What decides what is hidden: headers, and the registers that say lengths."""
    conv = tuple((off, image[off:off + 4]) for off, _ in conventional(image))
    ext = tuple((off, head, image[off + 4:off + 12] if head & 0xffff in SAY_LENGTH else b"")
                for off, head in extended(image))
    return (len(image), image[0x34], dword(image, CONV_END) if len(image) > CONV_END else None,
            conv, ext)


def servable(image):
    """
    An image as it can be served. VFs have no ids of their own, and a kernel sees nothing in
    a slot without one. A disk controller in legacy mode makes the kernel claim ports that
    bridges do not lead to: it is served in native mode.
    """
    image = bytearray(image)
    if image[0:2] in (b"\xff\xff", b"\0\0"):
        image[0:4] = struct.pack("<HH", 0x1234, 0x0001)
    if image[10:12] == b"\x01\x01":
        image[9] |= 0x05
    return bytes(image)


def choose(folders, wanted, key=signature):
    """Images that serve: type 0 headers, not dead, each signature once."""
    seen, chosen = set(), []
    for name, image in read_all(folders):
        if len(image) not in (CONV_END, SPACE) or image[0x0e] & 0x7f or not wanted(image):
            continue
        if image[4:] == b"\xff" * (len(image) - 4):
            continue
        if key(image) not in seen:
            seen.add(key(image))
            chosen.append((name, servable(image)))
    return chosen
