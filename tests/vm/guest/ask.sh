#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The kernel's answers about the functions with the ids of capgap.ids=V:D,..., and their spaces.
# capgap.noiommu turns the unsafe mode on in which VFIO needs no IOMMU.
# shellcheck shell=dash disable=SC2154 # variables and functions of init
grep -q capgap.noiommu /proc/cmdline && echo Y >/sys/module/vfio/parameters/enable_unsafe_noiommu_mode
for id in $(tr ' ,' '\n' </proc/cmdline | sed -n 's/^capgap\.ids=//;/^[0-9a-f]*:[0-9a-f]*$/p'); do
	for bdf in $(with_id "$id"); do
		to_driver vfio-pci "$bdf"
		ask "answer.$bdf" "$bdf"
		record "group.$bdf" live_tool --yes --path group "$bdf"
		compare_live "$bdf"
	done
done
can_live plan && record plan capgap plan --live-query --yes --format ndjson
