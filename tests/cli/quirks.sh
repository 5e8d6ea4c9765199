#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# `quirks`: list, match, explain, lint; and that what is added to the table takes effect.
# shellcheck source=tests/cli/lib.bash
. "$TESTS_DIR/cli/lib.bash"

rows=$TESTS_DIR/quirks

# make_dump FILE VENDOR:DEVICE[:CLASS[:REVISION]]...: functions with nothing but a serial number.
make_dump() {
	local file=$1
	shift
	/usr/bin/python3 "$TESTS_DIR/facts/pci_image.py" "$@" >"$file" || fail "no image"
}

# usage: each command has its own help, and a wrong one is said
want 2 quirks
complains "usage: capgap quirks COMMAND"
for flag in --help -h help; do
	want 0 quirks $flag
	says "usage: capgap quirks COMMAND"
	quiet
done
for command in list match explain lint; do
	want 0 quirks --help
	says "  $command "
	want 0 quirks $command --help
	says "usage: capgap quirks $command"
	quiet
	want 0 help quirks $command
	says "usage: capgap quirks $command"
	want 2 quirks $command --no-such-option
	complains "capgap quirks $command --help"
done
want 0 quirks --version
says "capgap "
want 2 quirks frobnicate
complains "no command 'quirks frobnicate'; 'capgap quirks --help'"
want 2 quirks list extra
want 2 quirks list --format xml
want 2 quirks match
want 2 quirks match -s 01:00.0
want 2 quirks match -d 1da3:
want 2 quirks explain
want 2 quirks lint

# list: every row, in three formats that agree
want 0 quirks list
quiet
says "habana-elbi-window"
count=$(grep -c '^[^ ]' "$out")
want 0 quirks list --format json
holds "length == $count"
holds 'all(.schema == "capgap/quirk/1" and (.id | length > 0) and (.source | length > 0))'
holds 'all(.line > 0 and (.file | length > 0) and (.says | length > 0))'
holds '(map(.id) | unique | length) == length'
holds '[.[] | select(.id == "habana-elbi-window")][0].says[0]
	| .verb == "reserved" and .offset == 4080 and .length == 16'
jq -c '.[]' "$out" >"$SCRATCH/rows"
want 0 quirks list --format ndjson
[ "$(wc -l <"$out")" = "$count" ] || fail "ndjson is not a line a row"
jq -c . "$out" | cmp -s - "$SCRATCH/rows" || fail "json and ndjson differ"

# rows that could match ids: those that ask for a class too, but for no other vendor
want 0 quirks list -d 10de:2204 --format json
holds 'map(.id) | index("nvidia-ga102-fe4") != null and index("habana-elbi-window") == null'
want 0 quirks list -d 1da3:1000 --format json
holds 'map(.id) | index("habana-elbi-window") != null'
want 0 quirks list -d 1da3:9999 --format json
holds 'map(.id) | index("habana-elbi-window") == null'
want 0 quirks list -d ::0c03:30 --format json
holds 'map(.id) | index("xhci-release") != null and index("ehci-release") == null'

# match by ids alone: class and revision are not known, and that is said
want 0 quirks match -d 1da3:1000
says "reserved 0xff0-0xfff: window to the internal bus"
want 0 quirks match -d 1da3:1000 --format json
holds 'length == 1 and (.[0].rows | map(.id) | index("habana-elbi-window") != null)'
want 0 quirks match -d 10de:2204 --format ndjson
holds '(.rows | map(.id) | index("nvidia-ga102-fe4") == null)
	and (.undecided | index("nvidia-ga102-fe4") != null)'
want 0 quirks match -d 10de:2204:0300 --format ndjson
holds '.rows | map(.id) | index("nvidia-ga102-fe4") != null'

# match a function: what each row does to it
make_dump "$SCRATCH/habana.txt" 1da3:1000
want 0 quirks match "$SCRATCH/habana.txt"
says "[1da3:1000]"
says "0xff0-0xfff: kept from use"
says "the test fails: nothing is taken"
want 0 quirks match --format json "$SCRATCH/habana.txt"
holds '.[0] | .schema == "capgap/quirk-match/1" and .vendor == "1da3"'
holds '[.[0].rows[] | select(.id == "habana-elbi-window")][0].says[0]
	| .acts and .bytes == [{"offset":4080,"length":16,"owner":"reserved"}]'
holds '[.[0].rows[] | select(.id == "designware-port-logic")][0].says | all(.acts | not)'
want 0 quirks match -d 8086: "$SCRATCH/habana.txt"
complains "no function matches"
want 3 quirks match "$SCRATCH/no-such-file"
want 0 quirks match "$SCRATCH/habana.txt" "$made/1234-1001-endpoint.bin"
says "$SCRATCH/habana.txt, machine 0:"
says "1234-1001-endpoint.bin, machine 1:"

# every outcome, on an Intel DSA with PASID at 0x230 and ATS at 0x220
slot=$made/8086-0b25-pasid-ats-pri.txt
mkdir "$SCRATCH/outcomes"
cat >"$SCRATCH/outcomes/a.xml" <<'XML'
<quirks xmlns="urn:capgap:quirks:1">
  <quirk id="test-ranges" source="test">
    <match vendor="0x8086" device="0x0b25"/>
    <reserved offset="0x21c" length="0x10">over ATS</reserved>
    <reserved offset="0x0" length="0x10">over the header</reserved>
    <free offset="0x400" length="0x20"/>
    <prefer offset="0x230"/>
  </quirk>
  <quirk id="test-free-again" source="test">
    <match vendor="0x8086"/>
    <free offset="0x21c" length="0x4"/>
    <prefer offset="0x408"/>
    <descriptor vendor="0x1234" id="0x0001" form="gap"/>
    <suspect>doubt</suspect>
    <refuse>no</refuse>
    <note>remark</note>
    <limit offset="0xf00"/>
  </quirk>
</quirks>
XML
want 0 quirks match --quirks "$SCRATCH/outcomes" "$slot"
says "test-ranges (specificity 144; $SCRATCH/outcomes/a.xml:2)"
says "    reserved 0x21c-0x22b: over ATS"
says "0x21c-0x21f: kept from use"
says "0x220-0x227: Address Translation Service"
says "0x000-0x00f: the header has them already"
says "0x400-0x41f: offered as free"
says "    prefer 0x230"
says "0x21c-0x21f: reserved by test-ranges"
says "    descriptor 1234:0001 gap"
says "the function has no such DVSEC"
says "no place is graded above assumed"
says "nothing is placed on this function"
says "    note: remark"
says "nothing is used from there on"
want 0 quirks match --quirks "$SCRATCH/outcomes" --format ndjson "$slot"
holds '[.rows[] | select(.id == "test-ranges") | .says[] | .acts] == [true, false, true, false]'
holds '[.rows[] | select(.id == "test-ranges")][0].says[0].bytes
	| map(.owner) == ["reserved", "capability", "reserved"]
	and .[1].capability == 544 and .[1].capability_id == "000f"'
holds '[.rows[] | select(.id == "test-free-again")][0].says[0]
	| .acts == false and .bytes[0].quirk == "test-ranges"'
holds '[.rows[] | select(.id == "test-free-again")][0].says[2]
	| .verb == "descriptor" and .dvsec_vendor == "1234" and .form == "gap" and .control'

# which bytes identify, beside those that are reserved with them
want 0 quirks list --quirks "$rows/identity.xml" -d 7e57:4001
says "reserved 0x200-0x207 (identity 0x201-0x206), reserved 0x210-0x213, reserved 0x214-0x217"
want 0 quirks match --quirks "$rows/identity.xml" -d 7e57:4001
says "reserved 0x200-0x207 (identity 0x201-0x206): MAC address"
want 0 quirks explain --quirks "$rows/identity.xml" identity.mac
says "0x201-0x206 (6 bytes) tell this device from its like, and 'capture --anonymise' writes 00"
[ "$(grep -c 'from its like' "$out")" = 1 ] || fail "more than the MAC address identifies"
want 0 quirks list --quirks "$rows/identity.xml" --format json
holds '[.[] | select(.id == "identity.mac")][0].says
	| map(.identity) == [{"offset": 513, "length": 6}, null, null]'
holds '[.[] | select(.id == "agere-et1310")][0].says | map([.offset, .length, .identity])
	== [[164, 8, {"offset": 164, "length": 6}], [172, 36, null]]'
make_dump "$SCRATCH/identity.txt" 7e57:4001
want 0 quirks match --quirks "$rows/identity.xml" --format ndjson "$SCRATCH/identity.txt"
holds '[.rows[] | select(.id == "identity.mac")][0].says[0]
	| .offset == 512 and .length == 8 and .identity == {"offset": 513, "length": 6}
	and .bytes == [{"offset": 512, "length": 8, "owner": "reserved"}]'

# the caller's own pair is a row without a file
want 0 quirks list --descriptor 1234:0007=table --format json
holds '.[-1] | .id == "caller.descriptor.1234.0007" and .file == null and .line == null'

# explain: in full, and a wrong name is the user's mistake
want 0 quirks explain habana-elbi-window
says "Matches: vendor 1da3, device 0001, 1000, 1010 or 1020, a physical or plain function."
says "0xff0-0xfff (16 bytes) are in use"
says "Why: window to the internal bus"
says "Check it in: linux"
quiet
want 2 quirks explain habana-elbi-windows
complains "'capgap quirks list'"
"$CAPGAP" quirks list --format ndjson | jq -r .id >"$SCRATCH/ids"
mapfile -t ids <"$SCRATCH/ids"
want 0 quirks explain "${ids[@]}"
[ "$(grep -c '^  Matches: ' "$out")" = "${#ids[@]}" ] || fail "not every row is explained"

# lint: clean, faults with file and line, what cannot be read, ids twice in a directory
want 0 quirks lint quirks.d
quiet
says "rows: ${#ids[@]}, faults: 0"
for file in "$rows"/bad/*.xml; do
	want 1 quirks lint "$file"
	complains "$file:"
	says "rows: 0, faults: "
done
want 1 quirks lint "$rows/bad/no-verb.xml" quirks.d
complains "$rows/bad/no-verb.xml:3: "
want 3 quirks lint "$SCRATCH/no-such-file" "$rows/bad/no-verb.xml"
complains "$SCRATCH/no-such-file: "
want 3 quirks lint "$SCRATCH/no-such-directory/"
want 1 quirks lint "$rows/first"
complains 'id="b" is that of '
want 0 quirks lint "$SCRATCH/outcomes/a.xml"

# a bad file is said and passed over, or is fatal
want 0 quirks list --quirks "$rows/mixed" --format json
complains "$rows/mixed/b.xml:"
want 3 quirks list --quirks "$rows/mixed" --strict-quirks
[ ! -s "$out" ] || fail "a table that is not whole is listed"

# the worked example of the README, as it stands there, takes effect
mkdir "$SCRATCH/readme"
awk '/^```xml$/ { inside = 1; next } /^```$/ { if (inside) exit } inside' quirks.d/README.md \
	>"$SCRATCH/readme/example-net.xml"
grep -q '<quirk id="example-net-pasid"' "$SCRATCH/readme/example-net.xml" || fail "no example"
want 0 quirks lint "$SCRATCH/readme/example-net.xml"
says "files: 1, rows: 2, faults: 0"
sed '6s/"0x1d1c"/"1d1c"/' "$SCRATCH/readme/example-net.xml" >"$SCRATCH/mistake.xml"
want 1 quirks lint "$SCRATCH/mistake.xml"
said=$(sed -n 's/^    capgap: quirks.d\/example-net.xml:6: //p' quirks.d/README.md)
[ -n "$said" ] || fail "the README shows no fault"
complains "mistake.xml:6: $said"
make_dump "$SCRATCH/net.txt" 1d1c:2a40:020000:02
want 0 plan --format ndjson "$SCRATCH/net.txt"
holds '.placement.offset != 832 and .placement.grade == "observed"'
want 0 plan --format ndjson --quirks "$SCRATCH/readme" "$SCRATCH/net.txt"
holds '.placement.offset == 832 and .placement.grade == "listed"'
holds '.quirks | index("example-net-pasid") != null'
want 1 plan --format ndjson --quirks "$SCRATCH/readme" --offset 0xff8 "$SCRATCH/net.txt"
holds '.placement == null'
want 0 quirks match --quirks "$SCRATCH/readme" -d 1d1c:2a40
says "example-net-doorbell"
says "example-net-pasid"

# QEMU's default offset is called unsafe where it is, and those plans go elsewhere:
# Gaudi, IDT 89HPES with a non-transparent function, an Ampere GPU
for ids in 1da3:1000 111d:8091:068000 10de:2204:030000; do
	make_dump "$SCRATCH/dump.txt" "$ids"
	want 1 plan --offset 0xff8 --format ndjson "$SCRATCH/dump.txt"
	holds '.placement == null and (.refusal | length > 0) and (.objections | length > 0)'
	want 1 plan --offset 0xff8 --require assumed "$SCRATCH/dump.txt"
	want 0 plan --format ndjson "$SCRATCH/dump.txt"
	holds '.placement | .offset < 4080 and .grade == "observed"'
done

# a table without a row is as none
mkdir "$SCRATCH/empty"
cp quirks.d/quirks.rng "$SCRATCH/empty"
CAPGAP_QUIRKS=$SCRATCH/empty want 0 scan "$made/1234-1001-hidden-only.bin"
complains "no quirk table found in $SCRATCH/empty"
want 0 scan "$made/1234-1001-hidden-only.bin"
quiet
