# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
#
# What run and shell share: building an initramfs, choosing a kernel, QEMU's arguments.

guest_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
guest_cache=${CLOSETRACE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/closetrace}

# ip, modprobe, bpftool, depmod: in sbin, which is not on a user's path.
PATH=$PATH:/usr/sbin:/sbin

# Set by guest_kernel: the image to boot, its modules.dep folder and its config (or empty).
guest_image=
guest_modules=
guest_config=

# 125 for what is wrong with the guest or its runner: any other status is the command's own.
guest_die()
{
	echo "guest: $*" >&2
	exit 125
}

guest_need()
{
	local tool

	for tool; do
		command -v "$tool" >/dev/null || guest_die "$tool is missing (make deps-test installs it)"
	done
}

# A series from the cache. The unpacked kernel is booted (by its PVH entry) where there is one: an
# emulated CPU needs seconds to unpack a bzImage.
guest_kernel()
{
	local dir=$guest_cache/kernels/$1

	[[ -e $dir/version ]] || guest_die "kernel $1: not in the cache (tools/kernels/fetch)"
	guest_image=$dir/vmlinux
	grep -q '^CONFIG_PVH=y' "$dir/config" || guest_image=$dir/vmlinuz
	guest_modules_at "$dir/modules"
	guest_config=$dir/config
}

# A folder of modules: /lib/modules/RELEASE itself or a tree that holds one.
guest_modules_at()
{
	local dep

	for dep in "$1/modules.dep" "$1"/lib/modules/*/modules.dep; do
		if [[ -e $dep ]]; then
			guest_modules=${dep%/modules.dep}
			return
		fi
	done
	guest_die "$1: no modules.dep there (run depmod)"
}

# modules.dep lines of the wanted modules, as paths: each module and all it depends on.
guest_module_files()
{
	local extra=("${@:2}")

	{ sed 's/#.*//' "$guest_dir/modules"; printf '%s\n' "${extra[@]}"; } | awk '
		function name(path) {
			sub(/.*\//, "", path); sub(/\.ko.*/, "", path); gsub(/-/, "_", path)
			return path
		}
		FNR == NR { if ($1) { gsub(/-/, "_", $1); want[$1] } next }
		{ sub(/:/, "", $1) }
		name($1) in want { for (i = 1; i <= NF; i++) print $i }' - "$1/modules.dep" |
		sort -u
}

# Modules are unpacked here: it is cheap on the host and slow under emulation.
guest_unpack_module()
{
	local from=$1 to=$2

	mkdir -p "${to%/*}"
	case $from in
	*.xz) xz -dc "$from" >"${to%.xz}" ;;
	*.zst) zstd -dcq "$from" >"${to%.zst}" ;;
	*.gz) gzip -dc "$from" >"${to%.gz}" ;;
	*) cp "$from" "$to" ;;
	esac
}

guest_cpio()
{
	(cd "$1" && find . -mindepth 1 -print0 | sort -z | cpio -0 -o -H newc -R 0:0 --quiet)
}

# The cpio with a kernel's modules; prints its path. Cached: it changes only with the kernel and
# the list of modules.
guest_module_cpio()
{
	local release=${guest_modules##*/} key out stage file

	key=$({ echo "$guest_modules $*"; stat -c %Y "$guest_modules/modules.dep"
		cat "$guest_dir/modules" "$guest_dir/lib.bash"; } | sha256sum | cut -c1-16)
	out=$guest_cache/guest/modules-$release-$key.cpio
	if [[ ! -e $out ]]; then
		mkdir -p "$guest_cache/guest"
		stage=$(mktemp -d "$guest_cache/guest/stage.XXXXXX")
		while read -r file; do
			guest_unpack_module "$guest_modules/$file" \
				"$stage/usr/lib/modules/$release/$file"
		done < <(guest_module_files "$guest_modules" "$@")
		cp "$guest_modules"/modules.{order,builtin,builtin.modinfo} \
			"$stage/usr/lib/modules/$release"
		ln -s usr/lib "$stage/lib"
		depmod -b "$stage" "$release"
		rm "$stage/lib"
		guest_cpio "$stage" >"$stage.cpio"
		rm -r "$stage"
		# Two guests may build the same one; the last to finish wins, both are whole.
		mv "$stage.cpio" "$out"
	fi
	echo "$out"
}

# The empty root: merged /usr as on the host, so that paths mean the same in both.
guest_stage_root()
{
	local stage=$1 dir

	mkdir -p "$stage"/{usr,etc,proc,sys,dev,run,tmp,root,guest,var}
	for dir in bin sbin lib lib64; do
		mkdir -p "$stage/usr/$dir"
		ln -s "usr/$dir" "$stage/$dir"
	done
	ln -s ../run "$stage/var/run"
	echo 'root:x:0:0:root:/root:/bin/sh
nobody:x:65534:65534:nobody:/:/bin/false' >"$stage/etc/passwd"
	echo 'root:x:0:
nogroup:x:65534:' >"$stage/etc/group"
	echo '127.0.0.1 localhost guest
::1 localhost' >"$stage/etc/hosts"
	cp "$guest_dir/init" "$stage/init"
}

# Copy one file, or a folder, to a path in the guest, with what it needs to run: an interpreter,
# shared libraries. What is there already stays.
guest_add()
{
	local stage=$1 from=$2 to=${3:-$2} file

	[[ -e $from ]] || guest_die "$from: no such file"
	[[ $to == /* ]] || to=$PWD/$to
	[[ -d $from || ! -e $stage$to ]] || return 0
	mkdir -p "$stage${to%/*}"
	if [[ -d $from ]]; then
		cp -aLT "$from" "$stage$to"
		while read -r -d '' file; do
			guest_add_needed "$stage" "$file"
		done < <(find -L "$from" -type f -executable -print0)
	else
		cp -L "$from" "$stage$to"
		guest_add_needed "$stage" "$from"
	fi
}

guest_add_needed()
{
	local stage=$1 file=$2 magic word words

	[[ -x $file ]] || return 0
	magic=$(head -c 4 "$file" | tr -d '\0')
	case $magic in
	$'\x7fELF')
		# ldd fails for a static program, which needs nothing.
		while read -r word; do
			guest_add "$stage" "$word"
		done < <(ldd "$file" 2>/dev/null | grep -o '/[^ :]*')
		;;
	'#!'*)
		# "#!/usr/bin/env bash": both words are programs.
		read -r -a words < <(sed -n '1s/^#! *//p' "$file")
		for word in "${words[@]}"; do
			guest_add_program "$stage" "$word"
		done
		;;
	esac
}

# A program by name or path; one that only busybox has (or nobody) is left to the guest.
guest_add_program()
{
	local path

	path=$(type -P "$2") || return 0
	guest_add "$1" "$(realpath -s "$path")"
}

# /bin/sh is the host's: busybox's prefers its own applets to programs in PATH. glibc opens
# libgcc_s only at run time, for pthread_exit() and pthread_cancel().
guest_add_base()
{
	local stage=$1 lib

	guest_add "$stage" "$(type -P busybox)" /bin/busybox
	guest_add "$stage" "$(realpath "$(type -P sh)")" /bin/sh
	ln -sf busybox "$stage/usr/bin/modprobe"
	ln -sf ../bin/busybox "$stage/usr/sbin/modprobe"
	lib=$(ldconfig -p | awk '$1 == "libgcc_s.so.1" && !seen++ { print $NF }')
	[[ -z $lib ]] || guest_add "$stage" "$lib"
}

# /guest/command: the words, quoted, in the host's working directory, so that relative paths hold.
guest_add_command()
{
	local stage=$1
	shift

	mkdir -p "$stage$PWD"
	{
		echo '#!/bin/busybox sh'
		echo "cd ${PWD@Q}"
		echo "exec ${*@Q}"
	} >"$stage/guest/command"
	chmod +x "$stage/guest/command"
}

# The whole initramfs: cpio archives may simply follow one another.
guest_initramfs()
{
	local stage=$1 out=$2
	shift 2

	if [[ -n $guest_config ]]; then
		mkdir -p "$stage/boot"
		cp "$guest_config" "$stage/boot/config-${guest_modules##*/}"
	fi
	guest_cpio "$stage" >"$out"
	[[ -z $guest_modules ]] || cat "$(guest_module_cpio "$@")" >>"$out"
}

# QEMU's arguments, one a line, but for the two serial lines.
#
# Software emulation only: it works the same everywhere, and in a container. cx16 is off because
# QEMU 7.2 emulates cmpxchg16b wrongly for the slab allocator of 6.12. All emulated CPUs share one
# thread: with a thread each, one CPU may still execute what another has just patched, and the
# kernel dies of a stray int3 as soon as a program is attached under traffic. No network device:
# the tests need only lo and veth.
guest_qemu_args()
{
	local initrd=$1 cpus=$2 memory=$3 append=$4

	printf '%s\n' -accel tcg,thread=single -cpu qemu64,-cx16 -smp "$cpus" -m "$memory" \
		-nodefaults -no-user-config -display none -no-reboot \
		-kernel "$guest_image" -initrd "$initrd" \
		-append "$(guest_cmdline) $append"
}

# A reboot ends QEMU (-no-reboot), so panic=-1 turns any panic or oops into an end at once. A busy
# host makes an emulated CPU look stuck: the watchdogs get more time. Mitigations only cost.
guest_cmdline()
{
	echo "console=ttyS0,115200 panic=-1 oops=panic softlockup_panic=1 watchdog_thresh=60" \
		"workqueue.watchdog_thresh=120 rcupdate.rcu_cpu_stall_timeout=120" \
		"no_timer_check mitigations=off"
}
