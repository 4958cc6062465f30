#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The clients of README.md's session: five connections, one after the other."""
import socket
import struct
import time

SERVER = ("127.0.0.1", 8088)
REQUEST = "%s %s HTTP/1.1\r\nHost: session\r\nContent-Length: %d\r\n\r\n"


def request(method, path, length=0):
    return (REQUEST % (method, path, length)).encode()


def keep_alive():
    """One request; then wait until the server ends the idle connection."""
    with socket.create_connection(SERVER) as client:
        client.sendall(request("GET", "/"))
        while client.recv(4096):
            pass


def post_late():
    """The head first, the body 10 ms later: by then the server has closed."""
    with socket.create_connection(SERVER) as client:
        client.sendall(request("POST", "/drop", 8000))
        time.sleep(0.01)
        client.sendall(b"x" * 8000)
        time.sleep(0.1)


def post_at_once():
    """Head and body together: the server reads the head and a little more."""
    with socket.create_connection(SERVER) as client:
        client.sendall(request("POST", "/drop", 8000) + b"x" * 8000)
        time.sleep(0.1)


def stalled():
    """Ask for 50 MB and read nothing, for longer than send_timeout."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect(SERVER)
    client.sendall(request("GET", "/big"))
    time.sleep(3)
    client.close()


def resets():
    """Read the answer, then close with SO_LINGER {1, 0}."""
    client = socket.create_connection(SERVER)
    client.sendall(request("GET", "/"))
    client.recv(4096)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


for run in keep_alive, post_late, post_at_once, stalled, resets:
    run()
    time.sleep(0.2)
