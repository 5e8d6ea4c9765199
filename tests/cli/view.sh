#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# view: what vfio-pci shows, told and written; --vfio-view: a dump from that side, joined.
# shellcheck source=tests/cli/lib.bash
. "$TESTS_DIR/cli/lib.bash"

host=$made/8086-0b25-pasid-ats-pri.txt
sriov=$made/1234-1002-sriov.txt
listed=(--descriptor 7e57:0042)
driver=$made/7e57-1001-driver-dump.txt
driven=$made/7e57-1001-driver-host.txt

# what is hidden and how, in text and in JSON
want 0 view -n "$host"
quiet
says "0000:6a:01.0 [8086:0b25]: as vfio-pci of Linux >=6.4 shows it"
says "hidden 0x230 Process Address Space ID [001b]: unlinked, 0x220 leads past it"
says "edit 0x220: 2301000f -> 2401000f"
want 0 view --format ndjson "$host"
holds '.schema == "capgap/view/1" and .origin == "derived" and .kernel == ">=6.4" and .complete'
holds '.hidden == [{"space":"ext","offset":560,"id":"001b","name":"PASID","how":"unlinked","from":544}]'
holds '.edits == [{"offset":544,"old":587268111,"new":604045327}]'
holds '[.capabilities[] | select(.space == "ext") | .id] ==
	["0001","0018","0017","0002","000f","0013","0023"]'
want 0 view --format json "$host" "$sriov"
holds 'length == 4 and all(.[]; .schema == "capgap/view/1")'
want 0 view --format ndjson "$made/1234-1001-hidden-only.bin"
holds '[.hidden[].how] == ["zero","zero"] and .edits == [{"offset":256,"old":285278239,"new":0}]'
want 0 view "$made/1234-1001-hidden-only.bin"
says "0x100 reads 0, since nothing else is left"
want 0 view --format ndjson "$made/1234-1001-pasid-at-100-tight.bin"
holds '[.hidden[].how] == ["null-header"]'
want 0 view --format ndjson "$made/1234-1001-dvsecs-abut.bin"
holds '[.hidden[] | .how, .offset, .from] == ["still-linked",428,392] and .edits == []'
want 0 view "$made/1234-1001-dvsecs-abut.bin"
says "still linked: the kernel reads the header at 0x188 from the hardware, as it abuts a structure of its own kind"
want 0 view "$made/1234-1003-root-port.txt"
says "vfio-pci does not take it"
want 0 view --format ndjson "$made/1234-1001-size-64.txt"
holds '.complete == false'
want 0 view --from vfio --format ndjson "$made/1234-1001-vantage-vfio.bin"
holds '.origin == "input" and .kernel == null and .hidden == [] and .edits == []'

# the kernels before 6.4 hide DVSEC too; a version stands for its class
want 0 view --kernel '<6.4' --format ndjson "$host"
holds '.kernel == "<6.4" and [.hidden[].name] == ["PASID","DVSEC"]'
cp "$out" "$SCRATCH/old"
want 0 view --kernel 5.15.0-91-generic --format ndjson "$host"
cmp -s "$out" "$SCRATCH/old" || fail "5.15 is not <6.4"
want 0 view --kernel 6.12 --format ndjson "$host"
holds '.kernel == ">=6.4" and [.hidden[].name] == ["PASID"]'
for kernel in 6 six 6.4x '' '>=6.3'; do
	want 2 view --kernel "$kernel" "$host"
	complains "a kernel is"
done

# a virtual function: ids, Memory Space Enable, no interrupt pin
want 0 view --format ndjson -s 01:00.1 "$sriov"
holds '[.edits[] | .offset, .new] == [0,285348404,4,1048582,60,0]'

# written: what is read again is what is shown, from either side
want 0 view -o "$SCRATCH/all.txt" "$host" "$sriov"
says "hidden 0x230"
want 0 view --output - "$host" "$sriov"
quiet
cmp "$out" "$SCRATCH/all.txt" || fail "the file and standard output differ"
want 0 scan --from vfio --format json "$SCRATCH/all.txt"
jq -S '[.[].capabilities[] | {space, offset, id, version, name}]' "$out" >"$SCRATCH/read"
want 0 view --format json "$host" "$sriov"
jq -S '[.[].capabilities[]]' "$out" | cmp -s - "$SCRATCH/read" ||
	fail "what was written has other capabilities"
holds 'length == 4'
want 0 view --from vfio --format json "$SCRATCH/all.txt"
holds 'all(.[]; .edits == [])'
want 0 view -o "$SCRATCH/one.bin" "$host"
[ "$(wc -c <"$SCRATCH/one.bin")" = 4096 ] || fail "one.bin is no image"
want 0 view -o - --output-format binary "$host"
cmp "$out" "$SCRATCH/one.bin" || fail "the binary file and standard output differ"
want 2 view -o "$SCRATCH/two.bin" "$host" "$sriov"
complains "a binary image is that of one function"
[ ! -e "$SCRATCH/two.bin" ] || fail "two.bin was written"
want 3 view -o "$SCRATCH/some.txt" "$bad/1234-1001-row-missing.txt" "$host"
complains "not written (lspci)"
want 0 scan --from vfio --format json "$SCRATCH/some.txt"
holds 'length == 1 and .[0].vendor == "8086"'
want 2 view -o - --format json "$host"
want 2 view --output-format binary "$host"
want 4 view -o "$SCRATCH/no/such/place" "$host"
# lspci reads what is written
if command -v lspci >/dev/null; then
	lspci -F "$SCRATCH/all.txt" -s 6a:01.0 -vv >"$out" 2>"$err" || fail "lspci does not read it"
	says "Address Translation Service"
	! grep -q "Process Address Space" "$out" || fail "lspci finds PASID"
fi

# a driver that declares free space on the VFIO side only
want 0 view --vfio-view "$driver" --format ndjson "$driven"
quiet
holds '.origin == "dump" and .kernel == null and [.hidden[].name] == ["L1SS"]'
holds 'any(.capabilities[]; .name == "DVSEC" and .offset == 1024)'
want 1 plan "${listed[@]}" --require declared "$driven"
want 0 plan "${listed[@]}" --require declared --vmm generic --vfio-view "$driver" \
	--format ndjson "$driven"
quiet
holds '.placement.grade == "declared" and .placement.link == "carve" and .placement.offset == 1272'
holds '.declared == [{"offset":1036,"length":244,"descriptor":1024,"usable":true}]'
holds '[.placement.edits[0] | .offset, .old] == [1024,65571]'
# its bytes are its own where nobody knows the descriptor
want 1 plan --offset 0x480 --vfio-view "$driver" --format ndjson "$driven"
holds '[.objections[].reason] == ["it belongs to a structure that only the VFIO side links"]'
want 0 show -n --vfio-view "$driver" "$driven"
says "VFIO side: from a dump"
says "(+ a structure that only the VFIO side links)"
want 0 scan --vfio-view "$driver" "$driven"

# how it is matched: by address, the only one of each side, or --slot
want 3 plan --vfio-view "$driver" "$host"
complains "no input has 0000:01:00.0"
want 0 view -o "$SCRATCH/bare.bin" "$made/1234-1001-endpoint.bin"
want 0 view --vfio-view "$SCRATCH/bare.bin" --format ndjson "$made/1234-1001-endpoint.bin"
quiet
holds '.origin == "dump"'
want 3 view --vfio-view "$SCRATCH/bare.bin" "$made/1234-1001-endpoint.bin" "$host"
complains "without an address"
want 0 view -s 01:00.0 -o "$SCRATCH/pf.bin" "$sriov"
want 3 view --vfio-view "$SCRATCH/pf.bin" "$sriov"
complains "without an address"
want 0 view --vfio-view "$SCRATCH/pf.bin" -s 01:00.0 --format ndjson "$sriov"
quiet
holds '.origin == "dump" and .bdf == "0000:01:00.0"'
want 0 view --output - "$sriov"
cp "$out" "$SCRATCH/sriov.txt"
want 0 view --vfio-view "$SCRATCH/sriov.txt" --format json "$sriov"
quiet
holds 'all(.[]; .origin == "dump")'
# more in the dump than in the inputs is said, and no more
cat "$SCRATCH/sriov.txt" "$driver" | sed 's/^01:00.0 \(.*7e57\)/02:00.0 \1/' >"$SCRATCH/more.txt"
want 0 view --vfio-view "$SCRATCH/more.txt" "$sriov"
complains "no input has 0000:02:00.0"
# what does not fit is found, and is not trusted
want 1 plan --vfio-view "$made/7e57-1001-free-none.bin" --format ndjson "$bad/1234-1001-vfio-other.bin"
holds 'any(.findings[]; .name == "vfio-view-other") and .placement == null'
# a dump that cannot be read: nothing is answered, since it would be another answer
want 3 plan --vfio-view "$SCRATCH/nothing" "$driven"
[ ! -s "$out" ] || fail "an answer without the dump"
: >"$SCRATCH/empty"
want 3 plan --vfio-view "$SCRATCH/empty" "$driven"
cat "$driver" "$driver" >"$SCRATCH/twice.txt"
want 3 plan --vfio-view "$SCRATCH/twice.txt" "$driven"
complains "more than once"
want 2 plan --from vfio --vfio-view "$driver" "$driven"
want 2 plan --vfio-view "$driver" --vfio-view "$driver" "$driven"
