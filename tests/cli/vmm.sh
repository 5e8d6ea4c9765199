#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# `vmm`: the profiles are listed and explained, in three formats that agree.
# shellcheck source=tests/cli/lib.bash
. "$TESTS_DIR/cli/lib.bash"

# usage: each command has its own help, and a wrong one is said
want 2 vmm
complains "usage: capgap vmm COMMAND"
want 0 vmm --help
says "  list "
says "  explain "
for command in list explain; do
	want 0 vmm $command --help
	says "usage: capgap vmm $command"
	quiet
	want 0 help vmm $command
	says "usage: capgap vmm $command"
	want 2 vmm $command --no-such-option
	complains "capgap vmm $command --help"
done
want 2 vmm frobnicate
complains "no command 'vmm frobnicate'; 'capgap vmm --help'"
want 2 vmm list extra
complains "vmm list: 'extra' is too much"
want 2 vmm explain
complains "'capgap vmm list' lists them"
want 2 vmm explain qemu
complains "no VMM profile is called 'qemu'; 'capgap vmm list' lists them"
want 2 vmm explain qemu-11.1 qemu-12
[ ! -s "$out" ] || fail "something is explained beside a wrong name"
for format in xml qemu; do
	want 2 vmm list --format $format
done

# list: a line a profile, the default one first
want 0 vmm list
quiet
[ "$(cut -d' ' -f1 "$out" | tr '\n' ' ')" = "qemu-11.1 qemu-11.0 cloud-hypervisor generic " ] ||
	fail "not the profiles, in their order"
says "qemu-11.1         QEMU 11.1 and later"
want 0 vmm list --format json
holds 'length == 4 and all(.schema == "capgap/vmm/1" and (.needs | length > 0))'
holds 'all(has("rules") | not)'
holds 'map(.default_offset) == [4088, 4088, 4088, null]'
holds 'map(.takes_offset) == [true, true, false, true]'
jq -c '.[]' "$out" >"$SCRATCH/rows"
want 0 vmm list --format ndjson
jq -c . "$out" | cmp -s - "$SCRATCH/rows" || fail "json and ndjson differ"

# explain: what it takes and needs, then each rule with what it rests on
want 0 vmm explain qemu-11.1
quiet
says "  Takes an offset, places at 0xff8 when it is told none."
says "  Needs: an iommufd backend"
says "    on-header: refused"
says "    overwrites-body: corrupts"
says "    in-descriptor: overlaps"
says "    placed: accepted"
says "      Rests on: QEMU hw/pci/pcie.c, pcie_insert_capability() of commit 49a2bed19b0e."
if grep -q "no-space" "$out"; then fail "QEMU follows a rule of cloud-hypervisor's"; fi
[ "$(grep -c 'Rests on: ' "$out")" = "$(grep -c '^    [a-z]' "$out")" ] ||
	fail "a rule has no source"
want 0 vmm explain cloud-hypervisor
says "  Takes no offset, places at 0xff8."
says "    elsewhere: elsewhere"
want 0 vmm explain generic
says "  Takes an offset, places nothing when it is told none."
want 0 vmm explain generic qemu-11.0 generic
[ "$(grep -c '^[a-z]' "$out")" = 2 ] || fail "not each profile once"
want 0 vmm explain --format json cloud-hypervisor
holds 'length == 1 and .[0].name == "cloud-hypervisor" and (.[0].rules | length > 10)'
holds '.[0].rules | all((.name | length > 0) and (.text | length > 0) and (.source | length > 0))'
holds '[.[0].rules[] | select(.name == "no-power-management")][0].verdict == "skipped"'
holds '.[0].rules | map(.verdict) | unique
	== ["accepted", "corrupts", "elsewhere", "overlaps", "refused", "skipped"]'

# output that cannot be written is said
if [ -w /dev/full ]; then
	"$CAPGAP" vmm explain qemu-11.1 >/dev/full 2>"$err" && fail "a full disk is success"
	[ -s "$err" ] || fail "a full disk is not said"
fi
exit 0
