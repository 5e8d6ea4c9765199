#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# dvsec: a made-up vendor's image gets descriptors, is checked, and is planned as declared;
# what cannot be done is refused; images are written whole or not at all.
# shellcheck source=tests/cli/lib.bash
. "$TESTS_DIR/cli/lib.bash"

device=$made/1234-1001-endpoint.bin
pair=(--vendor 7e57 --id 42)
known=(--descriptor 7e57:0042)

# made, checked, planned: with the pair known the gap that was a guess is declared
for form in gap table; do
	want 0 dvsec "${pair[@]}" --form $form --output "$SCRATCH/$form.bin" "$device"
	quiet
	says "--descriptor 7e57:0042"
	says "linked by"
	[ "$(wc -c <"$SCRATCH/$form.bin")" = 4096 ] || fail "$form.bin is no image"
	want 0 check "${known[@]}" "$SCRATCH/$form.bin"
	want 0 plan "${known[@]}" --require declared --format ndjson "$SCRATCH/$form.bin"
	holds '.placement.grade == "declared" and .placement.offset == 4088'
	want 1 plan --require declared "$SCRATCH/$form.bin"
done
want 0 plan "${known[@]}" --format ndjson "$SCRATCH/gap.bin"
holds '.placement.link == "carve"'
want 0 plan "${known[@]}" --format ndjson "$SCRATCH/table.bin"
holds '.placement.link == "trim"'

# the quirk row that is printed does the same as the option
want 0 dvsec "${pair[@]}" --format ndjson "$device"
holds '.schema == "capgap/dvsec/1" and .made and .output == null'
holds '.listing.option == "--descriptor 7e57:0042"'
holds '.edits == [{"offset":336,"old":65539,"new":364969987}]'
holds '[.descriptors[0].dwords[].new] == [65571,3930160727,4110483522]'
mkdir "$SCRATCH/quirks.d"
jq -r .listing.quirk "$out" >"$SCRATCH/quirks.d/made.xml"
xmllint --noout --relaxng quirks.d/quirks.rng "$SCRATCH/quirks.d/made.xml" 2>"$err" ||
	fail "the quirk row is not valid"
want 0 plan --strict-quirks --quirks "$SCRATCH/quirks.d" --require declared "$SCRATCH/gap.bin"
# as it stands in the text, indent included
want 0 dvsec "${pair[@]}" "$device"
sed -n '/<quirks/,/<\/quirks/p' "$out" >"$SCRATCH/quirks.d/made.xml"
want 0 plan --strict-quirks --quirks "$SCRATCH/quirks.d" --require declared "$SCRATCH/gap.bin"
# it is for the ids of a virtual function, which its configuration space does not have
want 0 dvsec "${pair[@]}" --format ndjson "$made/1234-1002-vf-alone.txt"
holds '.listing.quirk | contains("<match vendor=\"0x1234\" device=\"0x1102\"/>")'
# where ids are not known it is for any function
want 0 dvsec "${pair[@]}" --at 0x800 --output "$SCRATCH/vf.bin" "$made/1234-1002-vf-alone.txt"
want 0 dvsec "${pair[@]}" --format ndjson "$SCRATCH/vf.bin"
holds '.vendor == null and (.listing.quirk | contains("<match vendor=\"*\"/>"))'

# json is an array, ndjson a line, and nothing else is printed
want 0 dvsec "${pair[@]}" --format json "$device"
holds 'length == 1 and .[0].made'

# the form of the file: by its name, or as it is asked for
for name in image.txt image; do
	want 0 dvsec "${pair[@]}" --output "$SCRATCH/$name" "$device"
	says "$name (lspci)"
	want 0 scan "${known[@]}" --format ndjson "$SCRATCH/$name"
	jq -S '[.capabilities, .gaps, .findings]' "$out" >"$SCRATCH/text.json"
	want 0 scan "${known[@]}" --format ndjson "$SCRATCH/gap.bin"
	jq -S '[.capabilities, .gaps, .findings]' "$out" | cmp -s - "$SCRATCH/text.json" ||
		fail "$name is not what gap.bin is"
done
for name in image.config config; do
	want 0 dvsec "${pair[@]}" --output "$SCRATCH/$name" "$device"
	cmp "$SCRATCH/gap.bin" "$SCRATCH/$name" || fail "$name is not what gap.bin is"
done
want 0 dvsec "${pair[@]}" --output "$SCRATCH/odd.bin" --output-format lspci "$device"
cmp "$SCRATCH/odd.bin" "$SCRATCH/image.txt" || fail "odd.bin is no text"
want 0 dvsec "${pair[@]}" --output "$SCRATCH/odd.txt" --output-format binary "$device"
cmp "$SCRATCH/odd.txt" "$SCRATCH/gap.bin" || fail "odd.txt is not binary"

# lspci reads the text, byte for byte
rows() { sed -n 's/^[0-9a-f]*:\( [0-9a-f ]*\)$/\1/p'; }
want 0 dvsec "${pair[@]}" --output "$SCRATCH/vf.txt" -s 01:00.1 "$made/1234-1002-sriov.txt"
for name in image.txt vf.txt; do
	rows <"$SCRATCH/$name" >"$SCRATCH/rows"
	[ "$(wc -l <"$SCRATCH/rows")" = 256 ] || fail "$name has not all rows"
	lspci -F "$SCRATCH/$name" -xxxx | rows | cmp - "$SCRATCH/rows" ||
		fail "lspci reads something else from $name"
done
lspci -F "$SCRATCH/image.txt" -vv 2>/dev/null | grep -q "Designated Vendor-Specific: Vendor=7e57 ID=0042 Rev=1 Len=3748" ||
	fail "lspci does not see the descriptor"

# a virtual function keeps what its physical one says of it
want 0 dvsec "${pair[@]}" --format ndjson -s 01:00.1 "$made/1234-1002-sriov.txt"
holds '.kind == "vf" and ([.notes[] | contains("virtual")] | any)'

# what there is already stays as it is, and is not declared twice
want 0 dvsec "${pair[@]}" --at 0x200 --output "$SCRATCH/one.bin" "$device"
want 0 dvsec "${pair[@]}" --range 0x160:0x40 --output "$SCRATCH/two.bin" "$SCRATCH/one.bin"
want 0 dvsec --decode "${known[@]}" --format ndjson "$SCRATCH/two.bin"
holds '[.descriptors[] | select(.valid)] | length == 2'
want 1 dvsec "${pair[@]}" --range 0x300:0x40 "$SCRATCH/one.bin"
says "0x300 is declared free already, by the descriptor at 0x200"
want 1 dvsec "${pair[@]}" "$SCRATCH/gap.bin"
says "nothing made"

# refused, with the reason, and nothing is left behind
refused() {
	local why=$1
	shift
	want 1 dvsec "${pair[@]}" --output "$SCRATCH/none.bin" "$@"
	says "$why"
	want 1 dvsec "${pair[@]}" --format ndjson "$@"
	holds '(.made | not) and (.refusal | length) > 0'
	[ ! -e "$SCRATCH/none.bin" ] || fail "an image is written though nothing was made"
}
refused "0x150 belongs to DSN at 0x150" --range 0x148:0x20 "$device"
refused "is too short: a descriptor has 12" --range 0x200:8 "$device"
refused "misaligned" --range 0x201:0x20 "$device"
refused "leaves the space" --range 0xff0:0x20 "$device"
refused "overlap" --range 0x200:0x20 --range 528:16 "$device"
refused "the table does not fit at 0x15c" --form table --at 0x15c --range 0x160:8 "$device"
refused "only a descriptor at 0x100 can begin it" --at 0x200 "$made/1234-1001-ext-empty.bin"
refused "a bridge" "$made/1234-1003-root-port.txt"
refused "not a PCI Express function" "$made/1234-1005-conventional.txt"
refused "ends before 4096 bytes" "$made/1234-1001-size-256.txt"
refused "0x300-0x30f were not read" "$bad/1234-1001-row-missing.txt"
refused "the extended list is broken" "$bad/1234-1001-ext-loop.bin"
refused "--range takes one that does not" "$made/1234-1001-fill-ones.bin"

# non-zero bytes are said, left out, and taken only by choice
want 0 dvsec "${pair[@]}" --format ndjson "$made/1234-1001-mixed-gap.bin"
holds '.left_out | any(.offset == 1028 and .length == 4 and (.reason | startswith("not zero")))'
holds '[.descriptors[].ranges[] | select(.offset <= 1028 and .offset + .length > 1028)] == []'
want 0 dvsec "${pair[@]}" --range 0x3f0:0x40 --format ndjson "$made/1234-1001-mixed-gap.bin"
holds '[.descriptors[].ranges[] | select(.offset <= 1028 and .offset + .length > 1028)] | length == 1'

# usage
want 2 dvsec "$device"
complains "--vendor and --id are needed"
want 2 dvsec --vendor 7e57 "$device"
want 2 dvsec --id 42 "$device"
want 2 dvsec --vendor ffff --id 42 "$device"
want 2 dvsec --vendor 7e577 --id 42 "$device"
want 2 dvsec --vendor 7e57 --id xyz "$device"
want 2 dvsec "${pair[@]}"
want 2 dvsec "${pair[@]}" --form star "$device"
want 2 dvsec "${pair[@]}" --range 0x200 "$device"
want 2 dvsec "${pair[@]}" --range 0x200:0 "$device"
want 2 dvsec "${pair[@]}" --range none "$device"
want 2 dvsec "${pair[@]}" --form table --range none --range 0x200:8 "$device"
want 2 dvsec "${pair[@]}" --at 0x200 --range 0x300:0x20 "$device"
want 2 dvsec "${pair[@]}" --at 0x1000 "$device"
want 2 dvsec "${pair[@]}" --output-format binary "$device"
want 2 dvsec "${pair[@]}" --output - "$device"
want 2 dvsec "${pair[@]}" --output "$SCRATCH/none.bin" --output-format xml "$device"
want 2 dvsec "${pair[@]}" --decode "$device"
want 2 dvsec --decode --driver-table "$device"
want 2 dvsec --decode
want 2 dvsec "${pair[@]}" "$made/1234-1002-sriov.txt"
complains "--slot chooses"
want 2 dvsec "${pair[@]}" -s 02:00.0 "$made/1234-1002-sriov.txt"
want 3 dvsec "${pair[@]}" "$SCRATCH/no-such-file"
want 3 dvsec "${pair[@]}" "$bad/1234-1001-row-damaged.txt"

# an image appears whole or not at all, and only over a regular file
echo before >"$SCRATCH/kept.bin"
want 1 dvsec "${pair[@]}" --range 1:1 --output "$SCRATCH/kept.bin" "$device"
[ "$(cat "$SCRATCH/kept.bin")" = before ] || fail "a refusal touches the output file"
want 0 dvsec "${pair[@]}" --output "$SCRATCH/kept.bin" "$device"
cmp "$SCRATCH/gap.bin" "$SCRATCH/kept.bin" || fail "a file is not replaced"
ln -s kept.bin "$SCRATCH/link.bin"
want 0 dvsec "${pair[@]}" --form table --output "$SCRATCH/link.bin" "$device"
[ -L "$SCRATCH/link.bin" ] || fail "a link is replaced by a file"
cmp "$SCRATCH/table.bin" "$SCRATCH/kept.bin" || fail "the file behind a link is not replaced"
mkfifo "$SCRATCH/pipe.bin"
want 4 dvsec "${pair[@]}" --output "$SCRATCH/pipe.bin" "$device"
[ -p "$SCRATCH/pipe.bin" ] || fail "a pipe is replaced by a file"
want 4 dvsec "${pair[@]}" --output "$SCRATCH" "$device"
want 4 dvsec "${pair[@]}" --output "$SCRATCH/no/such/directory.bin" "$device"
complains "No such file"
if [ -w /dev/full ]; then
	"$CAPGAP" dvsec "${pair[@]}" --output "$SCRATCH/none.bin" "$device" >/dev/full 2>"$err"
	[ $? = 4 ] || fail "a full standard output is no failure"
	[ ! -e "$SCRATCH/none.bin" ] || fail "an image stands though its report is lost"
fi
{
	sleep 0.2
	"$CAPGAP" dvsec "${pair[@]}" --output "$SCRATCH/none.bin" "$device"
	echo $? >"$SCRATCH/status"
} 2>"$err" | :
[ "$(cat "$SCRATCH/status")" = 4 ] || fail "a reader that goes away is no failure"
[ ! -e "$SCRATCH/none.bin" ] || fail "an image stands though nobody reads its report"
leftover=$(find "$SCRATCH" -name '*.bin.*' -o -name '*.txt.*' -o -name '.capgap*')
[ -z "$leftover" ] || fail "temporary files are left: $leftover"

# the descriptors of an image, field by field
want 0 dvsec --decode "${known[@]}" "$SCRATCH/table.bin"
says "form table, pair 7e57:0042: valid"
says "3728 bytes, 0x170-0xfff"
says "31:24  magic"
want 0 dvsec --decode "${known[@]}" --format ndjson "$SCRATCH/table.bin"
holds '.schema == "capgap/dvsec-decode/1" and .exhaustive'
holds '.descriptors[0] | .listed and .valid and ([.ranges[].usable] | all)'
holds '.descriptors[0].fields | any(.name == "DVSEC vendor id" and .value == 32343)'
want 0 dvsec --decode "$SCRATCH/table.bin"
says "looks like a descriptor, but the pair 7e57:0042 is not listed"
want 0 dvsec --decode --format json "$SCRATCH/table.bin" "$device"
holds '[.[].descriptors[] | [.listed, .valid]] == [[false, null]]'

# the table for a driver: ranges that all functions with the same ids have
want 0 dvsec --driver-table "$device" "$device"
says "#vendor	device	function	match	offset	length	grade	functions	source"
says "1234	1001	pf	-	0xc00	0x100	observed	2	$device"
want 0 dvsec --driver-table --require declared "${known[@]}" "$SCRATCH/gap.bin"
says "1234	1001	pf	-	0x168	0xe98	declared	1	"
want 0 dvsec --driver-table --require declared "${known[@]}" "$SCRATCH/gap.bin" "$device"
[ "$(wc -l <"$out")" = 1 ] || fail "a range is listed that one of the functions lacks"
want 0 dvsec --driver-table --require declared "${known[@]}" --format ndjson "$SCRATCH/gap.bin"
holds '.schema == "capgap/driver-table/1" and .offset == 360 and .length == 3736'
# without an input it is that of the quirk table
cat >"$SCRATCH/quirks.d/made.xml" <<'XML'
<quirks xmlns="urn:capgap:quirks:1">
  <quirk id="made-up" source="a test">
    <match vendor="0x7e57" device="0x1000-0x10ff" class="0x02" function="vf"/>
    <free offset="0x300" length="0x40"/>
  </quirk>
</quirks>
XML
want 0 dvsec --driver-table --strict-quirks --quirks "$SCRATCH/quirks.d"
says "7e57	1000-10ff	vf	class 02	0x300	0x40	listed	-	made-up"
want 0 dvsec --driver-table --quirks "$SCRATCH/quirks.d" --format json
holds 'any(.vendor == "7e57" and .source == "made-up" and .functions == null)'

# the same bytes give the same answer
"$CAPGAP" dvsec "${pair[@]}" --form table --output "$SCRATCH/a.txt" "$device" >"$SCRATCH/a"
"$CAPGAP" dvsec "${pair[@]}" --form table --output "$SCRATCH/a.txt" "$device" >"$SCRATCH/b"
cmp "$SCRATCH/a" "$SCRATCH/b" || fail "a second run differs"

# an offset that reaches into a declared range from before it cannot be trimmed
want 0 dvsec --vendor 1234 --id 42 --form table --range 0x500:0x40 \
	--output "$SCRATCH/straddled.bin" "$made/1234-1001-endpoint.bin"
want 0 plan --descriptor 1234:42 --offset 0x500 "$SCRATCH/straddled.bin"
want 1 plan --descriptor 1234:42 --offset 0x4fc --format ndjson "$SCRATCH/straddled.bin"
holds '.placement == null and (.refusal | contains("declared range"))'

# nor can a short descriptor be replaced by half
want 0 dvsec --vendor 1234 --id 42 --range 0x500:12 --output "$SCRATCH/short.bin" \
	"$made/1234-1001-endpoint.bin"
want 0 plan --descriptor 1234:42 --offset 0x500 --format ndjson "$SCRATCH/short.bin"
holds '.placement.link == "replace"'
want 1 plan --descriptor 1234:42 --offset 0x4fc --format ndjson "$SCRATCH/short.bin"
holds '.placement == null and (.refusal | contains("descriptor"))'
