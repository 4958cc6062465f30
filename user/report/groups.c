// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * groups.c - a hash table of value lists
 *
 * A list is coded as one string of bytes that is the same for the same values: of each its kind,
 * and then a text with its NUL, an integer or a boolean.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "groups.h"
#include "suggest.h"

#define FIRST_SLOTS	256	/* a power of two, as all later sizes */
#define CODE_ROOM	(GROUPS_KEYS * (FIELD_ROOM + 1))

static const struct field *field_named(const char *name)
{
	for (size_t i = 0; i < field_count; i++) {
		if (!strcmp(fields[i].key, name))
			return &fields[i];
	}
	return NULL;
}

static const char *field_near(const char *name)
{
	struct suggest suggest = suggest_for(name);

	for (size_t i = 0; i < field_count; i++)
		suggest_offer(&suggest, fields[i].key);
	return suggest_best(&suggest);
}

static int unknown_key(const char *name, char message[MESSAGE])
{
	const char *near = field_near(name);

	if (near)
		message_form(message, "--by: no key '%s'; did you mean %s?", name, near);
	else
		message_form(message, "--by takes keys of -o json, as cause or owner_comm, not "
				      "'%s'", name);
	return -EINVAL;
}

static int add_key(struct groups *groups, const char *name, char message[MESSAGE])
{
	const struct field *field = field_named(name);

	if (!field)
		return unknown_key(name, message);
	for (size_t i = 0; i < groups->keys; i++) {
		if (groups->key[i] != field)
			continue;
		message_form(message, "--by has '%s' twice", name);
		return -EINVAL;
	}
	if (field->kind == VALUE_FRAMES) {
		message_form(message, "--by does not take '%s'; -o folded counts stacks", name);
		return -EINVAL;
	}
	if (groups->keys == GROUPS_KEYS) {
		message_form(message, "--by takes at most %d keys", GROUPS_KEYS);
		return -EINVAL;
	}
	groups->key[groups->keys++] = field;
	return 0;
}

int groups_parse(struct groups *groups, const char *list, char message[MESSAGE])
{
	char name[64];
	int rc = 0;

	*groups = (struct groups){ 0 };
	while (!rc) {
		size_t length = strcspn(list, ",");

		snprintf(name, sizeof(name), "%.*s", (int)length, list);
		rc = add_key(groups, name, message);
		if (!list[length])
			break;
		list += length + 1;
	}
	return rc;
}

static size_t put(char *code, size_t at, const void *data, size_t size)
{
	memcpy(code + at, data, size);
	return at + size;
}

/* What makes no sense for an act is in one group with what is not known of it. */
static size_t encode(char *code, size_t at, const struct value *value)
{
	code[at++] = (char)(value->kind == VALUE_ABSENT ? VALUE_NULL : value->kind);
	switch (value->kind) {
	case VALUE_TEXT:
		return put(code, at, value->text, strlen(value->text) + 1);
	case VALUE_INTEGER:
		return put(code, at, &value->integer, sizeof(value->integer));
	case VALUE_BOOLEAN:
		return put(code, at, &value->boolean, sizeof(value->boolean));
	default:
		return at;
	}
}

void group_value(const struct group *group, size_t *at, struct value *value)
{
	const char *code = group->values + *at + 1;

	value->kind = (enum value_kind)group->values[*at];
	switch (value->kind) {
	case VALUE_TEXT:
		value->text = code;
		*at += strlen(code) + 2;
		break;
	case VALUE_INTEGER:
		memcpy(&value->integer, code, sizeof(value->integer));
		*at += sizeof(value->integer) + 1;
		break;
	case VALUE_BOOLEAN:
		memcpy(&value->boolean, code, sizeof(value->boolean));
		*at += sizeof(value->boolean) + 1;
		break;
	default:
		++*at;
	}
}

/* FNV-1a. */
static uint64_t hash(const char *code, size_t size)
{
	uint64_t sum = 0xcbf29ce484222325;

	for (size_t i = 0; i < size; i++)
		sum = (sum ^ (unsigned char)code[i]) * 0x100000001b3;
	return sum ^ sum >> 32;
}

/* The slot of these values, or the free one where they belong. */
static struct group **find(const struct groups *groups, const char *code, size_t size)
{
	size_t mask = groups->slots - 1, i = hash(code, size) & mask;

	while (groups->slot[i] && (groups->slot[i]->size != size ||
				   memcmp(groups->slot[i]->values, code, size) != 0))
		i = (i + 1) & mask;
	return &groups->slot[i];
}

static int grow(struct groups *groups)
{
	struct groups bigger = { .slots = groups->slots ? groups->slots * 2 : FIRST_SLOTS };

	bigger.slot = calloc(bigger.slots, sizeof(*bigger.slot));
	if (!bigger.slot)
		return -ENOMEM;
	for (size_t i = 0; i < groups->slots; i++) {
		struct group *group = groups->slot[i];

		if (group)
			*find(&bigger, group->values, group->size) = group;
	}
	free(groups->slot);
	groups->slot = bigger.slot;
	groups->slots = bigger.slots;
	return 0;
}

/* The tally of these values, a new one when they are new; NULL without memory. */
static struct numbers *tally_of(struct groups *groups, const char *code, size_t size)
{
	struct group **slot, *group;

	if (groups->count * 2 >= groups->slots && grow(groups))
		return NULL;
	slot = find(groups, code, size);
	if (*slot)
		return &(*slot)->tally;
	group = calloc(1, sizeof(*group) + size);
	if (!group)
		return NULL;
	group->size = size;
	memcpy(group->values, code, size);
	*slot = group;
	groups->count++;
	return &group->tally;
}

int groups_act(struct groups *groups, const struct act *act, uint64_t times)
{
	struct value value;
	struct numbers *tally;
	char code[CODE_ROOM];
	size_t size = 0;

	for (size_t i = 0; i < groups->keys; i++) {
		value.kind = VALUE_ABSENT;
		groups->key[i]->get(act, &value);
		size = encode(code, size, &value);
	}
	tally = tally_of(groups, code, size);
	if (!tally)
		return -ENOMEM;
	numbers_act(tally, act, times);
	return 0;
}

static int most_first(const void *left, const void *right)
{
	const struct group *a = *(const struct group *const *)left;
	const struct group *b = *(const struct group *const *)right;
	uint64_t x = a->tally.number[ACTS], y = b->tally.number[ACTS];
	size_t size = a->size < b->size ? a->size : b->size;

	if (x != y)
		return x > y ? -1 : 1;
	return memcmp(a->values, b->values, size) ?: (a->size > b->size) - (a->size < b->size);
}

const struct group **groups_sorted(const struct groups *groups)
{
	const struct group **sorted = calloc(groups->count + 1, sizeof(struct group *));
	size_t count = 0;

	if (!sorted)
		return NULL;
	for (size_t i = 0; i < groups->slots; i++) {
		if (groups->slot[i])
			sorted[count++] = groups->slot[i];
	}
	qsort(sorted, count, sizeof(struct group *), most_first);
	return sorted;
}

void groups_free(struct groups *groups)
{
	for (size_t i = 0; i < groups->slots; i++)
		free(groups->slot[i]);
	free(groups->slot);
	*groups = (struct groups){ 0 };
}
