// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdlib.h>
#include <string.h>

#include "db_roll.h"
#include "db_schema.h"

struct minute_key {
	int64_t minute, shape, comm, owner_comm, cgroup;
	uint32_t port, away;
};

struct peer_key {
	int64_t minute, shape;
	uint8_t raddr[16];
	int64_t known;
};

static void bind_id(sqlite3_stmt *statement, int column, int64_t id)
{
	if (id)
		sqlite3_bind_int64(statement, column, id);
	else
		sqlite3_bind_null(statement, column);
}

static void bind_minute(sqlite3_stmt *insert, const void *data)
{
	const struct minute_key *key = data;

	sqlite3_bind_int64(insert, 1, key->minute);
	sqlite3_bind_int64(insert, 2, key->shape);
	bind_id(insert, 3, key->comm);
	bind_id(insert, 4, key->owner_comm);
	bind_id(insert, 5, key->cgroup);
	bind_id(insert, 6, key->port);
	sqlite3_bind_int64(insert, 7, key->away);
}

static void bind_peer(sqlite3_stmt *insert, const void *data)
{
	const struct peer_key *key = data;

	sqlite3_bind_int64(insert, 1, key->minute);
	sqlite3_bind_int64(insert, 2, key->shape);
	sqlite3_bind_blob(insert, 3, key->known ? key->raddr : NULL, key->known ? 16 : 0,
			  SQLITE_STATIC);
}

static const struct {
	const char *insert;
	void (*bind)(sqlite3_stmt *insert, const void *key);
	int acts;		/* number of that column; the next is the id */
	size_t rows;
} tables[ROLL_TABLES] = {
	[ROLL_MINUTES] = {
		"INSERT INTO minutes (minute, shape, comm, owner_comm, cgroup, port, away, acts,"
		" id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", bind_minute, 8, DB_MINUTE_ROWS,
	},
	[ROLL_PEERS] = {
		"INSERT INTO peers (minute, shape, raddr, acts, id) VALUES (?, ?, ?, ?, ?)",
		bind_peer, 4, DB_PEER_ROWS,
	},
};

int db_roll_open(struct db_roll *roll, sqlite3 *sql)
{
	int rc = SQLITE_OK;

	*roll = (struct db_roll){ 0 };
	for (int i = 0; !rc && i < ROLL_TABLES; i++)
		rc = sqlite3_prepare_v3(sql, tables[i].insert, -1, SQLITE_PREPARE_PERSISTENT,
					&roll->table[i].insert, NULL);
	return rc;
}

void db_roll_close(struct db_roll *roll)
{
	for (int i = 0; i < ROLL_TABLES; i++) {
		sqlite3_finalize(roll->table[i].insert);
		dict_free(&roll->table[i].keys);
		free(roll->table[i].acts);
	}
	*roll = (struct db_roll){ 0 };
}

bool db_roll_is_due(const struct db_roll *roll, const struct act *act)
{
	return roll->minute && (int64_t)(act->wall_ns / DB_MINUTE) > roll->minute;
}

static int count(struct db_roll_table_state *table, const void *key, size_t size)
{
	bool added;
	int64_t number = dict_number(&table->keys, key, size, &added);
	uint32_t *acts;

	if (number < 0)
		return SQLITE_NOMEM;
	if ((size_t)number >= table->room) {
		acts = reallocarray(table->acts, table->room + 1024, sizeof(*acts));
		if (!acts)
			return SQLITE_NOMEM;
		table->acts = acts;
		table->room += 1024;
	}
	if (added)
		table->acts[number] = 0;
	table->acts[number]++;
	return SQLITE_OK;
}

/* Whether a combination can be told apart from the others. */
static bool has_room(const struct db_roll *roll, enum db_roll_table which, const void *key,
		     size_t size)
{
	const struct dict *keys = &roll->table[which].keys;

	return keys->count < tables[which].rows || dict_find(keys, key, size) >= 0;
}

static int count_minute(struct db_roll *roll, const struct record *r, int64_t minute,
			const struct db_link *link)
{
	bool away = r->role == ROLE_CLIENT || (r->role != ROLE_SERVER && r->rport < r->lport);
	struct minute_key key = { minute, link->shape, link->comm, link->owner_comm,
				  link->cgroup, away ? r->rport : r->lport, away };

	if (!has_room(roll, ROLL_MINUTES, &key, sizeof(key)))
		key = (struct minute_key){ .minute = minute, .shape = link->shape };
	return count(&roll->table[ROLL_MINUTES], &key, sizeof(key));
}

static int count_peer(struct db_roll *roll, const struct record *r, int64_t minute,
		      const struct db_link *link)
{
	struct peer_key key = { .minute = minute, .shape = link->shape, .known = true };

	memcpy(key.raddr, r->raddr, sizeof(key.raddr));
	if (!has_room(roll, ROLL_PEERS, &key, sizeof(key)))
		key = (struct peer_key){ .minute = minute, .shape = link->shape };
	return count(&roll->table[ROLL_PEERS], &key, sizeof(key));
}

int db_roll_add(struct db_roll *roll, const struct act *act, const struct db_link *link)
{
	int64_t minute = (int64_t)(act->wall_ns / DB_MINUTE);
	int rc = count_minute(roll, &act->record, minute, link);

	if (minute > roll->minute)
		roll->minute = minute;
	return rc ? rc : count_peer(roll, &act->record, minute, link);
}

static int write_table(struct db_roll_table_state *table, int which)
{
	int rc = SQLITE_OK;

	for (size_t i = 0; !rc && i < table->keys.count; i++) {
		tables[which].bind(table->insert, dict_key(&table->keys, i));
		sqlite3_bind_int64(table->insert, tables[which].acts, table->acts[i]);
		sqlite3_bind_int64(table->insert, tables[which].acts + 1, table->next++);
		sqlite3_step(table->insert);
		rc = sqlite3_reset(table->insert);
	}
	return rc;
}

int db_roll_write(struct db_roll *roll)
{
	int rc = SQLITE_OK;

	for (int i = 0; !rc && i < ROLL_TABLES; i++)
		rc = write_table(&roll->table[i], i);
	db_roll_forget(roll);
	return rc;
}

void db_roll_forget(struct db_roll *roll)
{
	for (int i = 0; i < ROLL_TABLES; i++)
		dict_clear(&roll->table[i].keys);
	roll->minute = 0;
}
