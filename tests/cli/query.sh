#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# query: what functions can do with PASIDs, what each way to ask returns, ranges, the list of
# features; every method says no, yes and unknown apart.
# shellcheck source=tests/cli/lib.bash
. "$TESTS_DIR/cli/lib.bash"

slot=$made/8086-0b25-pasid-ats-pri.txt
sriov=$made/1234-1002-sriov.txt
alone=$made/1234-1002-vf-alone.txt
width0=$made/1234-1001-pasid-width-0.bin
none=$made/1234-1001-endpoint.bin

# all methods, for people and for scripts
want 0 query "$slot"
quiet
says "PASID of 20 bits, enabled"
says "capability 0x1404, control 0x0005"
says "02 00 14 00: width 20, Priv"
says "out_max_pasid_log2 at most 20"
says "PASID 1-1048575"
says "iommu-unknown"
want 0 query --format ndjson "$slot"
holds '.schema == "capgap/query/1" and .bdf == "0000:6a:01.0" and .applicable'
holds '.pasid | .supported and .width == 20 and .limit == "iommu-unknown"'
holds '.pasid | .raw == {"capability":5124,"control":5} and .range == [1,1048575]'
holds '[.methods[].method] == ["vfio-feature-v1","vfio-feature-v2",
	"vfio-feature-v2-enotty","hw-info"]'
holds 'all(.methods[]; .known and .errno == 0 and .errno_name == null)'
holds '.methods[3] | .out_max_pasid_log2 == 20 and .upper_bound and .out_data_type == null'
holds '[.released[] | .errno_name] == ["ENOTTY","EINVAL","EOPNOTSUPP"]'
holds '.range == null'
want 0 query --format json "$slot"
holds 'length == 1 and .[0].pasid.supported'

# one request, in full; the defaults are a GET with room for 4 bytes
want 0 query --method vfio-feature-v2 "$slot"
says "index 11, flags GET (0x0001000b), argsz 12"
says "never merged"
says "DMA-BUF"
want 0 query --method vfio-feature-v1 --format ndjson "$slot"
holds '.methods | length == 1 and .[0].raw == "02001400" and .[0].width == 20'
replay() { want 0 query --method vfio-feature-v2 --format ndjson "$@" "$slot"; }
replay --flags get --argsz 11
holds '.methods[0] | .errno == 22 and .errno_name == "EINVAL" and .raw == null'
replay --flags set
holds '.methods[0].errno_name == "EINVAL"'
replay --flags get,set
holds '.methods[0].errno_name == "EINVAL"'
replay --flags none
holds '.methods[0] | .errno_name == "EINVAL" and .flags == []'
replay --flags probe --argsz 8
holds '.methods[0] | .errno == 0 and .raw == null'
# PROBE does not tell the proposal from what has the index by now
holds '.released | .[0].errno_name == "ENOTTY" and .[1].errno == 0 and .[1].misread'
replay --flags get,probe --argsz 7
holds '.methods[0].errno_name == "EINVAL"'
replay --argsz 24
holds '.methods[0].errno == 0 and .released[1].misread'

# hw-info: 40 bytes, the lesser width, and what a 0 does not say
want 0 query --method hw-info --iommu-pasid-bits 8 --format ndjson "$slot"
holds '.methods[0] | (.raw | length) == 80 and .raw[56:58] == "08" and .raw[64:66] == "04"'
holds '.methods[0] | .out_max_pasid_log2 == 8 and .upper_bound == false'
holds '.pasid | .limit == "iommu" and .iommu_pasids == 256 and .range == [1,255]'
want 0 query --iommu-pasid-bits 20 --format ndjson "$slot"
holds '.pasid.limit == "device"'
want 0 query --method hw-info --iommu-pasid-bits 0 "$slot"
says "0x10: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00"
says "too old for the field"
want 0 query --method hw-info --argsz 24 --format ndjson "$slot"
holds '.methods[0] | .size == 24 and .errno_name == "EINVAL" and .raw == null'
want 0 query --method hw-info --argsz 32 --format ndjson "$slot"
holds '.methods[0] | .errno == 0 and (.raw | length) == 64 and .out_capabilities == null'

# a virtual function is answered from its physical one
want 0 query --format ndjson "$sriov"
jq -es 'map(select(.kind == "vf")) | length > 1 and all(.[];
	.pasid.from == "0000:01:00.0" and .pasid.width == 20)' "$out" >/dev/null ||
	fail "a VF is not answered from its PF"
want 0 query -s 01:00.1 "$sriov"
says "of 0000:01:00.0"

# without it nothing is known, which is not no
want 1 query "$alone"
says "is unknown"
want 1 query --format ndjson "$alone"
holds '.pasid.supported == null and .pasid.range == null'
holds 'all(.methods[]; .known == false and .raw == null)'
holds '.methods[3].out_max_pasid_log2 == null'
want 1 query --method vfio-feature-v2 "$alone"
says "not known"
want 1 query --from vfio --format ndjson "$made/1234-1001-vantage-vfio.bin"
holds '.pasid.supported == null'

# a list that was not read whole does not say that ATS is missing
want 1 query --method hw-info --format ndjson "$made/1234-1001-size-256.txt"
holds '.methods[0] | .known == false and .raw == null and .undecided == 15'

# no PASID
want 1 query "$none"
says "no PASID"
want 1 query --format ndjson "$none"
holds '.pasid.supported == false'
holds '[.methods[] | .raw] == ["00000000","00000000",null,.methods[3].raw]'
holds '.methods[2].errno_name == "ENOTTY" and .methods[3].out_max_pasid_log2 == 0'

# width 0, not enabled: supported, and of no use
want 0 query --format ndjson "$width0"
holds '.pasid | .supported and .width == 0 and .range == null and .limit == "not-enabled"'
holds '.methods[0].raw == "00000000" and .methods[2].errno_name == "ENOTTY"'
holds '.methods[3].out_max_pasid_log2 == 0'

# ranges: granted, narrowed, refused
ask() { want "$1" query --format ndjson --range "$2" "${@:3}"; }
ask 0 1:0xfffff "$slot"
holds '.range | .answer == "granted" and .given == [1,1048575] and .because == "whole-if"'
ask 0 0:0x100000 "$slot"
holds '.range | .answer == "narrowed" and .given == [1,1048575]'
ask 0 200:300 --iommu-pasid-bits 8 "$slot"
holds '.range | .answer == "narrowed" and .given == [200,255]'
ask 1 300:400 --iommu-pasid-bits 8 "$slot"
holds '.range | .answer == "refused" and .because == "outside" and .given == null'
ask 1 0:0 "$slot"
holds '.range.because == "outside"'
ask 1 1:2 "$alone"
holds '.range.because == "unknown"'
ask 1 1:2 "$none"
holds '.range.because == "not-supported"'
ask 1 1:2 "$width0"
holds '.range.because == "no-range"'
want 0 query --range 5:9 "$slot"
says "PASID 5-9: granted"

# the IOMMU's registers in a copied tree, and what else is in the way
want 0 query -s 01:00.0 --format ndjson "$made/1234-1002-iommu-tree"
holds '.pasid.iommu_pasids == 1048576'
holds '.methods[3] | .out_data_type == 1 and .upper_bound == false'
want 0 query -s 03:00.0 "$made/1234-1001-switch-without-prefix.txt"
says "[eetlp-prefix]"
want 0 query -s 03:00.0 --format ndjson "$made/1234-1001-switch-without-prefix.txt"
holds '.pasid.obstacles | map(.name) | index("eetlp-prefix") != null'

# the exit status answers for each that is chosen, or for the whole input
want 0 query "$sriov" "$none"
want 1 query -d 1234: "$sriov" "$none"
want 1 query -d 1234:1001 "$sriov" "$none"
want 0 query -d 1234:1102 "$sriov" "$none"
want 3 query "$slot" /nonexistent
says "20 bits"

# the list of features
want 0 query --features
quiet
says "DMA_BUF"
says "MIG_PRECOPY_INFOv2"
want 0 query --features --format json
holds 'length == 14 and ([.[].index] == [range(14)])'
holds '.[11] | .name == "DMA_BUF" and .first == "6.19" and .operations == ["get"]'
holds '.[10].note | contains("CDX")'
holds '.[12].first == null and .[13].name == null and .[13].operations == []'

# a number may be as great as its field, in decimal too
want 0 query --method vfio-feature-v1 --argsz 0xffffffff "$slot"
cp "$out" "$SCRATCH/hex"
want 0 query --method vfio-feature-v1 --argsz 4294967295 "$slot"
cmp "$out" "$SCRATCH/hex" || fail "a decimal number gives another answer than a hex one"

# wrong usage
for args in "--method live" "--method none" "--flags write" "--flags get," "--flags get" \
	"--argsz 12" "--method hw-info --flags get" "--method config --argsz 12" \
	"--method vfio-feature-v1 --argsz -1" "--method vfio-feature-v1 --argsz 4294967296" \
	"--method vfio-feature-v1 --argsz 18446744073709551617" \
	"--method vfio-feature-v1 --argsz 0xfffffffffffffffff" "--range 5:4" "--range 5" "--range a:b" \
	"--range :5" "--iommu-pasid-bits 21" "--iommu-pasid-bits x" "--features" \
	"--format sarif"; do
	read -ra words <<<"$args"
	want 2 query "${words[@]}" "$slot"
	[ -s "$err" ] || fail "$args: no complaint"
done
want 2 query --method live "$slot"
complains "--live BDF asks the running kernel"
want 2 query --features --range 1:2
