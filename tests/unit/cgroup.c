// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* cgroup.c - containers and units by the paths that their managers make */
#include <criterion/criterion.h>
#include <stdio.h>

#include "cgroup.h"

#define DIGITS	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

Test(cgroup, containers)
{
	static const char *const paths[] = {
		"/system.slice/docker-" DIGITS ".scope",
		"/docker/" DIGITS,
		"/docker/" DIGITS "/init",
		"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod12ab.slice/"
		"cri-containerd-" DIGITS ".scope",
		"/kubepods/burstable/pod5cd1d3cb-8e1a-4b8a-9f0e-3f9d2a5a6b7c/" DIGITS,
		"/kubepods.slice/kubepods-pod1.slice/crio-" DIGITS ".scope/container",
		"/machine.slice/libpod-" DIGITS ".scope/container",
		"/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" DIGITS ".scope",
		"/system.slice/containerd.service/kubepods:cri-containerd:" DIGITS,
	};
	char container[CGROUP_CONTAINER];

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		cr_assert(cgroup_container(paths[i], container), "%s", paths[i]);
		cr_expect_str_eq(container, DIGITS, "%s: %s", paths[i], container);
	}
}

Test(cgroup, containers_with_a_name)
{
	static const char *const pairs[][2] = {
		{ "/lxc.payload.web", "web" },
		{ "/lxc.payload.web/system.slice/ssh.service", "web" },
		{ "/lxc/web/system.slice", "web" },
		{ "/machine.slice/systemd-nspawn@web.service/payload", "web" },
		{ "/machine.slice/machine-web.scope", "web" },
		{ "/lxc.payload.web/docker/" DIGITS, DIGITS },
	};
	char container[CGROUP_CONTAINER];

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		cr_assert(cgroup_container(pairs[i][0], container), "%s", pairs[i][0]);
		cr_expect_str_eq(container, pairs[i][1], "%s: %s", pairs[i][0], container);
	}
}

Test(cgroup, no_containers)
{
	static const char *const paths[] = {
		"/", "", "/system.slice/ssh.service", "/user.slice/user-0.slice/session-1.scope",
		"/docker", "/lxc", "/machine.slice", "/lxc.payload.", "/docker-" DIGITS "0.scope",
		"/system.slice/docker-0123.scope", "/x" DIGITS,
	};
	char container[CGROUP_CONTAINER];

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		cr_expect(!cgroup_container(paths[i], container), "%s: %s", paths[i], container);
}

Test(cgroup, below)
{
	cr_expect(cgroup_is_below("/a/b", "/a/b"));
	cr_expect(cgroup_is_below("/a/b/c", "/a/b"));
	cr_expect(cgroup_is_below("/a/b", "/a/b/"));
	cr_expect(cgroup_is_below("/a/b", "/"));
	cr_expect(!cgroup_is_below("/a/bc", "/a/b"));
	cr_expect(!cgroup_is_below("/a", "/a/b"));
}

Test(cgroup, units)
{
	cr_expect(cgroup_is_unit("/system.slice/ssh.service", "ssh.service"));
	cr_expect(cgroup_is_unit("/system.slice/ssh.service", "ssh"));
	cr_expect(cgroup_is_unit("/system.slice/ssh.service/child", "ssh.service"));
	cr_expect(cgroup_is_unit("/system.slice/ssh.service", "system.slice"));
	cr_expect(!cgroup_is_unit("/system.slice/sshd.service", "ssh"));
	cr_expect(!cgroup_is_unit("/system.slice/ssh.socket", "ssh"));
	cr_expect(!cgroup_is_unit("/system.slice/my-ssh.service", "ssh.service"));
}

Test(cgroup, names_are_kept)
{
	struct cgroups *cgroups = cgroups_new();

	cr_assert(cgroups);
	cr_expect_null(cgroups_path(cgroups, 1));
	cr_expect_null(cgroups_path(NULL, 1));
	for (uint64_t id = 1; id <= 100; id++) {
		char path[32];

		snprintf(path, sizeof(path), "/%u", (unsigned int)id);
		cr_assert_eq(cgroups_learn(cgroups, id, path), 0);
	}
	cr_expect_str_eq(cgroups_path(cgroups, 77), "/77");
	cr_assert_eq(cgroups_learn(cgroups, 77, "/renamed"), 0);
	cr_expect_str_eq(cgroups_path(cgroups, 77), "/renamed");
	cr_expect_null(cgroups_path(cgroups, 101));
	cgroups_free(cgroups);
}
