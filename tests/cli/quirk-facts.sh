#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The quirk table keeps what the facts on hidden registers say, where these are present.
set -u

facts=${FACTS:-../shared/facts}
if [ ! -r "$facts/hidden-registers.tsv" ]; then
	echo "no hidden-registers.tsv in $facts"
	exit 77
fi
exec /usr/bin/python3 "$TESTS_DIR/facts/quirk_facts.py" "$facts" "$TESTS_DIR/quirks/carried.tsv" \
	"$SCRATCH"
