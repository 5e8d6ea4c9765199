#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -s and -d choose functions as lspci's do.
# shellcheck source=tests/cli/lib.bash
. "$TESTS_DIR/cli/lib.bash"

dump=$made/1234-1002-sriov.txt

# chosen SELECTOR VALUE COUNT
chosen() {
	run scan --format json "$1" "$2" "$dump"
	[ "$(jq length "$out")" = "$3" ] || fail "$1 $2: $(jq length "$out") functions, not $3"
}

chosen -s 01:00.0 1
chosen -s 0000:01:00.1 1
chosen -s 1:0.2 1
chosen -s 00 3
chosen -s 0 3
chosen -s .1 1
chosen -s 01: 3
chosen -s 0:01: 3
chosen -s 1:: 0
chosen -s '*:*.2' 1
chosen -s 02: 0
chosen -d 1234: 3
chosen -d :1002 1
chosen -d 8086: 0
chosen -d :: 3
want 2 scan -s 01:00.9 "$dump"
want 2 scan -s 1:2:3:4.0 "$dump"
want 2 scan -s zz "$dump"
want 2 scan -d 1234 "$dump"
want 2 scan -d 12345: "$dump"
want 2 scan -d 1:2:3:4:5 "$dump"

# both must hold
run scan --format json -s .0 -d 1234: "$dump"
holds 'length == 1'

# nothing chosen is said
want 0 scan -s 7f: "$dump"
complains "no function matches"
want 1 plan -s 7f: "$dump"

# the kernel mends ids and classes of some devices: what sysfs says chooses, and so does the image
tree=$SCRATCH/tree/bus/pci/devices/0000:01:00.0
mkdir -p "$tree"
cp "$made/1234-1001-hidden-only.bin" "$tree/config"
echo 0x1234 >"$tree/vendor"
echo 0x1999 >"$tree/device"
echo 0x048001 >"$tree/class"
for ids in 1234:1999 1234:1001 ::0480 ::0200; do
	want 0 scan -d "$ids" "$SCRATCH/tree"
done
want 0 scan -d 1234:1998 "$SCRATCH/tree"
complains "no function matches"

# what others named moves no cursor
want 2 explain $'a\e[2J'
complains "'a?[2J'"
