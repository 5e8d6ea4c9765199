#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Without INPUT the live host is read: here a tree that looks like /sys, and /sys where it has PCI.
# shellcheck source=tests/cli/lib.bash
. "$TESTS_DIR/cli/lib.bash"
# shellcheck source=tests/cli/fake.bash
. "$TESTS_DIR/cli/fake.bash"

tree=$SCRATCH/sys
copy=$SCRATCH/copy

# link_bus TREE: bus/pci/devices, as sysfs has it.
link_bus() {
	local place
	mkdir -p "$1/bus/pci/devices"
	while read -r place; do
		ln -s "../../../${place#"$1"/}" "$1/bus/pci/devices/"
	done < <(find "$1/devices" -type d -name '????:??:??.?' | sort)
}

# flatten TREE TO FILE...: a copy that has no links, and only these files of each function.
flatten() {
	local from to=$2/bus/pci/devices file
	for from in "$1"/bus/pci/devices/*; do
		mkdir -p "$to/${from##*/}"
		for file in "${@:3}"; do
			cp "$from/$file" "$to/${from##*/}/"
		done
	done
}

# of COMMAND...: its ndjson without the name of the input, in $SCRATCH/NAME.
keep() {
	local name=$1
	shift
	run "$@" --format ndjson
	jq -c 'del(.source)' "$out" >"$SCRATCH/$name"
	echo "$status" >>"$SCRATCH/$name"
	sed "s|$tree|TREE|g; s|$copy|TREE|g" "$err" >>"$SCRATCH/$name"
}

same() { cmp -s "$SCRATCH/$1" "$SCRATCH/$2" || fail "$3: $(diff "$SCRATCH/$1" "$SCRATCH/$2" | head -c 600)"; }

cp -a "$made/1234-1002-iommu-tree/sys" "$tree"
link_bus "$tree"
cp -a "$tree" "$copy"

# the same answers as from a copy, whatever the command
for command in plan scan show view check query; do
	format=ndjson
	[ $command != check ] || format=json
	run $command --format $format --sysfs "$tree"
	live=$status
	jq -c 'if type == "array" then .[] else . end | del(.source)' "$out" >"$SCRATCH/live"
	run $command --format $format "$copy"
	[ "$status" = "$live" ] || fail "$command: exit status $live live, $status from a copy"
	jq -c 'if type == "array" then .[] else . end | del(.source)' "$out" >"$SCRATCH/copied"
	[ -s "$SCRATCH/live" ] || fail "$command: no answer"
	same live copied "$command"
done
want 0 scan --format ndjson --sysfs "$tree"
holds ".source == \"$tree\""
holds 'select(.kind == "vf") | .id_from == "sysfs" and .physfn == "0000:01:00.0"'
quiet

# the IOMMU in front of a function bounds its answer, and nothing was asked of the device
want 0 query --format ndjson -s 01:00.1 --sysfs "$tree"
holds '.pasid.iommu_pasids == 1048576'
want 0 query --method hw-info -s 01:00.1 --sysfs "$tree"
says "INTEL_VTD"

# emulate writes what a guest reads, from the live host too
want 0 emulate -s 01:00.0 --sysfs "$tree"
says "01:00.0"

# only what is chosen is read, beside what its answer rests on: the rest may be odd
cp -a "$tree" "$SCRATCH/odd"
odd=$SCRATCH/odd/devices/pci0000:00
mkdir -p "$odd/0000:00:1f.0"
printf '0x8086\n' >"$odd/0000:00:1f.0/vendor"
printf '0x1111\n' >"$odd/0000:00:1f.0/device"
ln -s ../../../devices/pci0000:00/0000:00:1f.0 "$SCRATCH/odd/bus/pci/devices/"
want 0 plan -s 01:00.1 --sysfs "$SCRATCH/odd"
says "VF of 0000:01:00.0"
quiet
want 0 plan -d 1234:1102 --sysfs "$SCRATCH/odd"
quiet
want 3 plan --sysfs "$SCRATCH/odd"
complains "0000:00:1f.0: its file config is empty, or is not there"
says "VF of 0000:01:00.0"
want 3 plan -s 1f.0 --sysfs "$SCRATCH/odd"
want 1 plan -s 7f:00.0 --sysfs "$tree"
complains "no function matches"

# what sysfs does not say of a function, its image does
bare=$SCRATCH/bare
flatten "$copy" "$bare" config
want 0 plan -d 1234:1002 --format ndjson --sysfs "$bare"
holds '.bdf == "0000:01:00.0"'
quiet
want 0 scan -d ::0604 --format ndjson --sysfs "$bare"
holds '.bdf == "0000:00:01.0"'
want 0 scan -d ::0605 --sysfs "$bare"
complains "no function matches"
want 1 plan -d 1234:1999 --sysfs "$bare"
complains "no function matches"
want 1 plan -s 01:00.1 -d 1234:1002 --sysfs "$bare"
complains "no function matches"

# a config that is longer than a space: as in a copy that is INPUT
cp -a "$copy" "$SCRATCH/long"
truncate -s 4097 "$SCRATCH/long/devices/pci0000:00/0000:00:01.0/0000:01:00.1/config"
for input in "--sysfs $SCRATCH/long" "$SCRATCH/long"; do
	# shellcheck disable=SC2086 # two words
	want 3 scan --format ndjson $input
	complains "0000:01:00.1: the file config is longer than 4096 bytes"
	holds '.bdf != "0000:01:00.1"'
done

# bridges are sought in the tree, wherever that is
flatten "$copy" "$SCRATCH/flat" config vendor device class
mkdir "$SCRATCH/pci0000:00"
cp -a "$SCRATCH/flat" "$SCRATCH/pci0000:00/flat"
want 0 query -s 01:00.0 --format ndjson --sysfs "$SCRATCH/flat"
jq -c '.pasid.obstacles' "$out" >"$SCRATCH/obstacles"
want 0 query -s 01:00.0 --format ndjson --sysfs "$SCRATCH/pci0000:00/flat"
jq -c '.pasid.obstacles' "$out" | cmp -s - "$SCRATCH/obstacles" ||
	fail "the name of a directory above it changes what a tree says"

# who else is in the group, on which driver; how many virtual functions there are
group=$SCRATCH/group
cp -a "$copy" "$group"
pf=$group/devices/pci0000:00/0000:00:01.0/0000:01:00.0
rm -rf "$pf/iommu_group"
mkdir -p "$pf/iommu_group/devices/0000:01:00.3" "$pf/iommu_group/devices/0000:01:00.0"
mkdir -p "$pf/iommu_group/devices/0000:01:00.4"
ln -s ../../../drivers/nvme "$pf/iommu_group/devices/0000:01:00.4/driver"
printf '7\n' >"$pf/sriov_totalvfs"
ln -s ../0000:01:00.1 "$pf/virtfn0"
ln -s ../0000:01:00.2 "$pf/virtfn1"
want 0 show -n -s 01:00.0 --sysfs "$group"
says "Virtual functions: 2 of 7"
says ", 3 functions"
says "  with 0000:01:00.3: no driver"
says "  with 0000:01:00.4: nvme"
want 0 scan --format ndjson -s 01:00.0 --sysfs "$group"
holds '.iommu_group_size == 3 and .vfs == 2 and .total_vfs == 7'
holds '.iommu_group_members == [{"bdf": "0000:01:00.3", "driver": null},
	{"bdf": "0000:01:00.4", "driver": "nvme"}]'
want 0 query --format ndjson -s 01:00.0 --sysfs "$group"
holds '[.pasid.obstacles[] | select(.name == "iommu-group") | .text | contains("(0000:01:00.4: nvme)")] == [true]'

# in a copy nothing sleeps; live, a function that sleeps stays asleep, and that is said
printf 'D3cold\n' >"$tree/devices/pci0000:00/0000:00:01.0/0000:01:00.0/power_state"
want 0 plan -s 01:00.0 --sysfs "$tree"
says "PASID at"
quiet
if can_fake; then
	fake=$tree
	want 3 scan --format ndjson -s 01:00.0 --sysfs "$tree"
	holds '.findings | map(.name) | index("asleep")'
	holds '.applicable == false and .size == 0 and .vendor == "1234" and .device == "1002"'
	complains "1 function sleeps in D3cold and was not read; --wake reads it"
	[ "$(wc -l <"$err")" = 1 ] || fail "more than that is said"
	want 3 plan -s 01:00.0 --sysfs "$tree"
	says "asleep in D3cold"
	want 0 plan -s 01:00.0 --wake --sysfs "$tree"
	says "PASID at"
	quiet
	want 3 scan --format ndjson -d ::0200 -s .0 --sysfs "$tree"
	holds '.size == 0'
	# without a choice the others are answered, and it is said
	want 0 scan --format ndjson --sysfs "$tree"
	complains "1 function sleeps in D3cold and was not read; --wake reads it"
	want 1 query -s 01:00.1 --sysfs "$tree"
	says "its physical function, whose PASID it shares, was left asleep in D3cold; --wake reads it"
	quiet
	want 0 query -s 01:00.1 --wake --sysfs "$tree"
	want 1 plan -s 01:00.1 --require-pasid --format ndjson --sysfs "$tree"
	holds '[.findings[].name] | index("pf-asleep") != null and index("pf-not-seen") == null'
	# its directory as INPUT: the same
	want 3 scan -s 01:00.0 "$tree"
	complains "1 function was left asleep in D3cold"

	# without privilege: 64 bytes of each, said once
	given=64
	want 3 scan --format ndjson --sysfs "$tree"
	complains "run as root or with CAP_SYS_ADMIN; elsewhere, read what \`capgap capture\` wrote as root"
	[ "$(grep -c CAP_SYS_ADMIN "$err")" = 1 ] || fail "it is said more than once"
	want 3 scan --format ndjson -s 01:00.1 --sysfs "$tree"
	holds '[.size == 64, .withheld] | all'
	keep live scan --sysfs "$tree"
	keep input scan "$tree"
	sed -i '/^capgap: 1 function/d' "$SCRATCH/live" "$SCRATCH/input"
	same live input "without privilege"
	given=
	# what a stream or a link leads to is not read without its folder
	for input in "$tree/link" -; do
		ln -sf "devices/pci0000:00/0000:00:01.0/config" "$tree/link"
		run scan "$input" <"$tree/devices/pci0000:00/0000:00:01.0/config"
		[ "$status" = 3 ] || fail "$input: exit status $status, not 3"
		complains "this is a file of the running kernel"
		[ ! -s "$out" ] || fail "$input: it is read"
	done
	rm "$tree/link"
	fake=
fi

# some devices hang the bus when they are read too far: the kernel is asked for nothing there
limited=$SCRATCH/limited
mkdir -p "$limited/bus/pci/devices/0000:02:00.0"
cp "$made/19ee-4000-limit.bin" "$limited/bus/pci/devices/0000:02:00.0/config"
want 0 scan --format ndjson --sysfs "$limited"
holds '.absent == [{"offset":1536,"length":2560}]'
holds '.findings | map(.name) | index("quirk-limit")'
if command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null; then
	strace -f -y -e trace=openat,open,read,pread64,readv,preadv,mmap,ioctl -o "$SCRATCH/trace" \
		"$CAPGAP" scan --sysfs "$limited" >"$out" 2>"$err"
	grep 'config>' "$SCRATCH/trace" | grep -E 'read' >"$SCRATCH/reads"
	[ "$(wc -l <"$SCRATCH/reads")" = 2 ] || fail "reads: $(cat "$SCRATCH/reads")"
	grep -qE ', 64, 0\) += 64$' "$SCRATCH/reads" || fail "the header is not read first"
	grep -qE ', 1472, 64\) += 1472$' "$SCRATCH/reads" || fail "the rest is not read once"
	! grep "$limited" "$SCRATCH/trace" | grep -E 'O_(WRONLY|RDWR|CREAT|TRUNC)|ioctl|mmap' ||
		fail "the tree is not only read"
fi

# what is no tree
want 3 scan --sysfs "$SCRATCH/nothing"
complains "no bus/pci/devices in it: No such file or directory"
want 3 scan --sysfs "$made/1234-1002-iommu-tree"
complains "a copied tree without one can be read as INPUT"
mkdir "$SCRATCH/above"
ln -s "$tree" "$SCRATCH/above/sys"
want 3 scan --sysfs "$SCRATCH/above"
complains "its folder sys has one"
mkdir -p "$SCRATCH/empty/bus/pci/devices"
want 3 scan --sysfs "$SCRATCH/empty"
complains "this machine has no PCI functions"

# usage
want 2 scan --sysfs
want 2 scan --sysfs ''
want 2 scan --sysfs "$tree" "$made/1234-1001-endpoint.bin"
complains "--sysfs is about the live host, which is read where there is no INPUT"
want 2 scan --wake "$made/1234-1001-endpoint.bin"
complains "--wake is about the live host"
want 2 plan --samples --sysfs "$tree"
complains "--samples compares INPUTs"
want 2 dvsec --decode
complains "no INPUT"
want 2 dvsec --sysfs "$tree"

# the table says how far devices may be read: none, or not all of it, is not enough
mkdir "$SCRATCH/none" "$SCRATCH/odd"
cp quirks.d/quirks.rng "$SCRATCH/none"
cp quirks.d/* "$SCRATCH/odd"
echo '<x' >"$SCRATCH/odd/netronome.xml"
for table in none odd; do
	CAPGAP_QUIRKS=$SCRATCH/$table want 3 scan --sysfs "$tree"
	complains "the live host is not read without a whole quirk table"
	[ ! -s "$out" ] || fail "$table: the host was read"
done
# a descriptor, or a table of the user's own, is none that says so
for more in "--descriptor 1234:0001" "--quirks $TESTS_DIR/quirks/first"; do
	# shellcheck disable=SC2086 # words
	CAPGAP_QUIRKS=$SCRATCH/none want 3 scan $more --sysfs "$tree"
	complains "the live host is not read without a whole quirk table"
done
if can_fake; then
	fake=$tree
	for table in none odd; do
		CAPGAP_QUIRKS=$SCRATCH/$table want 3 scan "$tree"
		complains "devices themselves are not read"
	done
	fake=
fi

# this machine, where it has PCI: as lspci reads it, and as its files are
[ -n "$(ls /sys/bus/pci/devices 2>/dev/null)" ] || exit 0
run scan --format ndjson
[ "$status" = 0 ] || [ "$status" = 3 ] || fail "exit status $status"
[ "$(wc -l <"$out")" = "$(find /sys/bus/pci/devices -mindepth 1 | wc -l)" ] ||
	fail "not each function of this machine is answered"
keep live scan
keep copied scan /sys
jq -c . "$SCRATCH/live" >/dev/null || fail "no JSON"
[ "$(head -n -1 "$SCRATCH/live")" = "$(head -n -1 "$SCRATCH/copied")" ] ||
	[ "$(id -u)" != 0 ] || same live copied "this machine"
device=$(find /sys/bus/pci/devices -mindepth 1 | sort | head -1)
want 0 scan --format ndjson "$device/config"
holds ".bdf == \"${device##*/}\""
[ "$(id -u)" = 0 ] && command -v setpriv >/dev/null || exit 0
setpriv --reuid=65534 --regid=65534 --clear-groups "$CAPGAP" scan --format ndjson >"$out" 2>"$err"
status=$?
[ $status = 126 ] || [ $status = 127 ] && exit 0
[ $status = 3 ] || fail "without privilege: exit status $status, not 3"
complains "run as root or with CAP_SYS_ADMIN"
[ "$(grep -c CAP_SYS_ADMIN "$err")" = 1 ] || fail "it is said more than once"
holds '.size == 64'
