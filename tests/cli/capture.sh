#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A capture is read as the host was, by this program and by lspci.
# shellcheck source=tests/cli/lib.bash
. "$TESTS_DIR/cli/lib.bash"
# shellcheck source=tests/cli/fake.bash
. "$TESTS_DIR/cli/fake.bash"

tree=$SCRATCH/sys
file=$SCRATCH/host.txt

link_bus() {
	local place
	mkdir -p "$1/bus/pci/devices"
	while read -r place; do
		ln -s "../../../${place#"$1"/}" "$1/bus/pci/devices/"
	done < <(find "$1/devices" -type d -name '????:??:??.?' | sort)
}

# same COMMAND...: the answer from the file is the live one's, but for the name of the input.
same() {
	run "$@" --sysfs "$tree"
	local live=$status
	sed "s|\"source\": *\"[^\"]*\"||; s|Source: $tree,||" "$out" >"$SCRATCH/live"
	run "$@" "$file"
	[ "$status" = "$live" ] || fail "$*: exit status $status, $live live"
	sed "s|\"source\": *\"[^\"]*\"||; s|Source: $file,||" "$out" >"$SCRATCH/offline"
	[ -s "$SCRATCH/live" ] || fail "$*: no answer"
	cmp -s "$SCRATCH/live" "$SCRATCH/offline" ||
		fail "$*: $(diff "$SCRATCH/live" "$SCRATCH/offline" | head -c 1000)"
}

# A machine with all that a capture has to keep.
cp -a "$made/1234-1002-iommu-tree/sys" "$tree"
port=$tree/devices/pci0000:00/0000:00:01.0
pf=$port/0000:01:00.0
echo 1 >"$pf/numa_node"
mkdir -p "$port/0000:01:00.1/vfio-dev/vfio3"
echo 0 >"$port/0000:01:00.1/numa_node"
# one with a limit, one that sleeps, one of 64 bytes, one of another domain, an odd size
add() {
	mkdir -p "$1"
	printf '0x%s\n' "${2%:*}" >"$1/vendor"
	printf '0x%s\n' "${2#*:}" >"$1/device"
	printf '0x020000\n' >"$1/class"
	cp "$3" "$1/config"
}
add "$port/0000:01:02.0" 19ee:4000 "$made/19ee-4000-limit.bin"
add "$port/0000:01:03.0" 1234:1001 "$made/1234-1001-endpoint.bin"
printf 'D3cold\n' >"$port/0000:01:03.0/power_state"
head -c 64 "$made/1234-1001-endpoint.bin" >"$SCRATCH/short"
add "$port/0000:01:04.0" 1234:1001 "$SCRATCH/short"
add "$tree/devices/pci10000:00/10000:00:05.0" 1234:1001 "$made/1234-1001-endpoint.bin"
mv "$tree/devices/pci10000:00/10000:00:05.0" "$tree/devices/pci10000:00/0001:00:05.0"
head -c 1001 "$made/1234-1001-orphan.bin" >"$SCRATCH/odd"
add "$port/0000:01:05.0" 1234:1001 "$SCRATCH/odd"
# a virtual function of one that sleeps
add "$port/0000:01:06.0" 1234:1002 "$pf/config"
printf 'D3cold\n' >"$port/0000:01:06.0/power_state"
add "$port/0000:01:06.1" 1234:1102 "$port/0000:01:00.1/config"
ln -s ../0000:01:06.0 "$port/0000:01:06.1/physfn"
link_bus "$tree"
# virtual functions, and a group: one is alone, one is in the way
ln -s ../0000:01:00.1 "$pf/virtfn0"
printf '7\n' >"$pf/sriov_totalvfs"
mkdir -p "$port/0000:01:02.0/iommu_group/devices/0000:01:02.0"
mkdir -p "$port/0000:01:05.0/iommu_group/devices/0000:01:04.0"
mkdir -p "$port/0000:01:05.0/iommu_group/devices/0000:01:07.0"
ln -s ../../drivers/snd_hda_intel "$port/0000:01:05.0/iommu_group/devices/0000:01:07.0/driver"
if can_fake; then
	fake=$tree
fi

want 0 capture --sysfs "$tree" -o "$file"
if [ -n "$fake" ]; then
	complains "2 functions sleep in D3cold and were not read; --wake reads them"
	[ "$(wc -l <"$err")" = 1 ] || fail "more than that is said"
else
	quiet
fi
grep -q ' vfs=1 totalvfs=7 ' "$file" || fail "the virtual functions are not counted"
grep -q ' members=1 ' "$file" || fail "the group of one is not captured"
grep -q ' member=0000:01:07.0/snd_hda_intel ' "$file" || fail "the group is not captured"
[ ! -s "$out" ] || fail "something went to standard output"
for format in ndjson json text; do
	for command in plan scan query view; do
		same $command -n --format $format
	done
done
same show -n
same check -n --format json
same plan -n --format ndjson -s 01:00.1
same plan -n --format ndjson --common
same plan -n --format ndjson -s 01:03.0
same query -n --format ndjson -s 01:06.1
same query -n -s 01:06.1
if [ -n "$fake" ]; then
	want 3 plan -n -s 01:03.0 "$file"
	complains "1 function was left asleep in D3cold, and not read; where there is no INPUT, --wake reads it"
	want 1 query -s 01:06.1 "$file"
	says "was left asleep in D3cold; --wake reads it on the live host"
fi

# once more, and to standard output
want 0 capture --sysfs "$tree"
cmp -s "$out" "$file" || fail "a second capture differs"
want 0 capture --sysfs "$tree" -o -
cmp -s "$out" "$file" || fail "-o - differs"
if grep -nE '.{200}' "$file"; then
	fail "a line is too long for lspci"
fi

# lspci reads the same bytes
if command -v lspci >/dev/null; then
	lspci -F "$file" -xxxx >"$out" 2>"$err" || fail "lspci -F"
	quiet
	lspci -A linux-sysfs -O sysfs.path="$tree/bus/pci" -s 01:00.0 -xxxx 2>/dev/null |
		grep '^[0-9a-f]*: ' >"$SCRATCH/lspci-live"
	lspci -F "$file" -s 01:00.0 -xxxx | grep '^[0-9a-f]*: ' >"$SCRATCH/lspci-file"
	[ "$(wc -l <"$SCRATCH/lspci-file")" = 256 ] || fail "lspci -F has not all rows"
	od -An -v -tx1 "$pf/config" | tr -d ' \n' >"$SCRATCH/bytes"
	cut -d: -f2 "$SCRATCH/lspci-file" | tr -d ' \n' | cmp -s - "$SCRATCH/bytes" ||
		fail "lspci -F shows other bytes than config has"
	lspci -F "$file" | grep -q '^0001:00:05.0 ' || fail "lspci -F lacks another domain"
	if [ -n "$fake" ] && lspci -F "$file" | grep '01:03.0'; then
		fail "lspci -F shows one that sleeps"
	fi
fi

# what is chosen, and what its answer rests on
want 0 capture -s 01:00.1 --sysfs "$tree"
grep '^# capgap: ' "$out" | cut -d' ' -f3 | sort -u | tr '\n' ' ' >"$SCRATCH/addresses"
[ "$(cat "$SCRATCH/addresses")" = "0000:00:01.0 0000:01:00.0 0000:01:00.1 " ] ||
	fail "-s 01:00.1 takes $(cat "$SCRATCH/addresses")"
cp "$out" "$file"
same plan -n --format ndjson -s 01:00.1
want 1 capture -s 7f:00.0 --sysfs "$tree" -o "$SCRATCH/none"
complains "no function matches"
[ ! -e "$SCRATCH/none" ] || fail "a capture of nothing is written"
# also where sysfs tells no ids, so that each function has to be read
bare=$SCRATCH/bare
for place in "$tree"/bus/pci/devices/*; do
	mkdir -p "$bare/bus/pci/devices/${place##*/}"
	cp "$place/config" "$bare/bus/pci/devices/${place##*/}/"
done
want 0 capture -d 1234:1002 --sysfs "$bare" -o "$SCRATCH/some"
grep -q '^01:00.0 ' "$SCRATCH/some" || fail "what its image chooses is not captured"
want 1 capture -d 1234:1999 --sysfs "$bare" -o "$SCRATCH/none"
complains "no function matches"
[ ! -e "$SCRATCH/none" ] || fail "a capture of nothing that was chosen is written"

# one that sleeps is woken where that is asked for; else a capture of it is no success
want 0 capture --wake -s 01:03.0 --sysfs "$tree"
says "01:03.0 Class [0200]: Device [1234:1001]"
quiet
if [ -n "$fake" ]; then
	want 3 capture -s 01:03.0 --sysfs "$tree"
	complains "1 function sleeps in D3cold and was not read; --wake reads it"
	says "0000:01:03.0 ids=1234:1001 class=020000 asleep"
	# one that only stands above what is chosen is not asked for
	want 0 capture -s 01:06.1 --sysfs "$tree"
	complains "1 function sleeps in D3cold"
fi

# without privilege: elsewhere that is said as it was here, and counts as much
if [ -n "$fake" ]; then
	want 0 capture --wake --sysfs "$tree" -o "$SCRATCH/whole"
	given=64
	want 3 capture --sysfs "$tree" -o "$file"
	complains "without privilege the kernel gives 64 bytes a function"
	for format in ndjson json text; do
		for command in plan scan query view; do
			same $command -n --format $format
		done
	done
	same check -n --format json
	same show -n -s 01:00.1
	want 3 scan --format ndjson "$file"
	complains "captured without privilege"
	[ "$(grep -c privilege "$err")" = 1 ] || fail "it is said more than once"
	# of several samples one that has the bytes is enough
	for samples in "$file $SCRATCH/whole" "$SCRATCH/whole $file"; do
		# shellcheck disable=SC2086 # two words
		want 3 scan --samples --format ndjson -s 01:00.0 $samples
		holds '.withheld == null and .size == 4096 and .vfs == 1'
		# shellcheck disable=SC2086
		want 3 scan --samples --format ndjson -s 01:05.0 $samples
		holds '.iommu_group_members | length == 2'
		# shellcheck disable=SC2086
		want 3 scan --samples --format ndjson -s 01:03.0 $samples
		holds '.size == 4096'
	done
	want 3 scan --samples --format ndjson -s 01:00.0 "$file" "$file"
	holds '.withheld and .size == 64'
	given=
fi

# serial numbers
dsn=$SCRATCH/dsn
mkdir -p "$dsn/bus/pci/devices"
add "$dsn/bus/pci/devices/0000:05:00.0" 1234:1006 "$made/1234-1006-pcix-266.bin"
want 0 capture --sysfs "$dsn"
cp "$out" "$SCRATCH/plain"
want 0 capture --anonymise --sysfs "$dsn"
says "# Anonymised: "
says "100: 03 00 01 00 00 00 00 00 00 00 00 00 "
diff "$SCRATCH/plain" "$out" | grep -c '^>' >"$SCRATCH/count"
[ "$(cat "$SCRATCH/count")" = 3 ] || fail "more than the number and a remark differ"
run scan --format ndjson "$SCRATCH/plain"
cp "$out" "$SCRATCH/named"
"$CAPGAP" capture --anonymise --sysfs "$dsn" >"$SCRATCH/anonymous"
run scan --format ndjson "$SCRATCH/anonymous"
sed 's|/anonymous"|/plain"|' "$out" | cmp -s - "$SCRATCH/named" || fail "the answer differs"

# some functions cannot be read: the others are written
rm "$port/0000:01:04.0/config"
want 3 capture --sysfs "$tree" -o "$SCRATCH/part"
complains "0000:01:04.0: its file config"
grep -q '^01:00.1 ' "$SCRATCH/part" || fail "the others are not written"

# a place where nothing can be written; nothing is left behind
want 3 capture --sysfs "$tree" -o "$SCRATCH/no/such/place"
want 4 capture --sysfs "$dsn" -o "$SCRATCH/no/such/place"
mkdir "$SCRATCH/dir"
want 4 capture --sysfs "$dsn" -o "$SCRATCH/dir"
[ -z "$(ls -A "$SCRATCH/dir")" ] || fail "something is left in the directory"
if [ -w /dev/full ]; then
	"$CAPGAP" capture --sysfs "$dsn" >/dev/full 2>"$err"
	[ $? = 4 ] || fail "a full standard output is not refused"
fi
want 3 capture --sysfs "$SCRATCH/nothing" -o "$SCRATCH/none"
[ ! -e "$SCRATCH/none" ] || fail "a capture of nothing is written"
want 2 capture "$file"
complains "it reads the live host"
want 2 capture -o ''

# this machine, where it has PCI and we may read it: as lspci does
[ "$(id -u)" = 0 ] && command -v lspci >/dev/null || exit 0
[ -n "$(ls /sys/bus/pci/devices 2>/dev/null)" ] || exit 0
run capture -o "$file"
[ "$status" = 0 ] || exit 0
tree=/sys
same plan -n --format ndjson
lspci -xxxx >"$SCRATCH/now"
lspci -F "$file" -xxxx >"$SCRATCH/then"
lspci -xxxx | cmp -s - "$SCRATCH/now" || exit 0 # registers that change
cmp -s "$SCRATCH/now" "$SCRATCH/then" || fail "lspci reads something else"
