# SPDX-License-Identifier: GPL-2.0-or-later
"""d: what vfio-pci shows of images, against what capgap says that it shows."""

import concurrent.futures
import json
import os
import re
import subprocess
import tempfile
import time

from .guest import INTEL_IOMMU, Q35, root_ports, vfio_user_device
from .images import CONV_END, choose, conventional, dword, extended, read_lspci
from .parts import HERE

# Functions in one guest: as many as three slots of root ports hold.
BATCH = 24
# Guests at once: each is idle for half of its time, in resets.
AT_ONCE = max(2, len(os.sched_getaffinity(0)))
TOOLS = ("live_tool",)
ECAP_DVSEC = 0x0023


class Row:
    """A row of tests/vm/explained."""

    def __init__(self, line):
        self.where, bits, name, self.why = line.split(None, 3)
        self.is_apart = self.where in ("refused", "corrupts")
        self.bits = 0 if self.is_apart else int(bits, 16)
        self.name = re.compile(name)
        self.used = 0

    def offsets(self, image):
        """Where it applies in an image: numbers, or behind the capabilities of an id."""
        cap = re.fullmatch(r"([0-9a-f]{2}|[0-9a-f]{4})\+(\d+)", self.where)
        if self.is_apart:
            return []
        if not cap:
            return [int(off, 16) for off in self.where.split(",")]
        if len(cap.group(1)) == 2:
            heads = conventional(image)
        else:
            heads = [(off, head & 0xffff) for off, head in extended(image)]
        return [off + int(cap.group(2)) for off, number in heads
                if number == int(cap.group(1), 16)]


def read_explained():
    with open(os.path.join(HERE, "explained"), encoding="utf-8") as file:
        return [Row(line.rstrip("\n")) for line in file if line.strip() and line[0] != "#"]


def ask(capgap, *words):
    """Standard output of capgap; it has to answer."""
    done = subprocess.run([capgap, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          check=False)
    if done.returncode:
        raise RuntimeError("capgap %s: exit status %d" % (" ".join(words), done.returncode))
    return done.stdout.decode()


def read_region(text):
    """live_tool --config: size and bytes; rows of zeros are not printed."""
    size = re.search(r"^path \w+: (\d+) of (\d+) bytes", text, re.M)
    if not size:
        return None
    image = bytearray(int(size.group(1)))
    for off, row in re.findall(r"^([0-9a-f]{3}):((?: [0-9a-f]{2}){16})$", text, re.M):
        image[int(off, 16):int(off, 16) + 16] = bytes.fromhex(row)
    return bytes(image)


def differences(one, other):
    """Offsets of the dwords that differ."""
    return [off for off in range(0, min(len(one), len(other)), 4)
            if one[off:off + 4] != other[off:off + 4]]


def address(number):
    """Where the kernel finds what is behind root port rp<number>."""
    return "0000:%02x:00.0" % (number + 1)


class Replay:
    """The comparison of one set of images with one kernel."""

    def __init__(self, results, explained):
        self.results = results
        self.explained = explained
        self.compared = self.hiding = self.edits = 0

    def explain(self, name, off, view, region):
        """Whether rows account for all bits that differ in a dword."""
        bits = dword(view, off) ^ dword(region, off)
        rows = [row for row in self.explained if off in row.offsets(region) and
                row.name.fullmatch(name) and bits & row.bits]
        for row in rows:
            row.used += 1
            bits &= ~row.bits
        return not bits

    def apart(self, name):
        """The row of an image that the kernel stumbles over, or None."""
        for row in self.explained:
            if row.is_apart and row.name.fullmatch(name):
                return row
        return None

    def compare(self, label, name, bdf, files, views, hidden):
        """One function: everything that differs has to be explained."""
        region = read_region(files.text("region/" + bdf))
        row = self.apart(name)
        if row:
            row.used += 1
            self.results.check(label + ": refused", region is None and "EINVAL" in
                               files.text("region/" + bdf), files.text("region/" + bdf))
            return
        if region is None:
            self.results.check(label, False, files.text("region/" + bdf),
                               files.text("region/%s.err" % bdf))
            return
        view = views.get(bdf)
        if view is None:
            self.results.check(label, False, "capgap view says nothing of it")
            return
        wrong = []
        if len(view) != len(region):
            wrong.append("the view has %d bytes, the region %d" % (len(view), len(region)))
        host = files.data("config/" + bdf)
        for off in differences(view, region):
            if not self.explain(name, off, view, region):
                wrong.append("0x%03x: host %08x, view %08x, region %08x" % (
                    off, dword(host, off), dword(view, off), dword(region, off)))
        self.compared += 1
        said = hidden.get(bdf, {})
        self.hiding += bool(said.get("hidden"))
        self.edits += len(said.get("edits", []))
        self.results.check(label, not wrong, *wrong)


def derive(capgap, kernel, tree, files):
    """capgap's views of the spaces that the guest read, and what it says of them."""
    words = ["view", "--kernel", kernel.release]
    for bdf, data in files.below("config"):
        os.makedirs(os.path.join(tree, bdf))
        with open(os.path.join(tree, bdf, "config"), "wb") as file:
            file.write(data)
    views = ask(capgap, *words, "--output", "-", "--output-format", "lspci", tree)
    rows = ask(capgap, *words, "--format", "ndjson", tree)
    return dict(read_lspci(views)), {row["bdf"]: row for row in map(json.loads, rows.splitlines())}


def batches(results, replay, images, label):
    """Some at a time; what the kernel refuses is alone, and what breaks it is left out."""
    together = []
    for one in images:
        row = replay.apart(one[0])
        if not row:
            together.append(one)
        elif row.where == "refused":
            yield [one]
        else:
            results.skip("%s: %s" % (label, one[0]), row.why)
    for at in range(0, len(together), BATCH):
        yield together[at:at + BATCH]


def boot(lab, name, kernel, modules, batch):
    devices = Q35 + INTEL_IOMMU + root_ports(len(batch))
    for i in range(len(batch)):
        devices += vfio_user_device(i, "rp%d")
    return lab.boot(name, "view", kernel, devices, modules=modules,
                    images=[image for _, image in batch], raw=True, tools=TOOLS,
                    append="intel_iommu=on vfio_pci.disable_denylist=1 log_buf_len=2M",
                    limit=300)


def guests(lab, label, kernel, modules, all_batches):
    """Each batch with what its guest handed back, in order; some guests run at once."""
    lab.initramfs(kernel, modules, TOOLS)
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        runs = [pool.submit(boot, lab, "%s-%d" % (label.replace(": ", "-").replace(" ", "-"), i),
                            kernel, modules, batch) for i, batch in enumerate(all_batches)]
        try:
            for batch, guest in zip(all_batches, runs):
                yield batch, guest.result()
        finally:
            for guest in runs:
                guest.cancel()


def run(results, lab, kernel, modules, images, label):
    """Serve images to a kernel, some at a time."""
    replay = Replay(results, read_explained())
    begin = time.monotonic()
    for batch, files in guests(lab, label, kernel, modules,
                               list(batches(results, replay, images, label))):
        with tempfile.TemporaryDirectory() as tree:
            views, hidden = derive(lab.programs["capgap"], kernel, tree, files)
        for i, (name, _) in enumerate(batch):
            replay.compare("%s: %s" % (label, name), name, address(i), files, views, hidden)
    results.note("%s: Linux %s: %d images, %d with something hidden, %d edits, %d s" % (
        label, kernel.release, replay.compared, replay.hiding, replay.edits,
        time.monotonic() - begin))
    for row in filter(lambda row: row.used, replay.explained):
        results.note("%s: explained %d times: %s: %s" % (label, row.used, row.where, row.why))


def is_extended(image):
    """Images whose extended list has something in it."""
    return len(image) > CONV_END and bool(extended(image))


def serves(_):
    """All of them: also lists of PCI-compatible capabilities are looked at."""
    return True


def has_dvsec(image):
    return is_extended(image) and any(head & 0xffff == ECAP_DVSEC for _, head in extended(image))
