#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What is there, VFs included, by capgap and by lspci.
# shellcheck shell=dash disable=SC2154 # variables and functions of init
for device in "$devices"/*; do
	[ -e "$device/sriov_numvfs" ] || continue
	bdf=$(basename "$device")
	# A PF whose own driver is not there can be given one that makes VFs and does nothing else.
	[ -e "$device/driver" ] || to_driver pci-pf-stub "$bdf"
	echo "guest: $bdf, driver $(driver_of "$bdf"): VFs wanted"
	echo 2 >"$device/sriov_numvfs"
done

for device in "$devices"/*; do
	copy_configs config "$(basename "$device")"
done
record lspci lspci -D -n -xxxx
# From the tree of sysfs, as from a dump.
record tree.scan capgap scan --format ndjson "$devices"
record tree.bytes capgap view --from vfio -o - --output-format lspci "$devices"
# Live, where the program can. Nobody is a user who gets 64 bytes of each function.
record live.scan capgap scan --format ndjson
record live.plan capgap plan --format ndjson
record live.capture capgap capture -o -
echo 'nobody:x:65534:65534:nobody:/:/bin/sh' >/etc/passwd
record user.tree.scan su nobody -c "capgap scan --format ndjson $devices"
record user.live.scan su nobody -c "capgap scan --format ndjson"
# Nothing of it has changed a register.
for device in "$devices"/*; do
	copy_configs config.after "$(basename "$device")"
done
