#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# No plan of a real function lies over registers that the facts know, where both are present.
set -u

facts=${FACTS:-../shared/facts}
corpus=${CORPUS:-../shared/corpus}
if [ ! -r "$facts/hidden-registers.tsv" ] || [ ! -d "$corpus" ]; then
	echo "no hidden-registers.tsv in $facts, or no $corpus"
	exit 77
fi
exec /usr/bin/python3 "$TESTS_DIR/facts/corpus_facts.py" "$facts" "$corpus"
