// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* raw.c - a file of the raw form: reported, and gone on with */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#include "fuzz.h"
#include "report/report.h"
#include "source.h"
#include "store/raw_read.h"

static void report(const uint8_t *data, size_t size)
{
	static const struct options options = { .all = true, .verb = VERB_REPORT };
	struct source_file file = { .path = "input", .in = fmemopen((void *)data, size, "r") };
	struct report report = { .options = &options };
	struct pipeline *pipeline = &report.pipeline;
	const struct source *source;

	if (!file.in)
		return;
	pipeline->options = &options;
	pipeline->run = &report.run;
	pipeline->recorded = true;
	pipeline->sink = sink_by_name("json");
	pipeline->sink_options = (struct sink_options){ .out = fuzz_nowhere(), .recorded = true };
	source = source_of(&file);
	if (source && !strcmp(source->name, "raw"))
		source->read(&file, &report);
	pipeline_free(pipeline);
	fclose(file.in);
}

static void resume(const uint8_t *data, size_t size)
{
	int fd = memfd_create("input", MFD_CLOEXEC);

	if (fd < 0)
		return;
	if (write(fd, data, size) == (ssize_t)size && !lseek(fd, 0, SEEK_SET))
		raw_resume(fd);
	close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	report(data, size);
	resume(data, size);
	return 0;
}

/* The checksums of all frames but one time of eight: what they guard is to be met. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
	size_t at = sizeof(struct raw_header), head = sizeof(struct raw_frame);
	struct raw_frame frame;

	size = LLVMFuzzerMutate(data, size, max_size);
	while (seed % 8 && at + head <= size) {
		memcpy(&frame, data + at, head);
		if (frame.size > size - at - head)
			break;
		frame.crc = (uint32_t)crc32(0, data + at + sizeof(frame.crc),
					    (uInt)(head - sizeof(frame.crc) + frame.size));
		memcpy(data + at, &frame.crc, sizeof(frame.crc));
		at += head + frame.size;
	}
	return size;
}
