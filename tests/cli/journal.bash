# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2154	# what tests/cli/run has
#
# -o journal, before a journald of our own: in a mount namespace, so that a real one sees nothing.

# The same acts as JSON and as entries: each key that is not null is a field, and none else is.
compare_entries()
{
	/usr/bin/python3 - "$1" "$2" <<-'END'
	import json, sys
	own = {"MESSAGE", "PRIORITY", "SYSLOG_IDENTIFIER"}
	def text(value):
	    if isinstance(value, bool):
	        return str(value).lower()
	    return str(value)
	def wanted(line):
	    return {"CLOSETRACE_" + key.upper(): text(value)
	            for key, value in line.items() if value is not None}
	lines = [json.loads(line) for line in open(sys.argv[1])]
	lines = [line for line in lines if line["type"] in ("act", "note")]
	entries = [json.loads(line) for line in open(sys.argv[2])]
	assert entries[0]["CLOSETRACE_TYPE"] == "start"
	assert entries[-1]["CLOSETRACE_TYPE"] == "end"
	assert len(lines) == len(entries) - 2 > 30, (len(lines), len(entries))
	for line, entry in zip(lines, entries[1:]):
	    assert own <= set(entry), entry
	    assert entry["SYSLOG_IDENTIFIER"] == "closetrace"
	    name = line.get("cause") or line["note"]
	    assert name in entry["MESSAGE"] and "\n" not in entry["MESSAGE"], entry
	    told = {key: value for key, value in entry.items() if key not in own}
	    assert told == wanted(line), (told, wanted(line))
	assert {entry["PRIORITY"] for entry in entries} == {"4", "5", "6"}
	END
}

journal_tests()
{
	local sample=tests/samples/raw-1.ctr got=0

	if ! grep -q journal <<<"$("$O/docgen" words | grep _formats)"; then
		refuses journal_without 2 'without libsystemd' trace -o journal
		skip journal "closetrace was built without libsystemd"
		return
	fi
	[[ -S /run/systemd/journal/socket ]] ||
		refuses journal_none 5 'needs journald' trace -o journal
	"$O/closetrace" report -j --all "$sample" >"$work/report" 2>/dev/null
	# shellcheck disable=SC2016 # expanded there
	timeout 30 unshare --mount --propagation private bash -c '
		mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/journal || exit 77
		socket=/run/systemd/journal/socket
		/usr/bin/python3 tests/cli/journald.py $socket "$1" &
		for ((i = 0; i < 500; i++)); do
			[[ -S $socket ]] && break
			sleep 0.02
		done
		"$2" report -q -o journal --all "$3"
		status=$?
		for ((i = 0; i < 500; i++)); do
			grep -q CLOSETRACE_STATUS "$1" && break
			sleep 0.02
		done
		kill %1
		exit $status' sh "$work/entries" "$O/closetrace" "$sample" \
		>"$work/out" 2>"$work/err" || got=$?
	if ((got == 77)); then
		skip journal "no tmpfs"
		return
	fi
	holds journal_status "status $got: $(head -n 1 "$work/err")" test "$got" = 4
	holds journal_entries "$(compare_entries "$work/report" "$work/entries" 2>&1 | tail -n 1)" \
		compare_entries "$work/report" "$work/entries"
}
