// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "counters.h"
#include "hook.h"
#include "kernel.h"
#include "probe.h"
#include "seed.h"
#include "verifier.h"
#include "words.h"

/* The skeleton needs the ABI's types, which probe.h brings. */
#include "closetrace.skel.h"

#define BTF_PATH	"/sys/kernel/btf/vmlinux"

struct probe {
	struct closetrace *skel;
	struct btf *btf;
	struct bpf_link *links[HOOK_ROOM][HOOK_SLOTS];
	struct probe_hook hooks[HOOK_ROOM];
	enum hook_way way;		/* of function hooks */
	bool full;
};

__attribute__((format(printf, 2, 3)))
static void say(char message[256], const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(message, 256, format, args);
	va_end(args);
}

static int print_debug(enum libbpf_print_level level, const char *format, va_list args)
{
	(void)level;
	return vfprintf(stderr, format, args);
}

static int load_btf(struct probe *probe, const struct options *options, char message[256])
{
	const char *path = options->btf ?: BTF_PATH;

	probe->btf = btf__parse(path, NULL);
	if (!probe->btf) {
		say(message, "no kernel type information in %s (%s); the kernel needs "
			     "CONFIG_DEBUG_INFO_BTF, or name a BTF file with --btf", path,
		    strerror(errno));
		return -ENOENT;
	}
	words_learn(probe->btf);
	return 0;
}

static void configure(struct probe *probe, const struct options *options, const struct run *run)
{
	struct settings *settings = (struct settings *)&probe->skel->rodata->settings;
	uint32_t used = 0;

	settings->run = run->id;
	settings->pids = (uint32_t)options->pid_count;
	settings->hz = kernel_hz(run->host.release);
	settings->stacks = options->stacks;
	for (size_t i = 0; i < options->port_count; i++)
		settings->port[used++] = options->ports[i];
	settings->ports_wanted = used;
	for (size_t i = 0; i < options->not_port_count; i++)
		settings->port[used++] = options->not_ports[i];
	settings->ports = used;
	bpf_map__set_max_entries(probe->skel->maps.ring, kernel_ring_size(options));
	if (options->owners)
		bpf_map__set_max_entries(probe->skel->maps.owners, options->owners);
}

static struct bpf_program *program(const struct probe *probe, const char *name)
{
	return name ? bpf_object__find_program_by_name(probe->skel->obj, name) : NULL;
}

/* Whether hook i belongs to this attempt and this kernel has its target. */
static bool wanted(struct probe *probe, size_t i, const struct options *options)
{
	const struct hook_info *info = &hook_table[i];
	struct probe_hook *hook = &probe->hooks[i];

	if (info->owners && !options->pid_count) {
		snprintf(hook->reason, sizeof(hook->reason), "only with -p");
		return false;
	}
	if (!info->full)
		return true;
	if (!probe->full) {
		if (!hook->reason[0])
			snprintf(hook->reason, sizeof(hook->reason), "tier base was asked for");
		return false;
	}
	if (btf__find_by_name_kind(probe->btf, info->target, BTF_KIND_FUNC) < 0) {
		snprintf(hook->reason, sizeof(hook->reason), "this kernel has no such function");
		return false;
	}
	if (!hook_program(info, probe->way, 0)) {
		snprintf(hook->reason, sizeof(hook->reason), "needs fexit");
		return false;
	}
	if (info->replies &&
	    btf__find_by_name_kind(probe->btf, "sk_rst_reason", BTF_KIND_ENUM) > 0) {
		snprintf(hook->reason, sizeof(hook->reason), "tcp_send_reset tells it here");
		return false;
	}
	return true;
}

static void choose_programs(struct probe *probe, const struct options *options)
{
	struct bpf_program *prog;

	bpf_object__for_each_program(prog, probe->skel->obj)
		bpf_program__set_autoload(prog, false);
	for (size_t i = 0; i < hook_count; i++) {
		const struct hook_info *info = &hook_table[i];
		bool load = wanted(probe, i, options);

		for (size_t slot = 0; load && slot < HOOK_SLOTS; slot++) {
			prog = program(probe, hook_program(info, probe->way, slot));
			if (prog)
				bpf_program__set_autoload(prog, true);
		}
		if (info->full && probe->way == HOOK_KPROBE)
			probe->hooks[i].way = "kprobe";
	}
}

static int open_and_load(struct probe *probe, const struct options *options,
			 const struct run *run)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .btf_custom_path = options->btf);

	probe->skel = closetrace__open_opts(&opts);
	if (!probe->skel)
		return -errno;
	configure(probe, options, run);
	choose_programs(probe, options);
	if (options->verb == VERB_CHECK && options->verbose && verifier_watch(probe->skel->obj))
		return -ENOMEM;
	return closetrace__load(probe->skel);
}

static void discard(struct probe *probe)
{
	if (probe->skel)
		verifier_release(probe->skel->obj);
	closetrace__destroy(probe->skel);
	probe->skel = NULL;
}

/* One failing program fails the object: without the function hooks the rest may well load. */
static void give_up_function_hooks(struct probe *probe, int rc)
{
	discard(probe);
	for (size_t i = 0; i < hook_count; i++) {
		if (hook_table[i].full)
			snprintf(probe->hooks[i].reason, sizeof(probe->hooks[i].reason),
				 "the kernel refuses function hooks (%s)", strerror(-rc));
	}
}

/* fentry, then kprobe, then the tracepoints alone. */
static int load(struct probe *probe, const struct options *options, const struct run *run)
{
	int rc;

	if (options->tier != TIER_BASE) {
		probe->full = true;
		for (probe->way = options->no_fentry ? HOOK_KPROBE : HOOK_FENTRY;
		     probe->way <= HOOK_KPROBE; probe->way++) {
			rc = open_and_load(probe, options, run);
			if (!rc)
				return 0;
			give_up_function_hooks(probe, rc);
		}
		if (options->tier == TIER_FULL)
			return rc;
	}
	probe->full = false;
	probe->way = HOOK_TRACEPOINT;
	return open_and_load(probe, options, run);
}

static void attach_hook(struct probe *probe, size_t i)
{
	struct probe_hook *hook = &probe->hooks[i];

	for (size_t slot = 0; slot < HOOK_SLOTS; slot++) {
		const char *name = hook_program(&hook_table[i], probe->way, slot);
		struct bpf_program *prog = program(probe, name);

		if (!prog || !bpf_program__autoload(prog))
			continue;
		probe->links[i][slot] = bpf_program__attach(prog);
		hook->attached = probe->links[i][slot] != NULL;
		if (!hook->attached) {
			snprintf(hook->reason, sizeof(hook->reason), "%s: %s",
				 hook_table[i].full && probe->way == HOOK_KPROBE ?
					 "neither fentry nor kprobe" : "cannot be attached",
				 strerror(errno));
			return;
		}
	}
}

/* After the hooks: a socket that is made or closed meanwhile is theirs. */
static void seed_owners(const struct probe *probe)
{
	for (size_t i = 0; i < hook_count; i++) {
		if (!strcmp(hook_table[i].type, "iter") && probe->hooks[i].attached)
			seed_run(probe->links[i][0]);
	}
}

/* Both programs: without the one at its end nothing could be told of later answers. */
static bool requests_watched(const struct probe *probe)
{
	size_t attached = 0;

	for (size_t i = 0; i < hook_count; i++)
		attached += probe->hooks[i].attached &&
			    !strcmp(hook_table[i].target, "tcp_check_req");
	return attached == 2;
}

static int attach(struct probe *probe, char message[256])
{
	bool full = false;

	for (size_t i = 0; i < hook_count; i++) {
		attach_hook(probe, i);
		if (hook_table[i].required && !probe->hooks[i].attached) {
			say(message, "tracepoint %s %s; see closetrace check",
			    hook_table[i].target, probe->hooks[i].reason);
			return -ENOTSUP;
		}
		full |= hook_table[i].full && probe->hooks[i].attached;
	}
	probe->full = full;
	probe->skel->bss->requests_watched = requests_watched(probe);
	seed_owners(probe);
	return 0;
}

static void init_hooks(struct probe *probe)
{
	for (size_t i = 0; i < hook_count; i++) {
		probe->hooks[i].target = hook_table[i].target;
		probe->hooks[i].fact = hook_table[i].fact;
		probe->hooks[i].full = hook_table[i].full;
		probe->hooks[i].required = hook_table[i].required;
		probe->hooks[i].way = hook_table[i].type;
	}
}

static void explain_load(int rc, const struct options *options, char message[256])
{
	/* EACCES is the verifier's word, EPERM that of a missing capability. */
	if (rc == -EPERM)
		say(message, "not permitted to load BPF programs; run as root (sudo closetrace) or "
			     "with CAP_BPF and CAP_PERFMON");
	else if (options->tier == TIER_FULL)
		say(message, "this kernel refuses function hooks (%s); leave out --tier full",
		    strerror(-rc));
	else
		say(message, "cannot load the BPF programs (%s); --debug shows the verifier's log",
		    strerror(-rc));
}

int probe_open(struct probe **out, const struct options *options, const struct run *run,
	       char message[256])
{
	__attribute__((cleanup(probe_closep))) struct probe *probe = calloc(1, sizeof(*probe));
	int rc;

	if (!probe)
		return -ENOMEM;
	libbpf_set_print(options->debug ? print_debug : NULL);
	init_hooks(probe);
	rc = load_btf(probe, options, message);
	if (rc)
		return rc;
	rc = load(probe, options, run);
	if (!rc)
		rc = seed_subjects(probe->skel->maps.subjects, options);
	if (rc) {
		explain_load(rc, options, message);
		return rc;
	}
	rc = attach(probe, message);
	if (!rc && options->tier == TIER_FULL && !probe->full) {
		explain_load(-ENOTSUP, options, message);
		rc = -ENOTSUP;
	}
	if (rc)
		return rc;
	*out = probe;
	probe = NULL;
	return 0;
}

void probe_detach(struct probe *probe)
{
	for (size_t i = 0; i < hook_count; i++) {
		for (size_t slot = 0; slot < HOOK_SLOTS; slot++) {
			bpf_link__destroy(probe->links[i][slot]);
			probe->links[i][slot] = NULL;
		}
	}
}

void probe_close(struct probe *probe)
{
	probe_detach(probe);
	discard(probe);
	btf__free(probe->btf);
	free(probe);
}

const char *probe_tier(const struct probe *probe)
{
	return probe->full ? "full" : "base";
}

int probe_ring_fd(const struct probe *probe)
{
	return bpf_map__fd(probe->skel->maps.ring);
}

const struct probe_hook *probe_hooks(const struct probe *probe, size_t *count)
{
	*count = hook_count;
	return probe->hooks;
}

void probe_count(const struct probe *probe, struct totals *totals)
{
	counters_add(probe->skel->bss->counters, totals);
}

/* An event is lost only when each copy was skipped, so the least skipped one is the bound. */
static uint64_t missed_by(const struct probe *probe, const struct hook_info *info)
{
	uint64_t least = UINT64_MAX;

	for (size_t slot = 0; slot < HOOK_SLOTS; slot++) {
		const struct bpf_program *prog = program(probe, info->programs[slot]);
		uint64_t missed = prog ? kernel_missed_runs(bpf_program__fd(prog)) : least;

		least = missed < least ? missed : least;
	}
	return least;
}

uint64_t probe_missed(const struct probe *probe)
{
	uint64_t missed = 0;

	for (size_t i = 0; i < hook_count; i++) {
		if (hook_table[i].required && probe->hooks[i].attached)
			missed += missed_by(probe, &hook_table[i]);
	}
	return missed;
}

const char *probe_program(const struct probe *probe, size_t hook, size_t slot,
			  unsigned long *instructions)
{
	const char *name = hook_program(&hook_table[hook], probe->way, slot);
	const struct bpf_program *prog = program(probe, name);

	if (!prog || !bpf_program__autoload(prog))
		return NULL;
	*instructions = verifier_instructions(prog);
	return name;
}

uint64_t probe_amends_lost(const struct probe *probe)
{
	return counters_amends_lost(probe->skel->bss->counters);
}

uint64_t probe_subject_sockets(const struct probe *probe)
{
	return counters_subjects(probe->skel->bss->counters);
}
