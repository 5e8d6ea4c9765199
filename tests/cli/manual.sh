#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# docs/capgap.1 says what --help says: the same commands, options and names, no more and
# no less. Its examples run, and it renders without a warning.
# shellcheck source=tests/cli/lib.bash
. "$TESTS_DIR/cli/lib.bash"

page=docs/capgap.1
tab=$'\t'

# The page without its font changes.
plain() { sed 's/\\f[BIR]//g; s/\\-/-/g; s/\\(aq/'\''/g'; }
section() { sed -n "/^\.SH $1\$/,/^\.SH /p" "$page" | plain; }
tags() { section "$1" | sed -n 's/^\.IP "\(.*\)"$/\1/p'; }

# same WHAT: what the program has, in the file program, is what the page has, in the file page.
same() {
	[ -s "$SCRATCH/program" ] || fail "$1: the program says nothing"
	sort -o "$SCRATCH/program" "$SCRATCH/program"
	sort -o "$SCRATCH/page" "$SCRATCH/page"
	diff "$SCRATCH/program" "$SCRATCH/page" >"$out" ||
		fail "$1: < is what the program has, > what the page has"
}

# Commands, and those that they consist of.
names() {
	"$CAPGAP" "$@" --help | sed -n '/^commands:$/,/^$/s/^  \([a-z]*\) .*/\1/p'
}
commands=()
for word in $(names); do
	mapfile -t subs < <(names "$word")
	[ ${#subs[@]} -gt 0 ] || subs=('')
	for sub in "${subs[@]}"; do commands+=("$word${sub:+ $sub}"); done
done
printf '%s\n' "${commands[@]}" >"$SCRATCH/program"
tags COMMANDS | sed 's/ *[[A-Z].*//' >"$SCRATCH/page"
same commands
section SYNOPSIS >"$SCRATCH/synopsis"
for command in "${commands[@]}"; do
	for word in $command; do
		grep -qwF -- "$word" "$SCRATCH/synopsis" || fail "the synopsis lacks $word"
	done
done

# Options: short and long name, name of the argument, and the commands that take it.
# help_of COMMAND: its --help; two words are a command of a command.
help_of() {
	local words
	read -r -a words <<<"$1"
	"$CAPGAP" "${words[@]}" --help
}
for command in "${commands[@]}"; do
	help_of "$command" | sed -nE "s/^ +((-., )?--[a-z-]+( [^ ]+)?) .*/\1$tab$command/p"
done >"$SCRATCH/program"
# The page has an option's commands in brackets, at the end of its text.
section OPTIONS | awk -v all="$(printf '%s, ' "${commands[@]}")" '
function flush(	n, i, list) {
	if (tag == "")
		return
	if (!match(text, /\[[^][]*\]$/))
		print tag "\tno brackets"
	list = substr(text, RSTART + 1, RLENGTH - 2)
	n = split(list == "all" ? substr(all, 1, length(all) - 2) : list, of, ", ")
	for (i = 1; i <= n; i++)
		print tag "\t" of[i]
	tag = ""
}
/^\./ { flush() }
/^\.IP "/ { tag = substr($0, 6, length($0) - 6); text = ""; next }
{ text = text " " $0 }
END { flush() }' >"$SCRATCH/page"
same options

# No other long option stands anywhere in the page, also not in its prose.
cut -f 1 "$SCRATCH/program" | grep -oE -- '--[a-z-]+' | sort -u >"$SCRATCH/known"
plain <"$page" | grep -oE -- '--[a-z][a-z-]*' | sort -u >"$SCRATCH/said"
comm -13 "$SCRATCH/known" "$SCRATCH/said" >"$out"
[ ! -s "$out" ] || fail "the page has options that no command has"

# The names that an option takes, as --help lists them.
# listed COMMAND OPTION: one a line.
listed() {
	help_of "$1" | sed -nE "s/^ .*--$2 [^ ]+ +//p" |
		sed -E 's/(json|libvirt|sarif):.*/\1/; s/.*: //; s/\(default\)//g; s/\<or\>/ /g' |
		tr -s ',; ' '\n' | grep .
}
for command in "${commands[@]}"; do listed "$command" format; done |
	sort -u >"$SCRATCH/program"
tags OUTPUT | sed 's/, /\n/g' >"$SCRATCH/page"
same formats
listed plan require >"$SCRATCH/program"
tags GRADES >"$SCRATCH/page"
same grades
mapfile -t vmms < <(listed plan vmm)
"$CAPGAP" vmm explain --format json "${vmms[@]}" | jq -r '.[].rules[].verdict' |
	sort -u >"$SCRATCH/program"
tags VERDICTS >"$SCRATCH/page"
same verdicts
"$CAPGAP" --help | sed -n '/^exit status:$/,$s/^  \([0-9]\) .*/\1/p' >"$SCRATCH/program"
tags "EXIT STATUS" >"$SCRATCH/page"
same "exit statuses"
for pair in "plan vmm" "plan group-by" "query method" "query flags"; do
	command=${pair% *} option=${pair#* }
	listed "$command" "$option" >"$SCRATCH/words"
	section OPTIONS | sed -n "/^\.IP \"[^\"]*--$option /,/\]\$/p" >"$SCRATCH/entry"
	while read -r word; do
		grep -qwF -- "$word" "$SCRATCH/entry" || fail "--$option of the page lacks $word"
	done <"$SCRATCH/words"
done

want 0 --version
[ "$(sed -n 's/^\.TH .* "\(capgap .*\)" .*/\1/p' "$page")" = "$(cat "$out")" ] ||
	fail "the page is that of another version"

# The examples, one after the other, with a made dump and a made host.
device=0000:00:01.0
mkdir -p "$SCRATCH/examples" "$SCRATCH/sys/bus/pci/devices"
cp -a "$made/1234-1002-sysfs-tree/sys/devices" "$SCRATCH/sys/"
ln -s "../../../devices/pci0000:00/$device" "$SCRATCH/sys/bus/pci/devices/"
cp "$made/8086-0b25-pasid-ats-pri.txt" "$SCRATCH/dump"
cp "$made/1234-1001-endpoint.bin" "$SCRATCH/examples/image.bin"
section EXAMPLES | sed -n 's/^\.B //p' >"$SCRATCH/script"
[ "$(grep -c '^capgap ' "$SCRATCH/script")" -ge 6 ] || fail "there are hardly any examples"
cat >"$SCRATCH/machine" <<'EOT'
set -e -o pipefail
cd "$SCRATCH/examples"
capgap() {
	if [ "$1" = capture ]; then set -- "$@" --sysfs "$SCRATCH/sys"; fi
	"$CAPGAP" "$@"
}
lspci() {
	if [ "$1" = -xxxx ]; then cat "$SCRATCH/dump"; else command lspci "$@"; fi
}
EOT
cat "$SCRATCH/machine" "$SCRATCH/script" | bash -x >"$out" 2>"$err" ||
	fail "an example fails: $(tail -n 3 "$err")"
says "x-vpasid-cap-offset=560"
says "0000:6a:01.0"
says "Process Address Space ID"
grep -q "^# capgap: $device " "$SCRATCH/examples/host.txt" || fail "the capture lacks $device"

# The layout, by whoever can read it.
if command -v mandoc >/dev/null; then
	mandoc -T lint -W warning "$page" >"$out" 2>"$err" || fail "mandoc warns"
fi
if ! command -v groff >/dev/null; then
	echo "groff is not installed: whether the page renders without a warning is not known; all else holds"
	exit 77
fi
groff -man -T utf8 -ww -z "$page" >"$out" 2>"$err" || fail "groff fails"
quiet
