/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * words.h - makes names and text of numbers and of what the system gives us
 *
 * Names that belong to the kernel come from its BTF; what processes choose (comm) is made inert.
 */
#ifndef CLOSETRACE_WORDS_H
#define CLOSETRACE_WORDS_H

#include <stddef.h>
#include <stdint.h>

#define WORDS_COMM	64	/* room for 15 bytes, each as \xNN */
#define WORDS_ADDRESS	46	/* INET6_ADDRSTRLEN */
#define WORDS_TIME	40
#define WORDS_NAMES	64	/* of one of the kernel's enums; today 13 states, 26 reasons */

/*
 * Reads the names of TCP states and reset reasons from a kernel's BTF.  0 or a negative errno;
 * without it states have their RFC names and reasons are numbers.
 */
struct btf;
int words_learn(const struct btf *btf);

/* What a record says: the names that its kernel gave, in the place of ours. */
void words_forget(void);
void words_name_state(unsigned int state, const char *name);
void words_name_reason(unsigned int reason, const char *name);

/* "ESTABLISHED"; NULL for a number that nobody knows. */
const char *words_state(unsigned int state);
/* "TCP_ABORT_ON_CLOSE", or the number in a static buffer when BTF does not name it. */
const char *words_reason(unsigned int reason);
/* The same, NULL when there is no name. */
const char *words_reason_name(unsigned int reason);

/*
 * Text of at most size bytes, or up to its NUL, as UTF-8 that is inert: bytes that are no UTF-8,
 * and characters that control a terminal or the order of letters or that nobody sees, become \xNN.
 * Cut at a whole character when there is no room.
 */
void words_inert(const char *text, size_t size, char *out, size_t room);
/* Columns that such text takes on a terminal, near enough for a table. */
size_t words_columns(const char *text);
/* The same for a task's name. */
void words_comm(const char *comm, size_t size, char out[WORDS_COMM]);

/* Text of a 16-byte address; a v4-mapped one is shown as IPv4 when family is AF_INET. */
void words_address(const uint8_t address[16], int family, char out[WORDS_ADDRESS]);

/* RFC 3339, UTC, 9 digits. */
void words_time(uint64_t wall_ns, char out[WORDS_TIME]);
/* Local time of day with milliseconds. */
void words_clock(uint64_t wall_ns, char out[WORDS_TIME]);

#endif
