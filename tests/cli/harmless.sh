#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Every command with every option, under strace: nothing below /sys or /dev is opened for
# writing, written, or controlled, unless --live or --live-query is given and agreed to.
# shellcheck source=tests/cli/lib.bash
. "$TESTS_DIR/cli/lib.bash"

log=$SCRATCH/log
judge=$TESTS_DIR/cli/harmless-trace
host=$made/8086-0b25-pasid-ats-pri.txt
tree=$made/1234-1002-iommu-tree/sys
sysfs=$SCRATCH/sys

skip() {
	echo "$*"
	exit 77
}
command -v strace >/dev/null || skip "strace is not installed"
[ -z "$SANITIZE" ] || skip "the leak sanitizer does not run under strace; the plain build does"
strace -f -y -qq -o "$log" true 2>"$err" || skip "strace cannot trace here: $(head -1 "$err")"

# A machine of its own, for the options about the live host.
cp -a "$tree" "$sysfs"
mkdir -p "$sysfs/bus/pci/devices"
find "$sysfs/devices" -type d -name '????:??:??.?' | while read -r place; do
	ln -s "../../../${place#"$sysfs"/}" "$sysfs/bus/pci/devices/"
done

# The judge finds each of these wrong, and none of those.
while IFS= read -r line; do
	echo "$line" >"$log"
	if "$judge" "$log" >"$out"; then fail "it passes: $line"; fi
done <<'EOT'
openat(AT_FDCWD</>, "/sys/bus/pci/devices/0000:00:01.0/config", O_RDWR) = 3</sys/devices/pci0000:00/0000:00:01.0/config>
openat(AT_FDCWD</tmp>, "/dev/iommu", O_RDONLY) = -1 ENOENT (No such file or directory)
12 openat(4</dev/vfio>, "devices/vfio0", O_RDWR|O_CLOEXEC) = -1 EACCES (Permission denied)
open("/tmp/link", O_WRONLY) = 3</sys/kernel/profiling>
openat(AT_FDCWD</>, "sys/x", O_WRONLY|O_CREAT, 0600) = -1 EACCES (Permission denied)
ioctl(3</dev/sda>, BLKGETSIZE64, [1]) = 0
ioctl(3</sys/bus/pci/devices/0000:00:01.0/config>, FIONREAD, [1]) = 0
write(5</sys/bus/pci/drivers_probe>, "0000:00:01.0", 12) = 12
unlinkat(AT_FDCWD</dev>, "x", 0) = 0
creat("/dev/x", 0600) = 3</dev/x>
EOT
while IFS= read -r line; do
	echo "$line" >"$log"
	"$judge" "$log" >"$out" || fail "it does not pass: $line"
done <<'EOT'
openat(AT_FDCWD</>, "/sys/bus/pci/devices/0000:00:01.0/config", O_RDONLY) = 3</sys/devices/pci0000:00/0000:00:01.0/config>
openat(AT_FDCWD</>, "/dev/null", O_RDWR) = 3</dev/null>
ioctl(1</dev/pts/4>, TCGETS, {c_iflag=ICRNL}) = 0
write(1</tmp/out>, "/sys/", 5) = 5
openat(AT_FDCWD</sys>, "/tmp/x", O_WRONLY|O_CREAT, 0600) = 4</tmp/x>
EOT

# traced ARGUMENT...: run it, and nothing may be wrong with what it calls.
runs=0
traced() {
	runs=$((runs + 1))
	strace -f -y -qq -s 256 -e 'trace=%file,%desc' -o "$log" \
		"$CAPGAP" "$@" >"$SCRATCH/output" 2>"$err" </dev/null
	status=$?
	"$judge" "$log" >"$out" || fail "capgap $*"
	[ "$status" != 2 ] || fail "capgap $*: wrong usage does nothing"
}

# What an option is given with, after its own name where it has an argument. An option with
# no row here is a failure: the table is of all of them.
declare -A given=(
	[all]='' [anonymise]='' [decode]='' [explain]='' [numeric]='' [require-pasid]=''
	[require-vmm]='' [rules]='' [strict-quirks]='' [samples]='' [common]='' [wake]=''
	[driver-table]='' [features]='' [live-query]=''
	[slot]=6a:01.0 [device]=8086:0b25 [format]=json [from]=host [min-gap]=16
	[quirks]=$TESTS_DIR/quirks/first [descriptor]=7e57:0042 [require]=assumed
	[offset]=0x400 [force]='--offset 0x400' [vmm]=generic [cap]=pri [guard]=16
	[kernel]=5.15 [vfio-view]=$host [nodedev]=$made/1234-1002-nodedev/pci_0000_3b_10_0.xml
	[group-by]=vendor [iommu-pasid-bits]=8 [warning]=null-header [error]=null-header
	[no]=null-header [method]=hw-info [flags]='probe --method vfio-feature-v1'
	[argsz]='40 --method hw-info' [range]=1:100 [output]=$SCRATCH/image
	[output-format]="lspci --output $SCRATCH/image" [width]=8 [sysfs]=$sysfs
	[form]=table [vendor]=7e57 [id]=42 [at]=0x400
	[live]=0000:00:00.0 [vf-token]='5d1e5a4c-0b1f-4b34-9c4e-1f1f6c1b0001'
)
# The same for one command, where it differs.
declare -A given_to=(
	[dvsec:range]=0x400:0x40 [dvsec:require]='assumed --driver-table' [plan:vf-token]="${given[vf-token]} --live-query"
	[query:vf-token]="${given[vf-token]} --live ${given[live]}"
	[view:vf-token]="${given[vf-token]} --live ${given[live]}"
	[query:path]="cdev --live ${given[live]}" [view:path]="group --live ${given[live]}"
)
# What a command reads; the options that are about the live host go without.
declare -A operands=(
	[capture]="--sysfs $sysfs" [dvsec]="--vendor 7e57 --id 42 $host" [explain]=''
	['quirks list']='' ['quirks explain']=amd-sata-class-enable
	['quirks lint']="$TESTS_DIR/quirks/first" ['vmm list']='' ['vmm explain']=qemu-11.1
)
# Consent is what this is not about: with it devices are opened.
consent=yes

# Words of a command's options, one a line: its name, and a word where it has an argument.
options() { sed -nE 's/^ +(-., )?--([a-z-]+)( [A-Z].*)?  .*/\2/p' "$SCRATCH/help"; }

try_option() {
	local command=$1 option=$2 words input=${operands[$1]-$host}
	local key=$command:$option
	if [ -z "${given[$option]+x}${given_to[$key]+x}" ]; then
		fail "no row for --$option of $command"
	fi
	words=${given_to[$key]-${given[$option]}}
	case $key in
	dvsec:decode | dvsec:require) input=$host ;;
	*:live | *:live-query | *:sysfs | *:vf-token | *:path) input= ;;
	esac
	# shellcheck disable=SC2086 # words
	case $option in
	wake) traced $command --wake --sysfs "$sysfs" ;;
	driver-table | rules | features) traced $command "--$option" ;;
	*) traced $command "--$option" $words $input ;;
	esac
}

try_command() {
	local option
	# shellcheck disable=SC2086 # a command may be two words
	"$CAPGAP" $1 --help >"$SCRATCH/help"
	for option in $(options); do
		case $option in
		help | version | "$consent") ;;
		*) try_option "$1" "$option" ;;
		esac
	done
	# shellcheck disable=SC2086
	traced $1 ${operands[$1]-$host}
}

commands() { sed -n '/^commands:/,/^$/s/^  \([a-z]*\) .*/\1/p'; }

for command in $("$CAPGAP" --help | commands); do
	subs=$("$CAPGAP" "$command" --help | commands)
	if [ -z "$subs" ]; then
		try_command "$command"
	fi
	for sub in $subs; do
		try_command "$command $sub"
	done
done
[ "$runs" -gt 100 ] || fail "only $runs runs: the commands or options were not found"

# the machine itself
for command in plan scan query capture; do
	traced "$command"
done
for bdf in /sys/bus/pci/devices/*; do
	[ -e "$bdf" ] || continue
	traced query --live "${bdf##*/}"
	traced view --live "${bdf##*/}"
	[ "$status" = 4 ] || fail "view --live ${bdf##*/}: exit status $status without consent"
done
traced plan --live-query
echo "$runs runs"
