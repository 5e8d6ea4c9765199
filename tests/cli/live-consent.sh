#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Nobody agrees: no node is opened, and nothing is controlled. Against recorded kernels, which
# show a function that could be asked; what the program calls is seen by strace where there
# is one, and by the harness, which allows no call that its script lacks.
# shellcheck source=tests/cli/lib.bash
. "$TESTS_DIR/cli/lib.bash"

log=$SCRATCH/log
judge=$TESTS_DIR/cli/harmless-trace

can_trace() {
	[ -z "$SANITIZE" ] && command -v strace >/dev/null && strace -qq -o "$log" true 2>"$err"
}

# play SCRIPT: what the harness says of it.
play() {
	"$NOTIFY" "$TESTS_DIR/live/$1.script" capgap="$CAPGAP" >"$out" 2>"$err" </dev/null
	status=$?
	if [ "$status" = 77 ]; then
		tail -n 1 "$out"
		exit 77
	fi
	[ "$status" = 0 ] || fail "$1: status $status"
}

# trace SCRIPT: leave in $log what the program itself calls.
trace() {
	local pid
	strace -f -y -qq -e 'trace=%file,%desc' -o "$SCRATCH/all" \
		"$NOTIFY" "$TESTS_DIR/live/$1.script" capgap="$CAPGAP" >"$out" 2>"$err" </dev/null ||
		fail "$1: status $?"
	pid=$(sed -n 's/^\([0-9]*\) *execve("[^"]*capgap".*/\1/p' "$SCRATCH/all" | head -n 1)
	[ -n "$pid" ] || fail "$1: the program was not traced"
	sed -n "/^$pid *execve(\"[^\"]*capgap\"/,\$p" "$SCRATCH/all" | grep "^$pid " >"$log"
}

for script in query-no-consent query-asked-no view-no-consent plan-no-consent; do
	play "$script"
done
play query-not-on-vfio
can_trace || exit 0
for script in query-no-consent query-asked-no view-no-consent plan-no-consent; do
	trace "$script"
	"$judge" "$log" >"$out" || fail "$script"
	grep -q vfio-dev "$log" || fail "$script: it did not even look at sysfs"
done
# the same with consent is seen to open nodes
trace query-width-20
if "$judge" "$log" >"$out"; then fail "strace does not see what is opened"; fi
says "/dev/vfio/devices/vfio0 is opened"
says "/dev/iommu is opened"
