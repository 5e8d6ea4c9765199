#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --offset: planned at the grade its bytes have, or refused with every objection.
# shellcheck source=tests/cli/lib.bash
. "$TESTS_DIR/cli/lib.bash"

slot=$made/8086-0b25-pasid-ats-pri.txt

want 0 plan --offset 560 --format ndjson "$slot"
holds '.placement | .grade == "slot" and .by == "caller" and .offset == 560'
want 0 plan --offset 0x230 --format ndjson "$slot"
holds '.placement.offset == 560'

# anywhere else the physical control register stays open, and that is said
want 0 plan --offset 0x400 --format ndjson "$slot"
holds '.placement.grade == "observed"'
holds '[.findings[].name] | index("pasid-control-exposed") != null'

# a weaker grade is planned, since it was asked for, but the answer is no
want 1 plan --offset 0xff8 --format ndjson "$slot"
holds '.placement.grade == "assumed"'
want 0 plan --offset 0xff8 --require assumed "$slot"

# owned bytes are refused, by name
want 1 plan --offset 0x220 --format ndjson "$slot"
holds '.placement == null and (.refusal | contains("ATS at 0x220"))'
holds '.objections | length > 0'
want 1 plan --offset 0x21c --format ndjson "$slot"
holds '.placement == null'
# --force overrides objections, but cannot put two entries of the list at one place
want 1 plan --offset 0x108 --force --format ndjson "$slot"
holds '.placement | .grade == "none" and .offset == 264 and .by == "caller"'
want 1 plan --offset 0x220 --force --format ndjson "$slot"
holds '.placement == null and (.refusal | contains("starts there"))'

for offset in 0xfc 0xffc 0x102 1000000 -4 0x four; do
	want 2 plan --offset "$offset" "$slot"
done
