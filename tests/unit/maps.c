// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* maps.c - modules and ranges out of /proc/PID/maps */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "maps.h"

/* A program, a file that is only read, a library mapped twice, one that is deleted, no file. */
static const char text[] =
	"55d0c0a00000-55d0c0a02000 r--p 00000000 fe:01 1311      /usr/sbin/a server\n"
	"55d0c0a02000-55d0c0a09000 r-xp 00002000 fe:01 1311      /usr/sbin/a server\n"
	"55d0c0a09000-55d0c0a0a000 rw-p 00009000 fe:01 1311      /usr/sbin/a server\n"
	"55d0c0a0a000-55d0c0a2b000 rw-p 00000000 00:00 0         [heap]\n"
	"7f10c0000000-7f10c0100000 r--p 00000000 fe:01 77        /usr/lib/locale/C.utf8\n"
	"7f10c1000000-7f10c1001000 r-xp 00000000 fe:01 42        /usr/lib/libone.so\n"
	"7f10c1001000-7f10c1002000 rw-p 00001000 fe:01 42        /usr/lib/libone.so\n"
	"7f10c2000000-7f10c2001000 r-xp 00000000 fe:01 42        /usr/lib/libone.so\n"
	"7f10c2001000-7f10c2002000 rw-p 00001000 fe:01 42        /usr/lib/libone.so\n"
	"7f10c3000000-7f10c3001000 r--p 00000000 00:2e 9         /tmp/gone.so (deleted)\n"
	"7f10c3001000-7f10c3002000 r-xp 00001000 00:2e 9         /tmp/gone.so (deleted)\n"
	"7f10c4000000-7f10c4010000 r-xp 00000000 00:00 0 \n"
	"7ffd1a000000-7ffd1a021000 rw-p 00000000 00:00 0         [stack]\n"
	"7ffd1a0f0000-7ffd1a0f2000 r-xp 00000000 00:00 0         [vdso]\n"
	"ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0 [vsyscall]\n";

static void read_text(struct maps *maps, const char *from)
{
	FILE *file = fmemopen((void *)from, strlen(from), "r");

	cr_assert(file);
	memset(maps, 0, sizeof(*maps));
	cr_assert_eq(maps_read(maps, file), 0);
	fclose(file);
}

Test(maps, modules_are_executable_files)
{
	static const struct {
		uint64_t start, end, first_end;
		const char *path;
	} expected[] = {
		{ 0x55d0c0a00000, 0x55d0c0a0a000, 0x55d0c0a02000, "/usr/sbin/a server" },
		{ 0x7f10c1000000, 0x7f10c1002000, 0x7f10c1001000, "/usr/lib/libone.so" },
		{ 0x7f10c2000000, 0x7f10c2002000, 0x7f10c2001000, "/usr/lib/libone.so" },
		{ 0x7f10c3000000, 0x7f10c3002000, 0x7f10c3001000, "/tmp/gone.so (deleted)" },
	};
	struct maps maps;

	read_text(&maps, text);
	cr_assert_eq(maps.module_count, sizeof(expected) / sizeof(expected[0]));
	for (size_t i = 0; i < maps.module_count; i++) {
		const struct module *module = &maps.modules[i];

		cr_expect_eq(module->start, expected[i].start, "%zu", i);
		cr_expect_eq(module->end, expected[i].end, "%zu", i);
		cr_expect_eq(module->first_end, expected[i].first_end, "%zu", i);
		cr_expect_str_eq(module->path, expected[i].path);
	}
	cr_expect_eq(maps.modules[0].inode, 1311);
	cr_expect_eq(maps.modules[0].major, 0xfe);
	cr_expect_eq(maps.modules[0].minor, 1);
	maps_free(&maps);
}

Test(maps, ranges_are_found)
{
	struct maps maps;

	read_text(&maps, text);
	cr_expect_null(maps_find(&maps, 0));
	cr_expect_null(maps_find(&maps, 0x55d0c09fffff));
	cr_expect_eq(maps_find(&maps, 0x55d0c0a00000)->end, 0x55d0c0a02000);
	cr_expect_eq(maps_find(&maps, 0x55d0c0a01fff)->end, 0x55d0c0a02000);
	cr_expect_null(maps_find(&maps, 0x7f10c4010000));
	cr_expect(maps_executable(&maps, 0x55d0c0a02000));
	cr_expect(!maps_executable(&maps, 0x55d0c0a00000));
	cr_expect(!maps_executable(&maps, 0x7f10c5000000));
	/* Code without a file: somebody made it. */
	cr_expect(maps_executable(&maps, 0x7f10c4000000));
	cr_expect(!maps_in_module(&maps, 0x7f10c4000000));
	cr_expect(maps_in_module(&maps, 0x7f10c3001000));
	cr_expect(!maps_in_module(&maps, 0x7ffd1a000000));
	maps_free(&maps);
}

/* Memory comes and goes; the files at their addresses are what counts. */
Test(maps, the_same_modules)
{
	struct maps one, other;
	char changed[sizeof(text)];

	read_text(&one, text);
	memcpy(changed, text, sizeof(text));
	memcpy(strstr(changed, "55d0c0a2b000"), "55d0c0a4c000", 12);
	read_text(&other, changed);
	cr_expect(maps_same_modules(&one, &other));
	maps_free(&other);
	memcpy(strstr(changed, "7f10c3002000 r-xp"), "7f10c3003000 r-xp", 17);
	read_text(&other, changed);
	cr_expect(!maps_same_modules(&one, &other));
	maps_free(&other);
	memcpy(changed, text, sizeof(text));
	memcpy(strstr(changed, "00:2e 9 "), "00:2e 8 ", 8);
	memcpy(strstr(changed, "00:2e 9 "), "00:2e 8 ", 8);
	read_text(&other, changed);
	cr_expect(!maps_same_modules(&one, &other), "another file at the same place");
	maps_free(&other);
	read_text(&other, "");
	cr_expect(!maps_same_modules(&one, &other));
	cr_expect_eq(other.count, 0);
	cr_expect_null(maps_find(&other, 0x55d0c0a02000));
	maps_free(&other);
	maps_free(&one);
}

Test(maps, what_is_no_line_is_passed_over)
{
	struct maps maps;

	read_text(&maps, "\nrubbish\n55d0-\n"
			 "1000-2000 r-xp 00000000 fe:01 5 /bin/a\n");
	cr_expect_eq(maps.count, 1);
	cr_expect_eq(maps.module_count, 1);
	maps_free(&maps);
}
