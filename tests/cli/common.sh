#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# plan --common: one answer for many functions, by groups, with who stands against it.
# shellcheck source=tests/cli/lib.bash
. "$TESTS_DIR/cli/lib.bash"

slot=$made/8086-0b25-pasid-ats-pri.txt
sriov=$made/1234-1002-sriov.txt
gap=$made/1234-1001-one-gap.bin
bridge=$made/1234-1003-root-port.txt
full=$SCRATCH/full.bin

# a VSEC that spans all there is
/usr/bin/python3 - "$made/1234-1001-endpoint.bin" "$full" <<'EOF'
import struct, sys
data = bytearray(open(sys.argv[1], "rb").read())
data[0x100:] = bytes(0xF00)
struct.pack_into("<III", data, 0x100, 0x00010003, 0, 0)
struct.pack_into("<I", data, 0x100, 0x10C << 20 | 0x00010003)
struct.pack_into("<II", data, 0x10C, 0x0001000B, 0xEF4 << 20 | 1)
open(sys.argv[2], "wb").write(data)
EOF

# a PF and its VFs get the PF's slot; PASID is what all can do
want 0 plan --common --format ndjson "$sriov"
quiet
holds '.schema == "capgap/common/1" and .group == null and .functions == 3'
holds '.placement | .offset == 448 and .grade == "observed" and .meets_require'
holds '.largest == null and .vmm.functions == 3 and .control_exposed == 0'
holds '.pasid | .supported and .width == 20 and .functions.yes == 3'
want 0 plan --common "$sriov"
says 'all functions: PASID at 0x1c0 (observed) in 3 functions; all have PASID, 20 bits'

# one function alone gets what plan gives it
want 0 plan --common --format ndjson "$slot"
holds '.placement | .offset == 560 and .grade == "slot" and .chosen == null'

# one that has no place blocks all the others, and is named
want 1 plan --common --format ndjson "$slot" "$full" "$gap"
holds '.placement == null and (.refusal | contains("observed"))'
holds '.largest | .functions == 2 and .more == 0 and (.blocked | length == 1)'
holds '.largest.blocked[0] | .nowhere and .bdf == null and (.source | endswith("full.bin"))'
want 1 plan --common "$slot" "$full" "$gap"
says 'no common place for PASID in 3 functions'
says 'does for 2 of 3 functions'
says "$full"

# the caller's offset: who stands against it
want 1 plan --common --offset 0x220 --format ndjson "$slot" "$gap"
holds '.largest.offset == 544'
holds '[.largest.blocked[].reason] | index("it belongs to ATS at 0x220") != null'
want 1 plan --common --offset 0xff8 --format ndjson "$slot"
holds '.placement | .by == "caller" and .grade == "assumed" and (.meets_require | not)'
want 0 plan --common --offset 0xff8 --require assumed "$slot"

# groups: in order, those without an applicable function apart
want 1 plan --group-by vendor:device --format ndjson "$slot" "$full" "$gap" "$bridge"
jq -s 'map(.group) == ["1234:1001", "1234:1003", "8086:0b25"]' "$out" | grep -q true ||
	fail "groups"
jq -s '.[1] | .applicable == 0 and .placement == null and .largest == null' "$out" |
	grep -q true || fail "a group of bridges"
want 0 plan --group-by vendor:device:revision "$slot" "$gap" "$bridge"
says '8086:0b25:00'
says '1 group without an applicable function left out'
want 0 plan --group-by vendor --format json "$slot" "$sriov"
holds 'map(.group) == ["1234", "8086"]'

# nothing to place: no
want 1 plan --common "$bridge"
says 'no function that a VMM could place it in'
want 1 plan --common --format ndjson -d dead: "$slot"
holds '.functions == 0 and .applicable == 0'

# the PASID answer can be required of all
want 1 plan --common --require-pasid "$sriov" "$gap"
want 0 plan --common --require-pasid "$sriov"

# a bad input is said, the rest is answered
want 3 plan --common --format ndjson "$sriov" "$SCRATCH/nothing"
complains "$SCRATCH/nothing"
holds '.functions == 3 and .placement.offset == 448'

# an empty list: the offset is fine, but QEMU adds nothing
want 0 plan --common --format ndjson "$made/1234-1001-ext-empty.bin" "$slot"
holds '.vmm | .functions == 1 and (.spoilt | length == 1)'
want 0 plan --common --vmm generic --format ndjson "$made/1234-1001-ext-empty.bin" "$slot"
holds '.vmm | .functions == 2 and .spoilt == []'

# what does not go together
want 2 plan --group-by colour "$slot"
want 2 plan --common --offset 0x400 --force "$slot"
want 2 plan --common --cap pri "$slot"
want 2 plan --common --require-vmm "$slot"
complains "--require-vmm does not go with --common"
want 2 plan --common --format qemu "$slot"

# Many functions: the answer counts all of them and names some; memory stays.
[ -z "${SANITIZE:-}" ] || exit 0
peak() {
	for _ in $(seq 100); do cat "$slot" "$sriov"; done >"$SCRATCH/hundred"
	for _ in $(seq "$1"); do cat "$SCRATCH/hundred"; done >"$SCRATCH/many"
	/usr/bin/python3 -c '
import resource, subprocess, sys
with open(sys.argv[1], "w") as out:
    subprocess.run(sys.argv[2:], stdout=out, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)' \
		"$out" "$CAPGAP" plan --common --format ndjson "$SCRATCH/many" 2>"$err"
}

few=$(peak 1)
many=$(peak 25)
holds '.functions == 10000'
[ "$few" -gt 0 ] || fail "no figure"
[ $((many - few)) -le 2048 ] || fail "400 functions: $few KiB, 10 000: $many KiB"
