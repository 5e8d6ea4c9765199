#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Serves PCI functions over vfio-user, as QEMU's vfio-user-pci attaches them.

    vfio_user_device.py [--raw] SOCKET=IMAGE...

Each IMAGE is the configuration space of one function, 256 or 4096 bytes; each function
listens on its own SOCKET until its client leaves. The functions raise no interrupts, do no DMA
and have no BARs but those that hold the tables of MSI-X. Configuration space is read-only but
for the registers of WRITABLE and those of the capabilities in CAP_WRITABLE and ECAP_WRITABLE,
so that what a kernel sets there stays set, and the rest stays as the image has it.

With --raw the client learns nothing of the image: QEMU reads the whole space once, when it
makes the device, and from that builds capability lists of its own, without SR-IOV, ARI and
null headers. A bare header is the answer to that read, and to any other of more than 8
bytes. The guest's own reads are shorter, and get the image: what QEMU has not seen it does
not emulate, so lists of any form reach the guest as they are. There are no BARs then.

The protocol is that of docs/interop/vfio-user.rst in QEMU; numbers are its own.
"""

import json
import os
import socket
import struct
import sys
import threading

HEADER = struct.Struct("<HHIII")  # message id, command, size, flags, errno
FLAG_REPLY, FLAG_TYPE, FLAG_NO_REPLY, FLAG_ERROR = 0x1, 0xf, 0x10, 0x20
(VERSION, DMA_MAP, DMA_UNMAP, DEVICE_GET_INFO, REGION_GET_INFO, _, IRQ_GET_INFO, SET_IRQS,
 REGION_READ, REGION_WRITE, _, _, DEVICE_RESET) = range(1, 14)
EOPNOTSUPP = 95
MAX_DATA = 1 << 20
MAX_FDS = 8

DEVICE_FLAGS_RESET, DEVICE_FLAGS_PCI = 1, 2
REGIONS, IRQS = 9, 5  # as VFIO counts those of a PCI function
CONFIG_REGION = 7
REGION_READABLE, REGION_WRITABLE = 1, 2
IRQ_EVENTFD = 1
IRQ_MSI, IRQ_MSIX, IRQ_REQ = 1, 2, 4  # the last asks for the device's release; never raised

# Base addresses and the expansion ROM's: offset, length.
NO_BARS = [(0x10, 0x18), (0x30, 4)]

# A BAR with tables of MSI-X; capability ids, and fields of MSI-X.
BAR_SIZE = 1 << 20
CAP_MSI, CAP_MSIX = 0x05, 0x11
MSIX_CONTROL, MSIX_TABLE, MSIX_PBA = 2, 4, 8

# Longest read that a guest's instruction can cause.
GUEST_READ = 8

# Writable bits: offset, width in bytes, mask.
WRITABLE = [
    (0x04, 2, 0x0547),  # Command
    (0x0c, 2, 0xffff),  # Cache Line Size, Latency Timer
    (0x3c, 1, 0xff),    # Interrupt Line
]
# By capability id, offsets within it. The power state, but no reset by it.
CAP_WRITABLE = {
    0x01: [(4, 2, 0x8103)],                                      # PM: state, PME enable
    0x05: [(2, 2, 0x0071)],                                      # MSI: enable, vectors
    0x10: [(8, 2, 0x7fff), (0x10, 2, 0x0fff), (0x28, 2, 0xffff)],  # PCIe: three Controls
    0x11: [(2, 2, 0xc000)],                                      # MSI-X: enable, mask
}
ECAP_WRITABLE = {
    0x000d: [(6, 2, 0x007f)],                                    # ACS Control
    0x000f: [(6, 2, 0x801f)],                                    # ATS Control
    0x0013: [(4, 2, 0x0001), (12, 4, 0xffffffff)],               # PRI Control, allocation
    0x001b: [(6, 2, 0x0007)],                                    # PASID Control
}


class Gone(Exception):
    """The client closed its end."""


def conventional(space):
    """Headers of the PCI-compatible list, each once."""
    seen, off = set(), space[0x34] & 0xfc
    while off >= 0x40 and off not in seen:
        seen.add(off)
        yield off, space[off]
        off = space[off + 1] & 0xfc


def extended(space):
    """Headers of the extended list, each once."""
    seen, off = set(), 0x100
    while 0x100 <= off <= len(space) - 4 and off not in seen:
        seen.add(off)
        head = struct.unpack_from("<I", space, off)[0]
        if head in (0, 0xffffffff):
            return
        yield off, head & 0xffff
        off = head >> 20 & 0xffc


def writable_bits(space):
    """A mask of the whole space: set bits take what is written."""
    rows = list(WRITABLE)
    for off, cap in conventional(space):
        rows += [(off + at, width, mask) for at, width, mask in CAP_WRITABLE.get(cap, ())]
    for off, cap in extended(space):
        rows += [(off + at, width, mask) for at, width, mask in ECAP_WRITABLE.get(cap, ())]
    mask = bytearray(len(space))
    for off, width, bits in rows:
        for i in range(width):
            if off + i < len(mask):
                mask[off + i] |= bits >> 8 * i & 0xff
    return mask


def at_rest(image):
    """The image as it is after power-on: not decoding, in D0, all of it disabled, no BARs."""
    space = bytearray(image)
    for off, length in NO_BARS:
        space[off:off + length] = bytes(length)
    for i, bits in enumerate(writable_bits(space)):
        space[i] &= ~bits & 0xff
    return space


class Function:
    """One function: its space, and the answers to requests about it."""

    def __init__(self, image, raw):
        self.space = at_rest(image)
        self.mask = writable_bits(self.space)
        self.raw = raw
        self.bars = set()
        self.vectors = {IRQ_REQ: 1}
        if not raw:
            self.learn_interrupts()

    def learn_interrupts(self):
        """Vectors of MSI and MSI-X, and the BARs that the tables are in."""
        for off, cap in conventional(self.space):
            control = struct.unpack_from("<H", self.space, off + MSIX_CONTROL)[0]
            if cap == CAP_MSI:
                self.vectors[IRQ_MSI] = 1 << (control >> 1 & 7)
            if cap == CAP_MSIX:
                self.vectors[IRQ_MSIX] = (control & 0x7ff) + 1
                self.bars = {self.space[off + at] & 7 for at in (MSIX_TABLE, MSIX_PBA)}

    def bare_header(self):
        """What is shown to a client that is not to know: no list, no known id or class."""
        bare = bytearray(len(self.space))
        struct.pack_into("<HHHH", bare, 0, 0x1234, 0x0001, 0, 0)
        struct.pack_into("<I", bare, 8, 0xff000000)
        return bare

    def read(self, region, off, count):
        if region != CONFIG_REGION or off >= len(self.space):
            return bytes(count)
        space = self.bare_header() if self.raw and count > GUEST_READ else self.space
        return bytes(space[off:off + count]).ljust(count, b"\0")

    def write(self, region, off, data):
        if region != CONFIG_REGION:
            return
        for i, val in enumerate(data, off):
            if i < len(self.space):
                self.space[i] = self.space[i] & ~self.mask[i] & 0xff | val & self.mask[i]

    def region_info(self, index):
        if index == CONFIG_REGION:
            return len(self.space), REGION_READABLE | REGION_WRITABLE
        if index in self.bars:
            return BAR_SIZE, REGION_READABLE | REGION_WRITABLE
        return 0, 0

    def answer(self, command, body):
        """The body of the reply, or None for a command that is not supported."""
        if command == VERSION:
            limits = {"max_msg_fds": MAX_FDS, "max_data_xfer_size": MAX_DATA}
            return body[:4] + json.dumps({"capabilities": limits}).encode() + b"\0"
        if command in (DMA_MAP, SET_IRQS, DEVICE_RESET):
            return b""
        if command == DMA_UNMAP:
            return body
        if command == DEVICE_GET_INFO:
            return struct.pack("<IIII", 16, DEVICE_FLAGS_RESET | DEVICE_FLAGS_PCI, REGIONS, IRQS)
        if command == REGION_GET_INFO:
            index = struct.unpack_from("<I", body, 8)[0]
            size, flags = self.region_info(index)
            return struct.pack("<IIIIQQ", 32, flags, index, 0, size, 0)
        if command == IRQ_GET_INFO:
            index = struct.unpack_from("<I", body, 8)[0]
            return struct.pack("<IIII", 16, IRQ_EVENTFD, index, self.vectors.get(index, 0))
        if command == REGION_READ:
            off, region, count = struct.unpack_from("<QII", body)
            return body[:16] + self.read(region, off, min(count, MAX_DATA))
        if command == REGION_WRITE:
            off, region, count = struct.unpack_from("<QII", body)
            self.write(region, off, body[16:16 + count])
            return body[:16]
        return None


class Connection:
    """One client of one function."""

    def __init__(self, sock, function):
        self.sock = sock
        self.function = function
        self.pending = b""

    def take(self, count):
        """The next bytes. Descriptors that come along (the guest's memory) are not taken."""
        while len(self.pending) < count:
            data = self.sock.recv(MAX_DATA)
            if not data:
                raise Gone
            self.pending += data
        taken, self.pending = self.pending[:count], self.pending[count:]
        return taken

    def serve_one(self):
        number, command, size, flags, _ = HEADER.unpack(self.take(HEADER.size))
        body = self.take(size - HEADER.size)
        if flags & FLAG_TYPE == FLAG_REPLY:
            return
        out = self.function.answer(command, body)
        failed = out is None
        out = out or b""
        if not flags & FLAG_NO_REPLY:
            self.sock.sendall(HEADER.pack(number, command, HEADER.size + len(out),
                                          FLAG_REPLY | (FLAG_ERROR if failed else 0),
                                          EOPNOTSUPP if failed else 0) + out)

    def serve(self):
        try:
            while True:
                self.serve_one()
        except (Gone, ConnectionError):
            self.sock.close()


def listen(path):
    if os.path.exists(path):
        os.unlink(path)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(path)
    listener.listen(1)
    return listener


def serve(functions):
    """Serve (socket path, Function) pairs; returns when every client has left."""
    def run(listener, function):
        sock, _ = listener.accept()
        listener.close()
        Connection(sock, function).serve()

    threads = [threading.Thread(target=run, args=(listen(path), function))
               for path, function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def main():
    words = sys.argv[1:]
    raw = "--raw" in words
    functions = []
    for word in words:
        if word == "--raw":
            continue
        path, _, image = word.partition("=")
        with open(image, "rb") as file:
            functions.append((path, Function(file.read(), raw)))
    if not functions:
        sys.exit(__doc__)
    serve(functions)


if __name__ == "__main__":
    main()
