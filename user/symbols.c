// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "symbols.h"

#define LINE		1024
#define FUNCTION_MAX	(1 << 20)	/* bytes; what lies further behind a symbol is not it */

static int keep_name(struct symbols *symbols, const char *name, size_t *at)
{
	size_t length = strlen(name) + 1;

	if (symbols->names_used + length > SYMBOLS_NAMES)
		return -ENOSPC;
	if (symbols->names_used + length > symbols->names_room) {
		size_t room = 2 * symbols->names_room + length;
		char *names = realloc(symbols->names, room);

		if (!names)
			return -ENOMEM;
		symbols->names = names;
		symbols->names_room = room;
	}
	*at = symbols->names_used;
	memcpy(symbols->names + symbols->names_used, name, length);
	symbols->names_used += length;
	return 0;
}

static int add(struct symbols *symbols, uint64_t start, uint64_t end, const char *name)
{
	struct symbol *symbol;
	int rc;

	if (symbols->count == SYMBOLS_ROOM)
		return -ENOSPC;
	if (symbols->count == symbols->room) {
		size_t room = symbols->room ? 2 * symbols->room : 256;
		struct symbol *list = reallocarray(symbols->list, room, sizeof(*list));

		if (!list)
			return -ENOMEM;
		symbols->list = list;
		symbols->room = room;
	}
	symbol = &symbols->list[symbols->count];
	symbol->start = start;
	symbol->end = end;
	rc = keep_name(symbols, name, &symbol->name);
	if (!rc)
		symbols->count++;
	return rc;
}

static int compare(const void *left, const void *right)
{
	const struct symbol *a = left, *b = right;

	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	return a->name < b->name ? -1 : a->name > b->name;
}

/* Each function ends where the next begins: the kernel tells no sizes. */
static void sort(struct symbols *symbols)
{
	if (!symbols->count)
		return;
	qsort(symbols->list, symbols->count, sizeof(*symbols->list), compare);
	for (size_t i = 0; i < symbols->count; i++) {
		struct symbol *symbol = &symbols->list[i];

		symbol->end = symbol->start + FUNCTION_MAX;
		if (i + 1 < symbols->count && symbol[1].start < symbol->end)
			symbol->end = symbol[1].start;
	}
}

/* "ffffffff81000000 T name" or "... t name\t[module]"; the address is 0 when it is hidden. */
static bool parse_kernel(char *line, uint64_t *address, const char **name)
{
	char kind;
	int used = 0;

	line[strcspn(line, "\n")] = '\0';
	if (sscanf(line, "%" SCNx64 " %c %n", address, &kind, &used) != 2)
		return false;
	*name = line + used;
	return strchr("tTwW", kind) && **name;
}

int symbols_read_kernel(struct symbols *symbols, FILE *file)
{
	bool shown = false;
	char line[LINE];
	int rc = 0;

	while (!rc && fgets(line, sizeof(line), file)) {
		uint64_t address;
		const char *name;

		if (!parse_kernel(line, &address, &name))
			continue;
		shown |= address != 0;
		rc = add(symbols, address, 0, name);
	}
	sort(symbols);
	if (rc == -ENOMEM)
		return rc;
	return shown ? 0 : -EPERM;
}

bool symbols_kernel_shown(FILE *file)
{
	bool shown = false;
	char line[LINE];

	while (!shown && fgets(line, sizeof(line), file)) {
		uint64_t address;
		const char *name;

		shown = parse_kernel(line, &address, &name) && address;
	}
	return shown;
}

static int compare_address(const void *key, const void *item)
{
	const uint64_t *address = key;
	const struct symbol *symbol = item;

	if (*address < symbol->start)
		return -1;
	return *address >= symbol->end;
}

const char *symbols_find_kernel(const struct symbols *symbols, uint64_t address, uint64_t *offset)
{
	const struct symbol *symbol = NULL;

	if (symbols->count)
		symbol = bsearch(&address, symbols->list, symbols->count, sizeof(*symbol),
				 compare_address);
	if (!symbol)
		return NULL;
	*offset = address - symbol->start;
	return symbols->names + symbol->name;
}

static int add_runtime(struct symbols *symbols, char *line)
{
	uint64_t start, size, end;
	int name = 0;

	line[strcspn(line, "\r\n")] = '\0';
	if (sscanf(line, "%" SCNx64 " %" SCNx64 " %n", &start, &size, &name) != 2 ||
	    !line[name] || __builtin_add_overflow(start, size, &end))
		return 0;
	return add(symbols, start, end, line + name);
}

int symbols_read_runtime(struct symbols *symbols, FILE *file)
{
	char line[LINE];
	int rc = 0;

	/* A file that became shorter is another one. */
	if (!fseek(file, 0, SEEK_END) && ftell(file) < symbols->read)
		symbols_free(symbols);
	if (fseek(file, symbols->read, SEEK_SET))
		return 0;
	while (!rc && fgets(line, sizeof(line), file)) {
		size_t length = strlen(line);

		/* It is being written, unless it is too long: then its end is no line. */
		if (length < sizeof(line) - 1 && (!length || line[length - 1] != '\n'))
			break;
		symbols->read += (long)length;
		rc = add_runtime(symbols, line);
	}
	return rc == -ENOMEM ? rc : 0;
}

/* The index of the last symbol that has the address; count: none. */
static size_t last_at(const struct symbols *symbols, uint64_t address)
{
	for (size_t i = symbols->count; i-- > 0;) {
		if (address >= symbols->list[i].start && address < symbols->list[i].end)
			return i;
	}
	return symbols->count;
}

const char *symbols_find_runtime(struct symbols *symbols, uint64_t address, uint64_t *offset)
{
	struct symbols_hit *hit = &symbols->hits[(address ^ address >> 12) % SYMBOLS_HITS];

	if (!symbols->count)
		return NULL;
	if (hit->address != address || hit->count != symbols->count)
		*hit = (struct symbols_hit){ address, symbols->count, last_at(symbols, address) };
	if (hit->index == symbols->count)
		return NULL;
	*offset = address - symbols->list[hit->index].start;
	return symbols->names + symbols->list[hit->index].name;
}

void symbols_free(struct symbols *symbols)
{
	free(symbols->list);
	free(symbols->names);
	memset(symbols, 0, sizeof(*symbols));
}
