#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What vfio-pci shows of VFs, and what capgap says that it shows.
# shellcheck shell=dash disable=SC2154 # variables and functions of init
for device in "$devices"/*; do
	[ -e "$device/sriov_numvfs" ] || continue
	bdf=$(basename "$device")
	to_driver pci-pf-stub "$bdf"
	echo 2 >"$device/sriov_numvfs"
done
for device in "$devices"/*; do
	[ -e "$device/physfn" ] || continue
	bdf=$(basename "$device")
	to_driver vfio-pci "$bdf"
	compare_live "$bdf"
done
record view capgap view -o - --output-format lspci "$devices"
record hidden capgap view --format ndjson "$devices"
