# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2154	# what tests/cli/run has
#
# What is read while it is written.

# Across the end of the recorder, its next start, and a file that was renamed.
follows()
{
	local form=$1 file=$work/follow.$1 lab=follow-$$ got=0 reader

	cp "$O/closelab" "$work/$lab"
	begin_record -w "$file" --comm "$lab" || { fail "follow_$form" "no record"; return; }
	"$O/closetrace" report -F -j "$file" >"$work/json" 2>"$work/err" &
	reader=$!
	"$work/$lab" linger0 --netns >/dev/null
	await_lines 1 '"cause":"linger0"' || fail "follow_$form" "nothing comes"
	finish_record "follow_$form" 0 || return
	begin_record -w "$file" --comm "$lab" || { fail "follow_$form" "no record"; return; }
	"$work/$lab" unread --netns >/dev/null
	await_lines 1 '"cause":"unread_data"' || fail "follow_$form" "nothing after the next start"
	mv "$file" "$file.old"
	kill -HUP "$recorder"
	"$work/$lab" fin_clean --netns >/dev/null
	await_lines 1 '"cause":"fin_close"' || fail "follow_$form" "nothing after it was renamed"
	kill -TERM "$reader"
	wait "$reader" || got=$?
	finish_record "follow_$form" 0 || return
	holds "follow_$form" "status $got: $(cat "$work/err")" test "$got" = 0
	holds "follow_once_$form" "$(grep -c '"cause":"linger0"' "$work/json") lines" \
		test "$(grep -c '"cause":"linger0"' "$work/json")" = 1
	keep "$work/json"
}

# What a recorder writes last, before it turns from a file that was renamed, is in that file.
follows_renames()
{
	local form=$1 name=follow_renames_$1 file=$work/renames.$1 lab=renames-$$ got=0 reader i

	cp "$O/closelab" "$work/$lab"
	begin_record -w "$file" --comm "$lab" || { fail "$name" "no record"; return; }
	"$O/closetrace" report -F -j "$file" >"$work/json" 2>"$work/err" &
	reader=$!
	for i in 1 2 3; do
		# It reads this file.
		"$work/$lab" linger0 --netns >/dev/null
		await_lines "$i" '"cause":"linger0"' || fail "$name" "no act of file $i"
		"$work/$lab" unread --netns >/dev/null
		mv "$file" "$file.$i"
		kill -HUP "$recorder"
		await_lines "$i" '"cause":"unread_data"' || fail "$name" "no last act of file $i"
	done
	kill -TERM "$reader"
	wait "$reader" || got=$?
	finish_record "$name" 0 || return
	holds "$name" "status $got, $(acts) acts: $(cat "$work/err")" \
		test "$got $(acts)" = "0 12" -a ! -s "$work/err"
	keep "$work/json"
}

# Also when somebody empties the file: what its recorder begins anew there is told from its start.
follows_emptied()
{
	local name=follow_emptied file=$work/emptied.ctr lab=emptied-$$ got=0 reader

	cp "$O/closelab" "$work/$lab"
	begin_record -w "$file" --comm "$lab" || { fail "$name" "no record"; return; }
	"$O/closetrace" report -F -j "$file" >"$work/json" 2>"$work/err" &
	reader=$!
	"$work/$lab" linger0 --netns >/dev/null
	await_lines 1 '"cause":"linger0"' || fail "$name" "nothing comes"
	: >"$file"
	# It looks once a second, before it writes: then nothing is missing in what it begins.
	sleep 1.1
	"$work/$lab" unread --netns >/dev/null
	await_lines 1 '"cause":"unread_data"' || fail "$name" "nothing after it was emptied"
	finish_record "$name" 0 || return
	sleep 0.5
	kill -TERM "$reader"
	wait "$reader" || got=$?
	holds "$name" "status $got, $(acts) acts: $(cat "$work/err")" \
		test "$got $(acts) $(grep -c '"type":"start"' "$work/json")" = "0 4 1" \
		-a ! -s "$work/err"
	keep "$work/json"
}

# Who reads slowly keeps no recorder from its file; what it forgets meanwhile is said.
reads_in_parts()
{
	local db=$work/parts.db got=0 store reader shown missing sockets

	mkfifo "$work/parts"
	"$O/store" "$db" 250000 --peers 200 --steps 5000 --max-size 12M \
		>"$work/store" &
	store=$!
	until (($(stat -c %s "$db" 2>/dev/null || echo 0) > 11000000)) || ! kill -0 "$store"; do
		sleep 0.01
	done
	kill -STOP "$store"
	report "$db"
	sockets=$(grep '"type":"act"' "$work/report" | sed -n '1p;$p' |
		grep -o '"socket":"[0-9a-f]*' | cut -d'"' -f 4)
	holds report_parts_all "$(grep -c '"type":"act"' "$work/report") acts, of $sockets" \
		test "$(grep -c '"type":"act"' "$work/report")" = \
		"$(((16#${sockets#*$'\n'} - 16#${sockets%$'\n'*}) / 256 + 1))"
	holds report_parts_once "$(grep -c '"type":"clock"' "$work/report") clocks" \
		test "$(grep -c '"type":"clock"' "$work/report")" -gt 4 -a \
		-z "$(grep -E '"type":"(act|clock)"' "$work/report" | sort | uniq -d)"
	"$O/closetrace" report -j "$db" >"$work/parts" 2>"$work/err" &
	reader=$!
	exec 9<"$work/parts"
	# It waits for us from here on, with more rows to come than it reads at a time.
	read -r -u 9
	kill -CONT "$store"
	wait "$store"
	cat <&9 >"$work/json"
	exec 9<&-
	rm "$work/parts"
	wait "$reader" || got=$?
	holds report_lets_on "$(cat "$work/store")" grep -q ' 0 lost;' "$work/store"
	shown=$(acts) missing=$(grep -oE 'up to [0-9]+ acts' "$work/err" | tr -dc 0-9)
	holds report_forgotten "status $got, $shown acts: $(cat "$work/err")" \
		test "$got" = 4 -a "$((missing))" -gt 10000 -a \
		"$((shown + missing))" -gt 90000 -a "$((shown + missing))" -lt 150000
	holds report_parts_sum "$shown acts: $(tail -n 1 "$work/json")" \
		test "$(end_value emitted)" = "$shown" -a "$(end_value filtered)" = 0
	keep "$work/json"
}

# Half a frame is read again once the rest of it is there.
follows_halves()
{
	local name=follow_halves from=tests/samples/raw-1.ctr size got=0 reader wanted

	wanted=$(grep -c '"type":"act"' "${from%.ctr}.json")
	size=$(stat -c %s "$from")
	head -c "$((size / 2))" "$from" >"$work/halves.ctr"
	"$O/closetrace" report -F -j "$work/halves.ctr" >"$work/json" 2>"$work/err" &
	reader=$!
	await "$work/json" '"type":"act"' || fail "$name" "no act"
	tail -c "+$((size / 2 + 1))" "$from" >>"$work/halves.ctr"
	await_lines "$wanted" '"type":"act"' || fail "$name" "$(acts) acts"
	kill -TERM "$reader"
	wait "$reader" || got=$?
	holds "$name" "status $got, $(acts) acts: $(cat "$work/err")" \
		test "$(acts)" = "$wanted"
	keep "$work/json"
}

follow_tests()
{
	follows_halves
	follows db
	follows ctr
	follows_renames db
	follows_renames ctr
	follows_emptied
}
