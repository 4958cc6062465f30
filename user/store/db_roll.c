// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdlib.h>

#include "db_roll.h"
#include "db_schema.h"

#define GROW	1024
#define BYTES	35	/* of a row in the file, about */

/* The columns of minutes. */
struct key {
	int64_t minute, shape, comm, owner_comm, cgroup;
	uint32_t port, away;
};

int db_roll_open(struct db_roll *roll, sqlite3 *sql)
{
	static const char text[] =
		"INSERT INTO minutes (minute, shape, comm, owner_comm, cgroup, port, away, acts,"
		" id) VALUES (?, ?, nullif(?, 0), nullif(?, 0), nullif(?, 0), nullif(?, 0), ?,"
		" ?, ?)";

	*roll = (struct db_roll){ 0 };
	return sqlite3_prepare_v3(sql, text, -1, SQLITE_PREPARE_PERSISTENT, &roll->insert, NULL);
}

void db_roll_close(struct db_roll *roll)
{
	sqlite3_finalize(roll->insert);
	dict_free(&roll->keys);
	free(roll->acts);
	*roll = (struct db_roll){ 0 };
}

bool db_roll_is_due(const struct db_roll *roll, const struct act *act)
{
	return roll->minute && (int64_t)(act->wall_ns / DB_MINUTE) > roll->minute;
}

static int count(struct db_roll *roll, const struct key *key)
{
	bool added;
	int64_t number = dict_number(&roll->keys, key, sizeof(*key), &added);
	uint32_t *acts;

	if (number < 0)
		return SQLITE_NOMEM;
	if ((size_t)number >= roll->room) {
		acts = reallocarray(roll->acts, roll->room + GROW, sizeof(*acts));
		if (!acts)
			return SQLITE_NOMEM;
		roll->acts = acts;
		roll->room += GROW;
	}
	if (added) {
		roll->acts[number] = 0;
		roll->bytes += BYTES;
	}
	roll->acts[number]++;
	return SQLITE_OK;
}

/* When there are too many combinations, the rest is told by what is never much. */
int db_roll_add(struct db_roll *roll, const struct act *act, const struct db_link *link)
{
	const struct record *r = &act->record;
	bool away = r->role == ROLE_CLIENT || (r->role != ROLE_SERVER && r->rport < r->lport);
	int64_t minute = (int64_t)(act->wall_ns / DB_MINUTE);
	struct key key = { minute, link->shape, link->comm, link->owner_comm, link->cgroup,
			   away ? r->rport : r->lport, away };

	if (minute > roll->minute)
		roll->minute = minute;
	if (roll->keys.count >= DB_MINUTE_ROWS && dict_find(&roll->keys, &key, sizeof(key)) < 0)
		key = (struct key){ .minute = minute, .shape = link->shape };
	return count(roll, &key);
}

static int write_row(struct db_roll *roll, size_t number)
{
	const struct key *key = dict_key(&roll->keys, number);
	sqlite3_stmt *insert = roll->insert;

	sqlite3_bind_int64(insert, 1, key->minute);
	sqlite3_bind_int64(insert, 2, key->shape);
	sqlite3_bind_int64(insert, 3, key->comm);
	sqlite3_bind_int64(insert, 4, key->owner_comm);
	sqlite3_bind_int64(insert, 5, key->cgroup);
	sqlite3_bind_int64(insert, 6, key->port);
	sqlite3_bind_int64(insert, 7, key->away);
	sqlite3_bind_int64(insert, 8, roll->acts[number]);
	sqlite3_bind_int64(insert, 9, roll->next++);
	sqlite3_step(insert);
	return sqlite3_reset(insert);
}

int db_roll_write(struct db_roll *roll)
{
	int rc = SQLITE_OK;

	for (size_t i = 0; !rc && i < roll->keys.count; i++)
		rc = write_row(roll, i);
	db_roll_forget(roll);
	return rc;
}

void db_roll_forget(struct db_roll *roll)
{
	dict_clear(&roll->keys);
	roll->minute = 0;
}
