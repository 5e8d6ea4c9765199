#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Plans of real functions against the facts on hidden registers: corpus_facts.py FACTS CORPUS

Every function below CORPUS is planned, at `observed` and better, for every VMM. Neither
the placement nor any of its alternatives may hold a byte that a row of
FACTS/hidden-registers.tsv says is in use on that device, by vendor, device and class. A
row for a family that ids do not show counts for every device of the vendor that it may
be. The table of quirks is not read here, only the facts. CAPGAP is the program.
"""

import csv
import json
import os
import re
import subprocess
import sys

EXT = 0x100
IN_USE = ("hidden-register", "window", "alias", "no-ext-read")
VMMS = ("qemu-11.1", "qemu-11.0", "cloud-hypervisor", "generic")


def number(text):
    try:
        return int(text, 0)
    except ValueError:
        return None


def ids_of(text):
    """Ranges of ids, or None for any."""
    if text == "*":
        return None
    ranges = []
    for part in text.split(","):
        ends = [number(end) for end in part.split("-")]
        if None in ends:
            return None
        ranges.append((ends[0], ends[-1]))
    return ranges


def fits(ranges, value):
    return ranges is None or any(low <= value <= high for low, high in ranges)


def read_rows(facts):
    rows = []
    with open(os.path.join(facts, "hidden-registers.tsv"), encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            off, length = number(row["offset"]), number(row["length"])
            # A row for every vendor speaks of a core, which only its registers show.
            if row["kind"] not in IN_USE or row["vendor"] == "*" or None in (off, length):
                continue
            if off < EXT:
                continue
            row["range"] = (off, off + length)
            row["vendors"], row["devices"] = ids_of(row["vendor"]), ids_of(row["device"])
            row["classes"] = [] if row["class"] == "*" else row["class"].lower().split(",")
            rows.append(row)
    return rows


def is_of(row, fn):
    """Whether a row speaks of a function, as far as ids can say; @fn has a class of 6 digits."""
    if fn["vendor"] is None or not fits(row["vendors"], int(fn["vendor"], 16)):
        return False
    if not fits(row["devices"], int(fn["device"], 16)):
        return False
    if row["classes"] and not any(fn["class"].startswith(one[2:]) for one in row["classes"]):
        return False
    if row["function_kind"] == "VF" and fn["kind"] != "vf":
        return False
    if row["function_kind"] == "PF" and fn["kind"] == "vf":
        return False
    return is_of_revision(row, fn)


def is_of_revision(row, fn):
    revision = re.search(r"\brev (?:0x)?([0-9a-f]{2})\b", row["revision"])
    return not revision or fn["revision"] is None or fn["revision"] == revision.group(1)


def spots(fn):
    """What the plan offers: its own 8 bytes, and all of its alternatives."""
    place = fn["placement"]
    if not place or place["link"] == "present" or place["grade"] in ("slot", "listed", "declared"):
        return []
    return [(place["offset"], 8)] + [(one["offset"], one["length"])
                                     for one in place["alternatives"]
                                     if one["grade"] == "observed"]


def plan(program, corpus, vmm):
    done = subprocess.run([program, "plan", "--format", "ndjson", "--vmm", vmm, corpus],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    if done.returncode not in (0, 1, 3):
        sys.exit(f"plan --vmm {vmm}: exit status {done.returncode}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def main():
    facts, corpus = sys.argv[1:]
    rows = read_rows(facts)
    asked = faults = functions = 0
    for vmm in VMMS:
        for fn in plan(os.environ["CAPGAP"], corpus, vmm):
            functions += fn["applicable"]
            for row in rows if spots(fn) else []:
                if not is_of(row, fn):
                    continue
                asked += 1
                start, end = row["range"]
                for off, length in spots(fn):
                    if off < end and start < off + length:
                        faults += 1
                        print(f"{fn['source']} {fn['bdf']} {vmm}: 0x{off:03x}, {length} bytes, "
                              f"lies over {row['name']} at {row['offset']} ({row['source']})")
    if not asked:
        sys.exit("no function of the corpus is spoken of by a row of the facts")
    print(f"{functions} plans; {asked} ranges of the facts asked about")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
