// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* message.c - one line of stderr, whatever stands in it */
#include <criterion/criterion.h>
#include <string.h>

#include "message.h"

Test(message, stays_one_inert_line)
{
	char message[MESSAGE];

	message_form(message, "no '%s' here: %d", "a\n\033[31mb\xff", 7);
	cr_expect_str_eq(message, "no 'a\\x0a\\x1b[31mb\\xff' here: 7");
	message_form(message, "no '%s' …", "größe");
	cr_expect_str_eq(message, "no 'größe' …");
}

/* The mend stands at the end, behind a word of any length; no character is cut in two. */
static void check_long(const char *piece, size_t count)
{
	char message[MESSAGE], word[8192] = "";

	for (size_t i = 0; i < count; i++)
		strcat(word, piece);
	message_form(message, "no file '%s'; name another", word);
	cr_expect_eq(strncmp(message, "no file '", 9), 0, "%s", message);
	cr_expect(strstr(message, "'; name another"), "%s", message);
	cr_expect(strstr(message, " ... "), "%s", message);
	cr_expect_lt(strlen(message), MESSAGE);
	cr_expect_gt(strlen(message), MESSAGE - 8);
	for (const char *byte = message; *byte; byte++) {
		if ((unsigned char)*byte >= 0xc0)
			cr_expect_eq((unsigned char)byte[1] & 0xc0, 0x80, "%s", message);
		else if ((unsigned char)*byte >= 0x80)
			cr_expect(byte > message && (unsigned char)byte[-1] >= 0xc0, "%s", message);
	}
}

Test(message, loses_its_middle)
{
	check_long("x", 4000);
	check_long("ö", 2000);
	check_long("xö", 1000);
	check_long("\x1b", 300);
}

Test(message, just_fits)
{
	char message[MESSAGE], word[MESSAGE] = "";

	memset(word, 'x', MESSAGE - 1);
	message_form(message, "%s", word);
	cr_expect_str_eq(message, word);
	message_form(message, "%sy", word);
	cr_expect_str_eq(message + MESSAGE - 3, "xy");
}
