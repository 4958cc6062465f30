/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Without a value a setting is taken over from the namespace that closetrace runs in: new ones
 * start with the kernel's defaults, whatever this one has.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/wait.h>

#include "choices.h"
#include "lab.h"
#include "netns.h"

#define DEFAULT 255	/* no errno: what each new namespace has */

static int open_setting(const char *name, int flags)
{
	char path[sizeof("/proc/sys/") + sizeof(((struct option_sysctl *)0)->name)];
	int fd;

	snprintf(path, sizeof(path), "/proc/sys/%s", name);
	for (char *c = path; *c; c++) {
		if (*c == '.')
			*c = '/';
	}
	fd = open(path, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* The value of this namespace, to be kept for good; NULL with errno. */
static const char *own_value(const char *name)
{
	int fd = open_setting(name, O_RDONLY);
	char text[256];
	ssize_t got;

	if (fd < 0) {
		errno = -fd;
		return NULL;
	}
	got = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (got < 0)
		return NULL;
	text[got] = '\0';
	text[strcspn(text, "\n")] = '\0';
	/* Several numbers are read with tabs between them, and written with blanks. */
	for (char *c = text; *c; c++) {
		if (*c == '\t')
			*c = ' ';
	}
	return strdup(text);
}

/* Writes it in a namespace that is left again at once; 0, an errno, or that it is so anyway. */
static int try_value(const char *name, const char *value)
{
	int rc = netns_enter_private();
	const char *before;
	int fd;

	if (rc < 0)
		return -rc;
	before = own_value(name);
	if (before && !strcmp(before, value))
		return DEFAULT;
	fd = open_setting(name, O_WRONLY);
	if (fd < 0)
		return -fd;
	return write(fd, value, strlen(value)) < 0 ? errno : 0;
}

/* The same in a process of its own: this one stays where it is. 0 or a negative errno. */
static int try_in_child(const char *name, const char *value)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(try_value(name, value));
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return -errno;
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -EIO;
}

static int explain(const struct option_sysctl *sysctl, int rc, char message[256])
{
	if (rc == -ENOENT)
		snprintf(message, 256, "no setting '%s' of network namespaces on this kernel",
			 sysctl->name);
	else if (rc == -EPERM)
		snprintf(message, 256, "cannot make a network namespace; run as root");
	else
		snprintf(message, 256, "%s cannot be '%s': %s", sysctl->name,
			 sysctl->value ?: "-", strerror(-rc));
	return rc;
}

int choices_take(const struct option_verify *options, char message[256])
{
	for (uint32_t i = 0; i < options->sysctls; i++) {
		const struct option_sysctl *sysctl = &options->sysctl[i];
		const char *value = sysctl->value ?: own_value(sysctl->name);
		int rc = value ? try_in_child(sysctl->name, value) : -errno;

		/* A choice that chooses nothing leaves the scenarios' own settings to them. */
		if (!rc)
			rc = lab_choose(sysctl->name, value);
		if (rc && rc != -DEFAULT)
			return explain(sysctl, rc, message);
	}
	return 0;
}
