#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Standard input, pipes that close early, streams without an end in sight.
# shellcheck source=tests/cli/lib.bash
. "$TESTS_DIR/cli/lib.bash"

dump=$made/1234-1002-sriov.txt

run plan -n "$dump"
cp "$out" "$SCRATCH/file"
"$CAPGAP" plan -n - <"$dump" >"$out" 2>"$err" || fail "a file on standard input"
cmp -s "$out" "$SCRATCH/file" || fail "standard input is answered differently"
# shellcheck disable=SC2002 # a pipe is what is tried here
cat "$dump" | "$CAPGAP" plan -n - >"$out" 2>"$err" || fail "a pipe on standard input"
cmp -s "$out" "$SCRATCH/file" || fail "a pipe is answered differently"

# a binary image too
"$CAPGAP" scan --format ndjson - <"$made/1234-1001-endpoint.bin" >"$out" 2>"$err" || fail "a binary pipe"
holds '.size == 4096 and .source == "-" and .bdf == null'

# a reader that goes away is no error worth a word
for format in text json ndjson; do
	for _ in $(seq 50); do cat "$dump"; done |
		"$CAPGAP" plan --format $format - 2>"$err" | head -1 >"$out"
	quiet
done

# an output that cannot be written is
if [ -w /dev/full ]; then
	"$CAPGAP" plan "$dump" >/dev/full 2>"$err"
	[ $? = 4 ] || fail "a full device is not said"
	complains "standard output"
	# the first that holds of 2, 3 and 4
	"$CAPGAP" plan "$dump" "$SCRATCH/not-there" >/dev/full 2>"$err"
	[ $? = 3 ] || fail "an input that is not there does not come first"
	complains "standard output"
fi

# ndjson is one object a line, in input order; json is one array of the same
want 0 plan --format ndjson "$dump"
jq -s . "$out" >"$SCRATCH/slurped"
want 0 plan --format json "$dump"
jq . "$out" | cmp -s - "$SCRATCH/slurped" || fail "json and ndjson differ"
holds '[.[].bdf] == ["0000:01:00.0","0000:01:00.1","0000:01:00.2"]'
