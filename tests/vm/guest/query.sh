#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The kernel's answers about functions in every situation that can be made here.
# shellcheck shell=dash disable=SC2154 # variables and functions of init

group_of() {
	basename "$(readlink "$devices/$1/iommu_group")"
}

subject=$(with_id 8086:10d3)
pair=$(with_id 8086:100e)
first=${pair%%[!0-9a-f:.]*}
second=${pair##*[!0-9a-f:.]}
physfn=$(with_id 8086:10c9)

record not-on-vfio live_tool --yes "$subject"
to_driver vfio-pci "$subject"
record no-consent live_tool "$subject"
can_live query && record no-consent.cli capgap query --live "$subject" --format json
ask free "$subject"
ask_group free "$subject"
record free.cdev live_tool --yes --path cdev "$subject"
record no-device live_tool --yes 0000:7f:1f.7

# Another process has the group open.
sleep 1000 9<>"/dev/vfio/$(group_of "$subject")" &
holder=$!
sleep 1
ask held-group "$subject"
ask_group held-group "$subject"
kill $holder
wait $holder

# hold_function BDF [TOKEN]: another process reaches it, by the cdev where there is one;
# release_function lets it go.
mkfifo /tmp/input
hold_function() {
	local tries=0
	rm -f /tmp/held
	hold "$1" /tmp/held ${2:+"$2"} </tmp/input &
	exec 8>/tmp/input
	while [ ! -e /tmp/held ] && [ $tries -lt 100 ]; do
		tries=$((tries + 1))
		sleep 0.1
	done
}
release_function() {
	exec 8>&-
	wait
}

hold_function "$subject"
ask held "$subject"
ask_group held "$subject"
release_function

# Two functions in one group, one of them with a driver of the kernel.
to_driver vfio-pci "$first"
to_driver pci-pf-stub "$second"
ask shared "$first"
ask_group shared "$first"
to_driver vfio-pci "$second"
ask shared-cured "$first"

# A VF whose PF is on vfio-pci too.
to_driver none "$physfn"
echo Y >/sys/module/vfio_pci/parameters/enable_sriov
to_driver vfio-pci "$physfn"
echo 2 >"$devices/$physfn/sriov_numvfs"
vf=$(basename "$(readlink "$devices/$physfn/virtfn0")")
to_driver vfio-pci "$vf"
ask guarded "$vf"
ask guarded-token "$vf" 5d1e5a4c-0b1f-4b34-9c4e-1f1f6c1b0001
ask_group guarded "$vf"
ask_group guarded-token "$vf" 5d1e5a4c-0b1f-4b34-9c4e-1f1f6c1b0001
# Its owner has set another one, and gives it away.
hold_function "$physfn" 0f5c2d33-7c1e-4b55-8a3e-2f2f6c1b0002
ask guarded-unknown "$vf"
ask guarded-other "$vf" 5d1e5a4c-0b1f-4b34-9c4e-1f1f6c1b0001
ask guarded-right "$vf" 0f5c2d33-7c1e-4b55-8a3e-2f2f6c1b0002
ask_group guarded-right "$vf" 0f5c2d33-7c1e-4b55-8a3e-2f2f6c1b0002
release_function
ask physfn "$physfn"

# Its driver has gone.
to_driver none "$subject"
ask unbound "$subject"
