// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* types.c - the index of the kernel's types finds what libbpf's search does */
#include <bpf/btf.h>
#include <criterion/criterion.h>
#include <stdio.h>

#include "types.h"

#define MANY 5000

Test(types, are_found_by_name_and_kind)
{
	struct btf *btf = btf__new_empty();
	struct types types;
	int number = btf__add_int(btf, "int", 4, 0), first, twin;

	first = btf__add_struct(btf, "both", 4);
	btf__add_ptr(btf, number);
	twin = btf__add_struct(btf, "both", 8);
	cr_assert(first > 0 && twin > first);
	cr_assert_gt(btf__add_typedef(btf, "both", number), twin);
	cr_assert_eq(types_take(&types, btf), 0);
	cr_expect_eq(types_find(&types, "both", BTF_KIND_STRUCT), (__u32)first);
	cr_expect_eq(types_find(&types, "both", BTF_KIND_TYPEDEF), (__u32)twin + 1);
	cr_expect_eq(types_find(&types, "both", BTF_KIND_ENUM), 0);
	cr_expect_eq(types_find(&types, "bot", BTF_KIND_STRUCT), 0);
	cr_expect_eq(types_find(&types, "", BTF_KIND_PTR), 0);
	types_close(&types);
}

Test(types, are_found_among_many)
{
	struct btf *btf = btf__new_empty();
	struct types types;
	char name[16];

	for (int i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "type%d", i);
		cr_assert_eq(btf__add_fwd(btf, name, BTF_FWD_STRUCT), i + 1);
	}
	cr_assert_eq(types_take(&types, btf), 0);
	for (int i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "type%d", i);
		cr_assert_eq(types_find(&types, name, BTF_KIND_FWD), (__u32)i + 1);
	}
	cr_expect_eq(types_find(&types, "type5000", BTF_KIND_FWD), 0);
	types_close(&types);
	cr_expect_eq(types_find(&types, "type1", BTF_KIND_FWD), 0);
}

Test(types, of_no_file_is_an_error)
{
	struct types types;

	cr_expect_lt(types_open(&types, "/nowhere"), 0);
	cr_expect_lt(types_open(&types, "/dev/null"), 0);
	types_close(&types);
}
