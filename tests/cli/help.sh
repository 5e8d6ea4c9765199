#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --help and --version everywhere, on standard output, and wrong usage on standard error.
# shellcheck source=tests/cli/lib.bash
. "$TESTS_DIR/cli/lib.bash"

want 0 --help
quiet
want 0 help
want 0 --version
says "capgap "
for command in plan scan show view check query dvsec emulate capture explain; do
	want 0 --help
	says "  $command "
	for flag in --help -h; do
		want 0 $command $flag
		says "usage: capgap $command"
		says "--help"
		quiet
	done
	want 0 help $command
	says "usage: capgap $command"
	want 0 $command --version
	says "capgap "
done
want 2
complains "usage: capgap"
[ ! -s "$out" ] || fail "wrong usage writes to standard output"
want 2 plan --no-such-option
complains "capgap plan --help"

# every name that is listed can be explained: findings, obstacles, refusals, remarks
want 0 explain
while read -r name _; do
	run explain "$name"
	says "Rests on:"
	says "$name"
done <<<"$("$CAPGAP" explain)"
for name in asleep eetlp-prefix no-iommu iommu-limit power-state; do
	want 0 explain "$name"
done
want 0 explain vfio-overrun
says "(obstacle)"
says "(refused)"
