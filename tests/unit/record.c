// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* record.c - the decoder against everything that is not a record */
#include <criterion/criterion.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "abi/stack.h"
#include "cause.h"
#include "fixture.h"
#include "note.h"
#include "record.h"
#include "sinks/sink.h"

#define RANDOM_BUFFERS	100000
#define RANDOM_SHOWN	2000	/* of them go through both sinks, which is slower */
#define SEED		0x9e3779b97f4a7c15ULL

Test(record, plain_is_decoded)
{
	struct record record;
	struct act act;

	memset(&act, 0xff, sizeof(act));
	fixture_plain(&record);
	cr_assert_eq(record_decode(&record, sizeof(record), &act), 0);
	cr_expect_arr_eq((const uint8_t *)&act.record, (const uint8_t *)&record, sizeof(record));
	/* Nothing is left of what stood there. */
	cr_expect_eq(act.facts, 0);
	cr_expect_eq(act.wall_ns, 0);
	cr_expect_null(act.cause);
	cr_expect(!act.exact && !act.amended && !act.late);
}

Test(record, every_short_size_is_rejected)
{
	struct record record;
	struct act act, before;

	fixture_plain(&record);
	memset(&act, 0x5a, sizeof(act));
	before = act;
	for (size_t size = 0; size < sizeof(record); size++) {
		/* A copy of that very size: a read past its end leaves the heap block. */
		void *copy = malloc(size ? size : 1);

		cr_assert(copy);
		memcpy(copy, &record, size);
		cr_expect_eq(record_decode(copy, size, &act), -EMSGSIZE, "size %zu", size);
		free(copy);
	}
	cr_expect_eq(memcmp(&act, &before, sizeof(act)), 0, "act is changed on error");
}

Test(record, wrong_size_is_rejected)
{
	struct record record;
	struct act act;

	fixture_plain(&record);
	record.size = sizeof(record) - 8;
	cr_expect_eq(record_decode(&record, sizeof(record), &act), -EMSGSIZE);
	record.size = sizeof(record) + 8;
	cr_expect_eq(record_decode(&record, sizeof(record), &act), -EMSGSIZE);
	record.size = 0;
	cr_expect_eq(record_decode(&record, sizeof(record), &act), -EMSGSIZE);
}

/* The size of the bytes decides as well as the size that they claim. */
Test(record, long_is_rejected)
{
	struct {
		struct record record;
		uint8_t more[64];
	} buffer = { .more = { 1 } };
	struct act act;

	fixture_plain(&buffer.record);
	cr_expect_eq(record_decode(&buffer, sizeof(buffer), &act), -EMSGSIZE);
	cr_expect_eq(record_decode(&buffer, sizeof(buffer.record) + 1, &act), -EMSGSIZE);
	buffer.record.size = sizeof(buffer);
	cr_expect_eq(record_decode(&buffer, sizeof(buffer), &act), -EMSGSIZE);
}

static struct record_with_stack *with_stack(void)
{
	struct record_with_stack *both = calloc(1, sizeof(*both));

	cr_assert(both);
	fixture_plain(&both->record);
	both->stack.size = sizeof(both->stack);
	both->stack.bytes = 2 * STACK_PIECE;
	both->stack.registers = 17;
	both->stack.frames = 3;
	return both;
}

Test(record, a_stack_may_follow)
{
	struct record_with_stack *both = with_stack();
	/* Nobody promises that it is aligned. */
	char *odd = malloc(sizeof(*both) + 1);
	struct act act;

	cr_assert_eq(record_decode(both, sizeof(*both), &act), 0);
	cr_expect_eq(act.stack, &both->stack);
	cr_expect_arr_eq((const uint8_t *)&act.record, (const uint8_t *)&both->record,
			 sizeof(both->record));
	cr_assert(odd);
	memcpy(odd + 1, both, sizeof(*both));
	cr_assert_eq(record_decode(odd + 1, sizeof(*both), &act), 0);
	cr_assert_eq(record_decode(both, sizeof(both->record), &act), 0);
	cr_expect_null(act.stack);
	free(odd);
	free(both);
}

Test(record, a_stack_is_whole_and_in_range)
{
	struct record_with_stack *both = with_stack();
	struct act act;

	for (size_t size = sizeof(both->record) + 1; size < sizeof(*both); size += 97)
		cr_expect_eq(record_decode(both, size, &act), -EMSGSIZE, "size %zu", size);
	both->stack.size--;
	cr_expect_eq(record_decode(both, sizeof(*both), &act), -EMSGSIZE);
	both->stack.size++;
	both->stack.bytes = STACK_MEMORY + 1;
	cr_expect_eq(record_decode(both, sizeof(*both), &act), -EBADMSG);
	both->stack.bytes = STACK_MEMORY;
	both->stack.frames = STACK_FRAMES + 1;
	cr_expect_eq(record_decode(both, sizeof(*both), &act), -EBADMSG);
	both->stack.frames = STACK_FRAMES;
	both->stack.registers = STACK_REGISTERS + 1;
	cr_expect_eq(record_decode(both, sizeof(*both), &act), -EBADMSG);
	both->stack.registers = STACK_REGISTERS;
	cr_expect_eq(record_decode(both, sizeof(*both), &act), 0);
	free(both);
}

/* The version comes before the size: another version has another size. */
Test(record, wrong_version_is_rejected)
{
	static const uint16_t versions[] = { 0, RECORD_VERSION + 1, 255, 65535 };
	struct record record;
	struct act act;

	fixture_plain(&record);
	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		record.version = versions[i];
		record.size = sizeof(record);
		cr_expect_eq(record_decode(&record, sizeof(record), &act), -EPROTO);
		record.size = 8;
		cr_expect_eq(record_decode(&record, sizeof(record), &act), -EPROTO);
	}
}

/* Each value of a byte is tried; those up to @most, or the two families, are accepted. */
static void check_byte(size_t offset, const char *name, unsigned int most)
{
	struct record record;
	struct act act;

	for (unsigned int value = 0; value < 256; value++) {
		bool valid = value <= most;

		if (offset == offsetof(struct record, family))
			valid = value == AF_INET || value == AF_INET6;
		fixture_plain(&record);
		((uint8_t *)&record)[offset] = (uint8_t)value;
		cr_expect_eq(record_decode(&record, sizeof(record), &act), valid ? 0 : -EBADMSG,
			     "%s %u", name, value);
	}
}

Test(record, values_out_of_range_are_rejected)
{
	/* TCP_BOUND_INACTIVE, 6.8, is 13. */
	check_byte(offsetof(struct record, state), "state", 13);
	/* A note, the last kind, is none without its number: note.c. */
	check_byte(offsetof(struct record, kind), "kind", RECORD_NOTE - 1);
	check_byte(offsetof(struct record, context), "context", CONTEXT_KTHREAD);
	check_byte(offsetof(struct record, family), "family", 0);
	check_byte(offsetof(struct record, role), "role", ROLE_LISTENER);
	check_byte(offsetof(struct record, owner_by), "owner_by", OWNER_LISTENER);
	check_byte(offsetof(struct record, shutdown), "shutdown", 3);
	check_byte(offsetof(struct record, how), "how", 3);
}

Test(record, unaligned_is_decoded)
{
	uint8_t buffer[sizeof(struct record) + 16];
	struct record record;
	struct act act;

	fixture_plain(&record);
	for (size_t shift = 0; shift < 16; shift++) {
		memcpy(buffer + shift, &record, sizeof(record));
		cr_expect_eq(record_decode(buffer + shift, sizeof(record), &act), 0);
		cr_expect_eq(act.record.time_ns, record.time_ns, "shift %zu", shift);
	}
}

/* xorshift64*: the same numbers on every machine. */
static uint64_t next_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1dULL;
}

static void fill(uint64_t *state, void *buffer, size_t size)
{
	uint8_t *at = buffer;

	for (size_t i = 0; i < size; i++)
		at[i] = (uint8_t)(next_random(state) >> 32);
}

Test(record, random_bytes_are_survived)
{
	uint8_t buffer[sizeof(struct record) + 64];
	uint64_t state = SEED;
	struct act act;
	size_t accepted = 0;

	for (size_t i = 0; i < RANDOM_BUFFERS; i++) {
		size_t size = next_random(&state) % sizeof(buffer);

		fill(&state, buffer, size);
		accepted += record_decode(buffer, size, &act) == 0;
	}
	/* A valid header of 32 bits happens once in 4 billion. */
	cr_expect_eq(accepted, 0, "seed %#llx", (unsigned long long)SEED);
}

/* Valid where the decoder looks, random everywhere else. */
static void random_record(uint64_t *state, struct record *record)
{
	fill(state, record, sizeof(*record));
	record->size = sizeof(*record);
	record->version = RECORD_VERSION;
	record->kind %= RECORD_KINDS;
	record->note = record->kind == RECORD_NOTE ? 1 + record->note % (NOTES - 1) : NOTE_NONE;
	record->family = record->family & 1 ? AF_INET : AF_INET6;
	record->state %= 14;
	record->context %= CONTEXT_KTHREAD + 1;
	record->role %= ROLE_LISTENER + 1;
	record->owner_by %= OWNER_LISTENER + 1;
	record->shutdown &= 3;
	record->how &= 3;
}

/* Whatever a valid header carries, every later stage must take it. */
Test(record, random_values_are_shown)
{
	struct sink_options options = { .columns = 80, .verbose = true };
	const struct sink *sinks[] = { sink_by_name("text"), sink_by_name("json") };
	uint64_t state = SEED;
	struct record record;
	struct act act;

	options.out = options.messages = fopen("/dev/null", "we");
	cr_assert(options.out && sinks[0] && sinks[1]);
	for (size_t i = 0; i < RANDOM_BUFFERS; i++) {
		random_record(&state, &record);
		cr_assert_eq(record_decode(&record, sizeof(record), &act), 0, "seed %#llx, %zu",
			     (unsigned long long)SEED, i);
		act.wall_ns = act.record.time_ns;
		if (!note_is(&act)) {
			act_derive(&act);
			cause_classify(&act);
			cr_assert(act.cause);
		}
		for (size_t j = 0; i < RANDOM_SHOWN && j < 2; j++)
			cr_assert_eq((note_is(&act) ? sinks[j]->note : sinks[j]->act)(&options,
										      &act), 0);
	}
	fclose(options.out);
}

/* A valid header with a random body: accepted or rejected, but always judged when accepted. */
Test(record, random_bodies_are_survived)
{
	uint64_t state = ~SEED;
	struct record record;
	struct act act;

	for (size_t i = 0; i < RANDOM_BUFFERS; i++) {
		fill(&state, &record, sizeof(record));
		record.size = sizeof(record);
		record.version = RECORD_VERSION;
		if (record_decode(&record, sizeof(record), &act) || note_is(&act))
			continue;
		act_derive(&act);
		cause_classify(&act);
		cr_assert(act.cause, "seed %#llx, %zu", (unsigned long long)~SEED, i);
	}
}
