# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2154	# what tests/cli/run has
#
# What record keeps and report prints of it: the same as a live trace, or a word about why not.

# Starts a record with these options; its messages are in $work/record.err.
begin_record()
{
	"$O/closetrace" record -d 30 "$@" 2>"$work/record.err" &
	recorder=$!
	await "$work/record.err" 'recording in the'
}

finish_record()
{
	local name=$1 status=$2 got=0

	kill -TERM "$recorder" 2>/dev/null
	wait "$recorder" || got=$?
	[[ $got == "$status" ]] ||
		{ fail "$name" "status $got: $(tail -n 1 "$work/record.err")"; return 1; }
}

# The acts and notes of a file of JSON lines, but for what each tracer reads or counts for itself:
# the clocks, which are read anew by each program, and its own numbers of runs and sockets.
lines_of()
{
	grep -E '"type":"(act|note)"' "$1" |
		sed -E 's/"(time|run|socket|listener)":"[^"]*",//g; s/"(ktime_ns|[a-z]*_us)":[0-9]*,?//g' |
		sort
}

report() { trace report -j "$@" >"$work/report" 2>"$work/report.err"; }

refuses_records()
{
	refuses report_no_file 2 'closetrace report FILE' trace report
	refuses report_missing 5 "cannot read '/nonexistent'" trace report /nonexistent
	refuses report_directory 5 'directory' trace report "$work"
	printf 'no record, but some text' >"$work/text"
	refuses report_text 5 'no record of closetrace' trace report "$work/text"
	refuses report_empty 5 'no record of closetrace' trace report /dev/null
	refuses report_held 2 'does not take --held' trace report --held "$work/text"
	refuses record_look 2 'does not take --summary' trace record --summary
	refuses record_stacks 2 'k goes with --format sqlite' trace record -w "$work/x.ctr" -k
	refuses record_verdict 2 'cause goes with closetrace report' \
		trace record -w "$work/x.ctr" --cause linger0
	refuses record_format 2 "format takes one of .*raw" trace record --format x
	refuses write_trace 2 'goes with record' trace -w x
}

# A live trace and a record of the same connections tell the same, word for word.
records_the_same()
{
	local name lab=lab-$$

	cp "$O/closelab" "$work/$lab"
	begin --all --comm "$lab" || { fail record "does not start"; return; }
	begin_record -w "$work/same.ctr" --all --comm "$lab" ||
		{ fail record "does not record"; return; }
	for name in unread fin_clean half_close close_then_data_fw1 listen_queue_close linger0; do
		"$work/$lab" "$name" --netns >/dev/null
	done
	await_lines 1 '"cause":"linger0"'
	finish_record record 0 || return
	finish record 0 || return
	report "$work/same.ctr" --all ||
		{ fail record "report: $?, $(cat "$work/report.err")"; return; }
	keep "$work/report"
	holds record "$(diff <(lines_of "$work/json") <(lines_of "$work/report") | head -n 2)" \
		cmp -s <(lines_of "$work/json") <(lines_of "$work/report")
	holds record_acts "$(grep -c '"act"' "$work/report") acts" \
		test "$(grep -c '"act"' "$work/report")" -ge 10
	holds record_end "$(tail -n 1 "$work/report")" \
		grep -q '"type":"end".*"status":0' <(tail -n 1 "$work/report")
	holds record_mode "$(stat -c %a "$work/same.ctr")" \
		test "$(stat -c %a "$work/same.ctr")" = 640
}

record_tests()
{
	records_the_same
}
