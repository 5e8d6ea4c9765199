#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Peak memory does not grow with the input: 10 000 copies of a dump need at
# most 1 MiB more than 100 do.
# shellcheck source=tests/cli/lib.bash
. "$TESTS_DIR/cli/lib.bash"

[ -z "${SANITIZE:-}" ] || { echo "sanitizers keep freed memory"; exit 77; }
dump=$made/1234-1001-size-256.txt
: >"$out"

peak() {
	for _ in $(seq 100); do cat "$dump"; done >"$SCRATCH/hundred"
	for _ in $(seq "$1"); do cat "$SCRATCH/hundred"; done |
		/usr/bin/python3 -c '
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)' \
			"$CAPGAP" scan --format ndjson - 2>"$err"
}

few=$(peak 1)
many=$(peak 100)
[ "$few" -gt 0 ] || fail "no figure"
[ $((many - few)) -le 1024 ] || fail "100 copies: $few KiB, 10 000 copies: $many KiB"
