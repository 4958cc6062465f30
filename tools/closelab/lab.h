/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The laboratory: named sockets and the steps that scenarios are made of.
 *
 * A step does nothing once an earlier one has failed, so that a scenario reads as a plain list of
 * steps; the first failure stays in .error (0 or a negative errno) and .step says what failed.
 * Every socket is non-blocking and every wait is bounded by 5 s times .slow.
 */
#ifndef CLOSELAB_LAB_H
#define CLOSELAB_LAB_H

#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "counters.h"

struct path;

enum lab_who {
	LAB_LISTENER,
	LAB_CLIENT,
	LAB_CLIENT2,
	LAB_CLIENT3,
	LAB_SERVER,
	LAB_SPARE,		/* a second descriptor, or another socket of the server's end */
	LAB_WHO_COUNT,
};

/* The two ends of a connection, as seen on the wire. */
enum lab_end {
	LAB_END_CLIENT,
	LAB_END_SERVER,
	LAB_END_COUNT,
};

#define LAB_CLIENTS 3

/* The process that acts on an end; its name as in /proc/PID/comm. */
struct lab_actor {
	pid_t pid;
	char comm[16];
};

/* What a witness needs to tell the ends apart; ports in host byte order, 0 when unused. */
struct lab_ends {
	uint16_t server_port;
	uint16_t client_port[LAB_CLIENTS];
	struct lab_actor actor[LAB_END_COUNT];	/* who drops the last reference */
	struct lab_actor self;
	pid_t child;			/* of lab_holder_start(); 0: none */
};

enum lab_holder_end {
	LAB_HOLDER_CLOSE,	/* the holder calls close() and lives on */
	LAB_HOLDER_EXIT,
	LAB_HOLDER_KILL,	/* SIGKILL */
	LAB_HOLDER_EXEC,	/* execve(), the socket being close-on-exec */
};

#define LAB_ERRORS 12

/* The errors that calls of the application met, as they came. */
struct lab_errors {
	unsigned int count;
	struct {
		enum lab_who who;
		int error;
	} error[LAB_ERRORS];
};

#define LAB_SETTINGS 8

/* A sysctl as it was before a step changed it. */
struct lab_setting {
	char path[64];
	char value[32];
	enum lab_end end;	/* in whose namespace */
	bool global;		/* of the namespace that the program was started in */
};

struct lab {
	int family;		/* AF_INET or AF_INET6 */
	bool mptcp;		/* sockets of IPPROTO_MPTCP */
	bool mapped;		/* AF_INET6 sockets with IPv4-mapped addresses */
	int sniffer[LAB_END_COUNT];	/* -1 when closed */
	struct path *path;	/* NULL: loopback in the namespace the process is in */
	struct counters left;	/* of a namespace that was left, until then */
	unsigned int slow;	/* multiplies every deadline; 1 on real hardware */
	int fd[LAB_WHO_COUNT];	/* -1 when closed */
	pid_t holder;		/* a child that shares a socket; 0 when there is none */
	enum lab_who shared;	/* with it */
	int holder_fd;		/* commands to it */
	struct lab_ring *ring;	/* polls a socket; NULL when there is none */
	struct lab_thread *thread;	/* NULL when there is none */
	struct lab_gate *gate;		/* NULL when there is none */
	cpu_set_t cpus;		/* where the process may run when it is not pinned to one */
	bool pinned;
	struct lab_ends ends;
	struct lab_errors errors;
	char story[1024];	/* the steps taken, separated by "; " */
	char step[128];		/* the last step begun */
	int error;
	struct lab_setting setting[LAB_SETTINGS];	/* to be put back at the end */
	unsigned int settings;
};

void lab_init(struct lab *lab, int family, unsigned int slow);
/* Closes what is left (a connection left open is an error) and returns .error. */
int lab_finish(struct lab *lab);

/* Building blocks for new steps: begin one (false: an earlier one failed), fail one (err > 0). */
bool lab_step(struct lab *lab, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void lab_fail(struct lab *lab, int err);
/* What a call of the application came to, and what it must come to: errnos, 0: success. */
void lab_outcome(struct lab *lab, enum lab_who who, int want, int got);
/* Monotonic µs; a deadline for one step; a short pause inside a bounded poll of it. */
uint64_t lab_now_us(void);
uint64_t lab_deadline_us(const struct lab *lab);
bool lab_pause(uint64_t deadline_us);
const char *lab_who_name(enum lab_who who);
const char *lab_state_name(int state);
enum lab_end lab_end_of(enum lab_who who);
const char *lab_end_name(enum lab_end end);	/* "client", "server" */
enum lab_end lab_other_end(enum lab_end end);
uint16_t lab_port_of(const struct lab *lab, enum lab_who who);
/* An end's address as the lab's own sockets see it, mapped where the lab is; the server's. */
socklen_t lab_end_address(const struct lab *lab, enum lab_end end, uint16_t port,
			  struct sockaddr_storage *addr);
socklen_t lab_address(const struct lab *lab, uint16_t port, struct sockaddr_storage *addr);

/* lab_socket.c: making and ending connections. */
void lab_socket(struct lab *lab, enum lab_who who);
void lab_bind(struct lab *lab, enum lab_who who, uint16_t port);
void lab_listen(struct lab *lab);
void lab_connect_start(struct lab *lab, enum lab_who who);
void lab_connect(struct lab *lab, enum lab_who who);
void lab_connect_fails(struct lab *lab, enum lab_who who, int err);
void lab_accept(struct lab *lab);
void lab_accept_as(struct lab *lab, enum lab_who who);
void lab_pair(struct lab *lab);		/* listen, connect, accept */
void lab_queue(struct lab *lab, int clients);	/* listen, connect; nobody accepts */
void lab_dup(struct lab *lab, enum lab_who who);	/* into LAB_SPARE */
void lab_close(struct lab *lab, enum lab_who who);
void lab_shutdown(struct lab *lab, enum lab_who who, int how);
void lab_shutdown_fails(struct lab *lab, enum lab_who who, int how, int err);
void lab_half_close(struct lab *lab, enum lab_who who);	/* FIN_WAIT2, the other in CLOSE_WAIT */
/* Behind lab_half_close() of the client: the server's FIN, which no client hears; LAST_ACK. */
void lab_unheard_fin(struct lab *lab);
void lab_linger0(struct lab *lab, enum lab_who who);
void lab_disconnect(struct lab *lab, enum lab_who who);	/* connect(AF_UNSPEC) */
void lab_connect_fastopen(struct lab *lab, enum lab_who who, size_t n);	/* SYN with n bytes */
void lab_relisten(struct lab *lab, int backlog);
void lab_swap(struct lab *lab, enum lab_who a, enum lab_who b);	/* of names only */

/* lab_misuse.c: connect() that fails before a SYN: EINVAL, ENETUNREACH. */
void lab_connect_short(struct lab *lab, enum lab_who who);
void lab_connect_unreachable(struct lab *lab, enum lab_who who);

/* lab_data.c: bytes. */
void lab_send(struct lab *lab, enum lab_who who, size_t n);
void lab_send_fails(struct lab *lab, enum lab_who who, int err);
void lab_send_oob(struct lab *lab, enum lab_who who);
void lab_send_text(struct lab *lab, enum lab_who who, const char *text);
size_t lab_fill(struct lab *lab, enum lab_who who);	/* until the peer's window is shut */
void lab_read(struct lab *lab, enum lab_who who, size_t n, int flags);
void lab_read_oob(struct lab *lab, enum lab_who who);
void lab_drain(struct lab *lab, enum lab_who who, size_t n);	/* n bytes, then EOF */

/* lab_wait.c: what can be waited for. */
void lab_wait_poll(struct lab *lab, enum lab_who who, short events);
void lab_wait_state(struct lab *lab, enum lab_who who, int state);
/* Until a socket that hears nothing has thrown away what was sent to it. */
void lab_wait_dropped(struct lab *lab, enum lab_who who);
bool lab_has_dropped(const struct lab *lab, enum lab_who who);
void lab_wait_unread(struct lab *lab, enum lab_who who, int n);
void lab_wait_acked(struct lab *lab, enum lab_who who);
void lab_wait_queued(struct lab *lab, unsigned int n);
/* How many wait in a listener's accept queue, now. */
unsigned int lab_queued(const struct lab *lab, enum lab_who who);
/* By /proc/net/tcp: local and remote end; state 0: no such entry. */
void lab_wait_table(struct lab *lab, enum lab_who local, enum lab_who remote, int state);
void lab_wait_minisock(struct lab *lab, enum lab_who local, enum lab_who remote);
bool lab_is_minisock(const struct lab *lab, enum lab_who local, enum lab_who remote);
void lab_wait_ms(struct lab *lab, unsigned int ms);	/* where nothing can be waited for */
/* Until the kernel has counted orphans anew, which nothing tells. */
void lab_wait_orphans_counted(struct lab *lab);
void lab_wait_error(struct lab *lab, enum lab_who who, int err);	/* recv() fails so */
void lab_wait_so_error(struct lab *lab, enum lab_who who, int err);	/* SO_ERROR says so */
/* What the namespace of a socket has counted; until it is so much. */
int64_t lab_counter(struct lab *lab, enum lab_who who, enum counter counter);
void lab_wait_counter(struct lab *lab, enum lab_who who, enum counter counter, int64_t least);

/* lab_thread.c: one call at a time, in a thread of its own; returns when it blocks. */
enum lab_call {
	LAB_CALL_CONNECT,
	LAB_CALL_RECV,		/* of one byte */
};
void lab_call(struct lab *lab, enum lab_who who, enum lab_call call);
/* On a processor that this thread is not on; it need not block. */
void lab_call_elsewhere(struct lab *lab, enum lab_who who, enum lab_call call);
void lab_call_blocked(struct lab *lab);
void lab_call_ends(struct lab *lab, int err);	/* 0: it succeeds */
void lab_call_ends_or(struct lab *lab, int err);	/* it may also succeed */

/* lab_gate.c: segments to a listener that have no SYN wait, until all may pass; needs root. */
void lab_gate(struct lab *lab, enum lab_who who);
void lab_gate_holds(struct lab *lab);	/* one waits */
void lab_gate_open(struct lab *lab);

/* lab_filter.c: loss without netfilter. A child that is accepted inherits its listener's filter. */
void lab_blackhole(struct lab *lab, enum lab_who who);	/* drops all that comes to it */
void lab_drop_fin(struct lab *lab, enum lab_who who);	/* drops segments with FIN */
void lab_hear_only(struct lab *lab, enum lab_who who, uint8_t flags);	/* TH_SYN, TH_RST, … */
void lab_heal(struct lab *lab, enum lab_who who);
/* A listener for whom nothing that comes is answered: what is forged in its name stays so. */
void lab_deaf(struct lab *lab, enum lab_who who);

/* lab_link.c: the path between the ends, which must be a private one; see path.h. */
void lab_link(struct lab *lab, enum lab_end end, bool up);
void lab_ask_neighbours(struct lab *lab, enum lab_end end);	/* by ARP and the like */
/* The server's namespace is left to the kernel, its last descriptor closed; until it is gone. */
void lab_abandon_server(struct lab *lab);
void lab_wait_server_gone(struct lab *lab);

/* lab_option.c: options of sockets and of the network namespace. */
void lab_option(struct lab *lab, enum lab_who who, int level, int name, int value,
		const char *what);
void lab_keepalive(struct lab *lab, enum lab_who who);	/* a probe after 1 s, the end 1 s later */
void lab_user_timeout(struct lab *lab, enum lab_who who, int ms);
void lab_ulp(struct lab *lab, enum lab_who who, const char *name);	/* TCP_ULP */
void lab_sysctl(struct lab *lab, const char *name, int value);	/* "net.ipv4.…" */
void lab_sysctl_client(struct lab *lab, const char *name, int value);	/* across a veth pair */
void lab_sysctl_if_any(struct lab *lab, const char *name, int value);
void lab_sysctl_global(struct lab *lab, const char *name, int value);
void lab_settings_restore(struct lab *lab);
/*
 * A sysctl as the user wants it, "net.ipv4.…", in each private namespace from now on: no scenario
 * changes it then. Both texts must stay. 0, or -ENOSPC.
 */
int lab_choose(const char *name, const char *value);
/* Writes those that were chosen. */
void lab_choices(struct lab *lab);

/* lab_key.c: keys for the other end; they must agree. */
void lab_md5(struct lab *lab, enum lab_who who, const char *key);	/* "": none any more */
void lab_ao(struct lab *lab, enum lab_who who, const char *key);
void lab_tls(struct lab *lab, enum lab_who who, int direction);		/* TLS_TX, TLS_RX */

/* lab_linger.c: SO_LINGER with a time, in seconds. */
void lab_linger(struct lab *lab, enum lab_who who, int seconds);
/* Blocks for at least that long. */
void lab_close_lingers(struct lab *lab, enum lab_who who, int seconds);

/* lab_forge.c: segments of our own making; all need root. */
/* Sequence numbers, as the socket stands: the next one it sends, the next one it expects. */
uint32_t lab_next_seq(struct lab *lab, enum lab_who who);
uint32_t lab_expected_seq(struct lab *lab, enum lab_who who);
void lab_forge(struct lab *lab, enum lab_who from, enum lab_who to, uint8_t flags, uint32_t seq,
	       uint32_t ack);
/* The same with TCP options, whole words of them, and so many bytes of data. */
struct lab_rest {
	const void *option;
	size_t options;
	size_t data;
};
void lab_forge_with(struct lab *lab, enum lab_who from, enum lab_who to, uint8_t flags,
		    uint32_t seq, uint32_t ack, const struct lab_rest *rest);
/* A RST so many bytes ahead of the right sequence number. */
void lab_stray_rst(struct lab *lab, enum lab_who from, uint32_t ahead);
/* lab_sniff.c: of a socket that does not tell its numbers; from when the listener has its port. */
void lab_sniff(struct lab *lab);
#define LAB_MPTCP_KEY 8
struct lab_sniffed {
	uint32_t seq;		/* what it sends next */
	uint32_t ack;		/* what it has acknowledged */
	uint8_t peer_key[LAB_MPTCP_KEY];	/* that of MPTCP, of its peer */
};
void lab_sniffed(struct lab *lab, enum lab_who from, enum lab_who to, struct lab_sniffed *seen);
/* Until one has been seen: a forged segment may wait for its turn after the call that sent it. */
void lab_sniff_rst(struct lab *lab, enum lab_who from, enum lab_who to);

/* lab_mptcp.c: the token by which a connection is joined; a forged subflow that wants to. */
uint32_t lab_mptcp_token(struct lab *lab, enum lab_who who);
void lab_join_syn(struct lab *lab, enum lab_who from, uint32_t token, uint32_t seq);
/* A real one, from the port of client 2; the client's path manager must be in user space. */
void lab_subflow_add(struct lab *lab);
void lab_subflow_remove(struct lab *lab);
/* With a wrong signature: all 0. */
void lab_join_ack(struct lab *lab, enum lab_who from, uint32_t seq, uint32_t ack);

enum lab_icmp {
	LAB_ICMP_PORT,		/* ECONNREFUSED */
	LAB_ICMP_HOST,		/* EHOSTUNREACH */
};
/* An ICMP error for the segment that ends so many bytes before what the socket sends next. */
void lab_icmp(struct lab *lab, enum lab_who who, enum lab_icmp kind, uint32_t back);

/* lab_diag.c: SOCK_DESTROY; "or": it may also fail with this errno. */
void lab_destroy(struct lab *lab, enum lab_who local, enum lab_who remote);
void lab_destroy_listener(struct lab *lab);
void lab_destroy_or(struct lab *lab, enum lab_who local, enum lab_who remote, int err);

/* lab_bpf.c: the same by a BPF program that goes over all sockets. */
void lab_destroy_bpf(struct lab *lab, enum lab_who local, enum lab_who remote);

/* lab_smc.c: a socket of AF_SMC. */
void lab_smc(struct lab *lab, enum lab_who who);

/* lab_nft.c: the client's segments, or those with data, are rejected with a RST. */
void lab_reject(struct lab *lab);
void lab_reject_data(struct lab *lab);
void lab_reject_end(struct lab *lab);

/* lab_ways.c: how else a descriptor can end. */
void lab_close_range(struct lab *lab, enum lab_who who);
void lab_dup2_over(struct lab *lab, enum lab_who who);
/* Sent over a Unix socket and closed; then that socket is closed ... */
void lab_close_in_flight(struct lab *lab, enum lab_who who);
/* Sent over a Unix socket and closed; the socket that can receive it becomes the spare. */
void lab_send_away(struct lab *lab, enum lab_who who);
void lab_receive_back(struct lab *lab, enum lab_who who);
/* ... or left to the collector; waits until the other end has acknowledged the FIN. */
void lab_close_in_cycle(struct lab *lab, enum lab_who who, enum lab_who other);

/* lab_uring.c: by io_uring; the ring becomes the spare. */
void lab_close_uring(struct lab *lab, enum lab_who who);
void lab_close_uring_worker(struct lab *lab, enum lab_who who);
void lab_close_uring_polled(struct lab *lab, enum lab_who who);
void lab_shutdown_uring(struct lab *lab, enum lab_who who, int how);
/* Which holds the socket's file until it is taken back. */
void lab_poll_uring(struct lab *lab, enum lab_who who);
void lab_poll_uring_ends(struct lab *lab);

/* lab_holder.c: a child process that shares a socket. */
void lab_holder_start(struct lab *lab, enum lab_who who);
void lab_holder_end(struct lab *lab, enum lab_holder_end how);
/* A while, so that others can see who holds a socket. */
void lab_holder_keeps(struct lab *lab);

#endif
