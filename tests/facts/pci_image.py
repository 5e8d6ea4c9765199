#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Made-up functions as lspci text: pci_image.py VENDOR:DEVICE[:CLASS[:REVISION]]...

Each is a PCI Express endpoint of 4096 bytes with a Device Serial Number at 0x100 and
nothing else: otherwise zero. Used as a module by quirk_facts.py.
"""

import struct
import sys

SIZE = 4096
PCIE_AT = 0x40
SERIAL = 0x0003
SERIAL_LEN = 12
PASID = 0x001B
ATS = 0x000F
PRI = 0x0013


class Function:
    """One function; ids and class as numbers, capabilities as {offset: (id, version)}."""

    def __init__(self, vendor, device, class_code=0x120000, revision=0, subsystem=(0, 0), vf=False):
        self.vendor, self.device, self.vf = vendor, device, vf
        self.class_code, self.revision = class_code, revision
        self.subsystem = subsystem
        self.caps = {}
        self.dwords = {}

    def image(self):
        data = bytearray(SIZE)
        ids = (0xFFFF, 0xFFFF) if self.vf else (self.vendor, self.device)
        struct.pack_into("<HHHH", data, 0x00, *ids, 0x0006, 0x0010)
        struct.pack_into("<I", data, 0x08, self.class_code << 8 | self.revision)
        struct.pack_into("<HH", data, 0x2C, *self.subsystem)
        data[0x34] = PCIE_AT
        struct.pack_into("<BBH", data, PCIE_AT, 0x10, 0, 0x0002)
        chain = sorted(self.caps)
        for at, following in zip(chain, chain[1:] + [0]):
            cap, version = self.caps[at]
            struct.pack_into("<I", data, at, following << 20 | version << 16 | cap)
        for at, value in self.dwords.items():
            struct.pack_into("<I", data, at, value)
        return bytes(data)

    def lspci(self, number):
        """Its text, at the @number-th address of a machine."""
        data = self.image()
        lines = [
            f"{number >> 8:02x}:{number >> 3 & 31:02x}.{number & 7} Device "
            f"[{self.class_code >> 8:04x}]: Device [{self.vendor:04x}:{self.device:04x}]"
            + (f" (rev {self.revision:02x})" if self.revision else "")
        ]
        for off in range(0, SIZE, 16):
            lines.append(f"{off:02x}: " + data[off : off + 16].hex(" "))
        return "\n".join(lines) + "\n\n"


def main():
    for number, words in enumerate(sys.argv[1:]):
        fields = [int(field, 16) for field in words.split(":")]
        function = Function(*fields)
        function.caps[0x100] = (SERIAL, 1)
        sys.stdout.write(function.lspci(number << 3))


if __name__ == "__main__":
    main()
