# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
#
# loss.bash - overload: what cannot be told is counted to the last act; sourced by tests/cli/run

# Starts tests/load with these words; it waits for load_go, and its namespace is $load_netns.
load_wait()
{
	rm -f "$work/load.go"
	mkfifo "$work/load.go"
	: >"$work/load"
	"$O/load" "$@" <>"$work/load.go" >"$work/load" 2>"$work/load.err" &
	load=$!
	await "$work/load" '^netns ' || return 1
	load_netns=$(load_value netns)
}

load_value() { sed -n "s/^$1 //p" "$work/load"; }

# Lets it run to its end.
load_go()
{
	echo go >"$work/load.go"
	wait "$load"
}

# Starts both; the name of the test and the options of closetrace stand before "--".  The namespace
# is kept, as the next one of a stranger may get the number of one that is gone.
load_begin()
{
	local name=$1 options=()
	shift

	while [[ $1 != -- ]]; do options+=("$1"); shift; done
	if ! load_wait "${@:2}"; then
		fail "$name" "$(cat "$work/load.err")"
		return 1
	fi
	exec 9<"/proc/$load/ns/net"
	begin --netns="$load_netns" "${options[@]}" && return
	fail "$name" "does not start"
	kill "$load"
	return 1
}

# Nobody but ours is in that namespace: so many acts were seen there, each shown or lost.
identity()
{
	(($(end_value seen) == $(end_value emitted) + $(end_value filtered) +
		$(end_value unowned) + $(end_value lost) &&
		$(end_value lost) == $(end_value lost_ring) + $(end_value lost_pending) +
			$(end_value lost_table) + $(end_value suppressed) +
			$(end_value lost_store) + $(end_value undecodable) &&
		$(end_value emitted) == ${1:-$(acts)}))
}

resets_of() { end_count '"wire":"rst","dir":"out"'; }
end_count() { grep '"type":"act"' "$work/json" | grep -c "$1"; }

# What "suppressed" lines tell of a share, or of all.
suppressed_of()
{
	grep '"type":"suppressed"' "$work/json" | grep "\"share\":\"${1-}" |
		grep -oE '"suppressed":[0-9]+' | cut -d : -f 2 | paste -sd + | bc
}

# Without shares: the reader is stopped, and the ring of one page is a queue.
loses_in_ring()
{
	load_begin losses --buffer 4k -- churn 900 || return
	kill -STOP "$tracer"
	load_go
	kill -CONT "$tracer"
	finish losses 4 || return
	holds losses "$(tail -n 1 "$work/json")" \
		test "$(identity && echo true)" -a "$(end_value lost_ring)" -gt 500
}

# One sample at a time: the reset that a close() sends meets its victim before it is told itself.
loses_samples()
{
	load_begin samples --samples 1 -- churn 900 || return
	load_go
	finish samples 4 || return
	holds samples "$(tail -n 1 "$work/json")" \
		test "$(identity && echo true)" -a "$(end_value lost_pending)" -gt 0
}

# One owner at a time: the others are not remembered, their acts are told all the same.
loses_owners()
{
	load_begin owners --owners 1 -- churn 900 || return
	load_go
	finish owners 0 || return
	holds owners "$(tail -n 1 "$work/json")" \
		test "$(identity && echo true)" -a "$(end_value owner_full)" -gt 0 \
		-a "$(resets_of)" = "$(load_value out_rsts)"
}

# --count-only needs the ring for what is new to it: with a reader that is stopped, and one page.
loses_counts()
{
	local counted

	load_begin losses_count --buffer 4k --count-only -- churn 900 || return
	kill -STOP "$tracer"
	load_go
	kill -CONT "$tracer"
	finish losses_count 4 || return
	counted=$(grep -oE '"acts":[0-9]+' "$work/json" | cut -d : -f 2 | paste -sd + | bc)
	holds losses_count "$(tail -n 1 "$work/json")" \
		test "$(identity "$counted" && echo true)" -a "$(end_value lost_ring)" -gt 0
}

# Endings of every kind, one after the other: each reset that the kernel counts is told once.
churn_is_told()
{
	load_begin churn --buffer 16M -- churn 2700 || return
	load_go
	finish churn 0 || return
	holds churn "$(load_value out_rsts) resets: $(tail -n 1 "$work/json")" \
		test "$(identity && echo true)" -a "$(resets_of)" = "$(load_value out_rsts)"
}

# The reader is stopped while a port scan would fill the ring twice: of the acts of another
# process none is lost, and the others are told or counted, as many as the kernel sent resets.
storm_spares_the_rare()
{
	local rare resets

	load_begin storm --buffer 16M -- storm "${1:-100000}" "${2:-0}" 100 || return
	kill -STOP "$tracer"
	load_go
	kill -CONT "$tracer"
	finish storm 4 || return
	rare=$(grep '"cause":"unread_data"' "$work/json" |
		grep -c "\"pid\":$(load_value rare_pid),")
	resets=$(($(resets_of) + $(end_value suppressed)))
	if [[ $rare != 100 || $(end_count '"cause":"peer_rst"') != 100 ]]; then
		fail storm "$rare of 100 arrived: $(tail -n 1 "$work/json")"
	elif ! identity || (($(end_value suppressed) < 20000)) ||
		[[ $resets != "$(load_value out_rsts)" ]]; then
		fail storm "$resets of $(load_value out_rsts): $(tail -n 1 "$work/json")"
	elif [[ $(suppressed_of) != "$(end_value suppressed)" ||
		$(suppressed_of reply_port) != "$(end_value suppressed)" ]]; then
		fail storm "told of $(suppressed_of): $(tail -n 1 "$work/json")"
	else
		pass storm
	fi
}

# The same with a reader that reads, at 50,000 a second: whether it keeps up or not.
storm_is_read()
{
	local rare resets got=0

	load_begin storm_read --buffer 16M -d 120 -- storm "${1:-100000}" 50000 100 || return
	load_go
	kill -TERM "$tracer"
	wait "$tracer" || got=$?
	rare=$(grep '"cause":"unread_data"' "$work/json" |
		grep -c "\"pid\":$(load_value rare_pid),")
	resets=$(($(resets_of) + $(end_value suppressed)))
	echo "    storm: $(load_value per_second)/s, $(end_value suppressed) suppressed"
	if [[ $rare == 100 && $resets == "$(load_value out_rsts)" ]] && identity &&
		[[ $got == $(($(end_value lost) ? 4 : 0)) ]]; then
		pass storm_read
	else
		fail storm_read "status $got, $rare of 100, $resets: $(tail -n 1 "$work/json")"
	fi
}

# A server with 10,000 connections is killed: each is told.  When these are too many orphans for the
# kernel it resets some a second time.
kill_is_told()
{
	local told

	load_begin kill_9 --buffer 16M -- kill "${1:-10000}" || return
	load_go
	finish kill_9 0 || return
	told=$(grep '"via":"signal"' "$work/json" | grep '"state":"ESTABLISHED"' |
		grep -c "\"pid\":$(load_value victim_pid),")
	if [[ $told == "${1:-10000}" && $(resets_of) == "$(load_value out_rsts)" ]] && identity; then
		pass kill_9
	else
		fail kill_9 "$told told, $(resets_of) of $(load_value out_rsts) resets: $(
			tail -n 1 "$work/json")"
	fi
}

# The entries of a map of the tracer's.
entries_of() { "$O/load" entries "$tracer" | awk -v m="$1" '$2 == m { print $3; found = 1 }
	END { exit !found }'; }

# Waits until there are no more than so many entries in a map, 10 s at most.
await_entries()
{
	local i

	for ((i = 0; i < 100; i++)); do
		(($(entries_of "$1") <= $2)) && return
		sleep 0.1
	done
	return 1
}

# Endings of every kind leave nothing behind, in three rounds.  What strangers have open may differ a
# little; what leaks, leaks thousands.
maps_do_not_grow()
{
	local name=$1 count=$2 round before
	shift 2

	begin -P 1 -d 3600 "$@" || { fail "$name" "does not start"; return; }
	before=$(($(entries_of owners) + 50))
	for round in 1 2 3; do
		load_wait churn "$count" || { fail "$name" "$(cat "$work/load.err")"; return; }
		load_go
		if ! await_entries owners "$before" || ! await_entries pendings 50; then
			fail "$name" "round $round: $("$O/load" entries "$tracer" | xargs)"
			finish "$name" 0
			return
		fi
	done
	finish "$name" 0 || return
	holds "$name" "$(tail -n 1 "$work/json")" \
		test "$(identity && echo true)" -a "$(end_value seen)" -ge $((9 * count)) \
		-a "$(end_value owner_full)" = 0
}

# Lines of JSON that grow up to the account of the end; one for people where there is no place.
stats_are_told()
{
	local got=0

	load_begin stats --buffer 1M --stats=200ms -- churn 450 || return
	load_go
	await "$work/json" '"type":"stats"' || { fail stats "no line"; return; }
	finish stats 0 || return
	holds stats "$(grep stats "$work/json")" /usr/bin/python3 - "$work/json" <<-'END'
	import json, sys
	lines = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
	stats, end = [line for line in lines if line["type"] == "stats"], lines[-1]
	for before, after in zip(stats, stats[1:] + [end]):
	    assert all(before[key] <= after[key] for key in ("seen", "emitted", "filtered"))
	last = stats[-1]
	assert last["ring_size"] == 1 << 20 and last["memory"] > 1 << 20 and last["cpu_us"] > 0
	if last["bpf_ns"] is not None and last["seen"]:
	    assert last["bpf_runs"] > last["seen"] and last["bpf_ns"] > last["seen"]
	    assert 0 < last["ring_peak"] <= last["ring_size"]
	END
	# Each in its time, though nothing happens.
	begin -P 1 --stats=100ms || { fail stats_idle "does not start"; return; }
	await_lines 3 '"type":"stats"'
	finish stats_idle 0 || return
	holds stats_idle "$(cat "$work/json")" \
		test "$(grep -c '"type":"stats"' "$work/json")" -ge 3
	trace -o csv -P 1 -d 300ms --stats >"$work/out" 2>"$work/err" || got=$?
	holds stats_text "status $got: $(cat "$work/err")" \
		grep -qE '^stats 0\.[0-9] s: [0-9]+/s seen, .* of a CPU, [0-9.]+ MiB$' "$work/err"
}

loss_tests()
{
	refuses samples_zero 2 'from 1' trace --samples 0
	refuses stats_soon 2 'time between two' trace --stats=soon
	refuses stats_zero 2 'time between two' trace --stats=0
	stats_are_told
	loses_in_ring
	loses_samples
	loses_owners
	loses_counts
	churn_is_told
	storm_spares_the_rare
	storm_is_read
	kill_is_told
	exec 9<&-
	maps_do_not_grow maps 4500
}

# For check-long: a reader that is stopped for ten seconds, and one that reads for a minute.
loss_long()
{
	storm_spares_the_rare 500000 50000
	storm_is_read 3000000
	maps_do_not_grow maps_long 333000
	maps_do_not_grow maps_all 90000 --all
}
