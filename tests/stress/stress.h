/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * stress: processes that end connections to each other, and the log of what they did.
 *
 * The log is memory that all share. A connection's addresses name its entry: the client's address
 * says whose it is, its port which one, and no pair is used twice. Each entry is written by those
 * who hold the connection, each its own part, and read when all of them are gone.
 *
 * Times are CLOCK_MONOTONIC in ns, as closetrace tells them: 0 is "not yet".
 */
#ifndef STRESS_H
#define STRESS_H

#include <netinet/in.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#define STRESS_PROCS	64u
#define STRESS_CONNS	16384u	/* that a process opens, at most */
#define STRESS_CLOSINGS	256u	/* of a listener, in the log */
#define STRESS_HELD	32u	/* ends that a process holds at once */
#define STRESS_NAME	16	/* TASK_COMM_LEN */

enum side { SIDE_CLIENT, SIDE_SERVER };

/* How a process lets go of an end. The first ones are its own, the others those of a child. */
enum way {
	WAY_NONE,
	WAY_CLOSE,		/* close() with what may be unread */
	WAY_CLOSE_RANGE,
	WAY_DUP2,		/* another descriptor takes its place */
	WAY_LINGER0,
	WAY_UNSPEC,		/* connect(AF_UNSPEC), then close() */
	WAY_SHUT_WR,		/* shutdown(), then close() */
	WAY_SHUT_RDWR,
	WAY_MEET,		/* both ends at the same moment */
	WAY_CHILD_CLOSE,
	WAY_CHILD_LINGER0,
	WAY_CHILD_SHUT,		/* the child ends its half, the parent still holds it */
	WAY_CHILD_BOTH,		/* parent and child close at the same moment */
	WAY_CHILD_EXIT,
	WAY_CHILD_KILL,		/* SIGKILL */
	WAY_CHILD_EXEC,		/* close-on-exec */
	WAYS,
};

struct span {
	uint64_t begin_ns;
	uint64_t end_ns;
};

/* One process holds an end. */
struct hold {
	pid_t pid;
	uint16_t proc;		/* its name is log_name() of these two */
	uint8_t child;
	uint8_t way;		/* enum way: of dropping it */
	uint8_t shut_way;	/* and of ending its half before */
	struct span taken;	/* connect(), accept() or fork() */
	struct span shut;	/* shutdown() */
	struct span dissolved;	/* connect(AF_UNSPEC) */
	struct span dropped;	/* close() or what came to it */
};

/* The first connected or accepted it, the second inherited it. */
struct end {
	struct hold hold[2];
};

struct conn {
	uint8_t used;
	uint8_t established;	/* connect() succeeded */
	uint16_t server;	/* whose listener */
	uint64_t meet_ns;	/* WAY_MEET: when both close */
	struct end end[2];	/* enum side */
	/* Of the judge. */
	uint8_t acts[2];
	pid_t finisher[2];	/* who sent the FIN of each side, if anybody: its owner then */
};

struct proc {
	pid_t pid;
	uint32_t conns;
	uint32_t closings;
	struct span closing[STRESS_CLOSINGS];	/* its listener */
	_Atomic uint32_t progress;	/* enum progress */
};

enum progress { PROGRESS_NONE, PROGRESS_LISTENS, PROGRESS_HOLDS, PROGRESS_ENDED };

struct log {
	uint32_t procs;
	uint32_t slow;			/* by how much this machine is slower */
	uint32_t seeded;		/* connections that each opens before closetrace starts */
	bool children_accept;
	struct span start;		/* closetrace: forked, first line read */
	_Atomic bool go;		/* all listen: connect */
	_Atomic bool stop;		/* end what is left, and exit */
	struct proc proc[STRESS_PROCS];
	struct conn conn[];
};

/* log.c */
struct log *log_new(uint32_t procs);
uint64_t log_now(void);
struct conn *log_conn(struct log *log, uint32_t proc, uint32_t number);
/* "st-07", of a child "st-07c". */
void log_name(char name[STRESS_NAME], uint32_t proc, bool child);
void log_take(struct hold *hold, uint32_t proc, bool child, uint64_t since_ns);
const char *way_name(enum way way);
uint64_t random_next(uint64_t *state);
void pause_us(unsigned int us);

/* net.c: addresses, and what is called on sockets */
int net_enter(uint32_t procs);
int net_listen(uint32_t proc);
/* Connects to a server; the connection's entry, or NULL when none was made. */
struct conn *net_connect(struct log *log, uint32_t proc, uint32_t server, bool v6, int *fd);
/* Accepts one connection, if there is any; its entry, or NULL. */
struct conn *net_accept(struct log *log, int listener, uint32_t proc, bool child, int *fd);
/* The entry and the side that addresses name; NULL when they are nobody's. */
struct conn *net_find(struct log *log, const struct in6_addr *laddr, uint16_t lport,
		      const struct in6_addr *raddr, uint16_t rport, enum side *side);
void net_linger0(int fd);

/* ways.c */
struct held {
	struct conn *conn;
	enum side side;
	int fd;			/* -1: none */
	bool shut;
};

struct child {
	pid_t pid;
	struct hold *hold;	/* what it held until it was gone; NULL: it accepts */
	bool kill;
	uint64_t kill_ns;
};

struct worker {
	struct log *log;
	struct proc *proc;
	uint32_t number;
	uint64_t random;
	int listener;
	struct held held[STRESS_HELD];
	struct child child[8];
	bool ending;
};

void ways_end(struct worker *worker, struct held *held, enum way way);
void ways_accept_child(struct worker *worker);
/* Kills those children whose time has come, and notes who is gone; whether there are any left. */
bool ways_reap(struct worker *worker);

/* worker.c */
_Noreturn void worker_main(struct log *log, uint32_t number, uint64_t seed);

/* noise.c: processes that keep every CPU in softirq, in network namespaces of their own */
struct noise {
	pid_t pid[64];
	unsigned int count;
	uint64_t softirq, total;	/* of /proc/stat, when it began */
};

int noise_start(struct noise *noise, unsigned int slow);
/* Ends it; per cent of the time of all CPUs that was softirq, or a negative errno. */
int noise_stop(struct noise *noise);

/* judge.c: one act against the log */
struct json_object;

struct share {
	uint64_t known;
	uint64_t null;
};

struct verdict {
	uint64_t acts, strangers, unknown;
	uint64_t wrong_actor, wrong_owner, wrong_peer, wrong_role, wrong_via;
	struct share actor;		/* of acts that somebody decided */
	struct share after;		/* owners of sockets opened after start */
	struct share seeded;		/* of those held since before it */
	struct share seeded_alone;	/* of those, when no actor tells it too */
	struct share between;		/* opened, accepted or let go of while it started */
	struct share peer;		/* owners of the other end, opened after start */
	uint64_t connected, accepted, inferred, found, last;	/* how owners were known */
	uint64_t ends, missing;		/* ends of connections, and those without any act */
	uint64_t ways[WAYS];
	uint64_t told;			/* acts of all namespaces */
	struct json_object *last_line;	/* that is no act */
	FILE *out;			/* of complaints, the first ones */
	uint64_t complaints;
};

void judge_act(struct verdict *verdict, struct log *log, struct json_object *act);

/* verdict.c: all of them, and the stream as a whole */
struct tracer;

/* Reads all that was told; 0 or a negative errno. */
int verdict_reach(struct verdict *verdict, struct log *log, struct tracer *tracer, uint64_t netns);
/* Prints the figures, then PASS or FAIL for each demand; how many failed. */
unsigned int verdict_print(const struct verdict *verdict, const struct tracer *tracer,
			   const char *label);

#endif
