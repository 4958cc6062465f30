# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2154	# what tests/cli/run has
#
# What record keeps and report prints of it: the same as a live trace, or a word about why not.

# Starts a record with these options; its messages are in $work/record.err.
begin_record()
{
	rm -f "$work/record.err"
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
	refuses report_missing 5 "cannot read '/nonexistent'" trace report /nonexistent
	refuses report_directory 5 'directory' trace report "$work"
	printf 'no record, but some text' >"$work/text"
	refuses report_text 5 'no record of closetrace' trace report "$work/text"
	refuses report_empty 5 'no record of closetrace' trace report /dev/null
	refuses report_stats 2 'does not take --stats' trace report --stats "$work/text"
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
	local name

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

# One connection that is reset, and nobody else's acts: $lab is a closelab of its own name.
reset_one() { "$work/$lab" linger0 --netns >/dev/null; }

# What $work/report has, without the notes and runs.
reported() { grep -c '"type":"act"' "$work/report"; }

# name, status of report, how many acts, a word on its stderr
reports()
{
	local name=$1 status=$2 acts=$3 pattern=$4 got=0
	shift 4

	report "$@" || got=$?
	keep "$work/report"
	if [[ $got != "$status" || $(reported) != "$acts" ]]; then
		fail "$name" "status $got, $(reported) acts: $(cat "$work/report.err")"
	elif [[ -n $pattern ]] && ! grep -qE -- "$pattern" "$work/report.err"; then
		fail "$name" "stderr: $(cat "$work/report.err")"
	else
		pass "$name"
	fi
}

# What is cut, changed or of the future is said so, once, and what stands before that is told.
reports_damage()
{
	local size

	begin_record -w "$work/good.ctr" --comm "$lab" || { fail damage "does not record"; return; }
	reset_one
	finish_record damage 0 || return
	size=$(stat -c %s "$work/good.ctr")
	reports report_good 0 2 '' "$work/good.ctr"
	head -c $((size - 100)) "$work/good.ctr" >"$work/cut.ctr"
	reports report_cut 5 2 'its end is missing' "$work/cut.ctr"
	holds report_cut_once "$(cat "$work/report.err")" \
		test "$(grep -c 'cannot read' "$work/report.err")" = 1
	cp "$work/good.ctr" "$work/bad.ctr"
	printf 'x' | dd of="$work/bad.ctr" bs=1 seek=$((size / 2)) conv=notrunc 2>/dev/null
	report "$work/bad.ctr"
	holds report_bad "$(cat "$work/report.err")" grep -q 'it is damaged' "$work/report.err"
	cp "$work/good.ctr" "$work/new.ctr"
	printf '\011' | dd of="$work/new.ctr" bs=1 seek=12 conv=notrunc 2>/dev/null
	refuses report_new 5 'made by a newer closetrace' trace report "$work/new.ctr"
}

# Nobody's root, nothing written: a copy in a directory that only shows it.
reports_to_anybody()
{
	mkdir "$work/shown"
	cp "$work/good.ctr" "$work/shown/copy.ctr"
	cp "$O/closetrace" "$work/shown/closetrace"
	chmod 444 "$work/shown/copy.ctr"
	chmod 555 "$work/shown"
	holds report_anybody "status $?" timeout 20 setpriv --reuid 65534 --regid 65534 \
		--clear-groups --inh-caps=-all --bounding-set=-all \
		"$work/shown/closetrace" report -q "$work/shown/copy.ctr"
	holds report_writes "something new beside the record" \
		test "$(ls "$work/shown")" = "$(printf 'closetrace\ncopy.ctr')"
	chmod 755 "$work/shown"
}

# Through pipes, as over ssh, and several files as one.
records_to_pipes()
{
	local got=0

	rm -f "$work/record.err"
	"$O/closetrace" record -w - --comm "$lab" -c 2 -d 30 2>"$work/record.err" |
		"$O/closetrace" report - -j >"$work/report" 2>"$work/report.err" &
	await "$work/record.err" 'recording in the' || { fail pipe "does not start"; return; }
	reset_one
	wait $! || got=$?
	holds record_pipe "status $got, $(reported) acts: $(cat "$work/report.err")" \
		test "$got $(reported)" = '0 2'
	cat "$work/good.ctr" "$work/good.ctr" >"$work/twice.ctr"
	reports report_twice 0 4 '' "$work/twice.ctr"
	"$O/closetrace" record -w - -d 30 2>/dev/null | head -c 10 >/dev/null &
	reset_one
	wait $!
	holds record_reader_gone "status $?" test $? = 0
}

# A file goes on behind what it holds, also behind half a frame; one at a time writes it.
records_behind()
{
	cp "$work/good.ctr" "$work/more.ctr"
	begin_record -w "$work/more.ctr" --comm "$lab" || { fail behind "does not record"; return; }
	reset_one
	refuses record_twice 5 'another closetrace writes it' trace record -w "$work/more.ctr"
	reports report_live 0 4 '' "$work/more.ctr"
	kill -9 "$recorder"
	wait "$recorder" 2>/dev/null
	reports report_killed 5 4 'its end is missing' "$work/more.ctr"
	# Half of a frame that says to have 60,000 B, more than what comes in its place.
	{ printf '\0\0\0\0\4\0\0\0\140\352\0\0'; head -c 50000 /dev/zero; } >>"$work/more.ctr"
	begin_record -w "$work/more.ctr" --comm "$lab" || { fail behind "does not go on"; return; }
	reset_one
	finish_record behind 0 || return
	reports record_behind 0 6 '' "$work/more.ctr"
	holds record_behind_runs "$(grep -c '"start"' "$work/report") runs" \
		test "$(grep -c '"type":"start"' "$work/report")" = 3
	# The one that was killed was on until its last batch, and nobody between them.
	holds record_behind_gaps "$(grep '"type":"gap"' "$work/report")" \
		test "$(grep -c '"type":"gap"' "$work/report")" = 2
	grep -E '"type":"(start|end|gap)"' "$work/report" | grep -o '"time":"[^"]*"' >"$work/times"
	holds record_behind_order "$(cat "$work/times")" sort -c "$work/times"
}

# SIGHUP after a rename: the old file is whole, the new one has all the names, the run is one.
records_anew()
{
	begin_record -w "$work/log.ctr" --comm "$lab" || { fail rotate "does not record"; return; }
	reset_one
	kill -USR1 "$recorder"
	await "$work/record.err" '2 recorded' || { fail rotate "no totals on SIGUSR1"; return; }
	kill -HUP "$recorder"
	mv "$work/log.ctr" "$work/log.1.ctr"
	kill -HUP "$recorder"
	for ((i = 0; i < 500; i++)); do
		[[ -s $work/log.ctr ]] && break
		sleep 0.02
	done
	reset_one
	finish_record rotate 0 || return
	reports record_turned 0 2 '' "$work/log.1.ctr"
	reports record_anew 0 2 '' "$work/log.ctr"
	cat "$work/log.1.ctr" "$work/log.ctr" >"$work/log.all.ctr"
	reports record_joined 0 4 '' "$work/log.all.ctr"
	holds record_one_run "more than one start" \
		test "$(grep -c '"type":"start"' "$work/report")" = 1
}

# The totals and the start of a file are of its own time: of the losses before the first file is
# told, not the second; who follows both, or reads them joined, is told of one run and their sum.
records_losses_anew()
{
	local form=$1 name=record_own_$1 file=$work/own.$1 got=0 reader

	begin_record -w "$file" --comm "$lab" --buffer 4k || { fail "$name" "no record"; return; }
	"$O/closetrace" report -F -j "$file" >"$work/follow" 2>/dev/null &
	reader=$!
	kill -STOP "$recorder"
	"$work/$lab" linger0 --netns --count 20 >/dev/null
	kill -CONT "$recorder"
	await "$work/follow" '"type":"act"' || fail "$name" "nothing to follow"
	mv "$file" "$file.1"
	kill -HUP "$recorder"
	for ((i = 0; i < 500; i++)); do
		[[ -s $file ]] && break
		sleep 0.02
	done
	reset_one
	finish_record "$name" 4 || return
	sleep 0.5
	kill -TERM "$reader"
	wait "$reader" || got=$?
	reports "$name" 0 2 '' "$file"
	mv "$work/report" "$work/second"
	report "$file.1" || got=$got,$?
	mv "$work/report" "$work/first"
	if [[ $form == ctr ]]; then
		cat "$file.1" "$file" >"$work/joined"
		report "$work/joined" || got=$got,$?
	else
		cp "$work/follow" "$work/report"
		got=$got,4
	fi
	holds "${name}_sum" "status $got: $(tail -qn 1 "$work/"{first,second,report,follow})" \
		/usr/bin/python3 -c '
import json, sys
def read(path):
    lines = [json.loads(line) for line in open(path)]
    starts = [line for line in lines if line["type"] == "start"]
    assert len(starts) == 1 and sum(line["type"] == "end" for line in lines) == 1
    return starts[0], lines[-1]
(start, first), (next_start, second), (_, joined), (_, followed) = map(read, sys.argv[2:])
assert sys.argv[1] == "4,4,4"
assert first["lost"] > 0 and first["status"] == 4 and second["lost"] == 0
for key in "seen", "emitted", "filtered", "lost", "lost_ring":
    assert first[key] + second[key] == joined[key] == followed[key]
assert start["run"] == next_start["run"]
assert start["time"] < first["time"] <= next_start["time"] < second["time"]
' "$got" "$work/"{first,second,report,follow}
}

empty() { : >"$1"; }

# Neither is a rename: it is noticed, and what comes goes into a new file, or a new beginning.
records_after()
{
	local way=$1 form file
	shift

	for form; do
		file=$work/$way.$form
		begin_record -w "$file" --comm "$lab" || { fail "$way" "does not record"; return; }
		reset_one
		kill -USR1 "$recorder"
		await "$work/record.err" '2 recorded' || { fail "$way" "no totals"; return; }
		"$way" "$file"
		for ((i = 0; i < 100; i++)); do
			reset_one
			grep -q 'was removed' "$work/record.err" && break
			sleep 0.1
		done
		reset_one
		finish_record "${way}_$form" 0 || return
		report "$file" || fail "record_${way}_$form" "status $?"
		holds "record_${way}_$form" "$(reported) acts; $(tail -n 2 "$work/record.err")" \
			test "$(reported)" -ge 2 -a ! -e "$file-wal" \
			-a "$(grep -c 'was removed' "$work/record.err")" = 1
	done
}

# Only files that are ours: no links, none of another user, nothing that is no record.
refuses_to_record()
{
	ln -s "$work/target" "$work/link.ctr"
	refuses record_link 5 'symbolic link' trace record -q -w "$work/link.ctr"
	: >"$work/theirs.ctr"
	chown 65534 "$work/theirs.ctr"
	refuses record_theirs 5 'somebody else' trace record -q -w "$work/theirs.ctr"
	echo 'something that must stay' >"$work/diary"
	refuses record_over 5 'name another' trace record -q -w "$work/diary"
	holds record_over_kept "it was changed" grep -q 'must stay' "$work/diary"
	refuses record_nowhere 5 'No such file' trace record -q -w "$work/none/x.ctr"
}

# A reader that was stopped loses acts: the record says so, and so does the report of it.
records_losses()
{
	begin_record -w "$work/lossy.ctr" --comm "$lab" --buffer 4k ||
		{ fail record_losses "does not record"; return; }
	kill -STOP "$recorder"
	"$work/$lab" linger0 --netns --count 20 >/dev/null
	kill -CONT "$recorder"
	finish_record record_losses 4 || return
	report "$work/lossy.ctr"
	holds record_losses "status $?" test $? = 4
	holds record_losses_sum "$(tail -n 1 "$work/report")" /usr/bin/python3 -c '
import json, sys
end = json.loads(open(sys.argv[1]).readlines()[-1])
assert end["lost"] > 0 and end["status"] == 4
assert end["seen"] == end["emitted"] + end["filtered"] + end["unowned"] + end["lost"]
' "$work/report"
}

# A disk without room is said, counted and survived; what was written before is whole.
survives_a_full_disk()
{
	mkdir "$work/small"
	mount -t tmpfs -o size=1m tmpfs "$work/small" || { skip record_full "no tmpfs"; return; }
	begin_record --format raw -w "$work/small/a.ctr" --comm "$lab" ||
		{ fail record_full "does not record"; umount "$work/small"; return; }
	reset_one
	dd if=/dev/zero of="$work/small/fill" bs=1k count=2000 2>/dev/null
	"$work/$lab" linger0 --netns --count 20 >/dev/null
	await "$work/record.err" 'No space left' || fail record_full "nothing is said"
	rm "$work/small/fill"
	await "$work/record.err" 'is written again' || fail record_full "it does not go on"
	reset_one
	finish_record record_full 4 || { umount "$work/small"; return; }
	report "$work/small/a.ctr"
	holds record_full "status $?" test $? = 4
	holds record_full_sum "$(tail -n 1 "$work/report")" /usr/bin/python3 -c '
import json, sys
lines = [json.loads(line) for line in open(sys.argv[1])]
acts = sum(line["type"] == "act" for line in lines)
end = lines[-1]
assert end["lost_store"] > 0 and acts == end["emitted"] and acts >= 4
gaps = [line for line in lines if line["type"] == "gap" and line["kind"] == "full"]
assert sum(gap["acts"] for gap in gaps) == end["lost_store"]
assert gaps[0]["time"] < gaps[0]["until"]
assert end["seen"] == end["emitted"] + end["filtered"] + end["unowned"] + end["lost"]
' "$work/report"
	umount "$work/small"
}

record_tests()
{
	local lab=record-$$

	cp "$O/closelab" "$work/$lab"
	records_the_same
	reports_damage
	reports_to_anybody
	records_to_pipes
	records_behind
	records_anew
	records_losses_anew ctr
	records_losses_anew db
	records_after rm ctr db
	records_after empty ctr
	refuses_to_record
	records_losses
	survives_a_full_disk
}
