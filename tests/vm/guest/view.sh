#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What vfio-pci shows of each function behind a root port, and what sysfs shows.
# shellcheck shell=dash disable=SC2154 # variables and functions of init
targets=
for device in "$devices"/*; do
	case $device in
	*/0000:00:*) ;;
	*) targets="$targets $(basename "$device")" ;;
	esac
done
# shellcheck disable=SC2086 # one word a function
to_driver vfio-pci $targets
# By the group where the kernel gives devices no node of their own.
for bdf in $targets; do
	record "region/$bdf" live_tool --yes --config "$bdf" &
done
wait
# shellcheck disable=SC2086
copy_configs config $targets
