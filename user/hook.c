// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/btf.h>
#include <string.h>

#include "hook.h"

#define COPIES_OF(name) { #name "_0", #name "_1", #name "_2", #name "_3", #name "_4" }
#define KPROBE_OF(name) .type = "fentry", .kprobe = "kprobe_" #name, .full = true
#define EITHER_OF(name) { "fentry_" #name }, KPROBE_OF(name)
#define TWICE_OF(name) { "fentry_" #name, "fentry_" #name "_again" }, KPROBE_OF(name)
#define FENTRIES_OF(name) COPIES_OF(fentry_##name), KPROBE_OF(name)

const struct hook_info hook_table[] = {
	{ "sched_process_fork", "children of -p", { "hook_fork" }, "raw_tp", .tree = true },
	{ "sched_process_exit", "the end of those", { "hook_exit" }, "raw_tp", .tree = true },
	{ "sched_process_free", "that their numbers are free again", { "hook_free" }, "raw_tp",
	  .tree = true },
	{ "inet_sock_set_state", "every FIN and every end", COPIES_OF(hook_state), "tp_btf",
	  .required = true },
	{ "tcp_send_reset", "resets we send", COPIES_OF(hook_send_reset), "raw_tp",
	  .required = true },
	{ "tcp_receive_reset", "resets we receive", COPIES_OF(hook_receive_reset), "raw_tp",
	  .required = true },
	{ "tcp_destroy_sock", "sockets that go away", { "hook_destroy" }, "tp_btf",
	  .required = true },
	{ HOOK_GRAFT, "who accepted a connection", TWICE_OF(graft) },
	{ HOOK_ACCEPT, "who accepted a connection", { "hook_accept" }, "tp_btf",
	  .owners = true, .unless = HOOK_GRAFT },
	{ "cgroup_mkdir", "names of new cgroups", { "hook_mkdir" }, "raw_tp",
	  .full = false },
	{ "cgroup_rename", "new names of cgroups", { "hook_rename" }, "raw_tp",
	  .full = false },
	{ "task_file", "owners of sockets older than closetrace", { "seed" }, "iter",
	  .full = false },
	{ "__tcp_close", "close() by the kernel's own word", TWICE_OF(close) },
	{ "tcp_shutdown", "shutdown() and its direction", TWICE_OF(shutdown) },
	{ "tcp_disconnect", "connect(AF_UNSPEC)", TWICE_OF(disconnect) },
	{ "inet_child_forget", "which listener a reset child had", TWICE_OF(child_forget) },
	{ "inet_csk_listen_stop", "the end of a listener's queue", { "fexit_listen_stop" },
	  "fexit", .full = true },
	{ "tcp_send_active_reset", "the moment a reset is built", TWICE_OF(active_reset) },
	{ "tcp_abort", "SOCK_DESTROY", TWICE_OF(abort) },
	{ HOOK_FLUSH, "close() that is not the last", FENTRIES_OF(filp_flush), .held = true },
	{ "filp_close", "other closes that are not the last", FENTRIES_OF(filp_close),
	  .held = true },
	{ "sys_enter", "close() and dup2() that are not the last", COPIES_OF(hook_held_call),
	  "raw_tp", .held = true, .unless = "filp_close" },
	{ "unix_gc", "the collector of Unix sockets", { "fentry_unix_gc" }, "fentry",
	  .full = true },
	{ "unix_gc", "the end of the same", { "fexit_unix_gc" }, "fexit", .full = true },
	{ "__scm_destroy", "descriptors that it drops", EITHER_OF(scm_destroy) },
	{ "tcp_check_req", "answers for half-open requests", { "fentry_check_req" }, "fentry",
	  .full = true, .replies = true },
	{ "tcp_check_req", "the end of the same", { "fexit_check_req" }, "fexit", .full = true,
	  .replies = true },
	{ "tcp_v4_send_reset", "IPv4 resets without a socket", EITHER_OF(reply4), .replies = true },
	{ "tcp_v6_send_reset", "IPv6 resets without a socket", EITHER_OF(reply6), .replies = true },
	{ "kfree_skb", "md5_ao_drop", { "hook_note_drop" }, "raw_tp", .notes = true,
	  .needs = "skb_drop_reason" },
	{ "tcp_v4_inbound_md5_hash", "md5_ao_drop", { "fexit_note_md5_4" }, "fexit", .full = true,
	  .notes = true, .replaced = "skb_drop_reason" },
	{ "tcp_v6_inbound_md5_hash", "md5_ao_drop", { "fexit_note_md5_6" }, "fexit", .full = true,
	  .notes = true, .replaced = "skb_drop_reason" },
	{ "__tcp_close", "close_unconnected, close_dead", EITHER_OF(note_close), .notes = true },
	{ "tcp_send_challenge_ack", "challenge_ack", EITHER_OF(note_challenge), .notes = true },
	{ "tcp_reqsk_send_challenge_ack", "challenge_ack of half-open requests",
	  EITHER_OF(note_challenge_request), .notes = true, .parameters = 3 },
	{ "__inet_csk_reqsk_queue_drop", "request_dropped", { "fexit_note_drop" }, "fexit",
	  .full = true, .notes = true, .parameters = 3 },
	{ "tcp_check_req", "peer_rst_synrecv", { "fentry_note_check" }, "fentry", .full = true,
	  .notes = true },
	{ "tcp_check_req", "the end of the same", { "fexit_note_check" }, "fexit", .full = true,
	  .notes = true },
	{ "reuseport_migrate_sock", "listen_queue_migrated", { "fexit_note_migrate" }, "fexit",
	  .full = true, .notes = true, .parameters = 3 },
	{ "inet_twsk_alloc", "time_wait_overflow", { "fexit_note_tw_alloc" }, "fexit",
	  .full = true, .notes = true, .parameters = 3 },
	{ "tw_timer_handler", "finwait2_timeout", EITHER_OF(note_expiry), .notes = true },
	{ "tcp_timewait_state_process", "fin_received without a socket", { "fentry_note_tw" },
	  "fentry", .full = true, .notes = true, .parameters = 3 },
	{ "tcp_timewait_state_process", "the end of the same", { "fexit_note_tw" }, "fexit",
	  .full = true, .notes = true },
	{ "inet_twsk_kill", "peer_rst_tw, netns_exit_purge", { "fentry_note_kill" }, "fentry",
	  .full = true, .notes = true },
	{ "inet_twsk_purge", "that a namespace goes", { "fentry_note_purge" }, "fentry",
	  .full = true, .notes = true },
	{ "inet_twsk_purge", "the end of the same", { "fexit_note_purge" }, "fexit",
	  .full = true, .notes = true },
	{ "nf_send_reset", "nf_reject_rst, IPv4", EITHER_OF(note_reject4), .notes = true,
	  .module = "nf_reject_ipv4", .parameters = 4 },
	{ "nf_send_reset6", "nf_reject_rst, IPv6", EITHER_OF(note_reject6), .notes = true,
	  .module = "nf_reject_ipv6", .parameters = 4 },
};

const size_t hook_count = sizeof(hook_table) / sizeof(hook_table[0]);
_Static_assert(sizeof(hook_table) / sizeof(hook_table[0]) <= HOOK_ROOM, "room for every hook");

const char *hook_program(const struct hook_info *info, enum hook_way way, size_t slot)
{
	if (info->full && way == HOOK_KPROBE)
		return slot ? NULL : info->kprobe;
	return info->programs[slot];
}

/* The guard by which tracepoints can be preempted, since 7.0. */
bool hook_preempts(const struct types *types)
{
	return types_find(types, "class_srcu_fast_notrace_t", BTF_KIND_TYPEDEF);
}

/* The count of its runs by which a program is kept from running inside itself. */
static bool skips_nested(const struct types *types)
{
	uint32_t id = types_find(types, "bpf_prog", BTF_KIND_STRUCT);
	const struct btf_type *type = id ? btf__type_by_id(types->btf, id) : NULL;

	for (__u16 i = 0; type && i < btf_vlen(type); i++) {
		__u32 name = btf_members(type)[i].name_off;

		if (!strcmp(btf__name_by_offset(types->btf, name), "active"))
			return true;
	}
	return !type;
}

size_t hook_slots(const struct hook_info *info, const struct types *types)
{
	if (info->full || hook_preempts(types))
		return HOOK_SLOTS;
	return skips_nested(types) ? 2 : 1;
}

static bool has_enum(const struct types *types, const char *name)
{
	return name && types_find(types, name, BTF_KIND_ENUM);
}

static int parameters_by(const struct btf *btf, uint32_t id)
{
	return btf_vlen(btf__type_by_id(btf, btf__type_by_id(btf, id)->type));
}

/* Parameters of a function, or -1 when there is no such function. */
static int parameters_of(const struct types *types, const char *name)
{
	uint32_t id = types_find(types, name, BTF_KIND_FUNC);

	return id ? parameters_by(types->btf, id) : -1;
}

/* The same of a module; one that is not loaded has no functions. */
static int parameters_in(const char *name, const struct types *kernel, const char *function)
{
	struct btf *module = btf__load_module_btf(name, kernel->btf);
	int id = module ? btf__find_by_name_kind(module, function, BTF_KIND_FUNC) : -1;
	int count = id < 0 ? -1 : parameters_by(module, (uint32_t)id);

	btf__free(module);
	return count;
}

bool hook_uring_holds(const struct types *types)
{
	return parameters_of(types, "__close_fd_get_file") == 2 ||
	       parameters_of(types, "close_fd_get_file") == 2;
}

static const struct hook_lack lack_module = {
	HOOK_MISSING, "its module is not loaded, or has no types",
	"modprobe nf_reject_ipv4; modprobe nf_reject_ipv6",
};
static const struct hook_lack lack_function = {
	HOOK_MISSING, "this kernel has no such function", "another kernel: this one cannot tell it",
};
static const struct hook_lack lack_parameters = {
	HOOK_MISSING, "this kernel's takes other parameters",
	"another kernel: this one cannot tell it",
};
static const struct hook_lack lack_base = {
	HOOK_OPTION, "without --tier=base", "leave out --tier=base",
};
static const struct hook_lack lack_fexit = {
	HOOK_MISSING, "needs fexit, a kprobe is not enough", HOOK_MEND_FEXIT,
};
static const struct hook_lack lack_no_fentry = {
	HOOK_OPTION, "without --no-fentry", "leave out --no-fentry",
};
static const struct hook_lack lack_reset = {
	HOOK_ELSEWHERE, "tcp_send_reset tells it here", NULL,
};
static const struct hook_lack lack_drop = {
	HOOK_ELSEWHERE, "kfree_skb tells it here", NULL,
};
static const struct hook_lack lack_held = { HOOK_OPTION, "with --held", "closetrace --held" };
static const struct hook_lack lack_tree = { HOOK_OPTION, "with -f", "closetrace -p PID -f" };
static const struct hook_lack lack_all = { HOOK_OPTION, "with --all", "closetrace --all" };
static const struct hook_lack lack_who = {
	HOOK_OPTION, "with -p and its like", "closetrace -p PID",
};
static const struct hook_lack lack_notes = {
	HOOK_MISSING, "the kernel refuses it", "closetrace check --all --debug says why",
};
static const struct hook_lack lack_reason = {
	HOOK_MISSING, "this kernel gives no reason there", "Linux 5.17 or later",
};

static const struct hook_lack *function_missing(const struct hook_info *info,
						const struct types *types)
{
	int count = parameters_of(types, info->target);

	if (count < 0 && info->module)
		count = parameters_in(info->module, types, info->target);
	if (count < 0)
		return info->module ? &lack_module : &lack_function;
	return count < info->parameters ? &lack_parameters : NULL;
}

static const struct hook_lack *function_unwanted(const struct hook_info *info,
						 const struct hook_case *when)
{
	const struct hook_lack *missing;

	if (!when->full)
		return &lack_base;
	missing = function_missing(info, when->types);
	if (missing)
		return missing;
	if (info->replies && has_enum(when->types, "sk_rst_reason"))
		return &lack_reset;
	if (has_enum(when->types, info->replaced))
		return &lack_drop;
	if (!hook_program(info, when->way, 0))
		return when->options->no_fentry ? &lack_no_fentry : &lack_fexit;
	return NULL;
}

const struct hook_lack *hook_unwanted(const struct hook_info *info, const struct hook_case *when)
{
	if (info->held && !when->options->held)
		return &lack_held;
	if (info->tree && !when->options->tree)
		return &lack_tree;
	if (info->notes && !when->options->all)
		return &lack_all;
	if (info->notes && when->no_notes)
		return &lack_notes;
	if (info->needs && !has_enum(when->types, info->needs))
		return &lack_reason;
	if (info->owners && !options_ask_who(when->options))
		return &lack_who;
	return info->full ? function_unwanted(info, when) : NULL;
}
