// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* words.c - what the system gives us becomes text that is valid and inert */
#include <arpa/inet.h>
#include <bpf/btf.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "words.h"

#define COMM 16	/* TASK_COMM_LEN */

static void check_comm(const char *comm, size_t size, const char *expected)
{
	char out[WORDS_COMM];

	memset(out, 'X', sizeof(out));
	words_comm(comm, size, out);
	cr_expect_str_eq(out, expected, "%s, not %s", out, expected);
}

/* A literal, padded with NUL to the size that the kernel has. */
#define CHECK_COMM(literal, expected)                                                              \
	do {                                                                                       \
		char padded[COMM] = { 0 };                                                         \
		memcpy(padded, literal, sizeof(literal) - 1);                                      \
		check_comm(padded, sizeof(padded), expected);                                      \
	} while (0)

Test(words, comm_ascii_is_kept)
{
	CHECK_COMM("", "");
	CHECK_COMM("nginx", "nginx");
	CHECK_COMM("kworker/0:1+ev", "kworker/0:1+ev");
	CHECK_COMM("a b(c)[d]{e}\"'", "a b(c)[d]{e}\"'");
	CHECK_COMM("~!@#$%^&*<>=+", "~!@#$%^&*<>=+");
}

Test(words, comm_ends_at_nul_or_at_its_size)
{
	CHECK_COMM("ab\0cd", "ab");
	check_comm("abcdefghijklmnop", COMM, "abcdefghijklmnop");
	check_comm("abcdef", 3, "abc");
	check_comm("abc", 0, "");
}

Test(words, comm_controls_are_escaped)
{
	CHECK_COMM("\x1b]0;x\x07", "\\x1b]0;x\\x07");
	CHECK_COMM("a\nb\tc\rd", "a\\x0ab\\x09c\\x0dd");
	CHECK_COMM("\x7f", "\\x7f");
	CHECK_COMM("\x01\x02\x1f", "\\x01\\x02\\x1f");
	/* The backslash too: else an escape could be forged. */
	CHECK_COMM("\\x41", "\\x5cx41");
}

Test(words, comm_utf8_is_kept)
{
	CHECK_COMM("\xc3\xa9t\xc3\xa9", "\xc3\xa9t\xc3\xa9");
	CHECK_COMM("\xc2\xa0", "\xc2\xa0");
	CHECK_COMM("\xdf\xbf", "\xdf\xbf");
	CHECK_COMM("\xe0\xa0\x80", "\xe0\xa0\x80");
	CHECK_COMM("\xe2\x82\xac", "\xe2\x82\xac");
	CHECK_COMM("\xed\x9f\xbf\xee\x80\x80", "\xed\x9f\xbf\xee\x80\x80");
	CHECK_COMM("\xef\xbf\xbd", "\xef\xbf\xbd");
	CHECK_COMM("\xf0\x90\x80\x80", "\xf0\x90\x80\x80");
	CHECK_COMM("\xf0\x9f\x90\xa7", "\xf0\x9f\x90\xa7");
	CHECK_COMM("\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf");
}

Test(words, comm_c1_controls_are_escaped)
{
	/* U+009B is CSI: terminals obey it. */
	CHECK_COMM("\xc2\x9b", "\\xc2\\x9b");
	CHECK_COMM("\xc2\x80", "\\xc2\\x80");
	CHECK_COMM("\xc2\x9f", "\\xc2\\x9f");
	CHECK_COMM("\x9b", "\\x9b");
}

Test(words, comm_overlong_is_escaped)
{
	CHECK_COMM("\xc0\x80", "\\xc0\\x80");
	CHECK_COMM("\xc1\xbf", "\\xc1\\xbf");
	CHECK_COMM("\xe0\x80\x80", "\\xe0\\x80\\x80");
	CHECK_COMM("\xe0\x9f\xbf", "\\xe0\\x9f\\xbf");
	CHECK_COMM("\xf0\x80\x80\x80", "\\xf0\\x80\\x80\\x80");
	CHECK_COMM("\xf0\x8f\xbf\xbf", "\\xf0\\x8f\\xbf\\xbf");
}

Test(words, comm_surrogates_and_beyond_are_escaped)
{
	CHECK_COMM("\xed\xa0\x80", "\\xed\\xa0\\x80");
	CHECK_COMM("\xed\xbf\xbf", "\\xed\\xbf\\xbf");
	CHECK_COMM("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80");
	CHECK_COMM("\xf5\x80\x80\x80", "\\xf5\\x80\\x80\\x80");
	CHECK_COMM("\xff\xfe", "\\xff\\xfe");
}

Test(words, comm_truncated_utf8_is_escaped)
{
	CHECK_COMM("\xc3", "\\xc3");
	CHECK_COMM("\xe2\x82", "\\xe2\\x82");
	CHECK_COMM("\xf0\x9f\x90", "\\xf0\\x9f\\x90");
	CHECK_COMM("\xe2\x82x", "\\xe2\\x82x");
	CHECK_COMM("\x80\xbf", "\\x80\\xbf");
	/* prctl(PR_SET_NAME) cuts at 15 bytes, in the middle of a character too. */
	check_comm("0123456789abcde\xc3\xa9", COMM, "0123456789abcde\\xc3");
	check_comm("0123456789abc\xf0\x9f\x90\xa7", COMM, "0123456789abc\\xf0\\x9f\\x90");
}

Test(words, comm_of_escapes_only_fits)
{
	char out[WORDS_COMM];

	words_comm("\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01", 15, out);
	cr_expect_eq(strlen(out), 60);
	/* Sixteen do not happen; they are cut, at a whole escape. */
	words_comm("\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01", 16, out);
	cr_expect_eq(strlen(out) % 4, 0);
	cr_expect_lt(strlen(out), WORDS_COMM);
}

static void check_address(const char *text, int family, const char *expected)
{
	char out[WORDS_ADDRESS];
	uint8_t address[16];

	cr_assert(inet_pton(AF_INET6, text, address) == 1);
	words_address(address, family, out);
	cr_expect_str_eq(out, expected, "%s, not %s", out, expected);
}

Test(words, addresses)
{
	check_address("::ffff:10.1.2.3", AF_INET, "10.1.2.3");
	check_address("::ffff:255.255.255.255", AF_INET, "255.255.255.255");
	check_address("::ffff:0.0.0.0", AF_INET, "0.0.0.0");
	check_address("::ffff:10.1.2.3", AF_INET6, "::ffff:10.1.2.3");
	check_address("::", AF_INET6, "::");
	check_address("::1", AF_INET6, "::1");
	check_address("2001:0db8:0:0:0:0:0:5", AF_INET6, "2001:db8::5");
	check_address("2001:db8:1:2:3:4:5:6", AF_INET6, "2001:db8:1:2:3:4:5:6");
	check_address("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", AF_INET6,
		      "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
}

/* Ours, as the library's would do. */
Test(words, each_number_of_an_address)
{
	for (unsigned int byte = 0; byte < 256; byte++) {
		const uint8_t address[16] = { [10] = 0xff, 0xff, byte, 255 - byte, byte / 2, 7 };
		char out[WORDS_ADDRESS], expected[INET_ADDRSTRLEN];

		words_address(address, AF_INET, out);
		cr_expect_str_eq(out, inet_ntop(AF_INET, address + 12, expected, sizeof(expected)));
	}
}

static void check_time(uint64_t wall_ns, const char *expected)
{
	char out[WORDS_TIME];

	words_time(wall_ns, out);
	cr_expect_str_eq(out, expected, "%s, not %s", out, expected);
}

Test(words, time_is_rfc_3339)
{
	check_time(0, "1970-01-01T00:00:00.000000000Z");
	check_time(1, "1970-01-01T00:00:00.000000001Z");
	check_time(1795435200000000007, "2026-11-23T12:00:00.000000007Z");
	check_time(1709164799999999999, "2024-02-28T23:59:59.999999999Z");
	check_time(1709164800000000000, "2024-02-29T00:00:00.000000000Z");
	check_time(UINT64_MAX, "2554-07-21T23:34:33.709551615Z");
}

static void check_clock(const char *zone, uint64_t wall_ns, const char *expected)
{
	char out[WORDS_TIME];

	setenv("TZ", zone, 1);
	tzset();
	words_clock(wall_ns, out);
	cr_expect_str_eq(out, expected, "%s: %s, not %s", zone, out, expected);
}

Test(words, clock_is_local)
{
	check_clock("UTC", 1795435201123999999, "12:00:01.123");
	check_clock("UTC", 1795435201000999999, "12:00:01.000");
	check_clock("<+0530>-5:30", 1795435201123456789, "17:30:01.123");
	check_clock("<-03>3", 1795435201999999999, "09:00:01.999");
}

/* Without BTF: the names of RFC 9293 as the kernel writes them. */
Test(words, states_without_btf)
{
	cr_expect_str_eq(words_state(1), "ESTABLISHED");
	cr_expect_str_eq(words_state(2), "SYN_SENT");
	cr_expect_str_eq(words_state(5), "FIN_WAIT2");
	cr_expect_str_eq(words_state(8), "CLOSE_WAIT");
	cr_expect_str_eq(words_state(11), "CLOSING");
	cr_expect_str_eq(words_state(12), "NEW_SYN_RECV");
	cr_expect_null(words_state(0));
	cr_expect_null(words_state(13));
	cr_expect_null(words_state(63));
	cr_expect_null(words_state(64));
	cr_expect_null(words_state(UINT32_MAX));
	cr_expect_str_eq(words_reason(0), "0");
	cr_expect_str_eq(words_reason(63), "63");
	cr_expect_str_eq(words_reason(64), "64");
	cr_expect_str_eq(words_reason(UINT32_MAX), "4294967295");
}

static struct btf *other_kernel(void)
{
	struct btf *btf = btf__new_empty();

	cr_assert(btf);
	/* A stranger with a name like one of ours comes first. */
	cr_assert_gt(btf__add_enum(btf, "tcp_other", 4), 0);
	cr_assert_eq(btf__add_enum_value(btf, "TCP_SYN_SENT", 1), 0);
	cr_assert_gt(btf__add_enum(btf, NULL, 4), 0);
	cr_assert_eq(btf__add_enum_value(btf, "TCP_ESTABLISHED", 1), 0);
	cr_assert_eq(btf__add_enum_value(btf, "TCP_SYN_SENT", 20), 0);
	cr_assert_eq(btf__add_enum_value(btf, "TCP_FAR_AWAY", 64), 0);
	cr_assert_eq(btf__add_enum_value(btf, "TCP_BOUND_INACTIVE", 13), 0);
	cr_assert_gt(btf__add_enum(btf, "sk_rst_reason", 4), 0);
	cr_assert_eq(btf__add_enum_value(btf, "OTHER_PREFIX", 8), 0);
	cr_assert_eq(btf__add_enum_value(btf, "SK_RST_REASON_NOT_DROPPED_YET", 0), 0);
	cr_assert_eq(btf__add_enum_value(btf, "SK_RST_REASON_NO_SOCKET", 2), 0);
	cr_assert_eq(btf__add_enum_value(btf, "SK_RST_REASON_TCP_STATE", 7), 0);
	return btf;
}

/* The numbers of 6.10 and 6.12 differ, so names come from the running kernel. */
Test(words, names_from_btf)
{
	struct btf *btf = other_kernel();

	cr_assert_eq(words_learn(btf), 0);
	cr_expect_str_eq(words_state(1), "ESTABLISHED");
	cr_expect_str_eq(words_state(20), "SYN_SENT");
	cr_expect_str_eq(words_state(13), "BOUND_INACTIVE");
	cr_expect_str_eq(words_reason(0), "NOT_DROPPED_YET");
	cr_expect_str_eq(words_reason(2), "NO_SOCKET");
	cr_expect_str_eq(words_reason(7), "TCP_STATE");
	cr_expect_str_eq(words_reason(8), "8");
	btf__free(btf);
}

Test(words, btf_without_tcp)
{
	struct btf *btf = btf__new_empty();

	cr_expect_eq(words_learn(NULL), -EINVAL);
	cr_expect_eq(words_learn(btf), -ENOENT);
	cr_expect_str_eq(words_state(1), "ESTABLISHED");
	btf__free(btf);
}
