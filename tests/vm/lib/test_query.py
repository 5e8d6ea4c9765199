# SPDX-License-Identifier: GPL-2.0-or-later
"""a and b: answers of the kernel about functions on vfio-pci, and every refusal."""

import json
import re

from .guest import INTEL_IOMMU, Q35, root_ports
from .images import read_lspci
from .test_scan import devices as scan_devices
from .test_view import Replay, read_explained

OK = None
# Record, and what stands in the way: by the cdev, by the group of a kernel without cdev.
SITUATIONS = [
    ("not-on-vfio", "not-on-vfio", "not-on-vfio"),
    ("no-consent", "no-consent", "no-consent"),
    ("no-device", "no-device", "no-device"),
    ("free", OK, OK),
    ("free.group", OK, OK),
    ("free.cdev", OK, "no-cdev"),
    ("held-group", "in-use", "in-use"),
    ("held-group.group", "in-use", "in-use"),
    ("held", "in-use-cdev", "in-use"),
    ("held.group", "in-use", "in-use"),
    ("shared", "group-not-viable", "group-not-viable"),
    ("shared.group", "group-not-viable", "group-not-viable"),
    ("shared-cured", OK, OK),
    ("guarded", "token-needed", "token-needed"),
    ("guarded.group", "token-needed", "token-needed"),
    ("guarded-token", "token-wrong", "token-wrong"),
    ("guarded-token.group", "token-wrong", "token-wrong"),
    ("guarded-unknown", "token-needed", "token-needed"),
    ("guarded-other", "token-wrong", "token-wrong"),
    ("guarded-right", OK, OK),
    ("guarded-right.group", OK, OK),
    ("physfn", OK, OK),
    ("unbound", "not-on-vfio", "not-on-vfio"),
]
# Exit statuses of capgap: a width, none, refused by the system or not told.
CLI_YES, CLI_NO, CLI_REFUSED = 0, 1, 4


def situation(text):
    """Name of what stood in the way, as live_tool prints it."""
    found = re.search(r"^trouble (\S+):", text, re.M)
    return found.group(1) if found else OK


def width(text):
    """Width in live_tool's answer; None where the path cannot know it."""
    found = re.search(r"^width (\d+)", text, re.M)
    return int(found.group(1)) if found else None


def path_of(text):
    found = re.search(r"^path (\w+)", text, re.M)
    return found.group(1) if found else None


def features(text):
    """Index to state of the features that are not "no"."""
    return {int(index): state for index, state in
            re.findall(r"^feature (\d+) (\S+)", text, re.M)}


def check_answer(results, label, files, name, want):
    """One recorded answer of the library, and that of the program where it has the command."""
    text = files.text(name)
    status = 0 if want == OK else 1
    results.check("%s: %s" % (label, name),
                  situation(text) == want and files.status(name) == status,
                  "want %s, status %d" % (want or "an answer", status),
                  "status %s" % files.status(name), text, files.text(name + ".err"))
    if name + ".cli" in files:
        check_cli(results, "%s: capgap query --live: %s" % (label, name), files, name, want)


def check_cli(results, label, files, name, want):
    """The program says what the library says."""
    cli = name + ".cli"
    text = files.text(name)
    told = want == OK and width(text) is not None
    status = CLI_REFUSED if not told else CLI_YES if width(text) else CLI_NO
    said = json.loads(files.text(cli) or "[{}]")[0]
    if not results.check(label + ": an answer", said, files.text(cli + ".err")):
        return
    trouble = said["trouble"]["situation"] if said["trouble"] else OK
    results.same(label + ": situation and status", (trouble, files.status(cli)), (want, status))
    if want == OK:
        found = {row["index"]: row["answer"] for row in said["features"] if row["answer"] != "no"}
        results.same(label + ": way, width and features", (said["path"], said["width"], found),
                     (path_of(text), width(text), features(text)))


def check_path(results, label, files, has_cdev):
    """Which way was taken, and what it can know."""
    text = files.text("free")
    results.same("%s: the way" % label, path_of(text), "cdev" if has_cdev else "group")
    results.same("%s: no PASID on an e1000e" % label, width(text), 0 if has_cdev else None)
    results.same("%s: the group does not tell the width" % label,
                 width(files.text("free.group")), None)
    low_power = {index: "yes" for index in (3, 4, 5)}
    found = features(text)
    results.check("%s: low power features are there, no probe failed" % label,
                  low_power.items() <= found.items() and "error" not in found.values(), text)
    results.same("%s: both ways find the same features" % label,
                 features(files.text("free.group")), found)
    if not has_cdev:
        results.check("%s: why not by the cdev" % label, "no cdev no-cdev:" in text, text)


def query_devices():
    words = Q35 + INTEL_IOMMU + root_ports(3)
    return words + ["-device", "e1000e,bus=rp0", "-device", "igb,bus=rp1",
                    "-device", "pcie-pci-bridge,id=conv,bus=rp2",
                    "-device", "e1000,bus=conv,addr=1", "-device", "e1000,bus=conv,addr=2"]


def run_situations(results, lab, label, kernel, modules, has_cdev):
    files = lab.boot("query-" + kernel.release, "query", kernel, query_devices(),
                     modules=modules, append="intel_iommu=on",
                     tools=("capgap", "live_tool", "hold"))
    results.note("%s: Linux %s: %.1f s" % (label, kernel.release, files.seconds))
    for name, cdev, group in SITUATIONS:
        check_answer(results, label, files, name, cdev if has_cdev else group)
    check_path(results, label, files, has_cdev)
    if "free.cli" not in files:
        results.skip("%s: capgap query --live" % label, "the program has no live query yet")


def check_live_views(results, label, files, want=OK):
    """`capgap view --live` in the guest finds nothing that it cannot explain, or is refused."""
    for name, _ in files.below("live-view"):
        if name.endswith(".status"):
            bdf = name[:-len(".status")]
            results.check("%s: capgap view --live %s" % (label, bdf),
                          files.status("live-view/" + bdf) ==
                          (CLI_YES if want == OK else CLI_REFUSED),
                          files.text("live-view/" + bdf), files.text("live-view/%s.err" % bdf))


def run_vfs(results, lab, label, kernel, modules):
    """VFs of three device models: what vfio-pci shows, against capgap in the guest."""
    files = lab.boot("vfs-" + kernel.release, "vfs", kernel, scan_devices(), modules=modules,
                     append="intel_iommu=on")
    results.note("%s: Linux %s: %.1f s" % (label, kernel.release, files.seconds))
    views = dict(read_lspci(files.text("view")))
    hidden = {row["bdf"]: row for row in map(json.loads, files.text("hidden").splitlines())}
    replay = Replay(results, read_explained())
    check_live_views(results, label, files)
    addresses = [bdf for bdf, _ in files.below("config")]
    results.same("%s: VFs on vfio-pci" % label, len(addresses), 6)
    for bdf in addresses:
        replay.compare("%s: view of VF %s" % (label, bdf), "vf", bdf, files, views, hidden)


def one_answer(results, lab, label, kernel, machine, want, *, append="", name="answer"):
    """A guest with an e1000e behind some IOMMU."""
    files = lab.boot(name + "-" + kernel.release, "ask", kernel,
                     machine + root_ports(1) + ["-device", "e1000e,bus=rp0"],
                     append="capgap.ids=8086:10d3 " + append)
    bdf = "0000:01:00.0"
    check_answer(results, label, files, "answer." + bdf, want)
    check_live_views(results, label, files, want)
    return files.text("answer." + bdf)


def run_machines(results, lab, kernel):
    """Machines that are not as VFIO wants them, and another IOMMU."""
    one_answer(results, lab, "b: no IOMMU", kernel, ["-M", "q35"], "no-iommu",
               name="no-iommu")
    one_answer(results, lab, "b: noiommu mode", kernel, ["-M", "q35"], "noiommu-mode",
               append="capgap.noiommu", name="noiommu")
    one_answer(results, lab, "b: interrupts are not remapped", kernel,
               Q35 + ["-device", "intel-iommu,intremap=off,caching-mode=on"],
               "no-interrupt-remapping", name="intremap-off")
    text = one_answer(results, lab, "b: AMD IOMMU", kernel, Q35 + ["-device", "amd-iommu"], OK,
                      append="iommufd.allow_unsafe_interrupts=1", name="amd")
    results.check("b: AMD IOMMU: its type is told", "iommu type 4 " in text, text)


def run_group(results, lab, kernel, modules):
    """a: a kernel of Debian's."""
    modules = [*modules, "pci-pf-stub"]
    run_situations(results, lab, "a: group", kernel, modules, False)
    run_vfs(results, lab, "a: group", kernel, modules)


def run_cdev(results, lab, kernel):
    """b: the kernel with IOMMUFD."""
    run_situations(results, lab, "b: cdev", kernel, (), True)
    run_vfs(results, lab, "b: cdev", kernel, ())
    run_machines(results, lab, kernel)
