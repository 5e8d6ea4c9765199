# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What the scripts here share: each expectation is one line, and a breach ends the script.
# Sourced, not run: out, err and status hold what the last `run` gave.
set -u

made=$FIXTURES/made
bad=$FIXTURES/bad
out=$SCRATCH/out
err=$SCRATCH/err
status=

fail() {
	echo "breach: $*"
	echo "--- standard output"
	head -20 "$out"
	echo "--- standard error"
	head -20 "$err"
	exit 1
}

# run ARGUMENT...: run the program.
run() {
	"$CAPGAP" "$@" >"$out" 2>"$err"
	status=$?
}

# want STATUS ARGUMENT...: run it, and expect an exit status.
want() {
	local expected=$1
	shift
	run "$@"
	[ "$status" = "$expected" ] || fail "capgap $*: exit status $status, not $expected"
}

says() { grep -qF -- "$1" "$out" || fail "standard output lacks: $1"; }
complains() { grep -qF -- "$1" "$err" || fail "standard error lacks: $1"; }
quiet() { [ ! -s "$err" ] || fail "standard error is not empty"; }

# holds FILTER: a jq filter over the output that must be true.
holds() { jq -e "$1" "$out" >/dev/null || fail "not so: $1"; }
