#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# plan --format qemu and libvirt: active lines for what QEMU accepts, comments for the rest.
# shellcheck source=tests/cli/lib.bash
. "$TESTS_DIR/cli/lib.bash"

slot=$made/8086-0b25-pasid-ats-pri.txt
plain=$made/1234-1001-endpoint.bin
sriov=$made/1234-1002-sriov.txt

# active LINE...: exactly these lines are no comments, in this order.
active() {
	grep -v '^#\|^$' "$out" | cmp -s - <(for line; do echo "$line"; done) ||
		fail "other active lines than: $*"
}
device() { echo "-device vfio-pci,host=$1,iommufd=iommufd0,x-vpasid-cap-offset=$2"; }

# xml EXPRESSION WANTED: an XPath expression over the output, q: being QEMU's namespace.
xml() {
	local got
	xmllint --noout "$out" 2>"$err" || fail "libvirt is no XML"
	got=$(xmllint --xpath "string(${1//q:/\*[namespace-uri()=\'http://libvirt.org/schemas/domain/qemu/1.0\' and local-name()=\'})" \
		"$out" 2>>"$err") || fail "no such XPath: $1"
	[ "$got" = "$2" ] || fail "$1 is $got, not $2"
}

# accepted
want 0 plan --format qemu "$slot"
quiet
active "-object iommufd,id=iommufd0" "$(device 0000:6a:01.0 560)"
says "# 0000:6a:01.0: 0x230 (slot): "
says "#   -device intel-iommu,scalable-mode=on,fsts=on,pasid-bits=20"
says "#   -device arm-smmuv3,primary-bus=pcie.0,accel=on,ssidsize=20"
want 0 plan --format qemu --vmm qemu-11.0 "$slot"
active "-object iommufd,id=iommufd0" "$(device 0000:6a:01.0 560)"
! grep -q intel-iommu "$out" || fail "QEMU 11.0 has no PASIDs behind intel-iommu"

# a physical function and its virtual ones
want 0 plan --format qemu "$sriov"
active "-object iommufd,id=iommufd0" "$(device 0000:01:00.0 448)" \
	"$(device 0000:01:00.1 448)" "$(device 0000:01:00.2 448)"
want 0 plan --format qemu -s 01:00.2 "$sriov"
active "-object iommufd,id=iommufd0" "$(device 0000:01:00.2 448)"

# no PASID: nothing is added, and nothing is to be configured
want 0 plan --format qemu "$plain"
active
says "# $plain: the device has no PASID; QEMU adds no capability"

# refused: what QEMU does all the same, and how to prevent it
want 1 plan --format qemu --require listed -s 01:00.1 "$sriov"
active
says "# 0000:01:00.1: no offset: no range is listed or better"
says "told nothing, QEMU puts it at 0xff8 ("
says "not safe): "
says "arm-smmuv3 with ssidsize=0"
want 1 plan --format qemu --offset 0x220 "$slot"
active
says "# 0000:6a:01.0: no offset: 0x220-0x227 cannot be used"
# a place that QEMU does not take is no active line
run plan --format qemu --vmm generic --offset 0x100 "$made/1234-1001-pasid-at-100-tight.bin"
active
says "0x100 (slot) is of no use here (refused)"
# what a plan warns of is said
want 0 plan --format qemu --offset 0x400 "$slot"
active "-object iommufd,id=iommufd0" "$(device 0000:6a:01.0 1024)"
says "warning: The physical PASID Control register stays writable"

# QEMU places nothing beside PASID
beside="QEMU places PASID alone: the guest gets nothing of DVSEC at 0x"
for format in qemu libvirt; do
	want 0 plan --format $format --cap dvsec:16 "$slot"
	says "$beside"
	says ", 16 bytes"
	run plan --format $format "$slot"
	grep -q 'places PASID alone' "$out" && fail "$format: said without --cap"
done

# an address that nobody knows; one that only sysfs can name; a bridge
want 0 plan --format qemu "$made/1234-1001-pasid-exposed.bin"
active
says "# -device vfio-pci,host=ADDRESS,iommufd=iommufd0,x-vpasid-cap-offset=384"
want 1 plan --format qemu "$made/1234-1003-root-port.txt"
active
says "no capability is placed here: a bridge"
# a file name cannot end its comment
cp "$made/1234-1001-pasid-exposed.bin" "$SCRATCH/a
-device evil"
want 0 plan --format qemu "$SCRATCH/a
-device evil"
active
says "a?-device evil: "

# several inputs are named
want 0 plan --format qemu "$slot" "$sriov"
says "# == $slot, machine 0"
says "# == $sriov, machine 1"

# libvirt
want 0 plan --format libvirt "$slot"
quiet
xml "count(//hostdev)" 1
xml "//hostdev/source/address/@domain" 0x0000
xml "//hostdev/source/address/@bus" 0x6a
xml "//hostdev/source/address/@slot" 0x01
xml "//hostdev/source/address/@function" 0x0
xml "//hostdev/driver/@iommufd" yes
xml "//hostdev/alias/@name" ua-vpasid0
xml "/domain/q:override']/q:device']/@alias" ua-vpasid0
xml "//q:frontend']/q:property']/@name" x-vpasid-cap-offset
xml "//q:property']/@type" unsigned
xml "//q:property']/@value" 560
want 0 plan --format libvirt "$sriov"
xml "count(//hostdev)" 3
xml "count(//q:property'][@value='448'])" 3
want 0 plan --format libvirt "$plain"
xml "count(//hostdev)" 0
xml "count(//q:override'])" 0
says "the device has no PASID; QEMU adds no capability"
want 1 plan --format libvirt --require listed -s 01:00.1 "$sriov"
xml "count(//hostdev)" 0
says "arm-smmuv3 with ssidsize=0"
cp "$made/1234-1001-pasid-exposed.bin" "$SCRATCH/b--><evil>"
want 0 plan --format libvirt "$SCRATCH/b--><evil>"
xml "count(//evil)" 0

# every fixture gives a fragment that can be read
while IFS=$'\t' read -r path kind _ _ _ args _; do
	[ "$kind" = made ] || [ "$kind" = bad ] || continue
	[ "$args" != - ] || args=
	# shellcheck disable=SC2086 # the options of a row are words
	run plan --format libvirt --require assumed $args "$FIXTURES/$path"
	xmllint --noout "$out" 2>"$err" || fail "$path: libvirt is no XML"
	grep -c '<hostdev' "$out" >"$SCRATCH/n"
	# shellcheck disable=SC2086
	run plan --format qemu --require assumed $args "$FIXTURES/$path"
	[ "$(grep -c '^-device vfio-pci,host=' "$out")" = "$(cat "$SCRATCH/n")" ] ||
		fail "$path: the formats differ in their devices"
	grep -qv '^#\|^$\|^-object iommufd,id=iommufd0$\|^-device vfio-pci,\(host\|sysfsdev\)=[0-9a-z/:.]*,iommufd=iommufd0,x-vpasid-cap-offset=[0-9]*$' "$out" &&
		fail "$path: an active line that is none"
done <"$FIXTURES/MANIFEST.tsv"

# only plans have fragments
for command in scan show "dvsec --decode"; do
	# shellcheck disable=SC2086 # a command and its option
	want 2 $command --format qemu "$slot"
	complains "formats are text, json and ndjson"
done
want 2 plan --format xml "$slot"
complains "formats are text, json, ndjson, qemu and libvirt"
