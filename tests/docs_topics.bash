# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Part of tests/docs: what explain says against the scenarios, and its examples against a compiler.

# Scenarios that are named exist and show the cause; the counters are those that they expect.
check_topics()
{
	built topics closetrace && built topics closelab && built topics docgen || return
	verdict topics-scenarios "$(/usr/bin/python3 tests/docs_topics.py \
		<("$O/closetrace" explain -j) <("$O/closelab" --list -v) 2>&1)"
	verdict topics-c "$("$O/docgen" examples |
		"$CC" -std=gnu17 -Wall -Wextra -Wno-unused-parameter -Wno-unused-but-set-parameter \
			-fsyntax-only -x c - 2>&1)"
	verdict topics-sh "$("$O/docgen" scripts | bash -n 2>&1)"
}
