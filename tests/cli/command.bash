# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
#
# command.bash - closetrace -- COMMAND; sourced by tests/cli/run
#
# Who called sudo must not decide what is tested here.
unset SUDO_UID SUDO_GID SUDO_USER SUDO_COMMAND

# name, status, pattern on stderr ('' for none), words: the status of a command's run
ends()
{
	local name=$1 status=$2 pattern=$3 got=0
	shift 3

	trace -q "$@" >"$work/out" 2>"$work/err" </dev/null || got=$?
	if [[ $got != "$status" ]]; then
		fail "$name" "status $got, not $status: $(head -n 1 "$work/err")"
	elif [[ $pattern ]] && ! grep -qE "$pattern" "$work/err"; then
		fail "$name" "stderr: $(cat "$work/err")"
	else
		pass "$name"
	fi
}

command_statuses()
{
	ends command_done 0 '' -- true
	ends command_status 7 '' -- sh -c 'exit 7'
	# shellcheck disable=SC2016 # expanded there
	ends command_signal 137 '' -- sh -c 'kill -KILL $$'
	# A status of ours is the command's when it comes from there.
	ends command_usage_status 2 '' -- sh -c 'exit 2'
	refuses command_absent 127 "no command 'no-such-command' in PATH" trace -- no-such-command
	refuses command_no_file 127 "no program '/no/such'" trace -- /no/such
	refuses command_not_program 126 "cannot run '/etc/passwd'" trace -- /etc/passwd
	refuses command_folder 126 "cannot run '/etc'" trace -- /etc
	# What goes wrong before it runs is told apart from what it says itself.
	refuses command_usage 125 "'--nonsense'" trace --nonsense -- true
	refuses command_no_btf 125 'no kernel type information' trace --btf /nonexistent -- true
	refuses command_no_output 125 "cannot write '/no/such'" trace --output /no/such -- true
	refuses command_no_pid 125 'no process 4194303' trace -p 4194303 -- true
	refuses command_no_privilege 125 'run as root' setpriv --reuid 65534 --regid 65534 \
		--clear-groups --inh-caps=-all --bounding-set=-all "$work/closetrace" -- true
	rm -f "$work/ran"
	trace --btf /nonexistent -- touch "$work/ran" 2>/dev/null
	holds command_not_run "it ran although we had failed" test ! -e "$work/ran"
}

# Connections of the command and of its child, and of nobody else; its streams are its own.
command_is_traced()
{
	local got=0 pids actors

	"$O/closelab" fin_clean --netns >/dev/null &
	/usr/bin/env printf 'one\ntwo\n' |
		trace -j --output "$work/json" -- /usr/bin/python3 -c '
import os, socket, sys
def connect():
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    client = socket.create_connection(listener.getsockname())
    server = listener.accept()[0]
    client.close()
    server.close()
    print("pid", os.getpid(), flush=True)
connect()
if os.fork() == 0:
    connect()
    os._exit(0)
os.wait()
print(sys.stdin.read(), end="")
sys.exit(5)' >"$work/out" 2>"$work/err" || got=$?
	wait "$!"
	pids=$(sed -n 's/^pid //p' "$work/out" | sort | paste -sd' ')
	actors=$(grep '"type":"act"' "$work/json" | grep -oE '"pid":[0-9]+' | cut -d: -f2 |
		sort -u | paste -sd' ')
	if [[ $got != 5 || $(acts) != 4 || -z $pids || $pids != "$actors" ]]; then
		fail command "status $got, $(acts) acts of '$actors', not of '$pids'"
	else
		pass command
	fi
	holds command_streams "stdout: $(cat "$work/out"); stderr: $(cat "$work/err")" \
		test "$(grep -v '^pid ' "$work/out" | paste -sd' ')" = 'one two' -a ! -s "$work/err"
	holds command_end "$(tail -n 1 "$work/json")" grep -q '"type":"end"' <(tail -n 1 "$work/json")
}

# What a process gets from who starts it.  The shell's own child, so that it is no closetrace's.
state_of()
{
	# shellcheck disable=SC2016 # expanded there
	(exec 7</etc/passwd; umask 027; ulimit -n 333; cd /usr || exit 1
		exec nice -n 3 timeout -k 1 30 env -i --ignore-signal=INT,QUIT,PIPE,USR2,CHLD HOME=/x \
			PATH="$PATH" "$@" sh -c '
		grep -E "^(Sig(Blk|Ign)|NoNewPrivs|Seccomp|TracerPid|[UG]id|Groups|Cap)" /proc/self/status
		env | sort; umask; pwd; nice; cat /proc/self/limits; ls -l /proc/self/fd |
			sed -E "s/.* ([0-9]+ -> )/\1/" | grep -vE "/proc/|pipe:"
		cut -d" " -f6,7 /proc/self/stat')
}

# What was closed stays closed.
without_stdout()
{
	# shellcheck disable=SC2016 # expanded there
	trace -q --output "$work/lines" -- \
		bash -c '[[ ! -e /proc/$$/fd/1 && -e /proc/$$/fd/2 ]]' >&-
}

command_inherits()
{
	state_of 2>&1 | cat >"$work/without"
	state_of "$(realpath "$O/closetrace")" -q --output "$work/lines" -- 2>&1 |
		cat >"$work/with"
	holds command_inherits "$(diff "$work/without" "$work/with" | head -n 5)" \
		cmp "$work/without" "$work/with"
	holds command_inherits_much "$(cat "$work/with")" grep -q '^Max open files *333 ' "$work/with"
	# As a script's "trap '' INT" and its "&" leave them: SIGINT, SIGQUIT, SIGUSR2, SIGPIPE.
	holds command_inherits_ignored "$(grep SigIgn "$work/with")" \
		grep -q '^SigIgn:.*1806$' "$work/with"
	holds command_inherits_closed "it has a stdout, or no stderr" without_stdout
}

# Who ignores SIGCHLD cannot wait for its children; the command ignores it all the same.
command_sigchld()
{
	local got=0 status

	status=$(timeout -k 1 20 env --ignore-signal=CHLD "$O/closetrace" -q -- \
		grep '^SigIgn:' /proc/self/status)
	holds command_sigchld_inherited "$status" test "$status" = \
		"$(timeout 20 env --ignore-signal=CHLD grep '^SigIgn:' /proc/self/status)"
	timeout -k 1 20 env --ignore-signal=CHLD "$O/closetrace" -q -- sh -c 'exit 4' || got=$?
	holds command_sigchld "status $got" test "$got" = 4
}

# Who it is: told, by sudo's variables, and as we are.
command_identity()
{
	local as=(env SUDO_UID=65534 SUDO_GID=65534 SUDO_USER=nobody SUDO_COMMAND=x "$O/closetrace")

	holds command_run_as "$("$O/closetrace" -q --run-as nobody -- id 2>&1)" \
		test "$("$O/closetrace" -q --run-as nobody -- id -u)" = 65534
	holds command_groups "$("$O/closetrace" -q --run-as nobody -- id -G 2>&1)" \
		test "$("$O/closetrace" -q --run-as nobody -- id -G)" = "$(id -G nobody)"
	holds command_caller "$("${as[@]}" -q -- id 2>&1)" \
		test "$("${as[@]}" -q -- id -u):$("${as[@]}" -q -- id -g)" = 65534:65534
	"${as[@]}" -q -- env >"$work/out" 2>"$work/err"
	holds command_caller_home "$(cat "$work/out" "$work/err")" \
		grep -qx "HOME=$(getent passwd nobody | cut -d: -f6)" "$work/out"
	holds command_caller_name "$(cat "$work/out")" grep -qx 'LOGNAME=nobody' "$work/out"
	holds command_no_sudo "$(grep SUDO "$work/out")" test "$(grep -c '^SUDO_' "$work/out")" = 0
	holds command_root "$("$O/closetrace" -q -- id 2>&1)" test "$("$O/closetrace" -q -- id -u)" = 0
	refuses command_no_user 125 "no user 'no-such'" trace --run-as no-such -- true
	refuses command_bad_sudo 125 'SUDO_UID is no user id' env SUDO_UID=x "$O/closetrace" -- true
	refuses command_no_group 125 'no group is known' env SUDO_UID=3999999 "$O/closetrace" -- true
}

# In a session whose groups no file names, the command's groups are those of who called sudo.
command_callers_groups()
{
	local got

	got=$(/usr/bin/python3 - "$(realpath "$O/closetrace")" <<-'END'
	import os, subprocess, sys
	# As a shell that calls sudo: a process of the user, and below it one of root.
	pid = os.fork()
	if pid == 0:
	    os.setgroups([65534, 4711, 4712])
	    os.setresgid(65534, 65534, 65534)
	    ready, told = os.pipe()
	    child = os.fork()
	    if child == 0:
	        os.read(ready, 1)
	        env = dict(os.environ, SUDO_UID="65534", SUDO_GID="65534", SUDO_USER="nobody")
	        os.setgroups([0])
	        os.setresgid(0, 0, 0)
	        os._exit(subprocess.call([sys.argv[1], "-q", "--", "id", "-G"], env=env))
	    os.setresuid(65534, 65534, 65534)
	    os.write(told, b".")
	    os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
	sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
	END
	)
	holds command_callers_groups "'$got'" test "$got" = '65534 4711 4712'
}

# A program with a setuid bit has it, whoever started it.
command_setuid()
{
	local folder=$work/setuid got

	mkdir "$folder" && chmod 755 "$folder" && cp /usr/bin/id "$folder/id" &&
		chmod 4755 "$folder/id"
	if [[ $(setpriv --reuid 65534 --clear-groups "$folder/id" -u) != 0 ]]; then
		skip command_setuid "no setuid bit works in $work"
		return
	fi
	got=$("$O/closetrace" -q --run-as nobody -- "$folder/id" -u 2>&1)
	holds command_setuid "'$got'" test "$got" = 0
}

# A command that writes the signals it gets to a file and ends at the word of one.
# shellcheck disable=SC2016 # expanded there
counts_signals='
for name in HUP INT QUIT TERM ALRM USR1; do trap "echo $name >>\"$1\"" $name; done
trap "exit 12" USR2
echo ready >>"$1"
while :; do sleep 0.05; done'

start_counting()
{
	rm -f "$work/signals"
	# A child of a shell without job control would have SIGINT and SIGQUIT ignored, for good.
	env --default-signal=INT,QUIT "$O/closetrace" -- \
		bash -c "$counts_signals" bash "$work/signals" >"$work/out" 2>"$work/err" &
	tracer=$!
	await "$work/signals" ready
}

command_signals()
{
	local name got=0

	start_counting || { fail command_signals "does not start"; return; }
	for name in HUP INT QUIT TERM ALRM; do
		kill "-$name" "$tracer"
		await "$work/signals" "$name" || fail "command_$name" "was not passed on"
	done
	kill -USR1 "$tracer"
	await "$work/err" 'seen, ' || fail command_usr1 "no totals on SIGUSR1"
	kill -USR2 "$tracer"
	wait "$tracer" || got=$?
	holds command_signals "status $got: $(paste -sd' ' "$work/signals")" test \
		"$got:$(paste -sd' ' "$work/signals")" = '12:ready HUP INT QUIT TERM ALRM'
	holds command_totals "stderr: $(cat "$work/err")" grep -q '^0 acts; 0 lost' "$work/err"
}

# What it sends to its whole group, us among them, it has itself already.
command_signals_itself()
{
	local got=0

	# shellcheck disable=SC2016 # expanded there
	setsid -w "$O/closetrace" -d 20 -q -- bash -c '
		trap "echo HUP" HUP
		kill -HUP 0
		sleep 0.5
		exit 13' >"$work/out" 2>&1 || got=$?
	holds command_signals_itself "status $got: $(cat "$work/out")" \
		test "$got:$(cat "$work/out")" = 13:HUP
}

command_terminal()
{
	local case got

	for case in interrupt interrupt_alone suspend suspend_leader whole_lines resized; do
		got=$(timeout 60 /usr/bin/python3 tests/cli/job.py "$case" "$O/closetrace" 2>&1)
		holds "command_$case" "$(tail -n 1 <<<"$got" | cut -c1-300)" test -z "$got"
	done
}

# A child that outlives its parent by this many seconds and then ends a connection.
outliving()
{
	/usr/bin/env printf '%s\n' "
import os, socket, time
if os.fork() == 0:
    os.close(1)
    time.sleep($1)
    listener = socket.socket()
    listener.bind(('127.0.0.1', 0))
    listener.listen()
    client = socket.create_connection(listener.getsockname())
    listener.accept()[0].close()
    client.close()
os._exit(6)"
}

command_children()
{
	local got=0

	trace -j -f --output "$work/json" -- /usr/bin/python3 -c "$(outliving 1)" || got=$?
	holds command_follow "status $got, $(acts) acts" test "$got:$(acts)" = 6:2
	got=0
	trace -j --output "$work/json" -- /usr/bin/python3 -c "$(outliving 8)" || got=$?
	holds command_alone "status $got, $(acts) acts" test "$got:$(acts)" = 6:0
}

# Tracing has its own end; the command has another.
command_goes_on()
{
	local got=0

	# shellcheck disable=SC2016 # expanded there
	trace -d 100ms -- sh -c 'until grep -q "the command goes on" "$1"; do sleep 0.1; done
		echo done; exit 8' sh "$work/err" >"$work/out" 2>"$work/err" || got=$?
	holds command_goes_on "status $got: $(cat "$work/out" "$work/err")" \
		test "$got:$(cat "$work/out")" = 8:done
}

# Some programs leave O_NONBLOCK on what they share with others: our lines are not lost to it.
command_nonblocking()
{
	local got

	got=$(trace -q -- /usr/bin/python3 -c '
import os
os.set_blocking(2, False)
for pid in "self", str(os.getppid()):
    with open(f"/proc/{pid}/fdinfo/2") as file:
        flags = [line for line in file if line.startswith("flags:")][0]
    print("nonblocking" if int(flags.split()[1], 8) & os.O_NONBLOCK else "blocking", end=" ")
' 2> >(cat >/dev/null))
	holds command_nonblocking "'$got'" test "$got" = 'nonblocking blocking '
}

command_tests()
{
	command_statuses
	command_is_traced
	command_inherits
	command_sigchld
	command_identity
	command_callers_groups
	command_setuid
	command_signals
	command_signals_itself
	command_terminal
	command_children
	command_goes_on
	command_nonblocking
}
