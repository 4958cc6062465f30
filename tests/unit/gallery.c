// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "cause.h"
#include "fixture.h"
#include "frame.h"
#include "gallery.h"
#include "note.h"
#include "record.h"

#define WALL_OFFSET	1795435201118000000LL	/* 2026-11-23T12:00:01.118Z at CLOCK_MONOTONIC 0 */

static void with_actor(struct record *r)
{
	r->known |= KNOWN_ACTOR | KNOWN_SYSCALL;
	r->syscall = SYS_close;
}

static void addresses(struct record *r, const char *local, const char *remote)
{
	r->family = AF_INET6;
	cr_assert(inet_pton(AF_INET6, local, r->laddr) == 1);
	cr_assert(inet_pton(AF_INET6, remote, r->raddr) == 1);
}

static void with_ipv6(struct record *r)
{
	with_actor(r);
	addresses(r, "2001:db8:85a3:8d3:1319:8a2e:370:7348", "fe80::1");
	r->rport = 65535;
}

/* An IPv6 socket that talks IPv4, as Java opens them. */
static void with_mapped(struct record *r)
{
	addresses(r, "::ffff:192.168.100.200", "::ffff:203.0.113.254");
	r->rport = 54842;
}

/* A name that would paint the terminal and break out of HTML and of a spreadsheet; no NUL. */
static void with_hostile(struct record *r)
{
	with_actor(r);
	memcpy(r->actor.comm, "\xff\x1b]0;x\x07\"<script>", RECORD_COMM);
	memcpy(r->owner.comm, "=1+1\n\t'\\\x7f\xc2\x9b$(id)", RECORD_COMM);
}

static void with_utf8(struct record *r)
{
	r->known &= ~(KNOWN_ACTOR | KNOWN_SYSCALL);
	memcpy(r->owner.comm, "sch\xc3\xb6n\xe2\x82\xac\xf0\x9f\x90\xa7", 14);
	r->owner_by = OWNER_SEED;
	r->known &= ~KNOWN_BORN;
}

static void with_kill(struct record *r)
{
	r->known |= KNOWN_ACTOR | KNOWN_EXIT;
	r->known &= ~KNOWN_SYSCALL;
	r->exit_code = 9;
}

static void with_exit(struct record *r)
{
	with_kill(r);
	r->exit_code = 3 << 8;
}

static void with_shutdown(struct record *r)
{
	r->known |= KNOWN_HOW;
	r->how = 2;
}

static void with_linger(struct record *r)
{
	with_actor(r);
	r->known |= KNOWN_LINGER;
}

static void with_linger_timed(struct record *r)
{
	with_linger(r);
	r->linger_s = 5;
}

static void with_parent(struct record *r)
{
	r->known |= KNOWN_PARENT | KNOWN_ACTOR;
	r->known &= ~(KNOWN_BORN | KNOWN_OWNER);
	r->parent = 0x1f;
}

static void with_reason(struct record *r)
{
	r->known |= KNOWN_REASON;
	r->reason = 63;		/* no kernel has so many: the number is shown */
	r->owner_by = OWNER_LAST;
}

static void with_peer(struct record *r)
{
	r->known |= KNOWN_PEER;
	r->peer.pid = 4711;
	memcpy(r->peer.comm, "curl", 5);
	r->role = ROLE_CLIENT;
	r->owner_by = OWNER_CONNECT;
}

static const struct exhibit {
	const char *fixture;
	void (*change)(struct record *record);
} exhibits[] = {
	{ "fin_close", NULL },
	{ "unread_data_unsent", with_hostile },
	{ "unread_data_linger0", with_ipv6 },
	{ "fin_close_unsent", with_mapped },
	{ "fin_close_passive", with_utf8 },
	{ "unread_data", with_kill },
	{ "fin_close", with_exit },
	{ "fin_shutdown_wr", with_shutdown },
	{ "fin_shutdown_wr_io_uring", NULL },
	{ "fin_close_unacked", with_linger_timed },
	{ "linger0_unsent", with_linger },
	{ "linger0_silent_last_ack", with_linger },
	{ "listen_queue_abort", with_parent },
	{ "listen_queue_abort_late", NULL },
	{ "disconnect_unspec", with_reason },
	{ "disconnect_synsent", with_peer },
	{ "peer_refused", with_peer },
	{ "peer_rst_unread", with_utf8 },
	{ "peer_rst_orphan_not_settled", NULL },
	{ "data_after_close", with_reason },
	{ "data_after_close_fw1ack", NULL },
	{ "data_after_close_tw", with_mapped },
	{ "no_socket_rst_syn", with_reason },
	{ "no_socket_rst_ack", NULL },
	{ "rto_timeout", NULL },
	{ "sock_destroy_by_nobody_known", with_utf8 },
	{ "keepalive_user_timeout", NULL },
	{ "zero_window_timeout", NULL },
	{ "icmp_unreachable", with_peer },
	{ "abort_on_overflow", NULL },
	{ "peer_rst_fact_lost", NULL },
	{ "nothing_known", NULL },
};

size_t gallery_acts(struct act acts[GALLERY_MAX])
{
	size_t count = sizeof(exhibits) / sizeof(exhibits[0]);

	cr_assert(count <= GALLERY_MAX);
	for (size_t i = 0; i < count; i++) {
		const struct fixture *fixture = fixture_named(exhibits[i].fixture);
		struct act *act = &acts[i];

		fixture_act(fixture, act);
		act->record.known |= fixture->reply || fixture->values.unknown ? 0 : KNOWN_BORN;
		if (exhibits[i].change)
			exhibits[i].change(&act->record);
		act->record.time_ns += i * 1234567;
		act->wall_ns = act->record.time_ns + (uint64_t)WALL_OFFSET;
		act_derive(act);
		cause_classify(act);
		cr_assert_str_eq(act->cause->slug, fixture->slug);
	}
	acts[count - 1].late = true;
	/* The name of a cgroup is its maker's. */
	acts[1].cgroup = acts[1].owner_cgroup =
		"/user.slice/\xff\x1b]0;x\x07\"<script>=1+1\xe2\x80\xae,\r\n/sch\xc3\xb6n";
	acts[3].cgroup = acts[3].owner_cgroup = "/system.slice/nginx.service";
	return count;
}

static void add_frame(struct frames *frames, const char *symbol, uint64_t offset,
		      const char *module, const char *source)
{
	struct frame *frame = frames_next(frames);

	snprintf(frame->symbol, sizeof(frame->symbol), "%s", symbol);
	snprintf(frame->module, sizeof(frame->module), "%s", module);
	snprintf(frame->source, sizeof(frame->source), "%s", source);
	frame->offset = offset;
}

static void add_kernel(struct frames *frames)
{
	frames_start(frames);
	add_frame(frames, "__tcp_close", 0x12b, "kernel", "");
	add_frame(frames, "nf_hook", 0x1, "kernel nf_tables", "");
	add_frame(frames, "", 0, "kernel", "");
}

/* Two of one stack, a partial one, one of the kernel alone, and one cut before its first frame. */
void gallery_frames(struct act acts[GALLERY_MAX], size_t count)
{
	static struct act_frames all[GALLERY_MAX];

	memset(all, 0, sizeof(all));
	for (size_t i = 0; i < count; i++)
		acts[i].frames = &all[i];
	for (size_t i = 0; i < 4; i += 3) {
		frames_start(&all[i].user);
		add_frame(&all[i].user, "__close", 0x10, "libc.so.6", "close.c:27");
		add_frame(&all[i].user, "ns::operator()(int; char)", 0x7, "server", "");
		add_frame(&all[i].user, "main", 0x7, "server", "server.cc:123");
		add_kernel(&all[i].kernel);
	}
	frames_start(&all[1].user);
	add_frame(&all[1].user, "", 0x7f0011223344, "", "");
	add_frame(&all[1].user, "", 0x1a2b, "server", "");
	add_frame(&all[1].user, "JS:~close server.js:1:2", 0xdc, "jit", "");
	frames_cut(&all[1].user, "deeper than what was copied");
	add_kernel(&all[1].kernel);
	add_kernel(&all[2].kernel);
	frames_start(&all[4].user);
	frames_cut(&all[4].user, "execve() had replaced the program");
}

void gallery_run(struct run *run)
{
	*run = (struct run){
		.id = 0x18c0ffee,
		.boot_id = "0b5c1c9e-5a7f-4a43-9d35-0c6b1ad5e3f1",
		.tier = "full",
		.version = "0.1.0",
		.start_wall_ns = 1795435200000000007,
	};
	wall_start(&run->wall, &(struct wall_reading){ .wall_ns = WALL_OFFSET });
	strcpy(run->host.nodename, "lab");
	strcpy(run->host.release, "6.18.15-test");
	strcpy(run->host.machine, "x86_64");
}

size_t gallery_notes(struct act notes[NOTES])
{
	size_t count = 0;

	for (unsigned int note = 1; note < NOTES; note++) {
		struct act *act = &notes[count++];

		memset(act, 0, sizeof(*act));
		fixture_plain(&act->record);
		act->record.kind = RECORD_NOTE;
		act->record.note = (uint8_t)note;
		act->record.time_ns += note * 1000000;
		/* Some are known to belong to nobody, or to no socket, or come late. */
		if (note % 3 == 0)
			act->record.known &= ~(KNOWN_ACTOR | KNOWN_OWNER);
		if (!note_table[note].task)
			act->record.known &= ~KNOWN_ACTOR;
		if (note % 5 == 0)
			act->record.known &= ~KNOWN_SOCKET;
		act->late = note % 7 == 0;
		act->wall_ns = act->record.time_ns + WALL_OFFSET;
	}
	return count;
}

/* One of each kind of trouble, so that each word of the last line is shown. */
void gallery_totals(const struct act *acts, size_t count, struct totals *totals)
{
	*totals = (struct totals){
		.filtered = 1000,
		.unowned = 3,
		.lost_ring = 5,
		.lost_pending = 6,
		.lost_table = 14,
		.suppressed = 13,
		.lost_amend = 7,
		.owner_full = 8,
		.note_full = 9,
		.children_full = 12,
		.unfinished = 10,
		.stack_full = 12,
		.missed = 11,
		.undecodable = 2,
		.end_wall_ns = 1795435209999999999,
		.status = 4,
	};
	for (size_t i = 0; i < count; i++)
		totals_add(totals, &acts[i], 1);
	totals->seen = totals->emitted + totals->filtered + totals->unowned + totals_lost(totals);
}

/* A kernel that does not measure its programs. */
void gallery_stats(struct stats_line *line, struct usage *usage, const struct totals *totals)
{
	struct stats stats = { .last_ns = 1000000000 };

	*usage = (struct usage){ .ring_size = 1 << 20, .cpu_us = 30000, .memory = 20 << 20 };
	stats_take(&stats, 3000000000, totals, usage, line);
}

void gallery_note_totals(const struct act *notes, size_t count, struct totals *totals)
{
	totals->all = true;
	totals->notes_filtered = 14;
	totals->notes_lost = 15;
	totals->notes = count + totals->notes_filtered + totals->notes_lost;
	for (size_t i = 0; i < count; i++)
		totals->note[notes[i].record.note]++;
}
