// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <pthread.h>

#include "db_count.h"
#include "db_kinds.h"
#include "db_minutes.h"
#include "db_pieces.h"

/* Of one piece, by a thread of its own. */
struct counting {
	const struct report *report;
	const struct db_piece *piece;
	pthread_t thread;
	bool threaded;
	int rc;				/* 0 or a negative errno: it was not counted */
	struct db_kinds kinds;
};

bool db_count_can(const struct report *report)
{
	return db_kinds_can(report);
}

static void count(struct counting *counting, const struct db_view *view)
{
	counting->rc = db_kinds_count(&counting->kinds, view, counting->report,
				      &counting->piece->part);
}

static void *count_apart(void *data)
{
	struct counting *counting = data;

	count(counting, &counting->piece->view);
	return NULL;
}

/* Each kind once: of ports, addresses and times SQL has decided, and it does not have them all. */
static int tell(const struct db_kinds *kinds, struct db_reader *reader, struct report *report)
{
	struct pipeline *pipeline = &report->pipeline;
	const struct options *asked = pipeline->options;
	const struct which *which = pipeline->which;
	struct options decided = *asked;
	uint64_t times;
	struct act act;
	int rc = 0;

	decided.ports = decided.addresses = 0;
	decided.report.since_ns = decided.report.until_ns = 0;
	pipeline->options = &decided;
	pipeline->which = NULL;
	for (size_t i = 0; !rc && i < kinds->keys.count && !report_done(report); i++) {
		rc = db_kinds_act(kinds, i, reader, &act, &times);
		if (!rc)
			pipeline_judged(pipeline, &act, NULL, times);
	}
	pipeline->options = asked;
	pipeline->which = which;
	return rc;
}

/* The connection that is asked for errors counts the first piece, and what another could not. */
static int finish(struct counting *counting, const struct db_view *view)
{
	if (counting->threaded)
		pthread_join(counting->thread, NULL);
	if (!counting->threaded || counting->rc) {
		db_kinds_free(&counting->kinds);
		count(counting, view);
	}
	return counting->rc;
}

static int count_part(const struct db_view *view, struct db_reader *reader, struct report *report,
		      const struct db_part *part)
{
	struct counting counting[DB_PIECES] = { 0 };
	struct db_pieces pieces;
	int rc = 0, error;

	db_pieces_open(&pieces, view, part);
	for (size_t i = 0; i < pieces.count; i++) {
		counting[i].report = report;
		counting[i].piece = &pieces.piece[i];
		counting[i].threaded = i && !pthread_create(&counting[i].thread, NULL, count_apart,
							    &counting[i]);
	}
	for (size_t i = 0; i < pieces.count; i++) {
		error = finish(&counting[i], view);
		rc = rc ?: error;
	}
	for (size_t i = 0; !rc && i < pieces.count; i++)
		rc = tell(&counting[i].kinds, reader, report);
	for (size_t i = 0; i < pieces.count; i++)
		db_kinds_free(&counting[i].kinds);
	db_pieces_close(&pieces);
	return rc;
}

int db_count(const struct db_view *view, struct db_reader *reader, struct report *report)
{
	struct db_part part[DB_PARTS] = { { .after = -1 } };
	size_t parts = 1;
	int rc = 0;

	db_where_asked(&part[0], report);
	if (db_minutes_can(view, report))
		rc = db_minutes(view, report, part, &parts);
	for (size_t i = 0; !rc && i < parts; i++)
		rc = count_part(view, reader, report, &part[i]);
	return rc;
}
