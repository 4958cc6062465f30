# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2154	# what tests/cli/run has
#
# What record keeps in SQLite: the acts of a live trace, through kill -9, full disks and renames.

# One value, or lines, of a record; nothing when it is not one (yet).
sql()
{
	/usr/bin/python3 - "$1" "$2" <<-'END' 2>/dev/null
	import sqlite3, sys
	for row in sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True).execute(sys.argv[2]):
	    print(*row, sep="|")
	END
}

# Waits until a query says this, 10 s at most.
await_sql()
{
	local i

	for ((i = 0; i < 200; i++)); do
		[[ $(sql "$1" "$2") == "$3" ]] && return
		sleep 0.05
	done
	return 1
}

refuses_databases()
{
	refuses record_size 2 'max-size takes a size' trace record --max-size 1k
	refuses record_age 2 'max-age takes a time' trace record --max-age soon
	refuses record_raw_size 2 'goes with --format sqlite' \
		trace record -w "$work/x.ctr" --max-size 1G
	refuses record_stream 2 'needs a file' trace record --format sqlite -w -
}

# Before anything is traced; the rest of them by the writer alone, which takes less long.
refuses_files()
{
	local store=$O/store

	printf 'no record, but some text' >"$work/text.db"
	refuses record_text 5 'no record of closetrace' trace record -q -d 1 -w "$work/text.db"
	/usr/bin/python3 -c 'import sqlite3, sys
c = sqlite3.connect(sys.argv[1]); c.execute("create table t (x)"); c.commit()' "$work/else.db"
	refuses record_else 1 'no record of closetrace' "$store" "$work/else.db" 1
	cp tests/samples/sqlite-1.db "$work/newer.db"
	damage "$work/newer.db" 'pragma user_version = 99'
	refuses record_newer 1 'of a newer closetrace .form 99' "$store" "$work/newer.db" 1
	ln -s "$work/there.db" "$work/link.db"
	refuses record_link 1 'symbolic link' "$store" "$work/link.db" 1
	ln -s "$work/there.db" "$work/beside.db-wal"
	refuses record_beside 1 'is not ours' "$store" "$work/beside.db" 1
	holds record_made_nothing "it was made" test ! -e "$work/there.db"
	refuses record_folder 1 'No such file' "$store" "$work/none/x.db" 1
}

# A live trace and a record of the same connections tell the same; then one file is left.
database_has_what_trace_tells()
{
	local db=$work/same.db lab=dblab-$$ name keys=cause,class,wire,dir,state,via,comm,family

	cp "$O/closelab" "$work/$lab"
	begin --comm "$lab" || { fail database "does not start"; return; }
	begin_record -w "$db" --comm "$lab" || { fail database "does not record"; return; }
	refuses record_twice 1 'another closetrace writes it' "$O/store" "$db" 1
	for name in unread fin_clean half_close close_then_data_fw1 listen_queue_close linger0; do
		"$work/$lab" "$name" --netns >/dev/null
	done
	await_lines 1 '"cause":"linger0"'
	await_sql "$db" "select count(*) from acts" "$(acts)" ||
		fail database "$(sql "$db" 'select count(*) from acts') acts, $(acts) live"
	finish_record database 0 || return
	finish database 0 || return
	values_of "$keys" <"$work/json" | sort >"$work/live"
	sql "$db" "select $keys from acts" | sort >"$work/kept"
	holds database_acts "$(diff "$work/live" "$work/kept" | head -n 2)" \
		cmp -s "$work/live" "$work/kept"
	holds database_counts "the roll-up counts otherwise" \
		test "$(sql "$db" 'select sum(acts) from counts')" = "$(acts)"
	holds database_one_file "$(cd "$work" && echo same.db*)" \
		test ! -e "$db-wal" -a ! -e "$db-shm"
	holds database_mode "$(stat -c %a "$db")" test "$(stat -c %a "$db")" = 640
	holds database_run "$(sql "$db" 'select * from runs')" \
		test "$(sql "$db" 'select ended, lost, emitted from runs')" = "clean|0|$(acts)"
}

# Values of keys of each act, as sql() prints them.
values_of()
{
	/usr/bin/python3 -c 'import json, sys
for line in sys.stdin:
    act = json.loads(line)
    if act["type"] == "act":
        print(*(act.get(key) for key in sys.argv[1].split(",")), sep="|")' "$1"
}

# Ends some connections of processes with the name that begin_lab() chose.
end_some() { "$work/$lab" unread --netns -n "$1" >/dev/null; }

begin_lab()
{
	lab=dblab-$$-$1
	cp "$O/closelab" "$work/$lab"
	db=$2
	begin_record -w "$db" --comm "${lab:0:15}" "${@:3}"
}

acts_in() { sql "$db" 'select count(*) from acts'; }

# What was committed is there, the next start tells of the gap, and goes on in the same file.
database_survives_kill()
{
	local acts lab db

	begin_lab 1 "$work/kill.db" || { fail database_kill "does not record"; return; }
	end_some 3
	await_sql "$db" "select count(*) > 5 from acts" 1
	acts=$(acts_in)
	kill -KILL "$recorder"
	wait "$recorder" 2>/dev/null
	begin_record -w "$db" --comm "${lab:0:15}" ||
		{ fail database_kill "does not go on"; return; }
	end_some 3
	await_sql "$db" "select count(*) > $acts from acts" 1 ||
		fail database_kill "nothing is recorded after the kill"
	finish_record database_kill 0
	holds database_kill_whole "$(sql "$db" 'pragma integrity_check' | head -n 1)" \
		test "$(sql "$db" 'pragma integrity_check')" = ok
	holds database_kill_gap "$(sql "$db" 'select * from gaps')" \
		test "$(sql "$db" "select group_concat(kind) from gaps")" = stopped
	report "$db"
	holds database_kill_unknown "$(grep '"gap"' "$work/report")" \
		grep -q '"kind":"stopped","acts":null' "$work/report"
	holds database_kill_runs "$(sql "$db" 'select * from runs')" \
		test "$(sql "$db" "select group_concat(ended) from runs")" = killed,clean
	holds database_kill_counts "the roll-up lacks acts" test \
		"$(sql "$db" 'select sum(acts) = (select count(*) from acts) from counts')" = 1
}

# Told, counted, survived: afterwards the record says what is missing.
database_survives_full_disk()
{
	local acts lost lab db disk=$work/disk

	mkdir -p "$disk"
	if ! mount -t tmpfs -o size=2m tmpfs "$disk" 2>/dev/null; then
		skip database_full "tmpfs cannot be mounted"
		return
	fi
	begin_lab 2 "$disk/x.db" || fail database_full "does not record"
	end_some 3
	await_sql "$db" "select count(*) > 5 from acts" 1
	acts=$(acts_in)
	cat /dev/zero >"$disk/filler" 2>/dev/null
	for ((i = 0; i < 100; i++)); do
		end_some 5
		grep -q 'cannot write' "$work/record.err" && break
	done
	holds database_full_told "$(cat "$work/record.err")" \
		grep -q 'cannot write.*acts are lost so far' "$work/record.err"
	rm "$disk/filler"
	await "$work/record.err" 'is written again' || fail database_full "does not go on"
	acts=$(acts_in)
	end_some 3
	await_sql "$db" "select count(*) > $acts from acts" 1
	finish_record database_full 4
	lost=$(sql "$db" 'select lost_store from runs')
	holds database_full_gap "$lost lost, $(sql "$db" 'select * from gaps')" \
		test "$(sql "$db" 'select kind, sum(count) from gaps')" = "full|$lost" -a "$lost" -gt 0
	holds database_full_counts "$(sql "$db" 'select * from runs')" test \
		"$(sql "$db" 'select emitted + filtered + unowned + lost = seen and emitted = (select count(*) from acts)
			and emitted = (select sum(acts) from counts) from runs')" = 1
	umount "$disk"
}

# A renamed record is whole and done, and a new one begins in its place.
database_begins_anew()
{
	local lab db

	begin_lab 3 "$work/turn.db" || { fail database_turn "does not record"; return; }
	end_some 3
	await_sql "$db" "select count(*) > 5 from acts" 1
	mv "$db" "$work/turned.db"
	kill -HUP "$recorder"
	await_sql "$db" "select count(*) from runs" 1 || fail database_turn "nothing new"
	end_some 3
	await_sql "$db" "select count(*) > 5 from acts" 1 ||
		fail database_turn "nothing in the new file"
	finish_record database_turn 0
	holds database_turned "$(sql "$work/turned.db" 'select * from runs')" \
		test "$(sql "$work/turned.db" 'select ended from runs')" = clean
	holds database_turned_alone "not in one file" test \
		"$(sql "$work/turned.db" 'pragma journal_mode')" = delete -a ! -e "$db-wal"
}

# Somebody reads in one transaction when it is renamed: what is in its -wal goes with it.
database_turns_beside_a_reader()
{
	local lab db reader old new

	begin_lab 2 "$work/read.db" || { fail database_read "does not record"; return; }
	end_some 3
	await_sql "$db" "select count(*) > 5 from acts" 1
	rm -f "$work/done"
	mkfifo "$work/done"
	exec 8<>"$work/done"
	/usr/bin/python3 -c 'import sqlite3, sys
c = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True, isolation_level=None)
c.execute("begin")
print(c.execute("select count(*) from rows").fetchone(), flush=True)
sys.stdin.readline()' "$db" <&8 >"$work/read" 2>&1 &
	reader=$!
	await "$work/read" '^\('
	end_some 3
	await_sql "$db" "select count(*) > 11 from acts" 1
	mv "$db" "$work/read.1.db"
	kill -HUP "$recorder"
	await_sql "$db" "select count(*) from runs" 1 || fail database_read "nothing new"
	end_some 3
	await_sql "$db" "select count(*) > 5 from acts" 1
	echo >&8
	exec 8>&-
	wait "$reader"
	finish_record database_read 0
	old=$(sql "$work/read.1.db" 'select count(*) from acts')
	new=$(sql "$db" 'select count(*) from acts')
	holds database_read "$old and $new acts: $(tail -n 1 "$work/record.err")" test \
		"$((old + new))" = "$(grep -oE '[0-9]+ recorded' "$work/record.err" | tr -dc 0-9)"
}

# Forgets the oldest, and keeps to the bound.
database_is_bounded()
{
	local db=$work/bound.db

	"$O/store" "$db" 16000 --max-size 1M >"$work/out" || fail database_bound "$(cat "$work/out")"
	holds database_bound "$(cat "$work/out")" \
		awk '{ most = $(NF - 5) } END { exit most > 1048576 * 1.05 || most < 1048576 * .9 }' \
		"$work/out"
	holds database_bound_whole "$(sql "$db" 'pragma integrity_check' | head -n 1)" \
		test "$(sql "$db" 'pragma integrity_check')" = ok
	holds database_bound_counts "the roll-up counts otherwise" test \
		"$(sql "$db" 'select sum(acts) = (select count(*) from acts) from counts')" = 1
}

# Thousands of acts as fast as they come: all that the kernel counted is there, of which the ring
# has room for all, so that a busy machine may take its time.  The form, the words of tests/load
record_keeps_all()
{
	local file=$work/fast.$1 name=record_all_$1 kept resets
	shift

	load_wait "$@" || { fail "$name" "$(cat "$work/load.err")"; return; }
	exec 9<"/proc/$load/ns/net"
	begin_record -w "$file" --netns="$load_netns" --buffer 16M ||
		{ fail "$name" "does not record"; kill "$load"; return; }
	load_go
	finish_record "$name" 0 || return
	report "$file" --by wire,dir
	kept=$(sed -n 's/.* \([0-9]*\) recorded,.* 0 lost$/\1/p' "$work/record.err")
	resets=$(sed -n 's/.*"acts":\([0-9]*\),.*"wire":"rst","dir":"out".*/\1/p' "$work/report")
	holds "$name" "$resets of $(load_value out_rsts) resets: $(tail -n 1 "$work/record.err")" \
		test "$resets" = "$(load_value out_rsts)" -a "$(grep -c \
			"\"type\":\"end\".*\"emitted\":$kept,.*\"lost\":0,.*\"status\":0}" \
			"$work/report")" = 1
}

database_tests()
{
	refuses_files
	database_has_what_trace_tells
	database_survives_kill
	database_survives_full_disk
	database_begins_anew
	database_turns_beside_a_reader
	database_is_bounded
	record_keeps_all db pace 5000 10000
	record_keeps_all ctr churn 4500
}
