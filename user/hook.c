// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/btf.h>

#include "hook.h"

#define COPIES_OF(name) { #name "_0", #name "_1", #name "_2", #name "_3" }
#define EITHER_OF(name) { "fentry_" #name, "kprobe_" #name }

const struct hook_info hook_table[] = {
	{ "sched_process_fork", "children of -p", { "hook_fork" }, "raw_tp", .tree = true },
	{ "sched_process_exit", "the end of those", { "hook_exit" }, "raw_tp", .tree = true },
	{ "sched_process_free", "that their numbers are free again", { "hook_free" }, "raw_tp",
	  .tree = true },
	{ "inet_sock_set_state", "every FIN and every end", COPIES_OF(hook_state), "raw_tp",
	  .required = true },
	{ "tcp_send_reset", "resets we send", COPIES_OF(hook_send_reset), "raw_tp",
	  .required = true },
	{ "tcp_receive_reset", "resets we receive", COPIES_OF(hook_receive_reset), "raw_tp",
	  .required = true },
	{ "tcp_destroy_sock", "sockets that go away", { "hook_destroy" }, "tp_btf",
	  .required = true },
	{ HOOK_GRAFT, "who accepted a connection", EITHER_OF(graft), "fentry", .full = true },
	{ HOOK_ACCEPT, "who accepted a connection", { "hook_accept" }, "raw_tp",
	  .owners = true, .unless = HOOK_GRAFT },
	{ "cgroup_mkdir", "names of new cgroups", { "hook_mkdir" }, "raw_tp",
	  .full = false },
	{ "cgroup_rename", "new names of cgroups", { "hook_rename" }, "raw_tp",
	  .full = false },
	{ "task_file", "owners of sockets older than closetrace", { "seed" }, "iter",
	  .full = false },
	{ "__tcp_close", "close() by the kernel's own word", EITHER_OF(close), "fentry",
	  .full = true },
	{ "tcp_shutdown", "shutdown() and its direction", EITHER_OF(shutdown), "fentry",
	  .full = true },
	{ "tcp_disconnect", "connect(AF_UNSPEC)", EITHER_OF(disconnect), "fentry", .full = true },
	{ "inet_child_forget", "which listener a reset child had", EITHER_OF(child_forget),
	  "fentry", .full = true },
	{ "inet_csk_listen_stop", "the end of a listener's queue", { "fexit_listen_stop" },
	  "fexit", .full = true },
	{ "tcp_send_active_reset", "the moment a reset is built", EITHER_OF(active_reset),
	  "fentry", .full = true },
	{ "tcp_abort", "SOCK_DESTROY", EITHER_OF(abort), "fentry", .full = true },
	{ HOOK_FLUSH, "close() that is not the last", EITHER_OF(filp_flush), "fentry", .full = true,
	  .held = true },
	{ "filp_close", "other closes that are not the last", EITHER_OF(filp_close), "fentry",
	  .full = true, .held = true },
	{ "sys_enter", "close() and dup2() that are not the last", { "hook_held_call" }, "raw_tp",
	  .held = true,
	  .unless = "filp_close" },
	{ "unix_gc", "the collector of Unix sockets", { "fentry_unix_gc" }, "fentry",
	  .full = true },
	{ "unix_gc", "the end of the same", { "fexit_unix_gc" }, "fexit", .full = true },
	{ "__scm_destroy", "descriptors that it drops", EITHER_OF(scm_destroy), "fentry",
	  .full = true },
	{ "tcp_check_req", "answers for half-open requests", { "fentry_check_req" }, "fentry",
	  .full = true, .replies = true },
	{ "tcp_check_req", "the end of the same", { "fexit_check_req" }, "fexit", .full = true,
	  .replies = true },
	{ "tcp_v4_send_reset", "IPv4 resets without a socket", EITHER_OF(reply4), "fentry",
	  .full = true, .replies = true },
	{ "tcp_v6_send_reset", "IPv6 resets without a socket", EITHER_OF(reply6), "fentry",
	  .full = true, .replies = true },
};

const size_t hook_count = sizeof(hook_table) / sizeof(hook_table[0]);
_Static_assert(sizeof(hook_table) / sizeof(hook_table[0]) <= HOOK_ROOM, "room for every hook");

const char *hook_program(const struct hook_info *info, enum hook_way way, size_t slot)
{
	if (info->full)
		return slot ? NULL : info->programs[way == HOOK_KPROBE];
	return info->programs[slot];
}

static bool has_function(const struct btf *btf, const char *name)
{
	return btf__find_by_name_kind(btf, name, BTF_KIND_FUNC) > 0;
}

static const char *function_unwanted(const struct hook_info *info, const struct hook_case *when)
{
	if (!when->full)
		return "tier base was asked for";
	if (!has_function(when->btf, info->target))
		return "this kernel has no such function";
	if (!hook_program(info, when->way, 0))
		return "needs fexit";
	if (info->replies && btf__find_by_name_kind(when->btf, "sk_rst_reason", BTF_KIND_ENUM) > 0)
		return "tcp_send_reset tells it here";
	return NULL;
}

const char *hook_unwanted(const struct hook_info *info, const struct hook_case *when)
{
	if (info->held && !when->options->held)
		return "only with --held";
	if (info->tree && !when->options->tree)
		return "only with -f";
	if (info->owners && !options_ask_who(when->options))
		return "only with -p and its like";
	return info->full ? function_unwanted(info, when) : NULL;
}
