# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
#
# look.bash - how lines look, in files, pipes and on terminals; and --fail-on; sourced by
# tests/cli/run

# Each: one line, status 2, nothing else.
refuses_looks()
{
	refuses color_red 2 'auto, always or never' trace --color=red
	refuses summary_soon 2 'time between two' trace --summary=soon
	refuses six_times 2 'five times' trace -tttttt
	refuses cause_near 2 'is it unread_data\?' trace --cause unread_dat
	refuses cause_unknown 2 'closetrace explain lists them' trace --cause xyzzy
	refuses fail_on_near 2 'is it !orderly\?' trace --fail-on '!ordrely'
	refuses format_unknown 2 'csv, folded,( journal,)? json, text' trace -o yaml
}

# Starts closetrace on the next scene: its output goes to $work/seen.
watch_scene()
{
	: >"$work/seen" >"$work/err"
	"$@" "$O/closetrace" --netns="$scene_netns" -d 30 "${options[@]}" \
		>"$work/seen" 2>"$work/err" &
	tracer=$!
	case " ${options[*]} " in
	*' -j '* | *' json '*) await "$work/seen" '"type":"start"' ;;
	*) await "$work/err" ' in the (base|full) tier' ;;
	esac
}

# The beginning of what was seen, for people.
seen() { head -n 12 "$work/seen" | cut -c1-300 | cat -v; }

# Plays the scene before it with these options; the status is in $status.
look_at()
{
	local name=$1 wrapper=()
	shift

	[[ ${1-} != --columns ]] || { wrapper=(tests/cli/terminal.py "$2"); shift 2; }
	options=("$@")
	if ! watch_scene "${wrapper[@]}"; then
		fail "$name" "does not start: $(head -n 1 "$work/err")"
		return 1
	fi
	play_scene
	sleep 0.3
	kill -TERM "$tracer" 2>/dev/null
	status=0
	wait "$tracer" || status=$?
	case " ${options[*]} " in *' -j '* | *' json '*) keep "$work/seen" ;; esac
}

hostile=$'\xff\x1b]0;x\x07"<script'

# What it may never write, whatever it is called.
inert()
{
	! LC_ALL=C grep -qP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]' <(tr -d '\r' <"$1") &&
		iconv -f UTF-8 -t UTF-8 "$1" >/dev/null 2>&1
}

# A process with a hostile name in a cgroup of such a name, one with a name that a spreadsheet runs,
# a harmless foreign one.
hostile_names()
{
	local form what cgroup=''

	! make_cgroups "$hostile>=1+1" || cgroup=,cgroup=$cgroups/$hostile'>=1+1'
	for form in text json csv folded; do
		set_scene "comm=$hostile$cgroup" comm==1+1 comm=schön,end=fin ||
			{ fail "hostile_$form" "$(tail -n 1 "$work/scene.out")"; return; }
		look_at "hostile_$form" -o "$form" || return
		holds "hostile_$form" "$(seen)" inert "$work/seen"
		case $form in
		text) what='schön\[' ;;
		json) what='"comm":"\\\\xff\\\\x1b\]0;x\\\\x07\\"<script"' ;;
		csv) what=",\"'=1\\+1\"," ;;
		folded) what='^=1\+1;.* 1$' ;;
		esac
		holds "hostile_${form}_name" "$(seen)" \
			grep -qE -- "$what" "$work/seen"
		[[ $form == json && $cgroup ]] || continue
		holds hostile_cgroup "$(seen)" grep -qF \
			"\"cgroup\":\"/$cgroup_name/\\\\xff\\\\x1b]0;x\\\\x07\\\"<script>=1+1\"" \
			"$work/seen"
	done
}

# A program that reads CSV finds the header's keys, and what was meant.
reads_csv()
{
	set_scene "comm=$hostile" comm==1+1 || { fail csv "no scene"; return; }
	look_at csv -o csv || return
	holds csv "$(seen)" /usr/bin/python3 - "$work/seen" <<-'END'
	import csv, sys
	with open(sys.argv[1], newline="", encoding="utf-8") as file:
	    raw = file.read()
	assert raw.count("\n") == raw.count("\r\n") == 5, "lines"
	rows = list(csv.DictReader(raw.splitlines(keepends=True), strict=True))
	assert len(rows) == 4 and all(None not in row and None not in row.values() for row in rows)
	assert {row["type"] for row in rows} == {"act"}
	assert sorted(row["lport"] for row in rows) == ["40001", "40002", "5001", "5002"]
	comms = {row["owner_comm"] for row in rows}
	assert comms == {"'=1+1", "\\xff\\x1b]0\\x3bx\\x07\"<script"}, comms
	END
}

escapes() { grep -c $'\x1b' "$work/seen"; }

# Only on a terminal, unless somebody asks for it.
colors()
{
	local name want saved=${NO_COLOR-} term=${TERM-}

	unset NO_COLOR
	export TERM=xterm
	while read -r name want words; do
		set_scene comm=alpha || { fail "$name" "no scene"; return; }
		read -ra words <<<"$words"
		[[ $name != color_env ]] || export NO_COLOR=1
		look_at "$name" "${words[@]}" || return
		unset NO_COLOR
		if [[ $(grep -c linger0 "$work/seen") != 1 || $status != 0 ||
			$(($(escapes) > 0)) != "$want" ]]; then
			fail "$name" "status $status: $(seen)"
		else
			pass "$name"
		fi
	done <<-'END'
	color_pipe 0 -v
	color_pipe_auto 0 --color=auto
	color_pipe_json 0 -o json --color=never
	color_asked 1 --color
	color_terminal 1 --columns 140 -v
	color_terminal_80 1 --columns 80
	color_never 0 --columns 140 --color=never
	color_env 0 --columns 140
	END
	[[ -z $saved ]] || export NO_COLOR=$saved
	export TERM=$term
}

# Two lines on 80 columns, one on 140 and in a file; -t, -N, header and totals where they belong.
layouts()
{
	local mark

	set_scene comm=alpha,from=::1,to=::1 || { fail layout "no scene"; return; }
	look_at layout_80 --columns 80 --color=never -N || return
	holds layout_80 "$(seen)" grep -qE \
		'^[0-9:.]{12}  alpha\[[0-9]+\] +\[::1\]:40001 > \[::1\]:5001$' "$work/seen"
	holds layout_80_second "$(seen)" grep -qE '^  RST>   linger0  ' "$work/seen"
	for mark in t:'alpha\[' tt:'[0-9]{10}\.[0-9]{6}  alpha\[' ttt:'00:00:00\.[0-9]{6}  alpha\[' \
		tttt:'[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8}\.[0-9]{6}  alpha\[' \
		ttttt:'00:00:[0-9]{2}\.[0-9]{6}  alpha\['; do
		set_scene comm=alpha || { fail "time_${mark%%:*}" "no scene"; return; }
		look_at "time_${mark%%:*}" "-${mark%%:*}" || return
		holds "time_${mark%%:*}" "$(seen)" \
			grep -qE "^${mark#*:}.*RST>   linger0" "$work/seen"
	done
}

# 400 acts at once: a terminal gets 200 lines and the sum of the others, a file gets all.
floods()
{
	local lines sum acts

	set_scene comm=alpha,times=200 || { fail flood "no scene"; return; }
	look_at flood_file || return
	lines=$(grep -cE '^[0-9:.]{12}  ' "$work/seen")
	holds flood_file "$lines lines" test "$lines" -ge 400
	set_scene comm=alpha,times=400 || { fail flood "no scene"; return; }
	look_at flood_terminal --columns 140 --color=never || return
	lines=$(grep -cE '^[0-9:.]{12}  ' "$work/seen")
	sum=$(awk '/^\+ [0-9]+ [a-z0-9_]+ in the last second$/ { sum += $2 } END { print +sum }' \
		"$work/seen")
	acts=$(sed -nE 's/^([0-9]+) acts: .*/\1/p' "$work/err")
	if ((lines < 200 || lines + sum != acts || sum < 100 || acts < 800)); then
		fail flood_terminal "$lines lines and $sum in sums of $acts acts"
	else
		pass flood_terminal
	fi
}

# Counts in place of lines; beside them when a format was asked for.
summaries()
{
	set_scene comm=alpha comm=alpha comm=beta,end=fin || { fail summary "no scene"; return; }
	look_at summary --summary || return
	holds summary "$(seen)" grep -qE '^ +2 +\. +2 +\. +\. +\.  linger0$' "$work/seen"
	holds summary_owner "$(seen)" grep -qE '^ +4( +[0-9.]+){5}  alpha$' "$work/seen"
	holds summary_alone "$(seen)" test "$(grep -c 127.0.0.1 "$work/seen")" = 0
	set_scene comm=alpha,end=unread || { fail summary "no scene"; return; }
	look_at summary_json -j --summary=100ms || return
	holds summary_json "$(seen)" test "$(grep -vc '^{"type":' "$work/seen")" = 0
	holds summary_stderr "$(head -n 30 "$work/err")" grep -qE '^ +1 +\. +1 +\. +\. +1  unread_data$' \
		"$work/err"
	holds summary_often "$(head -n 30 "$work/err")" \
		test "$(grep -c "^summary of the last 0\." "$work/err")" -ge 1
	holds summary_whole "$(head -n 30 "$work/err")" test "$(grep -c '^summary of [0-9]' "$work/err")" = 1
}

# Status 1 only for what passed the filters.
fails_on()
{
	local name want words

	while read -r name want words; do
		set_scene comm=alpha,end=unread comm=beta,end=fin || { fail "$name" "no scene"; return; }
		read -ra words <<<"$words"
		look_at "$name" "${words[@]}" || return
		holds "$name" "status $status, not $want: $(cat "$work/err")" test "$status" = "$want"
	done <<-'END'
	fail_on_cause 1 --fail-on unread_data
	fail_on_class 1 --fail-on timeout,local_reset
	fail_on_unexpected 1 --fail-on unexpected
	fail_on_filtered 0 --fail-on unread_data --fin
	fail_on_no_such 0 --fail-on timeout
	fail_on_all_but 1 --fail-on !orderly -j
	fail_on_summary 1 --fail-on unexpected --summary
	END
}

# A command's own status comes first; only its 0 gives way.
command_fails_on()
{
	local name want code got

	while read -r name want code words; do
		got=0
		read -ra words <<<"$words"
		trace -q "${words[@]}" -- sh -c "'$O/closelab' unread --netns; exit $code" \
			>"$work/out" 2>"$work/err" || got=$?
		holds "$name" "status $got, not $want: $(head -n 3 "$work/err")" \
			test "$got" = "$want"
	done <<-'END'
	command_fail_on 1 0 --fail-on unread_data
	command_fail_on_none 0 0 --fail-on timeout
	command_fail_on_own 7 7 --fail-on unread_data
	END
}

# Whatever the format, a reader that has seen enough ends it with 0 and nothing on stderr.
heads()
{
	local form got

	for form in text json csv; do
		"$O/closelab" linger0 --netns --count 300 >/dev/null &
		timeout 20 "$O/closetrace" -q -o "$form" 2>"$work/err" | head -n 1 >"$work/out"
		got=${PIPESTATUS[0]}
		if [[ $got != 0 || -s $work/err || ! -s $work/out ]]; then
			fail "head_$form" "status $got: $(cat "$work/err")"
		else
			pass "head_$form"
		fi
		wait $!
	done
}

look_tests()
{
	hostile_names
	reads_csv
	colors
	layouts
	floods
	summaries
	fails_on
	command_fails_on
	heads
}
