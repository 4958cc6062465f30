// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "maps.h"

struct line {
	struct range range;
	uint64_t offset, inode;
	unsigned int major, minor;
	const char *path;	/* into the text; "" when there is none */
};

static bool parse(char *text, struct line *line)
{
	char mode[5];
	int used = 0;

	text[strcspn(text, "\n")] = '\0';
	if (sscanf(text, "%" SCNx64 "-%" SCNx64 " %4s %" SCNx64 " %x:%x %" SCNu64 " %n",
		   &line->range.start, &line->range.end, mode, &line->offset, &line->major,
		   &line->minor, &line->inode, &used) != 7)
		return false;
	line->range.executable = mode[2] == 'x';
	line->path = text + used;
	line->range.file = line->path[0] == '/' && line->inode;
	return true;
}

/* Makes room for one more of @size bytes behind @count; NULL: no memory. */
static void *grow(void *list, size_t count, size_t *room, size_t size)
{
	if (count < *room)
		return list;
	*room = *room ? *room * 2 : 64;
	return reallocarray(list, *room, size);
}

/*
 * The segments of a file lie one behind the other, at rising offsets; at the lowest a second
 * mapping of the same file begins.
 */
static bool continues(const struct module *module, const struct line *line)
{
	return module->inode == line->inode && module->major == line->major &&
	       module->minor == line->minor && line->offset && !strcmp(module->path, line->path);
}

static int add_module(struct maps *maps, const struct line *line)
{
	struct module *last = maps->module_count ? &maps->modules[maps->module_count - 1] : NULL;
	struct module *modules;

	if (last && continues(last, line)) {
		last->end = line->range.end;
		last->executable |= line->range.executable;
		return 0;
	}
	/* What is mapped but never run (locales, data) is of no use. */
	if (last && !last->executable)
		free(maps->modules[--maps->module_count].path);
	modules = grow(maps->modules, maps->module_count, &maps->module_room, sizeof(*modules));
	if (!modules)
		return -ENOMEM;
	maps->modules = modules;
	modules += maps->module_count;
	*modules = (struct module){
		.start = line->range.start,
		.end = line->range.end,
		.first_end = line->range.end,
		.inode = line->inode,
		.major = line->major,
		.minor = line->minor,
		.executable = line->range.executable,
		.path = strdup(line->path),
	};
	if (!modules->path)
		return -ENOMEM;
	maps->module_count++;
	return 0;
}

static int add(struct maps *maps, const struct line *line)
{
	struct range *ranges = grow(maps->ranges, maps->count, &maps->room, sizeof(*ranges));

	if (!ranges)
		return -ENOMEM;
	maps->ranges = ranges;
	ranges[maps->count++] = line->range;
	return line->range.file ? add_module(maps, line) : 0;
}

int maps_read(struct maps *maps, FILE *file)
{
	size_t room = 0, last;
	char *text = NULL;
	struct line line;
	int rc = 0;

	while (!rc && getline(&text, &room, file) > 0) {
		if (parse(text, &line))
			rc = add(maps, &line);
	}
	free(text);
	last = maps->module_count;
	if (last && !maps->modules[last - 1].executable)
		free(maps->modules[--maps->module_count].path);
	return rc;
}

static int compare(const void *key, const void *item)
{
	const uint64_t *address = key;
	const struct range *range = item;

	if (*address < range->start)
		return -1;
	return *address >= range->end;
}

const struct range *maps_find(const struct maps *maps, uint64_t address)
{
	if (!maps->count)
		return NULL;
	return bsearch(&address, maps->ranges, maps->count, sizeof(*maps->ranges), compare);
}

bool maps_executable(const struct maps *maps, uint64_t address)
{
	const struct range *range = maps_find(maps, address);

	return range && range->executable;
}

bool maps_in_module(const struct maps *maps, uint64_t address)
{
	const struct range *range = maps_find(maps, address);

	return range && range->file;
}

bool maps_same_modules(const struct maps *a, const struct maps *b)
{
	if (a->module_count != b->module_count)
		return false;
	for (size_t i = 0; i < a->module_count; i++) {
		const struct module *one = &a->modules[i], *other = &b->modules[i];

		if (one->start != other->start || one->end != other->end ||
		    one->inode != other->inode || strcmp(one->path, other->path))
			return false;
	}
	return true;
}

void maps_free(struct maps *maps)
{
	for (size_t i = 0; i < maps->module_count; i++)
		free(maps->modules[i].path);
	free(maps->modules);
	free(maps->ranges);
	memset(maps, 0, sizeof(*maps));
}
