# SPDX-License-Identifier: GPL-2.0-or-later
"""Kernel modules and what they depend on, read from the modules themselves."""

import lzma
import os
import re


def name_of(path):
    """Dashes and underscores are one in names of modules."""
    return os.path.basename(path).split(".ko")[0].replace("-", "_")


def read_module(path):
    if path.endswith(".xz"):
        with lzma.open(path) as file:
            return file.read()
    if path.endswith(".ko"):
        with open(path, "rb") as file:
            return file.read()
    raise RuntimeError("%s: a compression that is not known" % path)


def depends(data):
    """Names in the `depends` of a module."""
    found = re.search(rb"\0depends=([^\0]*)\0", data)
    names = found.group(1).decode().split(",") if found else []
    return [name.replace("-", "_") for name in names if name]


def builtin(folder):
    with open(os.path.join(folder, "modules.builtin"), encoding="ascii") as file:
        return {name_of(line.strip()) for line in file}


def in_order(folder, wanted):
    """(file name, bytes) of modules, each after those that it depends on."""
    files = {}
    for where, _, names in os.walk(os.path.join(folder, "kernel")):
        files.update((name_of(name), os.path.join(where, name)) for name in names
                     if ".ko" in name)
    skip = builtin(folder)
    done = []

    def add(name):
        name = name.replace("-", "_")
        if name in skip:
            return
        if name not in files:
            raise RuntimeError("%s has no module %s" % (folder, name))
        skip.add(name)
        data = read_module(files[name])
        for other in depends(data):
            add(other)
        done.append((name + ".ko", data))

    for name in wanted:
        add(name)
    return done
