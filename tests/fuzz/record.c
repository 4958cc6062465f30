// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* record.c - one record, as it comes out of the ring or a file: decoded, judged, and written */
#include <stdio.h>
#include <string.h>

#include "abi/stack.h"
#include "cause.h"
#include "fuzz.h"
#include "note.h"
#include "pipeline.h"
#include "record.h"

#define HEADS offsetof(struct record_with_stack, stack.memory)

static void show(const char *format, struct act *act)
{
	const struct sink_options options = { .out = fuzz_nowhere(), .verbose = true };
	const struct sink *sink = sink_by_name(format);

	if (note_is(act))
		sink->note(&options, act);
	else if (act->record.kind < RECORD_ACTS)
		sink->act(&options, act);
}

/* Behind a record the head of a stack stands for a whole one, whose memory nobody looks at. */
static size_t expand(const uint8_t **data, size_t size)
{
	static struct record_with_stack whole;

	if (size != HEADS)
		return size;
	memcpy(&whole, *data, size);
	*data = (const uint8_t *)&whole;
	return sizeof(whole);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct act act;
	uint64_t id;

	size = expand(&data, size);
	if (record_cgroup_path(data, size, &id) || record_decode(data, size, &act))
		return 0;
	act_derive(&act);
	cause_classify(&act);
	show("json", &act);
	show("text", &act);
	show("csv", &act);
	return 0;
}

/* Most of what is no record is refused at once: so its head is put right, seven times of eight. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
	struct record record = { .size = sizeof(record), .version = RECORD_VERSION };

	size = LLVMFuzzerMutate(data, size, max_size);
	/* A whole stack, and the head of one, are of one size each. */
	if (size > sizeof(record) && max_size >= HEADS && seed % 2) {
		memset(data + size, 0, size < HEADS ? HEADS - size : 0);
		size = HEADS;
	}
	if (seed % 8 == 0 || size < sizeof(record))
		return size;
	memcpy(data, &record, offsetof(struct record, kind));
	return size;
}
