#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# emulate: what a guest reads, as lspci sees it: PASID with the right width, and every other
# capability of the VMM's space; written whole or not at all.
# shellcheck source=tests/cli/lib.bash
. "$TESTS_DIR/cli/lib.bash"

slot=$made/8086-0b25-pasid-ats-pri.txt
plain=$made/1234-1001-endpoint.bin
sriov=$made/1234-1002-sriov.txt

# lists FILE: "ADDRESS [offset version] name" of each capability that lspci finds; without the
# length of a descriptor, which gives some of it away.
lists() {
	lspci -n -F "$1" -vvv 2>>"$SCRATCH/lspci.err" |
		sed -n -e 's/^\([0-9a-f:]*[0-9a-f]\.[0-7]\) .*/\1/p' \
			-e 's/ Len=[0-9]* / /' -e 's/^\tCapabilities: /\t/p' |
		awk '/^\t/ { print at $0; next } { at = $1 }'
}

# same_lists NAME: the emulated functions have what the viewed ones have, and PASID once.
same_lists() {
	local functions
	lists "$SCRATCH/guest" >"$SCRATCH/guest.caps"
	lists "$SCRATCH/vmm" >"$SCRATCH/vmm.caps"
	functions=$(grep -c '^00: ' "$SCRATCH/guest")
	[ "$(grep -c 'Process Address Space ID (PASID)' "$SCRATCH/guest.caps")" = "$functions" ] ||
		fail "$1: lspci does not see PASID once in each of $functions functions"
	# a null header at 0x100 gives its place to the capability, or is made for it; a
	# descriptor too short to be carved gives its place too
	sed -n 's/ v1\] Process Address Space ID (PASID)$/ v1] Designated/p' "$SCRATCH/guest.caps" \
		>"$SCRATCH/replaced"
	grep -v 'Process Address Space ID (PASID)\|\[100 v0\] Null' "$SCRATCH/guest.caps" |
		sort >"$SCRATCH/a"
	cut -f 1 "$SCRATCH/guest.caps" | sort -u >"$SCRATCH/functions"
	grep -F -f "$SCRATCH/functions" "$SCRATCH/vmm.caps" | grep -vF -f "$SCRATCH/replaced" |
		grep -v 'Process Address Space ID (PASID)\|\[100 v0\] Null' | sort >"$SCRATCH/b"
	cmp -s "$SCRATCH/a" "$SCRATCH/b" || {
		diff "$SCRATCH/a" "$SCRATCH/b"
		fail "$1: lspci sees other capabilities than in the VMM's space"
	}
}

# the slot: PASID as the device has it, with nothing enabled
want 0 emulate "$slot"
quiet
cp "$out" "$SCRATCH/guest"
lspci -F "$SCRATCH/guest" -vvv >"$SCRATCH/verbose" 2>"$err"
grep -qF 'Capabilities: [230 v1] Process Address Space ID (PASID)' "$SCRATCH/verbose" ||
	fail "lspci does not see PASID at 0x230"
grep -qF 'PASIDCap: Exec- Priv+, Max PASID Width: 14' "$SCRATCH/verbose" ||
	fail "lspci sees another width"
grep -qF 'PASIDCtl: Enable- Exec- Priv-' "$SCRATCH/verbose" || fail "PASID is enabled"
"$CAPGAP" emulate "$slot" | lspci -F /dev/stdin -vvv 2>"$err" |
	grep -q 'Max PASID Width: 14' || fail "lspci does not read a pipe"

# present: this program finds PASID present in what was emulated.
present() {
	run plan --from guest --format ndjson "$SCRATCH/guest"
	jq -es 'map(select(.applicable)) | length > 0 and all(.placement.link == "present")' \
		"$out" >/dev/null || fail "a plan for the guest does not find PASID present"
}

slept="capgap: 1 function was left asleep in D3cold, and not read; where there is no INPUT, --wake reads it"

# every made fixture that takes a capability; some also for a VMM that does as planned
while IFS=$'\t' read -r path kind _ _ _ args _; do
	[ "$kind" = made ] || continue
	[ "$args" != - ] || args=
	vmms=qemu-11.1
	[[ $path != *@(free|ext-empty|null-head|pasid-at-100)* ]] || vmms+=' generic'
	for vmm in $vmms; do
		# shellcheck disable=SC2086 # the options of a row are words
		run emulate --width 1 --require assumed --vmm $vmm $args "$FIXTURES/$path"
		[ "$status" -le 1 ] || fail "$path: exit status $status"
		# where one slept when it was captured that is told, and nowhere else
		if [[ $path == *-asleep.txt ]]; then
			grep -qxF "$slept" "$err" || fail "$path: the one that slept is not told"
			sed -i "/^$slept\$/d" "$err"
		fi
		grep -v "^capgap: .*: \(not written\|note\)\b" "$err" &&
			fail "$path: something else on standard error"
		[ -s "$out" ] || continue
		cp "$out" "$SCRATCH/guest"
		# several samples are one function to us, and one each to lspci
		[[ $args != *--samples* ]] || continue
		# what is planned is no matter to the VMM's space
		seen=$(sed 's/--\(offset\|require\|min-gap\) [^ ]*//g; s/--force//' <<<"$args")
		# shellcheck disable=SC2086
		run view $seen -o "$SCRATCH/vmm.txt" "$FIXTURES/$path"
		[ "$status" = 0 ] || [ "$status" = 3 ] || fail "$path: view: exit status $status"
		cp "$SCRATCH/vmm.txt" "$SCRATCH/vmm"
		[ "$(grep -c '^00: ' "$SCRATCH/vmm")" = "$(grep -c '^00: ' "$SCRATCH/guest")" ] &&
			same_lists "$path"
		[ "$vmm" = generic ] || present
	done
done <"$FIXTURES/MANIFEST.tsv"

# what can be written of broken ones is no worse
want 3 emulate --width 1 --require assumed "$bad"/*
cp "$out" "$SCRATCH/guest"
[ "$(grep -c '^00: ' "$SCRATCH/guest")" -ge 10 ] || fail "few broken fixtures are emulated"
present

# the offset of the plan is that of the guest
for input in "$slot" "$plain" "$made/1234-1001-ext-empty.bin"; do
	want 0 plan --format ndjson "$input"
	offset=$(jq .placement.offset "$out")
	want 0 emulate --width 1 -o "$SCRATCH/guest.bin" "$input"
	[ ! -s "$out" ] || fail "$input: a file is written, and standard output too"
	want 0 plan --from guest --format ndjson "$SCRATCH/guest.bin"
	holds ".placement.link == \"present\" and .placement.offset == $offset"
done

# a free-space descriptor is used up as far as the capability reaches
for row in gap:carve gap-12:replace gap-own:carve table:trim; do
	input=$made/7e57-1001-free-${row%:*}.bin
	known=(--descriptor 7e57:0042)
	[ "${row%:*}" != gap-own ] || known=(--descriptor 7e57:0042=gap)
	want 0 plan --vmm generic --require declared "${known[@]}" --format ndjson "$input"
	holds ".placement.link == \"${row#*:}\""
	want 0 emulate --width 1 --vmm generic --require declared "${known[@]}" \
		-o "$SCRATCH/guest.bin" "$input"
	want 0 check "${known[@]}" --from guest "$SCRATCH/guest.bin"
done

# the device has no PASID, or nobody knows: only a width makes one
want 1 emulate "$plain"
complains "the device has no PASID (or it is not known); --width BITS emulates one all the same"
complains "[no-pasid]"
want 1 emulate "$made/1234-1002-vf-alone.txt"
complains "[no-pasid]"
want 0 emulate --width 20 -o "$SCRATCH/guest.bin" "$plain"
want 0 plan --from guest --format ndjson "$SCRATCH/guest.bin"
holds '.pasid | .width == 20 and .execute == false and .privileged == false and .enabled == false'
# less may be shown, never more
want 0 emulate --width 7 -o "$SCRATCH/guest.bin" "$slot"
want 0 plan --from guest --format ndjson "$SCRATCH/guest.bin"
holds '.pasid | .width == 7 and .privileged'
want 0 emulate --width 5 --from guest -o "$SCRATCH/less.bin" "$SCRATCH/guest.bin"
want 0 plan --from guest --format ndjson "$SCRATCH/less.bin"
holds '.pasid.width == 5'
want 1 emulate --width 8 --from guest "$SCRATCH/guest.bin"
complains "7 can be used, and 8 are asked for [width]"
# an IOMMU that has less is heeded
want 0 emulate --iommu-pasid-bits 9 -o "$SCRATCH/guest.bin" "$slot"
want 0 plan --from guest --format ndjson "$SCRATCH/guest.bin"
holds '.pasid | .width == 9 and .privileged'
want 1 emulate --iommu-pasid-bits 9 --width 10 "$slot"
complains "9 can be used, and 10 are asked for [width]"
want 1 emulate --iommu-pasid-bits 0 "$slot"
complains "--width BITS emulates one all the same [no-iommu]"
want 0 emulate --iommu-pasid-bits 0 --width 10 -o "$SCRATCH/guest.bin" "$slot"
want 1 emulate --width 1 "$made/1234-1001-pasid-width-0.bin"
complains "[width]"
# also where the device has no PASID, or states a width that is none
want 0 emulate --iommu-pasid-bits 8 --width 8 --require assumed -o "$SCRATCH/guest.bin" "$plain"
want 1 emulate --iommu-pasid-bits 8 --width 20 --require assumed "$plain"
complains "8 can be used, and 20 are asked for [width]"
for width in 0 21 -1 x ''; do
	want 2 emulate --width "$width" "$plain"
done

# no placement, and why
want 1 emulate "$made/1234-1003-root-port.txt"
complains "not written: a bridge"
want 1 emulate --width 1 --require slot "$plain"
complains "[no-place]"
want 1 emulate --width 1 "$made/1234-1001-size-256.txt"
[ ! -s "$out" ] || fail "an image is written that has no place"
# what was not read cannot be written
want 1 emulate --width 1 --require assumed "$bad/1234-1001-row-missing.txt"
complains "0x300-0x30f were not read"
# an offset of the caller's own is written, and what speaks against it is said
want 1 emulate --width 1 --offset 0xff8 -o "$SCRATCH/guest.bin" "$plain"
complains "0xff8 is graded assumed, observed is required"
want 0 plan --from guest --format ndjson "$SCRATCH/guest.bin"
holds '.placement.offset == 4088'
# but not over what the guest sees
want 1 emulate --width 1 --offset 0x104 --force "$plain"
complains "[bytes-changed]"
# a VMM that would not do so
want 0 emulate --width 1 --vmm generic -o "$SCRATCH/guest.bin" "$made/1234-1001-ext-empty.bin"
want 0 emulate --width 1 --offset 0x100 -o "$SCRATCH/guest.bin" "$made/1234-1001-ext-empty.bin"

# several functions: all as text, those without said; binary is that of one
want 0 emulate "$sriov"
[ "$(grep -c '^00: ' "$out")" = 3 ] || fail "not three functions are written"
cp "$out" "$SCRATCH/three"
want 0 emulate -o "$SCRATCH/three.txt" "$sriov"
cmp "$SCRATCH/three" "$SCRATCH/three.txt" || fail "a file differs from standard output"
want 0 emulate -s 01:00.1 -o "$SCRATCH/one.bin" "$sriov"
[ "$(wc -c <"$SCRATCH/one.bin")" = 4096 ] || fail "one.bin is no image"
want 0 emulate -s 01:00.1 --output-format binary "$sriov"
cmp "$out" "$SCRATCH/one.bin" || fail "binary on standard output differs from a file"
want 0 emulate -s 01:00.1 --output-format lspci -o "$SCRATCH/one.config" "$sriov"
grep -q '^00: ' "$SCRATCH/one.config" || fail "one.config is no text"
rm -f "$SCRATCH/none.bin"
want 2 emulate -o "$SCRATCH/none.bin" "$sriov"
complains "3 are chosen"
[ ! -e "$SCRATCH/none.bin" ] || fail "a file is written for three functions"
want 0 emulate "$slot" "$plain"
complains "$plain: not written"
want 1 emulate --all "$slot" "$plain"
want 3 emulate "$slot" "$SCRATCH/no-such-file"
[ -s "$out" ] || fail "the good input is not answered"
want 1 emulate -s 02:00.0 "$slot"
complains "no function matches"

# what is written is not read again, as with cat: it would never end
mkdir "$SCRATCH/looped"
cp "$slot" "$SCRATCH/looped/a"
timeout 20 "$CAPGAP" emulate "$SCRATCH/looped" >"$SCRATCH/looped/out.txt" 2>"$err"
[ $? = 3 ] || fail "an input that is the output is no trouble"
complains "$SCRATCH/looped/out.txt: input file is output file"
[ "$(grep -c '^00: ' "$SCRATCH/looped/out.txt")" = 1 ] || fail "the other input is not answered"
# shellcheck disable=SC2094 # that is the point
timeout 20 "$CAPGAP" scan - <"$SCRATCH/looped/out.txt" 2>"$err" >>"$SCRATCH/looped/out.txt"
[ $? = 3 ] || fail "standard input that is the output is no trouble"
complains "-: input file is output file"

# a file appears whole or not at all
echo before >"$SCRATCH/kept.bin"
want 1 emulate -o "$SCRATCH/kept.bin" "$plain"
[ "$(cat "$SCRATCH/kept.bin")" = before ] || fail "a refusal touches the output file"
want 4 emulate -o "$SCRATCH/no/such/directory.txt" "$slot"
want 2 emulate --output-format xml "$slot"
if [ -w /dev/full ]; then
	"$CAPGAP" emulate "$slot" >/dev/full 2>"$err"
	[ $? = 4 ] || fail "a full standard output is no failure"
fi
leftover=$(find "$SCRATCH" -name '*.bin.*' -o -name '*.txt.*')
[ -z "$leftover" ] || fail "temporary files are left: $leftover"

# dumps of real machines, where they are: each function of every fourth has its list
[ -d "$CORPUS" ] || exit 0
count=0
while read -r file; do
	run emulate --width 1 --require assumed "$file"
	[ -s "$out" ] || continue
	# an address that stands twice is two functions to us and one to lspci
	cp "$out" "$SCRATCH/guest"
	[ -z "$(grep '^[0-9a-f:]*[0-9a-f]\.[0-7] ' "$SCRATCH/guest" | cut -d ' ' -f 1 | sort | uniq -d)" ] ||
		continue
	run view -o "$SCRATCH/vmm.txt" "$file"
	cp "$SCRATCH/vmm.txt" "$SCRATCH/vmm"
	same_lists "$file"
	count=$((count + $(wc -l <"$SCRATCH/functions")))
done < <(find "$CORPUS" -type f -name '*lspci*' | sort | awk 'NR % 4 == 0')
[ "$count" -ge 40 ] || fail "only $count functions of the corpus are emulated"
