// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* symbols.c - the kernel's list of functions, and a runtime's file that grows */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "symbols.h"

static FILE *file_of(const char *text)
{
	FILE *file = fmemopen((void *)text, strlen(text), "r");

	cr_assert(file);
	return file;
}

static int read_kernel(struct symbols *symbols, const char *text)
{
	FILE *file = file_of(text);
	int rc;

	memset(symbols, 0, sizeof(*symbols));
	rc = symbols_read_kernel(symbols, file);
	fclose(file);
	return rc;
}

static void read_runtime(struct symbols *symbols, const char *text)
{
	FILE *file = file_of(text);

	cr_assert_eq(symbols_read_runtime(symbols, file), 0);
	fclose(file);
}

/* What is @found at an address must have this name; NULL: nothing must be there. */
static void expect_found(uint64_t address, const char *found, uint64_t found_offset,
			 const char *name, uint64_t offset)
{
	if (!name) {
		cr_expect_null(found, "%lx is %s", (unsigned long)address, found);
		return;
	}
	cr_assert(found, "nothing at %lx", (unsigned long)address);
	cr_expect_str_eq(found, name);
	cr_expect_eq(found_offset, offset, "offset %lu", (unsigned long)found_offset);
}

static void expect_kernel(const struct symbols *symbols, uint64_t address, const char *name,
			  uint64_t offset)
{
	uint64_t found_offset = 0;
	const char *found = symbols_find_kernel(symbols, address, &found_offset);

	expect_found(address, found, found_offset, name, offset);
}

static void expect_runtime(struct symbols *symbols, uint64_t address, const char *name,
			   uint64_t offset)
{
	uint64_t found_offset = 0;
	const char *found = symbols_find_runtime(symbols, address, &found_offset);

	expect_found(address, found, found_offset, name, offset);
}

Test(symbols, kernel_functions_are_found)
{
	struct symbols symbols;

	cr_assert_eq(read_kernel(&symbols,
		"0000000000000000 A fixed_percpu_data\n"
		"ffffffff81000400 T tcp_close\n"
		"ffffffff81000000 T _text\n"
		"ffffffff81000500 D tcp_data\n"
		"ffffffff81000600 t tcp_send_fin\n"
		"ffffffffc0001000 t nf_send_reset\t[nf_reject_ipv4]\n"
		"rubbish\n"), 0);
	cr_expect_eq(symbols.count, 4, "functions only");
	expect_kernel(&symbols, 0, NULL, 0);
	expect_kernel(&symbols, 0xffffffff80ffffff, NULL, 0);
	expect_kernel(&symbols, 0xffffffff81000000, "_text", 0);
	expect_kernel(&symbols, 0xffffffff810003ff, "_text", 0x3ff);
	expect_kernel(&symbols, 0xffffffff81000512, "tcp_close", 0x112);
	expect_kernel(&symbols, 0xffffffff81000600, "tcp_send_fin", 0);
	expect_kernel(&symbols, 0xffffffffc0001004, "nf_send_reset\t[nf_reject_ipv4]", 4);
	/* What is far behind the last one is not of it. */
	expect_kernel(&symbols, 0xffffffffc0f01000, NULL, 0);
	symbols_free(&symbols);
}

Test(symbols, hidden_addresses_are_an_error)
{
	static const char hidden[] = "0000000000000000 T _text\n0000000000000000 t tcp_close\n";
	struct symbols symbols;
	FILE *file;

	cr_expect_eq(read_kernel(&symbols, hidden), -EPERM);
	symbols_free(&symbols);
	cr_expect_eq(read_kernel(&symbols, "\n"), -EPERM);
	symbols_free(&symbols);
	file = file_of(hidden);
	cr_expect(!symbols_kernel_shown(file));
	fclose(file);
	file = file_of("0000000000000000 A x\nffffffff81000000 T _text\n");
	cr_expect(symbols_kernel_shown(file));
	fclose(file);
}

Test(symbols, the_last_line_names_an_address)
{
	struct symbols symbols = { 0 };

	read_runtime(&symbols,
		"7f0000001000 100 JS:~first /srv/app/a b.js:1:2\n"
		"7f0000002000 20 second\n"
		"7f0000001080 10 third\n"
		"7f0000002000 40 fourth; took its place\n");
	expect_runtime(&symbols, 0x7f0000000fff, NULL, 0);
	expect_runtime(&symbols, 0x7f0000001000, "JS:~first /srv/app/a b.js:1:2", 0);
	expect_runtime(&symbols, 0x7f000000108f, "third", 0xf);
	expect_runtime(&symbols, 0x7f0000001090, "JS:~first /srv/app/a b.js:1:2", 0x90);
	expect_runtime(&symbols, 0x7f0000001100, NULL, 0);
	expect_runtime(&symbols, 0x7f0000002010, "fourth; took its place", 0x10);
	symbols_free(&symbols);
}

Test(symbols, a_file_is_read_on_as_it_grows)
{
	struct symbols symbols = { 0 };

	read_runtime(&symbols, "1000 10 one\n2000 10 tw");
	cr_expect_eq(symbols.count, 1, "half a line waits");
	read_runtime(&symbols, "1000 10 one\n2000 10 two\n3000 10 three\n");
	cr_expect_eq(symbols.count, 3, "nothing twice");
	expect_runtime(&symbols, 0x2001, "two", 1);
	expect_runtime(&symbols, 0x3001, "three", 1);
	/* A shorter file is another one. */
	read_runtime(&symbols, "5000 10 five\n");
	expect_runtime(&symbols, 0x5001, "five", 1);
	expect_runtime(&symbols, 0x2001, NULL, 0);
	symbols_free(&symbols);
}

Test(symbols, what_is_no_line_is_passed_over)
{
	struct symbols symbols = { 0 };
	char text[6000];

	/* A line that is too long, with what would look like a line in it. */
	memset(text, 'x', sizeof(text));
	memcpy(text, "1000 10 ", 8);
	strcpy(text + sizeof(text) - 20, "\n2000 10 two\n");
	read_runtime(&symbols, text);
	expect_runtime(&symbols, 0x2001, "two", 1);
	symbols_free(&symbols);
	read_runtime(&symbols, "\n\nrubbish\n1000\n1000 10\n1000 10 \n"
			       "ffffffffffffffff 2 wraps\nzz 10 no\n4000 0 empty\n3000 8 yes\r\n");
	expect_runtime(&symbols, 0x1001, NULL, 0);
	expect_runtime(&symbols, 0xffffffffffffffff, NULL, 0);
	expect_runtime(&symbols, 0x4000, NULL, 0);
	expect_runtime(&symbols, 0x3001, "yes", 1);
	symbols_free(&symbols);
}

/* Somebody else's file: its size must not become ours. */
Test(symbols, there_is_an_end_to_names)
{
	struct symbols symbols = { 0 };
	size_t size;
	char *text;
	FILE *file = open_memstream(&text, &size);

	cr_assert(file);
	for (unsigned int i = 0; i < SYMBOLS_NAMES / 500 + 1000; i++)
		fprintf(file, "%x000 10 %0500u\n", i + 1, i);
	fclose(file);
	read_runtime(&symbols, text);
	cr_expect_leq(symbols.names_used, SYMBOLS_NAMES);
	cr_expect_lt(symbols.count, SYMBOLS_NAMES / 500);
	cr_expect_gt(symbols.count, 1000);
	symbols_free(&symbols);
	free(text);
}
