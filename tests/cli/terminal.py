#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Runs a command with a terminal as its stdout and prints what the command wrote there.

    terminal.py COLUMNS COMMAND ...

Its stderr is ours.  Ends with the command's status; SIGTERM is passed on.
"""
import fcntl
import os
import pty
import signal
import struct
import subprocess
import sys
import termios

outer, inner = pty.openpty()
fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", 25, int(sys.argv[1]), 0, 0))
attributes = termios.tcgetattr(inner)
attributes[1] &= ~termios.OPOST  # a line ends as it was written
termios.tcsetattr(inner, termios.TCSANOW, attributes)
with subprocess.Popen(sys.argv[2:], stdout=inner) as command:
    os.close(inner)
    signal.signal(signal.SIGTERM, lambda *_: command.terminate())
    while True:
        try:
            data = os.read(outer, 65536)
        except OSError:
            break
        if not data:
            break
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
sys.exit(command.returncode)
