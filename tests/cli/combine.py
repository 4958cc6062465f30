#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Command lines of filters that combine, and what each must show of a scene.

    combine.py scene [CGROUP]     the processes, as arguments of scene.py, one a line
    combine.py [CGROUP]           cases: the acts, then the options, divided by tabs

The acts of process I are CI, its client's, and SI, its server's.  "@I" stands for its pid; CGROUP is
a cgroup, in "scene" its folder.  Every kind of filter meets every other in some case; values are
alone and in lists, and half of them exclude.  A case that shows nothing or everything is not made.
"""
import ipaddress
import itertools
import os
import random
import sys

MAPPED = "::ffff:"
#       comm, uid, client's address, server's, how it ends, in the cgroup below
PROCESSES = [
    ("alpha", 0, "127.0.0.5", "127.0.0.6", "rst", True),
    ("alpha", 65534, MAPPED + "127.0.0.5", MAPPED + "127.0.0.6", "unread", False),
    ("beta", 65534, "::1", "::1", "fin", True),
    ("beta", 0, "127.0.0.7", "127.0.0.6", "unread", False),
    ("gamma", 1, "::1", "::1", "rst", True),
    ("alpha", 1, "127.0.0.5", "127.0.0.7", "fin", False),
]
#       what the client's act and the server's are: wire, cause, class, unexpected
ENDS = {
    "rst": (("--rst=out", "linger0", "local_reset", True),
            ("--rst=in", "peer_rst", "peer_reset", True)),
    "unread": (("--rst=in", "peer_rst", "peer_reset", True),
               ("--rst=out", "unread_data", "local_reset", True)),
    "fin": (("--fin", "fin_close", "orderly", False),
            ("--fin", "fin_close_passive", "orderly", False)),
}
BELOW = "/inner"


def address(text):
    return ipaddress.ip_address(text.removeprefix(MAPPED))


def all_acts(cgroup):
    acts = []
    for number, (comm, uid, client, server, end, inside) in enumerate(PROCESSES, 1):
        sides = (("C", client, 40000 + number, server, 5000 + number),
                 ("S", server, 5000 + number, client, 40000 + number))
        for (side, laddr, lport, raddr, rport), what in zip(sides, ENDS[end]):
            wire, cause, kind, unexpected = what
            acts.append({
                "name": f"{side}{number}", "-p": f"@{number}", "--comm": comm, "--uid": str(uid),
                "--cgroup": cgroup + (BELOW if inside else ""), "--lport": str(lport),
                "--rport": str(rport), "--laddr": address(laddr), "--raddr": address(raddr),
                "wire": wire, "--cause": (cause, kind), "--unexpected": unexpected,
            })
    return acts


VALUES = {
    "-p": [f"@{number}" for number in range(1, len(PROCESSES) + 1)],
    "--comm": ["alpha", "beta", "gamma"],
    "--uid": ["0", "1", "65534"],
    "--cgroup": ["", BELOW],
    "-P": ["5001", "5002", "5003", "40004", "40005", "5006"],
    "--lport": ["5001", "40002", "5003", "40004", "5005", "40006", "40001"],
    "--rport": ["40001", "5002", "40003", "5004", "40005", "5006", "5001"],
    "-a": ["127.0.0.5", "127.0.0.6", "127.0.0.4/31", "::/96", "127.0.0.7"],
    "--laddr": ["127.0.0.5", "127.0.0.6", "127.0.0.4/30", "::1"],
    "--raddr": ["127.0.0.5", "127.0.0.6", "127.0.0.4/30", "::1"],
    "wire": ["--rst=out", "--rst=in", "--fin", "--rst", "--silent"],
    "--cause": ["linger0", "peer_rst", "local_reset", "orderly", "unread_data", "unexpected"],
    "--unexpected": [""],
}


def is_in(one, network):
    network = ipaddress.ip_network(network)
    return one.version == network.version and one in network


def hits(act, kind, value, cgroup):
    if kind == "-P":
        return value in (act["--lport"], act["--rport"])
    if kind == "-a":
        return is_in(act["--laddr"], value) or is_in(act["--raddr"], value)
    if kind in ("--laddr", "--raddr"):
        return is_in(act[kind], value)
    if kind == "--cgroup":
        return (act[kind] + "/").startswith(cgroup + value + "/")
    if kind == "wire":
        return act[kind].startswith(value)
    if kind == "--cause":
        return value in act[kind] or (value == "unexpected" and act["--unexpected"])
    if kind == "--unexpected":
        return act[kind]
    return act[kind] == value


def passes(act, case, cgroup):
    for kind, values in case.items():
        wanted = [value for value, excluded in values if not excluded]
        if any(hits(act, kind, value, cgroup) for value, excluded in values if excluded):
            return False
        if wanted and not any(hits(act, kind, value, cgroup) for value in wanted):
            return False
    return True


def words(case, cgroup, chance):
    for kind, values in case.items():
        texts = ["!" * excluded + (cgroup if kind == "--cgroup" else "") + value
                 for value, excluded in values]
        if kind == "wire":
            yield from texts
        elif kind == "--unexpected":
            yield kind
        elif kind in ("--comm", "--cgroup") or chance.random() < 0.5:
            for text in texts:
                yield from (kind, text)
        else:
            yield from (kind, ",".join(texts))


def choose(kinds, chance):
    case = {}
    for kind in kinds:
        count = min(chance.randint(1, 3), len(VALUES[kind]))
        some = kind in ("wire", "--unexpected") or chance.random() < 0.5
        case[kind] = [(value, not some and chance.random() < 0.8)
                      for value in chance.sample(VALUES[kind], count)]
    return case


def cases(cgroup):
    chance = random.Random(7)
    acts = all_acts(cgroup)
    kinds = [kind for kind in VALUES if cgroup or kind != "--cgroup"]
    missing = set(itertools.combinations(kinds, 2))
    while missing:
        pair = chance.choice(sorted(missing))
        chosen = set(pair) | set(chance.sample(kinds, 2))
        case = choose([kind for kind in kinds if kind in chosen], chance)
        shown = sorted(act["name"] for act in acts if passes(act, case, cgroup))
        if 0 < len(shown) < len(acts):
            missing -= set(itertools.combinations(case, 2))
            print("\t".join([" ".join(shown), *words(case, cgroup, chance)]))


def scene(cgroup):
    for comm, uid, client, server, end, inside in PROCESSES:
        plan = f"comm={comm},uid={uid},from={client},to={server},end={end}"
        if cgroup:
            plan += f",cgroup={cgroup}{BELOW if inside else ''}"
        print(plan)


if sys.argv[1:2] == ["scene"]:
    scene(os.path.normpath(sys.argv[2]) if sys.argv[2:] else "")
else:
    cases(sys.argv[1] if sys.argv[1:] else "")
