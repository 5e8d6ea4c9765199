# SPDX-License-Identifier: GPL-2.0-or-later
"""a: a scan of a guest's functions, VFs included, against lspci and sysfs of that guest."""

import json
import os
import re
import subprocess
import tempfile

from .guest import INTEL_IOMMU, Q35, root_ports
from .images import read_lspci

# Exit status of a command line that the program does not take.
USAGE = 2
# Members that tell where something is from, and those that come from configuration space alone.
SOURCE_MEMBERS = ("source", "id_from")
SPACE_MEMBERS = ("bdf", "vendor", "device", "kind", "physfn", "size", "absent", "applicable",
                 "capabilities", "gaps", "findings")


def devices():
    """igb, nvme and virtio with VFs, an e1000e, and conventional functions behind a bridge."""
    words = Q35 + INTEL_IOMMU + root_ports(5)
    words += ["-device", "igb,bus=rp0"]
    words += ["-device", "nvme-subsys,id=subsys", "-device", "nvme,serial=a,subsys=subsys,bus=rp1,"
              "sriov_max_vfs=2,sriov_vq_flexible=4,sriov_vi_flexible=2,max_ioqpairs=10,"
              "msix_qsize=11"]
    for i in (1, 2):
        words += ["-device", "virtio-net-pci,bus=rp2,addr=0.%d,sriov-pf=vpf,disable-legacy=on" % i]
    words += ["-device", "virtio-net-pci,id=vpf,bus=rp2,addr=0.0,multifunction=on,"
              "disable-legacy=on"]
    words += ["-device", "e1000e,bus=rp3", "-device", "pcie-pci-bridge,id=conv,bus=rp4",
              "-device", "e1000,bus=conv,addr=1", "-device", "e1000,bus=conv,addr=2"]
    return words


def rows(text):
    """Functions of ndjson by address."""
    return {row["bdf"]: row for row in map(json.loads, text.splitlines())}


def sysfs_functions(text):
    """The guest's list of functions: address to a dictionary."""
    found = {}
    for line in text.splitlines():
        bdf, *fields = line.split()
        found[bdf] = dict(field.split("=", 1) for field in fields)
    return found


def first_difference(got, want):
    """What differs between two dictionaries of bytes, in words."""
    if set(got) != set(want):
        return "functions: only one side has %s" % sorted(set(got) ^ set(want))
    for bdf in sorted(want):
        if len(got[bdf]) != len(want[bdf]):
            return "%s: %d bytes, not %d" % (bdf, len(got[bdf]), len(want[bdf]))
        for off, (one, other) in enumerate(zip(got[bdf], want[bdf])):
            if one != other:
                return "%s: 0x%03x: %02x, not %02x" % (bdf, off, one, other)
    return ""


def same_bytes(results, name, got, want):
    wrong = first_difference(got, want)
    results.check(name, not wrong, wrong)


def check_functions(results, label, scan, sysfs):
    """Addresses, ids, kinds and physical functions are those of sysfs."""
    results.same("%s: has every function" % label, sorted(scan), sorted(sysfs))
    wrong = []
    for bdf, row in sorted(scan.items()):
        host = sysfs.get(bdf, {})
        ids = "0x%s:0x%s" % (row["vendor"], row["device"])
        got = [ids, row["physfn"] or "", row["kind"] == "vf"]
        want = [host.get("id"), host.get("physfn"), bool(host.get("physfn"))]
        if got != want:
            wrong.append("%s: %s, not %s" % (bdf, got, want))
    results.check("%s: ids, kinds and physical functions are those of sysfs" % label, not wrong,
                  *wrong)


def unlike(one, other):
    """Members in which two answers about a function differ; lspci's text has its space only."""
    return [name for name in SPACE_MEMBERS if one[name] != other.get(name)]


def elsewhere(capgap, command, text):
    """ndjson of a command about text of the guest, on this machine."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "lspci.txt")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        done = subprocess.run([capgap, command, "--format", "ndjson", path],
                              stdout=subprocess.PIPE, check=False)
    return done.stdout.decode()


def check_text(results, capgap, files, tree):
    """The guest's lspci text, read here, gives what its tree gave there."""
    text = rows(elsewhere(capgap, "scan", files.text("lspci")))
    wrong = ["%s: %s" % (bdf, unlike(row, text.get(bdf, {}))) for bdf, row in sorted(tree.items())
             if unlike(row, text.get(bdf, {}))]
    results.check("scan: the tree and lspci's text give the same answer", not wrong, *wrong)


def without_source(text):
    """Functions of ndjson by address, without the name of the input."""
    return {bdf: {name: val for name, val in row.items() if name not in SOURCE_MEMBERS}
            for bdf, row in rows(text).items()}


def check_live(results, capgap, files, sysfs, config):
    """The live scan, plan and capture; a program without one says that it does not know it."""
    if files.status("live.scan") == USAGE:
        results.skip("live scan and plan", "the program has no live scan yet")
    else:
        results.same("live scan: exit status", files.status("live.scan"), 0)
        check_functions(results, "live scan", rows(files.text("live.scan")), sysfs)
        results.same("live scan as nobody: 64 bytes of each",
                     {bdf: row["size"] for bdf, row in rows(files.text("user.live.scan")).items()},
                     {bdf: 64 for bdf in config})
    if files.status("live.capture") == USAGE:
        results.skip("live capture", "the program has no capture yet")
        return
    same_bytes(results, "live capture: byte for byte what sysfs has",
               dict(read_lspci(files.text("live.capture"))), config)
    for command in ("scan", "plan"):
        results.same("%s: the capture, analysed elsewhere, gives the live answer" % command,
                     without_source(elsewhere(capgap, command, files.text("live.capture"))),
                     without_source(files.text("live." + command)))


def check_counts(results, sysfs):
    """The guest is what it was meant to be: VFs of all three models, functions without PCIe."""
    for vendor in ("0x8086:0x10ca", "0x1b36:0x0010", "0x1af4:0x1041"):
        count = sum(1 for row in sysfs.values() if row["id"] == vendor and row["physfn"])
        results.same("guest: VFs of %s" % vendor, count, 2)


def run(results, lab, kernel, modules):
    files = lab.boot("scan-" + kernel.release, "scan", kernel, devices(), modules=modules,
                     append="intel_iommu=on")
    results.note("a: Linux %s: %.1f s" % (kernel.release, files.seconds))
    sysfs = sysfs_functions(files.text("functions"))
    config = dict(files.below("config"))
    check_counts(results, sysfs)
    same_bytes(results, "lspci -xxxx: byte for byte what sysfs has",
               dict(read_lspci(files.text("lspci"))), config)
    same_bytes(results, "capgap: byte for byte what lspci -xxxx has",
               dict(read_lspci(files.text("tree.bytes"))), dict(read_lspci(files.text("lspci"))))
    same_bytes(results, "no register has changed", dict(files.below("config.after")), config)
    tree = rows(files.text("tree.scan"))
    results.same("scan: exit status", files.status("tree.scan"), 0)
    results.check("scan: nothing on standard error", not files.text("tree.scan.err"),
                  files.text("tree.scan.err"))
    check_functions(results, "scan", tree, sysfs)
    check_text(results, lab.programs["capgap"], files, tree)
    user = rows(files.text("user.tree.scan"))
    results.check("no function was reset",
                  not re.search("vfio-pci.*resetting", files.text("dmesg")))
    results.same("scan as nobody: 64 bytes of each",
                 {bdf: row["size"] for bdf, row in user.items()}, {bdf: 64 for bdf in config})
    check_live(results, lab.programs["capgap"], files, sysfs, config)
