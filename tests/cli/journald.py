#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A journald that keeps what it is sent: journald.py SOCKET OUT, until it is killed.

Each entry is a line of JSON: an object of its fields.  See systemd's Native Journal Protocol.
"""
import array
import json
import os
import socket
import sys


def fields(data):
    """Of an entry: NAME=text, or NAME, a length of 8 bytes, and the text."""
    entry = {}
    while data:
        name, _, rest = data.partition(b"\n")
        if b"=" in name:
            name, _, value = name.partition(b"=")
        else:
            size = int.from_bytes(rest[:8], "little")
            value, rest = rest[8:8 + size], rest[8 + size + 1:]
        entry[name.decode()] = value.decode()
        data = rest
    return entry


def receive(journal):
    """One datagram; what is too long for one comes as a file."""
    data, control, _, _ = journal.recvmsg(1 << 20, socket.CMSG_SPACE(4))
    for _, _, fd in control:
        descriptor = array.array("i", fd)[0]
        data = os.pread(descriptor, os.fstat(descriptor).st_size, 0)
        os.close(descriptor)
    return data


def main():
    journal = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    journal.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    journal.bind(sys.argv[1])
    with open(sys.argv[2], "w", encoding="utf-8") as out:
        while True:
            print(json.dumps(fields(receive(journal))), file=out, flush=True)


main()
