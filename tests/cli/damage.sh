#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A damaged row: its bytes are absent, it is named with file and line, and the function is answered.
# shellcheck source=tests/cli/lib.bash
. "$TESTS_DIR/cli/lib.bash"

clean=$made/1234-1001-verbose.txt
row=$(grep -n -m 1 '^200:' "$clean" | cut -d: -f1)
[ -n "$row" ] || fail "the fixture has no row 200"

sed "${row}s/ 00/ 0x/" "$clean" >"$SCRATCH/mangled.txt"
want 3 plan -s 01:00.0 --format ndjson "$SCRATCH/mangled.txt"
complains "mangled.txt:$row: "
holds '.absent == [{"offset":512,"length":16}]'
holds '[.findings[].name] | index("row-damaged") != null'
holds '.applicable and .placement == null and (.refusal | length > 0)'
want 3 plan -s 01:00.0 --require assumed --format ndjson "$SCRATCH/mangled.txt"
holds '.placement.grade == "assumed"'

# a row that is not there is absent, but nothing in the input was unusable
sed "${row}d" "$clean" >"$SCRATCH/missing.txt"
want 1 plan -s 01:00.0 --format ndjson "$SCRATCH/missing.txt"
quiet
holds '.absent == [{"offset":512,"length":16}]'

# the neighbour in the same file is answered as if nothing had happened
cat "$SCRATCH/mangled.txt" "$made/8086-0b25-pasid-ats-pri.txt" >"$SCRATCH/both.txt"
want 3 plan --format ndjson "$SCRATCH/both.txt"
tail -1 "$out" | jq 'del(.source, .machine)' >"$SCRATCH/second"
run plan --format ndjson "$made/8086-0b25-pasid-ats-pri.txt"
jq 'del(.source, .machine)' "$out" | cmp -s - "$SCRATCH/second" ||
	fail "one function's damage changes another's answer"

# what is no configuration space is said, each in its own way
printf '' >"$SCRATCH/empty"
want 3 scan "$SCRATCH/empty"
complains "empty"
grep -v '^[0-9a-f]*0: ' "$clean" >"$SCRATCH/no-rows.txt"
want 3 scan "$SCRATCH/no-rows.txt"
complains "lspci -xxxx"
head -c 5000 /dev/urandom | gzip -n >"$SCRATCH/packed.gz"
want 3 scan "$SCRATCH/packed.gz"
complains "unpack"
