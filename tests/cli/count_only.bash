# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
#
# count_only.bash - --count-only says what a stream of acts would; sourced by tests/cli/run

refuses_counts()
{
	refuses count_only_soon 2 'time between two tables' trace --count-only=soon
	refuses count_only_stacks 2 'does not go with -k' trace --count-only -k
	refuses count_only_all 2 'does not go with --all' trace --count-only --all
	refuses count_only_count 2 'does not go with -c' trace --count-only -c 3
	refuses count_only_summary 2 'does not go with --summary' trace --count-only --summary
	refuses count_only_unit 2 'does not go with --unit' trace --count-only --unit x
	refuses count_only_format 2 'does not go with that format' trace --count-only -o folded
}

# The first scenario of each cause that needs no timer; with "all" every one of those.
scenarios_of_causes()
{
	"$O/closelab" --list -v | awk -v all="${1-}" '
		/^[^ ]/ { if (name && new && !slow) print name; name = $1; new = all != ""; slow = 0 }
		/^ +act / { if (!($5 in seen)) new = 1; if (!slow) seen[$5] = 1 }
		/^ +waits / { slow = 1 }
		END { if (new && !slow) print name }'
}

# A process whose children play the scenarios of this list when it is told to go on; it is stopped.
stopped_scenarios()
{
	# shellcheck disable=SC2016 # expanded there
	bash -c 'kill -STOP $$; xargs -P 8 -I % timeout 5 "$1" % --netns <"$2"' sh \
		"$O/closelab" "$1" >/dev/null 2>&1 &
	lab=$!
	until grep -q '^State:.*stopped' "/proc/$lab/status" 2>/dev/null; do sleep 0.01; done
}

# Acts of one file against counts of the other, and the accounts of both.
same_counts()
{
	/usr/bin/python3 - "$1" "$2" <<-'END'
	import collections, json, sys
	def lines(path):
	    return [json.loads(line) for line in open(path, encoding="utf-8")]
	def row(line):
	    return tuple(line[key] for key in ("cause", "certainty", "wire", "dir"))
	acts, counts = lines(sys.argv[1]), lines(sys.argv[2])
	told, counted = collections.Counter(), collections.Counter()
	for line in acts:
	    if line["type"] == "act":
	        told[row(line)] += 1
	for line in counts:
	    if line["type"] == "count":
	        counted[row(line)] += line["acts"]
	ends = acts[-1], counts[-1]
	if told != counted or any(end["lost"] for end in ends) or \
	        any(end["emitted"] != told.total() for end in ends) or len(told) < 20:
	    print("acts only:", told - counted, "counts only:", counted - told, *ends)
	    sys.exit(1)
	print(told.total(), "acts,", len({row[0] for row in told}), "causes")
	END
}

# Both beside each other, over every way to end that we can make at once.
counts_like_acts()
{
	local name=${1:-count_only} status=0 other

	scenarios_of_causes "${2-}" >"$work/scenarios"
	stopped_scenarios "$work/scenarios"
	: >"$work/counts"
	"$O/closetrace" -j -d 120 -f -p "$lab" --count-only >"$work/counts" 2>"$work/err" &
	other=$!
	await "$work/counts" '"type":"start"' || { fail "$name" "$(cat "$work/err")"; return; }
	begin -d 120 -f -p "$lab" || { fail "$name" "does not start"; return; }
	kill -CONT "$lab"
	wait "$lab"
	wait "$tracer" "$other" || status=$?
	keep "$work/counts"
	if same_counts "$work/json" "$work/counts" >"$work/out"; then
		pass "$name"
		sed 's/^/    count_only: /' "$work/out"
	else
		fail "$name" "status $status: $(head -c 800 "$work/out")"
	fi
}

# More ports than there is room for: the rest is counted without them, and nothing is lost.
counts_without_room()
{
	load_wait churn 45000 || { fail count_others "$(cat "$work/load.err")"; return; }
	begin --netns="$load_netns" --buffer 16M --count-only || { fail count_others "does not start"; return; }
	load_go
	finish count_others 0 || return
	if (($(grep '"others":true' "$work/json" | wc -l) > 0 && $(end_value lost) == 0 &&
		$(end_value seen) == $(end_value emitted) + $(end_value filtered) &&
		$(end_value emitted) == $(grep -oE '"acts":[0-9]+' "$work/json" |
			cut -d : -f 2 | paste -sd + | bc))); then
		pass count_others
	else
		fail count_others "$(tail -n 1 "$work/json")"
	fi
}

# Tables for people, now and then and at the end; a header and rows for spreadsheets; --fail-on.
counts_are_written()
{
	local form got
	local -A pattern=([text]='^ +100 +\. +100 .* linger0$'
		[csv]='^count,[0-9TZ:.-]*,linger0,local_reset,exact,rst,out,[0-9]*,churn,,[0-9]*,false,100')

	for form in text csv; do
		load_wait churn 900 || { fail "count_$form" "$(cat "$work/load.err")"; return; }
		: >"$work/out" >"$work/err"
		"$O/closetrace" -o "$form" --netns="$load_netns" --count-only=100ms -d 30 \
			--fail-on linger0 >"$work/out" 2>"$work/err" &
		tracer=$!
		await "$work/err" 'tracing in'
		load_go
		[[ $form != text ]] || await "$work/out" 'summary of the last .* [1-9][0-9]* acts'
		got=0
		kill -TERM "$tracer"
		wait "$tracer" || got=$?
		holds "count_$form" "status $got: $(tail "$work/out" "$work/err")" \
			test "$got:$(grep -cE "${pattern[$form]}" "$work/out" | sed 's/[1-9].*/1/')" = 1:1
	done
}

count_only_tests()
{
	refuses_counts
	counts_like_acts
	counts_without_room
	counts_are_written
}

# For check-long: with every scenario that needs no timer.
count_only_long() { counts_like_acts count_only_all all; }
