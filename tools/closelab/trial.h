/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A trial: one scenario run once, with the witnesses watching.
 *
 * The result holds no pointer but the scenario's: it can be copied between processes of one
 * program.
 */
#ifndef CLOSELAB_TRIAL_H
#define CLOSELAB_TRIAL_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "capture.h"
#include "counters.h"
#include "path.h"
#include "scenario.h"

struct trial {
	const struct scenario *scenario;
	int family;		/* AF_INET, AF_INET6 */
	bool veth;		/* the ends are in two namespaces */
	int error;		/* 0 or a negative errno; .step failed */
	char step[128];
	char story[1024];
	uint64_t netns[LAB_END_COUNT];	/* inode numbers */
	/*
	 * When it began, and when the server's namespace was gone, whose number may be another
	 * one's from then on; 0 when it stayed. Monotonic µs.
	 */
	uint64_t begin_us;
	uint64_t left_us;
	bool watched;		/* the wire and the counters were */
	struct lab_ends ends;
	struct lab_errors errors;	/* of the application */
	unsigned int packets;
	unsigned int lost;	/* packets the capture could not keep */
	struct capture_packet packet[CAPTURE_PACKETS];
	struct counters delta;
};

/*
 * Runs on a path that nobody else may use meanwhile, the process being at its client's end. slow
 * multiplies all waits. 0, or a negative errno that also stands in the trial.
 */
int trial_run(const struct scenario *scenario, int family, struct path *path, unsigned int slow,
	      struct trial *trial);

/* How often an end sent what. */
struct scenario_wire trial_wire(const struct trial *trial, enum lab_end end);
/* "FIN|ACK", "RST|ACK", "RST". */
const char *trial_packet_name(const struct capture_packet *packet);

/* Compares with what the scenario expects, a line for each difference; how many there were. */
unsigned int trial_check(const struct trial *trial, FILE *out);
/* What each witness saw. */
void trial_print(const struct trial *trial, FILE *out);

const char *trial_family_name(int family);	/* "ipv4", "ipv6" */
const char *trial_path_name(int family, bool veth);	/* the same, or "ipv4-veth", … */

#endif
