#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What a record has of the acts that another tracer saw, when its recorder was killed.

kills.py RECORD LINES SPANS: LINES are those of the other tracer; SPANS has a line "from to" for each
recorder that was killed, seconds since 1970: all acts from then to a second before its end must be
in the record.  Prints how many were compared; status 1 when one is missing.
"""

import collections
import json
import sqlite3
import sys
from datetime import datetime, timezone

PROMISE = 1.0
SLACK = 0.02    # each tracer reads the clock for itself


def seconds(text):
    whole, digits = text.rstrip("Z").split(".")
    at = datetime.strptime(whole, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=timezone.utc)
    return at.timestamp() + int(digits) / 1e9


def live_acts(path):
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            if not line.endswith("}\n"):
                continue
            act = json.loads(line)
            if act["type"] == "act":
                yield seconds(act["time"]), (act["lport"], act["rport"], act["cause"])


def main():
    record, lines, spans = sys.argv[1:4]
    live = list(live_acts(lines))
    kept = sqlite3.connect(f"file:{record}?mode=ro", uri=True).execute(
        "select time, lport, rport, cause from acts").fetchall()
    kept = [(seconds(time), key) for time, *key in kept]
    compared = missing = 0
    longest = 0.0
    with open(spans, encoding="utf-8") as file:
        for line in file:
            begin, end = map(float, line.split())
            want = collections.Counter(
                key for time, key in live if begin <= time < end - PROMISE)
            have = collections.Counter(
                tuple(key) for time, key in kept if begin - SLACK <= time < end)
            compared += sum(want.values())
            missing += sum((want - have).values())
            last = max((time for time, _ in kept if time < end), default=begin)
            longest = max(longest, end - last)
    print(f"{compared} acts compared, {missing} missing; "
          f"at most {longest * 1000:.0f} ms before a kill are not kept")
    sys.exit(missing > 0 or compared == 0)


main()
