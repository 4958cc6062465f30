// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <string.h>

#include "ask.h"

static const struct sink *form_of(const struct sink_options *options)
{
	return sink_by_name(options->ask->options->format);
}

/* JSON begins and ends as with lines; a table has a header of its own. */
static int ask_start(const struct sink_options *options, const struct run *run)
{
	if (!strcmp(options->ask->options->format, "json"))
		return form_of(options)->start(options, run);
	sink_greet(options, run, "reading");
	return 0;
}

static int finish(const struct sink_options *options, const struct run *run,
		  const struct totals *totals, int rc)
{
	return rc ?: form_of(options)->end(options, run, totals);
}

static int groups_take(const struct sink_options *options, const struct act *act)
{
	return groups_act(&options->ask->groups, act, options->times);
}

static int groups_end(const struct sink_options *options, const struct run *run,
		      const struct totals *totals)
{
	const struct ask *ask = options->ask;

	return finish(options, run, totals,
		      groups_print(&ask->groups, options, ask->options->format,
				   ask->options->report.top));
}

static const struct sink groups_sink = {
	.name = "groups", .start = ask_start, .act = groups_take, .end = groups_end,
};

static int histogram_take(const struct sink_options *options, const struct act *act)
{
	return histogram_act(&options->ask->histogram, act, options->times);
}

static int histogram_end(const struct sink_options *options, const struct run *run,
			 const struct totals *totals)
{
	const struct ask *ask = options->ask;

	return finish(options, run, totals,
		      histogram_print(&ask->histogram, options, ask->options->format,
				      ask->options->report.step_s));
}

static const struct sink histogram_sink = {
	.name = "histogram", .start = ask_start, .act = histogram_take,
	.end = histogram_end,
};

static int story_take(const struct sink_options *options, const struct act *act)
{
	return story_add(&options->ask->story, act, NULL);
}

static int story_held(const struct sink_options *options, const struct act *act,
		      const struct held *held)
{
	return story_add(&options->ask->story, act, held);
}

static int story_end(const struct sink_options *options, const struct run *run,
		     const struct totals *totals)
{
	struct story *story = &options->ask->story;
	int rc = story_sort(story);

	(void)run;
	(void)totals;
	if (!rc && !story->count && options->messages)
		fprintf(options->messages, "closetrace: this connection is not in the record\n");
	return rc ?: story_tell(story, options);
}

static const struct sink story_sink = {
	.name = "story", .start = ask_start, .act = story_take, .held = story_held,
	.note = story_take, .end = story_end,
};

static int find_start(const struct sink_options *options, const struct run *run)
{
	(void)options;
	(void)run;
	return 0;
}

static int find_end(const struct sink_options *options, const struct run *run,
		    const struct totals *totals)
{
	(void)options;
	(void)run;
	(void)totals;
	return 0;
}

/* One is enough: as when nobody reads what is written. */
static int find_take(const struct sink_options *options, const struct act *act)
{
	return story_add(&options->ask->story, act, NULL) ?: -EPIPE;
}

static int find_held(const struct sink_options *options, const struct act *act,
		     const struct held *held)
{
	(void)held;
	return find_take(options, act);
}

static const struct sink find_sink = {
	.name = "find", .start = find_start, .act = find_take, .held = find_held,
	.note = find_take, .end = find_end,
};

static const struct sink collect_sink = {
	.name = "collect", .start = find_start, .act = story_take, .held = story_held,
	.note = story_take, .end = find_end,
};

void ask_find(struct ask *ask, const struct options *options)
{
	*ask = (struct ask){ .options = options, .sink = &find_sink };
}

void ask_collect(struct ask *ask, const struct options *options)
{
	*ask = (struct ask){ .options = options, .sink = &collect_sink };
}

void ask_open(struct ask *ask, const struct options *options)
{
	const struct option_report *report = &options->report;
	char message[MESSAGE];

	*ask = (struct ask){ .options = options };
	if (report->by || report->top) {
		/* It was read once, when the options were checked. */
		groups_parse(&ask->groups, report->by ?: "cause", message);
		ask->sink = &groups_sink;
	} else if (report->histogram) {
		ask->sink = &histogram_sink;
	} else if (options_tell(options)) {
		ask->story.which = report->which;
		ask->sink = &story_sink;
	}
}

void ask_close(struct ask *ask)
{
	groups_free(&ask->groups);
	histogram_free(&ask->histogram);
	story_free(&ask->story);
}
