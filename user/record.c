// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "abi/stack.h"
#include "record.h"

#define STATE_MAX 13	/* TCP_BOUND_INACTIVE, 6.8 */

bool record_valid(const struct record *r)
{
	if (r->kind >= RECORD_KINDS || r->context > CONTEXT_KTHREAD)
		return false;
	if (r->family != AF_INET && r->family != AF_INET6)
		return false;
	if (r->role > ROLE_LISTENER || r->owner_by > OWNER_LISTENER)
		return false;
	if (r->note >= NOTES || (r->note != NOTE_NONE) != (r->kind == RECORD_NOTE))
		return false;
	return r->state <= STATE_MAX && r->shutdown <= 3 && r->how <= 3;
}

/* 0 when there is none, or a whole one. */
static int check_stack(const void *data, size_t size)
{
	struct record_stack head;

	if (!size)
		return 0;
	if (size != sizeof(head))
		return -EMSGSIZE;
	memcpy(&head, data, offsetof(struct record_stack, memory));
	if (head.size != sizeof(head))
		return -EMSGSIZE;
	if (head.bytes > STACK_MEMORY || head.frames > STACK_FRAMES ||
	    head.registers > STACK_REGISTERS)
		return -EBADMSG;
	return 0;
}

int record_decode(const void *data, size_t size, struct act *act)
{
	struct record record;
	int rc;

	if (size < offsetof(struct record, kind))
		return -EMSGSIZE;
	memcpy(&record, data, offsetof(struct record, kind));
	if (record.version != RECORD_VERSION)
		return -EPROTO;
	if (record.size != sizeof(record) || size < sizeof(record))
		return -EMSGSIZE;
	memcpy(&record, data, sizeof(record));
	if (!record_valid(&record))
		return -EBADMSG;
	rc = check_stack((const char *)data + sizeof(record), size - sizeof(record));
	if (rc)
		return rc;
	memset(act, 0, sizeof(*act));
	act->record = record;
	if (size > sizeof(record))
		act->stack = (struct record_stack *)((char *)data + sizeof(record));
	return 0;
}

const char *record_cgroup_path(const void *data, size_t size, uint64_t *id)
{
	const struct record_cgroup *record = data;

	if (size != sizeof(*record) || record->kind != RECORD_CGROUP ||
	    record->version != RECORD_VERSION || record->size != sizeof(*record) ||
	    !memchr(record->path, '\0', sizeof(record->path)))
		return NULL;
	memcpy(id, &record->id, sizeof(*id));
	return record->path;
}
