# SPDX-License-Identifier: GPL-2.0-or-later
"""The file system of a guest: busybox, lspci, capgap, scripts, modules."""

import gzip
import os
import re
import stat
import subprocess

# Programs of the machine come with their own libraries, which need not be those of lspci.
OWN = "/capgap"
WRAPPER = """#!/bin/sh
export CAPGAP_QUIRKS=%s/quirks.d
exec %s/lib/%s --library-path %s/lib %s/bin/%s "$@"
"""


class Archive:
    """A cpio archive in the form that kernels read (newc)."""

    def __init__(self):
        self.out = []
        self.number = 0
        self.folders = {"/"}

    def entry(self, name, mode, data):
        self.number += 1
        name = name.strip("/").encode() + b"\0"
        fields = [self.number, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name), 0]
        head = b"070701" + b"".join(b"%08x" % field for field in fields) + name
        self.out += [head, b"\0" * (-len(head) % 4), data, b"\0" * (-len(data) % 4)]

    def folder(self, path):
        if path not in self.folders:
            self.folder(os.path.dirname(path))
            self.folders.add(path)
            self.entry(path, stat.S_IFDIR | 0o755, b"")

    def file(self, path, data, mode=0o755):
        self.folder(os.path.dirname(path))
        self.entry(path, stat.S_IFREG | mode, data)

    def copy(self, source, path):
        with open(source, "rb") as file:
            self.file(path, file.read())

    def link(self, path, target):
        self.folder(os.path.dirname(path))
        self.entry(path, stat.S_IFLNK | 0o777, target.encode())

    def packed(self):
        self.entry("TRAILER!!!", 0, b"")
        return gzip.compress(b"".join(self.out), 1)


def libraries(program, root=None):
    """Paths of the shared libraries of a program, its loader included."""
    words = (["chroot", root] if root else []) + ["ldd", program]
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    return re.findall(r"(/[^ ]+) \(0x", done.stdout.decode())


def add_from_root(archive, root):
    """busybox and lspci."""
    archive.copy(root + "/usr/bin/busybox", "/bin/busybox")
    archive.link("/bin/sh", "busybox")
    archive.copy(root + "/usr/bin/lspci", "/bin/lspci")
    for path in libraries("/usr/bin/lspci", root):
        archive.copy(root + path, path)


def add_own(archive, programs, quirks):
    """Programs of the build, by name; run by their own loader with their own libraries."""
    done = set()
    for name, program in programs.items():
        loader = None
        for path in libraries(program):
            base = os.path.basename(path)
            loader = base if base.startswith("ld-") else loader
            if base not in done:
                archive.copy(path, "%s/lib/%s" % (OWN, base))
                done.add(base)
        archive.copy(program, "%s/bin/%s" % (OWN, name))
        if loader:
            archive.file("/bin/" + name,
                         (WRAPPER % (OWN, OWN, loader, OWN, OWN, name)).encode())
        else:
            archive.link("/bin/" + name, "%s/bin/%s" % (OWN, name))
    for name in sorted(os.listdir(quirks)):
        archive.copy(os.path.join(quirks, name), "%s/quirks.d/%s" % (OWN, name))


def make(path, root, programs, quirks, scripts, modules):
    """Write the initramfs; scripts is a folder with init in it."""
    archive = Archive()
    for folder in ("/bin", "/etc", "/dev", "/proc", "/sys", "/tmp", "/out", "/modules"):
        archive.folder(folder)
    add_from_root(archive, root)
    add_own(archive, programs, quirks)
    for name in sorted(os.listdir(scripts)):
        archive.copy(os.path.join(scripts, name), "/init" if name == "init" else "/guest/" + name)
    for name, data in modules:
        archive.file("/modules/" + name, data)
    archive.file("/modules/order", "".join(name + "\n" for name, _ in modules).encode())
    with open(path, "wb") as file:
        file.write(archive.packed())
