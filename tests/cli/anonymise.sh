#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An anonymised capture lacks what tells a device from its like, and is answered as the plain one.
# shellcheck source=tests/cli/lib.bash
. "$TESTS_DIR/cli/lib.bash"

rows=$TESTS_DIR/quirks/identity.xml
plain=$SCRATCH/plain
anonymous=$SCRATCH/anonymous
new=$SCRATCH/new

# poke OFFSET HEX: write bytes into the new image.
poke() {
	local i escaped=
	for ((i = 0; i < ${#2}; i += 2)); do
		escaped+="\\x${2:i:2}"
	done
	printf '%b' "$escaped" | dd of="$new" bs=1 seek=$(($1)) conv=notrunc status=none
}

# number FILE OFFSET LENGTH: a number of a file, in hex.
number() {
	od -An -v -tx1 -w"$3" -j"$2" -N"$3" "$1" | awk '{ for (i = NF; i; i--) printf "%s", $i }'
}

# begin FIXTURE HEX: a new image, whose ids are these bytes.
begin() {
	cp "$1" "$new"
	poke 0 "$2"
}

# add TREE ADDRESS: the new image as a function whose files are what its bytes say.
add() {
	local dir=$1/bus/pci/devices/$2
	mkdir -p "$dir"
	printf '0x%s\n' "$(number "$new" 0 2)" >"$dir/vendor"
	printf '0x%s\n' "$(number "$new" 2 2)" >"$dir/device"
	printf '0x%s\n' "$(number "$new" 9 3)" >"$dir/class"
	cp "$new" "$dir/config"
}

# both TREE: the captures of it.
both() {
	want 0 capture --sysfs "$1" --quirks "$rows" -o "$plain"
	want 0 capture --sysfs "$1" --quirks "$rows" --anonymise -o "$anonymous"
}

# reads FILE ADDRESS LINE: a function's line in a capture.
reads() {
	awk -v at="$2 " 'index($0, at) == 1 { on = 1; next } /^$/ { on = 0 } on' "$1" |
		grep -qxF -- "$3" || fail "$1 lacks in $2: $3"
}

# alike FILTER COMMAND...: both captures are answered alike, as the filter shows it.
alike() {
	local filter=$1 file
	shift
	for file in "$plain" "$anonymous"; do
		run "$@" --quirks "$rows" "$file"
		echo "$status" >"$file.answer"
		jq -c "$filter" "$out" >>"$file.answer" || fail "$*: no JSON"
	done
	[ "$(wc -l <"$plain.answer")" -gt 1 ] || fail "$*: no answer"
	cmp -s "$plain.answer" "$anonymous.answer" ||
		fail "$*: $(diff "$plain.answer" "$anonymous.answer" | head -c 3000)"
}

# all_alike FILTER: every command's answers.
all_alike() {
	alike "del(.source) | $1" plan -n --format ndjson
	alike "del(.source) | $1" plan -n --format ndjson --offset 0xff8
	alike "del(.source) | $1" scan -n --format ndjson
	alike "del(.source) | $1" query -n --format ndjson
	alike "del(.source) | $1" quirks match -n --format ndjson
	alike "del(.source, .edits) | $1" view -n --format ndjson
}

# one function of each kind of row
tree=$SCRATCH/sys
begin "$made/1234-1001-endpoint.bin" 577e0140
poke 0x200 5ade02034a5b6ca5
poke 0x210 1122334455667788
add "$tree" 0000:01:00.0
begin "$made/1234-1001-endpoint.bin" 577e0240
poke 0x3e0 a0a1a2a3a4a5a6a7a8a9aaabacadaeaf
truncate -s 1001 "$new"
add "$tree" 0000:02:00.0
begin "$made/1234-1001-dvsecs-abut.bin" 577e0340
poke 0x2c a0a1a2a3
poke 0x110 b0b1
poke 0x15a c0c1c2c3c4c5c6c7
add "$tree" 0000:03:00.0
begin "$made/1234-1001-endpoint.bin" 577e0440
poke 0xf0 d0d1d2d3d4d5d6d7
head -c 256 "$new" >"$SCRATCH/page"
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do
	cat "$SCRATCH/page"
done >"$new"
add "$tree" 0000:04:00.0
# answers nothing; sysfs still has its ids
head -c 4096 /dev/zero | tr '\0' '\377' >"$new"
add "$tree" 0000:05:00.0
echo 0x7e57 >"$tree/bus/pci/devices/0000:05:00.0/vendor"
echo 0x4001 >"$tree/bus/pci/devices/0000:05:00.0/device"
# rows of the shipped table: Hyper-V's VF as its guest has it, and ET1310
begin "$made/1234-1001-endpoint.bin" 86803015
poke 0x200 5ade02034a5b6ca5
add "$tree" 0000:06:00.0
begin "$made/1234-1001-endpoint.bin" c11100ed
poke 0x72 01
poke 0xa0 f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff
add "$tree" 0000:07:00.0
begin "$made/1234-1001-endpoint.bin" 577e0540
poke 0xffd e1e2e3
add "$tree" 0000:08:00.0
begin "$made/1234-1001-orphan.bin" 577e0640
poke 0x188 31323334
add "$tree" 0000:09:00.0
begin "$made/1234-1001-endpoint.bin" 577e0740
poke 0x71 e0
poke 0xe0 ff0042434445
poke 0x152 0120
poke 0x200 ffffffff51525354
add "$tree" 0000:0a:00.0
begin "$made/1234-1001-express-v0.bin" 577e0840
poke 0x50 616263646566676869
add "$tree" 0000:0b:00.0
# serial numbers that no list leads to, one of a later version, one of zeros and ones
begin "$made/1234-1001-endpoint.bin" 577e0940
poke 0x300 03000100deadbeef00c0ffee
poke 0x400 03000120deadbeef00c0ffee
poke 0x500 03000200deadbeef00c0ffee
poke 0x600 030001000000ffff00000000
add "$tree" 0000:0c:00.0
# what was last read of Vital Product Data
begin "$made/1234-1001-endpoint.bin" 577e0a40
poke 0x71 e0
poke 0xe0 030004805a5b5c5d
add "$tree" 0000:0d:00.0
both "$tree"
quiet

# the bytes of the row and no others; nothing where it says no, or nothing
reads "$plain" 01:00.0 "200: 5a de 02 03 4a 5b 6c a5 00 00 00 00 00 00 00 00"
reads "$anonymous" 01:00.0 "200: 5a 00 00 00 00 00 00 a5 00 00 00 00 00 00 00 00"
reads "$anonymous" 01:00.0 "210: 11 22 33 44 55 66 77 88 00 00 00 00 00 00 00 00"
reads "$anonymous" 06:00.0 "200: 5a 00 00 00 00 00 00 a5 00 00 00 00 00 00 00 00"
reads "$anonymous" 07:00.0 "a0: f0 f1 f2 f3 00 00 00 00 00 00 fa fb fc fd fe ff"
# as far as they were read
grep -qF "row=3e0:a0a1a2a3a4a5a6a7a8.............." "$plain" || fail "no row in part"
grep -qF "row=3e0:a0a1a2a3a4a5000000.............." "$anonymous" || fail "a row in part stays"
# structures stay, but for the content of the vendor's own
reads "$anonymous" 03:00.0 "20: $(grep -A3 '^03:00.0 ' "$plain" | sed -n 's/^20: //p')"
reads "$plain" 03:00.0 "150: 23 00 81 18 98 1e 81 03 00 00 c0 c1 c2 c3 c4 c5"
reads "$anonymous" 03:00.0 "150: 23 00 81 18 98 1e 81 03 00 00 00 00 00 00 00 00"
reads "$anonymous" 03:00.0 "100: 01 00 01 15 00 00 00 00 00 00 00 00 30 20 46 00"
reads "$anonymous" 03:00.0 "110: b0 b1 00 00 00 e0 00 00 a0 00 00 00 00 00 00 00"
reads "$anonymous" 08:00.0 "ff0: 00 00 00 00 00 00 00 00 00 00 00 00 00 e1 00 00"
reads "$anonymous" 09:00.0 "180: 04 00 01 20 00 00 00 00 31 32 33 34 01 00 00 00"
reads "$anonymous" 0a:00.0 "e0: ff 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00"
reads "$anonymous" 0a:00.0 "200: ff ff ff ff 00 00 00 54 00 00 00 00 00 00 00 00"
reads "$anonymous" 0b:00.0 "50: 61 00 00 00 00 00 00 68 69 00 00 00 00 00 00 00"
reads "$anonymous" 0c:00.0 "300: 03 00 01 00 01 01 01 01 00 01 ff 01 00 00 00 00"
reads "$anonymous" 0c:00.0 "400: 03 00 01 20 01 01 01 01 00 01 ff 01 00 00 00 00"
reads "$anonymous" 0c:00.0 "500: 03 00 02 00 de ad be ef 00 c0 ff ee 00 00 00 00"
reads "$anonymous" 0c:00.0 "600: 03 00 01 00 00 00 ff ff 00 00 00 00 00 00 00 00"
reads "$plain" 0d:00.0 "e0: 03 00 04 80 5a 5b 5c 5d 00 00 00 00 00 00 00 00"
reads "$anonymous" 0d:00.0 "e0: 03 00 04 80 00 00 00 00 00 00 00 00 00 00 00 00"
# where the first bytes are seen again, so are those that identify
grep -c '^[0-9a-f]*f0: d0 d1 d2 d3 d4 d5 d6 d7 00' "$plain" >"$SCRATCH/count"
[ "$(cat "$SCRATCH/count")" = 16 ] || fail "the alias is not one"
grep -c '^[0-9a-f]*f0: d0 00 00 00 00 00 00 d7 00' "$anonymous" >"$SCRATCH/count"
[ "$(cat "$SCRATCH/count")" = 16 ] || fail "an alias stays"
reads "$anonymous" 05:00.0 "200: ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff"
for bytes in "de 02 03" "03 4a 5b" "d1 d2" "d5 d6" "f4 f5" "f8 f9"; do
	if grep -n "$bytes" "$anonymous"; then
		fail "$bytes stays"
	fi
done
# an edit of bytes that identify says what they were
all_alike 'if .bdf == "0000:08:00.0" then walk(if type == "object" then del(.edits) else . end)
	else . end'
alike 'map(.findings // [] | map(.name)) | .' check -n --format json
run scan --format json "$plain"
holds '[.[] | select(.bdf == "0000:04:00.0")][0].findings | map(.name) | index("space-aliased")'
holds '[.[] | select(.bdf == "0000:05:00.0")][0].applicable | not'

# Every fixture, with bytes that identify all over it: the same, but for what the document says.
tree=$SCRATCH/fixtures
bus=16
for fixture in "$made"/*.bin "$bad"/*.bin; do
	cp "$fixture" "$new"
	if [ "$(stat -c %s "$new")" = 4096 ] && [[ $fixture != *ones* ]]; then
		poke 0x611 0b0c0d0e0f10
		poke 0x98a 1b1c1d1e1f20
	fi
	add "$tree" "$(printf '0000:%02x:00.0' "$bus")"
	# a VMM follows its pointers as they are, into bytes that identify
	[[ $fixture != *ext-misaligned* ]] || odd=$(printf '0000:%02x:00.0' "$bus")
	bus=$((bus + 1))
done
rows=$SCRATCH/spread.xml
# the second time over the DVSECs that look like descriptors, the third time they are some
for first in 0x11 0x0a 0x8a; do
	{
		echo '<quirks xmlns="urn:capgap:quirks:1"><quirk id="spread" source="made for a test">'
		echo '<match vendor="*"/>'
		[ "$first" != 0x8a ] || echo '<descriptor vendor="0x7e57" id="0x0042"/>'
		for ((off = first; off < 0x1000; off += 0x80)); do
			echo "<reserved offset=\"$off\" length=\"6\" identity=\"yes\"/>"
		done
		echo '</quirk></quirks>'
	} >"$rows"
	both "$tree"
	diff "$plain" "$anonymous" | grep -c '^> ' >"$SCRATCH/count"
	[ "$(cat "$SCRATCH/count")" -gt "$bus" ] || fail "hardly a byte is blanked"
	all_alike "(if .bdf == \"$odd\" then del(.vmm) else . end)
		| del(.findings[]? | select(.name == \"ext-not-walked\"))"
done
