#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --live and --live-query: JSON against recorded kernels, the region as a file, and usage.
# shellcheck source=tests/cli/lib.bash
. "$TESTS_DIR/cli/lib.bash"

# recorded SCRIPT: the program's output against a recorded kernel.
recorded() {
	"$NOTIFY" "$1" capgap="$CAPGAP" >"$out" 2>"$err"
	status=$?
	if [ "$status" = 77 ]; then
		tail -n 1 "$out"
		exit 77
	fi
	[ "$status" = 0 ] || fail "$1: status $status"
}

# usage that cannot be right; none of it comes as far as sysfs
want 2 query --live
want 2 query --live 00:04
complains "an address is [DOMAIN:]BUS:DEVICE.FUNCTION"
for wrong in 4.0 '*:04.0' '00:04.*' 00:04. :04.0 '*:00:04.0' 00:04.0x; do
	want 2 query --live "$wrong"
done
want 2 query --live 00:04.8
complains "the function is a number from 0 to 7"
want 2 query --live 00:20.0
complains "the device is a hex number from 0 to 1f"
want 4 query --live f:1f.7 --format json
holds '.[0].bdf == "0000:0f:1f.7"'
want 4 query --live 0fff:f:1f.7 --format json
holds '.[0].bdf == "0fff:0f:1f.7"'
want 2 query --live 00:04.0 --live 00:05.0
complains "one function at a time"
want 2 query --live 00:04.0 --vf-token 1234
complains "a VF token is a UUID"
want 2 query --method live
complains "--live BDF asks the running kernel"
want 2 query --live 00:04.0 --method config
want 2 query --live 00:04.0 --range 1:2
want 2 query --live 00:04.0 --features
want 2 query --live 00:04.0 "$made/8086-0b25-pasid-ats-pri.txt"
complains "there can be no INPUT"
want 2 query --live 00:04.0 -s 00:04.0
want 2 query --yes "$made/8086-0b25-pasid-ats-pri.txt"
complains "--yes, --vf-token and --path"
want 2 query --path cdev "$made/8086-0b25-pasid-ats-pri.txt"
complains "--yes, --vf-token and --path"
want 2 query --live 00:04.0 --path any
complains "ways are cdev and group"
want 2 plan --live-query --path cdev
want 2 query --live 00:04.0 --sysfs "$made/1234-1002-iommu-tree"
complains "is not this machine's sysfs"
want 2 view --live 00:04.0 --vfio-view "$made/7e57-1001-driver-dump.txt"
want 2 view --live 00:04.0 --output - --format json
want 2 plan --live-query "$made/8086-0b25-pasid-ats-pri.txt"
want 2 plan --live-query --common
complains "--live-query does not go with --common"
# what resets a function is typed whole
want 2 plan --live 00:03.0
complains "'--live' is short for '--live-query', which resets functions"
complains "--slot chooses the functions"
want 2 plan --live-q
want 2 plan --live-query --ye
complains "'--ye' is short for '--yes'"
want 2 query --liv 00:04.0
want 2 query --liv=00:04.0
complains "'--liv' is short for '--live'"
want 4 query --live=ffff:1f:1f.7
want 4 query --yes --live ffff:1f:1f.7 --vf-t 5d1e5a4c-0b1f-4b34-9c4e-1f1f6c1b0001
want 4 query --live ffff:1f:1f.7 --format json
holds '.[0].schema == "capgap/live/1" and .[0].bdf == "ffff:1f:1f.7"'
holds '.[0].trouble.situation == "no-device" and .[0].path == null and .[0].features == []'

recorded "$TESTS_DIR/live/json/query.script"
holds '.schema == "capgap/live/1" and .bdf == "0000:00:04.0" and .vendor == "1234"'
holds '.path == "cdev" and .trouble == null and .no_cdev == null and .zero == null'
holds '.width == 8 and .execute and .privileged and .out_capabilities == "0x0000000000000006"'
holds '.sysfs.asleep == false'
holds '.capability_names == ["PCI_PASID_EXEC","PCI_PASID_PRIV"] and .ats_not_supported == null'
holds '.iommu.name == "INTEL_VTD" and .iommu.extended == "0x0000893800f00f4e" and .iommu.pasids == 256'
holds '[.features[].index] == [range(16)]'
holds '[.features[] | select(.answer == "yes") | .name] ==
	["LOW_POWER_ENTRY","LOW_POWER_ENTRY_WITH_WAKEUP","LOW_POWER_EXIT"]'
holds '.features[12] | .answer == "unusable" and .errno == 22 and .errno_name == "EINVAL"'
holds '.features[11] | .name == "DMA_BUF" and .answer == "no" and .errno_name == "ENOTTY"'
holds '[.remarks[] | .name, .contradiction] == ["iommu-limit",false]'
holds '.sysfs | .driver == "vfio-pci" and .iommu_group == 1 and .cdev == "vfio0"'
holds '.pasid | .method == "live" and .width == 8 and .range == [1,255] and .limit == "iommu"'
holds '.pasid | .raw.capability == 5126 and .iommu_pasids == 256 and (has("live") | not)'

recorded "$TESTS_DIR/live/json/query-bits.script"
holds '.[0] | .out_capabilities == "0x8000000000000006" and .iommu.extended == "0x8000893800f00f4e"'
# what is no answer leaves that of configuration space
sed 's|^include |include live/|; s| -n$| --format json|; /^>/d' \
	"$TESTS_DIR/live/query-above-legal.script" >"$SCRATCH/above.script"
ln -s "$(cd "$TESTS_DIR/live" && pwd)" "$SCRATCH/live"
recorded "$SCRATCH/above.script"
holds '.[0] | .width == 255 and .pasid.method == "config" and .pasid.width == 20'
holds '[.[0].remarks[] | select(.contradiction) | .name] == ["above-legal","above-device","above-iommu"]'
sed 's|query --live 00:04.0|plan --live-query|' "$SCRATCH/above.script" >"$SCRATCH/plan.script"
recorded "$SCRATCH/plan.script"
holds '.[0].pasid | .method == "config" and (.live.answered | not) and .live.asked'
holds '.[0].pasid.live.why == "it says 255 bits, and a PASID has no more than 20"'

recorded "$TESTS_DIR/live/json/query-group.script"
holds '.[0] | .path == "group" and .width == null and .execute == null and .iommu == null'
holds '.[0].no_cdev | .situation == "no-cdev" and .step == "open cdev" and .errno_name == "ENOENT"'
holds '.[0].features[11].answer == "yes" and .[0].pasid.method == "config"'
for command in query view; do
	recorded "$TESTS_DIR/live/json/$command-no-consent.script"
	holds '.[0] | .bdf == "0000:00:04.0" and .trouble.situation == "no-consent" and .path == null'
	holds '.[0].trouble | .step == null and .errno == null and .help != null'
	complains "nobody has agreed"
done
recorded "$TESTS_DIR/live/json/query-refused.script"
holds '.[0] | keys_unsorted[:2] == ["schema","bdf"] and .trouble.situation == "in-use"'
holds '.[0].trouble | .errno_name == "EBUSY" and (.text | startswith("VFIO_DEVICE_BIND")) and .help != null'
holds '.[0].pasid.supported == null'

recorded "$TESTS_DIR/live/json/view.script"
holds '.[0] | .schema == "capgap/live-view/1" and .kernel == ">=6.4" and .region_size == 4096'
holds '.[0] | .compared == 1024 and .left_out == 0 and .unexplained == 2 and (.same | not)'
holds '[.[0].differences[] | select(.explained | not) | .offset] == [272,1024]'
holds '[.[0].differences[] | select(.explained) | .because[].name] ==
	["command","bar","pme","power-state"]'
holds '.[0].limit == null'
recorded "$TESTS_DIR/live/json/view-limit.script"
holds '.[0] | .limit == 1536 and .read == 1536 and .region_size == 4096 and .compared == 384'
holds '.[0] | .left_out == 0 and .unexplained == 0 and .same'
# the region as a file, next to the comparison and in place of it
sed "s|^include ../|include live/|; s| --format json| -o $SCRATCH/region.bin|" \
	"$TESTS_DIR/live/json/view.script" >"$SCRATCH/file.script"
recorded "$SCRATCH/file.script"
says "2 of them not explained"
[ "$(wc -c <"$SCRATCH/region.bin")" = 4096 ] || fail "region.bin is no image"
want 0 view --from vfio --format ndjson "$SCRATCH/region.bin"
holds '[.capabilities[] | select(.space == "ext") | .name] == ["ATS","PRI","PASID","TPH","DVSEC"]'

recorded "$TESTS_DIR/live/json/plan.script"
holds '[.[].pasid.method] == ["live","config"] and [.[].pasid.width] == [8,16]'
holds '.[0].pasid.live | .answered and .why == null and .remarks[0].name == "iommu-limit"'
holds '.[1].pasid.live | (.answered | not) and .situation == "not-on-vfio" and (.asked | not)'
holds '[.[0].placement.edits[] | select(.offset == 292) | .new] == [2054]'
