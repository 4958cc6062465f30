# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
#
# output.bash - --output, and how a run ends; sourced by tests/cli/run

# Only what is new or ours is written to; nothing is followed.
output_is_refused()
{
	local folder=$work/output

	rm -rf "$folder"
	mkdir "$folder"
	echo precious >"$folder/file"
	ln -s file "$folder/link"
	ln "$folder/file" "$folder/other"
	echo precious >"$folder/nobody" && chown nobody "$folder/nobody"
	refuses output_no_folder 5 "cannot write '/no/such': No such" trace --output /no/such
	refuses output_folder 5 'Is a directory' trace --output "$folder"
	refuses output_link 5 'it is a symbolic link' trace --output "$folder/link"
	refuses output_hard_link 5 'it has another name' trace --output "$folder/file"
	refuses output_stranger 5 'belongs to somebody else' trace --output "$folder/nobody"
	refuses output_closed 5 "cannot write '/dev/fd/99': Bad" trace --output /dev/fd/99
	holds output_untouched "$(cat "$folder/file" "$folder/nobody")" \
		test "$(cat "$folder/file" "$folder/nobody" | sort -u)" = precious
}

output_is_written()
{
	local file=$work/output/lines got=0

	rm -rf "$work/output"
	mkdir "$work/output"
	yes | head -n 1000 >"$file.old"
	(umask 0; trace -j -d 100ms --output "$file" >"$work/out") || got=$?
	holds output "status $got: $(head -c 300 "$file" "$work/out")" \
		test "$got" = 0 -a "$(grep -c '"type":"\(start\|end\)"' "$file")" = 2 -a ! -s "$work/out"
	holds output_mode "$(stat -c %a "$file")" test "$(stat -c %a "$file")" = 640
	trace -j -d 100ms --output "$file.old"
	holds output_again "$(grep -c y "$file.old") lines" test "$(wc -l <"$file.old")" -lt 900
	trace -j -d 100ms --output - >"$file"
	holds output_stdout "$(cat "$file")" grep -q '"type":"end"' "$file"
	trace -j -d 100ms --output /dev/full 2>"$work/err"
	got=$?
	holds output_full "status $got: $(cat "$work/err")" test "$got" = 5
	# The reader of a pipe of ours is done when we are, whatever the command has left behind.
	# shellcheck disable=SC2016 # expanded there
	timeout 20 bash -c '"$1" -j --output >(cat >"$2"; echo done >>"$2") -- \
		sh -c "sleep 25 & exit 3"; got=$?; wait $!; exit $got' \
		bash "$O/closetrace" "$file" >/dev/null
	got=$?
	holds output_pipe "status $got: $(cat "$file")" test "$got:$(tail -n 1 "$file")" = 3:done
}

# What our caller has closed: nothing of what is for people ends up in a file of ours.
output_beside_closed()
{
	local got=0

	trace -j -d 100ms --output "$work/output/lines" 2>&- || got=$?
	holds output_no_stderr "status $got: $(cat "$work/output/lines")" \
		test "$got:$(grep -vc '^{.*}$' "$work/output/lines")" = 0:0
	# shellcheck disable=SC2016 # expanded there
	refuses output_no_stdout 5 'cannot write: Bad file' \
		bash -c '"$1" -qj -d 100ms >&-' sh "$O/closetrace"
}

# name, signal: it ends with its totals and all is well
ends_by()
{
	local got=0

	: >"$work/out" >"$work/err"
	env --default-signal=INT "$O/closetrace" -d 20 -P 1 >"$work/out" 2>"$work/err" &
	tracer=$!
	await "$work/err" 'tracing in'
	kill "-$2" "$tracer"
	wait "$tracer" || got=$?
	holds "$1" "status $got: $(cat "$work/err")" \
		test "$got:$(grep -c '^0 acts; 0 lost' "$work/err")" = 0:1
}

output_tests()
{
	output_is_refused
	output_is_written
	output_beside_closed
	ends_by sigint INT
	ends_by sigterm TERM
}
