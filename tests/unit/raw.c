// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* raw.c - the raw form: what was recorded is told as it would have been, or said to be damaged */
#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "options.h"
#include "raw_bench.h"
#include "store/raw_read.h"

#define SAMPLES "tests/samples/"
#define WAITING 8		/* lines that may wait for what is gone: a batch, and 20 ms */

static size_t lines(const char *text)
{
	size_t count = 0;

	for (; *text; text++)
		count += *text == '\n';
	return count;
}

/* The same text; else the first line that differs. */
static void same(const char *told, const char *wanted)
{
	size_t at = 0, line = 0;

	for (; told[at] && told[at] == wanted[at]; at++)
		line = told[at] == '\n' ? at + 1 : line;
	cr_expect(!told[at] && !wanted[at], "told:   %.*s\nwanted: %.*s",
		  (int)strcspn(told + line, "\n"), told + line,
		  (int)strcspn(wanted + line, "\n"), wanted + line);
}

/* The story: acts of every shape, notes, a clock that is set, halves, one that is late. */
Test(raw, tells_what_trace_tells)
{
	char path[64], *traced = raw_bench_traced(), *told;
	int status;

	raw_bench_record(path);
	told = raw_bench_report(path, &status, "-j", "--all", NULL);
	cr_expect(lines(traced) > 50, "%zu lines", lines(traced));
	cr_expect(strstr(traced, "\"late\":1"), "no act was late");
	cr_expect(strstr(traced, "\"amended\":true"), "no act was amended");
	cr_expect(strstr(traced, "\"type\":\"clock\""), "the clock was not set");
	cr_expect(strstr(traced, "/made/later"), "no cgroup was made");
	same(told, traced);
	cr_expect_eq(status, STATUS_INCOMPLETE, "status %d", status);
	/* So the samples of a form are made. */
	if (getenv("KEEP_SAMPLE"))
		cr_assert_eq(rename(path, getenv("KEEP_SAMPLE")), 0);
	unlink(path);
	free(traced);
	free(told);
}

/* Filters, and formats, of a record. */
Test(raw, is_filtered)
{
	char path[64], *told;
	int status;

	raw_bench_record(path);
	told = raw_bench_report(path, &status, "-j", "-P", "1", NULL);
	cr_expect(!strstr(told, "\"type\":\"act\""), "%s", told);
	cr_expect(!strstr(told, "\"type\":\"note\""), "notes without --all");
	free(told);
	told = raw_bench_report(path, &status, "-j", "-c", "3", NULL);
	cr_expect(strstr(told, "\"emitted\":3,"), "%s", told);
	free(told);
	told = raw_bench_report(path, &status, "--fail-on", "linger0", NULL);
	cr_expect_eq(status, STATUS_FOUND);
	free(told);
	told = raw_bench_report(path, &status, "-o", "csv", "-q", NULL);
	cr_expect(lines(told) > 20 && !strncmp(told, "act,", 4), "%.60s", told);
	free(told);
	unlink(path);
}

/* Two records, one behind the other, as another writer or cat makes them. */
static void record_two(char path[64])
{
	char more[64], *one, *both;
	size_t size, added;

	raw_bench_record(path);
	raw_bench_record(more);
	one = raw_bench_read(path, &size);
	both = raw_bench_read(more, &added);
	cr_assert_eq(size, added);
	cr_assert(memcmp(one, both, size) != 0, "they have one key");
	both = realloc(both, 2 * size);
	memcpy(both + size, one, size);
	raw_bench_write(path, both, 2 * size);
	unlink(more);
	free(one);
	free(both);
}

/* Two runs, each with its own account. */
Test(raw, goes_on)
{
	char path[64], *one = raw_bench_traced(), *told;
	int status;

	record_two(path);
	told = raw_bench_report(path, &status, "-j", "--all", NULL);
	cr_expect(!strncmp(told, one, strlen(one)), "the first run");
	same(told + strlen(one), one);
	cr_expect_eq(status, STATUS_INCOMPLETE);
	unlink(path);
	free(one);
	free(told);
}

/* Where the last lines begin. */
static size_t before_last(const char *text, size_t count)
{
	size_t at = strlen(text);

	for (count++; at && count; at--)
		count -= text[at - 1] == '\n';
	return at;
}

/*
 * How many lines a damaged file still tells: those of the whole one; only the last acts may lack
 * what would have come before them, or made one of two.
 */
static size_t told_of(const char *path, const char *data, size_t size, const char *whole)
{
	int status;
	char *told, *end;

	raw_bench_write(path, data, size);
	told = raw_bench_report(path, &status, "-j", "--all", NULL);
	cr_expect_eq(status, STATUS_IO, "status %d at %zu", status, size);
	end = strstr(told, "{\"type\":\"end\"");
	if (end)
		*end = '\0';
	cr_expect(!strncmp(told, whole, before_last(told, WAITING)), "other lines of %zu", size);
	size = lines(told);
	free(told);
	return size;
}

/* Wherever it ends, what stands before that is told. */
Test(raw, is_cut, .init = cr_redirect_stderr)
{
	char path[64], *whole = raw_bench_traced(), *data;
	size_t size, last = 0, told = 0;

	raw_bench_record(path);
	data = raw_bench_read(path, &size);
	for (size_t cut = 0; cut < size; cut += 97) {
		told = told_of(path, data, cut, whole);
		cr_expect(told + WAITING >= last, "%zu lines after %zu", told, last);
		last = told;
	}
	cr_expect(told > 40, "%zu lines", told);
	unlink(path);
	free(whole);
	free(data);
}

/* Wherever a bit is turned, that frame is not told, nor what follows. */
Test(raw, is_damaged, .init = cr_redirect_stderr)
{
	char path[64], *whole = raw_bench_traced(), *data;
	size_t size;

	raw_bench_record(path);
	data = raw_bench_read(path, &size);
	for (size_t at = 0; at < size; at += 89) {
		data[at] ^= 0x10;
		told_of(path, data, size, whole);
		data[at] ^= 0x10;
	}
	unlink(path);
	free(whole);
	free(data);
}

/* Refused in words that say what to do. */
static void refused(const char *path, const void *data, size_t size, const char *part)
{
	char said[512] = "", *told;
	FILE *errors;
	int status;

	raw_bench_write(path, data, size);
	cr_redirect_stderr();
	told = raw_bench_report(path, &status, "-j", NULL);
	fflush(stderr);
	errors = cr_get_redirected_stderr();
	said[fread(said, 1, sizeof(said) - 1, errors)] = '\0';
	cr_expect_eq(status, STATUS_IO);
	cr_expect(strstr(said, part), "'%s' lacks '%s'", said, part);
	cr_expect_eq(lines(said), 1, "%s", said);
	cr_expect_str_empty(told);
	free(told);
}

static void refused_header(const struct raw_header *header, const char *part)
{
	char path[64], *data;
	size_t size;

	raw_bench_record(path);
	data = raw_bench_read(path, &size);
	memcpy(data, header, sizeof(*header));
	refused(path, data, size, part);
	unlink(path);
	free(data);
}

Test(raw, of_a_newer_closetrace)
{
	struct raw_header header = { .order = RAW_ORDER, .version = RAW_VERSION + 1 };

	memcpy(header.magic, RAW_MAGIC, sizeof(header.magic));
	refused_header(&header, "newer closetrace");
}

/* Each bit of the header is looked at. */
Test(raw, of_other_records)
{
	struct raw_header header = { .order = RAW_ORDER, .version = RAW_VERSION };

	memcpy(header.magic, RAW_MAGIC, sizeof(header.magic));
	for (unsigned int bit = 0; bit < 16; bit++) {
		header.record_size = (uint16_t)(sizeof(struct record) ^ 1U << bit);
		cr_expect(raw_refusal(&header), "bit %u", bit);
	}
	refused_header(&header, "header is damaged");
}

Test(raw, of_the_other_byte_order)
{
	struct raw_header header = { .order = 0x04030201, .version = 0x0100 };

	memcpy(header.magic, RAW_MAGIC, sizeof(header.magic));
	refused_header(&header, "byte order");
}

Test(raw, that_is_only_a_header)
{
	struct raw_header header = { .order = RAW_ORDER, .version = RAW_VERSION };
	char path[64];

	memcpy(header.magic, RAW_MAGIC, sizeof(header.magic));
	raw_bench_record(path);
	refused(path, &header, 12, "ends in its header");
	unlink(path);
}

/* Puts a frame of our own between header and the rest. */
static void put_frame(char *at, uint16_t type, uint32_t size)
{
	struct raw_frame frame = { .type = type, .size = size };

	memcpy(at, &frame, sizeof(frame));
	frame.crc = (uint32_t)crc32(0, (Bytef *)at + sizeof(frame.crc),
				    (uInt)(sizeof(frame) - sizeof(frame.crc) + size));
	memcpy(at, &frame, sizeof(frame));
}

/* A type that is not known is skipped; a frame too short for its type, or of no run, is damage. */
Test(raw, frames_that_others_wrote, .init = cr_redirect_stderr)
{
	static const struct { uint16_t type; uint32_t size; bool good; } cases[] = {
		{ 999, 8, true }, { 999, 0, true }, { RAW_START, 8, false },
		{ RAW_RECORD, 0, false }, { RAW_END, 8, false },
	};
	char path[64], *data, *whole = raw_bench_traced(), *told;
	size_t size, head = sizeof(struct raw_header);
	int status;

	raw_bench_record(path);
	data = raw_bench_read(path, &size);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t more = sizeof(struct raw_frame) + cases[i].size;
		char *with = calloc(1, size + more);

		memcpy(with, data, head);
		put_frame(with + head, cases[i].type, cases[i].size);
		memcpy(with + head + more, data + head, size - head);
		raw_bench_write(path, with, size + more);
		told = raw_bench_report(path, &status, "-j", "--all", NULL);
		same(told, cases[i].good ? whole : "");
		cr_expect_eq(status, cases[i].good ? STATUS_INCOMPLETE : STATUS_IO);
		free(told);
		free(with);
	}
	unlink(path);
	free(data);
	free(whole);
}

/* As a machine would have written it on which calls have other numbers. */
static void make_foreign(struct raw_frame *frame, void *payload)
{
	struct raw_start *start = payload;
	struct raw_name *name = payload;
	struct record *record = payload;

	if (frame->type == RAW_START)
		strcpy(start->machine, "other");
	if (frame->type == RAW_NAME && name->of == RAW_CALLS)
		name->number += 500;
	if (frame->type == RAW_RECORD && record->kind != RECORD_CGROUP && record->syscall >= 0)
		record->syscall += 500;
	put_frame((char *)frame, frame->type, frame->size);
}

Test(raw, of_another_machine)
{
	char path[64], *data, *whole, *told;
	struct raw_frame frame;
	size_t size;
	int status;

	raw_bench_record(path);
	whole = raw_bench_report(path, &status, "-o", "csv", "-q", NULL);
	data = raw_bench_read(path, &size);
	for (size_t at = sizeof(struct raw_header); at < size; at += sizeof(frame) + frame.size) {
		memcpy(&frame, data + at, sizeof(frame));
		make_foreign((struct raw_frame *)(data + at), data + at + sizeof(frame));
	}
	raw_bench_write(path, data, size);
	told = raw_bench_report(path, &status, "-o", "csv", "-q", NULL);
	cr_expect(strstr(told, ",shutdown,") && strstr(told, ",close,"), "no calls: %.300s", told);
	same(told, whole);
	unlink(path);
	free(data);
	free(whole);
	free(told);
}

/* A file that was made of several has several keys; each address has one name all the same. */
Test(raw, one_key)
{
	char path[64], *told;
	int status;

	record_two(path);
	told = raw_bench_report(path, &status, "-j", "--all", "--anonymize", NULL);
	cr_expect(!strncmp(told, told + strlen(told) / 2, strlen(told) / 2));
	unlink(path);
	free(told);
}

/* Files of earlier versions, made by them, are read for ever; see tests/samples/README.md. */
Test(raw, samples)
{
	char *wanted, *told;
	size_t size;
	int status;

	wanted = raw_bench_read(SAMPLES "raw-1.json", &size);
	told = raw_bench_report(SAMPLES "raw-1.ctr", &status, "-j", "--all", NULL);
	same(told, wanted);
	cr_expect_eq(status, STATUS_INCOMPLETE);
	free(wanted);
	free(told);
}
