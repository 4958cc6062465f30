/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The list of skips and the proofs behind it.
 */
#define _GNU_SOURCE
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

/* Cuts the next column off *rest; NULL when there is none. */
static char *next_column(char **rest)
{
	char *start = *rest + strspn(*rest, " \t");
	char *end = start;

	while (*end && *end != '\t' && !(end[0] == ' ' && (end[1] == ' ' || end[1] == '\t')))
		end++;
	if (end == start)
		return NULL;
	*rest = *end ? end + 1 : end;
	*end = '\0';
	return start;
}

/* 1: a row, 0: an empty line, -EINVAL. Takes the text. */
static int parse_row(struct skips_row *row, char *text, unsigned int line)
{
	char *rest = text;
	char **column[] = { &row->kernel, &row->tier, &row->family, &row->scenario, &row->reason,
			    &row->proof };

	memset(row, 0, sizeof(*row));
	text[strcspn(text, "#\n")] = '\0';
	if (!text[strspn(text, " \t")])
		return 0;
	row->line = line;
	for (size_t i = 0; i < sizeof(column) / sizeof(*column); i++) {
		*column[i] = next_column(&rest);
		if (!*column[i])
			return -EINVAL;
	}
	/* A proof has no blanks: what follows one is not part of it. */
	row->proof[strcspn(row->proof, " ")] = '\0';
	row->cause = strchr(row->scenario, ':');
	if (row->cause)
		*row->cause++ = '\0';
	row->text = text;
	return 1;
}

static int add_line(struct skips *skips, char *text, unsigned int line)
{
	struct skips_row row, *grown;
	int rc = text ? parse_row(&row, text, line) : -ENOMEM;

	if (rc <= 0) {
		free(text);
		return rc;
	}
	grown = reallocarray(skips->row, skips->rows + 1, sizeof(*grown));
	if (!grown) {
		free(text);
		return -ENOMEM;
	}
	skips->row = grown;
	skips->row[skips->rows++] = row;
	return 0;
}

int skips_load(struct skips *skips, const char *path, unsigned int *bad_line)
{
	FILE *file = fopen(path, "re");
	char *text = NULL;
	size_t size = 0;
	int rc = 0;

	*bad_line = 0;
	if (!file)
		return -errno;
	while (!rc && getline(&text, &size, file) > 0)
		rc = add_line(skips, strdup(text), ++*bad_line);
	free(text);
	fclose(file);
	return rc;
}

static bool ours(const struct skips *skips, const struct skips_row *row)
{
	return !fnmatch(row->kernel, skips->kernel, 0) && !fnmatch(row->tier, skips->tier, 0);
}

/* Each proof: 1 when the thing is absent, 0 when it is there, negative errno. */
static int absent_btf(const char *name)
{
	struct btf *btf = btf__load_vmlinux_btf();
	int rc;

	if (!btf)
		return -errno;
	rc = btf__find_by_name(btf, name);
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
	/* Tried once: each case that a row might be for asks. */
	static int absent = -EAGAIN;

	if (strcmp(kind, "veth"))
		return -EINVAL;
	if (absent == -EAGAIN)
		absent = try_link();
	return absent;
}

#define IF "if:"

static bool conditional(const struct skips_row *row)
{
	return !strncmp(row->proof, IF, strlen(IF));
}

int skips_prove(const struct skips_row *row)
{
	const char *proof = row->proof + (conditional(row) ? strlen(IF) : 0);
	bool present = *proof == '!';
	static const struct {
		const char *prefix;
		int (*absent)(const char *name);
	} proofs[] = {
		{ "btf:", absent_btf }, { "sysctl:", absent_sysctl }, { "config:", absent_config },
		{ "link:", absent_link }, { "program:", absent_program },
		{ "release:", absent_release },
	};

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

struct skips_row *skips_find(struct skips *skips, const char *family, const char *scenario,
			     const char *cause)
{
	for (size_t i = 0; i < skips->rows; i++) {
		struct skips_row *row = &skips->row[i];

		if (!ours(skips, row) || !row->cause != !cause ||
		    fnmatch(row->family, family, 0) || fnmatch(row->scenario, scenario, 0) ||
		    (cause && fnmatch(row->cause, cause, 0)) ||
		    (conditional(row) && skips_prove(row) != 1))
			continue;
		row->used = true;
		return row;
	}
	return NULL;
}

const struct skips_row *skips_unperformed(struct skips *skips, size_t *at)
{
	while (*at < skips->rows) {
		struct skips_row *row = &skips->row[(*at)++];

		if (!row->cause || strcmp(row->scenario, "-") || !ours(skips, row))
			continue;
		row->used = true;
		return row;
	}
	return NULL;
}

const struct skips_row *skips_unused(const struct skips *skips, size_t *at)
{
	while (*at < skips->rows) {
		const struct skips_row *row = &skips->row[(*at)++];

		if (!row->used && ours(skips, row) && !conditional(row))
			return row;
	}
	return NULL;
}

void skips_free(struct skips *skips)
{
	for (size_t i = 0; i < skips->rows; i++)
		free(skips->row[i].text);
	free(skips->row);
	skips->row = NULL;
	skips->rows = 0;
}
