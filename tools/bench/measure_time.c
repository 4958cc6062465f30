// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * measure_time.c - how long until the first act, and from an act to its line when all is quiet
 */
#include <json-c/json.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "churn.h"
#include "results.h"
#include "subject.h"

#define STARTED_RATE	1000	/* connections a second: what start is measured to 1 ms with */
#define IDLE_RATE	20
#define IDLE_LINES	40
#define WAIT_MS		10000

/* Lines from a pipe. */
struct lines {
	int fd;
	char text[65536];
	size_t used;
	size_t next;		/* where the next line begins */
};

/* The next line without its end; NULL when none comes. */
static char *next_line(struct lines *lines)
{
	for (;;) {
		char *line = lines->text + lines->next, *end;
		struct pollfd wait = { .fd = lines->fd, .events = POLLIN };
		ssize_t got;

		end = memchr(line, '\n', lines->used - lines->next);
		if (end) {
			*end = '\0';
			lines->next = (size_t)(end + 1 - lines->text);
			return line;
		}
		memmove(lines->text, line, lines->used - lines->next);
		lines->used -= lines->next;
		lines->next = 0;
		if (poll(&wait, 1, WAIT_MS) <= 0)
			return NULL;
		got = read(lines->fd, lines->text + lines->used,
			   sizeof(lines->text) - lines->used);
		if (got <= 0)
			return NULL;
		lines->used += (size_t)got;
	}
}

static bool is_act(const char *line)
{
	return !strncmp(line, "{\"type\":\"act\"", 13);
}

static bool start_piped(struct subject *subject, const struct plan *plan, struct churn *churn,
			struct results *results)
{
	if (!subject_start(subject, variant_find("json"), plan, churn, true))
		return true;
	results_note(results, "json: %s", subject->why);
	subject_release(subject);
	return false;
}

static double ms_since(uint64_t begin_ns)
{
	return (double)(bench_now() - begin_ns) / 1e6;
}

/* From the fork to the line, of the start and of the first act. */
static void time_start(const struct plan *plan, struct churn *churn, struct results *results)
{
	static struct lines lines;
	struct subject subject;
	char *line;

	if (!start_piped(&subject, plan, churn, results))
		return;
	lines = (struct lines){ .fd = subject.out };
	line = next_line(&lines);
	if (line)
		results_add(results, "start", "first line", NULL, "json", "ms",
			    ms_since(subject.begun_ns));
	while (line && !is_act(line))
		line = next_line(&lines);
	if (line)
		results_add(results, "start", "first act", NULL, "json", "ms",
			    ms_since(subject.begun_ns));
	subject_release(&subject);
}

void measure_start(const struct plan *plan, struct churn *churn, struct results *results)
{
	churn_go(churn, CHURN_LINGER0, STARTED_RATE);
	for (unsigned int n = 0; n < plan->rounds; n++) {
		bench_tell("start: round %u of %u", n + 1, plan->rounds);
		time_start(plan, churn, results);
	}
	churn_pause(churn);
}

/* By the time of the act that stands in the line. */
static double line_age_ms(const char *line)
{
	uint64_t now = bench_now();
	struct json_object *act = json_tokener_parse(line), *time;
	double age = -1;

	if (json_object_object_get_ex(act, "ktime_ns", &time))
		age = (double)(now - (uint64_t)json_object_get_int64(time)) / 1e6;
	json_object_put(act);
	return age;
}

void measure_latency(const struct plan *plan, struct churn *churn, struct results *results)
{
	static struct lines lines;
	struct subject subject;
	char *line = NULL;

	if (!start_piped(&subject, plan, churn, results))
		return;
	if (subject_await(&subject)) {
		results_note(results, "json: %s", subject.why);
		subject_release(&subject);
		return;
	}
	bench_tell("latency: %u lines", IDLE_LINES);
	lines = (struct lines){ .fd = subject.out };
	churn_go(churn, CHURN_LINGER0, IDLE_RATE);
	for (unsigned int count = 0; count < IDLE_LINES && (line = next_line(&lines));) {
		if (!is_act(line))
			continue;
		results_add(results, "latency", "to line", NULL, "json", "ms", line_age_ms(line));
		count++;
	}
	churn_pause(churn);
	subject_release(&subject);
}
