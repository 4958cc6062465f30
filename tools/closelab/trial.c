/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Runs a scenario between two looks at the counters, with the capture on, and compares.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>
#include <netinet/tcp.h>

#include "trial.h"

/*
 * How long the path must be quiet before a trial counts as over: nothing tells that no more will
 * come.
 */
#define QUIET_MS 20

const char *trial_family_name(int family)
{
	return family == AF_INET6 ? "ipv6" : "ipv4";
}

const char *trial_path_name(int family, bool veth)
{
	if (!veth)
		return trial_family_name(family);
	return family == AF_INET6 ? "ipv6-veth" : "ipv4-veth";
}

static struct scenario_wire count_wire(const struct capture_packet *packet, unsigned int n,
				       uint16_t server_port, enum lab_end end)
{
	struct scenario_wire wire = { 0 };

	for (unsigned int i = 0; i < n; i++) {
		if ((packet[i].sport == server_port) != (end == LAB_END_SERVER))
			continue;
		if (packet[i].flags & TH_FIN)
			wire.fin += !packet[i].again;
		else if (packet[i].flags & TH_ACK)
			wire.rst_ack++;
		else
			wire.rst++;
	}
	return wire;
}

static bool wire_complete(const struct scenario *scenario, const struct capture *capture,
			  uint16_t server_port)
{
	for (int end = 0; end < LAB_END_COUNT; end++) {
		const struct scenario_wire *want = &scenario->wire[end];
		struct scenario_wire got = count_wire(capture->packet, capture->count, server_port,
						      end);

		if (got.fin < want->fin || got.rst < want->rst || got.rst_ack < want->rst_ack)
			return false;
	}
	return true;
}

/* For the packets expected: what is closed before the last one came answers it otherwise. */
static void await_packets(const struct lab *lab, const struct scenario *scenario,
			  struct capture *capture)
{
	uint64_t deadline = lab_deadline_us(lab);

	while (!lab->error && !wire_complete(scenario, capture, lab->ends.server_port) &&
	       lab_now_us() < deadline)
		capture_read(capture, QUIET_MS);
}

/* For silence, so that extra packets are seen too. */
static void await_silence(const struct lab *lab, struct capture *capture)
{
	uint64_t deadline = lab_deadline_us(lab);

	while (capture_read(capture, (int)(QUIET_MS * lab->slow)) && lab_now_us() < deadline)
		;
}

static void note_lab(struct trial *trial, const struct lab *lab)
{
	trial->error = lab->error;
	trial->ends = lab->ends;
	trial->errors = lab->errors;
	memcpy(trial->step, lab->step, sizeof(trial->step));
	memcpy(trial->story, lab->story, sizeof(trial->story));
}

static int fail(struct trial *trial, const char *step, int error)
{
	snprintf(trial->step, sizeof(trial->step), "%s", step);
	trial->error = error;
	return error;
}

/* What both ends' namespaces have counted, added to what one had that has been left. */
static int count(const struct path *path, struct counters *sum)
{
	int rc = counters_collect(sum, path, LAB_END_CLIENT);

	if (!rc && path->fd[LAB_END_SERVER] >= 0)
		rc = counters_collect(sum, path, LAB_END_SERVER);
	return rc;
}

int trial_run(const struct scenario *scenario, int family, struct path *path, unsigned int slow,
	      struct trial *trial)
{
	struct counters before = { 0 };
	struct capture capture;
	struct lab lab;
	int rc;

	*trial = (struct trial){
		.scenario = scenario, .family = family, .veth = path->veth, .watched = true,
		.begin_us = lab_now_us(),
	};
	memcpy(trial->netns, path->inode, sizeof(trial->netns));
	rc = capture_open(&capture, path, scenario->leaves);
	if (rc < 0)
		return fail(trial, "start the capture", rc);
	rc = count(path, &before);
	lab_init(&lab, family, slow);
	lab.path = path;
	lab.mapped = scenario->mapped;
	lab.mptcp = scenario->mptcp;
	lab_choices(&lab);
	scenario->run(&lab);
	await_packets(&lab, scenario, &capture);
	lab_finish(&lab);
	trial->left_us = path->left_us;
	await_silence(&lab, &capture);
	trial->delta = lab.left;
	if (!rc)
		rc = count(path, &trial->delta);
	counters_subtract(&trial->delta, &before);
	capture_close(&capture);
	note_lab(trial, &lab);
	trial->packets = capture.count;
	trial->lost = capture.lost;
	memcpy(trial->packet, capture.packet, sizeof(trial->packet));
	if (rc < 0)
		return fail(trial, "read the counters", rc);
	return trial->error;
}

struct scenario_wire trial_wire(const struct trial *trial, enum lab_end end)
{
	return count_wire(trial->packet, trial->packets, trial->ends.server_port, end);
}

const char *trial_packet_name(const struct capture_packet *packet)
{
	return packet->flags & TH_FIN ? "FIN|ACK" : packet->flags & TH_ACK ? "RST|ACK" : "RST";
}

static unsigned int differ(FILE *out, const char *what, const char *name, int64_t want, int64_t got)
{
	if (want == got)
		return 0;
	fprintf(out, "%s: %s: expected %" PRId64 ", seen %" PRId64 "\n", what, name, want, got);
	return 1;
}

static unsigned int check_wire(const struct trial *trial, FILE *out)
{
	unsigned int differences = differ(out, "wire", "packets lost", 0, trial->lost);

	for (int end = 0; end < LAB_END_COUNT; end++) {
		const struct scenario_wire *want = &trial->scenario->wire[end];
		struct scenario_wire got = trial_wire(trial, end);
		const char *name = lab_end_name(end);
		char what[32];

		snprintf(what, sizeof(what), "wire: %s", name);
		differences += differ(out, what, "FIN|ACK", want->fin, got.fin);
		differences += differ(out, what, "RST", want->rst, got.rst);
		differences += differ(out, what, "RST|ACK", want->rst_ack, got.rst_ack);
	}
	for (unsigned int i = 0; i < trial->packets && !trial->scenario->forged; i++) {
		if (trial->packet[i].seq_right)
			continue;
		fprintf(out, "wire: RST %u to %u: unexpected seq %u\n", trial->packet[i].sport,
			trial->packet[i].dport, trial->packet[i].seq);
		differences++;
	}
	return differences;
}

unsigned int trial_check(const struct trial *trial, FILE *out)
{
	unsigned int differences = 0;

	if (trial->error) {
		fprintf(out, "scenario: %s: %s\n", trial->step, strerrordesc_np(-trial->error));
		return 1;
	}
	differences += check_wire(trial, out);
	for (int i = 0; i < COUNTER_COUNT; i++) {
		if (i == COUNTER_RetransSegs)
			continue;
		differences += differ(out, "counter", counters_name(i),
				      trial->scenario->counters[i], trial->delta.value[i]);
	}
	return differences;
}

void trial_print(const struct trial *trial, FILE *out)
{
	fprintf(out, "did: %s\n", trial->story);
	fprintf(out, "wire:");
	for (unsigned int i = 0; i < trial->packets; i++) {
		const struct capture_packet *packet = &trial->packet[i];

		fprintf(out, "%s %s %s seq %u%s%s", i ? "," : "",
			packet->sport == trial->ends.server_port ? "server" : "client",
			trial_packet_name(packet), packet->seq,
			packet->seq_right ? "" : " (unexpected)",
			packet->again ? " again" : "");
	}
	fprintf(out, "%s\nerrno:", trial->packets ? "" : " no FIN, no RST");
	for (unsigned int i = 0; i < trial->errors.count; i++)
		fprintf(out, "%s %s %s", i ? "," : "", lab_who_name(trial->errors.error[i].who),
			strerrorname_np(trial->errors.error[i].error));
	fprintf(out, "%s\ncounters:", trial->errors.count ? "" : " none");
	for (int i = 0; i < COUNTER_COUNT; i++) {
		if (trial->delta.value[i])
			fprintf(out, " %s+%" PRId64, counters_name(i), trial->delta.value[i]);
	}
	fprintf(out, "\n");
}
