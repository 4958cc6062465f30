/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* field_get.h - how getters of fields tell absent, null and known; and those of field_who.c */
#ifndef CLOSETRACE_FIELD_GET_H
#define CLOSETRACE_FIELD_GET_H

#include <inttypes.h>
#include <stdio.h>

#include "field.h"

static inline void set_text(struct value *value, const char *text)
{
	value->kind = text ? VALUE_TEXT : VALUE_NULL;
	value->text = text;
}

static inline void set_integer(struct value *value, bool known, int64_t integer)
{
	value->kind = known ? VALUE_INTEGER : VALUE_NULL;
	value->integer = integer;
}

static inline void set_boolean(struct value *value, bool boolean)
{
	value->kind = VALUE_BOOLEAN;
	value->boolean = boolean;
}

static inline void set_id(struct value *value, bool known, uint64_t id)
{
	char *at = value->room + 16;

	*at = '\0';
	do {
		*--at = "0123456789abcdef"[id & 15];
		id >>= 4;
	} while (id);
	set_text(value, known ? at : NULL);
}

static inline bool knows(const struct act *act, uint32_t bit)
{
	return act->record.known & bit;
}

/* A reply is not an act of the socket it met: values of a socket make no sense for it. */
static inline bool has_socket(const struct act *act)
{
	return !act_has(act, FACT(rst_reply)) || act->amended;
}

void get_pid(const struct act *act, struct value *value);
void get_tid(const struct act *act, struct value *value);
void get_comm(const struct act *act, struct value *value);
void get_uid(const struct act *act, struct value *value);
void get_owner_pid(const struct act *act, struct value *value);
void get_owner_comm(const struct act *act, struct value *value);
void get_owner_known_by(const struct act *act, struct value *value);
void get_closed_us(const struct act *act, struct value *value);
void get_context(const struct act *act, struct value *value);
void get_cgroup(const struct act *act, struct value *value);
void get_container(const struct act *act, struct value *value);
void get_peer_pid(const struct act *act, struct value *value);
void get_peer_comm(const struct act *act, struct value *value);
void get_held_us(const struct act *act, struct value *value);
void get_held_pid(const struct act *act, struct value *value);

#endif
