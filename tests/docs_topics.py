# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What closetrace explain says of scenarios and counters, against closelab --list -v.

Arguments: the lines of explain -j, the list of closelab. Prints what disagrees.
"""
import json
import re
import sys

COLUMNS = 72  # of an example, behind the 8 of its indent

# Causes that no scenario provokes.
WITHOUT_SCENARIO = {
    "mptcp_subflow_fin",  # takes two paths and a path manager
    "unknown",            # there is none while every path has a rule
}


class Scenario:
    """What a scenario expects."""

    def __init__(self):
        self.causes, self.notes, self.counters = set(), set(), set()

    def shows(self, topic):
        """One that names no notes does not say that there are none."""
        if "cause" in topic:
            return topic["cause"] in self.causes
        return topic["note"] in self.notes or not self.notes


def read_scenarios(path):
    known, last = {}, None
    with open(path, encoding="utf-8") as file:
        for line in file:
            if not line.startswith(" "):
                last = known.setdefault(line.split()[0], Scenario())
            elif match := re.match(r" +act +\d+ x \w+ (\w+)", line):
                last.causes.add(match[1])
            elif match := re.match(r" +note +\d+ x \w+ (\w+)", line):
                last.notes.add(match[1])
            elif match := re.match(r" +counter +(\w+)\+", line):
                last.counters.add(match[1])
    return known


def name_of(topic):
    return topic.get("cause") or topic["note"]


def bare(counter):
    """nstat's name without the table it stands in."""
    return re.sub("^(TcpExt|Tcp)", "", counter)


def spoken_of(topic):
    """The counters of which a topic says anything."""
    return {bare(word) for word in topic["counters"]} | {
        bare(word) for word in re.findall(r"\w+", topic["counted"] or "")}


def about_scenarios(topic, known):
    labs = topic["closelab"]
    if not labs and name_of(topic) not in WITHOUT_SCENARIO:
        yield "no scenario is named"
    for lab in labs:
        if lab not in known:
            yield f"there is no scenario {lab}"
        elif not known[lab].shows(topic):
            yield f"{lab} does not show it"
    if "note" in topic and labs[0] in known and topic["note"] not in known[labs[0]].notes:
        yield f"{labs[0]}, its first scenario, does not name it"


def about_counters(topic, topics, known):
    labs = [known[lab] for lab in topic["closelab"] if lab in known]
    if not labs:
        return
    raised = set().union(*(lab.counters for lab in labs))
    for counter in topic["counters"]:
        if bare(counter) not in raised:
            yield f"no scenario of it raises {counter}"
    # What the first one raises is this topic's, or that of another act or note in it.
    others = labs[0].causes | labs[0].notes | {name_of(topic)}
    told = set().union(*(spoken_of(topics[other]) for other in others))
    for counter in sorted(labs[0].counters - told):
        yield f"nothing is said of {counter}"


def about_example(topic):
    for line in topic["example"].expandtabs(8).split("\n"):
        if len(line) > COLUMNS:
            yield f"{len(line)} columns: {line}"


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        topics = {name_of(topic): topic for topic in map(json.loads, file)}
    known = read_scenarios(sys.argv[2])
    if not topics or not known:
        print("nothing to compare")
    for name, topic in topics.items():
        for complaint in (*about_scenarios(topic, known), *about_counters(topic, topics, known),
                          *about_example(topic)):
            print(f"{name}: {complaint};")


main()
