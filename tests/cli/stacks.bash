#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# -k and -o folded: the true closing stack of a C program, nginx, Python and Node.  For
# tests/cli/run, whose functions and variables it uses.

# shellcheck disable=SC2154

# Starts a server that prints its pid and port; both are then in $server and $port.
serve()
{
	: >"$work/server"
	"$@" >"$work/server" 2>/dev/null &
	await "$work/server" '^[0-9]+ [0-9]+$' || return 1
	read -r server port <"$work/server"
}

# A client that sends a byte and waits for the end, as often as asked for.
visit()
{
	/usr/bin/python3 - "$port" "$1" <<-'END'
	import socket, sys
	for _ in range(int(sys.argv[2])):
	    with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as client:
	        client.sendall(b"x")
	        try:
	            while client.recv(4096):
	                pass
	        except ConnectionError:
	            pass
	END
}

# The JSON lines of the server: the named frames one below the other, others between them or not; a
# whole stack of user and kernel.  An option changes what is asked.  Prints what is wrong.
stack_is()
{
	/usr/bin/python3 - "$work/json" "$server" "$@" <<-'END'
	import json, sys
	path, pid, *words = sys.argv[1:]
	whole = "--partial" not in words
	words = [word for word in words if word != "--partial"]
	with open(path, encoding="utf-8") as file:
	    acts = [act for act in map(json.loads, file)
	            if act["type"] == "act" and act["pid"] == int(pid)]
	if not acts:
	    sys.exit("no act")
	for act in acts:
	    stack, kernel = act["stack"], act["kstack"]
	    rest = iter(stack or [])
	    for word in words:
	        if not any(frame.startswith(word) for frame in rest):
	            sys.exit(f"no {word}, or not in its place: {stack}")
	    if whole and any(frame.startswith("[") for frame in stack):
	        sys.exit(f"partial: {stack}")
	    if not any(frame.startswith(("__tcp_close+", "tcp_close+")) for frame in kernel or []):
	        sys.exit(f"kernel: {kernel}")
	    if any("bpf" in frame or "/" in frame for frame in stack + kernel):
	        sys.exit(f"not of the call, or a path: {stack + kernel}")
	END
}

# name, then the words of stack_is
check_stack()
{
	local wrong

	if wrong=$(stack_is "${@:2}" 2>&1); then
		pass "$1"
	else
		fail "$1" "$wrong"
	fi
}

readonly CHAIN=('__close+' 'closes_it+' 'finishes_request+' 'serves+' 'main+' '_start+')

stack_of_c()
{
	serve "$work/chain" 3 stay || { fail stack "no server"; return; }
	begin -k || { fail stack "does not start"; return; }
	visit 3
	finish stack 0 || return
	check_stack stack "${CHAIN[@]}"
	# The client was reset: nobody decided that here.
	holds stack_null "$(grep peer_rst "$work/json" | cut -c1-300)" \
		grep -q '"cause":"peer_rst".*"stack":null,"kstack":null}' "$work/json"
	kill "$server"
	serve "$work/chain" 1 ends || { fail stack_absent "no server"; return; }
	begin || { fail stack_absent "does not start"; return; }
	visit 1
	finish stack_absent 0 || return
	holds stack_absent "there is a stack without -k" \
		test "$(grep -c '"stack"' "$work/json")" = 0
}

# The server has ended before its act is told: what -p names is read at the start.
stack_of_the_dead()
{
	serve "$work/chain" 1 ends || { fail stack_learned "no server"; return; }
	begin -k -p "$server" || { fail stack_learned "does not start"; return; }
	kill -STOP "$tracer"
	visit 1
	while [[ -e /proc/$server/exe ]]; do sleep 0.02; done
	kill -CONT "$tracer"
	wait "$tracer" || { fail stack_learned "status $?"; return; }
	check_stack stack_learned "${CHAIN[@]}"
	serve "$work/chain" 1 ends || { fail stack_unknown "no server"; return; }
	begin -k || { fail stack_unknown "does not start"; return; }
	kill -STOP "$tracer"
	visit 1
	while [[ -e /proc/$server/exe ]]; do sleep 0.02; done
	kill -CONT "$tracer"
	finish stack_unknown 0 || return
	check_stack stack_unknown --partial 0x7 '[partial: the process ended'
}

# A program that only the server sees, in its own mount namespace, and one that is deleted.
stack_of_a_container()
{
	# shellcheck disable=SC2016
	serve unshare -m bash -c 'mount -t tmpfs none /mnt && cp "$1" /mnt/inside &&
		exec /mnt/inside 1 stay' sh "$work/chain" ||
		{ fail stack_mount "no server"; return; }
	[[ ! -e /mnt/inside ]] || fail stack_mount "/mnt is shared"
	begin -k || { fail stack_mount "does not start"; return; }
	visit 1
	finish stack_mount 0 || return
	kill "$server"
	check_stack stack_mount "${CHAIN[@]}"
	cp "$work/chain" "$work/gone"
	serve "$work/gone" 1 stay || { fail stack_deleted "no server"; return; }
	rm "$work/gone"
	begin -k || { fail stack_deleted "does not start"; return; }
	visit 1
	finish stack_deleted 0 || return
	kill "$server"
	check_stack stack_deleted "${CHAIN[@]}"
}

stack_of_made_code()
{
	[[ $(uname -m) == x86_64 ]] || { skip stack_jit "x86_64 only"; return; }
	serve "$work/chain" 2 jit || { fail stack_jit "no server"; return; }
	begin -k || { fail stack_jit "does not start"; return; }
	visit 2
	finish stack_jit 0 || return
	check_stack stack_jit '__close+' 'closes_it+' 'JS:~made app\x1b.js:1:2+0x6 (jit)' \
		'finishes_request+' 'main+' '_start+'
	kill "$server"
	rm -f "/tmp/perf-$server.map"
}

# exit() frees the memory before it closes: told, not guessed.
stack_of_an_exit()
{
	serve /usr/bin/python3 -c 'if True:
		import os, socket
		listener = socket.create_server(("127.0.0.1", 0))
		print(os.getpid(), listener.getsockname()[1], flush=True)
		peer = listener.accept()[0]
		peer.recv(1)
		os._exit(0)' || { fail stack_exit "no server"; return; }
	begin -k -p "$server" || { fail stack_exit "does not start"; return; }
	visit 1
	wait "$tracer" || { fail stack_exit "status $?"; return; }
	check_stack stack_exit --partial '_exit+' '[partial: the process was exiting'
}

folded_stacks()
{
	local line='^chain;_start;.*;main;serves;finishes_request;closes_it;__close;'

	serve "$work/chain" 3 stay || { fail folded "no server"; return; }
	"$O/closetrace" -o folded -d 30 >"$work/folded" 2>"$work/err" &
	tracer=$!
	await "$work/err" 'counting stacks' || { fail folded "does not start"; return; }
	visit 3
	finish folded 0 || return
	kill "$server"
	holds folded "$(head -n 3 "$work/folded")" \
		grep -qE "$line.*;__tcp_close_\[k\].*;unread_data 3\$" "$work/folded"
	holds folded_form "$(grep -vE '^[^;]+(;[^;]+)+ [0-9]+$' "$work/folded")" \
		test "$(grep -cvE '^[^;]+(;[^;]+)+ [0-9]+$' "$work/folded")" = 0
}

# Nobody is asked over the network, even where a server is named and debug information is missing.
stack_asks_nobody()
{
	local asked

	strip -o "$work/bare" "$work/chain" || { skip stack_network "no strip"; return; }
	/usr/bin/python3 - >"$work/asked" <<-'END' &
	import socket
	listener = socket.create_server(("127.0.0.1", 0))
	print(listener.getsockname()[1], flush=True)
	while True:
	    listener.accept()[0].close()
	    print("asked", flush=True)
	END
	asked=$!
	await "$work/asked" '[0-9]' || { fail stack_network "no listener"; return; }
	serve "$work/bare" 1 stay || { fail stack_network "no server"; return; }
	DEBUGINFOD_URLS="http://127.0.0.1:$(head -n 1 "$work/asked")" begin -k ||
		{ fail stack_network "does not start"; return; }
	visit 1
	finish stack_network 0 || return
	kill "$asked" "$server"
	check_stack stack_bare '__close+' '0x' '0x' '0x' '_'
	holds stack_network "closetrace asked for debug information" \
		test "$(grep -c asked "$work/asked")" = 0
}

# Its keepalive timer closes an idle connection.
stack_of_nginx()
{
	local prefix=$work/nginx

	command -v nginx >/dev/null || { skip stack_nginx "nginx is not installed"; return; }
	mkdir -p "$prefix"
	cat >"$prefix/conf" <<-END
	worker_processes 1; pid $prefix/pid; daemon off; error_log $prefix/log;
	events {}
	http {
		access_log off; keepalive_timeout 1s;
		client_body_temp_path $prefix/1; proxy_temp_path $prefix/2;
		fastcgi_temp_path $prefix/3; uwsgi_temp_path $prefix/4; scgi_temp_path $prefix/5;
		server { listen unix:$prefix/unused; listen 127.0.0.1:47999; return 204; }
	}
	END
	nginx -p "$prefix" -c "$prefix/conf" -e "$prefix/log" 2>/dev/null &
	await "$prefix/pid" '[0-9]' || { fail stack_nginx "nginx does not start"; return; }
	until server=$(pgrep -P "$(cat "$prefix/pid")"); do sleep 0.02; done
	begin -k -p "$server" || { fail stack_nginx "does not start"; return; }
	/usr/bin/python3 - <<-'END'
	import socket
	client = socket.create_connection(("127.0.0.1", 47999))
	client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	while client.recv(4096):
	    pass
	END
	finish stack_nginx 0
	kill "$(cat "$prefix/pid")"
	check_stack stack_nginx '__close+' ngx_close_connection+ ngx_http_close_connection+ \
		ngx_event_expire_timers+ ngx_process_events_and_timers+ main+ _start+
}

# The interpreter's frames; and those of Python itself where it names them.
stack_of_python()
{
	local python

	cat >"$work/server.py" <<-'END'
	import os, socket
	def close_it(peer):
	    peer.close()
	def serve(listener):
	    peer = listener.accept()[0]
	    peer.recv(1, socket.MSG_PEEK)
	    close_it(peer)
	listener = socket.create_server(("127.0.0.1", 0))
	print(os.getpid(), listener.getsockname()[1], flush=True)
	serve(listener)
	END
	serve /usr/bin/python3 "$work/server.py" || { fail stack_python "no server"; return; }
	begin -k -p "$server" || { fail stack_python "does not start"; return; }
	visit 1
	wait "$tracer" || { fail stack_python "status $?"; return; }
	check_stack stack_python __close+ _PyEval_EvalFrameDefault+ Py_RunMain+ _start+
	for python in python3 python3.12 python3.13 python3.14; do
		"$python" -X perf -c 'import sys; sys.exit(not sys._xoptions.get("perf") or
			sys.version_info < (3, 12))' 2>/dev/null && break
		python=
	done
	[[ $python ]] || { skip stack_python_perf "no Python that knows -X perf"; return; }
	serve "$python" -X perf "$work/server.py" ||
		{ fail stack_python_perf "no server"; return; }
	begin -k -p "$server" || { fail stack_python_perf "does not start"; return; }
	visit 1
	wait "$tracer" || { fail stack_python_perf "status $?"; return; }
	check_stack stack_python_perf __close+ 'py::close_it:server.py+' 'py::serve:server.py+' \
		'py::<module>:server.py+' _start+
	rm -f "/tmp/perf-$server.map"
}

stack_of_node()
{
	command -v node >/dev/null || { skip stack_node "node is not installed"; return; }
	cat >"$work/server.js" <<-'END'
	const net = require('net');
	function closeIt(peer) { peer.destroy(); }
	const server = net.createServer((peer) => peer.once('data', () => closeIt(peer)));
	server.listen(0, '127.0.0.1', () => console.log(process.pid, server.address().port));
	setTimeout(() => process.exit(0), 20000);
	END
	serve node --perf-basic-prof --interpreted-frames-native-stack \
		--logfile="$work/v8.log" "$work/server.js" ||
		{ fail stack_node "no server"; return; }
	begin -k -p "$server" || { fail stack_node "does not start"; return; }
	# V8 keeps back what it writes into its map: until some connections have been served.
	visit 5
	sleep 1.2
	visit 1
	finish stack_node 0 || return
	kill "$server"
	grep '"type":"act"' "$work/json" | tail -n 1 >"$work/last"
	mv "$work/last" "$work/json"
	check_stack stack_node uv__close+ uv__stream_close+ 'JS:~closeIt server.js' uv__stream_io+ \
		uv_run+ _start+
	rm -f "/tmp/perf-$server.map"
}

stack_tests()
{
	"${CC:-gcc}" -O2 -fomit-frame-pointer -Wall -Wextra -o "$work/chain" tests/cli/chain.c ||
		{ fail stack "chain.c does not compile"; return; }
	for test in stack_of_c stack_of_the_dead stack_of_a_container stack_of_made_code \
		stack_of_an_exit folded_stacks stack_asks_nobody stack_of_nginx stack_of_python \
		stack_of_node; do
		"$test"
	done
}
