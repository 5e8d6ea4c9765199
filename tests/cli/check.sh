#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# `capgap check`: levels, exit statuses, and formats as their own readers see them.
# shellcheck source=tests/cli/lib.bash
. "$TESTS_DIR/cli/lib.bash"

PYTHON=${PYTHON:-/usr/bin/python3}
clean=$made/1234-1001-endpoint.bin
broken=$bad/1234-1001-ext-overlap.bin
warned=$bad/1234-1001-version-zero.bin
vfs=$made/1234-1002-sriov.txt
odd=$SCRATCH/'odd <&"%$ name.bin'

# exit statuses: an error stands, it is switched off, it is lowered, a warning is raised
want 0 check "$clean"
want 1 check "$broken"
want 0 check --no structures-overlap "$broken"
want 0 check -W structures-overlap "$broken"
want 1 check --no structures-overlap -E structures-overlap "$broken"
want 0 check -E structures-overlap --no structures-overlap "$broken"
want 0 check "$warned"
want 1 check -E version-zero "$warned"
want 1 check --error version-zero "$warned"
want 0 check -d 8086: "$broken"
complains "no function matches"
want 3 check "$SCRATCH/no-such-file" "$broken"
want 3 check "$SCRATCH/no-such-file" "$clean"
want 2 check -E no-such-rule "$SCRATCH/no-such-file"
complains "check --rules"
want 2 check -W pasid-control-exposed "$clean"
want 2 check --no ''
want 2 check --format ndjson "$clean"

# each result with its place, bytes and reference
want 1 check -n "$broken"
says "  error: 0x"
says "[structures-overlap]"
says "    rests on: vfio-pci lets the later one win"
says "1 function: "

# what is not for a virtual function
want 1 check --format json -s .1 --no vf-interrupt-pin "$made/1234-1002-vf-with-pasid.txt"
holds '[.[].results[].name] | contains(["vf-pasid"])'
want 0 check --format json --from guest --no vf-interrupt-pin \
	"$made/1234-1002-vf-with-pasid.txt"
holds '[.[].results[].name] | contains(["vf-pasid"]) | not'

# rules that only check knows stay out of the other commands
want 1 check --format json -E unowned-nonzero "$made/1234-1001-mixed-gap.bin"
holds '.[0].results | map(.name) | contains(["unowned-nonzero"])'
want 0 scan --format json "$made/1234-1001-mixed-gap.bin"
holds '.[0].findings == []'

# --rules lists all, with the level they are given, and reads no input
want 0 check --rules
listed=$(wc -l <"$out")
[ "$listed" -gt 60 ] || fail "only $listed rules"
grep -Eq '^vf-pasid +error +PCI Express' "$out" || fail "no vf-pasid"
! grep -q '^pasid-control-exposed' "$out" || fail "a rule about plans"
want 0 check --rules -W vf-pasid --no version-zero
grep -Eq '^vf-pasid +warning ' "$out" || fail "not lowered"
grep -Eq '^version-zero +off ' "$out" || fail "not off"

# errors CASE...: every fixture, in every format; the counts agree
cp "$broken" "$odd"
cp "$broken" "$SCRATCH/$(printf 'no\377utf8\033.bin')"
options=(-W length-invalid -E version-zero --no image-short --no vf-interrupt-pin)
for format in json sarif junit; do
	want 3 check --format $format "${options[@]}" "$bad" "$made" "$SCRATCH" \
		"$SCRATCH/no-such-file"
	mv "$out" "$SCRATCH/$format.out"
done
for format in json sarif junit; do
	want 0 check --format $format -s 7f: "$clean"
	mv "$out" "$SCRATCH/$format.empty"
done

"$PYTHON" - "$SCRATCH" "$TESTS_DIR/schemas/sarif-2.1.0-rtm.5.json" >"$out" 2>"$err" <<'EOP' ||
import collections
import json
import sys

import jsonschema
from junitparser import Error, Failure, JUnitXml, Skipped

scratch, schema_path = sys.argv[1:]
with open(schema_path, encoding="utf-8") as file:
    schema = json.load(file)
jsonschema.Draft4Validator.check_schema(schema)
validator = jsonschema.Draft4Validator(schema, format_checker=jsonschema.FormatChecker())


def load(name):
    with open(f"{scratch}/{name}", encoding="utf-8") as file:
        return json.load(file)


# SARIF: valid, and result for result the same as JSON
functions = load("json.out")
log = load("sarif.out")
for document in (log, load("sarif.empty")):
    for error in validator.iter_errors(document):
        sys.exit(f"SARIF: {list(error.absolute_path)}: {error.message}")
run = log["runs"][0]
results = [result for function in functions for result in function["results"]]
assert results
assert [(r["name"], r["level"], r["offset"], r["length"], r["bytes"]) for r in results] == [
    (r["ruleId"], r["level"], *(r["properties"][k] for k in ("offset", "length", "bytes")))
    for r in run["results"]
]
rules = run["tool"]["driver"]["rules"]
assert len({rule["id"] for rule in rules}) == len(rules)
assert all(rules[r["ruleIndex"]]["id"] == r["ruleId"] for r in run["results"])
assert run["invocations"][0]["executionSuccessful"] is False
assert load("sarif.empty")["runs"][0]["results"] == []
assert load("json.empty") == []
for function in functions:
    for level in ("error", "warning", "note"):
        n = sum(r["level"] == level for r in function["results"])
        assert function[level + "s"] == n, (function["source"], level)

# JUnit: a suite a function, a failed case for each rule with an error in it
xml = JUnitXml.fromfile(f"{scratch}/junit.out")
suites = list(xml)
trouble = suites.pop()
assert trouble.errors == 1 and isinstance(list(trouble)[0].result[0], Error)
assert len(suites) == len(functions)
for suite, function in zip(suites, functions):
    levels = collections.defaultdict(set)
    for result in function["results"]:
        levels[result["level"]].add(result["name"])
    cases = list(suite)
    kinds = {case.name: [type(r) for r in case.result] for case in cases}
    failed = {name for name, found in kinds.items() if Failure in found}
    skipped = {name for name, found in kinds.items() if Skipped in found}
    told = {case.name for case in cases if case.system_out}
    assert failed == levels["error"], (function["source"], failed)
    assert told == levels["warning"] | levels["note"], (function["source"], told)
    assert skipped == {"image-short", "vf-interrupt-pin"}
    assert len(cases) == len(kinds) == len(rules) == suite.tests
    assert (suite.failures, suite.skipped, suite.errors) == (len(failed), len(skipped), 0)
assert list(JUnitXml.fromfile(f"{scratch}/junit.empty")) == []
EOP
	fail "the formats disagree"

# a raw image: regions, and a percent-encoded path
want 1 check --format sarif "$odd"
holds '.runs[0].results[0].locations[0].physicalLocation |
	(.artifactLocation.uri | endswith("/odd%20%3C%26%22%25%24%20name.bin")) and
	.region == {byteOffset: 288, byteLength: 40}'
run check --format sarif - <"$vfs"
holds '.runs[0].results | all(.locations[0].logicalLocations[0].name | startswith("0000:01:00."))'
holds '.runs[0].results | all(.locations[0].physicalLocation | has("region") | not)'

# the same input gives the same bytes
run check --format junit "$bad" "$made"
cp "$out" "$SCRATCH/once"
run check --format junit "$bad" "$made"
cmp -s "$out" "$SCRATCH/once" || fail "a second run differs"

# write errors are errors
if [ -w /dev/full ]; then
	for format in text json sarif junit; do
		"$CAPGAP" check --format $format "$clean" >/dev/full 2>"$err"
		status=$?
		[ $status = 4 ] || fail "$format: exit status $status on a full device"
		[ "$(wc -l <"$err")" = 1 ] || fail "$format: more than one complaint"
	done
fi
