// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/btf.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "cause.h"
#include "fixture.h"
#include "record.h"
#include "words.h"

#define F(name) FACT(name)
#define EXACT true
#define INFERRED false
#define FIN WIRE_FIN
#define RST WIRE_RST
#define NONE WIRE_NONE
#define OUT DIRECTION_OUT
#define IN DIRECTION_IN
#define NOWHERE DIRECTION_NONE

#define ROW(name, slug, certainty, wire, dir, is_reply, seen, ...)                                 \
	{ #name, #slug, certainty, wire, dir, is_reply, seen, { __VA_ARGS__ } },
#define SOCKET(name, slug, certainty, wire, dir, ...)                                              \
	ROW(name, slug, certainty, wire, dir, false, __VA_ARGS__)
#define REPLY(name, slug, certainty, wire, dir, ...)                                               \
	ROW(name, slug, certainty, wire, dir, true, __VA_ARGS__)

const struct fixture fixtures[] = {
#include "../fixtures/fixtures.def"
};

const size_t fixture_count = sizeof(fixtures) / sizeof(fixtures[0]);

static const uint8_t local[16] = { [10] = 0xff, 0xff, 10, 0, 0, 5 };
static const uint8_t remote[16] = { [10] = 0xff, 0xff, 10, 0, 0, 9 };

void fixture_plain(struct record *record)
{
	*record = (struct record){
		.size = sizeof(*record),
		.version = RECORD_VERSION,
		.kind = RECORD_FIN,
		.family = AF_INET,
		.state = TCP_ESTABLISHED,
		.context = CONTEXT_PROCESS,
		.time_ns = 5000000000,
		.born_ns = 4998765432,
		.run = 0x18c0ffee,
		.socket = 42,
		.netns = 4026531840,
		.known = KNOWN_SEQ | KNOWN_BYTES | KNOWN_BORN | KNOWN_ACTOR | KNOWN_OWNER |
			 KNOWN_SOCKET | KNOWN_SYSCALL | KNOWN_TIMERS | KNOWN_ERRNO,
		.facts = FACT(fin_sent) | FACT(owned) | FACT(closing),
		.lport = 80,
		.rport = 40112,
		.seq = 305419896,
		.syscall = SYS_close,
		.shutdown = 3,
		.role = ROLE_SERVER,
		.owner_by = OWNER_ACCEPT,
		.bytes_sent = 16384,
		.bytes_received = 512,
		.snd_wnd = 64240,
		.actor = { .pid = 812, .tid = 813, .uid = 33, .comm = "nginx" },
		.owner = { .pid = 812, .tid = 812, .uid = 33, .comm = "nginx" },
	};
	memcpy(record->laddr, local, sizeof(local));
	memcpy(record->raddr, remote, sizeof(remote));
}

/* The reasons that fixtures give, with the numbers of 6.12. */
static const struct reason {
	const char *name;
	uint32_t number;
} reasons[] = {
	{ "NOT_SPECIFIED", 0 },
	{ "NO_SOCKET", 1 },
	{ "TCP_INVALID_ACK_SEQUENCE", 2 },
	{ "TCP_FLAGS", 6 },
	{ "TCP_OLD_ACK", 7 },
	{ "TCP_ABORT_ON_DATA", 8 },
	{ "TCP_TIMEWAIT_SOCKET", 9 },
	{ "INVALID_SYN", 10 },
	{ "TCP_ABORT_ON_CLOSE", 11 },
	{ "TCP_ABORT_ON_MEMORY", 13 },
	{ "TCP_KEEPALIVE_TIMEOUT", 15 },
	{ "TCP_DISCONNECT_WITH_DATA", 16 },
	{ "MPTCP_RST_EMPTCP", 18 },
};

#define REASONS (sizeof(reasons) / sizeof(reasons[0]))

/* Names come from the running kernel's BTF: here from one that has these reasons. */
static void learn_reasons(void)
{
	struct btf *btf = btf__new_empty();
	char name[64];

	cr_assert(btf);
	cr_assert_gt(btf__add_enum(btf, NULL, 4), 0);
	cr_assert_eq(btf__add_enum_value(btf, "TCP_ESTABLISHED", TCP_ESTABLISHED), 0);
	cr_assert_gt(btf__add_enum(btf, "sk_rst_reason", 4), 0);
	for (size_t i = 0; i < REASONS; i++) {
		snprintf(name, sizeof(name), "SK_RST_REASON_%s", reasons[i].name);
		cr_assert_eq(btf__add_enum_value(btf, name, reasons[i].number), 0);
	}
	cr_assert_eq(words_learn(btf), 0);
	btf__free(btf);
}

static uint32_t reason_number(const char *name)
{
	for (size_t i = 0; i < REASONS; i++) {
		if (!strcmp(reasons[i].name, name))
			return reasons[i].number;
	}
	cr_assert_fail("no reason %s", name);
	return 0;
}

static uint8_t kind_of(fact_set facts)
{
	if (facts & FACT(rst_reply))
		return RECORD_RST_REPLY;
	if (facts & FACT(rst_sent))
		return RECORD_RST;
	if (facts & FACT(fin_sent))
		return RECORD_FIN;
	return facts & FACT(tcp_reset) ? RECORD_RST_RECEIVED : RECORD_SILENT;
}

const struct fixture *fixture_named(const char *name)
{
	for (size_t i = 0; i < fixture_count; i++) {
		if (!strcmp(fixtures[i].name, name))
			return &fixtures[i];
	}
	cr_assert_fail("no fixture %s", name);
	return NULL;
}

void fixture_record(const struct fixture *fixture, struct record *record)
{
	const struct fixture_values *values = &fixture->values;
	uint32_t known = KNOWN_SOCKET | KNOWN_OWNER | KNOWN_BYTES | KNOWN_TIMERS | KNOWN_ERRNO;

	fixture_plain(record);
	record->facts = fixture->seen & ~FACT(settled);
	record->kind = kind_of(fixture->seen);
	record->known = fixture->reply ? KNOWN_SEQ : known;
	if (fixture->seen & (FACT(fin_sent) | FACT(rst_sent)))
		record->known |= KNOWN_SEQ;
	if (fixture->reply)
		record->role = ROLE_UNKNOWN;
	if (!(fixture->seen & (FACT(owned) | FACT(listener_closing))))
		record->context = CONTEXT_SOFTIRQ;
	if (values->syscall || values->reads)
		record->known |= KNOWN_SYSCALL | KNOWN_ACTOR;
	if (values->reason) {
		learn_reasons();
		record->known |= KNOWN_REASON;
		record->reason = reason_number(values->reason);
	}
	record->known &= ~values->unknown;
	record->state = values->state;
	record->shutdown = values->shutdown;
	record->err = values->err;
	record->err_soft = values->err_soft;
	record->unread = values->unread;
	record->unsent = values->unsent;
	record->unacked = values->unacked;
	record->syscall = values->reads ? SYS_read : values->syscall;
	record->linger2 = values->linger2;
	record->packets_out = values->packets_out;
	record->user_timeout_ms = values->user_timeout_ms;
	if (values->window_shut || values->state == TCP_SYN_SENT)
		record->snd_wnd = 0;
}

void fixture_act(const struct fixture *fixture, struct act *act)
{
	struct record record;

	fixture_record(fixture, &record);
	cr_assert_eq(record_decode(&record, sizeof(record), act), 0, "%s is no valid record",
		     fixture->name);
	act->facts = fixture->seen & FACT(settled);
	act->amended = (fixture->seen & FACT(provisional)) && (fixture->seen & FACT(amends));
	act_derive(act);
	cause_classify(act);
}

struct act fixture_judged(const struct record *record)
{
	struct act act = { .record = *record };

	act_derive(&act);
	cause_classify(&act);
	return act;
}
