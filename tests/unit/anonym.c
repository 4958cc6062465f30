// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* anonym.c - --anonymize: the same name for the same address, and no way back */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "fixture.h"
#include "report/anonym.h"
#include "report/siphash.h"
#include "words.h"

static const struct anonym one = { { 1, 2, 3 } }, other = { { 1, 2, 4 } };

/* Of the authors' reference code: key 00 01 .. 0f, text 00 01 .. of each length. */
Test(anonym, siphash_is_siphash)
{
	static const struct { size_t size; uint64_t hash; } vectors[] = {
		{ 0, 0x726fdb47dd0e0e31 }, { 1, 0x74f839c593dc67fd }, { 7, 0xab0200f58b01d137 },
		{ 8, 0x93f5f5799a932462 }, { 15, 0xa129ca6149be45e5 }, { 63, 0x958a324ceb064572 },
	};
	uint8_t key[16], text[64];

	for (unsigned int i = 0; i < sizeof(text); i++)
		text[i] = (uint8_t)i;
	memcpy(key, text, sizeof(key));
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++)
		cr_expect_eq(siphash(key, text, vectors[i].size), vectors[i].hash, "%zu bytes",
			     vectors[i].size);
}

Test(anonym, same_address_same_name)
{
	struct record r, again;

	fixture_plain(&r);
	again = r;
	anonym_address(&one, r.laddr);
	anonym_address(&one, again.laddr);
	cr_expect_arr_eq(r.laddr, again.laddr, sizeof(r.laddr));
	fixture_plain(&again);
	anonym_address(&other, again.laddr);
	cr_expect_arr_neq(r.laddr, again.laddr, sizeof(r.laddr), "another key, another name");
}

/* Neighbours have nothing in common but the range of all names. */
Test(anonym, names_keep_no_network)
{
	struct record r;
	uint8_t seen[256][4];

	for (unsigned int i = 0; i < 256; i++) {
		fixture_plain(&r);
		r.laddr[15] = (uint8_t)i;
		anonym_address(&one, r.laddr);
		cr_expect_eq(r.laddr[10], 0xff, "it is still IPv4");
		cr_expect_eq(r.laddr[12] & 0xf0, 0xf0);
		memcpy(seen[i], r.laddr + 12, 4);
		for (unsigned int j = 0; j < i; j++)
			cr_expect_arr_neq(seen[i], seen[j], 4, "%u and %u share a name", i, j);
	}
	cr_expect(memcmp(seen[0], seen[1], 3) != 0 || memcmp(seen[1], seen[2], 3) != 0);
}

Test(anonym, ipv6_stays_ipv6)
{
	uint8_t address[16] = { 0xfe, 0x80, [15] = 1 }, neighbour[16] = { 0xfe, 0x80, [15] = 2 };
	char text[WORDS_ADDRESS];

	anonym_address(&one, address);
	anonym_address(&one, neighbour);
	words_address(address, AF_INET6, text);
	cr_expect(!strncmp(text, "2001:db8:", 9), "%s", text);
	cr_expect_arr_neq(address, neighbour, 16);
	cr_expect_arr_neq(address + 4, address + 8, 4, "its 96 bits are of two hashes");
}

Test(anonym, both_ends_and_nothing_else)
{
	struct act act = { 0 };
	struct record before;

	fixture_plain(&act.record);
	before = act.record;
	anonym_act(&one, &act);
	cr_expect_arr_neq(act.record.laddr, before.laddr, 16);
	cr_expect_arr_neq(act.record.raddr, before.raddr, 16);
	memcpy(act.record.laddr, before.laddr, 16);
	memcpy(act.record.raddr, before.raddr, 16);
	cr_expect_arr_eq((char *)&act.record, (char *)&before, sizeof(before));
}

Test(anonym, hosts)
{
	char name[65] = "ip-10-0-0-5", same[65] = "ip-10-0-0-5", next[65] = "ip-10-0-0-6";

	anonym_host(&one, name, sizeof(name));
	anonym_host(&one, same, sizeof(same));
	anonym_host(&one, next, sizeof(next));
	cr_expect_str_eq(name, same);
	cr_expect_str_neq(name, next);
	cr_expect(!strncmp(name, "host-", 5) && strlen(name) == 13, "%s", name);
}

/* Still in the form of a UUID, but none that is random: its version is 8. */
Test(anonym, boots)
{
	static const char real[] = "0b5c1c9e-5a7f-4a43-9d35-0c6b1ad5e3f1";
	char id[ANONYM_BOOT], same[ANONYM_BOOT], next[ANONYM_BOOT], none[ANONYM_BOOT] = "";

	strcpy(id, real);
	strcpy(same, real);
	strcpy(next, real);
	anonym_boot(&one, id);
	anonym_boot(&one, same);
	anonym_boot(&other, next);
	anonym_boot(&one, none);
	cr_expect_str_eq(id, same);
	cr_expect_str_neq(id, next);
	cr_expect_str_empty(none);
	for (size_t i = 0; i < sizeof(real); i++)
		cr_expect_eq(id[i] == '-', real[i] == '-', "%s", id);
	cr_expect_eq(strlen(id), strlen(real), "%s", id);
	cr_expect_eq(id[14], '8', "%s", id);
	cr_expect_eq(strspn(id, "0123456789abcdef-"), strlen(id), "%s", id);
}

Test(anonym, keys_differ)
{
	struct anonym a, b;

	cr_expect_eq(anonym_key(&a), 0);
	cr_expect_eq(anonym_key(&b), 0);
	cr_expect_arr_neq(a.key, b.key, sizeof(a.key));
}
