#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The quirk table against the facts it was made from: quirk_facts.py FACTS CARRIED SCRATCH

For each row of FACTS/hidden-registers.tsv with a numeric offset and length in extended
space that CARRIED says is in the table, a function as the row describes it is made up,
and the program is asked to plan at the first and at the last dword of the range. The
answer must be the one that DESIGN gives for what the table says of it:

  reserved, limit   refused
  fingerprint       refused, where the registers look as the test asks
  suspect           at most assumed
  note              nothing follows; but where the row says that PASID is there, the
                    place is the slot, and where it says that ATS is there, refused

and in each case the row of the table must be among those that match the function.
The expectation of a range in use comes from the facts, so that a register that the
table only notes is a fault. CAPGAP in the environment is the program.
"""

import collections
import concurrent.futures
import csv
import json
import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True
from pci_image import ATS, PASID, PRI, SERIAL, SERIAL_LEN, Function  # noqa: E402

EXT = 0x100
LAST = 0xFF8  # highest place of the capability
BEHIND = 0x400  # for the serial number, where 0x100 is spoken of
ANY_DEVICE = 0xABCD
ANY_VENDOR = 0xABCE
IN_USE = ("hidden-register", "window", "alias", "no-ext-read")
WEAK = ("none", "assumed")

faults = 0


def fault(row, text):
    global faults
    faults += 1
    print(
        f"hidden-registers.tsv row {row['row']} ({row['vendor']} {row['device']} "
        f"{row['offset']} {row['name']}): {text}"
    )


def read_facts(facts, carried):
    """Rows of the facts that are in the table, with the ids they have there."""
    fates = {}
    with open(carried, encoding="utf-8") as file:
        for line in file:
            if not line.startswith("#"):
                number, fate, what = line.rstrip("\n").split("\t")
                fates[int(number)] = (fate, what.split(","))
    with open(os.path.join(facts, "hidden-registers.tsv"), encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    if sorted(fates) != list(range(1, len(rows) + 1)):
        sys.exit(f"{carried}: does not have the rows 1 to {len(rows)} of the facts, each once")
    for number, row in enumerate(rows, 1):
        row["row"] = number
        row["fate"], row["ids"] = fates[number]
    return rows


def number(text):
    try:
        return int(text, 0)
    except ValueError:
        return None


def is_asked(row):
    off, length = number(row["offset"]), number(row["length"])
    return row["fate"] == "carried" and None not in (off, length) and off >= EXT


def first_id(text, otherwise):
    return otherwise if text == "*" else int(re.split("[,-]", text)[0], 16)


def make_function(row):
    """A function as the row describes it."""
    digits = "" if row["class"] == "*" else row["class"].split(",")[0][2:]
    revision = re.search(r"\brev (?:0x)?([0-9a-f]{2})\b", row["revision"])
    subsystem = re.search(r"\bsubsystem ([0-9a-f]{4}):\{?([0-9a-f]{4})", row["revision"])
    return Function(
        first_id(row["vendor"], ANY_VENDOR),
        first_id(row["device"], ANY_DEVICE),
        int((digits or "12").ljust(6, "0"), 16),
        int(revision.group(1), 16) if revision else 0,
        tuple(int(part, 16) for part in subsystem.groups()) if subsystem else (0, 0),
        row["function_kind"] == "VF",
    )


def covers(said, offset):
    """Whether what a row says keeps the dword at @offset from use."""
    if said["verb"] == "refuse":
        return True
    if said["verb"] == "limit":
        return offset + 4 > said["offset"]
    if said["verb"] in ("reserved", "fingerprint"):
        return said["offset"] <= offset < said["offset"] + said["length"]
    return False


def expect(row, said, offset):
    """What the answer must be; one of the keys of `judge`."""
    if any(covers(one, offset) for one in said):
        return "refused"
    if any(one["verb"] == "suspect" for one in said):
        return "weak"
    if row["kind"] in IN_USE:
        fault(row, f"0x{offset:03x} is in use, but the table does not keep it from use")
    return {"pasid-fact": "slot", "ats-fact": "refused"}.get(row["kind"], "any")


def fill(function, row, said):
    """Put what the row speaks of into the space, and a list in front of it."""
    offset = number(row["offset"])
    if row["kind"] == "pasid-fact":
        function.caps[offset] = (PASID, 1)
        function.dwords[offset + 4] = 0x1404
    elif row["kind"] == "ats-fact":
        function.caps[offset] = (PRI if row["name"].startswith("PRI ") else ATS, 1)
    function.caps[EXT if offset >= EXT + SERIAL_LEN else BEHIND] = (SERIAL, 1)
    for one in said:
        for test in one.get("tests", []) if one["verb"] == "fingerprint" else []:
            function.dwords[test["offset"]] = test["value"]
        if one["verb"] == "fingerprint":
            break


def ask(capgap, arguments):
    """Run the program and read its lines of JSON."""
    done = subprocess.run(
        [capgap] + arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False
    )
    if done.returncode not in (0, 1) or done.stderr:
        sys.exit(f"capgap {' '.join(arguments)}: {done.returncode} {done.stderr.decode()}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def plan_at(capgap, scratch, offset, functions):
    """The answers of one run, in the order of the functions."""
    path = os.path.join(scratch, f"{offset:03x}.txt")
    with open(path, "w", encoding="utf-8") as file:
        file.write("".join(function.lspci(place) for place, function in enumerate(functions)))
    answers = ask(capgap, ["plan", "--offset", hex(offset), "--format", "ndjson", path])
    found = {answer["bdf"]: answer for answer in answers}
    return [
        found[f"0000:{place >> 8:02x}:{place >> 3 & 31:02x}.{place & 7}"]
        for place in range(len(functions))
    ]


def judge(row, want, offset, answer):
    grade = answer["placement"]["grade"] if answer["placement"] else None
    missing = [name for name in row["ids"] if name not in answer.get("quirks", [])]
    if missing:
        fault(row, f"{', '.join(missing)} does not match the function")
    if want == "refused" and grade:
        fault(row, f"0x{offset:03x} is planned as {grade}; it must be refused")
    elif want == "refused" and not answer.get("refusal"):
        fault(row, f"0x{offset:03x} is refused without a word")
    elif want == "weak" and grade and grade not in WEAK:
        fault(row, f"0x{offset:03x} is {grade}; it may be assumed at most")
    elif want == "slot" and grade != "slot":
        fault(row, f"0x{offset:03x} is {grade or 'refused'}; it is the slot")


def main():
    facts, carried, scratch = sys.argv[1:]
    capgap = os.environ["CAPGAP"]
    says = {row["id"]: row["says"] for row in ask(capgap, ["quirks", "list", "--format", "ndjson"])}
    rows = read_facts(facts, carried)
    asked = [row for row in rows if is_asked(row)]
    jobs = collections.defaultdict(list)
    for row in rows:
        for name in row["ids"] if row["fate"] == "carried" else []:
            if name not in says:
                fault(row, f"{name} is not in the table")
    for row in asked:
        said = [one for name in row["ids"] for one in says.get(name, [])]
        function = make_function(row)
        fill(function, row, said)
        first = number(row["offset"]) & ~3
        last = (number(row["offset"]) + number(row["length"]) - 1) & ~3
        if row["kind"] == "pasid-fact":
            last = first
        for offset in sorted({first, last}):
            at = min(offset, LAST)
            jobs[at].append((row, expect(row, said, offset), function))
    tally = collections.Counter()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        asking = {
            offset: pool.submit(plan_at, capgap, scratch, offset, [job[2] for job in group])
            for offset, group in jobs.items()
        }
        for offset, group in sorted(jobs.items()):
            for (row, want, _), answer in zip(group, asking[offset].result()):
                judge(row, want, offset, answer)
                tally[want] += 1
    print(
        f"{len(rows)} rows of facts, {len(asked)} with a range in extended space in the table; "
        f"offsets asked: {tally['refused']} refused, {tally['weak']} at most assumed, "
        f"{tally['slot']} slot, {tally['any']} free of a claim; {faults} faults"
    )
    sys.exit(1 if faults or not asked else 0)


main()
