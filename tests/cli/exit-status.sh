#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Exit statuses: the first that holds of usage, unusable input, no, yes.
# shellcheck source=tests/cli/lib.bash
. "$TESTS_DIR/cli/lib.bash"

slot=$made/8086-0b25-pasid-ats-pri.txt
bridge=$made/1234-1003-root-port.txt
conventional=$made/1234-1005-conventional.txt

want 0 plan "$slot"
want 0 plan "$slot" "$bridge"
want 1 plan "$bridge"
want 1 plan "$conventional"
want 1 plan --require listed "$made/1234-1001-endpoint.bin"
want 0 plan --require observed "$made/1234-1001-endpoint.bin"

# scan and show never answer no
want 0 scan "$bridge"
want 0 show "$bridge"

# PASID missing counts only when it is asked for
want 0 plan "$made/1234-1001-endpoint.bin"
want 1 plan --require-pasid "$made/1234-1001-endpoint.bin"
want 0 plan --require-pasid "$slot"

# one of two without a placement: enough for the dump, not for --all or a choice
cat "$slot" "$bad/1234-1001-dead.txt" "$made/1234-1001-verbose.txt" >"$SCRATCH/dump.txt"
want 0 plan "$SCRATCH/dump.txt"
want 1 plan --require slot --all "$SCRATCH/dump.txt"
want 0 plan --require slot "$SCRATCH/dump.txt"
want 0 plan --require slot -d 8086: "$SCRATCH/dump.txt"
want 1 plan --require slot -d 1234:1001 "$SCRATCH/dump.txt"

# usage comes before everything else
want 2 plan --sysfs "$SCRATCH" "$slot"
want 2 frobnicate
want 2 plan --frobnicate "$slot"
want 2 plan --min-gap 13 "$slot"
want 2 plan --offset 0x230 --require nonsense "$slot"
want 2 plan --force "$slot"
want 2 explain no-such-finding

# unusable input is said, and the rest is answered
want 3 plan --format ndjson "$SCRATCH/no-such-file" "$slot"
complains no-such-file
holds '.placement.offset == 560'
