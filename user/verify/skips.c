/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The rows of skips.def and the proofs behind them.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <bpf/btf.h>
#include <sys/utsname.h>
#include <zlib.h>

#include "path.h"
#include "skips.h"

static const struct skips_row rows[] = {
#define SKIP(on, in, over, name, act, how, why)                                                    \
	{ .kernel = on, .tier = in, .family = over, .scenario = name, .cause = act, .proof = how,  \
	  .reason = why, .line = __LINE__ },
#include "skips.def"
#undef SKIP
};

#define ROWS (sizeof(rows) / sizeof(*rows))
_Static_assert(ROWS <= SKIPS_MOST, "struct skips has room for all rows");

static bool ours(const struct skips *skips, const struct skips_row *row)
{
	return (!skips->kernel || !fnmatch(row->kernel, skips->kernel, 0)) &&
	       !fnmatch(row->tier, skips->tier, 0);
}

/* A type of a module that is loaded, and that has types: from 5.11 on. Its id, or -ENOENT. */
static int find_in_modules(struct btf *vmlinux, const char *name)
{
	DIR *modules = opendir("/sys/kernel/btf");
	const struct dirent *module;
	int rc = -ENOENT;

	while (modules && rc < 0 && (module = readdir(modules))) {
		struct btf *btf = NULL;

		if (*module->d_name != '.' && strcmp(module->d_name, "vmlinux"))
			btf = btf__load_module_btf(module->d_name, vmlinux);
		if (btf)
			rc = btf__find_by_name(btf, name);
		btf__free(btf);
	}
	if (modules)
		closedir(modules);
	return rc < 0 ? -ENOENT : rc;
}

/* Each proof: 1 when the thing is absent, 0 when it is there, negative errno. */
static int absent_btf(const char *name)
{
	struct btf *btf = btf__load_vmlinux_btf();
	int rc;

	if (!btf)
		return -errno;
	rc = btf__find_by_name(btf, name);
	if (rc == -ENOENT)
		rc = find_in_modules(btf, name);
	btf__free(btf);
	return rc == -ENOENT ? 1 : rc > 0 ? 0 : rc;
}

static int absent_sysctl(const char *name)
{
	char path[256] = "/proc/sys/";
	size_t base = strlen(path);

	if (access(path, F_OK))
		return -errno;
	snprintf(path + base, sizeof(path) - base, "%s", name);
	for (char *c = path + base; *c; c++) {
		if (*c == '.')
			*c = '/';
	}
	return access(path, F_OK) ? errno == ENOENT : 0;
}

static int absent_config(const char *name)
{
	struct utsname kernel;
	char path[256], line[512];
	size_t len = strlen(name);
	gzFile file = gzopen("/proc/config.gz", "re");
	int rc = 1;

	uname(&kernel);
	snprintf(path, sizeof(path), "/boot/config-%s", kernel.release);
	if (!file)
		file = gzopen(path, "re");
	if (!file)
		return -errno;
	while (rc && gzgets(file, line, sizeof(line))) {
		if (!strncmp(line, name, len) && line[len] == '=')
			rc = 0;
	}
	gzclose(file);
	return rc;
}

static int absent_program(const char *name)
{
	const char *dirs = getenv("PATH");
	char path[512];

	while (dirs && *dirs) {
		int len = (int)strcspn(dirs, ":");

		snprintf(path, sizeof(path), "%.*s/%s", len, dirs, name);
		if (!access(path, X_OK))
			return 0;
		dirs += len + (dirs[len] == ':');
	}
	return 1;
}

static int absent_release(const char *pattern)
{
	struct utsname kernel;

	uname(&kernel);
	return fnmatch(pattern, kernel.release, 0) != 0;
}

/* 1 when a new namespace cannot be given such an interface because the kernel knows none. */
static int try_link(void)
{
	int home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	struct path path;
	int rc;

	if (home < 0)
		return -errno;
	rc = path_open(&path, true);
	path_close(&path);
	if (setns(home, CLONE_NEWNET) < 0)
		rc = -errno;
	close(home);
	return rc == -EOPNOTSUPP ? 1 : rc;
}

static int absent_link(const char *kind)
{
	return strcmp(kind, "veth") ? -EINVAL : try_link();
}

#define IF "if:"

/* It applies where its proof holds; else it is taken for granted, and what it says is checked. */
static bool conditional(const struct skips *skips, const struct skips_row *row)
{
	return !skips->kernel || !strncmp(row->proof, IF, strlen(IF));
}

static int prove(const char *proof)
{
	static const struct {
		const char *prefix;
		int (*absent)(const char *name);
	} proofs[] = {
		{ "btf:", absent_btf }, { "sysctl:", absent_sysctl }, { "config:", absent_config },
		{ "link:", absent_link }, { "program:", absent_program },
		{ "release:", absent_release },
	};
	bool present;

	proof += strncmp(proof, IF, strlen(IF)) ? 0 : strlen(IF);
	present = *proof == '!';
	proof += present;
	for (size_t i = 0; i < sizeof(proofs) / sizeof(*proofs); i++) {
		size_t len = strlen(proofs[i].prefix);
		int rc;

		if (strncmp(proof, proofs[i].prefix, len))
			continue;
		rc = proofs[i].absent(proof + len);
		return rc < 0 ? rc : rc != present;
	}
	return -EINVAL;
}

#define ASKED 65536	/* beyond any errno */

/* Reading the kernel's types takes a while, and each case asks. */
int skips_prove(struct skips *skips, const struct skips_row *row)
{
	int *proved = &skips->proved[row - rows];

	if (!*proved)
		*proved = prove(row->proof) + ASKED;
	return *proved - ASKED;
}

const struct skips_row *skips_find(struct skips *skips, const char *family, const char *scenario,
				   const char *cause)
{
	for (size_t i = 0; i < ROWS; i++) {
		const struct skips_row *row = &rows[i];

		if (!ours(skips, row) || !row->cause != !cause ||
		    fnmatch(row->family, family, 0) || fnmatch(row->scenario, scenario, 0) ||
		    (cause && fnmatch(row->cause, cause, 0)) ||
		    (conditional(skips, row) && skips_prove(skips, row) != 1))
			continue;
		skips->used[i] = true;
		return row;
	}
	return NULL;
}

const struct skips_row *skips_unperformed(struct skips *skips, size_t *at)
{
	while (*at < ROWS) {
		const struct skips_row *row = &rows[(*at)++];

		if (!row->cause || strcmp(row->scenario, "-") || !ours(skips, row))
			continue;
		skips->used[row - rows] = true;
		return row;
	}
	return NULL;
}

const struct skips_row *skips_unused(const struct skips *skips, size_t *at)
{
	while (*at < ROWS) {
		const struct skips_row *row = &rows[(*at)++];

		if (!skips->used[row - rows] && ours(skips, row) && !conditional(skips, row))
			return row;
	}
	return NULL;
}
