// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * main.c - made-up acts into a record, through its real writer: how fast, how large, how bounded
 *
 *	store FILE ACTS [--max-size BYTES] [--rate ACTS/s] [--span SECONDS] [--peers N]
 *		[--comms N] [--steps N] [--kill]
 *
 * Prints one line: what was written, us and bytes of an act, the longest call.  --kill ends
 * without the last commit, as kill -9 does.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "cause.h"
#include "store/db.h"
#include "value.h"

#define BATCH	4096	/* acts between two ticks, as a drain of the ring has */
#define SAMPLE	512	/* acts between two looks at the size */

struct bench {
	struct db_options options;
	uint64_t acts, rate, span_ns, peers, comms, steps;
	bool kill;
	uint64_t largest;	/* bytes that the files had */
	uint64_t longest_ns;	/* of one call */
};

/* How often each kind of end is met, of 100. */
static const struct kind {
	unsigned int share;
	uint64_t facts;
	uint8_t kind, state;
	int err;
	bool client;
} kinds[] = {
	{ 45, FACT(fin_sent) | FACT(owned) | FACT(closing), RECORD_FIN, TCP_ESTABLISHED, 0, false },
	{ 25, FACT(fin_sent) | FACT(owned) | FACT(closing), RECORD_FIN, TCP_CLOSE_WAIT, 0, true },
	{ 12, FACT(rst_sent) | FACT(closed) | FACT(state_first) | FACT(owned) | FACT(closing),
	  RECORD_RST, TCP_ESTABLISHED, 0, false },
	{ 10, FACT(closed) | FACT(tcp_reset), RECORD_RST_RECEIVED, TCP_ESTABLISHED, ECONNRESET,
	  true },
	{ 5, FACT(rst_reply) | FACT(sk_none) | FACT(seg_syn), RECORD_RST_REPLY, TCP_CLOSE, 0,
	  false },
	{ 3, FACT(closed), RECORD_SILENT, TCP_ESTABLISHED, ETIMEDOUT, true },
};

static uint64_t random_number(void)
{
	static uint64_t state = 88172645463325252ULL;

	state ^= state << 13;
	state ^= state >> 7;
	return state ^= state << 17;
}

static const struct kind *choose_kind(void)
{
	unsigned int number = random_number() % 100;
	const struct kind *kind = kinds;

	while (number >= kind->share)
		number -= kind++->share;
	return kind;
}

static void make_task(struct record_task *task, bool client, const struct bench *bench, uint64_t i)
{
	static const char *const names[] = { "nginx", "postgres", "java", "envoy", "sshd" };
	unsigned int server = i % 5;

	*task = (struct record_task){ .pid = client ? 10000 + i / 16 % 20000 : 812 + server };
	task->tid = task->pid;
	task->uid = client ? 1000 : 33;
	strcpy(task->comm, client ? "curl" : names[server]);
	if (client && bench->comms)
		snprintf(task->comm, sizeof(task->comm), "curl-%u",
			 (uint16_t)(i % bench->comms));
}

static void make_address(uint8_t address[16], uint8_t net, uint64_t host)
{
	const uint8_t bytes[16] = { [10] = 0xff, 0xff, 10, net, (uint8_t)(host >> 8),
				    (uint8_t)host };

	memcpy(address, bytes, sizeof(bytes));
}

static void make_record(struct record *r, const struct kind *kind, const struct bench *bench,
			uint64_t i)
{
	*r = (struct record){
		.size = sizeof(*r), .version = RECORD_VERSION, .kind = kind->kind,
		.family = AF_INET, .state = kind->state, .context = CONTEXT_PROCESS,
		.socket = i << 8, .netns = 4026531840, .facts = kind->facts, .err = kind->err,
		.known = KNOWN_SEQ | KNOWN_BYTES | KNOWN_BORN | KNOWN_OWNER | KNOWN_SOCKET |
			 KNOWN_ERRNO,
		.lport = kind->client ? 32768 + random_number() % 28000 : 443,
		.rport = kind->client ? 443 : 32768 + random_number() % 28000,
		.seq = (uint32_t)random_number(), .role = kind->client ? ROLE_CLIENT : ROLE_SERVER,
		.owner_by = kind->client ? OWNER_CONNECT : OWNER_ACCEPT,
		.bytes_sent = random_number() % 100000, .bytes_received = random_number() % 2000,
	};
	if (kind->facts & FACT(owned)) {
		r->known |= KNOWN_ACTOR | KNOWN_SYSCALL;
		r->syscall = SYS_close;
		make_task(&r->actor, kind->client, bench, i);
	}
	if (kind->kind == RECORD_RST)
		r->unread = 1 + random_number() % 4000;
	make_task(&r->owner, kind->client, bench, i);
}

static void make_act(struct act *act, const struct run *run, const struct bench *bench, uint64_t i)
{
	const struct kind *kind = choose_kind();
	struct record *r = &act->record;

	*act = (struct act){ 0 };
	make_record(r, kind, bench, i);
	make_address(r->laddr, 0, 5);
	make_address(r->raddr, 1, random_number() % bench->peers);
	r->run = run->id;
	r->time_ns = run->wall.last.ktime_ns + bench->span_ns / bench->acts * i;
	r->born_ns = r->time_ns - random_number() % 10000000000;
	act->wall_ns = wall_at(&run->wall, r->time_ns);
	act->cgroup = act->owner_cgroup = kind->client ? "/user.slice/session-3.scope" :
							 "/system.slice/web.service";
	act_derive(act);
	cause_classify(act);
}

static void note_size(struct bench *bench)
{
	static const char *const suffixes[] = { "", "-wal", "-shm" };
	char path[4096];
	uint64_t size = 0;
	struct stat info;

	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s%s", bench->options.path, suffixes[i]);
		size += stat(path, &info) ? 0 : (uint64_t)info.st_size;
	}
	if (size > bench->largest)
		bench->largest = size;
}

/* So many a second, by pauses between batches. */
static void pace(const struct bench *bench, uint64_t began_ns, uint64_t done)
{
	uint64_t due = bench->rate ? began_ns + done * 1000000000 / bench->rate : 0;
	uint64_t now = run_now();
	struct timespec pause = { .tv_nsec = due > now ? (long)(due - now) : 0 };

	if (pause.tv_nsec)
		nanosleep(&pause, NULL);
}

/* One call of the writer, which may commit. */
static void note_time(struct bench *bench, uint64_t began_ns)
{
	uint64_t ns = run_now() - began_ns;

	if (ns > bench->longest_ns)
		bench->longest_ns = ns;
}

/* The host's clock is set by a second, before each so many acts. */
static void set_clock(const struct bench *bench, struct db *db, const struct run *run, uint64_t i)
{
	struct wall_step step = { .step_ns = 1000000000 };

	if (!bench->steps || i % bench->steps)
		return;
	step.ktime_ns = run->wall.last.ktime_ns + bench->span_ns / bench->acts * i;
	step.wall_ns = wall_at(&run->wall, step.ktime_ns);
	db_add_clock(db, &step);
}

static void feed(struct bench *bench, struct db *db, const struct run *run, struct totals *totals)
{
	uint64_t began = run_now(), before;
	struct act act;

	for (uint64_t i = 0; i < bench->acts; i++) {
		set_clock(bench, db, run, i);
		make_act(&act, run, bench, i);
		before = run_now();
		db_add(db, &act, NULL);
		note_time(bench, before);
		totals_add(totals, &act, 1);
		totals->seen++;
		if (i % SAMPLE == 0)
			note_size(bench);
		if (i % BATCH)
			continue;
		before = run_now();
		if (before >= db_next(db))
			db_tick(db, before, totals);
		note_time(bench, before);
		pace(bench, began, i);
	}
}

static double cpu_seconds(void)
{
	struct rusage use;

	getrusage(RUSAGE_SELF, &use);
	return (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
	       (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
}

static int run_bench(struct bench *bench)
{
	struct totals totals = { 0 };
	char message[MESSAGE] = "no memory";
	struct stat info = { 0 };
	struct run run;
	struct db *db;
	double cpu, seconds;
	int rc;

	if (run_init(&run))
		return 1;
	run.tier = "base";
	if (db_open(&db, &bench->options, &run, message)) {
		fprintf(stderr, "store: %s\n", message);
		return 1;
	}
	cpu = cpu_seconds();
	seconds = (double)run_now() / 1e9;
	feed(bench, db, &run, &totals);
	if (bench->kill)
		raise(SIGKILL);
	rc = db_end(db, &totals);
	cpu = cpu_seconds() - cpu;
	seconds = (double)run_now() / 1e9 - seconds;
	note_size(bench);
	stat(bench->options.path, &info);
	printf("%" PRIu64 " acts in %.1f s, %.2f us of CPU each, %" PRIu64 " lost; %.1f B each, "
	       "file %" PRIu64 " B, at most %" PRIu64 " B; longest call %.0f ms\n", bench->acts,
	       seconds, cpu * 1e6 / (double)bench->acts, db_lost(db)->acts,
	       (double)info.st_size / (double)bench->acts, (uint64_t)info.st_size, bench->largest,
	       (double)bench->longest_ns / 1e6);
	db_close(db);
	return rc ? 5 : 0;
}

static int usage(void)
{
	fprintf(stderr, "Usage: store FILE ACTS [--max-size BYTES] [--max-age T] [--rate N] "
		"[--span T] [--peers N] [--comms N] [--steps N] [--kill]\n");
	return 2;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "max-size", required_argument, NULL, 's' },
		{ "max-age", required_argument, NULL, 'a' },
		{ "rate", required_argument, NULL, 'r' },
		{ "span", required_argument, NULL, 't' },
		{ "peers", required_argument, NULL, 'p' },
		{ "comms", required_argument, NULL, 'c' },
		{ "steps", required_argument, NULL, 'S' },
		{ "kill", no_argument, NULL, 'k' },
		{ 0 },
	};
	struct bench bench = { .span_ns = 3600000000000, .peers = 5000 };
	int key, bad = 0;

	while ((key = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (key) {
		case 's': bad |= value_size(optarg, &bench.options.max_size); break;
		case 'a': bad |= value_duration(optarg, &bench.options.max_age_ns); break;
		case 'r': bad |= value_number(optarg, 1, UINT32_MAX, &bench.rate); break;
		case 't': bad |= value_duration(optarg, &bench.span_ns); break;
		case 'p': bad |= value_number(optarg, 1, 65536, &bench.peers); break;
		case 'c': bad |= value_number(optarg, 1, 65536, &bench.comms); break;
		case 'S': bad |= value_number(optarg, 1, UINT32_MAX, &bench.steps); break;
		case 'k': bench.kill = true; break;
		default: return usage();
		}
	}
	if (bad || argc - optind != 2 ||
	    value_number(argv[optind + 1], 1, UINT64_MAX, &bench.acts))
		return usage();
	bench.options.path = argv[optind];
	return run_bench(&bench);
}
