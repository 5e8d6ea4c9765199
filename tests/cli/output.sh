#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A file of --output: its mode, links to it, its name, and what a signal leaves behind.
# shellcheck source=tests/cli/lib.bash
. "$TESTS_DIR/cli/lib.bash"

device=$made/1234-1001-endpoint.bin
make=(dvsec --vendor 1234 --id 1 "$device" --output)
dir=$SCRATCH/place
mkdir "$dir"

# mode FILE MODE
mode() {
	[ "$(stat -c %a "$1")" = "$2" ] || fail "$1 has mode $(stat -c %a "$1"), not $2"
}

# alone NAME...: nothing else is in the directory
alone() {
	[ "$(find "$dir" -mindepth 1 -printf "%f\n" | sort | tr '\n' ' ')" = "$(printf '%s\n' "$@" | sort | tr '\n' ' ')" ] ||
		fail "in the directory: $(ls -A "$dir")"
}

# a new file has the mode that the umask leaves; one that was there keeps its own
for mask in 022 077; do
	(umask $mask && "$CAPGAP" "${make[@]}" "$dir/new-$mask.bin" >"$out" 2>"$err") ||
		fail "umask $mask"
done
mode "$dir/new-022.bin" 644
mode "$dir/new-077.bin" 600
cp "$dir/new-022.bin" "$SCRATCH/image"
for old in 600 640 664 444 755; do
	echo before >"$dir/kept.bin"
	chmod $old "$dir/kept.bin"
	want 0 "${make[@]}" "$dir/kept.bin"
	mode "$dir/kept.bin" $old
	cmp "$dir/kept.bin" "$SCRATCH/image" || fail "mode $old: the file is not replaced"
	rm -f "$dir/kept.bin"
done

# so do its owner and group, where root may give them; nobody else gets to read it
if [ "$(id -u)" = 0 ]; then
	echo before >"$dir/kept.bin"
	chown 12:34 "$dir/kept.bin"
	chmod 640 "$dir/kept.bin"
	want 0 "${make[@]}" "$dir/kept.bin"
	[ "$(stat -c %u:%g "$dir/kept.bin")" = 12:34 ] || fail "the owner is lost"
	mode "$dir/kept.bin" 640
	rm "$dir/kept.bin"
fi

# a capture, and an image of another command, go the same way
echo before >"$dir/kept.txt"
chmod 600 "$dir/kept.txt"
want 0 view -o "$dir/kept.txt" "$device"
mode "$dir/kept.txt" 600
rm "$dir/kept.txt"
alone new-022.bin new-077.bin

# links are followed, also to where nothing is yet
mkdir "$SCRATCH/elsewhere"
ln -s ../elsewhere/target.bin "$dir/link.bin"
ln -s link.bin "$dir/link-to-link.bin"
for name in link.bin link-to-link.bin; do
	rm -f "$SCRATCH/elsewhere/target.bin"
	want 0 "${make[@]}" "$dir/$name"
	[ -L "$dir/$name" ] || fail "$name: a link is replaced by a file"
	cmp "$SCRATCH/elsewhere/target.bin" "$SCRATCH/image" || fail "$name: not followed"
	chmod 600 "$SCRATCH/elsewhere/target.bin"
	want 0 "${make[@]}" "$dir/$name"
	mode "$SCRATCH/elsewhere/target.bin" 600
done
ln -s "$SCRATCH/elsewhere/absolute.bin" "$dir/absolute.bin"
want 0 "${make[@]}" "$dir/absolute.bin"
cmp "$SCRATCH/elsewhere/absolute.bin" "$SCRATCH/image" || fail "an absolute link"
ln -s loop.bin "$dir/loop.bin"
want 4 "${make[@]}" "$dir/loop.bin"
complains "symbolic links"
ln -s "$SCRATCH/no/such/place.bin" "$dir/nowhere.bin"
want 4 "${make[@]}" "$dir/nowhere.bin"
complains "No such file"
rm "$dir"/*

# the longest name that a file can have; here, and elsewhere
long=$(printf '%0251d.bin' 0)
want 0 "${make[@]}" "$dir/$long"
cmp "$dir/$long" "$SCRATCH/image" || fail "a long name"
want 0 "${make[@]}" "$dir/$long"
program=$(realpath "$CAPGAP")
image=$(realpath "$device")
(cd "$dir" && "$program" dvsec --vendor 1234 --id 1 "$image" --output "$long" >"$out") ||
	fail "a long name without a directory"
(cd "$dir" && "$program" dvsec --vendor 1234 --id 1 "$image" --output a.bin >"$out") ||
	fail "a short name without a directory"
alone "$long" a.bin
want 4 "${make[@]}" "$dir/x$long"
complains "name too long"
rm "$dir"/*

# a signal while the report waits for its reader: what was there stays, nothing is left behind.
# The pipe is full, so the report cannot be written.
mkfifo "$SCRATCH/full"
exec 9<>"$SCRATCH/full"
timeout 1 cat /dev/zero >&9
interrupt() {
	local signal=$1 tries=0
	shift
	"$@" >&9 2>"$err" 9>&- &
	while [ -z "$(find "$dir" -mindepth 1 ! -name kept.bin)" ]; do
		sleep 0.05
		tries=$((tries + 1))
		[ $tries -lt 200 ] || fail "$signal: it does not wait"
	done
	kill -"$signal" $!
	wait $!
}
echo before >"$dir/kept.bin"
for signal in HUP INT TERM; do
	# A shell without job control has its children ignore INT.
	interrupt $signal env --default-signal=INT "$CAPGAP" "${make[@]}" "$dir/kept.bin"
	status=$?
	[ $status = $((128 + $(kill -l $signal))) ] || fail "$signal: status $status"
	alone kept.bin
	[ "$(cat "$dir/kept.bin")" = before ] || fail "$signal: the file is touched"
done
