// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* entries.c - how many entries the maps of a running closetrace hold */
#include <bpf/bpf.h>
#include <dirent.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "abi/settings.h"
#include "load.h"

#define KEY_ROOM 64

/* The number of a map behind a descriptor; 0: it is none. */
static uint32_t map_id(const char *folder, const char *fd)
{
	char path[320], line[128];
	uint32_t id = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, fd);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		sscanf(line, "map_id: %" SCNu32, &id);
	if (file)
		fclose(file);
	return id;
}

static bool is_hash(uint32_t type)
{
	return type == BPF_MAP_TYPE_HASH || type == BPF_MAP_TYPE_LRU_HASH;
}

/* Owners are in sets of four, each behind its key: see bpf/owner_table.bpf.c. */
static void count_owners(int fd, const struct bpf_map_info *info)
{
	uint64_t *set = calloc(1, info->value_size);
	uint32_t owners = 0;

	for (uint32_t i = 0; set && i < info->max_entries; i++) {
		if (bpf_map_lookup_elem(fd, &i, set))
			load_fail("cannot read the owners");
		for (uint32_t way = 0; way < SETTINGS_OWNER_WAYS; way++)
			owners += set[way] != 0;
	}
	free(set);
	printf("sets owners %u %u\n", owners, SETTINGS_OWNER_WAYS * info->max_entries);
}

static void count(uint32_t id)
{
	struct bpf_map_info info = { 0 };
	char key[KEY_ROOM], next[KEY_ROOM];
	uint32_t size = sizeof(info), entries = 0;
	int fd = bpf_map_get_fd_by_id(id);

	if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &size))
		load_fail("cannot look at a map");
	if (!strcmp(info.name, "owner_sets"))
		count_owners(fd, &info);
	if (is_hash(info.type) && info.key_size <= KEY_ROOM) {
		void *last = NULL;

		/* Should the last key go meanwhile, it begins anew: all are counted at most. */
		while (entries < info.max_entries && !bpf_map_get_next_key(fd, last, next)) {
			memcpy(key, next, info.key_size);
			last = key;
			entries++;
		}
		printf("%s %s %u %u\n", info.type == BPF_MAP_TYPE_HASH ? "hash" : "lru", info.name,
		       entries, info.max_entries);
	}
	close(fd);
}

void load_entries(const char *pid)
{
	char folder[64];
	struct dirent *entry;
	DIR *dir;

	snprintf(folder, sizeof(folder), "/proc/%s/fdinfo", pid);
	dir = opendir(folder);
	if (!dir)
		load_fail(folder);
	while ((entry = readdir(dir))) {
		uint32_t id = map_id(folder, entry->d_name);

		if (id)
			count(id);
	}
	closedir(dir);
}
