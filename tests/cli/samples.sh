#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --samples: the inputs show the same functions, and what differs is in use.
# shellcheck source=tests/cli/lib.bash
. "$TESTS_DIR/cli/lib.bash"

first=$made/8086-0b25-pasid-ats-pri.txt
second=$SCRATCH/second.txt
third=$SCRATCH/third.txt

# a register that nothing declares has moved
sed '/^400:/ s/ 00 00/ 00 01/' "$first" >"$second"
cmp -s "$first" "$second" && fail "the second sample is like the first"

want 0 scan --samples --format ndjson "$first" "$second"
quiet
holds '.machine == 0 and .source == "'"$first"'"'
holds '[.gaps[] | select(.content == "changing")] | length == 1'
holds '[.findings[].name] | index("samples-differ") != null'
holds '[.findings[] | select(.name == "samples-differ") | .offset] == [1025]'

# the bytes are refused, and what borders on them is weaker
want 0 plan --samples --format ndjson "$first" "$second"
holds '[.rejected[] | select(.offset == 1024 and .length == 4) | .reason]
	== ["it holds bytes that differ between samples, or between the host'\''s and the VFIO side'\''s"]'
holds '[.placement.alternatives[] | select(.offset <= 1024 and .offset + .length > 1024)] == []'
want 1 plan --samples --offset 0x400 "$first" "$second"
says 'differ between samples'
want 0 show --samples "$first" "$second"
says 'changing'

# without the option they are two machines
want 0 scan --format ndjson "$first" "$second"
jq -s 'map(.machine) == [0, 1]' "$out" | grep -q true || fail "machines"

# one sample tells nothing of what changes
want 0 scan --samples --format ndjson "$first"
holds '[.findings[].name] | index("sample-alone") != null'

# another device at the address: said with both inputs, left out, the rest answered
sed 's/\[8086:0b25\]/[8086:0b26]/; /^00:/ s/25 0b/26 0b/' "$first" >"$third"
want 3 plan --samples --format ndjson "$first" "$second" "$third"
complains "$third"
complains "$first"
complains '8086:0b26 here, but 8086:0b25'
jq -s 'length == 1' "$out" | grep -q true || fail "more than one function"

# samples and one answer for all functions go together
want 0 plan --samples --common --format ndjson "$made/1234-1002-sriov.txt" \
	"$made/1234-1002-sriov.txt"
holds '.functions == 3 and .placement.offset == 448'

# standard input is a sample too
want 0 scan --samples --format ndjson "$first" - <"$second"
holds '[.findings[].name] | index("samples-differ") != null'

want 2 scan --samples
want 3 scan --samples "$first" "$SCRATCH/nothing"
