#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# closetrace verify: what it says, what it refuses, and that nothing is left of it.  For
# tests/cli/run, whose functions and variables it uses.

# shellcheck disable=SC2154

readonly FEW=linger0,unread,refused,fin_clean

# Never longer than two minutes.
verify() { timeout -k 5 120 "$O/closetrace" verify "$@"; }

# name, status, command: its streams are in $work/out and $work/err
ends_with()
{
	local name=$1 status=$2 got=0
	shift 2

	"$@" >"$work/out" 2>"$work/err" </dev/null || got=$?
	[[ $got == "$status" ]] && return
	fail "$name" "status $got, not $status: $(cut -c1-300 "$work/err" "$work/out" | head -n 5)"
	return 1
}

refuses_verify()
{
	echo '{"type":"start"}' >"$work/bad.json"
	echo '{"type":"start","schema":1000}' >"$work/new.json"
	refuses verify_name 2 "no scenario 'nope'; see closetrace verify --list" \
		verify --only linger0,nope
	refuses verify_no_name 2 "no scenario ''" verify --only ''
	refuses verify_format 2 'text, md, json' verify -o csv
	refuses verify_md 2 'closetrace: -o takes one of' trace -o md
	refuses verify_jobs 2 'closetrace: --jobs takes' verify --jobs 0
	refuses verify_sysctl_name 2 'closetrace: --sysctl takes' verify --sysctl kernel.pid_max=1
	refuses verify_sysctl_path 2 'closetrace: --sysctl takes' \
		verify --sysctl net/../kernel/pid_max=1
	refuses verify_sysctl_empty 2 'closetrace: --sysctl takes' \
		verify --sysctl net.ipv4.tcp_rfc1337=
	refuses verify_option 2 'closetrace: --slow goes with verify' trace --slow
	refuses verify_word 2 'one word too many' verify linger0
	refuses verify_no_file 5 '/nonexistent: No such file' verify --against /nonexistent
	refuses verify_bad_file 5 'is no whole output' verify --against "$work/bad.json"
	refuses verify_new_file 5 'newer closetrace' verify --against "$work/new.json"
}

lists_scenarios()
{
	ends_with verify_list 0 verify --list || return
	holds verify_list "$(head -n 2 "$work/out")" \
		cmp <(awk '{ print $1 }' "$work/out") <("$O/closelab" --list | awk '{ print $1 }')
	holds verify_list_marks "no --slow, no --global" \
		awk '/\(--slow\)$/ { slow = 1 } /\(--global\)$/ { global = 1 }
			END { exit !(slow && global) }' "$work/out"
}

# Each line is of the schema.
of_the_schema()
{
	/usr/bin/python3 - docs/schema.json "$1" <<-'END'
	import json, sys
	import jsonschema
	with open(sys.argv[1], encoding="utf-8") as file:
	    schema = json.load(file)
	validator = jsonschema.validators.validator_for(schema)(schema)
	with open(sys.argv[2], encoding="utf-8") as file:
	    lines = [json.loads(line) for line in file]
	for line in lines:
	    validator.validate(line)
	sys.exit(lines[0]["type"] != "start" or lines[-1]["type"] != "end")
	END
}

says_what_was_seen()
{
	local word

	ends_with verify_json 0 verify -j --only "$FEW" || return
	cp "$work/out" "$work/verify.json"
	holds verify_schema "a line is not of the schema" of_the_schema "$work/verify.json"
	holds verify_silent "$(cat "$work/err")" test ! -s "$work/err"
	holds verify_json "$(tail -n 1 "$work/out")" grep -qE \
		'"ran":16,"agreed":16,"disagreed":0,"skipped":0,.*,"changed":null,' \
		"$work/out"
	grep '"scenario":"linger0"' "$work/out" >"$work/linger0"
	for word in '"agree":true' '"server RST> linger0 in ESTABLISHED by close"' \
		'"wire":["server RST|ACK"]' '"errno":["client ECONNRESET"]' \
		'"counters":{"OutRsts":1,"EstabResets":2,"TCPAbortOnData":1}'; do
		holds verify_witness "$word is not said" \
			test "$(grep -cF "$word" "$work/linger0")" = 4
	done
}

writes_text_and_tables()
{
	ends_with verify_text 0 verify -v --only "$FEW" --output "$work/text" || return
	holds verify_text "$(cat "$work/text")" grep -qx \
		'        counted   OutRsts 1, EstabResets 2, TCPAbortOnClose 1' "$work/text"
	holds verify_steps "no steps" grep -q '^        did  .*; server close; ' "$work/text"
	holds verify_sums "$(tail -n 1 "$work/text")" grep -qx \
		'16 cases ran: 16 agree, 0 disagree; 0 left out' "$work/text"
	ends_with verify_quiet 0 verify -q --only linger0 || return
	holds verify_quiet "$(cat "$work/out")" test "$(head -n 1 "$work/out")" = \
		'agree   linger0: close() with SO_LINGER 0'
	ends_with verify_table 0 verify -o md --only "$FEW" || return
	holds verify_table "$(cat "$work/out")" grep -qE \
		'^\| `unread` \| yes \| .* \| server RST\\\|ACK \| OutRsts 1' "$work/out"
}

# A terminal sees how far it is, a file does not.
shows_progress()
{
	/usr/bin/python3 - "$O/closetrace" >"$work/out" 2>&1 <<-'END'
	import os, pty, sys
	shown = b""
	def read(fd):
	    global shown
	    data = os.read(fd, 1024)
	    shown += data
	    return data
	status = pty.spawn([sys.argv[1], "verify", "--only", "linger0"], read)
	sys.exit(status != 0 or b"\r4 of 4 cases" not in shown or b"\r\x1b[K" not in shown)
	END
	holds verify_progress "$(cat "$work/out")" test "${PIPESTATUS[0]}" = 0
}

# name, setting, scenario that shows it, key that changes
notices()
{
	ends_with "verify_$1" 1 verify -j --only "linger0,$3" --sysctl "$2" \
		--against "$work/base.json" || return
	holds "verify_$1" "$(cut -c1-300 "$work/out" | head -n 5)" grep -q \
		"\"type\":\"change\",\"scenario\":\"$3\".*\"key\":\"$4\"" "$work/out"
	holds "verify_$1_schema" "a line is not of the schema" of_the_schema "$work/out"
	holds "verify_$1_only" "$(grep -v "$3" "$work/out" | cut -c1-300)" \
		test "$(grep '"change"' "$work/out" | grep -vc "\"$3\"")" = 0
}

# A kernel that behaves otherwise is noticed, the same one is not.
compares_runs()
{
	local all=$FEW,listen_not_migrated,overflow_drop,finwait2_timeout,timewait_killed

	ends_with verify_base 0 verify -j --only "$all" || return
	cp "$work/out" "$work/base.json"
	ends_with verify_same 0 verify --only "$all" --against "$work/base.json" || return
	holds verify_same "$(cat "$work/out")" grep -q '; 0 changes$' "$work/out"
	ends_with verify_default 0 verify -q --only timewait_killed --against "$work/base.json" \
		--sysctl net.ipv4.tcp_rfc1337=0 || return
	holds verify_default "$(cat "$work/out")" test ! -s "$work/out"
	notices migrate net.ipv4.tcp_migrate_req=1 listen_not_migrated errno
	notices overflow net.ipv4.tcp_abort_on_overflow=1 overflow_drop said
	notices fin_timeout net.ipv4.tcp_fin_timeout=90 finwait2_timeout failed
	notices rfc1337 net/ipv4/tcp_rfc1337=1 timewait_killed failed
	ends_with verify_unknown 0 verify --only linger0,linger0_unsent \
		--against "$work/base.json" || return
	holds verify_unknown "$(cat "$work/err")" grep -q '^closetrace: 4 cases are not in' \
		"$work/err"
}

# Without a value a setting is that of the namespace closetrace runs in.
takes_settings_over()
{
	ends_with verify_here 1 unshare -n bash -c 'echo 1 >/proc/sys/net/ipv4/tcp_rfc1337 &&
		exec timeout -k 5 60 "$@"' sh "$O/closetrace" verify --only timewait_killed \
		--sysctl net.ipv4.tcp_rfc1337 || return
	holds verify_here "$(cat "$work/out")" grep -q '^DIFFER  timewait_killed' "$work/out"
	refuses verify_no_setting 2 "no setting 'net.ipv4.nonsense'" \
		verify --sysctl net.ipv4.nonsense=1
	refuses verify_bad_setting 2 "cannot be 'x': Invalid argument" \
		verify --sysctl net.ipv4.tcp_rfc1337=x
}

# In a namespace where nobody else is at work.
changes_nothing()
{
	local few=linger0,finwait2_timeout,link_flap

	# shellcheck disable=SC2016
	ends_with verify_traceless 0 unshare -n bash -c '
		look() { grep -rs . /proc/sys/net; ip address; ip route; cat /proc/net/tcp; }
		look >"$1/before"
		timeout -k 5 60 "$2" verify -q --only "$3" >/dev/null && look >"$1/after" &&
			cmp "$1/before" "$1/after"' sh "$work" "$O/closetrace" "$few" &&
		pass verify_traceless
}

# name, signal: all that it started dies with it
dies_whole()
{
	local verify children i

	"$O/closetrace" verify --only linger_timed,keepalive_timeout >"$work/out" 2>&1 &
	verify=$!
	for ((i = 0; i < 500; i++)); do
		children=$(pgrep -P "$verify" | xargs)
		(($(wc -w <<<"$children") > 3)) && break
		sleep 0.02
	done
	kill "-$2" "$verify"
	wait "$verify" 2>/dev/null
	for ((i = 0; i < 250; i++)); do
		[[ -z $children || -n $(ps -o pid= -p "${children// /,}") ]] || break
		sleep 0.02
	done
	holds "$1" "started '$children', left: $(ps -o pid=,comm= -p "${children// /,}" | xargs)" \
		test -n "$children" -a -z "$(ps -o pid= -p "${children// /,}")"
}

# Its trace is held up while a child holds a socket: who held it cannot be told, but a second time.
asks_again()
{
	local verify child='' i got=0

	"$O/closetrace" verify --jobs 1 --only held_child >"$work/out" 2>"$work/err" &
	verify=$!
	# The laboratory's processes have the names of their scenarios.
	for ((i = 0; i < 1000; i++)); do
		child=$(pgrep -P "$verify" -x exe)
		pgrep -P "$verify" -x held_child >/dev/null && break
		sleep 0.01
	done
	# The case that runs now may have been told of already, but not those that come meanwhile.
	kill -STOP "$child"
	sleep 3
	kill -CONT "$child"
	wait "$verify" || got=$?
	holds verify_again "status $got: $(cat "$work/err" "$work/out")" \
		grep -q '4 cases ran: 4 agree, 0 disagree; .*; [1-4] agree only when run again' \
		"$work/out"
	holds verify_again_status "status $got" test "$got" = 0
}

no_verify_without_root()
{
	local as=(setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all
		--bounding-set=-all "$work/closetrace" verify)

	refuses verify_no_privilege 3 'run as root' "${as[@]}" --only linger0
	refuses verify_no_namespace 3 'run as root' "${as[@]}" --sysctl net.ipv4.tcp_rfc1337=1
}

verify_fills_disk()
{
	refuses verify_full_disk 5 'cannot write' verify --only linger0 --output /dev/full
}

verify_tests()
{
	says_what_was_seen
	writes_text_and_tables
	shows_progress
	compares_runs
	takes_settings_over
	changes_nothing
	asks_again
	dies_whole verify_terminated TERM
	dies_whole verify_killed KILL
	no_verify_without_root
	verify_fills_disk
}
