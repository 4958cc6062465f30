# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""closetrace on a terminal of its own, run by a shell that does job control.

job.py CASE CLOSETRACE: prints what is wrong and ends with 1, or prints nothing.

Three processes: this one is the user at the keyboard; below it the shell, leader of the session;
below that closetrace and its command.  The shell writes what it sees as lines "shell: ...".
"""
import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time

PYTHON = "/usr/bin/python3"
CTRL_C, CTRL_Z = b"\x03", b"\x1a"

# Counts each SIGINT by itself; ends when none has come for a while.  It takes each at once: two
# that wait together are one.
COUNTS = """
import signal, sys, time
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
print("ready", flush=True)
end, number = time.time() + 20, 0
while time.time() < end:
    if signal.sigtimedwait({signal.SIGINT}, 0):
        end, number = time.time() + 1, number + 1
        print("got-int", number, flush=True)
sys.exit(9)
"""

# Ends when it has been stopped and continued.
SLEEPS = """
import os, signal, sys, time
def go_on(*_):
    print("continued", flush=True)
    os._exit(3)
signal.signal(signal.SIGCONT, go_on)
print("ready", os.getpid(), flush=True)
time.sleep(20)
"""

# The same, but as shells do: in a process group of its own, which has the terminal.
LEADS = """
import os, signal, sys, time
def go_on(*_):
    print("foreground" if os.tcgetpgrp(0) == os.getpgrp() else "background", flush=True)
    os._exit(4)
os.setpgid(0, 0)
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
os.tcsetpgrp(0, os.getpgrp())
signal.signal(signal.SIGCONT, go_on)
print("ready", os.getpid(), flush=True)
time.sleep(20)
"""

# Connections, and after each a line of its own.
CHATTERS = """
import socket, sys
listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen()
for number in range(100):
    client = socket.create_connection(listener.getsockname())
    server = listener.accept()[0]
    client.close()
    server.close()
    sys.stdout.write(f"noise {number}\\n")
    sys.stdout.flush()
"""


# Ends a connection, and another when it is told to by SIGUSR2.
PAUSES = """
import signal, socket
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR2})
listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen()
for number in range(2):
    client = socket.create_connection(listener.getsockname())
    server = listener.accept()[0]
    client.close()
    server.close()
    if number == 0:
        signal.sigtimedwait({signal.SIGUSR2}, 10)
"""


def say(text):
    os.write(1, f"shell: {text}\n".encode())


def shell(argv):
    """Runs the job in the foreground; when it stops, takes the terminal and continues it."""
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    job = os.fork()
    if job == 0:
        os.setpgid(0, 0)
        os.tcsetpgrp(0, os.getpgrp())
        signal.signal(signal.SIGTTOU, signal.SIG_DFL)
        os.execv(argv[0], argv)
    while True:
        _, status = os.waitpid(job, os.WUNTRACED)
        if not os.WIFSTOPPED(status):
            break
        os.tcsetpgrp(0, os.getpgrp())
        say("stopped")
        time.sleep(0.2)
        os.tcsetpgrp(0, job)
        os.killpg(job, signal.SIGCONT)
    os.tcsetpgrp(0, os.getpgrp())
    say(f"status {os.waitstatus_to_exitcode(status)}")
    os._exit(0)


def play(argv, keys):
    """All that the terminal has shown; keys: (pattern to wait for, what is typed then)."""
    pid, terminal = pty.fork()
    if pid == 0:
        shell(argv)
    shown, deadline = b"", time.time() + 20
    while time.time() < deadline:
        if not select.select([terminal], [], [], 1)[0]:
            continue
        try:
            piece = os.read(terminal, 65536)
        except OSError:
            break
        shown += piece
        if keys and re.search(keys[0][0], shown):
            time.sleep(0.1)
            os.write(terminal, keys.pop(0)[1])
    else:
        shown += b"\nshell: timed out"
        os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    os.close(terminal)
    return shown.decode(errors="replace").replace("\r", "")


def demand(shown, *patterns):
    for pattern, times in patterns:
        found = len(re.findall(pattern, shown, re.MULTILINE))
        if found != times:
            sys.exit(f"'{pattern}' {found} times, not {times}: {shown!r}")


def interrupt(tracer):
    # Several times, as a second one may come together with the first.
    keys = [(b"ready", CTRL_C)] + [(b"got-int %d" % number, CTRL_C) for number in range(1, 5)]
    shown = play([tracer, "--", PYTHON, "-c", COUNTS], keys)
    demand(shown, ("got-int", 5), ("^0 acts; ", 1), ("^shell: status 9$", 1))


def interrupt_alone(tracer):
    shown = play([tracer, "-P", "1"], [(b"tracing in", CTRL_C)])
    demand(shown, ("^(\\^C)?0 acts; ", 1), ("^shell: status 0$", 1))


def suspend(tracer):
    shown = play([tracer, "-q", "--", PYTHON, "-c", SLEEPS], [(b"ready", CTRL_Z)])
    demand(shown, ("shell: stopped$", 1), ("^continued$", 1), ("^shell: status 3$", 1))


def suspend_leader(tracer):
    shown = play([tracer, "-q", "--", PYTHON, "-c", LEADS], [(b"ready", CTRL_Z)])
    demand(shown, ("shell: stopped$", 1), ("^foreground$", 1), ("^shell: status 4$", 1))


def whole_lines(tracer):
    shown = play([tracer, "-j", "--", PYTHON, "-c", CHATTERS], [])
    demand(shown, ("^noise [0-9]+$", 100), ('^{"type":"act"', 200), ("^shell: status 0$", 1))
    for line in shown.splitlines():
        if not re.fullmatch("noise [0-9]+|shell: .*|", line):
            json.loads(line)


def resized(tracer):
    """An act on a wide terminal, and one when that has become narrow."""
    pid, terminal = pty.fork()
    if pid == 0:
        fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 25, 200, 0, 0))
        os.execv(tracer, [tracer, "-q", "--color=never", "-c", "4", "--output", "-", "--",
                          PYTHON, "-c", PAUSES])
    shown = b""
    try:
        while piece := os.read(terminal, 65536):
            shown += piece
            if b"fin_close_passive" in shown and b" > " not in shown:
                fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 25, 60, 0, 0))
                os.kill(pid, signal.SIGUSR2)
    except OSError:
        pass
    os.waitpid(pid, 0)
    shown = shown.decode().replace("\r", "")
    demand(shown, (r"\[[0-9]+\] .*FIN>   fin_close", 2), (r"^.*\[[0-9]+\]  .* > 127", 2),
           (r"^  FIN>   fin_close", 2))


CASES = {case.__name__: case for case in
         (interrupt, interrupt_alone, suspend, suspend_leader, whole_lines, resized)}
CASES[sys.argv[1]](sys.argv[2])
