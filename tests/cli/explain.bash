# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Part of tests/cli/run: the verbs explain and check, and words that are nearly right.
# shellcheck shell=bash

# name, words of closetrace, what stdout must have; the status must be 0 and stderr empty
says()
{
	local name=$1 words=$2 pattern=$3

	# shellcheck disable=SC2086	# several words
	if ! trace $words >"$work/out" 2>"$work/err"; then
		fail "$name" "status $?: $(head -n 1 "$work/err")"
	elif [[ -s $work/err ]]; then
		fail "$name" "stderr: $(head -n 1 "$work/err")"
	else
		holds "$name" "no '$pattern' in $(wc -l <"$work/out") lines" \
			grep -qE -- "$pattern" "$work/out"
	fi
}

suggestions()
{
	refuses verb_near 2 "unknown verb 'tarce'; did you mean trace" trace tarce
	refuses verb_command 2 'to trace a command: closetrace -- curl' trace curl -s x
	refuses option_near 2 "unknown option '--rts'; did you mean --rst" trace --rts
	refuses option_value 2 "option '-p' lacks its value" trace -p
	refuses cause_near 2 "no cause 'unraed_data'; did you mean unread_data" \
		trace explain unraed_data
	refuses cause_errno 2 "explain --search 'ECONNRESET'" trace explain ECONNRESET
	refuses cause_unknown 2 "no cause 'xyzzy'" trace explain xyzzy
	refuses search_nothing 2 "nothing here speaks of 'xyzzy'" trace explain --search xyzzy
	refuses search_verb 2 'goes with explain' trace --search x
	refuses verb_help 2 'did you mean --help' trace help
	refuses command_nothing 2 'closetrace -- COMMAND' trace --
	refuses cause_note 2 "'fin_received' is a note" trace --cause fin_received
	refuses explain_option 2 'explain takes no options but' trace explain -p 1
	refuses explain_output 2 'explain takes no options but' trace --output /tmp/x explain
	refuses check_output 2 'closetrace check >x' trace check --output x
	refuses check_command 125 'only trace takes a command' trace check -- true
	refuses words_too_many 2 "'b' is one word too many; see closetrace explain" \
		trace explain a b
	# What is said of it is one line that ends with the mend, and drives no terminal.
	refuses hostile_word 2 "^closetrace: port 'x.x0a.x1b\[31m' is not a number from 1" \
		trace -P $'x\n\e[31m'
	refuses hostile_verb 2 "unknown verb '.xff.x1b\]0;x'" trace $'\xff\e]0;x'
	refuses long_value 2 "^closetrace: port 'x+ \.\.\. x+' is not a number from 1 to 65535$" \
		trace -P "$(head -c 100000 /dev/zero | tr '\0' x)"
	refuses explain_format 2 'text, md, json' trace explain -o csv
	refuses check_format 2 'text, json' trace check -o folded
}

explains()
{
	says explain_cause 'explain unread_data' 'closelab unread --netns'
	says explain_note 'explain challenge_ack' 'RFC 5961'
	says explain_class 'explain timeout' '^  rto_timeout '
	says explain_all explain '^note: '
	says explain_md 'explain linger0 -o md' '^## linger0$'
	says explain_search 'explain --search ECONNRESET' '^  unread_data '
	says help_letter -h '^Usage: closetrace '
	says version_letter -V '^closetrace [0-9.]+$'
	says explain_help 'explain --help' '^Usage: closetrace explain '
	says check_help 'check --help' '^Usage: closetrace check '
	says trace_help 'trace --help' '^Usage: closetrace \[trace\]'
	if trace explain | awk 'length > 80 { exit 1 }'; then
		pass explain_columns
	else
		fail explain_columns "a line is longer than 80 columns"
	fi
	trace explain -j >"$work/json"
	holds explain_json "not one line for each cause and note" \
		test "$(wc -l <"$work/json")" = "$(trace explain | grep -c '^  [a-z]')"
	holds explain_schema "a line is not of the schema" tests/run --validate "$work/json"
}

# A reader that goes away is no error; a full disk is.
explain_ends()
{
	local got=0

	trace explain -j | head -n 1 >"$work/out"
	holds explain_pipe "no status 0" test "${PIPESTATUS[0]}" = 0
	timeout 20 "$O/closetrace" --help | true
	holds help_pipe "no status 0" test "${PIPESTATUS[0]}" = 0
	refuses help_closed 5 'cannot write: Bad file' bash -c '"$1" --help >&-' sh "$O/closetrace"
	trace explain >/dev/full 2>"$work/err" || got=$?
	holds explain_full "status $got" test "$got" = 5
	holds explain_full_says "$(cat "$work/err")" grep -q 'cannot write' "$work/err"
}

checks()
{
	if trace check -j -v --all >"$work/json" 2>"$work/err"; then
		holds check_schema "a line is not of the schema" \
			tests/run --validate "$work/json"
		holds check_mends "a hook is missing without a reason or remedy" \
			test "$(grep -c '"on":"no"' "$work/json")" = \
			"$(grep '"on":"no"' "$work/json" | grep -vE '"(reason|mend)":null' | wc -l)"
	else
		fail check_schema "status $?: $(head -n 1 "$work/err")"
	fi
	# What only was not asked for is not missing.
	says check_held check '^opt .*filp_flush .*with --held'
	says check_tree check '^opt .*sched_process_fork .*with -f'
	says check_asked "check -p $$ -f" '^yes .*sched_process_fork'
	says check_stacks check '^user stacks +with -k'
	says check_stacks_asked 'check -k' '^kernel stacks +shown'
}

# Status 3, one line on stderr, and on stdout what is known so far with what mends it.
check_fails()
{
	local name=$1 want=$2 got=0
	shift 2

	"$@" >"$work/out" 2>"$work/err" || got=$?
	if [[ $got == 3 && $(wc -l <"$work/err") == 1 ]]; then
		holds "$name" "$(tr '\n' ' ' <"$work/out")" grep -qE "$want" "$work/out"
	else
		fail "$name" "status $got: $(cat "$work/err")"
	fi
}

check_refused()
{
	check_fails check_no_types 'mend: a kernel with CONFIG_DEBUG_INFO_BTF' \
		trace check --btf /nonexistent
	check_fails check_no_rights 'mend: sudo closetrace check' setpriv --reuid 65534 \
		--regid 65534 --clear-groups --inh-caps=-all --bounding-set=-all \
		"$work/closetrace" check
	check_fails check_no_rights_json '"condition":"rights","value":null' setpriv --reuid 65534 \
		--regid 65534 --clear-groups --inh-caps=-all --bounding-set=-all \
		"$work/closetrace" check -j
	holds check_no_rights_schema "a line is not of the schema" tests/run --validate "$work/out"
}
