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
# the map has the dword, and its legend the mark; of structures the letters stand
says '(% unowned, and differs between samples, or between the host'\''s and the VFIO side'\''s)'
grep -q '^  400  %\.\.\.' "$out" || fail "the map does not show 0x400: $(grep '^  400' "$out")"
[ "$(sed -n '/^Map/,/^Placement/p' "$out" | grep '^  ...  ' | tr -dc % | wc -c)" = 1 ] ||
	fail "the map marks more than one dword"
want 0 show "$first"
grep -q '%' "$out" && fail "a mark without samples"

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

# what they disagree about is not known, whichever of them comes first, and it is said why
disagree=$bad/1234-1002-samples-disagree
for order in 'one two' 'two one'; do
	read -r one two <<<"$order"
	want 1 plan --samples --all --format json "$disagree/$one.txt" "$disagree/$two.txt"
	holds '[.[].pasid | [.supported, .width]] == [[null, null], [null, null], [null, null]]'
	holds '.[0].driver == null and .[1].physfn == "0000:01:00.0"'
	holds '.[0].findings | map(.name) | contains(["samples-facts-differ", "samples-registers-differ"])'
	jq -S '[.[] | [.bdf, .kind, .pasid]]' "$out" >"$SCRATCH/$one-first" || fail "jq"
done
cmp "$SCRATCH/one-first" "$SCRATCH/two-first" || fail "the order of samples matters"
want 0 plan --samples -s 01:00.0 "$disagree"
says 'whether the device has PASID is unknown'

# where a structure ends is not known where they disagree about it: a table of TPH at 0x200
poke() { # OUT IMAGE OFFSET BYTES...
	local to=$1 image=$2 at=$3
	shift 3
	[ "$image" = "$to" ] || cp "$image" "$to"
	printf '%b' "$(printf '\\x%s' "$@")" |
		dd of="$to" bs=1 seek=$((at)) conv=notrunc status=none || fail "$to"
}
endpoint=$made/1234-1001-endpoint.bin
poke "$SCRATCH/one" "$endpoint" 0x153 20
poke "$SCRATCH/one" "$SCRATCH/one" 0x200 17 00 01 00 00 02 00 00
poke "$SCRATCH/two" "$SCRATCH/one" 0x206 ff 03
for order in 'one two' 'two one'; do
	read -r one two <<<"$order"
	want 1 plan --samples --format ndjson "$SCRATCH/$one" "$SCRATCH/$two"
	holds '.capabilities[-1] | [.offset, .name, .extent] == [512, "TPH", "unknown"]'
	holds '.placement == null and (.findings | map(.name) | contains(["samples-list-differs"]))'
	jq -S '[.placement, .rejected, .gaps]' "$out" >"$SCRATCH/$one-first" || fail "jq"
done
cmp "$SCRATCH/one-first" "$SCRATCH/two-first" || fail "the order decides what a structure owns"

# registers of an IP core are in use where one of the samples shows them
core=$made/1234-1001-port-logic.bin
poke "$SCRATCH/one" "$core" 0x710 20
poke "$SCRATCH/two" "$core" 0x710 21
for order in 'one two' 'two one'; do
	read -r one two <<<"$order"
	want 0 plan --samples --format ndjson "$SCRATCH/$one" "$SCRATCH/$two"
	holds '.findings | map(.name) | index("ip-core-registers") != null'
	jq -S '[.placement, .rejected, .gaps]' "$out" >"$SCRATCH/$one-first" || fail "jq"
done
cmp "$SCRATCH/one-first" "$SCRATCH/two-first" || fail "the order decides what an IP core owns"

# standard input is a sample too
want 0 scan --samples --format ndjson "$first" - <"$second"
holds '[.findings[].name] | index("samples-differ") != null'

want 2 scan --samples
want 3 scan --samples "$first" "$SCRATCH/nothing"
