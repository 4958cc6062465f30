# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
#
# filters.bash - which connections are chosen; sourced by tests/cli/run
#
# A scene is a set of processes that wait for a word and then reset one connection each.  All cases
# of a batch watch the same scene, each closetrace with options of its own: what they show is
# written as C1 (the client's act of connection 1), S1 (the server's), ...

scene=$work/scene.d
cases=()

# Starts the processes and waits until they are ready; scene_netns and scene_pid[] name them.
set_scene()
{
	local word number value

	rm -rf "$scene"
	mkdir "$scene"
	chmod 755 "$scene"
	/usr/bin/python3 tests/cli/scene.py "$scene" "$@" >"$work/scene.out" 2>&1 &
	scene_process=$!
	until [[ -e $scene/scene ]]; do
		kill -0 "$scene_process" 2>/dev/null || return 1
		sleep 0.02
	done
	scene_pid=()
	while read -r word number value; do
		[[ $word == pid ]] || scene_netns=$number
		[[ $word != pid ]] || scene_pid[number]=$value
	done <"$scene/scene"
}

play_scene()
{
	touch "$scene/go"
	wait "$scene_process"
}

# name, expected acts, options: one closetrace more that watches the next scene
expect()
{
	local name=$1 expected=$2
	shift 2

	: >"$work/$name.json"
	"$O/closetrace" -j -d 60 --buffer 64k --owners 1000 --netns="$scene_netns" "$@" \
		>"$work/$name.json" 2>"$work/$name.err" &
	cases+=("$name:$!:$expected")
}

# What a closetrace has shown of the scene: when that is over, the number of its namespace may be a
# stranger's.
shown()
{
	grep '"type":"act"' "$1" | grep -oE '"(lport|rport)":[0-9]+' | cut -d: -f2 | paste - - |
		awk '$1 == $2 + 35000 { print "C" $1 - 40000 }
			$2 == $1 + 35000 { print "S" $1 - 5000 }' |
		sort | paste -sd' '
}

# One case that has been watching: it must end with 0, have lost nothing and shown what it should.
judge_case()
{
	local name=$1 pid=$2 expected=$3 got=0 acts i

	# What arrives from the other side may take its time on a busy machine.
	for ((i = 0; i < 100; i++)); do
		[[ $(shown "$work/$name.json") != "$expected" ]] || break
		sleep 0.05
	done
	# One that follows processes has ended with them.
	kill -TERM "$pid" 2>/dev/null
	wait "$pid" || got=$?
	acts=$(shown "$work/$name.json")
	keep "$work/$name.json"
	if [[ $got != 0 ]]; then
		fail "$name" "status $got: $(head -n 1 "$work/$name.err")"
	elif [[ $acts != "$expected" ]]; then
		fail "$name" "shows '$acts', not '$expected'"
	else
		pass "$name"
	fi
}

# Plays the scene before all cases since the last time, and judges them.
play()
{
	local case name pid

	for case in "${cases[@]}"; do
		await "$work/${case%%:*}.json" '"type":"start"' ||
			echo "note: ${case%%:*} does not start"
	done
	play_scene || fail scene "$(tail -n 1 "$work/scene.out")"
	# What is shown is at most 100 ms late.
	sleep 0.3
	for case in "${cases[@]}"; do
		name=${case%%:*} case=${case#*:}
		pid=${case%%:*}
		judge_case "$name" "$pid" "${case#*:}"
	done
	cases=()
}

# Two names, two users, IPv4, a v4-mapped IPv6 socket, IPv6.
common_scene()
{
	set_scene comm=alpha,from=127.0.0.5,to=127.0.0.6 \
		comm=alpha,uid=65534,from=::ffff:127.0.0.5,to=::ffff:127.0.0.6 \
		comm=beta,uid=65534,from=::1,to=::1 \
		comm=beta,from=127.0.0.7,to=127.0.0.6 ||
		{ fail scene "$(tail -n 1 "$work/scene.out")"; return 1; }
}

filters_by_address()
{
	common_scene || return
	expect addr 'C1 C2 S1 S2' -a 127.0.0.5
	expect addr_network 'C1 C2 S1 S2' -a 127.0.0.4/31
	expect addr_either 'C1 C2 C4 S1 S2 S4' -a 127.0.0.5,127.0.0.7
	expect addr_mapped 'C1 C2 S1 S2' -a ::ffff:127.0.0.5
	expect addr_ipv6 'C3 S3' -a ::1
	expect addr_not 'C3 C4 S3 S4' -a '!127.0.0.5'
	expect addr_any_ipv4 'C1 C2 C4 S1 S2 S4' -a 0.0.0.0/0
	play
	common_scene || return
	expect laddr 'C1 C2' --laddr 127.0.0.5
	expect raddr 'S1 S2' --raddr 127.0.0.5
	expect raddr_ipv6 'C3 S3' --raddr ::/96
	expect laddr_not 'C1 C2 C4' -a 127.0.0.0/8 --laddr '!127.0.0.6'
	expect laddr_and_raddr 'C4' --laddr 127.0.0.7 --raddr 127.0.0.6
	expect laddr_and_raddr_of_none '' --laddr 127.0.0.5 --raddr 127.0.0.7
	play
}

filters_by_port()
{
	common_scene || return
	expect port 'C1 S1' -P 5001
	expect port_not 'C2 C3 C4 S2 S3 S4' -P '!5001'
	expect port_and_not 'C2 S2' -P 5001,5002 -P '!5001'
	expect lport 'S1' --lport 5001
	expect rport 'C1' --rport 5001
	expect lport_list 'C4 S1' --lport 5001,40004
	play
	common_scene || return
	expect lport_and_rport 'S1' --lport 5001 --rport 40001
	expect lport_and_rport_of_none '' --lport 5001 --rport 40004
	expect rport_not 'S1 S2 S4' --rport '!5001' --lport 5001,5002,5004
	expect port_and_addr 'C1 S1' -P 5001,5004 -a 127.0.0.5
	expect port_and_wire 'C2 C3 C4' -P '!5001' --rst=out
	expect wire_in 'S1 S2 S3 S4' --rst=in
	play
}

filters_by_process()
{
	common_scene || return
	expect comm 'C1 C2 S1 S2' --comm alpha
	expect comm_not 'C3 C4 S3 S4' --comm '!alpha'
	expect comm_either 'C1 C2 C3 C4 S1 S2 S3 S4' --comm alpha --comm beta
	expect comm_whole '' --comm alph
	expect uid 'C2 C3 S2 S3' --uid 65534
	expect uid_name 'C2 C3 S2 S3' --uid nobody
	expect uid_not 'C1 C4 S1 S4' --uid '!nobody'
	play
	common_scene || return
	expect comm_and_uid 'C2 S2' --comm alpha --uid nobody
	expect comm_not_uid_not 'C4 S4' --comm '!alpha' --uid '!nobody'
	expect comm_and_port 'S2' --comm alpha --lport 5002
	expect pid_not 'C2 C3 C4 S2 S3 S4' -p "!${scene_pid[1]}"
	expect pid_not_two 'C2 C4 S2 S4' -p "!${scene_pid[1]},!${scene_pid[3]}"
	expect pid_list 'C1 C3 S1 S3' -p "${scene_pid[1]},${scene_pid[3]}"
	expect pid_and_uid 'C1 S1' -p "${scene_pid[1]},${scene_pid[3]}" --uid 0
	expect pid_and_comm_of_none '' -p "${scene_pid[1]}" --comm beta
	expect pid_not_and_comm 'C2 S2' -p "!${scene_pid[1]}" --comm alpha
	play
}

# Ours is another than that of the scene: what it shows is the scene's, by number, path and name.
filters_by_netns()
{
	local all='C1 S1' name=closetrace-test-$$ made=''

	set_scene comm=alpha || { fail netns "no scene"; return; }
	[[ -d /run/netns ]] || { mkdir -p /run/netns; made=1; }
	ln -s "/proc/${scene_pid[1]}/ns/net" "/run/netns/$name"
	expect netns_inode "$all"
	expect netns_path "$all" --netns="/proc/${scene_pid[1]}/ns/net"
	expect netns_name "$all" --netns="$name"
	expect netns_not '' --netns="!$scene_netns"
	# Either of two; our own alone shows nothing of it.
	expect netns_either "$all" --netns
	# shellcheck disable=SC2016 # expanded there
	nsenter --net="/proc/${scene_pid[1]}/ns/net" "$O/closetrace" -j -d 60 --netns \
		>"$work/netns_own.json" 2>"$work/netns_own.err" &
	cases+=("netns_own:$!:$all")
	"$O/closetrace" -j -d 60 --netns >"$work/netns_other.json" 2>"$work/netns_other.err" &
	cases+=("netns_other:$!:")
	play
	rm "/run/netns/$name"
	[[ -z $made ]] || rmdir /run/netns
}

# -f: a child that is there, one that is born later, and a grandchild, all outlive the first.
follows_children()
{
	local pids expected

	rm -f "$work/go" "$work/family" "$work/pids"
	/usr/bin/python3 - "$work/go" "$work/pids" >"$work/family" <<-'END' &
	import os, socket, struct, sys, time
	def reset():
	    listener = socket.socket()
	    listener.bind(("127.0.0.1", 0))
	    listener.listen()
	    client = socket.create_connection(listener.getsockname())
	    server = listener.accept()[0]
	    with open(sys.argv[2], "a") as out:
	        out.write(f"{os.getpid()}\n")
	    time.sleep(0.3)
	    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
	    client.close()
	    os._exit(0)
	def await_go():
	    while not os.path.exists(sys.argv[1]):
	        time.sleep(0.01)
	first = os.getpid()
	if os.fork() == 0:
	    await_go()
	    while os.getppid() == first:
	        time.sleep(0.01)
	    reset()
	print(first, flush=True)
	await_go()
	if os.fork() == 0:
	    if os.fork() == 0:
	        time.sleep(0.3)
	    reset()
	os._exit(0)
	END
	await "$work/family" '[0-9]' || { fail follow "no processes"; return; }
	begin -p "$(cat "$work/family")" -f || { fail follow "does not start"; return; }
	touch "$work/go"
	wait "$tracer" || { fail follow "status $? after the processes ended"; return; }
	pids=$(sort -u "$work/pids" | paste -sd' ')
	expected=$(grep '"type":"act"' "$work/json" | grep -oE '"owner_pid":[0-9]+' | cut -d: -f2 |
		sort -u | paste -sd' ')
	if [[ $(wc -w <<<"$pids") != 3 || $pids != "$expected" || $(acts) != 6 ]]; then
		fail follow "$(acts) acts of '$expected', not of '$pids'"
	else
		pass follow
	fi
	holds follow_counts "$(tail -n 1 "$work/json")" test "$(end_value children_full)" = 0
}

# Each: one line, status 2, nothing else.
refuses_filters()
{
	local long=sixteencharacter many

	refuses pid_not_alone 2 "'!' is not a process id" trace -p '!'
	refuses pid_absent_not 2 'no process 4194303' trace -p '!4194303'
	refuses pid_list_empty 2 "'' is not a process id" trace -p 1,
	refuses follow_alone 2 "'?-f'?" trace -f
	refuses comm_empty 2 'has not 1 to 15 bytes' trace --comm ''
	refuses comm_long 2 'has not 1 to 15 bytes' trace --comm "$long"
	refuses uid_unknown 2 "no user 'no-such-user'" trace --uid no-such-user
	refuses uid_negative 2 "no user '-1'" trace --uid=-1
	refuses netns_unknown 2 "no network namespace 'no-such'" trace --netns=no-such
	refuses netns_no_path 2 "no network namespace '/nonexistent'" trace --netns=/nonexistent
	refuses addr_short 2 "'1.2.3' is not an address" trace -a 1.2.3
	refuses addr_prefix 2 "'10.0.0.0/33' is not" trace -a 10.0.0.0/33
	refuses addr_prefix6 2 "'::1/129' is not" trace --laddr ::1/129
	refuses addr_name 2 "'localhost' is not" trace --raddr localhost
	refuses lport_zero 2 "port '0'" trace --lport 0
	refuses rport_word 2 "port 'http'" trace --rport http
	refuses cgroup_empty 2 'take a name' trace --cgroup ''
	refuses unit_empty 2 'take a name' trace --unit ''
	refuses container_not_alone 2 'take a name' trace --container '!'
	many=$(seq -s, 1 33)
	refuses ports_many 2 'more than 32 ports' trace -P "$many"
}
