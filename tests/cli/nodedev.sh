#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --nodedev: libvirt's XML tells what a dump does not.
# shellcheck source=tests/cli/lib.bash
. "$TESTS_DIR/cli/lib.bash"

host=$made/1234-1002-nodedev/host.txt
pf=$made/1234-1002-nodedev/pci_0000_3b_00_0.xml
vf=$made/1234-1002-nodedev/pci_0000_3b_10_0.xml

# without it, the functions are what they seem to be
want 0 scan --format json "$host"
holds '[.[].kind] == ["pf", "function", "function"]'

# one file tells of one function, a physical one's of all that it lists
want 0 scan --format json --nodedev "$vf" "$host"
holds '[.[].kind] == ["pf", "vf", "function"] and .[1].physfn == "0000:3b:00.0"'
quiet
want 0 scan --format json --nodedev "$pf" "$host"
holds '[.[].physfn] == [null, "0000:3b:00.0", "0000:3b:00.0"]'

# PASID is then the physical one's
want 0 plan --format json --nodedev "$pf" --nodedev "$vf" "$host"
holds '[.[].pasid.from] == ["0000:3b:00.0", "0000:3b:00.0", "0000:3b:00.0"]'
holds '[.[].placement.offset] == [448, 448, 448]'

# several devices in one element, as `for d in ...; do virsh nodedev-dumpxml` makes it
{
	echo '<devices>'
	cat "$pf" "$vf"
	echo '</devices>'
} >"$SCRATCH/all.xml"
want 0 scan --format json --nodedev "$SCRATCH/all.xml" "$host"
holds '[.[].kind] == ["pf", "vf", "vf"]'
want 0 scan --format json --nodedev <(cat "$SCRATCH/all.xml") "$host"
holds '[.[].kind] == ["pf", "vf", "vf"]'

# each command that reads functions takes it
want 0 query --format json --nodedev "$pf" "$host"
holds 'all(.pasid.supported)'
want 0 check "$host"
want 1 check --nodedev "$pf" "$host"
says "[vf-interrupt-pin]"
want 0 show --nodedev "$pf" -s 3b:10.0 "$host"
says "VF of 0000:3b:00.0"

# a virtual function waits for its physical one, wherever the dump has it
awk '/^3b:00.0/ { held = 1 } /^3b:10.0/ { held = 0 } held { pf = pf $0 "\n"; next } 1
	END { printf "\n%s", pf }' "$host" >"$SCRATCH/backwards.txt"
want 0 scan --format json --nodedev "$pf" "$SCRATCH/backwards.txt"
holds '[.[] | [.bdf, .kind]] == [["0000:3b:10.0", "vf"], ["0000:3b:10.1", "vf"],
	["0000:3b:00.0", "pf"]]'
holds 'all(.findings == [])'

# contradictions are findings
disagrees=$bad/1234-1002-nodedev-disagrees
want 0 scan --format json --nodedev "$disagrees/devices.xml" "$disagrees/host.txt"
holds '[.[].physfn] == [null, "0000:02:00.0", "0000:01:00.0"]'
holds '.[1].findings | any(.name == "nodedev-physfn" and (.text | contains("0100 here, 0200 there")))'
holds '.[2].findings | any(.name == "nodedev-ids")'

# files that contradict each other: both are named, nothing of it is used, in either order
sed 's/<function>.*/<function>1<\/function>/; s/_10_0/_10_1/' "$vf" >"$SCRATCH/other.xml"
sed "s/slot='0x00'/slot='0x08'/" "$SCRATCH/other.xml" >"$SCRATCH/third.xml"
want 3 plan --format json --nodedev "$SCRATCH/other.xml" --nodedev "$SCRATCH/third.xml" "$host"
complains "third.xml:1: 0000:3b:10.1 is described for the second time, and otherwise"
complains "other.xml:1: here is the other word on 0000:3b:10.1: neither is used"
holds '.[2] | .kind == "function" and .physfn == null and .pasid.supported == null'
holds '.[2].findings | any(.name == "nodedev-disputed")'
holds '.[2].pasid.obstacles | length == 2 and all(.state == "unknown" and .at == null)'
cp "$out" "$SCRATCH/one-order"
want 3 plan --format json --nodedev "$SCRATCH/third.xml" --nodedev "$SCRATCH/other.xml" "$host"
complains "other.xml:1: 0000:3b:10.1 is described for the second time, and otherwise"
cmp "$out" "$SCRATCH/one-order" || fail "the order of files matters"
want 3 query -s 3b:10.1 --nodedev "$SCRATCH/third.xml" --nodedev "$SCRATCH/other.xml" "$host"
says "it is said in two ways whether it is virtual, and of which function"

# bad XML: the file and the line are named, the rest is answered
printf '<devices>\n<device>\n<capability type="pci"><bus>300</bus></capability>\n</device>\n' \
	>"$SCRATCH/bad.xml"
sed 1d "$SCRATCH/all.xml" >>"$SCRATCH/bad.xml"
want 3 scan --format json --nodedev "$SCRATCH/bad.xml" "$host"
complains "$SCRATCH/bad.xml:3: expected a number in base 10 up to 255, found '300'"
holds '[.[].kind] == ["pf", "vf", "vf"]'
echo '<device><name>' >"$SCRATCH/cut.xml"
want 3 scan --format json --nodedev "$SCRATCH/cut.xml" --nodedev "$pf" "$host"
complains "$SCRATCH/cut.xml:"
holds '[.[].kind] == ["pf", "vf", "vf"]'
want 3 plan --nodedev "$host" "$host"
complains "host.txt:1: expected well-formed XML"
printf '<!DOCTYPE d SYSTEM "file:///etc/passwd">\n<device/>\n' >"$SCRATCH/doctype.xml"
want 3 scan --nodedev "$SCRATCH/doctype.xml" "$host"
complains "a document type declaration"
want 3 scan --nodedev "$SCRATCH" "$host"
complains "Is a directory"

# what libxml2 would be silent about, or take minutes for
printf '<device/>\n\0<device>' >"$SCRATCH/nul.xml"
want 3 scan --nodedev "$SCRATCH/nul.xml" "$host"
complains "$SCRATCH/nul.xml:2: a NUL byte is not allowed in XML"
{
	printf '<device'
	seq -f " a%.0f=''" 200000
	printf '/>'
} >"$SCRATCH/many.xml"
timeout 20 "$CAPGAP" scan --nodedev "$SCRATCH/many.xml" "$host" >"$out" 2>"$err"
[ $? = 3 ] || fail "200000 attributes take too long"
complains "$SCRATCH/many.xml:1: more than 64 attributes"

# a file that is not there is wrong usage, as with --quirks
want 2 scan --nodedev "$SCRATCH/none.xml" "$host"
complains "--nodedev $SCRATCH/none.xml: no such file or directory"
want 2 scan --nodedev
want 2 explain --nodedev "$pf"

# the same bytes give the same answer
"$CAPGAP" plan --format json --nodedev "$pf" "$host" >"$SCRATCH/a"
"$CAPGAP" plan --format json --nodedev "$pf" "$host" >"$SCRATCH/b"
cmp "$SCRATCH/a" "$SCRATCH/b" || fail "a second run differs"

# paths: where prefixes or redirection fail is named
switch=$made/1234-1001-switch-without-prefix.txt
want 0 plan --format json -s 03:00.0 "$switch"
holds '[.[0].pasid.obstacles[] | [.name, .state, .at]] == [["eetlp-prefix", "present", "0000:02:00.0"]]'
want 0 plan --format json -s 04:00.0 "$switch"
holds '[.[0].pasid.obstacles[] | [.name, .state, .at]] == [["acs-path", "present", "0000:02:01.0"]]'
