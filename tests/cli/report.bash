# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2154	# what tests/cli/run has
#
# What can be asked of a record: the same questions of both forms, in every way they can lie there.

refuses_questions()
{
	local db=tests/samples/sqlite-1.db

	refuses report_since 2 "'soon' is not a time" trace report --since soon "$db"
	refuses report_never 2 'nothing lies between' trace report --since now --until -1h "$db"
	refuses report_socket 2 'two ends' trace report --socket 10.0.0.5:80 "$db"
	refuses report_by 2 'did you mean cause' trace report --by cuase "$db"
	refuses report_by_stack 2 'folded counts stacks' trace report --by stack "$db"
	refuses report_top 2 'a number from 1' trace report --top 0 "$db"
	refuses report_steps 2 'whole seconds' trace report --histogram=10ms "$db"
	refuses report_two 2 'two questions' trace report --by cause --histogram "$db"
	refuses report_summary 2 'counts by itself' trace report --summary --by cause "$db"
	refuses report_folded 2 'text, json or csv' trace report -o folded --by cause "$db"
	refuses report_follow_by 2 'follows lines' trace report -F --by cause "$db"
	refuses report_follow_until 2 'has no end' trace report -F --until now "$db"
	refuses report_follow_pipe 2 'follows a file' trace report -F -
	refuses report_pipe_socket 2 'a pipe is read once' trace report --socket 2a -
	refuses report_of_trace 2 'closetrace report --by' trace --by cause
}

# A database, and what is done to it.
damage()
{
	/usr/bin/python3 - "$@" <<-'END'
	import sqlite3, sys
	c = sqlite3.connect(sys.argv[1])
	c.executescript(sys.argv[2])
	c.commit()
	END
}

refuses_strange_databases()
{
	local db=$work/strange.db

	cp tests/samples/sqlite-1.db "$db"
	damage "$db" 'pragma user_version = 99'
	refuses report_newer 5 'of a newer closetrace' trace report "$db"
	damage "$db" 'pragma user_version = 1; pragma application_id = 1'
	refuses report_other 5 'no record of closetrace' trace report "$db"
	cp tests/samples/sqlite-1.db "$db"
	dd if=/dev/zero of="$db" bs=4096 seek=1 count=30 conv=notrunc status=none
	refuses report_damaged 5 'damaged' trace report "$db"
	head -c 5000 tests/samples/sqlite-1.db >"$db"
	refuses report_short 5 'damaged' trace report "$db"
	cp tests/samples/sqlite-1.db "$db"
	damage "$db" "delete from tasks; update chunks set first_task = 1"
	trace report -q "$db" >"$work/out" 2>"$work/err"
	holds report_row "status $?, $(cat "$work/err")" grep -q 'damaged: nothing' "$work/err"
	refuses report_stream 5 'no stream' bash -c '"$1" report - <"$2"' sh "$O/closetrace" \
		tests/samples/sqlite-1.db
}

# Every question is answered as its lines say, whichever way it was counted.
counts_as_lines_say()
{
	/usr/bin/python3 - "$O/closetrace" >"$work/out" 2>&1 <<-'END'
	import collections, json, subprocess, sys
	def ask(*words):
	    done = subprocess.run([sys.argv[1], "report", *words, "-j"], capture_output=True,
	                          timeout=30)
	    assert done.returncode in (0, 4), (words, done)
	    return [json.loads(line) for line in done.stdout.splitlines()]
	def of(lines, kind):
	    return [line for line in lines if line["type"] == kind]
	filters = [[], ["--rst"], ["--silent", "--fin"], ["--comm", "nginx"], ["--comm", "!nginx"],
	           ["-p", "812"], ["-p", "!812"], ["-p", "812,813", "--uid", "33"],
	           ["--uid", "0"], ["-P", "443"], ["-P", "!443"],
	           ["--raddr", "10.1.0.0/30"], ["-a", "!10.1.0.1"], ["--unexpected"],
	           ["--cause", "!orderly"], ["--cause", "timeout,unread_data"],
	           ["--netns=4026531840"], ["--cgroup", "/"],
	           ["--since", "2026-11-21T20:31:10Z", "--until", "2026-11-21T20:33:40.5Z"]]
	keys = ["cause,owner_comm", "raddr,lport,wire", "pid,cgroup,errno", "age_us"]
	numbers = ["acts", "fin", "rst_out", "rst_in", "silent", "lossy"]
	def sums(lines):
	    return [sum(line[number] for line in lines) for number in numbers]
	bad = 0
	for path, choices in (("tests/samples/sqlite-1.db", filters),
	                      ("tests/samples/sqlite-1-all.db", filters[:-1]),
	                      ("tests/samples/raw-1.ctr", filters[:2])):
	    for choice in choices:
	        lines = ask(path, *choice)
	        acts = of(lines, "act")
	        ends = of(lines, "end")
	        end = {key: sum(end[key] for end in ends)
	               for key in ("emitted", "seen", "filtered", "unowned", "lost")}
	        if end["emitted"] != len(acts) or \
	           end["seen"] != end["emitted"] + end["filtered"] + end["unowned"] + end["lost"]:
	            print(path, choice, "does not add up:", end)
	            bad += 1
	        # From whole acts.
	        said = sums(of(ask(path, *choice, "--by", "seq"), "group"))
	        for by in keys:
	            names = by.split(",")
	            expected = collections.Counter(tuple(act.get(name) for name in names)
	                                           for act in acts)
	            groups = of(ask(path, *choice, "--by", by), "group")
	            told = {tuple(group[name] for name in names): group["acts"]
	                    for group in groups}
	            if sums(groups) != said:
	                print(path, choice, by, numbers, sums(groups), said)
	                bad += 1
	            if told != dict(expected):
	                print(path, choice, by, told, dict(expected))
	                bad += 1
	        for step in ("=60s", "=7s"):
	            buckets = of(ask(path, *choice, "--histogram" + step), "bucket")
	            if sums(buckets) != said:
	                print(path, choice, "histogram" + step, sums(buckets), said)
	                bad += 1
	sys.exit(bad > 0)
	END
	holds report_counts "$(head -n 3 "$work/out" | cut -c 1-300)" test ! -s "$work/out"
}

# Of many rows each processor counts a piece: together they say what the lines say.
counts_in_pieces()
{
	local db

	"$O/store" "$work/one.db" 1 >/dev/null
	"$O/store" "$work/three.db" 3 >/dev/null
	"$O/store" "$work/pieces.db" 50000 --peers 50 >/dev/null
	"$O/store" "$work/trimmed.db" 90000 --peers 50 --max-size 6M >/dev/null
	# More names than the roll-up tells apart in a minute.
	"$O/store" "$work/crowded.db" 20000 --peers 50 --comms 4000 --span 10 >/dev/null
	for db in one three pieces trimmed crowded; do
		/usr/bin/python3 - "$O/closetrace" "$work/$db.db" >"$work/out" 2>&1 <<-'END'
		import collections, json, subprocess, sys
		def ask(*words):
		    done = subprocess.run([sys.argv[1], "report", "-j", sys.argv[2], *words],
		                          capture_output=True, check=True, timeout=60)
		    return [json.loads(line) for line in done.stdout.splitlines()]
		acts = [line for line in ask() if line["type"] == "act"]
		if "trimmed" in sys.argv[2] and not 32768 < len(acts) < 90000:
		    print(len(acts), "acts: not trimmed, or too few of them to be cut")
		middle = acts[len(acts) // 2]["time"]
		for by, *words in (["raddr,cause"], ["pid,uid"], ["comm,owner_pid,unread"],
		                   ["comm"], ["owner_comm"], ["cause"],
		                   ["raddr", "--since", middle], ["raddr", "--until", middle]):
		    names = by.split(",")
		    expected = collections.Counter(
		        tuple(act.get(name) for name in names) for act in acts
		        if "--since" not in words or act["time"] >= middle
		        if "--until" not in words or act["time"] <= middle)
		    told = {tuple(group[name] for name in names): group["acts"]
		            for group in ask("--by", by, *words) if group["type"] == "group"}
		    if told != dict(expected):
		        print(by, words, len(told), "groups, not", len(expected))
		END
		trace report --by cause "$work/$db.db" >/dev/null 2>"$work/err"
		holds "report_forgot_$db" "$(cat "$work/err")" test \
			"$(grep -c 'acts before .* were forgotten' "$work/err")" = \
			"$([[ $db = trimmed ]] && echo 1 || echo 0)"
		trace report --by cause --since 2099-01-01 "$work/$db.db" >/dev/null 2>"$work/err"
		holds "report_asked_$db" "$(cat "$work/err")" test \
			"$(grep -c 'were forgotten' "$work/err")" = 0
		holds "report_pieces_$db" "$(head -n 3 "$work/out" | cut -c 1-300)" \
			test ! -s "$work/out"
	done
}

# Somebody else cuts the file while it is read.
tells_of_a_cut()
{
	local db=$work/cut.db reader got=0

	"$O/store" "$db" 20000 >/dev/null
	mkfifo "$work/cut"
	trace report -j "$db" >"$work/cut" 2>"$work/err" &
	reader=$!
	exec 9<"$work/cut"
	read -r -u 9
	truncate -s 16384 "$db"
	cat <&9 >/dev/null
	exec 9<&-
	wait "$reader" || got=$?
	holds report_cut "status $got: $(head -n 3 "$work/err")" \
		test "$got" = 5 -a "$(grep -cE 'was cut|is damaged|cannot read' "$work/err")" = 1
}

# A record of each released form says today what it said then.
reads_every_form()
{
	local form

	for form in raw-1.ctr sqlite-1.db sqlite-1-all.db; do
		report --all --held "tests/samples/$form"
		holds "report_$form" "$(diff "$work/report" "tests/samples/${form%.*}.json" |
			head -n 2 | cut -c 1-300)" \
			cmp -s "$work/report" "tests/samples/${form%.*}.json"
		for question in '--by cause,pid' --histogram=1m '--socket 10.0.0.5:443-10.1.0.1:55374'; do
			# shellcheck disable=SC2086	# two words
			report $question "tests/samples/$form"
			holds "report_schema_$form" "$question" \
				tests/run --validate "$work/report"
		done
	done
}

# The same connections, by the id of either socket and by their ends.
tells_stories()
{
	local db=tests/samples/sqlite-1.db ends='10.0.0.5:443 -> 10.1.0.1:55374' id run

	report --socket "$ends" $db
	id=$(grep -o '"socket":"[0-9a-f]*"' "$work/report" | head -n 1 | cut -d'"' -f 4)
	run=$(grep -o '"run":"[0-9a-f]*"' "$work/report" | head -n 1 | cut -d'"' -f 4)
	trace report -q --socket "$ends" $db >"$work/ends"
	trace report -q --socket "$id" $db >"$work/id"
	trace report -q --socket "$run/$id" $db >"$work/run"
	holds report_story "$(head -n 3 "$work/ends")" grep -q '^  In short: at 10.0.0.5:443' \
		"$work/ends"
	holds report_story_id "$(diff "$work/ends" "$work/id" | head -n 2)" \
		cmp -s "$work/ends" "$work/id"
	holds report_story_run "$(diff "$work/id" "$work/run" | head -n 2)" \
		cmp -s "$work/id" "$work/run"
	trace report --socket 10.0.0.5:1-10.1.0.1:1 $db >"$work/out" 2>"$work/err"
	holds report_story_none "$(cat "$work/err")" grep -q 'not in the record' "$work/err"
}

# Of a time only the runs that were on then.
tells_runs_of_a_time()
{
	local db=tests/samples/sqlite-1-all.db

	report --until 2026-11-24T05:30:00Z $db
	holds report_runs_until "$(grep -c '"start"' "$work/report") runs" \
		test "$(grep -o '"start".*"run":"[0-9a-f]*"' "$work/report" | grep -o '[0-9a-f]*"$')" \
		= '18c0ffee"'
	report --since 2026-11-24T05:30:00Z $db
	holds report_runs_since "$(grep -c '"start"' "$work/report") runs" \
		test "$(grep -o '"start".*"run":"[0-9a-f]*"' "$work/report" | grep -o '[0-9a-f]*"$')" \
		= '18c0ffef"'
	report --since 2030-01-01 $db
	holds report_runs_none "$(cat "$work/report")" test "$(grep -oE '"type":"[a-z]+"|"run":"[^"]*"' \
		"$work/report" | paste -sd' ')" \
		= '"type":"start" "run":"18c0ffef" "type":"end" "run":"18c0ffef"'
	trace report --since 2030-01-01 $db 2>&1 | grep -cE '^(closetrace: recorded by|0 acts)' >"$work/out"
	holds report_runs_none_text "$(cat "$work/out")" test "$(cat "$work/out")" = 2
}

# What -c does not want has no runs either.
tells_no_more()
{
	local form

	for form in sqlite-1-all.db raw-1.ctr; do
		report -c 1 "tests/samples/$form"
		holds "report_count_$form" "$(cut -c 1-60 "$work/report")" test \
			"$(grep -o '"type":"[a-z]*"' "$work/report" | grep -vE 'clock|gap' | paste -sd' ')" = \
			'"type":"start" "type":"act" "type":"end"'
	done
}

# Later than int64 has nanoseconds for: there all acts are over.
tells_no_later_time()
{
	local form all question

	for form in raw-1.ctr sqlite-1.db; do
		for question in --all '--by cause' --histogram=1m; do
			# shellcheck disable=SC2086	# two words
			report $question "tests/samples/$form"
			all=$(grep -cE '"type":"(act|note|group|bucket)"' "$work/report")
			for time in 2262-04-12 2600-01-01 9999-12-31 9999999999; do
				# shellcheck disable=SC2086
				report $question --until $time "tests/samples/$form"
				holds report_until_far "$form $question $time" test "$all" -gt 1 -a \
					"$(grep -cE '"(act|note|group|bucket)"' "$work/report")" = "$all"
				# shellcheck disable=SC2086
				report $question --since $time "tests/samples/$form"
				holds report_since_far "$form $question $time" test \
					"$(grep -cE '"(act|note|group|bucket)"' "$work/report")" = 0
			done
		done
	done
}

# The second run is of another boot, an hour later; its clock is behind that of the first.
counts_over_a_reboot()
{
	local style

	for style in -ttt -ttttt; do
		trace report -q $style tests/samples/sqlite-1-all.db >"$work/out"
		holds "report_reboot$style" "$(grep -m 1 '^-' "$work/out")" test \
			"$(grep -cE '^(00:59|01:00):[0-9.]+ ' "$work/out")" -ge 1 -a \
			"$(grep -cE '^-' "$work/out")" = 0
	done
}

# Of notes that were asked for, each is a line, filtered or lost; of others there is no account.
accounts_for_notes()
{
	local sample form notes filtered lost words

	for sample in raw-1.ctr:17:0:0 sqlite-1-all.db:46:14:15; do
		IFS=: read -r form notes filtered lost <<<"$sample"
		report --all "tests/samples/$form"
		holds "report_notes_$form" "$(tail -n 1 "$work/report")" grep -q \
			"\"notes\":$notes,\"notes_filtered\":$filtered,\"notes_lost\":$lost" "$work/report"
		for words in --fin '--cause linger0' '--comm nobody' '-P 1'; do
			# shellcheck disable=SC2086	# two words
			report --all $words "tests/samples/$form"
			holds "report_notes_filtered_$form" "$words: $(tail -n 1 "$work/report")" grep -q \
				"\"notes\":$notes,\"notes_filtered\":$((notes - lost))," "$work/report"
			# shellcheck disable=SC2086
			trace report --all $words "tests/samples/$form" >"$work/out" 2>&1
			holds "report_notes_told_$form" "$words: $(tail -n 1 "$work/out")" \
				grep -qE "^$notes notes.*; $lost lost, $((notes - lost)) filtered" "$work/out"
		done
		for words in --held '--all --by cause' '--all --histogram'; do
			# shellcheck disable=SC2086
			report $words "tests/samples/$form"
			holds "report_notes_null_$form" "$words" test "$(grep -c '"end"' "$work/report")" = \
				"$(grep -c '"notes":null,"notes_filtered":null' "$work/report")"
		done
		trace report "tests/samples/$form" >"$work/out" 2>&1
		holds "report_notes_unasked_$form" "$(tail -n 1 "$work/out")" \
			test -z "$(grep -E '^[0-9]+ notes' "$work/out")"
	done
}

# From the first start to the last end, not to today; the second run there is of another boot.
summarizes_its_own_time()
{
	local sample how form time acts

	for sample in raw-1.ctr:8.5:33 sqlite-1.db:298.4:200 sqlite-1-all.db:3599.0:64; do
		IFS=: read -r form time acts <<<"$sample"
		for how in "" "-o text"; do
			# shellcheck disable=SC2086	# two words
			trace report --summary $how "tests/samples/$form" >"$work/out" 2>&1
			holds "report_summary_$form" "$(grep '^summary' "$work/out")" \
				grep -q "^summary of $time s: $acts acts" "$work/out"
		done
	done
}

hides_addresses()
{
	local form

	for form in raw-1.ctr sqlite-1.db; do
		report --anonymize --raddr 10.0.0.0/8 "tests/samples/$form"
		cp "$work/report" "$work/once"
		report --anonymize --raddr 10.0.0.0/8 "tests/samples/$form"
		holds "report_hides_$form" "$(grep -c '"act"' "$work/once") acts" \
			grep -q '"raddr":"2[45][0-9]\.' "$work/once"
		! grep -qE '"(laddr|raddr)":"10\.' "$work/once" ||
			fail "report_hides_$form" "an address is there"
	done
	holds report_same_names "two outputs differ" cmp -s "$work/once" "$work/report"
	holds report_hides_host "$(head -n 1 "$work/once")" grep -q '"host":"host-' "$work/once"
	holds report_hides_boot "$(head -n 1 "$work/once")" test -z "$(grep -F "$(grep -o \
		'"boot_id":"[^"]*"' tests/samples/sqlite-1.json)" "$work/once")" -a \
		"$(grep -cE '"boot_id":"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"' \
			"$work/once")" = 1
}

# Read-only, by a stranger, with its -wal and without; nothing is made beside it.
reads_copies()
{
	local as=(setpriv --reuid 65534 --regid 65534 --clear-groups) before status

	{ "$O/store" "$work/live.db" 300 --kill & wait $!; } >/dev/null 2>&1
	mkdir "$work/copy"
	cp tests/samples/sqlite-1.db "$work/copy/whole.db"
	cp "$work/live.db" "$work/live.db-wal" "$work/copy/"
	cp "$work/live.db" "$work/copy/alone.db"
	chmod 644 "$work"/copy/*
	chmod 555 "$work/copy"
	cp "$O/closetrace" "$work/reader"
	before=$(cd "$work/copy" && sha256sum ./*)
	for name in whole live; do
		status=0
		"${as[@]}" "$work/reader" report -j "$work/copy/$name.db" >"$work/out" \
			2>"$work/err" || status=$?
		holds "report_copy_$name" "$(cat "$work/err")" grep -q '"type":"end"' "$work/out"
		# The one was ended, the recorder of the other was killed.
		holds "report_copy_end_$name" "status $status: $(cat "$work/err")" test \
			"$name $status $(grep -c 'has no end' "$work/err")" = \
			"$([[ $name = whole ]] && echo 'whole 0 0' || echo 'live 4 1')"
	done
	chmod 600 "$work/copy/live.db-wal"
	refuses report_copy_shut 5 'live.db-wal.: Permission denied.*let it be read' \
		"${as[@]}" "$work/reader" report "$work/copy/live.db"
	chmod 644 "$work/copy/live.db-wal"
	status=0
	"${as[@]}" "$work/reader" report "$work/copy/alone.db" >"$work/out" 2>"$work/err" ||
		status=$?
	holds report_copy_cut "status $status: $(cat "$work/err")" \
		test "$status" = 4 -a -n "$(grep 'without .*alone.db-wal' "$work/err")"
	chmod 755 "$work/copy"
	trace report -q "$work/copy/live.db" >/dev/null
	for name in live.db live.db-wal whole.db; do
		refuses "report_output_$name" 2 'is of the record itself' \
			trace report "$work/copy/${name%-wal}" --output "$work/copy/$name"
	done
	holds report_writes_nothing "$(cd "$work/copy" && echo *)" \
		test "$(cd "$work/copy" && sha256sum ./*)" = "$before"
}

# The youngest, when none is named; the folder is another's here.
finds_the_newest()
{
	local got=0 in=(unshare -m bash -c)
	# shellcheck disable=SC2016	# for the other shell
	local setup='mount -t tmpfs none /var/lib && mkdir /var/lib/closetrace && '

	"${in[@]}" "$setup"'"$1" report' sh "$O/closetrace" >"$work/out" 2>"$work/err" || got=$?
	holds report_none "status $got: $(cat "$work/err")" test "$got" = 5 -a \
		"$(grep -c 'no record in /var/lib/closetrace' "$work/err")" = 1
	"${in[@]}" "$setup"'cp tests/samples/raw-1.ctr /var/lib/closetrace/old.ctr
		touch -d yesterday /var/lib/closetrace/old.ctr
		cp tests/samples/sqlite-1.db /var/lib/closetrace/new.db
		# What is written last stands beside it.
		touch -d "2 days ago" /var/lib/closetrace/new.db
		touch /var/lib/closetrace/new.db-wal
		mkdir /var/lib/closetrace/later.db
		"$1" report -j' sh "$O/closetrace" >"$work/out" 2>"$work/err"
	holds report_newest "$(cat "$work/err")" \
		test "$(grep -c '"act"' "$work/out")" = 200
}

acts_of() { grep '"type":"act"' "$1" | grep -oE '"(lport|rport|cause|wire|dir|comm)":[^,]*' |
	paste -sd' ,,,,\n' | sort; }

# Of two ends that met again and again a socket's id is of one connection, in lines and in counts.
tells_one_of_many()
{
	local name id question

	for name in many.db many.ctr; do
		begin_record -w "$work/$name" --comm python3 -P 6666 ||
			{ fail "report_$name" "does not record"; return; }
		unshare -n /usr/bin/python3 -c '
import os, socket
os.system("ip link set lo up")
for i in range(3):
    listener = socket.create_server(("127.0.0.1", 5555))
    client = socket.create_connection(("127.0.0.1", 5555), source_address=("127.0.0.1", 6666))
    server = listener.accept()[0]
    client.send(b"unread")
    server.recv(1, socket.MSG_PEEK)
    server.close()
    client.close()
    listener.close()'
		finish_record "report_$name" 0 || return
		report "$work/$name"
		holds "report_many_$name" "$(acts_in_report) acts" test "$(acts_in_report)" = 6
		id=$(grep '"type":"act"' "$work/report" | sed -n 3p |
			grep -oE '"(run|socket)":"[0-9a-f]*"' | cut -d'"' -f 4 | paste -sd/)
		report --socket "$id" "$work/$name"
		holds "report_one_$name" "$(acts_in_report) acts" test "$(acts_in_report)" = 2
		for question in '--by cause' --histogram=1m; do
			# shellcheck disable=SC2086	# two words
			report --socket "$id" $question "$work/$name"
			holds "report_one_${question%%[ =]*}_$name" "$(cat "$work/report")" test \
				"$(($(grep -oE '"acts":[0-9]+' "$work/report" | cut -d: -f 2 |
					paste -sd+)))" = 2
		done
	done
}

acts_in_report() { grep -c '"type":"act"' "$work/report"; }

# With each filter a live trace and both forms of a record tell of the same connections.
live_and_stored_agree()
{
	local lab=ask-$$ name i tracers=() bad=
	local filters=("--rst=out" "-P 22,5000 -P !22" "--unexpected" "--comm !nobody --fin"
		"--cause !peer_reset --uid 0")

	cp "$O/closelab" "$work/$lab"
	for name in ask.db ask.ctr; do
		"$O/closetrace" record -d 300 -w "$work/$name" --comm "$lab" 2>"$work/$name.err" &
		tracers+=($!)
	done
	for i in "${!filters[@]}"; do
		# shellcheck disable=SC2086	# several words
		"$O/closetrace" -j -d 300 --comm "$lab" ${filters[i]} >"$work/live.$i" 2>/dev/null &
		tracers+=($!)
	done
	for i in "${!filters[@]}"; do
		await "$work/live.$i" '"type":"start"' || { fail stored "no tracer"; return; }
	done
	await "$work/ask.db.err" 'recording in' && await "$work/ask.ctr.err" 'recording in' ||
		{ fail stored "no recorder"; return; }
	for name in unread fin_clean linger0 half_close; do
		"$work/$lab" "$name" --netns >/dev/null
	done
	await "$work/live.0" '"linger0"'
	kill -TERM "${tracers[@]}"
	wait "${tracers[@]}"
	for i in "${!filters[@]}"; do
		for name in ask.db ask.ctr; do
			# shellcheck disable=SC2086	# several words
			report --comm "$lab" ${filters[i]} "$work/$name"
			cmp -s <(acts_of "$work/live.$i") <(acts_of "$work/report") ||
				bad+="$name ${filters[i]}: $(diff <(acts_of "$work/live.$i") \
					<(acts_of "$work/report") | head -n 2); "
		done
	done
	holds stored "$bad" test -z "$bad"
	holds stored_acts "$(acts_of "$work/live.4" | head -n 2)" \
		test "$(acts_of "$work/live.0" | wc -l)" -ge 2
}

report_ends()
{
	trace report tests/samples/sqlite-1.db 2>/dev/null | head -n 1 >"$work/out"
	holds report_pipe "no status 0" test "${PIPESTATUS[0]}" = 0
	refuses report_full 5 'cannot write' bash -c '"$1" report -q "$2" >/dev/full' sh \
		"$O/closetrace" tests/samples/sqlite-1.db
}

# What needs no kernel.
report_files()
{
	refuses_questions
	refuses_strange_databases
	counts_as_lines_say
	counts_in_pieces
	tells_of_a_cut
	reads_every_form
	tells_stories
	tells_runs_of_a_time
	tells_no_more
	tells_no_later_time
	summarizes_its_own_time
	accounts_for_notes
	counts_over_a_reboot
	hides_addresses
	reads_in_parts
	report_ends
}

report_tests()
{
	reads_copies
	finds_the_newest
	tells_one_of_many
	live_and_stored_agree
	follow_tests
}
