# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
#
# bench.bash - make bench measures what it says; sourced by tests/cli/run.  No value is judged.

bench() { "$O/benchmark" --closetrace "$O/closetrace" "$@"; }

# Each section has found something, and no value of time or of connections is 0.
bench_is_whole()
{
	/usr/bin/python3 - "$1" <<-'END'
	import json, sys
	with open(sys.argv[1]) as file:
	    bench = json.load(file)
	found = {(r["section"], r["what"], r["subject"]): r["median"] for r in bench["results"]}
	for wanted in (("rate", "connections", "(none)"), ("rate", "connections", "json"),
	               ("rate", "kept", "json"), ("rate", "seen", "json"),
	               ("rate", "resident", "json"), ("cost", "gross", "(empty)"),
	               ("cost", "gross", "json"), ("cost", "gross", "-p other"),
	               ("profile", "runs", "hook_state_0"), ("start", "first act", "json"),
	               ("latency", "to line", "json")):
	    if not found.get(wanted, 0) > 0:
	        sys.exit(f"{wanted}: {found.get(wanted)}; {bench['not_measured']}")
	if ("rate", "lost", "json") not in found:
	    sys.exit("losses are not told")
	if len(bench["figures"]) < 20 or not {f["verdict"] for f in bench["figures"]} <= {
	        "met", "missed", "not measured"}:
	    sys.exit("figures are not told")
	END
}

bench_tests()
{
	refuses bench_option 2 'see --help' bench --rounds 0
	refuses bench_no_program 3 'build it' "$O/benchmark" --closetrace "$work/none"
	bench --with json --ways fin --rounds 1 --seconds 0.2 --json >"$work/bench" 2>"$work/err"
	holds bench "$(tail -n 1 "$work/err")" bench_is_whole "$work/bench"
}
