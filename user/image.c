// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "image.h"
#include "process.h"
#include "run.h"
#include "unwind.h"

#define BUILD_IDS	"/usr/lib/debug/.build-id"

/* A file by its path in the process's own mount namespace; a descriptor or a negative errno. */
static int open_inside(const struct image *image, const char *path)
{
	struct open_how how = {
		.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	int fd = (int)syscall(SYS_openat2, image->root, path, &how, sizeof(how));

	return fd < 0 ? -errno : fd;
}

/*
 * The file that was mapped.  While the process lives the kernel gives the very file; later there
 * is only its path, where another file may be by now.
 */
static int open_module(const struct image *image, const struct module *module)
{
	char path[96];
	struct stat st;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/map_files/%" PRIx64 "-%" PRIx64, image->pid,
		 module->start, module->first_end);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd >= 0 && process_start_ticks(image->pid) == image->start_ticks)
		return fd;
	if (fd >= 0)
		close(fd);
	fd = open_inside(image, module->path);
	/* overlayfs shows other devices in maps: there the inode tells nothing. */
	if (fd >= 0 && (fstat(fd, &st) || !S_ISREG(st.st_mode) ||
			(st.st_dev == makedev(module->major, module->minor) &&
			 st.st_ino != module->inode))) {
		close(fd);
		return -ESTALE;
	}
	return fd;
}

static int find_elf(Dwfl_Module *module, void **userdata, const char *name, Dwarf_Addr base,
		    char **file_name, Elf **elf)
{
	const struct image *image = *userdata;

	(void)module;
	(void)name;
	(void)file_name;
	*elf = NULL;
	for (size_t i = 0; i < image->maps.module_count; i++) {
		if (image->maps.modules[i].start == base)
			return open_module(image, &image->maps.modules[i]);
	}
	return -1;
}

/*
 * Debug information of this machine, by build id only: libdwfl's own search would also follow
 * paths that the file names, and ask the servers of DEBUGINFOD_URLS.
 */
static int find_debuginfo(Dwfl_Module *module, void **userdata, const char *name, Dwarf_Addr base,
			  const char *file_name, const char *link, GElf_Word crc, char **found)
{
	const unsigned char *id;
	GElf_Addr address;
	char path[192];
	int length, used;

	(void)userdata;
	(void)name;
	(void)base;
	(void)file_name;
	(void)link;
	(void)crc;
	(void)found;
	length = dwfl_module_build_id(module, &id, &address);
	if (length < 2 || length > 64)
		return -1;
	used = snprintf(path, sizeof(path), BUILD_IDS "/%02x/", id[0]);
	for (int i = 1; i < length; i++)
		used += snprintf(path + used, sizeof(path) - (size_t)used, "%02x", id[i]);
	strcpy(path + used, ".debug");
	return open(path, O_RDONLY | O_CLOEXEC);
}

static const Dwfl_Callbacks callbacks = {
	.find_elf = find_elf,
	.find_debuginfo = find_debuginfo,
};

/* Tells libdwfl of the modules, of which it opens those that it needs. */
static int build(struct image *image)
{
	dwfl_end(image->dwfl);
	image->dwfl = dwfl_begin(&callbacks);
	if (!image->dwfl)
		return -ENOMEM;
	for (size_t i = 0; i < image->maps.module_count; i++) {
		const struct module *known = &image->maps.modules[i];
		Dwfl_Module *module = dwfl_report_module(image->dwfl, known->path, known->start,
							 known->end);
		void **userdata;

		if (!module)
			continue;
		dwfl_module_info(module, &userdata, NULL, NULL, NULL, NULL, NULL, NULL);
		*userdata = image;
	}
	dwfl_report_end(image->dwfl, NULL, NULL);
	unwind_attach(image);
	return 0;
}

static int read_maps(const struct image *image, struct maps *maps)
{
	char path[64];
	FILE *file;
	int rc;

	snprintf(path, sizeof(path), "/proc/%d/maps", image->pid);
	file = fopen(path, "re");
	if (!file)
		return -errno;
	rc = maps_read(maps, file);
	fclose(file);
	if (!rc && (!maps->count || process_start_ticks(image->pid) != image->start_ticks))
		rc = -ESRCH;
	if (rc)
		maps_free(maps);
	return rc;
}

/* What the runtime's file is called and who may have written it. */
static int read_status(struct image *image)
{
	char path[64], line[256];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", image->pid);
	file = fopen(path, "re");
	if (!file)
		return -errno;
	image->own_pid = image->pid;
	while (fgets(line, sizeof(line), file)) {
		const char *last = strrchr(line, '\t');

		if (!strncmp(line, "NSpid:", 6) && last)
			image->own_pid = atoi(last);
		sscanf(line, "Uid: %*u %u", &image->uid);
	}
	fclose(file);
	return 0;
}

/* Adds what the runtime has written since. */
static void refresh_runtime(struct image *image)
{
	char path[64];
	struct stat st;
	FILE *file;
	int fd;

	snprintf(path, sizeof(path), "/tmp/perf-%d.map", image->own_pid);
	fd = open_inside(image, path);
	if (fd < 0)
		return;
	/* Anybody may write to /tmp: only the program itself, or root, names its code. */
	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || (st.st_uid && st.st_uid != image->uid)) {
		close(fd);
		return;
	}
	file = fdopen(fd, "r");
	if (!file) {
		close(fd);
		return;
	}
	symbols_read_runtime(&image->runtime, file);
	fclose(file);
}

struct image *image_open(pid_t pid, uint64_t start_ticks)
{
	struct image *image = calloc(1, sizeof(*image));
	char path[64];
	int rc;

	if (!image)
		return NULL;
	image->pid = pid;
	image->start_ticks = start_ticks ?: process_start_ticks(pid);
	image->read_ns = run_now();
	snprintf(path, sizeof(path), "/proc/%d/root", pid);
	image->root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	rc = image->root < 0 ? -errno : 0;
	rc = rc ?: read_status(image) ?: read_maps(image, &image->maps) ?: build(image);
	if (rc) {
		image_close(image);
		errno = -rc;
		return NULL;
	}
	refresh_runtime(image);
	return image;
}

bool image_fits(const struct maps *maps, const struct record_stack *stack)
{
	return maps_executable(maps, stack->pc) &&
	       maps_find(maps, stack->address + STACK_PIECE - 1);
}

void image_refresh(struct image *image, const struct record_stack *stack)
{
	struct maps maps = {};

	image->read_ns = run_now();
	refresh_runtime(image);
	if (read_maps(image, &maps))
		return;
	if (!image_fits(&maps, stack)) {
		maps_free(&maps);
		return;
	}
	if (maps_same_modules(&maps, &image->maps)) {
		struct maps older = image->maps;

		image->maps = maps;
		maps_free(&older);
		return;
	}
	maps_free(&image->maps);
	image->maps = maps;
	build(image);
}

/* For libdwfl a module begins where the one before it ended, whatever lies between. */
Dwfl_Module *image_module(const struct image *image, uint64_t address)
{
	if (!maps_in_module(&image->maps, address))
		return NULL;
	return dwfl_addrmodule(image->dwfl, address);
}

void image_close(struct image *image)
{
	if (!image)
		return;
	dwfl_end(image->dwfl);
	maps_free(&image->maps);
	symbols_free(&image->runtime);
	if (image->root >= 0)
		close(image->root);
	free(image);
}
