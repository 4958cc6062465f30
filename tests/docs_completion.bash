# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Part of tests/docs: the completions, run as their shells run them.

# What bash offers behind these words, the last being the one at hand; "=" and "," as bash splits.
offers()
{
	bash --norc -c '
		COMP_WORDS=("$@")
		COMP_CWORD=$(($# - 1))
		source dist/closetrace.bash
		_closetrace
		printf "%s\n" "${COMPREPLY[@]}"' bash closetrace "$@"
}

# name, a word that must be offered (or, with a "!", must not be), the words
offered()
{
	local name=$1 want=$2 got
	shift 2

	got=$(offers "$@")
	if [[ $want == '!'* ]]; then
		! grep -qxF -- "${want#!}" <<<"$got"
	else
		grep -qxF -- "$want" <<<"$got"
	fi && pass "bash $name" || fail "bash $name" "$* offers: $(xargs <<<"$got" | cut -c 1-200)"
}

check_bash()
{
	local option

	offered verb explain ex
	offered verbs-only '!unread_data' ''
	offered option --silent --sil
	offered pid $$ -p $$
	offered pid-list "1,$$" -p "1,$$"
	offered pid-equals $$ --pid = $$
	offered cause unread_data explain unr
	offered class timeout explain time
	offered note fin_received explain fin_
	offered one-verb '!check' explain ''
	offered cause-list '!unread_data' --cause '!unr'
	offered cause-not '!unread_data,linger0' --cause '!unread_data,linger0_s'
	offered format json -o js
	offered format-of-explain md explain -o m
	offered format-of-verify md verify -o m
	offered sysctl net/ipv4/tcp_rfc1337 verify --sysctl net/ipv4/tcp_rfc
	offered rst in --rst = i
	offered uid root --uid ro
	offered command bash -- bas
	offered unit fake.service --unit fak
	for option in $("$O/docgen" words | sed -n "/^_closetrace_valued='/,/'/p" |
		sed "s/.*'\\(.\\)/\\1/; s/'//"); do
		grep -qE -- "(^|\\|)?[[:space:]]*$option( \\||\\))" dist/closetrace.bash ||
			[[ $FREE == *" $option "* ]] || fail "bash value" "$option: neither completed nor free"
	done
}

# Options whose value is up to the user: numbers, times, addresses, words.
readonly FREE=" -P --port -a --addr --lport --rport --laddr --raddr --container -c --count -d \
--duration --buffer --owners --samples --search --jobs \
--max-size --max-age --since --until --socket --by --top "

# Types the words and a tab at a zsh in a terminal of its own; prints what becomes of them.
typed()
{
	timeout 30 zsh -f -c '
		zmodload zsh/zpty
		zpty z zsh -f -i
		zpty -w z "TERM=dumb; fpath=($PWD/dist \$fpath); autoload -Uz compinit"
		zpty -w z "compinit -u -D; print re\"\"ady"
		zpty -r -m z line "*ready*"
		zpty -w -n z "closetrace $1"$'"'\\t'"'
		for ((i = 0; i < 100; i++)) {
			zpty -r -t z line && out+=$line
			[[ $out == *"closetrace $2 "* ]] && break
			sleep 0.1
		}
		zpty -d z
		print -r -- $out' zsh "$1" "$2"
}

# The beginning of a word, and what zsh must make of it.
completes()
{
	local got

	got=$(typed "$1" "$2")
	if [[ $got == *"closetrace $2 "* ]]; then
		pass "zsh $2"
	else
		fail "zsh $2" "$(tr -cd '[:print:]' <<<"$got" | cut -c 1-200)"
	fi
}

check_zsh()
{
	if ! command -v zsh >/dev/null; then
		skip zsh "zsh is not installed"
		return
	fi
	verdict zsh-syntax "$(zsh -n dist/_closetrace 2>&1)"
	completes exp explain
	completes 'explain unr' 'explain unread_data'
	completes --sil --silent
	completes --tier=f --tier=full
}

check_completion()
{
	local fake

	fake=$(mktemp -d)
	printf '#!/bin/sh\necho fake.service loaded active running x\n' >"$fake/systemctl"
	chmod 755 "$fake/systemctl"
	PATH=$fake:$PATH check_bash
	rm -rf "$fake"
	check_zsh
}
