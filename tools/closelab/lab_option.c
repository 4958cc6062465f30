/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Options of sockets, and sysctls of both ends' namespaces; these are put back at the end, as a
 * scenario may also run in a namespace that others use.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <netinet/tcp.h>
#include <sys/file.h>

#include "lab.h"
#include "netns.h"
#include "path.h"

void lab_option(struct lab *lab, enum lab_who who, int level, int name, int value,
		const char *what)
{
	lab_socket(lab, who);
	if (lab_step(lab, "%s %s %d", lab_who_name(who), what, value) &&
	    setsockopt(lab->fd[who], level, name, &value, sizeof(value)) < 0)
		lab_fail(lab, errno);
}

void lab_keepalive(struct lab *lab, enum lab_who who)
{
	lab_option(lab, who, IPPROTO_TCP, TCP_KEEPIDLE, 1, "TCP_KEEPIDLE");
	lab_option(lab, who, IPPROTO_TCP, TCP_KEEPINTVL, 1, "TCP_KEEPINTVL");
	lab_option(lab, who, IPPROTO_TCP, TCP_KEEPCNT, 1, "TCP_KEEPCNT");
	lab_option(lab, who, SOL_SOCKET, SO_KEEPALIVE, 1, "SO_KEEPALIVE");
}

void lab_user_timeout(struct lab *lab, enum lab_who who, int ms)
{
	lab_option(lab, who, IPPROTO_TCP, TCP_USER_TIMEOUT, ms, "TCP_USER_TIMEOUT");
}

/* Not there: also while the module is being loaded for somebody else. */
void lab_ulp(struct lab *lab, enum lab_who who, const char *name)
{
	uint64_t deadline = lab_deadline_us(lab);
	socklen_t len = (socklen_t)strlen(name);
	int rc;

	if (!lab_step(lab, "%s TCP_ULP %s", lab_who_name(who), name))
		return;
	do
		rc = setsockopt(lab->fd[who], IPPROTO_TCP, TCP_ULP, name, len) < 0 ? errno : 0;
	while (rc == ENOENT && lab_pause(deadline));
	if (rc)
		lab_fail(lab, rc);
}

/* Into the namespace that the program was started in; a descriptor of the own one, or -errno. */
static int go_global(void)
{
	int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	int rc;

	if (home < 0)
		return -errno;
	if (netns_origin() < 0 || setns(netns_origin(), CLONE_NEWNET) == 0)
		return home;
	rc = -errno;
	close(home);
	return rc;
}

/* The same file of the namespace that the program was started in. */
static int open_global(const char *path, int flags)
{
	int home = go_global();
	int rc;

	if (home < 0)
		return home;
	rc = open(path, flags | O_CLOEXEC);
	if (rc < 0)
		rc = -errno;
	if (setns(home, CLONE_NEWNET) < 0 && rc >= 0) {
		close(rc);
		rc = -EPERM;
	}
	close(home);
	return rc;
}

/* /proc/sys/net shows the namespace of the process that opens it. */
static int open_setting(const struct lab *lab, const struct lab_setting *setting, int flags)
{
	return setting->global ? open_global(setting->path, flags) :
				 path_file(lab->path, setting->end, setting->path, flags);
}

static int read_setting(const struct lab *lab, struct lab_setting *setting)
{
	int fd = open_setting(lab, setting, O_RDONLY);
	ssize_t got;

	if (fd < 0)
		return fd;
	got = read(fd, setting->value, sizeof(setting->value) - 1);
	close(fd);
	return got <= 0 ? -EIO : 0;
}

static int write_setting(const struct lab *lab, const struct lab_setting *setting,
			 const char *value)
{
	int fd = open_setting(lab, setting, O_WRONLY), rc = 0;

	if (fd < 0)
		return fd;
	if (write(fd, value, strlen(value)) < 0)
		rc = -errno;
	close(fd);
	return rc;
}

static void name_setting(struct lab_setting *setting, const char *name)
{
	snprintf(setting->path, sizeof(setting->path), "/proc/sys/%s", name);
	for (char *c = setting->path; *c; c++) {
		if (*c == '.')
			*c = '/';
	}
}

/* What the user chose, of the whole process. */
static struct {
	const char *name;
	const char *value;
} choice[LAB_SETTINGS];
static unsigned int choices;

int lab_choose(const char *name, const char *value)
{
	if (choices == LAB_SETTINGS)
		return -ENOSPC;
	choice[choices].name = name;
	choice[choices++].value = value;
	return 0;
}

static bool chosen(const char *name)
{
	for (unsigned int i = 0; i < choices; i++) {
		if (!strcmp(choice[i].name, name))
			return true;
	}
	return false;
}

void lab_choices(struct lab *lab)
{
	int ends = lab->path->veth ? LAB_END_COUNT : 1;

	for (unsigned int i = 0; i < choices; i++) {
		struct lab_setting setting = { .end = LAB_END_CLIENT };

		if (!lab_step(lab, "%s=%s as chosen", choice[i].name, choice[i].value))
			return;
		name_setting(&setting, choice[i].name);
		for (int end = 0; end < ends; end++) {
			int rc;

			setting.end = end;
			rc = write_setting(lab, &setting, choice[i].value);
			if (rc < 0)
				lab_fail(lab, -rc);
		}
	}
}

static int change_at(struct lab *lab, const char *name, int value, struct lab_setting setting)
{
	char text[16];
	int rc;

	name_setting(&setting, name);
	rc = read_setting(lab, &setting);
	if (rc < 0)
		return rc;
	if (lab->settings == LAB_SETTINGS)
		return -ENOSPC;
	lab->setting[lab->settings++] = setting;
	snprintf(text, sizeof(text), "%d", value);
	return write_setting(lab, &setting, text);
}

static int change(struct lab *lab, const char *name, int value, bool global)
{
	bool both = !global && lab->path && lab->path->veth;
	int rc;

	if (!global && chosen(name))
		return 0;
	rc = change_at(lab, name, value, (struct lab_setting){ .global = global });
	if (both && !rc)
		rc = change_at(lab, name, value, (struct lab_setting){ .end = LAB_END_SERVER });
	return rc;
}

void lab_sysctl(struct lab *lab, const char *name, int value)
{
	int rc;

	if (!lab_step(lab, "%s=%d", name, value))
		return;
	rc = change(lab, name, value, false);
	if (rc < 0)
		lab_fail(lab, -rc);
}

void lab_sysctl_client(struct lab *lab, const char *name, int value)
{
	int rc;

	if (!lab_step(lab, "%s=%d for the client", name, value))
		return;
	rc = change_at(lab, name, value, (struct lab_setting){ .end = LAB_END_CLIENT });
	if (rc < 0)
		lab_fail(lab, -rc);
}

void lab_sysctl_if_any(struct lab *lab, const char *name, int value)
{
	int rc;

	if (!lab_step(lab, "%s=%d", name, value))
		return;
	rc = change(lab, name, value, false);
	if (rc < 0 && rc != -ENOENT)
		lab_fail(lab, -rc);
}

/* What holds for all must not stay so when this process is told to end. */
static struct lab *guarded;
static int guard_lock = -1;

static void put_back(int signal)
{
	if (guarded)
		lab_settings_restore(guarded);
	_exit(128 + signal);
}

/* Of two at once the second would take the first one's value for the one to put back. */
static int take_turn(void)
{
	/* The setting itself is not to be seen in all namespaces. */
	guard_lock = open("/proc/sys", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return guard_lock < 0 || flock(guard_lock, LOCK_EX) < 0 ? -errno : 0;
}

static void guard(struct lab *lab)
{
	static const int signals[] = { SIGHUP, SIGINT, SIGTERM };
	const struct sigaction action = { .sa_handler = put_back };

	guarded = lab;
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		sigaction(signals[i], &action, NULL);
}

void lab_sysctl_global(struct lab *lab, const char *name, int value)
{
	int rc;

	if (!lab_step(lab, "%s=%d for all", name, value))
		return;
	guard(lab);
	rc = take_turn();
	if (!rc)
		rc = change(lab, name, value, true);
	if (rc < 0)
		lab_fail(lab, -rc);
}

void lab_settings_restore(struct lab *lab)
{
	while (lab->settings) {
		const struct lab_setting *setting = &lab->setting[--lab->settings];

		write_setting(lab, setting, setting->value);
	}
	if (guard_lock >= 0)
		close(guard_lock);
	guard_lock = -1;
	guarded = NULL;
}
