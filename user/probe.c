// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hook.h"
#include "kernel.h"
#include "message.h"
#include "probe_private.h"
#include "seed.h"
#include "settings.h"
#include "verifier.h"
#include "words.h"

static int print_debug(enum libbpf_print_level level, const char *format, va_list args)
{
	(void)level;
	return vfprintf(stderr, format, args);
}

static int load_types(struct probe *probe, const struct options *options, char message[MESSAGE])
{
	const char *path = options->btf ?: KERNEL_BTF;
	int rc = types_open(&probe->types, path);

	if (rc) {
		message_form(message, "no kernel type information in %s (%s); the kernel needs "
			     "CONFIG_DEBUG_INFO_BTF, or name a BTF file with --btf", path,
			     strerror(-rc));
		return -ENOENT;
	}
	words_learn(probe->types.btf);
	return 0;
}

struct bpf_program *probe_find(const struct probe *probe, const char *name)
{
	return name ? bpf_object__find_program_by_name(probe->skel->obj, name) : NULL;
}

static void configure(struct probe *probe, const struct options *options, const struct run *run)
{
	struct settings *settings = (struct settings *)&probe->skel->rodata->settings;

	settings_fill(settings, options, run);
	settings->preempts = hook_preempts(&probe->types);
	settings->owner_mask = probe_size_maps(probe, options) - 1;
}

static void choose_programs(struct probe *probe, const struct options *options)
{
	struct bpf_program *prog;

	bpf_object__for_each_program(prog, probe->skel->obj)
		bpf_program__set_autoload(prog, false);
	for (size_t i = 0; i < hook_count; i++) {
		const struct hook_info *info = &hook_table[i];
		size_t slots = probe_wants(probe, i, options) ? hook_slots(info, &probe->types) : 0;

		for (size_t slot = 0; slot < slots; slot++) {
			prog = probe_find(probe, hook_program(info, probe->way, slot));
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

/* Notes must not cost the tier: it is tried without their hooks too. */
static int load_way(struct probe *probe, const struct options *options, const struct run *run)
{
	int rc = open_and_load(probe, options, run);

	if (!rc || !options->all)
		return rc;
	discard(probe);
	probe->no_notes = true;
	rc = open_and_load(probe, options, run);
	probe->no_notes = !rc;
	return rc;
}

/*
 * One failing program fails the object: without the function hooks the rest may well load.  What
 * was asked for is tried whatever is known against it, and so is a kernel whose types are not its
 * own.
 */
static int try_functions(struct probe *probe, const struct options *options,
			 const struct run *run)
{
	bool known = options->tier != TIER_FULL && !options->btf;
	int rc = known ? hook_way_refused(probe->way, &probe->types) : 0;

	if (rc) {
		probe_refuse_way(probe, options, rc);
		return rc;
	}
	rc = load_way(probe, options, run);
	if (rc) {
		discard(probe);
		probe_give_up_way(probe, rc);
	}
	return rc;
}

/* fentry, then kprobe, then the tracepoints alone. */
static int load(struct probe *probe, const struct options *options, const struct run *run)
{
	int rc;

	if (options->tier != TIER_BASE) {
		probe->full = true;
		for (probe->way = options->no_fentry ? HOOK_KPROBE : HOOK_FENTRY;
		     probe->way <= HOOK_KPROBE; probe->way++) {
			rc = try_functions(probe, options, run);
			if (!rc)
				return 0;
		}
		if (options->tier == TIER_FULL)
			return rc;
	}
	probe->full = false;
	probe->way = HOOK_TRACEPOINT;
	return load_way(probe, options, run);
}

static bool is_attached(const struct probe *probe, const char *target)
{
	for (size_t i = 0; i < hook_count; i++) {
		if (!strcmp(hook_table[i].target, target))
			return probe->hooks[i].attached;
	}
	return false;
}

static void attach_hook(struct probe *probe, size_t i)
{
	struct probe_hook *hook = &probe->hooks[i];

	if (hook_table[i].unless && is_attached(probe, hook_table[i].unless)) {
		probe_lack(hook, HOOK_ELSEWHERE, NULL, "%s tells it here", hook_table[i].unless);
		return;
	}

	for (size_t turn = 0; turn < HOOK_SLOTS; turn++) {
		/* The first copy runs first: a trampoline calls what came last before the rest. */
		size_t slot = hook_table[i].full ? HOOK_SLOTS - 1 - turn : turn;
		const char *name = hook_program(&hook_table[i], probe->way, slot);
		struct bpf_program *prog = probe_find(probe, name);

		if (!prog || !bpf_program__autoload(prog))
			continue;
		probe->links[i][slot] = bpf_program__attach(prog);
		hook->attached = probe->links[i][slot] != NULL;
		if (!hook->attached) {
			probe_attach_failed(probe, i, errno);
			return;
		}
		hook->state = HOOK_ON;
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
		attached += probe->hooks[i].attached && hook_table[i].replies &&
			    !strcmp(hook_table[i].target, "tcp_check_req");
	return attached == 2;
}

static int attach(struct probe *probe, const struct options *options, char message[MESSAGE])
{
	bool full = false, tree = options->tree;
	int rc;

	/* Until it is known who tells of accept(): listeners that come meanwhile are not missed. */
	probe->skel->bss->infer_owners = 1;

	for (size_t i = 0; i < hook_count; i++) {
		/* The hooks of -f come first: a child that is born from now on is theirs. */
		if (tree && !hook_table[i].tree) {
			tree = false;
			rc = seed_tree(probe->skel->maps.subjects, options,
				       probe->skel->bss->counters);
			if (rc)
				return message_form(message, "cannot list the children of -p: %s",
						    strerror(-rc)), rc;
		}
		attach_hook(probe, i);
		if (hook_table[i].required && !probe->hooks[i].attached) {
			message_form(message, "tracepoint %s %s; see closetrace check",
				     hook_table[i].target, probe->hooks[i].reason);
			return -ENOTSUP;
		}
		full |= hook_table[i].full && !hook_table[i].notes && probe->hooks[i].attached;
	}
	probe->full = full;
	probe->skel->bss->requests_watched = requests_watched(probe);
	probe->skel->bss->infer_owners = !is_attached(probe, HOOK_GRAFT) &&
					 !is_attached(probe, HOOK_ACCEPT);
	probe->skel->bss->flush_watched = is_attached(probe, HOOK_FLUSH);
	probe->skel->bss->uring_holds = hook_uring_holds(&probe->types);
	seed_owners(probe);
	probe->skel->bss->watching = 1;
	return 0;
}

static void init_hooks(struct probe *probe)
{
	for (size_t i = 0; i < hook_count; i++) {
		probe->hooks[i].target = hook_table[i].target;
		probe->hooks[i].fact = hook_table[i].fact;
		probe->hooks[i].full = hook_table[i].full;
		probe->hooks[i].required = hook_table[i].required;
		probe->hooks[i].notes = hook_table[i].notes;
		probe->hooks[i].way = hook_table[i].type;
	}
}

static void explain_load(int rc, const struct options *options, char message[MESSAGE])
{
	/* EACCES is the verifier's word, EPERM that of a missing capability. */
	if (rc == -EPERM)
		message_form(message, "not permitted to load BPF programs; run as root (sudo "
			     "closetrace) or with CAP_BPF and CAP_PERFMON");
	else if (options->tier == TIER_FULL)
		message_form(message, "this kernel refuses function hooks (%s); leave out --tier "
			     "full", strerror(-rc));
	else
		message_form(message, "cannot load the BPF programs (%s); --debug shows the "
			     "verifier's log", strerror(-rc));
}

/* Most of our memory: what is left of the kernel's types, and of libbpf's copies of them. */
static void forget_types(struct probe *probe)
{
	types_close(&probe->types);
	malloc_trim(0);
}

int probe_open(struct probe **out, const struct options *options, const struct run *run,
	       char message[MESSAGE])
{
	__attribute__((cleanup(probe_closep))) struct probe *probe = calloc(1, sizeof(*probe));
	int rc;

	if (!probe)
		return -ENOMEM;
	probe->stats_fd = options->stats_ns ? bpf_enable_stats(BPF_STATS_RUN_TIME) : -1;
	libbpf_set_print(options->debug ? print_debug : NULL);
	init_hooks(probe);
	rc = load_types(probe, options, message);
	if (rc)
		return rc;
	rc = load(probe, options, run);
	if (!rc)
		rc = probe_fill_maps(probe, options);
	if (!rc)
		rc = seed_subjects(probe->skel->maps.subjects, options);
	if (rc) {
		explain_load(rc, options, message);
		return rc;
	}
	rc = attach(probe, options, message);
	if (!rc && options->tier == TIER_FULL && !probe->full) {
		explain_load(-ENOTSUP, options, message);
		rc = -ENOTSUP;
	}
	if (rc)
		return rc;
	forget_types(probe);
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
	probe_unmap(probe);
	discard(probe);
	types_close(&probe->types);
	if (probe->stats_fd >= 0)
		close(probe->stats_fd);
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

size_t probe_ring_size(const struct probe *probe)
{
	return bpf_map__max_entries(probe->skel->maps.ring);
}

const struct probe_hook *probe_hooks(const struct probe *probe, size_t *count)
{
	*count = hook_count;
	return probe->hooks;
}
