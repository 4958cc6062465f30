# bash completion for closetrace(8)                                        -*- shell-script -*-
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash

# words: made by tests/docs --write
_closetrace_verbs='trace record report check explain verify'
_closetrace_formats='csv folded journal json text'
_closetrace_classes='unknown orderly local_reset peer_reset refused timeout killed reply'
_closetrace_causes='no_socket_rst
	data_after_close_tw
	tw_syn_rst
	mptcp_join_rst
	synrecv_syn_rst
	abort_on_overflow
	listener_bad_segment
	synsent_stale_synack
	synrecv_child_bad_ack
	data_after_close
	linger2_abort_fw1
	listen_queue_abort
	mptcp_fastclose
	unread_data
	linger0
	linger0_unsent_tail
	linger2_abort
	orphan_limit
	repair_close
	linger0_silent
	disconnect_unspec
	disconnect_synsent
	smc_abort
	sock_destroy
	keepalive_user_timeout
	keepalive_timeout
	finwait2_timer_rst
	orphan_limit_timer
	mptcp_subflow_reset
	icmp_error
	syn_timeout
	tfo_synack_timeout
	orphan_timeout
	zero_window_timeout
	user_timeout
	rto_timeout
	peer_refused
	peer_rst_orphan
	peer_rst
	fin_synrecv
	fin_deferred_shutdown
	fin_close_unsent
	fin_close_passive
	fin_close
	fin_shutdown_wr
	mptcp_subflow_fin
	unknown'
_closetrace_notes='close_after_fin
	close_unconnected
	close_dead
	listen_close_empty
	listen_queue_migrated
	fin_received
	finwait2_timeout
	time_wait_overflow
	peer_rst_tw
	netns_exit_purge
	peer_rst_synrecv
	request_dropped
	challenge_ack
	md5_ao_drop
	nf_reject_rst
	link_down_noop
	child_failed'
_closetrace_options='-p
	--pid
	-f
	--follow
	--run-as
	--comm
	--uid
	--unit
	--cgroup
	--container
	-P
	--port
	-a
	--addr
	--lport
	--rport
	--laddr
	--raddr
	--netns
	--rst
	--fin
	--silent
	--held
	--cause
	--unexpected
	--fail-on
	-o
	--output
	-j
	-k
	--all
	-q
	-v
	-n
	-N
	-t
	--color
	--summary
	--count-only
	--stats
	-c
	--count
	-d
	--duration
	--tier
	--no-fentry
	--btf
	--buffer
	--owners
	--samples
	--debug
	-w
	--write
	--format
	--max-size
	--max-age
	--since
	--until
	--socket
	--by
	--top
	--histogram
	-F
	--anonymize
	--list
	--only
	--slow
	--global
	--against
	--sysctl
	--jobs
	--search
	-h
	--help
	-V
	--version'
_closetrace_valued='-p
	--pid
	--run-as
	--comm
	--uid
	--unit
	--cgroup
	--container
	-P
	--port
	-a
	--addr
	--lport
	--rport
	--laddr
	--raddr
	--cause
	--fail-on
	-o
	--output
	-c
	--count
	-d
	--duration
	--tier
	--btf
	--buffer
	--owners
	--samples
	-w
	--write
	--format
	--max-size
	--max-age
	--since
	--until
	--socket
	--by
	--top
	--only
	--against
	--sysctl
	--jobs
	--search'
# end

# Completes the word at hand by these, in a list "a,b,!c" its last part.
_closetrace_list()
{
	local part=${cur##*[,!]}

	mapfile -t COMPREPLY < <(compgen -P "${cur%"$part"}" -W "$1" -- "$part")
}

# Under systemd as it knows them, else by their cgroups.
_closetrace_units()
{
	local units

	units=$(systemctl list-units --all --plain --no-legend --full 2>/dev/null | cut -d ' ' -f 1)
	[[ -n $units ]] || units=$(find /sys/fs/cgroup -name '*.service' -printf '%f\n' 2>/dev/null)
	echo "$units"
}

# By the option that stands before the word; status 1: that takes no value that we know.
_closetrace_value()
{
	case $1 in
	-p | --pid) _closetrace_list "$(ps -e -o pid=)" ;;
	--comm) mapfile -t COMPREPLY < <(ps -e -o comm= | sort -u | grep -F -- "$cur") ;;
	--uid | --run-as) _closetrace_list "$(cut -d : -f 1 /etc/passwd)" ;;
	--unit) _closetrace_list "$(_closetrace_units)" ;;
	--cgroup) mapfile -t COMPREPLY < <(compgen -d -- "${cur:-/sys/fs/cgroup/}") ;;
	--netns) _closetrace_list "$(ls /run/netns 2>/dev/null)" ;;
	--cause | --fail-on)
		_closetrace_list "$_closetrace_causes $_closetrace_classes unexpected" ;;
	--only) _closetrace_list "$("${COMP_WORDS[0]}" verify --list 2>/dev/null | cut -d ' ' -f 1)" ;;
	--sysctl) _closetrace_list "$(cd /proc/sys && printf '%s\n' net/*/*)" ;;
	-w | --write | --btf | --output | --against) mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
	--rst) _closetrace_list 'out in' ;;
	--format) _closetrace_list sqlite raw ;;
	--tier) _closetrace_list 'full base' ;;
	--color) _closetrace_list 'auto always never' ;;
	-o)
		case $verb in
		explain | verify) _closetrace_list 'text md json' ;;
		check) _closetrace_list 'text json' ;;
		*) _closetrace_list "$_closetrace_formats" ;;
		esac
		;;
	*) [[ " ${_closetrace_valued//[[:space:]]/ } " == *" $1 "* ]] ;;
	esac
}

# The verb among the words before the one at hand; "-" when a command of -- stands there.
_closetrace_verb()
{
	local i

	verb=
	for ((i = 1; i < COMP_CWORD; i++)); do
		if [[ ${COMP_WORDS[i]} == -- ]]; then
			verb=-
			return
		fi
		[[ " $_closetrace_verbs " != *" ${COMP_WORDS[i]} "* ]] || verb=${COMP_WORDS[i]}
	done
}

_closetrace()
{
	local cur=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} verb

	COMPREPLY=()
	_closetrace_verb
	# "--pid=1" is three words here.
	if [[ $cur == '=' ]]; then
		cur=
	elif [[ $before == '=' ]]; then
		before=${COMP_WORDS[COMP_CWORD - 2]}
	elif [[ ' --rst --netns --color --summary --histogram ' == *" $before "* ]]; then
		before=		# their value is behind a '=', or absent
	fi
	if [[ $verb == - ]]; then
		mapfile -t COMPREPLY < <(compgen -c -f -- "$cur" | sort -u)
	elif [[ $before == -* ]] && _closetrace_value "$before"; then
		return
	elif [[ $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$_closetrace_options" -- "$cur")
	elif [[ $verb == explain ]]; then
		_closetrace_list "$_closetrace_causes $_closetrace_classes note $_closetrace_notes"
	elif [[ $verb == report ]]; then
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
	elif [[ -z $verb ]]; then
		_closetrace_list "$_closetrace_verbs"
	fi
}

complete -F _closetrace closetrace
