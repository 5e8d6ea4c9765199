# SPDX-License-Identifier: GPL-2.0-or-later
"""c: a function with PASID behind IOMMUs of several widths, and what the kernel makes of it."""

import json
import os
import re
import subprocess
import tempfile

from .guest import Q35, vfio_user_device
from .images import extended, read_file
from .test_query import OK, check_answer, check_live_views, width
from .test_scan import rows
from .test_view import Replay, derive, read_explained, read_region

# An integrated endpoint with ATS, PASID (20 bits) and PRI; vfio-pci has its id on a list of
# devices that it does not take unless it is told to.
FIXTURE = "made/8086-0b25-pasid-ats-pri.txt"
IDS = "8086:0b25"
ECAP_PASID = 0x001b
DEVICE_BITS = 20

# Name, options of intel-iommu, kernel command line, PASID bits of the IOMMU.
SCALABLE = "scalable-mode=on,fsts=on,svm=on,device-iotlb=on"
MACHINES = [
    ("20 bits", SCALABLE + ",pasid-bits=20", "", 20),
    ("8 bits", SCALABLE + ",pasid-bits=8", "", 8),
    ("off", "scalable-mode=on,fsts=on,device-iotlb=on", "", 0),
    ("off in the kernel", SCALABLE + ",pasid-bits=20", "intel_iommu=sm_off", 0),
]


def ask_offline(capgap, image, bits):
    """What `capgap query` makes of the image, for an IOMMU of so many bits."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "image.bin")
        with open(path, "wb") as file:
            file.write(image)
        done = subprocess.run([capgap, "query", "--format", "ndjson", "--method", "hw-info",
                               "--iommu-pasid-bits", str(bits), path],
                              stdout=subprocess.PIPE, check=False)
    return json.loads(done.stdout)


def check_prediction(results, label, capgap, image, bits, text):
    """`capgap query --method hw-info` on the space the guest read, against the kernel's answer."""
    said = ask_offline(capgap, image, bits)["methods"][0]
    results.same("%s: capgap query --method hw-info says the width" % label,
                 said["out_max_pasid_log2"], width(text))
    # Execute and Privileged mean something only beside a width.
    kernel = int(re.search(r"^capabilities 0x([0-9a-f]+)", text, re.M).group(1), 16) & 6
    if width(text):
        results.same("%s: and the permissions" % label, said["out_capabilities"] & 6, kernel)


def check_view(results, label, lab, kernel, files, bdf):
    """The kernel unlinks PASID; capgap says so, and what else differs is explained."""
    with tempfile.TemporaryDirectory() as tree:
        views, hidden = derive(lab.programs["capgap"], kernel, tree, files)
    Replay(results, read_explained()).compare(label + ": view", FIXTURE, bdf, files, views, hidden)
    region = read_region(files.text("region/" + bdf))
    ids = [head & 0xffff for _, head in extended(region or b"")]
    results.check("%s: PASID is not in the list that a VMM sees" % label,
                  ids and ECAP_PASID not in ids, "ids %s" % ids)


def check_plan(results, label, files, bdf, want):
    """`capgap plan --live-query` has the kernel's word for each function that it may ask."""
    name = "%s: capgap plan --live-query: width" % label
    if "plan" not in files:
        results.skip(name, "the program has no live query yet")
        return
    pasid = rows(files.text("plan"))[bdf]["pasid"]
    results.same(name, [pasid["method"], pasid["supported"], pasid["width"]],
                 ["live", bool(want), want or None])


def run(results, lab, kernel, fixtures):
    image = read_file(os.path.join(fixtures, FIXTURE))[0][1]
    for name, options, append, bits in MACHINES:
        label = "c: PASID %s" % name
        machine = Q35 + ["-device", "intel-iommu,intremap=on,caching-mode=on," + options]
        files = lab.boot("pasid-" + name.replace(" ", "-"), "ask", kernel,
                         machine + vfio_user_device(0, "pcie.0"), images=[image],
                         append="capgap.ids=%s vfio_pci.disable_denylist=1 %s" % (IDS, append))
        results.note("%s: %.1f s" % (label, files.seconds))
        bdf = files.below("config")[0][0]
        answer = "answer." + bdf
        check_answer(results, label, files, answer, OK)
        want = min(bits, DEVICE_BITS)
        results.same("%s: width" % label, width(files.text(answer)), want)
        results.same("%s: the group does not tell it" % label,
                     width(files.text("group." + bdf)), None)
        check_live_views(results, label, files)
        check_plan(results, label, files, bdf, want)
        check_prediction(results, label, lab.programs["capgap"], files.data("config/" + bdf), bits,
                         files.text(answer))
        check_view(results, label, lab, kernel, files, bdf)
