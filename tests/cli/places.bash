# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
#
# places.bash - cgroups, units, containers and pid namespaces; sourced by tests/cli/run after
# filters.bash
#
# The cgroups are made below the root of cgroup v2, wherever that is mounted, and removed again.

cgroup_root=$(awk '/ - cgroup2 / { print $5; exit }' /proc/self/mountinfo)
cgroup_name=closetrace-test-$$
cgroups=$cgroup_root/$cgroup_name
container_id=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
other_id=fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210

remove_cgroups()
{
	[[ $cgroup_root && -d $cgroups ]] || return 0
	find "$cgroups" -depth -type d -exec rmdir {} + 2>/dev/null
}

# Makes these below ours; 1 when this machine has no cgroup v2.
make_cgroups()
{
	local name

	[[ $cgroup_root ]] && mkdir -p "$cgroups" 2>/dev/null || return 1
	for name; do
		mkdir -p "$cgroups/$name" || return 1
	done
}

# The value of a key in the first act of this port, or null.
value_of()
{
	local file=$1 port=$2 key=$3

	grep "\"lport\":$port," "$file" | head -n 1 |
		grep -oE "\"$key\":(\"[^\"]*\"|[^,}]*)" | cut -d: -f2- | tr -d '"'
}

tells()
{
	local name=$1 file=$2 port=$3 key=$4 expected=$5 got

	got=$(value_of "$file" "$port" "$key")
	holds "$name" "$key is '$got', not '$expected'" test "$got" = "$expected"
}

# A unit, a container of Docker's, one of systemd-nspawn, and nothing of the kind.
placed_scene()
{
	set_scene "cgroup=$cgroups/system.slice/web.service" \
		"cgroup=$cgroups/docker-$container_id.scope" \
		"cgroup=$cgroups/machine-box.scope/payload" "cgroup=$cgroups" ||
		{ fail places "no scene: $(tail -n 1 "$work/scene.out")"; return 1; }
}

filters_by_place()
{
	local below=/$cgroup_name

	make_cgroups system.slice/web.service "docker-$container_id.scope" \
		machine-box.scope/payload ||
		{ echo "SKIP cli places: no cgroup v2"; skipped=$((skipped + 1)); return; }
	placed_scene || return
	expect cgroup 'C1 S1' --cgroup "$below/system.slice"
	expect cgroup_slash 'C1 S1' --cgroup "$below/system.slice/"
	expect cgroup_all 'C1 C2 C3 C4 S1 S2 S3 S4' --cgroup "$below"
	expect cgroup_part '' --cgroup "$below/system"
	expect cgroup_not 'C1 C3 C4 S1 S3 S4' --cgroup "!$below/docker-$container_id.scope"
	expect unit 'C1 S1' --unit web
	expect unit_whole 'C1 S1' --unit web.service
	expect unit_other '' --unit we
	play
	tells cgroup_path "$work/cgroup_all.json" 5001 cgroup "$below/system.slice/web.service"
	tells container_none "$work/cgroup_all.json" 5001 container null
	tells container_id "$work/cgroup_all.json" 5002 container "$container_id"
	tells container_name "$work/cgroup_all.json" 5003 container box
	placed_scene || return
	expect container 'C2 S2' --container "${container_id:0:12}"
	expect container_whole 'C2 S2' --container "$container_id"
	expect container_named 'C3 S3' --container box
	expect container_other '' --container "${other_id:0:12}"
	expect container_not 'C1 C2 C4 S1 S2 S4' --container '!box'
	expect unit_and_cgroup 'C1 S1' --unit web --cgroup "$below"
	expect unit_and_container_of_none '' --unit web --container box
	expect unit_and_port 'S1' --unit web --lport 5001
	play
	remove_cgroups
}

# One that is made, and gone again, while closetrace looks: its last act comes after that.
knows_places_that_are_gone()
{
	local path=/$cgroup_name/docker-$other_id.scope

	make_cgroups || return
	set_scene "passing=$cgroups/docker-$other_id.scope" ||
		{ fail place_gone "no scene: $(tail -n 1 "$work/scene.out")"; return; }
	expect place_gone 'C1 S1' --cgroup "$path"
	expect place_gone_container 'C1 S1' --container "${other_id:0:12}"
	play
	tells place_gone_path "$work/place_gone.json" 5001 cgroup "$path"
	tells place_gone_id "$work/place_gone.json" 5001 container "$other_id"
	remove_cgroups
}

# A process with its own pid, mount and network namespaces and cgroup; init is its pid out here.  Its
# children reset a connection each, one after the other; the last one waits to the end.
start_container()
{
	local runner i

	rm -rf "$work/box"
	mkdir "$work/box"
	# shellcheck disable=SC2016 # expanded there
	unshare --pid --mount --net --fork --kill-child --mount-proc bash -c '
		echo 0 >"$1/cgroup.procs" &&
			exec /usr/bin/python3 tests/cli/scene.py --contained "$2" 11 12 13 14' \
		sh "$cgroups/docker-$container_id.scope" "$work/box" >"$work/box/output" 2>&1 &
	runner=$!
	for ((i = 0; i < 500; i++)); do
		init=$(pgrep -P "$runner")
		[[ $init && -e $work/box/ready.11 ]] && return
		sleep 0.02
	done
	return 1
}

# The pid out here of the process that has this number in there.
child_outside()
{
	local pid

	for pid in $(pgrep -P "$init"); do
		! grep -qs "^NSpid:.*[[:blank:]]$1\$" "/proc/$pid/status" || echo "$pid"
	done
}

# Lets the process of this number act, and waits until it is told of.
act_in_container()
{
	touch "$work/box/go.$1"
	await "$work/json" "\"lport\":$((5000 + $1)),"
}

seen_from_outside()
{
	local pid

	await "$work/box/ready.11" '[0-9]' || { fail outside "no process"; return; }
	pid=$(child_outside "$(cat "$work/box/ready.11")")
	begin --container "${container_id:0:12}" || { fail outside "does not start"; return; }
	act_in_container 11 || fail outside "no act: $(tail -n 1 "$work/box/output")"
	finish outside 0
	tells outside_owner "$work/json" 5011 owner_pid "$pid"
	tells outside_container "$work/json" 5011 container "$container_id"
	tells outside_cgroup "$work/json" 5011 cgroup "/$cgroup_name/docker-$container_id.scope"
	pid=$(grep '"rport":5011,' "$work/json" | grep -oE '"pid":[^,]*' | cut -d: -f2)
	holds outside_actor "pid is '$pid'" test "$pid" = "$(grep '"rport":5011,' "$work/json" |
		grep -oE '"owner_pid":[^,]*' | cut -d: -f2)"
}

# closetrace in there counts as its pid namespace does, and has no number for who is outside.
seen_from_inside()
{
	local pid

	await "$work/box/ready.12" '[0-9]' || { fail inside "no process"; return; }
	pid=$(cat "$work/box/ready.12")
	: >"$work/json"
	nsenter -t "$init" -p -m -n "$(realpath "$O/closetrace")" -j -d 30 >"$work/json" 2>"$work/err" &
	tracer=$!
	await "$work/json" '"type":"start"' || { fail inside "$(cat "$work/err")"; return; }
	act_in_container 12 || fail inside "no act: $(tail -n 1 "$work/box/output")"
	tells inside_owner "$work/json" 5012 owner_pid "$pid"
	tells inside_container "$work/json" 5012 container "$container_id"
	set_scene comm=stranger && play_scene
	await "$work/json" '"rport":5001,'
	# Of nsenter's child: it may wait in its own pid namespace.
	pkill -TERM -P "$tracer" || kill -TERM "$tracer"
	wait "$tracer"
	holds inside_status "status $?" test $? = 0
	tells inside_of_outside_pid "$work/json" 40001 pid null
	tells inside_of_outside_owner "$work/json" 5001 owner_pid null
	tells inside_of_outside_comm "$work/json" 40001 comm stranger
}

# The number of a process in there is what -p takes in there.
chosen_from_inside()
{
	await "$work/box/ready.13" '[0-9]' || { fail inside_pid "no process"; return; }
	: >"$work/json"
	nsenter -t "$init" -p -m -n "$(realpath "$O/closetrace")" -j -d 30 \
		-p "$(cat "$work/box/ready.13")" >"$work/json" 2>"$work/err" &
	tracer=$!
	await "$work/json" '"type":"start"' || { fail inside_pid "$(cat "$work/err")"; return; }
	set_scene comm=stranger && play_scene
	act_in_container 13 || fail inside_pid "no act"
	wait "$tracer" || { fail inside_pid "status $? after the process ended"; return; }
	holds inside_pid "$(acts) acts" test "$(acts)" = 2
}

names_containers()
{
	make_cgroups "docker-$container_id.scope" || return
	if start_container; then
		seen_from_outside
		seen_from_inside
		chosen_from_inside
	else
		fail container "does not start: $(tail -n 1 "$work/box/output")"
	fi
	kill -KILL "$init" 2>/dev/null
	wait 2>/dev/null
	remove_cgroups
}

# Command lines that combine.py makes, so that every kind of filter meets every other: within one
# OR, between two AND, '!' excludes.
filters_combine()
{
	local below='' number=0 before line lines scene_words words i

	make_cgroups inner && below=/$cgroup_name
	/usr/bin/python3 tests/cli/combine.py ${below:+"$below"} >"$work/combinations" ||
		{ fail combine "no cases"; return; }
	mapfile -t scene_words < <(tests/cli/combine.py scene ${below:+"$cgroups"})
	while mapfile -t -n 10 lines && ((${#lines[@]})); do
		set_scene "${scene_words[@]}" ||
			{ fail combine "no scene: $(tail -n 1 "$work/scene.out")"; return; }
		for line in "${lines[@]}"; do
			for ((i = 1; i <= ${#scene_words[@]}; i++)); do
				line=${line//@$i/${scene_pid[i]}}
			done
			IFS=$'\t' read -ra words <<<"$line"
			expect "combine_$((++number))" "${words[@]}"
		done
		before=$failed
		play
		((failed == before)) || printf 'note: one of these: %s\n' "${lines[@]}"
	done <"$work/combinations"
	holds combinations "$number cases only" test "$number" -ge 20
}
