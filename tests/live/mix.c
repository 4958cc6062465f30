/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The processes share nothing but the namespace and an array: each writes every procs-th entry, so
 * that the seed alone decides what is done, whatever the order.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <json-c/json.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "mix.h"
#include "mix_flow.h"
#include "mix_rto.h"
#include "netns.h"
#include "trial.h"
#include "verify/judge.h"
#include "verify/line.h"

#define MIX_LINES 20u		/* of differences shown */
#define MIX_KINDS 512u
/* Several times the usual: a busy machine leaves a process waiting for longer than 200 ms. */
#define MIX_RTO_MS 1000u
#define MIX_OFTEN 8u		/* how often a quick kind is chosen for one that waits */

struct kind {
	const struct scenario *scenario;
	int family;
	unsigned int weight;
};

/* xorshift64*: any generator will do, but it must be the same one everywhere. */
static uint64_t next_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1dULL;
}

/* What changes the namespace would change it for the others. */
static bool mixable(const struct scenario *scenario, const char *tier)
{
	return !scenario->slow && !scenario->global && !scenario->alone &&
	       (!scenario->full || !strcmp(tier, "full"));
}

static unsigned int list_kinds(struct kind *kinds, struct skips *skips)
{
	const struct scenario *scenario;
	unsigned int n = 0;

	for (size_t i = 0; (scenario = scenario_at(i)); i++) {
		for (int v6 = scenario->mapped; v6 < 2 && mixable(scenario, skips->tier); v6++) {
			struct kind kind = {
				.scenario = scenario, .family = v6 ? AF_INET6 : AF_INET,
				.weight = scenario->timer ? 1 : MIX_OFTEN,
			};

			if (n < MIX_KINDS && !skips_find(skips, trial_family_name(kind.family),
							 scenario->name, NULL))
				kinds[n++] = kind;
		}
	}
	return n;
}

static void perform(struct mix_entry *entry, unsigned int slow)
{
	struct lab lab;

	entry->began_us = lab_now_us();
	lab_init(&lab, entry->family, slow);
	lab.mapped = entry->scenario->mapped;
	lab.mptcp = entry->scenario->mptcp;
	entry->scenario->run(&lab);
	entry->error = lab_finish(&lab);
	entry->ends = lab.ends;
	snprintf(entry->step, sizeof(entry->step), "%.*s", (int)sizeof(entry->step) - 1, lab.step);
}

/*
 * Each in a child: what io_uring leaves behind is a signal of its own kind, which would cut a later
 * close() with SO_LINGER short.
 */
static void perform_apart(struct mix_entry *entry, unsigned int slow)
{
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		perform(entry, slow);
		_exit(0);
	}
	if (pid < 0)
		entry->error = -errno;
	else
		waitpid(pid, NULL, 0);
}

static void proc_main(const struct mix *mix, unsigned int proc)
{
	char name[16];

	snprintf(name, sizeof(name), "mix-%u", proc);
	prctl(PR_SET_NAME, name);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (unsigned int i = proc; i < mix->count; i += mix->procs)
		perform_apart(&mix->entry[i], mix->slow);
	_exit(0);
}

/* Of those who ask while a module is being loaded, some are told that there is none. */
static void load_modules(void)
{
	int fd = socket(AF_SMC, SOCK_STREAM, 0);

	if (fd >= 0)
		close(fd);
}

/* Starts all and waits for all; closetrace is a child too, so each by its number. */
static int run_procs(const struct mix *mix)
{
	pid_t *pid = calloc(mix->procs, sizeof(*pid));
	int rc = pid ? 0 : -ENOMEM;

	fflush(NULL);
	for (unsigned int proc = 0; !rc && proc < mix->procs; proc++) {
		pid[proc] = fork();
		if (pid[proc] == 0)
			proc_main(mix, proc);
		if (pid[proc] < 0)
			rc = -errno;
	}
	for (unsigned int proc = 0; pid && proc < mix->procs; proc++) {
		if (pid[proc] > 0)
			waitpid(pid[proc], NULL, 0);
	}
	free(pid);
	return rc;
}

static const struct kind *draw(const struct kind *kinds, uint64_t *state)
{
	unsigned int sum = 0, at;

	for (unsigned int i = 0; kinds[i].weight; i++)
		sum += kinds[i].weight;
	at = (unsigned int)(next_random(state) % sum);
	while (at >= kinds->weight)
		at -= kinds++->weight;
	return kinds;
}

static int choose(struct mix *mix, struct skips *skips)
{
	struct kind kinds[MIX_KINDS + 1] = { 0 };
	unsigned int n = list_kinds(kinds, skips);
	uint64_t state = mix->seed * 2 + 1;
	size_t size = mix->count * sizeof(*mix->entry);

	mix->entry = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (mix->entry == MAP_FAILED) {
		mix->entry = NULL;
		return -errno;
	}
	if (!n)
		return -ENOENT;
	for (unsigned int i = 0; i < mix->count; i++) {
		const struct kind *kind = draw(kinds, &state);

		mix->entry[i].scenario = kind->scenario;
		mix->entry[i].family = kind->family;
		/* Of one whose process was killed. */
		mix->entry[i].error = -ECHILD;
	}
	return 0;
}

int mix_run(struct mix *mix, struct skips *skips)
{
	int home_fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	int rc;

	mix->netns_fd = -1;
	if (home_fd < 0)
		return -errno;
	rc = choose(mix, skips);
	if (!rc)
		rc = netns_enter_private();
	if (!rc)
		rc = mix_rto_set(MIX_RTO_MS);
	if (!rc) {
		mix->netns = netns_inode();
		mix->netns_fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
		load_modules();
		rc = run_procs(mix);
	}
	if (setns(home_fd, CLONE_NEWNET) < 0)
		rc = -errno;
	close(home_fd);
	return rc;
}

/* The lines of each entry, one after another in the order in which they were told. */
struct sorted {
	struct json_object **line;
	size_t *begin;		/* of each entry's lines; one more than there are entries */
	size_t strangers;	/* acts of nobody */
	struct json_object *stranger;
};

/* Whose each line is, -1: nobody's; and how many each entry has, in begin[entry + 1]. */
static void find_owners(const struct mix *mix, const struct tracer *tracer, struct sorted *sorted,
			const struct mix_flows *flows, int *owner)
{
	for (size_t i = 0; i < tracer->lines; i++) {
		struct json_object *line = tracer->line[i];

		owner[i] = -1;
		if (!line_is(line, "act") || line_number(line, "netns") != (int64_t)mix->netns)
			continue;
		owner[i] = mix_flows_entry(flows, line);
		if (owner[i] >= 0)
			sorted->begin[owner[i] + 1]++;
		else if (!sorted->strangers++)
			sorted->stranger = line;
	}
}

static int sort_lines(const struct mix *mix, const struct tracer *tracer, struct sorted *sorted)
{
	struct mix_flows flows;
	int *owner = calloc(tracer->lines + 1, sizeof(*owner));
	size_t *next = calloc(mix->count, sizeof(*next));
	bool enough;

	sorted->line = calloc(tracer->lines + 1, sizeof(*sorted->line));
	sorted->begin = calloc(mix->count + 1, sizeof(*sorted->begin));
	enough = !mix_flows_open(&flows, mix) && owner && next && sorted->line && sorted->begin;
	if (enough)
		find_owners(mix, tracer, sorted, &flows, owner);
	for (unsigned int i = 0; enough && i < mix->count; i++) {
		next[i] = sorted->begin[i];
		sorted->begin[i + 1] += sorted->begin[i];
	}
	for (size_t i = 0; enough && i < tracer->lines; i++) {
		if (owner[i] >= 0)
			sorted->line[next[owner[i]]++] = tracer->line[i];
	}
	mix_flows_free(&flows);
	free(owner);
	free(next);
	return enough ? 0 : -ENOMEM;
}

/* One entry, as if it had been a trial without capture. */
static unsigned int judge_entry(const struct mix *mix, unsigned int at, const struct tracer *tracer,
				const struct sorted *sorted, struct skips *skips, FILE *out)
{
	const struct mix_entry *entry = &mix->entry[at];
	const struct skips_row *without = NULL;
	struct tracer lines = *tracer;
	struct trial trial = {
		.scenario = entry->scenario, .family = entry->family,
		.netns = { mix->netns, mix->netns }, .ends = entry->ends,
	};
	unsigned int differences = 1;

	lines.line = sorted->line + sorted->begin[at];
	lines.lines = sorted->begin[at + 1] - sorted->begin[at];
	if (entry->error)
		fprintf(out, "%s: %s\n", entry->step, strerrordesc_np(-entry->error));
	else
		differences = judge_acts(&trial, &lines, skips, &without, out);
	if (differences) {
		fprintf(out, "... of %u %s %s, ports %u and %u\n", at, entry->scenario->name,
			trial_family_name(entry->family), entry->ends.server_port,
			entry->ends.client_port[0]);
		judge_print(&trial, &lines, out);
	}
	return differences;
}

unsigned int mix_judge(const struct mix *mix, const struct tracer *tracer, struct skips *skips,
		       FILE *out)
{
	FILE *nowhere = fopen("/dev/null", "we");
	struct sorted sorted = { 0 };
	unsigned int differences = 0, shown = 0;

	if (!nowhere || sort_lines(mix, tracer, &sorted) < 0)
		abort();
	for (unsigned int i = 0; i < mix->count; i++) {
		bool show = shown < MIX_LINES;
		unsigned int found = judge_entry(mix, i, tracer, &sorted, skips,
						 show ? out : nowhere);

		differences += found;
		shown += show && found;
	}
	if (sorted.strangers) {
		fprintf(out, "%zu acts of no ending, the first: %s\n", sorted.strangers,
			json_object_to_json_string(sorted.stranger));
		differences++;
	}
	fclose(nowhere);
	free(sorted.line);
	free(sorted.begin);
	return differences;
}

void mix_release(struct mix *mix)
{
	if (mix->entry)
		munmap(mix->entry, mix->count * sizeof(*mix->entry));
	if (mix->netns_fd >= 0)
		close(mix->netns_fd);
	mix->entry = NULL;
	mix->netns_fd = -1;
}
