/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Signed and encrypted segments. One whose signature is missing or wrong is dropped, never reset:
 * the connection dies in some other way.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <linux/tls.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "scenario.h"

static void clean_end(struct lab *lab)
{
	lab_close(lab, LAB_CLIENT);
	lab_wait_state(lab, LAB_SERVER, TCP_CLOSE_WAIT);
	lab_close(lab, LAB_SERVER);
}

/* Up to 6.1 signatures are looked at only a moment after the first key of all was set. */
static void send_unsigned(struct lab *lab)
{
	uint64_t deadline = lab_deadline_us(lab);
	char heard[3];

	lab_send(lab, LAB_CLIENT, sizeof(heard));
	while (!lab->error && !lab_has_dropped(lab, LAB_SERVER)) {
		if (recv(lab->fd[LAB_SERVER], heard, sizeof(heard), MSG_DONTWAIT) > 0)
			lab_send(lab, LAB_CLIENT, sizeof(heard));
		else if (!lab_pause(deadline))
			lab_fail(lab, ETIMEDOUT);
	}
}

/* Unsigned segments are dropped without a word; what is resent is heard again. */
static void md5_missing(struct lab *lab)
{
	lab_pair(lab);
	lab_md5(lab, LAB_SERVER, "closelab");
	send_unsigned(lab);
	lab_md5(lab, LAB_SERVER, "");
	lab_wait_unread(lab, LAB_SERVER, 3);
	lab_read(lab, LAB_SERVER, 3, 0);
	lab_wait_acked(lab, LAB_CLIENT);
	clean_end(lab);
}

/* Neither data nor the RST is heard. */
static void md5_wrong_key(struct lab *lab)
{
	lab_pair(lab);
	lab_md5(lab, LAB_SERVER, "closelab");
	lab_md5(lab, LAB_CLIENT, "openlab");
	lab_send(lab, LAB_CLIENT, 3);
	lab_wait_dropped(lab, LAB_SERVER);
	lab_linger0(lab, LAB_CLIENT);
	lab_close(lab, LAB_CLIENT);
	lab_wait_state(lab, LAB_SERVER, TCP_ESTABLISHED);
	lab_linger0(lab, LAB_SERVER);
	lab_close(lab, LAB_SERVER);
}

/* Neither the SYN is heard nor the one that the kernel sends when the time is over. */
static void connect_in_vain(struct lab *lab)
{
	lab_user_timeout(lab, LAB_CLIENT, 500);
	lab_listen(lab);
	lab_connect_start(lab, LAB_CLIENT);
	lab_wait_so_error(lab, LAB_CLIENT, ETIMEDOUT);
	lab_close(lab, LAB_CLIENT);
}

static void md5_wrong_key_syn(struct lab *lab)
{
	lab_md5(lab, LAB_LISTENER, "closelab");
	lab_md5(lab, LAB_CLIENT, "openlab");
	connect_in_vain(lab);
}

static void ao_wrong_key_syn(struct lab *lab)
{
	lab_ao(lab, LAB_LISTENER, "closelab");
	lab_ao(lab, LAB_CLIENT, "openlab");
	connect_in_vain(lab);
}

static void ao_close(struct lab *lab)
{
	lab_ao(lab, LAB_LISTENER, "closelab");
	lab_ao(lab, LAB_CLIENT, "closelab");
	lab_pair(lab);
	clean_end(lab);
}

/* Only the protocol's close() is kTLS's own then; no keys are set. */
static void tls_close(struct lab *lab)
{
	lab_pair(lab);
	lab_ulp(lab, LAB_CLIENT, "tls");
	clean_end(lab);
}

/* From the client to the server. */
static void tls_pair(struct lab *lab)
{
	lab_pair(lab);
	lab_tls(lab, LAB_CLIENT, TLS_TX);
	lab_tls(lab, LAB_SERVER, TLS_RX);
}

static void tls_read(struct lab *lab)
{
	tls_pair(lab);
	lab_send(lab, LAB_CLIENT, 100);
	lab_wait_poll(lab, LAB_SERVER, POLLIN);
	lab_read(lab, LAB_SERVER, 100, 0);
	lab_wait_acked(lab, LAB_CLIENT);
	clean_end(lab);
}

static void tls_unread(struct lab *lab)
{
	tls_pair(lab);
	lab_send(lab, LAB_CLIENT, 100);
	lab_wait_poll(lab, LAB_SERVER, POLLIN);
	lab_wait_acked(lab, LAB_CLIENT);
	lab_close(lab, LAB_SERVER);
	lab_wait_so_error(lab, LAB_CLIENT, ECONNRESET);
	lab_close(lab, LAB_CLIENT);
}

#define CLEAN_ACTS { \
	ACT_FIN(CLIENT, "fin_close", "ESTABLISHED", "close"), \
	ACT_FIN(SERVER, "fin_close_passive", "CLOSE_WAIT", "close") }
#define BOTH_FIN { [LAB_END_CLIENT] = { .fin = 1 }, [LAB_END_SERVER] = { .fin = 1 } }
#define UNANSWERED { ACT_DEATH(CLIENT, "syn_timeout", "SYN_SENT", "ETIMEDOUT") }

const struct scenario scenario_key[] = {
	{
		.name = "md5_missing",
		.summary = "segments without the MD5 signature are dropped, never reset",
		.run = md5_missing,
		.timer = true,
		.acts = CLEAN_ACTS, .wire = BOTH_FIN,
		.notes = {
			NOTE_TOLD(SERVER, "md5_ao_drop", NULL),
			NOTE_TOLD(SERVER, "fin_received", "ESTABLISHED"),
			NOTE_FIN_LAST(CLIENT),
			NOTE_LISTENER,
		},
		.counters = { [COUNTER_TCPMD5NotFound] = 1 },
	}, {
		.name = "md5_wrong_key",
		.summary = "segments signed with another MD5 key are dropped, a RST too",
		.run = md5_wrong_key,
		.acts = {
			ACT_RST(CLIENT, "linger0", "ESTABLISHED", "close", 0),
			ACT_RST(SERVER, "linger0", "ESTABLISHED", "close", 0),
		},
		.wire = {
			[LAB_END_CLIENT] = { .rst_ack = 1 },
			[LAB_END_SERVER] = { .rst_ack = 1 },
		},
		.counters = {
			[COUNTER_TCPMD5Failure] = 2, [COUNTER_TCPAbortOnData] = 2,
			[COUNTER_OutRsts] = 2, [COUNTER_EstabResets] = 2,
		},
	}, {
		.name = "md5_wrong_key_syn",
		.summary = "a SYN signed with another MD5 key: nobody answers",
		.run = md5_wrong_key_syn,
		.timer = true,
		.acts = UNANSWERED,
		.counters = {
			[COUNTER_TCPMD5Failure] = 2, [COUNTER_TCPAbortOnTimeout] = 1,
			[COUNTER_AttemptFails] = 1,
		},
	}, {
		.name = "ao_wrong_key_syn",
		.summary = "a SYN signed with another TCP-AO key: nobody answers",
		.run = ao_wrong_key_syn,
		.timer = true,
		.acts = UNANSWERED,
		.counters = {
			[COUNTER_TCPAOBad] = 2, [COUNTER_TCPAbortOnTimeout] = 1,
			[COUNTER_AttemptFails] = 1,
		},
	}, {
		.name = "ao_close",
		.summary = "close() of a connection with TCP-AO",
		.run = ao_close,
		.acts = CLEAN_ACTS, .wire = BOTH_FIN,
	}, {
		.name = "tls_close",
		.summary = "close() with the upper layer protocol tls",
		.run = tls_close,
		.acts = CLEAN_ACTS, .wire = BOTH_FIN,
	}, {
		.name = "tls_read",
		.summary = "kTLS: close() when all records have been read",
		.run = tls_read,
		.acts = CLEAN_ACTS, .wire = BOTH_FIN,
	}, {
		.name = "tls_unread",
		.summary = "kTLS: close() with a record unread",
		.run = tls_unread,
		.acts = {
			ACT_RST(SERVER, "unread_data", "ESTABLISHED", "close", SCENARIO_SOME),
			ACT_PEER(CLIENT, "ESTABLISHED", "ECONNRESET"),
		},
		.wire = { [LAB_END_SERVER] = { .rst_ack = 1 } },
		.counters = {
			[COUNTER_TCPAbortOnClose] = 1, [COUNTER_OutRsts] = 1,
			[COUNTER_EstabResets] = 2,
		},
	},
	{ .name = NULL },
};
