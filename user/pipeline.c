// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>

#include "cause.h"
#include "filter.h"
#include "pipeline.h"
#include "record.h"

int pipeline_take(struct pipeline *pipeline, const void *data, size_t size)
{
	struct order *order = &pipeline->order;
	struct act act;
	int rc;

	if (record_decode(data, size, &act)) {
		pipeline->totals.undecodable++;
		return 0;
	}
	rc = order_add(order, &act);
	if (!rc && pipeline->stacks)
		stack_note(pipeline->stacks, &order->acts[order->count - 1]);
	return rc;
}

static void show(void *context, struct act *act)
{
	struct pipeline *pipeline = context;
	int rc;

	/* Half an act, whose first half was lost or told too early: it is counted there. */
	if ((act->record.facts & FACT(amends)) && !act->amended) {
		pipeline->totals.lost_amend++;
		return;
	}
	act->wall_ns = act->record.time_ns + (uint64_t)pipeline->run->wall_offset_ns;
	act_derive(act);
	cause_classify(act);
	if (pipeline->full || pipeline->error || !filter_passes(pipeline->options, act)) {
		pipeline->totals.filtered++;
		return;
	}
	if (pipeline->stacks)
		act->frames = stack_frames(pipeline->stacks, act);
	rc = pipeline->sink->act(&pipeline->sink_options, act);
	if (rc) {
		pipeline->error = rc;
		return;
	}
	totals_add(&pipeline->totals, act);
	pipeline->full = pipeline->options->count == pipeline->totals.emitted;
}

uint64_t pipeline_drain(struct pipeline *pipeline, uint64_t now_ns)
{
	uint64_t next = order_release(&pipeline->order, now_ns, show, pipeline);

	if (fflush(pipeline->sink_options.out) && !pipeline->error)
		pipeline->error = -errno;
	return next;
}

void pipeline_free(struct pipeline *pipeline)
{
	order_free(&pipeline->order);
	stack_close(pipeline->stacks);
}
