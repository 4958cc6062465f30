#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Processes that each end one connection of their own, in one private network namespace.

    scene.py FOLDER KEY=VALUE,... KEY=VALUE,...

One argument a process; number I (from 1) connects from port 40000 + I to 5000 + I.  Keys:

    comm    its name
    uid     its user
    from    the client's address; with "::ffff:" both sockets are IPv6
    to      the server's
    cgroup  a folder that it moves into first
    passing a folder of cgroup v2 that it makes after the word go, joins, connects from, leaves and
            removes again, before it resets
    end     how the connection ends: rst, by the client (the default); fin, the client's first;
            unread, the server closes with data that it has not read
    times   how often

FOLDER/scene gets "netns INODE" and "pid I PID" for each when all are ready; they act when
FOLDER/go exists.

    scene.py --contained FOLDER N ...

The same in the namespaces that it is started in, as the init of a container: a process for each N,
one after the other.  FOLDER/ready.N gets its pid as it is in there; it acts when FOLDER/go.N exists.
"""
import ctypes
import fcntl
import os
import socket
import struct
import sys
import time

CLONE_NEWNET = 0x40000000
SIOCSIFFLAGS = 0x8914
IFF_UP = 1
LOOPBACK = {"from": "127.0.0.1", "to": "127.0.0.1"}


def private_network():
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "unshare")
    loopback_up()


def loopback_up():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))


def join(folder):
    with open(os.path.join(folder, "cgroup.procs"), "w", encoding="ascii") as procs:
        procs.write(str(os.getpid()))


def connection(number, source, target):
    family = socket.AF_INET6 if ":" in target else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((target, 5000 + number))
    listener.listen()
    client = socket.socket(family)
    client.bind((source, 40000 + number))
    client.connect((target, 5000 + number))
    server, _ = listener.accept()
    return listener, client, server


def act(number, plan):
    """The client resets; the server hears of it."""
    if "passing" in plan:
        os.mkdir(plan["passing"])
        join(plan["passing"])
    listener, client, server = connection(number, plan["from"], plan["to"])
    if "passing" in plan:
        join(os.path.dirname(os.path.dirname(plan["passing"])))
        os.rmdir(plan["passing"])
    finish(plan.get("end", "rst"), client, server)
    listener.close()


def finish(end, client, server):
    first, second = client, server
    if end == "rst":
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    elif end == "unread":
        client.send(b"never read")
        server.recv(1, socket.MSG_PEEK)
        first, second = server, client
    first.close()
    try:
        second.recv(1)
    except ConnectionResetError:
        pass
    second.close()


def await_file(path):
    while not os.path.exists(path):
        time.sleep(0.01)


def process(number, plan, folder, ready):
    if "cgroup" in plan:
        join(plan["cgroup"])
    if "comm" in plan:
        with open("/proc/self/comm", "wb") as comm:
            comm.write(os.fsencode(plan["comm"]))
    if "uid" in plan:
        os.setuid(int(plan["uid"]))
    os.write(ready, b".")
    await_file(os.path.join(folder, "go"))
    for _ in range(int(plan.get("times", 1))):
        act(number, plan)


def contained(folder, numbers):
    loopback_up()
    for number in numbers:
        pid = os.fork()
        if pid == 0:
            with open(os.path.join(folder, f"ready.{number}"), "w", encoding="ascii") as out:
                out.write(f"{os.getpid()}\n")
            await_file(os.path.join(folder, f"go.{number}"))
            act(number, LOOPBACK)
            os._exit(0)
        os.waitpid(pid, 0)


def main(folder, plans):
    private_network()
    told, ready = os.pipe()
    pids = []
    for number, words in enumerate(plans, 1):
        plan = dict(LOOPBACK)
        plan.update(word.split("=", 1) for word in words.split(","))
        pid = os.fork()
        if pid == 0:
            process(number, plan, folder, ready)
            os._exit(0)
        pids.append(pid)
    for _ in pids:
        os.read(told, 1)
    with open(os.path.join(folder, "scene.new"), "w", encoding="ascii") as out:
        out.write(f"netns {os.stat('/proc/self/ns/net').st_ino}\n")
        for number, pid in enumerate(pids, 1):
            out.write(f"pid {number} {pid}\n")
    os.rename(os.path.join(folder, "scene.new"), os.path.join(folder, "scene"))
    status = 0
    for pid in pids:
        status |= os.waitpid(pid, 0)[1]
    sys.exit(status != 0)


if sys.argv[1] == "--contained":
    contained(sys.argv[2], map(int, sys.argv[3:]))
else:
    main(sys.argv[1], sys.argv[2:])
