/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* summary.h - --summary: how many acts of which cause, owner and port, the most frequent first */
#ifndef CLOSETRACE_SUMMARY_H
#define CLOSETRACE_SUMMARY_H

#include "sinks/sink.h"

struct summary;

/* @every_ns: between two; 0: only summary_end() writes one.  NULL without memory. */
struct summary *summary_new(uint64_t start_ns, uint64_t every_ns);
void summary_free(struct summary *summary);

/* So many judged acts like this one; 0 or -ENOMEM. */
int summary_add(struct summary *summary, const struct act *act, uint64_t acts);

/* When that of an interval is due; UINT64_MAX: only one at the end. */
uint64_t summary_due(const struct summary *summary);

/* Writes that of the interval when its end has come; returns when the next is due. */
uint64_t summary_tick(struct summary *summary, const struct sink_options *options);
/* On another clock, which says @now_ns where the one before would have said @ended_ns. */
void summary_go_on(struct summary *summary, uint64_t ended_ns, uint64_t now_ns);
/* Writes that of the whole run. */
void summary_end(struct summary *summary, const struct sink_options *options);

#endif
